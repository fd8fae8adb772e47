"""What happens in one turn is acted on at its end: nothing of one connection is ever in another's, nobody is used after
his end, and an owner who has gone without our knowing stands in nobody's way."""
import os
import signal
import subprocess
import time

import control
from fakemodem import FakeModem, QUICK
from harness import (COMPORT, IAC, Client, ComPort, Daemon, MODEMSTATE, RESUME, SUSPEND, Telnet, WILL, need, wait_for)
from test_network import ip, own_network
from ttyshim import HANG_IOCTL, FakeTty, Shim

DEADLINE = 60
HOST = "192.0.2.2"  # somebody: nobody on loopback is anybody
SILENT = 10  # s of silence, after which a connection may be taken over


def line(keys="", name="con", kind="console", device="loopback", listen='"127.0.0.1:0"'):
    return f"""\
line "{name}" {{
    device = "{device}"
    kind = "{kind}"
    listen = {{ {listen} }}
    {keys}
}}
"""


def somebody(keys, device="loopback", env=None):
    """A line that one client can take over from itself; returns the daemon and the port."""
    own_network()
    ip(f"addr add {HOST}/32 dev lo")
    listen = f'"{HOST}:0", "127.0.0.1:0"'
    daemon = Daemon(line(f'takeover = "same-owner" allow = {{ "{HOST}/32", "loopback" }} {keys}', device=device,
                         listen=listen), services=[], env=env)
    daemon.wait_log("event=line-ready")
    return daemon, daemon.port("con", HOST)


def until(start, seconds):
    wait_for(lambda: time.monotonic() - start >= seconds, seconds + 5)


# --- one connection and another


def test_what_is_left_of_one_connection_is_not_sent_for_another():
    """The loser of a take-over is closed in the midst of what the taker sends, with much of its own unread."""
    tty = FakeTty()
    daemon, port = somebody("claim-timeout = 60s", tty.path, tty.env())
    old = Client(port, host=HOST)
    old.send_raw(b"x")
    assert tty.read(1) == b"x"
    tty.stuck()
    old.sock.settimeout(0.3)
    try:
        for _ in range(30):
            old.sock.sendall(b"OLDSECRET " * 400)
    except TimeoutError:
        pass
    start = time.monotonic()
    until(start, SILENT - 1)
    kept = [Client(port, host=HOST) for _ in range(4)]  # as many as are kept for a text: the loser is closed at once
    for client in kept:
        client.send_raw(b"y")
        client.expect(b"BUSY")
    until(start, SILENT + 0.3)
    new = Client(port, host=HOST)
    new.send_raw(b"HELLO")
    daemon.wait_log("event=takeover")
    tty.unstick()
    assert tty.read_until(b"HELLO")


def test_who_is_closed_within_a_read_is_not_used_afterwards():
    """Refused without a text to wait for, and an option agreed to in the same bytes, at a line that answers late."""
    tty = FakeTty()
    daemon = Daemon(line(device=tty.path), env=tty.env())
    daemon.wait_log("event=line-ready")
    control.ask(daemon, "drain")
    port = daemon.port("con")
    kept = [Client(port) for _ in range(4)]  # as many as are kept for a text
    for client in kept:
        client.send_raw(b"x")
        client.expect(b"BUSY")
    client = Client(port)
    client.expect(bytes([IAC]))
    tty.hang(HANG_IOCTL)
    client.send_raw(b"x" + bytes([IAC, WILL, COMPORT]))
    client.expect_end(5)
    tty.hang(0)
    look = ComPort(port)
    look.command(MODEMSTATE)
    look.answer(MODEMSTATE)
    daemon.stop()


POOL = """\
line "b" {{ device = "{b}" kind = "console" }}
service "pool" {{ listen = {{ "127.0.0.1:0" }} lines = {{ {both}"b" }} }}
"""


def test_a_question_pending_at_a_line_that_goes():
    """The client speaks of another line by then; when the driver answers, it has gone too."""
    shim = Shim()
    a, b = FakeTty("ttyMS0", shim), FakeTty("ttyMS1", shim)
    first = f'line "a" {{ device = "{a.path}" kind = "console" hangup-time = "100ms" }}\n'
    daemon = Daemon(first + POOL.format(b=b.path, both='"a", '), services=["pool"], env=shim.env())
    for name in "ab":
        daemon.wait_log(f"event=line-ready line={name}")
    port = daemon.port("pool")
    a.hang(HANG_IOCTL)
    asks = ComPort(port)
    owner = Client(port)
    owner.send_raw(b"o")
    daemon.wait_log("event=claim-start line=a")
    asks.command(MODEMSTATE)
    with open(daemon.path, encoding="utf-8") as f:
        text = f.read()
    with open(daemon.path, "w", encoding="utf-8") as f:
        f.write(text[:text.index('line "a"')] + POOL.format(b=b.path, both=""))
    control.ask(daemon, "reload")
    asks.answer(MODEMSTATE)
    asks.close()
    daemon.wait_log("event=disconnect service=pool")
    a.hang(0)
    late = Client(port)
    late.send_raw(b"late")
    assert b.read(4) == b"late"
    daemon.stop()


# --- a take-over


def owner_of(port):
    old = Client(port, host=HOST)
    old.send_raw(b"x")
    old.expect(b"x")
    return old


def test_a_take_over_where_nobody_may_wait():
    daemon, port = somebody("queue-limit = 0 hangup-time = 1s")
    old = owner_of(port)
    until(time.monotonic(), SILENT + 0.5)
    new = Client(port, host=HOST)
    new.send_raw(b"hello")
    new.expect(b"hello")
    old.expect(b"NO CARRIER")


def test_a_take_over_comes_before_who_waits():
    daemon, port = somebody('busy = "queue" hangup-time = 300ms')
    old = owner_of(port)
    other = Client(daemon.port("con"))
    other.send_raw(b"z")
    other.expect(b"WAITING 1")
    until(time.monotonic(), SILENT + 0.5)
    new = Client(port, host=HOST)
    new.send_raw(b"hello")
    new.expect(b"hello")
    old.expect(b"NO CARRIER")
    other.expect(b"WAITING 1")
    new.close()
    other.expect(b"z")


def test_nothing_is_taken_over_while_the_server_is_drained():
    """The owner keeps the line to its end, and whoever comes is told why he gets none: he would wait for ever."""
    daemon, port = somebody("hangup-time = 0")
    old = owner_of(port)
    until(time.monotonic(), SILENT + 0.5)
    control.ask(daemon, "drain")
    new = Client(port, host=HOST)
    new.send_raw(b"hello")
    assert b"the server is being drained" in new.expect_end(8)
    old.send_raw(b"mine")
    old.expect(b"mine")
    daemon.stop()


# --- who has gone


def again(keys, protocol):
    """A client that resets and connects again at once, two hundred times; the line is its own each time."""
    daemon = Daemon(line(keys))
    port = daemon.port("con")
    for i in range(200):
        client = protocol(port)
        client.send(b"mine %d" % i)
        client.expect(b"mine %d" % i)
        client.reset()
    assert not any("event=refused" in entry for entry in daemon.log)


def test_a_reset_and_the_next_connection_raw():
    again('protocol = "raw"', Client)


def test_a_reset_and_the_next_connection_that_claims():
    again('claim = "connect"', Telnet)


def seen_late(keys, leave):
    """The next connection is accepted before it is seen that the owner has gone; returns the daemon and it."""
    daemon = Daemon(line(keys))
    daemon.wait_log("event=line-ready")
    owner = Client(daemon.port("con"))
    owner.send(b"mine")
    owner.expect(b"mine")
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        client = Client(daemon.port("con"))
        client.send(b"mine too")
        leave(owner)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    return daemon, client


def test_a_reset_that_is_seen_late():
    seen_late('protocol = "raw"', Client.reset)[1].expect(b"mine too")


def test_a_close_that_is_seen_late():
    seen_late('protocol = "raw"', Client.close)[1].expect(b"mine too")


def test_a_reset_that_is_seen_late_where_a_hand_over_follows():
    daemon, client = seen_late('claim = "connect" hangup-time = 500ms', Client.reset)
    client.expect(b"mine too")
    assert not any("event=refused" in entry for entry in daemon.log)


def waits_again(leave):
    """The next connection of one who waits is accepted before it is seen that he has gone."""
    daemon, port = somebody('protocol = "raw" busy = "queue"')
    owner = Client(daemon.port("con"))
    owner.send(b"mine")
    owner.expect(b"mine")
    waits = Client(port, host=HOST)
    waits.expect(b"WAITING 1")
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        client = Client(port, host=HOST)
        leave(waits)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    client.expect(b"WAITING 1")
    owner.close()
    client.send(b"mine too")
    client.expect(b"mine too")
    assert not any("event=refused" in entry for entry in daemon.log)


def test_who_waits_and_resets_is_not_in_his_own_way():
    waits_again(Client.reset)


def test_who_waits_and_closes_is_not_in_his_own_way():
    waits_again(Client.close)


# --- what was sent too long ago


def waiter(sent, later=b"", kind="modem"):
    """What a modem gets of who has waited for more than 10 s, after what the owner sent; and the rest."""
    tty = FakeModem()
    daemon = Daemon(line(f'{QUICK} busy = "queue"', kind=kind, device=tty.path), env=tty.env())
    daemon.wait_log("event=line-ready")
    owner = Client(daemon.port("con"))
    owner.send_raw(b"AT\r")
    owner.expect(b"OK")
    client = Client(daemon.port("con"))
    client.send_raw(sent)
    client.expect(b"WAITING 1")
    until(time.monotonic(), 10.5)
    client.send_raw(later)
    before = len(tty.commands)
    owner.close()
    client.expect(b"READY")
    client.send_raw(b"ATI7\r")
    client.expect(b"OK")
    return [entry for entry in tty.lines(before) if entry.startswith("AT") and entry[2:3].isdigit()], tty


def test_nothing_of_stale_data_reaches_a_modem():
    """More of it than is taken in while it waits."""
    got, _ = waiter(b"".join(b"AT%03d\r" % i for i in range(60)))
    assert got == [], got


def test_the_rest_of_a_stale_line_does_not_either():
    got, _ = waiter(b"AT1", b"AT2\rAT3\r")
    assert got == ["AT3"], got


# --- suspended


def test_a_suspended_client_that_asks_much_is_read_to_its_resume():
    daemon = Daemon(line("stall = 20s"))
    client = ComPort(daemon.port("con"))
    client.send(b"x")
    client.expect(b"x")
    client.command(SUSPEND)
    mark = len(client.subs)
    for _ in range(800):
        client.command(MODEMSTATE)
    client.command(RESUME)
    client.until(lambda: sum(p[0] == 100 + MODEMSTATE for _, p in client.subs[mark:]) == 800, 10, "all answers")
    client.send(b"on")
    client.expect(b"on")


# --- keepalive


def probed(port):
    """Of the established connections on that port, whether the kernel has a keepalive timer for them."""
    out = subprocess.run([need("ss"), "-tnoH", "state", "established", f"( sport = :{port} )"], capture_output=True,
                         text=True, check=True).stdout
    return ["keepalive" in entry for entry in out.splitlines()]


def test_keepalive_is_turned_off_by_a_reload():
    text = line("claim-timeout = 0 keepalive = { %s, 3, 2 }")
    daemon = Daemon(text % 7)
    port = daemon.port("con")
    clients = [Telnet(port)]
    clients[0].until(lambda: clients[0].commands, 5, "an offer")
    wait_for(lambda: probed(port) == [True])
    with open(daemon.path, encoding="utf-8") as f:
        whole = f.read()
    for idle, found in ((0, [False, False]), (7, [True, True, True])):
        with open(daemon.path, "w", encoding="utf-8") as f:
            f.write(whole[:whole.index('line "')] + text % idle)
        control.ask(daemon, "reload")
        clients.append(Telnet(port))
        clients[-1].until(lambda: clients[-1].commands, 5, "an offer")
        wait_for(lambda found=found: probed(port) == found, 5, lambda: (found, probed(port)))
