/*
 * What this host is called, see hostname.h.
 */
#include "daemon/hostname.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_MAX 63 /* a label, RFC 1035 2.3.4 */

void
hostname_take(struct hostname *h)
{
	char node[HTTPTEXT_NAME], *c;
	size_t i;

	h->n = 0;
	if (gethostname(node, sizeof node) != 0)
		return;
	node[sizeof node - 1] = '\0';
	for (c = node; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	i = strcspn(node, ".");
	if (i == 0 || i > FIRST_MAX)
		return;
	snprintf(h->text[0], sizeof h->text[0], "%s", node);
	node[i] = '\0';
	snprintf(h->text[1], sizeof h->text[1], "%s", node);
	snprintf(h->text[2], sizeof h->text[2], "%.63s.local", node);
	for (i = 0; i < HOSTNAMES; i++)
		h->names[i] = h->text[i];
	h->n = HOSTNAMES;
}
