/*
 * Copies of many short texts, see copies.h.
 */
#include "base/copies.h"

#include <stdlib.h>
#include <string.h>

#define PIECE 16384 /* bytes, but for a longer text */

struct copies_piece {
	struct copies_piece *next;
	char text[];
};

static bool
make_room(struct copies *c, size_t n)
{
	size_t room = n > PIECE ? n : PIECE;
	struct copies_piece *p;

	if (n <= c->left)
		return true;
	p = malloc(sizeof *p + room);
	if (p == NULL) {
		c->failed = true;
		return false;
	}
	p->next = c->pieces;
	c->pieces = p;
	c->at = p->text;
	c->left = room;
	return true;
}

const char *
copies_add(struct copies *c, const char *text)
{
	size_t n;
	char *copy;

	if (text == NULL)
		return NULL;
	if (text[0] == '\0')
		return "";
	n = strlen(text) + 1;
	if (!make_room(c, n))
		return "";
	copy = c->at;
	memcpy(copy, text, n);
	c->at += n;
	c->left -= n;
	return copy;
}

void
copies_free(struct copies *c)
{
	struct copies_piece *p;

	while ((p = c->pieces) != NULL) {
		c->pieces = p->next;
		free(p);
	}
	*c = (struct copies){ .failed = false };
}
