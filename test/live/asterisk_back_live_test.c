/*
 * asterisk_back_live_test.c - on a real Asterisk: who is called back waits as
 * any caller, and who waits is told the place.
 */
#include <stdio.h>
#include <string.h>

#include "test/support/asterisk_bed.h"
#include "test/support/asterisk_lab.h"
#include "test/support/support.h"

/* Agent 0's attempt: the customer first. */
static void
customer_is_called(void)
{
	ck_assert_int_eq(
	    ordered(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL), 0);
	told("OFFERED A #1 from=13812340000");
	ast_lab_rings(ast_lab.outside);
}

START_TEST(called_back_and_waits)
{
	customer_is_called();
	told_nothing();
	phone_answer(ast_lab.outside);
	told("QUEUED A #1");
	ast_lab_talks(ast_lab.outside);
	bed_announce("A", 1, 0, 0); /* as to any who waits */
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #3");
	phone_answer(ast_lab.p801);
	told("ESTABLISHED A @801 #3");
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #4");
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #5");
	ck_assert(phone_talks(ast_lab.outside) && phone_talks(ast_lab.p801));
	phone_hang_up(ast_lab.outside);
	told("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.p801);
}
END_TEST

START_TEST(called_back_in_vain)
{
	customer_is_called();
	phone_refuse(ast_lab.outside, 486);
	told("FAILED A #1 BUSY");
	told("CALL_CLEARED A #1 BUSY SWITCH");
	ast_lab_idle(ast_lab.outside);
	ck_assert_int_eq(
	    ordered(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL), 0);
	told("OFFERED B #2 from=13812340000");
	ast_lab_rings(ast_lab.outside);
	phone_answer(ast_lab.outside);
	told("QUEUED B #2");
	phone_hang_up(ast_lab.outside); /* does not wait for long */
	told("CALL_CLEARED B NORMAL CALLER");
	/* It is taken back while it rings. */
	ck_assert_int_eq(
	    ordered(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL), 0);
	told("OFFERED C #3 from=13812340000");
	ast_lab_rings(ast_lab.outside);
	bed_clear("C", MASHANG__CAUSE__CAUSE_NORMAL);
	told("CALL_CLEARED C #4 NORMAL SWITCH");
	ast_lab_idle(ast_lab.outside);
}
END_TEST

/* Who is called back is known again while it rings, and while they wait. */
START_TEST(the_bridge_starts_again_calling_back)
{
	customer_is_called();
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	phone_answer(ast_lab.outside);
	told("QUEUED A");
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	ck_assert_str_eq(xb_daemon_sees(call_named("A")), "queued");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	phone_answer(ast_lab.p801);
	told_sometime("ESTABLISHED A @801 #2");
	phone_hang_up(ast_lab.p801);
	told("CALL_CLEARED A NORMAL AGENT");
	ast_lab_idle(ast_lab.outside);
}
END_TEST

/* ------------------------------------------------------------ what is heard */

static const char *heard;

static bool
is_heard(void)
{
	return asterisk_server_said(&ast_lab.server, heard);
}

/* The owner's lines run each time that something new is to be told. */
START_TEST(the_place_and_the_wait)
{
	ast_lab_a_caller_waits();
	bed_announce("A", 3, 90 * INT64_C(1000000), INT64_C(150000001));
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	heard = "place=3 wait=90-151 end";
	xb_until(is_heard);
	bed_announce("A", 1, 0, 0);
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	heard = "place=1 wait=- end";
	xb_until(is_heard);
	told_nothing();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #3");
}
END_TEST

Suite *
asterisk_back_live_suite(void)
{
	TCase *tc = tcase_create("back");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(
	    tc, ast_lab_server_start, ast_lab_server_stop);
	tcase_add_checked_fixture(tc, ast_lab_up, ast_lab_down);
	tcase_add_test(tc, called_back_and_waits);
	tcase_add_test(tc, called_back_in_vain);
	tcase_add_test(tc, the_bridge_starts_again_calling_back);
	tcase_add_test(tc, the_place_and_the_wait);
	return suite_of(tc, "asterisk_back_live");
}
