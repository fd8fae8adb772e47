/*
 * Text in columns of a terminal, see columns.h.  The ranges are those of Unicode's East Asian Width and
 * of its non-spacing marks, coarsely: what is not in them takes one column.
 */
#include "views/columns.h"

#include <stdint.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

static const struct range narrow[] = {
	{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x610, 0x61a }, { 0x64b, 0x65f },
	{ 0x200b, 0x200f }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff },
};

static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

static bool
is_in(uint32_t c, const struct range *r, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (c >= r[i].first && c <= r[i].last)
			return true;
	return false;
}

/* The character at *s, which is moved behind it.  A byte that is not UTF-8 is one of its own. */
static uint32_t
next_char(const char **s)
{
	unsigned char c = (unsigned char)*(*s)++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	uint32_t value = more == 0 ? c : c & (0x3fU >> more);

	for (; more > 0 && ((unsigned char)**s & 0xc0) == 0x80; more--)
		value = value << 6 | ((unsigned char)*(*s)++ & 0x3f);
	return value;
}

static size_t
width_of(uint32_t c)
{
	if (c < 0x300)
		return 1;
	if (is_in(c, narrow, sizeof narrow / sizeof *narrow))
		return 0;
	return is_in(c, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

size_t
columns_width(const char *s)
{
	size_t width = 0;

	while (*s != '\0')
		width += width_of(next_char(&s));
	return width;
}

void
columns_put(FILE *f, const char *s, size_t width, bool last)
{
	bool cut = columns_width(s) > width;
	size_t used = 0, room = cut ? width - 1 : width, w;
	const char *end = s, *next = s;

	while (*next != '\0') {
		w = width_of(next_char(&next));
		if (used + w > room)
			break;
		used += w;
		end = next;
	}
	fwrite(s, 1, (size_t)(end - s), f);
	if (cut) {
		fputs("\xe2\x80\xa6", f);
		used++;
	}
	for (; used < width && !last; used++)
		putc(' ', f);
}

void
columns_fit(size_t *widths, const size_t *least, size_t n, size_t gap, size_t total)
{
	size_t sum, widest, i;

	for (;;) {
		sum = gap * (n - 1);
		widest = n;
		for (i = 0; i < n; i++) {
			sum += widths[i];
			if (least[i] > 0 && widths[i] > least[i] &&
			    (widest == n || widths[i] > widths[widest]))
				widest = i;
		}
		if (sum <= total || widest == n)
			return;
		widths[widest]--;
	}
}
