/*
 * agent_session.c - an agent's client comes and goes.
 */
#include "desk/state.h"

#include "base/log.h"
#include "desk/work.h"

/* Someone is at this device's phone already? */
static void
resume_state(struct desk *d, struct ledger_unit *u, struct agent *a,
    enum agent_state resume, struct str reason)
{
	struct call *c = a->device->call;

	(void)agent_move(d, u, a, AGENT_EV_LOGIN, STR_LIT(LOG_IN), "agent");
	route_login(d, a);
	if (c != NULL && c->agent == NULL &&
	    (c->state == CALL_ESTABLISHED || c->state == CALL_HELD)) {
		agent_connected(d, u, a, c);
		route_agent(d, a, ACD_BUSY);
		return;
	}
	if (resume == AGENT_STATE_NOT_READY &&
	    str_eq(reason, STR_LIT(DEVICE_GONE)))
		resume = AGENT_STATE_READY; /* if it is back */
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
		if (reason_is_good(d, reason))
			(void)agent_move(
			    d, u, a, AGENT_EV_NOT_READY, reason, "agent");
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
	a->unanswered = 0;
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
	work_tell_all(d, id);
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
