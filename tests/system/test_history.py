"""The call history of the real daemon: no claim is lost when it is killed, and no disk that is full, locked or of a newer
version delays a session."""
import ctypes
import os
import sqlite3
import time

from control import ask, history
from harness import Client, ComPort, Daemon, Skip, wait_for

LINE = 'line "con" {\n device = "loopback"\n kind = "console"\n listen = { "127.0.0.1:0" }\n %s\n}\n'
CLONE_NEWNS, CLONE_NEWUSER, MS_REC_PRIVATE = 0x20000, 0x10000000, 0x44000


def with_state(directory, keys=""):
    return Daemon(f'state-directory = "{directory}"\n' + LINE % keys)


def claim(daemon, data=b"mine"):
    client = ComPort(daemon.port("con"))
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
    for _ in range(300):  # more than what a page that is there already holds
        claim(daemon).close()
    daemon.wait_log("event=history-failed", 20)
    goes_on(daemon, 1)
    os.unlink(os.path.join(disk, "filler"))
    daemon.wait_log("event=history-works", 30)
    wait_for(lambda: len(history(daemon)) > 100, 20, "what waited is on record")


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
