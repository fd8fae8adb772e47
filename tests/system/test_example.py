"""The example of librfc2217(3): compiled, and run against the daemon."""
import os
import pathlib
import subprocess

from harness import Daemon, daemon_environment

EXAMPLE = pathlib.Path(os.environ["BUILDDIR"]) / "tests" / "example_client"
CONFIG = """
line "modem1" {
    device = "virtual"
    kind   = "modem"
    listen = { "127.0.0.1:0" }
}
line "console1" {
    device = "loopback"
    kind   = "console"
    listen = { "127.0.0.1:0" }
}
"""


def example(*arguments):
    done = subprocess.run([EXAMPLE, *map(str, arguments)], stdin=subprocess.DEVNULL, timeout=30,
                          capture_output=True, text=True, env=daemon_environment(), check=False)
    return done.returncode, done.stdout, done.stderr


def test_example_client_sets_a_port():
    with Daemon(CONFIG) as daemon:
        for line in "modem1", "console1":
            status, stdout, stderr = example("127.0.0.1", daemon.port(line))
            assert status == 0, (line, status, stdout, stderr)
            assert "SET-BAUDRATE 9600" in stdout.splitlines(), (line, stdout)


def test_example_client_without_a_server():
    with Daemon(CONFIG) as daemon:
        port = daemon.port("console1")
    status, stdout, stderr = example("127.0.0.1", port)
    assert status == 1 and stdout == "" and "127.0.0.1" in stderr, (status, stdout, stderr)
    status, stdout, stderr = example()
    assert status == 2 and "usage" in stderr, (status, stdout, stderr)
