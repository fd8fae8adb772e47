"""pyserial, by far the most used RFC 2217 client: everything that it can ask of a port."""
import os
import re
import threading

import harness

LOOPBACK = """
line "loop" { device = "loopback" kind = "console" listen = { "0" } }
"""
VIRTUAL = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    number "1" { to = "echo" }
    number "2" { to = "line:modem2" } }
line "modem2" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" } }
"""
MIB = 1 << 20


def pyserial():
    try:
        import serial
    except ImportError:
        raise harness.Skip("needs python3-serial") from None
    return serial


def open_port(daemon, service, **settings):
    url = f"rfc2217://127.0.0.1:{daemon.port(service)}"
    return pyserial().serial_for_url(url, timeout=5, **{"baudrate": 115200, **settings})


def exchange(port, sent, wanted):
    port.write(sent)
    got = port.read_until(wanted)
    assert got.endswith(wanted), (sent, wanted, got)


def settings_of(serial):
    """Each setting alone, then back; pyserial raises when the answer is not what it asked for."""
    yield from ({"baudrate": rate} for rate in (50, 300, 12345, 250000, 4000000, 115200))
    yield from ({"bytesize": size} for size in (5, 6, 7, 8))
    yield from ({"parity": parity} for parity in "OEMSN")
    yield {"bytesize": 7, "parity": serial.PARITY_EVEN, "stopbits": 2}
    yield {"bytesize": 5, "parity": serial.PARITY_MARK, "stopbits": 1.5}
    yield {"stopbits": 1}  # 1.5 is for 5 bits only, and pyserial sets them one by one
    yield {"bytesize": 8, "parity": serial.PARITY_NONE}
    yield from ({"xonxoff": True}, {"xonxoff": False}, {"rtscts": True}, {"rtscts": False})


def try_settings(daemon, service, sent, wanted):
    serial = pyserial()
    with open_port(daemon, service) as port:
        for settings in settings_of(serial):
            port.apply_settings(settings)
            exchange(port, sent, wanted)


def test_pyserial_settings_loopback():
    try_settings(harness.Daemon(LOOPBACK), "loop", b"a\xff\x00z", b"a\xff\x00z")


def test_pyserial_settings_virtual():
    try_settings(harness.Daemon(VIRTUAL), "modem1", b"AT\r", b"AT\r\r\nOK\r\n")


def modem_lines(port):
    return {"cts": port.cts, "dsr": port.dsr, "cd": port.cd, "ri": port.ri}


def wait_lines(port, **wanted):
    harness.wait_for(lambda: wanted.items() <= modem_lines(port).items(), 5,
                     f"{wanted} of {modem_lines(port)}")


def test_pyserial_signals_loopback():
    """The plug wires RTS to CTS, DTR to DSR and DCD."""
    daemon = harness.Daemon(LOOPBACK)
    with open_port(daemon, "loop") as port:
        assert modem_lines(port) == {"cts": True, "dsr": True, "cd": True, "ri": False}
        port.rts = False
        wait_lines(port, cts=False, dsr=True, cd=True)
        port.dtr = False
        wait_lines(port, cts=False, dsr=False, cd=False, ri=False)
        port.rts = True
        wait_lines(port, cts=True, dsr=False, cd=False)
        port.dtr = True
        wait_lines(port, cts=True, dsr=True, cd=True, ri=False)


def test_pyserial_signals_virtual():
    """DCD follows the call, and DTR ends it."""
    daemon = harness.Daemon(VIRTUAL)
    with open_port(daemon, "modem1") as port:
        assert modem_lines(port) == {"cts": True, "dsr": True, "cd": False, "ri": False}
        exchange(port, b"ATD1\r", b"CONNECT 115200\r\n")
        wait_lines(port, cd=True)
        exchange(port, b"hello", b"hello")
        port.dtr = False
        wait_lines(port, cd=False)
        port.dtr = True
        exchange(port, b"AT\r", b"OK\r\n")


def test_pyserial_ring():
    """Who is called sees RI with RING, and DCD when he has answered."""
    daemon = harness.Daemon(VIRTUAL)
    with open_port(daemon, "modem1") as caller, open_port(daemon, "modem2") as called:
        caller.write(b"ATD2\r")
        wait_lines(called, ri=True, cd=False)
        exchange(called, b"", b"RING\r\n")
        called.write(b"ATA\r")
        for port in (caller, called):
            assert port.read_until(b"CONNECT 115200\r\n").endswith(b"CONNECT 115200\r\n")
            wait_lines(port, cd=True, ri=False)


def test_pyserial_break():
    """The loopback plug reports the break that it gets."""
    serial = pyserial()
    daemon = harness.Daemon(LOOPBACK)
    with open_port(daemon, "loop") as port:
        port.rfc2217_send_subnegotiation(serial.rfc2217.SET_LINESTATE_MASK, bytes([16]))
        assert not port._linestate
        port.break_condition = True
        harness.wait_for(lambda: port._linestate & 16, 5, "a break in the line state")
        port.break_condition = False
        port.send_break(0.05)
        exchange(port, b"after", b"after")


def test_pyserial_purge():
    daemon = harness.Daemon(LOOPBACK)
    with open_port(daemon, "loop") as port:
        port.write(b"to be dropped")
        harness.wait_for(lambda: port.in_waiting == 13, 5, "the data")
        port.reset_input_buffer()
        assert port.in_waiting == 0
        exchange(port, b"kept", b"kept")
        port.write(b"received")
        harness.wait_for(lambda: port.in_waiting == 8, 5, "the data")
        port.reset_output_buffer()
        assert port.read(8) == b"received"
        exchange(port, b"at last", b"at last")
        assert port.in_waiting == 0


def send_slowly(port, data):
    """pyserial gives one write 5 s."""
    for at in range(0, len(data), 4096):
        port.write(data[at:at + 4096])


def exchange_all(pairs):
    """All at once: of each (port, data) the data is sent at that port; (port, wanted) read."""
    threads = [threading.Thread(target=send_slowly, args=(port, sent)) for port, sent, _ in pairs]
    got = {}

    def collect(port, n):
        got[port] = port.read(n)

    threads += [threading.Thread(target=collect, args=(port, len(wanted)))
                for port, _, wanted in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for port, _, wanted in pairs:
        assert got[port] == wanted, f"{len(got[port])} of {len(wanted)} bytes, or not the same"
        assert port.in_waiting == 0


def test_pyserial_bulk_loopback():
    daemon = harness.Daemon(LOOPBACK)
    with open_port(daemon, "loop") as port:
        port.timeout = 60
        data = os.urandom(MIB)
        exchange_all([(port, data, data)])


def test_pyserial_bulk_call():
    """Two modems in a call: a MiB each way at once."""
    daemon = harness.Daemon(VIRTUAL)
    with open_port(daemon, "modem1") as caller, open_port(daemon, "modem2") as called:
        exchange(called, b"ATS0=1\r", b"OK\r\n")
        exchange(caller, b"ATD2\r", b"CONNECT 115200\r\n")
        exchange(called, b"", b"CONNECT 115200\r\n")
        caller.timeout = called.timeout = 60
        there, back = os.urandom(MIB), os.urandom(MIB)
        exchange_all([(caller, there, back), (called, back, there)])


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.pid}/fd"))


def ended(daemon):
    return sum("event=claim-end" in line for line in daemon.log)


def test_pyserial_again_and_again():
    """20 sessions leave nothing: no claim, no descriptor, no byte, no setting."""
    daemon = harness.Daemon('state-directory = ""\n' +
                            LOOPBACK.replace("listen", 'speed = 2400 format = "7M2" listen'))
    daemon.wait_log("event=ready ")
    before = descriptors(daemon)
    for turn in range(20):
        odd = {"baudrate": 300 + turn, "bytesize": 8, "parity": "E", "xonxoff": True}
        with open_port(daemon, "loop", **odd) as port:
            exchange(port, b"mine", b"mine")
            assert port.in_waiting == 0
            port.dtr = port.rts = False
            port.break_condition = True
            port.write(b"left over")
    harness.wait_for(lambda: ended(daemon) == 20, 10, "20 claims ended")
    harness.wait_for(lambda: descriptors(daemon) == before, 10, "no descriptor more than before")
    with harness.ComPort(daemon.port("loop")) as client:
        client.send(b"mine")  # from here on answers are the line's, not the configuration's
        assert client.take(4) == b"mine"
        assert client.request(harness.BAUDRATE, 0) == 2400
        assert client.request(harness.DATASIZE, 0) == 7
        assert client.request(harness.PARITY, 0) == 4
        assert client.request(harness.STOPSIZE, 0) == 2
        for query, answer in ((0, 1), (4, 6), (7, 8), (10, 11)):
            assert client.request(harness.CONTROL, query) == answer


def refusal(daemon, service):
    """What a program reads until the daemon has closed, which ends its reading."""
    serial = pyserial()
    text = b""
    with open_port(daemon, service) as port:
        try:
            while port.is_open:
                text += port.read(1)
        except serial.SerialException:
            return text
    raise AssertionError(f"no end of it: {text}")


def test_pyserial_refused():
    """Opening succeeds, so that the reason can be read; then the port ends."""
    daemon = harness.Daemon(VIRTUAL)
    with open_port(daemon, "modem1", rtscts=True) as owner:
        exchange(owner, b"ATD1\r", b"CONNECT 115200\r\n")
        text = refusal(daemon, "modem1")
        assert re.fullmatch(rb"BUSY\r\nmodem1 is in use by 127\.0\.0\.1 for \w+, idle \w+; "
                            rb"free in \w+ at the latest\r\n", text), text
        exchange(owner, b"still there", b"still there")
        assert owner.in_waiting == 0


def test_pyserial_no_dialtone():
    daemon = harness.Daemon(VIRTUAL.replace('"virtual"', '"/dev/modemshared-no-such-device"', 1)
                            .replace('number "1" { to = "echo" }', "")
                            .replace('number "2" { to = "line:modem2" }', ""))
    text = refusal(daemon, "modem1")
    assert re.fullmatch(rb"NO DIALTONE\r\nmodem1 is out of service: [^\r\n]+\r\n", text), text
