"""The file of the configuration, whatever it is: a FIFO, a device, one that is too large, one that changes while it is
read, memory that is short, a parser that dies.  The daemon says what is wrong, once, and goes on."""
import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time

from control import ask, start, wait_state
from harness import ComPort, Daemon, MODEMSHARED, run_daemon, wait_for
from ttyshim import Shim

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
                        (socket.socket(socket.AF_UNIX).bind, "No such device or address"),
                        (lambda path: os.symlink(path, path), "Too many levels of symbolic links")):
        os.unlink(daemon.path)
        make(daemon.path)
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


# --- the process that reads


def sanitized():
    with open(MODEMSHARED, "rb") as f:
        return b"__asan_init" in f.read()


def size_of(daemon):
    with open(f"/proc/{daemon.pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[0]) * resource.getpagesize()


def reload_within(daemon, limit):
    """What the tool says, "" for done, of a daemon that gets no more memory than this."""
    resource.prlimit(daemon.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    try:
        done = start(daemon, "reload", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.communicate(timeout=20)[1].decode()
    finally:
        if daemon.running():
            resource.prlimit(daemon.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert daemon.running(), (limit, said)
    return said if done.returncode != 0 else ""


def test_short_of_memory():
    """From hardly any to enough, wherever in the reading it ends: refused, or done, and never the end."""
    if sanitized():
        return  # which needs all addresses
    daemon, client = serve()
    text = good(daemon)
    told = []
    for room in range(4 << 10, 4 << 20, 1 << 20):
        for filler in range(0, 132, 6):
            with open(daemon.path, "w", encoding="utf-8") as f:
                f.write(text + "#\n" * (filler * 512))
            told.append(reload_within(daemon, size_of(daemon) + room))
    refusals = set(told) - {""}
    assert "" in told and refusals, refusals
    assert all(re.search("memory|whoever read it ended with status", one) for one in refusals), refusals
    goes_on(client)
    back_again(daemon, client, text)


def reader_gets(daemon, number):
    """Sends this signal to the process that reads, and returns what the tool then says."""
    struck, end = [], threading.Event()

    def strike():
        with open(f"/proc/{daemon.pid}/task/{daemon.pid}/children", encoding="ascii") as f:
            while not struck and not end.is_set():
                f.seek(0)
                for pid in map(int, f.read().split()):
                    os.kill(pid, number)
                    struck.append(pid)

    thread = threading.Thread(target=strike, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not struck and time.monotonic() < until:  # it may have been too quick
        asked = start(daemon, "reload", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: struck or asked.poll() is not None, 10)
    end.set()
    thread.join(10)
    assert struck, "never seen"
    return asked


def with_a_long_file():
    daemon, client = serve()
    text = good(daemon)
    with open(daemon.path, "w", encoding="utf-8") as f:
        f.write(text + "# x\n" * 200000)  # more than a pipe holds, so that it is there for a while
    return daemon, client, text


def test_a_reader_that_dies():
    daemon, client, text = with_a_long_file()
    for number in (signal.SIGKILL, signal.SIGABRT, signal.SIGTERM):
        asked = reader_gets(daemon, number)
        told = asked.communicate(timeout=20)[1].decode()
        assert asked.returncode == 1 and f"modemshared.conf: whoever read it died by signal {int(number)}" in told, told
        goes_on(client)
    back_again(daemon, client, text)


def test_a_parser_that_ends_its_process():
    shim = Shim()
    env = shim.env()
    env["ASAN_OPTIONS"] += ":detect_leaks=0"  # at its end, of a process that has lost its threads
    daemon, client = serve(env=env)
    shim.fail("no-parser")
    refused(daemon, client, "whoever read it ended with status 2: out of dynamic memory in yy_create_buffer()")
    shim.fail("no-parser", False)
    assert ask(daemon, "reload") == "the configuration is in force\n"
    goes_on(client)


def test_a_reading_that_hangs():
    """It is stopped; then the file is read again."""
    daemon, client, text = with_a_long_file()
    asked = reader_gets(daemon, signal.SIGSTOP)
    goes_on(client)
    told = asked.communicate(timeout=20)[1].decode()
    goes_on(client)
    assert asked.returncode == 1 and "whoever read it took more than 5s" in told, told
    back_again(daemon, client, text)


def test_asked_while_it_is_read():
    """Whoever asks last is answered by what the file says last, and everybody is answered."""
    daemon, client = serve()
    text = good(daemon)
    asked = []
    for i in range(8):
        with open(daemon.path + ".new", "w", encoding="utf-8") as f:
            f.write(text + LINE % f"b{i}")
        os.rename(daemon.path + ".new", daemon.path)
        os.kill(daemon.pid, signal.SIGHUP)
        asked.append(start(daemon, "reload", stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    for one in asked:
        out, err = one.communicate(timeout=20)
        assert (one.returncode, out) == (0, b"the configuration is in force\n"), (out, err)
    wait_state(daemon, "b7", "free")
    goes_on(client)


def test_the_end_while_it_is_read():
    daemon, client = serve()
    for _ in range(20):
        os.kill(daemon.pid, signal.SIGHUP)
    started = start(daemon, "reload", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    daemon.stop()
    started.communicate(timeout=20)
    client.expect_end()


