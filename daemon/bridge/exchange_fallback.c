/*
 * exchange_fallback.c - no daemon for too long: who waits is sent elsewhere.
 */
#include "base/log.h"
#include "bridge/exchange_own.h"

#define TRY_AGAIN_US (5 * CLOCK_S)

static bool
is_time(const struct exchange *x)
{
	return x->options.fallback != NULL && x->options.fallback[0] != '\0' &&
	       (x->options.can & CAN(TRANSFER)) != 0 && !x->daemon_up &&
	       x->spool != NULL && x->connected && x->driver_self != NULL &&
	       clock_loop() - x->daemon_down_at >= x->options.fallback_us;
}

void
xfallback_look(struct xcall *c)
{
	struct exchange *x = c->of;

	if (c->told.kind != KIND(QUEUED) || !is_time(x) ||
	    xcall_is_being_rung(c, STR_LIT("")) ||
	    (c->fallback_at != 0 && clock_loop() < c->fallback_at))
		return;
	c->fallback_at = clock_loop() + TRY_AGAIN_US;
	log_info(LOG_BRIDGE, "call=%.*s no daemon: to the fallback",
	    STR_ARG(xname_str(&c->name)));
	xorder_transfer(c, x->options.fallback); /* c may be gone */
}

void
xfallback_tick(struct exchange *x)
{
	struct xcall *c, *next;

	if (!is_time(x))
		return;
	HASH_ITER(hh, x->calls, c, next)
	{
		xfallback_look(c);
	}
}
