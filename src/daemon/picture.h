/*
 * The daemon as all who look see it: at the control socket (the forms CONTROL_TO_ACT and CONTROL_TO_LOOK of
 * io/control.h) and at the page (the names of views/site.h).  Texts are drawn of it in a thread of its own
 * (io/gallery.h), for which each picture is a copy.
 *
 * What the page's readers have (views/page_changes.h) belongs to the drawing while there is one; what of it is needed
 * meanwhile is noted after each.
 */
#ifndef DAEMON_PICTURE_H
#define DAEMON_PICTURE_H

#include "io/gallery.h"
#include "views/page_changes.h"

#define PICTURE_END 100 /* ms that the end of a drawing may take */

struct daemon;

struct picture;

/* NULL without memory. */
struct picture *picture_new(struct daemon *);

/* Where it is shown. */
struct gallery *picture_gallery(const struct picture *);

/* The versions that readers of the page may have. */
const struct page_versions *picture_versions(const struct picture *);

/* When nobody looks any more.  NULL is nothing. */
void picture_free(struct picture *);

#endif
