/*
 * Foreign text made fit to be shown, see clean.h.  UTF-8 as in RFC 3629: shortest form, no surrogates.
 */
#include "views/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"
#define MARK_LEN 3 /* of both */

/* The character at s and how long it is; 0: what stands there is none. */
static size_t
decode(const unsigned char *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
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

static bool
may_be_shown(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) &&     /* control characters */
	    c != 0x061c && !(c >= 0x200e && c <= 0x200f) &&  /* marks of direction */
	    !(c >= 0x2028 && c <= 0x202e) &&                 /* line ends, embeddings, overrides */
	    !(c >= 0x2066 && c <= 0x2069);                   /* isolates */
}

size_t
clean_text(char dst[static CLEAN_MAX], const char *src)
{
	const unsigned char *s = (const unsigned char *)(src != NULL ? src : "");
	size_t used = 0, len;
	uint32_t c;
	bool shown;

	while (*s != '\0') {
		len = decode(s, &c);
		shown = len > 0 && may_be_shown(c);
		if (used + (shown ? len : MARK_LEN) + MARK_LEN >= CLEAN_MAX) {
			memcpy(dst + used, ELLIPSIS, MARK_LEN);
			used += MARK_LEN;
			break;
		}
		memcpy(dst + used, shown ? (const char *)s : REPLACEMENT, shown ? len : MARK_LEN);
		used += shown ? len : MARK_LEN;
		s += len > 0 ? len : 1;
	}
	dst[used] = '\0';
	return used;
}
