"""Clients that claim a line while it is made ready for the next: they are held, in the order in which they came,
and get it as they would have got a free one."""
import re
import time

import harness
from harness import (BAUDRATE, BINARY, CONTROL, CTS, Client, ComPort, DCD, DSR, Daemon, IAC, MODEMSTATE, PARITY,
                     SIGNATURE, Telnet, wait_for)
from fakemodem import FakeModem, quick
from ttyshim import FakeTty

LINE = """\
line "%s" {
    device = "%s"
    kind = "%s"
    listen = { "127.0.0.1:0" }
    %s
}
"""


def console(keys):
    """A loop-back plug whose first hand-over begins as the daemon starts."""
    return Daemon(LINE % ("con", "loopback", "console", keys))


def on_tty(tty, keys, kind="console"):
    return Daemon(LINE % ("con", tty.path, kind, keys), env=tty.env())


def signatures(client):
    return [v for c, v in client.answers if c == SIGNATURE]


def settings_claim(daemon):
    """A client that claims without data."""
    client = ComPort(daemon.port("con"))
    assert client.request(BAUDRATE, 9600) == 9600
    return client


def test_eight_in_order_and_one_too_many():
    daemon = console('hangup-time = "6s"')
    held = []
    for i in range(8):
        client = ComPort(daemon.port("con"))
        client.send(b"%d" % i)
        assert client.request(CONTROL, 8) == 8  # so it has been read: this is the order
        held.append(client)
    ninth = ComPort(daemon.port("con"))
    ninth.send(b"9")
    text = ninth.expect_end(5)
    assert re.fullmatch(rb"BUSY\r\ncon is being made ready; free in \d+s at the latest\r\n", text), text
    assert signatures(ninth) == [b"BUSY"]
    for i, client in enumerate(held):
        client.answer(SIGNATURE, 5, wanted=lambda t, i=i: t == b"QUEUED %d" % (i + 1))
    held[0].answer(SIGNATURE, 8, wanted=lambda t: t == b"READY")
    assert held[0].take(1) == b"0"
    for client in held[1:5]:
        assert re.match(rb"BUSY\r\ncon is in use by 127.0.0.1 for ", client.expect_end(5))
        assert b"READY" not in signatures(client)


def test_who_leaves_moves_the_others_up():
    daemon = console('hangup-time = "5s"')
    first, second, third = [settings_claim(daemon) for _ in range(3)]
    third.answer(SIGNATURE, 5, wanted=lambda t: t == b"QUEUED 3")
    first.reset()
    third.answer(SIGNATURE, 2, wanted=lambda t: t == b"QUEUED 2")
    second.fin()  # it has sent no data that a place would be kept for
    second.expect_end(2)
    third.answer(SIGNATURE, 2, wanted=lambda t: t == b"QUEUED 1")
    third.answer(SIGNATURE, 6, wanted=lambda t: t == b"READY")
    third.send(b"mine")
    third.expect(b"mine")


def test_a_fin_behind_data_keeps_the_place():
    daemon = console('hangup-time = "2s"')
    client = Client(daemon.port("con"))
    client.send(b"and I am gone")
    client.fin()
    later = ComPort(daemon.port("con"))
    later.send(b"I stay")
    daemon.wait_log(r'event=claim-end line=con .* from-client=13 .* why="client closed"')
    client.expect_end(5, "fin")
    later.until(lambda: later.data, 6, "the line, or why not")


def test_held_as_soon_as_the_owner_has_ended():
    """Its FIN ends its claim, though its last data is still on its way."""
    tty = FakeTty()
    daemon = on_tty(tty, 'hangup-time = 0 drain = "5s"')
    daemon.wait_log("event=line-ready")
    first = ComPort(daemon.port("con"))
    first.send(b"first")
    assert tty.read(5) == b"first"
    tty.ctl.outq = 100
    first.fin()
    first.received_now()
    later = ComPort(daemon.port("con"))
    later.send(b"later")
    later.expect_nothing(0.5)
    assert not signatures(later)
    tty.ctl.outq = 0
    assert tty.read(5) == b"later"
    assert not signatures(later)


def test_nothing_reaches_the_line_before_its_time():
    """Neither data nor settings of who waits."""
    tty = FakeTty()
    tty.set_inputs(cts=True)
    daemon = on_tty(tty, 'hangup-time = "3s"')
    client = ComPort(daemon.port("con"))
    client.send(b"early")
    assert client.request(BAUDRATE, 300) == 300 and client.request(PARITY, 3) == 3
    assert client.request(CONTROL, 9) == 9
    assert client.request(BAUDRATE, 0) == 300, "remembered"
    assert tty.settings().baud != 300 and tty.read() == b""
    client.modem_state(DCD | DSR | CTS, 0)
    client.answer(SIGNATURE, 6, wanted=lambda t: t == b"READY")
    assert tty.read(5) == b"early"
    assert (tty.settings().baud, tty.settings().parity) == (300, 3)
    assert not tty.outputs().dtr, "the last thing it asked for"
    client.modem_state(DCD | DSR | CTS, CTS)


def test_told_when_the_driver_takes_another_value():
    tty = FakeTty()
    tty.ctl.max_rate = 38400
    daemon = on_tty(tty, 'hangup-time = "2s" speed = 9600')
    client = ComPort(daemon.port("con"))
    assert client.request(BAUDRATE, 57600) == 57600, "remembered"
    assert client.request(PARITY, 2) == 2
    client.received_now()
    mark = len(client.subs)
    told = client.answer(BAUDRATE, 6, mark)
    assert told == tty.settings().baud != 57600, told
    assert tty.settings().parity == 2
    assert PARITY not in [code for code, _ in client.answers[mark:]], "only what is otherwise"


def test_all_data_of_who_waited_arrives_once():
    """At most 256 bytes are taken in while it waits; the rest waits in the network."""
    daemon = console('hangup-time = "3s"')
    client = Telnet(daemon.port("con"))
    client.until(lambda: (harness.WILL, BINARY) in client.commands, 5, "the offers")
    sent = bytes(i % 251 for i in range(50000))
    client.sock.settimeout(20)
    client.send(sent)
    client.expect(b"READY\r\n")
    assert client.take(len(sent)) == sent


def stale(kind):
    tty = FakeModem() if kind == "modem" else FakeTty()
    daemon = on_tty(tty, quick(hangup_time="13s") if kind == "modem" else 'hangup-time = "13s"', kind)
    start = time.monotonic()
    client = Client(daemon.port("con"))
    client.send(b"ATD1\r")
    wait_for(lambda: time.monotonic() - start > 9, 12)
    client.send(b"ATI\r")
    daemon.wait_log("event=claim-start", 20)
    return tty, client


def test_stale_data_is_not_dialled():
    """Older than 10 s at the grant."""
    modem, _owner = stale("modem")
    wait_for(lambda: "ATI" in modem.lines())
    assert "ATD1" not in modem.lines(), modem.lines()


def test_a_console_gets_all_data_however_old():
    tty, _owner = stale("console")
    assert tty.read(9) == b"ATD1\rATI\r"


def test_told_that_the_device_went_away_meanwhile():
    tty = FakeTty()
    daemon = on_tty(tty, 'hangup-time = "20s"')
    daemon.wait_log("event=open ")
    clients = [settings_claim(daemon) for _ in range(2)]
    late = settings_claim(daemon)
    clients.append(late)
    tty.unplug()
    for client in clients:
        text = client.expect_end(6)
        assert text == b"NO DIALTONE\r\ncon is out of service: device gone\r\n", text
        assert b"NO DIALTONE" in signatures(client)


def test_modem_state_at_agreement():
    """That of a free line is true; carrier is shown where a refusal must be read; none while it is made ready;
    and changes are the owner's alone."""
    tty = FakeTty()
    tty.set_inputs(dsr=True)
    daemon = on_tty(tty, 'hangup-time = "1s"')

    def first(client):
        state = client.answer(MODEMSTATE, 5)
        assert len([1 for c, _ in client.answers if c == MODEMSTATE]) == 1
        return state

    assert first(ComPort(daemon.port("con"))) == 0, "being made ready"
    daemon.wait_log("event=line-ready")
    idle = ComPort(daemon.port("con"))
    assert first(idle) == DSR, "free"
    owner = ComPort(daemon.port("con"))
    owner.send(b"x")
    assert tty.read(1) == b"x"
    assert first(ComPort(daemon.port("con"))) == DCD | DSR | CTS, "in use"
    tty.set_inputs(cts=True)
    owner.modem_state(CTS | DSR, CTS | DSR)
    idle.received_now()
    assert first(idle) == DSR, "changes are for the owner"
    tty.unplug()
    daemon.wait_log("event=line-out")
    assert first(ComPort(daemon.port("con"))) == DCD | DSR | CTS, "out of service"


def test_looking_does_not_touch_the_line():
    """Port scans, questions, negotiations and silence: nothing changes at the line."""
    tty = FakeModem()
    daemon = on_tty(tty, quick(hangup_time="200ms"), "modem")
    daemon.wait_log("event=line-ready")
    mark, told = tty.mark(), len(tty.lines())
    for _ in range(5):
        Client(daemon.port("con")).close()
        Client(daemon.port("con")).reset()
    asker = ComPort(daemon.port("con"))
    for code in (BAUDRATE, harness.DATASIZE, PARITY, harness.STOPSIZE):
        assert asker.request(code, 0) > 0
    for query in (0, 4, 7, 10, 13):
        asker.request(CONTROL, query)
    asker.request(SIGNATURE)
    asker.request(MODEMSTATE, 0)
    asker.request(harness.MODEMMASK, 255)
    asker.request(harness.LINEMASK, 255)
    asker.send_raw([IAC, harness.AYT, IAC, harness.NOP])
    telnet = Telnet(daemon.port("con"))
    telnet.expect(b"con: free\r\n")
    for client in (asker, telnet):
        client.close()
    wait_for(lambda: sum("event=disconnect" in l for l in daemon.log) == 12, 10, "all are gone")
    assert not tty.events(since=mark), tty.events(since=mark)
    assert tty.read() == b"" and len(tty.lines()) == told, tty.lines()
    assert not [l for l in daemon.log if "claim-start" in l]
