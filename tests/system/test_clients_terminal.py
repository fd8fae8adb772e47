"""Programs for people at a terminal, with a line that they get: telnet, microcom, nc, gensiot, and
chat, the dialler of pppd."""
import os
import re
import subprocess

import harness
import terminals

MODEM = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    number "1" { to = "echo" } }
"""
LOOPBACK = """
line "loop" { device = "loopback" kind = "console" listen = { "0" } }
"""
RAW = LOOPBACK.replace('listen', 'protocol = "raw" listen')


def dial(terminal, rate="115200"):
    """AT and a call, as a person makes them; each key is seen once, each answer too."""
    mark = terminal.seen
    terminal.type("AT\r")
    terminal.expect(re.compile(r"OK\r+\n"))
    shown = terminal.screen[mark:terminal.seen]
    assert shown.count("AT") == 1 and shown.count("OK") == 1, shown
    mark = terminal.seen
    terminal.type("ATD1\r")
    terminal.expect(re.compile(rf"CONNECT {rate}\r+\n"))
    assert terminal.screen[mark:].count("ATD1") == 1, terminal.screen[mark:]
    terminal.type("hello")
    terminal.expect("hello")


def test_telnet():
    daemon = harness.Daemon(MODEM)
    with terminals.call("telnet", daemon.port("modem1")) as terminal:
        terminal.expect(re.compile(r"^modem1: free\r+\n", re.M))
        dial(terminal)
        assert terminal.screen.count("hello") == 1, terminal.screen
        terminal.type("\x1d")
        terminal.expect("telnet> ")
        terminal.type("quit\r")
        assert terminal.wait_end() == 0
    daemon.wait_log(r"event=claim-end line=modem1 ")


def test_telnet_reads_who_has_it():
    daemon = harness.Daemon(MODEM)
    with harness.ComPort(daemon.port("modem1")) as owner:
        owner.send(b"AT\r")
        owner.expect(b"OK\r\n")
        with terminals.call("telnet", daemon.port("modem1")) as terminal:
            terminal.expect(re.compile(r"^modem1: in use by 127\.0\.0\.1 for \w+, idle \w+\r+\n",
                                       re.M))


def test_microcom():
    daemon = harness.Daemon(MODEM)
    with terminals.call("microcom", daemon.port("modem1")) as terminal:
        dial(terminal)
        terminal.type("\x1c")
        terminal.expect("-> ")
        terminal.type("quit\r")
        terminal.wait_end()
    daemon.wait_log(r"event=claim-end line=modem1 ")


def test_miniterm():
    daemon = harness.Daemon(MODEM)
    with terminals.call("miniterm", daemon.port("modem1")) as terminal:
        dial(terminal, "9600")
        terminal.type("\x1d")
        terminal.expect("--- exit ---")
        assert terminal.wait_end() == 0
    daemon.wait_log(r"event=claim-end line=modem1 ")


def test_nc_dials():
    """nc shows the offers as junk, and its own line's echo; the call works."""
    daemon = harness.Daemon(MODEM)
    with terminals.call("nc", daemon.port("modem1")) as terminal:
        terminal.type("AT\r")
        terminal.expect(re.compile(r"OK\r+\n"))
        terminal.type("ATD1\r")
        terminal.expect(re.compile(r"CONNECT 115200\r+\n"))
        terminal.type("hello\r")
        terminal.expect("hello")
        terminal.expect("hello")
    daemon.wait_log(r"event=claim-end line=modem1 ")


def pipe_through(argv, data):
    """What a program with pipes gets back when the line is a loop-back plug."""
    with subprocess.Popen([harness.need(argv[0]), *argv[1:]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, bufsize=0) as program:
        try:
            with terminals.Writer(program.stdin.fileno(), data):
                got = terminals.read_exactly(program.stdout.fileno(), len(data))
        finally:
            program.kill()
    return got


def test_nc_raw():
    """A raw service: bytes and nothing else, both ways."""
    daemon = harness.Daemon(RAW)
    data = bytes(range(256)) + os.urandom(100000)
    assert pipe_through(["nc", "127.0.0.1", str(daemon.port("loop"))], data) == data
    daemon.wait_log(r"event=claim-end line=loop ")


def test_gensiot_pipe():
    daemon = harness.Daemon(LOOPBACK)
    data = bytes(range(256)) + os.urandom(100000)
    url = f"telnet(rfc2217),tcp,127.0.0.1,{daemon.port('loop')}"
    assert pipe_through(["gensiot", url], data) == data
    daemon.wait_log(r"event=claim-end line=loop ")


def test_gensiot():
    """A person at gensiot: a call, a break, another rate, the end."""
    daemon = harness.Daemon(MODEM)
    with terminals.call("gensiot", daemon.port("modem1")) as terminal:
        dial(terminal)
        terminal.type("\x1cs300\r")
        terminal.type("\x1cd")
        terminal.expect("Speed: 300N81")
        terminal.type("\x1cq")
        assert terminal.wait_end() == 0
    daemon.wait_log(r"event=claim-end line=modem1 ")


def test_gensiot_break():
    """gensiot's break is Telnet's BRK; the plug reports it to whoever wants to know."""
    daemon = harness.Daemon(LOOPBACK)
    tap = terminals.Tap(daemon.port("loop"))
    with terminals.call("gensiot", tap.port) as terminal:
        terminal.type("x")
        terminal.expect("x")
        tap.send(harness.ComPort.frame(harness.LINEMASK, 16))
        tap.wait_down([harness.IAC, harness.SB, harness.COMPORT, 110, 16])
        terminal.type("\x1cb")
        tap.wait_down([harness.IAC, harness.SB, harness.COMPORT, 106, 16])
        assert bytes([harness.IAC, harness.BRK]) in tap.up


CHAT = ["-S", "-s", "-v", "-t", "10", "ABORT", "BUSY", "ABORT", "NO DIALTONE", "", "AT", "OK",
        "ATD1", "CONNECT", "\\c"]


def run_chat(client):
    bridge = terminals.Bridge(client)
    return subprocess.run([harness.need("chat"), *CHAT], stdin=bridge.fd, stdout=bridge.fd,
                          stderr=subprocess.PIPE, timeout=30, check=False)


def test_chat_connects():
    daemon = harness.Daemon(MODEM)
    with harness.ComPort(daemon.port("modem1")) as client:
        done = run_chat(client)
    assert done.returncode == 0, done
    assert b"CONNECT" in done.stderr


def test_chat_reads_busy():
    """The word ends the script at once, with the status that says which."""
    daemon = harness.Daemon(MODEM)
    with harness.ComPort(daemon.port("modem1")) as owner:
        owner.send(b"AT\r")
        owner.expect(b"OK\r\n")
        done = run_chat(harness.ComPort(daemon.port("modem1")))
    assert done.returncode == 4, done


def test_chat_reads_no_dialtone():
    daemon = harness.Daemon(MODEM.replace('"virtual"', '"/dev/modemshared-no-such-device"')
                            .replace('number "1" { to = "echo" }', ""))
    done = run_chat(harness.ComPort(daemon.port("modem1")))
    assert done.returncode == 5, done
