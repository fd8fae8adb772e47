"""Places for clients and readers: how many there are, and who gets them when there are too few."""
import os
import re
import resource
import socket
import subprocess
import tempfile
import time
import urllib.request

from control import ask, line, socket_of, status
from harness import MODEMSHARED, Client, Daemon, Skip, Telnet, daemon_environment, need, wait_for
from ttyshim import FakeTty

LINE = """\
line "%s" {
    device = "loopback"
    kind = "console"
    listen = { "127.0.0.1:0" }
    allow = { "127.0.0.0/8" }
    %s
}
"""
# Whoever connects claims one of these, and waits: 64 at each.
WAITED = "".join(LINE % (name, 'protocol = "raw" busy = "queue" queue-limit = 64 queue-wait = 0') for name in "ab")
PAGE = 'status { listen = { "127.0.0.1:0" } }\n'


def limited(soft, hard=None):
    """The prefix of a command that may have so many descriptors."""
    return (need("prlimit"), f"--nofile={soft}:{hard or soft}")


def places(text, descriptors):
    """The last line that -n prints, and what it writes beside."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([*limited(descriptors), MODEMSHARED, "-n", "-f", file.name], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                              env=daemon_environment())
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1], done.stderr


def goes_on(client):
    client.send(b"all is well")
    client.expect(b"all is well")


def owner(daemon, service, **how):
    client = Client(daemon.port(service), **how)
    goes_on(client)
    return client


def soft_limit(daemon):
    return resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)[0]


def is_healthy(daemon):
    port = daemon.wait_log(r"event=listen page=status address=127\.0\.0\.1:(\d+)").group(1)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        return answer.status == 200


def counted(daemon, n):
    """So many are counted; the picture may be a moment old."""
    wait_for(lambda: status(daemon)["clients"] == n, 10, f"{n} clients")
    return True


def waiter(daemon, i):
    """One of many addresses."""
    client = Client(daemon.port("ab"[i % 2]), source=f"127.0.{i % 8}.{2 + i % 200}")
    client.until(lambda: client.data or client.ended, 10, "WAITING, or a refusal")
    return client


# --- descriptors


def test_the_soft_limit_is_raised_to_the_hard_one():
    assert soft_limit(Daemon(LINE % ("con", ""), prefix=limited(64, 300))) == 300


def test_descriptors_are_kept_for_all_but_clients():
    """Clients that have all places of theirs keep neither the tool out, nor the page, a reload, a device."""
    tty = FakeTty()
    text = (LINE % ("tty", "")).replace('"loopback"', f'"{tty.path}"') + WAITED + PAGE
    said, _ = places(text, 232)
    assert said == "clients: at most 97; descriptors 232 - lines 3 - listeners 4 - readers 64 - reserve 64 = 97", said
    daemon = Daemon("max-clients-per-address = 1000\n" + text, env=tty.env(), prefix=limited(100, 232))
    daemon.wait_log("event=line-ready line=tty")
    assert status(daemon)["max-clients"] == 97
    owners = [owner(daemon, name) for name in "ab"]
    there = owners + [waiter(daemon, i) for i in range(95)]
    assert not any(b"BUSY" in client.data for client in there)
    for i in range(95, 150):
        said = bytes(waiter(daemon, i).data)
        assert re.fullmatch(rb"BUSY\r\n[ab] takes nobody any more for now: too many clients\r\n", said), said
    assert counted(daemon, 97) and is_healthy(daemon)
    tty.unplug()
    wait_for(lambda: line(daemon, "tty")["state"] != "free", 10)
    tty.replug()
    wait_for(lambda: line(daemon, "tty")["state"] == "free", 20)
    with open(daemon.path, "a", encoding="utf-8") as f:
        f.write(LINE % ("more", ""))
    ask(daemon, "reload")
    for client in owners:
        goes_on(client)
    assert not any("event=accept" in entry for entry in daemon.log), "never were there none left"
    # Two places are the new line's and its listener's now; who was there has stayed.
    assert status(daemon)["max-clients"] == 95 and counted(daemon, 97)
    for client in there[-3:]:
        client.close()
    counted(daemon, 94)
    there.append(waiter(daemon, 95))
    assert b"WAITING" in there[-1].data and b"too many clients" in waiter(daemon, 96).data


def looker(daemon, uid):
    """A connection of another user to the control socket, who has been greeted."""
    sock = socket.socket(socket.AF_UNIX)
    os.seteuid(uid)
    try:
        sock.connect(socket_of(daemon))
    finally:
        os.seteuid(0)
    sock.settimeout(10)
    assert b'"modemshare"' in sock.recv(4096)
    return sock


def test_descriptors_are_kept_for_all_who_look_and_act():
    """The control socket has its descriptors for as many as it takes, though clients have all places of theirs."""
    if os.getuid() != 0:
        raise Skip("needs root, to be other users")
    daemon = Daemon("max-clients-per-address = 1000\n" + WAITED, prefix=limited(132))
    there = [owner(daemon, name) for name in "ab"] + [waiter(daemon, i) for i in range(62)]
    assert status(daemon)["max-clients"] == len(there) and counted(daemon, len(there))
    os.chmod(daemon.directory, 0o755)
    os.chmod(socket_of(daemon), 0o666)
    lookers = [looker(daemon, 60001 + i // 4) for i in range(16)]
    acting = [looker(daemon, 0) for _ in range(7)]
    assert len(lookers + acting) == 23 and counted(daemon, len(there))
    assert not any("event=accept" in entry for entry in daemon.log), "never were there none left"


def test_too_few_descriptors_for_a_single_client():
    """-n says so, and how many it takes; the start and a reload are refused."""
    text = LINE % ("con", "")
    said, warning = places(text, 66)
    assert said == "clients: at most 0; descriptors 66 - lines 1 - listeners 1 - reserve 64 = 0", said
    assert "66 descriptors are too few" in warning and warning.endswith("expected at least 67\n"), warning
    daemon = Daemon(text, services=[], prefix=limited(66))
    assert daemon.end() == 1
    daemon.wait_log("error: .*event=no-descriptors limit=66 needed=67")
    daemon.kill()
    daemon = Daemon(text, prefix=limited(67))
    with open(daemon.path, "a", encoding="utf-8") as f:
        f.write(LINE % ("more", ""))
    _, why = ask(daemon, "reload", status=1)
    assert "67 descriptors are too few; expected at least 69" in why, why
    owner(daemon, "con")


def test_no_descriptors_at_many_services_is_one_line():
    """Fewer than there were at the start, for whatever reason: one line names a service, and counts the rest."""
    names = [f"s{i}" for i in range(90)]
    daemon = Daemon("max-clients-per-address = 200\n" + "".join(LINE % (name, "") for name in names) + PAGE)
    ports = [daemon.port(name) for name in names]
    before = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (1, before[1]))
    clients = [Client(port) for port in ports]
    control = socket.socket(socket.AF_UNIX)
    control.connect(socket_of(daemon))
    daemon.wait_log(r'warning: .*event=accept service=s\d+ error="Too many open files" unlogged=0')
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, before)
    for client in clients:
        client.until(lambda c=client: c.data, 10, "an offer")
    assert control.recv(1)
    assert sum("event=accept" in entry for entry in daemon.log) == 1, "one for all, in 10 s"
    assert is_healthy(daemon)


# --- who goes

IDLE = "max-clients = 12\nmax-clients-per-address = 12\n"


def idle(daemon, service, last, kind=Client):
    """One that claims nothing, from 127.0.0.LAST; it has read the offer, and is known as what it is."""
    client = kind(daemon.port(service), source=f"127.0.0.{last}")
    client.until(lambda: client.data or client.ended, 10, "an offer")
    return client


def there(clients):
    """The numbers of those who are not closed."""
    for client in clients:
        while client.read(0):
            pass
    return [i for i, client in enumerate(clients) if not client.ended]


def test_who_has_claimed_nothing_goes_for_others():
    """All places are taken by idle connections: whoever comes is served, owners and waiters stay."""
    daemon = Daemon(IDLE + LINE % ("con", 'claim-timeout = 0 busy = "queue"'))
    first = owner(daemon, "con", source="127.0.0.2")
    second = Client(daemon.port("con"), source="127.0.0.3")
    second.send(b"me too")
    daemon.wait_log("client=127.0.0.3")
    wait_for(lambda: line(daemon, "con")["waiting"] == 1, 10)
    crowd = [idle(daemon, "con", 10 + i) for i in range(10)]
    daemon.wait_log("event=crowded clients=12")
    assert there(crowd) == list(range(10))
    late = [idle(daemon, "con", 30 + i) for i in range(4)]
    wait_for(lambda: there(crowd) == [4, 5, 6, 7, 8, 9], 10, "the oldest have gone")
    assert there(late) == [0, 1, 2, 3] and counted(daemon, 12)
    goes_on(first)
    assert line(daemon, "con")["waiting"] == 1
    first.close()
    second.expect(b"me too")
    assert sum("event=crowded" in entry for entry in daemon.log) == 1


def test_a_telnet_client_reads_why_it_goes():
    daemon = Daemon("max-clients = 2\n" + LINE % ("con", ""))
    first = owner(daemon, "con", source="127.0.0.2")
    second = Telnet(daemon.port("con"), source="127.0.0.3")
    second.expect(b"con: in use by 127.0.0.2")
    third = idle(daemon, "con", 4)
    assert second.expect_end(5, "fin").endswith(b"\r\nclosed: all places are taken, and nothing was sent\r\n")
    assert not third.ended
    goes_on(first)


def test_a_share_for_each_address_and_service():
    """Who fills all places from one address, or of one service, drives out nobody of others."""
    daemon = Daemon(IDLE + LINE % ("a", "claim-timeout = 0") + LINE % ("b", "claim-timeout = 0"))
    old = [idle(daemon, "a", 2), idle(daemon, "b", 3)]
    [idle(daemon, "a", 4) for _ in range(30)]
    assert there(old) == [0, 1], "one address"
    flood = [idle(daemon, "a", 20 + i) for i in range(40)]
    assert there(old[1:]) == [0], "one service"
    new = owner(daemon, "b", source="127.0.0.5")
    assert there(old[1:]) == [0] and counted(daemon, 12)
    goes_on(new)
    assert len(there(flood)) == 10


def test_claim_timeout_is_a_tenth_while_all_places_are_taken():
    daemon = Daemon("max-clients = 3\n" + LINE % ("con", "claim-timeout = 30s"))
    first = owner(daemon, "con", source="127.0.0.2")
    told = Telnet(daemon.port("con"), source="127.0.0.3")
    told.expect(b"con: in use by 127.0.0.2")
    begin = time.monotonic()
    other = idle(daemon, "con", 4)
    assert told.expect_end(10, "fin").endswith(b"closed: nothing sent for 3s\r\n")
    assert 2 < time.monotonic() - begin < 8
    other.expect_end(10)
    goes_on(first)


def test_a_reload_that_lowers_the_sum_makes_room():
    """Listeners that come have their descriptors, more than the reserve has, though idle clients had them all."""
    daemon = Daemon("max-clients-per-address = 100\n" + LINE % ("con", "claim-timeout = 0"), prefix=limited(132))
    first = owner(daemon, "con")
    crowd = [idle(daemon, "con", 2) for _ in range(65)]
    assert status(daemon)["max-clients"] == 66 and there(crowd) == list(range(65))
    with open(daemon.path, "a", encoding="utf-8") as f:
        f.write("".join(LINE % (f"more{i}", "") for i in range(25)))
    ask(daemon, "reload")
    counted(daemon, 16)
    assert status(daemon)["max-clients"] == 16 and there(crowd) == list(range(50, 65))
    goes_on(first)


# --- what is told


def test_the_page_has_sixteen_addresses():
    """What -n takes is listened on, each of them; check_conferrors has the seventeenth."""
    addresses = ", ".join(f'"127.0.0.{i}:0"' for i in range(1, 17))
    daemon = Daemon(LINE % ("con", "") + "status { listen = { %s } }\n" % addresses)
    for i in range(1, 17):
        port = daemon.wait_log(rf"event=listen page=status address=127\.0\.0\.{i}:(\d+)").group(1)
        with urllib.request.urlopen(f"http://127.0.0.{i}:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200


def test_who_gets_no_place_is_told_why_in_its_own_way():
    """Bytes for whoever speaks raw, and none where nothing is told."""
    raw, silent = LINE % ("raw", 'protocol = "raw"'), LINE % ("silent", "say-why = false")
    daemon = Daemon("max-clients-per-address = 1\n" + raw + silent)
    owner = Client(daemon.port("raw"))
    owner.send(b"mine")
    owner.expect(b"mine")
    said = Client(daemon.port("raw")).expect_end(5, "fin")
    assert said == b"BUSY\r\nraw takes nobody any more for now: too many clients of one address\r\n", said
    assert Client(daemon.port("silent")).expect_end(5, "fin") == b""
    daemon.wait_log('event=turned-away service=raw client=127.0.0.1 why="too many clients of one address"')
