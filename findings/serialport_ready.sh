#!/bin/sh
# @serialport/parser-ready of npm: a modem's OK is missed whenever its echo is on.
#
# The parser waits for a sequence of bytes in the stream, says "ready", and passes on what follows.
# Guess: with the delimiter CR LF OK CR LF it is ready at the first OK of a Hayes modem, with echo
# (ATE1, their state after AT&F) as without: the echo AT CR in front is just other data.
# Seen (found in its source): without echo it is; with echo never, however often the modem says OK.  The echo's CR counts
# as the first byte of the delimiter; the CR behind it, which really is the first, does not fit as
# the second, and is thrown away with the half match instead of being looked at as a beginning.
# A delimiter whose first byte cannot stand right before it works, as OK CR LF does here.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

npm_get @serialport/parser-ready@13.0.0
cat >"$t/try.js" <<'END'
const { ReadyParser } = require("@serialport/parser-ready");
const tries = [
	["echo off", "\r\nOK\r\n", "\r\nOK\r\n"],
	["echo on", "\r\nOK\r\n", "AT\r\r\nOK\r\n"],
	["echo on, five commands", "\r\nOK\r\n", "AT\r\r\nOK\r\n".repeat(5)],
	["echo on, in single bytes", "\r\nOK\r\n", "AT\r\r\nOK\r\n", true],
	["echo on, delimiter OK", "OK\r\n", "AT\r\r\nOK\r\n"],
];
for (const [name, delimiter, input, bytes] of tries) {
	const parser = new ReadyParser({ delimiter });
	let ready = 0;
	parser.on("ready", () => ready++);
	parser.resume();
	for (const piece of bytes ? input.split("") : [input])
		parser.write(piece);
	console.log(`${name}: ready ${ready}`);
}
END
seen=$(cd "$t" && node try.js 2>&1)

verdict "@serialport/parser-ready 13.0.0" \
	"ready at the first OK, with echo as without" \
	"with echo a CR stands before the delimiter's CR, and it is never found" \
	"echo off: ready 1
echo on: ready 0
echo on, five commands: ready 0
echo on, in single bytes: ready 0
echo on, delimiter OK: ready 1" "$seen"
