/*
 * Several lines and services: which line is picked, who comes first between services, contention,
 * lines that are shared with the host, and changes of the configuration.
 */
#include "arbiterscript.h"
#include "unit.h"

static const struct arbiterscript scripts[] = {
	{ "pick = first", {
		{ "lines 1 312", "" }, { "1 opens", "" }, { "2 opens", "" }, { "3 opens", "" },
		{ "a claims 1", "GRANT a 3" }, { "b claims 1", "GRANT b 1" }, { "c claims 1", "GRANT c 2" },
		{ "a leaves", "START 3" }, { "3 ready", "" }, { "b leaves", "START 1" }, { "1 ready", "" },
		{ "d claims 1", "GRANT d 3" }, { "e claims 1", "GRANT e 1" }, { "f claims 1", "BUSY f" },
	} },
	{ "pick = round-robin", {
		{ "rules 1 round-robin", "" }, { "lines 1 1234", "" },
		{ "1 opens", "" }, { "2 opens", "" }, { "3 opens", "" }, { "4 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a leaves", "START 1" }, { "1 ready", "" },
		{ "a claims 1", "GRANT a 2" }, { "a leaves", "START 2" }, { "2 ready", "" },
		{ "3 out", "" }, { "a claims 1", "GRANT a 4" }, { "b claims 1", "GRANT b 1" },
		{ "b leaves", "START 1" }, { "1 ready", "" }, { "3 opens", "" },
		{ "b claims 1", "GRANT b 2" }, { "c claims 1", "GRANT c 3" }, { "d claims 1", "GRANT d 1" },
	} },
	{ "round-robin counts what waiters were given, for each service by itself", {
		{ "rules 1 round-robin", "" }, { "rules 2 round-robin", "" },
		{ "lines 1 123", "" }, { "lines 2 123", "" }, { "2 found", "" },
		{ "a claims 1", "HELD a 1" }, { "2 ready", "GRANT a 2" },
		{ "1 opens", "" }, { "3 opens", "" },
		{ "b claims 1", "GRANT b 3" }, { "b leaves", "START 3" }, { "3 ready", "" },
		{ "c claims 2", "GRANT c 1" },
	} },
	{ "pick = least-used", {
		{ "rules 1 least-used", "" }, { "lines 1 123", "" }, { "lines 2 2", "" },
		{ "1 opens", "" }, { "2 opens", "" }, { "3 opens", "" },
		{ "x claims 2", "GRANT x 2" }, { "x leaves", "START 2" }, { "2 ready", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 1", "GRANT b 3" }, { "a leaves", "START 1" },
		{ "1 ready", "" },
		{ "a claims 1", "GRANT a 1" }, { "c claims 1", "GRANT c 2" }, { "b leaves", "START 3" },
		{ "3 ready", "" }, { "a leaves", "START 1" }, { "1 ready", "" }, /* 2, 2, 1 so far */
		{ "a claims 1", "GRANT a 3" },
	} },
	{ "a free line before one in hand-over before waiting", {
		{ "rules 1 queue", "" }, { "lines 1 12", "" }, { "1 found", "" }, { "2 opens", "" },
		{ "a claims 1", "GRANT a 2" }, { "b claims 1", "HELD b 1, CONTENDED 2" },
		{ "1 ready", "GRANT b 1, UNCONTENDED 2" }, { "c claims 1", "WAIT c 1, CONTENDED 1, CONTENDED 2" },
	} },
	{ "the longest wait between services", {
		{ "rules 1 queue", "" }, { "rules 2 queue", "" }, { "lines 1 12", "" }, { "lines 2 2", "" },
		{ "1 opens", "" }, { "2 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 2", "GRANT b 2" },
		{ "c claims 2", "WAIT c 1, CONTENDED 2" }, { "d claims 1", "WAIT d 1, CONTENDED 1" },
		{ "e claims 2", "WAIT e 2" }, { "f claims 1", "WAIT f 2" },
		{ "a leaves", "START 1" }, { "b leaves", "START 2" },
		{ "2 ready", "GRANT c 2, WAIT e 1, CONTENDED 2" },
		{ "1 ready", "GRANT d 1, WAIT f 1, CONTENDED 1" },
		{ "c leaves", "START 2" }, { "2 ready", "GRANT e 2, CONTENDED 2" },
		{ "e leaves", "START 2" }, { "2 ready", "GRANT f 2, UNCONTENDED 1" },
	} },
	{ "who cools down loses between services", {
		{ "rules 1 queue cool-down 1000", "" }, { "rules 2 queue", "" }, { "rules 3 queue cool-down 500", "" },
		{ "lines 1 1", "" }, { "lines 2 1", "" }, { "lines 3 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "a claims 1", "HELD a 1" }, { "b claims 2", "HELD b 1" },
		{ "1 ready", "GRANT b 1, WAIT a 1, CONTENDED 1" },
		{ "at 999", "" }, { "c claims 3", "WAIT c 1" }, { "d claims 3", "WAIT d 2" },
		{ "b leaves", "START 1" }, { "1 ready", "GRANT c 1, WAIT d 1, CONTENDED 1" },
		{ "c leaves", "START 1" }, { "at 1000", "" }, { "1 ready", "GRANT a 1, CONTENDED 1" },
	} },
	{ "two that cool down, between services", {
		{ "rules 1 cool-down 1000", "" }, { "rules 2 cool-down 1000", "" },
		{ "lines 1 123", "" }, { "lines 2 123", "" }, { "1 opens", "" }, { "2 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 2", "GRANT b 2" },
		{ "a cut", "START 1" }, { "b cut", "START 2" },
		{ "b claims 1", "HELD b 1" }, { "a claims 2", "HELD a 1" },
		{ "1 ready", "GRANT b 1, CONTENDED 1" }, { "2 ready", "GRANT a 2, UNCONTENDED 1" },
	} },
	{ "a cool-down holds in other services that have one", {
		{ "rules 1 cool-down 1000", "" }, { "rules 2 cool-down 1", "" }, { "rules 3", "" },
		{ "lines 1 1", "" }, { "lines 2 2", "" }, { "lines 3 3", "" },
		{ "1 opens", "" }, { "2 found", "" }, { "3 found", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "a claims 2", "HELD a 1" }, { "b claims 2", "HELD b 1, HELD a 2" }, { "a leaves", "" },
		{ "a claims 3", "HELD a 1" }, { "c claims 3", "HELD c 2" },
	} },
	{ "no cool-down, no mark", {
		{ "rules 2 cool-down 1000", "" }, { "lines 1 1", "" }, { "lines 2 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a cut", "START 1" },
		{ "a claims 2", "HELD a 1" }, { "b claims 2", "HELD b 2" },
	} },
	{ "each service refuses by its own rules", {
		{ "rules 1 queue", "" }, { "lines 1 1", "" }, { "lines 2 12", "" }, { "1 found", "" },
		{ "a claims 2", "HELD a 1" }, { "b claims 1", "HELD b 1" }, { "c claims 2", "HELD c 2" },
		{ "1 ready", "GRANT a 1, BUSY c, WAIT b 1, CONTENDED 1" },
		{ "a leaves", "START 1" }, { "c claims 2", "HELD c 1" },
		{ "1 out", "OUT c 1, OUT b 1" },
	} },
	{ "every line out, of one service only", {
		{ "lines 1 1", "" }, { "lines 2 12", "" }, { "1 found", "" }, { "2 found", "" },
		{ "a claims 1", "HELD a 1" }, { "b claims 2", "HELD b 1" },
		{ "1 out", "OUT a 1" }, { "c claims 1", "OUT c 1" }, { "2 ready", "GRANT b 2" },
		{ "c claims 2", "BUSY c" },
	} },
	{ "contention over services", {
		{ "rules 1 queue", "" }, { "rules 2 queue", "" }, { "rules 3 queue", "" },
		{ "lines 1 12", "" }, { "lines 2 2", "" }, { "lines 3 3", "" },
		{ "1 opens", "" }, { "2 opens", "" }, { "3 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 2", "GRANT b 2" }, { "c claims 3", "GRANT c 3" },
		{ "d claims 2", "WAIT d 1, CONTENDED 2" }, { "e claims 1", "WAIT e 1, CONTENDED 1" },
		{ "d leaves", "" }, { "f claims 1", "WAIT f 2" }, { "e leaves", "WAIT f 1" },
		{ "f leaves", "UNCONTENDED 1, UNCONTENDED 2" },
		{ "g claims 3", "WAIT g 1, CONTENDED 3" },
	} },
	{ "contention that comes and goes unseen is not told", {
		{ "rules 1 queue", "" }, { "lines 1 1", "" }, { "1 opens", "" }, { "a claims 1", "GRANT a 1" },
		{ "later b claims 1", "" }, { "b leaves", "" },
		{ "later b claims 1", "" }, { "later a leaves", "" },
		{ "1 ready", "GRANT b 1" },
	} },
	{ "a closed line", {
		{ "shared 1", "" }, { "lines 1 1", "" }, { "1 opens", "" }, { "state 1", "free" },
		{ "a claims 1", "HELD a 1, PREPARE 1" }, { "state 1", "handover" },
		{ "b claims 1", "HELD b 2" },
		{ "1 ready", "GRANT a 1, BUSY b" },
		{ "a ends", "" }, { "b claims 1", "HELD b 1, CONTENDED 1" },
		{ "a leaves", "START 1" }, { "1 ready", "GRANT b 1" }, /* not closed between two */
		{ "b leaves", "START 1" }, { "1 ready", "" }, { "state 1", "free" },
		{ "c claims 1", "HELD c 1, PREPARE 1" }, { "c leaves", "" }, { "1 ready", "" },
		{ "state 1", "free" },
		{ "c claims 1", "HELD c 1, PREPARE 1" }, { "1 out", "OUT c 1" },
		{ "1 found", "" }, { "c claims 1", "HELD c 1" },
	} },
	{ "a closed line with queue-limit 0", {
		{ "rules 1 limit 0", "" }, { "shared 1", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "HELD a 1, PREPARE 1" }, { "b claims 1", "FULL b 1" }, { "1 ready", "GRANT a 1" },
	} },
	{ "open ones before closed ones, closed ones before one in hand-over", {
		{ "shared 1", "" }, { "shared 3", "" }, { "lines 1 1234", "" },
		{ "1 opens", "" }, { "2 opens", "" }, { "3 opens", "" }, { "4 found", "" },
		{ "a claims 1", "GRANT a 2" },
		{ "b claims 1", "HELD b 1, PREPARE 1, CONTENDED 2" },
		{ "c claims 1", "HELD c 2, PREPARE 3" },
		{ "4 ready", "GRANT b 4, HELD c 1, CONTENDED 4" },
		{ "1 ready", "GRANT c 1, UNCONTENDED 2, UNCONTENDED 4" },
		{ "3 ready", "" }, { "state 3", "free" },
	} },
	{ "the next closed one when preparing fails", {
		{ "shared 1", "" }, { "shared 2", "" }, { "lines 1 12", "" }, { "1 opens", "" }, { "2 opens", "" },
		{ "a claims 1", "HELD a 1, PREPARE 1" }, { "1 out", "PREPARE 2" }, { "2 ready", "GRANT a 2" },
	} },
	{ "preparing that another service's client gets", {
		{ "shared 1", "" }, { "shared 2", "" }, { "rules 1 queue", "" }, { "rules 2 queue", "" },
		{ "lines 1 12", "" }, { "lines 2 2", "" }, { "2 opens", "" },
		{ "x claims 2", "HELD x 1, PREPARE 2" }, { "2 ready", "GRANT x 2" },
		{ "y claims 2", "WAIT y 1, CONTENDED 2" }, { "1 opens", "" },
		{ "a claims 1", "HELD a 1, PREPARE 1" }, { "x leaves", "START 2" },
		{ "2 ready", "GRANT y 2, CONTENDED 2" },
		{ "1 ready", "GRANT a 1, UNCONTENDED 2" },
	} },
	{ "a closed one is prepared twice if the first goes to somebody else", {
		{ "shared 1", "" }, { "shared 2", "" }, { "lines 1 12", "" }, { "lines 2 2", "" },
		{ "2 opens", "" }, { "b claims 2", "HELD b 1, PREPARE 2" },
		{ "a claims 1", "HELD a 1" }, { "1 opens", "GRANT a 1" }, { "2 ready", "GRANT b 2" },
	} },
	{ "a service that goes away", {
		{ "rules 1 queue wait 9", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 1", "WAIT b 1, CONTENDED 1" }, { "c claims 1", "WAIT c 2" },
		{ "lines 1 -", "GONE b, GONE c, UNCONTENDED 1" }, { "due", "never" },
		{ "d claims 1", "GONE d" }, { "users 1", "1" },
		{ "a leaves", "START 1" }, { "users 1", "0" }, { "1 ready", "" }, { "state 1", "free" },
	} },
	{ "before it has lines", { { "a claims 1", "GONE a" }, { "users 1", "0" } } },
	{ "a line that leaves a service keeps its owner", {
		{ "rules 1 queue", "" }, { "lines 1 12", "" }, { "lines 2 2", "" }, { "1 opens", "" }, { "2 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 1", "GRANT b 2" },
		{ "c claims 1", "WAIT c 1, CONTENDED 1, CONTENDED 2" },
		{ "lines 1 1", "UNCONTENDED 2" },
		{ "b leaves", "START 2" }, { "2 ready", "" }, { "d claims 2", "GRANT d 2" },
		{ "lines 1 12", "CONTENDED 2" }, { "d leaves", "START 2" }, { "2 ready", "GRANT c 2, UNCONTENDED 1" },
	} },
	{ "the line in hand-over leaves the service", {
		{ "lines 1 12", "" }, { "1 opens", "" }, { "a claims 1", "GRANT a 1" }, { "2 found", "" },
		{ "b claims 1", "HELD b 1, CONTENDED 1" },
		{ "lines 1 1", "BUSY b, UNCONTENDED 1" }, { "a ends", "" }, { "b claims 1", "HELD b 1, CONTENDED 1" },
		{ "3 opens", "" }, { "lines 1 13", "GRANT b 3, UNCONTENDED 1" },
	} },
	{ "a service gets free lines, open and closed", {
		{ "rules 1 queue", "" }, { "lines 1 1", "" }, { "1 opens", "" }, { "a claims 1", "GRANT a 1" },
		{ "b claims 1", "WAIT b 1, CONTENDED 1" }, { "c claims 1", "WAIT c 2" }, { "d claims 1", "WAIT d 3" },
		{ "shared 2", "" }, { "2 opens", "" }, { "3 opens", "" },
		{ "lines 1 231", "GRANT b 3, WAIT c 1, WAIT d 2, PREPARE 2, CONTENDED 3" },
		{ "2 ready", "GRANT c 2, WAIT d 1, CONTENDED 2" },
	} },
	{ "only lines that are out are left", {
		{ "rules 1 queue", "" }, { "lines 1 12", "" }, { "1 opens", "" }, { "a claims 1", "GRANT a 1" },
		{ "b claims 1", "WAIT b 1, CONTENDED 1" }, { "lines 1 2", "OUT b 2, UNCONTENDED 1" },
	} },
	{ "round-robin goes on after other lines", {
		{ "rules 1 round-robin", "" }, { "lines 1 123", "" }, { "1 opens", "" }, { "2 opens", "" },
		{ "3 opens", "" }, { "4 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "a leaves", "START 1" }, { "1 ready", "" },
		{ "lines 1 4123", "" }, { "a claims 1", "GRANT a 2" }, { "a leaves", "START 2" }, { "2 ready", "" },
		{ "lines 1 413", "" }, { "a claims 1", "GRANT a 4" },
	} },
	{ "rules count for who claims from now on", {
		{ "rules 1 queue wait 500", "" }, { "lines 1 1", "" }, { "1 opens", "" },
		{ "a claims 1", "GRANT a 1" }, { "b claims 1", "WAIT b 1, CONTENDED 1" },
		{ "rules 1 wait 100", "" }, { "due", "500" }, { "c claims 1", "BUSY c" },
		{ "a leaves", "START 1" }, { "c claims 1", "HELD c 2" }, { "d claims 1", "HELD d 3" },
		{ "rules 1 queue", "" }, { "e claims 1", "HELD e 4" },
		{ "1 ready", "GRANT b 1, BUSY c, BUSY d, WAIT e 1, CONTENDED 1" },
	} },
	{ "a line of no service", {
		{ "1 opens", "" }, { "state 1", "free" }, { "1 unready", "" }, { "1 out", "" }, { "state 1", "out" },
	} },
};

START_TEST(plays)
{
	arbiterscript_run(&scripts[_i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arbiter_pools");
	TCase *tc = tcase_create("arbiter_pools");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, plays, 0, sizeof scripts / sizeof scripts[0]);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
