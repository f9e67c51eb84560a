/*
 * freeswitch_test.c - the driver against a switch that says what a real one can
 * hardly be made to say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "test/support/exchange_bed.h"
#include "test/support/freeswitch_bed.h"
#include "test/support/support.h"

static bool
is_idle(void)
{
	return xb_result(1) != NULL;
}

/* -------------------------------------------------------------------- log-in */

START_TEST(logs_in_a_byte_at_a_time)
{
	fsb_set_up(true, false);
	fsb_log_in("life-1");
	esl_peer_answer(&fsb.peer, FSB_NO_CALLS);
	fsb_no_phones();
	fsb_a_caller_waits();
	fsb_down();
}
END_TEST

START_TEST(a_wrong_password)
{
	Mashang__SwitchStatus s;

	fsb_set_up(false, false);
	esl_peer_accept(&fsb.peer);
	esl_peer_say(&fsb.peer, "Content-Type: auth/request\n\n");
	esl_peer_expect(&fsb.peer, "auth ClueCon");
	esl_peer_say(&fsb.peer,
	    "Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"
	    "Content-Type: text/disconnect-notice\nContent-Length: "
	    "5\n\nBye.\n");
	while (fsb.peer.conn != NULL)
		event_base_loop(xb_x.base, EVLOOP_ONCE);
	exchange_status(xb_x.x, &s);
	ck_assert(!s.connected);
	ck_assert_uint_gt(s.trouble.len, 0);
	esl_peer_quiet(&fsb.peer);
	ck_assert_uint_eq(fsb.peer.n_accepted, 0);
	fsb_down();
}
END_TEST

START_TEST(not_let_in)
{
	Mashang__SwitchStatus s;

	fsb_set_up(false, false);
	esl_peer_accept(&fsb.peer);
	esl_peer_say(&fsb.peer,
	    "Content-Type: text/rude-rejection\nContent-Length: 24\n\n"
	    "Access Denied, go away.\n");
	while (fsb.peer.conn != NULL)
		event_base_loop(xb_x.base, EVLOOP_ONCE);
	exchange_status(xb_x.x, &s);
	ck_assert_uint_gt(s.trouble.len, 0);
	fsb_down();
}
END_TEST

/* Whatever it is that speaks there: the connection ends, and is tried again. */
static const char *const nonsense[] = {
	"HTTP/1.1 400 Bad Request\r\n\r\n\n\n",
	"Content-Type: api/response\nContent-Length: -1\n\n",
	"Content-Type: api/response\nContent-Length: 99999999999\n\n",
	"Content-Type: api/response\nContent-Length: 2\n\nok",
	"Content-Type: text/disconnect-notice\nContent-Length: 4\n\nBye.",
	"Content-Length: 4\nContent-Type: text/event-plain\n\nabcd",
};

START_TEST(nonsense_ends_the_connection)
{
	fsb_up();
	fsb_a_caller_waits();
	esl_peer_say(&fsb.peer, nonsense[_i]);
	/* The same life: nothing has been lost but time. */
	fsb_log_in("life-1");
	fsb_down();
}
END_TEST

/* -------------------------------------------------------------------- offers */

START_TEST(an_offer_is_answered)
{
	fsb_talking();
	ck_assert_int_eq(xb_result(1)->code, MASHANG__CODE__CODE_OK);
	esl_peer_job(&fsb.peer, fsb.leg[0], "+OK\n");
	/* It is told that it failed although it has not. */
	esl_peer_job(&fsb.peer, fsb.leg[0], "-ERR ORIGINATOR_CANCEL\n");
	esl_peer_quiet(&fsb.peer);
	ck_assert_str_eq(fsb.told, "");
}
END_TEST

START_TEST(what_is_dialled)
{
	const char *c;

	fsb_a_caller_waits();
	ck_assert_int_eq(
	    xb_order(1, FSB_ORDER(CONNECT), "c1", "801", NULL), -1);
	c = esl_peer_expect(&fsb.peer, "bgapi originate {origination_uuid=");
	ck_assert_ptr_nonnull(strstr(c, ",originate_timeout=21,"));
	ck_assert_ptr_nonnull(strstr(c, ",mashang_call='c1',"));
	ck_assert_ptr_nonnull(strstr(c, ",mashang_device='801',"));
	ck_assert_ptr_nonnull(
	    strstr(c, ",origination_caller_id_number='13800000001',"));
	ck_assert_ptr_nonnull(strstr(c, "}user/801 &park\nJob-UUID: "));
}
END_TEST

START_TEST(the_place_and_the_wait)
{
	Mashang__Order o = MASHANG__ORDER__INIT;
	const char *said;

	fsb_a_caller_waits();
	o.kind = FSB_ORDER(ANNOUNCE);
	o.order_id = 1;
	o.call = (ProtobufCBinaryData){ 2, (uint8_t *)(uintptr_t) "c1" };
	o.position = 3;
	o.wait_low_us = 90 * CLOCK_S;
	o.wait_high_us = 150 * CLOCK_S + 1;
	exchange_order(xb_x.x, &o);
	said = esl_peer_expect(&fsb.peer,
	    "api uuid_setvar_multi c1 mashang_position=3;mashang_wait_low=90;"
	    "mashang_wait_high=151;mashang_announce=");
	ck_assert_ptr_null(strpbrk(strstr(said, "announce="), " \n\r"));
	esl_peer_answer(&fsb.peer, "+OK");
	xb_until(is_idle);
	ck_assert_int_eq(xb_result(1)->code, MASHANG__CODE__CODE_OK);
	o.order_id = 2;
	o.wait_low_us = o.wait_high_us = 0;
	exchange_order(xb_x.x, &o);
	esl_peer_expect(&fsb.peer,
	    "api uuid_setvar_multi c1 mashang_position=3;mashang_wait_low=;"
	    "mashang_wait_high=;mashang_announce=");
	esl_peer_answer(&fsb.peer, "+OK");
}
END_TEST

/* What its caller's switch is told, and what we are told of it. */
START_TEST(a_call_that_may_not_wait)
{
	static const struct {
		Mashang__Cause cause;
		const char *word, *told;
	} reasons[] = {
		{ MASHANG__CAUSE__CAUSE_REFUSED, "USER_BUSY", "CAUSE_REFUSED" },
		{ MASHANG__CAUSE__CAUSE_OVERFLOW, "NO_ANSWER",
		    "CAUSE_OVERFLOW" },
		{ MASHANG__CAUSE__CAUSE_TIMED_OUT, "NO_ANSWER",
		    "CAUSE_TIMED_OUT" },
	};
	Mashang__Order o = MASHANG__ORDER__INIT;
	char line[96];

	fsb_a_caller_waits();
	o.kind = FSB_ORDER(CLEAR);
	o.order_id = 1;
	o.call = (ProtobufCBinaryData){ 2, (uint8_t *)(uintptr_t) "c1" };
	o.version = xb_version("c1");
	o.cause = reasons[_i].cause;
	exchange_order(xb_x.x, &o);
	snprintf(line, sizeof(line), "api uuid_kill c1 %s", reasons[_i].word);
	esl_peer_expect(&fsb.peer, line);
	esl_peer_answer(&fsb.peer, "+OK");
	fsb_event("CHANNEL_HANGUP", "c1", "Hangup-Cause: USER_BUSY\n");
	snprintf(line, sizeof(line), "CALL_CLEARED c1 %s PARTY_SWITCH",
	    reasons[_i].told);
	fsb_expect_told(line);
}
END_TEST

/* Who calls themselves so wants to dial something else. */
START_TEST(a_hostile_caller)
{
	const char *c;

	fsb_event("mashang::queued", "c1",
	    "Caller-Caller-ID-Number: "
	    "1'}error%2Fx%26system(id)%0A%0Aapi%20x\n");
	fsb_expect_told("OFFERED c1; QUEUED c1");
	ck_assert_int_eq(
	    xb_order(1, FSB_ORDER(CONNECT), "c1", "801", NULL), -1);
	c = esl_peer_expect(&fsb.peer, "bgapi originate {origination_uuid=");
	ck_assert_ptr_nonnull(strstr(c, "_number='1  error/x system(id)"));
	ck_assert_ptr_nonnull(strstr(c, "}user/801 &park\nJob-UUID: "));
	ck_assert_ptr_null(strstr(c, "\napi"));
	esl_peer_quiet(&fsb.peer);
}
END_TEST

static const char *const devices[] = { "80 1", "801}", "801&park", "a/b",
	"801'", "8,1", "8|1", "${x}", "8@h" };

START_TEST(a_hostile_device)
{
	fsb_a_caller_waits();
	ck_assert_int_eq(
	    xb_order(1, FSB_ORDER(CONNECT), "c1", devices[_i], NULL),
	    MASHANG__CODE__CODE_BAD_FIELD);
	esl_peer_quiet(&fsb.peer);
}
END_TEST

/* Only the job tells, or all of it does, in any order: it is told once. */
static const struct {
	const char *cause, *told;
} failures[] = {
	{ "USER_BUSY", "CAUSE_BUSY" },
	{ "CALL_REJECTED", "CAUSE_REJECTED" },
	{ "NO_ANSWER", "CAUSE_NO_ANSWER" },
	{ "NO_USER_RESPONSE", "CAUSE_NO_ANSWER" },
	{ "ALLOTTED_TIMEOUT", "CAUSE_NO_ANSWER" },
	{ "SUBSCRIBER_ABSENT", "CAUSE_UNREACHABLE" },
	{ "USER_NOT_REGISTERED", "CAUSE_UNREACHABLE" },
	{ "NORMAL_TEMPORARY_FAILURE", "CAUSE_UNREACHABLE" },
	{ "CHAN_NOT_IMPLEMENTED", "CAUSE_UNREACHABLE" },
	{ "SOMETHING_NEW", "CAUSE_UNREACHABLE" },
};

START_TEST(an_offer_fails)
{
	char body[64], cause[64], want[64];

	fsb_a_caller_waits();
	fsb_connect_801(1);
	snprintf(body, sizeof(body), "-ERR %s\n", failures[_i].cause);
	snprintf(
	    cause, sizeof(cause), "Hangup-Cause: %s\n", failures[_i].cause);
	if (_i % 2 == 0)
		fsb_event("CHANNEL_HANGUP", fsb.leg[0], cause);
	esl_peer_job(&fsb.peer, fsb.leg[0], body);
	if (_i % 2 == 1)
		fsb_event("CHANNEL_HANGUP", fsb.leg[0], cause);
	snprintf(want, sizeof(want), "FAILED c1@801 %s", failures[_i].told);
	fsb_expect_told(want);
	esl_peer_quiet(&fsb.peer);
	ck_assert_str_eq(fsb.told, "");
	fsb_connect_801(2);
}
END_TEST

START_TEST(an_originate_that_is_refused)
{
	fsb_a_caller_waits();
	ck_assert_int_eq(
	    xb_order(1, FSB_ORDER(CONNECT), "c1", "801", NULL), -1);
	esl_peer_expect(&fsb.peer, "bgapi originate ");
	esl_peer_reply(&fsb.peer, "-ERR permission denied");
	xb_until(is_idle);
	ck_assert_int_eq(xb_result(1)->code, MASHANG__CODE__CODE_REFUSED);
}
END_TEST

/* It was stopped before it was there: then it must not ring. */
START_TEST(a_leg_that_rings_too_late)
{
	char kill_it[128];

	fsb_a_caller_waits();
	fsb_connect_801(1);
	ck_assert_int_eq(
	    xb_order(2, FSB_ORDER(DISCONNECT), "c1", "801", NULL), -1);
	snprintf(kill_it, sizeof(kill_it), "api uuid_kill %s ORIGINATOR_CANCEL",
	    fsb.leg[0]);
	esl_peer_expect(&fsb.peer, kill_it);
	esl_peer_answer(&fsb.peer, "-ERR No such channel!\n");
	fsb_event("CHANNEL_PROGRESS", fsb.leg[0], "");
	esl_peer_expect(&fsb.peer, kill_it);
	esl_peer_answer(&fsb.peer, "+OK\n");
	fsb_event(
	    "CHANNEL_HANGUP", fsb.leg[0], "Hangup-Cause: ORIGINATOR_CANCEL\n");
	fsb_expect_told("CONNECTION_CLEARED c1@801 CAUSE_NORMAL");
	ck_assert_int_eq(xb_result(2)->code, MASHANG__CODE__CODE_OK);
}
END_TEST

START_TEST(it_has_answered_meanwhile)
{
	fsb_a_caller_waits();
	fsb_connect_801(1);
	fsb_event("CHANNEL_PROGRESS", fsb.leg[0], "");
	fsb_event("CHANNEL_ANSWER", fsb.leg[0], FSB_ANSWERED);
	fsb_expect_told("DELIVERED c1@801");
	ck_assert_int_eq(xb_order(2, FSB_ORDER(DISCONNECT), "c1", "801", NULL),
	    MASHANG__CODE__CODE_REFUSED);
	esl_peer_quiet(&fsb.peer);
}
END_TEST

/* The caller goes, and with them the leg that rings for them. */
START_TEST(the_caller_gives_up)
{
	char kill_it[128];

	fsb_a_caller_waits();
	fsb_connect_801(1);
	fsb_event("CHANNEL_HANGUP", "c1", "Hangup-Cause: NORMAL_CLEARING\n");
	fsb_expect_told("CALL_CLEARED c1 CAUSE_NORMAL PARTY_CALLER");
	snprintf(kill_it, sizeof(kill_it), "api uuid_kill %s ", fsb.leg[0]);
	esl_peer_expect(&fsb.peer, kill_it);
	esl_peer_answer(&fsb.peer, "-ERR No such channel!\n");
	fsb_event("CHANNEL_PROGRESS", fsb.leg[0], "");
	esl_peer_expect(&fsb.peer, kill_it);
}
END_TEST

START_TEST(who_hangs_up)
{
	fsb_talking();
	fsb_event("CHANNEL_HANGUP", _i == 0 ? "c1" : fsb.leg[0],
	    "Hangup-Cause: NORMAL_CLEARING\n");
	fsb_event("CHANNEL_HANGUP", _i == 0 ? fsb.leg[0] : "c1",
	    "Hangup-Cause: NORMAL_CLEARING\n");
	fsb_expect_told(_i == 0 ? "CALL_CLEARED c1 CAUSE_NORMAL PARTY_CALLER"
				: "CALL_CLEARED c1 CAUSE_NORMAL PARTY_AGENT");
}
END_TEST

/* The end of who was ended with the other may be told first: only who has sent a
 * BYE has its status. */
START_TEST(who_hangs_up_told_last)
{
	static const char ended[] = "Hangup-Cause: NORMAL_CLEARING\n"
				    "Channel-Name: sofia/internal/x\n";

	fsb_talking();
	fsb_event("CHANNEL_HANGUP", "c1", ended);
	fsb_event("CHANNEL_HANGUP", fsb.leg[0], ended);
	fsb_expect_told("CALL_CLEARED c1 CAUSE_NORMAL PARTY_AGENT");
}
END_TEST

/* The agent has gone, the caller has not: sent on by the phone, or left behind. */
START_TEST(the_caller_stays)
{
	char stuck[512];

	fsb_talking();
	snprintf(stuck, sizeof(stuck),
	    "Unique-ID: c1\nChannel-State: CS_SOFT_EXECUTE\n" FSB_ANSWERED
	    "Channel-Name: sofia/a\nOther-Leg-Unique-ID: %s\n"
	    "Caller-Destination-Number: music\nCaller-Context: mashang\n",
	    fsb.leg[0]);
	fsb_event(
	    "CHANNEL_HANGUP", fsb.leg[0], "Hangup-Cause: NORMAL_CLEARING\n");
	esl_peer_expect(&fsb.peer, "api uuid_dump c1");
	fsb_dump(stuck);
	esl_peer_expect(&fsb.peer, "api uuid_dump c1");
	if (_i == 0) {
		fsb_dump(
		    "Unique-ID: c1\nChannel-State: CS_EXECUTE\n" FSB_ANSWERED
		    "Channel-Name: sofia/a\nCaller-Context: default\n"
		    "Caller-Destination-Number: operator\n");
		fsb_expect_told("DIVERTED c1");
		return;
	}
	fsb_dump(stuck);
	esl_peer_expect(&fsb.peer, "api uuid_kill c1 NORMAL_CLEARING");
	fsb_event("CHANNEL_HANGUP", "c1", "Hangup-Cause: NORMAL_CLEARING\n");
	fsb_expect_told("CALL_CLEARED c1 CAUSE_NORMAL PARTY_AGENT");
}
END_TEST

/* Who is asked fails before the dialplan has told that the caller is held; and
 * a phone that only the daemon knows is one. */
START_TEST(held_before_the_asked_fails)
{
	char want[512];

	fsb_talking();
	xb_to_device = true;
	ck_assert_int_eq(
	    xb_order(2, FSB_ORDER(CONSULT), "c1", "801", "802"), -1);
	xb_to_device = false;
	fsb_rung(2);
	ck_assert_ptr_nonnull(strstr(fsb.peer.command, "}user/802 &park"));
	esl_peer_expect(&fsb.peer, "api uuid_setvar ");
	esl_peer_answer(&fsb.peer, "+OK");
	esl_peer_expect(&fsb.peer, "api uuid_dual_transfer c1 hold/XML/mashang "
				   "park:/inline");
	esl_peer_answer(&fsb.peer, "+OK");
	snprintf(want, sizeof(want),
	    "OFFERED %s; HELD c1@801; "
	    "FAILED %s@802 CAUSE_BUSY; CALL_CLEARED %s CAUSE_BUSY "
	    "PARTY_SWITCH",
	    fsb.leg[1], fsb.leg[1], fsb.leg[1]);
	fsb_event("CHANNEL_HANGUP", fsb.leg[1], "Hangup-Cause: USER_BUSY\n");
	fsb_expect_told(want);
}
END_TEST

/* ------------------------------------------------------------- what is missed */

#define ROW(uuid) "{\"uuid\":\"" uuid "\",\"presence_data\":\"mashang\"}"

/* Another life: its calls are not those of the former. */
START_TEST(the_switch_restarts)
{
	fsb_talking();
	esl_peer_say(&fsb.peer, "Content-Length: 400\nContent-Type: text/ev");
	esl_peer_hang_up(&fsb.peer);
	fsb_log_in("life-2");
	esl_peer_answer(&fsb.peer, FSB_NO_CALLS);
	for (int i = 0; i < 2; i++) {
		esl_peer_expect(&fsb.peer, "api uuid_dump ");
		esl_peer_answer(&fsb.peer, "-ERR No such channel!\n");
	}
	fsb_expect_told("CALL_CLEARED c1 CAUSE_SWITCH_LOST PARTY_SWITCH");
}
END_TEST

/* In the same life: a caller came, and one whom we know has gone. */
START_TEST(calls_come_and_go_unheard)
{
	Mashang__SwitchStatus s;

	fsb_a_caller_waits();
	esl_peer_hang_up(&fsb.peer);
	fsb_log_in("life-1");
	esl_peer_answer(&fsb.peer,
	    "{\"row_count\":3,\"rows\":[" ROW("c2") "," ROW(
		"x\\n1") ",{\"uuid\":\"c9\",\"presence_data\":\"\"}]}");
	esl_peer_expect(&fsb.peer, "api uuid_dump c2");
	fsb_dump("Unique-ID: c2\nChannel-State: CS_EXECUTE\n" FSB_ANSWERED
		 "Channel-Name: sofia/a\nCaller-Destination-Number: music\n"
		 "Caller-Context: mashang\nCaller-Caller-ID-Number: 139\n");
	esl_peer_expect(&fsb.peer, "api uuid_dump c1");
	esl_peer_answer(&fsb.peer, "-ERR No such channel!\n");
	fsb_expect_told("OFFERED c2; CALL_CLEARED c1 CAUSE_SWITCH_LOST "
			"PARTY_SWITCH; QUEUED c2");
	exchange_status(xb_x.x, &s);
	ck_assert_uint_eq(s.gaps, 1);
}
END_TEST

#define TALKS(uuid, with, state)                                       \
	"Unique-ID: " uuid "\nChannel-State: " state "\n" FSB_ANSWERED \
	"Channel-Name: sofia/a\nOther-Leg-Unique-ID: " with            \
	"\nCaller-Destination-Number: music\nCaller-Context: mashang\n"

/* A bridge that knows nothing reads all of it off the legs. */
START_TEST(a_new_bridge)
{
	fsb_set_up(false, false);
	fsb_log_in("life-1");
	esl_peer_answer(&fsb.peer,
	    "{\"row_count\":2,\"rows\":[" ROW("c1") "," ROW("l1") "]}");
	esl_peer_expect(&fsb.peer, "api uuid_dump c1");
	fsb_dump(TALKS("c1", "l1", "CS_SOFT_EXECUTE"));
	esl_peer_expect(&fsb.peer, "api uuid_dump l1");
	fsb_dump(TALKS("l1", "c1",
	    "CS_EXCHANGE_MEDIA") "Channel-Call-State: "
				 "HELD\nvariable_mashang_role: agent\n"
				 "variable_mashang_call: "
				 "c1\nvariable_mashang_device: 801\n");
	fsb_expect_told("OFFERED c1; DELIVERED c1@801; ESTABLISHED c1@801; "
			"HELD c1@801");
	fsb_no_phones();
	/* What the dump has told already is told again, and is no news. */
	fsb.peer.seq -= 2;
	fsb_event("CHANNEL_UNHOLD", "l1", "");
	esl_peer_quiet(&fsb.peer);
	ck_assert_str_eq(fsb.told, "");
	fsb.peer.seq += 2;
	fsb_event("CHANNEL_UNHOLD", "l1", "");
	fsb_expect_told("RETRIEVED c1@801");
	fsb_down();
}
END_TEST

/* The inner half of a loopback has its outer half's variables. */
START_TEST(half_a_leg_is_none)
{
	fsb_set_up(false, false);
	fsb_log_in("life-1");
	esl_peer_answer(
	    &fsb.peer, "{\"row_count\":1,\"rows\":[" ROW("b1") "]}");
	esl_peer_expect(&fsb.peer, "api uuid_dump b1");
	fsb_dump("Unique-ID: b1\nChannel-State: CS_EXECUTE\n" FSB_ANSWERED
		 "Channel-Name: loopback/0139-b\n");
	fsb_no_phones();
	esl_peer_quiet(&fsb.peer);
	ck_assert_str_eq(fsb.told, "");
	fsb_down();
}
END_TEST

/* A leg that nobody needs any more is ended. */
START_TEST(a_leg_without_a_caller)
{
	fsb_set_up(false, false);
	fsb_log_in("life-1");
	esl_peer_answer(
	    &fsb.peer, "{\"row_count\":1,\"rows\":[" ROW("l1") "]}");
	esl_peer_expect(&fsb.peer, "api uuid_dump l1");
	fsb_dump("Unique-ID: l1\nChannel-State: CS_PARK\n" FSB_ANSWERED
		 "variable_mashang_role: agent\nvariable_mashang_call: c1\n"
		 "variable_mashang_device: 801\n");
	esl_peer_expect(&fsb.peer, "api uuid_kill l1 ");
	fsb_down();
}
END_TEST

/* It answers everything but one: the connection is not one any more. */
START_TEST(a_switch_that_does_not_answer)
{
	fsb_a_caller_waits();
	ck_assert_int_eq(
	    xb_order(1, FSB_ORDER(CONNECT), "c1", "801", NULL), -1);
	esl_peer_expect(&fsb.peer, "bgapi originate ");
	xb_until(is_idle);
	ck_assert_int_ne(xb_result(1)->code, MASHANG__CODE__CODE_OK);
	esl_peer_accept(&fsb.peer);
}
END_TEST

/* ------------------------------------------------------------------ listening */

#define MEMBER                                                    \
	"CC-Queue: support@default\nCC-Member-UUID: m1\n"         \
	"CC-Member-Session-UUID: c1\nCC-Member-CID-Number: 138\n" \
	"CC-Agent: 801@default\n"

static void
queue_event(const char *action, const char *more)
{
	char headers[512];

	snprintf(headers, sizeof(headers), "CC-Action: %s\n" MEMBER "%s",
	    action, more);
	esl_peer_event(&fsb.peer, "callcenter::info", headers);
}

static void
listen_up(const char *members)
{
	fsb_set_up(false, true);
	esl_peer_accept(&fsb.peer);
	esl_peer_say(&fsb.peer, "Content-Type: auth/request\n\n");
	esl_peer_expect(&fsb.peer, "auth ");
	esl_peer_reply(&fsb.peer, "+OK accepted");
	esl_peer_expect(
	    &fsb.peer, "event plain SHUTDOWN CUSTOM callcenter::info");
	esl_peer_reply(&fsb.peer, "+OK");
	esl_peer_expect(&fsb.peer, "api version");
	esl_peer_answer(&fsb.peer, "FreeSWITCH Version 1.10.12\n");
	esl_peer_expect(&fsb.peer, "api global_getvar core_uuid");
	esl_peer_answer(&fsb.peer, "life-1");
	esl_peer_expect(&fsb.peer, "api callcenter_config queue list");
	esl_peer_answer(&fsb.peer,
	    "name|strategy\nsupport@default|longest-idle-agent\n+OK\n");
	esl_peer_expect(&fsb.peer,
	    "api callcenter_config queue list members support@default");
	esl_peer_answer(&fsb.peer, members);
	fsb_no_phones();
}

static const struct {
	const char *name, *reason, *told;
} ends[] = {
	{ "the caller hangs up", "BREAK_OUT",
	    "CALL_CLEARED c1 CAUSE_NORMAL PARTY_CALLER" },
	{ "it took too long", "TIMEOUT",
	    "DIVERTED c1 CAUSE_TIMED_OUT PARTY_SWITCH; "
	    "CALL_CLEARED c1 CAUSE_TIMED_OUT PARTY_SWITCH" },
	{ "nobody was there", "NO_AGENT_TIMEOUT",
	    "DIVERTED c1 CAUSE_TIMED_OUT PARTY_SWITCH; "
	    "CALL_CLEARED c1 CAUSE_TIMED_OUT PARTY_SWITCH" },
	{ "the caller chose something else", "EXIT_WITH_KEY",
	    "DIVERTED c1 CAUSE_OVERFLOW PARTY_CALLER; "
	    "CALL_CLEARED c1 CAUSE_OVERFLOW PARTY_CALLER" },
};

START_TEST(a_queue_of_the_switch)
{
	char reason[64];

	listen_up("+OK\n");
	queue_event("member-queue-start", "");
	queue_event("agent-offering", "");
	queue_event("bridge-agent-fail", "CC-Hangup-Cause: USER_BUSY\n");
	fsb_expect_told("OFFERED c1; QUEUED c1; DELIVERED c1@801; "
			"FAILED c1@801 CAUSE_BUSY");
	snprintf(reason, sizeof(reason),
	    "CC-Cause: Cancel\nCC-Cancel-Reason: %s\n", ends[_i].reason);
	queue_event("member-queue-end", reason);
	fsb_expect_told(ends[_i].told);
	fsb_down();
}
END_TEST

START_TEST(a_queue_that_had_calls_already)
{
	listen_up("queue|session_uuid|cid_number|cid_name|joined_epoch|"
		  "serving_agent|state\n"
		  "support@default|c1|138||1700000000||Waiting\n"
		  "support@default|c2|139||1700000000|802@default|Answered\n"
		  "support@default|c3|137||1700000000||Abandoned\n+OK\n");
	fsb_expect_told("QUEUED c1; DELIVERED c2@802; ESTABLISHED c2@802");
	queue_event("bridge-agent-start", "");
	queue_event("member-queue-end",
	    "CC-Cause: Terminated\n"
	    "variable_sip_hangup_disposition: recv_bye\n");
	fsb_expect_told("ESTABLISHED c1@801; "
			"CALL_CLEARED c1 CAUSE_NORMAL PARTY_CALLER");
	fsb_down();
}
END_TEST

Suite *
freeswitch_suite(void)
{
	TCase *tc = tcase_create("own"), *calls = tcase_create("calls");
	Suite *s = suite_of(tc, "freeswitch");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, logs_in_a_byte_at_a_time);
	tcase_add_test(tc, a_wrong_password);
	tcase_add_test(tc, not_let_in);
	tcase_add_loop_test(
	    tc, nonsense_ends_the_connection, 0, NELEM(nonsense));
	tcase_add_test(tc, a_new_bridge);
	tcase_add_test(tc, half_a_leg_is_none);
	tcase_add_test(tc, a_leg_without_a_caller);
	tcase_add_loop_test(tc, a_queue_of_the_switch, 0, NELEM(ends));
	tcase_add_test(tc, a_queue_that_had_calls_already);
	tcase_set_timeout(calls, 60);
	tcase_add_checked_fixture(calls, fsb_up, fsb_down);
	tcase_add_test(calls, an_offer_is_answered);
	tcase_add_test(calls, what_is_dialled);
	tcase_add_test(calls, the_place_and_the_wait);
	tcase_add_loop_test(calls, a_call_that_may_not_wait, 0, 3);
	tcase_add_test(calls, a_hostile_caller);
	tcase_add_loop_test(calls, a_hostile_device, 0, NELEM(devices));
	tcase_add_loop_test(calls, an_offer_fails, 0, NELEM(failures));
	tcase_add_test(calls, an_originate_that_is_refused);
	tcase_add_test(calls, a_leg_that_rings_too_late);
	tcase_add_test(calls, it_has_answered_meanwhile);
	tcase_add_test(calls, the_caller_gives_up);
	tcase_add_loop_test(calls, who_hangs_up, 0, 2);
	tcase_add_loop_test(calls, the_caller_stays, 0, 2);
	tcase_add_test(calls, who_hangs_up_told_last);
	tcase_add_test(calls, held_before_the_asked_fails);
	tcase_add_test(calls, the_switch_restarts);
	tcase_add_test(calls, calls_come_and_go_unheard);
	tcase_add_test(calls, a_switch_that_does_not_answer);
	suite_add_tcase(s, calls);
	return s;
}
