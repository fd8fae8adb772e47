/*
 * The control socket: its file, who may do what, requests in order, streams and who reads them slowly.
 */
#include "controlrig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct rig r;
static struct client a, b;

static void
setup(void)
{
	rig_init(&r);
	rig_open(&r);
}

static void
teardown(void)
{
	rig_end(&r);
}

/* ---- its file ---- */

static const struct control_ops no_ops;

START_TEST(mode_and_end)
{
	struct stat st;

	ck_assert_int_eq(stat(r.path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	control_free(r.control);
	r.control = NULL;
	ck_assert_int_eq(stat(r.path, &st), -1);
}
END_TEST

START_TEST(group_of_the_directory)
{
	struct stat st;

	if (getuid() != 0) {
		puts("SKIP check_control: needs root, to give a file to a group");
		return;
	}
	control_free(r.control);
	ck_assert_int_eq(chown(r.directory, (uid_t)-1, 12345), 0);
	rig_open(&r);
	ck_assert_int_eq(stat(r.path, &st), 0);
	ck_assert_uint_eq(st.st_gid, 12345);
}
END_TEST

START_TEST(served_by_another)
{
	ck_assert_ptr_null(control_new(r.loop, r.path, r.limits, r.gallery, &no_ops, &r));
	ck_assert_int_eq(errno, EADDRINUSE);
	client_open(&r, &a); /* which is not disturbed */
}
END_TEST

START_TEST(left_by_another)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	control_free(r.control);
	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", r.path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	close(fd); /* bound, and nobody listens */
	rig_open(&r);
	client_open(&r, &a);
}
END_TEST

/* Whatever else is there stays. */
START_TEST(no_socket)
{
	char path[100];
	int fd;

	snprintf(path, sizeof path, "%s/file", r.directory);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	ck_assert_ptr_null(control_new(r.loop, path, r.limits, r.gallery, &no_ops, &r));
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(no_place)
{
	char path[200];

	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	ck_assert_ptr_null(control_new(r.loop, path, r.limits, r.gallery, &no_ops, &r));
	ck_assert_int_eq(errno, ENAMETOOLONG);
	ck_assert_ptr_null(control_new(r.loop, "/no/such/directory/control", r.limits, r.gallery, &no_ops, &r));
	ck_assert_int_eq(errno, ENOENT);
	snprintf(path, sizeof path, "%s/made/control", r.directory);
	control_free(r.control);
	r.control = control_new(r.loop, path, r.limits, r.gallery, &no_ops, &r);
	ck_assert_ptr_nonnull(r.control);
}
END_TEST

/* Another daemon has taken the place meanwhile: its socket is not ours to remove. */
START_TEST(not_ours_any_more)
{
	struct control *first = r.control;

	ck_assert_int_eq(unlink(r.path), 0);
	rig_open(&r);
	control_free(first);
	client_open(&r, &a);
}
END_TEST

/* ---- requests ---- */

START_TEST(status)
{
	client_open(&r, &a);
	client_send(&a, "{\"id\":7,\"do\":\"status\"}\n");
	expect_line(&r, &a, "{\"id\":7,\"ok\":true,\"status\":{\"acts\":true,\"number\":1,\"lines\":[]},\"missed\":0}");
}
END_TEST

START_TEST(done_later_and_in_order)
{
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"kick\",\"line\":\"m\",\"message\":\"x\"}\n{\"id\":2,\"do\":\"status\"}\n"
	    "{\"id\":3,\"do\":\"drain\",\"exit\":true}\n{\"id\":4,\"do\":");
	rig_run(&r, 30);
	ck_assert_uint_eq(r.n_calls, 1);
	ck_assert_uint_eq(r.statuses, 0); /* one after the other */
	ck_assert_int_eq(r.requests[0].verb, CTLMSG_KICK);
	ck_assert_str_eq(r.requests[0].line, "m");
	ck_assert_str_eq(r.requests[0].message, "x");
	control_done(r.calls[0], "told 192.0.2.7");
	expect_line(&r, &a, "{\"id\":1,\"ok\":true,\"text\":\"told 192.0.2.7\"}");
	expect_in(&r, &a, "{\"id\":2,\"ok\":true,\"status\":");
	rig_run(&r, 30);
	ck_assert_uint_eq(r.n_calls, 2);
	ck_assert(r.requests[1].exit);
	control_refuse(r.calls[1], CTLMSG_FAILED, "no; expected yes");
	expect_line(&r, &a, "{\"id\":3,\"ok\":false,\"code\":\"failed\",\"error\":\"no; expected yes\"}");
	client_send(&a, "\"reload\"}\n");
	rig_run(&r, 30);
	ck_assert_int_eq(r.requests[2].verb, CTLMSG_RELOAD);
	control_done(r.calls[2], NULL);
	expect_line(&r, &a, "{\"id\":4,\"ok\":true}");
}
END_TEST

/* Whoever answers may be in the midst of something: the next line is not carried out inside of that. */
START_TEST(nothing_begins_inside_of_an_answer)
{
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"test\",\"line\":\"m\"}\n{\"id\":2,\"do\":\"reload\"}\n");
	rig_run(&r, 30);
	ck_assert_uint_eq(r.n_calls, 1);
	control_done(r.calls[0], NULL);
	ck_assert_uint_eq(r.n_calls, 1);
	rig_run(&r, 30);
	ck_assert_uint_eq(r.n_calls, 2);
	control_done(r.calls[1], NULL);
	expect_line(&r, &a, "{\"id\":1,\"ok\":true}");
	expect_line(&r, &a, "{\"id\":2,\"ok\":true}");
}
END_TEST

/* Who asked has gone, or all have: the answer of the daemon goes nowhere. */
START_TEST(answered_to_nobody)
{
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"test\",\"line\":\"m\"}\n");
	rig_run(&r, 30);
	client_close(&a);
	client_open(&r, &b);
	client_send(&b, "{\"id\":1,\"do\":\"test\",\"line\":\"m\"}\n");
	rig_run(&r, 30);
	ck_assert_uint_eq(r.n_calls, 2);
	control_done(r.calls[0], "well");
	control_free(r.control);
	r.control = NULL;
	control_refuse(r.calls[1], CTLMSG_FAILED, "ill");
	client_close(&b);
}
END_TEST

/* Through a pipe: the asker shuts down when it has asked. */
START_TEST(half_closed)
{
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"test\",\"line\":\"m\"}\n{\"id\":2,\"do\":\"status\"}\n");
	shutdown(a.fd, SHUT_WR);
	rig_run(&r, 100);
	control_done(r.calls[0], NULL);
	expect_line(&r, &a, "{\"id\":1,\"ok\":true}");
	expect_in(&r, &a, "\"status\"");
	ck_assert_ptr_null(client_line(&r, &a));
}
END_TEST

/* More than one turn of the loop takes, and more than the output holds. */
START_TEST(many_at_once)
{
	char text[65536] = "";
	size_t n = 0;
	int i;

	r.at_once = true;
	r.lines = 1000;
	client_open(&r, &a);
	for (i = 1; i <= 500; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "{\"id\":%d,\"do\":\"%s\"}\n", i,
		    i % 50 == 0 ? "status" : "resume");
	client_send(&a, text);
	for (i = 1; i <= 500; i++) {
		snprintf(text, sizeof text, "{\"id\":%d,\"ok\":true", i);
		expect_in(&r, &a, text);
	}
}
END_TEST

static const struct {
	const char *line, *answer;
} bad[] = {
	{ "GET / HTTP/1.1\r\n", "{\"id\":0,\"ok\":false,\"code\":\"bad\",\"error\":" },
	{ "\n", "{\"id\":0,\"ok\":false,\"code\":\"bad\",\"error\":" },
	{ "{\"id\":9,\"do\":\"kcik\"}\n", "{\"id\":9,\"ok\":false,\"code\":\"bad\",\"error\":\"\\\"do\\\" is \\\"kcik\\\";" },
	{ "{\"id\":9,\"do\":\"monitor\",\"line\":\"none\"}\n", "{\"id\":9,\"ok\":false,\"code\":\"unknown\"," },
	{ "{\"id\":9,\"do\":\"history\"}\n", "{\"id\":9,\"ok\":false,\"code\":\"failed\"," },
};

START_TEST(refused_and_goes_on)
{
	client_open(&r, &a);
	client_send(&a, bad[_i].line);
	expect_in(&r, &a, bad[_i].answer);
	client_send(&a, "{\"id\":1,\"do\":\"status\"}\n");
	expect_in(&r, &a, "{\"id\":1,\"ok\":true");
}
END_TEST

START_TEST(only_so_many_mistakes)
{
	int i;

	client_open(&r, &a);
	for (i = 0; i < 20; i++)
		client_send(&a, "x\n");
	for (i = 0; client_line(&r, &a) != NULL; i++)
		;
	ck_assert_int_eq(i, 16);
}
END_TEST

START_TEST(a_line_without_end)
{
	static char text[CTLMSG_MAX + 1];

	memset(text, ' ', CTLMSG_MAX);
	client_open(&r, &a);
	client_send(&a, text);
	expect_in(&r, &a, "a line of more than 64 KiB");
	ck_assert_ptr_null(client_line(&r, &a));
}
END_TEST

/* In a child of another user; returns what its first answers were. */
START_TEST(who_may_what)
{
	static const char *const asked[] = { "status", "history", "watch", "reload", "drain", "resume",
		"kick\",\"line\":\"m", "disable\",\"line\":\"m", "enable\",\"line\":\"m", "test\",\"line\":\"m",
		"monitor\",\"line\":\"m" };
	char text[100];
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int p[2];
	size_t i;
	pid_t child;

	if (getuid() != 0) {
		puts("SKIP check_control: needs root, to be another user");
		return;
	}
	ck_assert_int_eq(chmod(r.directory, 0755), 0);
	ck_assert_int_eq(chmod(r.path, 0666), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	child = fork();
	if (child == 0) { /* connects as nobody, and passes everything on */
		snprintf(sun.sun_path, sizeof sun.sun_path, "%s", r.path);
		a.fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (setgid(65534) != 0 || setuid(65534) != 0 ||
		    connect(a.fd, (struct sockaddr *)&sun, sizeof sun) != 0)
			_exit(1);
		for (i = 0; i < sizeof asked / sizeof *asked; i++) {
			snprintf(text, sizeof text, "{\"id\":%zu,\"do\":\"%s\"}\n", i + 1, asked[i]);
			if (write(a.fd, text, strlen(text)) < 0)
				_exit(2);
		}
		for (;;) {
			ssize_t n = read(a.fd, text, sizeof text);

			if (n <= 0 || write(p[1], text, (size_t)n) != n)
				_exit(3);
		}
	}
	a.fd = p[0];
	a.n = 0;
	expect_in(&r, &a, "\"may\":\"look\"");
	expect_in(&r, &a, "{\"id\":1,\"ok\":true,\"status\":{\"acts\":false,");
	expect_in(&r, &a, "{\"id\":2,\"ok\":false,\"code\":\"failed\",\"error\":\"no history");
	expect_in(&r, &a, "{\"id\":3,\"ok\":true,\"status\":{\"acts\":false,");
	for (i = 4; i <= sizeof asked / sizeof *asked; i++) {
		snprintf(text, sizeof text, "{\"id\":%zu,\"ok\":false,\"code\":\"denied\"", i);
		expect_in(&r, &a, text);
	}
	ck_assert_uint_eq(r.n_calls, 0);
	ck_assert_int_eq(r.monitored, 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}
END_TEST

START_TEST(too_many)
{
	static struct client many[CONTROL_USER + CONTROL_KEPT];
	int i;

	for (i = 0; i < CONTROL_USER + CONTROL_KEPT; i++)
		client_open(&r, &many[i]);
	client_open(&r, &a);
	expect_line(&r, &a, "{\"id\":0,\"ok\":false,\"code\":\"busy\",\"error\":"
	    "\"too many control connections of this user; expected at most 8\"}");
	ck_assert_ptr_null(client_line(&r, &a));
	client_close(&a);
	client_close(&many[3]); /* which the loop sees after the next one has come */
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"status\"}\n");
	expect_in(&r, &a, "{\"id\":1,\"ok\":true");
	for (i = 0; i < CONTROL_USER + CONTROL_KEPT; i++)
		if (i != 3)
			client_close(&many[i]);
}
END_TEST

/* Who may act can do so, and look, however much he has left running. */
START_TEST(too_much_watched)
{
	static struct client many[CONTROL_USER];
	int i;

	for (i = 0; i < CONTROL_USER; i++) {
		client_open(&r, &many[i]);
		client_send(&many[i], i % 2 == 0 ? "{\"id\":1,\"do\":\"watch\"}\n" :
		    "{\"id\":1,\"do\":\"monitor\",\"line\":\"m\"}\n");
		expect_in(&r, &many[i], "{\"id\":1,\"ok\":true");
	}
	client_send(&many[0], "{\"id\":2,\"do\":\"monitor\",\"line\":\"m\"}\n"); /* on the same one */
	expect_in(&r, &many[0], "{\"id\":2,\"ok\":true");
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"watch\"}\n{\"id\":2,\"do\":\"monitor\",\"line\":\"m\"}\n"
	    "{\"id\":3,\"do\":\"status\"}\n{\"id\":4,\"do\":\"kick\",\"line\":\"m\"}\n");
	expect_in(&r, &a, "{\"id\":1,\"ok\":false,\"code\":\"busy\"");
	expect_in(&r, &a, "{\"id\":2,\"ok\":false,\"code\":\"busy\"");
	expect_in(&r, &a, "{\"id\":3,\"ok\":true");
	rig_run(&r, 30);
	ck_assert_uint_eq(r.n_calls, 1);
	control_done(r.calls[0], NULL);
	expect_in(&r, &a, "{\"id\":4,\"ok\":true");
	client_close(&many[1]);
	rig_run(&r, 30);
	client_send(&a, "{\"id\":5,\"do\":\"watch\"}\n");
	expect_in(&r, &a, "{\"id\":5,\"ok\":true");
	for (i = 0; i < CONTROL_USER; i++)
		if (i != 1)
			client_close(&many[i]);
}
END_TEST

/* n connections of a user who may only look, which a child holds; its end ends them. */
static pid_t
look_as(uid_t uid, int n, struct client *last)
{
	static const char watch[] = "{\"id\":1,\"do\":\"watch\"}\n";
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int p[2], i;
	pid_t child;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", r.path);
	if ((child = fork()) == 0) {
		if (setgid(65534) != 0 || setuid(uid) != 0)
			_exit(1);
		for (i = 0; i < n; i++) {
			last->fd = socket(AF_UNIX, SOCK_STREAM, 0);
			if (connect(last->fd, (struct sockaddr *)&sun, sizeof sun) != 0)
				_exit(2);
			send(last->fd, watch, sizeof watch - 1, MSG_NOSIGNAL); /* unless it is closed already */
		}
		for (;;) { /* what the last one is told; the others never read */
			char text[4096];
			ssize_t got = read(last->fd, text, sizeof text);

			if (got <= 0 || write(p[1], text, (size_t)got) != got)
				break;
		}
		close(p[1]);
		pause();
	}
	close(p[1]);
	last->fd = p[0];
	last->n = 0;
	expect_in(&r, last, "\"may\":\"look\"");
	return child;
}

static void
gone(pid_t child, struct client *c)
{
	client_close(c);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* Whoever watches, and however many do: who may act has his places. */
START_TEST(places_are_kept)
{
	static struct client last[6];
	pid_t children[6];
	int i;

	if (getuid() != 0) {
		puts("SKIP check_control: needs root, to be other users");
		return;
	}
	ck_assert_int_eq(chmod(r.directory, 0755), 0);
	ck_assert_int_eq(chmod(r.path, 0666), 0);
	children[0] = look_as(60000, CONTROL_USER + 1, &last[0]);
	expect_in(&r, &last[0], "too many control connections of this user; expected at most 4");
	for (i = 1; i < 4; i++) {
		children[i] = look_as((uid_t)(60000 + i), CONTROL_USER, &last[i]);
		expect_in(&r, &last[i], "{\"id\":1,\"ok\":true,\"status\":");
	}
	children[4] = look_as(60004, 1, &last[4]);
	expect_in(&r, &last[4], "too many control connections; expected at most 16");
	for (i = 0; i < CONTROL_USER; i++) {
		client_open(&r, i % 2 == 0 ? &a : &b);
		client_send(i % 2 == 0 ? &a : &b, "{\"id\":1,\"do\":\"status\"}\n");
		expect_in(&r, i % 2 == 0 ? &a : &b, "{\"id\":1,\"ok\":true");
	}
	gone(children[3], &last[3]);
	rig_run(&r, 30);
	children[5] = look_as(60004, 1, &last[5]);
	expect_in(&r, &last[5], "{\"id\":1,\"ok\":true,\"status\":");
	for (i = 0; i < 6; i++)
		if (i != 3)
			gone(children[i], &last[i]);
}
END_TEST

/* Junk that never asks anything is closed, and so is who stops in the middle. */
START_TEST(says_nothing)
{
	client_open(&r, &a);
	client_open(&r, &b);
	client_send(&b, "{\"id\":1,");
	rig_run(&r, CONTROL_FIRST - 1000);
	client_send(&b, "\"do\":"); /* which is no request either */
	rig_run(&r, 1500);
	ck_assert_int_eq(recv(a.fd, a.in, 1, MSG_DONTWAIT), 0); /* by now, not later */
	ck_assert_int_eq(recv(b.fd, b.in, 1, MSG_DONTWAIT), 0);
}
END_TEST

/* An answer that is not read: the client goes, the others do not notice. */
START_TEST(reads_nothing)
{
	int i;

	r.lines = 20000;
	client_open(&r, &a);
	for (i = 0; i < 5; i++)
		client_send(&a, "{\"id\":1,\"do\":\"status\"}\n");
	client_open(&r, &b);
	rig_run(&r, CONTROL_STALL / 2);
	ck_assert_uint_lt(r.statuses, 3);
	r.lines = 0;
	client_send(&b, "{\"id\":1,\"do\":\"status\"}\n");
	expect_in(&r, &b, "{\"id\":1,\"ok\":true");
	rig_run(&r, CONTROL_STALL / 2 + 500);
	while (client_line(&r, &a) != NULL)
		a.n = 0;
}
END_TEST

/* ---- watch ---- */

START_TEST(watch)
{
	client_open(&r, &a);
	client_send(&a, "{\"id\":5,\"do\":\"watch\"}\n");
	expect_in(&r, &a, "{\"id\":5,\"ok\":true,\"status\":{\"acts\":true,\"number\":1,");
	rig_run(&r, CONTROL_TICK / 2);
	ck_assert_uint_eq(r.statuses, 1);
	control_changed(r.control);
	control_changed(r.control);
	rig_run(&r, CONTROL_TICK / 5);
	expect_in(&r, &a, "\"number\":2,");
	ck_assert_uint_eq(r.statuses, 2);
	expect_in(&r, &a, "\"number\":3,");
	client_send(&a, "{\"id\":6,\"do\":\"watch\"}\n{\"id\":7,\"do\":\"status\"}\n");
	expect_in(&r, &a, "{\"id\":6,\"ok\":false,\"code\":\"busy\"");
	expect_in(&r, &a, "{\"id\":7,\"ok\":true");
	client_close(&a);
	rig_run(&r, CONTROL_TICK + 100);
	r.statuses = 0;
	control_changed(r.control);
	rig_run(&r, CONTROL_TICK + 100);
	ck_assert_uint_eq(r.statuses, 0); /* nobody watches: nothing is done */
}
END_TEST

START_TEST(watch_slowly)
{
	const char *line;
	uint64_t missed = 0;
	int i;

	r.lines = 5000;
	client_open(&r, &a);
	client_send(&a, "{\"id\":5,\"do\":\"watch\"}\n");
	rig_run(&r, 3 * CONTROL_TICK + 300);
	ck_assert_uint_eq(r.statuses, 1); /* not even made */
	for (i = 0; i < 5 && missed == 0; i++) {
		line = client_line(&r, &a);
		ck_assert_ptr_nonnull(line);
		line = strstr(line, "\"missed\":");
		ck_assert_ptr_nonnull(line);
		missed = strtoull(line + 9, NULL, 10);
	}
	ck_assert_uint_ge(missed, 2);
}
END_TEST

static bool
has_ended(const struct client *c)
{
	char byte;

	return recv(c->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

static void
read_all(struct client *c)
{
	while (recv(c->fd, c->in, sizeof c->in, MSG_DONTWAIT) > 0)
		;
}

/* It has a place for as long as it reads now and then; a quiet line, which there is nothing to read of, is no reason. */
START_TEST(watch_and_never_read)
{
	static struct client never, full, quiet;
	int i;

	control_free(r.control);
	r.limits.unread_ms = 2500;
	rig_open(&r);
	client_open(&r, &never);
	client_open(&r, &a);
	client_open(&r, &quiet);
	client_open(&r, &full);
	client_send(&never, "{\"id\":5,\"do\":\"watch\"}\n");
	client_send(&a, "{\"id\":6,\"do\":\"watch\"}\n");
	client_send(&quiet, "{\"id\":7,\"do\":\"monitor\",\"line\":\"m\"}\n");
	expect_in(&r, &quiet, "{\"id\":7,\"ok\":true}");
	for (i = 0; i < 4; i++) {
		rig_run(&r, i == 0 ? 2000 : 700);
		ck_assert_msg(!has_ended(&a) && !has_ended(&quiet), "%d", i);
		read_all(&a);
	}
	for (i = 0; i < 10 && strstr(client_line(&r, &never), "nothing was read") == NULL; i++)
		;
	ck_assert_int_lt(i, 10);
	ck_assert_ptr_null(client_line(&r, &never));
	r.lines = 20000; /* more than the kernel takes for it */
	client_send(&full, "{\"id\":8,\"do\":\"watch\"}\n");
	rig_run(&r, 3000);
	r.lines = 0;
	read_all(&full);
	ck_assert(has_ended(&full));
	ck_assert(!has_ended(&quiet));
}
END_TEST

/* ---- monitor ---- */

static void
data(const char *line, bool from_client, const char *text)
{
	control_data(r.control, line, from_client, 1500, (const uint8_t *)text, strlen(text));
}

START_TEST(monitor)
{
	client_open(&r, &a);
	client_open(&r, &b);
	client_send(&a, "{\"id\":1,\"do\":\"monitor\",\"line\":\"m\"}\n");
	expect_line(&r, &a, "{\"id\":1,\"ok\":true}");
	client_send(&b, "{\"id\":2,\"do\":\"monitor\",\"line\":\"m\"}\n");
	expect_line(&r, &b, "{\"id\":2,\"ok\":true}");
	ck_assert_int_eq(r.monitored, 1);
	data("m", true, "AT\r");
	data("other", true, "secret");
	data("m", false, "OK");
	control_note(r.control, "m", 2000, "free");
	expect_line(&r, &a, "{\"id\":1,\"event\":\"data\",\"at\":1.5,\"from\":\"client\",\"hex\":\"41540d\"}");
	expect_line(&r, &a, "{\"id\":1,\"event\":\"data\",\"at\":1.5,\"from\":\"line\",\"hex\":\"4f4b\"}");
	expect_line(&r, &a, "{\"id\":1,\"event\":\"note\",\"at\":2.0,\"text\":\"free\"}");
	expect_in(&r, &b, "{\"id\":2,\"event\":\"data\"");
	client_send(&a, "{\"id\":3,\"do\":\"monitor\",\"line\":\"n\"}\n");
	expect_in(&r, &a, "{\"id\":3,\"ok\":false,\"code\":\"busy\"");
	client_close(&a);
	rig_run(&r, 30);
	ck_assert_int_eq(r.monitored, 1);
	client_close(&b);
	rig_run(&r, 30);
	ck_assert_int_eq(r.monitored, 0);
}
END_TEST

START_TEST(monitor_of_a_line_that_goes)
{
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"monitor\",\"line\":\"m\"}\n");
	expect_line(&r, &a, "{\"id\":1,\"ok\":true}");
	control_forget_line(r.control, "m", 1000, "not configured any more");
	data("m", true, "x");
	expect_line(&r, &a, "{\"id\":1,\"event\":\"end\",\"at\":1.0,\"text\":\"not configured any more\"}");
	client_close(&a);
	rig_run(&r, 30);
	ck_assert_int_eq(r.monitored, 1); /* the daemon has ended it itself */
}
END_TEST

/* All that was not told as data is told as lost, and order stays. */
START_TEST(monitor_slowly)
{
	static uint8_t block[20000];
	unsigned long sent = 0, got = 0, lost = 0, losses = 0;
	const char *line;
	int i;

	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"monitor\",\"line\":\"m\"}\n");
	expect_line(&r, &a, "{\"id\":1,\"ok\":true}");
	for (i = 0; i < 200; i++) {
		control_data(r.control, "m", false, i, block, sizeof block);
		sent += sizeof block;
		if (i % 10 == 0)
			rig_run(&r, 1);
	}
	rig_run(&r, CONTROL_STALL + 500); /* it is not dropped */
	while (got + lost < sent) {
		line = client_line(&r, &a);
		ck_assert_ptr_nonnull(line);
		if (strstr(line, "\"hex\":\"") != NULL)
			got += (unsigned long)(strlen(strstr(line, "\"hex\":\"")) - 9) / 2;
		else if (strstr(line, "\"bytes\":") != NULL) {
			lost += strtoul(strstr(line, "\"bytes\":") + 8, NULL, 10);
			losses++;
		}
	}
	ck_assert_uint_eq(got + lost, sent);
	ck_assert_uint_gt(got, CTLMSG_DATA);
	ck_assert_uint_eq(losses, 1);
	data("m", true, "z");
	expect_in(&r, &a, "\"hex\":\"7a\"");
	for (i = 0; i < 200; i++)
		control_data(r.control, "m", false, i, block, sizeof block);
	control_forget_line(r.control, "m", 1000, "gone"); /* which does not hide what was lost */
	do
		line = client_line(&r, &a);
	while (line != NULL && strstr(line, "\"event\":\"data\"") != NULL);
	ck_assert_ptr_nonnull(strstr(line, "\"event\":\"lost\""));
	expect_in(&r, &a, "\"event\":\"end\"");
}
END_TEST

/* ---- history ---- */

static void
no_news(void *ctx, enum history_news what, const char *why, uint64_t lost)
{
	(void)ctx;
	(void)what;
	(void)why;
	(void)lost;
}

START_TEST(history)
{
	struct history_record c = { .line = "m", .service = "s", .client = "192.0.2.1\xff", .hidden = true,
		.start = 1000, .end = 3500, .from_client = 7, .number = "555", .why = "closed" };
	int records = 0, chunks = 0;
	const char *line;
	bool more;

	r.history = history_new(r.loop, r.directory, &(struct history_keep){ 0, HISTORY_LEAST }, no_news, NULL);
	for (c.start = 1000; c.start < 1200; c.start++)
		history_add(r.history, &c);
	client_open(&r, &a);
	client_send(&a, "{\"id\":1,\"do\":\"history\",\"line\":\"m\",\"since\":1.05}\n{\"id\":2,\"do\":\"status\"}\n");
	do {
		line = client_line(&r, &a);
		ck_assert(strstr(line, "{\"id\":1,\"ok\":true,\"records\":[") == line);
		chunks++;
		more = strstr(line, "\"more\":true") != NULL;
		for (; (line = strstr(line, "\"why\":\"closed\"")) != NULL; line++)
			records++;
	} while (more);
	ck_assert_int_eq(records, 150);
	ck_assert_int_eq(chunks, 3);
	expect_in(&r, &a, "{\"id\":2,\"ok\":true");
	client_send(&a, "{\"id\":3,\"do\":\"history\",\"max\":1}\n");
	expect_in(&r, &a, "\"start\":1.199,\"end\":3.5");
	client_send(&a, "{\"id\":4,\"do\":\"history\",\"line\":\"of before\"}\n");
	expect_in(&r, &a, "{\"id\":4,\"ok\":true,\"records\":[],\"more\":false}");
	client_send(&a, "{\"id\":5,\"do\":\"history\",\"line\":\"none\"}\n");
	expect_in(&r, &a, "{\"id\":5,\"ok\":false,\"code\":\"unknown\",\"error\":\"no such line");
	client_send(&a, "{\"id\":6,\"do\":\"history\"}\n");
	client_close(&a); /* in the middle */
	rig_run(&r, 50);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("control");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, mode_and_end);
	tcase_add_test(tc, group_of_the_directory);
	tcase_add_test(tc, served_by_another);
	tcase_add_test(tc, left_by_another);
	tcase_add_test(tc, no_socket);
	tcase_add_test(tc, no_place);
	tcase_add_test(tc, not_ours_any_more);
	tcase_add_test(tc, status);
	tcase_add_test(tc, done_later_and_in_order);
	tcase_add_test(tc, nothing_begins_inside_of_an_answer);
	tcase_add_test(tc, answered_to_nobody);
	tcase_add_test(tc, half_closed);
	tcase_add_test(tc, many_at_once);
	tcase_add_loop_test(tc, refused_and_goes_on, 0, ROWS(bad));
	tcase_add_test(tc, only_so_many_mistakes);
	tcase_add_test(tc, a_line_without_end);
	tcase_add_test(tc, who_may_what);
	tcase_add_test(tc, too_many);
	tcase_add_test(tc, too_much_watched);
	tcase_add_test(tc, places_are_kept);
	tcase_add_test(tc, says_nothing);
	tcase_add_test(tc, reads_nothing);
	tcase_add_test(tc, watch);
	tcase_add_test(tc, watch_slowly);
	tcase_add_test(tc, watch_and_never_read);
	tcase_add_test(tc, monitor);
	tcase_add_test(tc, monitor_of_a_line_that_goes);
	tcase_add_test(tc, monitor_slowly);
	tcase_add_test(tc, history);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
