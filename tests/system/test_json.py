"""modemshare-json(7) beside what is printed: each object that the tool and the daemon make has the keys of its section
there, and no others."""
import json
import re
import socket
import tempfile

from recipes import ROOT
from test_cli import Fake, errors, tool

PAGE = (ROOT / "man/modemshare-json.7").read_text(encoding="utf-8")


def described():
    """{title of a section: the keys that stand there}"""
    objects = PAGE[PAGE.index(".Sh OBJECTS\n"):PAGE.index(".Sh EXAMPLES\n")]
    return {part.splitlines()[0]: set(re.findall(r"^\.It Ic (\S+)$", part, re.M))
            for part in objects.split("\n.Ss ")[1:]}


def add(made, title, value):
    """The keys of an object, or of all that an array has; null has none."""
    for one in value if isinstance(value, list) else [value]:
        made.setdefault(title, set()).update(one or {})


def add_status(made, status):
    add(made, "The status", status)
    add(made, "A line", status["lines"])
    add(made, "Lamps", [line["lamps"] for line in status["lines"]])
    add(made, "Its owner", [line["owner"] for line in status["lines"]])
    add(made, "A service", status["services"])
    add(made, "Who waits", [one for service in status["services"] for one in service["waiters"]])
    add(made, "A claim or refusal", status["recent"])


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def add_answers(made, path):
    """Of the control socket; what is refused tells what it takes."""
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(10)
        control.connect(path)
        with control.makefile("r", encoding="utf-8") as said:
            add(made, "The greeting", json.loads(said.readline()))
            for request in ({"do": "status"}, {"do": "history"}, {"do": "test", "line": "modem1"}, {"do": "nothing"}):
                control.sendall(json.dumps({"id": 1, **request}).encode() + b"\n")
                add(made, "The answer", json.loads(said.readline()))


def add_requests(made):
    code = (ROOT / "src/views/ctlmsg.c").read_text(encoding="utf-8")
    made["A request"] = {"id", "do"} | set(re.findall(r'^\t\{ "(\w+)", [A-Z]+, AT\(', code, re.M))
    verbs = set(re.findall(r'^\t\[CTLMSG_[A-Z]+\] = \{ "(\w+)"', code, re.M))
    part = PAGE[PAGE.index(".It Ic do\n"):]
    assert verbs == set(re.findall(r"^\.Ql (\w+)", part[:part.index(".It Ic line\n")], re.M)), verbs


def add_devices(made):
    """A host without ports prints none, so that the keys are those of the code."""
    code = (ROOT / "src/cli/devices.c").read_text(encoding="utf-8")
    port = code[code.index('return json_pack("{'):code.index("print_json(")]
    made["A serial port"] = set(re.findall(r'"([a-z-]+)", (?:jsontext|holders|t->|\(int\))', port))
    made["Who holds it"] = set(re.findall(r'"([a-z]+)",', code[code.index('json_pack("{s:i'):code.index(port)]))
    for device in json.loads(tool("devices", "--json")):
        assert set(device) == made["A serial port"], device


def add_findings(made):
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
        file.write('control-socket = ""\nstate-directory = ""\nlock-directory = ""\nline m { kind = console }\n')
        file.flush()
        add(made, "A finding", lines_of(tool("doctor", "--json", "-f", file.name, status=1)[0]))


def test_every_key_is_in_the_manual():
    made = {}
    with Fake() as fake:
        add_status(made, json.loads(fake.run("--json")))
        add(made, "A claim or refusal", lines_of(fake.run("history", "--json")))
        for line in ("modem1", "modem2"):
            add(made, "What passes over a line", lines_of(fake.run("monitor", line, "--json")))
        add_answers(made, fake.socket)
        add(made, "What is wrong", errors(fake.run("kick", "nowhere", "--json", status=5)))
    made["What is wrong"] |= set(errors(tool("--json", "history", "--since", "x", status=2))[0])
    # These are told only to who reads too slowly, and a watch of such a one.
    made["What passes over a line"].add("bytes")
    add_requests(made)
    add_devices(made)
    add_findings(made)
    manual = described()
    assert sorted(made) == sorted(manual), set(made) ^ set(manual)
    for title, keys in made.items():
        assert keys == manual[title], (title, keys ^ manual[title])


def test_states_and_codes_are_in_the_manual():
    for path, expression in (("src/views/snapshot.c", r'\t\treturn "([a-z -]+)";'),
                             ("src/views/ctlmsg_reply.c", r'\[CTLMSG_\w+\] = "([a-z]+)"')):
        words = re.findall(expression, (ROOT / path).read_text(encoding="utf-8"))
        assert len(words) >= 5, words
        missing = [word for word in words if f".Ql {word}\n" not in PAGE and f".Ql {word} " not in PAGE]
        assert not missing, missing
