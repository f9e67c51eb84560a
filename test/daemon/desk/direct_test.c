/*
 * direct_test.c - a caller who waits for one agent alone.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"

/* Agent 1 talks to the caller of c; agents 2 and 3 are in queue p, agent 2 in a
 * call. */
static void
up(void)
{
	bed_up();
	bed_log_in(3, "803", AGENT_STATE_READY);
	bed_talking();
	bed_event("e", 1, CALL_EV_DELIVERED, "802");
	bed_event("e", 2, CALL_EV_ESTABLISHED, "802");
	bed_page();
}

static void
pass(int64_t us)
{
	desk_tick(bench.desk, bench.now += us);
	bed_run();
}

/* c waits for agent 2, who is busy; agent 3 is ready and is not asked. */
static void
waits_for_2(void)
{
	ASK(1, "c", REQUEUE, .agent = STR_LIT("a2"), .queue = STR_LIT("p"));
	bed_result(ERR_OK);
	bed_event("c", 4, CALL_EV_QUEUED, "");
	ck_told("requeue:c/801 !ok 1=working_after_call 1=working_after_call ");
}

START_TEST(it_waits_for_that_agent)
{
	waits_for_2();
	pass(60 * S);
	bed_page();
	bed_event("e", 3, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:2 2=working_after_call ");
	{
		struct desk_action a = bed_by(2);

		ck_ok(desk_set_state(
		    bench.desk, &a, AGENT_STATE_READY, STR_LIT("")));
		bed_run();
	}
	ck_told("2=ready offer:2/p 2=reserved ");
}
END_TEST

/* "direct 5m": then for everybody, with the time that it has waited. */
START_TEST(so_long_and_then_for_everybody)
{
	queue_find(bench.desk, 2)->rules.direct_us = 300 * S;
	waits_for_2();
	pass(300 * S - 1);
	bed_page();
	pass(1);
	ck_told("offer:3/p 3=reserved ");
}
END_TEST

START_TEST(who_logs_off_is_not_waited_for)
{
	waits_for_2();
	bed_event("e", 3, CALL_EV_CALL_CLEARED, "");
	bed_page();
	desk_agent_gone(bench.desk, 2, true, bench.now);
	bed_run();
	ck_told("offer:3/p 3=reserved ");
}
END_TEST

START_TEST(who_refuses_leaves_it_to_everybody)
{
	struct desk_action a;

	bed_event("e", 3, CALL_EV_CALL_CLEARED, "");
	a = bed_by(2);
	ck_ok(desk_set_state(bench.desk, &a, AGENT_STATE_READY, STR_LIT("")));
	bed_run();
	bed_page();
	ASK(1, "c", REQUEUE, .agent = STR_LIT("a2"), .queue = STR_LIT("p"));
	bed_result(ERR_OK);
	bed_event("c", 4, CALL_EV_QUEUED, "");
	ck_told("requeue:c/801 !ok 1=working_after_call 1=working_after_call "
		"offer:2/p 2=reserved ");
	a = bed_by(2);
	ck_ok(desk_offer_refuse(bench.desk, &a, bench.offer, STR_LIT("no")));
	bed_run();
	ck_told("2=not_ready(refused) refused:2 offer:3/p 3=reserved ");
}
END_TEST

/* It rings at one, whatever its queue does. */
START_TEST(of_a_queue_that_rings_at_all)
{
	struct queue *p = queue_find(bench.desk, 2);

	p->rules.strategy = STRATEGY_RING_ALL;
	p->rules.ring_at_once = 8;
	waits_for_2();
	bed_event("e", 3, CALL_EV_CALL_CLEARED, "");
	{
		struct desk_action a = bed_by(2);

		ck_ok(desk_set_state(
		    bench.desk, &a, AGENT_STATE_READY, STR_LIT("")));
		bed_run();
	}
	/* And there as that one answers: by lifting the phone. */
	ck_assert(!agent_find(bench.desk, 2)->offer->screen_first);
}
END_TEST

START_TEST(a_supervisor_lets_a_call_wait_for_somebody)
{
	bed_event("f", 1, CALL_EV_QUEUED, "");
	bed_page();
	ASK(0, "f", REQUEUE, .agent = STR_LIT("a3"));
	ck_told("!ok offer:3/q 3=reserved ");
}
END_TEST

/* Sent on to a queue it is everybody's again. */
START_TEST(sent_on)
{
	waits_for_2();
	ASK(0, "c", REQUEUE, .queue = STR_LIT("p"));
	ck_told("!ok offer:3/p 3=reserved ");
}
END_TEST

START_TEST(whom_nobody_can_wait_for)
{
	struct device_state gone = { STR_LIT("803"), true };

	ASK(1, "c", REQUEUE, .agent = STR_LIT("nobody"));
	ck_told("!not_found/agent/nobody ");
	desk_switch_devices(bench.sw, &gone, 1, false, false, bench.now);
	bed_page();
	ASK(1, "c", REQUEUE, .agent = STR_LIT("a3"));
	ck_told("!no_device/device/803 ");
	desk_agent_gone(bench.desk, 3, true, bench.now);
	ASK(1, "c", REQUEUE, .agent = STR_LIT("a3"));
	ck_told("!busy/agent/a3 "); /* logged off */
}
END_TEST

/* Who has logged off when the switch lets it wait is not waited for. */
START_TEST(gone_before_it_waits)
{
	ASK(1, "c", REQUEUE, .agent = STR_LIT("a3"), .queue = STR_LIT("q"));
	bed_result(ERR_OK);
	desk_agent_gone(bench.desk, 3, true, bench.now);
	bed_page();
	bed_event("c", 4, CALL_EV_QUEUED, "");
	bed_page();
	pass(30 * S); /* agent 1's wrap-up */
	ck_told("1=ready offer:1/q 1=reserved ");
}
END_TEST

/* A call of no queue is then one of that agent's first. */
START_TEST(of_no_queue)
{
	ASK(2, "e", REQUEUE, .agent = STR_LIT("a3"));
	bed_result(ERR_OK);
	bed_event("e", 3, CALL_EV_QUEUED, "");
	ck_told("requeue:e/802 !ok 2=working_after_call offer:3/p "
		"3=reserved ");
}
END_TEST

Suite *direct_suite(void);

Suite *
direct_suite(void)
{
	TCase *tc = tcase_create("direct");

	tcase_add_checked_fixture(tc, up, bed_down);
	tcase_add_test(tc, it_waits_for_that_agent);
	tcase_add_test(tc, so_long_and_then_for_everybody);
	tcase_add_test(tc, who_logs_off_is_not_waited_for);
	tcase_add_test(tc, who_refuses_leaves_it_to_everybody);
	tcase_add_test(tc, of_a_queue_that_rings_at_all);
	tcase_add_test(tc, a_supervisor_lets_a_call_wait_for_somebody);
	tcase_add_test(tc, sent_on);
	tcase_add_test(tc, whom_nobody_can_wait_for);
	tcase_add_test(tc, of_no_queue);
	tcase_add_test(tc, gone_before_it_waits);
	return suite_of(tc, "direct");
}
