/*
 * An open tty, see ttydev.h.  Settings are in termios2.c, how it is opened in ttyopen.c.
 */
#include "ports/ttydev.h"

#include <errno.h>
#include <linux/serial.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "ports/termios2.h"
#include "ports/ttyclose.h"

static int
control(const struct ttydev *d, unsigned long request, void *arg)
{
	return ioctl(d->fd, request, arg) < 0 ? -errno : 0;
}

static int
control_int(const struct ttydev *d, unsigned long request, int arg)
{
	return ioctl(d->fd, request, arg) < 0 ? -errno : 0;
}

/* An XOFF outlives settings that stay, and TCOON alone does not undo it: the kernel starts only what was stopped
 * by TCOOFF.  So the last owner's does not stop the next one. */
static int
apply(const struct ttydev *d, const struct rfc2217_format *f)
{
	int err = termios2_apply(d->fd, f);

	if (err != 0 || f->outflow != RFC2217_OUT_XONXOFF)
		return err;
	(void)control_int(d, TCXONC, TCOOFF); /* not every driver knows these; what it then keeps, it keeps */
	(void)control_int(d, TCXONC, TCOON);
	return 0;
}

int
ttydev_start(struct ttydev *d, const struct rfc2217_format *f)
{
	struct serial_icounter_struct counts;
	int bits, err = termios2_start(d->fd, d->hupcl, f);

	if (err != 0)
		return err;
	d->lines = control(d, TIOCMGET, &bits) == 0;
	d->counts = d->lines && control(d, TIOCGICOUNT, &counts) == 0;
	d->brk = false;
	d->made_up = PORT_DTR | PORT_RTS;
	return ttydev_purge(d, RFC2217_PURGE_BOTH);
}

int
ttydev_set_hupcl(struct ttydev *d)
{
	return termios2_hupcl(d->fd, d->hupcl);
}

/* ---- lines and queues ---- */

static int
modem_bits(uint8_t lines)
{
	return ((lines & PORT_DTR) != 0 ? TIOCM_DTR : 0) | ((lines & PORT_RTS) != 0 ? TIOCM_RTS : 0);
}

static int
set_lines(struct ttydev *d, uint8_t on, uint8_t off)
{
	int up = modem_bits(on), down = modem_bits(off), err = 0;

	if (!d->lines) {
		d->made_up = (uint8_t)((d->made_up | on) & ~off & (PORT_DTR | PORT_RTS));
		return 0;
	}
	if (up != 0)
		err = control(d, TIOCMBIS, &up);
	if (down != 0 && err == 0)
		err = control(d, TIOCMBIC, &down);
	return err;
}

static int
set_break(struct ttydev *d, bool on)
{
	int err;

	if (on && !ttydev_drained(d))
		return -EAGAIN;
	err = control_int(d, on ? TIOCSBRK : TIOCCBRK, 0);
	/* A tty without modem lines has no wire that could be held low either. */
	if (err != 0 && !d->lines && err != -EIO)
		err = 0;
	if (err == 0)
		d->brk = on;
	return err;
}

int
ttydev_signals(struct ttydev *d, uint8_t mask, uint8_t values)
{
	uint8_t on = mask & values, off = (uint8_t)(mask & ~values);
	int err = set_lines(d, on, off), broke = 0;

	if ((mask & PORT_BRK) != 0)
		broke = set_break(d, (on & PORT_BRK) != 0);
	return err != 0 ? err : broke;
}

static int
set_one(struct ttydev *d, const struct rfc2217_op *op)
{
	uint32_t v = op->value;

	switch (op->what) {
	case RFC2217_OP_BREAK:
		return ttydev_signals(d, PORT_BRK, v == RFC2217_BREAK_ON ? PORT_BRK : 0);
	case RFC2217_OP_DTR:
		return ttydev_signals(d, PORT_DTR, v == RFC2217_DTR_ON ? PORT_DTR : 0);
	case RFC2217_OP_RTS:
		return ttydev_signals(d, PORT_RTS, v == RFC2217_RTS_ON ? PORT_RTS : 0);
	case RFC2217_OP_MODEM: case RFC2217_OP_PURGE: /* a purge is an operation of its own */
		return 0;
	default:
		return termios2_set(d->fd, op->what, v);
	}
}

int
ttydev_operate(struct ttydev *d, const struct port_op *op)
{
	switch (op->kind) {
	case PORT_SET:
		return op->set.value != 0 ? set_one(d, &op->set) : 0;
	case PORT_APPLY:
		return apply(d, &op->format);
	case PORT_SIGNALS:
		return ttydev_signals(d, op->mask, op->values);
	case PORT_PURGE:
		return ttydev_purge(d, op->purge);
	default:
		return 0;
	}
}

bool
ttydev_wants_drain(const struct port_op *op)
{
	switch (op->kind) {
	case PORT_SET:
		return op->set.value != 0 && (op->set.what <= RFC2217_OP_STOPSIZE ||
		    (op->set.what == RFC2217_OP_BREAK && op->set.value == RFC2217_BREAK_ON));
	case PORT_SIGNALS:
		return (op->mask & op->values & PORT_BRK) != 0;
	default:
		return op->kind == PORT_APPLY || op->kind == PORT_BREAK || op->kind == PORT_DRAIN;
	}
}

int
ttydev_purge(struct ttydev *d, uint8_t which)
{
	static const int queue[] = { [RFC2217_PURGE_RX] = TCIFLUSH, [RFC2217_PURGE_TX] = TCOFLUSH,
		[RFC2217_PURGE_BOTH] = TCIOFLUSH };

	return control_int(d, TCFLSH, queue[which]);
}

bool
ttydev_drained(const struct ttydev *d)
{
	int n = 0;

	return control(d, TIOCOUTQ, &n) != 0 || n == 0;
}

static void
close_alone(struct ttydev *d)
{
	(void)ttydev_purge(d, RFC2217_PURGE_BOTH);
	if (d->brk)
		(void)set_break(d, false);
	/* A pty keeps it as long as its other end is open: nobody could open it again, we neither. */
	(void)control_int(d, TIOCNXCL, 0);
	ttyclose(d->fd);
	d->fd = -1;
}

void
ttydev_close(struct ttydev *d, const char *lock_dir)
{
	close_alone(d);
	ttydev_unlock(d, lock_dir); /* not before: who waits for it opens at once */
}

int
ttydev_reopen(struct ttydev *d, const char *path, const struct rfc2217_format *f)
{
	struct stat st;
	int err;

	if (fstat(d->fd, &st) != 0)
		return -errno;
	(void)termios2_hupcl(d->fd, false); /* else DTR falls before the driver drops what it keeps */
	close_alone(d);
	err = ttydev_open_again(d, path, st.st_rdev);
	if (err != 0)
		return err;
	err = ttydev_start(d, f);
	if (err != 0)
		close_alone(d);
	return err;
}

/* ---- reading back ---- */

static uint8_t
modem_of(int bits)
{
	return (uint8_t)(((bits & TIOCM_CAR) != 0 ? RFC2217_DCD : 0) |
	    ((bits & TIOCM_RNG) != 0 ? RFC2217_RI : 0) |
	    ((bits & TIOCM_DSR) != 0 ? RFC2217_DSR : 0) |
	    ((bits & TIOCM_CTS) != 0 ? RFC2217_CTS : 0));
}

int
ttydev_state(struct ttydev *d, struct port_state *state)
{
	int bits, err = termios2_read(d->fd, &state->rfc.format);

	state->lines = d->lines;
	state->rfc.brk = d->brk;
	if (!d->lines) {
		state->rfc.dtr = (d->made_up & PORT_DTR) != 0;
		state->rfc.rts = (d->made_up & PORT_RTS) != 0;
		state->rfc.modem = RFC2217_DCD | RFC2217_DSR | RFC2217_CTS;
		return err;
	}
	if (err == 0)
		err = control(d, TIOCMGET, &bits);
	if (err != 0)
		return err;
	state->rfc.dtr = (bits & TIOCM_DTR) != 0;
	state->rfc.rts = (bits & TIOCM_RTS) != 0;
	state->rfc.modem = modem_of(bits);
	return 0;
}

static int
read_counts(const struct ttydev *d, struct serial_icounter_struct *c)
{
	memset(c, 0, sizeof *c);
	return d->counts ? control(d, TIOCGICOUNT, c) : 0;
}

static bool
same_edges(const struct serial_icounter_struct *a, const struct serial_icounter_struct *b)
{
	return a->cts == b->cts && a->dsr == b->dsr && a->rng == b->rng && a->dcd == b->dcd;
}

/* Lines and counters are two calls: an edge between them would count as two changes, so the lines
 * are read again until the counters stood still around them. */
int
ttydev_look(const struct ttydev *d, struct ttydev_look *look)
{
	struct serial_icounter_struct before, c;
	int bits = 0, tries = 4, err = read_counts(d, &c);

	do {
		before = c;
		if (err == 0)
			err = control(d, TIOCMGET, &bits);
		if (err == 0)
			err = read_counts(d, &c);
	} while (err == 0 && --tries > 0 && !same_edges(&before, &c));
	if (err != 0)
		return err;
	look->modem = modem_of(bits);
	look->cts = c.cts;
	look->dsr = c.dsr;
	look->rng = c.rng;
	look->dcd = c.dcd;
	look->brk = c.brk;
	look->frame = c.frame;
	look->parity = c.parity;
	look->overrun = (int)((unsigned)c.overrun + (unsigned)c.buf_overrun);
	return 0;
}

/* Counters differ while the state is the same: a pulse between two looks.  RI counts only when it
 * goes off; a driver may count its rising edge too. */
uint8_t
ttydev_deltas(const struct ttydev_look *old, const struct ttydev_look *new)
{
	uint8_t changed = old->modem ^ new->modem, deltas = 0;

	if ((changed & RFC2217_DCD) != 0 || old->dcd != new->dcd)
		deltas |= RFC2217_DCD_CHANGED;
	if ((changed & RFC2217_DSR) != 0 || old->dsr != new->dsr)
		deltas |= RFC2217_DSR_CHANGED;
	if ((changed & RFC2217_CTS) != 0 || old->cts != new->cts)
		deltas |= RFC2217_CTS_CHANGED;
	if ((changed & RFC2217_RI) != 0 ? (old->modem & RFC2217_RI) != 0 : old->rng != new->rng)
		deltas |= RFC2217_RI_FELL;
	return deltas;
}

uint8_t
ttydev_errors(const struct ttydev_look *old, const struct ttydev_look *new)
{
	return (uint8_t)((old->brk != new->brk ? RFC2217_BREAK_SEEN : 0) |
	    (old->frame != new->frame ? RFC2217_FRAMING_ERROR : 0) |
	    (old->parity != new->parity ? RFC2217_PARITY_ERROR : 0) |
	    (old->overrun != new->overrun ? RFC2217_OVERRUN : 0));
}
