#!/bin/sh
# Builds with other compilers, for other machines and from the tarball, warnings as errors: clang;
# -m32, compiled only; musl, as far as its libraries go; without the library of the tests; make distcheck without the
# system tests.
#
#	builds.sh	(by "make check-builds", from the build directory; works in ./builds)
set -u
: "${WARN_CFLAGS:?}"
source=$(cd "${srcdir:-.}" && pwd) || exit 1
build=$PWD
passed=0 failed=0 skipped=0
mkdir -p builds/clang builds/musl && cd builds || exit 1

# is WHAT COMMAND...: one test; what the command says is shown if it fails.
is() {
	what=$1
	shift
	if "$@" >output 2>&1 </dev/null; then
		passed=$((passed + 1))
		echo "PASS $what"
	else
		grep -E -A3 'error|Error|FAIL|undefined' output | head -n 60
		failed=$((failed + 1))
		echo "FAIL $what"
	fi
}

skip() {
	echo "SKIP $1: needs $2"
	skipped=$((skipped + 1))
}

with_clang() (
	cd clang || exit 1
	[ -e Makefile ] || "$source/configure" -q --enable-werror CC=clang || exit 1
	make check TESTS=
)

# compiled COMPILER PATTERN...: each file of the source alone.
compiled() (
	compiler=$1
	shift
	cd "$source" && printf '%s\n' $* | xargs -n 1 -P 2 \
		$compiler $WARN_CFLAGS -Werror -O2 -include "$build/config.h" -Isrc -Irfc2217 -Itests \
		-DSYSCONFDIR='"/etc"' -DTTYSHIM_PATH='"/"' -c -o /dev/null
)

# The headers of the kernel and of the libraries, which are not made for musl but serve to compile
# with; <sys/queue.h> is nobody's.  They come after musl's own.
outside() {
	mkdir -p outside/sys
	for header in asm asm-generic linux event2 confuse.h libtelnet.h libserialport.h \
		jansson.h jansson_config.h sqlite3.h zconf.h zlib.h sys/queue.h; do
		for place in /usr/include "/usr/include/$(gcc -print-multiarch)"; do
			[ ! -e "$place/$header" ] || ln -sfn "$place/$header" "outside/$header"
		done
	done
	: >outside/sys/cdefs.h
}

# for_musl TARGET FOLDER...: a fuzz target with what it needs, run over its corpus.
for_musl() (
	target=$1
	shift
	cd "$source" && musl-gcc $WARN_CFLAGS -Werror -O2 -static -include "$build/config.h" -Isrc \
		-Irfc2217 -Itests -idirafter "$build/builds/outside" -o "$build/builds/musl/fuzz_$target" \
		"tests/fuzz_$target.c" tests/fuzz_main.c $(for folder; do echo "$folder"/*.c; done) &&
		"$build/builds/musl/fuzz_$target" -n 1000 "tests/corpus/$target"
)

# Who only installs: without the library of the tests, and without what only tests run.
for_who_installs() (
	rm -rf install && mkdir -p install/bin && cd install || exit 1
	for tool in python python3 mandoc; do
		printf '#!/bin/sh\necho "error: $0 was called" >&2\nexit 127\n' >bin/$tool
	done
	cat >bin/pkg-config <<-END
		#!/bin/sh
		case "\$*" in *check*) exit 1 ;; esac
		exec $(command -v pkg-config) "\$@"
	END
	chmod +x bin/*
	PATH=$PWD/bin:$PATH
	! "$source/configure" -q >said 2>&1 && grep -q -e 'error: .*--without-check' said &&
		"$source/configure" -q --without-check --enable-werror CFLAGS=-O0 && make &&
		make install DESTDIR="$PWD/there" && there/usr/local/sbin/modemshared -V &&
		there/usr/local/bin/modemshare --version && test -s there/usr/local/share/man/man8/modemshared.8 &&
		! make check >said 2>&1 && grep -q 'make check needs the check library' said
)

from_the_tarball() (
	unset srcdir
	cd .. && make distcheck TESTS='$(unit_tests) $(other_tests) $(full_tests) $(fuzz_tests)'
)

if command -v clang >/dev/null; then
	is "clang" with_clang
else
	skip "clang" clang
fi
multiarch=/usr/include/$(gcc -print-multiarch)
if printf '#include <stdio.h>\n' | gcc -m32 -E - >/dev/null 2>&1; then
	is "gcc -m32" compiled "gcc -m32 -idirafter $multiarch" \
		'rfc2217/*.c' 'src/*/*.c' 'tests/*.c' 'tests/*/*.c'
else
	skip "gcc -m32" "libc6-dev-i386"
fi
if command -v musl-gcc >/dev/null; then
	outside
	is "musl" compiled "musl-gcc -idirafter $build/builds/outside" 'rfc2217/*.c' 'src/*/*.c'
	is "librfc2217 on musl" for_musl codec rfc2217
	is "the modem folder on musl" for_musl hayes rfc2217 src/base src/modem
else
	skip "musl" musl-gcc
fi
is "without the check library" for_who_installs
is "make distcheck" from_the_tarball
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
