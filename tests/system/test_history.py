"""The call history of the real daemon: no claim is lost when it is killed, and no disk that is full, locked or of a newer
version delays a session."""
import ctypes
import os
import pty
import sqlite3
import subprocess
import time

from control import ask, history, line, start, status
from harness import Client, ComPort, Daemon, Skip, wait_for

LINE = 'line "con" {\n device = "loopback"\n kind = "console"\n listen = { "127.0.0.1:0" }\n %s\n}\n'
CLONE_NEWNS, CLONE_NEWUSER, MS_REC_PRIVATE = 0x20000, 0x10000000, 0x44000
MS_RDONLY, MS_REMOUNT = 1, 32


def with_state(directory, keys="", **how):
    return Daemon(f'state-directory = "{directory}"\n' + LINE % keys, **how)


def claim(daemon, data=b"mine", source=None):
    client = ComPort(daemon.port("con"), source=source)
    client.send(data)
    client.expect(data)
    return client


def own_disk(megabytes):
    """A small file system of this process and its children alone, mounted on a directory of its own."""
    import tempfile
    where = tempfile.mkdtemp(prefix="modemshare-disk.")
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNS | (CLONE_NEWUSER if uid else 0)):
        raise Skip("kernel forbids: mount namespaces")
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as f:
                f.write(text)
    if libc.mount(b"none", b"/", None, MS_REC_PRIVATE, None) or \
            libc.mount(b"none", where.encode(), b"tmpfs", 0, f"size={megabytes}m".encode()):
        raise Skip("kernel forbids: mounting a tmpfs")
    return where


def goes_on(daemon, seconds=2):
    """One exchange after another, none of which takes long; then a claim after another."""
    client = claim(daemon)
    slowest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        client.send(b"ping")
        client.expect(b"ping")
        slowest = max(slowest, time.monotonic() - begun)
    client.close()
    for _ in range(5):
        claim(daemon).close()
    assert slowest < 1, slowest


def test_a_killed_daemon_loses_no_claim():
    keep = Daemon(LINE % "")  # whose directory outlives the others
    state = os.path.join(keep.directory, "shared")
    first = with_state(state)
    claim(first, b"done").close()
    wait_for(lambda: len(history(first)) == 1 and history(first)[0]["end"], 10, "the first is on record")
    open_one = claim(first, b"open")
    wait_for(lambda: len(history(first)) == 2, 10, "the second has begun on record")
    refused = Client(first.port("con"))
    refused.send(b"x")
    wait_for(lambda: len(history(first)) == 3, 10, "and so is a refusal")
    assert history(first)[1]["end"] is None
    first.kill()
    open_one.expect_end(5)
    second = with_state(state)
    rows = wait_for(lambda: (r := history(second)) and len(r) == 3 and r, 10, "all three are there")
    assert [row["why"] for row in rows if not row["refused"]] == ["daemon died", "client closed"], rows
    assert all(row["end"] for row in rows), rows
    assert sum(row["refused"] for row in rows) == 1
    claim(second).close()
    wait_for(lambda: len(history(second)) == 4, 10, "and it goes on")


def test_a_full_disk_delays_nobody():
    disk = own_disk(1)
    daemon = with_state(disk)
    claim(daemon).close()
    wait_for(lambda: len(history(daemon)) == 1, 10)
    filler = os.open(os.path.join(disk, "filler"), os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(filler, bytes(4096))
    except OSError:
        os.close(filler)
    goes_on(daemon)
    for i in range(300):  # more than what a page that is there already holds; of one address they would be counted
        claim(daemon, source=f"127.0.1.{1 + i % 40}").close()
    daemon.wait_log("event=history-failed", 20)
    goes_on(daemon, 1)
    os.unlink(os.path.join(disk, "filler"))
    daemon.wait_log("event=history-works", 30)
    wait_for(lambda: len(history(daemon)) > 100, 20, "what waited is on record")


def test_a_read_only_directory_is_shown():
    """What was kept is still read, with a word that nothing is added."""
    disk = own_disk(4)
    daemon = with_state(disk)
    claim(daemon).close()
    wait_for(lambda: history(daemon) and history(daemon)[0]["end"], 10)
    daemon.stop()
    assert not ctypes.CDLL(None).mount(b"none", disk.encode(), b"tmpfs", MS_REMOUNT | MS_RDONLY, None)
    daemon = with_state(disk)
    daemon.wait_log("event=history-failed .*Read-only file system")
    goes_on(daemon, 0.2)
    for how in ("--csv", "--max=5"):
        shown = start(daemon, "history", how, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        rows, said = shown.communicate(timeout=20)
        assert shown.returncode == 0 and "client closed" in rows and len(rows.splitlines()) == 2, (rows, said)
        assert said.startswith("modemshare: nothing new is kept: ") and "Read-only" in said, said
        assert said.count("\n") == 1, said


def test_a_locked_database_delays_nobody():
    keep = Daemon(LINE % "")
    state = os.path.join(keep.directory, "shared")
    daemon = with_state(state)
    claim(daemon).close()
    wait_for(lambda: len(history(daemon)) == 1, 10)
    other = sqlite3.connect(os.path.join(state, "history.db"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    goes_on(daemon)
    other.execute("ROLLBACK")
    other.close()
    wait_for(lambda: len(history(daemon)) == 7, 30, "what waited is on record")


def test_a_newer_database_is_let_alone():
    keep = Daemon(LINE % "")
    state = os.path.join(keep.directory, "shared")
    os.mkdir(state)
    newer = sqlite3.connect(os.path.join(state, "history.db"))
    newer.execute("PRAGMA user_version = 4711")
    newer.execute("CREATE TABLE of_the_future (x)")
    newer.commit()
    daemon = with_state(state)
    assert "4711" in daemon.wait_log(r"event=history-newer error=\"(.*)\"").group(1)
    goes_on(daemon, 0.2)
    assert newer.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
    assert "4711" in ask(daemon, "history", status=1)[1]
    newer.close()
    for name in os.listdir(state):
        if name.startswith("history.db"):
            os.remove(os.path.join(state, name))
    ask(daemon, "reload")
    daemon.wait_log("event=history-works")
    goes_on(daemon, 1)
    wait_for(lambda: history(daemon), 10, "a call on record")


def test_a_broken_database_delays_nobody():
    keep = Daemon(LINE % "")
    state = os.path.join(keep.directory, "shared")
    os.mkdir(state)
    with open(os.path.join(state, "history.db"), "wb") as f:
        f.write(b"this is no database" * 1000)
    daemon = with_state(state)
    daemon.wait_log("event=history-failed")
    goes_on(daemon, 0.2)
    with open(os.path.join(state, "history.db"), "rb") as f:
        assert f.read(19) == b"this is no database", "it is somebody's"


# --- as it is shown


def shown_at(daemon, columns, *arguments):
    """On a terminal."""
    master, slave = pty.openpty()
    done = start(daemon, *arguments, stdin=subprocess.DEVNULL, stdout=slave, env={"COLUMNS": str(columns)})
    assert done.wait(20) == 0
    os.close(slave)
    text = b""
    try:
        while data := os.read(master, 65536):
            text += data
    except OSError:
        pass
    os.close(master)
    return text.decode().replace("\r\n", "\n").splitlines()


def test_columns_are_as_wide_as_what_is_in_them():
    """Nothing is cut where no terminal is; where one is, the table fits into it."""
    name = "rack-07.cellar.example-of-a-name"
    daemon = Daemon((LINE % "").replace('"con"', f'"{name}"') + LINE % "", options=())
    owner = ComPort(daemon.port(name))
    owner.send(b"a")
    owner.expect(b"a")
    other = Client(daemon.port(name), source="127.100.200.250")
    other.send(b"x")
    other.expect(b"in use by")
    claim(daemon).close()
    wait_for(lambda: sum(row["end"] is not None for row in history(daemon)) == 2, 10)
    rows = ask(daemon, "history").splitlines()
    head = rows[0]
    assert head.split() == ["START", "LINE", "CLIENT", "FOR", "WHAT"], head
    assert len(rows) == 4 and sum(name + " " in row for row in rows) == 2, rows
    for row in rows[1:]:  # each below its head
        for word in ("LINE", "CLIENT", "FOR"):
            at = head.index(word)
            assert row[at - 2:at] == "  " and row[at] != " ", (word, rows)
    refused = [row for row in rows if "refused" in row][0]
    assert f"{name} is in use by 127.0.0.1 for" in refused and "127.100.200.250" in refused, refused
    for columns in (200, 100, 80):
        rows = shown_at(daemon, columns, "history")
        assert len(rows) == 4 and max(map(len, rows)) <= columns, (columns, rows)
        assert any("127.100.200.250" in row for row in rows), (columns, rows)
    assert any("\u2026" in row for row in rows), rows
    owner.close()


# --- what repeats


def log_of(daemon, event):
    return [l for l in list(daemon.log) if f"event={event} " in l]


def refuse(daemon, times, source):
    for _ in range(times):
        client = Client(daemon.port("con"), source=source)
        client.send(b"x")
        client.expect(b"in use by")
        client.close()


def test_refusals_are_one_row_and_one_line_a_minute():
    """The first at once, the rest as a count; whatever counts them counts every one."""
    keep = Daemon(LINE % "")
    state = os.path.join(keep.directory, "shared")
    daemon = with_state(state, options=())
    owner = claim(daemon)
    refuse(daemon, 1, "127.0.0.2")
    first = daemon.wait_log(r"event=refused line=con .*client=127.0.0.2 service=con why=\"con is in use by 127.0.0.1")
    assert "count=" not in first.string, first.string
    wait_for(lambda: sum(row["refused"] for row in history(daemon)) == 1, 10, "the first is on record")
    refuse(daemon, 59, "127.0.0.2")
    refuse(daemon, 20, "127.0.0.3")
    wait_for(lambda: line(daemon, "con")["refusals"] == 80, 10, "80 are counted")
    now = status(daemon)
    assert now["services"][0]["refusals"] == 80, now["services"]
    recent = {row["who"]: row["count"] for row in now["recent"] if row["refused"]}
    assert recent == {"127.0.0.2": 60, "127.0.0.3": 20}, recent
    assert len(log_of(daemon, "refused")) == 2, log_of(daemon, "refused")
    assert [row["count"] for row in history(daemon)] == [1, 1, 1], history(daemon)
    owner.close()
    daemon.wait_log("event=claim-end")
    daemon.stop()
    assert sorted(l.rsplit("count=", 1)[1] for l in log_of(daemon, "refused") if "count=" in l) == ["19", "59"], daemon.log
    again = with_state(state)
    rows = [row for row in wait_for(lambda: history(again), 10) if row["refused"]]
    assert sorted((row["who"], row["count"]) for row in rows) == [
        ("127.0.0.2", 1), ("127.0.0.2", 59), ("127.0.0.3", 1), ("127.0.0.3", 19)], rows
    assert "(59 times)" in ask(again, "history", "--client", "127.0.0.2")


def test_the_minute_ends():
    """A sum comes when it is over, though nothing else happens."""
    daemon = Daemon(LINE % "", options=())
    owner = claim(daemon)
    refuse(daemon, 3, "127.0.0.2")
    begun = time.monotonic()
    daemon.wait_log("event=refused line=con .*client=127.0.0.2 .*count=2$", 75)
    assert time.monotonic() - begun > 50
    assert [row["count"] for row in history(daemon) if row["refused"]] == [2, 1]
    turns = status(daemon)["loop-turns"]
    end = time.monotonic() + 3
    wait_for(lambda: time.monotonic() > end, 5)
    assert status(daemon)["loop-turns"] - turns < 20, "nobody wakes up for what is not counted"
    owner.close()


def test_short_claims_are_counted():
    """Eight of them whole, begin and end; one that lasts is always told."""
    daemon = Daemon(LINE % "", options=())
    for _ in range(30):
        claim(daemon).close()
    wait_for(lambda: line(daemon, "con")["claims"] == 30, 10)
    wait_for(lambda: len(log_of(daemon, "claim-end")) == 8, 10, "eight are told")
    assert len(log_of(daemon, "claim-start")) == 8
    assert status(daemon)["services"][0]["claims"] == 30
    wait_for(lambda: sum(row["count"] for row in status(daemon)["recent"]) == 30, 10, "all are among the last")
    wait_for(lambda: len(history(daemon)) == 8, 10)
    mark = len(daemon.log)
    lasting = claim(daemon)
    daemon.wait_log("event=claim-start", 5, after=mark)
    wait_for(lambda: len(history(daemon)) == 9 and history(daemon)[0]["end"] is None, 5, "on record while it goes on")
    lasting.close()
    daemon.wait_log("event=claim-end .*seconds=[1-9]", after=mark)
    claim(daemon, source="127.0.0.2").close()  # another client is another story
    daemon.wait_log("event=claim-end .*client=127.0.0.2", after=mark)
    daemon.stop()
    sums = log_of(daemon, "short-claims")
    assert len(sums) == 1 and sums[0].endswith('from-client=88 to-client=88 why="client closed" count=22'), sums


def test_debug_tells_each():
    daemon = Daemon(LINE % "")
    for _ in range(12):
        claim(daemon).close()
    wait_for(lambda: len(log_of(daemon, "claim-end")) == 12, 10)
    assert len(log_of(daemon, "claim-start")) == 12
    daemon.stop()
    assert not log_of(daemon, "short-claims"), "nothing is told twice"
