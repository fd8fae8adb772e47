/*
 * Who listens on this host, see host.h: /proc/net tells of sockets, and the descriptors of a process which it has.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/host_parts.h"

#define LISTENS 0x0a /* a state of the kernel's table */

/* An address as the kernel's table has it. */
struct place {
	uint8_t bytes[16];
	size_t n; /* 4 or 16 */
	unsigned port;
};

static struct place
place_of(const struct sockaddr *sa)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
	struct place p = { .n = sa->sa_family == AF_INET ? 4 : 16 };

	memcpy(p.bytes, sa->sa_family == AF_INET ? (const void *)&in->sin_addr : (const void *)&in6->sin6_addr, p.n);
	p.port = ntohs(sa->sa_family == AF_INET ? in->sin_port : in6->sin6_port);
	return p;
}

/* Words of 32 bits, each as the processor has it.  The socket's number, or 0: it is no line of one that listens. */
static unsigned long
read_line(const char *line, struct place *p)
{
	char hex[33], word[9] = "";
	unsigned state;
	unsigned long inode;
	uint32_t value;
	size_t i;

	if (sscanf(line, "%*d: %32[0-9A-Fa-f]:%4x %*32[0-9A-Fa-f]:%*4x %2x %*s %*s %*s %*u %*d %lu", hex, &p->port,
	    &state, &inode) != 4 || state != LISTENS)
		return 0;
	p->n = strlen(hex) / 2;
	for (i = 0; i + 4 <= p->n; i += 4) {
		memcpy(word, hex + 2 * i, 8);
		value = (uint32_t)strtoul(word, NULL, 16);
		memcpy(p->bytes + i, &value, 4);
	}
	return inode;
}

static bool
is_any(const struct place *p)
{
	static const uint8_t none[16];

	return memcmp(p->bytes, none, p->n) == 0;
}

/* Two of one family that overlap; one for all of IPv6 may be one for all of IPv4, too. */
static bool
leaves_no_room(const struct place *has, const struct place *wants)
{
	if (has->port != wants->port || has->n < wants->n)
		return false;
	if (has->n > wants->n)
		return is_any(has);
	return is_any(has) || is_any(wants) || memcmp(has->bytes, wants->bytes, has->n) == 0;
}

static unsigned long
find_socket(const struct host *h, const char *table, const struct place *wants)
{
	char path[PATH_MAX], line[512];
	unsigned long inode = 0;
	struct place has;
	FILE *f;

	snprintf(path, sizeof path, "%s/proc/net/%s", h->root, table);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (inode == 0 && fgets(line, sizeof line, f) != NULL) {
		inode = read_line(line, &has);
		if (inode != 0 && !leaves_no_room(&has, wants))
			inode = 0;
	}
	fclose(f);
	return inode;
}

static bool
has_socket(const struct host *h, int pid, const char *socket)
{
	char path[PATH_MAX], to[64];
	bool found = false;
	struct dirent *e;
	ssize_t n;
	DIR *d;

	snprintf(path, sizeof path, "%s/proc/%d/fd", h->root, pid);
	if ((d = opendir(path)) == NULL)
		return false;
	while (!found && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/proc/%d/fd/%.30s", h->root, pid, e->d_name);
		n = readlink(path, to, sizeof to - 1);
		to[n > 0 ? n : 0] = '\0';
		found = strcmp(to, socket) == 0;
	}
	closedir(d);
	return found;
}

bool
host_listener(const struct host *h, const struct sockaddr *sa, struct host_holder *who)
{
	struct place wants = place_of(sa);
	char path[PATH_MAX], socket[64];
	unsigned long inode = 0;
	bool found = false;
	struct dirent *e;
	DIR *d;

	if (wants.n == 4)
		inode = find_socket(h, "tcp", &wants);
	if (inode == 0)
		inode = find_socket(h, "tcp6", &wants);
	snprintf(path, sizeof path, "%s/proc", h->root);
	if (inode == 0 || (d = opendir(path)) == NULL)
		return false;
	snprintf(socket, sizeof socket, "socket:[%lu]", inode);
	while (!found && (e = readdir(d)) != NULL) {
		who->pid = atoi(e->d_name);
		found = who->pid > 0 && has_socket(h, who->pid, socket);
	}
	closedir(d);
	if (found)
		host_program(h, who->pid, who->program);
	return found;
}
