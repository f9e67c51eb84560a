/*
 * clock_test.c - the printed vectors, and what a change does to a clock.
 */
#include "test/support/sla_bed.h"
#include "test/support/support.h"

#define RES SLA_RESOLUTION, SLA_SLA, 0
#define WAITS " pauses=pending_customer,pending_third_party,scheduled,resolved"
#define SOLVE(goal) \
	"p sla calendar=qd8 target=resolution:business goal=" goal WAITS

/* ---- vectors whose whole is: policy, history, when, due */

/* clang-format off */
static const struct {
	const char *name, *policy, *facts, *at, *due;
} dues[] = {
	{ "V14", SOLVE("4h"), "09:00 received; 10:00 pended customer;"
	  "11:00 resumed", "11:00", "15:00" },
	{ "V15", SOLVE("4h"), "09:00 received; 11:30 pended customer;"
	  "13:30 resumed", "13:30", "15:00" },
	{ "V16", SOLVE("4h"), "03-13 16:00 received; 17:00 pended customer;"
	  "03-16 10:00 resumed", "03-16 10:00", "03-16 14:00" },
	{ "V18", SOLVE("16h"), "02-12 09:00 received; 02-13 14:00 pended "
	  "customer; 02-24 11:00 resumed", "02-24 11:00", "02-24 16:00" },
	{ "V19", SOLVE("3h"), "09:00 received; 10:00 pended customer;"
	  "11:00 pended third; 11:30 resumed customer; 12:00 resumed third",
	  "12:00", "15:00" },
	{ "V20", SOLVE("1h"), "09:00 received; 10:00 pended customer;"
	  "14:00 resumed", "14:00", "14:00" },
	{ "V37 2028", "p sla calendar=plain target=resolution:months n=1",
	  "2028-01-31 10:00 received", "2028-02-01 00:00", "2028-02-29 10:00" },
	{ "V37 2027", "p sla calendar=plain target=resolution:months n=1",
	  "2027-01-31 10:00 received", "2027-02-01 00:00", "2027-02-28 10:00" },
	{ "V38", "p sla calendar=plain target=resolution:business_days n=1 "
	  "count_start=1", "2027-03-01 10:00 received", "2027-03-01 10:00",
	  "2027-03-01 18:00" },
	{ "V39", "p sla calendar=qd8 target=resolution:business_days n=7",
	  "02-12 11:00 received", "02-12 11:00", "02-28 18:00" },
	{ "V39 waits", "p sla calendar=qd8 target=resolution:business_days n=7"
	  WAITS, "02-12 11:00 received; 02-13 09:00 pended customer;"
	  "02-13 12:00 resumed", "02-13 12:00", "03-02 12:00" },
	{ "V44 carry", "high sla calendar=qd8 if=priority:1 target=resolution:"
	  "business goal=4h\n" SOLVE("16h"), "09:00 received priority=3;"
	  "14:00 changed priority=1", "14:00", "14:00" },
	{ "V44 grace", "high sla grace=30m calendar=qd8 if=priority:1 "
	  "target=resolution:business goal=4h\n" SOLVE("16h"),
	  "09:00 received priority=3; 14:00 changed priority=1", "14:10",
	  "14:30" },
	{ "V44 restart", "high sla calendar=qd8 if=priority:1 target=resolution"
	  ":business goal=4h\np sla rematch=restart calendar=qd8 target="
	  "resolution:business goal=16h", "09:00 received priority=3;"
	  "14:00 changed priority=1", "14:00", "18:00" },
	{ "V44 keep", "high sla calendar=qd8 if=priority:1 target=resolution:"
	  "business goal=4h\np sla rematch=keep calendar=qd8 target="
	  "resolution:business goal=16h", "09:00 received priority=3;"
	  "14:00 changed priority=1", "14:00", "03-11 18:00" },
	{ "V48", "p sla reopen=72h calendar=qd8 target=resolution:business "
	  "goal=8h" WAITS, "09:00 received; 11:00 resolved;"
	  "03-11 10:00 reopened", "03-11 10:00", "03-11 17:00" },
	{ "V49", "high sla calendar=qd8 if=priority:1 target=resolution:"
	  "business goal=4h\n" SOLVE("16h"), "09:00 received priority=3;"
	  "11:00 merged_in until=10:30 priority=1", "11:00", "14:00" },
	{ "V49 the earlier start", SOLVE("4h"), "10:00 received;"
	  "11:00 merged_in until=09:00", "11:00", "14:00" },
	{ "V51 14:59", "p sla calendar=qd8 target=resolution:cutoff "
	  "minute=1080 latest_intake=900", "14:59 received", "14:59", "18:00" },
	{ "V51 15:01", "p sla calendar=qd8 target=resolution:cutoff "
	  "minute=1080 latest_intake=900", "15:01 received", "15:01",
	  "03-11 18:00" },
	{ "V51 Saturday", "p sla calendar=qd8 target=resolution:cutoff "
	  "minute=1080 latest_intake=900", "02-14 14:00 received",
	  "02-14 14:00", "02-14 18:00" },
	{ "a cut-off is not paused", "p sla calendar=qd8 target=resolution:"
	  "cutoff minute=1080 latest_intake=900" WAITS,
	  "10:00 received; 11:00 pended customer; 15:00 resumed", "15:30",
	  "18:00" },
	{ "months wait by the wall", "p sla calendar=plain target=resolution:"
	  "months n=1" WAITS, "01-10 10:00 received; 01-12 00:00 pended "
	  "customer; 01-14 00:00 resumed", "01-15 00:00", "02-12 10:00" },
	{ "calendar time", "p sla calendar=qd8 target=resolution:calendar "
	  "goal=24h", "03-13 16:00 received", "03-13 16:00", "03-14 16:00" },
	{ "what it waits for at its start", SOLVE("1h"), "09:00 pended "
	  "customer; 09:00 received; 11:00 resumed", "11:00", "12:00" },
	{ "a wait ends by itself", SOLVE("2h"), "09:00 received;"
	  "10:00 pended customer until=11:00", "11:30", "12:00" },
	{ "arrived: the appointment has begun", SOLVE("2h"), "09:00 received;"
	  "09:30 scheduled until=15:00; 10:30 arrived", "10:30", "12:00" },
};
/* clang-format on */

START_TEST(due)
{
	const struct sla_clock *c;

	bed_revision(1, "2025-01-01 00:00", dues[_i].policy);
	bed_history(dues[_i].facts);
	bed_eval(dues[_i].at);
	c = bed_clock(RES);
	ck_assert_msg(c->due_at == bed_time(dues[_i].due), "%s: %s, not %s",
	    dues[_i].name, bed_time_text(c->due_at), dues[_i].due);
	ck_assert(!c->breached);
	ck_stage(c, "running");
	ck_assert_int_eq(bed.r.n_clocks, 1);
}
END_TEST

/* ---- vectors about outcomes */

/* clang-format off */
static const struct {
	const char *name, *policy, *facts, *outcome;
	int64_t overrun;
} ends[] = {
	{ "V20 stopped at 14:00:00", SOLVE("1h"), "09:00 received;"
	  "10:00 pended customer; 14:00 resumed; 14:00 resolved", "met", 0 },
	{ "V20 stopped at 14:00:01", SOLVE("1h"), "09:00 received;"
	  "10:00 pended customer; 14:00 resumed; 14:00:01 resolved",
	  "missed", SECOND },
	{ "V21 at its due", SOLVE("150m"), "09:00 received;"
	  "11:30:00.000000 resolved", "met", 0 },
	{ "V21 1 us later", SOLVE("150m"), "09:00 received;"
	  "11:30:00.000001 resolved", "missed", 1 },
	{ "V22", SOLVE("1h"), "09:00 received; 10:30 pended customer;"
	  "13:30 resumed; 14:00 resolved", "missed", HOUR },
	{ "V54", SOLVE("1h"), "09:00 received; 10:00 pended customer;"
	  "15:00 resolved", "met", 0 },
};
/* clang-format on */

START_TEST(outcome)
{
	const struct sla_clock *c;

	bed_revision(1, NULL, ends[_i].policy);
	bed_history(ends[_i].facts);
	bed_eval("03-12 00:00");
	c = bed_clock(RES);
	ck_stage(c, "completed");
	ck_assert_str_eq(sla_outcome_word(c->outcome), ends[_i].outcome);
	ck_assert_int_eq(
	    c->elapsed_us > c->goal_us ? c->elapsed_us - c->goal_us : 0,
	    ends[_i].overrun);
	ck_assert_int_eq(c->breached, c->outcome == OUTCOME_MISSED);
}
END_TEST

START_TEST(V42_rungs)
{
	static const char *const at[] = { "03-13 18:00", "03-16 10:00",
		"03-16 10:36", "03-16 11:00" };
	static const unsigned percent[] = { 50, 75, 90, 100 };
	int64_t now;

	bed_revision(1, NULL, SOLVE("4h") " rung=50 rung=75 rung=90 rung=100");
	bed_history("03-13 16:00 received");
	bed_eval("03-13 16:00");
	for (unsigned i = 0; i < 4; i++) {
		const struct sla_clock *c = bed_clock(RES);

		ck_assert_uint_eq(c->n_reached, i);
		ck_assert_uint_eq(c->next_percent, percent[i]);
		now = c->next_at;
		ck_assert_int_eq(
		    now, bed_time(at[i]) + (percent[i] == 100 ? 1 : 0));
		ck_assert_int_eq(bed.r.next_at, now);
		bed_eval_us(now - 1);
		ck_assert_uint_eq(bed_clock(RES)->n_reached, i);
		bed_eval_us(now);
		c = bed_clock(RES);
		ck_assert_uint_eq(c->n_reached, i + 1);
		ck_assert_uint_eq(c->reached[i].percent, percent[i]);
		ck_time(c->reached[i].at, at[i]);
		ck_assert_ptr_eq(c->reached[i].rung, &c->target->rungs[i]);
		ck_assert(!c->reached[i].by_change);
	}
	ck_time(bed_clock(RES)->breached_at, "03-16 11:00");
}
END_TEST

START_TEST(V43_no_breach_by_rounding)
{
	bed_revision(1, NULL, SOLVE("8h"));
	bed_history("09:00 received");
	bed_eval("17:59:46");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, 28786 * SECOND);
	ck_assert(!bed_clock(RES)->breached);
	bed_eval("18:00");
	ck_assert(!bed_clock(RES)->breached);
	bed_eval("18:00:00.000001");
	ck_assert(bed_clock(RES)->breached);
}
END_TEST

START_TEST(V44_what_the_change_did)
{
	const struct sla_clock *c;

	bed_revision(1, NULL,
	    "high sla grace=30m calendar=qd8 if=priority:1 "
	    "target=resolution:business goal=3h rung=50 rung=95 "
	    "rung=150\n" SOLVE("16h"));
	bed_history("09:00 received priority=3; 14:00 changed priority=1");
	bed_eval("15:00");
	c = bed_clock(RES);
	ck_time(c->due_at, "14:30"); /* 4 h used of 3 h, and the grace */
	ck_assert_int_eq(c->goal_us, 4 * HOUR + 30 * MINUTE);
	ck_assert_uint_eq(c->n_reached, 3);
	ck_time(c->reached[0].at, "14:00");
	ck_assert(c->reached[0].by_change);
	ck_time(c->reached[1].at, "14:16:30");
	ck_assert(!c->reached[1].by_change); /* it was not used up by then */
	ck_assert_uint_eq(c->reached[2].percent, 100);
	ck_assert(c->reached[2].by_change);
	ck_time(c->breached_at, "14:30");
}
END_TEST

START_TEST(a_breach_outlives_a_longer_goal)
{
	const struct sla_clock *c;

	bed_revision(1, NULL,
	    "high sla calendar=qd8 if=priority:1 "
	    "target=resolution:business goal=2h\n" SOLVE("16h"));
	bed_history("09:00 received priority=1; 13:30 changed priority=3;"
		    "14:00 resolved");
	bed_eval("15:00");
	c = bed_clock(RES);
	ck_assert(c->breached);
	ck_time(c->breached_at, "11:00");
	ck_time(c->due_at, "11:00");
	ck_outcome(c, "missed");
	ck_assert_int_eq(c->goal_us, 16 * HOUR);
}
END_TEST

#define CN24_LATER                     \
	bed_revision(2, "03-10 12:59", \
	    "p sla calendar=cn24 target=resolution:business goal=8h rung=30")

START_TEST(V46_forward)
{
	const struct sla_clock *c;

	bed_revision(1, NULL, SOLVE("8h"));
	CN24_LATER;
	bed_history("09:00 received; 13:00 revised 2");
	bed_eval("13:30");
	c = bed_clock(RES);
	ck_time(c->due_at, "18:00");
	ck_assert_int_eq(c->elapsed_us, 3 * HOUR + 30 * MINUTE);
	ck_assert_uint_eq(c->revision, 2);
	ck_assert_uint_eq(c->n_reached, 1);
	ck_time(c->reached[0].at, "13:00");
	ck_assert(c->reached[0].by_change);
}
END_TEST

START_TEST(V46_retroactive)
{
	const struct sla_clock *c;

	bed_revision(1, NULL, SOLVE("8h"));
	CN24_LATER;
	bed_history("09:00 received; 13:00 revised 2 retro");
	bed_eval("13:30");
	c = bed_clock(RES);
	ck_time(c->due_at, "17:00");
	ck_assert_int_eq(c->elapsed_us, 4 * HOUR + 30 * MINUTE);
	ck_assert_uint_eq(c->n_reached, 1);
	ck_time(c->reached[0].at, "11:24"); /* when it truly was */
	ck_assert(c->reached[0].by_change);
}
END_TEST

START_TEST(a_recount_may_take_a_breach_back)
{
	bed_revision(1, NULL, SOLVE("1h"));
	bed_revision(2, "03-10 11:00", SOLVE("8h"));
	bed_history("09:00 received; 11:00 revised 2 retro");
	bed_eval("10:30");
	ck_assert(bed_clock(RES)->breached);
	bed_eval("11:00");
	ck_assert(!bed_clock(RES)->breached);
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 0);
	ck_time(bed_clock(RES)->due_at, "18:00");
	bed_history("09:00 received; 11:00 revised 2");
	bed_eval("11:00");
	ck_assert(bed_clock(RES)->breached); /* not if it is from here on */
}
END_TEST

START_TEST(a_recount_takes_the_new_pauses)
{
	bed_revision(1, NULL, SOLVE("8h"));
	bed_revision(2, "03-10 14:00",
	    "p sla calendar=qd8 target=resolution:business goal=3h");
	bed_history("09:00 received; 10:00 pended customer;"
		    "14:00 revised 2 retro");
	bed_eval("14:30");
	ck_stage(bed_clock(RES), "running");
	ck_time(bed_clock(RES)->breached_at, "12:00");
	ck_assert(bed_clock(RES)->reached[0].by_change);
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, 4 * HOUR + 30 * MINUTE);
}
END_TEST

START_TEST(what_has_completed_is_never_touched)
{
	bed_revision(1, NULL, SOLVE("8h"));
	bed_revision(2, "03-10 12:00", SOLVE("1h"));
	bed_history("09:00 received; 12:00 resolved; 12:00 revised 2 retro;"
		    "13:00 changed priority=1");
	bed_eval("14:00");
	ck_assert_uint_eq(bed_clock(RES)->revision, 1);
	ck_outcome(bed_clock(RES), "met");
}
END_TEST

START_TEST(the_revision_in_force_when_received)
{
	bed_revision(1, "03-10 09:00", SOLVE("8h"));
	bed_revision(2, "03-10 12:00", SOLVE("1h"));
	bed_history("10:00 received");
	bed_eval("14:00");
	ck_assert_uint_eq(bed_clock(RES)->revision, 1);
	bed_history("12:00 received");
	bed_eval("14:00");
	ck_assert_uint_eq(bed_clock(RES)->revision, 2);
	bed_history("08:00 received; 09:30 promised until=11:00");
	bed_eval("14:00");
	ck_assert_uint_eq(bed.r.n_clocks, 1);
	ck_assert(bed_clock(SLA_PROMISE, SLA_SLA, 0)->breached);
	bed_history("08:00 received; 09:30 revised 1");
	bed_eval("10:00"); /* from here on */
	ck_time(bed_clock(RES)->started_at, "09:30");
	bed_history("08:00 received; 10:00 revised 1 retro");
	bed_eval("10:00");
	ck_time(bed_clock(RES)->started_at, "08:00");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, HOUR);
}
END_TEST

START_TEST(a_target_gained_counts_from_the_beginning)
{
	const struct sla_clock *c;

	bed_revision(1, NULL,
	    "complaint sla grace=30m calendar=qd8 if=kind:complaint "
	    "target=resolution:business goal=2h" WAITS " rung=50\nrest sla");
	bed_history("09:00 received kind=question; 10:00 pended customer;"
		    "11:00 resumed; 13:30 changed kind=complaint");
	bed_eval("13:00");
	ck_assert_uint_eq(bed.r.n_clocks, 0);
	bed_eval("13:30");
	c = bed_clock(RES);
	ck_time(c->started_at, "09:00");
	ck_assert_int_eq(c->elapsed_us, 2 * HOUR + 30 * MINUTE);
	ck_time(c->due_at, "14:00");
	ck_assert(c->reached[0].by_change);
	ck_time(c->reached[0].at, "13:30");
	bed_history("09:00 received kind=complaint;"
		    "10:00 changed kind=question");
	bed_eval("12:00"); /* nothing is promised any more */
	ck_stage(bed_clock(RES), "cancelled");
	ck_outcome(bed_clock(RES), "excluded");
	ck_assert_int_eq(bed.r.next_at, INT64_MAX);
}
END_TEST

START_TEST(V48_reopening)
{
	const struct sla_clock *c;

	bed_revision(1, NULL,
	    "p sla reopen=24h calendar=qd8 target=resolution:business "
	    "goal=8h" WAITS);
	bed_history("09:00 received; 11:00 resolved; 03-11 10:00 reopened");
	bed_eval("12:00");
	ck_outcome(bed_clock(RES), "met");
	ck_time(bed.r.resolved_at, "11:00");
	bed_eval("03-11 11:00");
	c = bed_clock(RES);
	ck_assert_uint_eq(bed.r.n_clocks, 1);
	ck_assert_int_eq(c->elapsed_us, 3 * HOUR);
	ck_assert(c->outcome == OUTCOME_NONE && c->stopped_at == 0);
	ck_assert_int_eq(bed.r.resolved_at, 0);
	bed_history("09:00 received; 11:00 resolved;"
		    "03-11 11:00:00.000001 reopened");
	bed_eval("03-11 12:00"); /* 1 us too late */
	ck_outcome(bed_clock(RES), "met");
	c = bed_clock(SLA_RESOLUTION, SLA_SLA, 1);
	ck_assert_uint_eq(c->cycle, 2);
	ck_time(c->started_at, "03-11 11:00:00.000001");
}
END_TEST

START_TEST(a_policy_may_reopen_as_new)
{
	bed_revision(1, NULL,
	    "p sla reopen=72h new_cycle=1 calendar=qd8 "
	    "target=resolution:business goal=8h" WAITS);
	bed_history("09:00 received; 11:00 resolved; 11:30 reopened");
	bed_eval("12:00");
	ck_assert_uint_eq(bed_count(SLA_RESOLUTION, SLA_SLA), 2);
	ck_assert_int_eq(
	    bed_clock(SLA_RESOLUTION, SLA_SLA, 1)->elapsed_us, 30 * MINUTE);
}
END_TEST

START_TEST(a_breached_clock_reopened_stays_breached)
{
	bed_revision(1, NULL,
	    "p sla reopen=72h calendar=qd8 target=resolution:business "
	    "goal=1h" WAITS);
	bed_history("09:00 received; 11:00 resolved; 13:00 reopened;"
		    "14:00 resolved");
	bed_eval("15:00");
	ck_outcome(bed_clock(RES), "missed");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, 3 * HOUR);
	ck_time(bed_clock(RES)->breached_at, "10:00");
}
END_TEST

START_TEST(V49_what_completed_before_the_merge_stays)
{
	bed_revision(1, NULL,
	    "p sla calendar=qd8 target=first_response:business goal=1h");
	bed_history("10:00 received; 10:30 responded;"
		    "11:00 merged_in until=09:00");
	bed_eval("12:00");
	ck_time(bed_clock(SLA_FIRST_RESPONSE, SLA_SLA, 0)->started_at, "10:00");
	ck_outcome(bed_clock(SLA_FIRST_RESPONSE, SLA_SLA, 0), "met");
}
END_TEST

START_TEST(a_merged_goal_holds_through_changes)
{
	bed_revision(1, NULL,
	    "high sla calendar=qd8 if=priority:1 target=resolution:business "
	    "goal=4h\nmid sla calendar=qd8 if=priority:2 "
	    "target=resolution:business goal=8h\n" SOLVE("16h"));
	bed_history("09:00 received priority=3;"
		    "10:00 merged_in until=09:30 priority=1;"
		    "10:30 merged_in until=09:30 priority=2;"
		    "11:00 changed priority=2");
	bed_eval("11:00");
	ck_time(bed_clock(RES)->due_at, "14:00");
	ck_assert(str_eq(bed.r.attributes.value[ATTR_PRIORITY], STR_LIT("2")));
}
END_TEST

START_TEST(rungs_over_the_goal)
{
	const struct sla_clock *c;

	bed_revision(1, NULL, SOLVE("1h") " rung=125 rung=150 rung=200");
	bed_history("09:00 received; 10:20 pended customer; 13:00 resumed;"
		    "13:20 resolved");
	bed_eval("15:00");
	c = bed_clock(RES);
	ck_assert_uint_eq(c->n_reached, 3);
	ck_assert_ptr_null(c->reached[0].rung);
	ck_time(c->reached[0].at, "10:00");
	ck_time(c->reached[1].at, "10:15");
	ck_time(c->reached[2].at, "13:10");
}
END_TEST

START_TEST(the_longest_goal)
{
	const struct sla_clock *c;

	bed_revision(1, NULL,
	    "p sla target=resolution:calendar goal=3660d rung=99 rung=100 "
	    "rung=110 rung=1000");
	bed_history("09:00 received");
	bed_eval_us(bed_time("09:00") + SLA_GOAL_MAX_US / 100 * 111);
	c = bed_clock(RES);
	ck_assert_uint_eq(c->n_reached, 3);
	ck_assert_int_eq(
	    c->reached[2].at, bed_time("09:00") + SLA_GOAL_MAX_US / 100 * 110);
	ck_assert(c->next_at == INT64_MAX ||
		  c->next_at == bed_time("09:00") + SLA_GOAL_MAX_US * 10);
}
END_TEST

START_TEST(grace_outlives_a_revision_that_keeps_the_goal)
{
	static const char two[] =
	    "high sla grace=30m calendar=qd8 if=priority:1 "
	    "target=resolution:business goal=4h\n" SOLVE("16h");

	bed_revision(1, NULL, two);
	bed_revision(2, "03-10 14:10", two);
	bed_history("09:00 received priority=3; 14:00 changed priority=1;"
		    "14:10 revised 2");
	bed_eval("14:20");
	ck_time(bed_clock(RES)->due_at, "14:30");
	ck_assert_uint_eq(bed_clock(RES)->revision, 2);
}
END_TEST

START_TEST(a_restart_warns_again)
{
	bed_revision(1, NULL,
	    "high sla calendar=qd8 if=priority:1 target=resolution:business "
	    "goal=4h rung=50\np sla rematch=restart calendar=qd8 "
	    "target=resolution:business goal=2h rung=50");
	bed_history("09:00 received; 10:30 changed priority=1");
	bed_eval("10:15");
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 1);
	bed_eval("13:00");
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 0);
	bed_eval("13:30");
	ck_time(bed_clock(RES)->reached[0].at, "13:30");
	bed_history("09:00 received; 11:30 changed priority=1");
	bed_eval("13:00"); /* but a breach stays */
	ck_time(bed_clock(RES)->breached_at, "11:00");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, 30 * MINUTE);
}
END_TEST

START_TEST(a_recount_knows_what_was_reached_anyway)
{
	bed_revision(1, NULL, SOLVE("4h") " rung=25 rung=50");
	bed_revision(2, "03-10 11:00", SOLVE("3h") " rung=25 rung=50");
	bed_history("09:00 received; 10:40 revised 2 retro");
	bed_eval("11:00");
	ck_assert_uint_eq(bed_clock(RES)->n_reached, 2);
	ck_assert(!bed_clock(RES)->reached[0].by_change);
	ck_time(bed_clock(RES)->reached[0].at, "09:45");
	ck_assert(bed_clock(RES)->reached[1].by_change);
}
END_TEST

START_TEST(from_business_time_to_a_cut_off_and_back)
{
	bed_revision(1, NULL,
	    "today sla calendar=qd8 if=priority:1 target=resolution:cutoff "
	    "minute=1080 latest_intake=900\n" SOLVE("8h"));
	bed_history("09:00 received; 10:00 pended customer; 11:00 resumed;"
		    "14:00 changed priority=1; 15:00 changed priority=2");
	bed_eval("14:30");
	ck_time(bed_clock(RES)->due_at, "18:00");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, 330 * MINUTE);
	bed_eval("15:00"); /* lunch and the wait are out again */
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, 4 * HOUR);
	ck_time(bed_clock(RES)->due_at, "03-11 10:00");
}
END_TEST

START_TEST(a_recount_leaves_out_what_was_resolved)
{
	bed_revision(1, NULL,
	    "p sla reopen=2h calendar=qd8 target=resolution:business "
	    "goal=8h" WAITS);
	bed_history("09:00 received; 09:30 pended customer; 10:00 resolved;"
		    "10:30 resumed; 11:00 reopened; 11:30 revised 1 retro");
	bed_eval("11:30");
	ck_assert_int_eq(bed_clock(RES)->elapsed_us, HOUR);
	bed_history("09:00 received; 10:00 resolved; 12:00 reopened");
	bed_eval("12:00"); /* the window's last instant */
	ck_assert_uint_eq(bed.r.n_clocks, 1);
}
END_TEST

Suite *
clock_suite(void)
{
	const TTest *const tests[] = { V42_rungs, V43_no_breach_by_rounding,
		V44_what_the_change_did, a_breach_outlives_a_longer_goal,
		V46_forward, V46_retroactive, a_recount_may_take_a_breach_back,
		a_recount_takes_the_new_pauses,
		what_has_completed_is_never_touched,
		the_revision_in_force_when_received,
		a_target_gained_counts_from_the_beginning, V48_reopening,
		a_policy_may_reopen_as_new,
		a_breached_clock_reopened_stays_breached,
		V49_what_completed_before_the_merge_stays,
		a_merged_goal_holds_through_changes, rungs_over_the_goal,
		the_longest_goal, grace_outlives_a_revision_that_keeps_the_goal,
		a_restart_warns_again, a_recount_knows_what_was_reached_anyway,
		from_business_time_to_a_cut_off_and_back,
		a_recount_leaves_out_what_was_resolved };
	TCase *tc = tcase_create("clocks");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_loop_test(tc, due, 0, NELEM(dues));
	tcase_add_loop_test(tc, outcome, 0, NELEM(ends));
	for (unsigned i = 0; i < NELEM(tests); i++)
		tcase_add_test(tc, tests[i]);
	return suite_of(tc, "clock");
}
