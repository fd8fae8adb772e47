/*
 * Three virtual modems, see modems.h.
 */
#include "modems.h"
#include "unit.h"

#include <string.h>

struct vmodem modem[MODEMS];
unsigned stirred[MODEMS];
msec_t now;

static void
stir(void *ctx)
{
	stirred[*(int *)ctx]++;
}

static enum vmodem_to
look_up(void *ctx, const char *digits, struct vmodem **peer)
{
	static const char *const book[] = { [VMODEM_TO_ECHO] = "1", [VMODEM_TO_MODEM] = "2",
		[VMODEM_TO_BUSY] = "3", [VMODEM_TO_NO_ANSWER] = "4",
		[VMODEM_TO_NO_DIALTONE] = "5" };
	int self = *(int *)ctx, to = VMODEM_TO_ECHO;

	*peer = NULL;
	if (strcmp(digits, "22") == 0)
		return VMODEM_TO_MODEM; /* a line that is not there */
	if (strcmp(digits, "23") == 0) {
		*peer = &modem[self];
		return VMODEM_TO_MODEM;
	}
	while (to < VMODEM_TO_NO_CARRIER && strcmp(digits, book[to]) != 0)
		to++;
	if (to == VMODEM_TO_MODEM)
		*peer = &modem[self == 1 ? 0 : 1];
	return (enum vmodem_to)to;
}

static const struct vmodem_ops ops = { stir, look_up };

void
modems_start(void)
{
	static int names[MODEMS] = { 0, 1, 2 };
	int i;

	now.v = 1000000;
	for (i = 0; i < MODEMS; i++) {
		vmodem_init(&modem[i], &ops, &names[i]);
		vmodem_power(&modem[i], true);
		stirred[i] = 0;
	}
}

void
modems_stop(void)
{
	int i;

	for (i = 0; i < MODEMS; i++) {
		vmodem_power(&modem[i], false);
		ck_assert_ptr_null(modem[i].out.buf);
	}
}

static msec_t
next_due(void)
{
	msec_t due = MSEC_NEVER;
	int i;

	for (i = 0; i < MODEMS; i++)
		due = msec_min(due, vmodem_due(&modem[i]));
	return due;
}

void
pass(int64_t ms)
{
	msec_t end = msec_add(now, ms);
	int i;

	while (!msec_before(end, next_due())) {
		now = msec_max(now, next_due());
		for (i = 0; i < MODEMS; i++)
			vmodem_tick(&modem[i], now);
	}
	now = end;
}

void
type(int i, const char *text)
{
	ck_assert_uint_eq(vmodem_input(&modem[i], (const uint8_t *)text, strlen(text), now),
	    strlen(text));
}

const char *
said(int i)
{
	static char text[MODEMS][VMODEM_RING + 1];
	const uint8_t *piece;
	size_t n, used = 0;

	while ((piece = ring_peek(&modem[i].out, &n)) != NULL) {
		memcpy(text[i] + used, piece, n);
		used += n;
		vmodem_taken(&modem[i], n);
	}
	text[i][used] = '\0';
	return text[i];
}

void
dial(const char *callers, const char *called)
{
	type(0, callers);
	type(1, called);
	said(0);
	said(1);
	type(0, "ATD2\r");
	said(0);
}

void
in_call(const char *callers, const char *called)
{
	dial(callers, called);
	pass(500);
	type(1, "ATA\r");
	ck_assert_int_eq(modem[0].phase, VMODEM_IN_CALL);
	said(0);
	said(1);
	modem[0].deltas = modem[1].deltas = 0;
}
