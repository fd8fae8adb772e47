/*
 * One plain snapshot of the daemon at one moment.  Every view (status, watch, page, JSON, metrics)
 * renders this and nothing else; none walks live objects.  Pure: whoever fills it owns what it points to
 * and keeps it until it is rendered.  Durations in ms; -1: none / no limit / does not apply.
 */
#ifndef VIEWS_SNAPSHOT_H
#define VIEWS_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum snapshot_state {
	SNAPSHOT_FREE, SNAPSHOT_IN_USE, SNAPSHOT_HANDOVER, SNAPSHOT_RINGING,
	SNAPSHOT_OUT,        /* no device, no permission, the driver does not answer ... */
	SNAPSHOT_QUARANTINE, /* a modem that failed its test */
	SNAPSHOT_FOREIGN,    /* in the hands of another program on this host */
	SNAPSHOT_DISABLED    /* by the administrator */
};

#define SNAPSHOT_STATES (SNAPSHOT_DISABLED + 1)

enum snapshot_call { SNAPSHOT_NO_CALL, SNAPSHOT_DIALS, SNAPSHOT_IN_CALL };

enum {
	SNAPSHOT_DTR = 1, SNAPSHOT_RTS = 2, SNAPSHOT_CTS = 4, SNAPSHOT_DSR = 8, SNAPSHOT_DCD = 16,
	SNAPSHOT_RI = 32
};

struct snapshot_owner {
	bool present;
	const char *who;       /* address or subject; NULL: hidden (show-owner = false) in views that do not act */
	bool hidden;           /* show-owner = false: only those who may act see `who` */
	const char *service;
	int64_t since;         /* wall clock, ms since 1970 */
	int64_t held, idle;    /* ms */
	int64_t free_latest;   /* ms until free at the latest, hand-over included; -1: no limit */
	int64_t free_if_idle;  /* ms until free if it stays idle; -1: no limit */
	int64_t idle_limit;    /* ms, the inactivity rule in force now; -1: none (for the bar) */
	uint64_t from_client, to_client; /* bytes */
	enum snapshot_call call;
	const char *number, *result;     /* "" none */
	int64_t call_ms;
	bool contended;
};

struct snapshot_line {
	const char *name, *kind, *device; /* "modem", "console"; as configured */
	enum snapshot_state state;
	const char *reason;    /* OUT, QUARANTINE, FOREIGN, DISABLED: for a person; else "" */
	int64_t ready_in;      /* HANDOVER, RINGING: at the latest; QUARANTINE: until the re-test; else -1 */
	const char *settings;  /* "115200 8N1 rtscts" */
	bool lamps_known;      /* the port has modem lines and is open */
	uint8_t lamps;
	struct snapshot_owner owner;
	size_t waiting;        /* over all its services */
	uint64_t claims, refusals, cuts, failures; /* since the start; failures: hand-overs that failed */
	uint64_t from_clients, to_clients;         /* bytes, since the start, the running claim included */
};

struct snapshot_waiter {
	const char *who;
	bool hidden;
	size_t place;          /* 1 is next */
	int64_t waited;        /* ms */
	bool held;             /* only for a hand-over */
};

struct snapshot_service {
	const char *name;
	const char *listen;    /* "127.0.0.1:2217 [::1]:2217" as bound */
	const char *protocol;  /* "telnet", "raw" */
	const size_t *lines;   /* indexes into snapshot.lines */
	size_t n_lines;
	const struct snapshot_waiter *waiters;
	size_t n_waiters;
	uint64_t claims, refusals;
};

struct snapshot_record {   /* a claim or refusal of the past, newest first */
	const char *line, *service, *who;
	bool hidden;
	int64_t start, end;    /* wall clock, ms; end -1: not ended */
	bool refused;
	uint64_t from_client, to_client;
	const char *number, *result;
	int64_t call_ms;
	const char *why;
	uint64_t count;        /* so many that were alike, from start to end; at least 1 */
};

struct snapshot {
	const char *version;   /* of the program */
	int64_t now;           /* wall clock, ms since 1970 */
	int64_t started;       /* likewise */
	bool draining;
	size_t clients, max_clients;
	uint64_t accepted, turned_away;        /* connections since the start */
	uint64_t loop_turns, log_lines_lost;
	const struct snapshot_line *lines;
	size_t n_lines;
	const struct snapshot_service *services;
	size_t n_services;
	const struct snapshot_record *recent;
	size_t n_recent; /* at most 20 */
};

/*
 * The word of a state, for every view: "free", "in use", "hand-over", "ringing", "out of service",
 * "quarantine", "in use on this host", "disabled".
 */
const char *snapshot_state_word(enum snapshot_state);

#endif
