/*
 * clock_faults_test.c - promises come due while daemons are killed -9, stopped,
 * away, or told an earlier time; afterwards the clocks' books must balance.
 *
 * The moments: a page of tickets is read (clocks.read), evaluated and handed to
 * the ledger (clocks.given), on its way (ledger.sent), on disk and nobody knows
 * (ledger.committed), on disk and known (clocks.committed).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/id.h"
#include "test/support/clock_oracle.h"
#include "test/support/oracle.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

Suite *clock_faults_suite(void);

#define AT_ONCE 20 /* tickets asked for before the first is awaited */
#define LADDER                                    \
	"        ladder:\n"                       \
	"          - {at: 50, notify: [owner]}\n" \
	"          - {at: 100, notify: [supervisor], raise: 1}\n"
#define SECOND \
	"          - {at: 200, notify: [manager], raise: 2, queue: second}\n"
#define POLICIES(first, resolution, more)                                    \
	"queues:\n  - name: front\n  - name: second\n"                       \
	"policies:\n  - name: quick\n    targets:\n"                         \
	"      first_response:\n        wall_clock: " first "\n" LADDER more \
	"      resolution:\n        wall_clock: " resolution "\n" LADDER more
#define TOLD "SELECT count(*) FROM sla_event"

static struct stack st, other;

static void
down(void)
{
	if (other.daemon > 0)
		stack_down(&other);
	stack_down(&st);
}

static void
nothing(void)
{
}

/* The file's policies, to the tickets named. */
static void
apply(struct stack *s, const char *yaml, const char *clocks)
{
	stack_write(s, "policies.yaml", yaml);
	mashang(s, 0, "admin", "apply", "--yes", "--clocks", clocks,
	    stack_path(s, "policies.yaml"), NULL);
}

/* ---- tickets, made as a client makes them */

static void
login(struct wire *w, const struct stack *s)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;

	wire_open(w, s);
	h.role = MASHANG__ROLE__ROLE_ADMINISTRATOR;
	wire_login(w, &h);
}

static void
ask_ticket(struct wire *w, const struct id *op)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNew t = MASHANG__TICKET_NEW__INIT;

	t.subject = wire_bytes("it does not cool");
	t.queue = wire_bytes("front");
	e.op_id =
	    (ProtobufCBinaryData){ sizeof(op->b), (uint8_t *)(uintptr_t)op->b };
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NEW;
	e.ticket_new = &t;
	wire_send(w, &e);
}

/* All of them are on disk; false: the daemon has gone. */
static bool
are_saved(struct wire *w, unsigned n)
{
	const Mashang__Envelope *e;

	while (n > 0) {
		if ((e = wire_next(w)) == NULL)
			return false;
		ck_assert_int_ne(e->body_case, MASHANG__ENVELOPE__BODY_ERROR);
		if (e->body_case == MASHANG__ENVELOPE__BODY_SAVED)
			n -= (unsigned)e->saved->n_op_ids;
	}
	return true;
}

/* Each made once, though asked for again where the daemon dies meanwhile. */
static void
make_tickets(struct stack *s, unsigned n)
{
	struct wire w;

	login(&w, s);
	for (unsigned made = 0; made < n; made += AT_ONCE) {
		struct id op[AT_ONCE];

		for (unsigned i = 0; i < AT_ONCE; i++)
			op[i] = id_random();
		do {
			for (unsigned i = 0; i < AT_ONCE; i++)
				ask_ticket(&w, &op[i]);
			if (are_saved(&w, AT_ONCE))
				break;
			wire_close(&w);
			ck_assert_int_ne(stack_daemon_wait(s, 10), -1);
			stack_daemon_start(s, NULL);
			login(&w, s);
		} while (true);
	}
	wire_close(&w);
}

/* The same at once, with a history as the daemon writes it; from `id' on,
 * between the policies' beginning and now. */
static void
put_tickets(unsigned id, unsigned n, const char *node)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "BEGIN; SET LOCAL mashang.node = '%s';"
	    "CREATE TEMP TABLE t AS SELECT i AS id, md5('opened' || i)::uuid"
	    " AS key, r.at + i %% 50 / 50.0 * (now() - r.at) AS at,"
	    " (SELECT id FROM queue WHERE name = 'front') AS queue"
	    " FROM generate_series(%u, %u) AS i, sla_revision AS r;"
	    "INSERT INTO ticket (id, rev, kind, status, opened_at, queue_id,"
	    " dissatisfied) SELECT id, 1, 'consultation', 'new', at, queue,"
	    " false FROM t;"
	    "INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,"
	    " for_customer, status, ticket_kind, queue_id, owner_id)"
	    " SELECT id, 1, key, at, 'opened', 'system', false, 'new',"
	    " 'consultation', queue, 0 FROM t; COMMIT",
	    node, id, id + n - 1);
	pg_server_ask(sql);
}

/* Each has told so many rungs, and nothing is left to do. */
static void
until_told(unsigned rungs)
{
	char want[16];

	snprintf(want, sizeof(want), "%u 0", rungs);
	clock_oracle_until(&st, 40,
	    "SELECT (" TOLD ") || ' ' || (SELECT count(*) FROM sla_todo)",
	    want);
}

/* All is solved: clocks stop under a new generation, and what was told of them
 * stays told, once. */
static void
resolve_all(void)
{
	char *told = strdup(pg_server_ask(TOLD));

	pg_server_ask(
	    "BEGIN; SET LOCAL mashang.node = 'test';"
	    "INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,"
	    " for_customer, status) SELECT ticket_id, max(seq) + 1,"
	    " md5('resolved' || ticket_id)::uuid, now(), 'resolved', 'wang',"
	    " false, 'resolved' FROM ticket_event GROUP BY ticket_id;"
	    "UPDATE ticket SET status = 'resolved'; COMMIT");
	clock_oracle_until(&st, 20, "SELECT count(*) FROM sla_todo", "0");
	ck_assert_str_eq(pg_server_ask(TOLD), told);
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM sla_clock WHERE outcome IS"
			  " DISTINCT FROM 'missed' OR generation = 1"),
	    "0");
	clock_oracle_consult(&st, "now()");
	free(told);
}

/* ---- killed while firing */

#define TICKETS 240

static const struct {
	bool postgres; /* it is killed, while the daemon stands still */
	const char *point;
} rows[] = {
	{ false, "clocks.read:3" },
	{ false, "clocks.read:30" },
	{ false, "clocks.given:2" },
	{ false, "clocks.given:35" },
	{ false, "clocks.committed:1" },
	{ false, "clocks.committed:32" },
	{ false, "ledger.sent:30" },
	{ false, "ledger.sent:55" },
	{ false, "ledger.committed:31" },
	{ false, "ledger.committed:56" },
	{ true, "clocks.read:5:stop" },
	{ true, "clocks.given:7:stop" },
	{ true, "ledger.sent:12:stop" },
};

static void
take_postgresql_away(void)
{
	put_tickets(1000000, TICKETS, "test");
	stack_daemon_stopped(&st, 20);
	pg_server_kill();
	stack_daemon_go_on(&st);
	pg_server_again();
}

START_TEST(killed_while_firing)
{
	pid_t first;

	stack_up(&st, false);
	apply(&st, POLICIES("2s", "3s", SECOND), "new");
	stack_daemon_kill(&st);
	stack_daemon_start(&st, rows[_i].point);
	first = st.daemon;
	if (rows[_i].postgres) {
		take_postgresql_away();
	} else {
		make_tickets(&st, TICKETS);
		if (st.daemon == first) {
			ck_assert_int_ne(stack_daemon_wait(&st, 20), -1);
			stack_daemon_start(&st, NULL);
		}
	}
	until_told(6 * TICKETS);
	ck_assert_str_eq(pg_server_ask("SELECT count(*) || ' ' || sum("
				       "escalation) FROM ticket"),
	    "240 1440");
	clock_oracle_consult(&st, "now()");
	clock_oracle_again(&st);
	resolve_all();
}
END_TEST

/* ---- two daemons */

/* A few more tickets, made at `at', and time for some to come due. */
static void
go_on_with(struct stack *at, unsigned *n)
{
	char sql[128];

	make_tickets(at, 2 * AT_ONCE);
	*n += 2 * AT_ONCE;
	snprintf(sql, sizeof(sql), "SELECT (" TOLD ") >= %s + 80",
	    pg_server_ask(TOLD));
	clock_oracle_until(at, 20, sql, "t");
}

START_TEST(two_daemons_killed_and_stopped_in_turn)
{
	unsigned n = 0;

	stack_up(&st, false);
	apply(&st, POLICIES("1s", "2s", SECOND), "new");
	stack_beside(&other, &st, "b");
	for (unsigned i = 0; i < 6; i++) {
		struct stack *goes = i % 2 == 0 ? &st : &other;
		struct stack *stays = i % 2 == 0 ? &other : &st;

		go_on_with(goes, &n);
		if (i < 4) {
			stack_daemon_kill(goes);
		} else {
			kill(goes->daemon, SIGSTOP);
			stack_daemon_stopped(goes, 5);
		}
		go_on_with(stays, &n);
		go_on_with(stays, &n);
		if (i < 4)
			stack_daemon_start(goes, NULL);
		else
			stack_daemon_go_on(goes);
		go_on_with(goes, &n);
	}
	until_told(6 * n);
	clock_oracle_tell_lateness("two daemons, one away at a time");
	clock_oracle_consult(&st, "now()");
	clock_oracle_again(&st);
}
END_TEST

/* ---- a revision on its way to the tickets that are open */

#define OPEN 2300
#define HOURS(a, b) POLICIES(a "h", b "h", "")

static const struct {
	const char *clocks, *point;
	bool other; /* finishes it, and the first stays away until it has */
} jobs[] = {
	{ "forward", "clocks.read:1", false },
	{ "forward", "clocks.given:3", false },
	{ "retroactive", "clocks.committed:2", false },
	{ "retroactive", "ledger.sent:3", false },
	{ "retroactive", "ledger.committed:4", false },
	{ "forward", "clocks.read:3", true },
	{ "retroactive", "clocks.given:2", true },
};

START_TEST(killed_while_a_revision_goes_on)
{
	char kind[32];

	stack_up(&st, false);
	apply(&st, HOURS("5", "10"), "new");
	put_tickets(1000, OPEN, "test");
	clock_oracle_until(
	    &st, 20, "SELECT count(*) FROM sla_ticket WHERE open", "2300");
	if (jobs[_i].other)
		stack_beside(&other, &st, "b");
	stack_daemon_kill(&st);
	stack_daemon_start(&st, jobs[_i].point);
	apply(&st, HOURS("6", "9"), jobs[_i].clocks);
	ck_assert_int_ne(stack_daemon_wait(&st, 20), -1);
	ck_assert_str_ne(pg_server_ask("SELECT done FROM sla_job"), "2300");
	if (!jobs[_i].other)
		stack_daemon_start(&st, NULL);
	snprintf(kind, sizeof(kind), "revised_%s", jobs[_i].clocks);
	clock_oracle_revised(jobs[_i].other ? &other : &st, 2, kind);
	if (jobs[_i].other)
		stack_daemon_start(&st, NULL);
	ck_assert_str_eq(pg_server_ask(TOLD), "0");
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM sla_clock WHERE us(due_at)"
			  " = us(started_at) + CASE metric WHEN 'resolution'"
			  " THEN 9 ELSE 6 END * 3600000000"),
	    "4600");
	clock_oracle_consult(&st, "now()");
	clock_oracle_again(&st);
}
END_TEST

/* Another node has made them and died: nobody has looked at them yet. */
START_TEST(a_revision_comes_to_what_nobody_has_looked_at)
{
	const char *clocks = _i == 0 ? "forward" : "retroactive";
	char kind[32];

	snprintf(kind, sizeof(kind), "revised_%s", clocks);
	stack_up(&st, false);
	apply(&st, HOURS("5", "10"), "new");
	put_tickets(1000, 700, "gone");
	apply(&st, HOURS("6", "9"), clocks);
	clock_oracle_revised(&st, 2, kind);
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM sla_ticket WHERE open"), "700");
	clock_oracle_consult(&st, "now()");
	clock_oracle_again(&st);
}
END_TEST

/* ---- away, and an earlier time */

START_TEST(down_over_deadlines)
{
	stack_up(&st, false);
	apply(&st, POLICIES("1s", "2s", SECOND), "new");
	make_tickets(&st, TICKETS);
	stack_daemon_kill(&st);
	clock_oracle_until(&st, 20,
	    "SELECT max(opened_at) + interval '6 s' < now() FROM ticket", "t");
	stack_daemon_start(&st, NULL);
	until_told(6 * TICKETS);
	clock_oracle_consult(&st, "now()");
	/* What had come before was told then; the rest is late. */
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) > 900 FROM sla_event WHERE late"),
	    "t");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM sla_event WHERE"
				       " percent = 200 AND NOT late"),
	    "0");
	for (unsigned i = 0; i < 2; i++) {
		stack_daemon_kill(&st);
		stack_daemon_start(&st, NULL);
		clock_oracle_again(&st);
	}
	resolve_all();
}
END_TEST

#define T0 INT64_C(1700000000000000)

/* The clock of a driven daemon. */
static void
advance(struct wire *w, int64_t to)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__ClockAdvance c = MASHANG__CLOCK_ADVANCE__INIT;
	int64_t at = 0;

	while (at < to) {
		struct id op = id_random();

		c.to = to;
		e.op_id = (ProtobufCBinaryData){ sizeof(op.b), op.b };
		e.body_case = MASHANG__ENVELOPE__BODY_CLOCK_ADVANCE;
		e.clock_advance = &c;
		wire_send(w, &e);
		at = WIRE_EXPECT(w, CLOCK_REACHED)->clock_reached->at;
	}
}

/* Killed, and told an earlier time than it had been: what was told stays so,
 * what comes after is told when it is. */
START_TEST(a_clock_that_goes_back)
{
	struct wire w;

	stack_up(&st, true);
	login(&w, &st);
	advance(&w, T0);
	apply(&st, POLICIES("600s", "3600s", SECOND), "new");
	advance(&w, T0 + CLOCK_S);
	make_tickets(&st, AT_ONCE);
	advance(&w, T0 + 700 * CLOCK_S);
	until_told(2 * AT_ONCE);
	wire_close(&w);
	for (unsigned i = 0; i < 3; i++) {
		stack_daemon_kill(&st);
		stack_daemon_start(&st, NULL);
		login(&w, &st);
		advance(&w, T0 + (100 + 100 * i) * CLOCK_S);
		clock_oracle_again(&st);
		advance(&w, T0 + (650 + i) * CLOCK_S);
		until_told(2 * AT_ONCE);
		if (i < 2)
			wire_close(&w);
	}
	advance(&w, T0 + 8000 * CLOCK_S);
	until_told(6 * AT_ONCE);
	wire_close(&w);
	clock_oracle_consult(&st, "to_timestamp(1700000000 + 8000)");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM sla_event WHERE"
				       " kind NOT IN ('threshold', 'breach')"),
	    "0");
	ck_assert_str_eq(
	    pg_server_ask("SELECT max(us(detected_at) - us(at)) <= 1"
			  " FROM sla_event"),
	    "t");
}
END_TEST

/* ---- calls go on */

#define DAY INT64_C(1772409600) /* 2026-03-02, the generated day */
#define DAYS_ON 10              /* by then even twice of three days is over */
/* By call, since tickets' numbers may differ. */
#define EVENTS                                                                \
	"SELECT md5(string_agg(concat_ws(' ', c.switch_call, e.metric, "      \
	"e.cycle,"                                                            \
	" e.percent, e.kind, us(e.at), e.raise), ';' ORDER BY c.switch_call," \
	" e.metric, e.cycle, e.percent, e.kind)) || ' ' || count(*)"          \
	" FROM sla_event e JOIN ticket t ON t.id = e.ticket_id"               \
	" JOIN call c ON c.id = t.call_id"

/* Someone in a driven daemon has to say what time it is. */
static void
drive(int64_t to)
{
	struct wire w;

	login(&w, &st);
	advance(&w, to * CLOCK_S);
	wire_close(&w);
}

static pid_t
play(void)
{
	static char json[PATH_MAX];
	const char *argv[] = { "mashang-replay", "--generate",
		"seed=5,calls=250,agents=6,date=2026-03-02", "--speed", "max",
		"--quiet", "--json", json, NULL };

	snprintf(json, sizeof(json), "%s/replay.json", st.dir);
	return stack_spawn(&st, argv, "replay.out");
}

/* The day under the policies that come with the daemon, and the days after;
 * killed at `point' on the way, if any.  What was told, in short. */
static char *
day_told(const char *point)
{
	pid_t replay;

	stack_up(&st, true);
	drive(DAY - 86400);
	mashang(&st, 0, "admin", "apply", "config/hotline.yaml", NULL);
	stack_daemon_kill(&st);
	stack_daemon_start(&st, point);
	replay = play();
	if (point != NULL) {
		ck_assert_int_ne(stack_daemon_wait(&st, 60), -1);
		stack_daemon_start(&st, NULL);
	}
	oracle_compare(&st, stack_wait(replay, 90));
	drive(DAY + DAYS_ON * 86400);
	oracle_consult(&st);
	clock_oracle_consult(&st, "timestamptz '2026-03-12 00:00Z'");
	clock_oracle_again(&st);
	return strdup(pg_server_ask(EVENTS));
}

/* The same day tells the same, each rung in the instant that is its own. */
START_TEST(a_day_tells_the_same_twice)
{
	char *once = day_told(NULL), *twice;

	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM sla_event WHERE"
				       " us(detected_at) - us(at) >"
				       " (percent = 100)::int"),
	    "0");
	ck_assert_int_gt(atoi(pg_server_ask(TOLD)), 500);
	stack_down(&st);
	twice = day_told(NULL);
	ck_assert_str_eq(once, twice);
	free(once);
	free(twice);
}
END_TEST

/* And whoever is killed in the middle of it. */
START_TEST(a_day_tells_the_same_though_killed)
{
	static const char *const points[] = { "clocks.read:60",
		"clocks.given:90", "clocks.committed:120", "ledger.sent:400" };
	char *once = day_told(NULL);

	for (unsigned i = 0; i < NELEM(points); i++) {
		char *again;

		stack_down(&st);
		again = day_told(points[i]);
		ck_assert_msg(strcmp(once, again) == 0, "%s: %s, not %s",
		    points[i], again, once);
		free(again);
	}
	free(once);
}
END_TEST

static TCase *
add_case(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 240);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, nothing, down);
	suite_add_tcase(s, tc);
	return tc;
}

Suite *
clock_faults_suite(void)
{
	Suite *s = suite_create("clock_faults");
	TCase *tc = add_case(s, "killed");

	tcase_add_loop_test(tc, killed_while_firing, 0, NELEM(rows));
	tc = add_case(s, "two");
	tcase_add_test(tc, two_daemons_killed_and_stopped_in_turn);
	tc = add_case(s, "revised");
	tcase_add_loop_test(
	    tc, killed_while_a_revision_goes_on, 0, NELEM(jobs));
	tcase_add_loop_test(
	    tc, a_revision_comes_to_what_nobody_has_looked_at, 0, 2);
	tc = add_case(s, "late");
	tcase_add_test(tc, down_over_deadlines);
	tcase_add_test(tc, a_clock_that_goes_back);
	tc = add_case(s, "calls");
	tcase_add_test(tc, a_day_tells_the_same_twice);
	tcase_add_test(tc, a_day_tells_the_same_though_killed);
	return s;
}
