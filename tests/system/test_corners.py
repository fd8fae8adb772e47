"""Corners of a session: what two things at once, in the wrong moment, must not break."""
import os
import subprocess
import tempfile
import textwrap
import threading
import time

from harness import (BAUDRATE, COMPORT, CONTROL, Client, ComPort, Daemon, IAC, MODEMSHARED, PURGE, RESUME,
                     SIGNATURE, SUSPEND, WILL, daemon_environment, wait_for)


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


class UnreadLog(Daemon):
    """Its log is read while `go` is set."""
    go = threading.Event()

    def _read(self):
        for text in self.process.stderr:
            self.log.append(text.decode().rstrip("\n"))
            self.go.wait()


def test_a_log_that_nobody_reads_stops_nothing():
    UnreadLog.go.set()
    daemon = UnreadLog(line())
    port = daemon.port("con")
    UnreadLog.go.clear()
    for _ in range(600):  # more than the pipe and the reader's buffer hold
        Client(port).reset()
    client = Client(port)
    client.send(b"abc")
    client.expect(b"abc")
    UnreadLog.go.set()
    client.close()
    daemon.wait_log(r"event=claim-end")
    lost = int(daemon.wait_log(r"event=log-lost lines=(\d+)").group(1))
    assert lost > 100, lost


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
