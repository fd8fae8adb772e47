/*
 * Closing a tty whose driver waits.  The last close of one waits for output to leave, up to 30 s where nothing takes it,
 * and what a driver keeps over TCFLSH is output too.  A signal to the thread that is in it ends the wait, and what was
 * kept is dropped (Linux, tty_wait_until_sent).
 */
#ifndef PORTS_TTYCLOSE_H
#define PORTS_TTYCLOSE_H

#define TTYCLOSE_WAIT 100 /* ms that output has, and between two signals */

/* Closes fd.  Where there is no timer the driver is waited for. Installs a handler of SIGUSR2 that does nothing. */
void ttyclose(int fd);

#endif
