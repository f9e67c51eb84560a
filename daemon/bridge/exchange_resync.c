/*
 * exchange_resync.c - all that lives now, against what was told.
 */
#include "base/log.h"
#include "bridge/exchange_own.h"

#define ASK_AGAIN_US (5 * CLOCK_S)

bool
xcall_walk(struct xcall *c, Mashang__CallEventKind goal, struct str device,
    const struct report *r)
{
	struct report missed = *r;
	struct str at;
	bool same;

	missed.cause = MASHANG__CAUSE__CAUSE_NONE;
	missed.party = MASHANG__PARTY__PARTY_NONE;
	for (;;) {
		Mashang__CallEventKind from = c->told.kind, next;

		same = device.len == 0 ||
		       str_eq(device, xname_str(&c->told.device));
		if ((next = xwalk_next(from, goal, same)) == KIND_NONE)
			return true;
		at = next == KIND(CONNECTION_CLEARED)
		         ? xname_str(&c->told.device)
		     : next == KIND(DIVERTED) || next == KIND(QUEUED) ||
		             next == KIND(OFFERED)
		         ? STR_LIT("")
		         : device;
		if (next == KIND(CONNECTION_CLEARED) && from != KIND(DELIVERED))
			xcall_leave_all(c);
		if (!xevent_tell(c, next, at, next == r->kind ? r : &missed))
			return false;
		missed.data = NULL; /* once */
		missed.n_data = 0;
	}
}

/* ------------------------------------------------------------ for drivers */

void
exchange_resync(struct exchange *x)
{
	x->resyncing = true;
	for (struct xcall *c = x->calls; c != NULL; c = c->hh.next)
		c->seen = false;
	x->resync_began_at = clock_loop();
}

/* Where it is: as it says, else as it is known. */
static bool
place_of(const struct xcall *c, const struct report *r, struct xname *device)
{
	device->len = 0;
	if (!xkind_has_device(r->kind))
		return true;
	if (!xname_set(device, r->device) && c != NULL)
		*device = c->told.device;
	return device->len > 0;
}

void
exchange_seen(struct exchange *x, const struct report *r)
{
	struct xcall *c = exchange_find(x, r->call);
	struct xname device;

	if (c != NULL)
		c->seen = true;
	if (!xkind_is_state(r->kind) || !place_of(c, r, &device) ||
	    (c == NULL && (xcall_was_ended(x, r->call) ||
			      (c = xcall_new(x, r->call)) == NULL))) {
		xreport_dropped(x, r);
		return;
	}
	c->seen = true;
	xcall_learn(c, r);
	xorder_bind(c, r->order_id);
	if (xcall_walk(c, r->kind, xname_str(&device), r))
		xfallback_look(c);
	else if (c->told.kind == KIND_NONE)
		xcall_free(c);
}

void
exchange_resynced(struct exchange *x)
{
	const struct report lost = { .kind = KIND(CALL_CLEARED),
		.cause = MASHANG__CAUSE__CAUSE_SWITCH_LOST,
		.party = MASHANG__PARTY__PARTY_SWITCH };
	struct xcall *c, *next;
	unsigned n = 0;

	if (!x->resyncing)
		return;
	HASH_ITER(hh, x->calls, c, next)
	{
		if (!c->seen &&
		    xevent_tell(c, KIND(CALL_CLEARED), STR_LIT(""), &lost))
			n++;
	}
	x->resyncing = x->leap = false;
	xorders_resynced(x, x->resync_began_at);
	log_info(LOG_BRIDGE, "switch=%s calls live=%u lost=%u",
	    x->options.switch_name, HASH_COUNT(x->calls), n);
}

/* ------------------------------------------------------------- asking for it */

void
xresync_want(struct exchange *x, const char *why)
{
	if (x->options.driver->resync == NULL || x->driver_self == NULL ||
	    !x->connected)
		return;
	log_info(LOG_BRIDGE, "switch=%s asked for all its calls: %s",
	    x->options.switch_name, why);
	x->resync_asked_at = clock_loop();
	x->options.driver->resync(x->driver_self);
}

/* Events were lost for want of room: as soon as there is some, tell what the
 * calls have come to. */
void
xresync_tick(struct exchange *x)
{
	if (!x->starved || x->resyncing ||
	    clock_loop() - x->resync_asked_at < ASK_AGAIN_US)
		return;
	x->starved = false; /* the first that is refused says so again */
	xstatus_changed(x);
	xresync_want(x, "events were lost");
	x->resync_asked_at = clock_loop();
}
