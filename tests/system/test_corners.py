"""Corners of a session: what two things at once, in the wrong moment, must not break."""
import os
import subprocess
import tempfile
import textwrap
import threading
import time

from harness import (AYT, BAUDRATE, COMPORT, CONTROL, Client, ComPort, Daemon, IAC, MODEMSHARED, MODEMSTATE,
                     NOP, PURGE, RESUME, SIGNATURE, SUSPEND, Telnet, WILL, daemon_environment, wait_for)
from fakemodem import QUICK, FakeModem, quick
from ttyshim import HANG_IOCTL


def line(keys="", name="con", kind="console", device="loopback"):
    return textwrap.dedent(f"""\
        line "{name}" {{
            device = "{device}"
            kind = "{kind}"
            listen = {{ "127.0.0.1:0" }}
            {keys}
        }}
        """)


def test_a_purge_while_suspended_does_not_end_the_reading():
    """The room for answers to a suspended client is not counted from data that a purge drops."""
    daemon = Daemon(line())
    client = ComPort(daemon.port("con"), rcvbuf=4096)
    for _ in range(24):  # it comes back, and what the kernel does not take stays in the daemon
        client.send_raw(bytes(4096))
        time.sleep(0.02)
    mark = len(client.subs)
    client.command(SUSPEND)
    client.command(PURGE, 1)
    time.sleep(2.5)  # behind data that the line does not take it waits for 2 s at most
    client.command(RESUME)
    assert client.answer(PURGE, 10, mark) == 1


def test_every_answer_comes_to_who_reads_late():
    """What is answered later is counted when room for answers is looked for (R16, R26)."""
    n = 40000
    daemon = Daemon(line())
    client = Client(daemon.port("con"), rcvbuf=4096)
    commands = (ComPort.frame(SIGNATURE) + ComPort.frame(CONTROL, 4)) * n
    commands = bytes([IAC, WILL, COMPORT]) + ComPort.frame(CONTROL, 8) + commands + ComPort.frame(BAUDRATE, 0)
    threading.Thread(target=client.send_raw, args=[commands], daemon=True).start()
    time.sleep(1)  # as much is sent as is taken from somebody who reads nothing
    last = b"\xff\xfa\x2c\x65\x00\x01\xc2\x00\xff\xf0"
    client.until(lambda: client.data.endswith(last), 30, "the last answer")
    assert client.data.count(b"\xff\xfa\x2c\x69\x06\xff\xf0") == n
    assert client.data.count(b"\xff\xfa\x2c\x64") == n


def test_a_daemon_without_standard_descriptors():
    """No client and no device may get their numbers."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(line())
        process = subprocess.Popen([MODEMSHARED, "-f", path], env=daemon_environment(),
                                   preexec_fn=lambda: os.closerange(0, 3))
        try:
            fds = f"/proc/{process.pid}/fd"
            wait_for(lambda: any(target(fds, fd).startswith("socket:") for fd in os.listdir(fds)))
            assert [target(fds, fd) for fd in "012"] == ["/dev/null"] * 3
        finally:
            process.terminate()
            assert process.wait(10) == 0


def target(fds, fd):
    try:
        return os.readlink(os.path.join(fds, fd))
    except FileNotFoundError:
        return ""


def test_a_crowd_of_questions_does_not_delay_an_owner():
    """Clients that only agree to COM-PORT ask the port for its state; that must not take the place of
    what an owner wants done."""
    tty = FakeModem()
    daemon = Daemon(line(QUICK, kind="modem", device=tty.path), env=tty.env())
    daemon.wait_log("event=line-ready")
    tty.hang(HANG_IOCTL)
    crowd = [Telnet(daemon.port("con")) for _ in range(12)]
    for one in crowd:
        one.negotiate(WILL, COMPORT)
        one.send_raw([IAC, AYT])
        one.until(lambda one=one: (NOP,) in one.commands, 10, "NOP")
    client = ComPort(daemon.port("con"))
    client.command(BAUDRATE, 9600)
    daemon.wait_log("event=claim-start")
    tty.hang(0)
    assert client.answer(BAUDRATE) == 9600
    assert tty.settings().baud == 9600


def test_what_waits_can_be_purged():
    daemon = Daemon(line('hangup-time = "1s"'))
    client = ComPort(daemon.port("con"))
    client.send(b"old")
    client.command(PURGE, 2)
    client.send(b"new")
    assert client.take(3) == b"new"


def test_a_purge_while_the_line_is_set_up():
    """Data that has waited too long for a modem is dropped once, not twice."""
    tty = FakeModem()
    daemon = Daemon(line(quick(hangup_time="11s"), kind="modem", device=tty.path), env=tty.env())
    client = ComPort(daemon.port("con"))
    client.send(b"old" * 50)
    time.sleep(10)  # it is stale at the grant
    for _ in range(100):  # a slow driver, so that some purges come between the grant and its end
        tty.hang(HANG_IOCTL)
        client.command(PURGE, 2)
        time.sleep(0.03)
        tty.hang(0)
        time.sleep(0.002)
    client.send(b"new")
    assert tty.read(3) == b"new"


def test_a_break_of_a_waiter_is_begun_at_the_grant():
    daemon = Daemon(line('hangup-time = "1s"'))
    client = ComPort(daemon.port("con"))
    assert client.request(CONTROL, 5) == 5
    client.send(b"a")
    client.expect(b"a")
    assert client.request(CONTROL, 4) == 5


def test_who_is_cut_sees_no_carrier_any_more():
    daemon = Daemon(line('inactivity = "1s" warning = "0"'))
    client = ComPort(daemon.port("con"))
    client.send(b"a")
    client.answer(SIGNATURE, wanted=lambda text: text == b"CUT idle")
    client.received_now()
    assert client.request(MODEMSTATE) == 0


def test_a_call_that_came_before_the_claim():
    tty = FakeModem()
    keys = QUICK + ' inactivity = "1s" inactivity-in-call = "1h" warning = "0"'
    daemon = Daemon(line(keys, kind="modem", device=tty.path), env=tty.env())
    daemon.wait_log("event=line-ready")
    tty.set_inputs(dcd=True)
    client = ComPort(daemon.port("con"))
    client.send(b"x")
    tty.read(1)
    client.expect_nothing(2.5)
