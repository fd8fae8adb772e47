/*
 * The Telnet side: framing (R7 to R18), negotiation (R13 to R25), any segmentation (R8), and what
 * a callback refuses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nvtrig.h"
#include "unit.h"

#define GREETING "<IAC WILL 0 IAC DO 0 IAC DO 3 IAC WILL 3 IAC WILL 1 IAC DO 44> "

static struct nvtrig rig;

struct exchange {
	const char *in, *out;
};

/* Each line alone, on a connection that was not greeted. */
static const struct exchange fresh[] = {
	/* Framing: R7, R9 to R12 */
	{ "", "" },
	{ "97 0 13 10 17 19 254", "97 0 13 10 17 19 254 " },
	{ "IAC IAC", "255 " },
	{ "97 IAC IAC IAC IAC IAC IAC 98", "97 255 255 255 98 " },
	{ "1 IAC NOP 2 IAC DM 3 IAC GA 4 IAC EC 5 IAC EL 6", "1 2 3 4 5 6 " },
	{ "1 IAC SE 2 IAC 0 3 IAC 13 4 IAC 239 5 IAC 44", "1 2 3 4 5 " },
	{ "1 IAC IP 2 IAC AO 3 IAC BRK 4", "1 2 3 break 4 " },
	{ "1 IAC AYT 2 IAC AYT", "1 <IAC NOP> 2 <IAC NOP> " },
	/* An option number of 255 is no escape: R14 */
	{ "IAC WILL IAC 97 IAC DO IAC 98", "<IAC DONT 255> 97 <IAC WONT 255> 98 " },
	/* Each its own answer: R15 */
	{ "IAC DO 6 IAC DO 6 IAC DONT 6 IAC WONT 6", "<IAC WONT 6> <IAC WONT 6> " },
	/* Once for each change of state: R13, R19 to R21 */
	{ "IAC WILL 0 IAC WILL 0 IAC WONT 0 IAC WONT 0", "<IAC DO 0> <IAC DONT 0> " },
	{ "IAC DO 0 IAC DO 0 IAC DONT 0 IAC DONT 0 IAC DO 0", "<IAC WILL 0> <IAC WONT 0> <IAC WILL 0> " },
	{ "IAC WILL 44 IAC WILL 44", "<IAC DO 44> agreed " },
	{ "IAC DO 44 IAC DO 44", "<IAC WILL 44> agreed " },
	{ "IAC WILL 44 IAC DO 44", "<IAC DO 44> agreed <IAC WILL 44> " },
	{ "IAC WILL 44 IAC WONT 44 IAC WONT 44 IAC WILL 44",
	    "<IAC DO 44> agreed <IAC DONT 44> refused <IAC DO 44> agreed " },
	{ "IAC DO 44 IAC DONT 44 IAC DO 44",
	    "<IAC WILL 44> agreed <IAC WONT 44> refused <IAC WILL 44> agreed " },
	{ "IAC DO 44 IAC WILL 44 IAC WONT 44 IAC DO 44",
	    "<IAC WILL 44> agreed <IAC DO 44> <IAC DONT 44> refused agreed " },
	{ "IAC WILL 44 IAC DONT 44", "<IAC DO 44> agreed " },
	{ "IAC WONT 44", "refused " },
	{ "IAC DONT 44 97 IAC WONT 44", "refused 97 " },
	{ "IAC WONT 44 IAC DO 44", "refused <IAC WILL 44> agreed " },
	/* R22 */
	{ "IAC SB 44 0 IAC SE", "agreed sb(0) " },
	{ "IAC WILL 44 IAC SB 44 1 0 0 37 128 IAC SE", "<IAC DO 44> agreed sb(1 0 0 37 128) " },
	{ "IAC SB 44 5 8 IAC SE IAC SB 44 5 9 IAC SE", "agreed sb(5 8) sb(5 9) " },
	{ "IAC SB 44 5 8 IAC SE IAC WILL 44", "agreed sb(5 8) <IAC DO 44> " },
	{ "IAC WONT 44 IAC SB 44 5 8 IAC SE 97", "refused 97 " },
	{ "IAC DONT 44 IAC SB 44 5 8 IAC SE 97", "refused 97 " },
	{ "IAC SB 44 5 8 IAC SE IAC WONT 44 IAC SB 44 5 9 IAC SE", "agreed sb(5 8) refused " },
	/* R7 inside, R17 */
	{ "IAC SB 44 1 0 0 IAC IAC 0 IAC SE", "agreed sb(1 0 0 255 0) " },
	{ "IAC SB 44 11 IAC IAC IAC SE", "agreed sb(11 255) " },
	{ "1 IAC SB 31 0 80 0 24 IAC SE 2", "1 2 " },
	{ "1 IAC SB IAC IAC 44 5 8 IAC SE 2", "1 2 " },
	{ "1 IAC SB 86 IAC SE 2 IAC SB 85 IAC SE 3 IAC SB 39 0 IAC SE 4", "1 2 3 4 " },
	{ "IAC DO 86 IAC WILL 86", "<IAC WONT 86> <IAC DONT 86> " },
	/* CR NUL of a peer that has spoken: R24 */
	{ "13 0 97", "13 0 97 " },
	{ "IAC NOP 13 0 97 13 10 13 13 0 0", "13 97 13 10 13 13 0 " },
	{ "IAC NOP 13 IAC NOP 0 97 0", "13 97 0 " },
	{ "IAC NOP 13 IAC IAC 0 13 97 0", "13 255 0 13 97 0 " },
	{ "IAC NOP 13 IAC SB 44 9 IAC SE 0 0", "13 agreed sb(9) 0 " },
	{ "IAC WILL 0 13 0 97", "<IAC DO 0> 13 0 97 " },
	{ "IAC DO 0 13 0 97", "<IAC WILL 0> 13 97 " },
	{ "IAC WILL 0 13 0 IAC WONT 0 13 0 97", "<IAC DO 0> 13 0 <IAC DONT 0> 13 97 " },
	{ "IAC NOP 13 IAC WILL 0 0 97", "13 <IAC DO 0> 0 97 " },
	{ "IAC WILL 0 13 IAC WONT 0 0 97", "<IAC DO 0> 13 <IAC DONT 0> 0 97 " },
	{ "13 IAC NOP 0", "13 0 " },
};

/* The same on one that was: our offers count as requests (R13, R19). */
static const struct exchange greeted[] = {
	{ "IAC DO 0 IAC WILL 0 IAC DO 3 IAC WILL 3 IAC DO 1 IAC WILL 44", "agreed " },
	{ "IAC DONT 0 IAC WONT 0 IAC DONT 3 IAC WONT 3 IAC DONT 1 IAC WONT 44", "refused " },
	{ "IAC WILL 1 IAC WILL 1", "<IAC DONT 1> <IAC DONT 1> " },
	{ "IAC DONT 1 IAC DO 1 IAC DONT 1", "<IAC WILL 1> <IAC WONT 1> " },
	{ "IAC WONT 44 IAC WILL 44", "refused <IAC DO 44> agreed " },
	{ "IAC WILL 44 IAC WONT 44 13 10", "agreed <IAC DONT 44> refused 13 10 " },
	{ "IAC DO 44 IAC WONT 44 IAC SB 44 9 IAC SE", "<IAC WILL 44> agreed sb(9) " },
	{ "IAC WONT 44 IAC DO 44 IAC SB 44 9 IAC SE", "refused <IAC WILL 44> agreed sb(9) " },
	{ "IAC WILL 44 IAC DONT 44 IAC SB 44 9 IAC SE", "agreed sb(9) " },
	{ "IAC SB 44 9 IAC SE IAC WONT 44", "agreed sb(9) refused " },
	{ "IAC WILL 0 13 0 97", "13 0 97 " },
	{ "IAC WONT 0 13 0 97", "13 97 " },
	/* pyserial, C-Kermit */
	{ "IAC DO 1 IAC WILL 3 IAC DO 3 IAC DO 44 IAC WILL 44", "<IAC WILL 44> agreed " },
	{ "IAC WILL 37 IAC WILL 31 IAC WILL 24 IAC WILL 39 IAC WILL 44 IAC DO 47 IAC WILL 47",
	    "<IAC DONT 37> <IAC DONT 31> <IAC DONT 24> <IAC DONT 39> agreed <IAC WONT 47> <IAC DONT 47> " },
};

/* Split in two at every point, each part at a guard page, and byte by byte. */
static void
check_exchange(const struct exchange *e, bool greet)
{
	uint8_t bytes[256], *guarded;
	size_t i, part, n = nvtrig_bytes(e->in, bytes, sizeof bytes);

	for (i = 0; i <= n; i++) {
		nvtrig_start(&rig, greet);
		guarded = unit_guarded(bytes, i);
		ck_assert_int_eq(nvt_input(rig.nvt, guarded, i), (long)i);
		unit_unguard(guarded, i);
		guarded = unit_guarded(bytes + i, n - i);
		ck_assert_int_eq(nvt_input(rig.nvt, guarded, n - i), (long)(n - i));
		unit_unguard(guarded, n - i);
		ck_assert_msg(strcmp(rig.log, e->out) == 0, "%s at %zu\ngives    %s\nexpected %s",
		    e->in, i, rig.log, e->out);
		nvtrig_stop(&rig);
	}
	nvtrig_start(&rig, greet);
	for (part = 0; part < n; part++)
		ck_assert_int_eq(nvt_input(rig.nvt, bytes + part, 1), 1);
	ck_assert_str_eq(rig.log, e->out);
	nvtrig_stop(&rig);
}

START_TEST(test_fresh)
{
	check_exchange(&fresh[_i], false);
}
END_TEST

START_TEST(test_greeted)
{
	check_exchange(&greeted[_i], true);
}
END_TEST

START_TEST(test_greeting)
{
	nvtrig_start(&rig, false);
	ck_assert(!nvt_spoke(rig.nvt));
	ck_assert_int_eq(nvt_comport(rig.nvt), NVT_UNDECIDED);
	nvt_greet(rig.nvt);
	ck_assert_str_eq(rig.log, GREETING);
	ck_assert_uint_eq(rig.sends, 1);
	nvtrig_expect(&rig, "97 IAC IAC IAC", "97 255 ");
	ck_assert(!nvt_spoke(rig.nvt));
	nvtrig_expect(&rig, "NOP", "");
	ck_assert(nvt_spoke(rig.nvt));
	nvtrig_stop(&rig);
}
END_TEST

/* The answer to verb and option on a connection that was not greeted. */
static const char *
answer(const char *verb, int option)
{
	static char text[64];
	bool do_, will;

	do_ = option == 0 || option == 3 || option == 44;
	will = do_ || option == 1;
	if (strcmp(verb, "WILL") == 0)
		snprintf(text, sizeof text, "<IAC %s %d> ", do_ ? "DO" : "DONT", option);
	else if (strcmp(verb, "DO") == 0)
		snprintf(text, sizeof text, "<IAC %s %d> ", will ? "WILL" : "WONT", option);
	else
		text[0] = '\0';
	if (option == 44)
		strcat(text, text[0] != '\0' ? "agreed " : "refused ");
	return text;
}

START_TEST(test_every_option)
{
	static const char *const verbs[] = { "WILL", "WONT", "DO", "DONT" };
	char words[32];
	size_t v;

	for (v = 0; v < 4; v++) {
		nvtrig_start(&rig, false);
		snprintf(words, sizeof words, "IAC %s %d", verbs[v], _i);
		nvtrig_expect(&rig, words, answer(verbs[v], _i));
		ck_assert_uint_le(rig.sends, 1);
		nvtrig_stop(&rig);
	}
}
END_TEST

START_TEST(test_every_byte)
{
	uint8_t all[512];
	char expected[1024] = "", *end = expected;
	size_t i, n = 0;

	for (i = 0; i < 256; i++) {
		all[n++] = (uint8_t)i;
		if (i == 255)
			all[n++] = 255;
		end += sprintf(end, "%zu ", i);
	}
	nvtrig_start(&rig, true);
	ck_assert_int_eq(nvt_input(rig.nvt, all, n), (long)n);
	ck_assert_str_eq(rig.log, expected);
	nvtrig_stop(&rig);
}
END_TEST

/* R18: none delivered, the session goes on, and each is counted. */
static const struct {
	const char *in;
	const char *out;
	unsigned malformed;
} bad[] = {
	{ "IAC SB IAC SE 97", "97 ", 1 },
	{ "IAC SB 44 IAC SE 97", "97 ", 1 },
	{ "IAC SB 44 1 0 0 IAC NOP 37 128 IAC SE 97", "97 ", 1 },
	{ "IAC SB 44 5 IAC 0 8 IAC SE 97", "97 ", 1 },
	{ "IAC SB 44 5 8 IAC SB 44 5 9 IAC SE 97", "97 ", 1 },
	{ "IAC SB IAC NOP 44 5 8 IAC SE 97", "97 ", 1 },
	{ "IAC SB 31 IAC NOP IAC SE 97", "97 ", 1 },
	{ "IAC SB 39 0 IAC WILL 44 IAC SE 97", "97 ", 1 },
	{ "IAC SB IAC SE IAC SB IAC SE IAC SB 44 5 8 IAC SE", "agreed sb(5 8) ", 2 },
	{ "IAC SB IAC IAC IAC SE IAC SB 0 IAC SE 97", "97 ", 0 },
};

START_TEST(test_malformed)
{
	const struct exchange e = { bad[_i].in, bad[_i].out };

	check_exchange(&e, false);
	nvtrig_start(&rig, false);
	nvtrig_expect(&rig, e.in, e.out);
	ck_assert_uint_eq(nvt_malformed(rig.nvt), bad[_i].malformed);
	nvtrig_stop(&rig);
}
END_TEST

/* 64 bytes of payload are delivered, also when each is doubled; 65 are not, nor any number more. */
START_TEST(test_length)
{
	static const size_t lengths[] = { 1, 63, 64, 65, 66, 254, 255, 256, 257, 320, 20000, 70000 };
	static const uint8_t start[] = { 255, 250, 44 }, end[] = { 255, 240, 97 };
	uint8_t byte = _i % 2 == 0 ? 255 : 250;
	const uint8_t two[] = { byte, byte };
	size_t i, n = lengths[_i / 2];

	nvtrig_start(&rig, true);
	nvt_input(rig.nvt, start, 3);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(nvt_input(rig.nvt, two, byte == 255 ? 2 : 1), byte == 255 ? 2 : 1);
	ck_assert_str_eq(rig.log, "");
	nvt_input(rig.nvt, end, 3);
	ck_assert_int_eq(strncmp(rig.log, "agreed sb(", 10) == 0, n <= 64);
	ck_assert_str_eq(rig.log + rig.len - 3, "97 ");
	ck_assert_uint_eq(rig.data_bytes, 1);
	ck_assert_uint_eq(nvt_malformed(rig.nvt), n > 64);
	nvtrig_stop(&rig);
}
END_TEST

START_TEST(test_unfinished)
{
	nvtrig_start(&rig, false);
	nvtrig_expect(&rig, "IAC SB 44 5", "");
	nvtrig_stop(&rig);
	nvtrig_start(&rig, false); /* R1: nothing of it is left */
	nvtrig_expect(&rig, "8 IAC SE 97", "8 97 ");
	nvtrig_stop(&rig);
	nvt_free(NULL);
}
END_TEST

/* ---- what the owner refuses ---- */

#define LONG_TALK "97 IAC WILL 44 98 IAC IAC IAC IAC 13 0 IAC BRK 99 IAC SB 44 5 8 IAC SE IAC DO 0 " \
	"IAC AYT 13 IAC SB 44 11 IAC IAC IAC SE 0 IAC SB 44 IAC NOP IAC SE IAC DO 200 IAC IAC 13 0 " \
	"IAC WILL 0 13 0 IAC WONT 44 IAC SB 44 1 IAC SE 100"
#define LONG_ANSWER "97 agreed 98 255 255 13 break 99 sb(5 8) <IAC NOP> 13 sb(11 255) " \
	"<IAC WONT 200> 255 13 13 0 <IAC DONT 44> refused 100 "

/* Gives all of it at last, as a caller has to, in pieces that are at most `piece` long. */
static void
give(const uint8_t *b, size_t n, size_t piece)
{
	long took;

	while (n > 0) {
		size_t k = n < piece ? n : piece;

		took = nvt_input(rig.nvt, b, k);
		ck_assert_int_ge(took, 0);
		ck_assert_int_le(took, (long)k);
		b += took;
		n -= (size_t)took;
		if ((size_t)took == k)
			continue;
		rig.data_budget = 1 + n % 3;
		rig.refuse_comport = rig.refuse_brk = false;
		rig.room = NVT_ANSWER_ROOM;
	}
}

/* A budget of data bytes that runs out anywhere, anything else refused once, pieces of any size. */
START_TEST(test_refusals)
{
	uint8_t bytes[256];
	size_t n = nvtrig_bytes(LONG_TALK, bytes, sizeof bytes), budget, piece;

	for (piece = 1; piece <= n; piece++)
		for (budget = 0; budget < 16; budget++) {
			nvtrig_start(&rig, true);
			rig.data_budget = budget;
			rig.tells_budget = _i & 4;
			rig.refuse_comport = rig.refuse_brk = _i & 1;
			rig.room = _i & 2 ? NVT_ANSWER_ROOM - 1 : SIZE_MAX;
			give(bytes, n, piece);
			ck_assert_msg(strcmp(rig.log, LONG_ANSWER) == 0,
			    "budget %zu, pieces of %zu: %s", budget, piece, rig.log);
			nvtrig_stop(&rig);
		}
}
END_TEST

/* What was consumed is exactly what was taken: for each byte of data, not one byte of input more. */
START_TEST(test_consumed)
{
	static const struct {
		const char *in;
		size_t budget;
		long consumed;
	} cases[] = {
		{ "1 2 3 4", 0, 0 }, { "1 2 3 4", 3, 3 }, { "1 IAC IAC 3", 1, 1 },
		{ "1 IAC IAC 3", 2, 3 }, { "IAC IAC IAC IAC", 0, 0 }, { "IAC IAC IAC IAC", 1, 2 },
		{ "1 IAC NOP 2 3", 0, 0 }, { "1 IAC NOP 2 3", 1, 3 }, { "1 IAC NOP 2 3", 2, 4 },
		{ "IAC NOP 1 13 0 3", 1, 3 }, { "IAC NOP 1 13 0 3", 2, 4 }, { "IAC NOP 1 13 0 3", 3, 6 },
	};
	uint8_t bytes[16];
	size_t n = nvtrig_bytes(cases[_i % 12].in, bytes, sizeof bytes);

	nvtrig_start(&rig, true);
	rig.data_budget = cases[_i % 12].budget;
	rig.tells_budget = _i >= 12;
	ck_assert_int_eq(nvt_input(rig.nvt, bytes, n), cases[_i % 12].consumed);
	ck_assert_uint_eq(rig.data_bytes, cases[_i % 12].budget);
	ck_assert(!nvt_waiting(rig.nvt));
	nvtrig_stop(&rig);
}
END_TEST

START_TEST(test_held_command)
{
	static const uint8_t in[] = { 255, 250, 44, 5, 8, 255, 240, 97 };

	nvtrig_start(&rig, true);
	rig.refuse_comport = true;
	ck_assert_int_eq(nvt_input(rig.nvt, in, sizeof in), 7);
	ck_assert(nvt_waiting(rig.nvt));
	ck_assert_int_eq(nvt_input(rig.nvt, in + 7, 1), 0);
	ck_assert_int_eq(nvt_input(rig.nvt, NULL, 0), 0);
	ck_assert(nvt_waiting(rig.nvt));
	ck_assert_str_eq(rig.log, "agreed ");
	rig.refuse_comport = false;
	ck_assert_int_eq(nvt_input(rig.nvt, NULL, 0), 0);
	ck_assert(!nvt_waiting(rig.nvt));
	ck_assert_int_eq(nvt_input(rig.nvt, in + 7, 1), 1);
	ck_assert_str_eq(rig.log, "agreed sb(5 8) 97 ");
	nvtrig_stop(&rig);
}
END_TEST

START_TEST(test_held_break)
{
	static const uint8_t in[] = { 255, 243, 97 };

	nvtrig_start(&rig, true);
	rig.refuse_brk = true;
	ck_assert_int_eq(nvt_input(rig.nvt, in, sizeof in), 2);
	ck_assert(nvt_waiting(rig.nvt));
	ck_assert_int_eq(nvt_input(rig.nvt, in + 2, 1), 0);
	rig.refuse_brk = false;
	ck_assert_int_eq(nvt_input(rig.nvt, in + 2, 1), 1);
	ck_assert(!nvt_waiting(rig.nvt));
	ck_assert_str_eq(rig.log, "break 97 ");
	nvtrig_stop(&rig);
}
END_TEST

/* R16: what may be answered waits for room; all before it is taken, and then it is answered. */
START_TEST(test_room)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "97 IAC DO 200", "<IAC WONT 200> " }, { "97 IAC WILL 44", "agreed " },
		{ "97 IAC WONT 44", "refused " }, { "97 IAC AYT", "<IAC NOP> " },
		{ "97 IAC SB 44 0 IAC SE", "agreed sb(0) " },
	};
	uint8_t bytes[16];
	size_t n = nvtrig_bytes(cases[_i].in, bytes, sizeof bytes);

	nvtrig_start(&rig, true);
	rig.room = NVT_ANSWER_ROOM - 1;
	ck_assert_int_eq(nvt_input(rig.nvt, bytes, n), (long)n - 1);
	ck_assert_int_eq(nvt_input(rig.nvt, bytes + n - 1, 1), 0);
	ck_assert(!nvt_waiting(rig.nvt));
	ck_assert_str_eq(rig.log, "97 ");
	rig.room++;
	ck_assert_int_eq(nvt_input(rig.nvt, bytes + n - 1, 1), 1);
	ck_assert_str_eq(rig.log + 3, cases[_i].out);
	nvtrig_stop(&rig);
}
END_TEST

/* ---- any chunking of anything ---- */

START_TEST(test_random_chunks)
{
	static const uint8_t telling[] = { 255, 255, 255, 250, 240, 251, 252, 253, 254, 44, 0, 1, 13, 10,
		65, 243 };
	static char whole[NVTRIG_LOG];
	static uint8_t bytes[6000];
	size_t i, n, piece;

	srandom((unsigned)_i);
	n = 1 + (size_t)random() % sizeof bytes;
	for (i = 0; i < n; i++)
		bytes[i] = _i % 4 == 3 && i % 64 > 2 ? (uint8_t)i : telling[random() % 16];
	nvtrig_start(&rig, _i & 1);
	ck_assert_int_eq(nvt_input(rig.nvt, bytes, n), (long)n);
	strcpy(whole, rig.log);
	nvtrig_stop(&rig);
	nvtrig_start(&rig, _i & 1);
	for (i = 0; i < n; i += piece) {
		piece = 1 + (size_t)random() % (random() % 8 == 0 ? 3000 : 7);
		if (piece > n - i)
			piece = n - i;
		rig.place = _i & 2 ? (size_t)random() % sizeof rig.placed : 0; /* or as data */
		ck_assert_int_eq(nvt_input(rig.nvt, bytes + i, piece), (long)piece);
	}
	ck_assert_str_eq(rig.log, whole);
	nvtrig_stop(&rig);
}
END_TEST

static void
add_refusals(TCase *tc)
{
	tcase_add_loop_test(tc, test_refusals, 0, 8);
	tcase_add_loop_test(tc, test_consumed, 0, 24);
	tcase_add_test(tc, test_held_command);
	tcase_add_test(tc, test_held_break);
	tcase_add_loop_test(tc, test_room, 0, 5);
	tcase_add_loop_test(tc, test_random_chunks, 0, 60);
}

int
main(void)
{
	Suite *suite = suite_create("telnet");
	TCase *tc = tcase_create("telnet");

	tcase_add_loop_test(tc, test_fresh, 0, sizeof fresh / sizeof fresh[0]);
	tcase_add_loop_test(tc, test_greeted, 0, sizeof greeted / sizeof greeted[0]);
	tcase_add_test(tc, test_greeting);
	tcase_add_loop_test(tc, test_every_option, 0, 256);
	tcase_add_test(tc, test_every_byte);
	tcase_add_loop_test(tc, test_malformed, 0, sizeof bad / sizeof bad[0]);
	tcase_add_loop_test(tc, test_length, 0, 24);
	tcase_add_test(tc, test_unfinished);
	add_refusals(tc);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
