/*
 * work_offer.c - an item offered to an agent, and taken: PostgreSQL says by
 * whom.
 *
 * While it is asked the offer stands, without a deadline: the agent has
 * answered.  The question goes behind all that this node has given the ledger,
 * since the item may have been made a moment ago.  An answer that does not come
 * leaves it unknown whether it was taken: then the item is forgotten here and
 * told again by the ledger as what it is.
 */
#include "desk/work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/number.h"

#define SECOND INT64_C(1000000)

struct taking {
	struct desk *desk;
	struct id item;
	uint64_t offer;
	uint32_t agent, attempt;
	char actor[NAME_MAX_LEN + 1];
	int64_t at;
	bool again; /* a race was lost once */
};

/* LQ_WORK_TAKE */
enum { T_OUTCOME, T_REV, T_ATTEMPT, T_TICKET, T_E164, T_OP, T_NCOLS };

/* ---------------------------------------------------------------- offered */

static void
tell_offer(struct desk *d, const struct offer *o)
{
	const struct work *w = o->work;
	struct offer_news n = {
		.offer = o->id,
		.queue = str_of(w->queue->name),
		.attempt = o->attempt,
		.enqueued_at = w->enqueued_at,
		.offered_at = o->offered_at,
		.deadline_at = o->deadline_at,
		.ticket = ticket_number(w->ticket),
		.screen_first = true,
		.can_answer = true,
		.why = str_of(w->queue->name),
		.work_kind = w->kind,
		.work = w->id,
		.number = str_of(w->e164),
		.subject = str_of(w->subject),
	};

	d->news->offer(d->news->arg, o->agent->id, &n);
}

static void
offer_new(struct desk *d, uint64_t id, struct work *w, struct agent *a)
{
	struct offer *o = calloc(1, sizeof(*o));
	struct ledger_unit *u;

	desk_must(o != NULL ? ERR_OK : ERR_NOMEM);
	o->id = id;
	o->work = w;
	o->agent = a;
	o->attempt = ++w->n_offers;
	o->epoch = d->acd_epoch;
	o->offered_at = d->now;
	o->deadline_at = d->now + w->queue->ring_us;
	o->timer = (struct timer){ .kind = TIMER_OFFER, .owner = o };
	HASH_ADD(hh, d->offers, id, sizeof(o->id), o);
	w->offer = o;
	a->offer = o;
	tell_offer(d, o);
	desk_must(timer_set(d, &o->timer, d->now + d->options.shown_us));
	u = record_begin(d);
	(void)agent_move(d, u, a, AGENT_EV_OFFER, STR_LIT(""), "system");
	record_offer(u, o, OFFER_END_NONE, 0);
	record_commit(d, &u);
}

void
work_offered(
    struct desk *d, uint64_t offer, const struct id *item, struct agent *a)
{
	struct work *w = work_find(d, item);

	/* As with calls: the ACD was told since, and ends the offer itself. */
	if (w == NULL || w->state != WORK_WAITING || !w->entered ||
	    w->deciding || w->offer != NULL || a == NULL ||
	    a->state != AGENT_STATE_READY || work_back(d, w))
		return;
	offer_new(d, offer, w, a);
}

enum err
work_offer_shown(struct desk *d, struct offer *o)
{
	o->shown_at = d->now;
	route_offer(d, o, ACD_SHOWN);
	return timer_set(d, &o->timer, o->deadline_at);
}

void
work_offer_ended(struct desk *d, struct work *w, enum offer_end end)
{
	int64_t again = w->queue->rules.again_us;

	w->offer = NULL;
	if (end == OFFER_END_REFUSED || end == OFFER_END_NO_ANSWER)
		w->forgive_at = d->now + (again > 0 ? again : 60 * SECOND);
	if (!w->deciding)
		work_wait(d, w);
}

/* ------------------------------------------------------------------- taken */

/* The agent was reserved by the offer and takes calls again. */
static void
free_agent(struct desk *d, struct ledger_unit *u, struct agent *a)
{
	if (a->state == AGENT_STATE_RESERVED &&
	    agent_move(d, u, a, AGENT_EV_OFFER_ENDED, STR_LIT(""), "system"))
		route_agent(d, a, ACD_READY);
}

/* It is the agent's; who was offered it meanwhile is told that it is not. */
static void
taken(struct desk *d, struct work *w, const struct taking *t)
{
	struct offer *o = offer_find(d, t->offer);
	struct agent *a = agent_find(d, t->agent);
	struct ledger_unit *u = record_begin(d);
	bool still = o != NULL && o->work == w && o->agent == a;

	w->state = WORK_TAKEN;
	w->agent = t->agent;
	w->forgive_at = 0;
	if (still) {
		offer_finish(d, u, o, OFFER_END_ACCEPTED, false);
		w->entered = false;
	}
	work_leave(d, u, w, OFFER_END_RESCINDED);
	work_tell(d, w);
	if (w->kind == WORK_TICKET && still)
		free_agent(d, u, a);
	record_commit(d, &u);
	clockwork_changed(d->clockwork, t->at);
	if (w->kind == WORK_TICKET)
		return;
	if (w->back) {
		work_back_taken(d, w);
	} else if (still) {
		work_dial(d, w, a);
	} else {
		snprintf(w->rule, sizeof(w->rule), "agent_gone");
		w->check_at = d->now;
		work_wait(d, w);
	}
}

/* Somebody else's, or not known whose: we know no more of it. */
static void
not_taken(struct desk *d, struct work *w, const struct taking *t)
{
	struct ledger_unit *u = record_begin(d);

	log_info(LOG_DESK, "work kind=%s queue=%s is not agent %u's",
	    word_work_kind(w->kind), w->queue->name, t->agent);
	work_leave(d, u, w, OFFER_END_RESCINDED);
	record_commit(d, &u);
	work_free(d, w);
	work_doubt(d);
}

static enum err ask(struct taking *);

static void
answered(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct taking *t = arg;
	struct desk *d = t->desk;
	struct work *w = work_find(d, &t->item);
	const struct str *cell = rows != NULL ? rows->cells : NULL;
	bool known = e == ERR_OK && rows->n == 1 && rows->n_columns >= T_NCOLS;

	d->lookups_pending--;
	if ((e == ERR_BAD_FIELD || e == ERR_BUSY) && !t->again) {
		t->again = true;
		if (ask(t) == ERR_OK)
			return;
	}
	if (w == NULL || !w->deciding) {
		free(t); /* cannot be: nothing frees it while it is decided */
		return;
	}
	w->deciding = false;
	if (known && str_eq(cell[T_OUTCOME], STR_LIT("done"))) {
		w->rev = (uint32_t)ledger_number(cell[T_REV]);
		w->attempt = (uint32_t)ledger_number(cell[T_ATTEMPT]);
		w->ticket = (uint64_t)ledger_number(cell[T_TICKET]);
		(void)id_parse(cell[T_OP], &w->op);
		taken(d, w, t);
	} else {
		not_taken(d, w, t);
	}
	free(t);
}

static enum err
ask(struct taking *t)
{
	struct ledger *l = t->desk->ledger;
	char id[ID_TEXT_LEN + 1], attempt[16], agent[16], at[24];
	enum err e;

	snprintf(attempt, sizeof(attempt), "%u", t->attempt);
	snprintf(agent, sizeof(agent), "%u", t->agent);
	snprintf(at, sizeof(at), "%" PRId64, t->at);
	const struct str args[] = { str_of(id_text(&t->item, id)),
		str_of(attempt), str_of(agent), str_of(t->actor),
		str_of(t->desk->options.node), str_of(at) };
	e = l->ops->query(l, LQ_WORK_TAKE, NELEM(args), args, answered, t);
	if (e == ERR_OK)
		t->desk->lookups_pending++;
	return e;
}

static void
all_is_there(void *arg, enum err e)
{
	struct taking *t = arg;

	(void)e; /* nothing of ours was in it */
	if (ask(t) != ERR_OK) {
		t->desk->lookups_pending++;
		answered(t, ERR_IO, NULL);
	}
}

/* True: the ledger is there to be asked. */
static bool
is_there(const struct desk *d)
{
	struct ledger_stats s;

	d->ledger->ops->stats(d->ledger, &s);
	return s.connected;
}

static struct taking *
taking_new(struct desk *d, struct work *w)
{
	struct taking *t = calloc(1, sizeof(*t));

	if (t != NULL)
		*t = (struct taking){ .desk = d,
			.item = w->id,
			.attempt = w->attempt,
			.at = d->now };
	return t;
}

enum err
work_take(struct desk *d, struct work *w)
{
	struct ledger_unit *u;
	struct taking *t;

	if (!is_there(d))
		return ERR_IO;
	if ((t = taking_new(d, w)) == NULL)
		return ERR_NOMEM;
	snprintf(t->actor, sizeof(t->actor), "system");
	w->deciding = w->back = true;
	u = record_begin(d);
	ledger_commit(d->ledger, &u, all_is_there, t);
	return ERR_OK;
}

enum err
work_offer_accept(
    struct desk *d, const struct desk_action *action, struct offer *o)
{
	struct work *w = o->work;
	struct ledger_unit *u;
	struct taking *t;

	if (w->deciding)
		return ERR_OK;
	if (!is_there(d))
		return ERR_IO;
	if ((t = taking_new(d, w)) == NULL)
		return ERR_NOMEM;
	t->offer = o->id;
	t->agent = o->agent->id;
	snprintf(t->actor, sizeof(t->actor), "%.*s", STR_ARG(action->actor));
	w->deciding = true;
	w->back = false;
	timer_clear(d, &o->timer);
	agent_op_done(d, action);
	u = record_begin(d);
	record_commit_op(d, &u, action);
	u = record_begin(d);
	ledger_commit(d->ledger, &u, all_is_there, t);
	return ERR_OK;
}
