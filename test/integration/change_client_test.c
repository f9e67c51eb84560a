/*
 * change_client_test.c - what people do to tickets from a terminal, and see of
 * clocks, against the real daemon.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"

Suite *change_client_suite(void);

static struct stack st;
static char number[24];

#define ck_said(said, words) \
	ck_assert_msg(       \
	    strstr(said, words) != NULL, "no \"%s\" in:\n%s", words, said)

static void
up(void)
{
	const char *said;
	size_t n = 0;

	unsetenv("LANGUAGE");
	stack_up(&st, false);
	mashang(&st, 0, "admin", "apply", "config/hotline.yaml", NULL);
	said = mashang(&st, 0, "ticket", "new", "the boiler leaks", NULL);
	ck_assert_msg(strncmp(said, "Ticket ", 7) == 0, "%s", said);
	for (said += 7; *said != ':' && n + 1 < sizeof(number); said++)
		if (*said != ' ')
			number[n++] = *said;
	number[n] = '\0';
}

static void
down(void)
{
	stack_down(&st);
}

static const char *
ticket(int code, const char *change, const char *a, const char *b,
    const char *c, const char *d)
{
	return mashang(&st, code, "ticket", change, number, a, b, c, d, NULL);
}

/* From new to closed, each step as people type it. */
START_TEST(a_ticket_lives)
{
	const char *said;

	ticket(0, "acknowledge", NULL, NULL, NULL, NULL);
	ticket(0, "assign", "--owner", "zhang", "--queue", "repair");
	ticket(0, "pend-third-party", "+4h", "-m", "spare part", NULL);
	said = ticket(0, "show", NULL, NULL, NULL, NULL);
	ck_said(said, "Waits for others");
	ck_said(said, "Pended");
	ck_said(said, "spare part");
	ticket(0, "resume", NULL, NULL, NULL, NULL);
	ticket(0, "change", "--priority", "1", "--kind", "complaint");
	ticket(0, "resolve", "-m", "valve changed", NULL, NULL);
	ticket(0, "follow-up", "-m", "all is dry", NULL, NULL);
	ticket(0, "close", NULL, NULL, NULL, NULL);
	said = ticket(0, "show", NULL, NULL, NULL, NULL);
	ck_said(said, "Closed");
	ck_said(said, "Complaint");
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(kind, ' ' ORDER BY seq)"
			  " FROM ticket_event"),
	    "opened acknowledged assigned pended resumed changed resolved "
	    "followed_up closed");
	/* Unresolved it is closed by a supervisor, who we are. */
	ticket(0, "reopen", "-m", "it leaks again", NULL, NULL);
	ticket(0, "close", NULL, NULL, NULL, NULL);
}
END_TEST

START_TEST(what_cannot_be_is_told_with_what_can)
{
	const char *said;

	said = ticket(1, "resolve", "-m", "so", NULL, NULL);
	ck_said(said, "`resolve' cannot be done to a ticket like this: New.");
	ck_said(said, "Possible now: acknowledge, assign, close, cancel, "
		      "change, promise, keep, contact.");
	said = ticket(1, "assign", "--owner", "nobody-here", NULL, NULL);
	ck_said(said, "There is no owner nobody-here.");
	said = ticket(1, "promise", "+4h", NULL, NULL, NULL);
	ck_said(said, "text is not right: missing.");
	said = ticket(1, "promise", "-m", "to call", NULL, NULL);
	ck_said(said, "until is not right: missing.");
	said = ticket(64, "promise", "2020-01-01 10:00", "-m", "to call", NULL);
	ck_said(said, "is 2020-01-01 10:00:00 ");
	ck_said(said, "that is past.");
	said = ticket(64, "promise", "soon", "-m", "to call", NULL);
	ck_said(said, "`soon' is not a time");
	said = ticket(1, "contact", "--expect", "7", "-m", "again");
	ck_said(said, "has changed meanwhile");
	ticket(0, "contact", "--expect", "1", "-m", "again");
}
END_TEST

/* A promise needs no policy: its clock runs, and explains itself. */
START_TEST(a_promise_has_a_clock)
{
	const char *said;

	ticket(0, "promise", "+4h", "-m", "a call back", NULL);
	said = ticket(0, "show", NULL, NULL, NULL, NULL);
	ck_said(said,
	    "Promise                   running         3h59m left of 3h59m, "
	    "due ");
	said = ticket(0, "show", "--json", NULL, NULL, NULL);
	ck_said(said, "\"metric\":\"promise\"");
	said = mashang(&st, 0, "ticket", "due", NULL);
	ck_said(said, "the boiler leaks");
	said = mashang(&st, 0, "why", number, NULL);
	ck_said(said, "counted");
	ck_said(said, "recorded alike");
	ck_said(said, "equals the one recorded");
	ticket(0, "keep", NULL, NULL, NULL, NULL);
	said = ticket(0, "show", NULL, NULL, NULL, NULL);
	ck_said(said, "Promise                   kept            took ");
	/* Whoever has tampered with the record is found out. */
	pg_server_ask("UPDATE sla_clock SET due_at = due_at + interval '1 h'");
	said = mashang(&st, 1, "why", number, NULL);
	ck_said(said, "*** RECORDED OTHERWISE: ");
	mashang(&st, 0, "admin", "revisions", NULL);
	mashang(&st, 0, "report", "calibration", NULL);
}
END_TEST

Suite *
change_client_suite(void)
{
	TCase *tc = tcase_create("change_client");

	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_ticket_lives);
	tcase_add_test(tc, what_cannot_be_is_told_with_what_can);
	tcase_add_test(tc, a_promise_has_a_clock);
	return suite_of(tc, "change_client");
}
