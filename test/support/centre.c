/*
 * centre.c - what happens in it: one thing at random, then all that follows.
 */
#include "test/support/centre_own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "desk/words.h"
#include "test/support/support.h"

#define NOON (INT64_C(1790000000) * S)
#define STUCK 400 /* turns of everybody going home */

/* ---------------------------------------------------------------- chance */

unsigned
centre_pick(struct centre *k, unsigned n)
{
	k->random ^= k->random << 13;
	k->random ^= k->random >> 7;
	k->random ^= k->random << 17;
	return (unsigned)((k->random >> 11) % n);
}

void
centre_note(struct centre *k, const char *fmt, ...)
{
	char *line = k->history[k->steps++ % HISTORY];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(k->history[0]), fmt, ap);
	va_end(ap);
}

/* The first one counts. */
void
centre_fail(struct centre *k, const char *fmt, ...)
{
	va_list ap;

	if (k->fault[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(k->fault, sizeof(k->fault), fmt, ap);
	va_end(ap);
}

const char *
centre_fault(const struct centre *k)
{
	return k->fault;
}

const char *
centre_history(const struct centre *k)
{
	struct centre *own = (struct centre *)(uintptr_t)k;
	size_t len = 0;

	own->story[0] = '\0';
	for (unsigned i = 0; i < HISTORY; i++)
		len +=
		    (size_t)snprintf(own->story + len, sizeof(own->story) - len,
			"%s\n", k->history[(k->steps + i) % HISTORY]);
	return k->story;
}

static struct desk_action
by(struct centre *k, int agent)
{
	return (struct desk_action){ id_random(), NULL, (uint32_t)agent + 1,
		STR_LIT("agent"), k->now };
}

static struct desk *
desk_of(struct centre *k, int agent)
{
	return k->nodes[k->agents[agent].node].desk;
}

/* One that is in this state, or NOBODY. */
static int
some_call(struct centre *k, enum where where)
{
	int at = (int)centre_pick(k, CENTRE_CALLS);

	for (int i = 0; i < CENTRE_CALLS; i++)
		if (k->calls[(at + i) % CENTRE_CALLS].where == where)
			return (at + i) % CENTRE_CALLS;
	return NOBODY;
}

static int
some_agent(struct centre *k, bool here)
{
	int at = (int)centre_pick(k, CENTRE_AGENTS);

	for (int i = 0; i < CENTRE_AGENTS; i++)
		if ((k->agents[(at + i) % CENTRE_AGENTS].node != NOBODY) ==
		    here)
			return (at + i) % CENTRE_AGENTS;
	return NOBODY;
}

/* ----------------------------------------------------------------- calls */

static void
call_over(struct centre *k, int i, enum cause cause, enum party party)
{
	struct ccall *c = &k->calls[i];
	struct call_event e = call_says(k, c, CALL_EV_CALL_CLEARED);
	int talks = c->talks;

	e.cause = cause;
	e.party = party;
	if (talks != NOBODY && k->agents[talks].call == i)
		k->agents[talks].call = NOBODY;
	/* It waits for nobody from here on. */
	c->where = CALL_MENU;
	call_tells(k, c, &e);
	for (int a = 0; a < CENTRE_AGENTS; a++)
		if (c->offered[a])
			centre_fail(k, "%s has ended and is offered to %d",
			    c->name, a + 1);
	c->where = CALL_NOWHERE;
}

static void
established(struct centre *k, int i, int agent)
{
	struct ccall *c = &k->calls[i];
	struct call_event e = call_says(k, c, CALL_EV_ESTABLISHED);
	char device[16];

	snprintf(device, sizeof(device), "d%d", agent + 1);
	e.device = str_of(device);
	c->rings = NOBODY;
	c->where = CALL_TALKING;
	if (c->talks != NOBODY && c->talks != agent)
		centre_fail(k, "%s talks to two", c->name);
	call_tells(k, c, &e);
	c->talks = agent;
	k->agents[agent].call = i;
	k->agents[agent].last = c->id;
}

static bool
op_offered(struct centre *k)
{
	int i = some_call(k, CALL_NOWHERE);
	struct ccall *c;
	struct call_event e;

	if (i == NOBODY)
		return false;
	c = &k->calls[i];
	memset(c, 0, sizeof(*c));
	c->where = CALL_MENU;
	c->sw = (int)centre_pick(k, CENTRE_SWITCHES);
	c->queue = (int)centre_pick(k, CENTRE_QUEUES);
	c->class = centre_pick(k, 4) == 0 ? 1 + centre_pick(k, 2) : 0;
	c->rings = c->talks = NOBODY;
	c->offered_at = k->now;
	c->version = k->version += 1000;
	snprintf(
	    c->name, sizeof(c->name), "c%llu", (unsigned long long)++k->names);
	c->id = id_of_call(switch_name(c->sw), 9, str_of(c->name));
	centre_note(k, "%s calls q%d at %d class %u", c->name, c->queue + 1,
	    c->sw + 1, c->class);
	e = call_says(k, c, CALL_EV_OFFERED);
	call_tells(k, c, &e);
	return true;
}

static bool
op_queued(struct centre *k)
{
	int i = some_call(k, CALL_MENU);
	struct ccall *c;
	struct call_event e;

	if (i == NOBODY)
		return false;
	c = &k->calls[i];
	c->where = CALL_WAITING;
	c->queued_at = k->now;
	c->place = ++k->next_place;
	centre_note(k, "%s waits", c->name);
	e = call_says(k, c, CALL_EV_QUEUED);
	call_tells(k, c, &e);
	return true;
}

static bool
op_gives_up(struct centre *k)
{
	int i = some_call(k, centre_pick(k, 3) == 0 ? CALL_MENU : CALL_WAITING);

	if (i == NOBODY)
		return false;
	centre_note(k, "%s gives up", k->calls[i].name);
	call_over(k, i, CAUSE_NORMAL, PARTY_CALLER);
	return true;
}

static bool
op_talked(struct centre *k)
{
	int i = some_call(k, CALL_TALKING);

	if (i == NOBODY)
		return false;
	centre_note(k, "%s hangs up", k->calls[i].name);
	call_over(k, i, CAUSE_NORMAL, PARTY_CALLER);
	return true;
}

/* ---------------------------------------------------------------- agents */

static bool
log_in(struct centre *k, int i, enum agent_state as)
{
	struct cagent *a = &k->agents[i];
	char device[16];

	a->sw = i % CENTRE_SWITCHES;
	a->node = k->home[a->sw];
	snprintf(device, sizeof(device), "d%d", i + 1);
	centre_note(k, "agent %d logs in at node %d as %s", i + 1, a->node,
	    word_agent_state(as));
	ck_ok(desk_agent_login(desk_of(k, i), (uint32_t)i + 1, str_of(device),
	    as, STR_LIT(""), k->now));
	node_run(&k->nodes[a->node]);
	return true;
}

static bool
op_log_in(struct centre *k)
{
	int i = some_agent(k, false);

	return i != NOBODY && log_in(k, i,
				  centre_pick(k, 3) == 0 ? AGENT_STATE_NONE
							 : AGENT_STATE_READY);
}

static void
log_out(struct centre *k, int i, bool wanted)
{
	struct cagent *a = &k->agents[i];
	int node = a->node;

	/* Its offer ends, and there is nobody to tell. */
	if (a->offer != 0) {
		k->calls[a->call].offered[i] = false;
		a->call = NOBODY;
	}
	a->offer = 0;
	a->node = NOBODY;
	a->state = AGENT_STATE_NULL;
	desk_agent_gone(k->nodes[node].desk, (uint32_t)i + 1, wanted, k->now);
	node_run(&k->nodes[node]);
}

static bool
op_log_out(struct centre *k)
{
	int i = some_agent(k, true);

	if (i == NOBODY)
		return false;
	centre_note(k, "agent %d is gone", i + 1);
	log_out(k, i, centre_pick(k, 2) == 0);
	return true;
}

static bool
set_state(struct centre *k, enum agent_state to)
{
	int i = some_agent(k, true);
	struct desk_action a;

	if (i == NOBODY)
		return false;
	a = by(k, i);
	centre_note(k, "agent %d asks for %s", i + 1, word_agent_state(to));
	/* Refused where the state does not allow it. */
	if (desk_set_state(desk_of(k, i), &a, to, STR_LIT("break")) == ERR_OK)
		node_run(&k->nodes[k->agents[i].node]);
	return true;
}

static bool
op_ready(struct centre *k)
{
	return set_state(k, AGENT_STATE_READY);
}

static bool
op_not_ready(struct centre *k)
{
	return set_state(k, AGENT_STATE_NOT_READY);
}

static int
offered_agent(struct centre *k)
{
	int at = (int)centre_pick(k, CENTRE_AGENTS);

	for (int i = 0; i < CENTRE_AGENTS; i++)
		if (k->agents[(at + i) % CENTRE_AGENTS].offer != 0 &&
		    k->agents[(at + i) % CENTRE_AGENTS].node != NOBODY)
			return (at + i) % CENTRE_AGENTS;
	return NOBODY;
}

static bool
op_answers(struct centre *k)
{
	int i = offered_agent(k), call;
	struct desk_action a;

	if (i == NOBODY)
		return false;
	a = by(k, i);
	call = k->agents[i].call;
	centre_note(k, "agent %d answers", i + 1);
	if (k->calls[call].rings == i)
		established(k, call, i);
	else if (desk_offer_accept(desk_of(k, i), &a, k->agents[i].offer) ==
		 ERR_OK)
		node_run(&k->nodes[k->agents[i].node]);
	return true;
}

static bool
op_refuses(struct centre *k)
{
	int i = offered_agent(k);
	struct desk_action a;

	if (i == NOBODY)
		return false;
	a = by(k, i);
	centre_note(k, "agent %d refuses", i + 1);
	ck_ok(desk_offer_refuse(
	    desk_of(k, i), &a, k->agents[i].offer, STR_LIT("")));
	node_run(&k->nodes[k->agents[i].node]);
	return true;
}

static bool
op_wraps_up(struct centre *k)
{
	int i = some_agent(k, true);
	struct wrap_up w = { .kind = TICKET_CONSULTATION, .solved = true };
	struct desk_action a;

	if (i == NOBODY || id_is_none(&k->agents[i].last))
		return false;
	a = by(k, i);
	w.call = k->agents[i].last;
	w.next =
	    centre_pick(k, 4) == 0 ? AGENT_STATE_NOT_READY : AGENT_STATE_READY;
	centre_note(k, "agent %d writes it up", i + 1);
	ck_ok(desk_wrap_up(desk_of(k, i), &a, &w));
	node_run(&k->nodes[k->agents[i].node]);
	return true;
}

/* ------------------------------------------------------------------ time */

static void
tick(struct centre *k, int64_t to)
{
	for (;;) {
		int64_t next = to;

		for (int n = 0; n < CENTRE_NODES; n++)
			if (desk_next_at(k->nodes[n].desk) < next)
				next = desk_next_at(k->nodes[n].desk);
		k->now = next > k->now ? next : k->now;
		for (int n = 0; n < CENTRE_NODES; n++) {
			desk_tick(k->nodes[n].desk, k->now);
			node_run(&k->nodes[n]);
		}
		centre_settle(k);
		if (next == to)
			return;
	}
}

static bool
op_time(struct centre *k)
{
	static const unsigned spans[] = { 300, 2000, 8000, 21000, 65000 };
	int64_t ms = 1 + centre_pick(k, spans[centre_pick(k, NELEM(spans))]);

	centre_note(k, "%lld ms pass", (long long)ms);
	tick(k, k->now + ms * 1000);
	return true;
}

/* ---------------------------------------------------------------- faults */

static bool
op_redis(struct centre *k)
{
	struct cnode *d = &k->nodes[centre_pick(k, CENTRE_NODES)];

	d->redis = !d->redis;
	for (int i = 0; i < CENTRE_CALLS; i++)
		k->calls[i].alone |= k->home[k->calls[i].sw] == d->n;
	centre_note(
	    k, "redis of node %d is %s", d->n, d->redis ? "back" : "away");
	if (d->redis)
		desk_acd_up(d->desk, k->now);
	else
		desk_acd_lost(d->desk, k->now);
	node_run(d);
	return true;
}

static bool
op_configure(struct centre *k)
{
	k->variant = centre_pick(k, centre_n_variants);
	centre_note(k, "configuration %u", k->variant);
	k->changing = true;
	for (int n = 0; n < CENTRE_NODES; n++)
		node_configure(&k->nodes[n]);
	k->changing = false;
	return true;
}

/* What was ordered over the old connection is void; agents come over. */
static void
move_switch(struct centre *k, int sw, int to)
{
	enum agent_state was[CENTRE_AGENTS] = { 0 };

	for (int i = 0; i < CENTRE_AGENTS; i++)
		if (k->agents[i].node != NOBODY && k->agents[i].sw == sw) {
			was[i] = k->agents[i].state;
			k->agents[i].node = NOBODY;
			k->agents[i].offer = 0;
			k->agents[i].state = AGENT_STATE_NULL;
			if (k->agents[i].call != NOBODY &&
			    k->calls[k->agents[i].call].where != CALL_TALKING)
				k->agents[i].call = NOBODY;
		}
	for (int i = 0; i < CENTRE_CALLS; i++)
		if (k->calls[i].where != CALL_NOWHERE && k->calls[i].sw == sw) {
			struct ccall *c = &k->calls[i];

			memset(c->offered, 0, sizeof(c->offered));
			memset(c->excluded, 0, sizeof(c->excluded));
			if (c->where == CALL_WAITING)
				c->talks = NOBODY;
			c->rings = NOBODY;
		}
	k->n_orders = 0;
	node_attach(k, to, sw);
	for (int i = 0; i < CENTRE_AGENTS; i++)
		if (was[i] != AGENT_STATE_NONE && was[i] != AGENT_STATE_NULL)
			log_in(k, i, was[i]);
}

static bool
op_node_dies(struct centre *k)
{
	int n = (int)centre_pick(k, CENTRE_NODES);

	if (centre_pick(k, 8) != 0)
		return false; /* not each time */
	centre_note(k, "node %d dies", n);
	node_down(k, n);
	node_up(k, n);
	for (int s = 0; s < CENTRE_SWITCHES; s++)
		if (k->home[s] == n)
			move_switch(k, s, 1 - n);
	return true;
}

/* ---------------------------------------------------------------- orders */

static bool
carry_out(struct centre *k, const struct corder *o)
{
	struct ccall *c = o->call != NOBODY ? &k->calls[o->call] : NULL;
	bool lives = c != NULL && c->where != CALL_NOWHERE;
	bool busy = lives && o->kind == ORDER_CONNECT &&
	            (c->where != CALL_WAITING || centre_pick(k, 12) == 0);
	struct order_result r = { .order_id = o->id,
		.version = lives ? ++c->version : 0,
		.err = !lives ? ERR_NOT_FOUND
		       : busy ? ERR_BUSY
		              : ERR_OK };
	struct cnode *d = &k->nodes[o->node];
	int sw = o->agent != NOBODY ? o->agent % CENTRE_SWITCHES
	         : lives            ? c->sw
	                            : 0;
	struct call_event e;
	char device[16];

	if (d->sw[sw] == NULL)
		return true; /* its bridge has gone elsewhere */
	if (busy && c->talks == o->agent)
		c->talks = NOBODY;
	if (busy && k->agents[o->agent].offer == 0 &&
	    k->agents[o->agent].call == o->call)
		k->agents[o->agent].call = NOBODY;
	centre_note(k, "  result %s", err_name(r.err));
	desk_order_result(d->sw[sw], &r, k->now);
	node_run(d);
	if (r.err != ERR_OK || !lives || c->where == CALL_NOWHERE)
		return true;
	snprintf(device, sizeof(device), "d%d", o->agent + 1);
	if (o->kind == ORDER_DISCONNECT && c->rings == o->agent) {
		c->rings = NOBODY;
		e = call_says(k, c, CALL_EV_CONNECTION_CLEARED);
		e.device = str_of(device);
		if (centre_pick(k, 8) != 0) /* a slow one says it late */
			call_tells(k, c, &e);
	} else if (o->kind == ORDER_CLEAR) {
		call_over(k, o->call, o->cause, PARTY_SWITCH);
	} else if (o->kind == ORDER_CONNECT) {
		c->rings = o->agent;
		e = call_says(k, c, CALL_EV_DELIVERED);
		e.device = str_of(device);
		call_tells(k, c, &e);
		if (o->auto_answer && c->where == CALL_WAITING)
			established(k, o->call, o->agent);
	}
	return true;
}

static void
show_offers(struct centre *k)
{
	for (int i = 0; i < CENTRE_AGENTS; i++) {
		struct desk_action a = by(k, i);

		/* Once in a while it is not told: it ends as not delivered. */
		if (k->agents[i].offer == 0 || k->agents[i].node == NOBODY ||
		    k->agents[i].offer % 37 == 0)
			continue;
		if (desk_offer_shown(desk_of(k, i), &a, k->agents[i].offer) ==
		    ERR_OK)
			node_run(&k->nodes[k->agents[i].node]);
	}
}

void
centre_settle(struct centre *k)
{
	do {
		for (int n = 0; n < CENTRE_NODES; n++)
			node_run(&k->nodes[n]);
		while (k->n_orders > 0) {
			struct corder o = k->orders[0];

			memmove(k->orders, k->orders + 1,
			    --k->n_orders * sizeof(k->orders[0]));
			carry_out(k, &o);
		}
		show_offers(k);
	} while (k->n_orders > 0);
}

/* ----------------------------------------------------------------- steps */

static const struct {
	const char *name;
	bool (*run)(struct centre *);
	unsigned weight;
} ops[] = {
	{ "offered", op_offered, 16 },
	{ "queued", op_queued, 18 },
	{ "gives_up", op_gives_up, 5 },
	{ "talked", op_talked, 10 },
	{ "log_in", op_log_in, 6 },
	{ "log_out", op_log_out, 3 },
	{ "ready", op_ready, 10 },
	{ "not_ready", op_not_ready, 4 },
	{ "answers", op_answers, 16 },
	{ "refuses", op_refuses, 3 },
	{ "wraps_up", op_wraps_up, 9 },
	{ "time", op_time, 12 },
	{ "redis", op_redis, 2 },
	{ "configure", op_configure, 1 },
	{ "node_dies", op_node_dies, 2 },
};

unsigned
centre_n_kinds(void)
{
	return NELEM(ops);
}

const char *
centre_kind(unsigned i)
{
	return ops[i].name;
}

uint64_t
centre_count(const struct centre *k, unsigned i)
{
	return k->counts[i];
}

bool
centre_step(struct centre *k)
{
	unsigned sum = 0, at, i = 0;

	for (unsigned j = 0; j < NELEM(ops); j++)
		sum += ops[j].weight;
	at = centre_pick(k, sum);
	while (at >= ops[i].weight)
		at -= ops[i++].weight;
	k->now += 1 + centre_pick(k, 1000);
	tick(k, k->now);
	k->counts[i] += ops[i].run(k);
	centre_settle(k);
	judge_rest(k);
	return k->fault[0] == '\0';
}

struct centre *
centre_new(uint64_t seed)
{
	struct centre *k = calloc(1, sizeof(*k));

	ck_assert_ptr_nonnull(k);
	ck_assert_int_ge(sodium_init(), 0);
	k->seed = k->random = seed != 0 ? seed : 1;
	k->now = NOON;
	for (int i = 0; i < CENTRE_AGENTS; i++)
		k->agents[i] = (struct cagent){ .node = NOBODY,
			.call = NOBODY,
			.sw = i % CENTRE_SWITCHES };
	for (int i = 0; i < CENTRE_CALLS; i++)
		k->calls[i].rings = k->calls[i].talks = NOBODY;
	for (int n = 0; n < CENTRE_NODES; n++)
		node_up(k, n);
	for (int s = 0; s < CENTRE_SWITCHES; s++)
		node_attach(k, s, s);
	return k;
}

void
centre_free(struct centre *k)
{
	for (int n = 0; n < CENTRE_NODES; n++)
		node_down(k, n);
	free(k);
}

/* Whoever is here can be ready, not ready, and go. */
static void
leaves(struct centre *k, int i)
{
	struct desk_action a = by(k, i);

	if (k->agents[i].state == AGENT_STATE_WORKING_AFTER_CALL ||
	    k->agents[i].state == AGENT_STATE_NOT_READY)
		(void)!desk_set_state(
		    desk_of(k, i), &a, AGENT_STATE_READY, STR_LIT(""));
	node_run(&k->nodes[k->agents[i].node]);
	if (k->agents[i].state != AGENT_STATE_READY)
		centre_fail(k, "agent %d is stuck as %s", i + 1,
		    word_agent_state(k->agents[i].state));
	a = by(k, i);
	(void)!desk_set_state(
	    desk_of(k, i), &a, AGENT_STATE_NOT_READY, STR_LIT("home"));
	node_run(&k->nodes[k->agents[i].node]);
	if (k->agents[i].state != AGENT_STATE_NOT_READY)
		centre_fail(k, "agent %d cannot stop", i + 1);
	log_out(k, i, true);
}

bool
centre_close(struct centre *k)
{
	for (int i = 0; i < CENTRE_CALLS; i++)
		if (k->calls[i].where != CALL_NOWHERE)
			call_over(k, i, CAUSE_NORMAL, PARTY_CALLER);
	for (unsigned i = 0; i < STUCK && k->fault[0] == '\0'; i++)
		tick(k, k->now + S);
	for (int i = 0; i < CENTRE_AGENTS; i++)
		if (k->agents[i].node != NOBODY && k->fault[0] == '\0')
			leaves(k, i);
	return k->fault[0] == '\0';
}
