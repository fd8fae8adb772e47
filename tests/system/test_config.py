"""The configuration as whoever installs the daemon meets it: what -n prints, what each kind of error says,
and that after an error nothing has started; where the daemon listens, and whom it lets in."""
import re
import socket

import harness
from harness import BAUDRATE, Client, ComPort, Daemon, IAC, free_port, run_daemon, wait_for

MODEM = """\
line "m" {
    device = "virtual"
    kind = "modem"
    listen = { %s }
    %s
}
"""
CONSOLE = """\
line "c" {
    device = "loopback"
    kind = "console"
    listen = { %s }
    %s
}
"""


def console(*listen, keys=""):
    return CONSOLE % (", ".join(f'"{where}"' for where in listen or ("127.0.0.1:0",)), keys)


def modem(*listen, keys=""):
    return MODEM % (", ".join(f'"{where}"' for where in listen or ("127.0.0.1:0",)), keys)


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def have_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


# --- errors

# What is wrong, the line of the file, what the message has besides it.
ERRORS = [
    ("an unknown key", console(keys="sped = 9600"), 5, ["sped", '"speed"']),
    ("an unknown key of the file", 'log-levl = "info"\n' + console(), 1, ["log-levl", '"log-level"']),
    ("too many days", "history-days = 40000\n" + console(), 1, ["history-days"]),
    ("a pool of nothing", console() + 'service "p" {\n listen = { "0" }\n}\n', 7, ["without lines"]),
    ("a pool of no such line", console() + 'service "p" {\n listen = { "0" }\n lines = { "x" }\n}\n', 9,
     ['"x"', "name of a line"]),
    ("a pool of two kinds", console() + modem() + 'service "p" {\n listen = { "0" }\n lines = { "c", "m" }\n}\n',
     15, ['"m"', '"c"', "one kind"]),
    ("a service named as a line", console() + 'service "c" {\n listen = { "0" }\n lines = { "c" }\n}\n', 7,
     ['"c"', "different names"]),
    ("a wrong value", console(keys='claim = "conect"'), 5, ["conect", "use or connect", '"connect"']),
    ("out of range", console(keys="speed = 49"), 5, ["49", "50 to 4000000"]),
    ("a wrong duration", console(keys='inactivity = "5 parsecs"'), 5, ["parsecs", "duration"]),
    ("given twice", console(keys="speed = 300\nspeed = 300"), 6, ["twice", "line 5"]),
    ("a device twice",
     'line "a" {\n kind = "modem"\n device = "/dev/x"\n listen = { "0" }\n}\n'
     'line "b" {\n kind = "modem"\n device = "/dev/x"\n listen = { "0" }\n}\n', 8, ['line "a"']),
    ("a port twice", console("2217") + modem("127.0.0.1:2217"), 10, ["127.0.0.1:2217", "twice"]),
    ("a name twice", console() + console(), 7, ["two of the name", '"c"']),
    ("open to the world", console("0.0.0.0:2217"), 4, ["0.0.0.0:2217", "allow", "any"]),
    ("open to the world, v6", console("[::]:2217"), 4, ["[::]:2217", "allow"]),
    ("open to a network", console("192.0.2.1:2217"), 4, ["192.0.2.1:2217", "allow"]),
    ("no kind", 'line "x" {\n device = "virtual"\n listen = { "0" }\n}\n', 1, ["without kind"]),
    ("no device", 'line "x" {\n kind = "modem"\n listen = { "0" }\n}\n', 1, ["without device"]),
    ("no line", "log-level = info\n", None, ["no line"]),
    ("a key for modems", console(keys='after-call = "1m"'), 5, ["after-call", "modem"]),
    ("a modem as a console", console().replace("loopback", "virtual"), 2, ["virtual", "modem"]),
    ("a number to nobody", modem(keys='number "1" { to = "line:x" }'), 5, ['"x"']),
    ("raw and claim = use", console(keys='protocol = "raw"\nclaim = "use"'), 6, ["raw", "connect"]),
    ("not an address", console("somewhere:2217"), 4, ["somewhere:2217"]),
    ("no such port", console("65536"), 4, ["65536"]),
    ("not a prefix", console(keys='allow = { "192.0.2.0/33" }'), 5, ["192.0.2.0/33"]),
    ("a missing brace", console().rstrip().rstrip("}"), 1, ["does not end"]),
    ("a brace too many", console() + "}\n", 7, ["}"]),
    ("a missing quote", console(keys='claim = "use'), 5, ["quote"]),
]


def test_errors_start_nothing():
    """With -n and without: exit 1, the file, the line, what was expected; nobody listens meanwhile."""
    for what, text, line, words in ERRORS:
        for options in ((), ("-n",)):
            status, stdout, stderr = run_daemon(text, *options)
            assert status == 1, (what, options, status, stderr)
            assert stdout == "" and "event=" not in stderr, (what, options, stdout, stderr)
            where = re.compile(rf"/modemshared\.conf{'' if line is None else f':{line}'}: ")
            told = [l for l in stderr.splitlines() if where.search(l) and "warning" not in l]
            assert told, (what, line, stderr)
            assert any(all(word in l for word in words) for l in told), (what, words, stderr)


def test_a_file_that_cannot_be_read():
    for path in ("/nonexistent.conf", "/"):
        status, stdout, stderr = run_daemon("", "-f", path)
        assert status == 1 and not stdout and stderr.startswith(f"{path}: "), (status, stderr)


def test_a_file_without_end():
    """More than a megabyte is no configuration."""
    status, _, stderr = run_daemon("", "-f", "/dev/zero")
    assert status == 1 and stderr, stderr


def test_usage():
    usage = "usage: modemshared [-f FILE] [-n] [-d]... [-s] [-h] [-V]\n"
    for options in (("-x",), ("surplus",), ("-f",), ("--halp",)):
        status, stdout, stderr = run_daemon(console(), *options)
        assert status == 2 and not stdout and stderr.endswith(usage), (options, status, stderr)
    for option in ("-h", "--help"):
        assert run_daemon(console(), option) == (0, usage, ""), option
    for option in ("-V", "--version"):
        status, stdout, stderr = run_daemon(console(), option)
        assert status == 0 and stdout.startswith("modemshare ") and not stderr, (option, stdout, stderr)


def test_warnings_do_not_stop_it():
    status, stdout, stderr = run_daemon(console(keys='session-limit = "0"'), "-n")
    assert status == 0 and stdout.startswith("c: "), (status, stdout)
    assert re.search(r"modemshared\.conf:\d+: warning: .*no session-limit", stderr), stderr
    daemon = Daemon(console(keys='session-limit = "0"'))
    assert any("warning: " in l and "session-limit" in l for l in daemon.log)


NOBODY = "allow has no address of loopback, and listen no other: nobody can connect"


def test_nobody_can_connect():
    """With -n and at the start; and it is true."""
    text = console(keys='session-limit = 1h\nallow = { "192.0.2.0/24" }')
    status, _, stderr = run_daemon(text, "-n")
    assert status == 0 and re.fullmatch(rf"\S+/modemshared\.conf:6: warning: {NOBODY}\n", stderr), stderr
    daemon = Daemon(text)
    assert any(re.search(rf'event=configuration warning=".*modemshared\.conf:\d+: {NOBODY}"$', l)
               for l in daemon.log), daemon.log
    assert not admitted(daemon, None)


def test_a_file_of_another_editor():
    """A byte order mark is skipped, and lines are counted as they are."""
    status, stdout, stderr = run_daemon("\ufeff" + console(keys="session-limit = 1h"), "-n")
    assert status == 0 and stdout.startswith("c: idle ") and not stderr, (status, stderr)
    status, _, stderr = run_daemon("\ufeff" + console(keys="sped = 300"), "-n")
    assert status == 1 and "modemshared.conf:5: unknown key \"sped\"" in stderr, stderr


def test_what_is_written_for_others():
    """The whole of what is printed, with -n."""
    limit = "session-limit = 1h "
    for text, told in (
            (console(keys=limit + "inactivity = 300"), ':5: inactivity = "300"; expected a duration as 30s, 5m or 1h30m '
             "(d, h, m, s, ms); did you mean 300s or 5m?\n"),
            (console("*:2217", keys=limit), ':4: listen = "*:2217"; expected an address: all addresses are 0.0.0.0:2217 and '
             "[::]:2217\n"),
            ("connection: &con00\n  accepter: tcp,2217\n", ":1: this looks like a configuration of ser2net; "
             "expected one of modemshared, as in modemshared.conf(5)\n"),
            (console(keys='session-limit = "1 day"'), ':5: session-limit = "1 day"; expected a duration as 30s, 5m '
             "or 1h30m (d, h, m, s, ms); did you mean 1d?\n")):
        status, stdout, stderr = run_daemon(text, "-n")
        assert status == 1 and not stdout and stderr.count("\n") == 1, (status, stderr)
        assert stderr.endswith("/modemshared.conf" + told), stderr


# --- -n


def bounds(text):
    status, stdout, stderr = run_daemon(text, "-n")
    assert status == 0, stderr
    *lines, clients = stdout.splitlines()
    assert clients.startswith("clients: at most "), clients
    return lines


def seconds(text):
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
    parts = re.findall(r"(\d+)(ms|[smhd])", text)
    assert parts and "".join(n + u for n, u in parts) == text and len(parts) <= 2, text
    return sum(int(n) * units[u] for n, u in parts)


def parsed(line):
    found = re.fullmatch(r"(\S+): idle (\S+), in call (\S+), at the latest (\S+)", line)
    assert found, line
    return found.groups()


def test_bounds_of_a_pool():
    """The worst over all services that a line is in; without one nothing applies."""
    first, second, third = bounds(
        modem(keys="session-limit = 1h") + modem().replace('"m"', '"n"').replace('listen = { "127.0.0.1:0" }', "") +
        modem().replace('"m"', '"o"').replace('listen = { "127.0.0.1:0" }', "") +
        'service "p" { listen = 0 lines = { "n", "m" } inactivity = 1h session-limit = 2h }\n'
        'service "q" { listen = 0 lines = "n" inactivity-in-call = 0 session-limit = 3h busy = queue }\n')
    name, idle, in_call, latest = parsed(first)
    assert name == "m" and seconds(idle) // 3600 == 1 and seconds(latest) // 3600 == 2, first
    assert 960 < seconds(in_call) <= 990, first
    name, idle, in_call, latest = parsed(second)
    assert name == "n" and seconds(idle) // 3600 == 1 and seconds(latest) // 3600 == 3 and in_call == "none", second
    assert parsed(third)[1:] == ("-", "-", "-"), third


def test_bounds():
    """A line each, in the order of the file: the limits, and what comes behind them."""
    first, second, third = bounds(modem() + console() + modem(keys='session-limit = "0"').replace('"m"', '"m2"'))
    name, idle, in_call, latest = parsed(first)
    assert name == "m" and 300 < seconds(idle) <= 330, first
    assert 960 < seconds(in_call) <= 990 and 12 * 3600 < seconds(latest) <= 12 * 3600 + 60, first
    name, idle, in_call, latest = parsed(second)
    assert name == "c" and 1800 < seconds(idle) <= 1830 and (in_call, latest) == ("-", "none"), second
    assert parsed(third)[0] == "m2" and parsed(third)[3] == "none", third


def test_bounds_that_are_off():
    keys = 'inactivity = "0" session-limit = "0"'
    assert bounds(console(keys=keys)) == ["c: idle none, in call -, at the latest none"]
    keys += ' inactivity-in-call = "0" after-call = "0"'
    assert bounds(modem(keys=keys)) == ["m: idle none, in call none, at the latest none"]
    nobody = bounds('line "n" {\n kind = "modem"\n device = "virtual"\n}\n')
    assert nobody == ["n: idle -, in call -, at the latest -"], nobody


def test_what_n_prints_can_be_configured():
    """The durations that are printed are durations of the configuration."""
    for duration in parsed(bounds(modem(keys='inactivity = "2h" session-limit = "30h"'))[0])[1:]:
        bounds(modem(keys=f'inactivity-in-call = "{duration}"'))


def test_the_bound_grows_with_what_it_is_made_of():
    def latest(keys):
        return seconds(parsed(bounds(modem(keys='session-limit = "10m" ' + keys))[0])[3])
    plain = latest('drain = "1s" hangup-time = "1s"')
    assert latest('drain = "6s" hangup-time = "1s"') == plain + 5
    assert latest('drain = "1s" hangup-time = "8s"') == plain + 7


# --- listening


def addresses(daemon, service="c"):
    daemon.wait_log("event=ready")
    lines = [re.search(r"event=listen service=(\S+) address=(\S+)", l) for l in daemon.log]
    return [m.group(2) for m in lines if m and m.group(1) == service]


def test_a_port_alone_is_on_loopback():
    port = unused_port()
    daemon = Daemon(console(str(port)), services=["c"])
    want = {f"127.0.0.1:{port}"} | ({f"[::1]:{port}"} if have_ipv6() else set())
    assert set(addresses(daemon)) == want, daemon.log
    for host in ("127.0.0.1", "::1") if have_ipv6() else ("127.0.0.1",):
        with Client(port, host=host) as client:
            client.send(b"here")
            client.expect(b"here")
        daemon.wait_log("event=claim-end")
    try:
        Client(port, host="127.0.0.2").close()
    except ConnectionRefusedError:
        pass
    else:
        raise AssertionError("it listens beyond 127.0.0.1")


def test_several_addresses_of_one_service():
    daemon = Daemon(console("127.0.0.1:0", "127.0.0.2:0", "0"))
    found = addresses(daemon)
    assert len(found) == (4 if have_ipv6() else 3), found
    for address in found:
        host, port = address.rsplit(":", 1)
        Client(int(port), host=host.strip("[]")).close()


def test_ipv6_sockets_are_for_ipv6_only():
    """[::] leaves the port of 0.0.0.0 to others."""
    if not have_ipv6():
        return  # nothing to be told apart
    port = free_port()
    daemon = Daemon(console(f"[::]:{port}", keys='allow = { "loopback" }'), services=[])
    daemon.wait_log(rf"event=listen service=c address=\[::\]:{port}")
    Client(port, host="::1").close()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()


def test_a_port_in_use():
    """A clear error and exit 1, and no line was touched."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, _, stderr = run_daemon(modem("127.0.0.1:0") + console(f"127.0.0.1:{port}"))
    assert status == 1, (status, stderr)
    assert re.search(rf'event=listen-failed service=c address=127\.0\.0\.1:{port} error="Address already in use"',
                     stderr), stderr
    assert "event=ready" not in stderr and "line-ready" not in stderr, stderr


def test_an_address_that_is_not_here():
    status, _, stderr = run_daemon(console("192.0.2.77:0", keys='allow = { "any" }'))
    assert status == 1 and "event=listen-failed" in stderr, (status, stderr)


def test_a_second_daemon_on_the_same_port():
    daemon = Daemon(console())
    status, _, stderr = run_daemon(console(f"127.0.0.1:{daemon.port('c')}"))
    assert status == 1 and "Address already in use" in stderr, (status, stderr)
    with Client(daemon.port("c")) as client:
        client.send(b"the first goes on")
        client.expect(b"the first goes on")


# --- allow


def admitted(daemon, source, host="127.0.0.1"):
    client = Client(daemon.port("c", "[::1]" if ":" in host else "127.0.0.1"), host=host, source=source)
    client.until(lambda: client.data or client.ended, 5, "an offer or the end")
    got = bytes(client.data)
    client.close()
    assert got == b"" or got.startswith(bytes([IAC])), got
    return got != b""


def test_allowed_prefixes():
    daemon = Daemon(console(keys='allow = { "127.1.0.0/16", "127.0.0.9", "127.2.0.0/15" }'))
    for source, want in (("127.0.0.1", False), ("127.1.0.0", True), ("127.1.255.254", True),
                         ("127.0.0.9", True), ("127.0.0.8", False), ("127.3.4.5", True),
                         ("127.4.0.1", False)):
        assert admitted(daemon, source) == want, source


def test_allowed_prefixes_v6():
    if not have_ipv6():
        return
    text = console("127.0.0.1:0", "[::1]:0", keys="allow = { %s }")
    for prefix, v6, v4 in (("::1", True, False), ("::/64", True, False), ("::2", False, False),
                           ("2001:db8::/32", False, False), ("127.0.0.1", False, True),
                           ("any", True, True), ("loopback", True, True)):
        daemon = Daemon(text % f'"{prefix}"')
        assert admitted(daemon, None, "::1") == v6, prefix
        assert admitted(daemon, None) == v4, prefix
        daemon.stop()


# --- the other keys


def test_keys_of_later_stages_are_taken():
    daemon = Daemon('control-socket = "/proc/nonexistent/socket"\nstate-directory = ""\n'
                    'lock-directory = "/proc/nonexistent"\n' + console())
    with ComPort(daemon.port("c")) as client:
        assert client.request(BAUDRATE, 300) == 300


def test_log_level():
    """Without -d the key holds; what it keeps back stays unsaid."""
    for level, has_info, has_debug in (("warning", False, False), ("info", True, False), ("debug", True, True)):
        port = unused_port()
        daemon = Daemon(f'log-level = "{level}"\n' + console(f"127.0.0.1:{port}"), services=[], options=())
        client = wait_for(lambda: connected(port), 20, "it listens")
        client.send(b"x")
        client.expect(b"x")
        client.close()
        daemon.stop()
        for event, want in (("listen", has_info), ("claim-start", has_info), ("connect", has_debug)):
            assert any(f"event={event} " in l for l in daemon.log) == want, (level, event, daemon.log)


def connected(port):
    try:
        return Client(port)
    except ConnectionRefusedError:
        return None


def test_speed_format_and_flow():
    """Questions are answered from the configuration, before and after the claim."""
    daemon = Daemon(console(keys='speed = 1200 format = "7E2" flow = "rtscts"'))
    client = ComPort(daemon.port("c"))

    def told():
        return [client.request(code, 0) for code in (BAUDRATE, harness.DATASIZE, harness.PARITY,
                                                     harness.STOPSIZE, harness.CONTROL)]
    assert told() == [1200, 7, 3, 2, 3], client.describe()
    client.send(b"now it owns")
    client.expect(b"now it owns")
    assert told() == [1200, 7, 3, 2, 3], client.describe()
