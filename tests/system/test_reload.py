"""A new configuration while the daemon runs: each key counts when the manual says so, whoever has a line that did not change
notices nothing, and what is wrong changes nothing."""
import hashlib
import os
import pathlib
import re
import signal
import socket
import threading
import time

from control import ask, line, status, wait_state
from fakemodem import QUICK, FakeModem
from harness import (BAUDRATE, Client, ComPort, Daemon, SIGNATURE, Telnet, run_daemon, wait_for)

DEADLINE = 240

MANUAL = pathlib.Path(__file__).resolve().parents[2] / "man" / "modemshared.conf.5"
CLASSES = {"at once": "now", "at the next hand-over": "handover", "at once, and ends a claim on the line": "ends",
           "for new clients": "clients", "restart needed": "restart"}

# Of each key of the manual: the section that it stands in here, and two values that differ.
KEYS = {
    "log-level": ("global", 'log-level = "info"', 'log-level = "error"'),
    "control-socket": ("global", None, 'control-socket = "/tmp/nowhere/control"'),
    "state-directory": ("global", None, 'state-directory = "/tmp/nowhere"'),
    "lock-directory": ("global", None, 'lock-directory = "/tmp/nowhere"'),
    "max-clients": ("global", "", "max-clients = 100"),
    "max-clients-per-address": ("global", "", "max-clients-per-address = 50"),
    "history-days": ("global", "", "history-days = 3"),
    "kind": ("kind", "", ""),
    "device": ("device", "", ""),
    "speed": ("modem", "", "speed = 9600"),
    "format": ("modem", "", 'format = "7E1"'),
    "flow": ("modem", "", 'flow = "none"'),
    "hangup-time": ("modem", "", 'hangup-time = "30ms"'),
    "dtr-when-free": ("modem", "", "dtr-when-free = false"),
    "host-sharing": ("modem", "", "host-sharing = true"),
    "hangup": ("modem", "", 'hangup = { "dtr" }'),
    "init": ("modem", "", 'init = { "AT&F" }'),
    "init-timeout": ("modem", "", 'init-timeout = "900ms"'),
    "init-pause": ("modem", "", 'init-pause = "20ms"'),
    "settle-time": ("modem", "", 'settle-time = "30ms"'),
    "carrier-timeout": ("modem", "", 'carrier-timeout = "300ms"'),
    "guard-time": ("modem", "", 'guard-time = "60ms"'),
    "attempts": ("modem", "", "attempts = 3"),
    "retest": ("modem", "", 'retest = "7s"'),
    "listen": ("listen", "", ""),
    "protocol": ("virtual", "", 'protocol = "raw"'),
    "allow": ("virtual", "", 'allow = { "127.0.0.0/8" }'),
    "claim": ("virtual", "", 'claim = "connect"'),
    "claim-timeout": ("virtual", "", 'claim-timeout = "3s"'),
    "busy": ("virtual", "", 'busy = "queue"'),
    "queue-limit": ("virtual", "", "queue-limit = 3"),
    "queue-wait": ("virtual", "", 'queue-wait = "3m"'),
    "cool-down": ("virtual", "", 'cool-down = "3s"'),
    "takeover": ("virtual", "", 'takeover = "same-owner"'),
    "show-owner": ("virtual", "", "show-owner = false"),
    "say-why": ("virtual", "", "say-why = false"),
    "inactivity": ("virtual", "", 'inactivity = "9m"'),
    "inactivity-in-call": ("virtual", "", 'inactivity-in-call = "9m"'),
    "inactivity-contended": ("virtual", "", 'inactivity-contended = "3m"'),
    "after-call": ("virtual", "", 'after-call = "9m"'),
    "session-limit": ("virtual", "", 'session-limit = "9h"'),
    "warning": ("virtual", "", 'warning = "9s"'),
    "activity": ("virtual", "", 'activity = "client"'),
    "keepalive": ("virtual", "", "keepalive = { 9, 9, 3 }"),
    "stall": ("virtual", "", 'stall = "9s"'),
    "drain": ("virtual", "", 'drain = "3s"'),
    "answer": ("virtual", "", 'answer = { "127.0.0.1:0" }'),
    "pace": ("virtual", "", "pace = true"),
    "to": ("virtual", 'number "7" { to = "echo" }', 'number "7" { to = "busy" }'),
    "lines": ("lines", "", ""),
    "pick": ("pool", "", 'pick = "round-robin"'),
    "status listen": ("status", "", 'status { listen = { "127.0.0.1:0" } }'),
}


def manual():
    """{key: when a changed value counts}, as the manual says it."""
    found, key, section = {}, None, ""
    for row in MANUAL.read_text(encoding="utf-8").splitlines():
        if row.startswith(".Sh"):
            section, key = row[4:], None
        elif match := re.match(r"\.It Ic (\S+) No = ", row):
            key = match.group(1)
        elif row.startswith("Reload: ") and key:
            name = "status listen" if section == "STATUS SECTION" and key == "listen" else key
            found[name] = CLASSES[row[len("Reload: "):].rstrip(".")]
    return found


class Rig:
    """A daemon whose configuration is made anew for each reload: a serial modem, a virtual one, a pool of it, and a console
    that nothing changes, through which data goes all the time."""

    def __init__(self):
        self.modem = FakeModem()
        self.parts = dict.fromkeys(["global", "modem", "virtual", "pool", "status"], "")
        self.kind = self.device = self.listen = self.lines = False
        self.paths = ""
        self.daemon = Daemon(self.text(), services=["other", "m1", "v1", "pool"], env=self.modem.env())
        with open(self.daemon.path, encoding="ascii") as f:
            self.paths = "".join(row for row in f if re.match(r"(control-socket|state-directory|lock-directory) ", row))
        self.daemon.wait_log("event=line-ready line=m1", 20)

    def text(self, without=()):
        paths = "".join(row + "\n" for row in self.paths.splitlines() if not row.startswith(tuple(without) or ("-",)))
        quick = QUICK
        for key in re.findall(r"^([a-z-]+) =", self.parts["modem"]):
            quick = re.sub(rf'\b{key} = "\w+"', "", quick)
        pool = '"v2"' if self.lines else '"v2", "v3"'
        return (paths + self.parts["global"] + "\n" + self.parts["status"] + "\n"
                'line "other" {\n device = "loopback"\n kind = "console"\n listen = { "127.0.0.1:0" }\n}\n'
                f'line "m1" {{\n device = "{self.modem.path}"\n kind = "modem"\n listen = {{ "127.0.0.1:0" }}\n'
                f' {quick} {self.parts["modem"]}\n}}\n'
                f'line "v1" {{\n device = "{"loopback" if self.kind else "virtual"}"\n'
                f' kind = "{"console" if self.kind else "modem"}"\n'
                f' listen = {{ "127.0.0.1:0"{", " + repr(f"127.0.0.1:{free_port()}").replace(chr(39), chr(34)) if self.listen else ""} }}\n'
                f' {self.parts["virtual"]}\n}}\n'
                f'line "v2" {{\n device = "{"/dev/nothing-there" if self.device else "loopback"}"\n kind = "console"\n}}\n'
                'line "v3" {\n device = "loopback"\n kind = "console"\n}\n'
                f'service "pool" {{\n listen = {{ "127.0.0.1:0" }}\n lines = {{ {pool} }}\n {self.parts["pool"]}\n}}\n')

    def write(self, without=()):
        with open(self.daemon.path, "w", encoding="ascii") as f:
            f.write(self.text(without))

    def change(self, key, new):
        """Makes the change of this key, or takes it back; reloads, and returns what the tool said."""
        where, before, after = KEYS[key]
        if where in ("kind", "device", "listen", "lines"):
            setattr(self, where, new)
        else:
            self.parts[where] = after if new else before or ""
        self.write([key] if new and before is None else [])
        return ask(self.daemon, "reload")

    def line_of(self, key):
        return {"modem": "m1", "pool": "v2", "device": "v2", "lines": "v2"}.get(KEYS[key][0], "v1")

    def own(self, name):
        """An owner of this line."""
        seen = len(self.daemon.log)
        client = ComPort(self.daemon.port("pool" if name == "v2" else name))
        client.send(b"AT\r")
        wait_for(lambda: line(self.daemon, name)["owner"], 10, f"owner of {name}")
        return client, seen

    def still_owns(self, client, name):
        client.data.clear()
        client.send(b"AT\r")
        client.expect(b"OK" if name == "m1" or (name == "v1" and not self.kind) else b"AT")
        assert not [v for c, v in client.answers if c == SIGNATURE and v.startswith(b"CUT")]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Transfer:
    """Data that goes through the line "other" all the time."""

    def __init__(self, daemon):
        self.client = Client(daemon.port("other"))
        self.client.send(b"begin")
        self.client.expect(b"begin")
        self.stop = threading.Event()
        self.sent, self.back, self.bytes = hashlib.sha256(), hashlib.sha256(), 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stop.is_set():
            data = os.urandom(1000).replace(b"\xff", b"\x00").replace(b"\r", b"\n")
            self.client.send(data)
            self.sent.update(data)
            self.back.update(self.client.take(len(data), 20))
            self.bytes += len(data)

    def end(self):
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive() and self.bytes > 10000
        assert self.sent.hexdigest() == self.back.hexdigest() and not self.client.ended


def test_every_key_of_the_manual_is_tried():
    assert sorted(manual()) == sorted(KEYS)


def keys_of(when):
    return [key for key, value in manual().items() if value == when]


def test_what_counts_at_once_or_for_new_clients_disturbs_no_owner():
    rig = Rig()
    transfer = Transfer(rig.daemon)
    owners = {name: rig.own(name)[0] for name in ("m1", "v1", "v2")}
    for key in keys_of("now") + keys_of("clients"):
        name = rig.line_of(key)
        for new in (True, False):
            said = rig.change(key, new)
            assert "restart" not in said, (key, said)
            rig.still_owns(owners[name], name)
    transfer.end()


def test_what_counts_at_the_next_hand_over():
    rig = Rig()
    transfer = Transfer(rig.daemon)
    for key in keys_of("handover"):
        client, _ = rig.own("m1")
        rig.change(key, True)
        rig.still_owns(client, "m1")
        client.close()
        wait_state(rig.daemon, "m1", "free", 20)
        seen = len(rig.daemon.log)
        rig.change(key, False)  # free: it is handed over at once
        rig.daemon.wait_log("event=line-ready line=m1", 20, after=seen)
        wait_state(rig.daemon, "m1", "free", 20)
    transfer.end()


def test_what_ends_a_claim():
    rig = Rig()
    transfer = Transfer(rig.daemon)
    for key in keys_of("ends"):
        name = rig.line_of(key)
        wait_state(rig.daemon, name, "free", 20)
        client, seen = rig.own(name)
        rig.change(key, True)
        client.answer(SIGNATURE, 5, wanted=lambda t: t == b"CUT config")
        rig.daemon.wait_log(rf'event=claim-end line={name} .* why="config"', after=seen)
        client.close()
        rig.change(key, False)
        wait_state(rig.daemon, name, "free", 20)
    transfer.end()


def test_what_needs_a_restart_is_named():
    rig = Rig()
    for key in keys_of("restart"):
        said = rig.change(key, True)
        assert f"restart needed: {key.split()[0]}" in said, (key, said)
        rig.write([key] if KEYS[key][1] is None else [])
        assert f"restart needed: {key.split()[0]}" in ask(rig.daemon, "reload"), "until it is as it was"
        assert "restart" not in rig.change(key, False), key


# --- what some of them do then


LINE = 'line "%s" {\n device = "%s"\n kind = "%s"\n listen = { "127.0.0.1:%d" }\n %s\n}\n'


def one(keys="", kind="console"):
    device = "loopback" if kind == "console" else "virtual"
    return Daemon(LINE % ("con", device, kind, 0, keys))


def rewrite(daemon, old, new):
    with open(daemon.path, encoding="ascii") as f:
        text = f.read()
    assert old in text
    with open(daemon.path, "w", encoding="ascii") as f:
        f.write(text.replace(old, new))


def owner(daemon, name="con"):
    client = ComPort(daemon.port(name))
    client.send(b"x")
    client.expect(b"x")
    return client


def test_a_shorter_limit_cuts_who_is_idle_with_the_full_warning():
    daemon = one('inactivity = "1h" warning = "2s"')
    client = owner(daemon)
    client.expect_nothing(1.2)
    rewrite(daemon, 'inactivity = "1h"', 'inactivity = "1s"')
    begun = time.monotonic()
    ask(daemon, "reload")
    client.answer(SIGNATURE, 6, wanted=lambda t: t == b"CUT idle")
    assert time.monotonic() - begun > 1.8


def test_an_owner_is_hidden_at_once():
    daemon = one()
    client = owner(daemon)
    rewrite(daemon, "listen", "show-owner = false listen")
    ask(daemon, "reload")
    text = Telnet(daemon.port("con")).expect(re.compile(rb"con: in use by [^\r]*\r\n")).group()
    assert b"another client" in text, text
    assert client


def test_a_new_number_can_be_dialled_by_who_has_the_line():
    daemon = one('number "1" { to = "busy" }', "modem")
    client = ComPort(daemon.port("con"))
    client.send(b"ATD1\r")
    client.expect(b"BUSY")
    rewrite(daemon, 'to = "busy"', 'to = "echo"')
    ask(daemon, "reload")
    client.send(b"ATD1\r")
    client.expect(b"CONNECT")


def test_sighup_is_a_reload():
    daemon = one()
    rewrite(daemon, "listen", "speed = 300 listen")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_log("event=reload ")
    wait_state(daemon, "con", "free")
    assert ComPort(daemon.port("con")).request(BAUDRATE, 0) == 300


def test_an_error_changes_nothing_and_is_told():
    daemon = one()
    client = owner(daemon)
    before = status(daemon)["lines"][0]["settings"]
    rewrite(daemon, "listen", "speed = 300 bogus = 1 listen")
    error = ask(daemon, "reload", status=1)[1]
    assert "bogus" in error and daemon.path in error, error
    daemon.wait_log("event=reload-failed")
    client.send(b"still")
    client.expect(b"still")
    assert status(daemon)["lines"][0]["settings"] == before


def test_an_address_that_is_taken_changes_nothing():
    daemon = one()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rewrite(daemon, "listen", f'speed = 300\n listen')
        with open(daemon.path, "a", encoding="ascii") as f:
            f.write(LINE % ("new", "loopback", "console", port, ""))
        error = ask(daemon, "reload", status=1)[1]
        assert str(port) in error, error
    assert [found["name"] for found in status(daemon)["lines"]] == ["con"]
    ask(daemon, "reload")
    assert [found["name"] for found in status(daemon)["lines"]] == ["con", "new"]
    owner(daemon, "new")


def test_a_line_is_added_and_removed():
    daemon = one()
    kept = owner(daemon)
    with open(daemon.path, "a", encoding="ascii") as f:
        f.write(LINE % ("more", "loopback", "console", 0, ""))
    ask(daemon, "reload")
    cut = owner(daemon, "more")
    rewrite(daemon, LINE % ("more", "loopback", "console", 0, ""), "")
    ask(daemon, "reload")
    cut.answer(SIGNATURE, 5, wanted=lambda t: t == b"CUT config")
    kept.send(b"on")
    kept.expect(b"on")
    assert [found["name"] for found in status(daemon)["lines"]] == ["con"]


def test_a_listener_moves_to_another_service():
    port = free_port()
    daemon = Daemon(LINE % ("a", "loopback", "console", port, "") + LINE % ("b", "loopback", "console", 0, ""))
    client = owner(daemon, "a")
    rewrite(daemon, f"127.0.0.1:{port}", "127.0.0.1:9")
    rewrite(daemon, "127.0.0.1:0", f"127.0.0.1:{port}")
    rewrite(daemon, "127.0.0.1:9", "127.0.0.1:0")
    ask(daemon, "reload")
    client.send(b"on")
    client.expect(b"on")
    other = ComPort(port)
    other.send(b"b")
    other.expect(b"b")
    assert line(daemon, "b")["owner"] and line(daemon, "a")["owner"]


def test_a_removed_service_leaves_its_owner_and_refuses_who_waits():
    pool = 'service "pool" {\n listen = { "127.0.0.1:0" }\n lines = { "con" }\n busy = "queue"\n}\n'
    daemon = Daemon('line "con" {\n device = "loopback"\n kind = "console"\n}\n' + pool, services=["pool"])
    first = owner(daemon, "pool")
    waiter = ComPort(daemon.port("pool"))
    waiter.send(b"x")
    waiter.answer(SIGNATURE, 5, wanted=lambda t: t == b"QUEUED 1")
    idle = ComPort(daemon.port("pool"))
    rewrite(daemon, pool, "")
    ask(daemon, "reload")
    assert waiter.expect_end(6) == b"BUSY\r\npool is served no more\r\n"
    idle.expect_end(5)
    first.send(b"on")
    first.expect(b"on")
    first.close()
    wait_state(daemon, "con", "free")
    for _ in range(3):
        ask(daemon, "reload")


def test_again_and_again():
    """Each reload with owners under the rules of many generations: nothing is left of them."""
    daemon = one('busy = "queue" queue-limit = 64 inactivity = "1h"')
    held = [owner(daemon)]
    for i in range(40):
        rewrite(daemon, re.search(r'inactivity = "\d+[hm]"', open(daemon.path, encoding="ascii").read()).group(),
                f'inactivity = "{i + 10}m"')
        ask(daemon, "reload")
        waiter = ComPort(daemon.port("con"))
        waiter.send(b"w")
        held.append(waiter)
        if i % 2:
            held.pop(0).close()
            held[0].answer(SIGNATURE, 10, wanted=lambda t: t == b"READY")
    for client in held:
        client.close()
    wait_state(daemon, "con", "free")
    status_, _, _ = run_daemon(open(daemon.path, encoding="ascii").read(), "-n")
    assert status_ == 0
