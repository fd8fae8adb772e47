/*
 * Every sentence that a client can read stands in this file, so that they can be checked against
 * the manual, and changed, in one place.  Durations are told, never times of the clock: client and
 * server need not agree on one.
 */
#include "sharing/words.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#define CRLF "\r\n"
#define LONG "200" /* bytes shown of a name or reason of others, so that the end always fits */

/* Appends behind `used` bytes, fewer than cap, and returns what then stands in dst. */
__attribute__((format(printf, 4, 5))) static size_t
put(char *dst, size_t cap, size_t used, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst + used, cap - used, fmt, ap);
	va_end(ap);
	if (n < 0)
		return used;
	return (size_t)n < cap - used ? used + (size_t)n : cap - 1;
}

static const char *
shown(const char *who)
{
	return who != NULL ? who : "another client";
}

/* What a refusal and the status line have in common. */
static size_t
in_use(char *dst, size_t cap, const struct words_holder *h, const char *verb)
{
	char held[TEXT_DURATION], idle[TEXT_DURATION];

	return put(dst, cap, 0, "%s%s in use by %." LONG "s for %s, idle %s", h->line, verb, shown(h->who),
	    text_duration(held, h->held_ms), text_duration(idle, h->idle_ms));
}

size_t
words_free(char *dst, size_t cap, const char *line)
{
	return put(dst, cap, 0, "%s: free", line);
}

size_t
words_in_use(char *dst, size_t cap, const struct words_holder *h)
{
	return in_use(dst, cap, h, ":");
}

size_t
words_out_of_service(char *dst, size_t cap, const char *line, const char *reason)
{
	return put(dst, cap, 0, "%s: out of service: %." LONG "s", line, reason);
}

size_t
words_refusal(char *dst, size_t cap, const struct words_holder *h)
{
	char d[TEXT_DURATION];
	size_t used = in_use(dst, cap, h, " is");

	if (h->free_ms >= 0)
		used = put(dst, cap, used, "; free in %s at the latest", text_duration_up(d, h->free_ms));
	else
		used = put(dst, cap, used, "; no limit");
	if (h->free_ms < 0 && h->if_idle_ms >= 0)
		used = put(dst, cap, used, "; in %s if it stays idle", text_duration_up(d, h->if_idle_ms));
	if (h->waiting > 0)
		used = put(dst, cap, used, "; waiting: %d", h->waiting);
	return used;
}

size_t
words_on_its_way(char *dst, size_t cap, const char *line, bool rings, int64_t free_ms)
{
	char d[TEXT_DURATION];

	return put(dst, cap, 0, "%s is %s; free in %s at the latest", line,
	    rings ? "ringing" : "being made ready", text_duration_up(d, free_ms));
}

size_t
words_waits_already(char *dst, size_t cap, const char *service, const char *who)
{
	return put(dst, cap, 0, "%." LONG "s waits for %s already", who, service);
}

size_t
words_waited(char *dst, size_t cap, const char *service, int64_t waited_ms)
{
	char d[TEXT_DURATION];

	return put(dst, cap, 0, "%s was not free within %s", service, text_duration(d, waited_ms));
}

size_t
words_draining(char *dst, size_t cap, const char *service)
{
	return words_no_place(dst, cap, service, "the server is being drained");
}

size_t
words_no_place(char *dst, size_t cap, const char *service, const char *why)
{
	return put(dst, cap, 0, "%s takes nobody any more for now: %s", service, why);
}

size_t
words_gone(char *dst, size_t cap, const char *service)
{
	return put(dst, cap, 0, "%s is served no more", service);
}

size_t
words_quarantine(char *dst, size_t cap, const char *failure)
{
	return put(dst, cap, 0, "quarantine: %." LONG "s", failure);
}

size_t
words_taken_over(char *dst, size_t cap, const char *who)
{
	return put(dst, cap, 0, "taken over by %.180s", shown(who));
}

size_t
words_line(char *dst, size_t cap, const char *sentence)
{
	return put(dst, cap, 0, "%s" CRLF, sentence);
}

size_t
words_refused_data(char *dst, size_t cap, const char *sentence)
{
	return put(dst, cap, 0, WORDS_BUSY CRLF "%s" CRLF, sentence);
}

size_t
words_no_service(char *dst, size_t cap, const char *line, const char *reason)
{
	return put(dst, cap, 0, WORDS_NO_DIALTONE CRLF "%s is out of service: %." LONG "s" CRLF,
	    line, reason);
}

size_t
words_waiting(char *dst, size_t cap, int place, const char *sentence)
{
	return put(dst, cap, 0, "WAITING %d: %s" CRLF, place, sentence);
}

size_t
words_ready(char *dst, size_t cap)
{
	return put(dst, cap, 0, WORDS_READY CRLF);
}

size_t
words_warning(char *dst, size_t cap, const char *line, enum words_cut cut, int64_t left_ms)
{
	char d[TEXT_DURATION];

	text_duration_up(d, left_ms);
	if (cut == CUT_LIMIT)
		return put(dst, cap, 0, CRLF "%s: session limit: this session ends in %s and cannot be "
		    "kept; call again after it" CRLF, line, d);
	return put(dst, cap, 0, CRLF "%s: nothing sent: this session ends in %s; send anything to "
	    "keep it" CRLF, line, d);
}

/* What follows "LINE: " behind NO CARRIER. */
static size_t
put_why(char *dst, size_t cap, size_t used, enum words_cut cut, int64_t limit_ms,
    const char *detail)
{
	char d[TEXT_DURATION];

	switch (cut) {
	case CUT_IDLE:
		return put(dst, cap, used, "nothing sent for %s", text_duration(d, limit_ms));
	case CUT_LIMIT:
		return put(dst, cap, used, "session limit of %s reached", text_duration(d, limit_ms));
	case CUT_KICK:
		return put(dst, cap, used, "%." LONG "s",
		    detail != NULL ? detail : "ended by the operator");
	case CUT_GONE:
		return put(dst, cap, used, "%." LONG "s", detail != NULL ? detail : "the device is gone");
	case CUT_CONFIG:
		return put(dst, cap, used, "its configuration has changed");
	case CUT_DOWN:
		break;
	}
	return put(dst, cap, used, "the server is shutting down");
}

size_t
words_cut(char *dst, size_t cap, const char *line, enum words_cut cut, int64_t limit_ms,
    const char *detail)
{
	size_t used = put(dst, cap, 0, CRLF "NO CARRIER" CRLF "%s: ", line);

	used = put_why(dst, cap, used, cut, limit_ms, detail);
	return put(dst, cap, used, CRLF);
}

size_t
words_claim_timeout(char *dst, size_t cap, int64_t ms)
{
	char d[TEXT_DURATION];

	return put(dst, cap, 0, "closed: nothing sent for %s" CRLF, text_duration(d, ms));
}

size_t
words_yield(char *dst, size_t cap)
{
	return put(dst, cap, 0, "closed: all places are taken, and nothing was sent" CRLF);
}

size_t
words_signature_warning(char *dst, size_t cap, enum words_cut cut, int64_t left_ms)
{
	long long seconds = left_ms > 0 ? (long long)(left_ms / 1000 + (left_ms % 1000 != 0)) : 0;

	return put(dst, cap, 0, "%s %lld", cut == CUT_LIMIT ? "LIMIT" : "IDLE", seconds);
}

const char *
words_cut_name(enum words_cut cut)
{
	static const char *const names[] = {
		[CUT_IDLE] = "idle", [CUT_LIMIT] = "limit", [CUT_KICK] = "kick",
		[CUT_GONE] = "gone", [CUT_CONFIG] = "config", [CUT_DOWN] = "down"
	};

	return names[cut];
}

size_t
words_signature_cut(char *dst, size_t cap, enum words_cut cut)
{
	return put(dst, cap, 0, "CUT %s", words_cut_name(cut));
}

size_t
words_signature_queued(char *dst, size_t cap, int place)
{
	return put(dst, cap, 0, "QUEUED %d", place);
}
