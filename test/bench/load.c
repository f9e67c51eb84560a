/*
 * load.c - a bridge and agents in one loop, without any library of a client's
 * comfort: what is measured is the daemon.
 */
#include "test/bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/id.h"
#include "frame.h"

#define SWITCH "bench"
#define CALLED "4006999999"
#define RING 65536 /* events in flight at most, a power of two */
#define BYTES(s)                                     \
	{                                            \
		strlen(s), (uint8_t *)(uintptr_t)(s) \
	}

struct call {
	uint64_t number, version;
	uint32_t seq;
	int64_t queued_us;
	bool agent_was_ready;
};

struct agent {
	struct load *load;
	struct bufferevent *bev;
	unsigned number;
	bool ready, up;
	int64_t ready_us;
	char name[24], device[24];
	uint8_t call_id[16];
};

struct load {
	struct event_base *base;
	struct bufferevent *admin, *bridge;
	struct frame_memory *mem;
	char *socket;
	struct agent *agents;
	unsigned n_agents, n_up, n_ready;
	/* calls in flight, by number modulo */
	struct call *calls;
	unsigned room;
	uint64_t next_call, stream_seq, committed, run;
	int64_t sent_us[RING];
	uint64_t epoch;
	/* what is wanted now */
	unsigned outstanding;
	uint64_t want, want_events;
	bool closed, events_only, queue_only, timed_out, applied;
	unsigned token_next;
	double rate;
	int64_t rate_from;
	struct event *ticker, *deadline, *heart;
	struct load_figures f;
};

/* ---- frames */

static void
push(struct bufferevent *bev, const Mashang__Envelope *e)
{
	if (frame_push(bufferevent_get_output(bev), e) != FRAME_OK)
		abort();
}

static void
request(struct bufferevent *bev, Mashang__Envelope *e)
{
	struct id op = id_random();

	e->op_id.data = op.b;
	e->op_id.len = sizeof(op.b);
	push(bev, e);
}

#define ENVELOPE(name, member, case_, body)               \
	Mashang__Envelope name = MASHANG__ENVELOPE__INIT; \
	name.body_case = MASHANG__ENVELOPE__BODY_##case_; \
	name.member = &(body)

/* ---- the switch */

static struct call *
call_at(struct load *l, uint64_t number)
{
	return &l->calls[number % l->room];
}

static void
send_event(struct load *l, struct call *c, Mashang__CallEventKind kind,
    const char *device)
{
	Mashang__CallEvent ev = MASHANG__CALL_EVENT__INIT;
	char name[40], caller[24];
	ENVELOPE(e, call_event, CALL_EVENT, ev);

	snprintf(name, sizeof(name), "c%llu", (unsigned long long)c->number);
	ev.switch_ = (ProtobufCBinaryData)BYTES(SWITCH);
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
		    (unsigned long long)(c->number % 100000));
		ev.caller = (ProtobufCBinaryData)BYTES(caller);
		ev.called = (ProtobufCBinaryData)BYTES(CALLED);
	}
	if (device != NULL)
		ev.device = (ProtobufCBinaryData)BYTES(device);
	if (kind == MASHANG__CALL_EVENT_KIND__CALL_CLEARED) {
		ev.cause = MASHANG__CAUSE__CAUSE_NORMAL;
		ev.party = MASHANG__PARTY__PARTY_CALLER;
	}
	l->sent_us[ev.stream_seq % RING] = clock_loop();
	push(l->bridge, &e);
	l->f.events++;
}

static bool
has_room(const struct load *l)
{
	return l->stream_seq - l->committed < RING - 16;
}

static void
start_call(struct load *l)
{
	struct call *c = call_at(l, ++l->next_call);

	*c = (struct call){ .number = l->next_call, .version = 1 };
	if (l->f.first_us == 0)
		l->f.first_us = clock_loop();
	send_event(l, c, MASHANG__CALL_EVENT_KIND__OFFERED, NULL);
	l->f.started++;
	if (l->events_only) {
		send_event(l, c, MASHANG__CALL_EVENT_KIND__CALL_CLEARED, NULL);
		return;
	}
	c->agent_was_ready = l->n_ready > 0;
	if (c->agent_was_ready)
		l->n_ready--;
	c->queued_us = clock_loop();
	send_event(l, c, MASHANG__CALL_EVENT_KIND__QUEUED, NULL);
}

/* As many new calls as the closed loop wants. */
static void
refill(struct load *l)
{
	if (l->events_only) {
		while (l->f.events < l->want_events &&
		       l->stream_seq - l->committed < l->outstanding)
			start_call(l);
		return;
	}
	while (l->closed && l->f.started < l->want && has_room(l) &&
	       l->f.started - l->f.completed < l->outstanding)
		start_call(l);
}

static void
on_order(struct load *l, const Mashang__Order *o)
{
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;
	ENVELOPE(e, order_result, ORDER_RESULT, r);
	struct call *c;
	char device[24];

	c = call_at(l, strtoull((const char *)o->call.data + 1, NULL, 10));
	r.order_id = o->order_id;
	r.version = ++c->version;
	push(l->bridge, &e);
	if (o->kind != MASHANG__ORDER_KIND__ORDER_CONNECT)
		return;
	snprintf(device, sizeof(device), "%.*s", (int)o->device.len,
	    (const char *)o->device.data);
	send_event(l, c, MASHANG__CALL_EVENT_KIND__DELIVERED, device);
	send_event(l, c, MASHANG__CALL_EVENT_KIND__ESTABLISHED, device);
	send_event(l, c, MASHANG__CALL_EVENT_KIND__CALL_CLEARED, NULL);
}

static bool
is_over(struct load *l)
{
	if (l->events_only)
		return l->f.events >= l->want_events &&
		       l->committed == l->stream_seq;
	if (l->queue_only)
		return l->f.started >= l->want && l->committed == l->stream_seq;
	return l->f.started >= l->want && l->f.completed >= l->want &&
	       l->committed == l->stream_seq && l->f.saved >= l->f.ops;
}

static void
look_if_over(struct load *l)
{
	if (l->rate == 0 && l->want + l->want_events > 0 && is_over(l))
		event_base_loopbreak(l->base);
}

static void
on_committed(struct load *l, uint64_t up_to)
{
	int64_t now = clock_loop();

	for (uint64_t s = l->committed + 1; s <= up_to; s++)
		stat_add(&l->f.ack, now - l->sent_us[s % RING]);
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
	request(l->bridge, &e);
}

static void
bridge_frame(struct load *l, const Mashang__Envelope *e)
{
	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_WELCOME:
		send_snapshot(l);
		break;
	case MASHANG__ENVELOPE__BODY_COMMITTED:
		on_committed(l, e->committed->up_to);
		break;
	case MASHANG__ENVELOPE__BODY_ORDER:
		on_order(l, e->order);
		break;
	case MASHANG__ENVELOPE__BODY_NACK:
		fprintf(stderr, "load: event %llu refused, code %d\n",
		    (unsigned long long)e->nack->stream_seq, e->nack->code);
		break;
	case MASHANG__ENVELOPE__BODY_SNAPSHOT_RESULT:
		event_base_loopbreak(l->base);
		break;
	default:
		break;
	}
}

/* ---- agents */

static void
set_ready(struct agent *a, bool ready)
{
	Mashang__SetState s = MASHANG__SET_STATE__INIT;
	ENVELOPE(e, set_state, SET_STATE, s);

	s.state = ready ? MASHANG__AGENT_STATE_KIND__AGENT_READY
	                : MASHANG__AGENT_STATE_KIND__AGENT_NOT_READY;
	a->ready_us = clock_loop();
	request(a->bev, &e);
}

static void
on_offer(struct agent *a, const Mashang__Offer *o)
{
	Mashang__Shown s = MASHANG__SHOWN__INIT;
	ENVELOPE(e, shown, SHOWN, s);
	struct load *l = a->load;
	int64_t now = clock_loop();

	s.offer_id = o->offer_id;
	request(a->bev, &e);
	memcpy(a->call_id, o->call_id.data, sizeof(a->call_id));
	/* Which call it is shows in the caller's number. */
	if (a->ready_us != 0) {
		struct call *c = NULL;
		char digits[16];

		if (o->caller.len == 11) {
			memcpy(digits, o->caller.data + 3, 8);
			digits[8] = '\0';
			c = call_at(l, strtoull(digits, NULL, 10));
		}
		if (c != NULL && c->agent_was_ready && c->queued_us > 0 &&
		    c->queued_us >= a->ready_us)
			stat_add(&l->f.offer, now - c->queued_us);
		else if (c == NULL || c->queued_us < a->ready_us)
			stat_add(&l->f.handover, now - a->ready_us);
	}
	a->ready_us = 0;
}

static void
wrap_up(struct agent *a)
{
	static const char note[] = "The light blinked; explained, solved.";
	Mashang__WrapUp w = MASHANG__WRAP_UP__INIT;
	ENVELOPE(e, wrap_up, WRAP_UP, w);

	w.call_id = (ProtobufCBinaryData){ sizeof(a->call_id), a->call_id };
	w.note = (ProtobufCBinaryData)BYTES(note);
	w.kind = MASHANG__TICKET_KIND__CONSULTATION;
	w.solved = true;
	w.next = MASHANG__AGENT_STATE_KIND__AGENT_READY;
	a->ready_us = clock_loop();
	request(a->bev, &e);
	a->load->f.ops++;
	a->load->f.completed++;
	a->load->n_ready++;
	refill(a->load);
}

static void
agent_frame(struct agent *a, const Mashang__Envelope *e)
{
	struct load *l = a->load;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_WELCOME:
		a->up = true;
		if (++l->n_up == l->n_agents)
			event_base_loopbreak(l->base);
		break;
	case MASHANG__ENVELOPE__BODY_OFFER:
		on_offer(a, e->offer);
		break;
	case MASHANG__ENVELOPE__BODY_AGENT_STATE:
		if (e->agent_state->state ==
		    MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL)
			wrap_up(a);
		if (e->agent_state->state ==
			MASHANG__AGENT_STATE_KIND__AGENT_READY &&
		    !a->ready) {
			a->ready = true;
			l->n_ready++;
			event_base_loopbreak(l->base);
		}
		break;
	case MASHANG__ENVELOPE__BODY_SAVED:
		/* Only wrap-ups are counted; others were before. */
		if (l->f.saved + e->saved->n_op_ids <= l->f.ops)
			l->f.saved += e->saved->n_op_ids;
		else
			l->f.saved = l->f.ops;
		l->f.last_us = clock_loop();
		look_if_over(l);
		break;
	case MASHANG__ENVELOPE__BODY_ERROR:
	case MASHANG__ENVELOPE__BODY_GOODBYE:
		fprintf(stderr, "load: agent %s: error %d\n", a->name,
		    e->body_case == MASHANG__ENVELOPE__BODY_ERROR
			? e->error->code
			: e->goodbye->why->code);
		break;
	default:
		break;
	}
}

/* ---- connections */

static void
gone_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)arg;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
		fprintf(stderr, "load: the daemon has closed a connection\n");
		exit(1);
	}
}

static void
read_frames(struct load *l, struct bufferevent *bev,
    void (*frame)(void *, const Mashang__Envelope *), void *arg)
{
	Mashang__Envelope *e;

	while (frame_pull(bufferevent_get_input(bev), FRAME_MAX, l->mem, &e) ==
	       FRAME_OK)
		frame(arg, e);
}

static void
agent_any(void *arg, const Mashang__Envelope *e)
{
	agent_frame(arg, e);
}

static void
bridge_any(void *arg, const Mashang__Envelope *e)
{
	bridge_frame(arg, e);
}

static void
agent_cb(struct bufferevent *bev, void *arg)
{
	struct agent *a = arg;

	read_frames(a->load, bev, agent_any, a);
}

static void
bridge_cb(struct bufferevent *bev, void *arg)
{
	read_frames(arg, bev, bridge_any, arg);
}

static struct bufferevent *
dial(struct load *l, bufferevent_data_cb cb, void *arg)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct bufferevent *bev = bufferevent_socket_new(l->base, -1, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", l->socket);
	bufferevent_setcb(bev, cb, NULL, gone_cb, arg);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(
		bev, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		return NULL;
	return bev;
}

static void
hello(struct bufferevent *bev, Mashang__Hello *h)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	h->magic = FRAME_MAGIC;
	h->protocol = FRAME_PROTOCOL;
	e.body_case = MASHANG__ENVELOPE__BODY_HELLO;
	e.hello = h;
	request(bev, &e);
}

static void
agent_dial(struct load *l, struct agent *a, ProtobufCBinaryData token)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;

	a->bev = dial(l, agent_cb, a);
	h.role = MASHANG__ROLE__ROLE_AGENT;
	h.token = token;
	h.device = (ProtobufCBinaryData)BYTES(a->device);
	hello(a->bev, &h);
}

static void
ask_token(struct load *l)
{
	Mashang__TokenIssue t = MASHANG__TOKEN_ISSUE__INIT;
	ENVELOPE(e, token_issue, TOKEN_ISSUE, t);
	struct agent *a = &l->agents[l->token_next];

	t.login = (ProtobufCBinaryData)BYTES(a->name);
	t.role = MASHANG__ROLE__ROLE_AGENT;
	request(l->admin, &e);
}

static void
apply_agents(struct load *l, unsigned from, unsigned n, bool more)
{
	Mashang__Apply ap = MASHANG__APPLY__INIT;
	Mashang__QueueSpec q = MASHANG__QUEUE_SPEC__INIT, *qs = &q;
	Mashang__NumberSpec nu = MASHANG__NUMBER_SPEC__INIT, *ns = &nu;
	Mashang__AgentSpec as[200], *ap_[200];
	Mashang__DeviceSpec ds[200], *dp[200];
	ProtobufCBinaryData queue = BYTES("bench");
	ENVELOPE(e, apply, APPLY, ap);

	for (unsigned i = 0; i < n; i++) {
		struct agent *a = &l->agents[from + i];

		mashang__agent_spec__init(ap_[i] = &as[i]);
		mashang__device_spec__init(dp[i] = &ds[i]);
		as[i].name = (ProtobufCBinaryData)BYTES(a->name);
		as[i].display_name = as[i].name;
		as[i].n_queues = 1;
		as[i].queues = &queue;
		ds[i].name = (ProtobufCBinaryData)BYTES(a->device);
		ds[i].switch_ = (ProtobufCBinaryData)BYTES(SWITCH);
	}
	q.name = queue;
	q.ring_us = 20 * CLOCK_S;
	q.short_us = 5 * CLOCK_S;
	nu.called = (ProtobufCBinaryData)BYTES(CALLED);
	nu.queue = queue;
	if (from == 0) {
		ap.n_queues = ap.n_numbers = 1;
		ap.queues = &qs;
		ap.numbers = &ns;
	}
	ap.n_agents = ap.n_devices = n;
	ap.agents = ap_;
	ap.devices = dp;
	ap.more = more;
	ap.keep_others = true;
	request(l->admin, &e);
}

static void
on_admin(struct load *l, const Mashang__Envelope *e)
{
	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_WELCOME:
		for (unsigned i = 0; i < l->n_agents; i += 200) {
			unsigned n =
			    l->n_agents - i < 200 ? l->n_agents - i : 200;

			apply_agents(l, i, n, i + n < l->n_agents);
		}
		break;
	case MASHANG__ENVELOPE__BODY_PAGE:
		if (!l->applied)
			ask_token(l);
		l->applied = true;
		break;
	case MASHANG__ENVELOPE__BODY_TOKEN:
		agent_dial(l, &l->agents[l->token_next++], e->token->token);
		if (l->token_next < l->n_agents)
			ask_token(l);
		break;
	case MASHANG__ENVELOPE__BODY_ERROR:
		fprintf(stderr, "load: administrator: error %d %.*s %.*s\n",
		    e->error->code,
		    e->error->n_params > 0 ? (int)e->error->params[0].len : 0,
		    e->error->n_params > 0 ? (char *)e->error->params[0].data
					   : "",
		    e->error->n_params > 1 ? (int)e->error->params[1].len : 0,
		    e->error->n_params > 1 ? (char *)e->error->params[1].data
					   : "");
		exit(1);
	default:
		break;
	}
}

static void
admin_any(void *arg, const Mashang__Envelope *e)
{
	on_admin(arg, e);
}

static void
admin_cb(struct bufferevent *bev, void *arg)
{
	read_frames(arg, bev, admin_any, arg);
}

static void
bridge_dial(struct load *l)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;

	l->epoch = (uint64_t)clock_wall();
	l->bridge = dial(l, bridge_cb, l);
	h.role = MASHANG__ROLE__ROLE_BRIDGE;
	h.switch_ = (ProtobufCBinaryData)BYTES(SWITCH);
	h.epoch = l->epoch;
	hello(l->bridge, &h);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;

	(void)fd;
	(void)what;
	l->timed_out = true;
	event_base_loopbreak(l->base);
}

/* Run until somebody breaks the loop because `done' may hold. */
static bool
wait_for(struct load *l, bool (*done)(struct load *), int seconds)
{
	struct timeval tv = { seconds, 0 };

	l->timed_out = false;
	event_add(l->deadline, &tv);
	while (!l->timed_out && !done(l))
		event_base_dispatch(l->base);
	event_del(l->deadline);
	return !l->timed_out;
}

static bool
all_up(struct load *l)
{
	return l->n_up == l->n_agents;
}

static bool
all_ready(struct load *l)
{
	return l->n_ready == l->n_agents;
}

static bool
broken_once(struct load *l)
{
	return l->run++ > 0;
}

/* ---- the open loop */

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;
	uint64_t due =
	    (uint64_t)(l->rate * (double)(clock_loop() - l->rate_from) / 1e6);

	(void)fd;
	(void)what;
	while (l->f.started < due && has_room(l))
		start_call(l);
}

/* Whoever has nothing to say says so, or the daemon takes it for gone. */
static void
heart_cb(evutil_socket_t fd, short what, void *arg)
{
	Mashang__Ping p = MASHANG__PING__INIT;
	ENVELOPE(e, ping, PING, p);
	struct load *l = arg;

	(void)fd;
	(void)what;
	if (l->bridge != NULL)
		push(l->bridge, &e);
	if (l->admin != NULL)
		push(l->admin, &e);
	for (unsigned i = 0; i < l->n_agents; i++)
		if (l->agents[i].up)
			push(l->agents[i].bev, &e);
}

/* ---- what the benches call */

struct load *
load_new(const char *socket, unsigned n_agents)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;
	struct load *l = calloc(1, sizeof(*l));

	l->base = event_base_new();
	l->mem = frame_memory_new(1 << 20);
	l->socket = strdup(socket);
	l->room = 1 << 18;
	l->calls = calloc(l->room, sizeof(*l->calls));
	l->n_agents = n_agents;
	l->agents = calloc(n_agents, sizeof(*l->agents));
	l->deadline = evtimer_new(l->base, deadline_cb, l);
	l->ticker = event_new(l->base, -1, EV_PERSIST, tick_cb, l);
	l->heart = event_new(l->base, -1, EV_PERSIST, heart_cb, l);
	event_add(l->heart, &(struct timeval) { 4, 0 });
	for (unsigned i = 0; i < n_agents; i++) {
		struct agent *a = &l->agents[i];

		a->load = l;
		a->number = i;
		snprintf(a->name, sizeof(a->name), "bench-%05u", i);
		snprintf(a->device, sizeof(a->device), "bench-dev-%05u", i);
	}
	bridge_dial(l); /* first: the switch must be known to the devices */
	if (!wait_for(l, broken_once, 10))
		goto fail;
	l->admin = dial(l, admin_cb, l);
	h.role = MASHANG__ROLE__ROLE_ADMINISTRATOR;
	hello(l->admin, &h);
	if (n_agents > 0 && !wait_for(l, all_up, 60))
		goto fail;
	load_reset(l);
	return l;
fail:
	fprintf(stderr, "load: the daemon does not answer in time\n");
	load_free(&l);
	return NULL;
}

void
load_free(struct load **lp)
{
	struct load *l = *lp;

	if (l == NULL)
		return;
	for (unsigned i = 0; i < l->n_agents; i++)
		if (l->agents[i].bev != NULL)
			bufferevent_free(l->agents[i].bev);
	if (l->admin != NULL)
		bufferevent_free(l->admin);
	if (l->bridge != NULL)
		bufferevent_free(l->bridge);
	event_free(l->deadline);
	event_free(l->ticker);
	event_free(l->heart);
	event_base_free(l->base);
	frame_memory_free(&l->mem);
	free(l->socket);
	free(l->calls);
	free(l->agents);
	free(l);
	*lp = NULL;
}

void
load_agents_ready(struct load *l, bool ready)
{
	for (unsigned i = 0; i < l->n_agents; i++)
		if (l->agents[i].ready != ready)
			set_ready(&l->agents[i], ready);
	if (ready)
		wait_for(l, all_ready, 30);
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

bool
load_closed(struct load *l, unsigned outstanding, uint64_t calls, int seconds)
{
	l->closed = true;
	l->outstanding = outstanding;
	l->want = calls;
	refill(l);
	return wait_for(l, is_over, seconds);
}

bool
load_open(struct load *l, unsigned per_second, int seconds)
{
	struct timeval every = { 0, 1000 };
	struct timeval tv = { seconds, 0 };

	l->rate = per_second;
	l->rate_from = clock_loop();
	event_add(l->ticker, &every);
	event_add(l->deadline, &tv);
	l->timed_out = false;
	while (!l->timed_out)
		event_base_dispatch(l->base);
	event_del(l->ticker);
	l->rate = 0;
	l->want = l->f.started;
	return wait_for(l, is_over, 10);
}

bool
load_open_events(struct load *l, unsigned per_second, int seconds)
{
	l->events_only = true;
	return load_open(l, per_second / 2, seconds);
}

bool
load_events(struct load *l, uint64_t events, unsigned in_flight, int seconds)
{
	l->events_only = true;
	l->want_events = events;
	l->outstanding = in_flight < RING - 16 ? in_flight : RING - 16;
	refill(l);
	return wait_for(l, is_over, seconds);
}

bool
load_queue(struct load *l, uint64_t calls, int seconds)
{
	l->queue_only = true;
	l->closed = true;
	l->outstanding = UINT32_MAX;
	l->want = calls;
	refill(l);
	return wait_for(l, is_over, seconds);
}

const struct load_figures *
load_figures(const struct load *l)
{
	return &l->f;
}
