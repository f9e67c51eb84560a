/*
 * ledger_work_test.c - work without a call, decided by a real PostgreSQL: one
 * taking of one item, whoever asks how often.
 */
#include "test/support/ledger_bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

Suite *ledger_work_suite(void);

#define MINUTE INT64_C(60000000)

/* What was answered, in order: cells between `|'. */
static char answers[8][1024];
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
		p += snprintf(p, 100, "%s%.*s",
		    i == 0                     ? ""
		    : i % rows->n_columns == 0 ? ";"
					       : "|",
		    STR_ARG(rows->cells[i]));
}

static const char *
wait_answers(int n)
{
	while (n_answers < n)
		event_base_loop(base, EVLOOP_ONCE);
	return answers[n - 1];
}

static struct ledger *b; /* another node's, in some tests */

static void
put(struct ledger *from, enum ledger_query q, unsigned n,
    const struct str *args)
{
	ck_ok(from->ops->query(from, q, n, args, on_answer, NULL));
}

static const char *
ask(enum ledger_query q, unsigned n, const struct str *args)
{
	n_answers = 0;
	put(l, q, n, args);
	return wait_answers(1);
}

static struct str
text_of(int64_t n)
{
	static char ring[16][24];
	static unsigned next;
	char *p = ring[next++ % 16];

	snprintf(p, 24, "%" PRId64, n);
	return str_of(p);
}

static struct str
hex_of(uint32_t n)
{
	static char ring[4][ID_TEXT_LEN + 1];
	static unsigned next;
	struct id id = id_n(n);

	return str_of(id_text(&id, ring[next++ % 4]));
}

struct taking {
	struct ledger *from; /* NULL: l */
	const char *node;    /* NULL: a */
	uint32_t item, attempt, agent;
	int64_t at;
};

static void
take_send(const struct taking *t)
{
	const struct str args[] = { hex_of(t->item), text_of(t->attempt),
		text_of(t->agent), str_of(t->agent == 1 ? "wang" : "li"),
		str_of(t->node != NULL ? t->node : "a"),
		text_of(t->at != 0 ? t->at : T0) };

	put(t->from != NULL ? t->from : l, LQ_WORK_TAKE, NELEM(args), args);
}

static const char *
take(const struct taking *t)
{
	n_answers = 0;
	take_send(t);
	return wait_answers(1);
}
#define TAKE(...) take(&(const struct taking){ __VA_ARGS__ })

static const char *
outcome(uint32_t item, uint32_t attempt, const char *rule, int64_t until,
    int64_t at)
{
	const struct str args[] = { hex_of(item), text_of(attempt),
		str_of(rule), text_of(until), text_of(at) };

	return ask(LQ_WORK_OUTCOME, NELEM(args), args);
}

static const char *
finish(uint32_t item, uint32_t agent, int64_t at)
{
	const struct str args[] = { hex_of(item), text_of(agent), text_of(at) };

	return ask(LQ_WORK_CLOSE, NELEM(args), args);
}

struct hold {
	const char *node, *dead, *acks, *revs, *places, *here;
	bool let_go, fresh;
};

static struct str
or_else(const char *text, const char *preset)
{
	return str_of(text != NULL ? text : preset);
}

/* By node a, for nobody, unless it says so. */
static const char *
hold(const struct hold *h)
{
	const struct str args[] = { or_else(h->node, "a"),
		or_else(h->dead, "{}"), or_else(h->acks, "{}"),
		or_else(h->revs, "{}"), or_else(h->places, "{}"),
		or_else(h->here, "{}"), str_of(h->let_go ? "t" : "f"),
		str_of(h->fresh ? "t" : "f"), STR_LIT("100") };

	return ask(LQ_WORK_HOLD, NELEM(args), args);
}
#define HOLD(...) hold(&(const struct hold){ __VA_ARGS__ })

#define ck_begins(got, want)                                       \
	do {                                                       \
		const char *g = (got);                             \
		ck_assert_msg(strncmp(g, want, strlen(want)) == 0, \
		    "%s, not %s", g, want);                        \
	} while (0)

#define WORK                                                             \
	"SELECT string_agg(concat_ws(' ', kind, state, why, node), '; '" \
	" ORDER BY enqueued_at, id) FROM work"

/* Calls 1 and 2, that ended to be called back and given up, of tickets 2001 and
 * 2002; agents wang (1) and li (2), queues repair (1) and sales (2). */
static void
furnish(void)
{
	pg_server_ask("INSERT INTO agent (name, display_name, screen_first)"
		      " VALUES ('wang', '', false), ('li', '', false)");
	pg_server_ask("INSERT INTO queue (name, ring_us, wrap_up_us,"
		      " priority_credit_us, short_us, stay_ready) VALUES"
		      " ('repair', 1, 0, 0, 5000000, false),"
		      " ('sales', 1, 0, 0, 5000000, false)");
	pg_server_ask("INSERT INTO dialling (per_day, show) VALUES (0, '')");
	pg_server_ask("INSERT INTO dialling_prefix VALUES ('+86', true)");
}

static void
end_call(uint32_t n, const char *kind, const char *e164, const char *cause)
{
	struct ledger_unit *u = ticket_unit(2000 + n, n, 1, "new", e164);
	struct call_row c = call_row(n, 3, "ended");
	struct work_row w = { .id = id_n(90 + n),
		.call_id = id_n(n),
		.kind = kind,
		.queue_id = 1,
		.site = 1,
		.e164 = str_of(e164),
		.enqueued_at = T0 + n,
		.expires_at = T0 + 100 * MINUTE,
		.every_us = 10 * MINUTE,
		.arrival = n,
		.max_attempts = 2,
		.node = STR_LIT("a") };

	c.queue_id = 1;
	c.queued_at = T0;
	c.ended_at = T0 + MINUTE;
	c.end_cause = cause;
	ck_ok(ledger_put_call(u, &c));
	if (kind != NULL)
		ck_ok(ledger_put_work(u, &w));
	n_dones = 0;
	give(u, 0);
	wait_done(1);
	ck_ok(dones[0].err);
}

#define NUMBER "+8613800000001"

START_TEST(a_call_leaves_one_item)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	end_call(1, "callback", NUMBER, "called_back");
	ck_ask("SELECT concat_ws(' ', kind, ticket_id, queue_id, e164, state,"
	       " attempt, max_attempts, node) FROM work",
	    "callback 2001 1 " NUMBER " waiting 0 2 a");
	/* Its number is to be called: no other item does it. */
	end_call(2, "follow_up", NUMBER, "normal");
	ck_ask("SELECT count(*) FROM work", "1");
}
END_TEST

START_TEST(who_wants_to_be_called_back_is_not_followed_up)
{
	furnish();
	end_call(1, "follow_up", NUMBER, "normal");
	end_call(2, "callback", NUMBER, "called_back");
	ck_ask(WORK, "follow_up cancelled callback a; callback waiting a");
}
END_TEST

/* An event that is only recorded says nothing of queue, number, place. */
START_TEST(what_it_does_not_say_its_call_does)
{
	struct ledger_unit *u;
	struct work_row w = { .id = id_n(91),
		.call_id = id_n(1),
		.kind = "callback",
		.max_attempts = 1 };

	furnish();
	end_call(1, NULL, NUMBER, "called_back");
	pg_server_ask("UPDATE call SET caller_e164 = '" NUMBER "'");
	u = ledger_unit_new(l);
	ck_ok(ledger_put_work(u, &w));
	give(u, 0);
	wait_done(2);
	ck_ask("SELECT concat_ws(' ', kind, ticket_id, queue_id, e164,"
	       " us(enqueued_at), coalesce(node, '-')) FROM work",
	    "callback 2001 1 " NUMBER " 1700000000000000 -");
}
END_TEST

START_TEST(without_a_number_the_ticket_is_the_work)
{
	furnish();
	end_call(1, "callback", "8001", "called_back");
	ck_ask("SELECT concat_ws(' ', kind, ticket_id, e164) FROM work",
	    "ticket 2001");
}
END_TEST

START_TEST(an_item_is_taken_once)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	/* It waits at node a. */
	ck_begins(TAKE(.item = 91, .agent = 2, .node = "b"), "gone|1|0|");
	ck_begins(TAKE(.item = 91, .agent = 1), "done|2|1|2001|" NUMBER "|");
	/* Asked again it is answered so again; another is too late. */
	ck_begins(TAKE(.item = 91, .agent = 1), "done|2|1|2001|" NUMBER "|");
	ck_begins(TAKE(.item = 91, .agent = 2), "gone|2|1|");
	ck_begins(TAKE(.item = 91, .attempt = 1, .agent = 2), "gone|");
	ck_begins(TAKE(.item = 17, .agent = 2), "gone|0|0|");
	ck_ask("SELECT attempt || ' ' || agent_id FROM work", "1 1");
}
END_TEST

#define LOCK_ITEM "UPDATE work SET told = told"

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

static unsigned
how_many(const char *begins)
{
	unsigned n = 0;

	for (int i = 0; i < n_answers; i++)
		n += strncmp(answers[i], begins, strlen(begins)) == 0;
	return n;
}

/* Both are sent before either is answered: held up at the lock, then let go. */
static void
race(struct taking x, struct taking y)
{
	struct pg_options opt = { .node = "b" };

	b = open_with(&opt);
	wait_up(2);
	y.from = b;
	n_answers = 0;
	pg_server_hold(LOCK_ITEM);
	take_send(&x);
	take_send(&y);
	until_waiting("2");
	pg_server_release();
	wait_answers(2);
	b->ops->free(b, 0);
}

/* Two agents, by two connections of a node that does not know of itself. */
START_TEST(two_take_the_same_attempt)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	race((struct taking){ .item = 91, .agent = 1 },
	    (struct taking){ .item = 91, .agent = 2 });
	ck_assert_uint_eq(how_many("done|2|1|"), 1);
	ck_assert_uint_eq(how_many("gone|2|1|"), 1);
	ck_ask("SELECT attempt FROM work", "1");
}
END_TEST

/* A node that was stopped, and the one that has claimed what it held. */
START_TEST(a_dead_nodes_late_accept_is_refused)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	ck_begins(HOLD(.node = "b", .dead = "{a}", .places = "{1/1}"), "0");
	ck_ask(WORK, "callback waiting b");
	race((struct taking){ .item = 91, .agent = 1 },
	    (struct taking){ .item = 91, .agent = 2, .node = "b" });
	ck_assert_uint_eq(how_many("done|3|1|"), 1);
	ck_assert_uint_eq(how_many("gone|"), 1);
	ck_ask("SELECT agent_id FROM work", "2");
}
END_TEST

/* ------------------------------------------------------------- what became */

static void
dial(uint32_t attempt, const char *dialled, const char *call)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO dial (ticket_id, attempt, op, e164, agent_id,"
	    " switch_id, device, order_id, relation, requested_at, outcome,"
	    " call_id) SELECT 2001, %u, work_op(id, %u), '" NUMBER "', 1, 1,"
	    " '801', %u, 'callback', to_timestamp(1700000000), %s, %s"
	    " FROM work",
	    attempt, attempt, attempt, dialled, call);
	pg_server_ask(sql);
}

/* clang-format off */
static const struct {
	const char *dialled; /* the attempt's outcome; NULL: there is none */
	const char *rule, *want, *then;
} outcomes[] = {
	{ NULL, "do_not_call", "done|3|failed|1|", "failed do_not_call 0" },
	{ NULL, "allow", "done|3|failed|1|", "failed allow 0" },
	{ NULL, "status", "done|3|cancelled|1|", "cancelled status 0" },
	{ NULL, "cap", "done|3|waiting|1|1700000300000000",
	  "waiting cap 0" },
	{ NULL, "taken", "done|3|waiting|1|1700000600000000",
	  "waiting taken 0" },
	{ NULL, "agent_state", "done|3|waiting|1|1700000010000000",
	  "waiting agent_state 0" },
	{ NULL, "", "done|3|waiting|1|1700000010000000", "waiting 0" },
	{ "'device_busy'", "refused", "done|3|waiting|1|1700000010000000",
	  "waiting device_busy 0" },
	{ "'unknown'", "", "done|3|waiting|1|1700000600000000",
	  "waiting unknown 1" },
	{ "NULL", "", "open|2|taken|1|", "taken 0" },
};
/* clang-format on */

START_TEST(what_keeps_it_from_being_dialled)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	TAKE(.item = 91, .agent = 1);
	if (outcomes[_i].dialled != NULL)
		dial(1, outcomes[_i].dialled, "NULL");
	ck_assert_str_eq(outcome(91, 1, outcomes[_i].rule, T0 + 5 * MINUTE, T0),
	    outcomes[_i].want);
	ck_ask("SELECT concat_ws(' ', state, why, tries) FROM work"
	       " WHERE kind = 'callback'",
	    outcomes[_i].then);
}
END_TEST

START_TEST(reached_it_is_done)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	TAKE(.item = 91, .agent = 1);
	dial(1, "NULL", "NULL");
	ck_begins(outcome(91, 1, "", 0, T0), "open|");
	pg_server_ask("UPDATE dial SET call_id = (SELECT id FROM call)");
	pg_server_ask("UPDATE call SET ended_at = NULL, established_at ="
		      " to_timestamp(1700000001)");
	ck_begins(outcome(91, 1, "", 0, T0 + 60 * MINUTE), "open|");
	pg_server_ask("UPDATE call SET ended_at = to_timestamp(1700000060)");
	ck_assert_str_eq(outcome(91, 1, "", 0, T0), "done|3|done|1|");
	ck_assert_str_eq(outcome(91, 1, "", 0, T0), "repeat|3|done|1|");
}
END_TEST

/* Two tries of ten minutes; then the ticket is the queue's, by name. */
START_TEST(not_reached_it_is_tried_again_then_given_up)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	TAKE(.item = 91, .agent = 1);
	dial(1, "'unknown'", "NULL");
	ck_assert_str_eq(
	    outcome(91, 1, "", 0, T0), "done|3|waiting|1|1700000600000000");
	ck_begins(TAKE(.item = 91, .attempt = 1, .agent = 2), "done|4|2|");
	dial(2, "'unknown'", "NULL");
	ck_assert_str_eq(
	    outcome(91, 2, "", 0, T0 + 11 * MINUTE), "done|5|expired|2|");
	ck_ask("SELECT concat_ws(' ', kind, actor, text) FROM ticket_event"
	       " ORDER BY seq DESC LIMIT 1",
	    "callback_expired system unknown");
	ck_ask("SELECT string_agg(concat_ws(' ', kind, state, tries), '; '"
	       " ORDER BY kind) FROM work",
	    "callback expired 2; ticket waiting 0");
}
END_TEST

START_TEST(its_time_is_over)
{
	furnish();
	end_call(1, "callback", NUMBER, "called_back");
	ck_assert_str_eq(
	    finish(91, 0, T0 + 100 * MINUTE - 1), "repeat|1|waiting");
	ck_assert_str_eq(finish(91, 0, T0 + 100 * MINUTE), "done|2|expired");
	ck_assert_str_eq(finish(91, 0, T0 + 100 * MINUTE), "repeat|2|expired");
}
END_TEST

/* -------------------------------------------------------------- of tickets */

static void
change(uint32_t op, const char *kind, const char *to, const char *queue,
    const char *owner)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
	    "SELECT outcome FROM ticket_change('%032x'::uuid, 2000, 0,"
	    " ARRAY['new', 'assigned', 'in_progress', 'resolved'], '%s',"
	    " to_timestamp(1700000000 + %u), 'boss', '', false, '%s', '', '',"
	    " 0, '%s', '%s', NULL)",
	    op, kind, op, to, queue, owner);
	ck_assert_str_eq(pg_server_ask(sql), "done");
}

static void
a_ticket(void)
{
	furnish();
	n_dones = 0;
	give(ticket_unit(2000, 0, 1, "new", NUMBER), 0);
	wait_done(1);
}

#define TICKETS                                                              \
	"SELECT coalesce(string_agg(concat_ws(' ', w.state, w.why, q.name)," \
	" '; ' ORDER BY w.enqueued_at), '') FROM work w"                     \
	" JOIN queue q ON q.id = w.queue_id"

START_TEST(a_ticket_in_a_queue_is_work)
{
	a_ticket();
	ck_ask(TICKETS, "");
	change(1, "assigned", "assigned", "repair", "");
	ck_ask(TICKETS, "waiting repair");
	/* Into another queue: there is one item of a ticket. */
	change(2, "assigned", "assigned", "sales", "");
	ck_ask(TICKETS, "cancelled moved repair; waiting sales");
	/* Somebody's, it is no work that waits. */
	change(3, "assigned", "assigned", "", "li");
	ck_ask(TICKETS, "cancelled moved repair; cancelled owned sales");
	/* A queue's, but somebody's as well. */
	change(4, "assigned", "assigned", "repair", "");
	ck_ask(TICKETS, "cancelled moved repair; cancelled owned sales");
	change(5, "assigned", "assigned", "repair", "-");
	ck_ask(TICKETS, "cancelled moved repair; cancelled owned sales;"
			" waiting repair");
	change(6, "resolved", "resolved", "", "");
	ck_ask("SELECT state || why FROM work ORDER BY enqueued_at DESC"
	       " LIMIT 1",
	    "cancelledresolved");
}
END_TEST

/* Held by node a as item 95: its id is a digest of what made it. */
static void
hold_as_95(void)
{
	pg_server_ask("UPDATE work SET node = 'a', id ="
		      " '01000000-5f00-0000-0000-000000000000'");
}

START_TEST(who_takes_a_ticket_owns_it)
{
	a_ticket();
	change(1, "assigned", "assigned", "repair", "");
	hold_as_95();
	ck_begins(TAKE(.item = 95, .agent = 1), "done|2|1|2000|");
	ck_begins(TAKE(.item = 95, .agent = 1), "done|2|1|2000|");
	ck_ask("SELECT owner_id || status FROM ticket", "1assigned");
	ck_ask("SELECT concat_ws(' ', kind, actor, owner_id) FROM ticket_event"
	       " ORDER BY seq DESC LIMIT 1",
	    "assigned wang 1");
	ck_ask(TICKETS, "taken repair");
	/* Not by another, and not twice. */
	ck_begins(finish(95, 2, T0), "not_yours|");
	ck_begins(finish(95, 1, T0), "done|3|done");
	ck_begins(finish(95, 1, T0), "repeat|3|done");
	ck_ask("SELECT owner_id FROM ticket", "1");
}
END_TEST

/* clang-format off */
static const struct {
	const char *kind, *to, *queue, *owner, *want;
} over[] = {
	{ "resolved", "resolved", "", "", "done resolved repair" },
	{ "closed", "closed", "", "", "done closed repair" },
	{ "assigned", "assigned", "", "li", "done owned repair" },
	{ "assigned", "assigned", "", "wang", "taken repair" },
	{ "assigned", "assigned", "sales", "-",
	  "done moved repair; waiting sales" },
	{ "note", "", "", "", "taken repair" },
};
/* clang-format on */

START_TEST(a_ticket_is_in_hand_until)
{
	a_ticket();
	change(1, "assigned", "assigned", "repair", "");
	hold_as_95();
	ck_begins(TAKE(.item = 95, .agent = 1), "done|");
	change(2, over[_i].kind, over[_i].to, over[_i].queue, over[_i].owner);
	ck_ask(TICKETS, over[_i].want);
}
END_TEST

/* Who calls again and is answered is not called. */
START_TEST(answered_meanwhile)
{
	struct ledger_unit *u;
	struct ticket_event_row e = { .ticket_id = 2002,
		.key = id_n(77),
		.at = T0 + 2,
		.kind = "answered",
		.actor = STR_LIT("wang"),
		.owner_id = 1 };

	furnish();
	end_call(1, "follow_up", NUMBER, "normal");
	u = ticket_unit(2002, 0, 1, "new", NUMBER);
	ck_ok(ledger_put_ticket_event(u, &e));
	n_dones = 0;
	give(u, 0);
	wait_done(1);
	ck_ok(dones[0].err);
	ck_ask(WORK, "follow_up done answered a");
}
END_TEST

/* ---------------------------------------------------------- who holds what */

START_TEST(items_are_held_by_who_can_take_them)
{
	a_ticket();
	change(1, "assigned", "assigned", "repair", "");
	/* Nobody here could: it stays free. */
	ck_assert_str_eq(HOLD(.places = "{2/0,1/1}"), "");
	ck_ask(WORK, "ticket waiting");
	ck_assert_ptr_nonnull(strstr(HOLD(.places = "{1/0}"), "|ticket|2000|"));
	ck_ask(WORK, "ticket waiting a");
	/* Told until it has been heard. */
	ck_assert_ptr_nonnull(strstr(HOLD(.places = "{1/0}"), "|ticket|"));
	hold_as_95();
	ck_assert_str_eq(
	    HOLD(.places = "{1/0}",
		.acks = "{010000005f0000000000000000000000}", .revs = "{2}"),
	    "");
	/* After a restart, everything. */
	ck_assert_ptr_nonnull(
	    strstr(HOLD(.places = "{1/0}", .fresh = true), "|ticket|"));
	/* Another node does not get it, while this one lives. */
	ck_assert_str_eq(HOLD(.node = "b", .places = "{1/0}"), "");
	/* Nobody is here any more: it is let go of, and claimed there. */
	(void)HOLD(.places = "{}", .let_go = true);
	ck_ask(WORK, "ticket waiting");
	ck_assert_ptr_nonnull(
	    strstr(HOLD(.node = "b", .places = "{1/0}"), "|ticket|"));
	ck_ask(WORK, "ticket waiting b");
}
END_TEST

START_TEST(a_taken_ticket_is_where_its_agent_is)
{
	a_ticket();
	change(1, "assigned", "assigned", "repair", "");
	hold_as_95();
	ck_begins(TAKE(.item = 95, .agent = 1), "done|");
	ck_assert_str_eq(HOLD(.node = "b", .here = "{2}"), "");
	ck_assert_ptr_nonnull(
	    strstr(HOLD(.node = "b", .here = "{1,2}"), "|taken|1|3|"));
}
END_TEST

/* ----------------------------------------------------------------- figures */

/* Called back, whatever the switch says of how the call ended. */
START_TEST(called_back_is_not_abandoned)
{
	furnish();
	end_call(1, "callback", NUMBER, "normal");
	end_call(2, "follow_up", "+8613800000002", "normal");
	end_call(3, NULL, "+8613800000003", "called_back");
	ck_ask("SELECT string_agg(outcome, ' ' ORDER BY id) FROM call_outcome",
	    "called_back abandoned called_back");
}
END_TEST

Suite *
ledger_work_suite(void)
{
	TCase *tc = bed_case("ledger_work");

	tcase_add_test(tc, a_call_leaves_one_item);
	tcase_add_test(tc, who_wants_to_be_called_back_is_not_followed_up);
	tcase_add_test(tc, what_it_does_not_say_its_call_does);
	tcase_add_test(tc, without_a_number_the_ticket_is_the_work);
	tcase_add_test(tc, an_item_is_taken_once);
	tcase_add_test(tc, two_take_the_same_attempt);
	tcase_add_test(tc, a_dead_nodes_late_accept_is_refused);
	tcase_add_loop_test(
	    tc, what_keeps_it_from_being_dialled, 0, NELEM(outcomes));
	tcase_add_test(tc, reached_it_is_done);
	tcase_add_test(tc, not_reached_it_is_tried_again_then_given_up);
	tcase_add_test(tc, its_time_is_over);
	tcase_add_test(tc, a_ticket_in_a_queue_is_work);
	tcase_add_test(tc, who_takes_a_ticket_owns_it);
	tcase_add_loop_test(tc, a_ticket_is_in_hand_until, 0, NELEM(over));
	tcase_add_test(tc, answered_meanwhile);
	tcase_add_test(tc, items_are_held_by_who_can_take_them);
	tcase_add_test(tc, a_taken_ticket_is_where_its_agent_is);
	tcase_add_test(tc, called_back_is_not_abandoned);
	return suite_of(tc, "ledger_work");
}
