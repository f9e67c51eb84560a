/*
 * order.c - what a call's bridge is told to do.
 *
 * A call's orders go out one at a time, since each must name the version that
 * the one before it makes.  Those of the routing itself are made anew when
 * they turn out to be out of date; a person's demand is answered once, by its
 * order's result, by its deadline, or by what makes the order void.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/log.h"
#include "desk/demand.h"

static void
order_forget(struct desk *d, struct call *c)
{
	if (c->order_id != 0)
		HASH_DELETE(hh_order, d->calls_by_order, c);
	c->order_id = 0;
}

/* The call as the switch names it, for an order about two of them. */
static struct str
related_name(struct desk *d, const struct demand *m)
{
	const struct call *c =
	    id_is_none(&m->related) ? NULL : call_find(d, &m->related);

	return c != NULL ? (struct str){ c->name, c->name_len } : str_of(NULL);
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
	struct demand *m = p->demand;

	order_forget(d, c);
	c->order_id = o.order_id;
	HASH_ADD(hh_order, d->calls_by_order, order_id, sizeof(c->order_id), c);
	if (m != NULL) {
		m->order_id = o.order_id;
		m->version = o.version;
		o.number = str_of(m->number);
		o.show = str_of(m->show);
		o.to_device = m->to_device;
		o.related_call = related_name(d, m);
		o.relation = m->relation;
		o.ring_us = m->ring_us;
	}
	/* Not attached: the snapshot of its next log-in starts over. */
	if (c->sw->attached != NULL)
		d->news->order(d->news->arg, c->sw->attached, &o);
}

static enum err
order_add(struct desk *d, struct call *c, const struct pending_order *p)
{
	if (c->n_orders == CALL_MAX_ORDERS) {
		log_error(LOG_DESK, "switch=%s call=%.*s answers no orders",
		    c->sw->name, (int)c->name_len, c->name);
		return ERR_BUSY;
	}
	c->orders[c->n_orders++] = *p;
	if (c->n_orders == 1)
		order_send(d, c);
	return ERR_OK;
}

void
call_order(struct desk *d, struct call *c, enum order_kind kind,
    struct device *device, bool auto_answer, enum cause cause)
{
	const struct pending_order p = { kind, device, auto_answer, cause,
		NULL };

	(void)order_add(d, c, &p);
}

enum err
call_order_for(
    struct desk *d, struct call *c, struct device *device, struct demand *m)
{
	const struct pending_order p = { m->kind, device, false,
		m->kind == ORDER_CLEAR ? CAUSE_NORMAL : CAUSE_NONE, m };

	return order_add(d, c, &p);
}

/* A connect may have been overtaken while it was under way; whoever demanded
 * something may not wait any more. */
static bool
order_is_wanted(const struct call *c, const struct pending_order *p)
{
	if (p->demand != NULL)
		return !p->demand->answered;
	if (p->kind != ORDER_CONNECT && p->kind != ORDER_ANSWER)
		return true;
	return offer_at(c, p->device) != NULL ||
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
order_drop(struct desk *d, struct demand *m, enum err why)
{
	if (m == NULL)
		return;
	demand_end(d, m, why);
	demand_free(d, m);
}

/* A new connection.  What was carried out has raised the version; all else is
 * void and may be asked for again. */
void
call_orders_forget(struct desk *d, struct call *c, uint64_t version)
{
	unsigned n = c->n_orders;

	order_forget(d, c);
	c->n_orders = 0;
	for (unsigned i = 0; i < n; i++) {
		struct demand *m = c->orders[i].demand;

		if (m != NULL)
			order_drop(d, m,
			    m->order_id != 0 && version > m->version
				? ERR_OK
				: ERR_BUSY);
	}
}

void
call_orders_end(struct desk *d, struct call *c)
{
	unsigned n = c->n_orders;

	order_forget(d, c);
	c->n_orders = 0;
	for (unsigned i = 0; i < n; i++) {
		struct demand *m = c->orders[i].demand;

		if (m == NULL)
			continue;
		m->call = NULL;
		if (m->order_id == 0 || m->answered)
			order_drop(d, m, ERR_REFUSED);
	}
}

static void
order_next(struct desk *d, struct call *c)
{
	order_forget(d, c);
	while (c->n_orders > 0) {
		c->n_orders--;
		memmove(c->orders, c->orders + 1,
		    c->n_orders * sizeof(c->orders[0]));
		if (c->n_orders == 0)
			return;
		if (order_is_wanted(c, &c->orders[0])) {
			order_send(d, c);
			return;
		}
		order_drop(d, c->orders[0].demand, ERR_TIMEOUT);
	}
}

/* The device could not be rung: the call's offer, or the connection of who
 * has accepted on the screen, has failed. */
static void
connect_failed(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct pending_order *p, enum err why)
{
	log_info(LOG_DESK, "switch=%s call=%.*s device=%s not connected: %s",
	    c->sw->name, (int)c->name_len, c->name,
	    p->device != NULL ? p->device->name : "-", err_name(why));
	if (why != ERR_NOT_FOUND && order_is_wanted(c, p))
		offer_device_failed(
		    d, u, c, why == ERR_BUSY ? CAUSE_BUSY : CAUSE_UNREACHABLE);
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
	if (p.demand != NULL)
		order_drop(d, p.demand, r->err);
	else if (r->err != ERR_OK && p.kind == ORDER_CONNECT)
		connect_failed(d, u, c, &p, r->err);
	else if (r->err != ERR_OK && p.kind == ORDER_CLEAR)
		gate_kept(d, c, r->err);
}
