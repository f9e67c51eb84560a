/*
 * gate_test.c - who may wait in a queue, how long, and what becomes of them.
 *
 * Queues q (number 4001) and p; nobody is ready, so that whoever comes waits,
 * until a row says so.  Steps of a row, between blanks:
 *	in:a      caller a enters q; hidden:a without a number
 *	out:a     hangs up
 *	gone:a    the switch has ended it, as told
 *	+30       so many seconds pass
 *	yes no    the switch takes the last order, or would not
 *	ready:2   agent 2 (of p) is ready; rest:2
 *	q=closed  a supervisor's hand on a queue
 *	show      the offer is on the agent's screen
 *	acd       the ACD is lost and told all again
 *	again     the bridge connects again, its call a still waiting
 *	move:a>p  a supervisor moves it; direct:a to agent 1 alone
 */
#include "test/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

#define TO(name)                               \
	{                                      \
		ACTION_QUEUE,                  \
		{                              \
			name, sizeof(name) - 1 \
		}                              \
	}
#define REFUSE                  \
	{                       \
		ACTION_REFUSE,  \
		{               \
			NULL, 0 \
		}               \
	}
#define BACK                     \
	{                        \
		ACTION_CALLBACK, \
		{                \
			NULL, 0  \
		}                \
	}

static struct queue *
queue_called(const char *name)
{
	struct queue *q = queue_by_name(bench.desk, str_of(name));

	ck_assert_ptr_nonnull(q);
	return q;
}

/* Open on workdays from nine to five in UTC; the bed's noon is a Monday's
 * 14:13.  And one that never opens. */
static void
calendars(void)
{
	fake_ledger_once(
	    bench.ledger, LQ_SLA_REVISIONS, "1|1600000000000000|new|admin");
	fake_ledger_once(bench.ledger, LQ_SLA_CALENDARS,
	    "1|day|zone=UTC mon=09:00-17:00 tue=09:00-17:00 wed=09:00-17:00 "
	    "thu=09:00-17:00 fri=09:00-17:00 sat= sun=\n"
	    "1|never|zone=UTC mon= tue= wed= thu= fri= sat= sun=");
	desk_ledger_up(bench.desk, bench.now);
	bed_run();
}

static void
state_of(uint32_t agent, enum agent_state state)
{
	struct desk_action a = bed_by(agent);

	ck_ok(desk_set_state(bench.desk, &a, state, STR_LIT("")));
	bed_run();
}

static void
setup(void)
{
	bed_up();
	calendars();
	state_of(1, AGENT_STATE_NOT_READY);
	state_of(2, AGENT_STATE_NOT_READY);
	bed_page();
}

static void
rules_are(const char *queue, const struct route_rules *r)
{
	struct route_rules *to = &queue_called(queue)->rules;

	rules_preset(to);
	to->hours = r->hours;
	to->closed = r->closed;
	to->full = r->full;
	to->when_full = r->when_full;
	to->max_wait_us = r->max_wait_us;
	to->after_max_wait = r->after_max_wait;
	to->n_overflows = r->n_overflows;
	memcpy(to->overflows, r->overflows, sizeof(to->overflows));
	to->announce_us = r->announce_us;
	to->return_us = r->return_us;
}

/* ---- steps */

static void
connects_again(void)
{
	const struct live_call live = { .call = STR_LIT("a"),
		.version = ++bench.version,
		.call_seq = 1,
		.kind = CALL_EV_QUEUED,
		.called = STR_LIT("4001"),
		.queued_at = bench.now };

	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	bed_attach(ALL, &live, 1);
}

static void
cleared(const char *call, enum cause cause, enum party party)
{
	struct call_event ev = bed_an_event(call, 2, CALL_EV_CALL_CLEARED, "");

	ev.cause = cause;
	ev.party = party;
	bed_say(ev);
}

static void
door_of(const char *step)
{
	char name[8];
	const char *to = strchr(step, '=') + 1;
	enum queue_door door = QUEUE_OPEN;

	snprintf(name, sizeof(name), "%.*s", (int)(to - 1 - step), step);
	while (strcmp(word_queue_door(door), to) != 0)
		door++;
	gate_set_door(bench.desk, queue_called(name), door);
	desk_tick(bench.desk, bench.now);
	bed_run();
}

static void
move_by_hand(char *step)
{
	char *to = strchr(step, '>');

	*to++ = '\0';
	ASK(0, step, REQUEUE, .queue = str_of(to));
}

static void
comes_hidden(const char *call)
{
	struct call_event ev = bed_an_event(call, 1, CALL_EV_QUEUED, "");

	ev.caller = STR_LIT("anonymous");
	bed_say(ev);
}

static void
is_shown(void)
{
	struct desk_action a = bed_by(1);

	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	bed_run();
}

static void
step_is(char *s)
{
	if (strncmp(s, "in:", 3) == 0) {
		bed_event(s + 3, 1, CALL_EV_QUEUED, "");
	} else if (strncmp(s, "out:", 4) == 0) {
		cleared(s + 4, CAUSE_NORMAL, PARTY_CALLER);
	} else if (strncmp(s, "ready:", 6) == 0) {
		state_of((uint32_t)atoi(s + 6), AGENT_STATE_READY);
	} else if (strncmp(s, "rest:", 5) == 0) {
		state_of((uint32_t)atoi(s + 5), AGENT_STATE_NOT_READY);
	} else if (strncmp(s, "move:", 5) == 0) {
		move_by_hand(s + 5);
	} else if (strncmp(s, "direct:", 7) == 0) {
		ASK(0, s + 7, REQUEUE, .agent = STR_LIT("a1"));
	} else if (s[0] == '+') {
		desk_tick(bench.desk, bench.now += atoi(s + 1) * S);
		bed_run();
	} else if (strchr(s, '=') != NULL) {
		door_of(s);
	} else if (strcmp(s, "again") == 0) {
		connects_again();
	} else if (strncmp(s, "hidden:", 7) == 0) {
		comes_hidden(s + 7);
	} else if (strcmp(s, "show") == 0) {
		is_shown();
	} else if (strcmp(s, "acd") == 0) {
		desk_acd_lost(bench.desk, bench.now);
		bed_run();
	} else {
		bed_result(strcmp(s, "yes") == 0 ? ERR_OK : ERR_REFUSED);
	}
}

static void
play(const char *steps)
{
	char copy[256], *at = copy, *step;

	snprintf(copy, sizeof(copy), "%s", steps);
	while ((step = strsep(&at, " ")) != NULL)
		step_is(step);
}

/* ---- a rule a row */

/* clang-format off */
static const struct {
	const char *name;
	struct route_rules q, p;
	const char *steps, *told, *queue; /* of a, NULL: it has none or is gone */
} rows[] = {
	{ "no rules: whoever comes waits",
	  { 0 }, { 0 }, "in:a +86400", "", "q" },

	{ "open by its calendar",
	  { .hours = STR_LIT("day") }, { 0 }, "in:a", "", "q" },
	{ "closed: refused, and the switch told why",
	  { .hours = STR_LIT("never"), .closed = REFUSE }, { 0 },
	  "in:a", "clear:a!refused ", "q" },
	{ "closed, and nothing said about it: refused",
	  { .hours = STR_LIT("never") }, { 0 }, "in:a", "clear:a!refused ", "q" },
	{ "closed: to another queue",
	  { .hours = STR_LIT("never"), .closed = TO("p") }, { 0 },
	  "in:a ready:2", "2=ready offer:2/p 2=reserved ", "p" },
	{ "who came in time is served after closing time",
	  { .hours = STR_LIT("day"), .closed = REFUSE }, { 0 },
	  "in:a +14400 ready:1", "1=ready offer:1/q 1=reserved ", "q" },
	{ "who comes after closing time is not",
	  { .hours = STR_LIT("day"), .closed = REFUSE }, { 0 },
	  "+14400 in:a", "clear:a!refused ", "q" },
	{ "a calendar that there is not closes nothing",
	  { .hours = STR_LIT("gone"), .closed = REFUSE }, { 0 }, "in:a", "", "q" },
	{ "closed: will be called back",
	  { .hours = STR_LIT("never"), .closed = BACK }, { 0 },
	  "in:a +0 ready:1 again", "clear:a!called_back 1=ready "
	  "clear:a!called_back ", "q" },
	{ "closed, and nobody knows whom to call back: refused",
	  { .hours = STR_LIT("never"), .closed = BACK }, { 0 },
	  "hidden:a +0", "clear:a!refused ", "q" },
	{ "waited too long: will be called back",
	  { .max_wait_us = 60 * S, .after_max_wait = BACK }, { 0 },
	  "in:a +60", "clear:a!called_back ", "q" },
	{ "both closed, each leading to the other: refused",
	  { .hours = STR_LIT("never"), .closed = TO("p") },
	  { .hours = STR_LIT("never"), .closed = TO("q") },
	  "in:a", "clear:a!refused ", "q" },

	{ "full: the next is refused",
	  { .full = 2, .when_full = REFUSE }, { 0 },
	  "in:b in:c in:a", "clear:a!refused ", "q" },
	{ "full no more when one has given up",
	  { .full = 2, .when_full = REFUSE }, { 0 },
	  "in:b in:c out:b in:a", "", "q" },
	{ "full: to another queue",
	  { .full = 1, .when_full = TO("p") }, { 0 }, "in:b in:a", "", "p" },
	{ "full, and the other closed: by the other's rule",
	  { .full = 1, .when_full = TO("p") },
	  { .hours = STR_LIT("never"), .closed = REFUSE },
	  "in:b in:a", "clear:a!refused ", "q" },

	{ "waited too long: ended, and the switch told why",
	  { .max_wait_us = 600 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +599 +1", "clear:a!timed_out ", "q" },
	{ "not a moment sooner",
	  { .max_wait_us = 600 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +599", "", "q" },
	{ "waited too long: to another queue, from where it may go on waiting",
	  { .max_wait_us = 60 * S, .after_max_wait = TO("p") },
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE },
	  "in:a +60 +59", "", "p" },
	{ "there, too, it waits no longer than that queue lets it",
	  { .max_wait_us = 60 * S, .after_max_wait = TO("p") },
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE },
	  "in:a +60 +60", "clear:a!timed_out ", "p" },
	{ "what rings at its last second is let ring",
	  { .max_wait_us = 10 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +9 ready:1 show +2",
	  "1=ready offer:1/q 1=reserved connect:a/801 story:1 ", "q" },
	{ "and ended if nobody answers",
	  { .max_wait_us = 10 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +9 ready:1 show yes +2 +20 yes", "1=ready offer:1/q 1=reserved "
	  "connect:a/801 story:1 1=not_ready(no_answer) no_answer:1 "
	  "disconnect:a/801 clear:a!timed_out ", "q" },

	{ "who returns has the old place, and the whole wait again",
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE,
	    .return_us = 600 * S }, { 0 },
	  "in:b +50 out:b in:a +59", "", "q" },
	{ "who waits for an agent alone waits as long as that says",
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a direct:a +60", "!ok ", "q" },

	{ "overflow by wait",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_WAIT, 60 * S, TO("p") } } }, { 0 },
	  "in:a +60 ready:2", "2=ready offer:2/p 2=reserved ", "p" },
	{ "overflow by wait, the other closed: it waits on where it is",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_WAIT, 60 * S, TO("p") } } },
	  { .hours = STR_LIT("never"), .closed = REFUSE },
	  "in:a +60 +60", "", "q" },
	{ "and goes as soon as that one takes it",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_WAIT, 60 * S, TO("p") } } }, { 0 },
	  "p=closed in:a +60 p=open +10", "", "p" },
	{ "overflow by wait may refuse",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_WAIT, 60 * S, REFUSE } } }, { 0 },
	  "in:a +60", "clear:a!overflow ", "q" },
	{ "overflow by length",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_LENGTH, 2, TO("p") } } }, { 0 },
	  "in:b in:c in:a", "", "p" },
	{ "not before",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_LENGTH, 2, TO("p") } } }, { 0 },
	  "in:b in:a", "", "q" },
	{ "overflow by estimate: nobody serves it, so for ever",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_ESTIMATE, 300 * S, TO("p") } } }, { 0 },
	  "in:a", "", "p" },
	{ "overflow by estimate: somebody is free",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_ESTIMATE, 300 * S, TO("p") } } }, { 0 },
	  "ready:1 in:a", "1=ready offer:1/q 1=reserved ", "q" },
	{ "queues that overflow into each other end",
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_WAIT, 60 * S, TO("p") } } },
	  { .n_overflows = 1,
	    .overflows = { { OVERFLOW_WAIT, 60 * S, TO("q") } } },
	  "in:a +60 +60 +60 +600", "", "p" },
	{ "the first rule that is due",
	  { .n_overflows = 2,
	    .overflows = { { OVERFLOW_WAIT, 600 * S, REFUSE },
	                   { OVERFLOW_WAIT, 60 * S, TO("p") } } }, { 0 },
	  "in:a +60", "", "p" },

	{ "a draining queue takes nobody new, who waits is served",
	  { .closed = REFUSE }, { 0 },
	  "in:b q=draining in:a ready:1",
	  "clear:a!refused 1=ready offer:1/q 1=reserved ", "q" },
	{ "a queue that is closed by hand sends those on who wait",
	  { .closed = TO("p") }, { 0 }, "in:a q=closed", "", "p" },
	{ "or ends their calls",
	  { 0 }, { 0 }, "in:a q=closed", "clear:a!refused ", "q" },
	{ "open again",
	  { 0 }, { 0 }, "q=closed q=open in:a", "", "q" },
	{ "what rings when it is closed is sent on if nobody answers",
	  { .closed = TO("p") }, { 0 },
	  "ready:1 in:a q=closed rest:1 +0",
	  "1=ready offer:1/q 1=reserved 1=not_ready rescinded:1 ", "p" },

	{ "the switch would not end it: it waits, and is asked no more",
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +60 no +600 ready:1",
	  "clear:a!timed_out 1=ready offer:1/q 1=reserved ", "q" },
	{ "who is to go is offered to nobody",
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +60 yes ready:1", "clear:a!timed_out 1=ready ", "q" },
	{ "nor by an ACD that is told everything again",
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +60 yes acd ready:1", "clear:a!timed_out 1=ready ", "q" },
	{ "a new connection: the order is given again",
	  { .max_wait_us = 60 * S, .after_max_wait = REFUSE }, { 0 },
	  "in:a +60 again", "clear:a!timed_out clear:a!timed_out ", "q" },
	{ "whom a supervisor moves is asked by no door",
	  { 0 }, { .hours = STR_LIT("never"), .closed = REFUSE },
	  "in:a move:a>p +60", "!ok ", "p" },
};
/* clang-format on */

START_TEST(a_rule_a_row)
{
	struct id id = bed_id_of("a");
	const struct call *c;
	const char *told;

	rules_are("q", &rows[_i].q);
	rules_are("p", &rows[_i].p);
	play(rows[_i].steps);
	told = bed_page();
	ck_assert_msg(
	    strcmp(rows[_i].told, told) == 0, "%s: %s", rows[_i].name, told);
	c = call_find(bench.desk, &id);
	ck_assert_msg(c != NULL && strcmp(c->queue->name, rows[_i].queue) == 0,
	    "%s: in %s", rows[_i].name, c != NULL ? c->queue->name : "-");
}
END_TEST

/* ---- what is kept of it */

START_TEST(a_call_that_may_go_nowhere_is_not_asked_again_and_again)
{
	const struct route_rules to_p = { .n_overflows = 1,
		.overflows = { { OVERFLOW_WAIT, 60 * S, TO("p") } } };
	const struct route_rules to_q = { .n_overflows = 1,
		.overflows = { { OVERFLOW_WAIT, 60 * S, TO("q") } } };
	struct id id = bed_id_of("a");

	rules_are("q", &to_p);
	rules_are("p", &to_q);
	play("in:a +60 +60");
	ck_assert_int_eq(
	    gate_next_at(bench.desk, call_find(bench.desk, &id)), INT64_MAX);
}
END_TEST

START_TEST(a_call_sent_on_keeps_its_place)
{
	const struct route_rules on = { .max_wait_us = 60 * S,
		.after_max_wait = TO("p") };
	const struct call_row *row;
	struct id a = bed_id_of("a"), b = bed_id_of("b");
	struct call_event ev;

	rules_are("q", &on);
	play("in:a");
	bench.now += S;
	ev = bed_an_event("b", 1, CALL_EV_QUEUED, "");
	ev.called = STR_LIT("4002");
	bed_say(ev);
	play("+60");
	ck_assert_uint_eq(room_ahead(call_find(bench.desk, &a)), 0);
	ck_assert_uint_eq(room_ahead(call_find(bench.desk, &b)), 1);
	row = fake_ledger_row(
	    bench.ledger, ROW_CALL, fake_ledger_n(bench.ledger, ROW_CALL) - 1);
	ck_assert(id_eq(&row->id, &a));
	ck_assert_uint_eq(row->queue_id, 2);
	bed_page();
	play("ready:2");
	ck_told("2=ready offer:2/p 2=reserved ");
	ck_assert_ptr_nonnull(call_find(bench.desk, &a)->offers);
}
END_TEST

/* ---- what is told to callers */

START_TEST(a_caller_is_told_the_place_and_the_wait)
{
	const struct route_rules r = { .announce_us = 30 * S };
	int64_t first;

	rules_are("q", &r);
	bed_log_in(1, "801", AGENT_STATE_READY);
	bed_talking();
	play("in:a +1 in:b");
	ck_told("announce:a#1 ");
	ck_assert_int_gt(bench.wait_low_us, 0);
	ck_assert_int_lt(bench.wait_low_us, bench.wait_high_us);
	first = bench.wait_high_us;
	play("+1");
	ck_told("announce:b#2 ");
	ck_assert_int_gt(bench.wait_high_us, first);
	play("+29 +1");
	ck_told("announce:a#1 announce:b#2 ");
	play("out:a +30");
	ck_told("announce:b#1 ");
	bed_log_in(1, "801", AGENT_STATE_NOT_READY); /* still on the phone */
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	state_of(1, AGENT_STATE_NOT_READY);
	bed_page();
	play("+30"); /* nobody serves it: the place is all that is known */
	ck_told("announce:b#1? ");
}
END_TEST

START_TEST(what_is_told_does_not_grow)
{
	const struct route_rules r = { .announce_us = 10 * S };
	int64_t last = INT64_MAX;

	rules_are("q", &r);
	bed_log_in(1, "801", AGENT_STATE_READY);
	bed_talking();
	play("in:a +1");
	for (unsigned i = 0; i < 100; i++) {
		ck_told("announce:a#1 ");
		ck_assert_int_le(bench.wait_high_us, last);
		ck_assert_int_gt(bench.wait_high_us, 0);
		last = bench.wait_high_us;
		play("+10");
	}
}
END_TEST

START_TEST(an_announcement_is_no_order_of_the_call)
{
	const struct route_rules r = { .announce_us = 30 * S };

	rules_are("q", &r);
	play("in:a +1");
	ck_told("announce:a#1? ");
	play("no"); /* of it: nobody minds */
	ASK(0, "a", CLEAR);
	ck_told("clear:a ");
	play("+30");
	ck_told("!timeout announce:a#1? ");
}
END_TEST

START_TEST(a_switch_that_cannot_is_told_nothing)
{
	const struct route_rules r = { .announce_us = 30 * S };

	rules_are("q", &r);
	desk_switch_describe(bench.sw, ALL & ~ORDER_BIT(ORDER_ANNOUNCE),
	    STR_LIT("test"), bench.now);
	play("in:a +1 +30");
	ck_told("");
}
END_TEST

START_TEST(a_switch_that_cannot_end_calls_lets_them_wait)
{
	const struct route_rules r = { .hours = STR_LIT("never"),
		.closed = REFUSE };

	rules_are("q", &r);
	desk_switch_describe(bench.sw, ALL & ~ORDER_BIT(ORDER_CLEAR),
	    STR_LIT("test"), bench.now);
	play("in:a ready:1");
	ck_told("1=ready offer:1/q 1=reserved ");
}
END_TEST

/* ---- what is learned */

START_TEST(promises_are_held_against_what_came)
{
	struct room *r = &queue_called("q")->room;

	bed_log_in(1, "801", AGENT_STATE_READY);
	bed_talking(); /* c, at once: nothing was promised */
	ck_assert_int_eq(calibration_share(&r->calibration), -1);
	ck_assert_uint_eq(r->staff, 1);
	play("in:a +1 +3600 out:a"); /* who gives up long after it was due */
	ck_assert_int_eq(calibration_share(&r->calibration), 0);
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	play("+30"); /* wrapped up */
	ck_assert_double_gt(r->rate.handling_s, 240);
	bed_event("d", 1, CALL_EV_QUEUED, "");
	ck_assert_uint_eq(r->ready, 0);
	ck_assert_double_eq(r->rate.answers, 0); /* it had not to wait */
}
END_TEST

/* ---- what is listed */

/* "a b c": these columns of the first row whose first cell is `key'; a number
 * of microseconds in seconds. */
struct looked_for {
	const struct desk_list *list;
	const char *key, *columns;
	char found[128];
};

static void
add_cell(struct looked_for *l, const struct column *c, const struct cell *cell)
{
	size_t n = strlen(l->found);
	int64_t unit = c->kind == CELL_DURATION ? S : 1;

	if (strstr(l->columns, c->name) == NULL)
		return;
	if (cell->null)
		snprintf(l->found + n, sizeof(l->found) - n, "- ");
	else if (c->kind == CELL_TEXT)
		snprintf(l->found + n, sizeof(l->found) - n, "%.*s ",
		    STR_ARG(cell->text));
	else
		snprintf(l->found + n, sizeof(l->found) - n, "%lld ",
		    (long long)(cell->number / unit));
}

static bool
look(void *arg, const struct cell *cells)
{
	struct looked_for *l = arg;

	if (str_eq(cells[0].text, str_of(l->key)))
		for (unsigned i = 1; i < l->list->n_columns; i++)
			add_cell(l, &l->list->columns[i], &cells[i]);
	return true;
}

static const char *
listed(const char *what, const char *key, const char *columns)
{
	static struct looked_for l;

	l = (struct looked_for){ desk_list_find(str_of(what)), key, columns,
		"" };
	ck_assert_uint_eq(
	    desk_list_rows(bench.desk, l.list, 0, bench.now, look, &l), 0);
	return l.found;
}

#define ESTIMATE "estimate_low estimate_high calibration door"

START_TEST(the_estimate_is_listed)
{
	/* Nobody serves it. */
	ck_assert_str_eq(listed("queues", "q", ESTIMATE), "- - - open ");
	play("ready:1");
	ck_assert_str_eq(listed("queues", "q", ESTIMATE), "0 0 - open ");
	play("rest:1 q=draining");
	bed_log_in(1, "801", AGENT_STATE_READY);
	play("q=open");
	bed_talking();
	/* Four minutes a call, as long as nothing is known. */
	ck_assert_str_eq(listed("queues", "q", ESTIMATE), "7 599 - open ");
	play("in:a +1 +3600 out:a q=draining");
	ck_assert_str_eq(
	    listed("queues", "q", "calibration door"), "0 draining ");
	ck_assert_str_eq(listed("store", "promised_longer", "value"), "1 ");
	ck_assert_str_eq(listed("store", "kept_longer", "value"), "0 ");
}
END_TEST

Suite *
gate_suite(void)
{
	TCase *tc = tcase_create("gate");

	tcase_add_checked_fixture(tc, setup, bed_down);
	tcase_add_loop_test(tc, a_rule_a_row, 0, NELEM(rows));
	tcase_add_test(
	    tc, a_call_that_may_go_nowhere_is_not_asked_again_and_again);
	tcase_add_test(tc, a_call_sent_on_keeps_its_place);
	tcase_add_test(tc, a_caller_is_told_the_place_and_the_wait);
	tcase_add_test(tc, what_is_told_does_not_grow);
	tcase_add_test(tc, an_announcement_is_no_order_of_the_call);
	tcase_add_test(tc, a_switch_that_cannot_is_told_nothing);
	tcase_add_test(tc, a_switch_that_cannot_end_calls_lets_them_wait);
	tcase_add_test(tc, the_estimate_is_listed);
	tcase_add_test(tc, promises_are_held_against_what_came);
	return suite_of(tc, "gate");
}
