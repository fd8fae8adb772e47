# shellcheck shell=bash
# What scripts/try and scripts/check share: setting up and building.  Sourced by bash, from anywhere.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:/usr/sbin:/sbin # not on everybody's, and chat, ip and others are there

# What is needed as PROBE=PACKAGE, PACKAGE being Debian's and Ubuntu's name of it.  A probe is
# c:COMMAND, d:PACKAGE (of which nothing else tells), h:HEADER, l:PKG-CONFIG-NAME or p:PYTHON-MODULE.
needed_to_build="c:gcc=gcc h:stdio.h=libc6-dev c:make=make c:autoreconf=autoconf c:automake=automake
	c:libtoolize=libtool c:pkg-config=pkg-config l:libevent_core=libevent-dev
	l:libconfuse=libconfuse-dev l:libtelnet=libtelnet-dev l:libserialport=libserialport-dev
	l:jansson=libjansson-dev l:sqlite3=libsqlite3-dev l:zlib=zlib1g-dev l:check=check"
needed_to_test="c:/usr/bin/python3=python3 p:serial=python3-serial c:mandoc=mandoc c:kermit=ckermit
	c:gensiot=gensio-bin c:telnet=telnet c:microcom=microcom c:nc=netcat-openbsd c:sz=lrzsz
	c:ip=iproute2 c:unshare=util-linux c:chat=ppp"
needed_by_full="c:strace=strace c:valgrind=valgrind d:libc6-dbg=libc6-dbg c:clang=clang d:libclang-rt-dev=libclang-rt-dev c:musl-gcc=musl-tools
	h:gnu/stubs-32.h=libc6-dev-i386 c:xz=xz-utils c:promtool=prometheus c:systemd-analyze=systemd
	c:chromium=chromium c:chromedriver=chromium-driver c:npm=npm c:debootstrap=debootstrap"
axe=axe-core@4.14.1 # for the accessibility of the status page; from npm, into build/npm

have()
{
	case $1 in
	c:*) command -v "${1#*:}" >/dev/null ;;
	d:*) ! command -v dpkg >/dev/null || dpkg -s "${1#*:}" >/dev/null 2>&1 ;;
	h:*) echo "#include <${1#*:}>" | cc -E - >/dev/null 2>&1 ;;
	l:*) pkg-config --exists "${1#*:}" 2>/dev/null ;;
	p:*) /usr/bin/python3 -c "import ${1#*:}" 2>/dev/null ;;
	esac
}

# The packages of those given that are missing.
missing()
{
	local need
	for need in "$@"; do
		have "${need%=*}" || echo "${need#*=}"
	done
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	else
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

# get LISTS ARGUMENT...: apt-get that keeps neither packages nor what it reads of all that there are, which is in LISTS.
get()
{
	local lists=$1
	shift
	as_root apt-get -qq -o APT::Keep-Downloaded-Packages="${KEEP_PACKAGES:-false}" \
		-o Dir::State::lists="$lists" -o Acquire::GzipIndexes=true -o Acquire::Languages=none "$@" </dev/null
}

# install PACKAGE... : all at once, or, where a release lacks one of them, each that there is.
install()
{
	local package lists caches=/var/cache/apt/pkgcache.bin
	[ -e "$caches" ] && caches= || caches="$caches /var/cache/apt/srcpkgcache.bin"
	echo "installing: $*"
	lists=$(mktemp -d) || return
	mkdir "$lists/partial"
	chmod 755 "$lists" "$lists/partial" # for the user that apt reads as
	get "$lists" update || true
	get "$lists" install -y --no-install-recommends "$@" >/dev/null || for package in "$@"; do
		get "$lists" install -y --no-install-recommends "$package" >/dev/null || echo "no package $package"
	done
	# shellcheck disable=SC2086 # two of them, or none
	as_root rm -rf "$lists" $caches
}

# Without what npm has, the one test that wants it is skipped.
install_axe()
{
	local there=$root/build/npm/node_modules/axe-core/package.json
	grep -q "\"version\": \"${axe#*@}\"" "$there" 2>/dev/null && return
	command -v npm >/dev/null || return 0
	mkdir -p "$root/build/npm"
	npm install --prefix "$root/build/npm" --no-save --no-package-lock --ignore-scripts --silent \
		"$axe" </dev/null >/dev/null 2>&1 || echo "no package $axe"
}

# set_up [test | full]: installs what is missing, or names it and gives up.  Without a program that
# only some tests want, those tests are skipped.
set_up()
{
	local lack needs=$needed_to_build
	[ -z "${1-}" ] || needs="$needs $needed_to_test"
	[ "${1-}" != full ] || needs="$needs $needed_by_full"
	# shellcheck disable=SC2086 # lists of words
	lack=$(missing $needs)
	if [ -n "$lack" ] && command -v apt-get >/dev/null; then
		# shellcheck disable=SC2086
		install $lack
	elif [ -n "$lack" ]; then
		echo "missing, by their names in Debian:" $lack >&2
	fi
	# shellcheck disable=SC2086
	lack=$(missing $needed_to_build)
	if [ -n "$lack" ]; then
		# shellcheck disable=SC2086
		echo "cannot build without:" $lack >&2
		exit 1
	fi
	[ "${1-}" != full ] || install_axe
}

# quietly LOG COMMAND...: shows the end of what it wrote only if it fails.
quietly()
{
	local log=$1
	shift
	"$@" >"$log" 2>&1 </dev/null && return
	tail -n 60 "$log" >&2
	echo "failed: $* (all of it: $log)" >&2
	return 1
}

# configured NAME [OPTION...]: build/NAME, configured with these options; small, but with line numbers.
configured()
{
	local dir=$root/build/$1
	shift
	mkdir -p "$root/m4" "$dir"
	if [ ! -e "$root/configure" ]; then
		(cd "$root" && quietly "$dir/autoreconf.log" autoreconf -i) || return 1
		rm -rf "$root/autom4te.cache" # 2 MB, for another autoreconf
	fi
	if [ ! -e "$dir/Makefile" ] || [ "$*" != "$(cat "$dir/options" 2>/dev/null)" ]; then
		(cd "$dir" && quietly configure.log "$root/configure" CFLAGS="${CFLAGS--O2 -g1 -gz}" "$@") ||
			return 1
		echo "$*" >"$dir/options"
	fi
}

processors()
{
	nproc 2>/dev/null || echo 2
}
