/*
 * call.c - one call's object: its texts, its place in the queue, the orders
 * that its bridge was given, its end.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"

/* A switch's clock this far off is not believed for a place in the queue. */
#define PLAUSIBLE_US (60 * INT64_C(1000000))

struct call *
call_find(struct desk *d, const struct id *id)
{
	struct call *c;

	HASH_FIND(hh, d->calls, id, sizeof(*id), c);
	return c;
}

bool
call_was_ended(struct desk *d, const struct id *id)
{
	struct ended_call *e;

	HASH_FIND(hh, d->ended, id, sizeof(*id), e);
	return e != NULL;
}

/* The last so many that have ended, so that a late event starts no ghost. */
static void
remember_ended(struct desk *d, const struct id *id)
{
	struct ended_call *e = &d->ended_ring[d->ended_next];

	if (!id_is_none(&e->id))
		HASH_DELETE(hh, d->ended, e);
	e->id = *id;
	HASH_ADD(hh, d->ended, id, sizeof(e->id), e);
	d->ended_next = (d->ended_next + 1) % CALL_ENDED_REMEMBERED;
}

struct call *
call_new(struct swtch *sw, struct str name, const struct id *id)
{
	struct desk *d = sw->desk;
	struct call *c = calloc(1, sizeof(*c));

	desk_must(c != NULL ? ERR_OK : ERR_NOMEM);
	c->id = *id;
	c->sw = sw;
	c->epoch = sw->epoch;
	c->arrival = ++d->next_arrival;
	memcpy(c->name, name.p, name.len);
	c->name_len = name.len;
	HASH_ADD(hh, d->calls, id, sizeof(c->id), c);
	return c;
}

void
call_free(struct desk *d, struct call *c)
{
	HASH_DELETE(hh, d->calls, c);
	call_orders_forget(d, c);
	if (c->device != NULL && c->device->call == c)
		c->device->call = NULL;
	call_texts_free(c);
	free(c);
}

void
call_texts_free(struct call *c)
{
	free(c->caller);
	free(c->caller_name);
	free(c->called);
	free(c->menu);
}

bool
call_is_waiting(const struct call *c)
{
	return c->queue != NULL && c->queued_at != 0 && c->offer == NULL &&
	       c->agent == NULL && !c->absent &&
	       (c->state == CALL_QUEUED || c->state == CALL_DELIVERED);
}

/* Replace a text if there is a new one; it must be with the ledger again. */
static void
set_text(struct call *c, char **text, struct str s)
{
	char *copy;

	if (s.len == 0 || (*text != NULL && str_eq(str_of(*text), s)))
		return;
	if ((copy = strndup(s.p, s.len)) == NULL)
		return; /* the event's row has it */
	free(*text);
	*text = copy;
	c->recorded = false;
}

void
call_set_party(struct call *c, struct str caller, struct str caller_name,
    struct str called, struct str menu, uint32_t priority, const char *country)
{
	set_text(c, &c->caller_name, caller_name);
	set_text(c, &c->called, called);
	set_text(c, &c->menu, menu);
	if (caller.len > 0) {
		set_text(c, &c->caller, caller);
		if (!text_e164(caller, country, c->e164))
			c->e164[0] = '\0';
	}
	if (priority != 0)
		c->priority = priority;
}

static int64_t
plausible(const struct desk *d, const struct call *c, int64_t at, bool old)
{
	if (old ? at <= d->now : at <= d->now && at >= d->now - PLAUSIBLE_US)
		return at;
	if (at - d->now > PLAUSIBLE_US || d->now - at > PLAUSIBLE_US)
		log_warn(LOG_DESK,
		    "switch=%s clock is off by %lld s: set it by NTP",
		    c->sw->name, (long long)((at - d->now) / 1000000));
	return d->now;
}

void
call_requeue(struct desk *d, struct call *c)
{
	if (c->queue == NULL) {
		log_warn(LOG_DESK,
		    "switch=%s call=%.*s has no queue: add its number",
		    c->sw->name, (int)c->name_len, c->name);
		return;
	}
	route_enqueue(d, c);
}

void
call_enqueue(struct desk *d, struct call *c, int64_t queued_at, bool old)
{
	struct queue *q =
	    queue_of_number(d, str_of(c->called), str_of(c->menu));

	if (c->queue != NULL && c->queue != q)
		route_dequeue(d, c);
	c->enqueued_at = plausible(d, c, queued_at, old);
	c->queue = q;
	call_requeue(d, c);
}

void
call_set_device(struct desk *d, struct call *c, struct str name)
{
	struct device *dev = name.len > 0 ? device_find(d, name) : NULL;

	if (c->device != NULL && c->device->call == c)
		c->device->call = NULL;
	c->device = dev;
	if (dev != NULL)
		dev->call = c;
}

void
call_tell(struct desk *d, const struct call *c, enum call_event_kind kind,
    int64_t at, enum cause cause)
{
	struct call_news n = {
		.call = c->id,
		.kind = kind,
		.at = at,
		.cause = cause,
		.ticket = ticket_number(c->ticket),
		.relation = c->relation,
	};

	if (call_is_dialled(c))
		n.number = str_of(c->called);
	if (c->agent != NULL && c->agent->present)
		d->news->call(d->news->arg, c->agent->id, &n);
}

void
call_unqueue(
    struct desk *d, struct ledger_unit *u, struct call *c, enum offer_end end)
{
	bool foreign = c->offer != NULL && c->offer->epoch != d->acd_epoch;

	if (c->offer != NULL)
		offer_finish(d, u, c->offer, end, true);
	if (!foreign && c->queue != NULL && c->queued_at != 0)
		route_dequeue(d, c);
}

void
call_end(struct desk *d, struct ledger_unit *u, struct call *c, int64_t at,
    enum cause cause, enum party party)
{
	struct agent *a = c->agent;

	if (call_is_dialled(c) && c->established_at == 0)
		dial_unreached(u, c, at, cause);
	c->state = CALL_ENDED;
	c->ended_at = at;
	c->end_cause = cause;
	c->end_party = party;
	call_tell(d, c, CALL_EV_CALL_CLEARED, at, cause);
	if (a == NULL)
		call_unqueue(d, u, c, OFFER_END_CALLER_GONE);
	record_call(u, c, c->seq);
	if (a != NULL)
		agent_cleared(
		    d, u, a, c->queue != NULL ? c->queue->wrap_up_us : 0);
	remember_ended(d, &c->id);
	call_free(d, c);
}

/* ---- orders */

static void
order_forget(struct desk *d, struct call *c)
{
	if (c->order_id != 0)
		HASH_DELETE(hh_order, d->calls_by_order, c);
	c->order_id = 0;
}

void
call_orders_forget(struct desk *d, struct call *c)
{
	order_forget(d, c);
	c->n_orders = 0;
}

uint64_t
order_id_next(struct desk *d)
{
	return d->generation << 32 | (++d->next_order & UINT32_MAX);
}

static void
order_send(struct desk *d, struct call *c)
{
	const struct pending_order *p = &c->orders[0];
	struct order o = {
		.order_id = order_id_next(d),
		.version = c->version,
		.call = { c->name, c->name_len },
		.kind = p->kind,
		.device = str_of(p->device != NULL ? p->device->name : NULL),
		.auto_answer = p->auto_answer,
		.cause = p->cause,
	};

	order_forget(d, c);
	c->order_id = o.order_id;
	HASH_ADD(hh_order, d->calls_by_order, order_id, sizeof(c->order_id), c);
	/* Not attached: the snapshot of its next log-in starts over. */
	if (c->sw->attached != NULL)
		d->news->order(d->news->arg, c->sw->attached, &o);
}

void
call_order(struct desk *d, struct call *c, enum order_kind kind,
    struct device *device, bool auto_answer, enum cause cause)
{
	if (c->n_orders == CALL_MAX_ORDERS) {
		log_error(LOG_DESK, "switch=%s call=%.*s answers no orders",
		    c->sw->name, (int)c->name_len, c->name);
		return;
	}
	c->orders[c->n_orders++] =
	    (struct pending_order){ kind, device, auto_answer, cause };
	if (c->n_orders == 1)
		order_send(d, c);
}

/* A connect may have been overtaken while it was under way. */
static bool
order_is_wanted(const struct call *c, const struct pending_order *p)
{
	if (p->kind != ORDER_CONNECT && p->kind != ORDER_ANSWER)
		return true;
	return (c->offer != NULL && c->offer->agent->device == p->device) ||
	       (c->agent != NULL && c->agent->device == p->device);
}

struct call *
call_of_order(struct desk *d, uint64_t order_id)
{
	struct call *c;

	HASH_FIND(hh_order, d->calls_by_order, &order_id, sizeof(order_id), c);
	return c;
}

static void
order_next(struct desk *d, struct call *c)
{
	order_forget(d, c);
	while (c->n_orders > 0) {
		c->n_orders--;
		memmove(c->orders, c->orders + 1,
		    c->n_orders * sizeof(c->orders[0]));
		if (c->n_orders > 0 && order_is_wanted(c, &c->orders[0])) {
			order_send(d, c);
			return;
		}
	}
}

void
call_order_done(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct order_result *r)
{
	struct pending_order p = c->orders[0];

	if (r->version > c->version)
		c->version = r->version;
	if (r->err == ERR_STALE && order_is_wanted(c, &p)) {
		order_send(d, c);
		return;
	}
	order_next(d, c);
	if (r->err == ERR_OK || p.kind != ORDER_CONNECT)
		return;
	log_info(LOG_DESK, "switch=%s call=%.*s device=%s not connected: %s",
	    c->sw->name, (int)c->name_len, c->name,
	    p.device != NULL ? p.device->name : "-", err_name(r->err));
	if (r->err != ERR_NOT_FOUND && order_is_wanted(c, &p))
		offer_device_failed(d, u, c,
		    r->err == ERR_BUSY ? CAUSE_BUSY : CAUSE_UNREACHABLE);
}
