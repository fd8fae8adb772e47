/*
 * Two virtual modems, see modems.h.
 */
#include "modems.h"
#include "unit.h"

#include <string.h>

struct vmodem modem[2];
unsigned stirred[2];
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
	unsigned to;

	*peer = NULL;
	if (strcmp(digits, "22") == 0)
		return VMODEM_TO_MODEM; /* a line that is not there */
	if (strcmp(digits, "23") == 0)
		*peer = &modem[*(int *)ctx]; /* itself */
	if (*peer != NULL)
		return VMODEM_TO_MODEM;
	for (to = VMODEM_TO_ECHO; to < VMODEM_TO_NO_CARRIER; to++) {
		if (strcmp(digits, book[to]) != 0)
			continue;
		if (to == VMODEM_TO_MODEM)
			*peer = &modem[1 - *(int *)ctx];
		return (enum vmodem_to)to;
	}
	return VMODEM_TO_NO_CARRIER;
}

static const struct vmodem_ops ops = { stir, look_up };

void
modems_start(void)
{
	static int names[2] = { 0, 1 };
	int i;

	now.v = 1000000;
	for (i = 0; i < 2; i++) {
		vmodem_init(&modem[i], &ops, &names[i]);
		vmodem_power(&modem[i], true);
		stirred[i] = 0;
	}
}

void
modems_stop(void)
{
	vmodem_power(&modem[0], false);
	vmodem_power(&modem[1], false);
	ck_assert_ptr_null(modem[0].out.buf);
	ck_assert_ptr_null(modem[1].out.buf);
}

void
pass(int64_t ms)
{
	msec_t end = msec_add(now, ms), due;

	for (;;) {
		due = msec_min(vmodem_due(&modem[0]), vmodem_due(&modem[1]));
		if (msec_before(end, due))
			break;
		now = msec_max(now, due);
		vmodem_tick(&modem[0], now);
		vmodem_tick(&modem[1], now);
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
	static char text[2][VMODEM_RING + 1];
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
