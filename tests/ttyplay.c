/*
 * What a fake serial port answers once it is open, see ttyshim.c and ttyshim.h: settings, modem lines,
 * counters, queues.
 */
#include "ttyplay.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/serial.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define GETS2 _IOR('T', 0x2A, struct ttyshim_termios)
#define SETS2 _IOW('T', 0x2B, struct ttyshim_termios)
#define SETSW2 _IOW('T', 0x2C, struct ttyshim_termios)
#define SETSF2 _IOW('T', 0x2D, struct ttyshim_termios)
#define BOTHER 0010000u
#define RATE_BITS (0010017u)
#define SPACE_PARITY 010000000000u /* CMSPAR */

bool
ttyplay_has(const struct ttyshim *c, uint32_t flag)
{
	return (__atomic_load_n(&c->flags, __ATOMIC_ACQUIRE) & flag) != 0;
}

/* With the lock held. */
void
ttyplay_note(struct ttyshim *c, uint32_t kind, uint32_t value)
{
	struct ttyshim_event *e = &c->events[c->nevents % TTYSHIM_EVENTS];
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	e->ns = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	e->kind = kind;
	e->value = value;
	__atomic_store_n(&c->nevents, c->nevents + 1, __ATOMIC_RELEASE);
}

void
ttyplay_outputs(struct ttyshim *c, uint32_t on, uint32_t off)
{
	uint32_t new;

	pthread_mutex_lock(&ttyplay_lock);
	new = (c->outputs | on) & ~off;
	if (new != c->outputs) {
		__atomic_store_n(&c->outputs, new, __ATOMIC_RELEASE);
		ttyplay_note(c, TTYSHIM_OUTPUTS, new);
	}
	pthread_mutex_unlock(&ttyplay_lock);
}

/* A driver that does not come back. */
void
ttyplay_hang(struct ttyshim *c, uint32_t what)
{
	const struct timespec ms = { 0, 1000000 };

	if ((__atomic_load_n(&c->hang, __ATOMIC_ACQUIRE) & what) == 0)
		return;
	__atomic_add_fetch(&c->hanging, 1, __ATOMIC_ACQ_REL);
	while ((__atomic_load_n(&c->hang, __ATOMIC_ACQUIRE) & what) != 0)
		nanosleep(&ms, NULL);
	__atomic_sub_fetch(&c->hanging, 1, __ATOMIC_ACQ_REL);
}

int
ttyplay_fail(int err)
{
	errno = err;
	return -1;
}

/* ---- settings ---- */

static const uint32_t rates[] = { 0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800,
	9600, 19200, 38400 };
static const uint32_t high_rates[] = { 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000,
	1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000 };

static uint32_t
rate_of(const struct ttyshim_termios *t)
{
	uint32_t code = t->cflag & RATE_BITS;

	if (code == BOTHER)
		return t->ospeed;
	if (code < BOTHER)
		return rates[code];
	return high_rates[(code & 15) - 1];
}

static bool
changes_two(const struct ttyshim_termios *a, const struct ttyshim_termios *b)
{
	return rate_of(a) != rate_of(b) &&
	    ((a->cflag ^ b->cflag) & (CSIZE | PARENB | PARODD | CSTOPB)) != 0;
}

/* What a driver makes of a request: its own values where it does not take those asked for. */
static int
take_settings(struct ttyshim *c, struct ttyshim_termios t)
{
	const struct ttyshim_termios *old = &c->termios;
	uint32_t refuse = c->refuse;

	if ((refuse & TTYSHIM_REFUSE_ALL) != 0 ||
	    ((refuse & TTYSHIM_REFUSE_TWO) != 0 && changes_two(old, &t)))
		return ttyplay_fail(EINVAL);
	t.ispeed = t.ospeed = rate_of(&t);
	if (c->max_rate != 0 && t.ospeed > c->max_rate) {
		t.ispeed = t.ospeed = old->ospeed;
		t.cflag = (t.cflag & ~RATE_BITS) | (old->cflag & RATE_BITS);
	}
	if ((refuse & TTYSHIM_REFUSE_RTSCTS) != 0)
		t.cflag &= ~CRTSCTS;
	if ((refuse & TTYSHIM_REFUSE_PARITY) != 0)
		t.cflag &= ~(PARENB | PARODD | SPACE_PARITY);
	if ((refuse & TTYSHIM_REFUSE_SIZE) != 0 && (t.cflag & CSIZE) < CS7)
		t.cflag = (t.cflag & ~(uint32_t)CSIZE) | (old->cflag & CSIZE);
	if ((refuse & TTYSHIM_ODD_SIZE) != 0 && (t.cflag & CSIZE) == CS6)
		t.cflag = (t.cflag & ~(uint32_t)CSIZE) | CS5;
	pthread_mutex_lock(&ttyplay_lock);
	c->termios = t;
	ttyplay_note(c, TTYSHIM_SET, t.ospeed);
	pthread_mutex_unlock(&ttyplay_lock);
	return 0;
}

/* TCSETS and TCGETS: struct termios2 without the two rates. */
#define SHORT_TERMIOS offsetof(struct ttyshim_termios, ispeed)

static int
set_short(struct ttyshim *c, const void *arg)
{
	struct ttyshim_termios t = c->termios;

	memcpy(&t, arg, SHORT_TERMIOS);
	return take_settings(c, t);
}

static int
flush(struct ttyshim *c, int fd, int queue)
{
	REAL(int, ioctl, int, unsigned long, ...);
	bool stuck = ttyplay_has(c, TTYSHIM_STUCK);

	if ((c->refuse & TTYSHIM_REFUSE_FLUSH) != 0)
		return ttyplay_fail(EPROTO);
	pthread_mutex_lock(&ttyplay_lock);
	ttyplay_note(c, TTYSHIM_FLUSHED, (uint32_t)queue);
	pthread_mutex_unlock(&ttyplay_lock);
	/* What fills the pty of a stuck line is the test's. */
	if (stuck && queue == TCOFLUSH)
		return 0;
	return real(fd, TCFLSH, stuck ? TCIFLUSH : queue);
}

/* ---- ioctl ---- */

/* Lines and their counters change in one step, as in a UART. */
static void
settle(const struct ttyshim *c)
{
	while (__atomic_load_n(&c->busy, __ATOMIC_ACQUIRE) != 0)
		sched_yield();
}

static int
get_counts(struct ttyshim *c, struct serial_icounter_struct *out)
{
	if (ttyplay_has(c, TTYSHIM_NO_COUNTS | TTYSHIM_NO_LINES))
		return ttyplay_fail(ENOTTY);
	ttyplay_hang(c, TTYSHIM_HANG_COUNTS);
	settle(c);
	memset(out, 0, sizeof *out);
	out->cts = c->counts[TTYSHIM_CTS];
	out->dsr = c->counts[TTYSHIM_DSR];
	out->rng = c->counts[TTYSHIM_RNG];
	out->dcd = c->counts[TTYSHIM_DCD];
	out->frame = c->counts[TTYSHIM_FRAME];
	out->overrun = c->counts[TTYSHIM_OVERRUN];
	out->parity = c->counts[TTYSHIM_PARITY];
	out->brk = c->counts[TTYSHIM_BRK];
	out->buf_overrun = c->counts[TTYSHIM_BUF_OVERRUN];
	return 0;
}

static int
lines_ioctl(struct ttyshim *c, unsigned long request, void *arg)
{
	uint32_t bits;

	if (request == TIOCSBRK || request == TIOCCBRK) {
		if ((c->refuse & TTYSHIM_REFUSE_BREAK) != 0)
			return ttyplay_fail(EOPNOTSUPP);
		ttyplay_outputs(c, request == TIOCSBRK ? TTYSHIM_BREAK : 0,
		    request == TIOCCBRK ? TTYSHIM_BREAK : 0);
		return 0;
	}
	if (ttyplay_has(c, TTYSHIM_NO_LINES))
		return ttyplay_fail(ENOTTY);
	if (request == TIOCMGET) {
		ttyplay_hang(c, TTYSHIM_HANG_LINES);
		if ((c->refuse & TTYSHIM_REFUSE_LINES) != 0)
			return ttyplay_fail(EPROTO);
		settle(c);
		bits = __atomic_load_n(&c->inputs, __ATOMIC_ACQUIRE) | (c->outputs & ~TTYSHIM_BREAK);
		memcpy(arg, &bits, sizeof bits);
		return 0;
	}
	memcpy(&bits, arg, sizeof bits);
	bits &= TIOCM_DTR | TIOCM_RTS;
	if (request == TIOCMBIS)
		ttyplay_outputs(c, bits, 0);
	else if (request == TIOCMBIC)
		ttyplay_outputs(c, 0, bits);
	else
		ttyplay_outputs(c, bits, ~bits & (TIOCM_DTR | TIOCM_RTS));
	return 0;
}

static int
device_ioctl(struct ttyshim *c, int fd, unsigned long request, void *arg)
{
	REAL(int, ioctl, int, unsigned long, ...);

	if (request != TIOCOUTQ) /* no driver sleeps in this one, or poll(2) would */
		ttyplay_hang(c, TTYSHIM_HANG_IOCTL);
	if (ttyplay_unplugged(fd))
		return ttyplay_fail(EIO);
	switch (request) {
	case GETS2:
		if ((c->refuse & TTYSHIM_REFUSE_READ) != 0)
			return ttyplay_fail(EPROTO);
		memcpy(arg, &c->termios, sizeof c->termios);
		return 0;
	case TCGETS:
		memcpy(arg, &c->termios, SHORT_TERMIOS);
		return 0;
	case SETS2: case SETSW2: case SETSF2:
		return take_settings(c, *(const struct ttyshim_termios *)arg);
	case TCSETS: case TCSETSW: case TCSETSF:
		return set_short(c, arg);
	case TCFLSH:
		return flush(c, fd, (int)(intptr_t)arg);
	case TIOCMGET: case TIOCMSET: case TIOCMBIS: case TIOCMBIC: case TIOCSBRK: case TIOCCBRK:
		return lines_ioctl(c, request, arg);
	case TIOCGICOUNT:
		return get_counts(c, arg);
	case TIOCOUTQ:
		memcpy(arg, &c->outq, sizeof c->outq);
		return 0;
	case TIOCEXCL: case TIOCNXCL:
		c->exclusive = request == TIOCEXCL;
		return 0;
	case TIOCGEXCL:
		memcpy(arg, &c->exclusive, sizeof c->exclusive);
		return 0;
	default:
		return real(fd, request, arg);
	}
}

EXPORT int
ioctl(int fd, unsigned long request, ...)
{
	REAL(int, ioctl, int, unsigned long, ...);
	struct ttyshim *c = ttyplay_of(fd);
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	return c != NULL ? device_ioctl(c, fd, request, arg) : real(fd, request, arg);
}

/* Inside the C library these do not call ioctl() by its name. */
EXPORT int
tcgetattr(int fd, struct termios *t)
{
	REAL(int, tcgetattr, int, struct termios *);
	struct ttyshim *c = ttyplay_of(fd);
	struct ttyshim_termios k;

	if (c == NULL)
		return real(fd, t);
	if (device_ioctl(c, fd, GETS2, &k) < 0)
		return -1;
	memset(t, 0, sizeof *t);
	t->c_iflag = k.iflag;
	t->c_oflag = k.oflag;
	t->c_cflag = k.cflag;
	t->c_lflag = k.lflag;
	memcpy(t->c_cc, k.cc, sizeof k.cc);
	t->c_ispeed = t->c_ospeed = k.cflag & RATE_BITS;
	return 0;
}

EXPORT int
tcsetattr(int fd, int when, const struct termios *t)
{
	REAL(int, tcsetattr, int, int, const struct termios *);
	struct ttyshim *c = ttyplay_of(fd);
	struct ttyshim_termios k;

	if (c == NULL)
		return real(fd, when, t);
	k = c->termios;
	k.iflag = t->c_iflag;
	k.oflag = t->c_oflag;
	k.cflag = t->c_cflag;
	k.lflag = t->c_lflag;
	memcpy(k.cc, t->c_cc, sizeof k.cc);
	return device_ioctl(c, fd, SETS2, &k);
}

EXPORT int
tcflush(int fd, int queue)
{
	return ioctl(fd, TCFLSH, (void *)(intptr_t)queue);
}

/* What the driver has room for. */
static ssize_t
keep(struct ttyshim *c, const void *b, size_t n)
{
	size_t room;

	pthread_mutex_lock(&ttyplay_lock);
	room = TTYSHIM_KEPT - (size_t)c->outq;
	n = n < room ? n : room;
	memcpy(c->kept + c->outq, b, n);
	__atomic_store_n(&c->outq, c->outq + (int32_t)n, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&ttyplay_lock);
	return n > 0 ? (ssize_t)n : ttyplay_fail(EAGAIN);
}

EXPORT ssize_t
write(int fd, const void *b, size_t n)
{
	REAL(ssize_t, write, int, const void *, size_t);
	struct ttyshim *c = ttyplay_of(fd);

	if (c != NULL && ttyplay_has(c, TTYSHIM_KEEPS) && !ttyplay_unplugged(fd))
		return keep(c, b, n);

	if (c != NULL && ttyplay_has(c, TTYSHIM_STUCK))
		return ttyplay_fail(EAGAIN);
	return real(fd, b, n);
}
