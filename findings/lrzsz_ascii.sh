#!/bin/sh
# lrzsz: in ZMODEM -a changes nothing, on whichever side, though it does in YMODEM and XMODEM.
#
# sz(1) says of -a that it turns the ends of lines into CR LF, "by the receiver for ZMODEM", and rz(1)
# that it makes a Unix text: without CR, and without what follows the first Ctrl-Z.
# Guess: with "sz -a" or "rz -a", and surely with both, the text that arrives has LF and ends at Ctrl-Z.
# Seen: with ZMODEM the file arrives byte by byte as it was, with -a at the sender, at the receiver
# and at both; both end with status 0 and say nothing.  With XMODEM "rx -a" does what is written,
# and with YMODEM -a on both sides.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

need mkfifo od timeout
deb lrzsz=0.12.21-10+deb12u1
bin=$t/root/usr/bin

# transfer SENDER RECEIVER: what arrives of a small text.
transfer()
{
	rm -rf "$t/from" "$t/to" "$t/there" "$t/back"
	mkdir "$t/from" "$t/to"
	name=
	[ "${2#rx}" = "$2" ] || name=text # XMODEM tells no name
	mkfifo "$t/there" "$t/back"
	printf 'a\r\nb\nc\032d\r\n' >"$t/from/text"
	# shellcheck disable=SC2086 # a name and options
	(cd "$t/to" && timeout 30 "$bin/"$2 -q $name <"$t/there" >"$t/back" 2>/dev/null) &
	# shellcheck disable=SC2086
	(cd "$t/from" && timeout 30 "$bin/"$1 -q text >"$t/there" <"$t/back" 2>/dev/null)
	status=$?
	wait $!
	echo "$1 to $2: status $status $?:$(od -An -tx1 "$t/to/text")"
}

seen=$(transfer sz rz; transfer 'sz -a' rz; transfer sz 'rz -a'; transfer 'sz -a' 'rz -a'
	transfer 'sb -a' 'rb -a'; transfer sx 'rx -a')

verdict "lrzsz 0.12.21-10+deb12u1 (Debian 12)" \
	"sz -a, rz -a: LF alone in the text that arrives, nothing behind Ctrl-Z" \
	"no difference at all in ZMODEM; in YMODEM and XMODEM as written" \
	"sz to rz: status 0 0: 61 0d 0a 62 0a 63 1a 64 0d 0a
sz -a to rz: status 0 0: 61 0d 0a 62 0a 63 1a 64 0d 0a
sz to rz -a: status 0 0: 61 0d 0a 62 0a 63 1a 64 0d 0a
sz -a to rz -a: status 0 0: 61 0d 0a 62 0a 63 1a 64 0d 0a
sb -a to rb -a: status 0 0: 61 0a 62 0a 63
sx to rx -a: status 0 0: 61 0a 62 0a 63" "$seen"
