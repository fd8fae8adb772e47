"""A peer that falls silent: its cable is pulled, in a network namespace of its own."""
import ctypes
import os
import subprocess
import sys
import threading
import time

from harness import ComPort, Daemon, Skip, need
from ttyshim import FakeTty

CONFIG = """\
line "con" {
    device = "%s"
    kind = "console"
    listen = { "127.0.0.1:0" }
    inactivity = "1h"
    %s
}
"""

# The far end: a process with a network of its own, until its input says that the cable is in.
CLIENT = """\
import ctypes, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x40000000):
    print("no", ctypes.get_errno(), flush=True)
    sys.exit()
print("far", flush=True)
host, port = sys.stdin.readline().split()
s = socket.create_connection((host, int(port)))
s.sendall(b"mine")
got = b""
while not got.endswith(b"mine"): got += s.recv(100)
print("owner", flush=True)
time.sleep(300)
"""

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000


def own_network():
    """This process and its children get a network of their own, which ends with them."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNET | (CLONE_NEWUSER if uid else 0)):
        raise Skip(f"kernel forbids: network namespaces ({os.strerror(ctypes.get_errno())})")
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as f:
                f.write(text)
    ip("link set lo up")


def ip(command, *inside):
    done = subprocess.run([*inside, need("ip"), *command.split()], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise Skip(f"kernel forbids: network namespaces (ip {command}: {done.stderr.strip()})")


class Cable:
    """A client at the far end of a veth pair, with addresses of TEST-NET-1."""

    def __init__(self):
        own_network()
        self.near_ip = "192.0.2.1"
        self.client = subprocess.Popen([sys.executable, "-c", CLIENT], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        if self.client.stdout.readline() != "far\n":
            raise Skip("kernel forbids: network namespaces (for the far end)")
        self.inside = (need("nsenter"), "-t", str(self.client.pid), "-n")
        ip(f"link add near type veth peer name far netns {self.client.pid}")
        ip(f"addr add {self.near_ip}/24 dev near")
        ip("link set near up")
        ip("addr add 192.0.2.2/24 dev far", *self.inside)
        ip("link set far up", *self.inside)

    def own(self, port):
        """The client claims the line."""
        self.client.stdin.write(f"{self.near_ip} {port}\n")
        self.client.stdin.flush()
        assert self.client.stdout.readline() == "owner\n"

    def pull(self):
        """Nothing gets through any more, and nobody is told."""
        ip("link set far down", *self.inside)


def start(cable, tty, keys):
    """The daemon on the near end; it listens on loopback too, for the next owner."""
    text = (CONFIG % (tty.path, keys)).replace('"127.0.0.1:0"',
                                               f'"127.0.0.1:0", "{cable.near_ip}:0"')
    return Daemon(text, env=tty.env())


def pulled(keys, traffic, why, deadline):
    cable, tty = Cable(), FakeTty()
    daemon = start(cable, tty, keys + ' allow = { "127.0.0.0/8", "192.0.2.0/24" }')
    daemon.wait_log("event=line-ready")
    threading.Thread(target=lambda: tty.write(tty.read(4)), daemon=True).start()
    cable.own(daemon.port("con", cable.near_ip))
    cable.pull()
    before = time.monotonic()
    if traffic:
        traffic(tty)
    daemon.wait_log(rf'event=claim-end line=con client=192.0.2.2 .* why="{why}"', deadline)
    took = time.monotonic() - before
    client = ComPort(daemon.port("con"))
    client.send(b"next")
    tty.read_until(b"next")
    client.close()
    return took


def test_silent_peer_of_an_idle_session():
    """Keepalive probes: 1 s idle, 1 s apart, 2 of them."""
    took = pulled("keepalive = { 1, 1, 2 }", None, "dead", 15)
    assert took < 8, took


def test_silent_peer_without_keepalive_is_cut_when_idle():
    """Where probes are off, the limit still brings the line back."""
    pulled('keepalive = { 0, 1, 1 } session-limit = "3s" warning = "0"', None, "limit", 15)


def test_silent_peer_while_the_line_sends():
    """Data is outstanding, so the kernel sends no keepalive probes, and retransmits for a quarter of an
    hour; TCP_INFO tells that nothing is acknowledged."""
    took = pulled("keepalive = { 1, 1, 2 } stall = \"1h\"", lambda tty: tty.write(b"lost"), "dead", 15)
    assert 2.5 < took < 8, took
