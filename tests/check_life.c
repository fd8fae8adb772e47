/*
 * The life of a line, explored whole: every event that port, hand-over, arbiter, administrator and time can bring
 * in every state that can be reached, with a model of each of them that says what may be.
 *
 * What holds everywhere: the port is opened only when it is closed and closed only when it is not; the owner is
 * there in OWNED and nowhere else; a hand-over goes on in HANDOVER, or a modem is waited for; the arbiter takes a
 * line for free only if it can be had; nobody waits for a test that does not go on; and from everywhere a line
 * comes to be free, owned, disabled or closed for good by what port, hand-over and time bring by themselves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/life.h"
#include "unit.h"

#define WORLDS (1u << 20)
#define NEXT_MAX 40

enum port { CLOSED, OPENING, OPEN, CLOSING };
enum seat { OUT, HANDOVER, FREE, OWNED };

/* All that an event may depend on.  Compared as bytes. */
struct world {
	struct life life;
	uint8_t port, seat;
	bool run, owner, hanging_up, test, begun, gone;
	bool grant, release, prepare; /* the arbiter's word, under way to the line */
	bool look, unclaimed;         /* what comes at once */
};

struct node {
	struct world w;
	unsigned next[NEXT_MAX]; /* by what comes by itself */
	unsigned n_next;
	bool used, ends;
};

static struct node *nodes;
static unsigned *order, n_nodes;
static size_t n_steps;
static const char *doing;

/* ---- one step ---- */

static void
broken(const struct world *w, const char *why)
{
	ck_abort_msg("%s: %s, in %s (port %d, seat %d, after %d%s%s%s%s)", doing, why,
	    life_state_name(w->life.state), w->port, w->seat, w->life.after, w->life.away ? ", away" : "",
	    w->grant ? ", granted" : "", w->release ? ", released" : "", w->prepare ? ", prepared" : "");
}

static void
need(const struct world *w, bool good, const char *why)
{
	if (!good)
		broken(w, why);
}

static void
told_ready(struct world *w, bool wanted)
{
	if (w->seat != HANDOVER)
		return;
	w->release = w->prepare = false;
	w->grant = wanted;
	w->seat = wanted ? OWNED : FREE;
	need(w, w->life.state == LIFE_FREE, "ready, and not free");
}

/* Whoever waits has a closed line prepared. */
static void
told_rests(struct world *w, bool wanted)
{
	if (w->seat == OWNED)
		return; /* by one who was cut, and has not left yet */
	need(w, w->seat != FREE && w->life.state == LIFE_RESTING, "rests, and was to be had");
	w->release = false;
	w->seat = wanted ? HANDOVER : FREE;
	w->prepare = wanted;
}

static void
tell(struct world *w, enum life_do what, bool wanted)
{
	switch (what) {
	case LIFE_DO_FOUND:
		w->seat = w->seat == OUT ? HANDOVER : w->seat;
		break;
	case LIFE_DO_READY:
		told_ready(w, wanted);
		w->unclaimed = w->life.shared && w->seat == FREE && w->life.state == LIFE_FREE;
		break;
	case LIFE_DO_UNREADY:
		need(w, w->seat == FREE || w->release || w->prepare, "unready, and was not free");
		w->seat = HANDOVER;
		break;
	case LIFE_DO_RESTS:
		told_rests(w, wanted);
		break;
	case LIFE_DO_OUT:
		if (w->seat == HANDOVER || w->seat == FREE) {
			w->seat = OUT;
			w->release = w->prepare = false;
		}
		break;
	default:
		need(w, !w->gone && w->port == CLOSED, "closed for good, and is not");
		w->gone = true;
		break;
	}
}

static void
to_port(struct world *w, enum life_do what)
{
	switch (what) {
	case LIFE_DO_OPEN:
		need(w, w->port == CLOSED, "opened while it is not closed");
		w->port = OPENING;
		break;
	case LIFE_DO_CLOSE:
		need(w, w->port == OPEN || w->port == OPENING, "closed while it is closed");
		w->port = CLOSING;
		break;
	case LIFE_DO_HANG_UP:
		need(w, w->port == OPEN, "hung up while it is not open");
		w->hanging_up = true;
		break;
	default:
		need(w, w->port == OPEN, "handed over while it is not open");
		need(w, what != LIFE_DO_GO_ON || w->run, "goes on without a hand-over");
		w->run = true;
		break;
	}
}

static void
one(struct world *w, enum life_do what, bool wanted)
{
	switch (what) {
	case LIFE_DO_OPEN: case LIFE_DO_CLOSE: case LIFE_DO_HANG_UP:
	case LIFE_DO_HAND_OVER: case LIFE_DO_PROBE: case LIFE_DO_GO_ON:
		to_port(w, what);
		break;
	case LIFE_DO_DROP_RUN:
		w->run = false;
		break;
	case LIFE_DO_TAKE:
		need(w, !w->owner, "a second owner");
		w->owner = true;
		break;
	case LIFE_DO_DROP: case LIFE_DO_CUT:
		need(w, w->owner, "no owner to leave");
		w->owner = false;
		break;
	case LIFE_DO_LOOK:
		w->look = true;
		break;
	case LIFE_DO_TESTED:
		need(w, w->test, "nobody waits for a test");
		w->test = false;
		break;
	case LIFE_DO_LISTEN: case LIFE_DO_REASON: case LIFE_DO_MEANT: case LIFE_DO_IN_ORDER:
		break;
	default:
		tell(w, what, wanted);
		break;
	}
}

static bool
is_open(const struct world *w)
{
	switch (w->life.state) {
	case LIFE_HANDOVER: case LIFE_FREE: case LIFE_RINGING: case LIFE_OWNED: case LIFE_QUARANTINE:
	case LIFE_HANGUP:
		return true;
	default:
		return false;
	}
}

static enum port
port_of(const struct world *w)
{
	return is_open(w) ? OPEN : w->life.state == LIFE_OPENING ? OPENING :
	    w->life.state == LIFE_CLOSING ? CLOSING : CLOSED;
}

static void
check(const struct world *w)
{
	enum life_state s = w->life.state;
	bool coming = w->grant || w->release || w->prepare || w->look || w->unclaimed;

	need(w, w->port == port_of(w), "the port is not as the state says");
	need(w, w->owner == (s == LIFE_OWNED), "an owner in another state, or none in OWNED");
	need(w, w->run == (s == LIFE_HANDOVER || w->life.away), "a hand-over in another state");
	need(w, w->test == w->life.testing, "who waits for a test is forgotten");
	need(w, !w->test || s == LIFE_OPENING || s == LIFE_HANDOVER || w->life.away ||
	    (s == LIFE_CLOSING && w->life.after == LIFE_THEN_OPEN), "a test waits for nothing");
	need(w, w->seat != FREE || s == LIFE_FREE || s == LIFE_RESTING ||
	    (s == LIFE_CLOSING && w->life.after == LIFE_THEN_REST), "to be had, and is not");
	/* OWNED: by one who was cut, and has not left yet. */
	need(w, s != LIFE_FREE || w->seat == FREE || w->seat == OWNED || coming, "free for nobody");
	need(w, s != LIFE_OWNED || w->seat == OWNED || w->release, "owned, and the arbiter does not know");
	need(w, w->gone == (s == LIFE_SHUT), "closed for good");
	need(w, !w->life.tried || s == LIFE_FOREIGN || s == LIFE_OPENING, "in foreign hands in another state");
}

/* The world after the event, wanted: whether somebody waits for the line when it can be had. */
static struct world
after(const struct world *before, enum life_event event, struct life_args a, bool wanted)
{
	struct world w = *before;
	struct life_todo todo;
	size_t i;

	a.why = "why";
	a.granted = w.seat == OWNED;
	w.look = w.unclaimed = false;
	if (event == LIFE_OPENED)
		w.port = OPEN;
	else if (event == LIFE_NOT_OPENED || event == LIFE_CLOSED)
		w.port = CLOSED;
	w.hanging_up = w.hanging_up && w.life.state == LIFE_HANGUP && event != LIFE_HUNG_UP;
	need(&w, life_event(&w.life, event, &a, &todo), "cannot come");
	need(&w, todo.n <= LIFE_TODO, "too much to do");
	for (i = 0; i < todo.n; i++)
		one(&w, todo.list[i].what, wanted);
	if (w.life.failures > 1)
		w.life.failures = 1;
	n_steps++;
	check(&w);
	return w;
}

/* ---- all worlds ---- */

static unsigned
index_of(const struct world *w)
{
	const uint8_t *b = (const uint8_t *)w;
	uint64_t h = 14695981039346656037u;
	unsigned at;
	size_t i;

	for (i = 0; i < sizeof *w; i++)
		h = (h ^ b[i]) * 1099511628211u;
	for (at = (unsigned)(h >> 20) % WORLDS; nodes[at].used; at = (at + 1) % WORLDS)
		if (memcmp(&nodes[at].w, w, sizeof *w) == 0)
			return at;
	nodes[at].used = true;
	nodes[at].w = *w;
	order[n_nodes++] = at;
	ck_assert_msg(n_nodes < WORLDS / 2, "more worlds than expected");
	return at;
}

static void
reach(unsigned from, struct world to, bool by_itself)
{
	unsigned at = index_of(&to);
	struct node *n = &nodes[from];

	if (!by_itself)
		return;
	ck_assert_uint_lt(n->n_next, NEXT_MAX);
	n->next[n->n_next++] = at;
}

/* before: the world of `from`, or as it is when a word under way has been delivered. */
static void
event_in(unsigned from, const struct world *before, const char *name, enum life_event what, struct life_args a,
    bool by_itself)
{
	unsigned wanted;

	doing = name;
	for (wanted = 0; wanted < 2; wanted++)
		reach(from, after(before, what, a, wanted != 0), by_itself);
}

static void
event(unsigned from, const char *name, enum life_event what, struct life_args a, bool by_itself)
{
	struct world before = nodes[from].w;

	event_in(from, &before, name, what, a, by_itself);
}

#define NONE ((struct life_args){ .why = NULL })

static void
from_administrator(unsigned at, const struct world *w)
{
	struct world next;

	event(at, "disable", LIFE_DISABLE, NONE, false);
	event(at, "enable", LIFE_ENABLE, NONE, false);
	event(at, "changed", LIFE_CHANGED, NONE, false);
	event(at, "differently", LIFE_CHANGED, (struct life_args){ .differs = true }, false);
	event(at, "end", LIFE_END, NONE, false);
	if (!w->begun && w->life.state == LIFE_NEW) {
		next = *w;
		next.begun = true;
		event_in(at, &next, "begin", LIFE_BEGIN, NONE, false);
	}
	if (life_refuses_test(&w->life, w->seat == OWNED, "why") == NULL) {
		next = *w;
		next.test = true;
		event_in(at, &next, "test", LIFE_TEST, NONE, false);
	}
}

static void
from_port(unsigned at, const struct world *w)
{
	unsigned i;

	if (w->port == OPENING) {
		event(at, "opened", LIFE_OPENED, NONE, true);
		for (i = 0; i < 4; i++)
			event(at, "not opened", LIFE_NOT_OPENED,
			    (struct life_args){ .in_use = (i & 1) != 0, .away_over = (i & 2) != 0 }, (i & 2) != 0);
		event(at, "opening hangs", LIFE_STUCK, NONE, true);
	}
	if (w->port == CLOSING) {
		event(at, "closed", LIFE_CLOSED, NONE, true);
		event(at, "gone, closing", LIFE_GONE, NONE, false);
	}
	if (w->port != OPEN)
		return;
	event(at, "gone", LIFE_GONE, NONE, false);
	event(at, "hangs", LIFE_STUCK, NONE, true);
	if (w->life.state == LIFE_HANDOVER)
		event(at, "gone for a while", LIFE_GONE, (struct life_args){ .may_return = true }, false);
	if (w->hanging_up && w->life.state == LIFE_HANGUP)
		event(at, "hung up", LIFE_HUNG_UP, NONE, true);
}

static void
from_handover(unsigned at, const struct world *w)
{
	unsigned i;

	if (w->life.state != LIFE_HANDOVER)
		return;
	for (i = 0; i < 4; i++)
		event(at, "passed", LIFE_PASSED, (struct life_args){ .rings = w->life.modem && (i & 1) != 0,
		    .rang_long = (i & 2) != 0 }, true);
	event(at, "failed", LIFE_FAILED, NONE, true);
	event(at, "differs", LIFE_DIFFERS, NONE, false);
}

/* An owner, or who was to be one, leaves; who was refused by the line itself leaves then. */
static void
leaves(unsigned at, const struct world *w)
{
	struct world next = *w;

	doing = "leaves";
	next.grant = false;
	next.seat = HANDOVER;
	next.release = true;
	check(&next);
	reach(at, next, w->grant || !w->owner);
}

static void
from_arbiter(unsigned at, const struct world *w)
{
	struct world next = *w;

	if (w->seat == OWNED)
		leaves(at, w);
	if (w->seat == FREE) {
		doing = "claims";
		next.seat = w->life.shared ? HANDOVER : OWNED;
		next.prepare = w->life.shared;
		next.grant = !w->life.shared;
		check(&next);
		reach(at, next, false);
	}
	next = *w;
	next.grant = next.release = next.prepare = false;
	if (w->grant && w->life.state == LIFE_FREE)
		event_in(at, &next, "claim", LIFE_CLAIM, NONE, true);
	if (w->release)
		event_in(at, &next, "release", LIFE_RELEASE, NONE, true);
	if (w->prepare)
		event_in(at, &next, "prepare", LIFE_PREPARE, NONE, true);
}

static void
from_time(unsigned at, const struct world *w)
{
	enum life_state s = w->life.state;
	bool timed = s == LIFE_OUT || s == LIFE_RINGING || s == LIFE_QUARANTINE || s == LIFE_RESTING ||
	    s == LIFE_FOREIGN || s == LIFE_HANGUP || (s == LIFE_CLOSING && (w->life.preparing || w->life.away));

	if (timed)
		event(at, "time", LIFE_TIME, NONE, true);
	if (s == LIFE_RINGING)
		event(at, "time, and it rings", LIFE_TIME, (struct life_args){ .rang_long = true }, true);
	if (s == LIFE_OUT || s == LIFE_RESTING || s == LIFE_FOREIGN || s == LIFE_OPENING)
		event(at, "appeared", LIFE_APPEARED, NONE, true);
	if (w->life.modem && (s == LIFE_FREE || s == LIFE_RINGING)) {
		event(at, "ring", LIFE_RING, NONE, false);
		event(at, "ring for long", LIFE_RING, (struct life_args){ .rang_long = true }, false);
	}
}

static void
expand(unsigned at)
{
	struct world w = nodes[at].w;

	if (w.look) {
		event(at, "locked", LIFE_LOCKED, NONE, true);
		event(at, "unlocked", LIFE_UNLOCKED, NONE, true);
		event(at, "no device", LIFE_NO_DEVICE, NONE, true);
	} else if (w.unclaimed) {
		event(at, "unclaimed", LIFE_UNCLAIMED, NONE, true);
	} else {
		from_administrator(at, &w);
		from_port(at, &w);
		from_handover(at, &w);
		from_arbiter(at, &w);
		from_time(at, &w);
	}
}

static bool
is_end(const struct world *w)
{
	return w->seat == FREE || w->seat == OWNED || w->life.state == LIFE_DISABLED ||
	    w->life.state == LIFE_SHUT || w->life.state == LIFE_NEW;
}

/* Backwards from the ends, until nothing is new. */
static void
every_state_ends(void)
{
	bool news = true;
	unsigned i, k;

	for (i = 0; i < n_nodes; i++)
		nodes[order[i]].ends = is_end(&nodes[order[i]].w);
	while (news) {
		news = false;
		for (i = 0; i < n_nodes; i++) {
			struct node *n = &nodes[order[i]];

			for (k = 0; k < n->n_next && !n->ends; k++)
				if (nodes[n->next[k]].ends)
					n->ends = news = true;
		}
	}
	doing = "no end";
	for (i = 0; i < n_nodes; i++)
		need(&nodes[order[i]].w, nodes[order[i]].ends, "nothing leads on by itself");
}

START_TEST(whole)
{
	bool shared = (_i & 1) != 0, modem = (_i & 2) != 0, seen[LIFE_STATES] = { false };
	struct world first;
	unsigned i;

	nodes = calloc(WORLDS, sizeof *nodes);
	order = calloc(WORLDS, sizeof *order);
	ck_assert(nodes != NULL && order != NULL);
	n_nodes = 0;
	n_steps = 0;
	memset(&first, 0, sizeof first);
	life_init(&first.life, shared, modem);
	(void)index_of(&first);
	for (i = 0; i < n_nodes; i++) {
		expand(order[i]);
		seen[nodes[order[i]].w.life.state] = true;
	}
	every_state_ends();
	for (i = 0; i < LIFE_STATES; i++)
		ck_assert_msg(seen[i] || (!shared && (i == LIFE_RESTING || i == LIFE_FOREIGN)) ||
		    (!modem && i == LIFE_RINGING), "%s is never reached", life_state_name((enum life_state)i));
	printf("a line%s%s: %u situations, %zu events\n", modem ? " with a modem" : "",
	    shared ? ", shared with others on the host" : "", n_nodes, n_steps);
	fflush(stdout);
	free(nodes);
	free(order);
}
END_TEST

START_TEST(tests_refused)
{
	static const struct {
		enum life_state state;
		bool granted;
		const char *why;
	} cases[] = {
		{ LIFE_NEW, false, "it has not begun yet: the device is still being closed" },
		{ LIFE_FREE, false, NULL }, { LIFE_FREE, true, "it is in use" },
		{ LIFE_OWNED, true, "it is in use" }, { LIFE_RINGING, false, "it rings" },
		{ LIFE_FOREIGN, false, "reason" }, { LIFE_DISABLED, false, "reason" },
		{ LIFE_CLOSING, false, "it is being closed" }, { LIFE_HANGUP, false, "it is being closed" },
		{ LIFE_SHUT, false, "it is being closed" }, { LIFE_OUT, false, NULL },
		{ LIFE_OPENING, false, NULL }, { LIFE_HANDOVER, false, NULL },
		{ LIFE_QUARANTINE, false, NULL }, { LIFE_RESTING, false, NULL },
	};
	struct life l;
	const char *why;

	life_init(&l, false, true);
	l.state = cases[_i].state;
	why = life_refuses_test(&l, cases[_i].granted, "reason");
	ck_assert_pstr_eq(why, cases[_i].why);
	l.testing = true;
	ck_assert_str_eq(life_refuses_test(&l, cases[_i].granted, "reason"), "it is being tested already");
}
END_TEST

/* A modem that left the bus in its hand-over, and does not come back: by that reason it is out of service, whether
 * its driver lets go of it or not. */
START_TEST(left_the_bus)
{
	static const enum life_event closed[] = { LIFE_CLOSED, LIFE_TIME, LIFE_NOT_OPENED }, stuck[] = { LIFE_TIME };
	const enum life_event *events = _i == 0 ? closed : stuck;
	size_t n = _i == 0 ? 3 : 1, i;
	const char *why = NULL;
	struct life_todo todo;
	struct life l;

	life_init(&l, false, true);
	l.state = LIFE_HANDOVER;
	l.testing = true;
	ck_assert(life_event(&l, LIFE_GONE, &(struct life_args){ .why = "device gone", .may_return = true }, &todo));
	ck_assert(l.away && l.state == LIFE_CLOSING);
	for (i = 0; i < n; i++)
		ck_assert(life_event(&l, events[i], &(struct life_args){ .why = "no device", .away_over = true }, &todo));
	for (i = 0; i < todo.n; i++)
		if (todo.list[i].what == LIFE_DO_REASON || todo.list[i].what == LIFE_DO_MEANT || todo.list[i].what == LIFE_DO_TESTED) {
			why = todo.list[i].why;
			ck_assert_str_eq(why, "it left the bus");
		}
	ck_assert_ptr_nonnull(why);
	ck_assert(!l.away && !l.testing && l.told_out);
}
END_TEST

/* What cannot come changes nothing, and says so. */
START_TEST(impossible)
{
	static const enum life_event events[] = { LIFE_OPENED, LIFE_CLOSED, LIFE_PASSED, LIFE_CLAIM, LIFE_BEGIN };
	struct life l, before;
	struct life_todo todo;

	life_init(&l, false, true);
	l.state = LIFE_OWNED;
	before = l;
	ck_assert(!life_event(&l, events[_i], &NONE, &todo));
	ck_assert_mem_eq(&l, &before, sizeof l);
	ck_assert_uint_eq(todo.n, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("life");
	TCase *tc = tcase_create("explored");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, whole, 0, 4);
	tcase_add_loop_test(tc, tests_refused, 0, 15);
	tcase_add_loop_test(tc, left_the_bus, 0, 2);
	tcase_add_loop_test(tc, impossible, 0, 5);
	suite_add_tcase(s, tc);
	return unit_run(s);
}
