/*
 * The snapshot as text: the table in 80 columns, whatever the names are, and everything.
 */
#include "views/show.h"
#include "snapshots.h"
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/columns.h"
#include "views/statusjson.h"

static struct made_up p;
static char *text;
static size_t size;

static void
setup(void)
{
	made_up_fill(&p);
}

static void
teardown(void)
{
	free(text);
	text = NULL;
}

/* columns 0: everything. */
static const char *
show_in(bool may_act, size_t columns, size_t rows)
{
	json_t *status = statusjson(&p.snapshot, may_act);
	FILE *f;

	free(text);
	f = open_memstream(&text, &size);
	if (columns > 0)
		show_table(f, status, columns, rows);
	else
		show_all(f, status);
	fclose(f);
	json_decref(status);
	return text;
}

static const char *
show(bool may_act, size_t columns)
{
	return show_in(may_act, columns, 0);
}

START_TEST(every_state)
{
	ck_assert_str_eq(show(true, 80),
	    "LINE      STATE                OWNER         SINCE  IDLE   FREE IN  QUEUE\n"
	    "modem1    free                 -             -      -      -        0\n"
	    "modem2    in use               192.0.2.7     10m    1m30s  2h       0\n"
	    "modem3    hand-over            free in 12s at the latest\n"
	    "modem4    ringing              free in 30s at the latest\n"
	    "modem5    out of service       no such device\n"
	    "modem6    quarantine           no answer to AT&F; tried again in 8m\n"
	    "console1  in use               198.51.100.9  5s     0s     never    0\n"
	    "console2  in use on this host  minicom, process 4242\n"
	    "waiting: 2 for pool\n");
}
END_TEST

START_TEST(hidden_owner)
{
	const char *row = strstr(show(false, 80), "console1");

	ck_assert_ptr_eq(strstr(text, "198.51.100.9"), NULL);
	ck_assert_ptr_eq(strstr(row, "another client"), row + strlen("console1  in use               "));
}
END_TEST

START_TEST(what_else_stands_there)
{
	p.snapshot.draining = true;
	p.services[1].lines = &p.all[2];
	p.services[1].waiters = p.waiters;
	p.services[1].n_waiters = 2;
	p.lines[0].state = SNAPSHOT_DISABLED;
	p.lines[0].reason = "by the administrator";
	show(true, 80);
	ck_assert_ptr_nonnull(strstr(text, "\ndraining: nobody new is given a line\n"));
	ck_assert_ptr_nonnull(strstr(text, "free in 12s at the latest; waiting: 2\n"));
	ck_assert_ptr_nonnull(strstr(text, "disabled             by the administrator\n"));
}
END_TEST

/* Who waits for a line alone is told at it, and who waits for any of several below. */
START_TEST(counts_at_the_service)
{
	p.services[1].waiters = p.waiters;
	p.services[1].n_waiters = 1;
	p.lines[6].waiting = 1;
	ck_assert_ptr_nonnull(strstr(show(true, 80), "console1  in use               198.51.100.9  5s     0s     never    1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nwaiting: 2 for pool\n"));
	ck_assert_ptr_null(strstr(text, "waiting: 1"));
}
END_TEST

static const struct {
	size_t rows;
	const char *text; /* its first words, row by row */
} heights[] = {
	{ 10, "LINE modem1 modem2 modem3 modem4 modem5 modem6 console1 console2 waiting: " },
	{ 9, "LINE modem2 modem3 modem4 modem5 modem6 console1 2 waiting: " },
	{ 5, "LINE modem2 modem3 6 waiting: " }, { 4, "LINE modem2 7 waiting: " }, { 1, "LINE modem2 7 waiting: " },
	{ 0, "LINE modem1 modem2 modem3 modem4 modem5 modem6 console1 console2 waiting: " },
};

/* As many rows as there are, those with something to tell first, and how many more there are. */
START_TEST(fits_into_rows)
{
	char found[256] = "", *row, *rest;
	size_t used = 0;

	show_in(true, 80, heights[_i].rows);
	for (row = strtok_r(text, "\n", &rest); row != NULL; row = strtok_r(NULL, "\n", &rest))
		used += (size_t)snprintf(found + used, sizeof found - used, "%.*s ", (int)strcspn(row, " "), row);
	ck_assert_str_eq(found, heights[_i].text);
}
END_TEST

START_TEST(no_lines)
{
	made_up_empty(&p);
	ck_assert_str_eq(show(true, 80), "");
	ck_assert_ptr_nonnull(strstr(show(true, 0), "modemshared 0.1.0, running for 0s\n"));
}
END_TEST

static const char *const names[] = {
	"x", "a-name-of-a-line-that-has-32-char", "the subject of a certificate, which may be as long as it wants",
	"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97",
	"a\xcc\x81" "a\xcc\x81" "a\xcc\x81", "\x1b[2J\n\xff", "",
};
static const size_t widths[] = { 80, 60, 10, 132 };

/* No row is wider than the terminal, and none is broken. */
START_TEST(fits)
{
	size_t columns = widths[_i % 4], rows = 0;
	char *row, *rest;

	made_up_spoil(&p, names[_i / 4]);
	show(true, columns);
	for (row = strtok_r(text, "\n", &rest); row != NULL; row = strtok_r(NULL, "\n", &rest), rows++)
		ck_assert_msg(columns_width(row) <= (columns < SHOW_LEAST ? SHOW_LEAST : columns),
		    "%zu columns: %s", columns_width(row), row);
	ck_assert_uint_eq(rows, PICTURE_LINES + 2);
	show(true, 0);
	ck_assert_ptr_null(strchr(text, '\x1b'));
}
END_TEST

/* The longest that there is to be told, in the narrowest that is promised. */
START_TEST(fits_with_long_durations)
{
	struct snapshot_owner *o = &p.lines[1].owner;
	char *row, *rest;

	o->held = o->idle = o->free_latest = INT64_C(1000) * 3600 * (24 * 400 + 23);
	o->who = "2001:db8:1234:5678:9abc:def0:1234:5678";
	show(true, SHOW_LEAST);
	for (row = strtok_r(text, "\n", &rest); row != NULL; row = strtok_r(NULL, "\n", &rest))
		ck_assert_msg(columns_width(row) <= SHOW_LEAST, "%s", row);
}
END_TEST

static const char *const facts[] = {
	"modemshared 0.1.0, running for 1d2h\n  clients   5 of 1024; 60 accepted, 6 turned away\n",
	"modem1: free\n  device    /dev/ttyS1, modem, 115200 8N1 rtscts\n  on        DTR RTS CTS DSR\n"
	"  in all    41 claims, 2 refusals, 1 cuts, 0 failures; 1000 bytes from clients, 2000 to them\n",
	"modem2: in use by 192.0.2.7, idle 1m30s\n",
	"  owner     192.0.2.7 through pool for 10m, idle 1m30s\n"
	"  call      in call for 9m, 5551234, CONNECT 33600\n"
	"  free      in 2h at the latest; in 30s if it stays idle; somebody waits\n"
	"  bytes     4711 from the client, 815 to it\n",
	"modem3: hand-over: free in 12s at the latest\n",
	"modem5: out of service: no such device\n  device    /dev/ttyUSB0, modem\n  in all",
	"  free      no limit; in 30m if it stays idle\n",
	"service pool: telnet\n  listens   127.0.0.1:2217 [::1]:2217\n"
	"  lines     modem1 modem2 modem3 modem4 modem5 modem6\n"
	"  held      1: 203.0.113.5 for 1m1s\n  waiting   2: 198.51.100.77 for 0s\n"
	"  in all    48 claims, 5 refusals\n",
};

START_TEST(everything)
{
	size_t i;

	show(true, 0);
	for (i = 0; i < sizeof facts / sizeof *facts; i++)
		ck_assert_msg(strstr(text, facts[i]) != NULL, "%s lacks %s", text, facts[i]);
	p.snapshot.draining = true;
	p.snapshot.log_lines_lost = 4;
	p.lines[0].lamps = 0;
	p.lines[1].owner.call = SNAPSHOT_NO_CALL;
	p.lines[1].owner.contended = false;
	show(false, 0);
	ck_assert_ptr_nonnull(strstr(text, "running for 1d2h, draining: nobody new is given a line\n"));
	ck_assert_ptr_nonnull(strstr(text, "  log       4 lines lost\n"));
	ck_assert_ptr_nonnull(strstr(text, "  on        -\n"));
	ck_assert_ptr_nonnull(strstr(text, "  call      none, 5551234, CONNECT 33600\n"));
	ck_assert_ptr_nonnull(strstr(text, "  waiting   2: another client for 0s\n"));
	ck_assert_ptr_nonnull(strstr(text, "in 30s if it stays idle\n"));
}
END_TEST

static const char *const odd[] = {
	"{}", "{\"lines\":7}", "{\"lines\":[7,null,{}]}", "{\"lines\":[{\"name\":7,\"owner\":[],\"ready-in\":\"x\"}]}",
	"{\"lines\":[{\"name\":\"m\",\"owner\":{\"held\":-1,\"idle\":1e300,\"free-latest\":null}}],\"services\":[{},7]}",
	"{\"now\":-1,\"started\":1e20,\"services\":[{\"lines\":[7],\"waiters\":[7]}],\"lines\":[{\"lamps\":{}}]}",
};

/* The tool may be older or newer than the daemon. */
START_TEST(another_snapshot)
{
	json_t *status = json_loads(odd[_i], 0, NULL);
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(status);
	show_table(f, status, 80, 24);
	show_table(f, status, 80, 1);
	show_all(f, status);
	fclose(f);
	json_decref(status);
}
END_TEST

static const struct {
	const char *text;
	size_t width, in;
	const char *cell;
} cells[] = {
	{ "abc", 3, 5, "abc  |" },
	{ "abc", 3, 3, "abc|" },
	{ "abcd", 4, 3, "ab\xe2\x80\xa6|" },
	{ "abcd", 4, 1, "\xe2\x80\xa6|" },
	{ "", 0, 2, "  |" },
	{ "\xc3\xa4\xc3\xb6", 2, 3, "\xc3\xa4\xc3\xb6 |" },
	{ "\xe6\xbc\xa2\xe5\xad\x97", 4, 4, "\xe6\xbc\xa2\xe5\xad\x97|" },
	{ "\xe6\xbc\xa2\xe5\xad\x97", 4, 3, "\xe6\xbc\xa2\xe2\x80\xa6|" },
	{ "\xe6\xbc\xa2\xe5\xad\x97", 4, 2, "\xe2\x80\xa6 |" },
	{ "a\xcc\x81z", 2, 2, "a\xcc\x81z|" },
	{ "\xf0\x9f\x98\x80!", 3, 3, "\xf0\x9f\x98\x80!|" },
};

START_TEST(a_cell)
{
	FILE *f = open_memstream(&text, &size);

	ck_assert_uint_eq(columns_width(cells[_i].text), cells[_i].width);
	columns_put(f, cells[_i].text, cells[_i].in, false);
	putc('|', f);
	fclose(f);
	ck_assert_str_eq(text, cells[_i].cell);
}
END_TEST

START_TEST(a_cell_at_the_end)
{
	FILE *f = open_memstream(&text, &size);

	columns_put(f, "ab", 9, true);
	fclose(f);
	ck_assert_str_eq(text, "ab");
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("show");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_state);
	tcase_add_test(tc, hidden_owner);
	tcase_add_test(tc, what_else_stands_there);
	tcase_add_test(tc, counts_at_the_service);
	tcase_add_loop_test(tc, fits_into_rows, 0, ROWS(heights));
	tcase_add_test(tc, no_lines);
	tcase_add_loop_test(tc, fits, 0, ROWS(names) * 4);
	tcase_add_test(tc, fits_with_long_durations);
	tcase_add_test(tc, everything);
	tcase_add_loop_test(tc, another_snapshot, 0, ROWS(odd));
	tcase_add_loop_test(tc, a_cell, 0, ROWS(cells));
	tcase_add_test(tc, a_cell_at_the_end);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
