/*
 * spine_test.c - a call becomes a ticket, end to end, on the real programs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/pg_server.h"
#include "test/support/stack.h"
#include "test/support/support.h"

static struct stack st;

static void
up_driven(void)
{
	stack_up(&st, true);
}

static void
down(void)
{
	stack_down(&st);
}

#define GENERATED "seed=7,calls=300,agents=6"

START_TEST(a_generated_day_plays)
{
	const char *argv[] = { "mashang-replay", "--generate", GENERATED, "--speed",
		"max", NULL };
	int status = stack_run(&st, argv, "replay.out", 120);

	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(the_bank_week_plays)
{
	const char *data = test_data("bank-calls-1999-08-week1.tsv");
	const char *argv[] = { "mashang-replay", "--calls", data, "--format",
		"anonymous-bank", "--agents", "log", "--speed", "max", NULL };
	int status;

	if (data == NULL)
		test_skip("no bank");
	status = stack_run(&st, argv, "replay.out", 300);
	fprintf(stderr, "%s\n%s\n", stack_file(&st, "replay.out"),
	    pg_server_ask("select count(*) || ' ' || (select count(*) from ticket) || ' ' || (select count(*) from call_event)||' '||(select count(*) from offer) ||' '||(select count(*) from event_quarantine) from call"));
	status = stack_run(&st, argv, "replay2.out", 300);
	fprintf(stderr, "%s\n%s\n", stack_file(&st, "replay2.out"),
	    pg_server_ask("select count(*) || ' ' || (select count(*) from ticket) || ' ' || (select count(*) from call_event)||' '||(select count(*) from offer) from call"));
	ck_assert_int_eq(status, 0);
}
END_TEST

Suite *
spine_suite(void)
{
	TCase *tc = tcase_create("driven");

	tcase_set_timeout(tc, 600);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up_driven, down);
	tcase_add_test(tc, the_bank_week_plays);
	tcase_add_test(tc, a_generated_day_plays);
	return suite_of(tc, "spine");
}
