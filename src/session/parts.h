/*
 * The inside of a session, for its files, each of which calls only those before it: turn.c (what has happened),
 * calls.c, record.c, outlet.c (bytes to the client), speech.c (the words), inlet.c (bytes and commands to the
 * line), comport.c (RFC 2217), claim.c (what door and arbiter decide), linenews.c (news of the line), session.c.
 */
#ifndef SESSION_PARTS_H
#define SESSION_PARTS_H

#include "session/calls.h"
#include "session/state.h"

static inline msec_t
session_now(const struct session *s)
{
	return loop_now(s->house->loop);
}

/* ---- turn.c ---- */

/* Something was done or has come: it runs at the end of this turn, or goes round once more. */
void session_wake(struct session *);

/* The door is to hear of it, and the session runs.  Of decisions only the newest counts. */
void session_note(struct session *, enum door_event);

bool session_is_noted(const struct session *, enum door_event);
bool session_is_decided(const struct session *); /* a decision is noted */

/* Something is outstanding that what the client sends next has to wait for. */
static inline bool
session_is_busy(const struct session *s)
{
	return s->n_events > 0 || s->claiming;
}

/* ---- record.c ---- */

/* Are claims and refusals told; if not, they are counted: session_ops says when.  A claim that is not told at its begin
 * is told when it lasts, or at its end. */
bool session_record_begin(struct session *);
void session_record_lasts(struct session *);
bool session_record_end(struct session *);
bool session_record_refusal(struct session *, enum session_refusal, const char *why);

/* ---- outlet.c ---- */

/* Bytes that are ready for the wire; false when there is no room. */
bool session_queue(struct session *, const void *, size_t n);

/* What the line may bring, in bytes, and what it brings. */
size_t session_room(struct session *);
void session_came(struct session *, const uint8_t *, size_t n);

/* Room for answers, less what those to commands that wait will want. */
size_t session_answer_room(const struct session *);

/* n bytes have been sent; lets the line, and a client that has suspended us, go on where there is room again. */
void session_sent(struct session *, size_t n);
void session_let_out(struct session *);

/* ---- speech.c ---- */

/* Of the lines of its service, chooses the one to speak of to a client that owns none: the one that
 * it would get first. */
void session_look(struct session *);

/* The sentence for somebody who cannot have a line now. */
void session_refusal(const struct session *, enum session_refusal, char *dst, size_t cap);

/* Unless the client has suspended us. */
void session_say_text(struct session *, const char *);
void session_say_status(struct session *);
void session_say_timeout(struct session *);
void session_say_yield(struct session *);
void session_say_waiting(struct session *);
void session_say_ready(struct session *);
void session_warn(struct session *, enum tenure_rule, int64_t left);

/* ---- inlet.c ---- */

extern const struct transport_news session_transport_news;
extern const struct nvt_news session_nvt_news;

/* Hands on what waits for the line; takes more from the client where there is room again. */
void session_pump(struct session *);
void session_take_more(struct session *);

/* Input that nothing stands in the way of but memory: no event would ever bring it on. */
bool session_starves(const struct session *);

/* At the grant: drops what the client sent too long ago for a modem. */
void session_drop_stale(struct session *);

/* ---- comport.c ---- */

extern const struct rfc2217_server_ops session_server_ops;

/* Starts with the configured settings. */
void session_remember(struct session *);

/* The client has agreed to COM-PORT: it is to be told the modem state.  It has refused. */
void session_agreed(struct session *);
void session_refuses(struct session *);

/* The line that was asked goes away: its answer is what is known. */
void session_unask(struct session *);

/* The grant: brings the line up for its new owner. */
void session_set_up(struct session *);

/* ---- claim.c ---- */

/* Asks for a line; tells the door what has happened, in order, and does what it says. */
void session_claim(struct session *);
void session_act(struct session *);

/* It has lasted long enough to be told, if it is not yet. */
void session_look_at_claim(struct session *);

/* The claim (or the wait) ends by us; the first reason counts. */
void session_cut(struct session *, enum words_cut, const char *detail);

#endif
