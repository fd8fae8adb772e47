"""Killed with SIGKILL and started again: nothing that was left behind keeps a line from being free, and clean."""
import os
import re
import time

from harness import ComPort, Daemon, bound, wait_for
from fakemodem import QUICK, FakeModem, quick
from ttyshim import FakeTty

LIMITS = ' inactivity = "1s" after-call = "1s" inactivity-in-call = "1h" warning = "0"'
LINE = ('lock-directory = "%s"\nline "l1" {\n device = "%s"\n kind = "%s"\n listen = { "127.0.0.1:0" }\n %s\n}\n')


def owner(daemon, tty):
    client = ComPort(daemon.port("l1"))
    client.send(b"hi")
    assert tty.read(2) == b"hi"
    return client


def killed(tty, kind, keys, while_owned):
    text = LINE % (tty.shim.dir, tty.path, kind, keys)
    first = Daemon(text, env=tty.env())
    first.wait_log("event=line-ready", 20)
    client = owner(first, tty)
    while_owned()
    first.kill()
    tty.ctl.opens = tty.ctl.exclusive = 0  # as the kernel does when the last descriptor goes
    client.expect_end(5)
    lock = os.path.join(tty.shim.dir, "LCK..ttyMS0")
    with open(lock, "rb") as f:
        assert f.read() == b"%10d\n" % first.pid, "what the dead one left"
    begun = time.monotonic()
    second = Daemon(text, env=tty.env())
    second.wait_log("event=line-ready", 20)
    took = time.monotonic() - begun
    with open(lock, "rb") as f:
        assert f.read() == b"%10d\n" % second.pid
    return second, took


def test_a_modem_in_a_call():
    modem = FakeModem()
    daemon, took = killed(modem, "modem", QUICK + LIMITS, modem.call)
    assert took < bound(LINE % (modem.shim.dir, modem.path, "modem", QUICK + LIMITS))
    assert not modem.in_call, "hung up before anybody gets it"
    before = len(modem.commands)
    client = ComPort(daemon.port("l1"))
    client.send(b"AT\r")
    client.expect(b"OK")
    assert [line for _, line in modem.commands[before:]] == ["AT"]


def test_a_modem_that_was_left_mute_and_strange():
    modem = FakeModem()

    def strange():
        modem.echo = modem.verbose = False
        modem.quiet = True
        modem.call()

    _, took = killed(modem, "modem", QUICK + LIMITS, strange)
    assert took < bound(LINE % (modem.shim.dir, modem.path, "modem", QUICK + LIMITS))
    assert modem.echo and modem.verbose and not modem.quiet


def test_a_console():
    tty = FakeTty()
    daemon, took = killed(tty, "console", "", lambda: tty.write(b"left over"))
    assert took < 5
    client = ComPort(daemon.port("l1"))
    client.send(b"x")
    assert tty.read(1) == b"x"
    tty.write(b"fresh")
    client.expect(b"fresh")


def test_killed_in_the_midst_of_a_hand_over():
    modem = FakeModem()
    keys = quick(settle_time="2s")
    text = LINE % (modem.shim.dir, modem.path, "modem", keys)
    for _ in range(3):
        first = Daemon(text, env=modem.env())
        wait_for(modem.is_open, 5)
        first.kill()
        modem.ctl.opens = modem.ctl.exclusive = 0
    last = Daemon(text, env=modem.env())
    last.wait_log("event=line-ready", 20)
    owner(last, modem)
    assert not re.search("event=unlocked", "\n".join(last.log))
