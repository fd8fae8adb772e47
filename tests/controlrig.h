/*
 * A control socket with a daemon that is played, and clients that block with a deadline.
 */
#ifndef TESTS_CONTROLRIG_H
#define TESTS_CONTROLRIG_H

#include "io/control.h"
#include "io/gallery.h"
#include "unit.h"

#define RIG_CALLS 8

struct rig {
	char directory[48], path[64];
	struct loop *loop;
	struct loop_timer *timer;
	struct gallery *gallery;
	struct control *control;
	struct control_limits limits; /* of the next rig_open() */
	struct history *history;

	/* What the daemon was asked. */
	struct control_call *calls[RIG_CALLS];
	struct ctlmsg_request requests[RIG_CALLS];
	size_t n_calls;
	bool at_once; /* each is done within the call */
	unsigned statuses; /* that were drawn */
	int monitored; /* the balance of on and off */
	size_t lines;  /* in a status */
};

void rig_init(struct rig *);
void rig_end(struct rig *);
void rig_open(struct rig *); /* the control; it must come up */
void rig_run(struct rig *, int64_t ms);

struct client {
	int fd;
	char in[1 << 20];
	size_t n;
};

void client_open(struct rig *, struct client *); /* has read the greeting */
void client_close(struct client *);
void client_send(struct client *, const char *);

/* The next line, without its newline, until the next call; the loop runs meanwhile.  NULL: the end. */
const char *client_line(struct rig *, struct client *);

/* That line is this one. */
#define expect_line(rig, client, wanted) do { \
	const char *got_ = client_line(rig, client); \
	ck_assert_msg(got_ != NULL, "the connection has ended; expected %s", wanted); \
	ck_assert_str_eq(got_, wanted); \
} while (0)

/* That line has this in it. */
#define expect_in(rig, client, wanted) do { \
	const char *got_ = client_line(rig, client); \
	ck_assert_msg(got_ != NULL && strstr(got_, wanted) != NULL, "%s; expected %s", got_, wanted); \
} while (0)

#endif
