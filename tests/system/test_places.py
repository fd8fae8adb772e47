"""Places for clients and readers: how many there are, and who gets them when there are too few."""
import urllib.request

from harness import Daemon, wait_for

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
