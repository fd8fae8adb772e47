/*
 * librfc2217: the Telnet COM-PORT option (RFC 2217), both roles, as pure protocol.
 *
 * It allocates nothing and does no I/O.  A suboption payload is what stands between
 * IAC SB 44 and IAC SE with doubled 255 already undone: a code byte and its parameters.
 * Telnet around it is the caller's: it hands payloads in, and frames what `send` gives it
 * (rfc2217_frame does that).  All structs live in the caller's memory and need no clean-up.
 */
#ifndef RFC2217_H
#define RFC2217_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RFC2217_OPTION 44      /* Telnet option number */
#define RFC2217_TEXT_MAX 28    /* longest SIGNATURE text sent: a gensio client takes no more */
#define RFC2217_PAYLOAD_MAX 32 /* room that holds every payload this library sends */
#define RFC2217_FRAME_MAX (5 + 2 * RFC2217_PAYLOAD_MAX)

/* Codes a client sends; a server's answer or notification has the same code + 100. */
enum rfc2217_code {
	RFC2217_SIGNATURE = 0,
	RFC2217_SET_BAUDRATE = 1,
	RFC2217_SET_DATASIZE = 2,
	RFC2217_SET_PARITY = 3,
	RFC2217_SET_STOPSIZE = 4,
	RFC2217_SET_CONTROL = 5,
	RFC2217_NOTIFY_LINESTATE = 6,
	RFC2217_NOTIFY_MODEMSTATE = 7,
	RFC2217_SUSPEND = 8,
	RFC2217_RESUME = 9,
	RFC2217_SET_LINESTATE_MASK = 10,
	RFC2217_SET_MODEMSTATE_MASK = 11,
	RFC2217_PURGE_DATA = 12,
	RFC2217_ANSWER = 100
};

enum rfc2217_parity { RFC2217_NONE = 1, RFC2217_ODD, RFC2217_EVEN, RFC2217_MARK, RFC2217_SPACE };
enum rfc2217_stop { RFC2217_STOP_1 = 1, RFC2217_STOP_2 = 2, RFC2217_STOP_15 = 3 };
enum rfc2217_purge { RFC2217_PURGE_RX = 1, RFC2217_PURGE_TX = 2, RFC2217_PURGE_BOTH = 3 };

/* Values of SET-CONTROL (RFC 2217, "Com Port Control"). */
enum rfc2217_control {
	RFC2217_OUT_QUERY = 0, RFC2217_OUT_NONE = 1, RFC2217_OUT_XONXOFF = 2, RFC2217_OUT_RTSCTS = 3,
	RFC2217_BREAK_QUERY = 4, RFC2217_BREAK_ON = 5, RFC2217_BREAK_OFF = 6,
	RFC2217_DTR_QUERY = 7, RFC2217_DTR_ON = 8, RFC2217_DTR_OFF = 9,
	RFC2217_RTS_QUERY = 10, RFC2217_RTS_ON = 11, RFC2217_RTS_OFF = 12,
	RFC2217_IN_QUERY = 13, RFC2217_IN_NONE = 14, RFC2217_IN_XONXOFF = 15, RFC2217_IN_RTSCTS = 16,
	RFC2217_OUT_DCD = 17, RFC2217_IN_DTR = 18, RFC2217_OUT_DSR = 19
};

/* Bits of a modem state (NOTIFY-MODEMSTATE). */
enum {
	RFC2217_DCD = 128, RFC2217_RI = 64, RFC2217_DSR = 32, RFC2217_CTS = 16,
	RFC2217_DCD_CHANGED = 8, RFC2217_RI_FELL = 4, RFC2217_DSR_CHANGED = 2, RFC2217_CTS_CHANGED = 1
};

/* Bits of a line state (NOTIFY-LINESTATE) that this library's users can report. */
enum {
	RFC2217_BREAK_SEEN = 16, RFC2217_FRAMING_ERROR = 8, RFC2217_PARITY_ERROR = 4, RFC2217_OVERRUN = 2
};

enum rfc2217_result {
	RFC2217_OK = 0,
	RFC2217_PENDING = 1,   /* the answer comes with rfc2217_server_done() */
	RFC2217_E_EMPTY = -1,  /* no code byte */
	RFC2217_E_SHORT = -2,  /* parameters missing */
	RFC2217_E_CODE = -3,   /* a code that this side of the protocol does not send */
	RFC2217_E_SPACE = -4,  /* the destination is too small */
	RFC2217_E_BUSY = -5,   /* a command is pending already */
	RFC2217_E_VALUE = -6   /* a value that does not fit the code's one byte */
};

/* ---- codec ---- */

/* One command, answer or notification as a value. */
struct rfc2217_command {
	uint8_t code;      /* as on the wire: client 0-12, server 100-112 */
	uint32_t value;    /* the rate, or the one byte of all others; 0 where there is none */
	const char *text;  /* SIGNATURE: not terminated, points into the payload; else NULL */
	size_t text_len;
};

enum rfc2217_sender { RFC2217_FROM_CLIENT, RFC2217_FROM_SERVER };

/*
 * Reads one payload that `from` sent.  Bytes beyond the defined ones are ignored; client codes
 * 6 and 7 may come without a byte (value 0).  Returns 0 or E_EMPTY, E_SHORT, E_CODE; then *out
 * is unchanged.
 */
int rfc2217_decode(enum rfc2217_sender from, const uint8_t *payload, size_t n,
    struct rfc2217_command *out);

/*
 * Writes the payload of a command; returns its length (1 to 5, with a text 1 + text_len) or
 * E_CODE, E_VALUE, E_SPACE; then nothing is written.
 */
int rfc2217_encode(const struct rfc2217_command *, uint8_t *dst, size_t cap);

/*
 * Writes IAC SB 44, the payload with 255 doubled, IAC SE.  Returns the length, or E_SPACE when
 * cap is less than the result (5 + 2n always suffices); then nothing is written.
 */
int rfc2217_frame(const uint8_t *payload, size_t n, uint8_t *dst, size_t cap);

/* A name for logs: "SET-BAUDRATE" for 1 and for 101; "?" for a code that does not exist. */
const char *rfc2217_code_name(uint8_t code);

/*
 * Does this client command set or purge?  False for questions (value 0, SIGNATURE, masks,
 * notifications, the SET-CONTROL queries), SUSPEND and RESUME, and for values that have no
 * effect (SET-CONTROL 20 to 255, PURGE-DATA 0 and 4 to 255).  An undefined SET-PARITY counts
 * as setting.
 */
bool rfc2217_changes(const struct rfc2217_command *);

/* ---- the port behind a server ---- */

/* How a port is set; every field in RFC 2217's own values, none of them 0. */
struct rfc2217_format {
	uint32_t baud;     /* bit/s */
	uint8_t datasize;  /* 5 to 8 */
	uint8_t parity;    /* enum rfc2217_parity */
	uint8_t stopsize;  /* enum rfc2217_stop */
	uint8_t outflow;   /* 1, 2, 3, 17 or 19 */
	uint8_t inflow;    /* 14, 15, 16 or 18 */
};

/* Everything in force at a port. */
struct rfc2217_state {
	struct rfc2217_format format;
	bool brk, dtr, rts;
	uint8_t modem;     /* state bits only: DCD, RI, DSR, CTS */
};

enum rfc2217_what {
	RFC2217_OP_BAUD, RFC2217_OP_DATASIZE, RFC2217_OP_PARITY, RFC2217_OP_STOPSIZE,
	RFC2217_OP_OUTFLOW, /* 1, 2, 3: both directions; 17, 19: outbound */
	RFC2217_OP_INFLOW,  /* 14, 15, 16, 18 */
	RFC2217_OP_BREAK,   /* 5 on, 6 off */
	RFC2217_OP_DTR,     /* 8 on, 9 off */
	RFC2217_OP_RTS,     /* 11 on, 12 off */
	RFC2217_OP_MODEM,   /* only asked: the modem state */
	RFC2217_OP_PURGE    /* enum rfc2217_purge */
};

/* One operation on the port.  Only defined values arrive; whether it can be had, the port says. */
struct rfc2217_op {
	enum rfc2217_what what;
	uint32_t value; /* 0: tell what is in force */
};

/* ---- server role ---- */

struct rfc2217_server_ops {
	/*
	 * Carry out op.  Returns 0 with *state all that is now in force (also when the driver
	 * refused), or RFC2217_PENDING and later calls rfc2217_server_done(), never before
	 * this function has returned.
	 */
	int (*operate)(void *ctx, const struct rfc2217_op *op, struct rfc2217_state *state);
	/* One payload for the client; frame it and send it in one write. */
	void (*send)(void *ctx, const uint8_t *payload, size_t n);
	/* The client's masks changed: what must be watched. */
	void (*masks)(void *ctx, uint8_t modem, uint8_t line);
	/* From now on send nothing (true), or go on (false). */
	void (*suspend)(void *ctx, bool on);
};

/* Opaque but of known size; touch no field. */
struct rfc2217_server {
	const struct rfc2217_server_ops *ops;
	void *ctx;
	const char *signature;
	struct rfc2217_op pending;
	bool is_pending, mute; /* mute: the pending one is not answered */
	bool agreed, refused, suspended;
	uint8_t owed;          /* a 107 that is not told yet */
	uint8_t modem_mask, line_mask;
	uint8_t modem, deltas; /* last known state; changes not told yet */
	uint8_t line_held;     /* line state not told yet */
};

/* A new session: masks 255 and 0, not agreed, not suspended.  signature (at most 28 bytes are
 * sent) and ops stay the caller's and must outlive the server. */
void rfc2217_server_init(struct rfc2217_server *, const struct rfc2217_server_ops *, void *ctx,
    const char *signature);

/*
 * The client has agreed to option 44; modem is the state to tell it at once (R60), also when 0.
 * Agreed already: nothing.  Before agreement commands are answered, but nothing is sent unasked.
 * rfc2217_server_stopped(): it has refused or withdrawn; until agreed again input is ignored and
 * nothing is sent, not even the answer to a pending operation.  A suspension ends with it
 * (ops->suspend); answers that the caller holds back then are the caller's to drop.
 */
void rfc2217_server_agreed(struct rfc2217_server *, uint8_t modem);
void rfc2217_server_stopped(struct rfc2217_server *);

/*
 * One client command.  Returns 0 when it is dealt with, RFC2217_PENDING when its answer is still
 * to come, E_BUSY (nothing done) when an earlier one is pending; SUSPEND and RESUME are always
 * taken.  A server code is E_CODE.  Of a SIGNATURE only text_len is looked at.  While suspended
 * answers go to ops->send as ever, and the caller holds them back until ops->suspend(false).
 */
int rfc2217_server_input(struct rfc2217_server *, const struct rfc2217_command *);

/* The pending operation is done, *state is in force: answers.  Without one pending: nothing. */
void rfc2217_server_done(struct rfc2217_server *, const struct rfc2217_state *);

/*
 * Modem lines: state bits now, and the delta bits of this change (R56 to R58).  Sends one 107 or,
 * while suspended, remembers and merges; nothing without a change or under the mask.
 * rfc2217_server_tell_modem(): the state without deltas, sent whatever it is (0 too), unless the
 * mask is 0; while suspended it joins what is merged.
 */
void rfc2217_server_modem(struct rfc2217_server *, uint8_t state, uint8_t deltas);
void rfc2217_server_tell_modem(struct rfc2217_server *, uint8_t state);

/* Line errors since the last call: bits of enum above (R62); merged as modem changes are. */
void rfc2217_server_line(struct rfc2217_server *, uint8_t bits);

/* An unsolicited SIGNATURE with words for a person, cut at 28 bytes; nothing if not agreed or
 * without words. */
void rfc2217_server_say(struct rfc2217_server *, const char *words);

/* An unsolicited answer, if agreed: what is in force is not what the client was told.  MODEM is
 * rfc2217_server_tell_modem(); a purge has nothing to correct. */
void rfc2217_server_correct(struct rfc2217_server *, enum rfc2217_what,
    const struct rfc2217_state *);

bool rfc2217_server_suspended(const struct rfc2217_server *);

/* ---- client role ---- */

struct rfc2217_client_ops {
	void (*send)(void *ctx, const uint8_t *payload, size_t n);
	/* An answer or notification; text is valid during the call only. */
	void (*told)(void *ctx, const struct rfc2217_command *);
};

struct rfc2217_client {
	const struct rfc2217_client_ops *ops;
	void *ctx;
	struct rfc2217_format format; /* as last answered; 0 in a field: not yet */
	uint8_t dtr, rts, brk;        /* control values as last answered; 0: not yet */
	uint8_t modem;                /* state bits as last notified; the deltas are in told() */
	bool modem_known;
	bool stopped;                 /* the server has sent SUSPEND (108): the caller should wait */
	unsigned waiting[13];         /* requests sent and not answered, by client code; SUSPEND
	                               * and RESUME never wait */
};

void rfc2217_client_init(struct rfc2217_client *, const struct rfc2217_client_ops *, void *ctx);

/* Sends one request (code 0-12; SIGNATURE asks); returns 0 or E_CODE, E_VALUE. */
int rfc2217_client_request(struct rfc2217_client *, uint8_t code, uint32_t value);

/* One payload from the server; returns 0 or the codec's error (and then nothing changed). */
int rfc2217_client_input(struct rfc2217_client *, const uint8_t *payload, size_t n);

/* Requests that still wait for an answer. */
unsigned rfc2217_client_waiting(const struct rfc2217_client *);

#ifdef __cplusplus
}
#endif
#endif
