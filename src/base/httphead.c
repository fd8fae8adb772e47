/*
 * The head of an HTTP/1 request, see httphead.h.
 */
#include "base/httphead.h"

#include <string.h>
#include <strings.h>

#include "base/httptext.h"

struct part {
	const char *at;
	size_t n;
};

/* What must be known of all fields before the request can be judged. */
struct fields {
	unsigned hosts, lengths, codings;
	struct part host, length, coding;
	char connection[HTTPHEAD_LIST];
};

/* ---- characters ---- */

static bool
is_token(struct part p)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	size_t i;

	for (i = 0; i < p.n; i++) {
		char c = p.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return p.n > 0;
}

/* Nothing below a space but a tab, and no DEL; beyond ASCII is obs-text. */
static bool
is_text(struct part p)
{
	size_t i;

	for (i = 0; i < p.n; i++)
		if (((unsigned char)p.at[i] < ' ' && p.at[i] != '\t') || p.at[i] == 0x7f)
			return false;
	return true;
}

static bool
is_target(struct part p)
{
	size_t i;

	for (i = 0; i < p.n; i++)
		if (p.at[i] <= ' ' || p.at[i] >= 0x7f)
			return false;
	return p.n > 0;
}

static bool
is(struct part p, const char *word)
{
	return p.n == strlen(word) && strncasecmp(p.at, word, p.n) == 0;
}

static struct part
trimmed(struct part p)
{
	for (; p.n > 0 && (*p.at == ' ' || *p.at == '\t'); p.at++)
		p.n--;
	while (p.n > 0 && (p.at[p.n - 1] == ' ' || p.at[p.n - 1] == '\t'))
		p.n--;
	return p;
}

/* Takes a line off the front; its end is CR LF, or LF alone.  A CR elsewhere is left in it, and is no text. */
static struct part
take_line(struct part *rest)
{
	const char *end = memchr(rest->at, '\n', rest->n);
	struct part line = { rest->at, end == NULL ? rest->n : (size_t)(end - rest->at) };

	rest->at += line.n + (end != NULL);
	rest->n -= line.n + (end != NULL);
	if (line.n > 0 && line.at[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* Copies what fits whole. */
static bool
copy(char *dst, size_t room, struct part p)
{
	if (p.n >= room)
		return false;
	memcpy(dst, p.at, p.n);
	dst[p.n] = '\0';
	return true;
}

/* Adds to a list what fits; one that is too long is none. */
static void
add_to_list(char list[static HTTPHEAD_LIST], struct part p)
{
	size_t n = strlen(list);

	if (n + 2 + p.n >= HTTPHEAD_LIST) {
		list[0] = '\0';
		return;
	}
	if (n > 0) {
		list[n++] = ',';
		list[n++] = ' ';
	}
	memcpy(list + n, p.at, p.n);
	list[n + p.n] = '\0';
}

/* ---- the first line ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 0, or the status: one digit, a dot, one digit, and nothing else is a version. */
static int
read_version(struct part p, bool *is_1_0)
{
	if (p.n != 8 || memcmp(p.at, "HTTP/", 5) != 0 || !is_digit(p.at[5]) || p.at[6] != '.' ||
	    !is_digit(p.at[7]))
		return 400;
	*is_1_0 = p.at[7] == '0';
	return p.at[5] != '1' || p.at[7] > '1' ? 505 : 0;
}

/* Path and query, of what begins with "/". */
static void
read_path(struct part p, struct httphead *h)
{
	struct part path = p, query;

	while (path.n > 0 && memchr("?#", path.at[0], 2) == NULL) {
		path.at++;
		path.n--;
	}
	query = path;
	path = (struct part){ p.at, p.n - query.n };
	if (!copy(h->path, sizeof h->path, path))
		h->path[0] = '\0';
	if (query.n > 0) {
		query.at++;
		query.n--;
	}
	if (!copy(h->query, sizeof h->query, query))
		h->query[0] = '\0';
}

static int
read_target(struct part p, struct httphead *h)
{
	static const char scheme[] = "http://";
	static const struct part root = { "/", 1 };
	const size_t len = sizeof scheme - 1;
	struct part host;

	if (*p.at == '/') {
		read_path(p, h);
		return 0;
	}
	if (p.n <= len || strncasecmp(p.at, scheme, len) != 0)
		return p.n > 8 && strncasecmp(p.at, "https://", 8) == 0 ? 421 : 400;
	p.at += len;
	p.n -= len;
	host = p;
	for (host.n = 0; host.n < p.n && memchr("/?#", p.at[host.n], 3) == NULL;)
		host.n++;
	if (host.n == 0 || memchr(host.at, '@', host.n) != NULL || !copy(h->host, sizeof h->host, host))
		return 400;
	p.at += host.n;
	p.n -= host.n;
	read_path(p.n > 0 && *p.at == '/' ? p : root, h);
	return 0;
}

static int
read_first_line(struct part line, struct httphead *h, bool *is_1_0)
{
	const char *space = memchr(line.at, ' ', line.n), *last = memrchr(line.at, ' ', line.n);
	struct part method, target, version;
	int status;

	if (space == last) /* none, or one: a request of HTTP/0.9 */
		return 400;
	method = (struct part){ line.at, (size_t)(space - line.at) };
	target = (struct part){ space + 1, (size_t)(last - space) - 1 };
	version = (struct part){ last + 1, line.n - (size_t)(last - line.at) - 1 };
	if (!is_token(method) || !is_target(target))
		return 400;
	status = read_version(version, is_1_0);
	if (status != 0)
		return status;
	/* Methods are told apart by case; all others are known to be not for any page. */
	h->head = method.n == 4 && memcmp(method.at, "HEAD", 4) == 0;
	if (!h->head && !(method.n == 3 && memcmp(method.at, "GET", 3) == 0))
		return 405;
	return read_target(target, h);
}

/* ---- the fields ---- */

static bool
read_field(struct part line, struct fields *f, struct httphead *h)
{
	const char *colon = memchr(line.at, ':', line.n);
	struct part name = { line.at, colon == NULL ? 0 : (size_t)(colon - line.at) }, value;

	if (!is_token(name)) /* a space before the colon, or a folded line, is none either */
		return false;
	value = trimmed((struct part){ colon + 1, line.n - name.n - 1 });
	if (!is_text(value))
		return false;
	if (is(name, "Host")) {
		f->hosts++;
		f->host = value;
	} else if (is(name, "Content-Length")) {
		f->lengths++;
		f->length = value;
	} else if (is(name, "Transfer-Encoding")) {
		f->codings++;
		f->coding = value;
	} else if (is(name, "Connection"))
		add_to_list(f->connection, value);
	else if (is(name, "Accept-Encoding"))
		add_to_list(h->accept_encoding, value);
	else if (is(name, "If-None-Match"))
		add_to_list(h->if_none_match, value);
	return true;
}

/* With a GET nobody needs to send anything, and nothing is taken.  RFC 9112, 6.1 and 6.3: what is not
 * sure to end where we think it does is refused as such. */
static int
look_at_body(const struct fields *f, bool is_1_0)
{
	size_t i;

	if (f->codings > 0) {
		if (f->lengths > 0 || f->codings > 1 || is_1_0)
			return 400;
		return is(f->coding, "chunked") ? 413 : 501;
	}
	if (f->lengths == 0)
		return 0;
	if (f->lengths > 1 || f->length.n == 0)
		return 400;
	for (i = 0; i < f->length.n; i++)
		if (!is_digit(f->length.at[i]))
			return 400;
	return is(f->length, "0") ? 0 : 413;
}

/* RFC 9112, 3.2.2: a host in the first line counts, whatever Host says; but that is looked at, too. */
static int
look_at_host(const struct fields *f, struct httphead *h, bool is_1_0)
{
	char host[HTTPHEAD_HOST] = "";

	if (f->hosts > 1 || (f->hosts == 0 && !is_1_0))
		return 400;
	if (f->hosts == 1 && (!copy(host, sizeof host, f->host) || !httptext_is_host(host)))
		return 400;
	h->named = f->hosts == 1 || h->host[0] != '\0';
	if (h->host[0] == '\0')
		strcpy(h->host, host);
	return httptext_is_host(h->host) ? 0 : 400;
}

/* ---- all ---- */

size_t
httphead_length(const char *s, size_t n, size_t *seen)
{
	size_t i = *seen, begin = 0;

	while (begin < n && (s[begin] == '\r' || s[begin] == '\n'))
		begin++;
	if (i < begin)
		i = begin;
	for (; i < n; i++)
		if (s[i] == '\n' && i > begin &&
		    (s[i - 1] == '\n' || (s[i - 1] == '\r' && i > begin + 1 && s[i - 2] == '\n')))
			return i + 1;
	*seen = n;
	return 0;
}

int
httphead_read(const char *s, size_t n, struct httphead *h)
{
	struct part rest = { s, n }, line = { s, 0 };
	struct fields f = { .hosts = 0 };
	bool is_1_0 = false;
	int status;

	memset(h, 0, sizeof *h);
	while (rest.n > 0 && line.n == 0) /* RFC 9112, 2.2: empty lines before a request are nothing */
		line = take_line(&rest);
	status = read_first_line(line, h, &is_1_0);
	while (rest.n > 0 && (line = take_line(&rest)).n > 0)
		if (!read_field(line, &f, h))
			return 400;
	if (status == 0)
		status = look_at_host(&f, h, is_1_0);
	if (status == 0)
		status = look_at_body(&f, is_1_0);
	h->close = is_1_0 || httptext_has_word(f.connection, "close");
	return status;
}
