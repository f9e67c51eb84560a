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

/* Decimal text behind its length: sorted sets take their scores as text. */
static uint8_t *
put_score(uint8_t *p, int64_t score)
{
	int64_t s = acd_score(score);
	uint64_t v = (uint64_t)(s < 0 ? -s : s);
	uint8_t text[20], *at = text + sizeof(text);
	size_t len;

	do {
		*--at = (uint8_t)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	if (s < 0)
		*--at = '-';
	len = (size_t)(text + sizeof(text) - at);
	*p++ = (uint8_t)len;
	memcpy(p, at, len);
	return p + len;
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

static uint8_t *
put_line(uint8_t *p, const struct acd_line *l)
{
	assert(l->n_skills <= ACD_MAX_SKILLS);
	*p++ = (uint8_t)(4 + 5 * l->n_skills);
	p = put_be(p, l->queue, 4);
	return put_skills(p, l->skills, l->n_skills);
}

static uint8_t *
put_profile(uint8_t *p, const struct acd_profile *f)
{
	assert(f->n_queues <= ACD_MAX_AGENT_QUEUES);
	assert(f->n_skills <= ACD_MAX_AGENT_SKILLS);
	p = put_be(p, 4 * f->n_queues, 2);
	for (unsigned i = 0; i < f->n_queues; i++)
		p = put_be(p, f->queues[i], 4);
	p = put_be(p, 5 * f->n_skills, 2);
	return put_skills(p, f->skills, f->n_skills);
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
		p = put_line(put_score(p, c->score), c->line);
		break;
	case ACD_DEQUEUE:
		p = put_id(p, &c->call);
		break;
	case ACD_LOGIN:
		assert(c->agent != 0);
		p = put_profile(put_be(p, c->agent, 4), c->profile);
		break;
	case ACD_READY:
		p = put_score(put_be(p, c->agent, 4), c->score);
		break;
	case ACD_LOGOUT:
	case ACD_NOT_READY:
	case ACD_WRAP_UP:
	case ACD_BUSY:
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
	case ACD_MOVE:
	case ACD_ITEM_DONE:
	case ACD_LOOK:
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

	if (!take(r, 2, &p) || p[0] >= NELEM(errors) || p[1] > ACD_MAX_EFFECTS)
		return ERR_BAD_FRAME;
	*out = (struct acd_reply){
		.err = errors[p[0]], .n_effects = p[1], .effects = effects
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
