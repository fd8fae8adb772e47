/*
 * What the tests of the configuration share: texts of lines that lack only their "}", and a parse
 * with everything checked that holds for any text.
 */
#ifndef TESTS_CONFTEXT_H
#define TESTS_CONFTEXT_H

#include "conf/conf.h"

#define MODEM "line \"m\" {\n kind = \"modem\"\n device = \"/dev/m\"\n listen = { \"2217\" }\n"
#define CONSOLE \
	"line \"c\" {\n kind = \"console\"\n device = \"/dev/c\"\n listen = { \"2218\" }\n"
#define VIRTUAL "line \"v\" {\n kind = \"modem\"\n device = \"virtual\"\n"

/* Of the last parse. */
extern struct conf_report report;

/* Parses text as file "F", at a guard page.  A conf, or NULL with errors in the report. */
struct conf *parse(const char *text);
/* The same where there must be no error. */
struct conf *parse_well(const char *text);

#endif
