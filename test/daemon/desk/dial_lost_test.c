/*
 * dial_lost_test.c - attempts to call somebody of which something is lost: the
 * switch's word, its connection, the ledger's, the agent, the daemon itself.
 */
#include <string.h>

#include "test/support/dial_bed.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

Suite *dial_lost_suite(void);

/* The switch took it and tells nothing: the agent is not kept for ever; should
 * the call come after all, it is the ticket's. */
START_TEST(a_switch_that_says_nothing)
{
	db_dial(RELATION_CALLBACK);
	db_result(ERR_OK);
	db_page();
	ck_assert_int_eq(desk_next_at(db.desk), db.now + 30 * S);
	db.now += 30 * S;
	desk_tick(db.desk, db.now);
	db_run();
	ck_told("1=ready ");
	ck_assert_str_eq(db_outcome(), "unknown");
	db_event(1, CALL_EV_OFFERED, "");
	ck_told("");
	ck_assert_str_eq(db_outcome(), "call ");
	db_event(2, CALL_EV_DELIVERED, "801");
	db_event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("1=busy established:1@+8613800000001 ");
	ck_assert_uint_eq(db.ticket, desk_ticket_number(42));
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* The connection to the ledger is lost while it decides. */
START_TEST(it_is_unknown_whether_it_was_committed)
{
	fake_ledger_trouble(db.ledger, LQ_DIAL, 1, ERR_IO);
	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=ready [io] ");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_DIAL), 1);
	ck_assert_str_eq(
	    ((const struct dial_row *)fake_ledger_row(db.ledger, ROW_DIAL, 0))
		->outcome,
	    "not_connected");
	/* A race is run again, once. */
	fake_ledger_trouble(db.ledger, LQ_DIAL, 1, ERR_BAD_FIELD);
	db_dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"callback ");
}
END_TEST

START_TEST(who_is_gone_calls_nobody)
{
	struct id op = id_random();

	fake_ledger_hold(db.ledger, true);
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	desk_agent_gone(db.desk, 1, false, db.now);
	fake_ledger_hold(db.ledger, false);
	db_run();
	ck_told("1=busy/dialling [refused agent_gone] ");
	ck_assert_uint_eq(db.order, 0);
	/* Nor does a phone whose switch has left meanwhile. */
	db_log_in(AGENT_STATE_READY);
	fake_ledger_hold(db.ledger, true);
	op = id_random();
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	desk_switch_detach(db.desk, &db.sw, db.now);
	fake_ledger_hold(db.ledger, false);
	db_run();
	ck_told("1=busy/dialling 1=ready [refused not_connected] ");
}
END_TEST

static const struct live_call ringing = { .call = STR_LIT("out"),
	.version = 9,
	.call_seq = 2,
	.kind = CALL_EV_DELIVERED,
	.device = STR_LIT("801"),
	.called = STR_LIT("+8613800000001") };

/* The bridge is gone and back while it is dialled: the call that lives is the
 * one, by what is left in the spool. */
START_TEST(the_bridge_is_gone_and_back)
{
	struct call_event ev;

	db_dial(RELATION_CALLBACK);
	desk_switch_detach(db.desk, &db.sw, db.now);
	db_page();
	db_attach(&ringing, 1, 2);
	ck_told("");
	ev = db_make_event(1, CALL_EV_OFFERED, "");
	ev.resent = true;
	db_give(&ev);
	ck_told("[ok] ");
	ck_assert_str_eq(db_outcome(), "call ");
	ev = db_make_event(2, CALL_EV_DELIVERED, "801");
	ev.resent = true;
	db_give(&ev);
	db_event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("established:1@+8613800000001 ");
	ck_assert_str_eq(db_history(), "called_back by a1:  (42)");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* Nothing of it in the snapshot nor in the spool. */
START_TEST(the_bridge_is_back_without_it)
{
	db_dial(RELATION_CALLBACK);
	db_result(ERR_OK);
	desk_switch_detach(db.desk, &db.sw, db.now);
	db_page();
	fake_ledger_card(db.ledger, LQ_DIALS_OPEN, "77");
	db_attach(NULL, 0, 0);
	ck_told("1=ready ");
	/* That one, and the one of a process that is gone. */
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_DIAL), 2);
	ck_assert_uint_eq(
	    ((const struct dial_row *)fake_ledger_row(db.ledger, ROW_DIAL, 1))
		->order_id,
	    77);
}
END_TEST

/* It was and is over: only the spool tells. */
START_TEST(all_of_it_in_the_spool)
{
	struct call_event ev;

	db_dial(RELATION_CALLBACK);
	desk_switch_detach(db.desk, &db.sw, db.now);
	db_page();
	db_attach(NULL, 0, 2);
	ev = db_make_event(1, CALL_EV_OFFERED, "");
	ev.resent = true;
	db_give(&ev);
	ck_told("[ok] 1=ready ");
	ck_assert_str_eq(db_outcome(), "call ");
	ev = db_make_event(2, CALL_EV_CALL_CLEARED, "");
	ev.resent = true;
	ev.cause = CAUSE_NO_ANSWER;
	db_give(&ev);
	ck_assert_str_eq(db_history(), "not_reached by system: no_answer (42)");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* The daemon is gone and back: what the ledger says of the live call. */
START_TEST(the_daemon_is_gone_and_back)
{
	struct wrap_up w = { .note = STR_LIT("dry") };
	struct desk_action a;

	db_down();
	db_open();
	fake_ledger_card(db.ledger, LQ_CALLS_BY_NAME,
	    "out|2|delivered||1||||||||||||callback|42");
	db_attach(&ringing, 1, 0);
	db_log_in(AGENT_STATE_NOT_READY);
	db_event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("1=busy established:1@+8613800000001 ");
	ck_assert_uint_eq(db.ticket, desk_ticket_number(42));
	ck_assert_str_eq(db_history(), "called_back by a1:  (42)");
	db_event(4, CALL_EV_CALL_CLEARED, "");
	a = (struct desk_action){ id_random(), &db.now, 1, STR_LIT("a1"),
		db.now };
	w.call = db.call;
	ck_ok(desk_wrap_up(db.desk, &a, &w));
	db_run();
	ck_assert_str_eq(db_history(), "wrapped_up by a1: dry (42)");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* Asked again under the same operation, before the bridge is back. */
START_TEST(the_daemon_is_back_before_the_bridge)
{
	struct id op = id_random();

	db_down();
	db_open();
	db_log_in(AGENT_STATE_NOT_READY);
	fake_ledger_card(db.ledger, LQ_DIAL_OF_OP, "42|dialling|+861");
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	db_run();
	ck_told("[refused unknown] ");
	fake_ledger_card(db.ledger, LQ_DIAL_OF_OP, NULL);
	ck_ok(db_ask(&op, RELATION_CALLBACK, ""));
	db_run();
	ck_told("[refused not_connected] ");
}
END_TEST

/* Written up when the next call is over already. */
START_TEST(the_call_before_the_last)
{
	struct wrap_up w = { .note = STR_LIT("dry") };
	struct desk_action a = { id_random(), &db.now, 1, STR_LIT("a1"),
		db.now };
	struct call_event ev;

	db_dial(RELATION_CALLBACK);
	db_event(1, CALL_EV_OFFERED, "");
	w.call = db.call;
	db_event_because(2, CALL_EV_CALL_CLEARED, CAUSE_BUSY);
	db_dial(RELATION_CALLBACK);
	ev = db_make_event(1, CALL_EV_OFFERED, "");
	ev.call = STR_LIT("again");
	db_give(&ev);
	ck_assert(!id_eq(&w.call, &db.call));
	ck_ok(desk_wrap_up(db.desk, &a, &w));
	db_run();
	ck_assert_str_eq(db_history(), "wrapped_up by a1: dry (42)");
	ck_assert_uint_eq(fake_ledger_asked(db.ledger, LQ_DIAL_OF_CALL), 0);
}
END_TEST

/* A wrap-up of a call that this process has never seen. */
START_TEST(a_late_wrap_up)
{
	struct wrap_up w = { .call = id_random(), .note = STR_LIT("dry") };
	struct desk_action a = { id_random(), &db.now, 1, STR_LIT("a1"),
		db.now };

	fake_ledger_card(db.ledger, LQ_DIAL_OF_CALL, "42");
	fake_ledger_trouble(db.ledger, LQ_DIAL_OF_CALL, 1, ERR_IO);
	ck_ok(desk_wrap_up(db.desk, &a, &w));
	db_run();
	ck_told(""); /* not saved: it was not asked in the end */
	ck_ok(desk_wrap_up(db.desk, &a, &w));
	db_run();
	ck_told("");
	desk_ledger_up(db.desk, db.now);
	db_run();
	ck_told("saved ");
	ck_assert_str_eq(db_history(), "wrapped_up by a1: dry (42)");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_EVENT), 1);
	ck_ok(desk_wrap_up(db.desk, &a, &w));
	db_run();
	ck_told("saved ");
	ck_assert_uint_eq(fake_ledger_n(db.ledger, ROW_TICKET_EVENT), 1);
	/* One that was not dialled has its own ticket. */
	fake_ledger_card(db.ledger, LQ_DIAL_OF_CALL, NULL);
	a.op = id_random();
	ck_ok(desk_wrap_up(db.desk, &a, &w));
	db_run();
	ck_assert_ptr_nonnull(strstr(db_history(), " of a call)"));
}
END_TEST

Suite *
dial_lost_suite(void)
{
	TCase *tc = tcase_create("dial_lost");

	tcase_add_checked_fixture(tc, db_up, db_down);
	tcase_add_test(tc, a_switch_that_says_nothing);
	tcase_add_test(tc, it_is_unknown_whether_it_was_committed);
	tcase_add_test(tc, who_is_gone_calls_nobody);
	tcase_add_test(tc, the_bridge_is_gone_and_back);
	tcase_add_test(tc, the_bridge_is_back_without_it);
	tcase_add_test(tc, all_of_it_in_the_spool);
	tcase_add_test(tc, the_daemon_is_gone_and_back);
	tcase_add_test(tc, the_daemon_is_back_before_the_bridge);
	tcase_add_test(tc, the_call_before_the_last);
	tcase_add_test(tc, a_late_wrap_up);
	return suite_of(tc, "dial_lost");
}
