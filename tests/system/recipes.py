"""What the manuals and the README show, as text: blocks of a manual page by their section, without the
escapes of roff, and blocks of Markdown."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ESCAPES = {"\\-": "-", "\\e": "\\", "\\(aq": "'", "\\&": "", "\\(dq": '"'}


def of_page(name):
    """{(section, subsection or item before it): [block, ...]} of the displays of man/NAME."""
    blocks, section, part, block = {}, "", "", None
    for line in (ROOT / "man" / name).read_text(encoding="utf-8").splitlines():
        if block is not None and line == ".Ed":
            text = re.sub(r"\\(-|e|&|\(aq|\(dq)", lambda m: ESCAPES[m.group()], "\n".join(block))
            blocks.setdefault((section, part), []).append(text + "\n")
            block = None
        elif block is not None:
            block.append(line)
        elif line.startswith(".Bd "):
            block = []
        elif line.startswith(".Sh "):
            section, part = line[4:], ""
        elif line.startswith((".Ss ", ".It ")):
            part = line[4:]
    return blocks


def of_readme():
    """[(heading, block)]: the indented blocks of README.md, each under its heading."""
    found, heading = [], ""
    for part in re.split(r"^(#+ .*)$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.M):
        if part.startswith("#"):
            heading = part.lstrip("# ")
            continue
        for block in re.findall(r"(?:^(?: {4}.*)\n|^\n(?= {4}))+", part, re.M):
            found.append((heading, re.sub(r"^ {4}", "", block, flags=re.M).strip("\n") + "\n"))
    return found
