/*
 * configure_test.c - what is configured anew acts at once, on calls that wait
 * and on agents whatever they do; what cannot be read changes nothing.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

#define Q1 "1|q||20000000|30000000|0|f|5000000|"
#define Q2 "\n2|p||20000000|30000000|0|f|5000000|"

static void
on_configured(void *arg, enum err e)
{
	(void)arg;
	ck_ok(e);
}

static void
configure(enum ledger_query what, const char *rows)
{
	fake_ledger_card(bench.ledger, what, rows);
	desk_configure(bench.desk, on_configured, NULL);
	bed_run();
}

static const struct queue *
queue(const char *name)
{
	return queue_by_name(bench.desk, str_of(name));
}

static void
asks(uint32_t agent, enum agent_state state)
{
	struct desk_action a = bed_by(agent);

	ck_ok(desk_set_state(bench.desk, &a, state, STR_LIT("")));
	bed_run();
}

static void
calls(const char *call, const char *called)
{
	struct call_event ev = bed_an_event(call, 1, CALL_EV_OFFERED, "");

	ev.called = str_of(called);
	bed_say(ev);
	ev = bed_an_event(call, 2, CALL_EV_QUEUED, "");
	ev.called = str_of(called);
	bed_say(ev);
}

static bool
was_told(const char *want)
{
	return strstr(bed_page(), want) != NULL;
}

/* ---- what is read */

START_TEST(rules_come_from_the_ledger)
{
	const struct route_rules *r = &queue("q")->rules;

	ck_assert_ptr_null(queue("q")->rules_texts);
	configure(LQ_CONFIG_QUEUES, Q1 "hours office closed queue p" Q2);
	ck_assert(str_eq(r->hours, STR_LIT("office")));
	ck_assert(str_eq(r->closed.queue, STR_LIT("p")));
	configure(LQ_CONFIG_QUEUES, Q1 "full 5 refuse" Q2 "full 6 refuse");
	ck_assert_uint_eq(r->hours.len, 0);
	ck_assert_uint_eq(r->full, 5);
	ck_assert_uint_eq(queue("p")->rules.full, 6);
	configure(LQ_CONFIG_QUEUES, Q1 Q2);
	ck_assert_uint_eq(r->full, 0);
	ck_assert_ptr_null(queue("q")->rules_texts);
}
END_TEST

START_TEST(what_cannot_be_read_leaves_the_former_rules)
{
	static const char *const bad[] = { Q1 "strategi random" Q2,
		Q1 "full 0 refuse" Q2, Q1 "relax 30s queue q" Q2,
		Q1 "overflow wait 1m queue q" Q2, Q1 "\x1b[2J" Q2 };

	configure(LQ_CONFIG_QUEUES, Q1 "hours office closed queue p" Q2);
	for (size_t i = 0; i < NELEM(bad); i++) {
		configure(LQ_CONFIG_QUEUES, bad[i]);
		ck_assert(str_eq(queue("q")->rules.hours, STR_LIT("office")));
		ck_assert_uint_eq(queue("q")->rules.n_relax, 0);
	}
	configure(LQ_CONFIG_QUEUES, Q1 "full 5 refuse" Q2);
	ck_assert_uint_eq(queue("q")->rules.full, 5);
}
END_TEST

START_TEST(an_agent_has_a_place_in_each_queue)
{
	const struct agent *a = agent_find(bench.desk, 1);

	ck_assert_uint_eq(a->profile.tiers[0], 1);
	ck_assert_uint_eq(a->weights[0], 1);
	configure(LQ_CONFIG_AGENTS, "1|a1|One|f|1,2|1=9|2=3|1=10|7|4");
	ck_assert_uint_eq(a->profile.n_queues, 2);
	ck_assert_uint_eq(a->profile.tiers[0], 1);
	ck_assert_uint_eq(a->profile.tiers[1], 3);
	ck_assert_uint_eq(a->weights[0], 10);
	ck_assert_uint_eq(a->weights[1], 1);
	ck_assert_uint_eq(a->rank, 7);
	ck_assert_uint_eq(a->profile.items, 4);
	ck_assert_uint_eq(a->profile.skills[0].level, 9);
}
END_TEST

START_TEST(reasons_come_and_go)
{
	const struct reason *r;

	ck_assert(!reasons_configured(bench.desk));
	configure(LQ_CONFIG_REASONS, "lunch|f|2700000000\ntraining|t|0");
	r = reason_find(bench.desk, STR_LIT("lunch"));
	ck_assert_ptr_nonnull(r);
	ck_assert(!r->paid);
	ck_assert_int_eq(r->limit_us, 2700 * S);
	ck_assert(reason_find(bench.desk, STR_LIT("training"))->paid);
	configure(LQ_CONFIG_REASONS, "training|t|0");
	ck_assert_ptr_null(reason_find(bench.desk, STR_LIT("lunch")));
	configure(LQ_CONFIG_REASONS, "");
	ck_assert(!reasons_configured(bench.desk));
}
END_TEST

/* ---- agents: 1 is in q, 2 and 3 are in p; then 1 is in both */

#define ONE_IN_BOTH "1|a1|One|f|1,2|\n2|a2|Two|f|2|\n3|a3|Three|f|2|"

static void
only_one_is_there(void)
{
	asks(2, AGENT_STATE_NOT_READY);
	bed_page();
}

START_TEST(who_is_ready_takes_calls_of_a_new_queue_at_once)
{
	only_one_is_there();
	calls("c", "4002");
	ck_assert(!was_told("offer:1"));
	configure(LQ_CONFIG_AGENTS, ONE_IN_BOTH);
	ck_assert(was_told("offer:1/p"));
}
END_TEST

START_TEST(who_is_not_ready_takes_them_when_ready)
{
	only_one_is_there();
	asks(1, AGENT_STATE_NOT_READY);
	calls("c", "4002");
	configure(LQ_CONFIG_AGENTS, ONE_IN_BOTH);
	ck_assert(!was_told("offer:1"));
	asks(1, AGENT_STATE_READY);
	ck_assert(was_told("offer:1/p"));
}
END_TEST

START_TEST(who_is_in_a_call_takes_them_after_it)
{
	only_one_is_there();
	bed_talking();
	configure(LQ_CONFIG_AGENTS, ONE_IN_BOTH);
	calls("d", "4002");
	ck_assert(!was_told("offer:1/p"));
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	ck_assert(!was_told("offer:1/p")); /* wraps up */
	asks(1, AGENT_STATE_READY);
	ck_assert(was_told("offer:1/p"));
}
END_TEST

/* The offer stands; only then the agent is another. */
START_TEST(who_is_offered_a_call_keeps_it)
{
	only_one_is_there();
	calls("c", "4001");
	ck_assert(was_told("offer:1/q"));
	configure(LQ_CONFIG_AGENTS, ONE_IN_BOTH);
	ck_told("");
	calls("d", "4002");
	ck_assert(!was_told("offer:1/p"));
	bed_event("c", 3, CALL_EV_CALL_CLEARED, "");
	ck_assert(was_told("offer:1/p"));
}
END_TEST

START_TEST(nothing_is_told_where_nothing_changed)
{
	calls("c", "4001");
	bed_page();
	configure(LQ_CONFIG_AGENTS,
	    "1|a1|Uno|f|1|\n2|a2|Two|f|2|\n3|a3|Three|f|2|");
	ck_assert(!agent_find(bench.desk, 1)->profile_due);
	ck_told("");
}
END_TEST

/* ---- calls that wait */

START_TEST(a_changed_rule_acts_on_calls_that_wait)
{
	asks(1, AGENT_STATE_NOT_READY);
	calls("c", "4001");
	bed_until(bench.now + 40 * S);
	ck_assert(!was_told("offer:"));
	/* It has waited for longer already. */
	configure(LQ_CONFIG_QUEUES, Q1 "relax 30s queue p" Q2);
	ck_assert(was_told("offer:2/q"));
}
END_TEST

START_TEST(a_changed_rule_acts_in_time_on_calls_that_wait)
{
	asks(1, AGENT_STATE_NOT_READY);
	calls("c", "4001");
	bed_until(bench.now + 10 * S);
	configure(LQ_CONFIG_QUEUES, Q1 "relax 30s queue p" Q2);
	ck_assert(!was_told("offer:"));
	bed_until(bench.now + 19 * S);
	ck_assert(!was_told("offer:"));
	bed_until(bench.now + 2 * S);
	ck_assert(was_told("offer:2/q"));
}
END_TEST

START_TEST(a_minimum_that_goes_acts_on_calls_that_wait)
{
	configure(LQ_CONFIG_QUEUES,
	    "1|q|1=5|20000000|30000000|0|f|5000000|" Q2);
	calls("c", "4001");
	ck_assert(!was_told("offer:"));
	configure(LQ_CONFIG_QUEUES, Q1 Q2);
	ck_assert(was_told("offer:1/q"));
}
END_TEST

Suite *
configure_suite(void)
{
	TCase *tc = tcase_create("configure");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_test(tc, rules_come_from_the_ledger);
	tcase_add_test(tc, what_cannot_be_read_leaves_the_former_rules);
	tcase_add_test(tc, an_agent_has_a_place_in_each_queue);
	tcase_add_test(tc, reasons_come_and_go);
	tcase_add_test(tc, who_is_ready_takes_calls_of_a_new_queue_at_once);
	tcase_add_test(tc, who_is_not_ready_takes_them_when_ready);
	tcase_add_test(tc, who_is_in_a_call_takes_them_after_it);
	tcase_add_test(tc, who_is_offered_a_call_keeps_it);
	tcase_add_test(tc, nothing_is_told_where_nothing_changed);
	tcase_add_test(tc, a_changed_rule_acts_on_calls_that_wait);
	tcase_add_test(tc, a_changed_rule_acts_in_time_on_calls_that_wait);
	tcase_add_test(tc, a_minimum_that_goes_acts_on_calls_that_wait);
	return suite_of(tc, "configure");
}
