/*
 * Every error and warning of a configuration file, with its line and word for word, and beside
 * them what looks wrong and is not.
 */
#include "conftext.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define BUILT_IN " with device = \"virtual\"; expected it only with a path as device\n"

static const struct {
	const char *text, *report;
} errors[] = {
	{ "", "F: no line; expected at least one, as line \"modem1\" { ... }\n" },
	{ "# only words", "F: no line; expected at least one, as line \"modem1\" { ... }\n" },
	/* keys */
	{ "# a\n/* b\n*/ // c\nlog-levl = info\n",
	  "F:4: unknown key \"log-levl\"; expected a key of the file; did you mean \"log-level\"?\n" },
	{ "linse \"a\" { }", "F:1: unknown key \"linse\"; expected a key of the file; did you mean "
	  "\"line\"?\n" },
	{ "lines = a", "F:1: unknown key \"lines\"; expected it inside a service\n" },
	{ MODEM " lines = m\n}", "F:5: unknown key \"lines\"; expected it inside a service\n" },
	{ MODEM " pick = first\n}", "F:5: unknown key \"pick\"; expected it inside a service\n" },
	{ "busy = queue", "F:1: unknown key \"busy\"; expected it inside a line or service\n" },
	{ "service s {\n speed = 300\n}", "F:2: unknown key \"speed\"; expected it inside a line\n" },
	{ "service s {\n number 1 { to = busy }\n}",
	  "F:2: unknown key \"number\"; expected a key of a service\n" },
	{ "service s {\n log-level = info\n}",
	  "F:2: unknown key \"log-level\"; expected it outside the service\n" },
	{ VIRTUAL " number 1 {\n max-clients = 3\n}\n}",
	  "F:5: unknown key \"max-clients\"; expected it outside the number\n" },
	{ "service s {\n qeue-limit = 3\n}", "F:2: unknown key \"qeue-limit\"; expected a key of a "
	  "service; did you mean \"queue-limit\"?\n" },
	{ "servise s { }", "F:1: unknown key \"servise\"; expected a key of the file; did you mean "
	  "\"service\"?\n" },
	{ "zebra = 1", "F:1: unknown key \"zebra\"; expected a key of the file\n" },
	{ MODEM " sped = 9600\n}", "F:5: unknown key \"sped\"; expected a key of a line; did you mean "
	  "\"speed\"?\n" },
	{ MODEM " max-clients = 9\n}", "F:5: unknown key \"max-clients\"; expected it outside the line\n" },
	{ "speed = 9600\n", "F:1: unknown key \"speed\"; expected it inside a line\n" },
	{ VIRTUAL " number 1 {\n tu = busy\n}\n}",
	  "F:5: unknown key \"tu\"; expected a key of a number; did you mean \"to\"?\n" },
	{ MODEM " history-days = 3\n}",
	  "F:5: unknown key \"history-days\"; expected it outside the line\n" },
	{ "history-day = 3", "F:1: unknown key \"history-day\"; expected a key of the file; did you "
	  "mean \"history-days\"?\n" },
	{ "history-size = 256MB\n" MODEM "}", "F:1: history-size = \"256MB\"; expected a size from 4MiB to 1TiB (KiB, "
	  "MiB, GiB, TiB)\n" },
	{ "history-days = 36501\n" MODEM "}", "F:1: history-days = \"36501\"; expected a number from 0 "
	  "to 36500\n" },
	/* the status page */
	{ "statsu { }", "F:1: unknown key \"statsu\"; expected a key of the file; did you mean "
	  "\"status\"?\n" },
	{ "status {\n lisen = 5\n}", "F:2: unknown key \"lisen\"; expected a key of status; did you "
	  "mean \"listen\"?\n" },
	{ "status {\n zebra = 5\n}", "F:2: unknown key \"zebra\"; expected a key of status\n" },
	{ "status {\n allow = any\n}",
	  "F:2: unknown key \"allow\"; expected it inside a line or service\n" },
	{ "status {\n speed = 300\n}", "F:2: unknown key \"speed\"; expected it inside a line\n" },
	{ "status {\n history-days = 3\n}",
	  "F:2: unknown key \"history-days\"; expected it outside status\n" },
	{ "status {\n line l { }\n}", "F:2: unknown key \"line\"; expected \"}\" before it\n" },
	{ MODEM " status { listen = 5 }\n}", "F:5: unknown key \"status\"; expected \"}\" before it\n" },
	{ "status {\n}\n" MODEM "}",
	  "F:1: status without listen; expected listen = { addresses to listen on }\n" },
	{ "\nlog-level = info status\n{ }\n" MODEM "}",
	  "F:2: status without listen; expected listen = { addresses to listen on }\n" },
	{ "log-level = info status { listen = 5 } status { listen = 6 }",
	  "F:1: status is given twice, first at line 1; expected it once\n" },
	{ "status {\n listen = { 1, 2, 3, 4, 5, 6, 7, 8, \"127.0.0.1:9\" }\n}\n" MODEM "}",
	  "F:2: status on 17 addresses; expected at most 16, where a port alone is two\n" },
	{ "status {\n listen = { }\n}", "F:2: an empty list; expected at least one value\n" },
	{ "status {\n listen = x\n}\n" MODEM "}", "F:2: listen = \"x\"; expected PORT, ADDRESS:PORT or "
	  "[V6-ADDRESS]:PORT, with a port from 0 to 65535\n" },
	{ "status { listen = 5 }\n\nstatus { listen = 6 }\n",
	  "F:3: status is given twice, first at line 1; expected it once\n" },
	{ "status { listen = 5 } status\n{ listen = 6 }\n",
	  "F:1: status is given twice, first at line 1; expected it once\n" },
	{ "status \"s\" { listen = 5 }\n", "F:1: status has no name; expected status { ... }\n" },
	{ "\nstatus s { listen = 5 }\n", "F:2: status has no name; expected status { ... }\n" },
	{ "status = 5\n", "F:1: no begin of the \"status\"; expected \"{\"\n" },
	{ "status {\n listen = 5\n", "F:1: a section that does not end; expected \"}\"\n" },
	{ "status {\n listen = 2217\n}\n" MODEM "}",
	  "F:2: 127.0.0.1:2217 is listened on twice, first at line 7; expected a port of its own\n" },
	{ MODEM "}\nservice s { listen = 5 lines = m }\nstatus { listen = \"[::1]:5\" }",
	  "F:7: [::1]:5 is listened on twice, first at line 6; expected a port of its own\n" },
	{ VIRTUAL " answer = 6\n}\nstatus { listen = { 7,\n6 } }",
	  "F:6: 127.0.0.1:6 is listened on twice, first at line 4; expected a port of its own\n" },
	{ VIRTUAL "}\nstatus { listen = { 7, 7 } }",
	  "F:5: 127.0.0.1:7 is listened on twice, first at line 5; expected a port of its own\n" },
	{ "run(\"/etc/passwd\")\n", "F:1: a function call; expected KEY = VALUE\n" },
	/* twice */
	{ MODEM "\n speed = 1200\n speed = 1200\n}",
	  "F:7: speed is given twice, first at line 6; expected it once\n" },
	{ MODEM " listen = { 5 }\n}", "F:5: listen is given twice, first at line 4; expected it once\n" },
	{ "log-level = info log-level = info",
	  "F:1: log-level is given twice, first at line 1; expected it once\n" },
	{ MODEM " allow += { any }\n}", "F:5: \"+\" outside a text; expected KEY = VALUE\n" },
	{ MODEM "}\n" MODEM "}", "F:6: two of the name \"m\"; expected different names\n" },
	{ VIRTUAL " number 1 { to = busy }\n number 1 { to = echo }\n}",
	  "F:5: two of the name \"1\"; expected different names\n" },
	{ MODEM "}\nline n {\n kind = modem\n device = \"/dev/m\"\n}",
	  "F:6: warning: line \"n\" has no listen: nobody can connect to it\n"
	  "F:8: line \"n\" has the device of line \"m\", at line 3; expected a device of its own\n" },
	/* addresses */
	{ MODEM "}\nline v {\n kind = modem\n device = virtual\n listen = 2217\n}",
	  "F:9: 127.0.0.1:2217 is listened on twice, first at line 4; expected a port of its own\n" },
	{ MODEM "}\nline v {\n kind = modem\n device = virtual\n listen = \"127.0.0.1:2217\"\n}",
	  "F:9: 127.0.0.1:2217 is listened on twice, first at line 4; expected a port of its own\n" },
	{ MODEM "}\nline v {\n kind = modem\n device = virtual\n listen = \"[::1]:2217\"\n}",
	  "F:9: [::1]:2217 is listened on twice, first at line 4; expected a port of its own\n" },
	{ MODEM "}\nline v {\n kind = modem\n device = virtual\n listen = \"0.0.0.0:2217\"\n"
	  " allow = any\n}",
	  "F:9: 0.0.0.0:2217 is listened on twice, first at line 4; expected a port of its own\n" },
	{ MODEM "}\nline v {\n kind = modem\n device = virtual\n listen = \"[::]:2217\"\n"
	  " allow = any\n}",
	  "F:9: [::]:2217 is listened on twice, first at line 4; expected a port of its own\n" },
	{ VIRTUAL " listen = { 5, 6, \"127.0.0.1:6\" }\n}",
	  "F:4: 127.0.0.1:6 is listened on twice, first at line 4; expected a port of its own\n" },
	{ VIRTUAL " listen = { \"192.0.2.1:5\" }\n}",
	  "F:4: listen on 192.0.2.1:5, which is not loopback, without allow; expected the addresses "
	  "that may connect, or allow = { \"any\" }\n" },
	{ VIRTUAL " listen = 5\n answer = { 6, 5 }\n}",
	  "F:5: 127.0.0.1:5 is listened on twice, first at line 4; expected a port of its own\n" },
	{ VIRTUAL " answer = { 6, 6 }\n}",
	  "F:4: 127.0.0.1:6 is listened on twice, first at line 4; expected a port of its own\n" },
	{ MODEM "}\n" VIRTUAL " answer = \"127.0.0.1:2217\"\n}",
	  "F:9: 127.0.0.1:2217 is listened on twice, first at line 4; expected a port of its own\n" },
	{ VIRTUAL " answer = { 7, \"192.0.2.1:5\" }\n}",
	  "F:4: answer on 192.0.2.1:5, which is not loopback, without allow; expected the addresses "
	  "that may connect, or allow = { \"any\" }\n" },
	{ VIRTUAL " answer = 70000\n}", "F:4: answer = \"70000\"; expected PORT, ADDRESS:PORT or "
	  "[V6-ADDRESS]:PORT, with a port from 0 to 65535\n" },
	{ "line m {\n kind = console\n device = \"/dev/pts/3\"\n session-limit = 1h\n listen = 5\n}",
	  "F:3: device = \"/dev/pts/3\"; expected a link to it, made by the program behind it: the number "
	  "may be another terminal's next\n" },
	{ "line m {\n kind = console\n device = \"//dev/./pts/12/\"\n session-limit = 1h\n listen = 5\n}",
	  "F:3: device = \"//dev/./pts/12/\"; expected a link to it, made by the program behind it: the number "
	  "may be another terminal's next\n" },
	{ MODEM " answer = 5\n}", "F:5: answer in a line with a device of its own; expected it only "
	  "with device = \"virtual\"\n" },
	{ MODEM " pace = true\n}", "F:5: pace in a line with a device of its own; expected it only "
	  "with device = \"virtual\"\n" },
	{ VIRTUAL " pace = slow\n}", "F:4: pace = \"slow\"; expected false or true\n" },
	{ CONSOLE " answer = 5 session-limit = 1h\n}",
	  "F:5: answer on a console; expected it only with kind = \"modem\"\n"
	  "F:5: answer in a line with a device of its own; expected it only with device = "
	  "\"virtual\"\n" },
	{ VIRTUAL " allow = any\n}", "F:4: allow without listen; expected listen in this line\n" },
	{ VIRTUAL " listen = { 5, \"[::]:5\" }\n}",
	  "F:4: listen on [::]:5, which is not loopback, without allow; expected the addresses that "
	  "may connect, or allow = { \"any\" }\n"
	  "F:4: [::]:5 is listened on twice, first at line 4; expected a port of its own\n" },
	/* values */
	{ MODEM " speed = fast\n}",
	  "F:5: speed = \"fast\"; expected a number from 50 to 4000000\n" },
	{ MODEM " claim = \"conect\"\n}",
	  "F:5: claim = \"conect\"; expected use or connect; did you mean \"connect\"?\n" },
	{ MODEM " activity = \"a\x01\"\n}",
	  "F:5: a control character in a text; expected printable characters\n" },
	{ MODEM " activity = \"a\xff\"\n}",
	  "F:5: activity = \"a\\xff\"; expected client, both or auto\n" },
	{ MODEM " claim-timeout = 2h\n}",
	  "F:5: claim-timeout = \"2h\"; expected a duration from 1s to 1h, or 0\n" },
	{ MODEM " drain = 2h\n}", "F:5: drain = \"2h\"; expected a duration from 0s to 1m\n" },
	{ MODEM " allow = { \"192.0.2.0/24\",\n \"alll\" }\n}",
	  "F:6: allow = \"alll\"; expected an IPv4 or IPv6 address, a prefix as 192.0.2.0/24 or "
	  "2001:db8::/32, \"any\" or \"loopback\"\n" },
	{ MODEM " keepalive = { 1, 2 }\n}", "F:5: keepalive has 2 values; expected three: seconds "
	  "idle, seconds between probes, probes\n" },
	{ MODEM " allow = { }\n}", "F:5: an empty list; expected at least one value\n" },
	{ MODEM " speed = {9600}\n}", "F:5: unexpected \"{\"; expected KEY = VALUE; is a quote, comma "
	  "or brace missing before it?\n" },
	/* between keys */
	{ "line l {\n}", "F:1: line \"l\" without kind; expected kind = \"modem\" or \"console\"\n"
	  "F:1: line \"l\" without device; expected device = a path, \"virtual\" or \"loopback\"\n"
	  "F:1: warning: line \"l\" has no listen: nobody can connect to it\n" },
	{ "line l {\n kind = modem\n device = lopback\n listen = 5\n}",
	  "F:3: device = \"lopback\"; expected a path that begins with \"/\", \"virtual\" or "
	  "\"loopback\"; did you mean \"loopback\"?\n" },
	{ "\n\nline 'a b' {\n\n kind = modem\n device = /d\n listen = 5\n}", "F:3: line \"a b\"; "
	  "expected a name of 1 to 32 letters, digits, \".\", \"_\" and \"-\"\n" },
	{ "line '' {\n kind = modem\n device = /d\n listen = 5\n}", "F:1: line \"\"; expected a name "
	  "of 1 to 32 letters, digits, \".\", \"_\" and \"-\"\n" },
	{ "line l {\n kind = console\n device = virtual\n}",
	  "F:3: device = \"virtual\" on a console; expected kind = \"modem\" with it\n" },
	{ "line l {\n kind = modem\n device = loopback\n listen = 5\n}",
	  "F:3: device = \"loopback\" on a modem; expected kind = \"console\" with it\n" },
	{ "line l {\n kind = console\n device = /d\n listen = 5\n session-limit = 1h\n"
	  " after-call = 1m\n inactivity-in-call = 0\n}",
	  "F:7: inactivity-in-call on a console; expected it only with kind = \"modem\"\n"
	  "F:6: after-call on a console; expected it only with kind = \"modem\"\n" },
	{ MODEM " number 1 { to = busy }\n}", "F:5: number in a line with a device of its own; "
	  "expected it only with device = \"virtual\"\n" },
	{ VIRTUAL " number 1\n { }\n}", "F:4: number without \"to\"; expected to = \"echo\" or the "
	  "like\n" },
	{ VIRTUAL " number 1a { to = busy }\n}", "F:4: number \"1a\"; expected 1 to 32 of the digits "
	  "0 to 9, *, #, A to D\n" },
	{ VIRTUAL " number 1 { to = bussy }\n}", "F:4: to = \"bussy\"; expected echo, line:NAME, "
	  "tcp:HOST:PORT, telnet:HOST:PORT, busy, no-answer, no-dialtone or no-carrier; did you mean \"busy\"?\n" },
	{ VIRTUAL "\n number 1 { to = \"line:v\" }\n}", "F:5: number to line \"v\"; expected the name "
	  "of another line with device = \"virtual\"\n" },
	{ VIRTUAL " number 1 { to = \"line:m\" }\n}\n" MODEM "}", "F:4: number to line \"m\"; expected "
	  "the name of another line with device = \"virtual\"\n" },
	{ VIRTUAL " number 1 { to = \"line:none\" }\n}", "F:4: number to line \"none\"; expected the "
	  "name of another line with device = \"virtual\"\n" },
	{ MODEM " protocol = raw\n claim = use\n}", "F:6: claim = \"use\" with protocol = \"raw\"; "
	  "expected \"connect\", or no claim\n" },
	{ VIRTUAL " claim = use\n}", "F:4: claim without listen; expected listen in this line\n" },
	/* bringing back: of what has no modem of its own */
	{ CONSOLE " hangup = dtr\n init = { }\n init-timeout = 1s\n init-pause = 1s\n settle-time = 1s\n"
	  " carrier-timeout = 1s\n guard-time = 1s\n attempts = 1\n retest = 1s\n session-limit = 1h\n}",
	  "F:5: hangup on a console; expected it only with kind = \"modem\"\n"
	  "F:6: init on a console; expected it only with kind = \"modem\"\n"
	  "F:7: init-timeout on a console; expected it only with kind = \"modem\"\n"
	  "F:8: init-pause on a console; expected it only with kind = \"modem\"\n"
	  "F:9: settle-time on a console; expected it only with kind = \"modem\"\n"
	  "F:10: carrier-timeout on a console; expected it only with kind = \"modem\"\n"
	  "F:11: guard-time on a console; expected it only with kind = \"modem\"\n"
	  "F:12: attempts on a console; expected it only with kind = \"modem\"\n"
	  "F:13: retest on a console; expected it only with kind = \"modem\"\n" },
	{ VIRTUAL " hangup = dtr\n init = { }\n init-timeout = 1s\n init-pause = 1s\n settle-time = 1s\n"
	  " carrier-timeout = 1s\n guard-time = 1s\n attempts = 1\n retest = 1s\n host-sharing = false\n}",
	  "F:13: host-sharing" BUILT_IN "F:4: hangup" BUILT_IN "F:5: init" BUILT_IN "F:6: init-timeout"
	  BUILT_IN "F:7: init-pause" BUILT_IN "F:8: settle-time" BUILT_IN "F:9: carrier-timeout" BUILT_IN
	  "F:10: guard-time" BUILT_IN "F:11: attempts" BUILT_IN "F:12: retest" BUILT_IN },
	{ "line l {\n kind = console\n device = loopback\n listen = 5\n session-limit = 1h\n"
	  " host-sharing = true\n}", "F:6: host-sharing with device = \"loopback\"; expected it only "
	  "with a path as device\n" },
	{ MODEM " hangup = { dtr, escap }\n}", "F:5: hangup = \"escap\"; expected dtr, escape or an AT "
	  "command, at most 64 printable characters of ASCII; did you mean \"escape\"?\n" },
	{ MODEM " hangup = { }\n}", "F:5: an empty list; expected at least one value\n" },
	{ MODEM " init = { \"+CGAUTH=1,1,\\\"secret\\\"\" }\n}", "F:5: init = \"+CGAUTH...\"; expected an AT command, "
	    "at most 64 printable characters of ASCII\n" },
	{ MODEM " init = { ATZ, H }\n}", "F:5: init = \"H\"; expected an AT command, at most 64 "
	  "printable characters of ASCII\n" },
	/* services */
	{ MODEM "}\nservice s {\n}", "F:6: service \"s\" without listen; expected listen = { addresses "
	  "to listen on }\n"
	  "F:6: service \"s\" without lines; expected lines = { names of lines }\n" },
	{ MODEM "}\nservice s {\n listen = 5\n lines = { m, n }\n}",
	  "F:8: lines = \"n\"; expected the name of a line\n" },
	{ "service s {\n listen = 5\n lines = modm1\n}\nline modem1 {\n kind = modem\n device = /d\n"
	  " listen = 6\n}", "F:3: lines = \"modm1\"; expected the name of a line; did you mean "
	  "\"modem1\"?\n" },
	{ MODEM "}\nservice s {\n listen = 5\n lines = { m,\n m }\n}",
	  "F:9: lines = \"m\"; expected each line once\n" },
	{ MODEM "}\nservice s {\n listen = 5\n lines = { }\n}",
	  "F:8: an empty list; expected at least one value\n" },
	{ MODEM "}\nservice m {\n listen = 5\n lines = m\n}", "F:6: service \"m\" and a line of that "
	  "name that listens; expected different names\n" },
	{ MODEM "}\nservice 'a b' {\n listen = 5\n lines = m\n}", "F:6: service \"a b\"; expected a name "
	  "of 1 to 32 letters, digits, \".\", \"_\" and \"-\"\n" },
	{ MODEM "}\nservice s { listen = 5 lines = m }\nservice s { listen = 6 lines = m }",
	  "F:7: two of the name \"s\"; expected different names\n" },
	{ MODEM "}\n" CONSOLE " session-limit = 1h\n}\nservice s {\n listen = 5\n lines = { m, c }\n}",
	  "F:14: line \"m\" is a modem and line \"c\" a console; expected lines of one kind in a "
	  "service\n" },
	{ CONSOLE " session-limit = 1h\n}\nservice s {\n listen = 5\n lines = c\n session-limit = 1h\n"
	  " after-call = 1m\n}", "F:11: after-call in a service of consoles; expected it only with "
	  "modems\n" },
	{ MODEM "}\nservice s {\n listen = \"0.0.0.0:5\"\n lines = m\n}",
	  "F:7: listen on 0.0.0.0:5, which is not loopback, without allow; expected the addresses that "
	  "may connect, or allow = { \"any\" }\n" },
	{ MODEM "}\nservice s {\n listen = 2217\n lines = m\n}",
	  "F:7: 127.0.0.1:2217 is listened on twice, first at line 4; expected a port of its own\n" },
	{ MODEM "}\n" VIRTUAL " answer = 5\n}\nservice s {\n listen = 5\n lines = m\n}",
	  "F:12: 127.0.0.1:5 is listened on twice, first at line 9; expected a port of its own\n" },
	{ MODEM "}\nservice s {\n listen = 5\n lines = m\n}\nservice t {\n lines = m\n listen = 5\n}",
	  "F:12: 127.0.0.1:5 is listened on twice, first at line 7; expected a port of its own\n" },
	{ MODEM "}\nservice s {\n listen = 5\n lines = m\n protocol = raw\n claim = use\n}",
	  "F:10: claim = \"use\" with protocol = \"raw\"; expected \"connect\", or no claim\n" },
	{ MODEM "\n service s { }\n}", "F:6: unknown key \"service\"; expected \"}\" before it\n" },
	{ "service s { listen = 5 lines = x }",
	  "F:1: lines = \"x\"; expected the name of a line\n"
	  "F: no line; expected at least one, as line \"modem1\" { ... }\n" },
	/* braces, quotes, marks */
	{ MODEM, "F:1: a section that does not end; expected \"}\"\n" },
	{ "log-level = info\n" MODEM " number 1 {\n to = busy\n",
	  "F:6: a section that does not end; expected \"}\"\n" },
	{ MODEM " allow = { any\n", "F:5: a list that does not end; expected \"}\"\n" },
	{ MODEM "\n" CONSOLE "}\n", "F:1: a section that does not end; expected \"}\"\n" },
	{ MODEM "\n" CONSOLE "}\n}\n", "F:6: unknown key \"line\"; expected \"}\" before it\n" },
	{ MODEM "}\n}\n", "F:6: \"}\" without an open brace; expected a key or a section\n" },
	{ "line l\n kind = modem\n}\n", "F:3: \"}\" without an open brace; expected a key or a "
	  "section\n" },
	{ "line {\n}", "F:1: no name of the \"line\"; expected it in quotes, then \"{\"\n" },
	{ MODEM " speed 9600\n}", "F:5: no value for \"speed\"; expected \"=\" after it\n" },
	{ MODEM " speed =\n}", "F:6: unexpected \"}\"; expected KEY = VALUE; is a quote, comma or brace "
	  "missing before it?\n" },
	{ MODEM " speed = 9600 = 3\n}", "F:5: unexpected \"=\"; expected KEY = VALUE; is a quote, "
	  "comma or brace missing before it?\n" },
	{ "line l {\n kind = modem,\n device = /d\n}", "F:2: unexpected \",\"; expected KEY = VALUE; "
	  "is a quote, comma or brace missing before it?\n" },
	{ "= 3", "F:1: \"=\" without a key; expected KEY = VALUE\n" },
	{ "'log-level' = info", "F:1: a key in quotes; expected it without\n" },
	{ "{ { { { { } } } } }", "F:1: too many braces inside each other; expected \"}\"\n" },
	{ MODEM " claim = \"use\n}", "F:5: a text that does not end on its line; expected a closing "
	  "quote\n" },
	{ "log-level = \"info", "F:1: a text that does not end; expected a closing quote\n" },
	{ "log-level = 'info\\", "F:1: a text that does not end; expected a closing quote\n" },
	{ "\n/* ...\n", "F:2: a comment that does not end; expected \"*/\"\n" },
	{ "/*/", "F:1: a comment that does not end; expected \"*/\"\n" },
	{ "run-as = \"a b\"", "F:1: run-as = \"a b\"; expected the name of a user, or \"\" for none\n"
	  "F: no line; expected at least one, as line \"modem1\" { ... }\n" },
	{ "lock-directory = \"${HOME}\"", "F:1: \"${\" in a text; expected the value itself\n" },
	{ "lock-directory = ${HOME}", "F:1: the character $ outside a text; expected quotes around the "
	  "value\n" },
	{ "lock-directory = \"/a\\0b\"", "F:1: a single backslash in a text; expected \"\\\\\" for a "
	  "backslash, or single quotes around the text\n" },
	{ "lock-directory = /a|b", "F:1: the character | outside a text; expected quotes around the "
	  "value\n" },
	{ "\n\xc3\xa4 = 1", "F:2: the character \\xc3 outside a text; expected quotes around the "
	  "value\n" },
};

START_TEST(says_what_is_wrong)
{
	ck_assert_msg(parse(errors[_i].text) == NULL, "taken:\n%s", errors[_i].text);
	ck_assert_str_eq(report.text, errors[_i].report);
}
END_TEST

START_TEST(says_all_that_is_wrong)
{
	ck_assert_ptr_null(parse("log-level = x\nmax-clients = 0\n" MODEM
	    " speed = 1\n drain = x\n}"));
	ck_assert_uint_eq(report.errors, 4);
}
END_TEST

/* ---- warnings ---- */

static const struct {
	const char *text, *report;
} warnings[] = {
	{ MODEM " session-limit = 0\n}", "F:5: warning: line \"m\" has no session-limit: a client that "
	  "stays active keeps it for ever\n" },
	{ "\n" CONSOLE "}", "F:2: warning: line \"c\" has no session-limit: a client that stays active "
	  "keeps it for ever\n" },
	{ CONSOLE " session-limit = 1h\n}", "" },
	{ MODEM " keepalive = { 0, 10, 3 }\n}", "F:5: warning: keepalive is off: a dead client keeps "
	  "the line until another limit ends\n" },
	{ MODEM " inactivity = 13h\n}",
	  "F:5: warning: inactivity is not shorter than session-limit and never applies\n" },
	{ MODEM " session-limit = 15m\n}",
	  "F:5: warning: inactivity-in-call is not shorter than session-limit and never applies\n" },
	{ MODEM " session-limit = 901s\n}", "" },
	{ "line l {\n kind = modem\n device = /d\n}",
	  "F:1: warning: line \"l\" has no listen: nobody can connect to it\n" },
	{ VIRTUAL "}", "" },
	{ VIRTUAL "}\nstatus { listen = { 80, \"127.0.0.2:80\", \"[::1]:81\" } }", "" },
	{ VIRTUAL "}\nstatus { listen = { 80,\n \"192.0.2.1:80\", \"[::]:81\" } }",
	  "F:5: warning: status page on 192.0.2.1:80, which is not loopback: everybody who can reach it "
	  "can read it\n" },
	/* words that are sections elsewhere: the line is still right */
	{ "line service { kind = modem device = virtual listen = 5 }\nservice line { listen = 6 lines = "
	  "service }\nstatus { listen = 7 }\nline status {\n kind = modem\n device = /d\n}",
	  "F:4: warning: line \"status\" has no listen: nobody can connect to it\n" },
	{ "line status { kind = modem device = virtual }\nservice a { listen = 6 lines = status }\n"
	  "status { listen = 7 }\nservice b {\n listen = 8 lines = status\n queue-wait = 1m\n}",
	  "F:6: warning: queue-wait without busy = \"queue\": nobody waits in a queue\n" },
	/* stage by stage: what is given and has nothing to act on */
	{ MODEM " hangup-time = 0\n hangup = { escape, dtr }\n}", "F:6: warning: \"dtr\" in hangup with "
	  "hangup-time = 0: this way is left out\n" },
	{ MODEM " hangup-time = 0\n}", "" },
	{ MODEM " hangup-time = 0\n hangup = escape\n}", "" },
	{ MODEM " queue-wait = 1m\n}",
	  "F:5: warning: queue-wait without busy = \"queue\": nobody waits in a queue\n" },
	{ MODEM " queue-wait = 1m busy = queue\n}", "" },
	{ MODEM " queue-limit = 1\n}", "" },
	{ MODEM " inactivity-contended = 1m\n}", "F:5: warning: inactivity-contended without busy = "
	  "\"queue\" in any service of its lines: nobody waits while a line is in use\n" },
	{ MODEM " inactivity-contended = 1m\n}\nservice s { listen = 5 lines = m busy = queue }", "" },
	{ CONSOLE " session-limit = 1h busy = queue\n inactivity-contended = 30m\n}", "F:6: warning: "
	  "inactivity-contended is not shorter than inactivity and never applies\n" },
	{ CONSOLE " session-limit = 1h busy = queue\n inactivity = 1m\n}", "" },
	{ CONSOLE " session-limit = 1h busy = queue inactivity = 0\n inactivity-contended = 30m\n}", "" },
	{ MODEM " busy = queue\n inactivity-contended = 15m\n}", "F:6: warning: "
	  "inactivity-contended is not shorter than inactivity and never applies\n" },
	{ MODEM " busy = queue\n inactivity-contended = 14m\n}", "" },
	{ MODEM " busy = queue\n inactivity-contended = 15m\n inactivity-in-call = 0\n}", "" },
	{ MODEM " busy = queue\n inactivity-contended = 15m\n after-call = 16m\n}", "" },
	{ MODEM "}\nservice s {\n listen = 5\n lines = m\n session-limit = 0\n}", "F:9: warning: service "
	  "\"s\" has no session-limit: a client that stays active keeps it for ever\n" },
	{ "line l { kind = modem device = /d }\nservice s { listen = 5 lines = l }", "" },
};

START_TEST(warns_and_starts)
{
	struct conf *c = parse_well(warnings[_i].text);

	ck_assert_str_eq(report.text, warnings[_i].report);
	ck_assert_uint_eq(report.warnings, warnings[_i].report[0] != '\0');
	conf_free(c);
}
END_TEST

/* ---- what is no error ---- */

static const char *const accepted[] = {
	/* the same port for different families, wildcards of other ports, the kernel's choice */
	VIRTUAL "listen = { \"127.0.0.1:5\", \"[::1]:5\", \"127.0.0.2:5\" }\n}",
	VIRTUAL "listen = { \"0.0.0.0:5\", \"[::]:5\", \"127.0.0.1:6\" } allow = any\n}",
	VIRTUAL "listen = { 0, 0, \"0.0.0.0:0\", \"127.0.0.1:0\" } allow = any\n}",
	VIRTUAL "listen = { \"127.9.9.9:5\", }\n}",
	/* virtual and loopback are not one device */
	VIRTUAL "}\nline w { kind = modem device = virtual }",
	"line a { kind = console device = loopback listen = 5 }\n\
	line b { kind = console device = loopback listen = 6 }",
	/* white space, comments, quotes */
	"\tline\r\n\"l\"\r\n{\r\nkind=modem device='/d'listen=5}",
	"line l{#}\nkind=modem //{\ndevice /*=*/=\"/d#x//y/*z*/\"listen=5}#",
	"/**/ line l { /* * / ** */ kind = 'modem' device = \"/d\\\\x20\\\"\" listen = 5 } /***/",
	"line l { kind = modem device = '/d\\x20\\'' listen = 5 }",
	"line l { kind = modem device = /dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0 }",
	"line l { kind = modem device = /d//x listen = 5 }",
	/* as many addresses of the page as there are listeners for */
	"status {\n listen = { 1, 2, 3, 4, 5, 6, 7, 8 }\n}\n" MODEM "}",
};

START_TEST(takes)
{
	struct conf *c = parse(accepted[_i]);

	ck_assert_msg(c != NULL, "%s\n%s", accepted[_i], report.text);
	conf_free(c);
}
END_TEST

START_TEST(escapes_in_texts)
{
	struct conf *c = parse_well(accepted[8]);

	ck_assert_str_eq(c->lines[0].device, "/d\\x20\"");
	conf_free(c);
	c = parse_well(accepted[9]);
	ck_assert_str_eq(c->lines[0].device, "/d\\x20'");
	conf_free(c);
	c = parse_well(accepted[7]);
	ck_assert_str_eq(c->lines[0].device, "/d#x//y/*z*/");
	conf_free(c);
}
END_TEST

/* What is no destination, whatever it begins with. */
static const char *const no_hosts[] = {
	"tcp:", "tcp:h", "tcp:h:", "tcp:h:0", "tcp:h:65536", "tcp:h:123456", "tcp:h:1x",
	"tcp::1", "tcp:a b:1", "tcp:a:b:1", "tcp:[::1:1", "tcp:[]:1", "tcp:[::1]1",
	"tcp:::1:1", "telnet:h", "tcp", "line:", "tcp:[h]:1",
};

START_TEST(no_host)
{
	char text[200];

	snprintf(text, sizeof text, VIRTUAL " number 1 { to = \"%s\" }\n}", no_hosts[_i]);
	ck_assert_ptr_null(parse(text));
	ck_assert_msg(strstr(report.text, "; expected echo, line:NAME, tcp:HOST:PORT") != NULL,
	    "%s: %s", no_hosts[_i], report.text);
	ck_assert_uint_eq(report.errors, 1);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("conferrors");
	TCase *tc = tcase_create("conferrors");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, says_what_is_wrong, 0, COUNT(errors));
	tcase_add_test(tc, says_all_that_is_wrong);
	tcase_add_loop_test(tc, no_host, 0, COUNT(no_hosts));
	tcase_add_loop_test(tc, warns_and_starts, 0, COUNT(warnings));
	tcase_add_loop_test(tc, takes, 0, COUNT(accepted));
	tcase_add_test(tc, escapes_in_texts);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
