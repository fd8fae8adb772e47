/*
 * A text with places to fill in, see template.h.
 */
#include "views/template.h"

#include <string.h>

#define NAME_MAX_LEN 32

struct filling {
	struct sheet *sheet;
	const struct template_key *keys;
	size_t n_keys;
	void *ctx;
};

static void write_part(const struct filling *, const char *at, const char *end);

/* Where `text` begins from at on; NULL: not before end. */
static const char *
find(const char *at, const char *end, const char *text)
{
	return memmem(at, (size_t)(end - at), text, strlen(text));
}

static const struct template_key *
key_of(const struct filling *f, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < f->n_keys; i++)
		if (f->keys[i].len == len && memcmp(f->keys[i].name, name, len) == 0)
			return &f->keys[i];
	return NULL;
}

static void
write_value(const struct filling *f, const char *name, size_t len)
{
	static const char *const instead[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	const struct template_key *key = key_of(f, name, len);

	if (key == NULL || key->text == NULL)
		f->sheet->failed = true;
	else
		sheet_foreign(f->sheet, key->text(f->ctx), "&<>\"'", instead);
}

/* The block `name` whose inside begins at `inside`; returns what is behind it, NULL: it has failed. */
static const char *
write_block(const struct filling *f, const char *name, size_t len, const char *inside, const char *end)
{
	const struct template_key *key = key_of(f, name, len);
	char closing[NAME_MAX_LEN + 6] = "{{/";
	const char *close;
	size_t i;

	if (key == NULL || key->enter == NULL || len > NAME_MAX_LEN)
		return NULL;
	memcpy(closing + 3, name, len);
	memcpy(closing + 3 + len, "}}", 3);
	close = find(inside, end, closing);
	if (close == NULL)
		return NULL;
	for (i = 0; !f->sheet->failed && key->enter(f->ctx, i); i++)
		write_part(f, inside, close);
	return close + strlen(closing);
}

static void
write_part(const struct filling *f, const char *at, const char *end)
{
	const char *open, *close;

	while (!f->sheet->failed && (open = find(at, end, "{{")) != NULL) {
		sheet_add(f->sheet, at, (size_t)(open - at));
		open += 2;
		close = find(open, end, "}}");
		at = close != NULL ? close + 2 : NULL;
		if (close != NULL && *open != '#')
			write_value(f, open, (size_t)(close - open));
		else if (close != NULL)
			at = write_block(f, open + 1, (size_t)(close - open - 1), at, end);
		if (at == NULL) {
			f->sheet->failed = true;
			return;
		}
	}
	sheet_add(f->sheet, at, (size_t)(end - at));
}

void
template_write(struct sheet *sheet, const char *template, size_t n, const struct template_key *keys,
    size_t n_keys, void *ctx)
{
	struct filling f = { sheet, keys, n_keys, ctx };

	write_part(&f, template, template + n);
}
