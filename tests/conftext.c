/*
 * The shared part of the tests of the configuration, see conftext.h.
 */
#include "conftext.h"

#include <string.h>

#include "unit.h"

struct conf_report report;

struct conf *
parse(const char *text)
{
	size_t n = strlen(text);
	uint8_t *guarded = unit_guarded(text, n);
	struct conf *conf = conf_parse("F", (const char *)guarded, n, &report);

	unit_unguard(guarded, n);
	ck_assert_uint_eq(report.used, strlen(report.text));
	ck_assert_msg((conf == NULL) == (report.errors > 0), "%s", report.text);
	return conf;
}

struct conf *
parse_well(const char *text)
{
	struct conf *conf = parse(text);

	ck_assert_msg(conf != NULL, "%s", report.text);
	return conf;
}
