/*
 * The files that the page is made of, as the build has put them into the program (embed.sh).  Pure.
 */
#ifndef VIEWS_ASSETS_H
#define VIEWS_ASSETS_H

#include <stddef.h>

extern const unsigned char asset_page_html[], asset_style_css[], asset_status_js[], asset_icon_svg[];
extern const size_t asset_page_html_size, asset_style_css_size, asset_status_js_size, asset_icon_svg_size;

#endif
