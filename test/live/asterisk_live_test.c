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
#include "test/support/asterisk_server.h"
#include "test/support/phone.h"
#include "test/support/support.h"

static struct asterisk_server server;
static bool there;
static struct phone *caller, *p801, *p802, *outside;

/* ---------------------------------------------------------------- waiting */

static struct phone *awaited;

static bool
is_invited(void)
{
	return phone_is_invited(awaited);
}

static bool
does_talk(void)
{
	return phone_talks(awaited);
}

static bool
is_idle(void)
{
	return phone_is_idle(awaited);
}

static bool
is_settled(void)
{
	return phone_is_settled(awaited);
}

static void
rings(struct phone *p)
{
	awaited = p;
	xb_until(is_invited);
	phone_ring(p);
}

static void
talks(struct phone *p)
{
	awaited = p;
	xb_until(does_talk);
}

static void
idle(struct phone *p)
{
	awaited = p;
	xb_until(is_idle);
}

static bool
has_phones(void)
{
	return phone_is_registered(p801) && phone_is_registered(p802) &&
	       phone_is_registered(outside);
}

/* ------------------------------------------------------------------ a test */

static void
start(void)
{
	there = asterisk_server_start(&server);
}

static void
stop(void)
{
	asterisk_server_stop(&server);
}

static void
make_phones(void)
{
	caller = phone_new(xb_x.base, "13812348000");
	p801 = phone_new(xb_x.base, "801");
	p802 = phone_new(xb_x.base, "802");
	outside = phone_new(xb_x.base, "outside");
	phone_register(p801, server.sip_port, 600);
	phone_register(p802, server.sip_port, 600);
	phone_register(outside, server.sip_port, 600);
}

static void
setup(void)
{
	if (!there)
		test_skip("no asterisk in PATH nor in MASHANG_ASTERISK: the "
			  "driver is not tried on a real one");
	asterisk_bed_setup(asterisk_server_section(&server), false);
	make_phones();
	bed_connected();
	bed_clean();
	xb_until(has_phones);
}

static void
setup_listening(void)
{
	if (!there)
		test_skip("no asterisk in PATH nor in MASHANG_ASTERISK: "
			  "listening is not tried on a real one");
	asterisk_bed_setup(asterisk_server_section(&server), true);
	make_phones();
	bed_connected();
	xb_until(has_phones);
}

static void
teardown(void)
{
	phone_hang_up(caller);
	phone_hang_up(p801);
	phone_hang_up(p802);
	phone_hang_up(outside);
	phone_free(&caller);
	phone_free(&p801);
	phone_free(&p802);
	phone_free(&outside);
	asterisk_bed_teardown();
}

#define OFFERED_A                                              \
	"OFFERED A from=13812348000 name=13812348000 to=4001 " \
	"menu=a&b,\"c: d priority=2 account:12 34% language:zh"

static void
a_caller_waits(void)
{
	phone_call(caller, "4001", server.sip_port);
	told(OFFERED_A);
	told("QUEUED A");
	talks(caller);
}

static void
they_talk(void)
{
	a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	told("DELIVERED A @801 #1");
	phone_answer(p801);
	told("ESTABLISHED A @801 #1");
	told_nothing();
}

START_TEST(answered_and_over)
{
	they_talk();
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
	idle(p801);
}
END_TEST

START_TEST(the_agent_hangs_up)
{
	they_talk();
	phone_hang_up(p801);
	told("CALL_CLEARED A NORMAL AGENT");
	idle(caller);
}
END_TEST

START_TEST(abandoned_waiting_and_ringing)
{
	a_caller_waits();
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
	idle(caller);
	phone_call(caller, "4002", server.sip_port);
	told_sometime("QUEUED B");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "B", "801", NULL, NULL), 0);
	rings(p801);
	told("DELIVERED B @801 #1");
	phone_hang_up(caller);
	told_sometime("CALL_CLEARED B NORMAL CALLER");
	idle(p801);
}
END_TEST

START_TEST(not_answered_busy_declined_gone)
{
	a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	told("DELIVERED A @801 #1");
	told("FAILED A @801 #1 NO_ANSWER");
	idle(p801);
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	awaited = p801;
	xb_until(is_invited);
	phone_refuse(p801, 486);
	told("FAILED A @801 #2 BUSY");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	told("DELIVERED A @801 #3");
	phone_refuse(p801, 603);
	told("FAILED A @801 #3 REJECTED");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "803", NULL, NULL), 0);
	told("FAILED A @803 #4 UNREACHABLE");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "nobody", NULL, NULL), 0);
	told("FAILED A @nobody #5 UNREACHABLE");
	ck_assert_int_eq(ordered(ORDER(CLEAR), "A", NULL, NULL, NULL), 0);
	told("CALL_CLEARED A #6 NORMAL SWITCH");
	idle(caller);
}
END_TEST

START_TEST(stopped_ringing)
{
	a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	told("DELIVERED A @801 #1");
	ck_assert_int_eq(ordered(ORDER(DISCONNECT), "A", "801", NULL, NULL), 0);
	told("CONNECTION_CLEARED A @801 #2");
	idle(p801);
	/* Before it has even begun. */
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "802", NULL, NULL), 0);
	ck_assert_int_eq(ordered(ORDER(DISCONNECT), "A", "802", NULL, NULL), 0);
	told_sometime("CONNECTION_CLEARED A @802 #4");
	idle(p802);
	ck_assert(phone_talks(caller));
}
END_TEST

START_TEST(held_and_retrieved)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #2");
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL),
	    MASHANG__CODE__CODE_REFUSED);
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #4");
	ck_assert(phone_talks(caller) && phone_talks(p801));
	phone_hold(p801, true);
	told("HELD A @801");
	awaited = p801;
	xb_until(is_settled);
	phone_hold(p801, false);
	told("RETRIEVED A @801");
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(who_holds_hangs_up)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #2");
	phone_hang_up(p801);
	told("QUEUED A");
	ck_assert(phone_talks(caller));
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "802", NULL, NULL), 0);
	rings(p802);
	told("DELIVERED A @802 #3");
	phone_answer(p802);
	told("ESTABLISHED A @802 #3");
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(transferred_to_a_phone)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(TRANSFER), "A", "802", NULL, NULL), 0);
	rings(p802);
	phone_answer(p802);
	told("TRANSFERRED A @802 #2");
	idle(p801);
	phone_hang_up(p802);
	told("CALL_CLEARED A NORMAL AGENT");
	idle(caller);
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
	they_talk();
	ck_assert_int_eq(ordered(ORDER(TRANSFER), "A", "802", NULL, NULL), 0);
	rings(p802);
	phone_refuse(p802, 486);
	idle(p802);
	told("FAILED A @802 #2 BUSY");
	/* As if nothing had been. */
	xb_until(are_together);
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #3");
	ck_assert(phone_talks(caller) && phone_talks(p801));
}
END_TEST

START_TEST(transferred_to_a_number_by_an_agent_who_leaves)
{
	they_talk();
	ck_assert_int_eq(
	    ordered(ORDER(TRANSFER), "A", NULL, "13900000000", NULL),
	    MASHANG__CODE__CODE_OK);
	phone_hang_up(p801);
	told_sometime("QUEUED A"); /* nobody may dial that */
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	phone_answer(p801);
	told_sometime("ESTABLISHED A @801 #3");
	ck_assert_int_eq(
	    ordered(ORDER(TRANSFER), "A", NULL, "13812340000", NULL), 0);
	rings(outside);
	phone_answer(outside);
	told("TRANSFERRED A @13812340000 #4");
	idle(p801);
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
	idle(outside);
}
END_TEST

static void
they_consult(void)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(CONSULT), "A", "801", "802", NULL), 0);
	told("OFFERED B #2 from=801 to=802 of=A CONSULT");
	told("HELD A @801 #2");
	rings(p802);
	told("DELIVERED B @802 #2");
	phone_answer(p802);
	told("ESTABLISHED B @802 #2");
}

START_TEST(consulted_and_back)
{
	they_consult();
	phone_hang_up(p802);
	told("CALL_CLEARED B #2 NORMAL AGENT");
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #3");
	ck_assert(phone_talks(caller) && phone_talks(p801));
}
END_TEST

START_TEST(the_consulted_does_not_answer)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(CONSULT), "A", "801", "802", NULL), 0);
	told("OFFERED B #2 from=801 to=802 of=A CONSULT");
	told("HELD A @801 #2");
	rings(p802);
	told("DELIVERED B @802 #2");
	phone_refuse(p802, 486);
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
	idle(p801);
	ck_assert(phone_talks(caller) && phone_talks(p802));
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
	idle(p802);
}
END_TEST

START_TEST(all_in_one_room)
{
	they_consult();
	ck_assert_int_eq(ordered(ORDER(CONFERENCE), "A", "801", NULL, "B"), 0);
	told("CONFERENCED A @802 #3");
	told("CALL_CLEARED B #2 NORMAL SWITCH");
	phone_hang_up(p801);
	told_sometime("TRANSFERRED A @802");
	idle(p801);
	ck_assert(phone_talks(caller) && phone_talks(p802));
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
	idle(p802);
}
END_TEST

START_TEST(the_caller_leaves_who_consult)
{
	they_consult();
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
	ck_assert(phone_talks(p801) && phone_talks(p802));
	phone_hang_up(p801);
	told_sometime("CALL_CLEARED B #2 NORMAL CALLER");
	idle(p802);
}
END_TEST

START_TEST(supervised)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(MONITOR), "A", "802", NULL, NULL), 0);
	rings(p802);
	phone_answer(p802);
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
	idle(p802);
	idle(p801);
}
END_TEST

START_TEST(barged_into)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(BARGE), "A", "802", NULL, NULL), 0);
	rings(p802);
	phone_answer(p802);
	told("CONFERENCED A @802 #2");
	phone_hang_up(p802);
	told("CONNECTION_CLEARED A @802");
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(requeued)
{
	they_talk();
	ck_assert_int_eq(ordered(ORDER(REQUEUE), "A", "801", NULL, NULL), 0);
	told("QUEUED A #2");
	idle(p801);
	ck_assert(phone_talks(caller));
}
END_TEST

START_TEST(called_out)
{
	asterisk_bed_driver();
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "801", "13812340000", NULL), 0);
	told("OFFERED A #1 from=13812340000");
	rings(p801);
	told("DELIVERED A @801 #1");
	phone_answer(p801);
	rings(outside);
	told_nothing();
	phone_answer(outside);
	told("ESTABLISHED A @801 #1");
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #2");
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #3");
	ck_assert(phone_talks(outside) && phone_talks(p801));
	phone_hang_up(outside);
	told("CALL_CLEARED A #1 NORMAL CALLER");
	idle(p801);
}
END_TEST

START_TEST(called_in_vain)
{
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "801", "13812340000", NULL), 0);
	told("OFFERED A #1 from=13812340000");
	rings(p801);
	told("DELIVERED A @801 #1");
	phone_answer(p801);
	rings(outside);
	phone_refuse(outside, 486);
	told("CALL_CLEARED A #1 BUSY SWITCH");
	idle(p801);
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "801", "13812340000", NULL), 0);
	told("OFFERED B #2 from=13812340000");
	rings(p801);
	told("DELIVERED B @801 #2");
	phone_refuse(p801, 603);
	told("FAILED B @801 #2 REJECTED");
	told_sometime("CALL_CLEARED B #2 REJECTED SWITCH");
}
END_TEST

/* Agent 0's attempt: the customer first. */
static void
customer_is_called(void)
{
	ck_assert_int_eq(
	    ordered(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL), 0);
	told("OFFERED A #1 from=13812340000");
	rings(outside);
}

START_TEST(called_back_and_waits)
{
	customer_is_called();
	told_nothing();
	phone_answer(outside);
	told("QUEUED A #1");
	talks(outside);
	bed_announce("A", 1, 0, 0); /* as to any who waits */
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	told("DELIVERED A @801 #3");
	phone_answer(p801);
	told("ESTABLISHED A @801 #3");
	ck_assert_int_eq(ordered(ORDER(HOLD), "A", "801", NULL, NULL), 0);
	told("HELD A @801 #4");
	ck_assert_int_eq(ordered(ORDER(RETRIEVE), "A", "801", NULL, NULL), 0);
	told("RETRIEVED A @801 #5");
	ck_assert(phone_talks(outside) && phone_talks(p801));
	phone_hang_up(outside);
	told("CALL_CLEARED A NORMAL CALLER");
	idle(p801);
}
END_TEST

START_TEST(called_back_in_vain)
{
	customer_is_called();
	phone_refuse(outside, 486);
	told("FAILED A #1 BUSY");
	told("CALL_CLEARED A #1 BUSY SWITCH");
	idle(outside);
	ck_assert_int_eq(
	    ordered(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL), 0);
	told("OFFERED B #2 from=13812340000");
	rings(outside);
	phone_answer(outside);
	told("QUEUED B #2");
	phone_hang_up(outside); /* does not wait for long */
	told("CALL_CLEARED B NORMAL CALLER");
	/* It is taken back while it rings. */
	ck_assert_int_eq(
	    ordered(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL), 0);
	told("OFFERED C #3 from=13812340000");
	rings(outside);
	ck_assert_int_eq(ordered(ORDER(CLEAR), "C", NULL, NULL, NULL), 0);
	told_sometime("CALL_CLEARED C #4 NORMAL SWITCH");
	idle(outside);
}
END_TEST

START_TEST(answers_by_itself)
{
	a_caller_waits();
	ck_assert_int_eq(ordered_auto(ORDER(CONNECT), "A", "801"), 0);
	rings(p801);
	ck_assert_ptr_nonnull(strstr(phone_invite(p801), "answer-after=0"));
	phone_hang_up(p801);
	told_sometime("FAILED A @801 #1 NO_ANSWER");
	/* A phone that rings already is rung anew. */
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "802", NULL, NULL), 0);
	rings(p802);
	told("DELIVERED A @802 #2");
	ck_assert_ptr_null(strstr(phone_invite(p802), "answer-after=0"));
	ck_assert_int_eq(ordered(ORDER(ANSWER), "A", "802", NULL, NULL), 0);
	idle(p802);
	rings(p802);
	ck_assert_ptr_nonnull(strstr(phone_invite(p802), "answer-after=0"));
	phone_answer(p802);
	told("ESTABLISHED A @802 #3");
}
END_TEST

START_TEST(sent_on_by_the_phone)
{
	they_talk();
	phone_transfer(p801, "802");
	told("DIVERTED A");
	rings(p802);
	phone_answer(p802);
	told("ESTABLISHED A @802");
	phone_hang_up(caller);
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
	phone_hang_up(caller);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(the_bridge_starts_again_ringing_and_out)
{
	a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	told("DELIVERED A @801 #1");
	ck_assert_int_eq(
	    ordered(ORDER(MAKE_CALL), NULL, "802", "13812340000", NULL), 0);
	told("OFFERED B #2 from=13812340000");
	rings(p802);
	told("DELIVERED B @802 #2");
	phone_answer(p802);
	rings(outside);
	phone_answer(outside);
	told("ESTABLISHED B @802 #2");
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	phone_answer(p801);
	told("ESTABLISHED A @801");
	phone_hang_up(outside);
	told("CALL_CLEARED B NORMAL CALLER");
	phone_hang_up(p801);
	told("CALL_CLEARED A NORMAL AGENT");
}
END_TEST

/* Who is called back is known again while it rings, and while they wait. */
START_TEST(the_bridge_starts_again_calling_back)
{
	customer_is_called();
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	phone_answer(outside);
	told("QUEUED A");
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	ck_assert_str_eq(xb_daemon_sees(call_named("A")), "queued");
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	rings(p801);
	phone_answer(p801);
	told_sometime("ESTABLISHED A @801 #2");
	phone_hang_up(p801);
	told("CALL_CLEARED A NORMAL AGENT");
	idle(outside);
}
END_TEST

/* ------------------------------------------------------------ what is heard */

static const char *heard;

static bool
is_heard(void)
{
	return asterisk_server_said(&server, heard);
}

/* The owner's lines run each time that something new is to be told. */
START_TEST(the_place_and_the_wait)
{
	a_caller_waits();
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
	rings(p801);
	told("DELIVERED A @801 #3");
}
END_TEST

START_TEST(the_switch_starts_again)
{
	they_talk();
	asterisk_server_stop(&server);
	asterisk_server_again(&server);
	told("CALL_CLEARED A SWITCH_LOST SWITCH");
	bed_connected();
}
END_TEST

/* ------------------------------------------------------------ listening */

START_TEST(a_queue_connects)
{
	phone_call(caller, "51", server.sip_port);
	told("OFFERED A from=13812348000 name=13812348000 to=51 menu=repair");
	told("QUEUED A");
	rings(p801);
	told("DELIVERED A @801");
	phone_answer(p801);
	told("ESTABLISHED A @801");
	asterisk_bed_restart();
	bed_connected();
	told_nothing();
	phone_hang_up(p801);
	told_sometime("CALL_CLEARED A NORMAL AGENT");
	idle(caller);
}
END_TEST

START_TEST(a_queue_is_left)
{
	phone_call(caller, "51", server.sip_port);
	told_sometime("QUEUED A");
	rings(p801);
	told("DELIVERED A @801");
	phone_refuse(p801, 486);
	told_sometime("FAILED A @801 NO_ANSWER");
	phone_hang_up(caller);
	told_sometime("CALL_CLEARED A NORMAL CALLER");
	idle(caller);
	idle(p801);
	phone_call(caller, "52", server.sip_port);
	told_sometime("QUEUED B");
	told_sometime("DIVERTED B TIMED_OUT");
	told_sometime("CALL_CLEARED B TIMED_OUT SWITCH");
	idle(caller);
	phone_call(caller, "53", server.sip_port);
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

	if (!there)
		test_skip("no asterisk: the probe is not tried on a real one");
	probe(asterisk_server_section(&server), 1);
	ck_assert_ptr_nonnull(strstr(lines, "good Asterisk "));
	ck_assert_ptr_null(strstr(lines, "BAD"));
	snprintf(section, sizeof(section),
	    "address: tcp:127.0.0.1:%d\nuser: watcher\n"
	    "secret_file: %s/secret\n",
	    server.ami_port, server.dir);
	probe(section, 2);
	ck_assert_ptr_nonnull(strstr(lines, "may not do Originate"));
	snprintf(section, sizeof(section),
	    "address: tcp:127.0.0.1:%d\nuser: mashang\n"
	    "secret_file: %s/wrong\n",
	    server.ami_port, server.dir);
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
		the_bridge_starts_again_ringing_and_out, called_back_and_waits,
		called_back_in_vain, the_bridge_starts_again_calling_back,
		the_place_and_the_wait };

	tcase_set_timeout(routing, 120);
	tcase_set_timeout(listening, 120);
	tcase_set_timeout(others, 120);
	tcase_add_unchecked_fixture(routing, start, stop);
	tcase_add_checked_fixture(routing, setup, teardown);
	for (size_t i = 0; i < NELEM(routed); i++)
		tcase_add_test(routing, routed[i]);
	suite_add_tcase(s, listening);
	tcase_add_unchecked_fixture(listening, start, stop);
	tcase_add_checked_fixture(listening, setup_listening, teardown);
	tcase_add_test(listening, a_queue_connects);
	tcase_add_test(listening, a_queue_is_left);
	suite_add_tcase(s, others);
	tcase_add_unchecked_fixture(others, start, stop);
	tcase_add_test(others, probed_for_what_is_missing);
	/* A switch of its own, for it is ended and started. */
	suite_add_tcase(s, restart);
	tcase_set_timeout(restart, 120);
	tcase_add_checked_fixture(restart, start, stop);
	tcase_add_checked_fixture(restart, setup, teardown);
	tcase_add_test(restart, the_switch_starts_again);
	return s;
}
