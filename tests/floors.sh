#!/bin/sh
# Keeps the walls of the house (HACKING.md): which folder may include which, which folders are pure, and
# that each outside library is included by one file.  Prints every line that breaks a rule.
#
#	floors.sh [SOURCE-DIRECTORY]
set -u
cd "${1:-${srcdir:-.}}" || exit 1

# The includes of the tree as "FILE LINE KIND NAME", KIND being < or ".
includes() {
	find rfc2217 src -name '*.[ch]' -exec grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null {} + |
	sed -E 's/^([^:]*):([0-9]*):[^"<]*(["<])([^">]*)[">].*/\1 \2 \3 \4/'
}

rules='
function say(why) {
	printf "%s:%s: includes %s: %s\n", $1, $2, $4, why
	broken++
}
# Is it one of these files, or in one of these folders?
function is_at(path, places,	place, i, n) {
	n = split(places, place, " ")
	for (i = 1; i <= n; i++)
		if (index(path, place[i]) == 1)
			return 1
	return 0
}
function folder(path) {
	sub(/^src\//, "", path)
	sub(/\/[^\/]*$/, "", path)
	return path
}
BEGIN {
	# The folders of ours that each folder names, or single headers of them.
	may["rfc2217"] = "rfc2217"
	may["base"] = "base"
	may["wire"] = "base rfc2217 wire"
	may["modem"] = "base rfc2217 modem"
	may["conf"] = "base rfc2217 conf"
	may["sharing"] = "base rfc2217 conf sharing"
	may["views"] = "base views"
	may["io"] = "base views io"
	may["ports"] = "base rfc2217 modem io ports conf/conf.h"
	may["line"] = "base rfc2217 modem conf sharing views io ports line"
	may["session"] = "base rfc2217 wire modem conf sharing views io ports line session"
	may["cli"] = "base conf sharing views cli"
	may["daemon"] = "base rfc2217 wire modem conf sharing views io ports line session daemon"

	# No descriptor, loop, clock or log is known there; addresses are values like others.
	pure = " rfc2217 base wire modem conf sharing views "
	impure = "^(unistd|fcntl|poll|pthread|termios|time|signal|syslog|netdb|semaphore|threads|dirent)\\.h$" \
	    "|^sys/(socket|epoll|poll|select|ioctl|time|timerfd|un|wait|stat|mman)\\.h$" \
	    "|^(netinet|arpa|net|linux|asm)/"
	addresses["base"] = addresses["conf"] = "^(sys/socket|netinet/in|arpa/inet)\\.h$"

	# The one file of each library, or how the paths of its files begin.
	home["^event2/[bhkl]"] = "src/io/http" # buffers, HTTP, key-value queues, listeners
	home["^event2/[^bhkl]|^ev[a-z]*\\.h$"] = "src/io/loop"
	home["^sqlite3.*\\.h$"] = "src/io/historydb.c"
	home["^confuse\\.h$"] = "src/conf/parse.c"
	home["^libtelnet\\.h$"] = "src/wire/telnet.c"
	home["^jansson"] = "src/views/ src/io/control_stream.c src/cli/"
	home["^libserialport\\.h$"] = "src/ports/ttyopen.c"
}
{
	from = folder($1)
	if (!(from in may))
		say("the folder has no rule in tests/floors.sh")
	for (library in home)
		if ($4 ~ library && !is_at($1, home[library]))
			say("only " home[library] " may")
}
$3 == "\"" {
	to = $4 == "rfc2217.h" ? "rfc2217" : folder($4)
	if (to == $4)
		say("write the folder, as in \"base/ring.h\"")
	else if (index(" " may[from] " ", " " to " ") == 0 &&
	    index(" " may[from] " ", " " $4 " ") == 0)
		say(from " may include only: " may[from])
}
$3 == "<" && index(pure, " " from " ") > 0 && $4 ~ impure {
	if (!(from in addresses) || $4 !~ addresses[from])
		say(from " is pure")
}
END {
	if (NR == 0)
		print "no #include found"
	failed = broken > 0 || NR == 0
	printf "%d passed, %d failed, 0 skipped\n", !failed, failed
	exit failed
}'

includes | awk "$rules"
