/*
 * mem_line.c - lines, the doors that lead to them, seats.
 *
 * A door is a queue or one agent alone: whoever has the queue in his profile,
 * or is that agent, looks behind it when he logs in.
 */
#include "store/mem_floor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NO_SLOT UINT8_MAX

struct door {
	UT_hash_handle hh;
	struct door_key {
		uint32_t queue, agent; /* one of them */
	} key;
	unsigned n, room;
	struct line **lines;
};

/* ------------------------------------------------------------ qualifying */

static bool
has_skill(const struct acd_profile *p, const struct acd_skill *want)
{
	for (unsigned i = 0; i < p->n_skills; i++)
		if (p->skills[i].skill == want->skill &&
		    p->skills[i].level >= want->level)
			return true;
	return false;
}

/* The first slot with that queue at a tier that the line takes. */
static bool
find_slot(const struct acd_profile *p, uint32_t queue, uint8_t limit,
    struct seat *out)
{
	for (unsigned i = 0; i < p->n_queues; i++)
		if (p->queues[i] == queue &&
		    (limit == 0 || p->tiers[i] <= limit)) {
			out->slot = (uint8_t)i;
			return true;
		}
	return false;
}

static bool
find_door(
    const struct acd_profile *p, const struct acd_line *l, struct seat *out)
{
	out->order = 0;
	if (find_slot(p, l->queue, l->tier, out))
		return true;
	for (unsigned i = 0; i < l->n_neighbours; i++) {
		out->order++;
		if (find_slot(p, l->neighbours[i], l->tier, out))
			return true;
	}
	return false;
}

/* True: a seat in that line, with the order and slot of the door. */
static bool
qualifies(const struct agent *a, const struct acd_line *l, struct seat *out)
{
	const struct acd_profile *p = &a->profile;

	if ((l->site != 0 && l->site != p->site) ||
	    (l->media == ACD_WORK && p->items == 0))
		return false;
	out->order = 0;
	out->slot = NO_SLOT;
	if (l->agent != 0)
		return l->agent == a->id;
	if (!find_door(p, l, out))
		return false;
	for (unsigned i = 0; i < l->n_skills; i++)
		if (!has_skill(p, &l->skills[i]))
			return false;
	return true;
}

/* ----------------------------------------------------------------- seats */

static bool
is_open(const struct seat *s)
{
	const struct agent *a = s->agent;

	return a->state == FLOOR_READY && (s->line->key.media != ACD_WORK ||
					      a->in_hand < a->profile.items);
}

/* Those let in by one queue lie behind those by the queue before: eight spans
 * of ACD_AGENT_SCORES fill what a double holds exactly, from -2^53 up. */
static void
sit(struct seat *s)
{
	bool open = is_open(s);
	int64_t score = s->slot != NO_SLOT ? s->agent->scores[s->slot] : 0;

	if (open == zset_has(&s->node))
		return; /* scores change while the agent is not ready only */
	if (!open) {
		zset_remove(&s->line->ready, &s->node);
		return;
	}
	s->node.score = s->order * ACD_AGENT_SCORES - ACD_SCORE_MAX + score;
	zset_add(&s->line->ready, &s->node);
}

void
seats_sit(struct agent *a)
{
	for (struct seat *s = a->seats; s != NULL; s = s->next)
		sit(s);
}

static enum err
take_seat(struct agent *a, struct line *l, const struct seat *where)
{
	struct seat *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_NOMEM;
	s->agent = a;
	s->line = l;
	s->order = where->order;
	s->slot = where->slot;
	s->node.arrival = a->id;
	s->next = a->seats;
	a->seats = s;
	l->staffed++;
	sit(s);
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
		s->line->staffed--;
		free(s);
	}
}

void
seats_leave(struct agent *a)
{
	leave_seats(a, NULL);
}

/* ----------------------------------------------------------------- doors */

static struct door *
find_door_of(const struct floor *f, uint32_t queue, uint32_t agent)
{
	const struct door_key key = { queue, agent };
	struct door *d;

	HASH_FIND(hh, f->doors, &key, sizeof(key), d);
	return d;
}

/* With room for one line more; NULL: no memory. */
static struct door *
make_door(struct floor *f, uint32_t queue, uint32_t agent)
{
	struct door *d = find_door_of(f, queue, agent);
	struct line **more;

	if (d == NULL) {
		if ((d = calloc(1, sizeof(*d))) == NULL)
			return NULL;
		d->key = (struct door_key){ queue, agent };
		HASH_ADD(hh, f->doors, key, sizeof(d->key), d);
		if (!HASH_ADD_OK(hh, d)) {
			free(d);
			return NULL;
		}
	}
	if (d->n == d->room) {
		more =
		    realloc(d->lines, (2 * d->room + 2) * sizeof(d->lines[0]));
		if (more == NULL)
			return NULL;
		d->lines = more;
		d->room = 2 * d->room + 2;
	}
	return d;
}

/* The n-th door of a line; false: it has no more. */
static bool
nth_door(const struct acd_line *l, unsigned n, uint32_t *queue)
{
	if (l->agent != 0 || n == 0) {
		*queue = l->queue;
		return n == 0;
	}
	*queue = n <= l->n_neighbours ? l->neighbours[n - 1] : 0;
	return n <= l->n_neighbours;
}

static enum err
make_doors(struct floor *f, const struct acd_line *l)
{
	uint32_t queue;

	for (unsigned i = 0; nth_door(l, i, &queue); i++)
		if (make_door(f, queue, l->agent) == NULL)
			return ERR_NOMEM;
	return ERR_OK;
}

static void
open_doors(struct floor *f, struct line *l)
{
	uint32_t queue;

	for (unsigned i = 0; nth_door(&l->key, i, &queue); i++) {
		struct door *d = find_door_of(f, queue, l->key.agent);

		d->lines[d->n++] = l;
	}
}

/* A line with several doors is entered by the one that counts. */
static enum err
enter(struct agent *a, const struct door *d)
{
	struct seat where;
	uint32_t queue;

	for (unsigned i = 0; d != NULL && i < d->n; i++)
		if (qualifies(a, &d->lines[i]->key, &where) &&
		    nth_door(&d->lines[i]->key, where.order, &queue) &&
		    queue == d->key.queue &&
		    take_seat(a, d->lines[i], &where) != ERR_OK)
			return ERR_NOMEM;
	return ERR_OK;
}

enum err
seats_take(struct floor *f, struct agent *a)
{
	const struct acd_profile *p = &a->profile;

	for (unsigned i = 0; i < p->n_queues; i++) {
		bool again = false;

		for (unsigned j = 0; j < i && !again; j++)
			again = p->queues[j] == p->queues[i];
		if (!again &&
		    enter(a, find_door_of(f, p->queues[i], 0)) != ERR_OK)
			return ERR_NOMEM;
	}
	return enter(a, find_door_of(f, 0, a->id));
}

/* ----------------------------------------------------------------- lines */

/* Everybody who is logged in and qualifies takes a seat; only the agent whose
 * line it is can. */
static enum err
fill_seats(struct floor *f, struct line *l)
{
	struct agent *a, *tmp;
	struct seat where;

	if (l->key.agent != 0) {
		a = floor_agent(f, l->key.agent);
		return a != NULL && qualifies(a, &l->key, &where)
		           ? take_seat(a, l, &where)
		           : ERR_OK;
	}
	HASH_ITER(hh, f->agents, a, tmp)
	if (qualifies(a, &l->key, &where) && take_seat(a, l, &where) != ERR_OK)
		goto fail;
	return ERR_OK;
fail:
	HASH_ITER(hh, f->agents, a, tmp)
	leave_seats(a, l);
	return ERR_NOMEM;
}

struct line *
floor_line(struct floor *f, const struct acd_line *as_given)
{
	struct acd_line key;
	struct line *l;
	size_t len;

	acd_line_normal(as_given, &key);
	len = offsetof(struct acd_line, skills) +
	      key.n_skills * sizeof(key.skills[0]);
	HASH_FIND(hh, f->lines, &key, len, l);
	if (l != NULL)
		return l;
	if (make_doors(f, &key) != ERR_OK ||
	    (l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	memcpy(&l->key, &key, sizeof(key));
	HASH_ADD(hh, f->lines, key, len, l);
	if (!HASH_ADD_OK(hh, l))
		goto fail;
	if (fill_seats(f, l) != ERR_OK) {
		HASH_DELETE(hh, f->lines, l);
		goto fail;
	}
	open_doors(f, l);
	return l;
fail:
	free(l);
	return NULL;
}

void
lines_clear(struct floor *f)
{
	struct line *l, *ltmp;
	struct door *d, *dtmp;

	HASH_ITER(hh, f->lines, l, ltmp)
	{
		HASH_DELETE(hh, f->lines, l);
		free(l);
	}
	HASH_ITER(hh, f->doors, d, dtmp)
	{
		HASH_DELETE(hh, f->doors, d);
		free(d->lines);
		free(d);
	}
}
