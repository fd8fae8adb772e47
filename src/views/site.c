/*
 * What is at which path, see site.h.
 */
#include "views/site.h"

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
	{ "/", "text/html; charset=utf-8", NULL, NULL, page_text },
	{ "/status.json", "application/json", NULL, NULL, json },
	{ "/metrics", METRICS_TYPE, NULL, NULL, metrics_text },
	{ "/healthz", "text/plain; charset=utf-8", ok, &ok_size, NULL },
	{ "/style.css", "text/css; charset=utf-8", asset_style_css, &asset_style_css_size, NULL },
	{ "/status.js", "text/javascript; charset=utf-8", asset_status_js, &asset_status_js_size, NULL },
	{ "/icon.svg", "image/svg+xml", asset_icon_svg, &asset_icon_svg_size, NULL },
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
