/*
 * The virtual modem's command mode, see vmodem.h: what the commands do that hayes.h leaves to it.
 */
#include "modem/vmodem_parts.h"

#include <string.h>

/* What D names: digits, or L. */
static const char *
number_of(const struct vmodem *m, const struct hayes_commands *c)
{
	return c->last ? m->last_number : c->digits;
}

/* DTR is off, and has been for as long as counts: it would hang up what it has just called (V.250, 6.2.9). */
static bool
is_on_its_own(const struct vmodem *m)
{
	return !m->dtr && msec_is_never(m->fall) && m->at.dtr >= 2;
}

/*
 * With `more` the digits are kept, and the terminal stays with commands: ATD goes on with the number,
 * ATO ends it, ATH forgets it.  A line that rings cannot be dialled on, nor one with a call.
 */
static bool
dial(struct vmodem *m, const char *digits, bool more, msec_t now)
{
	size_t before = strlen(m->digits), n = strlen(digits);

	if (is_on_its_own(m)) {
		vmodem_result(m, RESULT_NO_CARRIER);
		return false;
	}
	if (m->phase == VMODEM_IN_CALL || before + n > HAYES_DIGITS) {
		vmodem_result(m, RESULT_ERROR);
		return false;
	}
	if (m->caller != NULL) {
		vmodem_result(m, RESULT_NO_DIALTONE);
		return false;
	}
	memmove(m->digits + before, digits, n + 1);
	m->phase = VMODEM_OFF_HOOK;
	if (!more)
		vmodem_call(m, now);
	return more;
}

static void
online(struct vmodem *m, msec_t now)
{
	if (m->phase == VMODEM_IN_CALL)
		vmodem_online(m, now);
	else if (m->digits[0] != '\0')
		dial(m, "", false, now);
	else
		vmodem_result(m, RESULT_NO_CARRIER);
}

static void
answer(struct vmodem *m, msec_t now)
{
	if (m->phase == VMODEM_IN_CALL)
		vmodem_result(m, RESULT_ERROR);
	else if (m->caller != NULL && !is_on_its_own(m))
		vmodem_answer(m, now);
	else
		vmodem_result(m, RESULT_NO_CARRIER);
}

/* H1 is for the busy tone that callers hear; a call that is up or rings is not harmed by it. */
static void
off_hook(struct vmodem *m)
{
	if (m->phase == VMODEM_ON_HOOK && m->caller == NULL)
		m->phase = VMODEM_OFF_HOOK;
}

static void
show_profile(struct vmodem *m, const char *title, const struct hayes *profile)
{
	char line[HAYES_TEXT];
	unsigned i;

	vmodem_inform(m, title);
	for (i = 0; i < HAYES_VIEW; i++) {
		hayes_view(profile, i, line);
		vmodem_inform(m, line);
	}
}

static void
show(struct vmodem *m)
{
	show_profile(m, "ACTIVE PROFILE:", &m->at);
	show_profile(m, "STORED PROFILE 0:", &m->stored[0]);
	show_profile(m, "STORED PROFILE 1:", &m->stored[1]);
}

/* One command; false when the line ends with it. */
static bool
carry_out(struct vmodem *m, const struct hayes_commands *c, enum hayes_do todo, msec_t now)
{
	switch (todo) {
	case HAYES_NEXT:
		return true;
	case HAYES_SAY:
		vmodem_inform(m, c->text);
		return true;
	case HAYES_HANG_UP:
		vmodem_hang_up(m);
		return true;
	case HAYES_OFF_HOOK:
		off_hook(m);
		return true;
	case HAYES_STORE:
		m->stored[c->profile] = m->at;
		hayes_set_s(&m->stored[c->profile], 1, 0); /* no setting */
		return true;
	case HAYES_SHOW:
		show(m);
		return true;
	case HAYES_DIAL_ON:
		return dial(m, number_of(m, c), true, now);
	case HAYES_DIAL:
		dial(m, number_of(m, c), false, now);
		break;
	case HAYES_ANSWER:
		answer(m, now);
		break;
	case HAYES_ONLINE:
		online(m, now);
		break;
	case HAYES_RESET:
		vmodem_hang_up(m);
		m->at = m->stored[c->profile];
		vmodem_result(m, RESULT_OK);
		break;
	default:
		vmodem_result(m, todo == HAYES_DONE ? RESULT_OK : RESULT_ERROR);
	}
	return false;
}

static void
run_line(struct vmodem *m, msec_t now)
{
	struct hayes_commands commands;
	enum hayes_do todo;

	hayes_begin(&commands, m->line.line);
	do
		todo = hayes_next(&commands, &m->at);
	while (carry_out(m, &commands, todo, now));
	vmodem_lines(m); /* &C may have changed */
}

void
vmodem_type(struct vmodem *m, uint8_t c, msec_t now)
{
	enum hayes_key key = hayes_edit(&m->line, &m->at, c);

	m->tail = key == HAYES_KEY_LINE || key == HAYES_KEY_TOO_LONG;
	if (m->tail)
		m->ended = now;
	if (m->at.echo != 0 && key == HAYES_KEY_ERASED)
		vmodem_say(m, "\b \b", 3);
	else if (m->at.echo != 0 && key != HAYES_KEY_USELESS)
		vmodem_say(m, (const char *)&c, 1);
	if (key == HAYES_KEY_LINE)
		run_line(m, now);
	else if (key == HAYES_KEY_TOO_LONG)
		vmodem_result(m, RESULT_ERROR);
}
