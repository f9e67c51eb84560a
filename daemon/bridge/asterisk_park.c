/*
 * asterisk_park.c - caller and agent aside, so that something else can be done.
 *
 * A channel that is being redirected cannot be redirected again: Asterisk calls
 * that `not up'.  So nothing follows before the dialplan has said of each that
 * it has arrived.
 */
#include "bridge/asterisk.h"

static void
redirect_both(struct ast *a, struct ast_call *c, const char *to)
{
	ast_setvar(a, c->caller, "MASHANG_PEER", str_of(c->agent->chan->name));
	ast_setvar(a, c->caller, "MASHANG_OF", str_of(c->name));
	ast_redirect(a, c->caller, "mashang-hold", "s");
	ami_add(&a->action, "ExtraChannel", str_of(c->agent->chan->uid));
	ami_addf(&a->action, "ExtraContext", "mashang-agent");
	ami_addf(&a->action, "ExtraExten", "%s", to);
	ami_addf(&a->action, "ExtraPriority", "1");
}

bool
ast_park(struct ast *a, struct ast_call *c, const char *to,
    const struct ast_leg *l, uint64_t order_id, bool told)
{
	struct ast_ask ask = { .asked = AST_PARKED, .order_id = order_id };
	bool held = c->at == AST_AT_HOLD;

	ast_copy(ask.call, sizeof(ask.call), str_of(c->name));
	if (l != NULL)
		ast_copy(ask.leg, sizeof(ask.leg), str_of(l->uid));
	if (held)
		ast_redirect(a, c->agent->chan, "mashang-agent", to);
	else
		redirect_both(a, c, to);
	if (!ast_send(a, &ask))
		return false;
	c->at = AST_AT_HOLD;
	c->parking.caller = !held;
	c->parking.agent = true;
	c->parking.requeue = false;
	c->parking.told = told;
	c->parking.order_id = order_id;
	memcpy(c->parking.leg, ask.leg, sizeof(c->parking.leg));
	return true;
}

static void
parked(struct ast *a, struct ast_call *c)
{
	struct ast_leg *l = ast_leg_find(a, str_of(c->parking.leg));

	if (c->parking.told) {
		struct report r = ast_report(c, AST_KIND(HELD));

		r.order_id = c->parking.order_id;
		ast_tell(a, &r);
	}
	c->parking.told = false;
	c->parking.leg[0] = '\0';
	if (l == NULL)
		return;
	l->order_id = 0; /* it has been answered */
	if (l->stopped || !ast_originate(a, l))
		ast_leg_failed(a, l, AST_CAUSE(UNREACHABLE));
	else
		l->order_id = c->parking.order_id;
}

void
ast_arrived(struct ast *a, struct ast_call *c, bool agent)
{
	bool awaited = c->parking.caller || c->parking.agent;
	uint64_t retrieve_id;

	if (agent)
		c->parking.agent = false;
	else
		c->parking.caller = false;
	if (!awaited || c->parking.caller || c->parking.agent)
		return;
	if (c->parking.requeue) {
		memset(&c->parking, 0, sizeof(c->parking));
		ast_requeue(a, c, 0);
		return;
	}
	parked(a, c);
	retrieve_id = c->parking.retrieve_id;
	c->parking.retrieve_id = 0;
	if (retrieve_id != 0)
		ast_retrieve(a, c, retrieve_id);
}

void
ast_retrieve(struct ast *a, struct ast_call *c, uint64_t order_id)
{
	struct ast_ask ask = { .asked = AST_ORDER, .order_id = order_id };

	if (c->parking.agent && c->parking.retrieve_id == 0) {
		c->parking.retrieve_id = order_id;
		return;
	}
	if (c->caller == NULL || c->agent == NULL || c->agent->chan == NULL) {
		exchange_answer(a->exchange, order_id, AST_CODE(REFUSED));
		return;
	}
	c->order_id = order_id;
	ast_setvar(a, c->agent->chan, "MASHANG_PEER", str_of(c->caller->name));
	ast_redirect(a, c->agent->chan, "mashang-agent", "join");
	if (!ast_send(a, &ask))
		exchange_answer(a->exchange, order_id, AST_CODE(UNAVAILABLE));
}
