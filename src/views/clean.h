/*
 * Foreign text made fit to be shown: every string of a snapshot goes through here before a view escapes
 * it in its own way.  Pure.
 */
#ifndef VIEWS_CLEAN_H
#define VIEWS_CLEAN_H

#include <stddef.h>

#define CLEAN_MAX 1024 /* of one string, with its NUL */

/*
 * Writes src (NULL counts as "") as valid UTF-8 without what could change how the text around it is
 * read: U+FFFD instead of each byte that is not UTF-8, each control character (also DEL and U+0080 to
 * U+009F), and each mark that turns the direction of text.  Always terminated; cut between two characters
 * at CLEAN_MAX, then ending in an ellipsis.  Returns the length.
 */
size_t clean_text(char dst[static CLEAN_MAX], const char *src);

#endif
