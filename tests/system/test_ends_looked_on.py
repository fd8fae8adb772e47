"""What the end of the daemon leaves when somebody looks on, or a driver does not let go."""
import os
import sqlite3

from control import ask, socket_of, start
from harness import ComPort, Daemon, wait_for
from ttyshim import HANG_CLOSE, FakeTty

LINE = 'line "con1" {\n device = "%s"\n kind = "console"\n listen = { "127.0.0.1:0" }\n}\n'


def test_the_end_with_a_monitor():
    """It lets go of its line before the line goes."""
    daemon = Daemon(LINE % "loopback")
    daemon.wait_log("event=line-ready")
    path = os.path.join(daemon.directory, "out")
    monitor = start(daemon, "monitor", "con1", "--json", "--output", path)
    client = ComPort(daemon.port("con1"))

    def passes():
        client.send(b"x")
        client.expect(b"x")
        return os.path.exists(path) and os.path.getsize(path)
    wait_for(passes, 10)
    daemon.stop()
    assert monitor.wait(10) == 3


def test_a_driver_that_does_not_let_go():
    """The daemon ends all the same, and what it has on record is written."""
    tty = FakeTty()
    daemon = Daemon(LINE % tty.path, env=tty.env())
    daemon.wait_log("event=line-ready")
    client = ComPort(daemon.port("con1"))
    client.send(b"hi")
    tty.read_until(b"hi")
    assert ask(daemon, "history")
    tty.hang(HANG_CLOSE)
    daemon.process.terminate()
    assert daemon.end(15) == 0
    daemon.wait_log("a driver does not let go")
    assert not os.path.exists(socket_of(daemon))
    with sqlite3.connect(os.path.join(daemon.directory, "state", "history.db")) as db:
        rows = db.execute("SELECT ended IS NULL, why FROM calls").fetchall()
    db.close()
    assert len(rows) == 1 and not rows[0][0] and rows[0][1] != "daemon died", rows
    tty.hang(0)
