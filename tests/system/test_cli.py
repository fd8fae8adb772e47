"""modemshare, the control tool, against tests/fakecontrol, which has a control socket and no lines
behind it.  Its picture is that of tests/snapshots.c."""
import csv
import fcntl
import json
import os
import pty
import pwd
import re
import select
import signal
import socket
import subprocess
import struct
import tempfile
import termios
import threading
import time

from harness import BUILDDIR, SANITIZER, Skip, daemon_environment, need, wait_for

MODEMSHARE = os.environ.get("MODEMSHARE", os.path.join(BUILDDIR, "src/cli/modemshare"))
FAKE = os.path.join(BUILDDIR, "tests/fakecontrol")
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")


class Fake:
    """The played daemon; .asked are the lines in which it says what it did."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="control-")
        self.socket = os.path.join(self.temporary.name, "control")
        self.process = subprocess.Popen(
            [FAKE, self.socket, os.path.join(self.temporary.name, "state")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=daemon_environment())
        self.asked = []
        assert self.process.stdout.readline() == b"ready\n"
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.asked.append(line.decode().strip())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait(10)
        assert kind is not None or status == 0, f"fakecontrol: exit status {status}"
        self.temporary.cleanup()

    def run(self, *arguments, status=0, env=None, prefix=()):
        """What the tool prints, after it has exited with this status; (stdout, stderr) if not 0."""
        return tool("-S", self.socket, *arguments, status=status, env=env, prefix=prefix)

    def start(self, *arguments, **how):
        return subprocess.Popen([MODEMSHARE, "-S", self.socket, *arguments],
                                env=daemon_environment({"TZ": "UTC"}), **how)


def tool(*arguments, status=0, env=None, prefix=()):
    done = subprocess.run(
        [*prefix, MODEMSHARE, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=30,
        env=daemon_environment({"LC_ALL": "C.UTF-8", "TZ": "UTC", **(env or {})}), check=False)
    stdout, stderr = done.stdout.decode(), done.stderr.decode()
    assert not SANITIZER.search(stderr), stderr
    assert done.returncode == status, f"exit status {done.returncode}: {stdout}{stderr}"
    return stdout if status == 0 else (stdout, stderr)


# ---- status ----

def test_status_is_a_table_for_80_columns():
    with Fake() as fake:
        text = fake.run()
        assert text == fake.run("status")
        lines = text.splitlines()
        assert lines[0].split() == ["LINE", "STATE", "OWNER", "SINCE", "IDLE", "FREE", "IN", "QUEUE"]
        assert len(lines) == 10 and max(map(len, lines)) <= 80
        assert re.match(r"modem2 +in use +192\.0\.2\.7 +10m +1m30s +2h +0$", lines[2]), lines[2]
        assert lines[9] == "waiting: 2 for pool", lines[9]
        assert lines[5].endswith("no such device")
        narrow = fake.run(env={"COLUMNS": "60"}).splitlines()
        assert max(map(len, narrow)) <= 60


def test_status_in_full_and_as_json():
    with Fake() as fake:
        assert "  call      in call for 9m, 5551234, CONNECT 33600\n" in fake.run("status", "-v")
        for arguments in (["--json"], ["status", "--json"], ["--json", "status"]):
            status = json.loads(fake.run(*arguments))
            assert [line["name"] for line in status["lines"]][:2] == ["modem1", "modem2"]


def test_status_of_one_line():
    with Fake() as fake:
        head, row, waiting = fake.run("status", "modem2").splitlines()
        assert head.split()[0] == "LINE" and row.split()[0] == "modem2", (head, row)
        assert waiting == "waiting: 2 for pool", waiting
        full = fake.run("status", "-v", "console1")
        assert fake.run("status", "console1", "-v") == full
        assert full.startswith("modemshared ") and "\nconsole1: in use by 198.51.100.9" in full
        assert "\nservice console1: telnet\n" in full and "modem" not in full.split("\n", 1)[1], full
        status = json.loads(fake.run("--json", "status", "modem2"))
        assert [line["name"] for line in status["lines"]] == ["modem2"]
        assert [service["name"] for service in status["services"]] == ["pool"]
        rows = fake.run("status", "pool").splitlines()  # of a service: its lines
        assert [row.split()[0] for row in rows[1:7]] == [f"modem{i}" for i in range(1, 7)], rows
        assert rows[7:] == [waiting], rows
        output, error = fake.run("status", "nowhere", status=5)
        assert not output
        assert error == 'modemshare: there is no line "nowhere"; expected the name of one, or of a service\n'


def test_what_a_terminal_cannot_show():
    with Fake() as fake:
        fake.run("kick", "modem2", "-m", "gr\u00fc\u00df")
        wait_for(lambda: "kick modem2 gr\u00fc\u00df" in fake.asked)
        _, error = fake.run("nonsense\x1b[2J\u00e9", status=2, env={"LC_ALL": "C"})
        assert "\x1b" not in error and "\\xc3\\xa9" in error, error
        _, error = fake.run("kick", "modem2", "-m", "\x1b[2J", status=1)
        assert "control characters" in error


# ---- what it is told, and how it exits ----

def test_acting():
    with Fake() as fake:
        assert fake.run("kick", "modem2", "-m", "bye now") == "the claim of modem2 is ended\n"
        assert fake.run("kick", "-m", "x", "console1") == "the claim of console1 is ended\n"
        assert fake.run("disable", "modem1") == "modem1 is disabled\n"
        assert re.search(r"^modem1 +disabled +by the administrator$", fake.run(), re.M)
        assert fake.run("disable", "modem1", "-m", "new cable") == "modem1 is disabled\n"
        assert re.search(r"^modem1 +disabled +by the administrator: new cable$", fake.run(), re.M)
        assert fake.run("enable", "modem1") == "modem1 is enabled\n"
        assert fake.run("drain") == "nobody new is given a line\n"
        assert "\ndraining: " in fake.run()
        assert json.loads(fake.run("drain", "--exit", "--json"))["ok"] is True
        assert fake.run("resume") == "lines are given again\n"
        assert fake.run("test", "modem1") == "modem1: AT was answered twice in 80ms\n"
        assert fake.asked == ["kick modem2 bye now", "kick console1 x", "disable modem1",
                              "disable modem1 new cable", "enable modem1",
                              "drain", "drain  exit", "resume", "test modem1"]


def test_exit_statuses():
    with Fake() as fake:
        assert "nobody has that line" in fake.run("kick", "modem1", status=1)[1]
        assert "unknown key" in fake.run("reload", status=1)[1]
        assert fake.run("kick", "nowhere", status=5)[1].startswith("modemshare: no such line")
        fake.run("monitor", "nowhere", status=5)
    _, error = fake.run(status=3)
    assert "is modemshared running?" in error


def test_wrong_command_lines():
    for arguments in (["kick"], ["kick", "a", "b"], ["kick", ""], ["kick", "a" * 300], ["status", "x", "y"],
                      ["status", ""],
                      ["status", "-q"], ["watch", "x"], ["resume", "x"], ["enable", "-m", "x", "a"],
                      ["disable", "-m", "x"], ["disable", "a", "-m", "x" * 600],
                      ["reload", "--exit"], ["monitor"], ["monitor", "a", "b"], ["history", "x"],
                      ["history", "--since", "x"], ["history", "--max", "0"], ["history", "--max", "x"],
                      ["history", "--line", ""], ["devices", "x"], ["doctor", "x"], ["-q"], ["stauts"]):
        _, error = tool(*arguments, status=2)
        assert "usage:" in error or "did you mean" in error, (arguments, error)
    assert "\"stauts\"; did you mean \"status\"?" in error
    for word, meant in (("hist", "history"), ("list", "status"), ("lock", "disable"), ("unlock", "enable"),
                        ("halp", "help")):
        assert tool(word, status=2)[1] == f'modemshare: unknown command "{word}"; did you mean "{meant}"?\n'


def test_help():
    usage = tool("-h")
    assert usage.startswith("usage: modemshare [-S SOCKET] [--json] [COMMAND]\n")
    assert tool("--help") == tool("help") == usage
    assert tool("-V") == tool("--version") and tool("-V").startswith("modemshare ")
    assert tool("help", "kick") == ("usage: modemshare [-S SOCKET] [--json] kick LINE [-m TEXT]\n"
                                    "end the claim of its owner\n")
    assert tool("help", "watch") == ("usage: modemshare [-S SOCKET] [--json] watch\n"
                                     "show them as they change\n")
    for name in re.findall(r"^  ([a-z]+)", usage, re.M):
        assert tool("help", name).startswith(f"usage: modemshare [-S SOCKET] [--json] {name}")
    assert "did you mean \"kick\"?" in tool("help", "kik", status=2)[1]
    assert "usage: modemshare help [COMMAND]" in tool("help", "a", "b", status=2)[1]


def errors(said):
    """Standard error under --json, without the rest of it."""
    return [json.loads(line) for line in said[1].splitlines()]


def test_what_is_wrong_as_json():
    with Fake() as fake:
        (error,) = errors(fake.run("kick", "nowhere", "--json", status=5))
        assert error["error"].startswith("no such line") and error["status"] == 5
        (error,) = errors(fake.run("--json", "reload", status=1))
        assert "unknown key" in error["error"] and error["status"] == 1
    for status, arguments in ((3, ["-S", "/nowhere/control"]), (2, ["kick"]), (2, ["history", "--max", "x"]), (2, ["-q"]),
                              (2, ["status", "-q"]), (2, ["xyzzy"]), (2, ["hist"]), (2, ["doctor", "-u", "no-such-user"])):
        for end in errors(tool("--json", *arguments, status=status)):
            assert set(end) == {"error", "status"} and end["status"] == status, end
    first, last = errors(tool("--json", "history", "--since", "x", status=2))
    assert "expected as 2d" in first["note"] and last["error"].startswith("usage: modemshare history")


def test_not_permitted():
    if os.getuid() != 0:
        raise Skip("needs root, to be another user")
    nobody = (need("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups")
    with Fake() as fake:
        try:
            tool("-V", prefix=nobody)
        except (AssertionError, OSError):
            raise Skip("needs a build directory that others may read") from None
        os.chmod(fake.temporary.name, 0o755)
        assert "be root" in fake.run(status=4, prefix=nobody)[1]
        os.chmod(fake.socket, 0o666)
        row = next(r for r in fake.run(prefix=nobody).splitlines() if r.startswith("console1"))
        assert "another client" in row  # whom show-owner hides
        assert "not permitted" in fake.run("kick", "modem2", status=4, prefix=nobody)[1]
        fake.run("monitor", "modem2", status=4, prefix=nobody)
        assert "198.51.100.9" not in fake.run("history", prefix=nobody)
        assert not fake.asked


# ---- watch ----

def test_watch_on_a_pipe():
    with Fake() as fake:
        watch = fake.start("watch", stdout=subprocess.PIPE)
        lines = [watch.stdout.readline().decode() for _ in range(9)]
        assert lines[8].endswith(" pool: waiting: 2\n"), "each at its service, once"
        assert not any("waiting" in line for line in lines[:8]), lines
        assert re.match(r"[-0-9]{10} [:0-9]{8} modem1: free$", lines[0]), lines[0]
        fake.run("disable", "modem1")
        line = watch.stdout.readline().decode()
        assert line.endswith(" modem1: disabled: by the administrator\n"), line
        watch.kill()
        watch.wait()
        watch = fake.start("--json", "watch", stdout=subprocess.PIPE)
        for _ in range(2):
            assert json.loads(watch.stdout.readline())["lines"]
        watch.kill()
        watch.wait()


def test_watch_on_a_terminal():
    with Fake() as fake:
        master, slave = pty.openpty()
        watch = fake.start("watch", stdout=slave)
        os.close(slave)
        seen = b""
        end = time.monotonic() + 20
        while seen.count(b"\x1b[H\x1b[2J") < 2:
            assert time.monotonic() < end, seen
            if select.select([master], [], [], 1)[0]:
                seen += os.read(master, 65536)
        assert b"LINE" in seen and b"modem2" in seen
        watch.kill()
        watch.wait()
        os.close(master)


def set_size(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def screens(master, process, wanted):
    """What is on the terminal after each time it was drawn, until one is as wanted."""
    seen = b""
    end = time.monotonic() + 20
    while True:
        assert time.monotonic() < end and process.poll() is None, seen
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 65536)
        drawn = [s.decode().split("\r\n") for s in seen.split(b"\x1b[H\x1b[2J")[1:-1]]
        if drawn and wanted(drawn[-1]):
            return drawn[-1]


def test_watch_fits_into_the_terminal():
    """Also when that becomes another: the last row stays the cursor's, what is free comes last."""
    with Fake() as fake:
        master, slave = pty.openpty()
        set_size(slave, 8, 80)
        watch = fake.start("watch", stdout=slave)
        screen = screens(master, watch, lambda s: len(s) == 8)
        assert [row.split()[0] for row in screen if row] == [
            "LINE", "modem2", "modem3", "modem4", "modem5", "4", "waiting:"], screen
        assert screen[5:] == ["4 more", "waiting: 2 for pool", ""], screen
        set_size(slave, 24, 80)
        screen = screens(master, watch, lambda s: len(s) == 11)
        assert screen[1].startswith("modem1 ") and not any("more" in row for row in screen), screen
        os.close(slave)
        watch.kill()
        watch.wait()
        os.close(master)


def test_the_daemon_ends():
    with Fake() as fake:
        watch = fake.start("watch", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        watch.stdout.readline()
    assert watch.wait(10) == 3
    assert b"closed the connection" in watch.stderr.read()


# ---- health ----

def test_health():
    """0 as long as the daemon answers, also where all places at its socket are taken; else 1."""
    with Fake() as fake:
        assert fake.run("health") == "ok\n"
        assert json.loads(fake.run("health", "--json")) == {"ok": True}
        fake.run("health", "now", status=2)
        crowd = [socket.socket(socket.AF_UNIX) for _ in range(40)]
        for s in crowd:
            s.connect(fake.socket)
        assert fake.run("health") == "ok\n"
        for s in crowd:
            s.close()
        fake.process.send_signal(signal.SIGSTOP)
        try:
            _, error = fake.run("health", status=1)
            assert "does not answer" in error, error
            crowd = [socket.socket(socket.AF_UNIX) for _ in range(300)]  # more than may wait there
            for s in crowd:
                s.setblocking(False)
                s.connect_ex(fake.socket)
            _, error = fake.run("health", status=1)
            assert "does not answer" in error, error
        finally:
            fake.process.send_signal(signal.SIGCONT)
            for s in crowd:
                s.close()
    _, error = tool("-S", fake.socket, "health", status=1)
    assert "no daemon answers there" in error, error


# ---- monitor ----

TEXT = """20:00:00.123 > ATDT5551234\\r
20:00:00.124 < \\r\\n
20:00:00.124 < CONNECT\\r\\n
20:00:00.124 < \\x1b[2J\\xff
20:00:00.126 - 192.0.2.7 has left
20:00:00.127 - not configured any more
"""


def test_monitor():
    with Fake() as fake:
        assert fake.run("monitor", "modem1") == TEXT
        assert ("20:00:00.123 > 41 54 44 54 35 35 35 31 32 33 34 0d             |ATDT5551234.|\n"
                in fake.run("monitor", "--hex", "modem1"))
        path = os.path.join(fake.temporary.name, "output")
        assert fake.run("monitor", "modem1", "--output", path) == ""
        assert fake.run("monitor", "modem1", "-o", path) == ""  # appends
        with open(path, encoding="ascii") as f:
            assert f.read() == TEXT + TEXT
        fake.run("monitor", "modem1", "-o", "/nowhere/output", status=1)
        events = [json.loads(line) for line in fake.run("monitor", "modem1", "--json").splitlines()]
        assert [e["event"] for e in events] == ["data", "data", "note", "end"]


def test_monitor_that_is_too_slow():
    with Fake() as fake:
        monitor = fake.start("monitor", "--json", "modem2", stdout=subprocess.PIPE)
        wait_for(lambda: "monitor modem2" in fake.asked)
        os.kill(monitor.pid, signal.SIGSTOP)
        time.sleep(1)  # nothing tells when it has been sent: it is not read, which is the point
        fake.run("status")  # the daemon answers others
        os.kill(monitor.pid, signal.SIGCONT)
        got = lost = 0
        for line in monitor.stdout:
            event = json.loads(line)
            got += len(event.get("hex", "")) // 2
            lost += event.get("bytes", 0)
        assert monitor.wait(10) == 0
        assert lost > 0 and got + lost == 4000000 + 28, (got, lost)


# ---- history ----

def test_history():
    with Fake() as fake:
        rows = fake.run("history").splitlines()
        assert rows[0].split() == ["START", "LINE", "CLIENT", "FOR", "WHAT"]
        assert rows[1].split() == ["2025-11-25", "19:50:00", "modem2", "192.0.2.7", "goes", "on", "5551234",
                                   "CONNECT", "33600"]
        assert rows[2].split()[4:] == ["refused", "in", "use", "(57", "times)"]
        assert rows[3].split()[4:] == ["1h", "110", "BUSY;", "nothing", "was", "typed", "for", "5m"]
        assert len(fake.run("history", "--line", "modem1").splitlines()) == 2
        assert len(fake.run("history", "--client", "203.0.113.5").splitlines()) == 2
        assert len(fake.run("history", "--max", "2").splitlines()) == 3
        assert len(fake.run("history", "--since", "2025-11-25 19:49").splitlines()) == 3
        assert len(fake.run("history", "--since", "2025-11-26").splitlines()) == 1


def test_history_for_programs():
    with Fake() as fake:
        rows = list(csv.DictReader(fake.run("history", "--csv").splitlines()))
        assert [r["client"] for r in rows] == ["192.0.2.7", "203.0.113.5", "198.51.100.9"]
        assert rows[0]["end"] == "" and rows[0]["call_seconds"] == "540.000"
        assert rows[2]["why"] == "nothing was typed for 5m" and rows[1]["refused"] == "1"
        assert [r["count"] for r in rows] == ["1", "57", "1"]
        records = [json.loads(line) for line in fake.run("history", "--json").splitlines()]
        assert [r["who"] for r in records] == [r["client"] for r in rows]


def test_history_in_time_zones():
    """For programs in UTC, and that is taken back; for people as their clock says."""
    with Fake() as fake:
        zone = {"TZ": "XXX-05:30"}
        rows = list(csv.DictReader(fake.run("history", "--csv", env=zone).splitlines()))
        assert [r["start"] for r in rows] == ["2025-11-25T19:50:00Z", "2025-11-25T19:49:00Z", "2025-11-25T17:00:00Z"], rows
        assert rows[1]["end"] == "2025-11-25T19:49:00Z", rows
        assert fake.run("history", env=zone).splitlines()[1].startswith("2025-11-26 01:20:00")
        for since in ("2025-11-25T19:49:00Z", "2025-11-26 01:19:00"):
            assert len(fake.run("history", "--since", since, env=zone).splitlines()) == 3, since


def test_history_of_no_line():
    with Fake() as fake:
        out, error = fake.run("history", "--line", "modem11", status=5)
        assert out == "" and error.startswith("modemshare: no such line"), (out, error)
        assert len(fake.run("history", "--line", "modem3").splitlines()) == 1, "one of which there is nothing yet"


# ---- the host ----

def test_devices():
    if not os.path.isdir("/sys/class/tty"):
        raise Skip("kernel forbids: /sys")
    assert tool("devices")
    for device in json.loads(tool("devices", "--json")):
        assert device["device"].startswith("/dev/") and isinstance(device["holders"], list)


def test_doctor():
    user = pwd.getpwuid(os.geteuid()).pw_name
    tool("doctor", "-u", "no-such-user", status=2)
    with Fake() as fake:
        path = os.path.join(fake.temporary.name, "conf")

        def conf(text):
            with open(path, "w", encoding="utf-8") as f:
                f.write(f'control-socket = "{fake.socket}"\nstate-directory = "{fake.temporary.name}"\n'
                        f'lock-directory = ""\n{text}\n')
        conf('line "m" { device = "virtual" kind = "modem" listen = { "0" } }')
        stdout, _ = tool("doctor", "-f", path, "-u", user, status=1)  # what the played daemon says of its lines
        assert "WRONG  modem5: out of service: no such device\n" in stdout
        fake.run("disable", "modem1")
        stdout, _ = tool("doctor", "-f", path, "-u", user, "--json", status=1)
        findings = [json.loads(line) for line in stdout.splitlines()]
        assert {"level": "note", "about": "modem1", "what": "disabled: by the administrator",
                "mend": "modemshare enable modem1"} in findings
    assert not os.path.exists(path)
    with tempfile.TemporaryDirectory() as directory:
        fake.socket, fake.temporary.name = os.path.join(directory, "control"), directory
        path = os.path.join(directory, "conf")
        conf('line "m" { device = "virtual" kind = "modem" listen = { "0" } }')
        stdout = tool("doctor", "-f", path, "-u", user)
        assert "no daemon answers there\n       systemctl start modemshared\n" in stdout, stdout
        conf('line "m" { device = "/dev/nothing" kind = "modem" listen = { "0" } }')
        stdout, _ = tool("doctor", "-f", path, status=1)
        assert "WRONG  m: /dev/nothing: No such file or directory\n" in stdout
        if os.path.isdir("/sys/dev/char"):
            conf('line "m" { device = "/dev/null" kind = "modem" listen = { "0" } }')
            stdout, _ = tool("doctor", "-f", path, status=1)
            assert "WRONG  m: /dev/null is no serial port\n" in stdout, stdout
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            conf('line "m" { device = "virtual" kind = "modem" listen = { "127.0.0.1:%d" } }' % port)
            stdout, _ = tool("doctor", "-f", path, status=1)
            assert f"listens at 127.0.0.1:{port} already, as process {os.getpid()}\n" in stdout, stdout
        conf('line "m" { device = "virtual" kind = "modm" }')
        stdout, _ = tool("doctor", "-f", path, status=1)
        assert "did you mean \"modem\"?" in stdout
        conf('line "m" { device = "virtual" kind = "modem" listen = { "2217" } allow = { "192.0.2.0/24" } }')
        stdout = tool("doctor", "-f", path)
        assert "allow has no address of loopback, and listen no other: nobody can connect" in stdout, stdout
        tool("doctor", "-f", directory + "/none", status=1)


# ---- what is no daemon of ours ----

def test_others_at_the_socket():
    hello = b'{"modemshare":"9","protocol":1,"may":"act"}\n'
    for said in (b"SSH-2.0-OpenSSH\r\n", b'{"modemshare":"9","protocol":2,"may":"act"}\n', b"[" * 100000 + b"\n",
                 hello + b"rubbish\n", hello + b'{"id":1,"ok":true}\n', hello + b'{"id":1,"ok":false}\n',
                 hello + b'{"id":1,"ok":true,"status":7,"missed":0}\n'):
        with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as server:
            path = os.path.join(directory, "control")
            server.bind(path)
            server.listen()

            def serve(said=said, server=server):
                client, _ = server.accept()
                client.sendall(said)
                while client.recv(4096):
                    pass
                client.close()
            threading.Thread(target=serve, daemon=True).start()
            tool("-S", path, status=1)


def test_completion():
    with Fake() as fake:
        script = (f'. {SOURCE}/contrib/bash-completion/modemshare; compopt() {{ :; }}\n'
                  'try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _modemshare; echo "${COMPREPLY[@]}"; }\n'
                  f'try {MODEMSHARE} ki\ntry {MODEMSHARE} -S {fake.socket} kick mo\n'
                  f'try {MODEMSHARE} -S {fake.socket} history --line con\ntry {MODEMSHARE} history --s\n'
                  f'try {MODEMSHARE} status --\n')
        done = subprocess.run([need("bash"), "-c", script], capture_output=True, timeout=30, check=True,
                              env=daemon_environment())
        assert done.stdout.decode().splitlines() == [
            "kick", "modem1 modem2 modem3 modem4 modem5 modem6", "console1 console2", "--since", "--json",
        ], done
