"""Unplugged and plugged in again, in every state of a line: the owner is told within a second, nobody who claims hangs, the
line comes back by its configured link whatever node it gets, clean."""
import os
import time

from harness import ComPort, Daemon, SIGNATURE, Telnet, bound, wait_for
from fakemodem import QUICK, FakeModem
from ttyshim import CLOSED, HANG_CLOSE, FakeTty, Shim

CONSOLE = 'line "l1" {\n device = "%s"\n kind = "console"\n listen = { "127.0.0.1:0" }\n %s\n}\n'
MODEM = CONSOLE.replace("console", "modem")
SOON = 3  # s from plugging in to free, beside the hand-over: inotify, or the look each second


def start(tty, keys="", text=CONSOLE, ready=True):
    daemon = Daemon(text % (tty.path, keys), env=tty.env())
    if ready:
        daemon.wait_log("event=line-ready", 20)
    return daemon


def owner(daemon, tty, deadline=10):
    client = ComPort(daemon.port("l1"))
    client.send(b"hi")
    assert tty.read(2, deadline) == b"hi"
    return client


def back(daemon, tty, deadline=SOON):
    """Plugged in again: the seconds until somebody else has it."""
    seen = len(daemon.log)
    begun = time.monotonic()
    tty.replug()
    daemon.wait_log("event=line-ready", deadline, after=seen)
    owner(daemon, tty).close()
    return time.monotonic() - begun


def test_missing_at_start():
    tty = FakeTty()
    tty.unplug()
    daemon = start(tty, ready=False)
    daemon.wait_log('event=line-out line=l1 reason="no device"')
    client = ComPort(daemon.port("l1"))
    client.send(b"x")
    assert client.expect_end(6) == b"NO DIALTONE\r\nl1 is out of service: no device\r\n"
    back(daemon, tty)


def test_while_free():
    tty = FakeTty()
    daemon = start(tty)
    mark = tty.mark()
    tty.unplug()
    daemon.wait_log('event=line-out line=l1 reason="device gone"', 2)
    wait_for(lambda: tty.events(CLOSED, mark), 2, "the old descriptor is closed at once")
    Telnet(daemon.port("l1")).expect(b"l1: out of service: ")
    back(daemon, tty)


def test_while_the_old_one_is_still_being_closed():
    """What is plugged in then is another device: the late close of the old one does nothing to it."""
    tty = FakeTty()
    daemon = start(tty)
    tty.hang(HANG_CLOSE)
    tty.unplug()
    wait_for(lambda: tty.ctl.hanging, 5, "it is being closed")
    seen = len(daemon.log)
    tty.replug()
    tty.hang(0)
    daemon.wait_log("event=line-ready", SOON, after=seen)
    assert tty.ctl.opens == 1 and tty.outputs().dtr, tty.ctl.opens
    owner(daemon, tty).close()


def test_while_owned():
    tty = FakeTty()
    daemon = start(tty)
    client = owner(daemon, tty)
    mark = tty.mark()
    begun = time.monotonic()
    tty.unplug()
    client.answer(SIGNATURE, 2, wanted=lambda t: t == b"CUT gone")
    text = client.until(lambda: b"device" in client.data and bytes(client.data), 2)
    assert time.monotonic() - begun < 1, "told within a second"
    assert text.startswith(b"\r\nNO CARRIER\r\n"), text
    assert not tty.events(CLOSED, mark) or tty.events(CLOSED, mark)[0].seconds - begun < 1
    daemon.wait_log(r'event=claim-end line=l1 .* why="gone"')
    back(daemon, tty)


def test_while_handed_over():
    """A console's: it is not waited for."""
    tty = FakeTty()
    daemon = start(tty, 'hangup-time = "2s"', ready=False)
    client = ComPort(daemon.port("l1"))
    client.send(b"x")
    wait_for(tty.is_open)
    tty.unplug()
    assert b"NO DIALTONE" in client.expect_end(6)
    back(daemon, tty, SOON + 3)


def test_while_it_rings():
    modem = FakeModem()
    daemon = start(modem, QUICK, MODEM)
    modem.ring()
    daemon.wait_log("event=ringing")
    modem.unplug()
    daemon.wait_log("event=line-out line=l1")
    back(daemon, modem)


def test_while_in_quarantine():
    modem = FakeModem(mute=True)
    daemon = start(modem, QUICK + ' retest = "60s" attempts = 1', MODEM, ready=False)
    daemon.wait_log("event=quarantine", 20)
    modem.unplug()
    daemon.wait_log('event=line-out line=l1 reason="device gone"', 2)
    modem.faults.clear()
    back(daemon, modem, SOON + 3)


def test_while_others_on_this_host_may_have_it():
    modem = FakeModem()
    daemon = start(modem, QUICK + " host-sharing = true", MODEM)
    wait_for(lambda: not modem.is_open(), 5)
    modem.unplug()
    client = ComPort(daemon.port("l1"))
    client.send(b"x")
    assert b"NO DIALTONE\r\nl1 is out of service: no device" in client.expect_end(6)
    seen = len(daemon.log)
    modem.replug()
    daemon.wait_log("event=line-ready", 10, after=seen)
    owner(daemon, modem)


def test_while_it_waits_for_a_driver():
    """Pulled out in the midst of a call that hangs: the driver lets go, and it comes back."""
    from ttyshim import HANG_IOCTL
    tty = FakeTty()
    daemon = start(tty)
    client = owner(daemon, tty)
    tty.hang(HANG_IOCTL)
    client.fin()
    wait_for(lambda: tty.ctl.hanging > 0, 5)
    tty.unplug()
    daemon.wait_log("event=line-out line=l1", 10)
    tty.hang(0)
    back(daemon, tty, 10)


def test_found_by_its_link_whatever_node_it_gets():
    shim = Shim()
    first = FakeTty("ttyMS0", shim)
    path = shim.link("usb-Acme_Modem_123-if00", "ttyMS0")
    daemon = Daemon(CONSOLE % (path, ""), env=shim.env())
    daemon.wait_log("event=line-ready")
    first.unplug()
    shim.unlink("usb-Acme_Modem_123-if00")
    daemon.wait_log("event=line-out")
    second = FakeTty("ttyMS7", shim)
    seen = len(daemon.log)
    shim.link("usb-Acme_Modem_123-if00", "ttyMS7")
    daemon.wait_log("event=line-ready", SOON, after=seen)
    owner(daemon, second)
    locks = os.listdir(os.path.join(daemon.directory, "lock"))
    link = "usb-Acme_Modem_123-if00"
    assert sorted(locks) == [f"LCK..serial_by-id_{link}", "LCK..ttyMS7", f"LCK..{link}"], locks


def test_again_and_again():
    tty = FakeTty()
    daemon = start(tty)
    for _ in range(5):
        client = owner(daemon, tty)
        tty.unplug()
        client.expect_end(4)
        back(daemon, tty)
    open_files = os.listdir(f"/proc/{daemon.pid}/fd")
    assert len(open_files) < 40, open_files


def test_the_bound_holds():
    """From the moment it is plugged in, as -n prints it for the worst hand-over."""
    modem = FakeModem()
    keys = QUICK + ' inactivity = "1s" after-call = "1s" inactivity-in-call = "1s" warning = "0"'
    within = bound(MODEM % (modem.path, keys))
    daemon = start(modem, keys, MODEM)
    client = owner(daemon, modem)
    modem.unplug()
    client.expect_end(4)
    assert back(daemon, modem, within) <= within
