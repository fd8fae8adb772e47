/*
 * A modem that is played, see modemplay.h.
 */
#include "modemplay.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define ANSWER 20     /* ms for an answer, and for carrier to fall */
#define S12 1000      /* its own guard time */
#define FLOOD 10      /* a flood comes so often */

static const char *const hangup[] = { "dtr", "escape", "ATH" };
static const char *const init[] = { "AT&F", "ATE1V1Q0S0=0X4&C1&D2" };

const struct handover_rules play_rules = {
	.modem = true,
	.dialogue = true,
	.hangup_time = 1000,
	.carrier_timeout = 5000,
	.guard_time = 1100,
	.settle_time = 2600,
	.init_timeout = 10000,
	.init_pause = 1000,
	.hangup = hangup,
	.n_hangup = 3,
	.init = init,
	.n_init = 2,
	.attempts = 2,
	.dtr_when_free = true,
};

/* ---- what it says ---- */

static void
say_at(struct play *p, int64_t ms, const char *text)
{
	ck_assert(p->nsaid < PLAY_SAID);
	ck_assert(strlen(text) < sizeof p->said[0].text);
	p->said[p->nsaid].at = msec_add(p->now, ms);
	strcpy(p->said[p->nsaid++].text, text);
}

static void
result_at(struct play *p, int64_t ms, const char *word, const char *number)
{
	char text[48];

	if (p->quiet)
		return;
	snprintf(text, sizeof text, p->numeric ? "%s\r" : "\r\n%s\r\n", p->numeric ? number : word);
	say_at(p, ms, text);
	if (p->f.twice)
		say_at(p, ms + 40, text);
}

/* ---- commands ---- */

static bool
has(const char *line, const char *what)
{
	return strstr(line, what) != NULL;
}

static void
end_call(struct play *p)
{
	if (p->call)
		p->carrier_until = msec_add(p->now, ANSWER);
	p->call = p->data = false;
}

static void
set_by(struct play *p, const char *line)
{
	p->echo = has(line, "E1") || (p->echo && !has(line, "E0"));
	p->numeric = has(line, "V0") || (p->numeric && !has(line, "V1"));
	p->quiet = has(line, "Q1") || (p->quiet && !has(line, "Q0"));
	p->f.carrier_on = p->f.carrier_on && !has(line, "&C1");
}

static void
may_leave(struct play *p, const char *after)
{
	if (p->f.n_leaves == 0 || strcmp(p->f.leaves, after) != 0)
		return;
	p->f.n_leaves--;
	p->leave_at = msec_add(p->now, p->f.leaves_ms);
}

static void
command(struct play *p, const char *line)
{
	bool z = strcmp(line, "ATZ") == 0, sets = z || strcmp(line, "AT&F") == 0;
	bool ends = z || has(line, "ATH") || has(line, "+CHUP");
	int64_t ms = p->f.late > 0 ? p->f.late : sets && p->f.slow > 0 ? p->f.slow : ANSWER;

	may_leave(p, line);
	if (ends && (p->f.ends_by == NULL || strcmp(p->f.ends_by, line) == 0))
		end_call(p);
	if (p->f.refuses != NULL && strcmp(p->f.refuses, line) == 0) {
		result_at(p, ms, p->f.with != NULL ? p->f.with : "ERROR", "4");
		return;
	}
	set_by(p, line);
	result_at(p, ms, p->f.garbage ? "NOT OK" : "OK", p->f.garbage ? "\xff" : "0");
	if (sets) {
		p->echo = true;
		p->numeric = false;
		p->quiet = z && p->f.stores_quiet;
	}
}

static void
end_line(struct play *p)
{
	const char *at;

	p->line[p->len] = '\0';
	p->len = 0;
	at = strstr(p->line, "AT");
	if (at == NULL)
		return;
	if (p->f.own_speed)
		p->f.own_speed = false;
	else
		command(p, at);
}

static void
command_byte(struct play *p, char c)
{
	char one[2] = { c, '\0' };

	if (p->echo)
		say_at(p, 0, one);
	if (c == '\r')
		end_line(p);
	else if (p->len < sizeof p->line - 1)
		p->line[p->len++] = c;
}

/* Three plusses, the first after the guard time, whose end is seen by time. */
static void
data_byte(struct play *p, char c)
{
	if (c != '+' || p->f.no_escape)
		p->plusses = 0;
	else if (p->plusses > 0 || msec_since(p->silent_since, p->now) >= S12)
		p->plusses++;
	p->escape_at = p->plusses == 3 ? msec_add(p->now, S12) : MSEC_NEVER;
}

static void
line_byte(struct play *p, char c)
{
	if (p->f.mute || msec_since(p->start, p->now) < p->f.dead)
		return;
	if (p->fax) {
		p->fax = c != '\x03';
		if (!p->fax)
			result_at(p, ANSWER, "OK", "0");
	} else if (p->data) {
		data_byte(p, c);
		if (p->f.far_oks && c == '\r')
			say_at(p, ANSWER, "\r\nOK\r\n");
	} else {
		command_byte(p, c);
	}
	p->silent_since = p->now;
}

/* ---- what is done to it ---- */

static bool
carrier(const struct play *p)
{
	return !p->f.no_lines && !p->f.no_dcd && (p->f.strapped || p->f.carrier_on || p->call ||
	    msec_before(p->now, p->carrier_until));
}

static void
set_dtr(struct play *p, bool on)
{
	if (p->f.no_lines)
		return;
	if (!on && !p->f.ignores_dtr)
		end_call(p);
	if (!on)
		may_leave(p, "dtr");
	if (on && !p->dtr && p->f.ok_at_dtr)
		result_at(p, 1500, "OK", "0");
	p->dtr = on;
}

static void
take_bytes(struct play *p)
{
	size_t i, n;
	const uint8_t *b = handover_bytes(&p->h, &n);

	ck_assert(n > 0 && n <= HANDOVER_SEND_MAX && p->nsent + n < PLAY_LOG);
	memcpy(p->sent + p->nsent, b, n);
	p->nsent += n;
	for (i = 0; i < n; i++)
		line_byte(p, (char)b[i]);
}

static void
carry_out(struct play *p, enum handover_do what)
{
	static const char letters[] = "XEPBDUSIL>.";

	ck_assert(p->nactions < PLAY_LOG - 1);
	p->actions[p->nactions++] = letters[what];
	ck_assert_int_eq(!msec_is_never(handover_due(&p->h)), what == HANDOVER_WAIT);
	if (what == HANDOVER_PURGE || what == HANDOVER_EMPTY)
		p->nsaid = 0;
	if (what == HANDOVER_DTR_DOWN || what == HANDOVER_DTR_UP)
		set_dtr(p, what == HANDOVER_DTR_UP);
	if (what == HANDOVER_SEND && !p->f.stuck)
		take_bytes(p);
	else if (what != HANDOVER_WAIT && what != HANDOVER_SEND)
		p->now = msec_add(p->now, p->operation);
}

/* ---- time ---- */

/* The index of what it says next; nsaid: nothing. */
static size_t
next_said(const struct play *p)
{
	size_t i, first = 0;

	for (i = 1; i < p->nsaid; i++)
		if (msec_before(p->said[i].at, p->said[first].at))
			first = i;
	return first;
}

static void
by_itself(struct play *p)
{
	if (msec_reached(p->escape_at, p->now)) {
		p->escape_at = MSEC_NEVER;
		p->data = false;
		p->plusses = 0;
		p->nsaid = 0; /* of the call */
		result_at(p, 0, "OK", "0");
	}
	if (p->nsaid > 0)
		return;
	if (p->f.flood)
		say_at(p, FLOOD, p->flooded++ % 2 == 0 ? "OKAY OK OK" : "\xff\xfe\x80\x01~~");
	if (p->f.chatter)
		say_at(p, 7, "\r\n^RSSI:19\r\n\r\n+CREG: 1\r\n");
	if (p->data ? p->f.far_rings : p->f.rings)
		say_at(p, 900, "\r\nRING\r\n");
}

static enum handover_do
hear(struct play *p, size_t i)
{
	char text[sizeof p->said[0].text];

	strcpy(text, p->said[i].text);
	p->now = msec_max(p->now, p->said[i].at);
	memmove(p->said + i, p->said + i + 1, (p->nsaid - i - 1) * sizeof p->said[0]);
	p->nsaid--;
	return handover_data(&p->h, (const uint8_t *)text, strlen(text), p->now);
}

/* Until the hand-over wants something. */
static enum handover_do
wait_for(struct play *p)
{
	enum handover_do what = HANDOVER_WAIT;
	msec_t due;
	size_t i;

	while (what == HANDOVER_WAIT) {
		by_itself(p);
		i = next_said(p);
		due = msec_min(msec_min(handover_due(&p->h), p->escape_at), p->leave_at);
		if (i < p->nsaid && msec_before(p->said[i].at, due)) {
			what = hear(p, i);
		} else if (msec_before(due, handover_due(&p->h))) {
			p->now = due;
			if (msec_reached(p->leave_at, p->now))
				break;
		} else {
			p->now = msec_max(p->now, due);
			what = handover_next(&p->h, carrier(p), p->now);
			break;
		}
	}
	return what;
}

/* Gone, and back as after power on. */
static enum handover_do
leave(struct play *p, enum handover_do what)
{
	p->leave_at = MSEC_NEVER;
	if (!handover_may_leave(&p->h)) {
		p->lost = true;
		return what;
	}
	p->returns++;
	p->call = p->data = p->fax = p->numeric = p->quiet = false;
	p->echo = true;
	p->nsaid = p->len = 0;
	return handover_returned(&p->h, p->now);
}

static enum handover_do
done(struct play *p, enum handover_do what)
{
	if (what != HANDOVER_SEND || !p->f.stuck)
		return handover_next(&p->h, carrier(p), p->now);
	p->now = msec_add(p->now, handover_patience(&p->h));
	return handover_not_taken(&p->h, p->now);
}

static enum handover_do
run(struct play *p, enum handover_do what)
{
	while (what != HANDOVER_READY && what != HANDOVER_FAILED) {
		carry_out(p, what);
		what = what == HANDOVER_WAIT ? wait_for(p) : done(p, what);
		if (msec_reached(p->leave_at, p->now))
			what = leave(p, what);
		if (p->lost)
			return what;
	}
	ck_assert(!handover_may_leave(&p->h));
	ck_assert(msec_is_never(handover_due(&p->h)));
	ck_assert_int_eq(handover_next(&p->h, carrier(p), p->now), what);
	ck_assert_int_eq(handover_data(&p->h, (const uint8_t *)"OK\r", 3, p->now), HANDOVER_WAIT);
	ck_assert_int_eq(strlen(handover_failure(&p->h)) > 0, what == HANDOVER_FAILED);
	return what;
}

void
play_init(struct play *p, const struct faults *f)
{
	*p = (struct play){ .f = *f, .now = { 5000 }, .start = { 5000 }, .escape_at = MSEC_NEVER,
		.leave_at = MSEC_NEVER };
	p->echo = !f->no_echo;
	p->numeric = f->numeric;
	p->quiet = f->quiet;
	p->call = f->in_call || f->left_call;
	p->data = f->in_call;
	p->fax = f->fax;
	p->dtr = true;
}

enum handover_do
play_run(struct play *p, const struct handover_rules *rules)
{
	p->start = p->now;
	return run(p, handover_start(&p->h, rules, p->now));
}

enum handover_do
play_probe(struct play *p, const struct handover_rules *rules)
{
	p->start = p->now;
	return run(p, handover_probe(&p->h, rules, p->now));
}

int64_t
play_took(const struct play *p)
{
	return msec_since(p->start, p->now);
}
