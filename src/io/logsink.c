/*
 * Where lines of the log go, see logsink.h.
 *
 * O_NONBLOCK belongs to the open file, which standard error shares with the shell and its other programs; they
 * would fail if it were set there.  And poll(2) calls a terminal writable that has room for a byte, while a line
 * would wait for the rest.  So what may wait is opened once more, for us alone.
 */
#include "io/logsink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define HOW (O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* systemd says which stream leads to the journal: standard error may have been led elsewhere since. */
static bool
is_journal(const struct stat *st)
{
	const char *named = getenv("JOURNAL_STREAM");
	char is[64];

	snprintf(is, sizeof is, "%llu:%llu", (unsigned long long)st->st_dev, (unsigned long long)st->st_ino);
	return named != NULL && strcmp(named, is) == 0;
}

/* A terminal of somebody else's, after su(1), may still be opened as the one that controls us. */
static int
open_again(int fd, bool terminal)
{
	char path[32];
	int again;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, HOW);
	if (again < 0 && terminal && tcgetsid(fd) == getsid(0))
		again = open("/dev/tty", HOW);
	return again;
}

void
logsink_to_stderr(struct logsink *s, int fd)
{
	struct stat st;
	bool terminal = isatty(fd);
	int again;

	*s = (struct logsink){ .kind = LOGSINK_PLAIN, .fd = fd };
	if (fstat(fd, &st) != 0)
		return;
	s->journal = is_journal(&st);
	if (S_ISSOCK(st.st_mode)) {
		s->kind = LOGSINK_SOCKET;
	} else if (S_ISFIFO(st.st_mode) || terminal) {
		again = open_again(fd, terminal);
		s->kind = again >= 0 ? LOGSINK_OWN : LOGSINK_LENT;
		if (again >= 0)
			s->fd = again;
	}
}

void
logsink_to_syslog(struct logsink *s, const char *path)
{
	*s = (struct logsink){ .kind = LOGSINK_SYSLOG, .fd = -1, .path = path };
}

void
logsink_close(struct logsink *s)
{
	if (s->kind == LOGSINK_OWN || (s->kind == LOGSINK_SYSLOG && s->fd >= 0))
		close(s->fd);
	*s = (struct logsink){ .kind = LOGSINK_PLAIN, .fd = -1 };
}

static ssize_t
write_lent(int fd, const char *line, size_t n)
{
	int flags = fcntl(fd, F_GETFL), error;
	ssize_t put;

	if (flags == -1)
		return -1;
	if ((flags & O_NONBLOCK) == 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return -1;
	put = write(fd, line, n);
	error = errno;
	if ((flags & O_NONBLOCK) == 0)
		fcntl(fd, F_SETFL, flags);
	errno = error;
	return put;
}

/* ---- syslog ---- */

static bool
connect_as(struct logsink *s, int type)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int error;

	snprintf(un.sun_path, sizeof un.sun_path, "%s", s->path);
	s->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return false;
	s->stream = type == SOCK_STREAM;
	if (connect(s->fd, (const struct sockaddr *)&un, sizeof un) == 0)
		return true;
	error = errno;
	close(s->fd);
	s->fd = -1;
	errno = error;
	return false;
}

static bool
connect_syslog(struct logsink *s)
{
	return s->fd >= 0 || connect_as(s, SOCK_DGRAM) || (errno == EPROTOTYPE && connect_as(s, SOCK_STREAM));
}

/* A message is a datagram, or ends with a NUL. */
static ssize_t
send_syslog(struct logsink *s, const char *line, size_t n)
{
	char nul[] = "";
	struct iovec parts[2] = {
		{ .iov_base = (void *)(uintptr_t)line, .iov_len = n - 1 }, /* not changed */
		{ .iov_base = nul, .iov_len = 1 },
	};
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = s->stream ? 2 : 1 };
	ssize_t put = sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);

	return put >= 0 && !s->stream ? (ssize_t)n : put;
}

/* Once it has been restarted the old socket leads nowhere. */
static ssize_t
write_syslog(struct logsink *s, const char *line, size_t n)
{
	ssize_t put = -1;
	int tries;

	for (tries = 0; tries < 2 && put < 0; tries++) {
		if (!connect_syslog(s))
			return 0;
		put = send_syslog(s, line, n);
		if (put >= 0 || (errno != ECONNREFUSED && errno != ECONNRESET && errno != ENOTCONN && errno != EPIPE))
			return put;
		close(s->fd);
		s->fd = -1;
	}
	return 0;
}

ssize_t
logsink_write(struct logsink *s, const char *line, size_t n)
{
	ssize_t put;

	switch (s->kind) {
	case LOGSINK_LENT:
		put = write_lent(s->fd, line, n);
		break;
	case LOGSINK_SOCKET:
		put = send(s->fd, line, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case LOGSINK_SYSLOG:
		put = write_syslog(s, line, n);
		break;
	default:
		put = write(s->fd, line, n);
	}
	if (put >= 0)
		return put;
	switch (errno) {
	case EAGAIN:
	case EINTR:
	case ENOBUFS:
	case ENOMEM:
	case ENOSPC: /* of a file */
	case EDQUOT:
		return 0;
	default:
		return -1;
	}
}
