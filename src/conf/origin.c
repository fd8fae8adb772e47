/*
 * Where in the file the keys of a line or a service were given, see check.h.
 */
#include <stdlib.h>

#include "conf/check.h"

/* Where it is noted that a key was given. */
static int
place_of(const struct conf_origin *origin, const char *key)
{
	int line = conf_find(&conf_lines, key);

	return line >= 0 ? origin->line[line] : origin->service[conf_find(&conf_services, key)];
}

int
conf_given(const struct conf_origin *origin, const char *key)
{
	return abs(place_of(origin, key));
}

bool
conf_known(const struct conf_origin *origin, const char *key)
{
	return place_of(origin, key) > 0;
}

const struct conf_origin *
conf_service_origin(const struct conf *conf, const struct conf_origins *origins, size_t service)
{
	if (service < origins->n_single)
		return &origins->lines[conf->services[service].lines[0]];
	return &origins->pools[service - origins->n_single];
}
