/*
 * asterisk_end.c - what it means that a channel has ended, or could not be
 * made.
 */
#include "base/log.h"
#include "bridge/asterisk.h"

void
ast_requeue(struct ast *a, struct ast_call *c, uint64_t order_id)
{
	struct ast_ask ask = { .asked = AST_REQUEUED, .order_id = order_id };

	if (c->caller == NULL)
		return;
	c->requeued = true;
	c->order_id = order_id;
	c->first = AST_PARTY(NONE);
	ast_redirect(a, c->caller, "mashang-wait", "s");
	if (!ast_send(a, &ask) && order_id != 0)
		exchange_answer(a->exchange, order_id, AST_CODE(UNAVAILABLE));
}

static bool
is_up(const struct ast_leg *l)
{
	return l != NULL && l->chan != NULL && l->chan->state == AST_UP;
}

/* Its caller is gone, or with somebody else: it waits for nobody. */
static void
release_agent(struct ast *a, struct ast_call *consult)
{
	struct ast_call *c = consult->about;

	if (c == NULL && consult->caller != NULL)
		ast_hangup(a, consult->caller, AST_CAUSE(NORMAL));
}

/* ------------------------------------------------------------ consulting */

static void
consult_over(struct ast *a, struct ast_leg *l, Mashang__Cause cause)
{
	struct ast_call *k = l->call, *c = k->about;
	struct ast_leg *agent = c != NULL ? c->agent : NULL;

	if (!l->joined) {
		l->cause = cause;
		if (!l->stopped)
			ast_tell_at(a, k, AST_KIND(FAILED), l);
		/* No more ringing in the agent's ear. */
		if (is_up(agent) && c->at == AST_AT_HOLD) {
			ast_redirect(a, agent->chan, "mashang-agent", "wait");
			ast_send_only(a);
			c->parking.agent = true;
		}
	}
	if (c != NULL && c->joining) {
		c->joining = false;
		if (c->at == AST_AT_HOLD && !is_up(agent))
			ast_requeue(a, c, 0);
	}
	release_agent(a, k);
	ast_call_over(a, k, cause);
}

/* -------------------------------------------------------------- failing */

/* The caller is where it was: with its agent, if that one has waited. */
void
ast_transfer_failed(struct ast *a, struct ast_call *c)
{
	struct xcall *x = exchange_find(a->exchange, str_of(c->name));

	c->joining = false;
	if (c->at != AST_AT_HOLD)
		return;
	if (!is_up(c->agent))
		ast_requeue(a, c, 0);
	else if (x != NULL && xcall_kind(x) == AST_KIND(ESTABLISHED)) {
		/* It was never told that the caller was held. */
		c->at = AST_AT_TALK;
		ast_redirect(a, c->agent->chan, "mashang-agent", "join");
		ast_send_only(a);
	}
}

/* Who was to be called back, and does not wait yet. */
static void
back_failed(struct ast *a, struct ast_leg *l, Mashang__Cause cause)
{
	struct ast_call *c = l->call;
	struct report r = ast_report(c, AST_KIND(FAILED));

	if (l->answered) {
		c->first = AST_PARTY(CALLER);
		cause = AST_CAUSE(NORMAL);
	} else if (c->cause != AST_CAUSE(NONE)) {
		cause = c->cause;
	} else if (!l->stopped) {
		r.order_id = l->order_id;
		r.cause = cause;
		ast_tell(a, &r);
	}
	ast_call_over(a, c, cause);
}

void
ast_leg_failed(struct ast *a, struct ast_leg *l, Mashang__Cause cause)
{
	struct ast_call *c = l->call;
	enum ast_use use = l->use;

	l->cause = cause;
	switch (use) {
	case AST_USE_AGENT:
		ast_tell_at(a, c,
		    l->stopped ? AST_KIND(CONNECTION_CLEARED)
			       : AST_KIND(FAILED),
		    l);
		break;
	case AST_USE_TRANSFER:
		ast_tell_at(a, c, AST_KIND(FAILED), l);
		ast_leg_free(a, l);
		ast_transfer_failed(a, c);
		return;
	case AST_USE_CONSULT:
		consult_over(a, l, cause);
		return;
	case AST_USE_OUT:
		if (!l->stopped)
			ast_tell_at(a, c, AST_KIND(FAILED), l);
		ast_call_over(a, c, cause);
		return;
	case AST_USE_BACK:
		back_failed(a, l, cause);
		return;
	case AST_USE_SPY:
		if (l->barge && !l->stopped)
			ast_tell_at(a, c, AST_KIND(FAILED), l);
		break;
	}
	ast_leg_free(a, l);
}

/* ---------------------------------------------------------------- ending */

/* One whom the caller talked to, or who holds the caller. */
static void
agent_left(struct ast *a, struct ast_leg *l)
{
	struct ast_call *c = l->call;
	struct ast_leg *other, *transfer = NULL;

	if (c->first == AST_PARTY(NONE) && c->caller != NULL &&
	    !c->caller->asked_to_end)
		c->first = AST_PARTY(AGENT);
	TAILQ_FOREACH (other, &c->legs, of_call)
		if (other->use == AST_USE_TRANSFER)
			transfer = other;
	if (c->caller == NULL) {
		/* It called somebody who did not answer. */
		ast_call_over(a, c, c->cause);
		return;
	}
	if (c->consult != NULL)
		TAILQ_FOREACH (other, &c->consult->legs, of_call)
			if (!other->joined)
				ast_leg_end(a, other);
	ast_leg_free(a, l);
	/* Else the caller's own end follows at once, or where it went will be
	 * seen. */
	if (c->at != AST_AT_HOLD || c->joining)
		return;
	c->parking.told = false;
	if (transfer == NULL && c->parking.caller)
		c->parking.requeue = true;
	else if (transfer == NULL)
		ast_requeue(a, c, 0);
	/* Who was to be parked is gone: as good as there. */
	if (c->parking.agent)
		ast_arrived(a, c, true);
}

/* Who is in a conference, beside the caller. */
static void
left_room(struct ast *a, struct ast_leg *l)
{
	struct ast_call *c = l->call;
	struct ast_leg *other;
	bool was_agent = c->agent == l;

	l->order_id = 0; /* that was its coming */
	ast_tell_at(a, c, AST_KIND(CONNECTION_CLEARED), l);
	ast_leg_free(a, l);
	c->first = AST_PARTY(NONE);
	TAILQ_FOREACH (other, &c->legs, of_call)
		if (other->use != AST_USE_SPY && is_up(other)) {
			if (was_agent)
				c->agent = other;
			return;
		}
	c->first = AST_PARTY(AGENT);
	if (c->caller != NULL)
		ast_hangup(a, c->caller, AST_CAUSE(NORMAL));
}

/* The same phone once more, and now it shall answer by itself.  Under another
 * id: what is still told of the first is not of this one. */
static bool
ring_again(struct ast *a, struct ast_leg *l)
{
	struct ast_leg *n =
	    ast_leg_new(a, l->call, l->use, str_of(l->device), NULL);

	if (n == NULL)
		return false;
	memcpy(n->dial, l->dial, sizeof(n->dial));
	memcpy(n->exten, l->exten, sizeof(n->exten));
	n->ring_us = l->ring_us;
	n->auto_answer = true;
	if (!ast_originate(a, n)) {
		ast_leg_free(a, n);
		return false;
	}
	n->order_id = l->order_id;
	ast_leg_free(a, l);
	return true;
}

static void
leg_ended(struct ast *a, struct ast_leg *l, Mashang__Cause cause)
{
	struct ast_call *c = l->call;

	ast_leg_chan(l, NULL);
	if (l->again && ring_again(a, l))
		return;
	if (l->use == AST_USE_SPY && l->joined) {
		if (l->barge)
			ast_tell_at(a, c, AST_KIND(CONNECTION_CLEARED), l);
		ast_leg_free(a, l);
	} else if (c->at == AST_AT_ROOM && l->joined) {
		left_room(a, l);
	} else if (l->use == AST_USE_CONSULT && l->joined) {
		consult_over(a, l, AST_CAUSE(NORMAL));
	} else if (c->agent == l || (l->use == AST_USE_OUT && l->answered)) {
		agent_left(a, l);
	} else if (l->use == AST_USE_AGENT && l->joined) {
		ast_leg_free(a, l); /* replaced, and now gone */
	} else {
		ast_leg_failed(a, l, cause);
	}
}

static void
caller_ended(struct ast *a, struct ast_call *c, const struct ast_chan *chan,
    Mashang__Cause cause)
{
	if (c->first == AST_PARTY(NONE) && chan->asked_to_end)
		c->first = AST_PARTY(CALLER);
	if (c->cause != AST_CAUSE(NONE))
		cause = c->cause;
	else if (c->first != AST_PARTY(NONE))
		cause = AST_CAUSE(NORMAL);
	ast_call_over(a, c, cause);
}

void
ast_chan_ended(
    struct ast *a, struct ast_chan *chan, const struct ami_message *m)
{
	Mashang__Cause cause = ast_cause_of(ami_number(m, "Cause", 16));
	struct ast_call *c = chan->call;
	struct ast_leg *l = chan->leg;

	if (c != NULL && chan->role == AST_CALLER) {
		caller_ended(a, c, chan, cause);
	} else if (l != NULL && l->call->queue) {
		ast_leg_free(a, l);
	} else if (l != NULL) {
		/* What was refused while it rang is why, not that it ended. */
		if (!l->joined && l->cause != AST_CAUSE(NONE))
			cause = l->cause;
		else if (!l->joined && !l->stopped &&
			 cause == AST_CAUSE(NORMAL))
			cause = AST_CAUSE(NO_ANSWER);
		leg_ended(a, l, cause);
	}
}
