/*
 * What the two files of ttyshim.so share: ttyshim.c has names, open and close; ttyplay.c what an open
 * tty answers.
 */
#ifndef TESTS_TTYPLAY_H
#define TESTS_TTYPLAY_H

#include <pthread.h>
#include <stdbool.h>

#include "ttyshim.h"

#define EXPORT __attribute__((visibility("default")))

/* The next one in line: a sanitizer's, or the C library's. */
#define REAL(ret, name, ...) \
	static ret (*real)(__VA_ARGS__); \
	if (real == NULL) \
		*(void **)(&real) = dlsym(RTLD_NEXT, #name)

extern pthread_mutex_t ttyplay_lock; /* of every change to a control file */

/* The device that fd has open, or NULL. */
struct ttyshim *ttyplay_of(int fd);

/* Was it pulled out since fd was opened?  It may be there again: fd is then of what was pulled out. */
bool ttyplay_unplugged(int fd);

bool ttyplay_has(const struct ttyshim *, uint32_t flag);
void ttyplay_outputs(struct ttyshim *, uint32_t on, uint32_t off);
void ttyplay_note(struct ttyshim *, uint32_t kind, uint32_t value); /* with the lock held */

/* Waits while the device hangs in such calls. */
void ttyplay_hang(struct ttyshim *, uint32_t what);

/* Sets errno; returns -1. */
int ttyplay_fail(int err);

/* A file of this name is in TTYSHIM_DIR. */
bool ttyplay_is_there(const char *name);

#endif
