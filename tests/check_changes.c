/*
 * What of the page has changed since a version: all that has, nothing else, and no more versions than are kept.
 */
#include "snapshots.h"
#include "unit.h"
#include "views/page.h"
#include "views/page_changes.h"
#include "views/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S INT64_C(1000)

static struct made_up office;
static struct page_changes *changes;
static char *text, version[PAGE_CHANGES_VERSION];

static void
set_up(void)
{
	made_up_fill(&office);
	changes = page_changes_new(0x1f3a);
	ck_assert_ptr_nonnull(changes);
}

static void
tear_down(void)
{
	free(text);
	text = NULL;
	page_changes_free(changes);
}

static size_t
count_of(const char *what)
{
	const char *at = text;
	size_t n = 0;

	while ((at = strstr(at, what)) != NULL) {
		at++;
		n++;
	}
	return n;
}

static void
known(const char *said, char kept[static PAGE_CHANGES_VERSION])
{
	struct page_versions versions;

	page_changes_versions(changes, &versions);
	page_versions_known(&versions, said, kept);
}

static void
name_of(const char *path, const char *query, char name[static SITE_NAME])
{
	struct page_versions versions;

	page_changes_versions(changes, &versions);
	site_name(&versions, path, query, name);
}

/* Looks, and what is sent to a reader who has this; what he has then is in `version`. */
static const char *
since(const char *had)
{
	char kept[PAGE_CHANGES_VERSION];
	size_t n = 0;

	ck_assert_int_eq(page_changes_look(changes, &office.snapshot), 0);
	known(had, kept);
	free(text);
	text = page_changes_text(changes, kept, &n);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), n);
	ck_assert_int_eq(sscanf(text, "<p id=\"changes\" data-version=\"%39[^\"]\"", version), 1);
	return text;
}

START_TEST(begins_with_all)
{
	ck_assert_ptr_null(page_changes_text(changes, "", &(size_t){ 0 }));
	since("");
	ck_assert_ptr_nonnull(strstr(text, "data-now=\"1764100800\" data-all></p>"));
	ck_assert_uint_eq(count_of("<template>"), page_n_parts(&office.snapshot));
	ck_assert_uint_eq(count_of("</template>"), page_n_parts(&office.snapshot));
	ck_assert_ptr_nonnull(strstr(text, "<template><title data-key=\"title\">1 of 8 free"));
	ck_assert_ptr_nonnull(strstr(text, "<template><li class=\"line free\" data-key=\"line modem1\">"));
	ck_assert_ptr_nonnull(strstr(text, "<template><tr role=\"row\" data-key=\"service console2\">"));
}
END_TEST

/* Nothing has happened but that time has passed, as the daemon tells it. */
START_TEST(time_alone_changes_nothing)
{
	struct snapshot_owner *o = &office.lines[1].owner;
	int64_t ms;

	since("");
	for (ms = 1000; ms <= 20000; ms += 1000) {
		office.snapshot.now += 1000;
		o->held += 1000;
		o->idle += 1000;
		o->call_ms += 1000;
		o->free_latest -= 1000;
		o->free_if_idle -= 1000;
		office.lines[6].owner.held += 1000;
		office.lines[6].owner.idle += 1000;
		office.lines[6].owner.free_if_idle -= 1000;
		/* modem3 still has 12 s: that is told */
		office.lines[3].ready_in -= 1000;
		office.lines[5].ready_in -= 1000;
		office.waiters[0].waited += 1000;
		office.waiters[1].waited += 1000;
		since(version);
		ck_assert_uint_eq(count_of("<template>"), 1);
		ck_assert_uint_eq(count_of("data-key=\"line modem3\""), 1);
	}
}
END_TEST

START_TEST(tells_what_has_changed)
{
	char first[PAGE_CHANGES_VERSION], second[PAGE_CHANGES_VERSION];

	since("");
	strcpy(first, version);
	since(first);
	ck_assert_uint_eq(count_of("<template>"), 0);
	ck_assert_str_eq(first, version);
	office.lines[4].reason = "no permission";
	since(first);
	strcpy(second, version);
	ck_assert_str_ne(first, second);
	ck_assert_uint_eq(count_of("<template>"), 1);
	ck_assert_ptr_nonnull(strstr(text, "no permission"));
	office.lines[0].state = SNAPSHOT_DISABLED;
	since(second);
	ck_assert_uint_eq(count_of("<template>"), 3); /* title, header, modem1 */
	ck_assert_ptr_null(strstr(text, "no permission"));
	since(first);
	ck_assert_uint_eq(count_of("<template>"), 4);
	ck_assert_ptr_null(strstr(text, "data-all"));
}
END_TEST

/* Each is one that is told: what is shown of a snapshot, by a change of it. */
START_TEST(misses_nothing)
{
	struct snapshot_line *l = &office.lines[1];
	const struct {
		const char *key, **text;
	} texts[] = { { "line modem2", &l->device }, { "line modem2", &l->settings }, { "line modem2", &l->owner.who },
		{ "line modem2", &l->owner.number }, { "line modem2", &l->owner.result }, { "header", &office.snapshot.version },
		{ "waiters", &office.waiters[0].who }, { "lately", &office.records[2].why },
		{ "service pool", &office.services[0].listen } };
	char key[64];
	size_t i;

	since("");
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		*texts[i].text = "another";
		snprintf(key, sizeof key, "data-key=\"%s\"", texts[i].key);
		since(version);
		ck_assert_uint_eq(count_of("<template>"), 1);
		ck_assert_uint_eq(count_of(key), 1);
	}
	l->owner.from_client += 1024;
	since(version);
	ck_assert_uint_eq(count_of("data-key=\"line modem2\""), 1);
	l->owner.idle -= 10 * S;
	since(version);
	ck_assert_uint_eq(count_of("data-key=\"line modem2\""), 1);
	office.services[1].claims++;
	since(version);
	ck_assert_uint_eq(count_of("data-key=\"service console1\""), 1);
	office.snapshot.draining = true;
	since(version);
	ck_assert_uint_eq(count_of("data-key=\"notice\""), 1);
}
END_TEST

/* Lines or services that come, go or change places: then the page is loaded whole. */
START_TEST(reloads)
{
	char had[PAGE_CHANGES_VERSION];

	since("");
	strcpy(had, version);
	office.snapshot.n_lines--;
	office.services[2].n_lines = 0;
	since(had);
	ck_assert_ptr_nonnull(strstr(text, " data-reload></p>"));
	ck_assert_uint_eq(count_of("<template>"), 0);
	since("");
	ck_assert_uint_eq(count_of("<template>"), page_n_parts(&office.snapshot));
	strcpy(had, version);
	office.services[0].name = "others";
	since(had);
	ck_assert_ptr_nonnull(strstr(text, " data-reload></p>"));
}
END_TEST

static const char *const unknown[] = {
	"1f3a-0", "1f3a-2", "1f3a-", "1f3b-1", "1f3a-01", "1F3A-1", "1f3a-1 ", "-1", "x", "1f3a--1", "1f3a-+1",
	"1f3a-18446744073709551616", "0001f3a-1", "1f3a-1-1",
};

START_TEST(knows_its_versions)
{
	char kept[PAGE_CHANGES_VERSION];

	since("");
	ck_assert_str_eq(version, "1f3a-1");
	known("1f3a-1", kept);
	ck_assert_str_eq(kept, "1f3a-1");
	known(unknown[_i], kept);
	ck_assert_str_eq(kept, "");
	since(unknown[_i]);
	ck_assert_ptr_nonnull(strstr(text, "data-all"));
}
END_TEST

START_TEST(keeps_few_versions)
{
	char kept[PAGE_CHANGES_VERSION], one[PAGE_CHANGES_VERSION], name[SITE_NAME];
	size_t i, n = 0;

	for (i = 0; i < 50; i++) {
		office.lines[0].owner.present = i % 2 == 0;
		since("");
	}
	for (i = 0; i <= 60; i++) {
		snprintf(one, sizeof one, "1f3a-%zu", i);
		known(one, kept);
		n += *kept != '\0';
		name_of("/changes", one, name);
		ck_assert_int_eq(strchr(name, '?') != NULL, *kept != '\0');
		name_of("/metrics", one, name);
		ck_assert_str_eq(name, "/metrics");
	}
	ck_assert_uint_eq(n, PAGE_CHANGES_KEPT);
	name_of("/nothing", "", name);
	ck_assert_str_eq(name, "");
}
END_TEST

START_TEST(finds_by_name)
{
	const char *of;

	ck_assert_ptr_eq(site_named("/changes?1f3a-1", &of), site_find("/changes"));
	ck_assert_str_eq(of, "1f3a-1");
	ck_assert_ptr_eq(site_named("/", &of), site_find("/"));
	ck_assert_str_eq(of, "");
	ck_assert_ptr_null(site_named("", &of));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("changes");
	TCase *tc = tcase_create("changes");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, begins_with_all);
	tcase_add_test(tc, time_alone_changes_nothing);
	tcase_add_test(tc, tells_what_has_changed);
	tcase_add_test(tc, misses_nothing);
	tcase_add_test(tc, reloads);
	tcase_add_loop_test(tc, knows_its_versions, 0, COUNT(unknown));
	tcase_add_test(tc, keeps_few_versions);
	tcase_add_test(tc, finds_by_name);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
