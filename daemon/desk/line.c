/*
 * line.c - see line.h.
 */
#include "desk/state.h"

#include <stdlib.h>

/* So long the caller's facts may hold up a call that they may lead. */
#define HOLD_US INT64_C(50000)

/* ------------------------------------------------------------- whom first */

/* Somebody who can be asked: logged in, at a phone of the call's switch. */
static bool
is_here(const struct call *c, const struct agent *a)
{
	return a != NULL && a->state != AGENT_STATE_NULL && a->device != NULL &&
	       a->device->switch_id == c->sw->id;
}

/* Nobody is waited for twice. */
static bool
was_asked(const struct call *c, enum first_kind before, uint32_t agent)
{
	for (unsigned k = 0; k < before; k++)
		if (facts_first(c, k) == agent)
			return true;
	return false;
}

static void
set_first(struct desk *d, struct call *c, unsigned k, uint32_t agent)
{
	struct call_stand *s = &c->stand;

	d->n_firsts -= s->first_agent != 0;
	d->n_firsts += agent != 0;
	s->first = (uint8_t)k;
	s->first_agent = agent;
}

/* From this one on, the first who is here and whose time is not over; it
 * began when the one before was done. */
static void
next_first(struct desk *d, struct call *c, unsigned k, int64_t since)
{
	uint32_t id = 0;

	for (; k < NFIRSTS; k++) {
		id = facts_first(c, k);
		if (id == 0 || was_asked(c, k, id) ||
		    !is_here(c, agent_find(d, id)))
			continue;
		c->stand.first_until = since + c->queue->rules.first_us[k];
		if (c->stand.first_until > d->now)
			break;
		since = c->stand.first_until;
	}
	set_first(d, c, k, k < NFIRSTS ? id : 0);
}

void
line_settle(struct desk *d, struct call *c)
{
	struct call_stand *s = &c->stand;

	if (!s->begun) {
		if (facts_of(c) == NULL)
			return;
		s->begun = true;
		next_first(d, c, 0, c->enqueued_at);
	} else if (s->first_agent != 0 &&
		   (d->now >= s->first_until ||
		       c->queue->rules.first_us[s->first] == 0)) {
		next_first(d, c, s->first + 1, s->first_until);
	}
}

void
line_restart(struct desk *d, struct call *c)
{
	set_first(d, c, NFIRSTS, 0);
	c->stand.begun = false;
}

void
line_forget(struct desk *d, struct call *c)
{
	set_first(d, c, NFIRSTS, 0);
	free(c->stand.line);
	free(c->stand.facts);
}

void
line_excluded(struct desk *d, struct call *c, const struct agent *a)
{
	struct call_stand *s = &c->stand;

	/* Another ACD is told, too. */
	s->excluded[s->n_excluded++ % ACD_MAX_EXCLUDED] = a->id;
	/* The last to be excluded waits as long as that; before, there was
	 * somebody else to ask. */
	if (c->queue->rules.again_us > 0)
		s->again_at = d->now + c->queue->rules.again_us;
	if (s->first_agent == a->id)
		next_first(d, c, s->first + 1, d->now);
	if (!call_is_open(c))
		return;
	line_due(d, c);
	wait_begin(d, c);
}

void
line_agent_gone(struct desk *d, const struct agent *a)
{
	for (struct call *c = d->n_firsts > 0 ? d->calls : NULL; c != NULL;
	     c = c->hh.next) {
		if (c->stand.first_agent != a->id)
			continue;
		next_first(d, c, c->stand.first + 1, d->now);
		if (!call_is_open(c))
			continue;
		line_due(d, c);
		wait_begin(d, c);
	}
}

bool
line_holds(const struct desk *d, struct call *c)
{
	const int64_t *first = c->queue->rules.first_us;
	struct call_stand *s = &c->stand;

	if (!facts_are_pending(c) ||
	    (first[FIRST_OWNER] | first[FIRST_LAST_AGENT] |
		first[FIRST_ACCOUNT_MANAGER]) == 0)
		return false;
	if (s->held_until == 0)
		s->held_until = d->now + HOLD_US;
	return d->now < s->held_until;
}

/* ---------------------------------------------------------- the own line */

static unsigned
find_skill(const struct acd_line *l, uint32_t skill)
{
	unsigned i = 0;

	while (i < l->n_skills && l->skills[i].skill != skill)
		i++;
	return i;
}

static void
relax_skill(const struct desk *d, const struct relax *r, struct acd_line *out)
{
	unsigned i = find_skill(out, skill_id(d, r->name));

	if (i == out->n_skills || r->n >= out->skills[i].level)
		return;
	if (r->n > 0) {
		out->skills[i].level = r->n;
		return;
	}
	out->n_skills--;
	memmove(&out->skills[i], &out->skills[i + 1],
	    (out->n_skills - i) * sizeof(out->skills[0]));
}

static void
relax_tier(const struct desk *d, const struct relax *r, struct acd_line *out)
{
	(void)d;
	if (r->n > out->tier)
		out->tier = (uint8_t)(r->n < RULES_TIERS ? r->n : RULES_TIERS);
}

static void
relax_queue(const struct desk *d, const struct relax *r, struct acd_line *out)
{
	const struct queue *q = queue_by_name(d, r->name);

	if (q == NULL || q->id == out->queue ||
	    out->n_neighbours == ACD_MAX_NEIGHBOURS)
		return;
	for (unsigned i = 0; i < out->n_neighbours; i++)
		if (out->neighbours[i] == q->id)
			return;
	out->neighbours[out->n_neighbours++] = q->id;
}

static void (*const relaxes[NRELAXES])(
    const struct desk *, const struct relax *, struct acd_line *) = {
	[RELAX_SKILL] = relax_skill,
	[RELAX_TIER] = relax_tier,
	[RELAX_QUEUE] = relax_queue,
};

/* After its first `n' steps. */
static void
queue_line(const struct desk *d, const struct call *c, unsigned n,
    struct acd_line *out)
{
	const struct route_rules *r = &c->queue->rules;

	*out = c->queue->line;
	out->site = c->sw->id;
	out->media = ACD_CALL;
	/* Where tiers join by and by, it begins with the first. */
	for (unsigned i = 0; i < r->n_relax; i++)
		if (r->relax[i].kind == RELAX_TIER)
			out->tier = 1;
	for (unsigned i = 0; i < n; i++)
		relaxes[r->relax[i].kind](d, &r->relax[i], out);
}

unsigned
line_steps(const struct desk *d, const struct call *c)
{
	const struct route_rules *r = &c->queue->rules;
	unsigned n = 0;

	while (
	    n < r->n_relax && c->enqueued_at + r->relax[n].after_us <= d->now)
		n++;
	return n;
}

void
line_of(const struct desk *d, const struct call *c, struct acd_line *out)
{
	uint32_t alone = c->direct != 0 ? c->direct : c->stand.first_agent;

	if (alone != 0)
		*out = (struct acd_line){ .queue = c->queue->id,
			.agent = alone,
			.site = c->sw->id,
			.media = ACD_CALL };
	else
		queue_line(d, c, line_steps(d, c), out);
}

/* --------------------------------------------------------------- in time */

int64_t
line_next_at(const struct desk *d, const struct call *c)
{
	const struct call_stand *s = &c->stand;
	const struct route_rules *r = &c->queue->rules;
	unsigned n = line_steps(d, c);
	int64_t at[] = { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX };
	int64_t first = INT64_MAX;

	if (s->held_until > d->now)
		at[0] = s->held_until;
	if (s->first_agent != 0)
		at[1] = s->first_until;
	if (s->again_at != 0)
		at[2] = s->again_at;
	if (n < r->n_relax)
		at[3] = c->enqueued_at + r->relax[n].after_us;
	for (unsigned i = 0; i < NELEM(at); i++)
		if (at[i] < first)
			first = at[i];
	return first;
}

void
line_due(struct desk *d, struct call *c)
{
	struct call_stand *s = &c->stand;
	bool again = s->again_at != 0 && d->now >= s->again_at;

	if (!call_is_open(c))
		return;
	if (again)
		s->again_at = s->n_excluded = 0;
	line_settle(d, c); /* also if the ACD is not to be told now */
	route_stand(d, c, again);
	/* It was held for what the ledger knows; its call's row was before. */
	decision_place_put(d, NULL, c);
}

void
line_rules_changed(struct desk *d)
{
	facts_rules_changed(d);
	for (struct call *c = d->calls; c != NULL; c = c->hh.next) {
		if (!call_is_open(c))
			continue;
		line_due(d, c);
		wait_begin(d, c);
	}
}
