/*
 * Foreign text made fit to be shown, see clean.h.
 */
#include "views/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"
#define MARK_LEN 3 /* of both */

size_t
clean_text(char dst[static CLEAN_MAX], const char *src)
{
	const char *s = src != NULL ? src : "";
	size_t used = 0, len;
	uint32_t c;
	bool shown;

	while (*s != '\0') {
		len = text_utf8(s, &c);
		shown = len > 0 && text_may_be_shown(c);
		if (used + (shown ? len : MARK_LEN) + MARK_LEN >= CLEAN_MAX) {
			memcpy(dst + used, ELLIPSIS, MARK_LEN);
			used += MARK_LEN;
			break;
		}
		memcpy(dst + used, shown ? s : REPLACEMENT, shown ? len : MARK_LEN);
		used += shown ? len : MARK_LEN;
		s += len > 0 ? len : 1;
	}
	dst[used] = '\0';
	return used;
}
