#!/usr/bin/python3
"""Prints how much of the pure folders their tests execute, and fails below the limits.

	coverage.py SOURCE-DIRECTORY	(from a build with gcc --coverage, after its tests)

Lines and branches as gcov counts them, for each file and folder, with the lines that were not
executed and those of whose branches not all were taken.  Each folder must reach the limits.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys

FOLDERS = ("rfc2217", "src/base", "src/wire", "src/modem", "src/conf", "src/sharing", "src/views")
LINES, BRANCHES = 95.0, 90.0  # per cent


class File:
    def __init__(self):
        self.lines = collections.Counter()
        self.branches = {}  # line -> how often each of its branches was taken

    def add(self, line):
        """An inline function comes once for each object that has it: those add up."""
        number = line["line_number"]
        self.lines[number] += line["count"]
        taken = [branch["count"] for branch in line["branches"]]
        before = self.branches.get(number, [0] * len(taken))
        if len(before) == len(taken):
            taken = [a + b for a, b in zip(before, taken)]
        if taken:
            self.branches[number] = taken

    def counts(self):
        branches = [count for taken in self.branches.values() for count in taken]
        return (sum(map(bool, self.lines.values())), len(self.lines),
                sum(map(bool, branches)), len(branches))

    def missed(self):
        return (sorted(n for n, count in self.lines.items() if not count),
                sorted(n for n, taken in self.branches.items() if self.lines[n] and not all(taken)))


def read(source):
    """All files of the pure folders: their names in the source to what was executed."""
    files = collections.defaultdict(File)
    notes = [str(path) for folder in FOLDERS for path in pathlib.Path(folder).glob("*.gcno")]
    for note in notes:
        output = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout", note],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        for report in map(json.loads, output.splitlines()):
            for file in report["files"]:
                path = os.path.join(report["current_working_directory"], file["file"])
                name = os.path.relpath(os.path.realpath(path), os.path.realpath(source))
                if os.path.dirname(name) in FOLDERS and os.path.exists(path):  # an object may outlive its source
                    for line in file["lines"]:
                        files[name].add(line)
    return files


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def ranges(numbers):
    """1 2 3 5 as "1-3 5"."""
    found = []
    for n in numbers:
        if found and found[-1][1] == n - 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def row(name, counts):
    lines, all_lines, branches, all_branches = counts
    print(f"{name:28} {lines:5}/{all_lines:<5} {percent(lines, all_lines):6.1f} % "
          f"{branches:6}/{all_branches:<5} {percent(branches, all_branches):6.1f} %")


def main():
    files = read(sys.argv[1])
    passed = 0
    print(f"{'':28} {'lines':>11} {'':8} {'branches':>12}")
    for folder in FOLDERS:
        total = [0] * 4
        for name, file in sorted(files.items()):
            if os.path.dirname(name) == folder:
                row(name, file.counts())
                total = [a + b for a, b in zip(total, file.counts())]
                for what, numbers in zip(("lines", "branches"), file.missed()):
                    if numbers:
                        print(f"    {what} missed: {ranges(numbers)}")
        row(folder, total)
        if total[1] and percent(*total[:2]) >= LINES and percent(*total[2:]) >= BRANCHES:
            passed += 1
        else:
            print(f"FAIL {folder}: at least {LINES:.0f} % of lines and {BRANCHES:.0f} % of branches")
    print(f"{passed} passed, {len(FOLDERS) - passed} failed, 0 skipped")
    return 0 if passed == len(FOLDERS) else 1


if __name__ == "__main__":
    sys.exit(main())
