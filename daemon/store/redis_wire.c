/*
 * redis_wire.c - one function writes a command, two read what came of it.
 */
#include "store/redis_wire.h"

#include <assert.h>
#include <string.h>

static uint8_t *
put_be(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
	return p + bytes;
}

static uint64_t
get_be(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

static uint8_t *
put_id(uint8_t *p, const struct id *id)
{
	memcpy(p, id->b, sizeof(id->b));
	return p + sizeof(id->b);
}

static uint8_t *
put_skills(uint8_t *p, const struct acd_skill *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		assert(s[i].level <= UINT8_MAX);
		p = put_be(p, s[i].skill, 4);
		*p++ = (uint8_t)s[i].level;
	}
	return p;
}

/* Line: agent, site, media, tier, its own queue and its neighbours, minimums. */
static uint8_t *
put_line(uint8_t *p, const struct acd_line *as_given)
{
	uint8_t *len = p++;
	struct acd_line l;

	acd_line_normal(as_given, &l);
	p = put_be(put_be(p, l.agent, 4), l.site, 4);
	*p++ = l.media;
	*p++ = l.tier;
	*p++ = l.agent != 0 ? 0 : (uint8_t)(1 + l.n_neighbours);
	if (l.agent == 0)
		p = put_be(p, l.queue, 4);
	for (unsigned i = 0; i < l.n_neighbours; i++)
		p = put_be(p, l.neighbours[i], 4);
	p = put_skills(p, l.skills, l.n_skills);
	*len = (uint8_t)(p - len - 1);
	return p;
}

static uint8_t *
put_place(uint8_t *p, const struct acd_cmd *c)
{
	assert(c->ring <= ACD_MAX_RING);
	p = put_be(p, (uint64_t)acd_score(c->score), 8);
	*p++ = c->ring > 0 ? (uint8_t)c->ring : 1;
	return put_line(p, c->line);
}

static uint8_t *
put_profile(uint8_t *p, const struct acd_profile *f)
{
	assert(f->n_queues <= ACD_MAX_AGENT_QUEUES);
	assert(f->n_skills <= ACD_MAX_AGENT_SKILLS);
	p = put_be(put_be(p, f->site, 4), f->items, 4);
	p = put_be(put_be(p, f->in_hand, 4), 5 * f->n_queues, 2);
	for (unsigned i = 0; i < f->n_queues; i++) {
		p = put_be(p, f->queues[i], 4);
		*p++ = f->tiers[i];
	}
	p = put_be(p, 5 * f->n_skills, 2);
	return put_skills(p, f->skills, f->n_skills);
}

/* That of the queues beyond them first. */
static uint8_t *
put_scores(uint8_t *p, const struct acd_cmd *c)
{
	unsigned n = c->scores != NULL ? c->n_scores : 0;

	assert(n <= ACD_MAX_AGENT_QUEUES);
	p = put_be(p, (uint64_t)acd_agent_score(c->score), 8);
	*p++ = (uint8_t)n;
	for (unsigned i = 0; i < n; i++)
		p = put_be(p, (uint64_t)acd_agent_score(c->scores[i]), 8);
	return p;
}

static uint8_t *
put_excluded(uint8_t *p, const struct acd_cmd *c)
{
	assert(c->n_excluded <= ACD_MAX_EXCLUDED);
	*p++ = (uint8_t)(4 * c->n_excluded);
	for (unsigned i = 0; i < c->n_excluded; i++)
		p = put_be(p, c->excluded[i], 4);
	return p;
}

static uint8_t *
put_offer(uint8_t *p, uint64_t offer, uint32_t generation)
{
	return put_be(p, offer >> 32 == generation ? (uint32_t)offer : 0, 4);
}

size_t
wire_put_command(uint8_t *out, const struct acd_cmd *c, uint32_t generation)
{
	uint8_t *p = out;

	*p++ = (uint8_t)c->op;
	p = put_be(p, (uint64_t)c->now, 8);
	switch (c->op) {
	case ACD_ENQUEUE:
		assert(!id_is_none(&c->call));
		p = put_be(put_id(p, &c->call), c->arrival, 8);
		p = put_excluded(put_place(p, c), c);
		break;
	case ACD_MOVE:
		p = put_id(p, &c->call);
		*p++ = c->forgive;
		p = put_place(p, c);
		break;
	case ACD_DEQUEUE:
		p = put_id(p, &c->call);
		break;
	case ACD_LOGIN:
		assert(c->agent != 0);
		p = put_profile(put_be(p, c->agent, 4), c->profile);
		break;
	case ACD_READY:
		p = put_scores(put_be(p, c->agent, 4), c);
		break;
	case ACD_LOGOUT:
	case ACD_NOT_READY:
	case ACD_WRAP_UP:
	case ACD_BUSY:
	case ACD_ITEM_DONE:
		p = put_be(p, c->agent, 4);
		break;
	case ACD_SHOWN:
	case ACD_ACCEPT:
		p = put_offer(p, c->offer, generation);
		break;
	case ACD_END_OFFER:
		p = put_offer(p, c->offer, generation);
		*p++ = c->stay_ready;
		*p++ = c->exclude;
		break;
	case ACD_LOOK:
		p = put_be(put_id(p, &c->call), c->agent, 4);
		break;
	case ACD_NONE:
	case ACD_NOPS:
		assert(!"a command has an operation");
	}
	assert((size_t)(p - out) <= WIRE_COMMAND_MAX);
	return (size_t)(p - out);
}

static bool
take(struct wire_reply *r, size_t n, const uint8_t **out)
{
	if (r->len < n)
		return false;
	*out = r->p;
	r->p += n;
	r->len -= n;
	return true;
}

enum err
wire_get_reply(struct wire_reply *r, uint32_t generation,
    struct acd_effect *effects, struct acd_reply *out)
{
	static const enum err errors[] = { ERR_OK, ERR_NOT_FOUND, ERR_REFUSED,
		ERR_OFFER_GONE }; /* as acd.lua numbers them */
	const uint8_t *p;

	if (!take(r, 7, &p) || p[0] >= NELEM(errors) || p[1] >= ACD_NSEENS ||
	    p[6] > ACD_MAX_EFFECTS)
		return ERR_BAD_FRAME;
	*out = (struct acd_reply){
		.err = errors[p[0]],
		.seen = p[1],
		.staffed = (uint32_t)get_be(p + 2, 4),
		.n_effects = p[6],
		.effects = effects,
	};
	for (unsigned i = 0; i < out->n_effects; i++) {
		struct acd_effect *e = &effects[i];

		if (!take(r, 25, &p) ||
		    (p[0] != ACD_OFFERED && p[0] != ACD_RESCINDED))
			return ERR_BAD_FRAME;
		e->kind = p[0];
		e->offer = (uint64_t)generation << 32 | get_be(p + 1, 4);
		memcpy(e->call.b, p + 5, sizeof(e->call.b));
		e->agent = (uint32_t)get_be(p + 21, 4);
	}
	return ERR_OK;
}

enum err
wire_get_counts(struct wire_reply *r, int32_t *waiting, int32_t *ready)
{
	const uint8_t *p;

	if (r->len != 8 || !take(r, 8, &p))
		return ERR_BAD_FRAME;
	*waiting = (int32_t)get_be(p, 4);
	*ready = (int32_t)get_be(p + 4, 4);
	return ERR_OK;
}
