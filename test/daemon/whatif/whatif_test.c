/*
 * whatif_test.c - days rehearsed on paper.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "replay/bank.h"
#include "replay/generate.h"
#include "test/support/support.h"
#include "whatif/rehearsal.h"

#define DAY_SPEC "calls=600,agents=4,priority=40,queues={help: 1},seed=3"

static struct plan *plan;
static struct hotline hotline;

static void
quiet(void)
{
	ck_ok(log_set("error"));
}

static void
set_hotline(const char *text)
{
	hotline_free(&hotline);
	ck_ok(hotline_parse("test", text, strlen(text), &hotline, stderr));
}

/* One queue with a credit, and so many agents who are there all day. */
static void
set_day(const char *credit, unsigned agents)
{
	char text[4096];
	int n = snprintf(text, sizeof(text),
	    "queues: [{name: help, ring: 20s, stay_ready: yes, "
	    "priority_credit: %s}]\n"
	    "numbers: [{called: '4006669901', queue: help}]\nagents:\n",
	    credit);

	for (unsigned i = 0; i < agents; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "  - {name: x%u, queues: [help]}\n", i);
	set_hotline(text);
}

static struct tally
rehearsed(uint64_t seed)
{
	const char *number = NULL;
	struct tally t;

	ck_ok(rehearse(plan, &hotline, seed, &t, &number));
	ck_assert_uint_eq(
	    t.offered, t.answered + t.abandoned + t.short_ + t.elsewhere);
	ck_assert_uint_eq(t.overtaken, 0);
	return t;
}

static double
class_wait(const struct tally *t, unsigned class)
{
	double wait_s = 0;
	uint64_t n = 0;

	for (unsigned h = 0; h < TALLY_HALF_HOURS; h++) {
		n += t->cells[class][h].n;
		wait_s += t->cells[class][h].wait_s;
	}
	ck_assert_uint_gt(n, 0);
	return wait_s / (double)n;
}

static void
up(void)
{
	quiet();
	ck_ok(generate_plan(DAY_SPEC, stderr, &plan));
}

static void
down(void)
{
	hotline_free(&hotline);
	plan_free(&plan);
}

START_TEST(the_same_seed_is_the_same_day)
{
	struct tally a, b, c;

	set_day("90s", 4);
	a = rehearsed(7);
	b = rehearsed(7);
	c = rehearsed(8);
	ck_assert_int_eq(memcmp(&a, &b, sizeof(a)), 0);
	ck_assert_int_ne(memcmp(&a, &c, sizeof(a)), 0);
	ck_assert_uint_eq(a.offered, c.offered); /* the same callers */
}
END_TEST

START_TEST(credit_takes_from_one_class_and_gives_to_the_other)
{
	struct tally with, without;

	set_day("5m", 4);
	with = rehearsed(0);
	set_day("0s", 4);
	without = rehearsed(0);
	ck_assert_uint_eq(with.offered, without.offered);
	ck_assert_double_lt(class_wait(&with, 1), class_wait(&without, 1));
	ck_assert_double_gt(class_wait(&with, 0), class_wait(&without, 0));
}
END_TEST

START_TEST(more_agents_answer_more_and_are_less_busy)
{
	struct tally few, many;

	set_day("90s", 3);
	few = rehearsed(1);
	set_day("90s", 6);
	many = rehearsed(1);
	ck_assert_double_gt(
	    tally_figure(&many, TALLY_LEVEL), tally_figure(&few, TALLY_LEVEL));
	ck_assert_double_lt(tally_figure(&many, TALLY_OCCUPANCY),
	    tally_figure(&few, TALLY_OCCUPANCY));
	ck_assert_double_gt(tally_figure(&few, TALLY_OCCUPANCY), 0.3);
	ck_assert_double_lt(tally_figure(&few, TALLY_OCCUPANCY), 1.0);
}
END_TEST

/* Three of four join only calls that have waited for long. */
START_TEST(the_rules_of_the_file_count)
{
	static const char agents[] =
	    "numbers: [{called: '4006669901', queue: help}]\n"
	    "agents:\n"
	    "  - {name: x0, queues: [help]}\n"
	    "  - {name: x1, queues: [help], tiers: {help: 2}}\n"
	    "  - {name: x2, queues: [help], tiers: {help: 2}}\n"
	    "  - {name: x3, queues: [help], tiers: {help: 2}}\n";
	static const char *const relax[] = { "1s", "20m" };
	struct tally t[2];
	char text[1024];

	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
		    "queues: [{name: help, stay_ready: yes, "
		    "relax: [{after: %s, tier: 2}]}]\n%s",
		    relax[i], agents);
		set_hotline(text);
		t[i] = rehearsed(1);
	}
	ck_assert_uint_gt(t[0].answered, t[1].answered + 100);
}
END_TEST

/* On the same paper as everything else: who may wait, and when. */
START_TEST(every_kind_of_rule_can_be_played)
{
	/* clang-format off */
	static const struct {
		const char *rules;
		int answered; /* as many as without, or fewer */
		int elsewhere;
	} rows[] = {
		{ "strategy: ring_all, ring_at_once: 4", 0, 0 },
		{ "strategy: most_skilled, again: 60s, announce: 30s", 0, 0 },
		{ "hours: morning, closed: refuse", -1, 1 },
		{ "full: 1, when_full: refuse", -1, 1 },
		{ "max_wait: 20s, after_max_wait: refuse", -1, 1 },
		{ "max_wait: 20s, after_max_wait: callback, follow_up_abandoned: "
		  "30s, callback: {retries: 3, every: 10m, expires: 8h}", -1, 1 },
		{ "first: {owner: 20s, last_agent: 15s}, return: 10m", 0, 0 },
	};
	/* clang-format on */
	struct tally plain, t;
	char text[2048];

	set_day("0s", 4);
	plain = rehearsed(1);
	for (unsigned i = 0; i < NELEM(rows); i++) {
		snprintf(text, sizeof(text),
		    "queues: [{name: help, ring: 20s, stay_ready: yes, "
		    "priority_credit: 0s, %s}]\n"
		    "numbers: [{called: '4006669901', queue: help}]\n"
		    "agents:\n"
		    "  - {name: x0, queues: [help]}\n"
		    "  - {name: x1, queues: [help]}\n"
		    "  - {name: x2, queues: [help]}\n"
		    "  - {name: x3, queues: [help]}\n"
		    "calendars: [{name: morning, zone: UTC, week: "
		    "{mon-sun: ['08:00-12:00']}}]\n",
		    rows[i].rules);
		set_hotline(text);
		t = rehearsed(1);
		ck_assert_uint_eq(t.offered, plain.offered);
		if (rows[i].answered < 0)
			ck_assert_uint_lt(t.answered, plain.answered);
		else
			ck_assert_uint_gt(
			    t.answered, plain.answered - plain.answered / 20);
		ck_assert_int_eq(t.elsewhere > 0, rows[i].elsewhere);
	}
}
END_TEST

START_TEST(a_number_that_leads_nowhere_is_named)
{
	const char *number = NULL;
	struct tally t;

	set_hotline("queues: [{name: help}]\n");
	ck_assert_int_eq(
	    rehearse(plan, &hotline, 1, &t, &number), ERR_BAD_FIELD);
	ck_assert_str_eq(number, "4006669901");
}
END_TEST

/* Student's t with 3 degrees of freedom: 3.182 * s / sqrt(4). */
START_TEST(an_interval_over_days)
{
	const double x[] = { 2, 4, 4, 6 };
	struct spread s = spread_of(x, 4);

	ck_assert_double_eq_tol(s.mean, 4, 1e-9);
	ck_assert_double_eq_tol(s.half, 3.182 * 1.632993 / 2, 1e-4);
	ck_assert_double_eq(spread_of(x, 1).half, 0);
}
END_TEST

/* All of the plan's numbers lead to one queue, with so much credit. */
static void
set_bank(const char *credit)
{
	char text[8192];
	int n = snprintf(text, sizeof(text),
	    "queues: [{name: bank, stay_ready: yes, priority_credit: %s}]\n"
	    "numbers:\n",
	    credit);

	for (unsigned i = 0; i < plan->n_types; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "  - {called: '%s', queue: bank}\n", plan->types[i].called);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "agents:\n");
	for (size_t i = 0; i < 12; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "  - {name: '%s', queues: [bank]}\n", plan->agents[i].name);
	set_hotline(text);
}

/* The bank's log, whose priority customers had 90 s of credit. */
START_TEST(the_banks_monday_with_and_without_credit)
{
	struct bank_days day = { "1999-08-02", "1999-08-02" };
	const char *file = test_data("bank-calls-1999-08-week1.tsv");
	struct tally with, without;

	if (file == NULL)
		return;
	plan_free(&plan);
	ck_ok(bank_read(file, &day, stderr, &plan));
	set_bank("90s");
	with = rehearsed(0);
	set_bank("0s");
	without = rehearsed(0);
	ck_assert_double_lt(class_wait(&with, 1), class_wait(&without, 1));
	ck_assert_double_gt(class_wait(&with, 0), class_wait(&without, 0));
}
END_TEST

Suite *
whatif_suite(void)
{
	Suite *s = suite_create("whatif");
	TCase *t = tcase_create("days");

	tcase_add_checked_fixture(t, up, down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_same_seed_is_the_same_day);
	tcase_add_test(t, credit_takes_from_one_class_and_gives_to_the_other);
	tcase_add_test(t, more_agents_answer_more_and_are_less_busy);
	tcase_add_test(t, the_rules_of_the_file_count);
	tcase_add_test(t, every_kind_of_rule_can_be_played);
	tcase_add_test(t, a_number_that_leads_nowhere_is_named);
	tcase_add_test(t, an_interval_over_days);
	tcase_add_test(t, the_banks_monday_with_and_without_credit);
	suite_add_tcase(s, t);
	return s;
}
