/*
 * agent_phone.c - an agent's phone is gone, or back: what is not there cannot
 * ring.
 */
#include "desk/state.h"

bool
agent_phone_is_gone(const struct agent *a)
{
	return a->device != NULL && a->device->gone;
}

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
		   a->pending != AGENT_STATE_NOT_READY &&
		   a->pending != AGENT_STATE_NULL) {
		agent_pend(a, AGENT_STATE_NOT_READY, STR_LIT(DEVICE_GONE));
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
		agent_forget_pending(a);
		agent_tell(d, a);
	}
	record_commit(d, &u);
}
