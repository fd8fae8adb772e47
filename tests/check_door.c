/*
 * One client at the door: every event in every state, and each deadline just before and just after.
 */
#include <string.h>

#include "doors.h"
#include "sharing/door.h"
#include "unit.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

struct situation {
	const char *rules, *events; /* t: when it is due */
	/* c w d s, g h r R, u U, f e l, t; "": nothing, and the state stays */
	const char *does[14];
};

static const char columns[] = "cwdsghrRuUfelt";

static const struct situation situations[] = {
	/* open */
	{ "", "", { "", "S O", "C W", "C W", "", "", "", "", "K C", "K C", "K C", "", "Z C",
		"K C" } },
	{ "", "c", { "", "S O", "C W", "C W", "", "", "", "", "K C", "K C", "K C", "", "Z C",
		"K C" } },
	{ "", "w", { "", "", "C W", "C W", "", "", "", "", "K C", "K C", "K C", "", "Z C",
		"TH S" } },
	{ "", "wc", { "", "", "C W", "C W", "", "", "", "", "K C", "K C", "K C", "", "Z C",
		"K C" } },
	{ "q", "w", { "", "", "C W", "C W", "", "", "", "", "K C", "K C", "K C", "", "Z C",
		"H S" } },
	{ "o", "w", { "", "", "C W", "C W", "", "", "", "", "K C", "K C", "K C", "", "Z C",
		NULL } },
	/* claimed by data, not answered yet; held; told */
	{ "", "d", { "", "", "", "", " N", "", "X T", "XHK C", "RX T", "RXHK C", "", "", "RZ C",
		NULL } },
	{ "", "cd", { "", "", "", "", " N", "", "GX T", "GXHK C", "RGX T", "RGXHK C", "", "",
		"RZ C", NULL } },
	{ "", "dh", { "", "", "", "", " N", "", "X T", "XHK C", "RX T", "RXHK C", "", "", "RZ C",
		"W W" } },
	{ "", "dht", { "", "", "", "", "Y N", "W W", "X T", "XHK C", "RX T", "RXHK C", "", "",
		"RZ C", NULL } },
	{ "q", "cdht", { "", "", "", "", " N", "", " T", "HK C", "R T", "RHK C", "", "", "RZ C",
		NULL } },
	/* claimed by a setting: no data that keeps the place */
	{ "", "cs", { "", "", "", "", " N", "", " F", "GXHK C", "RGX T", "RGXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "", "cshd", { "", "", "", "", " N", "", "GX T", "GXHK C", "RGX T", "RGXHK C", "", "",
		"RZ C", "W W" } },
	{ "", "s", { "", "", "", "", " N", "", " F", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	/* held, and the client's FIN is behind its data */
	{ "", "dhf", { "", "", "", "", "D D", "", "XHK C", "XHK C", "RXHK C", "RXHK C", "", "",
		"RZ C", "W W" } },
	{ "", "dhft", { "", "", "", "", "D D", "W W", "XHK C", "XHK C", "RXHK C", "RXHK C", "", "",
		"RZ C", NULL } },
	{ "d", "dhf", { "", "", "", "", "RHK C", "", "XHK C", "XHK C", "RXHK C", "RXHK C", "", "",
		"RZ C", "W W" } },
	/* queued: told at once, if it is known how; its FIN ends its place */
	{ "", "dq", { "", "", "", "", "Y N", "W W", "X T", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "", "csq", { "", "", "", "", "Y N", "W W", " F", "GXHK C", "RGX T", "RGXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "c", "q", { "W W", "W W", "W W", "", " N", "", " F", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", "W W" } },
	{ "c", "qt", { "", "", "", "", "Y N", "W W", " F", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "r", "q", { "", "", "", "", "Y N", "W W", "X T", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "q", "csq", { "", "", "", "", " N", "", " F", "HK C", "R T", "RHK C", "RK C", "", "RZ C",
		NULL } },
	/* queued, then held by a hand-over, and the other way */
	{ "", "dqh", { "", "", "", "", "Y N", "W W", "X T", "XHK C", "RX T", "RXHK C", "", "",
		"RZ C", NULL } },
	{ "", "dhq", { "", "", "", "", "Y N", "W W", "X T", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "", "dhfq", { "", "", "", "", "", "", "", "", "", "", "", "", "", NULL } },
	/* by connecting */
	{ "c", "", { "", "", "", "", " N", "", " F", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "c", "w", { "", "", "", "", " N", "", "X T", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "c", "wc", { "", "", "", "", " N", "", " F", "GXHK C", "RGX T", "RGXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "r", "", { "", "", "", "", " N", "", "X T", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", NULL } },
	{ "r", "h", { "", "", "", "", " N", "", "X T", "XHK C", "RX T", "RXHK C", "RK C", "",
		"RZ C", "W W" } },
	/* owner */
	{ "", "dg", { "", "", "", "", "", "", "", "", "RX T", "RXHK C", "D D", "", "RZ C",
		NULL } },
	{ "", "csg", { "", "", "", "", "", "", "", "", "RGX T", "RGXHK C", "D D", "", "RZ C",
		NULL } },
	{ "q", "csg", { "", "", "", "", "", "", "", "", "R T", "RHK C", "D D", "", "RZ C",
		NULL } },
	{ "d", "csg", { "", "", "", "", "", "", "", "", "RGX T", "RGXHK C", "RHK C", "", "RZ C",
		NULL } },
	/* its FIN has come */
	{ "", "csgf", { "", "", "", "", "", "", "", "", "RGXHK C", "RGXHK C", "", "RHK C", "RZ C",
		"RHK C" } },
	/* refused, the text is to come */
	{ "", "csr", { "", "", "GX T", "", "", "", "", "", "GX T", "GXHK C", "GXHK C", "", "Z C",
		"GX T" } },
	{ "", "sr", { " F", "", "X T", "", "", "", "", "", "X T", "XHK C", "XHK C", "", "Z C",
		"X T" } },
	{ "c", "r", { " F", "X T", "X T", "", "", "", "", "", "X T", "XHK C", "XHK C", "", "Z C",
		"X T" } },
	{ "q", "csr", { "", "", " T", "", "", "", "", "", " T", "HK C", "HK C", "", "Z C",
		" T" } },
	/* told, shut down, closed */
	{ "", "csrt", { "", "", "", "", "", "", "", "", "", "", "HK C", "", "Z C", "H S" } },
	{ "", "dr", { "", "", "", "", "", "", "", "", "", "", "HK C", "", "Z C", "H S" } },
	{ "", "dgu", { "", "", "", "", "", "", "", "", "", "", "HK C", "", "Z C", "H S" } },
	{ "", "drt", { "", "", "", "", "", "", "", "", "", "", "K C", "", "Z C", "K C" } },
	{ "", "wt", { "", "", "", "", "", "", "", "", "", "", "K C", "", "Z C", "K C" } },
	{ "", "drtt", { "", "", "", "", "", "", "", "", "", "", "", "", "", NULL } },
	{ "", "l", { "", "", "", "", "", "", "", "", "", "", "", "", "", NULL } },
};

static void
prepare(struct fixture *f, const struct situation *s)
{
	const char *e;

	doors_begin(f, s->rules);
	for (e = s->events; *e != '\0'; e++) {
		if (*e == 't')
			f->now = door_due(&f->door);
		doors_feed(f, *e);
	}
}

START_TEST(every_event)
{
	const struct situation *s = &situations[_i];
	char nothing[] = " ?";
	struct fixture f;
	const char *got;
	size_t i;

	ck_assert_uint_eq(strlen(columns), COUNT(s->does));
	for (i = 0; i < COUNT(s->does) - 1; i++) {
		prepare(&f, s);
		nothing[1] = doors_states[f.door.state];
		got = doors_feed(&f, columns[i]);
		ck_assert_msg(strcmp(got, *s->does[i] != '\0' ? s->does[i] : nothing) == 0,
		    "\"%s\" %s: %c does %s, not %s", s->rules, s->events, columns[i], got, s->does[i]);
	}
}
END_TEST

/* A place in a queue in every state: it means something only to one who waits. */
START_TEST(queued)
{
	const struct situation *s = &situations[_i];
	char expected[] = " ?";
	struct fixture f;
	const char *got;
	bool waits, knows;

	prepare(&f, s);
	expected[1] = doors_states[f.door.state];
	waits = f.door.state == DOOR_WAITS;
	knows = f.door.class != DOOR_UNKNOWN || f.door.sent_data || f.door.told_waiting;
	got = doors_feed(&f, 'q');
	if (waits && f.door.fin)
		ck_assert_msg(strcmp(got, "RK C") == 0, "%s: %s", s->events, got);
	else if (waits && knows && f.rules.say_why)
		ck_assert_msg(strcmp(got, "W W") == 0, "%s: %s", s->events, got);
	else
		ck_assert_msg(strcmp(got, expected) == 0, "%s: %s", s->events, got);
}
END_TEST

/* Somebody else gets its place in every state: only from one who has claimed nothing. */
START_TEST(yields)
{
	const struct situation *s = &situations[_i];
	char expected[] = " ?";
	struct fixture f;
	const char *got, *does = expected;

	prepare(&f, s);
	expected[1] = doors_states[f.door.state];
	if (f.door.state == DOOR_OPEN)
		does = f.door.class != DOOR_TELNET ? "K C" : f.rules.say_why ? "VHK C" : "HK C";
	got = doors_feed(&f, 'y');
	ck_assert_msg(strcmp(got, does) == 0, "\"%s\" %s: y does %s, not %s", s->rules, s->events, got, does);
}
END_TEST

/* While all places are taken it has a tenth of the time, from when it came; a limit that is off stays so. */
START_TEST(hurried)
{
	struct fixture f;

	doors_begin(&f, "");
	ck_assert_int_eq(door_due(&f.door).v, DOORS_START + 30000);
	door_hurry(&f.door, true);
	ck_assert_int_eq(door_due(&f.door).v, DOORS_START + 3000);
	ck_assert_int_eq(door_claim_timeout(&f.door), 3000);
	f.now.v += 2999;
	ck_assert_str_eq(doors_feed(&f, 't'), " O");
	f.now.v += 10000;
	door_hurry(&f.door, false);
	ck_assert_str_eq(doors_feed(&f, 't'), " O");
	door_hurry(&f.door, true);
	ck_assert_str_eq(doors_feed(&f, 't'), "K C");
	doors_begin(&f, "o");
	door_hurry(&f.door, true);
	ck_assert(msec_is_never(door_due(&f.door)));
	ck_assert_int_eq(door_claim_timeout(&f.door), 0);
}
END_TEST

/* An owner and who waits have their time. */
START_TEST(hurried_in_a_claim)
{
	static const char *const claims[] = { "dg", "dh", "dq", "dr", "dgf" };
	struct fixture f;
	msec_t due;

	prepare(&f, &(struct situation){ .rules = "", .events = claims[_i] });
	due = door_due(&f.door);
	door_hurry(&f.door, true);
	ck_assert_int_eq(door_due(&f.door).v, due.v);
}
END_TEST

START_TEST(time_passes)
{
	const struct situation *s = &situations[_i];
	const char *due = s->does[COUNT(s->does) - 1], *got;
	char nothing[] = " ?";
	struct fixture f;

	prepare(&f, s);
	nothing[1] = doors_states[f.door.state];
	if (due == NULL) {
		ck_assert_msg(msec_is_never(door_due(&f.door)), "%s: is due", s->events);
		f.now.v += 1000000000;
		ck_assert_str_eq(doors_feed(&f, 't'), nothing);
		return;
	}
	ck_assert_msg(!msec_is_never(door_due(&f.door)), "%s: never due", s->events);
	f.now.v = door_due(&f.door).v - 1;
	ck_assert_str_eq(doors_feed(&f, 't'), nothing);
	f.now.v++;
	got = doors_feed(&f, 't');
	ck_assert_msg(strcmp(got, due) == 0, "\"%s\" %s: due does %s, not %s", s->rules, s->events,
	    got, due);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("door");
	TCase *tc = tcase_create("door");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_event, 0, (int)COUNT(situations));
	tcase_add_loop_test(tc, queued, 0, (int)COUNT(situations));
	tcase_add_loop_test(tc, yields, 0, (int)COUNT(situations));
	tcase_add_test(tc, hurried);
	tcase_add_loop_test(tc, hurried_in_a_claim, 0, 5);
	tcase_add_loop_test(tc, time_passes, 0, (int)COUNT(situations));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
