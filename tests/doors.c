/*
 * A door in letters, see doors.h.
 */
#include "doors.h"

#include <string.h>

#define CLAIM_TIMEOUT 30000
#define DRAIN 1500

/* Tables are written with a letter for each event, action, state and rule. */
const char doors_states[] = "OWNDFTSC";
static const char event_letters[] = "cwdsghqruyfelt", action_letters[] = "CSTVWYGXDRHKZ";
#define NO_LINGER "RU" /* REFUSED and CUT of one that may not linger */

static struct conf_rules
rules_of(const char *letters)
{
	return (struct conf_rules){
		.claim = strchr(letters, 'c') ? CONF_CLAIM_CONNECT : CONF_CLAIM_USE,
		.protocol = strchr(letters, 'r') ? CONF_RAW : CONF_TELNET,
		.say_why = !strchr(letters, 'q'),
		.drain = strchr(letters, 'd') ? 0 : DRAIN,
		.claim_timeout = strchr(letters, 'o') ? 0 : CLAIM_TIMEOUT,
	};
}

/* "ACTIONS STATE" of what was done, as the tables have it. */
static const char *
written(const struct door *d, const struct door_todo *todo)
{
	static char text[16];
	size_t i;

	for (i = 0; i < todo->n; i++)
		text[i] = action_letters[todo->list[i]];
	text[i++] = ' ';
	text[i++] = doors_states[d->state];
	text[i] = '\0';
	return text;
}

const char *
doors_feed(struct fixture *f, char letter)
{
	struct door_todo todo = { .n = 0 };
	bool linger = strchr(NO_LINGER, letter) == NULL;
	char small = (char)(letter | 0x20);

	door_input(&f->door, (enum door_event)(strchr(event_letters, small) - event_letters),
	    linger, f->now, &todo);
	return written(&f->door, &todo);
}

const char *
doors_begin(struct fixture *f, const char *rules)
{
	struct door_todo todo = { .n = 0 };

	f->rules = rules_of(rules);
	f->now = (msec_t){ DOORS_START };
	door_init(&f->door, &f->rules, f->now, &todo);
	return written(&f->door, &todo);
}
