/*
 * mem_floor.c - trees for the order, tables for the names.
 */
#include "store/mem_floor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct queue {
	UT_hash_handle hh;
	uint32_t id;
	struct line *lines;
};

struct seat {
	struct zset_node node; /* first: a ready set's node is a seat */
	struct agent *agent;
	struct line *line;
	struct seat *next; /* of the same agent */
};

/* ----------------------------------------------------------------- seats */

static bool
has_skill(const struct acd_profile *p, const struct acd_skill *want)
{
	for (unsigned i = 0; i < p->n_skills; i++)
		if (p->skills[i].skill == want->skill &&
		    p->skills[i].level >= want->level)
			return true;
	return false;
}

static bool
qualifies(const struct acd_profile *p, const struct acd_line *l)
{
	bool in_queue = false;

	for (unsigned i = 0; i < p->n_queues && !in_queue; i++)
		in_queue = p->queues[i] == l->queue;
	for (unsigned i = 0; i < l->n_skills && in_queue; i++)
		if (!has_skill(p, &l->skills[i]))
			return false;
	return in_queue;
}

static enum err
take_seat(struct agent *a, struct line *l)
{
	struct seat *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_NOMEM;
	s->agent = a;
	s->line = l;
	s->next = a->seats;
	a->seats = s;
	s->node.score = a->score;
	s->node.arrival = a->id;
	if (a->state == FLOOR_READY)
		zset_add(&l->ready, &s->node);
	return ERR_OK;
}

/* `only' NULL: all of them. */
static void
leave_seats(struct agent *a, const struct line *only)
{
	struct seat **at = &a->seats, *s;

	while ((s = *at) != NULL) {
		if (only != NULL && s->line != only) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		zset_remove(&s->line->ready, &s->node);
		free(s);
	}
}

/* In every line of the queues that the agent has. */
static enum err
take_seats(struct floor *f, struct agent *a)
{
	const struct acd_profile *p = &a->profile;
	struct queue *q;

	for (unsigned i = 0; i < p->n_queues; i++) {
		HASH_FIND(hh, f->queues, &p->queues[i], sizeof(q->id), q);
		for (unsigned j = 0; j < i && q != NULL; j++)
			if (p->queues[j] == p->queues[i])
				q = NULL; /* named twice */
		if (q == NULL)
			continue;
		for (struct line *l = q->lines; l != NULL; l = l->next)
			if (qualifies(p, &l->key) && take_seat(a, l) != ERR_OK)
				return ERR_NOMEM;
	}
	return ERR_OK;
}

/* ----------------------------------------------------------------- lines */

static struct queue *
queue_of(struct floor *f, uint32_t id)
{
	struct queue *q;

	HASH_FIND(hh, f->queues, &id, sizeof(id), q);
	if (q != NULL || (q = calloc(1, sizeof(*q))) == NULL)
		return q;
	q->id = id;
	HASH_ADD(hh, f->queues, id, sizeof(q->id), q);
	if (!HASH_ADD_OK(hh, q)) {
		free(q);
		return NULL;
	}
	return q;
}

/* Everybody who is logged in and qualifies takes a seat. */
static enum err
fill_seats(struct floor *f, struct line *l)
{
	struct agent *a, *tmp;

	HASH_ITER(hh, f->agents, a, tmp)
	if (qualifies(&a->profile, &l->key) && take_seat(a, l) != ERR_OK)
		goto fail;
	return ERR_OK;
fail:
	HASH_ITER(hh, f->agents, a, tmp)
	leave_seats(a, l);
	return ERR_NOMEM;
}

/* The line, made on first use; NULL: no memory. */
static struct line *
line_of(struct floor *f, const struct acd_line *key)
{
	size_t len = offsetof(struct acd_line, skills) +
	             key->n_skills * sizeof(key->skills[0]);
	struct queue *q;
	struct line *l;

	assert(key->n_skills <= ACD_MAX_SKILLS);
	HASH_FIND(hh, f->lines, key, len, l);
	if (l != NULL)
		return l;
	if ((q = queue_of(f, key->queue)) == NULL ||
	    (l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	memcpy(&l->key, key, len);
	HASH_ADD(hh, f->lines, key, len, l);
	if (!HASH_ADD_OK(hh, l))
		goto fail;
	if (fill_seats(f, l) != ERR_OK) {
		HASH_DELETE(hh, f->lines, l);
		goto fail;
	}
	l->next = q->lines;
	q->lines = l;
	return l;
fail:
	free(l);
	return NULL;
}

/* ----------------------------------------------------------------- calls */

struct call *
floor_call(const struct floor *f, const struct id *id)
{
	struct call *c;

	HASH_FIND(hh, f->calls, id, sizeof(*id), c);
	return c;
}

enum err
floor_add_call(struct floor *f, const struct id *id,
    const struct acd_line *line, int64_t score, uint64_t arrival,
    struct call **out)
{
	struct line *l = line_of(f, line);
	struct call *c;

	if (l == NULL || (c = calloc(1, sizeof(*c))) == NULL)
		return ERR_NOMEM;
	c->id = c->place.id = *id;
	c->line = l;
	c->place.score = acd_score(score);
	c->place.arrival = arrival;
	HASH_ADD(hh, f->calls, id, sizeof(c->id), c);
	if (!HASH_ADD_OK(hh, c)) {
		free(c);
		return ERR_NOMEM;
	}
	floor_wait(f, c);
	*out = c;
	return ERR_OK;
}

void
floor_wait(struct floor *f, struct call *c)
{
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

void
floor_remove_call(struct floor *f, struct call *c)
{
	assert(c->agent == NULL);
	stop_waiting(f, c);
	HASH_DELETE(hh, f->calls, c); /* NOLINT: uthash knows it is there */
	free(c->excluded);
	free(c);
}

static bool
is_excluded(const struct call *c, const struct agent *a)
{
	for (unsigned i = 0; i < c->n_excluded; i++)
		if (c->excluded[i] == a->id)
			return true;
	return false;
}

enum err
floor_exclude(struct call *c, const struct agent *a)
{
	size_t room = (c->n_excluded + 1) * sizeof(c->excluded[0]);
	uint32_t *more;

	if (is_excluded(c, a))
		return ERR_OK;
	if ((more = realloc(c->excluded, room)) == NULL)
		return ERR_NOMEM;
	c->excluded = more;
	c->excluded[c->n_excluded++] = a->id;
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
	if (take_seats(f, a) != ERR_OK)
		goto fail;
	HASH_ADD(hh, f->agents, id, sizeof(a->id), a);
	if (!HASH_ADD_OK(hh, a))
		goto fail;
	return ERR_OK;
fail:
	leave_seats(a, NULL);
	free(a);
	return ERR_NOMEM;
}

void
floor_remove_agent(struct floor *f, struct agent *a)
{
	assert(a->call == NULL);
	floor_set_state(f, a, FLOOR_IDLE);
	leave_seats(a, NULL);
	HASH_DELETE(hh, f->agents, a);
	free(a);
}

void
floor_set_state(struct floor *f, struct agent *a, enum floor_state to)
{
	bool was = a->state == FLOOR_READY, is = to == FLOOR_READY;

	a->state = to;
	if (was == is)
		return;
	f->n_ready += is - was;
	for (struct seat *s = a->seats; s != NULL; s = s->next) {
		zset_remove(&s->line->ready, &s->node);
		s->node.score = a->score;
		if (is)
			zset_add(&s->line->ready, &s->node);
	}
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

		if (!is_excluded(c, s->agent))
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
		n = zset_first(&s->line->waiting);
		while (n != NULL && is_excluded(call_at(n), a))
			n = zset_next(n);
		if (n != NULL && (best == NULL || zset_compare(n, best) < 0))
			best = n;
	}
	return best != NULL ? call_at(best) : NULL;
}

static bool
reserve(struct floor *f, struct call *c, struct agent *a)
{
	assert(c->agent == NULL && a->state == FLOOR_READY);
	assert(f->n_offers < UINT32_MAX);
	a->offer = (uint64_t)f->generation << 32 | (f->n_offers + 1);
	HASH_ADD(hh_offer, f->offers, offer, sizeof(a->offer), a);
	if (!HASH_ADD_OK(hh_offer, a))
		return false;
	f->n_offers++;
	c->agent = a;
	a->call = c;
	stop_waiting(f, c);
	floor_set_state(f, a, FLOOR_OFFERED);
	return true;
}

bool
floor_match_call(struct floor *f, struct call *c)
{
	struct agent *a = best_agent(c);

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

	assert(a->state == FLOOR_OFFERED && c->agent == a);
	HASH_DELETE(hh_offer, f->offers, a);
	c->agent = NULL;
	a->call = NULL;
	floor_set_state(f, a, to);
	return c;
}

void
floor_clear(struct floor *f)
{
	struct call *c, *ctmp;
	struct agent *a, *atmp;
	struct line *l, *ltmp;
	struct queue *q, *qtmp;

	HASH_ITER(hh, f->agents, a, atmp)
	{
		if (a->call != NULL)
			(void)floor_end_offer(f, a, FLOOR_IDLE);
		floor_remove_agent(f, a);
	}
	HASH_ITER(hh, f->calls, c, ctmp)
	floor_remove_call(f, c);
	HASH_ITER(hh, f->lines, l, ltmp)
	{
		HASH_DELETE(hh, f->lines, l);
		free(l);
	}
	HASH_ITER(hh, f->queues, q, qtmp)
	{
		HASH_DELETE(hh, f->queues, q);
		free(q);
	}
	f->n_offers = 0;
}
