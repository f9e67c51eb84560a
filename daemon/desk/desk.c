/*
 * desk.c - the desk as a whole: made, told of its stores, ticked, freed.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/log.h"
#include "desk/demand.h"
#include "desk/dial.h"
#include "desk/work.h"
#include "desk/wrap_late.h"

#define CONTAINER(n) \
	((struct timer *)(void *)((char *)(n)-offsetof(struct timer, node)))

static struct str
agent_name(void *arg, uint32_t agent)
{
	return desk_agent_name(arg, agent);
}

static enum err
make_clockwork(struct desk *d)
{
	const struct clockwork_options o = {
		.ledger = d->ledger,
		.node = d->options.node,
		.zone_directory = d->options.zone_directory,
		.notice = d->options.notice,
		.notice_arg = d->options.notice_arg,
		.agent = agent_name,
		.agent_arg = d,
	};

	return clockwork_new(&o, &d->clockwork);
}

enum err
desk_new(const struct desk_options *o, const struct desk_news *news,
    struct ledger *ledger, struct acd *remote, struct acd *local,
    struct desk **out)
{
	struct desk *d = calloc(1, sizeof(*d));
	enum err e;

	if (d == NULL)
		return ERR_NOMEM;
	d->ended_ring = calloc(CALL_ENDED_REMEMBERED, sizeof(*d->ended_ring));
	if (d->ended_ring == NULL) {
		free(d);
		return ERR_NOMEM;
	}
	d->options = *o;
	d->news = news;
	d->ledger = ledger;
	d->random = o->seed;
	d->remote = remote;
	d->local = d->acd = local;
	d->acd_epoch = 1; /* 0: told to none */
	heap_init(&d->timers);
	STAILQ_INIT(&d->stories);
	works_init(d);
	if ((e = make_clockwork(d)) != ERR_OK) {
		desk_free(&d);
		return e;
	}
	*out = d;
	return ERR_OK;
}

void
desk_free(struct desk **dp)
{
	struct desk *d = *dp;
	struct offer *o, *on;
	struct call *c, *cn;

	if (d == NULL)
		return;
	stories_fini(d);
	record_fini(d);
	wrap_late_fini(d);
	works_fini(d);
	dial_fini(d);
	control_fini(d);
	HASH_ITER(hh, d->offers, o, on)
	{
		HASH_DELETE(hh, d->offers, o);
		timer_clear(d, &o->timer);
		free(o);
	}
	HASH_ITER(hh, d->calls, c, cn)
	call_free(d, c);
	config_fini(d);
	returns_fini(d);
	switch_fini(d);
	HASH_CLEAR(hh, d->ended);
	free(d->ended_ring);
	heap_fini(&d->timers);
	clockwork_free(&d->clockwork);
	free(d);
	*dp = NULL;
}

/* ---- the stores' news */

void
desk_acd_up(struct desk *d, int64_t now)
{
	d->now = now;
	d->remote_up = true;
	if (d->configured)
		route_use(d, d->remote);
}

void
desk_acd_lost(struct desk *d, int64_t now)
{
	d->now = now;
	d->remote_up = false;
	if (d->configured)
		route_use(d, d->local);
}

static void
configured(void *arg, enum err e)
{
	struct desk *d = arg;

	if (e == ERR_OK)
		route_use(d, d->remote_up ? d->remote : d->local);
	/* else: lost again meanwhile, and asked again when it is up */
}

void
desk_ledger_up(struct desk *d, int64_t now)
{
	d->now = now;
	if (!d->configured && !d->configuring)
		desk_configure(d, configured, d);
	record_drained(d);
	work_doubt(d);
	wrap_late_ask(d);
	clockwork_up(d->clockwork, now);
}

void
desk_ledger_lost(struct desk *d)
{
	clockwork_lost(d->clockwork);
}

/* ---- time */

enum err
timer_set(struct desk *d, struct timer *t, int64_t at)
{
	return heap_set(&d->timers, &t->node, at);
}

void
timer_clear(struct desk *d, struct timer *t)
{
	heap_clear(&d->timers, &t->node);
}

static void
fire(struct desk *d, struct timer *t)
{
	switch (t->kind) {
	case TIMER_OFFER:
		offer_due(d, t->owner);
		break;
	case TIMER_DIAL:
		dial_due(d, t->owner);
		break;
	case TIMER_AGENT:
		agent_due(d, t->owner);
		break;
	case TIMER_DEMAND:
		demand_due(d, t->owner);
		break;
	case TIMER_WORK:
		work_due(d, t->owner);
		break;
	case TIMER_WAIT:
		wait_due(d, t->owner);
		break;
	default:
		abort(); /* a timer without an owner cannot be set */
	}
}

void
desk_tick(struct desk *d, int64_t now)
{
	struct heap_node *n;

	d->now = now;
	while ((n = heap_first(&d->timers)) != NULL && n->at <= now) {
		heap_clear(&d->timers, n);
		fire(d, CONTAINER(n));
	}
	clockwork_tick(d->clockwork, now);
}

int64_t
desk_next_at(const struct desk *d)
{
	const struct heap_node *n = heap_first(&d->timers);

	int64_t clocks = clockwork_next_at(d->clockwork);

	return n != NULL && n->at < clocks ? n->at : clocks;
}

void
desk_sweep(struct desk *d, int64_t now)
{
	d->now = now;
	if (d->configured)
		sweep_once(d); /* nobody may come for long: all are elsewhere */
	clockwork_sweep(d->clockwork, now);
	door_sweep(d);
	detector_sweep(d);
	work_look(d);
	record_drained(d); /* the last to drain may have had nobody to tell */
	config_look(d);
}

int64_t
desk_horizon(const struct desk *d)
{
	return clockwork_horizon(d->clockwork);
}

struct clockwork *
desk_clockwork(struct desk *d)
{
	return d->clockwork;
}

bool
desk_is_settled(const struct desk *d)
{
	return d->acd_pending == 0 && d->lookups_pending == 0;
}

void
desk_forget_peer(struct desk *d, void *peer)
{
	record_forget_peer(d, peer);
}
