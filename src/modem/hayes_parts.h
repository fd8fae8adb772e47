/*
 * What the parts of the Hayes interpreter share: hayes.c has the basic commands and the registers,
 * hayes_extended.c those with a plus sign, hayes_answer.c the answers.
 */
#ifndef MODEM_HAYES_PARTS_H
#define MODEM_HAYES_PARTS_H

#include "modem/hayes.h"

#define HAYES_TOO_LARGE 1000000 /* where a number stops growing: above every limit */

/* A decimal number at c->at; without a digit it is 0, and *given tells. */
unsigned hayes_number(struct hayes_commands *, bool *given);

/* The number of the i-th of HAYES_REGISTERS registers. */
uint8_t hayes_register(unsigned i);

/* The command at c->at, which begins with a plus sign; as hayes_next(). */
enum hayes_do hayes_extended(struct hayes_commands *, struct hayes *);

#endif
