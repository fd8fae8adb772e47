"""The servers that are measured, each with lines of its own on ptys, and what the kernel knows of
them: CPU, memory, wake-ups, system calls.  All on loopback, on ports that the kernel chooses."""
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import tty

PATIENCE = 30  # s, for a server to start or end
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
MODEMSHARED = BEFORE = LOAD = FLOOR = None


def find_other(directory):
    """The other build of the project, in its build directory; True when it is there."""
    global BEFORE
    BEFORE = pathlib.Path(directory, "src/daemon/modemshared").resolve()
    return BEFORE.exists()


def find_programs(directory):
    """From a build directory; True when all are there."""
    global MODEMSHARED, LOAD, FLOOR
    directory = pathlib.Path(directory)
    LOAD, FLOOR = directory / "tests/bench/load", directory / "tests/bench/floor"
    MODEMSHARED = pathlib.Path(os.environ.get("MODEMSHARED", directory / "src/daemon/modemshared"))
    return all(program.exists() for program in (MODEMSHARED, LOAD, FLOOR))


def wait_for(fn, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not (result := fn()):
        if time.monotonic() > end:
            raise RuntimeError(f"not within {patience} s: {what}")
        time.sleep(0.02)
    return result


def end_with_us():
    """In the child: the kernel ends it when we end, however that comes."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Server:
    """Started with a number of lines; .ports[i] leads to the pty whose master is .masters[i]."""

    name = None

    def __init__(self, lines=1):
        self.masters, self.slaves, self.held = [], [], []
        self.directory = tempfile.TemporaryDirectory(prefix="bench-")
        for _ in range(lines):
            master, slave = os.openpty()
            tty.setraw(slave)
            self.masters.append(master)
            self.slaves.append(slave)
        self.ttys = [self.link(slave, f"tty{i}") for i, slave in enumerate(self.slaves)]
        self.log = pathlib.Path(self.directory.name, "log")
        self.process = self.start()
        self.pid = self.process.pid
        wait_for(self.settled, f"{self.name} has no work left to do")

    def link(self, slave, name):
        """As the program behind a pty makes it: its number alone is refused."""
        path = os.path.join(self.directory.name, name)
        os.symlink(os.ttyname(slave), path)
        return path

    def launch(self, *command):
        with open(self.log, "wb") as log:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                    preexec_fn=end_with_us)

    def settled(self):
        """It has used no CPU for 0.2 s, and only its main thread is left."""
        before = self.cpu()
        time.sleep(0.2)
        return self.process.poll() is None and self.cpu() - before < 0.001

    def stop(self):
        self.release()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for fd in self.masters + self.slaves:
            os.close(fd)
        self.process.stdin.close()
        self.directory.cleanup()

    # --- clients that only hold their lines

    def hold(self, which):
        for i in which:
            client = socket.create_connection(("127.0.0.1", self.ports[i]), 10)
            client.sendall(b"c")
            if os.read(self.masters[i], 1) != b"c":
                raise RuntimeError("wrong bytes at the line")
            self.held.append(client)

    def release(self, count=None):
        for client in self.held[:count]:
            client.close()
        del self.held[:count]

    # --- what the kernel knows

    def cpu(self):
        """Seconds used, all threads together, those that have ended too."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def _number(self, file, key):
        text = pathlib.Path(f"/proc/{self.pid}/{file}").read_text(encoding="ascii")
        return int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1))

    def private(self):
        """Bytes of memory that are its own."""
        return 1024 * (self._number("smaps_rollup", "Private_Clean") +
                       self._number("smaps_rollup", "Private_Dirty"))

    def anonymous(self):
        return 1024 * self._number("status", "RssAnon")

    def switches(self):
        """Times that any of its threads has gone to sleep: each wake-up ends in one."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            text = (task / "status").read_text(encoding="ascii")
            total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M).group(1))
        return total


class Ours(Server):
    name = "modemshared"

    @staticmethod
    def program():
        return MODEMSHARED

    def start(self):
        text = 'control-socket = ""\nstate-directory = ""\nlock-directory = ""\n' \
            "max-clients = 10000\nmax-clients-per-address = 10000\n"
        for i, device in enumerate(self.ttys):
            text += f'line "l{i}" {{\n kind = "console"\n device = "{device}"\n' \
                ' hangup-time = 0\n listen = { "127.0.0.1:0" }\n}\n'
        path = pathlib.Path(self.directory.name, "conf")
        path.write_text(text, encoding="ascii")
        process = self.launch(self.program(), "-f", path)
        log = wait_for(lambda: (t := self.log.read_text()) and "event=ready" in t and t, "ready")
        found = re.findall(r"event=listen service=l(\d+) address=127\.0\.0\.1:(\d+)", log)
        self.ports = [int(port) for _, port in sorted(found, key=lambda one: int(one[0]))]
        return process


class Before(Ours):
    name = "before"

    @staticmethod
    def program():
        return BEFORE


class Floor(Server):
    name, mode = "floor", "relay"

    def start(self):
        process = self.launch(FLOOR, self.mode, *self.arguments())
        log = wait_for(lambda: (t := self.log.read_text()).endswith("\n") and t, "its ports")
        self.ports = [int(port) for port in log.split()]
        return process

    def arguments(self):
        return self.ttys


class Echo(Floor):
    name, mode = "echo", "echo"

    def arguments(self):
        return [str(len(self.ttys))]


class Ser2net(Server):
    name, serial, tcp = "ser2net", "", ""

    def start(self):
        program = shutil.which("ser2net", path=PATH)
        probes = [socket.create_server(("127.0.0.1", 0)) for _ in self.ttys]
        self.ports = [probe.getsockname()[1] for probe in probes]
        for probe in probes:
            probe.close()
        text = "%YAML 1.1\n---\n"
        for i, (device, port) in enumerate(zip(self.ttys, self.ports)):
            text += f"connection: &l{i}\n  accepter: telnet(rfc2217),tcp{self.tcp},127.0.0.1,{port}\n" \
                f"  connector: serialdev,{device},115200n81,local\n{self.serial}"
        path = pathlib.Path(self.directory.name, "conf.yaml")
        path.write_text(text, encoding="ascii")
        return self.launch(program, "-n", "-c", path, "-P", self.directory.name + "/pid")

    @staticmethod
    def installed():
        return shutil.which("ser2net", path=PATH) is not None


class Tuned(Ser2net):
    name, tcp = "ser2net tuned", "(nodelay)"
    serial = "  options:\n    chardelay: false\n"


class Load:
    """A run of the load generator on some lines of a server.  After start() come its result's
    numbers from go(), and then .cpu, the server's seconds, and .calls, if traced."""

    def __init__(self, server, *what, lines=(0,), trace=False, port_only=False):
        self.server = server
        self.calls = self.tracer = None
        named = [str(server.ports[i]) if port_only else f"{server.masters[i]}:{server.ports[i]}"
                 for i in lines]
        self.process = subprocess.Popen(
            [LOAD, *map(str, what), *named], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            pass_fds=[server.masters[i] for i in lines], text=True)
        if self.line() != "ready":
            raise RuntimeError(f"{server.name}: load did not start: {what}")
        if trace:
            self.attach()

    def line(self):
        return self.process.stdout.readline().strip()

    def attach(self):
        self.trace = os.path.join(self.server.directory.name, "trace")
        self.tracer = subprocess.Popen(
            [shutil.which("strace", path=PATH), "-c", "-f", "-o", self.trace, "-p",
             str(self.server.pid)], stderr=subprocess.PIPE, text=True)
        if "attached" not in self.tracer.stderr.readline():
            raise RuntimeError("strace does not attach")

    def detach(self):
        self.tracer.send_signal(signal.SIGINT)
        self.tracer.wait(PATIENCE)
        self.tracer.stderr.close()
        with open(self.trace, encoding="utf-8") as f:
            self.calls = {name: int(count) for count, name in re.findall(
                r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$", f.read(), re.M)}
        self.calls.pop("total", None)

    def go(self):
        before, start = self.server.cpu(), time.monotonic()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        numbers = [float(word) for word in self.line().split()]
        self.seconds = time.monotonic() - start
        self.cpu = self.server.cpu() - before
        if self.tracer is not None:
            self.detach()
        self.process.stdin.write("\n")
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait(PATIENCE) != 0 or not numbers:
            raise RuntimeError(f"{self.server.name}: the load generator failed")
        return numbers
