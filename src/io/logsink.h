/*
 * Where lines of the log go: standard error, or the socket of syslog.  Nothing here waits, whatever nobody reads.
 */
#ifndef IO_LOGSINK_H
#define IO_LOGSINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum logsink_kind {
	LOGSINK_PLAIN,  /* a file, or what else never waits: written as it is.  A sink of zeros is this */
	LOGSINK_OWN,    /* a terminal or a pipe, by a description of its own that does not wait */
	LOGSINK_LENT,   /* one that we may not open again: others' description, not waiting while we write */
	LOGSINK_SOCKET, /* as the journal's stream */
	LOGSINK_SYSLOG,
};

struct logsink {
	enum logsink_kind kind;
	int fd;         /* syslog: -1 while it does not listen */
	bool journal;   /* it is the journal's stream, which reads "<N>" at the begin of a line */
	bool stream;    /* syslog takes a stream */
	const char *path; /* syslog: its socket, the caller's */
};

/* Looks what fd, standard error, is.  fd stays the caller's; it is not changed but for LOGSINK_LENT. */
void logsink_to_stderr(struct logsink *, int fd);

/* Syslog, which listens at path, or will: it is connected to as lines come. */
void logsink_to_syslog(struct logsink *, const char *path);

/* Closes what was opened. */
void logsink_close(struct logsink *);

/*
 * Writes what there is room for of a line, with the newline at its end.  Returns how many bytes were taken; 0: no
 * room now; -1: it never will be.  To syslog it goes without the newline.
 */
ssize_t logsink_write(struct logsink *, const char *line, size_t n);

#endif
