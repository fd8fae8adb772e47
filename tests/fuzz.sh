#!/bin/sh
# Runs each fuzz target over its corpus, and then on mutated inputs until it has been executed
# FUZZ_EXECUTIONS times in all (0, the default: the corpus alone); the session, which is a whole daemon each
# time, a fifth of that.  tests/fuzz/README has all of them.
#
#	FUZZERS="tests/fuzz_x ..." fuzz.sh	(from the build directory; srcdir names the source)
set -u
: "${srcdir:=.}"
passed=0 failed=0

# is WHAT TARGET COMMAND...: one test.
is() {
	what=$1 target=$2
	shift 2
	"$@"
	status=$?
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
	else
		echo "FAIL $target: $what: exit status $status"
		failed=$((failed + 1))
	fi
}

is_run() {
	case " ${FUZZERS-} " in
	*" tests/fuzz_$1 "*) return 0 ;;
	esac
	return 1
}

is_told() {
	grep -qE "^    $1 " "$srcdir/tests/fuzz/README"
}

for fuzzer in ${FUZZERS-}; do
	name=${fuzzer##*fuzz_}
	executions=${FUZZ_EXECUTIONS:-0}
	[ "$name" != session ] || executions=$((executions / 5))
	is "its inputs" "$fuzzer" timeout 900 "./$fuzzer" -n "$executions" "$srcdir/tests/corpus/$name"
done
for file in "$srcdir"/tests/fuzz_*.c; do
	name=${file##*/fuzz_}
	name=${name%.c}
	[ "$name" != main ] || continue
	is "a word of fuzzers in Makefile.am" "$file" is_run "$name"
	is "a line of tests/fuzz/README" "$file" is_told "$name"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
