/*
 * The inside of a session, for the files that make it up: session.c (life and time), session_door.c
 * (what the door decides), session_words.c (the words), session_flow.c (bytes to the line), session_line.c (news
 * of the line, bytes to the client), session_calls.c (calls), session_port.c (RFC 2217).
 */
#ifndef DAEMON_SESSION_PARTS_H
#define DAEMON_SESSION_PARTS_H

#include "daemon/session_state.h"

/* ---- session.c ---- */

static inline msec_t
session_now(const struct session *s)
{
	return loop_now(s->house->loop);
}

/* After anything has happened: moves what can move, sends, and sets the timer. */
void session_settle(struct session *);

/* Closes now; the memory goes at the end of the turn. */
void session_close(struct session *, bool reset);

/* ---- session_words.c ---- */

/* Of the lines of its service, chooses the one to speak of to a client that owns none: the one that
 * it would get first. */
void session_look(struct session *);

/* The sentence for somebody who cannot have a line now; number: of SESSION_FULL. */
void session_refusal(const struct session *, enum session_refusal, size_t number, char *dst, size_t cap);

/* Unless the client has suspended us. */
void session_say_text(struct session *, const char *);

void session_say_status(struct session *);
void session_say_timeout(struct session *);
void session_say_waiting(struct session *);
void session_say_ready(struct session *);
void session_warn(struct session *, enum tenure_rule, int64_t left);

/* ---- session_door.c ---- */

/* Tells the door and does what it says. */
void session_tell_door(struct session *, enum door_event);

/* Ends the claim (or the wait) by us. */
void session_cut(struct session *, enum words_cut, const char *detail);

/* ---- session_flow.c ---- */

extern const struct transport_news session_transport_news;
extern const struct nvt_news session_nvt_news;

/* Bytes that are ready for the wire; false when there is no room. */
bool session_queue(struct session *, const void *, size_t n);

/* Hands on what waits for the line; takes more from the client where there is room again. */
void session_pump(struct session *);
void session_take_more(struct session *);

/* The data held since before the grant: drops what is too old for a modem. */
void session_drop_stale(struct session *);

/* ---- session_line.c ---- */

/* The outbox held `before` bytes; what was added waits for the client. */
void session_note_queued(struct session *, uint64_t before);

/* ---- session_calls.c ---- */

#define SESSION_RECORD (CALLWATCH_NUMBER + CALLWATCH_RESULT + 64)

/* The claim begins; then what it sends, what comes, what the port, carrier and DTR tell, and time. */
void session_calls_begin(struct session *);
void session_calls_sent(struct session *, const uint8_t *, size_t n);
void session_calls_came(struct session *, const uint8_t *, size_t n);
void session_calls_told(struct session *, enum port_call);
void session_judge_carrier(struct session *, uint8_t modem);
void session_judge_dtr(struct session *, bool on);
msec_t session_calls_due(const struct session *);
void session_calls_time(struct session *);

/* Its carrier must be watched. */
bool session_calls_by_carrier(const struct session *);

/* The calls of the claim for the log, a blank before it; empty for a console. */
const char *session_calls_record(struct session *, char dst[static SESSION_RECORD]);

/* ---- session_record.c ---- */

/* What is on record of a claim, and of a refusal. */
void session_record_begin(struct session *);
void session_record_end(struct session *);
void session_record_refusal(struct session *, const char *why);

/* ---- session_port.c ---- */

extern const struct rfc2217_server_ops session_server_ops;

/* Starts with the configured settings. */
void session_remember(struct session *);

/* The client has agreed to COM-PORT: it is to be told the modem state. */
void session_agreed(struct session *);

/* The grant: brings the line up for its new owner. */
void session_set_up(struct session *);

/* What is watched follows the client's masks and the kind of line. */
void session_watch(struct session *);

#endif
