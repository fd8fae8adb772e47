"""What the system tests share: the daemon as a process, and clients that speak raw TCP, Telnet
and RFC 2217.  Everything that waits has a deadline in seconds; nothing sleeps and hopes.

A test is a function without arguments; it fails by raising.  When it returns, every daemon that
still runs is ended with SIGTERM and must leave cleanly (stop_everything); the sockets close with
the process.
"""
import contextlib
import errno
import fcntl
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

MODEMSHARED = os.environ.get("MODEMSHARED", "modemshared")
BUILDDIR = os.environ.get("BUILDDIR", ".")
PIPE = 1 << 18  # bytes of log on their way
F_SETPIPE_SZ = 1031  # of Linux; the module has its name only since 3.10
SHOWN = 400  # lines of a daemon's log, where a test fails
SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:")

NOP, BRK, AYT, SB, SE = 241, 243, 246, 250, 240
WILL, WONT, DO, DONT, IAC = 251, 252, 253, 254, 255
BINARY, ECHO, SGA, COMPORT = 0, 1, 3, 44
(SIGNATURE, BAUDRATE, DATASIZE, PARITY, STOPSIZE, CONTROL, LINESTATE, MODEMSTATE, SUSPEND, RESUME,
 LINEMASK, MODEMMASK, PURGE) = range(13)
DCD, RI, DSR, CTS = 128, 64, 32, 16


class Skip(Exception):
    """The test cannot run here: Skip("needs kermit"), Skip("kernel forbids: user namespaces")."""


def need(program):
    """The path of a program, or the test is skipped.  Not only root may use what is in sbin."""
    path = shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
    if path is None:
        raise Skip(f"needs {program}")
    return path


def wait_for(fn, deadline=10, what=None):
    """Calls fn until what it returns is true, and returns that."""
    end = time.monotonic() + deadline
    while True:
        result = fn()
        if result:
            return result
        if time.monotonic() >= end:
            raise AssertionError(f"not within {deadline} s: {what or fn}")
        time.sleep(0.01)


def free_port():
    """A port that is free now, at all addresses of both families."""
    while True:
        with socket.create_server(("", 0)) as v4:
            port = v4.getsockname()[1]
            try:
                socket.create_server(("::", port), family=socket.AF_INET6).close()
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
            return port


def daemon_environment(extra=None):
    """Beside what is given: ASan starts under a preloaded shim too, and reports do not abort."""
    env = dict(os.environ)
    asan = env.get("ASAN_OPTIONS", "")
    env["ASAN_OPTIONS"] = f"verify_asan_link_order=0:abort_on_error=0:{asan}".rstrip(":")
    env.update(extra or {})
    return env


def run_daemon(config, *options, deadline=30):
    """Runs the daemon to its end on a configuration (a text); for -n and for start-up errors.
    Returns (status, stdout, stderr); FILE is /.../modemshared.conf in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="modemshared-") as directory:
        path = os.path.join(directory, "modemshared.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(config)
        done = subprocess.run([MODEMSHARED, "-f", path, *options], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=deadline, env=daemon_environment(),
                              check=False)
    stdout = done.stdout.decode(errors="backslashreplace")
    stderr = done.stderr.decode(errors="backslashreplace")
    assert not SANITIZER.search(stderr), stderr
    return done.returncode, stdout, stderr


_links = []


def pty_link(slave):
    """A link to a pty, as the program behind it makes one; gone with the test."""
    directory = tempfile.TemporaryDirectory(prefix="pty-")
    _links.append(directory)
    path = os.path.join(directory.name, "line")
    os.symlink(os.ttyname(slave), path)
    return path


UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def bound(config, which="idle"):
    """What -n prints for the first line of a configuration, in seconds; which: "idle", "in call"."""
    status, out, err = run_daemon(config, "-n")
    assert status == 0, err
    text = re.search(rf"\b{which} ([0-9a-z]+)", out).group(1)
    assert text != "none", out
    return sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)(ms|s|m|h|d)", text))


_daemons = []


STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d "


def without_time(line):
    """A line of the log without the time before it."""
    return re.sub("^" + STAMP, "", line)


class Daemon:
    """A running modemshared; ports come from its event=listen lines, so listen on port 0.

    env is added to its environment (LD_PRELOAD for the tty shim).  .log is the list of the
    lines it has written, .directory a directory of its own (also for what a test needs).
    """

    def __init__(self, config, services=None, options=("-d",), env=None, prefix=(), stderr=subprocess.PIPE):
        self._temporary = tempfile.TemporaryDirectory(prefix="modemshared-")
        self.directory = self._temporary.name
        self.path = os.path.join(self.directory, "modemshared.conf")
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(self.globals(config) + config)
        self.log = []
        self.process = subprocess.Popen(
            [*prefix, MODEMSHARED, "-f", self.path, *options], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=stderr, env=daemon_environment(env))
        if self.process.stderr is not None:  # a test that is busy itself reads late, and would miss lines
            with contextlib.suppress(OSError):  # as much as a user may have
                fcntl.fcntl(self.process.stderr, F_SETPIPE_SZ, PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        _daemons.append(self)
        if services is None:
            services = re.findall(r'^\s*line\s+"([^"]+)"', config, re.M)
        for service in services:
            self.port(service)

    def globals(self, config):
        """Paths of the system that a test must not touch, unless the test names them itself."""
        keys = {"control-socket": "control", "state-directory": "state", "lock-directory": "lock"}
        lines = ""
        for key, name in keys.items():
            if key not in config:
                lines += f'{key} = "{os.path.join(self.directory, name)}"\n'
        os.mkdir(os.path.join(self.directory, "state"))
        os.mkdir(os.path.join(self.directory, "lock"))
        return lines

    def _read(self):
        for line in self.process.stderr:
            self.log.append(without_time(line.decode(errors="backslashreplace").rstrip("\n")))

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def wait_log(self, pattern, deadline=10, after=0):
        """The match in the first line, from line number `after` on, in which pattern is found."""
        end = time.monotonic() + deadline
        seen = after
        while True:
            alive = self._reader.is_alive()
            while seen < len(self.log):
                match = re.search(pattern, self.log[seen])
                if match:
                    return match
                seen += 1
            if not alive:
                raise AssertionError(f"the daemon ended without logging {pattern!r}")
            if time.monotonic() >= end:
                raise AssertionError(f"not logged within {deadline} s: {pattern!r}")
            time.sleep(0.005)

    def port(self, service, address="127.0.0.1", deadline=20):
        """The port on which a service listens at an IPv4 or [IPv6] address."""
        found = self.wait_log(rf'event=listen\b.*\bservice="?{re.escape(service)}"?\s.*'
                              rf'\baddress="?{re.escape(address)}:(\d+)', deadline)
        return int(found.group(1))

    def end(self, deadline=10):
        """Waits for the end of the process; returns its exit status."""
        try:
            status = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the daemon still runs after {deadline} s") from None
        self._reader.join(deadline)
        return status

    def stop(self, deadline=10):
        """SIGTERM; it must exit 0 within the deadline, and no sanitizer may have reported, nor we ourselves."""
        if self in _daemons:
            _daemons.remove(self)
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.end(deadline)
            reports = [line for line in self.log if SANITIZER.search(line) or "event=impossible" in line]
            assert status == 0 and not reports, f"exit status {status}"
        except BaseException:
            _daemons.append(self)
            raise
        self._temporary.cleanup()

    def kill(self):
        """SIGKILL: nothing is expected of it any more."""
        if self in _daemons:
            _daemons.remove(self)
        if self.running():
            self.process.kill()
            self.process.wait()
        self._temporary.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None and self in _daemons:
            self.stop()


def stop_everything():
    for daemon in list(_daemons):
        daemon.stop()


def show_everything():
    for daemon in _daemons:
        print(f"--- log of modemshared[{daemon.pid}]", *daemon.log[-SHOWN:], sep="\n", flush=True)


def kill_everything():
    for daemon in list(_daemons):
        daemon.kill()


class Client:
    """A TCP client.  .data holds what has come and is not consumed yet; .ended is None, "fin" or
    "reset".  host, source and a small receive buffer can be chosen."""

    def __init__(self, port, host="127.0.0.1", source=None, rcvbuf=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        if rcvbuf is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        if source is not None:
            self.sock.bind((source, 0))
        self.sock.settimeout(10)
        self.sock.connect((host, port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = bytearray()
        self.ended = None

    # --- sending

    def send_raw(self, data):
        self.sock.sendall(bytes(data))

    def send(self, data):
        self.send_raw(data)

    def fin(self):
        """Half-close: nothing more to send."""
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()

    # --- receiving

    def received(self, data):
        """What to do with bytes from the daemon; here they are data."""
        self.data += data

    def read(self, timeout):
        """One read, of what there is or comes within the time; False if nothing came."""
        if self.ended or not select.select([self.sock], [], [], max(0, timeout))[0]:
            return False
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            self.ended = "reset"
            return True
        if data:
            self.received(data)
        else:
            self.ended = "fin"
        return True

    def until(self, fn, deadline=10, what=None):
        """Reads until fn() is true, and returns what it returned."""
        end = time.monotonic() + deadline
        while True:
            result = fn()
            if result:
                return result
            if self.ended or time.monotonic() >= end:
                raise AssertionError(f"{what or fn}: not within {deadline} s; {self.describe()}")
            self.read(end - time.monotonic())

    def describe(self):
        return f"data {bytes(self.data[-400:])!r}, ended {self.ended}"

    def expect(self, pattern, deadline=10):
        """Waits for bytes, or for a compiled bytes regex; consumes the data up to the end of the
        match and returns it (bytes, or the match object).  Data before it is dropped."""
        if isinstance(pattern, (bytes, bytearray)):
            regex = re.compile(re.escape(bytes(pattern)))
        else:
            regex = pattern
        match = self.until(lambda: regex.search(bytes(self.data)), deadline, regex.pattern)
        del self.data[:match.end()]
        return match.group() if isinstance(pattern, (bytes, bytearray)) else match

    def take(self, n, deadline=10):
        """Exactly the next n bytes of data."""
        self.until(lambda: len(self.data) >= n, deadline, f"{n} bytes")
        taken = bytes(self.data[:n])
        del self.data[:n]
        return taken

    def expect_nothing(self, seconds):
        """No data and no end for so long (negotiations do not count)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(end - time.monotonic())
            assert not self.data and not self.ended, self.describe()

    def expect_end(self, deadline=10, how=None):
        """The daemon closes; how: "fin" or "reset" if it matters.  Returns the data before it."""
        end = time.monotonic() + deadline
        while not self.ended:
            assert time.monotonic() < end, f"still open after {deadline} s; {self.describe()}"
            self.read(end - time.monotonic())
        assert how in (None, self.ended), f"ended by {self.ended}, not {how}"
        return bytes(self.data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Telnet(Client):
    """A Telnet client.  It answers each request once: with agreement for the options in `agree`,
    else with refusal.  .commands is the list of (verb, option) and of (code,) that came, .subs
    the list of (option, payload)."""

    def __init__(self, port, agree=(ECHO, SGA, BINARY), **how):
        self.agree = set(agree)
        self.commands, self.subs = [], []
        self.answered = set()
        self._state, self._verb, self._sub, self._cr = self._data, 0, bytearray(), False
        self.binary_in = False
        super().__init__(port, **how)

    def send(self, data):
        """Data: 255 is doubled.  (Not binary, and CR: the caller writes CR NUL or CR LF.)"""
        self.send_raw(bytes(data).replace(b"\xff", b"\xff\xff"))

    def negotiate(self, verb, option):
        """A request of our own; its answer is then no request to be answered."""
        self.answered.add(({WILL: DO, WONT: DONT, DO: WILL, DONT: WONT}[verb], option))
        self.send_raw([IAC, verb, option])

    def received(self, data):
        for byte in data:
            self._state(byte)

    def _data(self, byte):
        if byte == IAC:
            self._state = self._iac
            return
        if not (self._cr and byte == 0):
            self.data.append(byte)
        self._cr = byte == 13 and not self.binary_in

    def _iac(self, byte):
        self._state = self._data
        if byte == IAC:
            self.data.append(IAC)
            self._cr = False
        elif byte in (WILL, WONT, DO, DONT):
            self._verb, self._state = byte, self._option
        elif byte == SB:
            self._sub, self._state = bytearray(), self._in_sub
        else:
            self.commands.append((byte,))

    def _option(self, option):
        self._state = self._data
        self.commands.append((self._verb, option))
        if option == BINARY and self._verb in (WILL, WONT):
            self.binary_in = self._verb == WILL and BINARY in self.agree
        self.requested(self._verb, option)

    def _in_sub(self, byte):
        if byte == IAC:
            self._state = self._sub_iac
        else:
            self._sub.append(byte)

    def _sub_iac(self, byte):
        assert byte in (IAC, SE), f"IAC {byte} inside of a subnegotiation"
        if byte == IAC:
            self._sub.append(IAC)
            self._state = self._in_sub
        else:
            self._state = self._data
            self.subs.append((self._sub[0], bytes(self._sub[1:])))

    def requested(self, verb, option):
        """Answers WILL and DO, each option and side once; WONT and DONT need no answer here."""
        if verb in (WONT, DONT) or (verb, option) in self.answered:
            return
        self.answered.add((verb, option))
        yes, no = (DO, DONT) if verb == WILL else (WILL, WONT)
        try:
            self.send_raw([IAC, yes if option in self.agree else no, option])
        except OSError:
            pass

    def describe(self):
        return f"{super().describe()}, commands {self.commands[-20:]}, subs {self.subs[-20:]}"


class ComPort(Telnet):
    """An RFC 2217 client.  .answers is the list of (client code, value) that came: a number, or
    the bytes of a SIGNATURE; notifications are in it with their codes 6 and 7."""

    def __init__(self, port, agree=(ECHO, SGA, BINARY, COMPORT), **how):
        super().__init__(port, agree, **how)
        self.negotiate(WILL, COMPORT)
        self.until(lambda: (DO, COMPORT) in self.commands, 10, "DO COM-PORT")

    @property
    def answers(self):
        found = []
        for option, payload in self.subs:
            assert option == COMPORT and payload and payload[0] >= 100, (option, payload)
            code, body = payload[0] - 100, payload[1:]
            found.append((code, body if code == SIGNATURE else int.from_bytes(body, "big")))
        return found

    @staticmethod
    def frame(code, value=None):
        """The bytes of one command; value: a number, bytes for a SIGNATURE, None for no payload."""
        if value is None:
            body = b""
        elif isinstance(value, (bytes, bytearray)):
            body = bytes(value)
        else:
            body = value.to_bytes(4 if code == BAUDRATE else 1, "big")
        inner = (bytes([code]) + body).replace(b"\xff", b"\xff\xff")
        return bytes([IAC, SB, COMPORT]) + inner + bytes([IAC, SE])

    def command(self, code, value=None):
        self.send_raw(self.frame(code, value))

    def request(self, code, value=None, deadline=10):
        """Sends one command and returns the value of the next answer to it."""
        self.received_now()
        mark = len(self.subs)
        self.command(code, value)
        return self.answer(code, deadline, mark)

    def received_now(self):
        """Takes in what has come already."""
        while self.read(0):
            pass

    def answer(self, code, deadline=10, mark=0, wanted=lambda value: True):
        """The value of the first answer of that code, from number `mark` of .subs on, that is
        wanted: answer(SIGNATURE, wanted=lambda text: text.startswith(b"BUSY"))."""
        def found():
            return [v for c, v in self.answers[mark:] if c == code and wanted(v)]
        values = self.until(lambda: [found()] if found() else None, deadline, f"answer to {code}")
        return values[0][0]

    def modem_state(self, mask, value, deadline=10, mark=0):
        """Waits until the modem state told last, from `mark` on, has these bits under mask."""
        def told():
            states = [v for c, v in self.answers[mark:] if c == MODEMSTATE]
            return states and states[-1] & mask == value
        self.until(told, deadline, f"modem state {value} under mask {mask}")
