/*
 * exchange_event.c - an event of a call: what it makes of the call, its bytes,
 * into the spool, told.
 *
 * The call's state is the new one before the spool gets the event, so that a
 * checkpoint made meanwhile is never behind the events that it stands for.  An
 * event that cannot be kept is taken back: the call stays as it was told, and
 * a resync tells what is missing as soon as there is room.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "bridge/exchange_own.h"

#define EARLIEST (INT64_C(315532800) * CLOCK_S) /* 1980 */
#define LATEST (INT64_C(4102444800) * CLOCK_S)  /* 2100 */
#define LEAP 100 /* over call_seqs that a lost spool may have used */
#define DATA_ROOM (REPORT_DATA_MAX * (XNAME_MAX + DATA_VALUE_MAX))
#define DATA_VALUE_MAX 1024

/* --------------------------------------------------------- what it changes */

/* Where a call is when the device that rang is gone. */
static Mashang__CallEventKind
back(const struct xtold *t)
{
	return t->queued && !t->diverted ? KIND(QUEUED) : KIND(OFFERED);
}

static void
set_once(int64_t *at, int64_t now)
{
	if (*at == 0)
		*at = now;
}

static void
leave_device(struct xtold *t, struct str device)
{
	bool is_main =
	    t->device.len > 0 &&
	    (device.len == 0 || str_eq(device, xname_str(&t->device)));

	if (!is_main)
		return; /* one that has joined, or that never rang */
	t->kind = t->kind == KIND(DELIVERED) ? back(t) : KIND(OFFERED);
	t->device.len = 0;
}

void
xtold_apply(
    struct xtold *t, Mashang__CallEventKind kind, struct str device, int64_t at)
{
	switch (kind) {
	case KIND(QUEUED):
		t->queued = true;
		t->diverted = false;
		set_once(&t->queued_at, at);
		t->device.len = 0;
		break;
	case KIND(DIVERTED):
		t->diverted = true;
		t->device.len = 0;
		kind = KIND(OFFERED);
		break;
	case KIND(FAILED):
	case KIND(CONNECTION_CLEARED):
		leave_device(t, device);
		kind = t->kind;
		break;
	case KIND(RETRIEVED):
	case KIND(CONFERENCED):
		kind = KIND(ESTABLISHED);
		break;
	case KIND(ESTABLISHED):
	case KIND(TRANSFERRED):
		set_once(&t->established_at, at);
		kind = KIND(ESTABLISHED);
		/* fall through */
	case KIND(DELIVERED):
		if (device.len > 0)
			xname_set(&t->device, device);
		break;
	default:
		break;
	}
	set_once(&t->offered_at, at);
	t->kind = kind;
}

/* --------------------------------------------------------------- its bytes */

static ProtobufCBinaryData
bytes(struct str s)
{
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.p };
}

struct pairs {
	Mashang__KeyValue store[REPORT_DATA_MAX], *list[REPORT_DATA_MAX];
	char room[DATA_ROOM];
	size_t n, used;
};

/* What the wire would refuse is left out: better a call without an account
 * number than no call. */
static void
take_pairs(struct pairs *p, const struct report *r)
{
	struct xname key;
	struct str value;
	char *clean;

	p->n = p->used = 0;
	for (unsigned i = 0; i < r->n_data && p->n < REPORT_DATA_MAX; i++) {
		value = r->data[i].value;
		if (!xname_set(&key, r->data[i].key))
			continue;
		mashang__key_value__init(&p->store[p->n]);
		p->store[p->n].key = bytes(r->data[i].key);
		if (text_check(value, DATA_VALUE_MAX) != ERR_OK) {
			clean = p->room + p->used;
			value = (struct str){ clean,
				(uint32_t)text_clean(
				    value, false, clean, DATA_VALUE_MAX) };
			p->used += DATA_VALUE_MAX;
		}
		p->store[p->n].value = bytes(value);
		p->list[p->n] = &p->store[p->n];
		p->n++;
	}
}

static void
add_party(Mashang__CallEvent *e, const struct xcall *c)
{
	e->caller = bytes(str_of(c->caller));
	e->caller_name = bytes(str_of(c->caller_name));
	e->called = bytes(str_of(c->called));
	e->menu = bytes(str_of(c->menu));
	e->priority = c->priority;
}

static int64_t
time_of(const struct report *r)
{
	return r->at >= EARLIEST && r->at <= LATEST ? r->at : clock_wall();
}

static void
fill(Mashang__CallEvent *e, const struct xcall *c, Mashang__CallEventKind kind,
    struct str device, const struct report *r)
{
	const struct exchange_options *o = &c->of->options;
	bool first = c->told.kind == KIND_NONE;

	mashang__call_event__init(e);
	e->switch_ = bytes(str_of(o->switch_name));
	e->epoch = o->epoch;
	e->call = bytes(xname_str(&c->name));
	e->call_seq = c->told.call_seq + 1;
	e->version = c->version;
	e->occurred_at = time_of(r);
	e->kind = kind;
	e->device = bytes(device);
	e->cause = r->cause;
	e->party = r->party;
	if (first || kind == KIND(OFFERED) || kind == KIND(QUEUED))
		add_party(e, c);
	e->related_call = bytes(xname_str(&c->related));
	e->relation = c->relation;
}

static bool
pack(struct exchange *x, const Mashang__CallEvent *e, size_t *len)
{
	unsigned char *p;

	*len = mashang__call_event__get_packed_size(e);
	if (*len > x->scratch_room) {
		if ((p = realloc(x->scratch, *len)) == NULL)
			return false;
		x->scratch = p;
		x->scratch_room = *len;
	}
	mashang__call_event__pack(e, x->scratch);
	return true;
}

/* ----------------------------------------------------------------- telling */

static void
not_kept(struct exchange *x, enum err why)
{
	if (!x->starved)
		log_error(LOG_BRIDGE,
		    "the spool takes no more (%s): events are lost until it "
		    "does",
		    err_name(why));
	x->starved = true;
	xstatus_changed(x);
}

/* The call is the new one already; false: put it back. */
static bool
keep(struct exchange *x, const Mashang__CallEvent *e, uint64_t *seq)
{
	enum err why = ERR_NOMEM;
	size_t len;

	if (x->spool == NULL)
		return false; /* a probe: nothing is kept */
	if (pack(x, e, &len))
		why = spool_add(x->spool, x->scratch, len, seq);
	if (why != ERR_OK)
		not_kept(x, why);
	return why == ERR_OK;
}

static void
seat(struct xcall *c, Mashang__CallEventKind kind, struct str device)
{
	if (kind == KIND(CONFERENCED) && device.len > 0 &&
	    !str_eq(device, xname_str(&c->told.device)) &&
	    xcall_seat_at(c, device) == NULL)
		xcall_join(c, device);
	if (kind == KIND(CONNECTION_CLEARED) && c->told.device.len > 0)
		xcall_leave(c, device);
	xcall_seat(c);
}

bool
xevent_tell(struct xcall *c, Mashang__CallEventKind kind, struct str device,
    const struct report *r)
{
	static struct pairs pairs; /* the loop's thread, one event at a time */
	struct exchange *x = c->of;
	struct xorder *o = xorder_of(c, kind, device, r->order_id);
	struct xtold before = c->told;
	struct xname at;
	Mashang__CallEvent e;
	uint64_t seq;

	/* It may be the call's own name, which changes. */
	if (!xname_set(&at, device))
		at.len = 0;
	device = xname_str(&at);
	fill(&e, c, kind, device, r);
	e.order_id = o != NULL ? o->told_id : 0;
	if (kind == KIND(DIVERTED) && o != NULL && o->told_id == 0 &&
	    e.cause == MASHANG__CAUSE__CAUSE_NONE)
		e.cause = MASHANG__CAUSE__CAUSE_OVERFLOW;
	take_pairs(&pairs, r);
	e.n_data = pairs.n;
	e.data = pairs.list;
	if (x->leap && before.kind == KIND_NONE && x->resyncing)
		e.call_seq += LEAP;
	c->told.call_seq = e.call_seq;
	xtold_apply(&c->told, kind, device, e.occurred_at);
	if (!keep(x, &e, &seq)) {
		c->told = before;
		return false;
	}
	x->last_event_at = e.occurred_at;
	if (kind == KIND(CALL_CLEARED)) {
		xcall_end(c);
	} else {
		seat(c, kind, device);
		xorders_see(c, kind, device);
	}
	x->news.event(x->news.arg, seq);
	return true;
}
