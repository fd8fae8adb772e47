"""`pace`: the data of a virtual modem at the rate of its line."""
import os
import time

from harness import BAUDRATE, ComPort, Daemon

MODEMS = """
line "slow" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "127.0.0.1:0" } pace = true
    speed = 19200 number "1" { to = "echo" } number "2" { to = "line:fast" } }
line "fast" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "127.0.0.1:0" }
    number "1" { to = "echo" } number "2" { to = "line:slow" } }
"""
SECOND = 1920  # bytes, at 19200 bit/s


def terminal(daemon, line):
    client = ComPort(daemon.port(line))
    client.send(b"ATE0S0=1S2=255\r")
    client.expect(b"OK\r\n")
    return client


def pair():
    daemon = Daemon(MODEMS)
    slow, fast = terminal(daemon, "slow"), terminal(daemon, "fast")
    slow.send(b"ATD2\r")
    fast.expect(b"CONNECT 115200\r\n")
    slow.expect(b"CONNECT 19200\r\n")
    return slow, fast


def takes(sender, receiver, n):
    data = os.urandom(n)
    begin = time.monotonic()
    sender.send(data)
    assert receiver.take(n, deadline=20) == data
    return time.monotonic() - begin


def test_both_directions():
    slow, fast = pair()
    assert 1.8 < takes(slow, fast, 2 * SECOND) < 4
    assert 1.8 < takes(fast, slow, 2 * SECOND) < 4


def test_at_once():
    """Each direction has the whole rate."""
    slow, fast = pair()
    there, back = os.urandom(2 * SECOND), os.urandom(2 * SECOND)
    begin = time.monotonic()
    slow.send(there)
    fast.send(back)
    assert slow.take(len(back), deadline=20) == back
    assert fast.take(len(there), deadline=20) == there
    assert 1.8 < time.monotonic() - begin < 4


def test_the_rate_is_the_clients():
    slow, fast = pair()
    slow.request(BAUDRATE, (4 * 19200).to_bytes(4, "big"))
    assert 0.8 < takes(slow, fast, 4 * SECOND) < 2.5
    assert 0.8 < takes(fast, slow, 4 * SECOND) < 2.5


def test_unpaced():
    daemon = Daemon(MODEMS)
    fast = terminal(daemon, "fast")
    fast.send(b"ATD1\r")
    fast.expect(b"CONNECT 115200\r\n")
    assert takes(fast, fast, 100 * SECOND) < 5


def busy(daemon):
    """CPU seconds so far."""
    with open(f"/proc/{daemon.pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_waiting_costs_nothing():
    """Data waits both for the rate and for a terminal in command mode: nobody turns round and round."""
    daemon = Daemon(MODEMS)
    slow, fast = terminal(daemon, "slow"), terminal(daemon, "fast")
    fast.send(b"ATS2=43D2\r")
    fast.expect(b"CONNECT")
    slow.expect(b"CONNECT")
    time.sleep(1.1)
    fast.send(b"+++")
    fast.expect(b"OK\r\n")
    slow.send(b"x" * 4000)
    begin = busy(daemon)
    fast.expect_nothing(2)
    assert busy(daemon) - begin < 0.5
    fast.send(b"ATO\r")
    fast.expect(b"x" * 4000)
