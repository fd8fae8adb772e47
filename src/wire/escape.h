/*
 * How data lies in a Telnet stream: 255 is doubled (R7), and in an NVT, as opposed to BINARY,
 * CR is CR NUL unless LF follows (R24).  Pure, and without state but for *cr.
 *
 * All four write at most cap bytes to `to`, *made how many, and return the bytes of b read.
 */
#ifndef WIRE_ESCAPE_H
#define WIRE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes before the first 255, n without one. */
size_t escape_run(const uint8_t *b, size_t n);

/*
 * Data to the stream.  Never half of a pair: fewer than n are read when the next does not fit.
 * In an NVT the NUL after a CR at the end is put before the next byte; *cr tells that it is owed.
 */
size_t escape_plain(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made);
size_t escape_nvt(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made, bool *cr);

/*
 * The stream to data: stops before a 255 that is not followed by another, before a command so
 * and before one at the end.  In an NVT a NUL after CR is dropped; *cr tells that CR was last.
 */
size_t escape_undo(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made);
size_t escape_undo_nvt(const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made,
    bool *cr);

#endif
