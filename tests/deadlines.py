#!/usr/bin/python3
"""The table of states and deadlines in HACKING.md is made of the enums in the code, whose states say each by when they
end, in a comment behind the name:

	LIFE_OUT, /* no device, or it fails. Until: tried again after `LINE_RETRY`, 1 s */

What stands before "Until:" may be missing. Fails where a state has no such comment, where the table is another, and
where a constant that a comment names has another value than the comment says.

	deadlines.py [--write] SOURCE-DIRECTORY
"""
import pathlib
import re
import sys

# In the order of the table: whose states they are, and the enum, which stands in one file of src/.
ENUMS = [
    ("line", "life_state"),
    ("line, for the arbiter", "arbiter_line_state"),
    ("claim", "arbiter_place"),
    ("client", "door_state"),
    ("serial port", "ttylife"),
    ("built-in port", "soft_phase"),
    ("virtual modem", "vmodem_phase"),
    ("trunk", "trunk_state"),
    ("dialling of a host", "dial_state"),
    ("reader of the page", "http_conn_state"),
    ("reload", "reloading_state"),
]
UNITS = {"ms": 1, "s": 1000, "min": 60000}
TABLE = re.compile(r"(^## States and their deadlines\n[\s\S]*?^\|---\|---\|---\|\n)((?:\|.*\n)*)", re.M)
checks = failures = 0


def check(good, message):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print(f"FAIL {message}")
    return good


def states_of(sources, enum):
    """(name, what it is, until when) of each state of an enum, the texts None where there is no such comment."""
    found = [body.group(1) for text in sources.values()
             for body in re.finditer(rf"^enum {enum} \{{(.*?)\}};", text, re.S | re.M)]
    if not check(len(found) == 1, f"enum {enum} stands in {len(found)} files"):
        return []
    states = []
    for comment, name in re.findall(r"/\*(.*?)\*/|\b([A-Z][A-Z0-9_]+)\b", found[0], re.S):
        text = " ".join(re.sub(r"^\s*\* ?", "", comment, flags=re.M).split())
        said = re.fullmatch(r"(?:(?P<what>.*?)\.? )?Until: (?P<until>.+?)\.?", text)
        if name:
            states.append((name, None, None))
        elif said and states:
            states[-1] = (states[-1][0], said["what"], said["until"])
    return states


def row(whose, name, what, until):
    return f"| {whose} | `{name}`{': ' + what if what else ''} | {until} |\n"


def constants(sources):
    found = {}
    for text in sources.values():
        for name, value in re.findall(r"^#define ([A-Z0-9_]+) (.+)$", text, re.M):
            found.setdefault(name, set()).add(re.sub(r"/\*.*", "", value).strip())
    return found


def milliseconds(value, all_constants, depth=0):
    """What a #define comes to: a number, a product of numbers, or another constant."""
    value = re.sub(r"U?INT64_C\((\w+)\)", r"\1", value).strip("() ")
    if value in all_constants and depth < 4:
        return milliseconds(min(all_constants[value]), all_constants, depth + 1)
    if not re.fullmatch(r"[0-9 *()]+", value):
        return None
    product = 1
    for factor in re.findall(r"\d+", value):
        product *= int(factor)
    return product


def check_constants(line, all_constants):
    for name, amount, unit in re.findall(r"`([A-Z][A-Z0-9_]+)`,? (\d+) (ms|s|min)\b", line):
        values = {milliseconds(value, all_constants) for value in all_constants.get(name, ())}
        check(int(amount) * UNITS[unit] in values and len(values) == 1,
              f"{name} is {amount} {unit} by `{line.strip()}`; in the code: {values or 'nothing'} ms")


def main():
    write, root = "--write" in sys.argv, pathlib.Path(sys.argv[-1])
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(root.glob("src/*/*.[ch]"))}
    manual = (root / "HACKING.md").read_text(encoding="utf-8")
    table = TABLE.search(manual)
    rows = []
    for whose, enum in ENUMS:
        for name, what, until in states_of(sources, enum):
            if check(until, f'{name} of enum {enum} has no comment with "Until:"'):
                rows.append(row(whose, name, what, until))
    all_constants = constants(sources)
    for line in rows:
        check_constants(line, all_constants)
    if write and not failures:
        (root / "HACKING.md").write_text(manual.replace(table.group(2), "".join(rows)), encoding="utf-8")
    else:
        differing = set(rows) ^ set(table.group(2).splitlines(keepends=True))
        check("".join(rows) == table.group(2), "the table in HACKING.md is not that of the code; "
              "tests/deadlines.py --write . makes it so:\n" + "".join(sorted(differing)))
    print(f"{checks - failures} passed, {failures} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
