/*
 * announce.c - what a caller who waits is told: the place, and the wait.
 *
 * First a second after it has come in, since who is matched at once needs no
 * music, then each interval of the queue's rule.  An announcement is advice: it
 * is not one of the call's orders, holds none of them up, and nobody waits for
 * what becomes of it.  The promise is made also where nobody is told, so that
 * it is known how good it would be.
 */
#include "desk/state.h"

#define FIRST_US INT64_C(1000000)

void
announce_begin(struct desk *d, struct call *c)
{
	c->stay.announce_at = d->now + FIRST_US;
}

int64_t
announce_next_at(const struct call *c)
{
	return c->stay.announce_at;
}

static void
tell(struct desk *d, const struct call *c, bool known)
{
	struct order o = {
		.order_id = order_id_next(d),
		.version = c->version,
		.call = { c->name, c->name_len },
		.kind = ORDER_ANNOUNCE,
		.position = room_ahead(c) + 1,
	};

	if (known) {
		o.wait_low_us = c->stay.promise.low_us;
		o.wait_high_us = c->stay.promise.high_us;
	}
	d->news->order(d->news->arg, c->sw->attached, &o);
}

void
announce_due(struct desk *d, struct call *c)
{
	int64_t every = c->queue->rules.announce_us;
	bool known;

	if (c->stay.announce_at > d->now)
		return;
	known = c->direct == 0 && room_promise(d, c);
	if (c->direct == 0 && every != 0 && c->sw->attached != NULL &&
	    (c->sw->can & ORDER_BIT(ORDER_ANNOUNCE)) != 0)
		tell(d, c, known);
	c->stay.announce_at = every != 0 ? d->now + every : INT64_MAX;
}
