#!/bin/sh
# socat: ispeed and ospeed take the kernel's number of a rate, not the rate.
#
# Its manual: "ispeed=<unsigned-int>: Set the baud rate for incoming data on this line", and that of
# b19200 sends whoever has no such option to ispeed and ospeed.
# Guess: ispeed=19200,ospeed=19200 is what b19200 is; a rate that termios has no name for is refused.
# Seen: 19200 is refused, as is every rate by its number, since it goes to cfsetispeed(3) as it is;
# the value of the constant B19200, 14 on most machines with Linux, makes it 19200, and 15 38400.
# Either of the two alone sets both directions.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

need stty timeout
deb socat=1.7.4.4-2
case $(uname -m) in
alpha | mips* | ppc* | sparc*) skip "another table of rates on this machine" ;;
esac

"$t/root/usr/bin/socat" -V >/dev/null 2>&1 || skip "socat's libraries are missing"

# speed OPTIONS: the rate of a pty that socat has made with them, or what is refused.  The second
# address, which asks, begins when the first one is set up.
speed()
{
	rm -f "$t/rate"
	timeout 20 "$t/root/usr/bin/socat" -U "PTY,link=$t/tty,raw,$1" \
		"SYSTEM:stty -F $t/tty speed >$t/rate" 2>"$t/error"
	if [ -s "$t/rate" ]; then
		rate=$(cat "$t/rate")
	else
		rate=$(sed -n 's/.* E \(cf[a-z]*\)(.*): /\1: /p' "$t/error")
	fi
	echo "$1: $rate"
}

seen=$(speed b19200; speed ispeed=19200,ospeed=19200; speed ospeed=9600; speed ispeed=14,ospeed=14
	speed ospeed=15; speed ispeed=13)

verdict "socat 1.7.4.4-2 (Debian 12)" \
	"ispeed=19200,ospeed=19200 sets 19200, as b19200 does" \
	"the number is taken as the kernel's constant: 19200 is an error, 14 is 19200" \
	"b19200: 19200
ispeed=19200,ospeed=19200: cfsetispeed: Invalid argument
ospeed=9600: cfsetospeed: Invalid argument
ispeed=14,ospeed=14: 19200
ospeed=15: 38400
ispeed=13: 9600" "$seen"
