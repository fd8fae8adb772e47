"""What programs may rely on in the log, and the signals: SIGHUP is logged, SIGTERM ends it."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import control
from harness import Client, ComPort, Daemon, SIGNATURE, Telnet, pty_link, wait_for
from loglines import fields, own_syslog
from fakemodem import FakeModem, quick
from ttyshim import HANG_CLOSE, HANG_IOCTL, HANG_OPEN, FakeTty, Shim

LINE = """\
line "%s" {
    device = "%s"
    kind = "%s"
    listen = { "127.0.0.1:0" }
    %s
}
"""


def console(keys="", name="con", device="loopback"):
    return LINE % (name, device, "console", keys)


def events(daemon, name):
    return [fields(l) for l in daemon.log if f"event={name} " in l or l.endswith(f"event={name}")]


# --- lines


def test_every_line_is_key_value():
    daemon = Daemon(console('session-limit = "1h"'))
    with ComPort(daemon.port("con")) as owner, ComPort(daemon.port("con")) as other:
        owner.send(b"x")
        owner.expect(b"x")
        other.send(b"y")
        other.answer(SIGNATURE, wanted=lambda t: t == b"BUSY")
    daemon.wait_log("event=claim-end")
    daemon.stop()
    for line in daemon.log:
        assert re.match(r"(error|warning|info|debug): ", line), line
        assert "event" in fields(line), line


def test_a_warning_of_the_configuration():
    """At the start and at a reload it is a line like any other; -n prints it as it is."""
    daemon = Daemon(console(), options=())
    daemon.wait_log("event=ready")
    odd = f'{daemon.path}:4: line "con" has no session-limit: a client that stays active keeps it for ever'
    assert daemon.log[0].startswith("warning: "), daemon.log
    assert fields(daemon.log[0]) == {"event": "configuration", "warning": odd}, daemon.log
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_log("event=reload ")
    assert events(daemon, "configuration") == [{"event": "configuration", "warning": odd}] * 2
    with open(daemon.path, encoding="ascii") as f:
        text = f.read()
    with open(daemon.path, "w", encoding="ascii") as f:
        f.write('log-level = "error"\n' + text)
    assert control.start(daemon, "reload").wait(10) == 0
    quiet = len(daemon.log)
    assert control.start(daemon, "reload").wait(10) == 0
    client = ComPort(daemon.port("con"))
    client.send(b"x")
    client.expect(b"x")
    assert len(daemon.log[quiet:]) == 0, daemon.log


def test_listen():
    daemon = Daemon(console())
    found = events(daemon, "listen")
    assert [sorted(f) for f in found] == [["address", "event", "service"]], found
    assert found[0]["service"] == "con"
    assert re.fullmatch(r"127\.0\.0\.1:[1-9]\d*", found[0]["address"]), "the kernel's choice is shown"


def test_a_claim():
    """Who, how long, how much each way, and why it ended."""
    daemon = Daemon(console())
    client = ComPort(daemon.port("con"), source="127.0.0.3")
    client.send(b"123\xff567")
    client.expect(b"123\xff567")
    started = time.monotonic()
    daemon.wait_log("event=claim-start")
    start = events(daemon, "claim-start")
    assert start == [{"event": "claim-start", "line": "con", "client": "127.0.0.3", "service": "con"}], start
    wait_for(lambda: time.monotonic() - started > 1.1, 3)
    client.close()
    daemon.wait_log("event=claim-end")
    end = events(daemon, "claim-end")
    assert end == [{"event": "claim-end", "line": "con", "client": "127.0.0.3", "service": "con", "seconds": "1",
                    "from-client": "7", "to-client": "7", "why": "client closed"}], end


def test_the_calls_of_a_claim():
    """What was dialled last, what came of it, and how long calls lasted in all; of a modem only."""
    daemon = Daemon(LINE % ("modem", "virtual", "modem", 'number "5551234" { to = "echo" }'
                            ' number "66" { to = "busy" }'))

    def ended(client):
        mark = len(daemon.log)
        client.close()
        daemon.wait_log("event=claim-end", after=mark)
        end = events(daemon, "claim-end")[-1]
        return end["number"], end["result"], end["call-seconds"]

    client = ComPort(daemon.port("modem"))
    client.send(b"AT\r")
    client.expect(b"OK")
    assert ended(client) == ("", "", "0")
    client = ComPort(daemon.port("modem"))
    client.send(b"ATDT555 1234\r")
    client.expect(re.compile(rb"CONNECT \d+\r\n"))
    start = time.monotonic()
    client.send(b'\r\nATD7\r\r\nBUSY\r\n')  # what is said in a call is nothing of it
    client.expect(b"BUSY")
    wait_for(lambda: time.monotonic() - start > 1.1, 3)
    assert ended(client) == ("5551234", "CONNECT 115200", "1")
    client = ComPort(daemon.port("modem"))
    client.send(b"ATD5551234\r")
    client.expect(b"CONNECT")
    start = time.monotonic()
    wait_for(lambda: time.monotonic() - start > 1.1, 3)
    client.send(b"+++")
    client.expect(b"OK", 5)
    client.send(b"ATH\r")
    client.expect(b"OK")
    client.send(b"ATD66\r")
    client.expect(b"BUSY")
    number, result, seconds = ended(client)
    assert (number, result) == ("66", "BUSY") and int(seconds) in (2, 3), (number, result, seconds)


def test_a_refusal():
    daemon = Daemon(console())
    with Client(daemon.port("con")) as owner, Client(daemon.port("con"), source="127.0.0.2") as other:
        owner.send(b"x")
        owner.expect(b"x")
        other.send(b"y")
        daemon.wait_log("event=refused")
        found = events(daemon, "refused")[0]
        assert found["client"] == "127.0.0.2" and "in use by 127.0.0.1" in found["why"], found


def test_the_service_is_told():
    """A line in several services: through which one somebody came is in each line about him."""
    config = "".join(f'line "{n}" {{ device = "loopback" kind = "console" }}\n' for n in "ab") + "".join(
        f'service "{n}" {{ lines = {{ {", ".join(chr(34) + l + chr(34) for l in lines)} }} '
        f'listen = {{ "127.0.0.1:0" }} }}\n' for n, lines in (("pool", "ab"), ("alone", "a")))
    daemon = Daemon(config, services=["pool", "alone"])
    with Client(daemon.port("alone")) as one, Client(daemon.port("pool")) as other, \
            Client(daemon.port("pool"), source="127.0.0.2") as third:
        for client in one, other:
            client.send(b"x")
            client.expect(b"x")
        third.send(b"x")
        daemon.wait_log("event=refused ")
    daemon.wait_log("event=claim-end line=a")
    daemon.wait_log("event=claim-end line=b")
    for event, expected in (("claim-start", {"a": "alone", "b": "pool"}), ("claim-end", {"a": "alone", "b": "pool"})):
        assert {e["line"]: e["service"] for e in events(daemon, event)} == expected, daemon.log
    assert [e["service"] for e in events(daemon, "refused")] == ["pool"]


def test_who_asked_by_the_control_socket():
    """Each act of the tool is told with the user and the process, as the kernel knows them."""
    daemon = Daemon(console())
    asked = []
    with Client(daemon.port("con")) as owner:
        owner.send(b"x")
        owner.expect(b"x")
        for arguments in (["kick", "con"], ["disable", "con"], ["enable", "con"], ["reload"], ["drain"], ["resume"]):
            tool = control.start(daemon, *arguments)
            assert tool.wait(10) == 0, arguments
            wanted = {"event": "control", "do": arguments[0], "uid": str(os.getuid()), "pid": str(tool.pid)}
            asked.append({**wanted, "line": "con"} if arguments[1:] else wanted)
    assert events(daemon, "control") == asked, daemon.log


def test_no_warning_for_what_was_asked_for():
    """A line that is disabled, or that with host-sharing another program has, is no fault."""
    daemon = Daemon(console(), options=())
    for arguments in (["disable", "con"], ["enable", "con"]):
        assert control.start(daemon, *arguments).wait(10) == 0
    daemon.wait_log("event=line-out line=con")
    out = [line for line in daemon.log if "event=line-out" in line]
    assert len(out) == 1 and out[0].startswith("info: ") and "disabled by the administrator" in out[0], daemon.log
    with tempfile.TemporaryDirectory() as locks:
        tty = FakeModem()
        shared = Daemon(f'lock-directory = "{locks}"\n' +
                        LINE % ("m1", tty.path, "modem", quick() + " host-sharing = true"), env=tty.env())
        shared.wait_log("event=line-ready", 20)
        lock = os.path.join(locks, "LCK.." + tty.name)
        with open(lock + ".new", "w", encoding="ascii") as f:
            f.write(f"{os.getpid():10d}\n")
        wait_for(lambda: not os.path.exists(lock), 10, "it rests")
        os.rename(lock + ".new", lock)
        shared.wait_log("^info: line not in service: event=line-out line=m1 reason=\"in use by ", 10)
        os.unlink(lock)
        shared.stop()


def test_no_client_writes_the_log():
    """What a client sends is in no line, whatever the level."""
    daemon = Daemon(console(), options=("-d", "-d"))
    client = ComPort(daemon.port("con"))
    client.command(SIGNATURE, b"secret")
    client.send(b"\r\nevent=claim-end line=forged\r\n")
    client.expect(b"forged\r\n")
    client.close()
    daemon.wait_log("event=claim-end line=con")
    assert not [l for l in daemon.log if "forged" in l or "secret" in l]


HOLDER = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY), fcntl.LOCK_EX)
open("/proc/self/comm", "w").write(sys.argv[2])
print(flush=True)
sys.stdin.read()
"""


def test_no_program_writes_the_log():
    """Whoever holds a device may be called as he likes: his name is one value."""
    for name in ('q" line=x z="', "tail\\", "\\\" a=\"b\\", "it's"):
        master, slave = os.openpty()
        path = pty_link(slave)
        holder = subprocess.Popen([sys.executable, "-c", HOLDER, path, name], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        holder.stdout.readline()
        os.close(slave)
        daemon = Daemon(console(device=path))
        daemon.wait_log("event=line-out")
        shown = name.replace("\\", "\\\\")  # as a client reads it, too
        assert events(daemon, "line-out") == [{"event": "line-out", "line": "con",
                                               "reason": f"in use by {shown} (pid {holder.pid})"}], daemon.log
        daemon.stop()
        holder.communicate()
        os.close(master)


def test_no_file_writes_the_log():
    """What is wrong in a configuration is told with what stands there, in quotes."""
    daemon = Daemon(console())
    daemon.wait_log("event=ready")
    with open(daemon.path, "a", encoding="ascii") as f:
        f.write('line "con" { device = "loopback" kind = "console" }\n')
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_log("event=reload-failed")
    error = events(daemon, "reload-failed")[0]["error"]
    assert '"con"' in error and "\\" not in error, error


def test_syslog():
    """-s: to syslog, with its priorities, and not to stderr."""
    heard = own_syslog()
    daemon = Daemon(console('session-limit = "1h"'), services=[], options=("-s",))
    heard.settimeout(20)
    got = heard.recv(2000).decode()
    want = rf"<30>.*modemshared\[{daemon.pid}\]: listening: event=listen service=con address=127\.0\.0\.1:\d+"
    assert re.fullmatch(want, got), got
    with open(daemon.path, "a", encoding="ascii") as f:
        f.write("bogus = 1\n")
    daemon.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while "event=reload" not in got:
        assert time.monotonic() < end
        got = heard.recv(2000).decode()
    assert got.startswith("<27>") and "event=reload-failed" in got, got
    daemon.stop()
    assert not [l for l in daemon.log if "event=" in l], daemon.log


def test_libevent_goes_the_same_way():
    """What the library of the event loop has to say is a line of the log, by syslog where that is asked for."""
    limited = console('session-limit = "1h"')
    none = {f"EVENT_NO{way}": "1" for way in ("EPOLL", "POLL", "SELECT")}
    daemon = Daemon(limited, services=[], env=none)
    assert daemon.end() == 1
    assert [fields(line)["event"] for line in daemon.log] == ["libevent", "loop-failed"], daemon.log
    assert all("event=" in line for line in daemon.log), daemon.log
    heard = own_syslog()
    heard.settimeout(20)
    by_syslog = Daemon(limited, services=[], env=none, options=("-s",))
    assert b"libevent warns: event=libevent" in heard.recv(2000)
    assert by_syslog.end() == 1
    assert not any("event" in line for line in by_syslog.log), by_syslog.log
    daemon.kill()
    by_syslog.kill()


# --- signals


def test_sighup_is_logged():
    daemon = Daemon(console())
    client = ComPort(daemon.port("con"))
    client.send(b"x")
    client.expect(b"x")
    for _ in range(2):
        mark = len(daemon.log)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_log("event=reload", after=mark)
    client.send(b"nothing happened to me")
    client.expect(b"nothing happened to me")


def test_sigint_ends_it_too():
    daemon = Daemon(console())
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.end(5) == 0


def test_sigterm_tells_everybody():
    """The owner, a Telnet client too, reads why; one that waits as well; one that only connected is closed."""
    daemon = Daemon(console() + console('hangup-time = "20s"', name="slow"))
    owner, telnet = ComPort(daemon.port("con")), Telnet(daemon.port("con"))
    owner.send(b"x")
    owner.expect(b"x")
    telnet.expect(b"con: in use")
    held = ComPort(daemon.port("slow"))
    held.send(b"y")
    held.answer(SIGNATURE, 5, wanted=lambda t: t == b"QUEUED 1")
    started = time.monotonic()
    daemon.stop(5)
    assert time.monotonic() - started < 5
    for client in (owner, held):
        text = client.expect_end(2, "fin")
        assert text.endswith(b"NO CARRIER\r\n" + (b"con" if client is owner else b"slow") +
                             b": the server is shutting down\r\n"), text
        assert (SIGNATURE, b"CUT down") in client.answers
    telnet.expect_end(2, "fin")
    assert re.search(r'event=claim-end line=con .* why="down"', "\n".join(daemon.log))


def test_sigterm_twice():
    tty = FakeTty()
    daemon = Daemon(console('hangup-time = "1s"', device=tty.path), env=tty.env())
    while daemon.running():
        daemon.process.send_signal(signal.SIGTERM)
    assert daemon.end(5) == 0


def test_sigterm_as_it_starts():
    """Whoever reads that it listens may end it at once."""
    for _ in range(10):
        daemon = Daemon(console())
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.end(5) == 0


def test_sigterm_to_a_client_that_does_not_read():
    """It keeps nothing from ending."""
    daemon = Daemon(console('stall = "0"'))
    client = Client(daemon.port("con"), rcvbuf=4096)
    client.sock.settimeout(0.5)
    try:
        while True:
            client.sock.send(b"z" * 65536)
    except OSError:
        pass
    daemon.stop(5)


def blocked(what, before):
    """The daemon's end while a driver does not come back: within 5 s, the other lines hung up."""
    shim = Shim()
    bad, good = FakeModem("ttyMS0", shim), FakeModem("ttyMS1", shim)
    if before:
        bad.hang(what)
    config = (LINE % ("bad", bad.path, "modem", quick(hangup_time="200ms")) +
              LINE % ("good", good.path, "modem", quick(hangup_time="200ms")))
    daemon = Daemon(config, env=shim.env())
    daemon.wait_log("event=line-ready line=good")
    if not before:
        daemon.wait_log("event=line-ready line=bad")
        bad.hang(what)
    client = ComPort(daemon.port("good"))
    client.send(b"x")
    assert good.read(1) == b"x"
    started = time.monotonic()
    daemon.process.send_signal(signal.SIGTERM)
    client.answer(SIGNATURE, 5, wanted=lambda t: t == b"CUT down")
    assert client.expect_end(5).endswith(b"the server is shutting down\r\n")
    wait_for(lambda: not good.outputs().dtr, 5, "hung up")
    assert daemon.end(6) == 0
    assert time.monotonic() - started < 5.5
    bad.hang(0)


def test_sigterm_while_a_driver_blocks():
    blocked(HANG_IOCTL, False)


def test_sigterm_while_an_open_blocks():
    blocked(HANG_OPEN, True)


def test_sigterm_while_a_close_blocks():
    blocked(HANG_CLOSE, False)
