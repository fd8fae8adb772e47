/*
 * What an HTTP server says: the heads of its answers, all with the same headers for the reader's safety.
 */
#ifndef IO_HTTP_ANSWER_H
#define IO_HTTP_ANSWER_H

#include "io/http_conn.h"

/* Sends what is there; or, to a HEAD and to whoever has it already, only its head.  Takes the reference. */
void http_answer(struct http_conn *, const struct httphead *, struct http_body *);

/* Sends the status with its name as a text, and ends the connection. */
void http_answer_refuse(struct http_conn *, const struct httphead *, int status);

#endif
