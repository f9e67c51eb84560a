/*
 * exchange_test.c - what is told of what a switch says, and which orders still
 * apply.
 */
#include "bridge/exchange.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "test/support/exchange_bed.h"
#include "test/support/support.h"

#define ALL 0x1fffeu
#define ORDER(k) MASHANG__ORDER_KIND__ORDER_##k
#define CODE(c) ((int)MASHANG__CODE__CODE_##c)
#define NO_RESULT -1

static void
setup(void)
{
	exchange_bed_setup(ALL);
	xb_x.answer = CODE(OK);
}

/* ---------------------------------------------------------------- reports */

/* clang-format off */
static const struct {
	const char *name, *say, *want;
} reports[] = {
	{ "a whole call",
	  "offered A; queued A; delivered A 801; established A 801; held A;"
	  "retrieved A; cleared A",
	  "OFFERED A; QUEUED A; DELIVERED A@801; ESTABLISHED A@801; HELD A@801; "
	  "RETRIEVED A@801; CALL_CLEARED A" },
	{ "what is told twice is told once",
	  "offered A; offered A; queued A; queued A; delivered A 801;"
	  "delivered A 801; established A 801; established A 801; held A; held A;"
	  "retrieved A; retrieved A; cleared A; cleared A",
	  "OFFERED A; QUEUED A; DELIVERED A@801; ESTABLISHED A@801; HELD A@801; "
	  "RETRIEVED A@801; CALL_CLEARED A" },
	{ "what rang before is late", "queued A; delivered A 801;"
	  "established A 801; delivered A 801",
	  "QUEUED A; DELIVERED A@801; ESTABLISHED A@801" },
	{ "a call opens by three kinds only",
	  "established A 801; held B; cleared C; failed D 801; delivered E 801",
	  "DELIVERED E@801" },
	{ "a call that is over does not come again",
	  "queued A; cleared A; delivered A 801; queued A",
	  "QUEUED A; CALL_CLEARED A" },
	{ "ringing at a device is at a device", "queued A; delivered A",
	  "QUEUED A" },
	{ "held without having been seen to be answered",
	  "queued A; held A 801",
	  "QUEUED A; DELIVERED A@801; ESTABLISHED A@801; HELD A@801" },
	{ "held at nobody's", "queued A; held A", "QUEUED A" },
	{ "another phone rings, the first has stopped",
	  "queued A; delivered A 801; delivered A 802",
	  "QUEUED A; DELIVERED A@801; CONNECTION_CLEARED A@801; "
	  "DELIVERED A@802" },
	{ "answered where it did not ring",
	  "queued A; delivered A 801; established A 802",
	  "QUEUED A; DELIVERED A@801; CONNECTION_CLEARED A@801; "
	  "DELIVERED A@802; ESTABLISHED A@802" },
	{ "talks with another: a transfer",
	  "queued A; established A 801; established A 802",
	  "QUEUED A; ESTABLISHED A@801; TRANSFERRED A@802" },
	{ "transferred, and told again",
	  "queued A; established A 801; transferred A 802; transferred A 802",
	  "QUEUED A; ESTABLISHED A@801; TRANSFERRED A@802" },
	{ "a transfer out of the queue is an answer",
	  "queued A; transferred A 802",
	  "QUEUED A; DELIVERED A@802; ESTABLISHED A@802" },
	{ "the agent leaves, the caller waits again",
	  "queued A; established A 801; left A 801; queued A",
	  "QUEUED A; ESTABLISHED A@801; CONNECTION_CLEARED A@801; QUEUED A" },
	{ "somebody else leaves: no news",
	  "queued A; established A 801; left A 802",
	  "QUEUED A; ESTABLISHED A@801" },
	{ "one joins once and leaves",
	  "queued A; established A 801; conferenced A 802; conferenced A 802;"
	  "left A 802; left A 802",
	  "QUEUED A; ESTABLISHED A@801; CONFERENCED A@802; "
	  "CONNECTION_CLEARED A@802" },
	{ "one joins, the first leaves: the caller is with the other",
	  "queued A; established A 801; conferenced A 802; left A 801",
	  "QUEUED A; ESTABLISHED A@801; CONFERENCED A@802; TRANSFERRED A@802" },
	{ "nobody joins who does not talk", "queued A; conferenced A 802",
	  "QUEUED A" },
	{ "sent elsewhere, once", "queued A; diverted A; diverted A",
	  "QUEUED A; DIVERTED A" },
	{ "sent elsewhere while held",
	  "queued A; established A 801; held A; diverted A",
	  "QUEUED A; ESTABLISHED A@801; HELD A@801; CONNECTION_CLEARED A@801; "
	  "DIVERTED A" },
	{ "nothing was ordered to ring: no failure of it",
	  "queued A; failed A 801; left A 801", "QUEUED A" },
	{ "it rang in vain", "queued A; delivered A 801; failed A 801; failed A",
	  "QUEUED A; DELIVERED A@801; FAILED A@801" },
	{ "another phone's failure", "queued A; delivered A 801; failed A 802",
	  "QUEUED A; DELIVERED A@801" },
	{ "two calls are two", "queued A; queued B; cleared A; delivered B 801",
	  "QUEUED A; QUEUED B; CALL_CLEARED A; DELIVERED B@801" },
};
/* clang-format on */

START_TEST(what_a_switch_says_is_told)
{
	xb_say(reports[_i].say);
	ck_assert_msg(strcmp(xb_x.told, reports[_i].want) == 0,
	    "%s: \"%s\", not \"%s\"", reports[_i].name, xb_x.told,
	    reports[_i].want);
	/* Said all over again it is no news, but of phones that rang. */
	xb_x.told[0] = '\0';
}
END_TEST

START_TEST(hostile_text_harms_nothing)
{
	static char longer[600];
	struct report_pair data[] = {
		{ STR_LIT("account"), STR_LIT("4711") },
		{ STR_LIT("bad\nkey"), STR_LIT("x") },
		{ STR_LIT("raw"), STR_LIT("\xff\xfe") },
	};
	struct report r = { .kind = MASHANG__CALL_EVENT_KIND__QUEUED,
		.call = STR_LIT("A"),
		.caller_name = STR_LIT("\xff\x1b[2J"),
		.data = data,
		.n_data = 3,
		.priority = 77,
		.at = -5 };
	Mashang__CallEvent *e;
	const void *p;
	size_t len;

	memset(longer, 'a', sizeof(longer) - 1);
	r.caller = str_of(longer);
	exchange_report(xb_x.x, &r);
	xb_told("QUEUED A");
	ck_ok(spool_get(xb_x.spool, xb_x.stream_seq, &p, &len));
	e = mashang__call_event__unpack(NULL, len, p);
	ck_assert_uint_eq(e->caller.len, 256);
	ck_assert_uint_eq(e->priority, 9);
	ck_assert_int_gt(e->occurred_at, 0);
	ck_assert_uint_eq(e->n_data, 2);
	ck_assert_ptr_null(
	    memchr(e->caller_name.data, 0xff, e->caller_name.len));
	ck_assert_ptr_null(
	    memchr(e->data[1]->value.data, 0xff, e->data[1]->value.len));
	mashang__call_event__free_unpacked(e, NULL);
	r.call = STR_LIT("A\nB"); /* a name must be clean, or it is none */
	exchange_report(xb_x.x, &r);
	r.call = (struct str){ longer, 65 };
	exchange_report(xb_x.x, &r);
	xb_told("");
}
END_TEST

/* ----------------------------------------------------------------- resync */

/* How a call gets into each state, and how it is seen in it. */
static const struct {
	const char *way, *seen;
} states[] = {
	{ "", "" },
	{ "offered A", "offered A" },
	{ "offered A; queued A", "queued A" },
	{ "queued A; delivered A 801", "delivered A 801" },
	{ "queued A; established A 801", "established A 801" },
	{ "queued A; established A 801; held A", "held A 801" },
	{ "delivered A 802", "delivered A 802" },
	{ "delivered A 802; established A 802", "established A 802" },
	{ "delivered A 802; established A 802; held A", "held A 802" },
};

/* From each state to each: the daemon takes every event of the way (the bed
 * sees to that), and knows the call as it is. */
START_TEST(a_resync_tells_what_was_missed)
{
	static const char *const as[] = { NULL, "offered", "queued",
		"delivered@801", "established@801", "held@801", "delivered@802",
		"established@802", "held@802" };
	unsigned from = (unsigned)_i / NELEM(states);
	unsigned to = (unsigned)_i % NELEM(states);
	char *told;

	xb_say(states[from].way);
	xb_x.told[0] = '\0';
	xb_resync(states[to].seen);
	if (as[to] == NULL)
		ck_assert_ptr_null(xb_daemon_sees("A"));
	else
		ck_assert_str_eq(xb_daemon_sees("A"), as[to]);
	told = strdup(xb_x.told);
	xb_x.told[0] = '\0';
	if (from == to)
		ck_assert_str_eq(told, "");
	free(told);
	xb_resync(states[to].seen); /* and again: nothing */
	xb_told("");
}
END_TEST

START_TEST(the_missed_events_are_these)
{
	xb_say("queued A; delivered A 801; queued B; established B 802;"
	       "queued C; queued D");
	xb_x.told[0] = '\0';
	xb_resync("established A 801; queued B; queued C; established E 803");
	xb_told("ESTABLISHED A@801; CONNECTION_CLEARED B@802; QUEUED B; "
		"DELIVERED E@803; ESTABLISHED E@803; CALL_CLEARED D lost");
	/* Without its device it is where it was. */
	xb_resync("held A; queued B; queued C; established E");
	xb_told("HELD A@801");
	/* What comes in the middle of a listing lives. */
	exchange_resync(xb_x.x);
	xb_say("queued F; cleared C");
	exchange_resynced(xb_x.x);
	xb_told("QUEUED F; CALL_CLEARED C; CALL_CLEARED A lost; "
		"CALL_CLEARED B lost; CALL_CLEARED E lost");
	/* One that broke off has seen nobody gone. */
	exchange_resync(xb_x.x);
	exchange_down(xb_x.x, "lost");
	exchange_resynced(xb_x.x);
	xb_told("");
	ck_assert_uint_eq(xb_live(), 1);
}
END_TEST

/* ------------------------------------------------------------------ orders */

/* Which orders can be carried out in which state, by what it is at 801. */
enum { OFFERED, QUEUED, DELIVERED, ESTABLISHED, HELD, N_STATES };
static const char *const way_to[N_STATES] = { "offered A", "queued A",
	"queued A; delivered A 801", "queued A; established A 801",
	"queued A; established A 801; held A" };

/* clang-format off */
static const struct {
	Mashang__OrderKind kind;
	const char *device, *number;
	bool may[N_STATES];
} orders[] = {
	{ ORDER(CONNECT),    "802", NULL, { false, true,  false, false, false } },
	{ ORDER(ANSWER),     "801", NULL, { false, false, true,  false, false } },
	{ ORDER(DISCONNECT), "801", NULL, { false, false, true,  false, false } },
	{ ORDER(CLEAR),      NULL,  NULL, { true,  true,  true,  true,  true  } },
	{ ORDER(HOLD),       "801", NULL, { false, false, false, true,  false } },
	{ ORDER(RETRIEVE),   "801", NULL, { false, false, false, false, true  } },
	{ ORDER(TRANSFER),   "802", NULL, { false, true,  false, true,  true  } },
	{ ORDER(TRANSFER),   NULL, "110", { false, true,  false, true,  true  } },
	{ ORDER(MONITOR),    "802", NULL, { false, false, false, true,  true  } },
	{ ORDER(WHISPER),    "802", NULL, { false, false, false, true,  true  } },
	{ ORDER(BARGE),      "802", NULL, { false, false, false, true,  true  } },
	{ ORDER(CONSULT),    "801", "802", { false, false, false, true, true  } },
	{ ORDER(CONFERENCE), NULL,  NULL, { false, false, false, true,  true  } },
	{ ORDER(REQUEUE),    NULL,  NULL, { false, false, true,  true,  true  } },
	{ ORDER(HOLD),       "802", NULL, { false, false, false, false, false } },
	{ ORDER(ANSWER),     "802", NULL, { false, false, false, false, false } },
	{ ORDER(DISCONNECT), "802", NULL, { false, false, false, false, false } },
	{ ORDER(NONE),       "801", NULL, { false, false, false, false, false } },
};
/* clang-format on */

START_TEST(orders_by_state)
{
	unsigned o = (unsigned)_i / N_STATES, s = (unsigned)_i % N_STATES;
	uint64_t before;
	int code;

	xb_say(way_to[s]);
	before = xb_version("A");
	ck_assert_uint_eq(before, UINT64_C(1) << 32);
	code = xb_order(
	    31, orders[o].kind, "A", orders[o].device, orders[o].number);
	if (orders[o].kind == ORDER(DISCONNECT) && orders[o].may[s]) {
		ck_assert_int_eq(code, NO_RESULT); /* it rings yet */
		return;
	}
	ck_assert_msg(code == (orders[o].may[s] ? CODE(OK) : CODE(REFUSED)),
	    "order %d in state %u: %d", (int)orders[o].kind, s, code);
	ck_assert_uint_eq(xb_x.n_orders, orders[o].may[s]);
	ck_assert_uint_eq(xb_version("A"), before + orders[o].may[s]);
	ck_assert_uint_eq(xb_result(31)->version, xb_version("A"));
	ck_assert_int_eq((int)xb_result(31)->kind, (int)s + 1);
}
END_TEST

START_TEST(an_order_on_what_was_is_refused)
{
	xb_say("queued A");
	ck_assert_int_eq(xb_order_on(1, ORDER(CONNECT), "A", "801", NULL,
			     xb_version("A") - 1),
	    CODE(STALE_VERSION));
	ck_assert_uint_eq(xb_result(1)->version, UINT64_C(1) << 32);
	ck_assert_int_eq(
	    xb_order(2, ORDER(CONNECT), "B", "801", NULL), CODE(NOT_FOUND));
	ck_assert_int_eq(
	    xb_order(3, ORDER(CONNECT), "A", "801", NULL), CODE(OK));
	/* The same version again is the old one. */
	ck_assert_int_eq(
	    xb_order_on(4, ORDER(CLEAR), "A", NULL, NULL, UINT64_C(1) << 32),
	    CODE(STALE_VERSION));
	xb_say("cleared A");
	ck_assert_int_eq(xb_order_on(5, ORDER(CLEAR), "A", NULL, NULL,
			     (UINT64_C(1) << 32) + 1),
	    CODE(NOT_FOUND));
	ck_assert_uint_eq(xb_x.n_orders, 1);
}
END_TEST

START_TEST(an_announcement_is_advice)
{
	uint64_t version;

	xb_x.answer = -1;
	xb_say("queued A");
	version = xb_version("A");
	/* Of whatever version; the call's stays. */
	ck_assert_int_eq(
	    xb_order_on(1, ORDER(ANNOUNCE), "A", NULL, NULL, 7), NO_RESULT);
	ck_assert_uint_eq(xb_x.n_orders, 1);
	ck_assert_uint_eq(xb_version("A"), version);
	/* It holds nothing up. */
	ck_assert_int_eq(
	    xb_order_on(2, ORDER(CONNECT), "A", "801", NULL, version),
	    NO_RESULT);
	xb_answer(2, MASHANG__CODE__CODE_OK);
	ck_assert_int_eq(xb_result(2)->code, CODE(OK));
	xb_answer(1, MASHANG__CODE__CODE_REFUSED);
	ck_assert_int_eq(xb_result(1)->code, CODE(REFUSED));
	ck_assert_uint_eq(xb_result(1)->version, version + 1);
	xb_say("delivered A 801"); /* nothing is to be told any more */
	ck_assert_int_eq(
	    xb_order(3, ORDER(ANNOUNCE), "A", NULL, NULL), CODE(REFUSED));
	ck_assert_uint_eq(xb_x.n_orders, 2);
}
END_TEST

START_TEST(one_call_to_a_device)
{
	xb_x.answer = -1;
	xb_say("queued A; queued B; queued C");
	ck_assert_int_eq(
	    xb_order(1, ORDER(CONNECT), "A", "801", NULL), NO_RESULT);
	/* About to ring is busy, before the switch has said a word. */
	ck_assert_int_eq(
	    xb_order(2, ORDER(CONNECT), "B", "801", NULL), CODE(BUSY));
	ck_assert_int_eq(
	    xb_order(3, ORDER(MAKE_CALL), NULL, "801", "110"), CODE(BUSY));
	/* The switch would not: free again. */
	xb_answer(1, MASHANG__CODE__CODE_REFUSED);
	ck_assert_int_eq(xb_result(1)->code, CODE(REFUSED));
	ck_assert_int_eq(
	    xb_order(4, ORDER(CONNECT), "B", "801", NULL), NO_RESULT);
	xb_answer(2, MASHANG__CODE__CODE_OK);
	xb_answer(2, MASHANG__CODE__CODE_OK); /* said twice, told once */
	ck_assert_int_eq(
	    xb_order(5, ORDER(CONNECT), "C", "801", NULL), CODE(BUSY));
	xb_say("delivered B 801");
	ck_assert_int_eq(
	    xb_order(6, ORDER(CONNECT), "C", "801", NULL), CODE(BUSY));
	xb_say("established B 801; held B");
	ck_assert_int_eq(
	    xb_order(7, ORDER(CONNECT), "C", "801", NULL), CODE(BUSY));
	ck_assert_int_eq(
	    xb_order(8, ORDER(CONSULT), "B", "801", "802"), NO_RESULT);
	ck_assert_int_eq(
	    xb_order(9, ORDER(CONNECT), "C", "802", NULL), NO_RESULT);
	xb_answer(4, MASHANG__CODE__CODE_OK);
	ck_assert_int_eq(/* the far end is taken */
	    xb_order(10, ORDER(TRANSFER), "B", NULL, "802"), CODE(BUSY));
	xb_say("cleared B");
	xb_answer(3, MASHANG__CODE__CODE_OK);
	ck_assert_int_eq(xb_result(8)->code, CODE(NOT_FOUND));
	xb_say("failed C 802");
	ck_assert_int_eq(
	    xb_order(11, ORDER(CONNECT), "C", "801", NULL), NO_RESULT);
}
END_TEST

START_TEST(a_call_rings_at_one_device)
{
	xb_say("queued A");
	ck_assert_int_eq(
	    xb_order(1, ORDER(CONNECT), "A", "801", NULL), CODE(OK));
	ck_assert_int_eq(
	    xb_order(2, ORDER(CONNECT), "A", "802", NULL), CODE(REFUSED));
	/* Not ringing yet, and taken back: the daemon hears of it when the next
	 * may be rung. */
	ck_assert_int_eq(
	    xb_order(3, ORDER(DISCONNECT), "A", "801", NULL), NO_RESULT);
	xb_say("left A 801");
	xb_told("QUEUED A; CONNECTION_CLEARED A@801 #3");
	ck_assert_int_eq(xb_result(3)->code, CODE(OK));
	ck_assert_int_eq(
	    xb_order(4, ORDER(CONNECT), "A", "802", NULL), CODE(OK));
	xb_say("delivered A 802; established A 802");
	ck_assert_int_eq(
	    xb_order(5, ORDER(DISCONNECT), "A", "802", NULL), CODE(REFUSED));
	xb_told("DELIVERED A@802 #4; ESTABLISHED A@802 #4");
}
END_TEST

/* clang-format off */
static const struct {
	const char *before;
	Mashang__OrderKind kind;
	const char *device, *number, *after, *want;
} doings[] = {
	{ "queued A", ORDER(CONNECT), "801", NULL,
	  "delivered A 801; established A 801; held A",
	  "DELIVERED A@801 #31; ESTABLISHED A@801 #31; HELD A@801" },
	{ "queued A", ORDER(CONNECT), "801", NULL, "failed A 801; failed A 801",
	  "FAILED A@801 #31" },
	{ "queued A", ORDER(CONNECT), "801", NULL,
	  "failed A 802; delivered A 801; failed A 801",
	  "DELIVERED A@801 #31; FAILED A@801 #31" },
	{ "queued A; delivered A 801", ORDER(ANSWER), "801", NULL,
	  "established A 801", "ESTABLISHED A@801 #31" },
	{ "queued A; delivered A 801", ORDER(DISCONNECT), "801", NULL,
	  "left A 801", "CONNECTION_CLEARED A@801 #31" },
	{ "queued A", ORDER(CLEAR), NULL, NULL, "cleared A",
	  "CALL_CLEARED A #31" },
	{ "queued A; established A 801", ORDER(HOLD), "801", NULL,
	  "held A; retrieved A", "HELD A@801 #31; RETRIEVED A@801" },
	{ "queued A; established A 801", ORDER(TRANSFER), "802", NULL,
	  "left A 801; delivered A 802; established A 802; cleared A",
	  "CONNECTION_CLEARED A@801 #31; DELIVERED A@802 #31; "
	  "ESTABLISHED A@802 #31; CALL_CLEARED A" },
	{ "queued A; established A 801", ORDER(REQUEUE), NULL, NULL,
	  "queued A", "QUEUED A #31" },
	{ "queued A; established A 801", ORDER(BARGE), "802", NULL,
	  "conferenced A 802", "CONFERENCED A@802 #31" },
	{ "queued A; established A 801", ORDER(CONSULT), "801", "802",
	  "held A =1; offered B =1; delivered B 802; established B 802; cleared B",
	  "HELD A@801 #31; OFFERED B #31; DELIVERED B@802 #31; "
	  "ESTABLISHED B@802 #31; CALL_CLEARED B #31" },
	{ "", ORDER(MAKE_CALL), "801", "13812348000",
	  "offered M =1; delivered M 801; established M 801; cleared M",
	  "OFFERED M #31; DELIVERED M@801 #31; ESTABLISHED M@801 #31; "
	  "CALL_CLEARED M #31" },
	{ "", ORDER(CALL_BACK), NULL, "13812348000",
	  "offered M =1; queued M; delivered M 801; cleared M",
	  "OFFERED M #31; QUEUED M #31; DELIVERED M@801; CALL_CLEARED M" },
	{ "", ORDER(CALL_BACK), NULL, "13812348000",
	  "offered M =1; failed M; cleared M",
	  "OFFERED M #31; FAILED M #31; CALL_CLEARED M #31" },
};
/* clang-format on */

START_TEST(an_event_says_whose_doing_it_is)
{
	xb_say(doings[_i].before);
	xb_x.told[0] = '\0';
	(void)xb_order(31, doings[_i].kind,
	    doings[_i].before[0] != '\0' ? "A" : NULL, doings[_i].device,
	    doings[_i].number);
	xb_say(doings[_i].after);
	xb_told(doings[_i].want);
	ck_assert_int_eq(xb_result(31)->code, CODE(OK));
}
END_TEST

static int64_t then;

static bool
time_passes(void)
{
	return clock_loop() > then;
}

/* What the switch has not begun yet outlives a listing, if its driver says so. */
START_TEST(a_listing_while_an_order_is_under_way)
{
	const struct report waits = { .call = STR_LIT("A"),
		.kind = MASHANG__CALL_EVENT_KIND__QUEUED };

	xb_say("queued A");
	ck_assert_int_eq(
	    xb_order(1, ORDER(CONNECT), "A", "801", NULL), CODE(OK));
	then = clock_loop();
	xb_until(time_passes);
	exchange_resync(xb_x.x);
	exchange_seen(xb_x.x, &waits);
	if (_i == 0)
		exchange_still(xb_x.x, xb_x.orders[0].id);
	exchange_resynced(xb_x.x);
	xb_x.told[0] = '\0';
	xb_say("failed A 801");
	xb_told(_i == 0 ? "FAILED A@801 #1" : "");
}
END_TEST

START_TEST(what_cannot_be_is_said_so)
{
	xb_say("queued A; established A 801; queued B");
	ck_assert_int_eq(/* no device, a control character, a line's end */
	    xb_order(1, ORDER(CONNECT), "B", NULL, NULL), CODE(BAD_FIELD));
	ck_assert_int_eq(
	    xb_order(2, ORDER(CONNECT), "B", "80\r\n1", NULL), CODE(BAD_FIELD));
	ck_assert_int_eq(xb_order(3, ORDER(TRANSFER), "A", NULL, "1\x1b[1m"),
	    CODE(BAD_FIELD));
	ck_assert_int_eq(
	    xb_order(4, ORDER(TRANSFER), "A", NULL, NULL), CODE(BAD_FIELD));
	ck_assert_int_eq(
	    xb_order(5, ORDER(MAKE_CALL), NULL, "802", NULL), CODE(BAD_FIELD));
	ck_assert_int_eq(
	    xb_order(7, ORDER(CALL_BACK), NULL, NULL, NULL), CODE(BAD_FIELD));
	exchange_down(xb_x.x, "gone");
	ck_assert_int_eq(
	    xb_order(6, ORDER(CONNECT), "B", "802", NULL), CODE(REFUSED));
	ck_assert_uint_eq(xb_x.n_orders, 0);
}
END_TEST

START_TEST(what_the_driver_cannot_do_is_refused)
{
	exchange_bed_teardown();
	exchange_bed_setup(CAN(CONNECT));
	xb_x.answer = CODE(OK);
	xb_say("queued A; established A 801");
	ck_assert_int_eq(
	    xb_order(1, ORDER(HOLD), "A", "801", NULL), CODE(REFUSED));
	ck_assert_uint_eq(xb_x.n_orders, 0);
}
END_TEST

/* -------------------------------------------------- without an answer, a peer */

static bool
has_result_1(void)
{
	return xb_result(1) != NULL;
}

START_TEST(a_driver_that_does_not_answer)
{
	struct exchange_options o = xb_x.options;

	exchange_bed_teardown();
	o.answer_us = 50000;
	exchange_bed_setup_with(&o);
	xb_say("queued A");
	ck_assert_int_eq(
	    xb_order(1, ORDER(CONNECT), "A", "801", NULL), NO_RESULT);
	xb_until(has_result_1);
	ck_assert_int_eq(xb_result(1)->code, CODE(REFUSED));
	ck_assert_uint_eq(xb_x.n_resyncs, 1);
	xb_answer(1, MASHANG__CODE__CODE_OK); /* too late: no second result */
	/* It was carried out all the same, and the device is guarded. */
	xb_say("delivered A 801; queued B");
	ck_assert_int_eq(
	    xb_order(2, ORDER(CONNECT), "B", "801", NULL), CODE(BUSY));
}
END_TEST

/* Advice that nobody answers is no sign that the thread was lost. */
START_TEST(a_driver_that_does_not_answer_advice)
{
	struct exchange_options o = xb_x.options;

	exchange_bed_teardown();
	o.answer_us = 50000;
	exchange_bed_setup_with(&o);
	xb_say("queued A");
	ck_assert_int_eq(
	    xb_order(1, ORDER(ANNOUNCE), "A", NULL, NULL), NO_RESULT);
	xb_until(has_result_1);
	ck_assert_int_eq(xb_result(1)->code, CODE(REFUSED));
	ck_assert_uint_eq(xb_x.n_resyncs, 0);
}
END_TEST

START_TEST(orders_of_a_lost_daemon_have_no_results)
{
	xb_x.answer = -1;
	xb_say("queued A");
	ck_assert_int_eq(
	    xb_order(1, ORDER(CONNECT), "A", "801", NULL), NO_RESULT);
	ck_assert_int_eq(
	    xb_order(2, ORDER(MAKE_CALL), NULL, "802", "110"), NO_RESULT);
	exchange_daemon_down(xb_x.x);
	exchange_daemon_up(xb_x.x);
	xb_answer(1, MASHANG__CODE__CODE_OK);
	xb_answer(2, MASHANG__CODE__CODE_OK);
	ck_assert_uint_eq(xb_x.n_results, 0);
	/* What they cause is theirs; another daemon's order 1 is another. */
	xb_say("delivered A 801; offered M =2; delivered M 802");
	xb_told("QUEUED A; DELIVERED A@801 #1; OFFERED M #2; "
		"DELIVERED M@802 #2");
	ck_assert_int_eq(xb_order(1, ORDER(CLEAR), "A", NULL, NULL), NO_RESULT);
	xb_answer(3, MASHANG__CODE__CODE_OK);
	ck_assert_int_eq(xb_result(1)->code, CODE(OK));
}
END_TEST

static bool
has_two_orders(void)
{
	return xb_x.n_orders == 2;
}

START_TEST(no_daemon_then_the_fallback)
{
	struct exchange_options o = xb_x.options;

	exchange_bed_teardown();
	o.fallback = "999";
	o.fallback_us = 30000;
	exchange_bed_setup_with(&o);
	xb_x.answer = CODE(OK);
	xb_say("queued A; queued B; queued C; established C 801; offered D");
	ck_assert_uint_eq(xb_x.n_orders, 0);
	exchange_daemon_down(xb_x.x);
	xb_until(has_two_orders);
	ck_assert_int_eq(xb_x.orders[0].kind, ORDER(TRANSFER));
	ck_assert_str_eq(xb_x.orders[0].call, "A");
	ck_assert_str_eq(xb_x.orders[0].number, "999");
	xb_x.told[0] = '\0';
	xb_say("diverted A; diverted B; queued D"); /* D at once */
	xb_told("DIVERTED A overflow; DIVERTED B overflow; QUEUED D");
	ck_assert_uint_eq(xb_x.n_orders, 3);
	ck_assert_uint_eq(xb_x.n_results, 0);
	exchange_daemon_up(xb_x.x);
	xb_say("queued E");
	ck_assert_uint_eq(xb_x.n_orders, 3);
}
END_TEST

/* ----------------------------------------------------------------- restart */

START_TEST(a_restart_goes_on)
{
	xb_say("queued A; delivered A 801; queued B; queued C; cleared C");
	xb_order(1, ORDER(CONNECT), "B", "802", NULL);
	xb_say("delivered B 802");
	xb_x.told[0] = '\0';
	if (_i == 0)
		exchange_bed_restart(false);
	else
		exchange_bed_restart_behind((unsigned)_i);
	ck_assert_uint_eq(xb_version("A"), UINT64_C(2) << 32);
	ck_assert_uint_eq(xb_version("B"), UINT64_C(2) << 32);
	ck_assert_uint_eq(xb_version("C"), 0);
	exchange_up(xb_x.x, "words 1");
	exchange_daemon_up(xb_x.x);
	xb_resync("established A 801; delivered B 802; queued D");
	/* Orders from before are of the old incarnation. */
	ck_assert_int_eq(xb_order_on(2, ORDER(CLEAR), "B", NULL, NULL,
			     (UINT64_C(1) << 32) + 1),
	    CODE(STALE_VERSION));
	ck_assert_int_eq(
	    xb_order(3, ORDER(CONNECT), "D", "802", NULL), CODE(BUSY));
	xb_told("ESTABLISHED A@801; QUEUED D");
}
END_TEST

START_TEST(a_lost_tail_leaps)
{
	Mashang__CallKnown k = MASHANG__CALL_KNOWN__INIT;
	Mashang__LiveCall l;
	uint64_t cursor = 0;

	xb_say("queued A; delivered A 801");
	exchange_bed_restart(true);
	exchange_up(xb_x.x, "words 1");
	xb_resync("established A 801; queued B");
	ck_assert_uint_eq(exchange_live(xb_x.x, &cursor, 1, &l), 1);
	ck_assert_uint_eq(l.call_seq, 103);
	ck_assert_uint_eq(exchange_live(xb_x.x, &cursor, 1, &l), 1);
	ck_assert_uint_eq(l.call_seq, 101);
	/* The daemon knows better. */
	k.call = (ProtobufCBinaryData){ 1, (uint8_t *)(uintptr_t) "A" };
	k.committed_call_seq = 500;
	exchange_known(xb_x.x, &k);
	xb_say("held A");
	cursor = 0;
	exchange_live(xb_x.x, &cursor, 1, &l);
	ck_assert_uint_eq(l.call_seq, 501);
}
END_TEST

/* ----------------------------------------------------------------- the rest */

START_TEST(phones_come_and_go)
{
	const Mashang__DeviceReach here =
	    MASHANG__DEVICE_REACH__DEVICE_REACHABLE;
	const Mashang__DeviceReach gone = MASHANG__DEVICE_REACH__DEVICE_GONE;

	/* Without a list nothing is known, and nothing whole told. */
	exchange_tell_devices(xb_x.x);
	ck_assert_str_eq(xb_x.devices, "");
	exchange_device(xb_x.x, STR_LIT("800"), gone);
	exchange_device(xb_x.x, STR_LIT("800"), gone);
	ck_assert_str_eq(xb_x.devices, "-800 ");
	xb_x.devices[0] = '\0';
	exchange_devices(xb_x.x);
	exchange_device(xb_x.x, STR_LIT("801"), here);
	exchange_device(xb_x.x, STR_LIT("802"), here);
	exchange_devices_end(xb_x.x);
	ck_assert_str_eq(xb_x.devices, "*-800 801 802 ");
	xb_x.devices[0] = '\0';
	exchange_devices(xb_x.x);
	exchange_device(xb_x.x, STR_LIT("802"), here);
	exchange_device(xb_x.x, STR_LIT("803"), here);
	exchange_devices_end(xb_x.x);
	ck_assert_str_eq(xb_x.devices, "-801 803 ");
	xb_x.devices[0] = '\0';
	exchange_device(xb_x.x, STR_LIT("801"), here);
	ck_assert_str_eq(xb_x.devices, "801 ");
	xb_x.devices[0] = '\0';
	exchange_tell_devices(xb_x.x);
	ck_assert_str_eq(xb_x.devices, "*-800 801 802 803 ");
}
END_TEST

START_TEST(how_it_is_can_be_seen)
{
	Mashang__SwitchStatus s;
	unsigned n = xb_x.n_status;

	exchange_missed(xb_x.x, 3);
	exchange_down(xb_x.x, "refused");
	exchange_down(xb_x.x, "refused");
	ck_assert_uint_eq(xb_x.n_status, n + 2);
	exchange_status(xb_x.x, &s);
	ck_assert(!s.connected);
	ck_assert_uint_eq(s.gaps, 1);
	ck_assert_uint_eq(s.trouble.len, strlen("refused"));
	exchange_up(xb_x.x, "words 2");
	exchange_trouble(xb_x.x, "a module is missing");
	exchange_status(xb_x.x, &s);
	ck_assert(s.connected);
	ck_assert_uint_eq(s.trouble.len, strlen("a module is missing"));
	exchange_trouble(xb_x.x, NULL);
	exchange_status(xb_x.x, &s);
	ck_assert_uint_eq(s.trouble.len, 0);
}
END_TEST

START_TEST(who_is_where)
{
	struct xcall *a;

	xb_say("queued A; established A 801; held A; queued B");
	a = exchange_find(xb_x.x, STR_LIT("A"));
	ck_assert_ptr_eq(exchange_at(xb_x.x, STR_LIT("801")), a);
	ck_assert_int_eq(xcall_kind(a), MASHANG__CALL_EVENT_KIND__HELD);
	ck_assert(str_eq(xcall_device(a), STR_LIT("801")));
	ck_assert(str_eq(xcall_caller(a), STR_LIT("13812348000")));
	ck_assert(str_eq(xcall_called(a), STR_LIT("4001")));
	ck_assert_ptr_eq(exchange_next(xb_x.x, NULL), a);
	ck_assert_ptr_eq(exchange_next(xb_x.x, exchange_next(xb_x.x, a)), NULL);
	xb_say("delivered C 801"); /* what rings goes before what is held */
	ck_assert(str_eq(
	    xcall_name(exchange_at(xb_x.x, STR_LIT("801"))), STR_LIT("C")));
	*xcall_mine(a) = &xb_x;
	xb_say("cleared A");
	ck_assert_uint_eq(xb_x.n_forgotten, 1);
	ck_assert_ptr_null(exchange_find(xb_x.x, STR_LIT("A")));
}
END_TEST

Suite *
exchange_suite(void)
{
	TCase *tc = tcase_create("exchange");

	tcase_add_checked_fixture(tc, setup, exchange_bed_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_a_switch_says_is_told, 0, NELEM(reports));
	tcase_add_test(tc, hostile_text_harms_nothing);
	tcase_add_loop_test(tc, a_resync_tells_what_was_missed, 0,
	    NELEM(states) * NELEM(states));
	tcase_add_test(tc, the_missed_events_are_these);
	tcase_add_loop_test(tc, orders_by_state, 0, NELEM(orders) * N_STATES);
	tcase_add_test(tc, an_order_on_what_was_is_refused);
	tcase_add_test(tc, an_announcement_is_advice);
	tcase_add_test(tc, one_call_to_a_device);
	tcase_add_test(tc, a_call_rings_at_one_device);
	tcase_add_loop_test(
	    tc, an_event_says_whose_doing_it_is, 0, NELEM(doings));
	tcase_add_loop_test(tc, a_listing_while_an_order_is_under_way, 0, 2);
	tcase_add_test(tc, what_cannot_be_is_said_so);
	tcase_add_test(tc, what_the_driver_cannot_do_is_refused);
	tcase_add_test(tc, a_driver_that_does_not_answer);
	tcase_add_test(tc, a_driver_that_does_not_answer_advice);
	tcase_add_test(tc, orders_of_a_lost_daemon_have_no_results);
	tcase_add_test(tc, no_daemon_then_the_fallback);
	tcase_add_loop_test(tc, a_restart_goes_on, 0, 5);
	tcase_add_test(tc, a_lost_tail_leaps);
	tcase_add_test(tc, phones_come_and_go);
	tcase_add_test(tc, how_it_is_can_be_seen);
	tcase_add_test(tc, who_is_where);
	return suite_of(tc, "exchange");
}
