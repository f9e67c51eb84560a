/*
 * agent.c - one agent: log-in, states, wrap-up, and what they ask for.
 *
 * agent_move() is the only way to a new state; it records, tells the client,
 * and keeps the clock of the longest idle: an agent whose offer ended through
 * no fault of theirs keeps their place among the ready.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

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
copy_reason(char out[NAME_MAX_LEN + 1], struct str s)
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
	};

	if (a->present)
		d->news->agent(d->news->arg, a->id, &n);
}

bool
agent_move(struct desk *d, struct ledger_unit *u, struct agent *a,
    enum agent_event ev, struct str reason, const char *source)
{
	enum agent_state old = a->state;

	if (agent_step(&a->state, ev) != ERR_OK)
		return false;
	if (a->state == old && str_eq(reason, str_of(a->reason)))
		return true;
	decision_count(d, a, (int)old, (int)a->state);
	timer_clear(d, &a->timer);
	a->until = 0;
	a->since = d->now;
	copy_reason(a->reason, reason);
	if (a->state == AGENT_STATE_READY && ev != AGENT_EV_OFFER_ENDED)
		a->ready_since = d->now;
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
	a->pending = AGENT_STATE_NONE;
	c->agent = a;
	(void)agent_move(d, u, a, AGENT_EV_CONNECT, STR_LIT(""), "system");
}

static bool
phone_is_gone(const struct agent *a)
{
	return a->device != NULL && a->device->gone;
}

/* Wrap-up is over: what was asked for while busy, else ready. */
static void
agent_next(
    struct desk *d, struct ledger_unit *u, struct agent *a, const char *source)
{
	bool ready = a->pending != AGENT_STATE_NOT_READY;
	char reason[NAME_MAX_LEN + 1];

	snprintf(reason, sizeof(reason), "%s", ready ? "" : a->pending_reason);
	if (ready && phone_is_gone(a)) {
		ready = false;
		copy_reason(reason, STR_LIT(DEVICE_GONE));
	}
	a->pending = AGENT_STATE_NONE;
	if (agent_move(d, u, a, ready ? AGENT_EV_READY : AGENT_EV_NOT_READY,
		str_of(reason), source))
		route_agent(d, a, ready ? ACD_READY : ACD_NOT_READY);
}

static void
agent_log_off(
    struct desk *d, struct ledger_unit *u, struct agent *a, const char *source)
{
	if (!agent_move(d, u, a, AGENT_EV_GONE, STR_LIT(""), source) ||
	    a->state != AGENT_STATE_NULL)
		return;
	route_agent(d, a, ACD_LOGOUT);
	if (a->device != NULL)
		a->device->agent = NULL;
	a->device = NULL;
}

void
agent_cleared(
    struct desk *d, struct ledger_unit *u, struct agent *a, int64_t wrap_up_us)
{
	if (a->call != NULL) {
		a->call->agent = NULL;
		/* A consult call is written up by who asked. */
		a->wrapped |= a->call->relation == RELATION_CONSULT;
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
	if (!a->present) {
		agent_log_off(d, u, a, "connection");
	} else if (a->wrapped) {
		agent_next(d, u, a, "agent");
	} else if (wrap_up_us > 0) {
		a->until = d->now + wrap_up_us;
		desk_must(timer_set(d, &a->timer, a->until));
		agent_tell(d, a);
	}
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
	bool asked = a->pending != AGENT_STATE_NONE;
	enum agent_state to = asked ? a->pending : was->state;
	char reason[NAME_MAX_LEN + 1];

	snprintf(reason, sizeof(reason), "%s",
	    !asked                        ? was->reason
	    : to == AGENT_STATE_NOT_READY ? a->pending_reason
					  : "");
	a->pending = AGENT_STATE_NONE;
	if (to == AGENT_STATE_READY && phone_is_gone(a)) {
		to = AGENT_STATE_NOT_READY;
		copy_reason(reason, STR_LIT(DEVICE_GONE));
	}
	if (was->state != AGENT_STATE_READY)
		a->ready_since = d->now;
	if (!agent_move(d, u, a, ways[to].event, str_of(reason), "system"))
		return;
	route_agent(d, a, ways[to].op);
	if (!a->present) {
		agent_log_off(d, u, a, "connection");
	} else if (to == AGENT_STATE_WORKING_AFTER_CALL && was->until != 0) {
		a->until = was->until > d->now ? was->until : d->now;
		desk_must(timer_set(d, &a->timer, a->until));
		agent_tell(d, a);
	}
}

void
agent_wrap_up_due(struct desk *d, struct agent *a)
{
	struct ledger_unit *u = record_begin(d);

	agent_next(d, u, a, "timer");
	record_commit(d, &u);
}

/* ---- operations that were done: a repeat must not have its effect again */

bool
agent_op_seen(struct desk *d, const struct desk_action *action)
{
	const struct agent *a = agent_find(d, action->agent);
	struct ledger_unit *u;

	for (unsigned i = 0; a != NULL && i < AGENT_OPS_REMEMBERED; i++) {
		if (id_is_none(&action->op) || !id_eq(&a->ops[i], &action->op))
			continue;
		/* Behind the first one's rows, so saved when they are. */
		u = record_begin(d);
		record_commit_op(d, &u, action);
		return true;
	}
	return false;
}

void
agent_op_done(struct desk *d, const struct desk_action *action)
{
	struct agent *a = agent_find(d, action->agent);

	if (a != NULL)
		a->ops[a->next_op++ % AGENT_OPS_REMEMBERED] = action->op;
}

/* ---- the session's side */

/* Someone is at this device's phone already? */
static void
resume_state(struct desk *d, struct ledger_unit *u, struct agent *a,
    enum agent_state resume, struct str reason)
{
	struct call *c = a->device->call;

	(void)agent_move(d, u, a, AGENT_EV_LOGIN, STR_LIT("log_in"), "agent");
	route_login(d, a);
	if (c != NULL && c->agent == NULL &&
	    (c->state == CALL_ESTABLISHED || c->state == CALL_HELD)) {
		agent_connected(d, u, a, c);
		route_agent(d, a, ACD_BUSY);
		return;
	}
	switch (resume) {
	case AGENT_STATE_READY:
	case AGENT_STATE_RESERVED:
		if (a->device->gone) {
			(void)agent_move(d, u, a, AGENT_EV_NOT_READY,
			    STR_LIT(DEVICE_GONE), "agent");
			break;
		}
		(void)agent_move(d, u, a, AGENT_EV_READY, STR_LIT(""), "agent");
		route_agent(d, a, ACD_READY);
		break;
	case AGENT_STATE_BUSY:
	case AGENT_STATE_WORKING_AFTER_CALL:
		/* The call is over: what is left of it are the notes. */
		(void)agent_move(
		    d, u, a, AGENT_EV_RESUME, STR_LIT(""), "agent");
		route_agent(d, a, ACD_WRAP_UP);
		break;
	case AGENT_STATE_NOT_READY:
		(void)agent_move(d, u, a, AGENT_EV_NOT_READY, reason, "agent");
		break;
	default:
		break;
	}
}

enum err
desk_agent_login(struct desk *d, uint32_t id, struct str device,
    enum agent_state resume, struct str reason, int64_t now)
{
	struct agent *a = agent_find(d, id);
	struct device *dev = device_find(d, device);
	struct ledger_unit *u;

	d->now = now;
	sweep_once(d);
	if (a == NULL || a->retired)
		return ERR_NOT_FOUND;
	if (dev == NULL || dev->retired)
		return ERR_NO_DEVICE;
	if (dev->agent != NULL && dev->agent != a)
		return ERR_DEVICE_TAKEN;
	if (a->present)
		d->news->taken_over(d->news->arg, id);
	if (a->state != AGENT_STATE_NULL)
		desk_agent_gone(d, id, false, now);
	u = record_begin(d);
	a->present = true;
	if (a->state == AGENT_STATE_BUSY) { /* still on the phone */
		agent_tell(d, a);
		if (a->call != NULL)
			call_tell_again(d, a->call);
		if (a->second != NULL)
			call_tell_again(d, a->second);
	} else {
		a->device = dev;
		dev->agent = a;
		resume_state(d, u, a, resume, reason);
	}
	record_commit(d, &u);
	log_info(LOG_DESK, "agent=%s device=%s state=%s", a->name,
	    a->device->name, word_agent_state(a->state));
	return ERR_OK;
}

void
desk_agent_gone(struct desk *d, uint32_t id, bool wanted, int64_t now)
{
	struct agent *a = agent_find(d, id);
	struct ledger_unit *u;

	d->now = now;
	if (a == NULL || !a->present)
		return;
	a->present = false;
	u = record_begin(d);
	if (a->offer != NULL)
		offer_finish(d, u, a->offer, OFFER_END_AGENT_GONE, true);
	agent_log_off(d, u, a, wanted ? "agent" : "connection");
	record_commit(d, &u);
}

/* ---- what the agent asks for */

static enum err
ask_not_ready(
    struct desk *d, struct ledger_unit *u, struct agent *a, struct str reason)
{
	if (a->state == AGENT_STATE_BUSY) {
		a->pending = AGENT_STATE_NOT_READY;
		copy_reason(a->pending_reason, reason);
		agent_tell(d, a);
		return ERR_OK;
	}
	if (!agent_move(d, u, a, AGENT_EV_NOT_READY, reason, "agent"))
		return ERR_REFUSED;
	if (a->offer != NULL)
		offer_finish(d, u, a->offer, OFFER_END_RESCINDED, true);
	route_agent(d, a, ACD_NOT_READY);
	return ERR_OK;
}

static enum err
ask_ready(struct desk *d, struct ledger_unit *u, struct agent *a)
{
	if (a->state == AGENT_STATE_BUSY || a->state == AGENT_STATE_RESERVED) {
		a->pending = a->state == AGENT_STATE_BUSY ? AGENT_STATE_READY
		                                          : AGENT_STATE_NONE;
		agent_tell(d, a);
		return ERR_OK;
	}
	if (a->state == AGENT_STATE_READY)
		return ERR_OK;
	if (phone_is_gone(a)) /* ready as soon as it is back */
		return ask_not_ready(d, u, a, STR_LIT(DEVICE_GONE));
	if (!agent_move(d, u, a, AGENT_EV_READY, STR_LIT(""), "agent"))
		return ERR_REFUSED;
	route_agent(d, a, ACD_READY);
	return ERR_OK;
}

enum err
desk_set_state(struct desk *d, const struct desk_action *action,
    enum agent_state state, struct str reason)
{
	struct agent *a = agent_find(d, action->agent);
	struct ledger_unit *u;
	enum err e = ERR_BAD_FIELD;

	d->now = action->now;
	if (a == NULL)
		return ERR_NOT_FOUND;
	if (agent_op_seen(d, action))
		return ERR_OK;
	u = record_begin(d);
	if (state == AGENT_STATE_READY)
		e = ask_ready(d, u, a);
	else if (state == AGENT_STATE_NOT_READY)
		e = ask_not_ready(d, u, a, reason);
	if (e == ERR_OK)
		agent_op_done(d, action);
	record_commit_op(d, &u, action);
	return e;
}

/* The ticket that the call was dialled about, 0: it was not.  False: nothing
 * is known of the call here. */
static bool
find_dialled(struct desk *d, const struct agent *a, const struct id *id,
    uint64_t *serial)
{
	const struct call *c = call_find(d, id);
	bool last = id_eq(&a->last_call, id);

	*serial = dial_ticket(d, id);
	if (*serial == 0 && last) /* or it was a consult call about one */
		*serial = dial_ticket(d, &a->last_root);
	if (*serial != 0)
		return true;
	if (c != NULL) {
		*serial = call_is_dialled(c) ? c->ticket : 0;
		return true;
	}
	if (!last)
		return false;
	*serial = a->last_dialled ? a->last_ticket : 0;
	return true;
}

/* The note speaks of the call that the agent is in, or is wrapping up. */
static void
wrap_up_state(struct desk *d, struct ledger_unit *u, struct agent *a,
    const struct wrap_up *w)
{
	if (!id_eq(&a->last_call, &w->call) ||
	    (a->state != AGENT_STATE_BUSY &&
		a->state != AGENT_STATE_WORKING_AFTER_CALL))
		return;
	if (w->next != AGENT_STATE_NONE) {
		a->pending = w->next;
		copy_reason(a->pending_reason, w->next_reason);
	}
	a->wrapped = true;
	if (a->state == AGENT_STATE_WORKING_AFTER_CALL)
		agent_next(d, u, a, "agent");
}

enum err
desk_wrap_up(
    struct desk *d, const struct desk_action *action, const struct wrap_up *w)
{
	struct agent *a = agent_find(d, action->agent);
	struct ledger_unit *u;
	uint64_t dialled;
	enum err e;

	d->now = action->now;
	if (a == NULL)
		return ERR_NOT_FOUND;
	if (id_is_none(&w->call))
		return ERR_BAD_FIELD;
	if (agent_op_seen(d, action))
		return ERR_OK;
	if (!find_dialled(d, a, &w->call, &dialled))
		return wrap_late(d, action, w);
	u = record_begin(d);
	e = ticket_wrapped_up(d, u, action, w, dialled);
	if (e != ERR_OK) {
		ledger_unit_free(&u);
		return e;
	}
	wrap_up_state(d, u, a, w);
	agent_op_done(d, action);
	record_commit_op(d, &u, action);
	return ERR_OK;
}

/* ---- the phone: what is not there cannot ring */

/* Nothing more can come of the offer; a switch may still be trying. */
static void
drop_offer(struct desk *d, struct ledger_unit *u, struct agent *a)
{
	struct offer *o = a->offer;

	if (o->connecting)
		call_order(
		    d, o->call, ORDER_DISCONNECT, a->device, false, CAUSE_NONE);
	o->connecting = false;
	offer_finish(d, u, o, OFFER_END_DEVICE_FAILED, true);
}

void
agent_device_gone(struct desk *d, struct agent *a)
{
	struct ledger_unit *u = record_begin(d);
	bool free_now =
	    a->state == AGENT_STATE_READY || a->state == AGENT_STATE_RESERVED;

	if (free_now && agent_move(d, u, a, AGENT_EV_NOT_READY,
			    STR_LIT(DEVICE_GONE), "system")) {
		if (a->offer != NULL)
			drop_offer(d, u, a);
		route_agent(d, a, ACD_NOT_READY);
	} else if (a->call != NULL && a->call->state == CALL_QUEUED) {
		/* Accepted on the screen, and it has not rung yet. */
		offer_device_failed(d, u, a->call, CAUSE_UNREACHABLE);
	} else if (a->state != AGENT_STATE_NOT_READY &&
		   a->pending != AGENT_STATE_NOT_READY) {
		a->pending = AGENT_STATE_NOT_READY;
		copy_reason(a->pending_reason, STR_LIT(DEVICE_GONE));
		agent_tell(d, a);
	}
	record_commit(d, &u);
}

void
agent_device_back(struct desk *d, struct agent *a)
{
	struct ledger_unit *u = record_begin(d);

	if (a->state == AGENT_STATE_NOT_READY &&
	    strcmp(a->reason, DEVICE_GONE) == 0) {
		if (agent_move(d, u, a, AGENT_EV_READY, STR_LIT(""), "system"))
			route_agent(d, a, ACD_READY);
	} else if (a->pending == AGENT_STATE_NOT_READY &&
		   strcmp(a->pending_reason, DEVICE_GONE) == 0) {
		a->pending = AGENT_STATE_NONE;
		a->pending_reason[0] = '\0';
		agent_tell(d, a);
	}
	record_commit(d, &u);
}
