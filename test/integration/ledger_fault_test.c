/*
 * ledger_fault_test.c - the server stopped, killed, absent, unsafe; our own
 * process killed.  Nothing lost, nothing twice, nothing out of order.
 */
#include "test/support/ledger_bed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failpoint.h"

/* -------------------------------------------------------- the server's faults */

static void
give_stream(int from, int to)
{
	for (int i = from; i < to; i++) {
		struct ledger_unit *u =
		    event_unit((uint32_t)i + 1, 1, "offered", "offered");

		put_note(u, 5000, 0, (uint32_t)i + 1);
		give(u, i);
	}
}

/* A note of one unit before another's that was given earlier. */
static const char overtaken_sql[] =
    "SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY seq) AS p"
    " FROM ticket_event) AS e WHERE at < p";

static void
check_stream(int n)
{
	char want[64];

	check_order(n);
	snprintf(want, sizeof(want), "%d %d %d", n, n, n);
	ck_ask("SELECT (SELECT count(*) FROM call) || ' ' || (SELECT count(*)"
	       " FROM call_event) || ' ' || (SELECT count(DISTINCT seq)"
	       " FROM ticket_event WHERE seq <= (SELECT count(*)"
	       " FROM ticket_event))",
	    want);
	ck_ask(overtaken_sql, "0");
}

static void
open_ticket(void)
{
	give(ticket_unit(5000, 0, 1, NULL, ""), -1);
	wait_done(1);
	n_dones = 0;
}

/* Frozen, the server has batches in its socket; killed, it may or may not have
 * committed them. */
START_TEST(killed_between_send_and_result)
{
	open_ticket();
	for (int round = 0; round < 3; round++) {
		give_stream(round * 600, round * 600 + 600);
		wait_done(round * 600 + (round == 0 ? 0 : 100));
		pg_server_freeze(true);
		for (int i = 0; i < 3; i++)
			event_base_loop(base, EVLOOP_NONBLOCK);
		pg_server_kill();
		pg_server_again();
	}
	wait_done(1800);
	check_stream(1800);
	ck_assert_int_ge(n_lost, 1);
	ck_ask("SELECT count(*) FROM event_quarantine", "0");
}
END_TEST

START_TEST(stopped_and_started_again)
{
	const char *const modes[] = { "fast", "immediate" };
	uint64_t n;

	open_ticket();
	give_stream(0, 300);
	event_base_loop(base, EVLOOP_ONCE);
	pg_server_halt(modes[_i]);
	while (n_lost == 0)
		event_base_loop(base, EVLOOP_ONCE);
	give_stream(300, 900); /* nobody is there: it waits */
	ck_err(l->ops->query(l, LQ_CONFIG_SKILLS, 0, NULL, NULL, NULL), ERR_IO);
	ck_ok(l->ops->lease(l, LEASE_TICKET, &n));
	pg_server_again();
	wait_done(900);
	wait_up(2);
	check_stream(900);
}
END_TEST

START_TEST(absent_at_start_and_coming_later)
{
	struct pg_options opt = { .batches = 2 };

	l->ops->free(l, 0);
	pg_server_halt("fast");
	n_up = n_lost = 0;
	l = open_with(&opt);
	give(event_unit(1, 1, "offered", "offered"), 0);
	for (int i = 0; i < 5; i++)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_eq(n_up, 0);
	pg_server_again();
	wait_up(1);
	wait_done(1);
	ck_err(dones[0].err, ERR_OK);
	ck_assert_int_eq(n_lost, 0);
}
END_TEST

/* The backend of the writer is ended by an administrator, and its table is
 * locked away for a while: both are waits, not losses. */
START_TEST(ended_by_an_administrator)
{
	open_ticket();
	for (int i = 0; i < 5; i++) {
		give_stream(i * 50, i * 50 + 50);
		event_base_loop(base, EVLOOP_ONCE);
		pg_server_ask("SELECT pg_terminate_backend(pid)"
			      " FROM pg_stat_activity WHERE"
			      " application_name = 'mashangd writer'");
	}
	wait_done(250);
	check_stream(250);
}
END_TEST

START_TEST(cancelled_statements_go_again)
{
	open_ticket();
	pg_server_ask("CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql"
		      " AS $$ BEGIN IF nextval('once') = 1 THEN RAISE"
		      " EXCEPTION 'once' USING ERRCODE = '40001'; END IF;"
		      " RETURN NEW; END $$;"
		      " CREATE SEQUENCE once; GRANT USAGE ON SEQUENCE once"
		      " TO mashang_daemon; CREATE TRIGGER once BEFORE INSERT"
		      " ON call FOR EACH ROW EXECUTE FUNCTION once()");
	give_stream(0, 100);
	wait_done(100);
	check_stream(100);
	ck_assert_int_eq(n_lost, 0);
}
END_TEST

/* A commit that gave up waiting for its standby must not be told. */
START_TEST(a_commit_without_its_standby)
{
	pg_server_ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	pg_server_ask("SELECT pg_reload_conf()");
	while (strcmp(pg_server_ask("SHOW synchronous_standby_names"),
		   "nobody") != 0)
		;
	give(event_unit(1, 1, "offered", "offered"), 0);
	event_base_loop(base, EVLOOP_ONCE);
	while (strcmp(pg_server_ask("SELECT count(*) FROM pg_stat_activity"
				    " WHERE wait_event = 'SyncRep'"),
		   "1") != 0)
		event_base_loop(base, EVLOOP_NONBLOCK);
	pg_server_ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
		      " WHERE wait_event = 'SyncRep'");
	while (n_lost == 0)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_eq(n_dones, 0);
	pg_server_ask("ALTER SYSTEM RESET synchronous_standby_names");
	pg_server_ask("SELECT pg_reload_conf()");
	wait_done(1);
	ck_err(dones[0].err, ERR_OK);
	ck_ask("SELECT count(*) FROM call", "1");
}
END_TEST

/* Nothing overtakes: what was sent behind a bad unit waits for it. */
START_TEST(order_is_kept_around_bad_units)
{
	struct pg_options opt = {
		.batches = 4, .batch_units = 16, .batch_us = 1
	};

	l->ops->free(l, 0);
	l = open_with(&opt);
	wait_up(2);
	open_ticket();
	for (int i = 0; i < 400; i++) {
		struct ledger_unit *u = event_unit((uint32_t)i + 1, 1,
		    "offered", i % 37 == 5 ? "nonsense" : "offered");

		put_note(u, 5000, 0, (uint32_t)i + 1);
		give(u, i);
	}
	wait_done(400);
	check_order(400);
	ck_ask(overtaken_sql, "0");
	ck_ask("SELECT count(*) FROM event_quarantine", "11");
	ck_ask("SELECT count(*) FROM ticket_event", "389");
}
END_TEST

/* A process of its own, killed at a fail point; how many units it was told of
 * comes back through a pipe. */
static int
die_at(const char *point)
{
	struct pg_options opt = { .batches = 2, .batch_units = 50 };
	int fds[2], status, told;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		failpoint_arm(point);
		base = event_base_new();
		n_up = 0;
		l = open_with(&opt);
		wait_up(1);
		give_stream(0, 300);
		while (n_dones < 300) {
			event_base_loop(base, EVLOOP_ONCE);
			if (write(fds[1], &n_dones, sizeof(n_dones)) < 0)
				break;
		}
		_exit(0);
	}
	close(fds[1]);
	for (told = 0; read(fds[0], &status, sizeof(status)) > 0;)
		told = status;
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return told;
}

/* What was told is there; what was not told may be: sent again, all is once. */
START_TEST(our_process_is_killed)
{
	const char *const points[] = { "ledger.sent:2", "ledger.committed:3",
		"ledger.sent", "ledger.committed" };
	int there, told;

	open_ticket();
	told = die_at(points[_i]);
	there = atoi(pg_server_ask("SELECT count(*) FROM call"));
	ck_assert_int_ge(there, told);
	if (_i == 1)
		ck_assert_int_gt(there, told); /* committed, and not told */
	give_stream(0, 300);
	wait_done(300);
	check_stream(300);
}
END_TEST

START_TEST(free_flushes)
{
	give_stream(0, 0);
	for (int i = 0; i < 700; i++)
		give(event_unit((uint32_t)i + 1, 1, "offered", "offered"), i);
	l->ops->free(l, 5000);
	l = NULL;
	ck_assert_int_eq(n_dones, 700);
	ck_ask("SELECT count(*) FROM call", "700");
}
END_TEST

/* Refused as long as it is unsafe, taken as soon as it is not. */
START_TEST(an_unsafe_server_is_refused)
{
	struct pg_options opt = { .batches = 2 };

	l->ops->free(l, 0);
	pg_server_ask("ALTER ROLE daemon SET synchronous_commit = off");
	n_up = 0;
	l = open_with(&opt);
	give(event_unit(1, 1, "offered", "offered"), 0);
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_eq(n_up, 0);
	ck_ask("SELECT count(*) FROM call", "0");
	pg_server_ask("ALTER ROLE daemon RESET synchronous_commit");
	wait_up(1);
	wait_done(1);
}
END_TEST

START_TEST(another_schema_is_refused)
{
	struct pg_options opt = { .batches = 2 };

	l->ops->free(l, 0);
	pg_server_ask("UPDATE schema_migration SET version = version + 9000");
	n_up = 0;
	l = open_with(&opt);
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_eq(n_up, 0);
	pg_server_ask("UPDATE schema_migration SET version = version - 9000");
	wait_up(1);
}
END_TEST

Suite *
ledger_fault_suite(void)
{
	TCase *tc = bed_case("ledger_fault");

	tcase_add_test(tc, killed_between_send_and_result);
	tcase_add_loop_test(tc, stopped_and_started_again, 0, 2);
	tcase_add_test(tc, absent_at_start_and_coming_later);
	tcase_add_test(tc, ended_by_an_administrator);
	tcase_add_test(tc, cancelled_statements_go_again);
	tcase_add_test(tc, a_commit_without_its_standby);
	tcase_add_test(tc, order_is_kept_around_bad_units);
	tcase_add_loop_test(tc, our_process_is_killed, 0, 4);
	tcase_add_test(tc, free_flushes);
	tcase_add_test(tc, an_unsafe_server_is_refused);
	tcase_add_test(tc, another_schema_is_refused);
	return suite_of(tc, "ledger_fault");
}
