/*
 * consult_test.c - calls about calls, and several in one: whatever ends first,
 * agents' states stay right.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

#define B(kind) ORDER_BIT(ORDER_##kind)

/* ---- consult calls, in all orders of hanging up */

START_TEST(the_consult_call_ends_first)
{
	bed_consulting();
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	/* Who was consulted has nothing to write up. */
	ck_told("~call_cleared:2<801> ~call_cleared:1<802> "
		"2=working_after_call 2=ready held:1 ");
	ck_assert_uint_eq(bench.can[1], ON_HOLD);
	bed_event("c", 5, CALL_EV_RETRIEVED, "");
	bed_event("c", 6, CALL_EV_CALL_CLEARED, "");
	ck_told("retrieved:1 call_cleared:1 1=working_after_call "
		"1=working_after_call ");
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_TICKET_OF_CALL), 2);
}
END_TEST

START_TEST(the_caller_hangs_up_first)
{
	bed_consulting();
	bed_event("c", 5, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 "); /* and still busy */
	bed_consult(3, CALL_EV_HELD, "");
	ck_told("~held:2<801> ~held:1<802> ");
	bed_consult(4, CALL_EV_CALL_CLEARED, "");
	ck_told("~call_cleared:2<801> ~call_cleared:1<802> "
		"2=working_after_call 2=ready "
		"1=working_after_call 1=working_after_call ");
	/* The wrap-up is the caller's call's. */
	desk_tick(bench.desk, bench.now += 30 * S);
	ck_told("1=ready ");
}
END_TEST

START_TEST(the_consulted_leaves_first)
{
	bed_consulting();
	bed_consult(3, CALL_EV_CONNECTION_CLEARED, "802");
	ck_told("~connection_cleared:2<801> ~connection_cleared:1<802> "
		"2=working_after_call 2=ready ");
	bed_consult(4, CALL_EV_CALL_CLEARED, "");
	ck_told("~call_cleared:1<802> held:1 ");
	bed_event("c", 5, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 1=working_after_call 1=working_after_call ");
}
END_TEST

START_TEST(transferred_then_the_consult_call_ends)
{
	bed_consulting();
	ASK(1, "c", TRANSFER);
	ck_told("transfer:c/801+k ");
	bed_result(ERR_OK);
	ck_told("!ok ");
	bed_event("c", 5, CALL_EV_TRANSFERRED, "802");
	ck_told("transferred:1<13812345678> transferred:2<13812345678> "
		"story:2 ");
	ck_assert_uint_eq(bench.can[2], TALKING);
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	ck_told("~call_cleared:1<802> 1=working_after_call "
		"1=working_after_call established:2 ");
	bed_event("c", 6, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:2 2=working_after_call 2=working_after_call ");
}
END_TEST

START_TEST(the_consult_call_ends_then_transferred)
{
	bed_consulting();
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	bed_page();
	bed_event("c", 5, CALL_EV_TRANSFERRED, "802");
	ck_told("transferred:1<13812345678> 1=working_after_call "
		"1=working_after_call 2=busy transferred:2<13812345678> "
		"story:2 ");
	bed_event("c", 6, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:2 2=working_after_call 2=working_after_call ");
}
END_TEST

START_TEST(nobody_answers_the_consult_call)
{
	bed_talking();
	bed_event("c", 4, CALL_EV_HELD, "");
	bed_consult(1, CALL_EV_OFFERED, "");
	bed_page();
	bed_consult(2, CALL_EV_FAILED, "802");
	ck_told("~failed:1<802> ");
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	ck_told("~call_cleared:1<802> held:1 ");
	ck_assert_uint_eq(bench.can[1], ON_HOLD);
}
END_TEST

START_TEST(either_side_may_end_a_consult_call)
{
	bed_consulting();
	ASK(2, "k", CLEAR);
	bed_result(ERR_OK);
	ck_told("clear:k/802 !ok ");
	ASK(1, "k", CLEAR);
	bed_result(ERR_OK);
	ck_told("clear:k/801 !ok ");
	ASK(2, "k", TRANSFER, .number = STR_LIT("1"));
	ck_told("!refused ");
	ASK(1, "c", CONSULT, .number = STR_LIT("1"));
	ck_told("!refused "); /* one at a time */
}
END_TEST

/* It counts as nothing but a leg of the other. */
START_TEST(a_consult_call_has_its_caller_s_ticket)
{
	const struct call_row *r = NULL;
	struct desk_action a;
	struct wrap_up w = { .note = STR_LIT("asked"), .solved = true };
	const struct ticket_row *t;
	struct id c = bed_id_of("c"), k = bed_id_of("k");

	bed_consulting();
	for (unsigned i = 0; i < fake_ledger_n(bench.ledger, ROW_CALL); i++) {
		const struct call_row *row =
		    fake_ledger_row(bench.ledger, ROW_CALL, i);

		if (id_eq(&row->id, &k) && row->relation != NULL)
			r = row;
	}
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(r->relation, "consult");
	ck_assert(id_eq(&r->related_call, &c));
	ck_assert_int_eq(r->queued_at, 0);
	ck_assert_uint_ne(bench.ticket, 0);
	ck_assert_uint_eq(bench.consult_ticket, bench.ticket);
	/* What the consulted writes is the ticket's. */
	a = bed_by(2);
	w.call = k;
	ck_ok(desk_wrap_up(bench.desk, &a, &w));
	bed_run();
	t = fake_ledger_row(bench.ledger, ROW_TICKET_OF_CALL,
	    fake_ledger_n(bench.ledger, ROW_TICKET_OF_CALL) - 1);
	ck_assert(id_eq(&t->call_id, &c));
}
END_TEST

/* A daemon that has just begun hears of both, in whatever order. */
START_TEST(a_snapshot_brings_both_calls)
{
	struct live_call live[2] = { { .call = STR_LIT("k"),
					 .call_seq = 2,
					 .kind = CALL_EV_ESTABLISHED,
					 .device = STR_LIT("802"),
					 .related_call = STR_LIT("c"),
					 .relation = RELATION_CONSULT },
		{ .call = STR_LIT("c"),
		    .call_seq = 4,
		    .kind = CALL_EV_HELD,
		    .device = STR_LIT("801") } };

	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	bed_attach(ALL, live, 2);
	bed_page();
	ck_assert_uint_eq(
	    bench.can[1], (ON_HOLD & ~B(CONSULT)) | B(CONFERENCE));
	bed_event("c", 5, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 ");
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	ck_told("~call_cleared:2<801> ~call_cleared:1<802> "
		"2=working_after_call 2=ready 1=working_after_call ");
}
END_TEST

/* ---- conference */

START_TEST(a_conference)
{
	bed_consulting();
	ASK(1, "c", CONFERENCE);
	bed_result(ERR_OK);
	ck_told("conference:c/801+k !ok ");
	bed_event("c", 5, CALL_EV_CONFERENCED, "802");
	ck_told("conferenced:1 conferenced:2 ");
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	ck_told("~call_cleared:1<802> established:1 established:2 ");
	ck_assert_uint_eq(bench.can[1], TALKING);
	ck_assert_uint_eq(bench.can[2], 0);
	/* The one who was added leaves: the call goes on. */
	bed_event("c", 6, CALL_EV_CONNECTION_CLEARED, "802");
	ck_told("2=working_after_call 2=ready connection_cleared:1 ");
	bed_event("c", 7, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 1=working_after_call 1=working_after_call ");
}
END_TEST

START_TEST(a_conference_goes_on_without_its_first_agent)
{
	bed_consulting();
	bed_event("c", 5, CALL_EV_CONFERENCED, "802");
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	bed_page();
	bed_event("c", 6, CALL_EV_CONNECTION_CLEARED, "801");
	ck_told("1=working_after_call 1=working_after_call "
		"connection_cleared:2 ");
	ck_assert_uint_eq(bench.can[2], TALKING);
	bed_event("c", 7, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:2 2=working_after_call 2=working_after_call ");
}
END_TEST

START_TEST(a_conference_ends_for_all)
{
	bed_consulting();
	bed_event("c", 5, CALL_EV_CONFERENCED, "802");
	bed_consult(3, CALL_EV_CALL_CLEARED, "");
	bed_page();
	bed_event("c", 6, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 call_cleared:2 1=working_after_call "
		"1=working_after_call 2=working_after_call 2=ready ");
}
END_TEST

Suite *
consult_suite(void)
{
	TCase *tc = tcase_create("consult");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_test(tc, the_consult_call_ends_first);
	tcase_add_test(tc, the_caller_hangs_up_first);
	tcase_add_test(tc, the_consulted_leaves_first);
	tcase_add_test(tc, transferred_then_the_consult_call_ends);
	tcase_add_test(tc, the_consult_call_ends_then_transferred);
	tcase_add_test(tc, nobody_answers_the_consult_call);
	tcase_add_test(tc, either_side_may_end_a_consult_call);
	tcase_add_test(tc, a_consult_call_has_its_caller_s_ticket);
	tcase_add_test(tc, a_snapshot_brings_both_calls);
	tcase_add_test(tc, a_conference);
	tcase_add_test(tc, a_conference_goes_on_without_its_first_agent);
	tcase_add_test(tc, a_conference_ends_for_all);
	return suite_of(tc, "consult");
}
