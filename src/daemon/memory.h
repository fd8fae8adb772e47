/*
 * What the heap keeps.
 */
#ifndef DAEMON_MEMORY_H
#define DAEMON_MEMORY_H

/* Before the first thread: they allocate next to nothing, so that heaps of their own would be a waste. */
void memory_use_one_heap(void);

/*
 * Gives back to the system what is free, after a time that used far more than what follows does: parsing,
 * opening all devices at once.  With glibc only.
 */
void memory_give_back(void);

#endif
