/*
 * The outbox: its rooms, encoding across the end of the ring, and purges after partial sends at
 * every byte.
 */
#include "wire/outbox.h"

#include <string.h>

#include "nvtrig.h"
#include "unit.h"

#define DATA_MAX (OUTBOX_SIZE - OUTBOX_ANSWERS)

static struct outbox box;
static struct nvtrig rig; /* for its encoding: raw, and after speaking NVT or BINARY */

static void
setup(void)
{
	outbox_init(&box);
	nvtrig_start(&rig, true);
}

static void
teardown(void)
{
	outbox_clear(&box);
	ck_assert_ptr_null(box.ring.buf);
	nvtrig_stop(&rig);
}

static void
encode(const char *words)
{
	uint8_t b[256];
	size_t n = nvtrig_bytes(words, b, sizeof b);

	ck_assert_uint_eq(outbox_encode(&box, rig.nvt, b, n), n);
}

static void
command(const char *words)
{
	uint8_t b[256];
	size_t n = nvtrig_bytes(words, b, sizeof b);

	ck_assert(outbox_command(&box, b, n));
}

static void
expect_bytes(const uint8_t *b, size_t n, const char *what)
{
	struct iovec iov[2];
	int i, count = ring_iov(&box.ring, iov);

	ck_assert_msg(box.ring.used == n, "%u bytes, not %zu: %s", box.ring.used, n, what);
	for (i = 0; i < count; i++) {
		ck_assert_msg(memcmp(iov[i].iov_base, b, iov[i].iov_len) == 0, "%s", what);
		b += iov[i].iov_len;
	}
}

static void
expect(const char *words)
{
	uint8_t b[256];

	expect_bytes(b, nvtrig_bytes(words, b, sizeof b), words);
}

START_TEST(test_encodings)
{
	encode("97 13 98 IAC 13 10");
	expect("97 13 98 IAC IAC 13 10"); /* the peer is raw so far: CR is CR */
	outbox_sent(&box, 7);
	nvtrig_expect(&rig, "IAC NOP", "");
	encode("97 13 98 IAC 13 10 13 IAC 13 13 0 13");
	expect("97 13 0 98 IAC IAC 13 10 13 0 IAC IAC 13 0 13 0 0 13");
	outbox_sent(&box, 18);
	encode("10"); /* to the CR that went before */
	encode("13");
	expect("10 13");
	encode("97");
	expect("10 13 0 97");
	outbox_sent(&box, 4);
	encode("13");
	nvtrig_expect(&rig, "IAC DO 0", "");
	encode("97 13 98"); /* BINARY now: CR means nothing, and nothing is owed */
	expect("13 97 13 98");
	nvtrig_expect(&rig, "IAC DONT 0", "<IAC WONT 0> ");
	encode("10 13 97");
	expect("13 97 13 98 10 13 0 97");
}
END_TEST

START_TEST(test_raw)
{
	static const uint8_t b[] = { 255, 13, 0, 255, 250 };

	ck_assert_uint_eq(outbox_encode(&box, NULL, b, sizeof b), sizeof b);
	expect("255 13 0 255 250");
}
END_TEST

/* What the room promises fits even if every byte becomes two; answers fit beside it. */
START_TEST(test_rooms)
{
	static uint8_t ff[OUTBOX_SIZE], answers[OUTBOX_SIZE];
	size_t room, all = 0;

	nvtrig_expect(&rig, "IAC NOP", "");
	memset(ff, 255, sizeof ff);
	ck_assert_uint_eq(outbox_data_room(&box), (DATA_MAX - 1) / 2);
	ck_assert_uint_eq(outbox_answer_room(&box), OUTBOX_SIZE);
	while ((room = outbox_data_room(&box)) > 0) {
		encode("13");
		ck_assert_uint_eq(outbox_encode(&box, rig.nvt, ff, room - 1), room - 1);
		all += room;
	}
	ck_assert_uint_ge(all, DATA_MAX / 2 - 2);
	ck_assert_uint_le(outbox_encode(&box, rig.nvt, ff, sizeof ff), 1);
	ck_assert_uint_le(box.ring.used, DATA_MAX);
	ck_assert_uint_ge(outbox_answer_room(&box), OUTBOX_ANSWERS);
	ck_assert(!outbox_command(&box, answers, outbox_answer_room(&box) + 1));
	ck_assert(outbox_command(&box, answers, outbox_answer_room(&box)));
	ck_assert_uint_eq(outbox_answer_room(&box), 0);
	ck_assert_uint_eq(outbox_data_room(&box), 0);
	ck_assert(!outbox_command(&box, answers, 1));
	ck_assert_uint_eq(outbox_encode(&box, rig.nvt, ff, 1), 0);
	outbox_sent(&box, OUTBOX_SIZE - DATA_MAX + 1);
	ck_assert_uint_eq(outbox_data_room(&box), 0); /* 1 byte, which 255 may not fit in */
	ck_assert_uint_eq(outbox_encode(&box, rig.nvt, ff, 1), 0);
	ck_assert_uint_eq(outbox_encode(&box, rig.nvt, (const uint8_t *)"a", 1), 1);
	ck_assert_uint_eq(box.ring.used, DATA_MAX);
}
END_TEST

/* A pair, or NUL and pair, across the end of the ring's memory, at every offset. */
START_TEST(test_wrap)
{
	static uint8_t block[OUTBOX_SIZE];

	nvtrig_expect(&rig, "IAC NOP", "");
	ck_assert(outbox_command(&box, block, OUTBOX_SIZE - (size_t)_i));
	outbox_sent(&box, OUTBOX_SIZE - (size_t)_i - 1);
	encode("IAC 13 IAC 97 13 10 IAC IAC IAC 98");
	outbox_sent(&box, 1);
	expect("IAC IAC 13 0 IAC IAC 97 13 10 IAC IAC IAC IAC IAC IAC 98");
}
END_TEST

/*
 * Data and commands in turn, as they lie in the box: each data unit of one or two bytes goes whole
 * or, when half of it is sent, not at all; of each command the bytes not sent stay.
 */
static const struct {
	bool data;
	const char *words;
} units[] = {
	{ true, "97" }, { true, "13" }, { true, "IAC IAC" }, { true, "240" },
	{ false, "IAC SB 44 107 IAC IAC 240 IAC SE" }, { false, "IAC NOP" },
	{ false, "IAC WILL IAC" }, { false, "IAC DO 251" },
	{ true, "98" }, { true, "IAC IAC" }, { true, "IAC IAC" },
	{ false, "IAC SB 44 111 250 IAC SE" },
	{ true, "99" }, { true, "IAC IAC" },
};
#define UNITS (sizeof units / sizeof units[0])

static void
fill_for_purge(void)
{
	encode("97 13 IAC 240");
	command(units[4].words);
	command(units[5].words);
	command(units[6].words);
	command(units[7].words);
	encode("98 IAC IAC");
	command(units[11].words);
	encode("99 IAC");
}

/* What must be left of the units after n bytes were sent and a purge. */
static size_t
left_after(size_t n, uint8_t *to)
{
	uint8_t b[16];
	size_t u, len, at = 0, left = 0, sent;

	for (u = 0; u < UNITS; u++, at += len) {
		len = nvtrig_bytes(units[u].words, b, sizeof b);
		sent = n <= at ? 0 : n - at < len ? n - at : len;
		if (units[u].data && sent == 0)
			continue;
		memcpy(to + left, b + sent, len - sent);
		left += len - sent;
	}
	return left;
}

/* Sent in one piece or byte by byte; at the beginning of the ring's memory or across its end. */
START_TEST(test_purge)
{
	static uint8_t block[OUTBOX_SIZE];
	uint8_t left[64];
	size_t i, n, n_left, all, offset = _i < 2 ? 0 : OUTBOX_SIZE - (size_t)_i;

	for (n = 0, all = 1; n <= all; n++) {
		outbox_clear(&box);
		ck_assert(offset == 0 || outbox_command(&box, block, offset));
		if (offset > 0)
			outbox_sent(&box, offset - 1);
		fill_for_purge();
		if (offset > 0)
			outbox_sent(&box, 1);
		all = box.ring.used;
		for (i = 0; i < n; i += _i % 2 == 0 ? n : 1)
			outbox_sent(&box, _i % 2 == 0 ? n : 1);
		n_left = left_after(n, left);
		outbox_purge_data(&box);
		expect_bytes(left, n_left, "purged");
		outbox_purge_data(&box);
		expect_bytes(left, n_left, "purged twice");
		outbox_sent(&box, box.ring.used);
		encode("97 IAC");
		outbox_purge_data(&box);
		expect(""); /* a boundary again */
	}
	ck_assert_uint_gt(all, 30);
}
END_TEST

START_TEST(test_purge_partly_sent_again)
{
	command("IAC SB 44 107 16 IAC SE");
	encode("97 98");
	outbox_sent(&box, 3);
	outbox_purge_data(&box);
	encode("99 IAC");
	outbox_sent(&box, 3); /* up to SE */
	encode("100");
	outbox_purge_data(&box);
	expect("SE");
	outbox_sent(&box, 1);
	encode("101");
	expect("101");
}
END_TEST

/* A NUL is owed to a CR that was sent, not to one that was purged. */
START_TEST(test_purge_and_cr)
{
	nvtrig_expect(&rig, "IAC NOP", "");
	encode("97 13");
	outbox_purge_data(&box);
	encode("98");
	expect("98");
	encode("13");
	outbox_sent(&box, 2);
	command("IAC NOP");
	outbox_purge_data(&box);
	expect("IAC NOP");
	encode("98");
	expect("IAC NOP 0 98");
}
END_TEST

START_TEST(test_memory)
{
	ck_assert_ptr_null(box.ring.buf);
	encode("");
	ck_assert_ptr_null(box.ring.buf);
	encode("97");
	ck_assert_ptr_nonnull(box.ring.buf);
	outbox_sent(&box, 1);
	ck_assert_ptr_null(box.ring.buf);
	encode("97");
	outbox_purge_data(&box);
	ck_assert_ptr_null(box.ring.buf);
	outbox_purge_data(&box);
	outbox_sent(&box, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("outbox");
	TCase *tc = tcase_create("outbox");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_encodings);
	tcase_add_test(tc, test_raw);
	tcase_add_test(tc, test_rooms);
	tcase_add_loop_test(tc, test_wrap, 1, 24);
	tcase_add_loop_test(tc, test_purge, 0, 40);
	tcase_add_test(tc, test_purge_partly_sent_again);
	tcase_add_test(tc, test_purge_and_cr);
	tcase_add_test(tc, test_memory);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
