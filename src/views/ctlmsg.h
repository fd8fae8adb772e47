/*
 * The control protocol: one JSON object for each line, both ways, over a Unix socket.  Structs here,
 * text there.  Pure; jansson behind it.
 *
 *	greeting  {"modemshare": VERSION, "protocol": 1, "may": "act" | "look"}
 *	request   {"id": N, "do": VERB, and what the verb takes:
 *		kick, disable line [message]; enable, test, monitor line; drain [exit]; resume;
 *		reload; status; watch; history [since] [line] [client] [max]}
 *	answer    {"id": N, "ok": true, ["text"]}, with "status" and "missed", or "records" and "more"; text:
 *		for a person, of records why there are no new ones
 *		{"id": N, "ok": false, "code": CODE, "error": what, where, expected}
 *	then      {"id": N, "event": "data", "at", "from": "client" | "line", "hex"}
 *		{"id": N, "event": "lost", "at", "bytes"}
 *		{"id": N, "event": "note" | "end", "at", "text"}
 *
 * watch answers again and again, monitor is answered and then tells what passes; both until the
 * connection ends.  Points in time are seconds since 1970 with a fraction, as in statusjson.h.
 * What the daemon sends may get more keys; a request with a key that is not known is refused.
 */
#ifndef VIEWS_CTLMSG_H
#define VIEWS_CTLMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

#define CTLMSG_PROTOCOL 1
#define CTLMSG_MAX 65536 /* bytes of a request, its newline included */
#define CTLMSG_DATA 8192 /* bytes of one event "data" */
#define CTLMSG_NAME 256  /* with NUL, as the others */
#define CTLMSG_TEXT 201  /* for a client: all of it is shown (sharing/words.h) */
#define CTLMSG_ERROR 512

enum ctlmsg_verb {
	CTLMSG_STATUS, CTLMSG_WATCH, CTLMSG_HISTORY, /* who may look may ask these */
	CTLMSG_MONITOR, CTLMSG_KICK, CTLMSG_DISABLE, CTLMSG_ENABLE, CTLMSG_DRAIN, CTLMSG_RESUME,
	CTLMSG_TEST, CTLMSG_RELOAD
};
#define CTLMSG_VERBS (CTLMSG_RELOAD + 1)

const char *ctlmsg_verb_word(enum ctlmsg_verb);
bool ctlmsg_acts(enum ctlmsg_verb); /* only who may act may ask it */

struct ctlmsg_request {
	int64_t id; /* 1 to INT32_MAX */
	enum ctlmsg_verb verb;
	char line[CTLMSG_NAME];    /* "": none */
	/* Of kick, for the owner; of disable, for whoever is refused; without control characters. */
	char message[CTLMSG_TEXT];
	char client[CTLMSG_NAME];
	int64_t since; /* ms since 1970; 0: any */
	uint64_t max;  /* 0: all */
	bool exit;
};

/*
 * Reads one line of n bytes, with or without its newline.  Returns 0, or -1 with the error, a
 * sentence, and then id is that of the line if it has one, else 0.
 */
int ctlmsg_read_request(const char *, size_t n, struct ctlmsg_request *,
    char error[static CTLMSG_ERROR]);

/* As a line, the caller's to free(); NULL without memory or if a text is not UTF-8. */
char *ctlmsg_write_request(const struct ctlmsg_request *);

enum ctlmsg_kind {
	CTLMSG_OK, CTLMSG_FAILURE, CTLMSG_STATUSES, CTLMSG_RECORDS,
	CTLMSG_SOME_DATA, CTLMSG_LOST, CTLMSG_NOTE, CTLMSG_END
};

enum ctlmsg_code {
	CTLMSG_BAD,     /* the request is not understood */
	CTLMSG_DENIED,  /* not by this user */
	CTLMSG_UNKNOWN, /* there is no such line */
	CTLMSG_FAILED,  /* it was tried, or cannot be now */
	CTLMSG_BUSY     /* too many at a time */
};

struct ctlmsg_reply {
	int64_t id; /* of the request; 0: of none that could be read */
	enum ctlmsg_kind kind;
	enum ctlmsg_code code; /* FAILURE */
	const char *text;      /* FAILURE, NOTE, END; OK, RECORDS: NULL or more about it */
	struct json_t *body;   /* RECORDS: an array of statusjson_record(); STATUSES, which are read only: statusjson() */
	uint64_t missed;       /* STATUSES: as many were not sent before; LOST: bytes */
	bool more;             /* RECORDS: others follow */
	int64_t at;            /* SOME_DATA, LOST, NOTE, END: ms since 1970 */
	bool from_client;      /* SOME_DATA: else from the line */
	const uint8_t *data;
	size_t n;              /* at most CTLMSG_DATA */
	struct json_t *whole;  /* of ctlmsg_read_reply(): the object itself */
	void *memory;          /* likewise */
};

/* As a line with its newline, the caller's to free(); text that is not fit to be shown is made so (views/clean.h).
 * The body stays the caller's.  NULL without memory or body.  Not of STATUSES. */
char *ctlmsg_write_reply(const struct ctlmsg_reply *);

/* One of STATUSES, whose text goes to many: what comes before that, which has no newline, and behind it, terminated. */
enum { CTLMSG_HEAD = 64, CTLMSG_TAIL = 48 };
void ctlmsg_write_status(char head[static CTLMSG_HEAD], char tail[static CTLMSG_TAIL], int64_t id, uint64_t missed);

/* Returns 0, and what it points to lives until ctlmsg_reply_clear(); or -1 with the error. */
int ctlmsg_read_reply(const char *, size_t n, struct ctlmsg_reply *,
    char error[static CTLMSG_ERROR]);
void ctlmsg_reply_clear(struct ctlmsg_reply *);

struct ctlmsg_greeting {
	char version[64];
	int protocol;
	bool may_act;
};

char *ctlmsg_write_greeting(const struct ctlmsg_greeting *); /* as above */
int ctlmsg_read_greeting(const char *, size_t n, struct ctlmsg_greeting *,
    char error[static CTLMSG_ERROR]);

#endif
