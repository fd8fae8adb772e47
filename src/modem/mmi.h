/*
 * Codes that a mobile dials instead of a number (3GPP TS 22.030, 6.5): some take PINs and passwords.  Pure.
 */
#ifndef MODEM_MMI_H
#define MODEM_MMI_H

#include <stddef.h>

/*
 * How much of a dial string, without D, may be shown: all, or up to what follows a code that may take a secret.
 * Characters that are not dialled may be in it.
 */
size_t mmi_shown(const char *dial);

#endif
