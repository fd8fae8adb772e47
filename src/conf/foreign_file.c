/*
 * Whose configuration a text is, see foreign.h: what each of its lines looks like.
 */
#include "conf/foreign.h"

#include <ctype.h>
#include <string.h>

struct span {
	const char *at, *end;
};

static size_t
length(struct span s)
{
	return (size_t)(s.end - s.at);
}

/* Without white space round it. */
static struct span
trimmed(struct span s)
{
	while (s.at < s.end && isspace((unsigned char)*s.at))
		s.at++;
	while (s.at < s.end && isspace((unsigned char)s.end[-1]))
		s.end--;
	return s;
}

static int
begins(struct span s, const char *what)
{
	return length(s) >= strlen(what) && memcmp(s.at, what, strlen(what)) == 0;
}

static int
is(struct span s, const char *what)
{
	return length(s) == strlen(what) && begins(s, what);
}

/* What stands before the next of two characters, which s is moved behind; all of it where there is none. */
static struct span
cut(struct span *s, char a, char b)
{
	struct span first = { s->at, s->at };

	while (first.end < s->end && *first.end != a && *first.end != b)
		first.end++;
	s->at = first.end < s->end ? first.end + 1 : s->end;
	return first;
}

/* YAML, as of version 4. */
static int
is_ser2net_yaml(struct span line, struct span text)
{
	return (line.at == text.at && (begins(line, "%YAML") || begins(line, "connection:"))) ||
	    begins(text, "accepter:") || begins(text, "connector:");
}

/* [HOST,]PORT:STATE:TIMEOUT:DEVICE..., as up to version 3. */
static int
is_ser2net_line(struct span text)
{
	static const char *const states[] = { "raw", "rawlp", "telnet", "off", NULL };
	struct span port = cut(&text, ':', ':'), state = cut(&text, ':', ':'),
	    timeout = cut(&text, ':', ':');
	size_t i;

	if (length(port) == 0 || length(timeout) == 0 || length(text) == 0)
		return 0;
	if (!isdigit((unsigned char)port.end[-1]) || !isdigit((unsigned char)*timeout.at))
		return 0;
	for (i = 0; states[i] != NULL && !is(state, states[i]); i++)
		;
	return states[i] != NULL;
}

/* KEYWORD NAME { */
static int
begins_in_conserver(struct span text)
{
	static const char *const words[] = { "access", "break", "config", "console", "default", "group",
		"task", NULL };
	struct span word = cut(&text, ' ', '\t'), rest = trimmed(text), name = cut(&rest, ' ', '{');
	size_t i;

	if (length(name) == 0 || memchr(text.at, '{', length(text)) == NULL)
		return 0;
	for (i = 0; words[i] != NULL && !is(word, words[i]); i++)
		;
	return words[i] != NULL;
}

/* WORD VALUE; which we write with "=" and without ";". */
static int
ends_in_conserver(struct span text)
{
	return memchr(text.at, ';', length(text)) != NULL && memchr(text.at, '=', length(text)) == NULL;
}

const char *
conf_foreign_file(const char *text, size_t n, int *line)
{
	struct span all = { text, text + n }, one, words;
	int number, conserver = 0, ends = 0;

	for (number = 1; all.at < all.end; number++) {
		one = cut(&all, '\n', '\n');
		words = trimmed(one);
		if (length(words) == 0 || *words.at == '#')
			continue;
		*line = number;
		if (is_ser2net_yaml(one, words) || is_ser2net_line(words))
			return "ser2net";
		if (conserver == 0 && begins_in_conserver(words))
			conserver = number;
		ends |= ends_in_conserver(words);
	}
	*line = conserver;
	return conserver != 0 && ends ? "conserver" : NULL;
}
