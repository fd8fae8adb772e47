/*
 * The shared part of the unit tests, see unit.h.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int ran, failed;

	srunner_run_all(runner, CK_ENV);
	ran = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	printf("%d passed, %d failed, 0 skipped\n", ran - failed, failed);
	return ran > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static size_t
mapped(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + page - 1) / page * page + page;
}

uint8_t *
unit_guarded(const void *src, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = mapped(n);
	uint8_t *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *copy;

	if (map == MAP_FAILED || mprotect(map + size - page, page, PROT_NONE) != 0)
		abort();
	copy = map + size - page - n;
	if (n > 0)
		memcpy(copy, src, n);
	return copy;
}

void
unit_unguard(uint8_t *copy, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = mapped(n);

	munmap(copy + n + page - size, size);
}
