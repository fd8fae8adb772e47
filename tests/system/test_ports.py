"""What a line takes of its device, and gives back: descriptors, locks, TIOCEXCL."""
import os

from control import ask, wait_state
from harness import ComPort, Daemon, wait_for
from ttyshim import SP_LOCKS, FakeTty

CONSOLE = """\
line "%s" {
    device = "%s"
    kind = "console"
    listen = { "127.0.0.1:0" }
    %s
}
"""


def console(device, keys="", name="con"):
    return CONSOLE % (name, device, keys)


def descriptors(daemon, device):
    """How many of the daemon's lead to this device."""
    found = 0
    for fd in os.listdir(f"/proc/{daemon.pid}/fd"):
        try:
            found += os.readlink(f"/proc/{daemon.pid}/fd/{fd}") == device
        except FileNotFoundError:
            pass
    return found


def talk(daemon, tty, name="con"):
    client = ComPort(daemon.port(name))
    client.send(b"hi")
    assert tty.read(2) == b"hi"
    client.close()


# --- libserialport, which locks a port itself from 0.1.2 on


def closed_and_opened_again(flags):
    tty = FakeTty(flags=flags)
    pts = os.ttyname(tty.slave)
    daemon = Daemon(console(tty.path), env=tty.env())
    daemon.wait_log("event=open .*library=yes")
    wait_state(daemon, "con", "free")
    for _ in range(3):
        assert descriptors(daemon, pts) == 1
        ask(daemon, "disable", "con")
        wait_state(daemon, "con", "disabled")
        assert descriptors(daemon, pts) == 0
        n = len(daemon.log)
        ask(daemon, "enable", "con")
        daemon.wait_log("event=open .*library=yes", 5, after=n)
        wait_state(daemon, "con", "free", 5)
    talk(daemon, tty)


def test_a_library_that_does_not_lock():
    closed_and_opened_again(0)


def test_a_library_that_locks():
    closed_and_opened_again(SP_LOCKS)
