"""One machine a line: what comes while it opens, closes, waits or is handed over finds it as it is."""
import os
import re
import subprocess
import time

from control import ask, line, start as tool_start, wait_state
from fakemodem import QUICK, FakeModem, quick
from harness import BAUDRATE, ComPort, Daemon, Telnet, bound, wait_for
from test_host import lock_file, refused
from ttyshim import HANG_CLOSE, HANG_IOCTL, OPENED, FakeTty, Shim

CONSOLE = 'line "c" {{ device = "{}" kind = "console" {} listen = {{ "127.0.0.1:0" }} }}\n'
MODEM = CONSOLE.replace("console", "modem").replace('"c"', '"m1"')


def configure(daemon, text):
    """Another configuration behind the lines that are the harness's."""
    with open(daemon.path, encoding="utf-8") as f:
        head = f.read().split('line "', maxsplit=1)[0]
    with open(daemon.path, "w", encoding="utf-8") as f:
        f.write(head + text)
    return ask(daemon, "reload")


def descriptors(daemon):
    """The ttys that the daemon has open."""
    folder = f"/proc/{daemon.pid}/fd"
    return sorted(link for link in (os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)) if "pts" in link)


# --- what was not carried out is not done


def test_reloads_while_the_driver_hangs():
    """However often it is reloaded: nobody gets the line before the driver has done what was asked of it."""
    tty = FakeTty()
    text = CONSOLE.format(tty.path, "speed = 9600")
    daemon = Daemon(text, env=tty.env())
    daemon.wait_log("event=line-ready line=c")
    client = ComPort(daemon.port("c"))
    assert client.request(BAUDRATE, 1200) == 1200
    seen = len(daemon.log)
    tty.hang(HANG_IOCTL)
    client.close()
    daemon.wait_log("event=claim-end", after=seen)
    second = ComPort(daemon.port("c"))
    second.send(b"hello")
    for _ in range(4):
        configure(daemon, text)
        assert line(daemon, "c")["state"] == "hand-over"
    assert not [l for l in daemon.log[seen:] if "event=line-ready" in l or "event=claim-start" in l]
    mark = tty.mark()
    tty.hang(0)
    assert tty.read(5) == b"hello"
    assert tty.settings().baud == 9600, tty.events(since=mark)


def test_reloads_do_not_begin_it_anew():
    """A reload that changes nothing of it does not lengthen a hand-over."""
    modem = FakeModem()
    text = MODEM.format(modem.path, quick(settle_time="2s"))
    daemon = Daemon(text, env=modem.env())
    daemon.wait_log("event=line-ready line=m1", 20)
    seen, commands = len(daemon.log), len(modem.commands)
    client = ComPort(daemon.port("m1"))
    client.send(b"AT\r")
    client.expect(b"OK")
    client.close()
    daemon.wait_log("event=claim-end", after=seen)
    seen, begun = len(daemon.log), time.monotonic()
    while not [l for l in daemon.log[seen:] if "event=line-ready" in l]:
        configure(daemon, text)
        assert time.monotonic() - begun < 10, "it never ends"
        time.sleep(0.5)  # between two reloads
    assert [l for _, l in modem.commands[commands:]].count("AT&F") == 1, "once"


# --- one that has not begun


def successor(how):
    """The line before it is still being closed; what is asked of it waits, or is refused; then it begins once."""
    shim = Shim()
    first, second = FakeTty("ttyMS0", shim), FakeTty("ttyMS1", shim)
    daemon = Daemon(CONSOLE.format(first.path, ""), env=shim.env())
    daemon.wait_log("event=line-ready line=c")
    first.hang(HANG_CLOSE)
    configure(daemon, CONSOLE.format(second.path, ""))
    seen = len(daemon.log)
    how(daemon)
    assert not second.is_open() and not second.events(OPENED)
    first.hang(0)
    daemon.wait_log("event=line-ready line=c", after=seen)
    client = ComPort(daemon.port("c"))
    assert client.request(BAUDRATE, 1200) == 1200
    client.send(b"still mine?")
    assert second.read(11) == b"still mine?"
    assert len(second.events(OPENED)) <= 2, "libserialport's and ours, once"
    assert len(descriptors(daemon)) == 1 and second.settings().baud == 1200
    daemon.stop()


def test_a_test_before_it_has_begun():
    successor(lambda daemon: ask(daemon, "test", "c", status=1))


def test_disabled_and_enabled_before_it_has_begun():
    def how(daemon):
        ask(daemon, "disable", "c")
        ask(daemon, "enable", "c")
    successor(how)


def test_disabled_stays_disabled():
    """Also where a reload makes it another line, and when it has begun."""
    shim = Shim()
    first, second = FakeTty("ttyMS0", shim), FakeTty("ttyMS1", shim)
    daemon = Daemon(CONSOLE.format(first.path, ""), env=shim.env())
    daemon.wait_log("event=line-ready line=c")
    ask(daemon, "disable", "c")
    wait_state(daemon, "c", "disabled")
    configure(daemon, CONSOLE.format(second.path, ""))
    wait_state(daemon, "c", "disabled")
    daemon.wait_log("event=line-removed line=c")
    assert line(daemon, "c")["reason"] == "disabled by the administrator" and not second.events(OPENED)
    assert "disabled by the administrator" in refused(daemon, "c")
    ask(daemon, "enable", "c")
    wait_state(daemon, "c", "free")
    assert second.is_open()


# --- a bell


def test_one_bound_of_one_that_rings():
    """Status and who waits read the same: that it rings, and when it is free at the latest, which is 3 minutes for the
    bell and what a hand-over may take then."""
    modem = FakeModem()
    text = MODEM.format(modem.path, QUICK)
    daemon = Daemon(text, env=modem.env())
    daemon.wait_log("event=line-ready line=m1", 20)
    modem.ring()
    daemon.wait_log("event=ringing line=m1")
    told = Telnet(daemon.port("m1")).expect(
        re.compile(rb"m1 is ringing; free in (\d+)m(?:(\d+)s)? at the latest"))
    told = 60 * int(told.group(1)) + int(told.group(2) or 0)
    shown = line(daemon, "m1")
    assert shown["state"] == "ringing" and told - 3 < shown["ready-in"] < told + 3, (shown, told)
    assert 180 < told < bound(text), (told, bound(text))


# --- why


def test_a_test_that_a_reload_ends():
    shim = Shim()
    modem, other = FakeModem("ttyMS0", shim), FakeModem("ttyMS1", shim)
    daemon = Daemon(MODEM.format(modem.path, quick(settle_time="5s")), env=shim.env())
    daemon.wait_log("event=line-ready line=m1", 20)
    test = tool_start(daemon, "test", "m1", stderr=subprocess.PIPE, text=True)
    wait_state(daemon, "m1", "hand-over")
    configure(daemon, MODEM.format(other.path, QUICK))
    said = test.communicate(timeout=10)[1]
    assert test.returncode == 1 and said == "modemshare: the configuration changed\n", said


# --- others on this host


def test_a_lock_between_two_looks():
    """Somebody had the modem, however shortly: it gets the whole way, not the probe of one that nobody touched."""
    modem = FakeModem()
    daemon = Daemon(MODEM.format(modem.path, f"{QUICK} host-sharing = true"), env=modem.env())
    daemon.wait_log("event=line-ready", 20)
    path = lock_file(daemon, modem)
    wait_for(lambda: not modem.is_open() and not os.path.exists(path), 5)
    before = len(modem.commands)
    made = path + ".made"
    with open(made, "w", encoding="ascii") as f:
        f.write(f"{os.getpid():10d}\n")
    os.link(made, path)
    os.unlink(path)
    client = ComPort(daemon.port("m1"))
    client.send(b"hi")
    modem.read_until(b"hi", 20)
    assert "AT&F" in [l for _, l in modem.commands[before:]]


def test_a_stranger_without_a_lock_file():
    """Nothing tells of him but that it cannot be opened: the line is out of service until it can, and does not
    come and go meanwhile."""
    modem = FakeModem()
    daemon = Daemon(MODEM.format(modem.path, f"{QUICK} host-sharing = true"), env=modem.env())
    daemon.wait_log("event=line-ready", 20)
    wait_for(lambda: not modem.is_open() and not os.path.exists(lock_file(daemon, modem)), 5)
    modem.lock()
    assert "in use by " in refused(daemon, "m1")
    seen, states, end = len(daemon.log), set(), time.monotonic() + 5
    while time.monotonic() < end:
        states.add(line(daemon, "m1")["state"])
    assert len(states) == 1 and "free" not in states, states
    assert not [l for l in daemon.log[seen:] if "line-ready" in l or "line-out" in l]
    modem.lock(False)
    wait_state(daemon, "m1", "free", 10)
    client = ComPort(daemon.port("m1"))
    client.send(b"hi")
    modem.read_until(b"hi", 20)
