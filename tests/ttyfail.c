/*
 * A part of ttyshim.so: what fails, while a file of this name is in TTYSHIM_DIR:
 *
 *	no-parser  libconfuse ends the process, as its scanner does where it gets no memory
 */
#include "ttyplay.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct cfg_t;

EXPORT int cfg_parse_buf(struct cfg_t *cfg, const char *text);
EXPORT int
cfg_parse_buf(struct cfg_t *cfg, const char *text)
{
	REAL(int, cfg_parse_buf, struct cfg_t *, const char *);

	if (ttyplay_is_there("no-parser")) {
		fputs("out of dynamic memory in yy_create_buffer()\n", stderr);
		exit(2);
	}
	return real(cfg, text);
}
