/*
 * A virtual modem without a terminal: the near end of a trunk that leads elsewhere.  Whoever has the far
 * end takes its place: feeds vmodem_input() while `online`, and empties `out`.
 */
#ifndef MODEM_VMODEM_TRUNK_H
#define MODEM_VMODEM_TRUNK_H

#include "modem/vmodem.h"

/* Makes it quiet and deaf to the escape: all that goes through it is data. */
void vmodem_trunk(struct vmodem *);

/* Calls `called`; S7, BUSY and NO ANSWER are as for a number (`result`).  It must be on hook. */
void vmodem_ring(struct vmodem *, struct vmodem *called, msec_t now);

/* Takes the call that rings here, or ends it with a result for the caller.  One must ring. */
void vmodem_answer(struct vmodem *, msec_t now);
void vmodem_refuse(struct vmodem *, enum result);

/* Goes on hook from wherever it is, without a result; the far side is told. */
void vmodem_hang_up(struct vmodem *);

/* Whoever has bytes asks to be stirred when there is room for them. */
void vmodem_want_room(struct vmodem *);

#endif
