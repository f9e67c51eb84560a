/*
 * record.c - what happened, as units for the ledger, and what is owed to whom
 * once they have committed.
 *
 * A switch's events are owed `Committed up to': a ring per switch holds, in
 * order, which of them are done; the head moves over what is done.
 * An operation is owed `saved' to the session that asked.
 */
#include "desk/state.h"

#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

#include "base/log.h"
#include "desk/work.h"
#include "desk/wrap_late.h"

struct pending {
	struct desk *desk;
	struct swtch *sw; /* an event's, or NULL */
	uint64_t attach_no, ring_no, stream_seq;
	void *peer; /* an operation's, or NULL */
	struct id op;
	bool history;                /* the unit tells of tickets */
	struct pending *prev, *next; /* operations only */
};

void
desk_stop(enum err e)
{
	log_error(LOG_DESK, "cannot go on: %s; stopping", err_name(e));
	abort();
}

struct ledger_unit *
record_begin(struct desk *d)
{
	struct ledger_unit *u = ledger_unit_new(d->ledger);

	desk_must(u != NULL ? ERR_OK : ERR_NOMEM);
	return u;
}

static void
ring_push(struct swtch *sw, uint64_t stream_seq)
{
	if (sw->ring_n == sw->ring_room) {
		size_t room = sw->ring_room ? sw->ring_room * 2 : 1024;
		struct outstanding *r = calloc(room, sizeof(*r));

		desk_must(r != NULL ? ERR_OK : ERR_NOMEM);
		for (size_t i = 0; i < sw->ring_n; i++)
			r[i] = sw->ring[(sw->ring_head + i) % sw->ring_room];
		free(sw->ring);
		sw->ring = r;
		sw->ring_head = 0;
		sw->ring_room = room;
	}
	sw->ring[(sw->ring_head + sw->ring_n++) % sw->ring_room] =
	    (struct outstanding){ stream_seq, false };
}

static void
ring_done(struct swtch *sw, uint64_t ring_no)
{
	uint64_t up_to = 0;

	sw->ring[(sw->ring_head + (ring_no - sw->ring_first)) % sw->ring_room]
	    .done = true;
	while (sw->ring_n > 0 && sw->ring[sw->ring_head].done) {
		up_to = sw->ring[sw->ring_head].stream_seq;
		sw->ring_head = (sw->ring_head + 1) % sw->ring_room;
		sw->ring_n--;
		sw->ring_first++;
	}
	if (up_to != 0 && sw->attached != NULL)
		sw->desk->news->committed(
		    sw->desk->news->arg, sw->attached, up_to);
}

static void
pending_free(struct pending *p)
{
	if (p->peer != NULL) {
		if (p->next != NULL)
			p->next->prev = p->prev;
		if (p->prev != NULL)
			p->prev->next = p->next;
		else
			p->desk->pendings = p->next;
	}
	free(p);
}

static void
record_done(void *arg, enum err e)
{
	struct pending *p = arg;
	struct desk *d = p->desk;
	struct swtch *sw = p->sw;

	if (sw != NULL && sw->attach_no == p->attach_no) {
		if (e != ERR_OK && sw->attached != NULL)
			d->news->nack(
			    d->news->arg, sw->attached, p->stream_seq, e);
		ring_done(sw, p->ring_no);
	}
	if (p->peer != NULL)
		d->news->saved(d->news->arg, p->peer, &p->op);
	if (p->history)
		clockwork_committed(d->clockwork, d->now);
	pending_free(p);
	record_drained(d);
}

/* The tickets' clocks are behind until the unit is committed.  A wrap-up says
 * anew what a ticket is: what that brings may be due at once. */
static bool
tell_clocks(struct desk *d, const struct ledger_unit *u)
{
	const char *kind = ledger_unit_history(u);

	if (kind != NULL)
		clockwork_given(
		    d->clockwork, d->now, strcmp(kind, "wrapped_up") == 0);
	return kind != NULL;
}

static void
history_done(void *arg, enum err e)
{
	struct desk *d = arg;

	(void)e;
	clockwork_committed(d->clockwork, d->now);
	record_drained(d);
}

static struct pending *
pending_new(struct desk *d)
{
	struct pending *p = calloc(1, sizeof(*p));

	desk_must(p != NULL ? ERR_OK : ERR_NOMEM);
	p->desk = d;
	return p;
}

void
record_commit(struct desk *d, struct ledger_unit **u)
{
	ledger_done_fn *done;

	if (d->fenced) {
		ledger_unit_free(u);
		return;
	}
	done = tell_clocks(d, *u) ? history_done : NULL;
	ledger_commit(d->ledger, u, done, d);
}

void
record_commit_op(
    struct desk *d, struct ledger_unit **u, const struct desk_action *a)
{
	struct pending *p;

	if (a->peer == NULL || d->fenced) {
		record_commit(d, u);
		return;
	}
	p = pending_new(d);
	p->peer = a->peer;
	p->op = a->op;
	p->history = tell_clocks(d, *u);
	p->next = d->pendings;
	if (p->next != NULL)
		p->next->prev = p;
	d->pendings = p;
	ledger_commit(d->ledger, u, record_done, p);
}

void
record_commit_event(struct desk *d, struct ledger_unit **u, struct swtch *sw,
    uint64_t stream_seq)
{
	struct pending *p;

	if (d->fenced) {
		record_commit(d, u);
		return;
	}
	p = pending_new(d);
	ring_push(sw, stream_seq);
	p->sw = sw;
	p->attach_no = sw->attach_no;
	p->stream_seq = stream_seq;
	p->ring_no = sw->ring_first + sw->ring_n - 1;
	p->history = tell_clocks(d, *u);
	ledger_commit(d->ledger, u, record_done, p);
}

void
record_forget_peer(struct desk *d, void *peer)
{
	struct pending *next;

	wrap_late_forget_peer(d, peer);
	for (struct pending *p = d->pendings; p != NULL; p = next) {
		next = p->next;
		if (p->peer != peer)
			continue;
		/* Its unit is on its way: only the news is called off. */
		if (next != NULL)
			next->prev = p->prev;
		if (p->prev != NULL)
			p->prev->next = next;
		else
			d->pendings = next;
		p->peer = NULL;
	}
}

void
record_forget_stream(struct swtch *sw)
{
	sw->ring_first += sw->ring_n;
	sw->ring_n = 0;
}

bool
record_is_full(struct desk *d)
{
	struct ledger_stats s;

	d->ledger->ops->stats(d->ledger, &s);
	return s.backlog_bytes > d->options.backlog_bytes;
}

void
record_drained(struct desk *d)
{
	struct ledger_stats s;

	if (!d->ledger_full)
		return;
	d->ledger->ops->stats(d->ledger, &s);
	if (s.backlog_bytes > d->options.backlog_bytes / 2)
		return;
	d->ledger_full = false;
	for (struct swtch *sw = d->switches; sw != NULL; sw = sw->hh.next) {
		if (sw->skipped_from == 0 || sw->attached == NULL)
			continue;
		d->news->resend(d->news->arg, sw->attached, sw->skipped_from);
	}
}

void
record_fini(struct desk *d)
{
	for (struct pending *p = d->pendings; p != NULL; p = p->next)
		p->peer = NULL;
	d->pendings = NULL;
}

/* The whole call the first time, then only what may have changed. */
void
record_call(struct ledger_unit *u, const struct call *c, uint32_t seq)
{
	struct call_row r = {
		.id = c->id,
		.switch_id = c->sw->id,
		.epoch = c->epoch,
		.switch_call = { c->name, c->name_len },
		.seq = seq,
		.state = call_state_word(c->state),
		.version = c->version,
		/* Of an adopted call the ledger may know better. */
		.queue_id =
		    c->queue != NULL && !c->looking_up ? c->queue->id : 0,
		.agent_id = c->agent != NULL ? c->agent->id : 0,
		.offered_at = c->offered_at,
		.queued_at = c->queued_at,
		.delivered_at = c->delivered_at,
		.established_at = c->established_at,
		.ended_at = c->ended_at,
		.end_cause = word_cause(c->end_cause),
		.end_party = word_party(c->end_party),
	};
	char placed[DECISION_ROOM];

	if (!c->recorded) {
		r.caller = str_of(c->caller);
		r.caller_e164 = str_of(c->e164);
		r.caller_name = str_of(c->caller_name);
		r.called = str_of(c->called);
		r.menu = str_of(c->menu);
		r.priority = c->priority;
		r.related_call = c->related;
		r.relation = word_relation(c->relation);
	}
	r.placed = decision_place(c, placed);
	desk_must(ledger_put_call(u, &r));
}

void
record_offer(struct ledger_unit *u, const struct offer *o, enum offer_end end,
    int64_t ended_at)
{
	struct offer_row r = {
		.id = o->id,
		.agent_id = o->agent->id,
		.attempt = o->attempt,
		.offered_at = o->offered_at,
		.shown_at = o->shown_at,
		.ended_at = ended_at,
		.reason = word_offer_end(end),
	};
	char why[DECISION_ROOM];

	if (o->work != NULL) {
		r.work_id = o->work->id;
		r.queue_id = o->work->queue->id;
	} else {
		r.call_id = o->call->id;
		r.queue_id = o->call->queue != NULL ? o->call->queue->id : 0;
	}
	if (end == OFFER_END_NONE && o->call != NULL)
		r.why = decision_offer(o, why);
	desk_must(ledger_put_offer(u, &r));
}

void
record_agent(struct ledger_unit *u, struct agent *a, const char *source)
{
	struct agent_state_row r = {
		.agent_id = a->id,
		.since = a->since,
		.seq = ++a->state_seq,
		.state = word_agent_state(a->state),
		.reason = str_of(a->reason),
		.device = str_of(a->device != NULL ? a->device->name : NULL),
		.source = str_of(source),
	};

	if (a->call != NULL)
		r.call_id = a->call->id;
	else if (a->offer != NULL && a->offer->call != NULL)
		r.call_id = a->offer->call->id;
	desk_must(ledger_put_agent_state(u, &r));
}

void
record_ticket_event(struct ledger_unit *u, const struct ticket_event_row *r)
{
	desk_must(ledger_put_ticket_event(u, r));
}

void
record_ticket(struct ledger_unit *u, const struct ticket_row *r)
{
	desk_must(ledger_put_ticket(u, r));
}

void
record_call_event(struct ledger_unit *u, const struct call_event_row *r)
{
	desk_must(ledger_put_call_event(u, r));
}

void
record_dial(struct ledger_unit *u, uint64_t order_id, const struct id *call,
    const char *outcome)
{
	struct dial_row r = { .order_id = order_id, .outcome = outcome };

	if (call != NULL)
		r.call_id = *call;
	desk_must(ledger_put_dial(u, &r));
}

struct id
record_key(const struct id *call, uint32_t seq, const char *what)
{
	struct id key;
	crypto_generichash_state s;

	crypto_generichash_init(&s, NULL, 0, sizeof(key.b));
	crypto_generichash_update(&s, call->b, sizeof(call->b));
	crypto_generichash_update(&s, (const void *)&seq, sizeof(seq));
	crypto_generichash_update(&s, (const void *)what, strlen(what));
	crypto_generichash_final(&s, key.b, sizeof(key.b));
	return key;
}
