/*
 * freeswitch_back_test.c - a customer is called back, and waits.
 */
#include <stdio.h>
#include <string.h>

#include "bridge/freeswitch.h"
#include "test/support/exchange_bed.h"
#include "test/support/freeswitch_bed.h"
#include "test/support/support.h"

#define NUMBER "13812348000"

/* `%' stands for the customer's leg, whose name is the call's. */
static const char *
of(const char *text)
{
	static char out[2048];
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (*text == '%')
			n += (size_t)snprintf(
			    out + n, sizeof(out) - n, "%s", fsb.leg[0]);
		else
			out[n++] = *text;
	out[n] = '\0';
	return out;
}

static void
calls_back(void)
{
	esl_peer_quiet(&fsb.peer); /* the second list is read */
	ck_assert_int_eq(
	    xb_order(1, FSB_ORDER(CALL_BACK), NULL, NULL, NUMBER), -1);
	fsb_rung(1);
	fsb_expect_told(of("OFFERED %"));
}

static void
answers(void)
{
	fsb_event("CHANNEL_PROGRESS", fsb.leg[0], "");
	fsb_event("CHANNEL_ANSWER", fsb.leg[0], FSB_ANSWERED);
	esl_peer_job(&fsb.peer, fsb.leg[0], "+OK\n");
	/* Of an outgoing leg these are the number shown, not who it is. */
	fsb_event(
	    "mashang::queued", fsb.leg[0], "Caller-Caller-ID-Number: 4001\n");
	esl_peer_expect(&fsb.peer, of("api uuid_setvar % mashang_role caller"));
	esl_peer_answer(&fsb.peer, "+OK");
	fsb_expect_told(of("QUEUED %"));
}

START_TEST(how_they_are_called)
{
	const char *c;

	calls_back();
	c = fsb.peer.command;
	ck_assert_ptr_nonnull(strstr(c, ",originate_timeout=21,"));
	ck_assert_ptr_nonnull(strstr(c, ",mashang_role='back',"));
	ck_assert_ptr_nonnull(strstr(c, of(",mashang_call='%',")));
	ck_assert_ptr_nonnull(strstr(c, ",mashang_back=true"));
	ck_assert_ptr_nonnull(
	    strstr(c, "}loopback/" NUMBER "/default/XML wait XML mashang\n"));
}
END_TEST

START_TEST(they_answer_and_wait)
{
	Mashang__LiveCall l = MASHANG__LIVE_CALL__INIT;
	uint64_t cursor = 0;

	calls_back();
	answers();
	ck_assert_uint_eq(exchange_live(xb_x.x, &cursor, 1, &l), 1);
	ck_assert_mem_eq(l.caller.data, NUMBER, strlen(NUMBER));
	/* And from then on as any caller. */
	ck_assert_int_eq(
	    xb_order(2, FSB_ORDER(CONNECT), fsb.leg[0], "801", NULL), -1);
	fsb_rung(2);
	fsb_event("CHANNEL_PROGRESS", fsb.leg[1], "");
	fsb_event("CHANNEL_ANSWER", fsb.leg[1], FSB_ANSWERED);
	fsb_event("CHANNEL_PARK", fsb.leg[1], FSB_ANSWERED);
	fsb_expect_bridge(fsb.leg[0], fsb.leg[1]);
	fsb_bridged(fsb.leg[0], fsb.leg[1]);
	fsb_expect_told(of("DELIVERED %@801; ESTABLISHED %@801"));
	fsb_event(
	    "CHANNEL_HANGUP", fsb.leg[0], "Hangup-Cause: NORMAL_CLEARING\n");
	fsb_expect_told(of("CALL_CLEARED % CAUSE_NORMAL PARTY_CALLER"));
}
END_TEST

static const struct {
	const char *cause, *told;
} vain[] = {
	{ "USER_BUSY", "CAUSE_BUSY" },
	{ "NO_ANSWER", "CAUSE_NO_ANSWER" },
	{ "CALL_REJECTED", "CAUSE_REJECTED" },
	{ "NO_ROUTE_DESTINATION", "CAUSE_UNREACHABLE" },
};

START_TEST(they_are_not_reached)
{
	char cause[64], want[160];

	calls_back();
	snprintf(cause, sizeof(cause), "-ERR %s\n", vain[_i].cause);
	esl_peer_job(&fsb.peer, fsb.leg[0], cause);
	snprintf(cause, sizeof(cause), "Hangup-Cause: %s\n", vain[_i].cause);
	fsb_event("CHANNEL_HANGUP", fsb.leg[0], cause);
	snprintf(want, sizeof(want),
	    "FAILED %% %s; CALL_CLEARED %% %s PARTY_SWITCH", vain[_i].told,
	    vain[_i].told);
	fsb_expect_told(of(want));
	esl_peer_quiet(&fsb.peer);
	ck_assert_str_eq(fsb.told, "");
}
END_TEST

/* They lift, and are gone before they wait. */
START_TEST(they_hang_up_at_once)
{
	calls_back();
	fsb_event("CHANNEL_ANSWER", fsb.leg[0], FSB_ANSWERED);
	fsb_event(
	    "CHANNEL_HANGUP", fsb.leg[0], "Hangup-Cause: NORMAL_CLEARING\n");
	fsb_expect_told(of("CALL_CLEARED % CAUSE_NORMAL PARTY_CALLER"));
}
END_TEST

/* Nobody needs it any more: that is no failure. */
START_TEST(it_is_taken_back)
{
	calls_back();
	ck_assert_int_eq(
	    xb_order(2, FSB_ORDER(CLEAR), fsb.leg[0], NULL, NULL), -1);
	esl_peer_expect(&fsb.peer, of("api uuid_kill % "));
	esl_peer_answer(&fsb.peer, "+OK");
	fsb_event(
	    "CHANNEL_HANGUP", fsb.leg[0], "Hangup-Cause: NORMAL_CLEARING\n");
	fsb_expect_told(of("CALL_CLEARED % CAUSE_NORMAL PARTY_SWITCH"));
}
END_TEST

START_TEST(a_number_that_is_none)
{
	ck_assert_int_eq(
	    xb_order(1, FSB_ORDER(CALL_BACK), NULL, NULL, "1380&park"),
	    MASHANG__CODE__CODE_BAD_FIELD);
	esl_peer_quiet(&fsb.peer);
}
END_TEST

#define VARIABLES                                                           \
	"Channel-Name: loopback/x-a\nvariable_mashang_number: " NUMBER "\n" \
	"variable_mashang_call: b1\nvariable_mashang_back: true\n"          \
	"variable_mashang_device: " NUMBER                                  \
	"\nvariable_mashang_outside: true\nUnique-ID: b1\n"

/* A bridge that knows nothing reads it off the leg: it rings; it waits, and we
 * had not heard that; it waits. */
static const struct {
	const char *leg, *told;
	bool heard;
} places[] = {
	{ "Channel-State: CS_CONSUME_MEDIA\nChannel-Call-State: RINGING\n"
	  "Answer-State: ringing\nvariable_mashang_role: back\n",
	    "OFFERED b1", true },
	{ "Channel-State: CS_EXECUTE\n" FSB_ANSWERED
	  "Caller-Context: mashang\nCaller-Destination-Number: music\n"
	  "variable_mashang_role: back\n",
	    "QUEUED b1", false },
	{ "Channel-State: CS_EXECUTE\n" FSB_ANSWERED
	  "Caller-Context: mashang\nCaller-Destination-Number: music\n"
	  "variable_mashang_role: caller\n",
	    "OFFERED b1; QUEUED b1", true },
};

START_TEST(a_new_bridge_knows_them)
{
	Mashang__LiveCall l = MASHANG__LIVE_CALL__INIT;
	char body[2048];
	uint64_t cursor = 0;

	fsb_set_up(false, false);
	fsb_log_in("life-1");
	esl_peer_answer(&fsb.peer,
	    "{\"row_count\":1,\"rows\":["
	    "{\"uuid\":\"b1\",\"presence_data\":\"mashang\"}"
	    "]}");
	esl_peer_expect(&fsb.peer, "api uuid_dump b1");
	snprintf(body, sizeof(body), "%s%s", places[_i].leg, VARIABLES);
	fsb_dump(body);
	if (!places[_i].heard) {
		esl_peer_expect(
		    &fsb.peer, "api uuid_setvar b1 mashang_role caller");
		esl_peer_answer(&fsb.peer, "+OK");
	}
	fsb_expect_told(places[_i].told);
	ck_assert_uint_eq(exchange_live(xb_x.x, &cursor, 1, &l), 1);
	ck_assert_int_eq((int)l.relation, MASHANG__RELATION__RELATION_CALLBACK);
	ck_assert_mem_eq(l.caller.data, NUMBER, strlen(NUMBER));
	fsb_no_phones();
	fsb_down();
}
END_TEST

Suite *
freeswitch_back_suite(void)
{
	TCase *tc = tcase_create("known again"), *calls = tcase_create("calls");
	Suite *s = suite_of(tc, "freeswitch_back");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_new_bridge_knows_them, 0, NELEM(places));
	tcase_set_timeout(calls, 60);
	tcase_add_checked_fixture(calls, fsb_up, fsb_down);
	tcase_add_test(calls, how_they_are_called);
	tcase_add_test(calls, they_answer_and_wait);
	tcase_add_loop_test(calls, they_are_not_reached, 0, NELEM(vain));
	tcase_add_test(calls, they_hang_up_at_once);
	tcase_add_test(calls, it_is_taken_back);
	tcase_add_test(calls, a_number_that_is_none);
	suite_add_tcase(s, calls);
	return s;
}
