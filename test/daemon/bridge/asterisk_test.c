/*
 * asterisk_test.c - the driver against a manager made of words.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <event2/event.h>

#include "bridge/asterisk.h"
#include "test/support/ami_peer.h"
#include "test/support/asterisk_bed.h"
#include "test/support/certificate.h"
#include "test/support/support.h"

#define SECRET "s3cret"
#define C "1795461969.0" /* the caller's channel */

static char section[2 * PATH_MAX];
static SSL_CTX *ctx;

/* ------------------------------------------------------------ the beginning */

static void
write_section(const char *more)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/secret", test_dir());
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fchmod(fileno(f), 0600);
	fputs(SECRET "\n", f);
	fclose(f);
	snprintf(section, sizeof(section),
	    "address: %s\nsecret_file: %s\nuser: bridge\n%s",
	    ami_peer_address(), path, more);
}

static void
up(bool listen_only, const char *more)
{
	ami_peer_up(ctx);
	write_section(more);
	asterisk_bed_setup(section, listen_only);
	ami_peer_listen(xb_x.base);
}

static void
live(bool listen_only, const char *more)
{
	up(listen_only, more);
	ami_log_in(SECRET, "10:00:00", "");
	bed_connected();
}

static void
setup(void)
{
	live(false, "auto_answer: ['Call-Info: <sip:x>;answer-after=0']\n");
}

static void
teardown(void)
{
	ami_peer_down();
	asterisk_bed_teardown();
	if (ctx != NULL)
		SSL_CTX_free(ctx);
	ctx = NULL;
}

/* -------------------------------------------------------- what it is told */

static void say(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void
say(const char *fmt, ...)
{
	char text[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ami_say(text);
}

static void
chan(const char *event, const char *uid, int state, const char *more)
{
	say("Event: %s\nPrivilege: call,all\nChannel: PJSIP/%s-00000001\n"
	    "ChannelState: %d\nCallerIDNum: 13812348000\n"
	    "CallerIDName: <unknown>\nContext: x\nExten: 4001\n"
	    "Uniqueid: %s\nLinkedid: %s\n%s\n",
	    event, strcmp(uid, C) == 0 ? "line" : "801", state, uid, uid, more);
}

static void
bridge(const char *event, const char *uid, const char *id)
{
	say("Event: Bridge%s\nBridgeUniqueid: %s\nBridgeNumChannels: 2\n"
	    "Channel: PJSIP/%s-00000001\nUniqueid: %s\n\n",
	    event, id, strcmp(uid, C) == 0 ? "line" : "801", uid);
}

static void
hang_up(const char *uid, int cause)
{
	char more[64];

	snprintf(more, sizeof(more), "Cause: %d\n", cause);
	chan("Hangup", uid, 6, more);
}

static void
user(const char *uid, const char *what, const char *more)
{
	char text[2048];

	snprintf(text, sizeof(text), "UserEvent: %s\n%s", what, more);
	chan("UserEvent", uid, 6, text);
}

static void
arrives(void)
{
	chan("Newchannel", C, 4, "");
	user(C, "MashangCall",
	    "Call: menu=a%26b&priority=3&called=4001&data.account=1%2C2&"
	    "data.=x&junk&data.bad=%zz&data.nul=a%00\n");
	told("OFFERED A from=13812348000 to=4001 menu=a&b priority=3 "
	     "account:1,2");
	told("QUEUED A");
	user(C, "MashangWait", "");
}

static const char *leg; /* the id of the channel that was originated last */
static char legs[8][64];
static unsigned n_legs;

static void
originated(const char *channel, const char *context, const char *exten)
{
	ami_expect("Originate");
	ck_assert_str_eq(ami_asked("Channel"), channel);
	ck_assert_str_eq(ami_asked("Context"), context);
	ck_assert_str_eq(ami_asked("Exten"), exten);
	ck_assert_str_eq(ami_asked("Async"), "true");
	leg = legs[n_legs++ % 8];
	snprintf(legs[(n_legs - 1) % 8], sizeof(legs[0]), "%s",
	    ami_asked("ChannelId"));
	ck_assert_int_eq(strncmp(leg, "mashang-", 8), 0);
}

static void
connect_801(unsigned order)
{
	char line[64];

	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ck_assert_str_eq(ami_asked("Timeout"), "4000");
	ck_assert_str_eq(ami_asked("CallerID"), "<13812348000>");
	ck_assert_ptr_nonnull(
	    strstr(ami_asked("Variable"), "MASHANG_PEER=PJSIP/line-00000001"));
	chan("Newchannel", leg, 0, ""); /* before its response */
	ami_respond("Success", "Message: Originate successfully queued\n");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	chan("Newstate", leg, 5, "");
	snprintf(line, sizeof(line), "DELIVERED A @801 #%u", order);
	told(line);
}

static void
talk(void)
{
	arrives();
	connect_801(1);
	chan("Newstate", leg, 6, "");
	bridge("Enter", C, "b1");
	bridge("Enter", leg, "b1");
	told("ESTABLISHED A @801 #1");
}

START_TEST(answered_and_over)
{
	talk();
	chan("HangupRequest", C, 6, "");
	bridge("Leave", C, "b1");
	bridge("Leave", leg, "b1");
	hang_up(C, 16);
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
	hang_up(C, 16);
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
	chan("HangupRequest", C, 6, "");
	hang_up(C, 0);
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
	bridge("Enter", C, "b1");
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
	ck_assert_int_eq(ordered(ORDER(DISCONNECT), "A", "801", NULL, NULL), 0);
	chan("Newchannel", leg, 0, "");
	ami_expect("Hangup");
	ck_assert_str_eq(ami_asked("Channel"), leg);
	hang_up(leg, 0);
	told("CONNECTION_CLEARED A @801 #2");
}
END_TEST

static void
arrived_aside(const char *agent)
{
	user(C, "MashangHold", "");
	user(agent, "MashangAside", "");
}

static void
parked(const char *agent, const char *where)
{
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Redirect");
	ck_assert_str_eq(ami_asked("Channel"), C);
	ck_assert_str_eq(ami_asked("Context"), "mashang-hold");
	ck_assert_str_eq(ami_asked("ExtraChannel"), agent);
	ck_assert_str_eq(ami_asked("ExtraExten"), where);
	ami_respond("Success", "");
	bridge("Leave", C, "b1");
	bridge("Leave", agent, "b1");
}

static void
joined_again(const char *agent, const char *id)
{
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Redirect");
	ck_assert_str_eq(ami_asked("Channel"), agent);
	ck_assert_str_eq(ami_asked("Exten"), "join");
	ami_respond("Success", "");
	bridge("Enter", C, id);
	bridge("Enter", agent, id);
}

START_TEST(held_and_retrieved)
{
	talk();
	order_begin(ORDER(HOLD), "A", "801", NULL, NULL);
	parked(leg, "wait");
	ck_assert_int_eq(order_result(), 0);
	told_nothing();
	arrived_aside(leg);
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
	bridge("Enter", C, "b2");
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
	ami_expect("Redirect"); /* back together */
	ck_assert_str_eq(ami_asked("Channel"), agent);
	ami_respond("Success", "");
	bridge("Enter", C, "b3");
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
	hang_up(C, 16);
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

START_TEST(all_in_one_room)
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
	ck_assert_str_eq(ami_asked("Channel"), C);
	ck_assert_str_eq(ami_asked("Exten"), "caller");
	ami_respond("Success", "");
	ck_assert_int_eq(order_result(), 0);
	told("CONFERENCED A @13900000000 #3");
	told("CALL_CLEARED B #2 NORMAL SWITCH");
	bridge("Enter", C, "room");
	bridge("Enter", leg, "room");
	bridge("Enter", agent, "room");
	chan("HangupRequest", agent, 6, "");
	hang_up(agent, 16);
	told("TRANSFERRED A @13900000000");
	hang_up(leg, 16);
	told("CONNECTION_CLEARED A @13900000000");
	ami_expect("Hangup"); /* nobody is with the caller any more */
	ck_assert_str_eq(ami_asked("Channel"), C);
	hang_up(C, 16);
	told("CALL_CLEARED A NORMAL AGENT");
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
	hang_up(C, 16);
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
	chan("Newchannel", C, 4, "");
	say("Event: UserEvent\nUserEvent: MashangCall\nUniqueid: " C "\n"
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
	bridge("Enter", C, "b1");
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
    "CallerIDNum: 13812348000\nUniqueid: " C "\nDNID: 4001\nBridgeID: \n"
    "Application: Wait\nVariable: MASHANG_CALL=called=4001\n"
    "Variable: MASHANG_AT=hold\nVariable: MASHANG_ROLE=caller\n"
    "Variable: MASHANG_OF=" C "\nVariable: MASHANG_DEVICE=(null)\n"
    "Variable: MASHANG_PEER=PJSIP/801-00000001\n\n";

static const char *
row_agent(const char *uid, const char *bridged)
{
	static char row[1024];

	snprintf(row, sizeof(row),
	    "Event: Status\nChannel: PJSIP/801-00000001\nChannelState: 6\n"
	    "Uniqueid: %s\nBridgeID: %s\nVariable: MASHANG_CALL=(null)\n"
	    "Variable: MASHANG_AT=(null)\nVariable: MASHANG_ROLE=agent\n"
	    "Variable: MASHANG_OF=" C "\nVariable: MASHANG_DEVICE=801\n"
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
	    "Uniqueid: " C "\nBridgeID: \nVariable: MASHANG_CALL=called=4001\n"
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
	chan("Newchannel", C, 4, line);
	ami_say("\n");
	say("Event: UserEvent\nUserEvent: MashangCall\n%s\nUniqueid: " C "\n"
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
	chan("Newchannel", C, 4, "");
	user(C, "MashangCall", "Call: called=4001\n");
	told("OFFERED A from=13812348000 to=4001");
}
END_TEST

START_TEST(a_wrong_secret)
{
	up(false, "");
	ami_peer_greet(NULL);
	ami_expect("Challenge");
	ami_respond("Success", "Challenge: 1\n");
	ami_expect("Login");
	ami_respond("Error", "Message: Authentication failed\n");
	bed_trouble("refuses the log-in of bridge (Authentication failed)");
	bed_trouble("secret_file");
	xb_turn();
	ck_assert(!ami_peer_connected()); /* for half a minute */
}
END_TEST

START_TEST(another_banner)
{
	up(false, "");
	ami_peer_greet("SSH-2.0-OpenSSH_9.2\n");
	bed_trouble("not Asterisk's manager: it says 'SSH-2.0-OpenSSH_9.2'");
}
END_TEST

START_TEST(no_right_to_list)
{
	up(false, "");
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
	ctx = certificate_new("IP:127.0.0.1", pem);
	snprintf(more, sizeof(more), "tls_ca: %s\n", pem);
	live(false, more);
	talk();
}
END_TEST

START_TEST(tls_of_another)
{
	char pem[PATH_MAX], more[PATH_MAX + 64];

	snprintf(pem, sizeof(pem), "%s/peer.pem", test_dir());
	ctx = certificate_new("DNS:other.test", pem);
	snprintf(more, sizeof(more), "tls_ca: %s\n", pem);
	up(false, more);
	bed_trouble("certificate");
}
END_TEST

START_TEST(in_plain_words)
{
	up(false, "login: plain\n");
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
	chan(event, C, 6, text);
}

static void
joins(void)
{
	live(true, "");
	chan("Newchannel", C, 4, "");
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
	hang_up(C, 16);
	told("CALL_CLEARED A NORMAL AGENT");
}
END_TEST

/* The same event for whoever has hung up ... */
START_TEST(a_queue_is_abandoned)
{
	joins();
	chan("HangupRequest", C, 6, "");
	queue_event("QueueCallerAbandon", "HoldTime: 1\n");
	queue_event("QueueCallerLeave", "Position: 1\n");
	hang_up(C, 0);
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
		ck_assert_str_eq(ami_asked("Channel"), C);
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
	hang_up(C, 16);
	told("CALL_CLEARED A TIMED_OUT SWITCH");
}
END_TEST

Suite *
asterisk_suite(void)
{
	TCase *routing = tcase_create("routing");
	TCase *others = tcase_create("others");
	Suite *s = suite_of(routing, "asterisk");
	const TTest *const routed[] = { answered_and_over, byte_by_byte,
		in_odd_pieces, abandoned_while_ringing, not_answered,
		refused_by_asterisk, stopped_too_late, stopped_before_it_rings,
		held_and_retrieved, a_hold_that_is_refused, transferred,
		a_transfer_fails, consulted_and_transferred,
		the_consulted_leaves, all_in_one_room, supervised, called_out,
		called_in_vain, what_a_command_cannot_hold, hostile_names,
		another_managers_events, connected_again,
		known_by_another_process, lost_under_way,
		more_than_a_line_may_be, lines_of_1025_bytes, a_flood_is_read };
	const TTest *const bare[] = { a_wrong_secret, another_banner,
		no_right_to_list, over_tls, tls_of_another, in_plain_words,
		a_queue_connects, a_queue_is_abandoned, a_queue_lets_go };

	tcase_set_timeout(routing, 60);
	tcase_set_timeout(others, 60);
	tcase_add_checked_fixture(routing, setup, teardown);
	for (size_t i = 0; i < NELEM(routed); i++)
		tcase_add_test(routing, routed[i]);
	tcase_add_checked_fixture(others, NULL, teardown);
	for (size_t i = 0; i < NELEM(bare); i++)
		tcase_add_test(others, bare[i]);
	suite_add_tcase(s, others);
	others = tcase_create("options");
	tcase_add_test(others, options_that_cannot_be);
	suite_add_tcase(s, others);
	return s;
}
