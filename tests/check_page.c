/*
 * The page for people: what stands there, that nothing foreign becomes markup, and the template behind it.
 */
#include "snapshots.h"
#include "unit.h"
#include "views/page.h"
#include "views/site.h"
#include "views/template.h"

#include <stdlib.h>
#include <string.h>

static struct made_up office;

static void
set_up(void)
{
	made_up_fill(&office);
}

static char *
page(void)
{
	size_t n = 0;
	char *text = page_text(&office.snapshot, &n);

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), n);
	return text;
}

/* Takes the points in time beside the texts of times out. */
static char *
page_without_points(void)
{
	static const char *const points[] = { " data-up=\"", " data-until=\"", " data-step=\"" };
	char *text = page(), *at, *end;
	size_t i;

	for (i = 0; i < sizeof points / sizeof *points; i++)
		for (at = text; (at = strstr(at, points[i])) != NULL;) {
			end = strchr(at + strlen(points[i]), '"') + 1;
			memmove(at, end, strlen(end) + 1);
		}
	return text;
}

static void
ck_has(const char *what)
{
	char *text = page_without_points();

	ck_assert_msg(strstr(text, what) != NULL, "not there: %s", what);
	free(text);
}

static void
ck_lacks(const char *what)
{
	char *text = page();

	ck_assert_msg(strstr(text, what) == NULL, "there: %s", what);
	free(text);
}

static const char *const expected[] = {
	"<strong>1</strong> of 8 lines free",
	"<li>5 connected</li>\n<li>up <time>1d2h</time></li>\n<li>version 0.1.0</li>",
	"<li class=\"line free\" data-key=\"line modem1\">",
	"<p class=\"state\" data-news=\"modem2\">in use</p>",
	"by <strong>192.0.2.7</strong>",
	"for <time>10m</time>, idle <time>1m30s</time>, through pool</p>",
	"<p>in call <span class=\"number\">5551234</span> for <time>9m</time>: CONNECT 33600</p>",
	"<progress max=\"120000\" value=\"29750\" aria-label=\"Time that the owner of modem2 has left while idle\"></progress>",
	"free in <time>30s</time> if it stays idle, in <time>2h</time> at the latest",
	"4.6 KiB sent, 815 B received",
	"2 waiting",
	"<li class=\"on\"><abbr title=\"Carrier\">DCD</abbr><span class=\"unseen\"> on</span></li>",
	"<li class=\"off\"><abbr title=\"Ring\">RI</abbr><span class=\"unseen\"> off</span></li>",
	"free in <time>12s</time> at the latest",
	"<time>30s</time> left to answer",
	"<p class=\"reason\">no such device</p>",
	"tested again in <time>8m</time>",
	"by <strong>another client</strong>",
	"<p>for <time>5s</time>, idle <time>0s</time></p>",
	"free in <time>30m</time> if it stays idle, else no limit",
	"in use on this host",
	"minicom, process 4242",
	"<h3>pool</h3>",
	"<li value=\"1\"><strong>203.0.113.5</strong> for <time>1m1s</time>, until the line is made ready</li>",
	"<li value=\"2\"><strong>another client</strong> for <time>0s</time></li>",
	"<time datetime=\"2025-11-25T19:50:00Z\" title=\"2025-11-25T19:50:00Z\">10m</time> ago",
	"<td role=\"cell\" data-label=\"Lasted\">1h</td>",
	"<td role=\"cell\" data-label=\"End\">still has it</td>",
	"<td role=\"cell\" data-label=\"End\">refused: in use (57 times)</td>",
	"<td role=\"cell\" data-label=\"Received\" class=\"amount\">1.5 KiB</td>",
	"class=\"address\">127.0.0.1:2217 [::1]:2217</td>",
	"<span>modem1</span> <span>modem2</span>",
	"<noscript><meta http-equiv=\"refresh\"",
};

START_TEST(tells)
{
	ck_has(expected[_i]);
}
END_TEST

START_TEST(hides)
{
	office.lines[6].owner.call = SNAPSHOT_IN_CALL;
	office.lines[6].owner.number = "4712";
	office.lines[6].owner.result = "CONNECT 300";
	ck_lacks("198.51.100.9");
	ck_lacks("198.51.100.77");
	ck_lacks("4712");
	ck_lacks("CONNECT 300");
	ck_lacks("BUSY");
	ck_lacks("110");
}
END_TEST

START_TEST(shows_nothing_that_is_not_there)
{
	ck_lacks("Draining");
	made_up_empty(&office);
	ck_has("There is no line.");
	ck_lacks("Waiting");
	ck_lacks("Lately");
	ck_lacks("Where to connect");
	office.snapshot.draining = true;
	ck_has("Draining");
}
END_TEST

/* What an owner has left, by its three limits. */
static const struct {
	int64_t if_idle, latest, limit, idle;
	const char *text, *bar;
} left[] = {
	{ -1, -1, -1, 0, ">no limit<", NULL },
	{ -1, 61000, -1, 0, ">free in <time>1m1s</time> at the latest<", NULL },
	{ 5000, 4000, 60000, 55000, ">free in <time>4s</time> at the latest<", "max=\"60000\" value=\"5000\"" },
	{ 5000, 5000, 60000, 55000, ">free in <time>5s</time> at the latest<", "value=\"5000\"" },
	{ 5001, 9000, 60000, 54999, ">free in <time>6s</time> if it stays idle, in <time>9s</time> at the latest<", "value=\"5001\"" },
	{ 61000, -1, 60000, 0, ">free in <time>1m1s</time> if it stays idle, else no limit<", "max=\"60000\" value=\"60000\"" },
	{ 15500, -1, 10000, 3000, ">free in <time>16s</time> if it stays idle, else no limit<", "max=\"10000\" value=\"7000\"" },
	{ 500, -1, 10000, 10200, ">free in <time>500ms</time> if it stays idle, else no limit<", "max=\"10000\" value=\"0\"" },
	{ -1, -1, 60000, 0, ">no limit<", NULL },
};

START_TEST(tells_what_is_left)
{
	office.snapshot.n_lines = 2;
	office.snapshot.n_services = 0;
	office.lines[1].owner.free_if_idle = left[_i].if_idle;
	office.lines[1].owner.free_latest = left[_i].latest;
	office.lines[1].owner.idle_limit = left[_i].limit;
	office.lines[1].owner.idle = left[_i].idle;
	ck_has(left[_i].text);
	if (left[_i].bar != NULL)
		ck_has(left[_i].bar);
	else
		ck_lacks("<progress");
}
END_TEST

static const struct {
	uint64_t n;
	const char *text;
} sizes[] = {
	{ 0, ">0 B sent" }, { 1023, ">1023 B sent" }, { 1024, ">1.0 KiB sent" }, { 102399, ">99.9 KiB sent" },
	{ 102400, ">100 KiB sent" }, { 1048575, ">1023 KiB sent" }, { 1048576, ">1.0 MiB sent" },
	{ UINT64_MAX, ">15.9 EiB sent" },
};

START_TEST(tells_sizes)
{
	office.lines[1].owner.from_client = sizes[_i].n;
	ck_has(sizes[_i].text);
}
END_TEST

static const struct {
	int64_t ms;
	const char *text;
} dates[] = {
	{ 0, "\"1970-01-01T00:00:00Z\"" }, { 68169599999, "\"1972-02-28T23:59:59Z\"" },
	{ 68169600000, "\"1972-02-29T00:00:00Z\"" }, { 951868800000, "\"2000-03-01T00:00:00Z\"" },
	{ 1735689599000, "\"2024-12-31T23:59:59Z\"" }, { 4107542400000, "\"2100-03-01T00:00:00Z\"" },
	{ -1, "datetime=\"\"" },
};

START_TEST(tells_dates)
{
	office.records[0].start = dates[_i].ms;
	ck_has(dates[_i].text);
}
END_TEST

START_TEST(tells_every_state)
{
	static const char *const classes[] = { "line free", "line in-use", "line hand-over", "line ringing",
		"line out", "line quarantine", "line foreign", "line disabled" };
	size_t i;

	for (i = 0; i < SNAPSHOT_STATES; i++)
		office.lines[i].state = (enum snapshot_state)i;
	for (i = 0; i < SNAPSHOT_STATES; i++)
		ck_has(classes[i]);
	office.lines[1].owner.call = SNAPSHOT_DIALS;
	ck_has("<p>dials <span");
	office.lines[0].state = (enum snapshot_state)77;
	ck_has("unknown</p>");
}
END_TEST

/* ---- many lines ---- */

#define MANY PAGE_TABLE

/* As many lines, each of which is one of the office. */
static void
enlarge(struct snapshot_line many[static MANY], size_t n)
{
	size_t i;

	for (i = 0; i < MANY; i++)
		many[i] = office.lines[i % PICTURE_LINES];
	office.snapshot.lines = many;
	office.snapshot.n_lines = n;
}

static const char *const rows[] = {
	"<tr role=\"row\" class=\"row free\" data-key=\"line modem1\">", "by </span>192.0.2.7, in call <span class=\"number\">5551234",
	"data-label=\"For\"><time>10m</time></td>", "data-label=\"Idle\"><time>1m30s</time></td>",
	"data-label=\"Free in\"><time>30s</time></td>", "data-label=\"Free in\"><time>30m</time></td>",
	"colspan=\"4\">no such device</td>", "colspan=\"4\">no answer to AT&amp;F; tested again in <time>8m</time></td>",
	"data-label=\"Waiting\">2</td>", "class=\"device\">/dev/ttyS1</td>", "data-news=\"modem2\">in use</span>",
};

START_TEST(is_a_table_of_many)
{
	struct snapshot_line many[MANY];
	size_t i;

	enlarge(many, MANY);
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_has(rows[i]);
	ck_lacks("class=\"line ");
	ck_lacks("198.51.100.9");
	many[6].owner.free_if_idle = -1;
	ck_has("data-label=\"Free in\">no limit</td>");
	office.snapshot.n_lines = MANY - 1;
	ck_has("class=\"line free\"");
	ck_lacks("class=\"row ");
}
END_TEST

/* ---- nothing foreign becomes markup ---- */

static const char *const hostile[] = {
	"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "&lt;script&gt;",
	"</title></style></textarea>-->", "{{version}}{{#line}}", "\xff\xfe<\xc0\xbc", "\x01\x1b[2J\n\r\t\x7f",
	"\xe2\x80\xae<b>", "javascript:alert(1)", "\xc0", "",
};

static size_t
count_of(const char *text, const char *bytes)
{
	size_t n = 0;

	for (; (text = strpbrk(text, bytes)) != NULL; text++)
		n++;
	return n;
}

START_TEST(nothing_foreign_becomes_markup)
{
	char *plain, *spoilt;

	made_up_spoil(&office, *hostile[_i] == '\0' ? "" : "name");
	plain = page();
	made_up_spoil(&office, hostile[_i]);
	spoilt = page();
	ck_assert_uint_eq(count_of(spoilt, "<"), count_of(plain, "<"));
	ck_assert_uint_eq(count_of(spoilt, ">"), count_of(plain, ">"));
	ck_assert_uint_eq(count_of(spoilt, "\""), count_of(plain, "\""));
	ck_assert_uint_eq(count_of(spoilt, "'"), count_of(plain, "'"));
	ck_assert_uint_eq(count_of(spoilt, "\n"), count_of(plain, "\n"));
	ck_assert_uint_eq(count_of(spoilt, "\x01\x1b\r\t\x7f\xff\xfe\xc0"), 0);
	free(plain);
	free(spoilt);
}
END_TEST

START_TEST(what_is_foreign_is_not_filled_in)
{
	office.lines[4].reason = "{{version}}{{#line}}";
	ck_has("<p class=\"reason\">{{version}}{{#line}}</p>");
}
END_TEST

START_TEST(no_string_need_be_there)
{
	char *text;

	made_up_spoil(&office, NULL);
	text = page();
	ck_assert_ptr_null(strstr(text, "(null)"));
	free(text);
}
END_TEST

/* ---- the template ---- */

static const char *
text_of(void *ctx)
{
	return ctx;
}

static bool
twice(void *ctx, size_t i)
{
	(void)ctx;
	return i < 2;
}

static bool
never(void *ctx, size_t i)
{
	(void)ctx;
	(void)i;
	return false;
}

static const struct template_key keys[] = {
	TEMPLATE_KEY("a", text_of, NULL), TEMPLATE_KEY("two", NULL, twice), TEMPLATE_KEY("none", NULL, never),
	TEMPLATE_KEY("two-a", text_of, twice),
	TEMPLATE_KEY("a-name-that-is-longer-than-32-characters", NULL, twice),
};

static const struct {
	const char *template, *text; /* NULL: fails */
} templates[] = {
	{ "", "" }, { "plain } text {", "plain } text {" }, { "[{{a}}]", "[&lt;x&gt;]" },
	{ "{{#two}}{{a}},{{/two}}.", "&lt;x&gt;,&lt;x&gt;,." }, { "a{{#none}}{{a}}{{/none}}b", "ab" },
	{ "{{#two}}{{#two-a}}{{two-a}}{{/two-a}}{{/two}}", "&lt;x&gt;&lt;x&gt;&lt;x&gt;&lt;x&gt;" },
	{ "{{#two}}{{#none}}{{nothing}}{{/none}}x{{/two}}", "xx" },
	{ "{{b}}", NULL }, { "{{a", NULL }, { "{{#two}}x", NULL }, { "{{#two}}x{{/tw}}", NULL }, { "{{#b}}{{/b}}", NULL },
	{ "{{#a}}{{/a}}", NULL }, { "{{two}}", NULL }, { "{{/two}}", NULL }, { "{{}}", NULL },
	{ "{{#a-name-that-is-longer-than-32-characters}}{{/a-name-that-is-longer-than-32-characters}}", NULL },
};

START_TEST(fills_templates)
{
	size_t n = strlen(templates[_i].template), used = 0;
	uint8_t *guarded = unit_guarded(templates[_i].template, n);
	char ctx[] = "<x>", *text;
	struct sheet s;

	sheet_init(&s, 1000);
	template_write(&s, (const char *)guarded, n, keys, sizeof keys / sizeof keys[0], ctx);
	unit_unguard(guarded, n);
	text = sheet_take(&s, &used);
	ck_assert_pstr_eq(text, templates[_i].text);
	free(text);
}
END_TEST

START_TEST(ends_at_the_limit)
{
	size_t limit, n;
	char *text = page();
	struct sheet s;

	for (limit = 1; limit < strlen(text); limit += 501) {
		sheet_init(&s, limit);
		page_write(&s, &office.snapshot);
		ck_assert(s.failed);
		ck_assert_ptr_null(sheet_take(&s, &n));
	}
	free(text);
}
END_TEST

/* ---- the site ---- */

static const char *const paths[] = {
	"/", "/changes", "/status.json", "/metrics", "/healthz", "/style.css", "/status.js", "/icon.svg",
};

START_TEST(has_its_pages)
{
	const struct site_page *at = site_find(paths[_i]);
	size_t n = 0;
	char *made;

	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(strchr(at->type, '/'));
	ck_assert_int_eq(at->changes, _i == 1);
	if (at->changes)
		return;
	if (at->bytes != NULL) {
		ck_assert_uint_gt(*at->size, 2);
		ck_assert_int_ne(at->bytes[*at->size - 1], 0);
		return;
	}
	made = at->make(&office.snapshot, &n);
	ck_assert_ptr_nonnull(made);
	ck_assert_uint_eq(strlen(made), n);
	free(made);
}
END_TEST

START_TEST(has_nothing_else)
{
	ck_assert_ptr_null(site_find(""));
	ck_assert_ptr_null(site_find("/status"));
	ck_assert_ptr_null(site_find("/style.css/"));
	ck_assert_ptr_null(site_find("//"));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("page");
	TCase *tc = tcase_create("page");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_loop_test(tc, tells, 0, COUNT(expected));
	tcase_add_test(tc, hides);
	tcase_add_test(tc, shows_nothing_that_is_not_there);
	tcase_add_loop_test(tc, tells_what_is_left, 0, COUNT(left));
	tcase_add_loop_test(tc, tells_sizes, 0, COUNT(sizes));
	tcase_add_loop_test(tc, tells_dates, 0, COUNT(dates));
	tcase_add_test(tc, tells_every_state);
	tcase_add_test(tc, is_a_table_of_many);
	tcase_add_loop_test(tc, nothing_foreign_becomes_markup, 0, COUNT(hostile));
	tcase_add_test(tc, what_is_foreign_is_not_filled_in);
	tcase_add_test(tc, no_string_need_be_there);
	tcase_add_loop_test(tc, fills_templates, 0, COUNT(templates));
	tcase_add_test(tc, ends_at_the_limit);
	tcase_add_loop_test(tc, has_its_pages, 0, COUNT(paths));
	tcase_add_test(tc, has_nothing_else);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
