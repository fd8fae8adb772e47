"""What counts as activity, and what the limits do before, in and after a call."""
import os
import re
import threading
import time

from harness import BAUDRATE, CONTROL, ComPort, Daemon, DCD, MODEMSTATE, SIGNATURE, wait_for
from fakemodem import QUICK, FakeModem
from ttyshim import FakeTty

VIRTUAL = """\
line "%s" {
    device = "virtual"
    kind = "modem"
    listen = { "127.0.0.1:0" }
    number "1" { to = "echo" }
    number "2" { to = "line:other" }
    %s
}
"""
TTY = """\
line "line1" {
    device = "%s"
    kind = "%s"
    listen = { "127.0.0.1:0" }
    warning = "0"
    %s
}
"""


def virtual(keys):
    return Daemon(VIRTUAL % ("modem", 'warning = "0" ' + keys) + VIRTUAL.replace("line:other", "busy") %
                  ("other", ""))


def dialled(daemon, number="1"):
    client = ComPort(daemon.port("modem"))
    client.send(b"ATD" + number.encode() + b"\r")
    client.expect(b"CONNECT")
    client.modem_state(DCD, DCD)
    return client


def until_cut(client, deadline=10):
    """Seconds until CUT idle; what the line says meanwhile is read."""
    start = time.monotonic()
    client.answer(SIGNATURE, deadline, wanted=lambda t: t == b"CUT idle")
    return time.monotonic() - start


class Talker:
    """The far end of a serial line that says something ten times a second."""

    def __init__(self, tty):
        self.tty, self.stop = tty, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stop.wait(0.1):
            self.tty.read()
            try:
                os.write(self.tty.master, b"temperature 21\r\n")
            except BlockingIOError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(5)


def on_tty(kind, keys):
    tty = FakeModem() if kind == "modem" else FakeTty()
    quick = QUICK if kind == "modem" else 'hangup-time = "100ms"'
    daemon = Daemon(TTY % (tty.path, kind, f"{quick} {keys}"), env=tty.env())
    daemon.wait_log("event=line-ready")
    return tty, daemon


def owner(daemon):
    client = ComPort(daemon.port("line1"))
    client.send(b"x")
    daemon.wait_log("event=claim-start")
    return client


def listened(client, seconds):
    """Takes what comes for so long; was it cut?"""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not client.ended:
        client.read(end - time.monotonic())
    return (SIGNATURE, b"CUT idle") in client.answers


# --- activity


def test_activity_client():
    """A line that talks keeps nobody alive."""
    tty, daemon = on_tty("console", 'inactivity = "1s" activity = "client"')
    with Talker(tty):
        assert until_cut(owner(daemon)) < 3


def test_activity_both():
    """Whoever only listens has the line as long as it talks, and then no longer."""
    tty, daemon = on_tty("console", 'inactivity = "1s"')
    client = owner(daemon)
    with Talker(tty):
        assert not listened(client, 3)
    assert 0.7 < until_cut(client) < 3


def test_activity_auto_without_a_call():
    """A modem that says RING for ever is no reason to keep it."""
    tty, daemon = on_tty("modem", 'inactivity = "1s"')
    with Talker(tty):
        assert until_cut(owner(daemon)) < 3


def test_activity_auto_in_a_call():
    """There the line counts too, but only for 4 x inactivity-in-call after the client has sent something."""
    tty, daemon = on_tty("modem", 'inactivity = "1s" inactivity-in-call = "1s"')
    client = owner(daemon)
    tty.call()
    client.modem_state(DCD, DCD)
    start = time.monotonic()
    with Talker(tty):
        client.answer(SIGNATURE, 12, wanted=lambda t: t == b"CUT idle")
    assert 3.5 < time.monotonic() - start < 8, time.monotonic() - start


def test_a_stuck_line_is_no_activity():
    """What a client sends and the line does not take keeps nothing."""
    tty, daemon = on_tty("console", 'inactivity = "2s"')
    client = owner(daemon)
    assert tty.read(1) == b"x"
    tty.stuck()
    start = time.monotonic()
    client.sock.settimeout(0.2)
    while not client.ended and time.monotonic() - start < 10:
        try:
            client.send_raw(b"anybody there? ")
        except OSError:
            pass
        client.read(0.1)
    assert (SIGNATURE, b"CUT idle") in client.answers, client.describe()
    assert time.monotonic() - start < 5
    tty.unstick()
    daemon.wait_log("event=line-ready", after=[i for i, l in enumerate(daemon.log) if "claim-end" in l][0])


def test_modem_lines_are_no_activity():
    tty, daemon = on_tty("modem", 'inactivity = "2s"')
    client, start = owner(daemon), time.monotonic()
    while not client.ended and time.monotonic() - start < 10:
        tty.set_inputs(dsr=int(time.monotonic() * 10) % 2)
        client.read(0.05)
    assert 1.5 < time.monotonic() - start < 5
    assert len([1 for c, _ in client.answers if c == MODEMSTATE]) > 3


# --- calls of a modem whose carrier tells nothing


def blind(keys):
    """An owner who has dialled on a modem whose DCD is always on."""
    tty = FakeModem(carrier_on=True)
    tty.set_inputs(dcd=True)
    daemon = Daemon(TTY % (tty.path, "modem", f"{QUICK} {keys}"), env=tty.env())
    daemon.wait_log("event=line-ready")
    client = ComPort(daemon.port("line1"))
    client.send(b"ATDT5551230\r")
    wait_for(lambda: "ATDT5551230" in tty.lines())
    return tty, daemon, client


def test_a_call_is_told_by_its_results():
    tty, daemon, client = blind('inactivity = "1s" inactivity-in-call = "9s" after-call = "1s"')
    assert not listened(client, 2)  # it dials
    tty.write(b"\r\nCONNECT 9600\r\n")
    client.expect(b"9600\r\n")
    assert not listened(client, 2)
    tty.write(b"\r\nNO CARRIER\r\n")
    client.expect(b"NO CARRIER\r\n")
    assert until_cut(client) < 3.5
    daemon.wait_log('why="idle" number=5551230 result="CONNECT 9600" call-seconds=[23]')


def test_dialling_ends_with_its_result():
    tty, daemon, client = blind('inactivity = "1s"')
    assert not listened(client, 2)
    tty.write(b"\r\nBUSY\r\n")
    client.expect(b"BUSY\r\n")
    assert until_cut(client) < 3
    daemon.wait_log('why="idle" number=5551230 result="BUSY" call-seconds=0')


def test_dtr_ends_a_call():
    tty, daemon, client = blind('inactivity = "1s" inactivity-in-call = "1h" after-call = "1s"')
    tty.write(b"\r\nCONNECT\r\n")
    client.expect(b"CONNECT\r\n")
    assert not listened(client, 2)
    client.request(CONTROL, 9)  # DTR off
    assert until_cut(client) < 3


# --- calls of the virtual modem


def test_in_a_call_its_own_limit_holds():
    daemon = virtual('inactivity = "1s" inactivity-in-call = "3s"')
    took = until_cut(dialled(daemon))
    assert 2.5 < took < 4.5, took
    daemon.wait_log(r'event=claim-end line=modem .* why="idle"')
    again = dialled(daemon)  # the call has ended with the claim
    again.send(b"hello")
    again.expect(b"hello")


def test_after_a_call():
    """after-call counts from the call's end, until the client sends; then inactivity."""
    daemon = virtual('inactivity = "4s" after-call = "1s"')
    client = callee_hangs_up(daemon)
    took = until_cut(client)
    assert 0.6 < took < 2.5, took
    client = callee_hangs_up(daemon)
    client.send(b"AT\r")
    client.expect(b"OK")
    took = until_cut(client)
    assert 3.2 < took < 6, took


def callee_hangs_up(daemon):
    """An owner of "modem" whose call to the other modem has just been ended there."""
    client, other = ComPort(daemon.port("modem")), ComPort(daemon.port("other"))
    other.send(b"AT\r")
    other.expect(b"OK")
    client.send(b"ATD2\r")
    other.expect(b"RING")
    other.send(b"ATA\r")
    client.expect(b"CONNECT")
    other.close()
    client.expect(b"NO CARRIER")
    client.modem_state(DCD, 0)
    return client


def test_dialling_is_not_idle():
    """The other modem rings and nobody answers: no limit applies, until the modem gives up."""
    daemon = virtual('inactivity = "1s" after-call = "1s"')
    client, other = ComPort(daemon.port("modem")), ComPort(daemon.port("other"))
    other.send(b"AT\r")
    other.expect(b"OK")
    client.send(b"ATS7=4DT2\r")
    start = time.monotonic()
    client.expect(b"NO", 10)
    assert time.monotonic() - start > 3
    assert until_cut(client) < 4


def test_the_limit_ends_a_call():
    daemon = virtual('session-limit = "3s" inactivity = "1h"')
    client = dialled(daemon)
    client.send(b"ping")
    client.answer(SIGNATURE, 6, wanted=lambda t: t == b"CUT limit")
    text = client.expect_end(5)
    assert text.endswith(b"NO CARRIER\r\nmodem: session limit of 3s reached\r\n"), text
    assert client.answers[-2] == (MODEMSTATE, 0), client.answers[-4:]


def test_a_reset_virtual_modem():
    """What one owner set in it, the next does not find: &F, whatever &D says."""
    daemon = virtual("")
    first = ComPort(daemon.port("modem"))
    first.send(b"ATE0V0S0=5S7=9&D0&C0\r")
    first.expect(b"0\r")
    first.send(b"ATD1\r")
    first.expect(b"1\r")
    first.reset()
    wait_for(lambda: any("event=claim-end line=modem" in l for l in daemon.log), 5)
    second = ComPort(daemon.port("modem"))
    assert second.request(BAUDRATE, 0) == 115200
    second.send(b"ATS0?S7?\r")
    second.expect(b"ATS0?S7?\r", 5)
    second.expect(re.compile(rb"000\r\n\s*050\r\n\s*OK\r\n"), 5)


def test_a_virtual_modem_forgets_what_was_stored():
    daemon = virtual("")
    first = ComPort(daemon.port("modem"))
    first.send(b"ATE0S7=9&W&W1\r")
    first.expect(b"OK\r\n")
    first.send(b"ATZ1S7?\r")
    first.expect(b"OK\r\n")
    first.send(b"ATS7?\r")
    first.expect(b"009\r\n")
    first.reset()
    wait_for(lambda: any("event=claim-end line=modem" in l for l in daemon.log), 5)
    second = ComPort(daemon.port("modem"))
    for profile in (b"ATZ0\r", b"ATZ1\r"):
        second.send(profile)
        second.expect(b"OK\r\n")
        second.send(b"ATS7?\r")
        second.expect(b"050\r\n")
