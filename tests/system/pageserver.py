"""The test program tests/pageserver (the status page of a made-up office) as a process, and raw HTTP
towards it."""
import os
import re
import socket
import subprocess
import tempfile
import time

from harness import BUILDDIR, SANITIZER, Skip, daemon_environment, wait_for


class PageServer:
    """A running pageserver; tell() is one command of it (see tests/pageserver.c)."""

    def __init__(self, *options):
        program = os.path.join(BUILDDIR, "tests", "pageserver")
        if not os.path.exists(program):
            raise Skip("needs tests/pageserver")
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([program, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors,
                                        env=daemon_environment())
        self.port = int(self.process.stdout.readline().decode().rsplit(":", 1)[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def tell(self, *words):
        """Obeys, and returns how often something was made."""
        self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.process.stdin.flush()
        return int(self.process.stdout.readline().split()[1])

    def memory(self):
        """Private memory in KiB; 0 where a sanitizer keeps what is freed."""
        with open(f"/proc/{self.process.pid}/maps", encoding="ascii") as f:
            if "libasan" in f.read():
                return 0
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("RssAnon"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu(self):
        """Seconds of processor time so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """The end of its stdin; it must leave cleanly, without a leak."""
        self.process.stdin.close()
        status = self.process.wait(30)
        self.errors.seek(0)
        errors = self.errors.read().decode(errors="backslashreplace")
        assert status == 0 and not SANITIZER.search(errors), f"exit status {status}\n{errors}"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
            return
        self.process.kill()
        self.process.wait()
        self.errors.seek(0)
        print(self.errors.read().decode(errors="backslashreplace"))

    # ---- raw HTTP ----

    def connect(self, small=False, by=1):
        """A socket, of 127.0.0.by; small: one that takes hardly anything before it is read."""
        s = socket.socket()
        s.bind((f"127.0.0.{by}", 0))
        if small:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(10)
        s.connect(("127.0.0.1", self.port))
        return s

    def send(self, data, deadline=10, by=1):
        """Sends all of it on a connection of its own and returns all that comes until its end; what a
        reset cuts off counts as nothing."""
        with self.connect(by=by) as s:
            s.settimeout(deadline)
            received = b""
            try:
                s.sendall(data)
                while True:
                    piece = s.recv(65536)
                    if not piece:
                        return received
                    received += piece
            except (ConnectionResetError, BrokenPipeError):
                return received

    def get(self, path="/healthz", *headers, method="GET", host="localhost", by=1):
        """(status, headers in lower case, body) of one request."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
        return parse(self.send("\r\n".join(lines).encode() + b"\r\n\r\n", by=by))

    def works(self, deadline=15, by=1):
        """It answers, possibly after others have been sent away."""
        def answers():
            try:
                return self.get(by=by)[0] == 200
            except (OSError, AssertionError):
                return False
        started = time.monotonic()
        wait_for(answers, deadline, "the page server answers")
        return time.monotonic() - started


def parse(answer):
    head, separator, body = answer.partition(b"\r\n\r\n")
    assert separator, f"no answer but {answer[:200]!r}"
    lines = head.decode("latin-1").split("\r\n")
    status = int(re.fullmatch(r"HTTP/1\.1 (\d{3}) .+", lines[0]).group(1))
    return status, {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}, body


def statuses(answer):
    """Of several answers on one connection."""
    return [int(s) for s in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.M)]
