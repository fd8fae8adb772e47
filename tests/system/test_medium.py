"""The directories of the daemon as they should not be: a state directory without locks, a read-only medium, a lock file that
cannot be removed.  The true error is told, once, and the lines are served."""
import ctypes
import os
import re

from control import ask, history, wait_state
from harness import ComPort, Daemon, wait_for
from test_history import own_disk
from ttyshim import FakeTty, Shim

LINE = """\
line "con" {
    device = "%s"
    kind = "console"
    session-limit = 12h
    listen = { "127.0.0.1:0" }
    %s
}
"""
MS_REMOUNT, MS_RDONLY = 32, 1


def speaks(daemon):
    client = ComPort(daemon.port("con"))
    client.send(b"hello")
    client.expect(b"hello")
    client.close()


def told(daemon, event):
    return [row for row in daemon.log if f"event={event} " in row]


def without_locks(what):
    shim = Shim()
    shim.fail(what)
    daemon = Daemon(LINE % ("loopback", ""), env=shim.env())
    error = daemon.wait_log('event=history-failed error="(.*)"').group(1)
    assert error == f"{daemon.directory}/state/history.db: No locks available", error
    for _ in range(3):
        speaks(daemon)
    assert error in ask(daemon, "history", status=1)[1]
    assert len(told(daemon, "history-failed")) == 1, "once"
    shim.fail(what, False)
    assert ask(daemon, "reload") == "the configuration is in force\n"
    daemon.wait_log("event=history-works")
    wait_for(lambda: len(history(daemon)) == 3, 10)
    daemon.stop()


def test_a_state_directory_without_flock():
    without_locks("no-flock")


def test_a_state_directory_without_locks():
    without_locks("no-locks")


def read_only():
    """A directory on a medium of this process and its children alone, which nobody can write to."""
    where = own_disk(1)
    os.mkdir(os.path.join(where, "lock"))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.mount(None, where.encode(), None, MS_REMOUNT | MS_RDONLY, None) == 0, ctypes.get_errno()
    return where


def test_a_read_only_medium():
    where = read_only()
    tty = FakeTty()
    daemon = Daemon(f'control-socket = "{where}/run/control"\nstate-directory = "{where}/state"\n'
                    f'lock-directory = "{where}/lock"\n' + LINE % (tty.path, ""), env=tty.env())
    why = '"Read-only file system"'
    daemon.wait_log(f'event=control-failed path="{where}/run/control" error={why}')
    daemon.wait_log(f'event=history-failed error="{where}/state/history.db: Read-only file system"')
    daemon.wait_log(f"event=unlocked line=con why={why}")
    client = ComPort(daemon.port("con"))
    for data in (b"one", b"two"):
        client.send(data)
        assert tty.read(len(data)) == data
    for event in ("control-failed", "history-failed", "unlocked"):
        assert len(told(daemon, event)) == 1, "once"


def test_a_lock_file_that_cannot_be_removed():
    tty = FakeTty()
    daemon = Daemon(LINE % (tty.path, ""), env=tty.env())
    wait_state(daemon, "con", "free")
    tty.shim.fail("kept-lock")
    path = os.path.join(daemon.directory, "lock", "LCK..ttyMS0")
    for _ in range(3):
        ask(daemon, "disable", "con")
        wait_state(daemon, "con", "disabled")
        with open(path, encoding="ascii") as f:
            assert int(f.read()) == daemon.pid
        ask(daemon, "enable", "con")
        wait_state(daemon, "con", "free")
    assert [re.sub(".*: event", "event", row) for row in told(daemon, "lock-left")] == [
        'event=lock-left line=con why="Operation not permitted"'], "once"
    tty.shim.fail("kept-lock", False)
    ask(daemon, "disable", "con")
    wait_state(daemon, "con", "disabled")
    wait_for(lambda: not os.path.exists(path), 5)
