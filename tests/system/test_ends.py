"""How a claim ends: every way in which an owner can fail, with real processes, and the line is free again
within its bound."""
import re
import signal
import subprocess
import sys
import textwrap
import time

import harness
from harness import (AYT, BAUDRATE, ComPort, Client, Daemon, IAC, MODEMSTATE, NOP, SIGNATURE, Telnet,
                     wait_for)


def line(keys="", name="con", kind="console", device="loopback"):
    return textwrap.dedent(f"""\
        line "{name}" {{
            device = "{device}"
            kind = "{kind}"
            listen = {{ "127.0.0.1:0" }}
            {keys}
        }}
        """)


def owner(daemon, name="con"):
    """A COM-PORT client that owns the line and has had one byte echoed."""
    client = ComPort(daemon.port(name))
    client.send(b"a")
    client.expect(b"a")
    return client


def free_again(daemon, name="con", deadline=10):
    """Somebody else gets the line, empty, within the deadline; returns how long that took."""
    start = time.monotonic()

    def try_once():
        client = ComPort(daemon.port(name))
        client.send(b"next")
        try:
            client.until(lambda: client.data, 10, "echo or refusal")
            got = bytes(client.take(4))
        finally:
            client.close()
        return got == b"next"

    wait_for(try_once, deadline, "the line is free again")
    return time.monotonic() - start


def cut_text(client, deadline=10):
    client.answer(SIGNATURE, deadline, wanted=lambda t: t.startswith(b"CUT"))
    text = client.expect_end(deadline, "fin")
    assert b"NO CARRIER\r\n" in text, text
    return text


def signatures(client):
    return [v for c, v in client.answers if c == SIGNATURE]


# --- inactivity


def test_inactivity_warns_and_cuts():
    daemon = Daemon(line('inactivity = "3s" warning = "2s"'))
    client = owner(daemon)
    start = time.monotonic()
    client.answer(SIGNATURE, wanted=lambda t: t == b"IDLE 2")
    warned = time.monotonic() - start
    assert not client.data, "a COM-PORT client's data stays clean"
    text = cut_text(client)
    assert 0.7 <= warned <= 2.5, warned
    assert signatures(client) == [b"IDLE 2", b"CUT idle"], signatures(client)
    assert text.startswith(b"\r\nNO CARRIER\r\n"), text
    assert client.answers[-2] == (MODEMSTATE, 0), client.answers
    daemon.wait_log(r'event=claim-end line=con .* why="idle"')
    free_again(daemon)


def test_activity_keeps_the_line():
    daemon = Daemon(line('inactivity = "1s" warning = "0"'))
    client = owner(daemon)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        client.send(b"k")
        client.take(1)
        client.read(0.2)
    assert not client.ended and not signatures(client)
    cut_text(client)


def test_a_client_that_only_polls_is_idle():
    daemon = Daemon(line('inactivity = "2s" warning = "0"'))
    client = owner(daemon)
    start = time.monotonic()
    while not client.ended:
        assert time.monotonic() - start < 10, client.describe()
        try:
            client.send_raw([IAC, NOP, IAC, AYT])
            client.command(MODEMSTATE, 0)
            client.command(BAUDRATE, 0)
            client.command(SIGNATURE)
        except OSError:
            break
        client.read(0.1)
    took = time.monotonic() - start
    assert 1.5 < took < 6, took
    daemon.wait_log(r'event=claim-end line=con .* why="idle"')
    free_again(daemon)


def test_telnet_owner_reads_the_warning_and_the_reason():
    daemon = Daemon(line('inactivity = "3s" warning = "2s"'))
    client = Telnet(daemon.port("con"))
    client.expect(b"con: free\r\n")
    client.send(b"x")
    client.expect(re.compile(rb"\r\n[^\r\n]*2s[^\r\n]*\r\n"), 5)
    text = client.expect_end(10, "fin")
    assert re.search(rb"\r\nNO CARRIER\r\n[^\r\n]+\r\n$", text), text


def test_say_why_false_says_nothing():
    daemon = Daemon(line('inactivity = "1s" warning = "0" say-why = false'))
    client = owner(daemon)
    assert client.expect_end(10, "fin") == b""
    assert not signatures(client)


# --- session limit


def test_session_limit_cuts_an_active_owner():
    daemon = Daemon(line('session-limit = "3s" warning = "1s"'))
    client = owner(daemon)
    start = time.monotonic()
    while not client.ended and time.monotonic() - start < 10:
        try:
            client.send(b"busy")
        except OSError:
            break
        client.read(0.1)
    assert b"LIMIT 1" in signatures(client) and b"CUT limit" in signatures(client)
    assert b"NO CARRIER\r\n" in client.data
    daemon.wait_log(r'event=claim-end line=con .* why="limit"')
    free_again(daemon)


# --- dead, stopped and stalled clients


def spawn(code, *args):
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *map(str, args)],
                            stdout=subprocess.PIPE)


def test_stopped_client_is_idle():
    """A process that sleeps for ever (SIGSTOP) while it owns the line."""
    daemon = Daemon(line('inactivity = "1s" warning = "0"'))
    child = spawn("""\
        import socket, sys, time
        s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        s.sendall(b"mine")
        while not s.recv(100).endswith(b"mine"): pass
        print("owner", flush=True)
        time.sleep(60)
        """, daemon.port("con"))
    try:
        assert child.stdout.readline() == b"owner\n"
        child.send_signal(signal.SIGSTOP)
        daemon.wait_log(r'event=claim-end line=con .* why="idle"')
        free_again(daemon)
    finally:
        child.kill()
        child.wait()


def test_stopped_reader_stalls():
    """It takes nothing of what the line sends: reset, within `stall`."""
    daemon = Daemon(line('stall = "2s" inactivity = "1h"'))
    child = spawn("""\
        import socket, sys, time
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", int(sys.argv[1])))
        print("connected", flush=True)
        s.settimeout(1)
        try:
            while True: s.send(b"z" * 65536)
        except OSError:
            print("full", flush=True)
        time.sleep(60)
        """, daemon.port("con"))
    try:
        assert child.stdout.readline() == b"connected\n"
        assert child.stdout.readline() == b"full\n"
        child.send_signal(signal.SIGSTOP)
        daemon.wait_log(r'event=claim-end line=con .* why="stalled"')
        free_again(daemon)
    finally:
        child.kill()
        child.wait()


def test_suspended_for_ever_stalls():
    daemon = Daemon(line('stall = "1s"'))
    client = owner(daemon)
    client.command(harness.SUSPEND)
    client.send(b"never read")
    client.expect_end(10, "reset")
    daemon.wait_log(r'event=claim-end line=con .* why="stalled"')
    free_again(daemon)


def test_reset_releases_at_once():
    daemon = Daemon(line())
    client = owner(daemon)
    client.reset()
    assert free_again(daemon) < 3
    daemon.wait_log(r'event=claim-end line=con .* why="reset"')


def test_reset_inside_a_subnegotiation_and_with_a_backlog():
    daemon = Daemon(line())
    client = owner(daemon)
    client.sock.settimeout(0.5)
    try:
        while True:
            client.sock.send(b"q" * 65536)
    except OSError:
        pass
    client.reset()
    assert free_again(daemon) < 3
    client = owner(daemon)
    client.send_raw([IAC, harness.SB, harness.COMPORT, 1, 0])
    client.reset()
    assert free_again(daemon) < 3


# --- the client's own end


def test_half_close_delivers_and_releases():
    daemon = Daemon(line())
    client = ComPort(daemon.port("con"))
    client.send(b"last words")
    client.fin()
    client.expect_end(5)
    daemon.wait_log(r'event=claim-end line=con .* from-client=10 .* why="client closed"')
    assert free_again(daemon) < 3


def test_data_and_close_at_once_reach_the_line():
    daemon = Daemon(line())
    client = Client(daemon.port("con"))
    client.send(b"bye")
    client.close()
    daemon.wait_log(r"event=claim-end line=con .* from-client=3 ")
    free_again(daemon)


# --- before a claim


def test_claim_timeout():
    daemon = Daemon(line('claim-timeout = "1s"'))
    com, telnet, silent = ComPort(daemon.port("con")), Telnet(daemon.port("con")), \
        Client(daemon.port("con"))
    telnet.expect(b"con: free\r\n")
    assert com.expect_end(5) == b""
    assert telnet.expect_end(5).endswith(b"closed: nothing sent for 1s\r\n")
    silent.expect_end(5)
    assert not [l for l in daemon.log if "claim-start" in l]


def test_asking_does_not_claim():
    daemon = Daemon(line())
    asker = ComPort(daemon.port("con"))
    assert asker.request(BAUDRATE, 0) == 115200
    assert asker.request(harness.CONTROL, 7) == 8
    assert asker.request(harness.PARITY, 0) == 1
    asker.request(SIGNATURE)
    assert asker.request(harness.MODEMMASK, 0) == 0
    owner(daemon).close()
    daemon.wait_log("event=claim-end")
    assert len([l for l in daemon.log if "claim-start" in l]) == 1


def test_claim_by_connecting():
    daemon = Daemon(line('claim = "connect"'))
    first = Client(daemon.port("con"))
    daemon.wait_log("event=claim-start")
    second = ComPort(daemon.port("con"))
    text = second.expect_end(8)
    assert text.startswith(b"BUSY\r\ncon is in use by 127.0.0.1 for "), text
    first.close()
    daemon.wait_log("event=claim-end")


def test_raw_protocol():
    daemon = Daemon(line('protocol = "raw"'))
    first = Client(daemon.port("con"))
    first.send(b"\xff\xfb\x2c\r\0raw\xff")
    got = first.take(9)
    assert got == b"\xff\xfb\x2c\r\0raw\xff", got
    second = Client(daemon.port("con"))
    assert second.expect_end(5).startswith(b"BUSY\r\ncon is in use")
    first.close()


# --- the line in hand-over


def test_held_while_the_line_is_handed_over():
    """DTR is low for 1 s: the next client waits, is not refused, and gets the line empty."""
    daemon = Daemon(line('hangup-time = "1s"'))
    daemon.wait_log("event=line-ready")
    first = owner(daemon)
    first.fin()
    first.expect_end(5)
    start = time.monotonic()
    second = ComPort(daemon.port("con"))
    second.send(b"held")
    assert second.take(4) == b"held"
    took = time.monotonic() - start
    assert 0.5 < took < 3, took
    assert not signatures(second)


def test_held_for_long_is_told():
    daemon = Daemon(line('hangup-time = "4s"'))
    com, telnet = ComPort(daemon.port("con")), Telnet(daemon.port("con"))
    com.send(b"A")
    telnet.expect(b"con is being made ready; free in ")
    telnet.send(b"B")
    com.answer(SIGNATURE, 4, wanted=lambda t: t == b"QUEUED 1")
    telnet.expect(b"WAITING 2: con is being made ready; free in ", 6)
    com.answer(SIGNATURE, 8, wanted=lambda t: t == b"READY")
    assert com.take(1) == b"A"
    # The hand-over has ended, and the one who came first has the line: no queue is configured.
    telnet.expect(b"BUSY\r\ncon is in use by 127.0.0.1 for ", 5)


# --- the daemon's end


def test_sigterm_tells_the_owner():
    daemon = Daemon(line())
    client = owner(daemon)
    daemon.stop(5)
    assert b"CUT down" in signatures_after_end(client)


def signatures_after_end(client):
    client.expect_end(5)
    return signatures(client)
