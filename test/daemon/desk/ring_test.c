/*
 * ring_test.c - a call that rings at several agents at once: the first to
 * accept has it.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

static uint64_t offers[4]; /* by agent: the last one */

static void
seat(uint32_t agent, const char *device)
{
	struct agent *a = agent_find(bench.desk, agent);

	desk_agent_gone(bench.desk, agent, true, bench.now);
	a->profile.n_queues = 1;
	a->profile.queues[0] = 1;
	bed_log_in(agent, device, AGENT_STATE_READY);
}

/* Three agents at phones that take no commands, all in queue q. */
static void
ring_up(void)
{
	struct queue *q;

	bed_up();
	q = queue_find(bench.desk, 1);
	q->rules.strategy = STRATEGY_RING_ALL;
	q->rules.ring_at_once = 8;
	q->stay_ready = true;
	seat(2, "802");
	seat(3, "803");
	bed_page();
}

static void
look(void)
{
	for (uint32_t id = 1; id <= 3; id++) {
		const struct agent *a = agent_find(bench.desk, id);

		offers[id] = a->offer != NULL ? a->offer->id : offers[id];
	}
}

/* A call that rings at all three, and each has seen it. */
static void
ringing(void)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	look();
	for (uint32_t id = 1; id <= 3; id++) {
		struct desk_action a = bed_by(id);

		ck_ok(desk_offer_shown(bench.desk, &a, offers[id]));
	}
	bed_run();
	bed_page();
}

static enum err
accept_by(uint32_t agent)
{
	struct desk_action a = bed_by(agent);
	enum err e = desk_offer_accept(bench.desk, &a, offers[agent]);

	bed_run();
	return e;
}

static enum err
refuse_by(uint32_t agent)
{
	struct desk_action a = bed_by(agent);
	enum err e =
	    desk_offer_refuse(bench.desk, &a, offers[agent], STR_LIT(""));

	bed_run();
	return e;
}

/* Nobody's phone rings, whatever their way of answering is. */
START_TEST(it_is_offered_to_all)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved offer:2/q 2=reserved offer:3/q "
		"3=reserved ");
	look();
	for (uint32_t id = 1; id <= 3; id++) {
		struct desk_action a = bed_by(id);

		ck_ok(desk_offer_shown(bench.desk, &a, offers[id]));
	}
	bed_run();
	ck_told("story:1 story:2 story:3 ");
}
END_TEST

START_TEST(the_first_to_accept_has_it)
{
	ringing();
	ck_ok(accept_by(2));
	ck_told("2=busy accepted:2 1=ready rescinded:1 3=ready rescinded:3 "
		"connect:c/802 ");
	ck_err(accept_by(1), ERR_OFFER_GONE);
	ck_err(accept_by(3), ERR_OFFER_GONE);
	bed_result(ERR_OK);
	bed_event("c", 2, CALL_EV_DELIVERED, "802");
	bed_event("c", 3, CALL_EV_ESTABLISHED, "802");
	ck_told("established:2 ");
	/* The others take the next one. */
	bed_event("e", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved offer:3/q 3=reserved ");
}
END_TEST

START_TEST(whoever_becomes_ready_joins)
{
	struct desk_action a = bed_by(3);

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("lunch")));
	bed_run();
	bed_page();
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved offer:2/q 2=reserved ");
	a = bed_by(3);
	ck_ok(desk_set_state(bench.desk, &a, AGENT_STATE_READY, STR_LIT("")));
	bed_run();
	ck_told("3=ready offer:3/q 3=reserved ");
}
END_TEST

START_TEST(so_many_at_a_time)
{
	struct id id = bed_id_of("c");

	queue_find(bench.desk, 1)->rules.ring_at_once = 2;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved offer:2/q 2=reserved ");
	ck_assert(!call_is_waiting(call_find(bench.desk, &id)));
	look();
	ck_ok(refuse_by(1));
	ck_told("1=ready refused:1 offer:3/q 3=reserved ");
	look();
	ck_ok(refuse_by(2));
	ck_assert(call_is_waiting(call_find(bench.desk, &id)));
}
END_TEST

START_TEST(refused_by_one_it_rings_at_the_others)
{
	ringing();
	ck_ok(refuse_by(1));
	ck_told("1=ready refused:1 ");
	ck_ok(accept_by(3));
	ck_told("3=busy accepted:3 2=ready rescinded:2 connect:c/803 ");
}
END_TEST

START_TEST(the_caller_gone_ends_it_for_all)
{
	ringing();
	bed_event("c", 2, CALL_EV_CALL_CLEARED, "");
	ck_told("1=ready caller_gone:1 2=ready caller_gone:2 3=ready "
		"caller_gone:3 ");
	bed_event("e", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved offer:2/q 2=reserved offer:3/q "
		"3=reserved ");
}
END_TEST

START_TEST(who_leaves_leaves_it_to_the_others)
{
	struct device_state gone = { STR_LIT("802"), true };
	struct desk_action a;

	ringing();
	desk_agent_gone(bench.desk, 1, true, bench.now);
	bed_run();
	ck_told("");
	desk_switch_devices(bench.sw, &gone, 1, false, false, bench.now);
	bed_run();
	ck_told("2=not_ready(device_gone) device_failed:2 ");
	a = bed_by(3);
	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("lunch")));
	bed_run();
	ck_told("3=not_ready(lunch) rescinded:3 ");
	/* It waits on, for whoever is ready next. */
	bed_log_in(1, "801", AGENT_STATE_READY);
	ck_told("1=not_ready(log_in) 1=ready offer:1/q 1=reserved ");
}
END_TEST

START_TEST(nobody_answers)
{
	ringing();
	desk_tick(bench.desk, bench.now += 20 * S);
	bed_run();
	ck_told("1=ready no_answer:1 2=ready no_answer:2 3=ready no_answer:3 ");
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_OFFER), 6);
}
END_TEST

/* Its phone rings, and then it does not. */
START_TEST(the_winner_s_phone_fails)
{
	ringing();
	ck_ok(accept_by(2));
	bed_page();
	bed_result(ERR_NO_DEVICE);
	ck_told("2=working_after_call 2=not_ready(device_failed) offer:1/q "
		"1=reserved offer:3/q 3=reserved ");
}
END_TEST

START_TEST(lifted_past_us)
{
	ringing();
	bed_event("c", 2, CALL_EV_DELIVERED, "803");
	bed_event("c", 3, CALL_EV_ESTABLISHED, "803");
	ck_told("3=busy accepted:3 1=ready rescinded:1 2=ready rescinded:2 "
		"established:3 ");
}
END_TEST

START_TEST(a_supervisor_sends_it_elsewhere)
{
	ringing();
	ASK(0, "c", REQUEUE, .queue = STR_LIT("p"));
	ck_told("1=ready withdrawn:1 2=ready withdrawn:2 3=ready withdrawn:3 "
		"!ok ");
}
END_TEST

/* The bridge is away: what rings at nobody's phone goes on; it comes back
 * without the call. */
START_TEST(the_switch_forgets_it)
{
	ringing();
	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	ck_told("");
	bed_attach(ALL, NULL, 0);
	ck_told("1=ready caller_gone:1 2=ready caller_gone:2 3=ready "
		"caller_gone:3 ");
}
END_TEST

/* A new ACD knows nothing of the offers of the one before. */
START_TEST(the_acd_is_lost_meanwhile)
{
	ringing();
	desk_acd_lost(bench.desk, bench.now);
	bed_run();
	ck_told("");
	ck_ok(refuse_by(3));
	ck_told("3=ready refused:3 ");
	ck_ok(accept_by(2));
	ck_told("2=busy accepted:2 1=ready rescinded:1 connect:c/802 ");
	bed_event("e", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved offer:3/q 3=reserved ");
}
END_TEST

START_TEST(the_acd_is_lost_and_nobody_takes_it)
{
	ringing();
	desk_acd_lost(bench.desk, bench.now);
	bed_run();
	ck_ok(refuse_by(1));
	ck_ok(refuse_by(2));
	ck_told("1=ready refused:1 2=ready refused:2 ");
	ck_ok(refuse_by(3));
	ck_told("3=ready refused:3 ");
	bed_until(bench.now + 60 * S); /* then all are asked again */
	ck_told("offer:1/q 1=reserved offer:2/q 2=reserved "
		"offer:3/q 3=reserved ");
}
END_TEST

static struct cell row[32];

static bool
keep_row(void *arg, const struct cell *cells)
{
	const struct desk_list *l = arg;

	memcpy(row, cells, l->n_columns * sizeof(row[0]));
	return true;
}

START_TEST(the_list_names_them_all)
{
	const struct desk_list *l = desk_list_find(STR_LIT("calls"));

	ringing();
	desk_list_rows(
	    bench.desk, l, 0, bench.now, keep_row, (void *)(uintptr_t)l);
	ck_assert_str_eq(l->columns[8].name, "agent");
	ck_assert_msg(str_eq(row[8].text, STR_LIT("a1 a2 a3")), "%.*s",
	    STR_ARG(row[8].text));
}
END_TEST

Suite *ring_suite(void);

Suite *
ring_suite(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, ring_up, bed_down);
	tcase_add_test(tc, it_is_offered_to_all);
	tcase_add_test(tc, the_first_to_accept_has_it);
	tcase_add_test(tc, whoever_becomes_ready_joins);
	tcase_add_test(tc, so_many_at_a_time);
	tcase_add_test(tc, refused_by_one_it_rings_at_the_others);
	tcase_add_test(tc, the_caller_gone_ends_it_for_all);
	tcase_add_test(tc, who_leaves_leaves_it_to_the_others);
	tcase_add_test(tc, nobody_answers);
	tcase_add_test(tc, the_winner_s_phone_fails);
	tcase_add_test(tc, lifted_past_us);
	tcase_add_test(tc, a_supervisor_sends_it_elsewhere);
	tcase_add_test(tc, the_switch_forgets_it);
	tcase_add_test(tc, the_acd_is_lost_meanwhile);
	tcase_add_test(tc, the_acd_is_lost_and_nobody_takes_it);
	tcase_add_test(tc, the_list_names_them_all);
	return suite_of(tc, "ring");
}
