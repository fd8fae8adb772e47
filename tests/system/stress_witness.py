"""What must be true all the time of the stress test, and a look at it: the log, the devices, what guests were told, and the
status.  What is not true raises Violation."""
import collections
import itertools
import json
import re
import socket
import time

from harness import SANITIZER
from stress_guests import TOKEN, mark_of
from stress_house import CONSOLES, MODEMS, OTHER_HOME

REMEMBERED = 600  # guests, and so many words of devices times ten
GRANT_TOLD = 5  # s in which the log has told a grant
SURE = 0.2  # s and
TURNS = 10  # turns in which the log of what happened before has come
LATE = 2  # s by which the log may be late when the machine is busy
STATUS = 10  # s until the status has been answered
FLOOD = 4000  # lines of log in a second
ACT = 20  # s until an act has been answered that waits for no hand-over
PARITY = {1: "N", 2: "O", 3: "E", 4: "M", 5: "S"}
Claim = collections.namedtuple("Claim", "line since")


class Violation(AssertionError):
    """Something that must never be."""


class Track:
    """One device: whose bytes have come out of it."""

    def __init__(self, name, device, settles):
        self.name, self.device, self.settles = name, device, settles
        self.current = set()  # numbers of guests; two who share an address cannot be told apart
        self.earlier = set()  # owners since all that they sent was surely seen
        self.granted = 0.0
        self.last = None
        self.past = collections.deque(maxlen=REMEMBERED)
        self.early = []  # [(time, number)]: bytes of guests of whose grant the log has not told yet
        self.bytes = 0

    def grant(self, numbers):
        self.earlier |= self.current
        self.current = set(numbers)
        self.granted = time.monotonic()
        self.early = [(at, number) for at, number in self.early if number not in self.current]

    def came(self, candidates, what):
        """Something came whose sender is one of the candidates.  Returns who, if it is the first of him."""
        self.bytes += 1
        fit = [n for n in candidates if n in self.current] or [n for n in candidates if n in self.earlier]
        new = [n for n in candidates if n not in self.past]
        if not fit and not new:
            raise Violation(f"{self.name}: {what} of guest {candidates}, when {self.last} or another had come before; "
                            f"owner: {self.current}")
        number = (fit or new)[0]
        if number in self.past:
            raise Violation(f"{self.name}: {what} of guest {number} after data of {self.last}")
        if not fit:
            self.early.append((time.monotonic(), number))
        first = number != self.last
        if first:
            if self.last is not None:
                self.past.append(self.last)
            self.last = number
        return number if first else None

    def drained(self, began):
        """All that had been sent when it began was seen."""
        if began - self.granted > self.settles:
            self.earlier.clear()
        late = [number for at, number in self.early if began - at > GRANT_TOLD]
        if late:
            raise Violation(f"{self.name}: data of guest {late[0]}, who was not granted it; owner: {self.current}")


class Witness:
    def __init__(self, house):
        self.house, self.daemon = house, house.daemon
        self.read = self.turns = 0  # lines of the log; turns of this
        self.window = 0.0, 0  # a second of the log: since when, and the line that it may come to
        self.ports = {}
        self.events = collections.Counter()
        self.claims = collections.Counter()  # by line
        self.checks = collections.Counter()
        self.numbers = {}  # address: numbers of guests
        self.marked = collections.defaultdict(list)  # mark: numbers
        self.guests = {}
        self.claimed = collections.defaultdict(list)  # number: claims
        self.owner = {}  # line: number, where it is certain
        self.suspects = []
        self.said = {}  # word of a device: (time, line)
        self.heard = {}  # word: number of a guest
        self.doubts = []  # (time, guest, word) of whom no claim is known yet
        names = {number: name for name, number in CONSOLES.items()} | {OTHER_HOME: "moves"}
        self.tracks = {n: Track(names[n], tty, 0) for n, tty in house.ttys.items()}
        self.tracks |= {n: Track(name, house.modems[n], 0.5) for name, n in MODEMS.items()}

    # ---- who is there ----

    def comes(self, guest):
        self.guests[guest.number] = guest
        self.numbers.setdefault(guest.source, []).append(guest.number)
        self.marked[mark_of(guest.number)].append(guest.number)
        if len(self.guests) > REMEMBERED:
            self.forget(min(self.guests))

    def forget(self, number):
        guest = self.guests.pop(number)
        self.numbers[guest.source].remove(number)
        if not self.numbers[guest.source]:
            del self.numbers[guest.source]
        self.marked[mark_of(number)].remove(number)
        self.claimed.pop(number, None)

    def says(self, word, number):
        """A device is about to say it."""
        self.said[word] = (time.monotonic(), self.tracks[number].name)
        for old in list(itertools.islice(self.said, max(0, len(self.said) - 10 * REMEMBERED))):
            del self.said[old]
            self.heard.pop(old, None)

    # ---- the turn ----

    def turn(self):
        began = time.monotonic()
        self.turns += 1
        self.look_at_log()
        if not self.daemon.running():
            raise Violation(f"the daemon has ended: {self.daemon.process.returncode}")
        for number, track in self.tracks.items():
            if number not in self.house.out and number not in self.house.stuck:
                self.drain(number, track, began)
        self.look_at_suspects()
        for guest in self.guests.values():
            if guest.strangers:
                raise Violation(f"{guest} reads the data of guest {guest.strangers[0]}")
            for word in guest.seen:
                self.was_told(guest, word, time.monotonic())
            guest.seen.clear()
        doubts, self.doubts = self.doubts, []
        for at, guest, word in doubts:
            self.was_told(guest, word, at)

    def look_at_log(self):
        log = self.daemon.log
        since, until = self.window
        if time.monotonic() - since > 1:
            self.window = time.monotonic(), self.read + FLOOD
        elif self.read > until:
            raise Violation(f"more than {FLOOD} lines of log in a second: {log[-1]}")
        while self.read < len(log):
            row = log[self.read]
            self.read += 1
            if SANITIZER.search(row):
                raise Violation(f"a sanitizer reports: {row}")
            found = re.search(r"\bevent=([\w-]+)", row)
            if found:
                self.events[found.group(1)] += 1
                keys = dict(re.findall(r'(\w[\w-]*)="?([^" ]*)', row))
                {"claim-start": self.claim_starts, "claim-end": self.claim_ends, "listen": self.listens}.get(
                    found.group(1), lambda keys: None)(keys)
        if len(log) > 20000:
            del log[:10000]
            self.read -= 10000
            self.window = self.window[0], self.window[1] - 10000

    def listens(self, keys):
        name = keys.get("service") or f"call {keys.get('line')}"
        self.ports[name] = int(keys["address"].rsplit(":", 1)[1])

    def claim_starts(self, keys):
        line = keys["line"]
        numbers = self.numbers.get(keys["client"], [])
        self.claims[line] += 1
        self.owner[line] = numbers[0] if len(numbers) == 1 else None
        for number in numbers:
            self.claimed[number].append(Claim(line, time.monotonic()))
        for track in self.tracks.values():
            if track.name == line:
                track.grant(numbers)
        self.suspect(line, False)

    def claim_ends(self, keys):
        self.owner[keys["line"]] = None

    # ---- settings ----

    def suspect(self, line, lines_too):
        """A claim begins, or its first data came (lines_too): the device is as configured, and by then DTR and RTS are on,
        unless its owner has changed that already."""
        guest = self.guests.get(self.owner.get(line))
        if line not in CONSOLES or guest is None or guest.set:
            return
        allowed = self.house.may_be_configured(line)
        if any(number in self.house.refused for number, track in self.tracks.items() if track.name == line):
            # As it was opened it knew no parity: it serves without one from then on.
            allowed = allowed | {(speed, re.sub("[EO]", "N", form)) for speed, form in allowed}
        seen = [state_of(track.device) for track in self.tracks.values() if track.name == line]
        self.checks["settings and lines" if lines_too else "settings"] += 1
        if not any(settings in allowed and (outputs or not lines_too) for settings, outputs in seen):
            self.suspects.append((time.monotonic(), self.turns, line, guest, seen, allowed))

    def look_at_suspects(self):
        """It was so at its grant if the log tells nothing else of the line for a while."""
        suspects, self.suspects = self.suspects, []
        for suspect in suspects:
            at, turn, line, guest, seen, allowed = suspect
            if self.owner.get(line) != guest.number or guest.set:
                continue
            if time.monotonic() - at > SURE and self.turns - turn > TURNS:
                raise Violation(f"{line} was granted to {guest} with (settings, DTR and RTS) {seen}, not {allowed}")
            self.suspects.append(suspect)

    # ---- data ----

    def drain(self, number, track, began):
        if number in self.house.modems:
            for token in TOKEN.findall(track.device.taken()):
                track.came([int(token)] if int(token) in self.guests else [], "a token")
        else:
            for mark, _ in itertools.groupby(track.device.read()):
                if mark and track.came(self.marked.get(mark, [])[::-1], f"the mark {mark:#x}") == self.owner.get(track.name):
                    self.suspect(track.name, True)
        track.drained(began)

    def was_told(self, guest, word, at):
        """A guest has read what a device said: to nobody else, and in its claim."""
        if word not in self.said:
            raise Violation(f"{guest} reads {word}, which no device has said of late")
        said, line = self.said[word]
        other = self.heard.setdefault(word, guest.number)
        if other != guest.number:
            raise Violation(f"{guest} reads {word} of {line}, as guest {other} did")
        claims = [claim for claim in self.claimed[guest.number] if claim.line == line]
        if not claims and time.monotonic() - at > GRANT_TOLD:
            raise Violation(f"{guest} reads {word} of {line}, which it was not granted")
        if not claims:
            self.doubts.append((at, guest, word))
        elif said + LATE < claims[0].since:
            raise Violation(f"{guest} reads {word} of {line}, said {claims[0].since - said:.1f} s before its grant")
        else:
            self.checks["words"] += 1


def state_of(device):
    """((speed, format), DTR and RTS are on)"""
    s, outputs = device.settings(), device.outputs()
    return (s.baud, f"{s.datasize}{PARITY[s.parity]}{s.stopsize}"), outputs.dtr and outputs.rts and not outputs.brk


class Desk:
    """A connection to the control socket that does not wait: what it asks is answered in time, or that is a violation."""

    def __init__(self, path):
        self.path, self.number = path, 0
        self.asked = {}  # number: (verb, when, until, then)
        self.results = collections.Counter()
        self.slowest = 0.0
        self.sock, self.input = None, b""

    def open(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(STATUS)
        try:
            self.sock.connect(self.path)
        except OSError as error:
            raise Violation(f"the control socket: {error}") from None
        self.sock.setblocking(False)
        self.input = b""

    def ask(self, verb, limit=ACT, then=None, **keys):
        """then: is called with the answer."""
        if self.sock is None:
            self.open()
        self.number += 1
        now = time.monotonic()
        self.asked[self.number] = (verb, now, now + limit, then)
        try:
            self.sock.send(json.dumps({"id": self.number, "do": verb, **keys}).encode() + b"\n")
        except OSError as error:
            raise Violation(f"{verb} cannot be asked: {error}") from None

    def turn(self):
        if self.sock is None:
            return
        try:
            data = self.sock.recv(1 << 20)
        except BlockingIOError:
            data = None
        except OSError:
            data = b""
        if data == b"":
            self.close()
            if self.asked:
                raise Violation(f"the control socket closed instead of answering {next(iter(self.asked.values()))[0]}")
            return
        *rows, self.input = (self.input + (data or b"")).split(b"\n")
        for row in rows:
            self.answered(json.loads(row))
        now = time.monotonic()
        for verb, asked, until, _ in self.asked.values():
            if now > until:
                raise Violation(f"{verb} was not answered within {now - asked:.1f} s")

    def answered(self, answer):
        entry = self.asked.pop(answer.get("id"), None)
        if entry is None:
            return
        verb, asked, _, then = entry
        self.slowest = max(self.slowest, time.monotonic() - asked)
        self.results[f"{verb} {'ok' if answer['ok'] else answer['code']}"] += 1
        if then is not None:
            then(answer)

    def close(self):
        if self.sock is not None:
            self.sock.close()
        self.sock = None
