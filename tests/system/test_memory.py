"""What an idle session keeps of the heap, byte for byte, counted by tests/heapshim.c: nothing stays of what it has
asked or sent.  A sanitizer has a heap of its own, so there only the answers are looked at."""
import fcntl
import os
import struct
import tempfile
import termios
import time

from harness import (BAUDRATE, COMPORT, CONTROL, DO, IAC, MODEMMASK, PURGE, RESUME, SB, SE, SIGNATURE, SUSPEND,
                     WILL, ComPort, Daemon, wait_for)
from ttyshim import BUILDDIR, FakeTty

LINE = """\
line "a" {
    device = "%s"
    kind = "%s"
    claim = "connect"
    listen = { "127.0.0.1:0" }
    %s
}
"""
LASTS = 2  # s: a claim that was 1 s is a row of the history
THREADS = 2  # the loop, the history
# A question of each kind, by somebody who knows no more than Telnet, too.
QUESTIONS = {
    "who it is": lambda c: c.request(SIGNATURE, b""),
    "a setting": lambda c: c.request(BAUDRATE, 0),
    "a modem line": lambda c: c.request(CONTROL, 7),
    "are you there": lambda c: c.send_raw(bytes([IAC, 246])),
    "an option": lambda c: c.send_raw(bytes([IAC, DO, 99, IAC, WILL, 99])),
    "unknown": lambda c: c.send_raw(bytes([IAC, SB, COMPORT, 99]) + b"x" * 200 + bytes([IAC, SE])),
    "while suspended": lambda c: (c.command(SUSPEND), c.command(MODEMMASK, 0), c.command(RESUME)),
    "a purge": lambda c: c.request(PURGE, 3),
}


class Heap:
    """Of a daemon that is started with env(); it is looked at while no port's worker lingers, which has memory of its own."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="heap.")

    def env(self, others=None):
        env = dict(others or {})
        mine = os.path.abspath(os.path.join(BUILDDIR, "tests", ".libs", "heapshim.so"))
        env["LD_PRELOAD"] = " ".join(filter(None, (env.get("LD_PRELOAD"), mine)))
        env["HEAPSHIM"] = self.file.name
        return env

    def look(self, daemon):
        wait_for(lambda: len(os.listdir(f"/proc/{daemon.pid}/task")) <= THREADS, 10, "its workers have gone")
        with open(self.file.name, "rb") as f:
            return struct.unpack("qq", f.read(16))

    def returns(self, daemon, to, what):
        """Bytes and pieces are as they were, and stay so while nothing happens."""
        wait_for(lambda: self.look(daemon) == to, 10, f"after {what} the heap has {to} bytes and pieces again")


def instrumented():
    """The heap is a sanitizer's, which heapshim would get in the way of."""
    with open(os.environ["MODEMSHARED"], "rb") as f:
        return b"__asan_init" in f.read()


def session(heap, device, kind, keys="", env=None):
    env = dict(env or {}) if instrumented() else heap.env(env)
    daemon = Daemon(LINE % (device, kind, keys), env=env, options=())
    client = ComPort(daemon.port("a"))
    client.command(MODEMMASK, 0)
    assert client.request(BAUDRATE, 0) > 0
    return daemon, client


def warm_up(client):
    """What is made once, as the libraries' own, and until the claim is longer than brief ones, which are not in the records."""
    end = time.monotonic() + LASTS
    while time.monotonic() < end:
        for ask in QUESTIONS.values():
            ask(client)
            client.request(BAUDRATE, 0)


def asks_all(heap, started):
    daemon, client = started
    warm_up(client)
    if instrumented():
        return
    idle = heap.look(daemon)
    for what, ask in QUESTIONS.items():
        ask(client)
        client.request(BAUDRATE, 0)
        heap.returns(daemon, idle, what)


def test_nothing_stays_of_a_question():
    for device, kind in (("loopback", "console"), ("virtual", "modem")):
        heap = Heap()
        asks_all(heap, session(heap, device, kind))
    tty, heap = FakeTty(), Heap()
    asks_all(heap, session(heap, tty.path, "console", "hangup-time = 0", tty.env()))


def test_nothing_stays_of_what_a_purge_took_back():
    """What comes while the driver is at a purge is dropped, and with it the room that was made for it."""
    tty, heap = FakeTty(), Heap()
    daemon, client = session(heap, tty.path, "console", "hangup-time = 0", tty.env())
    warm_up(client)
    idle = None if instrumented() else heap.look(daemon)
    tty.hang()
    mark = len(client.answers)
    client.command(PURGE, 1)
    wait_for(lambda: tty.ctl.hanging, 10, "the driver hangs")
    tty.write(b"too late")
    wait_for(lambda: fcntl.ioctl(tty.slave, termios.FIONREAD, b"\0" * 4) == b"\0" * 4, 10, "it is read")
    tty.hang(0)
    client.answer(PURGE, mark=mark)
    if idle is not None:
        heap.returns(daemon, idle, "a purge")
    assert client.data == b""
