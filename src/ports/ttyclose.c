/*
 * Closing a tty, see ttyclose.h.
 */
#include "ports/ttyclose.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* before glibc 2.38 */
#define sigev_notify_thread_id _sigev_un._tid
#endif

static void
on_signal(int signo)
{
	(void)signo;
}

/* Without SA_RESTART: it is there to end a wait. */
static void
install(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGUSR2, &sa, NULL);
}

static bool
set_alarm(timer_t *timer)
{
	const struct timespec wait = { 0, TTYCLOSE_WAIT * 1000000L };
	const struct itimerspec each = { wait, wait };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };

	ev.sigev_notify_thread_id = gettid();
	if (timer_create(CLOCK_MONOTONIC, &ev, timer) != 0)
		return false;
	(void)timer_settime(*timer, 0, &each, NULL);
	return true;
}

void
ttyclose(int fd)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	sigset_t signal, old;
	timer_t timer;
	bool alarmed;

	pthread_once(&once, install);
	sigemptyset(&signal);
	sigaddset(&signal, SIGUSR2);
	alarmed = set_alarm(&timer);
	pthread_sigmask(SIG_UNBLOCK, &signal, &old);
	close(fd);
	if (alarmed)
		timer_delete(timer);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}
