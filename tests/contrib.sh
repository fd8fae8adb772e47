#!/bin/sh
# What stands in contrib/ is right by the programs that read it: the systemd unit and its user, the
# udev rules, the Prometheus sample; and the completion by bash.
set -u
: "${srcdir:=.}"
PATH=$PATH:/usr/sbin:/sbin
passed=0 failed=0 skipped=0
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
contrib=$(cd "$srcdir/contrib" && pwd) || exit 1

# is WHAT PROGRAM ARGUMENT...: one test; what it says goes to standard output.
is() {
	what=$1
	shift
	if ! command -v "$1" >/dev/null; then
		echo "SKIP $what: needs $1"
		skipped=$((skipped + 1))
	elif "$@" >"$directory/output" 2>&1 && ! grep -iE "unknown|ignoring" "$directory/output"; then
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		cat "$directory/output"
		failed=$((failed + 1))
	fi
}

# The programs that the unit names need not be installed for that; it names none but ours, which are there.
sed -e "s,/usr/sbin/modemshared,${MODEMSHARED:-/bin/true}," -e "s,/usr/bin/modemshare ,${MODEMSHARE:-/bin/true} ," \
	-e '/^Documentation=/d' "$contrib/systemd/modemshared.service" >"$directory/modemshared.service"
is "the programs of the unit" awk '
	/^Exec/ { sub(/^[^=]*=/, ""); if (!/^\/usr\/(sbin\/modemshared|bin\/modemshare) /) { print; bad = 1 } }
	END { exit bad }' "$contrib/systemd/modemshared.service"
is "the unit" systemd-analyze verify --man=no "$directory/modemshared.service"
is "the user" systemd-sysusers --dry-run "$contrib/systemd/modemshare.conf"
is "the sample for Prometheus" promtool check config "$contrib/prometheus/modemshare.yml"
is "the completion" bash -n "$contrib/bash-completion/modemshare"

# udevadm has no check of its own before version 254: each line is one of its words, or a comment.
is "the udev rules" awk '
	/^#?(ACTION|SUBSYSTEM|ATTRS|ENV|LABEL|GOTO)[{=!]/ {
		rest = $0
		sub(/^#/, "", rest)
		gsub(/[A-Z]+({[A-Za-z_]+})?(==|!=|=)"[A-Za-z0-9_]+"/, "", rest)
		if (rest !~ /^[, ]*$/) { print FILENAME ": " $0; bad = 1 }
		next
	}
	!/^#|^$/ { print FILENAME ": " $0; bad = 1 }
	END { exit bad }' "$contrib/udev/60-modemshare.rules"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
