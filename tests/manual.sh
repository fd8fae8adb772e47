#!/bin/sh
# Every manual page is clean under mandoc -Tlint.
set -u
passed=0 failed=0 skipped=0
for page in "${srcdir:-.}"/man/*.[1-9]; do
	[ -e "$page" ] || continue
	if [ ! -x "${MANDOC:-}" ] && ! command -v mandoc >/dev/null; then
		echo "SKIP ${page##*/}: needs mandoc"
		skipped=$((skipped + 1))
	elif "${MANDOC:-mandoc}" -Tlint -Wwarning "$page"; then
		passed=$((passed + 1))
	else
		echo "FAIL ${page##*/}"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
