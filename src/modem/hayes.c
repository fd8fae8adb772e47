/*
 * The Hayes AT interpreter, see hayes.h: ITU-T V.250 sections 5 and 6 as far as a modem without
 * compression, error control and memory needs them.
 *
 * One row for each command: its letters, the largest value, and what it does.  Lines are made in
 * hayes_edit.c, those with a plus sign are in hayes_extended.c, answers in hayes_answer.c.
 */
#include "modem/hayes_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define CR 13

/* ---- registers ---- */

struct reg {
	uint8_t number, min, max, factory;
};

/* In the order of hayes.s. */
static const struct reg registers[HAYES_REGISTERS] = {
	{ 0, 0, 255, 0 },   /* rings before answering; 0: never */
	{ 1, 0, 255, 0 },   /* rings so far, as the modem counts them */
	{ 2, 0, 255, '+' }, /* the escape character; above 127: none */
	{ 3, 0, 127, CR },  /* ends a line */
	{ 4, 0, 127, 10 },  /* follows it in answers */
	{ 5, 0, 127, 8 },   /* erases */
	{ 6, 2, 255, 2 },   /* for dial tone; like the next but one nothing here waits for it */
	{ 7, 1, 255, 50 },  /* seconds to wait for the answer to a call */
	{ 8, 0, 255, 2 },   /* for a comma */
	{ 9, 1, 255, 6 },   /* for a carrier to be one */
	{ 10, 1, 255, 1 },  /* for a carrier that was lost */
	{ 11, 50, 255, 95 }, /* of a tone */
	{ 12, 0, 255, 50 }, /* guard time around the escape, in 1/50 s */
	{ 13, 0, 255, 0 },  /* like the next a sum of flags of its line driver */
	{ 15, 0, 255, 0 },
	{ 25, 0, 255, 0 },  /* how long DTR may be off unnoticed, in 1/100 s */
	{ 26, 0, 255, 1 },  /* from RTS to CTS */
	{ 27, 0, 255, 73 }, /* how it speaks on a leased line */
	{ 30, 0, 0, 0 },    /* minutes after which an idle call is ended: never */
	{ 36, 0, 7, 7 },    /* like all that follow for error control, compression and modulation */
	{ 37, 0, 19, 0 },
	{ 38, 0, 255, 20 },
	{ 39, 0, 255, 3 },
	{ 46, 0, 255, 136 },
	{ 48, 0, 255, 7 },
	{ 91, 0, 255, 10 }, /* how loud it is on the analogue line, in -dBm */
	{ 95, 0, 255, 0 },
};

static int
find_register(unsigned number)
{
	int i;

	for (i = 0; i < HAYES_REGISTERS; i++)
		if (registers[i].number == number)
			return i;
	return -1;
}

uint8_t
hayes_register(unsigned i)
{
	return registers[i].number;
}

uint8_t
hayes_s(const struct hayes *h, unsigned number)
{
	int i = find_register(number);

	return i < 0 ? 0 : h->s[i];
}

void
hayes_set_s(struct hayes *h, unsigned number, uint8_t value)
{
	int i = find_register(number);

	if (i >= 0 && value >= registers[i].min && value <= registers[i].max)
		h->s[i] = value;
}

void
hayes_init(struct hayes *h)
{
	int i;

	*h = (struct hayes){ .echo = 1, .verbose = 1, .results = 4, .carrier = 1, .dtr = 2,
		.flow = 3, .icf = { 3, 3 }, .ifc = { 2, 2 }, .es = { 1, 0, 1 } };
	for (i = 0; i < HAYES_REGISTERS; i++)
		h->s[i] = registers[i].factory;
}

/* ---- the commands ---- */

struct command {
	const char *name;
	unsigned max;
	enum hayes_do todo;
	enum hayes_do (*run)(struct hayes_commands *, struct hayes *, const struct command *,
	    unsigned);
	size_t field; /* of struct hayes, for set_field() */
};

static enum hayes_do
set_field(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	(void)c;
	((uint8_t *)h)[what->field] = (uint8_t)value;
	return HAYES_NEXT;
}

static enum hayes_do
ignore(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	(void)c;
	(void)h;
	(void)what;
	(void)value;
	return HAYES_NEXT;
}

static enum hayes_do
factory(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	(void)c;
	(void)what;
	(void)value;
	hayes_init(h);
	return HAYES_NEXT;
}

static enum hayes_do
return_it(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	(void)c;
	(void)h;
	(void)value;
	return what->todo;
}

static enum hayes_do
hook(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	(void)c;
	(void)h;
	(void)what;
	return value == 0 ? HAYES_HANG_UP : HAYES_OFF_HOOK;
}

static enum hayes_do
identify(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	static const char *const texts[] = { "modemshare", "000", "", "modemshare virtual modem",
		"Hayes AT commands, ITU-T V.250", "000", "no error control, no compression",
		"virtual line", "", "" };

	(void)h;
	(void)what;
	if (texts[value][0] == '\0')
		return HAYES_NEXT;
	snprintf(c->text, sizeof c->text, "%s", texts[value]);
	return HAYES_SAY;
}

static enum hayes_do
profile(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	(void)h;
	c->profile = (uint8_t)value;
	return what->todo;
}

/* S7? and S7=30; what stands behind S was read as the value. */
static enum hayes_do
s_register(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	int i = find_register(value);
	bool given;

	(void)what;
	if (i < 0 || (*c->at != '?' && *c->at != '='))
		return HAYES_BAD;
	if (*c->at++ == '?') {
		snprintf(c->text, sizeof c->text, "%03u", h->s[i]);
		return HAYES_SAY;
	}
	value = hayes_number(c, &given);
	if (!given || value < registers[i].min || value > registers[i].max)
		return HAYES_BAD;
	h->s[i] = (uint8_t)value;
	return HAYES_NEXT;
}

/* Is L, behind T or P, all that is dialled?  Then it is passed by. */
static bool
is_last(struct hayes_commands *c)
{
	const char *at = c->at + strspn(c->at, "TP");

	if (at[0] != 'L' || (at[1] != '\0' && at[1] != ';'))
		return false;
	c->at += at + 1 - c->at;
	return true;
}

/* Takes the rest of the line, or what is before the semicolon. */
static enum hayes_do
dial(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	size_t n = 0;

	(void)h;
	(void)what;
	(void)value;
	c->last = is_last(c);
	for (; *c->at != '\0' && *c->at != ';'; c->at++) {
		if (strchr("TPW,@!$-()./", *c->at) != NULL)
			continue;
		if (strchr("0123456789*#+ABCD", *c->at) == NULL || n == HAYES_DIGITS)
			return HAYES_BAD;
		c->digits[n++] = *c->at;
	}
	c->digits[n] = '\0';
	if (*c->at == '\0')
		return HAYES_DIAL;
	c->at++;
	return HAYES_DIAL_ON;
}

#define FIELD(name) HAYES_NEXT, set_field, offsetof(struct hayes, name)
#define IGNORED HAYES_NEXT, ignore, 0
#define RETURNED(todo) todo, return_it, 0
#define PROFILE(todo) todo, profile, 0
#define RUN(run) HAYES_NEXT, run, 0
#define NO_VALUE UINT32_MAX /* what follows is not a value of this command */

/* Speaker, flow control and the like have no effect, but every set-up string names them. */
static const struct command commands[] = {
	{ "D", NO_VALUE, RUN(dial) },
	{ "A", NO_VALUE, RETURNED(HAYES_ANSWER) },
	{ "T", NO_VALUE, IGNORED },
	{ "P", NO_VALUE, IGNORED },
	{ "H", 1, RUN(hook) },
	{ "O", 1, RETURNED(HAYES_ONLINE) },
	{ "Z", HAYES_PROFILES - 1, PROFILE(HAYES_RESET) },
	{ "I", 9, RUN(identify) },
	{ "S", HAYES_TOO_LARGE, RUN(s_register) },
	{ "E", 1, FIELD(echo) },
	{ "Q", 1, FIELD(quiet) },
	{ "V", 1, FIELD(verbose) },
	{ "X", 7, FIELD(results) },
	{ "&C", 1, FIELD(carrier) },
	{ "&D", 3, FIELD(dtr) },
	{ "&F", 1, RUN(factory) },
	{ "&K", 6, FIELD(flow) },
	{ "&V", 1, RETURNED(HAYES_SHOW) },
	{ "&W", HAYES_PROFILES - 1, PROFILE(HAYES_STORE) },
	{ "B", 16, IGNORED },
	{ "C", 1, IGNORED },
	{ "F", 1, IGNORED },
	{ "L", 3, IGNORED },
	{ "M", 3, IGNORED },
	{ "N", 1, IGNORED },
	{ "W", 2, IGNORED },
	{ "Y", 1, IGNORED },
	{ "&A", 3, IGNORED },
	{ "&B", 1, IGNORED },
	{ "&G", 2, IGNORED },
	{ "&H", 3, IGNORED },
	{ "&I", 5, IGNORED },
	{ "&J", 1, IGNORED },
	{ "&L", 1, IGNORED },
	{ "&M", 4, IGNORED },
	{ "&N", 64, IGNORED },
	{ "&P", 3, IGNORED },
	{ "&Q", 6, IGNORED },
	{ "&R", 2, IGNORED },
	{ "&S", 1, IGNORED },
	{ "&T", 19, IGNORED },
	{ "&U", 64, IGNORED },
	{ "&X", 2, IGNORED },
	{ "&Y", HAYES_PROFILES - 1, IGNORED },
	{ "%C", 3, IGNORED },
	{ "%E", 3, IGNORED },
	{ "\\A", 3, IGNORED },
	{ "\\G", 1, IGNORED },
	{ "\\J", 1, IGNORED },
	{ "\\K", 5, IGNORED },
	{ "\\L", 1, IGNORED },
	{ "\\N", 7, IGNORED },
	{ "\\Q", 3, IGNORED },
	{ "\\V", 3, IGNORED },
	{ "\\X", 1, IGNORED },
};

static const struct command *
find_command(const char *at)
{
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strncmp(at, commands[i].name, strlen(commands[i].name)) == 0)
			return &commands[i];
	return NULL;
}

void
hayes_begin(struct hayes_commands *c, char *line)
{
	char *from, *to = line;

	for (from = line; *from != '\0'; from++)
		if (*from != ' ')
			*to++ = (char)toupper((unsigned char)*from);
	*to = '\0';
	c->at = line;
}

enum hayes_do
hayes_next(struct hayes_commands *c, struct hayes *h)
{
	const struct command *what;
	unsigned value = 0;
	bool given;

	if (*c->at == '\0')
		return HAYES_DONE;
	if (*c->at == '+')
		return hayes_extended(c, h);
	what = find_command(c->at);
	if (what == NULL)
		return HAYES_BAD;
	c->at += strlen(what->name);
	if (what->max != NO_VALUE)
		value = hayes_number(c, &given);
	return value > what->max ? HAYES_BAD : what->run(c, h, what, value);
}
