/*
 * load_setup.c - configuring the daemon for a load, and logging everybody in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "test/bench/load_state.h"

#define APPLY_AT_ONCE 200
#define HEART_US 10000  /* a share of the agents says something this often */
#define HEART_TURNS 400 /* all of them in so many of these: 4 s */

/* --------------------------------------------------------- administrator */

static void
ask_token(struct load *l)
{
	Mashang__TokenIssue t = MASHANG__TOKEN_ISSUE__INIT;
	ENVELOPE(e, token_issue, TOKEN_ISSUE, t);

	t.login = (ProtobufCBinaryData)BYTES(l->agents[l->next_token].name);
	t.role = MASHANG__ROLE__ROLE_AGENT;
	sock_request(&l->admin, &e);
}

static void
dial_agent(struct agent *a, ProtobufCBinaryData token)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;
	struct load *l = a->load;

	sock_dial(&a->sock, &l->socks, l->socket, load_on_agent, a);
	h.role = MASHANG__ROLE__ROLE_AGENT;
	h.token = token;
	h.device = (ProtobufCBinaryData)BYTES(a->device);
	sock_hello(&a->sock, &h);
}

static void
apply_queue(Mashang__Apply *ap, ProtobufCBinaryData *name)
{
	static Mashang__QueueSpec q, *queues = &q;
	static Mashang__NumberSpec nu, *numbers = &nu;

	mashang__queue_spec__init(&q);
	mashang__number_spec__init(&nu);
	q.name = nu.queue = *name;
	q.ring_us = 20 * CLOCK_S;
	q.short_us = 5 * CLOCK_S;
	nu.called = (ProtobufCBinaryData)BYTES(LOAD_CALLED);
	ap->n_queues = ap->n_numbers = 1;
	ap->queues = &queues;
	ap->numbers = &numbers;
}

static void
apply(struct load *l, unsigned from, unsigned n)
{
	Mashang__Apply ap = MASHANG__APPLY__INIT;
	Mashang__AgentSpec as[APPLY_AT_ONCE], *ap_[APPLY_AT_ONCE];
	Mashang__DeviceSpec ds[APPLY_AT_ONCE], *dp[APPLY_AT_ONCE];
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
		ds[i].switch_ = (ProtobufCBinaryData)BYTES(LOAD_SWITCH);
	}
	if (from == 0)
		apply_queue(&ap, &queue);
	ap.n_agents = ap.n_devices = n;
	ap.agents = ap_;
	ap.devices = dp;
	ap.more = from + n < l->n_agents;
	ap.keep_others = true;
	sock_request(&l->admin, &e);
}

static void
apply_all(struct load *l)
{
	unsigned n;

	for (unsigned i = 0; i < l->n_agents; i += n) {
		n = l->n_agents - i;
		if (n > APPLY_AT_ONCE)
			n = APPLY_AT_ONCE;
		apply(l, i, n);
	}
}

static void
on_admin(void *arg, const Mashang__Envelope *e)
{
	struct load *l = arg;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_WELCOME:
		apply_all(l);
		break;
	case MASHANG__ENVELOPE__BODY_PAGE:
		if (!l->applied)
			ask_token(l);
		/* An answer to load_policy; what is watched comes instead. */
		if (l->applied && l->watch == NULL)
			load_told(l);
		l->applied = true;
		break;
	case MASHANG__ENVELOPE__BODY_TOKEN:
		dial_agent(&l->agents[l->next_token++], e->token->token);
		if (l->next_token < l->n_agents)
			ask_token(l);
		break;
	case MASHANG__ENVELOPE__BODY_ERROR:
		fprintf(
		    stderr, "load: administrator: error %d\n", e->error->code);
		for (size_t i = 0; i < e->error->n_params; i++)
			fprintf(stderr, "load: - %.*s\n",
			    (int)e->error->params[i].len,
			    (const char *)e->error->params[i].data);
		exit(1);
	default:
		break;
	}
}

/* ----------------------------------------------------------------- timers */

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;

	(void)fd;
	(void)what;
	load_tick(l);
	socks_flush(&l->socks);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;

	(void)fd;
	(void)what;
	l->timed_out = true;
	event_base_loopbreak(l->socks.base);
}

/* Whoever has nothing to say says so, or the daemon takes it for gone: a few
 * at a time, as ten thousand clients would. */
static void
heart_cb(evutil_socket_t fd, short what, void *arg)
{
	Mashang__Ping p = MASHANG__PING__INIT;
	ENVELOPE(e, ping, PING, p);
	struct load *l = arg;
	unsigned n = l->n_agents / HEART_TURNS + 1;

	(void)fd;
	(void)what;
	for (; n > 0 && l->n_agents > 0; n--) {
		struct agent *a = &l->agents[l->next_ping++ % l->n_agents];

		if (a->up)
			sock_push(&a->sock, &e);
	}
	if (l->beats++ % HEART_TURNS == 0) {
		if (l->attached)
			sock_push(&l->bridge, &e);
		if (l->applied)
			sock_push(&l->admin, &e);
	}
	socks_flush(&l->socks);
}

bool
load_wait(struct load *l, bool (*done)(struct load *), int64_t for_us)
{
	struct timeval tv = { for_us / CLOCK_S, for_us % CLOCK_S };

	l->timed_out = false;
	event_add(l->deadline, &tv);
	socks_flush(&l->socks);
	while (!l->timed_out && !done(l))
		event_base_dispatch(l->socks.base);
	event_del(l->deadline);
	return !l->timed_out;
}

/* ----------------------------------------------------------- start and end */

static bool
is_attached(struct load *l)
{
	return l->attached;
}

static bool
is_up(struct load *l)
{
	return l->n_up == l->n_agents;
}

static bool
is_ready(struct load *l)
{
	return l->n_ready == l->n_agents;
}

static bool
attach_bridge(struct load *l)
{
	Mashang__OrderKind connect = MASHANG__ORDER_KIND__ORDER_CONNECT;
	Mashang__Hello h = MASHANG__HELLO__INIT;

	l->epoch = (uint64_t)clock_wall();
	sock_dial(&l->bridge, &l->socks, l->socket, load_on_bridge, l);
	h.role = MASHANG__ROLE__ROLE_BRIDGE;
	h.switch_ = (ProtobufCBinaryData)BYTES(LOAD_SWITCH);
	h.epoch = l->epoch;
	h.n_can = 1;
	h.can = &connect;
	sock_hello(&l->bridge, &h);
	return load_wait(l, is_attached, 10 * CLOCK_S);
}

static bool
log_agents_in(struct load *l)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;

	sock_dial(&l->admin, &l->socks, l->socket, on_admin, l);
	h.role = MASHANG__ROLE__ROLE_ADMINISTRATOR;
	sock_hello(&l->admin, &h);
	return load_wait(l, is_up, 60 * CLOCK_S);
}

static void
make_parts(struct load *l, const char *socket, unsigned n_agents)
{
	l->socks.base = event_base_new();
	l->socks.mem = frame_memory_new(1 << 20);
	TAILQ_INIT(&l->socks.dirty);
	heap_init(&l->talks);
	l->socket = strdup(socket);
	l->calls = calloc(LOAD_CALLS, sizeof(*l->calls));
	l->n_agents = n_agents;
	l->agents = calloc(n_agents + 1, sizeof(*l->agents));
	for (unsigned i = 0; i < n_agents; i++) {
		struct agent *a = &l->agents[i];

		a->load = l;
		snprintf(a->name, sizeof(a->name), "bench-%05u", i);
		snprintf(a->device, sizeof(a->device), "bench-dev-%05u", i);
	}
	l->deadline = evtimer_new(l->socks.base, deadline_cb, l);
	l->ticker = event_new(l->socks.base, -1, EV_PERSIST, tick_cb, l);
	l->heart = event_new(l->socks.base, -1, EV_PERSIST, heart_cb, l);
	event_add(l->heart, &(struct timeval){ 0, HEART_US });
}

struct load *
load_new(const char *socket, unsigned n_agents)
{
	struct load *l = calloc(1, sizeof(*l));

	make_parts(l, socket, n_agents);
	/* The switch first: the devices' configuration names it. */
	if (attach_bridge(l) && (n_agents == 0 || log_agents_in(l))) {
		load_reset(l);
		return l;
	}
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
		sock_close(&l->agents[i].sock);
	sock_close(&l->admin);
	sock_close(&l->bridge);
	event_free(l->deadline);
	event_free(l->ticker);
	event_free(l->heart);
	event_base_free(l->socks.base);
	frame_memory_free(&l->socks.mem);
	heap_fini(&l->talks);
	free(l->socket);
	free(l->calls);
	free(l->agents);
	free(l);
	*lp = NULL;
}

bool
load_agents_ready(struct load *l)
{
	Mashang__SetState s = MASHANG__SET_STATE__INIT;
	ENVELOPE(e, set_state, SET_STATE, s);

	s.state = MASHANG__AGENT_STATE_KIND__AGENT_READY;
	for (unsigned i = 0; i < l->n_agents; i++)
		if (!l->agents[i].ready)
			sock_request(&l->agents[i].sock, &e);
	return load_wait(l, is_ready, 30 * CLOCK_S);
}
