/*
 * Who may look on: the history, the control socket and the status page, as configured.  What cannot be had
 * is one warning; lines are served all the same.
 */
#include <errno.h>
#include <string.h>

#include "daemon/daemon_parts.h"
#include "daemon/listening.h"
#include "daemon/claimlog.h"
#include "io/control.h"
#include "io/history.h"
#include "io/http.h"
#include "io/log.h"
#include "views/site.h"

/* ---- history ---- */

static void
on_history_news(void *ctx, enum history_news news, const char *why, uint64_t lost)
{
	(void)ctx;
	switch (news) {
	case HISTORY_FAILED:
		log_warn("the history cannot be kept, and is tried again: event=history-failed error=\"%s\"",
		    why);
		break;
	case HISTORY_NEWER:
		log_warn("no history is kept: event=history-newer error=\"%s\"", why);
		break;
	case HISTORY_WORKS:
		log_info("the history is kept again: event=history-works");
		break;
	case HISTORY_LOST:
		log_warn("calls are missing from the history: event=history-lost calls=%llu",
		    (unsigned long long)lost);
		break;
	}
}

struct history_keep
daemon_history_keep(const struct conf *conf)
{
	return (struct history_keep){ (unsigned)conf->history_days, conf->history_size };
}

static void
start_history(struct daemon *d)
{
	const struct history_keep keep = daemon_history_keep(d->conf);

	if (d->conf->state_directory[0] == '\0')
		return;
	d->history = history_new(d->loop, d->conf->state_directory, &keep, on_history_news, d);
	if (d->history == NULL)
		log_warn("no history is kept: event=history-failed error=\"%s\"", strerror(errno));
}

/* ---- the control socket ---- */

static void
start_control(struct daemon *d)
{
	const char *path = d->conf->control_socket;

	if (path[0] == '\0')
		return;
	d->control = control_new(d->loop, path, CONTROL_LIMITS, picture_gallery(d->picture), &daemon_control_ops, d);
	if (d->control == NULL)
		log_warn("no control socket: event=control-failed path=\"%s\" error=\"%s\"", path,
		    errno == EADDRINUSE ? "another daemon serves it" :
		    errno == EEXIST ? "there is something that is no socket" : strerror(errno));
}

_Static_assert(PLACES_CONTROL == CONTROL_LOOKERS + 2 * (CONTROL_USER + CONTROL_KEPT), "places for all of them");

/* ---- the page ---- */

_Static_assert(CONF_STATUS_MAX == HTTP_LISTENERS, "what is configured can be listened on");

static void
on_name(void *ctx, const char *path, const char *query, char name[static HTTP_NAME])
{
	const struct daemon *d = ctx;

	site_name(picture_versions(d->picture), path, query, name);
}

static enum http_found
on_find(void *ctx, const char *name, struct http_content *content)
{
	const char *version;
	const struct site_page *page = site_named(name, &version);

	(void)ctx;
	if (page == NULL)
		return HTTP_NOTHING;
	content->type = page->type;
	if (page->bytes == NULL)
		return HTTP_DRAWN;
	content->bytes = page->bytes;
	content->n = *page->size;
	return HTTP_FIXED;
}

static const struct http_site site = { on_name, on_find };

/* Returns 0, also where an optional address does not exist here. */
static int
listen_on(struct daemon *d, const struct conf_listen *where)
{
	const struct sockaddr *sa = &where->address.sa;
	struct sockaddr_storage bound;
	socklen_t len;

	if (http_listen(d->http, sa, where->length, &bound, &len) == 0) {
		listening_log(LISTENING_BROWSERS, "status", (struct sockaddr *)&bound);
		return 0;
	}
	if (listening_excused(where, errno))
		return 0;
	listening_log_failure(LISTENING_BROWSERS, "status", sa, errno);
	return -1;
}

int
daemon_publish_page(struct daemon *d)
{
	struct http_limits limits = HTTP_LIMITS;
	size_t i;

	if (d->conf->n_status == 0)
		return 0;
	limits.connections = PLACES_READERS;
	d->http = http_new(d->loop, limits, &site, picture_gallery(d->picture), d);
	if (d->http == NULL) {
		log_error("no memory for the status page: event=no-memory");
		return -1;
	}
	hostname_take(&d->host);
	http_names(d->http, d->host.names, d->host.n);
	for (i = 0; i < d->conf->n_status; i++)
		if (listen_on(d, &d->conf->status[i]) != 0)
			return -1;
	return 0;
}

/* ---- all ---- */

void
daemon_redraw(struct daemon *d)
{
	if (d->picture != NULL)
		gallery_changed(picture_gallery(d->picture));
}

static void
on_changed(void *ctx)
{
	struct daemon *d = ctx;

	daemon_redraw(d);
	if (d->control != NULL)
		control_changed(d->control);
}

int
daemon_publish(struct daemon *d)
{
	start_control(d); /* first: it sets the umask, and the history's thread makes files */
	start_history(d);
	d->house.claimlog = claimlog_new(d->loop, d->history);
	if (d->house.claimlog == NULL) {
		log_error("no memory to start: event=no-memory");
		return -1;
	}
	d->house.changed = on_changed;
	d->house.changed_ctx = d;
	return 0;
}

/* ms: a disk that blocks may do so beside a driver, not after it. */
static int64_t
left_for_the_disk(const struct daemon *d)
{
	int64_t left = HISTORY_FLUSH;

	if (d->shutting && msec_since(loop_now(d->loop), d->ends) < left)
		left = msec_since(loop_now(d->loop), d->ends);
	return left > 0 ? left : 0;
}

/* Before the history is closed all claims have ended. */
void
daemon_unpublish(struct daemon *d)
{
	uint64_t lost;
	struct control *control = d->control;

	d->house.changed = NULL;
	d->control = NULL; /* what passes on its lines is told to nobody any more */
	http_free(d->http);
	d->http = NULL;
	control_free(control);
	claimlog_free(d->house.claimlog); /* what it has counted is history, too */
	lost = history_free(d->history, left_for_the_disk(d));
	if (lost > 0)
		log_warn("calls are missing from the history: event=history-lost calls=%llu",
		    (unsigned long long)lost);
	picture_free(d->picture); /* after the history, so that what is being drawn has had its time, too */
	d->picture = NULL;
	d->history = NULL;
	d->house.claimlog = NULL;
}
