/*
 * The Hayes AT interpreter, see hayes.h: ITU-T V.250 sections 5 and 6 as far as a modem without
 * compression, error control and memory needs them.
 *
 * One row for each command: its letters, the largest value, and what it does.
 */
#include "modem/hayes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define CR 13
#define TOO_LARGE 1000 /* where a number stops growing: above every limit */

/* ---- registers ---- */

struct reg {
	uint8_t number, min, max, factory;
};

/* In the order of hayes.s. */
static const struct reg registers[HAYES_REGISTERS] = {
	{ 0, 0, 255, 0 },   /* rings before answering; 0: never */
	{ 2, 0, 255, '+' }, /* the escape character; above 127: none */
	{ 3, 0, 127, CR },  /* ends a line */
	{ 4, 0, 127, 10 },  /* follows it in answers */
	{ 5, 0, 127, 8 },   /* erases */
	{ 7, 1, 255, 50 },  /* seconds to wait for the answer to a call */
	{ 12, 0, 255, 50 }, /* guard time around the escape, in 1/50 s */
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
hayes_s(const struct hayes *h, unsigned number)
{
	int i = find_register(number);

	return i < 0 ? 0 : h->s[i];
}

void
hayes_init(struct hayes *h)
{
	int i;

	*h = (struct hayes){ .echo = 1, .verbose = 1, .results = 4, .carrier = 1, .dtr = 2 };
	for (i = 0; i < HAYES_REGISTERS; i++)
		h->s[i] = registers[i].factory;
}

/* ---- the line editor ---- */

enum { EDIT_IDLE, EDIT_A, EDIT_LINE };

void
hayes_edit_init(struct hayes_editor *e)
{
	e->state = EDIT_IDLE;
	e->used = 0;
}

static void
edit_prefix(struct hayes_editor *e, uint8_t c)
{
	if (e->state == EDIT_A && (c == 'T' || c == 't'))
		e->state = EDIT_LINE;
	else
		e->state = c == 'A' || c == 'a' ? EDIT_A : EDIT_IDLE;
}

static enum hayes_key
edit_end(struct hayes_editor *e)
{
	enum hayes_key key = e->used > HAYES_LINE ? HAYES_KEY_TOO_LONG : HAYES_KEY_LINE;

	if (key == HAYES_KEY_LINE)
		e->line[e->used] = '\0';
	hayes_edit_init(e);
	return key;
}

enum hayes_key
hayes_edit(struct hayes_editor *e, const struct hayes *h, uint8_t c)
{
	if (e->state != EDIT_LINE) {
		edit_prefix(e, c);
		return HAYES_KEY_NONE;
	}
	if (c == hayes_s(h, 3))
		return edit_end(e);
	if (c == hayes_s(h, 5) || c == HAYES_DEL) {
		if (e->used == 0)
			return HAYES_KEY_NONE;
		e->used--;
		return HAYES_KEY_ERASED;
	}
	if (c < ' ')
		return HAYES_KEY_NONE;
	if (e->used < HAYES_LINE)
		e->line[e->used] = (char)c;
	if (e->used < UINT32_MAX)
		e->used++;
	return HAYES_KEY_NONE;
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
		"Hayes AT commands, S0 S2 S3 S4 S5 S7 S12" };

	(void)h;
	(void)what;
	if (texts[value][0] == '\0')
		return HAYES_NEXT;
	snprintf(c->text, sizeof c->text, "%s", texts[value]);
	return HAYES_SAY;
}

/* A decimal number; without a digit it is 0, and *given tells. */
static unsigned
number(struct hayes_commands *c, bool *given)
{
	unsigned value = 0;

	*given = isdigit((unsigned char)*c->at);
	for (; isdigit((unsigned char)*c->at); c->at++)
		if (value < TOO_LARGE)
			value = value * 10 + (unsigned)(*c->at - '0');
	return value;
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
	value = number(c, &given);
	if (!given || value < registers[i].min || value > registers[i].max)
		return HAYES_BAD;
	h->s[i] = (uint8_t)value;
	return HAYES_NEXT;
}

/* Takes the rest of the line. */
static enum hayes_do
dial(struct hayes_commands *c, struct hayes *h, const struct command *what, unsigned value)
{
	size_t n = 0;

	(void)h;
	(void)what;
	(void)value;
	for (; *c->at != '\0'; c->at++) {
		if (strchr("TPW,@!$-()./", *c->at) != NULL)
			continue;
		if (strchr("0123456789*#+ABCD", *c->at) == NULL || n == HAYES_DIGITS)
			return HAYES_BAD;
		c->digits[n++] = *c->at;
	}
	c->digits[n] = '\0';
	return HAYES_DIAL;
}

#define FIELD(name) HAYES_NEXT, set_field, offsetof(struct hayes, name)
#define IGNORED HAYES_NEXT, ignore, 0
#define RETURNED(todo) todo, return_it, 0
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
	{ "Z", 1, RETURNED(HAYES_RESET) },
	{ "I", 4, RUN(identify) },
	{ "S", TOO_LARGE, RUN(s_register) },
	{ "E", 1, FIELD(echo) },
	{ "Q", 1, FIELD(quiet) },
	{ "V", 1, FIELD(verbose) },
	{ "X", 4, FIELD(results) },
	{ "&C", 1, FIELD(carrier) },
	{ "&D", 3, FIELD(dtr) },
	{ "&F", 1, RUN(factory) },
	{ "L", 3, IGNORED },
	{ "M", 3, IGNORED },
	{ "&K", 6, IGNORED },
	{ "&Q", 6, IGNORED },
	{ "&R", 1, IGNORED },
	{ "&S", 1, IGNORED },
	{ "\\N", 7, IGNORED },
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
	what = find_command(c->at);
	if (what == NULL)
		return HAYES_BAD;
	c->at += strlen(what->name);
	if (what->max != NO_VALUE)
		value = number(c, &given);
	return value > what->max ? HAYES_BAD : what->run(c, h, what, value);
}

/* ---- answers ---- */

static const char *const words[] = {
	[HAYES_OK] = "OK", [HAYES_CONNECT] = "CONNECT", [HAYES_RING] = "RING",
	[HAYES_NO_CARRIER] = "NO CARRIER", [HAYES_ERROR] = "ERROR",
	[HAYES_NO_DIALTONE] = "NO DIALTONE", [HAYES_BUSY] = "BUSY", [HAYES_NO_ANSWER] = "NO ANSWER",
};

/* X0 and X1 hear neither busy nor dial tone, X2 no busy, X3 no dial tone. */
static enum hayes_code
heard(const struct hayes *h, enum hayes_code code)
{
	if (code == HAYES_BUSY && h->results < 3)
		return HAYES_NO_CARRIER;
	if (code == HAYES_NO_DIALTONE && h->results != 2 && h->results != 4)
		return HAYES_NO_CARRIER;
	return code;
}

/* S3 may be NUL, so the text is put together by length. */
static size_t
verbose(const struct hayes *h, const char *text, char dst[static HAYES_TEXT])
{
	char end[2] = { (char)hayes_s(h, 3), (char)hayes_s(h, 4) };
	size_t n = strnlen(text, HAYES_TEXT - 2 * sizeof end);

	memcpy(dst, end, sizeof end);
	memcpy(dst + sizeof end, text, n);
	memcpy(dst + sizeof end + n, end, sizeof end);
	return n + 2 * sizeof end;
}

size_t
hayes_result(const struct hayes *h, enum hayes_code code, uint32_t rate,
    char dst[static HAYES_TEXT])
{
	char text[HAYES_TEXT];

	if (h->quiet != 0)
		return 0;
	code = heard(h, code);
	if (h->verbose == 0) {
		dst[0] = (char)('0' + code);
		dst[1] = (char)hayes_s(h, 3);
		return 2;
	}
	if (code == HAYES_CONNECT && h->results > 0)
		snprintf(text, sizeof text, "%s %u", words[code], (unsigned)rate);
	else
		snprintf(text, sizeof text, "%s", words[code]);
	return verbose(h, text, dst);
}

size_t
hayes_info(const struct hayes *h, const char *text, char dst[static HAYES_TEXT])
{
	char whole[HAYES_TEXT];
	size_t n = verbose(h, text, whole);

	/* V0: without the line end before it (V.250 section 6.2.6). */
	if (h->verbose != 0) {
		memcpy(dst, whole, n);
		return n;
	}
	memcpy(dst, whole + 2, n - 2);
	return n - 2;
}
