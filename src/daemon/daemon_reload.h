/*
 * A new configuration while the daemon runs: parsed whole, and taken over by difference.
 */
#ifndef DAEMON_DAEMON_RELOAD_H
#define DAEMON_DAEMON_RELOAD_H

struct control_call;
struct daemon;

/*
 * Reads the file again, beside the loop, and once more if it is asked for meanwhile.  An error changes nothing, and
 * is told to the call (NULL: to the log only).  Else what changed is carried out as the manual says for each key,
 * and nothing else is touched.
 */
void daemon_reload(struct daemon *, struct control_call *);

#endif
