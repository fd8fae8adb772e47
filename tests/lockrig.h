/*
 * Lock files in a directory of its own, for check_lockfile.
 */
#ifndef TESTS_LOCKRIG_H
#define TESTS_LOCKRIG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "ports/lockfile.h"
#include "unit.h"

#define DEVICE "/dev/ttyFAKE7"
#define NAME "LCK..ttyFAKE7"

extern char dir[64], lock[128]; /* the lock file's path */
extern struct lockfile_owner owner;
extern pid_t child; /* alive, 0: none */
extern struct lockfile_hold holds[3];

/* As one line or another of ours would: each in a hold of its own; and that one gives back. */
int take_at(const char *where, const char *device, time_t now, struct lockfile_owner *by);
void release_at(const char *where, const char *device);

/* The directory; and that nothing is left in it. */
void lockrig_up(void);
void end_child(void);
void lockrig_down(void);

/* A process that lives until end_child(), or one that is dead. */
pid_t process(bool alive);

/* What is in the lock file, and a pid in it by this format. */
void put(const void *content, size_t n);
void put_pid(const char *format, pid_t pid);

/* As in `ahead` seconds. */
int take(int ahead);

/* The lock file, as if it had been written before now; negative: later. */
void write_earlier(int seconds);

/* The lock file is ours, and as it should be; it is there, whatever it is. */
void is_ours(void);
bool is_there(void);

#endif
