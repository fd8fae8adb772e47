#!/bin/sh
# Is the table of deadlines in HACKING.md that of the code, and has each state one?
exec /usr/bin/python3 "${srcdir:-.}/tests/deadlines.py" "${srcdir:-.}"
