#!/usr/bin/python3
"""A random stress test of the daemon: clients, reloads, drivers that hang, devices that come and go, other programs, and the
administrator, all at once.

	stress.py [--seconds N] [--seed S] [--pace N] [--round SECONDS] [--without KIND,...] [--show]

BUILDDIR, MODEMSHARED: as for the system tests; a build with sanitizers sees most.  The sequence of operations hangs on the
seed and the pace (operations a second) alone; what happens also on the moment of each.  After each round everything is put in
order again: then every line must be free within its bound and serve, and nothing may be left of what was there.  What must
be true all the time is in stress_witness.py.  Exit status 0: all of it was."""
import argparse
import collections
import os
import pathlib
import re
import select
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from harness import BAUDRATE, DATASIZE, SANITIZER, ComPort, Client, kill_everything  # noqa: E402
from stress_guests import address_of, mark_of, token_of  # noqa: E402
from stress_hands import Hands  # noqa: E402
from stress_house import CONSOLES, MODEMS, House, far_addresses  # noqa: E402
from stress_orders import RAW, WEIGHTS, Draw  # noqa: E402
from stress_witness import Violation, Witness  # noqa: E402

LAST = 40  # operations that are shown when it fails
LOG = 150  # lines of the log
MARGIN = 10  # s beside the bound of a line: this process is busy, too
SETTLES = 20  # s until threads and descriptors have gone
KIB = 4096  # that a daemon may have grown by
KIB_SANITIZED = 65536  # likewise: the sanitizer keeps what was freed for a while, and where it came from
SOON = 10  # s for what needs no hand-over


def target(path):
    try:
        return re.sub(r"\d+|^socket:.*|^/dev/pts/.*", lambda m: m.group()[:6], os.readlink(path))
    except FileNotFoundError:  # closed meanwhile
        return ""


def state(pid):
    """What the process has: {kind of descriptor: number}, threads, KiB."""
    kinds = collections.Counter(target(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        kib = int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1))
    return kinds, len(os.listdir(f"/proc/{pid}/task")), kib


class Stress:
    def __init__(self, seed, pace, round_seconds, far, without=(), show=False):
        self.pace, self.length, self.show = pace, int(round_seconds * pace), show
        self.draw = Draw(seed, pace, far, without)
        self.house = House(far)
        self.daemon = self.house.daemon
        self.witness = Witness(self.house)
        self.hands = Hands(self.house, self.witness)
        self.counts, self.moot = collections.Counter(), collections.Counter()
        self.last = collections.deque(maxlen=LAST)
        self.rounds, self.begun, self.working = 0, time.monotonic(), 0.0
        self.before, self.longest_calm, self.grown = None, 0.0, []  # the last: KiB after each round

    # ---- operations ----

    def operate(self, until):
        """One round, or less."""
        self.draw.begin()
        begun = before = time.monotonic()
        for n in range(self.length):
            if before >= until:
                break
            order = self.draw.next()
            self.last.append((f"round {self.rounds} {n}", order))
            if self.show:
                print(f"{time.monotonic() - self.begun:.2f}", *self.last[-1], flush=True)
            done = self.hands.do(order)
            self.counts[order[0]] += 1
            self.moot[order[0]] += not done
            self.turns(begun + (n + 1) / self.pace)
            now = time.monotonic()
            self.working += now - before
            before = now
        self.rounds += 1

    def turns(self, until):
        """One turn at least, and more of them until that time."""
        while True:
            self.hands.turn()
            left = until - time.monotonic()
            if left <= 0:
                return
            guests = [guest.wire.sock for guest in self.hands.guests.values()
                      if not (guest.gone or guest.deaf or guest.wire.ended or guest.wire.over)]
            select.select(guests, [], [], min(left, 0.05))

    def wait(self, fn, deadline, what):
        """Turns until it is true; what: a function that tells what is the matter."""
        end = time.monotonic() + deadline
        while not fn():
            if time.monotonic() > end:
                raise Violation(f"not within {deadline:.1f} s: {what()}")
            self.turns(time.monotonic() + 0.02)

    # ---- peace ----

    def calm(self):
        """Nobody does anything any more, and nothing is wrong with any device: all must be as it was."""
        begun = time.monotonic()
        self.hands.leave()
        self.house.calm()
        self.hands.do_undrain()
        for line in self.house.lines():
            self.hands.do_enable(line)
        self.hands.reload()
        self.wait(lambda: not self.hands.acts.asked, SOON, lambda: f"answers to {self.hands.acts.asked}")
        self.all_free(begun)
        for line in self.house.lines():
            self.serves(line)
        self.all_free(time.monotonic())
        self.nothing_left()
        self.longest_calm = max(self.longest_calm, time.monotonic() - begun)

    def line(self, name):
        return next(line for line in self.hands.status["lines"] if line["name"] == name)

    def all_free(self, begun):
        """Every line is free within its bound; one in quarantine is tested, as an administrator would."""
        tested = set()
        answered = self.hands.statuses + 2  # the first may have been on its way
        self.wait(lambda: self.hands.statuses >= answered, SOON, lambda: "a status")
        for name in self.house.lines():
            bound = begun + 2 * self.house.bounds[name] + MARGIN - time.monotonic()
            self.wait(lambda name=name: self.is_free(name, tested), bound, lambda name=name: f"{name} free: {self.line(name)}")

    def is_free(self, name, tested):
        found = self.line(name)
        if found["state"] == "quarantine" and name not in tested:
            tested.add(name)
            self.hands.do_test(name)
        return found["state"] == "free"

    def patient(self, client, fn, deadline, what):
        """The client reads, and everything else goes on, too."""
        end = time.monotonic() + deadline
        while not fn():
            if client.ended or time.monotonic() > end:
                raise Violation(f"{what}: {client.describe()}")
            client.read(0.02)
            self.hands.turn()

    def serves(self, name):
        """A client gets the line, as it is configured, and gets through."""
        self.hands.number += 1
        number = self.hands.number
        how = {"host": "127.0.0.1", "source": address_of(number)}
        if name == "take":
            how = {"host": "192.0.2.1", "source": f"192.0.2.{200 + self.rounds % 50}"}
        kind = Client if name in RAW else ComPort
        bound = self.house.bounds[name] + MARGIN
        with kind(self.witness.ports[name], **how) as client:
            client.number, client.source, client.strangers, client.seen, client.set = number, how["source"], [], [], False
            self.witness.comes(client)
            if name in CONSOLES:
                self.serves_device(name, client, bound)
            elif name in ("loop", "wide"):
                client.send(token_of(number))
                self.patient(client, lambda: token_of(number) in client.data, bound, f"{name} sends it back")
            else:
                client.send(b"AT\r")
                self.patient(client, lambda: b"OK\r\n" in client.data, bound, f"{name} says OK")

    def serves_device(self, name, client, bound):
        device = self.house.device_of(name)
        number = next(n for n, tty in self.house.ttys.items() if tty is device)
        track = self.witness.tracks[number]
        client.send(bytes([mark_of(client.number)]) * 3)
        self.patient(client, lambda: track.last == client.number, bound, f"{name} is sent it")
        speed, form = self.house.settings()[name]
        if isinstance(client, ComPort):
            answers = client.request(BAUDRATE, 0), client.request(DATASIZE, 0)
            if answers != (speed, int(form[0])):
                raise Violation(f"{name} is told as {answers}, configured as {speed} {form}")
        device.write(b"back")
        self.patient(client, lambda: b"back" in client.data, bound, f"{name} answers")

    def nothing_left(self):
        """Of what was there before: descriptors, threads, memory."""
        if self.before is None:
            self.turns(time.monotonic() + 1)
            self.before = state(self.daemon.pid)
            return
        kinds, threads, kib = self.before
        # The first device that is missed opens the one inotify descriptor.
        allowed = kinds | collections.Counter({"anon_inode:inotify": 1})

        def more():
            now = state(self.daemon.pid)
            return now[0] - allowed, now[1] - threads
        self.wait(lambda: not more()[0] and more()[1] <= 0, SETTLES,
                  lambda: f"descriptors and threads are left: {more()}, clients: {self.hands.status['clients']}")
        limit = KIB_SANITIZED if self.sanitized() else KIB
        self.grown.append(state(self.daemon.pid)[2] - kib)
        if self.grown[-1] > limit:
            raise Violation(f"it has grown by {self.grown} KiB")

    def sanitized(self):
        with open(f"/proc/{self.daemon.pid}/maps", encoding="ascii") as f:
            return "libasan" in f.read()

    def end(self):
        """SIGTERM: it ends in order, with nothing leaked."""
        for desk in self.hands.desks:
            desk.close()
        self.daemon.stop(20)
        if self.witness.events["log-lost"]:
            raise Violation("the log has lost lines, so that not all was seen")

    # ---- what came of it ----

    def report(self):
        n = sum(self.counts.values())
        moot = sum(self.moot.values())
        print(f"{n} operations ({moot} moot) in {self.working:.1f} s, {60 * n / max(1, self.working):.0f} a minute; "
              f"{self.rounds} rounds, the longest to calm down {self.longest_calm:.1f} s")
        print("the daemon has grown by (KiB, after each round):", self.grown)
        print("operations:", *(f"{kind} {count}" + (f" ({self.moot[kind]} moot)" if self.moot[kind] else "")
                               for kind, count in sorted(self.counts.items())), sep="\n  ")
        seen = sum(self.hands.states.values())
        print("lines were:", *(f"{100 * n / seen:.1f} % {state}" for state, n in self.hands.states.most_common(25)), sep="\n  ")
        print("claims:", dict(self.witness.claims), "\nseen:", dict(self.witness.checks),
              "\ndata seen at devices:", {f"{t.name} {n}": t.bytes for n, t in self.witness.tracks.items()})
        print("the log:", dict(self.witness.events.most_common()))
        print("answers:", {**self.hands.looks.results, **self.hands.acts.results, **self.hands.tests.results},
              f"the slowest status {self.hands.looks.slowest:.2f} s")
        return n

    def failure(self):
        """What led to it."""
        print(f"--- the last operations, {LAST} at most")
        for where, order in self.last:
            print(where, *order)
        try:
            self.daemon.end(10 if not self.daemon.running() or any(map(SANITIZER.search, self.daemon.log)) else 0)
        except AssertionError:
            pass
        log = self.daemon.log
        first = next((i for i, row in enumerate(log) if SANITIZER.search(row)), None)
        print(f"--- the log's end, exit status {self.daemon.process.returncode}")
        print(*(log[max(0, first - LOG):first + LOG] if first is not None else log[-LOG:]), sep="\n", flush=True)


def run(seconds, seed, pace=150, round_seconds=20, without=(), show=False):
    """The whole of it; returns how many operations there were in a minute, and raises what went wrong."""
    why = far_addresses()
    if why:
        print(f"without take-overs, {why}")
    print(f"seed {seed}", flush=True)
    stress = Stress(seed, pace, round_seconds, why is None, without, show)
    end = time.monotonic() + seconds
    try:
        stress.calm()
        while time.monotonic() < end:
            stress.operate(end)
            stress.calm()
        stress.end()
    except BaseException as error:
        print(f"seed {seed} fails after {time.monotonic() - stress.begun:.1f} s, {sum(stress.counts.values())} operations: "
              f"{type(error).__name__}: {error}")
        stress.failure()
        raise
    finally:
        n = stress.report()
    return 60 * n / max(1, stress.working)


def main():
    parser = argparse.ArgumentParser(description="a random stress test of the daemon")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1000000)
    parser.add_argument("--pace", type=float, default=150, metavar="N", help="operations a second")
    parser.add_argument("--round", type=float, default=20, metavar="SECONDS")
    parser.add_argument("--without", default="", metavar="KIND,...", help="operations that are left out")
    parser.add_argument("--show", action="store_true", help="print each operation")
    options = parser.parse_args()
    without = options.without.split(",") if options.without else []
    unknown = set(without) - {*WEIGHTS, "take"}
    if unknown:
        parser.error(f"no such operations: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of "finally": no daemon stays behind
    try:
        run(options.seconds, options.seed, options.pace, options.round, without, options.show)
    except Violation:
        return 1
    finally:
        kill_everything()
    return 0


if __name__ == "__main__":
    sys.exit(main())
