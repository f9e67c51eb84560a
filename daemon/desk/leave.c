/*
 * leave.c - what lives at another node now.
 *
 * A switch's calls, and the agents at its phones, live where its bridge is.
 * When that is elsewhere, what is known of them here is forgotten: nothing is
 * written of the calls, which are the other's now, and go on; our offers end,
 * and our agents are logged off, as they have to log in there.
 *
 * A desk that is fenced (the process was away, base/fence.h) writes nothing at
 * all any more: it is about to be thrown away.
 */
#include "desk/leave.h"

#include "base/log.h"
#include "desk/dial.h"
#include "desk/party.h"
#include "desk/state.h"

struct str
desk_device_switch(const struct desk *d, struct str device)
{
	const struct device *dev = device_find(d, device);

	for (const struct swtch *sw = d->switches; dev != NULL && sw != NULL;
	     sw = sw->hh.next)
		if (sw->id == dev->switch_id)
			return str_of(sw->name);
	return str_of("");
}

static void
leave_agents(struct desk *d, const struct swtch *sw)
{
	for (struct agent *a = d->agents; a != NULL; a = a->hh.next)
		if (a->device != NULL && a->device->switch_id == sw->id)
			desk_agent_gone(d, a->id, false, d->now);
}

static void
leave_dials(struct desk *d, const struct swtch *sw)
{
	struct dial *dl, *next;

	HASH_ITER(hh, d->dials, dl, next)
	{
		if (dl->sw == sw &&
		    (dl->stage == DIAL_ORDERED || dl->stage == DIAL_TAKEN))
			dial_close(d, dl, "unknown", ERR_REFUSED);
	}
}

/* Its agents have gone: who is in it is logged off with it. */
static void
leave_call(struct desk *d, struct call *c)
{
	struct ledger_unit *u = record_begin(d);

	if (c->agent == NULL)
		call_unqueue(d, u, c, OFFER_END_RESCINDED);
	else
		agent_cleared(d, u, c->agent, 0);
	party_end(d, u, c);
	record_commit(d, &u);
	call_free(d, c);
}

void
desk_switch_leave(struct desk *d, struct str name, int64_t now)
{
	struct swtch *sw;
	struct call *c, *next;
	unsigned n = 0;

	HASH_FIND(hh, d->switches, name.p, name.len, sw);
	if (sw == NULL)
		return;
	d->now = now;
	if (sw->attached != NULL)
		sw->attached->sw = NULL; /* the handle goes dead */
	sw->attached = NULL;
	sw->attach_no++;
	sw->checked_ledger = false; /* should it come back */
	sw->status.is.connected = false;
	record_forget_stream(sw);
	leave_agents(d, sw);
	leave_dials(d, sw);
	HASH_ITER(hh, d->calls, c, next)
	{
		if (c->sw != sw)
			continue;
		leave_call(d, c);
		n++;
	}
	log_info(LOG_DESK, "switch=%s lives elsewhere: %u calls left to it",
	    sw->name, n);
}

void
desk_fence(struct desk *d)
{
	d->fenced = true;
}
