/*
 * What a session consists of, for the files that make it up: see parts.h.
 */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

#include "base/text.h"
#include "io/transport.h"
#include "modem/callwatch.h"
#include "session/session.h"
#include "sharing/door.h"
#include "sharing/peer.h"
#include "sharing/tenure.h"
#include "sharing/words.h"
#include "wire/inorder.h"
#include "wire/outbox.h"
#include "wire/telnet.h"

#define SESSION_HELD 256     /* bytes of a waiting client's data that are taken */
#define SESSION_STALE 10000  /* ms: older data is not sent to a modem at the grant */
#define SESSION_MARKS 8      /* times remembered of held data */
#define SESSION_SUSPENDED 4096 /* bytes of answers kept for a client that has suspended us */
#define SESSION_ANSWER 40    /* bytes that the answer to one command may take */
#define SESSION_RETRY 100    /* ms until memory that could not be had is asked for again */
#define SESSION_BRIEF 1000   /* ms: claims that end sooner are counted, if there are many */
#define SESSION_EVENTS (DOOR_TIME + 1) /* each kind waits once */

/* When held data came: up to which byte, and when. */
struct session_marks {
	msec_t at[SESSION_MARKS];
	uint16_t upto[SESSION_MARKS];
	unsigned n;
};

enum session_end { SESSION_STAYS, SESSION_CLOSES, SESSION_RESETS };

struct session {
	TAILQ_ENTRY(session) entry;
	struct session_house *house;
	struct session_place place;
	const struct conf *conf;
	const struct conf_service *service; /* as it was when it came */
	struct conf_rules *rules; /* the service's; its own since a reload has changed them */
	struct line *line;  /* that it owns, or that is spoken of: see session_look() */
	struct line *asked; /* for its modem state, before a claim */
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
	struct arbiter_client seat;
	struct session_marks marks;
	char who[TEXT_ADDRESS];

	/* The turn. */
	struct loop_note turn;  /* it has something to do at the end of this one; once closed, its memory goes */
	uint8_t events[SESSION_EVENTS]; /* enum door_event, that the door has not been told of */
	uint8_t n_events;
	enum session_end end : 8; /* the door wants it closed */
	bool running : 1, again : 1; /* inside run(); and one more round */
	bool timed : 1;         /* the timer has fired */
	bool claiming : 1;      /* the claim is not decided: what follows waits for it */
	bool setting_told : 1;  /* the door knows of the setting that is offered again */
	bool closed : 1;

	/* The claim. */
	bool owns : 1;          /* has the line */
	bool setting_up : 1;    /* the grant's port operations are under way */
	bool writable : 1;      /* the line takes data, as far as known */
	bool line_paused : 1;   /* the line was told that there is no room */
	bool asked_settings : 1; /* it knows of values, which the line may not have */
	bool watch_asked : 1;   /* `watch`, and the port has not answered yet */
	bool draining : 1, drain_asked : 1;
	bool mid_line : 1;      /* the beginning of this line was too old for the modem: so is the rest of it */
	bool dropping : 1;      /* what is being read is that old */
	bool op_starting : 1;   /* inside line_submit(): an answer now comes at once */
	bool cut : 1, cut_idle : 1;
	bool suspended : 1;
	bool spilling : 1;      /* ... and asked more than is kept for it: that is sent all the same */
	uint8_t set;            /* settings made before the grant: a bit for each, from RFC2217_OP_BAUD to INFLOW */
	uint8_t watch;          /* what the line watches for us: bit 0 modem lines, bit 1 errors */
	enum tenure_call call : 8;
	uint32_t suspended_at;  /* what waited when the client suspended us */
	unsigned dialled;       /* what the clocks know of its diallings */
	int drain_ms;           /* of the item that is being carried out */
	const char *not_set_up; /* why nothing may have been done of that: it is not the line that was promised */
	size_t stale;           /* bytes of the socket's that are too old for a modem */
	uint64_t from_client, to_client;
	uint64_t queued;        /* bytes ever put into the outbox */

	/* What it will be told. */
	char *text;         /* of a refusal or cut; ours */
	const char *why;    /* for the log */
	size_t waits_at;    /* its place, 1 is next */
	char sign[WORDS_SIGNATURE];

	int64_t began;      /* of the claim, ms since 1970 */
	uint64_t record;    /* in the history; 0: not yet */
	msec_t untold;      /* until when it is not told, neither there nor in the log; never: it is */
};

#endif
