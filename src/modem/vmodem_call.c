/*
 * The virtual modem towards the telephone line, see vmodem.h: how a call is set up, rings, is
 * answered and ends.  Of two modems only one holds the other until the call is up: `peer` of
 * the caller and `caller` of the called one are always set and cleared together.
 */
#include "modem/vmodem_parts.h"

#include <stdio.h>
#include <string.h>

static void
go_on_hook(struct vmodem *m)
{
	m->phase = VMODEM_ON_HOOK;
	m->online = false;
	m->peer = NULL;
	m->escapes = 0;
	m->digits[0] = '\0';
	vmodem_lines(m);
}

/* +ER, +DR and +ILRR: what was agreed on comes before CONNECT. */
static void
report(struct vmodem *m)
{
	char text[HAYES_TEXT];

	if (m->at.quiet != 0)
		return;
	if (m->at.er != 0)
		vmodem_inform(m, "+ER: NONE");
	if (m->at.dr != 0)
		vmodem_inform(m, "+DR: NONE");
	snprintf(text, sizeof text, "+ILRR: %u", (unsigned)m->rate);
	if (m->at.ilrr != 0)
		vmodem_inform(m, text);
}

static void
bring_up(struct vmodem *m, struct vmodem *peer, msec_t now)
{
	m->phase = VMODEM_IN_CALL;
	m->peer = peer;
	m->online = true;
	m->escapes = 0;
	m->last = now;
	hayes_edit_drop(&m->line); /* half a line, typed while it rang */
	vmodem_lines(m);
	report(m);
	vmodem_result(m, RESULT_CONNECT);
}

static void
end_with(struct vmodem *m, enum result why)
{
	vmodem_hang_up(m);
	vmodem_result(m, why);
}

/* Then a call is one between fax modems, of which none is anywhere here: it ends as where the other does not answer in
 * that way (T.31). */
static bool
is_fax(const struct vmodem *m)
{
	return m->at.fclass != 0;
}

/* ---- the called side ---- */

/* Also for S1, where what a terminal sets is lost with the next one. */
static void
count_rings(struct vmodem *m, unsigned rings)
{
	m->rings = rings;
	hayes_set_s(&m->at, 1, rings < UINT8_MAX ? (uint8_t)rings : UINT8_MAX);
}

static void
ring(struct vmodem *m, msec_t now)
{
	m->ringing = true;
	count_rings(m, m->rings + 1);
	m->edge = msec_add(now, VMODEM_RING_ON);
	vmodem_lines(m);
	vmodem_result(m, RESULT_RING);
}

static void
stop_ringing(struct vmodem *m)
{
	m->caller = NULL;
	m->ringing = false;
	count_rings(m, 0);
	vmodem_lines(m);
}

void
vmodem_answer(struct vmodem *m, msec_t now)
{
	struct vmodem *caller = m->caller;

	if (is_fax(m)) {
		vmodem_refuse(m, RESULT_NO_CARRIER);
		vmodem_result(m, RESULT_NO_CARRIER);
		return;
	}
	stop_ringing(m);
	bring_up(caller, m, now);
	bring_up(m, caller, now);
}

void
vmodem_unheard(struct vmodem *m)
{
	if (m->caller == NULL)
		return;
	m->caller->peer = NULL;
	stop_ringing(m);
}

/* With DTR off under &D2 and &D3 nobody is there to talk to. */
static bool
answers_itself(const struct vmodem *m)
{
	uint8_t rings = hayes_s(&m->at, 0);

	return rings != 0 && m->rings >= rings && (m->dtr || m->at.dtr < 2);
}

static void
ring_edge(struct vmodem *m, msec_t now)
{
	if (!m->ringing) {
		ring(m, now);
		return;
	}
	m->ringing = false;
	m->edge = msec_add(now, VMODEM_RING_OFF);
	vmodem_lines(m);
	if (answers_itself(m))
		vmodem_answer(m, now);
}

/* ---- the calling side ---- */

void
vmodem_call(struct vmodem *m, msec_t now)
{
	memcpy(m->last_number, m->digits, sizeof m->last_number);
	m->phase = VMODEM_DIALLING;
	m->dialled = now;
	m->deadline = msec_add(now, VMODEM_SETUP);
	m->ops->stir(m->ctx);
}

static void
wait_for_answer(struct vmodem *m, struct vmodem *peer)
{
	m->phase = VMODEM_WAITING;
	m->peer = peer;
	m->deadline = msec_add(m->dialled, hayes_s(&m->at, 7) * INT64_C(1000));
	m->ops->stir(m->ctx);
}

static void
call_modem(struct vmodem *m, struct vmodem *peer, msec_t now)
{
	if (peer == NULL || peer->phase == VMODEM_OFF) {
		wait_for_answer(m, NULL);
	} else if (peer->phase != VMODEM_ON_HOOK || peer->caller != NULL) {
		end_with(m, RESULT_BUSY);
	} else {
		wait_for_answer(m, peer);
		peer->caller = m;
		ring(peer, now);
	}
}

void
vmodem_ring(struct vmodem *m, struct vmodem *called, msec_t now)
{
	m->dialled = now;
	call_modem(m, called, now);
}

void
vmodem_refuse(struct vmodem *m, enum result why)
{
	struct vmodem *caller = m->caller;

	stop_ringing(m);
	caller->peer = NULL;
	end_with(caller, why);
}

static void
set_up(struct vmodem *m, msec_t now)
{
	struct vmodem *peer = NULL;

	if (is_fax(m)) {
		end_with(m, RESULT_NO_CARRIER);
		return;
	}
	switch (m->ops->look_up(m->ctx, m->digits, &peer)) {
	case VMODEM_TO_ECHO:
		bring_up(m, m, now);
		break;
	case VMODEM_TO_MODEM:
		call_modem(m, peer, now);
		break;
	case VMODEM_TO_BUSY:
		end_with(m, RESULT_BUSY);
		break;
	case VMODEM_TO_NO_ANSWER:
		wait_for_answer(m, NULL);
		break;
	case VMODEM_TO_NO_DIALTONE:
		end_with(m, RESULT_NO_DIALTONE);
		break;
	default:
		end_with(m, RESULT_NO_CARRIER);
	}
}

/* ---- both ---- */

void
vmodem_trunk(struct vmodem *m)
{
	m->at.echo = 0;
	m->at.quiet = 1;
	m->at.dtr = 0;
	hayes_set_s(&m->at, 2, 255);
}

void
vmodem_hang_up(struct vmodem *m)
{
	enum vmodem_phase was = m->phase;
	struct vmodem *peer = m->peer;

	go_on_hook(m);
	if (peer == NULL || peer == m)
		return;
	if (was == VMODEM_WAITING) {
		stop_ringing(peer);
	} else {
		go_on_hook(peer);
		vmodem_result(peer, RESULT_NO_CARRIER);
	}
}

msec_t
vmodem_call_due(const struct vmodem *m)
{
	if (m->phase == VMODEM_DIALLING || m->phase == VMODEM_WAITING)
		return m->deadline;
	return m->caller != NULL ? m->edge : MSEC_NEVER;
}

void
vmodem_call_tick(struct vmodem *m, msec_t now)
{
	if (!msec_reached(vmodem_call_due(m), now))
		return;
	if (m->phase == VMODEM_DIALLING)
		set_up(m, now);
	else if (m->phase == VMODEM_WAITING)
		end_with(m, RESULT_NO_ANSWER);
	else
		ring_edge(m, now);
}
