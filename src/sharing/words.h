/*
 * Every sentence that a client can read.  Pure.
 *
 * Each function writes at most cap bytes, always terminated (cap at least 1), and returns the
 * length without the terminator.  WORDS_MAX holds everything with names as the configuration
 * allows them (line: 32 characters); of WHO and REASON 200 bytes are shown.  "Data" ends every line
 * with CR LF.
 */
#ifndef SHARING_WORDS_H
#define SHARING_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDS_MAX 512
#define WORDS_SIGNATURE 29 /* 28 bytes, the most a gensio client takes, and the terminator */

/* Signatures without a number in them. */
#define WORDS_BUSY "BUSY"
#define WORDS_NO_DIALTONE "NO DIALTONE"
#define WORDS_READY "READY"

/* Why a line is out of service, for words_out_of_service() and words_no_service(). */
#define WORDS_WAITING_FOR_DEVICE "waiting for the device"

/* Why there is no place for a client. */
#define WORDS_TOO_MANY "too many clients"
#define WORDS_TOO_MANY_OF_ADDRESS "too many clients of one address"
#define WORDS_NO_MEMORY "no memory"

/* Why an owner loses a line; to another connection of its own it does by CUT_KICK. */
enum words_cut { CUT_IDLE, CUT_LIMIT, CUT_KICK, CUT_GONE, CUT_CONFIG, CUT_DOWN };

/* Who has a line.  Durations in milliseconds. */
struct words_holder {
	const char *line;
	const char *who;    /* NULL: hidden, "another client" */
	int64_t held_ms, idle_ms;
	int64_t free_ms;    /* until it is free at the latest; -1: no limit */
	int64_t if_idle_ms; /* until it is free if nothing is sent; -1: no limit */
	int waiting;        /* how many wait already, for it or for its service */
};

/* ---- sentences, without a line end ---- */

/* "LINE: free" */
size_t words_free(char *dst, size_t cap, const char *line);
/* "LINE: in use by WHO for D, idle D" */
size_t words_in_use(char *dst, size_t cap, const struct words_holder *);
/* "LINE: out of service: REASON" */
size_t words_out_of_service(char *dst, size_t cap, const char *line, const char *reason);
/*
 * "LINE is in use by WHO for D, idle D; free in D at the latest", or at its end "; no limit; in D
 * if it stays idle"; then "; waiting: N" if there are any, which is what a full queue says.
 */
size_t words_refusal(char *dst, size_t cap, const struct words_holder *);
/* "LINE is being made ready; free in D at the latest", or "is ringing". */
size_t words_on_its_way(char *dst, size_t cap, const char *line, bool rings, int64_t free_ms);
/* "WHO waits for SERVICE already": its second claim. */
size_t words_waits_already(char *dst, size_t cap, const char *service, const char *who);
/* "SERVICE was not free within D": queue-wait is over. */
size_t words_waited(char *dst, size_t cap, const char *service, int64_t waited_ms);

/* "SERVICE takes nobody any more for now: the server is being drained" */
size_t words_draining(char *dst, size_t cap, const char *service);
/* "SERVICE takes nobody any more for now: WHY": no place for a client. */
size_t words_no_place(char *dst, size_t cap, const char *service, const char *why);
/* "SERVICE is served no more": it was taken out of the configuration. */
size_t words_gone(char *dst, size_t cap, const char *service);

/* ---- reasons ---- */

/* "quarantine: FAILURE" */
size_t words_quarantine(char *dst, size_t cap, const char *failure);
/* Detail of CUT_KICK: "taken over by WHO"; who: NULL as in words_holder. */
size_t words_taken_over(char *dst, size_t cap, const char *who);

/* ---- data ---- */

/* A sentence and its CR LF. */
size_t words_line(char *dst, size_t cap, const char *sentence);
/* "BUSY", then the sentence. */
size_t words_refused_data(char *dst, size_t cap, const char *sentence);
/* "NO DIALTONE", then "LINE is out of service: REASON". */
size_t words_no_service(char *dst, size_t cap, const char *line, const char *reason);
/* "WAITING 2: " and the sentence. */
size_t words_waiting(char *dst, size_t cap, int place, const char *sentence);
/* "READY" */
size_t words_ready(char *dst, size_t cap);
/*
 * CUT_IDLE or CUT_LIMIT: what ends in left_ms and how to keep it, on a line of its own: CR LF comes
 * before it as well.
 */
size_t words_warning(char *dst, size_t cap, const char *line, enum words_cut, int64_t left_ms);
/*
 * "NO CARRIER" on a line of its own (CR LF before it as well, as modems send it), then why.
 * limit_ms: what CUT_IDLE or CUT_LIMIT came to; detail: what CUT_GONE or CUT_KICK says, NULL for nothing
 * better than "the device is gone" or "ended by the operator".  Both are ignored elsewhere.
 */
size_t words_cut(char *dst, size_t cap, const char *line, enum words_cut, int64_t limit_ms,
    const char *detail);
/* "closed: nothing sent for D" */
size_t words_claim_timeout(char *dst, size_t cap, int64_t ms);
/* "closed: all places are taken, and nothing was sent" */
size_t words_yield(char *dst, size_t cap);

/* ---- SIGNATURE texts, cap WORDS_SIGNATURE ---- */

/* "IDLE 30" or "LIMIT 30": seconds left, rounded up. */
size_t words_signature_warning(char *dst, size_t cap, enum words_cut, int64_t left_ms);
/* "CUT idle" and so on; also the word for a log. */
size_t words_signature_cut(char *dst, size_t cap, enum words_cut);
const char *words_cut_name(enum words_cut);
/* "QUEUED 2" */
size_t words_signature_queued(char *dst, size_t cap, int place);

#endif
