/*
 * The serial ports of this host and who holds them, as /sys, /proc, /dev and the lock files tell;
 * nothing is opened that a port could notice.  All below a root directory, so that a test can make
 * one up.
 */
#ifndef CLI_HOST_H
#define CLI_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sockaddr;

#define HOST_HOLDERS 8 /* more are counted only */
#define HOST_PATH 512

struct host_holder {
	int pid;
	char program[32];
};

struct host_tty {
	char node[HOST_PATH]; /* "/dev/ttyUSB0" */
	dev_t device;         /* that it leads to; 0: in a made-up tree, where there are none */
	char driver[64];      /* "ftdi_sio"; "": not known */
	bool usb;
	char vendor[8], product[8]; /* hexadecimal; "": none, as the next */
	char serial[128], maker[128], model[128], interface[8];
	char by_id[HOST_PATH];      /* a link that stays with the device */
	struct host_holder holders[HOST_HOLDERS];
	size_t n_holders;
	int lock_pid;  /* in a lock file by its own name; 0: there is none, negative: one without a readable pid */
	bool lock_lives;
	bool console;  /* the kernel writes there */
};

struct host {
	const char *root; /* "" for the host itself */
	const char *locks; /* as host_look() was given it, and outliving this */
	struct host_tty *ttys; /* by name */
	size_t n;
	bool blind; /* not every process may be looked into: holders may be missing */
};

/* locks: the directory of UUCP lock files; NULL: none.  Returns 0, or -1 with errno. */
int host_look(struct host *, const char *root, const char *locks);
void host_clear(struct host *);

/* The port that a path leads to, through links; NULL: none of these. */
const struct host_tty *host_find(const struct host *, const char *path);

/* Where a path leads to, below the root, without it; NULL with errno. */
const char *host_resolve(const struct host *, const char *path, char resolved[static HOST_PATH]);

#define HOST_LOCK_NOBODY (-1)  /* one without a pid */
#define HOST_LOCK_HIDDEN (-2)  /* one that may not be read */

struct host_lock {
	int pid; /* in it; 0: there is none, or one of these */
	bool lives;
};

/* The lock file of this name (base/lockname.h), whether there is one or not, below the root; only with `locks`. */
const char *host_lock_path(const struct host *, const char *name, char path[static HOST_PATH]);
void host_look_at_lock(const struct host *, const char *name, struct host_lock *);

/*
 * Who listens at this TCP address, or at one that leaves no room for it; false: nobody, or none that can be seen.
 */
bool host_listener(const struct host *, const struct sockaddr *, struct host_holder *);

/* A character device: false if /sys tells that it is no tty. */
bool host_may_be_tty(const struct host *, unsigned major, unsigned minor);

/* The program of a process; "" for none. */
const char *host_program(const struct host *, int pid, char program[static 32]);

#endif
