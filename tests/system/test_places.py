"""Places for clients and readers: how many there are, and who gets them when there are too few."""
import os
import re
import resource
import subprocess
import tempfile
import urllib.request

from control import ask, line, status
from harness import MODEMSHARED, Client, Daemon, daemon_environment, need, wait_for
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
    said, _ = places(text, 200)
    assert said == "clients: at most 97; descriptors 200 - lines 3 - listeners 4 - readers 64 - reserve 32 = 97", said
    daemon = Daemon("max-clients-per-address = 1000\n" + text, env=tty.env(), prefix=limited(100, 200))
    daemon.wait_log("event=line-ready line=tty")
    assert status(daemon)["max-clients"] == 97
    owners = [owner(daemon, name) for name in "ab"]
    there = owners + [waiter(daemon, i) for i in range(95)]
    assert not any(b"BUSY" in client.data for client in there)
    for i in range(95, 150):
        said = bytes(waiter(daemon, i).data)
        assert re.fullmatch(rb"BUSY\r\n[ab] takes nobody any more for now: too many clients\r\n", said), said
    assert status(daemon)["clients"] == 97 and is_healthy(daemon)
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
    assert status(daemon)["max-clients"] == 95 and status(daemon)["clients"] == 97
    for client in there[-3:]:
        client.close()
    wait_for(lambda: status(daemon)["clients"] == 94, 10)
    there.append(waiter(daemon, 95))
    assert b"WAITING" in there[-1].data and b"too many clients" in waiter(daemon, 96).data


def test_too_few_descriptors_for_a_single_client():
    """-n says so, and how many it takes; the start and a reload are refused."""
    text = LINE % ("con", "")
    said, warning = places(text, 34)
    assert said == "clients: at most 0; descriptors 34 - lines 1 - listeners 1 - reserve 32 = 0", said
    assert "34 descriptors are too few" in warning and warning.endswith("expected at least 35\n"), warning
    daemon = Daemon(text, services=[], prefix=limited(34))
    assert daemon.end() == 1
    daemon.wait_log("error: .*event=no-descriptors limit=34 needed=35")
    daemon.kill()
    daemon = Daemon(text, prefix=limited(35))
    with open(daemon.path, "a", encoding="utf-8") as f:
        f.write(LINE % ("more", ""))
    _, why = ask(daemon, "reload", status=1)
    assert "35 descriptors are too few; expected at least 37" in why, why
    owner(daemon, "con")


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
