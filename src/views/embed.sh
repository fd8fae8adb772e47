#!/bin/sh
# Writes files as C: of DIRECTORY/page.html the bytes are asset_page_html, their number asset_page_html_size.
#
#	embed.sh FILE... >assets.c
set -eu
echo '/* Made by embed.sh. */'
echo '#include "views/assets.h"'
for file; do
	name=asset_$(basename "$file" | tr -c 'A-Za-z0-9\n' '_')
	echo
	echo "const unsigned char $name[] = {"
	od -A n -v -t u1 "$file" | awk '{ for (i = 1; i <= NF; i++) printf "%s,", $i; print "" }'
	echo "};"
	echo "const size_t ${name}_size = sizeof $name;"
done
