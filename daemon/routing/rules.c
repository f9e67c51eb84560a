/*
 * rules.c - what holds where nothing is said, and the words.
 */
#include "routing/rules.h"

#include <string.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Nothing is switched on; what stands here counts once something is. */
void
rules_preset(struct route_rules *r)
{
	memset(r, 0, sizeof(*r));
	r->ring_at_once = rules_ring_preset(r->strategy);
	r->last_agent_within_us = 7 * DAY;
	r->callback.retries = 3;
	r->callback.every_us = 10 * MINUTE;
	r->callback.expires_us = 8 * HOUR;
	r->again_us = 60 * SECOND;
	r->extensions = 3;
}

uint32_t
rules_ring_preset(enum strategy s)
{
	return s == STRATEGY_RING_ALL ? RULES_RING_MAX : 1;
}

/* clang-format off */
const char *const strategy_words[NSTRATEGIES + 1] = {
	"longest_idle", "round_robin", "fewest_calls", "least_talk", "top_down",
	"random", "weighted_random", "ring_all", "most_skilled",
	"least_skilled",
};
const char *const rule_words[NRULES + 1] = {
	"strategy", "ring_at_once", "relax", "first", "credit", "hours", "full",
	"max_wait", "overflow", "callback", "follow_up_abandoned", "return",
	"announce", "delay", "unanswered", "again", "extend", "direct",
	"work_credit",
};
const char *const relax_words[NRELAXES + 1] = { "skill", "tier", "queue" };
const char *const first_words[NFIRSTS + 1] = {
	"owner", "last_agent", "account_manager"
};
const char *const overflow_words[NOVERFLOWS + 1] = {
	"wait", "length", "estimate"
};
const char *const delay_words[NDELAYS + 1] = {
	"no_answer", "refused", "device_busy"
};
const char *const action_words[ACTION_CALLBACK + 1] = {
	"refuse", "queue", "callback"
};
/* clang-format on */

#define WORD(list, i) ((size_t)(i) < NELEM(list) ? (list)[i] : NULL)

const char *
strategy_word(enum strategy s)
{
	return WORD(strategy_words, s);
}

int
strategy_of(struct str word)
{
	for (int i = 0; i < NSTRATEGIES; i++)
		if (str_eq(word, str_of(strategy_words[i])))
			return i;
	return -1;
}

const char *
rule_word(enum rule_kind k)
{
	return WORD(rule_words, k);
}

const char *
relax_word(enum relax_kind k)
{
	return WORD(relax_words, k);
}

const char *
first_word(enum first_kind k)
{
	return WORD(first_words, k);
}

const char *
overflow_word(enum overflow_kind k)
{
	return WORD(overflow_words, k);
}

const char *
delay_word(enum delay_kind k)
{
	return WORD(delay_words, k);
}

const char *
action_word(enum rule_action a)
{
	return a > ACTION_NONE ? WORD(action_words, a - 1) : NULL;
}
