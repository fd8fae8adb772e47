/*
 * The rules of a configuration that no single value can break.  For the files of this folder.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/parts.h"

/*
 * Where each thing of a section stood in the file, keys by their index into conf_lines and
 * conf_services; 0: not given, negative: its value is wrong.
 */
struct conf_origin {
	int section;
	int line[CONF_KEYS_MAX], service[CONF_KEYS_MAX];
	int *numbers; /* of a line: the `to` of each number */
};

/* Of each line, and of each section `service`. */
struct conf_origins {
	struct conf_origin *lines, *pools;
	size_t n_single; /* services of single lines, which stand in their lines */
	int globals[CONF_KEYS_MAX]; /* as in a struct conf_origin, by the index into conf_globals */
	int status;        /* the section; 0: there is none */
	int status_listen; /* as in a struct conf_origin */
};

/* The line of a key, 0: not given. */
int conf_given(const struct conf_origin *, const char *key);
/* Given with a value that says something; else no rule can be broken with it. */
bool conf_known(const struct conf_origin *, const char *key);
/* Of a service, by its index. */
const struct conf_origin *conf_service_origin(const struct conf *, const struct conf_origins *,
    size_t service);

/*
 * All rules between keys, lines and services, each broken one written down.  Sets what follows from
 * other keys (claim of a raw service).
 */
void conf_check(struct conf_messages *, struct conf *, const struct conf_origins *);

/* check_service.c: the part of it that is about services. */
void conf_check_services(struct conf_messages *, struct conf *, const struct conf_origins *);

/* check_unique.c: the same device; an address where another listens already; each told at the second one. */
void conf_check_devices(struct conf_messages *, const struct conf *, const struct conf_origins *);
void conf_check_addresses(struct conf_messages *, const struct conf *, const struct conf_origins *);

/* check_effect.c: keys that have no effect beside others. */
void conf_check_effects(struct conf_messages *, const struct conf *, const struct conf_origins *);

/* Who listens for others than this host, by `key`, says for whom: allow is given. */
void conf_check_allow(struct conf_messages *, const struct conf_origin *, const char *key,
    const struct conf_listen *, size_t n);
/* check_effect.c: somebody who is let in can reach an address. */
void conf_check_reach(struct conf_messages *, const struct conf_origin *, const char *key,
    const struct conf_listen *, size_t n, const struct acl *allow);

#endif
