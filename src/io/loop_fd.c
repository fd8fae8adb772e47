/*
 * The descriptors of the event loop, see loop.h.
 *
 * Each has one struct event whose flags follow from what is wanted.  While nothing is read, a hang-up
 * must still be seen without the level-triggered spin that unread data or an error would cause: then
 * the event is edge-triggered (epoll tells errors as readiness to read).
 *
 * A thousand descriptors of which hardly anything comes need no struct event each: they are in an epoll
 * of their own, which is one descriptor to libevent; and so are those that come late and had to wait once.
 */
#include "io/loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "io/loop_parts.h"

static short
flags_for(const struct loop_fd *f)
{
	switch (f->want & (LOOP_READ | LOOP_WRITE)) {
	case LOOP_READ:
		return EV_READ | EV_PERSIST;
	case LOOP_READ | LOOP_WRITE:
		return EV_READ | EV_WRITE | EV_PERSIST;
	case LOOP_WRITE:
		return (short)(EV_WRITE | EV_PERSIST | (f->closed_seen ? 0 : EV_CLOSED));
	default:
		return EV_READ | EV_CLOSED | EV_ET | EV_PERSIST;
	}
}

static void change(struct loop_fd *, int want, bool closed_seen);

void
loop_fd_tell(struct loop_fd *f, short what)
{
	int told = 0;

	if ((what & EV_READ) != 0)
		told |= (f->want & LOOP_READ) != 0 ? LOOP_READ : LOOP_HANGUP;
	if ((what & EV_WRITE) != 0)
		told |= LOOP_WRITE;
	if ((what & EV_CLOSED) != 0)
		told |= LOOP_HANGUP;
	if ((what & EV_CLOSED) != 0 && (f->want & (LOOP_READ | LOOP_WRITE)) == LOOP_WRITE)
		change(f, f->want, true);
	f->fn(f->ctx, told);
}

/* An edge comes once, and is told at once. */
static void
on_fd(evutil_socket_t fd, short what, void *arg)
{
	struct loop_fd *f = arg;

	(void)fd;
	if (!f->late || (f->want & (LOOP_READ | LOOP_WRITE)) == 0) {
		loop_begin(f->loop, f->late);
		loop_fd_tell(f, what);
	} else if (!loop_defer(f->loop, f, what))
		loop_fd_wait(f);
}

/* As libevent reads them. */
static short
flags_of(uint32_t found)
{
	if ((found & EPOLLERR) != 0 || (found & (EPOLLHUP | EPOLLRDHUP)) == EPOLLHUP)
		return EV_READ | EV_WRITE;
	return (short)(((found & EPOLLIN) != 0 ? EV_READ : 0) |
	    ((found & EPOLLOUT) != 0 ? EV_WRITE : 0) | ((found & EPOLLRDHUP) != 0 ? EV_CLOSED : 0));
}

/* One at a time: what is told may stop the watching of others. */
void
loop_fd_serve(int epoll)
{
	struct epoll_event e;
	struct loop_fd *f;
	short flags;

	if (epoll_wait(epoll, &e, 1, 0) != 1)
		return;
	f = e.data.ptr;
	loop_begin(f->loop, f->late);
	flags = flags_of(e.events) & flags_for(f);
	if (flags != 0)
		loop_fd_tell(f, flags);
}

static int
control(struct loop_fd *f, int how)
{
	short flags = flags_for(f);
	struct epoll_event e = { .data.ptr = f };

	e.events = ((flags & EV_READ) != 0 ? EPOLLIN : 0U) | ((flags & EV_WRITE) != 0 ? EPOLLOUT : 0U) |
	    ((flags & EV_CLOSED) != 0 ? EPOLLRDHUP : 0U) | ((flags & EV_ET) != 0 ? EPOLLET : 0U);
	return epoll_ctl(f->late ? loop_late(f->loop) : loop_seldom(f->loop), how, f->fd, &e);
}

/* Where nothing is watched any more, or not yet. */
static int
arm(struct loop_fd *f)
{
	f->late = (f->want & LOOP_LATE) != 0;
	if ((f->want & LOOP_SELDOM) != 0)
		return control(f, EPOLL_CTL_ADD);
	if ((f->ev = malloc(event_get_struct_event_size())) == NULL)
		return -1;
	if (event_assign(f->ev, loop_base(f->loop), f->fd, flags_for(f), on_fd, f) == 0 && event_add(f->ev, NULL) == 0)
		return 0;
	free(f->ev);
	f->ev = NULL;
	return -1;
}

static void
disarm(struct loop_fd *f)
{
	if (f->ev == NULL) {
		control(f, EPOLL_CTL_DEL);
		return;
	}
	event_del(f->ev);
	free(f->ev);
	f->ev = NULL;
}

/* It is ready, and tells so again there; where there is no place it stays where it is. */
void
loop_fd_wait(struct loop_fd *f)
{
	struct event *ev = f->ev;

	event_del(ev);
	f->ev = NULL;
	if (control(f, EPOLL_CTL_ADD) == 0) {
		free(ev);
		return;
	}
	f->ev = ev;
	(void)event_add(ev, NULL);
}

int
loop_fd_start(struct loop_fd *f, struct loop *l, int fd, int want, loop_fd_fn *fn, void *ctx)
{
	*f = (struct loop_fd){ .loop = l, .fn = fn, .ctx = ctx, .fd = fd, .want = (uint8_t)want };
	if (arm(f) == 0)
		return 0;
	f->loop = NULL;
	return -1;
}

/* A second event first, then the end of the first: to the kernel one change, not two.  Not between level and
 * edge, which libevent does not mix on one descriptor. */
static bool
replace(struct loop_fd *f, short before)
{
	struct event *old = f->ev;

	if (old == NULL || ((before ^ flags_for(f)) & EV_ET) != 0)
		return false;
	f->ev = NULL;
	if (arm(f) != 0) {
		f->ev = old;
		return false;
	}
	event_del(old);
	free(old);
	return true;
}

/*
 * Adding back what was there a moment ago fails only if the kernel has no memory for it: then the
 * descriptor would be deaf, and whoever waits on it ends by its deadline.  Without memory for a struct
 * event it stays among the seldom ones.
 */
static void
change(struct loop_fd *f, int want, bool closed_seen)
{
	short before = flags_for(f);
	bool late = (want & LOOP_LATE) != 0, stays = f->ev == NULL && f->late && late;
	bool moves = !stays && (f->ev == NULL) != ((want & LOOP_SELDOM) != 0);

	moves = moves || (f->ev == NULL && f->late != late);
	f->want = (uint8_t)want;
	f->closed_seen = closed_seen;
	if (!late || moves || flags_for(f) != before)
		loop_forget(f->loop, f); /* it is told of again */
	if (!moves)
		f->late = late;
	if (!moves && flags_for(f) == before)
		return;
	if (!moves && f->ev == NULL) {
		(void)control(f, EPOLL_CTL_MOD);
		return;
	}
	if (!moves && replace(f, before))
		return;
	disarm(f);
	if (arm(f) == 0)
		return;
	f->want = (uint8_t)((f->want & ~LOOP_LATE) | LOOP_SELDOM);
	(void)arm(f);
}

void
loop_fd_want(struct loop_fd *f, int want)
{
	change(f, want, f->closed_seen);
}

void
loop_fd_stop(struct loop_fd *f)
{
	if (f->loop == NULL)
		return;
	loop_forget(f->loop, f);
	disarm(f);
	f->loop = NULL;
}

bool
loop_fd_watched(const struct loop_fd *f)
{
	return f->loop != NULL;
}

struct loop_fd *
loop_fd_new(struct loop *l, int fd, int want, loop_fd_fn *fn, void *ctx)
{
	struct loop_fd *f = calloc(1, sizeof *f);

	if (f != NULL && loop_fd_start(f, l, fd, want, fn, ctx) != 0) {
		free(f);
		f = NULL;
	}
	return f;
}

void
loop_fd_free(struct loop_fd *f)
{
	if (f == NULL)
		return;
	loop_fd_stop(f);
	free(f);
}
