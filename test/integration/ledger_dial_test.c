/*
 * ledger_dial_test.c - who may be called, decided by a real PostgreSQL; two
 * nodes that ask at the same time.
 */
#include "test/support/ledger_bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

Suite *ledger_dial_suite(void);

#define HOUR INT64_C(3600000000)

/* What was answered, in order: cells between `|'. */
static char answers[8][512];
static int n_answers;

static void
on_answer(void *arg, enum err e, const struct ledger_rows *rows)
{
	char *p = answers[n_answers++];

	(void)arg;
	p[0] = '\0';
	if (e != ERR_OK)
		snprintf(p, sizeof(answers[0]), "%s", err_name(e));
	for (unsigned i = 0; e == ERR_OK && i < rows->n * rows->n_columns; i++)
		p += snprintf(p, 100, "%s%.*s", i > 0 ? "|" : "",
		    STR_ARG(rows->cells[i]));
}

static const char *
wait_answers(int n)
{
	while (n_answers < n)
		event_base_loop(base, EVLOOP_ONCE);
	return answers[n - 1];
}

static void
ask(struct ledger *from, enum ledger_query q, unsigned n,
    const struct str *args)
{
	ck_ok(from->ops->query(from, q, n, args, on_answer, NULL));
}

struct attempt {
	struct ledger *from; /* NULL: l */
	uint32_t op;
	uint64_t ticket;
	const char *number, *relation; /* NULL: the ticket's, callback */
	uint32_t agent;
	int64_t at;
};

static void
dial_send(const struct attempt *a)
{
	char op[ID_TEXT_LEN + 1], ticket[24], agent[16], order[24], at[24];
	struct id id = id_n(a->op);

	snprintf(ticket, sizeof(ticket), "%" PRIu64, a->ticket);
	snprintf(agent, sizeof(agent), "%u", a->agent);
	snprintf(order, sizeof(order), "%u", a->op + 100);
	snprintf(at, sizeof(at), "%" PRId64, a->at);
	const struct str args[] = { str_of(id_text(&id, op)), str_of(ticket),
		str_of(a->number),
		str_of(a->relation ? a->relation : "callback"), str_of(agent),
		STR_LIT("wang"), str_of(order), STR_LIT("1"), STR_LIT("801"),
		str_of(at) };
	ask(a->from != NULL ? a->from : l, LQ_DIAL, NELEM(args), args);
}

/* The outcome, the attempt and whom. */
static const char *
dial(const struct attempt *a)
{
	n_answers = 0;
	dial_send(a);
	return wait_answers(1);
}

#define DIAL(...) dial(&(const struct attempt){ __VA_ARGS__ })
#define ck_begins(got, want)                                       \
	do {                                                       \
		const char *g = (got);                             \
		ck_assert_msg(strncmp(g, want, strlen(want)) == 0, \
		    "%s, not %s", g, want);                        \
	} while (0)

/* Tickets 2000 and 2001 of two callers, agents wang and li. */
static void
furnish(void)
{
	pg_server_ask("INSERT INTO agent (name, display_name, screen_first)"
		      " VALUES ('wang', '', false), ('li', '', false)");
	pg_server_ask("INSERT INTO dialling (per_day, show)"
		      " VALUES (2, '+8653288880000')");
	pg_server_ask("INSERT INTO dialling_prefix VALUES ('+86', true),"
		      " ('+8610', false), ('+86108', true)");
	give(ticket_unit(2000, 0, 1, "in_progress", "+8613800000001"), 0);
	give(ticket_unit(2001, 0, 1, "in_progress", "+8613800000002"), 1);
	wait_done(2);
	n_answers = 0;
}

START_TEST(an_attempt_is_committed_and_told)
{
	furnish();
	ck_begins(DIAL(.op = 1, .ticket = 2000, .agent = 1, .at = T0),
	    "done|1|+8613800000001|+8653288880000|");
	ck_ask("SELECT string_agg(concat_ws(' ', kind, actor, text), ';')"
	       " FROM ticket_event",
	    "dialled wang +8613800000001");
	/* Sent again it is answered, and nothing is added. */
	ck_begins(DIAL(.op = 1, .ticket = 2000, .agent = 1, .at = T0),
	    "repeat|1|+8613800000001||");
	ck_ask("SELECT count(*) FROM dial", "1");
	ck_ask("SELECT count(*) FROM ticket_event", "1");
}
END_TEST

/* The longest prefix that fits counts; without any, nobody is called. */
START_TEST(prefixes)
{
	static const struct {
		const char *number, *want;
	} numbers[] = {
		{ "+861080001111", "done|" },
		{ "+861070001111", "allow|0|+861070001111||" },
		{ "+441080001111", "allow|0|+441080001111||" },
	};

	furnish();
	for (uint32_t i = 0; i < NELEM(numbers); i++)
		ck_begins(DIAL(.op = 10 + i, .ticket = 2000, .agent = 1,
			      .number = numbers[i].number, .at = T0),
		    numbers[i].want);
	pg_server_ask("DELETE FROM dialling_prefix");
	ck_begins(
	    DIAL(.op = 20, .ticket = 2000, .agent = 1, .at = T0), "allow|");
	pg_server_ask("DELETE FROM dialling");
	ck_begins(DIAL(.op = 21, .ticket = 2000, .agent = 1, .at = T0),
	    "not_configured|");
}
END_TEST

static void
wish_send(uint32_t op, const char *number, int64_t until, bool remove)
{
	char hex[ID_TEXT_LEN + 1], at[24];
	struct id id = id_n(op);

	snprintf(at, sizeof(at), "%" PRId64, until);
	const struct str args[] = { str_of(id_text(&id, hex)), str_of(number),
		STR_LIT("asked so"), str_of(at), str_of(remove ? "t" : "f"),
		STR_LIT("boss"), STR_LIT("1700000000000000") };
	ask(l, LQ_DO_NOT_CALL_SET, NELEM(args), args);
}

static const char *
wish(uint32_t op, const char *number, int64_t until, bool remove)
{
	n_answers = 0;
	wish_send(op, number, until, remove);
	return wait_answers(1);
}

START_TEST(who_does_not_want_it)
{
	char want[96];

	furnish();
	ck_assert_str_eq(wish(1, "+8613800000001", 0, false), "done");
	ck_assert_str_eq(wish(1, "+8613800000001", 0, false), "repeat");
	ck_begins(DIAL(.op = 2, .ticket = 2000, .agent = 1, .at = T0),
	    "do_not_call|0|+8613800000001|||asked so||");
	ck_assert_str_eq(wish(3, "+8613800000001", T0 + HOUR, false), "done");
	snprintf(want, sizeof(want),
	    "do_not_call|0|+8613800000001|||asked so||%" PRId64, T0 + HOUR);
	ck_begins(
	    DIAL(.op = 4, .ticket = 2000, .agent = 1, .at = T0 + HOUR - 1),
	    want);
	ck_begins(DIAL(.op = 5, .ticket = 2000, .agent = 1, .at = T0 + HOUR),
	    "done|");
	ck_assert_str_eq(wish(6, "+8613800000001", 0, true), "done");
	ck_assert_str_eq(wish(7, "+8613800000001", 0, true), "missing");
	ck_ask("SELECT string_agg(action, ' ' ORDER BY action) FROM audit",
	    "do_not_call_add do_not_call_add do_not_call_remove");
}
END_TEST

/* Two a day: the third may ring when the first is 24 hours old.  An attempt
 * that rang nobody does not count. */
START_TEST(so_many_a_day)
{
	char want[96];

	furnish();
	ck_begins(
	    DIAL(.op = 1, .ticket = 2000, .agent = 1, .at = T0), "done|1|");
	ck_begins(DIAL(.op = 2, .ticket = 2000, .agent = 1, .at = T0 + HOUR),
	    "done|2|");
	snprintf(want, sizeof(want), "cap|0|+8613800000001||||2|%" PRId64,
	    T0 + 24 * HOUR);
	/* About another ticket it is the same number. */
	ck_begins(DIAL(.op = 3, .ticket = 2001, .agent = 1,
		      .number = "+8613800000001", .at = T0 + 24 * HOUR - 1),
	    want);
	ck_begins(
	    DIAL(.op = 4, .ticket = 2000, .agent = 1, .at = T0 + 24 * HOUR),
	    "done|3|");
	pg_server_ask("UPDATE dial SET outcome = 'device_busy'"
		      " WHERE attempt = 3");
	ck_begins(
	    DIAL(.op = 5, .ticket = 2000, .agent = 1, .at = T0 + 24 * HOUR),
	    "done|4|");
	pg_server_ask("UPDATE dialling SET per_day = 0");
	ck_begins(
	    DIAL(.op = 6, .ticket = 2000, .agent = 1, .at = T0 + 24 * HOUR),
	    "done|5|");
}
END_TEST

/* Which tickets; a follow-up is for what is closed, too. */
START_TEST(tickets_that_may)
{
	static const struct {
		const char *status, *relation, *want, *then;
	} rows[] = {
		{ "new", "callback", "done|", "new" },
		{ "resolved", "callback", "done|", "resolved" },
		{ "resolved", "follow_up", "done|", "callback_pending" },
		{ "closed", "callback", "status|0|||", "closed" },
		{ "closed", "follow_up", "done|", "closed" },
		{ "cancelled", "follow_up", "status|0|||", "cancelled" },
		{ "merged", "callback", "status|0|||", "merged" },
	};
	char sql[96];

	furnish();
	pg_server_ask("UPDATE dialling SET per_day = 0");
	for (uint32_t i = 0; i < NELEM(rows); i++) {
		snprintf(sql, sizeof(sql), "UPDATE ticket SET status = '%s'",
		    rows[i].status);
		pg_server_ask(sql);
		ck_begins(DIAL(.op = 1 + i, .ticket = 2000, .agent = 1,
			      .relation = rows[i].relation, .at = T0),
		    rows[i].want);
		ck_ask(
		    "SELECT status FROM ticket WHERE id = 2000", rows[i].then);
	}
	ck_begins(
	    DIAL(.op = 90, .ticket = 7, .agent = 1, .at = T0), "missing|");
	pg_server_ask("UPDATE ticket SET caller_e164 = NULL, status = 'new'");
	ck_begins(
	    DIAL(.op = 91, .ticket = 2000, .agent = 1, .at = T0), "no_number|");
}
END_TEST

static void
put_dial(uint64_t order, uint32_t call, const char *outcome)
{
	struct ledger_unit *u = ledger_unit_new(l);
	struct dial_row r = { .order_id = order, .outcome = outcome };

	if (call != 0)
		r.call_id = id_n(call);
	ck_ok(ledger_put_dial(u, &r));
	n_dones = 0;
	give(u, 0);
	wait_done(1);
}

static void
put_call(uint32_t n, const char *state, int64_t established, int64_t ended,
    const char *cause)
{
	struct ledger_unit *u = ledger_unit_new(l);
	struct call_row r = call_row(n, ended != 0 ? 9 : 5, state);

	r.relation = "callback";
	r.delivered_at = T0;
	r.established_at = established;
	r.ended_at = ended;
	r.end_cause = cause;
	ck_ok(ledger_put_call(u, &r));
	n_dones = 0;
	give(u, 0);
	wait_done(1);
}

#define STATE "SELECT state FROM dial_attempt WHERE attempt = 1"

/* Another agent's attempt keeps it until it is over; one that says nothing
 * does not keep it for ever. */
START_TEST(one_agent_at_a_time)
{
	furnish();
	ck_begins(DIAL(.op = 1, .ticket = 2000, .agent = 1, .at = T0), "done|");
	ck_begins(DIAL(.op = 2, .ticket = 2000, .agent = 2, .at = T0),
	    "taken|0|+8613800000001|||wang|");
	ck_begins(
	    DIAL(.op = 3, .ticket = 2000, .agent = 2, .at = T0 + HOUR / 12),
	    "done|2|");
	ck_ask(STATE, "dialling");
	put_dial(101, 5, NULL);
	put_call(5, "delivered", 0, 0, NULL);
	ck_ask(STATE, "ringing");
	ck_begins(
	    DIAL(.op = 4, .ticket = 2000, .agent = 2, .at = T0 + 9 * HOUR),
	    "taken|");
	put_call(5, "ended", 0, T0 + HOUR, "busy");
	ck_ask(STATE, "busy");
	put_dial(101, 6, "unknown"); /* too late: it has its call */
	ck_ask("SELECT right(call_id::text, 4) || coalesce(outcome, '-')"
	       " FROM dial WHERE attempt = 1",
	    "0000unknown");
	ck_ask(STATE, "busy");
}
END_TEST

START_TEST(states_of_an_attempt)
{
	furnish();
	DIAL(.op = 1, .ticket = 2000, .agent = 1, .at = T0);
	put_dial(101, 5, NULL);
	put_call(5, "ended", 0, T0 + HOUR, "normal");
	ck_ask(STATE, "not_reached");
	put_call(5, "ended", T0 + 1, T0 + HOUR, "normal");
	ck_ask(STATE, "reached");
	/* It is no call that was offered to anybody. */
	ck_ask("SELECT outcome FROM call_outcome", "menu_only");
}
END_TEST

#define LOCK_TICKET "UPDATE ticket SET id = id WHERE id = 2000"
#define LOCK_NUMBER "DO $$ BEGIN PERFORM dial_lock('+8613800000001'); END $$"

static void
until_waiting(const char *n)
{
	int64_t end = clock_loop() + 20 * CLOCK_S;

	while (strcmp(pg_server_ask("SELECT count(*) FROM pg_stat_activity"
				    " WHERE wait_event_type = 'Lock'"),
		   n) != 0) {
		ck_assert_msg(clock_loop() < end, "not held up at the lock");
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
}

/* Both are sent before either is answered: held up at the lock, then let go. */
static void
race(const struct attempt *x, const struct attempt *y, const char *lock)
{
	n_answers = 0;
	pg_server_hold(lock);
	dial_send(x);
	dial_send(y);
	until_waiting("2");
	pg_server_release();
	wait_answers(2);
}

static unsigned
how_many(const char *begins)
{
	unsigned n = 0;

	for (int i = 0; i < n_answers; i++)
		n += strncmp(answers[i], begins, strlen(begins)) == 0;
	return n;
}

/* Two nodes, two tickets, one number, one call left today. */
START_TEST(two_nodes_race_for_the_cap)
{
	struct pg_options opt = { .node = "b" };
	struct ledger *other = open_with(&opt);
	struct attempt x = {
		.op = 2, .ticket = 2000, .agent = 1, .at = T0 + 1
	};
	struct attempt y = { .from = other,
		.op = 3,
		.ticket = 2001,
		.agent = 2,
		.number = "+8613800000001",
		.at = T0 + 1 };

	wait_up(2);
	furnish();
	DIAL(.op = 1, .ticket = 2000, .agent = 1, .at = T0);
	race(&x, &y, LOCK_NUMBER);
	ck_assert_uint_eq(how_many("done|"), 1);
	ck_assert_uint_eq(how_many("cap|"), 1);
	ck_ask("SELECT count(*) FROM dial", "2");
	other->ops->free(other, 0);
}
END_TEST

/* Two nodes, two agents, one ticket. */
START_TEST(two_nodes_race_for_the_attempt)
{
	struct pg_options opt = { .node = "b" };
	struct ledger *other = open_with(&opt);
	struct attempt x = { .op = 2, .ticket = 2000, .agent = 1, .at = T0 };
	struct attempt y = { .from = other,
		.op = 3,
		.ticket = 2000,
		.agent = 2,
		.number = "+8613800000009",
		.at = T0 };

	wait_up(2);
	furnish();
	race(&x, &y, LOCK_TICKET);
	ck_assert_uint_eq(how_many("done|1|"), 1);
	ck_assert_uint_eq(how_many("taken|"), 1);
	ck_ask("SELECT count(*) FROM dial", "1");
	other->ops->free(other, 0);
}
END_TEST

/* One operation, sent to two nodes. */
START_TEST(two_nodes_get_one_operation)
{
	struct pg_options opt = { .node = "b" };
	struct ledger *other = open_with(&opt);
	struct attempt x = { .op = 2, .ticket = 2000, .agent = 1, .at = T0 };
	struct attempt y = x;

	wait_up(2);
	furnish();
	y.from = other;
	race(&x, &y, LOCK_TICKET);
	ck_assert_uint_eq(how_many("done|1|"), 1);
	ck_assert_uint_eq(how_many("repeat|1|"), 1);
	ck_ask("SELECT count(*) FROM dial", "1");
	other->ops->free(other, 0);
}
END_TEST

/* A wish that commits while the attempt is decided is minded. */
START_TEST(a_wish_is_minded_from_its_commit_on)
{
	struct pg_options opt = { .node = "b" };
	struct ledger *other = open_with(&opt);
	struct attempt x = {
		.from = other, .op = 2, .ticket = 2000, .agent = 1, .at = T0
	};

	wait_up(2);
	furnish();
	pg_server_hold(LOCK_NUMBER);
	wish_send(1, "+8613800000001", 0, false);
	until_waiting("1");
	dial_send(&x);
	until_waiting("2");
	pg_server_release();
	wait_answers(2);
	ck_assert_uint_eq(how_many("do_not_call|"), 1);
	ck_ask("SELECT count(*) FROM dial", "0");
	other->ops->free(other, 0);
}
END_TEST

static void
apply(const struct config_dialling *d, bool keep_others)
{
	struct config c = { .dialling = d, .keep_others = keep_others };

	n_dones = 0;
	ck_ok(l->ops->apply(l, &c, on_done, NULL));
	wait_done(1);
	ck_ok(dones[0].err);
	n_answers = 0;
	ask(l, LQ_CONFIG_DIALLING, 0, NULL);
	wait_answers(1);
}

START_TEST(configured)
{
	const struct str allow[] = { STR_LIT("+86"), STR_LIT("+852") };
	const struct str refuse[] = { STR_LIT("+8610") };
	const struct config_dialling d = { .n_allow = 2,
		.allow = allow,
		.n_refuse = 1,
		.refuse = refuse,
		.per_day = 3,
		.show = STR_LIT("95519") };

	apply(&d, false);
	ck_assert_str_eq(answers[0], "+852 +86|+8610|3|95519");
	apply(NULL, true);
	ck_assert_str_eq(answers[0], "+852 +86|+8610|3|95519");
	apply(&(const struct config_dialling){ .per_day = 1 }, true);
	ck_assert_str_eq(answers[0], "||1|");
	apply(NULL, false);
	ck_assert_str_eq(answers[0], "");
}
END_TEST

Suite *
ledger_dial_suite(void)
{
	TCase *tc = bed_case("ledger_dial");

	tcase_add_test(tc, an_attempt_is_committed_and_told);
	tcase_add_test(tc, prefixes);
	tcase_add_test(tc, who_does_not_want_it);
	tcase_add_test(tc, so_many_a_day);
	tcase_add_test(tc, tickets_that_may);
	tcase_add_test(tc, one_agent_at_a_time);
	tcase_add_test(tc, states_of_an_attempt);
	tcase_add_test(tc, two_nodes_race_for_the_cap);
	tcase_add_test(tc, two_nodes_race_for_the_attempt);
	tcase_add_test(tc, two_nodes_get_one_operation);
	tcase_add_test(tc, a_wish_is_minded_from_its_commit_on);
	tcase_add_test(tc, configured);
	return suite_of(tc, "ledger_dial");
}
