/*
 * incidents_test.c - a service desk's log through the tickets and clocks of the
 * real daemon: its verdicts are the log's, or differ for a reason; what was
 * recorded and told of breaches is what the verdicts say.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "test/support/pg_server.h"
#include "test/support/stack.h"
#include "test/support/support.h"

#define HEADING                                                              \
	"number,caller_id,opened_at,sys_updated_at,incident_state,priority," \
	"assignment_group,assigned_to,made_sla,resolved_at,closed_at\n"

static struct stack st;

static void
up(void)
{
	stack_up(&st, true);
}

static void
down(void)
{
	stack_down(&st);
}

static int
play(const char *log, const char *option)
{
	char json[PATH_MAX];
	const char *argv[] = { "mashang-replay", "--incidents", log, "--json",
		json, option, NULL };

	snprintf(json, sizeof(json), "%s", stack_path(&st, "incidents.json"));
	return stack_run(&st, argv, "incidents.out", 120);
}

static void
ck_said(const char *words)
{
	const char *out = stack_file(&st, "incidents.out");

	if (strstr(out, words) != NULL)
		return;
	fputs(out, stderr); /* longer than a message may be */
	ck_abort_msg("not said: %s", words);
}

/* One value, as soon as no clock is behind. */
static const char *
books(const char *sql)
{
	int64_t until = clock_loop() + 20 * CLOCK_S;

	while (strcmp(pg_server_ask("SELECT count(*) FROM sla_todo"), "0") != 0)
		ck_assert_msg(clock_loop() < until, "clocks stay behind");
	return pg_server_ask(sql);
}

/* Who has what of a verdict in the report, as `A,B'. */
static const char *
reported(const char *verdict)
{
	static char list[1024];
	json_t *report =
	    json_load_file(stack_path(&st, "incidents.json"), 0, NULL);
	const json_t *row;
	size_t i, n = 0;

	ck_assert_ptr_nonnull(report);
	list[0] = '\0';
	json_array_foreach(json_object_get(report, "incidents"), i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "incident"));

		ck_assert_int_eq(
		    json_integer_value(json_object_get(row, "refused")), 0);
		if (strcmp(json_string_value(json_object_get(row, "verdict")),
			verdict) == 0)
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    "%s%s", n > 0 ? "," : "", name);
	}
	json_decref(report);
	return list;
}

/* The clocks, what was recorded of them, and what others are told, must all say
 * what the report says. */
static void
ck_books_are_the_report(void)
{
	ck_assert_str_eq(books("SELECT string_agg(t.subject, ',' ORDER BY"
			       " t.subject) FROM sla_clock c JOIN ticket t"
			       " ON t.id = c.ticket_id"
			       " WHERE c.outcome = 'met'"),
	    reported("met"));
	ck_assert_str_eq(books("SELECT string_agg(t.subject, ',' ORDER BY"
			       " t.subject) FROM sla_clock c JOIN ticket t"
			       " ON t.id = c.ticket_id"
			       " WHERE c.outcome = 'missed'"),
	    reported("missed"));
	ck_assert_str_eq(books("SELECT string_agg(t.subject, ',' ORDER BY"
			       " t.subject) FROM sla_event e JOIN ticket t"
			       " ON t.id = e.ticket_id"
			       " WHERE e.kind = 'breach'"),
	    reported("missed"));
	ck_assert_str_eq(books("SELECT string_agg(t.subject, ',' ORDER BY"
			       " t.subject) FROM outbox o JOIN ticket t"
			       " ON t.id = o.ticket_id"
			       " WHERE o.topic = 'sla.breach'"),
	    reported("missed"));
	/* Each at its due, and told in time. */
	ck_assert_str_eq(
	    books("SELECT count(*) FROM sla_event WHERE late OR at <> due_at"
		  " AND kind = 'breach' OR kind = 'breach_retracted'"),
	    "0");
	ck_assert_str_eq(books("SELECT (SELECT count(*) FROM sla_event) -"
			       " (SELECT count(*) FROM outbox)"),
	    "0");
	ck_assert_str_eq(
	    books("SELECT count(*) FROM ticket WHERE status <> 'closed'"), "0");
}

/* -------------------------------------------------------------- the sample */

static const char *
sample(void)
{
	const char *file = test_data("incident-events-sample.csv");

	if (file == NULL)
		test_skip("incident-events-sample.csv is not there: set "
			  "MASHANG_DATA");
	return file;
}

START_TEST(counted_as_the_log_does)
{
	const char *file = sample();

	ck_assert_int_eq(play(file, NULL), 0);
	ck_said("\nagree 32 of 32\n");
	ck_assert_str_eq(reported("missed"),
	    "INC0000062,INC0000070,INC0000074,INC0000084,INC0000092,"
	    "INC0000094");
	ck_books_are_the_report();
	/* Each that was missed had been warned of at 75 and 90 %. */
	ck_assert_str_eq(books("SELECT count(*) FROM sla_event"
			       " WHERE kind = 'threshold'"),
	    "12");
	/* Again it would be in the past. */
	ck_assert_int_eq(play(file, NULL), 1);
	ck_said("begin with a new database");
}
END_TEST

START_TEST(counted_as_is_our_preset)
{
	static const char *const waited[] = { "INC0000070", "INC0000074",
		"INC0000084", "INC0000094" };
	const char *at;

	ck_assert_int_eq(play(sample(), "--pauses"), 0);
	ck_said("\nagree 28 of 32\n");
	for (size_t i = 0; i < NELEM(waited); i++) {
		at = strstr(stack_file(&st, "incidents.out"), waited[i]);
		ck_assert_ptr_nonnull(at);
		at = strstr(at, "  met     false    no: waited ");
		ck_assert_ptr_nonnull(at);
	}
	ck_assert_str_eq(reported("missed"), "INC0000062,INC0000092");
	ck_books_are_the_report();
}
END_TEST

/* ------------------------------------------------- what is not in the sample */

#define ROW(number, time, state, priority, made_sla, resolved)         \
	number ",Caller 1,1/3/2016 08:00," time "," state "," priority \
	       ",Group 1,?," made_sla "," resolved ",?\n"

/* A: resolved, reopened; the time between does not count: met, after all.
 * B: raised after what it then may take.
 * C: waits for others do not pause.
 * D: from one wait into the next, closed without a word. */
static const char made_up[] = HEADING ROW("A", "1/3/2016 08:10", "Active",
    "1 - Critical", "true", "?") ROW("A", "1/3/2016 11:00", "Resolved",
    "1 - Critical", "true", "?") ROW("A", "1/3/2016 11:30", "Active",
    "1 - Critical", "true", "?") ROW("A", "1/3/2016 12:15", "Resolved",
    "1 - Critical", "true", "?") ROW("A", "2/3/2016 08:00", "Closed",
    "1 - Critical", "false", "?") ROW("B", "1/3/2016 08:10", "New", "4 - Low",
    "true", "?") ROW("B", "1/3/2016 13:00", "New", "1 - Critical", "true", "?")
    ROW("B", "1/3/2016 13:30", "Closed", "1 - Critical", "true", "?") ROW("C",
	"1/3/2016 08:10", "Awaiting Vendor", "3 - Moderate", "true",
	"?") ROW("C", "7/3/2016 08:10", "Resolved", "3 - Moderate", "true", "?")
	ROW("C", "8/3/2016 08:10", "Closed", "3 - Moderate", "false", "?")
	    ROW("D", "1/3/2016 08:10", "Awaiting User Info", "2 - High", "true",
		"?") ROW("D", "1/3/2016 08:40", "Awaiting Evidence", "2 - High",
		"true", "?") ROW("D", "1/3/2016 09:00", "Awaiting User Info",
		"2 - High", "true", "?")
		ROW("D", "1/3/2016 20:00", "Closed", "2 - High", "true", "?");

START_TEST(every_kind_of_step)
{
	stack_write(&st, "made_up.csv", made_up);
	ck_assert_int_eq(play(stack_path(&st, "made_up.csv"), "--pauses"), 0);
	ck_said("\nagree 2 of 4\n");
	ck_said("was resolved and reopened");
	ck_said("raised from P4 to P1 after 0 d 05:00");
	ck_assert_str_eq(reported("missed"), "B,C");
	ck_books_are_the_report();
	ck_assert_str_eq(
	    books("SELECT string_agg(t.subject || ' ' || e.by_change::text ||"
		  " to_char(e.at, ' DD HH24:MI'), ', ' ORDER BY t.subject)"
		  " FROM sla_event e JOIN ticket t ON t.id = e.ticket_id"
		  " WHERE e.kind = 'breach'"),
	    "B true 01 13:00, C false 06 08:00");
	ck_assert_str_eq(
	    books("SELECT string_agg(e.kind || coalesce(':' || e.status, ''),"
		  " ' ' ORDER BY e.seq) FROM ticket t JOIN ticket_event e"
		  " ON e.ticket_id = t.id WHERE t.subject = 'D'"),
	    "opened:new changed acknowledged:acknowledged"
	    " pended:pending_customer resumed:in_progress"
	    " pended:pending_third_party resumed:in_progress"
	    " pended:pending_customer resolved:resolved closed:closed");
	/* 12 h less 30 min and 11 h of waiting. */
	ck_assert_str_eq(books("SELECT c.elapsed_us / 60000000 FROM sla_clock c"
			       " JOIN ticket t ON t.id = c.ticket_id"
			       " WHERE t.subject = 'D'"),
	    "30");
}
END_TEST

START_TEST(not_by_the_clock_on_the_wall)
{
	stack_down(&st);
	stack_up(&st, false);
	stack_write(&st, "made_up.csv", made_up);
	ck_assert_int_eq(play(stack_path(&st, "made_up.csv"), NULL), 1);
	ck_said("start it with `clock: driven'");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM ticket"), "0");
}
END_TEST

Suite *
incidents_suite(void)
{
	TCase *tc = tcase_create("driven");

	tcase_set_timeout(tc, 300);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, counted_as_the_log_does);
	tcase_add_test(tc, counted_as_is_our_preset);
	tcase_add_test(tc, every_kind_of_step);
	tcase_add_test(tc, not_by_the_clock_on_the_wall);
	return suite_of(tc, "incidents");
}
