/*
 * How long a modem may dial: who watches calls, who counts inactivity and who promises a bound go by the
 * same time.
 */
#ifndef BASE_DIALLING_H
#define BASE_DIALLING_H

/*
 * ms from the command to CONNECT or what else comes of it; fax software waits as long.  Whoever has heard of
 * neither by then does not dial any more.
 */
#define DIALLING_AT_MOST 180000

#endif
