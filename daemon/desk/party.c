/*
 * party.c - who is in a call beside the agent whose call it is.
 *
 * An agent has one call, and may be in a second beside it: in the consult call
 * that was started about it, or, without a call of the own, in a conference in
 * a colleague's.  Busy until both are over, in whatever order they end.
 *
 * A consult call belongs to who is consulted, if that is an agent; who started
 * it is a party.  It shares the ticket of the call that it is about and is
 * nobody's work after the call.
 */
#include "desk/party.h"

#include "base/log.h"
#include "desk/state.h"

struct call *
party_about(struct desk *d, const struct call *c)
{
	if (c->relation != RELATION_CONSULT || id_is_none(&c->related))
		return NULL;
	return call_find(d, &c->related);
}

struct call *
party_consult_of(const struct call *c)
{
	struct call *k = c->agent != NULL ? c->agent->second : NULL;

	return k != NULL && k->relation == RELATION_CONSULT &&
	               id_eq(&k->related, &c->id)
	           ? k
	           : NULL;
}

static bool
add(struct call *c, struct agent *a)
{
	if (c->n_others == CALL_MAX_OTHERS) {
		log_warn(LOG_DESK, "switch=%s call=%.*s has too many parties",
		    c->sw->name, (int)c->name_len, c->name);
		return false;
	}
	c->others[c->n_others++] = a;
	a->second = c;
	return true;
}

static void
take_out(struct agent *a)
{
	struct call *c = a->second;

	for (unsigned i = 0; i < c->n_others; i++)
		if (c->others[i] == a)
			c->others[i--] = c->others[--c->n_others];
	a->second = NULL;
}

void
party_relate(
    struct desk *d, struct call *c, struct str name, enum relation relation)
{
	struct id id;

	if (name.len == 0 || relation == RELATION_NONE ||
	    c->relation != RELATION_NONE)
		return;
	id = id_of_call(str_of(c->sw->name), c->epoch, name);
	if (id_eq(&id, &c->id))
		return;
	c->related = id;
	c->relation = relation;
	c->recorded = false;
	party_start(d, c);
}

void
party_start(struct desk *d, struct call *c)
{
	struct call *about = party_about(d, c);

	if (about == NULL)
		return;
	c->ticket = about->ticket;
	if (about->agent != NULL && about->agent->second == NULL &&
	    add(c, about->agent))
		call_tell_again(d, about);
}

void
party_join(
    struct desk *d, struct ledger_unit *u, struct call *c, struct agent *a)
{
	if (a->second != NULL || c->agent == a)
		return;
	party_take_over(c, a);
	if (a->call != NULL || !add(c, a))
		return;
	a->last_call = c->id;
	a->last_root = c->id;
	a->last_ticket = c->ticket;
	a->wrapped = true; /* it is the other's to write up */
	a->wrap_up_us = 0;
	if (a->offer != NULL)
		offer_finish(d, u, a->offer, OFFER_END_DEVICE_BUSY, false);
	if (agent_move(d, u, a, AGENT_EV_CONNECT, STR_LIT(""), "system"))
		route_agent(d, a, ACD_BUSY);
}

void
party_leave(struct desk *d, struct ledger_unit *u, struct agent *a)
{
	take_out(a);
	if (a->call == NULL)
		agent_over(d, u, a, a->wrap_up_us);
}

void
party_end(struct desk *d, struct ledger_unit *u, struct call *c)
{
	while (c->n_others > 0)
		party_leave(d, u, c->others[c->n_others - 1]);
}

void
party_take_over(struct call *c, struct agent *a)
{
	struct call *k = a->call;

	if (a->second == c)
		take_out(a);
	if (k == NULL || k->relation != RELATION_CONSULT ||
	    !id_eq(&k->related, &c->id))
		return;
	k->agent = NULL;
	a->call = NULL;
	a->wrapped = false;
}

/* The agent whose call it was has left, a party stays: it is theirs now. */
static bool
pass_on(struct desk *d, struct ledger_unit *u, struct call *c)
{
	struct agent *old = c->agent;

	for (unsigned i = 0; i < c->n_others; i++) {
		struct agent *a = c->others[i];

		if (a->call != NULL)
			continue;
		take_out(a);
		agent_cleared(
		    d, u, old, c->queue != NULL ? c->queue->wrap_up_us : 0);
		agent_connected(d, u, a, c);
		return true;
	}
	return false;
}

static struct agent *
agent_at(struct desk *d, struct str name)
{
	const struct device *dev = device_find(d, name);

	return dev != NULL ? dev->agent : NULL;
}

bool
party_left(
    struct desk *d, struct ledger_unit *u, struct call *c, struct str device)
{
	const struct device *own = c->agent != NULL ? c->agent->device : NULL;
	struct agent *a;

	if ((c->state != CALL_ESTABLISHED && c->state != CALL_HELD) ||
	    device.len == 0 || own == NULL)
		return false;
	if (str_eq(device, str_of(own->name)))
		return pass_on(d, u, c);
	a = agent_at(d, device);
	if (a != NULL && a->second == c)
		party_leave(d, u, a);
	return true;
}
