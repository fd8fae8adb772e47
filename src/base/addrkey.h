/*
 * Whose an address is, for whoever counts by address.  Pure.
 */
#ifndef BASE_ADDRKEY_H
#define BASE_ADDRKEY_H

#include <stdint.h>
#include <sys/socket.h>

#define ADDRKEY 17 /* bytes that tell an address from others */

/*
 * Who it is: an IPv4 address (mapped or not) whole; of an IPv6 address the /64, within which a host takes what it
 * likes, but a link-local one whole: there all hosts have the same.  Without the port.
 */
void addrkey(uint8_t key[static ADDRKEY], const struct sockaddr *);

#endif
