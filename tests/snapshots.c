/*
 * Made-up snapshots, see snapshots.h.
 */
#include "snapshots.h"

#include <string.h>

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)

static const struct snapshot_line lines[PICTURE_LINES] = {
	{ .name = "modem1", .kind = "modem", .device = "/dev/ttyS1", .state = SNAPSHOT_FREE, .reason = "",
	    .ready_in = -1, .settings = "115200 8N1 rtscts", .lamps_known = true,
	    .lamps = SNAPSHOT_DTR | SNAPSHOT_RTS | SNAPSHOT_CTS | SNAPSHOT_DSR, .claims = 41, .refusals = 2,
	    .cuts = 1, .failures = 0, .from_clients = 1000, .to_clients = 2000 },
	{ .name = "modem2", .kind = "modem", .device = "/dev/ttyS2", .state = SNAPSHOT_IN_USE, .reason = "",
	    .ready_in = -1, .settings = "57600 7E2 rtscts", .lamps_known = true,
	    .lamps = SNAPSHOT_DTR | SNAPSHOT_RTS | SNAPSHOT_CTS | SNAPSHOT_DSR | SNAPSHOT_DCD, .waiting = 2,
	    .claims = 7, .refusals = 3, .cuts = 4, .failures = 5, .from_clients = 123456, .to_clients = 7654321,
	    .owner = { .present = true, .who = "192.0.2.7", .service = "pool", .since = PICTURE_NOW - 10 * M,
	        .held = 10 * M, .idle = 90 * S + 250, .free_latest = 2 * H, .free_if_idle = 30 * S,
	        .idle_limit = 2 * M, .from_client = 4711, .to_client = 815, .call = SNAPSHOT_IN_CALL,
	        .number = "5551234", .result = "CONNECT 33600", .call_ms = 9 * M, .contended = true } },
	{ .name = "modem3", .kind = "modem", .device = "/dev/ttyS3", .state = SNAPSHOT_HANDOVER, .reason = "",
	    .ready_in = 12 * S, .settings = "115200 8N1 rtscts", .lamps_known = true, .lamps = SNAPSHOT_RTS },
	{ .name = "modem4", .kind = "modem", .device = "virtual", .state = SNAPSHOT_RINGING, .reason = "",
	    .ready_in = 30 * S, .settings = "115200 8N1 rtscts", .lamps_known = true,
	    .lamps = SNAPSHOT_DTR | SNAPSHOT_RTS | SNAPSHOT_RI },
	{ .name = "modem5", .kind = "modem", .device = "/dev/ttyUSB0", .state = SNAPSHOT_OUT,
	    .reason = "no such device", .ready_in = -1, .settings = "", .failures = 1 },
	{ .name = "modem6", .kind = "modem", .device = "/dev/ttyUSB1", .state = SNAPSHOT_QUARANTINE,
	    .reason = "no answer to AT&F", .ready_in = 8 * M, .settings = "115200 8N1 rtscts" },
	{ .name = "console1", .kind = "console", .device = "/dev/ttyS4", .state = SNAPSHOT_IN_USE, .reason = "",
	    .ready_in = -1, .settings = "9600 8N1 none", .lamps_known = true, .lamps = SNAPSHOT_DTR,
	    .owner = { .present = true, .who = "198.51.100.9", .hidden = true, .service = "console1",
	        .since = PICTURE_NOW - 5 * S, .held = 5 * S, .idle = 0, .free_latest = -1, .free_if_idle = 30 * M,
	        .idle_limit = 30 * M, .number = "", .result = "" } },
	{ .name = "console2", .kind = "console", .device = "/dev/ttyS5", .state = SNAPSHOT_FOREIGN,
	    .reason = "minicom, process 4242", .ready_in = -1, .settings = "9600 8N1 none" },
};

static const struct snapshot_waiter waiters[] = {
	{ .who = "203.0.113.5", .place = 1, .waited = 61 * S, .held = true },
	{ .who = "198.51.100.77", .hidden = true, .place = 2, .waited = 500 },
};

static const struct snapshot_service services[] = {
	{ .name = "pool", .listen = "127.0.0.1:2217 [::1]:2217", .protocol = "telnet", .n_lines = 6,
	    .n_waiters = 2, .claims = 48, .refusals = 5 },
	{ .name = "console1", .listen = "127.0.0.1:2218", .protocol = "telnet", .n_lines = 1, .claims = 1 },
	{ .name = "console2", .listen = "127.0.0.1:2219", .protocol = "raw", .n_lines = 1, .refusals = 9 },
};

static const struct snapshot_record records[] = {
	{ .line = "modem2", .service = "pool", .who = "192.0.2.7", .start = PICTURE_NOW - 10 * M, .end = -1,
	    .from_client = 4711, .to_client = 815, .number = "5551234", .result = "CONNECT 33600", .call_ms = 9 * M,
	    .why = "", .count = 1 },
	{ .line = "modem2", .service = "pool", .who = "203.0.113.5", .start = PICTURE_NOW - 11 * M,
	    .end = PICTURE_NOW - 11 * M, .refused = true, .number = "", .result = "", .call_ms = -1, .why = "in use",
	    .count = 57 },
	{ .line = "modem1", .service = "pool", .who = "198.51.100.9", .hidden = true, .start = PICTURE_NOW - 3 * H,
	    .end = PICTURE_NOW - 2 * H, .from_client = 1, .to_client = 1536, .number = "110", .result = "BUSY",
	    .call_ms = 0, .why = "nothing was typed for 5m", .count = 1 },
};

void
made_up_fill(struct made_up *p)
{
	struct snapshot *s = &p->snapshot;
	size_t i;

	memset(p, 0, sizeof *p);
	memcpy(p->lines, lines, sizeof lines);
	memcpy(p->services, services, sizeof services);
	memcpy(p->waiters, waiters, sizeof waiters);
	memcpy(p->records, records, sizeof records);
	for (i = 0; i < PICTURE_LINES; i++)
		p->all[i] = i;
	p->services[0].lines = p->all;
	p->services[0].waiters = p->waiters;
	p->services[1].lines = p->all + 6;
	p->services[2].lines = p->all + 7;
	*s = (struct snapshot){ .version = "0.1.0", .now = PICTURE_NOW, .started = PICTURE_NOW - 26 * H,
		.clients = 5, .max_clients = 1024, .accepted = 60, .turned_away = 6, .loop_turns = 100000,
		.log_lines_lost = 0, .lines = p->lines, .n_lines = PICTURE_LINES, .services = p->services,
		.n_services = 3, .recent = p->records, .n_recent = 3 };
}

void
made_up_spoil(struct made_up *p, const char *text)
{
	size_t i;

	p->snapshot.version = text;
	for (i = 0; i < PICTURE_LINES; i++) {
		struct snapshot_line *l = &p->lines[i];

		l->name = l->kind = l->device = l->reason = l->settings = text;
		l->owner.who = l->owner.service = l->owner.number = l->owner.result = text;
	}
	for (i = 0; i < 3; i++)
		p->services[i].name = p->services[i].listen = p->services[i].protocol = text;
	for (i = 0; i < 2; i++)
		p->waiters[i].who = text;
	for (i = 0; i < 3; i++) {
		struct snapshot_record *r = &p->records[i];

		r->line = r->service = r->who = r->number = r->result = r->why = text;
	}
}

void
made_up_empty(struct made_up *p)
{
	memset(p, 0, sizeof *p);
	p->snapshot = (struct snapshot){ .version = "0.1.0", .now = PICTURE_NOW, .started = PICTURE_NOW };
}
