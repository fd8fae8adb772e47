/*
 * What devices and doctor find on a host that is made up: ports, USB, holders, locks, permissions, and a
 * configuration that surprises.
 */
#include "cli/doctor.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[48];
static struct host host;
static struct doctor d;
static char found[65536]; /* "LEVEL ABOUT: WHAT [MEND]" in lines */
static bool taken;        /* somebody listens wherever it is looked */
static struct conf_report report;

/* ---- the tree ---- */

/* Makes the directories of a path below the root; returns the whole path. */
static const char *
place(const char *path)
{
	static char whole[600];
	char *slash;

	snprintf(whole, sizeof whole, "%s%s", root, path);
	for (slash = strchr(whole + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ck_assert(mkdir(whole, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	return whole;
}

static void
file(const char *path, const char *text, mode_t mode)
{
	int fd = open(place(path), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void
link_to(const char *path, const char *to)
{
	ck_assert_int_eq(symlink(to, place(path)), 0);
}

static void
process(int pid, const char *program, const char *opened)
{
	char path[100], text[64];

	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	snprintf(text, sizeof text, "%s\n", program);
	file(path, text, 0644);
	snprintf(path, sizeof path, "/proc/%d/fd/0", pid);
	link_to(path, "/dev/null");
	snprintf(path, sizeof path, "/proc/%d/fd/3", pid);
	if (opened != NULL)
		link_to(path, opened);
}

#define USB "/sys/devices/pci/usb1/1-2"

/* A board's port, one of an USB modem, a place for a port that is not there, a console that is none. */
static void
set_up_tree(void)
{
	file("/sys/devices/pnp/00:01/x", "", 0644);
	file("/sys/class/tty/ttyS0/type", "4\n", 0644);
	link_to("/sys/class/tty/ttyS0/device", "../../../devices/pnp/00:01");
	link_to("/sys/devices/pnp/00:01/driver", "../../../bus/pnp/drivers/serial");
	file("/sys/class/tty/ttyS1/type", "0\n", 0644);
	link_to("/sys/class/tty/ttyS1/device", "../../../devices/pnp/00:01");
	file("/sys/class/tty/tty0/dev", "4:0\n", 0644);
	file("/sys/class/tty/console/active", "tty0\n", 0644);
	file(USB "/idVendor", "0403\n", 0644);
	file(USB "/idProduct", "6001\n", 0644);
	file(USB "/serial", "A1\n", 0644);
	file(USB "/manufacturer", "Acme\n", 0644);
	file(USB "/product", "Modem 56k\n", 0644);
	file(USB "/1-2:1.0/bInterfaceNumber", "00\n", 0644);
	file(USB "/1-2:1.0/ttyUSB0/x", "", 0644);
	link_to(USB "/1-2:1.0/ttyUSB0/driver", "../../../../../../bus/usb-serial/drivers/ftdi_sio");
	file("/sys/class/tty/ttyUSB0/dev", "188:0\n", 0644);
	link_to("/sys/class/tty/ttyUSB0/device", "../../../devices/pci/usb1/1-2/1-2:1.0/ttyUSB0");
	file("/dev/ttyS0", "", 0660);
	file("/dev/ttyUSB0", "", 0660);
	link_to("/dev/serial/by-id/usb-Acme_Modem-if00-port0", "../../ttyUSB0");
	file("/run/lock/.keep", "", 0644);
	file("/run/modemshare/.keep", "", 0644);
	file("/var/lib/modemshare/.keep", "", 0644);
	process(1, "init", NULL);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static bool
has_address(const struct sockaddr *sa, socklen_t len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

	(void)len;
	return sa->sa_family != AF_INET || in->sin_addr.s_addr != htonl(0xc0000205); /* 192.0.2.5 */
}

static bool
is_taken(const struct sockaddr *sa, socklen_t len)
{
	(void)sa;
	(void)len;
	return taken;
}

static void
on_finding(void *ctx, const struct finding *f)
{
	size_t used = strlen(found);

	(void)ctx;
	snprintf(found + used, sizeof found - used, "%s %s: %s [%s]\n",
	    f->level == DOCTOR_WRONG ? "wrong" : "note", f->about, f->what, f->mend);
}

static void
setup(void)
{
	snprintf(root, sizeof root, "/tmp/doctor-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	set_up_tree();
	d = (struct doctor){ .host = &host, .user = "modemshare", .uid = 990, .groups = { getgid() },
		.n_groups = 1, .has_address = has_address, .is_taken = is_taken, .found = on_finding };
	taken = false;
	found[0] = '\0';
}

static void
teardown(void)
{
	host_clear(&host);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
look(void)
{
	host_clear(&host);
	ck_assert_int_eq(host_look(&host, root, "/run/lock"), 0);
}

/* ---- the host ---- */

START_TEST(ports)
{
	const struct host_tty *t;

	look();
	ck_assert_uint_eq(host.n, 2);
	t = &host.ttys[0];
	ck_assert_str_eq(t->node, "/dev/ttyS0");
	ck_assert_str_eq(t->driver, "serial");
	ck_assert(!t->usb && t->vendor[0] == '\0' && t->by_id[0] == '\0' && !t->console);
	t = &host.ttys[1];
	ck_assert_str_eq(t->node, "/dev/ttyUSB0");
	ck_assert_str_eq(t->driver, "ftdi_sio");
	ck_assert(t->usb);
	ck_assert_str_eq(t->vendor, "0403");
	ck_assert_str_eq(t->product, "6001");
	ck_assert_str_eq(t->serial, "A1");
	ck_assert_str_eq(t->maker, "Acme");
	ck_assert_str_eq(t->model, "Modem 56k");
	ck_assert_str_eq(t->interface, "00");
	ck_assert_str_eq(t->by_id, "/dev/serial/by-id/usb-Acme_Modem-if00-port0");
	ck_assert_ptr_eq(host_find(&host, "/dev/serial/by-id/usb-Acme_Modem-if00-port0"), t);
	ck_assert_ptr_null(host_find(&host, "/dev/ttyUSB7"));
	ck_assert_ptr_null(host_find(&host, "/proc/1/comm"));
}
END_TEST

START_TEST(holders)
{
	int i;

	process(77, "minicom", "/dev/ttyUSB0");
	link_to("/proc/77/fd/4", "/dev/ttyUSB0");
	for (i = 0; i < HOST_HOLDERS + 3; i++)
		process(100 + i, "cat", "/dev/ttyS0");
	look();
	ck_assert_uint_eq(host.ttys[0].n_holders, HOST_HOLDERS);
	ck_assert_uint_eq(host.ttys[1].n_holders, 1);
	ck_assert_int_eq(host.ttys[1].holders[0].pid, 77);
	ck_assert_str_eq(host.ttys[1].holders[0].program, "minicom");
	ck_assert(!host.blind);
}
END_TEST

START_TEST(locks)
{
	const int binary = 77;
	char text[5] = "";

	process(77, "pppd", NULL);
	memcpy(text, &binary, sizeof binary);
	file("/run/lock/LCK..ttyS0", "        77\n", 0644);
	file("/run/lock/LCK..ttyUSB0", "      4242\n", 0644);
	look();
	ck_assert_int_eq(host.ttys[0].lock_pid, 77);
	ck_assert(host.ttys[0].lock_lives);
	ck_assert_int_eq(host.ttys[1].lock_pid, 4242);
	ck_assert(!host.ttys[1].lock_lives);
	file("/run/lock/LCK..ttyUSB0", "nobody", 0644);
	look();
	ck_assert_int_eq(host.ttys[1].lock_pid, -1);
}
END_TEST

START_TEST(no_host)
{
	ck_assert_int_eq(host_look(&host, "/no/such/root", NULL), -1);
	ck_assert_uint_eq(host.n, 0);
}
END_TEST

/* Whatever a process calls it; in a container it has another name, and another device its own. */
START_TEST(holders_by_device)
{
	ck_assert_int_eq(unlink(place("/dev/ttyUSB0")), 0);
	link_to("/dev/ttyUSB0", "/dev/zero");
	process(77, "minicom", "/dev/zero");
	process(78, "cat", "/dev/ttyUSB0");
	look();
	ck_assert_uint_eq(host.ttys[1].n_holders, 1);
	ck_assert_str_eq(host.ttys[1].holders[0].program, "minicom");
}
END_TEST

/* ---- findings ---- */

static void
examine(const char *text)
{
	struct conf *c = conf_parse("F", text, strlen(text), &report);
	size_t i;

	doctor_report(&d, "F", &report);
	if (c == NULL)
		return;
	for (i = 0; i < c->n_lines; i++)
		doctor_device(&d, &c->lines[i]);
	doctor_grabbers(&d, c);
	doctor_conf(&d, c);
	doctor_places(&d, c);
	conf_free(c);
}

#define LINE(device) "line \"m\" { device = \"" device "\" kind = \"modem\" listen = { \"2217\" }\n"
#define BY_ID LINE("/dev/serial/by-id/usb-Acme_Modem-if00-port0") "}\n"

static void
expect(const char *wanted)
{
	ck_assert_msg(strstr(found, wanted) != NULL, "found:\n%sbut not:\n%s", found, wanted);
}

static void
well(const char *conf)
{
	d.uid = 0; /* who may write everywhere */
	look();
	examine(conf);
	ck_assert_str_eq(found, "");
	ck_assert_uint_eq(d.wrong + d.notes, 0);
}

/* Only the first that fits of owner, group and others counts, as for the kernel. */
START_TEST(what_the_user_may)
{
	struct doctor user = { .uid = 10, .groups = { 20 }, .n_groups = 1 };
	static const struct {
		uid_t uid;
		gid_t gid;
		unsigned mode, rwx;
		bool may;
	} all[] = {
		{ 10, 20, 0600, 06, true }, { 10, 20, 0066, 06, false }, { 0, 20, 0060, 06, true },
		{ 0, 20, 0606, 06, false }, { 0, 0, 0006, 06, true }, { 0, 0, 0660, 06, false },
		{ 0, 20, 0020, 03, false }, { 0, 20, 0030, 03, true }, { 10, 0, 0203, 03, false },
	};
	struct stat st = { .st_uid = 0 };
	size_t i;

	for (i = 0; i < sizeof all / sizeof all[0]; i++) {
		st.st_uid = all[i].uid;
		st.st_gid = all[i].gid;
		st.st_mode = all[i].mode;
		ck_assert_msg(doctor_may(&user, &st, all[i].rwx) == all[i].may, "case %zu", i);
	}
}
END_TEST

START_TEST(all_is_well)
{
	well(BY_ID);
}
END_TEST

/* Those of the daemon itself are no holders. */
START_TEST(its_own)
{
	process(500, "modemshared", "/dev/ttyUSB0");
	process(501, "something", "/dev/ttyUSB0");
	file("/run/lock/LCK..ttyUSB0", "       501\n", 0644);
	d.daemon_pid = 501;
	well(BY_ID);
}
END_TEST

static const struct {
	const char *program, *expected;
} programs[] = {
	{ "minicom", "wrong m: minicom has /dev/ttyUSB0 open, as process 88 [kill 88]\n" },
	{ "ModemManager", "[systemctl disable --now ModemManager]\n" },
	{ "brltty", "[systemctl disable --now brltty-udev.service brltty.service]\n" },
	{ "agetty", "wrong m: agetty has /dev/ttyUSB0 open, as process 88 "
	    "[systemctl disable --now serial-getty@ttyUSB0.service]\n" },
};

START_TEST(held)
{
	process(88, programs[_i].program, "/dev/ttyUSB0");
	look();
	examine(BY_ID);
	expect(programs[_i].expected);
}
END_TEST

START_TEST(locked)
{
	process(88, "pppd", NULL);
	file("/run/lock/LCK..ttyUSB0", _i == 0 ? "        88\n" : "        89\n", 0644);
	look();
	examine(BY_ID);
	expect(_i == 0 ? "wrong m: pppd has a lock file for /dev/ttyUSB0, as process 88 [kill 88]\n" :
	    "note m: a lock file for /dev/ttyUSB0 is of no living process");
}
END_TEST

/* By the name of the link that the line has, as others may know it. */
START_TEST(locked_by_the_links_name)
{
	process(88, "pppd", NULL);
	link_to("/dev/modem", "ttyUSB0");
	file(_i == 0 ? "/run/lock/LCK..modem" : "/run/lock/LCK..ttyUSB0", "        88\n", 0644);
	look();
	examine(LINE("/dev/modem") "}\n");
	expect(_i == 0 ? "wrong m: pppd has a lock file for /dev/modem, as process 88 [kill 88]\n" :
	    "wrong m: pppd has a lock file for /dev/ttyUSB0, as process 88 [kill 88]\n");
}
END_TEST

/* The daemon's own: as it should be, where others may not be seen, and left behind. */
START_TEST(left_lock)
{
	d.daemon_pid = 88;
	process(88, "modemshared", _i == 0 ? "/dev/ttyUSB0" : NULL);
	file("/run/lock/LCK..ttyUSB0", "        88\n", 0644);
	look();
	host.blind = _i == 1;
	examine(BY_ID);
	if (_i < 2)
		ck_assert_ptr_null(strstr(found, "lock file"));
	else
		expect("wrong m: the daemon has left its lock file for /dev/ttyUSB0, which it does not have open "
		    "[rm /run/lock/LCK..ttyUSB0]\n");
}
END_TEST

#define SHARED "line \"m\" { device = \"/dev/ttyUSB0\" kind = \"modem\" listen = { \"2217\" } host-sharing = true }"

/* That is what host-sharing is for. */
START_TEST(shared)
{
	process(88, "minicom", _i == 0 ? "/dev/ttyUSB0" : NULL);
	file("/run/lock/LCK..ttyUSB0", _i == 0 ? "        89\n" : "        88\n", 0644);
	d.uid = 0;
	look();
	examine(SHARED);
	expect(_i == 0 ? "note m: minicom has /dev/ttyUSB0 open, as process 88; with host-sharing the daemon waits for "
	    "its turn []\n" : "note m: minicom has a lock file for /dev/ttyUSB0, as process 88; with host-sharing");
	ck_assert_uint_eq(d.wrong, 0);
}
END_TEST

/* What was told of a device the daemon need not tell again; that it has an uncertain name is another thing. */
START_TEST(told_of_a_device)
{
	static const char *const devices[] = { "/dev/ttyUSB0", "/dev/ttyUSB5" };
	char text[200];
	struct conf *c;

	d.uid = 0;
	snprintf(text, sizeof text, "line m { kind = modem\n device = %s }", devices[_i]);
	look();
	c = conf_parse("F", text, strlen(text), &report);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(doctor_device(&d, &c->lines[0]), _i == 1);
	ck_assert_uint_eq(d.wrong + d.notes, 1);
	conf_free(c);
}
END_TEST

START_TEST(what_is_a_tty)
{
	link_to("/sys/dev/char/188:0/subsystem", "../../../../class/tty");
	link_to("/sys/dev/char/1:3/subsystem", "../../../class/mem");
	link_to("/sys/dev/char/240:0/subsystem", "../../../class/cuse");
	look();
	ck_assert(host_may_be_tty(&host, 188, 0) && host_may_be_tty(&host, 240, 0));
	ck_assert(!host_may_be_tty(&host, 1, 3));
	ck_assert(host_may_be_tty(&host, 136, 0)); /* a pty: nothing tells */
}
END_TEST

/* ---- what the daemon says of its lines ---- */

static const struct {
	const char *state, *reason, *expected;
} lines[] = {
	{ "quarantine", "no answer to AT&F", "wrong m: quarantine: no answer to AT&F [modemshare test m]\n" },
	{ "disabled", "by the administrator", "note m: disabled: by the administrator [modemshare enable m]\n" },
	{ "in use on this host", "in use by minicom (pid 77)", "note m: in use on this host: in use by minicom (pid 77) []\n" },
	{ "out of service", "in use by minicom (pid 77)",
	    "wrong m: out of service: in use by minicom (pid 77) [kill 77]\n" },
	{ "out of service", "in use by ser2net (pid 77)", "[systemctl disable --now ser2net.service]\n" },
	{ "out of service", "in use by another program", "[modemshare devices]\n" },
	{ "out of service", "no device", "wrong m: out of service: no device [modemshare devices]\n" },
	{ "out of service", "no permission", "[usermod -aG dialout modemshare && systemctl restart modemshared]\n" },
	{ "out of service", "the driver does not answer", "wrong m: out of service: the driver does not answer []\n" },
};

START_TEST(a_line)
{
	doctor_line(&d, "m", lines[_i].state, lines[_i].reason, false);
	expect(lines[_i].expected);
}
END_TEST

/* What is wrong with its device is not told twice; whatever else there is, is told. */
START_TEST(a_line_whose_device_was_told_of)
{
	doctor_line(&d, "m", "out of service", "no device", true);
	doctor_line(&d, "m", "in use on this host", "in use by minicom (pid 77)", true);
	ck_assert_str_eq(found, "");
	doctor_line(&d, "m", "disabled", "by the administrator", true);
	expect("[modemshare enable m]\n");
}
END_TEST

/* ---- who listens ---- */

#define ANY "00000000000000000000000000000000"
#define ONLY "0A 00000000:00000000 00:00000000 00000000   990        0 4711 1 0 100 0 0 10 0\n"

static void
socket_table(const char *path, const char *address, unsigned port, const char *rest)
{
	char text[400];

	snprintf(text, sizeof text, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
	    "   0: %s:%04X %.*s:0000 %s", address, port, (int)strlen(address), ANY, rest);
	file(path, text, 0644);
}

static void
listens(const char *program, const char *path, const char *address)
{
	socket_table(path, address, 2217, ONLY);
	process(90, program, "socket:[4711]");
	taken = true;
	d.uid = 0;
	look();
	examine("lock-directory = \"\"\nline m { kind = modem\n device = virtual\n listen = 127.0.0.1:2217 }");
}

START_TEST(a_port_in_use)
{
	static const char *const programs_at[][2] = {
		{ "ser2net", "[systemctl disable --now ser2net.service]\n" }, { "nc", "[kill 90]\n" },
	};
	char here[9];

	snprintf(here, sizeof here, "%08X", htonl(INADDR_LOOPBACK));
	listens(programs_at[_i % 2][0], _i < 2 ? "/proc/net/tcp" : "/proc/net/tcp6", _i < 2 ? here : ANY);
	expect("listens at 127.0.0.1:2217 already, as process 90");
	expect(programs_at[_i % 2][1]);
	ck_assert_uint_eq(d.wrong, 1);
}
END_TEST

START_TEST(its_own_port)
{
	char here[9];

	snprintf(here, sizeof here, "%08X", htonl(INADDR_LOOPBACK));
	d.daemon_pid = _i == 0 ? 90 : 0;
	listens(_i == 0 ? "other" : "modemshared", "/proc/net/tcp", here);
	ck_assert_str_eq(found, "");
}
END_TEST

/* It is not seen who listens: somebody else, unless the daemon runs. */
START_TEST(nobody_seen_at_a_port)
{
	char there[9];

	snprintf(there, sizeof there, "%08X", htonl(0xc0000201));
	d.daemon_runs = _i == 1;
	listens("other", "/proc/net/tcp", there);
	if (_i == 1)
		ck_assert_str_eq(found, "");
	else
		expect("wrong m: another program listens at 127.0.0.1:2217 already [sudo ss -ltnp 'sport = :2217']\n");
}
END_TEST

START_TEST(kernel_console)
{
	file("/sys/class/tty/console/active", "tty0 ttyS0\n", 0644);
	look();
	examine(LINE("/dev/ttyS0") "}");
	expect("wrong m: /dev/ttyS0 is a console of the kernel");
	expect("[remove console=ttyS0 from");
}
END_TEST

START_TEST(missing)
{
	look();
	examine(LINE("/dev/ttyUSB5") "}");
	expect("wrong m: /dev/ttyUSB5: No such file or directory "
	    "[device = \"/dev/serial/by-id/usb-Acme_Modem-if00-port0\"]\n");
	ck_assert_int_eq(unlink(place("/dev/serial/by-id/usb-Acme_Modem-if00-port0")), 0);
	look();
	examine(LINE("/dev/ttyUSB5") "}");
	expect("[modemshare devices]\n");
}
END_TEST

START_TEST(a_name_that_changes)
{
	look();
	examine(LINE("/dev/ttyUSB0") "}");
	expect("note m: /dev/ttyUSB0 is a name that another device may have after the next start "
	    "[device = \"/dev/serial/by-id/usb-Acme_Modem-if00-port0\"]\n");
}
END_TEST

START_TEST(not_permitted)
{
	file("/dev/ttyUSB0", "", _i == 0 ? 0660 : 0600);
	if (_i == 0)
		d.n_groups = 0;
	look();
	examine(BY_ID);
	expect("wrong m: modemshare may not open /dev/ttyUSB0 (mode 6");
	if (_i == 0 && getgid() != 0) /* nobody is put into root's group */
		expect("usermod -aG ");
	else
		expect("[chgrp dialout /dev/ttyUSB0 && chmod 660 /dev/ttyUSB0]");
}
END_TEST

START_TEST(modem_manager)
{
	process(90, "ModemManager", NULL);
	look();
	examine(BY_ID);
	expect("wrong m: ModemManager runs, and sends AT commands to /dev/ttyUSB0 when it appears [echo "
	    "'ATTRS{idVendor}==\"0403\", ATTRS{idProduct}==\"6001\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"'");
	file("/etc/udev/rules.d/60-modemshare.rules", "# ID_MM_DEVICE_IGNORE\n", 0644);
	found[0] = '\0';
	examine(BY_ID);
	expect("ModemManager runs");
	file("/etc/udev/rules.d/60-modemshare.rules", "\nATTRS{x}==\"1\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"\n", 0644);
	found[0] = '\0';
	examine(BY_ID);
	ck_assert_ptr_null(strstr(found, "ModemManager"));
}
END_TEST

static const struct {
	const char *conf, *expected;
} confs[] = {
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" sped = 9600 }",
	    "wrong F:1: unknown key \"sped\"; expected a key of a line; did you mean \"speed\"? []\n" },
	{ "line \"m\" { device = \"loopback\" kind = \"console\" listen = { \"1\" } }", "note F:1: line \"m\" has no session-limit" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" }", "note m: no service leads to this line [listen" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"192.0.2.5:1\" } allow = { \"any\" } }",
	    "wrong m: this host has no address 192.0.2.5 [ip address add 192.0.2.5 dev INTERFACE]\n" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"192.0.2.6:1\" } allow = { \"any\" } }",
	    "note m: whoever reaches 192.0.2.6 may use it" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"0.0.0.0:1\" } allow = { \"any\" } }",
	    "note m: whoever reaches this host may use it" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"1\" } session-limit = \"0\" }",
	    "note m: without a session-limit" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"1\" } inactivity = \"0\" }",
	    "note m: without inactivity whoever forgets" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"1\" } inactivity-in-call = \"0\" }",
	    "note m: without inactivity-in-call" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"1\" } keepalive = { 0, 10, 3 } }",
	    "note m: without keepalive" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"1\" } claim = \"connect\" }",
	    "note m: whoever only connects takes the line" },
	{ LINE("/dev/ttyS0") "hangup-time = \"0\" }", "note m: without hangup-time" },
	{ "state-directory = \"/no/where\"\n" BY_ID,
	    "note state-directory: /no/where: No such file or directory [install -d -o modemshare -m 750 /no/where]\n" },
	{ "state-directory = \"/dev/ttyS0\"\n" BY_ID, "wrong state-directory: /dev/ttyS0 is no directory" },
	{ "lock-directory = \"/sys\"\n" BY_ID, "note lock-directory: modemshare may not write in /sys [setfacl -m u:modemshare:rwx /sys]" },
	{ "state-directory = \"/var/lib/modemshare/new\"\nlock-directory = \"/no/lock\"\n" BY_ID,
	    "note lock-directory: /no/lock: No such file or directory" },
	{ "line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"1\" } }\nstatus { listen = \"192.0.2.5:1\" }",
	    "wrong status: this host has no address 192.0.2.5" },
	{ "control-socket = \"/nowhere/control\"\n" BY_ID, "note control-socket: /nowhere: No such file" },
};

START_TEST(a_configuration)
{
	look();
	examine(confs[_i].conf);
	expect(confs[_i].expected);
}
END_TEST

/* Who it is, beside whom run-as names. */
START_TEST(identity)
{
	static const uid_t uid = 1000;
	static const struct {
		int pid;
		uid_t is;
		const uid_t *wanted;
		const char *expected;
	} all[] = {
		{ 7, 1000, &uid, "" },
		{ 0, 0, &uid, "" }, /* it does not run */
		{ 7, 0, &uid, "wrong run-as: the daemon is root, not ann: it was started before that was said "
		    "[systemctl restart modemshared]\n" },
		{ 7, 1001, &uid, "note run-as: the daemon is not ann: only root could have become that user []\n" },
		{ 0, 0, NULL, "wrong run-as: there is no user ann: the daemon does not start "
		    "[useradd --system --groups dialout ann]\n" },
	};
	struct conf conf = { .run_as = "ann" };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		found[0] = '\0';
		d.daemon_pid = all[i].pid;
		d.daemon_uid = all[i].is;
		doctor_identity(&d, &conf, all[i].wanted);
		ck_assert_str_eq(found, all[i].expected);
	}
	found[0] = '\0';
	conf.run_as = "";
	doctor_identity(&d, &conf, NULL);
	ck_assert_str_eq(found, "");
}
END_TEST

/* An address for everybody only where everybody is meant, and one of ours. */
START_TEST(quiet)
{
	look();
	d.uid = 0;
	examine("state-directory = \"/var/lib/modemshare/new\"\ncontrol-socket = \"/run/new/control\"\n" BY_ID);
	ck_assert_str_eq(found, ""); /* the daemon makes these */
	examine("line \"m\" { device = \"virtual\" kind = \"modem\" listen = { \"192.0.2.6:1\" } "
	    "allow = { \"192.0.2.0/24\" } }");
	ck_assert_ptr_null(strstr(found, "whoever reaches"));
	examine("control-socket = \"\"\nstate-directory = \"\"\nlock-directory = \"\"\n"
	    "line \"m\" { device = \"loopback\" kind = \"console\" listen = { \"1\" } }");
	ck_assert_ptr_null(strstr(found, "directory: /"));
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, ports);
	tcase_add_test(tc, holders);
	tcase_add_test(tc, holders_by_device);
	tcase_add_test(tc, locks);
	tcase_add_test(tc, no_host);
	tcase_add_test(tc, what_the_user_may);
	tcase_add_test(tc, all_is_well);
	tcase_add_test(tc, its_own);
	tcase_add_loop_test(tc, held, 0, ROWS(programs));
	tcase_add_loop_test(tc, locked, 0, 2);
	tcase_add_loop_test(tc, locked_by_the_links_name, 0, 2);
	tcase_add_loop_test(tc, left_lock, 0, 3);
	tcase_add_loop_test(tc, shared, 0, 2);
	tcase_add_loop_test(tc, told_of_a_device, 0, 2);
	tcase_add_test(tc, what_is_a_tty);
	tcase_add_loop_test(tc, a_line, 0, ROWS(lines));
	tcase_add_test(tc, a_line_whose_device_was_told_of);
	tcase_add_loop_test(tc, a_port_in_use, 0, 4);
	tcase_add_loop_test(tc, its_own_port, 0, 2);
	tcase_add_loop_test(tc, nobody_seen_at_a_port, 0, 2);
	tcase_add_test(tc, kernel_console);
	tcase_add_test(tc, missing);
	tcase_add_test(tc, a_name_that_changes);
	tcase_add_loop_test(tc, not_permitted, 0, 2);
	tcase_add_test(tc, modem_manager);
	tcase_add_loop_test(tc, a_configuration, 0, ROWS(confs));
	tcase_add_test(tc, identity);
	tcase_add_test(tc, quiet);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
