/*
 * What the parts of the load generator share.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line: the master of its pty, the port it is shared on, and the client. */
struct load_line {
	int master, port, sock;
	bool iac, verb, sub; /* where in a Telnet command the received bytes stand */
};

/* s since some point in the past. */
double load_now(void);

/* Ends the program, telling why. */
_Noreturn void load_fail(const char *what);

/* Connects to 127.0.0.1; the socket is non-blocking and without delay. */
int load_connect(int port);

/* Connects, sends one byte and waits for it at the master, so that the line is the client's; false
 * when the server has closed the connection instead. */
bool load_claim(struct load_line *);

/* Waits until fd is readable (or writable); at most 10 s, then it fails. */
void load_wait(int fd, short events);

/* Un-escapes in place, commands drop out; returns the bytes left. */
size_t load_undo(struct load_line *, uint8_t *, size_t n);

/* Doubles 255; returns the bytes made. */
size_t load_double(const uint8_t *, size_t n, uint8_t *to);

/* Sends one byte in one direction and waits for it at the other end; false: closed. */
bool load_one_up(struct load_line *, uint8_t byte);
bool load_one_down(struct load_line *, uint8_t byte);

/* The measures; each prints its result on one line. */
void load_bulk(struct load_line *, const char *direction, const char *payload, size_t bytes);
void load_paced(struct load_line *, size_t n, double seconds, unsigned rate);

#endif
