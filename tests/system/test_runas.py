"""run-as: root that becomes somebody else once it listens, for good, and what the daemon needs all the same."""
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import tty

from control import ask, nobody, tool
from harness import ComPort, Daemon, Skip, pty_link, run_daemon, wait_for

NOBODY = pwd.getpwnam("nobody")
LINE = """\
line "%s" {
    device = "%s"
    kind = "console"
    session-limit = 12h
    listen = { %s }
}
"""


def need_root():
    if os.geteuid() != 0:
        raise Skip("needs root, to become somebody else")


def low_port():
    """A free one that only root may listen on."""
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as f:
        first = int(f.read())
    for port in range(min(first, 1024) - 1, 0, -1):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Skip("kernel forbids: every port is everybody's")


class House:
    """A daemon of root whose places another user can reach; `made` are those that the daemon makes."""

    def __init__(self, lines=LINE % ("a", "loopback", '"127.0.0.1:0"'), run_as="nobody", made=True, file_mode=0o644,
                 services=("a",)):
        self._dir = tempfile.TemporaryDirectory(prefix="run-as-")
        self.dir = self._dir.name
        os.chmod(self.dir, 0o755)
        os.mkdir(self.place("lock"))
        os.chmod(self.place("lock"), 0o1777)
        if not made:
            os.mkdir(self.place("run"))
            os.mkdir(self.place("state"))
        self.socket = self.place("run/control")
        self.text = (f'run-as = "{run_as}"\ncontrol-socket = "{self.socket}"\n'
                     f'state-directory = "{self.place("state")}"\nlock-directory = "{self.place("lock")}"\n')
        self.file = self.place("conf")
        self.write(lines, file_mode)
        self.daemon = Daemon("", services=list(services), options=("-d", "-f", self.file))
        self.daemon.wait_log("event=ready ")  # the control socket comes last, of the user

    def place(self, name):
        return os.path.join(self.dir, name)

    def write(self, lines, mode=0o644):
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(self.text + lines)
        os.chmod(self.file, mode)

    def reload(self, **how):
        return tool("-S", self.socket, "reload", **how)

    def end(self):
        self.daemon.stop()
        self._dir.cleanup()


def identity(pid):
    """Of each thread: what /proc says of who it is."""
    found = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8") as f:
                found.append(dict(row.split(":\t", 1) for row in f.read().splitlines() if ":\t" in row))
        except FileNotFoundError:  # a worker's, which has ended
            continue
    return found


def descriptors(daemon, device):
    """How many of the daemon's lead to this device."""
    found = 0
    for fd in os.listdir(f"/proc/{daemon.pid}/fd"):
        try:
            found += os.readlink(f"/proc/{daemon.pid}/fd/{fd}") == device
        except FileNotFoundError:
            pass
    return found


def speaks(client):
    client.send(b"hello")
    client.expect(b"hello")


def test_root_is_given_up():
    need_root()
    port = low_port()
    house = House(LINE % ("a", "loopback", f'"127.0.0.1:{port}"'))
    house.daemon.wait_log("event=run-as user=nobody")
    speaks(ComPort(port))
    threads = identity(house.daemon.pid)
    assert threads
    groups = sorted(os.getgrouplist("nobody", NOBODY.pw_gid))
    for one in threads:
        assert one["Uid"].split() == [str(NOBODY.pw_uid)] * 4, one
        assert one["Gid"].split() == [str(NOBODY.pw_gid)] * 4, one
        assert sorted(map(int, one["Groups"].split())) == groups, one
        for kind in ("CapPrm", "CapEff", "CapAmb"):
            assert int(one[kind], 16) == 0, one
    house.end()


def test_what_it_needs_is_the_users():
    """Directories that it made, the control socket, the history; all of it goes, or stays, as it should."""
    need_root()
    house = House()
    client = ComPort(house.daemon.port("a"))
    speaks(client)
    client.close()
    wait_for(lambda: "client closed" in tool("-S", house.socket, "history"), 10)
    for name, mode in (("run", 0o755), ("state", 0o750), ("state/history.db", 0o640), ("run/control", 0o660)):
        found = os.lstat(house.place(name))
        assert (found.st_uid, found.st_gid) == (NOBODY.pw_uid, NOBODY.pw_gid), name
        assert stat.S_IMODE(found.st_mode) == mode, (name, oct(found.st_mode))
    tool("-S", house.socket, "disable", "a")  # root still may
    assert "event=run-as-cannot" not in "\n".join(house.daemon.log)
    house.daemon.stop()
    assert not os.path.exists(house.socket), "removed by its user"


def test_what_cannot_be_had_is_said():
    """Directories of root's, a file of root's: the true error, once each, and lines are served."""
    need_root()
    house = House(made=False, file_mode=0o600)
    for what in (f"nobody cannot read {house.file}: Permission denied",
                 f"nobody cannot write in {house.place('run')}: Permission denied",
                 f"nobody cannot write in {house.place('state')}: Permission denied"):
        house.daemon.wait_log(re.escape(f'event=run-as-cannot what="{what}"'))
    house.daemon.wait_log(f'event=control-failed path="{house.socket}" error="Permission denied"')
    house.daemon.wait_log('event=history-failed error=".*Permission denied"')
    speaks(ComPort(house.daemon.port("a")))
    mark = len(house.daemon.log)
    os.kill(house.daemon.pid, signal.SIGHUP)
    house.daemon.wait_log(f'event=reload-failed error="{house.file}: Permission denied"', after=mark)
    house.end()


def test_a_reload_as_the_user():
    need_root()
    house = House()
    client = ComPort(house.daemon.port("a"))
    speaks(client)
    port = low_port()
    one = LINE % ("a", "loopback", '"127.0.0.1:0"')
    house.write(one + LINE % ("b", "loopback", f'"127.0.0.1:{port}"'))
    _, error = house.reload(status=1)
    assert f"127.0.0.1:{port}: Permission denied" in error, error
    speaks(client)
    house.write(one + LINE % ("b", "loopback", '"127.0.0.1:0"'))
    assert house.reload() == "the configuration is in force\n"
    speaks(ComPort(house.daemon.port("b")))
    house.text = house.text.replace('"nobody"', '"root"')
    house.write(one)
    assert house.reload().strip() == "restart needed: run-as"
    assert identity(house.daemon.pid)[0]["Uid"].split() == [str(NOBODY.pw_uid)] * 4
    house.end()


def test_the_device_is_opened_by_the_user():
    need_root()
    master, slave = os.openpty()
    link = pty_link(slave)
    os.chmod(os.path.dirname(link), 0o755)
    os.chmod(os.ttyname(slave), 0o600)
    house = House(LINE % ("a", link, '"127.0.0.1:0"'))
    house.daemon.wait_log('event=line-out line=a reason="no permission"')
    house.daemon.wait_log(re.escape(f'event=run-as-cannot what="nobody cannot open {link}: Permission denied"'))
    os.chown(os.ttyname(slave), NOBODY.pw_uid, NOBODY.pw_gid)
    house.daemon.wait_log("event=line-ready line=a", 20)
    os.close(master)
    os.close(slave)
    house.end()


def test_an_ordinary_user_gives_a_device_back():
    """TIOCEXCL lasts as long as anybody has it open, and keeps all but root out: of a pty its other end, of any
    device a program that does not lock it, as mgetty."""
    need_root()
    master, slave = os.openpty()
    tty.setraw(slave)
    link = pty_link(slave)
    os.chmod(os.path.dirname(link), 0o755)
    os.chown(os.ttyname(slave), NOBODY.pw_uid, NOBODY.pw_gid)
    house = House(LINE % ("a", link, '"127.0.0.1:0"'))
    house.daemon.wait_log("event=line-ready line=a")
    for _ in range(3):
        mark = len(house.daemon.log)
        tool("-S", house.socket, "disable", "a")
        house.daemon.wait_log('event=line-out line=a reason="disabled', after=mark)
        wait_for(lambda: descriptors(house.daemon, os.ttyname(slave)) == 0, 5, "closed")
        opened = subprocess.run([*nobody(), sys.executable, "-c", "import os, sys; os.open(sys.argv[1], os.O_RDWR)",
                                 os.ttyname(slave)], capture_output=True, text=True, check=False)
        assert opened.returncode == 0, opened.stderr
        tool("-S", house.socket, "enable", "a")
        house.daemon.wait_log("event=line-ready line=a", 10, after=mark)
    client = ComPort(house.daemon.port("a"))
    client.send(b"hi")
    assert os.read(master, 2) == b"hi"
    house.end()
    os.close(master)
    os.close(slave)


def test_a_killed_daemon_of_an_ordinary_user():
    """It leaves nothing at a pty that keeps the next one out."""
    need_root()
    master, slave = os.openpty()
    tty.setraw(slave)
    link = pty_link(slave)
    os.chmod(os.path.dirname(link), 0o755)
    os.chown(os.ttyname(slave), NOBODY.pw_uid, NOBODY.pw_gid)
    os.close(slave)
    for _ in range(2):
        house = House(LINE % ("a", link, '"127.0.0.1:0"'))
        house.daemon.wait_log("event=line-ready line=a")
        client = ComPort(house.daemon.port("a"))
        client.send(b"hi")
        assert os.read(master, 2) == b"hi"
        house.daemon.kill()
    os.close(master)


def test_no_such_user():
    text = 'run-as = "no-such-user-here"\ncontrol-socket = ""\nstate-directory = ""\n' + LINE % (
        "a", "loopback", '"127.0.0.1:0"')
    status, stdout, stderr = run_daemon(text)
    assert status == 1 and stdout == ""
    assert 'event=run-as-failed user=no-such-user-here error="no such user"' in stderr, stderr
    assert "event=ready" not in stderr
    status, stdout, stderr = run_daemon(text, "-n")
    assert status == 1 and stdout == ""
    assert re.fullmatch(r'/\S+/modemshared\.conf: run-as = "no-such-user-here": no such user\n', stderr), stderr


def test_who_is_not_root_stays():
    """With a word, where somebody else was asked for."""
    text = 'run-as = "%s"\n' + LINE % ("a", "loopback", '"127.0.0.1:0"')
    me = pwd.getpwuid(os.geteuid()).pw_name
    with Daemon(text % me) as daemon:
        speaks(ComPort(daemon.port("a")))
        assert "event=run-as-kept" not in "\n".join(daemon.log)
        assert identity(daemon.pid)[0]["Uid"].split() == [str(os.geteuid())] * 4
    prefix = nobody() if os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        path = os.path.join(directory, "conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f'control-socket = ""\nstate-directory = ""\nlock-directory = ""\n{text % "root"}')
        with Daemon("", services=["a"], options=("-f", path), prefix=prefix) as daemon:
            daemon.wait_log("warning: only root can become another user: event=run-as-kept user=root")
            speaks(ComPort(daemon.port("a")))


def test_checked_as_the_user():
    """-n by root: what the user cannot have is a warning each, and the file is in order."""
    need_root()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        for name in ("run", "state", "lock"):
            os.mkdir(os.path.join(directory, name))
        master, slave = os.openpty()
        link = os.path.join(directory, "tty")
        os.symlink(os.ttyname(slave), link)
        os.chmod(os.ttyname(slave), 0o600)
        path = os.path.join(directory, "conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f'run-as = "nobody"\ncontrol-socket = "{directory}/run/control"\n'
                    f'state-directory = "{directory}/state"\nlock-directory = "{directory}/lock"\n'
                    + LINE % ("a", link, "2217"))
        os.chmod(path, 0o600)
        status, stdout, stderr = run_daemon("", "-n", "-f", path)
        assert status == 0 and stdout.startswith("a: idle "), (status, stdout, stderr)
        denied = "Permission denied"
        assert stderr == "".join(f"{path}: warning: nobody cannot {what}: {denied}\n" for what in (
            f"read {path}", f"write in {directory}/run", f"write in {directory}/state",
            f"write in {directory}/lock", f"open {link}")), stderr
        os.chmod(path, 0o644)
        for name in ("run", "state", "lock"):
            os.chown(os.path.join(directory, name), NOBODY.pw_uid, -1)
        os.chown(os.ttyname(slave), NOBODY.pw_uid, -1)
        assert run_daemon("", "-n", "-f", path)[2] == ""
        os.close(master)
        os.close(slave)


def test_doctor_says_where_it_has_not():
    need_root()
    text = LINE % ("a", "loopback", '"127.0.0.1:0"')
    with Daemon(text) as daemon:
        path = os.path.join(daemon.directory, "doctored")

        def doctor(user, status):
            with open(daemon.path, encoding="utf-8") as f, open(path, "w", encoding="utf-8") as to:
                to.write(f'run-as = "{user}"\n' + f.read())
            told = ask(daemon, "doctor", "-f", path, status=status)
            return told if status == 0 else told[0]

        told = doctor("nobody", 1)
        assert "WRONG  run-as: the daemon is root, not nobody: it was started before that was said\n" \
               "       systemctl restart modemshared\n" in told, told
        told = doctor("no-such-user-here", 1)
        assert "WRONG  run-as: there is no user no-such-user-here: the daemon does not start\n" in told, told
        assert "run-as" not in doctor("root", 0)
    house = House()
    told = tool("-S", house.socket, "doctor", "-f", house.file)
    assert "run-as" not in told and "WRONG" not in told, told
    house.end()
