/*
 * The rig of check_serial.c, see ttyrig.h.
 */
#include "ttyrig.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ports/serial.h"

#define DEADLINE_MS 5000

const struct rfc2217_format rig_9600_8n1 = { 9600, 8, RFC2217_NONE, RFC2217_STOP_1,
	RFC2217_OUT_NONE, RFC2217_IN_NONE };

int64_t
rig_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- the shim ---- */

static void
add_env(const char *name, const char *value)
{
	const char *old = getenv(name);
	char buf[1024];

	snprintf(buf, sizeof buf, "%s%s%s", value, old != NULL ? ":" : "", old != NULL ? old : "");
	setenv(name, buf, 1);
}

static void
remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(dirfd(d), e->d_name, e->d_type == DT_DIR ? AT_REMOVEDIR : 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

int
rig_under_shim(char **argv)
{
	const char *shim = getenv("TTYSHIM") != NULL ? getenv("TTYSHIM") : TTYSHIM_PATH;
	char dir[] = "/tmp/ttyshim.XXXXXX";
	int status = -1;
	pid_t pid;

	if (mkdtemp(dir) == NULL || access(shim, R_OK) != 0) {
		perror(shim);
		return EXIT_FAILURE;
	}
	setenv("TTYSHIM_DIR", dir, 1);
	add_env("ASAN_OPTIONS", "verify_asan_link_order=0");
	pid = fork();
	if (pid == 0) {
		add_env("LD_PRELOAD", shim);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	remove_dir(dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

/* ---- news ---- */

static void
told(struct rig *r, char what)
{
	size_t n = strlen(r->order);

	if (n + 1 < sizeof r->order)
		r->order[n] = what;
	loop_stop(r->loop);
}

static void
on_opened(void *ctx, const char *reason, const struct port_state *state)
{
	struct rig *r = ctx;

	r->opened++;
	r->reason = reason;
	r->state = *state;
	told(r, 'o');
}

static size_t
on_room(void *ctx)
{
	return ((struct rig *)ctx)->room;
}

static void
on_data(void *ctx, const uint8_t *b, size_t n)
{
	struct rig *r = ctx;

	ck_assert_uint_le(n, r->room);
	ck_assert_uint_le(r->received + n, RIG_DATA);
	memcpy(r->data + r->received, b, n);
	r->received += n;
	loop_stop(r->loop);
}

static void
on_writable(void *ctx)
{
	struct rig *r = ctx;

	r->writable++;
	told(r, 'w');
}

static void
on_modem(void *ctx, uint8_t state, uint8_t deltas)
{
	struct rig *r = ctx;

	ck_assert_int_lt(r->changes, RIG_CHANGES);
	r->modem[r->changes] = state;
	r->deltas[r->changes++] = deltas;
	told(r, 'm');
}

static void
on_errors(void *ctx, uint8_t bits)
{
	struct rig *r = ctx;

	ck_assert_int_lt(r->errors, RIG_CHANGES);
	r->error_bits[r->errors++] = bits;
	told(r, 'e');
}

static void
on_done(void *ctx, const char *failed, const struct port_state *state)
{
	struct rig *r = ctx;

	r->done++;
	r->failed = failed;
	r->state = *state;
	told(r, 'd');
}

static void
on_gone(void *ctx, const char *reason)
{
	struct rig *r = ctx;

	r->gone++;
	r->reason = reason;
	told(r, 'g');
}

static void
on_closed(void *ctx)
{
	struct rig *r = ctx;

	r->closed++;
	told(r, 'c');
}

static const struct port_news news = {
	.opened = on_opened,
	.room = on_room,
	.data = on_data,
	.writable = on_writable,
	.modem = on_modem,
	.errors = on_errors,
	.done = on_done,
	.gone = on_gone,
	.closed = on_closed,
};

static void
on_tick(void *ctx)
{
	struct rig *r = ctx;

	loop_stop(r->loop);
}

/* ---- waiting ---- */

/* One or more turns: until some news, or two milliseconds later. */
static void
turn(struct rig *r)
{
	loop_timer_set(r->tick, msec_add(loop_now(r->loop), 2));
	ck_assert_int_eq(loop_run(r->loop), 0);
}

void
rig_wait(struct rig *r, bool (*cond)(struct rig *), const char *what)
{
	int64_t until = rig_ms() + DEADLINE_MS;

	while (!cond(r)) {
		ck_assert_msg(rig_ms() < until, "waited in vain: %s (news: %s)", what, r->order);
		turn(r);
	}
}

void
rig_wait_count(struct rig *r, const int *counter, int n)
{
	int64_t until = rig_ms() + DEADLINE_MS;

	while (*counter < n) {
		ck_assert_msg(rig_ms() < until, "%d instead of %d (news: %s)", *counter, n, r->order);
		turn(r);
	}
}

void
rig_run(struct rig *r, int ms)
{
	int64_t until = rig_ms() + ms;

	while (rig_ms() < until)
		turn(r);
}

/* ---- the device ---- */

static void
new_pty(struct rig *r)
{
	struct termios t;
	char pts[64];

	memset(&t, 0, sizeof t);
	cfmakeraw(&t);
	t.c_cflag = CS8 | CREAD | CLOCAL;
	t.c_cc[VMIN] = 1;
	ck_assert_int_eq(openpty(&r->master, &r->slave, pts, &t, NULL), 0);
	fcntl(r->master, F_SETFL, O_NONBLOCK);
	fcntl(r->slave, F_SETFL, O_NONBLOCK);
	strcpy(r->dev->pts, pts);
}

static void
new_device(struct rig *r)
{
	static int count;
	char file[128];
	int fd;

	snprintf(r->name, sizeof r->name, "ttyMS%d_%d", (int)getpid(), count++);
	snprintf(r->path, sizeof r->path, "/dev/%s", r->name);
	snprintf(file, sizeof file, "%s/%s", getenv("TTYSHIM_DIR"), r->name);
	fd = open(file, O_RDWR | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, sizeof *r->dev), 0);
	r->dev = mmap(NULL, sizeof *r->dev, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(r->dev, MAP_FAILED);
	close(fd);
	new_pty(r);
	/* What a former user may have left. */
	r->dev->termios.iflag = IXON | IXANY | ICRNL | BRKINT | INPCK;
	r->dev->termios.lflag = ICANON | ECHO | ISIG;
	r->dev->termios.cflag = B2400 | CS7 | PARENB | CREAD;
	r->dev->termios.ispeed = r->dev->termios.ospeed = 2400;
	r->dev->flags = TTYSHIM_PRESENT;
	r->dev->magic = TTYSHIM_MAGIC;
}

void
rig_up(struct rig *r)
{
	memset(r, 0, sizeof *r);
	new_device(r);
	r->room = RIG_DATA;
	r->data = malloc(RIG_DATA);
	r->loop = loop_new();
	ck_assert_ptr_nonnull(r->loop);
	r->tick = loop_timer_new(r->loop, on_tick, r);
	rig_instead(r, r->path, getenv("TTYSHIM_DIR"));
}

void
rig_instead(struct rig *r, const char *path, const char *lock_dir)
{
	port_free(r->port);
	serials_free(r->serials);
	r->serials = serials_new(r->loop, lock_dir);
	ck_assert_ptr_nonnull(r->serials);
	r->port = port_serial_new(r->serials, path, true, &news, r);
	ck_assert_ptr_nonnull(r->port);
}

void
rig_open(struct rig *r)
{
	int before = r->opened;

	port_open(r->port, &rig_9600_8n1);
	rig_wait_count(r, &r->opened, before + 1);
	ck_assert_msg(r->reason == NULL, "%s", r->reason);
}

void
rig_close(struct rig *r)
{
	int before = r->closed;

	port_close(r->port);
	rig_wait_count(r, &r->closed, before + 1);
}

void
rig_down(struct rig *r)
{
	r->dev->hang = 0;
	if (r->opened > r->closed && (r->reason == NULL || r->gone > 0))
		rig_close(r);
	port_free(r->port);
	serials_free(r->serials);
	loop_timer_free(r->tick);
	loop_free(r->loop);
	free(r->data);
	if (r->master >= 0)
		close(r->master);
	if (r->slave >= 0)
		close(r->slave);
	munmap(r->dev, sizeof *r->dev);
}

void
rig_submit(struct rig *r, const struct port_op *op)
{
	struct port_state state;

	ck_assert_int_eq(port_submit(r->port, op, &state, &r->why), PORT_PENDING);
	ck_assert_ptr_null(r->why);
}

void
rig_operate(struct rig *r, const struct port_op *op)
{
	int before = r->done;

	rig_submit(r, op);
	rig_wait_count(r, &r->done, before + 1);
}

void
rig_set(struct rig *r, enum rfc2217_what what, uint32_t value)
{
	struct port_op op = { .kind = PORT_SET, .set = { what, value } };

	rig_operate(r, &op);
}

void
rig_watch(struct rig *r, bool modem, bool errors)
{
	struct port_op op = { .kind = PORT_WATCH, .modem = modem, .errors = errors };
	struct port_state state;

	ck_assert_int_eq(port_submit(r->port, &op, &state, &r->why), PORT_DONE);
}

void
rig_count(struct rig *r, int counter)
{
	__atomic_add_fetch(&r->dev->counts[counter], 1, __ATOMIC_ACQ_REL);
}

/* RI counts its trailing edge, as an 8250 does. */
void
rig_inputs(struct rig *r, uint32_t on, uint32_t off)
{
	uint32_t old = r->dev->inputs, new = (old | on) & ~off;

	__atomic_store_n(&r->dev->busy, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&r->dev->inputs, new, __ATOMIC_RELEASE);
	if (((old ^ new) & TIOCM_CTS) != 0)
		rig_count(r, TTYSHIM_CTS);
	if (((old ^ new) & TIOCM_DSR) != 0)
		rig_count(r, TTYSHIM_DSR);
	if (((old ^ new) & TIOCM_CAR) != 0)
		rig_count(r, TTYSHIM_DCD);
	if ((old & ~new & TIOCM_RNG) != 0 || ((old ^ new) & TIOCM_RNG & r->both_edges) != 0)
		rig_count(r, TTYSHIM_RNG);
	__atomic_store_n(&r->dev->busy, 0, __ATOMIC_SEQ_CST);
}

void
rig_flags(struct rig *r, uint32_t on, uint32_t off)
{
	__atomic_store_n(&r->dev->flags, (r->dev->flags | on) & ~off, __ATOMIC_RELEASE);
}

void
rig_hang(struct rig *r, uint32_t what)
{
	__atomic_store_n(&r->dev->hang, what, __ATOMIC_RELEASE);
}

void
rig_unplug(struct rig *r)
{
	rig_flags(r, 0, TTYSHIM_PRESENT);
	close(r->master);
	close(r->slave);
	r->master = r->slave = -1;
}

void
rig_plug(struct rig *r)
{
	new_pty(r);
	r->dev->exclusive = 0;
	rig_flags(r, TTYSHIM_PRESENT, 0);
}

void
rig_let_threads(bool let)
{
	rig_fail("no-threads", !let);
}

void
rig_fail(const char *what, bool on)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", getenv("TTYSHIM_DIR"), what);
	if (!on) {
		ck_assert_int_eq(unlink(path), 0);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

size_t
rig_fill(struct rig *r)
{
	static const uint8_t filler[1024];
	size_t total = 0, before, piece;
	ssize_t n;

	do { /* the kernel moves on what it was given, and then has room again; of that poll(2) does not tell */
		before = total;
		for (piece = sizeof filler; piece > 0; piece /= 2)
			while ((n = write(r->slave, filler, piece)) > 0)
				total += (size_t)n;
		poll(NULL, 0, 20);
	} while (total > before);
	return total;
}

int
rig_event(const struct rig *r, int from, uint32_t kind, uint32_t value)
{
	int i, n = (int)__atomic_load_n(&r->dev->nevents, __ATOMIC_ACQUIRE);

	for (i = from; i < n; i++)
		if (r->dev->events[i].kind == kind && r->dev->events[i].value == value)
			return i;
	return -1;
}

static int
entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

int
rig_threads(void)
{
	return entries("/proc/self/task");
}

/* But for the one that looks. */
int
rig_descriptors(void)
{
	return entries("/proc/self/fd") - 1;
}
