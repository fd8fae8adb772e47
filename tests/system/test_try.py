"""The first command of the README: it builds, serves, says how to call, and ends with Ctrl-C."""
import os
import pathlib
import random
import re
import signal
import socket
import subprocess

import harness
from harness import Client, ComPort, pty_link, run_daemon
from terminals import Terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRY = str(ROOT / "scripts" / "try")


def two_ports():
    """Two in a row that are free, and below those that the kernel gives to the clients of other tests."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as f:
        lowest = int(f.read().split()[0])
    for _ in range(200):
        port = random.randrange(2000, lowest - 1)
        try:
            for one in (port, port + 1):
                socket.create_server(("127.0.0.1", one)).close()
            return port
        except OSError:
            continue
    raise AssertionError("no two ports")


class Trial:
    """scripts/try on a terminal, when it serves; the build before it takes its time."""

    def __init__(self, port, *options):
        self.port = port
        self.terminal = Terminal(TRY, "-p", str(port), *options)

    def __enter__(self):
        try:
            self.terminal.expect("event=ready", 110)
        except BaseException:
            self.__exit__()
            raise
        return self.terminal

    def __exit__(self, *_):
        """The daemon is in a process group of its own: only scripts/try can end it."""
        if self.terminal.status is None:
            os.kill(self.terminal.pid, signal.SIGTERM)
            self.terminal.wait_end()

    def ends(self):
        """Ctrl-C: the daemon ends in order, and nothing is left."""
        config = re.search(r"Its configuration: (\S+)\. ", self.terminal.screen).group(1)
        assert os.path.exists(config)
        self.terminal.type("\x03")
        assert self.terminal.wait_end() == 0
        assert "event=shutdown" in self.terminal.screen, self.terminal.screen
        assert not os.path.exists(os.path.dirname(config))
        try:
            Client(self.port).close()
        except ConnectionRefusedError:
            return
        raise AssertionError("it still listens")


def test_try():
    """It builds for itself, so all of this is one test, and one of the two builds has it."""
    if os.environ.get("SANITIZE_CFLAGS", "").strip():
        return
    if not os.access(ROOT, os.W_OK):
        raise harness.Skip("needs a source tree to build in")
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)  # nothing of the make that runs this test
    two_modems()
    a_device()
    a_device_that_is_not_there()


def two_modems():
    port = two_ports()
    trial = Trial(port)
    with trial as terminal:
        for told in (f"telnet localhost {port}", f"rfc2217://localhost:{port}", "kermit", "ATD1", "Ctrl-C"):
            assert told in terminal.screen, (told, terminal.screen)
        first, second = ComPort(port), ComPort(port + 1)
        second.send(b"AT\r")
        second.expect(b"OK")
        first.send(b"ATD2\r")
        second.expect(b"RING")
        second.send(b"ATA\r")
        first.expect(b"CONNECT")
        second.expect(b"CONNECT")
        first.send(b"hello from over there")
        second.expect(b"hello from over there")
        Terminal(TRY, "-p", str(port)).expect(f"Port {port} is in use", 20)
        trial.ends()
        assert first.expect_end(5).endswith(b"the server is shutting down\r\n")


def a_device():
    master, slave = os.openpty()
    trial = Trial(two_ports(), pty_link(slave))
    with trial as terminal:
        assert "is shared as a console" in terminal.screen and "ATD1" not in terminal.screen
        client = Client(trial.port)
        client.send(b"to the device")
        got = b""
        while len(got) < 13:
            got += os.read(master, 100)
        assert got == b"to the device", got
        trial.ends()


def a_device_that_is_not_there():
    trial = Trial(two_ports(), "--modem", "/dev/ttyNONE0")
    with trial as terminal:
        assert "shared as a modem" in terminal.screen and "It is not there now" in terminal.screen
        terminal.seen = 0
        terminal.expect('reason="no device"')
        trial.ends()


def test_wrong_options():
    for options in (["-p", "many"], ["-p", "0"], ["-p", "65535"], ["-p"], ["-x"]):
        done = subprocess.run([TRY, *options], capture_output=True, text=True, timeout=20, check=False,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 2 and "usage: scripts/try" in done.stderr, (options, done)
    done = subprocess.run([str(ROOT / "scripts" / "check"), "everything"], capture_output=True, text=True,
                          timeout=20, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and "usage: scripts/check" in done.stderr, done


def test_the_readme():
    """It opens with what this is and then exactly two commands, and its configuration is one."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (\S+)$", text.split("## ")[1], re.M)
    assert commands == ["scripts/try", "scripts/check"], commands
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)
    examples = re.findall(r'^    line "(?:.*\n)*?    \}$', text, re.M)
    assert examples
    for example in examples:
        status, stdout, stderr = run_daemon(example + "\n", "-n")
        assert status == 0 and stdout, (example, stderr)
