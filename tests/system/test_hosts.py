"""Numbers of a phone book that lead to TCP hosts: what a modem says of each, and what reaches whom."""
import hashlib
import os
import shlex
import socket
import subprocess
import tempfile
import threading
import time

from harness import CONTROL, ComPort, Daemon, DCD, need

MODEM = """
line "modem1" {{ device = "virtual" kind = "modem" hangup-time = 0 listen = {{ "127.0.0.1:0" }}
{numbers}
}}
line "modem2" {{ device = "virtual" kind = "modem" hangup-time = 0 listen = {{ "127.0.0.1:0" }}
    number "1" {{ to = "echo" }} }}
"""


class Host:
    """A TCP server that takes one connection at a time."""

    def __init__(self, backlog=5):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.listener.settimeout(10)
        self.port = self.listener.getsockname()[1]

    def accept(self):
        peer, _ = self.listener.accept()
        peer.settimeout(10)
        return peer

    def close(self):
        self.listener.close()


def silent_host():
    """A listener whose queue is full: the kernel answers nothing."""
    host = Host(backlog=0)
    host.queue = [socket.socket() for _ in range(4)]
    for s in host.queue:
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", host.port))
    time.sleep(0.2)
    return host


def daemon_for(*destinations):
    numbers = "\n".join(f'    number "{i + 1}" {{ to = "{to}" }}' for i, to in enumerate(destinations))
    return Daemon(MODEM.format(numbers=numbers))


def terminal(daemon, line="modem1", settings=b"ATE0\r"):
    client = ComPort(daemon.port(line))
    client.send(settings)
    client.expect(b"OK\r\n")
    return client


def in_call(to, settings=b"ATE0\r"):
    host = Host()
    daemon = daemon_for(f"{to}:127.0.0.1:{host.port}")
    client = terminal(daemon, settings=settings)
    client.send(b"ATD1\r")
    peer = host.accept()
    client.expect(b"CONNECT 115200\r\n")
    client.modem_state(DCD, DCD)
    client.host = host
    return daemon, client, peer


def exactly(peer, n):
    data = b""
    while len(data) < n:
        piece = peer.recv(65536)
        assert piece, f"the call ended after {len(data)} bytes"
        data += piece
    return data


# --- what becomes of a call


def test_host_answers():
    daemon, client, peer = in_call("tcp")
    data = bytes(range(256)) * 8
    client.send(data)
    assert exactly(peer, len(data)) == data
    peer.sendall(data)
    client.expect(data)
    peer.close()
    client.expect(b"\r\nNO CARRIER\r\n")
    client.modem_state(DCD, 0)
    client.send(b"AT\r")
    client.expect(b"OK\r\n")
    client.send(b"ATD1\r")  # nobody accepts it, but the kernel does
    client.expect(b"CONNECT")
    assert daemon.running()


def test_host_by_name():
    host = Host()
    daemon = daemon_for(f"tcp:localhost:{host.port}")
    client = terminal(daemon)
    client.send(b"ATD1\r")
    host.accept()
    client.expect(b"CONNECT")


def test_host_refuses():
    host = Host()
    host.close()
    client = terminal(daemon_for(f"tcp:127.0.0.1:{host.port}"))
    client.send(b"ATD1\r")
    client.expect(b"\r\nBUSY\r\n")


def test_host_without_address():
    """A name that is none, so that no name server is asked."""
    client = terminal(daemon_for("tcp:no..such.host:23"), settings=b"ATE0S7=20\r")
    client.send(b"ATD1\r")
    client.expect(b"\r\nNO CARRIER\r\n", deadline=30)


def test_host_does_not_answer():
    """S7 ends it."""
    host = silent_host()
    client = terminal(daemon_for(f"tcp:127.0.0.1:{host.port}"), settings=b"ATE0S7=2\r")
    start = time.monotonic()
    client.send(b"ATD1\r")
    client.expect(b"\r\nNO ANSWER\r\n")
    assert 1.5 < time.monotonic() - start < 4


def test_only_numbers_of_the_book():
    host = Host()
    client = terminal(daemon_for("echo"))
    for number in (b"2", b"tcp:127.0.0.1:%d" % host.port, b"127.0.0.1:%d" % host.port, b""):
        client.send(b"ATD" + number + b"\r")
        client.expect(b"NO CARRIER\r\n" if b":" not in number else b"ERROR\r\n")
    host.listener.settimeout(0.3)
    try:
        host.accept()
    except socket.timeout:
        return
    raise AssertionError("somebody was connected to")


def test_caller_hangs_up():
    """What was sent before it reaches the host, then its connection ends."""
    _, client, peer = in_call("tcp")
    client.send(b"last words")
    time.sleep(1.1)
    client.send(b"+++")
    client.expect(b"OK\r\n")
    client.send(b"ATH\r")
    client.expect(b"OK\r\n")
    assert exactly(peer, 13) == b"last words+++"
    assert peer.recv(10) == b""


def test_caller_drops_dtr():
    _, client, peer = in_call("tcp")
    client.command(CONTROL, 9)
    client.expect(b"\r\nNO CARRIER\r\n")
    assert peer.recv(10) == b""


def test_client_leaves():
    daemon, client, peer = in_call("tcp")
    client.close()
    assert peer.recv(10) == b""
    with terminal(daemon) as other:
        other.send(b"ATD1\r")
        other.expect(b"CONNECT")


def test_caller_gives_up():
    silent, host = silent_host(), Host()
    daemon = daemon_for(f"tcp:127.0.0.1:{silent.port}", f"tcp:127.0.0.1:{host.port}")
    client = terminal(daemon)
    for _ in range(20):
        client.send(b"ATD1\r")
        time.sleep(0.15)
        client.send(b"x")
        client.expect(b"NO CARRIER\r\n")
    client.send(b"ATD2\r")
    host.accept()
    client.expect(b"CONNECT")


def test_host_resets():
    _, client, peer = in_call("tcp")
    peer.sendall(b"x")
    client.expect(b"x")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    client.expect(b"\r\nNO CARRIER\r\n")


def test_host_half_closes():
    _, client, peer = in_call("tcp")
    peer.sendall(b"goodbye")
    peer.shutdown(socket.SHUT_WR)
    client.expect(b"goodbye\r\nNO CARRIER\r\n")
    assert peer.recv(10) == b""


def test_host_says_nothing():
    daemon, client, peer = in_call("tcp")
    client.expect_nothing(1)
    with terminal(daemon, "modem2") as other:
        other.send(b"ATD1\r")
        other.expect(b"CONNECT")
    peer.sendall(b"at last")
    client.expect(b"at last")


SLOW = r"""
#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (hints == NULL || (hints->ai_flags & AI_NUMERICHOST) == 0)
		sleep(4);
	return real(node, service, hints, res);
}
"""


def slow_names(directory):
    """Something to preload with which every look-up takes 4 s."""
    source, shim = (os.path.join(directory, name) for name in ("slow.c", "slow.so"))
    with open(source, "w", encoding="ascii") as f:
        f.write(SLOW)
    compiler = shlex.split(os.environ.get("CC") or "cc")
    need(compiler[0])
    subprocess.run([*compiler, "-D_GNU_SOURCE", "-shared", "-fPIC", source, "-o", shim, "-ldl"], check=True)
    return {"LD_PRELOAD": shim}


def test_names_are_looked_up_aside():
    """Nobody waits for a slow name server, neither another line nor the end of the daemon."""
    host = Host()
    numbers = f'number "1" {{ to = "tcp:localhost:{host.port}" }}\n' \
              f'number "2" {{ to = "tcp:127.0.0.1:{host.port}" }}'
    with tempfile.TemporaryDirectory() as directory:
        daemon = Daemon(MODEM.format(numbers=numbers), env=slow_names(directory))
        client, other = terminal(daemon), terminal(daemon, "modem2")
        begin = time.monotonic()
        client.send(b"ATD1\r")
        time.sleep(0.6)
        other.send(b"ATD1\r")
        other.expect(b"CONNECT 115200\r\n")
        for _ in range(20):
            other.send(b"ping")
            other.expect(b"ping")
        assert time.monotonic() - begin < 3
        peer = host.accept()
        client.expect(b"CONNECT 115200\r\n")
        assert 4 < time.monotonic() - begin < 8
        peer.close()
        client.expect(b"NO CARRIER\r\n")
        client.send(b"ATS7=2D1\r")
        client.expect(b"NO ANSWER\r\n")
        client.send(b"ATD2\r")  # the look-up still runs
        peer = host.accept()
        client.expect(b"CONNECT 115200\r\n")
        client.send(b"x")
        assert peer.recv(1) == b"x"
        daemon.stop(deadline=3)


# --- how much


def memory(daemon):
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def flood(peer, data):
    """Sends until nothing has gone for half a second, or 64 MiB; returns how much went."""
    peer.setblocking(False)
    sent, quiet = 0, 0
    while quiet < 10 and sent < 64 << 20:
        try:
            sent += peer.send(data)
            quiet = 0
        except BlockingIOError:
            quiet += 1
            time.sleep(0.05)
    return sent


def test_host_floods():
    """Nobody reads: the host is stopped, the daemon does not grow, the other line does not notice."""
    daemon, client, peer = in_call("tcp")
    before = memory(daemon)
    assert flood(peer, b"x" * 65536) < 32 << 20
    assert memory(daemon) - before < 8 << 10
    with terminal(daemon, "modem2") as other:
        other.send(b"ATD1\r")
        other.expect(b"CONNECT")
    assert client is not None


def test_host_floods_a_terminal_with_commands():
    """It has gone back to commands: they work, nothing of the flood is in between, and ATH ends it."""
    daemon, client, peer = in_call("tcp")
    time.sleep(1.1)
    client.send(b"+++")
    client.expect(b"OK\r\n")
    assert exactly(peer, 3) == b"+++"
    before = memory(daemon)
    assert flood(peer, b"x" * 65536) < 32 << 20
    assert memory(daemon) - before < 8 << 10
    client.send(b"ATS7?\r")
    assert client.take(13) == b"\r\n050\r\n\r\nOK\r\n"
    client.send(b"ATH\r")
    client.expect(b"OK\r\n")
    client.send(b"ATD1\r")
    client.expect(b"CONNECT 115200\r\n")


def test_telnet_host_never_ends_an_option():
    """Endless subnegotiation is no data: it is thrown away, and the other line goes on meanwhile."""
    daemon, client, peer = in_call("telnet")
    before = memory(daemon)
    with terminal(daemon, "modem2") as other:
        other.send(b"ATD1\r")
        other.expect(b"CONNECT")
        peer.sendall(b"\xff\xfa\x18")
        flooder = threading.Thread(target=lambda: peer.sendall(b"x" * (32 << 20)), daemon=True)
        flooder.start()
        begin = time.monotonic()
        for _ in range(50):
            other.send(b"ping")
            other.expect(b"ping")
        assert time.monotonic() - begin < 5
        peer.settimeout(60)
        flooder.join(60)
    peer.sendall(b"\xff\xf0at last")
    client.expect(b"at last")
    assert memory(daemon) - before < 8 << 10


def test_host_closes_at_once():
    """It was a call, if a short one."""
    host = Host()
    client = terminal(daemon_for(f"tcp:127.0.0.1:{host.port}"))
    for _ in range(5):
        client.send(b"ATD1\r")
        host.accept().close()
        client.expect(b"\r\nCONNECT 115200\r\n\r\nNO CARRIER\r\n")


def bulk(to, size, there, wired):
    """Both ways at once; `there` reaches the host as `wired`."""
    _, client, peer = in_call(to, settings=b"ATE0S2=255\r")
    back = os.urandom(size)
    got = []
    reader = threading.Thread(target=lambda: got.append(exactly(peer, len(wired))), daemon=True)
    writer = threading.Thread(target=lambda: peer.sendall(back if to == "tcp" else doubled(back)), daemon=True)
    reader.start()
    writer.start()
    sender = threading.Thread(target=lambda: client.send(there), daemon=True)
    client.sock.settimeout(30)
    sender.start()
    data = client.take(len(back), deadline=30)
    sender.join(30)
    reader.join(30)
    assert hashlib.sha256(data).digest() == hashlib.sha256(back).digest()
    assert got and hashlib.sha256(got[0]).digest() == hashlib.sha256(wired).digest()


def doubled(data):
    """As Telnet: 255 is doubled, and NUL follows CR."""
    return data.replace(b"\xff", b"\xff\xff").replace(b"\r", b"\r\0")


def test_bulk_both_ways():
    there = os.urandom(1 << 20)
    bulk("tcp", 1 << 20, there, there)


def test_bulk_both_ways_in_telnet():
    there = os.urandom(1 << 18).replace(b"\r", b"")
    bulk("telnet", 1 << 18, there, doubled(there))


def closes_while_data_waits(to):
    """What it has sent comes at the rate of the line, and the end of the call right behind it."""
    host = Host()
    numbers = f'pace = true speed = 115200 number "1" {{ to = "{to}:127.0.0.1:{host.port}" }}'
    client = terminal(Daemon(MODEM.format(numbers=numbers)))
    client.send(b"ATD1\r")
    peer = host.accept()
    client.expect(b"CONNECT 115200\r\n")
    data = b"d" * 30000
    peer.sendall(data)
    peer.close()
    assert client.take(len(data), deadline=20) == data
    client.expect(b"\r\nNO CARRIER\r\n", deadline=3)


def test_host_closes_while_data_waits():
    closes_while_data_waits("tcp")


def test_telnet_host_closes_while_data_waits():
    closes_while_data_waits("telnet")


# --- Telnet


def test_telnet_host():
    _, client, peer = in_call("telnet", settings=b"ATE0S2=255\r")
    peer.sendall(b"\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03\xff\xfd\x03login\xff\xff: ")
    assert exactly(peer, 12) == b"\xff\xfc\x18\xff\xfd\x01\xff\xfd\x03\xff\xfb\x03"
    client.expect(b"login\xff: ")
    client.send(b"me\xff\r")
    assert exactly(peer, 6) == b"me\xff\xff\r\0"
    peer.sendall(b"\xff\xfb\0\xff\xfd\0")
    assert exactly(peer, 6) == b"\xff\xfd\0\xff\xfb\0"
    client.send(b"\r\xff")
    assert exactly(peer, 3) == b"\r\xff\xff"
    peer.sendall(b"\r\0")
    client.expect(b"\r\0")


def test_line_ends_to_a_telnet_host():
    """CR LF is one (RFC 854): of two the second would answer the prompt that follows.  CR alone is not held back."""
    _, client, peer = in_call("telnet", settings=b"ATE0S2=255\r")
    client.send_raw(b"user\r\nword\r\n\r\r")
    assert exactly(peer, 16) == b"user\r\nword\r\n\r\0\r\0"


def test_telnet_host_floods_with_questions():
    """It asks and asks and reads nothing: nothing grows."""
    daemon, client, peer = in_call("telnet")
    before = memory(daemon)
    assert flood(peer, b"\xff\xfd\x18" * 20000) < 32 << 20
    assert memory(daemon) - before < 8 << 10
    peer.close()
    client.expect(b"NO CARRIER\r\n")
