/*
 * What is shown to many, see print.h.
 */
#include "views/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

struct print *
print_of(const void *bytes, size_t n)
{
	struct print *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->refs = 1;
	p->bytes = bytes;
	p->n = n;
	/* It only has to change when the content does. */
	snprintf(p->tag, sizeof p->tag, "\"%016" PRIx64 "\"", hash_of(bytes, n));
	snprintf(p->gzip_tag, sizeof p->gzip_tag, "%.17s-gz\"", p->tag);
	return p;
}

struct print *
print_new(char *made, size_t n)
{
	struct print *p = made != NULL ? print_of(made, n) : NULL;

	if (p == NULL)
		free(made);
	else
		p->made = made;
	return p;
}

void
print_pack(struct print *p, char *gzip, size_t n)
{
	if (p->packed) {
		free(gzip);
		return;
	}
	p->packed = true;
	p->gzip = gzip;
	p->n_gzip = n;
}

struct print *
print_ref(struct print *p)
{
	p->refs++;
	return p;
}

void
print_unref(struct print *p)
{
	if (p == NULL || --p->refs > 0)
		return;
	free(p->gzip);
	free(p->made);
	free(p);
}
