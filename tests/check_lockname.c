/*
 * The names of lock files.
 */
#include <string.h>

#include "base/lockname.h"
#include "unit.h"

static const struct {
	const char *device, *path, *names; /* each with its directory */
} cases[] = {
	{ "/dev/ttyS0", "/dev/ttyS0", "/l/LCK..ttyS0" },
	{ "/dev/pts/3", "/dev/pts/3", "/l/LCK..pts_3 /l/LCK..3" },
	{ "/dev/ttyS4", "/dev/modem", "/l/LCK..ttyS4 /l/LCK..modem" },
	{ "/dev/pts/3", "/run/fax/modem", "/l/LCK..pts_3 /l/LCK..3 /l/LCK..modem" },
	{ "/dev/ttyUSB0", "/dev/serial/by-id/usb-X-if02",
	    "/l/LCK..ttyUSB0 /l/LCK..serial_by-id_usb-X-if02 /l/LCK..usb-X-if02" },
	{ "/dev/pts/3", "/dev/a/b", "/l/LCK..pts_3 /l/LCK..3 /l/LCK..a_b /l/LCK..b" },
	{ "/dev/a/b", "/tmp/a_b", "/l/LCK..a_b /l/LCK..b" },
	{ "/devices/x", "/tmp/ttyS0", "/l/LCK..x /l/LCK..ttyS0" },
	{ "tty", "tty", "/l/LCK..tty" },
};

START_TEST(names)
{
	char got[512] = "", path[128];
	struct locknames n;
	size_t i;

	lockname_of(&n, cases[_i].device, cases[_i].path);
	for (i = 0; i < n.n; i++) {
		ck_assert_ptr_eq(lockname_path(path, sizeof path, "/l", n.list[i]), path);
		strcat(strcat(got, i > 0 ? " " : ""), path);
	}
	ck_assert_str_eq(got, cases[_i].names);
}
END_TEST

START_TEST(same)
{
	ck_assert(lockname_same("a/b", "a_b"));
	ck_assert(lockname_same("", ""));
	ck_assert(!lockname_same("a/b", "a/bc"));
	ck_assert(!lockname_same("a/bc", "a/b"));
	ck_assert(!lockname_same("", "_"));
}
END_TEST

START_TEST(room)
{
	char path[16];
	size_t cap;

	for (cap = 0; cap <= sizeof path; cap++)
		if (cap > strlen("/l/LCK..tty"))
			ck_assert_str_eq(lockname_path(path, cap, "/l", "tty"), "/l/LCK..tty");
		else
			ck_assert_ptr_null(lockname_path(path, cap, "/l", "tty"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lockname");
	TCase *tc = tcase_create("lockname");

	tcase_add_loop_test(tc, names, 0, sizeof cases / sizeof *cases);
	tcase_add_test(tc, same);
	tcase_add_test(tc, room);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
