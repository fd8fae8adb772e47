/*
 * One client at the door from its begin to its end: the ways of a refusal to a person, of one who
 * waits and of an owner, each to the millisecond, and what holds on long random walks.
 */
#include <string.h>

#include "doors.h"
#include "sharing/door.h"
#include "unit.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

/* Time is ms after connecting; 't' must be due exactly then. */
struct step {
	int64_t at;
	char event; /* 0: the end */
	const char *does;
};

struct script {
	const char *name, *rules, *begins;
	struct step steps[12];
};

static const struct script scripts[] = {
	{ "nothing claimed", "", " O", { { 30000, 't', "K C" } } },
	{ "nothing claimed, COM-PORT", "", " O", { { 10, 'c', " O" }, { 30000, 't', "K C" } } },
	{ "nothing claimed, Telnet", "", " O", {
		{ 10, 'w', "S O" }, { 30000, 't', "TH S" }, { 31000, 't', "K C" } } },
	{ "nothing claimed, Telnet, leaves", "", " O", {
		{ 10, 'w', "S O" }, { 30000, 't', "TH S" }, { 30500, 'f', "K C" } } },
	{ "the status is told once", "", " O", {
		{ 10, 'w', "S O" }, { 20, 'w', " O" }, { 30, 'c', " O" }, { 40, 'w', " O" } } },
	{ "no status to whom has claimed", "", " O", {
		{ 10, 's', "C W" }, { 10, 'g', " N" }, { 20, 'w', " N" } } },

	{ "pyserial is refused", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'r', " F" }, { 400, 's', " F" },
		{ 900, 's', " F" }, { 1900, 't', "GX T" }, { 2900, 't', "H S" },
		{ 3900, 't', "K C" } } },
	{ "its settings never end", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'r', " F" }, { 1000, 's', " F" },
		{ 1900, 's', " F" }, { 2800, 's', " F" }, { 3100, 't', "GX T" },
		{ 3200, 's', " T" }, { 4100, 't', "H S" }, { 5100, 't', "K C" } } },
	{ "it sends data", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'r', " F" }, { 300, 'd', "GX T" },
		{ 1300, 't', "H S" }, { 2300, 't', "K C" } } },
	{ "C-Kermit claims by data", "", " O", {
		{ 10, 'c', " O" }, { 5000, 'd', "C W" }, { 5000, 'r', "GX T" },
		{ 5500, 'd', " T" }, { 6000, 't', "H S" }, { 6200, 'd', " S" },
		{ 6300, 'f', "K C" } } },
	{ "telnet is refused", "", " O", {
		{ 10, 'w', "S O" }, { 900, 'd', "C W" }, { 900, 'r', "X T" }, { 1900, 't', "H S" },
		{ 2900, 't', "K C" } } },
	{ "a break is a setting", "", " O", {
		{ 10, 'w', "S O" }, { 900, 's', "C W" }, { 900, 'r', " F" }, { 1000, 'w', " F" },
		{ 1900, 't', "X T" } } },
	{ "a half-close is answered at once", "", " O", {
		{ 100, 's', "C W" }, { 100, 'r', " F" }, { 200, 'f', "XHK C" } } },
	{ "agreement after the refusal", "", " O", {
		{ 100, 's', "C W" }, { 100, 'r', " F" }, { 200, 'c', " F" }, { 300, 'c', " F" },
		{ 1100, 't', "GX T" }, { 1200, 'c', " T" } } },

	{ "connect: nothing comes", "c", "C W", {
		{ 0, 'r', " F" }, { 3000, 't', "X T" }, { 4000, 't', "H S" }, { 5000, 't', "K C" } } },
	{ "connect: Telnet", "c", "C W", {
		{ 0, 'r', " F" }, { 50, 'w', "X T" }, { 1050, 't', "H S" } } },
	{ "connect: COM-PORT", "c", "C W", {
		{ 0, 'r', " F" }, { 50, 'c', " F" }, { 3000, 't', "GX T" } } },
	{ "connect: COM-PORT with settings", "c", "C W", {
		{ 0, 'r', " F" }, { 50, 'c', " F" }, { 500, 's', " F" }, { 800, 's', " F" },
		{ 1800, 't', "GX T" } } },
	{ "connect: data", "c", "C W", { { 0, 'r', " F" }, { 50, 'd', "X T" } } },
	{ "connect: never asked for a status", "c", "C W", {
		{ 0, 'g', " N" }, { 50, 'w', " N" }, { 99, 'f', "D D" }, { 1599, 't', "RHK C" } } },
	{ "raw", "r", "C W", { { 0, 'r', "X T" }, { 1000, 't', "H S" }, { 2000, 't', "K C" } } },
	{ "raw connects, whatever claim says", "rc", "C W", { { 0, 'g', " N" } } },

	{ "held shortly: nothing is said", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'h', " W" }, { 1000, 'h', " W" }, { 2099, 'g', " N" } } },
	{ "held: told after 2 s, each change, ready", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'h', " W" }, { 1000, 'h', " W" }, { 2100, 't', "W W" },
		{ 2500, 'h', "W W" }, { 2600, 'h', "W W" }, { 9000, 'g', "Y N" } } },
	{ "held, then refused: 3 s are over", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'h', " W" }, { 2100, 't', "W W" },
		{ 4000, 'r', "GX T" } } },
	{ "held, then refused soon after its claim", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'h', " W" }, { 900, 's', " W" },
		{ 1000, 'r', " F" }, { 1900, 't', "GX T" } } },
	{ "held, its settings last until it is refused", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'h', " W" }, { 2100, 't', "W W" },
		{ 2500, 's', " W" }, { 2600, 'r', " F" }, { 3100, 't', "GX T" } } },
	{ "held: its data goes to the line though it left", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'h', " W" }, { 200, 'f', " W" }, { 2100, 't', "W W" },
		{ 5000, 'g', "D D" }, { 6500, 't', "RHK C" } } },
	{ "queued: told at once, each change, ready", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'q', "W W" }, { 300, 's', " W" },
		{ 60000, 'q', "W W" }, { 90000, 'h', "W W" }, { 95000, 'g', "Y N" } } },
	{ "queued by connecting: told when it is known how", "c", "C W", {
		{ 0, 'q', " W" }, { 20, 'c', "W W" }, { 30, 'd', " W" }, { 5000, 'q', "W W" },
		{ 9000, 'g', "Y N" } } },
	{ "queued by connecting, and says nothing", "c", "C W", {
		{ 0, 'q', " W" }, { 500, 'q', " W" }, { 2000, 't', "W W" }, { 2100, 'w', " W" },
		{ 9000, 'g', "Y N" } } },
	{ "granted before it could be told", "c", "C W", {
		{ 0, 'q', " W" }, { 15, 'g', " N" }, { 20, 'c', " N" } } },
	{ "queued, then refused: at once, since 3 s are over", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'q', "W W" }, { 600100, 'r', "GX T" },
		{ 601100, 't', "H S" }, { 602100, 't', "K C" } } },
	{ "queued by connecting, then refused soon", "c", "C W", {
		{ 0, 'q', " W" }, { 40, 'w', "W W" }, { 50, 'r', "X T" }, { 1050, 't', "H S" } } },
	{ "queued: its data does not keep its place", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'q', "W W" }, { 200, 'f', "RK C" } } },
	{ "queued, then held: its data keeps its place", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'q', "W W" }, { 200, 'h', "W W" }, { 300, 'f', " W" },
		{ 900, 'g', "D D" }, { 1000, 'e', "RHK C" } } },
	{ "held, gone, then queued: nobody is there", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'h', " W" }, { 200, 'f', " W" }, { 300, 'q', "RK C" } } },
	{ "queued, lost", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'q', "W W" }, { 200, 'l', "RZ C" } } },
	{ "queued, and the daemon ends", "", " O", {
		{ 10, 'c', " O" }, { 100, 's', "C W" }, { 100, 'q', "W W" }, { 9000, 'u', "RGX T" } } },
	{ "drained in time", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'g', " N" }, { 500, 'f', "D D" }, { 600, 'e', "RHK C" },
		{ 600, 'e', " C" } } },
	{ "not drained", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'g', " N" }, { 500, 'f', "D D" }, { 900, 'f', " D" },
		{ 2000, 't', "RHK C" } } },
	{ "cut", "", " O", {
		{ 10, 'c', " O" }, { 100, 'd', "C W" }, { 100, 'g', " N" }, { 5000, 'u', "RGX T" },
		{ 6000, 't', "H S" }, { 7000, 't', "K C" } } },
	{ "cut, and it leaves", "", " O", {
		{ 100, 'd', "C W" }, { 100, 'g', " N" }, { 5000, 'u', "RX T" }, { 5500, 'f', "HK C" } } },
};

START_TEST(script)
{
	const struct script *s = &scripts[_i];
	const struct step *step;
	struct fixture f;
	const char *got;

	ck_assert_str_eq(doors_begin(&f, s->rules), s->begins);
	for (step = s->steps; step->event != '\0'; step++) {
		if (step->event == 't')
			ck_assert_msg(door_due(&f.door).v == DOORS_START + step->at, "%s, %lld: due %lld",
			    s->name, (long long)step->at, (long long)door_due(&f.door).v - DOORS_START);
		else
			ck_assert_msg(!msec_before(door_due(&f.door), (msec_t){ DOORS_START + step->at }),
			    "%s, %lld: overslept", s->name, (long long)step->at);
		f.now.v = DOORS_START + step->at;
		got = doors_feed(&f, step->event);
		ck_assert_msg(strcmp(got, step->does) == 0, "%s, %lld, %c: does %s", s->name,
		    (long long)step->at, step->event, got);
	}
}
END_TEST

/* Class: the last that the client said. */
START_TEST(classes)
{
	struct fixture f;

	doors_begin(&f, "");
	ck_assert_int_eq(f.door.class, DOOR_UNKNOWN);
	doors_feed(&f, 'd');
	ck_assert_int_eq(f.door.class, DOOR_UNKNOWN);
	doors_feed(&f, 'w');
	ck_assert_int_eq(f.door.class, DOOR_TELNET);
	doors_feed(&f, 'c');
	ck_assert_int_eq(f.door.class, DOOR_COM);
	doors_begin(&f, "r");
	ck_assert_int_eq(f.door.class, DOOR_RAW);
}
END_TEST

/* ---- random walks ---- */

static uint32_t
rnd(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % n;
}

struct walk {
	struct fixture f;
	bool claimed, closed; /* something is to be released; the end was told */
	unsigned claims, signs, texts, shuts;
};

static void
count_actions(struct walk *w, const char *did)
{
	for (; *did != ' '; did++) {
		ck_assert(!w->closed);
		switch (*did) {
		case 'C':
			w->claims++;
			w->claimed = true;
			break;
		case 'R':
			ck_assert(w->claimed);
			w->claimed = false;
			break;
		case 'G':
			w->signs++;
			ck_assert_int_eq(w->f.door.class, DOOR_COM);
			break;
		case 'X':
			w->texts++;
			break;
		case 'H':
			w->shuts++;
			break;
		case 'K':
		case 'Z':
			w->closed = true;
			break;
		default:
			break;
		}
		if (!w->f.rules.say_why)
			ck_assert_ptr_null(strchr("STVWYGX", *did));
	}
}

static void
check_walk(const struct walk *w)
{
	const struct door *d = &w->f.door;
	bool due = !msec_is_never(door_due(d));

	ck_assert_int_eq(w->closed, d->state == DOOR_CLOSED);
	ck_assert(w->claims <= 1 && w->signs <= 1 && w->texts <= 1 && w->shuts <= 1);
	ck_assert_int_eq(w->claimed,
	    d->state == DOOR_WAITS || d->state == DOOR_OWNS || d->state == DOOR_DRAINS);
	if (d->state == DOOR_OPEN)
		ck_assert_int_eq(due, w->f.rules.claim_timeout > 0);
	else if (d->state == DOOR_OWNS || d->state == DOOR_CLOSED)
		ck_assert(!due);
	else if (d->state != DOOR_WAITS)
		ck_assert(due);
}

/* Whoever is refused, cut or gone is closed by time alone, in time. */
static void
check_end(struct walk w)
{
	msec_t since = w.f.now;

	if (w.f.door.state < DOOR_DRAINS)
		return;
	while (w.f.door.state != DOOR_CLOSED) {
		w.f.now = msec_max(w.f.now, door_due(&w.f.door));
		count_actions(&w, doors_feed(&w.f, 't'));
	}
	ck_assert_int_le(msec_since(since, w.f.now), DOOR_AT_LATEST + 2 * DOOR_LINGER);
}

static char
any_event(struct walk *w, uint32_t *seed)
{
	static const char usual[] = "cwdsghruyfelttttttddssggghhhqqrRuUf";
	char event = usual[rnd(seed, rnd(seed, 4) == 0 ? COUNT(usual) - 1 : 6)];

	if (w->f.door.state == DOOR_WAITS && (event == 'r' || event == 'R'))
		w->claimed = false;
	return event;
}

START_TEST(random_walks)
{
	static const char *const rules[] = { "", "", "c", "r", "q", "d", "o", "cq", "rd", "qod" };
	uint32_t seed = 4711;
	unsigned i, step, ends = 0;
	struct walk w;

	for (i = 0; i < 5000; i++) {
		memset(&w, 0, sizeof w);
		count_actions(&w, doors_begin(&w.f, rules[rnd(&seed, COUNT(rules))]));
		check_walk(&w);
		for (step = 0; step < 25; step++) {
			char event = any_event(&w, &seed);

			w.f.now.v += rnd(&seed, 3) == 0 ? rnd(&seed, 4000) : rnd(&seed, 3);
			if (rnd(&seed, 8) == 0 && !msec_is_never(door_due(&w.f.door)))
				w.f.now = msec_max(w.f.now, door_due(&w.f.door));
			count_actions(&w, doors_feed(&w.f, event));
			check_walk(&w);
			check_end(w);
		}
		ends += w.closed;
	}
	ck_assert_uint_gt(ends, 1000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("doorways");
	TCase *tc = tcase_create("doorways");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, script, 0, (int)COUNT(scripts));
	tcase_add_test(tc, classes);
	tcase_add_test(tc, random_walks);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
