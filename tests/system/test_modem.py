"""The AT line of a virtual modem against hostile terminals: ERROR, nothing kept, nobody else harmed."""
import os

from harness import ComPort, Daemon

MODEMS = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "127.0.0.1:0" } }
line "modem2" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "127.0.0.1:0" }
    number "1" { to = "echo" } }
"""


def memory(daemon):
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def terminal(daemon, line="modem1", settings=b"ATE0\r"):
    client = ComPort(daemon.port(line))
    client.send(settings)
    client.expect(b"OK\r\n")
    return client


def profile(client):
    client.send(b"AT&V\r")
    shown = client.until(lambda: b"OK\r\n" in client.data and bytes(client.data))
    client.data.clear()
    assert shown.count(b"\r\n") > 12, shown
    return shown


def refused(client, line):
    client.send(b"AT" + line + b"\r")
    answer = client.take(len(b"\r\nERROR\r\n"), deadline=30)
    assert answer == b"\r\nERROR\r\n", (line[:40], answer)


def test_at_line():
    """What a terminal reads of it is in check_refusals; here it comes over the network."""
    daemon = Daemon(MODEMS)
    other = terminal(daemon, "modem2")
    other.send(b"ATD1\r")
    other.expect(b"CONNECT 115200\r\n")
    client = terminal(daemon, settings=b"ATE0S7=33&C0X3&W\r")
    before, used = profile(client), memory(daemon)
    for line in (b"1" * (4 << 20), b"S7=" + b"9" * 250, b"D" + b"5" * 64, b"E1" * (1 << 20), b"\xfe" * 100000,
                 b"\x80\x81\xfe", b"+FCLASS=2", b"S7=0", b"S7=256", b"X8", b"&K7", b"Z2", b"+IPR=7"):
        refused(client, line)
        other.send(b"ping")
        assert other.take(4) == b"ping"
    assert profile(client) == before
    assert memory(daemon) - used < 4 << 10


def test_noise():
    """All that it says is dropped with the claim: who comes next finds a modem."""
    daemon = Daemon(MODEMS)
    for _ in range(5):
        seen = len(daemon.log)
        with ComPort(daemon.port("modem1")) as client:
            client.send(b"AT" + os.urandom(50000) + b"\r")
            client.send(b"AT&W\rAT&W1\r")
        daemon.wait_log("event=claim-end line=modem1", after=seen)
    with ComPort(daemon.port("modem1")) as client:
        client.send(b"AT&FE0\r")
        client.expect(b"OK\r\n")
        client.send(b"ATZE0\r")
        client.expect(b"OK\r\n")
        client.send(b"ATS7?\r")
        client.expect(b"050\r\n\r\nOK\r\n")


def test_echo_nobody_reads():
    """It types on and on, and reads nothing: it is stopped, and the modem answers again."""
    daemon = Daemon(MODEMS)
    client = ComPort(daemon.port("modem1"), rcvbuf=4096)
    client.send(b"AT\r")
    client.expect(b"OK\r\n")
    used, sent = memory(daemon), 0
    client.sock.settimeout(0.5)
    try:
        while sent < 64 << 20:
            sent += client.sock.send(b"AT&V\r" * 10000)
    except OSError:
        pass
    assert sent < 32 << 20
    assert memory(daemon) - used < 8 << 10
    with terminal(daemon, "modem2") as other:
        other.send(b"ATI3\r")
        other.expect(b"virtual modem")


def test_fax_server_asks():
    """What HylaFAX and a system that looks for modems send first; it is a modem for data."""
    client = ComPort(Daemon(MODEMS).port("modem1"))
    for line, answer in ((b"ATQ0V1E0", b"OK"), (b"ATZ", b"OK"), (b"ATE0V1Q0S0=0H0", b"OK"), (b"AT+FCLASS=?", b"0,1"),
                         (b"AT+FCLASS=0", b"OK"), (b"AT+FCLASS=2.0", b"ERROR"), (b"AT+GCAP", b"+GCAP: +FCLASS"),
                         (b"AT+GMM;+GMI", b"virtual modem\r\n\r\nmodemshare"), (b"ATI0I3S8=2S7=60&K3&C1&D2M0L0", b"OK")):
        client.send(line + b"\r")
        client.expect(b"\r\n" + answer)
