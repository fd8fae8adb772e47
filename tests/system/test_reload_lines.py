"""Lines that a reload takes away or changes while their device is not there to ask."""
from fakemodem import FakeModem
from harness import Client, Daemon, wait_for
from test_reload import TIMES, House, ask, line, status, wait_state
from ttyshim import HANG_CLOSE, HANG_IOCTL, FakeTty, Shim


def two_ttys():
    shim = Shim()
    first, second = FakeTty("ttyS0", shim), FakeTty("ttyS1", shim)
    return first, second, House(first.path, "console", tty=first)


def test_changed_twice_before_it_is_closed():
    """The driver of the first does not let go: neither of those that follow it begins, and only the last is left."""
    first, second, house = two_ttys()
    first.hang(HANG_CLOSE)
    house.keys["device"] = f'"{second.path}"'
    house.reload()
    for sharing in ("true", "false", "true", "false"):
        house.keys["host-sharing"] = sharing
        house.reload()
        assert line(house.daemon, "x")["state"] != "free"
    assert not second.is_open()
    first.hang(0)
    wait_state(house.daemon, "x", "free")
    house.tty = second
    house.owner()
    house.end()


def test_changed_and_then_taken_away():
    first, second, house = two_ttys()
    first.hang(HANG_CLOSE)
    house.keys["device"] = f'"{second.path}"'
    house.reload()
    house.write(house.paths + house.text().split('line "x"', maxsplit=1)[0])
    ask(house.daemon, "reload")
    assert [one["name"] for one in status(house.daemon)["lines"]] == ["bulk"]
    first.hang(0)
    house.tty = second
    house.reload()
    wait_state(house.daemon, "x", "free")
    house.owner()
    house.end()


def test_changed_again_and_again_in_its_hand_over():
    """Each time it begins anew, and the driver, which is slow, has not even done what the first one asked for."""
    first, _, house = two_ttys()
    house.keys["hangup-time"] = "0"
    house.reload()
    owner = house.owner()
    first.hang(HANG_IOCTL)
    owner.close()
    house.daemon.wait_log("event=claim-end line=x")
    for speed in (9600, 19200, 38400, 57600):
        house.keys["speed"] = speed
        house.reload()
        assert line(house.daemon, "x")["state"] == "hand-over"
    first.hang(0)
    wait_state(house.daemon, "x", "free")
    assert first.settings().baud == 57600
    house.owner()
    house.end()
    assert not any("event=line-out line=x" in row for row in house.daemon.log)


def test_the_end_before_it_is_closed():
    first, second, house = two_ttys()
    first.hang(HANG_CLOSE)
    for device in (second, first):
        house.keys["device"] = f'"{device.path}"'
        house.reload()
    first.hang(0)
    house.end()


def test_an_owner_by_an_older_configuration_when_its_service_is_taken_out():
    """The service goes with its last session, later than the configuration that it was taken out of."""
    console = 'line "%s" { device = "loopback" kind = "console" listen = { "127.0.0.1:0" } }\n'
    daemon = Daemon(console % "a" + console % "b")
    with open(daemon.path, encoding="utf-8") as f:
        paths = f.read().removesuffix(console % "a" + console % "b")
    client = Client(daemon.port("b"))
    client.send(b"x")
    client.expect(b"x")
    for text in (console % "a" + console % "b", console % "a", console % "a"):
        with open(daemon.path, "w", encoding="utf-8") as f:
            f.write(paths + text)
        ask(daemon, "reload")
    client.expect(b"its configuration has changed")  # and its session lingers
    client.close()
    wait_for(lambda: status(daemon)["clients"] == 0)
    daemon.stop()


def test_changed_while_its_modem_is_away():
    """It is handed over by the new commands when its modem is back on the bus."""
    modem = FakeModem(resets_usb="^ATZ")
    modem.away = 3
    house = House(modem.path, "modem", {**TIMES, "init": '{ "ATE1" }'}, tty=modem)
    house.keys["init"] = '{ "ATE1", "ATZ", "ATS7=45" }'  # not by the first configuration, which is kept for ever
    owner = house.owner()
    house.reload()
    owner.close()
    house.daemon.wait_log("event=line-away")
    house.keys["init"] = '{ "ATE1", "ATS0=0", "ATS7=50" }'
    house.reload()
    seen = len(modem.commands)
    wait_state(house.daemon, "x", "free", 15)
    assert {"ATS0=0", "ATS7=50"} <= set(modem.lines(seen)), modem.lines(seen)
    house.end()
