"""The daemon's log as programs read it, and a syslog of a test's own."""
import ctypes
import json
import os
import re
import shlex
import socket
import tempfile

from harness import Skip

VALUE = r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\nrt]|\\u[0-9a-f]{4})*"|[^\s"\'\\=]+'


def unquoted(value):
    """A value as a reader of logfmt takes it: what stands in quotes is what JSON means by it."""
    return json.loads(value) if value.startswith('"') else value


def fields(line):
    """The key=value pairs of a log line, which end it."""
    found = re.search(rf"(?:^|: )((?:[a-z-]+=(?:{VALUE})(?: |$))+)$", line)
    assert found, f"not key=value: {line}"
    pairs = {key: unquoted(value) for key, value in re.findall(rf"([a-z-]+)=({VALUE})(?: |$)", found.group(1))}
    if "\\u" not in line and "\\n" not in line:  # which a shell does not know
        assert pairs == dict(word.split("=", 1) for word in shlex.split(found.group(1))), line
    return pairs


PRIVATE, BIND, RECURSIVE = 1 << 18, 4096, 16384
LIBC = ctypes.CDLL(None, use_errno=True)


def mount(source, target, flags, kind=None):
    if LIBC.mount(source.encode(), target.encode(), kind and kind.encode(), flags, None):
        raise Skip(f"kernel forbids: mounts ({os.strerror(ctypes.get_errno())})")


def own_mounts():
    """What is mounted from now on is of this process and its children alone."""
    uid, gid = os.geteuid(), os.getegid()
    if LIBC.unshare(0x00020000 | (0x10000000 if uid else 0)):
        raise Skip(f"kernel forbids: mount namespaces ({os.strerror(ctypes.get_errno())})")
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as f:
                f.write(text)
    mount("none", "/", PRIVATE | RECURSIVE)


def own_syslog():
    """A /dev of this process and its children alone, with a socket where syslog listens."""
    own_mounts()
    directory = tempfile.mkdtemp(prefix="modemshared-dev-")
    for name in ("null", "urandom"):
        with open(os.path.join(directory, name), "w", encoding="ascii"):
            mount(f"/dev/{name}", os.path.join(directory, name), BIND)
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(os.path.join(directory, "log"))
    mount(directory, "/dev", BIND | RECURSIVE)
    return heard
