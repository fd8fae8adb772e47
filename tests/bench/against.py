"""This build beside another one of the project, in one run.

What counts is the ratio to the other build in the same round, and of the rounds' ratios the median, so that
what else happens on the machine slowly meets both.  The other build runs twice, and how far it is from
itself is the noise of a row: twice the median of those distances, and 2 % at least.  That is about three
times as far as the median of nine rounds strays by chance.
"""
import statistics

from measures import Bench, ECHO, FLOOR, OURS, Row
from servers import Before, Load

BEFORE, AGAIN = "before", "before again"
LEAST_NOISE = 0.02

# What is to be had of it: times the other build, met up to the second number; and what is judged by the
# floor, as without another build.  All the rest is to be no worse than its noise.
BESIDE_BEFORE = {"CPU, session of a byte each way": (0.7, 0.72)}
BESIDE_FLOOR = {"CPU, net to line, random"}


def ratios(these, those):
    """By round; none where there is nothing to divide by."""
    return [this / that for this, that in zip(these, those) if that > 0 and this > 0]


def noise_of(again, before):
    distances = [max(one, 1 / one) - 1 for one in ratios(again, before)]
    return max(2 * statistics.median(distances), LEAST_NOISE) if distances else LEAST_NOISE


class AgainstRow(Row):
    """beside: the ratio to the other build, or None where that has none of it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = self.values[BEFORE]
        found = ratios(self.found[OURS], self.found[BEFORE])
        self.beside = statistics.median(found) if found else None
        self.noise = noise_of(self.found.get(AGAIN, ()), self.found[BEFORE])
        floor = ratios(self.found[OURS], self.found.get(FLOOR, ()))
        self.ratio = statistics.median(floor) if floor else None

    def asked(self):
        """For people."""
        if self.name in BESIDE_FLOOR:
            return f"floor x {self.gate}"
        if self.beside is None:
            return "no more"
        if self.rises:
            return f"x {1 / (1 + self.noise):.2f}"
        return f"x {BESIDE_BEFORE.get(self.name, (1 + self.noise,))[0]:.2f}"

    def met(self):
        if self.most is not None and self.ours > self.most:
            return False
        if self.name in BESIDE_FLOOR:
            return self.ratio <= self.upto
        if self.beside is None:
            return self.ours <= self.before
        if self.name in BESIDE_BEFORE:
            return self.beside <= BESIDE_BEFORE[self.name][1]
        return (1 / self.beside if self.rises else self.beside) <= 1 + self.noise


class Against(Bench):
    row_class = AgainstRow
    relays = OURS, BEFORE, AGAIN, FLOOR
    answerers = OURS, BEFORE, AGAIN, ECHO
    owners = OURS, BEFORE, AGAIN

    def make(self, name, lines=1):
        if name in (BEFORE, AGAIN):
            return Before(lines)
        return super().make(name, lines)

    def growth(self, most):
        """Beside the other build among as many lines, all others in session."""
        def session(server):
            load = Load(server, "sessions", self.plan.session_seconds)
            done, _refused, _wall = load.go()
            return (load.cpu / done * 1e6,)
        for server in self.running.values():
            server.hold(range(10, most))
        cpu, = self.rounds(self.owners, session)
        self.row(f"CPU, session among {most} lines", "us", cpu)
        for server in self.running.values():
            server.release()
