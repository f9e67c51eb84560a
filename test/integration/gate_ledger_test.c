/*
 * gate_ledger_test.c - what becomes of calls that may not wait, as PostgreSQL
 * counts them: the desk itself on a real ledger.
 */
#include "test/support/ledger_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/state.h"

Suite *gate_ledger_suite(void);

#define S INT64_C(1000000)
#define NOON (INT64_C(1790000000) * S)

static struct acd *acd;
static struct desk *desk;
static struct desk_switch *sw;
static int64_t now;
static uint64_t stream, committed, version;
static char ordered[64]; /* "a refused": the last order that ends a call */

static void
no_offer(void *arg, uint32_t agent, const struct offer_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
no_story(void *arg, uint32_t agent, const struct story_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
no_end(void *arg, uint32_t agent, uint64_t offer, enum offer_end e)
{
	(void)arg, (void)agent, (void)offer, (void)e;
}

static void
no_agent(void *arg, uint32_t agent, const struct agent_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
no_call(void *arg, uint32_t agent, const struct call_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
no_work(void *arg, uint32_t agent, const struct work_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
no_take_over(void *arg, uint32_t agent)
{
	(void)arg, (void)agent;
}

static void
no_saved(void *arg, void *peer, const struct id *op)
{
	(void)arg, (void)peer, (void)op;
}

static void
on_order(void *arg, struct desk_switch *h, const struct order *o)
{
	(void)arg, (void)h;
	if (o->kind == ORDER_CLEAR)
		snprintf(ordered, sizeof(ordered), "%.*s %s", STR_ARG(o->call),
		    word_cause(o->cause));
}

static void
on_committed(void *arg, struct desk_switch *h, uint64_t up_to)
{
	(void)arg, (void)h;
	committed = up_to;
}

static void
no_nack(void *arg, struct desk_switch *h, uint64_t seq, enum err e)
{
	(void)arg, (void)h, (void)seq;
	ck_ok(e);
}

static void
no_resend(void *arg, struct desk_switch *h, uint64_t from)
{
	(void)arg, (void)h, (void)from;
}

static const struct desk_news news = { no_offer, no_story, no_end, no_agent,
	no_call, no_work, no_take_over, no_saved, on_order, on_committed,
	no_nack, no_resend, NULL };

/* ---- the set-up */

static void
no_snapshot(void *arg, enum err e, const struct snapshot_result *r)
{
	(void)arg, (void)r;
	ck_ok(e);
}

static void
settle(void)
{
	while (!desk_is_configured(desk) || !desk_is_settled(desk) ||
	       committed < stream)
		event_base_loop(base, EVLOOP_ONCE);
}

static void
setup(void)
{
	static const struct desk_options o = { .country = "86",
		.shown_us = S / 2,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 100 };

	pg_server_ask("INSERT INTO switch (name) VALUES ('gate')");
	pg_server_ask("INSERT INTO queue (name, ring_us, wrap_up_us,"
		      " priority_credit_us, short_us, stay_ready)"
		      " SELECT n, 20000000, 0, 0, 5000000, false"
		      " FROM unnest('{q,p}'::text[]) n");
	pg_server_ask("INSERT INTO called_number SELECT '4001', '', id"
		      " FROM queue WHERE name = 'q'");
	pg_server_ask("INSERT INTO agent (name, display_name, screen_first)"
		      " VALUES ('gate-wang', 'Wang', false)");
	pg_server_ask("INSERT INTO device SELECT '802', id FROM switch"
		      " WHERE name = 'gate'");
	now = NOON;
	stream = committed = 0;
	version = 1;
	ck_ok(mem_acd_new(base, &acd));
	ck_ok(desk_new(&o, &news, l, NULL, acd, &desk));
	desk_ledger_up(desk, now);
	settle();
	ck_ok(desk_switch_attach(desk, STR_LIT("gate"),
	    (uint32_t)atoi(
		pg_server_ask("SELECT id FROM switch WHERE name = 'gate'")),
	    9, now, &sw));
	desk_switch_describe(sw, UINT32_MAX, STR_LIT("test"), now);
	desk_switch_spooled(sw, 1, 0);
	desk_switch_snapshot(
	    sw, NULL, 0, NULL, 0, true, now, no_snapshot, NULL);
	settle();
}

static void
teardown(void)
{
	desk_switch_detach(desk, &sw, now);
	acd_free(&acd);
	/* What it is still owed is answered, and it is then told no more. */
	l->ops->free(l, 0);
	l = NULL;
	desk_free(&desk);
}

static struct queue *
queue_called(const char *name)
{
	struct queue *q = queue_by_name(desk, str_of(name));

	ck_assert_ptr_nonnull(q);
	return q;
}

static void
event(const char *call, uint32_t seq, enum call_event_kind kind,
    const char *device, enum cause cause)
{
	const struct call_event ev = {
		.call = str_of(call),
		.stream_seq = ++stream,
		.version = ++version,
		.call_seq = seq,
		.occurred_at = now,
		.kind = kind,
		.caller = STR_LIT("13812345678"),
		.called = STR_LIT("4001"),
		.device = str_of(device),
		.cause = cause,
		.party = kind != CALL_EV_CALL_CLEARED ? PARTY_NONE
		         : cause == CAUSE_NORMAL      ? PARTY_CALLER
		                                      : PARTY_SWITCH,
	};

	ck_ok(desk_call_event(sw, &ev, now));
	settle();
}

static void
comes(const char *call)
{
	event(call, 1, CALL_EV_QUEUED, "", CAUSE_NONE);
}

static void
pass(int64_t seconds)
{
	now += seconds * S;
	desk_tick(desk, now);
	settle();
}

/* The switch does as it was told, and says the same cause. */
static void
ends_as(const char *call, const char *want, enum cause cause)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %s", call, want);
	ck_assert_str_eq(ordered, line);
	event(call, 2, CALL_EV_CALL_CLEARED, "", cause);
}

/* In which queue, and what became of it, by name. */
#define OUTCOMES                                                          \
	"SELECT string_agg(switch_call || ' ' || name || ' ' || outcome," \
	" ', ' ORDER BY switch_call) FROM call_outcome o JOIN call c"     \
	" USING (id) JOIN queue q ON q.id = c.queue_id"

START_TEST(each_call_counts_once_by_what_became_of_it)
{
	struct queue *q = queue_called("q");
	uint32_t wang;

	ck_ok(desk_agent_find(desk, STR_LIT("gate-wang"), &wang));
	ck_ok(desk_agent_login(desk, wang, STR_LIT("802"),
	    AGENT_STATE_NOT_READY, STR_LIT(""), now));
	q->room.door = QUEUE_CLOSED;
	comes("closed");
	ends_as("closed", "refused", CAUSE_REFUSED);
	q->room.door = QUEUE_OPEN;

	q->rules.max_wait_us = 60 * S;
	q->rules.after_max_wait.action = ACTION_REFUSE;
	comes("patient");
	pass(60);
	ends_as("patient", "timed_out", CAUSE_TIMED_OUT);
	q->rules.max_wait_us = 0;

	q->rules.n_overflows = 1;
	q->rules.overflows[0] = (struct overflow){ OVERFLOW_WAIT, 30 * S,
		{ ACTION_REFUSE, { NULL, 0 } } };
	comes("over");
	pass(30);
	ends_as("over", "overflow", CAUSE_OVERFLOW);

	q->rules.overflows[0].then =
	    (struct rule_then){ ACTION_QUEUE, STR_LIT("p") };
	comes("sent");
	comes("tired");
	pass(30);
	pass(30);
	event("tired", 2, CALL_EV_CALL_CLEARED, "", CAUSE_NORMAL);
	event("sent", 2, CALL_EV_ESTABLISHED, "802", CAUSE_NONE);
	event("sent", 3, CALL_EV_CALL_CLEARED, "", CAUSE_NORMAL);

	ck_ask(OUTCOMES, "closed q refused, over q overflowed, patient q "
			 "timed_out, sent p answered, tired p abandoned");
	/* The wait is that of the caller, in both queues. */
	ck_ask("SELECT wait_us FROM call_outcome o JOIN call USING (id)"
	       " WHERE switch_call = 'sent'",
	    "60000000");
}
END_TEST

Suite *
gate_ledger_suite(void)
{
	TCase *tc = bed_case("gate_ledger");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_call_counts_once_by_what_became_of_it);
	return suite_of(tc, "gate_ledger");
}
