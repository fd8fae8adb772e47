/*
 * What an HTTP server says: the heads of its answers, all with the same headers for the reader's safety.
 */
#ifndef IO_HTTP_ANSWER_H
#define IO_HTTP_ANSWER_H

#include "io/http_conn.h"

/*
 * Sends what was asked for, or of it, to a HEAD and to whoever has it already, only its head; NULL: 503.  Takes the
 * reference.
 */
void http_answer(struct http_conn *, struct print *);

/* Sends the status with its name as a text, or to a HEAD without it, and ends the connection. */
void http_answer_refuse(struct http_conn *, bool head_only, int status);

#endif
