"""A log that nobody reads: no limit waits for it, and what is lost is counted and told."""
import fcntl
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import sys
import termios
import threading
import time

import control
from harness import STAMP, Client, ComPort, Daemon, Skip, wait_for, without_time
from loglines import fields, mount, own_mounts, own_syslog

FULL = "test_journalctl"

CONSOLE = """\
line "con" {
    device = "loopback"
    kind = "console"
    listen = { "127.0.0.1:0" }
    session-limit = "1h"
}
"""


class Unread(Daemon):
    """Its standard error is what a test has opened, and read while .go is set."""

    def __init__(self, reader, writer, **more):
        self.reader, self.writer = reader, writer
        self.go = threading.Event()
        self.go.set()
        self.lines = []
        super().__init__(CONSOLE, stderr=writer, **more)

    def _read(self):
        rest = b""
        while True:
            self.go.wait()
            if not select.select([self.reader], [], [], 0.1)[0]:
                if self.writer is None:
                    return
                continue
            try:
                some = os.read(self.reader, 65536)
            except OSError:  # of a terminal that nobody has open any more
                some = b""
            if not some:
                return
            *lines, rest = (rest + some).split(b"\n")
            self.lines += [line.decode().rstrip("\r") for line in lines]
            self.log += [without_time(line.decode().rstrip("\r")) for line in lines]

    def lost(self):
        return control.status(self)["log-lines-lost"]

    def end(self, deadline=10):
        status = self.process.wait(deadline)
        if self.writer is not None:
            os.close(self.writer)  # so that the reader comes to an end
            self.writer = None
        self._reader.join(deadline)
        return status


def pipe():
    return os.pipe()


def terminal():
    return pty.openpty()


def without_a_reader(daemon, port, lost):
    """Until lines are lost, and some more, an owner is served as always."""
    with ComPort(port) as owner:
        def echo():
            started = time.monotonic()
            owner.send(b"ping")
            owner.expect(b"ping", 5)
            return time.monotonic() - started

        echo()
        end = time.monotonic() + 60
        while lost() < 1000:
            assert time.monotonic() < end, "nothing is lost"
            for _ in range(50):
                Client(port).reset()
            echo()


def told(daemon):
    """How many of the lines that were lost the log has told of."""
    return sum(int(fields(line)["lines"]) for line in daemon.log if "event=log-lost" in line)


def nothing_waits(daemon, stop, go_on):
    port = daemon.port("con")
    stop()
    without_a_reader(daemon, port, daemon.lost)
    go_on()
    wait_for(lambda: told(daemon) == daemon.lost(), 15, "it is told by itself")
    with Client(port) as client:
        client.send(b"x")
        client.expect(b"x")
    daemon.wait_log("event=claim-end line=con .*from-client=1 ")
    for line in daemon.log:
        assert "event" in fields(line), line
    assert told(daemon) == daemon.lost() >= 1000, "each is told once"
    assert not fcntl.fcntl(daemon.writer, fcntl.F_GETFL) & os.O_NONBLOCK, "others write there, too"


def test_a_pipe_that_nobody_reads():
    daemon = Unread(*pipe())
    nothing_waits(daemon, daemon.go.clear, daemon.go.set)


def test_a_terminal_that_nobody_reads():
    daemon = Unread(*terminal())
    nothing_waits(daemon, daemon.go.clear, daemon.go.set)


def test_a_terminal_that_is_stopped():
    """By ^S."""
    daemon = Unread(*terminal())
    nothing_waits(daemon, lambda: termios.tcflow(daemon.writer, termios.TCOOFF),
                  lambda: termios.tcflow(daemon.writer, termios.TCOON))


def test_a_terminal_that_stops_who_writes():
    """In the background, after stty tostop."""
    master, slave = terminal()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)  # each test leads a session
    modes = termios.tcgetattr(slave)
    modes[3] |= termios.TOSTOP
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    apart = "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    daemon = Unread(master, slave, prefix=(sys.executable, "-c", apart))
    with Client(daemon.port("con")) as client:
        client.send(b"x")
        client.expect(b"x")
    daemon.wait_log("event=claim-end")


class Nobodys(Unread):
    """It may not open its standard error again: that is root's."""

    def __init__(self, reader, writer):
        if os.geteuid() != 0:
            raise Skip("needs root: to become somebody else")
        if shutil.which("setpriv") is None:
            raise Skip("needs setpriv")
        super().__init__(reader, writer, prefix=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))

    def globals(self, config):
        lines = super().globals(config)
        for path in (self.directory, f"{self.directory}/state", f"{self.directory}/lock"):
            os.chmod(path, 0o777)
        return lines


def test_a_pipe_of_somebody_else():
    daemon = Nobodys(*pipe())
    nothing_waits(daemon, daemon.go.clear, daemon.go.set)


def test_a_terminal_of_somebody_else():
    daemon = Nobodys(*terminal())
    nothing_waits(daemon, lambda: termios.tcflow(daemon.writer, termios.TCOOFF),
                  lambda: termios.tcflow(daemon.writer, termios.TCOON))


def test_a_burst_is_kept():
    """What a pipe does not take at once waits for it: 64 KiB, in order, each line whole."""
    reader, writer = pipe()
    fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ
    daemon = Unread(reader, writer)
    port = daemon.port("con")
    daemon.go.clear()
    for _ in range(100):
        Client(port).reset()
    with Client(port) as client:
        client.send(b"x")
        client.expect(b"x")
    assert daemon.lost() == 0
    daemon.go.set()
    daemon.wait_log("event=claim-end line=con", 15)  # nothing else happens: it comes by itself
    assert sum("event=disconnect" in line for line in daemon.log) >= 100, daemon.log
    assert not any("event=log-lost" in line for line in daemon.log)


def test_the_time_is_told():
    """Where nobody else adds it: before the level, RFC 3339, as the clock is here."""
    reader, writer = pipe()
    before = time.time()
    daemon = Unread(reader, writer, env={"TZ": "XXX-05:30"})
    daemon.wait_log("event=ready")
    after = time.time()
    for line in daemon.lines[-2:]:
        stamp = re.match(STAMP, line).group().strip()
        assert stamp.endswith("+05:30"), line
        written = time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone - 5.5 * 3600
        assert before - 1 <= written + float(stamp[19:23]) <= after + 1, (line, before, after)


def journal():
    """What systemd gives a service: a socket, and its name."""
    ours, its = socket.socketpair()
    st = os.fstat(its.fileno())
    return os.dup(ours.fileno()), os.dup(its.fileno()), {"JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"}


def test_the_journal_is_told_priorities():
    reader, writer, env = journal()
    daemon = Unread(reader, writer, env=env, services=[])
    daemon.wait_log(r"^<6>info: ready: event=ready ")
    with open(daemon.path, "a", encoding="ascii") as f:
        f.write("bogus = 1\n")
    daemon.process.send_signal(1)
    daemon.wait_log(r"^<3>error: .*event=reload-failed ")
    assert all(re.match("<[3-7]>", line) for line in daemon.lines if "event=" in line), daemon.lines


def test_only_the_journal_is_told_priorities():
    """JOURNAL_STREAM is inherited, standard error may have been led elsewhere."""
    _, _, env = journal()
    daemon = Unread(*pipe(), env=env)
    daemon.wait_log("event=ready")
    assert all(re.match(STAMP + "(info|debug): ", line) for line in daemon.lines), daemon.lines


def test_a_journal_that_nobody_reads():
    reader, writer, env = journal()
    daemon = Unread(reader, writer, env=env, services=[])
    port = int(daemon.wait_log(r"event=listen service=con address=127\.0\.0\.1:(\d+)").group(1))
    daemon.go.clear()
    without_a_reader(daemon, port, daemon.lost)
    daemon.go.set()
    daemon.wait_log(r"^<4>warning: log lines lost: event=log-lost lines=\d+$", 15)


class Journaled(Daemon):
    """A journal reads it, and we read the journal."""

    def _read(self):
        pass


def journald():
    """A journal of this test's own; what leads to it, as systemd connects a service."""
    program = "/lib/systemd/systemd-journald"
    if os.geteuid() != 0:
        raise Skip("needs root: a journal of its own")
    if not os.access(program, os.X_OK) or not os.path.exists("/etc/machine-id"):
        raise Skip("needs systemd-journald")
    own_mounts()
    mount("none", "/run", 0, "tmpfs")
    os.makedirs("/run/systemd/journald.conf.d")
    os.makedirs("/run/log/journal")
    with open("/run/systemd/journald.conf.d/own.conf", "w", encoding="ascii") as f:
        f.write("[Journal]\nReadKMsg=no\nAudit=no\nStorage=volatile\nForwardToWall=no\n")
    process = subprocess.Popen([program], stderr=subprocess.DEVNULL)
    wait_for(lambda: os.path.exists("/run/systemd/journal/stdout") or process.poll() is not None, 20)
    assert process.poll() is None
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.connect("/run/systemd/journal/stdout")
    stream.sendall(b"modemshared\n\n6\n1\n0\n0\n0\n")  # its name and unit; its priority, and that lines have theirs
    st = os.fstat(stream.fileno())
    return process, stream, {"JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"}


def journalctl(*options):
    done = subprocess.run(["journalctl", "--directory=/run/log/journal", "-tmodemshared", "-ocat", "-q", *options],
                          capture_output=True, text=True, timeout=20, check=False)
    return done.stdout


def test_journalctl_shows_warnings():
    process, stream, env = journald()
    try:
        daemon = Journaled(CONSOLE.replace('session-limit = "1h"', ""), services=[], env=env, stderr=stream.fileno())
        wait_for(lambda: "event=ready" in journalctl(), 20, "what is told comes to the journal")
        assert re.fullmatch(r"warning: in the configuration: event=configuration warning=\".*\"\n",
                            journalctl("-p", "warning")), journalctl("-p", "warning")
        daemon.stop()
    finally:
        process.terminate()
        process.wait()


class Logged(Daemon):
    """By syslog, which a test plays."""

    def __init__(self, heard):
        self.heard = heard
        heard.settimeout(20)
        super().__init__(CONSOLE, services=[], options=("-s", "-d"))
        self.where = int(self.hear(r"event=listen service=con address=127\.0\.0\.1:(\d+)").group(1))

    def hear(self, pattern):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = re.search(pattern, self.heard.recv(4096).decode())
            if found:
                return found
        raise AssertionError(f"not heard: {pattern}")


def test_a_syslog_that_nobody_reads():
    daemon = Logged(own_syslog())
    without_a_reader(daemon, daemon.where, lambda: control.status(daemon)["log-lines-lost"])
    daemon.hear(r"^<28>\w{3} [ \d]\d \d\d:\d\d:\d\d modemshared\[\d+\]: log lines lost: event=log-lost lines=\d+$")


def test_a_syslog_that_is_restarted():
    """Nothing is lost while there is none, and the new one hears all."""
    daemon = Logged(own_syslog())
    daemon.heard.close()
    os.unlink("/dev/log")
    with Client(daemon.where, source="127.0.0.2") as client:
        client.send(b"x")
        client.expect(b"x")
    assert control.status(daemon)["log-lines-lost"] == 0
    daemon.heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    daemon.heard.settimeout(20)
    daemon.heard.bind("/dev/log")
    daemon.hear("event=claim-start line=con client=127.0.0.2")
    daemon.hear("event=claim-end line=con client=127.0.0.2")


def test_a_syslog_of_the_old_kind():
    """A stream, whose messages end with a NUL."""
    own_syslog().close()
    os.unlink("/dev/log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind("/dev/log")
        listening.listen()
        listening.settimeout(20)
        Daemon(CONSOLE, services=[], options=("-s",))
        heard, _ = listening.accept()
        with heard:
            heard.settimeout(20)
            said = b""
            while b"event=ready" not in said or not said.endswith(b"\0"):
                said += heard.recv(4096)
    for message in said.rstrip(b"\0").split(b"\0"):
        assert re.match(rb"<30>.* modemshared\[\d+\]: .*event=", message) and b"\n" not in message, said


def test_what_waits_is_written_at_the_end():
    """Half a second is given to whoever reads slowly, not more."""
    reader, writer = pipe()
    fcntl.fcntl(writer, 1031, 4096)
    daemon = Unread(reader, writer)
    port = daemon.port("con")
    daemon.go.clear()
    for _ in range(60):
        Client(port).reset()
    with Client(port) as client:
        client.send(b"x")
        client.expect(b"x")  # and all before it was accepted
    daemon.process.terminate()
    wait_for(lambda: not os.path.exists(f"{daemon.directory}/control"), 5, "its end has begun")
    daemon.go.set()
    assert daemon.end(5) == 0
    assert sum("event=disconnect" in line for line in daemon.log) > 60, daemon.log
    assert "event=ended" in daemon.log[-1], daemon.log[-5:]
