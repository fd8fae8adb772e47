/*
 * What the parts of the configuration share: the table of keys, a value with its line, and how an
 * error is written down.  For the files of this folder and their tests.
 */
#ifndef CONF_PARTS_H
#define CONF_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/diff.h"

#define CONF_TEXT_MAX 1023       /* one value or key */
#define CONF_FILE_MAX (1 << 20)  /* the whole text */
#define CONF_KEYS_MAX 32         /* of one section */
#define CONF_NAME_MAX 32
#define CONF_LISTEN_MAX 64       /* values of one `listen` */
#define CONF_COMMANDS_MAX 16     /* values of one `hangup` or `init` */

/* Where messages go. */
struct conf_messages {
	const char *file;
	struct conf_report *report;
	bool no_memory; /* what was read is not whole */
};

/* Writes "FILE:LINE: ..." (line 0: "FILE: ..."), for a warning with "warning: " in front; once too
 * many, "... and more". */
__attribute__((format(printf, 3, 4))) void conf_error(struct conf_messages *, int line,
    const char *fmt, ...);
__attribute__((format(printf, 3, 4))) void conf_warning(struct conf_messages *, int line,
    const char *fmt, ...);

void conf_no_memory(struct conf_messages *, int line);

enum conf_type {
	CONF_DURATION, CONF_COUNT, CONF_BOOL, CONF_WORD, CONF_PATH, CONF_USER, CONF_DEVICE, CONF_FORMAT,
	CONF_SPEED, CONF_FLOW, CONF_LISTEN, CONF_ALLOW, CONF_KEEPALIVE, CONF_TO, CONF_HANGUP,
	CONF_INIT, CONF_LINES, CONF_SIZE
};

/* Which struct a key's field is in. */
enum conf_field_of {
	CONF_OF_CONF, CONF_OF_LINE, CONF_OF_SETUP, CONF_OF_SERVICE, CONF_OF_RULES, CONF_OF_NUMBER
};

/*
 * One key.  min, max: a count as it is, a duration in ms, a size in bytes; 0 is allowed besides if `off`.  proof: of a
 * modem with a device of its own only.  pool: in a section `service` only.
 */
struct conf_key {
	const char *name;
	enum conf_type type;
	enum conf_field_of of;
	size_t at;
	const char *modem, *console; /* defaults as written in a file; NULL: none */
	bool modem_only, proof, pool, off;
	enum conf_reload reload; /* when a changed value counts */
	int64_t min, max;
	const char *const *words; /* of CONF_WORD, NULL-terminated, in the order of the enum */
};

struct conf_table {
	const struct conf_key *keys;
	size_t n;
	const char *section; /* "line", or NULL at the top */
};

/* A section `line` has the keys of conf_lines and, but for pools, of conf_services. */
extern const struct conf_table conf_globals, conf_lines, conf_services, conf_numbers, conf_status;

/* Writes down that this is none of the keys of a section, and what is near or where it belongs. */
void conf_unknown_key(struct conf_messages *, int line, const struct conf_table *, const char *key);

bool conf_is_list(const struct conf_key *);
int conf_find(const struct conf_table *, const char *name); /* its index, or -1 */
const struct conf_key *conf_duration_key(const char *name); /* NULL: none of a line or service is one */

/* One value, or item of a list, as it stands in the file. */
struct conf_value {
	char *text;
	int line;
};

/* What values go into; NULL where it does not apply. */
struct conf_target {
	struct conf *conf; /* with all its lines, for a section `service` */
	struct conf_line *line;
	struct conf_service *service;
	struct conf_number *number;
	const struct conf_names *names; /* of all lines, for a section `service` */
};

/* Puts a key's n values (0 for an empty CONF_INIT only) or its default into the target.  false: an
 * error is written down. */
bool conf_set(struct conf_messages *, const struct conf_key *, const struct conf_value *const *,
    size_t n, struct conf_target *);
bool conf_set_default(struct conf_messages *, const struct conf_key *, const char *text,
    struct conf_target *);

bool conf_is_name(const char *); /* [A-Za-z0-9._-]{1,32} */

#endif
