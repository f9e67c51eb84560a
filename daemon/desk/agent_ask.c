/*
 * agent_ask.c - what agents ask for, and supervisors of them: a state, more
 * time, the note of a call.
 */
#include "desk/state.h"

#include "desk/dial.h"
#include "desk/party.h"
#include "desk/wrap_late.h"

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

/* ---- states */

/* Nobody can hang up for them: the switch of what they are in is away. */
static bool
is_out_of_reach(const struct agent *a)
{
	return a->dial == NULL && (a->call != NULL || a->second != NULL) &&
	       (a->call == NULL || a->call->sw->attached == NULL) &&
	       (a->second == NULL || a->second->sw->attached == NULL);
}

/* Out of what they are in, without wrap-up; who waits in it waits on. */
static void
take_out(struct desk *d, struct ledger_unit *u, struct agent *a)
{
	struct call *c = a->call;

	a->wrapped = true;
	if (a->second != NULL)
		party_leave(d, u, a);
	if (c != NULL) {
		agent_cleared(d, u, a, 0);
		if (call_is_open(c))
			call_requeue(d, c);
	}
}

static enum err
to_not_ready(struct desk *d, struct ledger_unit *u, struct agent *a,
    struct str reason, const char *source)
{
	if (a->state == AGENT_STATE_BUSY) {
		agent_pend(a, AGENT_STATE_NOT_READY, reason);
		agent_tell(d, a);
		return ERR_OK;
	}
	agent_forget_pending(a);
	if (!agent_move(d, u, a, AGENT_EV_NOT_READY, reason, source))
		return ERR_REFUSED;
	if (a->offer != NULL)
		offer_finish(d, u, a->offer, OFFER_END_RESCINDED, true);
	route_agent(d, a, ACD_NOT_READY);
	return ERR_OK;
}

static enum err
to_ready(struct desk *d, struct ledger_unit *u, struct agent *a,
    struct str reason, const char *source)
{
	(void)reason;
	a->unanswered = 0;
	if (a->state == AGENT_STATE_BUSY) {
		agent_pend(a, AGENT_STATE_READY, STR_LIT(""));
		agent_tell(d, a);
		return ERR_OK;
	}
	if (a->state == AGENT_STATE_RESERVED)
		agent_tell(d, a);
	if (a->state == AGENT_STATE_RESERVED || a->state == AGENT_STATE_READY)
		return ERR_OK;
	if (agent_phone_is_gone(a)) /* ready as soon as it is back */
		return to_not_ready(d, u, a, STR_LIT(DEVICE_GONE), source);
	agent_forget_pending(a);
	if (!agent_move(d, u, a, AGENT_EV_READY, STR_LIT(""), source))
		return ERR_REFUSED;
	route_agent(d, a, ACD_READY);
	return ERR_OK;
}

static enum err
to_null(struct desk *d, struct ledger_unit *u, struct agent *a,
    struct str reason, const char *source)
{
	struct offer *o = a->offer;

	agent_pend(a, AGENT_STATE_NULL, reason);
	if (a->state == AGENT_STATE_BUSY) {
		agent_tell(d, a);
		return ERR_OK;
	}
	if (o != NULL)
		offer_finish(d, u, o, OFFER_END_AGENT_GONE, true);
	agent_log_off(d, u, a, source);
	return ERR_OK;
}

enum err
agent_force(struct desk *d, struct ledger_unit *u, struct agent *a,
    enum agent_state state, struct str reason, const char *source)
{
	static enum err (*const ways[AGENT_NSTATES])(struct desk *,
	    struct ledger_unit *, struct agent *, struct str, const char *) = {
		[AGENT_STATE_NULL] = to_null,
		[AGENT_STATE_NOT_READY] = to_not_ready,
		[AGENT_STATE_READY] = to_ready,
	};
	enum err e;

	if (state >= AGENT_NSTATES || ways[state] == NULL ||
	    !reason_is_good(d, reason))
		return ERR_BAD_FIELD;
	if (a->state == AGENT_STATE_NULL)
		return state == AGENT_STATE_NULL ? ERR_OK : ERR_REFUSED;
	e = ways[state](d, u, a, reason, source);
	if (e == ERR_OK && strcmp(source, "agent") != 0 &&
	    a->state == AGENT_STATE_BUSY && is_out_of_reach(a))
		take_out(d, u, a);
	return e;
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
	if (state != AGENT_STATE_NULL) /* that is the session's end */
		e = agent_force(d, u, a, state, reason, "agent");
	if (e == ERR_OK)
		agent_op_done(d, action);
	record_commit_op(d, &u, action);
	return e;
}

/* ---- wrap-up */

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
	if (w->next != AGENT_STATE_NONE && a->pending != AGENT_STATE_NULL)
		agent_pend(a, w->next, w->next_reason);
	a->wrapped = true;
	if (a->state == AGENT_STATE_WORKING_AFTER_CALL)
		agent_carry_on(d, u, a, "agent");
	else
		agent_tell(d, a);
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
	if (id_is_none(&w->call) || !reason_is_good(d, w->next_reason))
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

enum err
desk_extend_wrap_up(
    struct desk *d, const struct desk_action *action, const char **rule)
{
	struct agent *a = agent_find(d, action->agent);
	struct ledger_unit *u;

	d->now = action->now;
	*rule = NULL;
	if (a == NULL)
		return ERR_NOT_FOUND;
	if (agent_op_seen(d, action))
		return ERR_OK;
	*rule = a->state != AGENT_STATE_WORKING_AFTER_CALL ? "state"
	        : a->until == 0                            ? "open"
	        : a->extend_us == 0                        ? "not_allowed"
	        : a->extensions == 0                       ? "used_up"
	                                                   : NULL;
	if (*rule != NULL)
		return ERR_REFUSED;
	a->extensions--;
	agent_until(d, a, a->until + a->extend_us);
	agent_op_done(d, action);
	u = record_begin(d);
	record_commit_op(d, &u, action);
	return ERR_OK;
}
