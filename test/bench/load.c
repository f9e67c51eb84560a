/*
 * load.c - the switch, the agents and the loops that drive them.
 */
#include "test/bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "test/bench/load_state.h"

/* ------------------------------------------------------------- the switch */

static struct call *
call_at(struct load *l, uint64_t number)
{
	return &l->calls[number % LOAD_CALLS];
}

/* What we wrote as a number, in bytes that no NUL ends. */
static uint64_t
number_in(ProtobufCBinaryData b, size_t from)
{
	uint64_t n = 0;

	for (size_t i = from; i < b.len; i++)
		n = n * 10 + (uint64_t)(b.data[i] - '0');
	return n;
}

static void
send_event(struct load *l, struct call *c, Mashang__CallEventKind kind,
    const char *device)
{
	Mashang__CallEvent ev = MASHANG__CALL_EVENT__INIT;
	char name[40], caller[24];
	ENVELOPE(e, call_event, CALL_EVENT, ev);

	snprintf(name, sizeof(name), "c%llu", (unsigned long long)c->number);
	ev.switch_ = (ProtobufCBinaryData)BYTES(LOAD_SWITCH);
	ev.epoch = l->epoch;
	ev.stream_seq = ++l->stream_seq;
	ev.call = (ProtobufCBinaryData)BYTES(name);
	ev.call_seq = ++c->seq;
	ev.version = c->version;
	ev.occurred_at = clock_wall();
	ev.kind = kind;
	if (kind == MASHANG__CALL_EVENT_KIND__OFFERED ||
	    kind == MASHANG__CALL_EVENT_KIND__QUEUED) {
		snprintf(caller, sizeof(caller), "138%08llu",
		    (unsigned long long)(c->number % LOAD_CALLERS));
		ev.caller = (ProtobufCBinaryData)BYTES(caller);
		ev.called = (ProtobufCBinaryData)BYTES(LOAD_CALLED);
	}
	if (device != NULL)
		ev.device = (ProtobufCBinaryData)BYTES(device);
	if (kind == MASHANG__CALL_EVENT_KIND__CALL_CLEARED) {
		ev.cause = MASHANG__CAUSE__CAUSE_NORMAL;
		ev.party = MASHANG__PARTY__PARTY_CALLER;
	}
	l->sent_us[ev.stream_seq % LOAD_EVENTS] = clock_loop();
	sock_push(&l->bridge, &e);
	l->f.events++;
}

static bool
has_room(const struct load *l)
{
	return l->stream_seq - l->committed < LOAD_EVENTS - 16;
}

static void
start_call(struct load *l)
{
	struct call *c = call_at(l, ++l->next_call);

	heap_clear(&l->talks, &c->over);
	*c = (struct call){ .number = l->next_call, .version = 1 };
	if (l->f.first_us == 0)
		l->f.first_us = clock_loop();
	l->f.started++;
	send_event(l, c, MASHANG__CALL_EVENT_KIND__OFFERED, NULL);
	if (l->events_only) {
		send_event(l, c, MASHANG__CALL_EVENT_KIND__CALL_CLEARED, NULL);
		return;
	}
	c->agent_was_ready = l->balance-- > 0;
	c->queued_us = clock_loop();
	send_event(l, c, MASHANG__CALL_EVENT_KIND__QUEUED, NULL);
}

/* As many new calls as the closed loop wants. */
static void
refill(struct load *l)
{
	if (!l->closed)
		return;
	if (l->events_only) {
		while (l->f.events < l->want_events &&
		       l->stream_seq - l->committed < l->outstanding)
			start_call(l);
		return;
	}
	while (l->f.started < l->want && has_room(l) &&
	       l->f.started - l->f.completed < l->outstanding)
		start_call(l);
}

/* Half of the talk to one and a half, spread by the call's number. */
static int64_t
talk_of(const struct load *l, const struct call *c)
{
	uint64_t spread = c->number * UINT64_C(2654435761) % 1024;

	return l->talk_us / 2 + l->talk_us * (int64_t)spread / 1024;
}

static void
on_order(struct load *l, const Mashang__Order *o)
{
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;
	ENVELOPE(e, order_result, ORDER_RESULT, r);
	struct call *c = call_at(l, number_in(o->call, 1));
	int64_t over = clock_loop() + talk_of(l, c);
	char device[24];

	r.order_id = o->order_id;
	r.version = ++c->version;
	sock_push(&l->bridge, &e);
	if (o->kind != MASHANG__ORDER_KIND__ORDER_CONNECT)
		return;
	snprintf(device, sizeof(device), "%.*s", (int)o->device.len,
	    (const char *)o->device.data);
	send_event(l, c, MASHANG__CALL_EVENT_KIND__DELIVERED, device);
	send_event(l, c, MASHANG__CALL_EVENT_KIND__ESTABLISHED, device);
	if (l->talk_us == 0)
		send_event(l, c, MASHANG__CALL_EVENT_KIND__CALL_CLEARED, NULL);
	else if (heap_set(&l->talks, &c->over, over) != ERR_OK)
		abort();
}

static bool
is_over(struct load *l)
{
	if (l->committed < l->stream_seq)
		return false;
	if (l->events_only)
		return l->f.events >= l->want_events;
	if (l->queue_only)
		return l->f.started >= l->want;
	return l->f.started >= l->want && l->f.completed >= l->want &&
	       l->f.saved >= l->f.ops;
}

static void
look_if_over(struct load *l)
{
	if (l->rate == 0 && l->want + l->want_events > 0 && is_over(l))
		event_base_loopbreak(l->socks.base);
}

static void
on_committed(struct load *l, uint64_t up_to)
{
	int64_t now = clock_loop();

	for (uint64_t s = l->committed + 1; s <= up_to; s++)
		stat_add(&l->f.ack, now - l->sent_us[s % LOAD_EVENTS]);
	l->f.committed += up_to - l->committed;
	l->committed = up_to;
	l->f.last_us = now;
	refill(l);
	look_if_over(l);
}

/* No call lives, the spool is empty. */
static void
send_snapshot(struct load *l)
{
	Mashang__Snapshot s = MASHANG__SNAPSHOT__INIT;
	ENVELOPE(e, snapshot, SNAPSHOT, s);

	s.first_stream_seq = 1;
	sock_request(&l->bridge, &e);
}

static void
on_nack(struct load *l, const Mashang__Nack *n)
{
	if (l->f.refused++ == 0)
		fprintf(stderr, "load: event %llu refused, code %d\n",
		    (unsigned long long)n->stream_seq, n->code);
}

void
load_on_bridge(void *arg, const Mashang__Envelope *e)
{
	struct load *l = arg;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_WELCOME:
		send_snapshot(l);
		break;
	case MASHANG__ENVELOPE__BODY_SNAPSHOT_RESULT:
		l->attached = true;
		event_base_loopbreak(l->socks.base);
		break;
	case MASHANG__ENVELOPE__BODY_COMMITTED:
		on_committed(l, e->committed->up_to);
		break;
	case MASHANG__ENVELOPE__BODY_ORDER:
		on_order(l, e->order);
		break;
	case MASHANG__ENVELOPE__BODY_NACK:
		on_nack(l, e->nack);
		break;
	case MASHANG__ENVELOPE__BODY_ERROR:
		fprintf(stderr, "load: bridge: error %d\n", e->error->code);
		break;
	case MASHANG__ENVELOPE__BODY_GOODBYE:
		fprintf(stderr, "load: bridge: goodbye, code %d\n",
		    e->goodbye->why->code);
		break;
	default:
		break;
	}
}

/* ----------------------------------------------------------------- agents */

/* Which call it is shows in the caller's number. */
static void
on_offer(struct agent *a, const Mashang__Offer *o)
{
	Mashang__Shown s = MASHANG__SHOWN__INIT;
	ENVELOPE(e, shown, SHOWN, s);
	struct load *l = a->load;
	struct call *c = call_at(l, number_in(o->caller, 3));
	int64_t now = clock_loop();

	s.offer_id = o->offer_id;
	sock_request(&a->sock, &e);
	memcpy(a->call_id, o->call_id.data, sizeof(a->call_id));
	if (c->agent_was_ready)
		stat_add(&l->f.offer, now - c->queued_us);
	if (a->wrapped_us != 0)
		stat_add(&l->f.handover, now - a->wrapped_us);
	c->agent_was_ready = false; /* a second offer is another matter */
	a->wrapped_us = 0;
}

static void
wrap_up(struct agent *a)
{
	static const char note[] = "The light blinked; explained, solved.";
	Mashang__WrapUp w = MASHANG__WRAP_UP__INIT;
	ENVELOPE(e, wrap_up, WRAP_UP, w);
	struct load *l = a->load;

	w.call_id = (ProtobufCBinaryData){ sizeof(a->call_id), a->call_id };
	w.note = (ProtobufCBinaryData)BYTES(note);
	w.kind = MASHANG__TICKET_KIND__CONSULTATION;
	w.solved = true;
	w.next = MASHANG__AGENT_STATE_KIND__AGENT_READY;
	a->wrapped_us = l->balance++ < 0 ? clock_loop() : 0;
	sock_request(&a->sock, &e);
	l->f.ops++;
	l->f.completed++;
	refill(l);
}

static void
on_state(struct agent *a, const Mashang__AgentState *s)
{
	struct load *l = a->load;

	if (s->state == MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL)
		wrap_up(a);
	if (s->state != MASHANG__AGENT_STATE_KIND__AGENT_READY || a->ready)
		return;
	a->ready = true;
	l->balance++;
	if (++l->n_ready == l->n_agents)
		event_base_loopbreak(l->socks.base);
}

static void
on_saved(struct load *l, uint64_t n)
{
	/* Only wrap-ups are counted; others were before. */
	l->f.saved = l->f.saved + n < l->f.ops ? l->f.saved + n : l->f.ops;
	l->f.last_us = clock_loop();
	look_if_over(l);
}

static void
on_refused(struct agent *a, const Mashang__Error *e)
{
	if (a->load->f.refused++ == 0)
		fprintf(stderr, "load: agent %s: error %d\n", a->name, e->code);
}

void
load_on_agent(void *arg, const Mashang__Envelope *e)
{
	struct agent *a = arg;
	struct load *l = a->load;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_WELCOME:
		a->up = true;
		if (++l->n_up == l->n_agents)
			event_base_loopbreak(l->socks.base);
		break;
	case MASHANG__ENVELOPE__BODY_OFFER:
		on_offer(a, e->offer);
		break;
	case MASHANG__ENVELOPE__BODY_AGENT_STATE:
		on_state(a, e->agent_state);
		break;
	case MASHANG__ENVELOPE__BODY_SAVED:
		on_saved(l, e->saved->n_op_ids);
		break;
	case MASHANG__ENVELOPE__BODY_ERROR:
		on_refused(a, e->error);
		break;
	case MASHANG__ENVELOPE__BODY_GOODBYE:
		on_refused(a, e->goodbye->why);
		break;
	default:
		break;
	}
}

/* --------------------------------------------------------------- the loops */

static void
end_talks(struct load *l)
{
	struct heap_node *n;
	int64_t now = clock_loop();

	while ((n = heap_first(&l->talks)) != NULL && n->at <= now) {
		heap_clear(&l->talks, n);
		/* `over' is a call's first member */
		send_event(l, (struct call *)(void *)n,
		    MASHANG__CALL_EVENT_KIND__CALL_CLEARED, NULL);
	}
}

void
load_tick(struct load *l)
{
	double past = (double)(clock_loop() - l->rate_from) / 1e6;

	end_talks(l);
	while (
	    l->rate > 0 && (double)l->f.started < l->rate * past && has_room(l))
		start_call(l);
}

static bool
never(struct load *l)
{
	(void)l;
	return false;
}

static bool
run(struct load *l, bool (*done)(struct load *), int64_t for_us)
{
	bool in_time;

	event_add(l->ticker, &(struct timeval){ 0, 1000 });
	refill(l);
	in_time = load_wait(l, done, for_us);
	event_del(l->ticker);
	return in_time;
}

static bool
closed(struct load *l, unsigned outstanding, int seconds)
{
	l->closed = true;
	l->outstanding = outstanding;
	return run(l, is_over, seconds * CLOCK_S);
}

bool
load_closed(struct load *l, unsigned outstanding, uint64_t calls, int seconds)
{
	l->want = calls;
	return closed(l, outstanding, seconds);
}

bool
load_queue(struct load *l, uint64_t calls, int seconds)
{
	l->queue_only = true;
	l->want = calls;
	return closed(l, UINT32_MAX, seconds);
}

bool
load_events(struct load *l, uint64_t events, unsigned in_flight, int seconds)
{
	l->events_only = true;
	l->want_events = events;
	return closed(l,
	    in_flight < LOAD_EVENTS - 16 ? in_flight : LOAD_EVENTS - 16,
	    seconds);
}

static bool
is_told(struct load *l)
{
	return l->told_us != 0;
}

static bool
open_loop(struct load *l, unsigned per_second, bool (*until)(struct load *),
    int seconds)
{
	bool came;

	l->rate = per_second;
	l->rate_from = clock_loop();
	came = run(l, until, seconds * CLOCK_S);
	l->rate = 0;
	l->want = l->f.started;
	l->want_events = l->f.events;
	return run(l, is_over, 10 * CLOCK_S) && (came || until == never);
}

bool
load_open(struct load *l, unsigned per_second, int seconds)
{
	return open_loop(l, per_second, never, seconds);
}

bool
load_open_told(struct load *l, unsigned per_second, int seconds)
{
	return open_loop(l, per_second, is_told, seconds);
}

bool
load_open_events(struct load *l, unsigned per_second, int seconds)
{
	l->events_only = true;
	return load_open(l, per_second / 2, seconds);
}

void
load_talk(struct load *l, int64_t talk_us)
{
	l->talk_us = talk_us;
}

const struct load_figures *
load_figures(const struct load *l)
{
	return &l->f;
}

void
load_reset(struct load *l)
{
	memset(&l->f, 0, sizeof(l->f));
	stat_init(&l->f.offer);
	stat_init(&l->f.handover);
	stat_init(&l->f.ack);
	l->want = l->want_events = 0;
	l->closed = l->events_only = l->queue_only = false;
	l->rate = 0;
}
