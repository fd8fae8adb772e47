#!/bin/sh
# telnet-client of npm with the RFC 2217 server of pyserial: nothing that is sent reaches the line.
#
# pyserial offers WILL COM-PORT-OPTION.  The client agrees (its rule is: refuse to do, accept that
# the other does), and the server then tells the state of the modem lines, in a subnegotiation.
# Guess: a client that knows no option 44 skips all up to IAC SE, or shows some junk; what it sends
# afterwards, AT CR, goes to the line.
# Seen (found in its source): it takes the first three bytes, IAC SB 44, for one more negotiation, and sends them back.
# For the server that begins a subnegotiation of the client's, which never ends: AT CR and all
# that follows is its content, and nothing comes out at the line.  A server that offers the option
# by DO alone is refused, and not concerned.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

need /usr/bin/python3 timeout
deb python3-serial=3.5-1.1
npm_get telnet-client@2.2.14

cat >"$t/server.py" <<'END'
import serial, serial.rfc2217, socket, sys

listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(20)
with open(sys.argv[1], "w") as file:
    file.write("%d\n" % listener.getsockname()[1])
connection = listener.accept()[0]
connection.settimeout(20)

class Net:
    def write(self, data):
        if data[:2] == b"\xff\xfa":
            print("server sends", data.hex(" ", 1))
        connection.sendall(data)

port = serial.serial_for_url("loop://", timeout=0)
manager = serial.rfc2217.PortManager(port, Net())
got, line = b"", b""
while data := connection.recv(1024):
    got += data
    line += b"".join(manager.filter(data))
begin = got.find(b"\xff\xfa")
print("client sends", got[begin:].hex(" ", 1) if begin >= 0 else "no subnegotiation")
print("line gets", line)
END
cat >"$t/client.js" <<'END'
const { Telnet } = require("telnet-client");
const port = Number(process.argv[2]);
(async () => {
	const client = new Telnet();
	const news = new Promise((done) => client.on("data", (data) => data.includes(0x6b) && done()));
	await client.connect({ port, shellPrompt: false, negotiationMandatory: false, timeout: 15000 });
	await news; // the modem lines' state has come
	client.getSocket().end("AT\r");
})();
END
PYTHONPATH=$t/root/usr/lib/python3/dist-packages timeout 40 /usr/bin/python3 "$t/server.py" "$t/port" >"$t/seen" 2>&1 &
server=$!
for _ in $(seq 100); do
	[ -s "$t/port" ] && break
	sleep 0.1
done
(cd "$t" && timeout 30 node client.js "$(cat port)") >>"$t/errors" 2>&1
wait $server

verdict "telnet-client 2.2.14, pyserial 3.5 (Debian 3.5-1.1)" \
	"the subnegotiation is skipped; the line gets AT CR" \
	"the client sends its first three bytes back, and all that it says is swallowed" \
	"server sends ff fa 2c 6b bb ff f0
client sends ff fa 2c 41 54 0d
line gets b''" "$(cat "$t/seen")"
