#!/bin/sh
# Runs each fuzz target over its corpus, and then on mutated inputs until it has been executed
# FUZZ_EXECUTIONS times in all (0, the default: the corpus alone).
#
#	FUZZERS="tests/fuzz_x ..." fuzz.sh	(from the build directory; srcdir names the source)
set -u
passed=0 failed=0
for fuzzer in ${FUZZERS-}; do
	name=${fuzzer##*fuzz_}
	if timeout 900 "./$fuzzer" -n "${FUZZ_EXECUTIONS:-0}" "${srcdir:-.}/tests/corpus/$name"; then
		passed=$((passed + 1))
	else
		echo "FAIL $fuzzer: exit status $?"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
