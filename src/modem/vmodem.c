/*
 * The virtual modem towards its terminal, see vmodem.h: bytes in command and data mode, the escape
 * sequence, results, modem lines and DTR.
 */
#include "modem/vmodem_parts.h"

#include <string.h>

#include "rfc2217.h"

#define ESCAPES_MOST 4   /* one too many, and more do not help */
#define COMMAND_ROOM 1024 /* a byte of a command is taken only if so much can be answered */

/* ---- to the terminal ---- */

/* All or nothing: half a result would be worse than none. */
void
vmodem_say(struct vmodem *m, const char *text, size_t n)
{
	if (ring_room(&m->out) >= n)
		ring_put(&m->out, text, n);
	m->ops->stir(m->ctx);
}

void
vmodem_result(struct vmodem *m, enum result code)
{
	char text[HAYES_TEXT];

	m->result = code;
	vmodem_say(m, text, hayes_result(&m->at, code, m->rate, text));
}

void
vmodem_inform(struct vmodem *m, const char *text)
{
	char whole[HAYES_TEXT];
	size_t n = hayes_info(&m->at, text, whole);

	if (ring_room(&m->out) >= n + HAYES_TEXT)
		vmodem_say(m, whole, n);
}

void
vmodem_lines(struct vmodem *m)
{
	uint8_t now = RFC2217_DSR | RFC2217_CTS, changed;

	if (m->at.carrier == 0 || m->phase == VMODEM_IN_CALL)
		now |= RFC2217_DCD;
	if (m->ringing)
		now |= RFC2217_RI;
	changed = now ^ m->modem;
	if ((changed & RFC2217_DCD) != 0)
		m->deltas |= RFC2217_DCD_CHANGED;
	if ((changed & RFC2217_RI & m->modem) != 0)
		m->deltas |= RFC2217_RI_FELL;
	m->modem = now;
	m->ops->stir(m->ctx);
}

/* ---- data mode ---- */

/* How much data from the far side m takes now; none while its terminal gives commands. */
static size_t
data_room(const struct vmodem *m)
{
	size_t room = ring_room(&m->out);

	return m->online && room > VMODEM_RESERVE ? room - VMODEM_RESERVE : 0;
}

static int64_t
guard_time(const struct vmodem *m)
{
	return hayes_s(&m->at, 12) * INT64_C(20);
}

/*
 * Three escape characters and nothing else, silence of the guard time before and after, none
 * between them.  All bytes of one call have come at once, so only the last few of them matter,
 * and with a guard time only if they are all.  A terminal that gave its commands with parity does not
 * leave it out now.  A pause in which its bytes were not taken is no silence of it.
 */
static unsigned
count_escapes(const struct vmodem *m, const uint8_t *bytes, size_t n, msec_t now)
{
	uint8_t escape = hayes_s(&m->at, 2), mask = m->line.parity ? 0x7f : 0xff;
	int64_t guard = guard_time(m);
	unsigned run = 0, before = m->escapes;

	while (run < n && run < ESCAPES_MOST && (bytes[n - 1 - run] & mask) == escape)
		run++;
	if (escape > 127 || (run < n && guard > 0))
		return 0;
	if (guard > 0 && !m->pressed && msec_since(m->last, now) >= guard)
		return run;
	if (run < n)
		before = 0;
	else if (guard > 0 && before == 0)
		return 0;
	return before + run < ESCAPES_MOST ? before + run : ESCAPES_MOST;
}

static bool
escape_pending(const struct vmodem *m)
{
	return m->online && m->escapes == 3 && !m->pressed;
}

static size_t
send_data(struct vmodem *m, const uint8_t *bytes, size_t n, msec_t now)
{
	bool escaping = escape_pending(m);
	size_t room = data_room(m->peer), took;

	if (n > room)
		n = room;
	took = ring_put(&m->peer->out, bytes, n);
	if (took == 0)
		return 0;
	m->escapes = count_escapes(m, bytes, took, now);
	m->last = now;
	m->pressed = false;
	m->peer->ops->stir(m->peer->ctx);
	if (escape_pending(m) != escaping)
		m->ops->stir(m->ctx);
	return took;
}

static void
enter_command_mode(struct vmodem *m)
{
	m->online = false;
	m->escapes = 0;
	hayes_edit_drop(&m->line);
	vmodem_result(m, RESULT_OK);
}

void
vmodem_online(struct vmodem *m, msec_t now)
{
	m->online = true;
	m->escapes = 0;
	m->last = now;
	vmodem_result(m, RESULT_CONNECT);
	m->peer->ops->stir(m->peer->ctx); /* there is room again */
}

/* ---- from the terminal ---- */

static bool
is_calling(const struct vmodem *m)
{
	return m->phase == VMODEM_DIALLING || m->phase == VMODEM_WAITING;
}

/* The LF of the CR LF that ended the command by which the call came up. */
static bool
is_tail(struct vmodem *m, uint8_t c, msec_t now)
{
	bool tail = m->tail && c == '\n' && msec_since(m->ended, now) < VMODEM_DEAF;

	m->tail = false;
	return tail;
}

/* Any byte ends a dialling. */
static void
abort_call(struct vmodem *m, msec_t now)
{
	if (msec_since(m->dialled, now) < VMODEM_DEAF)
		return;
	vmodem_hang_up(m);
	vmodem_result(m, RESULT_NO_CARRIER);
}

size_t
vmodem_room(const struct vmodem *m)
{
	if (m->phase == VMODEM_OFF)
		return 0;
	if (m->online)
		return data_room(m->peer);
	if (is_calling(m))
		return 1;
	return ring_room(&m->out) >= COMMAND_ROOM ? 1 : 0;
}

size_t
vmodem_input(struct vmodem *m, const uint8_t *bytes, size_t n, msec_t now)
{
	size_t done = 0, took;

	vmodem_tick(m, now); /* an escape that is due comes before these bytes */
	while (done < n && vmodem_room(m) > 0) {
		if (m->online && is_tail(m, bytes[done], now)) {
			done++;
		} else if (m->online) {
			took = send_data(m, bytes + done, n - done, now);
			done += took;
			if (took == 0)
				break;
		} else if (is_calling(m)) {
			abort_call(m, now);
			done++;
		} else {
			vmodem_type(m, bytes[done++], now);
		}
	}
	if (n > 0) /* no bytes are no news of room that somebody waits for */
		m->starved = m->pressed = done < n;
	return done;
}

bool
vmodem_writable(struct vmodem *m)
{
	if (!m->starved || vmodem_room(m) == 0)
		return false;
	m->starved = false;
	return true;
}

void
vmodem_want_room(struct vmodem *m)
{
	m->starved = m->pressed = true;
}

/* What made room concerns whoever sends to here. */
static void
stir_sender(struct vmodem *m)
{
	if (m->peer != NULL && m->peer->starved && vmodem_room(m->peer) > 0)
		m->peer->ops->stir(m->peer->ctx);
	if (m->starved)
		m->ops->stir(m->ctx);
}

void
vmodem_taken(struct vmodem *m, size_t n)
{
	ring_drop(&m->out, n);
	stir_sender(m);
}

void
vmodem_purge(struct vmodem *m)
{
	ring_clear(&m->out);
	stir_sender(m);
}

void
vmodem_rate(struct vmodem *m, uint32_t rate)
{
	m->rate = rate;
}

/* ---- DTR, power, time ---- */

static void
dtr_fell(struct vmodem *m)
{
	bool had_call = is_calling(m) || m->phase == VMODEM_IN_CALL;

	if (m->at.dtr == 0 || (m->at.dtr == 1 && !m->online))
		return;
	if (m->at.dtr == 1) {
		enter_command_mode(m);
		return;
	}
	hayes_edit_drop(&m->line);
	vmodem_hang_up(m);
	if (had_call)
		vmodem_result(m, RESULT_NO_CARRIER);
	if (m->at.dtr == 3)
		m->at = m->stored[0];
	vmodem_lines(m);
}

void
vmodem_dtr(struct vmodem *m, bool on, msec_t now)
{
	bool fell = m->dtr && !on;

	vmodem_tick(m, now); /* a fall that is due comes before this rise */
	m->dtr = on;
	if (on)
		m->fall = MSEC_NEVER;
	else if (fell && m->phase != VMODEM_OFF)
		m->fall = msec_add(now, hayes_s(&m->at, 25) * INT64_C(10));
	vmodem_tick(m, now);
	if (!msec_is_never(m->fall))
		m->ops->stir(m->ctx);
}

static void
factory_settings(struct vmodem *m)
{
	int i;

	hayes_init(&m->at);
	for (i = 0; i < HAYES_PROFILES; i++)
		m->stored[i] = m->at;
	hayes_edit_init(&m->line);
	m->last_number[0] = '\0';
}

void
vmodem_reset(struct vmodem *m)
{
	vmodem_hang_up(m);
	factory_settings(m);
	m->fall = MSEC_NEVER;
	vmodem_lines(m);
}

void
vmodem_init(struct vmodem *m, const struct vmodem_ops *ops, void *ctx)
{
	*m = (struct vmodem){ .ops = ops, .ctx = ctx, .phase = VMODEM_OFF, .rate = 115200 };
	ring_init(&m->out, VMODEM_RING);
	factory_settings(m);
	m->edge = m->deadline = m->dialled = m->last = m->ended = m->fall = MSEC_NEVER;
}

void
vmodem_power(struct vmodem *m, bool on)
{
	if (on == (m->phase != VMODEM_OFF))
		return;
	vmodem_unheard(m);
	vmodem_reset(m);
	vmodem_purge(m);
	m->phase = on ? VMODEM_ON_HOOK : VMODEM_OFF;
	m->dtr = on;
	m->starved = m->pressed = m->tail = false;
	m->deltas = 0;
}

msec_t
vmodem_due(const struct vmodem *m)
{
	msec_t due = msec_min(vmodem_call_due(m), m->fall);

	return escape_pending(m) ? msec_min(due, msec_add(m->last, guard_time(m))) : due;
}

void
vmodem_tick(struct vmodem *m, msec_t now)
{
	if (escape_pending(m) && msec_reached(msec_add(m->last, guard_time(m)), now))
		enter_command_mode(m);
	if (msec_reached(m->fall, now)) {
		m->fall = MSEC_NEVER;
		dtr_fell(m);
	}
	vmodem_call_tick(m, now);
}
