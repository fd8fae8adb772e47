"""sz and rz, each bridged to a virtual modem, send a file over a call."""
import os
import subprocess

import harness
import terminals

MODEMS = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    number "2" { to = "line:modem2" } }
line "modem2" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" } }
"""


def connect(daemon):
    """Two bridges to two modems that are in a call."""
    caller, called = (harness.ComPort(daemon.port(name)) for name in ("modem1", "modem2"))
    called.send(b"ATS0=1\r")
    called.expect(b"OK\r\n")
    caller.send(b"ATD2\r")
    for client in (caller, called):
        client.expect(b"CONNECT 115200\r\n")
    return terminals.Bridge(caller, on_tty=False), terminals.Bridge(called, on_tty=False)


def start(bridge, *argv, cwd):
    return subprocess.Popen([harness.need(argv[0]), *argv[1:]], stdin=bridge.fd, stdout=bridge.fd,
                            stderr=subprocess.PIPE, cwd=cwd)


def test_zmodem():
    daemon = harness.Daemon(MODEMS)
    caller, called = connect(daemon)
    data = bytes(range(256)) * 16 + os.urandom(100 << 10)
    sent = os.path.join(daemon.directory, "sent.bin")
    with open(sent, "wb") as f:
        f.write(data)
    received = os.path.join(daemon.directory, "received")
    os.mkdir(received)
    with start(called, "rz", "-b", cwd=received) as rz, \
            start(caller, "sz", "-b", "sent.bin", cwd=daemon.directory) as sz:
        try:
            for program in (sz, rz):
                _, said = program.communicate(timeout=30)
                assert program.returncode == 0, said
        finally:
            sz.kill()
            rz.kill()
    with open(os.path.join(received, "sent.bin"), "rb") as f:
        assert f.read() == data
