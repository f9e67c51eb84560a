/*
 * mem_floor.c - trees for the order, tables for the names.  See mem_floor.h.
 */
#include "store/mem_floor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- calls */

struct call *
floor_call(const struct floor *f, const struct id *id)
{
	struct call *c;

	HASH_FIND(hh, f->calls, id, sizeof(*id), c);
	return c;
}

void
floor_wait(struct floor *f, struct call *c)
{
	if (zset_has(&c->place) || c->n_offers >= c->ring)
		return;
	zset_add(&c->line->waiting, &c->place);
	f->n_waiting++;
}

static void
stop_waiting(struct floor *f, struct call *c)
{
	if (!zset_has(&c->place))
		return;
	zset_remove(&c->line->waiting, &c->place);
	f->n_waiting--;
}

/* Its place by that command, ENQUEUE or MOVE. */
static enum err
set_place(struct floor *f, struct call *c, const struct acd_cmd *cmd)
{
	struct line *l = floor_line(f, cmd->line);

	assert(cmd->ring <= ACD_MAX_RING);
	if (l == NULL)
		return ERR_NOMEM;
	stop_waiting(f, c);
	c->line = l;
	c->place.score = acd_score(cmd->score);
	c->ring = cmd->ring > 0 ? cmd->ring : 1;
	floor_wait(f, c);
	return ERR_OK;
}

enum err
floor_add_call(struct floor *f, const struct acd_cmd *cmd, struct call **out)
{
	struct call *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return ERR_NOMEM;
	c->id = c->place.id = cmd->call;
	c->place.arrival = cmd->arrival;
	TAILQ_INIT(&c->offers);
	HASH_ADD(hh, f->calls, id, sizeof(c->id), c);
	if (!HASH_ADD_OK(hh, c)) {
		free(c);
		return ERR_NOMEM;
	}
	if (set_place(f, c, cmd) != ERR_OK) {
		HASH_DELETE(hh, f->calls, c);
		free(c);
		return ERR_NOMEM;
	}
	*out = c;
	return ERR_OK;
}

enum err
floor_move_call(struct floor *f, struct call *c, const struct acd_cmd *cmd)
{
	enum err e = set_place(f, c, cmd);

	if (e == ERR_OK && cmd->forgive)
		c->n_excluded = 0;
	return e;
}

void
floor_remove_call(struct floor *f, struct call *c)
{
	assert(c->n_offers == 0);
	stop_waiting(f, c);
	HASH_DELETE(hh, f->calls, c); /* NOLINT: uthash knows it is there */
	free(c->excluded);
	free(c);
}

static bool
is_excluded(const struct call *c, uint32_t agent)
{
	for (unsigned i = 0; i < c->n_excluded; i++)
		if (c->excluded[i] == agent)
			return true;
	return false;
}

enum err
floor_exclude(struct call *c, uint32_t agent)
{
	size_t room = (c->n_excluded + 1) * sizeof(c->excluded[0]);
	uint32_t *more;

	if (is_excluded(c, agent))
		return ERR_OK;
	if ((more = realloc(c->excluded, room)) == NULL)
		return ERR_NOMEM;
	c->excluded = more;
	c->excluded[c->n_excluded++] = agent;
	return ERR_OK;
}

/* ---------------------------------------------------------------- agents */

struct agent *
floor_agent(const struct floor *f, uint32_t id)
{
	struct agent *a;

	HASH_FIND(hh, f->agents, &id, sizeof(id), a);
	return a;
}

struct agent *
floor_offered(const struct floor *f, uint64_t offer)
{
	struct agent *a;

	HASH_FIND(hh_offer, f->offers, &offer, sizeof(offer), a);
	return a;
}

enum err
floor_add_agent(struct floor *f, uint32_t id, const struct acd_profile *profile)
{
	struct agent *a = calloc(1, sizeof(*a));

	assert(profile->n_queues <= ACD_MAX_AGENT_QUEUES);
	assert(profile->n_skills <= ACD_MAX_AGENT_SKILLS);
	if (a == NULL)
		return ERR_NOMEM;
	a->id = id;
	a->profile = *profile;
	a->in_hand = profile->in_hand;
	if (seats_take(f, a) != ERR_OK)
		goto fail;
	HASH_ADD(hh, f->agents, id, sizeof(a->id), a);
	if (!HASH_ADD_OK(hh, a))
		goto fail;
	return ERR_OK;
fail:
	seats_leave(a);
	free(a);
	return ERR_NOMEM;
}

void
floor_remove_agent(struct floor *f, struct agent *a)
{
	assert(a->call == NULL);
	floor_set_state(f, a, FLOOR_IDLE);
	seats_leave(a);
	HASH_DELETE(hh, f->agents, a);
	free(a);
}

void
floor_set_scores(struct agent *a, const struct acd_cmd *cmd)
{
	assert(a->state != FLOOR_READY);
	for (unsigned i = 0; i < a->profile.n_queues; i++)
		a->scores[i] = acd_agent_score(
		    cmd->scores != NULL && i < cmd->n_scores ? cmd->scores[i]
							     : cmd->score);
}

void
floor_set_state(struct floor *f, struct agent *a, enum floor_state to)
{
	bool was = a->state == FLOOR_READY, is = to == FLOOR_READY;

	a->state = to;
	f->n_ready += is - was;
	if (was != is)
		seats_sit(a);
}

void
floor_set_in_hand(struct agent *a, uint32_t in_hand)
{
	a->in_hand = in_hand;
	if (a->state == FLOOR_READY)
		seats_sit(a);
}

/* -------------------------------------------------------------- matching */

static struct call *
call_at(struct zset_node *n)
{
	return (
	    struct call *)(void *)((char *)n - offsetof(struct call, place));
}

/* The first of the line that may have the call; passes over no more agents
 * than are excluded from it. */
static struct agent *
best_agent(const struct call *c)
{
	struct zset_node *n = zset_first(&c->line->ready);

	for (; n != NULL; n = zset_next(n)) {
		struct seat *s = (struct seat *)(void *)n;

		if (!is_excluded(c, s->agent->id))
			return s->agent;
	}
	return NULL;
}

/* The best head over all lines; passes over no more calls than this agent is
 * excluded from. */
static struct call *
best_call(const struct agent *a)
{
	struct zset_node *best = NULL, *n;

	for (const struct seat *s = a->seats; s != NULL; s = s->next) {
		if (s->line->key.media == ACD_WORK &&
		    a->in_hand >= a->profile.items)
			continue;
		n = zset_first(&s->line->waiting);
		while (n != NULL && is_excluded(call_at(n), a->id))
			n = zset_next(n);
		if (n != NULL && (best == NULL || zset_compare(n, best) < 0))
			best = n;
	}
	return best != NULL ? call_at(best) : NULL;
}

static bool
reserve(struct floor *f, struct call *c, struct agent *a)
{
	assert(c->n_offers < c->ring && a->state != FLOOR_OFFERED);
	assert(f->n_offers < UINT32_MAX);
	a->offer = (uint64_t)f->generation << 32 | (f->n_offers + 1);
	HASH_ADD(hh_offer, f->offers, offer, sizeof(a->offer), a);
	if (!HASH_ADD_OK(hh_offer, a))
		return false;
	f->n_offers++;
	a->call = c;
	TAILQ_INSERT_TAIL(&c->offers, a, entry);
	if (++c->n_offers == c->ring)
		stop_waiting(f, c);
	floor_set_state(f, a, FLOOR_OFFERED);
	return true;
}

bool
floor_match_call(struct floor *f, struct call *c)
{
	struct agent *a = c->n_offers < c->ring ? best_agent(c) : NULL;

	return a != NULL && reserve(f, c, a);
}

bool
floor_match_agent(struct floor *f, struct agent *a)
{
	struct call *c = best_call(a);

	return c != NULL && reserve(f, c, a);
}

struct call *
floor_end_offer(struct floor *f, struct agent *a, enum floor_state to)
{
	struct call *c = a->call;

	assert(a->state == FLOOR_OFFERED && c->n_offers > 0);
	HASH_DELETE(hh_offer, f->offers, a);
	TAILQ_REMOVE(&c->offers, a, entry);
	c->n_offers--;
	a->call = NULL;
	floor_set_state(f, a, to);
	return c;
}

void
floor_clear(struct floor *f)
{
	struct call *c, *ctmp;
	struct agent *a, *atmp;

	HASH_ITER(hh, f->agents, a, atmp)
	{
		if (a->call != NULL)
			(void)floor_end_offer(f, a, FLOOR_IDLE);
		floor_remove_agent(f, a);
	}
	HASH_ITER(hh, f->calls, c, ctmp)
	floor_remove_call(f, c);
	lines_clear(f);
	f->n_offers = 0;
}
