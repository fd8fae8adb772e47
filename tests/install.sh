#!/bin/sh
# What make install puts where: the daemon with its pages, and librfc2217, against which a program of
# somebody else's is compiled through pkg-config, linked to the shared library, and run.
set -u
: "${BUILDDIR:?}" "${srcdir:=.}"
passed=0 failed=0
unset MAKEFLAGS MFLAGS MAKELEVEL
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
prefix=/opt/modemshare

# is WHAT COMMAND...: one test.
is() {
	what=$1
	shift
	if "$@" >"$directory/output" 2>&1; then
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		cat "$directory/output"
		failed=$((failed + 1))
	fi
}

installed() {
	make -C "$BUILDDIR" install DESTDIR="$directory" prefix="$prefix"
}

says() {
	wanted=$1
	shift
	"$@" 2>&1 | grep -F -e "$wanted"
}

package() {
	PKG_CONFIG_PATH="$directory$prefix/lib/pkgconfig" pkg-config \
		--define-variable=prefix="$directory$prefix" "$@" librfc2217
}

# A program that knows nothing of our tree, with warnings as errors and nothing defined for it.
compiled() {
	cat >"$directory/user.c" <<'END'
#include <rfc2217.h>
#include <stdio.h>

int
main(void)
{
	static const uint8_t payload[] = { RFC2217_SET_BAUDRATE, 0, 0, 255, 0 };
	uint8_t frame[RFC2217_FRAME_MAX];
	struct rfc2217_command c;
	int n = rfc2217_frame(payload, sizeof payload, frame, sizeof frame);

	if (rfc2217_decode(RFC2217_FROM_CLIENT, payload, sizeof payload, &c) != 0)
		return 1;
	printf("%s %u in %d bytes\n", rfc2217_code_name(c.code), (unsigned)c.value, n);
	return 0;
}
END
	# shellcheck disable=SC2046,SC2086 # flags
	${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror ${SANITIZE_CFLAGS-} $(package --cflags) \
		-o "$directory/user" "$directory/user.c" $(package --libs)
}

uses_the_shared_library() {
	readelf -d "$directory/user" | grep -F 'librfc2217.so.0'
}

# Nothing of a library that says of itself that it does no I/O and allocates nothing.
pure() {
	! nm -D --undefined-only "$directory$prefix/lib/librfc2217.so" |
		grep -E ' (malloc|calloc|realloc|free|open|read|write|printf|fopen|socket|time|clock_gettime)(@|$)'
}

exports_only_its_own() {
	! nm -D --defined-only "$directory$prefix/lib/librfc2217.so" | grep -vE ' rfc2217_[a-z_]+(@|$)'
}

is "make install" installed
for file in bin/modemshare sbin/modemshared share/bash-completion/completions/modemshare include/rfc2217.h lib/librfc2217.so lib/librfc2217.a lib/pkgconfig/librfc2217.pc \
	share/man/man1/modemshare.1 share/man/man3/librfc2217.3 share/man/man7/modemshare-clients.7 share/man/man7/modemshare-json.7 share/man/man8/modemshared.8 share/man/man5/modemshared.conf.5; do
	is "$file is installed" test -s "$directory$prefix/$file"
done
is "the daemon runs" says modemshare "$directory$prefix/sbin/modemshared" -V
is "the tool runs" says modemshare "$directory$prefix/bin/modemshare" -V
is "pkg-config knows it" package --exists --print-errors
is "a program compiles against it" compiled
is "and is linked to the shared library" uses_the_shared_library
is "and runs" says "SET-BAUDRATE 65280 in 11 bytes" \
	env LD_LIBRARY_PATH="$directory$prefix/lib" "$directory/user"
if [ -z "${SANITIZE_CFLAGS-}" ]; then
	is "no malloc, no I/O" pure
	is "no foreign names" exports_only_its_own
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
