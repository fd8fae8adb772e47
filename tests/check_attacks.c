/*
 * What stands between a peer and libtelnet: the library gets whole negotiations from our scanner, a
 * subnegotiation never.  And what a storm of them costs, and that no memory is a reset.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libtelnet.h> /* needs size_t from the above */

#include "nvtrig.h"
#include "unit.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static struct nvtrig rig;
static size_t library_calls;

/* What the library is handed comes by here (--wrap at link time): whole negotiations, and nothing else. */
void __real_telnet_recv(telnet_t *, const char *, size_t);
void __wrap_telnet_recv(telnet_t *, const char *, size_t);

void
__wrap_telnet_recv(telnet_t *lib, const char *bytes, size_t n)
{
	const uint8_t *b = (const uint8_t *)bytes;

	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(b[0], TELNET_IAC);
	ck_assert(b[1] >= TELNET_WILL && b[1] <= TELNET_DONT);
	library_calls++;
	__real_telnet_recv(lib, bytes, n);
}

static size_t
fill(uint8_t *to, size_t cap, const uint8_t *piece, size_t n)
{
	size_t i;

	for (i = 0; i + n <= cap; i += n)
		memcpy(to + i, piece, n);
	return i;
}

static const struct {
	const char *words, *says;
	unsigned malformed;
} subnegotiations[] = {
	{ "IAC SB 39 0 IAC SE IAC SB 39 0 IAC SE 97", "97 ", 0 },
	{ "IAC SB 36 0 IAC SE IAC SB 36 0 IAC SE 97", "97 ", 0 },
	{ "IAC SB 24 1 IAC SE IAC SB 31 0 80 0 24 IAC SE 97", "97 ", 0 },
	{ "IAC SB 70 1 97 2 97 IAC SE IAC SB IAC IAC 1 IAC SE 97", "97 ", 0 },
	{ "IAC SB IAC SE IAC SB 39 IAC NOP 0 IAC SE 97", "97 ", 2 },
	{ "IAC SB 44 12 1 IAC SE 97", "agreed sb(12 1) 97 ", 0 },
};

/* Of whatever option, well formed or not: read by our scanner alone, and what follows is data. */
START_TEST(test_subnegotiations)
{
	nvtrig_start(&rig, true);
	library_calls = 0;
	nvtrig_expect(&rig, subnegotiations[_i].words, subnegotiations[_i].says);
	ck_assert_uint_eq(nvt_malformed(rig.nvt), subnegotiations[_i].malformed);
	ck_assert_uint_eq(library_calls, 0);
	nvtrig_expect(&rig, "IAC DO 99", "<IAC WONT 99> ");
	ck_assert_uint_eq(library_calls, 1);
	nvtrig_stop(&rig);
}
END_TEST

/* COMPRESS2, never negotiated, and "plain" deflated: it comes as it is. */
START_TEST(test_inflation)
{
	nvtrig_start(&rig, true);
	library_calls = 0;
	nvtrig_expect(&rig, "IAC SB 86 IAC SE 120 156 43 200 73 204 204 3 0 6 72 2 21",
	    "120 156 43 200 73 204 204 3 0 6 72 2 21 ");
	ck_assert_uint_eq(library_calls, 0);
	nvtrig_stop(&rig);
}
END_TEST

/* Of a subnegotiation nothing is data, however long it is and whatever stands in it. */
START_TEST(test_leak)
{
	static uint8_t all[20000];
	static const uint8_t start[] = { 255, 250, 44, 1 }, stray[] = { 255, 241 }, end[] = { 255, 240 };

	memset(all, 'x', sizeof all);
	memcpy(all, start, sizeof start);
	memcpy(all + sizeof all - 2, end, sizeof end);
	if (_i == 1)
		memcpy(all + 10, stray, sizeof stray);
	nvtrig_start(&rig, true);
	library_calls = 0;
	ck_assert_int_eq(nvt_input(rig.nvt, all, sizeof all), (long)sizeof all);
	ck_assert_str_eq(rig.log, "");
	ck_assert_uint_eq(nvt_malformed(rig.nvt), 1);
	ck_assert_uint_eq(library_calls, 0);
	nvtrig_stop(&rig);
}
END_TEST

/* Negotiations without end: an answer each at most, and no memory. */
START_TEST(test_storm)
{
	static uint8_t storm[30000];
	static const uint8_t ones[][3] = { { 255, 253, 99 }, { 255, 251, 99 }, { 255, 254, 99 },
		{ 255, 252, 99 }, { 255, 253, 44 } };
	static const size_t answers[] = { 1, 1, 0, 0, 0 };
	size_t n = fill(storm, sizeof storm, ones[_i], 3);

	nvtrig_start(&rig, false);
	nvtrig_expect(&rig, "IAC DO 44", "<IAC WILL 44> agreed ");
	rig.sends = library_calls = 0;
	while (n > 0) {
		long took = nvt_input(rig.nvt, storm, n < 3000 ? n : 3000);

		ck_assert_int_gt(took, 0);
		n -= (size_t)took;
		rig.len = 0;
	}
	ck_assert_uint_eq(rig.sends, answers[_i] * sizeof storm / 3);
	ck_assert_uint_eq(library_calls, sizeof storm / 3);
	nvtrig_stop(&rig);
}
END_TEST

/* ---- no memory for the library's option states: it would agree again each time ---- */

#if !SANITIZED
static bool memory_is_out;

void *
realloc(void *p, size_t n)
{
	static void *(*real)(void *, size_t);

	if (memory_is_out) {
		errno = ENOMEM;
		return NULL;
	}
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "realloc");
	return real(p, n);
}

START_TEST(test_no_memory)
{
	static const uint8_t will[] = { 255, 251, 44, 97 };

	nvtrig_start(&rig, false);
	memory_is_out = true;
	if (_i == 1)
		nvt_greet(rig.nvt);
	ck_assert_int_lt(nvt_input(rig.nvt, will, sizeof will), 0);
	memory_is_out = false;
	ck_assert_int_lt(nvt_input(rig.nvt, will, sizeof will), 0);
	ck_assert_int_lt(nvt_input(rig.nvt, NULL, 0), 0);
	ck_assert_uint_eq(rig.data_bytes, 0);
	ck_assert_int_eq(nvt_comport(rig.nvt), NVT_UNDECIDED);
	nvtrig_stop(&rig);
}
END_TEST
#endif

int
main(void)
{
	Suite *suite = suite_create("attacks");
	TCase *tc = tcase_create("attacks"), *memory = tcase_create("memory");

	tcase_add_loop_test(tc, test_subnegotiations, 0,
	    sizeof subnegotiations / sizeof subnegotiations[0]);
	tcase_add_test(tc, test_inflation);
	tcase_add_loop_test(tc, test_leak, 0, 2);
	tcase_add_loop_test(tc, test_storm, 0, 5);
#if !SANITIZED
	tcase_add_loop_test(memory, test_no_memory, 0, 2);
#endif
	tcase_set_tags(memory, "no-valgrind"); /* has a realloc() of its own */
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, memory);
	return unit_run(suite);
}
