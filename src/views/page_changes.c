/*
 * What of the page has changed, see page_changes.h.
 */
#include "views/page_changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "views/page.h"

struct known {
	uint64_t hash;
	uint64_t changed; /* the version in which it became so */
};

struct page_changes {
	uint64_t seed;
	uint64_t version; /* 0: nothing has been looked at */
	uint64_t rebuilt; /* the version since which the same parts are there, in the same order */
	uint64_t order;   /* a hash of it */
	int64_t now;
	struct known *known;
	struct page_part *parts;
	size_t n_parts;
	char *text; /* in which the parts lie */
};

struct page_changes *
page_changes_new(uint64_t seed)
{
	struct page_changes *p = calloc(1, sizeof *p);

	if (p != NULL)
		p->seed = seed;
	return p;
}

/* All but that there has been a version. */
static void
forget(struct page_changes *p)
{
	free(p->known);
	free(p->parts);
	free(p->text);
	p->known = NULL;
	p->parts = NULL;
	p->text = NULL;
	p->n_parts = 0;
}

void
page_changes_free(struct page_changes *p)
{
	if (p == NULL)
		return;
	forget(p);
	free(p);
}

/* ---- a look ---- */

static uint64_t
add_name(uint64_t hash, const char *name)
{
	return name == NULL ? hash_more(hash, "", 1) : hash_more(hash, name, strlen(name) + 1);
}

static uint64_t
order_of(const struct snapshot *s)
{
	uint64_t hash = HASH_START;
	size_t i;

	for (i = 0; i < s->n_lines; i++)
		hash = add_name(hash, s->lines[i].name);
	hash = hash_more(hash, "\n", 1);
	for (i = 0; i < s->n_services; i++)
		hash = add_name(hash, s->services[i].name);
	return hash;
}

/* What is to be known of these parts, which are others than before; all of them have changed. */
static int
begin_anew(struct page_changes *p, const struct snapshot *s)
{
	forget(p);
	p->n_parts = page_n_parts(s);
	p->known = calloc(p->n_parts, sizeof *p->known);
	p->parts = calloc(p->n_parts, sizeof *p->parts);
	p->order = order_of(s);
	p->rebuilt = p->version + 1;
	return p->known == NULL || p->parts == NULL ? -1 : 0;
}

static void
compare(struct page_changes *p)
{
	uint64_t next = p->version + 1, hash;
	size_t i;

	for (i = 0; i < p->n_parts; i++) {
		hash = hash_of(p->text + p->parts[i].at, p->parts[i].n);
		if (p->known[i].changed != 0 && p->known[i].hash == hash)
			continue;
		p->known[i] = (struct known){ hash, next };
		p->version = next;
	}
}

int
page_changes_look(struct page_changes *p, const struct snapshot *s)
{
	struct sheet sheet;
	size_t n;

	if ((p->text == NULL || p->order != order_of(s)) && begin_anew(p, s) != 0) {
		forget(p);
		return -1;
	}
	sheet_init(&sheet, SHEET_LIMIT);
	page_write_parts(&sheet, s, p->parts);
	free(p->text);
	p->text = sheet_take(&sheet, &n);
	if (p->text == NULL) {
		forget(p);
		return -1;
	}
	p->now = s->now;
	compare(p);
	return 0;
}

/* ---- a reader ---- */

void
page_changes_versions(const struct page_changes *p, struct page_versions *v)
{
	*v = (struct page_versions){ p->seed, p->version };
}

/* 0: none of these. */
static uint64_t
number_of(const struct page_versions *v, const char *version)
{
	char again[PAGE_CHANGES_VERSION];
	const char *dash = strchr(version, '-');
	uint64_t n = dash != NULL ? strtoull(dash + 1, NULL, 10) : 0;

	snprintf(again, sizeof again, "%" PRIx64 "-%" PRIu64, v->seed, n);
	return n <= v->last && strcmp(version, again) == 0 ? n : 0;
}

void
page_versions_known(const struct page_versions *v, const char *said, char version[static PAGE_CHANGES_VERSION])
{
	uint64_t n = number_of(v, said);

	version[0] = '\0';
	if (n > 0 && n + PAGE_CHANGES_KEPT > v->last)
		snprintf(version, PAGE_CHANGES_VERSION, "%s", said);
}

static void
write_head(const struct page_changes *p, struct sheet *sheet, const char *how)
{
	sheet_print(sheet, "<p id=\"changes\" data-version=\"%" PRIx64 "-%" PRIu64 "\" data-now=\"%" PRId64 "\"%s></p>\n",
	    p->seed, p->version, p->now / 1000, how);
}

char *
page_changes_text(const struct page_changes *p, const char *version, size_t *n)
{
	static const char before[] = "<template>", behind[] = "</template>\n";
	struct page_versions versions = { p->seed, p->version };
	uint64_t since = number_of(&versions, version);
	bool reload = since > 0 && since < p->rebuilt;
	struct sheet sheet;
	size_t i;

	if (p->text == NULL)
		return NULL;
	sheet_init(&sheet, SHEET_LIMIT);
	write_head(p, &sheet, reload ? " data-reload" : since == 0 ? " data-all" : "");
	for (i = 0; i < p->n_parts && !reload; i++) {
		if (p->known[i].changed <= since)
			continue;
		sheet_add(&sheet, before, sizeof before - 1);
		sheet_add(&sheet, p->text + p->parts[i].at, p->parts[i].n);
		sheet_add(&sheet, behind, sizeof behind - 1);
	}
	return sheet_take(&sheet, n);
}
