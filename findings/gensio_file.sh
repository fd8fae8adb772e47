#!/bin/sh
# gensio: the "file" gensio neither truncates nor appends: a shorter text leaves the end of the old one.
#
# gensio(5) on file(outfile=NAME): data will be written to the output file; "create" makes it if it is
# missing.  Of its trace filter the page says that the file is appended to, with an option that
# deletes the old data.
# Guess: it begins an empty file, as cp and the shell's > do; or else it appends, like trace.
# Seen: it writes over the old text from its first byte, and leaves what is longer: a capture of one
# session, kept in the same file as the one before, ends with a piece of that one, status 0.
# create makes no difference, and no option of the page does it otherwise.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

need timeout
deb gensio-bin=2.6.2-4 libgensio4=2.6.2-4
LD_LIBRARY_PATH=$(dirname "$(find "$t/root" -name 'libgensio.so.4' | head -n 1)")
export LD_LIBRARY_PATH
"$t/root/usr/bin/gensiot" --version >/dev/null 2>&1 || skip "gensiot's libraries are missing"

# capture TEXT OPTIONS: the file after it was written, and after that text.
capture()
{
	printf 'yesterday: 5551234\n' >"$t/capture"
	printf '%s\n' "$1" | timeout 20 "$t/root/usr/bin/gensiot" -i 'stdio(self)' "file(outfile=$t/capture$2)" 2>&1
	echo "status $?: $(tr '\n' '|' <"$t/capture")"
}

seen=$(capture today ""; capture today ",create")

verdict "gensio 2.6.2-4 (Debian 12)" \
	"the file holds the new text alone, or the old one and then the new one" \
	"the new text lies over the beginning of the old one" \
	"status 0: today|day: 5551234|
status 0: today|day: 5551234|" "$seen"
