#!/bin/sh
# Every manual page is clean under mandoc -Tlint; librfc2217(3) has every function of the header,
# and for its example the file that the tests compile and run.
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

library=${srcdir:-.}/man/librfc2217.3

# What a page shows literally after "A complete client", without the escapes of roff.
example() {
	awk '/^A complete client/ { wanted = 1 }
	    /^\.Ed/ { wanted = shown = 0 }
	    shown
	    wanted && /^\.Bd/ { shown = 1 }' "$library" | sed -e 's/\\-/-/g' -e 's/\\e/\\/g'
}

without() {
	for function in $(grep -oE 'rfc2217_[a-z_]+\(' "${srcdir:-.}/rfc2217/rfc2217.h" | tr -d '(' | sort -u); do
		grep -qE "^\.F[no] $function( |\$)" "$library" || echo "$function"
	done
}

# is_empty WHAT TEXT: one test.
is_empty() {
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		printf 'FAIL %s\n%s\n' "$1" "$2"
		failed=$((failed + 1))
	fi
}

is_empty "functions that librfc2217.3 lacks" "$(without)"
is_empty "the example in librfc2217.3 and tests/example_client.c" \
	"$(example | diff - "${srcdir:-.}/tests/example_client.c" 2>&1)"
is_empty "lines of tests/example_client.c beyond the 40th" "$(sed 1,40d "${srcdir:-.}/tests/example_client.c")"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
