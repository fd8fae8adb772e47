"""Who owns nothing, and who only looks, disturbs nobody: what an owner's echo costs beside them."""
import os
import signal
import socket
import time

import control
from harness import BINARY, Client, DO, DONT, Daemon, IAC, WILL, wait_for

ECHOES = 1500
BOUND = 2  # times as long as undisturbed; the test allows four times that, for the machine's sake


def forked(jobs):
    """The processes that do these, until end()."""
    pids = []
    for job in jobs:
        pid = os.fork()
        if pid == 0:
            try:
                job()
            finally:
                os._exit(1)
        pids.append(pid)
    return pids


def end(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)


# --- the owner


def echo(client):
    """p50 and p99 of an echo, in microseconds."""
    took, end_at = [], time.monotonic() + 10
    while len(took) < ECHOES and time.monotonic() < end_at:
        begun = time.perf_counter()
        client.sock.sendall(b"x")
        assert client.sock.recv(1) == b"x"
        took.append(time.perf_counter() - begun)
        time.sleep(0.001)
    took.sort()
    return [1e6 * took[len(took) * share // 100] for share in (50, 99)]


def compare(what, alone, beside):
    print(f"echo of an owner, p50 and p99 in us: undisturbed {alone[0]:.0f} {alone[1]:.0f}, beside {what} "
          f"{beside[0]:.0f} {beside[1]:.0f}")
    assert beside[0] <= 4 * BOUND * alone[0], (what, alone, beside)


# --- those who own nothing


def toggler(port, n):
    """Toggles options without pause on n connections, and reads what is answered."""
    storm = bytes([IAC, DO, 99, IAC, WILL, 98, IAC, DO, BINARY, IAC, DONT, BINARY]) * 4000
    socks = [socket.create_connection(("127.0.0.1", port)) for _ in range(n)]
    for sock in socks:
        sock.setblocking(False)
    while True:
        for sock in socks:
            try:
                sock.send(storm)
            except BlockingIOError:
                pass
            try:
                sock.recv(1 << 20)
            except BlockingIOError:
                pass


def test_an_owner_beside_sixty_who_toggle_options():
    daemon = Daemon("max-clients-per-address = 100\n" + 'line "l0" { device = "loopback" kind = "console" '
                    'protocol = "raw" listen = { "127.0.0.1:0" } }\n'
                    'line "l1" { device = "loopback" kind = "console" listen = { "127.0.0.1:0" } '
                    'claim-timeout = 0 }\n', options=())
    client = Client(daemon.port("l0"))
    client.send(b"mine")
    client.expect(b"mine")
    alone = echo(client)
    pids = forked([lambda: toggler(daemon.port("l1"), 60)])
    wait_for(lambda: control.status(daemon)["clients"] == 61, 10, "all of them")
    beside = echo(client)
    end(pids)
    compare("60 that toggle options", alone, beside)
