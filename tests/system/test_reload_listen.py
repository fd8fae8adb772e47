"""Where the daemon listens changes while it runs: to an address that overlaps, to another service or line, and not at
all where somebody else has the port.  The clients that wait to be accepted meanwhile are not lost."""
import os
import signal
import socket

from control import ask, named, status, wait_state
from harness import Client, Daemon, Telnet, free_port, wait_for

MANY = 50  # more than are accepted at a time, fewer than can wait
OTHER = "127.0.0.2"  # an address of this host that nobody configures


class House:
    """A daemon whose lines and services are written anew for each reload."""

    def __init__(self, text):
        self.daemon = Daemon("max-clients-per-address = 1000\n" + text, services=[])
        self.daemon.wait_log("event=ready ")
        with open(self.daemon.path, encoding="utf-8") as f:
            self.globals = f.read().removesuffix(text)

    def write(self, text):
        with open(self.daemon.path, "w", encoding="utf-8") as f:
            f.write(self.globals + text)

    def reload(self, text, **how):
        self.write(text)
        return ask(self.daemon, "reload", **how)

    def listens(self, service):
        return named(status(self.daemon)["services"], service)["listen"].split()


def quoted(addresses):
    return ", ".join(f'"{address}"' for address in addresses)


def echo(name, *listen):
    return (f'line "{name}" {{ device = "loopback" kind = "console" session-limit = 1h allow = {{ "loopback" }} '
            f'listen = {{ {quoted(listen)} }} }}\n')


def modem(name, *answer):
    return (f'line "{name}" {{ device = "virtual" kind = "modem" hangup-time = 0 allow = {{ "loopback" }} '
            f'listen = {{ "127.0.0.1:0" }} answer = {{ {quoted(answer)} }} }}\n')


def has_v6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


def serves(port, host="127.0.0.1"):
    """A claim works there."""
    with Telnet(port, host=host) as client:
        client.send(b"hello")
        client.expect(b"hello")
        client.fin()
        client.expect_end()


def refuses(port, host):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as s:
        return s.connect_ex((host, port)) != 0


def test_overlapping_addresses():
    """The step of the README, from this host to the network, and each other one of its kind, there and back."""
    port = free_port()
    house = House(echo("x", port))
    steps = [([f"0.0.0.0:{port}"], ["127.0.0.1", OTHER], ["::1"]),
             ([f"127.0.0.1:{port}"], ["127.0.0.1"], [OTHER]),
             ([f"[::]:{port}"], ["::1"], ["127.0.0.1"]),
             ([f"[::1]:{port}"], ["::1"], ["127.0.0.1"]),
             ([f"0.0.0.0:{port}", f"[::]:{port}"], ["127.0.0.1", OTHER, "::1"], []),
             ([port], ["127.0.0.1", "::1"], [OTHER]),
             ([f"{OTHER}:{port}", f"127.0.0.1:{port}"], ["127.0.0.1", OTHER], ["::1"]),
             ([f"0.0.0.0:{port}"], ["127.0.0.1", OTHER], ["::1"])]
    for listen, yes, no in steps:
        if not has_v6() and any("[" in str(address) for address in listen):
            continue
        said = house.reload(echo("x", *listen))
        assert "restart" not in said, said
        for host in yes:
            if ":" not in host or has_v6():
                serves(port, host)
                wait_state(house.daemon, "x", "free")
        for host in no:
            assert refuses(port, host), (listen, host)
    house.daemon.stop()


def test_overlap_between_services():
    """The address goes to another service, and two services swap theirs; an owner notices nothing."""
    first, second = free_port(), free_port()
    house = House(echo("a", f"127.0.0.1:{first}") + echo("b", f"127.0.0.1:{second}"))
    owner = Telnet(first)
    owner.send(b"mine")
    owner.expect(b"mine")
    house.reload(echo("a", f"0.0.0.0:{second}") + echo("b", f"0.0.0.0:{first}"))
    assert house.listens("a") == [f"0.0.0.0:{second}"] and house.listens("b") == [f"0.0.0.0:{first}"]
    serves(first, OTHER)
    owner.send(b"still mine")
    owner.expect(b"still mine")
    house.reload(echo("a", f"0.0.0.0:{first}") + echo("b", f"0.0.0.0:{second}"))
    other = Telnet(first, host=OTHER)
    other.send(b"x")
    assert b"a is in use by" in other.expect_end()
    house.reload(echo("a", f"127.0.0.1:{second}", f"{OTHER}:{first}") + echo("b", f"127.0.0.1:{first}"))
    wait_state(house.daemon, "b", "free")
    serves(first)
    other = Telnet(first, host=OTHER)
    other.send(b"x")
    assert b"a is in use by" in other.expect_end()
    owner.close()
    house.daemon.stop()


def rings(house, name, port, host="127.0.0.1"):
    """A call there is one for this line."""
    wait_state(house.daemon, name, "free")
    with Telnet(int(house.listens(name)[0].rsplit(":", 1)[1])) as owner:
        owner.send(b"ATE0\r")
        owner.expect(b"OK\r\n")
        with Client(port, host=host):
            owner.expect(b"\r\nRING\r\n")
    wait_state(house.daemon, name, "free")


def test_answer():
    """The doors of virtual modems: overlapping, swapped, and an address that was a service's."""
    first, second = free_port(), free_port()
    house = House(modem("a", f"127.0.0.1:{first}") + modem("b", f"127.0.0.1:{second}"))
    rings(house, "a", first)
    house.reload(modem("a", f"0.0.0.0:{first}") + modem("b", f"127.0.0.1:{second}"))
    rings(house, "a", first, OTHER)
    rings(house, "b", second)
    house.reload(modem("a", f"127.0.0.1:{second}") + modem("b", f"0.0.0.0:{first}"))
    rings(house, "a", second)
    rings(house, "b", first, OTHER)
    house.reload(modem("a", f"0.0.0.0:{second}", f"{OTHER}:{first}") + echo("c", f"127.0.0.1:{first}"))
    rings(house, "a", second, OTHER)
    rings(house, "a", first, OTHER)
    serves(first)
    house.reload(modem("a", f"0.0.0.0:{first}") + echo("c", f"0.0.0.0:{second}"))
    rings(house, "a", first)
    serves(second)
    house.daemon.stop()


def test_taken_by_another():
    """Somebody else has the port at another address: nothing changes, at no service and no line."""
    port, other = free_port(), free_port()
    before = (echo("x", f"127.0.0.1:{port}") + echo("y", f"127.0.0.1:{other}") + modem("m", f"{OTHER}:{other}"))
    house = House(before)
    with socket.create_server((OTHER, port)):
        for after in (echo("x", f"0.0.0.0:{port}") + echo("y", f"0.0.0.0:{other}"),
                      echo("y", f"0.0.0.0:{other}") + echo("x", f"0.0.0.0:{port}"),
                      modem("m", f"0.0.0.0:{other}", f"0.0.0.0:{port}")):
            mark = len(house.daemon.log)
            said = house.reload(after, status=1)
            house.daemon.wait_log("event=reload-failed ", after=mark)
            assert not any("event=listen " in row for row in house.daemon.log[mark:]), "listens nowhere else"
            assert "cannot listen" in said[1] and f"0.0.0.0:{port}: Address already in use" in said[1], said
            assert house.listens("x") == [f"127.0.0.1:{port}"] and house.listens("y") == [f"127.0.0.1:{other}"]
            serves(port)
            serves(other)
            rings(house, "m", other, OTHER)
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.3", port))  # nothing of the try is left
    house.reload(echo("x", f"0.0.0.0:{port}"))
    serves(port, OTHER)
    house.daemon.stop()


def wait_in_line(house, text, port, expected):
    """The daemon finds MANY clients who wait to be accepted and a new configuration at once; how many it greets."""
    house.write(text)
    mark = len(house.daemon.log)
    os.kill(house.daemon.pid, signal.SIGSTOP)
    try:
        wait_for(lambda: open(f"/proc/{house.daemon.pid}/stat").read().rsplit(")", 1)[1].split()[0] == "T", 5)
        clients = [Telnet(port) for _ in range(MANY)]
        os.kill(house.daemon.pid, signal.SIGHUP)
    finally:
        os.kill(house.daemon.pid, signal.SIGCONT)
    house.daemon.wait_log(expected, after=mark)
    for client in clients:
        client.send_raw([255, 246])  # Are You There
        client.until(lambda: b"free" in client.data, what="an answer")
    for client in clients:
        client.close()
    wait_for(lambda: status(house.daemon)["clients"] == 0, 10)


def test_nobody_who_waits_is_lost():
    port = free_port()
    loopback, everywhere = echo("x", f"127.0.0.1:{port}"), echo("x", f"0.0.0.0:{port}")
    house = House(loopback)
    for _ in range(5):
        wait_in_line(house, everywhere, port, "event=reload ")
        wait_in_line(house, loopback, port, "event=reload ")
    with socket.create_server((OTHER, port)):
        wait_in_line(house, everywhere, port, "event=reload-failed .*Address already in use")
    house.daemon.stop()


def test_ports_of_the_kernel():
    """Each address with port 0 has a port of its own, also those that a reload adds; those that were there stay."""
    house = House(echo("x", "127.0.0.1:0") + echo("y", "127.0.0.1:0"))
    x, y = house.listens("x"), house.listens("y")
    house.reload(echo("x", "127.0.0.1:0", "127.0.0.1:0") + echo("y", "127.0.0.1:0"))
    assert house.listens("y") == y
    both = house.listens("x")
    assert len(both) == 2 and both[0] == x[0] and both[1] != x[0], both
    for address in both:
        serves(int(address.rsplit(":", 1)[1]))
        wait_state(house.daemon, "x", "free")
    house.reload(echo("x", f"0.0.0.0:{both[1].rsplit(':', 1)[1]}") + echo("y", "127.0.0.1:0"))
    serves(int(both[1].rsplit(":", 1)[1]), OTHER)
    assert house.listens("y") == y
    house.daemon.stop()
