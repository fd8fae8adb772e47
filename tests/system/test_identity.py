"""What is for clients that can be told apart by their address: take-over, one place for each, cool-down.  They live in
network namespaces of their own, since nobody on loopback is anybody."""
import subprocess
import sys
import time

from harness import Client, Daemon, Skip, need
from test_network import ip, own_network

# A client with a network of its own: commands come on its input, a line each; it prints what it sees.
FAR = """\
import ctypes, os, select, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x40000000):
    print("no", flush=True)
    sys.exit()
print("far", flush=True)
socks = {}
for line in sys.stdin:
    what, name, *rest = line.split()
    if what == "connect":
        socks[name] = socket.create_connection((rest[0], int(rest[1])))
    elif what == "send":
        socks[name].sendall(rest[0].encode())
    elif what == "close":
        socks.pop(name).close()
    elif what == "expect":
        got, wanted, limit = b"", rest[0].encode().replace(b"_", b" "), float(rest[1])
        while wanted not in got:
            if not select.select([socks[name]], [], [], limit)[0]:
                break
            data = socks[name].recv(4096)
            if not data:
                got += b"<end>"
                break
            got += data
        print("yes" if wanted in got else "no " + repr(got), flush=True)
        continue
    print("done", flush=True)
"""

LINE = """\
line "con" {
    device = "loopback"
    kind = "console"
    listen = { "%s:0" }
    allow = { "192.0.2.0/24" }
    %s
}
"""


class Net:
    """A bridge with hosts on it, 192.0.2.2 and on; the daemon is at 192.0.2.1."""

    near = "192.0.2.1"

    def __init__(self, n=2):
        own_network()
        ip("link add bridge type bridge")
        ip(f"addr add {self.near}/24 dev bridge")
        ip("link set bridge up")
        self.hosts = [Host(i) for i in range(2, 2 + n)]


class Host:
    def __init__(self, number):
        self.address = f"192.0.2.{number}"
        self.process = subprocess.Popen([sys.executable, "-c", FAR], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "far\n":
            raise Skip("kernel forbids: network namespaces (for the far end)")
        inside = (need("nsenter"), "-t", str(self.process.pid), "-n")
        ip(f"link add near{number} type veth peer name far netns {self.process.pid}")
        ip(f"link set near{number} master bridge")
        ip(f"link set near{number} up")
        ip(f"addr add {self.address}/24 dev far", *inside)
        ip("link set far up", *inside)
        self.inside = inside

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def connect(self, name, port):
        assert self.say(f"connect {name} {Net.near} {port}") == "done"

    def send(self, name, text):
        assert self.say(f"send {name} {text}") == "done"

    def expect(self, name, text, deadline=10):
        answer = self.say(f"expect {name} {text.replace(' ', '_')} {deadline}")
        assert answer == "yes", (text, answer)

    def close(self, name):
        assert self.say(f"close {name}") == "done"

    def own(self, name, port):
        self.connect(name, port)
        self.send(name, "mine")
        self.expect(name, "mine")


def start(keys):
    daemon = Daemon(LINE % (Net.near, keys), services=[])
    return daemon, daemon.port("con", Net.near)


def test_the_same_owner_takes_over_a_silent_connection():
    net = Net()
    daemon, port = start('takeover = "same-owner" keepalive = { 0, 1, 1 } inactivity = "1h"')
    here, there = net.hosts
    here.own("old", port)
    here.connect("new", port)
    here.send("new", "early")
    here.expect("new", "BUSY", 6)  # heard of a moment ago
    time.sleep(10.5)  # the rule's own ten seconds of silence
    there.connect("other", port)
    there.send("other", "x")
    there.expect("other", "BUSY", 6)
    here.own("again", port)
    daemon.wait_log(r'event=claim-end line=con client=192.0.2.2 .* why="kick"')
    here.expect("old", "NO CARRIER")
    time.sleep(10.5)
    here.connect("third", port)
    here.send("third", "x")
    here.expect("third", "BUSY", 6)  # not twice in a minute


def test_off_unless_it_is_asked_for():
    net = Net(1)
    _, port = start("")
    here, = net.hosts
    here.own("old", port)
    time.sleep(10.5)
    here.connect("new", port)
    here.send("new", "x")
    here.expect("new", "BUSY", 6)


def test_one_place_for_each():
    net = Net()
    _, port = start('busy = "queue"')
    here, there = net.hosts
    here.own("owner", port)
    there.connect("first", port)
    there.send("first", "x")
    there.expect("first", "WAITING 1")
    there.connect("second", port)
    there.send("second", "x")
    there.expect("second", "BUSY", 6)
    here.close("owner")
    there.expect("first", "READY")


def test_who_was_cut_for_inactivity_comes_last():
    net = Net(3)
    daemon, port = start('busy = "queue" inactivity = "1s" warning = "0" cool-down = "30s"')
    idle, owner, waiter = net.hosts
    idle.own("a", port)
    daemon.wait_log(r'event=claim-end line=con client=192.0.2.2 .* why="idle"')
    owner.own("b", port)
    idle.connect("c", port)
    idle.send("c", "x")
    idle.expect("c", "WAITING 1")
    waiter.connect("d", port)
    waiter.send("d", "y")
    waiter.expect("d", "WAITING 1")
    idle.expect("c", "WAITING 2")
    owner.close("b")
    waiter.expect("d", "READY")


def test_an_ipv6_client_is_its_network():
    """Whatever address of its /64 it comes by, they are connections of one client."""
    own_network()
    near, same, also, other = "2001:db8:1::1", "2001:db8:1::a", "2001:db8:1::b", "2001:db8:2::a"
    for address in (near, same, also, other):
        ip(f"-6 addr add {address}/64 dev lo nodad")
    text = LINE.replace("%s:0", "[%s]:0").replace("192.0.2.0/24", "any") % (near, "")
    daemon = Daemon("max-clients-per-address = 2\n" + text, services=[])
    port = daemon.port("con", f"[{near}]")
    held = [Client(port, host=near, source=source) for source in (same, also)]
    extra = Client(port, host=near, source=same)
    assert b"con takes nobody any more for now: too many clients of one address" in extra.expect_end(5)
    daemon.wait_log(f'event=turned-away service=con client={same} why="too many clients of one address"')
    client = Client(port, host=near, source=other)
    client.send(b"mine")
    client.expect(b"mine")
    held[0].close()
