/*
 * work_call.c - what calls leave behind.
 *
 * - Who chose to be called back, or is by the queue's rules, is: at the place
 *   and with the credit that the call had.
 * - Who gave up after the queue's follow_up_abandoned is called, too.
 * - One number is called by one item: who wants to be called back is not also
 *   followed up; of two of a kind the first stays, and the later call's ticket
 *   says so.
 * - Who calls again and is answered need not be called: the item is done.
 * - A number that may not be called, or none, makes the ticket itself the work.
 */
#include "desk/work.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define EVERY_US (600 * INT64_C(1000000))
#define EXPIRES_US (8 * 3600 * INT64_C(1000000))

static struct id
work_id_of_call(const struct id *call)
{
	return record_key(call, 0, "work");
}

static bool
may_be_called(const struct desk *d, const struct call *c)
{
	return c->e164[0] != '\0' &&
	       dialling_rule(d, str_of(c->e164)) == NULL;
}

/* The item by which this number is to be called, or NULL. */
static struct work *
of_number(const struct desk *d, const char *e164)
{
	for (struct work *w = d->works->items; w != NULL; w = w->hh.next)
		if (w->kind != WORK_TICKET && e164[0] != '\0' &&
		    strcmp(w->e164, e164) == 0)
			return w;
	return NULL;
}

static void
drop(struct desk *d, struct ledger_unit *u, struct work *w, enum work_state to)
{
	w->state = to;
	work_leave(d, u, w, OFFER_END_RESCINDED);
	work_free(d, w);
}

/* The call's ticket says that another item stands for it.  True: so it is. */
static bool
is_merged(struct desk *d, struct ledger_unit *u, const struct call *c,
    enum work_kind kind, int64_t at)
{
	struct work *w = of_number(d, c->e164);
	char number[24];
	struct ticket_event_row e = {
		.ticket_id = c->ticket,
		.call_id = c->id,
		.key = record_key(&c->id, 0, "work_merged"),
		.at = at,
		.kind = "callback_merged",
		.actor = STR_LIT("system"),
	};

	if (w == NULL || kind == WORK_TICKET)
		return false;
	if (kind == WORK_CALLBACK && w->kind == WORK_FOLLOW_UP &&
	    w->state == WORK_WAITING && !w->deciding) {
		drop(d, u, w, WORK_CANCELLED);
		return false;
	}
	snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)ticket_number(w->ticket));
	e.text = str_of(number);
	if (c->ticket != 0)
		record_ticket_event(u, &e);
	return true;
}

static void
record_work(struct ledger_unit *u, const struct work *w, int64_t every_us,
    uint32_t max_attempts)
{
	const struct work_row r = {
		.id = w->id,
		.call_id = w->call,
		.kind = word_work_kind(w->kind),
		.queue_id = w->queue->id,
		.site = w->site,
		/* A ticket's is not called. */
		.e164 = str_of(w->kind != WORK_TICKET ? w->e164 : NULL),
		.enqueued_at = w->enqueued_at,
		.credit_us = w->credit_us,
		.expires_at = w->expires_at,
		.every_us = every_us,
		.arrival = w->arrival,
		.max_attempts = max_attempts,
		.node = str_of(w->desk->options.node),
	};

	desk_must(ledger_put_work(u, &r));
}

bool
work_of_call(struct desk *d, struct ledger_unit *u, struct call *c,
    enum work_kind kind, int64_t at)
{
	const struct id id = work_id_of_call(&c->id);
	const struct route_rules *r = &c->queue->rules;
	struct work *w;

	if (!may_be_called(d, c))
		kind = WORK_TICKET;
	if (work_find(d, &id) != NULL || is_merged(d, u, c, kind, at))
		return true;
	w = work_new(d, &id);
	w->rev = 1;
	w->call = c->id;
	w->kind = kind;
	w->ticket = c->ticket;
	w->queue = c->queue;
	memcpy(w->e164, c->e164, sizeof(w->e164));
	w->enqueued_at = at;
	w->arrival = ++d->next_arrival;
	w->expires_at =
	    at + (r->callback.expires_us > 0 ? r->callback.expires_us
	                                     : EXPIRES_US);
	if (kind == WORK_CALLBACK) {
		w->site = c->sw->id;
		w->enqueued_at = c->enqueued_at;
		w->arrival = c->arrival;
		w->credit_us = credit_of(d, c);
	} else if (kind == WORK_TICKET) {
		w->expires_at = 0;
	}
	record_work(u, w,
	    r->callback.every_us > 0 ? r->callback.every_us : EVERY_US,
	    1 + r->callback.retries);
	work_wait(d, w);
	return true;
}

void
work_of_ended(struct desk *d, struct ledger_unit *u, struct call *c,
    int64_t at, enum cause cause)
{
	static const bool in_vain[CAUSE_NUMBER] = {
		[CAUSE_NONE] = true,
		[CAUSE_NORMAL] = true,
		[CAUSE_BUSY] = true,
		[CAUSE_NO_ANSWER] = true,
		[CAUSE_REJECTED] = true,
		[CAUSE_UNREACHABLE] = true,
	};
	int64_t after;

	if (c->queue == NULL || c->queued_at == 0 || c->established_at != 0 ||
	    c->relation != RELATION_NONE || !call_is_routed(c))
		return;
	after = c->queue->rules.follow_up_abandoned_us;
	if (cause == CAUSE_CALLED_BACK)
		(void)work_of_call(d, u, c, WORK_CALLBACK, at);
	else if (cause < CAUSE_NUMBER && in_vain[cause] && after > 0 &&
		 at - c->enqueued_at >= after && may_be_called(d, c))
		(void)work_of_call(d, u, c, WORK_FOLLOW_UP, at);
}

void
work_recorded(struct ledger_unit *u, const struct id *call,
    const struct call_event *ev)
{
	const struct work_row r = {
		.id = work_id_of_call(call),
		.call_id = *call,
		.kind = word_work_kind(WORK_CALLBACK),
		.every_us = EVERY_US,
		.max_attempts = 1,
	};

	if (ev->kind == CALL_EV_CALL_CLEARED &&
	    ev->cause == CAUSE_CALLED_BACK && ev->relation == RELATION_NONE)
		desk_must(ledger_put_work(u, &r));
}

void
work_answered(struct desk *d, const char *e164)
{
	struct work *w = of_number(d, e164);
	struct ledger_unit *u;

	if (w == NULL || w->state != WORK_WAITING || w->deciding)
		return;
	u = record_begin(d); /* the ledger sees it by itself */
	drop(d, u, w, WORK_DONE);
	record_commit(d, &u);
}

bool
work_callback(struct desk *d, struct ledger_unit *u, struct call *c)
{
	if (c->queue == NULL || c->called_back || !may_be_called(d, c))
		return false;
	(void)work_of_call(d, u, c, WORK_CALLBACK, d->now);
	wait_end(d, c);
	call_unqueue(d, u, c, OFFER_END_WITHDRAWN);
	c->called_back = true; /* it waits no more, whatever comes */
	call_order(d, c, ORDER_CLEAR, NULL, false, CAUSE_CALLED_BACK);
	return true;
}
