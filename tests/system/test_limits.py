"""When there is not enough: descriptors, memory, places at the door.  Who cannot be served is refused; the
others go on, and all is well again afterwards."""
import re
import resource
import time

from harness import (BAUDRATE, CONTROL, CTS, Client, ComPort, DCD, DSR, Daemon, MODEMSTATE, RESUME, SIGNATURE,
                     SUSPEND, Telnet, wait_for)
from ttyshim import FakeTty

LINE = """\
line "%s" {
    device = "%s"
    kind = "console"
    listen = { "127.0.0.1:0" }
    allow = { "127.0.0.0/8" }
    %s
}
"""


def console(keys="", name="con", device="loopback"):
    return LINE % (name, device, keys)


def owner(daemon, **how):
    client = ComPort(daemon.port("con"), **how)
    client.send(b"mine")
    client.expect(b"mine")
    return client


def goes_on(client):
    client.send(b"all is well")
    client.expect(b"all is well")


def sanitized(daemon):
    with open(f"/proc/{daemon.pid}/maps", encoding="ascii") as f:
        return "libasan" in f.read()


# --- descriptors and memory


def test_no_more_descriptors():
    """There are fewer than there were at the start: the clients that came too late wait unaccepted, and are
    served when others have gone."""
    daemon = Daemon(console())
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (40, 40))
    first = owner(daemon)
    others = [Client(daemon.port("con")) for _ in range(50)]
    daemon.wait_log('event=accept service=con error="Too many open files"')
    goes_on(first)
    for client in others[:45]:
        client.close()
    for client in others[45:]:
        client.until(lambda c=client: c.data, 10, "an offer")
    goes_on(first)
    assert sum("event=accept" in l for l in daemon.log) < 5, "not once for each try"


def test_no_memory_for_a_session():
    """That session is refused; of what the owner sends nothing is lost."""
    daemon = Daemon("max-clients-per-address = 1000\n" + console(), services=["con"])
    if sanitized(daemon):
        return  # its runtime ends the program where malloc would return NULL
    first = owner(daemon)
    before = resource.prlimit(daemon.pid, resource.RLIMIT_AS)
    with open(f"/proc/{daemon.pid}/statm", encoding="ascii") as f:
        now = int(f.read().split()[0]) * resource.getpagesize()
    resource.prlimit(daemon.pid, resource.RLIMIT_AS, (now, before[1]))
    clients = []
    while not any("event=no-memory" in l for l in daemon.log) and len(clients) < 900:
        try:
            clients.append(Client(daemon.port("con")))
        except ConnectionResetError:
            break
        clients[-1].until(lambda c=clients[-1]: c.data or c.ended, 10, "an offer or the end")
    daemon.wait_log("event=no-memory service=con", 5)
    assert not any("too many clients" in l for l in daemon.log), "the cause is another"
    first.send(b"patience")  # what there is no room for now stays where it is
    resource.prlimit(daemon.pid, resource.RLIMIT_AS, before)
    first.expect(b"patience")
    for client in clients:
        client.close()
    late = Telnet(daemon.port("con"))
    late.expect(b"con: in use by 127.0.0.1")
    goes_on(first)


# --- places at the door


def refused(daemon, source):
    """A client whose refusal waits for its settings to be through."""
    client = ComPort(daemon.port("con"), source=source)
    client.command(BAUDRATE, 9600)
    client.until(lambda: {BAUDRATE, SIGNATURE} & {code for code, _ in client.answers}, 5)
    return client


def test_four_refusals_of_an_address_take_their_time():
    """The fifth gets the text and the close at once; other addresses have places of their own."""
    daemon = Daemon(console())
    first = owner(daemon)
    start = time.monotonic()
    four = [refused(daemon, "127.0.0.2") for _ in range(4)]
    fifth = refused(daemon, "127.0.0.2")
    text = fifth.expect_end(5)
    took = time.monotonic() - start
    assert b"BUSY\r\ncon is in use" in text and took < 0.9, took
    other = refused(daemon, "127.0.0.3")
    assert not other.data, "it is given time"
    for client in four + [other]:
        assert not client.ended
        assert b"BUSY\r\ncon is in use" in client.expect_end(5, "fin")
    assert time.monotonic() - start > 1.8
    # And the places are given back.
    for client in four + [other, fifth]:
        client.close()
    wait_for(lambda: sum("event=disconnect" in l for l in daemon.log) >= 6, 5, "all are gone")
    assert not refused(daemon, "127.0.0.2").data
    goes_on(first)


def test_the_timing_of_a_refusal():
    """1 s after the last setting, at the first data byte, in any case 3 s after the claim; a second later the end."""
    daemon = Daemon(console())
    first = owner(daemon)

    def timed(client, after):
        start, settings = time.monotonic(), 0
        while not client.data:
            assert time.monotonic() - start < 6
            if time.monotonic() - start > settings * 0.3 and settings < after:
                client.command(CONTROL, 8)
                settings += 1
            client.read(0.05)
        told = time.monotonic() - start
        client.expect_end(5)
        return told, time.monotonic() - start - told

    told, more = timed(refused(daemon, "127.0.0.2"), 1)
    assert 0.9 < told < 1.6 and 0.8 < more < 2.5, (told, more)
    told, more = timed(refused(daemon, "127.0.0.3"), 100)
    assert 2.5 < told < 3.5 and 0.8 < more < 2.5, (told, more)
    hasty = refused(daemon, "127.0.0.4")
    start = time.monotonic()
    hasty.send(b"A")
    hasty.expect(b"BUSY\r\n")
    assert time.monotonic() - start < 0.8
    goes_on(first)


def test_the_owner_may_be_hidden():
    daemon = Daemon(console("show-owner = false"))
    first = owner(daemon)
    second = Telnet(daemon.port("con"))
    second.expect(b"con: in use by another client for ")
    second.send(b"x")
    text = second.expect_end(5)
    assert re.search(rb"BUSY\r\ncon is in use by another client for \d+m?s, idle \d+m?s; no limit; "
                     rb"in (\d+[a-z]+){1,2} if it stays idle\r\n", text), text
    assert b"127.0.0.1" not in text
    goes_on(first)


def test_nothing_is_said_where_it_is_not_wanted():
    """say-why = false: no text and no SIGNATURE at a refusal, no status line."""
    daemon = Daemon(console("say-why = false"))
    first = owner(daemon)
    com, telnet = ComPort(daemon.port("con")), Telnet(daemon.port("con"))
    for client in (com, telnet):
        client.send(b"x")
    assert com.expect_end(6) == b"" and telnet.expect_end(6) == b""
    assert SIGNATURE not in [code for code, _ in com.answers]
    goes_on(first)


# --- a client that asks for a pause


def test_suspend_and_resume():
    """Nothing at all is sent to it; commands are carried out, and everything comes in order afterwards."""
    tty = FakeTty()
    tty.set_inputs(cts=True)
    daemon = Daemon(console(device=tty.path), env=tty.env())
    client = ComPort(daemon.port("con"))
    client.send(b"x")
    assert tty.read(1) == b"x"
    assert client.request(BAUDRATE, 2400) == 2400  # all that the claim brings has come
    client.command(SUSPEND)
    client.command(SUSPEND)
    client.command(BAUDRATE, 4800)
    wait_for(lambda: tty.settings().baud == 4800, 5, "commands are carried out")
    mark = len(client.subs)
    tty.write(b"kept")
    tty.set_inputs(dsr=True)
    tty.set_inputs(dcd=True)
    client.command(BAUDRATE, 9600)
    wait_for(lambda: tty.settings().baud == 9600, 5)
    client.send(b"still goes out")
    assert tty.read(14) == b"still goes out"
    client.expect_nothing(0.5)
    assert len(client.subs) == mark, client.describe()
    client.command(RESUME)
    assert client.take(4) == b"kept"
    client.modem_state(DCD | DSR | CTS, DCD | DSR | CTS)
    told = client.answers[mark:]
    assert [v for c, v in told if c == BAUDRATE] == [4800, 9600], told
    assert [v for c, v in told if c == MODEMSTATE] == [DCD | DSR | CTS | 8 | 2], told
    client.command(RESUME)
    goes = client.request(BAUDRATE, 0)
    assert goes == 9600
