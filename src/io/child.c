/*
 * A function in a process of its own, see child.h.
 *
 * It is a fork without exec, so that it finds itself as short of memory as we are, and is the same program, also
 * after the one on the disk has been replaced.  Other threads are not in it, so it may not wait for any.
 */
#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

#define WORDS 200 /* of what it said before it died */
#define FIRST (STDERR_FILENO + 1)
#define GONE_LOOK 10  /* ms between two looks whether one that was killed has gone */
#define GONE_LOOKS 20 /* of them; then its disk hangs */

struct child {
	struct loop *loop;
	child_ended_fn *ended;
	void *ctx;
	struct loop_fd watch; /* its answer */
	struct loop_timer late;
	pid_t pid;            /* 0: there is none */
	unsigned looks;       /* at one that was killed, left before it is told; 0: it is not to be */
	char killed[WORDS];   /* why */
	int64_t ms;
	size_t most, n;
	uint8_t *bytes;       /* from its start to its end */
};

/* ---- in the child ---- */

/* Descriptors of ours that it kept would keep connections and locks alive. */
static void
close_all(void)
{
	struct rlimit limit;
	rlim_t fd;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)FIRST, ~0U, 0) == 0)
		return;
#endif
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		for (fd = FIRST; fd < limit.rlim_cur; fd++)
			close((int)fd);
}

/* What the loop's handlers do would reach our loop: it has the same pipe. */
static void
forget_handlers(const sigset_t *before)
{
	static const int handled[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
	size_t i;

	for (i = 0; i < sizeof handled / sizeof *handled; i++)
		signal(handled[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

static size_t
size_now(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Its memory ends before ours, and where the system has none left it is the one to go.  Where that cannot be said it
 * runs all the same. */
static void
limit_memory(size_t memory)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	struct rlimit limit;
	size_t now = size_now();

	if (fd >= 0) {
		if (write(fd, "1000", 4) < 0)
			errno = 0;
		close(fd);
	}
	if (now == 0 || getrlimit(RLIMIT_AS, &limit) != 0 ||
	    (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < now + memory))
		return;
	limit.rlim_cur = now + memory;
	(void)setrlimit(RLIMIT_AS, &limit);
}

_Noreturn static void
be_child(int out, const sigset_t *before, size_t memory, child_fn *fn, void *arg)
{
	if (dup2(out, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	close_all();
	forget_handlers(before);
	limit_memory(memory);
	fn(arg, STDERR_FILENO);
	_exit(EXIT_SUCCESS);
}

/* ---- its end ---- */

static void
tell(struct child *c, const char *wrong)
{
	uint8_t *bytes = c->bytes;
	size_t n = c->n;

	c->bytes = NULL;
	c->ended(c->ctx, wrong, bytes, wrong == NULL ? n : 0);
	free(bytes); /* the child's owner may be gone */
}

static void
stop_watching(struct child *c)
{
	int fd = c->watch.fd;

	loop_timer_set(&c->late, MSEC_NEVER);
	loop_fd_stop(&c->watch);
	close(fd);
}

/* It has closed its end, so it is about to be gone. */
static void
reap(struct child *c)
{
	char why[WORDS + 64], said[WORDS];
	int status = 0, length;
	size_t n = c->n;
	pid_t pid;

	stop_watching(c);
	do
		pid = waitpid(c->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	c->pid = 0;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		tell(c, NULL);
		return;
	}
	while (n > 0 && c->bytes[n - 1] == '\n')
		n--;
	text_vis(said, sizeof said, c->bytes, n);
	length = snprintf(why, sizeof why, WIFSIGNALED(status) ? "died by signal %d" : "ended with status %d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (n > 0)
		snprintf(why + length, sizeof why - (size_t)length, ": %s", said);
	tell(c, why);
}

/* Whoever is told may start another at once, so it is told when it has gone.  One that waits for a disk goes when that
 * lets it go. */
static void
look_if_gone(struct child *c)
{
	char why[WORDS];

	if (waitpid(c->pid, NULL, WNOHANG) != 0)
		c->pid = 0;
	else if (--c->looks > 0) {
		loop_timer_set(&c->late, msec_add(loop_now(c->loop), GONE_LOOK));
		return;
	}
	c->looks = 0;
	memcpy(why, c->killed, sizeof why);
	tell(c, why);
}

static void
end_early(struct child *c, const char *why)
{
	stop_watching(c);
	kill(c->pid, SIGKILL);
	snprintf(c->killed, sizeof c->killed, "%s", why);
	c->looks = GONE_LOOKS;
	loop_timer_set(&c->late, msec_add(loop_now(c->loop), GONE_LOOK));
}

static void
on_late(void *ctx)
{
	struct child *c = ctx;
	char why[TEXT_DURATION + 32], time[TEXT_DURATION];

	if (c->looks > 0) {
		look_if_gone(c);
		return;
	}
	snprintf(why, sizeof why, "took more than %s", text_duration(time, c->ms));
	end_early(c, why);
}

static void
on_answer(void *ctx, int what)
{
	struct child *c = ctx;
	ssize_t n;

	(void)what;
	n = read(c->watch.fd, c->bytes + c->n, c->most + 1 - c->n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		reap(c);
		return;
	}
	c->n += (size_t)n;
	if (c->n > c->most)
		end_early(c, "said too much");
}

/* ---- its begin ---- */

/* One that was killed may be gone by now. */
static bool
is_there(struct child *c)
{
	pid_t pid = c->pid;

	if (pid == 0)
		return false;
	if (loop_fd_watched(&c->watch) || c->looks > 0)
		return true;
	pid = waitpid(c->pid, NULL, WNOHANG);
	if (pid != 0)
		c->pid = 0;
	return pid == 0;
}

/* Signals that come before it has forgotten our handlers wait. */
static pid_t
fork_it(const int ends[2], child_fn *fn, void *arg, size_t memory)
{
	sigset_t all, before;
	pid_t pid;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		be_child(ends[1], &before, memory, fn, arg);
	err = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return pid;
}

static int
give_up(struct child *c, const int ends[2], int err)
{
	if (ends != NULL) {
		close(ends[0]);
		close(ends[1]);
	}
	free(c->bytes);
	c->bytes = NULL;
	errno = err;
	return -1;
}

int
child_start(struct child *c, child_fn *fn, void *arg, int64_t ms, size_t memory)
{
	int ends[2];

	if (is_there(c)) {
		errno = EBUSY;
		return -1;
	}
	c->n = 0;
	c->ms = ms;
	c->bytes = malloc(c->most + 1); /* before the fork: the child then is not better off than we are */
	if (c->bytes == NULL || pipe2(ends, O_CLOEXEC) != 0)
		return give_up(c, NULL, errno);
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 ||
	    loop_fd_start(&c->watch, c->loop, ends[0], LOOP_READ, on_answer, c) != 0)
		return give_up(c, ends, errno);
	c->pid = fork_it(ends, fn, arg, memory);
	if (c->pid < 0) {
		c->pid = 0;
		loop_fd_stop(&c->watch);
		return give_up(c, ends, errno);
	}
	close(ends[1]);
	loop_timer_set(&c->late, msec_add(loop_now(c->loop), ms));
	return 0;
}

struct child *
child_new(struct loop *loop, size_t most, child_ended_fn *ended, void *ctx)
{
	struct child *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->most = most;
	c->ended = ended;
	c->ctx = ctx;
	loop_timer_init(&c->late, loop, on_late, c);
	signal(SIGCHLD, SIG_DFL); /* else, as we may have been started, how it ended is told to nobody */
	return c;
}

void
child_free(struct child *c)
{
	if (c == NULL)
		return;
	if (loop_fd_watched(&c->watch)) {
		stop_watching(c);
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, WNOHANG);
	}
	loop_timer_set(&c->late, MSEC_NEVER);
	free(c->bytes);
	free(c);
}
