/*
 * Scripts of a claim's clocks, see tenures.h.
 */
#include "tenures.h"

#include "unit.h"

#define START 5000

const struct conf_rules tenures_standard = {
	.activity = CONF_ACTIVITY_AUTO, .inactivity = 1000, .inactivity_in_call = 3000,
	.inactivity_contended = 300, .after_call = 400, .warning = 100,
};

static int64_t
or_standard(int64_t value, int64_t usual)
{
	if (value == 0)
		return usual;
	return value < 0 ? 0 : value;
}

static struct conf_rules
rules_of(const struct script *s)
{
	struct conf_rules r = tenures_standard;

	r.inactivity = or_standard(s->inactivity, r.inactivity);
	r.inactivity_in_call = or_standard(s->in_call, r.inactivity_in_call);
	r.inactivity_contended = or_standard(s->contended, r.inactivity_contended);
	r.after_call = or_standard(s->after_call, r.after_call);
	r.session_limit = or_standard(s->session, 0);
	r.warning = or_standard(s->warning, r.warning);
	if (s->activity > 0)
		r.activity = (enum conf_activity)(s->activity - 1);
	return r;
}

msec_t
tenures_at(int64_t ms)
{
	return (msec_t){ START + ms };
}

void
tenures_check_due(const struct tenure *t, msec_t now, const char *name)
{
	msec_t due = tenure_due(t);
	struct tenure copy;
	enum tenure_rule rule;
	int64_t left;

	copy = *t;
	if (due.v - 1 >= now.v)
		ck_assert_msg(tenure_check(&copy, (msec_t){ due.v - 1 }, &rule, &left) ==
		    TENURE_GO_ON, "%s: before what is due", name);
	if (msec_is_never(due))
		return;
	copy = *t;
	ck_assert_msg(tenure_check(&copy, msec_max(due, now), &rule, &left) != TENURE_GO_ON,
	    "%s: nothing when it is due", name);
}

static void
check_verdict(struct tenure *t, const struct step *step, const char *name)
{
	static const struct {
		enum tenure_verdict verdict;
		enum tenure_rule rule;
	} expected[] = {
		[NOTHING] = { TENURE_GO_ON, 77 }, [WARN_IDLE] = { TENURE_WARN, TENURE_IDLE },
		[WARN_LIMIT] = { TENURE_WARN, TENURE_LIMIT },
		[CUT_IDLE] = { TENURE_CUT, TENURE_IDLE }, [CUT_LIMIT] = { TENURE_CUT, TENURE_LIMIT },
	};
	enum tenure_rule rule = 77;
	int64_t left = step->op == NOTHING ? 0 : -5;
	enum tenure_verdict verdict = tenure_check(t, tenures_at(step->at), &rule, &left);

	ck_assert_msg(verdict == expected[step->op].verdict, "%s, at %lld: verdict %d", name,
	    (long long)step->at, verdict);
	ck_assert_msg(rule == expected[step->op].rule, "%s, at %lld: rule %d", name,
	    (long long)step->at, rule);
	ck_assert_msg(left == step->left, "%s, at %lld: left %lld", name, (long long)step->at,
	    (long long)left);
}

static void
run_step(struct tenure *t, const struct step *step, const struct conf_rules *other,
    const char *name)
{
	switch (step->op) {
	case CLIENT:
		tenure_client_bytes(t, tenures_at(step->at));
		break;
	case LINE:
		tenure_line_bytes(t, tenures_at(step->at));
		break;
	case DIALS:
		tenure_call(t, TENURE_DIALS, tenures_at(step->at));
		break;
	case CALL:
		tenure_call(t, TENURE_IN_CALL, tenures_at(step->at));
		break;
	case NO_CALL:
		tenure_call(t, TENURE_NO_CALL, tenures_at(step->at));
		break;
	case WAITER:
	case NO_WAITER:
		tenure_contended(t, step->op == WAITER, tenures_at(step->at));
		break;
	case RULES:
		tenure_rules(t, other, tenures_at(step->at));
		break;
	default:
		check_verdict(t, step, name);
		break;
	}
	tenures_check_due(t, tenures_at(step->at), name);
}

void
tenures_run(const struct script *s)
{
	struct conf_rules rules = rules_of(s), other = rules;
	const struct step *step;
	struct tenure t;

	other.inactivity = or_standard(s->new_inactivity, rules.inactivity);
	other.session_limit = or_standard(s->new_session, rules.session_limit);
	tenure_start(&t, &rules, !s->console, tenures_at(0));
	tenures_check_due(&t, tenures_at(0), s->name);
	for (step = s->steps; step->op != END; step++)
		run_step(&t, step, &other, s->name);
}

uint32_t
tenures_random(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % n;
}
