/*
 * The configuration as a value: text is parsed once into an immutable struct conf.  All of
 * libconfuse is behind parse.c.  Every duration is in milliseconds, 0 = off.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "rfc2217.h"
#include "base/acl.h"

#define CONF_STATUS_MAX 16 /* addresses of the status page */

enum conf_kind { CONF_MODEM, CONF_CONSOLE };
enum conf_device { CONF_SERIAL, CONF_VIRTUAL, CONF_LOOPBACK };
enum conf_protocol { CONF_TELNET, CONF_RAW };
enum conf_claim { CONF_CLAIM_USE, CONF_CLAIM_CONNECT };
enum conf_activity { CONF_ACTIVITY_CLIENT, CONF_ACTIVITY_BOTH, CONF_ACTIVITY_AUTO };
enum conf_pick { CONF_PICK_FIRST, CONF_PICK_ROUND_ROBIN, CONF_PICK_LEAST_USED };
enum conf_busy { CONF_BUSY_REFUSE, CONF_BUSY_QUEUE };
enum conf_takeover { CONF_TAKEOVER_OFF, CONF_TAKEOVER_SAME_OWNER };
enum conf_dial {
	CONF_DIAL_ECHO, CONF_DIAL_LINE, CONF_DIAL_BUSY, CONF_DIAL_NO_ANSWER, CONF_DIAL_NO_DIALTONE,
	CONF_DIAL_NO_CARRIER, CONF_DIAL_TCP, CONF_DIAL_TELNET
};

/* One entry of a phone book. */
struct conf_number {
	char *digits;
	enum conf_dial to;
	char *line; /* CONF_DIAL_LINE: the name of another virtual line; else NULL */
	char *host; /* CONF_DIAL_TCP, CONF_DIAL_TELNET: a name or address; else NULL */
	uint16_t port;
};

/* One address to listen on; "PORT" alone has become 127.0.0.1 and ::1 (optional = true). */
struct conf_listen {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	uint8_t length; /* of the address */
	bool optional;  /* no error where the host has no such address */
};

/* What a line is but its name and device. */
struct conf_setup {
	enum conf_kind kind;
	enum conf_device type;
	int64_t hangup_time, break_time;
	struct rfc2217_format format;
	bool dtr_when_free, host_sharing;
	/* How a modem with a device of its own is brought back; on other lines it means nothing. */
	const char **hangup; /* "dtr", "escape" or an AT command each */
	const char **init;   /* AT commands, perhaps none */
	size_t n_hangup, n_init, attempts;
	int64_t init_timeout, init_pause, settle_time, carrier_timeout, guard_time, retest;
	/* Of a virtual modem. */
	bool pace;           /* its data goes at the rate of the line */
	struct conf_number *numbers;
	size_t n_numbers;
	struct conf_listen *answer; /* connections here ring it */
	size_t n_answer;
	struct acl *allow;   /* who may do so; NULL: loopback alone, and on lines that are no virtual modem */
};

struct conf_line {
	char *name;
	char *device; /* CONF_SERIAL: the path as configured */
	struct conf_setup *setup; /* those that are the same are one */
};

struct conf_keepalive {
	int idle, interval, probes; /* seconds, seconds, count; idle 0: off */
};

/* The rules of a service. */
struct conf_rules {
	enum conf_pick pick;
	enum conf_protocol protocol;
	struct acl *allow; /* NULL: loopback */
	enum conf_claim claim;
	bool show_owner, say_why;
	enum conf_activity activity;
	int64_t claim_timeout, inactivity, inactivity_in_call, after_call, session_limit, warning;
	int64_t inactivity_contended, cool_down, queue_wait, stall, drain;
	enum conf_busy busy;
	size_t queue_limit; /* who waits or is held at most; 0: nobody */
	enum conf_takeover takeover;
	struct conf_keepalive keepalive;
};

/* A service: where it listens, for which lines.  Those of one with several, a pool, are of one kind. */
struct conf_service {
	char *name;
	size_t *lines; /* indexes into conf.lines, as the file orders them, each once */
	size_t n_lines; /* at least 1 */
	struct conf_listen *listen;
	size_t n_listen;
	struct conf_rules *rules; /* those that are the same are one */
};

struct conf {
	int log_level; /* enum log_level of io/log.h: 0 error to 3 debug */
	char *control_socket, *state_directory, *lock_directory; /* "" = none */
	char *run_as; /* the name of a user, or "" */
	size_t max_clients, max_clients_per_address, history_days; /* 0 days: for ever */
	int64_t history_size; /* bytes */
	struct conf_listen *status; /* where the status page is; none without the section */
	size_t n_status;
	struct conf_line *lines;
	size_t n_lines;
	struct conf_service *services; /* those of single lines, in their order, come first */
	size_t n_services;
	/* What the ones above point to; each that differs. */
	struct conf_rules *rules;
	struct conf_setup *setups;
	struct acl **acls;
	size_t n_rules, n_setups, n_acls;
};

/* Errors and warnings of one parse, each a whole line "FILE:LINE: what; expected ..." with the
 * newline; bounded, then "... and more". */
struct conf_report {
	char text[8192];
	size_t used;
	unsigned errors, warnings;
};

/*
 * Parses `text` (n bytes, any content); file names it in messages only.  Returns a conf, to be
 * freed by conf_free(), or NULL with report->errors > 0.  Warnings may come with a conf.
 */
struct conf *conf_parse(const char *file, const char *text, size_t n, struct conf_report *);

void conf_free(struct conf *); /* NULL is nothing */

#endif
