"""The clients of the stress test: they never wait, and everything that one sends says whose it is.

Towards a console with a device each data byte is the guest's mark, one of MARKS; elsewhere data are tokens, <000017>.
Guests have addresses of their own, 127.x.y.z by their number, so that the log says who is who."""
import re
import socket

from harness import (BAUDRATE, BINARY, COMPORT, CONTROL, DATASIZE, DO, ECHO, IAC, LINESTATE, MODEMSTATE, PARITY, PURGE, RESUME,
                     SB, SGA, SIGNATURE, STOPSIZE, SUSPEND, WILL, WONT, Client, ComPort, Telnet)

MARKS = bytes([*range(0x21, 0x7F), *range(0x80, 0xFF)])  # not 0, controls or IAC
TOKEN = re.compile(rb"<(\d{6})>")
WORD = re.compile(rb"<(\d{6})>|\{(\d{8})\}")  # a guest's token, or what a device says
WAITING = 65536  # bytes that may wait to be sent
BAUDS = (300, 1200, 2400, 4800)  # never configured
CALLING = ("v1", "v2", "v3")  # whose owners hear each other, and a host
ASKING = {BAUDRATE: 0, DATASIZE: 0, PARITY: 0, STOPSIZE: 0, CONTROL: 0, SIGNATURE: None, MODEMSTATE: None, LINESTATE: None}


def mark_of(number):
    return MARKS[number % len(MARKS)]


def token_of(number):
    return b"<%06d>" % (number % 1000000)


def address_of(number):
    return f"127.{1 + number // 65536 % 200}.{number // 256 % 256}.{number % 256}"


class Patient:
    """For a harness client: sends what the socket takes, and the rest later; keeps little."""

    def open(self, sock):
        self.rest = bytearray()
        self.over = False
        sock.setblocking(False)

    def send_raw(self, data):
        if not hasattr(self, "rest"):
            super().send_raw(data)
        elif len(self.rest) < WAITING and not self.over:
            self.rest += bytes(data)
            self.push()

    def push(self):
        try:
            while self.rest:
                del self.rest[:self.sock.send(self.rest)]
        except BlockingIOError:
            pass
        except OSError:
            self.over = True
            self.rest.clear()

    def received(self, data):
        super().received(data)
        if hasattr(self, "subs"):
            del self.subs[:-20], self.commands[:-20]


class RawWire(Patient, Client):
    pass


class TelnetWire(Patient, Telnet):
    pass


class Guest:
    """One connection.  number: it has no other; kind: "raw", "telnet" or "comport"; marks: its data are marks.

    .set, .pulled: it has sent a setting, or changed an output.  .seen: what devices said to it that is not looked at yet.
    """

    def __init__(self, number, kind, service, port, marks, host="127.0.0.1", source=None):
        self.number, self.kind, self.service, self.marks = number, kind, service, marks
        self.source = source or address_of(number)
        self.set = self.pulled = self.deaf = self.gone = False
        self.strangers, self.seen = [], []
        raw = kind == "raw"
        self.wire = (RawWire if raw else TelnetWire)(port, host=host, source=self.source)
        self.wire.agree = {ECHO, SGA, BINARY} | ({COMPORT} if kind == "comport" else set())
        self.wire.open(self.wire.sock)
        if kind == "comport":
            self.wire.negotiate(WILL, COMPORT)

    def __str__(self):
        return f"guest {self.number} ({self.kind} to {self.service})"

    # ---- what comes ----

    def turn(self):
        """Takes what has come and sends what can be sent."""
        if self.gone or self.wire.over:
            return
        self.wire.push()
        if self.deaf:
            return
        for _ in range(4):
            if not self.wire.read(0):
                break
        self.look()

    def look(self):
        """Whose tokens they are, and what a device has said."""
        data = bytes(self.wire.data)
        own = b"%06d" % (self.number % 1000000)
        end = 0
        for match in WORD.finditer(data):
            token, said = match.groups()
            end = match.end()
            if said is not None:
                self.seen.append(int(said))
            elif token != own and self.service not in CALLING:
                self.strangers.append(token.decode())
        del self.wire.data[:max(end, len(data) - 9)]  # a word may be cut in two

    # ---- what it does ----

    def data(self, n):
        if self.marks:
            return bytes([mark_of(self.number)]) * n
        return token_of(self.number) * max(1, n // 8)

    def send(self, n):
        self.wire.send(self.data(n))

    def command(self, text):
        """An AT command, or what the service's modem takes."""
        self.wire.send(text)

    def send_raw(self, data):
        self.wire.send_raw(data)

    def request(self, code, value):
        """One of RFC 2217; others send it unasked, which is no data either where the service speaks Telnet."""
        if code in (BAUDRATE, DATASIZE, PARITY, STOPSIZE) and value:
            self.set = True
        if code == CONTROL and value:
            self.pulled = self.set = True
        self.wire.send_raw(ComPort.frame(code, value))

    def packet(self, parts):
        """Several things in one segment, if the kernel is kind."""
        whole = b""
        for part in parts:
            if part == "data":
                whole += self.data(3)
            elif part == "set":
                self.set = True
                whole += ComPort.frame(BAUDRATE, BAUDS[self.number % len(BAUDS)])
            elif part == "ask":
                whole += ComPort.frame(MODEMSTATE)
            elif part == "purge":
                whole += ComPort.frame(PURGE, 3)
            else:
                whole += bytes({"offer": [IAC, WILL, COMPORT], "withdraw": [IAC, WONT, COMPORT], "do": [IAC, DO, COMPORT],
                                "half": [IAC, SB, COMPORT]}[part])
        self.wire.send_raw(whole)

    def hear(self, on):
        """Whether it reads what comes."""
        self.deaf = not on

    def questions(self, n):
        """SUSPEND, many questions, RESUME, and more data behind."""
        self.wire.send_raw(ComPort.frame(SUSPEND) + ComPort.frame(MODEMSTATE) * n + ComPort.frame(RESUME))

    def fin(self):
        try:
            self.wire.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.wire.over = True

    def leave(self, how):
        """"close" or "reset"."""
        if not self.gone:
            self.gone = True
            getattr(self.wire, how)()
