"""The measures.  Each runs the servers in turn, round by round, so that what else happens on the
machine meets them alike, and keeps the median of the rounds."""
import statistics
import time

from servers import Echo, Floor, Load, Ours, Ser2net, Tuned

OURS, FLOOR, AGAIN, ECHO, PEER, TUNED = \
    "modemshared", "floor", "floor again", "echo", "ser2net", "ser2net tuned"
KIB, MIB = 1024, 1024 * 1024


class Row:
    """values: by server.  A gate is a number of times the floor, or with `most` a limit of its
    own; without either the row is printed only."""

    def __init__(self, name, unit, values, gate=None, most=None, base=FLOOR):
        self.name, self.unit, self.values = name, unit, values
        self.gate, self.most = gate, most
        self.ours, self.base = values.get(OURS), values.get(base)
        self.ratio = self.ours / self.base if self.base and self.ours is not None else None

    def met(self):
        """None where nothing is asked."""
        if self.most is not None:
            return self.ours <= self.most
        return None if self.gate is None else self.ratio <= self.gate


class Plan:
    """How much of everything, for a full run and a quick one."""

    def __init__(self, quick):
        self.rounds = 5 if quick else 8
        self.peer_rounds = 0 if quick else 3
        self.bulk = (8 if quick else 32) * MIB
        self.exchanges = 1000 if quick else 3000
        self.session_seconds = 0.2 if quick else 0.5
        self.paced_seconds = 0.5 if quick else 2
        self.paced_rounds = 2 if quick else 5
        self.idle_seconds = 2 if quick else 4
        self.memory_rounds = 3 if quick else 5
        self.lines = (1, 100, 1000)


class Bench:
    def __init__(self, plan, wanted):
        self.plan, self.wanted = plan, wanted
        self.rows, self.running = [], {}

    def stop(self):
        for server in self.running.values():
            server.stop()
        self.running = {}

    def start(self, peers=True):
        """One line each."""
        self.running = {OURS: Ours(), FLOOR: Floor(), AGAIN: Floor(), ECHO: Echo()}
        if peers and self.plan.peer_rounds and Ser2net.installed():
            self.running.update({PEER: Ser2net(), TUNED: Tuned()})

    def row(self, *args, **kwargs):
        row = Row(*args, **kwargs)
        self.rows.append(row)
        print(end=".", flush=True)

    def rounds(self, names, fn, rounds=None):
        """fn(server) returns numbers; the median of each, by server."""
        found = {name: [] for name in names}
        for number in range(rounds or self.plan.rounds):
            for name in names:
                peer = name in (PEER, TUNED)
                if name in self.running and not (peer and number >= self.plan.peer_rounds):
                    found[name].append(fn(self.running[name]))
        return [{name: statistics.median(one) for name, one in column.items()}
                for column in self._columns(found)]

    @staticmethod
    def _columns(found):
        kept = {name: list(zip(*rounds)) for name, rounds in found.items() if rounds}
        count = len(next(iter(kept.values())))
        return [{name: columns[i] for name, columns in kept.items()} for i in range(count)]

    def run(self):
        one_line = (self.bulk, self.exchange, self.query, self.sessions)
        many = (self.memory_and_wakeups, self.paced)
        try:
            if any(self.is_wanted(fn) for fn in one_line):
                self.start()
            for fn in one_line:
                if self.is_wanted(fn):
                    fn()
            self.stop()
            for fn in many:
                if self.is_wanted(fn):
                    fn()
        finally:
            self.stop()
        print(flush=True)

    def is_wanted(self, fn):
        return self.wanted in fn.__name__

    # --- one line

    def bulk(self):
        gates = {("net", "random"): 1.25, ("line", "random"): 1.35, ("both", "random"): 1.35,
                 ("net", "iac"): 1.35, ("line", "iac"): 1.35, ("both", "iac"): 1.35}
        words = {"net": "line to net", "line": "net to line", "both": "both ways",
                 "random": "random", "iac": "all 0xFF"}
        for (direction, payload), gate in gates.items():
            def one(server, direction=direction, payload=payload):
                size = self.plan.bulk // (16 if server.name.startswith("ser2net") else 1)
                moved = size * (2 if direction == "both" else 1)
                load = Load(server, "bulk", direction, payload, size)
                wall, = load.go()
                return load.cpu / moved * 1e9, moved / wall / 1e6
            cpu, speed = self.rounds((OURS, FLOOR, AGAIN, PEER, TUNED), one)
            name = f"{words[direction]}, {words[payload]}"
            self.row(f"CPU, {name}", "s/GB", cpu, gate)
            self.row(f"speed, {name}", "MB/s", speed)

    def small(self, what, gates, names, base, **how):
        """What takes microseconds: its CPU and time, then, traced, its system calls."""
        count = self.plan.exchanges
        cpu_gate, calls_gate = gates

        def one(server):
            load = Load(server, how["command"], count // (10 if server.name == PEER else 1),
                        port_only=how.get("port_only", False))
            p50, p99 = load.go()
            return load.cpu / (count // (10 if server.name == PEER else 1)) * 1e6, p50, p99

        def traced(server):
            load = Load(server, how["command"], 200, trace=True,
                        port_only=how.get("port_only", False))
            load.go()
            return (sum(load.calls.values()) / 200,)
        cpu, p50, p99 = self.rounds(names, one)
        calls, = self.rounds(names, traced, 1)
        self.row(f"CPU, {what}", "us", cpu, cpu_gate, base=base)
        self.row(f"system calls, {what}", "", calls, most=calls_gate, base=base)
        self.row(f"time p50, {what}", "us", p50, base=base)
        self.row(f"time p99, {what}", "us", p99, base=base)

    def exchange(self):
        self.small("one-byte exchange", (1.3, 8), (OURS, FLOOR, AGAIN, PEER, TUNED), FLOOR,
                   command="ping")

    def query(self):
        self.small("baud query (floor: echo)", (1.5, None), (OURS, ECHO, PEER, TUNED), ECHO,
                   command="query", port_only=True)

    def sessions(self):
        def one(server):
            load = Load(server, "sessions", self.plan.session_seconds)
            done, _refused, wall = load.go()
            return load.cpu / done * 1e6, done / wall
        cpu, speed = self.rounds((OURS, FLOOR, AGAIN, PEER, TUNED), one)
        self.row("CPU, session of a byte each way", "us", cpu, gate=4)
        self.row("sessions, one after another", "1/s", speed)

    # --- many lines

    def memory_and_wakeups(self):
        """New servers each time: which pages of files a process has to itself hangs on who else runs."""
        kinds = {OURS: Ours, FLOOR: Floor}
        if self.plan.peer_rounds and Ser2net.installed():
            kinds[PEER] = Ser2net
        found = {(name, lines): [] for name in kinds for lines in self.plan.lines}
        for number in range(self.plan.memory_rounds):
            for name, lines in found:
                if name == PEER and number > 0:
                    continue
                self.running[name] = server = kinds[name](lines)
                found[name, lines].append(self.memory_of(server, lines))
                if name == OURS and lines > 1 and number == 0:
                    self.wakeups(server, lines)
                self.stop()
        idle, busy, anonymous = ({key: statistics.median(one[i] for one in rounds)
                                  for key, rounds in found.items()} for i in range(3))
        self.memory_rows(kinds, idle, busy, anonymous)

    @staticmethod
    def memory_of(server, lines):
        idle = server.private()
        server.hold(range(lines))
        time.sleep(1)
        return idle, server.private(), server.anonymous()

    def wakeups(self, server, lines):
        before = server.switches()
        time.sleep(self.plan.idle_seconds)
        found = (server.switches() - before) / self.plan.idle_seconds
        self.row(f"wake-ups, {lines} idle sessions", "1/s", {OURS: found, FLOOR: 0}, most=0)

    def memory_rows(self, kinds, idle, busy, anonymous):
        for lines in self.plan.lines[1:]:
            for state, found, most in (("idle", idle, KIB), ("in session", busy, 4 * KIB)):
                self.row(f"private memory per further port {state}, {lines} lines", "B",
                         {n: (found[n, lines] - found[n, 1]) / (lines - 1) for n in kinds},
                         most=most)
        for lines, most in ((1, 2 * MIB), (100, None), (1000, 6 * MIB)):
            self.row(f"anonymous memory, {lines} in session", "KiB",
                     {n: anonymous[n, lines] / KIB for n in kinds},
                     most=most and most / KIB)

    def paced(self):
        """Many lines at 11,520 B/s; and does an event cost more where there are more of them?"""
        most = self.plan.lines[-1]
        self.running = {OURS: Ours(most), FLOOR: Floor(most)}
        self.growth(most)
        for sessions in (1, 10, 100, 500):
            def one(server, sessions=sessions):
                load = Load(server, "paced", self.plan.paced_seconds, 11520, lines=range(sessions))
                load.go()
                return (100 * load.cpu / load.seconds,)
            cpu, = self.rounds((OURS, FLOOR), one, self.plan.paced_rounds)
            self.row(f"CPU, {sessions} sessions of 11,520 B/s", "%", cpu,
                     1.3 if sessions == 100 else None)
            if sessions == 100 and self.plan.peer_rounds and Ser2net.installed():
                self.paced_peer(one)

    def paced_peer(self, one):
        self.running[PEER] = Ser2net(100)
        self.rows[-1].values.update(self.rounds((PEER,), one, self.plan.peer_rounds)[0])
        self.running.pop(PEER).stop()

    def growth(self, most):
        """Does an event cost more where there are more lines?  The same on 10 lines, among 10 and
        among all, every other line in session; both servers are ours, and so is a second one with few
        lines that shows the noise.  Twice the rounds: the difference sought is small."""
        names = {OURS: OURS, "few": FLOOR, "few again": AGAIN}
        self.running["few"], self.running["few again"] = Ours(10), Ours(10)
        self.running[OURS].hold(range(10, most))

        def exchange(server):
            load = Load(server, "ping", self.plan.exchanges, lines=range(10))
            load.go()
            return (load.cpu / self.plan.exchanges * 1e6,)

        def session(server):
            load = Load(server, "sessions", self.plan.session_seconds)
            done, _refused, _wall = load.go()
            return (load.cpu / done * 1e6,)
        for what, one in (("exchange", exchange), ("session", session)):
            cpu, = self.rounds(tuple(names), one, 2 * self.plan.rounds)
            self.row(f"CPU, {what} among {most} lines (floor: among 10)", "us",
                     {names[name]: value for name, value in cpu.items()}, gate=1.15)
        self.running.pop("few").stop()
        self.running.pop("few again").stop()
        self.running[OURS].release(most // 2 - 10)
