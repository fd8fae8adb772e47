/*
 * What the subcommands of modemshare share: its exit statuses, how it was called, and text for
 * people.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,  /* refused, or it went wrong; doctor: something is wrong */
	EXIT_USAGE = 2,
	EXIT_ABSENT = 3,  /* no daemon at the socket, or it went away */
	EXIT_DENIED = 4,  /* not permitted to this user */
	EXIT_UNKNOWN = 5  /* there is no such line */
};

#define CLI_SOCKET "/run/modemshare/control"

struct cli {
	const char *socket;
	bool json;
	bool terminal;  /* standard output is one */
	size_t columns, rows;
	const struct command *commands; /* up to one without a name */
};

struct command {
	const char *name;
	/* argv[0] is the name; returns the exit status. */
	int (*fn)(struct cli *, int argc, char **argv);
	const char *usage;
	const char *what;
};

/* From now on what follows is JSON: {"error": text, "status": the exit status}, or {"note": text} where that is 0. */
void cli_say_json(void);

/* Says on standard error how the command is used, which there is; returns EXIT_USAGE. */
int cli_usage(const struct cli *, const char *command);

/* Without options: the number of arguments must be n, else cli_usage(). */
bool cli_arguments(const struct cli *, int argc, char **argv, int n);

/* Standard error: "modemshare: ...".  Returns status. */
int cli_fail(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Text of others for standard output or a terminal: as it is where that takes UTF-8, else
 * vis-encoded.  It is clean of control characters in any case.  Returns dst.
 */
const char *cli_text(char *dst, size_t cap, const char *);

/* A line of JSON on standard output; the value is given up.  EXIT_OK, or EXIT_FAILED after saying why. */
int cli_json(struct json_t *);

/* The time of day of ms since 1970 as "14:03:12.345", or with its date "2026-11-25 14:03:12". */
#define CLI_TIME 32
const char *cli_time(char dst[static CLI_TIME], int64_t ms);
const char *cli_date(char dst[static CLI_TIME], int64_t ms);
/* For programs: "2026-11-25T13:03:12Z". */
const char *cli_utc(char dst[static CLI_TIME], int64_t ms);

/* What standard output is, and its size as it is now: 80 columns and 24 rows where nobody knows. */
void cli_look_at_terminal(struct cli *);

/* ---- the subcommands, each in its file ---- */
int status_main(struct cli *, int argc, char **argv);
int watch_main(struct cli *, int argc, char **argv);
int health_main(struct cli *, int argc, char **argv);
/* kick, disable, enable, drain, resume, test, reload */
int act_main(struct cli *, int argc, char **argv);
int monitor_main(struct cli *, int argc, char **argv);
int history_main(struct cli *, int argc, char **argv);
int devices_main(struct cli *, int argc, char **argv);
int doctor_main(struct cli *, int argc, char **argv);

#endif
