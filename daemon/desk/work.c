/*
 * work.c - items: their place in a line, their timer, what they become.
 */
#include "desk/work.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

void
works_init(struct desk *d)
{
	d->works = calloc(1, sizeof(*d->works));
	desk_must(d->works != NULL ? ERR_OK : ERR_NOMEM);
	d->works->fresh = true;
}

void
works_fini(struct desk *d)
{
	struct work *w, *next;

	if (d->works == NULL)
		return;
	HASH_ITER(hh, d->works->items, w, next)
	work_free(d, w);
	work_hold_fini(d);
	free(d->works->acks);
	free(d->works->places);
	free(d->works);
	d->works = NULL;
}

struct work *
work_find(const struct desk *d, const struct id *id)
{
	struct work *w;

	HASH_FIND(hh, d->works->items, id, sizeof(*id), w);
	return w;
}

struct work *
work_new(struct desk *d, const struct id *id)
{
	struct work *w = calloc(1, sizeof(*w));

	desk_must(w != NULL ? ERR_OK : ERR_NOMEM);
	w->id = *id;
	w->desk = d;
	w->state = WORK_WAITING;
	w->timer = (struct timer){ .kind = TIMER_WORK, .owner = w };
	HASH_ADD(hh, d->works->items, id, sizeof(w->id), w);
	return w;
}

void
work_free(struct desk *d, struct work *w)
{
	timer_clear(d, &w->timer);
	HASH_DELETE(hh, d->works->items, w);
	free(w);
}

/* ------------------------------------------------------------ in its line */

void
work_line(const struct work *w, struct acd_line *out)
{
	*out = w->queue->line;
	out->media = ACD_WORK;
	out->site = w->site;
}

int64_t
work_score(const struct work *w)
{
	int64_t credit = w->credit_us;

	/* A caller who is called back keeps the place of the call. */
	if (w->kind != WORK_CALLBACK)
		credit += w->queue->rules.work_credit_us;
	return w->enqueued_at - credit;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return b != 0 && b < a ? b : a;
}

/* What is next that can happen without anybody else. */
static int64_t
next_at(const struct work *w)
{
	int64_t at = INT64_MAX;

	if (w->asking || w->deciding || w->offer != NULL)
		return at; /* first that */
	if (w->state == WORK_TAKEN)
		at = sooner(at, w->check_at);
	if (w->state == WORK_WAITING) {
		at = sooner(at, w->expires_at);
		at = sooner(at, w->entered ? w->forgive_at : w->not_before);
	}
	return at != INT64_MAX && at < w->retry_at ? w->retry_at : at;
}

static void
arm(struct desk *d, struct work *w)
{
	int64_t at = next_at(w);

	if (at == INT64_MAX)
		timer_clear(d, &w->timer);
	else
		desk_must(timer_set(d, &w->timer, at));
}

void
work_wait(struct desk *d, struct work *w)
{
	if (w->state == WORK_WAITING && !w->entered && !w->deciding &&
	    w->offer == NULL && w->not_before <= d->now) {
		w->not_before = 0;
		w->entered = true;
		route_work(d, w, ACD_ENQUEUE);
	}
	arm(d, w);
}

void
work_leave(
    struct desk *d, struct ledger_unit *u, struct work *w, enum offer_end end)
{
	bool deciding = w->deciding;

	w->deciding = true; /* the offer's end puts it back nowhere */
	if (w->offer != NULL)
		offer_finish(d, u, w->offer, end, true);
	w->deciding = deciding;
	if (w->entered)
		route_work(d, w, ACD_DEQUEUE);
	w->entered = false;
	w->forgive_at = 0;
}

void
work_route_all(struct desk *d)
{
	for (struct work *w = d->works->items; w != NULL; w = w->hh.next) {
		w->entered = false;
		work_wait(d, w);
	}
}

/* Who has refused it may be asked again: nobody else has wanted it. */
static void
forgive(struct desk *d, struct work *w)
{
	w->forgive_at = 0;
	route_work(d, w, ACD_DEQUEUE);
	route_work(d, w, ACD_ENQUEUE);
}

void
work_due(struct desk *d, struct work *w)
{
	if (w->state == WORK_TAKEN) {
		work_ask_outcome(d, w);
	} else if (w->expires_at != 0 && w->expires_at <= d->now) {
		work_ask_expired(d, w);
	} else if (w->entered && w->forgive_at != 0 &&
		   w->forgive_at <= d->now) {
		forgive(d, w);
	}
	work_wait(d, w);
}

/* --------------------------------------------------------------- becoming */

uint32_t
work_in_hand(const struct desk *d, uint32_t agent)
{
	uint32_t n = 0;

	for (const struct work *w = d->works->items; w != NULL; w = w->hh.next)
		n += w->state == WORK_TAKEN && w->agent == agent;
	return n;
}

void
work_tell(struct desk *d, const struct work *w)
{
	const struct agent *a = agent_find(d, w->agent);
	struct work_news n = {
		.work = w->id,
		.kind = w->kind,
		.state = w->state,
		.queue = str_of(w->queue->name),
		.number = str_of(w->e164),
		.ticket = ticket_number(w->ticket),
		.at = d->now,
	};

	if (a != NULL && a->present)
		d->news->work(d->news->arg, a->id, &n);
}

void
work_tell_all(struct desk *d, uint32_t agent)
{
	for (const struct work *w = d->works->items; w != NULL; w = w->hh.next)
		if (w->state == WORK_TAKEN && w->agent == agent)
			work_tell(d, w);
}

/* The agent's hand holds one more, or one less. */
static void
count_in_hand(struct desk *d, const struct work *w, bool was_taken)
{
	struct agent *a = agent_find(d, w->agent);
	bool is_taken = w->state == WORK_TAKEN;

	if (was_taken == is_taken)
		return;
	if (a != NULL && a->state != AGENT_STATE_NULL) {
		if (was_taken)
			route_agent(d, a, ACD_ITEM_DONE);
		else
			route_login_again(d, a);
	}
	work_tell(d, w);
}

void
work_became(struct desk *d, struct work *w, const struct work_now *n)
{
	bool was_taken = w->state == WORK_TAKEN;
	struct ledger_unit *u;

	if (n->rev < w->rev)
		return; /* of before what is known already */
	w->rev = n->rev;
	w->attempt = n->attempt;
	w->not_before = n->not_before;
	if (n->state == w->state) {
		work_wait(d, w);
		return;
	}
	if (!was_taken && n->state == WORK_TAKEN)
		w->agent = n->agent;
	w->state = n->state;
	w->check_at = n->state == WORK_TAKEN && w->kind != WORK_TICKET
	                  ? d->now
	                  : 0;
	if (w->state != WORK_WAITING) {
		u = record_begin(d);
		work_leave(d, u, w, OFFER_END_RESCINDED);
		record_commit(d, &u);
	}
	count_in_hand(d, w, was_taken);
	if (w->state == WORK_WAITING || w->state == WORK_TAKEN) {
		work_wait(d, w);
		return;
	}
	log_info(LOG_DESK, "work kind=%s queue=%s is %s",
	    word_work_kind(w->kind), w->queue->name, word_work_state(w->state));
	work_free(d, w);
}
