"""modemshare monitor: both directions as they pass, to whoever may act, and never at the owner's cost."""
import hashlib
import os
import re
import signal
import subprocess
import threading

from control import ask, start
from harness import ComPort, Daemon, wait_for

LINE = 'line "con" {\n device = "loopback"\n kind = "console"\n listen = { "127.0.0.1:0" }\n}\n'


def owner(daemon):
    client = ComPort(daemon.port("con"))
    client.send(b"a")
    client.expect(b"a")
    return client


class Watcher:
    """A process that monitors, and what it has printed."""

    def __init__(self, daemon, *arguments):
        self.process = start(daemon, "monitor", "con", *arguments, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = b""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while data := os.read(self.process.stdout.fileno(), 65536):
            self.text += data

    def sees(self, pattern, deadline=10):
        return wait_for(lambda: re.search(pattern, self.text), deadline, f"{pattern} in {self.text[-400:]}")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


def watched(daemon, client, watcher):
    """Nothing tells when it has begun: what is sent until it is seen."""
    def seen():
        client.send(b"?")
        client.expect(b"?")
        return b"?" in watcher.text or b"3f" in watcher.text
    wait_for(seen, 10, "the watcher sees")


def test_both_directions_with_their_time():
    daemon = Daemon(LINE)
    client = owner(daemon)
    watcher = Watcher(daemon)
    watched(daemon, client, watcher)
    client.send(b"hello\r")
    client.expect(b"hello")
    watcher.sees(rb"\d\d:\d\d:\d\d\.\d+[^\n]*hello[^\n]*\n(.*\n)*[^\n]*\d\d:\d\d:\d\d\.\d+[^\n]*hello")
    watcher.end()


def test_what_becomes_of_the_line():
    daemon = Daemon(LINE)
    client = owner(daemon)
    watcher = Watcher(daemon)
    watched(daemon, client, watcher)
    client.close()
    watcher.sees(rb"- hand-over\n[^\n]*- free\n")
    owner(daemon).close()
    watcher.sees(rb"- free\n[^\n]*- in use\n(.*\n)*[^\n]*- hand-over\n[^\n]*- free\n")
    watcher.end()


def test_hex():
    daemon = Daemon(LINE)
    client = owner(daemon)
    watcher = Watcher(daemon, "--hex")
    watched(daemon, client, watcher)
    client.send(bytes([0, 1, 254, 7]))
    client.take(4)
    watcher.sees(rb"00 01 fe 07")
    watcher.end()


def test_the_file_is_the_tools():
    daemon = Daemon(LINE)
    client = owner(daemon)
    path = os.path.join(daemon.directory, "seen")
    watcher = Watcher(daemon, "--output", path)
    wait_for(lambda: os.path.exists(path), 10)

    def written():
        client.send(b"filed")
        client.expect(b"filed")
        with open(path, "rb") as f:
            return b"filed" in f.read()
    wait_for(written, 10, "it is in the file")
    assert os.stat(path).st_uid == os.geteuid()
    watcher.end()


def test_no_such_line():
    daemon = Daemon(LINE)
    error = ask(daemon, "monitor", "nowhere", status=5)[1]
    assert "no such line" in error, error


def test_a_stopped_watcher_slows_nobody_and_is_told_what_it_lost():
    daemon = Daemon(LINE)
    client = owner(daemon)
    watcher = Watcher(daemon, "--hex")
    watched(daemon, client, watcher)
    watcher.process.send_signal(signal.SIGSTOP)
    sent = os.urandom(4096).replace(b"\xff", b"\x00") * 1024  # 4 MiB, far more than anything holds for a watcher
    back = hashlib.sha256()

    def read():
        got = 0
        while got < len(sent):
            client.until(lambda: client.data, 30)
            back.update(client.data)
            got += len(client.data)
            client.data.clear()

    reader = threading.Thread(target=read)
    reader.start()
    for at in range(0, len(sent), 32768):
        client.send(sent[at:at + 32768])
    reader.join(60)
    assert not reader.is_alive(), "its owner had to wait for the watcher"
    assert back.hexdigest() == hashlib.sha256(sent).hexdigest()
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as f:
        resident = int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1))
    if not os.environ.get("SANITIZE_CFLAGS"):
        assert resident < 16384, f"{resident} KiB are held for it"
    watcher.process.send_signal(signal.SIGCONT)
    watcher.sees(rb"lost", 30)
    watched(daemon, client, watcher)
    watcher.end()


def test_it_ends_with_the_line():
    daemon = Daemon(LINE)
    client = owner(daemon)
    watcher = Watcher(daemon)
    watched(daemon, client, watcher)
    with open(daemon.path, encoding="ascii") as f:
        text = f.read().replace('line "con"', 'line "other"')
    with open(daemon.path, "w", encoding="ascii") as f:
        f.write(text)
    ask(daemon, "reload")
    assert watcher.process.wait(10) is not None
