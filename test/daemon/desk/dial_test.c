/*
 * dial_test.c - an attempt to call somebody, from the request to the ticket's
 * history.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/acd.h"
#include "test/support/dial_bed.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

Suite *dial_suite(void);

START_TEST(from_the_request_to_the_note)
{
	struct desk_action a;
	struct wrap_up w = { .note = STR_LIT("all is dry"), .solved = true };
	const struct ticket_row *t;
	const struct call_row *c;

	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"callback ");
	/* Not given out again by a process behind this one. */
	ck_assert_uint_eq(db.order >> 32, 1);
	db_result(ERR_OK);
	ck_told("[ok] ");
	db_event(1, CALL_EV_OFFERED, "");
	ck_told("offered:1@+8613800000001 ");
	ck_assert_uint_eq(db.ticket, desk_ticket_number(42));
	ck_assert_str_eq(db_outcome(), "call ");
	db_event(2, CALL_EV_DELIVERED, "801");
	ck_told("delivered:1@+8613800000001 ");
	db_event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("established:1@+8613800000001 ");
	ck_assert_str_eq(db_history(), "called_back by a1:  (42)");
	db_event(4, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1@+8613800000001 1=working_after_call "
		"1=working_after_call ");
	/* The ticket's queue says how long. */
	ck_assert_int_eq(desk_next_at(db.desk), db.now + 60 * S);
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_OF_CALL), 0);
	c = fake_ledger_row(db.ledger, ROW_CALL, 0);
	ck_assert_str_eq(c->relation, "callback");
	a = (struct desk_action){ id_random(), &db.now, 1, STR_LIT("a1"),
		db.now };
	w.call = db.call;
	ck_ok(desk_wrap_up(db.desk, &a, &w));
	db_run();
	ck_told("1=ready saved ");
	ck_assert_str_eq(db_history(), "closed by a1: all is dry (42)");
	t = fake_ledger_row(db.ledger, ROW_TICKET, 0);
	ck_assert_uint_eq(t->id, 42);
	ck_assert_str_eq(t->status, "closed");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* The ledger is asked with all that it decides by. */
START_TEST(what_the_ledger_is_asked)
{
	struct id op = id_random();
	char hex[ID_TEXT_LEN + 1], want[200];

	ck_ok(db_ask(&op, RELATION_FOLLOW_UP, "０１０-8888 0000"));
	db_run();
	snprintf(want, sizeof(want),
	    "%s|42|+861088880000|follow_up|1|a1|%" PRIu64 "|1|801|%" PRId64,
	    id_text(&op, hex), db.order, db.now);
	ck_assert_str_eq(fake_ledger_args(db.ledger, LQ_DIAL), want);
}
END_TEST

/* While it is decided, nothing is ordered and no caller is offered. */
START_TEST(no_offer_comes_between)
{
	struct call_event in = { .call = STR_LIT("in"),
		.call_seq = 1,
		.occurred_at = db.now,
		.kind = CALL_EV_QUEUED,
		.called = STR_LIT("4001") };
	struct id op = id_random();

	fake_ledger_hold(db.ledger, true);
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	in.stream_seq = ++db.stream;
	ck_ok(desk_call_event(db.sw, &in, db.now));
	/* The ACD has its turn, the ledger has not. */
	mem_acd_run(db.acd);
	ck_told("1=busy/dialling ");
	ck_assert_uint_eq(fake_ledger_asked(db.ledger, LQ_DIAL), 0);
	fake_ledger_hold(db.ledger, false);
	fake_ledger_card(db.ledger, LQ_DIAL, "cap|0|+861|||x|3|7");
	db_run();
	ck_told("1=ready [refused cap x] offer:1 1=reserved ");
}
END_TEST

/* clang-format off */
static const struct {
	const char *card, *answer;
} refusals[] = {
	{ "not_configured|0|+861|||||",     "[refused not_configured] " },
	{ "allow|0|+8610|||+8610||",        "[refused allow +8610] " },
	{ "do_not_call|0|+861|||asked so||", "[refused do_not_call asked so] " },
	{ "taken|0|+861|||a2||",            "[refused taken a2] " },
	{ "status|0||||closed||",           "[refused status closed] " },
	{ "no_number|0||||||",              "[refused no_number] " },
	{ "missing|0||||||",                "[not_found missing] " },
	{ "repeat|1|+861|||reached|0|",     "[ok reached reached] " },
	{ "repeat|1|+861|||busy|0|",        "[ok busy busy] " },
	{ "repeat|1|+861|||device_busy|0|", "[refused device_busy device_busy] " },
	{ "repeat|1|+861|||dialling|0|",    "[refused unknown dialling] " },
};
/* clang-format on */

/* Refused, the agent is what they were; nothing is ordered. */
START_TEST(refused_by_the_ledger)
{
	char want[128];

	fake_ledger_card(db.ledger, LQ_DIAL, refusals[_i].card);
	db_dial(RELATION_CALLBACK);
	snprintf(want, sizeof(want), "1=busy/dialling 1=ready %s",
	    refusals[_i].answer);
	ck_told(want);
	ck_assert_uint_eq(db.order, 0);
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_DIAL), 0);
}
END_TEST

START_TEST(the_agent_is_what_they_were)
{
	struct desk_action a;

	fake_ledger_card(db.ledger, LQ_DIAL, "taken|0|||||0|");
	desk_agent_gone(db.desk, 1, false, db.now);
	db_log_in(AGENT_STATE_NOT_READY);
	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=not_ready/lunch [refused taken] ");
	/* What was asked for meanwhile counts. */
	fake_ledger_hold(db.ledger, true);
	db_dial(RELATION_CALLBACK);
	a = (struct desk_action){ id_random(), &db.now, 1, STR_LIT("a1"),
		db.now };
	ck_ok(desk_set_state(db.desk, &a, AGENT_STATE_READY, STR_LIT("")));
	fake_ledger_hold(db.ledger, false);
	db_run();
	ck_told("1=busy/dialling 1=busy/dialling 1=ready [refused taken] "
		"saved ");
	/* Behind a call: the wrap-up goes on, as long as it had. */
	desk_agent_gone(db.desk, 1, false, db.now);
	db_log_in(AGENT_STATE_WORKING_AFTER_CALL);
	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=working_after_call [refused taken] ");
	/* Who leaves meanwhile is gone. */
	fake_ledger_hold(db.ledger, true);
	db_dial(RELATION_CALLBACK);
	desk_agent_gone(db.desk, 1, false, db.now);
	fake_ledger_hold(db.ledger, false);
	db_run();
	ck_told("1=busy/dialling [refused taken] ");
	db_log_in(AGENT_STATE_READY);
	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=ready [refused taken] ");
}
END_TEST

/* A wrap-up that ends by itself, dialled in the middle of it. */
START_TEST(a_wrap_up_goes_on)
{
	db_event(1, CALL_EV_OFFERED, "");
	db_dial(RELATION_CALLBACK);
	db_result(ERR_OK);
	db.stream++;
	struct call_event ev = db_make_event(1, CALL_EV_OFFERED, "");
	ev.call = STR_LIT("second");
	ev.stream_seq = db.stream;
	db_give(&ev);
	ev = db_make_event(2, CALL_EV_CALL_CLEARED, "");
	ev.call = STR_LIT("second");
	db_give(&ev);
	ck_assert_int_eq(desk_next_at(db.desk), db.now + 60 * S);
	db.now += 10 * S;
	fake_ledger_card(db.ledger, LQ_DIAL, "taken|0|||||0|");
	db_page();
	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=working_after_call 1=working_after_call "
		"[refused taken] ");
	ck_assert_int_eq(desk_next_at(db.desk), db.now + 50 * S);
}
END_TEST

/* Not even asked of the ledger. */
START_TEST(refused_at_once)
{
	const struct desk_action a = { id_random(), &db.now, 1, STR_LIT("a1"),
		db.now };
	struct dial_request r = { .ticket = desk_ticket_number(42) + 1,
		.relation = RELATION_CALLBACK };
	static const char *const numbers[] = { "110", "120", "12345", "+86110",
		"wang", "0" };
	struct id op = id_random();

	ck_err(
	    desk_dial(db.desk, &a, &r, &db.why, db_heard, NULL), ERR_MISHEARD);
	ck_err(db_ask(&op, RELATION_CONSULT, ""), ERR_BAD_FIELD);
	for (unsigned i = 0; i < NELEM(numbers); i++) {
		ck_err(db_ask(&op, RELATION_CALLBACK, numbers[i]), ERR_REFUSED);
		ck_assert(str_eq(db.why.rule, STR_LIT("number")));
	}
	desk_switch_detach(db.desk, &db.sw, db.now);
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	db_run();
	ck_told("[refused not_connected] ");
	fake_ledger_away(db.ledger, true);
	ck_err(db_ask(&op, RELATION_CALLBACK, ""), ERR_IO);
	ck_told("");
	fake_ledger_away(db.ledger, false);
	ck_assert_uint_eq(fake_ledger_asked(db.ledger, LQ_DIAL), 0);
}
END_TEST

/* What the switch cannot do, and a phone that is not there. */
START_TEST(able_and_there)
{
	const struct device_state gone = { STR_LIT("801"), true };
	const struct device_state back = { STR_LIT("801"), false };
	struct id op = id_random();

	desk_switch_describe(
	    db.sw, ORDER_BIT(ORDER_CONNECT), STR_LIT("x"), db.now);
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	db_run();
	ck_told("[refused cannot] ");
	desk_switch_describe(db.sw, UINT32_MAX, STR_LIT("x"), db.now);
	desk_switch_devices(db.sw, &gone, 1, false, false, db.now);
	db_page();
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	db_run();
	ck_told("[refused device_gone] ");
	desk_switch_devices(db.sw, &back, 1, false, false, db.now);
	db_run();
	db_page();
	/* Gone while it is decided: not ready behind it. */
	fake_ledger_card(db.ledger, LQ_DIAL, "taken|0|||||0|");
	fake_ledger_hold(db.ledger, true);
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	desk_switch_devices(db.sw, &gone, 1, false, false, db.now);
	fake_ledger_hold(db.ledger, false);
	db_run();
	ck_told("1=busy/dialling 1=busy/dialling 1=not_ready/device_gone "
		"[refused taken] ");
}
END_TEST

/* In a call, or offered one: no, unless it is this very dial. */
START_TEST(one_call_at_a_time)
{
	struct id op = id_random(), other = id_random();

	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	ck_ok(db_ask(&other, RELATION_CALLBACK, ""));
	db_run();
	ck_told("1=busy/dialling [refused agent_state busy] "
		"make_call:801>+8613800000001 as 95519 callback ");
	ck_ok(db_ask(&op, RELATION_CALLBACK, "")); /* it is under way */
	db_result(ERR_OK);
	ck_told("[ok] [ok] ");
	db_event(1, CALL_EV_OFFERED, "");
	db_page();
	fake_ledger_card(db.ledger, LQ_DIAL_OF_OP, "42|ringing|+861");
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	db_run();
	ck_told("[ok ringing] ");
	ck_assert_uint_eq(fake_ledger_asked(db.ledger, LQ_DIAL), 1);
}
END_TEST

/* clang-format off */
static const struct {
	enum err err;
	const char *answer, *outcome;
} results[] = {
	{ ERR_BUSY,      "[refused device_busy] ", "device_busy" },
	{ ERR_NOT_FOUND, "[no_device no_device] ", "no_device" },
	{ ERR_NO_DEVICE, "[no_device no_device] ", "no_device" },
	{ ERR_REFUSED,   "[refused refused] ",     "refused" },
	{ ERR_STALE,     "[refused refused] ",     "refused" },
};
/* clang-format on */

START_TEST(refused_by_the_switch)
{
	char want[64];

	db_dial(RELATION_CALLBACK);
	db_page();
	db_result(results[_i].err);
	snprintf(want, sizeof(want), "1=ready %s", results[_i].answer);
	ck_told(want);
	ck_assert_str_eq(db_outcome(), results[_i].outcome);
	/* Its result comes once; a second one says nothing. */
	db_result(ERR_OK);
	ck_told("");
	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"callback ");
}
END_TEST

/* The customer does not answer: the ticket says so, once. */
START_TEST(not_reached)
{
	const struct call_row *c;
	struct call_event ev;

	db_dial(RELATION_FOLLOW_UP);
	db_result(ERR_OK);
	db_event(1, CALL_EV_OFFERED, "");
	db_event(2, CALL_EV_DELIVERED, "801");
	db_page();
	db_event_because(3, CALL_EV_FAILED, CAUSE_BUSY);
	ck_told("failed:1@+8613800000001 ");
	ev = db_make_event(4, CALL_EV_CALL_CLEARED, "");
	ev.cause = CAUSE_NORMAL;
	db_give(&ev);
	ck_told("call_cleared:1@+8613800000001 1=working_after_call "
		"1=working_after_call ");
	ck_assert_str_eq(db_history(), "not_reached by a1: busy (42)");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_EVENT), 1);
	c = fake_ledger_row(db.ledger, ROW_CALL, 2);
	ck_assert_str_eq(c->end_cause, "busy");
}
END_TEST

/* The agent's own phone was not lifted: nobody was called. */
START_TEST(the_own_phone_fails)
{
	struct call_event ev;

	db_dial(RELATION_CALLBACK);
	db_result(ERR_OK);
	db_event(1, CALL_EV_OFFERED, "");
	db_event(2, CALL_EV_DELIVERED, "801");
	ev = db_make_event(3, CALL_EV_FAILED, "801");
	ev.cause = CAUSE_NO_ANSWER;
	db_give(&ev);
	ck_assert_str_eq(db_outcome(), "call device_failed");
}
END_TEST

START_TEST(a_follow_up_is_one)
{
	db_dial(RELATION_FOLLOW_UP);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"follow_up ");
	db_result(ERR_OK);
	db_event(1, CALL_EV_OFFERED, "");
	db_event(2, CALL_EV_DELIVERED, "801");
	db_event(3, CALL_EV_ESTABLISHED, "801");
	ck_assert_str_eq(db_history(), "followed_up by a1:  (42)");
}
END_TEST

Suite *
dial_suite(void)
{
	TCase *tc = tcase_create("dial");

	tcase_add_checked_fixture(tc, db_up, db_down);
	tcase_add_test(tc, from_the_request_to_the_note);
	tcase_add_test(tc, what_the_ledger_is_asked);
	tcase_add_test(tc, no_offer_comes_between);
	tcase_add_loop_test(tc, refused_by_the_ledger, 0, NELEM(refusals));
	tcase_add_test(tc, the_agent_is_what_they_were);
	tcase_add_test(tc, a_wrap_up_goes_on);
	tcase_add_test(tc, refused_at_once);
	tcase_add_test(tc, able_and_there);
	tcase_add_test(tc, one_call_at_a_time);
	tcase_add_loop_test(tc, refused_by_the_switch, 0, NELEM(results));
	tcase_add_test(tc, not_reached);
	tcase_add_test(tc, the_own_phone_fails);
	tcase_add_test(tc, a_follow_up_is_one);
	return suite_of(tc, "dial");
}
