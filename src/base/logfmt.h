/*
 * How a line of the log is written: words, then key=value for whoever reads logfmt.  Pure.
 *
 * A value stands as it is, or in quotes.  In these \" and \\ are a quote and a backslash, \n, \r and \t
 * the ends of lines and a tab, \uXXXX any other character that could change how the text around it is
 * read, and \ufffd each byte that is no UTF-8.  So a value ends at its own quote, whatever is in it.
 */
#ifndef BASE_LOGFMT_H
#define BASE_LOGFMT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define LOGFMT_VALUE 640 /* characters of one value at most; a longer one ends with "..." */

/*
 * Writes src as a value: in quotes where `quoted`, where it is empty, or where it has more than graphic
 * characters without quotes, apostrophes, backslashes and =.  Always terminated; cut at LOGFMT_VALUE, or
 * where it does not fit, between two characters, and its quotes are closed then too (cap at least 8).
 * Returns the length.
 */
size_t logfmt_value(char *dst, size_t cap, const char *src, bool quoted);

/*
 * Formats a line as printf(3) does, with %s, %d, %u, %zu, %lld and %llu alone.  What is put in by %s
 * behind a = is written as above, within quotes of the format escaped; elsewhere it is a word of ours.  A pair that
 * does not fit is left out, with all behind it.  Always terminated (cap at least 1); returns the length.
 */
size_t logfmt_line(char *dst, size_t cap, const char *fmt, va_list ap);

#endif
