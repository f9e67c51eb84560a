/*
 * clocks_test.c - the clockwork on a real PostgreSQL: two of them at once, late,
 * interrupted, and each event once.
 *
 * A clockwork has a ledger and a loop of its own, so that a test can stop it
 * between its reading and its writing.
 */
#include "test/support/ledger_bed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "desk/clockwork.h"

#define S INT64_C(1000000)
#define AT "to_timestamp(0) + %" PRId64 " * interval '1 microsecond'"
/* Half of ten minutes, ten minutes, three quarters of an hour. */
#define POLICY                                                   \
	"sla max_pause=86400000000 reopen=259200000000"          \
	" target=first_response:calendar goal=600000000"         \
	" rung=50 notify=owner"                                  \
	" rung=100 notify=owner,supervisor raise=1 queue=second" \
	" target=resolution:calendar goal=3600000000"            \
	" pauses=pending_customer,resolved rung=75 notify=owner"

struct node {
	const char *name;
	struct event_base *base;
	struct ledger *ledger;
	struct clockwork *clocks;
	bool up;
	unsigned notices;
};
static struct node a, b;

/* ------------------------------------------------------------------- nodes */

static void
node_up(void *arg)
{
	struct node *n = arg;

	n->up = true;
}

static void
node_lost(void *arg, const char *why)
{
	struct node *n = arg;

	(void)why;
	clockwork_lost(n->clocks);
}

static void
count_notice(void *arg, const struct clock_notice *notice)
{
	struct node *n = arg;

	(void)notice;
	n->notices++;
}

static struct str
name_agent(void *arg, uint32_t agent)
{
	(void)arg;
	return agent == 7 ? STR_LIT("w\"ang") : STR_LIT("");
}

static void
node_start(struct node *n, const char *name)
{
	static char conninfo[2][256];
	const struct pg_events ev = { node_up, node_lost, n };
	struct pg_options po = { .batches = 2, .node = name };
	struct clockwork_options co = { .node = name,
		.notice = count_notice,
		.notice_arg = n,
		.agent = name_agent };
	char *c = conninfo[n == &b];

	snprintf(c, sizeof(conninfo[0]), "%s", pg_server_conninfo("daemon"));
	po.conninfo = c;
	*n = (struct node){ .name = name, .base = event_base_new() };
	ck_ok(pg_ledger_new(n->base, &po, &ev, &n->ledger));
	co.ledger = n->ledger;
	ck_ok(clockwork_new(&co, &n->clocks));
	while (!n->up)
		event_base_loop(n->base, EVLOOP_ONCE);
}

/* Whatever is under way is as if it had been killed. */
static void
node_stop(struct node *n)
{
	if (n->base == NULL)
		return;
	clockwork_lost(n->clocks);
	n->ledger->ops->free(n->ledger, 0);
	clockwork_free(&n->clocks);
	event_base_free(n->base);
	n->base = NULL;
}

static struct clockwork_stats
stats(const struct node *n)
{
	struct clockwork_stats s;

	clockwork_stats(n->clocks, &s);
	return s;
}

static bool
is_settled(const struct node *n)
{
	return clockwork_horizon(n->clocks) == INT64_MAX;
}

static void
settle(struct node *n, int64_t now)
{
	clockwork_up(n->clocks, now);
	clockwork_tick(n->clocks, now);
	while (!is_settled(n))
		event_base_loop(n->base, EVLOOP_ONCE);
}

/* Until it has evaluated something that is not committed yet. */
static void
halfway(struct node *n, int64_t now)
{
	uint64_t before = stats(n).evaluated;

	clockwork_up(n->clocks, now);
	clockwork_tick(n->clocks, now);
	while (stats(n).evaluated == before)
		event_base_loop(n->base, EVLOOP_ONCE);
}

static void
setup(void)
{
	node_start(&a, "a");
}

static void
teardown(void)
{
	node_stop(&a);
	node_stop(&b);
}

/* -------------------------------------------------------------------- rows */

static void PRINTF_LIKE(1, 2) sql(const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pg_server_ask(text);
}

/* Without a job: it applies to what comes after. */
static void
revise(int id, int64_t at, const char *apply_to, const char *policy)
{
	sql("INSERT INTO sla_revision VALUES (%d, " AT ", 'admin', '%s');"
	    "INSERT INTO sla_policy VALUES (%d, 1, 'std', '%s')",
	    id, at, apply_to, id, policy);
}

static void
open_tickets(int from, int to, int64_t at)
{
	sql("BEGIN; SET LOCAL mashang.node = 'a';"
	    "INSERT INTO ticket (id, rev, kind, status, opened_at,"
	    " dissatisfied) SELECT i, 1, 'consultation', 'new', " AT
	    ", false FROM generate_series(%d, %d) i;"
	    "INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,"
	    " for_customer, status, ticket_kind) SELECT i, 1,"
	    " md5('opened' || i)::uuid, " AT ", 'opened', 'system', false,"
	    " 'new', 'consultation' FROM generate_series(%d, %d) i; COMMIT",
	    at, from, to, at, from, to);
}

static void
happens(int ticket, int seq, int64_t at, const char *kind, const char *status,
    int64_t until)
{
	sql("BEGIN; SET LOCAL mashang.node = 'a';"
	    "UPDATE ticket SET status = coalesce(nullif('%s', ''), status)"
	    " WHERE id = %d;"
	    "INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,"
	    " for_customer, status, until_at) VALUES (%d, %d,"
	    " md5('%s%d.%d')::uuid, " AT ", '%s', 'wang', false,"
	    " nullif('%s', ''), CASE WHEN %" PRId64 " <> 0 THEN " AT
	    " END); COMMIT",
	    status, ticket, ticket, seq, kind, ticket, seq, at, kind, status,
	    until, until);
}

static void
start_policies(void)
{
	sql("INSERT INTO queue (name, ring_us, wrap_up_us, priority_credit_us,"
	    " short_us, stay_ready) VALUES ('second', 1, 1, 1, 1, false)");
	revise(1, T0 - S, "new", POLICY);
}

/* As many of each, and each of the same key. */
static void
check_outbox(void)
{
	ck_ask("SELECT count(*) FROM sla_event e FULL JOIN outbox o"
	       " ON o.key = concat_ws(':', 'sla', e.ticket_id, e.metric,"
	       " e.agreement, e.holder, e.cycle, e.generation, e.kind,"
	       " e.percent) WHERE e.ticket_id IS NULL OR o.id IS NULL",
	    "0");
	ck_ask("SELECT count(*) - (SELECT count(*) FROM sla_event)"
	       " FROM outbox",
	    "0");
}

/* -------------------------------------------------------------------- cases */

START_TEST(a_ticket_has_its_clocks)
{
	start_policies();
	open_tickets(1, 1, T0);
	settle(&a, T0 + S);
	ck_ask("SELECT string_agg(concat_ws(' ', metric, agreement, cycle,"
	       " generation, revision, policy, stage, us(due_at) - us("
	       "started_at)), ';' ORDER BY metric) FROM sla_clock",
	    "first_response sla 1 1 1 std running 600000000;"
	    "resolution sla 1 1 1 std running 3600000000");
	ck_ask("SELECT concat_ws(' ', eval, as_of, open, us(next_at)) FROM"
	       " sla_ticket",
	    "1 1 t 1700000300000000");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
	ck_assert_int_eq(clockwork_next_at(a.clocks), T0 + 300 * S);
	happens(1, 2, T0 + 2 * S, "answered", "in_progress", 0);
	settle(&a, T0 + 3 * S);
	ck_ask("SELECT concat_ws(' ', stage, outcome, elapsed_us, generation)"
	       " FROM sla_clock WHERE metric = 'first_response'",
	    "completed met 2000000 2");
	ck_ask("SELECT shares #>> '{}' FROM sla_ticket",
	    "[{\"us\": 3000000, \"holder\": \"group\"}]");
	ck_ask("SELECT count(*) FROM sla_event", "0");
}
END_TEST

/* (a) (f) */
START_TEST(two_at_once_tell_each_event_once)
{
	start_policies();
	open_tickets(1, 3000, T0);
	settle(&a, T0 + S);
	node_start(&b, "b");
	for (int i = 1; i <= 2; i++) {
		int64_t now = T0 + 301 * i * S;

		clockwork_up(a.clocks, now);
		clockwork_tick(a.clocks, now);
		clockwork_lost(b.clocks); /* up again, it waits for nobody */
		clockwork_up(b.clocks, now);
		clockwork_tick(b.clocks, now);
		while (!is_settled(&a) || !is_settled(&b)) {
			event_base_loop(a.base, EVLOOP_NONBLOCK);
			event_base_loop(b.base, EVLOOP_NONBLOCK);
		}
	}
	settle(&a, T0 + 603 * S);
	ck_ask("SELECT string_agg(concat_ws(' ', kind, percent, n), ';'"
	       " ORDER BY percent) FROM (SELECT kind, percent, count(*) n"
	       " FROM sla_event GROUP BY 1, 2) x",
	    "threshold 50 3000;breach 100 3000");
	ck_ask("SELECT count(DISTINCT ticket_id) FROM sla_event"
	       " WHERE kind = 'breach' AND us(at) = 1700000600000000",
	    "3000");
	check_outbox();
	ck_assert_uint_gt(stats(&b).evaluated, 0);
	ck_ask("SELECT count(*) FROM ticket_event WHERE kind = 'escalated'",
	    "3000");
	ck_ask("SELECT count(*) FROM ticket WHERE escalation = 1", "3000");
}
END_TEST

/* (b) */
START_TEST(who_comes_too_late_has_no_effect)
{
	start_policies();
	open_tickets(1, 1, T0);
	settle(&a, T0 + S);
	node_start(&b, "b");
	halfway(&b, T0 + 301 * S); /* would tell of one half */
	happens(1, 2, T0 + 2 * S, "answered", "in_progress", 0);
	settle(&a, T0 + 302 * S);
	ck_ask("SELECT eval FROM sla_ticket", "2");
	settle(&b, T0 + 301 * S);
	ck_ask("SELECT eval || ' ' || as_of FROM sla_ticket", "2 2");
	ck_ask("SELECT count(*) FROM sla_event", "0");
	ck_ask("SELECT count(*) FROM outbox", "0");
	ck_ask("SELECT stage FROM sla_clock WHERE metric = 'first_response'",
	    "completed");
}
END_TEST

/* The same history, and only time between the two. */
START_TEST(of_two_the_first_stands)
{
	start_policies();
	open_tickets(1, 1, T0);
	settle(&a, T0 + S);
	node_start(&b, "b");
	halfway(&b, T0 + 301 * S);
	settle(&a, T0 + 400 * S);
	settle(&b, T0 + 301 * S);
	ck_ask("SELECT eval || ' ' || us(evaluated_at) FROM sla_ticket",
	    "2 1700000400000000");
	ck_ask("SELECT count(*) || ' ' || max(us(detected_at)) FROM sla_event",
	    "1 1700000400000000");
	check_outbox();
}
END_TEST

/* (c) */
START_TEST(history_that_has_grown_is_read_again)
{
	start_policies();
	open_tickets(1, 1, T0);
	halfway(&a, T0 + 301 * S);
	happens(1, 2, T0 + 2 * S, "answered", "in_progress", 0);
	while (!is_settled(&a))
		event_base_loop(a.base, EVLOOP_ONCE);
	ck_assert_uint_eq(stats(&a).evaluated, 2);
	ck_ask("SELECT eval || ' ' || as_of FROM sla_ticket", "1 2");
	ck_ask("SELECT count(*) FROM sla_event", "0");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
}
END_TEST

/* (d) */
START_TEST(down_over_a_deadline_is_told_late_and_once)
{
	start_policies();
	open_tickets(1, 1, T0);
	settle(&a, T0 + S);
	for (int i = 0; i < 3; i++) {
		node_stop(&a);
		node_start(&a, "a");
		settle(&a, T0 + 1200 * S);
	}
	ck_ask("SELECT string_agg(concat_ws(' ', kind, us(at) / 1000000,"
	       " us(detected_at) / 1000000, late, by_change, us(due_at)"
	       " / 1000000), ';' ORDER BY percent) FROM sla_event",
	    "threshold 1700000300 1700001200 t f 1700000600;"
	    "breach 1700000600 1700001200 t f 1700000600");
	check_outbox();
}
END_TEST

/* (e) */
START_TEST(a_clock_that_goes_back_fires_nothing_again)
{
	start_policies();
	open_tickets(1, 1, T0);
	settle(&a, T0 + 700 * S);
	ck_ask("SELECT count(*) FROM sla_event", "2");
	node_stop(&a);
	node_start(&a, "a");
	happens(1, 5, T0 + 100 * S, "note", "", 0);
	settle(&a, T0 + 100 * S);
	settle(&a, T0 + 700 * S);
	ck_ask("SELECT count(*) FROM sla_event", "2");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
	check_outbox();
}
END_TEST

/* (g) */
START_TEST(a_rung_moves_the_ticket_once)
{
	start_policies();
	open_tickets(1, 1, T0);
	settle(&a, T0 + S);
	settle(&a, T0 + 601 * S);
	settle(&a, T0 + 602 * S);
	node_stop(&a);
	node_start(&a, "a");
	settle(&a, T0 + 603 * S);
	ck_ask("SELECT escalation || ' ' || q.name FROM ticket t JOIN queue q"
	       " ON q.id = t.queue_id",
	    "1 second");
	ck_ask("SELECT string_agg(concat_ws(' ', seq, e.kind, e.actor, e.text,"
	       " q.name, e.owner_id), ';') FROM ticket_event e JOIN queue q"
	       " ON q.id = e.queue_id",
	    "2 escalated system first_response 100 % second 0");
	ck_ask("SELECT as_of FROM sla_ticket", "2");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
}
END_TEST

/* (h) */
START_TEST(a_revision_goes_on_where_it_was_interrupted)
{
	start_policies();
	open_tickets(1, 2000, T0);
	settle(&a, T0 + S);
	revise(2, T0 + 2 * S, "retroactive",
	    "sla target=first_response:calendar goal=900000000"
	    " target=resolution:calendar goal=7200000000");
	sql("INSERT INTO sla_job (revision, total) VALUES (2, 2000)");
	clockwork_up(a.clocks, T0 + 3 * S);
	while (strcmp(pg_server_ask("SELECT done FROM sla_job"), "0") == 0)
		event_base_loop(a.base, EVLOOP_ONCE);
	node_stop(&a);
	ck_ask("SELECT ended_at IS NULL FROM sla_job", "t");
	node_start(&a, "a");
	settle(&a, T0 + 4 * S);
	ck_ask("SELECT done || ' ' || (ended_at IS NOT NULL) FROM sla_job",
	    "2000 true");
	ck_ask("SELECT count(*) || ' ' || count(DISTINCT ticket_id)"
	       " FROM ticket_event WHERE kind = 'revised_retroactive'",
	    "2000 2000");
	ck_ask("SELECT count(*) FROM sla_clock WHERE revision = 2 AND"
	       " us(due_at) = CASE metric WHEN 'resolution' THEN"
	       " 1700007200000000 ELSE 1700000900000000 END",
	    "4000");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
}
END_TEST

/* Another node has made it a moment ago. */
START_TEST(a_revision_that_was_not_known_is_read_first)
{
	start_policies();
	settle(&a, T0);
	revise(
	    2, T0, "new", "sla target=first_response:calendar goal=900000000");
	open_tickets(1, 3, T0 + S);
	clockwork_changed(a.clocks, T0 + 2 * S);
	while (!is_settled(&a))
		event_base_loop(a.base, EVLOOP_ONCE);
	ck_ask("SELECT string_agg(DISTINCT revision || ' ' || metric, ',')"
	       " FROM sla_clock",
	    "2 first_response");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
}
END_TEST

/* Received before it, written down after its job: a caller in the menu, a
 * switch that was cut off. */
START_TEST(a_revision_comes_to_latecomers)
{
	start_policies();
	revise(2, T0 + 2 * S, "forward",
	    "sla target=first_response:calendar goal=900000000");
	sql("INSERT INTO sla_job (revision, total, ended_at)"
	    " VALUES (2, 0, " AT ")",
	    T0 + 2 * S);
	open_tickets(1, 2, T0);
	open_tickets(3, 3, T0 + 2 * S);
	sql("INSERT INTO ticket_event SELECT * FROM ticket_event"
	    " ON CONFLICT (key) DO NOTHING");
	settle(&a, T0 + 3 * S);
	ck_ask("SELECT string_agg(ticket_id || ' ' || seq, ',' ORDER BY"
	       " ticket_id) FROM ticket_event WHERE kind = 'revised_forward'",
	    "1 2,2 2");
	ck_ask("SELECT count(*) FROM sla_clock WHERE revision = 2"
	       " AND metric = 'first_response' AND stage = 'running'",
	    "3");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
}
END_TEST

/* (i) */
START_TEST(a_wait_ends_by_itself)
{
	start_policies();
	open_tickets(1, 1, T0);
	happens(1, 2, T0 + S, "answered", "in_progress", 0);
	happens(1, 3, T0 + 10 * S, "pended", "pending_customer", T0 + 60 * S);
	settle(&a, T0 + 11 * S);
	ck_ask("SELECT concat_ws(' ', stage, us(due_at)) FROM sla_clock"
	       " WHERE metric = 'resolution'",
	    "paused");
	ck_assert_int_eq(clockwork_next_at(a.clocks), T0 + 60 * S);
	settle(&a, T0 + 61 * S);
	ck_ask("SELECT concat_ws(' ', seq, actor, us(at) / 1000000, status)"
	       " FROM ticket_event WHERE kind = 'resumed'",
	    "4 system 1700000060 in_progress");
	ck_ask("SELECT status FROM ticket", "in_progress");
	ck_ask("SELECT concat_ws(' ', stage, us(due_at) / 1000000) FROM"
	       " sla_clock WHERE metric = 'resolution'",
	    "running 1700003650");
	ck_ask("SELECT as_of FROM sla_ticket", "4");
}
END_TEST

/* What is no longer true is taken back, and told again when it is. */
START_TEST(a_breach_is_taken_back)
{
	start_policies();
	open_tickets(1, 1, T0);
	settle(&a, T0 + 601 * S);
	happens(1, 5, T0 + 30 * S, "answered", "in_progress", 0);
	settle(&a, T0 + 602 * S);
	ck_ask("SELECT string_agg(concat_ws(' ', generation, kind, percent),"
	       " ';' ORDER BY generation, percent) FROM sla_event",
	    "1 threshold 50;1 breach 100;"
	    "2 threshold_retracted 50;2 breach_retracted 100");
	ck_ask("SELECT concat_ws(' ', stage, outcome, generation,"
	       " breached_at) FROM sla_clock WHERE metric = 'first_response'",
	    "completed met 2");
	check_outbox();
}
END_TEST

/* Marks of a node that is gone are anybody's, after a while. */
START_TEST(others_marks_are_taken_when_old)
{
	start_policies();
	open_tickets(1, 1, T0);
	node_stop(&a);
	node_start(&b, "b");
	settle(&b, T0 + S);
	ck_ask("SELECT count(*) FROM sla_ticket", "0");
	for (int i = 0; i < 3; i++) {
		clockwork_sweep(b.clocks, T0 + (1 + i) * S);
		settle(&b, T0 + (1 + i) * S);
	}
	ck_ask("SELECT count(*) FROM sla_ticket", "1");
	ck_ask("SELECT count(*) FROM sla_todo", "0");
}
END_TEST

Suite *
clocks_suite(void)
{
	TCase *tc = tcase_create("clocks");

	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, pg_server_fresh, NULL);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_ticket_has_its_clocks);
	tcase_add_test(tc, two_at_once_tell_each_event_once);
	tcase_add_test(tc, who_comes_too_late_has_no_effect);
	tcase_add_test(tc, of_two_the_first_stands);
	tcase_add_test(tc, history_that_has_grown_is_read_again);
	tcase_add_test(tc, down_over_a_deadline_is_told_late_and_once);
	tcase_add_test(tc, a_clock_that_goes_back_fires_nothing_again);
	tcase_add_test(tc, a_rung_moves_the_ticket_once);
	tcase_add_test(tc, a_revision_goes_on_where_it_was_interrupted);
	tcase_add_test(tc, a_revision_comes_to_latecomers);
	tcase_add_test(tc, a_revision_that_was_not_known_is_read_first);
	tcase_add_test(tc, a_wait_ends_by_itself);
	tcase_add_test(tc, a_breach_is_taken_back);
	tcase_add_test(tc, others_marks_are_taken_when_old);
	return suite_of(tc, "clocks");
}
