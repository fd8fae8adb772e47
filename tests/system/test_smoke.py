"""The configuration check, modemshared -n: the contract with whoever installs it."""
import re

from harness import run_daemon

GOOD = """
line "modem1" {
    device = "virtual"
    kind   = "modem"
    listen = { "127.0.0.1:0" }
    number "1" { to = "echo" }
}
line "console1" {
    device = "loopback"
    kind   = "console"
    listen = { "127.0.0.1:0" }
}
"""
DURATION = r"(none|-|[0-9][0-9a-z]*)"


def test_check_good_configuration():
    status, stdout, stderr = run_daemon(GOOD, "-n")
    assert status == 0, (status, stdout, stderr)
    lines = stdout.splitlines()
    assert len(lines) == 3 and lines.pop().startswith("clients: at most "), stdout
    for name, line in zip(("modem1", "console1"), lines):
        assert re.fullmatch(f"{name}: idle {DURATION}, in call {DURATION}, "
                            f"at the latest {DURATION}", line), line
    assert ", in call -," in lines[1], "a console makes no calls"


def test_check_names_unknown_key():
    status, stdout, stderr = run_daemon(GOOD.replace("kind ", "kinds"), "-n")
    assert status == 1, (status, stdout, stderr)
    assert re.search(r"modemshared\.conf:4: .*kinds", stderr), stderr
    assert re.search(r"\bkind\b", stderr), f"the nearest word is missing: {stderr}"
    assert "idle" not in stdout, stdout


def test_check_names_missing_brace():
    status, stdout, stderr = run_daemon(GOOD.rstrip().rstrip("}"), "-n")
    assert status == 1, (status, stdout, stderr)
    assert "modemshared.conf:" in stderr, stderr


def test_error_starts_nothing():
    status, _, stderr = run_daemon(GOOD + 'line "modem1" { kind = "modem" }\n')
    assert status == 1 and "event=listen" not in stderr, (status, stderr)


def test_missing_file():
    status, _, stderr = run_daemon("", "-n", "-f", "/nonexistent/modemshared.conf")
    assert status == 1 and "/nonexistent/modemshared.conf" in stderr, (status, stderr)
