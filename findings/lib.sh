# shellcheck shell=sh
# What the findings share: fetching packages, and the verdict.  Sourced; makes the folder $t.

set -u
t=$(mktemp -d) || exit 77
trap 'rm -rf "$t"' EXIT
trap 'exit 2' HUP INT TERM

skip()
{
	echo "SKIP $*"
	exit 77
}

# need PROGRAM...: what has to be installed.
need()
{
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "needs $program"
	done
}

# deb PACKAGE=VERSION...: Debian packages, unpacked into $t/root.
deb()
{
	need apt-get dpkg-deb
	for package in "$@"; do
		(cd "$t" && apt-get download -qq "$package" >/dev/null 2>&1) || skip "no package $package here"
	done
	for package in "$t"/*.deb; do
		dpkg-deb -x "$package" "$t/root" || skip "cannot unpack ${package##*/}"
	done
}

# npm_get PACKAGE@VERSION...: packages of npm, in $t/node_modules.
npm_get()
{
	need node npm
	(cd "$t" && echo '{"private":true}' >package.json &&
		npm install --ignore-scripts --no-audit --no-fund "$@" >/dev/null 2>&1) || skip "no $* here"
}

# verdict VERSION GUESS BEHAVIOUR EXPECTED SEEN: prints all of it, ends the script.
verdict()
{
	printf 'version:   %s\nguess:     %s\nbehaviour: %s\nseen:\n' "$1" "$2" "$3"
	printf '%s\n' "$5" | sed 's/^/    /'
	[ "$4" = "$5" ] && exit 0
	printf 'changed; it was:\n'
	printf '%s\n' "$4" | sed 's/^/    /'
	exit 1
}
