"""What the stress test does, made up at random: the sequence of operations hangs on the seed and the pace alone.  An
operation is a tuple (kind, arguments...); stress_hands.py carries them out."""
import heapq
import random

from harness import BAUDRATE, BINARY, DATASIZE, DO, DONT, ECHO, PARITY, SGA, STOPSIZE, WILL, WONT
from stress_guests import ASKING, BAUDS
from stress_house import CONSOLES, HAYES, MODEMS, OTHER_HOME, POOLS, SPEEDS
from ttyshim import HANG_CLOSE, HANG_IOCTL, HANG_OPEN, REFUSE_PARITY, REFUSE_RTSCTS, REFUSE_SIZE

SLOTS = 24  # guests at a time
CALLERS = 3
ONLOOKERS = 4
SERVICES = {"con1": 4, "con2": 2, "shared": 4, "moves": 4, "comes": 3, "pool": 6, "m1": 2, "m2": 2, "modems": 3, "v1": 2,
            "v2": 2, "v3": 2, "loop": 2, "wide": 3}
RAW = ("con2", "loop")  # whose service does not speak Telnet
COMMANDS = (b"AT\r", b"ATDT1\r", b"ATDT2\r", b"ATDT3\r", b"ATDT5559\r", b"ATDT5550\r", b"ATA\r", b"ATH\r", b"+++", b"ATZ\r",
            b"ATS0=1\r", b"ATE0V0Q1\r", b"AT&C0&D0\r", b"AT&D2\r", b"ATO\r")
HANGS = (HANG_IOCTL, HANG_IOCTL, HANG_CLOSE, HANG_OPEN, HANG_IOCTL | HANG_CLOSE, HANG_OPEN | HANG_CLOSE)
SETTINGS = ((BAUDRATE, BAUDS), (DATASIZE, (7, 8)), (PARITY, (1, 2, 3)), (STOPSIZE, (1, 2)))
CONTROLS = (5, 6, 8, 9, 11, 12, 1, 3)
PARTS = ("data", "data", "set", "ask", "purge", "offer", "withdraw", "do")
FAULTS = ("mute", "garbage", "twice", "fax", "dtr_ignored", "refuse")
REFUSALS = (REFUSE_RTSCTS, REFUSE_PARITY, REFUSE_SIZE, 64)  # 64: every change
LINES = ("con1", "con2", "shared", "moves", "comes", "m1", "m2", "v1", "v2", "v3", "loop", "wide")
WEIGHTS = {
    "connect": 260, "come_again": 60, "send": 130, "set": 60, "control": 25, "ask": 60, "questions": 8, "purge": 20,
    "suspend": 15, "resume": 20, "packet": 60, "negotiate": 20, "at": 90, "fin": 25, "reset": 90, "close": 70, "deaf": 10,
    "hear": 15, "caller": 10, "caller_leaves": 10, "unplug": 12, "hang": 24, "stick": 10, "says": 60, "ring": 2, "call": 5,
    "carrier_lost": 5, "inputs": 15, "fault": 5, "refuse": 6, "lock": 10, "starve": 3, "look": 40, "onlook": 6, "look_away": 6,
    "kick": 20, "disable": 12, "drain": 5, "test": 25, "history": 3, "same": 12, "values": 12, "move": 12, "come_or_go": 12,
    "pool": 6, "widen": 4, "bad_file": 4,
}


class Draw:
    """The sequence.  It knows what is there by what it has drawn, not by what came of it."""

    def __init__(self, seed, pace, far, without=()):
        self.random = random.Random(seed)
        self.pace = pace  # operations in a second
        self.kinds = [kind for kind in WEIGHTS if kind not in without]
        self.weights = [WEIGHTS[kind] for kind in self.kinds]
        self.numbers = sorted({*CONSOLES.values(), OTHER_HOME, *MODEMS.values()} - {CONSOLES["take"]})
        self.takes = far and "take" not in without
        self.begin()

    def begin(self):
        """A new round: nobody is there and nothing is wrong."""
        self.n = self.order = 0
        self.slots = {}  # number: service
        self.due = []
        if self.takes:
            self.take_over()

    def take_over(self):
        """One owner falls silent for the 10 s of a take-over, with data that its line does not take; others linger."""
        self.later(0.5, "take_old", 40)
        self.later(0.8, "stick", CONSOLES["take"])
        self.later(0.9, "take_old_sends", self.any((40, 5000, 20000)))
        for i in range(self.random.randrange(8)):
            self.later(10.9 + i / 50, "take_linger")
        self.later(11.2 + self.random.random(), "take_new", self.any((5, 40, 3000)))
        self.later(12.5 + self.random.random(), "unstick", CONSOLES["take"])

    def later(self, seconds, *order):
        self.order += 1  # of what is due at once
        heapq.heappush(self.due, (self.n + int(seconds * self.pace), self.order, order))

    def next(self):
        self.n += 1
        if self.due and self.due[0][0] <= self.n:
            return heapq.heappop(self.due)[2]
        while True:
            kind = self.random.choices(self.kinds, self.weights)[0]
            order = getattr(self, f"draw_{kind}", self.plain)(kind)
            if order is not None:
                return order

    def any(self, things):
        return self.random.choice(things)

    def for_a_while(self, least, most):
        """Seconds, the short ones more often."""
        return round(least + (most - least) * self.random.random() ** 2, 2)

    # ---- guests ----

    def slot(self, wanted=lambda service: True):
        slots = [slot for slot, service in sorted(self.slots.items()) if wanted(service)]
        return self.any(slots) if slots else None

    def draw_connect(self, kind):
        free = [slot for slot in range(SLOTS) if slot not in self.slots]
        if not free:
            return self.draw_close(self.any(("close", "reset")))
        service = self.random.choices(list(SERVICES), list(SERVICES.values()))[0]
        self.slots[free[0]] = service
        protocol = "raw" if service in RAW else self.any(("raw", "raw", "telnet", "telnet", "comport", "comport", "comport"))
        return kind, free[0], protocol, service, self.random.random() < 0.6

    def plain(self, kind):
        """Of a guest, without more to say."""
        slot = self.slot()
        return None if slot is None else (kind, slot)

    def draw_close(self, kind):
        slot = self.slot()
        if slot is None:
            return None
        del self.slots[slot]
        return kind, slot

    draw_reset = draw_close

    def draw_send(self, kind):
        slot = self.slot(lambda service: service not in HAYES)
        n = self.any((1, 2, 8, 8, 40, 200, 1000, 9000))
        return None if slot is None else (kind, slot, n)

    def draw_at(self, kind):
        slot = self.slot(lambda service: service in HAYES)
        return None if slot is None else (kind, slot, self.any((None, None, *COMMANDS)))

    def speaks(self, kind, *more):
        slot = self.slot(lambda service: service not in RAW)
        return None if slot is None else (kind, slot, *more)

    def draw_set(self, kind):
        code, values = self.any(SETTINGS)
        return self.speaks(kind, code, self.any(values))

    def draw_control(self, kind):
        return self.speaks(kind, self.any(CONTROLS))

    def draw_ask(self, kind):
        return self.speaks(kind, self.any(list(ASKING)))

    def draw_questions(self, kind):
        return self.speaks(kind, self.any((5, 40, 300, 800)))

    def draw_purge(self, kind):
        return self.speaks(kind, self.any((1, 2, 3)))

    def draw_suspend(self, kind):
        return self.speaks(kind)

    draw_resume = draw_suspend

    def draw_packet(self, kind):
        return self.speaks(kind, tuple(self.random.choices(PARTS, k=self.random.randrange(2, 6))))

    def draw_negotiate(self, kind):
        return self.speaks(kind, self.any((WILL, WONT, DO, DONT)), self.any((BINARY, ECHO, SGA, 24, 44)))

    def draw_caller(self, kind):
        return kind, self.random.randrange(CALLERS), self.any((1, 100, 3000))

    def draw_caller_leaves(self, kind):
        return kind, self.random.randrange(CALLERS)

    # ---- devices ----

    def draw_unplug(self, kind):
        number = self.any(self.numbers)
        self.later(self.for_a_while(0.05, 4), "plug", number)
        return kind, number

    def draw_hang(self, kind):
        number = self.any(self.numbers)
        self.later(self.for_a_while(0.1, 8), "unhang", number)
        return kind, number, self.any(HANGS)

    def draw_stick(self, kind):
        number = self.any(self.numbers)
        self.later(self.for_a_while(0.1, 4), "unstick", number)
        return kind, number

    def draw_says(self, kind):
        return kind, self.any(self.numbers)

    def draw_modem(self, kind):
        return kind, self.any(list(MODEMS.values()))

    draw_call = draw_carrier_lost = draw_modem

    def draw_ring(self, kind):
        return kind, MODEMS["m1"]

    def draw_inputs(self, kind):
        return kind, self.any(self.numbers), self.any(("cts", "dsr", "dcd")), self.any((True, False))

    def draw_fault(self, kind):
        number = self.any(list(MODEMS.values()))
        self.later(self.for_a_while(0.2, 3), "mend", number)
        return kind, number, self.any(FAULTS)

    def draw_refuse(self, kind):
        number = self.any(self.numbers)
        self.later(self.for_a_while(0.1, 3), "accept", number)
        return kind, number, self.any(REFUSALS)

    def draw_lock(self, kind):
        number = self.any(self.numbers)
        self.later(self.for_a_while(0.05, 3), "unlock", number)
        return kind, number

    def draw_starve(self, kind):
        self.later(self.for_a_while(0.05, 1), "feed")
        return (kind,)

    # ---- the administrator ----

    def draw_look(self, kind):
        return (kind,)

    draw_same = draw_history = draw_move = draw_come_or_go = draw_widen = draw_bad_file = draw_look

    def draw_onlook(self, kind):
        return kind, self.any(range(ONLOOKERS)), self.any(("watch", "monitor")), self.any(LINES), self.any((True, False))

    def draw_look_away(self, kind):
        return kind, self.any(range(ONLOOKERS))

    def draw_kick(self, kind):
        return kind, self.any(LINES)

    draw_test = draw_kick

    def draw_disable(self, kind):
        line = self.any(LINES)
        self.later(self.for_a_while(0.05, 3), "enable", line)
        return kind, line

    def draw_drain(self, kind):
        self.later(self.for_a_while(0.1, 2), "undrain")
        return (kind,)

    def draw_values(self, kind):
        return (kind, self.any(list(CONSOLES)), self.any(SPEEDS), self.any(("8N1", "8N1", "7E1", "8E2")), self.any(("0", "20ms")),
                self.any((0, 2, 8)))

    def draw_pool(self, kind):
        return kind, self.any(POOLS)
