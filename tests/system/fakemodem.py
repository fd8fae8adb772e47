"""A Hayes modem on a fake serial port (ttyshim.py): it answers as one does, remembers what its last user left in it, and
has the faults that modems have.

	modem = FakeModem()
	daemon = harness.Daemon(config naming modem.path, env=modem.env())
	modem.call()                    # it is in a call: carrier, data mode
	modem.faults["mute"] = True     # from now on it answers nothing

.commands is the list of (seconds, command line) that it was given, .lines() only the command lines.  Numbers that end
in 9 are busy, in 8 end without carrier, in 0 ring for ever; the others answer.  What is no command (data in a call, bytes that do not
begin with AT) can be read as from any FakeTty.
"""
import os
import re
import select
import threading
import time

from ttyshim import STUCK, TIOCM_DTR, FakeTty

# A hand-over within a fraction of a second.
QUICK = ('hangup-time = "20ms" settle-time = "20ms" init-pause = "10ms" init-timeout = "1s" '
         'carrier-timeout = "200ms" guard-time = "50ms"')


def quick(**other):
    """QUICK with other values: quick(init_timeout="2s")."""
    text = QUICK
    for key, value in other.items():
        text = re.sub(rf'{key.replace("_", "-")} = "\w+"', f'{key.replace("_", "-")} = "{value}"', text)
    return text


CODES = {"OK": "0", "CONNECT": "1", "RING": "2", "NO CARRIER": "3", "ERROR": "4", "NO DIALTONE": "6", "BUSY": "7"}
TICK = 0.005


class FakeModem(FakeTty):
    """faults, each absent by default:

    mute          it takes everything and answers nothing
    late          seconds until it answers
    twice         every OK comes twice
    garbage       noise instead of answers
    flood         it never stops sending (until the fault is taken away)
    chatter       a line such as ^RSSI:12 that comes before each answer
    refuse        a regex: commands that it answers with ERROR
    dtr_ignored   as &D0, and no command changes it
    carrier_on    as &C0, and no command changes it
    no_escape     +++ means nothing (S2 above 127)
    stuck_call    nothing ends the call
    far_oks       the other end of its call answers OK to every line
    only_chup     only AT+CHUP ends the call
    fax           until DLE ETX comes it takes everything for fax data
    ok_at_dtr     it says OK when DTR rises
    resets_usb    a regex: after such a command it leaves the bus, and comes back after `away` seconds
    """

    def __init__(self, name="ttyMS0", shim=None, flags=0, **faults):
        self._lock = threading.RLock()
        super().__init__(name, shim, flags)
        self.faults = faults
        self.away = 0.5
        self.commands = []
        self.stored = {}
        self.reset()
        self.in_call = False
        self.escaped = False
        self._line = b""
        self._last_byte = self._dtr_fell = 0.0
        self._plus = b""
        self._dtr = True
        self._ended = threading.Event()
        self._plugged = True
        self.set_inputs(cts=True, dsr=True)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    # -- what a user leaves behind --

    def reset(self):
        """As after power on."""
        self.echo, self.verbose, self.quiet = True, True, False
        self.dtr_hangs_up, self.carrier_follows = True, True
        self.registers = {}  # that were set, S7 and the like

    def call(self):
        """A call is up, in data mode."""
        with self._lock:
            self.in_call, self.escaped = True, False
            self.set_inputs(dcd=True)

    def ring(self, text=True, line=True):
        """One ring: RI goes on and off, and the text."""
        with self._lock:
            if line:
                self.set_inputs(ri=True)
                self.set_inputs(ri=False)
            if text:
                self._say("RING")

    def far_end(self, data):
        """The other end of its call says something; was it heard?"""
        with self._lock:
            if not self.in_call or self.escaped:
                return False
            self._put(data)
            return True

    def hang_up(self):
        with self._lock:
            self.in_call = self.escaped = False
            self.set_inputs(dcd=bool(self.faults.get("carrier_on")) or not self.carrier_follows)

    def lines(self, since=0):
        return [line for _, line in self.commands[since:]]

    def leave_bus(self, seconds):
        """Gone, and back after so long."""
        self.unplug()
        threading.Timer(seconds, self.replug).start()

    # -- the cable --

    def unplug(self):
        with self._lock:
            self._plugged = False
            super().unplug()

    def replug(self):
        with self._lock:
            super().replug()
            self.reset()
            self.in_call = self.escaped = False
            self.set_inputs(dcd=False, cts=True, dsr=True)
            self._line = b""
            self._plugged = True

    def set_inputs(self, **lines):
        with self._lock:
            super().set_inputs(**lines)

    def stuck(self, queued=4096):
        with self._lock:
            super().stuck(queued)

    def unstick(self):
        with self._lock:
            super().unstick()

    def read(self, n=None, timeout=10):
        if n is None:
            time.sleep(2 * TICK)
            n = len(self._received)
        end = time.monotonic() + timeout
        while len(self._received) < n:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self._received)} of {n} bytes: {self._received[-80:]!r}")
            time.sleep(TICK)
        with self._lock:
            data, self._received = self._received[:n], self._received[n:]
        return data

    def read_until(self, what, timeout=10):
        end = time.monotonic() + timeout
        while what not in self._received:
            if time.monotonic() > end:
                raise TimeoutError(f"no {what!r} in {self._received[-200:]!r}")
            time.sleep(TICK)
        return self.read(self._received.index(what) + len(what))

    # -- the modem --

    def _run(self):
        while not self._ended.is_set():
            with self._lock:
                if self._plugged:
                    self._turn()
            time.sleep(TICK)

    def _turn(self):
        now = time.monotonic()
        dtr = bool(self.ctl.outputs & TIOCM_DTR) or not self.is_open()
        if self._dtr and not dtr:
            self._on_dtr_low()
        elif dtr and not self._dtr and self.faults.get("ok_at_dtr"):
            self._say("OK")
        self._dtr = dtr
        if self.faults.get("flood"):
            self._put(b"\r\n^BOOT:1234,0,0,0,6\r\n" * 8)
        if self._plus == b"+++" and now - self._last_byte > 0.045:
            self._plus = b""
            if self.in_call and not self.escaped and not self.faults.get("no_escape"):
                self.escaped = True
                self._say("OK")
        while not self.ctl.flags & STUCK and select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 4096)
            except OSError:
                break
            if not data:
                break
            self._take(data, now)
            if not self._plugged:
                break

    def _on_dtr_low(self):
        if self.faults.get("dtr_ignored") or self.faults.get("stuck_call") or self.faults.get("only_chup"):
            return
        if self.dtr_hangs_up and not self.faults.get("fax"):
            self.hang_up()
        self._line = b""

    def _take(self, data, now):
        if self.faults.get("fax"):
            if b"\x10\x03" in data:
                self.faults.pop("fax")
                self._say("OK")
            return
        if self.in_call and not self.escaped:
            quiet = now - self._last_byte > 0.045
            self._plus = data if quiet and data == b"+++" else b""
            self._last_byte = now
            self._received += data
            if self.faults.get("far_oks"):
                self._put(b"\r\nOK\r\n" * data.count(b"\r"))
            return
        self._last_byte = now
        for byte in data:
            self._command_byte(bytes([byte]))

    def _command_byte(self, byte):
        self._line += byte
        if not b"AT".startswith(self._line.upper()[:2]):
            self._received += self._line  # no command: whoever tests may read it
            self._line = b""
        elif byte == b"\r":
            line, self._line = self._line, b""
            if self.echo and not self.faults.get("mute"):
                self._put(line)
            self._command(line[:-1].decode("latin-1"))

    def _command(self, line):
        self.commands.append((time.monotonic(), line))
        body = line[2:].strip().upper()
        refuse = self.faults.get("refuse")
        if self.faults.get("mute"):
            return
        if refuse and re.search(refuse, line):
            self._say("ERROR")
            return
        self._obey(body)
        if body.startswith("D"):
            self._dial(body)
        else:
            self._say("OK")
        gone = self.faults.get("resets_usb")
        if gone and re.search(gone, line):
            time.sleep(0.05)  # its OK leaves first
            self.leave_bus(self.away)

    def _dial(self, body):
        if body.endswith("9"):
            self._say("BUSY")
        elif body.endswith("8"):
            self._say("NO CARRIER")
        elif body.endswith("0"):
            pass  # it rings there: the test says how it ends
        else:
            self._say("CONNECT")
            self.call()

    def _obey(self, body):
        if body.startswith("Z") or "&F" in body:
            self.reset()
        if body.startswith("Z"):
            self.registers = dict(self.stored)
        hangs_up = body == "+CHUP" or (
            not self.faults.get("only_chup") and (re.search(r"(^|[^+])H0?", body) or body.startswith("Z")))
        if hangs_up and not self.faults.get("stuck_call"):
            self.hang_up()
        for letter, name in (("E", "echo"), ("V", "verbose"), ("Q", "quiet")):
            found = re.search(rf"(?<![&+A-Z]){letter}([01])", body)
            if found:
                setattr(self, name, found.group(1) == "1")
        self.registers.update((int(n), int(value)) for n, value in re.findall(r"S(\d+)=(\d+)", body))
        if "&W" in body:
            self.stored = dict(self.registers)
        found = re.search(r"&C([01])", body)
        if found:
            self.carrier_follows = found.group(1) == "1"
            self.set_inputs(dcd=bool(self.faults.get("carrier_on")) or self.in_call or not self.carrier_follows)
        found = re.search(r"&D([0-3])", body)
        if found:
            self.dtr_hangs_up = found.group(1) != "0"

    def _say(self, result):
        if self.quiet:
            return
        if "late" in self.faults and result == "OK":
            time.sleep(self.faults["late"])
        if self.faults.get("garbage"):
            self._put(bytes(range(0x80, 0xA0)))
            return
        if "chatter" in self.faults:
            self._put(b"\r\n" + self.faults["chatter"].encode() + b"\r\n")
        text = f"\r\n{result}\r\n" if self.verbose else CODES.get(result, "99") + "\r"
        self._put(text.encode() * (2 if self.faults.get("twice") and result == "OK" else 1))

    def _put(self, data):
        try:
            os.write(self.master, data)
        except (BlockingIOError, OSError):
            pass  # nobody reads: a modem does not wait
