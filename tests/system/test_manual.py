"""modemshared(8) beside the code: each event that is logged, with its keys and at its level."""
import re

from recipes import ROOT

CALL = re.compile(r'log_(error|warn|info|debug)\(((?:[^;"]|"(?:[^"\\]|\\.)*")*)\);')
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
LEVELS = {"error": "always", "warn": "warning", "info": "info", "debug": "debug"}


def logged():
    """{event: (the most important of its levels, its keys)} of the code."""
    events = {}
    order = list(LEVELS)
    for path in sorted((ROOT / "src").rglob("*.c")):
        text = path.read_text(encoding="utf-8")
        for level, arguments in CALL.findall(text):
            words = "".join(STRING.findall(arguments))
            event = re.search(r"event=([\w-]+)", words)
            assert event, f"{path}: a line of the log without an event: {words}"
            known, keys = events.setdefault(event.group(1), (level, set()))
            keys |= set(re.findall(r"([\w-]+)=", words[event.end():]))
            events[event.group(1)] = (min(known, level, key=order.index), keys)
    # Some are put together elsewhere: who listens, who cannot accept, what a modem's calls add, and what the log
    # says of itself.
    listening = (ROOT / "src/daemon/listening.c").read_text(encoding="utf-8")
    listeners = set(re.findall(r'\[LISTENING_\w+\] = \{ "[^"]+", "(\w+)" \}', listening))
    for name in ("listen", "listen-failed"):
        events[name] = (events[name][0], events[name][1] - {"s"} | listeners)
    failing = [re.findall(r'listener_log_failure\([^"]*"(\w+)"', path.read_text(encoding="utf-8"))
               for path in (ROOT / "src").rglob("*.c")]
    events["accept"] = (events["accept"][0], events["accept"][1] - {"s"} | set(sum(failing, [])))
    calls = (ROOT / "src/session/calls.c").read_text(encoding="utf-8")
    events["claim-end"][1].update(re.findall(r" ([\w-]+)=", re.search(r'" number=.*', calls).group()))
    lost = re.search(r"event=(log-lost) (\w+)=", (ROOT / "src/io/log.c").read_text(encoding="utf-8"))
    events[lost.group(1)] = ("error", {lost.group(2)})
    return {name: (LEVELS[level], keys) for name, (level, keys) in events.items()}


def test_lines_of_the_log_are_formatted_by_what_is_known():
    """logfmt.c knows a few conversions; what others take of the arguments it could not tell."""
    for path in sorted((ROOT / "src").rglob("*.c")):
        for _, arguments in CALL.findall(path.read_text(encoding="utf-8")):
            words = "".join(STRING.findall(arguments))
            unknown = re.sub(r"%(?:s|d|u|zu|lld|llu)", "", words)
            assert "%" not in unknown, (path, words)


def described():
    """The same of the manual: a list for each level, an item for each event, .Ar for each key."""
    text = (ROOT / "man/modemshared.8").read_text(encoding="utf-8")
    text = text[text.index(".Ss The log\n"):text.index(".Sh SIGNALS\n")]
    text = text[text.index("What is logged always:"):]
    events = {}
    for before, items in re.findall(r"((?:^(?!\.Bl).*\n)+)\.Bl .*\n((?:^(?!\.El).*\n)+)\.El", text, re.M):
        level = re.search(r"always|warning|info|debug", before).group()
        for item in re.split(r"^\.It ", items, flags=re.M)[1:]:
            name = re.fullmatch(r"Cm ([\w-]+)", item.splitlines()[0]).group(1)
            assert name not in events, name
            keys = " ".join(re.findall(r"^\.Ar (.*)$", item, re.M))
            events[name] = (level, set(re.findall(r"[\w-]+", keys)))
    return events


def test_every_event_is_in_the_manual():
    code, manual = logged(), described()
    assert sorted(code) == sorted(manual), sorted(set(code) ^ set(manual))
    wrong = {name: (code[name], manual[name]) for name in code if code[name] != manual[name]}
    # "shutdown" is one of two levels; what is looked up is the usual one.
    wrong = {name: both for name, both in wrong.items() if name != "shutdown" or both[0][1] != both[1][1]}
    assert not wrong, wrong


def test_every_sentence_is_in_the_manual():
    """What words.c puts together, between its parts that are another each time."""
    text = (ROOT / "src/sharing/words.c").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/|^#.*?$", "", text, flags=re.S | re.M)
    text = re.sub(r'%?\." LONG "s|%[.\d]*[a-z]+|" CRLF "|\\r\\n', "%", text)
    text = re.sub(r'"\s*"', "", text)
    page = (ROOT / "man/modemshared.8").read_text(encoding="utf-8")
    page = page[page.index(".Ss What clients read\n"):page.index(".Ss The log\n")]
    parts = {part.strip(" :;") for words in STRING.findall(text) for part in words.split("%")}
    parts = {part for part in parts if len(part) >= 6}
    assert len(parts) > 25, parts
    missing = [part for part in parts if part not in page]
    assert not missing, missing


def test_every_page_names_the_others():
    pages = {path.name for path in (ROOT / "man").glob("*.[1-9]")} - {"librfc2217.3"}
    for page in pages:
        text = (ROOT / "man" / page).read_text(encoding="utf-8")
        text = text[text.index(".Sh SEE ALSO"):]
        named = {f"{name}.{section}" for name, section in re.findall(r"^\.Xr (\S+) (\d)", text, re.M)}
        assert pages - {page} <= named, (page, pages - named)
