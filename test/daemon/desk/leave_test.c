/*
 * leave_test.c - switches that come from another node, and go to one.
 */
#include "desk/leave.h"

#include <stdio.h>
#include <string.h>

#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

/* As it is in the ledger, with this queue and priority (or empty). */
static const char *
known(const char *name, const char *queue, const char *priority)
{
	static char card[160];

	snprintf(card, sizeof(card), "%s|1|queued|%s||%s|1|1|||7001|1||||0||",
	    name, queue, priority);
	return card;
}

static void
attach_with(const char *called, enum call_event_kind kind, const char *device)
{
	const struct live_call live = { .call = STR_LIT("c"),
		.call_seq = 1,
		.kind = kind,
		.version = bench.version,
		.queued_at = bench.now - 60 * S,
		.offered_at = bench.now - 60 * S,
		.device = str_of(device),
		.called = str_of(called) };

	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	bed_page();
	bed_attach(ALL, &live, 1);
}

/* Queue q by its number; 2 is p. */
static const struct {
	const char *queue, *priority, *told;
} places[] = {
	{ "1", "", "offer:1/q 1=reserved " },
	{ "", "", "offer:1/q 1=reserved " },
	{ "99", "", "offer:1/q 1=reserved " }, /* there is none */
	{ "2", "", "offer:2/p 2=reserved " },
};

/* Somebody of its number's queue may be offered it for a moment. */
static const char *
last_offer(const char *page)
{
	const char *at = page, *last = page;

	while ((at = strstr(at, "offer:")) != NULL)
		last = at++;
	return last;
}

START_TEST(a_call_waits_where_it_was_moved_to)
{
	char page[400];
	const struct call_row *r;

	fake_ledger_card(bench.ledger, LQ_CALLS_BY_NAME,
	    known("c", places[_i].queue, places[_i].priority));
	attach_with("4001", CALL_EV_QUEUED, "");
	snprintf(page, sizeof(page), "%s", bed_page());
	ck_assert_msg(
	    strcmp(last_offer(page), places[_i].told) == 0, "%s", page);
	r = fake_ledger_row(
	    bench.ledger, ROW_CALL, fake_ledger_n(bench.ledger, ROW_CALL) - 1);
	ck_assert_uint_eq(
	    r->queue_id, strcmp(places[_i].queue, "2") == 0 ? 2 : 1);
}
END_TEST

/* It rings for an offer of a node that is dead, and nobody lifts. */
START_TEST(a_call_that_rang_keeps_its_place)
{
	struct id id = bed_id_of("c");
	struct call_event m;
	const struct offer_row *o;

	fake_ledger_card(bench.ledger, LQ_CALLS_BY_NAME, known("c", "1", ""));
	attach_with("4001", CALL_EV_DELIVERED, "803");
	ck_told("");
	bed_event("k", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved ");
	m = bed_an_event("m", 1, CALL_EV_QUEUED, "");
	m.occurred_at = bench.now - 30 * S;
	bed_say(m);
	bed_event("c", 2, CALL_EV_FAILED, "803");
	ck_told("");
	/* One who is free again has c, not m, which has come since. */
	bed_event("k", 2, CALL_EV_CALL_CLEARED, "");
	o = fake_ledger_row(bench.ledger, ROW_OFFER,
	    fake_ledger_n(bench.ledger, ROW_OFFER) - 1);
	ck_assert(id_eq(&o->call_id, &id));
}
END_TEST

/* ---- to another node */

START_TEST(what_lives_elsewhere_is_forgotten)
{
	struct call_event ev;
	unsigned calls;

	bed_talking();
	bed_event("k", 1, CALL_EV_QUEUED, "");
	bed_page();
	calls = fake_ledger_n(bench.ledger, ROW_CALL);
	desk_switch_leave(bench.desk, STR_LIT("sw"), bench.now);
	bed_run();
	bed_page();
	/* Nothing is said of the calls: they are the other's. */
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_CALL), calls);
	ck_assert_str_eq(desk_switch_name(bench.sw).p, "");
	ev = bed_an_event("k", 2, CALL_EV_CALL_CLEARED, "");
	ck_err(desk_call_event(bench.sw, &ev, bench.now), ERR_STALE);
	/* Who was in a call is free, and may log in again. */
	bed_log_in(1, "801", AGENT_STATE_READY);
	ck_assert_ptr_nonnull(strstr(bed_page(), "1=ready"));
}
END_TEST

START_TEST(another_switch_s_leaving_is_none_of_ours)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_page();
	desk_switch_leave(bench.desk, STR_LIT("nosuch"), bench.now);
	ck_told("");
	ck_assert_str_eq(
	    desk_device_switch(bench.desk, STR_LIT("801")).p, "sw");
	ck_assert_uint_eq(
	    desk_device_switch(bench.desk, STR_LIT("nosuch")).len, 0);
}
END_TEST

START_TEST(a_fenced_desk_writes_nothing)
{
	unsigned states = fake_ledger_n(bench.ledger, ROW_AGENT_STATE);

	desk_fence(bench.desk);
	bed_event("c", 1, CALL_EV_QUEUED, "");
	desk_agent_gone(bench.desk, 1, false, bench.now);
	bed_run();
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_CALL), 0);
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_OFFER), 0);
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_AGENT_STATE), states);
}
END_TEST

/* ---- what the dead left */

START_TEST(a_dead_node_s_rows_are_ended)
{
	unsigned states = fake_ledger_n(bench.ledger, ROW_AGENT_STATE);
	const struct offer_row *o;
	const struct agent_state_row *s;

	fake_ledger_once(bench.ledger, LQ_OFFERS_OPEN, "77");
	fake_ledger_once(bench.ledger, LQ_AGENTS_LEFT, "1\n3");
	desk_node_dead(bench.desk, "b", bench.now);
	bed_run();
	ck_assert_str_eq(fake_ledger_args(bench.ledger, LQ_AGENTS_LEFT), "b");
	o = fake_ledger_row(bench.ledger, ROW_OFFER, 0);
	ck_assert_uint_eq(o->id, 77);
	ck_assert_str_eq(o->reason, "rescinded");
	/* Agent 1 is here now; 3 is nowhere. */
	ck_assert_uint_eq(
	    fake_ledger_n(bench.ledger, ROW_AGENT_STATE), states + 1);
	s = fake_ledger_row(bench.ledger, ROW_AGENT_STATE, states);
	ck_assert_uint_eq(s->agent_id, 3);
	ck_assert_str_eq(s->state, "null");
}
END_TEST

/* ---- what another node was given */

START_TEST(a_configuration_is_taken_once)
{
	unsigned asked = fake_ledger_asked(bench.ledger, LQ_CONFIG_QUEUES);

	fake_ledger_card(bench.ledger, LQ_NODE_ALIVE, "8");
	for (int i = 0; i < 3; i++) {
		desk_sweep(bench.desk, bench.now);
		bed_run();
	}
	ck_assert_uint_eq(
	    fake_ledger_asked(bench.ledger, LQ_CONFIG_QUEUES), asked + 1);
	fake_ledger_card(bench.ledger, LQ_NODE_ALIVE, "9");
	desk_sweep(bench.desk, bench.now);
	bed_run();
	ck_assert_uint_eq(
	    fake_ledger_asked(bench.ledger, LQ_CONFIG_QUEUES), asked + 2);
}
END_TEST

Suite *
leave_suite(void)
{
	TCase *tc = tcase_create("leave");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_loop_test(
	    tc, a_call_waits_where_it_was_moved_to, 0, NELEM(places));
	tcase_add_test(tc, a_call_that_rang_keeps_its_place);
	tcase_add_test(tc, what_lives_elsewhere_is_forgotten);
	tcase_add_test(tc, another_switch_s_leaving_is_none_of_ours);
	tcase_add_test(tc, a_fenced_desk_writes_nothing);
	tcase_add_test(tc, a_dead_node_s_rows_are_ended);
	tcase_add_test(tc, a_configuration_is_taken_once);
	return suite_of(tc, "leave");
}
