/*
 * supervise_test.c - a supervisor's commands: carried out whole, on what was
 * seen, and what they do to the others who wait.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

static char told[1024];
static uint64_t version;

static void
on_done(void *arg, enum err e, const struct supervised *a)
{
	size_t n;

	(void)arg;
	version = a->version;
	n = (size_t)snprintf(told, sizeof(told), "%s", err_name(e));
	if (a->why != NULL)
		n += (size_t)snprintf(told + n, sizeof(told) - n, "/%s/%.*s",
		    a->why, STR_ARG(a->detail));
	else
		n += (size_t)snprintf(told + n, sizeof(told) - n, " %.*s>%.*s",
		    STR_ARG(a->before), STR_ARG(a->after));
	if (e != ERR_OK)
		return;
	if (a->place_before + a->place_after > 0)
		n += (size_t)snprintf(told + n, sizeof(told) - n, " #%u>%u",
		    a->place_before, a->place_after);
	for (unsigned i = 0; i < a->n_effects; i++) {
		const struct supervise_effect *x = &a->effects[i];

		n += (size_t)snprintf(told + n, sizeof(told) - n,
		    " %.*s:%u,+%u,-%u,%d", STR_ARG(x->queue), x->waiting,
		    x->longer, x->shorter, x->agents);
	}
}

static const char *
command(struct supervise s)
{
	struct desk_action a = bed_by(0);

	told[0] = '\0';
	desk_supervise(bench.desk, &a, &s, on_done, NULL);
	bed_run();
	return told;
}
#define COMMAND(KIND, ...) \
	command((struct supervise){ .kind = SUPERVISE_##KIND, __VA_ARGS__ })
#define ck_command(want, ...) ck_assert_str_eq(COMMAND(__VA_ARGS__), want)
#define C(name) .call_name = STR_LIT(name)

/* Nobody is ready; c1 to c3 wait in q, p1 in p, each a second behind the one
 * before it. */
static void
four_wait(void)
{
	static const char *const names[] = { "c1", "c2", "c3", "p1" };

	for (uint32_t i = 1; i <= 2; i++) {
		struct desk_action a = bed_by(i);

		ck_ok(desk_set_state(
		    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("")));
	}
	for (unsigned i = 0; i < NELEM(names); i++) {
		struct call_event ev =
		    bed_an_event(names[i], 1, CALL_EV_QUEUED, "");

		if (names[i][0] == 'p')
			ev.called = STR_LIT("4002");
		bed_say(ev);
		bench.now += S;
	}
	bed_page();
}

static const struct audit_row *
last_audit(void)
{
	unsigned n = fake_ledger_n(bench.ledger, ROW_AUDIT);

	return n > 0 ? fake_ledger_row(bench.ledger, ROW_AUDIT, n - 1) : NULL;
}

/* Who is offered when this agent becomes ready. */
static const char *
next_of(uint32_t agent)
{
	static char name[NAME_MAX_LEN + 1];
	struct desk_action a = bed_by(agent);
	struct offer *o;

	ck_ok(desk_set_state(bench.desk, &a, AGENT_STATE_READY, STR_LIT("")));
	bed_run();
	o = agent_find(bench.desk, agent)->offer;
	snprintf(name, sizeof(name), "%s", o != NULL ? o->call->name : "-");
	return name;
}

/* clang-format off */
static const struct {
	const char *what;
	struct supervise command;
	const char *want, *audit;
} rows[] = {
	{ "a call goes to another queue, in its place by time",
	  { .kind = SUPERVISE_MOVE, C("c2"), .queue = STR_LIT("p") },
	  "ok q>p #2>1 q:2,+0,-1,0 p:1,+1,-0,0", "move q -> p" },
	{ "it is there already",
	  { .kind = SUPERVISE_MOVE, C("c2"), .queue = STR_LIT("q") },
	  "refused/same/q", NULL },
	{ "to no queue that there is",
	  { .kind = SUPERVISE_MOVE, C("c2"), .queue = STR_LIT("x") },
	  "not_found/queue/x", NULL },
	{ "no call of that name",
	  { .kind = SUPERVISE_MOVE, C("x"), .queue = STR_LIT("p") },
	  "not_found/call/x", NULL },
	{ "ten minutes of credit put it before all",
	  { .kind = SUPERVISE_PRIORITY, C("c3"), .credit_us = 600 * S },
	  "ok class 0, 0 s>class 0, 600 s #3>1 q:2,+2,-0,0",
	  "priority class 0, 0 s -> class 0, 600 s" },
	{ "less than nothing puts it behind",
	  { .kind = SUPERVISE_PRIORITY, C("c1"), .credit_us = -600 * S },
	  "ok class 0, 0 s>class 0, -600 s #1>3 q:2,+0,-2,0",
	  "priority class 0, 0 s -> class 0, -600 s" },
	{ "of a class that has no credit here",
	  { .kind = SUPERVISE_PRIORITY, C("c3"), .by_class = true, .class = 2 },
	  "ok class 0, 0 s>class 2, 0 s #3>3 q:2,+0,-0,0",
	  "priority class 0, 0 s -> class 2, 0 s" },
	{ "for one agent alone",
	  { .kind = SUPERVISE_ASSIGN, C("c1"), .agent = STR_LIT("a2") },
	  "ok >a2 #1>0 q:2,+0,-2,0", "assign  -> a2" },
	{ "who is not there",
	  { .kind = SUPERVISE_ASSIGN, C("c1"), .agent = STR_LIT("a3") },
	  "refused/not_logged_in/a3", NULL },
	{ "nobody of that name",
	  { .kind = SUPERVISE_ASSIGN, C("c1"), .agent = STR_LIT("x") },
	  "not_found/agent/x", NULL },
	{ "back to all, and it was for all",
	  { .kind = SUPERVISE_ASSIGN, C("c1") }, "refused/same/", NULL },
	{ "taken out", { .kind = SUPERVISE_WITHDRAW, C("c1") },
	  "ok q>withdrawn #1>0 q:2,+0,-2,0", "withdraw q -> withdrawn" },
	{ "an agent is made ready: three callers have one more",
	  { .kind = SUPERVISE_AGENT_STATE, .agent = STR_LIT("a1"),
	    .state = AGENT_STATE_READY },
	  "ok not_ready>ready q:3,+0,-0,1", NULL },
	{ "an agent is logged off",
	  { .kind = SUPERVISE_AGENT_STATE, .agent = STR_LIT("a1"),
	    .state = AGENT_STATE_NULL, .reason = STR_LIT("supervisor") },
	  "ok not_ready>null supervisor",
	  "agent_state not_ready -> null supervisor" },
	{ "who is logged off cannot be made ready",
	  { .kind = SUPERVISE_AGENT_STATE, .agent = STR_LIT("a3"),
	    .state = AGENT_STATE_READY }, "refused/not_logged_in/a3", NULL },
	{ "busy is nothing to order",
	  { .kind = SUPERVISE_AGENT_STATE, .agent = STR_LIT("a1"),
	    .state = AGENT_STATE_BUSY },
	  "bad_field/state/ready, not_ready or null", NULL },
	{ "no command at all", { .kind = SUPERVISE_NONE },
	  "bad_field/kind/none of the commands", NULL },
};
/* clang-format on */

START_TEST(a_command_does_what_it_says)
{
	const struct audit_row *r;
	char audit[512] = "";

	four_wait();
	ck_assert_msg(strcmp(command(rows[_i].command), rows[_i].want) == 0,
	    "%s: %s, not %s", rows[_i].what, told, rows[_i].want);
	r = last_audit();
	if (r != NULL)
		snprintf(audit, sizeof(audit), "%.*s %.*s", STR_ARG(r->action),
		    STR_ARG(r->detail));
	if (rows[_i].audit != NULL)
		ck_assert_str_eq(audit, rows[_i].audit);
}
END_TEST

/* The same, and nothing has happened: not to the call, not to the ledger, not
 * to its version. */
START_TEST(a_dry_run_tells_and_does_nothing)
{
	struct supervise s = rows[_i].command;
	unsigned n;

	four_wait();
	s.dry_run = true;
	n = fake_ledger_n(bench.ledger, ROW_AUDIT) +
	    fake_ledger_n(bench.ledger, ROW_DECISION) +
	    fake_ledger_n(bench.ledger, ROW_AGENT_STATE);
	ck_assert_msg(strcmp(command(s), rows[_i].want) == 0, "%s: %s, not %s",
	    rows[_i].what, told, rows[_i].want);
	ck_assert_uint_eq(n, fake_ledger_n(bench.ledger, ROW_AUDIT) +
				 fake_ledger_n(bench.ledger, ROW_DECISION) +
				 fake_ledger_n(bench.ledger, ROW_AGENT_STATE));
	ck_told("");
	ck_assert_str_eq(next_of(1), "c1");
}
END_TEST

/* By whom, and once: not as a rule's doing beside it. */
START_TEST(a_command_is_one_decision)
{
	static const char *const kinds[SUPERVISE_NKINDS] = {
		[SUPERVISE_MOVE] = "moved",
		[SUPERVISE_PRIORITY] = "reprioritised",
		[SUPERVISE_ASSIGN] = "assigned",
		[SUPERVISE_WITHDRAW] = "withdrawn",
	};
	const struct supervise *s = &rows[_i].command;
	const struct decision_row *r;
	bool done = rows[_i].audit != NULL && kinds[s->kind] != NULL;

	four_wait();
	command(*s);
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_DECISION), done);
	if (!done)
		return;
	r = fake_ledger_row(bench.ledger, ROW_DECISION, 0);
	ck_assert_str_eq(r->kind, kinds[s->kind]);
	ck_assert_ptr_nonnull(
	    memmem(r->detail.p, r->detail.len, "\"by\":\"boss\"", 11));
}
END_TEST

START_TEST(who_is_next_then)
{
	four_wait();
	COMMAND(PRIORITY, C("c3"), .credit_us = 600 * S);
	ck_assert_str_eq(next_of(1), "c3");
}
END_TEST

START_TEST(a_moved_call_is_offered_there)
{
	four_wait();
	COMMAND(MOVE, C("c1"), .queue = STR_LIT("p"));
	ck_assert_str_eq(next_of(2), "c1");
	ck_assert_str_eq(next_of(1), "c2");
}
END_TEST

START_TEST(an_assigned_call_waits_for_its_agent)
{
	four_wait();
	COMMAND(ASSIGN, C("c1"), .agent = STR_LIT("a2"));
	ck_assert_str_eq(next_of(1), "c2");
	ck_assert_str_eq(next_of(2), "c1");
}
END_TEST

START_TEST(and_for_all_again)
{
	four_wait();
	COMMAND(ASSIGN, C("c1"), .agent = STR_LIT("a2"));
	ck_command("ok a2> #0>1 q:2,+2,-0,0", ASSIGN, C("c1"));
	ck_assert_str_eq(next_of(1), "c1");
}
END_TEST

START_TEST(a_withdrawn_call_is_ended_as_such)
{
	four_wait();
	COMMAND(WITHDRAW, C("c1"));
	ck_told("clear:c1!withdrawn ");
	ck_assert_str_eq(next_of(1), "c2");
}
END_TEST

START_TEST(what_has_changed_meanwhile_is_left_alone)
{
	uint64_t seen;

	four_wait();
	COMMAND(MOVE, C("c1"), .queue = STR_LIT("p"), .dry_run = true);
	seen = version;
	COMMAND(MOVE, C("c1"), .queue = STR_LIT("p"), .expect = seen);
	ck_assert_uint_gt(version, seen);
	ck_command(
	    "stale p>", MOVE, C("c1"), .queue = STR_LIT("q"), .expect = seen);
	ck_command("ok p>q #1>1 p:1,+0,-1,0 q:2,+2,-0,0", MOVE, C("c1"),
	    .queue = STR_LIT("q"), .expect = version);
	COMMAND(AGENT_STATE, .agent = STR_LIT("a1"),
	    .state = AGENT_STATE_NOT_READY, .dry_run = true);
	seen = version;
	ck_assert_str_eq(next_of(1), "c1");
	ck_command("stale reserved>", AGENT_STATE, .agent = STR_LIT("a1"),
	    .state = AGENT_STATE_NULL, .expect = seen);
}
END_TEST

START_TEST(an_operation_counts_once)
{
	struct desk_action a = bed_by(0);
	struct supervise s = {
		.kind = SUPERVISE_MOVE, C("c1"), .queue = STR_LIT("p")
	};

	four_wait();
	desk_supervise(bench.desk, &a, &s, on_done, NULL);
	bed_run();
	s.queue = STR_LIT("q");
	desk_supervise(bench.desk, &a, &s, on_done, NULL);
	bed_run();
	ck_assert_str_eq(told, "ok p>p");
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_AUDIT), 1);
}
END_TEST

START_TEST(who_talks_does_not_wait)
{
	bed_talking();
	ck_command("refused/not_waiting/established", MOVE, C("c"),
	    .queue = STR_LIT("p"));
	ck_command("refused/not_waiting/established", WITHDRAW, C("c"));
	ck_command("ok busy>busy, then not_ready tea", AGENT_STATE,
	    .agent = STR_LIT("a1"), .state = AGENT_STATE_NOT_READY,
	    .reason = STR_LIT("tea"));
}
END_TEST

START_TEST(an_offered_call_is_taken_from_there)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_page();
	COMMAND(MOVE, C("c"), .queue = STR_LIT("p"));
	ck_assert_str_eq(
	    bed_page(), "1=ready withdrawn:1 offer:2/p 2=reserved ");
}
END_TEST

/* ---- doors */

START_TEST(a_door_is_the_ledgers)
{
	struct queue *q = queue_by_name(bench.desk, STR_LIT("q"));

	four_wait();
	ck_assert_uint_eq(q->door_seq, 1); /* what nobody has touched */
	ck_command("ok open>closed q:3,+0,-0,0", DOOR, .queue = STR_LIT("q"),
	    .door = QUEUE_CLOSED, .dry_run = true);
	ck_assert_uint_eq(
	    fake_ledger_asked(bench.ledger, LQ_QUEUE_DOOR_SET), 0);
	fake_ledger_once(
	    bench.ledger, LQ_QUEUE_DOOR_SET, "done|2|open|draining");
	ck_command("ok open>draining q:3,+0,-0,0", DOOR, .queue = STR_LIT("q"),
	    .door = QUEUE_DRAINING);
	ck_assert_int_eq(q->room.door, QUEUE_DRAINING);
	ck_assert_uint_eq(version, 2);
	fake_ledger_once(
	    bench.ledger, LQ_QUEUE_DOOR_SET, "stale|3|closed|closed");
	ck_command("stale closed>closed", DOOR, .queue = STR_LIT("q"),
	    .door = QUEUE_OPEN, .expect = 2);
	ck_assert_int_eq(q->room.door, QUEUE_CLOSED);
	ck_command("not_found/queue/x", DOOR, .queue = STR_LIT("x"));
	fake_ledger_away(bench.ledger, true);
	ck_command("io closed>open", DOOR, .queue = STR_LIT("q"));
}
END_TEST

START_TEST(another_nodes_door_is_read)
{
	struct queue *q = queue_by_name(bench.desk, STR_LIT("q"));

	fake_ledger_card(bench.ledger, LQ_QUEUE_DOORS, "1|4|closed|1|boss");
	desk_sweep(bench.desk, bench.now);
	desk_sweep(bench.desk, bench.now);
	bed_run();
	ck_assert_int_eq(q->room.door, QUEUE_CLOSED);
	ck_assert_uint_eq(q->door_seq, 4);
	/* What is older comes late. */
	fake_ledger_card(bench.ledger, LQ_QUEUE_DOORS, "1|3|open|1|boss");
	desk_sweep(bench.desk, bench.now);
	desk_sweep(bench.desk, bench.now);
	bed_run();
	ck_assert_int_eq(q->room.door, QUEUE_CLOSED);
}
END_TEST

Suite *supervise_suite(void);

Suite *
supervise_suite(void)
{
	TCase *tc = tcase_create("supervise");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_loop_test(tc, a_command_does_what_it_says, 0, NELEM(rows));
	tcase_add_loop_test(
	    tc, a_dry_run_tells_and_does_nothing, 0, NELEM(rows));
	tcase_add_loop_test(tc, a_command_is_one_decision, 0, NELEM(rows));
	tcase_add_test(tc, who_is_next_then);
	tcase_add_test(tc, a_moved_call_is_offered_there);
	tcase_add_test(tc, an_assigned_call_waits_for_its_agent);
	tcase_add_test(tc, and_for_all_again);
	tcase_add_test(tc, a_withdrawn_call_is_ended_as_such);
	tcase_add_test(tc, what_has_changed_meanwhile_is_left_alone);
	tcase_add_test(tc, an_operation_counts_once);
	tcase_add_test(tc, who_talks_does_not_wait);
	tcase_add_test(tc, an_offered_call_is_taken_from_there);
	tcase_add_test(tc, a_door_is_the_ledgers);
	tcase_add_test(tc, another_nodes_door_is_read);
	return suite_of(tc, "supervise");
}
