/*
 * How many descriptors the process may have, see descriptors.h.
 */
#include "daemon/descriptors.h"

#include <limits.h>
#include <sys/resource.h>

int
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return -1;
	if (limit.rlim_cur == limit.rlim_max)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

/* Their numbers are int. */
size_t
descriptors_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return _POSIX_OPEN_MAX;
	return limit.rlim_cur < INT_MAX ? (size_t)limit.rlim_cur : INT_MAX;
}
