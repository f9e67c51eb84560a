/*
 * returns.c - see returns.h.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define REMEMBERED 4096
#define KEY_ROOM 40

struct gone_call {
	char key[KEY_ROOM]; /* its queue and number; "": taken */
	int64_t enqueued_at, ended_at;
	uint64_t arrival;
	UT_hash_handle hh;
};

struct returns {
	struct gone_call *by_key;
	struct gone_call ring[REMEMBERED];
	unsigned next;
};

/* False: nobody can be known again by that. */
static bool
key_of(const struct call *c, char key[KEY_ROOM])
{
	struct str number = str_of(c->e164[0] != '\0' ? c->e164 : c->caller);
	int n;

	if (c->queue == NULL || text_is_withheld(number))
		return false;
	n = snprintf(key, KEY_ROOM, "%u %.*s", c->queue->id, STR_ARG(number));
	return n > 0 && n < KEY_ROOM;
}

static void
forget(struct returns *r, struct gone_call *g)
{
	HASH_DELETE(hh, r->by_key, g);
	g->key[0] = '\0';
}

/* As the view call_outcome has it: the caller, not a rule, has ended it. */
static bool
was_given_up(const struct call *c)
{
	static const bool by_rule[CAUSE_NUMBER] = {
		[CAUSE_OVERFLOW] = true,
		[CAUSE_TIMED_OUT] = true,
		[CAUSE_REFUSED] = true,
		[CAUSE_CALLED_BACK] = true,
		[CAUSE_WITHDRAWN] = true,
		[CAUSE_SWITCH_LOST] = true,
	};

	return c->queued_at != 0 && c->established_at == 0 &&
	       c->end_cause < CAUSE_NUMBER && !by_rule[c->end_cause];
}

void
returns_keep(struct desk *d, const struct call *c)
{
	struct gone_call *g;
	char key[KEY_ROOM];

	if (c->queue == NULL || c->queue->rules.return_us == 0 ||
	    !was_given_up(c) || !key_of(c, key))
		return;
	if (d->returns == NULL)
		d->returns = calloc(1, sizeof(*d->returns));
	desk_must(d->returns != NULL ? ERR_OK : ERR_NOMEM);
	HASH_FIND_STR(d->returns->by_key, key, g);
	if (g != NULL)
		forget(d->returns, g);
	g = &d->returns->ring[d->returns->next++ % REMEMBERED];
	if (g->key[0] != '\0')
		forget(d->returns, g);
	*g = (struct gone_call){ .enqueued_at = c->enqueued_at,
		.ended_at = c->ended_at,
		.arrival = c->arrival };
	memcpy(g->key, key, sizeof(key));
	HASH_ADD_STR(d->returns->by_key, key, g);
}

static bool
in_time(const struct desk *d, const struct call *c, int64_t ended_at)
{
	return d->now - ended_at <= c->queue->rules.return_us;
}

bool
returns_give(struct desk *d, struct call *c)
{
	const struct facts *f = facts_of(c);
	struct gone_call *g = NULL;
	char key[KEY_ROOM];

	if (c->queue == NULL || c->queue->rules.return_us == 0 ||
	    c->stand.returned)
		return false;
	if (d->returns != NULL && key_of(c, key))
		HASH_FIND_STR(d->returns->by_key, key, g);
	if (g != NULL && in_time(d, c, g->ended_at)) {
		c->enqueued_at = g->enqueued_at;
		c->arrival = g->arrival;
		c->stand.returned = true;
	} else if (f != NULL && f->abandoned.queue == c->queue->id &&
		   f->abandoned.queued_at < c->enqueued_at &&
		   in_time(d, c, f->abandoned.ended_at)) {
		c->enqueued_at = f->abandoned.queued_at;
		c->stand.returned = true;
	}
	if (g != NULL)
		forget(d->returns, g);
	return c->stand.returned;
}

void
returns_fini(struct desk *d)
{
	if (d->returns == NULL)
		return;
	HASH_CLEAR(hh, d->returns->by_key);
	free(d->returns);
	d->returns = NULL;
}
