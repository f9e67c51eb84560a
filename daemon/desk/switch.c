/*
 * switch.c - attached bridges: what they had, what they have, what is gone.
 *
 * A bridge that connects first tells its live calls (the snapshot), then sends
 * what was left in its spool, then goes on.  Calls of ours that are not in the
 * snapshot are absent: no longer routed, but their end may still be in the
 * spool.  Once the spool has been read to where it stood, what is still absent
 * is closed as lost by the switch; so are calls that an earlier process of
 * ours left open in the ledger.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

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

/* What agents may ask of their calls changes with the bridge. */
static void
tell_calls(struct desk *d, const struct swtch *sw)
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
		tell_calls(d, sw);
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

/* ---- the snapshot */

/* A call that lives there and here. */
static void
keep(struct desk *d, struct call *c, const struct live_call *l)
{
	const struct offer *rings = offer_connecting(c);

	c->absent = false;
	/* What was ordered over the old connection is unknown; its version
	 * tells an order that was carried out from one that was not. */
	call_orders_forget(d, c, l->version);
	if (l->version > c->version)
		c->version = l->version;
	if (l->kind == CALL_EV_QUEUED && (rings != NULL || c->agent != NULL))
		call_order(d, c, ORDER_CONNECT,
		    rings != NULL ? rings->agent->device : c->agent->device,
		    c->agent != NULL, CAUSE_NONE);
	gate_again(d, c);
}

/* The events behind what the snapshot says may still be in the spool: they are
 * recorded when they come, and the state is taken from here. */
static void
adopt(struct desk *d, struct swtch *sw, const struct live_call *l,
    const struct id *id)
{
	struct call *c = call_new(sw, l->call, id);
	struct ledger_unit *u;
	struct agent *a;

	c->state = call_state_after(l->kind);
	c->seq = l->call_seq;
	c->version = l->version;
	c->looking_up = true;
	c->offered_at = l->offered_at;
	c->queued_at = l->queued_at;
	c->established_at = l->established_at;
	call_set_party(c, l->caller, l->caller_name, l->called, l->menu,
	    l->priority, d->options.country);
	party_relate(d, c, l->related_call, l->relation);
	call_set_device(d, c, l->device);
	c->queue = queue_of_number(d, l->called, l->menu);
	if (c->state == CALL_QUEUED)
		call_enqueue(d, c, l->queued_at, true);
	a = c->device != NULL ? c->device->agent : NULL;
	u = record_begin(d);
	if (a != NULL && a->call == NULL &&
	    (c->state == CALL_ESTABLISHED || c->state == CALL_HELD)) {
		agent_connected(d, u, a, c);
		route_agent(d, a, ACD_BUSY);
	}
	record_call(u, c, c->seq);
	c->recorded = true;
	record_commit(d, &u);
	sw->adopted++;
}

static void
live(struct desk *d, struct swtch *sw, const struct live_call *l)
{
	struct id id = id_of_call(str_of(sw->name), sw->epoch, l->call);
	struct call *c = call_find(d, &id);

	if (c == NULL)
		adopt(d, sw, l, &id);
	else
		keep(d, c, l);
	c = call_find(d, &id);
	if (c == NULL || c->in_snapshot)
		return;
	c->in_snapshot = true;
	sw->kept++;
}

/* Not in the switch any more: nobody may be offered it. */
static void
mark_absent(struct desk *d, struct swtch *sw)
{
	struct ledger_unit *u;

	for (struct call *c = d->calls; c != NULL; c = c->hh.next) {
		if (c->sw != sw || c->in_snapshot || c->absent)
			continue;
		u = record_begin(d);
		c->absent = true;
		if (c->agent == NULL)
			call_unqueue(d, u, c, OFFER_END_CALLER_GONE);
		record_commit(d, &u);
	}
}

/* Its last event never came: one of ours takes its place. */
static void
close_lost(struct desk *d, struct call *c)
{
	struct call_event_row r = {
		.call_id = c->id,
		.seq = c->seq + 1,
		.kind = word_call_event(CALL_EV_CALL_CLEARED),
		.occurred_at = d->now,
		.received_at = d->now,
		.version = c->version,
		.cause = word_cause(CAUSE_SWITCH_LOST),
		.party = word_party(PARTY_SWITCH),
	};
	struct ledger_unit *u = record_begin(d);

	c->seq++;
	record_call_event(u, &r);
	call_end(d, u, c, d->now, CAUSE_SWITCH_LOST, PARTY_SWITCH);
	record_commit(d, &u);
}

static void
close_absent(struct desk *d, struct swtch *sw)
{
	struct call *c, *next;
	uint64_t n = 0;

	HASH_ITER(hh, d->calls, c, next)
	{
		if (c->sw != sw || !c->absent)
			continue;
		close_lost(d, c);
		n++;
	}
	sw->gone += n;
	if (n > 0)
		log_warn(LOG_DESK, "switch=%s has lost %llu calls", sw->name,
		    (unsigned long long)n);
}

/* ---- calls that an earlier process of ours left open in the ledger */

/* Columns of LQ_CALLS_BY_NAME and, up to the epoch, of LQ_CALLS_LIVE. */
enum {
	KNOWN_CALL,
	KNOWN_SEQ,
	KNOWN_STATE,
	KNOWN_QUEUE,
	KNOWN_AGENT,
	KNOWN_PRIORITY,
	KNOWN_OFFERED,
	KNOWN_QUEUED,
	KNOWN_ESTABLISHED,
	KNOWN_ENDED,
	KNOWN_TICKET,
	KNOWN_REV,
	KNOWN_CALLER,
	KNOWN_CALLED,
	KNOWN_MENU,
	KNOWN_OFFERS,
	KNOWN_EPOCH,
	KNOWN_RELATION = KNOWN_EPOCH,
	KNOWN_DIAL_TICKET,
	KNOWN_NCOLS
};

struct left_open {
	struct desk *desk;
	struct swtch *sw;
};

static void
left_open_row(struct desk *d, struct swtch *sw, const struct str *cell)
{
	uint64_t epoch = (uint64_t)ledger_number(cell[KNOWN_EPOCH]);
	struct id id = id_of_call(str_of(sw->name), epoch, cell[KNOWN_CALL]);
	struct call *c;

	if (call_find(d, &id) != NULL || call_was_ended(d, &id) ||
	    cell[KNOWN_CALL].len > NAME_MAX_LEN)
		return;
	c = call_new(sw, cell[KNOWN_CALL], &id);
	c->epoch = epoch;
	c->state = CALL_OFFERED;
	c->seq = (uint32_t)ledger_number(cell[KNOWN_SEQ]);
	c->ticket = (uint64_t)ledger_number(cell[KNOWN_TICKET]);
	c->recorded = true;
	close_lost(d, c);
	sw->gone++;
}

static void
left_open_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct left_open *l = arg;

	l->desk->lookups_pending--;
	for (unsigned i = 0; e == ERR_OK && i < rows->n; i++)
		left_open_row(
		    l->desk, l->sw, rows->cells + i * rows->n_columns);
	if (e == ERR_OK)
		l->sw->checked_ledger = true;
	free(l);
}

static void
close_left_open(struct desk *d, struct swtch *sw)
{
	char id[16];
	struct str arg = { id,
		(uint32_t)snprintf(id, sizeof(id), "%u", sw->id) };
	struct left_open *l;

	if (sw->checked_ledger)
		return;
	l = malloc(sizeof(*l));
	desk_must(l != NULL ? ERR_OK : ERR_NOMEM);
	*l = (struct left_open){ d, sw };
	if (d->ledger->ops->query(
		d->ledger, LQ_CALLS_LIVE, 1, &arg, left_open_done, l) == ERR_OK)
		d->lookups_pending++;
	else
		free(l); /* PostgreSQL is away: at the next snapshot */
}

/* All that the spool held when it connected has been read. */
void
switch_stream_reached(struct swtch *sw)
{
	if (!sw->reconcile || sw->stream_high < sw->old_up_to)
		return;
	sw->reconcile = false;
	close_absent(sw->desk, sw);
	close_left_open(sw->desk, sw);
	dial_reconcile(sw->desk, sw);
}

/* ---- what is known of a frame's calls */

struct frame_ask {
	struct desk *desk;
	struct swtch *sw;
	uint64_t attach_no, epoch;
	bool last;
	desk_snapshot_fn *done;
	void *arg;
};

static void
known_row(struct frame_ask *f, const struct str *cell, unsigned n_columns,
    struct known_call *out)
{
	struct id id =
	    id_of_call(str_of(f->sw->name), f->epoch, cell[KNOWN_CALL]);
	struct call *c = call_find(f->desk, &id);

	*out = (struct known_call){
		.call = cell[KNOWN_CALL],
		.committed_call_seq = (uint32_t)ledger_number(cell[KNOWN_SEQ]),
		.ended = str_eq(cell[KNOWN_STATE], STR_LIT("ended")),
	};
	if (c == NULL || !c->looking_up)
		return;
	c->ticket = (uint64_t)ledger_number(cell[KNOWN_TICKET]);
	c->n_offers = (uint32_t)ledger_number(cell[KNOWN_OFFERS]);
	if (n_columns >= KNOWN_NCOLS)
		dial_adopted(c, cell[KNOWN_RELATION],
		    (uint64_t)ledger_number(cell[KNOWN_DIAL_TICKET]));
}

/* Those that the ledger knows no ticket of get theirs now. */
static void
lookups_over(struct desk *d, struct swtch *sw)
{
	struct ledger_unit *u;

	for (struct call *c = d->calls; c != NULL; c = c->hh.next) {
		if (c->sw != sw || !c->looking_up)
			continue;
		c->looking_up = false;
		if (c->relation == RELATION_CONSULT)
			party_start(d, c);
		if (c->queued_at == 0 || c->ticket != 0)
			continue;
		u = record_begin(d);
		ticket_of_call(d, u, c, c->seq, c->queued_at);
		record_commit(d, &u);
	}
}

static void
frame_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct frame_ask *f = arg;
	struct swtch *sw = f->sw;
	unsigned n = e == ERR_OK ? rows->n : 0;
	struct known_call *known = calloc(n + 1, sizeof(*known));
	struct snapshot_result r = { .n = n, .known = known };

	desk_must(known != NULL ? ERR_OK : ERR_NOMEM);
	f->desk->lookups_pending--;
	for (unsigned i = 0; i < n; i++)
		known_row(f, rows->cells + i * rows->n_columns, rows->n_columns,
		    &known[i]);
	if (f->last && f->attach_no == sw->attach_no) {
		lookups_over(f->desk, sw);
		r.kept = sw->kept - sw->adopted;
		r.gone = sw->gone;
		r.adopted = sw->adopted;
	}
	f->done(f->arg, ERR_OK, &r);
	free(known);
	free(f);
}

static void
ask_known(struct frame_ask *f, const struct live_call *l, unsigned n,
    const struct str *ask, unsigned n_ask)
{
	struct desk *d = f->desk;
	struct str *names = calloc(n + n_ask + 1, sizeof(*names)), args[3];
	char id[16], epoch[24], *list;

	desk_must(names != NULL ? ERR_OK : ERR_NOMEM);
	for (unsigned i = 0; i < n; i++)
		names[i] = l[i].call;
	for (unsigned i = 0; i < n_ask; i++)
		names[n + i] = ask[i];
	list = ledger_names(names, n + n_ask);
	desk_must(list != NULL ? ERR_OK : ERR_NOMEM);
	snprintf(id, sizeof(id), "%u", f->sw->id);
	snprintf(epoch, sizeof(epoch), "%llu", (unsigned long long)f->epoch);
	args[0] = str_of(id);
	args[1] = str_of(epoch);
	args[2] = str_of(list);
	d->lookups_pending++;
	if (d->ledger->ops->query(
		d->ledger, LQ_CALLS_BY_NAME, 3, args, frame_done, f) != ERR_OK)
		frame_done(f, ERR_IO, NULL); /* then the bridge sends all */
	free(list);
	free(names);
}

void
desk_switch_snapshot(struct desk_switch *h, const struct live_call *l,
    unsigned n, const struct str *ask, unsigned n_ask, bool last, int64_t now,
    desk_snapshot_fn *done, void *arg)
{
	struct swtch *sw = h->sw;
	struct desk *d = h->desk;
	struct snapshot_result none = { 0 };
	struct frame_ask *f;

	if (sw == NULL) {
		done(arg, ERR_STALE, &none);
		return;
	}
	d->now = now;
	for (unsigned i = 0; i < n; i++)
		live(d, sw, &l[i]);
	f = calloc(1, sizeof(*f));
	desk_must(f != NULL ? ERR_OK : ERR_NOMEM);
	*f = (struct frame_ask){ d, sw, sw->attach_no, sw->epoch, last, done,
		arg };
	if (last) {
		mark_absent(d, sw);
		sw->reconcile = true;
		tell_calls(d, sw);
	}
	ask_known(f, l, n, ask, n_ask);
	switch_stream_reached(sw);
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
