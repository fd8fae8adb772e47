/*
 * UUCP lock files in a directory of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lockrig.h"

/* What flock(2) says instead of what the kernel would, and how often it is asked. */
static int flock_errno, flock_calls;

int
flock(int fd, int how)
{
	flock_calls++;
	if (flock_errno == 0)
		return (int)syscall(SYS_flock, fd, how);
	errno = flock_errno;
	return -1;
}

/* What happens while somebody sleeps; NULL: he does. */
static void (*on_sleep)(void);

int
nanosleep(const struct timespec *time, struct timespec *rest)
{
	if (on_sleep == NULL)
		return clock_nanosleep(CLOCK_REALTIME, 0, time, rest) == 0 ? 0 : -1;
	on_sleep();
	return 0;
}

/* ---- names ---- */

START_TEST(too_long)
{
	char name[LOCKFILE_PATH];
	size_t n;

	for (n = LOCKFILE_PATH - 20; n < LOCKFILE_PATH; n++) {
		memset(name, 'x', n);
		name[n] = '\0';
		ck_assert_int_eq(take_at(name, DEVICE, 0, &owner), LOCKFILE_UNWRITABLE);
		release_at(name, DEVICE);
	}
	ck_assert_int_eq(lockfile_look(name, DEVICE, DEVICE, 0, &owner), LOCKFILE_FREE);
}
END_TEST

/* "dir/NAME", in one of two places. */
static const char *
in_dir(const char *name, int place)
{
	static char path[2][128];

	snprintf(path[place], sizeof path[place], "%s/%s", dir, name);
	return path[place];
}

static bool
has(const char *name)
{
	return access(in_dir(name, 0), F_OK) == 0;
}

static void
put_other(const char *name, pid_t pid)
{
	put_pid("%10d\n", pid);
	ck_assert_int_eq(rename(lock, in_dir(name, 0)), 0);
}

#define LINK "/dev/serial/modem"
#define LINK_NAME "LCK..modem"
#define LINK_WHOLE "LCK..serial_modem"

static int
take_by_link(struct lockfile_hold *h)
{
	return lockfile_take(h, dir, DEVICE, LINK, time(NULL), &owner);
}

/* By its own name, the link's last part, and as minicom has the link. */
START_TEST(by_all_its_names)
{
	ck_assert_int_eq(take_by_link(&holds[0]), LOCKFILE_OK);
	ck_assert(has(NAME) && has(LINK_NAME) && has(LINK_WHOLE));
	ck_assert_int_eq(lockfile_look(dir, DEVICE, LINK, time(NULL), &owner), LOCKFILE_OK);
	ck_assert_int_eq(lockfile_release(&holds[0], dir), 0);
	ck_assert(!has(NAME) && !has(LINK_NAME) && !has(LINK_WHOLE));
}
END_TEST

/* One that knows it by the link, as mgetty, cu and faxgetty, or minicom: nothing of ours is left. */
START_TEST(locked_by_the_links_name)
{
	static const char *const names[] = { LINK_NAME, LINK_WHOLE, NAME };
	const char *name = names[_i];

	put_other(name, process(true));
	ck_assert_int_eq(lockfile_look(dir, DEVICE, LINK, time(NULL), &owner), LOCKFILE_HELD);
	owner.pid = 0;
	ck_assert_int_eq(take_by_link(&holds[0]), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, child);
	ck_assert_ptr_null(holds[0].device);
	ck_assert_int_eq(has(NAME) + has(LINK_NAME) + has(LINK_WHOLE), 1);
	ck_assert(has(name));
	end_child();
	ck_assert_int_eq(take_by_link(&holds[0]), LOCKFILE_OK);
	ck_assert_int_eq(lockfile_release(&holds[0], dir), 0);
	ck_assert(!has(name));
}
END_TEST

/* Taken over by another meanwhile: that one stays, the rest goes. */
START_TEST(one_name_is_not_ours_any_more)
{
	ck_assert_int_eq(take_by_link(&holds[0]), LOCKFILE_OK);
	put_other(LINK_NAME, process(true)); /* by way of the device's own, which is gone then */
	ck_assert_int_eq(lockfile_release(&holds[0], dir), 0);
	ck_assert(!has(NAME) && has(LINK_NAME) && !has(LINK_WHOLE));
	unlink(in_dir(LINK_NAME, 0));
}
END_TEST

/* Two devices, each by a link of this name: the file is there as long as either is taken. */
START_TEST(a_name_for_two_devices)
{
	static const char other[] = "/dev/ttyFAKE8";
	int first = _i, last = 1 - _i;

	ck_assert_int_eq(lockfile_take(&holds[0], dir, DEVICE, "/a/modem", time(NULL), &owner), LOCKFILE_OK);
	ck_assert_int_eq(lockfile_look(dir, other, "/b/modem", time(NULL), &owner), LOCKFILE_FREE);
	ck_assert_int_eq(lockfile_take(&holds[1], dir, other, "/b/modem", time(NULL), &owner), LOCKFILE_OK);
	ck_assert_int_eq(lockfile_release(&holds[first], dir), 0);
	ck_assert(has(LINK_NAME));
	ck_assert_int_eq(lockfile_release(&holds[last], dir), 0);
	ck_assert(!has(LINK_NAME) && !has(NAME) && !has("LCK..ttyFAKE8"));
}
END_TEST

/* A second line of ours with a link of its own gets nothing, and takes nothing away. */
START_TEST(by_another_link)
{
	ck_assert_int_eq(take_by_link(&holds[0]), LOCKFILE_OK);
	ck_assert_int_eq(lockfile_take(&holds[1], dir, DEVICE, "/b/other", time(NULL), &owner), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, getpid());
	ck_assert(has(NAME) && has(LINK_NAME) && has(LINK_WHOLE) && !has("LCK..other"));
	ck_assert_int_eq(lockfile_release(&holds[0], dir), 0);
}
END_TEST

/* ---- taking and giving back ---- */

START_TEST(taken_and_released)
{
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL), &owner), LOCKFILE_FREE);
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	is_ours();
	release_at(dir, DEVICE);
	ck_assert(!is_there());
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL), &owner), LOCKFILE_FREE);
	release_at(dir, DEVICE);
	ck_assert_int_eq(take(0), LOCKFILE_OK);
}
END_TEST

/* Two lines that lead to one device: the second neither gets it nor takes the file away. */
START_TEST(one_of_this_process)
{
	char text[128];

	ck_assert_int_eq(take(0), LOCKFILE_OK);
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	is_ours();
	ck_assert_int_eq(owner.pid, getpid());
	lockfile_describe(text, sizeof text, &owner);
	ck_assert_str_eq(text, "in use by another line of this server");
	ck_assert_int_eq(take_at(dir, DEVICE "7", time(NULL), &owner), LOCKFILE_OK);
	release_at(dir, DEVICE "7");
	release_at(dir, DEVICE);
	ck_assert(!is_there());
	ck_assert_int_eq(take(0), LOCKFILE_OK);
}
END_TEST

START_TEST(one_of_this_process_without_files)
{
	static const char *const dirs[] = { NULL, "", "/no/such/directory" };
	int first = _i < 2 ? LOCKFILE_OK : LOCKFILE_UNWRITABLE;

	ck_assert_int_eq(take_at(dirs[_i], DEVICE, time(NULL), &owner), first);
	ck_assert_int_eq(take_at(dirs[_i], DEVICE, time(NULL), &owner), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, getpid());
	release_at(dirs[_i], DEVICE);
	ck_assert_int_eq(take_at(dirs[_i], DEVICE, time(NULL), &owner), first);
	release_at(dirs[_i], DEVICE);
}
END_TEST

/* One that has died, as in a container, where the number is the same at each start. */
START_TEST(left_with_our_pid)
{
	put_pid("%10d\n", getpid());
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL), &owner), LOCKFILE_FREE);
	release_at(dir, DEVICE);
	ck_assert(is_there());
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	chmod(lock, 0644);
	is_ours();
}
END_TEST

START_TEST(released_only_if_ours)
{
	put_pid("%10d\n", process(true));
	release_at(dir, DEVICE);
	ck_assert(is_there());
	put("garbage", 7);
	release_at(dir, DEVICE);
	ck_assert(is_there());
}
END_TEST

/* ---- what others write ---- */

static const char *const formats[] = {
	"%10d\n", "%d", "%d\n", "  %d  \n", "\t%d", "\n%d", "%010d\n", "%10d minicom root\n", "%d\nuucp\n",
	"%11d\n", "%60d\n",
};

START_TEST(alive)
{
	pid_t pid = process(true);

	put_pid(formats[_i], pid);
	ck_assert_int_eq(take(1000), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, pid);
	ck_assert_str_eq(owner.program, "check_lockfile");
	memset(&owner, 0, sizeof owner);
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL), &owner), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, pid);
	end_child();
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL), &owner), LOCKFILE_FREE);
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	is_ours();
}
END_TEST

START_TEST(dead)
{
	put_pid(formats[_i], process(false));
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	is_ours();
}
END_TEST

/* The number is another process's now, as after a power cut. */
START_TEST(of_a_number_that_came_back)
{
	put_pid("%10d\n", process(true));
	write_earlier(LOCKFILE_MARGIN - 5); /* the machine may be slow */
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, child);
	write_earlier(-1000);
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	write_earlier(LOCKFILE_MARGIN + 2);
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL), &owner), LOCKFILE_FREE);
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	is_ours();
}
END_TEST

/* Where the clock was set forward since. */
START_TEST(of_one_who_has_the_device)
{
	struct lockfile_hold h = { .device = NULL };
	char path[LOCKFILE_PATH];
	int fd = open("/dev/null", O_RDWR);

	lockname_path(path, sizeof path, dir, "null");
	put_pid("%10d\n", process(true));
	write_earlier(1000);
	ck_assert_int_eq(rename(lock, path), 0);
	ck_assert_int_eq(lockfile_take(&h, dir, "/dev/null", "/dev/null", time(NULL), &owner), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, child);
	ck_assert_int_eq(unlink(path), 0);
	close(fd);
}
END_TEST

START_TEST(binary)
{
	int pid = process(true);

	put(&pid, sizeof pid);
	ck_assert_int_eq(take(1000), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, pid);
	end_child();
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	is_ours();
	release_at(dir, DEVICE);
	pid = getpid();
	put(&pid, sizeof pid);
	ck_assert_int_eq(take(0), LOCKFILE_OK);
}
END_TEST

/* Four characters can be either. */
START_TEST(four_characters)
{
	put("   1", 4);
	ck_assert_int_eq(take(1000), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, 1);
	put("1\n\n\n", 4);
	ck_assert_int_eq(take(1000), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, 1);
}
END_TEST

/* Another user, if we are root; his files and his processes are not ours. */
static void
as_nobody(bool on)
{
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(on ? 65534 : 0), 0);
}

/* It may not be signalled, but lives. */
START_TEST(not_ours_to_signal)
{
	put_pid("%10d\n", 1);
	chmod(dir, 0755);
	as_nobody(true);
	ck_assert_int_eq(take(1000), LOCKFILE_HELD);
	as_nobody(false);
	ck_assert_int_eq(owner.pid, 1);
	ck_assert_str_ne(owner.program, "");
}
END_TEST

static const struct {
	const char *text;
	size_t n;
} garbage[] = {
	{ "", 0 }, { "\n", 1 }, { "     ", 5 }, { "x", 1 }, { "minicom 1\n", 10 }, { "0\n", 2 },
	{ "-1\n", 3 }, { "2147483648\n", 11 }, { "99999999999999999999\n", 21 }, { "\0\0\0\0", 4 },
	{ "\xff\xff\xff\xff", 4 }, { "\0\0\0", 3 },
	{ "                                                                      1\n", 72 },
	{ "                                                               12345\n", 69 },
};

START_TEST(garbage_counts_while_it_is_young)
{
	put(garbage[_i].text, garbage[_i].n);
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, 0);
	ck_assert_str_eq(owner.program, "");
	ck_assert_int_eq(take(LOCKFILE_YOUNG - 2), LOCKFILE_HELD);
	ck_assert_int_eq(take(LOCKFILE_YOUNG + 1), LOCKFILE_OK);
	is_ours();
}
END_TEST

/* Of a program with a mask of its own, in a directory where we may remove it; however old it is. */
START_TEST(not_ours_to_read)
{
	put_pid("%10d\n", process(true));
	chmod(lock, 0);
	chmod(dir, 0777);
	as_nobody(true);
	ck_assert_int_eq(take(1000), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, 0);
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL) + 1000, &owner), LOCKFILE_HELD);
	release_at(dir, DEVICE);
	as_nobody(false);
	ck_assert(is_there());
}
END_TEST

/* Seen between its making and its writing: a moment later it says who. */
static void
write_at_last(void)
{
	put_pid("%10d\n", child);
}

START_TEST(just_being_written)
{
	process(true);
	put("", 0);
	on_sleep = write_at_last;
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	on_sleep = NULL;
	ck_assert_int_eq(owner.pid, child);
}
END_TEST

/* File systems may write a time that time() reaches only a moment later. */
START_TEST(a_second_ahead)
{
	struct stat st;

	put("x", 1);
	ck_assert_int_eq(stat(lock, &st), 0);
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, st.st_ctime - 1, &owner), LOCKFILE_HELD);
	ck_assert_int_eq(take_at(dir, DEVICE, st.st_ctime - 1, &owner), LOCKFILE_HELD);
	ck_assert_int_eq(take_at(dir, DEVICE, st.st_ctime - 2, &owner), LOCKFILE_OK);
}
END_TEST

START_TEST(from_the_future)
{
	put("x", 1);
	ck_assert_int_eq(take(-1000), LOCKFILE_OK);
	is_ours();
}
END_TEST

/* ---- what is planted ---- */

START_TEST(a_link)
{
	char other[128];
	int fd;

	snprintf(other, sizeof other, "%s/other", dir);
	fd = open(other, O_WRONLY | O_CREAT, 0644);
	ck_assert_int_eq(dprintf(fd, "%10d\n", (int)process(true)), 11);
	close(fd);
	ck_assert_int_eq(symlink(other, lock), 0);
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, 0); /* it was not followed */
	ck_assert_int_eq(take(LOCKFILE_YOUNG + 1), LOCKFILE_OK);
	is_ours();
	ck_assert_int_eq(unlink(other), 0); /* still there */
}
END_TEST

START_TEST(a_link_to_nowhere)
{
	ck_assert_int_eq(symlink("/no/such/file", lock), 0);
	ck_assert_int_eq(take(LOCKFILE_YOUNG + 1), LOCKFILE_OK);
	is_ours();
}
END_TEST

/* To open one waits for its other end, if one is not careful. */
START_TEST(a_fifo)
{
	ck_assert_int_eq(mkfifo(lock, 0666), 0);
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	ck_assert_int_eq(take(LOCKFILE_YOUNG + 1), LOCKFILE_OK);
	is_ours();
}
END_TEST

START_TEST(a_directory)
{
	ck_assert_int_eq(mkdir(lock, 0777), 0);
	ck_assert_int_eq(take(0), LOCKFILE_HELD);
	ck_assert_int_eq(take(LOCKFILE_YOUNG + 1), LOCKFILE_UNWRITABLE);
	ck_assert_int_ne(errno, 0);
	release_at(dir, DEVICE);
	ck_assert(is_there());
}
END_TEST

START_TEST(no_directory)
{
	ck_assert_int_eq(take_at("/no/such/directory", DEVICE, 0, &owner), LOCKFILE_UNWRITABLE);
	ck_assert_int_eq(errno, ENOENT);
	release_at("/no/such/directory", DEVICE);
	ck_assert_int_eq(take_at("/dev/null", DEVICE, 0, &owner), LOCKFILE_UNWRITABLE);
	ck_assert_int_eq(errno, ENOTDIR);
	release_at("/dev/null", DEVICE);
}
END_TEST

/* A lock in it counts all the same, and a dead one is not ours to remove. */
static int
take_read_only(void)
{
	int result;

	chmod(dir, 0555);
	as_nobody(true);
	result = take(0);
	ck_assert(result != LOCKFILE_UNWRITABLE || errno == EACCES);
	release_at(dir, DEVICE);
	as_nobody(false);
	chmod(dir, 0700);
	return result;
}

START_TEST(read_only_directory)
{
	ck_assert_int_eq(take_read_only(), LOCKFILE_UNWRITABLE);
	put_pid("%10d\n", process(false));
	ck_assert_int_eq(take_read_only(), LOCKFILE_UNWRITABLE);
	ck_assert(is_there());
	put_pid("%10d\n", process(true));
	ck_assert_int_eq(take_read_only(), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, child);
}
END_TEST

/* Whoever keeps others from taking turns makes it slow, but does not stop it. */
START_TEST(a_turn_that_does_not_come)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	put_pid("%10d\n", process(false));
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	is_ours();
	close(fd);
}
END_TEST

/* Where there are no locks there are no turns to wait for. */
START_TEST(no_turns)
{
	put_pid("%10d\n", process(false));
	flock_calls = 0;
	flock_errno = ENOLCK;
	ck_assert_int_eq(take(0), LOCKFILE_OK);
	flock_errno = 0;
	ck_assert_int_eq(flock_calls, 1);
	is_ours();
}
END_TEST

/* ---- races ---- */

#define OURS 64 /* our own descriptors of it, which a child begins with */

/* Has the process opened our directory? */
static bool
waits_for_its_turn(pid_t pid)
{
	char link[64], target[128];
	ssize_t n;
	int fd;

	for (fd = 3; fd < OURS; fd++) {
		snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, fd);
		n = readlink(link, target, sizeof target - 1);
		target[n < 0 ? 0 : n] = '\0';
		if (strcmp(target, dir) == 0)
			return true;
	}
	return false;
}

/* Who comes second to a dead lock finds the first one's, and leaves it. */
START_TEST(second_to_a_dead_one)
{
	int low = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int turn = fcntl(low, F_DUPFD_CLOEXEC, OURS), status;
	pid_t pid, heir;

	close(low);
	ck_assert_int_eq(flock(turn, LOCK_EX | LOCK_NB), 0);
	put_pid("%10d\n", process(false));
	heir = process(true);
	pid = fork();
	if (pid == 0) {
		close(turn);
		_exit(take(0) == LOCKFILE_HELD && owner.pid == heir ? 0 : 1);
	}
	while (!waits_for_its_turn(pid))
		ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0);
	unlink(lock);
	put_pid("%10d\n", heir);
	close(turn);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert(is_there());
}
END_TEST

#define RACERS 8
#define ROUNDS 100

/* Waits for the start (an end of file), tries, says what came of it, and keeps what it has. */
static void
race(int start, int result, int finish)
{
	struct pollfd p = { .fd = finish };
	char c = 'h';

	while (read(start, &c, 1) > 0)
		;
	switch (take(0)) {
	case LOCKFILE_OK:
		c = 'o';
		break;
	case LOCKFILE_HELD:
		c = 'h';
		break;
	default:
		c = 'u';
		break;
	}
	if (write(result, &c, 1) != 1)
		_exit(1);
	poll(&p, 1, 20000);
	_exit(0);
}

static void
run_race(char results[RACERS])
{
	int start[2], result[2], finish[2], i;
	pid_t pids[RACERS];

	ck_assert(pipe(start) == 0 && pipe(result) == 0 && pipe(finish) == 0);
	for (i = 0; i < RACERS; i++) {
		pids[i] = fork();
		ck_assert_int_ge(pids[i], 0);
		if (pids[i] == 0) {
			close(start[1]);
			close(finish[1]);
			race(start[0], result[1], finish[0]);
		}
	}
	close(start[1]);
	for (i = 0; i < RACERS; i++)
		ck_assert_int_eq(read(result[0], &results[i], 1), 1);
	close(finish[1]);
	for (i = 0; i < RACERS; i++)
		ck_assert_int_eq(waitpid(pids[i], NULL, 0), pids[i]);
	close(start[0]);
	close(finish[0]);
	close(result[0]);
	close(result[1]);
}

/* Nothing there, or what a dead process has left. */
START_TEST(one_of_many_wins)
{
	char results[RACERS];
	int round, i, won;

	for (round = 0; round < ROUNDS; round++) {
		unlink(lock);
		if (_i == 1)
			put_pid("%10d\n", process(false));
		run_race(results);
		for (i = won = 0; i < RACERS; i++) {
			ck_assert_int_ne(results[i], 'u');
			won += results[i] == 'o';
		}
		ck_assert_msg(won == 1, "%d have it in round %d", won, round);
	}
}
END_TEST

/* ---- who has it open ---- */

START_TEST(holder)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, ready[2];
	char name[64], c;

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master) | unlockpt(master), 0);
	ck_assert_int_eq(ptsname_r(master, name, sizeof name), 0);
	slave = open(name, O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	ck_assert_int_eq(lockfile_holder_of(name, &owner), LOCKFILE_FREE); /* we do not count */
	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(lockfile_holder_of(name, &owner), LOCKFILE_HELD);
	ck_assert_int_eq(owner.pid, child);
	ck_assert_str_eq(owner.program, "check_lockfile");
	end_child();
	ck_assert_int_eq(lockfile_holder_of(name, &owner), LOCKFILE_FREE);
	ck_assert_int_eq(lockfile_holder_of("/no/such/device", &owner), LOCKFILE_FREE);
	ck_assert_int_eq(lockfile_holder_of(dir, &owner), LOCKFILE_FREE);
	close(slave);
	close(master);
}
END_TEST

#define COUNT(table) ((int)(sizeof table / sizeof table[0]))

/* A name that the hold has no room for is kept elsewhere, and found. */
START_TEST(long_name)
{
	static const char device[] = "/dev/serial-ports-with-long-names/ttyFAKE7";
	struct lockfile_hold a = { .device = NULL }, b = { .device = NULL };

	ck_assert_uint_gt(sizeof device, LOCKFILE_ROOM);
	ck_assert_int_eq(lockfile_take(&a, NULL, device, device, time(NULL), &owner), LOCKFILE_OK);
	ck_assert_str_eq(a.device, device);
	ck_assert_int_eq(lockfile_take(&b, "", device, device, time(NULL), &owner), LOCKFILE_HELD);
	ck_assert_ptr_null(b.device);
	lockfile_release(&b, "");
	lockfile_release(&a, "");
	ck_assert_ptr_null(a.device);
	ck_assert_int_eq(lockfile_take(&b, "", device, device, time(NULL), &owner), LOCKFILE_OK);
	lockfile_release(&b, NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lockfile");
	TCase *tc = tcase_create("lockfile");

	tcase_add_checked_fixture(tc, lockrig_up, lockrig_down);
	tcase_set_timeout(tc, 20); /* 800 processes, where the machine is busy with others */
	tcase_add_test(tc, long_name);
	tcase_add_test(tc, too_long);
	tcase_add_test(tc, by_all_its_names);
	tcase_add_loop_test(tc, locked_by_the_links_name, 0, 3);
	tcase_add_test(tc, one_name_is_not_ours_any_more);
	tcase_add_loop_test(tc, a_name_for_two_devices, 0, 2);
	tcase_add_test(tc, by_another_link);
	tcase_add_test(tc, taken_and_released);
	tcase_add_test(tc, one_of_this_process);
	tcase_add_loop_test(tc, one_of_this_process_without_files, 0, 3);
	tcase_add_test(tc, left_with_our_pid);
	tcase_add_test(tc, released_only_if_ours);
	tcase_add_loop_test(tc, alive, 0, COUNT(formats));
	tcase_add_loop_test(tc, dead, 0, COUNT(formats));
	tcase_add_test(tc, of_a_number_that_came_back);
	tcase_add_test(tc, of_one_who_has_the_device);
	tcase_add_test(tc, binary);
	tcase_add_test(tc, four_characters);
	tcase_add_test(tc, not_ours_to_signal);
	tcase_add_loop_test(tc, garbage_counts_while_it_is_young, 0, COUNT(garbage));
	tcase_add_test(tc, not_ours_to_read);
	tcase_add_test(tc, just_being_written);
	tcase_add_test(tc, a_second_ahead);
	tcase_add_test(tc, from_the_future);
	tcase_add_test(tc, a_link);
	tcase_add_test(tc, a_link_to_nowhere);
	tcase_add_test(tc, a_fifo);
	tcase_add_test(tc, a_directory);
	tcase_add_test(tc, no_directory);
	tcase_add_test(tc, read_only_directory);
	tcase_add_test(tc, a_turn_that_does_not_come);
	tcase_add_test(tc, no_turns);
	tcase_add_test(tc, second_to_a_dead_one);
	tcase_add_loop_test(tc, one_of_many_wins, 0, 2);
	tcase_add_test(tc, holder);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
