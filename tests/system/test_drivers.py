"""Drivers that keep output over a flush, as those of USB adapters do (4 to 16 KiB of it), and whose last close waits for that up
to 30 s: nothing of it is ever sent in the time of the next owner, and nobody waits so long."""
import os
import tempfile
import time

from control import ask, wait_state
from fakemodem import QUICK, FakeModem
from harness import Client, ComPort, Daemon, wait_for
from test_handover import LINE, owner, ready_again
from ttyshim import CLOSED, OUTPUTS, TIOCM_DTR, FakeTty

BOUND = 1  # s that a close takes at most; the tests allow four times that
DIAL = b"ATDT5551234\r"


def start(keys, kind="modem", top=""):
    tty = FakeModem() if kind == "modem" else FakeTty()
    daemon = Daemon(top + LINE % (tty.path, kind, keys), env=tty.env())
    daemon.wait_log("event=line-ready")
    return tty, daemon


def dialled(modem):
    return [line for line in modem.lines() if "5551234" in line]


# --- the last owner's bytes


def test_the_next_owner_s_bytes_are_his_own():
    """A console whose device takes nothing, and then again."""
    tty, daemon = start('drain = "0s" hangup-time = "0"', "console")
    client = owner(daemon, tty)
    tty.keep()
    mark = tty.mark()
    client.send(b"old" * 1000)
    wait_for(lambda: tty.ctl.outq == 3000, 5, "it is in the driver")
    client.reset()
    ready_again(daemon)
    daemon.wait_log("event=handover-reopen line=line1")
    again = ComPort(daemon.port("line1"))
    again.send(b"new")
    wait_for(lambda: tty.ctl.outq > 0, 5, "it is in the driver")
    assert tty.let_go() == 3
    again.send(b"er")
    assert tty.read(5) == b"newer"
    assert all(e.value & TIOCM_DTR for e in tty.events(OUTPUTS, mark)), "DTR stays"


def test_a_call_is_not_followed_by_what_was_under_way():
    """A modem takes the data of a call slowly, and its owner leaves: DTR hangs up, and what is still in the driver would be
    commands."""
    modem, daemon = start(QUICK + ' drain = "0s"')
    client = owner(daemon, modem)
    modem.call()
    modem.keep()
    mark = modem.mark()
    client.send(DIAL * 20)
    wait_for(lambda: modem.ctl.outq == 20 * len(DIAL), 5, "it is in the driver")
    client.reset()
    wait_for(lambda: not modem.outputs().dtr, 5, "DTR low")
    assert modem.let_go() == 0
    events = modem.events(since=mark)
    low = next(i for i, e in enumerate(events) if e.kind == OUTPUTS and not e.value & TIOCM_DTR)
    assert any(e.kind == CLOSED for e in events[:low]), events
    ready_again(daemon)
    assert not dialled(modem), modem.lines()


def test_a_modem_that_takes_nothing_dials_nothing_afterwards():
    """In quarantine nothing waits for it: neither what its owner has left nor the commands of the hand-over."""
    modem, daemon = start(QUICK + ' drain = "0s" attempts = 1 retest = "1s"')
    client = owner(daemon, modem)
    modem.keep()
    client.send(DIAL * 20)
    wait_for(lambda: modem.ctl.outq == 20 * len(DIAL), 5, "it is in the driver")
    client.reset()
    daemon.wait_log("event=quarantine line=line1", 30)
    assert modem.let_go() == 0
    daemon.wait_log("event=line-back line=line1", 30)
    assert not dialled(modem), modem.lines()


# --- a close


def left_with_output(keys='drain = "60s"', top=""):
    """A console, and a client with output in a driver whose device takes nothing."""
    tty, daemon = start(keys, "console", top)
    client = owner(daemon, tty)
    tty.keep()
    client.send(b"x" * 100)
    wait_for(lambda: tty.ctl.outq >= 100, 5, "it is in the driver")
    return tty, daemon, client


def judge(what, seconds):
    print(f"{what} with output that nobody takes: {seconds:.2f} s, bound {BOUND} s")
    assert seconds < 4 * BOUND, seconds


def test_disable_does_not_wait_for_the_driver():
    _, daemon, client = left_with_output()
    ask(daemon, "disable", "line1")
    begun = time.monotonic()
    ask(daemon, "kick", "line1")
    wait_state(daemon, "line1", "disabled")
    judge("disabled", time.monotonic() - begun)
    client.close()


def test_sigterm_does_not_wait_for_the_driver():
    """And no lock file is left."""
    with tempfile.TemporaryDirectory() as locks:
        _, daemon, client = left_with_output(top=f'lock-directory = "{locks}"\n')
        assert os.listdir(locks)
        begun = time.monotonic()
        daemon.stop()
        judge("the end of the daemon", time.monotonic() - begun)
        assert os.listdir(locks) == []
    client.close()


def test_host_sharing_does_not_wait_for_the_driver():
    tty, daemon, client = left_with_output('drain = "0s" host-sharing = true')
    begun = time.monotonic()
    client.reset()
    wait_for(lambda: not os.listdir(os.path.join(daemon.directory, "lock")), 40, "it is given back")
    judge("given back", time.monotonic() - begun)
    tty.let_go()
    again = Client(daemon.port("line1"))
    again.send(b"new")
    assert tty.read(3, 10) == b"new"
