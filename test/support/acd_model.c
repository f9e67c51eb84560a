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

/* Ids whose order is not the order of the numbers. */
struct id
model_call_id(unsigned call)
{
	return (struct id){ { (uint8_t)(call * 37), 0, (uint8_t)call, 0xff } };
}

static bool
suits(const struct acd_model *m, const struct model_call *c,
    const struct model_agent *a)
{
	bool queue = false;

	if (c->excluded[a - m->agents])
		return false;
	for (unsigned i = 0; i < a->profile.n_queues; i++)
		queue = queue || a->profile.queues[i] == c->line.queue;
	for (unsigned i = 0; i < c->line.n_skills; i++) {
		bool met = false;

		for (unsigned j = 0; j < a->profile.n_skills; j++)
			met = met || (a->profile.skills[j].skill ==
					     c->line.skills[i].skill &&
					 a->profile.skills[j].level >=
					     c->line.skills[i].level);
		queue = queue && met;
	}
	return queue;
}

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
    const struct model_call *c, const struct model_agent *a)
{
	r->effects[r->n++] = (struct acd_effect){
		.kind = kind,
		.offer = c->offer,
		.call = model_call_id((unsigned)(c - m->calls)),
		.agent = (uint32_t)(a - m->agents),
	};
}

static void
offer(struct acd_model *m, struct model_call *c, struct model_agent *a,
    struct model_reply *r)
{
	if (c == NULL || a == NULL)
		return;
	c->state = CALL_OFFERED;
	a->state = AGENT_OFFERED;
	c->offer = a->offer = (uint64_t)m->generation << 32 | ++m->n_offers;
	tell(m, r, ACD_OFFERED, c, a);
}

static void
match_call(struct acd_model *m, struct model_call *c, struct model_reply *r)
{
	struct model_agent *best = NULL;

	FOR_AGENTS(m, a)
	if (a->state == AGENT_READY && suits(m, c, a) &&
	    (best == NULL || a->score < best->score))
		best = a;
	offer(m, c, best, r);
}

static void
match_agent(struct acd_model *m, struct model_agent *a, struct model_reply *r)
{
	struct model_call *best = NULL;

	FOR_CALLS(m, c)
	if (c->state == CALL_WAITS && suits(m, c, a) &&
	    (best == NULL || is_before(m, c, best)))
		best = c;
	offer(m, best, a, r);
}

static struct model_call *
call_of(struct acd_model *m, uint64_t id)
{
	FOR_CALLS(m, c)
	if (c->state == CALL_OFFERED && c->offer == id)
		return c;
	return NULL;
}

static struct model_agent *
agent_of(struct acd_model *m, uint64_t id)
{
	FOR_AGENTS(m, a)
	if (a->state == AGENT_OFFERED && a->offer == id)
		return a;
	return NULL;
}

static void
step_call(struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	struct model_call *c = &m->calls[cmd->call.b[2]];
	struct model_agent *a;

	if (cmd->op == ACD_ENQUEUE && c->state == CALL_GONE) {
		*c = (struct model_call){
			.state = CALL_WAITS,
			.line = *cmd->line,
			.score = cmd->score,
			.arrival = cmd->arrival,
		};
		match_call(m, c, r);
	} else if (cmd->op == ACD_DEQUEUE && c->state == CALL_WAITS) {
		c->state = CALL_GONE;
	} else if (cmd->op == ACD_DEQUEUE && c->state == CALL_OFFERED) {
		a = agent_of(m, c->offer);
		tell(m, r, ACD_RESCINDED, c, a);
		c->state = CALL_GONE;
		a->state = AGENT_READY;
		match_agent(m, a, r);
	}
}

static void
step_agent(
    struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	struct model_agent *a = &m->agents[cmd->agent];
	struct model_call *c = NULL;

	if (a->state == AGENT_GONE && cmd->op != ACD_LOGIN) {
		r->err = ERR_NOT_FOUND;
		return;
	}
	if (cmd->op == ACD_READY) {
		if (a->state == AGENT_OFFERED)
			r->err = ERR_REFUSED;
		if (a->state != AGENT_IDLE)
			return;
		a->state = AGENT_READY;
		a->score = cmd->score;
		match_agent(m, a, r);
		return;
	}
	if (a->state == AGENT_OFFERED) {
		c = call_of(m, a->offer);
		tell(m, r, ACD_RESCINDED, c, a);
		c->state = CALL_WAITS;
	}
	a->state = cmd->op == ACD_LOGOUT ? AGENT_GONE : AGENT_IDLE;
	if (cmd->op == ACD_LOGIN)
		a->profile = *cmd->profile;
	if (c != NULL)
		match_call(m, c, r);
}

static void
step_offer(
    struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	struct model_call *c = call_of(m, cmd->offer);
	struct model_agent *a = agent_of(m, cmd->offer);

	if (c == NULL)
		r->err = ERR_OFFER_GONE;
	if (c == NULL || cmd->op == ACD_SHOWN)
		return;
	if (cmd->op == ACD_ACCEPT) {
		c->state = CALL_GONE;
		a->state = AGENT_IDLE;
		return;
	}
	c->state = CALL_WAITS;
	a->state = cmd->stay_ready ? AGENT_READY : AGENT_IDLE;
	c->excluded[a - m->agents] |= cmd->exclude;
	match_call(m, c, r);
	if (a->state == AGENT_READY)
		match_agent(m, a, r);
}

void
model_step(
    struct acd_model *m, const struct acd_cmd *cmd, struct model_reply *r)
{
	*r = (struct model_reply){ .err = ERR_OK };
	if (cmd->op == ACD_ENQUEUE || cmd->op == ACD_DEQUEUE)
		step_call(m, cmd, r);
	else if (cmd->op == ACD_SHOWN || cmd->op == ACD_ACCEPT ||
		 cmd->op == ACD_END_OFFER)
		step_offer(m, cmd, r);
	else
		step_agent(m, cmd, r);
}

unsigned
model_waiting(const struct acd_model *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MODEL_CALLS; i++)
		n += m->calls[i].state == CALL_WAITS;
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

static bool
is_alone(const struct acd_model *m, uint64_t id)
{
	unsigned calls = 0, agents = 0;

	for (unsigned i = 0; i < MODEL_CALLS; i++)
		calls += m->calls[i].state == CALL_OFFERED &&
		         m->calls[i].offer == id;
	for (unsigned i = 1; i <= MODEL_AGENTS; i++)
		agents += m->agents[i].state == AGENT_OFFERED &&
		          m->agents[i].offer == id;
	return calls == 1 && agents == 1;
}

const char *
model_broken(const struct acd_model *m)
{
	for (unsigned i = 1; i <= MODEL_AGENTS; i++)
		if (m->agents[i].state == AGENT_OFFERED &&
		    !is_alone(m, m->agents[i].offer))
			return "an offer is of one call to one agent";
	for (unsigned i = 0; i < MODEL_CALLS; i++) {
		const struct model_call *c = &m->calls[i];

		if (c->state == CALL_OFFERED && !is_alone(m, c->offer))
			return "an offer is of one call to one agent";
		for (unsigned j = 1; j <= MODEL_AGENTS; j++)
			if (c->state == CALL_WAITS &&
			    m->agents[j].state == AGENT_READY &&
			    suits(m, c, &m->agents[j]))
				return "nobody waits while somebody is ready";
	}
	return NULL;
}
