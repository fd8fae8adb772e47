/*
 * Where a number of a phone book leads: from the text of `to` to struct conf_number.
 */
#include "conf/dial.h"

#include <stdlib.h>
#include <string.h>

#include "conf/parts.h"

const char *const conf_destinations[] = { "echo", "line:NAME", "tcp:HOST:PORT", "telnet:HOST:PORT",
	"busy", "no-answer", "no-dialtone", "no-carrier", NULL };

/* In the order of the words; those with a colon in them take something behind it. */
static const enum conf_dial kinds[] = { CONF_DIAL_ECHO, CONF_DIAL_LINE, CONF_DIAL_TCP,
	CONF_DIAL_TELNET, CONF_DIAL_BUSY, CONF_DIAL_NO_ANSWER, CONF_DIAL_NO_DIALTONE,
	CONF_DIAL_NO_CARRIER };

/* HOST:PORT or [V6]:PORT; the host is a name or an address, which only the look-up can tell. */
static enum conf_read
read_host(const char *text, struct conf_number *number)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	const char *colon = strrchr(text, ':'), *end;
	size_t n, digits;
	long port;

	if (colon == NULL)
		return CONF_READ_WRONG;
	digits = strspn(colon + 1, "0123456789");
	if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
		return CONF_READ_WRONG;
	port = strtol(colon + 1, NULL, 10);
	if (text[0] == '[') {
		n = strspn(++text, "0123456789abcdefABCDEF:.");
		end = text[n] == ']' ? text + n + 1 : text;
	} else {
		n = strspn(text, letters);
		end = text + n;
	}
	if (port < 1 || port > 65535 || n == 0 || n > CONF_HOST_MAX || end != colon)
		return CONF_READ_WRONG;
	number->port = (uint16_t)port;
	free(number->host);
	number->host = strndup(text, n);
	return number->host != NULL ? CONF_READ : CONF_READ_NO_MEMORY;
}

enum conf_read
conf_read_destination(const char *text, struct conf_number *number)
{
	const char *word, *colon;
	size_t i, n;

	for (i = 0; conf_destinations[i] != NULL; i++) {
		word = conf_destinations[i];
		colon = strchr(word, ':');
		n = colon != NULL ? (size_t)(colon - word) + 1 : strlen(word) + 1;
		if (strncmp(text, word, n) != 0)
			continue;
		number->to = kinds[i];
		if (colon == NULL)
			return CONF_READ;
		if (kinds[i] != CONF_DIAL_LINE)
			return read_host(text + n, number);
		if (!conf_is_name(text + n))
			return CONF_READ_WRONG;
		free(number->line);
		number->line = strdup(text + n);
		return number->line != NULL ? CONF_READ : CONF_READ_NO_MEMORY;
	}
	return CONF_READ_WRONG;
}
