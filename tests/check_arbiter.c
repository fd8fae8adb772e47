/*
 * One service: who gets a line, who waits, who is refused, and who comes after whom.
 */
#include <stdio.h>

#include "arbiterscript.h"
#include "identities.h"
#include "sharing/arbiter.h"
#include "unit.h"

static const struct arbiterscript scripts[] = {
	{ "a claim in each state of its line", {
		{ "lines 1 1", "" }, { "state 1", "out" },
		{ "a claims 1", "OUT a 1" },
		{ "1 found", "" }, { "state 1", "handover" },
		{ "a claims 1", "HELD a 1" },
		{ "a leaves", "" },
		{ "1 ready", "" }, { "state 1", "free" },
		{ "a claims 1", "GRANT a 1" }, { "state 1", "owned" },
		{ "b claims 1", "BUSY b" },
		{ "a ends", "" },
		{ "b claims 1", "HELD b 1, CONTENDED 1" },
		{ "a leaves", "START 1" },
		{ "1 ready", "GRANT b 1" },
		{ "b leaves", "START 1" },
		{ "1 out", "" }, { "state 1", "out" },
	} },
	{ "news of a line in the wrong state are nothing", {
		{ "lines 1 1", "" },
		{ "1 ready", "" }, { "state 1", "out" },
		{ "1 unready", "" }, { "state 1", "out" },
		{ "1 out", "" }, { "state 1", "out" },
		{ "1 found", "" }, { "1 found", "" }, { "1 unready", "" }, { "state 1", "handover" },
		{ "1 ready", "" }, { "1 ready", "" }, { "1 found", "" }, { "state 1", "free" },
		{ "a claims 1", "GRANT a 1" },
		{ "1 found", "" }, { "1 unready", "" }, { "1 ready", "" }, { "1 out", "" },
		{ "state 1", "owned" },
		{ "a leaves", "START 1" }, { "a leaves", "" }, { "a ends", "" },
		{ "1 out", "" }, { "1 unready", "" }, { "state 1", "out" },
	} },
	{ "a free line that goes out; one that rings", {
		{ "lines 1 1", "" }, { "1 opens", "" },
		{ "1 out", "" }, { "a claims 1", "OUT a 1" },
		{ "1 opens", "" }, { "1 unready", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" },
		{ "1 ready", "GRANT a 1, BUSY b" },
	} },
	{ "a second claim is nothing", {
		{ "lines 1 12", "" }, { "1 opens", "" }, { "2 found", "" },
		{ "a claims 1", "GRANT a 1" }, { "a claims 1", "" },
		{ "b claims 1", "HELD b 1, CONTENDED 1" }, { "b claims 1", "" },
		{ "2 ready", "GRANT b 2, UNCONTENDED 1" },
		{ "users 1", "2" }, { "a leaves", "START 1" }, { "b leaves", "START 2" }, { "users 1", "0" },
	} },
	{ "an ending owner that owns nothing", {
		{ "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "HELD a 1" }, { "a ends", "" }, { "b ends", "" },
		{ "1 ready", "GRANT a 1" }, { "b claims 1", "BUSY b" },
		{ "a ends", "" }, { "a ends", "" },
		{ "b claims 1", "HELD b 1, CONTENDED 1" },
		{ "a leaves", "START 1" }, { "1 ready", "GRANT b 1" },
		{ "c claims 1", "BUSY c" },
	} },
	{ "first come, first served; they move up", {
		{ "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" }, { "c claims 1", "HELD c 3" },
		{ "d claims 1", "HELD d 4" },
		{ "b leaves", "HELD c 2, HELD d 3" },
		{ "d leaves", "" },
		{ "a leaves", "HELD c 1" },
		{ "1 ready", "GRANT c 1" },
	} },
	{ "held until no hand-over is going on", {
		{ "lines 1 12", "" }, { "1 found", "" }, { "2 found", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" }, { "c claims 1", "HELD c 3" },
		{ "2 ready", "GRANT a 2, HELD b 1, HELD c 2, CONTENDED 2" },
		{ "1 out", "BUSY b, BUSY c, UNCONTENDED 2" },
		{ "1 found", "" },
		{ "b claims 1", "HELD b 1, CONTENDED 2" }, { "c claims 1", "HELD c 2" },
		{ "1 ready", "GRANT b 1, BUSY c, UNCONTENDED 2" },
	} },
	{ "queue-limit of the held", {
		{ "rules 1 limit 2", "" }, { "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" }, { "c claims 1", "FULL c 2" },
		{ "a leaves", "HELD b 1" },
		{ "c claims 1", "HELD c 2" }, { "d claims 1", "FULL d 2" },
		{ "rules 1 limit 3", "" }, { "d claims 1", "HELD d 3" },
		{ "rules 1 limit 1", "" }, { "e claims 1", "FULL e 3" },
		{ "1 ready", "GRANT b 1, BUSY c, BUSY d" },
	} },
	{ "queue-limit 0", {
		{ "rules 1 limit 0", "" }, { "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "FULL a" },
		{ "1 ready", "" }, { "a claims 1", "GRANT a 1" }, { "b claims 1", "BUSY b" },
		{ "rules 1 queue limit 0", "" }, { "b claims 1", "FULL b" },
	} },
	{ "busy = queue", {
		{ "rules 1 queue limit 3", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" },
		{ "b claims 1", "WAIT b 1, CONTENDED 1" }, { "c claims 1", "WAIT c 2" },
		{ "d claims 1", "WAIT d 3" }, { "e claims 1", "FULL e 3" },
		{ "a leaves", "START 1" },
		{ "1 ready", "GRANT b 1, WAIT c 1, WAIT d 2, CONTENDED 1" },
		{ "c leaves", "WAIT d 1" },
		{ "d leaves", "UNCONTENDED 1" },
		{ "due", "never" },
	} },
	{ "held, then queued", {
		{ "rules 1 queue", "" }, { "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" }, { "c claims 1", "HELD c 3" },
		{ "1 ready", "GRANT a 1, WAIT b 1, WAIT c 2, CONTENDED 1" },
		{ "d claims 1", "WAIT d 3" },
		{ "a leaves", "START 1" },
		{ "e claims 1", "HELD e 4" },
		{ "1 ready", "GRANT b 1, WAIT c 1, WAIT d 2, WAIT e 3, CONTENDED 1" },
	} },
	{ "queue-wait ends", {
		{ "rules 1 queue wait 1000", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "at 100", "" }, { "due", "never" },
		{ "a claims 1", "GRANT a 1" }, { "due", "never" },
		{ "b claims 1", "WAIT b 1, CONTENDED 1" }, { "due", "1100" },
		{ "at 300", "" }, { "c claims 1", "WAIT c 2" }, { "due", "1100" },
		{ "d claims 1", "WAIT d 3" },
		{ "at 1099", "" },
		{ "at 1100", "WAITED b, WAIT c 1, WAIT d 2" }, { "due", "1300" },
		{ "c leaves", "WAIT d 1" }, { "due", "1300" },
		{ "at 9999", "WAITED d, UNCONTENDED 1" }, { "due", "never" },
	} },
	{ "queue-wait of who gets a line, and during a hand-over", {
		{ "rules 1 queue wait 1000", "" }, { "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" },
		{ "at 500", "" }, { "c claims 1", "HELD c 3" },
		{ "1 ready", "GRANT a 1, WAIT b 1, WAIT c 2, CONTENDED 1" }, { "due", "1000" },
		{ "a leaves", "START 1" },
		{ "at 1000", "WAITED b, WAIT c 1" }, { "due", "1500" },
		{ "1 ready", "GRANT c 1" }, { "due", "never" },
	} },
	{ "no queue-wait for the held of busy = refuse", {
		{ "rules 1 wait 1000", "" }, { "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "HELD a 1" }, { "due", "never" }, { "at 5000", "" },
		{ "1 ready", "GRANT a 1" },
	} },
	{ "queue-waits of several lengths", {
		{ "rules 1 queue wait 900", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" },
		{ "b claims 1", "WAIT b 1, CONTENDED 1" },
		{ "rules 1 queue wait 300", "" }, { "c claims 1", "WAIT c 2" }, { "due", "300" },
		{ "rules 1 queue wait 600", "" }, { "d claims 1", "WAIT d 3" },
		{ "rules 1 queue", "" }, { "e claims 1", "WAIT e 4" },
		{ "rules 1 queue wait 300", "" }, { "f claims 1", "WAIT f 5" },
		{ "f leaves", "" },
		{ "at 300", "WAITED c, WAIT d 2, WAIT e 3" }, { "due", "600" },
		{ "at 600", "WAITED d, WAIT e 2" }, { "at 900", "WAITED b, WAIT e 1" },
		{ "due", "never" },
	} },
	{ "out of service with waiters", {
		{ "rules 1 queue wait 50", "" }, { "lines 1 12", "" }, { "1 opens", "" }, { "2 found", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 1", "HELD b 1, CONTENDED 1" },
		{ "c claims 1", "HELD c 2" },
		{ "2 out", "WAIT b 1, WAIT c 2" },
		{ "a leaves", "START 1" },
		{ "1 out", "OUT b 1, OUT c 1" }, { "due", "never" },
		{ "d claims 1", "OUT d 1" },
		{ "2 opens", "" }, { "d claims 1", "GRANT d 2" },
	} },
	{ "one place for each identity", {
		{ "identity b 100", "" }, { "identity x 0", "" }, { "identity y 0", "" },
		{ "rules 1 queue limit 4", "" }, { "lines 1 12", "" }, { "1 opens", "" },
		{ "z claims 1", "GRANT z 1" },
		{ "a claims 1", "WAIT a 1, CONTENDED 1" }, { "b claims 1", "TWICE b" },
		{ "x claims 1", "WAIT x 2" }, { "y claims 1", "WAIT y 3" }, { "c claims 1", "WAIT c 4" },
		{ "b claims 1", "TWICE b" }, { "d claims 1", "FULL d 4" },
		{ "2 opens", "GRANT a 2, WAIT x 1, WAIT y 2, WAIT c 3, CONTENDED 2" },
		{ "b claims 1", "WAIT b 4" }, /* an owner may wait for a second line */
	} },
	{ "a take-over comes before the queue, and beyond its limit", {
		{ "identity b 100", "" }, { "rules 1 queue limit 1 cool-down 1000", "" },
		{ "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "c claims 1", "WAIT c 1, CONTENDED 1" },
		{ "d claims 1", "FULL d 1" },
		{ "b takes a 1", "over, HELD b 1, WAIT c 2, START 1" },
		{ "a leaves", "" }, /* it had to go already */
		{ "1 ready", "GRANT b 1, WAIT c 1, CONTENDED 1" },
		{ "b leaves", "START 1" }, { "1 ready", "GRANT c 1" },
	} },
	{ "a take-over where nobody may wait, and through another service", {
		{ "rules 1 limit 0", "" }, { "rules 2 queue", "" },
		{ "lines 1 1", "" }, { "lines 2 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "c claims 2", "WAIT c 1, CONTENDED 1" },
		{ "b takes a 1", "over, HELD b 1, START 1" },
		{ "1 ready", "GRANT b 1, CONTENDED 1" },
		{ "d takes b 1", "over, HELD d 1, START 1" }, { "1 out", "OUT c 1, OUT d 1" },
	} },
	{ "who waits already takes nothing over", {
		{ "identity b 100", "" }, { "identity d 100", "" }, { "rules 1 queue", "" },
		{ "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 1", "WAIT b 1, CONTENDED 1" },
		{ "d takes a 1", "not" }, { "d claims 1", "TWICE d" },
		{ "a leaves", "START 1" }, { "1 ready", "GRANT b 1" },
	} },
	{ "nothing is taken over in a service without lines: he would wait for ever", {
		{ "lines 1 1", "" }, { "1 opens", "" }, { "a claims 1", "GRANT a 1" },
		{ "lines 1 -", "" },
		{ "b takes a 1", "not" }, { "b claims 1", "GONE b" }, { "state 1", "owned" },
	} },
	{ "the identity of who is held", {
		{ "identity b 100", "" }, { "lines 1 1", "" }, { "1 found", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "TWICE b" },
		{ "1 ready", "GRANT a 1" }, { "b claims 1", "BUSY b" },
	} },
	{ "cool-down", {
		{ "rules 1 queue cool-down 1000", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 1", "WAIT b 1, CONTENDED 1" },
		{ "a cut", "START 1" },
		{ "a claims 1", "HELD a 2" }, /* behind b */
		{ "c claims 1", "HELD c 2, HELD a 3" },
		{ "1 ready", "GRANT b 1, WAIT c 1, WAIT a 2, CONTENDED 1" },
		{ "at 999", "" }, { "d claims 1", "WAIT d 2, WAIT a 3" },
		{ "at 1000", "" }, { "e claims 1", "WAIT e 4" }, /* it is over; nobody is moved */
		{ "d leaves", "WAIT a 2, WAIT e 3" },
	} },
	{ "alone, one who cools down is as anybody", {
		{ "rules 1 queue cool-down 1000", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "1 ready", "" }, { "a claims 1", "GRANT a 1" },
		{ "a cut", "START 1" }, { "a claims 1", "HELD a 1" }, { "1 ready", "GRANT a 1" },
	} },
	{ "who leaves by itself does not cool down", {
		{ "rules 1 queue cool-down 1000", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a leaves", "START 1" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" },
		{ "b cut", "" }, { "b claims 1", "HELD b 2" }, /* waited only */
		{ "c claims 1", "HELD c 3" },
	} },
	{ "nor who has no identity", {
		{ "identity a 0", "" }, { "rules 1 queue cool-down 1000", "" }, { "lines 1 1", "" },
		{ "1 opens", "" }, { "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" },
	} },
	{ "several that cool down", {
		{ "rules 1 queue cool-down 1000", "" }, { "lines 1 12", "" }, { "1 opens", "" }, { "2 opens", "" },
		{ "b claims 1", "GRANT b 1" }, { "a claims 1", "GRANT a 2" },
		{ "b cut", "START 1" }, { "at 500", "" }, { "a cut", "START 2" },
		{ "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 2" }, /* among them: by arrival */
		{ "c claims 1", "HELD c 1, HELD a 2, HELD b 3" },
		{ "at 1000", "" },
		{ "d claims 1", "HELD d 4" }, /* b does not cool any more, and nobody passes it */
		{ "1 ready", "GRANT c 1, HELD a 1, HELD b 2, HELD d 3, CONTENDED 1" },
	} },
	{ "cut again: the later end counts", {
		{ "rules 1 queue cool-down 1000", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" }, { "1 ready", "" },
		{ "at 600", "" }, { "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "at 1599", "" }, { "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 1, HELD a 2" },
		{ "b leaves", "HELD a 1" }, { "at 1600", "" }, { "b claims 1", "HELD b 2" },
		{ "rules 1 queue cool-down 10", "" }, { "1 ready", "GRANT a 1, WAIT b 1, CONTENDED 1" },
		{ "a cut", "START 1" }, { "at 1610", "" }, { "a claims 1", "HELD a 2" },
	} },
	{ "cut again by new rules: the later end counts, too", {
		{ "rules 1 queue cool-down 1000", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" }, { "1 ready", "" },
		{ "rules 1 queue cool-down 10", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "at 999", "" }, { "a claims 1", "HELD a 1" }, { "b claims 1", "HELD b 1, HELD a 2" },
	} },
	{ "an earlier queue-wait behind a later one", {
		{ "rules 1 queue wait 1000 cool-down 5000", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "a claims 1", "HELD a 1" }, { "at 400", "" },
		{ "b claims 1", "HELD b 1, HELD a 2" }, { "due", "1000" },
		{ "at 1000", "WAITED a" }, { "due", "1400" }, { "at 1400", "WAITED b" },
	} },
	{ "what is outdated is not given out", {
		{ "rules 1 queue", "" }, { "lines 1 1", "" }, { "1 found", "" },
		{ "later a claims 1", "" }, { "later b claims 1", "" },
		{ "later c claims 1", "" }, { "later a leaves", "" },
		{ "users 1", "2, HELD b 1, HELD c 2" },
		{ "later 1 ready", "" }, { "later b leaves", "" },
		{ "1 out", "OUT c 1" }, /* b had it, and never knew */
		{ "later d claims 1", "" }, { "later d claims 1", "" },
		{ "d leaves", "" }, { "users 1", "0" },
	} },
	{ "an owner knows before others hear of it", {
		{ "lines 1 1", "" }, { "1 found", "" }, { "a claims 1", "HELD a 1" },
		{ "later b claims 1", "" }, { "later c claims 1", "" },
		{ "1 ready", "GRANT a 1, BUSY b, BUSY c" },
	} },
};

START_TEST(plays)
{
	arbiterscript_run(&scripts[_i]);
}
END_TEST

/* Many cut owners, one after the other, on a line of their own. */
static void
cut(struct arbiter *a, struct arbiter_line *line, struct arbiter_service *s, uint64_t identity, msec_t now)
{
	struct arbiter_action action;
	struct arbiter_client c;

	client_of(&c, identity);
	arbiter_claim(a, s, &c, &s->rules, now);
	arbiter_leave(a, &c, true, now);
	arbiter_ready(a, line, now);
	while (arbiter_next(a, &action))
		;
}

/* The table of who cools down is full: who would be the first to be done with it comes off. */
START_TEST(cooling_is_bounded)
{
	static struct arbiter a;
	struct arbiter_rules rules = { .queue = true, .limit = 9, .cool_down = 1000 };
	struct arbiter_client owner, early, second, late, other;
	struct arbiter_member member;
	struct arbiter_service s;
	struct arbiter_line line;
	uint64_t i;

	member.line = &line;
	arbiter_init(&a);
	arbiter_line_init(&line, false);
	arbiter_service_init(&s, &rules);
	arbiter_service_lines(&a, &s, &member, 1);
	arbiter_found(&line);
	arbiter_ready(&a, &line, (msec_t){ 0 });
	for (i = 0; i <= ARBITER_COOLING_MAX; i++)
		cut(&a, &line, &s, 1 + i, (msec_t){ (int64_t)i });
	rules.cool_down = 1; /* ends sooner than all: it is the one that is not kept */
	arbiter_service_rules(&s, &rules);
	cut(&a, &line, &s, 7777, (msec_t){ 500 });
	client_of(&owner, 0);
	client_of(&early, 1);
	client_of(&second, 2);
	client_of(&late, 1 + ARBITER_COOLING_MAX);
	client_of(&other, 7777);
	arbiter_claim(&a, &s, &owner, &rules, (msec_t){ 500 });
	arbiter_claim(&a, &s, &second, &rules, (msec_t){ 500 });
	arbiter_claim(&a, &s, &late, &rules, (msec_t){ 500 });
	arbiter_claim(&a, &s, &early, &rules, (msec_t){ 500 });
	arbiter_claim(&a, &s, &other, &rules, (msec_t){ 500 });
	ck_assert_uint_eq(early.number, 1);
	ck_assert_uint_eq(other.number, 2);
	ck_assert_uint_eq(second.number, 3);
	ck_assert_uint_eq(late.number, 4);
}
END_TEST

/* Who came before the service's rules changed brings those of its time: may it wait, among how many, how long? */
START_TEST(waits_by_its_own_rules)
{
	static struct arbiter a;
	struct arbiter_rules now = { .queue = true, .limit = 2, .wait = 9 };
	struct arbiter_rules at_once = { .limit = 2 }, alone = { .queue = true, .limit = 1 };
	struct arbiter_rules longer = { .queue = true, .limit = 2, .wait = 50 };
	struct arbiter_client owner, hasty, patient, third;
	struct arbiter_member member;
	struct arbiter_action action;
	struct arbiter_service s;
	struct arbiter_line line;

	member.line = &line;
	arbiter_init(&a);
	arbiter_line_init(&line, false);
	arbiter_service_init(&s, &now);
	arbiter_service_lines(&a, &s, &member, 1);
	arbiter_found(&line);
	arbiter_ready(&a, &line, (msec_t){ 0 });
	client_of(&owner, 0);
	client_of(&hasty, 0);
	client_of(&patient, 0);
	client_of(&third, 0);
	arbiter_claim(&a, &s, &owner, &now, (msec_t){ 0 });
	ck_assert(arbiter_next(&a, &action) && action.what == ARBITER_GRANT);
	arbiter_claim(&a, &s, &hasty, &at_once, (msec_t){ 0 });
	ck_assert(arbiter_next(&a, &action) && action.what == ARBITER_REFUSE_BUSY);
	arbiter_claim(&a, &s, &patient, &longer, (msec_t){ 0 });
	ck_assert_int_eq(arbiter_due(&a).v, 50);
	while (arbiter_next(&a, &action))
		;
	arbiter_claim(&a, &s, &third, &alone, (msec_t){ 0 });
	ck_assert(arbiter_next(&a, &action) && action.what == ARBITER_REFUSE_FULL);
}
END_TEST

/* As many as may be: the ends of their waits come in order, whatever the order of arrival and leaving. */
START_TEST(many_wait)
{
	enum { MANY = 1000 };
	static struct arbiter_client clients[MANY];
	static struct arbiter a;
	struct arbiter_rules rules = { .queue = true, .limit = MANY };
	struct arbiter_action action;
	struct arbiter_member member;
	struct arbiter_service s;
	struct arbiter_line line;
	msec_t due, before = { 0 };
	size_t i, left = MANY;

	member.line = &line;
	arbiter_init(&a);
	arbiter_line_init(&line, false);
	arbiter_service_init(&s, &rules);
	arbiter_service_lines(&a, &s, &member, 1);
	arbiter_found(&line);
	for (i = 0; i < MANY; i++) {
		rules.wait = 1 + (int64_t)(i * 7919 % MANY);
		arbiter_service_rules(&s, &rules);
		client_of(&clients[i], 1 + i);
		arbiter_claim(&a, &s, &clients[i], &rules, (msec_t){ 0 });
	}
	for (i = 0; i < MANY; i += 3, left--)
		arbiter_leave(&a, &clients[i], false, (msec_t){ 0 });
	while (arbiter_next(&a, &action))
		ck_assert_int_eq(action.what, ARBITER_WAIT);
	while (!msec_is_never(due = arbiter_due(&a))) {
		ck_assert(msec_before(before, due));
		arbiter_time(&a, before = due);
		ck_assert_uint_eq(arbiter_service_waiting(&s), --left);
	}
	ck_assert_uint_eq(left, 0);
	while (arbiter_next(&a, &action))
		ck_assert_int_eq(action.what, ARBITER_REFUSE_WAITED);
	ck_assert_uint_eq(arbiter_service_users(&s), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arbiter");
	TCase *tc = tcase_create("arbiter");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, plays, 0, sizeof scripts / sizeof scripts[0]);
	tcase_add_test(tc, cooling_is_bounded);
	tcase_add_test(tc, waits_by_its_own_rules);
	tcase_add_test(tc, many_wait);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
