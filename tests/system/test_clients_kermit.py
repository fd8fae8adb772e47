"""C-Kermit dials a virtual modem, and sends a file over the call to a C-Kermit at the other one."""
import hashlib
import os
import re

import harness
import terminals

MODEMS = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    number "1" { to = "echo" }
    number "2" { to = "line:modem2" } }
line "modem2" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" } }
"""
START = """
set host 127.0.0.1 {port} /telnet
if fail exit 10
set modem type generic-high-speed
set modem hangup-method rs232-signal
set speed 115200
set dial display on
set dial retries 1
set exit warning off
set file type binary
set transfer display none
"""


def kermit(daemon, service, commands):
    """C-Kermit with a script: its exit status says how far it came."""
    name = os.path.join(daemon.directory, f"{service}.ksc")
    directory = os.path.join(daemon.directory, service)
    os.mkdir(directory)
    with open(name, "w", encoding="ascii") as f:
        f.write(START.format(port=daemon.port(service)) + commands)
    return terminals.Terminal("kermit", name, "-Y", cwd=directory)


def test_kermit_dials_echo():
    daemon = harness.Daemon(MODEMS)
    with kermit(daemon, "modem1", """
dial 1
if fail exit 11
lineout hello
input 10 hello
if fail exit 12
hangup
exit 0
""") as terminal:
        assert terminal.wait_end(30) == 0, terminal.screen
    daemon.wait_log(r"event=claim-end line=modem1 ")


def test_kermit_is_refused_by_dialling():
    """A number that is not in the book: the modem's word ends the script."""
    daemon = harness.Daemon(MODEMS)
    with kermit(daemon, "modem1", """
dial 555
if success exit 11
echo status \\v(dialstatus)
exit 0
""") as terminal:
        assert terminal.wait_end(30) == 0, terminal.screen
        terminal.expect("status 23")  # "No carrier"


def test_kermit_dials_while_busy():
    """The dial fails and his script goes on.  He reads why, unless Kermit empties its buffer just after the
    text has come, as it may once its first AT is out; test_busy_kermit shows him who connects."""
    daemon = harness.Daemon(MODEMS)
    with harness.ComPort(daemon.port("modem1")) as owner:
        owner.send(b"AT\r")
        owner.expect(b"OK\r\n")
        with kermit(daemon, "modem1", """
dial 1
if success exit 11
exit 0
""") as terminal:
            assert terminal.wait_end(60) == 0, terminal.screen
            assert re.search(r"modem1 is in use by 127\.0\.0\.1 for \w+, idle \w+; "
                             r"free in \w+ at the latest|Connection closed by peer",
                             terminal.screen), terminal.screen
    daemon.wait_log(r"event=refused line=modem1 ")


HOST = """
line "modem2" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    answer = { "127.0.0.1:0" } }
"""
CALLER = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    number "2" { to = "tcp:127.0.0.1:%s" } }
"""


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def send_a_file(daemon, host):
    sent = os.path.join(daemon.directory, "random.bin")
    with open(sent, "wb") as f:
        f.write(os.urandom(100 << 10))
    with kermit(host, "modem2", """
answer 60
if fail exit 11
receive
if fail exit 12
exit 0
""") as receiver:
        host.wait_log(r"event=claim-start line=modem2 ")
        with kermit(daemon, "modem1", f"""
dial 2
if fail exit 11
send {sent}
if fail exit 12
hangup
exit 0
""") as sender:
            assert sender.wait_end(60) == 0, (sender.screen, receiver.screen)
        assert receiver.wait_end(30) == 0, receiver.screen
    assert digest(os.path.join(host.directory, "modem2", "random.bin")) == digest(sent)


def test_kermit_sends_a_file():
    daemon = harness.Daemon(MODEMS)
    send_a_file(daemon, daemon)


def test_kermit_sends_a_file_over_tcp():
    """Its modem calls one of another daemon."""
    host = harness.Daemon(HOST)
    port = host.wait_log(r"event=listen line=modem2 address=127\.0\.0\.1:(\d+)").group(1)
    send_a_file(harness.Daemon(CALLER % port), host)
