/*
 * Text for people and logs: durations, addresses, foreign bytes, UTF-8.  Pure.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define TEXT_DURATION 32
#define TEXT_ADDRESS 64
#define TEXT_SIZE 32

/*
 * Reads a duration: "500ms", "30s", "5m", "12h", "2d", "4m10s" (units descending, each at most
 * once), "0".  At most 10000 days.  Returns 0 and *ms, or -1.
 */
int text_parse_duration(const char *, int64_t *ms);

/*
 * Writes the two largest units: "4m10s", "12h", "1d2h", "30s", "500ms", "0s"; under a second ms,
 * else whole seconds; rounded down.  Negative counts as 0, more than 10000 days as 10000d.  Returns
 * dst.
 */
const char *text_duration(char dst[static TEXT_DURATION], int64_t ms);

/* The same rounded up to the smaller of the units that can be shown: for "in D at the latest". */
const char *text_duration_up(char dst[static TEXT_DURATION], int64_t ms);

/*
 * Reads a size in bytes: a number and KiB, MiB, GiB or TiB, or their first letter, with or without one space between:
 * "256MiB", "256 MiB", "1G".  At most TEXT_SIZE_MAX.  Returns 0 and *bytes, or -1.
 */
#define TEXT_SIZE_MAX (INT64_C(1) << 49)
int text_parse_size(const char *, int64_t *bytes);

/* The same back, in the largest unit that leaves nothing over, KiB at least: "256MiB".  Returns dst. */
const char *text_size(char dst[static TEXT_SIZE], int64_t bytes);

/*
 * "192.0.2.7" or "2001:db8::1" (with_port: "192.0.2.7:2217", "[2001:db8::1]:2217"); "local" for
 * AF_UNIX, "?" for others.  Returns dst.
 */
const char *text_address(char dst[static TEXT_ADDRESS], const struct sockaddr *, int with_port);

/*
 * Foreign bytes made printable: graphic ASCII and space stay, backslash is doubled, all else
 * becomes \r \n \t \0 or \xNN.  Always terminated, cut at cap.  Returns dst.
 */
const char *text_vis(char *dst, size_t cap, const void *src, size_t n);

/*
 * The character of UTF-8 at s (RFC 3629: shortest form, no surrogates) and how long it is, 1 to 4; 0: what
 * stands there is none.  Of a string that is terminated, and reads no further than that.
 */
size_t text_utf8(const char *s, uint32_t *c);

/* Is it none that could change how the text around it is read: a control, or a mark of direction? */
bool text_may_be_shown(uint32_t c);

/* The nearest of words (NULL-terminated) to `word`, for "did you mean"; NULL when none is near. */
const char *text_nearest(const char *word, const char *const *words);

#endif
