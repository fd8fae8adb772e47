/*
 * Who has a place at the control socket, and for how long one who does not read has it.
 */
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "io/control_parts.h"

bool
control_streams(const struct control_client *k)
{
	return k->watching != 0 || k->monitoring != 0;
}

const char *
control_no_place(const struct control *c, const struct control_client *k)
{
	size_t of_user = 0, lookers = 0;
	const struct control_client *o;

	for (o = c->clients; o != NULL; o = o->next) {
		of_user += o->peer.uid == k->peer.uid;
		lookers += !o->may_act;
	}
	if (k->may_act)
		return of_user < CONTROL_USER + CONTROL_KEPT ? NULL :
		    "too many control connections of this user; expected at most 8";
	if (of_user >= CONTROL_USER)
		return "too many control connections of this user; expected at most 4";
	return lookers < CONTROL_LOOKERS ? NULL : "too many control connections; expected at most 16";
}

const char *
control_no_stream(const struct control_client *k)
{
	const struct control_client *o;
	size_t streams = 0;

	for (o = k->control->clients; o != NULL; o = o->next)
		streams += o != k && o->peer.uid == k->peer.uid && control_streams(o);
	return streams < CONTROL_USER ? NULL :
	    "this user watches and monitors too much at a time; expected at most 4 connections that do";
}

/* What the kernel keeps of what was sent: less than before, when some of that has been read. */
static int
unread(const struct control_client *k)
{
	int n = 0;

	return ioctl(k->fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

bool
control_has_read(struct control_client *k)
{
	int before = k->unread;

	if (before > 0)
		k->unread = unread(k);
	return k->unread < before;
}

void
control_has_sent(struct control_client *k)
{
	k->unread = unread(k);
}
