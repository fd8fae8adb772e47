/*
 * doctor: what the daemon says of a line that is out of service, and what mends that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor.h"
#include "views/snapshot.h"

/* "in use by minicom (pid 1234)", as ports/lockfile.h words it; false: it names none. */
static bool
read_holder(const char *reason, struct host_holder *who)
{
	return sscanf(reason, "in use by %31s (pid %d)", who->program, &who->pid) == 2 && who->pid > 0;
}

static void
mend_out(const struct doctor *d, char *mend, size_t cap, const char *reason)
{
	struct host_holder who;

	if (read_holder(reason, &who))
		doctor_mend_holder(mend, cap, &who, "");
	else if (strncmp(reason, "in use", 6) == 0 || strcmp(reason, "no device") == 0)
		snprintf(mend, cap, "modemshare devices");
	else if (strcmp(reason, "no permission") == 0)
		snprintf(mend, cap, "usermod -aG dialout %s && systemctl restart modemshared", d->user);
}

static bool
is(const char *state, enum snapshot_state what)
{
	return strcmp(state, snapshot_state_word(what)) == 0;
}

void
doctor_line(struct doctor *d, const char *name, const char *state, const char *reason, bool told)
{
	bool meant = is(state, SNAPSHOT_DISABLED) || is(state, SNAPSHOT_FOREIGN);
	char mend[400] = "";

	if (told && (is(state, SNAPSHOT_OUT) || is(state, SNAPSHOT_FOREIGN)))
		return;
	if (is(state, SNAPSHOT_DISABLED))
		snprintf(mend, sizeof mend, "modemshare enable %.255s", name);
	else if (is(state, SNAPSHOT_QUARANTINE))
		snprintf(mend, sizeof mend, "modemshare test %.255s", name);
	else if (is(state, SNAPSHOT_OUT))
		mend_out(d, mend, sizeof mend, reason);
	doctor_say(d, meant ? DOCTOR_NOTE : DOCTOR_WRONG, name, mend, "%s: %s", state, reason);
}
