/*
 * What a session knows of its owner's calls: for the clocks of the claim and for the record.
 */
#ifndef SESSION_CALLS_H
#define SESSION_CALLS_H

#include "session/state.h"

#define SESSION_RECORD (2 * CALLWATCH_NUMBER + 2 * CALLWATCH_RESULT + 64)

/* The claim begins; then what it sends, what comes, what the port, carrier and DTR tell, and time. */
void session_calls_begin(struct session *);
void session_calls_sent(struct session *, const uint8_t *, size_t n);
void session_calls_came(struct session *, const uint8_t *, size_t n);
void session_calls_told(struct session *, enum port_call);
void session_judge_carrier(struct session *, uint8_t modem);
void session_judge_dtr(struct session *, bool on);
msec_t session_calls_due(const struct session *);
void session_calls_time(struct session *);

/* Its carrier must be watched. */
bool session_calls_by_carrier(const struct session *);

/* The calls of the claim for the log, a blank before it; empty for a console. */
const char *session_calls_record(struct session *, char dst[static SESSION_RECORD]);

#endif
