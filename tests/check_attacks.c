/*
 * What kills or misleads a program that hands its input to libtelnet 0.21 as it comes: shown to
 * work on the library alone, and to do nothing through our scanner.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
static size_t library_data, library_compress;

static void
on_event(telnet_t *lib, telnet_event_t *ev, void *ctx)
{
	(void)lib;
	(void)ctx;
	if (ev->type == TELNET_EV_DATA)
		library_data += ev->data.size;
	if (ev->type == TELNET_EV_COMPRESS)
		library_compress++;
}

static void
feed_library(const uint8_t *b, size_t n)
{
	static const telnet_telopt_t none[] = { { -1, 0, 0 } };
	telnet_t *lib = telnet_init(none, on_event, 0, NULL);

	ck_assert_ptr_nonnull(lib);
	telnet_recv(lib, (const char *)b, n);
	telnet_free(lib);
}

/* How a process ends that feeds the library alone, on a stack of the usual size at most. */
static int
status_of_library(const uint8_t *b, size_t n)
{
	struct rlimit stack = { 8 << 20, RLIM_INFINITY }, none = { 0, 0 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		getrlimit(RLIMIT_STACK, &stack);
		if (stack.rlim_cur > 8 << 20)
			stack.rlim_cur = 8 << 20;
		setrlimit(RLIMIT_STACK, &stack);
		setrlimit(RLIMIT_CORE, &none);
		if (freopen("/dev/null", "w", stderr) != NULL)
			feed_library(b, n);
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static size_t
fill(uint8_t *to, size_t cap, const uint8_t *piece, size_t n)
{
	size_t i;

	for (i = 0; i + n <= cap; i += n)
		memcpy(to + i, piece, n);
	return i;
}

/* The NEW-ENVIRON and ENVIRON parsers of the library: one more stack frame for each 6 bytes. */
START_TEST(test_recursion)
{
	static uint8_t attack[65536];
	const uint8_t one[] = { 255, 250, _i == 0 ? 39 : 36, 0, 255, 240 };
	size_t n = fill(attack, sizeof attack, one, sizeof one);

	ck_assert_int_ne(status_of_library(attack, n), 0);
	ck_assert_int_eq(status_of_library(attack, 60), 0);
	nvtrig_start(&rig, true);
	ck_assert_int_eq(nvt_input(rig.nvt, attack, n), (long)n);
	ck_assert_str_eq(rig.log, "");
	nvtrig_expect(&rig, "97 IAC AYT", "97 <IAC NOP> ");
	nvtrig_stop(&rig);
}
END_TEST

/* COMPRESS2, never negotiated, and 100,000 times "A" deflated. */
static const uint8_t bomb[] = {
	255, 250, 86, 255, 240,
	0x78, 0xda, 0xed, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0x6c, 0xeb, 0x5f, 0xca, 0x1a,
	0x1e, 0x40, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0xaf, 0x06, 0xe2, 0x0c, 0x34, 0x6e,
};

START_TEST(test_inflation)
{
	feed_library(bomb, sizeof bomb);
	ck_assert_uint_gt(library_compress, 0);
	ck_assert_uint_gt(library_data, 50000);
	nvtrig_start(&rig, true);
	ck_assert_int_eq(nvt_input(rig.nvt, bomb, sizeof bomb), (long)sizeof bomb);
	ck_assert_uint_eq(rig.data_bytes, sizeof bomb - 5);
	ck_assert_ptr_eq(strstr(rig.log, "120 218 237 "), rig.log); /* as it came */
	nvtrig_stop(&rig);
}
END_TEST

/* The rest of a subnegotiation of more than 16 KiB, or behind a stray IAC pair, is data there. */
START_TEST(test_leak)
{
	static uint8_t attack[20000];
	static const uint8_t start[] = { 255, 250, 44, 1 }, stray[] = { 255, 241 }, end[] = { 255, 240 };

	memset(attack, 'x', sizeof attack);
	memcpy(attack, start, sizeof start);
	memcpy(attack + sizeof attack - 2, end, sizeof end);
	if (_i == 1)
		memcpy(attack + 10, stray, sizeof stray);
	feed_library(attack, sizeof attack);
	ck_assert_uint_gt(library_data, 0);
	nvtrig_start(&rig, true);
	ck_assert_int_eq(nvt_input(rig.nvt, attack, sizeof attack), (long)sizeof attack);
	ck_assert_str_eq(rig.log, "");
	ck_assert_uint_eq(nvt_malformed(rig.nvt), 1);
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
	rig.sends = 0;
	while (n > 0) {
		long took = nvt_input(rig.nvt, storm, n < 3000 ? n : 3000);

		ck_assert_int_gt(took, 0);
		n -= (size_t)took;
		rig.len = 0;
	}
	ck_assert_uint_eq(rig.sends, answers[_i] * sizeof storm / 3);
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

	tcase_add_loop_test(tc, test_recursion, 0, 2);
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
