/*
 * agent.c - one agent: states, and what ends them.
 *
 * agent_move() is the only way to a new state; it records, tells the client,
 * and keeps the clock of the longest idle: an agent whose offer ended through
 * no fault of theirs keeps their place among the ready.
 *
 * One timer an agent, for whatever ends the state by itself: wrap-up, the delay
 * after an offer that came to nothing, the time that a reason may take.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/direct.h"

struct agent *
agent_find(const struct desk *d, uint32_t id)
{
	struct agent *a;

	HASH_FIND(hh, d->agents, &id, sizeof(id), a);
	return a;
}

void
agent_free(struct desk *d, struct agent *a)
{
	timer_clear(d, &a->timer);
	if (a->device != NULL)
		a->device->agent = NULL;
	free(a->name);
	free(a->display_name);
	strategy_free(a);
	free(a);
}

enum err
desk_agent_find(const struct desk *d, struct str name, uint32_t *id)
{
	struct agent *a;

	HASH_FIND(hh_name, d->agents_by_name, name.p, name.len, a);
	if (a == NULL || a->retired)
		return ERR_NOT_FOUND;
	*id = a->id;
	return ERR_OK;
}

struct str
desk_agent_name(const struct desk *d, uint32_t id)
{
	const struct agent *a = agent_find(d, id);

	return str_of(a != NULL ? a->name : "");
}

static void
set_reason(char out[NAME_MAX_LEN + 1], struct str s)
{
	snprintf(out, NAME_MAX_LEN + 1, "%.*s", STR_ARG(s));
}

void
agent_tell(struct desk *d, const struct agent *a)
{
	struct agent_news n = {
		.state = a->state,
		.pending = a->pending,
		.reason = str_of(a->reason),
		.pending_reason = str_of(a->pending_reason),
		.since = a->since,
		.until = a->until,
		.limit_at = a->limit_at,
	};

	if (a->present)
		d->news->agent(d->news->arg, a->id, &n);
}

void
agent_pend(struct agent *a, enum agent_state state, struct str reason)
{
	a->pending = state;
	set_reason(a->pending_reason, reason);
}

void
agent_forget_pending(struct agent *a)
{
	a->pending = AGENT_STATE_NONE;
	a->pending_reason[0] = '\0';
}

void
agent_until(struct desk *d, struct agent *a, int64_t at)
{
	a->until = at > d->now ? at : d->now;
	desk_must(timer_set(d, &a->timer, a->until));
	agent_tell(d, a);
}

/* From when on the reason has taken too long. */
static void
set_limit(struct desk *d, struct agent *a)
{
	const struct reason *r = a->state == AGENT_STATE_NOT_READY
	                             ? reason_find(d, str_of(a->reason))
	                             : NULL;

	a->limit_at = r != NULL && r->limit_us > 0 ? d->now + r->limit_us : 0;
	if (a->limit_at != 0)
		desk_must(timer_set(d, &a->timer, a->limit_at));
}

bool
agent_move(struct desk *d, struct ledger_unit *u, struct agent *a,
    enum agent_event ev, struct str reason, const char *source)
{
	enum agent_state old = a->state;

	if (agent_step(&a->state, ev) != ERR_OK)
		return false;
	if (a->state == old && a->until == 0 &&
	    str_eq(reason, str_of(a->reason)))
		return true;
	timer_clear(d, &a->timer);
	a->until = 0;
	a->since = d->now;
	set_reason(a->reason, reason);
	set_limit(d, a);
	if (a->state == AGENT_STATE_READY && ev != AGENT_EV_OFFER_ENDED)
		a->ready_since = d->now;
	room_agent(d, a, old);
	record_agent(u, a, source);
	agent_tell(d, a);
	return true;
}

void
agent_connected(
    struct desk *d, struct ledger_unit *u, struct agent *a, struct call *c)
{
	a->call = c;
	a->last_call = c->id;
	a->last_root =
	    c->relation == RELATION_CONSULT && !id_is_none(&c->related)
		? c->related
		: c->id;
	a->last_ticket = c->ticket;
	a->last_dialled = call_is_dialled(c);
	a->wrapped = false;
	if (a->state != AGENT_STATE_BUSY) /* else asked for in this contact */
		agent_forget_pending(a);
	c->agent = a;
	room_answered(d, c, a);
	(void)agent_move(d, u, a, AGENT_EV_CONNECT, STR_LIT(""), "system");
}

void
agent_carry_on(
    struct desk *d, struct ledger_unit *u, struct agent *a, const char *source)
{
	enum agent_state to = a->pending;
	char reason[NAME_MAX_LEN + 1];

	set_reason(reason, to == AGENT_STATE_NOT_READY
			       ? str_of(a->pending_reason)
			       : STR_LIT(""));
	if (to != AGENT_STATE_NOT_READY && to != AGENT_STATE_NULL &&
	    agent_phone_is_gone(a)) {
		to = AGENT_STATE_NOT_READY;
		set_reason(reason, STR_LIT(DEVICE_GONE));
	}
	if (to == AGENT_STATE_NULL) {
		agent_log_off(d, u, a, source);
		return;
	}
	agent_forget_pending(a);
	if (to == AGENT_STATE_NOT_READY) {
		if (agent_move(
			d, u, a, AGENT_EV_NOT_READY, str_of(reason), source))
			route_agent(d, a, ACD_NOT_READY);
	} else if (agent_move(d, u, a, AGENT_EV_READY, STR_LIT(""), source)) {
		route_agent(d, a, ACD_READY);
	}
}

void
agent_log_off(
    struct desk *d, struct ledger_unit *u, struct agent *a, const char *source)
{
	char reason[NAME_MAX_LEN + 1];

	/* A supervisor's word, for whose client is still there. */
	set_reason(reason, a->pending == AGENT_STATE_NULL
			       ? str_of(a->pending_reason)
			       : STR_LIT(""));
	if (a->state != AGENT_STATE_BUSY)
		agent_forget_pending(a);
	if (!agent_move(d, u, a, AGENT_EV_GONE, str_of(reason), source) ||
	    a->state != AGENT_STATE_NULL)
		return;
	a->present = false; /* the news has ended its session */
	direct_forget(d, a);
	route_agent(d, a, ACD_LOGOUT);
	if (a->device != NULL)
		a->device->agent = NULL;
	a->device = NULL;
}

/* How much longer the wrap-up of this call may be made. */
static void
allow_extensions(struct agent *a, const struct queue *q)
{
	a->extend_us = q != NULL ? q->rules.extend_us : 0;
	a->extensions = q != NULL ? q->rules.extensions : 0;
}

void
agent_cleared(
    struct desk *d, struct ledger_unit *u, struct agent *a, int64_t wrap_up_us)
{
	if (a->call != NULL) {
		a->call->agent = NULL;
		/* A consult call is written up by who asked. */
		a->wrapped |= a->call->relation == RELATION_CONSULT;
		allow_extensions(a, a->call->queue);
	}
	if (a->second == NULL) {
		agent_over(d, u, a, wrap_up_us);
		return;
	}
	a->wrap_up_us = wrap_up_us; /* once the other is over, too */
	a->call = NULL;
}

void
agent_over(
    struct desk *d, struct ledger_unit *u, struct agent *a, int64_t wrap_up_us)
{
	if (!agent_move(d, u, a, AGENT_EV_CLEAR, STR_LIT(""), "system"))
		return;
	a->call = NULL;
	route_agent(d, a, ACD_WRAP_UP);
	if (!a->present)
		agent_log_off(d, u, a, "connection");
	else if (a->wrapped)
		agent_carry_on(d, u, a, "agent");
	else if (wrap_up_us > 0)
		agent_until(d, a, d->now + wrap_up_us);
}

void
agent_return(struct desk *d, struct ledger_unit *u, struct agent *a,
    const struct agent_was *was)
{
	static const struct {
		enum agent_event event;
		enum acd_op op;
	} ways[AGENT_NSTATES] = {
		[AGENT_STATE_READY] = { AGENT_EV_OFFER_ENDED, ACD_READY },
		[AGENT_STATE_NOT_READY] = { AGENT_EV_NOT_READY, ACD_NOT_READY },
		[AGENT_STATE_WORKING_AFTER_CALL] = { AGENT_EV_RESUME,
		    ACD_WRAP_UP },
	};
	/* In wrap-up it is for when that is over. */
	bool asked = a->pending != AGENT_STATE_NONE &&
	             was->state != AGENT_STATE_WORKING_AFTER_CALL;
	bool off = asked && a->pending == AGENT_STATE_NULL;
	enum agent_state to = off     ? AGENT_STATE_NOT_READY
	                      : asked ? a->pending
	                              : was->state;
	char reason[NAME_MAX_LEN + 1];

	set_reason(
	    reason, str_of(!asked                        ? was->reason
			   : to == AGENT_STATE_NOT_READY ? a->pending_reason
							 : ""));
	if (asked && !off)
		agent_forget_pending(a);
	if (to == AGENT_STATE_READY && agent_phone_is_gone(a)) {
		to = AGENT_STATE_NOT_READY;
		set_reason(reason, STR_LIT(DEVICE_GONE));
	}
	if (was->state != AGENT_STATE_READY)
		a->ready_since = d->now;
	if (!agent_move(d, u, a, ways[to].event, str_of(reason), "system"))
		return;
	route_agent(d, a, ways[to].op);
	if (!a->present)
		agent_log_off(d, u, a, "connection");
	else if (off)
		agent_log_off(d, u, a, "supervisor");
	else if (!asked && was->until != 0)
		agent_until(d, a, was->until);
}

/* Once a state: nobody sends them back, they and the supervisors see it. */
static void
limit_reached(struct desk *d, struct agent *a)
{
	a->n_over++;
	log_info(LOG_DESK, "agent=%s is not ready for too long: %s", a->name,
	    a->reason);
	agent_tell(d, a);
}

void
agent_due(struct desk *d, struct agent *a)
{
	struct ledger_unit *u;

	if (a->until == 0) {
		limit_reached(d, a);
		return;
	}
	u = record_begin(d);
	agent_carry_on(d, u, a, "timer");
	record_commit(d, &u);
}
