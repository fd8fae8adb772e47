/*
 * The snapshot as metrics: what stands there, that the format holds whatever strings hold, and the sheet it is written on.
 * promtool has its say in tests/system/test_page.py.
 */
#include "snapshots.h"
#include "unit.h"
#include "views/metrics.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct made_up office;

static void
set_up(void)
{
	made_up_fill(&office);
}

static const char *const expected[] = {
	"# HELP modemshare_build_info Always 1; the version of the daemon is its label.",
	"# TYPE modemshare_build_info gauge",
	"modemshare_build_info{version=\"0.1.0\"} 1",
	"modemshare_start_time_seconds 1764007200.123",
	"modemshare_draining 0",
	"modemshare_clients 5",
	"modemshare_clients_limit 1024",
	"# TYPE modemshare_connections_accepted_total counter",
	"modemshare_connections_accepted_total 60",
	"modemshare_connections_turned_away_total 6",
	"modemshare_loop_turns_total 100000",
	"modemshare_log_lines_lost_total 0",
	"# TYPE modemshare_line_up gauge",
	"modemshare_line_up{line=\"modem1\"} 1",
	"modemshare_line_up{line=\"modem2\"} 1",
	"modemshare_line_up{line=\"modem3\"} 1",
	"modemshare_line_up{line=\"modem4\"} 1",
	"modemshare_line_up{line=\"modem5\"} 0",
	"modemshare_line_up{line=\"modem6\"} 0",
	"modemshare_line_up{line=\"console2\"} 0",
	"modemshare_line_in_use{line=\"modem1\"} 0",
	"modemshare_line_in_use{line=\"modem2\"} 1",
	"modemshare_line_in_call{line=\"modem2\"} 1",
	"modemshare_line_in_call{line=\"console1\"} 0",
	"modemshare_line_waiting{line=\"modem2\"} 2",
	"modemshare_line_held_seconds{line=\"modem2\"} 600.000",
	"modemshare_line_idle_seconds{line=\"modem2\"} 90.250",
	"modemshare_line_idle_seconds{line=\"console1\"} 0.000",
	"modemshare_line_claims_total{line=\"modem2\"} 7",
	"modemshare_line_refusals_total{line=\"modem2\"} 3",
	"modemshare_line_cuts_total{line=\"modem2\"} 4",
	"modemshare_line_handover_failures_total{line=\"modem2\"} 5",
	"modemshare_line_bytes_total{line=\"modem2\",direction=\"from_clients\"} 123456",
	"modemshare_line_bytes_total{line=\"modem2\",direction=\"to_clients\"} 7654321",
	"modemshare_line_state{line=\"modem2\",state=\"free\"} 0",
	"modemshare_line_state{line=\"modem2\",state=\"in use\"} 1",
	"modemshare_line_state{line=\"modem6\",state=\"quarantine\"} 1",
	"modemshare_service_waiting{service=\"pool\"} 2",
	"modemshare_service_claims_total{service=\"pool\"} 48",
	"modemshare_service_refusals_total{service=\"console2\"} 9",
};

static char *
text_of(const struct snapshot *s)
{
	size_t n = 0;
	char *text = metrics_text(s, &n);

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), n);
	ck_assert_int_eq(text[n - 1], '\n');
	return text;
}

static bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);
	const char *at;

	for (at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

START_TEST(tells)
{
	char *text = text_of(&office.snapshot);

	ck_assert_msg(has_line(text, expected[_i]), "not there: %s", expected[_i]);
	free(text);
}
END_TEST

START_TEST(names_nobody_and_guesses_nothing)
{
	char *text = text_of(&office.snapshot);

	ck_assert_ptr_null(strstr(text, "192.0.2.7"));
	ck_assert_ptr_null(strstr(text, "198.51.100.9"));
	ck_assert_ptr_null(strstr(text, "5551234"));
	ck_assert_ptr_null(strstr(text, "line_idle_seconds{line=\"modem1\"}"));
	free(text);
}
END_TEST

/* Behind a string in quotes at s, or NULL; only \\ and \" are escaped. */
static const char *
behind_string(const char *s)
{
	if (*s++ != '"')
		return NULL;
	for (; *s != '"'; s++)
		if (*s == '\n' || *s == '\0' || (*s == '\\' && *++s != '\\' && *s != '"'))
			return NULL;
	return s + 1;
}

/* Behind the labels at s ("{a="...",b="..."}"), or NULL. */
static const char *
behind_labels(const char *s)
{
	do {
		s++;
		s += strspn(s, "abcdefghijklmnopqrstuvwxyz_");
		s = *s == '=' ? behind_string(s + 1) : NULL;
	} while (s != NULL && *s == ',');
	return s != NULL && *s == '}' ? s + 1 : NULL;
}

static bool
is_sample(const char *s)
{
	char *end;

	if (strncmp(s, "modemshare_", 11) != 0)
		return false;
	s += strspn(s, "abcdefghijklmnopqrstuvwxyz_");
	if (*s == '{')
		s = behind_labels(s);
	if (s == NULL || *s != ' ' || !isdigit((unsigned char)s[1]))
		return false;
	(void)strtod(s + 1, &end);
	return *end == '\n';
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text = strchr(text, '\n') + 1, n++)
		ck_assert_msg(strncmp(text, "# HELP modemshare_", 18) == 0 ||
		    strncmp(text, "# TYPE modemshare_", 18) == 0 || is_sample(text), "%.80s", text);
	return n;
}

static const char *const hostile[] = {
	"\"} 1\nmodemshare_up{line=\"x", "\\", "\\\"", "\n# HELP x", "\xff\x80\xc0", "\x01\x7f\x1b[31m", "", "{},=\"",
};

START_TEST(format_holds_whatever_strings_hold)
{
	char *text = text_of(&office.snapshot);
	size_t lines = count_lines(text);

	free(text);
	made_up_spoil(&office, hostile[_i]);
	text = text_of(&office.snapshot);
	ck_assert_uint_eq(count_lines(text), lines);
	free(text);
}
END_TEST

START_TEST(nothing_and_the_largest)
{
	char *text;

	made_up_empty(&office);
	office.snapshot.accepted = UINT64_MAX;
	text = text_of(&office.snapshot);
	ck_assert(has_line(text, "modemshare_connections_accepted_total 9223372036854775807"));
	ck_assert_uint_gt(count_lines(text), 40);
	free(text);
}
END_TEST

/* ---- the sheet ---- */

START_TEST(sheet_ends_at_its_limit)
{
	struct sheet s;
	char bytes[100] = { 0 };
	size_t i, n = 7;

	memset(bytes, 'x', sizeof bytes);
	sheet_init(&s, 10000);
	for (i = 0; i < 99; i++)
		sheet_add(&s, bytes, sizeof bytes);
	sheet_add(&s, bytes, 99);
	ck_assert(!s.failed);
	ck_assert_uint_eq(s.used, 9999);
	ck_assert_uint_eq(strlen(s.text), 9999);
	sheet_add(&s, bytes, 0);
	ck_assert(!s.failed);
	sheet_add(&s, bytes, 1);
	ck_assert(s.failed);
	ck_assert_ptr_null(sheet_take(&s, &n));
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(sheet_adds_nothing_after_a_failure)
{
	struct sheet s;
	size_t n = 0;

	sheet_init(&s, 5);
	sheet_print(&s, "%s", "abcd");
	sheet_print(&s, "%s", "e");
	sheet_print(&s, "%s", "");
	ck_assert(s.failed);
	ck_assert_str_eq(s.text, "abcd");
	ck_assert_ptr_null(sheet_take(&s, &n));
	ck_assert_ptr_null(s.text);
	ck_assert(!s.failed);
}
END_TEST

START_TEST(sheet_prints_short_texts_only)
{
	struct sheet s;
	size_t n;

	sheet_init(&s, 100000);
	sheet_print(&s, "%0511d", 1);
	ck_assert(!s.failed);
	sheet_print(&s, "%0512d", 1);
	ck_assert(s.failed);
	ck_assert_ptr_null(sheet_take(&s, &n));
}
END_TEST

START_TEST(metrics_end_at_every_limit)
{
	char *text = text_of(&office.snapshot);
	size_t all = strlen(text), limit;
	struct sheet s;

	for (limit = 1; limit <= all + 1; limit += limit < all - 20 ? 97 : 1) {
		sheet_init(&s, limit);
		metrics_write(&s, &office.snapshot);
		ck_assert_int_eq(s.failed, limit <= all);
		ck_assert_uint_lt(s.used, limit);
		ck_assert_int_eq(strncmp(s.text != NULL ? s.text : "", text, s.used), 0);
		free(s.text);
	}
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tc = tcase_create("metrics");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_loop_test(tc, tells, 0, (int)(sizeof expected / sizeof expected[0]));
	tcase_add_test(tc, names_nobody_and_guesses_nothing);
	tcase_add_loop_test(tc, format_holds_whatever_strings_hold, 0, (int)(sizeof hostile / sizeof hostile[0]));
	tcase_add_test(tc, nothing_and_the_largest);
	tcase_add_test(tc, sheet_ends_at_its_limit);
	tcase_add_test(tc, sheet_adds_nothing_after_a_failure);
	tcase_add_test(tc, sheet_prints_short_texts_only);
	tcase_add_test(tc, metrics_end_at_every_limit);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
