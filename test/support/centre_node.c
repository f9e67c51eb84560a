/*
 * centre_node.c - a node: its desk, its stores, its news.
 */
#include "test/support/centre_own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/words.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

#define EPOCH 9

struct str
switch_name(int sw)
{
	return sw == 0 ? STR_LIT("north") : STR_LIT("south");
}

int
call_of_id(const struct centre *k, const struct id *id)
{
	for (int i = 0; i < CENTRE_CALLS; i++)
		if (k->calls[i].where != CALL_NOWHERE &&
		    id_eq(&k->calls[i].id, id))
			return i;
	return NOBODY;
}

static int
call_named(const struct centre *k, struct str name)
{
	for (int i = 0; i < CENTRE_CALLS; i++)
		if (k->calls[i].where != CALL_NOWHERE &&
		    str_eq(str_of(k->calls[i].name), name))
			return i;
	return NOBODY;
}

/* ------------------------------------------------------------------- news */

static void
on_offer(void *arg, uint32_t id, const struct offer_news *n)
{
	struct cnode *d = arg;
	struct centre *k = d->of;
	int agent = (int)id - 1, call = call_of_id(k, &n->call);

	if (d->dead)
		return;
	centre_note(k, "  offer of %s to %u", call == NOBODY ? "?" : k->calls[call].name, id);
	if (call == NOBODY) {
		centre_fail(k, "agent %u is offered a call that is over", id);
		return;
	}
	judge_offer(k, call, agent);
	k->calls[call].alone = false;
	k->calls[call].offered[agent] = true;
	k->agents[agent].offer = n->offer;
	k->agents[agent].call = call;
}

static bool
excludes(enum offer_end e)
{
	return e == OFFER_END_REFUSED || e == OFFER_END_NO_ANSWER ||
	       e == OFFER_END_NOT_DELIVERED || e == OFFER_END_DEVICE_BUSY ||
	       e == OFFER_END_DEVICE_FAILED;
}

static void
exclude(const struct centre *k, struct ccall *c, int agent)
{
	if (k->now >= c->excluded_at + AGAIN_US)
		memset(c->excluded, 0, sizeof(c->excluded));
	c->excluded[agent] = true;
	c->excluded_at = k->now;
}

static void
on_offer_ended(void *arg, uint32_t id, uint64_t offer, enum offer_end why)
{
	struct cnode *d = arg;
	struct centre *k = d->of;
	struct cagent *a = &k->agents[id - 1];

	if (d->dead)
		return;
	centre_note(k, "  %s at %u", word_offer_end(why), id);
	if (a->offer != offer) {
		centre_fail(k, "an offer to %u has ended twice", id);
		return;
	}
	a->offer = 0;
	if (a->call != NOBODY) {
		struct ccall *c = &k->calls[a->call];

		c->offered[id - 1] = false;
		c->free_at = k->now;
		if (why == OFFER_END_ACCEPTED && c->talks != NOBODY &&
		    c->talks != (int)id - 1)
			centre_fail(k, "%s has two agents", c->name);
		if (why == OFFER_END_ACCEPTED) {
			c->talks = (int)id - 1;
			a->last = c->id;
			return;
		}
		if (excludes(why))
			exclude(k, c, (int)id - 1);
	}
	a->call = NOBODY;
}

static void
on_agent(void *arg, uint32_t id, const struct agent_news *n)
{
	struct cnode *d = arg;

	if (d->dead)
		return;
	centre_note(d->of, "  %u=%s", id, word_agent_state(n->state));
	d->of->agents[id - 1].state = n->state;
}

static void
on_order(void *arg, struct desk_switch *h, const struct order *o)
{
	struct cnode *d = arg;
	struct centre *k = d->of;
	struct corder *m;

	(void)h;
	if (d->dead)
		return;
	ck_assert_uint_lt(k->n_orders, ORDERS);
	m = &k->orders[k->n_orders++];
	*m = (struct corder){ .node = d->n,
		.attach = k->attach_no,
		.id = o->order_id,
		.kind = o->kind,
		.call = call_named(k, o->call),
		.agent = NOBODY,
		.auto_answer = o->auto_answer,
		.cause = o->cause };
	if (o->device.len > 0)
		m->agent = o->device.p[1] - '1';
	centre_note(k, "  %s:%.*s/%.*s", desk_order_word(o->kind), STR_ARG(o->call), STR_ARG(o->device));
}

static void
on_story(void *arg, uint32_t agent, const struct story_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
on_call(void *arg, uint32_t agent, const struct call_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
on_work(void *arg, uint32_t agent, const struct work_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
on_taken_over(void *arg, uint32_t agent)
{
	(void)arg, (void)agent;
}

static void
on_saved(void *arg, void *peer, const struct id *op)
{
	(void)arg, (void)peer, (void)op;
}

static void
on_stream(void *arg, struct desk_switch *h, uint64_t up_to)
{
	(void)arg, (void)h, (void)up_to;
}

static void
on_nack(void *arg, struct desk_switch *h, uint64_t seq, enum err e)
{
	struct cnode *d = arg;

	(void)h, (void)seq;
	centre_fail(d->of, "an event was refused: %s", err_name(e));
}

/* ---------------------------------------------------------- configuration */

static char *
card(char *p, const char *end, const char *fmt, ...) PRINTF_LIKE(3, 4);

static char *
card(char *p, const char *end, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(p, (size_t)(end - p), fmt, ap);
	va_end(ap);
	ck_assert_int_lt(n, end - p);
	return p + n;
}

/* Kept by each node's ledger for as long as it lives. */
static char queue_cards[CENTRE_NODES][4096], agent_cards[CENTRE_NODES][2048];

/* In the order of time, as the manual wants it. */
static char *
rules_card(const struct rule_queue *q, char *p, const char *end)
{
	if (q->ring > 1)
		p = card(p, end, "strategy ring_all\nring_at_once %u\n",
		    q->ring);
	if (q->fall_s != 0)
		p = card(p, end, "relax %us skill s%u %u\n", q->fall_s,
		    q->skill, q->fall_to);
	if (q->tier_s != 0)
		p = card(p, end, "relax %us tier 2\n", q->tier_s);
	if (q->neighbour != NOBODY)
		p = card(p, end, "relax %us queue q%d\n", q->neighbour_s,
		    q->neighbour + 1);
	return p;
}

static void
queue_card(const struct rules *r, char *p, const char *end)
{
	for (int i = 0; i < CENTRE_QUEUES; i++) {
		const struct rule_queue *q = &r->queues[i];

		p = card(p, end, "%c%d|q%d|", FAKE_ROW, i + 1, i + 1);
		if (q->skill != 0)
			p = card(p, end, "%u=%u", q->skill, q->level);
		p = card(p, end, "|20000000|30000000|%u000000|%s|5000000|",
		    q->credit_s, q->stay_ready ? "t" : "f");
		p = rules_card(q, p, end);
	}
}

static void
agent_card(const struct rules *r, char *p, const char *end)
{
	for (int i = 0; i < CENTRE_AGENTS; i++) {
		const struct rule_agent *a = &r->agents[i];
		const char *comma = "";

		p = card(p, end, "%s%d|a%d|A|%s|", i > 0 ? "\n" : "", i + 1,
		    i + 1, i % 3 == 2 ? "t" : "f");
		for (int q = 0; q < CENTRE_QUEUES; q++)
			if ((a->queues & 1u << q) != 0) {
				p = card(p, end, "%s%d", comma, q + 1);
				comma = ",";
			}
		p = card(p, end, "|");
		comma = "";
		for (unsigned s = 1; s <= SKILLS; s++)
			if (a->level[s] > 0) {
				p = card(p, end, "%s%u=%u", comma, s,
				    a->level[s]);
				comma = ",";
			}
		p = card(p, end, "|");
		comma = "";
		for (int q = 0; q < CENTRE_QUEUES; q++)
			if ((a->queues & 1u << q) != 0 && a->tier > 1) {
				p = card(p, end, "%s%d=%u", comma, q + 1,
				    a->tier);
				comma = ",";
			}
		p = card(p, end, "||%d|0", i);
	}
}

void
node_cards(struct cnode *d)
{
	const struct rules *r = centre_rules(d->of);
	char *q = queue_cards[d->n], *a = agent_cards[d->n];

	queue_card(r, q, q + sizeof(queue_cards[0]));
	agent_card(r, a, a + sizeof(agent_cards[0]));
	fake_ledger_card(d->ledger, LQ_CONFIG_QUEUES, q);
	fake_ledger_card(d->ledger, LQ_CONFIG_AGENTS, a);
}

static void
configured(void *arg, enum err e)
{
	(void)arg;
	ck_ok(e);
}

void
node_configure(struct cnode *d)
{
	node_cards(d);
	desk_configure(d->desk, configured, NULL);
	node_run(d);
}

/* ------------------------------------------------------------------- life */

void
node_run(struct cnode *d)
{
	do {
		mem_acd_run(d->local);
		mem_acd_run(d->remote);
	} while (fake_ledger_run(d->ledger) > 0 || !desk_is_settled(d->desk));
}

void
node_up(struct centre *k, int n)
{
	static const struct desk_options o = { .country = "86",
		.shown_us = S / 2,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 1000 };
	struct cnode *d = &k->nodes[n];

	*d = (struct cnode){ .of = k, .n = n, .redis = true };
	d->news = (struct desk_news){
		.offer = on_offer,
		.story = on_story,
		.offer_ended = on_offer_ended,
		.agent = on_agent,
		.call = on_call,
		.taken_over = on_taken_over,
		.work = on_work,
		.saved = on_saved,
		.order = on_order,
		.committed = on_stream,
		.nack = on_nack,
		.resend = on_stream,
		.arg = d,
	};
	d->ledger = fake_ledger_new(NULL);
	fake_ledger_card(d->ledger, LQ_CONFIG_SKILLS, "1|s1\n2|s2\n3|s3");
	fake_ledger_card(d->ledger, LQ_CONFIG_SWITCHES, "1|north\n2|south");
	fake_ledger_card(d->ledger, LQ_CONFIG_DEVICES,
	    "d1|1\nd2|2\nd3|1\nd4|2\nd5|1\nd6|2\nd7|1\nd8|2");
	fake_ledger_card(
	    d->ledger, LQ_CONFIG_NUMBERS, "401||1\n402||2\n403||3");
	node_cards(d);
	ck_ok(mem_acd_new(NULL, &d->local));
	ck_ok(mem_acd_new(NULL, &d->remote));
	ck_ok(desk_new(
	    &o, &d->news, d->ledger, d->remote, d->local, &d->desk));
	desk_acd_up(d->desk, k->now);
	desk_ledger_up(d->desk, k->now);
	node_run(d);
}

/* As by kill -9: nobody is told. */
void
node_down(struct centre *k, int n)
{
	struct cnode *d = &k->nodes[n];

	d->dead = true;
	for (int s = 0; s < CENTRE_SWITCHES; s++)
		desk_switch_detach(d->desk, &d->sw[s], k->now);
	acd_free(&d->remote);
	acd_free(&d->local);
	desk_free(&d->desk);
	fake_ledger_free(&d->ledger);
}

/* ---------------------------------------------------------------- bridges */

static void
no_snapshot(void *arg, enum err e, const struct snapshot_result *r)
{
	(void)arg, (void)e, (void)r;
}

static unsigned
live_calls(struct centre *k, int sw, struct live_call *out)
{
	static char device[CENTRE_CALLS][16];
	unsigned n = 0;

	for (int i = 0; i < CENTRE_CALLS; i++) {
		struct ccall *c = &k->calls[i];
		int at = c->where == CALL_TALKING ? c->talks : c->rings;
		static const enum call_event_kind kinds[] = { CALL_EV_NONE,
			CALL_EV_OFFERED, CALL_EV_QUEUED, CALL_EV_ESTABLISHED };

		if (c->where == CALL_NOWHERE || c->sw != sw)
			continue;
		snprintf(device[i], sizeof(device[i]), "d%d", at + 1);
		out[n++] = (struct live_call){ .call = str_of(c->name),
			.version = ++c->version,
			.call_seq = c->seq,
			.kind = c->rings != NOBODY ? CALL_EV_DELIVERED
			                           : kinds[c->where],
			.device = at == NOBODY ? STR_LIT("")
			                       : str_of(device[i]),
			.called = (struct str){ "401402403" + 3 * c->queue, 3 },
			.priority = c->class,
			.offered_at = c->offered_at,
			.queued_at = c->queued_at,
			.established_at =
			    c->where == CALL_TALKING ? k->now : 0 };
	}
	return n;
}

static int
by_place(const void *a, const void *b)
{
	const struct live_call *x = a, *y = b;

	return x->queued_at < y->queued_at ? -1 : x->queued_at > y->queued_at;
}

void
node_attach(struct centre *k, int n, int sw)
{
	struct cnode *d = &k->nodes[n];
	struct live_call live[CENTRE_CALLS];
	unsigned n_live = live_calls(k, sw, live);

	qsort(live, n_live, sizeof(live[0]), by_place);
	k->home[sw] = n;
	k->attach_no++;
	ck_ok(desk_switch_attach(d->desk, switch_name(sw), (uint32_t)sw + 1,
	    EPOCH, k->now, &d->sw[sw]));
	desk_switch_describe(d->sw[sw],
	    ORDER_BIT(ORDER_CONNECT) | ORDER_BIT(ORDER_DISCONNECT) |
		ORDER_BIT(ORDER_CLEAR),
	    STR_LIT("centre"), k->now);
	desk_switch_spooled(d->sw[sw], k->stream[sw] + 1, k->stream[sw]);
	desk_switch_snapshot(d->sw[sw], live, n_live, NULL, 0, true, k->now,
	    no_snapshot, NULL);
	node_run(d);
}

struct call_event
call_says(struct centre *k, struct ccall *c, enum call_event_kind kind)
{
	return (struct call_event){
		.call = str_of(c->name),
		.stream_seq = ++k->stream[c->sw],
		.version = ++c->version,
		.call_seq = ++c->seq,
		.occurred_at = k->now,
		.kind = kind,
		.caller = STR_LIT("13812345678"),
		.called = (struct str){ "401402403" + 3 * c->queue, 3 },
		.priority = c->class,
	};
}

void
call_tells(struct centre *k, struct ccall *c, const struct call_event *e)
{
	struct cnode *d = &k->nodes[k->home[c->sw]];

	ck_ok(desk_call_event(d->sw[c->sw], e, k->now));
	node_run(d);
}
