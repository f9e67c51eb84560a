/*
 * clock_life_test.c - what starts and stops each clock, who held the ticket,
 * and what the answer says besides.
 */
#include <stdio.h>

#include "test/support/sla_bed.h"
#include "test/support/support.h"

#define RES SLA_RESOLUTION, SLA_SLA, 0
#define WAITS " pauses=pending_customer,pending_third_party,scheduled,resolved"
#define SOLVE(goal) \
	"p sla calendar=qd8 target=resolution:business goal=" goal WAITS

/* ---- metric by metric */

#define ALL_METRICS                                                   \
	"p sla max_pause=25200000000 calendar=qd8 "                   \
	"target=acknowledge:business goal=10m "                       \
	"target=first_response:business goal=30m "                    \
	"target=next_response:business goal=1h "                      \
	"target=periodic_update:business goal=2h "                    \
	"pauses=pending_customer target=ownership:business goal=20m " \
	"target=resolution:business goal=8h" WAITS                    \
	" target=onsite_arrival:business goal=4h "                    \
	"target=callback:business goal=4h target=daily_clear:cutoff " \
	"minute=1080 latest_intake=900 target=third_party:business goal=3h"

/* Clocks of a metric as a line: `1 met 09:00-09:20; 2 running 09:20-'. */
static const char *
line_of(enum sla_metric m, enum sla_agreement a)
{
	static char out[1024];
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < bed.r.n_clocks; i++) {
		const struct sla_clock *c = &bed.r.clocks[i];

		if (c->metric != m || c->agreement != a)
			continue;
		n += (size_t)snprintf(out + n, sizeof(out) - n,
		    "%s%.*s%s%u %s %.5s-%.5s", n > 0 ? "; " : "",
		    STR_ARG(c->holder), c->holder.len > 0 ? " " : "", c->cycle,
		    c->outcome != OUTCOME_NONE ? sla_outcome_word(c->outcome)
					       : sla_stage_word(c->stage),
		    bed_time_text(c->started_at) + 11,
		    c->stopped_at != 0 ? bed_time_text(c->stopped_at) + 11
				       : "");
	}
	return out;
}

/* clang-format off */
static const struct {
	const char *name, *facts;
	enum sla_metric metric;
	const char *at, *want;
} lives[] = {
	{ "acknowledged", "09:00 received; 09:05 acknowledged",
	  SLA_ACKNOWLEDGE, "09:06", "1 met 09:00-09:05" },
	{ "an answer acknowledges", "09:00 received; 09:20 responded",
	  SLA_ACKNOWLEDGE, "09:21", "1 missed 09:00-09:20" },
	{ "a wait answers nobody", "09:00 received; 09:05 pended customer",
	  SLA_FIRST_RESPONSE, "10:00", "1 running 09:00-" },
	{ "whom it waits for is here", "09:00 received;"
	  "09:10 pended customer; 09:30 contacted", SLA_RESOLUTION, "10:00",
	  "1 running 09:00-" },
	{ "but not the supplier", "09:00 received; 09:10 pended third;"
	  "09:20 pended customer; 09:30 contacted", SLA_RESOLUTION, "10:00",
	  "1 paused 09:00-" },
	{ "no wait is longer than its policy allows", "09:00 received;"
	  "09:10 pended customer until=18:00", SLA_RESOLUTION, "17:00",
	  "1 running 09:00-" },
	{ "answered as it was offered", "09:00 received; 09:00 responded",
	  SLA_FIRST_RESPONSE, "10:00", "1 met 09:00-09:00" },
	{ "answered before the offer's time", "08:59 responded;"
	  "09:00 received", SLA_FIRST_RESPONSE, "10:00", "1 met 09:00-09:00" },
	{ "resolved without an answer", "09:00 received; 09:10 resolved",
	  SLA_FIRST_RESPONSE, "10:00", "1 excluded 09:00-09:10" },
	{ "and too late", "09:00 received; 09:40 resolved",
	  SLA_FIRST_RESPONSE, "10:00", "1 missed 09:00-09:40" },
	{ "the oldest contact counts", "09:00 received; 09:10 responded;"
	  "09:20 contacted; 09:30 contacted; 09:40 responded;"
	  "09:50 contacted", SLA_NEXT_RESPONSE, "10:00",
	  "1 met 09:20-09:40; 2 running 09:50-" },
	{ "an answer is owed already", "09:00 received; 09:10 contacted",
	  SLA_NEXT_RESPONSE, "10:00", "" },
	{ "again and again", "09:00 received; 09:10 responded;"
	  "10:00 responded; 13:30 responded; 14:00 resolved",
	  SLA_PERIODIC_UPDATE, "15:00", "1 met 09:10-10:00;"
	  " 2 missed 10:00-13:30; 3 met 13:30-14:00" },
	{ "not when it resolves", "09:00 received; 09:10 resolved;"
	  "09:10 responded", SLA_PERIODIC_UPDATE, "10:00", "" },
	{ "an owner", "09:00 received; 09:10 assigned owner=7;"
	  "09:20 assigned owner=0; 09:30 assigned owner=8", SLA_OWNERSHIP,
	  "10:00", "1 met 09:00-09:10" },
	{ "an owner from the start", "09:00 received owner=7", SLA_OWNERSHIP,
	  "10:00", "1 met 09:00-09:00" },
	{ "closed is resolved", "09:00 received; 10:00 closed", SLA_RESOLUTION,
	  "10:00", "1 met 09:00-10:00" },
	{ "a visit", "09:00 received; 10:00 scheduled until=15:00;"
	  "10:30 scheduled until=14:00; 13:30 arrived", SLA_ONSITE_ARRIVAL,
	  "14:00", "1 met 10:00-13:30" },
	{ "no visit after all", "09:00 received; 10:00 scheduled until=15:00;"
	  "11:00 resolved", SLA_ONSITE_ARRIVAL, "14:00",
	  "1 excluded 10:00-11:00" },
	{ "followed up", "09:00 received; 10:00 resolved; 11:00 followed_up",
	  SLA_CALLBACK, "12:00", "1 met 10:00-11:00" },
	{ "reopened before", "09:00 received; 10:00 resolved; 11:00 reopened;"
	  "11:30 resolved", SLA_CALLBACK, "12:00",
	  "1 excluded 10:00-11:00; 2 running 11:30-" },
	{ "closing keeps nobody's word", "09:00 received; 10:00 resolved;"
	  "11:00 closed", SLA_CALLBACK, "12:00", "1 excluded 10:00-11:00" },
	{ "kept", "09:00 received; 09:30 promised until=11:00; 11:00 kept",
	  SLA_PROMISE, "12:00", "1 met 09:30-11:00" },
	{ "a new one in its place", "09:00 received;"
	  "09:30 promised until=10:00; 10:30 promised until=14:00;"
	  "14:30 resolved", SLA_PROMISE, "15:00",
	  "1 excluded 09:30-10:30; 2 missed 10:30-14:30" },
	{ "cleared", "09:00 received; 17:00 resolved", SLA_DAILY_CLEAR,
	  "18:00", "1 met 09:00-17:00" },
	{ "reopened, to be cleared anew", "09:00 received; 17:00 resolved;"
	  "03-11 09:00 reopened", SLA_DAILY_CLEAR, "03-11 10:00",
	  "1 met 09:00-17:00; 2 running 09:00-" },
	{ "the supplier's", "09:00 received; 10:00 pended third;"
	  "10:10 pended customer; 11:00 resumed third; 11:30 pended third "
	  "until=12:00", SLA_THIRD_PARTY, "15:00",
	  "1 met 10:00-11:00; 2 met 11:30-12:00" },
	{ "resolved before the offer's time", "08:59 resolved;"
	  "09:00 received", SLA_FIRST_RESPONSE, "10:00",
	  "1 excluded 09:00-09:00" },
	{ "who is resolved may come again", "09:00 received; 09:10 resolved;"
	  "09:20 contacted", SLA_NEXT_RESPONSE, "10:00", "1 running 09:20-" },
	{ "cancelled", "09:00 received; 15:00 cancelled; 15:30 responded",
	  SLA_FIRST_RESPONSE, "16:00", "1 excluded 09:00-15:00" },
};
/* clang-format on */

START_TEST(life)
{
	bed_revision(1, NULL, ALL_METRICS);
	bed_history(lives[_i].facts);
	bed_eval(lives[_i].at);
	ck_assert_msg(
	    strcmp(line_of(lives[_i].metric, SLA_SLA), lives[_i].want) == 0,
	    "%s: %s", lives[_i].name, line_of(lives[_i].metric, SLA_SLA));
}
END_TEST

START_TEST(stints_of_queues)
{
	bed_revision(1, NULL,
	    ALL_METRICS "\ngroup ola calendar=qd8 "
			"target=ownership:business goal=30m "
			"target=resolution:business goal=2h" WAITS);
	bed_history("09:00 received queue=a; 09:10 assigned owner=1;"
		    "09:40 assigned owner=0 queue=b;"
		    "10:20 assigned owner=2; 10:30 assigned queue=a owner=0;"
		    "10:50 assigned queue=c; 11:00 resolved");
	bed_eval("12:00");
	ck_assert_str_eq(line_of(SLA_RESOLUTION, SLA_OLA),
	    "a 1 met 09:00-09:40; b 1 met 09:40-10:30; a 2 met 10:30-10:50;"
	    " c 1 met 10:50-11:00");
	ck_assert_str_eq(
	    line_of(SLA_OWNERSHIP, SLA_OLA), "a 1 met 09:00-09:10");
	ck_assert_str_eq(line_of(SLA_RESOLUTION, SLA_SLA), "1 met 09:00-11:00");
}
END_TEST

START_TEST(a_stint_gained_counts_from_its_beginning)
{
	bed_revision(1, NULL,
	    "fault ola calendar=qd8 if=kind:fault target=resolution:business "
	    "goal=2h\nrest ola");
	bed_history("09:00 received queue=a; 10:00 assigned queue=b;"
		    "10:30 changed kind=fault");
	bed_eval("10:30");
	ck_assert_str_eq(
	    line_of(SLA_RESOLUTION, SLA_OLA), "b 1 running 10:00-");
	ck_assert_int_eq(
	    bed_clock(SLA_RESOLUTION, SLA_OLA, 0)->elapsed_us, 30 * MINUTE);
}
END_TEST

START_TEST(reassigning_never_touches_an_sla)
{
	bed_revision(1, NULL,
	    "gold sla rematch=restart calendar=qd8 if=queue:b "
	    "target=resolution:business goal=1h\np sla rematch=restart "
	    "calendar=qd8 target=resolution:business goal=4h");
	bed_history("09:00 received queue=a; 10:00 assigned queue=b owner=3;"
		    "10:30 changed tier=gold");
	bed_eval("11:00");
	ck_time(bed_clock(RES)->due_at, "14:00");
}
END_TEST

START_TEST(a_supplier_is_held_to_its_own)
{
	bed_revision(1, NULL,
	    "parts uc calendar=cn24 target=third_party:business goal=2h");
	bed_history("09:00 received; 10:00 pended third; 13:00 resumed");
	bed_eval("14:00");
	ck_assert_str_eq(
	    line_of(SLA_THIRD_PARTY, SLA_UC), "supplier 1 missed 10:00-13:00");
}
END_TEST

/* ---- the rest of the answer */

START_TEST(states_of_a_pause)
{
	const struct sla_clock *c;

	bed_revision(1, NULL, SOLVE("8h"));
	bed_history("09:00 received; 10:00 pended both until=15:00");
	bed_eval("11:00");
	c = bed_clock(RES);
	ck_stage(c, "paused");
	ck_assert_uint_eq(c->waits, WAIT_CUSTOMER | WAIT_THIRD_PARTY);
	ck_assert_int_eq(c->due_at, 0);
	ck_assert_int_eq(c->elapsed_us, HOUR);
	ck_assert_int_eq(c->next_at, INT64_MAX);
	ck_time(bed.r.resume_at, "15:00");
	ck_time(bed.r.next_at, "15:00");
	bed_eval("15:30"); /* it has ended, and nobody has said so */
	ck_stage(bed_clock(RES), "running");
	ck_time(bed.r.resume_at, "15:00");
	ck_assert_int_gt(bed.r.next_at, bed_time("15:30"));
	bed_history("09:00 received; 10:00 pended both until=15:00;"
		    "15:00 resumed");
	bed_eval("15:30");
	ck_assert_int_eq(bed.r.resume_at, 0);
	bed_history("09:00 received; 10:00 pended customer until=09:30");
	bed_eval("10:00");
	ck_stage(bed_clock(RES), "running");
	ck_time(bed.r.resume_at, "10:00");
}
END_TEST

START_TEST(who_held_it)
{
	static const struct {
		enum sla_holder holder;
		uint32_t agent;
		const char *queue;
		int64_t us;
	} want[] = {
		{ HOLDER_GROUP, 0, "a", 10 * MINUTE },
		{ HOLDER_AGENT, 7, "", 140 * MINUTE },
		{ HOLDER_CUSTOMER, 0, "", 30 * MINUTE },
		{ HOLDER_CLOSED, 0, "", HOUR + 15 * HOUR },
		{ HOLDER_SUPPLIER, 0, "", 2 * HOUR },
		{ HOLDER_GROUP, 0, "b", 2 * HOUR + 10 * MINUTE },
	};

	bed_revision(1, NULL, SOLVE("8h"));
	bed_history("09:00 received queue=a; 09:10 assigned owner=7;"
		    "10:00 pended customer; 10:30 resumed; 13:00 pended third;"
		    "15:00 resumed owner=0 queue=b; 17:10 resolved;"
		    "03-11 08:10 reopened owner=7; 03-11 09:00 resolved");
	bed_eval("03-12 00:00");
	ck_assert_uint_eq(bed.r.n_shares, NELEM(want));
	for (unsigned i = 0; i < NELEM(want); i++) {
		const struct sla_share *s = &bed.r.shares[i];

		ck_assert_str_eq(sla_holder_word(s->holder),
		    sla_holder_word(want[i].holder));
		ck_assert_uint_eq(s->agent, want[i].agent);
		ck_assert(str_eq(s->queue, str_of(want[i].queue)));
		if (i != 3)
			ck_assert_int_eq(s->us, want[i].us);
	}
	ck_assert_int_eq(bed.r.shares[3].us, 16 * HOUR + 50 * MINUTE);
}
END_TEST

START_TEST(the_explanation)
{
	static const struct {
		const char *word, *from, *to;
		int64_t elapsed;
	} want[] = {
		{ "counted", "11:00", "12:00", HOUR },
		{ "closed", "12:00", "13:00", HOUR },
		{ "counted", "13:00", "14:00", 2 * HOUR },
		{ "waiting", "14:00", "15:00", 2 * HOUR },
		{ "counted", "15:00", "16:00", 3 * HOUR },
		{ "changed", "16:00", "16:00", 3 * HOUR },
		{ "counted", "16:00", "18:00", 5 * HOUR },
		{ "closed", "18:00", "20:00", 5 * HOUR },
	};

	bed_revision(1, NULL,
	    "high sla calendar=qd8 if=priority:1 target=resolution:business "
	    "goal=6h" WAITS "\n" SOLVE("16h"));
	bed_history("11:00 received; 14:00 pended customer; 15:00 resumed;"
		    "16:00 changed priority=1");
	bed_eval("20:00");
	ck_assert_uint_eq(bed.r.n_spans, NELEM(want));
	for (unsigned i = 0; i < NELEM(want); i++) {
		const struct sla_span *s = &bed.r.spans[i];

		ck_assert_str_eq(sla_span_word(s->kind), want[i].word);
		ck_time(s->from, want[i].from);
		ck_time(s->to, want[i].to);
		ck_assert_int_eq(s->elapsed_us, want[i].elapsed);
		ck_assert_int_eq(s->goal_us, i < 5 ? 16 * HOUR : 6 * HOUR);
	}
	ck_assert_uint_eq(bed.r.spans[3].waits, WAIT_CUSTOMER);
}
END_TEST

START_TEST(what_is_refused)
{
	static const struct sla_fact bad[] = {
		{ .kind = FACT_RECEIVED },
		{ .at = 5, .kind = FACT_PROMISED },
		{ .at = 5, .kind = FACT_REVISED, .revision = 9 },
		{ .at = 5, .kind = FACT_NKINDS },
	};
	struct sla_history h = { 1, 1, NULL };
	struct arena *small = arena_new(64, 200);

	bed_revision(1, NULL, SOLVE("1h"));
	for (unsigned i = 0; i < NELEM(bad); i++) {
		h.facts = &bad[i];
		ck_err(sla_evaluate(bed.book, &h, 10, false, bed.arena, &bed.r),
		    ERR_BAD_FIELD);
	}
	bed_history("09:00 received");
	h.facts = bed.facts;
	ck_err(
	    sla_evaluate(bed.book, &h, bed_time("10:00"), false, small, &bed.r),
	    ERR_NOMEM);
	arena_free(&small);
	bed.n_facts = 0;
	bed_eval("10:00");
	ck_assert_uint_eq(bed.r.n_clocks, 0);
}
END_TEST

/* Rows as in the drawing: events start pause resume stop cancel reopen. */
START_TEST(stages)
{
	static const char *const rows[SLA_NSTAGES] = { "R--CX-", "-P-CX-",
		"--RCX-", "-----R", "------" };

	for (unsigned s = 0; s < SLA_NSTAGES; s++)
		for (unsigned e = 0; e < SLA_NCLOCK_EVENTS; e++) {
			enum sla_stage to = sla_clock_step(
			    (enum sla_stage)s, (enum sla_clock_event)e);

			ck_assert_int_eq(
			    to == s ? '-' : "NRPCX"[to], rows[s][e]);
		}
}
END_TEST

Suite *
clock_life_suite(void)
{
	const TTest *const tests[] = { stints_of_queues,
		a_stint_gained_counts_from_its_beginning,
		reassigning_never_touches_an_sla, a_supplier_is_held_to_its_own,
		states_of_a_pause, who_held_it, the_explanation,
		what_is_refused, stages };
	TCase *tc = tcase_create("lives");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_loop_test(tc, life, 0, NELEM(lives));
	for (unsigned i = 0; i < NELEM(tests); i++)
		tcase_add_test(tc, tests[i]);
	return suite_of(tc, "clock_life");
}
