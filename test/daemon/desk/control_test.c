/*
 * control_test.c - what people ask of calls, and how it is answered.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

#define B(kind) ORDER_BIT(ORDER_##kind)

/* ---- an agent and the own call */

START_TEST(done_is_said_when_the_switch_has_taken_it)
{
	bed_talking();
	ASK(1, "c", HOLD);
	ck_told("hold:c/801 ");
	bed_result(ERR_OK);
	ck_told("!ok ");
	bed_event("c", 4, CALL_EV_HELD, "");
	ck_told("held:1 ");
	ck_assert_uint_eq(bench.can[1], ON_HOLD);
	ASK(1, "c", HOLD);
	ck_told("!refused ");
	ASK(1, "c", RETRIEVE);
	bed_result(ERR_REFUSED);
	ck_told("retrieve:c/801 !refused ");
	ASK(1, "c", RETRIEVE);
	bed_result(ERR_BUSY);
	ck_told("retrieve:c/801 !busy ");
}
END_TEST

START_TEST(one_operation_has_one_effect)
{
	struct desk_action a = bed_by(1);
	struct control c = { .kind = ORDER_HOLD };

	bed_talking();
	c.call = bed_id_of("c");
	desk_control(bench.desk, &a, &c, bed_answer, NULL);
	desk_control(bench.desk, &a, &c, bed_answer, NULL);
	ck_told("hold:c/801 !busy "); /* not known yet */
	bed_result(ERR_OK);
	ck_told("!ok ");
	bed_event("c", 4, CALL_EV_HELD, "");
	bed_page();
	desk_control(bench.desk, &a, &c, bed_answer, NULL);
	ck_told("!ok ");
}
END_TEST

START_TEST(who_waits_for_six_seconds_is_told)
{
	bed_talking();
	ASK(1, "c", HOLD);
	ASK(1, "c", CLEAR); /* behind it, never sent */
	ck_told("hold:c/801 ");
	desk_tick(bench.desk, bench.now += 6 * S);
	ck_told("!timeout !timeout ");
	bed_result(ERR_OK); /* late, and told to nobody */
	ck_told("");
	ASK(1, "c", HOLD);
	ck_told("hold:c/801 ");
}
END_TEST

START_TEST(a_stale_order_is_given_again_while_somebody_waits)
{
	bed_talking();
	ASK(1, "c", HOLD);
	bed_result(ERR_STALE);
	ck_told("hold:c/801 hold:c/801 ");
	desk_tick(bench.desk, bench.now += 6 * S);
	bed_page();
	bed_result(ERR_STALE);
	ck_told("");
}
END_TEST

START_TEST(a_call_that_ends_answers_what_was_asked)
{
	bed_talking();
	ASK(1, "c", HOLD);
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	ck_told("hold:c/801 call_cleared:1 1=working_after_call "
		"1=working_after_call ");
	bed_result(ERR_NOT_FOUND);
	ck_told("!refused ");
	bed_result(ERR_NOT_FOUND);
	ck_told("");
}
END_TEST

START_TEST(to_end_what_has_ended_is_no_failure)
{
	bed_talking();
	ASK(1, "c", CLEAR);
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	bed_page();
	bed_result(ERR_NOT_FOUND);
	ck_told("!ok ");
}
END_TEST

START_TEST(what_an_agent_may_not)
{
	bed_talking();
	ASK(2, "c", HOLD);
	ck_told("!forbidden ");
	ASK(1, "x", HOLD);
	ck_told("!not_found/call ");
	ASK(1, "c", MONITOR, .device = STR_LIT("900"));
	ck_told("!refused ");
	ASK(1, "c", CONNECT);
	ck_told("!bad_field/kind/none to ask for ");
	ASK(1, "c", CONFERENCE);
	ck_told("!refused ");
	ASK(1, "c", TRANSFER);
	ck_told("!not_found/consult call ");
	ASK(1, "c", CONSULT);
	ck_told("!bad_field/number/a number or an agent ");
	ASK(1, "c", TRANSFER, .number = STR_LIT("1"), .agent = STR_LIT("a2"));
	ck_told("!bad_field/number/a number or an agent ");
	ASK(1, "c", TRANSFER, .agent = STR_LIT("a1"));
	ck_told("!bad_field/agent/somebody else ");
	ASK(1, "c", TRANSFER, .agent = STR_LIT("nobody"));
	ck_told("!not_found/agent/nobody ");
	ASK(1, "c", TRANSFER, .agent = STR_LIT("a3"));
	ck_told("!busy/agent/a3 "); /* has no phone */
	ASK(1, "c", REQUEUE, .queue = STR_LIT("nowhere"));
	ck_told("!not_found/queue/nowhere ");
}
END_TEST

START_TEST(what_the_switch_cannot_is_not_offered)
{
	struct live_call live = { .call = STR_LIT("c"),
		.version = 99,
		.call_seq = 3,
		.kind = CALL_EV_ESTABLISHED,
		.device = STR_LIT("801") };

	bed_talking();
	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	ck_told("established:1 ");
	ck_assert_uint_eq(bench.can[1], 0);
	ASK(1, "c", HOLD);
	ck_told("!io/switch/sw ");
	bed_attach(B(CONNECT) | B(CLEAR), &live, 1);
	ck_told("established:1 ");
	ck_assert_uint_eq(bench.can[1], B(CLEAR));
	ASK(1, "c", HOLD);
	ck_told("!refused ");
}
END_TEST

/* What was under way when the connection was lost: done if the version says
 * so, else to be asked for again. */
START_TEST(a_new_connection_answers_what_was_asked)
{
	struct live_call live = { .call = STR_LIT("c"),
		.call_seq = 3,
		.kind = CALL_EV_ESTABLISHED,
		.device = STR_LIT("801") };

	bed_talking();
	for (int done = 0; done < 2; done++) {
		ASK(1, "c", HOLD);
		bed_page();
		desk_switch_detach(bench.desk, &bench.sw, bench.now);
		bed_page();
		live.version = bench.version += (uint64_t)done;
		bed_attach(ALL, &live, 1);
		ck_told(done ? "!ok established:1 " : "!busy established:1 ");
	}
}
END_TEST

/* ---- transfer */

START_TEST(a_call_is_transferred_to_a_colleague)
{
	bed_talking();
	ASK(1, "c", TRANSFER, .agent = STR_LIT("a2"));
	bed_result(ERR_OK);
	ck_told("transfer:c/802 !ok ");
	bed_event("c", 4, CALL_EV_TRANSFERRED, "802");
	ck_told("transferred:1<13812345678> 1=working_after_call "
		"1=working_after_call 2=busy transferred:2<13812345678> "
		"story:2 ");
	ck_assert_uint_eq(bench.can[1], 0);
	ck_assert_uint_eq(bench.can[2], TALKING);
	ASK(1, "c", HOLD);
	ck_told("!forbidden ");
	bed_event("c", 5, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:2 2=working_after_call 2=working_after_call ");
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_TICKET_OF_CALL), 3);
}
END_TEST

START_TEST(a_call_is_transferred_out_of_the_house)
{
	bed_talking();
	ASK(1, "c", TRANSFER, .number = STR_LIT("13900000000"));
	bed_result(ERR_OK);
	ck_told("transfer:c>13900000000 !ok ");
	bed_event("c", 4, CALL_EV_TRANSFERRED, "13900000000");
	ck_told("transferred:1<13812345678> 1=working_after_call "
		"1=working_after_call ");
	bed_event("c", 5, CALL_EV_CALL_CLEARED, "");
	ck_told("");
}
END_TEST

/* Nobody talks an agent into paying for a call to anywhere. */
START_TEST(whom_a_caller_may_be_sent_to)
{
	static const struct {
		const char *number, *told;
	} rows[] = {
		{ "13900000000", "transfer:c>13900000000 " },
		{ "+86 139 0000 0000", "transfer:c>+86 139 0000 0000 " },
		{ "0019005551212", "!refused/allow " }, /* abroad */
		{ "16812345678", "!refused/allow " },   /* a longer prefix */
		{ "01068123456", "!refused/allow " },
		{ "01068888123", "transfer:c>01068888123 " }, /* longer still */
		{ "110", "!refused/number " },
		{ "802", "transfer:c>802 " },        /* a phone of the house */
		{ "700", "!no_device/device/700 " }, /* of another switch */
	};

	for (size_t i = 0; i < NELEM(rows); i++) {
		bed_talking();
		ASK(1, "c", TRANSFER, .number = str_of(rows[i].number));
		ck_told(rows[i].told);
		ASK(1, "c", CONSULT, .number = STR_LIT("0019005551212"));
		ck_told("!refused/allow ");
		bed_down();
		bed_up();
	}
	bed_talking();
	dialling_forget(bench.desk);
	ASK(1, "c", TRANSFER, .number = STR_LIT("13900000000"));
	ck_told("!refused/not_configured ");
}
END_TEST

START_TEST(a_colleague_who_is_busy_is_not_rung)
{
	bed_talking();
	bed_event("e", 1, CALL_EV_DELIVERED, "802");
	bed_event("e", 2, CALL_EV_ESTABLISHED, "802");
	bed_page();
	ASK(1, "c", TRANSFER, .agent = STR_LIT("a2"));
	ck_told("!busy/agent/a2 ");
}
END_TEST

START_TEST(a_transfer_that_fails_leaves_the_caller_with_the_agent)
{
	bed_talking();
	bed_event("c", 4, CALL_EV_FAILED, "802");
	ck_told("failed:1 ");
	bed_event("c", 5, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 1=working_after_call 1=working_after_call ");
}
END_TEST

/* ---- back into a queue */

START_TEST(a_call_waits_again_elsewhere_with_its_time)
{
	int64_t waited_from = bench.now;

	bed_talking();
	bed_log_in(3, "803", AGENT_STATE_READY);
	bed_page();
	bench.now += 100 * S;
	ASK(1, "c", REQUEUE, .queue = STR_LIT("p"));
	bed_result(ERR_OK);
	ck_told("requeue:c/801 !ok ");
	bed_event("e", 1, CALL_EV_OFFERED, ""); /* others come meanwhile */
	bed_event("c", 4, CALL_EV_QUEUED, "");
	ck_told("1=working_after_call 1=working_after_call offer:2/p "
		"2=reserved ");
	{
		const struct offer_row *o = fake_ledger_row(bench.ledger,
		    ROW_OFFER, fake_ledger_n(bench.ledger, ROW_OFFER) - 1);

		ck_assert_uint_eq(o->queue_id, 2);
	}
	ck_assert_int_gt(bench.now, waited_from + 99 * S);
	/* Its agent is gone again: it stays in that queue. */
	desk_agent_gone(bench.desk, 2, false, bench.now);
	bed_run();
	ck_told("offer:3/p 3=reserved ");
}
END_TEST

START_TEST(a_requeue_that_is_refused_changes_nothing)
{
	bed_talking();
	ASK(1, "c", REQUEUE, .queue = STR_LIT("p"));
	bed_result(ERR_REFUSED);
	ck_told("requeue:c/801 !refused ");
	bed_event("c", 4, CALL_EV_QUEUED, ""); /* by itself: to its own */
	bed_page();
	desk_tick(bench.desk, bench.now += 30 * S);
	bed_run();
	ck_told("1=ready offer:1/q 1=reserved ");
}
END_TEST

START_TEST(a_call_that_waits_is_moved)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved ");
	ASK(0, "c", REQUEUE, .queue = STR_LIT("p"));
	ck_told("1=ready withdrawn:1 !ok offer:2/p 2=reserved ");
}
END_TEST

/* ---- supervisors */

static const char *
last_audit(void)
{
	static char line[256];
	const struct audit_row *r = fake_ledger_row(bench.ledger, ROW_AUDIT,
	    fake_ledger_n(bench.ledger, ROW_AUDIT) - 1);

	snprintf(line, sizeof(line), "%.*s %.*s %.*s", STR_ARG(r->actor),
	    STR_ARG(r->action), STR_ARG(r->detail));
	return line;
}

START_TEST(who_listened_to_whom_is_written_down)
{
	bed_talking();
	ASK(0, "c", MONITOR, .device = STR_LIT("900"));
	ck_told("monitor:c/900 ");
	bed_result(ERR_OK);
	ck_told("!ok ");
	ck_assert_str_eq(last_audit(), "boss monitor agent=a1 device=900 ok");
	/* By whose call it is. */
	bed_ask(0, (struct control){ .agent = STR_LIT("a1"),
		       .kind = ORDER_WHISPER,
		       .device = STR_LIT("900") });
	bed_result(ERR_BUSY);
	ck_told("whisper:c/900 !busy ");
	ck_assert_str_eq(last_audit(), "boss whisper agent=a1 device=900 busy");
	ASK(0, "c", BARGE, .device = STR_LIT("900"));
	bed_result(ERR_OK);
	ck_told("barge:c/900 !ok ");
	bed_event("c", 4, CALL_EV_CONFERENCED, "900");
	ck_told("conferenced:1 ");
	bed_event("c", 5, CALL_EV_CONNECTION_CLEARED, "900");
	ck_told("connection_cleared:1 ");
	ASK(0, "c", CLEAR);
	bed_result(ERR_OK);
	ck_told("clear:c !ok ");
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_AUDIT), 4);
}
END_TEST

START_TEST(what_a_supervisor_may_not)
{
	bed_talking();
	ASK(0, "c", HOLD);
	ck_told("!refused ");
	ASK(0, "c", MONITOR);
	ck_told("!bad_field/device/missing ");
	ASK(0, "c", MONITOR, .device = STR_LIT("999"));
	ck_told("!no_device/device/999 ");
	ASK(0, "c", MONITOR, .device = STR_LIT("700"));
	ck_told("!no_device/device/700 "); /* another switch's */
	ASK(0, "c", MONITOR, .device = STR_LIT("801"));
	ck_told("!device_taken/a call/801 ");
	ASK(0, "c", MONITOR, .device = STR_LIT("802"));
	ck_told("!device_taken/a2/802 ");
	bed_ask(
	    0, (struct control){ .agent = STR_LIT("a2"), .kind = ORDER_CLEAR });
	ck_told("!not_found/call/a2 ");
	bed_event("e", 1, CALL_EV_OFFERED, "");
	ASK(0, "e", MONITOR, .device = STR_LIT("900"));
	ck_told("!refused ");
}
END_TEST

Suite *
control_suite(void)
{
	TCase *tc = tcase_create("control");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_test(tc, done_is_said_when_the_switch_has_taken_it);
	tcase_add_test(tc, one_operation_has_one_effect);
	tcase_add_test(tc, who_waits_for_six_seconds_is_told);
	tcase_add_test(tc, a_stale_order_is_given_again_while_somebody_waits);
	tcase_add_test(tc, a_call_that_ends_answers_what_was_asked);
	tcase_add_test(tc, to_end_what_has_ended_is_no_failure);
	tcase_add_test(tc, what_an_agent_may_not);
	tcase_add_test(tc, what_the_switch_cannot_is_not_offered);
	tcase_add_test(tc, a_new_connection_answers_what_was_asked);
	tcase_add_test(tc, a_call_is_transferred_to_a_colleague);
	tcase_add_test(tc, a_call_is_transferred_out_of_the_house);
	tcase_add_test(tc, whom_a_caller_may_be_sent_to);
	tcase_add_test(tc, a_colleague_who_is_busy_is_not_rung);
	tcase_add_test(
	    tc, a_transfer_that_fails_leaves_the_caller_with_the_agent);
	tcase_add_test(tc, a_call_waits_again_elsewhere_with_its_time);
	tcase_add_test(tc, a_requeue_that_is_refused_changes_nothing);
	tcase_add_test(tc, a_call_that_waits_is_moved);
	tcase_add_test(tc, who_listened_to_whom_is_written_down);
	tcase_add_test(tc, what_a_supervisor_may_not);
	return suite_of(tc, "control");
}
