/*
 * spine_test.c - a call becomes a ticket, end to end, on the real programs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/oracle.h"
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

/* What there is of everything that a second play must not add to. */
static const char books[] =
    "SELECT (SELECT count(*) FROM call) || ' calls ' ||"
    " (SELECT count(*) FROM ticket) || ' tickets ' ||"
    " (SELECT count(*) FROM call_event) || ' events ' ||"
    " (SELECT count(*) FROM offer) || ' offers ' ||"
    " (SELECT count(*) FROM ticket_event) || ' ticket events ' ||"
    " (SELECT count(*) FROM customer) || ' customers'";

/* The lines of the replay's output that begin so, up to their end. */
static const char *
line_of(const char *file, const char *begin)
{
	static char line[512];
	char *text = stack_file(&st, file), *at = text;

	line[0] = '\0';
	while (at != NULL && strncmp(at, begin, strlen(begin)) != 0) {
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	if (at != NULL)
		snprintf(
		    line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

START_TEST(a_generated_day_plays)
{
	char json[PATH_MAX];
	const char *argv[] = { "mashang-replay", "--generate",
		"seed=7,calls=300,agents=6", "--speed", "max", "--quiet",
		"--json", json, NULL };

	snprintf(json, sizeof(json), "%s/replay.json", st.dir);
	oracle_compare(&st, stack_run(&st, argv, "replay.out", 60));
	oracle_consult(&st);
}
END_TEST

/* 11,715 rows: 100 phantoms are left out, each other one is one call; each
 * that queued or was served is one ticket; played again, nothing is added. */
START_TEST(a_real_week_plays_once)
{
	const char *data = test_data("bank-calls-1999-08-week1.tsv");
	char json[PATH_MAX], *before;
	const char *argv[] = { "mashang-replay", "--calls", data, "--format",
		"anonymous-bank", "--agents", "log", "--speed", "max",
		"--quiet", "--json", json, NULL };

	if (data == NULL)
		test_skip("bank-calls-1999-08-week1.tsv is not there: set "
			  "MASHANG_DATA");
	snprintf(json, sizeof(json), "%s/replay.json", st.dir);
	oracle_compare(&st, stack_run(&st, argv, "replay.out", 200));
	oracle_consult(&st);
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM call"), "11615");
	ck_assert_ptr_nonnull(strstr(line_of("replay.out", "phantom"), "100"));
	/* In the log, all but 633 of these queued or were served. */
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM ticket"), "10982");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM call_outcome"
				       " WHERE outcome <> 'menu_only'"),
	    "10982");
	before = strdup(pg_server_ask(books));
	ck_assert_int_eq(stack_run(&st, argv, "again.out", 200), 0);
	ck_assert_str_eq(pg_server_ask(books), before);
	ck_assert_ptr_nonnull(
	    strstr(stack_file(&st, "again.out"), "repeated=11615"));
	free(before);
}
END_TEST

Suite *
spine_suite(void)
{
	TCase *tc = tcase_create("driven");

	tcase_set_timeout(tc, 500);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up_driven, down);
	tcase_add_test(tc, a_generated_day_plays);
	tcase_add_test(tc, a_real_week_plays_once);
	return suite_of(tc, "spine");
}
