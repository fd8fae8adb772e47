/*
 * Send and expect: finds a modem's answer in what a line says, in bounded memory.  Pure.
 *
 * Lines end with CR or LF in any mixture, empty ones are none.  The parity bit is not looked at,
 * and neither are NUL, DEL, XON and XOFF.  Results may be words or numbers (V0); an echo may stand
 * before them.  What is part of a longer line ("NOT OK", "OKAY") is no result.
 */
#ifndef MODEM_CHAT_H
#define MODEM_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT_LINE 64 /* the most of a line that is kept, with a NUL; longer ones are no result */

enum chat_word {
	CHAT_NOTHING, /* no complete line yet */
	CHAT_OK,
	CHAT_RING,
	CHAT_NO_CARRIER,
	CHAT_ERROR,   /* also +CME ERROR and +CMS ERROR */
	CHAT_CHATTER, /* unsolicited: a word that is no answer (CONNECT, BUSY), ^RSSI: and the like */
	CHAT_UNKNOWN
};

/* Zero is empty. */
struct chat_line {
	char text[CHAT_LINE]; /* terminated when complete */
	uint8_t len;
	bool complete, too_long;
};

/* One more byte; true when it ends a line, which stands in text until the next call. */
bool chat_line_input(struct chat_line *, uint8_t);

/* What a complete line says. */
enum chat_word chat_word(const struct chat_line *);

struct chat {
	struct chat_line line; /* after OK or ERROR: the answer */
	const char *command;   /* to know its echo */
	size_t echoed;         /* bytes of this line that are an echo so far; SIZE_MAX: it is none */
	bool garbage;          /* something came that is neither answer nor echo nor chatter */
};

/* A command is sent: all before it is forgotten.  command has no CR and outlives the chat. */
void chat_begin(struct chat *, const char *command);

/*
 * Takes bytes up to an answer: OK, ERROR or NO_CARRIER (others pass); NOTHING when they are used up.
 * *used: how many were taken.
 */
enum chat_word chat_input(struct chat *, const uint8_t *, size_t n, size_t *used);

/* Has something come, even the begin of a line, that no modem in order says? */
bool chat_garbage(const struct chat *);

/*
 * A command as it may be shown: printable, and cut with "..." after the name of what takes a PIN or a
 * password, or may do so: before each = but of an S register and of the names that are known to take none, and behind the
 * code of a mobile in a dial string (mmi.h).  Always terminated (cap at least 1).  Returns dst.
 */
bool chat_secret(const char *command); /* has it a PIN or a password? */
const char *chat_show(char *dst, size_t cap, const char *command);

#endif
