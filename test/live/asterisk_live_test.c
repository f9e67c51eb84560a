/*
 * asterisk_live_test.c - the driver and config/asterisk on a real Asterisk.
 *
 * Callers and phones are the test's own.  Where no Asterisk is installed all
 * of it is passed over, aloud.
 */
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "bridge/asterisk.h"
#include "test/support/asterisk_bed.h"
#include "test/support/asterisk_lab.h"
#include "test/support/support.h"

START_TEST(answered_and_over)
{
	ast_lab_they_talk();
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.p801);
}
END_TEST

START_TEST(the_agent_hangs_up)
{
	ast_lab_they_talk();
	phone_hang_up(ast_lab.p801);
	told("CALL_CLEARED A NORMAL AGENT");
	ast_lab_idle(ast_lab.caller);
}
END_TEST

START_TEST(abandoned_waiting_and_ringing)
{
	ast_lab_a_caller_waits();
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.caller);
	phone_call(ast_lab.caller, "4002", ast_lab.server.sip_port);
	told_sometime("QUEUED B");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "B", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED B @801 #1");
	phone_hang_up(ast_lab.caller);
	told_sometime("CALL_CLEARED B NORMAL CALLER");
	ast_lab_idle(ast_lab.p801);
}
END_TEST

START_TEST(not_answered_busy_declined_gone)
{
	ast_lab_a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #1");
	told("FAILED A @801 #1 NO_ANSWER");
	ast_lab_idle(ast_lab.p801);
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_invited(ast_lab.p801);
	phone_refuse(ast_lab.p801, 486);
	told("FAILED A @801 #2 BUSY");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #3");
	phone_refuse(ast_lab.p801, 603);
	told("FAILED A @801 #3 REJECTED");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "803", NULL, NULL), 0);
	told("FAILED A @803 #4 UNREACHABLE");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "nobody", NULL, NULL), 0);
	told("FAILED A @nobody #5 UNREACHABLE");
	ck_assert_int_eq(ordered(ORDER(CLEAR), "A", NULL, NULL, NULL), 0);
	told("CALL_CLEARED A #6 NORMAL SWITCH");
	ast_lab_idle(ast_lab.caller);
}
END_TEST

START_TEST(stopped_ringing)
{
	ast_lab_a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #1");
	ck_assert_int_eq(ordered(ORDER(DISCONNECT), "A", "801", NULL, NULL), 0);
	told("CONNECTION_CLEARED A @801 #2");
	ast_lab_idle(ast_lab.p801);
	/* Before it has even begun. */
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "802", NULL, NULL), 0);
	ck_assert_int_eq(ordered(ORDER(DISCONNECT), "A", "802", NULL, NULL), 0);
	told_sometime("CONNECTION_CLEARED A @802 #4");
	ast_lab_idle(ast_lab.p802);
	ck_assert(phone_talks(ast_lab.caller));
}
END_TEST

START_TEST(held_and_retrieved)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #2");
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL),
	    MASHANG__CODE__CODE_REFUSED);
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #4");
	ck_assert(phone_talks(ast_lab.caller) && phone_talks(ast_lab.p801));
	phone_hold(ast_lab.p801, true);
	told("HELD A @801");
	ast_lab_settled(ast_lab.p801);
	phone_hold(ast_lab.p801, false);
	told("RETRIEVED A @801");
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(who_holds_hangs_up)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #2");
	phone_hang_up(ast_lab.p801);
	told("QUEUED A");
	ck_assert(phone_talks(ast_lab.caller));
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "802", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p802);
	told("DELIVERED A @802 #3");
	phone_answer(ast_lab.p802);
	told("ESTABLISHED A @802 #3");
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(transferred_to_a_phone)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(TRANSFER), "A", "802", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p802);
	phone_answer(ast_lab.p802);
	told("TRANSFERRED A @802 #2");
	ast_lab_idle(ast_lab.p801);
	phone_hang_up(ast_lab.p802);
	told("CALL_CLEARED A NORMAL AGENT");
	ast_lab_idle(ast_lab.caller);
}
END_TEST

static bool
are_together(void)
{
	const struct ast *a = asterisk_bed_driver();

	return a->calls != NULL && a->calls->at == AST_AT_TALK &&
	       a->calls->caller->bridge != NULL && HASH_COUNT(a->legs) == 1;
}

START_TEST(a_transfer_fails)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(TRANSFER), "A", "802", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p802);
	phone_refuse(ast_lab.p802, 486);
	ast_lab_idle(ast_lab.p802);
	told("FAILED A @802 #2 BUSY");
	/* As if nothing had been. */
	xb_until(are_together);
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #3");
	ck_assert(phone_talks(ast_lab.caller) && phone_talks(ast_lab.p801));
}
END_TEST

START_TEST(transferred_to_a_number_by_an_agent_who_leaves)
{
	ast_lab_they_talk();
	ck_assert_int_eq(
	    ordered(ORDER(TRANSFER), "A", NULL, "13900000000", NULL),
	    MASHANG__CODE__CODE_OK);
	phone_hang_up(ast_lab.p801);
	told_sometime("QUEUED A"); /* nobody may dial that */
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	phone_answer(ast_lab.p801);
	told_sometime("ESTABLISHED A @801 #3");
	ck_assert_int_eq(
	    ordered(ORDER(TRANSFER), "A", NULL, "13812340000", NULL), 0);
	ast_lab_rings(ast_lab.outside);
	phone_answer(ast_lab.outside);
	told("TRANSFERRED A @13812340000 #4");
	ast_lab_idle(ast_lab.p801);
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.outside);
}
END_TEST

static void
they_consult(void)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(CONSULT), "A", "801", "802", NULL), 0);
	told("OFFERED B #2 from=801 to=802 of=A CONSULT");
	told("HELD A @801 #2");
	ast_lab_rings(ast_lab.p802);
	told("DELIVERED B @802 #2");
	phone_answer(ast_lab.p802);
	told("ESTABLISHED B @802 #2");
}

START_TEST(consulted_and_back)
{
	they_consult();
	phone_hang_up(ast_lab.p802);
	told("CALL_CLEARED B #2 NORMAL AGENT");
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #3");
	ck_assert(phone_talks(ast_lab.caller) && phone_talks(ast_lab.p801));
}
END_TEST

START_TEST(the_consulted_does_not_answer)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(CONSULT), "A", "801", "802", NULL), 0);
	told("OFFERED B #2 from=801 to=802 of=A CONSULT");
	told("HELD A @801 #2");
	ast_lab_rings(ast_lab.p802);
	told("DELIVERED B @802 #2");
	phone_refuse(ast_lab.p802, 486);
	told("FAILED B @802 #2 BUSY");
	told("CALL_CLEARED B #2 BUSY SWITCH");
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #3");
}
END_TEST

START_TEST(consulted_and_transferred)
{
	they_consult();
	ck_assert_int_eq(ordered(ORDER(TRANSFER), "A", NULL, NULL, "B"), 0);
	told("TRANSFERRED A @802 #3");
	told_sometime("CALL_CLEARED B #2 NORMAL SWITCH");
	ast_lab_idle(ast_lab.p801);
	ck_assert(phone_talks(ast_lab.caller) && phone_talks(ast_lab.p802));
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.p802);
}
END_TEST

START_TEST(all_in_one_room)
{
	they_consult();
	ck_assert_int_eq(ordered(ORDER(CONFERENCE), "A", "801", NULL, "B"), 0);
	told("CONFERENCED A @802 #3");
	told("CALL_CLEARED B #2 NORMAL SWITCH");
	phone_hang_up(ast_lab.p801);
	told_sometime("TRANSFERRED A @802");
	ast_lab_idle(ast_lab.p801);
	ck_assert(phone_talks(ast_lab.caller) && phone_talks(ast_lab.p802));
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.p802);
}
END_TEST

START_TEST(the_caller_leaves_who_consult)
{
	they_consult();
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ck_assert(phone_talks(ast_lab.p801) && phone_talks(ast_lab.p802));
	phone_hang_up(ast_lab.p801);
	told_sometime("CALL_CLEARED B #2 NORMAL CALLER");
	ast_lab_idle(ast_lab.p802);
}
END_TEST

START_TEST(supervised)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(MONITOR), "A", "802", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p802);
	phone_answer(ast_lab.p802);
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.p802);
	ast_lab_idle(ast_lab.p801);
}
END_TEST

START_TEST(barged_into)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(BARGE), "A", "802", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p802);
	phone_answer(ast_lab.p802);
	told("CONFERENCED A @802 #2");
	phone_hang_up(ast_lab.p802);
	told("CONNECTION_CLEARED A @802");
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(requeued)
{
	ast_lab_they_talk();
	ck_assert_int_eq(ordered(ORDER(REQUEUE), "A", "801", NULL, NULL), 0);
	told("QUEUED A #2");
	ast_lab_idle(ast_lab.p801);
	ck_assert(phone_talks(ast_lab.caller));
}
END_TEST

START_TEST(called_out)
{
	asterisk_bed_driver();
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "801", "13812340000", NULL), 0);
	told("OFFERED A #1 from=13812340000");
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #1");
	phone_answer(ast_lab.p801);
	ast_lab_rings(ast_lab.outside);
	told_nothing();
	phone_answer(ast_lab.outside);
	told("ESTABLISHED A @801 #1");
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #2");
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #3");
	ck_assert(phone_talks(ast_lab.outside) && phone_talks(ast_lab.p801));
	phone_hang_up(ast_lab.outside);
	told("CALL_CLEARED A #1 NORMAL CALLER");
	ast_lab_idle(ast_lab.p801);
}
END_TEST

START_TEST(called_in_vain)
{
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "801", "13812340000", NULL), 0);
	told("OFFERED A #1 from=13812340000");
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #1");
	phone_answer(ast_lab.p801);
	ast_lab_rings(ast_lab.outside);
	phone_refuse(ast_lab.outside, 486);
	told("CALL_CLEARED A #1 BUSY SWITCH");
	ast_lab_idle(ast_lab.p801);
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "801", "13812340000", NULL), 0);
	told("OFFERED B #2 from=13812340000");
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED B @801 #2");
	phone_refuse(ast_lab.p801, 603);
	told("FAILED B @801 #2 REJECTED");
	told_sometime("CALL_CLEARED B #2 REJECTED SWITCH");
}
END_TEST

START_TEST(answers_by_itself)
{
	ast_lab_a_caller_waits();
	ck_assert_int_eq(ordered_auto(ORDER(CONNECT), "A", "801"), 0);
	ast_lab_rings(ast_lab.p801);
	ck_assert_ptr_nonnull(
	    strstr(phone_invite(ast_lab.p801), "answer-after=0"));
	phone_hang_up(ast_lab.p801);
	told_sometime("FAILED A @801 #1 NO_ANSWER");
	/* A phone that rings already is rung anew. */
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "802", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p802);
	told("DELIVERED A @802 #2");
	ck_assert_ptr_null(
	    strstr(phone_invite(ast_lab.p802), "answer-after=0"));
	ck_assert_int_eq(ordered(ORDER(ANSWER), "A", "802", NULL, NULL), 0);
	ast_lab_idle(ast_lab.p802);
	ast_lab_rings(ast_lab.p802);
	ck_assert_ptr_nonnull(
	    strstr(phone_invite(ast_lab.p802), "answer-after=0"));
	phone_answer(ast_lab.p802);
	told("ESTABLISHED A @802 #3");
}
END_TEST

START_TEST(sent_on_by_the_phone)
{
	ast_lab_they_talk();
	phone_transfer(ast_lab.p801, "802");
	told("DIVERTED A");
	ast_lab_rings(ast_lab.p802);
	phone_answer(ast_lab.p802);
	told("ESTABLISHED A @802");
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

/* The bridge knows all again, by the switch alone. */
START_TEST(the_bridge_starts_again)
{
	they_consult();
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	ck_assert_str_eq(xb_daemon_sees(call_named("A")), "held@801");
	ck_assert_str_eq(xb_daemon_sees(call_named("B")), "established@802");
	ck_assert_int_eq(ordered(ORDER(TRANSFER), "A", NULL, NULL, "B"), 0);
	told("TRANSFERRED A @802 #3");
	told_sometime("CALL_CLEARED B NORMAL SWITCH");
	phone_hang_up(ast_lab.caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(the_bridge_starts_again_ringing_and_out)
{
	ast_lab_a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #1");
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "802", "13812340000", NULL), 0);
	told("OFFERED B #2 from=13812340000");
	ast_lab_rings(ast_lab.p802);
	told("DELIVERED B @802 #2");
	phone_answer(ast_lab.p802);
	ast_lab_rings(ast_lab.outside);
	phone_answer(ast_lab.outside);
	told("ESTABLISHED B @802 #2");
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	phone_answer(ast_lab.p801);
	told("ESTABLISHED A @801");
	phone_hang_up(ast_lab.outside);
	told("CALL_CLEARED B NORMAL CALLER");
	phone_hang_up(ast_lab.p801);
	told("CALL_CLEARED A NORMAL AGENT");
}
END_TEST

START_TEST(the_switch_starts_again)
{
	ast_lab_they_talk();
	asterisk_server_stop(&ast_lab.server);
	asterisk_server_again(&ast_lab.server);
	told("CALL_CLEARED A SWITCH_LOST SWITCH");
	bed_connected();
}
END_TEST

/* ------------------------------------------------------------ listening */

START_TEST(a_queue_connects)
{
	phone_call(ast_lab.caller, "51", ast_lab.server.sip_port);
	told("OFFERED A from=13812348000 name=13812348000 to=51 menu=repair");
	told("QUEUED A");
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801");
	phone_answer(ast_lab.p801);
	told("ESTABLISHED A @801");
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	phone_hang_up(ast_lab.p801);
	told_sometime("CALL_CLEARED A NORMAL AGENT");
	ast_lab_idle(ast_lab.caller);
}
END_TEST

START_TEST(a_queue_is_left)
{
	phone_call(ast_lab.caller, "51", ast_lab.server.sip_port);
	told_sometime("QUEUED A");
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801");
	phone_refuse(ast_lab.p801, 486);
	told_sometime("FAILED A @801 NO_ANSWER");
	phone_hang_up(ast_lab.caller);
	told_sometime("CALL_CLEARED A NORMAL CALLER");
	ast_lab_idle(ast_lab.caller);
	ast_lab_idle(ast_lab.p801);
	phone_call(ast_lab.caller, "52", ast_lab.server.sip_port);
	told_sometime("QUEUED B");
	told_sometime("DIVERTED B TIMED_OUT");
	told_sometime("CALL_CLEARED B TIMED_OUT SWITCH");
	ast_lab_idle(ast_lab.caller);
	phone_call(ast_lab.caller, "53", ast_lab.server.sip_port);
	told_sometime("QUEUED C");
	told_sometime("DIVERTED C REFUSED");
	told_sometime("CALL_CLEARED C REFUSED SWITCH");
}
END_TEST

/* ------------------------------------------------------------------- probe */

static char lines[4096];
static int probed;

static void
probe_line(void *arg, bool good, const char *what, const char *remedy)
{
	size_t n = strlen(lines);

	(void)arg;
	snprintf(lines + n, sizeof(lines) - n, "%s %s | %s\n",
	    good ? "good" : "BAD", what, remedy);
}

static void
probe_done(void *arg, bool good)
{
	(void)arg;
	probed = good ? 1 : 2;
}

static bool
is_probed(void)
{
	return probed != 0;
}

static void
probe(const char *section, int want)
{
	extern const struct driver driver_asterisk;

	asterisk_bed_setup(section, false);
	lines[0] = '\0';
	probed = 0;
	driver_asterisk.probe(
	    asterisk_bed_driver(), probe_line, probe_done, NULL);
	xb_until(is_probed);
	ck_assert_msg(probed == want, "probe:\n%s", lines);
	asterisk_bed_teardown();
}

START_TEST(probed_for_what_is_missing)
{
	char section[512];

	if (!ast_lab.there)
		test_skip("no asterisk: the probe is not tried on a real one");
	probe(asterisk_server_section(&ast_lab.server), 1);
	ck_assert_ptr_nonnull(strstr(lines, "good Asterisk "));
	ck_assert_ptr_null(strstr(lines, "BAD"));
	snprintf(section, sizeof(section),
	    "address: tcp:127.0.0.1:%d\nuser: watcher\n"
	    "secret_file: %s/secret\n",
	    ast_lab.server.ami_port, ast_lab.server.dir);
	probe(section, 2);
	ck_assert_ptr_nonnull(strstr(lines, "may not do Originate"));
	snprintf(section, sizeof(section),
	    "address: tcp:127.0.0.1:%d\nuser: mashang\n"
	    "secret_file: %s/wrong\n",
	    ast_lab.server.ami_port, ast_lab.server.dir);
	probe(section, 2);
	ck_assert_ptr_nonnull(strstr(lines, "refuses the log-in"));
}
END_TEST

Suite *
asterisk_live_suite(void)
{
	TCase *routing = tcase_create("routing");
	TCase *listening = tcase_create("listening");
	TCase *others = tcase_create("others");
	TCase *restart = tcase_create("restart");
	Suite *s = suite_of(routing, "asterisk_live");
	const TTest *const routed[] = { answered_and_over, the_agent_hangs_up,
		abandoned_waiting_and_ringing, not_answered_busy_declined_gone,
		stopped_ringing, held_and_retrieved, who_holds_hangs_up,
		transferred_to_a_phone, a_transfer_fails,
		transferred_to_a_number_by_an_agent_who_leaves,
		consulted_and_back, the_consulted_does_not_answer,
		consulted_and_transferred, all_in_one_room,
		the_caller_leaves_who_consult, supervised, barged_into,
		requeued, called_out, called_in_vain, answers_by_itself,
		sent_on_by_the_phone, the_bridge_starts_again,
		the_bridge_starts_again_ringing_and_out };

	tcase_set_timeout(routing, 120);
	tcase_set_timeout(listening, 120);
	tcase_set_timeout(others, 120);
	tcase_add_unchecked_fixture(
	    routing, ast_lab_server_start, ast_lab_server_stop);
	tcase_add_checked_fixture(routing, ast_lab_up, ast_lab_down);
	for (size_t i = 0; i < NELEM(routed); i++)
		tcase_add_test(routing, routed[i]);
	suite_add_tcase(s, listening);
	tcase_add_unchecked_fixture(
	    listening, ast_lab_server_start, ast_lab_server_stop);
	tcase_add_checked_fixture(
	    listening, ast_lab_up_listening, ast_lab_down);
	tcase_add_test(listening, a_queue_connects);
	tcase_add_test(listening, a_queue_is_left);
	suite_add_tcase(s, others);
	tcase_add_unchecked_fixture(
	    others, ast_lab_server_start, ast_lab_server_stop);
	tcase_add_test(others, probed_for_what_is_missing);
	/* A switch of its own, for it is ended and started. */
	suite_add_tcase(s, restart);
	tcase_set_timeout(restart, 120);
	tcase_add_checked_fixture(
	    restart, ast_lab_server_start, ast_lab_server_stop);
	tcase_add_checked_fixture(restart, ast_lab_up, ast_lab_down);
	tcase_add_test(restart, the_switch_starts_again);
	return s;
}
