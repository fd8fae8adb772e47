"""Calls from the network: `answer` of a virtual modem."""
import os
import re
import socket
import time

from harness import ComPort, Daemon, DCD, RI, run_daemon, wait_for

MODEM = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "127.0.0.1:0" }
    answer = { "127.0.0.1:0" } %s
    number "1" { to = "echo" } }
"""


def start(keys=""):
    daemon = Daemon('state-directory = ""\n' + MODEM % keys)
    found = daemon.wait_log(r"event=listen line=modem1 address=127\.0\.0\.1:(\d+)")
    return daemon, int(found.group(1))


def call(port):
    caller = socket.create_connection(("127.0.0.1", port))
    caller.settimeout(10)
    return caller


def terminal(daemon, settings=b"ATE0\r"):
    client = ComPort(daemon.port("modem1"))
    client.send(settings)
    client.expect(b"OK\r\n")
    return client


def everything(caller):
    data = b""
    while piece := caller.recv(4096):
        data += piece
    return data


def test_answered_by_hand():
    daemon, port = start()
    client = terminal(daemon)
    caller = call(port)
    caller.sendall(b"early ")  # waits for the answer
    client.expect(b"\r\nRING\r\n")
    client.modem_state(RI, RI)
    client.send(b"ATA\r")
    client.expect(b"\r\nCONNECT 115200\r\n")
    client.modem_state(DCD, DCD)
    caller.sendall(bytes(range(256)))
    client.expect(b"early " + bytes(range(256)))
    client.send(b"hello\xff")
    assert caller.recv(100) == b"hello\xff"
    caller.close()
    client.expect(b"\r\nNO CARRIER\r\n")
    client.modem_state(DCD, 0)
    daemon.wait_log("event=ring line=modem1 client=127.0.0.1")


def test_answered_by_s0():
    daemon, port = start()
    client = terminal(daemon, b"ATE0S0=1\r")
    caller = call(port)
    client.expect(b"RING\r\n")
    client.expect(b"CONNECT 115200\r\n")
    client.send(b"login: ")
    assert caller.recv(100) == b"login: "
    client.close()
    assert everything(caller) == b""


def test_busy():
    daemon, port = start()
    client = terminal(daemon)
    client.send(b"ATD1\r")
    client.expect(b"CONNECT")
    for _ in range(3):
        assert everything(call(port)) == b"BUSY\r\n"
    client.send(b"still in the call")
    client.expect(b"still in the call")


def test_busy_while_it_rings():
    daemon, port = start()
    first = call(port)
    daemon.wait_log("event=ring")
    chatty = call(port)
    chatty.sendall(b"x" * 10000)
    assert everything(chatty) == b"BUSY\r\n"
    client = terminal(daemon)
    client.expect(b"RING")
    client.send(b"ATA\r")
    client.expect(b"CONNECT")
    client.send(b"first")
    assert first.recv(100) == b"first"


def test_many_callers():
    """Each of them is told; nothing is left of them."""
    daemon, port = start()
    client = terminal(daemon, b"ATE0H1\r")
    callers = [call(port) for _ in range(40)]
    assert [everything(c) for c in callers] == [b"BUSY\r\n"] * 40
    for c in callers:
        c.close()
    client.send(b"ATH\r")
    client.expect(b"OK\r\n")
    caller = call(port)
    client.expect(b"RING\r\n")
    client.send(b"ATA\r")
    client.expect(b"CONNECT")
    assert caller.fileno() >= 0


def test_nobody_answers():
    """For 50 s it rings; nobody is there."""
    _, port = start()
    caller = call(port)
    caller.settimeout(60)
    begin = time.monotonic()
    assert everything(caller) == b"NO ANSWER\r\n"
    assert 49 < time.monotonic() - begin < 53


def test_caller_gives_up():
    daemon, port = start()
    client = terminal(daemon)
    caller = call(port)
    client.expect(b"RING")
    caller.close()
    client.modem_state(RI, 0)
    client.send(b"ATA\r")
    client.expect(b"NO CARRIER\r\n")
    again = call(port)
    client.expect(b"RING")
    again.close()


def test_next_owner_finds_it_ringing():
    daemon, port = start()
    client = terminal(daemon)
    caller = call(port)
    client.expect(b"RING")
    client.close()
    with terminal(daemon) as other:
        other.expect(b"RING")
        other.send(b"ATA\r")
        other.expect(b"CONNECT")
        caller.sendall(b"at last")
        other.expect(b"at last")


def test_allow_holds():
    daemon, port = start('allow = { "192.0.2.0/24" }')
    with call(port) as caller:
        assert caller.recv(10) == b""
    daemon.wait_log('event=turned-away line=modem1 client=127.0.0.1 why="not allowed"')


def test_address_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = MODEM.replace('answer = { "127.0.0.1:0" }',
                               'answer = { "127.0.0.1:%d" }' % taken.getsockname()[1]) % ""
        config = 'control-socket = "" state-directory = "" lock-directory = ""\n' + config
        status, _, stderr = run_daemon(config)
    assert status == 1 and re.search(r"event=listen-failed line=modem1", stderr), (status, stderr)


def test_callers_who_linger_keep_nobody_from_calling():
    """Eight who do not go when they are told BUSY, and a number that leads to a host."""
    with socket.create_server(("127.0.0.1", 0)) as host:
        host.settimeout(10)
        daemon, port = start('number "2" { to = "tcp:127.0.0.1:%d" }' % host.getsockname()[1])
        client = terminal(daemon, b"ATE0H1\r")
        callers = [call(port) for _ in range(8)]
        for caller in callers:
            assert caller.recv(100) == b"BUSY\r\n"
        client.send(b"ATD2\r")
        peer, _ = host.accept()
        client.expect(b"CONNECT 115200\r\n")
        peer.close()


def test_memory_of_callers():
    """Callers who send and never read what they are told go after 2 s."""
    daemon, port = start()
    client = terminal(daemon, b"ATE0H1\r")
    fds = f"/proc/{daemon.pid}/fd"
    before = len(os.listdir(fds))
    callers = [call(port) for _ in range(8)]
    for c in callers:
        c.sendall(b"x" * 100)
    wait_for(lambda: len(os.listdir(fds)) == before + 8, what="callers taken")
    wait_for(lambda: len(os.listdir(fds)) == before, what="callers closed")
    assert client is not None
