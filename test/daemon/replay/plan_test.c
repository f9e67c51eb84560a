/*
 * plan_test.c - what is played: the bank's log row by row, and generated days.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "replay/bank.h"
#include "replay/draw.h"
#include "replay/generate.h"
#include "test/support/support.h"

Suite *plan_suite(void);

#define LOG "bank-calls-1999-08-week1.tsv"
#define HEADING                                                    \
	"vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\t"   \
	"vru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\t" \
	"outcome\tser_start\tser_exit\tser_time\tserver\n"

static char *said; /* what was told about faults */
static size_t said_len;

static enum err
parse(const char *rows, const struct bank_days *days, struct plan **out)
{
	char text[4096];
	FILE *errors;
	enum err e;

	free(said);
	said = NULL;
	errors = open_memstream(&said, &said_len);
	snprintf(text, sizeof(text), "%s%s", HEADING, rows);
	e = bank_parse("log", text, strlen(text), days, errors, out);
	fclose(errors);
	return e;
}

static struct plan *
plan_of(const char *rows)
{
	struct plan *p;

	ck_ok(parse(rows, NULL, &p));
	return p;
}

static struct plan *
whole_log(const struct bank_days *days)
{
	const char *file = test_data(LOG);
	struct plan *p;

	if (file == NULL)
		test_skip("no " LOG);
	ck_ok(bank_read(file, days, stderr, &p));
	return p;
}

/* ------------------------------------------------------------ the bank */

START_TEST(the_log_is_read_whole)
{
	struct plan *p = whole_log(NULL);
	size_t served = 0, menu = 0;

	for (size_t i = 0; i < p->n_calls; i++) {
		served += p->calls[i].patience_us == PLAN_FOR_EVER;
		menu += !p->calls[i].queues;
	}
	ck_assert_uint_eq(p->rows, 11715);
	ck_assert_uint_eq(p->phantoms, 100);
	ck_assert_uint_eq(p->n_calls, 11615);
	ck_assert_uint_eq(served, 7917);
	ck_assert_uint_eq(p->n_calls - served, 3698);
	ck_assert_uint_eq(menu, 633);
	ck_assert_uint_eq(p->n_types, 6);
	ck_assert_uint_eq(p->n_agents, 22);
	for (size_t i = 1; i < p->n_calls; i++)
		ck_assert(p->calls[i - 1].offered_at <= p->calls[i].offered_at);
	for (size_t i = 0; i < p->n_calls; i++) {
		ck_assert(p->calls[i].menu_us >= 0);
		ck_assert(p->calls[i].patience_us >= 0);
		ck_assert(p->calls[i].service_us >= 0);
	}
	plan_free(&p);
}
END_TEST

START_TEST(names_are_the_calls_own)
{
	struct plan *p = whole_log(NULL);

	for (size_t i = 1; i < p->n_calls; i++) {
		const struct plan_call *a = &p->calls[i - 1], *b = &p->calls[i];

		ck_assert_uint_le(strlen(b->name), PLAN_NAME_MAX);
		if (a->offered_at == b->offered_at)
			ck_assert_str_ne(a->name, b->name);
	}
	plan_free(&p);
}
END_TEST

START_TEST(a_day_alone_is_served_as_in_its_week)
{
	struct bank_days day = { "1999-08-04", "1999-08-04" };
	struct plan *week = whole_log(NULL), *p = whole_log(&day);
	size_t k = 0;

	ck_assert_uint_eq(p->epoch, week->epoch);
	ck_assert_uint_gt(p->n_calls, 1000);
	for (size_t i = 0; i < p->n_calls; i++, k++) {
		while (strcmp(week->calls[k].name, p->calls[i].name) != 0)
			k++;
		ck_assert_int_eq(
		    week->calls[k].service_us, p->calls[i].service_us);
	}
	plan_free(&week);
	plan_free(&p);
}
END_TEST

START_TEST(who_was_served_waits_for_ever)
{
	struct plan *p = plan_of(
	    "AA01\t1\t77\t2\tPS\t1999-08-01\t10:00:45\t10:00:51\t6\t10:00:51\t"
	    "10:01:33\t42\tAGENT\t10:01:32\t10:03:08\t96\tVICKY\n");
	const struct plan_call *c = &p->calls[0];

	ck_assert_str_eq(c->name, "1999-08-01/AA01/1/10:00:45");
	ck_assert_str_eq(c->caller, "77");
	ck_assert_uint_eq(c->priority, 1);
	ck_assert(c->queues && c->patience_us == PLAN_FOR_EVER);
	ck_assert_int_eq(c->menu_us, 6 * CLOCK_S);
	ck_assert_int_eq(c->service_us, 96 * CLOCK_S);
	ck_assert_int_eq(c->ring_us, 0);
	ck_assert_uint_eq(p->n_corrections, 0);
	ck_assert_uint_eq(p->n_agents, 1);
	ck_assert_str_eq(p->agents[0].name, "VICKY");
	ck_assert_int_eq(
	    p->agents[0].shifts[0].from, c->offered_at + 47 * CLOCK_S);
	ck_assert_int_eq(
	    p->agents[0].shifts[0].to, c->offered_at + 143 * CLOCK_S);
	plan_free(&p);
}
END_TEST

START_TEST(who_hung_up_may_be_served_like_another)
{
	struct plan *p = plan_of(
	    "AA01\t1\t0\t0\tPS\t1999-08-01\t10:00:00\t10:00:05\t5\t10:00:05\t"
	    "10:00:09\t4\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n"
	    "AA01\t2\t0\t0\tPS\t1999-08-01\t10:01:00\t10:01:05\t5\t0:00:00\t"
	    "0:00:00\t0\tAGENT\t10:01:05\t10:02:00\t55\tNO_SERVER\n"
	    "AA01\t3\t0\t0\tNW\t1999-08-01\t10:03:00\t10:03:05\t5\t0:00:00\t"
	    "0:00:00\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n");

	ck_assert_int_eq(p->calls[0].patience_us, 4 * CLOCK_S);
	ck_assert_int_eq(p->calls[0].service_us, 55 * CLOCK_S);
	ck_assert_str_eq(p->calls[0].caller, "");
	ck_assert(p->calls[1].queues);
	ck_assert(!p->calls[2].queues);
	ck_assert_uint_eq(p->n_agents, 0);
	plan_free(&p);
}
END_TEST

/* One row each: what contradicts, what is played. */
static const struct correction_case {
	const char *times, *what;
	int64_t menu_s, patience_s, service_s;
} corrections[] = {
	{ "12:04:42\t12:03:15\t-87\t12:03:15\t12:04:56\t101\tHANG\t0:00:00\t"
	  "0:00:00\t0\tNO_SERVER",
	    "the menu ended before it began: ended at once", 0, 14, 0 },
	{ "23:59:35\t23:59:35\t0\t23:59:41\t0:01:20\t99\tHANG\t0:00:00\t"
	  "0:00:00\t0\tNO_SERVER",
	    "on the next day", 6, 99, 0 },
	{ "23:54:40\t23:54:44\t4\t23:54:44\t23:58:54\t250\tAGENT\t23:58:54\t"
	  "0:04:25\t331\tAVNI",
	    "on the next day", 4, -1, 331 },
	{ "15:58:23\t15:58:32\t9\t15:58:32\t16:03:00\t268\tHANG\t16:03:05\t"
	  "16:03:12\t7\tNO_SERVER",
	    "hung up, yet a service: left out", 9, 268, 0 },
	{ "8:48:53\t8:49:02\t9\t8:49:02\t8:53:47\t285\tAGENT\t0:00:00\t"
	  "0:00:00\t0\tSTEREN",
	    "served, yet no service: ends at once", 9, -1, 0 },
	{ "10:00:00\t10:00:10\t10\t10:00:10\t10:01:00\t50\tAGENT\t10:00:30\t"
	  "10:02:30\t120\tAVI",
	    "the service began before the wait ended: begins when it ended", 10,
	    -1, 120 },
	{ "10:00:00\t10:00:10\t10\t10:00:05\t10:01:00\t55\tHANG\t0:00:00\t"
	  "0:00:00\t0\tNO_SERVER",
	    "the wait began before the menu ended: begins when it ended", 10,
	    50, 0 },
};

START_TEST(contradictions_are_put_right_and_listed)
{
	const struct correction_case *t = &corrections[_i];
	struct plan *p;
	char row[512];

	snprintf(
	    row, sizeof(row), "AA01\t9\t0\t0\tPS\t1999-08-02\t%s\n", t->times);
	p = plan_of(row);
	ck_assert_uint_ge(p->n_corrections, 1);
	ck_assert_str_eq(p->corrections[0].what, t->what);
	ck_assert_uint_eq(p->corrections[0].line, 2);
	ck_assert_str_eq(p->corrections[0].call, p->calls[0].name);
	ck_assert_int_eq(p->calls[0].menu_us, t->menu_s * CLOCK_S);
	if (t->patience_s >= 0)
		ck_assert_int_eq(
		    p->calls[0].patience_us, t->patience_s * CLOCK_S);
	else
		ck_assert(p->calls[0].patience_us == PLAN_FOR_EVER);
	ck_assert_int_eq(p->calls[0].service_us, t->service_s * CLOCK_S);
	plan_free(&p);
}
END_TEST

START_TEST(a_service_past_midnight_is_of_its_day)
{
	struct plan *p = plan_of(
	    "AA01\t1\t0\t0\tPS\t1999-08-02\t23:59:30\t23:59:35\t5\t23:59:35\t"
	    "0:01:20\t105\tAGENT\t0:01:20\t0:02:44\t84\tGELBER\n"
	    "AA01\t2\t0\t0\tPS\t1999-08-03\t7:00:00\t7:00:05\t5\t0:00:00\t"
	    "0:00:00\t0\tAGENT\t7:00:05\t7:02:44\t159\tGELBER\n");

	ck_assert_uint_eq(p->agents[0].n_shifts, 2);
	ck_assert_int_eq(
	    p->agents[0].shifts[0].to - p->agents[0].shifts[0].from,
	    84 * CLOCK_S);
	plan_free(&p);
}
END_TEST

static const struct bad_case {
	const char *row, *said;
} bad[] = {
	{ "AA01\t1\n", "log:2: 2 columns, not 17; is this the bank's log?\n" },
	{ "AA01\t1\t0\t0\tPS\t1999-02-30\t1:00:00\t1:00:00\t0\t0:00:00\t0:00:00"
	  "\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n",
	    "log:2: date is '1999-02-30', not YYYY-MM-DD\n" },
	{ "AA01\t1\t0\t0\tPS\t1999-08-01\t1:61:00\t1:00:00\t0\t0:00:00\t0:00:00"
	  "\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n",
	    "log:2: vru_entry is '1:61:00', not a time of day\n" },
	{ "AA01\t1\t0\t0\tPS\t1999-08-01\t1:00:00\t1:00:00\t0\t0:00:00\t0:00:00"
	  "\t0\tGONE\t0:00:00\t0:00:00\t0\tNO_SERVER\n",
	    "log:2: outcome is 'GONE'; AGENT, HANG or PHANTOM\n" },
	{ "AA01\t1\t0\tx\tPS\t1999-08-01\t1:00:00\t1:00:00\t0\t0:00:00\t0:00:00"
	  "\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n",
	    "log:2: priority is 'x', not a number\n" },
};

START_TEST(what_is_no_log_is_refused_with_its_line)
{
	struct plan *p = NULL;

	ck_err(parse(bad[_i].row, NULL, &p), ERR_BAD_FIELD);
	ck_assert_str_eq(said, bad[_i].said);
	ck_assert_ptr_null(p);
}
END_TEST

START_TEST(another_heading_is_refused)
{
	struct plan *p = NULL;
	static const char text[] = "a\tb\n";
	FILE *none = fopen("/dev/null", "w");

	ck_err(bank_parse("log", text, sizeof(text) - 1, NULL, none, &p),
	    ERR_BAD_FIELD);
	ck_err(bank_parse("log", "", 0, NULL, none, &p), ERR_BAD_FIELD);
	fclose(none);
}
END_TEST

/* -------------------------------------------------------------- chance */

START_TEST(draws_have_the_means_asked_for)
{
	struct draw d = draw_for(7, "mean", "test");
	double service = 0, square = 0, patience = 0;
	const int n = 100000;

	for (int i = 0; i < n; i++) {
		double s = draw_log_normal(&d, 184, 1.28);

		service += s;
		square += s * s;
		patience += draw_exponential(&d, 345);
	}
	service /= n;
	ck_assert_double_eq_tol(service, 184, 184 * 0.03);
	ck_assert_double_eq_tol(
	    sqrt(square / n - service * service) / service, 1.28, 0.1);
	ck_assert_double_eq_tol(patience / n, 345, 345 * 0.03);
}
END_TEST

START_TEST(draws_belong_to_seed_identity_and_purpose)
{
	struct draw a = draw_for(1, "ab", "c"), b = draw_for(1, "ab", "c");
	struct draw c = draw_for(1, "a", "bc"), d = draw_for(2, "ab", "c");
	uint64_t first = draw_bits(&a);

	ck_assert_uint_eq(first, draw_bits(&b));
	ck_assert_uint_ne(first, draw_bits(&c));
	ck_assert_uint_ne(first, draw_bits(&d));
}
END_TEST

/* ----------------------------------------------------------- generated */

static struct plan *
generated(const char *spec)
{
	struct plan *p;

	ck_ok(generate_plan(spec, stderr, &p));
	return p;
}

START_TEST(a_generated_day_has_the_service_asked_for)
{
	struct plan *p = generated("calls=100000,service_mean=120s");
	double sum = 0, menu = 0;

	ck_assert_uint_eq(p->n_calls, 100000);
	for (size_t i = 0; i < p->n_calls; i++) {
		sum += (double)p->calls[i].service_us;
		menu += !p->calls[i].queues;
		ck_assert(p->calls[i].ring_us >= CLOCK_S);
		ck_assert(p->calls[i].ring_us <= 4 * CLOCK_S);
	}
	ck_assert_double_eq_tol(sum / 100000 / 1e6, 120, 120 * 0.03);
	ck_assert_double_eq_tol(menu / 100000, 0.05, 0.005);
	plan_free(&p);
}
END_TEST

START_TEST(the_same_spec_gives_the_same_day)
{
	struct plan *a = generated("calls=500"), *b = generated("calls=500");
	struct plan *c = generated("calls=500,seed=2");

	ck_assert_uint_eq(a->epoch, b->epoch);
	ck_assert_uint_ne(a->epoch, c->epoch);
	ck_assert_int_ne(a->calls[0].offered_at, c->calls[0].offered_at);
	for (size_t i = 0; i < a->n_calls; i++) {
		ck_assert_str_eq(a->calls[i].name, b->calls[i].name);
		ck_assert_str_eq(a->calls[i].caller, b->calls[i].caller);
		ck_assert_int_eq(
		    a->calls[i].offered_at, b->calls[i].offered_at);
		ck_assert_int_eq(
		    a->calls[i].service_us, b->calls[i].service_us);
	}
	plan_free(&a);
	plan_free(&b);
	plan_free(&c);
}
END_TEST

START_TEST(calls_come_when_and_where_the_spec_says)
{
	struct plan *p = generated("calls=4000,days=2,date=2026-03-31,agents=3,"
				   "queues={a: 3, b: 1},arrivals=0 0 1 0 0 0 0 "
				   "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
				   "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3");
	int64_t midnight;
	size_t late = 0, a = 0;

	ck_ok(plan_day("2026-03-31", &midnight));
	ck_assert_uint_eq(p->n_calls, 8000);
	for (size_t i = 0; i < p->n_calls; i++) {
		int64_t t = (p->calls[i].offered_at - midnight) / CLOCK_S;

		ck_assert(t >= 3600 && t < 2 * 86400);
		t %= 86400;
		ck_assert((t >= 3600 && t < 5400) || t >= 84600);
		late += t >= 84600;
		a += p->calls[i].type == 0;
	}
	ck_assert_double_eq_tol((double)late / 8000, 0.75, 0.02);
	ck_assert_double_eq_tol((double)a / 8000, 0.75, 0.02);
	ck_assert_uint_eq(p->n_agents, 3);
	ck_assert_uint_eq(p->agents[0].n_shifts, 2);
	plan_free(&p);
}
END_TEST

static const char *const bad_specs[] = { "calls=0", "cals=5", "calls=x",
	"date=2026-02-30", "ring_low=5s", "arrivals=1 2 3", "queues={}",
	"service_mean=10", "calls=1,calls=2" };

START_TEST(a_bad_spec_is_told_and_refused)
{
	char *text = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&text, &len);
	struct plan *p = NULL;

	ck_err(generate_plan(bad_specs[_i], errors, &p), ERR_CONFIG);
	fclose(errors);
	ck_assert_uint_gt(len, 0);
	ck_assert_ptr_null(p);
	free(text);
}
END_TEST

Suite *
plan_suite(void)
{
	TCase *bank = tcase_create("bank"), *made = tcase_create("generated");
	Suite *s = suite_of(bank, "plan");

	tcase_add_test(bank, the_log_is_read_whole);
	tcase_add_test(bank, names_are_the_calls_own);
	tcase_add_test(bank, a_day_alone_is_served_as_in_its_week);
	tcase_add_test(bank, who_was_served_waits_for_ever);
	tcase_add_test(bank, who_hung_up_may_be_served_like_another);
	tcase_add_loop_test(bank, contradictions_are_put_right_and_listed, 0,
	    (int)NELEM(corrections));
	tcase_add_test(bank, a_service_past_midnight_is_of_its_day);
	tcase_add_loop_test(
	    bank, what_is_no_log_is_refused_with_its_line, 0, (int)NELEM(bad));
	tcase_add_test(bank, another_heading_is_refused);
	tcase_add_test(made, draws_have_the_means_asked_for);
	tcase_add_test(made, draws_belong_to_seed_identity_and_purpose);
	tcase_add_test(made, a_generated_day_has_the_service_asked_for);
	tcase_add_test(made, the_same_spec_gives_the_same_day);
	tcase_add_test(made, calls_come_when_and_where_the_spec_says);
	tcase_add_loop_test(
	    made, a_bad_spec_is_told_and_refused, 0, (int)NELEM(bad_specs));
	suite_add_tcase(s, made);
	return s;
}
