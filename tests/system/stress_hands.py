"""Carries out the operations of the stress test (stress_orders.py) on a house (stress_house.py).  Nothing here waits; what an
operation finds done already, or impossible, is moot."""
import collections
import os
import socket
import struct
import time

from control import socket_of
from harness import BAUDRATE, CONTROL, PURGE, RESUME, SUSPEND
from stress_guests import Guest, token_of
from stress_house import CONSOLES, HAYES, NEAR, OTHER_HOME
from stress_witness import ACT, STATUS, Desk, Violation

MARKED = (*CONSOLES, "pool")
MOOT = "moot"
ODD = 2  # s
BAD_KEY = "spede"


class Onlooker:
    """Somebody who watches or monitors, and may not read what he asked for."""

    def __init__(self, path, request, reads):
        self.reads = reads
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(STATUS)
        self.sock.connect(path)
        self.sock.setblocking(False)
        self.sock.send(request + b"\n")

    def turn(self):
        """False: it has ended."""
        try:
            return not self.reads or bool(self.sock.recv(1 << 20))
        except BlockingIOError:
            return True
        except OSError:
            return False


class Hands:
    def __init__(self, house, witness):
        self.house, self.witness = house, witness
        path = socket_of(house.daemon)
        self.looks, self.acts, self.tests = Desk(path), Desk(path), Desk(path)
        self.desks = (self.looks, self.acts, self.tests)
        for desk in self.desks:
            desk.open()
        self.odd = {}  # line: since when its state and its owner do not fit
        self.path = path
        self.states = collections.Counter()  # of all lines, at each look
        self.guests, self.others = {}, []  # by slot; those of the take-overs
        self.callers, self.onlookers = {}, {}
        self.number = self.word = self.taker = 0
        self.status, self.statuses = None, 0  # what was answered last, and how often

    def do(self, order):
        """True, or False if it was moot."""
        return getattr(self, f"do_{order[0]}")(*order[1:]) is not MOOT

    def turn(self):
        for guest in [*self.guests.values(), *self.others]:
            guest.turn()
        for key in [key for key, onlooker in self.onlookers.items() if not onlooker.turn()]:
            self.onlookers.pop(key).sock.close()
        for desk in self.desks:
            desk.turn()
        if not self.looks.asked:
            self.do_look()
        self.witness.turn()

    def leave(self):
        """Everybody goes."""
        for number, guest in enumerate([*self.guests.values(), *self.others]):
            guest.leave(("close", "reset")[number % 2])
        for sock in [*self.callers.values(), *(onlooker.sock for onlooker in self.onlookers.values())]:
            sock.close()
        for some in (self.guests, self.others, self.callers, self.onlookers):
            some.clear()

    # ---- guests ----

    def come(self, kind, service, host="127.0.0.1", source=None):
        """A new guest, or None if nobody listens."""
        port = self.witness.ports.get(service)
        if port is None:
            return None
        self.number += 1
        try:
            guest = Guest(self.number, kind, service, port, service in MARKED, host, source)
        except ConnectionError:
            return None
        self.witness.comes(guest)
        return guest

    def do_connect(self, slot, kind, service, claims):
        """claims: it sends something at once."""
        guest = self.come(kind, service)
        if guest is None:
            self.guests.pop(slot, None)
            return MOOT
        self.guests[slot] = guest
        if claims and service in HAYES:
            guest.command(b"ATS50=" + token_of(guest.number) + b"\r")
        elif claims:
            guest.send(8)
        return None

    def do_come_again(self, slot):
        """It resets its connection and is there again at once, with the same address and a new number."""
        guest = self.guests.get(slot)
        if guest is None:
            return MOOT
        guest.leave("reset")
        return self.do_connect(slot, guest.kind, guest.service, True)

    def with_guest(self, slot, what, *arguments):
        guest = self.guests.get(slot)
        if guest is None or guest.gone or guest.wire.over or guest.wire.ended:
            return MOOT
        getattr(guest, what)(*arguments)
        return None

    def do_send(self, slot, n):
        return self.with_guest(slot, "send", n)

    def do_set(self, slot, code, value):
        return self.with_guest(slot, "request", code, value)

    def do_control(self, slot, value):
        return self.with_guest(slot, "request", CONTROL, value)

    def do_ask(self, slot, code):
        value = 0 if code in range(BAUDRATE, CONTROL + 1) else None
        return self.with_guest(slot, "request", code, value)

    def do_questions(self, slot, n):
        return self.with_guest(slot, "questions", n)

    def do_purge(self, slot, value):
        return self.with_guest(slot, "request", PURGE, value)

    def do_suspend(self, slot):
        return self.with_guest(slot, "request", SUSPEND, None)

    def do_resume(self, slot):
        return self.with_guest(slot, "request", RESUME, None)

    def do_packet(self, slot, parts):
        return self.with_guest(slot, "packet", parts)

    def do_negotiate(self, slot, verb, option):
        return self.with_guest(slot, "send_raw", bytes([255, verb, option]))

    def do_at(self, slot, text):
        guest = self.guests.get(slot)
        if guest is not None and text is None:
            text = b"ATS50=" + token_of(guest.number) + b"\r"
        return self.with_guest(slot, "command", text)

    def do_fin(self, slot):
        return self.with_guest(slot, "fin")

    def do_deaf(self, slot):
        return self.with_guest(slot, "hear", False)

    def do_hear(self, slot):
        return self.with_guest(slot, "hear", True)

    def do_close(self, slot, how="close"):
        guest = self.guests.pop(slot, None)
        if guest is None:
            return MOOT
        guest.leave(how)
        return None

    def do_reset(self, slot):
        return self.do_close(slot, "reset")

    # ---- take-over ----

    def takes(self, source, n):
        guest = self.come("raw", "take", NEAR, f"192.0.2.{source}")
        if guest is None:
            return MOOT
        guest.send(n)
        self.others.append(guest)
        return None

    def do_take_old(self, n):
        self.taker = (self.taker + 1) % 100
        return self.takes(10 + self.taker, n)

    def do_take_old_sends(self, n):
        if not self.others:
            return MOOT
        self.others[0].send(n)
        return None

    def do_take_linger(self):
        return self.takes(10 + self.taker, 1)

    def do_take_new(self, n):
        return self.takes(10 + self.taker, n)

    # ---- callers ----

    def do_caller(self, which, n):
        self.do_caller_leaves(which)
        port = self.witness.ports.get("call v3")
        if port is None:
            return MOOT
        self.callers[which] = sock = socket.create_connection(("127.0.0.1", port), timeout=STATUS)
        sock.setblocking(False)
        sock.send(b"caller\r\n" * n)
        return None

    def do_caller_leaves(self, which):
        sock = self.callers.pop(which, None)
        if sock is None:
            return MOOT
        if which == 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        return None

    # ---- devices ----

    def do_unplug(self, number):
        if number in self.house.out:
            return MOOT
        return self.house.unplug(number)

    def do_plug(self, number):
        return self.house.plug(number)

    def do_hang(self, number, what):
        return self.house.devices[number].hang(what)

    def do_unhang(self, number):
        return self.house.devices[number].hang(0)

    def do_stick(self, number):
        if number in self.house.out | self.house.stuck or number not in self.house.devices:
            return MOOT
        return self.house.stick(number)

    def do_unstick(self, number):
        return self.house.unstick(number)

    def do_says(self, number):
        if number in self.house.out:
            return MOOT
        self.word += 1
        self.witness.says(self.word, number)
        try:
            os.write(self.house.devices[number].master, b"{%08d}" % self.word)
        except BlockingIOError:
            return MOOT
        return None

    def do_call(self, number):
        return MOOT if number in self.house.out else self.house.modems[number].call()

    def do_carrier_lost(self, number):
        return MOOT if number in self.house.out else self.house.modems[number].hang_up()

    def do_ring(self, number):
        return MOOT if number in self.house.out else self.house.modems[number].ring()

    def do_inputs(self, number, name, on):
        return self.house.devices[number].set_inputs(**{name: on})

    def do_fault(self, number, name):
        self.house.modems[number].faults[name] = "AT" if name == "refuse" else True

    def do_mend(self, number):
        self.house.modems[number].faults.clear()

    def do_refuse(self, number, what):
        self.house.refused.add(number)
        return self.house.devices[number].refuse(what)

    def do_accept(self, number):
        return self.house.devices[number].refuse(0)

    def do_lock(self, number):
        return None if self.house.lock(number) else MOOT

    def do_unlock(self, number):
        return self.house.unlock(number)

    def do_starve(self):
        return self.house.threads(False)

    def do_feed(self):
        return self.house.threads(True)

    # ---- the administrator ----

    def do_look(self):
        self.looks.ask("status", STATUS, self.seen)

    def seen(self, answer):
        if not answer["ok"]:
            raise Violation(f"status: {answer}")
        self.status = answer["status"]
        self.statuses += 1
        for line in self.status["lines"]:
            self.states[f"{line['state']} ({line['reason']})" if line["reason"] else line["state"]] += 1
            self.fits(line)
        names = [line["name"] for line in self.status["lines"]]
        if len(set(names)) != len(names):
            raise Violation(f"lines {names}")

    def fits(self, line):
        """A line in use has an owner, no other has; within a turn of the daemon it may be told otherwise, but not for long."""
        if (line["state"] == "in use") == (line["owner"] is not None):
            self.odd.pop(line["name"], None)
        elif time.monotonic() - self.odd.setdefault(line["name"], time.monotonic()) > ODD:
            raise Violation(f"{line['name']} is {line['state']}, its owner {line['owner']}")

    def do_onlook(self, which, verb, line, reads):
        self.do_look_away(which)
        more = "" if verb == "watch" else f', "line": "{line}"'
        self.onlookers[which] = Onlooker(self.path, f'{{"id": 1, "do": "{verb}"{more}}}'.encode(), reads)

    def do_look_away(self, which):
        onlooker = self.onlookers.pop(which, None)
        if onlooker is None:
            return MOOT
        return onlooker.sock.close()

    def do_history(self):
        self.acts.ask("history", max=5)

    def do_kick(self, line):
        self.acts.ask("kick", line=line)

    def do_disable(self, line):
        self.acts.ask("disable", line=line)

    def do_enable(self, line):
        self.acts.ask("enable", line=line)

    def do_test(self, line):
        if len(self.tests.asked) > 4:
            return MOOT
        return self.tests.ask("test", 2 * self.house.bounds.get(line, 30) + ACT, line=line)

    def do_drain(self):
        self.acts.ask("drain")

    def do_undrain(self):
        self.acts.ask("resume")

    # ---- reloads ----

    def reload(self):
        self.house.write()
        self.acts.ask("reload", then=self.reloaded)

    def reloaded(self, answer):
        # What do_bad_file() has written may have come before a good file was read, and the other way round.
        if not answer["ok"] and BAD_KEY not in answer["error"]:
            raise Violation(f"a reload is refused: {answer['error']}")

    def do_same(self):
        self.reload()

    def do_values(self, line, speed, form, hangup, limit):
        plan = self.house.plan
        plan.speeds[line] = speed
        plan.format, plan.hangup, plan.limit = form, hangup, limit
        self.reload()

    def do_move(self):
        plan = self.house.plan
        plan.home = OTHER_HOME if plan.home == CONSOLES["moves"] else CONSOLES["moves"]
        self.reload()

    def do_come_or_go(self):
        self.house.plan.comes = not self.house.plan.comes
        self.reload()

    def do_pool(self, lines):
        self.house.plan.pool = lines
        self.reload()

    def do_widen(self):
        self.house.plan.wide = not self.house.plan.wide
        self.reload()

    def do_bad_file(self):
        self.house.write(f'line "con1" {{ device = "/dev/ttyMS0" kind = "console" {BAD_KEY} = 9600 }}\n')
        self.acts.ask("reload", then=self.reloaded)
