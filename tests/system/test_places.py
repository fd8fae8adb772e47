"""Places for clients and readers: how many there are, and who gets them when there are too few."""
import urllib.request

from harness import Client, Daemon

LINE = """\
line "%s" {
    device = "loopback"
    kind = "console"
    listen = { "127.0.0.1:0" }
    allow = { "127.0.0.0/8" }
    %s
}
"""


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
