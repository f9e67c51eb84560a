/*
 * exchange.c - what the driver says: reports, and whether it hears its switch.
 */
#include "bridge/exchange.h"

#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"
#include "bridge/exchange_own.h"

#define TICK_US 100000

/* ---------------------------------------------------------------- reports */

void
xreport_dropped(struct exchange *x, const struct report *r)
{
	x->dropped++;
	log_debug(LOG_BRIDGE, "call=%.*s report of kind %d dropped",
	    STR_ARG(r->call), (int)r->kind);
}

/* Where it happened: as it says, else where the call is, if it must be
 * somewhere. */
static bool
place_of(const struct xcall *c, const struct report *r, struct xname *at)
{
	static const unsigned needed =
	    KIND_BIT(KIND(DELIVERED)) | KIND_BIT(KIND(ESTABLISHED)) |
	    KIND_BIT(KIND(TRANSFERRED)) | KIND_BIT(KIND(CONFERENCED));
	static const unsigned known =
	    KIND_BIT(KIND(HELD)) | KIND_BIT(KIND(RETRIEVED)) |
	    KIND_BIT(KIND(CONNECTION_CLEARED)) | KIND_BIT(KIND(FAILED));

	if (!xname_set(at, r->device) &&
	    ((needed | known) & KIND_BIT(r->kind)) != 0)
		*at = c->told.device;
	return at->len > 0 || (needed & KIND_BIT(r->kind)) == 0;
}

/* A state may be reported without what led to it. */
static bool
walk(struct xcall *c, const struct report *r, struct str device)
{
	Mashang__CallEventKind goal =
	    r->kind == KIND(TRANSFERRED) ? KIND(ESTABLISHED) : r->kind;

	return device.len > 0 && xcall_walk(c, goal, device, r);
}

/* The main device leaves those that have joined it: the caller is with the
 * first of them now. */
static bool
leave(struct xcall *c, const struct report *r, struct str device)
{
	struct xdevice *joined = xcall_joined(c);
	bool is_main = str_eq(device, xname_str(&c->told.device));

	if (xcall_seat_at(c, device) == NULL)
		return false;
	if (is_main && joined != NULL)
		return xevent_tell(
		    c, KIND(TRANSFERRED), xname_str(&joined->name), r);
	return xevent_tell(c, r->kind, device, r);
}

static bool
clear_first(struct xcall *c, const struct report *r)
{
	struct report before = { .kind = KIND(CONNECTION_CLEARED),
		.at = r->at };

	return xevent_tell(c, KIND(CONNECTION_CLEARED),
		   xname_str(&c->told.device), &before) &&
	       xevent_tell(c, r->kind, STR_LIT(""), r);
}

/* False: nothing was told. */
static bool
take(struct xcall *c, const struct report *r, struct str device)
{
	bool same = str_eq(device, xname_str(&c->told.device));

	if (r->kind == KIND(DIVERTED) && c->told.diverted &&
	    c->told.kind == KIND(OFFERED))
		return false;
	switch (xreport_is(c->told.kind, r->kind, same || device.len == 0)) {
	case REPORT_TOLD:
		return xevent_tell(c, r->kind, device, r);
	case REPORT_WALK:
		return walk(c, r, device);
	case REPORT_RUNG:
		return xorder_of(c, r->kind, device, r->order_id) != NULL &&
		       xevent_tell(c, r->kind, device, r);
	case REPORT_JOIN:
		return xcall_seat_at(c, device) == NULL &&
		       xevent_tell(c, r->kind, device, r);
	case REPORT_LEAVE:
		return leave(c, r, device);
	case REPORT_CLEAR:
		return clear_first(c, r);
	default:
		/* What it rang for may be over all the same. */
		xorders_see(c, r->kind, device);
		return false;
	}
}

static struct xcall *
open_call(struct exchange *x, const struct report *r)
{
	bool opens = r->kind == KIND(OFFERED) || r->kind == KIND(QUEUED) ||
	             r->kind == KIND(DELIVERED);

	return opens && !xcall_was_ended(x, r->call) ? xcall_new(x, r->call)
	                                             : NULL;
}

void
exchange_report(struct exchange *x, const struct report *r)
{
	struct xcall *c = exchange_find(x, r->call);
	struct xname at;

	if (r->kind <= KIND_NONE || r->kind > KIND(CALL_CLEARED) ||
	    (c == NULL && (c = open_call(x, r)) == NULL)) {
		xreport_dropped(x, r);
		return;
	}
	c->seen = true;
	xcall_learn(c, r);
	xorder_bind(c, r->order_id);
	if (!place_of(c, r, &at))
		xreport_dropped(x, r);
	else if (take(c, r, xname_str(&at))) {
		if (r->kind == KIND(QUEUED))
			xfallback_look(c); /* c may be gone, as by an end */
		return;
	}
	if (c->told.kind == KIND_NONE)
		xcall_free(c); /* not even its first event was kept */
}

/* --------------------------------------------------- the switch's presence */

void
exchange_up(struct exchange *x, const char *version)
{
	snprintf(x->version, sizeof(x->version), "%s", version);
	x->down_why[0] = '\0';
	if (!x->connected) {
		x->since_at = clock_wall();
		log_info(LOG_BRIDGE, "switch=%s is heard: %s",
		    x->options.switch_name, x->version);
	}
	x->connected = true;
	xstatus_changed(x);
}

void
exchange_down(struct exchange *x, const char *why)
{
	bool news =
	    x->connected || x->since_at == 0 || strcmp(x->down_why, why) != 0;

	snprintf(x->down_why, sizeof(x->down_why), "%s", why);
	if (x->connected || x->since_at == 0)
		x->since_at = clock_wall();
	x->connected = x->resyncing = x->listing = false;
	if (!news)
		return;
	log_warn(LOG_BRIDGE, "switch=%s is not heard: %s",
	    x->options.switch_name, x->down_why);
	xstatus_changed(x);
}

void
exchange_missed(struct exchange *x, uint64_t n)
{
	x->gaps++;
	log_warn(LOG_BRIDGE, "switch=%s %llu of its events were missed",
	    x->options.switch_name, (unsigned long long)n);
	xstatus_changed(x);
}

void
exchange_trouble(struct exchange *x, const char *what)
{
	if (what == NULL)
		what = "";
	if (strcmp(x->trouble, what) == 0)
		return;
	snprintf(x->trouble, sizeof(x->trouble), "%s", what);
	if (what[0] != '\0')
		log_warn(LOG_BRIDGE, "switch=%s trouble: %s",
		    x->options.switch_name, x->trouble);
	xstatus_changed(x);
}

/* ------------------------------------------------------------ the daemon's */

void
exchange_daemon_up(struct exchange *x)
{
	x->daemon_up = true;
}

void
exchange_daemon_down(struct exchange *x)
{
	if (x->daemon_up)
		x->daemon_down_at = clock_loop();
	x->daemon_up = false;
	xorders_void(x);
}

/* ------------------------------------------------------------------- making */

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *x = arg;

	(void)fd;
	(void)what;
	if (x->spool == NULL)
		return;
	xorders_tick(x);
	xfallback_tick(x);
	xresync_tick(x);
	xstatus_tick(x);
}

enum err
exchange_new(const struct exchange_options *o, const struct exchange_news *news,
    struct exchange **out)
{
	static const struct timeval tick = { 0, TICK_US };
	struct exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return ERR_NOMEM;
	x->options = *o;
	x->news = *news;
	x->daemon_down_at = clock_loop();
	x->tick = event_new(o->base, -1, EV_PERSIST, tick_cb, x);
	if (x->tick == NULL || event_add(x->tick, &tick) != 0) {
		exchange_free(&x);
		return ERR_NOMEM;
	}
	*out = x;
	return ERR_OK;
}

void
exchange_free(struct exchange **exchange)
{
	struct exchange *x = *exchange;
	struct xcall *c, *next;
	struct xdevice *d, *next_d;
	struct xgone *g, *next_g;

	if (x == NULL)
		return;
	xorders_free(x);
	HASH_ITER(hh, x->calls, c, next)
	{
		xcall_free(c);
	}
	HASH_ITER(hh, x->devices, d, next_d)
	{
		HASH_DELETE(hh, x->devices, d);
		free(d);
	}
	HASH_ITER(hh, x->gone, g, next_g)
	{
		HASH_DELETE(hh, x->gone, g);
		free(g);
	}
	if (x->tick != NULL)
		event_free(x->tick);
	free(x->scratch);
	free(x);
	*exchange = NULL;
}

void
exchange_attach(struct exchange *x, void *driver_self)
{
	x->driver_self = driver_self;
}
