/*
 * The tool's end of the control socket: one request after the other, and what comes for it.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>

#include "cli/cli.h"
#include "views/ctlmsg.h"

#define CLIENT_PATIENCE 10000 /* ms to wait for a line of the daemon */
#define CLIENT_MAX (64 << 20) /* bytes of a line */

struct client {
	int fd;
	bool may_act;
	char version[64]; /* of the daemon */
	char *in;
	size_t n, cap;
};

/* Returns EXIT_OK, or says what is wrong and returns EXIT_ABSENT, EXIT_DENIED or EXIT_FAILED. */
int client_open(struct client *, const char *socket);
void client_close(struct client *);

/* Sends; returns as client_open(). */
int client_ask(struct client *, const struct ctlmsg_request *);

/*
 * The next answer, to be given back to ctlmsg_reply_clear().  patience: ms, -1: any time.  A
 * failure is said, and becomes EXIT_FAILED, EXIT_DENIED or EXIT_UNKNOWN; the end of the connection
 * EXIT_ABSENT.
 */
int client_answer(struct client *, struct ctlmsg_reply *, int patience);

/* Prints the body of a status, or all of another answer, as one line of JSON. */
void client_print(const struct ctlmsg_reply *);

#endif
