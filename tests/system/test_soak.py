"""Thousands of claims in a row, with random faults from both sides: no descriptor, no memory, no thread, no client and no
line stays behind, and every line serves again."""
import os
import random
import re
import struct
import socket
import threading
import time

from harness import IAC, SB, SE, WILL, Client, Daemon, wait_for
from fakemodem import QUICK, FakeModem
from ttyshim import FakeTty, Shim

DEADLINE = 400  # s, for the test; it takes a small part of it
SANITIZED = bool(os.environ.get("SANITIZE_CFLAGS"))
CLAIMS = {"loop": 3100, "loop2": 3100, "tty": 1800, "virt": 1960, "m1": 20, "m2": 20}
if SANITIZED:
    CLAIMS = {name: max(10, n // 5) for name, n in CLAIMS.items()}
PARTS = (0.1, 0.3, 0.3, 0.3)  # after the first it has all that it keeps; what leaks grows in each of the others
LIMIT = 300  # s, for a part
MODEMS = ("m1", "m2")
LISTENERS = len(CLAIMS)
WORKERS = 1 + len(MODEMS)  # threads, one for each tty
HASTE = QUICK.replace('"1s"', '"300ms"') + ' attempts = 1 retest = "1s"'
KEYS = 'listen = { "127.0.0.1:0" }\n busy = "queue"\n queue-wait = "5s"\n drain = "200ms"\n inactivity = "2s"\n warning = "0"'


def config(tty, modems):
    text = 'control-socket = ""\nstate-directory = ""\n' + "max-clients-per-address = 200\n"
    for name in ("loop", "loop2"):
        text += f'line "{name}" {{\n device = "loopback"\n kind = "console"\n {KEYS}\n}}\n'
    text += f'line "tty" {{\n device = "{tty.path}"\n kind = "console"\n {KEYS}\n}}\n'
    text += (f'line "virt" {{\n device = "virtual"\n kind = "modem"\n hangup-time = "0"\n {KEYS}\n'
             ' inactivity-in-call = "1s"\n after-call = "1s"\n number "1" { to = "echo" }\n number "2" { to = "busy" }\n}\n')
    for name, modem in modems.items():
        text += f'line "{name}" {{\n device = "{modem.path}"\n kind = "modem"\n {HASTE}\n {KEYS}\n}}\n'
    return text


class Visitor:
    """One client after another on one line, each with a way of its own to go wrong."""

    def __init__(self, port, name, number):
        self.port, self.name, self.random = port, name, random.Random(f"{name} {number}")

    def visit(self):
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        try:
            getattr(self, self.random.choice(self.WAYS))(sock)
        except OSError:
            pass  # refused, cut or reset: all of that happens here
        finally:
            sock.close()

    WAYS = ["polite", "polite", "curt", "cut_off", "half", "noise", "deaf", "settings", "silent"]

    def data(self):
        if self.name == "virt" or self.name in MODEMS:
            return self.random.choice([b"AT\r", b"ATDT1\r", b"ATDT2\r", b"ATE0V0Q1\r", b"AT&C0&D0\r", b"ATH\r", b"+++"])
        return self.random.randbytes(self.random.randrange(1, 200))

    def polite(self, sock):
        sock.sendall(self.data())
        sock.recv(4096)

    def curt(self, sock):
        sock.sendall(self.data())

    def cut_off(self, sock):
        sock.sendall(self.data())
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def half(self, sock):
        sock.sendall(self.data())
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass

    def noise(self, sock):
        sock.sendall(bytes(self.random.choices([IAC, SB, SE, WILL, 44, 0, 255, 1, 13], k=100)) + b"x")

    def deaf(self, sock):
        sock.sendall(b"x" * self.random.randrange(1, 3000))

    def settings(self, sock):
        frame = bytes([IAC, WILL, 44, IAC, SB, 44, 1]) + struct.pack(">I", self.random.choice([0, 300, 9600, 999999999]))
        sock.sendall(frame + bytes([IAC, SE, IAC, SB, 44, 5, self.random.randrange(1, 13), IAC, SE]) + b"x")
        sock.recv(4096)

    def silent(self, sock):
        """Comes, looks and goes."""


class Count:
    """What the log says, each line of it looked at once."""

    def __init__(self, daemon):
        self.daemon, self.seen, self.lock = daemon, 0, threading.Lock()
        self.ended, self.events = {}, {}

    def look(self):
        with self.lock:
            for line in self.daemon.log[self.seen:]:
                self.seen += 1
                match = re.search(r"event=(\S+)(?: line=(\S+))?", line)
                event, name = match.groups() if match else (None, None)
                self.events[event] = self.events.get(event, 0) + 1
                if event == "claim-end":
                    self.ended[name] = self.ended.get(name, 0) + 1
        return self

    def claims(self, name):
        return self.look().ended.get(name, 0)

    def of(self, event):
        return self.events.get(event, 0)


def faults(modems, tty, stop):
    """What goes wrong at the other side."""
    rng = random.Random(4711)
    kinds = [("mute", True), ("dtr_ignored", True), ("twice", True), ("garbage", True), ("chatter", "^RSSI:3"), ("fax", True)]
    while not stop.wait(0.4):
        modem = rng.choice(modems)
        modem.faults.clear()
        roll = rng.random()
        if roll < 0.4:
            modem.faults.update([rng.choice(kinds)])
        elif roll < 0.5:
            modem.call()
        elif roll < 0.55:
            out_and_in(modem, 0.1)
        elif roll < 0.6:
            out_and_in(tty, 0.05)


def out_and_in(device, seconds):
    device.unplug()
    time.sleep(seconds)
    device.replug()


class Echo(threading.Thread):
    """The far end of the console line sends back what it is sent."""

    def __init__(self, tty):
        super().__init__(daemon=True)
        self.tty = tty
        self.start()

    def run(self):
        while True:
            try:
                os.write(self.tty.master, self.tty.read())
            except OSError:
                pass  # full, or just unplugged
            time.sleep(0.005)


def target(path):
    try:
        return os.readlink(path)
    except FileNotFoundError:  # closed meanwhile
        return ""


def state(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        text = f.read()
    files = [target(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    return {"descriptors": len(files), "sockets": sum(name.startswith("socket:") for name in files),
            "threads": int(re.search(r"Threads:\s+(\d+)", text).group(1)),
            "KiB": int(re.search(r"RssAnon:\s+(\d+)", text).group(1))}


def serves(daemon, name):
    """One polite client, from its claim to what the line says: it is a line like any."""
    begun = time.monotonic()
    while True:
        with Client(daemon.port(name)) as client:
            client.send(b"AT\r")
            try:
                client.expect(b"OK\r\n" if name == "virt" or name in MODEMS else b"AT\r", 10)
                return
            except AssertionError:  # a modem may still be in quarantine, and is tested again soon
                if time.monotonic() - begun > 30:
                    raise


def settled(daemon, count, modems):
    """The state of the process when every line has served and nobody is connected."""
    for modem in modems.values():
        modem.faults.clear()
        modem.hang_up()
    for name in CLAIMS:
        serves(daemon, name)
    wait_for(lambda: state(daemon.pid)["sockets"] == LISTENERS, 30, "all clients are gone")
    wait_for(lambda: state(daemon.pid)["threads"] <= 1 + WORKERS, 20, "no threads but the workers")
    wait_for(lambda: count.look().of("claim-start") == count.of("claim-end"), 10, "every claim has ended")
    return state(daemon.pid)


def test_thousands_of_claims():
    shim = Shim()
    tty = FakeTty("ttyMS0", shim)
    modems = {name: FakeModem(f"ttyMS{i}", shim) for i, name in enumerate(MODEMS, 1)}
    daemon = Daemon(config(tty, modems), env=shim.env())  # whose log tells of each claim, however short
    Echo(tty)
    count = Count(daemon)
    settled(daemon, count, modems)
    states = []
    for part in PARTS:
        run(daemon, count, modems, tty, {name: int(n * part) + count.claims(name) for name, n in CLAIMS.items()})
        states.append(settled(daemon, count, modems))
    print(*states, f"{sum(count.ended.values())} claims", count.events, sep="\n")
    assert "log-lost" not in count.events, count.events
    assert sum(count.ended.values()) >= sum(CLAIMS.values())
    # The first device that is missed, at whatever time, opens the one inotify descriptor.
    assert max(s["descriptors"] for s in states) <= states[0]["descriptors"] + 1, states
    if not SANITIZED:  # where what is freed is kept for a while
        grown = [after["KiB"] - before["KiB"] for before, after in zip(states, states[1:])]
        assert min(grown) <= 64, grown


def run(daemon, count, modems, tty, until):
    """Visitors on all lines until so many claims of each have ended."""
    stop = threading.Event()

    def visits(name, number):
        visitor = Visitor(daemon.port(name), name, number)
        while not stop.is_set() and count.claims(name) < until[name]:
            visitor.visit()
            if name in MODEMS:
                stop.wait(0.05)  # refused at once while it is in quarantine

    threads = [threading.Thread(target=visits, args=(name, i), daemon=True) for name in CLAIMS for i in range(2)]
    threads.append(threading.Thread(target=faults, args=(list(modems.values()), tty, stop), daemon=True))
    for thread in threads:
        thread.start()
    end = time.monotonic() + LIMIT
    for thread in threads[:-1]:
        thread.join(max(0, end - time.monotonic()))
    late = [thread for thread in threads[:-1] if thread.is_alive()]
    stop.set()
    threads[-1].join(10)
    assert not late, {name: (count.claims(name), until[name]) for name in CLAIMS}
