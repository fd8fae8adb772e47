"""Owners that lose the line for being idle read why, and telnet is warned before."""
import os
import re

import harness
import terminals

RULES = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    inactivity = "%s" warning = "%s" }
"""
IN_CALL = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    inactivity-in-call = 2s warning = 0 number "1" { to = "echo" } }
"""
NO_CARRIER = re.compile(r"\r\n\r*NO CARRIER\r+\nmodem1: nothing sent for (\w+)\r+\n")
WARNING = re.compile(r"\r\n\r*modem1: nothing sent: this session ends in 2s; send anything to keep "
                     r"it\r+\n")


def own(terminal):
    terminal.type("AT\r")
    terminal.expect("OK\r")


def cut(program):
    daemon = harness.Daemon(RULES % ("1500ms", "0"))
    with terminals.call(program, daemon.port("modem1")) as terminal:
        own(terminal)
        assert terminal.expect(NO_CARRIER).group(1) == "1s"
    daemon.wait_log(r"event=claim-end line=modem1 .*why=\"?idle")


def test_cut_telnet():
    cut("telnet")


def test_cut_nc():
    cut("nc")


def test_cut_gensiot():
    cut("gensiot")


def test_cut_microcom():
    cut("microcom")


def test_cut_miniterm():
    cut("miniterm")


def test_cut_kermit():
    cut("kermit without carrier")


def test_cut_kermit_in_call():
    """Carrier falls at the cut, and C-Kermit needs it; the reason is read all the same."""
    daemon = harness.Daemon(IN_CALL)
    name = os.path.join(daemon.directory, "call.ksc")
    with open(name, "w", encoding="ascii") as f:
        f.write(f"set host 127.0.0.1 {daemon.port('modem1')} /telnet\n"
                "set modem type generic-high-speed\nset modem hangup-method rs232-signal\n"
                "set speed 115200\ndial 1\nconnect\n")
    with terminals.Terminal("kermit", name, "-Y") as terminal:
        assert terminal.expect(NO_CARRIER).group(1) == "2s"
        terminal.expect("Communications disconnect")


def test_warning_telnet():
    """The warning is on the screen, a key keeps the session, and the next warning comes true."""
    daemon = harness.Daemon(RULES % ("3s", "2s"))
    with terminals.call("telnet", daemon.port("modem1")) as terminal:
        own(terminal)
        terminal.expect(WARNING)
        own(terminal)
        terminal.expect(WARNING)
        assert "NO CARRIER" not in terminal.screen
        assert terminal.expect(NO_CARRIER).group(1) == "3s"
        terminal.wait_end()
        assert "Connection closed by foreign host." in terminal.screen
