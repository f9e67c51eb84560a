/*
 * clock_peers_test.c - mistakes that others have made in public, not made here.
 */
#include "test/support/sla_bed.h"
#include "test/support/support.h"

#define RES SLA_RESOLUTION, SLA_SLA, 0
#define FIRST SLA_FIRST_RESPONSE, SLA_SLA, 0
#define NEXT SLA_NEXT_RESPONSE, SLA_SLA, 0
#define WAITS " pauses=pending_customer,pending_third_party,scheduled,resolved"
#define SOLVE(goal)                                                           \
	"p sla reopen=72h calendar=qd8 target=resolution:business goal=" goal \
	    WAITS

START_TEST(frappe_a_wait_satisfies_the_first_response)
{
	bed_revision(1, NULL,
	    "p sla calendar=qd8 target=first_response:business goal=1h");
	bed_history("09:00 received; 09:30 pended customer");
	bed_eval("10:30");
	ck_stage(bed_clock(FIRST), "running");
	ck_assert(bed_clock(FIRST)->breached);
}
END_TEST

START_TEST(frappe_3776_resolved_out_of_a_wait_forgets_the_wait)
{
	bed_revision(1, NULL, SOLVE("2h"));
	bed_history("09:00 received; 10:00 pended customer;"
		    "03-12 10:00 resolved");
	bed_eval("03-12 11:00");
	ck_outcome(bed_clock(RES), "met");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, HOUR);
}
END_TEST

START_TEST(znuny_no_solution_clock_after_the_first_close)
{
	bed_revision(1, NULL, SOLVE("2h"));
	bed_history("09:00 received; 10:00 closed; 14:00 reopened");
	bed_eval("15:00:00.000001");
	ck_assert(bed_clock(RES)->breached);
	ck_time(bed_clock(RES)->breached_at, "15:00");
}
END_TEST

START_TEST(znuny_221_waiting_anew_in_the_second_the_old_wait_ends)
{
	bed_revision(1, NULL, SOLVE("2h"));
	bed_history("09:00 received; 10:00 pended customer until=11:00;"
		    "11:00 pended customer until=15:00");
	bed_eval("14:00");
	ck_stage(bed_clock(RES), "paused");
	ck_time(bed.r.resume_at, "15:00");
}
END_TEST

START_TEST(glpi_6902_other_sla_while_waiting)
{
	bed_revision(1, NULL,
	    "high sla calendar=qd8 if=priority:1 target=resolution:business "
	    "goal=1h" WAITS "\n" SOLVE("8h"));
	bed_history("09:00 received; 09:30 pended customer;"
		    "11:00 changed priority=1; 14:00 resumed");
	bed_eval("11:30");
	ck_stage(bed_clock(RES), "paused");
	ck_assert(!bed_clock(RES)->breached);
	bed_eval("14:00");
	ck_time(bed_clock(RES)->due_at, "14:30");
}
END_TEST

START_TEST(glpi_9267_closed_is_a_wait_as_resolved_is)
{
	bed_revision(1, NULL, SOLVE("8h"));
	bed_history("09:00 received; 10:00 resolved; 11:00 closed;"
		    "15:00 reopened");
	bed_eval("15:00");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, HOUR);
}
END_TEST

START_TEST(glpi_17186_a_wait_moves_a_promised_date)
{
	bed_revision(1, NULL, SOLVE("8h"));
	bed_history("09:00 received; 09:10 promised until=11:00;"
		    "10:00 pended customer; 15:00 resumed");
	bed_eval("16:00");
	ck_time(bed_clock(SLA_PROMISE, SLA_SLA, 0)->breached_at, "11:00");
	ck_time(bed_clock(SLA_PROMISE, SLA_SLA, 0)->due_at, "11:00");
}
END_TEST

START_TEST(glpi_24481_violated_while_waiting)
{
	bed_revision(1, NULL,
	    "g ola calendar=qd8 target=resolution:business goal=1h" WAITS);
	bed_history("09:00 received queue=a; 09:30 pended third");
	bed_eval("03-20 12:00");
	ck_assert(!bed_clock(SLA_RESOLUTION, SLA_OLA, 0)->breached);
	ck_assert_int_eq(bed.r.next_at, INT64_MAX);
}
END_TEST

START_TEST(glpi_15357_rungs_fire_at_creation)
{
	bed_revision(1, NULL, SOLVE("4h") " rung=50 rung=75");
	bed_history("09:00 received");
	bed_eval("09:00");
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 0);
	ck_time(bed_clock(RES)->next_at, "11:00");
}
END_TEST

START_TEST(glpi_1996_a_rung_again_and_again)
{
	bed_revision(1, NULL, SOLVE("2h") " rung=50");
	bed_history("09:00 received; 10:30 pended customer; 10:40 resumed;"
		    "10:45 changed tier=gold; 10:50 assigned owner=4");
	for (int i = 0; i < 12; i++) {
		bed_eval_us(bed_time("10:00") + i * 5 * MINUTE);
		ck_assert_uint_eq(bed_clock(RES)->n_reached, 1);
	}
}
END_TEST

START_TEST(zammad_5177_a_shorter_update_overrides_the_first_response)
{
	bed_revision(1, NULL,
	    "p sla calendar=qd8 target=first_response:business goal=2h "
	    "target=periodic_update:business goal=1h "
	    "target=next_response:business goal=30m");
	bed_history("09:00 received; 09:20 contacted");
	bed_eval("09:30");
	ck_assert_uint_eq(bed.r.n_clocks, 1);
	ck_assert_int_eq(bed.r.next_at, bed_time("11:00") + 1);
}
END_TEST

START_TEST(zammad_3140_escalates_though_the_agent_answered_last)
{
	bed_revision(1, NULL,
	    "p sla calendar=qd8 target=next_response:business goal=1h");
	bed_history("09:00 received; 09:10 responded; 09:20 contacted;"
		    "09:30 responded");
	bed_eval("17:00");
	ck_outcome(bed_clock(NEXT), "met");
	ck_assert_int_eq(bed.r.next_at, INT64_MAX);
}
END_TEST

START_TEST(zammad_904_a_merged_ticket_keeps_escalating)
{
	bed_revision(1, NULL, SOLVE("4h"));
	bed_history("09:00 received; 10:00 merged");
	bed_eval("18:00");
	ck_outcome(bed_clock(RES), "excluded");
	ck_assert(!bed_clock(RES)->breached);
	ck_assert_int_eq(bed.r.next_at, INT64_MAX);
}
END_TEST

START_TEST(zammad_4353_a_policy_taken_away_keeps_notifying)
{
	bed_revision(1, NULL, SOLVE("4h"));
	bed_revision(2, "03-10 10:00", "none sla");
	bed_history("09:00 received; 10:00 revised 2");
	bed_eval("18:00");
	ck_stage(bed_clock(RES), "cancelled");
	ck_assert_int_eq(bed.r.next_at, INT64_MAX);
}
END_TEST

START_TEST(zammad_pauses_below_a_minute_vanish)
{
	bed_revision(1, NULL, SOLVE("1h"));
	bed_history("09:00 received; 09:10:05 pended customer;"
		    "09:10:25 resumed; 09:10:40 pended customer;"
		    "09:10:50.5 resumed");
	bed_eval("09:30");
	ck_time(bed_clock(RES)->due_at, "10:00:30.5");
}
END_TEST

START_TEST(chatwoot_10178_next_response_counts_on_after_resolving)
{
	bed_revision(1, NULL,
	    "p sla calendar=qd8 target=next_response:business goal=1h");
	bed_history("09:00 received; 09:10 responded; 09:20 contacted;"
		    "09:30 resolved");
	bed_eval("17:00");
	ck_outcome(bed_clock(NEXT), "met");
	ck_assert_int_eq(bed_clock(NEXT)->elapsed_us, 10 * MINUTE);
}
END_TEST

START_TEST(chatwoot_15024_what_was_missed_grows_for_ever)
{
	bed_revision(1, NULL,
	    "p sla calendar=qd8 target=first_response:business goal=1h");
	bed_history("09:00 received; 11:00 resolved");
	bed_eval("2027-03-10 09:00");
	ck_outcome(bed_clock(FIRST), "missed");
	ck_assert_int_eq(bed_clock(FIRST)->elapsed_us, 2 * HOUR);
}
END_TEST

START_TEST(osticket_5955_reopening_is_late_at_once)
{
	bed_revision(1, NULL, SOLVE("2h"));
	bed_history("09:00 received; 10:00 resolved; 03-12 09:00 reopened");
	bed_eval("03-12 09:00:01");
	ck_assert(!bed_clock(RES)->breached);
	ck_time(bed_clock(RES)->due_at, "03-12 10:00");
}
END_TEST

/* V52: away from 09:58 to 10:20, the breach has its own time all the same. */
START_TEST(V52_a_breach_found_late_has_its_own_time)
{
	bed_revision(1, NULL, SOLVE("1h"));
	bed_history("09:00 received");
	bed_eval("09:58");
	ck_assert(!bed_clock(RES)->breached);
	bed_eval("10:20");
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 1);
	ck_time(bed_clock(RES)->breached_at, "10:00");
}
END_TEST

/* V53: what a timer was set for before the wait comes to nothing. */
START_TEST(V53_a_timer_of_before)
{
	bed_revision(1, NULL, SOLVE("1h"));
	bed_history("09:00 received; 09:30 pended customer; 09:40 resumed");
	bed_eval("10:00:00.000001");
	ck_assert(!bed_clock(RES)->breached);
	ck_assert_int_eq(bed_clock(RES)->next_at, bed_time("10:10") + 1);
}
END_TEST

START_TEST(V54_waiting_from_the_very_due)
{
	bed_revision(1, NULL, SOLVE("1h") " rung=50 rung=100");
	bed_history("09:00 received; 10:00 pended customer");
	bed_eval("12:00");
	ck_stage(bed_clock(RES), "paused");
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 1);
	bed_history("09:00 received; 09:30 pended customer");
	bed_eval("12:00");
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 0);
}
END_TEST

Suite *
clock_peers_suite(void)
{
	const TTest *const tests[] = {
		frappe_a_wait_satisfies_the_first_response,
		frappe_3776_resolved_out_of_a_wait_forgets_the_wait,
		znuny_no_solution_clock_after_the_first_close,
		znuny_221_waiting_anew_in_the_second_the_old_wait_ends,
		glpi_6902_other_sla_while_waiting,
		glpi_9267_closed_is_a_wait_as_resolved_is,
		glpi_17186_a_wait_moves_a_promised_date,
		glpi_24481_violated_while_waiting,
		glpi_15357_rungs_fire_at_creation,
		glpi_1996_a_rung_again_and_again,
		zammad_5177_a_shorter_update_overrides_the_first_response,
		zammad_3140_escalates_though_the_agent_answered_last,
		zammad_904_a_merged_ticket_keeps_escalating,
		zammad_4353_a_policy_taken_away_keeps_notifying,
		zammad_pauses_below_a_minute_vanish,
		chatwoot_10178_next_response_counts_on_after_resolving,
		chatwoot_15024_what_was_missed_grows_for_ever,
		osticket_5955_reopening_is_late_at_once,
		V52_a_breach_found_late_has_its_own_time, V53_a_timer_of_before,
		V54_waiting_from_the_very_due
	};
	TCase *tc = tcase_create("peers");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	for (unsigned i = 0; i < NELEM(tests); i++)
		tcase_add_test(tc, tests[i]);
	return suite_of(tc, "clock_peers");
}
