/*
 * A part of ttyshim.so: libserialport's sp_open() as it is from 0.1.2 on, for fake devices that say so, whatever
 * version is installed.  It takes flock and TIOCEXCL itself; where it does not get the lock it fails and
 * leaves its descriptor open.
 */
#include "ttyplay.h"

#include <dlfcn.h>
#include <libserialport.h>
#include <sys/file.h>
#include <sys/ioctl.h>

static int
descriptor_of(const struct sp_port *port)
{
	REAL(enum sp_return, sp_get_port_handle, const struct sp_port *, void *);
	int fd = -1;

	real(port, &fd);
	return fd;
}

EXPORT enum sp_return
sp_open(struct sp_port *port, enum sp_mode mode)
{
	REAL(enum sp_return, sp_open, struct sp_port *, enum sp_mode);
	enum sp_return result = real(port, mode);
	struct ttyshim *c;
	int fd;

	if (result != SP_OK)
		return result;
	fd = descriptor_of(port);
	c = ttyplay_of(fd);
	if (c == NULL || !ttyplay_has(c, TTYSHIM_SP_LOCKS))
		return SP_OK;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return SP_ERR_FAIL;
	ioctl(fd, TIOCEXCL);
	return SP_OK;
}
