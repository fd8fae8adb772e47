/*
 * What the two halves of the virtual modem share: vmodem.c is the side of the terminal,
 * vmodem_call.c that of the telephone line.
 */
#ifndef MODEM_VMODEM_PARTS_H
#define MODEM_VMODEM_PARTS_H

#include "modem/vmodem.h"

/* ---- vmodem.c ---- */

/* Tells the terminal a result; dropped when there is no room for all of it. */
void vmodem_result(struct vmodem *, enum hayes_code);

/* Works out DCD, DSR, CTS and RI anew, and stirs. */
void vmodem_lines(struct vmodem *);

/* ---- vmodem_call.c ---- */

/* Dials m->digits; on hook or off. */
void vmodem_call(struct vmodem *, msec_t now);

/* Takes the call that rings here. */
void vmodem_answer(struct vmodem *, msec_t now);

/* Whoever rings here goes on waiting, for nobody. */
void vmodem_unheard(struct vmodem *);

/* Goes on hook from wherever it is, without a result; the far side is told. */
void vmodem_hang_up(struct vmodem *);

/* What is due on the line's side: set-up, S7, ringing; and doing it. */
msec_t vmodem_call_due(const struct vmodem *);
void vmodem_call_tick(struct vmodem *, msec_t now);

#endif
