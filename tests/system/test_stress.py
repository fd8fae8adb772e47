"""The random stress test (stress.py), for a minute: everything at once, and afterwards every line serves and nothing is left."""
import stress
from stress_orders import Draw

FULL = "test_a_minute"
DEADLINE = 300  # s: the minute, and its rounds' ends, in which lines are waited for
SEED = 20
LEAST = 2000  # operations in a minute


def test_a_minute():
    rate = stress.run(60, SEED)
    assert rate >= LEAST, f"{rate:.0f} operations a minute"


def test_the_sequence_hangs_on_the_seed():
    first, again, other = ([draw.next() for _ in range(3000)] for draw in
                           (Draw(SEED, 100, True), Draw(SEED, 100, True), Draw(SEED + 1, 100, True)))
    assert first == again
    assert first != other
