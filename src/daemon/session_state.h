/*
 * What a session consists of, for the files that make it up: see session_parts.h.
 */
#ifndef DAEMON_SESSION_STATE_H
#define DAEMON_SESSION_STATE_H

#include "base/text.h"
#include "daemon/session.h"
#include "io/transport.h"
#include "modem/callwatch.h"
#include "sharing/door.h"
#include "sharing/peer.h"
#include "sharing/tenure.h"
#include "wire/inorder.h"
#include "wire/outbox.h"
#include "wire/telnet.h"

#define SESSION_HELD 256     /* bytes of a waiting client's data that are taken */
#define SESSION_STALE 10000  /* ms: older data is not sent to a modem at the grant */
#define SESSION_MARKS 8      /* times remembered of held data */
#define SESSION_SUSPENDED 4096 /* bytes of answers kept for a client that has suspended us */
#define SESSION_ANSWER 40    /* bytes that the answer to one command may take */
#define SESSION_RETRY 100    /* ms until memory that could not be had is asked for again */
#define SESSION_BREAK 300    /* ms that IAC BRK lasts (R10) */

/* When held data came: up to which byte, and when. */
struct session_mark {
	msec_t at;
	uint16_t upto;
};

struct session {
	TAILQ_ENTRY(session) entry;
	struct session_house *house;
	struct service *home;
	struct generation *generation; /* of the configuration that service is in */
	const struct conf_service *service; /* the home's, as it was when it came */
	struct conf_rules *rules; /* the service's; its own since a reload has changed them */
	struct line *line;  /* that it owns, or that is spoken of: see session_look() */
	struct line *asked; /* for its modem state, before a claim */
	struct client *client;
	struct transport *transport;
	struct loop_timer timer;
	msec_t armed;
	msec_t retry; /* when memory is asked for again */
	struct nvt *nvt; /* NULL: raw protocol */
	struct outbox outbox;
	struct inorder inorder;
	struct rfc2217_server server;
	struct rfc2217_state remembered; /* answers while it has no line */
	struct door door;
	struct tenure tenure;
	struct peer peer;
	struct callwatch *calls; /* of an owner of a modem */
	unsigned dialled;       /* what the clocks know of its diallings */
	struct arbiter_client seat;
	struct session_mark marks[SESSION_MARKS];
	unsigned n_marks;
	char who[TEXT_ADDRESS];

	/* The claim. */
	bool owns;          /* has the line */
	bool setting_up;    /* the grant's port operations are under way */
	bool writable;      /* the line takes data, as far as known */
	bool line_paused;   /* the line was told that there is no room */
	bool changed;       /* a setting was made before the grant */
	bool draining, drain_asked;
	enum tenure_call call;
	uint8_t watch;      /* what the line watches for us: bit 0 modem lines, bit 1 errors */
	bool watch_asked;   /* ... and the port has not answered yet */
	int drain_ms;       /* of the item that is being carried out */
	bool op_starting;   /* inside line_submit(): an answer now comes at once */
	uint64_t from_client, to_client;

	/* What it will be told. */
	char *text;         /* of a refusal or cut; ours */
	char sign[WORDS_SIGNATURE];
	const char *why;    /* for the log */
	size_t place;
	bool cut, cut_idle;

	int64_t began;      /* of the claim, ms since 1970 */
	uint64_t record;    /* in the history */

	uint64_t queued;    /* bytes ever put into the outbox */
	uint32_t suspended_at; /* what waited when the client suspended us */
	bool suspended, settling, again, closed;
	struct loop_note note;
};

#endif
