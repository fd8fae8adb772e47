/*
 * What is at which path, see site.h.
 */
#include "views/site.h"

#include <stdio.h>
#include <string.h>

#include "views/assets.h"
#include "views/metrics.h"
#include "views/page.h"
#include "views/statusjson.h"

static const unsigned char ok[] = { 'o', 'k', '\n' };
static const size_t ok_size = sizeof ok;

static char *
json(const struct snapshot *s, size_t *n)
{
	char *text = statusjson_text(s, false);

	if (text != NULL)
		*n = strlen(text);
	return text;
}

static const struct site_page pages[] = {
	{ "/", "text/html; charset=utf-8", NULL, NULL, page_text, false },
	{ "/changes", "text/html; charset=utf-8", NULL, NULL, NULL, true },
	{ "/status.json", "application/json", NULL, NULL, json, false },
	{ "/metrics", METRICS_TYPE, NULL, NULL, metrics_text, false },
	{ "/healthz", "text/plain; charset=utf-8", ok, &ok_size, NULL, false },
	{ "/style.css", "text/css; charset=utf-8", asset_style_css, &asset_style_css_size, NULL, false },
	{ "/status.js", "text/javascript; charset=utf-8", asset_status_js, &asset_status_js_size, NULL, false },
	{ "/icon.svg", "image/svg+xml", asset_icon_svg, &asset_icon_svg_size, NULL, false },
};

const struct site_page *
site_find(const char *path)
{
	size_t i;

	for (i = 0; i < sizeof pages / sizeof pages[0]; i++)
		if (strcmp(pages[i].path, path) == 0)
			return &pages[i];
	return NULL;
}

void
site_name(const struct page_versions *versions, const char *path, const char *query, char name[static SITE_NAME])
{
	const struct site_page *page = site_find(path);
	char version[PAGE_CHANGES_VERSION] = "";

	if (page != NULL && page->changes)
		page_versions_known(versions, query, version);
	snprintf(name, SITE_NAME, "%s%s%s", page != NULL ? page->path : "", *version != '\0' ? "?" : "", version);
}

const struct site_page *
site_named(const char *name, const char **version)
{
	size_t len = strcspn(name, "?");
	char path[SITE_NAME];

	if (len >= sizeof path)
		return NULL;
	memcpy(path, name, len);
	path[len] = '\0';
	*version = name[len] == '?' ? name + len + 1 : "";
	return site_find(path);
}
