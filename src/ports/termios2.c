/*
 * Settings by struct termios2, see termios2.h.
 *
 * They are ours from end to end: libserialport 0.1.1 never switches RTS/CTS flow control, leaves
 * XON/XOFF of the user before, and rewrites DTR and RTS with each setting.  <asm/termbits.h> has
 * what <termios.h> lacks, arbitrary rates; they exclude each other.
 *
 * Bytes that arrive with errors are passed on as received (no INPCK, IGNPAR, PARMRK): the driver's
 * counters tell of the errors.  A break reads as one NUL and never as a signal (no BRKINT).
 */
#include "ports/termios2.h"

#include <asm/ioctls.h> /* TCGETS2: not in every <sys/ioctl.h> */
#include <asm/termbits.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#define BAUD_MIN 50
#define BAUD_MAX 4000000
#define XON 0x11
#define XOFF 0x13

static int
get(int fd, struct termios2 *t)
{
	return ioctl(fd, TCGETS2, t) < 0 ? -errno : 0;
}

/* At once (TCSANOW): letting output leave first is the caller's, since the kernel has no bound. */
static int
set(int fd, const struct termios2 *t)
{
	return ioctl(fd, TCSETS2, t) < 0 ? -errno : 0;
}

/* ---- one setting in a termios2: false when it cannot be expressed ---- */

static bool
put_baud(struct termios2 *t, uint32_t baud)
{
	if (baud < BAUD_MIN || baud > BAUD_MAX)
		return false;
	/* An input rate of B0 means: as the output rate. */
	t->c_cflag &= ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT);
	t->c_cflag |= BOTHER;
	t->c_ispeed = t->c_ospeed = baud;
	return true;
}

static bool
put_datasize(struct termios2 *t, uint32_t bits)
{
	static const tcflag_t sizes[] = { CS5, CS6, CS7, CS8 };

	if (bits < 5 || bits > 8)
		return false;
	t->c_cflag = (t->c_cflag & ~(tcflag_t)CSIZE) | sizes[bits - 5];
	return true;
}

static const tcflag_t parities[] = { 0, PARENB | PARODD, PARENB, PARENB | PARODD | CMSPAR,
	PARENB | CMSPAR };
#define PARITY_BITS (PARENB | PARODD | CMSPAR)

static bool
put_parity(struct termios2 *t, uint32_t parity)
{
	if (parity < RFC2217_NONE || parity > RFC2217_SPACE)
		return false;
	t->c_cflag = (t->c_cflag & ~(tcflag_t)PARITY_BITS) | parities[parity - RFC2217_NONE];
	return true;
}

/* POSIX knows one stop bit or two; with five data bits a UART makes one and a half of the two. */
static bool
put_stopsize(struct termios2 *t, uint32_t stop)
{
	if (stop < RFC2217_STOP_1 || stop > RFC2217_STOP_15)
		return false;
	if (stop == RFC2217_STOP_15 && (t->c_cflag & CSIZE) != CS5)
		return false;
	t->c_cflag &= ~(tcflag_t)CSTOPB;
	if (stop != RFC2217_STOP_1)
		t->c_cflag |= CSTOPB;
	return true;
}

/* Outbound 1 to 3 set both directions; by DCD or DSR no Linux driver does it. */
static bool
put_outflow(struct termios2 *t, uint32_t flow)
{
	if (flow < RFC2217_OUT_NONE || flow > RFC2217_OUT_RTSCTS)
		return false;
	t->c_cflag &= ~(tcflag_t)CRTSCTS;
	t->c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY);
	if (flow == RFC2217_OUT_RTSCTS)
		t->c_cflag |= CRTSCTS;
	else if (flow == RFC2217_OUT_XONXOFF)
		t->c_iflag |= IXON | IXOFF;
	return true;
}

/* CRTSCTS covers both directions, so inbound alone can neither enter nor leave it. */
static bool
put_inflow(struct termios2 *t, uint32_t flow)
{
	bool hardware = (t->c_cflag & CRTSCTS) != 0;

	if (flow == RFC2217_IN_RTSCTS)
		return hardware;
	if (hardware || (flow != RFC2217_IN_NONE && flow != RFC2217_IN_XONXOFF))
		return false;
	t->c_iflag &= ~(tcflag_t)IXOFF;
	if (flow == RFC2217_IN_XONXOFF)
		t->c_iflag |= IXOFF;
	return true;
}

/* In the order of enum rfc2217_what; stop bits depend on the data size, inflow on outflow. */
static bool (*const put[])(struct termios2 *, uint32_t) = {
	[RFC2217_OP_BAUD] = put_baud,
	[RFC2217_OP_DATASIZE] = put_datasize,
	[RFC2217_OP_PARITY] = put_parity,
	[RFC2217_OP_STOPSIZE] = put_stopsize,
	[RFC2217_OP_OUTFLOW] = put_outflow,
	[RFC2217_OP_INFLOW] = put_inflow,
};
#define SETTINGS (sizeof put / sizeof *put)

/* ---- and back ---- */

static uint8_t
parity_of(const struct termios2 *t)
{
	tcflag_t bits = t->c_cflag & PARITY_BITS;
	uint8_t i;

	if ((bits & PARENB) == 0)
		return RFC2217_NONE;
	for (i = 1; i < sizeof parities / sizeof *parities; i++)
		if (parities[i] == bits)
			return (uint8_t)(RFC2217_NONE + i);
	return RFC2217_NONE;
}

static uint8_t
datasize_of(const struct termios2 *t)
{
	switch (t->c_cflag & CSIZE) {
	case CS5: return 5;
	case CS6: return 6;
	case CS7: return 7;
	default: return 8;
	}
}

static uint8_t
stopsize_of(const struct termios2 *t)
{
	if ((t->c_cflag & CSTOPB) == 0)
		return RFC2217_STOP_1;
	return (t->c_cflag & CSIZE) == CS5 ? RFC2217_STOP_15 : RFC2217_STOP_2;
}

static uint32_t
in_force(const struct termios2 *t, enum rfc2217_what what)
{
	bool hardware = (t->c_cflag & CRTSCTS) != 0;

	switch (what) {
	case RFC2217_OP_BAUD: return t->c_ospeed;
	case RFC2217_OP_DATASIZE: return datasize_of(t);
	case RFC2217_OP_PARITY: return parity_of(t);
	case RFC2217_OP_STOPSIZE: return stopsize_of(t);
	case RFC2217_OP_OUTFLOW:
		if (hardware)
			return RFC2217_OUT_RTSCTS;
		return (t->c_iflag & IXON) != 0 ? RFC2217_OUT_XONXOFF : RFC2217_OUT_NONE;
	default:
		if (hardware)
			return RFC2217_IN_RTSCTS;
		return (t->c_iflag & IXOFF) != 0 ? RFC2217_IN_XONXOFF : RFC2217_IN_NONE;
	}
}

static void
read_format(const struct termios2 *t, struct rfc2217_format *f)
{
	if (t->c_ospeed != 0)
		f->baud = t->c_ospeed;
	f->datasize = datasize_of(t);
	f->parity = parity_of(t);
	f->stopsize = stopsize_of(t);
	f->outflow = (uint8_t)in_force(t, RFC2217_OP_OUTFLOW);
	f->inflow = (uint8_t)in_force(t, RFC2217_OP_INFLOW);
}

/* ---- setting ---- */

/* Drivers round rates: five in a hundred is what a receiver tolerates. */
static bool
took(enum rfc2217_what what, uint32_t asked, uint32_t got)
{
	if (what == RFC2217_OP_BAUD)
		return got >= asked - asked / 20 && got <= asked + asked / 20;
	if (what == RFC2217_OP_STOPSIZE)
		return (asked == RFC2217_STOP_1) == (got == RFC2217_STOP_1);
	return got == asked;
}

/*
 * A driver that does not take a value keeps the one before (good), says nothing, or falls to a
 * third one that nobody asked for: an FTDI goes from 6 bits to 5.  Then the one before is put back.
 */
int
termios2_set(int fd, enum rfc2217_what what, uint32_t value)
{
	struct termios2 old, new;
	int err = get(fd, &old), refused;

	if (err != 0)
		return err;
	new = old;
	if (!put[what](&new, value))
		return -EOPNOTSUPP;
	refused = set(fd, &new);
	err = get(fd, &new);
	if (err == 0 && !took(what, value, in_force(&new, what)) &&
	    in_force(&new, what) != in_force(&old, what))
		err = set(fd, &old);
	return refused != 0 ? refused : err;
}

static uint32_t
wanted(const struct rfc2217_format *f, enum rfc2217_what what)
{
	const uint32_t values[SETTINGS] = { f->baud, f->datasize, f->parity, f->stopsize,
		f->outflow, f->inflow };

	return values[what];
}

int
termios2_apply(int fd, const struct rfc2217_format *f)
{
	struct termios2 old, new;
	int err = get(fd, &old), one;
	enum rfc2217_what what;

	if (err != 0)
		return err;
	new = old;
	for (what = 0; what < SETTINGS; what++)
		(void)put[what](&new, wanted(f, what));
	err = set(fd, &new);
	if (err == 0 || err == -EIO)
		return err;
	(void)set(fd, &old);
	for (what = 0; what < SETTINGS; what++) {
		one = termios2_set(fd, what, wanted(f, what));
		if (one != 0)
			err = one;
	}
	return err;
}

/* In two steps: a tty that is not raw cannot be used, one that keeps its rate can. */
int
termios2_start(int fd, bool hupcl, const struct rfc2217_format *f)
{
	struct termios2 old, new;
	int err = get(fd, &old);

	if (err != 0)
		return err;
	memset(&new, 0, sizeof new);
	new.c_cflag = (old.c_cflag & (CBAUD | CSIZE | CSTOPB | PARITY_BITS)) | CREAD | CLOCAL |
	    (hupcl ? HUPCL : 0);
	new.c_ispeed = new.c_ospeed = old.c_ospeed;
	if (old.c_ospeed == 0) /* B0 would drop DTR */
		(void)put_baud(&new, 9600);
	new.c_cc[VMIN] = 1; /* so that a read of 0 bytes means gone, not idle */
	new.c_cc[VSTART] = XON;
	new.c_cc[VSTOP] = XOFF;
	err = set(fd, &new);
	if (err == 0 && termios2_apply(fd, f) == -EIO)
		err = -EIO;
	return err;
}

int
termios2_hupcl(int fd, bool hupcl)
{
	struct termios2 t;
	int err = get(fd, &t);

	if (err != 0)
		return err;
	t.c_cflag = (t.c_cflag & ~(tcflag_t)HUPCL) | (hupcl ? HUPCL : 0);
	return set(fd, &t);
}

int
termios2_read(int fd, struct rfc2217_format *f)
{
	struct termios2 t;
	int err = get(fd, &t);

	if (err == 0)
		read_format(&t, f);
	return err;
}
