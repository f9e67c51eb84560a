/*
 * event.c - what a switch says of a call, and what follows.
 *
 * One event, one unit for the ledger: the event itself, the call's row, and
 * all that it changes at once.  An event is new, a repeat, late, or of a call
 * that is not known; only new ones of live calls have effects, all are
 * recorded.
 */
#include "desk/state.h"

#include "base/log.h"
#include "desk/dial.h"
#include "desk/direct.h"
#include "desk/party.h"
#include "desk/work.h"

typedef void effect_fn(struct desk *, struct ledger_unit *, struct call *,
    const struct call_event *);

/* In the queue that a person has chosen, in the place of the time that it has
 * waited from. */
static void
wait_there(struct desk *d, struct ledger_unit *u, struct call *c)
{
	struct decision what = {
		.kind = DECISION_MOVED, .from = c->queue, .in_line = true
	};

	call_take_requeue(d, c);
	if (c->enqueued_at == 0)
		c->enqueued_at = d->now;
	d->deciding = true;
	call_requeue(d, c);
	d->deciding = false;
	decision_put(d, u, c, &what);
}

/* The menu gives it time. */
static void
on_offered(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	(void)u;
	(void)ev;
	facts_ask(d, c);
}

static void
on_queued(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	if (c->agent != NULL)
		agent_cleared(d, u, c->agent,
		    c->queue != NULL ? c->queue->wrap_up_us : 0);
	party_end(d, u, c);
	call_set_device(d, c, STR_LIT(""));
	offer_finish_all(d, u, c, OFFER_END_RESCINDED, false);
	if (c->queued_at == 0)
		c->queued_at = ev->occurred_at;
	if (c->requeue != NULL)
		wait_there(d, u, c);
	else
		call_enqueue(d, c, ev->occurred_at, false);
	ticket_of_call(d, u, c, ev->call_seq, ev->occurred_at);
}

static void
on_delivered(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	call_set_device(d, c, ev->device);
	if (c->delivered_at == 0)
		c->delivered_at = ev->occurred_at;
	ticket_of_call(d, u, c, ev->call_seq, ev->occurred_at);
	if (c->relation == RELATION_CONSULT || call_is_dialled(c))
		call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
}

/* What may be asked of a call depends on how its consult call stands. */
static void
tell_about(struct desk *d, const struct call *c)
{
	const struct call *about = party_about(d, c);

	if (about != NULL)
		call_tell_again(d, about);
}

static void
on_established(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	struct agent *a;
	struct offer *o;

	call_set_device(d, c, ev->device);
	a = c->device != NULL ? c->device->agent : NULL;
	if (c->established_at == 0)
		c->established_at = ev->occurred_at;
	ticket_of_call(d, u, c, ev->call_seq, ev->occurred_at);
	if ((o = offer_of(c, a)) != NULL) {
		agent_connected(d, u, a, c);
		offer_finish(d, u, o, OFFER_END_ACCEPTED, false);
	} else if (c->agent == NULL) {
		/* Answered past our routing: a pick-up, a direct call. */
		call_unqueue(d, u, c, OFFER_END_RESCINDED);
		if (a != NULL && a->offer != NULL)
			offer_finish(
			    d, u, a->offer, OFFER_END_DEVICE_BUSY, false);
		if (a != NULL && a->call == NULL) {
			agent_connected(d, u, a, c);
			route_agent(d, a, ACD_BUSY);
		}
	}
	if (!call_is_dialled(c))
		work_answered(d, c->e164);
	if (call_is_dialled(c))
		dial_reached(u, c, ev->occurred_at);
	else if (c->agent != NULL || ev->kind == CALL_EV_ESTABLISHED)
		ticket_answered(u, c, ev->call_seq, ev->occurred_at);
	call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
	tell_about(d, c);
}

static void
on_transferred(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	struct device *dev = device_find(d, ev->device);
	struct agent *to = dev != NULL ? dev->agent : NULL, *from = c->agent;

	if (from == to && to != NULL) {
		on_established(d, u, c, ev);
		return;
	}
	if (from != NULL) {
		c->agent = NULL; /* nothing may be asked of it any more */
		call_tell_agent(
		    d, c, from, ev->kind, ev->occurred_at, ev->cause);
		c->agent = from;
		agent_cleared(
		    d, u, from, c->queue != NULL ? c->queue->wrap_up_us : 0);
	}
	if (to != NULL)
		party_take_over(c, to);
	on_established(d, u, c, ev);
	if (to != NULL && c->agent == to)
		story_ask(d, c, to, 0);
}

static void
on_conferenced(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	const struct device *dev = device_find(d, ev->device);

	if (dev != NULL && dev->agent != NULL)
		party_join(d, u, c, dev->agent);
	call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
}

static void
on_told(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	(void)u;
	call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
	tell_about(d, c);
}

static void
on_diverted(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	c->end_cause = ev->cause;
	if (c->agent != NULL)
		agent_cleared(d, u, c->agent, 0);
	else
		call_unqueue(d, u, c, OFFER_END_WITHDRAWN);
	party_end(d, u, c);
}

static void
on_failed(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	const struct offer *rings = offer_connecting(c);
	const struct agent *a = rings != NULL ? rings->agent : c->agent;

	/* A consult, a transfer has not come about: who asked is told. */
	if (c->state == CALL_ESTABLISHED || c->state == CALL_HELD ||
	    c->relation == RELATION_CONSULT) {
		call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
		return;
	}
	if (call_is_dialled(c) && c->queued_at == 0) {
		dial_failed(d, u, c, ev);
		return;
	}
	call_set_device(d, c, STR_LIT(""));
	/* Of an offer that has ended already: not news. */
	if (a != NULL && a->device != NULL && ev->device.len > 0 &&
	    !str_eq(ev->device, str_of(a->device->name)))
		return;
	/* Offered by a process that is gone: it waits nowhere yet. */
	if (c->offers == NULL && call_is_waiting(c))
		call_requeue(d, c);
	offer_device_failed(d, u, c, ev->cause);
}

static void
on_connection_cleared(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	if (c->state == CALL_QUEUED) {
		on_failed(d, u, c, ev);
		return;
	}
	call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
	call_set_device(d, c, STR_LIT(""));
	if (c->agent != NULL)
		agent_cleared(d, u, c->agent,
		    c->queue != NULL ? c->queue->wrap_up_us : 0);
}

static effect_fn *const effects[CALL_NEVENTS] = {
	[CALL_EV_OFFERED] = on_offered,
	[CALL_EV_QUEUED] = on_queued,
	[CALL_EV_DELIVERED] = on_delivered,
	[CALL_EV_ESTABLISHED] = on_established,
	[CALL_EV_HELD] = on_told,
	[CALL_EV_RETRIEVED] = on_told,
	[CALL_EV_TRANSFERRED] = on_transferred,
	[CALL_EV_CONFERENCED] = on_conferenced,
	[CALL_EV_DIVERTED] = on_diverted,
	[CALL_EV_FAILED] = on_failed,
	[CALL_EV_CONNECTION_CLEARED] = on_connection_cleared,
};

static void
record_event(struct ledger_unit *u, const struct id *id,
    const struct call_event *ev, int64_t now, const char *flag, bool repeat)
{
	struct call_event_row r = {
		.call_id = *id,
		.seq = ev->call_seq,
		.kind = word_call_event(ev->kind),
		.occurred_at = ev->occurred_at,
		.received_at = now,
		.stream_seq = ev->stream_seq,
		.version = ev->version,
		.device = ev->device,
		.cause = word_cause(ev->cause),
		.party = word_party(ev->party),
		.data = ev->data,
		.digest = ev->digest,
		.flag = flag,
		.maybe_repeat = repeat,
	};

	record_call_event(u, &r);
}

/* What an event alone says of its call: for calls that are not routed here.
 * The ledger folds it into what it has. */
static void
record_only(struct desk *d, struct ledger_unit *u, struct swtch *sw,
    const struct id *id, const struct call_event *ev)
{
	struct call ghost = {
		.id = *id,
		.sw = sw,
		.epoch = sw->epoch,
		.name_len = ev->call.len,
		.state = call_state_after(ev->kind),
		.version = ev->version,
		.priority = ev->priority,
		.relation = ev->relation,
		.recorded = ev->caller.len == 0 && ev->called.len == 0,
	};

	memcpy(ghost.name, ev->call.p, ev->call.len);
	call_set_party(&ghost, ev->caller, ev->caller_name, ev->called,
	    ev->menu, ev->priority, d->options.country);
	if (ev->related_call.len > 0 && ev->relation != RELATION_NONE) {
		ghost.related =
		    id_of_call(str_of(sw->name), sw->epoch, ev->related_call);
		ghost.relation = ev->relation;
		ghost.recorded = false;
	}
	switch (ev->kind) {
	case CALL_EV_OFFERED:
		ghost.offered_at = ev->occurred_at;
		break;
	case CALL_EV_QUEUED:
		ghost.queued_at = ev->occurred_at;
		ghost.queue = queue_of_number(d, ev->called, ev->menu);
		break;
	case CALL_EV_DELIVERED:
		ghost.delivered_at = ev->occurred_at;
		break;
	case CALL_EV_ESTABLISHED:
		ghost.established_at = ev->occurred_at;
		break;
	case CALL_EV_CALL_CLEARED:
		ghost.ended_at = ev->occurred_at;
		ghost.end_cause = ev->cause;
		ghost.end_party = ev->party;
		break;
	default:
		break;
	}
	record_call(u, &ghost, ev->call_seq);
	if (ghost.queued_at != 0 || ghost.delivered_at != 0 ||
	    ghost.established_at != 0)
		ticket_of_call(d, u, &ghost, ev->call_seq, ev->occurred_at);
	if (ghost.established_at != 0) {
		struct device *dev = device_find(d, ev->device);

		ghost.agent = dev != NULL ? dev->agent : NULL;
		ticket_answered(u, &ghost, ev->call_seq, ev->occurred_at);
	}
	call_texts_free(&ghost);
}

/* What every event may say of its call. */
static void
take_facts(struct desk *d, struct call *c, const struct call_event *ev)
{
	c->seq = ev->call_seq;
	c->absent = false;
	if (ev->version > c->version)
		c->version = ev->version;
	call_set_party(c, ev->caller, ev->caller_name, ev->called, ev->menu,
	    ev->priority, d->options.country);
	call_data_merge(c, ev->pairs, ev->n_pairs);
	party_relate(d, c, ev->related_call, ev->relation);
	if (c->relation == RELATION_NONE &&
	    (ev->relation == RELATION_CALLBACK ||
		ev->relation == RELATION_FOLLOW_UP))
		c->relation = ev->relation; /* of no other call */
	if (ev->kind == CALL_EV_OFFERED || c->offered_at == 0)
		c->offered_at = ev->occurred_at;
}

/* A new event of a call that lives here: step, change, record. */
static void
apply(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	const char *flag = ev->call_seq > c->seq + 1 ? "gap" : NULL;

	if (ev->kind == CALL_EV_CONNECTION_CLEARED &&
	    party_left(d, u, c, ev->device)) {
		take_facts(d, c, ev);
		record_event(u, &c->id, ev, d->now, flag, false);
		record_call(u, c, ev->call_seq);
		call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
		return;
	}
	if (call_step(&c->state, ev->kind, c->queued_at != 0) != ERR_OK) {
		log_info(LOG_DESK, "switch=%s call=%.*s %s refused in state %s",
		    c->sw->name, (int)c->name_len, c->name,
		    word_call_event(ev->kind), call_state_word(c->state));
		record_event(u, &c->id, ev, d->now, "late", false);
		return;
	}
	take_facts(d, c, ev);
	if (ev->order_id != 0 && c->ticket == 0)
		dial_opened(d, u, c, ev->order_id, ev->occurred_at);
	record_event(u, &c->id, ev, d->now, flag, false);
	if (ev->kind == CALL_EV_CALL_CLEARED) {
		call_end(d, u, c, ev->occurred_at, ev->cause, ev->party);
		return;
	}
	if (effects[ev->kind] != NULL)
		effects[ev->kind](d, u, c, ev);
	record_call(u, c, ev->call_seq);
	c->recorded = true;
	decision_place_told(c);
}

static bool
starts_a_call(enum call_event_kind k)
{
	return k == CALL_EV_OFFERED || k == CALL_EV_QUEUED ||
	       k == CALL_EV_DELIVERED;
}

/* A unit with all that the event causes. */
static void
take(struct desk *d, struct ledger_unit *u, struct swtch *sw,
    const struct call_event *ev, bool old)
{
	struct id id = id_of_call(str_of(sw->name), sw->epoch, ev->call);
	struct call *c = call_find(d, &id);
	bool fresh = c == NULL && !old && starts_a_call(ev->kind) &&
	             !call_was_ended(d, &id) &&
	             HASH_COUNT(d->calls) < d->options.live_calls_max;

	if (fresh) {
		c = call_new(sw, ev->call, &id);
		/* An event before its first that is missing shows as a gap. */
		c->seq = 0;
	}
	if (c != NULL && ev->call_seq > c->seq) {
		apply(d, u, c, ev);
		return;
	}
	record_event(u, &id, ev, d->now,
	    c != NULL || old || call_was_ended(d, &id) ? NULL : "unknown_call",
	    true);
	record_only(d, u, sw, &id, ev);
	dial_recorded(d, u, c, &id, ev);
	if (c == NULL)
		work_recorded(u, &id, ev);
}

/*
 * A full ledger keeps no more events: from the first that it did not keep,
 * none is kept until that one comes again, and so on one by one.  What were
 * kept out of turn would be acknowledged over the heads of those before it.
 */
static bool
is_skipped(struct desk *d, struct swtch *sw, uint64_t stream_seq)
{
	bool full = record_is_full(d);

	if (sw->skipped_from == 0 && full) {
		log_warn(LOG_DESK,
		    "switch=%s ledger is full: from event %llu on they will "
		    "be asked for again",
		    sw->name, (unsigned long long)stream_seq);
		sw->skipped_from = stream_seq;
	}
	if (sw->skipped_from == 0 || stream_seq < sw->skipped_from)
		return false;
	if (full)
		d->ledger_full = true; /* asked for when it has drained */
	return full || stream_seq > sw->skipped_from;
}

/* This one is done with: the next is awaited, or all have come. */
static void
caught_up(struct swtch *sw, uint64_t stream_seq)
{
	if (stream_seq == sw->skipped_from &&
	    ++sw->skipped_from > sw->stream_high)
		sw->skipped_from = 0;
}

enum err
desk_call_event(struct desk_switch *h, const struct call_event *ev, int64_t now)
{
	struct swtch *sw = h->sw;
	struct desk *d = h->desk;
	struct ledger_unit *u;
	bool old, skipped;

	if (sw == NULL)
		return ERR_STALE;
	if (ev->call.len == 0 || ev->call.len > NAME_MAX_LEN ||
	    ev->call_seq == 0 || ev->stream_seq == 0 ||
	    ev->kind == CALL_EV_NONE || ev->kind >= CALL_NEVENTS)
		return ERR_BAD_FIELD;
	d->now = now;
	old = ev->resent || ev->stream_seq <= sw->stream_high ||
	      ev->stream_seq <= sw->old_up_to;
	if (ev->stream_seq > sw->stream_high)
		sw->stream_high = ev->stream_seq;
	skipped = is_skipped(d, sw, ev->stream_seq);
	u = record_begin(d);
	take(d, u, sw, ev, old);
	if (skipped) {
		/* Offers and agents' states are told by nobody again. */
		if (ledger_unit_drop_events(u))
			record_commit(d, &u);
		else
			ledger_unit_free(&u);
		return ERR_BUSY;
	}
	caught_up(sw, ev->stream_seq);
	record_commit_event(d, &u, sw, ev->stream_seq);
	switch_stream_reached(sw);
	return ERR_OK;
}

void
desk_event_refused(struct desk_switch *h, uint64_t stream_seq, int64_t now)
{
	struct swtch *sw = h->sw;

	if (sw == NULL)
		return;
	h->desk->now = now;
	if (stream_seq > sw->stream_high)
		sw->stream_high = stream_seq;
	caught_up(sw, stream_seq);
	switch_stream_reached(sw);
}
