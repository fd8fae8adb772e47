/*
 * What a session knows of its owner's calls: for the clocks of the claim and for the record.
 */
#include "session/parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/logfmt.h"

static bool
has_calls(const struct session *s)
{
	return s->owns && s->calls != NULL;
}

bool
session_calls_by_carrier(const struct session *s)
{
	return line_conf(s->line)->setup->kind == CONF_MODEM && !line_tells_calls(s->line) &&
	    line_trusts_carrier(s->line);
}

void
session_calls_begin(struct session *s)
{
	s->call = TENURE_NO_CALL;
	s->dialled = 0;
	if (line_conf(s->line)->setup->kind != CONF_MODEM)
		return;
	s->calls = calloc(1, sizeof *s->calls);
	if (s->calls != NULL) /* else its calls are not known, as those of a quiet modem */
		callwatch_init(s->calls, line_tells_calls(s->line) || line_trusts_carrier(s->line));
}

/* Dialling again begins its time again. */
static void
set_call(struct session *s, enum tenure_call call)
{
	if (call == s->call && call != TENURE_DIALS)
		return;
	s->call = call;
	tenure_call(&s->tenure, call, session_now(s));
	s->house->ops->changed(s->house->ctx);
}

/* A port that reports its calls knows better. */
static void
follow(struct session *s)
{
	static const enum tenure_call same[] = {
		[CALLWATCH_NO_CALL] = TENURE_NO_CALL,
		[CALLWATCH_DIALS] = TENURE_DIALS,
		[CALLWATCH_IN_CALL] = TENURE_IN_CALL,
	};
	enum tenure_call call = same[callwatch_state(s->calls)];
	unsigned dialled = callwatch_dialled(s->calls);

	if (line_tells_calls(s->line))
		return;
	if (call != s->call || dialled != s->dialled)
		set_call(s, call);
	s->dialled = dialled;
}

void
session_calls_told(struct session *s, enum port_call call)
{
	static const enum tenure_call same[] = {
		[PORT_NO_CALL] = TENURE_NO_CALL,
		[PORT_DIALLING] = TENURE_DIALS,
		[PORT_IN_CALL] = TENURE_IN_CALL,
	};

	if (s->calls != NULL)
		callwatch_carrier(s->calls, call == PORT_IN_CALL, session_now(s));
	set_call(s, same[call]);
}

void
session_judge_carrier(struct session *s, uint8_t modem)
{
	if (!session_calls_by_carrier(s) || s->calls == NULL)
		return;
	callwatch_carrier(s->calls, (modem & RFC2217_DCD) != 0, session_now(s));
	follow(s);
}

void
session_judge_dtr(struct session *s, bool on)
{
	if (!has_calls(s))
		return;
	callwatch_dtr(s->calls, on, session_now(s));
	follow(s);
}

void
session_calls_sent(struct session *s, const uint8_t *b, size_t n)
{
	if (!has_calls(s))
		return;
	callwatch_client(s->calls, b, n, session_now(s));
	follow(s);
}

void
session_calls_came(struct session *s, const uint8_t *b, size_t n)
{
	if (!has_calls(s))
		return;
	callwatch_line(s->calls, b, n, session_now(s));
	follow(s);
}

msec_t
session_calls_due(const struct session *s)
{
	return has_calls(s) ? callwatch_due(s->calls) : MSEC_NEVER;
}

void
session_calls_time(struct session *s)
{
	if (!has_calls(s))
		return;
	callwatch_time(s->calls, session_now(s));
	follow(s);
}

const char *
session_calls_record(struct session *s, char dst[static SESSION_RECORD])
{
	char number[2 * CALLWATCH_NUMBER], result[2 * CALLWATCH_RESULT];

	dst[0] = '\0';
	if (!has_calls(s))
		return dst;
	callwatch_time(s->calls, session_now(s));
	logfmt_value(number, sizeof number, callwatch_number(s->calls), false);
	logfmt_value(result, sizeof result, callwatch_result(s->calls), true);
	snprintf(dst, SESSION_RECORD, " number=%s result=%s call-seconds=%lld", number, result,
	    (long long)(callwatch_talked(s->calls, session_now(s)) / 1000));
	return dst;
}
