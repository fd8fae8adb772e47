/*
 * The line editor, see hayes_edit.h: ITU-T V.250 section 5.2.  Of the line before the body is kept, for A/.
 */
#include "modem/hayes_edit.h"

#define EIGHTH 0x80

enum { EDIT_IDLE, EDIT_A, EDIT_LINE };

void
hayes_edit_init(struct hayes_editor *e)
{
	e->state = EDIT_IDLE;
	e->a_parity = e->parity = e->useless = false;
	e->used = 0;
	e->line[0] = '\0';
}

void
hayes_edit_drop(struct hayes_editor *e)
{
	if (e->state == EDIT_LINE)
		hayes_edit_init(e);
	e->state = EDIT_IDLE;
}

static bool
erases(const struct hayes *h, uint8_t c)
{
	return c == hayes_s(h, 5) || c == HAYES_DEL;
}

/* Even, odd and mark parity all set the eighth bit of at least one of the two letters. */
static enum hayes_key
edit_prefix(struct hayes_editor *e, const struct hayes *h, uint8_t c)
{
	bool after_a = e->state == EDIT_A, eighth = (c & EIGHTH) != 0, parity = eighth || e->a_parity;

	c &= (uint8_t)~EIGHTH;
	e->state = c == 'A' || c == 'a' ? EDIT_A : EDIT_IDLE;
	e->a_parity = e->state == EDIT_A && eighth;
	if (after_a && c == '/')
		return e->useless ? HAYES_KEY_TOO_LONG : HAYES_KEY_LINE;
	if (after_a && (c == 'T' || c == 't')) {
		hayes_edit_init(e);
		e->state = EDIT_LINE;
		e->parity = parity;
	}
	return erases(h, c) ? HAYES_KEY_USELESS : HAYES_KEY_NONE;
}

static enum hayes_key
edit_end(struct hayes_editor *e)
{
	e->state = EDIT_IDLE;
	e->useless = e->used > HAYES_LINE;
	if (e->useless)
		return HAYES_KEY_TOO_LONG;
	e->line[e->used] = '\0';
	return HAYES_KEY_LINE;
}

enum hayes_key
hayes_edit(struct hayes_editor *e, const struct hayes *h, uint8_t c)
{
	if (e->state != EDIT_LINE)
		return edit_prefix(e, h, c);
	if (e->parity)
		c &= (uint8_t)~EIGHTH;
	if (c == hayes_s(h, 3))
		return edit_end(e);
	if (erases(h, c)) {
		if (e->used == 0)
			return HAYES_KEY_USELESS;
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
