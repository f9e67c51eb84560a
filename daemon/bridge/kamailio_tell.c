/*
 * kamailio_tell.c - what the switch says, as reports.
 *
 * A call is one of three: of the queue (its caller waits until we route it),
 * straight to a phone, or from a phone of ours to the outside.  In the last the
 * phone is SIP's caller, and who is called is our caller's side.
 */
#include "bridge/kamailio.h"


#include "base/log.h"

#define KIND(K) MASHANG__CALL_EVENT_KIND__##K
#define CAUSE(C) MASHANG__CAUSE__CAUSE_##C

/* A report of the event's call, of this kind. */
static struct report
report_of(const json_t *ev, Mashang__CallEventKind kind)
{
	return (struct report){ .call = kam_text(ev, "name"),
		.kind = kind,
		.at = kam_time(kam_text(ev, "time")) };
}

/* ------------------------------------------------------------ a new call */

static void
on_offered(struct kam *k, const json_t *ev)
{
	struct kam_row row;

	if (exchange_find(k->exchange, kam_text(ev, "name")) != NULL) {
		kam_remember(k, ev); /* a phone does what it was asked to */
		return;
	}
	kam_row_fill(&row, ev);
	row.report.kind = KIND(OFFERED);
	row.report.menu = (struct str){ NULL, 0 };
	exchange_report(k->exchange, &row.report);
	kam_remember(k, ev);
	if (kam_is(ev, "way", "outside")) {
		row.report.kind = KIND(DELIVERED);
		row.report.device = kam_text(ev, "device");
		exchange_report(k->exchange, &row.report);
	} else if (kam_is(ev, "way", "queue")) {
		row.report.kind = KIND(QUEUED);
		row.report.menu = kam_text(ev, "menu");
		kam_row_data(&row, ev);
		exchange_report(k->exchange, &row.report);
	}
	kam_row_done(&row);
}

/* ------------------------------------------------------------ what follows */

/* Events of a call that is known, with what we know of it. */
struct known {
	struct kam *k;
	struct xcall *x;
	struct kam_call *c;
	const json_t *ev;
};

static void
tell(const struct known *w, struct report *r)
{
	exchange_report(w->k->exchange, r);
}

static void
on_ringing(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(DELIVERED));

	if (w->c->outside || w->c->away)
		return;
	r.device = kam_text(w->ev, "agent");
	tell(w, &r);
}

static void
on_answered(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(ESTABLISHED));

	if (w->c->away)
		return; /* elsewhere; told when it was sent there */
	r.device = w->c->outside ? xcall_device(w->x)
	                         : kam_text(w->ev, "agent");
	w->c->gone = w->c->stopping = false;
	tell(w, &r);
	kam_asks_stopped(w->k, r.call, MASHANG__CODE__CODE_REFUSED);
}

/* The phone did not take it; the caller waits again. */
static void
on_failed_at(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(FAILED));

	if (w->c->outside)
		return; /* the end follows */
	if (w->c->away) {
		w->c->away = false;
		r.kind = KIND(QUEUED);
		tell(w, &r);
		return;
	}
	r.device = kam_text(w->ev, "agent");
	r.cause = w->c->gone ? CAUSE(UNREACHABLE)
	                     : kam_cause(kam_number(w->ev, "code"));
	if (w->c->stopping && !w->c->gone) {
		r.kind = KIND(CONNECTION_CLEARED);
		r.cause = CAUSE(NORMAL);
	}
	w->c->gone = w->c->stopping = false;
	tell(w, &r);
	kam_asks_stopped(w->k, r.call, MASHANG__CODE__CODE_OK);
}

/* Whose phone has done it: ours or the caller's. */
static bool
by_agent(const struct known *w)
{
	return kam_is(w->ev, "by", w->c->outside ? "caller" : "agent");
}

static void
on_held(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(HELD));

	r.device = xcall_device(w->x);
	if (by_agent(w) && !w->c->away)
		tell(w, &r);
}

static void
on_resumed(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(RETRIEVED));

	r.device = xcall_device(w->x);
	if (by_agent(w) && xcall_kind(w->x) == KIND(HELD))
		tell(w, &r);
}

static void
on_ended(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(CALL_CLEARED));

	r.cause = w->c->cause != 0 ? w->c->cause : CAUSE(NORMAL);
	r.party = kam_is(w->ev, "by", "switch") ? MASHANG__PARTY__PARTY_SWITCH
	    : by_agent(w)                   ? MASHANG__PARTY__PARTY_AGENT
	                                    : MASHANG__PARTY__PARTY_CALLER;
	tell(w, &r);
}

static void
on_expired(const struct known *w)
{
	w->c->cause = CAUSE(TIMED_OUT);
}

/* Over without an answer. */
static void
on_failed(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(CALL_CLEARED));
	uint64_t code = kam_number(w->ev, "code");
	bool cancelled = code == 487;

	r.cause = w->c->cause != 0 ? w->c->cause
	    : cancelled            ? CAUSE(NORMAL)
	                           : kam_cause(code);
	r.party = !cancelled   ? MASHANG__PARTY__PARTY_SWITCH
	    : w->c->outside ? MASHANG__PARTY__PARTY_AGENT
	                       : MASHANG__PARTY__PARTY_CALLER;
	if (w->c->outside && !cancelled) { /* whom the phone called */
		r.kind = KIND(FAILED);
		tell(w, &r);
		r.kind = KIND(CALL_CLEARED);
	}
	tell(w, &r);
	kam_asks_stopped(w->k, r.call, MASHANG__CODE__CODE_NOT_FOUND);
}

static void
on_referred(const struct known *w)
{
	uint64_t code = kam_number(w->ev, "code");

	if (code >= 300)
		log_warn(LOG_BRIDGE,
		    "kamailio call=%.*s the caller's phone refused the "
		    "transfer, code=%llu: the call is over",
		    STR_ARG(kam_text(w->ev, "name")),
		    (unsigned long long)code);
}

/* The phone that was asked to dial rings; lifted, it will dial. */
static void
on_dial_ringing(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(DELIVERED));

	r.device = kam_text(w->ev, "device");
	if (xcall_kind(w->x) == KIND(OFFERED))
		tell(w, &r);
}

static void
on_dial_failed(const struct known *w)
{
	struct report r = report_of(w->ev, KIND(FAILED));

	r.device = kam_text(w->ev, "device");
	r.cause = kam_cause(kam_number(w->ev, "code"));
	tell(w, &r);
	r.kind = KIND(CALL_CLEARED);
	r.device = (struct str){ NULL, 0 };
	r.party = MASHANG__PARTY__PARTY_SWITCH;
	tell(w, &r);
}

/* ----------------------------------------------------------------- phones */

static void
on_registered(struct kam *k, const json_t *ev)
{
	exchange_device(k->exchange, kam_text(ev, "device"),
	    MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
}

/* What still rings there rings nobody. */
static void
on_unregistered(struct kam *k, const json_t *ev)
{
	struct str device = kam_text(ev, "device");
	struct xcall *x = exchange_at(k->exchange, device);
	struct kam_call *c;
	struct str name;

	exchange_device(
	    k->exchange, device, MASHANG__DEVICE_REACH__DEVICE_GONE);
	if (x == NULL || xcall_kind(x) != KIND(DELIVERED) ||
	    (c = kam_call_of(x)) == NULL || c->outside)
		return;
	name = xcall_name(x);
	c->gone = kam_ask(k,
	    json_pack("{s:s, s:s%}", "cmd", "unring", "name", name.p,
		(size_t)name.len),
	    KAM_UNRING, 0, NULL);
}

/* ----------------------------------------------------------------- tables */

static void
known_event(struct kam *k, json_t *ev)
{
	static const struct {
		const char *event;
		void (*run)(const struct known *);
	} rows[] = {
		{ "call.ringing", on_ringing },
		{ "call.answered", on_answered },
		{ "agent.failed", on_failed_at },
		{ "call.held", on_held },
		{ "call.resumed", on_resumed },
		{ "call.ended", on_ended },
		{ "call.expired", on_expired },
		{ "call.failed", on_failed },
		{ "call.referred", on_referred },
		{ "dial.ringing", on_dial_ringing },
		{ "dial.lifted", on_dial_ringing },
		{ "dial.failed", on_dial_failed },
	};
	struct known w = { .k = k, .ev = ev };

	w.x = exchange_find(k->exchange, kam_text(ev, "name"));
	w.c = w.x != NULL ? kam_call_of(w.x) : NULL;
	if (w.c == NULL) {
		kam_dial_early(k, ev);
		return;
	}
	for (unsigned i = 0; i < NELEM(rows); i++)
		if (kam_is(ev, "event", rows[i].event))
			rows[i].run(&w);
}

void
kam_tell(struct kam *k, json_t *ev)
{
	static const struct {
		const char *event;
		void (*run)(struct kam *, const json_t *);
	} rows[] = {
		{ "call.offered", on_offered },
		{ "agent.registered", on_registered },
		{ "agent.unregistered", on_unregistered },
		{ "agent.expired", on_unregistered },
	};

	for (unsigned i = 0; i < NELEM(rows); i++)
		if (kam_is(ev, "event", rows[i].event)) {
			rows[i].run(k, ev);
			return;
		}
	known_event(k, ev);
}
