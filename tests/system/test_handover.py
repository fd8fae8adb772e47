"""The way back of a line: what a hand-over leaves behind, and that nothing holds it up."""
import os
import select
import time

from control import ask, wait_state
from harness import (BAUDRATE, CONTROL, Client, ComPort, DCD, Daemon, SIGNATURE, pty_link,
                     wait_for)
from fakemodem import QUICK, FakeModem, quick
from ttyshim import CLOSED, FLUSHED, OUTPUTS, TIOCM_DTR, TIOCM_RTS, FakeTty

LINE = """\
line "line1" {
    device = "%s"
    kind = "%s"
    listen = { "127.0.0.1:0" }
    %s
}
"""


def start(keys, kind="modem"):
    tty = FakeModem() if kind == "modem" else FakeTty()
    daemon = Daemon(LINE % (tty.path, kind, keys), env=tty.env())
    daemon.wait_log("event=line-ready")
    return tty, daemon


def owner(daemon, tty):
    client = ComPort(daemon.port("line1"))
    client.send(b"hi")
    assert tty.read(2) == b"hi"
    return client


def ready_again(daemon, deadline=10):
    """Seconds until every claim has ended, and the hand-over after the last one too."""
    def at(event):
        return [i for i, l in enumerate(daemon.log) if f"event={event} " in l]
    begun = time.monotonic()
    wait_for(lambda: len(at("claim-end")) == len(at("claim-start")) > 0, deadline, "the end of the claim")
    daemon.wait_log("event=line-ready", deadline, after=at("claim-end")[-1])
    return time.monotonic() - begun


def test_signals_while_free():
    """DTR as configured and RTS on, whatever the owner left; a grant raises both."""
    for free in (True, False):
        tty, daemon = start(f'{QUICK} dtr-when-free = {str(free).lower()} flow = "none"')
        assert tty.outputs()[:2] == (free, True), tty.outputs()
        client = ComPort(daemon.port("line1"))
        assert client.request(CONTROL, 12) == 12  # claims, with DTR up
        assert tty.outputs()[:2] == (True, False), tty.outputs()
        client.close()
        ready_again(daemon)
        assert tty.outputs()[:2] == (free, True), tty.outputs()
        daemon.stop()


def test_a_board_is_not_reset():
    """hangup-time = 0: DTR does not move from one owner to the next, at the start and at the end."""
    for kind, keys in (("modem", quick(hangup_time="0")), ("console", 'hangup-time = "0"')):
        tty, daemon = start(keys, kind)
        mark = tty.mark()
        for _ in range(2):
            owner(daemon, tty).close()
            ready_again(daemon)
        assert all(e.value & TIOCM_DTR and e.value & TIOCM_RTS for e in tty.events(OUTPUTS, mark))
        daemon.stop()
        assert tty.outputs().dtr, tty.outputs()


def test_the_output_is_dropped_before_dtr_falls():
    """A modem that hangs up raises CTS, and would dial what is left."""
    tty, daemon = start(quick(hangup_time="200ms") + ' drain = "0s"')
    client = owner(daemon, tty)
    tty.stuck()
    client.send(b"ATD5551234\r")
    mark = tty.mark()
    client.reset()
    wait_for(lambda: not tty.outputs().dtr, 5, "DTR low")
    tty.unstick()
    ready_again(daemon)
    assert "ATD5551234" not in tty.lines() and b"ATD" not in tty.read()
    events = tty.events(since=mark)
    low = next(i for i, e in enumerate(events) if e.kind == OUTPUTS and not e.value & TIOCM_DTR)
    assert any(e.kind == FLUSHED for e in events[:low]), events
    owner(daemon, tty)


def test_a_line_that_takes_nothing_holds_nothing_up():
    """FIN behind data for a stuck line: seen, waited for as long as `drain` says, and the line handed over."""
    tty, daemon = start('hangup-time = "200ms" drain = "1s"', "console")
    client = owner(daemon, tty)
    tty.stuck()
    client.send(bytes(20000))
    client.fin()
    begun = time.monotonic()
    client.expect_end(10)
    ready_again(daemon)
    assert 0.8 < time.monotonic() - begun < 4, time.monotonic() - begun
    tty.unstick()
    again = owner(daemon, tty)  # and none of it comes out now
    assert again.request(BAUDRATE, 0) == 115200


def test_the_line_is_heard_to_the_end():
    """After the client's FIN, what the line says still reaches it, as long as its own data is on its way."""
    tty, daemon = start('drain = "5s"', "console")
    client = owner(daemon, tty)
    tty.ctl.outq = 100
    client.send(b"last question")
    client.fin()
    assert tty.read(13) == b"last question"
    tty.write(b"last answer")
    client.expect(b"last answer")
    tty.ctl.outq = 0
    assert client.expect_end(5, "fin") == b""


def test_the_end_does_not_wait_for_the_line():
    """Whoever ends the server does not wait for what a client has left for a stuck line, and DTR falls before the device
    is closed."""
    tty, daemon = start('hangup-time = "200ms" drain = "60s"', "console")
    client = owner(daemon, tty)
    tty.ctl.outq = 100
    client.send(b"bye")
    client.fin()
    assert tty.read(3) == b"bye"
    client.expect_nothing(0.3)  # it is seen, and the driver has been asked
    mark, begun = tty.mark(), time.monotonic()
    daemon.stop()
    assert time.monotonic() - begun < 3, time.monotonic() - begun
    kinds = [(e.kind, e.kind == OUTPUTS and not e.value & TIOCM_DTR) for e in tty.events(since=mark)]
    assert (OUTPUTS, True) in kinds[:kinds.index((CLOSED, False))], kinds
    assert not any("does not let go" in row for row in daemon.log)


def test_a_cut_does_not_wait_for_the_line():
    tty, daemon = start('hangup-time = "200ms" drain = "60s" inactivity = "1s" warning = "0"', "console")
    client = owner(daemon, tty)
    tty.stuck()
    client.send(bytes(5000))
    client.answer(SIGNATURE, 5, wanted=lambda t: t == b"CUT idle")
    assert ready_again(daemon) < 3
    assert client.expect_end(5).endswith(b"line1: nothing sent for 1s\r\n")
    tty.unstick()


def test_carrier_that_does_not_fall():
    """It tells of no call then: the limits without a call hold, and the log says so."""
    tty = FakeModem(carrier_on=True)
    tty.set_inputs(dcd=True)
    keys = QUICK + ' inactivity = "1s" inactivity-in-call = "1h" warning = "0"'
    daemon = Daemon(LINE % (tty.path, "modem", keys), env=tty.env())
    daemon.wait_log("event=line-ready")
    daemon.wait_log("event=carrier-untrusted line=line1")
    assert set(tty.read()) == {ord("+")}, "it was told to hang up"
    client = owner(daemon, tty)
    client.modem_state(DCD, DCD)
    client.answer(SIGNATURE, 4, wanted=lambda t: t == b"CUT idle")


def test_too_many_clients_in_all():
    keys = 'allow = { "127.0.0.0/8" } claim = "connect" busy = "queue"'
    daemon = Daemon("max-clients = 3\n" + LINE % ("loopback", "console", keys), services=["line1"])
    few = [Client(daemon.port("line1"), source=f"127.0.0.{i}") for i in range(2, 5)]
    for client in few:
        client.until(lambda c=client: c.data, 5, "an offer")
    for i in range(5, 9):
        said = Client(daemon.port("line1"), source=f"127.0.0.{i}").expect_end(5)
        assert said == b"BUSY\r\nline1 takes nobody any more for now: too many clients\r\n", said
    assert sum("event=turned-away" in l for l in daemon.log) == 1, "said once a second"
    few.pop().close()
    daemon.wait_log("event=disconnect")
    late = Client(daemon.port("line1"), source="127.0.0.9")
    late.until(lambda: late.data, 5, "an offer")


def test_an_xoff_ends_with_its_owner():
    """The device has stopped the last owner; the next one is not.  A pty itself: the shim's has no XOFF."""
    master, slave = os.openpty()
    device = pty_link(slave)
    os.close(slave)  # the daemon opens it for itself alone
    daemon = Daemon(LINE % (device, "console", 'flow = "xonxoff" hangup-time = "0" drain = "0s" cool-down = "0"'))
    daemon.wait_log("event=line-ready")

    def comes(text):
        client = ComPort(daemon.port("line1"))
        client.send(text)
        found = b""
        while not found.endswith(text):
            assert select.select([master], [], [], 5)[0], found
            found += os.read(master, 100)
        return client
    client = comes(b"hi")
    os.write(master, b"\x13")
    client.send(b"stopped")
    client.close()
    ready_again(daemon)
    comes(b"again")
    os.close(master)


def test_a_console_that_fails_is_tested_again_later():
    """Not at once: it has no key that says when, and was then tried without a pause."""
    tty, daemon = start('drain = "0s"', "console")
    no_threads = os.path.join(tty.shim.dir, "no-threads")
    client = Client(daemon.port("line1"))
    client.send(b"x")
    assert tty.read(1) == b"x"
    wait_for(lambda: len(os.listdir(f"/proc/{daemon.pid}/task")) <= 2, 10, "the port's worker has ended")
    with open(no_threads, "w", encoding="ascii"):
        pass
    client.close()
    for failures, seconds in ((1, "[01]"), (2, "[12]")):
        daemon.wait_log(rf"event=quarantine line=line1 failures={failures} seconds={seconds}\b")
    os.unlink(no_threads)
    ask(daemon, "test", "line1")
    assert wait_state(daemon, "line1", "free")["failures"] <= 3
    assert len([row for row in daemon.log if "event=quarantine" in row]) <= 3
    owner(daemon, tty).close()


def test_a_line_that_cannot_be_set_up_is_nobodys():
    """Its new owner hears why, and does not go on as if DTR were up and its queues empty."""
    tty, daemon = start('drain = "0s"', "console")
    wait_for(lambda: len(os.listdir(f"/proc/{daemon.pid}/task")) <= 2, 10, "the port's worker has ended")
    with open(os.path.join(tty.shim.dir, "no-threads"), "w", encoding="ascii"):
        pass
    client = Client(daemon.port("line1"))
    client.send(b"x")
    text = client.expect_end(10)
    assert b"the system has no thread for it" in text, text
    os.unlink(os.path.join(tty.shim.dir, "no-threads"))
    assert tty.read() == b""
    wait_state(daemon, "line1", "free")
    owner(daemon, tty).close()


def test_a_console_does_not_ring():
    """What it says while it is handed over is no call."""
    tty, daemon = start('hangup-time = "1s" drain = "0s" cool-down = "0"', "console")
    owner(daemon, tty).close()
    daemon.wait_log("event=claim-end ")
    tty.write(b"RING\r\n2\r\n")
    ready_again(daemon)
    client = ComPort(daemon.port("line1"))
    client.send(b"now")
    assert tty.read(3, 4) == b"now"


def test_who_waits_does_not_wait_twice():
    """Whoever is granted a line as it comes back finds its queues dropped, a moment ago, and what is in force
    known; what he wants otherwise is set, and the queues dropped behind that."""
    for free, rate, flushed in (("true", None, 4), ("false", None, 5), ("true", 300, 5)):
        tty, daemon = start(f'hangup-time = "200ms" drain = "0s" cool-down = "0" dtr-when-free = {free}', "console")
        first, mark = owner(daemon, tty), tty.mark()
        first.close()
        daemon.wait_log("event=claim-end ")
        tty.write(b"old")
        client = ComPort(daemon.port("line1"))
        if rate is not None:
            client.command(BAUDRATE, rate)
        client.send(b"next")
        assert tty.read(4) == b"next"
        tty.write(b"new")
        client.expect(b"new")
        assert len(tty.events(FLUSHED, mark)) == flushed, tty.events(since=mark)
        assert tty.outputs()[:2] == (True, True) and tty.settings()[0] == (rate or 115200)
        daemon.stop()
