/*
 * The snapshot as text, see show.h: everything.
 */
#include "views/show.h"

#include <string.h>

#include "views/show_parts.h"

static long long
number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static void
fact(FILE *f, const char *what)
{
	fprintf(f, "  %-9s ", what);
}

static void
put_call(FILE *f, const json_t *owner)
{
	char d[TEXT_DURATION];

	if (*show_text(owner, "call") == '\0' && *show_text(owner, "result") == '\0')
		return;
	fact(f, "call");
	fputs(*show_text(owner, "call") == '\0' ? "none" : show_text(owner, "call"), f);
	if (show_ms(owner, "call-for") >= 0)
		fprintf(f, " for %s", show_duration(d, owner, "call-for"));
	if (*show_text(owner, "number") != '\0')
		fprintf(f, ", %s", show_text(owner, "number"));
	if (*show_text(owner, "result") != '\0')
		fprintf(f, ", %s", show_text(owner, "result"));
	putc('\n', f);
}

static void
put_owner(FILE *f, const json_t *owner)
{
	char held[TEXT_DURATION], idle[TEXT_DURATION], d[TEXT_DURATION];

	fact(f, "owner");
	fprintf(f, "%s through %s for %s, idle %s\n", show_who(owner), show_text(owner, "service"),
	    show_duration(held, owner, "held"), show_duration(idle, owner, "idle"));
	put_call(f, owner);
	fact(f, "free");
	if (show_ms(owner, "free-latest") >= 0)
		fprintf(f, "in %s at the latest", show_duration_up(d, owner, "free-latest"));
	else
		fputs("no limit", f);
	if (show_ms(owner, "free-if-idle") >= 0)
		fprintf(f, "; in %s if it stays idle", show_duration_up(d, owner, "free-if-idle"));
	fputs(json_is_true(json_object_get(owner, "contended")) ? "; somebody waits\n" : "\n", f);
	fact(f, "bytes");
	fprintf(f, "%lld from the client, %lld to it\n", number(owner, "from-client"),
	    number(owner, "to-client"));
}

static void
put_lamps(FILE *f, const json_t *lamps)
{
	static const struct {
		const char *key, *word;
	} all[] = { { "dtr", "DTR" }, { "rts", "RTS" }, { "cts", "CTS" }, { "dsr", "DSR" },
		{ "dcd", "DCD" }, { "ri", "RI" } };
	const char *gap = "";
	size_t i;

	if (!json_is_object(lamps))
		return;
	fact(f, "on");
	for (i = 0; i < sizeof all / sizeof *all; i++)
		if (json_is_true(json_object_get(lamps, all[i].key))) {
			fprintf(f, "%s%s", gap, all[i].word);
			gap = " ";
		}
	fputs(*gap == '\0' ? "-\n" : "\n", f);
}

static void
put_line(FILE *f, const json_t *status, const json_t *line)
{
	fprintf(f, "%s: ", show_text(line, "name"));
	show_line(f, status, line);
	putc('\n', f);
	fact(f, "device");
	fprintf(f, "%s, %s", show_text(line, "device"), show_text(line, "kind"));
	if (*show_text(line, "settings") != '\0')
		fprintf(f, ", %s", show_text(line, "settings"));
	putc('\n', f);
	if (show_owner(line) != NULL)
		put_owner(f, show_owner(line));
	put_lamps(f, json_object_get(line, "lamps"));
	fact(f, "in all");
	fprintf(f,
	    "%lld claims, %lld refusals, %lld cuts, %lld failures; "
	    "%lld bytes from clients, %lld to them\n",
	    number(line, "claims"), number(line, "refusals"), number(line, "cuts"),
	    number(line, "failures"), number(line, "from-clients"), number(line, "to-clients"));
}

static void
put_waiter(FILE *f, const json_t *w)
{
	char d[TEXT_DURATION];

	fact(f, json_is_true(json_object_get(w, "held")) ? "held" : "waiting");
	fprintf(f, "%lld: %s for %s\n", number(w, "place"), show_who(w),
	    show_duration(d, w, "waited"));
}

static void
put_service(FILE *f, const json_t *service)
{
	const json_t *list = json_object_get(service, "lines"), *each;
	size_t i;

	fprintf(f, "service %s: %s\n", show_text(service, "name"), show_text(service, "protocol"));
	fact(f, "listens");
	fprintf(f, "%s\n", show_text(service, "listen"));
	fact(f, "lines");
	json_array_foreach(list, i, each)
		fprintf(f, "%s%s", i == 0 ? "" : " ",
		    json_is_string(each) ? json_string_value(each) : "-");
	putc('\n', f);
	list = json_object_get(service, "waiters");
	json_array_foreach(list, i, each)
		put_waiter(f, each);
	fact(f, "in all");
	fprintf(f, "%lld claims, %lld refusals\n", number(service, "claims"),
	    number(service, "refusals"));
}

static void
put_daemon(FILE *f, const json_t *s)
{
	int64_t up = show_ms(s, "now") - show_ms(s, "started");
	char d[TEXT_DURATION];

	fprintf(f, "modemshared %s, running for %s%s\n", show_text(s, "version"),
	    text_duration(d, up / 1000 * 1000),
	    json_is_true(json_object_get(s, "draining")) ?
	    ", draining: nobody new is given a line" : "");
	fact(f, "clients");
	fprintf(f, "%lld of %lld; %lld accepted, %lld turned away\n", number(s, "clients"),
	    number(s, "max-clients"), number(s, "accepted"), number(s, "turned-away"));
	if (number(s, "log-lines-lost") > 0) {
		fact(f, "log");
		fprintf(f, "%lld lines lost\n", number(s, "log-lines-lost"));
	}
}

void
show_all(FILE *f, const struct json_t *status)
{
	const json_t *list = json_object_get(status, "lines"), *each;
	size_t i;

	put_daemon(f, status);
	json_array_foreach(list, i, each)
		put_line(f, status, each);
	list = json_object_get(status, "services");
	json_array_foreach(list, i, each)
		put_service(f, each);
}
