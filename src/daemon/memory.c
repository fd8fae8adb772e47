/*
 * What the heap keeps, see memory.h.
 *
 * glibc keeps of what each thread frees seven pieces of each small size for that thread, where nothing finds
 * them: here each would hold on to a page of its own.  A thread that ends gives its pieces up.  So we take ours
 * out, and let another thread free them.
 */
#include "daemon/memory.h"

#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#define KEPT 7          /* of each size */
#define LARGEST 1032    /* bytes */
#define STEP 16

struct piece {
	struct piece *next;
};

void
memory_use_one_heap(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 1);
#endif
}

#ifdef __GLIBC__
static struct piece *
take_out(void)
{
	struct piece *all = NULL, *one;
	size_t size;
	int i;

	for (size = STEP + sizeof(size_t); size <= LARGEST; size += STEP)
		for (i = 0; i < KEPT && (one = malloc(size)) != NULL; i++) {
			one->next = all;
			all = one;
		}
	return all;
}

static void *
free_all(void *arg)
{
	struct piece *one, *next;

	for (one = arg; one != NULL; one = next) {
		next = one->next;
		free(one);
	}
	return NULL;
}
#endif

void
memory_give_back(void)
{
#ifdef __GLIBC__
	struct piece *all;
	pthread_t thread;

	malloc_trim(0); /* joins small pieces; else taking one out brings others of its size back */
	all = take_out();
	if (pthread_create(&thread, NULL, free_all, all) == 0)
		pthread_join(thread, NULL);
	else
		free_all(all);
	malloc_trim(0);
#endif
}
