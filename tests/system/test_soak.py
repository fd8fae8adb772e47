"""10,000 claims in a row, with random faults from both sides: no descriptor, no memory, no thread and no line stays behind."""
import os
import random
import re
import struct
import socket
import threading
import time

from harness import IAC, Daemon, SB, SE, WILL, wait_for
from fakemodem import QUICK, FakeModem
from ttyshim import FakeTty, Shim

CLAIMS = {"loop": 3000, "loop2": 3000, "tty": 1800, "virt": 1950, "m1": 125, "m2": 125}
LIMIT = 300  # s
HASTE = QUICK.replace('"1s"', '"300ms"') + ' attempts = 1 retest = "1s"'
KEYS = 'listen = { "127.0.0.1:0" }\n busy = "queue"\n queue-wait = "5s"\n drain = "200ms"\n inactivity = "2s"\n warning = "0"'


def config(tty, modems):
    text = "max-clients-per-address = 200\n"
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

    def __init__(self, port, seed, kind):
        self.port, self.random, self.kind = port, random.Random(seed), kind

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
        if self.kind in ("virt", "m1", "m2"):
            return self.random.choice([b"AT\r", b"ATDT1\r", b"ATDT2\r", b"ATE0V0Q1\r", b"AT&C0&D0\r", b"ATH\r", b"+++"])
        return bytes(self.random.randrange(256) for _ in range(self.random.randrange(1, 200)))

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
        sock.sendall(bytes(self.random.choice([IAC, SB, SE, WILL, 44, 0, 255, 1, 13]) for _ in range(100)) + b"x")

    def deaf(self, sock):
        sock.sendall(b"x" * self.random.randrange(1, 3000))

    def settings(self, sock):
        frame = bytes([IAC, WILL, 44, IAC, SB, 44, 1]) + struct.pack(">I", self.random.choice([0, 300, 9600, 999999999]))
        sock.sendall(frame + bytes([IAC, SE, IAC, SB, 44, 5, self.random.randrange(1, 13), IAC, SE]) + b"x")
        sock.recv(4096)

    def silent(self, sock):
        """Comes, looks and goes."""


def ends(daemon):
    return sum("event=claim-end" in line for line in daemon.log)


def claims_of(daemon, name, having):
    """How many claims of a line have ended; looks only at what is new in the log."""
    for line in daemon.log[having["seen"]:]:
        having["seen"] += 1
        match = re.search(r"event=claim-end line=(\S+)", line)
        if match:
            having[match.group(1)] = having.get(match.group(1), 0) + 1
    return having.get(name, 0)


def faults(modems, tty, stop):
    """What goes wrong at the other side."""
    rng = random.Random(4711)
    kinds = [("mute", True), ("dtr_ignored", True), ("twice", True), ("garbage", True), ("chatter", "^RSSI:3"), ("fax", True)]
    while not stop.wait(0.2):
        modem = rng.choice(modems)
        modem.faults.clear()
        roll = rng.random()
        if roll < 0.4:
            modem.faults.update([rng.choice(kinds)])
        elif roll < 0.5:
            modem.call()
        elif roll < 0.55:
            modem.unplug()
            time.sleep(0.1)
            modem.replug()
        elif roll < 0.6:
            tty.unplug()
            time.sleep(0.05)
            tty.replug()


def state(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        text = f.read()
    return {"descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(re.search(r"Threads:\s+(\d+)", text).group(1)),
            "KiB": int(re.search(r"RssAnon:\s+(\d+)", text).group(1))}


def settle(daemon, modems):
    """All lines are free again, nobody is connected."""
    for modem in modems.values():
        modem.faults.clear()
        modem.hang_up()
    for name in CLAIMS:
        def served(name=name):
            sock = socket.create_connection(("127.0.0.1", daemon.port(name)), timeout=20)
            try:
                sock.sendall(b"AT\r")
                seen = len(daemon.log)
                return any(f"event=claim-start line={name}" in l for l in daemon.log[max(0, seen - 200):]) and sock
            finally:
                sock.close()
        wait_for(served, 30, f"{name} is served")
    connected = lambda: sum("event=connect " in l for l in daemon.log) - sum("event=disconnect" in l for l in daemon.log)
    wait_for(lambda: connected() == 0, 30, "all clients are gone")


def test_ten_thousand_claims():
    shim = Shim()
    tty = FakeTty("ttyMS0", shim)
    modems = {"m1": FakeModem("ttyMS1", shim), "m2": FakeModem("ttyMS2", shim)}
    daemon = Daemon(config(tty, modems), env=shim.env())
    for name in CLAIMS:
        daemon.wait_log(f"event=line-ready line={name}", 20)
    threading.Thread(target=lambda: drain(tty), daemon=True).start()
    warm(daemon)
    settle(daemon, modems)
    before = state(daemon.pid)
    run(daemon, modems, tty)
    settle(daemon, modems)
    wait_for(lambda: state(daemon.pid)["threads"] <= before["threads"] + 1, 20, "the workers are gone")
    after = state(daemon.pid)
    print(before, after, f"{ends(daemon)} claims")
    assert ends(daemon) >= 10000
    assert after["descriptors"] <= before["descriptors"] + 2, (before, after)
    if not os.environ.get("SANITIZE_CFLAGS"):
        assert after["KiB"] <= before["KiB"] + 256, (before, after)


def drain(tty):
    """What the console line is sent goes nowhere."""
    while True:
        try:
            tty.read()
            tty.write(b"y")
        except (OSError, TimeoutError, ValueError):
            pass
        time.sleep(0.01)


def warm(daemon):
    for name in CLAIMS:
        visitor = Visitor(daemon.port(name), 1, name)
        for _ in range(10):
            visitor.visit()


def run(daemon, modems, tty):
    stop = threading.Event()
    lock = threading.Lock()
    having = {"seen": 0}

    def visits(name):
        visitor = Visitor(daemon.port(name), name, name)
        while not stop.is_set():
            with lock:
                done = claims_of(daemon, name, having)
            if done >= CLAIMS[name]:
                return
            visitor.visit()

    threading.Thread(target=faults, args=(list(modems.values()), tty, stop), daemon=True).start()
    threads = [threading.Thread(target=visits, args=(name,)) for name in CLAIMS for _ in range(2)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + LIMIT
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))
    late = [thread for thread in threads if thread.is_alive()]
    stop.set()
    assert not late, {name: having.get(name, 0) for name in CLAIMS}
