/*
 * Text for people and logs.  Everything is written into the caller's buffer; what a peer or a
 * file says goes through text_vis() first, so that nobody can forge a line of a log.
 */
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define DURATION_MAX (10000 * DAY)
#define WORD_MAX 40 /* letters; a longer word is never taken for a slip of another */

struct unit {
	const char *name;
	int64_t ms;
};

/* From the largest to the smallest: reading and writing a duration both go down this list once. */
static const struct unit units[] = {
	{ "d", DAY }, { "h", HOUR }, { "m", MINUTE }, { "s", SECOND }, { "ms", 1 },
};

#define UNITS (sizeof units / sizeof units[0])

/* Decimal digits at *s, which is moved behind them; -1 without any or beyond every duration. */
static int64_t
read_number(const char **s)
{
	int64_t n = 0;

	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		n = n * 10 + (**s - '0');
		if (n > DURATION_MAX)
			return -1;
	}
	return n;
}

/* The index, from `first` on, of the unit that all letters at *s name; UNITS: none. */
static size_t
read_unit(const char **s, size_t first)
{
	size_t len = strspn(*s, "abcdefghijklmnopqrstuvwxyz"), i;

	for (i = first; i < UNITS; i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, *s, len) == 0)
			break;
	*s += len;
	return i;
}

int
text_parse_duration(const char *s, int64_t *ms)
{
	int64_t sum = 0, n;
	size_t unit, next = 0;

	if (strcmp(s, "0") == 0) {
		*ms = 0;
		return 0;
	}
	do {
		n = read_number(&s);
		unit = read_unit(&s, next);
		if (n < 0 || unit == UNITS || n > DURATION_MAX / units[unit].ms)
			return -1;
		sum += n * units[unit].ms;
		next = unit + 1;
	} while (*s != '\0');
	if (sum > DURATION_MAX)
		return -1;
	*ms = sum;
	return 0;
}

const char *
text_duration(char dst[static TEXT_DURATION], int64_t ms)
{
	unsigned high, low;
	size_t i;

	if (ms > DURATION_MAX)
		ms = DURATION_MAX;
	if (ms <= 0) {
		snprintf(dst, TEXT_DURATION, "0s");
		return dst;
	}
	for (i = 0; ms < units[i].ms; i++)
		;
	high = (unsigned)(ms / units[i].ms);
	low = i + 1 < UNITS ? (unsigned)(ms % units[i].ms / units[i + 1].ms) : 0;
	if (low == 0 || units[i].ms == SECOND)
		snprintf(dst, TEXT_DURATION, "%u%s", high, units[i].name);
	else
		snprintf(dst, TEXT_DURATION, "%u%s%u%s", high, units[i].name, low,
		    units[i + 1].name);
	return dst;
}

const char *
text_duration_up(char dst[static TEXT_DURATION], int64_t ms)
{
	int64_t step = ms >= DAY ? HOUR : ms >= HOUR ? MINUTE : ms >= SECOND ? SECOND : 1;

	if (ms > DURATION_MAX)
		ms = DURATION_MAX;
	return text_duration(dst, (ms + step - 1) / step * step);
}

static const char *const size_units[] = { "KiB", "MiB", "GiB", "TiB" };

#define SIZE_UNITS (sizeof size_units / sizeof size_units[0])

int
text_parse_size(const char *s, int64_t *bytes)
{
	int64_t n = read_number(&s);
	size_t i, len;

	if (n < 0)
		return -1;
	if (*s == ' ')
		s++;
	len = strlen(s);
	for (i = 0; i < SIZE_UNITS; i++)
		if ((len == 1 || len == 3) && strncmp(s, size_units[i], len) == 0)
			break;
	if (i == SIZE_UNITS || n > TEXT_SIZE_MAX >> 10 * (i + 1))
		return -1;
	*bytes = n << 10 * (i + 1);
	return 0;
}

const char *
text_size(char dst[static TEXT_SIZE], int64_t bytes)
{
	size_t i = 0;

	for (bytes >>= 10; i + 1 < SIZE_UNITS && bytes > 0 && bytes % 1024 == 0; i++)
		bytes >>= 10;
	snprintf(dst, TEXT_SIZE, "%lld%s", (long long)bytes, size_units[i]);
	return dst;
}

const char *
text_address(char dst[static TEXT_ADDRESS], const struct sockaddr *sa, int with_port)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	char host[INET6_ADDRSTRLEN];

	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&in, sa, sizeof in);
		inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
		snprintf(dst, TEXT_ADDRESS, with_port ? "%s:%u" : "%s", host, ntohs(in.sin_port));
		break;
	case AF_INET6:
		memcpy(&in6, sa, sizeof in6);
		inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
		snprintf(dst, TEXT_ADDRESS, with_port ? "[%s]:%u" : "%s", host,
		    ntohs(in6.sin6_port));
		break;
	default:
		snprintf(dst, TEXT_ADDRESS, "%s", sa->sa_family == AF_UNIX ? "local" : "?");
	}
	return dst;
}

/* How one byte is shown: 1 to 4 characters. */
static size_t
vis_byte(char dst[static 5], unsigned char c)
{
	static const char escaped[] = "\r\n\t\0\\", letters[] = "rnt0\\";
	const char *at = memchr(escaped, c, sizeof letters - 1);

	if (at != NULL)
		return (size_t)snprintf(dst, 5, "\\%c", letters[at - escaped]);
	if (c >= 0x20 && c < 0x7f)
		return (size_t)snprintf(dst, 5, "%c", c);
	return (size_t)snprintf(dst, 5, "\\x%02x", c);
}

const char *
text_vis(char *dst, size_t cap, const void *src, size_t n)
{
	const unsigned char *s = src;
	char one[5];
	size_t used = 0, i, len;

	for (i = 0; i < n; i++) {
		len = vis_byte(one, s[i]);
		if (used + len >= cap)
			break;
		memcpy(dst + used, one, len);
		used += len;
	}
	if (cap > 0)
		dst[used] = '\0';
	return dst;
}

size_t
text_utf8(const char *src, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)src;
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2, i;

	if (s[0] < 0x80) {
		*c = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	*c = s[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80) /* also at the end of the string */
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return len;
}

bool
text_may_be_shown(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) &&     /* control characters */
	    c != 0x061c && !(c >= 0x200e && c <= 0x200f) &&  /* marks of direction */
	    !(c >= 0x2028 && c <= 0x202e) &&                 /* line ends, embeddings, overrides */
	    !(c >= 0x2066 && c <= 0x2069);                   /* isolates */
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters must be put in, left out or changed to make b of a; at most WORD_MAX each. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], la = strlen(a), lb = strlen(b), i, j, left_above, above;

	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		left_above = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
			    left_above + (a[i - 1] != b[j - 1]));
			left_above = above;
		}
	}
	return row[lb];
}

const char *
text_nearest(const char *word, const char *const *words)
{
	size_t len = strlen(word), d, least;
	const char *best = NULL;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	least = len / 3 + 2; /* so many letters differ: it is no slip, but another word */
	for (; *words != NULL; words++) {
		if (strlen(*words) > WORD_MAX)
			continue;
		d = distance(word, *words);
		if (d < least && d < strlen(*words)) {
			least = d;
			best = *words;
		}
	}
	return best;
}
