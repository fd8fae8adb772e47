/*
 * Watches calls, see callwatch.h.
 *
 * Its mode is what it believes the modem to be in.  Where carrier is trusted that alone decides of
 * calls, and the mode follows it; in between, CONNECT makes it DATA a moment before carrier comes,
 * so that nothing of a call is ever read as an answer of the modem.
 */
#include "modem/callwatch.h"

#include <string.h>

#include "base/dialling.h"
#include "modem/result.h"

#define CTRL_Z 0x1a /* sends a message, */
#define ESC 0x1b    /* and drops it */

enum mode {
	COMMAND, /* no call */
	DATA,
	ESCAPED  /* a call is up and the modem listens to commands */
};

void
callwatch_init(struct callwatch *c, bool carrier_trusted)
{
	*c = (struct callwatch){
		.trusted = carrier_trusted, .dtr = true, .mode = COMMAND,
		.dial_ends = MSEC_NEVER, .escaped = MSEC_NEVER, .silent = MSEC_NEVER,
		.sent = MSEC_NEVER,
	};
	atline_init(&c->at);
}

enum callwatch_call
callwatch_state(const struct callwatch *c)
{
	if (c->trusted ? c->carrier : c->mode != COMMAND)
		return CALLWATCH_IN_CALL;
	return c->dials ? CALLWATCH_DIALS : CALLWATCH_NO_CALL;
}

/* After anything: the time of calls. */
static void
account(struct callwatch *c, msec_t now)
{
	bool up = callwatch_state(c) == CALLWATCH_IN_CALL;

	if (up && !c->counted)
		c->since = now;
	else if (!up && c->counted)
		c->talked += msec_since(c->since, now);
	c->counted = up;
}

static void
enter(struct callwatch *c, enum mode mode)
{
	c->mode = (uint8_t)mode;
	c->escaped = c->silent = MSEC_NEVER;
	c->pluses = 0;
	c->n_word = c->n_tail = 0;
	c->n_begun = c->n_echoed = 0;
	c->line_sent = c->prompts = c->prompted = c->texts = c->unsure = false;
	if (mode != DATA)
		c->n_text = 0;
	if (mode != COMMAND)
		c->dials = false;
	atline_init(&c->at);
}

/* ---- time ---- */

static void hold_no_carrier(struct callwatch *);

msec_t
callwatch_due(const struct callwatch *c)
{
	msec_t due = msec_min(c->escaped, c->silent);

	return c->dials ? msec_min(due, c->dial_ends) : due;
}

void
callwatch_time(struct callwatch *c, msec_t now)
{
	if (c->dials && msec_reached(c->dial_ends, now))
		c->dials = false;
	if (msec_reached(c->silent, now)) {
		hold_no_carrier(c);
	} else if (msec_reached(c->escaped, now)) {
		enter(c, ESCAPED);
	}
}

/* ---- the client ---- */

static void
dial(struct callwatch *c, msec_t now)
{
	c->dials = c->awaits = c->asked = true;
	c->dial_ends = msec_add(now, DIALLING_AT_MOST);
	c->dialled++;
	c->result[0] = '\0';
}

static void
dial_number(struct callwatch *c, msec_t now)
{
	char number[ATLINE_NUMBER];

	c->voice = atline_number(&c->at, number);
	/* What the modem dials again is known if it was dialled in this claim. */
	if (strcmp(number, "L") != 0 || c->number[0] == '\0')
		memcpy(c->number, number, sizeof c->number);
	dial(c, now);
}

static void
answer(struct callwatch *c)
{
	c->awaits = c->asked = true;
	c->voice = false;
	c->number[0] = c->result[0] = '\0';
}

static void
command_line(struct callwatch *c, msec_t now)
{
	struct atline at = c->at; /* enter() forgets it */

	c->repeats = at.dials;
	if (at.rings != ATLINE_RINGS_KEPT)
		c->answers = at.rings == ATLINE_RINGS_SOME;
	if (at.fax != ATLINE_FAX_KEPT)
		c->fax = at.fax == ATLINE_FAX;
	if (c->mode == ESCAPED && at.hangs)
		enter(c, COMMAND);
	else if (c->mode == ESCAPED && at.online)
		enter(c, DATA);
	if (c->mode == COMMAND) {
		c->at = at;
		if (at.dials)
			dial_number(c, now);
		else if (at.answers)
			answer(c);
		c->online = at.online;
	}
	memset(c->at.dial, 0, sizeof c->at.dial); /* a code may have had a PIN */
}

/* The call has ended when the modem said so, and what the client has sent since is a command line, or its begin. */
static void
hold_no_carrier(struct callwatch *c)
{
	struct atline at = c->at; /* enter() forgets it */
	bool sent = c->line_sent, begun = c->n_begun == sizeof c->begun;

	enter(c, COMMAND);
	account(c, c->no_carrier);
	if (!begun)
		return;
	c->at = at;
	if (sent)
		command_line(c, c->sent);
}

/* As far as it goes. */
static bool
begins_command(const struct callwatch *c)
{
	return c->n_begun > 0 && (c->begun[0] & 0x5f) == 'A' && (c->n_begun == 1 || (c->begun[1] & 0x5f) == 'T');
}

/* The client's bytes behind NO CARRIER.  Only the first line counts: it waits for what comes of that. */
static void
begin_again(struct callwatch *c, const uint8_t *b, size_t n)
{
	size_t i;

	for (i = 0; i < n && !c->line_sent; i++) {
		if (c->n_begun < sizeof c->begun)
			c->begun[c->n_begun++] = (char)(b[i] & 0x7f);
		c->line_sent = atline_input(&c->at, b[i]) == ATLINE_ENDED;
	}
}

/* Lines that the modem will echo, or may. */
static void
note_word(struct callwatch *c, uint8_t byte, msec_t now)
{
	const char *said;
	enum callresult kind;

	if (byte != '\r' && byte != '\n') {
		if (c->n_word < sizeof c->word && !atline_inside(&c->at))
			c->word[c->n_word++] = (char)byte;
		return;
	}
	kind = callresult_of(c->word, c->n_word, &said);
	c->n_word = 0;
	if (kind == CALLRESULT_NONE)
		return;
	if (c->echoes[kind] < UINT8_MAX)
		c->echoes[kind]++;
	c->echo_ends = msec_add(now, CALLWATCH_ECHO);
}

static void
message_byte(struct callwatch *c, uint8_t byte, msec_t now)
{
	byte &= 0x7f;
	note_word(c, byte, now);
	if (byte != CTRL_Z && byte != ESC)
		return;
	c->texts = false;
	atline_init(&c->at);
}

static void
command_byte(struct callwatch *c, uint8_t byte, msec_t now)
{
	enum atline_event event;

	c->texts |= c->prompted;
	c->prompted = false;
	if (c->texts) {
		message_byte(c, byte, now);
		return;
	}
	event = atline_input(&c->at, byte);
	if (event != ATLINE_TAIL) {
		c->at.first |= c->dials; /* the modem gives up, and takes nothing else of it */
		c->dials = false;
		c->prompts = event == ATLINE_ENDED;
		c->rings = c->online = false;
	}
	if (c->mode == COMMAND)
		note_word(c, byte & 0x7f, now);
	if (event == ATLINE_ENDED)
		command_line(c, now);
	else if (event == ATLINE_REPEAT && c->repeats && c->mode == COMMAND)
		dial(c, now);
}

/* Only +++ alone between two guard times escapes. */
static void
call_bytes(struct callwatch *c, const uint8_t *b, size_t n, msec_t now)
{
	bool rested = msec_is_never(c->sent) || msec_since(c->sent, now) >= CALLWATCH_GUARD;
	size_t i;

	if (rested)
		c->pluses = 0;
	c->escaped = MSEC_NEVER;
	for (i = 0; i < n && i <= 3; i++) {
		if ((b[i] & 0x7f) != '+' || (c->pluses == 0 && !rested) || c->pluses == 3) {
			c->pluses = 0;
			return;
		}
		c->pluses++;
		rested = false;
	}
	if (c->pluses == 3)
		c->escaped = msec_add(now, CALLWATCH_GUARD);
}

void
callwatch_client(struct callwatch *c, const uint8_t *b, size_t n, msec_t now)
{
	size_t i = 0;

	callwatch_time(c, now);
	while (i < n && c->mode != DATA)
		command_byte(c, b[i++], now);
	if (i < n && !c->carrier)
		call_bytes(c, b + i, n - i, now);
	if (i < n && !msec_is_never(c->silent))
		begin_again(c, b + i, n - i);
	if (n > 0) {
		c->sent = now;
		c->unsure = false;
	}
	account(c, now);
}

/* ---- the line ---- */

static bool
is_echo(struct callwatch *c, enum callresult kind, msec_t now)
{
	const char *said;

	if (c->n_word > 0 && callresult_of(c->word, c->n_word, &said) == kind)
		return true;
	if (c->echoes[kind] == 0)
		return false;
	if (msec_reached(c->echo_ends, now)) {
		memset(c->echoes, 0, sizeof c->echoes);
		return false;
	}
	c->echoes[kind]--;
	return true;
}

static void
take_result(struct callwatch *c, enum callresult kind, const char *said, size_t n)
{
	if (kind == CALLRESULT_OK && !c->voice) {
		c->awaits = c->asked = c->dials; /* else it was given up */
		return;
	}
	if (!c->asked)
		c->number[0] = '\0'; /* somebody called */
	memcpy(c->result, said, n);
	c->result[n] = '\0';
	c->awaits = c->asked = c->dials = false;
	if (kind == CALLRESULT_CONNECT)
		enter(c, DATA);
	else if (kind == CALLRESULT_FAX && !c->carrier) /* else carrier has entered what it can */
		enter(c, ESCAPED);
}

/* Carrier came before CONNECT: nothing but CONNECT, or that a fax answers, may follow, and what else follows is data. */
static enum callresult
believed_in_call(struct callwatch *c, enum callresult kind)
{
	if (kind == CALLRESULT_CONNECT || kind == CALLRESULT_PROGRESS || kind == CALLRESULT_FAX)
		return kind;
	c->awaits = c->asked = false;
	return CALLRESULT_NONE;
}

/* Between two frames, or pages. */
static void
take_in_fax(struct callwatch *c, enum callresult kind)
{
	if (kind == CALLRESULT_CONNECT)
		enter(c, DATA);
	else if (kind == CALLRESULT_FAX_ENDED)
		enter(c, COMMAND);
}

/* Alone or with a rate: CONNECT 9600, CONNECT 33600/ARQ/V34. */
static bool
is_plain_connect(const char *text, size_t n)
{
	static const char word[] = "CONNECT ";
	size_t i = sizeof word - 1;

	if (n < sizeof word)
		return n == sizeof word - 2;
	while (i < n && text[i] >= '0' && text[i] <= '9')
		i++;
	return i > sizeof word - 1 && (i == n || (text[i] == '/' && memchr(text + i, ' ', n - i) == NULL));
}

/* The modem answers by itself, or so it seems.  It alone tells of a call that came in, but with a number only if
 * asked. */
static void
take_unasked(struct callwatch *c, const char *said, size_t n)
{
	bool online = c->online; /* of what it has dialled before (V.250, 6.3.1, 6.3.7), or of packets */

	if (!online && ((!c->rings && !c->answers) || said != c->text || !is_plain_connect(c->text, n)))
		return;
	c->asked = online;
	take_result(c, CALLRESULT_CONNECT, said, n);
	c->unsure = !online;
}

/* 3GPP TS 27.005, 3.4: the text of a message is a line of its own. */
static bool
begins_message(const char *text, size_t n)
{
	static const char *const heads[] = { "+CMT:", "+CMGR:", "+CMGL:", "+CDS:", "+CBM:" };
	size_t i, len;

	for (i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		len = strlen(heads[i]);
		if (n >= len && memcmp(text, heads[i], len) == 0)
			return true;
	}
	return false;
}

/* The modem takes no more of a message, as an own word of its says: to what is typed now it listens again. */
static void
take_in_message(struct callwatch *c, enum callresult kind, size_t n, msec_t now)
{
	const char *said;

	if (kind == CALLRESULT_OK || kind == CALLRESULT_FAILED ? !is_echo(c, kind, now) :
	    result_of(c->text, n, &said) == RESULT_MESSAGE_ERROR)
		c->texts = false;
}

static void
line_ended(struct callwatch *c, msec_t now)
{
	size_t n = c->n_text;
	const char *said;
	enum callresult kind = callresult_of(c->text, n, &said);
	bool text = c->message;

	c->n_text = 0;
	if (n == 0)
		return;
	c->message = !text && begins_message(c->text, n);
	c->rings |= !text && result_of(c->text, n, &said) == RESULT_RING;
	if (text)
		return;
	if (c->texts) {
		take_in_message(c, kind, n, now);
		return;
	}
	if (c->mode == ESCAPED) {
		take_in_fax(c, kind);
		return;
	}
	if (c->mode == DATA)
		kind = believed_in_call(c, kind);
	if (kind == CALLRESULT_NONE || kind == CALLRESULT_PROGRESS || is_echo(c, kind, now))
		return;
	if (c->awaits)
		take_result(c, kind, said, said == c->text ? n : strlen(said));
	else if (kind == CALLRESULT_CONNECT)
		take_unasked(c, said, said == c->text ? n : strlen(said));
}

/* The echo of a command line, whose rest may be a secret; but CONNECT DATA, +CME ERROR: operation are none. */
static bool
shows_command(const struct callwatch *c)
{
	const char *end = c->text + c->n_text, *said;

	return c->n_text >= 2 && (end[-2] & 0x5f) == 'A' && (end[-1] & 0x5f) == 'T' &&
	    result_of(c->text, (size_t)c->n_text - 2, &said) == RESULT_NONE;
}

static void
text_byte(struct callwatch *c, uint8_t byte, msec_t now)
{
	byte &= 0x7f;
	c->prompted = false;
	if (byte == '\r' || byte == '\n') {
		line_ended(c, now);
		return;
	}
	if (byte < ' ' || byte == 0x7f || c->n_text == sizeof c->text - 1 || shows_command(c))
		return;
	c->text[c->n_text++] = byte == '"' || byte == '\\' ? '\'' : (char)byte;
	c->prompted = c->prompts && c->n_text == 2 && memcmp(c->text, "> ", 2) == 0;
}

static bool
tail_is(const struct callwatch *c, const char *end)
{
	size_t n = strlen(end);

	return c->n_tail >= n && memcmp(c->tail + c->n_tail - n, end, n) == 0;
}

/* By a result: of one that was sent, or behind the DLE ETX of one that came (T.31). */
static bool
frame_ended(const struct callwatch *c)
{
	return tail_is(c, "\r\nOK\r\n") || tail_is(c, "\r\nERROR\r\n") ||
	    tail_is(c, "\r\nNO CARRIER\r\n");
}

/* It was the text of a message, or the result of another command. */
static void
take_back_connect(struct callwatch *c)
{
	c->counted = false;
	c->result[0] = '\0';
	enter(c, COMMAND);
}

static bool
says_no_carrier(const struct callwatch *c)
{
	const char *end = c->tail + CALLWATCH_TAIL - 2, *words;

	return c->n_tail == CALLWATCH_TAIL && memcmp(c->tail, "\r\n", 2) == 0 &&
	    memcmp(end, "\r\n", 2) == 0 &&
	    result_of(c->tail + 2, CALLWATCH_TAIL - 4, &words) == RESULT_NO_CARRIER;
}

/* Keeps the last bytes, and begins to wait for silence behind NO CARRIER. */
static void
tail_bytes(struct callwatch *c, const uint8_t *b, size_t n, msec_t now)
{
	size_t keep, i;

	if (n > CALLWATCH_TAIL) {
		b += n - CALLWATCH_TAIL;
		n = CALLWATCH_TAIL;
	}
	keep = CALLWATCH_TAIL - n < c->n_tail ? CALLWATCH_TAIL - n : c->n_tail;
	memmove(c->tail, c->tail + c->n_tail - keep, keep);
	for (i = 0; i < n; i++)
		c->tail[keep + i] = (char)(b[i] & 0x7f);
	c->n_tail = (uint8_t)(keep + n);
	c->silent = MSEC_NEVER;
	c->n_begun = c->n_echoed = 0;
	c->line_sent = false;
	atline_init(&c->at);
	if (c->unsure && tail_is(c, "\r\nOK\r\n")) {
		take_back_connect(c);
		return;
	}
	if (c->fax && frame_ended(c)) {
		enter(c, ESCAPED);
		return;
	}
	if (!says_no_carrier(c))
		return;
	c->no_carrier = now;
	c->silent = msec_add(now, CALLWATCH_SILENCE);
}

/* What the modem says behind NO CARRIER to the client's command: AT as its echo, or a whole result.  What is
 * neither, nor can become one, is data of a call: *other. */
static bool
answers_again(struct callwatch *c, uint8_t byte, bool *other)
{
	const char *words;
	enum result result;

	byte &= 0x7f;
	if (begins_command(c) && c->n_text == 0 && c->n_echoed < c->n_begun &&
	    byte == (uint8_t)c->begun[c->n_echoed])
		return ++c->n_echoed == sizeof c->begun;
	if (c->line_sent && (byte == '\r' || byte == '\n')) {
		result = result_of(c->text, c->n_text, &words);
		*other = c->n_text > 0 && result == RESULT_NONE;
		return c->n_text > 0 && result != RESULT_NONE;
	}
	*other = !c->line_sent || byte < ' ' || c->n_text == sizeof c->word;
	if (!*other)
		c->text[c->n_text++] = (char)byte;
	return false;
}

/* How many of the bytes are the end of a call that the client knows of already; the rest is read as ever. */
static size_t
after_no_carrier(struct callwatch *c, const uint8_t *b, size_t n, msec_t now)
{
	bool other = false, holds = false;
	size_t i, n_text;

	for (i = 0; i < n && !other && !holds; i++)
		holds = answers_again(c, b[i], &other);
	if (other) {
		c->n_text = 0;
		return 0;
	}
	if (!holds)
		return i;
	n_text = c->n_text;
	hold_no_carrier(c);
	c->n_text = (uint8_t)n_text; /* a result, whose end comes now */
	if (n_text > 0)
		line_ended(c, now);
	return i;
}

/* What comes is what the modem says, or may be. */
static bool
reads_lines(const struct callwatch *c)
{
	return c->mode == COMMAND || (c->mode == DATA && c->awaits) || (c->mode == ESCAPED && c->fax);
}

void
callwatch_line(struct callwatch *c, const uint8_t *b, size_t n, msec_t now)
{
	size_t i = 0, step;

	callwatch_time(c, now);
	if (c->mode == DATA && !c->awaits && !msec_is_never(c->silent))
		i = after_no_carrier(c, b, n, now);
	while (i < n && (!c->carrier || reads_lines(c))) {
		if (reads_lines(c)) {
			text_byte(c, b[i++], now);
			continue;
		}
		step = c->unsure || c->fax ? 1 : n - i;
		tail_bytes(c, b + i, step, now);
		i += step;
	}
	account(c, now);
}

/* ---- signals ---- */

void
callwatch_carrier(struct callwatch *c, bool on, msec_t now)
{
	callwatch_time(c, now);
	if (!c->trusted || on == c->carrier)
		return;
	c->carrier = on;
	if (on && c->mode == COMMAND) /* CONNECT is still to come */
		c->awaits = true;
	enter(c, on ? DATA : COMMAND); /* sure of it */
	account(c, now);
}

void
callwatch_dtr(struct callwatch *c, bool on, msec_t now)
{
	callwatch_time(c, now);
	if (c->dtr && !on) {
		c->dials = false;
		if (!c->carrier)
			enter(c, COMMAND);
	}
	c->dtr = on;
	account(c, now);
}

/* ---- what is known ---- */

unsigned
callwatch_dialled(const struct callwatch *c)
{
	return c->dialled;
}

const char *
callwatch_number(const struct callwatch *c)
{
	return c->number;
}

const char *
callwatch_result(const struct callwatch *c)
{
	return c->result;
}

int64_t
callwatch_talked(const struct callwatch *c, msec_t now)
{
	return c->talked + (c->counted ? msec_since(c->since, now) : 0);
}
