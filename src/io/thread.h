/*
 * Threads beside the loop.
 */
#ifndef IO_THREAD_H
#define IO_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* As pthread_create(); the thread takes no signals, which are the loop's. */
int thread_create(pthread_t *, const pthread_attr_t *, void *(*fn)(void *), void *arg);

/* One that nobody waits for, with a stack of so many bytes.  Returns 0, or an errno value. */
int thread_start(size_t stack, void *(*fn)(void *), void *arg);

#endif
