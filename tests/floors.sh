#!/bin/sh
# Keeps the walls of the house (HACKING.md): which folder may include which, which folders are pure, that
# each outside library is included by one file, and that within a folder the files call down only: none in a
# circle.  Prints every line that breaks a rule.
#
#	floors.sh [SOURCE-DIRECTORY]	(BUILDDIR has the objects, of which is read who calls whom)
set -u
objects=${BUILDDIR:-$PWD}
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
	home["^event2/|^ev[a-z]*\\.h$"] = "src/io/loop"
	home["^sqlite3.*\\.h$"] = "src/io/historydb.c"
	home["^confuse\\.h$"] = "src/conf/parse.c"
	home["^libtelnet\\.h$"] = "src/wire/telnet.c"
	home["^zlib\\.h$"] = "src/io/http_gzip.c"
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
	printf "%d passed, %d failed\n", !failed, failed
	exit failed
}'

# Within a folder: "FOLDER FILE FILE WHY", a header that includes another.
included() {
	includes | awk '$1 ~ /\.h$/ && $3 == "\"" {
		folder = file = $1
		sub(/\/[^\/]*$/, "", folder)
		sub(/^.*\//, "", file)
		to = $4
		if (sub("^" substr(folder, index(folder, "/") + 1) "/", "", to) && to !~ /\//)
			print folder, file, to, "includes it"
	}'
}

# The same, a .c file that uses a function or an object of another; the objects of files that are no more do not count.
called() {
	find rfc2217 src -name '*.c' | sed 's,^,source - - ,'
	cd "$objects" && find rfc2217 src -name '*.o' ! -path '*/.libs/*' -exec nm -A -g {} + | sed 's/:/ /'
}
calls='
$1 == "source" { exists[$4] = 1; next }
{
	folder = $1
	sub(/\/[^\/]*$/, "", folder)
	file = substr($1, length(folder) + 2)
	sub(/^([a-z_0-9]*_a|modemshared?)-/, "", file)
	sub(/\.o$/, ".c", file)
	if (!((folder "/" file) in exists))
		next
	objects[folder "/" file] = 1
	if ($(NF - 1) == "U")
		uses[folder, file, $NF] = 1
	else if ($NF !~ /^__/)
		home[folder, $NF] = file
}
END {
	for (path in exists)
		if (!(path in objects) && path !~ /assets\.c$/)
			print path, "- - has no object in the build directory"
	for (use in uses) {
		split(use, part, SUBSEP)
		to = home[part[1], part[3]]
		if (to != "" && to != part[2])
			print part[1], part[2], to, part[3]
	}
}'

circles='
function allow(files, why) { circle[++n_circles] = " " files " "; reason[n_circles] = why }
BEGIN {
	# Files that call each other in a circle, and why they may.
	allow("src/daemon/daemon.c src/daemon/daemon_act.c src/daemon/daemon_publish.c src/daemon/daemon_reload.c", \
	    "being redrawn")
	allow("src/modem/vmodem.c src/modem/vmodem_call.c src/modem/vmodem_command.c", \
	    "one machine: a command may begin or end a call, and what comes of either is told and shown by vmodem.c")
	allow("src/modem/handover.c src/modem/handover_dialogue.c", \
	    "one machine: the dialogue is a step of it, and asks it for the times of its configuration")
	allow("src/io/loop.c src/io/loop_fd.c", "one loop: what hardly ever comes is watched by an epoll within it")
	allow("src/io/history.c src/io/history_query.c src/io/history_thread.c", \
	    "one queue between two threads: whichever leaves last frees it")
	allow("src/io/control_client.c src/io/control_stream.c", \
	    "one connection: its streams write to it, and it ends when one of them fails")
}
$2 == "-" { print "FAIL " $0; failed++; next }
{
	edges++
	if (!(($1, $2) in member)) { member[$1, $2] = 1; list[$1] = list[$1] " " $2 }
	if (!(($1, $3) in member)) { member[$1, $3] = 1; list[$1] = list[$1] " " $3 }
	reach[$1, $2, $3] = 1
	said[$1, $2, $3] = said[$1, $2, $3] " " $4
}
function close_over(folder,	file, n, i, j, k) {
	n = split(list[folder], file, " ")
	for (k = 1; k <= n; k++)
		for (i = 1; i <= n; i++)
			if ((folder, file[i], file[k]) in reach)
				for (j = 1; j <= n; j++)
					if ((folder, file[k], file[j]) in reach)
						reach[folder, file[i], file[j]] = 1
}
# Are all of the files in one of the circles that may be?
function may_be(folder, files,	file, n, i, k, all) {
	n = split(files, file, " ")
	for (k = 1; k <= n_circles; k++) {
		all = 1
		for (i = 1; i <= n; i++)
			if (index(circle[k], " " folder "/" file[i] " ") == 0)
				all = 0
		if (all) {
			seen[k] = 1
			return 1
		}
	}
	return 0
}
function tell(folder, files,	file, n, i, j) {
	print "FAIL " folder ": a circle of" files
	n = split(files, file, " ")
	for (i = 1; i <= n; i++)
		for (j = 1; j <= n; j++)
			if ((folder, file[i], file[j]) in said)
				print "    " file[i] " of " file[j] ":" said[folder, file[i], file[j]]
}
function look(folder,	file, n, i, j, files, done) {
	close_over(folder)
	n = split(list[folder], file, " ")
	for (i = 1; i <= n; i++) {
		if (((folder, file[i]) in done) || !((folder, file[i], file[i]) in reach))
			continue
		files = ""
		for (j = 1; j <= n; j++)
			if (((folder, file[i], file[j]) in reach) && ((folder, file[j], file[i]) in reach)) {
				files = files " " file[j]
				done[folder, file[j]] = 1
			}
		if (!may_be(folder, files)) {
			tell(folder, files)
			failed++
		}
	}
}
END {
	for (folder in list) {
		folders++
		look(folder)
	}
	for (k = 1; k <= n_circles; k++)
		if (!(k in seen)) {
			print "FAIL no circle any more, take it off the list:" circle[k]
			failed++
		}
	if (edges == 0)
		print "no object found"
	printf "%d passed, %d failed\n", folders, failed + (edges == 0)
}'

{
	includes | awk "$rules"
	{ included; called | awk "$calls"; } | awk "$circles"
} | awk '
	/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; next }
	{ print }
	END { printf "%d passed, %d failed, 0 skipped\n", passed, failed; exit failed > 0 }'
