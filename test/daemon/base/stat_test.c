/*
 * stat_test.c - quantiles within a sixteenth of the exact ones.
 */
#include "base/stat.h"

#include "test/support/support.h"

static struct stat_hist h, other; /* too large for a test's stack */

START_TEST(nothing)
{
	stat_init(&h);
	ck_assert_uint_eq(stat_count(&h), 0);
	ck_assert_int_eq(stat_quantile(&h, 0.5), 0);
	ck_assert_int_eq(stat_max(&h), 0);
	ck_assert_uint_eq(stat_at_most(&h, INT64_MAX), 0);
}
END_TEST

/* Alone in the histogram, a value is its own maximum and every quantile. */
static const int64_t values[] = { 0, 1, 15, 16, 17, 31, 32, 33, 999, 1000, 4095,
	4096, 86400000000, INT64_MAX - 1, INT64_MAX };

START_TEST(one_value_is_exact)
{
	stat_init(&h);
	stat_add(&h, values[_i]);
	ck_assert_int_eq(stat_quantile(&h, 0), values[_i]);
	ck_assert_int_eq(stat_quantile(&h, 1), values[_i]);
	ck_assert_int_eq(stat_max(&h), values[_i]);
	ck_assert_int_eq(stat_sum(&h), values[_i]);
	ck_assert_uint_eq(stat_at_most(&h, values[_i]), 1);
	if (values[_i] > 0)
		ck_assert_uint_eq(stat_at_most(&h, values[_i] / 2), 0);
}
END_TEST

/* Under a larger one, what is told is never too low, and a sixteenth too high
 * at most. */
START_TEST(edges)
{
	for (int64_t v = 0; v < INT64_MAX / 3; v += v / 16 + 1) {
		int64_t got;

		stat_init(&h);
		stat_add(&h, v);
		stat_add(&h, INT64_MAX);
		got = stat_quantile(&h, 0.5);
		ck_assert_int_ge(got, v);
		ck_assert_int_le(got, v + v / 16);
	}
}
END_TEST

START_TEST(quantiles)
{
	static const struct {
		double q;
		int64_t exact;
	} rows[] = { { 0, 1 }, { 0.001, 10 }, { 0.5, 5000 }, { 0.9, 9000 },
		{ 0.99, 9900 }, { 0.999, 9990 }, { 1, 10000 }, { 7, 10000 } };

	stat_init(&h);
	for (int64_t v = 10000; v > 0; v--)
		stat_add(&h, v);
	ck_assert_int_eq(stat_sum(&h), 50005000);
	for (size_t i = 0; i < NELEM(rows); i++) {
		int64_t got = stat_quantile(&h, rows[i].q);

		ck_assert_int_ge(got, rows[i].exact);
		ck_assert_int_le(got, rows[i].exact + rows[i].exact / 16);
		ck_assert_int_le(got, 10000);
	}
	ck_assert_uint_eq(stat_at_most(&h, 15), 15);
	ck_assert_uint_eq(stat_at_most(&h, INT64_MAX), 10000);
}
END_TEST

START_TEST(half_of_three_is_the_second)
{
	stat_init(&h);
	for (int64_t v = 1; v <= 3; v++)
		stat_add(&h, v);
	ck_assert_int_eq(stat_quantile(&h, 0.5), 2);
	ck_assert_int_eq(stat_quantile(&h, 0.33), 1);
}
END_TEST

START_TEST(merged_is_as_if_added)
{
	static struct stat_hist whole;

	stat_init(&h);
	stat_init(&other);
	stat_init(&whole);
	for (int64_t v = 0; v < 5000; v++) {
		stat_add(v % 3 == 0 ? &h : &other, v * v);
		stat_add(&whole, v * v);
	}
	stat_merge(&h, &other);
	ck_assert_mem_eq(&h, &whole, sizeof(h));
}
END_TEST

START_TEST(odd_values)
{
	stat_init(&h);
	stat_add(&h, -5);
	ck_assert_int_eq(stat_quantile(&h, 1), 0);
	stat_add(&h, INT64_MAX);
	stat_add(&h, INT64_MAX);
	ck_assert_int_eq(stat_sum(&h), INT64_MAX);
	ck_assert_uint_eq(stat_count(&h), 3);
}
END_TEST

Suite *
stat_suite(void)
{
	TCase *tc = tcase_create("stat");

	tcase_add_test(tc, nothing);
	tcase_add_loop_test(tc, one_value_is_exact, 0, NELEM(values));
	tcase_add_test(tc, edges);
	tcase_add_test(tc, quantiles);
	tcase_add_test(tc, half_of_three_is_the_second);
	tcase_add_test(tc, merged_is_as_if_added);
	tcase_add_test(tc, odd_values);
	return suite_of(tc, "stat");
}
