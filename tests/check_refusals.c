/*
 * What the virtual modem must not take: every command with every value out of its range, every command
 * and register that it does not have, endless digits, over-long lines and bytes that are no text.  Each
 * is ERROR, and nothing of the modem is another than before, whatever it is doing.
 */
#include "modems.h"
#include "unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define ROWS(table) (int)(sizeof table / sizeof *table)

/* ---- the modem, byte by byte ---- */

static int tested; /* which of the modems */

/* But for the typed line, and for what was answered. */
static void
copy_state(struct vmodem to[static MODEMS])
{
	int i;

	memcpy(to, modem, sizeof modem);
	for (i = 0; i < MODEMS; i++) {
		memset(&to[i].out, 0, sizeof to[i].out);
		memset(&to[i].line, 0, sizeof to[i].line);
		to[i].tail = false;
		to[i].ended = MSEC_NEVER;
		memset(&to[i].result, 0, sizeof to[i].result);
	}
}

/* A line of n bytes, without AT and its end. */
static void
refuses_bytes(const char *line, size_t n)
{
	static const uint8_t at[] = { 'A', 'T' }, end[] = { '\r' };
	struct vmodem before[MODEMS], after[MODEMS];
	const char *got;

	copy_state(before);
	vmodem_input(&modem[tested], at, sizeof at, now);
	ck_assert_uint_eq(vmodem_input(&modem[tested], (const uint8_t *)line, n, now), n);
	vmodem_input(&modem[tested], end, sizeof end, now);
	copy_state(after);
	got = said(tested);
	ck_assert_msg(strcmp(got, "\r\nERROR\r\n") == 0, "AT%.60s: <%s>", line, got);
	ck_assert_msg(memcmp(before, after, sizeof before) == 0, "AT%.60s changed something", line);
}

static void
refuses(const char *line)
{
	refuses_bytes(line, strlen(line));
}

/* ---- what it is doing meanwhile ---- */

enum { ON_HOOK, OFF_HOOK, HALF_DIALLED, IN_CALL, RINGING, DOINGS };

/* With settings that differ from those that a reset would restore. */
static void
start(int doing)
{
	modems_start();
	tested = doing == RINGING ? 1 : 0;
	type(tested, "ATE0S7=33S2=42&D1&K4X3+IFC=1,1;+IPR=9600;&W1S8=9\r");
	if (doing == OFF_HOOK)
		type(0, "ATH1\r");
	else if (doing == HALF_DIALLED)
		type(0, "ATD12;\r");
	if (doing == IN_CALL || doing == RINGING) {
		type(0, "ATD2\r");
		pass(500);
	}
	if (doing == IN_CALL) {
		type(1, "ATA\r");
		pass(1000);
		type(0, "***");
		pass(1000);
	}
	said(tested);
	ck_assert(!modem[tested].online);
}

/* ---- values ---- */

static const struct {
	const char *name;
	unsigned max;
} commands[] = {
	{ "H", 1 }, { "O", 1 }, { "Z", 1 }, { "I", 9 }, { "E", 1 }, { "Q", 1 }, { "V", 1 }, { "X", 7 },
	{ "B", 16 }, { "C", 1 }, { "F", 1 }, { "L", 3 }, { "M", 3 }, { "N", 1 }, { "W", 2 }, { "Y", 1 },
	{ "&A", 3 }, { "&B", 1 }, { "&C", 1 }, { "&D", 3 }, { "&F", 1 }, { "&G", 2 }, { "&H", 3 },
	{ "&I", 5 }, { "&J", 1 }, { "&K", 6 }, { "&L", 1 }, { "&M", 4 }, { "&N", 64 }, { "&P", 3 }, { "&Q", 6 },
	{ "&R", 2 }, { "&S", 1 }, { "&T", 19 }, { "&U", 64 }, { "&V", 1 }, { "&W", 1 }, { "&X", 2 }, { "&Y", 1 }, { "%C", 3 },
	{ "%E", 3 }, { "\\A", 3 }, { "\\G", 1 }, { "\\J", 1 }, { "\\K", 5 }, { "\\L", 1 }, { "\\N", 7 },
	{ "\\Q", 3 }, { "\\V", 3 }, { "\\X", 1 },
};

/* Numbers that a careless modem would take for 0, or for 1. */
static const char *const large[] = { "256", "257", "65536", "65537", "4294967296", "4294967297",
	"18446744073709551616", "99999999999999999999999999999999999999999999999999999999999999",
	"00000000000000000000000000000000000000000000000000000000000000256" };

START_TEST(values_out_of_range)
{
	char line[128];
	unsigned value;
	int i, k;

	start(_i);
	for (i = 0; i < ROWS(commands); i++) {
		for (value = commands[i].max + 1; value < 300; value++) {
			snprintf(line, sizeof line, "%s%u", commands[i].name, value);
			refuses(line);
		}
		for (k = 0; k < ROWS(large); k++) {
			snprintf(line, sizeof line, "%s%s", commands[i].name, large[k]);
			refuses(line);
		}
	}
	modems_stop();
}
END_TEST

static const struct {
	unsigned number, min, max;
} registers[] = {
	{ 0, 0, 255 }, { 1, 0, 255 }, { 2, 0, 255 }, { 3, 0, 127 }, { 4, 0, 127 }, { 5, 0, 127 },
	{ 6, 2, 255 }, { 7, 1, 255 }, { 8, 0, 255 }, { 9, 1, 255 }, { 10, 1, 255 }, { 11, 50, 255 },
	{ 12, 0, 255 }, { 13, 0, 255 }, { 15, 0, 255 }, { 25, 0, 255 }, { 26, 0, 255 }, { 27, 0, 255 }, { 30, 0, 0 },
	{ 36, 0, 7 }, { 37, 0, 19 }, { 38, 0, 255 }, { 39, 0, 255 }, { 46, 0, 255 }, { 48, 0, 255 }, { 91, 0, 255 },
	{ 95, 0, 255 },
};

START_TEST(registers_out_of_range)
{
	static const char *const tails[] = { "", "=", "=x", "=-1", "=?", "!", "=\"1\"" };
	char line[128];
	unsigned value;
	int i, k;

	start(_i);
	for (i = 0; i < ROWS(registers); i++) {
		for (value = 0; value < 300; value++) {
			snprintf(line, sizeof line, "S%u=%u", registers[i].number, value);
			if (value < registers[i].min || value > registers[i].max)
				refuses(line);
		}
		for (k = 0; k < ROWS(large); k++) {
			snprintf(line, sizeof line, "S%u=%s", registers[i].number, large[k]);
			refuses(line);
		}
		for (k = 0; k < ROWS(tails); k++) {
			snprintf(line, sizeof line, "S%u%s", registers[i].number, tails[k]);
			refuses(line);
		}
	}
	modems_stop();
}
END_TEST

/* ---- what it does not have ---- */

static bool
has_register(unsigned number)
{
	int i;

	for (i = 0; i < ROWS(registers); i++)
		if (registers[i].number == number)
			return true;
	return false;
}

START_TEST(unknown_registers)
{
	char line[128];
	unsigned number;
	int k;

	start(_i);
	for (number = 0; number < 300; number++) {
		if (has_register(number))
			continue;
		snprintf(line, sizeof line, "S%u?", number);
		refuses(line);
		snprintf(line, sizeof line, "S%u=1", number);
		refuses(line);
	}
	for (k = 0; k < ROWS(large); k++) {
		snprintf(line, sizeof line, "S%s=1", large[k]);
		refuses(line);
		snprintf(line, sizeof line, "S%s?", large[k]);
		refuses(line);
	}
	modems_stop();
}
END_TEST

static bool
has_command(const char *line)
{
	int i;

	if (strchr("ADSTP +", line[0]) != NULL)
		return true; /* S and + have tests of their own */
	for (i = 0; i < ROWS(commands); i++)
		if (strncmp(line, commands[i].name, strlen(commands[i].name)) == 0)
			return true;
	return false;
}

/* Every character, and every character behind every mark. */
START_TEST(unknown_commands)
{
	static const char marks[] = "!\"#$%&'()*,-./:;<=>?@[\\]^_`{|}~";
	char line[8];
	size_t m;
	int c;

	start(_i);
	for (c = ' '; c < 127; c++) {
		snprintf(line, sizeof line, "%c", toupper(c));
		if (!has_command(line))
			refuses(line);
		for (m = 0; m < sizeof marks - 1; m++) {
			snprintf(line, sizeof line, "%c%c1", marks[m], toupper(c));
			if (!has_command(line) && c != ' ')
				refuses(line);
		}
	}
	modems_stop();
}
END_TEST

static const char *const bad_lines[] = {
	/* the class of a fax modem, and what only one has */
	"+FCLASS=2", "+FCLASS=2.0", "+FCLASS=0.0", "+FCLASS=256", "+FCLASS=-1", "+FCLASS=",
	"+FCLASS", "+FCLASS=0,0", "+FCLASS=0D1", "+FCLASS??", "+FCLASS=??", "+FCLASSES?", "+FCLAS?",
	"+FTM=96", "+FTS=8", "+FRM=?", "+FTH=?", "+FMI?", "+FMFR?", "+FAA=1", "+VCID=2", "+VCID", "+CGMI", "+CSQ", "+MS=V34", "+MS?",
	/* numbers */
	"+IPR=1", "+IPR=115201", "+IPR=256", "+IPR=4294967296", "+IPR=4294976896", "+IPR=", "+IPR",
	"+IPR=9600,1", "+IPR=x", "+IPR??", "+ICF=7", "+ICF=3,4", "+ICF=3,3,3", "+ICF=259", "+ICF=", "+ICF=,",
	"+IFC=4", "+IFC=0,3", "+IFC=2,2,2", "+IFC=256,256", "+IFC=2.2", "+IFC", "+ILRR=2", "+ER=2", "+DR=2",
	"+DS=4", "+DS=0,2", "+DS=0,0,0", "+ES=8", "+ES=0,5", "+ES=0,0,7", "+ES=0,0,0,0",
	"+ES=99999999999999999999999999999999999999999", "+IFC=2,99999999999999999999999999999999",
	/* texts */
	"+GMI?", "+GMI=1", "+GMM?", "+GMR=", "+GCAP?", "+GCAP=0", "+GSN?", "+GMIX", "+GMI ,", "+GMM=??",
	"+GMI=?1",
	/* no names */
	"+", "+=", "+?", "+;", "++", "+=1", "+1", "?", "=", "=1", "/", "//", ";", ";;", "E0;;",
	/* numbers that cannot be dialled */
	"D1x", "DTexample.org", "D'1'", "D\"1\"", "D1&F", "D\\N", "D1=2", "DL1", "D1L", "DLL", "DTL,1",
};

START_TEST(bad_line)
{
	int i;

	start(_i);
	for (i = 0; i < ROWS(bad_lines); i++)
		refuses(bad_lines[i]);
	modems_stop();
}
END_TEST

/* ---- lines ---- */

static void
refuses_many(char c, size_t n)
{
	static char line[70000];

	memset(line, c, n);
	refuses_bytes(line, n);
}

START_TEST(over_long)
{
	static const size_t lengths[] = { HAYES_LINE + 1, HAYES_LINE + 2, 1000, 65535, 65536, 65537 };
	int i;

	start(_i);
	for (i = 0; i < ROWS(lengths); i++) {
		refuses_many('1', lengths[i]); /* endless digits, */
		refuses_many(' ', lengths[i]);
		refuses_many('E', lengths[i]); /* and commands, of which not one is carried out */
		refuses_many('+', lengths[i]);
		refuses_many(';', lengths[i]);
	}
	refuses_many('9', HAYES_LINE); /* as long as a line may be */
	modems_stop();
}
END_TEST

/* Every byte above ASCII, first, in the middle and last; none of it erases, ends or is dropped. */
START_TEST(binary)
{
	uint8_t byte;
	char line[8];
	int c;

	start(_i);
	for (c = 128; c < 256; c++) {
		byte = (uint8_t)c;
		memcpy(line, "xx", 3);
		line[0] = (char)byte;
		refuses_bytes(line, 1);
		refuses_bytes(line, 2);
		line[1] = (char)byte;
		refuses_bytes(line, 2);
	}
	for (c = 0; c < 256; c++) {
		line[0] = (char)c;
		memcpy(line + 1, "\xff\xfe\0", 3);
		if (c == 0 || (c != '\r' && strchr("AHIOVXZ", toupper(c)) == NULL)) /* these do something */
			refuses_bytes(line, 4);
	}
	modems_stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("refusals");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, values_out_of_range, 0, DOINGS);
	tcase_add_loop_test(tc, registers_out_of_range, 0, DOINGS);
	tcase_add_loop_test(tc, unknown_registers, 0, DOINGS);
	tcase_add_loop_test(tc, unknown_commands, 0, DOINGS);
	tcase_add_loop_test(tc, bad_line, 0, DOINGS);
	tcase_add_loop_test(tc, over_long, 0, DOINGS);
	tcase_add_loop_test(tc, binary, 0, DOINGS);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
