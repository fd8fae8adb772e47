/*
 * A Telnet connection for tests, see nvtrig.h.
 */
#include "nvtrig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const char *const names[] = { "SE", "NOP", "DM", "BRK", "IP", "AO", "AYT", "EC", "EL", "GA",
	"SB", "WILL", "WONT", "DO", "DONT", "IAC" };

__attribute__((format(printf, 2, 3))) static void
note(struct nvtrig *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->len += (size_t)vsnprintf(r->log + r->len, sizeof r->log - r->len, format, args);
	va_end(args);
	ck_assert_uint_lt(r->len, sizeof r->log);
}

static size_t
on_data(void *ctx, const uint8_t *b, size_t n)
{
	struct nvtrig *r = ctx;
	size_t i, take = n < r->data_budget ? n : r->data_budget;

	ck_assert_uint_gt(n, 0);
	for (i = 0; i < take; i++)
		note(r, "%d ", b[i]);
	r->data_budget -= take;
	r->data_bytes += take;
	return take;
}

static size_t
on_data_room(void *ctx)
{
	struct nvtrig *r = ctx;

	return r->tells_budget ? r->data_budget : SIZE_MAX;
}

static uint8_t *
on_place(void *ctx, size_t *n)
{
	struct nvtrig *r = ctx;

	ck_assert_uint_le(r->place, sizeof r->placed);
	*n = r->place;
	return r->place > 0 ? r->placed + sizeof r->placed - r->place : NULL;
}

static void
on_placed(void *ctx, size_t n)
{
	struct nvtrig *r = ctx;
	size_t i;

	ck_assert_uint_le(n, r->place);
	for (i = 0; i < n; i++)
		note(r, "%d ", r->placed[sizeof r->placed - r->place + i]);
	r->data_bytes += n;
}

static bool
on_comport(void *ctx, const uint8_t *payload, size_t n)
{
	struct nvtrig *r = ctx;
	size_t i;

	ck_assert(n >= 1 && n <= 64);
	if (r->refuse_comport)
		return false;
	note(r, "sb(");
	for (i = 0; i < n; i++)
		note(r, "%s%d", i > 0 ? " " : "", payload[i]);
	note(r, ") ");
	return true;
}

static bool
on_brk(void *ctx)
{
	struct nvtrig *r = ctx;

	if (!r->refuse_brk)
		note(r, "break ");
	return !r->refuse_brk;
}

static void
on_option(void *ctx, enum nvt_comport comport)
{
	struct nvtrig *r = ctx;

	ck_assert_int_eq(nvt_comport(r->nvt), comport);
	note(r, comport == NVT_AGREED ? "agreed " : comport == NVT_REFUSED ? "refused " : "? ");
}

static void
on_send(void *ctx, const uint8_t *b, size_t n)
{
	struct nvtrig *r = ctx;
	size_t i;

	ck_assert_uint_le(n, r->room);
	note(r, "<");
	for (i = 0; i < n; i++)
		if (b[i] >= 240 && (i % 3 != 2 || n == 2))
			note(r, "%s%s", i > 0 ? " " : "", names[b[i] - 240]);
		else
			note(r, "%s%d", i > 0 ? " " : "", b[i]);
	note(r, "> ");
	r->sends++;
}

static size_t
on_room(void *ctx)
{
	return ((struct nvtrig *)ctx)->room;
}

static const struct nvt_news news = { on_data, on_data_room, on_place, on_placed, on_comport, on_brk, on_option,
	on_send, on_room };

void
nvtrig_start(struct nvtrig *r, bool greet)
{
	memset(r, 0, sizeof *r);
	r->data_budget = SIZE_MAX;
	r->room = SIZE_MAX;
	r->nvt = nvt_new(&news, r);
	ck_assert_ptr_nonnull(r->nvt);
	if (!greet)
		return;
	nvt_greet(r->nvt);
	r->len = 0;
	r->log[0] = '\0';
	r->sends = 0;
}

void
nvtrig_stop(struct nvtrig *r)
{
	nvt_free(r->nvt);
	r->nvt = NULL;
}

static uint8_t
byte_of(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == len && memcmp(names[i], word, len) == 0)
			return (uint8_t)(240 + i);
	return (uint8_t)strtoul(word, NULL, 10);
}

size_t
nvtrig_bytes(const char *words, uint8_t *to, size_t cap)
{
	size_t n = 0, len;

	for (words += strspn(words, " "); *words != '\0'; words += strspn(words, " ")) {
		len = strcspn(words, " ");
		ck_assert_uint_lt(n, cap);
		to[n++] = byte_of(words, len);
		words += len;
	}
	return n;
}

void
nvtrig_expect(struct nvtrig *r, const char *words, const char *expected)
{
	uint8_t bytes[4096];
	size_t n = nvtrig_bytes(words, bytes, sizeof bytes);

	r->len = 0;
	r->log[0] = '\0';
	ck_assert_int_eq(nvt_input(r->nvt, bytes, n), (long)n);
	ck_assert_msg(strcmp(r->log, expected) == 0, "%s\ngives    %s\nexpected %s", words, r->log,
	    expected);
}
