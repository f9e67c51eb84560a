/*
 * agent_test.c - what agents and supervisors may make of an agent's state, from
 * every state; more time for the wrap-up.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"

static struct agent *
one(void)
{
	return agent_find(bench.desk, 1);
}

static enum err
force(enum agent_state to, const char *reason)
{
	struct ledger_unit *u = record_begin(bench.desk);
	enum err e =
	    agent_force(bench.desk, u, one(), to, str_of(reason), "supervisor");

	record_commit(bench.desk, &u);
	bed_run();
	return e;
}

static enum err
say(enum agent_state to, const char *reason)
{
	struct desk_action a = bed_by(1);
	enum err e = desk_set_state(bench.desk, &a, to, str_of(reason));

	bed_run();
	return e;
}

static void
pass(int64_t us)
{
	desk_tick(bench.desk, bench.now += us);
	bed_run();
}

/* ---- agent 1 gets into each state */

static void
ready(void)
{
}

static void
not_ready(void)
{
	ck_ok(say(AGENT_STATE_NOT_READY, "lunch"));
}

static void
delayed(void)
{
	struct desk_action a = bed_by(1);
	struct queue *q = queue_find(bench.desk, 1);

	q->stay_ready = true;
	q->rules.delay_us[DELAY_REFUSED] = 60 * S;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_ok(desk_offer_refuse(bench.desk, &a, bench.offer, STR_LIT("")));
	bed_event("c", 2, CALL_EV_CALL_CLEARED, "");
}

static void
reserved(void)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
}

/* Accepted on the screen, and the phone does not ring yet. */
static void
accepted(void)
{
	struct desk_action a = bed_by(1);

	one()->screen_first = true;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	ck_ok(desk_offer_accept(bench.desk, &a, bench.offer));
	bed_run();
	ck_assert_int_eq(one()->state, AGENT_STATE_BUSY);
}

static void
busy(void)
{
	bed_talking();
}

static void
in_two(void)
{
	bed_consulting();
}

static void
wrapping_up(void)
{
	bed_talking();
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
}

static void
null(void)
{
	desk_agent_gone(bench.desk, 1, true, bench.now);
	bed_run();
}

/* Its calls come to their end, if it is in any. */
static void
let_go(void)
{
	if (one()->second != NULL)
		bed_consult(3, CALL_EV_CALL_CLEARED, "");
	if (one()->call != NULL)
		bed_event("c", 9, CALL_EV_CALL_CLEARED, "");
	pass(31 * S); /* wrap-up */
}

static void (*const froms[])(void) = { ready, not_ready, delayed, reserved,
	accepted, busy, in_two, wrapping_up };
static const struct {
	enum agent_state to;
	const char *reason;
} tos[] = {
	{ AGENT_STATE_READY, "" },
	{ AGENT_STATE_NOT_READY, "meeting" },
	{ AGENT_STATE_NULL, "go home" },
};

/*
 * Each way into a state, each state that a supervisor may force: at once, or,
 * in a call, when that is over; and it is told as pending until then.
 */
START_TEST(forced)
{
	enum agent_state to = tos[(size_t)_i % NELEM(tos)].to;
	const char *reason = tos[(size_t)_i % NELEM(tos)].reason;
	bool in_call;

	froms[(size_t)_i / NELEM(tos)]();
	in_call = one()->state == AGENT_STATE_BUSY;
	ck_ok(force(to, reason));
	if (in_call) {
		ck_assert_int_eq(one()->state, AGENT_STATE_BUSY);
		ck_assert_int_eq(one()->pending, to);
		ck_assert_str_eq(one()->pending_reason, reason);
		let_go();
	} else if (one()->state == AGENT_STATE_RESERVED) {
		pass(1 * S); /* not shown: the offer ends */
		ck_assert_int_eq(one()->state, AGENT_STATE_NOT_READY);
		return;
	}
	ck_assert_int_eq(one()->state, to);
	ck_assert_str_eq(one()->reason, reason);
	ck_assert_int_eq(one()->pending, AGENT_STATE_NONE);
	ck_assert_ptr_null(one()->offer);
	ck_assert(one()->present == (to != AGENT_STATE_NULL));
	pass(3600 * S);
	ck_assert_int_eq(one()->state, to);
	/* And the next thing is as ever. */
	if (to == AGENT_STATE_NULL)
		bed_log_in(1, "801", AGENT_STATE_NOT_READY);
	ck_ok(say(AGENT_STATE_READY, ""));
	bed_event("z", 1, CALL_EV_QUEUED, "");
	ck_assert_int_eq(one()->state, AGENT_STATE_RESERVED);
}
END_TEST

START_TEST(who_is_logged_off_stays_so)
{
	null();
	ck_ok(force(AGENT_STATE_NULL, ""));
	ck_err(force(AGENT_STATE_READY, ""), ERR_REFUSED);
	ck_err(force(AGENT_STATE_NOT_READY, "x"), ERR_REFUSED);
	ck_assert_int_eq(one()->state, AGENT_STATE_NULL);
}
END_TEST

START_TEST(what_cannot_be_forced)
{
	ck_err(force(AGENT_STATE_BUSY, ""), ERR_BAD_FIELD);
	ck_err(force(AGENT_STATE_RESERVED, ""), ERR_BAD_FIELD);
	ck_err(force(AGENT_STATE_WORKING_AFTER_CALL, ""), ERR_BAD_FIELD);
	ck_err(force(AGENT_NSTATES, ""), ERR_BAD_FIELD);
	reason_add(bench.desk, STR_LIT("lunch"), false, 0);
	ck_err(force(AGENT_STATE_NOT_READY, "golf"), ERR_BAD_FIELD);
	ck_told("");
}
END_TEST

/* The bridge of their call is away: nobody can hang up for them, so a
 * supervisor takes them out of it; an agent is heard when it is over. */
START_TEST(a_call_out_of_reach)
{
	(_i == 0 ? busy : _i == 1 ? in_two : accepted)();
	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	ck_ok(say(AGENT_STATE_NOT_READY, "lunch"));
	ck_assert_int_eq(one()->state, AGENT_STATE_BUSY);
	ck_ok(force(AGENT_STATE_NOT_READY, "meeting"));
	ck_assert_int_eq(one()->state, AGENT_STATE_NOT_READY);
	ck_assert_str_eq(one()->reason, "meeting");
	ck_assert_ptr_null(one()->call);
	ck_assert_ptr_null(one()->second);
	/* The caller who had not been connected waits for somebody else. */
	if (_i == 2) {
		desk_agent_gone(bench.desk, 2, true, bench.now);
		agent_find(bench.desk, 2)->profile.queues[0] = 1;
		bed_page();
		bed_log_in(2, "802", AGENT_STATE_READY);
		ck_told("2=not_ready(log_in) 2=ready offer:2/q 2=reserved ");
	}
}
END_TEST

/* ---- what was asked for while busy is kept on every way out of it */

START_TEST(kept_until_the_contact_is_over)
{
	struct desk_action a = bed_by(1);
	struct wrap_up w = { .call = bed_id_of("c"),
		.kind = TICKET_CONSULTATION,
		.next = AGENT_STATE_NOT_READY,
		.next_reason = STR_LIT("tea") };

	if (_i < 2) {
		bed_consulting();
		ck_ok(say(AGENT_STATE_NOT_READY, "lunch"));
		ck_told("1=busy,not_ready(lunch) ");
		/* The one call ends, then the other, in both orders. */
		if (_i == 0)
			bed_consult(3, CALL_EV_CALL_CLEARED, "");
		bed_event("c", 9, CALL_EV_CALL_CLEARED, "");
		if (_i == 1)
			bed_consult(3, CALL_EV_CALL_CLEARED, "");
		ck_assert_int_eq(one()->state, AGENT_STATE_WORKING_AFTER_CALL);
		ck_assert_int_eq(one()->pending, AGENT_STATE_NOT_READY);
		pass(30 * S);
		ck_assert_str_eq(one()->reason, "lunch");
		return;
	}
	/* Said last counts; also what the note says. */
	bed_talking();
	ck_ok(say(AGENT_STATE_NOT_READY, "lunch"));
	ck_ok(say(AGENT_STATE_READY, ""));
	ck_told("1=busy,not_ready(lunch) 1=busy,ready() ");
	ck_ok(desk_wrap_up(bench.desk, &a, &w));
	bed_run();
	ck_told("1=busy,not_ready(tea) ");
	bed_event("c", 9, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 1=working_after_call,not_ready(tea) "
		"1=not_ready(tea) ");
}
END_TEST

/* Who consults is given the call: what they asked for in it is kept. */
START_TEST(kept_over_a_transfer)
{
	struct desk_action a = bed_by(2);

	bed_consulting();
	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("lunch")));
	bed_event("c", 5, CALL_EV_TRANSFERRED, "802");
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	ck_assert_int_eq(agent_find(bench.desk, 2)->state, AGENT_STATE_BUSY);
	ck_assert_int_eq(
	    agent_find(bench.desk, 2)->pending, AGENT_STATE_NOT_READY);
}
END_TEST

/* The phone of who has accepted on the screen does not ring. */
START_TEST(kept_though_the_phone_fails)
{
	accepted();
	ck_ok(_i == 0 ? say(AGENT_STATE_NOT_READY, "lunch")
		      : force(AGENT_STATE_NULL, "go home"));
	bed_result(ERR_NO_DEVICE);
	ck_assert_int_eq(
	    one()->state, _i == 0 ? AGENT_STATE_NOT_READY : AGENT_STATE_NULL);
	ck_assert_str_eq(one()->reason, _i == 0 ? "lunch" : "go home");
	ck_assert_int_eq(one()->pending, AGENT_STATE_NONE);
}
END_TEST

/* Nothing of an earlier contact. */
START_TEST(not_kept_any_longer)
{
	bed_talking();
	ck_ok(say(AGENT_STATE_NOT_READY, "lunch"));
	bed_event("c", 9, CALL_EV_CALL_CLEARED, "");
	ck_ok(say(AGENT_STATE_READY, ""));
	bed_event("d", 1, CALL_EV_QUEUED, "");
	bed_event("d", 2, CALL_EV_DELIVERED, "801");
	bed_event("d", 3, CALL_EV_ESTABLISHED, "801");
	ck_assert_int_eq(one()->state, AGENT_STATE_BUSY);
	ck_assert_int_eq(one()->pending, AGENT_STATE_NONE);
}
END_TEST

/* An offer that the ACD has ended before we have heard of it. */
START_TEST(faster_than_the_acd)
{
	struct call_event ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");
	struct desk_action off = bed_by(1), on = bed_by(1), take = bed_by(1);
	uint64_t first;

	ck_ok(desk_call_event(bench.sw, &ev, bench.now));
	ck_ok(desk_set_state(
	    bench.desk, &off, AGENT_STATE_NOT_READY, STR_LIT("tea")));
	ck_ok(desk_set_state(bench.desk, &on, AGENT_STATE_READY, STR_LIT("")));
	ck_told("1=not_ready(tea) 1=ready ");
	bed_run();
	ck_told("offer:1/q 1=reserved 1=ready rescinded:1 offer:1/q "
		"1=reserved ");
	first = bench.offer;
	one()->offer->screen_first = true;
	ck_ok(desk_offer_accept(bench.desk, &take, first));
	bed_run();
	ck_assert_int_eq(one()->state, AGENT_STATE_BUSY);
	/* The ACD knows it so, too. */
	bed_event("d", 1, CALL_EV_QUEUED, "");
	bed_event("c", 2, CALL_EV_ESTABLISHED, "801");
	bed_event("c", 3, CALL_EV_CALL_CLEARED, "");
	bed_page();
	pass(30 * S);
	ck_told("1=ready offer:1/q 1=reserved ");
}
END_TEST

/* ---- more time */

static const char *
more(void)
{
	struct desk_action a = bed_by(1);
	const char *rule;
	enum err e = desk_extend_wrap_up(bench.desk, &a, &rule);

	bed_run();
	ck_assert((e == ERR_OK) == (rule == NULL));
	return rule != NULL ? rule : "ok";
}

/* "extend 2m 2", wrap-up 30 s. */
START_TEST(a_longer_wrap_up)
{
	struct queue *q = queue_find(bench.desk, 1);
	int64_t end;

	q->rules.extend_us = 120 * S;
	q->rules.extensions = 2;
	ck_assert_str_eq(more(), "state");
	wrapping_up();
	end = bench.now + 30 * S;
	bed_page();
	ck_assert_str_eq(more(), "ok");
	ck_assert_int_eq(one()->until, end += 120 * S);
	ck_told("1=working_after_call ");
	ck_assert_str_eq(more(), "ok");
	ck_assert_int_eq(one()->until, end += 120 * S);
	ck_assert_str_eq(more(), "used_up");
	ck_assert_int_eq(one()->until, end);
	bed_page();
	desk_tick(bench.desk, end - 1);
	ck_told("");
	desk_tick(bench.desk, bench.now = end);
	ck_told("1=ready ");
	/* A contact has its own. */
	bed_event("d", 1, CALL_EV_QUEUED, "");
	bed_event("d", 2, CALL_EV_DELIVERED, "801");
	bed_event("d", 3, CALL_EV_ESTABLISHED, "801");
	ck_assert_str_eq(more(), "state");
	bed_event("d", 4, CALL_EV_CALL_CLEARED, "");
	ck_assert_str_eq(more(), "ok");
}
END_TEST

START_TEST(not_by_every_queue)
{
	wrapping_up();
	ck_assert_str_eq(more(), "not_allowed");
	ck_ok(say(AGENT_STATE_READY, ""));
	queue_find(bench.desk, 1)->wrap_up_us = 0;
	bed_event("d", 1, CALL_EV_QUEUED, "");
	bed_event("d", 2, CALL_EV_DELIVERED, "801");
	bed_event("d", 3, CALL_EV_ESTABLISHED, "801");
	bed_event("d", 4, CALL_EV_CALL_CLEARED, "");
	ck_assert_str_eq(more(), "open");
}
END_TEST

START_TEST(asked_twice_it_is_longer_once)
{
	struct desk_action a = bed_by(1);
	struct queue *q = queue_find(bench.desk, 1);
	const char *rule;
	int64_t end;

	q->rules.extend_us = 120 * S;
	q->rules.extensions = 2;
	wrapping_up();
	end = one()->until;
	ck_ok(desk_extend_wrap_up(bench.desk, &a, &rule));
	ck_ok(desk_extend_wrap_up(bench.desk, &a, &rule));
	ck_assert_int_eq(one()->until, end + 120 * S);
}
END_TEST

Suite *agent_suite(void);

Suite *
agent_suite(void)
{
	TCase *tc = tcase_create("agent");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_loop_test(tc, forced, 0, (int)(NELEM(froms) * NELEM(tos)));
	tcase_add_test(tc, who_is_logged_off_stays_so);
	tcase_add_test(tc, what_cannot_be_forced);
	tcase_add_loop_test(tc, a_call_out_of_reach, 0, 3);
	tcase_add_loop_test(tc, kept_until_the_contact_is_over, 0, 3);
	tcase_add_test(tc, kept_over_a_transfer);
	tcase_add_loop_test(tc, kept_though_the_phone_fails, 0, 2);
	tcase_add_test(tc, not_kept_any_longer);
	tcase_add_test(tc, faster_than_the_acd);
	tcase_add_test(tc, a_longer_wrap_up);
	tcase_add_test(tc, not_by_every_queue);
	tcase_add_test(tc, asked_twice_it_is_longer_once);
	return suite_of(tc, "agent");
}
