/*
 * What may be shown of the codes that a mobile dials.
 */
#include "modem/mmi.h"

#include <string.h>

#include "unit.h"

static const struct {
	const char *dial, *shown; /* NULL: all */
} dials[] = {
	{ "", NULL },
	{ "5551234", NULL },
	{ "T0,555*1234#", NULL }, /* no code: digits are dialled first */
	{ "+43*1*2", NULL },
	{ "L", NULL },

	/* 3GPP TS 22.030, 6.6.2 and 6.6.3: PIN, PIN2, and their unblocking */
	{ "**04*1234*4321*4321#", "**04" },
	{ "**042*1234*4321*4321#", "**042" },
	{ "**05*12345678*4321*4321#;", "**05" },
	{ "**052*12345678*4321*4321#", "**052" },
	/* 6.5.4: the password of call barring */
	{ "*03*330*1111*2222*2222#", "*03" },
	{ "**03**1111*2222*2222#", "**03" },
	/* 6.5.2, annex B: barring itself */
	{ "*33*1111#", "*33" },
	{ "#33*1111*11#", "#33" },
	{ "#330*1111#", "#330" },
	{ "*#353*1111#", "*#353" },
	/* codes of networks and makers */
	{ "*150*1*1234#", "*150" },
	{ "*1234567890*1#", "*1234567890" },
	{ "***1234#", NULL },
	{ "*A*1234#", "*" },
	/* what is not dialled may stand anywhere */
	{ " * (*) 0-4 ,*12 34#", " * (*) 0-4" },
	{ "TP**0W4*1234", "TP**0W4" },

	{ "*#06#", NULL },
	{ "*100#", NULL },
	{ "*33#", NULL },
	{ "*31#5551234", NULL }, /* a number with its restriction */
	{ "*675551234", NULL },
	{ "**21*5551234*11#", NULL },
	{ "**61*+435551234*11*20#", NULL },
	{ "##002#", NULL },
	{ "**002*5551234#", NULL },
	{ "*43*11#", NULL },
	/* 27.007, 10.2.1.1: packet data */
	{ "*99#", NULL },
	{ "*99***1#", NULL },
	{ "*98*2#", NULL },
};

START_TEST(each)
{
	const char *dial = dials[_i].dial;
	size_t n = dials[_i].shown != NULL ? strlen(dials[_i].shown) : strlen(dial);

	ck_assert_msg(mmi_shown(dial) == n, "%s: %zu", dial, mmi_shown(dial));
	ck_assert(dials[_i].shown == NULL || strncmp(dial, dials[_i].shown, n) == 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mmi");
	TCase *tc = tcase_create("mmi");

	tcase_add_loop_test(tc, each, 0, (int)(sizeof dials / sizeof dials[0]));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
