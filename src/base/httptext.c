/*
 * Texts of HTTP, see httptext.h.
 */
#include "base/httptext.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"

/* ":1" to ":65535", or nothing. */
static bool
is_port(const char *s)
{
	size_t len, i;
	long port = 0;

	if (*s == '\0')
		return true;
	len = strspn(s + 1, DIGITS);
	if (*s != ':' || len == 0 || len > 5 || s[1 + len] != '\0')
		return false;
	for (i = 1; i <= len; i++)
		port = port * 10 + (s[i] - '0');
	return port >= 1 && port <= 65535;
}

/* Copies len bytes in lower case; false: too many, or one that no host name and no address has. */
static bool
copy_host(char host[static HTTPTEXT_NAME], const char *s, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz" DIGITS "-_.:";
	size_t i;

	if (len == 0 || len >= HTTPTEXT_NAME)
		return false;
	for (i = 0; i < len; i++) {
		host[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + ('a' - 'A')) : s[i];
		if (host[i] == '\0' || strchr(allowed, host[i]) == NULL)
			return false;
	}
	host[len] = '\0';
	return true;
}

int
httptext_host(const char *s, char host[static HTTPTEXT_NAME], bool *is_address)
{
	const char *end;
	struct in6_addr in6;
	struct in_addr in;
	size_t len;

	if (*s == '[') {
		end = strchr(s, ']');
		if (end == NULL || !is_port(end + 1) || !copy_host(host, s + 1, (size_t)(end - s - 1)))
			return -1;
		*is_address = true;
		return inet_pton(AF_INET6, host, &in6) == 1 ? 0 : -1;
	}
	len = strcspn(s, ":");
	if (!is_port(s + len) || !copy_host(host, s, len))
		return -1;
	*is_address = inet_pton(AF_INET, host, &in) == 1;
	if (!*is_address && len > 1 && host[len - 1] == '.')
		host[len - 1] = '\0';
	return 0;
}

bool
httptext_is_for_us(const char *s, const char *const *names, size_t n)
{
	char host[HTTPTEXT_NAME];
	bool is_address;
	size_t i;

	if (httptext_host(s, host, &is_address) != 0)
		return false;
	if (is_address || strcmp(host, "localhost") == 0)
		return true;
	for (i = 0; i < n; i++)
		if (strcmp(host, names[i]) == 0)
			return true;
	return false;
}

/* Its characters are those of a reg-name or, in brackets, of an address; what it names is another question. */
bool
httptext_is_host(const char *s)
{
	static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS
	    "-._~!$&'()*+,;=%";
	size_t len;

	if (*s == '[') {
		len = 1 + strspn(s + 1, "ABCDEFabcdef" DIGITS ":.");
		if (len == 1 || s[len] != ']')
			return false;
		len++;
	} else
		len = strspn(s, name);
	return s[len] == '\0' || strcmp(s + len, ":") == 0 || is_port(s + len);
}

bool
httptext_has_word(const char *list, const char *word)
{
	size_t len = strlen(word), one;

	for (;;) {
		list += strspn(list, " \t,");
		if (*list == '\0')
			return false;
		one = strcspn(list, " \t,");
		if (one == len && strncasecmp(list, word, len) == 0)
			return true;
		list += one;
	}
}

/* The weight in thousandths behind a coding: ";q=0.5", or 1000 without any; 0 for what is none. */
static int
weight(const char *s, const char *end)
{
	int q, unit;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s == end)
		return 1000;
	if (*s++ != ';')
		return 0;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (end - s < 3 || (*s != 'q' && *s != 'Q') || s[1] != '=' || (s[2] != '0' && s[2] != '1'))
		return 0;
	q = s[2] == '1' ? 1000 : 0;
	s += 3;
	if (s < end && *s == '.')
		for (s++, unit = 100; s < end && unit > 0 && *s >= '0' && *s <= '9'; s++, unit /= 10)
			q += (*s - '0') * unit;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return s == end && q <= 1000 ? q : 0;
}

bool
httptext_takes_gzip(const char *list)
{
	int gzip = -1, any = -1, plain = 0;
	size_t name, len;

	for (;; list += len) {
		list += strspn(list, " \t,");
		if (*list == '\0')
			break;
		len = strcspn(list, ",");
		name = strcspn(list, " \t,;");
		if ((name == 4 && strncasecmp(list, "gzip", 4) == 0) || (name == 6 && strncasecmp(list, "x-gzip", 6) == 0))
			gzip = weight(list + name, list + len);
		else if (name == 1 && *list == '*')
			any = weight(list + name, list + len);
		else if (name == 8 && strncasecmp(list, "identity", 8) == 0)
			plain = weight(list + name, list + len);
	}
	if (gzip < 0)
		gzip = any;
	return gzip > 0 && gzip >= plain;
}

bool
httptext_has_tag(const char *list, const char *tag)
{
	size_t len = strlen(tag), one;

	for (;;) {
		list += strspn(list, " \t,");
		if (*list == '\0')
			return false;
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		one = strcspn(list, " \t,");
		if ((one == len && memcmp(list, tag, len) == 0) || (one == 1 && *list == '*'))
			return true;
		list += one;
	}
}
