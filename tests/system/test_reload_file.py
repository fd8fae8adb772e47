"""The file of the configuration, whatever it is: a FIFO, a device, one that is too large, one that changes while it is
read.  The daemon says what is wrong, once, and goes on."""
import os
import signal
import subprocess
import threading
import time

from control import ask, start, wait_state
from harness import ComPort, Daemon, run_daemon, wait_for

LINE = """\
line "%s" {
    device = "loopback"
    kind = "console"
    session-limit = 12h
    listen = { "127.0.0.1:0" }
}
"""


def serve(**how):
    daemon = Daemon(LINE % "a", **how)
    wait_state(daemon, "a", "free")
    client = ComPort(daemon.port("a"))
    client.send(b"mine")
    client.expect(b"mine")
    return daemon, client


def goes_on(client):
    client.send(b"all is well")
    client.expect(b"all is well")


def good(daemon):
    with open(daemon.path, encoding="utf-8") as f:
        return f.read()


def refused(daemon, client, words):
    """By the tool and by the signal; the log says it once each."""
    mark = len(daemon.log)
    begun = time.monotonic()
    assert words in ask(daemon, "reload", status=1)[1]
    assert time.monotonic() - begun < 5
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for(lambda: sum("event=reload-failed" in row for row in daemon.log[mark:]) == 2, 5, "told")
    assert all(words in row for row in daemon.log[mark:] if "event=reload-failed" in row), daemon.log[mark:]
    goes_on(client)


def back_again(daemon, client, text):
    if os.path.lexists(daemon.path):
        os.unlink(daemon.path)
    with open(daemon.path, "w", encoding="utf-8") as f:
        f.write(text)
    assert ask(daemon, "reload") == "the configuration is in force\n"
    goes_on(client)


def test_whatever_is_no_file():
    daemon, client = serve()
    text = good(daemon)
    for make, words in ((os.mkfifo, "a FIFO; expected a file"), (os.mkdir, "a directory; expected a file"),
                        (lambda path: os.symlink("/dev/zero", path), "a device; expected a file"),
                        (lambda path: os.symlink("/dev/tty", path), None),
                        (lambda path: os.symlink(path, path), "Too many levels of symbolic links")):
        os.unlink(daemon.path)
        make(daemon.path)
        if words is None:  # with a terminal it is a device, without one it cannot be opened
            words = ask(daemon, "reload", status=1)[1].split(": ")[-1].strip()
        refused(daemon, client, words)
        if os.path.isdir(daemon.path):
            os.rmdir(daemon.path)
            os.symlink("/dev/null", daemon.path)
    back_again(daemon, client, text)


def test_at_the_start():
    """With -n and without: at once, whoever does not write into it."""
    with_fifo = Daemon(LINE % "a")
    fifo = os.path.join(with_fifo.directory, "fifo")
    os.mkfifo(fifo)
    for options in (("-f", fifo), ("-n", "-f", fifo)):
        status, stdout, stderr = run_daemon("", *options, deadline=5)
        assert (status, stdout, stderr) == (1, "", f"{fifo}: a FIFO; expected a file\n"), (status, stderr)
    status, _, stderr = run_daemon("", "-f", "/dev/zero")
    assert status == 1 and stderr == "/dev/zero: a device; expected a file\n", stderr


def test_doctor_does_not_wait():
    daemon, _ = serve()
    fifo = os.path.join(daemon.directory, "fifo")
    os.mkfifo(fifo)
    told = ask(daemon, "doctor", "-f", fifo, status=1)[0]
    assert f"WRONG  {fifo}: no regular file\n" in told, told


def test_a_huge_file():
    daemon, client = serve()
    text = good(daemon)
    with open(daemon.path, "a", encoding="utf-8") as f:
        f.truncate(1 << 40)
    refused(daemon, client, "longer than 1 MiB")
    back_again(daemon, client, text)


def test_a_file_that_is_written_to_while_it_is_read():
    """It is taken whole or not at all: what is served is one of the two."""
    daemon, client = serve()
    one, end = good(daemon), threading.Event()
    padding = "# x\n" * 200000

    def write():
        with open(daemon.path, "r+", encoding="utf-8") as f:
            while not end.is_set():
                f.seek(0)
                f.write(one + padding)
                f.flush()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    told = set()
    until = time.monotonic() + 20
    while not told and time.monotonic() < until:
        done = start(daemon, "reload", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.communicate(timeout=20)[1].decode()
        if done.returncode != 0:
            told.add(said)
    end.set()
    writer.join(10)
    assert told and all("written to while it was read; expected it whole" in one for one in told), told
    back_again(daemon, client, one)
