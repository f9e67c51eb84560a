/*
 * strategy_test.c - whom among the ready: each strategy as its line in the
 * manual says, alone and on the desk.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

/* ---- the scores alone: of two agents, the first goes first */

#define T (INT64_C(1790000000) * S)

/* clang-format off */
static const struct {
	const char *what;
	enum strategy strategy;
	struct strategy_agent first, second;
} pairs[] = {
	{ "who has been ready longest", STRATEGY_LONGEST_IDLE,
	  { .ready_since = T }, { .ready_since = T + 10 } },
	{ "who was offered least recently", STRATEGY_ROUND_ROBIN,
	  { .offered_at = T, .ready_since = T + 9 * S },
	  { .offered_at = T + S, .ready_since = T } },
	{ "who never was", STRATEGY_ROUND_ROBIN,
	  { .ready_since = T + 9 * S }, { .offered_at = T - 900 * S } },
	{ "of those, the longest idle", STRATEGY_ROUND_ROBIN,
	  { .ready_since = T }, { .ready_since = T + S } },
	{ "who has had fewest calls", STRATEGY_FEWEST_CALLS,
	  { .calls = 3, .ready_since = T + 999 * S },
	  { .calls = 4, .ready_since = T } },
	{ "of as many, the longest idle", STRATEGY_FEWEST_CALLS,
	  { .calls = 3, .ready_since = T },
	  { .calls = 3, .ready_since = T + S } },
	{ "who has talked least", STRATEGY_LEAST_TALK,
	  { .talk_us = 100 * S, .ready_since = T + 999 * S },
	  { .talk_us = 100 * S + 1, .ready_since = T } },
	{ "who has not talked", STRATEGY_LEAST_TALK,
	  { .ready_since = T + 999 * S }, { .talk_us = 1, .ready_since = T } },
	{ "of those, the longest idle", STRATEGY_LEAST_TALK,
	  { .ready_since = T }, { .ready_since = T + S } },
	{ "as the file names them", STRATEGY_TOP_DOWN,
	  { .rank = 1, .ready_since = T + S }, { .rank = 2, .ready_since = T } },
	{ "whose clock rings first", STRATEGY_RANDOM,
	  { .drawn = 7, .ready_since = T + S },
	  { .drawn = 8, .ready_since = T } },
	{ "whose clock rings first", STRATEGY_WEIGHTED_RANDOM,
	  { .drawn = 7, .ready_since = T + S },
	  { .drawn = 8, .ready_since = T } },
	{ "all at once: the longest idle where there is a bound",
	  STRATEGY_RING_ALL, { .ready_since = T }, { .ready_since = T + S } },
	{ "who is most skilled", STRATEGY_MOST_SKILLED,
	  { .levels = 12, .ready_since = T + S },
	  { .levels = 11, .ready_since = T } },
	{ "of equals, the longest idle", STRATEGY_MOST_SKILLED,
	  { .levels = 12, .ready_since = T },
	  { .levels = 12, .ready_since = T + S } },
	{ "who is least skilled", STRATEGY_LEAST_SKILLED,
	  { .levels = 11, .ready_since = T + S },
	  { .levels = 12, .ready_since = T } },
	{ "of equals, the longest idle", STRATEGY_LEAST_SKILLED,
	  { .levels = 12, .ready_since = T },
	  { .levels = 12, .ready_since = T + S } },
};
/* clang-format on */

START_TEST(the_first_goes_first)
{
	int64_t a = strategy_score(pairs[_i].strategy, &pairs[_i].first);
	int64_t b = strategy_score(pairs[_i].strategy, &pairs[_i].second);
	struct strategy_agent far = pairs[_i].first;

	ck_assert_msg(a < b, "%s", pairs[_i].what);
	far.tier = 2; /* tiers come before all */
	ck_assert_msg(b < strategy_score(pairs[_i].strategy, &far), "%s: tier",
	    pairs[_i].what);
}
END_TEST

/* Whatever is put in, tiers stay apart and the ACD keeps the score exactly. */
START_TEST(scores_stay_in_their_tier)
{
	static const struct strategy_agent ends[] = {
		{ .ready_since = 0 },
		{ .ready_since = INT64_MAX,
		    .offered_at = INT64_MAX,
		    .calls = UINT64_MAX,
		    .talk_us = INT64_MAX,
		    .rank = UINT32_MAX,
		    .levels = UINT32_MAX,
		    .drawn = INT64_MAX },
		{ .ready_since = INT64_MIN / 2,
		    .offered_at = 1,
		    .talk_us = -1,
		    .drawn = -1 },
	};

	for (int s = 0; s < NSTRATEGIES; s++)
		for (unsigned i = 0; i < NELEM(ends); i++)
			for (unsigned tier = 0; tier <= 11; tier++) {
				struct strategy_agent a = ends[i];
				int64_t want = tier == 0 ? 1 : tier;
				int64_t got;

				a.tier = (uint8_t)tier;
				want = want > RULES_TIERS ? RULES_TIERS : want;
				got = strategy_score(s, &a);
				ck_assert_int_eq(got / STRATEGY_TIER, want);
				ck_assert_int_lt(got, ACD_AGENT_SCORES);
			}
}
END_TEST

/* ---- chance: a fixed seed, and what 1 of 1,000 seeds would not pass */

#define DRAWS 20000

/* clang-format off */
static const struct {
	unsigned n;
	uint32_t weights[6];
	double bound; /* of chi squared with n - 1 degrees of freedom */
} chances[] = {
	{ 2, { 1, 1 }, 10.83 },
	{ 5, { 1, 1, 1, 1, 1 }, 18.47 },
	{ 3, { 1, 2, 3 }, 13.82 },
	{ 6, { 10, 1, 1, 5, 2, 0 }, 20.52 }, /* 0 is 1 */
};
/* clang-format on */

START_TEST(chance_is_fair_by_weight)
{
	uint64_t random = 20261123;
	int64_t rings[6], clock = 0;
	unsigned won[6] = { 0 }, n = chances[_i].n;
	double chi = 0, sum = 0;

	for (unsigned i = 0; i < n; i++) {
		rings[i] = strategy_draw(&random, 0, chances[_i].weights[i]);
		sum += chances[_i].weights[i] > 0 ? chances[_i].weights[i] : 1;
	}
	for (unsigned draw = 0; draw < DRAWS; draw++) {
		unsigned first = 0;

		for (unsigned i = 1; i < n; i++)
			if (rings[i] < rings[first])
				first = i;
		won[first]++;
		clock = rings[first];
		rings[first] =
		    strategy_draw(&random, clock, chances[_i].weights[first]);
	}
	for (unsigned i = 0; i < n; i++) {
		uint32_t w = chances[_i].weights[i];
		double want = DRAWS * (w > 0 ? w : 1) / sum;

		chi += (won[i] - want) * (won[i] - want) / want;
	}
	ck_assert_double_lt(chi, chances[_i].bound);
}
END_TEST

/* ---- on the desk: three agents of one queue, English 8, 3 and 5 */

static const struct bed_house house = {
	.skills = "1|english",
	.queues = "1|q|1=1|20000000|0|0|t|5000000|",
	.agents = "1|a1|One|f|1|1=8||||\n2|a2|Two|f|1|1=3||||\n"
		  "3|a3|Three|f|1|1=5||||",
	.devices = "801|1\n802|1\n803|1",
	.numbers = "4001||1",
};

static void
open_house(void)
{
	bed_open(&house);
}

static void
come(uint32_t agent)
{
	char phone[8];

	snprintf(phone, sizeof(phone), "80%u", agent);
	bench.now += S;
	bed_log_in(agent, phone, AGENT_STATE_READY);
}

/* clang-format off */
static const struct {
	const char *rules, *come; /* in this order */
	unsigned tier[3], rank[3];
	const char *figures[3]; /* calls|talk(us), as they come */
	const char *go;         /* to whom the first three calls go */
} rows[] = {
	{ "strategy longest_idle", "312", { 0 }, { 0 }, { 0 }, "312" },
	{ "strategy longest_idle", "123", { 2, 1, 1 }, { 0 }, { 0 }, "231" },
	{ "strategy top_down", "321", { 0 }, { 3, 1, 2 }, { 0 }, "231" },
	{ "strategy top_down", "321", { 1, 2, 2 }, { 3, 2, 1 }, { 0 }, "132" },
	{ "strategy fewest_calls", "123", { 0 }, { 0 },
	  { "5|9000000", "2|9000000", "9|1" }, "213" },
	{ "strategy fewest_calls", "213", { 0 }, { 0 },
	  { "4|9", "4|9", "4|9" }, "213" },
	{ "strategy least_talk", "123", { 0 }, { 0 },
	  { "5|9000000", "9|9000001", "9|8000000" }, "312" },
	{ "strategy most_skilled", "213", { 0 }, { 0 }, { 0 }, "132" },
	{ "strategy most_skilled", "213", { 2, 1, 1 }, { 0 }, { 0 }, "321" },
	{ "strategy least_skilled", "123", { 0 }, { 0 }, { 0 }, "231" },
	{ "strategy round_robin", "231", { 0 }, { 0 }, { 0 }, "231" },
	{ "strategy ring_all\nring_at_once 1", "312", { 0 }, { 0 }, { 0 }, "312" },
};
/* clang-format on */

START_TEST(calls_go_by_the_queue_s_strategy)
{
	char call[2] = "a", went[4] = "";

	bed_rules("q", rows[_i].rules);
	for (uint32_t a = 1; a <= 3; a++) {
		agent_find(bench.desk, a)->profile.tiers[0] =
		    (uint8_t)rows[_i].tier[a - 1];
		agent_find(bench.desk, a)->rank = rows[_i].rank[a - 1];
	}
	for (unsigned i = 0; i < 3; i++) {
		if (rows[_i].figures[i] != NULL)
			fake_ledger_once(bench.ledger, LQ_AGENT_FIGURES,
			    rows[_i].figures[i]);
		come((uint32_t)(rows[_i].come[i] - '0'));
	}
	for (unsigned i = 0; i < 3; i++, call[0]++) {
		bench.offered_to = 0;
		bed_event(call, 1, CALL_EV_QUEUED, "");
		went[i] = (char)('0' + bench.offered_to);
	}
	ck_assert_str_eq(went, rows[_i].go);
}
END_TEST

/* The offered agent talks for so long, and is ready again. */
static void
serve(const char *call, int64_t talk_us)
{
	uint32_t agent = bench.offered_to;
	struct desk_action a = bed_by(agent);
	char phone[8];

	snprintf(phone, sizeof(phone), "80%u", agent);
	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	bed_run();
	bed_result(ERR_OK);
	bed_event(call, 2, CALL_EV_DELIVERED, phone);
	bed_event(call, 3, CALL_EV_ESTABLISHED, phone);
	bench.now += talk_us;
	bed_event(call, 4, CALL_EV_CALL_CLEARED, "");
	bench.now += S;
	a = bed_by(agent);
	ck_ok(desk_set_state(bench.desk, &a, AGENT_STATE_READY, STR_LIT("")));
	bed_run();
	bench.offered_to = 0;
}

static uint32_t
goes_to(const char *call)
{
	bed_event(call, 1, CALL_EV_QUEUED, "");
	return bench.offered_to;
}

/* Agent 1 has talked long ago and for long, 2 just now and briefly, twice. */
/* clang-format off */
static const struct {
	const char *rules, *come;
	uint32_t next;
} histories[] = {
	{ "strategy longest_idle", "21", 2 },
	{ "strategy round_robin", "21", 1 },
	{ "strategy fewest_calls", "21", 1 },
	{ "strategy least_talk", "12", 2 },
};
/* clang-format on */

START_TEST(what_was_done_counts_at_once)
{
	const struct agent_figures *f = &agent_find(bench.desk, 2)->figures;

	bed_rules("q", histories[_i].rules);
	come(1);
	ck_assert_uint_eq(goes_to("a"), 1);
	serve("a", 100 * S);
	desk_agent_gone(bench.desk, 1, true, bench.now);
	come(2);
	ck_assert_uint_eq(goes_to("b"), 2);
	serve("b", 5 * S);
	ck_assert_uint_eq(goes_to("c"), 2);
	serve("c", 5 * S);
	ck_assert_uint_eq(f->calls, 2);
	ck_assert_int_eq(f->talk_us, 10 * S);
	desk_agent_gone(bench.desk, 2, true, bench.now);
	for (const char *p = histories[_i].come; *p != '\0'; p++) {
		fake_ledger_once(bench.ledger, LQ_AGENT_FIGURES,
		    *p == '1' ? "1|100000000" : "2|10000000");
		come((uint32_t)(*p - '0'));
	}
	ck_assert_uint_eq(goes_to("d"), histories[_i].next);
}
END_TEST

/* Between the question and its answer a call has ended: it counts, once. */
START_TEST(the_ledger_s_figures_and_the_own_are_added)
{
	struct agent *a = agent_find(bench.desk, 1);

	bed_rules("q", "strategy fewest_calls");
	fake_ledger_once(bench.ledger, LQ_AGENT_FIGURES, "7|70");
	ck_ok(desk_agent_login(bench.desk, 1, STR_LIT("801"),
	    AGENT_STATE_NOT_READY, STR_LIT(""), bench.now));
	strategy_told(bench.desk, a, ACD_BUSY);
	bench.desk->now += 30;
	strategy_told(bench.desk, a, ACD_WRAP_UP);
	bed_run();
	ck_assert_uint_eq(a->figures.calls, 8);
	ck_assert_int_eq(a->figures.talk_us, 100);
	ck_assert_str_eq(fake_ledger_args(bench.ledger, LQ_AGENT_FIGURES),
	    "1|1789956800000000"); /* 12 h before */
}
END_TEST

START_TEST(figures_are_asked_for_where_they_count)
{
	bed_rules("q", "strategy top_down");
	come(1);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_AGENT_FIGURES), 0);
	bed_rules("q", "strategy least_talk");
	come(2);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_AGENT_FIGURES), 1);
}
END_TEST

/* ---- chance on the desk: each call's first offer is refused */

static void
refuse(void)
{
	struct desk_action a = bed_by(bench.offered_to);

	ck_ok(desk_offer_refuse(bench.desk, &a, bench.offer, STR_LIT("")));
	bed_run();
}

static double
chi_of(unsigned calls, const double want[3])
{
	unsigned won[3] = { 0 };
	double chi = 0;
	char call[16];

	for (uint32_t a = 1; a <= 3; a++)
		come(a);
	for (unsigned i = 0; i < calls; i++) {
		snprintf(call, sizeof(call), "c%u", i);
		bench.now += S;
		won[goes_to(call) - 1]++;
		refuse();
		bed_event(call, 2, CALL_EV_CALL_CLEARED, "");
		bed_page();
	}
	for (unsigned i = 0; i < 3; i++)
		chi += (won[i] - want[i]) * (won[i] - want[i]) / want[i];
	return chi;
}

START_TEST(random_is_fair_on_the_desk)
{
	bed_rules("q", "strategy random");
	ck_assert_double_lt(
	    chi_of(600, (const double[]){ 200, 200, 200 }), 13.82);
}
END_TEST

START_TEST(weighted_random_is_fair_on_the_desk)
{
	bed_rules("q", "strategy weighted_random");
	for (uint32_t a = 1; a <= 3; a++)
		agent_find(bench.desk, a)->weights[0] = (uint8_t)a;
	ck_assert_double_lt(
	    chi_of(600, (const double[]){ 100, 200, 300 }), 13.82);
}
END_TEST

START_TEST(clocks_that_have_run_far_begin_anew)
{
	struct queue *q = queue_by_name(bench.desk, STR_LIT("q"));

	bed_rules("q", "strategy random");
	q->clocks[1] = STRATEGY_TIER / 2 - 1;
	for (uint32_t a = 1; a <= 3; a++)
		come(a);
	ck_assert_uint_ne(goes_to("a"), 0);
	ck_assert_int_eq(q->clocks[1], 0);
	bench.offered_to = 0;
	ck_assert_uint_ne(goes_to("b"), 0);
	ck_assert_int_gt(q->clocks[1], 0);
	ck_assert_int_lt(q->clocks[1], STRATEGY_TIER / 4);
	bench.offered_to = 0;
	ck_assert_uint_ne(goes_to("c"), 0);
}
END_TEST

Suite *strategy_suite(void);

Suite *
strategy_suite(void)
{
	TCase *tc = tcase_create("scores"), *desk = tcase_create("desk");
	Suite *s;

	tcase_add_loop_test(tc, the_first_goes_first, 0, NELEM(pairs));
	tcase_add_test(tc, scores_stay_in_their_tier);
	tcase_add_loop_test(tc, chance_is_fair_by_weight, 0, NELEM(chances));
	s = suite_of(tc, "strategy");
	tcase_add_checked_fixture(desk, open_house, bed_down);
	tcase_add_loop_test(
	    desk, calls_go_by_the_queue_s_strategy, 0, NELEM(rows));
	tcase_add_loop_test(
	    desk, what_was_done_counts_at_once, 0, NELEM(histories));
	tcase_add_test(desk, the_ledger_s_figures_and_the_own_are_added);
	tcase_add_test(desk, figures_are_asked_for_where_they_count);
	tcase_add_test(desk, random_is_fair_on_the_desk);
	tcase_add_test(desk, weighted_random_is_fair_on_the_desk);
	tcase_add_test(desk, clocks_that_have_run_far_begin_anew);
	suite_add_tcase(s, desk);
	return s;
}
