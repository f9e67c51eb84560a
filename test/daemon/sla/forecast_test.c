/*
 * forecast_test.c - chances by hand, and how far they were off.
 */
#include "sla/forecast.h"

#include <stddef.h>

#include "test/support/support.h"

static struct forecast *f;

static void
setup(void)
{
	ck_ok(forecast_new(&f));
}

static void
teardown(void)
{
	forecast_free(&f);
}

/* Evenly from 0 to 20 * step. */
static struct forecast_sample
even(const char *category, unsigned n, int64_t step)
{
	struct forecast_sample s = { .category = str_of(category), .n = n };

	for (int i = 0; i < FORECAST_QUANTILES; i++)
		s.q[i] = i * step;
	return s;
}

static void
learn(struct forecast_sample s)
{
	ck_ok(forecast_learn(f, &s));
}

START_TEST(survival_over_survival)
{
	static const struct {
		int64_t elapsed, goal, wait;
		int32_t want;
	} rows[] = {
		{ 0, 1000, 0, 500000 }, { 0, 2000, 0, 0 }, { 0, 5000, 0, 0 },
		{ 1000, 1500, 0, 500000 }, { 500, 1625, 0, 250000 },
		{ 0, 1500, 500, 500000 },     /* in the queue till then */
		{ 1200, 1500, 300, 1000000 }, /* too late already */
		{ 1500, 1500, 0, 1000000 },
		{ 2000, 3000, 0, -1 }, /* longer than any */
	};

	learn(even("a", 30, 100));
	learn(even("", 30, 1));
	for (unsigned i = 0; i < NELEM(rows); i++)
		ck_assert_int_eq(forecast_risk(f, STR_LIT("a"), rows[i].elapsed,
				     rows[i].goal, rows[i].wait),
		    rows[i].want);
}
END_TEST

START_TEST(what_is_known)
{
	struct forecast_sample falling = even("b", 99, 100);

	ck_assert_int_eq(forecast_risk(f, STR_LIT("a"), 0, 1000, 0), -1);
	learn(even("a", FORECAST_MIN_SAMPLES - 1, 100));
	ck_assert_int_eq(forecast_risk(f, STR_LIT("a"), 0, 1000, 0), -1);
	learn(even("", FORECAST_MIN_SAMPLES, 200));
	ck_assert_int_eq(forecast_risk(f, STR_LIT("a"), 0, 1000, 0), 750000);
	learn(even("a", FORECAST_MIN_SAMPLES, 100));
	ck_assert_int_eq(forecast_risk(f, STR_LIT("a"), 0, 1000, 0), 500000);
	ck_assert_int_eq(forecast_risk(f, STR_LIT("c"), 0, 1000, 0), 750000);
	falling.q[7] = 1;
	ck_err(forecast_learn(f, &falling), ERR_BAD_FIELD);
}
END_TEST

/* Half of all work takes exactly as long. */
START_TEST(many_of_one_length)
{
	struct forecast_sample s = even("a", 50, 100);

	for (int i = 5; i <= 15; i++)
		s.q[i] = 1000;
	learn(s);
	ck_assert_int_eq(forecast_risk(f, STR_LIT("a"), 0, 1000, 0), 250000);
	ck_assert_int_eq(forecast_risk(f, STR_LIT("a"), 0, 999, 0), 750084);
}
END_TEST

START_TEST(calibration)
{
	struct forecast_calibration c = { 0 };

	ck_assert_int_eq(forecast_error(&c), 0);
	for (int i = 0; i < 10; i++)
		forecast_tell(&c, 200000, i < 2);
	ck_assert_int_eq(forecast_error(&c), 0);
	ck_assert_uint_eq(c.bins[2].n, 10);
	for (int i = 0; i < 10; i++)
		forecast_tell(&c, 1000000, i < 6); /* 0.4 off, half of all */
	ck_assert_int_eq(forecast_error(&c), 200000);
	ck_assert_uint_eq(c.bins[9].n, 10);
	forecast_tell(&c, -1, 1);
	forecast_tell(&c, 1000001, 1);
	ck_assert_int_eq(forecast_error(&c), 200000);
}
END_TEST

Suite *
forecast_suite(void)
{
	TCase *tc = tcase_create("forecast");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, survival_over_survival);
	tcase_add_test(tc, what_is_known);
	tcase_add_test(tc, many_of_one_length);
	tcase_add_test(tc, calibration);
	return suite_of(tc, "forecast");
}
