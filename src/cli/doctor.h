/*
 * What doctor looks at, each finding with the command that mends it.  The checks get all that they
 * need of the host, so that a test can make it up.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "cli/host.h"
#include "conf/conf.h"

enum doctor_level {
	DOCTOR_NOTE, /* works, and may surprise */
	DOCTOR_WRONG
};

struct finding {
	enum doctor_level level;
	const char *about; /* the line, service or file */
	const char *what;
	const char *mend;  /* a command or a line of the configuration; "": there is none */
};

#define DOCTOR_GROUPS 64

struct doctor {
	const struct host *host;
	/* The user that the daemon runs as. */
	char user[64];
	uid_t uid;
	gid_t groups[DOCTOR_GROUPS];
	int n_groups;
	int daemon_pid; /* 0: does not run, or not known */
	uid_t daemon_uid; /* who it is, where it runs */
	bool daemon_runs;
	/* Has this host the address?  Is its port in use? */
	bool (*has_address)(const struct sockaddr *, socklen_t);
	bool (*is_taken)(const struct sockaddr *, socklen_t);
	void (*found)(void *ctx, const struct finding *);
	void *ctx;
	unsigned wrong, notes;
};

/* Tells a finding; what is formatted. */
void doctor_say(struct doctor *, enum doctor_level, const char *about, const char *mend,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Is the daemon's user in this group?  May he do all of rwx (4 read, 2 write, 1 search) with this? */
bool doctor_in_group(const struct doctor *, gid_t);
bool doctor_may(const struct doctor *, const struct stat *, unsigned rwx);

/* Each error and warning of a report of conf_parse(). */
void doctor_report(struct doctor *, const char *file, const struct conf_report *);

/* The device of a line: there, permitted, and in nobody else's hands; true if one of these is not so, and told. */
bool doctor_device(struct doctor *, const struct conf_line *);

/*
 * What the daemon says of a line: its state, and the reason of that.  told: what is wrong with its device has been told,
 * and need not be once more.
 */
void doctor_line(struct doctor *, const char *name, const char *state, const char *reason, bool told);

/* The command that makes a program leave what it holds; port: of the device, "" for what is none. */
void doctor_mend_holder(char *mend, size_t cap, const struct host_holder *, const char *port);

/* Programs that take every port they see. */
void doctor_grabbers(struct doctor *, const struct conf *);

/* Addresses, and what is configured so that it works but surprises. */
void doctor_conf(struct doctor *, const struct conf *);

/* Is the daemon whom run-as names?  uid: of that user, or NULL where there is none. */
void doctor_identity(struct doctor *, const struct conf *, const uid_t *uid);

/* Directories that the daemon needs. */
void doctor_places(struct doctor *, const struct conf *);

#endif
