/*
 * The inside of a hand-over, for the files that make it up: handover.c (without a dialogue, and the
 * time that all takes), handover_dialogue.c (a modem's), handover_send.c (what is sent to it and what
 * comes of that).
 */
#ifndef MODEM_HANDOVER_PARTS_H
#define MODEM_HANDOVER_PARTS_H

#include "modem/handover.h"

#define HANDOVER_TESTS 2 /* AT is answered so often in a row */

enum handover_way { WAY_DTR, WAY_ESCAPE, WAY_COMMAND, WAY_NONE };

/* What is sent, and so what an answer is good for. */
enum handover_purpose {
	FOR_HANGUP,
	FOR_ESCAPE,
	FOR_FAX_END, /* to wake a silent modem: it ends a transmission, */
	FOR_SPEED,   /* finds the speed, */
	FOR_WORDS,   /* and says results, in words */
	FOR_INIT,
	FOR_ON_HOOK, /* a call of which no carrier told */
	FOR_TEST,
	FOR_PROBE
};

enum handover_way handover_way(const struct handover_rules *, size_t);
bool handover_dtr_first(const struct handover_rules *);
bool handover_may_escape(const struct handover_rules *);
bool handover_init_hangs_up(const struct handover_rules *); /* by H or Z */
int64_t handover_answer_time(const struct handover_rules *, enum handover_purpose);
int64_t handover_pause(const struct handover_rules *, bool after_first_init);

/*
 * RING is believed once the modem has answered a command: then what was heard since the call was over, if
 * there was one, counts, too.  Forget: a call may have been up until now.
 */
void handover_rings_begin(struct handover *);
void handover_rings_forget(struct handover *);

/* handover_dialogue.c */
enum handover_do handover_dialogue_start(struct handover *, msec_t now);
enum handover_do handover_dialogue_next(struct handover *, bool carrier, msec_t now);
enum handover_do handover_dialogue_data(struct handover *, const uint8_t *, size_t n, msec_t now);

/* handover_send.c.  Carrier is on, and would be off without a call. */
bool handover_in_call(const struct handover *);

/*
 * The text of the command that the purpose, way and number of h mean (never NULL);
 * compose: puts it into bytes, and begins to listen; fits: is there room for it?
 */
const char *handover_text(const struct handover *);
bool handover_fits(const struct handover *);
void handover_compose(struct handover *);
/* Looks for an answer that ends what is waited for; true when h->answer has one. */
bool handover_listen(struct handover *, const uint8_t *, size_t n);
/* Says in h->failure why the command failed. */
void handover_explain(struct handover *);

#endif
