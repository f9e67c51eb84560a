/*
 * hotline_routing.c - the keys of a queue, and the rules that they come to.
 */
#include "client/hotline_check.h"

/* clang-format off */
static const char *const thens[] = { "refuse", "callback", "queue:", NULL };
static const char *const firsts[] = { "agent", "customer", NULL };

#define SPAN(preset_, at) .type = CONF_DURATION, .preset = preset_, \
	  .offset = at, .min = 0, .max = RULES_SPAN_MAX

#define S(m) offsetof(struct hotline_step, m)
static const struct conf_field step_fields[] = {
	{ .name = "after", .type = CONF_DURATION, .offset = S(after_us),
	  .help = "of waiting; steps come one after the other",
	  .min = 1, .max = RULES_SPAN_MAX, .mark_offset = S(at) },
	{ .name = "skill", .type = CONF_STRING, .offset = S(skill),
	  .preset = "''", .help = "whose minimum falls, to `level'",
	  .min = 0, .max = NAME_MAX_LEN,
	  .mark_offset = S(of_at[RELAX_SKILL]) },
	{ .name = "level", .type = CONF_NUMBER, .offset = S(level),
	  .preset = "0", .help = "the new minimum; 0: not asked for",
	  .min = 0, .max = 9, .mark_offset = S(level_at) },
	{ .name = "tier", .type = CONF_NUMBER, .offset = S(tier),
	  .preset = "2", .help = "agents of tiers up to this join",
	  .min = 2, .max = RULES_TIERS, .mark_offset = S(of_at[RELAX_TIER]) },
	{ .name = "queue", .type = CONF_STRING, .offset = S(queue),
	  .preset = "''", .help = "its agents join",
	  .min = 0, .max = NAME_MAX_LEN,
	  .mark_offset = S(of_at[RELAX_QUEUE]) },
	{ .name = NULL }
};

#define THEN(name_, at) { .name = name_, .type = CONF_CHOICE, \
	  .preset = "refuse", .offset = at, .words = thens, \
	  .help = "what then: refuse, callback or {queue: NAME}", \
	  .min = 1, .max = NAME_MAX_LEN }

#define O(m) offsetof(struct hotline_overflow, m)
static const struct conf_field overflow_fields[] = {
	{ .name = "wait", SPAN("0s", O(over[OVERFLOW_WAIT])),
	  .help = "who has waited so long",
	  .mark_offset = O(at[OVERFLOW_WAIT]) },
	{ .name = "length", .type = CONF_NUMBER,
	  .offset = O(over[OVERFLOW_LENGTH]), .preset = "0",
	  .help = "who comes when so many wait",
	  .min = 0, .max = RULES_COUNT_MAX,
	  .mark_offset = O(at[OVERFLOW_LENGTH]) },
	{ .name = "estimate", SPAN("0s", O(over[OVERFLOW_ESTIMATE])),
	  .help = "who would wait so long",
	  .mark_offset = O(at[OVERFLOW_ESTIMATE]) },
	THEN("then", O(then)),
	{ .name = NULL }
};

/* All fields below count their places from the queue. */
#define Q(m) offsetof(struct hotline_queue, routing.m)
static const struct conf_field first_fields[] = {
	{ .name = "owner", SPAN("0s", Q(first_us[FIRST_OWNER])),
	  .help = "of the caller's open ticket" },
	{ .name = "last_agent", SPAN("0s", Q(first_us[FIRST_LAST_AGENT])),
	  .help = "who spoke with the caller last" },
	{ .name = "account_manager",
	  SPAN("0s", Q(first_us[FIRST_ACCOUNT_MANAGER])),
	  .help = "the key account's" },
	{ .name = "last_agent_within", .type = CONF_DURATION, .preset = "7d",
	  .offset = Q(within_us), .help = "so long ago at most",
	  .min = 1, .max = RULES_LONG_MAX, .mark_offset = Q(within_at) },
	{ .name = NULL }
};

static const struct conf_field grade_fields[] = {
	{ .name = "A", SPAN("0s", Q(grade_us[0])) },
	{ .name = "B", SPAN("0s", Q(grade_us[1])) },
	{ .name = "C", SPAN("0s", Q(grade_us[2])) },
	{ .name = "D", SPAN("0s", Q(grade_us[3])) },
	{ .name = "E", SPAN("0s", Q(grade_us[4])) },
	{ .name = NULL }
};
static const struct conf_field credit_fields[] = {
	{ .name = "grades", .type = CONF_MAP, .preset = "{}",
	  .fields = grade_fields, .help = "for the customer's grade, A to E" },
	{ .name = "breached", SPAN("0s", Q(breached_us)),
	  .help = "an open ticket's promise is broken" },
	{ .name = "repeat", SPAN("0s", Q(repeat_us)),
	  .help = "who has called within 24 h already" },
	{ .name = "words", .type = CONF_SPANS, .preset = "{}",
	  .offset = Q(words), .help = "for these words from the menu",
	  .min = 1, .max = RULES_SPAN_MAX, .mark_offset = Q(words_at) },
	{ .name = NULL }
};

static const struct conf_field callback_fields[] = {
	{ .name = "first", .type = CONF_WORD, .preset = "agent",
	  .offset = Q(callback_first), .words = firsts,
	  .help = "who is called first" },
	{ .name = "retries", .type = CONF_NUMBER, .preset = "3",
	  .offset = Q(retries), .help = "after the first attempt",
	  .min = 0, .max = RULES_TIMES_MAX },
	{ .name = "every", .type = CONF_DURATION, .preset = "10m",
	  .offset = Q(every_us), .help = "between attempts",
	  .min = RULES_EVERY_MIN, .max = RULES_SPAN_MAX },
	{ .name = "expires", .type = CONF_DURATION, .preset = "8h",
	  .offset = Q(expires_us), .help = "then it is given up",
	  .min = RULES_EVERY_MIN, .max = RULES_LONG_MAX },
	{ .name = NULL }
};

static const struct conf_field delay_fields[] = {
	{ .name = "no_answer", SPAN("0s", Q(delay_us[DELAY_NO_ANSWER])),
	  .help = "before the next offer, after one not answered" },
	{ .name = "refused", SPAN("0s", Q(delay_us[DELAY_REFUSED])),
	  .help = "after one refused" },
	{ .name = "device_busy", SPAN("0s", Q(delay_us[DELAY_DEVICE_BUSY])),
	  .help = "after the phone was busy" },
	{ .name = NULL }
};

static const struct conf_field extend_fields[] = {
	{ .name = "by", SPAN("0s", Q(extend_us)), .help = "each time" },
	{ .name = "times", .type = CONF_NUMBER, .preset = "3",
	  .offset = Q(extensions), .help = "at most",
	  .min = 1, .max = RULES_TIMES_MAX },
	{ .name = NULL }
};

#define MAP(name_, fields_) .name = name_, .type = CONF_MAP, .preset = "{}", \
	  .fields = fields_
#define N(m) offsetof(struct hotline_queue, m)
const struct conf_field hotline_queue_fields[] = {
	{ .name = "name", .type = CONF_STRING, .offset = N(name),
	  .help = "what agents and figures call it",
	  .min = 1, .max = NAME_MAX_LEN, .mark_offset = N(at) },
	{ .name = "skills", .type = CONF_LEVELS, .offset = N(skills),
	  .preset = "{}", .help = "what an agent must be able to do at least",
	  .min = 1, .max = 10 },
	{ .name = "ring", .type = CONF_DURATION, .offset = N(ring_us),
	  .preset = "20s", .help = "how long an offer stands",
	  .min = 1 * SECOND, .max = 600 * SECOND },
	{ .name = "wrap_up", .type = CONF_DURATION, .offset = N(wrap_up_us),
	  .preset = "0s", .help = "longest work after a call; 0s: open",
	  .min = 0, .max = 86400 * SECOND },
	{ .name = "priority_credit", .type = CONF_DURATION,
	  .offset = N(priority_credit_us), .preset = "90s",
	  .help = "head start for each class of priority",
	  .min = 0, .max = 86400 * SECOND },
	{ .name = "stay_ready", .type = CONF_BOOL, .offset = N(stay_ready),
	  .preset = "no", .help = "after a refusal or no answer" },
	{ .name = "short", .type = CONF_DURATION, .offset = N(short_us),
	  .preset = "5s", .help = "who hangs up within this does not count",
	  .min = 0, .max = 600 * SECOND },
	{ .name = "calendar", .type = CONF_STRING, .offset = N(calendar),
	  .preset = "''", .help = "its tickets' clocks run in these hours; "
				  "'': in the policy's",
	  .min = 0, .max = NAME_MAX_LEN, .mark_offset = N(calendar_at) },
	{ .name = "strategy", .type = CONF_WORD, .preset = "longest_idle",
	  .offset = Q(strategy), .words = strategy_words,
	  .help = "whom among the ready" },
	{ .name = "ring_at_once", .type = CONF_NUMBER, .preset = "1",
	  .offset = Q(ring_at_once), .mark_offset = Q(ring_at),
	  .help = "ring_all: at how many at a time; left out: 16",
	  .min = 1, .max = RULES_RING_MAX },
	{ .name = "relax", .type = CONF_LIST, .preset = "[]",
	  .offset = Q(relax), .mark_offset = Q(relax_at),
	  .help = "who else may take a call that waits",
	  .fields = step_fields, .size = sizeof(struct hotline_step),
	  .min = 0, .max = RULES_RELAX_MAX },
	{ MAP("first", first_fields), .help = "for so long these alone" },
	{ MAP("credit", credit_fields), .help = "head start" },
	{ .name = "hours", .type = CONF_STRING, .preset = "''",
	  .offset = Q(hours), .mark_offset = Q(hours_at),
	  .help = "a calendar: when callers may wait; '': always",
	  .min = 0, .max = NAME_MAX_LEN },
	THEN("closed", Q(closed)),
	{ .name = "full", .type = CONF_NUMBER, .preset = "0",
	  .offset = Q(full), .mark_offset = Q(full_at),
	  .help = "so many may wait; 0: any number",
	  .min = 0, .max = RULES_COUNT_MAX },
	THEN("when_full", Q(when_full)),
	{ .name = "max_wait", SPAN("0s", Q(max_wait_us)),
	  .mark_offset = Q(max_wait_at),
	  .help = "longest wait; 0s: any" },
	THEN("after_max_wait", Q(after_max_wait)),
	{ .name = "overflow", .type = CONF_LIST, .preset = "[]",
	  .offset = Q(overflow), .mark_offset = Q(overflow_at),
	  .help = "who is sent elsewhere",
	  .fields = overflow_fields, .size = sizeof(struct hotline_overflow),
	  .min = 0, .max = RULES_OVERFLOWS_MAX },
	{ MAP("callback", callback_fields), .mark_offset = Q(callback_at),
	  .help = "callers may be called back; left out: they are not" },
	{ .name = "follow_up_abandoned", SPAN("0s", Q(follow_up_us)),
	  .help = "who gave up after so long is called; 0s: nobody" },
	{ .name = "return", SPAN("0s", Q(return_us)),
	  .help = "who is back within has the old place; 0s: nobody" },
	{ .name = "announce", SPAN("0s", Q(announce_us)),
	  .mark_offset = Q(announce_at),
	  .help = "place and estimate, so often; 0s: never" },
	{ MAP("delays", delay_fields), .help = "of an agent's next offer" },
	{ .name = "unanswered", .type = CONF_NUMBER, .preset = "0",
	  .offset = Q(unanswered),
	  .help = "after so many in a row an agent is not ready; 0: never",
	  .min = 0, .max = RULES_TIMES_MAX },
	{ .name = "again", SPAN("60s", Q(again_us)),
	  .help = "who refused a call is asked again after; 0s: never" },
	{ MAP("extend", extend_fields), .mark_offset = Q(extend_at),
	  .help = "agents may have more wrap-up" },
	{ .name = "direct", SPAN("0s", Q(direct_us)),
	  .help = "a call for one agent: then for everybody; 0s: never" },
	{ .name = "work_credit", .type = CONF_DURATION, .preset = "0s",
	  .offset = Q(work_credit_us),
	  .help = "head start of tickets before calls; -5m: behind them",
	  .min = -RULES_SPAN_MAX, .max = RULES_SPAN_MAX },
	{ .name = NULL }
};
/* clang-format on */

/* --------------------------------------------------------------- as rules */

static struct rule_then
then_of(const struct conf_choice *c)
{
	static const enum rule_action actions[] = { ACTION_REFUSE,
		ACTION_CALLBACK, ACTION_QUEUE };

	return (struct rule_then){ actions[c->word],
		c->name != NULL ? str_of(c->name) : (struct str){ NULL, 0 } };
}

/* A step's kind was checked. */
static void
put_steps(const struct hotline_routing *from, struct route_rules *r)
{
	const struct hotline_step *s = from->relax.items;

	r->n_relax = (unsigned)from->relax.n;
	for (unsigned i = 0; i < r->n_relax; i++) {
		struct relax *x = &r->relax[i];

		x->after_us = s[i].after_us;
		while (s[i].of_at[x->kind].line == 0 && x->kind < RELAX_QUEUE)
			x->kind++;
		if (x->kind == RELAX_SKILL) {
			x->name = str_of(s[i].skill);
			x->n = (uint32_t)s[i].level;
		} else if (x->kind == RELAX_TIER)
			x->n = (uint32_t)s[i].tier;
		else
			x->name = str_of(s[i].queue);
	}
}

static void
put_gates(const struct hotline_routing *from, struct route_rules *r)
{
	const struct hotline_overflow *o = from->overflow.items;

	r->hours = str_of(from->hours);
	if (r->hours.len > 0)
		r->closed = then_of(&from->closed);
	if ((r->full = (uint32_t)from->full) > 0)
		r->when_full = then_of(&from->when_full);
	if ((r->max_wait_us = from->max_wait_us) > 0)
		r->after_max_wait = then_of(&from->after_max_wait);
	r->n_overflows = (unsigned)from->overflow.n;
	for (unsigned i = 0; i < r->n_overflows; i++) {
		struct overflow *to = &r->overflows[i];

		while (o[i].over[to->kind] == 0 && to->kind < OVERFLOW_ESTIMATE)
			to->kind++;
		to->over = o[i].over[to->kind];
		to->then = then_of(&o[i].then);
	}
	if (from->callback_at.line != 0) {
		r->callback.offered = true;
		r->callback.customer_first = from->callback_first == 1;
		r->callback.retries = (uint32_t)from->retries;
		r->callback.every_us = from->every_us;
		r->callback.expires_us = from->expires_us;
	}
}

static void
put_order(const struct hotline_routing *from, struct route_rules *r)
{
	const struct conf_level *w = from->words.items;

	for (unsigned i = 0; i < NFIRSTS; i++)
		r->first_us[i] = from->first_us[i];
	r->last_agent_within_us = from->within_us;
	for (unsigned i = 0; i < RULES_GRADES; i++)
		r->grade_us[i] = from->grade_us[i];
	r->breached_us = from->breached_us;
	r->repeat_us = from->repeat_us;
	r->n_words = (unsigned)from->words.n;
	for (unsigned i = 0; i < r->n_words; i++) {
		r->words[i].word = str_of(w[i].name);
		r->words[i].us = w[i].level;
	}
}

void
hotline_rules(const struct hotline_routing *from, struct route_rules *r)
{
	rules_preset(r);
	r->strategy = (enum strategy)from->strategy;
	r->ring_at_once = from->ring_at.line != 0
	                      ? (uint32_t)from->ring_at_once
	                      : rules_ring_preset(r->strategy);
	put_steps(from, r);
	put_order(from, r);
	put_gates(from, r);
	r->follow_up_abandoned_us = from->follow_up_us;
	r->return_us = from->return_us;
	r->announce_us = from->announce_us;
	for (unsigned i = 0; i < NDELAYS; i++)
		r->delay_us[i] = from->delay_us[i];
	r->unanswered = (uint32_t)from->unanswered;
	r->again_us = from->again_us;
	r->extend_us = from->extend_us;
	if (r->extend_us > 0)
		r->extensions = (uint32_t)from->extensions;
	r->direct_us = from->direct_us;
	r->work_credit_us = from->work_credit_us;
}
