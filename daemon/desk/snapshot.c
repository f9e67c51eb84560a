/*
 * snapshot.c - what a bridge that connects has, had, and has no more.
 *
 * Calls of ours that are not in the snapshot are absent: no longer routed, but
 * their end may still be in the spool.  Once the spool has been read to where
 * it stood, what is still absent is closed as lost by the switch; so are calls
 * that an earlier process of ours left open in the ledger.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/dial.h"
#include "desk/party.h"

/* ---- a call that lives */

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
	/* Where it rings it waits again if nobody lifts: in its old place. */
	c->enqueued_at = l->queued_at < d->now ? l->queued_at : d->now;
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

/* A person may have moved it, or put it forward, at the node where it lived
 * before: whatever its number says.  Until this was known it waited by that, and
 * somebody there may just have been offered it. */
static void
known_place(
    struct desk *d, struct call *c, struct str queue, struct str priority)
{
	struct queue *q = queue_find(d, (uint32_t)ledger_number(queue));
	uint32_t p = (uint32_t)ledger_number(priority);
	struct ledger_unit *u;

	if (q == NULL || q->retired || c->queued_at == 0)
		q = c->queue;
	if (c->priority != 0)
		p = c->priority;
	if (q == c->queue && (p == c->priority || c->offers != NULL))
		return;
	u = record_begin(d);
	if (c->agent == NULL && c->state == CALL_QUEUED)
		call_unqueue(d, u, c, OFFER_END_RESCINDED);
	record_commit(d, &u);
	if (q != c->queue)
		c->moved_to = c->queue = q;
	c->priority = p;
	if (call_is_waiting(c) && c->state == CALL_QUEUED)
		call_requeue(d, c);
}

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
	known_place(f->desk, c, cell[KNOWN_QUEUE], cell[KNOWN_PRIORITY]);
	if (n_columns >= KNOWN_NCOLS)
		dial_adopted(c, cell[KNOWN_RELATION],
		    (uint64_t)ledger_number(cell[KNOWN_DIAL_TICKET]));
}

/* Only now is it known where they wait; those that the ledger knows no ticket
 * of get theirs. */
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
		u = record_begin(d);
		record_call(u, c, c->seq);
		if (c->queued_at != 0 && c->ticket == 0)
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
		switch_tell_calls(d, sw);
	}
	ask_known(f, l, n, ask, n_ask);
	switch_stream_reached(sw);
}
