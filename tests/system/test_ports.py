"""What a line takes of its device, and gives back: descriptors, locks, TIOCEXCL."""
import errno
import fcntl
import os
import re
import select
import subprocess
import sys
import tempfile
import termios
import time
import tty as tty_module

from control import ask, line, wait_state
from harness import ComPort, Daemon, Skip, run_daemon, wait_for
from ttyshim import HANG_CLOSE, SP_LOCKS, FakeTty, Shim

TIOCGEXCL = 0x80045440

CONSOLE = """\
line "%s" {
    device = "%s"
    kind = "console"
    listen = { "127.0.0.1:0" }
    %s
}
"""


def console(device, keys="", name="con"):
    return CONSOLE % (name, device, keys)


def descriptors(daemon, device):
    """How many of the daemon's lead to this device."""
    found = 0
    for fd in os.listdir(f"/proc/{daemon.pid}/fd"):
        try:
            found += os.readlink(f"/proc/{daemon.pid}/fd/{fd}") == device
        except FileNotFoundError:
            pass
    return found


def talk(daemon, tty, name="con"):
    client = ComPort(daemon.port(name))
    client.send(b"hi")
    assert tty.read(2) == b"hi"
    client.close()


# --- libserialport, which locks a port itself from 0.1.2 on


def closed_and_opened_again(flags):
    tty = FakeTty(flags=flags)
    pts = os.ttyname(tty.slave)
    daemon = Daemon(console(tty.path), env=tty.env())
    daemon.wait_log("event=open .*library=yes")
    wait_state(daemon, "con", "free")
    for _ in range(3):
        assert descriptors(daemon, pts) == 1
        ask(daemon, "disable", "con")
        wait_state(daemon, "con", "disabled")
        assert descriptors(daemon, pts) == 0
        n = len(daemon.log)
        ask(daemon, "enable", "con")
        daemon.wait_log("event=open .*library=yes", 5, after=n)
        wait_state(daemon, "con", "free", 5)
    talk(daemon, tty)


def test_a_library_that_does_not_lock():
    closed_and_opened_again(0)


def test_a_library_that_locks():
    closed_and_opened_again(SP_LOCKS)


# --- the end, whatever hangs: five seconds in all


def end_while_all_hangs(driver_too):
    tty = FakeTty()
    daemon = Daemon(console(tty.path), env=tty.env())
    wait_state(daemon, "con", "free")
    tty.shim.hang_disk()
    talk(daemon, tty)
    wait_for(tty.shim.disk_hangs, 5, "a write that hangs")
    if driver_too:
        tty.hang(HANG_CLOSE)
    begun = time.monotonic()
    daemon.stop()
    took = time.monotonic() - begun
    assert any("event=history-lost calls=1" in l for l in daemon.log)
    assert any("a driver does not let go" in l for l in daemon.log) == driver_too
    return took


def test_the_end_while_the_disk_hangs():
    took = end_while_all_hangs(False)
    assert took < 4, took


def test_the_end_while_the_driver_and_the_disk_hang():
    took = end_while_all_hangs(True)
    assert 4.3 < took < 5.4, took


# --- two lines that lead to one device: one has it


def lock_files(daemon):
    return os.listdir(os.path.join(daemon.directory, "lock"))


def always(fn, seconds):
    """fn stays true; returns how often it was looked at."""
    end, looks = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        assert fn()
        looks += 1
        time.sleep(0.02)
    return looks


def second_line(keys=""):
    shim = Shim()
    tty = FakeTty("ttyMS0", shim)
    link = shim.link("usb-Acme", "ttyMS0")
    daemon = Daemon(console(tty.path, name="one"), env=tty.env())
    wait_state(daemon, "one", "free")
    reload(daemon, console(tty.path, name="one") + console(link, keys, name="two"))
    return tty, daemon


def reload(daemon, text):
    """Other lines in place of those that are there."""
    with open(daemon.path, "r+", encoding="utf-8") as f:
        whole = f.read()
        f.seek(0)
        f.truncate()
        f.write(whole[:whole.index('line "')] + text)
    ask(daemon, "reload")


BY_ANOTHER = "in use by another line of this server"


def test_a_second_line_on_a_device_leaves_the_first_one_its_lock():
    tty, daemon = second_line()
    daemon.wait_log(f'event=line-out line=two reason="{BY_ANOTHER}"')
    assert always(lambda: lock_files(daemon) == ["LCK..ttyMS0"], 2.5) > 20
    talk(daemon, tty, "one")
    ask(daemon, "disable", "one")
    wait_state(daemon, "two", "free", 5)
    assert sorted(lock_files(daemon)) == ["LCK..serial_by-id_usb-Acme", "LCK..ttyMS0", "LCK..usb-Acme"]
    talk(daemon, tty, "two")


def test_a_second_line_that_is_shared():
    tty, daemon = second_line("host-sharing = true")
    wait_for(lambda: line(daemon, "two")["reason"] == BY_ANOTHER, 5)
    assert always(lambda: lock_files(daemon) == ["LCK..ttyMS0"], 2.5) > 20
    assert line(daemon, "two")["reason"] == BY_ANOTHER
    talk(daemon, tty, "one")


def test_a_line_that_gets_another_name_keeps_its_lock_until_it_is_closed():
    tty = FakeTty()
    daemon = Daemon(console(tty.path, name="old"), env=tty.env())
    wait_state(daemon, "old", "free")
    tty.hang(HANG_CLOSE)
    reload(daemon, console(tty.path, name="new"))
    assert always(lambda: lock_files(daemon) == ["LCK..ttyMS0"], 2.5) > 20
    assert tty.is_open()
    tty.hang(0)
    wait_state(daemon, "new", "free", 5)
    assert lock_files(daemon) == ["LCK..ttyMS0"]
    talk(daemon, tty, "new")


# --- DTR at the last close


def hupcl_after_a_reload(before, after, falls):
    tty = FakeTty()
    text = console(tty.path, "hangup-time = %s")
    daemon = Daemon(text % before, env=tty.env())
    wait_state(daemon, "con", "free")
    assert bool(tty.ctl.termios.cflag & termios.HUPCL) != falls
    reload(daemon, text % after)
    wait_for(lambda: bool(tty.ctl.termios.cflag & termios.HUPCL) == falls, 5, "HUPCL")
    wait_state(daemon, "con", "free")
    talk(daemon, tty)
    wait_state(daemon, "con", "free")
    ask(daemon, "disable", "con")
    wait_state(daemon, "con", "disabled")
    assert tty.outputs().dtr != falls


def test_dtr_stays_from_now_on():
    hupcl_after_a_reload("1s", "0", False)


def test_dtr_falls_from_now_on():
    hupcl_after_a_reload("0", "1s", True)


# --- a pty keeps TIOCEXCL as long as its master is open


class Pty:
    """A real one, under a link, as qemu and socat make them; nobody but the daemon has its slave."""

    def __init__(self):
        self._dir = tempfile.TemporaryDirectory(prefix="pty.")
        self.path = os.path.join(self._dir.name, "console")
        self.master, slave = os.openpty()
        tty_module.setraw(slave)
        self.name = os.ttyname(slave)
        os.symlink(self.name, self.path)
        os.close(slave)

    def _pull(self, n, seconds):
        """What comes within so many seconds, at most n bytes; of a slave that nobody has open a master reads EIO."""
        try:
            return os.read(self.master, n) if select.select([self.master], [], [], seconds)[0] else b""
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            return b""

    def read(self, n, deadline=10):
        data, end = b"", time.monotonic() + deadline
        while len(data) < n and time.monotonic() < end:
            data += self._pull(n - len(data), 1)
            time.sleep(0.005)
        return data

    def read_now(self):
        """What has come, whatever it is."""
        return self._pull(1000, 0)

    def link(self, age=0):
        """Made anew, so many seconds ago."""
        os.unlink(self.path)
        os.symlink(self.name, self.path)
        made = time.time() - age
        os.utime(self.path, (made, made), follow_symlinks=False)


def test_a_pty_by_its_number_is_refused():
    tty = Pty()
    status, _, text = run_daemon(console(tty.name), "-n")
    assert status == 1 and re.search(rf':\d+: device = "{tty.name}"; expected a link to it', text), text


def test_a_pty_that_its_link_was_not_made_for():
    """The program is gone, its link is not, and the number is somebody else's."""
    tty = Pty()
    tty.link(age=60)
    daemon = Daemon(console(tty.path))
    daemon.wait_log('event=line-out line=con reason="its link was made for another pty, which is gone"')
    client = ComPort(daemon.port("con"))
    client.send(b"rm -r\r")
    assert b"con is out of service: its link was made for another pty, which is gone" in client.expect_end(10)
    assert tty.read_now() == b""
    tty.link()
    wait_state(daemon, "con", "free", 5)
    talk(daemon, tty)


def test_a_terminal_is_no_line():
    tty = Pty()
    shell = subprocess.Popen(["setsid", "--ctty", "cat"], stdin=os.open(tty.name, os.O_RDWR | os.O_NOCTTY))
    wait_for(lambda: open(f"/proc/{shell.pid}/comm", encoding="ascii").read() == "cat\n", 5)
    daemon = Daemon(console(tty.path))
    daemon.wait_log(rf'event=line-out line=con reason="the terminal of cat \(pid {shell.pid}\)"')
    assert always(lambda: tty.read_now() == b"", 1.5) > 10
    shell.kill()
    shell.wait()
    daemon.stop()


def test_a_pty_is_closed_and_opened_again():
    tty = Pty()
    daemon = Daemon(console(tty.path))
    wait_state(daemon, "con", "free")
    for _ in range(3):
        ask(daemon, "disable", "con")
        wait_state(daemon, "con", "disabled")
        ask(daemon, "enable", "con")
        wait_state(daemon, "con", "free", 5)
        talk(daemon, tty)


def test_another_daemon_on_a_pty():
    tty = Pty()
    for _ in range(2):
        daemon = Daemon(console(tty.path))
        wait_state(daemon, "con", "free", 5)
        talk(daemon, tty)
        daemon.stop()


def test_a_daemon_that_was_killed_on_a_pty():
    tty = Pty()
    daemon = Daemon(console(tty.path))
    wait_state(daemon, "con", "free")
    daemon.kill()
    daemon = Daemon(console(tty.path))
    wait_state(daemon, "con", "free", 5)
    talk(daemon, tty)
    fd = os.open(tty.name, os.O_RDWR | os.O_NOCTTY)
    if os.geteuid() == 0:  # whom the flag of the dead one does not keep out
        assert fcntl.ioctl(fd, TIOCGEXCL, bytes(4)) == b"\1\0\0\0", "ours alone again"
    os.close(fd)


def test_host_sharing_on_a_pty():
    tty = Pty()
    daemon = Daemon(console(tty.path, "host-sharing = true"))
    wait_state(daemon, "con", "free")
    for _ in range(3):
        talk(daemon, tty)
        wait_for(lambda: descriptors(daemon, os.path.realpath(tty.path)) == 0, 5, "closed")
    with open(tty.path, "wb", buffering=0) as other:  # whoever runs this
        other.write(b"x")


# --- a container has a devpts of its own, whose ptys have the same numbers

CONTAINER = """
import ctypes, fcntl, os, struct, sys, termios
libc = ctypes.CDLL(None, use_errno=True)
uid, gid, wanted = os.geteuid(), os.getegid(), int(sys.argv[1])
if libc.unshare(0x20000 | (0x10000000 if uid else 0)):
    sys.exit("mount namespaces")
if uid:
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as f:
            f.write(text)
if libc.mount(b"none", b"/", None, 0x44000, None) or \\
        libc.mount(b"none", b"/dev/pts", b"devpts", 0, b"newinstance,ptmxmode=666"):
    sys.exit("mounting a devpts")
os.setsid()
number, masters = -1, []
while number != wanted:
    masters.append(os.open("/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY))
    fcntl.ioctl(masters[-1], 0x40045431, struct.pack("i", 0))  # TIOCSPTLCK
    number = struct.unpack("i", fcntl.ioctl(masters[-1], 0x80045430, bytes(4)))[0]  # TIOCGPTN
slave = os.open(f"/dev/pts/{number}", os.O_RDWR)
print("ready", flush=True)
sys.stdin.read()
"""


def container(number):
    """A process whose terminal is the pty of this number in a devpts of its own."""
    process = subprocess.Popen([sys.executable, "-c", CONTAINER, str(number)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if process.stdout.readline() != "ready\n":
        raise Skip(f"kernel forbids: {process.communicate()[1].strip()}")
    return process


def test_a_terminal_of_a_container_is_another():
    tty = Pty()
    other = container(int(tty.name.rsplit("/", 1)[1]))
    daemon = Daemon(console(tty.path))
    wait_state(daemon, "con", "free")
    talk(daemon, tty)
    daemon.stop()
    other.communicate()


def test_who_has_it_is_none_of_a_container():
    tty = Pty()
    other = container(int(tty.name.rsplit("/", 1)[1]))
    holder = subprocess.Popen(
        [sys.executable, "-c", "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY), "
         "fcntl.LOCK_EX); print('ready', flush=True); sys.stdin.read()", tty.name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "ready\n"
    daemon = Daemon(console(tty.path))
    reason = daemon.wait_log('event=line-out line=con reason="(.*)"').group(1)
    assert re.fullmatch(rf"in use by \S+ \(pid {holder.pid}\)", reason), (reason, holder.pid, other.pid)
    holder.communicate()
    wait_state(daemon, "con", "free")
    daemon.stop()
    other.communicate()
