"""Lines that other programs on this host want, too: lock files, kernel locks, and host-sharing."""
import os
import re
import subprocess
import sys
import time

from control import ask, line
from harness import ComPort, Daemon, SIGNATURE, bound, need, run_daemon, wait_for
from fakemodem import QUICK, FakeModem
from ttyshim import HANG_CLOSE, OPENED, FakeTty, Shim

CONSOLE = """\
line "con" {
    device = "%s"
    kind = "console"
    listen = { "127.0.0.1:0" }
    %s
}
"""
LOOK_AGAIN = 2  # seconds, of line/look.h
MODEM = CONSOLE.replace("console", "modem").replace('"con"', '"m1"')

# Holds a lock file as minicom or a getty does, until its input ends.
HOLDER = """\
import os, sys
path = sys.argv[1]
fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
os.write(fd, b"%10d\\n" % os.getpid())
os.close(fd)
print("held", flush=True)
sys.stdin.read()
os.unlink(path)
"""


class Holder:
    """Another program with a lock file."""

    def __init__(self, path):
        self.process = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "held\n"
        self.pid = self.process.pid

    def leave(self):
        self.process.stdin.close()
        self.process.wait(10)


def lock_file(daemon, tty):
    return os.path.join(daemon.directory, "lock", f"LCK..{tty.name}")


def start(tty, keys="", text=CONSOLE, ready=True):
    daemon = Daemon(text % (tty.path, keys), env=tty.env())
    if ready:
        daemon.wait_log("event=line-ready", 20)
    return daemon


def owner(daemon, tty, name="con", deadline=10):
    client = ComPort(daemon.port(name))
    client.send(b"hi")
    assert tty.read(2, deadline) == b"hi"
    return client


def refused(daemon, name="con"):
    client = ComPort(daemon.port(name))
    client.send(b"x")
    return client.expect_end(10).decode()


# --- not shared: ours all the time


def test_the_lock_file_is_ours_while_it_runs():
    tty = FakeTty()
    daemon = start(tty)
    with open(lock_file(daemon, tty), encoding="ascii") as f:
        assert f.read() == f"{daemon.pid:10d}\n"
    assert os.stat(lock_file(daemon, tty)).st_mode & 0o777 == 0o644
    path = lock_file(daemon, tty)
    owner(daemon, tty).close()
    daemon.process.terminate()
    daemon.end()
    assert not os.path.exists(path)


def test_a_line_in_foreign_hands_is_out_of_service():
    tty, other = FakeTty(), FakeTty("ttyMS1")
    daemon = Daemon(CONSOLE % (other.path, "") + f'lock-directory = "{other.shim.dir}"\n', env=other.env())
    daemon.wait_log("event=line-ready")
    holder = Holder(os.path.join(tty.shim.dir, "LCK..ttyMS0"))
    second = Daemon(CONSOLE % (tty.path, "") + f'lock-directory = "{tty.shim.dir}"\n', env=tty.env())
    second.wait_log(rf'event=line-out line=con reason="in use by python3?[^"]* \(pid {holder.pid}\)')
    text = refused(second)
    assert re.match(rf"NO DIALTONE\r\ncon is out of service: in use by \S+ \(pid {holder.pid}\)", text), text
    assert not tty.events(OPENED), "not even opened"
    holder.leave()
    second.wait_log("event=line-ready", 5)
    owner(second, tty)


NAMES = ["LCK..serial_by-id_usb-Acme", "LCK..ttyMS0", "LCK..usb-Acme"]  # for who knows it by the link, too


def by_a_link(keys="", kind=CONSOLE):
    shim = Shim()
    tty = FakeTty("ttyMS0", shim)
    text = kind % (shim.link("usb-Acme", "ttyMS0"), keys)
    return tty, text + f'lock-directory = "{shim.dir}"\n'


def locks(tty):
    return sorted(name for name in os.listdir(tty.shim.dir) if name.startswith("LCK.."))


def test_known_by_a_link_it_is_locked_by_that_name_too():
    tty, text = by_a_link()
    daemon = Daemon(text, env=tty.env())
    daemon.wait_log("event=line-ready")
    assert locks(tty) == NAMES
    daemon.process.terminate()
    daemon.end()
    assert not locks(tty)
    for name in NAMES:
        holder = Holder(os.path.join(tty.shim.dir, name))
        daemon = Daemon(text, env=tty.env())
        daemon.wait_log(rf'event=line-out line=con reason="in use by python3?[^"]* \(pid {holder.pid}\)')
        assert locks(tty) == [name], "none of ours is left"
        holder.leave()
        daemon.wait_log("event=line-ready", 5)
        assert locks(tty) == NAMES
        daemon.stop()


def test_the_names_are_told_beforehand():
    tty = FakeTty()
    link = os.path.join(tty.shim.dir, "modem")
    os.symlink("/dev/null", link)
    status, out, err = run_daemon(CONSOLE % (link, ""), "-n")
    assert status == 0, err
    assert "con: locked as LCK..null, LCK..modem\n" in out, out
    status, out, err = run_daemon(CONSOLE % (link, "") + 'lock-directory = ""\n', "-n")
    assert status == 0 and "locked" not in out, out


def test_a_kernel_lock_alone_is_seen_too():
    tty = FakeTty()
    flock = subprocess.Popen([need("flock"), os.ttyname(tty.slave), "-c", "echo held; read x"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert flock.stdout.readline() == "held\n"
    daemon = start(tty, ready=False)
    daemon.wait_log(r'event=line-out line=con reason="in use by ')
    assert "NO DIALTONE" in refused(daemon)
    flock.stdin.close()
    flock.wait(10)
    daemon.wait_log("event=line-ready", 5)


def test_a_stale_lock_is_taken_over():
    tty = FakeTty()
    dead = subprocess.Popen(["true"])
    dead.wait()
    path = os.path.join(tty.shim.dir, "LCK..ttyMS0")
    for content in (b"%10d\n" % dead.pid, dead.pid.to_bytes(4, sys.byteorder)):
        with open(path, "wb") as f:
            f.write(content)
        daemon = Daemon(CONSOLE % (tty.path, "") + f'lock-directory = "{tty.shim.dir}"\n', env=tty.env())
        daemon.wait_log("event=line-ready", 5)
        with open(path, "rb") as f:
            assert f.read() == b"%10d\n" % daemon.pid
        daemon.stop()


def test_a_lock_directory_that_cannot_be_written_is_said_once():
    tty = FakeTty()
    daemon = Daemon(CONSOLE % (tty.path, "") + 'lock-directory = "/proc/nothing"\n', env=tty.env())
    daemon.wait_log("event=line-ready")
    for _ in range(3):
        owner(daemon, tty).close()
    wait_for(lambda: sum("event=line-ready" in l for l in daemon.log) == 4)
    assert sum("event=unlocked" in l for l in daemon.log) == 1, "once"


# --- host-sharing


def shared(keys="", modem=None):
    modem = modem or FakeModem()
    daemon = start(modem, f"{QUICK} host-sharing = true {keys}", MODEM)
    wait_for(lambda: not modem.is_open() and not os.path.exists(lock_file(daemon, modem)), 5,
             "closed and unlocked while free")
    return modem, daemon


def test_closed_and_unlocked_while_free():
    modem, daemon = shared()
    before = len(modem.commands)
    client = owner(daemon, modem, "m1")
    assert [line for _, line in modem.commands[before:]] == ["AT"], "only the test: nobody had it"
    assert os.path.exists(lock_file(daemon, modem))
    client.close()
    wait_for(lambda: not os.path.exists(lock_file(daemon, modem)), 10)
    assert not modem.is_open()


def test_another_program_takes_it_and_gives_it_back():
    modem, daemon = shared()
    holder = Holder(lock_file(daemon, modem))
    daemon.wait_log(rf"event=line-out line=m1 .*pid {holder.pid}", 5)
    text = refused(daemon, "m1")
    assert re.match(rf"NO DIALTONE\r\nm1 is out of service: in use by \S+ \(pid {holder.pid}\)", text), text
    mark, before = modem.mark(), len(modem.commands)
    holder.leave()
    time.sleep(0.5)  # long enough to see that nobody opens it
    assert not modem.events(OPENED, mark), "a getty comes back to a line that nobody has touched"
    owner(daemon, modem, "m1", 10)
    assert [line for _, line in modem.commands[before:]][:1] == ["AT&F"], "the whole way, after strangers"


def test_like_a_getty_it_takes_and_leaves_the_line():
    """It locks when a call comes in, ends, and locks again, while clients come and go."""
    modem, daemon = shared('busy = "queue"')
    for _ in range(3):
        holder = Holder(lock_file(daemon, modem))
        daemon.wait_log(rf"event=line-out line=m1 .*pid {holder.pid}", 5)
        holder.leave()
        client = owner(daemon, modem, "m1", 10)
        client.close()
        wait_for(lambda: not os.path.exists(lock_file(daemon, modem)) and not modem.is_open(), 10)


def test_a_claim_finds_a_kernel_lock():
    modem, daemon = shared()
    modem.lock()
    text = refused(daemon, "m1")
    assert text.startswith("NO DIALTONE\r\nm1 is out of service: in use by "), text
    modem.lock(False)
    wait_for(lambda: "NO DIALTONE" not in daemon.log and _owned(daemon, modem), 15)


def _owned(daemon, modem):
    client = ComPort(daemon.port("m1"))
    client.send(b"hi")
    try:
        return modem.read(2, 3) == b"hi"
    except TimeoutError:
        return False


def test_a_silent_modem_gets_the_whole_way():
    """The probe at the grant fails: the modem is hung up and set up again before anybody has it."""
    keys = 'inactivity = "1s" after-call = "1s" warning = "0"'
    modem, daemon = shared(keys)
    within = bound(MODEM % (modem.path, f"{QUICK} host-sharing = true {keys}"))
    modem.faults["fax"] = True
    before, begun = len(modem.commands), time.monotonic()
    client = ComPort(daemon.port("m1"))
    client.send(b"hi")
    modem.read_until(b"hi", 20)
    assert time.monotonic() - begun < within
    assert "AT&F" in [line for _, line in modem.commands[before:]]


def test_who_waits_for_a_line_in_foreign_hands():
    """A pool: the other line is in use; when the stranger goes, the waiter has the line."""
    modem = FakeModem()
    other = FakeModem("ttyMS1", modem.shim)
    text = (f'line "a" {{\n device = "{modem.path}"\n kind = "modem"\n {QUICK}\n host-sharing = true\n}}\n'
            f'line "b" {{\n device = "{other.path}"\n kind = "modem"\n {QUICK}\n}}\n'
            'service "pool" {\n listen = { "127.0.0.1:0" }\n lines = { "b", "a" }\n busy = "queue"\n}\n')
    daemon = Daemon(text, services=["pool"], env=modem.env())
    for name in "ab":
        daemon.wait_log(f"event=line-ready line={name}", 20)
    wait_for(lambda: not os.path.exists(lock_file(daemon, modem)), 5)
    holder = Holder(lock_file(daemon, modem))
    daemon.wait_log("event=line-out line=a", 5)
    first = ComPort(daemon.port("pool"))
    first.send(b"hi")
    assert other.read(2) == b"hi"
    waiter = ComPort(daemon.port("pool"))
    waiter.send(b"ho")
    waiter.answer(SIGNATURE, 5, wanted=lambda t: t == b"QUEUED 1")
    holder.leave()
    assert modem.read(2, 15) == b"ho"


def test_host_sharing_console():
    tty = FakeTty()
    daemon = start(tty, "host-sharing = true")
    wait_for(lambda: not tty.is_open(), 5)
    client = owner(daemon, tty)
    client.close()
    wait_for(lambda: not tty.is_open() and not os.path.exists(lock_file(daemon, tty)), 5)
    assert tty.read() == b""


def shared_by_a_link():
    tty, text = by_a_link("host-sharing = true")
    daemon = Daemon(text, env=tty.env())
    daemon.wait_log("event=line-ready")
    wait_for(lambda: not locks(tty) and not tty.is_open(), 5)
    return tty, daemon


def test_host_sharing_by_the_names_of_a_link():
    tty, daemon = shared_by_a_link()
    for name in NAMES:
        seen = len(daemon.log)
        holder = Holder(os.path.join(tty.shim.dir, name))
        daemon.wait_log(rf"event=line-out line=con .*pid {holder.pid}", 5, after=seen)
        assert str(holder.pid) in refused(daemon)
        holder.leave()
        owner(daemon, tty).close()
        wait_for(lambda: not locks(tty) and not tty.is_open(), 5)


def test_a_lock_file_that_is_just_being_written():
    """Who it is is known a moment later, and not when the next look is due."""
    tty, daemon = shared_by_a_link()
    with open(os.path.join(tty.shim.dir, NAMES[1]), "w", encoding="ascii") as f:
        daemon.wait_log('event=line-out line=con reason="in use by another program"', 5)
        begun = time.monotonic()
        f.write(f"{os.getpid():10d}\n")
        f.flush()
        wait_for(lambda: f"pid {os.getpid()}" in line(daemon, "con")["reason"], 5)
        assert time.monotonic() - begun < LOOK_AGAIN / 2
        os.unlink(f.name)


def test_a_driver_that_does_not_let_go():
    """Whoever claims it meanwhile is told, and is not held for ever; then it serves again."""
    tty = FakeTty()
    tty.hang(HANG_CLOSE)
    daemon = start(tty, "host-sharing = true")
    wait_for(lambda: tty.ctl.hanging > 0, 5)
    begun = time.monotonic()
    text = refused(daemon)
    assert text == "NO DIALTONE\r\ncon is out of service: the driver does not answer\r\n", text
    assert 4 < time.monotonic() - begun < 9
    seen = len(daemon.log)
    tty.hang(0)
    daemon.wait_log("event=line-ready", 10, after=seen)
    owner(daemon, tty)


def test_a_dead_modem_after_others_is_tried_once():
    """The whole way after foreign hands is no probe that a second one would follow."""
    modem, daemon = shared("attempts = 1")
    with_lock = lock_file(daemon, modem)
    wait_for(lambda: not os.path.exists(with_lock), 5)
    holder = Holder(with_lock)
    daemon.wait_log("event=line-out line=m1", 5)
    modem.faults["mute"] = True
    holder.leave()
    seen = len(daemon.log)
    assert "is out of service" in refused(daemon, "m1")
    daemon.wait_log("event=quarantine line=m1 failures=1", 5, after=seen)
    assert modem.lines().count("ATH") <= 2, modem.lines()


def test_disabled_while_it_is_being_closed():
    """Whoever waits for it is told, and it is not opened again."""
    modem = FakeModem()
    modem.hang(HANG_CLOSE)
    daemon = start(modem, f"{QUICK} host-sharing = true", MODEM)
    waiter = ComPort(daemon.port("m1"))
    waiter.send(b"x")
    ask(daemon, "disable", "m1")
    seen = len(daemon.log)
    modem.hang(0)
    assert b"m1 is out of service: disabled by the administrator" in waiter.expect_end(4)
    assert "disabled" in refused(daemon, "m1")
    assert not any("event=device-open" in text for text in daemon.log[seen:])
