/*
 * A look at the text before libconfuse 3.3 reads it.  The library counts the lines of comments
 * twice, takes a key given twice or a section that is never closed without a word, expands
 * ${VAR}, drops characters it does not know, lets a quoted key name another section
 * ("line=a|speed"), and turns \0 in a text into its end.  Here the first is blanked and the rest
 * is an error with its line.
 */
#include "conf/scan.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "conf/guess.h"
#include "conf/marks.h"

#define DEPTH_MAX 4 /* line, number, a list in it, and one for a good message */
#define SEEN_MAX 64 /* more keys than that cannot all be known ones */

enum token { NOTHING, WORD, TEXT, EQUALS, BRACE, COMMA };

/* An open brace and the keys seen in it; the outermost is the file. */
struct level {
	int line;
	bool list;
	bool may_be_empty;
	size_t section; /* the index of the one it is, or is in */
	size_t n;
	struct seen {
		const char *key;
		size_t len;
		int line;
	} seen[SEEN_MAX];
};

struct scan {
	struct conf_messages *messages;
	struct conf_sections *sections;
	char *begin, *at, *end;
	int line;
	enum token last;
	const char *word; /* the last WORD */
	size_t word_len;
	bool value;         /* it is one: it stands behind a "=" */
	const char *key;    /* what stands before that */
	size_t key_len;
	const char *before; /* the WORD right before that, if it is no value; else NULL */
	size_t before_len;
	int word_line; /* of a section: where its keyword stands */
	int depth;
	bool closed_section; /* by a BRACE that is the last token */
	struct level levels[DEPTH_MAX + 1];
};

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("_./:@%~-", c) != NULL);
}

static bool
is_the_word(const char *word, size_t len, const char *what)
{
	return len == strlen(what) && memcmp(word, what, len) == 0;
}

static bool
starts(const struct scan *s, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(s->end - s->at) >= n && memcmp(s->at, what, n) == 0;
}

static void
blank_line(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n')
		*s->at++ = ' ';
}

static bool
blank_comment(struct scan *s)
{
	int opened = s->line;

	for (s->at[0] = s->at[1] = ' '; !starts(s, "*/"); s->at++) {
		if (s->at == s->end) {
			conf_error(s->messages, opened,
			    "a comment that does not end; expected \"*/\"");
			return false;
		}
		if (*s->at == '\n')
			s->line++;
		else
			*s->at = ' ';
	}
	s->at[0] = s->at[1] = ' ';
	s->at += 2;
	return true;
}

/* What is wrong with the character at s->at of a quoted text, or NULL. */
static const char *
bad_in_text(const struct scan *s, char quote)
{
	if (starts(s, "${"))
		return "\"${\" in a text; expected the value itself";
	if (*s->at == '\n')
		return "a text that does not end on its line; expected a closing quote";
	if ((unsigned char)*s->at < ' ' || *s->at == 0x7f)
		return "a control character in a text; expected printable characters";
	if (*s->at == '\\' && quote == '"' && !starts(s, "\\\\") && !starts(s, "\\\""))
		return "a single backslash in a text; expected \"\\\\\" for a backslash, or single "
		       "quotes around the text";
	return NULL;
}

/* A text that does not end may do so for whoever wrote it, by a quote that is none. */
static const char *
said_of(const struct scan *s, const char *begin, const char *bad)
{
	const char *said = conf_typographic(begin, (size_t)(s->at - begin));

	return said != NULL ? said : bad;
}

static bool
skip_text(struct scan *s)
{
	char quote = *s->at, *begin = s->at++;
	const char *bad = NULL;

	while (s->at < s->end && *s->at != quote && bad == NULL) {
		bad = bad_in_text(s, quote);
		if (*s->at == '\\' && s->at + 1 < s->end && (s->at[1] == '\\' || s->at[1] == quote))
			s->at++;
		s->at++;
	}
	if (bad == NULL && s->at >= s->end)
		bad = "a text that does not end; expected a closing quote";
	if (bad == NULL && s->at - begin > CONF_TEXT_MAX + 1)
		bad = "a text that is too long; expected at most 1023 bytes";
	if (bad != NULL) {
		conf_error(s->messages, s->line, "%s", said_of(s, begin, bad));
		return false;
	}
	s->at++;
	s->last = TEXT;
	return true;
}

/* What the line holds from the value that is the last word on, if that is one duration in several words. */
static bool
is_split_duration(const struct scan *s, char text[static CONF_GUESS])
{
	size_t room = (size_t)(s->end - s->word), n = 0;

	while (n < room && n < CONF_GUESS - 1 && strchr("\r\n#}/=\"'", s->word[n]) == NULL)
		n++;
	for (; n > s->word_len; n--) {
		if (!is_word(s->word[n - 1]) || (n < room && is_word(s->word[n])))
			continue; /* no end of a word */
		memcpy(text, s->word, n);
		text[n] = '\0';
		if (conf_is_foreign_duration(text))
			return true;
	}
	return false;
}

/* "inactivity = 5 m": the m would be taken for a key. */
static bool
is_in_one_word(struct scan *s)
{
	char text[CONF_GUESS], shown[2 * CONF_GUESS], guess[CONF_GUESS], name[CONF_NAME_MAX + 1];
	const struct conf_key *key;

	if (s->last != WORD || !s->value || s->word_line != s->line || s->key_len >= sizeof name)
		return true;
	memcpy(name, s->key, s->key_len);
	name[s->key_len] = '\0';
	key = conf_duration_key(name);
	if (key == NULL || !is_split_duration(s, text) ||
	    conf_guess_duration(guess, text, key) == NULL)
		return true;
	conf_error(s->messages, s->line, "%s = %s; expected a duration in one word; did you mean %s?",
	    name, text_vis(shown, sizeof shown, text, strlen(text)), guess);
	return false;
}

/* There is no key of this name, and as libconfuse has none either, its value may be anything. */
static bool
is_include(const struct scan *s)
{
	return !s->value && s->before == NULL && !s->levels[s->depth].list &&
	    (is_the_word(s->word, s->word_len, "include") ||
	    is_the_word(s->word, s->word_len, "includedir"));
}

static bool
skip_word(struct scan *s)
{
	if (!is_in_one_word(s))
		return false;
	s->before = s->last == WORD && !s->value ? s->word : NULL;
	s->before_len = s->word_len;
	s->value = s->last == EQUALS;
	s->word = s->at;
	s->word_line = s->line;
	while (s->at < s->end && is_word(*s->at))
		s->at++;
	s->word_len = (size_t)(s->at - s->word);
	s->last = WORD;
	if (is_include(s)) {
		conf_error(s->messages, s->line,
		    "there is no include yet: the whole configuration stands in one file");
		return false;
	}
	if (s->word_len <= CONF_TEXT_MAX)
		return true;
	conf_error(s->messages, s->line, "a word that is too long; expected at most 1023 bytes");
	return false;
}

/* Notes the last word: it is not given yet in this section. */
static bool
take_once(struct scan *s)
{
	struct level *level = &s->levels[s->depth];
	size_t i;

	for (i = 0; i < level->n; i++) {
		if (level->seen[i].len != s->word_len ||
		    memcmp(level->seen[i].key, s->word, s->word_len) != 0)
			continue;
		conf_error(s->messages, s->word_line,
		    "%.*s is given twice, first at line %d; expected it once", (int)s->word_len,
		    s->word, level->seen[i].line);
		return false;
	}
	if (level->n < SEEN_MAX)
		level->seen[level->n++] = (struct seen){ s->word, s->word_len, s->word_line };
	return true;
}

/* The key before a "=", unquoted. */
static bool
take_key(struct scan *s)
{
	if (s->last == TEXT) {
		conf_error(s->messages, s->line, "a key in quotes; expected it without");
		return false;
	}
	if (s->last != WORD) {
		conf_error(s->messages, s->line, "\"=\" without a key; expected KEY = VALUE");
		return false;
	}
	s->last = EQUALS;
	s->key = s->word;
	s->key_len = s->word_len;
	return take_once(s);
}

/* The keyword of a section stands before its title, which may be a WORD itself. */
static enum conf_section_kind
kind_of_section(const struct scan *s)
{
	bool title = s->last == WORD && s->before != NULL;
	const char *word = title ? s->before : s->word;
	size_t len = title ? s->before_len : s->word_len;

	return is_the_word(word, len, "service") ? CONF_SECTION_SERVICE :
	    is_the_word(word, len, "status") ? CONF_SECTION_STATUS : CONF_SECTION_LINE;
}

/* A word or text stands between the keyword and the brace. */
static bool
has_title(const struct scan *s)
{
	return s->last == TEXT || (s->last == WORD && s->before != NULL);
}

/* false: it has no title in any file, and one here or is there already. */
static bool
begin_section(struct scan *s)
{
	struct conf_section *section = &s->sections->at[s->sections->n++];

	section->begin = s->word_line;
	section->kind = kind_of_section(s);
	section->empty = 0;
	if (section->kind != CONF_SECTION_STATUS)
		return true;
	if (!has_title(s))
		return take_once(s);
	conf_error(s->messages, s->line, "status has no name; expected status { ... }");
	return false;
}

static bool
open_brace(struct scan *s)
{
	struct level *level;
	bool list = s->last == EQUALS;

	if (s->depth == DEPTH_MAX) {
		conf_error(s->messages, s->line,
		    "too many braces inside each other; expected \"}\"");
		return false;
	}
	if (!list && s->sections->n == CONF_SECTIONS_MAX) {
		conf_error(s->messages, s->line, "too many sections; expected at most %d",
		    CONF_SECTIONS_MAX);
		return false;
	}
	if (!list && !begin_section(s))
		return false;
	level = &s->levels[++s->depth];
	level->list = list;
	level->line = list ? s->line : s->word_line;
	level->n = 0;
	level->may_be_empty = list && is_the_word(s->word, s->word_len, "init");
	level->section = list ? s->levels[s->depth - 1].section : s->sections->n - 1;
	s->last = BRACE;
	s->closed_section = false;
	return true;
}

static bool
close_brace(struct scan *s)
{
	struct level *level = &s->levels[s->depth];

	if (s->depth == 0) {
		conf_error(s->messages, s->line,
		    "\"}\" without an open brace; expected a key or a section");
		return false;
	}
	if (level->list && s->last == BRACE && !level->may_be_empty) {
		conf_error(s->messages, s->line, "an empty list; expected at least one value");
		return false;
	}
	if (level->list && s->last == BRACE && s->depth > 1)
		s->sections->at[level->section].empty = level->line;
	s->depth--;
	s->last = BRACE;
	s->closed_section = !level->list;
	return true;
}

static bool
is_first_on_line(const struct scan *s)
{
	const char *c = s->at;

	while (c > s->begin && (c[-1] == ' ' || c[-1] == '\t'))
		c--;
	return c == s->begin || c[-1] == '\n';
}

static bool
bad_character(struct scan *s)
{
	enum conf_mark_place place = s->last == EQUALS ? CONF_MARK_AS_VALUE :
	    s->levels[s->depth].list ? CONF_MARK_IN_LIST :
	    s->last == BRACE && s->closed_section ? CONF_MARK_BEHIND_SECTION :
	    is_first_on_line(s) ? CONF_MARK_FIRST : CONF_MARK_ELSEWHERE;
	char said[CONF_MARK];

	conf_error(s->messages, s->line, "%s",
	    conf_mark(said, s->at, (size_t)(s->end - s->at), place));
	return false;
}

/* Punctuation, each one character. */
static bool
take_mark(struct scan *s)
{
	bool ok;

	switch (*s->at) {
	case '{':
		ok = open_brace(s);
		break;
	case '}':
		ok = close_brace(s);
		break;
	case '=':
		ok = take_key(s);
		break;
	case ',':
		s->last = COMMA;
		ok = true;
		break;
	default:
		ok = bad_character(s);
	}
	s->at++;
	return ok;
}

static bool
take_token(struct scan *s)
{
	char c = *s->at;

	if (c == '\n' || c == ' ' || c == '\t' || c == '\r') {
		s->line += c == '\n';
		if (c == '\r')
			*s->at = ' ';
		s->at++;
		return true;
	}
	if (c == '#' || starts(s, "//")) {
		blank_line(s);
		return true;
	}
	if (starts(s, "/*"))
		return blank_comment(s);
	if (c == '"' || c == '\'')
		return skip_text(s);
	return is_word(c) ? skip_word(s) : take_mark(s);
}

/* Editors of other systems put it first. */
static void
blank_byte_order_mark(char *text, size_t n)
{
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		memset(text, ' ', 3);
}

static bool
no_utf16(struct conf_messages *m, const char *text, size_t n)
{
	if (n < 2 || (memcmp(text, "\xff\xfe", 2) != 0 && memcmp(text, "\xfe\xff", 2) != 0))
		return true;
	conf_error(m, 1, "a text in UTF-16; expected UTF-8");
	return false;
}

/* NUL would end the text for libconfuse wherever it is, also in a comment. */
static bool
no_nul(struct conf_messages *m, const char *text, size_t n)
{
	const char *nul = memchr(text, '\0', n), *p;
	int line = 1;

	if (nul == NULL)
		return true;
	for (p = text; p < nul; p++)
		line += *p == '\n';
	conf_error(m, line, "a NUL byte; expected text");
	return false;
}

bool
conf_scan(struct conf_messages *m, char *text, size_t n, struct conf_sections *sections)
{
	struct scan s;

	if (!no_utf16(m, text, n) || !no_nul(m, text, n))
		return false;
	blank_byte_order_mark(text, n);
	memset(&s, 0, sizeof s);
	s.messages = m;
	s.sections = sections;
	sections->n = 0;
	s.begin = s.at = text;
	s.end = text + n;
	s.line = 1;
	while (s.at < s.end)
		if (!take_token(&s))
			return false;
	if (s.depth == 0)
		return true;
	conf_error(m, s.levels[s.depth].line, "a %s that does not end; expected \"}\"",
	    s.levels[s.depth].list ? "list" : "section");
	return false;
}
