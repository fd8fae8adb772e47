"""Hostile input from the network: nothing is lost, nothing crashes, memory stays bounded, nobody else
is harmed."""
import os
import random
import select
import socket
import time

from harness import (BAUDRATE, BRK, COMPORT, CONTROL, Client, ComPort, Daemon, DO, DONT, IAC, MODEMMASK,
                     PURGE, SB, SE, SIGNATURE, WILL, WONT, wait_for)

LINE = """\
line "%s" {
    device = "loopback"
    kind = "console"
    listen = { "127.0.0.1:0" }
    %s
}
"""


def lines(*names, keys=""):
    return "".join(LINE % (name, keys) for name in names)


def resident(daemon):
    """Private memory of the daemon in KiB; a sanitizer keeps what is freed, so nothing is known then."""
    with open(f"/proc/{daemon.pid}/maps", encoding="ascii") as f:
        if "libasan" in f.read():
            return 0
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as f:
        return next(int(l.split()[1]) for l in f if l.startswith("RssAnon"))


def works(daemon, name="a"):
    """An ordinary session on the line has its settings and its echo."""
    def once():
        try:
            with ComPort(daemon.port(name)) as client:
                assert client.request(BAUDRATE, 9600) == 9600
                client.send(b"echo\xff")
                return client.take(5) == b"echo\xff"
        except AssertionError:
            return False  # the daemon has not yet seen that an earlier client is gone
    wait_for(once, 20, f"line {name} works")


def test_every_split_point_of_an_opening():
    """One byte a segment gives the answers that one segment gives."""
    opening = (bytes([IAC, WILL, COMPORT]) + ComPort.frame(BAUDRATE, 65280 + 255) +
               ComPort.frame(CONTROL, 7) + b"data\xff\xff" + ComPort.frame(MODEMMASK, 255) +
               bytes([IAC, BRK]) + ComPort.frame(PURGE, 3) + ComPort.frame(BAUDRATE, 0) + b"end")
    daemon = Daemon(lines("a"))
    results = []
    for split in (len(opening), 1):
        client = ComPort(daemon.port("a"))
        for i in range(0, len(opening), split):
            client.send_raw(opening[i:i + split])
        client.expect(b"end")
        client.until(lambda c=client: [v for k, v in c.answers if k == BAUDRATE] == [65535, 65535],
                     10, "both rates")
        results.append([a for a in client.answers if a[0] in (BAUDRATE, CONTROL, MODEMMASK, PURGE)])
        client.close()
        wait_for(lambda n=len(results): sum("claim-end" in l for l in daemon.log) == n, 10, "the end")
    assert results[0] == results[1] and len(results[0]) == 5, results


def test_thousands_of_commands_in_one_segment():
    daemon = Daemon(lines("a"))
    client = ComPort(daemon.port("a"))
    rates = [300 + i for i in range(3000)]
    client.sock.settimeout(20)
    burst = b"".join(ComPort.frame(BAUDRATE, rate) for rate in rates)
    sent = 0
    while sent < len(burst):
        select.select([client.sock], [client.sock], [], 10)
        client.received_now()
        client.sock.setblocking(False)
        try:
            sent += client.sock.send(burst[sent:sent + 8192])
        except BlockingIOError:
            pass
    client.until(lambda: len(client.subs) >= len(rates), 20, "all answers")
    client.until(lambda: [c for c, _ in client.answers].count(BAUDRATE) == len(rates), 20, "the rest")
    assert [v for c, v in client.answers if c == BAUDRATE] == rates


def test_garbage():
    """Random bytes, rich in IAC, from many connections: the line works afterwards."""
    daemon = Daemon(lines("a", "b", keys='stall = "1s"'))
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    rng = random.Random(seed)
    palette = [IAC, IAC, IAC, SB, SE, WILL, WONT, DO, DONT, COMPORT, 0, 1, 5, 12, 86, 39, BRK, 13, 65]
    for _ in range(60):
        client = Client(daemon.port("a"))
        data = bytes(rng.choice(palette) if rng.random() < 0.8 else rng.randrange(256)
                     for _ in range(rng.randrange(1, 4000)))
        try:
            client.send_raw(data)
            client.read(0.01)
        except OSError:
            pass
        if rng.random() < 0.5:
            client.reset()
        else:
            client.close()
    works(daemon, "a")
    works(daemon, "b")


def test_subnegotiations_of_other_options_are_thrown_away():
    """Terminal types, windows and environments are nobody's here; what follows is data as it comes."""
    daemon = Daemon(lines("a"))
    client = ComPort(daemon.port("a"))
    for option in (24, 31, 36, 39):
        client.send_raw(bytes([IAC, SB, option, 0, IAC, SE]) * 3)
    client.send_raw(bytes([IAC, SB, 86, IAC, SE]) + b"plain")
    client.expect(b"plain")
    client.send_raw(bytes([IAC, SB, IAC, SE]) + b"after an empty one")
    client.expect(b"after an empty one")


def test_malformed_subnegotiations_change_nothing():
    daemon = Daemon(lines("a"))
    client = ComPort(daemon.port("a"))
    before = client.request(BAUDRATE, 0)
    for payload in (b"", b"\x01", b"\x01\x00\x00\x25", b"\x63", b"\x01" + bytes(70),
                    b"\x01\x00\x00\xff\xf1\x25\x80", b"\x65\x00\x00\x25\x80"):
        client.send_raw(bytes([IAC, SB, COMPORT]) + payload + bytes([IAC, SE]))
    assert client.request(BAUDRATE, 0) == before
    client.send(b"still here")
    client.expect(b"still here")


def test_storm_of_negotiations_is_answered_once_each():
    daemon = Daemon(lines("a"))
    client = Client(daemon.port("a"))
    storm = bytes([IAC, DO, 99]) * 20000
    sent = 0
    client.sock.setblocking(False)
    while sent < len(storm):
        select.select([client.sock], [client.sock], [], 10)
        client.read(0)
        try:
            sent += client.sock.send(storm[sent:])
        except BlockingIOError:
            pass
    client.until(lambda: client.data.count(bytes([IAC, WONT, 99])) == 20000, 20, "answers")
    works(daemon)


def test_a_storm_from_somebody_who_does_not_read_is_bounded():
    daemon = Daemon(lines("a", "b", keys='stall = "2s"'))
    works(daemon, "b")
    before = resident(daemon)
    client = Client(daemon.port("a"), rcvbuf=4096)
    client.sock.setblocking(False)
    storm, sent, end = bytes([IAC, DO, 99]) * 10000, 0, time.monotonic() + 10
    while time.monotonic() < end:
        try:
            sent += client.sock.send(storm)
        except BlockingIOError:
            if not select.select([], [client.sock], [], 0.5)[1]:
                break
        except OSError:
            break
    assert sent < 8 << 20, f"{sent} bytes were taken"
    works(daemon, "b")
    assert resident(daemon) - before < 1024, "memory"


def test_the_slow_reader_harms_nobody_else():
    daemon = Daemon(lines("a", "b", keys='stall = "0"'))
    slow = Client(daemon.port("a"), rcvbuf=4096)
    slow.sock.settimeout(0.3)
    try:
        while True:
            slow.sock.send(b"s" * 65536)
    except OSError:
        pass
    start = time.monotonic()
    for _ in range(20):
        works(daemon, "b")
    assert time.monotonic() - start < 15
    # And what the slow one wrote is all there when it reads at last.
    slow.sock.settimeout(10)
    got = 0
    while got < 100000:
        got += len(slow.sock.recv(65536).replace(b"\xff", b""))
    slow.reset()


def test_nothing_is_left_of_sessions():
    daemon = Daemon('state-directory = ""\n' + lines("a"))  # a database opens its files when it likes
    works(daemon)
    daemon.wait_log("event=disconnect")

    def counted():
        tasks = os.listdir(f"/proc/{daemon.pid}/task")
        return len(os.listdir(f"/proc/{daemon.pid}/fd")), len(tasks)

    before, memory = counted(), resident(daemon)
    for i in range(300):
        client = Client(daemon.port("a"))
        if i % 3:
            client.send(b"x")
        if i % 2:
            client.reset()
        else:
            client.close()
    works(daemon)
    wait_for(lambda: counted() == before, 10, f"descriptors and threads as before: {before}")
    assert resident(daemon) - memory < 1024


def test_too_many_clients_are_told_and_closed():
    daemon = Daemon("max-clients-per-address = 3\n" + lines("a"), services=["a"])
    clients = [Client(daemon.port("a")) for _ in range(3)]
    extra = Client(daemon.port("a"))
    said = b"BUSY\r\na takes nobody any more for now: too many clients of one address\r\n"
    assert extra.expect_end(5, "fin") == said
    daemon.wait_log('event=turned-away service=a client=127.0.0.1 why="too many clients of one address"')
    for client in clients:
        client.close()
    works(daemon)


def test_who_is_not_allowed_is_closed_without_a_byte():
    daemon = Daemon(lines("a", keys='allow = { "127.0.0.2/32" }'))
    stranger = Client(daemon.port("a"))
    assert stranger.expect_end(5) == b""
    daemon.wait_log('event=turned-away service=a client=127.0.0.1 why="not allowed"')
    friend = Client(daemon.port("a"), source="127.0.0.2")
    friend.send(b"hello")
    friend.expect(b"hello")


def test_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return  # the host has no IPv6, and product.md says that ::1 is then left out
    daemon = Daemon(lines("a").replace('"127.0.0.1:0"', '"127.0.0.1:0", "[::1]:0"'))
    port = daemon.port("a", address="[::1]")
    client = Client(port, host="::1")
    client.send(b"six")
    client.expect(b"six")
    second = ComPort(port, host="::1")
    second.command(BAUDRATE, 9600)
    assert b"a is in use by ::1 for " in second.expect_end(8)
    assert (SIGNATURE, b"BUSY") in second.answers
