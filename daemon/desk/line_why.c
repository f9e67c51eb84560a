/*
 * line_why.c - why an agent is offered a call, in words.
 *
 * What is told is what let the agent in: whose turn it was alone, or the steps
 * without which the queue's line would not have had this agent.
 */
#include "desk/state.h"

#include <stdarg.h>
#include <stdio.h>

struct why {
	char *out;
	size_t len;
	int64_t after_us; /* of the latest step that was needed */
	unsigned n;       /* reasons so far */
};

static void say(struct why *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
say(struct why *w, const char *fmt, ...)
{
	int n = snprintf(w->out + w->len, LINE_WHY_ROOM - w->len, "%s",
	    w->n++ > 0 ? ", " : "");
	va_list ap;

	if (n < 0 || w->len + (size_t)n >= LINE_WHY_ROOM)
		return;
	w->len += (size_t)n;
	va_start(ap, fmt);
	n = vsnprintf(w->out + w->len, LINE_WHY_ROOM - w->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		w->len += (size_t)n;
	if (w->len >= LINE_WHY_ROOM)
		w->len = LINE_WHY_ROOM - 1;
}

static void
say_first(struct why *w, const struct call *c)
{
	const struct facts *f = facts_of(c);

	switch (c->stand.first) {
	case FIRST_OWNER:
		say(w, "owner of ticket %llu",
		    (unsigned long long)ticket_number(
			f != NULL ? f->owner_ticket : 0));
		break;
	case FIRST_LAST_AGENT:
		say(w, "last agent");
		break;
	default:
		say(w, "account manager");
		break;
	}
}

/* ---- would the agent be in without this step? */

static uint8_t
tier_in(const struct agent *a, uint32_t queue)
{
	for (unsigned i = 0; i < a->profile.n_queues; i++)
		if (a->profile.queues[i] == queue)
			return a->profile.tiers[i] > 0 ? a->profile.tiers[i]
			                               : 1;
	return 0; /* not of it */
}

static uint32_t
level_of(const struct agent *a, uint32_t skill)
{
	for (unsigned i = 0; i < a->profile.n_skills; i++)
		if (a->profile.skills[i].skill == skill)
			return a->profile.skills[i].level;
	return 0;
}

static uint32_t
asked_level(const struct call *c, uint32_t skill)
{
	for (unsigned i = 0; i < c->queue->line.n_skills; i++)
		if (c->queue->line.skills[i].skill == skill)
			return c->queue->line.skills[i].level;
	return 0;
}

/* The queue that lets the agent in: the own, else by which step. */
static uint32_t
queue_in(const struct desk *d, const struct call *c, const struct agent *a,
    unsigned n, unsigned *step)
{
	const struct relax *r = c->queue->rules.relax;

	*step = n;
	if (tier_in(a, c->queue->id) != 0)
		return c->queue->id;
	for (unsigned i = 0; i < n; i++) {
		const struct queue *q = r[i].kind == RELAX_QUEUE
		                            ? queue_by_name(d, r[i].name)
		                            : NULL;

		if (q != NULL && tier_in(a, q->id) != 0) {
			*step = i;
			return q->id;
		}
	}
	return c->queue->id;
}

/* The first step that brought the level, or the tier, down to the agent's. */
static bool
was_needed(const struct desk *d, const struct call *c, const struct agent *a,
    unsigned i, uint8_t tier)
{
	const struct relax *r = c->queue->rules.relax;
	uint32_t skill, have, before;

	if (r[i].kind == RELAX_TIER) {
		before = 1;
		for (unsigned k = 0; k < i; k++)
			if (r[k].kind == RELAX_TIER && r[k].n > before)
				before = r[k].n;
		return tier > before && tier <= r[i].n;
	}
	skill = skill_id(d, r[i].name);
	have = level_of(a, skill);
	before = asked_level(c, skill);
	for (unsigned k = 0; k < i; k++)
		if (r[k].kind == RELAX_SKILL && r[k].n < before &&
		    skill_id(d, r[k].name) == skill)
			before = r[k].n;
	return have < before && have >= r[i].n;
}

static void
say_steps(struct why *w, const struct desk *d, const struct call *c,
    const struct agent *a)
{
	const struct relax *r = c->queue->rules.relax;
	unsigned n = line_steps(d, c), step;
	uint8_t tier = tier_in(a, queue_in(d, c, a, n, &step));

	for (unsigned i = 0; i < n; i++) {
		bool needed = r[i].kind == RELAX_QUEUE
		                  ? i == step
		                  : was_needed(d, c, a, i, tier);

		if (!needed)
			continue;
		w->after_us = r[i].after_us;
		if (r[i].kind == RELAX_TIER)
			say(w, "tier %u", tier);
		else if (r[i].kind == RELAX_QUEUE)
			say(w, "%.*s agents", STR_ARG(r[i].name));
		else if (r[i].n > 0)
			say(w, "%.*s %u", STR_ARG(r[i].name), r[i].n);
		else
			say(w, "without %.*s", STR_ARG(r[i].name));
	}
}

const char *
line_why(const struct desk *d, const struct call *c, const struct agent *a,
    char out[LINE_WHY_ROOM])
{
	char reasons[LINE_WHY_ROOM] = "";
	struct why w = { .out = reasons };

	if (c->direct == a->id)
		say(&w, "for this agent");
	else if (c->stand.first_agent == a->id)
		say_first(&w, c);
	else if (c->stand.first_agent == 0)
		say_steps(&w, d, c, a);
	if (w.n == 0)
		snprintf(out, LINE_WHY_ROOM, "%s", c->queue->name);
	else if (w.after_us == 0)
		snprintf(out, LINE_WHY_ROOM, "%s: %s", c->queue->name, reasons);
	else
		snprintf(out, LINE_WHY_ROOM, "%s after %lld s: %s",
		    c->queue->name, (long long)(w.after_us / 1000000), reasons);
	return out;
}
