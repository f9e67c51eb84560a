/*
 * daemons_test.c - which daemon is tried next.
 */
#include "daemons.h"

#include <string.h>
#include <sys/un.h>

#include "test/support/support.h"

static struct daemons d;

static const char *
here(void)
{
	const struct sockaddr_un *un =
	    (const struct sockaddr_un *)&daemons_here(&d)->sa;

	return un->sun_path;
}

static void
setup(void)
{
	ck_assert_ptr_null(daemons_init(&d, "unix:/a,unix:/b"));
}

START_TEST(in_a_circle)
{
	ck_assert_str_eq(here(), "/a");
	(void)daemons_next(&d);
	ck_assert_str_eq(here(), "/b");
	(void)daemons_next(&d);
	ck_assert_str_eq(here(), "/a");
}
END_TEST

START_TEST(slower_and_slower_until_welcome)
{
	for (unsigned i = 0; i < 40; i++)
		ck_assert_uint_le(daemons_next(&d), 2000);
	ck_assert_uint_ge(daemons_next(&d), 1000);
	daemons_welcome(&d);
	ck_assert_uint_le(daemons_next(&d), 50);
}
END_TEST

/* One that was sent there is remembered when it is gone. */
START_TEST(sent_to_another)
{
	unsigned ms = 99;

	ck_assert(daemons_sent(&d, "unix:/c", &ms));
	ck_assert_uint_eq(ms, 0);
	ck_assert_str_eq(here(), "/c");
	ck_assert_uint_eq(daemons_n(&d), 3);
	(void)daemons_next(&d);
	ck_assert_str_eq(here(), "/a");
	(void)daemons_next(&d);
	(void)daemons_next(&d);
	ck_assert_str_eq(here(), "/c");
}
END_TEST

START_TEST(three_times_in_a_row_and_no_more)
{
	unsigned ms;

	for (int i = 0; i < DAEMONS_SENT_MAX; i++) {
		ck_assert(daemons_sent(&d, "unix:/c", &ms));
		ck_assert(i == 0 ? ms == 0 : ms > 0);
	}
	ck_assert(!daemons_sent(&d, "unix:/c", &ms));
	daemons_settled(&d);
	ck_assert(daemons_sent(&d, "unix:/c", &ms));
	ck_assert(!daemons_sent(&d, "nonsense", &ms));
	ck_assert_str_eq(here(), "/c");
}
END_TEST

/* Who sent us there did not know yet that it is dead. */
START_TEST(one_that_does_not_answer_breaks_the_row)
{
	unsigned ms;

	for (int i = 0; i < 10; i++) {
		ck_assert(daemons_sent(&d, "unix:/c", &ms));
		(void)daemons_next(&d);
	}
}
END_TEST

Suite *
daemons_suite(void)
{
	TCase *tc = tcase_create("daemons");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, in_a_circle);
	tcase_add_test(tc, slower_and_slower_until_welcome);
	tcase_add_test(tc, sent_to_another);
	tcase_add_test(tc, three_times_in_a_row_and_no_more);
	tcase_add_test(tc, one_that_does_not_answer_breaks_the_row);
	return suite_of(tc, "daemons");
}
