/*
 * asterisk_wire_test.c - the driver against a manager made of words: the
 * connection, hostile text, and listening beside app_queue.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bridge/asterisk.h"
#include "test/support/ami_peer.h"
#include "test/support/asterisk_bed.h"
#include "test/support/asterisk_words.h"
#include "test/support/certificate.h"
#include "test/support/support.h"

static void
setup(void)
{
	words_live(false, "");
}

START_TEST(what_a_command_cannot_hold)
{
	static const char *const devices[] = { "801\r\nAction: Command",
		"801,802", "801@evil", "801/sip:x@y", "${SHELL(id)}", "80 1",
		"801&802" };
	static const char *const numbers[] = { "1380\r\nX: y", "1380,u",
		"1380@x", "1380/n", "${EXTEN}", "13 80" };

	arrives();
	for (size_t i = 0; i < NELEM(devices); i++)
		ck_assert_int_eq(
		    ordered(ORDER(CONNECT), "A", devices[i], NULL, NULL),
		    MASHANG__CODE__CODE_BAD_FIELD);
	for (size_t i = 0; i < NELEM(numbers); i++) {
		ck_assert_int_eq(
		    ordered(ORDER(TRANSFER), "A", NULL, numbers[i], NULL),
		    MASHANG__CODE__CODE_BAD_FIELD);
		ck_assert_int_eq(
		    ordered(ORDER(MAKE_CALL), NULL, "801", numbers[i], NULL),
		    MASHANG__CODE__CODE_BAD_FIELD);
	}
	connect_801(8 + 2 * NELEM(numbers));
}
END_TEST

/* Names that callers choose come to the daemon, not into a command. */
START_TEST(hostile_names)
{
	chan("Newchannel", CALLER, 4, "");
	say("Event: UserEvent\nUserEvent: MashangCall\nUniqueid: " CALLER "\n"
	    "Channel: PJSIP/line-00000001\nCallerIDNum: 1\",<2>\n"
	    "CallerIDName: \"x\" <0>, Bad: y\nCall: called=4001\n\n");
	told("OFFERED A from=1\",<2> name=\"x\" <0>, Bad: y to=4001");
	told("QUEUED A");
	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ck_assert_str_eq(ami_asked("CallerID"), "");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	/* Whose very name could not be written down is not handled. */
	say("Event: Newchannel\nUniqueid: a b,c\nChannel: X/1\n"
	    "ChannelState: 4\n\n");
	say("Event: UserEvent\nUserEvent: MashangCall\nUniqueid: a b,c\n"
	    "Channel: X/1\nCall: called=4001\n\n");
	xb_turn();
	told_nothing();
}
END_TEST

START_TEST(another_managers_events)
{
	arrives();
	connect_801(1);
	/* Of an action that was not ours, with a number that is. */
	say("Response: Error\nActionID: 999\nMessage: no\n\n"
	    "Event: OriginateResponse\nActionID: 7\nResponse: Failure\n"
	    "Uniqueid: other\nReason: 0\n\n"
	    "Event: UserEvent\nUserEvent: MashangCall\nCall: x=y\n\n"
	    "Event: BridgeEnter\nBridgeUniqueid: bx\nUniqueid: stranger\n"
	    "Channel: PJSIP/9-1\n\n");
	xb_turn();
	told_nothing();
	chan("Newstate", leg, 6, "");
	bridge("Enter", CALLER, "b1");
	bridge("Enter", leg, "b1");
	told("ESTABLISHED A @801 #1");
}
END_TEST

/* ------------------------------------------------------------- connection */

static unsigned
gaps(void)
{
	Mashang__SwitchStatus s = MASHANG__SWITCH_STATUS__INIT;

	exchange_status(xb_x.x, &s);
	return (unsigned)s.gaps;
}

static const char row_held[] =
    "Event: Status\nChannel: PJSIP/line-00000001\nChannelState: 6\n"
    "CallerIDNum: 13812348000\nUniqueid: " CALLER "\nDNID: 4001\nBridgeID: \n"
    "Application: Wait\nVariable: MASHANG_CALL=called=4001\n"
    "Variable: MASHANG_AT=hold\nVariable: MASHANG_ROLE=caller\n"
    "Variable: MASHANG_OF=" CALLER "\nVariable: MASHANG_DEVICE=(null)\n"
    "Variable: MASHANG_PEER=PJSIP/801-00000001\n\n";

static const char *
row_agent(const char *uid, const char *bridged)
{
	static char row[1024];

	snprintf(row, sizeof(row),
	    "Event: Status\nChannel: PJSIP/801-00000001\nChannelState: 6\n"
	    "Uniqueid: %s\nBridgeID: %s\nVariable: MASHANG_CALL=(null)\n"
	    "Variable: MASHANG_AT=(null)\nVariable: MASHANG_ROLE=agent\n"
	    "Variable: MASHANG_OF=" CALLER "\nVariable: MASHANG_DEVICE=801\n"
	    "Variable: MASHANG_PEER=PJSIP/line-00000001\n\n",
	    uid, bridged);
	return row;
}

static void
reconnect(const char *started, const char *rows)
{
	ami_peer_hang_up();
	ami_log_in(SECRET, started, rows);
	bed_connected();
}

START_TEST(connected_again)
{
	char rows[4096];

	talk();
	snprintf(rows, sizeof(rows), "%s%s", row_held, row_agent(leg, ""));
	reconnect("10:00:00", rows);
	told("HELD A @801");
	ck_assert_uint_eq(gaps(), 1);
	reconnect("10:00:00", "");
	told("CALL_CLEARED A SWITCH_LOST SWITCH");
	ck_assert_uint_eq(gaps(), 2);
	/* Another life of the switch has told nothing that we missed. */
	reconnect("11:00:00", "");
	ck_assert_uint_eq(gaps(), 2);
}
END_TEST

START_TEST(known_by_another_process)
{
	char rows[4096];

	talk();
	snprintf(rows, sizeof(rows), "%s%s", row_held, row_agent(leg, ""));
	asterisk_bed_restart();
	ami_log_in(SECRET, "10:00:00", rows);
	bed_connected();
	told("HELD A @801");
	order_begin(ORDER(RETRIEVE), "A", "801", NULL, NULL);
	joined_again(leg, "b7");
	ck_assert_int_eq(order_result(), 0);
	told("RETRIEVED A @801 #2");
}
END_TEST

static const char *
row_back(const char *uid, const char *state, const char *role, const char *call,
    const char *at)
{
	static char row[1024];

	snprintf(row, sizeof(row),
	    "Event: Status\nChannel: Local/13812340000@mashang-dial-1;1\n"
	    "ChannelState: %s\nUniqueid: %s\nBridgeID: \n"
	    "CallerIDNum: 13812340000\n"
	    "Variable: MASHANG_CALL=%s\nVariable: MASHANG_AT=%s\n"
	    "Variable: MASHANG_ROLE=%s\nVariable: MASHANG_OF=%s\n"
	    "Variable: MASHANG_DEVICE=13812340000\n"
	    "Variable: MASHANG_BACK=1\n\n",
	    state, uid, call, at, role, uid);
	return row;
}

static void
calls_back(void)
{
	order_begin(ORDER(CALL_BACK), NULL, NULL, "13812340000", NULL);
	originated("Local/13812340000@mashang-dial/n", "mashang-wait", "back");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	told("OFFERED A #1 from=13812340000");
	chan("Newchannel", leg, 0, "");
}

/* The bridge starts again: while they are rung, and when they have answered. */
START_TEST(called_back_and_known_again)
{
	char inner[128], rows[2048];
	size_t n;

	calls_back();
	asterisk_bed_restart();
	ami_log_in(
	    SECRET, "10:00:00", row_back(leg, "5", "back", "(null)", "(null)"));
	bed_connected();
	told_nothing();
	chan("Newstate", leg, 6, "");
	user(leg, "MashangWait", "Call: called=\n");
	told("QUEUED A");
	asterisk_bed_restart();
	snprintf(inner, sizeof(inner), "%s;2", leg);
	snprintf(rows, sizeof(rows), "%s",
	    row_back(leg, "6", "caller", "called=", "wait"));
	n = strlen(rows);
	snprintf(rows + n, sizeof(rows) - n, "%s",
	    row_back(inner, "6", "back", "(null)", "(null)"));
	ami_log_in(SECRET, "10:00:00", rows);
	bed_connected();
	hang_up(inner, 16); /* of no more meaning than that it was there */
	xb_turn();
	told_nothing();
	reconnect("10:00:00", "");
	told("CALL_CLEARED A SWITCH_LOST SWITCH");
}
END_TEST

/* They have answered while nobody heard it. */
START_TEST(called_back_and_answered_unheard)
{
	calls_back();
	reconnect("10:00:00", row_back(leg, "6", "caller", "called=", "wait"));
	told("QUEUED A #1");
}
END_TEST

/* An order whose answer is lost with the connection; its leg comes after all. */
START_TEST(lost_under_way)
{
	arrives();
	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ami_peer_hang_up();
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_UNAVAILABLE);
	ami_log_in(SECRET, "10:00:00",
	    "Event: Status\nChannel: PJSIP/line-00000001\nChannelState: 6\n"
	    "Uniqueid: " CALLER
	    "\nBridgeID: \nVariable: MASHANG_CALL=called=4001\n"
	    "Variable: MASHANG_AT=wait\n\n");
	bed_connected();
	chan("Newchannel", leg, 0, "");
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Channel"), leg);
	told_nothing();
}
END_TEST

START_TEST(more_than_a_line_may_be)
{
	char *line = malloc(AMI_LINE_MAX + 100);

	arrives();
	memset(line, 'x', AMI_LINE_MAX + 99);
	line[AMI_LINE_MAX + 99] = '\0';
	ami_say("Event: Newchannel\nChannel: ");
	ami_say(line);
	free(line);
	ami_say("\n\n");
	ami_peer_greet(NULL); /* it has come again */
	ami_expect("Challenge");
	bed_trouble("8192 bytes");
}
END_TEST

START_TEST(lines_of_1025_bytes)
{
	char line[1026];

	memset(line, 'v', 1025);
	memcpy(line, "ChanVariable: ", 14);
	line[1025] = '\0';
	chan("Newchannel", CALLER, 4, line);
	ami_say("\n");
	say("Event: UserEvent\nUserEvent: MashangCall\n%s\nUniqueid: " CALLER
	    "\n"
	    "Channel: PJSIP/line-00000001\nCall: called=4001\n\n",
	    line);
	told("OFFERED A to=4001");
}
END_TEST

/* It reads while it is being told much; nobody else is kept waiting. */
START_TEST(a_flood_is_read)
{
	ck_assert_uint_ge(ami_flood(8 << 20), 8 << 20);
	ami_say("\n\n");
	chan("Newchannel", CALLER, 4, "");
	user(CALLER, "MashangCall", "Call: called=4001\n");
	told("OFFERED A from=13812348000 to=4001");
}
END_TEST

START_TEST(a_wrong_secret)
{
	words_up(false, "");
	ami_peer_greet(NULL);
	ami_expect("Challenge");
	ami_respond("Success", "Challenge: 1\n");
	ami_expect("Login");
	ami_respond("Error", "Message: Authentication failed\n");
	bed_trouble("refuses the log-in of bridge (Authentication failed)");
	bed_trouble("secret_file");
	xb_turn();
	ck_assert(!ami_peer_connected());
	/* Not twice a second: it will say the same. */
	ck_assert_int_gt(((struct ast *)asterisk_bed_driver())->again_at,
	    clock_loop() + 20 * CLOCK_S);
}
END_TEST

START_TEST(another_banner)
{
	words_up(false, "");
	ami_peer_greet("SSH-2.0-OpenSSH_9.2\n");
	bed_trouble("not Asterisk's manager: it says 'SSH-2.0-OpenSSH_9.2'");
}
END_TEST

START_TEST(no_right_to_list)
{
	words_up(false, "");
	ami_peer_greet("Asterisk Call Manager/5.0.1\n");
	ami_expect("Challenge");
	ami_respond("Success", "Challenge: 1\n");
	ami_expect("Login");
	ami_respond("Success", "");
	ami_expect("CoreSettings");
	ami_respond("Error", "Message: Permission denied\n");
	ami_expect("CoreStatus");
	ami_respond("Error", "Message: Permission denied\n");
	ami_expect("Status");
	ami_respond("Error", "Message: Permission denied\n");
	bed_trouble("does not list its channels");
}
END_TEST

START_TEST(over_tls)
{
	char pem[PATH_MAX], more[PATH_MAX + 64];

	snprintf(pem, sizeof(pem), "%s/peer.pem", test_dir());
	peer_tls = certificate_new("IP:127.0.0.1", pem);
	snprintf(more, sizeof(more), "tls_ca: %s\n", pem);
	words_live(false, more);
	talk();
}
END_TEST

START_TEST(tls_of_another)
{
	char pem[PATH_MAX], more[PATH_MAX + 64];

	snprintf(pem, sizeof(pem), "%s/peer.pem", test_dir());
	peer_tls = certificate_new("DNS:other.test", pem);
	snprintf(more, sizeof(more), "tls_ca: %s\n", pem);
	words_up(false, more);
	bed_trouble("certificate");
}
END_TEST

START_TEST(in_plain_words)
{
	words_up(false, "login: plain\n");
	ami_peer_greet(NULL);
	ami_expect("Login");
	ck_assert_str_eq(ami_asked("Secret"), SECRET);
}
END_TEST

START_TEST(options_that_cannot_be)
{
	extern const struct driver driver_asterisk;
	static const char *const bad[] = { "PJSIP/801", "%s", "PJSIP/%s%s",
		"PJSIP/%d", "PJSIP/%s,1" };
	const char *header = "Call-Info";
	struct ast_options o = { .address = "tcp:pbx.test:5038",
		.login = AST_LOGIN_PLAIN,
		.device = "PJSIP/%s",
		.user = "u",
		.secret_file = "" };

	ck_assert_ptr_nonnull(driver_asterisk.fault(&o, false));
	o.address = "tls:pbx.test:5039";
	ck_assert_ptr_null(driver_asterisk.fault(&o, false));
	o.address = "tcp:127.0.0.1:5038";
	ck_assert_ptr_null(driver_asterisk.fault(&o, false));
	for (size_t i = 0; i < NELEM(bad); i++) {
		o.device = bad[i];
		ck_assert_ptr_nonnull(driver_asterisk.fault(&o, false));
	}
	o.device = "PJSIP/%s@edge";
	ck_assert_ptr_null(driver_asterisk.fault(&o, false));
	ck_assert_uint_eq(driver_asterisk.can(&o, false) & CAN(ANSWER), 0);
	o.auto_answer = (struct conf_list){ &header, 1 };
	ck_assert_ptr_nonnull(driver_asterisk.fault(&o, false));
	header = "Call-Info: <sip:x>;answer-after=0";
	ck_assert_ptr_null(driver_asterisk.fault(&o, false));
	ck_assert_uint_ne(driver_asterisk.can(&o, false) & CAN(ANSWER), 0);
	ck_assert_uint_eq(driver_asterisk.can(&o, true), 0);
}
END_TEST

/* ------------------------------------------------------------- listening */

static void
queue_event(const char *event, const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text), "Queue: repair\n%s", more);
	chan(event, CALLER, 6, text);
}

static void
joins(void)
{
	words_live(true, "");
	chan("Newchannel", CALLER, 4, "");
	queue_event("QueueCallerJoin", "Position: 1\nCount: 1\n");
	told("OFFERED A from=13812348000 to=4001 menu=repair");
	told("QUEUED A");
	queue_event("AgentCalled",
	    "Interface: PJSIP/801\nMemberName: Ann\nDestUniqueid: 17.1\n");
	told("DELIVERED A @801");
}

START_TEST(a_queue_connects)
{
	joins();
	queue_event("AgentRingNoAnswer",
	    "Interface: PJSIP/801\nMemberName: Ann\nRingTime: 3000\n");
	told("FAILED A @801 NO_ANSWER");
	queue_event("AgentCalled", "Interface: Local/x@y\nMemberName: Bob\n");
	told("DELIVERED A @Bob");
	queue_event("QueueCallerLeave", "Position: 1\n");
	ami_expect("Getvar"); /* it may have given up */
	queue_event("AgentConnect",
	    "Interface: Local/x@y\nMemberName: Bob\nDestUniqueid: 17.2\n"
	    "DestChannel: Local/x@y-00000001;1\n");
	told("ESTABLISHED A @Bob");
	ami_respond("Success", "Variable: QUEUESTATUS\nValue: \n");
	queue_event("AgentComplete",
	    "Interface: Local/x@y\nMemberName: Bob\nReason: agent\n");
	told("CONNECTION_CLEARED A @Bob");
	hang_up(CALLER, 16);
	told("CALL_CLEARED A NORMAL AGENT");
}
END_TEST

/* The same event for whoever has hung up ... */
START_TEST(a_queue_is_abandoned)
{
	joins();
	chan("HangupRequest", CALLER, 6, "");
	queue_event("QueueCallerAbandon", "HoldTime: 1\n");
	queue_event("QueueCallerLeave", "Position: 1\n");
	xb_turn();
	ck_assert(!ami_was_asked());
	hang_up(CALLER, 0);
	told("CALL_CLEARED A NORMAL CALLER");
	told_nothing();
}
END_TEST

/* ... and for whom the queue has let go. */
START_TEST(a_queue_lets_go)
{
	static const struct {
		const char *status, *cause;
	} rows[] = {
		{ "TIMEOUT", " TIMED_OUT" },
		{ "LEAVEEMPTY", " REFUSED" },
		{ "LEAVEUNAVAIL", " REFUSED" },
		{ "WITHDRAW", " WITHDRAWN" },
		{ "CONTINUE", "" },
	};
	char text[128];

	joins();
	for (unsigned i = 0; i < NELEM(rows); i++) {
		queue_event("QueueCallerAbandon", "HoldTime: 9\n");
		queue_event("QueueCallerLeave", "Position: 1\n");
		ami_expect("Getvar");
		ck_assert_str_eq(ami_asked("Variable"), "QUEUESTATUS");
		ck_assert_str_eq(ami_asked("Channel"), CALLER);
		if (i == 0) { /* not yet set */
			ami_respond("Success", "Value: \n");
			ami_expect("Getvar");
		}
		snprintf(text, sizeof(text), "Value: %s\n", rows[i].status);
		ami_respond("Success", text);
		snprintf(text, sizeof(text), "DIVERTED A%s", rows[i].cause);
		told(text);
		queue_event("QueueCallerJoin", "Position: 1\n");
		told("QUEUED A"); /* the next queue */
	}
	queue_event("QueueCallerAbandon", "HoldTime: 9\n");
	queue_event("QueueCallerLeave", "Position: 1\n");
	ami_expect("Getvar");
	ami_respond("Success", "Value: TIMEOUT\n");
	told("DIVERTED A TIMED_OUT");
	hang_up(CALLER, 16);
	told("CALL_CLEARED A TIMED_OUT SWITCH");
}
END_TEST

Suite *
asterisk_wire_suite(void)
{
	TCase *logged_in = tcase_create("logged in");
	TCase *others = tcase_create("others");
	TCase *options = tcase_create("options");
	Suite *s = suite_of(logged_in, "asterisk_wire");
	const TTest *const first[] = { what_a_command_cannot_hold,
		hostile_names, another_managers_events, connected_again,
		known_by_another_process, called_back_and_known_again,
		called_back_and_answered_unheard, lost_under_way,
		more_than_a_line_may_be, lines_of_1025_bytes, a_flood_is_read };
	const TTest *const second[] = { a_wrong_secret, another_banner,
		no_right_to_list, over_tls, tls_of_another, in_plain_words,
		a_queue_connects, a_queue_is_abandoned, a_queue_lets_go };

	tcase_set_timeout(logged_in, 60);
	tcase_add_checked_fixture(logged_in, setup, words_down);
	for (size_t i = 0; i < NELEM(first); i++)
		tcase_add_test(logged_in, first[i]);
	suite_add_tcase(s, others);
	tcase_set_timeout(others, 60);
	tcase_add_checked_fixture(others, NULL, words_down);
	for (size_t i = 0; i < NELEM(second); i++)
		tcase_add_test(others, second[i]);
	suite_add_tcase(s, options);
	tcase_add_test(options, options_that_cannot_be);
	return s;
}
