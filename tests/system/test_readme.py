"""What the README shows was printed by the programs: each block is compared with what they print now.
Durations, ports, addresses and process numbers are others; every word is the same."""
import ctypes
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request

import harness
import recipes
from control import wait_state
from fakemodem import QUICK, FakeModem
from harness import ComPort, Daemon, Skip, Telnet, free_port, run_daemon, wait_for
from test_cli import tool
from test_host import Holder
from ttyshim import FakeTty

BY_ID = "/dev/serial/by-id/usb-Acme_Modem_123-if00"
README = (recipes.ROOT / "README.md").read_text(encoding="utf-8")


def block(heading, begin):
    """The one block under a heading that begins like this."""
    (found,) = [text for under, text in recipes.of_readme() if under == heading and text.startswith(begin)]
    return found


def output(heading, command):
    """What is shown below a command."""
    text = block(heading, f"$ {command}\n")
    return text.split("\n", 1)[1]


def same(text):
    """Without what is another at each run."""
    text = text.replace("192.0.2.7", "127.0.0.1").replace("\r", "")
    text = re.sub(r"\b(?:\d+(?:ms|[dhms]))+\b", "D", text)
    text = re.sub(r"(127\.0\.0\.1|\[::1\]):\d+", r"\1:P", text)
    text = re.sub(r"^clients: at most .*", lambda found: re.sub(r"\d+", "N", found.group()), text, flags=re.M)
    text = re.sub(r"in use by [^ ]+ \(pid \d+\)", "in use by PROGRAM (pid N)", text)
    text = re.sub(r"(\S) {2,}", r"\1  ", text)
    return re.sub(r" +$", "", text, flags=re.M).strip("\n")


def assert_same(shown, printed):
    assert same(shown) == same(printed), f"shown:\n{same(shown)}\nprinted:\n{same(printed)}"


def assert_lines(shown, printed):
    """Each of the lines shown is printed, in this order."""
    rest = same(printed)
    for line in same(shown).splitlines():
        assert line in rest, f"not printed: {line}\nin: {same(printed)}"
        rest = rest[rest.index(line) + len(line):]


def ask(daemon, *arguments, status=0):
    return tool("-S", os.path.join(daemon.directory, "control"), *arguments, status=status)


HEADINGS = "The first modem in five minutes", "What your users see", "See and control it", "When something is wrong"


def test_each_block_is_looked_at():
    """Whoever adds one adds it here, and to a test."""
    begins = [text.split("\n", 1)[0] for _, text in recipes.of_readme()]
    assert begins == [
        "scripts/try",
        "$ modemshare devices", 'line "modem1" {', "$ modemshared -n -f /etc/modemshared.conf",
        "$ modemshared -f /etc/modemshared.conf", "$ modemshare status", 'line "modem1" {',
        "modem1: free", "BUSY", begins[9], begins[10], "NO DIALTONE",
        "status {", "$ curl -s localhost:8017/metrics | grep '^modemshare_line_.*modem1'",
        "$ modemshare doctor", begins[15]], begins
    assert begins[9].startswith("WAITING 1") and begins[10].startswith("modem1: nothing sent")
    assert begins[15].startswith("mkdir -p m4 && autoreconf -i")
    assert len(README.splitlines()) <= 250


# ---- the first modem ----

def own_system(root):
    """A /sys and a /dev of this process and its children alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid = os.geteuid()
    if libc.unshare(0x00020000 | (0x10000000 if uid else 0)):
        raise Skip(f"kernel forbids: mount namespaces ({os.strerror(ctypes.get_errno())})")
    if libc.mount(b"none", b"/", None, 0x44000, None):
        raise Skip("kernel forbids: private mounts")
    for name in ("sys", "dev"):
        if libc.mount(f"{root}/{name}".encode(), f"/{name}".encode(), None, 0x1000, None):
            raise Skip(f"kernel forbids: mounting on /{name} ({os.strerror(ctypes.get_errno())})")


def test_devices():
    root = os.environ.get("TMPDIR", "/tmp") + f"/modemshared-system-{os.getpid()}"
    usb = f"{root}/sys/devices/usb1/1-2"
    tty = f"{usb}/1-2:1.0"
    for directory in (f"{tty}/tty/ttyACM0", f"{root}/sys/class/tty/ttyACM0", f"{root}/dev/serial/by-id"):
        os.makedirs(directory)
    for path, text in ((f"{usb}/idVendor", "0572"), (f"{usb}/idProduct", "1340"), (f"{usb}/serial", "123"),
                       (f"{usb}/manufacturer", "Acme"), (f"{usb}/product", "Modem"),
                       (f"{tty}/bInterfaceNumber", "00"), (f"{root}/dev/ttyACM0", ""), (f"{root}/dev/null", "")):
        with open(path, "w", encoding="ascii") as f:
            f.write(text + "\n")
    os.symlink("../../../../../bus/usb/drivers/cdc_acm", f"{tty}/driver")
    os.symlink("../../../devices/usb1/1-2/1-2:1.0", f"{root}/sys/class/tty/ttyACM0/device")
    os.symlink("../../ttyACM0", f"{root}/dev/serial/by-id/usb-Acme_Modem_123-if00")
    code = ("import sys; sys.path.insert(0, sys.argv[1])\nimport test_readme, subprocess, os\n"
            "try:\n    test_readme.own_system(sys.argv[2])\n"
            "except test_readme.Skip as why:\n    print('skip', why)\n    sys.exit()\n"
            "os.execv(sys.argv[3], ['modemshare', 'devices'])\n")
    done = subprocess.run([sys.executable, "-c", code, os.path.dirname(os.path.abspath(__file__)), root,
                           os.environ["MODEMSHARE"]], input="", capture_output=True, text=True,
                          timeout=60, check=False, env=harness.daemon_environment({"LC_ALL": "C.UTF-8"}))
    subprocess.run(["rm", "-rf", root], check=True)
    if done.stdout.startswith("skip "):
        raise Skip(done.stdout[5:].strip())
    assert_same(output(HEADINGS[0], "modemshare devices"), done.stdout)


def first_config(which=0):
    return [text for under, text in recipes.of_readme() if under == HEADINGS[0] and text.startswith("line")][which]


def test_the_bound():
    for config in first_config(0), first_config(1):
        status, stdout, stderr = run_daemon(config, "-n")
        assert status == 0 and not stderr
        shown = output(HEADINGS[0], "modemshared -n -f /etc/modemshared.conf")
        assert stdout.splitlines()[:-1] == shown.splitlines()[:-1], stdout
        assert_same(shown.splitlines()[-1], stdout.splitlines()[-1])


def with_modem(config, modem, keys=QUICK, port=0):
    """The configuration as it is shown, but for the device, the ports, and how long it all takes."""
    config = config.replace(BY_ID, modem.path).replace("2217", str(port))
    return re.sub(r"^}", f"    {keys}\n}}", config, flags=re.M)


def test_it_starts():
    modem = FakeModem()
    daemon = Daemon(with_modem(first_config(), modem), env=modem.env(), options=())
    wait_for(lambda: " free   " in ask(daemon, "status"), 20)
    log = "\n".join(daemon.log)
    if "[::1]" not in log:
        raise Skip("kernel forbids: IPv6")
    shown = output(HEADINGS[0], "modemshared -f /etc/modemshared.conf").splitlines()
    assert all(re.match(harness.STAMP, line) for line in shown), shown
    assert_same("\n".join(harness.without_time(line) for line in shown), log)
    assert_same(output(HEADINGS[0], "modemshare status"), ask(daemon, "status"))
    client = Telnet(daemon.port("modem1"))
    client.send(b"AT\r\0")
    client.expect(b"OK\r\n")


def test_from_this_host_to_the_network():
    """The first configuration becomes the second one: modemshare reload puts it in force."""
    modem, port = FakeModem(), free_port()
    daemon = Daemon(with_modem(first_config(0), modem, port=port), env=modem.env())
    wait_state(daemon, "modem1", "free")
    with open(daemon.path, encoding="utf-8") as f:
        text = f.read()
    with open(daemon.path, "w", encoding="utf-8") as f:
        f.write(text[:text.index("line ")] + with_modem(first_config(1), modem, port=port))
    ask(daemon, "reload")
    services = json.loads(ask(daemon, "status", "--json"))["services"]
    assert [service["listen"] for service in services] == [f"0.0.0.0:{port}"]
    daemon.stop()



# ---- what users see ----

def owner(daemon):
    client = ComPort(daemon.port("modem1"))
    client.send(b"AT\r")
    client.expect(b"OK\r\n")
    return client


def text_until(client, pattern):
    """All that has come, to the end of the pattern."""
    seen = bytearray()
    client.until(lambda: re.search(pattern, bytes(client.data)), 20, pattern)
    seen += client.data
    client.data.clear()
    return seen.decode()


def shown(begin):
    return block(HEADINGS[1], begin)


USERS = '''
line "modem1" { device = "virtual" kind = "modem" listen = { "0" } hangup-time = 0 %s }
'''


def test_free_and_in_use():
    daemon = Daemon(USERS % "")
    free, used = shown("modem1: free").splitlines()
    assert_same(free, text_until(Telnet(daemon.port("modem1")), b"\n"))
    first = owner(daemon)
    client = Telnet(daemon.port("modem1"))
    assert_same(used, text_until(client, b"\n"))
    client.send(b"AT\r\0")
    assert_same(shown("BUSY"), client.expect_end().decode())
    assert not first.ended


def test_the_queue():
    daemon = Daemon(USERS % 'busy = "queue"')
    first, waiter = owner(daemon), Telnet(daemon.port("modem1"))
    waiter.expect(b"\n")
    waiter.send(b"AT\r\0")
    text = text_until(waiter, b"WAITING.*\n")
    first.close()
    text += text_until(waiter, b"READY\r\n")
    assert_same(shown("WAITING"), text.split("AT\r")[0])


def test_the_cut():
    daemon = Daemon(USERS % 'inactivity = "2s" warning = "1s"')
    client = Telnet(daemon.port("modem1"))
    client.expect(b"modem1: free\r\n")
    client.send(b"AT\r")
    client.expect(b"OK\r\n")
    assert_same(shown("modem1: nothing sent"), client.expect_end(10).decode())


def test_out_of_service():
    daemon = Daemon(USERS.replace("virtual", "/dev/modemshared-no-such-device") % "")
    client = Telnet(daemon.port("modem1"))
    client.expect(b"\n")
    client.send(b"AT\r\0")
    assert_same(shown("NO DIALTONE"), client.expect_end().decode())


# ---- seeing and controlling ----

def rows(heading):
    """The cells of the table under a heading."""
    part = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [re.split(r"(?<!\\) *\| *", line.strip("|\n")) for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


def test_the_commands():
    listed = {re.match(r"\w+", name).group() for row in rows(HEADINGS[2]) for name in re.findall(r"`([^`]+)`", row[0])}
    printed = set(re.findall(r"^  (\w+)", tool("-h"), re.M))
    assert listed == printed, listed ^ printed


def test_the_page():
    daemon = Daemon(block(HEADINGS[2], "status").replace("8017", "0") + USERS % "", services=["modem1"])
    port = daemon.wait_log(r"event=listen page=status address=127\.0\.0\.1:(\d+)").group(1)
    got = {}
    for path in ("/", "/status.json", "/healthz", "/metrics"):
        assert f"`{path}`" in README or f":8017{path}`" in README, path
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            got[path] = answer.read().decode()
    names = [line.split(" ")[0] for line in block(HEADINGS[2], "$ curl").splitlines()[1:]]
    assert len(names) == 3
    for name in names:
        assert re.search(rf"^{re.escape(name)} \d+$", got["/metrics"], re.M), name


# ---- what is wrong ----

def test_the_doctor():
    config = first_config().replace(BY_ID, "/dev/ttyUSB7")
    with open("/tmp/modemshared-doctor-%d.conf" % os.getpid(), "w", encoding="ascii") as f:
        f.write('lock-directory = ""\ncontrol-socket = "/tmp/modemshared-none"\nstate-directory = ""\n' + config)
    try:
        printed, _ = tool("doctor", "-f", f.name, status=1)
    finally:
        os.unlink(f.name)
    assert_lines(output(HEADINGS[3], "modemshare doctor"), printed)


def refusal(daemon):
    client = Telnet(daemon.port("modem1"))
    client.send(b"AT\r\0")
    return client.expect_end(20).decode()


def no_device():
    return refusal(Daemon(USERS.replace("virtual", "/dev/modemshared-no-such-device") % ""))


def no_permission():
    tty = FakeTty()
    tty.cannot_open(errno.EACCES)
    return refusal(Daemon(USERS.replace("virtual", tty.path) % "", env=tty.env()))


def in_use_by():
    tty = FakeTty()
    directory = os.path.join("/tmp", f"modemshared-lock-{os.getpid()}")
    os.mkdir(directory)
    holder = Holder(os.path.join(directory, f"LCK..{tty.name}"))
    try:
        return refusal(Daemon(f'lock-directory = "{directory}"\n' + USERS.replace("virtual", tty.path) % "",
                              env=tty.env()))
    finally:
        holder.leave()
        shutil.rmtree(directory)  # the line's own lock may be there by now


def quarantine():
    modem = FakeModem(mute=True)
    daemon = Daemon(with_modem(first_config(), modem), env=modem.env())
    daemon.wait_log("event=quarantine", 30)
    return refusal(daemon)


def busy():
    daemon = Daemon(USERS % "")
    first = owner(daemon)
    text = refusal(daemon)
    assert not first.ended
    return text


def endless_call():
    modem = FakeModem()
    daemon = Daemon(with_modem(first_config(), modem, QUICK.replace("carrier-timeout", "attempts = 1 carrier-timeout")),
                    env=modem.env())
    daemon.wait_log("event=line-ready", 30)
    modem.faults.update(stuck_call=True, no_escape=True)
    client = harness.Client(daemon.port("modem1"))
    client.send(b"x")
    modem.read_until(b"x")
    modem.call()
    client.close()
    return daemon.wait_log("event=line-out", 30).string


def not_claimed():
    return Telnet(Daemon(USERS % "claim-timeout = 1s").port("modem1")).expect_end().decode()


def cut():
    daemon = Daemon(USERS % 'session-limit = "1s" warning = 0')
    return owner(daemon).expect_end(10).decode()


def not_allowed():
    daemon = Daemon('line "modem1" { device = "virtual" kind = "modem" listen = { "0" } allow = { "192.0.2.0/24" } }')
    assert harness.Client(daemon.port("modem1")).expect_end() == b""
    return daemon.wait_log("event=turned-away").string


def carrier():
    modem = FakeModem(carrier_on=True)
    daemon = Daemon(with_modem(first_config(), modem, QUICK.replace("carrier-timeout", "attempts = 1 carrier-timeout")),
                    env=modem.env())
    return daemon.wait_log("event=carrier-untrusted", 30).string


def no_daemon():
    return tool("-S", "/tmp/modemshared-none/control", status=3)[1]


def pyserial():
    found = subprocess.run(["/usr/bin/python3", "-c", "import serial.rfc2217 as r; print(r.__file__)"],
                           capture_output=True, text=True, check=False)
    if found.returncode:
        raise Skip("needs python3-serial")
    with open(found.stdout.strip(), encoding="utf-8") as f:
        return f.read()


def kermit():
    with open(harness.need("kermit"), "rb") as f:
        return f.read().decode("latin-1")


SYMPTOMS = {
    "NO DIALTONE": no_device, "no device": no_device, "no permission": no_permission,
    "in use by minicom (pid 1234)": in_use_by, "quarantine: no answer to AT&F": quarantine, "BUSY": busy,
    "quarantine: the call does not end": endless_call,
    "closed: nothing sent for 30s": not_claimed, "NO CARRIER": cut, "event=turned-away": not_allowed,
    "event=carrier-untrusted": carrier, "remote rejected value for option": pyserial,
    "Remote does not seem to support RFC2217": pyserial, "Carrier required but not detected": kermit,
    "no daemon answers there": no_daemon,
}
OF_OTHERS = {"OK", "Connection refused"}  # what the modem says, and the kernel


def symptom(*names):
    for name in names:
        assert same(name) in same(SYMPTOMS[name]()), name


def test_symptoms_of_clients():
    symptom("remote rejected value for option", "Remote does not seem to support RFC2217",
            "Carrier required but not detected", "no daemon answers there")


def test_symptoms_of_the_line():
    symptom("NO DIALTONE", "no device", "no permission", "in use by minicom (pid 1234)")


def test_symptoms_of_the_modem():
    symptom("quarantine: no answer to AT&F", "quarantine: the call does not end", "event=carrier-untrusted")


def test_symptoms_of_claims():
    symptom("BUSY", "closed: nothing sent for 30s", "NO CARRIER", "event=turned-away")


def test_each_symptom_is_made():
    named = {text for row in rows(HEADINGS[3]) for text in re.findall(r"`([^`]+)`", row[0])}
    assert named == set(SYMPTOMS) | OF_OTHERS, named ^ (set(SYMPTOMS) | OF_OTHERS)


# ---- the other pages ----

def test_clients_are_called_as_their_page_says():
    page = (recipes.ROOT / "man" / "modemshare-clients.7").read_text(encoding="utf-8")
    shown_there = "\n".join(text for texts in recipes.of_page("modemshare-clients.7").values() for text in texts)
    for row in rows("Call it"):
        for command in re.findall(r"`([^`]+)`", row[1]):
            wanted = command.replace("HOST", "modems.example.org").replace("NUMBER", "5551234")
            if command.startswith(("serial.", "pyserial-")):
                wanted = "rfc2217://modems.example.org:2217"
            if command in ("pty", "connect"):
                wanted = command + " "
            if " = " in command and command not in shown_there:
                assert command.split(" = ")[0] in page, command
                continue
            assert wanted in shown_there or wanted.replace("'", "") in shown_there, command


def test_examples_of_the_daemon():
    (config,) = recipes.of_page("modemshared.conf.5")["DESCRIPTION", ""]
    (example, *_) = recipes.of_page("modemshared.8")["EXAMPLES", ""]
    status, stdout, _ = run_daemon(config, "-n")
    command, bound, clients = example.splitlines()
    assert status == 0 and command == "$ modemshared -n -f modemshared.conf", example
    assert bound == stdout.splitlines()[0], (example, stdout)
    assert_same(clients, stdout.splitlines()[1])


def test_example_of_the_tool():
    example = recipes.of_page("modemshare.1")["EXAMPLES", ""][0]
    daemon = Daemon(USERS % 'busy = "queue"')
    waiting = [owner(daemon)]
    for _ in range(2):
        client = Telnet(daemon.port("modem1"))
        client.send(b"AT\r\0")
        client.until(lambda c=client: b"WAITING" in c.data)
        waiting.append(client)
    assert_same(example.split("\n", 1)[1], ask(daemon))
