/*
 * floor.c - see floor.h.
 */
#include "test/bench/floor.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "store/acd.h"
#include "store/ledger.h"

#define AGENTS 512

struct floor {
	struct event_base *base;
	struct ledger *ledger;
	struct acd *acd;
	bool pg_up, redis_up;
	uint64_t started, done, want, ticket;
	unsigned outstanding, waits_for; /* answers of the call under way */
	uint64_t epoch, committed_units, given_units;
	struct acd_profile profile;
	struct acd_line line;
};

/* One call under way: its five commands, one behind the other, and its units
 * in the order in which a call causes them. */
struct walk {
	struct floor *f;
	struct id call;
	uint64_t number, offer, ticket;
	uint32_t agent;
	unsigned step;
};

static void
pg_is_up(void *arg)
{
	((struct floor *)arg)->pg_up = true;
}

static void
redis_is_up(void *arg)
{
	((struct floor *)arg)->redis_up = true;
}

static void
store_lost(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "floor: a store was lost: %s\n", why);
}

static void
turn(struct floor *f)
{
	event_base_loop(f->base, EVLOOP_ONCE);
}

static void
must(enum err e)
{
	if (e == ERR_OK)
		return;
	fprintf(stderr, "floor: %s\n", err_name(e));
	exit(1);
}

static void
ignore_reply(void *arg, const struct acd_reply *r)
{
	struct floor *f = arg;

	(void)r;
	f->waits_for--;
}

static void
command(struct floor *f, struct acd_cmd *c)
{
	c->now = clock_wall();
	f->waits_for++;
	must(acd_send(f->acd, c, ignore_reply, f));
}

static void
fill_acd(struct floor *f, unsigned agents)
{
	static uint32_t generation = 1 << 30;

	must(f->acd->ops->reset(f->acd, generation++));
	for (unsigned i = 1; i <= agents; i++) {
		command(f,
		    &(struct acd_cmd){
			.op = ACD_LOGIN, .agent = i, .profile = &f->profile });
		command(f, &(struct acd_cmd){
			       .op = ACD_READY, .agent = i, .score = i });
	}
	while (f->waits_for > 0)
		turn(f);
}

struct floor *
floor_new(const char *conninfo, const char *redis)
{
	struct floor *f = calloc(1, sizeof(*f));
	const struct pg_options po = { .conninfo = conninfo };
	const struct pg_events pe = { pg_is_up, store_lost, f };
	const struct acd_redis_options ro = {
		.address = redis,
		.prefix = "floor",
		.timeout_us = 10 * CLOCK_S,
	};
	const struct acd_events re = { redis_is_up, store_lost, f };

	struct event_config *precise = event_config_new();

	event_config_set_flag(precise, EVENT_BASE_FLAG_PRECISE_TIMER);
	f->base = event_base_new_with_config(precise); /* as the daemon's */
	event_config_free(precise);
	f->epoch = (uint64_t)clock_wall();
	f->ticket = 1;
	f->line.queue = 1;
	f->profile.n_queues = 1;
	f->profile.queues[0] = 1;
	must(pg_ledger_new(f->base, &po, &pe, &f->ledger));
	must(redis_acd_new(f->base, &ro, &re, &f->acd));
	while (!f->pg_up || !f->redis_up)
		turn(f);
	return f;
}

void
floor_free(struct floor **fp)
{
	struct floor *f = *fp;

	f->ledger->ops->free(f->ledger, 1000);
	acd_free(&f->acd);
	event_base_free(f->base);
	free(f);
	*fp = NULL;
}

/* ---- rows, as the desk would give them */

static struct ledger_unit *
unit(struct floor *f)
{
	struct ledger_unit *u = ledger_unit_new(f->ledger);

	must(u != NULL ? ERR_OK : ERR_NOMEM);
	return u;
}

static void
event_rows(struct floor *f, struct ledger_unit *u, const struct id *call,
    uint64_t number, uint32_t seq, const char *kind, const char *state)
{
	char name[32];
	int64_t now = clock_wall();
	struct call_row c = {
		.id = *call,
		.switch_id = 1,
		.epoch = f->epoch,
		.seq = seq,
		.state = state,
		.version = seq,
		.queue_id = seq > 1 ? 1 : 0,
		.agent_id = seq > 3 ? 1 : 0,
		.offered_at = now,
		.queued_at = seq > 1 ? now : 0,
		.established_at = seq > 3 ? now : 0,
		.ended_at = seq > 4 ? now : 0,
		.end_cause = seq > 4 ? "normal" : NULL,
		.end_party = seq > 4 ? "caller" : NULL,
	};
	struct call_event_row e = {
		.call_id = *call,
		.seq = seq,
		.kind = kind,
		.occurred_at = now,
		.received_at = now,
		.stream_seq = f->given_units + 1,
		.version = seq,
		.device = STR_LIT("desk-00017"),
		.digest = number * 2654435761u + seq,
	};

	snprintf(name, sizeof(name), "f%llu", (unsigned long long)number);
	c.switch_call = str_of(name);
	if (seq <= 2) {
		c.caller = STR_LIT("13812345678");
		c.caller_e164 = STR_LIT("+8613812345678");
		c.called = STR_LIT("4006999999");
	}
	must(ledger_put_call_event(u, &e));
	must(ledger_put_call(u, &c));
}

static void
state_row(struct ledger_unit *u, const struct walk *w, const char *state,
    uint32_t seq)
{
	struct agent_state_row r = {
		.agent_id = w->agent + 1000000,
		.since = clock_wall(),
		.seq = (uint32_t)w->number * 4 + seq,
		.state = state,
		.call_id = w->call,
		.device = STR_LIT("desk-00017"),
		.source = STR_LIT("system"),
	};

	must(ledger_put_agent_state(u, &r));
}

static void
offer_rows(struct ledger_unit *u, const struct walk *w, const char *reason)
{
	int64_t now = clock_wall();
	struct offer_row r = {
		.id = w->offer,
		.call_id = w->call,
		.agent_id = w->agent,
		.queue_id = 1,
		.attempt = 1,
		.offered_at = now,
		.shown_at = reason != NULL ? now : 0,
		.ended_at = reason != NULL ? now : 0,
		.reason = reason,
	};

	must(ledger_put_offer(u, &r));
}

static void
ticket_rows(struct ledger_unit *u, const struct walk *w, uint32_t rev,
    const char *status, const char *kind)
{
	int64_t now = clock_wall();
	struct ticket_row t = {
		.id = w->ticket,
		.call_id = w->call,
		.rev = rev,
		.kind = "consultation",
		.status = status,
		.queue_id = 1,
		.opened_at = now,
		.closed_at = rev > 9 ? now : 0,
	};
	struct ticket_event_row e = {
		.ticket_id = t.id,
		.call_id = w->call,
		.key = id_random(),
		.at = now,
		.kind = kind,
		.actor = STR_LIT("system"),
		.text = rev > 9 ? STR_LIT("The light blinked; solved.")
		                : STR_LIT(""),
	};

	if (rev == 2) {
		t.caller = STR_LIT("13812345678");
		t.caller_e164 = STR_LIT("+8613812345678");
	}
	must(ledger_put_ticket(u, &t));
	if (kind != NULL)
		must(ledger_put_ticket_event(u, &e));
}

static void
committed(void *arg, enum err e)
{
	struct floor *f = arg;

	must(e);
	f->committed_units++;
}

static void
give(struct floor *f, struct ledger_unit *u)
{
	f->given_units++;
	ledger_commit(f->ledger, &u, committed, f);
}

/* ---- a call's walk */

static void step(struct walk *w);

static void
step_done(void *arg, const struct acd_reply *r)
{
	struct walk *w = arg;

	must(r->err);
	if (r->n_effects > 0 && w->offer == 0) {
		w->offer = r->effects[0].offer;
		w->agent = r->effects[0].agent;
	}
	step(w);
}

static void
next(struct walk *w, struct acd_cmd c)
{
	c.now = clock_wall();
	must(acd_send(w->f->acd, &c, step_done, w));
}

static void
start(struct floor *f)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct ledger_unit *u = unit(f);

	w->f = f;
	w->call = id_random();
	w->number = ++f->started;
	w->ticket = (UINT64_C(1) << 40) + ++f->ticket;
	event_rows(f, u, &w->call, w->number, 1, "offered", "offered");
	give(f, u);
	step(w);
}

static void
step(struct walk *w)
{
	struct floor *f = w->f;
	struct ledger_unit *u = unit(f);

	switch (w->step++) {
	case 0:
		event_rows(f, u, &w->call, w->number, 2, "queued", "queued");
		ticket_rows(u, w, 2, "new", "opened");
		next(w, (struct acd_cmd){ .op = ACD_ENQUEUE,
			    .call = w->call,
			    .score = clock_wall(),
			    .arrival = w->number,
			    .line = &f->line });
		break;
	case 1:
		offer_rows(u, w, NULL);
		state_row(u, w, "reserved", 0);
		next(w, (struct acd_cmd){ .op = ACD_SHOWN, .offer = w->offer });
		break;
	case 2:
		event_rows(
		    f, u, &w->call, w->number, 3, "delivered", "delivered");
		give(f, u);
		u = unit(f);
		event_rows(
		    f, u, &w->call, w->number, 4, "established", "established");
		offer_rows(u, w, "accepted");
		state_row(u, w, "busy", 1);
		ticket_rows(u, w, 4, "in_progress", NULL);
		next(
		    w, (struct acd_cmd){ .op = ACD_ACCEPT, .offer = w->offer });
		break;
	case 3:
		event_rows(
		    f, u, &w->call, w->number, 5, "call_cleared", "ended");
		state_row(u, w, "working_after_call", 2);
		next(w,
		    (struct acd_cmd){ .op = ACD_WRAP_UP, .agent = w->agent });
		break;
	case 4:
		ticket_rows(u, w, 1 << 20, "closed", "closed");
		state_row(u, w, "ready", 3);
		next(w, (struct acd_cmd){ .op = ACD_READY,
			    .agent = w->agent,
			    .score = clock_wall() });
		break;
	default:
		ledger_unit_free(&u);
		f->done++;
		if (f->started < f->want)
			start(f);
		free(w);
		return;
	}
	give(f, u);
}

double
floor_calls(struct floor *f, uint64_t calls, unsigned outstanding)
{
	int64_t from;

	fill_acd(f, AGENTS);
	f->started = f->done = 0;
	f->want = calls;
	f->given_units = f->committed_units = 0;
	from = clock_loop();
	for (unsigned i = 0; i < outstanding && i < AGENTS; i++)
		start(f);
	while (f->done < calls || f->committed_units < f->given_units)
		turn(f);
	return (double)calls * 1e6 / (double)(clock_loop() - from);
}

double
floor_events(struct floor *f, uint64_t events, unsigned outstanding)
{
	int64_t from = clock_loop();
	uint64_t number = UINT64_C(1) << 32;

	f->given_units = f->committed_units = 0;
	while (f->committed_units < events) {
		while (f->given_units < events &&
		       f->given_units - f->committed_units < outstanding) {
			struct id call = id_random();

			number++;
			for (uint32_t seq = 1; seq <= 2; seq++) {
				struct ledger_unit *u = unit(f);

				event_rows(f, u, &call, number, seq,
				    seq == 1 ? "offered" : "call_cleared",
				    seq == 1 ? "offered" : "ended");
				give(f, u);
			}
		}
		turn(f);
	}
	return (double)events * 1e6 / (double)(clock_loop() - from);
}

void
floor_match(struct floor *f, unsigned n, struct stat_hist *h)
{
	stat_init(h);
	fill_acd(f, n < AGENTS ? n : AGENTS);
	for (unsigned i = 0; i < n && i < AGENTS; i++) {
		struct id call = id_random();
		int64_t from = clock_loop();

		command(f, &(struct acd_cmd){ .op = ACD_ENQUEUE,
			       .call = call,
			       .score = clock_wall(),
			       .arrival = i,
			       .line = &f->line });
		while (f->waits_for > 0)
			turn(f);
		stat_add(h, clock_loop() - from);
	}
}

void
floor_commit(struct floor *f, unsigned n, struct stat_hist *h)
{
	stat_init(h);
	for (unsigned i = 0; i < n; i++) {
		struct id call = id_random();
		struct ledger_unit *u = unit(f);
		int64_t from = clock_loop();

		event_rows(f, u, &call, (UINT64_C(1) << 33) + i, 1, "offered",
		    "offered");
		give(f, u);
		while (f->committed_units < f->given_units)
			turn(f);
		stat_add(h, clock_loop() - from);
	}
}

double
floor_rebuild(struct floor *f, uint64_t calls)
{
	struct id call = id_random();
	int64_t from;

	fill_acd(f, 0);
	from = clock_loop();
	for (uint64_t i = 0; i < calls; i++) {
		memcpy(call.b, &i, sizeof(i));
		command(f, &(struct acd_cmd){ .op = ACD_ENQUEUE,
			       .call = call,
			       .score = (int64_t)i,
			       .arrival = i,
			       .line = &f->line });
	}
	while (f->waits_for > 0)
		turn(f);
	return (double)(clock_loop() - from) / 1e6;
}
