/*
 * What the parts of the virtual modem share: vmodem.c is the side of the terminal, vmodem_command.c
 * its commands, vmodem_call.c the side of the telephone line.
 */
#ifndef MODEM_VMODEM_PARTS_H
#define MODEM_VMODEM_PARTS_H

#include "modem/vmodem_trunk.h"

/* ---- vmodem.c ---- */

/* To the terminal; all or nothing. */
void vmodem_say(struct vmodem *, const char *text, size_t n);

/* Tells the terminal a result; dropped when there is no room for all of it. */
void vmodem_result(struct vmodem *, enum result);

/*
 * An information text.  There is room for a result behind it; a line that asks for more than is ever
 * read loses the rest.
 */
void vmodem_inform(struct vmodem *, const char *text);

/* Works out DCD, DSR, CTS and RI anew, and stirs. */
void vmodem_lines(struct vmodem *);

/* In a call: from commands to the data, with CONNECT. */
void vmodem_online(struct vmodem *, msec_t now);

/* ---- vmodem_command.c ---- */

/* One byte in command mode. */
void vmodem_type(struct vmodem *, uint8_t, msec_t now);

/* ---- vmodem_call.c ---- */

/* Dials m->digits; on hook or off. */
void vmodem_call(struct vmodem *, msec_t now);

/* Whoever rings here goes on waiting, for nobody. */
void vmodem_unheard(struct vmodem *);

/* What is due on the line's side: set-up, S7, ringing; and doing it. */
msec_t vmodem_call_due(const struct vmodem *);
void vmodem_call_tick(struct vmodem *, msec_t now);

#endif
