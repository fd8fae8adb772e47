"""Every subcommand of modemshare against the real daemon: what it does, what it prints, how it exits, and who may."""
import csv
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import tempfile
import time

from control import MODEMSHARE, ask, get, history, line, nobody, socket_of, start, status, tool, wait_state
from harness import Client, ComPort, Daemon, SIGNATURE, Telnet, wait_for
from fakemodem import QUICK, FakeModem

LOOP = """\
line "con1" {
    device = "loopback"
    kind = "console"
    listen = { "127.0.0.1:0" }
    %s
}
"""
MODEM = """\
line "m1" {
    device = "%s"
    kind = "modem"
    listen = { "127.0.0.1:0" }
    %s
}
"""


def console(keys="", more=""):
    daemon = Daemon(LOOP % keys + more)
    daemon.wait_log("event=line-ready line=con1")
    return daemon


def owner(daemon, name="con1", kind=ComPort, said=b"hi"):
    client = kind(daemon.port(name))
    client.send(said)
    client.expect(said)
    return client


# ---- status, watch ----

def test_status_and_its_forms():
    with console(keys="session-limit = 1h") as daemon:
        client = owner(daemon)
        table = ask(daemon)
        assert table == ask(daemon, "status")
        assert re.search(r"^con1 +in use +127\.0\.0\.1 +\w+ +\w+ +\w+ +0$", table, re.M), table
        full = ask(daemon, "status", "-v")
        assert "owner     127.0.0.1 through con1 for" in full and "2 from the client, 2 to it" in full, full
        for arguments in (["--json"], ["status", "--json"], ["--json", "status", "-v"]):
            one = json.loads(ask(daemon, *arguments))
            assert one["lines"][0]["owner"]["who"] == "127.0.0.1"
            assert one["services"][0]["listen"] == f"127.0.0.1:{daemon.port('con1')}"
        client.close()
        wait_state(daemon, "con1", "free")


def test_watch_sees_an_owner_come_and_go():
    with console() as daemon:
        watch = start(daemon, "watch", stdout=-1, text=True)
        assert watch.stdout.readline().endswith(" con1: free\n")
        client = owner(daemon)
        assert " con1: in use by 127.0.0.1, idle " in watch.stdout.readline()
        client.close()
        seen = ""
        while not seen.endswith(" con1: free\n"):
            seen = watch.stdout.readline()
            assert seen, "ended"
        watch.kill()
        watch.wait()
        watch = start(daemon, "watch", "--json", stdout=-1, text=True)
        assert json.loads(watch.stdout.readline())["lines"][0]["state"] == "free"
        begun = time.monotonic()
        client = owner(daemon)
        while json.loads(watch.stdout.readline())["lines"][0]["state"] != "in use":
            pass
        assert time.monotonic() - begun < 5
        watch.kill()
        watch.wait()


def test_watch_on_a_terminal_and_the_end_of_the_daemon():
    daemon = console()
    master, slave = pty.openpty()
    watch = start(daemon, "watch", stdout=slave, stderr=-1)
    os.close(slave)
    seen = b""
    while b"con1" not in seen:
        assert select.select([master], [], [], 10)[0], seen
        seen += os.read(master, 4096)
    daemon.stop()
    assert watch.wait(10) == 3
    assert b"closed the connection" in watch.stderr.read()
    os.close(master)


def test_a_stopped_watcher_harms_nobody():
    """Of the pictures it could not take it is told how many."""
    with console() as daemon:
        watch = start(daemon, "watch", "--json", stdout=-1)
        watch.stdout.readline()
        os.kill(watch.pid, signal.SIGSTOP)
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(socket_of(daemon))
        sock.sendall(b'{"id": 1, "do": "watch"}\n')  # and never reads
        for _ in range(20):
            owner(daemon).close()
        wait_state(daemon, "con1", "free")
        os.kill(watch.pid, signal.SIGCONT)
        watch.stdout.readline()
        watch.kill()
        watch.wait()
        sock.close()


# ---- kick ----

def test_kick():
    with console() as daemon:
        client = owner(daemon)
        assert ask(daemon, "kick", "con1", "-m", "lunch is over") == "the claim of con1 is ended\n"
        assert client.answer(SIGNATURE, wanted=lambda text: text == b"CUT kick")
        text = client.expect_end()
        assert text.startswith(b"\r\nNO CARRIER\r\n") or b"NO CARRIER\r\n" in text, text
        assert b"lunch is over" in text, text
        daemon.wait_log("event=control do=kick line=con1")
        daemon.wait_log("event=claim-end line=con1 .*why=.?kick")
        raw = owner(daemon, kind=Client)
        assert json.loads(ask(daemon, "kick", "con1", "--json"))["ok"] is True
        assert b"NO CARRIER" in raw.expect_end()
        wait_state(daemon, "con1", "free")
        assert "nobody has the line" in ask(daemon, "kick", "con1", status=1)[1]
        assert "no line \"con2\"" in ask(daemon, "kick", "con2", status=5)[1]
        assert line(daemon, "con1")["cuts"] == 2


def test_kick_with_a_long_text():
    """Its client reads all of it, or it is refused and says why."""
    with console() as daemon:
        client = owner(daemon)
        for length in (201, 511, 512, 5000):
            error = ask(daemon, "kick", "con1", "-m", "x" * length, status=2)[1]
            assert f"a message of {length} bytes; expected at most 200" in error, error
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(socket_of(daemon))
            asked = {"id": 1, "do": "kick", "line": "con1", "message": "x" * 512}
            sock.sendall(json.dumps(asked).encode() + b"\n")
            with sock.makefile() as said:
                said.readline()  # the greeting
                answer = json.loads(said.readline())
        assert answer["error"].endswith("expected a text of at most 200 bytes, without control characters"), answer
        text = "".join(chr(ord("a") + i % 26) for i in range(200))
        ask(daemon, "kick", "con1", "-m", text)
        assert f"con1: {text}\r\n".encode() in client.expect_end()


# ---- disable, enable ----

def test_disable_and_enable():
    with console() as daemon:
        client = owner(daemon)
        assert ask(daemon, "disable", "con1") == "out of service as soon as its owner has left\n"
        client.send(b"on")
        client.expect(b"on")
        assert line(daemon, "con1")["state"] == "in use"
        client.close()
        found = wait_state(daemon, "con1", "disabled")
        assert found["reason"] == "disabled by the administrator", found
        other = Client(daemon.port("con1"))
        other.send(b"x")
        assert b"NO DIALTONE\r\ncon1 is out of service: disabled by the administrator\r\n" in other.expect_end()
        assert ask(daemon, "enable", "con1") == "con1 is enabled\n"
        wait_state(daemon, "con1", "free")
        owner(daemon).close()
        wait_state(daemon, "con1", "free")
        assert ask(daemon, "disable", "con1") == "con1 is disabled\n"
        wait_state(daemon, "con1", "disabled")
        assert ask(daemon, "disable", "con1") == "con1 is disabled\n"
        assert "disabled by the administrator" in ask(daemon, "test", "con1", status=1)[1]
        ask(daemon, "enable", "con1")
        ask(daemon, "enable", "con1")
        owner(daemon)
        for what in ("disable", "enable", "test", "monitor"):
            ask(daemon, what, "nowhere", status=5)


def test_why_it_is_disabled():
    """The administrator's text: for whoever is refused, in status, page, JSON, log and history; until it is enabled."""
    text = 'new cable <b>today</b>, gr\u00fc\u00dfe'
    whole = f"disabled by the administrator: {text}"
    page = 'status { listen = "127.0.0.1:0" }\n'
    with console(more=page) as daemon:
        first = owner(daemon)
        assert "as soon as its owner" in ask(daemon, "disable", "con1", "-m", text)
        first.close()  # what it was told is kept until then
        assert wait_state(daemon, "con1", "disabled")["reason"] == whole
        client = Client(daemon.port("con1"))
        client.send(b"x")
        assert f"con1 is out of service: {whole}\r\n".encode() in client.expect_end()
        assert f" disabled  {whole}\n" in ask(daemon, env={"COLUMNS": "200"})
        assert f"con1: disabled: {whole}\n" in ask(daemon, "status", "-v")
        assert "new cable &lt;b&gt;today&lt;/b&gt;, gr\u00fc\u00dfe" in get(daemon)
        daemon.wait_log("event=line-out line=con1 reason=.disabled by the administrator: new cable")
        assert whole in history(daemon, "--max", "1")[0]["why"]
        # another one, one that is too long, none
        assert ask(daemon, "disable", "con1", "-m", "x" * 160) == "con1 is disabled\n"
        assert line(daemon, "con1")["reason"].endswith(": " + "x" * 160)
        client = Client(daemon.port("con1"))
        client.send(b"x")
        assert b": " + b"x" * 160 + b"\r\n" in client.expect_end()
        error = ask(daemon, "disable", "con1", "-m", "x" * 161, status=1)[1]
        assert error == "modemshare: a text of 161 bytes; expected at most 160\n", error
        assert line(daemon, "con1")["reason"].endswith("x" * 160)
        ask(daemon, "disable", "con1")
        assert line(daemon, "con1")["reason"] == "disabled by the administrator"
        ask(daemon, "disable", "con1", "-m", "again")
        assert line(daemon, "con1")["reason"].endswith(": again")
        ask(daemon, "enable", "con1")
        wait_state(daemon, "con1", "free")
        ask(daemon, "disable", "con1")
        assert wait_state(daemon, "con1", "disabled")["reason"] == "disabled by the administrator"


def test_why_it_is_disabled_survives_a_reload():
    with console() as daemon:
        ask(daemon, "disable", "con1", "-m", "new cable")
        wait_state(daemon, "con1", "disabled")
        with open(daemon.path, encoding="utf-8") as f:
            text = f.read()
        assert 'kind = "console"' in text
        with open(daemon.path, "w", encoding="utf-8") as f:
            f.write(text.replace('"loopback"', '"virtual"').replace('"console"', '"modem"'))
        ask(daemon, "reload")  # another line of the same name
        found = wait_for(lambda: (now := line(daemon, "con1"))["kind"] == "modem" and now, 10, "the new line")
        assert found["state"] == "disabled"
        assert found["reason"] == "disabled by the administrator: new cable", found


def test_a_disabled_device_can_be_used_by_hand():
    """It is closed and unlocked; and whoever waits for it is refused."""
    modem = FakeModem()
    with Daemon(MODEM % (modem.path, QUICK + ' busy = "queue"'), env=modem.env()) as daemon:
        daemon.wait_log("event=line-ready line=m1")
        first = owner(daemon, "m1", said=b"AT\r")
        waiter = ComPort(daemon.port("m1"))
        waiter.send(b"x")
        waiter.answer(SIGNATURE, wanted=lambda text: text == b"QUEUED 1")
        assert os.listdir(os.path.join(daemon.directory, "lock"))
        ask(daemon, "disable", "m1")
        first.close()
        assert b"disabled by the administrator" in waiter.expect_end()
        wait_state(daemon, "m1", "disabled")
        wait_for(lambda: not modem.is_open(), 5, "closed")
        assert not os.listdir(os.path.join(daemon.directory, "lock"))
        ask(daemon, "enable", "m1")
        owner(daemon, "m1", said=b"AT\r")


# ---- drain, resume ----

def test_drain_and_resume():
    with console(keys='busy = "queue"') as daemon:
        client = owner(daemon)
        waiter = Client(daemon.port("con1"))
        waiter.send(b"x")
        waiter.expect(b"WAITING 1")
        assert ask(daemon, "drain") == "nobody new is given a line\n"
        assert b"con1 takes nobody any more for now: the server is being drained" in waiter.expect_end()
        assert status(daemon)["draining"] is True
        assert "\ndraining: " in ask(daemon)
        client.send(b"mine")
        client.expect(b"mine")
        other = Client(daemon.port("con1"))
        other.send(b"x")
        assert b"the server is being drained" in other.expect_end()
        client.close()
        wait_state(daemon, "con1", "free")
        assert ask(daemon, "drain") == "nobody new is given a line\n"
        assert ask(daemon, "resume") == "lines are given again\n"
        assert ask(daemon, "resume") == "lines are given again\n"
        assert status(daemon)["draining"] is False
        owner(daemon)


def test_drain_and_exit():
    daemon = console()
    client = owner(daemon)
    assert json.loads(ask(daemon, "drain", "--exit", "--json"))["ok"] is True
    client.send(b"still")
    client.expect(b"still")
    assert daemon.running()
    ask(daemon, "drain")  # without --exit: it goes on
    client.close()
    wait_state(daemon, "con1", "free")
    assert ask(daemon, "drain", "--exit") == "nobody new is given a line\n"
    assert daemon.end() == 0
    assert not os.path.exists(socket_of(daemon))
    daemon.stop()
    daemon = console()
    client = owner(daemon)
    ask(daemon, "drain", "--exit")
    client.close()
    assert daemon.end() == 0


def test_drain_and_exit_waits_for_the_hand_over():
    modem = FakeModem()
    daemon = Daemon(MODEM % (modem.path, QUICK), env=modem.env())
    daemon.wait_log("event=line-ready line=m1")
    client = owner(daemon, "m1", said=b"AT\r")
    modem.call()
    ask(daemon, "drain", "--exit")
    client.close()
    assert daemon.end() == 0
    assert not modem.in_call and "AT&F" in modem.lines()


# ---- test ----

def test_test():
    modem = FakeModem()
    with Daemon(MODEM % (modem.path, QUICK + ' retest = "10m" attempts = 1'), env=modem.env()) as daemon:
        daemon.wait_log("event=line-ready line=m1")
        before = len(modem.lines())
        assert ask(daemon, "test", "m1") == "in order\n"
        assert "AT&F" in modem.lines(before)
        client = owner(daemon, "m1", said=b"AT\r")
        assert "it is in use" in ask(daemon, "test", "m1", status=1)[1]
        client.close()
        wait_state(daemon, "m1", "free")
        modem.faults["mute"] = True
        _, error = ask(daemon, "test", "m1", status=1)
        assert "modemshare: " in error, error
        found = wait_state(daemon, "m1", "quarantine")
        assert found["reason"] in error and found["failures"] == 1 and found["ready-in"] > 500, (error, found)
        del modem.faults["mute"]
        assert json.loads(ask(daemon, "test", "m1", "--json"))["ok"] is True
        wait_state(daemon, "m1", "free")
        # A claim while it is being tested is held, not refused.
        modem.faults["late"] = 0.2
        running = start(daemon, "test", "m1", stdout=-1)
        wait_state(daemon, "m1", "hand-over")
        modem.faults.pop("late")
        owner(daemon, "m1", said=b"AT\r")
        assert running.wait(10) == 0 and running.stdout.read() == b"in order\n"


# ---- history ----

def test_history_of_a_call():
    config = (MODEM % ("virtual", 'number "1" { to = echo }') + LOOP % "show-owner = false")
    with Daemon(config) as daemon:
        daemon.wait_log("event=ready")
        client = owner(daemon, "m1", said=b"AT\r")
        client.send(b"ATD1\r")
        client.expect(b"CONNECT")
        other = Client(daemon.port("m1"))
        other.send(b"x")
        assert b"m1 is in use by 127.0.0.1" in other.expect_end()
        rows = history(daemon)
        assert [r["refused"] for r in rows] == [True, False], rows
        assert rows[1]["end"] is None and "in use" in rows[0]["why"], rows
        assert "goes on" in ask(daemon, "history", "--line", "m1")
        client.close()
        row = wait_for(lambda: (r := history(daemon)[1])["end"] and r, 5, "the end")
        assert (row["number"], row["line"], row["service"], row["who"]) == ("1", "m1", "m1", "127.0.0.1"), row
        assert row["result"].startswith("CONNECT") and row["call-for"] >= 0 and row["why"], row
        assert row["from-client"] == 8 and row["to-client"] > 8, row
        owner(daemon, "con1").close()
        wait_for(lambda: len(history(daemon)) == 3, 5)
        assert len(history(daemon, "--line", "con1")) == 1
        assert len(history(daemon, "--max", "2")) == 2
        assert len(history(daemon, "--client", "127.0.0.1")) == 3
        assert history(daemon, "--client", "192.0.2.1") == []
        assert len(history(daemon, "--since", "1h")) == 3
        assert history(daemon, "--since", "2030-01-01") == []
        table = list(csv.DictReader(ask(daemon, "history", "--csv").splitlines()))
        assert [r["line"] for r in table] == ["con1", "m1", "m1"] and table[2]["number"] == "1", table


# ---- who may ----

def test_who_may_only_look():
    prefix = nobody()
    with console(keys="show-owner = false") as daemon:
        client = owner(daemon)
        os.chmod(daemon.directory, 0o755)
        mode = os.stat(socket_of(daemon)).st_mode & 0o777
        assert mode == 0o660, oct(mode)
        assert "be root" in ask(daemon, status=4, prefix=prefix)[1]
        os.chown(socket_of(daemon), -1, 65534)  # a group that he is in
        assert re.search(r"^con1 +in use +another client ", ask(daemon, prefix=prefix), re.M)
        assert status(daemon, prefix=prefix)["lines"][0]["owner"]["who"] is None
        assert status(daemon)["lines"][0]["owner"]["who"] == "127.0.0.1"
        assert history(daemon, prefix=prefix)[0]["who"] is None
        assert history(daemon, "--client", "127.0.0.1", prefix=prefix) == []  # nor may he try
        for arguments in (["kick", "con1"], ["disable", "con1"], ["enable", "con1"], ["drain"], ["drain", "--exit"],
                          ["resume"], ["test", "con1"], ["monitor", "con1"], ["reload"], ["kick", "nowhere"]):
            _, error = ask(daemon, *arguments, status=4, prefix=prefix)
            assert "not permitted" in error, (arguments, error)
        client.send(b"mine")
        client.expect(b"mine")
        assert not status(daemon)["draining"] and not any("event=control" in row for row in daemon.log)


# ---- the socket ----

def test_the_socket():
    daemon = console()
    path = socket_of(daemon)
    second = Daemon(LOOP % "" + f'control-socket = "{path}"\n')
    second.wait_log("event=control-failed .*another daemon serves it")
    second.wait_log("event=line-ready")
    owner(second)
    second.stop()
    assert ask(daemon)
    daemon.process.kill()  # it stays behind, and the next one takes it over
    daemon.end()
    assert os.path.exists(path)
    assert "is modemshared running?" in tool("-S", path, status=3)[1]
    third = Daemon(LOOP % "" + f'control-socket = "{path}"\n')
    third.wait_log("event=line-ready")
    assert "con1" in tool("-S", path)
    third.stop()
    assert not os.path.exists(path)
    with open(path, "w", encoding="ascii"):
        pass
    fourth = Daemon(LOOP % "" + f'control-socket = "{path}"\n')
    fourth.wait_log("event=control-failed .*no socket")
    owner(fourth)
    fourth.stop()
    assert os.path.exists(path)
    daemon.kill()
    none = Daemon(LOOP % "" + 'control-socket = ""\nstate-directory = ""\n')
    owner(none)
    assert not any("WARN" in row or "control" in row for row in none.log), none.log


def test_a_socket_of_somebody_else():
    """What cannot be asked whether it is served is not taken to be left behind."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "control")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(path)
            daemon = console(more=f'control-socket = "{path}"\n')
            daemon.wait_log("event=control-failed .* error=\"Protocol wrong type for socket\"")
            owner(daemon)
            daemon.stop()
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as friend:
                friend.sendto(b"still there", path)
            assert other.recv(20) == b"still there"


def test_no_directory_can_be_made():
    """Why it cannot is told, not that it is missing."""
    daemon = console(more='control-socket = "/sys/modemshare/control"\n')
    error = daemon.wait_log('event=control-failed path="/sys/modemshare/control" error="(.*)"').group(1)
    assert error in ("Permission denied", "Operation not permitted", "Read-only file system"), error
    owner(daemon)


def test_without_a_history():
    with Daemon(LOOP % "" + 'state-directory = ""\n') as daemon:
        daemon.wait_log("event=line-ready")
        owner(daemon).close()
        assert "no history is kept" in ask(daemon, "history", status=1)[1]
        wait_for(lambda: status(daemon)["recent"], 5, "what is remembered without a disk")


def test_programs_at_the_socket():
    """Requests by hand: junk harms nobody, and many connections are bounded."""
    with console() as daemon:
        client = owner(daemon)
        for junk in (b"\n", b"GET / HTTP/1.1\r\n\r\n", b"{}\n", b"[" * 70000, b'{"id":1,"do":"kick"}\n',
                     b'{"id":1,"do":"nothing"}\n', b"\xff\xfe\x00\n", b'{"id":1,"do":"status","more":1}\n'):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(10)
                s.connect(socket_of(daemon))
                assert b'"protocol":1' in s.recv(4096)
                s.sendall(junk)
                assert b'"ok":false' in s.recv(4096), junk
        held = []
        for _ in range(40):
            s = socket.socket(socket.AF_UNIX)
            s.connect(socket_of(daemon))
            held.append(s)
        client.send(b"mine")
        client.expect(b"mine")
        for s in held:
            s.close()
        wait_for(lambda: ask(daemon), 5)


# ---- the host ----

def test_one_too_many_is_told_so():
    with console() as daemon:
        held = []
        for _ in range(8):
            held.append(socket.socket(socket.AF_UNIX))
            held[-1].connect(socket_of(daemon))
            assert held[-1].recv(4096).startswith(b"{")
        for _ in range(20):  # whichever comes first, the daemon's close or the question
            assert "too many control connections of this user; expected at most 8" in ask(daemon, status=1)[1]


def watches(daemon):
    """A connection that watches, and never reads again."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(socket_of(daemon))
    s.sendall(b'{"id": 1, "do": "watch"}\n')
    seen = b""
    while b'"ok":' not in seen:
        seen += s.recv(4096)
    return s, seen


def test_who_may_act_is_not_shut_out_by_his_own_watching():
    with console() as daemon:
        held = [watches(daemon) for _ in range(5)]
        assert all(b'"ok":true' in seen for _, seen in held[:4]), held
        assert b"watches and monitors too much" in held[4][1], held[4]
        assert "watches and monitors too much" in ask(daemon, "watch", status=1)[1]
        owner(daemon)
        assert ask(daemon, "kick", "con1") == "the claim of con1 is ended\n"
        held[0][0].close()
        wait_for(lambda: (found := watches(daemon)) and b'"ok":true' in found[1], 5, "a place")


def test_who_may_act_is_not_shut_out_by_those_who_may_look():
    prefix = nobody()
    with console() as daemon:
        os.chmod(daemon.directory, 0o755)
        os.chmod(socket_of(daemon), 0o666)
        lookers = [subprocess.Popen([*prefix, MODEMSHARE, "-S", socket_of(daemon), "watch"], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(5)]
        done = wait_for(lambda: [p for p in lookers if p.poll() is not None], 10, "one too many")
        assert len(done) == 1 and b"of this user; expected at most 4" in done[0].stderr.read(), done
        assert ask(daemon)
        for p in lookers:
            p.kill()
            p.wait()


def test_a_long_line_is_printed_whole():
    names = [f"a-line-with-a-long-name-{i:04}" for i in range(64)]
    text = "".join(f'line "{name}" {{ device = "loopback" kind = "console" }}\n' for name in names)
    text += 'service "pool" { listen = { "127.0.0.1:0" } lines = { %s } }\n' % ", ".join(f'"{name}"' for name in names)
    with Daemon(text, services=["pool"]) as daemon:
        found = next(row for row in ask(daemon, "status", "-v").splitlines() if row.count(names[0]) and row.count(names[1]))
        assert found.split()[-64:] == names or all(name in found for name in names), found


def test_doctor_and_devices():
    with console() as daemon:
        said = tool("doctor", "-f", daemon.path)
        assert "has no session-limit" in said and "WRONG" not in said, said
        ask(daemon, "disable", "con1")
        wait_state(daemon, "con1", "disabled")
        assert "modemshare enable con1" in tool("doctor", "-f", daemon.path)
        tool("devices")


def test_doctor_says_it_once():
    text = 'line "con1" { device = "/dev/modemshared-no-such-device" kind = "console" listen = { "127.0.0.1:0" } }\n'
    with Daemon(text, services=["con1"]) as daemon:
        daemon.wait_log("event=line-out line=con1")
        said, _ = tool("doctor", "-f", daemon.path, status=1)
        assert said.count("WRONG  con1") == 1 and "No such file or directory\n       " in said, said
