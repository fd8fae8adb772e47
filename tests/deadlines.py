#!/usr/bin/python3
"""Compares the table of states and deadlines in HACKING.md with the code: each state of the enums below stands in it
once and no other does, and each constant that the table names has the value that the table gives.

	deadlines.py SOURCE-DIRECTORY
"""
import pathlib
import re
import sys

# Whose states they are, the enum, and its file.
ENUMS = [
    ("line", "life_state", "src/line/life.h"),
    ("line, for the arbiter", "arbiter_line_state", "src/sharing/arbiter_parts.h"),
    ("claim", "arbiter_place", "src/sharing/arbiter_parts.h"),
    ("client", "door_state", "src/sharing/door.h"),
    ("serial port", "ttylife", "src/ports/ttyworker.h"),
    ("built-in port", "soft_phase", "src/ports/soft.h"),
    ("virtual modem", "vmodem_phase", "src/modem/vmodem.h"),
    ("trunk", "trunk_state", "src/ports/trunk.c"),
    ("dialling of a host", "dial_state", "src/io/dial.c"),
]
UNITS = {"ms": 1, "s": 1000, "min": 60000}
checks = failures = 0


def check(good, message):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print(f"HACKING.md: {message}")


def states_of(root, enum, path):
    text = (root / path).read_text(encoding="utf-8")
    body = re.search(rf"enum {enum}\s*\{{(.*?)\}}", text, re.S)
    if body is None:
        sys.exit(f"{path}: no enum {enum}")
    body = re.sub(r"/\*.*?\*/", "", body.group(1), flags=re.S)
    return [re.split(r"\s*=", word.strip())[0] for word in body.split(",") if word.strip()]


def rows_of(root):
    text = (root / "HACKING.md").read_text(encoding="utf-8")
    section = re.search(r"^## States and their deadlines\n(.*?)^## ", text, re.S | re.M).group(1)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def constants(root):
    found = {}
    for path in [*root.glob("src/*/*.[ch]"), *root.glob("rfc2217/*.[ch]")]:
        for name, value in re.findall(r"^#define ([A-Z0-9_]+) (.+)$", path.read_text(encoding="utf-8"), re.M):
            found[name] = re.sub(r"/\*.*", "", value).strip()
    return found


def milliseconds(value, all_constants, depth=0):
    """What a #define comes to: a number, a product of numbers, or another constant."""
    value = re.sub(r"U?INT64_C\((\w+)\)", r"\1", value).strip("() ")
    if value in all_constants and depth < 4:
        return milliseconds(all_constants[value], all_constants, depth + 1)
    if not re.fullmatch(r"[0-9 *()]+", value):
        return None
    product = 1
    for factor in re.findall(r"\d+", value):
        product *= int(factor)
    return product


def check_constant(name, amount, unit, where, all_constants):
    check(name in all_constants, f"{where}: there is no {name} in the code")
    if name in all_constants:
        is_ms = milliseconds(all_constants[name], all_constants)
        check(is_ms == int(amount) * UNITS[unit], f"{where}: {name} is {is_ms} ms, not {amount} {unit}")


def main():
    root = pathlib.Path(sys.argv[1])
    rows, all_constants = rows_of(root), constants(root)
    named = {}
    for cells in rows:
        check(len(cells) == 3 and all(cells), f"a row without its three cells: {cells}")
        for state in re.findall(r"`([A-Z][A-Z0-9_]+)`", cells[1]):
            check(state not in named, f"{state} stands in it twice")
            named[state] = cells[0]
        for name, amount, unit in re.findall(r"`([A-Z][A-Z0-9_]+)`,? (\d+) (ms|s|min)\b", cells[2]):
            check_constant(name, amount, unit, cells[1], all_constants)
    for whose, enum, path in ENUMS:
        for state in states_of(root, enum, path):
            check(named.pop(state, None) == whose, f"state {state} of a {whose} ({path}) has no row of its own")
    check(not named, f"states that the code does not have: {', '.join(named)}")
    print(f"{checks - failures} passed, {failures} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
