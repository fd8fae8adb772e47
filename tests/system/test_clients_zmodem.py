"""sz and rz, each bridged to a virtual modem, send a file over a call: of one daemon, or of two."""
import os
import subprocess

import harness
import terminals

MODEMS = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    number "2" { to = "line:modem2" } }
line "modem2" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" } }
"""


HOST = """
line "modem2" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    answer = { "127.0.0.1:0" } %s }
"""
CALLER = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" } %s
    number "2" { to = "tcp:localhost:%s" } }
"""


def two_daemons(keys=""):
    """A daemon whose modem calls that of the other over TCP."""
    host = harness.Daemon(HOST % keys)
    port = host.wait_log(r"event=listen line=modem2 address=127\.0\.0\.1:(\d+)").group(1)
    return harness.Daemon(CALLER % (keys, port)), host


def connect(first, second):
    """Two bridges to two modems that are in a call."""
    caller, called = (harness.ComPort(daemon.port(name))
                      for daemon, name in ((first, "modem1"), (second, "modem2")))
    called.send(b"ATS0=1\r")
    called.expect(b"OK\r\n")
    caller.send(b"ATD2\r")
    for client in (caller, called):
        client.expect(b"CONNECT 115200\r\n")
    return terminals.Bridge(caller, on_tty=False), terminals.Bridge(called, on_tty=False)


def start(bridge, *argv, cwd):
    return subprocess.Popen([harness.need(argv[0]), *argv[1:]], stdin=bridge.fd, stdout=bridge.fd,
                            stderr=subprocess.PIPE, cwd=cwd)


def transfer(daemon, host, size=100 << 10):
    caller, called = connect(daemon, host)
    data = bytes(range(256)) * 16 + os.urandom(size)
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


def test_zmodem():
    daemon = harness.Daemon(MODEMS)
    transfer(daemon, daemon)


def test_zmodem_over_tcp():
    transfer(*two_daemons())


def test_zmodem_paced():
    """At 115200 bit/s on both lines, about a second and a half for so much."""
    transfer(*two_daemons("pace = true"), size=12 << 10)
