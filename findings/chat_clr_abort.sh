#!/bin/sh
# chat of ppp: CLR_ABORT changes the exit status of all abort strings that came later.
#
# chat(8): status 4 is the first string marked as ABORT, 5 the second and so on; CLR_ABORT gives the
# place of a cleared one back, so that a new string can use it.
# Guess: after ABORT A, B, C and CLR_ABORT A, B is 5 and C is 6 as before, and a new D takes A's 4.
# Seen: the rest moves up: B is 4, C is 5, D is 6.  Who calls chat and looks at its status takes B
# for A once the script has cleared A; a status means a string only together with the place in the
# script at which it ended.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

need /usr/bin/python3
deb ppp=2.4.9-1+1.1+b1
cat >"$t/try.py" <<'END'
import os, pty, subprocess, sys, tty

SCRIPTS = (
    ("A B C", "ABORT A ABORT B ABORT C", "ABC"),
    ("A B C, A cleared", "ABORT A ABORT B ABORT C CLR_ABORT A", "BC"),
    ("A B C, A cleared, D", "ABORT A ABORT B ABORT C CLR_ABORT A ABORT D", "BCD"),
)

def status(script, says):
    """Its exit status if the modem says this to its first command."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    with subprocess.Popen([sys.argv[1], "-S", "-t", "10", *script.split(), "", "at", "never", "x"],
                          stdin=slave, stdout=slave, stderr=subprocess.DEVNULL) as chat:
        heard = b""
        while not heard.endswith(b"at\r"):
            heard += os.read(master, 100)
        os.write(master, b"\r\n" + says.encode() + b"\r\n")
        code = chat.wait(15)
    os.close(master)
    os.close(slave)
    return code

for name, script, words in SCRIPTS:
    print(name + ":", ", ".join(f"{word} {status(script, word)}" for word in words))
END
seen=$(timeout 60 /usr/bin/python3 "$t/try.py" "$t/root/usr/sbin/chat" 2>&1)

verdict "ppp 2.4.9-1+1.1+b1 (Debian 12)" \
	"B stays 5 and C 6; D takes the 4 of A" \
	"those that are left are counted anew, and a new one comes last" \
	"A B C: A 4, B 5, C 6
A B C, A cleared: B 4, C 5
A B C, A cleared, D: B 4, C 5, D 6" "$seen"
