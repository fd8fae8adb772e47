"""Services of several lines, and those who wait for them."""
import re
import threading
import time

import harness
from control import wait_state
from fakemodem import QUICK, FakeModem
from harness import (BAUDRATE, CONTROL, DATASIZE, PURGE, SIGNATURE, STOPSIZE, Client, ComPort, Daemon, Telnet,
                     wait_for)
from ttyshim import FakeTty, Shim

LINE = 'line "%s" {\n device = "loopback"\n kind = "console"\n %s\n}\n'
SERVICE = 'service "%s" {\n listen = { "127.0.0.1:0" }\n lines = { %s }\n %s\n}\n'


def pool(n, keys="", line_keys="", extra=""):
    names = [f"l{i}" for i in range(1, n + 1)]
    text = "".join(LINE % (name, line_keys) for name in names)
    text += SERVICE % ("pool", ", ".join(f'"{name}"' for name in names), keys) + extra
    services = ["pool"] + re.findall(r'^service "([^"]+)"', extra, re.M)
    daemon = Daemon(text, services=services)
    for name in names:
        daemon.wait_log(f"event=line-ready line={name}")
    return daemon


def claim(daemon, service="pool", data=b"x"):
    """A client that has claimed; what came of it is the caller's to see."""
    client = ComPort(daemon.port(service))
    client.send(data)
    assert client.request(CONTROL, 8) == 8 or True
    return client


def owner(daemon, service="pool"):
    """An owner and its line."""
    seen = len(daemon.log)
    client = claim(daemon, service)
    client.expect(b"x")
    return client, daemon.wait_log(r"event=claim-start line=(\S+)", after=seen).group(1)


def waits(client, place):
    return client.answer(SIGNATURE, 5, wanted=lambda t: t == b"QUEUED %d" % place)


def ready(client, deadline=10):
    client.answer(SIGNATURE, deadline, wanted=lambda t: t == b"READY")
    client.expect(b"x")


# --- which line


def test_first():
    daemon = pool(3)
    clients = [owner(daemon) for _ in range(3)]
    assert [line for _, line in clients] == ["l1", "l2", "l3"]
    clients[1][0].close()
    wait_for(lambda: sum("line-ready line=l2" in l for l in daemon.log) == 2)
    assert owner(daemon)[1] == "l2"


def picks(keys, want):
    daemon = pool(3, keys)
    got = []
    for i in range(len(want)):
        client, line = owner(daemon)
        got.append(line)
        client.close()
        wait_for(lambda i=i: sum("line-ready" in l for l in daemon.log) == 4 + i)
    assert got == want, got


def test_round_robin():
    picks('pick = "round-robin"', ["l1", "l2", "l3", "l1", "l2"])


def test_least_used():
    picks('pick = "least-used"', ["l1", "l2", "l3", "l1"])


def test_always_the_first():
    picks('pick = "first"', ["l1", "l1", "l1"])


def test_a_line_that_is_out_is_passed_over():
    text = ('line "gone" {\n device = "/dev/nothing-here"\n kind = "console"\n}\n' + LINE % ("here", "") +
            SERVICE % ("pool", '"gone", "here"', ""))
    daemon = Daemon(text, services=["pool"])
    daemon.wait_log("event=line-out line=gone")
    assert owner(daemon)[1] == "here"
    text = claim(daemon).expect_end(6)
    assert text.startswith(b"BUSY\r\nhere is in use by 127.0.0.1"), text


def test_none_in_service():
    text = ('line "a" {\n device = "/dev/nothing-a"\n kind = "console"\n}\n'
            'line "b" {\n device = "/dev/nothing-b"\n kind = "console"\n}\n' +
            SERVICE % ("pool", '"a", "b"', 'busy = "queue"'))
    daemon = Daemon(text, services=["pool"])
    for name in "ab":
        daemon.wait_log(f"event=line-out line={name}")
    text = claim(daemon).expect_end(6)
    assert text == b"NO DIALTONE\r\na is out of service: no device\r\n", text


# --- who waits


def test_refused_where_it_is_not_a_queue():
    daemon = pool(2)
    keep = [owner(daemon) for _ in range(2)]
    text = claim(daemon).expect_end(6)
    assert re.match(rb"BUSY\r\nl\d is in use by 127.0.0.1 for \S+, idle \S+; ", text), text
    assert keep


def test_a_queue_first_come_first_served():
    daemon = pool(2, 'busy = "queue"')
    owners = [owner(daemon)[0] for _ in range(2)]
    waiters = []
    for i in range(4):
        waiters.append(claim(daemon))
        waits(waiters[i], i + 1)
    owners[1].close()
    ready(waiters[0])
    for i in (1, 2, 3):
        waits(waiters[i], i)
    owners[0].close()
    ready(waiters[1])
    waiters[2].fin()  # who hangs up leaves the queue at once
    waiters[2].expect_end(5)
    waits(waiters[3], 1)
    waiters[0].close()
    ready(waiters[3])


def test_a_person_is_told():
    daemon = pool(1, 'busy = "queue"')
    first = owner(daemon)[0]
    telnet = Telnet(daemon.port("pool"))
    telnet.expect(b"l1: in use by 127.0.0.1 for ")
    telnet.send(b"x")
    telnet.expect(re.compile(rb"WAITING 1: l1 is in use by 127.0.0.1 for \S+, idle \S+; [^\r]*\r\n"))
    first.close()
    telnet.expect(b"READY\r\n")
    telnet.expect(b"x")


def test_a_full_queue_tells_its_length():
    daemon = pool(1, 'busy = "queue" queue-limit = 2')
    first = owner(daemon)[0]
    waiters = [claim(daemon) for _ in range(2)]
    waits(waiters[1], 2)
    text = claim(daemon).expect_end(6)
    assert text.startswith(b"BUSY\r\n") and b"waiting: 2" in text, text
    first.close()
    ready(waiters[0])


def test_nobody_waits_for_ever():
    daemon = pool(1, 'busy = "queue" queue-wait = "2s"')
    first = owner(daemon)[0]
    begun = time.monotonic()
    waiter = claim(daemon)
    waits(waiter, 1)
    text = waiter.expect_end(8)
    assert 1.5 < time.monotonic() - begun < 7
    assert text.startswith(b"BUSY\r\n") and b"2s" in text, text
    first.send(b"still")
    first.expect(b"still")


def test_what_a_waiter_set_holds_at_the_grant():
    daemon = pool(1, 'busy = "queue"')
    first = owner(daemon)[0]
    waiter = ComPort(daemon.port("pool"))
    assert waiter.request(harness.BAUDRATE, 300) == 300
    waits(waiter, 1)
    assert waiter.request(harness.PARITY, 3) == 3
    waiter.modem_state(harness.DCD | harness.DSR | harness.CTS, 0)
    first.close()
    waiter.answer(SIGNATURE, 5, wanted=lambda t: t == b"READY")
    assert waiter.request(harness.BAUDRATE, 0) == 300
    assert waiter.request(harness.PARITY, 0) == 3


def test_refused_when_the_last_line_goes_out_of_service():
    from ttyshim import FakeTty
    tty = FakeTty()
    text = (f'line "l1" {{\n device = "{tty.path}"\n kind = "console"\n}}\n' +
            SERVICE % ("pool", '"l1"', 'busy = "queue"'))
    daemon = Daemon(text, services=["pool"], env=tty.env())
    daemon.wait_log("event=line-ready")
    first = claim(daemon)
    assert tty.read(1) == b"x"
    waiter = claim(daemon)
    waits(waiter, 1)
    tty.unplug()
    text = waiter.expect_end(6)
    assert text == b"NO DIALTONE\r\nl1 is out of service: device gone\r\n", text
    first.expect_end(6)


# --- contention


def test_who_is_idle_while_others_wait_is_cut_sooner():
    daemon = pool(1, 'busy = "queue" inactivity = "1h" inactivity-contended = "3s" warning = "1s"')
    first = owner(daemon)[0]
    first.expect_nothing(4)
    begun = time.monotonic()
    waiter = claim(daemon)
    waits(waiter, 1)
    first.answer(SIGNATURE, 3, wanted=lambda t: t == b"IDLE 1")
    first.answer(SIGNATURE, 5, wanted=lambda t: t == b"CUT idle")
    assert 0.9 < time.monotonic() - begun < 3, "the full warning, from the one who came to wait"
    ready(waiter)


def test_contention_ends_with_the_last_waiter():
    daemon = pool(1, 'busy = "queue" inactivity = "1h" inactivity-contended = "2s" warning = "1s"')
    first = owner(daemon)[0]
    waiter = claim(daemon)
    waits(waiter, 1)
    waiter.close()
    first.expect_nothing(3)
    assert b"CUT idle" not in [v for c, v in first.answers if c == SIGNATURE]


# --- a line in two services


def test_between_services_the_longest_wait_wins():
    extra = SERVICE % ("other", '"l1"', 'busy = "queue"')
    daemon = pool(1, 'busy = "queue"', extra=extra)
    first = owner(daemon)[0]
    a = claim(daemon, "other")
    waits(a, 1)
    b = claim(daemon, "pool")
    waits(b, 1)
    first.close()
    ready(a)
    b.expect_nothing(0.5)
    a.close()
    ready(b)


def test_the_owners_service_hides_the_owner():
    extra = SERVICE % ("quiet", '"l1"', "show-owner = false")
    daemon = pool(1, extra=extra)
    keep = owner(daemon, "quiet")
    text = claim(daemon, "pool").expect_end(6)
    assert b"l1 is in use by another client for " in text, text
    assert keep


# --- races


def owners_never_overlap(daemon):
    having = {}
    for entry in daemon.log:
        match = re.search(r"event=claim-(start|end) line=(\S+) client=(\S+)", entry)
        if not match:
            continue
        what, line, _ = match.groups()
        having[line] = having.get(line, 0) + (1 if what == "start" else -1)
        assert 0 <= having[line] <= 1, entry
    return having


def race(daemon, n, each):
    """n clients at once; each wants its data back unharmed, once."""
    served, failed = [], []

    def run(i):
        try:
            client = Client(daemon.port("pool"))
            data = b"client %04d says it\r" % i
            client.send(data)
            client.until(lambda: data in bytes(client.data), 60)
            served.append(i)
            if i % 3:
                client.close()
            else:
                client.reset()
        except Exception as why:  # pylint: disable=broad-except
            failed.append((i, why))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(served) == n and not failed, failed[:3]
    wait_for(lambda: sum("event=claim-end" in l for l in daemon.log) == n, 20)
    assert all(v == 0 for v in owners_never_overlap(daemon).values())
    assert len(owners_never_overlap(daemon)) == each, "all lines have worked"


def test_fifty_for_one():
    race(pool(1, 'busy = "queue" queue-limit = 64'), 50, 1)


def test_fifty_for_three():
    race(pool(3, 'busy = "queue" queue-limit = 64 pick = "round-robin"'), 50, 3)


def test_a_dozen_for_a_modem():
    modem = FakeModem()
    text = (f'line "l1" {{\n device = "{modem.path}"\n kind = "modem"\n {QUICK}\n}}\n' +
            SERVICE % ("pool", '"l1"', 'busy = "queue" queue-limit = 64'))
    daemon = Daemon(text, services=["pool"], env=modem.env())
    daemon.wait_log("event=line-ready", 20)
    served = []

    def run(i):
        client = Client(daemon.port("pool"))
        client.send(b"AT%02d\r" % i)
        client.until(lambda: b"OK\r\n" in bytes(client.data), 60)
        served.append(i)
        client.close()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(served) == 12, served
    wait_for(lambda: sum("event=claim-end" in l for l in daemon.log) == 12, 20)
    owners_never_overlap(daemon)


def test_settings_are_those_of_the_line_that_it_gets():
    """Two lines of a pool with other settings: what a client sets before it has one is its own, all else the line's,
    and it is told where that is not what it was answered before."""
    shim = Shim()
    first, second = FakeTty("ttyMS0", shim), FakeTty("ttyMS1", shim)
    lines = "".join(f'line "{name}" {{ device = "{tty.path}" kind = "console" speed = {speed} format = "{form}" }}\n'
                    for name, tty, speed, form in (("a", first, 9600, "8N1"), ("b", second, 57600, "7E1")))
    daemon = Daemon(lines + 'service "pool" { listen = { "127.0.0.1:0" } lines = { "a", "b" } busy = "queue" }\n', services=["pool"],
                    env=shim.env())
    for name in "ab":
        daemon.wait_log(f"event=line-ready line={name}")
    first_owner = claim(daemon)
    for code, value, wanted in ((PURGE, 1, (57600, 7, 3)), (STOPSIZE, 2, (57600, 7, 3)), (DATASIZE, 8, (57600, 8, 3))):
        owner, client = claim(daemon), ComPort(daemon.port("pool"))
        assert client.request(BAUDRATE, 0) == 9600, "of the one that it would get first"
        client.command(code, value)
        client.send(b"y")
        client.answer(SIGNATURE, wanted=lambda text: text.startswith(b"QUEUED"))
        mark = len(client.subs)
        owner.close()
        assert second.read_until(b"y")
        is_now = second.settings()
        assert (is_now.baud, is_now.datasize, is_now.parity) == wanted, is_now
        assert client.answer(BAUDRATE, mark=mark) == 57600
        client.close()
        wait_state(daemon, "b", "free")
    first_owner.close()
