/*
 * The commands of the extended syntax, see hayes.h: ITU-T V.250 section 5.4, and of its section 6 what
 * set-up strings send to a modem for data.  Of the fax classes (T.31) there is as much of class 1 as a program asks for
 * before a call; that finds no fax (vmodem_call.c), so that whatever sends or receives is an error.
 *
 * One row for each parameter, one for each text.
 */
#include "modem/hayes_parts.h"

#include <stdio.h>
#include <string.h>

#define VALUES 3

struct parameter {
	const char *name;
	size_t field; /* of struct hayes: `n` values */
	unsigned n;
	uint8_t max[VALUES];
};

#define FIELD(name) offsetof(struct hayes, name)

static const struct parameter parameters[] = {
	{ "+FCLASS", FIELD(fclass), 1, { 1 } },
	{ "+ICF", FIELD(icf), 2, { 6, 3 } },
	{ "+IFC", FIELD(ifc), 2, { 3, 2 } },
	{ "+ILRR", FIELD(ilrr), 1, { 1 } },
	{ "+ER", FIELD(er), 1, { 1 } },
	{ "+DR", FIELD(dr), 1, { 1 } },
	{ "+DS", FIELD(ds), 2, { 3, 1 } },
	{ "+ES", FIELD(es), 3, { 7, 4, 6 } },
	{ "+VCID", FIELD(vcid), 1, { 1 } },
};

static const struct {
	const char *name, *text;
} texts[] = {
	{ "+GMI", "modemshare" },
	{ "+GMM", "virtual modem" },
	{ "+GMR", PACKAGE_VERSION },
	{ "+GSN", "000" },
	{ "+GCAP", "+GCAP: +FCLASS,+ES,+DS" },
};

/* What fax modems tell that they can, in class 1. */
static const struct {
	const char *name, *values;
} fax[] = {
	{ "+FTS", "0-255" },
	{ "+FRS", "0-255" },
	{ "+FTM", "24,48,72,73,74,96,97,98,121,122,145,146" },
	{ "+FRM", "24,48,72,73,74,96,97,98,121,122,145,146" },
	{ "+FTH", "3" },
	{ "+FRH", "3" },
};

/* Of +IPR, whose values are no small numbers; 0: as the terminal's. */
static const uint32_t rates[] = { 0, 300, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 };

#define ROWS(table) (sizeof table / sizeof *table)

/* Is it the whole command?  Then the next one is at c->at. */
static bool
ends(struct hayes_commands *c)
{
	if (*c->at == ';')
		c->at++;
	else if (*c->at != '\0')
		return false;
	return true;
}

static enum hayes_do
said(struct hayes_commands *c)
{
	return ends(c) ? HAYES_SAY : HAYES_BAD;
}

/* Takes what is written there. */
static bool
take(struct hayes_commands *c, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(c->at, word, n) != 0)
		return false;
	c->at += n;
	return true;
}

/* The same, if it is the whole name. */
static bool
is_named(struct hayes_commands *c, const char *name)
{
	size_t n = strlen(name);

	return strcspn(c->at, "=?;") == n && take(c, name);
}

/* ---- the rate ---- */

static enum hayes_do
set_rate(struct hayes_commands *c, struct hayes *h)
{
	bool given;
	unsigned value = hayes_number(c, &given);
	uint8_t i;

	for (i = 0; i < ROWS(rates); i++) {
		if (!given || rates[i] != value)
			continue;
		if (!ends(c))
			return HAYES_BAD;
		h->ipr = i;
		return HAYES_NEXT;
	}
	return HAYES_BAD;
}

static enum hayes_do
rate(struct hayes_commands *c, struct hayes *h)
{
	size_t i, n;

	if (take(c, "=?")) {
		n = (size_t)snprintf(c->text, sizeof c->text, "+IPR: (0");
		for (i = 1; i < ROWS(rates); i++)
			n += (size_t)snprintf(c->text + n, sizeof c->text - n, ",%u", (unsigned)rates[i]);
		snprintf(c->text + n, sizeof c->text - n, ")");
		return said(c);
	}
	if (take(c, "?")) {
		snprintf(c->text, sizeof c->text, "+IPR: %u", (unsigned)rates[h->ipr]);
		return said(c);
	}
	return take(c, "=") ? set_rate(c, h) : HAYES_BAD;
}

/* ---- the others ---- */

/* Values of which one is left out stay as they are, but some value there must be. */
static enum hayes_do
set(struct hayes_commands *c, const struct parameter *p, uint8_t *field)
{
	uint8_t values[VALUES];
	bool given, any = false;
	unsigned i, value;

	memcpy(values, field, p->n);
	for (i = 0; i < p->n && (i == 0 || take(c, ",")); i++) {
		value = hayes_number(c, &given);
		if (value > p->max[i])
			return HAYES_BAD;
		if (given)
			values[i] = (uint8_t)value;
		any = any || given;
	}
	if (!any || !ends(c))
		return HAYES_BAD;
	memcpy(field, values, p->n);
	return HAYES_NEXT;
}

/* Without its name (T.31). */
static enum hayes_do
tell_class(struct hayes_commands *c, uint8_t class, bool ranges)
{
	if (ranges)
		snprintf(c->text, sizeof c->text, "0,1");
	else
		snprintf(c->text, sizeof c->text, "%u", class);
	return said(c);
}

static enum hayes_do
tell(struct hayes_commands *c, const struct parameter *p, const uint8_t *field, bool ranges)
{
	size_t n;
	unsigned i;

	if (p->field == FIELD(fclass))
		return tell_class(c, *field, ranges);
	n = (size_t)snprintf(c->text, sizeof c->text, "%s: ", p->name);
	for (i = 0; i < p->n; i++) {
		if (i > 0)
			c->text[n++] = ',';
		if (ranges && p->max[i] > 0)
			n += (size_t)snprintf(c->text + n, sizeof c->text - n, "(0-%u)", p->max[i]);
		else
			n += (size_t)snprintf(c->text + n, sizeof c->text - n, "%u", field[i]);
	}
	return said(c);
}

static enum hayes_do
parameter(struct hayes_commands *c, const struct parameter *p, struct hayes *h)
{
	uint8_t *field = (uint8_t *)h + p->field;

	if (take(c, "=?"))
		return tell(c, p, field, true);
	if (take(c, "?"))
		return tell(c, p, field, false);
	return take(c, "=") ? set(c, p, field) : HAYES_BAD;
}

/* Asked whether it is there, a text says nothing but OK. */
static enum hayes_do
text(struct hayes_commands *c, const char *what)
{
	if (take(c, "=?"))
		return ends(c) ? HAYES_NEXT : HAYES_BAD;
	snprintf(c->text, sizeof c->text, "%s", what);
	return said(c);
}

static enum hayes_do
fax_command(struct hayes_commands *c, const struct hayes *h, const char *values)
{
	if (h->fclass == 0 || !take(c, "=?"))
		return HAYES_BAD;
	snprintf(c->text, sizeof c->text, "%s", values);
	return said(c);
}

enum hayes_do
hayes_extended(struct hayes_commands *c, struct hayes *h)
{
	size_t i;

	for (i = 0; i < ROWS(parameters); i++)
		if (is_named(c, parameters[i].name))
			return parameter(c, &parameters[i], h);
	for (i = 0; i < ROWS(texts); i++)
		if (is_named(c, texts[i].name))
			return text(c, texts[i].text);
	for (i = 0; i < ROWS(fax); i++)
		if (is_named(c, fax[i].name))
			return fax_command(c, h, fax[i].values);
	return is_named(c, "+IPR") ? rate(c, h) : HAYES_BAD;
}
