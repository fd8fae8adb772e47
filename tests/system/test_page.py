"""The status page in a browser, served by tests/pageserver: an owner comes, idles away and goes; on a phone,
in the dark, without its script, with the keyboard, and for who listens to it.  Nothing of it asks anybody
but its server.  With PICTURES=DIRECTORY, what is seen is kept there."""
import os
import random
import signal

from browser import Browser
from harness import BUILDDIR, Skip, wait_for
from pageserver import PageServer

FULL = "test_.*"  # a browser
MODEM1 = 'li[data-key="line modem1"]'
TAB = "\ue004"


def only_asks(browser, server):
    asked = browser.requests()
    assert asked, "nothing was asked at all"
    elsewhere = [url for url in asked if not url.startswith(server.url + "/")]
    assert not elsewhere, elsewhere


def complains(browser):
    """What the browser itself objects to: blocked by the policy, not found, thrown."""
    return [entry["message"] for entry in browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def test_an_owner_comes_idles_away_and_goes():
    """All on the open page, which is never loaded again; its marks on elements stay."""
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        browser.wait_text(MODEM1 + " .state", "free")
        browser.wait_text(".summary", "1 of 8 lines free")
        browser.run(f"window.mine = 1; document.querySelector('{MODEM1}').mine = 2")

        server.tell("claim", 0, "203.0.113.77", 0, 120000)
        browser.wait_text(MODEM1 + " .state", "in use")
        browser.wait_text(MODEM1 + " .owner", "by 203.0.113.77")
        browser.wait_text(MODEM1 + " .left", "free in 2m if it stays idle, in 1h at the latest")
        browser.wait_text(".summary", "0 of 8 lines free")
        left = browser.run(f"return document.querySelector('{MODEM1} progress').position")
        assert left == 1, left

        server.tell("claim", 0, "203.0.113.77", 90000, 120000)
        browser.wait_text(MODEM1, "idle 1m30s")
        left = browser.run(f"return document.querySelector('{MODEM1} progress').position")
        assert left == 0.25, left

        server.tell("free", 0)
        browser.wait_text(MODEM1 + " .state", "free")
        assert browser.texts(MODEM1 + " .owner") == []
        assert browser.texts(MODEM1 + " progress") == []

        server.tell("reason", 0, "unplugged")
        browser.wait_text(MODEM1 + " .reason", "unplugged")
        assert browser.run(f"return [window.mine, document.querySelector('{MODEM1}').mine]") == [1, 2]
        only_asks(browser, server)
        assert complains(browser) == []


def test_what_changes_is_said_once():
    """In a live region, for those who listen: the change of a line, and no durations."""
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        browser.run("""window.said = [];
            new MutationObserver(() => said.push(document.getElementById("news").textContent))
                .observe(document.getElementById("news"), { childList: true, characterData: true, subtree: true });""")
        assert browser.run("return document.getElementById('news').getAttribute('role')") == "status"
        server.tell("claim", 0, "203.0.113.77", 0, 120000)
        browser.wait_text(MODEM1 + " .state", "in use")
        server.tell("claim", 0, "203.0.113.77", 5000, 120000)
        browser.wait_text(MODEM1, "idle 5s")
        server.tell("free", 0)
        browser.wait_text(MODEM1 + " .state", "free")
        assert browser.run("return said") == ["modem1: in use by 203.0.113.77", "modem1: free"]


def test_server_that_does_not_answer():
    """The page says so, and goes on when it is back."""
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        browser.wait_text(MODEM1 + " .state", "free")
        assert browser.run("return document.getElementById('stale').hidden")
        server.process.send_signal(signal.SIGSTOP)
        try:
            browser.wait_text("#stale", "No answer for", 40)
        finally:
            server.process.send_signal(signal.SIGCONT)
        server.tell("claim", 0, "203.0.113.77", 0, 120000)
        browser.wait_text(MODEM1 + " .owner", "203.0.113.77", 40)
        assert browser.run("return document.getElementById('stale').hidden")
        only_asks(browser, server)


def test_without_its_script():
    """Everything is there, and the page loads itself again."""
    with PageServer() as server, Browser(script=False) as browser:
        browser.open(server.url + "/")
        browser.wait_text(MODEM1 + " .state", "free")
        server.tell("claim", 0, "203.0.113.77", 0, 120000)
        browser.wait_text(MODEM1 + " .owner", "by 203.0.113.77", 20)
        assert server.url + "/status.js" not in browser.requests()


def test_foreign_text_does_nothing():
    """Names that are markup are seen as they are, and the policy of the page lets no script of theirs run."""
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        for text in ("<script>window.mine=1</script>", '"><img/src=x/onerror=window.mine=1>', "'onmouseover='mine=1",
                     "</title></style><svg/onload=window.mine=1>"):
            server.tell("spoil", text)
            browser.wait_text("h3", text)
            assert browser.run("return [typeof window.mine, document.querySelectorAll('img, svg').length, "
                               "document.scripts.length]") == ["undefined", 0, 1]
        only_asks(browser, server)
        browser.run("const s = document.createElement('script'); s.textContent = 'window.mine = 1'; "
                    "document.body.append(s)")
        assert browser.run("return typeof window.mine") == "undefined"


SEEN = """return [...document.querySelectorAll("title, header, main")].map((e) => e.textContent.replace(/\\s+/g, " "))"""
LOADED = """fetch("/").then((a) => a.text()).then((t) => {
    const d = new DOMParser().parseFromString(t, "text/html");
    arguments[0]([...d.querySelectorAll("title, header, main")].map((e) => e.textContent.replace(/\\s+/g, " ")));
})"""


def is_as_a_new_one(server, browser):
    """After its next look."""
    before = server.tell("looked")
    wait_for(lambda: server.tell("looked") > before and browser.run(SEEN) == browser.run_later(LOADED), 15,
             "the open page shows what there is")


def test_open_page_is_as_a_new_one():
    """However it has come to it: cards and table, by parts, and whole where lines come and go."""
    random.seed(11)
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        for lines in (8, 30, 24, 23, 8):
            server.tell("lines", lines)
            for _ in range(2):
                for _ in range(random.randrange(6)):
                    line = random.randrange(8)
                    server.tell(*random.choice([
                        ("claim", line, f"203.0.113.{random.randrange(250)}", random.randrange(100) * 1000, 120000),
                        ("free", line), ("ring", line), ("reason", line, "unplugged"),
                        ("time", random.choice([1000, 59000, 3600000, 86400000])), ("drain",)]))
                is_as_a_new_one(server, browser)
                rows = browser.run("return document.querySelectorAll('tr.row').length")
                assert rows == (lines if lines >= 24 else 0), (rows, lines)
        asked = browser.requests()
        assert [url for url in asked if "/changes?" in url], asked
        assert complains(browser) == []


def test_counts_durations_as_the_daemon_does():
    """In the page itself they are the daemon's, and in what is changed the script's."""
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        browser.wait_text(MODEM1 + " .state", "free")
        for idle in (1, 59, 60, 61, 3599, 3600, 3661, 86399, 86400, 90061, 9999999):
            server.tell("claim", 0, "203.0.113.77", idle * 1000, 2 * idle * 1000)
            is_as_a_new_one(server, browser)


def contrast_and_roles():
    path = os.path.join(BUILDDIR, "..", "npm", "node_modules", "axe-core", "axe.min.js")
    if not os.path.exists(path):
        raise Skip("needs axe-core (npm) in build/npm")
    with open(path, encoding="utf-8") as f:
        return f.read()


def test_accessible():
    """axe-core finds nothing: on a desk and on a phone, light and dark, cards and table."""
    axe = contrast_and_roles()
    with PageServer() as server:
        for size, dark, lines in (((1280, 900), False, 8), ((1280, 900), True, 8), ((390, 800), False, 8),
                                  ((390, 800), True, 8), ((1280, 900), False, 48), ((390, 800), True, 48),
                                  ((1024, 768), True, 48)):
            server.tell("lines", lines)
            with Browser(size, dark) as browser:
                browser.open(server.url + "/")
                browser.run(axe)
                found = browser.run_later("axe.run().then(arguments[0])")
                said = [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]]
                assert not said, (size, dark, said)
                assert len(found["passes"]) > 15, found["passes"]
                paper = browser.run("return getComputedStyle(document.body).backgroundColor")
                assert (paper == "rgb(20, 23, 28)") == dark, paper
                wide = browser.run("return document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, f"{wide} pixels too wide at {size}"
                only_asks(browser, server)
                if os.environ.get("PICTURES"):
                    browser.picture(os.path.join(os.environ["PICTURES"], f"page-{size[0]}-{dark}-{lines}.png"))


def test_with_the_keyboard():
    """The focus is seen, gets everywhere, and stays where it is when something changes."""
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        reached = []
        for _ in range(2):
            browser.press(TAB)
            reached.append(browser.run("return document.activeElement.textContent"))
            assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert reached == ["/status.json", "/metrics"], reached
        server.tell("claim", 0, "203.0.113.77", 0, 120000)
        browser.wait_text(MODEM1 + " .state", "in use")
        assert browser.run("return document.activeElement.textContent") == "/metrics"
        signs = browser.run("""return [...document.querySelectorAll(".state")].map(
            (e) => getComputedStyle(e, "::before").content)""")
        assert len(set(signs)) >= 6, signs


def test_hidden_pages_do_not_ask():
    """A page in another tab asks nothing until it is looked at again."""
    hide = "window.away = true; document.dispatchEvent(new Event('visibilitychange'));"
    look = "window.away = false; document.dispatchEvent(new Event('visibilitychange'));"
    with PageServer() as server, Browser() as browser:
        browser.open(server.url + "/")
        browser.wait_text(MODEM1 + " .state", "free")
        browser.run("Object.defineProperty(document, 'hidden', { get: () => window.away });" + hide)
        wait_for(lambda: not browser.requests(), 5)
        server.tell("claim", 0, "203.0.113.77", 0, 120000)
        browser.run_later("setTimeout(arguments[0], 5000)")  # two periods and a half
        assert browser.requests() == []
        browser.run(look)
        browser.wait_text(MODEM1 + " .state", "in use")
        browser.run("window.away = true")  # while it waits for its next look, which is the last
        browser.requests()
        browser.run_later("setTimeout(arguments[0], 5000)")
        assert len(browser.requests()) <= 1
