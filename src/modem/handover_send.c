/*
 * What a hand-over sends to a modem and what comes of it, see handover_parts.h.
 */
#include "modem/handover_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Ends fax and voice transmission, which nothing else does. */
#define DLE_ETX "\x10\x03"
#define SHOWN 48 /* room for a command in a phrase; 13 for " is refused: ", the rest for the answer */

bool
handover_in_call(const struct handover *h)
{
	return h->carrier && h->rules->carrier_falls;
}

const char *
handover_text(const struct handover *h)
{
	switch ((enum handover_purpose)h->purpose) {
	case FOR_HANGUP:
	case FOR_ON_HOOK:
		return h->rules->hangup[h->way - 1];
	case FOR_ESCAPE:
		return "+++";
	case FOR_FAX_END:
		return DLE_ETX;
	case FOR_WORDS: /* carrier that its owner has left on with &C0 falls, that of a call does not */
		return handover_in_call(h) ? "ATQ0V1&C1" : "ATQ0V1";
	case FOR_INIT:
		return h->rules->init[h->command];
	default:
		return "AT";
	}
}

/* What stands alone: a modem that is not in this state must not take it for a line. */
static bool
has_cr(const struct handover *h)
{
	return h->purpose != FOR_ESCAPE && h->purpose != FOR_FAX_END;
}

bool
handover_fits(const struct handover *h)
{
	return strlen(handover_text(h)) < HANDOVER_SEND_MAX;
}

void
handover_compose(struct handover *h)
{
	const char *text = handover_text(h);
	size_t n = strlen(text);

	memcpy(h->bytes, text, n);
	if (has_cr(h))
		h->bytes[n++] = '\r';
	h->n = (uint8_t)n;
	h->answer = CHAT_NOTHING;
	chat_begin(&h->chat, text);
}

/* Does this end the waiting?  NO CARRIER comes by itself when a call ends, and OK is still to come. */
static bool
ends(const struct handover *h, enum chat_word word)
{
	switch ((enum handover_purpose)h->purpose) {
	case FOR_ESCAPE:
		return false;
	case FOR_PROBE:
		return word == CHAT_OK;
	case FOR_HANGUP:
	case FOR_ON_HOOK:
	case FOR_FAX_END:
		return word != CHAT_NOTHING;
	default:
		return word == CHAT_OK || word == CHAT_ERROR;
	}
}

bool
handover_listen(struct handover *h, const uint8_t *b, size_t n)
{
	enum chat_word word;
	size_t used;

	while (h->answer == CHAT_NOTHING && n > 0) {
		word = chat_input(&h->chat, b, n, &used);
		h->answered |= word == CHAT_OK;
		if (ends(h, word))
			h->answer = (uint8_t)word;
		b += used;
		n -= used;
	}
	return h->answer != CHAT_NOTHING;
}

/* A modem may say again what it was told: not its own words are shown once it was told a PIN. */
static bool
knows_secret(const struct handover_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->n_init; i++)
		if (chat_secret(rules->init[i]))
			return true;
	for (i = 0; i < rules->n_hangup; i++)
		if (chat_secret(rules->hangup[i]))
			return true;
	return false;
}

static void
explain_refusal(struct handover *h, const char *command)
{
	char answer[HANDOVER_FAILURE - SHOWN - 12];

	if (knows_secret(h->rules))
		snprintf(answer, sizeof answer, "ERROR");
	else
		text_vis(answer, sizeof answer, h->chat.line.text, h->chat.line.len);
	snprintf(h->failure, sizeof h->failure, "%s is refused: %s", command, answer);
}

void
handover_explain(struct handover *h)
{
	static const char call[] = "the call does not end";
	char command[SHOWN];

	if (handover_in_call(h)) { /* no command is to blame */
		snprintf(h->failure, sizeof h->failure, "%s", call);
		return;
	}
	chat_show(command, sizeof command, handover_text(h));
	if (!handover_fits(h)) {
		snprintf(h->failure, sizeof h->failure, "%s is too long", command);
	} else if (h->answer == CHAT_ERROR) {
		explain_refusal(h, command);
	} else if (h->carrier && !h->answered) {
		snprintf(h->failure, sizeof h->failure, "%s", call);
	} else if (chat_garbage(&h->chat)) {
		snprintf(h->failure, sizeof h->failure, "it answers garbage to %s", command);
	} else {
		snprintf(h->failure, sizeof h->failure, "no answer to %s", command);
	}
}
