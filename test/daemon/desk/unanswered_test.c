/*
 * unanswered_test.c - what becomes of an agent whose offer has come to nothing:
 * delays, the place among the ready, too many in a row.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"

static struct queue *q;

static void
up(void)
{
	bed_up();
	q = queue_find(bench.desk, 1);
	q->rules.again_us = 0; /* an offer that has ended does not come again */
}

static void
set_state(enum agent_state state, const char *reason)
{
	struct desk_action a = bed_by(1);

	ck_ok(desk_set_state(bench.desk, &a, state, str_of(reason)));
	bed_run();
}

static void
shown(void)
{
	struct desk_action a = bed_by(1);

	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	bed_run();
}

static void
pass(int64_t us)
{
	desk_tick(bench.desk, bench.now += us);
	bed_run();
}

/* ---- how agent 1's offer of the call comes to its end */

static void
refuses(void)
{
	struct desk_action a = bed_by(1);

	shown();
	ck_ok(desk_offer_refuse(
	    bench.desk, &a, bench.offer, STR_LIT("busy writing")));
	bed_run();
}

static void
does_not_answer(void)
{
	shown();
	pass(20 * S);
}

static void
does_not_show_it(void)
{
	pass(S / 2);
}

static void
phone_is_busy(void)
{
	shown();
	bed_result(ERR_BUSY);
}

static void
phone_fails(void)
{
	shown();
	bed_result(ERR_NO_DEVICE);
}

/* Accepted on the screen, then the phone does not answer. */
static void
accepted_in_vain(void)
{
	struct desk_action a = bed_by(1);

	agent_find(bench.desk, 1)->offer->screen_first = true;
	ck_ok(desk_offer_accept(bench.desk, &a, bench.offer));
	bed_run();
	bed_result(ERR_OK);
	bed_event("c", 2, CALL_EV_DELIVERED, "801");
	{
		struct call_event ev =
		    bed_an_event("c", 3, CALL_EV_FAILED, "801");

		ev.cause = CAUSE_NO_ANSWER;
		bed_say(ev);
	}
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
}

static void
caller_leaves(void)
{
	shown();
	bed_event("c", 2, CALL_EV_CALL_CLEARED, "");
}

/*
 * Delays of the queue: after no answer 10 s, after a refusal 20 s, after a busy
 * phone 30 s; or none.  `then': what the agent is, and after how long by
 * itself ready again (0: not by itself, or is so at once).
 */
static const struct {
	void (*end)(void);
	bool stay_ready, delays;
	const char *then;
	int seconds;
} rows[] = {
	{ does_not_answer, true, true, "1=not_ready(no_answer)", 10 },
	{ refuses, true, true, "1=not_ready(refused)", 20 },
	{ phone_is_busy, true, true, "1=not_ready(device_busy)", 30 },
	{ does_not_answer, true, false, "1=ready", 0 },
	{ refuses, true, false, "1=ready", 0 },
	{ phone_is_busy, true, false, "1=not_ready(device_busy)", 0 },
	/* who is not to stay ready says so */
	{ does_not_answer, false, true, "1=not_ready(no_answer)", 0 },
	{ refuses, false, true, "1=not_ready(refused)", 0 },
	{ phone_is_busy, false, true, "1=not_ready(device_busy)", 0 },
	/* a client that hangs, a phone that is broken: seen to first */
	{ does_not_show_it, true, true, "1=not_ready(not_delivered)", 0 },
	{ phone_fails, true, true, "1=not_ready(device_failed)", 0 },
	{ accepted_in_vain, true, true, "1=not_ready(no_answer)", 10 },
	{ accepted_in_vain, true, false, "1=not_ready(no_answer)", 0 },
	/* no fault of theirs */
	{ caller_leaves, false, true, "1=ready", 0 },
};

START_TEST(delayed)
{
	const struct agent *a = agent_find(bench.desk, 1);
	const char *told;

	q->stay_ready = rows[_i].stay_ready;
	if (rows[_i].delays) {
		q->rules.delay_us[DELAY_NO_ANSWER] = 10 * S;
		q->rules.delay_us[DELAY_REFUSED] = 20 * S;
		q->rules.delay_us[DELAY_DEVICE_BUSY] = 30 * S;
	}
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_page();
	rows[_i].end();
	told = bed_page();
	ck_assert_msg(strstr(told, rows[_i].then) != NULL, "%s", told);
	ck_assert_int_eq(a->until,
	    rows[_i].seconds != 0 ? bench.now + rows[_i].seconds * S : 0);
	if (rows[_i].seconds != 0) {
		pass(rows[_i].seconds * S - 1);
		ck_told("");
		pass(1);
		ck_told("1=ready ");
		ck_assert_int_eq(a->ready_since, bench.now);
	} else {
		pass(3600 * S);
		ck_told("");
	}
}
END_TEST

/* Who refuses goes to the end of the longest idle; whose caller has left keeps
 * the place. */
START_TEST(the_idle_place)
{
	static const struct {
		void (*end)(void);
		bool kept;
	} ways[] = { { refuses, false }, { does_not_answer, false },
		{ caller_leaves, true } };
	struct agent *a2 = agent_find(bench.desk, 2);

	q->stay_ready = true;
	desk_agent_gone(bench.desk, 2, true, bench.now);
	a2->profile.queues[0] = 1;
	bed_log_in(2, "802", AGENT_STATE_READY);
	bench.now += S;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_page();
	ways[_i].end();
	if (!ways[_i].kept) { /* it is agent 2's now, and leaves him, too */
		bed_event("c", 2, CALL_EV_CALL_CLEARED, "");
		bench.now++;
	}
	bed_page();
	bed_event("e", 1, CALL_EV_QUEUED, "");
	ck_told(
	    ways[_i].kept ? "offer:1/q 1=reserved " : "offer:2/q 2=reserved ");
}
END_TEST

/* In a delay, what the agent says counts. */
START_TEST(what_is_said_in_a_delay)
{
	q->stay_ready = true;
	q->rules.delay_us[DELAY_REFUSED] = 20 * S;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	refuses();
	bed_page();
	if (_i == 0) {
		set_state(AGENT_STATE_READY, "");
		ck_told("1=ready ");
		pass(60 * S);
		ck_told("");
	} else {
		set_state(AGENT_STATE_NOT_READY, _i == 1 ? "lunch" : "refused");
		ck_told(
		    _i == 1 ? "1=not_ready(lunch) " : "1=not_ready(refused) ");
		pass(60 * S);
		ck_told("");
	}
}
END_TEST

START_TEST(a_phone_that_goes_in_a_delay)
{
	struct device_state dev = { STR_LIT("801"), true };

	q->stay_ready = true;
	q->rules.delay_us[DELAY_REFUSED] = 20 * S;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	refuses();
	desk_switch_devices(bench.sw, &dev, 1, false, false, bench.now);
	bed_page();
	pass(20 * S);
	ck_told("1=not_ready(device_gone) ");
	dev.gone = false;
	desk_switch_devices(bench.sw, &dev, 1, false, false, bench.now);
	ck_told("1=ready ");
}
END_TEST

static void
next_call(void)
{
	static char name[8];
	static unsigned n;

	snprintf(name, sizeof(name), "n%u", ++n % 1000);
	bed_event(name, 1, CALL_EV_QUEUED, "");
	bed_page();
}

/* "unanswered 2": so many in a row. */
START_TEST(too_many_unanswered)
{
	q->stay_ready = true;
	q->rules.unanswered = 2;
	next_call();
	does_not_answer();
	ck_told("connect:n1/801 story:1 1=ready no_answer:1 ");
	next_call();
	does_not_answer();
	ck_told("connect:n2/801 story:1 1=not_ready(unanswered) no_answer:1 ");
	pass(3600 * S);
	ck_told("");
	/* From the start again. */
	set_state(AGENT_STATE_READY, "");
	ck_told("1=ready ");
	next_call();
	does_not_answer();
	ck_told("connect:n3/801 story:1 1=ready no_answer:1 ");
}
END_TEST

/* What is said in between begins the count again; a refusal does not. */
START_TEST(not_in_a_row)
{
	q->stay_ready = true;
	q->rules.unanswered = 2;
	next_call();
	does_not_answer();
	if (_i == 0) {
		set_state(AGENT_STATE_READY, "");
	} else {
		next_call();
		if (_i == 1) {
			struct desk_action a = bed_by(1);

			agent_find(bench.desk, 1)->offer->screen_first = true;
			ck_ok(desk_offer_accept(bench.desk, &a, bench.offer));
			bed_run();
			desk_agent_gone(bench.desk, 1, true, bench.now);
			ck_assert_uint_eq(
			    agent_find(bench.desk, 1)->unanswered, 0);
			return;
		}
		refuses();
	}
	next_call();
	bed_page();
	does_not_answer();
	ck_assert_str_eq(
	    agent_find(bench.desk, 1)->reason, _i == 0 ? "" : UNANSWERED);
}
END_TEST

Suite *unanswered_suite(void);

Suite *
unanswered_suite(void)
{
	TCase *tc = tcase_create("ends");

	tcase_add_checked_fixture(tc, up, bed_down);
	tcase_add_loop_test(tc, delayed, 0, NELEM(rows));
	tcase_add_loop_test(tc, the_idle_place, 0, 3);
	tcase_add_loop_test(tc, what_is_said_in_a_delay, 0, 3);
	tcase_add_test(tc, a_phone_that_goes_in_a_delay);
	tcase_add_test(tc, too_many_unanswered);
	tcase_add_loop_test(tc, not_in_a_row, 0, 3);
	return suite_of(tc, "unanswered");
}
