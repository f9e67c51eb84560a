/*
 * acd_test.c - the contract of acd.h, kept by the one in memory.
 */
#include "store/acd.h"

#include <event2/event.h>

#include "test/support/acd_suite.h"
#include "test/support/support.h"

START_TEST(row_holds)
{
	struct acd_rig rig = { 0 };

	ck_ok(mem_acd_new(NULL, &rig.acd));
	acd_suite_row(&rig, (unsigned)_i);
	acd_free(&rig.acd);
	ck_assert_ptr_null(rig.acd);
}
END_TEST

START_TEST(random_commands_follow_the_model)
{
	struct acd_rig rig = { 0 };

	ck_ok(mem_acd_new(NULL, &rig.acd));
	acd_suite_random(&rig, 1, 20000);
	acd_free(&rig.acd);
}
END_TEST

static void
count_done(void *arg, const struct acd_reply *reply)
{
	unsigned *n = arg;

	n[reply->err == ERR_IO]++;
}

static const struct acd_cmd dequeue = { .op = ACD_DEQUEUE };

START_TEST(done_runs_from_the_loop)
{
	struct event_base *base = event_base_new();
	unsigned n[2] = { 0 };
	struct acd *a;

	ck_ok(mem_acd_new(base, &a));
	ck_ok(acd_send(a, &dequeue, count_done, n));
	ck_ok(acd_send(a, &dequeue, count_done, n));
	ck_assert_uint_eq(n[0], 0);
	ck_assert_uint_eq(a->ops->in_flight(a), 2);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(n[0], 2);
	ck_assert_uint_eq(a->ops->in_flight(a), 0);
	acd_free(&a);
	event_base_free(base);
}
END_TEST

START_TEST(what_is_in_flight_when_freed_is_told_so)
{
	unsigned n[2] = { 0 };
	struct acd *a;

	ck_ok(mem_acd_new(NULL, &a));
	ck_ok(acd_send(a, &dequeue, count_done, n));
	acd_free(&a);
	acd_free(&a);
	ck_assert_uint_eq(n[0], 0);
	ck_assert_uint_eq(n[1], 1);
}
END_TEST

Suite *
acd_suite(void)
{
	TCase *tc = tcase_create("contract");

	tcase_add_loop_test(tc, row_holds, 0, (int)acd_suite_n_rows);
	tcase_add_test(tc, random_commands_follow_the_model);
	tcase_add_test(tc, done_runs_from_the_loop);
	tcase_add_test(tc, what_is_in_flight_when_freed_is_told_so);
	return suite_of(tc, "acd");
}
