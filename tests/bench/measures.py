"""The measures.  Each runs the servers in turn, round by round, so that what else happens on the
machine meets them alike; the median of the rounds counts."""
import statistics
import time

from servers import Echo, Floor, Load, Ours, Ser2net, Tuned

OURS, FLOOR, AGAIN, ECHO, PEER, TUNED = \
    "modemshared", "floor", "floor again", "echo", "ser2net", "ser2net tuned"
KIB, MIB = 1024, 1024 * 1024


class Row:
    """found: by server, what each round brought.  A gate is a number of times the floor, met up to
    `upto`, or with `most` a limit of its own; without either the row is printed only.  rises: more of
    it is better."""

    def __init__(self, name, unit, found, gate=None, most=None, base=FLOOR, upto=None, rises=False):
        self.name, self.unit, self.found, self.rises = name, unit, found, rises
        self.gate, self.most, self.upto = gate, most, upto or gate
        self.values = {server: statistics.median(rounds) for server, rounds in found.items()}
        self.ours, self.base = self.values.get(OURS), self.values.get(base)
        self.ratio = self.ours / self.base if self.base and self.ours is not None else None

    def met(self):
        """None where nothing is asked."""
        if self.most is not None:
            return self.ours <= self.most
        return None if self.gate is None else self.ratio <= self.upto


class Plan:
    """How much of everything, for a full run and a quick one."""

    def __init__(self, quick, rounds=None):
        self.rounds = rounds or (5 if quick else 8)
        self.peer_rounds = 0 if quick else 3
        self.bulk = (8 if quick else 32) * MIB
        self.exchanges = 1000 if quick else 3000
        self.session_seconds = 0.2 if quick else 0.5
        self.paced_seconds = 0.5 if quick else 2
        self.paced_rounds = 2 if quick else 5
        self.idle_seconds = 2 if quick else 4
        self.memory_rounds = 3 if quick else 5
        self.lines = (1, 100, 1000)
        self.paced_lines = 1000

        self.turns = 1

    def beside(self):
        """For three builds at once, of which the kernel has no more ptys.  Short turns: what else happens
        on the machine for a second or two then meets all of them."""
        self.peer_rounds, self.paced_lines = 0, 500
        self.turns = 4
        self.bulk //= self.turns
        self.exchanges //= self.turns
        self.session_seconds /= self.turns
        self.paced_seconds /= self.turns


class Bench:
    row_class = Row
    relays = OURS, FLOOR, AGAIN, PEER, TUNED    # what is measured of them, in this order
    answerers = OURS, ECHO, PEER, TUNED
    owners = OURS, FLOOR                        # started anew for each number of lines
    one_line = "bulk", "exchange", "query", "sessions"
    many_lines = "memory_and_wakeups", "paced"

    def __init__(self, plan, wanted):
        self.plan, self.wanted = plan, wanted
        self.rows, self.running = [], {}

    def stop(self):
        for server in self.running.values():
            server.stop()
        self.running = {}

    @property
    def peers(self):
        return self.plan.peer_rounds and Ser2net.installed()

    def make(self, name, lines=1):
        kinds = {OURS: Ours, FLOOR: Floor, AGAIN: Floor, ECHO: Echo, PEER: Ser2net, TUNED: Tuned}
        return kinds[name](lines)

    def start(self, names, lines=1):
        for name in names:
            if name not in self.running and (self.peers or name not in (PEER, TUNED)):
                self.running[name] = self.make(name, lines)

    def row(self, *args, **kwargs):
        self.rows.append(self.row_class(*args, **kwargs))
        print(end=".", flush=True)

    def rounds(self, names, fn, rounds=None):
        """fn(server) returns numbers; of each of them, by server, those of all rounds, each of them
        the median of its turns.  Every other turn goes the other way round: who comes after whom is no
        advantage then."""
        names = [name for name in names if name in self.running]
        found = {name: [] for name in names}
        for number in range(rounds or self.plan.rounds):
            brought = {name: [] for name in names
                       if name not in (PEER, TUNED) or number < self.plan.peer_rounds}
            for turn in range(number, number + self.plan.turns):
                for name in brought if turn % 2 == 0 else reversed(brought):
                    brought[name].append(fn(self.running[name]))
            for name, turns in brought.items():
                found[name].append([statistics.median(one) for one in zip(*turns)])
        return [{name: [one[i] for one in values] for name, values in found.items()}
                for i in range(len(next(iter(found.values()))[0]))]

    def run(self):
        one_line, many_lines = ([name for name in names if self.wanted in name]
                                for names in (self.one_line, self.many_lines))
        try:
            if one_line:
                self.start(self.relays + self.answerers)
            for name in one_line:
                getattr(self, name)()
            self.stop()
            for name in many_lines:
                getattr(self, name)()
        finally:
            self.stop()
        print(flush=True)

    # --- one line

    def bulk(self):
        gates = {("net", "random"): 1.25, ("line", "random"): 1.15, ("both", "random"): 1.35,
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
            cpu, speed = self.rounds(self.relays, one)
            name = f"{words[direction]}, {words[payload]}"
            self.row(f"CPU, {name}", "s/GB", cpu, gate, upto=1.17 if gate == 1.15 else None)
            self.row(f"speed, {name}", "MB/s", speed, rises=True)

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
        self.small("one-byte exchange", (1.3, 8), self.relays, FLOOR,
                   command="ping")

    def query(self):
        self.small("baud query (floor: echo)", (1.5, None), self.answerers, ECHO,
                   command="query", port_only=True)

    def sessions(self):
        def one(server):
            load = Load(server, "sessions", self.plan.session_seconds)
            done, _refused, wall = load.go()
            return load.cpu / done * 1e6, done / wall
        def traced(server):
            load = Load(server, "sessions", self.plan.session_seconds, trace=True)
            done, _refused, _wall = load.go()
            return (sum(load.calls.values()) / done,)
        cpu, speed = self.rounds(self.relays, one)
        calls, = self.rounds(self.relays, traced, 1)
        self.row("CPU, session of a byte each way", "us", cpu, gate=2.5)
        self.row("system calls, session of a byte each way", "", calls, most=42)
        self.row("sessions, one after another", "1/s", speed, rises=True)

    # --- many lines

    def memory_and_wakeups(self):
        """New servers each time: which pages of files a process has to itself hangs on who else runs."""
        kinds = self.owners + ((PEER,) if self.peers else ())
        found = {(name, lines): [] for name in kinds for lines in self.plan.lines}
        woken = {}
        for number in range(self.plan.memory_rounds):
            for name, lines in found:
                if name == PEER and number > 0:
                    continue
                self.start((name,), lines)
                found[name, lines].append(self.memory_of(self.running[name], lines))
                if name != PEER and lines > 1 and number == 0:
                    woken.setdefault(lines, {})[name] = [self.wakeups(self.running[name])]
                self.stop()
        for lines, values in woken.items():
            self.row(f"wake-ups, {lines} idle sessions", "1/s", values, most=0)
        self.memory_rows(kinds, found)

    @staticmethod
    def memory_of(server, lines):
        idle = server.private()
        server.hold(range(lines))
        time.sleep(1)
        return idle, server.private(), server.anonymous()

    def wakeups(self, server):
        before = server.switches()
        time.sleep(self.plan.idle_seconds)
        return (server.switches() - before) / self.plan.idle_seconds

    def memory_rows(self, kinds, found):
        for lines in self.plan.lines[1:]:
            for i, state, most in ((0, "idle", KIB), (1, "in session", 4 * KIB)):
                self.row(f"private memory per further port {state}, {lines} lines", "B",
                         {n: [(many[i] - one[i]) / (lines - 1)
                              for many, one in zip(found[n, lines], found[n, 1])] for n in kinds},
                         most=most)
        for lines, most in ((1, 2 * MIB), (100, None), (1000, 6 * MIB)):
            if lines in self.plan.lines:
                self.row(f"anonymous memory, {lines} in session", "KiB",
                         {n: [one[2] / KIB for one in found[n, lines]] for n in kinds},
                         most=most and most / KIB)

    def paced(self):
        """Many lines at 11,520 B/s; and does an event cost more where there are more of them?"""
        most = self.plan.paced_lines
        self.start(self.owners, most)
        self.growth(most)
        for sessions in (1, 10, 100, 500):
            def one(server, sessions=sessions):
                load = Load(server, "paced", self.plan.paced_seconds, 11520, lines=range(sessions))
                load.go()
                return (100 * load.cpu / load.seconds,)
            cpu, = self.rounds(self.owners, one, self.plan.paced_rounds)
            self.row(f"CPU, {sessions} sessions of 11,520 B/s", "%", cpu,
                     1.3 if sessions == 100 else None)
            if sessions == 100 and self.peers:
                self.paced_peer(one)

    def paced_peer(self, one):
        self.running[PEER] = Ser2net(100)
        self.rows[-1].values[PEER] = statistics.median(
            self.rounds((PEER,), one, self.plan.peer_rounds)[0][PEER])
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
