"""The house of the stress test: its lines and devices, and a configuration that reloads change.

	house = House()
	house.plan.speeds["con1"] = 19200; house.write()      # a reload then brings it
	house.calm()                                          # all devices are there and work again

What the daemon is to do with a line is said in LINES; what may differ from reload to reload, in Plan."""
import fcntl
import os
import re
import socket
import threading
import time

from fakemodem import QUICK, FakeModem
from harness import F_SETPIPE_SZ, UNITS, Daemon, Skip, run_daemon
from test_network import ip, own_network
from ttyshim import FakeTty, Shim

NEAR = "192.0.2.1"  # the daemon, for those who can take over: nobody on loopback can
SPEEDS = (9600, 19200, 38400, 57600)  # as configured; owners set others
KEYS = ('claim-timeout = "5s"\n inactivity = "4s"\n inactivity-contended = "3s"\n warning = "1s"\n stall = "3s"\n'
        ' drain = "300ms"\n queue-wait = "5s"\n')
CALLS = ' inactivity-in-call = "4s"\n after-call = "1s"\n'
HASTE = QUICK.replace('"1s"', '"300ms"') + ' attempts = 1\n retest = "1s"\n'
LOCAL = ' listen = { "127.0.0.1:0" }\n'
RAW = ' protocol = "raw"\n'
QUEUE = ' busy = "queue"\n'
CONSOLES = {"con1": 0, "con2": 1, "shared": 2, "moves": 3, "comes": 5, "take": 8}  # the number of its ttyMS
MODEMS = {"m1": 6, "m2": 7}
HAYES = (*MODEMS, "modems", "v1", "v2", "v3")  # services of modems
OTHER_HOME = 4  # where "moves" goes
POOLS = (("con1", "con2"), ("con2", "con1"), ("con1",), ("con2",))


class Wiretap(FakeModem):
    """A modem that keeps what its line was sent, as it came."""

    def __init__(self, name, shim):
        self.tape = []
        super().__init__(name, shim)

    def _take(self, data, now):
        self.tape.append(data)
        super()._take(data, now)

    def taken(self):
        """What came since the last time."""
        with self._lock:
            tape, self.tape = self.tape, []
        return b"".join(tape)


class Host(threading.Thread):
    """What the virtual modem's tcp: and telnet: numbers lead to: it sends some data, takes what comes, and closes."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.start()

    def run(self):
        guests, calls = [], 0
        while True:
            self.sock.settimeout(0.05 if guests else 1)
            try:
                guest, _ = self.sock.accept()
                guest.setblocking(False)
                calls += 1
                guests.append((time.monotonic() + (0.2, 1, 4)[calls % 3], guest))
                guest.send(b"host\r\n" * (1, 700, 4000)[calls % 3])
            except OSError:
                pass
            guests = [entry for entry in guests if self.keeps(*entry)]

    @staticmethod
    def keeps(end, guest):
        try:
            while data := guest.recv(65536):
                guest.send(data[:1000])
        except BlockingIOError:
            if time.monotonic() < end:
                return True
        except OSError:
            pass
        guest.close()
        return False


class Plan:
    """What reloads change."""

    def __init__(self, far):
        self.far = far
        self.speeds = {name: 9600 for name in CONSOLES}
        self.format = "8N1"
        self.home = CONSOLES["moves"]
        self.comes = True
        self.pool = POOLS[0]
        self.hangup = "0"
        self.limit = 8
        self.wide = False

    def console(self, name, more):
        number = self.home if name == "moves" else CONSOLES[name]
        return (f'line "{name}" {{\n device = "/dev/ttyMS{number}"\n kind = "console"\n speed = {self.speeds[name]}\n'
                f' format = "{self.format}"\n hangup-time = "{self.hangup}"\n{KEYS}{more}}}\n')

    def consoles(self):
        text = self.console("con1", LOCAL + QUEUE + f" queue-limit = {self.limit}\n")
        text += self.console("con2", LOCAL + RAW)
        text += self.console("shared", LOCAL + QUEUE + " host-sharing = true\n")
        text += self.console("moves", LOCAL)
        if self.comes:
            text += self.console("comes", LOCAL + QUEUE)
        if self.far:
            text += self.console("take", ' takeover = "same-owner"\n' + listen(f"{NEAR}:0", "192.0.2.0/24")).replace(
                'inactivity = "4s"', 'inactivity = "30s"')
        members = ", ".join(f'"{name}"' for name in (("comes",) if self.comes else ()) + self.pool)
        return text + f'service "pool" {{\n lines = {{ {members} }}\n{KEYS}{LOCAL}{QUEUE} pick = "round-robin"\n}}\n'

    def modems(self):
        text = ""
        for name, number in MODEMS.items():
            sharing = " host-sharing = true\n" if name == "m2" else ""
            text += (f'line "{name}" {{\n device = "/dev/ttyMS{number}"\n kind = "modem"\n {HASTE}{KEYS}{CALLS}{LOCAL}'
                     f'{sharing}}}\n')
        members = ", ".join(f'"{name}"' for name in MODEMS)
        return text + (f'service "modems" {{\n lines = {{ {members} }}\n{KEYS}{CALLS}{LOCAL}{QUEUE}'
                       ' pick = "least-used"\n}\n')

    def built_in(self, host):
        text = ""
        for name, other in (("v1", "v2"), ("v2", "v1")):
            text += (f'line "{name}" {{\n device = "virtual"\n kind = "modem"\n{KEYS}{CALLS}{LOCAL}{QUEUE}'
                     f' number "1" {{ to = "line:{other}" }}\n number "2" {{ to = "echo" }}\n}}\n')
        text += (f'line "v3" {{\n device = "virtual"\n kind = "modem"\n{KEYS}{CALLS}{LOCAL} answer = {{ "127.0.0.1:0" }}\n'
                 f' number "1" {{ to = "tcp:127.0.0.1:{host}" }}\n number "2" {{ to = "telnet:127.0.0.1:{host}" }}\n'
                 ' number "3" { to = "busy" }\n}\n')
        text += f'line "loop" {{\n device = "loopback"\n kind = "console"\n{KEYS}{LOCAL}{RAW}}}\n'
        where = listen("0.0.0.0:2217", "any") if self.wide else listen("127.0.0.1:2217", "any")
        here = where if self.far else LOCAL
        return text + f'line "wide" {{\n device = "loopback"\n kind = "console"\n{KEYS}{here}{QUEUE}}}\n'

    def text(self, host):
        return ("max-clients-per-address = 200\n" + self.consoles() + self.modems() + self.built_in(host))


def listen(address, whom):
    return f' listen = {{ "{address}" }}\n allow = {{ "{whom}" }}\n'


def far_addresses():
    """A network of our own in which 192.0.2.0/24 is this host; or the reason why there is none."""
    try:
        own_network()
        ip(f"addr add {NEAR}/24 dev lo")
    except Skip as why:
        return str(why)
    return None


class House:
    """The daemon and all that is behind it.  far: the network of far_addresses() is there."""

    def __init__(self, far):
        self.far = far
        self.shim = Shim()
        self.host = Host()
        numbers = [*CONSOLES.values(), OTHER_HOME]
        self.ttys = {number: FakeTty(f"ttyMS{number}", self.shim) for number in numbers if far or number != CONSOLES["take"]}
        self.modems = {number: Wiretap(f"ttyMS{number}", self.shim) for number in MODEMS.values()}
        self.devices = {**self.ttys, **self.modems}
        self.out = set()  # numbers that are unplugged
        self.stuck = set()
        self.refused = set()  # ... whose driver did not take all settings, at some time
        self.plan = Plan(far)
        self.configured = [(time.monotonic(), self.settings())]
        text = self.plan.text(self.host.port)
        options = os.environ.get("ASAN_OPTIONS", "")
        env = {**self.shim.env(), "ASAN_OPTIONS": f"quarantine_size_mb=8:verify_asan_link_order=0:abort_on_error=0:{options}"}
        self.daemon = Daemon(text, services=[], env=env)
        fcntl.fcntl(self.daemon.process.stderr, F_SETPIPE_SZ, 1 << 20)  # no line of the log may be lost
        self.daemon.wait_log("event=ready ", 30)
        with open(self.daemon.path, encoding="utf-8") as f:
            self.head = f.read().removesuffix(text)
        self.bounds = bounds(self.head + text)

    # ---- the configuration ----

    def settings(self):
        """{line: (speed, format)} of the plan."""
        return {name: (speed, self.plan.format) for name, speed in self.plan.speeds.items()}

    def write(self, text=None):
        """Puts the plan, or another text, where the daemon reads it, in one step."""
        if text is None:
            self.configured.append((time.monotonic(), self.settings()))
            text = self.head + self.plan.text(self.host.port)
        new = self.daemon.path + ".new"
        with open(new, "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(new, self.daemon.path)

    def may_be_configured(self, name, seconds=30):
        """The (speed, format) that a line may have at a grant now: by reloads of late, a hand-over may be older."""
        now = time.monotonic()
        found = [values[name] for at, values in self.configured if name in values]
        recent = [values[name] for at, values in self.configured if now - at < seconds]
        if len(self.configured) > 1000:
            del self.configured[:500]
        return {found[-1], *recent, *found[-len(recent) - 1:]}

    def device_of(self, name):
        """The device of a line by the plan; None: built in."""
        number = self.plan.home if name == "moves" else {**CONSOLES, **MODEMS}.get(name)
        return self.devices.get(number)

    def lines(self):
        """The names of all lines of the plan."""
        names = ["con1", "con2", "shared", "moves", *MODEMS, "v1", "v2", "v3", "loop", "wide"]
        return names + (["comes"] if self.plan.comes else []) + (["take"] if self.far else [])

    # ---- the devices ----

    def unplug(self, number):
        if number not in self.out:
            self.unstick(number)
            self.out.add(number)
            self.devices[number].unplug()

    def plug(self, number):
        if number in self.out:
            self.out.discard(number)
            self.devices[number].replug()

    def stick(self, number):
        if number not in self.out | self.stuck:
            self.stuck.add(number)
            self.devices[number].stuck()

    def unstick(self, number):
        if number in self.stuck:
            self.stuck.discard(number)
            self.devices[number].unstick()

    def lock_path(self, number):
        return os.path.join(self.daemon.directory, "lock", f"LCK..ttyMS{number}")

    def lock(self, number):
        """Another program, this one, locks the device as minicom does, if nobody has."""
        try:
            with open(self.lock_path(number), "x", encoding="ascii") as f:
                f.write("%10d\n" % os.getpid())
        except FileExistsError:
            return False
        return True

    def unlock(self, number):
        try:
            with open(self.lock_path(number), encoding="ascii") as f:
                if int(f.read() or 0) == os.getpid():
                    os.unlink(self.lock_path(number))
        except FileNotFoundError:
            pass

    def threads(self, allowed):
        path = os.path.join(self.shim.dir, "no-threads")
        if allowed and os.path.exists(path):
            os.unlink(path)
        elif not allowed:
            with open(path, "w", encoding="ascii"):
                pass

    def calm(self):
        """Nothing is wrong with any device any more; the plan is that of the start."""
        self.threads(True)
        for number, device in self.devices.items():
            device.hang(0)
            device.refuse(0)
            device.cannot_open(0)
            self.unstick(number)
            self.plug(number)
            self.unlock(number)
        for modem in self.modems.values():
            modem.faults.clear()
            modem.hang_up()
            modem.set_inputs(cts=True, dsr=True)
        self.plan = Plan(self.far)
        self.write()


def bounds(config):
    """{line: seconds} in which each is free again without its owner's doing, as -n prints."""
    status, out, err = run_daemon(config, "-n")
    assert status == 0, err
    found = {}
    for name, text in re.findall(r"^(\S+): idle (\w+),", out, re.M):
        found[name] = sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)(ms|s|m|h|d)", text))
    return found
