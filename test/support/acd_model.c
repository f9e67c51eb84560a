/*
 * acd_model.c - every search looks at everything.
 */
#include "test/support/acd_model.h"

#include <stddef.h>
#include <string.h>

#define FOR_CALLS(m, c)                                                       \
	for (struct model_call *c = (m)->calls; c < (m)->calls + MODEL_CALLS; \
	     c++)
#define FOR_AGENTS(m, a)                              \
	for (struct model_agent *a = (m)->agents + 1; \
	     a <= (m)->agents + MODEL_AGENTS; a++)

/* How an agent stands in a line: who is behind another has a later way in, or
 * the same and a higher score. */
struct standing {
	unsigned way; /* 0: the line's own queue, then its neighbours */
	int64_t score;
};

/* Ids whose order is not the order of the numbers. */
struct id
model_call_id(unsigned call)
{
	return (struct id){ { (uint8_t)(call * 37), 0, (uint8_t)call, 0xff } };
}

/* ------------------------------------------------------------- who may take */

static bool
lets_in(
    const struct acd_line *l, const struct model_agent *a, struct standing *out)
{
	const struct acd_profile *p = &a->profile;

	for (unsigned way = 0; way <= l->n_neighbours; way++)
		for (unsigned i = 0; i < p->n_queues; i++) {
			unsigned tier = p->tiers[i] == 0 ? 1 : p->tiers[i];

			if (p->queues[i] != (way == 0
						    ? l->queue
						    : l->neighbours[way - 1]) ||
			    (l->tier != 0 && tier > l->tier))
				continue;
			*out = (struct standing){ way, a->scores[i] };
			return true;
		}
	return false;
}

static bool
is_able(const struct acd_line *l, const struct acd_profile *p)
{
	for (unsigned i = 0; i < l->n_skills; i++) {
		bool met = l->skills[i].level == 0;

		for (unsigned j = 0; j < p->n_skills; j++)
			met = met ||
			      (p->skills[j].skill == l->skills[i].skill &&
				  p->skills[j].level >= l->skills[i].level);
		if (!met)
			return false;
	}
	return true;
}

/* Whatever the agent does now. */
static bool
belongs(const struct acd_model *m, const struct acd_line *l,
    const struct model_agent *a, struct standing *out)
{
	*out = (struct standing){ 0, 0 };
	if (a->state == AGENT_GONE ||
	    (l->site != 0 && a->profile.site != l->site) ||
	    (l->media == ACD_WORK && a->profile.items == 0))
		return false;
	if (l->agent != 0)
		return a - m->agents == l->agent;
	return lets_in(l, a, out) && is_able(l, &a->profile);
}

static bool
may_take(const struct acd_model *m, const struct model_call *c,
    const struct model_agent *a, struct standing *out)
{
	return a->state == AGENT_READY && !c->excluded[a - m->agents] &&
	       belongs(m, &c->line, a, out) &&
	       (c->line.media != ACD_WORK || a->in_hand < a->profile.items);
}

static unsigned
n_offers(const struct acd_model *m, const struct model_call *c)
{
	unsigned n = 0;

	for (unsigned i = 1; i <= MODEL_AGENTS; i++)
		n += m->agents[i].state == AGENT_OFFERED &&
		     m->agents[i].call == c;
	return n;
}

static bool
waits(const struct acd_model *m, const struct model_call *c)
{
	return c->there && n_offers(m, c) < c->ring;
}

static uint32_t
staff_of(const struct acd_model *m, const struct acd_line *l)
{
	struct standing s;
	uint32_t n = 0;

	for (unsigned i = 1; i <= MODEL_AGENTS; i++)
		n += belongs(m, l, &m->agents[i], &s);
	return n;
}

/* ---------------------------------------------------------------- matching */

static bool
is_before(const struct acd_model *m, const struct model_call *a,
    const struct model_call *b)
{
	struct id x = model_call_id((unsigned)(a - m->calls));
	struct id y = model_call_id((unsigned)(b - m->calls));

	if (a->score != b->score)
		return a->score < b->score;
	if (a->arrival != b->arrival)
		return a->arrival < b->arrival;
	return memcmp(&x, &y, sizeof(x)) < 0;
}

static void
tell(struct acd_model *m, struct model_reply *r, enum acd_effect_kind kind,
    const struct model_agent *a)
{
	r->effects[r->n++] = (struct acd_effect){
		.kind = kind,
		.offer = a->offer,
		.call = model_call_id((unsigned)(a->call - m->calls)),
		.agent = (uint32_t)(a - m->agents),
	};
}

static void
offer(struct acd_model *m, struct model_call *c, struct model_agent *a,
    struct model_reply *r)
{
	a->state = AGENT_OFFERED;
	a->call = c;
	a->offer = (uint64_t)m->generation << 32 | ++m->n_offers;
	tell(m, r, ACD_OFFERED, a);
}

static struct model_agent *
best_agent(struct acd_model *m, const struct model_call *c)
{
	struct standing s, first = { 0, 0 };
	struct model_agent *best = NULL;

	FOR_AGENTS(m, a)
	{
		if (!may_take(m, c, a, &s))
			continue;
		if (best == NULL || s.way < first.way ||
		    (s.way == first.way && s.score < first.score)) {
			best = a;
			first = s;
		}
	}
	return best;
}

static void
match_call(struct acd_model *m, struct model_call *c, struct model_reply *r)
{
	struct model_agent *a;

	while (waits(m, c) && (a = best_agent(m, c)) != NULL)
		offer(m, c, a, r);
}

static void
match_agent(struct acd_model *m, struct model_agent *a, struct model_reply *r)
{
	struct model_call *best = NULL;
	struct standing s;

	FOR_CALLS(m, c)
	if (waits(m, c) && may_take(m, c, a, &s) &&
	    (best == NULL || is_before(m, c, best)))
		best = c;
	if (best != NULL)
		offer(m, best, a, r);
}

/* Gone; those whom it rings are free, in the order of their offers. */
static void
remove_call(struct acd_model *m, struct model_call *c, struct model_reply *r)
{
	struct model_agent *freed[MODEL_AGENTS];
	unsigned n = 0;

	c->there = false;
	for (;;) {
		struct model_agent *first = NULL;

		FOR_AGENTS(m, a)
		if (a->state == AGENT_OFFERED && a->call == c &&
		    (first == NULL || a->offer < first->offer))
			first = a;
		if (first == NULL)
			break;
		tell(m, r, ACD_RESCINDED, first);
		first->state = AGENT_READY;
		freed[n++] = first;
	}
	for (unsigned i = 0; i < n; i++)
		match_agent(m, freed[i], r);
}

/* ---------------------------------------------------------------- commands */

static void
step_call(struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	struct model_call *c = &m->calls[cmd->call.b[2]];

	if (cmd->op == ACD_DEQUEUE) {
		if (c->there)
			remove_call(m, c, r);
		return;
	}
	if (cmd->op == ACD_MOVE && !c->there) {
		r->err = ERR_NOT_FOUND;
		return;
	}
	if (cmd->op == ACD_MOVE || !c->there) {
		if (!c->there)
			c->arrival = cmd->arrival;
		if (!c->there || cmd->forgive)
			memset(c->excluded, 0, sizeof(c->excluded));
		for (unsigned i = 0; i < cmd->n_excluded && !c->there; i++)
			c->excluded[cmd->excluded[i]] = true;
		c->there = true;
		c->line = *cmd->line;
		c->score = cmd->score;
		c->ring = cmd->ring == 0 ? 1 : cmd->ring;
		match_call(m, c, r);
	}
	r->staffed = staff_of(m, &c->line);
}

static void
get_ready(struct acd_model *m, struct model_agent *a, const struct acd_cmd *cmd,
    struct model_reply *r)
{
	const int64_t most = (INT64_C(1) << 51) - 1;

	if (a->state == AGENT_OFFERED)
		r->err = ERR_REFUSED;
	if (a->state != AGENT_IDLE && a->state != AGENT_BUSY)
		return;
	for (unsigned i = 0; i < ACD_MAX_AGENT_QUEUES; i++) {
		int64_t s = cmd->scores != NULL && i < cmd->n_scores
		                ? cmd->scores[i]
		                : cmd->score;

		a->scores[i] = s < 0 ? 0 : s > most ? most : s;
	}
	a->state = AGENT_READY;
	match_agent(m, a, r);
}

static void
item_done(struct acd_model *m, struct model_agent *a, struct model_reply *r)
{
	if (a->in_hand > 0)
		a->in_hand--;
	if (a->state == AGENT_READY)
		match_agent(m, a, r);
}

static void
step_agent(
    struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	struct model_agent *a = &m->agents[cmd->agent];
	bool offered = a->state == AGENT_OFFERED;

	if (a->state == AGENT_GONE && cmd->op != ACD_LOGIN) {
		r->err = ERR_NOT_FOUND;
		return;
	}
	if (cmd->op == ACD_READY) {
		get_ready(m, a, cmd, r);
		return;
	}
	if (cmd->op == ACD_ITEM_DONE) {
		item_done(m, a, r);
		return;
	}
	if (offered)
		tell(m, r, ACD_RESCINDED, a);
	a->state = cmd->op == ACD_LOGOUT ? AGENT_GONE
	           : cmd->op == ACD_BUSY ? AGENT_BUSY
	                                 : AGENT_IDLE;
	if (cmd->op == ACD_LOGIN) {
		a->profile = *cmd->profile;
		a->in_hand = a->profile.in_hand;
	}
	if (offered)
		match_call(m, a->call, r);
}

static void
step_offer(
    struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	struct model_agent *by = NULL;

	FOR_AGENTS(m, a)
	if (a->state == AGENT_OFFERED && a->offer == cmd->offer)
		by = a;
	if (by == NULL)
		r->err = ERR_OFFER_GONE;
	if (by == NULL || cmd->op == ACD_SHOWN)
		return;
	if (cmd->op == ACD_ACCEPT) {
		bool work = by->call->line.media == ACD_WORK;

		by->state = work ? AGENT_READY : AGENT_BUSY;
		by->in_hand += work;
		remove_call(m, by->call, r);
		if (work)
			match_agent(m, by, r);
		return;
	}
	by->state = cmd->stay_ready ? AGENT_READY : AGENT_IDLE;
	by->call->excluded[by - m->agents] |= cmd->exclude;
	match_call(m, by->call, r);
	if (by->state == AGENT_READY)
		match_agent(m, by, r);
}

static enum acd_seen
see(const struct acd_model *m, const struct acd_cmd *cmd)
{
	static const enum acd_seen agents[] = { ACD_SEEN_NONE, ACD_SEEN_IDLE,
		ACD_SEEN_READY, ACD_SEEN_OFFERED, ACD_SEEN_BUSY };
	const struct model_call *c = &m->calls[cmd->call.b[2]];

	if (id_is_none(&cmd->call))
		return agents[m->agents[cmd->agent].state];
	if (!c->there)
		return ACD_SEEN_NONE;
	return n_offers(m, c) > 0 ? ACD_SEEN_OFFERED : ACD_SEEN_WAITING;
}

void
model_step(
    struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	*r = (struct model_reply){ .err = ERR_OK };
	switch (cmd->op) {
	case ACD_LOOK:
		r->seen = see(m, cmd);
		break;
	case ACD_ENQUEUE:
	case ACD_DEQUEUE:
	case ACD_MOVE:
		step_call(m, cmd, r);
		break;
	case ACD_SHOWN:
	case ACD_ACCEPT:
	case ACD_END_OFFER:
		step_offer(m, cmd, r);
		break;
	default:
		step_agent(m, cmd, r);
	}
}

unsigned
model_waiting(const struct acd_model *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MODEL_CALLS; i++)
		n += waits(m, &m->calls[i]);
	return n;
}

unsigned
model_ready(const struct acd_model *m)
{
	unsigned n = 0;

	for (unsigned i = 1; i <= MODEL_AGENTS; i++)
		n += m->agents[i].state == AGENT_READY;
	return n;
}

const char *
model_broken(const struct acd_model *m)
{
	struct standing s;

	for (unsigned i = 1; i <= MODEL_AGENTS; i++) {
		const struct model_agent *a = &m->agents[i];

		if (a->state == AGENT_OFFERED && !a->call->there)
			return "an offer is of a call that is there";
		for (unsigned j = 1; j < i; j++)
			if (a->state == AGENT_OFFERED &&
			    m->agents[j].state == AGENT_OFFERED &&
			    a->offer == m->agents[j].offer)
				return "an offer is to one agent";
	}
	for (unsigned i = 0; i < MODEL_CALLS; i++)
		for (unsigned j = 1; j <= MODEL_AGENTS; j++)
			if (waits(m, &m->calls[i]) &&
			    may_take(m, &m->calls[i], &m->agents[j], &s))
				return "nobody waits while somebody is ready";
	return NULL;
}
