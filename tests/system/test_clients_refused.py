"""What a person reads who cannot have the line, at each program that people use.  All of them lose
text that comes too early or just before the end; so the text is looked for on the screen."""
import re

import harness
import terminals

MODEM = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" } }
"""
MISSING = """
line "modem1" { device = "/dev/modemshared-no-such-device" kind = "modem" listen = { "0" } }
"""
BUSY = re.compile(r"BUSY\r+\nmodem1 is in use by 127\.0\.0\.1 for \w+, idle \w+; "
                  r"free in \w+ at the latest\r+\n")
NO_DIALTONE = re.compile(r"NO DIALTONE\r+\nmodem1 is out of service: [a-zA-Z][^\r\n]*\r+\n")
ORDERS = [(harness.BAUDRATE, 9600), (harness.DATASIZE, 8), (harness.PARITY, 1), (harness.STOPSIZE, 1),
          (harness.CONTROL, 1)]
# What claims the line: these two when they connect, by settings; the others with the first key.
SILENT = ("miniterm", "microcom")


def read_refusal(program, daemon, text):
    with terminals.call(program, daemon.port("modem1")) as terminal:
        if program not in SILENT:
            terminal.type("AT\r")
        terminal.expect(text, 8)


def refused_busy(program):
    daemon = harness.Daemon(MODEM)
    with harness.ComPort(daemon.port("modem1")) as owner:
        owner.send(b"AT\r")
        owner.expect(b"OK\r\n")
        read_refusal(program, daemon, BUSY)
        assert not owner.data and not owner.ended, owner.describe()
        owner.send(b"ATI\r")
        owner.expect(b"OK\r\n")


def refused_no_dialtone(program):
    read_refusal(program, harness.Daemon(MISSING), NO_DIALTONE)


def test_answers_come_before_the_refusal():
    """To a client that takes what comes next for the answer to what it asked last, as EPICS asyn does."""
    daemon = harness.Daemon(MODEM)
    with harness.ComPort(daemon.port("modem1")) as owner:
        owner.send(b"AT\r")
        owner.expect(b"OK\r\n")
        for hasty in (False, True):
            with harness.ComPort(daemon.port("modem1")) as client:
                if hasty:
                    client.send_raw(b"".join(client.frame(*order) for order in ORDERS) + b"AT\r")
                else:
                    for order in ORDERS:
                        assert client.request(*order) == order[1]
                text = client.expect_end(6)
                answers = [a for a in client.answers if a[0] != harness.MODEMSTATE]
                assert answers == ORDERS + [(harness.SIGNATURE, b"BUSY")], answers
                assert BUSY.fullmatch(text.decode()), text


def test_busy_telnet():
    refused_busy("telnet")


def test_busy_nc():
    refused_busy("nc")


def test_busy_gensiot():
    refused_busy("gensiot")


def test_busy_microcom():
    refused_busy("microcom")


def test_busy_miniterm():
    refused_busy("miniterm")


def test_busy_kermit():
    refused_busy("kermit")


def test_no_dialtone_telnet():
    refused_no_dialtone("telnet")


def test_no_dialtone_nc():
    refused_no_dialtone("nc")


def test_no_dialtone_gensiot():
    refused_no_dialtone("gensiot")


def test_no_dialtone_microcom():
    refused_no_dialtone("microcom")


def test_no_dialtone_miniterm():
    refused_no_dialtone("miniterm")


def test_no_dialtone_kermit():
    refused_no_dialtone("kermit")
