"""modemshare, the control tool, towards a real daemon, and the views of one daemon at one moment."""
import json
import os
import re
import subprocess
import urllib.request

from harness import BUILDDIR, SANITIZER, Skip, daemon_environment, need, wait_for

MODEMSHARE = os.environ.get("MODEMSHARE", os.path.join(BUILDDIR, "src/cli/modemshare"))
NOBODY = 65534


def tool(*arguments, status=0, env=None, prefix=()):
    """What the tool prints, after it has exited with this status; (stdout, stderr) if not 0."""
    done = subprocess.run(
        [*prefix, MODEMSHARE, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        env=daemon_environment({"LC_ALL": "C.UTF-8", "TZ": "UTC", **(env or {})}), check=False)
    stdout, stderr = done.stdout.decode(), done.stderr.decode()
    assert not SANITIZER.search(stderr), stderr
    assert done.returncode == status, f"exit status {done.returncode}: {stdout}{stderr}"
    return stdout if status == 0 else (stdout, stderr)


def socket_of(daemon):
    return os.path.join(daemon.directory, "control")


def ask(daemon, *arguments, **how):
    """The tool on this daemon's control socket."""
    return tool("-S", socket_of(daemon), *arguments, **how)


def start(daemon, *arguments, env=None, **how):
    """The same as a process of its own."""
    return subprocess.Popen([MODEMSHARE, "-S", socket_of(daemon), *arguments],
                            env=daemon_environment({"LC_ALL": "C.UTF-8", "TZ": "UTC", **(env or {})}), **how)


def nobody():
    """The prefix of a command that another user runs, or the test is skipped."""
    if os.getuid() != 0:
        raise Skip("needs root, to be another user")
    prefix = (need("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    try:
        tool("-V", prefix=prefix)
    except (AssertionError, OSError):
        raise Skip("needs a build directory that others may read") from None
    return prefix


# ---- the picture ----

def status(daemon, **how):
    return json.loads(ask(daemon, "status", "--json", **how))


def line(daemon, name, picture=None):
    """A line as the status has it."""
    return named((picture or status(daemon))["lines"], name)


def named(things, name):
    return next(thing for thing in things if thing["name"] == name)


def wait_state(daemon, name, state, deadline=10):
    return wait_for(lambda: (found := line(daemon, name))["state"] == state and found, deadline,
                    f"{name}: {state}")


def history(daemon, *arguments, **how):
    return [json.loads(row) for row in ask(daemon, "history", "--json", *arguments, **how).splitlines()]


# ---- the page ----

def page_url(daemon):
    port = daemon.wait_log(r"event=listen page=status address=127\.0\.0\.1:(\d+)").group(1)
    return f"http://127.0.0.1:{port}"


def get(daemon, path="/"):
    """What the page's server answers, as text."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(page_url(daemon) + path, timeout=20) as answer:
        return answer.read().decode()


def metrics(daemon):
    """{"line_up{line=\"m1\"}": 1.0} and so on; the prefix is left away."""
    found = {}
    for row in get(daemon, "/metrics").splitlines():
        if not row.startswith("#"):
            name, value = re.fullmatch(r"modemshare_(\S+?(?:\{.*\})?) (\S+)", row).groups()
            found[name] = float(value)
    return found
