"""Programs for people, driven as a person does: on a terminal of their own, made of a pty.  And
what stands between such a program and the daemon: a tap on a TCP connection, a bridge from a pty.
Everything that waits has a deadline in seconds.
"""
import atexit
import errno
import importlib.util
import os
import pty
import re
import select
import signal
import socket
import sys
import termios
import threading
import time
import tty

import harness

_running = []


def _matcher(pattern):
    return re.compile(re.escape(pattern)) if isinstance(pattern, str) else pattern


class Terminal:
    """A program on a terminal.  .screen is all that it has written, as text (Latin-1); expect()
    goes through it from the start to the end.  It ends with the test, at the latest."""

    def __init__(self, *argv, cwd=None):
        path = harness.need(argv[0])
        self.argv = argv
        self.screen = ""
        self.seen = 0
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            self._become(path, cwd)
        self.open = True
        _running.append(self)

    def _become(self, path, cwd):
        try:
            if cwd is not None:
                os.chdir(cwd)
            os.execve(path, self.argv, {**os.environ, "TERM": "vt100", "LC_ALL": "C"})
        finally:
            os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    # --- typing and reading

    def type(self, text):
        data = text.encode("latin-1")
        while data:
            data = data[os.write(self.fd, data):]

    def read(self, timeout):
        """One read of what there is or comes within the time.  EIO: nobody has the terminal."""
        if not self.open or not select.select([self.fd], [], [], max(0, timeout))[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        self.open = bool(data)
        self.screen += data.decode("latin-1")
        return True

    def expect(self, pattern, deadline=10):
        """The match of a text, or of a compiled regex, behind what was found before."""
        regex = _matcher(pattern)
        end = time.monotonic() + deadline
        while True:
            match = regex.search(self.screen, self.seen)
            if match:
                self.seen = match.end()
                return match
            if not self.open or time.monotonic() >= end:
                raise AssertionError(f"{self.argv[0]}: {regex.pattern!r} not on the screen within "
                                     f"{deadline} s: {self.screen[self.seen:]!r}; before: "
                                     f"{self.screen[:self.seen]!r}")
            self.read(end - time.monotonic())

    def wait_raw(self, deadline=10):
        """Until the program takes each key by itself: typed before, it would be the terminal's."""
        harness.wait_for(lambda: not termios.tcgetattr(self.fd)[3] & termios.ICANON, deadline,
                         f"{self.argv[0]} has the terminal in raw mode")

    def wait_end(self, deadline=10):
        """Reads on until the program has ended; returns its exit status (signals are negative)."""
        end = time.monotonic() + deadline
        while not self._reap():
            assert time.monotonic() < end, f"{self.argv[0]} still runs after {deadline} s: " \
                                           f"{self.screen!r}"
            if not self.read(0.02) and not self.open:
                time.sleep(0.005)
        while self.read(0):
            pass
        return self.status

    # --- the end

    def _reap(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def kill(self):
        """Ends the program if it runs; the terminal goes away with its master."""
        if self in _running:
            _running.remove(self)
            if not self._reap():
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            os.close(self.fd)


@atexit.register
def _kill_all():
    for terminal in list(_running):
        terminal.kill()


class Tap:
    """A port that hands on to the daemon's, and keeps what went by: .up from the program, .down
    to it.  send() puts bytes of our own into the connection to the daemon."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.up, self.down = bytearray(), bytearray()
        self._lock = threading.Lock()
        self._server = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        self._client, _ = self.listener.accept()
        threading.Thread(target=self._pump, args=(self._client, self._server, self.up),
                         daemon=True).start()
        self._pump(self._server, self._client, self.down)

    def _pump(self, source, sink, record):
        try:
            while data := source.recv(65536):
                record += data
                with self._lock:
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def send(self, data):
        with self._lock:
            self._server.sendall(data)

    def wait_down(self, data, deadline=10):
        harness.wait_for(lambda: bytes(data) in self.down, deadline, f"{data!r} in {self.down!r}")


class Writer:
    """Writes data to a descriptor while somebody else reads what comes of it."""

    def __init__(self, fd, data):
        self._thread = threading.Thread(target=self._write, args=(fd, data), daemon=True)

    @staticmethod
    def _write(fd, data):
        try:
            while data:
                data = data[os.write(fd, data):]
        except OSError:
            pass

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._thread.join(10)


def read_exactly(fd, n, deadline=30):
    """The next n bytes of a descriptor; fewer if it ends."""
    end = time.monotonic() + deadline
    got = b""
    while len(got) < n:
        ready = select.select([fd], [], [], max(0, end - time.monotonic()))[0]
        assert ready, f"{len(got)} of {n} bytes within {deadline} s"
        data = os.read(fd, n - len(got))
        if not data:
            break
        got += data
    return got


class Bridge:
    """What a program has for its line: a tty, or a socket for those that drop at their end what a
    tty still holds.  Behind it stands a harness client.  fd is for the program."""

    def __init__(self, client, on_tty=True):
        self.client = client
        if on_tty:
            self._ours, self.fd = pty.openpty()
            tty.setraw(self.fd)
        else:
            self._ours, self.fd = (end.detach() for end in socket.socketpair())
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self):
        while not self.client.ended:
            ready, _, _ = select.select([self.client.sock, self._ours], [], [])
            if self.client.sock in ready:
                self.client.read(0)
                data = bytes(self.client.data)
                self.client.data.clear()
                os.write(self._ours, data)
            if self._ours in ready:
                self.client.send(os.read(self._ours, 4096))


# The programs by which people call a line: what starts them for a port, and what is on the screen
# when they have connected (nc and gensiot say nothing).
CALLS = {
    "telnet": (lambda port: ["telnet", "127.0.0.1", str(port)], "Escape character is '^]'."),
    "nc": (lambda port: ["nc", "-C", "127.0.0.1", str(port)], ""),
    "gensiot": (lambda port: ["gensiot", f"telnet(rfc2217),tcp,127.0.0.1,{port}"], ""),
    "microcom": (lambda port: ["microcom", "-t", f"127.0.0.1:{port}"], "connected to"),
    "miniterm": (lambda port: [sys.executable, "-m", "serial.tools.miniterm",
                               f"rfc2217://127.0.0.1:{port}"], "--- Quit: Ctrl+]"),
    "kermit": (lambda port: ["kermit", "-Y", "-C", f"set host 127.0.0.1 {port} /telnet, connect"],
               "Escape character: Ctrl-\\"),
    "kermit without carrier": (lambda port: [
        "kermit", "-Y", "-C",
        f"set carrier-watch off, set host 127.0.0.1 {port} /telnet, connect"],
                               "Escape character: Ctrl-\\"),
}


def call(program, port):
    """The terminal of a program that is connected to the port."""
    if program == "miniterm" and importlib.util.find_spec("serial") is None:
        raise harness.Skip("needs python3-serial")
    argv, ready = CALLS[program]
    terminal = Terminal(*argv(port))
    terminal.expect(ready)
    if program != "nc":
        terminal.wait_raw()
    return terminal
