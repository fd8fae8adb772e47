/*
 * A serial port: the loop's half.  It reads and writes the descriptor, one system call for each
 * event, and leaves all that may sleep to the worker (ttyctl.c).
 *
 * With VMIN 1 a read of 0 bytes means that the device has gone, as do EIO and a poll that tells of a
 * hang-up.  Such a descriptor stays readable for ever, so it leaves the loop at once.
 */
#include "ports/serial.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/log.h"
#include "ports/ttyworker.h"

struct serial {
	struct port port;
	struct ttyctl ctl;
	struct loop_fd watch; /* while it is open and not gone */
	bool owned;
	bool refused;          /* a purge made port_send() take nothing */
	bool reopens;          /* and meanwhile there is no descriptor */
	bool full;             /* the last write was a short one, since the loop told of room */
	char path[]; /* a copy, for the worker: a configuration may go before its line does */
};

struct serials {
	struct ttyhouse house;
};

static struct serial *
serial_of(struct port *p)
{
	return (struct serial *)(void *)p;
}

static struct serial *
with_ctl(struct ttyctl *ctl)
{
	return (struct serial *)(void *)((char *)ctl - offsetof(struct serial, ctl));
}

static void
set_want(struct serial *s, int want)
{
	if (want != s->watch.want) /* mostly it is the same in each turn */
		loop_fd_want(&s->watch, want);
}

static void
fail(struct serial *s, const char *reason)
{
	loop_fd_stop(&s->watch);
	ttyctl_gone(&s->ctl, reason);
}

static void
on_readable(struct serial *s)
{
	const struct port_news *news = s->port.news;
	size_t room = news->room(s->port.ctx);
	uint8_t *buf = loop_scratch(s->ctl.house->loop);
	bool stale;
	ssize_t n;

	if (!loop_fd_watched(&s->watch))
		return;
	if (room == 0) {
		set_want(s, s->watch.want & ~LOOP_READ);
		return;
	}
	stale = ttyctl_purging(&s->ctl, RFC2217_PURGE_RX);
	n = read(s->watch.fd, buf, room < LOOP_SCRATCH ? room : LOOP_SCRATCH);
	if (n > 0 && !stale)
		news->data(s->port.ctx, buf, (size_t)n);
	else if (n == 0)
		fail(s, "device gone");
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		fail(s, errno == EIO || errno == ENXIO ? "device gone" : strerror(errno));
}

/* While nothing is read, a hang-up is told together with other things. */
static void
on_hangup(struct serial *s)
{
	struct pollfd p = { .fd = s->watch.fd };

	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		fail(s, "device gone");
}

/*
 * Mostly more waits than there is room for, and whoever has it may write it only when the turn ends.  So what is
 * wanted stays until room is told of once more and nobody has filled it meanwhile.
 */
static void
on_room(struct serial *s)
{
	if (!s->full) {
		set_want(s, s->watch.want & ~LOOP_WRITE);
		return;
	}
	s->full = false;
	s->port.news->writable(s->port.ctx);
}

static void
on_fd(void *ctx, int what)
{
	struct serial *s = ctx;

	if ((what & LOOP_HANGUP) != 0)
		on_hangup(s);
	if ((what & LOOP_READ) != 0 && loop_fd_watched(&s->watch))
		on_readable(s);
	if ((what & LOOP_WRITE) != 0 && loop_fd_watched(&s->watch))
		on_room(s);
}

/* ---- news from the worker ---- */

static void
on_opened(struct ttyctl *ctl, int fd, const char *reason, const struct port_state *state)
{
	struct serial *s = with_ctl(ctl);
	bool deaf = false;

	if (reason == NULL) {
		s->refused = s->owned = s->reopens = s->full = false;
		deaf = loop_fd_start(&s->watch, s->ctl.house->loop, fd, LOOP_READ | LOOP_SELDOM, on_fd, s) != 0;
		log_debug("event=device-open library=%s lines=%s",
		    ttyctl_by_library(&s->ctl) ? "yes" : "no", state->lines ? "yes" : "no");
	}
	/* Told by a note, so that it comes after opened(). */
	if (deaf)
		fail(s, "out of memory");
	s->port.news->opened(s->port.ctx, reason, state);
}

static void
on_reopened(struct ttyctl *ctl, int fd)
{
	struct serial *s = with_ctl(ctl);

	s->reopens = s->full = false;
	if (loop_fd_start(&s->watch, s->ctl.house->loop, fd, s->watch.want | LOOP_READ, on_fd, s) != 0)
		fail(s, "out of memory");
}

/* What the worker does for nobody in particular. */
static void
on_fails(struct ttyctl *ctl, const char *reason)
{
	struct serial *s = with_ctl(ctl);

	if (loop_fd_watched(&s->watch) || s->reopens)
		fail(s, reason);
}

static void
on_purged(struct ttyctl *ctl)
{
	struct serial *s = with_ctl(ctl);

	if (!s->refused || !loop_fd_watched(&s->watch))
		return;
	s->refused = false;
	s->port.news->writable(s->port.ctx);
}

static void
on_done(struct ttyctl *ctl, const char *failed, const struct port_state *state)
{
	struct serial *s = with_ctl(ctl);

	s->port.news->done(s->port.ctx, failed, state);
}

static void
on_modem(struct ttyctl *ctl, uint8_t state, uint8_t deltas)
{
	struct serial *s = with_ctl(ctl);

	s->port.news->modem(s->port.ctx, state, deltas);
}

static void
on_errors(struct ttyctl *ctl, uint8_t bits)
{
	struct serial *s = with_ctl(ctl);

	s->port.news->errors(s->port.ctx, bits);
}

static void
on_gone(struct ttyctl *ctl, const char *reason)
{
	struct serial *s = with_ctl(ctl);

	s->port.news->gone(s->port.ctx, reason);
}

static void
on_closed(struct ttyctl *ctl)
{
	struct serial *s = with_ctl(ctl);

	s->port.news->closed(s->port.ctx);
}

/* A line that nobody has brings hardly anything.  But mostly the next one waits already, so that it is not put
 * away before its hand-over is through and nothing was asked of it for a while. */
static void
put_away(struct serial *s)
{
	if (loop_fd_watched(&s->watch) && !s->owned && !ttyctl_works(&s->ctl))
		set_want(s, s->watch.want | LOOP_SELDOM);
}

static void
on_rests(struct ttyctl *ctl)
{
	put_away(with_ctl(ctl));
}

static const struct ttyctl_news ctl_news = {
	.opened = on_opened,
	.reopened = on_reopened,
	.done = on_done,
	.purged = on_purged,
	.fails = on_fails,
	.modem = on_modem,
	.errors = on_errors,
	.gone = on_gone,
	.closed = on_closed,
	.rests = on_rests,
};

/* ---- what the owner calls ---- */

static void
serial_open(struct port *p, const struct rfc2217_format *f)
{
	ttyctl_open(&serial_of(p)->ctl, f);
}

static size_t
serial_send(struct port *p, const uint8_t *b, size_t n)
{
	struct serial *s = serial_of(p);
	ssize_t sent;

	if (!loop_fd_watched(&s->watch) || n == 0)
		return 0;
	/* The purge must not take what comes after it. */
	if (ttyctl_purging(&s->ctl, RFC2217_PURGE_TX)) {
		s->refused = true;
		return 0;
	}
	sent = write(s->watch.fd, b, n);
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		fail(s, errno == EIO || errno == ENXIO ? "device gone" : strerror(errno));
		return 0;
	}
	if (sent < 0)
		sent = 0;
	if ((size_t)sent < n) {
		s->full = true;
		set_want(s, s->watch.want | LOOP_WRITE);
	}
	return (size_t)sent;
}

static void
serial_resume(struct port *p)
{
	struct serial *s = serial_of(p);

	if (loop_fd_watched(&s->watch))
		set_want(s, s->watch.want | LOOP_READ);
}

static void
serial_owned(struct port *p, bool owned)
{
	struct serial *s = serial_of(p);

	s->owned = owned;
	if (owned && loop_fd_watched(&s->watch))
		set_want(s, s->watch.want & ~LOOP_SELDOM);
	put_away(s);
}

static enum port_result
serial_submit(struct port *p, const struct port_op *op, struct port_state *state, const char **why)
{
	struct serial *s = serial_of(p);
	enum port_result r = ttyctl_submit(&s->ctl, op, state, why);

	if (op->kind == PORT_REOPEN && r == PORT_PENDING) {
		loop_fd_stop(&s->watch); /* the number may soon be another's */
		s->reopens = true;
	}
	return r;
}

/* The descriptor leaves the loop before the worker closes it. */
static void
serial_close(struct port *p)
{
	struct serial *s = serial_of(p);

	loop_fd_stop(&s->watch);
	ttyctl_close(&s->ctl);
}

static void
serial_free(struct port *p)
{
	struct serial *s = serial_of(p);

	ttyctl_done(&s->ctl);
	free(s);
}

static const struct port_ops ops = {
	.open = serial_open,
	.send = serial_send,
	.resume = serial_resume,
	.owned = serial_owned,
	.submit = serial_submit,
	.close = serial_close,
	.free = serial_free,
};

struct serials *
serials_new(struct loop *loop, const char *lock_dir)
{
	struct serials *all = malloc(sizeof *all);

	if (all != NULL)
		ttyhouse_init(&all->house, loop, lock_dir, &ctl_news);
	return all;
}

void
serials_free(struct serials *all)
{
	if (all == NULL)
		return;
	ttyhouse_done(&all->house);
	free(all);
}

struct port *
port_serial_new(struct serials *all, const char *path, bool hupcl, const struct port_news *news, void *ctx)
{
	size_t length = strlen(path) + 1;
	struct serial *s = calloc(1, offsetof(struct serial, path) + length);

	if (s == NULL)
		return NULL;
	s->port = (struct port){ .ops = &ops, .news = news, .ctx = ctx };
	memcpy(s->path, path, length);
	ttyctl_init(&s->ctl, &all->house, s->path, hupcl);
	return &s->port;
}

void
port_serial_hupcl(struct port *p, bool hupcl)
{
	ttyctl_hupcl(&serial_of(p)->ctl, hupcl);
}

bool
port_serial_by_library(const struct port *p)
{
	return ttyctl_by_library(&((const struct serial *)(const void *)p)->ctl);
}

bool
port_serial_in_use(const struct port *p)
{
	return ttyctl_busy(&((const struct serial *)(const void *)p)->ctl);
}

const char *
port_serial_unlocked(const struct port *p)
{
	int err = ttyctl_unlocked(&((const struct serial *)(const void *)p)->ctl);

	return err != 0 ? strerror(err) : NULL;
}

const char *
port_serial_left(const struct port *p)
{
	int err = ttyctl_left(&((const struct serial *)(const void *)p)->ctl);

	return err != 0 ? strerror(err) : NULL;
}
