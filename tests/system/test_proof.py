"""From one owner to the next on a modem, with proof: whatever state it was left in, and whatever is wrong with it, the
next owner gets a modem that is known to work, or reads why not, within the bound that -n prints."""
import re
import time

import control
from harness import Client, ComPort, DCD, Daemon, SIGNATURE, Telnet, bound, wait_for
from fakemodem import QUICK, FakeModem, quick as times
from ttyshim import FLUSHED, NO_LINES, OUTPUTS, SET, TIOCM_DTR, FakeTty

LINE = """\
line "m1" {
    device = "%s"
    kind = "%s"
    listen = { "127.0.0.1:0" }
    %s
    %s
}
"""


def config(modem, keys="", quick=QUICK, kind="modem"):
    return LINE % (modem.path, kind, quick, keys)


def start(modem, keys="", quick=QUICK, ready=True):
    daemon = Daemon(config(modem, keys, quick), env=modem.env())
    if ready:
        daemon.wait_log("event=line-ready line=m1")
    return daemon


def owner(daemon, modem, **how):
    client = ComPort(daemon.port("m1"), **how)
    client.send(b"hi")
    assert modem.read_until(b"hi").endswith(b"hi")
    return client


# --- what a modem in order is told


def test_every_command_is_answered_before_the_next():
    modem = FakeModem()
    start(modem)
    assert modem.lines() == ["AT&F", "ATE1V1Q0S0=0X4&C1&D2", "AT", "AT"], modem.commands


def test_its_own_commands():
    modem = FakeModem()
    start(modem, 'init = { "AT&F", "ATE0", "AT+CPIN=1234" }')
    assert modem.lines() == ["AT&F", "ATE0", "AT+CPIN=1234", "AT", "AT"]


def test_what_an_owner_has_stored():
    """The next one does not find it, unless he asks for it."""
    modem = FakeModem()
    daemon = start(modem)
    client = owner(daemon, modem)
    client.send(b"\rATS7=9&W\r")
    client.expect(b"OK\r\n")
    leave_and_wait(daemon, client, "line-ready")
    assert 7 not in modem.registers, modem.registers
    other = owner(daemon, modem)
    other.send(b"\rATZ\r")
    other.expect(b"OK\r\n")
    assert modem.registers[7] == 9


def test_a_call_left_with_the_escape_where_nothing_tells_of_it():
    """AT&F ends no call: ATH does."""
    modem = FakeModem(flags=NO_LINES, dtr_ignored=True)
    daemon = start(modem)
    client = owner(daemon, modem)
    modem.call()
    modem.escaped = True
    leave_and_wait(daemon, client, "line-ready")
    assert not modem.in_call, modem.commands


def test_none_but_the_test():
    modem = FakeModem()
    start(modem, "init = {}")
    assert modem.lines() == ["AT", "AT"]


def leave_and_wait(daemon, client, until="claim-end"):
    seen = len(daemon.log)
    client.close()
    daemon.wait_log("event=claim-end", after=seen)
    daemon.wait_log(f"event={until}", 20, after=seen)


def test_what_the_last_owner_left_is_gone():
    """Echo, numbers, silence, a rate: the next owner finds none of it."""
    modem = FakeModem()
    daemon = start(modem, 'inactivity = "1h"')
    for leaves in (b"ATE0V0\r", b"ATQ1\r", b"ATE0Q1V0&C0&D0\r"):
        client = ComPort(daemon.port("m1"))
        before = len(modem.commands)
        client.send(leaves)
        wait_for(lambda: len(modem.commands) > before, what="the owner's command")
        leave_and_wait(daemon, client)
        again = ComPort(daemon.port("m1"))
        again.send(b"ATI\r")
        again.expect(b"ATI\r\r\nOK\r\n", 20)
        leave_and_wait(daemon, again, "line-ready")


def test_bytes_between_two_owners_go_to_nobody():
    modem = FakeModem(chatter="^RSSI:17")
    daemon = start(modem)
    client = owner(daemon, modem)
    client.close()
    daemon.wait_log("event=claim-end")
    modem.write(b"for nobody\r\n")
    late = Client(daemon.port("m1"))
    late.send(b"mine")
    modem.read_until(b"mine", 20)
    modem.write(b"yours")
    data = late.until(lambda: b"yours" in late.data and bytes(late.data), 10)
    assert re.sub(rb"\xff[\xfb-\xfe].", b"", data) == b"yours", data


def test_never_a_byte_to_a_console():
    tty = FakeTty()
    daemon = Daemon(LINE % (tty.path, "console", "", 'hangup-time = "50ms"'), env=tty.env())
    for _ in range(3):
        daemon.wait_log("event=line-ready")
        client = ComPort(daemon.port("m1"))
        client.send(b"x")
        assert tty.read(1) == b"x"
        client.close()
        daemon.wait_log("event=claim-end")
    wait_for(lambda: sum("line-ready" in l for l in daemon.log) == 4)
    assert tty.read() == b""


def test_output_is_dropped_before_dtr_falls():
    """A modem that hangs up raises CTS, and would dial what is left."""
    modem = FakeModem()
    daemon = start(modem, "drain = 0")
    client = owner(daemon, modem)
    mark = modem.mark()
    client.reset()
    wait_for(lambda: sum("line-ready" in l for l in daemon.log) == 2, 20)
    events = modem.events(since=mark)
    low = next(i for i, e in enumerate(events) if e.kind == OUTPUTS and not e.value & TIOCM_DTR)
    assert any(e.kind == FLUSHED for e in events[:low]), events
    assert any(e.kind == SET for e in events), "the configured settings are back"


# --- what is wrong with it: (faults, how the last owner leaves it, keys, what comes of it)


READY = None
FAULTS = {
    "in a call": ({}, "call", "", READY),
    "DTR ignored, in a call": ({"dtr_ignored": True}, "call", "", READY),
    "a call that only AT+CHUP ends": ({"only_chup": True}, "call",
                                      'hangup = { "dtr", "escape", "AT+CHUP" }', READY),
    "DCD always on": ({"carrier_on": True}, "carrier", "", "the call does not end"),
    "says OK when DTR rises": ({"ok_at_dtr": True}, "", "", READY),
    "answers twice": ({"twice": True}, "", "", READY),
    "chatter": ({"chatter": "^RSSI:12"}, "", "", READY),
    "fax transmit until DLE ETX": ({"fax": True}, "", "", READY),
    "slow": ({"late": 0.6}, "", "", READY),
    "numeric, no echo": ({}, "numeric", "", READY),
    "quiet": ({}, "quiet", "", READY),
    "takes nothing": ({}, "stuck", "attempts = 1", "no answer to AT&F"),
    "mute": ({"mute": True}, "", "", "no answer to AT&F"),
    "too late": ({"late": 1.6}, "", "attempts = 1", ""),
    "garbage": ({"garbage": True}, "", "", ""),
    "never stops": ({"flood": True, "mute": True}, "", "", ""),
    "a command is refused": ({"refuse": "X4"}, "", "", "is refused: ERROR"),
    "a call that nothing ends": ({"stuck_call": True, "no_escape": True}, "call", "", "the call does not end"),
    "such a call to who says OK": ({"stuck_call": True, "no_escape": True, "far_oks": True}, "call", "",
                                   "the call does not end"),
}


def leave(modem, how):
    if how == "call":
        modem.call()
    elif how == "carrier":
        modem.set_inputs(dcd=True)
    elif how == "numeric":
        modem.echo, modem.verbose = False, False
    elif how == "quiet":
        modem.quiet = True
    elif how == "stuck":
        modem.stuck()


def fault(name):
    """The owner goes to sleep on a modem in this state; the next one comes at once."""
    faults, how, extra, outcome = FAULTS[name]
    keys = f'{extra} inactivity = "1s" inactivity-in-call = "1s" after-call = "1s" warning = "0" retest = "1s"'
    modem = FakeModem()
    within = max(bound(config(modem, keys)), bound(config(modem, keys), "in call"))
    daemon = start(modem, keys)
    client = owner(daemon, modem)
    modem.faults.update(faults)
    leave(modem, how)
    begun = time.monotonic()
    daemon.wait_log("event=claim-end", 10)
    after = len(modem.commands)
    waiter = ComPort(daemon.port("m1"))
    waiter.send(b"mine")
    if outcome is READY:
        modem.read_until(b"mine", within + 1)
        assert time.monotonic() - begun <= within, (time.monotonic() - begun, within)
        assert modem.lines(after)[-2:] == ["AT", "AT"], modem.lines(after)
        assert not modem.in_call
    else:
        text = waiter.expect_end(within + 6).decode()
        assert time.monotonic() - begun <= within + 6
        match = re.search(r"NO DIALTONE\r\nm1 is out of service: quarantine: (.*)\r\n", text)
        assert match and outcome in match.group(1), text
        assert b"NO DIALTONE" in [v for c, v in waiter.answers if c == SIGNATURE]
        modem.faults.clear()
        if how == "stuck":
            modem.unstick()
        modem.hang_up()
        daemon.wait_log("event=line-back line=m1", 20)
        again = ComPort(daemon.port("m1"))
        again.send(b"back")
        modem.read_until(b"back", 10)
    assert client.expect_end(5) is not None


def test_in_a_call():
    fault("in a call")


def test_dtr_ignored():
    fault("DTR ignored, in a call")


def test_only_chup():
    fault("a call that only AT+CHUP ends")


def test_carrier_always_on():
    fault("DCD always on")


def test_ok_at_dtr():
    fault("says OK when DTR rises")


def test_answers_twice():
    fault("answers twice")


def test_chatter():
    fault("chatter")


def test_fax_transmit():
    fault("fax transmit until DLE ETX")


def test_slow():
    fault("slow")


def test_numeric():
    fault("numeric, no echo")


def test_quiet():
    fault("quiet")


def test_takes_nothing():
    fault("takes nothing")


def test_mute():
    fault("mute")


def test_too_late():
    fault("too late")


def test_garbage():
    fault("garbage")


def test_never_stops():
    fault("never stops")


def test_refused_command():
    fault("a command is refused")


def test_call_without_end():
    fault("a call that nothing ends")


def test_call_to_who_says_ok():
    """Carrier that was off and is on is a call: its far end is not the modem, and reads nothing of the set-up."""
    fault("such a call to who says OK")


def test_the_far_end_reads_no_set_up():
    """Nor does the next owner get that call: after the reset by its administrator the modem is back."""
    modem = FakeModem()
    daemon = start(modem, 'attempts = 1 retest = "10m" init = { "AT&F", "AT+CPIN=1234" }')
    client = owner(daemon, modem)
    modem.faults.update(stuck_call=True, no_escape=True, far_oks=True)
    modem.call()
    client.close()
    daemon.wait_log('event=line-out line=m1 reason="quarantine: the call does not end"', 20)
    assert modem.read() == b"+++ATH\r\x10\x03AT\rATQ0V1&C1\r"
    modem.faults.clear()
    modem.hang_up()
    control.ask(daemon, "test", "m1")
    owner(daemon, modem).close()


def test_a_cable_that_shows_carrier_from_now_on():
    """It is quarantined, as a call; enabled by the administrator it is taken for what it is."""
    modem = FakeModem()
    daemon = start(modem, 'attempts = 1 retest = "10m"')
    client = owner(daemon, modem)
    modem.faults["carrier_on"] = True
    modem.set_inputs(dcd=True)
    client.close()
    daemon.wait_log('reason="quarantine: the call does not end"', 20)
    assert not any("carrier-untrusted" in line for line in daemon.log)
    control.ask(daemon, "disable", "m1")
    control.ask(daemon, "enable", "m1")
    daemon.wait_log("event=carrier-untrusted line=m1", 20)
    owner(daemon, modem).close()


# --- quarantine


def test_failing_at_start_is_out_of_service():
    modem = FakeModem(mute=True)
    daemon = start(modem, 'retest = "1s"', ready=False)
    daemon.wait_log(r'event=line-out line=m1 reason="quarantine: no answer to AT&F"', 20)
    begun = time.monotonic()
    telnet = Telnet(daemon.port("m1"))
    telnet.expect(b"m1: out of service: quarantine: no answer to AT&F\r\n")
    telnet.send(b"x")
    telnet.expect(b"NO DIALTONE\r\nm1 is out of service: quarantine: no answer to AT&F\r\n")
    assert time.monotonic() - begun < 5
    modem.faults.clear()
    daemon.wait_log("event=line-back", 20)


def test_the_pause_between_tests_doubles():
    modem = FakeModem(mute=True)
    daemon = start(modem, 'retest = "1s" attempts = 1', ready=False)
    for failures, pause in ((1, 1), (2, 2), (3, 4)):
        daemon.wait_log(rf"event=quarantine line=m1 failures={failures} seconds={pause}\b", 30)


def test_a_pin_is_never_logged():
    modem = FakeModem(refuse="CPIN")
    daemon = start(modem, 'init = { "ATZ", "AT+CPIN=8642" }', ready=False)
    daemon.wait_log(r"event=line-out .*AT\+CPIN", 20)
    assert not [l for l in daemon.log if "8642" in l]


def test_no_password_is_shown():
    """Whatever command takes it: makers have names of their own for that. Not in the reason, the log, the status or
    the history, nor when the modem says it again."""
    for command in ('AT+CGAUTH=1,1,\\"me\\",\\"8642\\"', 'AT^AUTHDATA=1,1,\\"\\",\\"8642\\",\\"me\\"', "AT%PWD=8642"):
        name = re.match(r"AT\W\w+", command).group()
        modem = FakeModem(refuse=re.escape(name[3:]))
        daemon = start(modem, f'init = {{ "ATZ", "{command}" }} attempts = 1', ready=False)
        daemon.wait_log(rf'event=line-out line=m1 reason="quarantine: {re.escape(name)}\.\.\. is refused', 20)
        client = Client(daemon.port("m1"))
        client.send(b"x")
        read = client.expect_end(10).decode("latin-1")
        assert name + "..." in read
        seen = [read, control.ask(daemon, "status", "-v"), control.ask(daemon, "status", "--json"),
                control.ask(daemon, "history"), *daemon.log]
        assert not [text for text in seen if "8642" in text], seen
        daemon.stop()


# --- it rings


def rings(text, line):
    modem = FakeModem()
    daemon = start(modem)
    modem.ring(text=text, line=line)
    daemon.wait_log("event=ringing line=m1", 5)
    begun = time.monotonic()
    client = ComPort(daemon.port("m1"))
    client.send(b"mine")
    client.answer(SIGNATURE, 6, wanted=lambda t: t == b"QUEUED 1")
    modem.read_until(b"mine", 15)
    took = time.monotonic() - begun
    assert 7 < took < 10, took


def test_a_line_that_rings_is_not_granted():
    rings(text=True, line=False)


def test_nor_one_whose_bell_alone_tells():
    rings(text=False, line=True)


def test_a_bell_that_is_stuck_is_one_ring():
    modem = FakeModem()
    daemon = start(modem)
    modem.set_inputs(ri=True)  # and stays
    daemon.wait_log("event=ringing line=m1", 5)
    begun = time.monotonic()
    for last in (False, True):  # nor does the next hand-over take it for another one
        client = ComPort(daemon.port("m1"))
        client.send(b"mine")
        modem.read_until(b"mine", 15)
        client.close()
        if last:
            break
        assert 7 < time.monotonic() - begun < 10
        daemon.wait_log("event=claim-end")
        begun = time.monotonic()
    assert time.monotonic() - begun < 5


def test_a_ring_in_the_hand_over():
    """It rings on when the hand-over has ended: whoever waited is not given a call that is for nobody."""
    modem = FakeModem(chatter="RING")
    daemon = start(modem)
    begun = time.monotonic()
    modem.faults.clear()
    client = ComPort(daemon.port("m1"))
    client.send(b"mine")
    client.answer(SIGNATURE, 6, wanted=lambda t: t == b"QUEUED 1")
    modem.read_until(b"mine", 15)
    assert 6.5 < time.monotonic() - begun < 10, time.monotonic() - begun


def test_what_the_other_end_of_a_call_says_is_no_ring():
    """Not while it is hung up, either: the next owner is not made to wait for a bell."""
    modem = FakeModem(dtr_ignored=True)
    daemon = start(modem, quick=times(carrier_timeout="500ms"))
    client = owner(daemon, modem)
    modem.call()
    seen = len(daemon.log)
    client.close()
    daemon.wait_log("event=claim-end", after=seen)
    assert modem.far_end(b"\r\nRING\r\n")
    daemon.wait_log("event=line-ready", after=seen)
    begun = time.monotonic()
    owner(daemon, modem)
    assert time.monotonic() - begun < 3


def test_who_owns_it_sees_it_ring():
    modem = FakeModem()
    daemon = start(modem)
    client = owner(daemon, modem)
    modem.ring()
    client.expect(b"RING")
    assert not [l for l in daemon.log if "event=ringing" in l]


# --- a reset that makes it leave the bus


def test_a_modem_that_leaves_the_bus_is_waited_for():
    modem = FakeModem(resets_usb="^AT&F")
    modem.away = 3
    daemon = start(modem, ready=False)
    client = ComPort(daemon.port("m1"))
    client.send(b"mine")
    daemon.wait_log("event=line-away line=m1", 10)
    client.answer(SIGNATURE, 6, wanted=lambda t: t == b"QUEUED 1")
    modem.read_until(b"mine", 20)
    assert not [l for l in daemon.log if "event=line-out" in l]
    assert modem.lines().count("AT&F") == 1, "not for ever"


def test_carrier_on_is_seen_by_its_owner():
    modem = FakeModem()
    daemon = start(modem)
    client = owner(daemon, modem)
    modem.call()
    client.modem_state(DCD, DCD)
