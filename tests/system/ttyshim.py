"""Fake serial ports for the system tests, on pseudo-terminals under tests/ttyshim.c.

	tty = FakeTty()                          # /dev/ttyMS0
	daemon = harness.Daemon(config naming tty.path, env=tty.env())
	tty.set_inputs(cts=True, dcd=True)
	assert tty.outputs().dtr
	tty.write(b"RING\\r\\n"); tty.read_until(b"ATA\\r")
	tty.unplug(); ...; tty.replug()

Several in one daemon share a Shim: a, b = FakeTty("ttyMS0", shim), FakeTty("ttyMS1", shim).
The layout of the control file is that of tests/ttyshim.h.
"""
import collections
import ctypes
import errno
import fcntl
import mmap
import os
import select
import tempfile
import time
import tty as tty_module

BUILDDIR = os.environ.get("BUILDDIR", ".")
MAGIC = 0x74747973
EVENTS = 1024
PRESENT, NO_LINES, STUCK, NO_COUNTS, SP_LOCKS, KEEPS = 1, 2, 4, 8, 16, 32
KEPT = 4608  # bytes
HANG_OPEN, HANG_IOCTL, HANG_CLOSE = 1, 2, 4
REFUSE_RTSCTS, REFUSE_PARITY, REFUSE_SIZE, ODD_SIZE, REFUSE_BREAK = 1, 2, 4, 8, 16
OPENED, CLOSED, OUTPUTS, FLUSHED, SET = 1, 2, 3, 4, 5
TIOCM_DTR, TIOCM_RTS, TIOCM_CTS, TIOCM_DCD, TIOCM_RI, TIOCM_DSR = 2, 4, 0x20, 0x40, 0x80, 0x100
BREAK = 0x10000
COUNTERS = ["cts", "dsr", "ri", "dcd", "frame", "overrun", "parity", "brk", "buf_overrun"]
INPUTS = {"cts": TIOCM_CTS, "dsr": TIOCM_DSR, "dcd": TIOCM_DCD, "ri": TIOCM_RI}

Outputs = collections.namedtuple("Outputs", "dtr rts brk")
Event = collections.namedtuple("Event", "seconds kind value")
Settings = collections.namedtuple("Settings", "baud datasize parity stopsize rtscts ixon ixoff")


class _Event(ctypes.Structure):
    _fields_ = [("ns", ctypes.c_int64), ("kind", ctypes.c_uint32), ("value", ctypes.c_uint32)]


class _Termios(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint32) for n in ("iflag", "oflag", "cflag", "lflag")] + [
        ("line", ctypes.c_uint8), ("cc", ctypes.c_uint8 * 19),
        ("ispeed", ctypes.c_uint32), ("ospeed", ctypes.c_uint32)]


class _Control(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint32) for n in ("magic", "flags", "hang", "refuse")] + [
        ("open_errno", ctypes.c_int32), ("max_rate", ctypes.c_uint32),
        ("exclusive", ctypes.c_int32), ("hanging", ctypes.c_uint32),
        ("outputs", ctypes.c_uint32), ("inputs", ctypes.c_uint32), ("outq", ctypes.c_int32),
        ("counts", ctypes.c_int32 * len(COUNTERS)), ("pid", ctypes.c_int32),
        ("opens", ctypes.c_int32), ("termios", _Termios), ("pts", ctypes.c_char * 64),
        ("nevents", ctypes.c_uint32), ("busy", ctypes.c_uint32), ("plug", ctypes.c_uint32), ("events", _Event * EVENTS),
        ("kept", ctypes.c_uint8 * KEPT)]


class Shim:
    """A TTYSHIM_DIR, gone with the object."""

    def __init__(self):
        self._dir = tempfile.TemporaryDirectory(prefix="ttyshim.")
        self.dir = self._dir.name

    def env(self):
        """What the daemon's environment needs."""
        path = os.path.abspath(os.path.join(BUILDDIR, "tests", ".libs", "ttyshim.so"))
        asan = os.environ.get("ASAN_OPTIONS", "")
        return {"LD_PRELOAD": path, "TTYSHIM_DIR": self.dir,
                "ASAN_OPTIONS": f"verify_asan_link_order=0:{asan}".rstrip(":")}

    def link(self, link, name):
        """Makes /dev/serial/by-id/LINK lead to /dev/NAME; returns its path."""
        os.makedirs(os.path.join(self.dir, "by-id"), exist_ok=True)
        os.symlink(name, os.path.join(self.dir, "by-id", link))
        return f"/dev/serial/by-id/{link}"

    def unlink(self, link):
        os.unlink(os.path.join(self.dir, "by-id", link))

    def console(self, *names):
        """What the kernel's consoles are."""
        with open(os.path.join(self.dir, "console-active"), "w") as f:
            f.write(" ".join(names) + "\n")

    def hang_disk(self, on=True):
        """Writing into files hangs from now on; disk_hangs(): something does."""
        path = os.path.join(self.dir, "hung-disk")
        if on:
            open(path, "w").close()
        else:
            os.unlink(path)

    def fail(self, what, on=True):
        """Something fails from now on: tests/ttyfail.c."""
        path = os.path.join(self.dir, what)
        if on:
            open(path, "w").close()
        else:
            os.unlink(path)

    def disk_hangs(self):
        return os.path.exists(os.path.join(self.dir, "disk-hangs"))


class FakeTty:
    """One fake device: what a test sees at the far end of the cable, and the driver's moods."""

    def __init__(self, name="ttyMS0", shim=None, flags=0):
        self.shim = shim or Shim()
        self.name = name
        self.path = f"/dev/{name}"
        with open(os.path.join(self.shim.dir, name), "w+b") as f:
            f.truncate(ctypes.sizeof(_Control))
            self._map = mmap.mmap(f.fileno(), ctypes.sizeof(_Control))
        self.ctl = _Control.from_buffer(self._map)
        self._received = b""
        self._filler = 0
        self._open_pty()
        self.ctl.termios.cflag = 0o15 | 0o60 | 0o200  # B9600, CS8, CREAD
        self.ctl.termios.ispeed = self.ctl.termios.ospeed = 9600
        self.ctl.flags = PRESENT | flags
        self.ctl.magic = MAGIC

    def _open_pty(self):
        self.master, self.slave = os.openpty()
        tty_module.setraw(self.slave)
        os.set_blocking(self.master, False)
        os.set_blocking(self.slave, False)
        self.ctl.pts = os.ttyname(self.slave).encode()

    def env(self):
        return self.shim.env()

    # -- data --

    def write(self, data, timeout=10):
        """The line brings data to the port; all of it, or TimeoutError."""
        end = time.monotonic() + timeout
        while data:
            if not select.select([], [self.master], [], max(0, end - time.monotonic()))[1]:
                raise TimeoutError(f"{len(data)} bytes not taken")
            data = data[os.write(self.master, data):]

    def _pull(self):
        try:
            data = os.read(self.master, 65536)
        except OSError as e:
            if e.errno not in (errno.EAGAIN, errno.EIO):
                raise
            data = b""
        self._received += data
        return data

    def read(self, n=None, timeout=10):
        """The next n bytes that the port has sent, or with None what is there now."""
        end = time.monotonic() + timeout
        while n is not None and len(self._received) < n:
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(f"{len(self._received)} of {n} bytes: {self._received[-80:]!r}")
            self._pull()
        while n is None and self._pull():
            pass
        n = len(self._received) if n is None else n
        data, self._received = self._received[:n], self._received[n:]
        return data

    def read_until(self, what, timeout=10):
        """Everything up to and with `what`."""
        end = time.monotonic() + timeout
        while what not in self._received:
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(f"no {what!r} in {self._received[-200:]!r}")
            self._pull()
        return self.read(self._received.index(what) + len(what))

    # -- lines --

    def set_inputs(self, **lines):
        """cts=, dsr=, dcd=, ri= on or off, with the counters a UART keeps; in one step."""
        c = self.ctl
        c.busy = 1
        for name, on in lines.items():
            bit = INPUTS[name]
            was = bool(c.inputs & bit)
            if was != bool(on) and (name != "ri" or was):  # RI counts when it goes off
                c.counts[COUNTERS.index(name)] += 1
            c.inputs = c.inputs | bit if on else c.inputs & ~bit
        c.busy = 0

    def count(self, *names):
        """One more line error ("frame", "parity", "brk", ...), or pulse ("cts", ...)."""
        self.ctl.busy = 1
        for name in names:
            self.ctl.counts[COUNTERS.index(name)] += 1
        self.ctl.busy = 0

    def outputs(self):
        o = self.ctl.outputs
        return Outputs(bool(o & TIOCM_DTR), bool(o & TIOCM_RTS), bool(o & BREAK))

    def settings(self):
        """What is in force: parity and stop bits in the values of RFC 2217."""
        t = self.ctl.termios
        parity = 1
        if t.cflag & 0o400:
            parity = (4 if t.cflag & 0o1000 else 5) if t.cflag & 0o10000000000 else (
                2 if t.cflag & 0o1000 else 3)
        return Settings(t.ospeed, 5 + ((t.cflag & 0o60) >> 4), parity,
                        2 if t.cflag & 0o100 else 1, bool(t.cflag & 0o20000000000),
                        bool(t.iflag & 0o2000), bool(t.iflag & 0o10000))

    def events(self, kind=None, since=0):
        """What happened, oldest first; seconds are those of time.monotonic()."""
        n = self.ctl.nevents
        found = []
        for i in range(max(since, n - EVENTS), n):
            e = self.ctl.events[i % EVENTS]
            if kind is None or e.kind == kind:
                found.append(Event(e.ns / 1e9, e.kind, e.value))
        return found

    def mark(self):
        """A position for events(since=)."""
        return self.ctl.nevents

    def is_open(self):
        return self.ctl.opens > 0

    # -- faults --

    def unplug(self):
        """The device is pulled out: its file is gone, who has it open gets a hang-up."""
        self.ctl.flags &= ~PRESENT
        os.close(self.master)
        os.close(self.slave)
        self._received = b""
        self._filler = 0

    def replug(self):
        self._open_pty()
        self.ctl.plug += 1
        self.ctl.opens = self.ctl.exclusive = 0
        self.ctl.flags |= PRESENT

    def hang(self, what=HANG_IOCTL):
        """The driver does not come back from such calls until hang(0)."""
        self.ctl.hang = what

    def stuck(self, queued=4096):
        """The line takes nothing more (CTS is off, say); `queued` bytes wait in the kernel."""
        self.ctl.outq = queued
        self.ctl.flags |= STUCK
        size = 4096
        while size:
            try:
                self._filler += os.write(self.slave, bytes(size))
            except BlockingIOError:
                size //= 2

    def unstick(self):
        """It takes data again.  What was sent before it got stuck can be read."""
        while self._pull():
            pass
        self._received = self._received[:len(self._received) - self._filler]
        self._filler = 0
        self.ctl.outq = 0
        self.ctl.flags &= ~STUCK

    def keep(self):
        """The driver takes data, up to KEPT bytes, and the device does not."""
        self.ctl.flags |= KEEPS

    def let_go(self):
        """The device takes it again: what the driver has kept comes out.  Returns how much that is."""
        self.ctl.flags &= ~KEEPS
        n, self.ctl.outq = self.ctl.outq, 0
        os.write(self.slave, bytes(self.ctl.kept[:n]))
        return n

    def refuse(self, what):
        """REFUSE_RTSCTS and the like."""
        self.ctl.refuse = what

    def cannot_open(self, error):
        """errno.EACCES and the like; 0: it can."""
        self.ctl.open_errno = error

    def lock(self, on=True):
        """Another program holds the device's lock."""
        fcntl.flock(self.slave, fcntl.LOCK_EX | fcntl.LOCK_NB if on else fcntl.LOCK_UN)
