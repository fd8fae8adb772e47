/*
 * Doubling and un-doubling 255, see escape.h.  All bulk data passes here.
 */
#include "wire/escape.h"

#include <string.h>

#define IAC 255

size_t
escape_run(const uint8_t *b, size_t n)
{
	const uint8_t *iac = memchr(b, IAC, n);

	return iac != NULL ? (size_t)(iac - b) : n;
}

static uint64_t
eight_of(const uint8_t *b)
{
	uint64_t eight;

	memcpy(&eight, b, sizeof eight);
	return eight;
}

/* Is one of the eight bytes 255? */
static bool
has_iac(uint64_t eight)
{
	return ((~eight - 0x0101010101010101ULL) & eight & 0x8080808080808080ULL) != 0;
}

/*
 * Un-doubles from where a 255 is, for as long as one is among the next eight bytes: else memchr() is the faster
 * way.  false: the end, a command, or no room.
 */
static bool
undo_dense(const uint8_t *b, size_t n, size_t *i, uint8_t *to, size_t cap, size_t *k)
{
	while (*i < n && *k < cap && b[*i] == IAC) {
		if (n - *i >= 8 && cap - *k >= 4 && eight_of(b + *i) == UINT64_MAX) {
			memset(to + *k, IAC, 4);
			*i += 8;
			*k += 4;
			continue;
		}
		if (n - *i < 2 || b[*i + 1] != IAC)
			return false;
		to[(*k)++] = IAC;
		*i += 2;
		if (n - *i >= 8 && cap - *k >= 8 && has_iac(eight_of(b + *i)))
			while (b[*i] != IAC)
				to[(*k)++] = b[(*i)++];
	}
	return *i < n && *k < cap;
}

size_t
escape_undo(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made)
{
	size_t i = 0, k = 0, run;

	do {
		run = escape_run(b + i, n - i < cap - k ? n - i : cap - k);
		memcpy(to + k, b + i, run);
		i += run;
		k += run;
	} while (undo_dense(b, n, &i, to, cap, &k));
	*made = k;
	return i;
}

size_t
escape_undo_nvt(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made, bool *cr)
{
	size_t i = 0, k = 0;

	while (i < n && k < cap) {
		uint8_t c = b[i];

		if (c == IAC && (n - i < 2 || b[i + 1] != IAC))
			break;
		i += c == IAC ? 2 : 1;
		if (c != '\0' || !*cr)
			to[k++] = c;
		*cr = c == '\r';
	}
	*made = k;
	return i;
}

/* How many bytes of 255 there are, up to n, in whole eights. */
static size_t
iac_eights(const uint8_t *b, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && eight_of(b + i) == UINT64_MAX)
		i += 8;
	return i;
}

/* Doubles eight bytes without a branch for each; returns the bytes made.  Writes up to 16. */
static size_t
double_eight(const uint8_t *b, uint8_t *to)
{
	size_t i, k = 0;

	for (i = 0; i < 8; i++) {
		to[k] = to[k + 1] = b[i];
		k += 1U + (b[i] == IAC);
	}
	return k;
}

size_t
escape_plain(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made)
{
	size_t i = 0, k = 0, run;

	while (n - i >= 8 && cap - k >= 16) {
		run = escape_run(b + i, n - i < cap - k ? n - i : cap - k);
		memcpy(to + k, b + i, run);
		i += run;
		k += run;
		while (n - i >= 8 && cap - k >= 16 && has_iac(eight_of(b + i))) {
			if (eight_of(b + i) != UINT64_MAX) {
				k += double_eight(b + i, to + k);
				i += 8;
				continue;
			}
			run = iac_eights(b + i, n - i < (cap - k) / 2 ? n - i : (cap - k) / 2);
			memset(to + k, IAC, 2 * run);
			i += run;
			k += 2 * run;
		}
	}
	for (; i < n && cap - k >= 1U + (b[i] == IAC); i++) {
		to[k++] = b[i];
		if (b[i] == IAC)
			to[k++] = IAC;
	}
	*made = k;
	return i;
}

size_t
escape_nvt(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made, bool *cr)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		bool nul = *cr && b[i] != '\n';

		if (cap - k < 1U + nul + (b[i] == IAC))
			break;
		if (nul)
			to[k++] = '\0';
		to[k++] = b[i];
		if (b[i] == IAC)
			to[k++] = IAC;
		*cr = b[i] == '\r';
	}
	*made = k;
	return i;
}
