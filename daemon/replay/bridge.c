/*
 * bridge.c - the tape goes out, what is said of it comes back.
 *
 * `next' is the next event to send.  It goes back to the first uncommitted one
 * when the connection is new, or to where the daemon asks; whatever was sent
 * before then goes out marked as resent.
 */
#include "replay/bridge.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "replay/tape.h"

#define ASK_PER_FRAME 500  /* names of at most 64 bytes: under 64 KiB */
#define LIVE_PER_FRAME 100 /* of at most some 400 bytes */
#define FRAMES_AT_ONCE 16
#define ORDERS_MAX 65536

struct order {
	struct switch_order is;
	char call[PLAN_NAME_MAX], device[PLAN_NAME_MAX];
};

struct bridge {
	struct link *link;
	struct telephone_switch *sw;
	struct tape tape;
	uint64_t next, received, sent_up_to;
	uint32_t credit;
	bool has_stream; /* the first Welcome told where it begins */
	/* The snapshot: how far it is told and asked, frames unanswered. */
	size_t told_at, asked_at;
	uint64_t snapshot_up_to;
	unsigned unanswered;
	bool snapshot_more;
	bool asked, told; /* once for all; on this connection */
	const char *refused;
	struct order *orders;
	size_t n_orders, orders_room;
	void (*woken)(void *);
	void *arg;
	struct bridge_counts counts;
};

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

/* --------------------------------------------------------------- snapshot */

static void
live_call(const struct switch_call *c, Mashang__LiveCall *l)
{
	const struct plan_call *p = c->plan;

	mashang__live_call__init(l);
	l->call = bytes(p->name);
	l->version = c->version;
	l->call_seq = c->seq;
	l->kind = switch_kind(c);
	l->device = bytes(c->device != NULL ? c->device->name : "");
	l->offered_at = c->offered_at;
	l->queued_at = c->queued_at;
	l->established_at = c->established_at;
	l->caller = bytes(p->caller);
	l->caller_name = bytes(p->caller_name);
	l->called = bytes(c->of->plan->types[p->type].called);
	l->menu = bytes(c->of->plan->types[p->type].name);
	l->priority = p->priority;
}

/* The next calls that live, into one frame. */
static void
tell_live(struct bridge *b, Mashang__Snapshot *s, Mashang__LiveCall *store,
    Mashang__LiveCall **list)
{
	const struct telephone_switch *sw = b->sw;

	for (; b->told_at < sw->plan->n_calls && s->n_calls < LIVE_PER_FRAME;
	     b->told_at++) {
		const struct switch_call *c = &sw->calls[b->told_at];

		if (!switch_is_live(c))
			continue;
		live_call(c, &store[s->n_calls]);
		list[s->n_calls] = &store[s->n_calls];
		s->n_calls++;
	}
	s->calls = list;
}

/* The next names of calls that might have been played before. */
static void
ask_names(struct bridge *b, Mashang__Snapshot *s, ProtobufCBinaryData *list)
{
	const struct telephone_switch *sw = b->sw;

	for (; b->asked_at < sw->plan->n_calls && s->n_ask < ASK_PER_FRAME;
	     b->asked_at++)
		if (sw->calls[b->asked_at].state == SWITCH_NONE)
			list[s->n_ask++] =
			    bytes(sw->calls[b->asked_at].plan->name);
	s->ask = list;
}

static void
push_snapshot(struct bridge *b, Mashang__Snapshot *s)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	b->snapshot_more = s->more;
	e.body_case = MASHANG__ENVELOPE__BODY_SNAPSHOT;
	e.snapshot = s;
	if (link_push(b->link, &e))
		b->unanswered++;
}

/* As many frames as may be unanswered: live calls first, then names. */
static void
go_on_telling(struct bridge *b)
{
	Mashang__LiveCall store[LIVE_PER_FRAME], *live[LIVE_PER_FRAME];
	ProtobufCBinaryData names[ASK_PER_FRAME];
	size_t n = b->sw->plan->n_calls;

	while (b->snapshot_more && b->unanswered < FRAMES_AT_ONCE) {
		Mashang__Snapshot s = MASHANG__SNAPSHOT__INIT;

		tell_live(b, &s, store, live);
		if (s.n_calls == 0)
			ask_names(b, &s, names);
		s.more = b->told_at < n || b->asked_at < n;
		s.first_stream_seq = b->tape.first;
		s.last_stream_seq = b->snapshot_up_to;
		push_snapshot(b, &s);
	}
}

/* A call's past is asked for once: what happens from then on is ours. */
static void
send_snapshot(struct bridge *b)
{
	b->unanswered = 0;
	b->told = false;
	b->told_at = 0;
	b->asked_at = b->asked ? b->sw->plan->n_calls : 0;
	b->snapshot_up_to = b->tape.next - 1;
	b->snapshot_more = true;
	go_on_telling(b);
}

/* ----------------------------------------------------------------- events */

/* As many as the credit allows. */
static void
pump(struct bridge *b)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	e.body_case = MASHANG__ENVELOPE__BODY_CALL_EVENT;
	while (b->told && b->next < b->tape.next &&
	       b->next - b->received <= b->credit) {
		if ((e.call_event = tape_get(&b->tape, b->next)) == NULL)
			return; /* no memory: tried again with the next event */
		e.call_event->resent = b->next <= b->sent_up_to;
		if (!link_push(b->link, &e)) {
			mashang__call_event__free_unpacked(e.call_event, NULL);
			return;
		}
		b->counts.sent++;
		b->counts.resent += (uint64_t)e.call_event->resent;
		mashang__call_event__free_unpacked(e.call_event, NULL);
		if (b->next > b->sent_up_to)
			b->sent_up_to = b->next;
		b->next++;
	}
}

void
bridge_event(void *arg, struct switch_call *c, const struct switch_event *what)
{
	Mashang__CallEvent e = MASHANG__CALL_EVENT__INIT;
	const struct plan_call *p = c->plan;
	struct bridge *b = arg;

	e.switch_ = bytes(b->sw->name);
	e.epoch = b->sw->epoch;
	e.call = bytes(p->name);
	e.call_seq = c->seq;
	e.version = c->version;
	e.occurred_at = what->at;
	e.kind = what->kind;
	e.cause = what->cause;
	e.party = what->party;
	e.order_id = what->order_id;
	if (what->device != NULL)
		e.device = bytes(what->device->name);
	if (e.kind == MASHANG__CALL_EVENT_KIND__OFFERED ||
	    e.kind == MASHANG__CALL_EVENT_KIND__QUEUED) {
		e.caller = bytes(p->caller);
		e.caller_name = bytes(p->caller_name);
		e.called = bytes(b->sw->plan->types[p->type].called);
		e.menu = bytes(b->sw->plan->types[p->type].name);
		e.priority = p->priority;
	}
	if (tape_add(&b->tape, &e) != ERR_OK) {
		fputs("mashang-replay: no memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	if (e.kind == MASHANG__CALL_EVENT_KIND__QUEUED &&
	    c->queued_stream_seq == 0) {
		c->queued_stream_seq = e.stream_seq;
		c->queued_loop_at = clock_loop();
	}
	pump(b);
}

void
bridge_result(void *arg, const struct switch_result *r)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__OrderResult o = MASHANG__ORDER_RESULT__INIT;
	struct bridge *b = arg;

	o.order_id = r->order_id;
	o.code = r->code;
	o.version = r->version;
	o.kind = r->kind;
	b->counts.refused += r->code != MASHANG__CODE__CODE_OK;
	e.body_case = MASHANG__ENVELOPE__BODY_ORDER_RESULT;
	e.order_result = &o;
	link_push(b->link, &e); /* when down: the snapshot says the same */
}

/* ----------------------------------------------------------- from the wire */

static void
on_snapshot_result(struct bridge *b, const Mashang__SnapshotResult *r)
{
	for (size_t i = 0; i < r->n_known && !b->asked; i++) {
		const ProtobufCBinaryData *n = &r->known[i]->call;

		switch_known(b->sw,
		    (struct str){ (const char *)n->data, (uint32_t)n->len },
		    r->known[i]->ended);
	}
	if (b->unanswered > 0)
		b->unanswered--;
	go_on_telling(b);
	if (b->unanswered > 0 || b->told)
		return;
	b->counts.kept = r->kept;
	b->counts.gone = r->gone;
	b->counts.adopted = r->adopted;
	b->asked = b->told = true;
	pump(b);
}

static void
copy(char *to, const ProtobufCBinaryData *from, struct str *out)
{
	size_t n = from->len < PLAN_NAME_MAX ? from->len : PLAN_NAME_MAX;

	if (n > 0)
		memcpy(to, from->data, n);
	*out = (struct str){ to, (uint32_t)n };
}

static void
on_order(struct bridge *b, const Mashang__Order *o)
{
	struct order *n;

	if (b->n_orders == ORDERS_MAX)
		return; /* the daemon will see it was not carried out */
	if (b->n_orders == b->orders_room) {
		size_t room = b->orders_room > 0 ? b->orders_room * 2 : 64;

		n = reallocarray(b->orders, room, sizeof(*n));
		if (n == NULL)
			return;
		b->orders = n;
		b->orders_room = room;
	}
	n = &b->orders[b->n_orders++];
	n->is = (struct switch_order){ .order_id = o->order_id,
		.version = o->version,
		.kind = o->kind,
		.auto_answer = o->auto_answer,
		.cause = o->cause };
	copy(n->call, &o->call, &n->is.call);
	copy(n->device, &o->device, &n->is.device);
	b->counts.orders++;
	b->woken(b->arg);
}

/* What was committed meanwhile need not be sent again. */
static void
on_received(struct bridge *b, uint64_t up_to)
{
	if (b->next < b->tape.first)
		b->next = b->tape.first;
	if (up_to > b->received && up_to < b->next)
		b->received = up_to;
	pump(b);
}

/* Again from there; what is received counts from there, too. */
static void
on_resend(struct bridge *b, uint64_t from)
{
	if (from >= b->next)
		return;
	b->next = from > b->tape.first ? from : b->tape.first;
	b->received = b->next - 1;
	pump(b);
}

static void
message(void *arg, const Mashang__Envelope *e)
{
	struct bridge *b = arg;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_SNAPSHOT_RESULT:
		on_snapshot_result(b, e->snapshot_result);
		break;
	case MASHANG__ENVELOPE__BODY_RECEIVED:
		on_received(b, e->received->up_to);
		break;
	case MASHANG__ENVELOPE__BODY_COMMITTED:
		tape_forget(&b->tape, e->committed->up_to);
		on_received(b, e->committed->up_to);
		break;
	case MASHANG__ENVELOPE__BODY_NACK:
		b->counts.nacked++;
		break;
	case MASHANG__ENVELOPE__BODY_RESEND:
		on_resend(b, e->resend->from);
		break;
	case MASHANG__ENVELOPE__BODY_ORDER:
		on_order(b, e->order);
		break;
	default:
		break;
	}
}

/* A new connection: what was on its way is unknown, orders are void. */
static void
up(void *arg, const Mashang__Welcome *w)
{
	struct bridge *b = arg;

	if (!b->has_stream)
		tape_init(&b->tape, w->resume_stream_seq + 1);
	else
		tape_forget(&b->tape, w->resume_stream_seq);
	b->has_stream = true;
	b->credit = w->credit > 0 ? w->credit : 1;
	b->next = b->tape.first;
	b->received = b->next - 1;
	b->n_orders = 0;
	if (b->sw != NULL)
		send_snapshot(b);
}

static void
down(void *arg, const char *why)
{
	struct bridge *b = arg;

	(void)why;
	b->told = false;
}

static void
refused(void *arg, const Mashang__Error *e)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
	    &mashang__code__descriptor, (int)e->code);
	struct bridge *b = arg;

	b->told = false;
	b->refused = v != NULL ? v->name : "for a reason not known here";
}

/* --------------------------------------------------------------- the rest */

enum err
bridge_new(struct event_base *base, const struct bridge_options *o,
    void (*woken)(void *), void *arg, struct bridge **out)
{
	static Mashang__OrderKind can[] = {
		MASHANG__ORDER_KIND__ORDER_CONNECT,
		MASHANG__ORDER_KIND__ORDER_ANSWER,
		MASHANG__ORDER_KIND__ORDER_DISCONNECT,
		MASHANG__ORDER_KIND__ORDER_CLEAR,
		MASHANG__ORDER_KIND__ORDER_HOLD,
		MASHANG__ORDER_KIND__ORDER_RETRIEVE,
	};
	Mashang__Hello h = MASHANG__HELLO__INIT;
	const char *why;
	struct bridge *b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return ERR_NOMEM;
	b->woken = woken;
	b->arg = arg;
	tape_init(&b->tape, 1);
	h.role = MASHANG__ROLE__ROLE_BRIDGE;
	h.token = o->token;
	h.login = bytes(o->token.len > 0 ? "" : o->name);
	h.client = bytes("mashang-replay " VERSION);
	h.switch_ = bytes(o->name);
	h.epoch = o->epoch;
	h.n_can = sizeof(can) / sizeof(can[0]);
	h.can = can;
	h.driver = bytes("replay");
	b->link = link_new(base, o->addresses, &h,
	    &(struct link_events){ up, down, refused, message, b }, &why);
	if (b->link == NULL) {
		bridge_free(&b);
		return ERR_NOMEM;
	}
	*out = b;
	return ERR_OK;
}

void
bridge_free(struct bridge **bridge)
{
	struct bridge *b = *bridge;

	if (b == NULL)
		return;
	link_free(&b->link);
	tape_fini(&b->tape);
	free(b->orders);
	free(b);
	*bridge = NULL;
}

void
bridge_take_up(struct bridge *b, struct telephone_switch *sw)
{
	assert(b->sw == NULL);
	b->sw = sw;
	if (link_is_up(b->link))
		send_snapshot(b);
}

bool
bridge_is_ready(const struct bridge *b)
{
	return b->told;
}

bool
bridge_is_settled(const struct bridge *b)
{
	return b->told && b->received + 1 == b->tape.next;
}

const char *
bridge_refused(const struct bridge *b)
{
	return b->refused;
}

bool
bridge_react(struct bridge *b, int64_t now)
{
	size_t n = b->n_orders;

	for (size_t i = 0; i < n; i++) {
		/* The list may have moved since the order was put in it. */
		struct order *o = &b->orders[i];

		o->is.call.p = o->call;
		o->is.device.p = o->device;
		switch_order(b->sw, &o->is, now);
	}
	b->n_orders = 0;
	return n > 0;
}

uint64_t
bridge_uncommitted(const struct bridge *b)
{
	return b->tape.next - b->tape.first;
}

uint64_t
bridge_committed_up_to(const struct bridge *b)
{
	return b->tape.first - 1;
}

const struct bridge_counts *
bridge_counts(const struct bridge *b)
{
	return &b->counts;
}
