"""Each state that a line can be in, as every view shows it: the table, the full status, JSON for programs, the page,
/status.json and the metrics.  They are all of one daemon at one time."""
import http.client
import json
import os
import re
import socket
import subprocess
from html import escape

from browser import Browser
from control import ask, get, history, line, metrics, named, page_url, status, wait_state
from harness import Client, ComPort, Daemon, SIGNATURE, need, wait_for
from fakemodem import QUICK, FakeModem, quick
from test_host import Holder
from test_page import complains, contrast_and_roles
from ttyshim import FakeTty, Shim

FULL = "test_metrics_are_well_formed|test_an_owner_on_the_page.*"  # promtool, a browser
PAGE = 'status { listen = { "127.0.0.1:0" } }\n'
ALL = """\
line "%s" {
    device = "%s"
    kind = "%s"
    listen = { "127.0.0.1:0" }
    session-limit = 1h
    %s
}
"""


class Office:
    """A daemon with a line in each state."""

    def __init__(self):
        shim = Shim()
        self.ttys = {name: FakeModem(f"ttyMS{i}", shim) for i, name in enumerate(
            ("free", "inuse", "handover", "ringing", "quarantine", "foreign", "disabled"))}
        self.ttys["quarantine"].faults["mute"] = True
        self.ttys["handover"].faults["mute"] = True
        keys = {"handover": quick(init_timeout="60s"), "quarantine": quick(init_timeout="100ms") + ' retest = "10m"',
                "foreign": QUICK + " host-sharing = true", "inuse": QUICK + ' busy = "queue" inactivity = "10m"'}
        text = PAGE
        for name, tty in self.ttys.items():
            text += ALL % (name, tty.path, "modem", keys.get(name, QUICK))
        text += ALL % ("out", "/dev/ttyMS99", "modem", QUICK)
        text += ALL % ("hidden", "loopback", "console", "show-owner = false")
        self.daemon = daemon = Daemon(text, env=shim.env())
        self.owner = self.claim("inuse", b"AT\r")
        self.hidden = self.claim("hidden", b"hi")
        self.waiter = Client(daemon.port("inuse"))
        self.waiter.send(b"x")
        self.waiter.expect(b"WAITING 1")
        wait_state(daemon, "ringing", "free")
        self.ttys["ringing"].ring()
        wait_state(daemon, "foreign", "free")
        self.holder = Holder(os.path.join(daemon.directory, "lock", f"LCK..{self.ttys['foreign'].name}"))
        wait_state(daemon, "disabled", "free")
        ask(daemon, "disable", "disabled")
        for name, state in STATES.items():
            wait_state(daemon, name, state)

    def claim(self, name, said):
        client = ComPort(self.daemon.port(name))
        client.send(said)
        client.expect(said)
        return client


STATES = {"free": "free", "inuse": "in use", "handover": "hand-over", "ringing": "ringing",
          "quarantine": "quarantine", "foreign": "in use on this host", "disabled": "disabled",
          "out": "out of service", "hidden": "in use"}
REASONS = {"quarantine": "no answer to AT&F", "foreign": "in use by ", "disabled": "disabled by the administrator",
           "out": "no device"}


def page_lines(html):
    """{name: the part of the page that shows it}"""
    return dict(re.findall(r'<li class="line [^"]*" data-key="line (\w+)">(.*?)\n</li>', html, re.S))


def test_every_state_in_every_view():
    office = Office()
    daemon = office.daemon
    wait_for(lambda: "pid %d" % office.holder.pid in line(daemon, "foreign")["reason"], 5)
    one, table, full = status(daemon), ask(daemon, env={"COLUMNS": "200"}), ask(daemon, "status", "-v")
    page, programs, values = page_lines(get(daemon)), json.loads(get(daemon, "/status.json")), metrics(daemon)
    assert set(page) == set(STATES)
    for name, state in STATES.items():
        assert re.search(rf"^{name} +{state} ", table, re.M), (name, table)
        assert re.search(rf"^{name}: {state}\b", full, re.M), (name, full)
        for picture in (one, programs):
            found = line(daemon, name, picture)
            assert found["state"] == state, found
            assert bool(found["owner"]) == (state == "in use"), found
            assert (found["reason"] or "").find(REASONS.get(name, "")) >= 0, found
            assert bool(found["reason"]) == (name in REASONS), found
            assert (found["ready-in"] is not None) == (name in ("handover", "ringing", "quarantine")), found
        assert f'<p class="state" data-news="{name}">{state}</p>' in page[name], page[name]
        if name in REASONS:
            assert escape(REASONS[name]) in page[name] and REASONS[name] in table, page[name]
        for other in set(STATES.values()):
            assert values[f'line_state{{line="{name}",state="{other}"}}'] == (other == state), (name, other)
        up = state in ("free", "in use", "hand-over", "ringing")
        assert values[f'line_up{{line="{name}"}}'] == up, name
        assert values[f'line_in_use{{line="{name}"}}'] == (state == "in use"), name
    assert "(pid %d)" % office.holder.pid in line(daemon, "foreign", one)["reason"]
    assert get(daemon, "/healthz").strip(), "not well"
    office.holder.leave()
    wait_state(daemon, "foreign", "free")
    # It comes back, too: what was out of service.
    office.ttys["quarantine"].faults.pop("mute")
    ask(daemon, "test", "quarantine")
    wait_state(daemon, "quarantine", "free")


def test_owners_and_waiters_in_every_view():
    office = Office()
    daemon = office.daemon
    full, page, values = ask(daemon, "status", "-v"), page_lines(get(daemon)), metrics(daemon)
    programs, one = json.loads(get(daemon, "/status.json")), status(daemon)
    for picture in (one, programs):
        owner = line(daemon, "inuse", picture)["owner"]
        assert owner["who"] == "127.0.0.1" and owner["service"] == "inuse" and owner["contended"], owner
        assert owner["idle-limit"] == 120 and 3680 < owner["free-latest"] < 3980, owner  # 180 of them for rings
        assert line(daemon, "inuse", picture)["waiting"] == 1
        waiter = named(picture["services"], "inuse")["waiters"][0]
        assert waiter["who"] == "127.0.0.1" and waiter["place"] == 1 and not waiter["held"], waiter
    assert line(daemon, "hidden", one)["owner"]["who"] == "127.0.0.1"
    assert line(daemon, "hidden", programs)["owner"]["who"] is None
    assert "by <strong>127.0.0.1</strong>" in page["inuse"] and "<progress " in page["inuse"]
    assert "127.0.0.1" not in page["hidden"] and "by <strong>another client</strong>" in page["hidden"]
    assert re.search(r"waiting +1: 127\.0\.0\.1 for ", full), full
    assert values['line_waiting{line="inuse"}'] == values['service_waiting{service="inuse"}'] == 1
    assert values['line_held_seconds{line="inuse"}'] >= values['line_idle_seconds{line="inuse"}'] >= 0
    assert 'line_held_seconds{line="free"}' not in values
    # Lamps are those of the port, of a line that nobody watches as well.
    for name in ("free", "inuse"):
        lamps = line(daemon, name)["lamps"]
        assert lamps["dtr"] and lamps["rts"] and lamps["cts"] and lamps["dsr"] and not lamps["dcd"], lamps
        office.ttys[name].set_inputs(dcd=True, dsr=False)
        wait_for(lambda name=name: line(daemon, name)["lamps"]["dcd"] and not line(daemon, name)["lamps"]["dsr"],
                 5, f"the lamps of {name}")
    wait_for(lambda: re.search(r'<li class="on"><abbr title="[^"]*">DCD</abbr>', page_lines(get(daemon))["inuse"]), 5)
    assert line(daemon, "out")["lamps"] is None
    # A claim that is hidden stays hidden when it has ended.
    office.hidden.close()
    past = wait_for(lambda: [r for r in json.loads(get(daemon, "/status.json"))["recent"] if r["line"] == "hidden"],
                    5, "what has been")[0]
    assert past["who"] is None and past["from-client"] == 2 and not past["refused"], past
    assert history(daemon, "--line", "hidden")[0]["who"] == "127.0.0.1"


def test_draining_in_every_view():
    office = Office()
    daemon = office.daemon
    ask(daemon, "drain")
    assert b"the server is being drained" in office.waiter.expect_end()
    assert status(daemon)["draining"]
    wait_for(lambda: json.loads(get(daemon, "/status.json"))["draining"], 5)  # it may be a second old
    wait_for(lambda: "Draining: " in get(daemon) and metrics(daemon)["draining"] == 1, 5)
    assert "\ndraining: " in ask(daemon) and ", draining: " in ask(daemon, "status", "-v")
    assert line(daemon, "inuse")["state"] == "in use"
    ask(daemon, "resume")
    wait_for(lambda: metrics(daemon)["draining"] == 0 and "Draining: " not in get(daemon), 5)


def test_metrics_are_well_formed():
    office = Office()
    text = get(office.daemon, "/metrics")
    done = subprocess.run([need("promtool"), "check", "metrics"], input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0 and not done.stderr and not done.stdout, done
    before = metrics(office.daemon)
    office.owner.send(b"AT\r")
    office.owner.expect(b"OK")
    name = 'line_bytes_total{line="inuse",direction="from_clients"}'
    wait_for(lambda: metrics(office.daemon)[name] == before[name] + 3, 5)
    office.owner.close()
    wait_state(office.daemon, "inuse", "in use")  # the one who waited
    after = metrics(office.daemon)
    assert after[name] >= before[name] + 3, "counters do not fall when a claim ends"
    assert after['line_claims_total{line="inuse"}'] == before['line_claims_total{line="inuse"}'] + 1


# ---- the page in a browser ----

def test_an_owner_on_the_page_comes_idles_away_and_goes():
    """Nothing is loaded again, nothing asks anybody but the daemon, and who cannot see reads the same."""
    card = 'li[data-key="line m1"]'
    axe = contrast_and_roles()
    with Daemon(PAGE + ALL % ("m1", "virtual", "modem", 'inactivity = "10s" warning = "2s"')) as daemon:
        with Browser() as browser:
            browser.open(page_url(daemon) + "/")
            browser.wait_text(card + " .state", "free")
            browser.run("window.mine = 1")
            client = ComPort(daemon.port("m1"))
            client.send(b"AT\r")
            client.expect(b"OK")
            browser.wait_text(card + " .state", "in use")
            browser.wait_text(card + " .owner", "by 127.0.0.1")
            left = f"return document.querySelector('{card} progress').position"
            full = browser.run(left)
            browser.wait_text(card, "idle ")
            wait_for(lambda: browser.run(left) < full, 6, "a shorter bar")
            client.answer(SIGNATURE, wanted=lambda text: text == b"CUT idle")
            browser.wait_text(card + " .state", "free", 15)
            assert browser.texts(card + " .owner") == []
            browser.wait_text("tbody", "127.0.0.1")
            assert browser.run("return window.mine") == 1
            asked = browser.requests()
            assert asked and all(url.startswith(page_url(daemon) + "/") for url in asked), asked
            assert complains(browser) == []
            browser.run(axe)
            found = browser.run_later("axe.run().then(arguments[0])")
            assert not found["violations"], [v["id"] for v in found["violations"]]


def test_stuck_readers_of_the_page_harm_nobody():
    """They ask and never read; a client's data passes meanwhile, and others get their page."""
    with Daemon(PAGE + ALL % ("con", "loopback", "console", "")) as daemon:
        port = int(page_url(daemon).rsplit(":", 1)[1])
        client = ComPort(daemon.port("con"))
        client.send(b"hi")
        client.expect(b"hi")
        stuck = [Client(port, rcvbuf=4096) for _ in range(20)]
        for s in stuck:
            s.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        for i in range(50):
            client.send(b"%d;" % i)
            client.expect(b"%d;" % i, 2)
        assert "con" in get(daemon)
        for s in stuck:
            s.close()


def test_the_page_answers_to_the_name_of_its_host():
    """And to no other name: it may be one of somebody else's page that leads here."""
    daemon = Daemon(PAGE + ALL % ("con", "loopback", "console", ""))
    name = socket.gethostname()
    first = name.split(".")[0]
    for host, expected in ((name, 200), (first, 200), (first.upper() + ".:80", 200), (first + ".local", 200),
                           ("localhost", 200), (f"{first}.evil.example", 421), (f"x{first}", 421)):
        connection = http.client.HTTPConnection(page_url(daemon).removeprefix("http://"), timeout=10)
        connection.request("GET", "/healthz", headers={"Host": host})
        assert connection.getresponse().status == expected, host
        connection.close()
