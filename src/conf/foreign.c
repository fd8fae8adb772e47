/*
 * Words and configurations of other programs, see foreign.h: of ser2net, conserver, HAProxy, nginx,
 * pyserial and stty.
 */
#include "conf/foreign.h"

#include <ctype.h>
#include <stddef.h>

#define OWNER "none: it is always 1"
#define ENTRY "none: who may connect is what allow says"

static const struct conf_foreign words[] = {
	{ "timeout", "inactivity", NULL }, { "idle-timeout", "inactivity", NULL },
	{ "idletimeout", "inactivity", NULL }, { "idle", "inactivity", NULL },
	{ "max-idle", "inactivity", NULL }, { "idle-limit", "inactivity", NULL },
	{ "session-timeout", "session-limit", NULL }, { "max-session", "session-limit", NULL },
	{ "max-time", "session-limit", NULL }, { "maxtime", "session-limit", NULL },
	{ "time-limit", "session-limit", NULL },
	{ "queue-timeout", "queue-wait", NULL }, { "wait-timeout", "queue-wait", NULL },
	{ "queue-length", "queue-limit", NULL }, { "max-queue", "queue-limit", NULL },
	{ "queue", NULL, "busy = \"queue\"" }, { "queueing", NULL, "busy = \"queue\"" },
	{ "max-connections", NULL, OWNER }, { "max-connection", NULL, OWNER },
	{ "maxconn", NULL, OWNER }, { "max-users", NULL, OWNER }, { "exclusive", NULL, OWNER },
	{ "baud", "speed", NULL }, { "baudrate", "speed", NULL }, { "baud-rate", "speed", NULL },
	{ "bps", "speed", NULL }, { "bitrate", "speed", NULL }, { "rate", "speed", NULL },
	{ "parity", "format", "8N1" }, { "bits", "format", "8N1" }, { "databits", "format", "8N1" },
	{ "data-bits", "format", "8N1" }, { "bytesize", "format", "8N1" },
	{ "stopbits", "format", "8N1" }, { "stop-bits", "format", "8N1" },
	{ "flow-control", "flow", "rtscts" }, { "flowcontrol", "flow", "rtscts" },
	{ "handshake", "flow", "rtscts" }, { "rtscts", "flow", "rtscts" },
	{ "xonxoff", "flow", "xonxoff" },
	{ "port", "listen", "2217" }, { "ports", "listen", "2217" }, { "tcp-port", "listen", "2217" },
	{ "tcpport", "listen", "2217" }, { "bind", "listen", "2217" }, { "accepter", "listen", "2217" },
	{ "address", "listen", "2217" },
	{ "tty", "device", NULL }, { "dev", "device", NULL }, { "path", "device", NULL },
	{ "serial", "device", NULL }, { "serial-port", "device", NULL },
	{ "connector", "device", NULL },
	{ "type", "kind", NULL },
	{ "access", "allow", NULL }, { "acl", "allow", NULL }, { "allowed", "allow", NULL },
	{ "allow-from", "allow", NULL }, { "hosts-allow", "allow", NULL }, { "trusted", "allow", NULL },
	{ "telnet", "protocol", "telnet" }, { "raw", "protocol", "raw" },
	{ "kickolduser", "takeover", "same-owner" }, { "kick-old-user", "takeover", "same-owner" },
	{ "user", "run-as", NULL }, { "username", "run-as", NULL },
	{ "password", NULL, ENTRY }, { "auth", NULL, ENTRY },
	{ "tls", NULL, ENTRY }, { "ssl", NULL, ENTRY },
	{ "modem", NULL, "line \"NAME\" { kind = \"modem\" ... }" },
	{ "console", NULL, "line \"NAME\" { kind = \"console\" ... }" },
	{ "connection", NULL, "line \"NAME\" { ... }" },
	{ "pool", NULL, "service \"NAME\" { ... }" }, { "group", NULL, "service \"NAME\" { ... }" },
	{ "http", NULL, "status { ... }" }, { "web", NULL, "status { ... }" },
	{ "syslog", NULL, "none: modemshared -s logs to syslog" },
	{ "logfile", NULL, "none: the log goes to standard error, or with -s to syslog" },
	{ "log-file", NULL, "none: the log goes to standard error, or with -s to syslog" },
};

static char
folded(char c)
{
	return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static int
is_same(const char *a, const char *b)
{
	while (*a != '\0' && folded(*a) == *b) {
		a++;
		b++;
	}
	return *a == '\0' && *b == '\0';
}

const struct conf_foreign *
conf_foreign_word(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is_same(word, words[i].word))
			return &words[i];
	return NULL;
}
