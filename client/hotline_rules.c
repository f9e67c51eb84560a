/*
 * hotline_rules.c - what must hold of how queues distribute their calls, and
 * the places of what does not.
 */
#include "client/hotline_check.h"

#include <string.h>

#include "base/text.h"
#include "client/i18n.h"

/* ------------------------------------------------------------ on their own */

static void
check_step(struct check *c, const struct hotline_step *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < NRELAXES; i++)
		n += s->of_at[i].line != 0;
	if (n != 1) {
		fault_at(c, &s->at);
		fputs(_("a step has one of skill, tier and queue; write steps "
			"of their own\n"),
		    c->errors);
		return;
	}
	if (s->of_at[RELAX_SKILL].line != 0) {
		check_known(
		    c, &c->skills, "skill", s->skill, &s->of_at[RELAX_SKILL]);
		if (s->level_at.line == 0) {
			fault_at(c, &s->of_at[RELAX_SKILL]);
			fputs(_("a skill falls to a level; write `level', 0: "
				"not asked for\n"),
			    c->errors);
		}
	} else if (s->level_at.line != 0) {
		fault_at(c, &s->level_at);
		fputs(_("a level is a skill's; take it away\n"), c->errors);
	}
	if (s->of_at[RELAX_QUEUE].line != 0)
		check_known(
		    c, &c->queues, "queue", s->queue, &s->of_at[RELAX_QUEUE]);
}

static void
check_then(struct check *c, const struct conf_choice *then)
{
	if (then->name != NULL)
		check_known(c, &c->queues, "queue", then->name, &then->at);
}

static void
check_overflow(struct check *c, const struct hotline_overflow *o,
    const struct conf_mark *at)
{
	unsigned n = 0;

	for (unsigned i = 0; i < NOVERFLOWS; i++)
		if (o->at[i].line != 0) {
			at = &o->at[i];
			n += o->over[i] > 0 ? 1 : 2;
		}
	if (n != 1) {
		fault_at(c, at);
		fputs(_("an overflow has one of wait, length and estimate, "
			"above 0; write overflows of their own\n"),
		    c->errors);
	}
	check_then(c, &o->then);
}

/* What then is said, but not when. */
static void
check_when(struct check *c, const struct conf_choice *then, bool used,
    const char *what, const char *when)
{
	check_then(c, then);
	if (used || then->at.line == 0)
		return;
	fault_at(c, &then->at);
	fprintf(
	    c->errors, _("`%s' without `%s'; write that, too\n"), what, when);
}

static void
check_words(struct check *c, const struct hotline_routing *r)
{
	const struct conf_level *w = r->words.items;
	char clean[NAME_MAX_LEN + 1];

	if (r->words.n > RULES_WORDS_MAX) {
		fault_at(c, &w[RULES_WORDS_MAX].at);
		fprintf(c->errors,
		    _("more than %d words; take the rest away\n"),
		    RULES_WORDS_MAX);
	}
	for (size_t i = 0; i < r->words.n; i++) {
		size_t n = strlen(w[i].name);

		if (n > 0 && n <= NAME_MAX_LEN &&
		    text_clean(
			str_of(w[i].name), false, clean, sizeof(clean)) == n &&
		    strcmp(clean, w[i].name) == 0)
			continue;
		fault_at(c, &w[i].at);
		fprintf(c->errors,
		    _("a word has 1 to %d bytes, all of which can be seen\n"),
		    NAME_MAX_LEN);
	}
}

static void
check_parts(struct check *c, const struct hotline_routing *r)
{
	const struct hotline_step *s = r->relax.items;
	const struct hotline_overflow *o = r->overflow.items;

	for (size_t i = 0; i < r->relax.n; i++)
		check_step(c, &s[i]);
	for (size_t i = 0; i < r->overflow.n; i++)
		check_overflow(c, &o[i], &r->overflow_at);
	check_words(c, r);
	if (*r->hours != '\0')
		check_known(
		    c, &c->calendars, "calendar", r->hours, &r->hours_at);
	check_when(c, &r->closed, *r->hours != '\0', "closed", "hours");
	check_when(c, &r->when_full, r->full > 0, "when_full", "full");
	check_when(c, &r->after_max_wait, r->max_wait_us > 0, "after_max_wait",
	    "max_wait");
	if (r->within_at.line != 0 && r->first_us[FIRST_LAST_AGENT] == 0) {
		fault_at(c, &r->within_at);
		fprintf(c->errors, _("`%s' without `%s'; write that, too\n"),
		    "last_agent_within", "last_agent");
	}
	if (r->extend_at.line != 0 && r->extend_us == 0) {
		fault_at(c, &r->extend_at);
		fprintf(c->errors, _("`%s' without `%s'; write that, too\n"),
		    "extend", "by");
	}
	if (r->announce_us > 0 && r->announce_us < RULES_EVERY_MIN) {
		fault_at(c, &r->announce_at);
		fputs(_("announcements follow each other after 1s at least; "
			"0s: none\n"),
		    c->errors);
	}
}

/* --------------------------------------------------------------- together */

static const struct conf_mark *
first_of(const struct conf_mark *a, const struct conf_mark *b)
{
	return a->line != 0 ? a : b;
}

static const struct conf_mark *
step_place(const struct hotline_routing *r, unsigned i)
{
	const struct hotline_step *s =
	    (const struct hotline_step *)r->relax.items + i;

	if (i > 0 && s->after_us <= s[-1].after_us)
		return &s->at;
	if (s->level_at.line != 0)
		return &s->level_at;
	return first_of(
	    &s->of_at[RELAX_TIER], first_of(&s->of_at[RELAX_QUEUE], &s->at));
}

/* Where the file says what the fault is about. */
static const struct conf_mark *
place_of(const struct hotline_queue *q, const struct rules_fault *f)
{
	const struct hotline_routing *r = &q->routing;
	const struct hotline_overflow *o = r->overflow.items;
	const struct conf_level *w = r->words.items;

	switch (f->rule) {
	case RULE_RING_AT_ONCE:
		return first_of(&r->ring_at, &q->at);
	case RULE_RELAX:
		return step_place(r, f->index);
	case RULE_CREDIT:
		return &w[f->index].at;
	case RULE_HOURS:
		return first_of(&r->closed.at, &r->hours_at);
	case RULE_FULL:
		return first_of(&r->when_full.at, &r->full_at);
	case RULE_MAX_WAIT:
		return first_of(&r->after_max_wait.at, &r->max_wait_at);
	case RULE_OVERFLOW:
		return first_of(&o[f->index].then.at, &r->overflow_at);
	default:
		return &q->at;
	}
}

static void
tell(
    struct check *c, const struct hotline_queue *q, const struct rules_fault *f)
{
	fault_at(c, place_of(q, f));
	fprintf(c->errors, "%s\n", f->what);
}

static void
check_rules(struct check *c, struct hotline_queue *q)
{
	const struct conf_level *s = q->skills.items;
	struct rules_minimum *asks = check_alloc(c, q->skills.n, sizeof(*asks));
	struct route_rules *r = &q->routing.rules;
	struct rules_fault f;

	if (asks == NULL)
		return;
	for (size_t i = 0; i < q->skills.n; i++)
		asks[i] = (struct rules_minimum){ str_of(s[i].name),
			(uint32_t)s[i].level };
	hotline_rules(&q->routing, r);
	if (rules_check(str_of(q->name), r, &f) != ERR_OK ||
	    rules_check_skills(r, asks, (unsigned)q->skills.n, &f) != ERR_OK)
		tell(c, q, &f);
	q->routing.text = rules_text(r, c->arena);
	c->no_memory = c->no_memory || q->routing.text.p == NULL;
}

static void
check_rings(struct check *c, const struct hotline_queue *q, size_t n)
{
	struct rules_of *all = check_alloc(c, n, sizeof(*all));
	struct rules_fault f;
	unsigned which;
	enum err e;

	if (all == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		all[i] =
		    (struct rules_of){ str_of(q[i].name), &q[i].routing.rules };
	e = rules_check_rings(all, (unsigned)n, &which, &f);
	c->no_memory = c->no_memory || e == ERR_NOMEM;
	if (e == ERR_CONFIG)
		tell(c, &q[which], &f);
}

void
check_routing(struct check *c, struct hotline_queue *q, size_t n)
{
	unsigned before = c->faults;

	for (size_t i = 0; i < n; i++) {
		unsigned faults = c->faults;

		check_parts(c, &q[i].routing);
		if (c->faults == faults)
			check_rules(c, &q[i]);
	}
	if (c->faults == before && !c->no_memory)
		check_rings(c, q, n);
}
