/*
 * A serial port on a fake device, for check_serial.c: the device (ttyshim.h), a loop, the port and
 * what its news were.  Every wait has a deadline.
 */
#ifndef TESTS_TTYRIG_H
#define TESTS_TTYRIG_H

#include <stdbool.h>
#include <sys/ioctl.h>

#include "io/loop.h"
#include "ports/port.h"
#include "ttyshim.h"

#define RIG_CHANGES 32

struct rig {
	struct loop *loop;
	struct loop_timer *tick;
	struct serials *serials;
	struct port *port;
	char name[32], path[64];
	struct ttyshim *dev;
	int master, slave;     /* the pty behind the device */

	struct port_state state; /* as told last */
	int opened, done, gone, closed, writable, changes, errors;
	const char *reason, *failed, *why;
	char order[64];        /* o d w m e g c, in the order of the news */
	uint8_t modem[RIG_CHANGES], deltas[RIG_CHANGES], error_bits[RIG_CHANGES];
	size_t room, received;
	uint8_t *data;         /* RIG_DATA bytes */
	uint32_t both_edges;   /* TIOCM_RNG: its counter counts both */
};

#define RIG_DATA (256 * 1024)

extern const struct rfc2217_format rig_9600_8n1;

/* Runs the program again under the shim, in a new TTYSHIM_DIR; returns its exit status. */
int rig_under_shim(char **argv);

/* A new fake device and a closed port on it. */
void rig_up(struct rig *);
/* Another closed port instead of that one. */
void rig_instead(struct rig *, const char *path, const char *lock_dir);
/* Closes the port if it is open, and takes everything away. */
void rig_down(struct rig *);

void rig_open(struct rig *); /* opens, asserts that it worked */
void rig_close(struct rig *);

/* Runs the loop until cond(arg), at most for 5 s: then the test fails. */
void rig_wait(struct rig *, bool (*cond)(struct rig *), const char *what);
void rig_wait_count(struct rig *, const int *counter, int n);
/* Runs it for ms; for showing that something does not happen. */
void rig_run(struct rig *, int ms);

/* Submits; asserts that it is pending. */
void rig_submit(struct rig *, const struct port_op *);
/* Likewise, and waits for done(). */
void rig_operate(struct rig *, const struct port_op *);
void rig_set(struct rig *, enum rfc2217_what, uint32_t value);
void rig_watch(struct rig *, bool modem, bool errors);

/* The device: inputs (TIOCM_ bits) with the counters that a driver keeps, and one counter more. */
void rig_inputs(struct rig *, uint32_t on, uint32_t off);
void rig_count(struct rig *, int counter);
void rig_flags(struct rig *, uint32_t on, uint32_t off);
void rig_hang(struct rig *, uint32_t what);
/* The device is pulled out, and put in again. */
void rig_unplug(struct rig *);
void rig_plug(struct rig *);
/* Whether the system has threads to give. */
void rig_let_threads(bool);
/* Something fails from now on, or works again: tests/ttyfail.c. */
void rig_fail(const char *what, bool on);
/* Fills the pty until nothing more goes in; returns the bytes. */
size_t rig_fill(struct rig *);

/* The position of the first event of this kind at or after `from`, or -1. */
int rig_event(const struct rig *, int from, uint32_t kind, uint32_t value);
int64_t rig_ms(void); /* CLOCK_MONOTONIC */
int rig_threads(void);
int rig_descriptors(void); /* of this process */

#endif
