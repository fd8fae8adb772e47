/*
 * What a value that is wrong was meant to be, see guess.h.  A guess is only made where it can be
 * written exactly, and is right for its key.
 */
#include "conf/guess.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define DIGITS 7   /* of a number: with the longest unit it still is no overflow */
#define DECIMALS 3 /* behind its point */

static bool
is_one_of(const char *text, const char *const *words)
{
	while (*words != NULL && strcasecmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

/* ---- durations ---- */

static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "ms", 1 }, { "msec", 1 }, { "msecs", 1 }, { "millisecond", 1 }, { "milliseconds", 1 },
	{ "s", SECOND }, { "sec", SECOND }, { "secs", SECOND }, { "second", SECOND },
	{ "seconds", SECOND }, { "m", MINUTE }, { "min", MINUTE }, { "mins", MINUTE },
	{ "minute", MINUTE }, { "minutes", MINUTE }, { "h", HOUR }, { "hr", HOUR }, { "hrs", HOUR },
	{ "hour", HOUR }, { "hours", HOUR }, { "d", DAY }, { "day", DAY }, { "days", DAY },
	{ "w", 7 * DAY }, { "week", 7 * DAY }, { "weeks", 7 * DAY },
};

static const char *const endless[] = { "off", "no", "none", "never", "false", "unlimited",
	"infinite", "infinity", "forever", NULL };

/* The digits at *s, which is moved behind them, and how many they are. */
static int64_t
read_digits(const char **s, size_t *n)
{
	int64_t value = 0;

	for (*n = 0; isdigit((unsigned char)**s) && *n <= DIGITS; (*s)++, (*n)++)
		value = value * 10 + (**s - '0');
	return value;
}

/* A number with decimals perhaps, in thousandths; -1: none, or one that is too long. */
static int64_t
read_thousandths(const char **s)
{
	size_t whole, decimals = 0;
	int64_t n = read_digits(s, &whole), part = 0;

	if (whole == 0 || whole > DIGITS)
		return -1;
	if ((**s == '.' || **s == ',') && isdigit((unsigned char)(*s)[1])) {
		(*s)++;
		part = read_digits(s, &decimals);
	}
	if (decimals > DECIMALS)
		return -1;
	for (; decimals < DECIMALS; decimals++)
		part *= 10;
	return n * 1000 + part;
}

static void
skip_space(const char **s)
{
	while (**s == ' ' || **s == '\t')
		(*s)++;
}

/* The unit in letters at *s, in ms; 0: none. */
static int64_t
read_unit(const char **s)
{
	size_t n = 0, i;

	while (isalpha((unsigned char)(*s)[n]))
		n++;
	for (i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strlen(units[i].name) == n && strncasecmp(units[i].name, *s, n) == 0) {
			*s += n;
			return units[i].ms;
		}
	return 0;
}

/* Numbers with their units, in any order and with spaces; -1: something else, or no whole ms. */
static int64_t
read_loosely(const char *s)
{
	int64_t sum = 0, n, unit;

	do {
		skip_space(&s);
		n = read_thousandths(&s);
		skip_space(&s);
		unit = n >= 0 ? read_unit(&s) : 0;
		if (unit == 0 || n * unit % 1000 != 0)
			return -1;
		sum += n * unit / 1000;
		skip_space(&s);
	} while (*s != '\0' && sum <= 10000 * DAY);
	return *s == '\0' ? sum : -1;
}

static bool
is_for(const struct conf_key *key, int64_t ms)
{
	return (ms >= key->min && ms <= key->max) || (key->off && ms == 0);
}

/* As it is to be written, with as many units as it takes. */
static const char *
exactly(char dst[static CONF_GUESS], int64_t ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} each[] = { { "d", DAY }, { "h", HOUR }, { "m", MINUTE }, { "s", SECOND }, { "ms", 1 } };
	size_t i, used = 0;

	snprintf(dst, CONF_GUESS, "0");
	for (i = 0; i < sizeof each / sizeof each[0]; ms %= each[i].ms, i++)
		if (ms >= each[i].ms)
			used += (size_t)snprintf(dst + used, CONF_GUESS - used, "%lld%s",
			    (long long)(ms / each[i].ms), each[i].name);
	return dst;
}

/* A number without a unit: of seconds mostly, else of ms. */
static const char *
guess_unit(char dst[static CONF_GUESS], const char *text, const struct conf_key *key)
{
	char other[CONF_GUESS], alone[32];
	size_t digits;
	int64_t n = read_digits(&text, &digits);

	if (digits == 0 || *text != '\0')
		return NULL;
	if (!is_for(key, n * SECOND)) {
		snprintf(dst, CONF_GUESS, "%lldms", (long long)n);
		return is_for(key, n) ? dst : NULL;
	}
	snprintf(alone, sizeof alone, "%llds", (long long)n);
	if (n < 60 || n % 30 != 0)
		snprintf(dst, CONF_GUESS, "%s", alone);
	else
		snprintf(dst, CONF_GUESS, "%s or %.40s", alone, exactly(other, n * SECOND));
	return dst;
}

const char *
conf_guess_duration(char dst[static CONF_GUESS], const char *text, const struct conf_key *key)
{
	int64_t ms = read_loosely(text);

	if (is_one_of(text, endless) && is_for(key, 0))
		return "0";
	if (ms < 0)
		return guess_unit(dst, text, key);
	return is_for(key, ms) ? exactly(dst, ms) : NULL;
}

bool
conf_is_foreign_duration(const char *text)
{
	return read_loosely(text) >= 0;
}

/* ---- addresses ---- */

static bool
is_address(int family, const char *text)
{
	unsigned char address[16];

	return inet_pton(family, text, address) == 1;
}

/* A port, or "PORT" where it is none. */
static const char *
port_of(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= 5 && text[n] == '\0' && atoi(text) <= 65535 ? text : "PORT";
}

const char *
conf_guess_listen(char dst[static CONF_GUESS], const char *text)
{
	static const char *const everywhere[] = { "", "*", "[*]", "any", "all", NULL };
	const char *colon = strrchr(text, ':'), *port = port_of(colon != NULL ? colon + 1 : text);
	char host[INET6_ADDRSTRLEN + 1];

	if (is_address(AF_INET, text)) {
		snprintf(dst, CONF_GUESS, "a port behind the address, as %s:2217", text);
		return dst;
	}
	snprintf(host, sizeof host, "%.*s", colon != NULL ? (int)(colon - text) : 0, text);
	if (colon != NULL && is_one_of(host, everywhere)) {
		snprintf(dst, CONF_GUESS,
		    "an address: all addresses are 0.0.0.0:%s and [::]:%s", port, port);
		return dst;
	}
	if (is_address(AF_INET6, host) || is_address(AF_INET6, text)) {
		snprintf(dst, CONF_GUESS, "brackets around the address, as [%s]:%s",
		    is_address(AF_INET6, host) ? host : text,
		    is_address(AF_INET6, host) ? port : "2217");
		return dst;
	}
	if (colon != NULL && strcmp(port, "PORT") != 0 && isalpha((unsigned char)host[0]))
		return "an address: names are not looked up; a port alone is localhost";
	return "PORT, ADDRESS:PORT or [V6-ADDRESS]:PORT, with a port from 0 to 65535";
}

/* The length that a netmask as 255.255.255.0 stands for; -1: it is none. */
static int
length_of_mask(const char *text)
{
	struct in_addr mask;
	uint32_t bits;
	int n = 0;

	if (inet_pton(AF_INET, text, &mask) != 1)
		return -1;
	for (bits = ntohl(mask.s_addr); (bits & 0x80000000) != 0; bits <<= 1)
		n++;
	return bits == 0 ? n : -1;
}

static int
read_length(const char *text, int most)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= 3 && text[n] == '\0' && atoi(text) <= most ? atoi(text) : -1;
}

/* "192.0.2.0/24 (or 192.0.2.7)" for 192.0.2.7/24. */
static const char *
guess_prefix(char dst[static CONF_GUESS], const char *host, const char *length)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	int family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET, most = family == AF_INET ? 32 : 128;
	char prefix[INET6_ADDRSTRLEN];
	unsigned char address[16];
	int n = read_length(length, most), i, bits;

	if (n < 0 && family == AF_INET)
		n = length_of_mask(length);
	if (n < 0 || inet_pton(family, host, address) != 1 ||
	    (family == AF_INET6 && memcmp(address, mapped, sizeof mapped) == 0))
		return NULL;
	for (i = 0; i < most / 8; i++) {
		bits = n - 8 * i;
		address[i] &= (unsigned char)(bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << (8 - bits));
	}
	inet_ntop(family, address, prefix, sizeof prefix);
	if (strcmp(prefix, host) == 0)
		snprintf(dst, CONF_GUESS, "%s/%d", prefix, n);
	else
		snprintf(dst, CONF_GUESS, "%s/%d (or %s)", prefix, n, host);
	return dst;
}

const char *
conf_guess_allow(char dst[static CONF_GUESS], const char *text)
{
	static const char *const any[] = { "*", "all", "any", "everybody", "everyone", "world", NULL };
	static const char *const loopback[] = { "localhost", "loopback", "local", "lo", NULL };
	const char *slash = strchr(text, '/');
	char host[INET6_ADDRSTRLEN];

	if (is_one_of(text, any))
		return "\"any\"";
	if (is_one_of(text, loopback))
		return "\"loopback\"";
	if (slash == NULL || slash - text >= INET6_ADDRSTRLEN)
		return NULL;
	snprintf(host, sizeof host, "%.*s", (int)(slash - text), text);
	return guess_prefix(dst, host, slash + 1);
}
