/*
 * switch.c - switches, and the bridges that come and go.
 *
 * A bridge that connects says what it can, then tells its live calls
 * (snapshot.c), then sends what was left in its spool, then goes on.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/demand.h"
#include "desk/dial.h"

struct swtch *
switch_get(struct desk *d, struct str name, uint32_t id)
{
	struct swtch *sw;

	HASH_FIND(hh, d->switches, name.p, name.len, sw);
	if (sw != NULL)
		return sw;
	sw = calloc(1, sizeof(*sw));
	desk_must(sw != NULL ? ERR_OK : ERR_NOMEM);
	sw->name = strndup(name.p, name.len);
	desk_must(sw->name != NULL ? ERR_OK : ERR_NOMEM);
	sw->id = id;
	sw->desk = d;
	HASH_ADD_KEYPTR(hh, d->switches, sw->name, name.len, sw);
	return sw;
}

enum err
desk_switch_attach(struct desk *d, struct str name, uint32_t id, uint64_t epoch,
    int64_t now, struct desk_switch **out)
{
	struct swtch *sw = switch_get(d, name, id);
	struct desk_switch *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return ERR_NOMEM;
	d->now = now;
	sweep_once(d);
	if (sw->attached != NULL)
		sw->attached->sw = NULL; /* the older one goes dead */
	record_forget_stream(sw);
	sw->attach_no++;
	sw->id = id;
	sw->epoch = epoch;
	sw->stream_high = sw->old_up_to = 0;
	sw->skipped_from = 0;
	sw->reconcile = sw->listing = false;
	sw->kept = sw->gone = sw->adopted = 0;
	for (struct call *c = d->calls; c != NULL; c = c->hh.next)
		if (c->sw == sw)
			c->in_snapshot = false;
	h->sw = sw;
	h->desk = d;
	sw->attached = h;
	*out = h;
	log_info(LOG_DESK, "switch=%s epoch=%llu attached", sw->name,
	    (unsigned long long)epoch);
	return ERR_OK;
}

/* A bridge that only listens has calls that wait for nobody of ours. */
static void
set_routed(struct desk *d, struct swtch *sw, unsigned can)
{
	unsigned was = sw->can;

	if (((was ^ can) & ORDER_BIT(ORDER_CONNECT)) == 0) {
		sw->can = can;
		return;
	}
	for (struct call *c = d->calls; c != NULL; c = c->hh.next) {
		if (c->sw != sw)
			continue;
		if (call_is_waiting(c))
			route_dequeue(d, c);
		sw->can = can;
		if (call_is_waiting(c))
			call_requeue(d, c);
		sw->can = was;
	}
	sw->can = can;
}

void
desk_switch_describe(
    struct desk_switch *h, unsigned can, struct str driver, int64_t now)
{
	struct swtch *sw = h->sw;

	if (sw == NULL)
		return;
	h->desk->now = now;
	set_routed(h->desk, sw, can);
	snprintf(sw->driver, sizeof(sw->driver), "%.*s", STR_ARG(driver));
	memset(&sw->status, 0, sizeof(sw->status));
	sw->status.is.listen_only = (can & ORDER_BIT(ORDER_CONNECT)) == 0;
	log_info(LOG_DESK, "switch=%s driver=%s can=%x%s", sw->name, sw->driver,
	    can, sw->status.is.listen_only ? ", listens only" : "");
}

void
desk_switch_status(struct desk_switch *h, const struct switch_status *s)
{
	struct swtch *sw = h->sw;

	if (sw == NULL)
		return;
	sw->status.is = *s;
	snprintf(sw->status.version, sizeof(sw->status.version), "%.*s",
	    STR_ARG(s->version));
	snprintf(sw->status.trouble, sizeof(sw->status.trouble), "%.*s",
	    STR_ARG(s->trouble));
	sw->status.is.version = str_of(sw->status.version);
	sw->status.is.trouble = str_of(sw->status.trouble);
}

void
switch_tell_calls(struct desk *d, const struct swtch *sw)
{
	for (struct call *c = d->calls; c != NULL; c = c->hh.next)
		if (c->sw == sw && c->state != CALL_QUEUED)
			call_tell_again(d, c);
}

void
desk_switch_detach(struct desk *d, struct desk_switch **h, int64_t now)
{
	struct swtch *sw;

	if (*h == NULL)
		return;
	d->now = now;
	sw = (*h)->sw;
	if (sw != NULL) {
		sw->attached = NULL;
		sw->status.is.connected = false;
		switch_tell_calls(d, sw);
		log_info(LOG_DESK, "switch=%s detached", sw->name);
	}
	free(*h);
	*h = NULL;
}

struct str
desk_switch_name(const struct desk_switch *h)
{
	return str_of(h->sw != NULL ? h->sw->name : "");
}

void
desk_switch_spooled(struct desk_switch *h, uint64_t first, uint64_t last)
{
	if (h->sw == NULL)
		return;
	h->sw->old_up_to = last;
	if (first > last)
		h->sw->stream_high = last;
}

void
desk_order_result(
    struct desk_switch *h, const struct order_result *r, int64_t now)
{
	struct desk *d = h->desk;
	struct call *c = call_of_order(d, r->order_id);
	struct ledger_unit *u;

	d->now = now;
	if (h->sw == NULL || dial_result(d, h->sw, r))
		return;
	if (c == NULL)
		demand_result(d, r); /* of a call that has ended */
	if (c == NULL || c->sw != h->sw)
		return;
	u = record_begin(d);
	call_order_done(d, u, c, r);
	record_commit(d, &u);
}

void
switch_fini(struct desk *d)
{
	struct swtch *sw, *next;

	HASH_ITER(hh, d->switches, sw, next)
	{
		HASH_DELETE(hh, d->switches, sw);
		free(sw->attached);
		free(sw->ring);
		free(sw->name);
		free(sw);
	}
}
