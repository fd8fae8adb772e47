/*
 * For LD_PRELOAD: counts what a program has in use of its heap. The two numbers, bytes (as malloc_usable_size()
 * has them) and pieces, each an int64, stand in the file that HEAPSHIM names, which is mapped and so always up to date.
 * Not for a program with ASan, which has a heap of its own.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define OURS __attribute__((visibility("default")))

struct heap {
	_Atomic int64_t bytes, pieces;
};

/* The allocator of glibc by the names that nobody replaces; dlsym() would need memory to look for it. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

static struct heap until_mapped;
static struct heap *heap = &until_mapped;

__attribute__((constructor)) static void
map(void)
{
	const char *path = getenv("HEAPSHIM");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof *heap) == 0)
		at = mmap(NULL, sizeof *heap, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		return;
	heap = at;
	heap->bytes = until_mapped.bytes;
	heap->pieces = until_mapped.pieces;
}

static void *
came(void *p)
{
	if (p != NULL) {
		heap->bytes += (int64_t)malloc_usable_size(p);
		heap->pieces++;
	}
	return p;
}

static void
goes(void *p)
{
	if (p != NULL) {
		heap->bytes -= (int64_t)malloc_usable_size(p);
		heap->pieces--;
	}
}

OURS void *
malloc(size_t n)
{
	return came(__libc_malloc(n));
}

OURS void *
calloc(size_t n, size_t size)
{
	return came(__libc_calloc(n, size));
}

OURS void *
realloc(void *old, size_t n)
{
	void *p;

	goes(old);
	p = __libc_realloc(old, n);
	if (p == NULL && n > 0)
		came(old);
	return came(p);
}

OURS void
free(void *p)
{
	goes(p);
	__libc_free(p);
}
