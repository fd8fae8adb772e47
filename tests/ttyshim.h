/*
 * The control file of a fake serial port, shared by ttyshim.so in the program under test and by the
 * test.  One file for each fake /dev/NAME: TTYSHIM_DIR/NAME.  tests/system/ttyshim.py knows this
 * layout too.
 */
#ifndef TESTS_TTYSHIM_H
#define TESTS_TTYSHIM_H

#include <stdint.h>

#define TTYSHIM_MAGIC 0x74747973u
#define TTYSHIM_EVENTS 1024

/* flags */
#define TTYSHIM_PRESENT 1u   /* else: no such file, EIO for who has it open */
#define TTYSHIM_NO_LINES 2u  /* a tty without modem lines: ENOTTY, no entry in /sys/class/tty */
#define TTYSHIM_STUCK 4u     /* takes no data: EAGAIN */
#define TTYSHIM_NO_COUNTS 8u /* TIOCGICOUNT: ENOTTY */
#define TTYSHIM_SP_LOCKS 16u /* libserialport does as from 0.1.2 on: see ttysp.c */
#define TTYSHIM_KEEPS 32u    /* the driver takes data, and the device does not: it is in kept, until the test lets it go */
#define TTYSHIM_KEPT 4608    /* as much as most drivers take */

/* hang: these calls return when the bit is cleared */
#define TTYSHIM_HANG_OPEN 1u
#define TTYSHIM_HANG_IOCTL 2u /* tcgetattr and the like too */
#define TTYSHIM_HANG_CLOSE 4u
#define TTYSHIM_HANG_COUNTS 8u /* TIOCGICOUNT only */
#define TTYSHIM_HANG_LINES 16u /* TIOCMGET only */

/* refuse: what the driver does not take */
#define TTYSHIM_REFUSE_RTSCTS 1u
#define TTYSHIM_REFUSE_PARITY 2u
#define TTYSHIM_REFUSE_SIZE 4u   /* under 7 bits: stays as it was */
#define TTYSHIM_ODD_SIZE 8u      /* 6 bits turn into 5, as an FTDI does */
#define TTYSHIM_REFUSE_BREAK 16u /* EOPNOTSUPP */
#define TTYSHIM_REFUSE_TWO 32u   /* EINVAL when rate and framing change in one step */
#define TTYSHIM_REFUSE_ALL 64u   /* EINVAL for every change of settings */
#define TTYSHIM_REFUSE_READ 128u /* EPROTO when asked for its settings, */
#define TTYSHIM_REFUSE_LINES 256u /* ... its lines, */
#define TTYSHIM_REFUSE_FLUSH 512u /* ... to flush a queue */

/* outputs and inputs are TIOCM_ bits; break is this one */
#define TTYSHIM_BREAK 0x10000u

enum ttyshim_event_kind {
	TTYSHIM_OPENED = 1, /* value: how many have it open */
	TTYSHIM_CLOSED = 2, /* likewise */
	TTYSHIM_OUTPUTS = 3, /* value: outputs after the change */
	TTYSHIM_FLUSHED = 4, /* value: TCIFLUSH and so on */
	TTYSHIM_SET = 5      /* value: the output rate in force */
};

struct ttyshim_event {
	int64_t ns; /* CLOCK_MONOTONIC */
	uint32_t kind, value;
};

/* As the kernel's struct termios2. */
struct ttyshim_termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line, cc[19];
	uint32_t ispeed, ospeed;
};

enum { TTYSHIM_CTS, TTYSHIM_DSR, TTYSHIM_RNG, TTYSHIM_DCD, TTYSHIM_FRAME, TTYSHIM_OVERRUN,
	TTYSHIM_PARITY, TTYSHIM_BRK, TTYSHIM_BUF_OVERRUN, TTYSHIM_COUNTS };

/*
 * Written by the test: magic, pts, flags, hang, refuse, open_errno, max_rate, exclusive, inputs, outq,
 * counts, busy, plug.  By the shim: the rest, outq too.  As in the drivers of USB adapters outq, and what is kept,
 * stay when output is flushed.  The last close waits for them, up to 30 s or until a signal comes, and drops them.
 */
struct ttyshim {
	uint32_t magic, flags, hang, refuse;
	int32_t open_errno;  /* 0: opening works */
	uint32_t max_rate;   /* 0: any */
	int32_t exclusive;   /* TIOCEXCL is set */
	uint32_t hanging;    /* calls that hang now */
	uint32_t outputs, inputs;
	int32_t outq;        /* TIOCOUTQ */
	int32_t counts[TTYSHIM_COUNTS];
	int32_t pid, opens;  /* who has it open, and how often */
	struct ttyshim_termios termios;
	char pts[64];
	uint32_t nevents;    /* ever; the last TTYSHIM_EVENTS are kept */
	uint32_t busy;       /* set while inputs and counts change together: readers wait */
	uint32_t plug;       /* changes each time it is plugged in: who has it open from before has nothing */
	struct ttyshim_event events[TTYSHIM_EVENTS];
	uint8_t kept[TTYSHIM_KEPT]; /* outq of them, while KEEPS */
};

#endif
