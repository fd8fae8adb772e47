/*
 * Devices that are played, in place of src/ports/serial.c and of all that looks at the host: serial ports at
 * /play/0 and so on, in memory.  What they do is set in their structs; play_stir() after a change.
 */
#ifndef TESTS_PLAYPORT_H
#define TESTS_PLAYPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ring.h"
#include "ports/port.h"

#define PLAY_DEVICES 3
#define PLAY_SAID 16384

struct playport;

struct play_device {
	bool absent, locked;  /* there is none; another program has it */
	bool hangs;           /* the driver does not come back */
	bool refuses;         /* whatever is asked of the driver fails */
	bool bare;            /* no modem lines */
	bool mute;            /* for whoever plays what is behind it */
	uint8_t modem;        /* RFC2217_CTS and the like */
	int64_t slow;         /* ms for each operation; 0: at once, as the built-in ports */
	size_t room;          /* it will take so many bytes */
	struct ring said;     /* and these wait to be read */
	struct playport *port; /* that is open */
};

extern struct play_device play_devices[PLAY_DEVICES];

/* What the owner of the device wrote. */
extern void (*play_written)(struct play_device *, const uint8_t *, size_t n);

void play_devices_begin(void);
void play_devices_end(void);
void play_say(struct play_device *, const uint8_t *, size_t n); /* what has no room is lost */
void play_error(struct play_device *, uint8_t line_state_bits);
void play_stir(struct play_device *);

#endif
