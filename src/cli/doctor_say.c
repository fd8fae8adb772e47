/*
 * doctor: what each of its looks needs: to say what it found, and who may do what.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/doctor.h"

void
doctor_say(struct doctor *d, enum doctor_level level, const char *about, const char *mend,
    const char *fmt, ...)
{
	char what[1024];
	struct finding f = { level, about, what, mend };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (level == DOCTOR_WRONG)
		d->wrong++;
	else
		d->notes++;
	d->found(d->ctx, &f);
}

bool
doctor_in_group(const struct doctor *d, gid_t gid)
{
	int i;

	for (i = 0; i < d->n_groups; i++)
		if (d->groups[i] == gid)
			return true;
	return false;
}

bool
doctor_may(const struct doctor *d, const struct stat *st, unsigned rwx)
{
	unsigned mode = st->st_mode;

	if (d->uid == 0)
		return true;
	if (st->st_uid == d->uid)
		mode >>= 6;
	else if (doctor_in_group(d, st->st_gid))
		mode >>= 3;
	return (mode & rwx) == rwx;
}
