/*
 * asterisk_test.c - the driver against a manager made of words: orders, and
 * what becomes of calls.
 */
#include <stdio.h>
#include <string.h>

#include "bridge/asterisk.h"
#include "test/support/ami_peer.h"
#include "test/support/asterisk_bed.h"
#include "test/support/asterisk_words.h"
#include "test/support/support.h"

static void
setup(void)
{
	words_live(
	    false, "auto_answer: ['Call-Info: <sip:x>;answer-after=0']\n");
}

START_TEST(answered_and_over)
{
	talk();
	chan("HangupRequest", CALLER, 6, "");
	bridge("Leave", CALLER, "b1");
	bridge("Leave", leg, "b1");
	hang_up(CALLER, 16);
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Channel"), leg);
	hang_up(leg, 16);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(byte_by_byte)
{
	ami_peer_segments(1);
	talk();
	chan("HangupRequest", leg, 6, "");
	bridge("Leave", leg, "b1");
	hang_up(leg, 16);
	hang_up(CALLER, 16);
	told("CALL_CLEARED A NORMAL AGENT");
}
END_TEST

START_TEST(in_odd_pieces)
{
	char line[64];

	for (unsigned n = 2; n < 40; n += 9) {
		ami_peer_segments(n);
		say("Event: UserEvent\nUserEvent: MashangCall\n"
		    "Uniqueid: 17.%u\nChannel: PJSIP/line-%u\n"
		    "Call: called=4001\n\n",
		    n, n);
		told("OFFERED A to=4001");
		told("QUEUED A");
		snprintf(line, sizeof(line), "17.%u", n);
		hang_up(line, 16);
		told("CALL_CLEARED A NORMAL SWITCH");
		bed_forget();
	}
}
END_TEST

START_TEST(abandoned_while_ringing)
{
	arrives();
	connect_801(1);
	chan("HangupRequest", CALLER, 6, "");
	hang_up(CALLER, 0);
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Channel"), leg);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

/* Why it was not answered is in the end of its channel, whenever that comes. */
START_TEST(not_answered)
{
	static const struct {
		int state, cause;
		const char *told;
	} rows[] = {
		{ 5, 19, "NO_ANSWER" },
		{ 0, 17, "BUSY" },
		{ 5, 21, "REJECTED" },
		{ 0, 20, "UNREACHABLE" },
		{ 0, 34, "UNREACHABLE" },
		{ 5, 16, "NO_ANSWER" },
	};
	char line[64];

	arrives();
	for (unsigned i = 0; i < NELEM(rows); i++) {
		connect_801(i + 1);
		if (rows[i].cause == 21)
			chan("HangupRequest", leg, 5, "Cause: 21\n");
		say("Event: OriginateResponse\nResponse: Failure\n"
		    "Uniqueid: %s\nReason: 0\n\n",
		    leg);
		hang_up(leg, rows[i].cause);
		snprintf(line, sizeof(line), "FAILED A @801 #%u %s", i + 1,
		    rows[i].told);
		told(line);
	}
	/* Not even a channel. */
	order_begin(ORDER(CONNECT), "A", "802", NULL, NULL);
	originated("PJSIP/802", "mashang-agent", "join");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	say("Event: OriginateResponse\nResponse: Failure\nUniqueid: %s\n"
	    "Reason: 0\n\n",
	    leg);
	told("FAILED A @802 #7 UNREACHABLE");
}
END_TEST

START_TEST(refused_by_asterisk)
{
	arrives();
	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ami_respond("Error", "Message: Permission denied\n");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_REFUSED);
	bed_trouble("manager.conf");
	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ami_respond("Error", "Message: Extension does not exist.\n");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_REFUSED);
	bed_trouble("extensions.conf");
}
END_TEST

/* The phone is lifted at the same moment as it is told to stop. */
START_TEST(stopped_too_late)
{
	arrives();
	connect_801(1);
	chan("Newstate", leg, 6, "");
	xb_turn();
	ck_assert_int_eq(ordered(ORDER(DISCONNECT), "A", "801", NULL, NULL),
	    MASHANG__CODE__CODE_REFUSED);
	bridge("Enter", CALLER, "b1");
	bridge("Enter", leg, "b1");
	told("ESTABLISHED A @801 #1");
}
END_TEST

START_TEST(stopped_before_it_rings)
{
	arrives();
	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	order_begin(ORDER(DISCONNECT), "A", "801", NULL, NULL);
	chan("Newchannel", leg, 0, "");
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Channel"), leg);
	hang_up(leg, 0);
	told("CONNECTION_CLEARED A @801 #2");
	ck_assert_int_eq(order_result(), 0);
}
END_TEST

START_TEST(held_and_retrieved)
{
	talk();
	order_begin(ORDER(HOLD), "A", "801", NULL, NULL);
	parked(leg, "wait");
	ck_assert_int_eq(order_result(), 0);
	user(CALLER, "MashangHold", "");
	xb_turn();
	told_nothing(); /* the agent could not be sent elsewhere yet */
	user(leg, "MashangAside", "");
	told("HELD A @801 #2");
	order_begin(ORDER(RETRIEVE), "A", "801", NULL, NULL);
	joined_again(leg, "b2");
	ck_assert_int_eq(order_result(), 0);
	told("RETRIEVED A @801 #3");
	/* The phone's own. */
	chan("Hold", leg, 6, "");
	told("HELD A @801");
	chan("Unhold", leg, 6, "");
	told("RETRIEVED A @801");
}
END_TEST

START_TEST(a_hold_that_is_refused)
{
	talk();
	order_begin(ORDER(HOLD), "A", "801", NULL, NULL);
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Redirect");
	ami_respond("Error", "Message: Redirect failed, channel not up.\n");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_REFUSED);
	order_begin(ORDER(HOLD), "A", "801", NULL, NULL);
	parked(leg, "wait");
	ck_assert_int_eq(order_result(), 0);
}
END_TEST

START_TEST(transferred)
{
	const char *agent;

	talk();
	agent = leg;
	order_begin(ORDER(TRANSFER), "A", NULL, "13900000000", NULL);
	parked(agent, "wait");
	ck_assert_int_eq(order_result(), 0);
	arrived_aside(agent);
	originated("Local/13900000000@mashang-dial/n", "mashang-agent", "join");
	ami_respond("Success", "");
	chan("Newchannel", leg, 0, "");
	chan("Newstate", leg, 5, "");
	chan("Newstate", leg, 6, "");
	bridge("Enter", CALLER, "b2");
	bridge("Enter", leg, "b2");
	told("TRANSFERRED A @13900000000 #2");
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Channel"), agent);
	hang_up(agent, 16);
	told_nothing();
}
END_TEST

START_TEST(a_transfer_fails)
{
	const char *agent;

	talk();
	agent = leg;
	order_begin(ORDER(TRANSFER), "A", NULL, "13900000000", NULL);
	parked(agent, "wait");
	ck_assert_int_eq(order_result(), 0);
	arrived_aside(agent);
	originated("Local/13900000000@mashang-dial/n", "mashang-agent", "join");
	ami_respond("Success", "");
	chan("Newchannel", leg, 0, "");
	hang_up(leg, 17);
	told("FAILED A @13900000000 #2 BUSY");
	ami_expect("Redirect"); /* back together */
	ck_assert_str_eq(ami_asked("Channel"), agent);
	ami_respond("Success", "");
	bridge("Enter", CALLER, "b3");
	bridge("Enter", agent, "b3");
	xb_turn();
	order_begin(ORDER(HOLD), "A", "801", NULL, NULL);
	parked(agent, "wait");
	ck_assert_int_eq(order_result(), 0);
}
END_TEST

static const char *
consult(void)
{
	const char *agent;

	talk();
	agent = leg;
	order_begin(ORDER(CONSULT), "A", "801", "13900000000", NULL);
	parked(agent, "ring");
	ck_assert_int_eq(order_result(), 0);
	told("OFFERED B #2 from=801 to=13900000000 of=A CONSULT");
	arrived_aside(agent);
	told("HELD A @801 #2");
	originated("Local/13900000000@mashang-dial/n", "mashang-agent", "ask");
	ami_respond("Success", "");
	chan("Newchannel", leg, 0, "");
	chan("Newstate", leg, 5, "");
	told("DELIVERED B @13900000000 #2");
	chan("Newstate", leg, 6, "");
	bridge("Enter", agent, "b2");
	bridge("Enter", leg, "b2");
	told("ESTABLISHED B @13900000000 #2");
	return agent;
}

START_TEST(consulted_and_transferred)
{
	const char *agent = consult();

	order_begin(ORDER(TRANSFER), "A", NULL, NULL, "B");
	bridge("Leave", agent, "b2");
	bridge("Leave", leg, "b2");
	joined_again(leg, "b3");
	ck_assert_int_eq(order_result(), 0);
	told("TRANSFERRED A @13900000000 #3");
	told("CALL_CLEARED B #2 NORMAL SWITCH");
	hang_up(CALLER, 16);
	told("CALL_CLEARED A NORMAL SWITCH");
}
END_TEST

START_TEST(the_consulted_leaves)
{
	const char *agent = consult();

	chan("HangupRequest", leg, 6, "");
	bridge("Leave", leg, "b2");
	bridge("Leave", agent, "b2");
	hang_up(leg, 16);
	told("CALL_CLEARED B #2 NORMAL AGENT");
	order_begin(ORDER(RETRIEVE), "A", "801", NULL, NULL);
	joined_again(agent, "b4");
	ck_assert_int_eq(order_result(), 0);
	told("RETRIEVED A @801 #3");
}
END_TEST

/* The agent has left it to the two others. */
static void
confer(void)
{
	const char *agent = consult();

	order_begin(ORDER(CONFERENCE), "A", "801", NULL, "B");
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Redirect");
	ck_assert_str_eq(ami_asked("Channel"), leg);
	ck_assert_str_eq(ami_asked("ExtraChannel"), agent);
	ck_assert_str_eq(ami_asked("Context"), "mashang-room");
	ami_respond("Success", "");
	for (unsigned i = 0; i < 3; i++) {
		ami_expect("Setvar");
		ami_respond("Success", "");
	}
	ami_expect("Redirect");
	ck_assert_str_eq(ami_asked("Channel"), CALLER);
	ck_assert_str_eq(ami_asked("Exten"), "caller");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	told("CONFERENCED A @13900000000 #3");
	told("CALL_CLEARED B #2 NORMAL SWITCH");
	bridge("Enter", CALLER, "room");
	bridge("Enter", leg, "room");
	bridge("Enter", agent, "room");
	chan("HangupRequest", agent, 6, "");
	hang_up(agent, 16);
	told("TRANSFERRED A @13900000000");
}

START_TEST(all_in_one_room)
{
	confer();
	hang_up(leg, 16);
	told("CONNECTION_CLEARED A @13900000000");
	ami_expect("Hangup"); /* nobody is with the caller any more */
	ck_assert_str_eq(ami_asked("Channel"), CALLER);
	hang_up(CALLER, 16);
	told("CALL_CLEARED A NORMAL AGENT");
}
END_TEST

START_TEST(the_caller_leaves_the_room)
{
	confer();
	chan("HangupRequest", CALLER, 6, "");
	hang_up(CALLER, 16);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(supervised)
{
	const char *agent;

	talk();
	agent = leg;
	order_begin(ORDER(MONITOR), "A", "809", NULL, NULL);
	originated("PJSIP/809", "mashang-spy", "monitor");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	order_begin(ORDER(BARGE), "A", "808", NULL, NULL);
	originated("PJSIP/808", "mashang-spy", "barge");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	chan("Newchannel", leg, 0, "");
	chan("Newstate", leg, 6, "");
	told("CONFERENCED A @808 #3");
	hang_up(leg, 16);
	told("CONNECTION_CLEARED A @808");
	hang_up(agent, 16);
	hang_up(CALLER, 16);
	told("CALL_CLEARED A NORMAL AGENT");
}
END_TEST

START_TEST(called_out)
{
	order_begin(ORDER(MAKE_CALL), NULL, "801", "+8613812340000", NULL);
	originated("PJSIP/801", "mashang-out", "+8613812340000");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	told("OFFERED A #1 from=+8613812340000");
	chan("Newchannel", leg, 0, "");
	chan("Newstate", leg, 5, "");
	told("DELIVERED A @801 #1");
	chan("Newstate", leg, 6, "");
	chan("Newchannel", "17.9", 0, "");
	bridge("Enter", leg, "b1");
	bridge("Enter", "17.9", "b1");
	told("ESTABLISHED A @801 #1");
	/* Who was behind a Local channel takes its place. */
	say("Event: BridgeEnter\nBridgeUniqueid: b1\nUniqueid: 17.11\n"
	    "Channel: PJSIP/trunk-00000002\nSwapUniqueid: 17.9\n\n");
	hang_up("17.9", 16);
	chan("HangupRequest", "17.11", 6, "");
	hang_up("17.11", 16);
	told("CALL_CLEARED A #1 NORMAL CALLER");
}
END_TEST

START_TEST(called_in_vain)
{
	order_begin(ORDER(MAKE_CALL), NULL, "801", "13812340000", NULL);
	originated("PJSIP/801", "mashang-out", "13812340000");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	told("OFFERED A #1 from=13812340000");
	chan("Newchannel", leg, 5, "");
	told("DELIVERED A @801 #1");
	chan("Newstate", leg, 6, "");
	user(leg, "MashangDialled", "Status: BUSY\n");
	hang_up(leg, 16);
	told("CALL_CLEARED A #1 BUSY SWITCH");
}
END_TEST

/* Who is called back is on the way. */
static void
calls_back(void)
{
	order_begin(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL);
	originated("Local/13812340000@mashang-dial/n", "mashang-wait", "back");
	ck_assert_ptr_nonnull(
	    strstr(ami_asked("Variable"), "MASHANG_ROLE=back"));
	ck_assert_str_eq(ami_asked("CallerID"), ""); /* none was ordered */
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	told("OFFERED A #1 from=13812340000");
	chan("Newchannel", leg, 0, "");
	chan("Newstate", leg, 5, "");
	xb_turn();
	told_nothing(); /* it rings, but not at a device of ours */
}

START_TEST(called_back_and_waits)
{
	const char *customer;

	calls_back();
	customer = leg;
	chan("Newstate", leg, 6, "");
	user(leg, "MashangWait", "Call: called=\n");
	told("QUEUED A #1");
	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ck_assert_str_eq(ami_asked("CallerID"), "<13812340000>");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	chan("Newchannel", leg, 5, "");
	told("DELIVERED A @801 #2");
	chan("Newstate", leg, 6, "");
	bridge("Enter", customer, "b1");
	bridge("Enter", leg, "b1");
	told("ESTABLISHED A @801 #2");
	chan("HangupRequest", customer, 6, "");
	hang_up(customer, 16);
	told("CALL_CLEARED A NORMAL CALLER");
}
END_TEST

START_TEST(called_back_in_vain)
{
	static const struct {
		int cause;
		const char *failed, *cleared;
	} rows[] = {
		{ 17, "FAILED A #1 BUSY", "CALL_CLEARED A #1 BUSY SWITCH" },
		{ 19, "FAILED A #1 NO_ANSWER",
		    "CALL_CLEARED A #1 NO_ANSWER SWITCH" },
		{ 21, "FAILED A #1 REJECTED",
		    "CALL_CLEARED A #1 REJECTED SWITCH" },
	};

	calls_back();
	hang_up(leg, rows[_i].cause);
	told(rows[_i].failed);
	told(rows[_i].cleared);
}
END_TEST

/* Nobody needs the callback any more: that is no failure. */
START_TEST(a_callback_is_taken_back)
{
	calls_back();
	bed_clear("A", MASHANG__CAUSE__CAUSE_NORMAL);
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Channel"), leg);
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	hang_up(leg, 16);
	told("CALL_CLEARED A #2 NORMAL SWITCH");
}
END_TEST

static void
setvar(const char *variable, const char *value)
{
	ami_expect("Setvar");
	ck_assert_str_eq(ami_asked("Channel"), CALLER);
	ck_assert_str_eq(ami_asked("Variable"), variable);
	if (value != NULL)
		ck_assert_str_eq(ami_asked("Value"), value);
	ami_respond("Success", "");
}

START_TEST(the_place_and_the_wait)
{
	arrives();
	bed_announce("A", 3, 90 * INT64_C(1000000), INT64_C(150000001));
	setvar("MASHANG_POSITION", "3");
	setvar("MASHANG_WAIT_LOW", "90");
	setvar("MASHANG_WAIT_HIGH", "151");
	setvar("MASHANG_ANNOUNCE", NULL);
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	bed_announce("A", 1, 0, 0); /* how long is not known */
	setvar("MASHANG_POSITION", "1");
	setvar("MASHANG_WAIT_LOW", "");
	setvar("MASHANG_WAIT_HIGH", "");
	setvar("MASHANG_ANNOUNCE", NULL);
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	connect_801(3); /* by the version that it has had all the time */
}
END_TEST

/* What its caller's switch is told, and what we are told of it. */
START_TEST(a_call_that_may_not_wait)
{
	static const struct {
		Mashang__Cause cause;
		const char *q850, *told;
	} rows[] = {
		{ MASHANG__CAUSE__CAUSE_REFUSED, "17", "REFUSED" },
		{ MASHANG__CAUSE__CAUSE_OVERFLOW, "19", "OVERFLOW" },
		{ MASHANG__CAUSE__CAUSE_TIMED_OUT, "19", "TIMED_OUT" },
		{ MASHANG__CAUSE__CAUSE_CALLED_BACK, "16", "CALLED_BACK" },
	};
	char line[64];

	arrives();
	bed_clear("A", rows[_i].cause);
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Cause"), rows[_i].q850);
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	hang_up(CALLER, 16);
	snprintf(
	    line, sizeof(line), "CALL_CLEARED A #1 %s SWITCH", rows[_i].told);
	told(line);
}
END_TEST

Suite *
asterisk_suite(void)
{
	TCase *tc = tcase_create("asterisk");
	const TTest *const tests[] = { answered_and_over, byte_by_byte,
		in_odd_pieces, abandoned_while_ringing, not_answered,
		refused_by_asterisk, stopped_too_late, stopped_before_it_rings,
		held_and_retrieved, a_hold_that_is_refused, transferred,
		a_transfer_fails, consulted_and_transferred,
		the_consulted_leaves, all_in_one_room,
		the_caller_leaves_the_room, supervised, called_out,
		called_in_vain, called_back_and_waits, a_callback_is_taken_back,
		the_place_and_the_wait };

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, words_down);
	for (size_t i = 0; i < NELEM(tests); i++)
		tcase_add_test(tc, tests[i]);
	tcase_add_loop_test(tc, called_back_in_vain, 0, 3);
	tcase_add_loop_test(tc, a_call_that_may_not_wait, 0, 4);
	return suite_of(tc, "asterisk");
}
