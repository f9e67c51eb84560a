/*
 * gate_then.c - what is done with a call that may not wait: sent to a queue
 * that takes it, called back, or ended with the cause that the switch tells.
 */
#include "desk/state.h"

#include "base/log.h"
#include "desk/work.h"

/* Each queue on the way is asked, and so many at most: rules that lead in a
 * circle end. */
struct gate_way
gate_way(struct desk *d, const struct call *c, struct rule_then then)
{
	struct gate_way way = { 0 };

	for (unsigned i = 0; i < STAY_QUEUES_MAX; i++) {
		const struct overflow *o;
		struct queue *q;

		way.callback = then.action == ACTION_CALLBACK;
		if (then.action != ACTION_QUEUE)
			return way;
		q = queue_by_name(d, then.queue);
		if (q == NULL || stay_has_been(&c->stay, q))
			return way;
		if (gate_bar(d, q, &then) != CAUSE_NONE)
			continue;
		if ((o = gate_overflow(d, q)) != NULL)
			then = o->then;
		else {
			way.to = q;
			return way;
		}
	}
	return way;
}

/* False: it cannot, now or ever. */
static bool
clear(struct desk *d, struct call *c, enum cause cause)
{
	if ((c->sw->can & ORDER_BIT(ORDER_CLEAR)) == 0 ||
	    c->n_orders == CALL_MAX_ORDERS) {
		log_warn(LOG_DESK,
		    "switch=%s call=%.*s cannot be ended (%s): it waits",
		    c->sw->name, (int)c->name_len, c->name, word_cause(cause));
		c->stay.stays = true;
		return false;
	}
	c->stay.away = cause;
	wait_end(d, c);
	log_info(LOG_DESK, "switch=%s call=%.*s queue=%s turned away: %s",
	    c->sw->name, (int)c->name_len, c->name, c->queue->name,
	    word_cause(cause));
	call_order(d, c, ORDER_CLEAR, NULL, false, cause);
	return true;
}

bool
gate_turn_away(
    struct desk *d, struct call *c, struct gate_way way, enum cause cause)
{
	if (!way.callback)
		return clear(d, c, cause);
	c->stay.away = cause;
	c->stay.handing_over = true;
	desk_must(timer_set(d, &c->wait, d->now));
	return true;
}

void
gate_hand_over(struct desk *d, struct call *c)
{
	struct ledger_unit *u = record_begin(d);
	enum cause cause = c->stay.away;
	bool taken = work_callback(d, u, c);

	record_commit(d, &u);
	c->stay.handing_over = false;
	if (taken)
		c->stay.away = CAUSE_CALLED_BACK;
	if (taken || clear(d, c, cause))
		return;
	c->stay.away = CAUSE_NONE;
	call_requeue(d, c);
}

void
gate_kept(struct desk *d, struct call *c, enum err why)
{
	if (c->stay.away == CAUSE_NONE || why == ERR_NOT_FOUND)
		return;
	log_warn(LOG_DESK, "switch=%s call=%.*s was not ended: %s; it waits",
	    c->sw->name, (int)c->name_len, c->name, err_name(why));
	if (c->called_back)
		return; /* and will be, though nobody hangs up for them */
	c->stay.away = CAUSE_NONE;
	c->stay.stays = true;
	if (c->state == CALL_QUEUED)
		call_requeue(d, c);
}

void
gate_again(struct desk *d, struct call *c)
{
	if (c->stay.away == CAUSE_NONE || c->stay.handing_over)
		return;
	if (!clear(d, c, c->stay.away))
		gate_kept(d, c, ERR_REFUSED);
}
