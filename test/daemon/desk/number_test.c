/*
 * number_test.c - no single slip of the ear gets through, shown by trying them
 * all.
 */
#include "desk/number.h"

#include <inttypes.h>
#include <stdio.h>

#include "test/support/support.h"

/* All short serials, and long ones in steps that touch every digit. */
static uint64_t
serial_of(unsigned i)
{
	return i < 20000
	           ? i + 1
	           : (i - 19999) * UINT64_C(7919333111777) % NUMBER_SERIAL_MAX;
}

static void
refused(uint64_t original, uint64_t slip)
{
	uint64_t serial;

	if (number_parse(slip, &serial) != ERR_MISHEARD)
		ck_abort_msg(
		    "%" PRIu64 " is taken for %" PRIu64, slip, original);
}

START_TEST(comes_back)
{
	for (unsigned i = 0; i < 30000; i++) {
		uint64_t serial = serial_of(i), got = 0;

		if (number_parse(number_of(serial), &got) != ERR_OK ||
		    got != serial)
			ck_abort_msg(
			    "%" PRIu64 " comes back as %" PRIu64, serial, got);
	}
}
END_TEST

START_TEST(damm_s_own_example)
{
	ck_assert_uint_eq(number_of(572), 5724);
}
END_TEST

START_TEST(each_wrong_digit_is_noticed)
{
	for (unsigned i = 0; i < 30000; i++) {
		uint64_t n = number_of(serial_of(i));

		for (uint64_t unit = 1; unit <= n; unit *= 10)
			for (uint64_t d = 0; d < 10; d++) {
				uint64_t was = n / unit % 10;

				if (d != was)
					refused(n, n - was * unit + d * unit);
			}
	}
}
END_TEST

START_TEST(each_swap_of_neighbours_is_noticed)
{
	for (unsigned i = 0; i < 30000; i++) {
		uint64_t n = number_of(serial_of(i));

		for (uint64_t unit = 1; unit <= n / 10; unit *= 10) {
			uint64_t low = n / unit % 10;
			uint64_t high = n / unit / 10 % 10;

			if (low != high)
				refused(n, n - low * unit - high * unit * 10 +
					       high * unit + low * unit * 10);
		}
	}
}
END_TEST

/* clang-format off */
static const struct {
	const char *text;
	enum err want;
	uint64_t number;
} texts[] = {
	{ "5724", ERR_OK, 5724 },
	{ " 57 24 ", ERR_OK, 5724 },
	{ "57-24", ERR_OK, 5724 },
	{ "0005724", ERR_OK, 5724 },
	{ "５７２４", ERR_OK, 5724 },
	{ "５７　２－4", ERR_OK, 5724 },
	{ "57\u201124", ERR_OK, 5724 },
	{ "57\u201324", ERR_OK, 5724 },
	{ "5742", ERR_MISHEARD, 0 },
	{ "0", ERR_MISHEARD, 0 },
	{ "7", ERR_MISHEARD, 0 },
	{ "000000000000000000", ERR_MISHEARD, 0 },
	{ "0000000000000005724", ERR_BAD_FIELD, 0 },
	{ "18446744073709551616", ERR_BAD_FIELD, 0 },
	{ "", ERR_BAD_FIELD, 0 },
	{ " - ", ERR_BAD_FIELD, 0 },
	{ "57+24", ERR_BAD_FIELD, 0 },
	{ "57\t24", ERR_BAD_FIELD, 0 },
	{ "T5724", ERR_BAD_FIELD, 0 },
	{ "5724\xFF", ERR_BAD_FIELD, 0 },
	{ "-5724", ERR_OK, 5724 },
	{ "٥٧٢٤", ERR_BAD_FIELD, 0 },
};
/* clang-format on */

START_TEST(typed_numbers)
{
	uint64_t number = 0;

	ck_err(
	    number_parse_text(str_of(texts[_i].text), &number), texts[_i].want);
	ck_assert_uint_eq(number, texts[_i].number);
}
END_TEST

START_TEST(the_largest_fits_a_bigint)
{
	uint64_t n = number_of(NUMBER_SERIAL_MAX), serial, again;
	char text[32];

	ck_assert_uint_le(n, INT64_MAX);
	ck_ok(number_parse(n, &serial));
	ck_assert_uint_eq(serial, NUMBER_SERIAL_MAX);
	snprintf(text, sizeof(text), "%" PRIu64, n);
	ck_ok(number_parse_text(str_of(text), &again));
	ck_assert_uint_eq(again, n);
	ck_err(number_parse(UINT64_MAX, &serial), ERR_MISHEARD);
}
END_TEST

Suite *
number_suite(void)
{
	TCase *tc = tcase_create("number");

	tcase_add_test(tc, comes_back);
	tcase_add_test(tc, damm_s_own_example);
	tcase_add_test(tc, each_wrong_digit_is_noticed);
	tcase_add_test(tc, each_swap_of_neighbours_is_noticed);
	tcase_add_loop_test(tc, typed_numbers, 0, NELEM(texts));
	tcase_add_test(tc, the_largest_fits_a_bigint);
	return suite_of(tc, "number");
}
