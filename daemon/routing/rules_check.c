/*
 * rules_check.c - what no single rule shows.
 */
#include "routing/rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/conf.h"

static enum err wrong(struct rules_fault *, enum rule_kind, unsigned index,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

static enum err
wrong(struct rules_fault *f, enum rule_kind k, unsigned index, const char *fmt,
    ...)
{
	va_list ap;

	f->rule = k;
	f->index = index;
	va_start(ap, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, ap);
	va_end(ap);
	return ERR_CONFIG;
}

/* ---- steps */

/* The last step before this one of the same kind and name; NULL: none. */
static const struct relax *
before(const struct route_rules *r, unsigned i)
{
	const struct relax *x = &r->relax[i];

	while (i-- > 0)
		if (r->relax[i].kind == x->kind &&
		    str_eq(r->relax[i].name, x->name))
			return &r->relax[i];
	return NULL;
}

static enum err
check_step(const struct route_rules *r, unsigned i, struct str queue,
    struct rules_fault *f)
{
	const struct relax *x = &r->relax[i], *old = before(r, i);
	char now[CONF_VALUE_LEN], last[CONF_VALUE_LEN];

	if (i > 0 && x->after_us <= r->relax[i - 1].after_us)
		return wrong(f, RULE_RELAX, i,
		    "a step after %s comes behind one after %s; steps come one "
		    "after the other",
		    conf_show_duration(x->after_us, now),
		    conf_show_duration(r->relax[i - 1].after_us, last));
	if (x->kind == RELAX_QUEUE && str_eq(x->name, queue))
		return wrong(f, RULE_RELAX, i,
		    "queue '%.*s' relaxes into itself; name another",
		    STR_ARG(queue));
	if (x->kind == RELAX_QUEUE && old != NULL)
		return wrong(f, RULE_RELAX, i,
		    "queue '%.*s' has joined before; take one away",
		    STR_ARG(x->name));
	if (x->kind == RELAX_TIER && old != NULL && x->n <= old->n)
		return wrong(f, RULE_RELAX, i,
		    "tier %" PRIu32 " comes behind tier %" PRIu32
		    "; tiers join rising",
		    x->n, old->n);
	if (x->kind == RELAX_SKILL && old != NULL && x->n >= old->n)
		return wrong(f, RULE_RELAX, i,
		    "level %" PRIu32 " of '%.*s' comes behind %" PRIu32
		    "; a minimum falls",
		    x->n, STR_ARG(x->name), old->n);
	return ERR_OK;
}

static enum err
check_steps(
    struct str queue, const struct route_rules *r, struct rules_fault *f)
{
	unsigned neighbours = 0;
	enum err e = ERR_OK;

	for (unsigned i = 0; e == ERR_OK && i < r->n_relax; i++) {
		neighbours += r->relax[i].kind == RELAX_QUEUE;
		e = neighbours > RULES_NEIGHBOURS
		        ? wrong(f, RULE_RELAX, i,
			      "more than %d queues join; take the rest away",
			      RULES_NEIGHBOURS)
		        : check_step(r, i, queue, f);
	}
	return e;
}

enum err
rules_check_skills(const struct route_rules *r, const struct rules_minimum *all,
    unsigned n, struct rules_fault *f)
{
	for (unsigned i = 0; i < r->n_relax; i++) {
		const struct relax *x = &r->relax[i];
		unsigned k = 0;

		if (x->kind != RELAX_SKILL)
			continue;
		while (k < n && !str_eq(all[k].skill, x->name))
			k++;
		if (k == n)
			return wrong(f, RULE_RELAX, i,
			    "the queue does not ask for '%.*s'; name it under "
			    "its skills, too",
			    STR_ARG(x->name));
		if (x->n >= all[k].level)
			return wrong(f, RULE_RELAX, i,
			    "level %" PRIu32 " of '%.*s' is no less than the "
			    "queue's %" PRIu32 "; a minimum falls",
			    x->n, STR_ARG(x->name), all[k].level);
	}
	return ERR_OK;
}

/* ---- where calls are sent */

struct send {
	enum rule_kind rule;
	unsigned index;
	bool used;
	const struct rule_then *then;
};
#define SENDS_MAX (3 + RULES_OVERFLOWS_MAX)

static unsigned
sends_of(const struct route_rules *r, struct send out[SENDS_MAX])
{
	unsigned n = 0;

	out[n++] = (struct send){ RULE_HOURS, 0, r->hours.len > 0, &r->closed };
	out[n++] = (struct send){ RULE_FULL, 0, r->full > 0, &r->when_full };
	out[n++] = (struct send){ RULE_MAX_WAIT, 0, r->max_wait_us > 0,
		&r->after_max_wait };
	for (unsigned i = 0; i < r->n_overflows; i++)
		out[n++] = (struct send){ RULE_OVERFLOW, i, true,
			&r->overflows[i].then };
	return n;
}

static enum err
check_sends(
    struct str queue, const struct route_rules *r, struct rules_fault *f)
{
	struct send all[SENDS_MAX];
	unsigned n = sends_of(r, all);

	for (unsigned i = 0; i < n; i++) {
		const struct send *s = &all[i];

		if (!s->used)
			continue;
		if (s->then->action == ACTION_NONE)
			return wrong(f, s->rule, s->index,
			    "it is not said what then: refuse, queue or "
			    "callback");
		if (s->then->action == ACTION_QUEUE &&
		    str_eq(s->then->queue, queue))
			return wrong(f, s->rule, s->index,
			    "queue '%.*s' sends calls to itself; name another",
			    STR_ARG(queue));
		if (s->then->action == ACTION_CALLBACK && !r->callback.offered)
			return wrong(f, s->rule, s->index,
			    "callers are to be called back, and the queue has "
			    "no rule 'callback'; add it");
	}
	return ERR_OK;
}

static enum err
check_twice(const struct route_rules *r, struct rules_fault *f)
{
	for (unsigned i = 1; i < r->n_overflows; i++)
		for (unsigned k = 0; k < i; k++)
			if (r->overflows[i].kind == r->overflows[k].kind)
				return wrong(f, RULE_OVERFLOW, i,
				    "overflow by %s comes twice; take one away",
				    overflow_word(r->overflows[i].kind));
	for (unsigned i = 1; i < r->n_words; i++)
		for (unsigned k = 0; k < i; k++)
			if (str_eq(r->words[i].word, r->words[k].word))
				return wrong(f, RULE_CREDIT, i,
				    "word '%.*s' comes twice; take one away",
				    STR_ARG(r->words[i].word));
	return ERR_OK;
}

enum err
rules_check(
    struct str queue, const struct route_rules *r, struct rules_fault *f)
{
	enum err e = check_steps(queue, r, f);

	if (e == ERR_OK)
		e = check_sends(queue, r, f);
	if (e == ERR_OK)
		e = check_twice(r, f);
	if (e == ERR_OK && r->strategy != STRATEGY_RING_ALL &&
	    r->ring_at_once != 1)
		e = wrong(f, RULE_RING_AT_ONCE, 0,
		    "only strategy ring_all rings several at once");
	return e;
}
