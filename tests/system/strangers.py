#!/usr/bin/python3
"""What strangers can cost: each kind of them, alone or all at once, against a daemon of twenty owners.

	strangers.py [--seconds N] [--only KIND]... [--all] [--write]

BUILDDIR, MODEMSHARED, MODEMSHARE: as for the system tests.  Each kind does its worst from a process of its own, as fast as it
can, at the lowest priority: a stranger's own work is done on another host.  Meanwhile the owners' echo is timed, and
afterwards it is counted what was used: descriptors, memory, bytes of log and history, the daemon's share of a processor.
--all: all kinds at once.  --write: what was measured becomes the table in man/modemshared.8; 90 s of each at least, or a day
is not what is thought of it."""
import argparse
import contextlib
import multiprocessing
import os
import pathlib
import random
import re
import select
import shutil
import socket
import sqlite3
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from control import ask, page_url, socket_of  # noqa: E402
from harness import (BAUDRATE, COMPORT, DO, DONT, IAC, SB, SE, WILL, WONT, ComPort, Daemon,  # noqa: E402
                     Skip, kill_everything, wait_for)
from test_network import own_network  # noqa: E402

OWNERS = 20
KEYS = """\
    kind = "console"
    listen = { "127.0.0.1:0" }
    allow = { "127.0.0.0/8" }
"""
HOUSE = "".join(f'line "own{i}" {{\n    device = "loopback"\n{KEYS}}}\n' for i in range(OWNERS)) + f"""\
line "free" {{
    device = "loopback"
{KEYS}}}
line "modem" {{
    device = "virtual"
    kind = "modem"
    answer = {{ "127.0.0.1:0" }}
    listen = {{ "127.0.0.1:0" }}
    allow = {{ "127.0.0.0/8" }}
}}
status {{
    listen = {{ "127.0.0.1:0" }}
}}
"""
TIME = "2026-11-30T09:15:02.418+01:00 \n"  # of each line of a log in a file
EACH = 64  # connections of one address to a service
LINGER = 0.05  # s between looks of somebody who waits
OPTIONS = bytes([IAC, WILL, 99, IAC, WONT, 99, IAC, DO, 98, IAC, DONT, 98])
QUERY = bytes([IAC, SB, COMPORT, BAUDRATE, 0, 0, 0, 0, IAC, SE])


class Target:
    """Where the strangers go: ports by name, the control socket, the page."""

    def __init__(self, daemon):
        self.ports = {name: daemon.port(name) for name in ("own0", "own1", "free", "modem")}
        self.control = socket_of(daemon)
        self.page = int(page_url(daemon).rsplit(":", 1)[1])
        found = daemon.wait_log(r"event=listen line=modem address=127\.0\.0\.1:(\d+)")
        self.callers = int(found.group(1))


# ---- what strangers do ----

def connect(port, source=None):
    """A socket that does not block, or None: refused, or no place."""
    s = socket.socket()
    try:
        if source:
            s.bind((source, 0))
        s.settimeout(0.5)
        s.connect(("127.0.0.1", port))
        s.setblocking(False)
    except OSError:
        s.close()
        return None
    return s


def drain(s, limit=65536):
    """What has come; None at the end."""
    try:
        return s.recv(limit) or None
    except BlockingIOError:
        return b""
    except OSError:
        return None


def push(s, data):
    """False: it is over."""
    try:
        s.send(data)
        return True
    except BlockingIOError:
        return True
    except OSError:
        return False


def crowd(make, each, size, stop):
    """So many connections at a time, each new as the last one ends, until stop(); returns how many there were."""
    sockets, made = [], 0
    while not stop():
        if len(sockets) < size:
            s = make(made)
            if s is not None:
                sockets.append(s)
                made += 1
            elif not sockets:
                time.sleep(LINGER)
        alive = [s for s in sockets if each(s)]
        for s in set(sockets) - set(alive):
            s.close()
        sockets = alive
    for s in sockets:
        s.close()
    return made


def spread(n):
    """An address of many, sixty-four times each."""
    return f"127.0.{n // EACH // 250 % 250}.{1 + n // EACH % 250}"


def rarely(s):
    """Looks now and then, so that the end is seen."""
    if random.random() < 0.02:
        return drain(s) is not None
    return True


def idle(target, stop):
    """Connections from many addresses that say nothing"""
    return crowd(lambda n: connect(target.ports["own0"], spread(n)), rarely, 1100, stop)


def options(target, stop):
    """60 connections that toggle Telnet options"""
    return crowd(lambda n: connect(target.ports["own1"]),
                 lambda s: push(s, OPTIONS * 300) and drain(s) is not None, 60, stop)


def questions(target, stop):
    """60 connections that ask for the speed and read no answer"""
    def make(_):
        s = connect(target.ports["own1"])
        return s if s and push(s, bytes([IAC, WILL, COMPORT])) else None
    return crowd(make, lambda s: push(s, QUERY * 100), 60, stop)


def endless(target, stop):
    """A subnegotiation that never ends"""
    def make(_):
        s = connect(target.ports["own1"])
        return s if s and push(s, bytes([IAC, SB, COMPORT, 0])) else None
    return crowd(make, lambda s: push(s, b"x" * 16384) and rarely(s), 16, stop)


def hear(s, word=None):
    """What it is told until it ends, or until the word."""
    said = b""
    while (word is None or word not in said) and select.select([s], [], [], 5)[0] and (more := drain(s)):
        said += more
    s.close()
    return said


def one_by_one(port, data, word, source=None):
    """A connection that sends data and, where it is told a word, waits for that, and goes to come again."""
    s = connect(port, source)
    if s is None:
        return False
    push(s, data)
    if word:
        hear(s, word)
    s.close()
    return True


def refused(target, stop):
    """Claims of a line that is in use, one after another"""
    n = 0
    while not stop():
        n += one_by_one(target.ports["own0"], b"x", b"BUSY")
    return n


def refused_far(target, stop):
    """The same from 5,000 addresses"""
    n = 0
    while not stop():
        n += one_by_one(target.ports["own0"], b"x", b"BUSY", f"127.1.{n // 200 % 25}.{1 + n % 200}")
    return n


def short(target, stop):
    """Claims of a free line that end at once"""
    n = 0
    while not stop():
        n += one_by_one(target.ports["free"], b"x", None)
    return n


def callers(target, stop):
    """Calls to a virtual modem, one after another"""
    n = 0
    while not stop():
        n += one_by_one(target.callers, b"", None)
    return n


def trickle(target, stop):
    """400 requests to the page that come byte by byte"""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "

    def make(_):
        s = connect(target.page)
        return s if s and push(s, request) else None
    return crowd(make, lambda s: random.random() > 0.01 or (push(s, b"x") and drain(s) is not None), 400, stop)


def page(target, stop):
    """The page and its figures, 16 at a time"""
    asked = b"".join(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path for path in (b"/", b"/metrics", b"/status.json"))
    return crowd(lambda n: connect(target.page),
                 lambda s: push(s, asked) and drain(s, 1 << 20) is not None, 16, stop)


def bad_requests(target, stop):
    """Requests that are none"""
    wrong = (b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET " + b"a" * 9000, b"POST / HTTP/1.1\r\n" +
             b"Host: localhost\r\nContent-Length: 99999999\r\n\r\n", b"\r\n" * 500)
    return crowd(lambda n: connect(target.page),
                 lambda s: push(s, random.choice(wrong)) and drain(s) is not None, 16, stop)


def control(target):
    s = socket.socket(socket.AF_UNIX)
    try:
        s.settimeout(0.5)
        s.connect(target.control)
        s.setblocking(False)
    except OSError:
        s.close()
        return None
    return s


def lookers(target, stop):
    """`modemshare status` without pause, 4 at a time"""
    return crowd(lambda n: control(target),
                 lambda s: push(s, b'{"id":1,"do":"status"}\n') and drain(s, 1 << 20) is not None, 4, stop)


def watchers(target, stop):
    """3 times `modemshare watch`, and nothing is read"""
    def make(_):
        s = control(target)
        return s if s and push(s, b'{"id":1,"do":"watch"}\n') else None
    return crowd(make, lambda s: push(s, b"") and random.random() > 0.0001, 3, stop)


KINDS = {f.__name__.replace("_", "-"): f for f in (
    idle, options, questions, endless, refused, refused_far, short, callers, trickle, page, bad_requests, lookers,
    watchers)}


def _strange(kind, target, seconds, told):
    os.nice(19)
    end = time.monotonic() + seconds
    told.send(KINDS[kind](target, lambda: time.monotonic() >= end))


class Stranger:
    """A kind at work in a process of its own; .end() tells how often it did what it does."""

    def __init__(self, kind, target, seconds):
        self.told, theirs = multiprocessing.Pipe(False)
        self.process = multiprocessing.Process(target=_strange, args=(kind, target, seconds, theirs), daemon=True)
        self.process.start()

    def end(self):
        count = self.told.recv() if self.told.poll(60) else None
        self.process.join(10)
        return count


# ---- what it costs ----

def history_bytes(state):
    """What of the data base's pages is in use, of a copy that is whole: its log may have been carried out meanwhile."""
    return wait_for(lambda: bytes_of_copy(state), 10, "a copy of the history")


def bytes_of_copy(state):
    with tempfile.TemporaryDirectory() as copy:
        for name in ("history.db", "history.db-wal"):
            if (state / name).exists():
                shutil.copy(state / name, copy)
        with contextlib.closing(sqlite3.connect(os.path.join(copy, "history.db"))) as base, \
                contextlib.suppress(sqlite3.DatabaseError):
            return base.execute("SELECT sum(pgsize - unused) FROM dbstat").fetchone()[0]
    return None


class House:
    """The daemon, its owners, and what they see."""

    def __init__(self, prefix=()):
        self.daemon = Daemon(HOUSE, options=(), prefix=prefix)
        self.target = Target(self.daemon)
        self.owners = [ComPort(self.daemon.port(f"own{i}"), source=f"127.9.9.{i + 1}") for i in range(OWNERS)]
        for owner in self.owners:
            owner.send(b"mine")
            owner.expect(b"mine")

    def echoes(self, seconds):
        """The time of one byte there and back, in ms, of each owner in turn, a hundred a second; and for how long the
        daemon was busy meanwhile, whatever for."""
        clock, end, n = ~self.daemon.pid << 3 | 2, time.monotonic() + seconds, 0
        times, busy = [], []
        while (now := time.monotonic()) < end:
            owner, used = self.owners[n % OWNERS], time.clock_gettime(clock)
            owner.send(b"e")
            owner.expect(b"e", 20)
            busy.append(1000 * (time.clock_gettime(clock) - used))
            times.append(1000 * (time.monotonic() - now))
            n += 1
            time.sleep(max(0, now + 0.01 - time.monotonic()))
        return times, busy

    def costs(self):
        """What the daemon has used by now."""
        pid = self.daemon.pid
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            kib = int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1))
        return {"fds": len(os.listdir(f"/proc/{pid}/fd")), "kib": kib,
                "log": sum(len(line) + len(TIME) for line in self.daemon.log),
                "disk": history_bytes(pathlib.Path(self.daemon.directory, "state")),
                "cpu": time.clock_gettime((~pid << 3) | 2)}

    def serves(self):
        """The administrator, health, and somebody polite who comes to a free line: seconds of each."""
        took = {}
        begun = time.monotonic()
        wait_for(self.looks, 30, "the administrator's status")
        took["status"] = time.monotonic() - begun
        begun = time.monotonic()
        wait_for(self.healthy, 30, "/healthz answers")
        took["health"] = time.monotonic() - begun
        begun = time.monotonic()
        wait_for(self.polite, 60, "a newcomer is served")
        took["newcomer"] = time.monotonic() - begun
        return took

    def looks(self):
        """The strangers have the same user here, whose places are 8: one that has gone has it until that is seen."""
        with contextlib.suppress(AssertionError):
            return ask(self.daemon, "status")
        return None

    def healthy(self):
        s = connect(self.target.page, "127.8.8.8")
        if s is None:
            return False
        push(s, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return b" 200 " in hear(s).split(b"\r\n")[0]

    def polite(self):
        """Asks a line in use from an address of his own and is told so, in words."""
        s = connect(self.target.ports["own0"], "127.7.7.7")
        if s is None:
            return False
        push(s, b"x")
        said = hear(s)
        return b"BUSY" in said and b"in use" in said


def sanitized(daemon):
    """What it has freed is kept then."""
    with open(f"/proc/{daemon.pid}/maps", encoding="ascii") as f:
        return "libasan" in f.read()


def quantile(values, q):
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


def measure(house, kinds, seconds):
    """A row: what these kinds cost within so many seconds.  What is written is counted after a third of them, when what is
    written once has been."""
    before, (calm, rests) = house.costs(), house.echoes(2)
    strangers = [Stranger(kind, house.target, seconds) for kind in kinds]
    peak, loud, busy, served, early = before, [], [], {}, None
    begun = since = time.monotonic()
    while (left := begun + seconds - time.monotonic()) > 0:
        times, daemons = house.echoes(min(left, 2))
        loud += times
        busy += daemons
        now = house.costs()
        peak = {key: max(peak[key], now[key]) for key in now}
        if early is None and left < seconds * 2 / 3:
            early, since = now, time.monotonic()
        if left > 2:
            for key, took in house.serves().items():
                served[key] = max(served.get(key, 0), took)
    counts = [stranger.end() for stranger in strangers]
    now, day = house.costs(), 86400 / (time.monotonic() - since)
    return {"count": sum(c or 0 for c in counts) / seconds, "fds": peak["fds"] - before["fds"],
            "kib": peak["kib"] - before["kib"], "written": now["log"] - before["log"],
            "rows": now["disk"] - before["disk"],
            "log": (now["log"] - (early or before)["log"]) * day, "disk": (now["disk"] - (early or before)["disk"]) * day,
            "cpu": 100 * (now["cpu"] - before["cpu"]) / seconds,
            "p50": statistics.median(loud) / statistics.median(calm), "calm": statistics.median(calm),
            "busy": statistics.median(busy) / statistics.median(rests),
            "p99": quantile(loud, 0.99) / quantile(calm, 0.99), "served": served}


def show(kind, row):
    served = " ".join(f"{key}={value:.2f}s" for key, value in row["served"].items())
    print(f"{kind:12} {row['count']:8.0f}/s  fds {row['fds']:5}  {row['kib']:6} KiB  log {row['log'] / 1e6:9.2f} MB/d  "
          f"disk {row['disk'] / 1e6:9.2f} MB/d  cpu {row['cpu']:5.1f} %  echo x{row['p50']:.2f} "
          f"busy x{row['busy']:.2f} p99 x{row['p99']:.2f}  {served}", flush=True)


TABLE = re.compile(r'(\.\\" The rows are written by tests/system/strangers\.py\.\n).*?(\.\\" Here they end\.\n)', re.S)


def amount(n, unit=1000):
    """In at most three digits: 4.2M."""
    for word in ("", "k", "M", "G"):
        if n < 999.5:
            return f"{n:.0f}{word}" if n >= 10 or not word else f"{n:.1f}{word}"
        n /= unit
    return f"{n:.0f}T"


def write(rows):
    """Into the manual: the figures, rounded up to what they are like rather than what they were."""
    path = pathlib.Path(__file__).resolve().parents[2] / "man/modemshared.8"
    text = "".join(
        f".It {KINDS[kind].__doc__.strip()} Ta {max(0, row['fds'])} Ta {amount(1024 * max(0, row['kib']))} Ta "
        f"{amount(row['log'])} Ta {amount(row['disk'])} Ta {row['cpu']:.0f} % Ta {row['p50']:.1f}\n"
        for kind, row in rows.items())
    manual = path.read_text()
    assert TABLE.search(manual), "modemshared.8 has a place for the rows"
    path.write_text(TABLE.sub(lambda m: m.group(1) + text + m.group(2), manual))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", action="append", choices=sorted(KINDS))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    with contextlib.suppress(Skip):
        own_network()
    try:
        if chosen.all:
            house = House()
            show("all", measure(house, list(KINDS), chosen.seconds))
            house.daemon.stop()
        else:
            rows = {}
            for kind in chosen.only or KINDS:
                house = House()
                rows[kind] = measure(house, [kind], chosen.seconds)
                show(kind, rows[kind])
                house.daemon.stop()
            if chosen.write:
                write(rows)
    finally:
        kill_everything()


if __name__ == "__main__":
    main()
