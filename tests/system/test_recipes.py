"""The recipes of modemshare-clients(7), run as they stand there; only host, port and number are others."""
import os
import pty
import re
import subprocess
import termios
import tty

import harness
import recipes
import terminals

MODEM = """
line "modem1" { device = "virtual" kind = "modem" hangup-time = 0 listen = { "0" }
    number "1" { to = "echo" } }
"""
PAGE = "modemshare-clients.7"


def recipe(client, port, which=0, section="CLIENTS"):
    text = recipes.of_page(PAGE)[section, client][which]
    for shown, ours in (("modems.example.org", "127.0.0.1"), (r"\b2217\b", str(port)), ("5551234", "1")):
        text = re.sub(shown, ours, text)
    return text


class Owner:
    """Somebody who has the line."""

    def __init__(self, daemon):
        self.client = harness.ComPort(daemon.port("modem1"))
        self.client.send(b"AT\r")
        self.client.expect(b"OK\r\n")


def types(client, which=0, connected="", crlf="\r"):
    """A program for people: it dials, and is refused when somebody has the line."""
    daemon = harness.Daemon(MODEM)
    command = recipe(client, daemon.port("modem1"), which).split()
    with terminals.Terminal(*command) as terminal:
        terminal.expect(connected)
        if client != "nc":
            terminal.wait_raw()
        terminal.type("AT" + crlf)
        terminal.expect("OK")
        terminal.type("ATDT1" + crlf)
        terminal.expect("CONNECT 115200")
    daemon.wait_log("event=claim-end line=modem1")
    daemon.wait_log("event=line-ready line=modem1", after=1)
    owner = Owner(daemon)
    with terminals.Terminal(*command) as terminal:
        terminal.expect(connected)
        if client != "nc":
            terminal.wait_raw()
        if client != "pyserial":
            terminal.type("AT" + crlf)
        terminal.expect("modem1 is in use by 127.0.0.1")
        assert "BUSY" in terminal.screen
    assert not owner.client.ended


def test_telnet():
    types("telnet", connected="Escape character is '^]'.")


def test_gensiot():
    types("gensio")


def test_microcom():
    types("microcom", connected="connected to")


def test_nc():
    types("nc", crlf="\n")


def test_miniterm():
    harness.need("pyserial-miniterm")
    types("pyserial", 1, "--- Quit: Ctrl+]")


# ---- scripts ----

def python(daemon):
    script = recipe("pyserial", daemon.port("modem1"))
    return subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)


def test_pyserial():
    daemon = harness.Daemon(MODEM)
    if subprocess.run(["/usr/bin/python3", "-c", "import serial"], stderr=subprocess.DEVNULL, check=False).returncode:
        raise harness.Skip("needs python3-serial")
    done = python(daemon)
    assert done.returncode == 0 and done.stdout == "b'hello'\n", done
    owner = Owner(daemon)
    done = python(daemon)
    assert done.returncode == 1 and done.stderr.startswith("BUSY: modem1 is in use by 127.0.0.1 for"), done
    assert not owner.client.ended


def kermit(daemon):
    """Up to the end, where a person would take over."""
    script = recipe("C-Kermit", daemon.port("modem1"))
    assert script.endswith("\nconnect\n")
    name = os.path.join(daemon.directory, "recipe.ksc")
    with open(name, "w", encoding="ascii") as f:
        f.write("set exit warning off\n" + script[:-len("connect\n")] +
                "lineout hello\ninput 10 hello\nif fail exit 3\nhangup\nexit 0\n")
    with terminals.Terminal("kermit", name, "-Y", cwd=daemon.directory) as terminal:
        return terminal.wait_end(60), terminal.screen


def test_kermit():
    daemon = harness.Daemon(MODEM)
    status, screen = kermit(daemon)
    assert status == 0, screen
    owner = Owner(daemon)
    status, screen = kermit(daemon)
    assert status == 2 and "no call" in screen, (status, screen)
    assert not owner.client.ended


# ---- chat, by way of gensiot, as pppd starts them ----

def chat(daemon):
    """The status of chat, on a terminal at whose other end stands the program that the peers file names."""
    port = daemon.port("modem1")
    peers = dict(line.split(" ", 1) for line in recipe("chat and pppd", port, 1).splitlines() if " " in line)
    script = os.path.join(daemon.directory, "modem")
    with open(script, "w", encoding="ascii") as f:
        f.write(recipe("chat and pppd", port))
    dial = peers["connect"].strip('"').replace("/etc/chatscripts/modem", script)
    program, arguments = dial.split(" ", 1)
    dial = f"{harness.need(os.path.basename(program))} -S -s {arguments}"
    harness.need("gensiot")
    master, slave = pty.openpty()
    tty.setraw(slave, termios.TCSANOW)
    relay = subprocess.Popen(peers["pty"].strip('"'), shell=True, stdin=master, stdout=master, start_new_session=True)
    try:
        return subprocess.run(dial, shell=True, stdin=slave, stdout=slave, stderr=subprocess.PIPE, timeout=60,
                              check=False)
    finally:
        os.close(slave)
        os.close(master)
        os.killpg(relay.pid, 9)
        relay.wait()


def test_chat():
    daemon = harness.Daemon(MODEM)
    done = chat(daemon)
    assert done.returncode == 0 and b"CONNECT" in done.stderr, done


def test_chat_busy():
    daemon = harness.Daemon(MODEM)
    owner = Owner(daemon)
    done = chat(daemon)
    assert done.returncode == 4, done
    assert not owner.client.ended


def test_chat_no_dialtone():
    daemon = harness.Daemon(MODEM.replace('"virtual"', '"/dev/modemshared-no-such-device"')
                            .replace('number "1" { to = "echo" }', ""))
    done = chat(daemon)
    assert done.returncode == 5, done


# ---- configurations ----

def test_the_gsm_modem():
    (config,) = recipes.of_page(PAGE)["GSM MODEMS", ""]
    status, stdout, stderr = harness.run_daemon(config, "-n")
    assert status == 0 and stdout.startswith("gsm: idle") and not stderr, (stdout, stderr)


def test_each_recipe_is_run_or_says_that_it_is_not():
    tested = {"telnet", "pyserial", "C-Kermit", "gensio", "microcom", "nc", "chat and pppd", "ZMODEM"}
    text = (recipes.ROOT / "man" / PAGE).read_text(encoding="utf-8")
    for part in text[text.index(".Sh CLIENTS"):text.index(".Sh ON THE HOST")].split("\n.Ss ")[1:]:
        name = part.splitlines()[0]
        assert name in tested or "\n.Em Not tested here ." in part, name
    assert "not tested here" in text[text.index(".Sh ON THE HOST"):text.index(".Sh GSM")]
