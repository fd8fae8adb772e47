"""A new configuration while the daemon runs: each key that the manual has counts when the manual says, an owner whom it
does not concern notices nothing, and a file with an error changes nothing.

Each test has a transfer through a line that never changes, whose every byte is compared, and which stays one claim."""
import os
import re
import signal
import socket
import sqlite3
import threading
import time

from control import ask, get, line, named, status, wait_state
from harness import (BRK, CONTROL, Client, ComPort, Daemon, IAC, SIGNATURE, Telnet, free_port, wait_for)
from fakemodem import FakeModem
from ttyshim import BREAK, OUTPUTS, TIOCM_DTR, FakeTty, Shim

MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man/modemshared.conf.5")
BULK = """\
line "bulk" {
    device = "loopback"
    kind = "console"
    protocol = "raw"
    session-limit = 12h
    listen = { "127.0.0.1:0" }
}
"""
NOW, HANDOVER, ENDS, CLIENTS, RESTART = ("at once", "at the next hand-over", "at once, and ends a claim on the line",
                                         "for new clients", "restart needed")


def manual_keys():
    """{key: when a changed value counts}; the page's listeners are "status listen"."""
    with open(MANUAL, encoding="utf-8") as f:
        text = f.read()
    found, page = {}, text.index("\n.Sh STATUS SECTION\n")
    for match in re.finditer(r"^\.It Ic (\S+) No =.*?\nReload: ([^.]*)\.$", text, re.M | re.S):
        name = match.group(1) if match.start() < page else f"status {match.group(1)}"
        assert name not in found, name
        found[name] = match.group(2)
    assert len(found) == len(re.findall(r"^\.It Ic ", text, re.M)), "a key of the manual says nothing of a reload"
    return found


class Bulk:
    """The transfer that nothing may disturb."""

    def __init__(self, daemon):
        self.client = Client(daemon.port("bulk"))
        self.passed, self.failure, self.ended = 0, None, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.ended.wait(0.01):
                block = os.urandom(8192)
                self.client.send(block)
                assert self.client.take(len(block), 5) == block, "other bytes"
                self.passed += len(block)
        except BaseException as failure:  # told by who waits for it
            self.failure = failure

    def end(self, daemon):
        wait_for(lambda: self.passed or self.failure, 5, "data")
        self.ended.set()
        self.thread.join(10)
        assert self.failure is None, self.failure
        # Counts of bytes may be as old as the picture that others look at.
        wait_for(lambda: line(daemon, "bulk")["owner"]["from-client"] == self.passed > 0, 5, "all is counted")
        assert line(daemon, "bulk")["claims"] == 1


class House:
    """The daemon, its line x with the keys that are to change, and the line with the transfer.  keys: text, or None
    for a key that is not there."""

    def __init__(self, device, kind, keys=None, more="", tty=None, env=None, options=("-d",)):
        self.tty = tty
        self.outside, self.more = {}, more
        self.keys = {"device": f'"{device}"', "kind": f'"{kind}"', "listen": '{ "127.0.0.1:0" }',
                     "session-limit": "12h", **(keys or {})}
        self.daemon = Daemon(self.text(), services=[], env=env or (tty and tty.env()), options=options)
        with open(self.daemon.path, encoding="utf-8") as f:
            self.paths = f.read().removesuffix(self.text())
        self.daemon.wait_log("event=ready ")
        wait_state(self.daemon, "x", "free")
        self.bulk = Bulk(self.daemon)

    def text(self):
        rows = "".join(f"    {key} = {value}\n" for key, value in self.keys.items() if value is not None)
        outside = "".join(f"{key} = {value}\n" for key, value in self.outside.items())
        return outside + BULK + 'line "x" {\n' + rows + self.number() + "}\n" + self.more

    def number(self):
        return f'    number "1" {{ to = {self.to} }}\n' if getattr(self, "to", None) else ""

    def write(self, text=None):
        with open(self.daemon.path, "w", encoding="utf-8") as f:
            f.write(self.paths + self.text() if text is None else text)

    def reload(self, **how):
        self.write()
        return ask(self.daemon, "reload", **how)

    def port(self, service="x"):
        """Where it listens now."""
        return int(named(status(self.daemon)["services"], service)["listen"].split()[0].rsplit(":", 1)[1])

    def owner(self):
        client = ComPort(self.port())
        self.passes(client)
        return client

    def passes(self, client):
        """The claim lasts: what is sent arrives."""
        if self.keys["device"] == '"virtual"' or isinstance(self.tty, FakeModem):
            client.send(b"AT\r")
            client.expect(b"OK\r\n")
        else:
            client.send(b"hi")
            if self.tty:
                self.tty.read_until(b"hi")
            else:
                client.expect(b"hi")

    def refused(self, said=b"x", kind=ComPort):
        """All that a new client is told."""
        client = kind(self.port())
        if said:
            client.send(said)
        return client.expect_end(8)

    def leave(self, client):
        client.close()
        wait_state(self.daemon, "x", "free")

    def end(self):
        self.bulk.end(self.daemon)
        self.daemon.stop()


def cut(client):
    client.answer(SIGNATURE, wanted=lambda text: text == b"CUT config")
    client.expect_end()


KEYS = manual_keys()
CASES = {}  # key: what shows that it counts, as (house, owner) after the reload


def case(key, old, new, **base):
    """Marks a function as the case of a key, whose value goes from old to new (None: not there)."""
    def mark(function):
        assert key not in CASES, key
        CASES[key] = (old, new, {name.replace("_", "-"): value for name, value in base.items()}, function)
        return function
    return mark


def try_key(house, key):
    """One key changes while the line has an owner, and then back while it has none."""
    old, new, base, shows = CASES[key]
    when, before = KEYS[key], dict(house.keys)
    house.keys.update({**base, key: old})
    house.reload()
    wait_state(house.daemon, "x", "free")
    owner = house.owner()
    mark = len(house.daemon.log)
    house.keys[key] = new
    said = house.reload()
    assert "restart needed" not in said, said
    if when == ENDS:
        cut(owner)
    else:
        house.passes(owner)
    shows(house, owner)
    if when != ENDS:
        assert not any("why=\"config" in row for row in house.daemon.log[mark:])
    owner.close()
    wait_for(lambda: not line(house.daemon, "x")["owner"], 10, "the end of the claim")
    mark = len(house.daemon.log)
    house.keys = before
    house.reload()
    if when == HANDOVER and key != "retest":
        house.daemon.wait_log("event=line-ready line=x", after=mark)
    wait_state(house.daemon, "x", "free")


def try_all(house, keys):
    for key in keys:
        try:
            try_key(house, key)
        except BaseException:
            print(f"--- {key}", flush=True)
            raise
    house.end()


# ---- the line itself, on a console ----

@case("speed", "9600", "19200")
def speed(house, owner):
    assert house.tty.settings().baud == 9600
    house.leave(owner)
    assert house.tty.settings().baud == 19200


@case("format", '"8N1"', '"7E1"')
def format_(house, owner):
    assert house.tty.settings()[1:3] == (8, 1)
    house.leave(owner)
    assert house.tty.settings()[1:3] == (7, 3)


@case("flow", '"none"', '"rtscts"')
def flow(house, owner):
    assert not house.tty.settings().rtscts
    house.leave(owner)
    assert house.tty.settings().rtscts


@case("hangup-time", "0", "50ms")
def hangup_time(house, owner):
    mark = house.tty.mark()
    house.leave(owner)
    assert any(not e.value & TIOCM_DTR for e in house.tty.events(OUTPUTS, mark))


@case("dtr-when-free", "true", "false")
def dtr_when_free(house, owner):
    assert house.tty.outputs().dtr
    house.leave(owner)
    wait_for(lambda: not house.tty.outputs().dtr, 5)


@case("break-time", "50ms", "700ms")
def break_time(house, owner):
    mark = house.tty.mark()
    owner.send_raw([IAC, BRK])
    wait_for(lambda: len(breaks(house, mark)) == 2, 5)
    on, off = breaks(house, mark)
    assert on.value & BREAK and 0.65 < off.seconds - on.seconds < 2, (on, off)


def breaks(house, mark):
    """Where it begins and ends, of what happened since."""
    changes, was = [], False
    for e in house.tty.events(OUTPUTS, mark):
        if bool(e.value & BREAK) != was:
            was = not was
            changes.append(e)
    return changes


@case("host-sharing", "false", "true")
def host_sharing(house, owner):
    wait_for(lambda: not house.tty.is_open(), 5)
    assert not any("MS0" in name for name in os.listdir(os.path.join(house.daemon.directory, "lock")))


@case("device", '"/dev/ttyMS0"', '"/dev/ttyMS1"')
def device(house, owner):
    wait_state(house.daemon, "x", "free")
    wait_for(lambda: house.other.is_open() and not house.tty.is_open(), 5)
    client = ComPort(house.port())
    client.send(b"there")
    house.other.read_until(b"there")
    client.close()


@case("kind", '"console"', '"modem"')
def kind(house, owner):
    assert line(house.daemon, "x")["kind"] == "modem"


@case("drain", "1m", "100ms")
def drain(house, owner):
    """For a claim that lasts: what does not reach the line is waited for no longer than it says now."""
    house.tty.stuck()
    owner.send(b"never")
    owner.fin()
    wait_state(house.daemon, "x", "free", 5)
    house.tty.unstick()


@case("activity", '"client"', '"both"')
def activity(house, owner):
    wait_for(lambda: line(house.daemon, "x")["owner"]["idle"] > 0.5, 5)
    house.tty.write(b"said")
    owner.expect(b"said")
    wait_for(lambda: line(house.daemon, "x")["owner"]["idle"] < 0.5, 2)  # a picture may be a while old


def test_keys_of_a_console():
    shim = Shim()
    house = House("/dev/ttyMS0", "console", tty=FakeTty("ttyMS0", shim))
    house.other = FakeTty("ttyMS1", shim)
    try_all(house, ["speed", "format", "flow", "hangup-time", "dtr-when-free", "break-time", "host-sharing", "device",
                    "kind",                    "drain", "activity"])


# ---- bringing a modem back ----

TIMES = {"hangup-time": "20ms", "settle-time": "20ms", "init-pause": "10ms", "init-timeout": "1s",
         "carrier-timeout": "200ms", "guard-time": "50ms", "session-limit": "1h"}


@case("hangup", '{ "dtr" }', '{ "escape", "AT+CHUP" }')
def hangup(house, owner):
    house.tty.faults["only_chup"] = True
    house.tty.call()
    owner.close()
    wait_for(lambda: "AT+CHUP" in house.tty.lines(), 10)
    wait_state(house.daemon, "x", "free")
    house.tty.faults.clear()


@case("init", '{ "ATZ" }', '{ "ATZ", "ATS0=0S7=33" }')
def init(house, owner):
    assert "ATS0=0S7=33" not in house.tty.lines()
    house.leave(owner)
    assert "ATS0=0S7=33" in house.tty.lines()


def longer(key, old, new, seconds):
    """The next hand-over, which is this owner's, may take so much longer; and it does work."""
    @case(key, old, new)
    def shows(house, owner):
        left = line(house.daemon, "x")["owner"]["free-latest"]
        house.keys[key] = old
        house.reload()
        assert left - line(house.daemon, "x")["owner"]["free-latest"] > seconds, left
        house.keys[key] = new
        house.reload()
        house.leave(owner)


longer("init-timeout", "1s", "4s", 2)
longer("init-pause", "10ms", "1s", 0.5)
longer("settle-time", "20ms", "1s", 0.5)
longer("carrier-timeout", "200ms", "4s", 2)
longer("guard-time", "50ms", "1s", 0.5)
longer("attempts", "1", "3", 0.5)


@case("retest", "10m", "5m")
def retest(house, owner):
    house.tty.faults["mute"] = True
    owner.close()
    left = wait_state(house.daemon, "x", "quarantine", 20)["ready-in"]
    assert 200 < left <= 300, left
    house.tty.faults.clear()
    ask(house.daemon, "test", "x")


def test_keys_of_a_modem():
    modem = FakeModem()
    try_all(House(modem.path, "modem", TIMES, tty=modem), ["hangup", "init", "attempts", "retest"])


def test_times_of_a_modem():
    modem = FakeModem()
    try_all(House(modem.path, "modem", TIMES, tty=modem), [
        "init-timeout", "init-pause", "settle-time", "carrier-timeout", "guard-time"])


# ---- who may connect, claims, and their ends ----

@case("listen", '{ "127.0.0.1:0" }', '{ "127.0.0.1:%d" }' % free_port())
def listen(house, owner):
    port = house.port()
    assert house.keys["listen"].endswith(f':{port}" }}')
    assert b"x is in use by 127.0.0.1" in house.refused()
    old = int(re.search(r"service=x address=127\.0\.0\.1:(\d+)", "\n".join(house.daemon.log)).group(1))
    assert old != port and socket.socket().connect_ex(("127.0.0.1", old)) != 0, "still listens there"


@case("protocol", None, '"raw"')
def protocol(house, owner):
    text = house.refused(kind=Client)
    assert text.startswith(b"BUSY\r\n") and b"\xff" not in text, text
    assert owner.request(CONTROL, 0) in range(1, 20)  # who was there speaks as before


@case("allow", '{ "loopback" }', '{ "192.0.2.0/24" }')
def allow(house, owner):
    assert house.refused(said=b"", kind=Client) == b""


@case("claim", '"use"', '"connect"')
def claim(house, owner):
    assert b"x is in use by 127.0.0.1" in house.refused(said=b"")


@case("claim-timeout", "1h", "1s")
def claim_timeout(house, owner):
    old = house.early
    assert b"closed: nothing sent for 1s" in house.refused(said=b"", kind=Telnet)
    assert not old.read(0.1) or not old.ended, "who had come before keeps his time"


@case("busy", '"refuse"', '"queue"')
def busy(house, owner):
    waiter = ComPort(house.port())
    waiter.send(b"x")
    waiter.answer(SIGNATURE, wanted=lambda text: text == b"QUEUED 1")
    house.early.send(b"x")
    assert b"x is in use by" in house.early.expect_end(), "who had come before goes by the old rule"
    waiter.close()


@case("queue-limit", "8", "0", busy='"queue"')
def queue_limit(house, owner):
    assert b"x is in use by" in house.refused()


@case("queue-wait", "10m", "1s", busy='"queue"')
def queue_wait(house, owner):
    house.early.send(b"x")
    house.early.answer(SIGNATURE, wanted=lambda text: text == b"QUEUED 1")
    assert b"x was not free within 1s" in house.refused()
    assert not house.early.ended
    house.early.close()


@case("cool-down", "60s", "30s")
@case("takeover", '"off"', '"same-owner"')
@case("keepalive", "{ 30, 10, 3 }", "{ 20, 5, 2 }")
@case("stall", "60s", "30s")
def nothing_to_see(house, owner):
    """From outside; that they differ, and when they count, is a unit test's."""


@case("show-owner", "true", "false")
def show_owner(house, owner):
    assert b"x is in use by another client" in house.refused()
    assert line(house.daemon, "x")["owner"]["who"] == "127.0.0.1", "for who may act"


@case("say-why", "true", "false")
def say_why(house, owner):
    ask(house.daemon, "kick", "x")
    assert b"NO CARRIER" not in owner.expect_end()
    assert not any(code == SIGNATURE for code, _ in owner.answers)


def limit_of(house, seconds):
    found = line(house.daemon, "x")["owner"]
    assert found["idle-limit"] == seconds, found


@case("inactivity", "30m", "10m")
def inactivity(house, owner):
    limit_of(house, 600)


@case("inactivity-contended", "2m", "1m", busy='"queue"')
def inactivity_contended(house, owner):
    waiter = ComPort(house.port())
    waiter.send(b"x")
    waiter.answer(SIGNATURE, wanted=lambda text: text == b"QUEUED 1")
    limit_of(house, 60)
    waiter.close()


@case("session-limit", "0", "1h")
def session_limit(house, owner):
    assert 3500 < line(house.daemon, "x")["owner"]["free-latest"] < 3700


@case("warning", "0", "2s", inactivity="3s")
def warning(house, owner):
    owner.answer(SIGNATURE, 5, wanted=lambda text: text in (b"IDLE 2", b"IDLE 1"))


def test_keys_of_a_service():
    house = House("loopback", "console")
    for key in ("listen", "protocol", "allow", "claim", "claim-timeout", "busy", "queue-limit", "queue-wait",
                "cool-down", "takeover", "keepalive", "stall", "show-owner", "say-why", "inactivity",
                "inactivity-contended", "session-limit", "warning"):
        if key in ("claim-timeout", "busy", "queue-wait"):
            old, _, base, _ = CASES[key]
            house.keys.update({**base, key: old})
            house.reload()
            house.early = ComPort(house.port())
        try:
            try_key(house, key)
        except BaseException:
            print(f"--- {key}", flush=True)
            raise
        house.keys = {key: house.keys[key] for key in ("device", "kind", "listen", "session-limit")}
    house.end()


# ---- virtual modems ----

@case("inactivity-in-call", "15m", "10m")
def inactivity_in_call(house, owner):
    owner.send(b"ATD1\r")
    owner.expect(b"CONNECT")
    limit_of(house, 600)


@case("after-call", "60s", "30s")
def after_call(house, owner):
    owner.send(b"ATD1\r")
    owner.expect(b"CONNECT")
    owner.request(CONTROL, 9)
    wait_for(lambda: line(house.daemon, "x")["owner"]["call"] is None, 5)
    limit_of(house, 30)


@case("answer", None, '{ "127.0.0.1:%d" }' % free_port())
def answer(house, owner):
    wait_state(house.daemon, "x", "free")
    client = ComPort(house.port())
    house.passes(client)
    caller = socket.create_connection(("127.0.0.1", taken_port(house)))
    client.expect(b"RING")
    caller.close()
    client.close()


@case("pace", "false", "true")
def pace(house, owner):
    wait_state(house.daemon, "x", "free")
    house.leave(house.owner())


@case("to", None, None)
def to(house, owner):
    """The owner's next call; and a call that is up goes on."""
    owner.send(b"ATD1\r")
    owner.expect(b"CONNECT")
    house.to = '"busy"'
    house.reload()
    owner.send(b"in the call")
    owner.expect(b"in the call")
    owner.request(CONTROL, 9)
    owner.request(CONTROL, 8)
    owner.send(b"ATD1\r")
    owner.expect(b"BUSY")
    house.to = '"echo"'


def test_keys_of_a_virtual_modem():
    house = House("virtual", "modem")
    house.to = '"echo"'
    try_all(house, ["inactivity-in-call", "after-call", "answer", "pace", "to"])


# ---- pools ----

POOL = """\
line "a" { device = "loopback" kind = "console" }
line "b" { device = "loopback" kind = "console" }
service "pool" {
    listen = { "127.0.0.1:0" }
    lines = %s
    pick = %s
}
"""


def got(house):
    """The line that a client of the pool gets, and the client."""
    mark = len(house.daemon.log)
    client = ComPort(house.port("pool"))
    client.send(b"hi")
    client.expect(b"hi")
    return client, house.daemon.wait_log(r"event=claim-start line=(?!bulk)(\w+)", after=mark).group(1)


def pool(house, lines, pick='"first"'):
    house.more = POOL % (lines, pick)
    assert "restart" not in house.reload()


@case("lines", None, None)
def lines(house):
    pool(house, '{ "a", "b" }')
    first, name = got(house)
    assert name == "a"
    pool(house, '{ "b" }')
    first.send(b"mine")  # it was given to him
    first.expect(b"mine")
    second, name = got(house)
    assert name == "b"
    other = ComPort(house.port("pool"))
    other.send(b"x")
    assert b"b is in use by" in other.expect_end()
    pool(house, '{ "b", "a" }')
    for client in (first, second):
        client.send(b"mine")
        client.expect(b"mine")
        client.close()
    for name in ("a", "b"):
        wait_state(house.daemon, name, "free")


@case("pick", None, None)
def pick_(house):
    pool(house, '{ "a", "b" }')
    for expected, how in (("a", '"first"'), ("a", '"first"'), ("b", '"round-robin"'), ("a", '"round-robin"')):
        pool(house, '{ "a", "b" }', how)
        client, name = got(house)
        assert name == expected, (name, how)
        client.close()
        wait_state(house.daemon, name, "free")


def test_keys_of_a_pool():
    assert KEYS["lines"] == KEYS["pick"] == NOW
    house = House("loopback", "console", more=POOL % ('{ "a" }', '"first"'))
    lines(house)
    pick_(house)
    house.end()


# ---- outside of any section ----

@case("log-level", "info", "debug")
def log_level(house):
    house.outside = {"log-level": '"info"'}
    house.reload()
    mark = len(house.daemon.log)
    house.leave(house.owner())
    assert not any("event=connect" in row for row in house.daemon.log[mark:])
    house.outside = {"log-level": '"debug"'}
    house.reload()
    house.leave(house.owner())
    house.daemon.wait_log("event=connect ", after=mark)
    house.outside = {}
    house.reload()


def turned_away(house, key):
    other = house.owner()
    house.outside = {key: "2"}
    house.reload()
    house.passes(other)  # he was there before, and has claimed
    last = Client(house.port())
    assert b"takes nobody any more for now: too many clients" in last.expect_end(5)
    house.leave(other)
    house.outside = {}
    house.reload()
    wait_for(lambda: status(house.daemon)["clients"] == 1, 5)


@case("max-clients", "1024", "2")
def max_clients(house):
    turned_away(house, "max-clients")


@case("max-clients-per-address", "64", "2")
def max_clients_per_address(house):
    turned_away(house, "max-clients-per-address")


@case("history-days", "400", "2")
def history_days(house):
    house.leave(house.owner())
    path = os.path.join(house.daemon.directory, "state", "history.db")
    wait_for(lambda: ask(house.daemon, "history", "--line", "x").count("client closed"), 5)
    with sqlite3.connect(path, timeout=10) as db:
        db.execute("UPDATE calls SET started = started - 86400000 * 3, ended = ended - 86400000 * 3"
                   " WHERE line = 'x'")
    db.close()
    house.leave(house.owner())  # the newest, beside which the others are old
    wait_for(lambda: ask(house.daemon, "history", "--line", "x").count("client closed") > 1, 5)
    house.reload()
    assert ask(house.daemon, "history", "--line", "x").count("client closed") > 1, "400 days are not over"
    house.outside = {"history-days": "2"}
    house.reload()
    wait_for(lambda: ask(house.daemon, "history", "--line", "x").count("client closed") == 1, 5)
    house.outside = {}


@case("history-size", "256MiB", "4MiB")
def history_size(house):
    state = os.path.join(house.daemon.directory, "state")
    house.leave(house.owner())
    wait_for(lambda: ask(house.daemon, "history", "--line", "x").count("client closed"), 5)
    with sqlite3.connect(os.path.join(state, "history.db"), timeout=10) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(calls)") if row[1] != "id"]
        names = ", ".join(columns)
        many = f"INSERT INTO calls ({names}) SELECT {names} FROM calls WHERE ended IS NOT NULL"
        while db.execute("SELECT count(*) FROM calls").fetchone()[0] < 50000:
            db.execute(many)
    db.close()

    def size():
        return sum(os.path.getsize(os.path.join(state, name)) for name in os.listdir(state))

    assert size() > 8 << 20, size()
    house.outside = {"history-size": '"4 MiB"'}
    house.reload()
    wait_for(lambda: size() <= 4 << 20, 30, "a history of that size")
    assert ask(house.daemon, "history", "--line", "x", "--max", "5").count("client closed") == 5
    house.outside = {}
    house.reload()


def needs_restart(key, changed):
    @case(key, None, None)
    def shows(house):
        paths, owner = house.paths, house.owner()
        house.paths, house.outside = changed(paths, house)
        assert house.reload().strip() == f"restart needed: {key.split()[0]}", key
        assert house.reload().strip() == f"restart needed: {key.split()[0]}", "it still is"
        house.daemon.wait_log(f'restart-needed="{key.split()[0]}"')
        house.passes(owner)
        house.paths, house.outside = paths, {}
        assert "restart" not in house.reload()
        house.leave(owner)
    return shows


def other_path(name):
    return lambda paths, house: (re.sub(rf'({name} = ".*)"', r'\1-other"', paths), {})


NEED_RESTART = [needs_restart("control-socket", other_path("control-socket")),
                needs_restart("state-directory", other_path("state-directory")),
                needs_restart("lock-directory", other_path("lock-directory")),
                needs_restart("run-as", lambda paths, house: (paths, {"run-as": '"nobody"'})),
                needs_restart("status listen", lambda paths, house: (
                    paths + 'status { listen = { "127.0.0.1:0", "127.0.0.1:%d" } }\n' % free_port(), {}))]


def test_global_keys():
    for key, when in KEYS.items():
        if key in ("log-level", "max-clients", "max-clients-per-address", "history-days", "history-size"):
            assert when == NOW, key
        if key in ("control-socket", "state-directory", "lock-directory", "run-as", "status listen"):
            assert when == RESTART, key
    house = House("loopback", "console", options=())
    for shows in (log_level, max_clients, max_clients_per_address, history_days, history_size, *NEED_RESTART):
        shows(house)
    house.end()


def test_all_that_need_a_restart_are_named():
    house = House("loopback", "console")
    house.paths = re.sub(r'"$', '-other"', house.paths, flags=re.M)
    said = house.reload()
    assert said.strip() == "restart needed: control-socket, state-directory, lock-directory", said
    house.end()


def test_every_key_of_the_manual_has_a_case():
    assert set(CASES) == set(KEYS), set(CASES) ^ set(KEYS)
    with open(__file__, encoding="utf-8") as f:
        text = f.read()
    for key in KEYS:
        assert text.count(f'"{key}"') >= 2, f"{key}: no test runs its case"


# ---- the whole ----

def test_a_bad_file_changes_nothing():
    """However it is asked; the error is told, with its place."""
    house = House("loopback", "console")
    owner = house.owner()
    good = house.paths + house.text()
    before = status(house.daemon)
    for bad, told in ((good + "nonsense = 1\n", "nonsense"), (good.replace('"console"', '"consle"'), "console"),
                      (good[:-3], "}"), (good + good.split("\n", 3)[3], "bulk"), ("", "line"),
                      (good.replace('"loopback"\n    kind', '"loopback"\n    speed = 1\n    kind'), "speed")):
        house.write(bad)
        mark = len(house.daemon.log)
        _, error = ask(house.daemon, "reload", status=1)
        assert "modemshared.conf" in error and told in error, (error, told)
        house.daemon.wait_log("event=reload-failed", after=mark)
        mark = len(house.daemon.log)
        os.kill(house.daemon.pid, signal.SIGHUP)
        house.daemon.wait_log("event=reload-failed", after=mark)
        house.passes(owner)
    os.unlink(house.daemon.path)
    assert "No such file" in ask(house.daemon, "reload", status=1)[1]
    after = status(house.daemon)
    assert after["services"] == before["services"]
    assert [(one["name"], one["state"]) for one in after["lines"]] == [(one["name"], one["state"]) for one in before["lines"]]
    house.write()
    assert ask(house.daemon, "reload") == "the configuration is in force\n"
    house.leave(owner)
    house.end()


def test_an_address_that_is_taken():
    """By another program: it is told, and nothing changes."""
    house = House("loopback", "console")
    owner = house.owner()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        house.keys["listen"] = f'{{ "127.0.0.1:{port}" }}'
        house.keys["inactivity"] = "7m"
        house.more = 'line "new" { device = "loopback" kind = "console" listen = { "127.0.0.1:0" } }\n'
        _, error = house.reload(status=1)
        assert f"127.0.0.1:{port}" in error and "use" in error, error
        assert {one["name"] for one in status(house.daemon)["lines"]} == {"bulk", "x"}
        limit_of(house, 1800)
        house.passes(owner)
    house.reload()
    assert house.port() == port
    limit_of(house, 420)
    wait_state(house.daemon, "new", "free")
    house.passes(owner)
    house.end()


def test_an_address_for_calls_that_is_taken():
    house = House("virtual", "modem")
    owner = house.owner()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        house.keys["answer"] = '{ "127.0.0.1:%d" }' % taken.getsockname()[1]
        assert 'line "x" cannot listen for calls' in house.reload(status=1)[1]
        house.passes(owner)
    house.reload()
    cut(owner)
    wait_state(house.daemon, "x", "free")
    owner = house.owner()
    house.keys["pace"] = "true"  # the line is another one, and its door has the same address
    house.reload()
    cut(owner)
    wait_state(house.daemon, "x", "free")
    owner = house.owner()
    caller = socket.create_connection(("127.0.0.1", taken_port(house)))
    owner.expect(b"RING")
    caller.close()
    house.end()


def taken_port(house):
    return int(re.search(r":(\d+)", house.keys["answer"]).group(1))


def test_hangup_signal():
    house = House("loopback", "console")
    owner = house.owner()
    house.keys["inactivity"] = "9m"
    house.write()
    os.kill(house.daemon.pid, signal.SIGHUP)
    house.daemon.wait_log("event=reload lines=2 services=2")
    limit_of(house, 540)
    house.passes(owner)
    house.end()


def test_lines_and_services_come_and_go():
    """A removed line cuts its owner; a removed service leaves its owner and refuses its waiter; names, not places, count."""
    house = House("loopback", "console", more=POOL % ('{ "a", "b" }', '"first"') + (
        'service "other" { listen = { "127.0.0.1:0" } lines = { "b" } busy = "queue" }\n'))
    daemon = house.daemon
    first, name = got(house)
    second, other = got(house)
    assert (name, other) == ("a", "b")
    waiter = ComPort(house.port("other"))
    waiter.send(b"x")
    waiter.answer(SIGNATURE, wanted=lambda text: text == b"QUEUED 1")
    idle = Client(house.port("other"))
    house.more = ('line "c" { device = "loopback" kind = "console" }\nline "b" { device = "loopback" kind = "console" }\n'
                  'service "third" { listen = { "127.0.0.1:0" } lines = { "c", "b" } }\n')
    house.reload()
    cut(first)
    assert b"other is served no more" in waiter.expect_end()
    idle.expect_end()
    second.send(b"mine")
    second.expect(b"mine")
    picture = status(daemon)
    assert [one["name"] for one in picture["lines"]] == ["bulk", "x", "c", "b"]
    assert [one["name"] for one in picture["services"]] == ["bulk", "x", "third"] or {
        one["name"] for one in picture["services"]} == {"bulk", "x", "third"}
    assert line(daemon, "b", picture)["owner"]["service"] == "pool"
    wait_state(daemon, "c", "free")
    third = ComPort(house.port("third"))
    third.send(b"hi")
    third.expect(b"hi")
    for limit in ("11m", "12m", "13m"):  # whatever becomes of the configurations that knew his service
        house.keys["inactivity"] = limit
        house.reload()
        second.send(b"mine")
        second.expect(b"mine")
        assert line(daemon, "b")["owner"]["service"] == "pool"
    second.close()
    wait_state(daemon, "b", "free")
    third.close()
    wait_state(daemon, "c", "free")
    house.more = ""
    house.reload()
    assert [one["name"] for one in status(daemon)["lines"]] == ["bulk", "x"]
    house.end()


def test_a_listener_moves_between_services():
    """The address is never closed: clients connect to it all the time, and none is turned away."""
    port = free_port()
    house = House("loopback", "console")
    text = ('line "a" {{ device = "loopback" kind = "console" {} }}\n'
            'line "b" {{ device = "loopback" kind = "console" {} }}\n')
    listens = f'listen = {{ "127.0.0.1:{port}" }} claim = "connect"'
    elsewhere = 'listen = { "127.0.0.1:0" }'
    failures, ended, taken = [], threading.Event(), [0]

    def connect():
        while not ended.wait(0.002):
            try:
                Client(port).close()
                taken[0] += 1
            except OSError as error:
                failures.append(error)
    house.more = text.format(listens, elsewhere)
    house.reload()
    thread = threading.Thread(target=connect)
    thread.start()
    for i in range(10):
        house.more = text.format(*((elsewhere, listens) if i % 2 == 0 else (listens, elsewhere)))
        house.reload()
        assert named(status(house.daemon)["services"], "b" if i % 2 == 0 else "a")["listen"] == f"127.0.0.1:{port}"
    ended.set()
    thread.join(10)
    assert taken[0] > 10 and not failures, failures
    house.end()


def test_again_and_again():
    """Owners of many configurations ago: their rules are kept as long as they are there, and nothing grows."""
    house = House("loopback", "console", more="".join(
        f'line "l{i}" {{ device = "loopback" kind = "console" listen = {{ "127.0.0.1:0" }} }}\n' for i in range(20)))
    owners = []
    for i in range(20):
        house.keys["claim-timeout"] = f"{i + 10}s"
        house.keys["inactivity"] = f"{i + 10}m"
        house.reload()
        client = ComPort(house.port(f"l{i}"))
        client.send(b"hi")
        client.expect(b"hi")
        owners.append(client)
    for client in owners:
        client.send(b"yet")
        client.expect(b"yet")
    house.more = ""
    house.reload()
    for client in owners:
        cut(client)
    assert [one["name"] for one in status(house.daemon)["lines"]] == ["bulk", "x"]
    house.end()


def test_in_the_midst_of_other_things():
    """A hand-over, a test that fails, a ring, a driver that hangs, a device that is gone: a reload ends none of it badly."""
    shim = Shim()
    modem, other = FakeModem("ttyMS0", shim), FakeModem("ttyMS1", shim)
    house = House(modem.path, "modem", TIMES, tty=modem)
    house.daemon.log.append("--- hand-over")
    owner = house.owner()
    modem.faults["late"] = 0.3
    owner.close()
    wait_state(house.daemon, "x", "hand-over")
    house.keys["init"] = '{ "ATZ", "ATS0=0" }'
    house.reload()
    modem.faults.clear()
    wait_state(house.daemon, "x", "free")
    assert "ATS0=0" in modem.lines()
    # Its device changes while it is handed over, and back.
    owner = house.owner()
    modem.faults["mute"] = True
    owner.close()
    wait_state(house.daemon, "x", "hand-over")
    house.keys["device"] = f'"{other.path}"'
    house.reload()
    wait_state(house.daemon, "x", "free")
    assert other.is_open()
    wait_for(lambda: not modem.is_open(), 5)
    modem.faults.clear()
    house.keys["device"] = f'"{modem.path}"'
    house.reload()
    wait_state(house.daemon, "x", "free")
    # It rings.
    modem.ring()
    wait_state(house.daemon, "x", "ringing")
    house.keys["init"] = None
    house.reload()
    modem.hang_up()
    wait_state(house.daemon, "x", "free", 15)
    # Quarantine, and another device.
    modem.faults["mute"] = True
    ask(house.daemon, "test", "x", status=1)
    wait_state(house.daemon, "x", "quarantine")
    house.keys["device"] = f'"{other.path}"'
    house.reload()
    wait_state(house.daemon, "x", "free")
    # The device is gone, and the line too.
    other.unplug()
    wait_state(house.daemon, "x", "out of service")
    with open(house.daemon.path, "w", encoding="utf-8") as f:
        f.write(house.paths + BULK)
    ask(house.daemon, "reload")
    assert [one["name"] for one in status(house.daemon)["lines"]] == ["bulk"]
    # Disabled stays disabled, when only values change.
    modem.faults.clear()
    house.keys["device"] = f'"{modem.path}"'
    house.reload()
    wait_state(house.daemon, "x", "free")
    ask(house.daemon, "disable", "x")
    wait_state(house.daemon, "x", "disabled")
    house.keys["speed"] = "9600"
    house.reload()
    assert line(house.daemon, "x")["state"] == "disabled"
    ask(house.daemon, "enable", "x")
    wait_state(house.daemon, "x", "free")
    assert modem.settings().baud == 9600
    house.end()


def test_draining_stays():
    """A reload gives lines to nobody while the daemon is drained; a new service neither."""
    house = House("loopback", "console")
    ask(house.daemon, "drain")
    house.more = 'line "new" { device = "loopback" kind = "console" listen = { "127.0.0.1:0" } }\n'
    house.keys["busy"] = '"queue"'
    house.reload()
    assert status(house.daemon)["draining"]
    wait_state(house.daemon, "new", "free")
    for service in ("x", "new"):
        client = ComPort(house.port(service))
        client.send(b"x")
        assert b"the server is being drained" in client.expect_end(), service
    ask(house.daemon, "resume")
    for service in ("x", "new"):
        client = ComPort(house.port(service))
        client.send(b"hi")
        client.expect(b"hi")
    house.end()
