/*
 * door_test.c - a bridge that does everything wrong, one thing at a time: one
 * clear answer each, and nobody else notices.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

#define KIND(x) MASHANG__CALL_EVENT_KIND__##x
#define CODE(x) MASHANG__CODE__CODE_##x
#define BODY(x) MASHANG__ENVELOPE__BODY_##x

static const char hotline[] = "queues: [{name: repair}]\n"
			      "agents: [{name: wang, queues: [repair]}]\n"
			      "devices: [{name: '101', switch: main}]\n"
			      "numbers: [{called: '400', queue: repair}]\n";

static struct stack st;
static struct wire bad, good, agent;

static void
up(void)
{
	/* The sanitizer keeps what was freed: not so much of it. */
	setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 1);
	stack_up(&st, false);
	stack_write(&st, "hotline.yaml", hotline);
	mashang(
	    &st, 0, "admin", "apply", stack_path(&st, "hotline.yaml"), NULL);
	wire_bridge(&bad, &st, "main");
	wire_bridge(&good, &st, "other");
	wire_agent(&agent, &st, "wang", "101");
}

/* Whatever was done at the one door, the others go on. */
static void
down(void)
{
	wire_ring(&good, "afterwards", "13800000000", "none", "");
	wire_until_committed(&good);
	wire_expect_none(&good, BODY(NACK));
	wire_expect_none(&agent, BODY(GOODBYE));
	wire_close(&bad);
	wire_close(&good);
	wire_close(&agent);
	stack_down(&st);
}

static void
ck_nack(Mashang__Code code, const char *param)
{
	const Mashang__Nack *n = WIRE_EXPECT(&bad, NACK)->nack;

	ck_assert_uint_eq(n->stream_seq, bad.stream_seq);
	ck_assert_int_eq(n->code, code);
	if (param != NULL)
		ck_assert(n->n_params > 0 && wire_is(n->params[0], param));
}

/* Refused for ever: the spool may forget it. */
static void
ck_refused(Mashang__CallEvent *ev, Mashang__Code code, const char *param)
{
	ev->stream_seq = 0;
	wire_say(&bad, ev);
	ck_nack(code, param);
	wire_until_committed(&bad);
}

static void
ck_accepted(Mashang__CallEvent *ev)
{
	ev->stream_seq = 0;
	wire_say(&bad, ev);
	wire_until_committed(&bad);
	wire_expect_none(&bad, BODY(NACK));
}

static const char *
events(void)
{
	return pg_server_ask(
	    "SELECT coalesce(string_agg(e.seq || ':' || e.kind || coalesce(':'"
	    " || e.flag, ''), ' ' ORDER BY e.stream_seq), '') FROM call_event e"
	    " JOIN call c ON c.id = e.call_id WHERE c.switch_call = 'c1'");
}

/* ---------------------------------------------------- numbers that do not fit */

START_TEST(late_and_with_a_gap)
{
	static const unsigned seqs[] = { 1, 3, 2 };
	static const Mashang__CallEventKind kinds[] = { KIND(OFFERED),
		KIND(CALL_CLEARED), KIND(QUEUED) };

	for (unsigned i = 0; i < 3; i++) {
		Mashang__CallEvent ev =
		    wire_event(&bad, "c1", seqs[i], kinds[i]);

		ck_accepted(&ev);
	}
	ck_assert_str_eq(events(), "1:offered 3:call_cleared:gap 2:queued");
	ck_assert_str_eq(
	    pg_server_ask("SELECT state FROM call WHERE switch_call = 'c1'"),
	    "ended");
}
END_TEST

START_TEST(a_gap_in_the_stream)
{
	Mashang__CallEvent ev = wire_event(&bad, "c1", 1, KIND(OFFERED));

	ev.stream_seq = 3;
	wire_say(&bad, &ev);
	ck_assert_uint_eq(WIRE_EXPECT(&bad, RESEND)->resend->from, 1);
	wire_say(&bad, &ev);
	wire_expect_none(&bad, BODY(RESEND)); /* asked for once */
	ck_assert_str_eq(events(), "");
	ck_accepted(&ev);
	ck_assert_str_eq(events(), "1:offered");
}
END_TEST

START_TEST(of_a_call_that_nobody_knows)
{
	Mashang__CallEvent ev = wire_event(&bad, "c1", 7, KIND(ESTABLISHED));

	ev.device = wire_bytes("101");
	ck_accepted(&ev);
	ck_assert_str_eq(events(), "7:established:unknown_call");
	wire_expect_none(&agent, BODY(CALL_STATE));
}
END_TEST

START_TEST(twice_the_same)
{
	Mashang__CallEvent ev = wire_event(&bad, "c1", 1, KIND(OFFERED));

	ck_accepted(&ev);
	wire_say(&bad, &ev); /* the same number of the stream */
	wire_expect_none(&bad, BODY(NACK));
	ev.resent = true;
	ck_accepted(&ev); /* another one */
	ck_assert_str_eq(events(), "1:offered");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM audit WHERE action"
				       " LIKE '%conflict%'"),
	    "0");
}
END_TEST

START_TEST(twice_but_not_the_same)
{
	Mashang__CallEvent ev = wire_event(&bad, "c1", 1, KIND(OFFERED));

	ev.caller = wire_bytes("13812348000");
	ck_accepted(&ev);
	ev.caller = wire_bytes("13900000000");
	ck_refused(&ev, CODE(CONFLICT), NULL);
	ck_assert_str_eq(events(), "1:offered");
	ck_assert_str_eq(
	    pg_server_ask("SELECT caller FROM call WHERE switch_call = 'c1'"),
	    "13812348000");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM audit WHERE action"
				       " LIKE '%conflict%'"),
	    "1");
}
END_TEST

START_TEST(of_another_switch)
{
	for (unsigned i = 0; i < 3; i++) {
		Mashang__CallEvent ev =
		    wire_event(&bad, "c1", 1, KIND(OFFERED));

		ev.switch_ = wire_bytes("other");
		ev.epoch += i == 2;
		wire_say(&bad, &ev);
		ck_nack(CODE(WRONG_SWITCH), "main, epoch 1");
	}
	ck_assert_int_eq(
	    WIRE_EXPECT(&bad, GOODBYE)->goodbye->why->code, CODE(WRONG_SWITCH));
	ck_assert_ptr_null(wire_next(&bad));
	ck_assert_str_eq(events(), "");
}
END_TEST

/* ------------------------------------------------------ what is in the fields */

START_TEST(kinds_and_numbers_out_of_range)
{
	Mashang__CallEvent ev = wire_event(&bad, "c1", 1, KIND(OFFERED));

	ev.kind = (Mashang__CallEventKind)99;
	ck_refused(&ev, CODE(BAD_FIELD), "kind");
	ev.kind = (Mashang__CallEventKind)-1;
	ck_refused(&ev, CODE(BAD_FIELD), "kind");
	ev = wire_event(&bad, "c1", 0, KIND(OFFERED));
	ck_refused(&ev, CODE(BAD_FIELD), "call_seq");
	ev = wire_event(&bad, "c1", 1, KIND(OFFERED));
	ev.priority = 10;
	ck_refused(&ev, CODE(BAD_FIELD), "priority");
	ev = wire_event(&bad, "c1", 1, KIND(OFFERED));
	ev.occurred_at = 1;
	ck_refused(&ev, CODE(BAD_FIELD), "occurred_at");
	ev = wire_event(&bad, "c1", 1, KIND(DELIVERED));
	ck_refused(&ev, CODE(BAD_FIELD), "device");
	ck_assert_str_eq(events(), "");
}
END_TEST

START_TEST(text_that_is_none)
{
	static uint8_t nul[] = "c\0001", torn[] = "c\xe7\x8e",
		       high[] = "\xed\xa0\x80";
	Mashang__CallEvent ev = wire_event(&bad, "c1", 1, KIND(OFFERED));

	ev.call = (ProtobufCBinaryData){ 3, nul };
	ck_refused(&ev, CODE(BAD_TEXT), "call");
	ev.call = (ProtobufCBinaryData){ 3, torn };
	ck_refused(&ev, CODE(BAD_TEXT), "call");
	ev.call = wire_bytes("c\n1");
	ck_refused(&ev, CODE(BAD_TEXT), "call");
	ev.call = wire_bytes("");
	ck_refused(&ev, CODE(BAD_FIELD), "call");
	ev.call = wire_bytes("c1");
	ev.caller = (ProtobufCBinaryData){ 3, nul };
	ck_refused(&ev, CODE(BAD_TEXT), "caller");
	ev.caller = (ProtobufCBinaryData){ 3, high };
	ck_refused(&ev, CODE(BAD_TEXT), "caller");
	ck_assert_str_eq(events(), "");
	ev.caller = wire_bytes("1381234\x1b[2J");
	ck_accepted(&ev);
	ck_assert_str_eq(
	    pg_server_ask("SELECT caller FROM call WHERE switch_call = 'c1'"),
	    "1381234\xef\xbf\xbd[2J");
}
END_TEST

START_TEST(names_are_taken_literally)
{
	static const char *const names[] = { "'; DROP TABLE call; --",
		"{\"a\",NULL}", "\\N", "$1", "NULL", "%s%n", "a,b\"c\\" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		Mashang__CallEvent ev =
		    wire_event(&bad, names[i], 1, KIND(OFFERED));

		ev.caller = wire_bytes(names[i]);
		ck_accepted(&ev);
		ck_assert_str_eq(
		    pg_server_ask("SELECT switch_call FROM call JOIN call_event"
				  " ON id = call_id ORDER BY stream_seq DESC"),
		    names[i]);
	}
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM call WHERE switch_call ="
			  " caller"),
	    "7");
}
END_TEST

START_TEST(names_that_are_too_long)
{
	char name[66];
	Mashang__CallEvent ev;

	memset(name, 'c', sizeof(name));
	name[65] = '\0';
	ev = wire_event(&bad, name, 1, KIND(OFFERED));
	ck_refused(&ev, CODE(TOO_LARGE), "call");
	ev.call.len = 64;
	ck_accepted(&ev);
	ck_assert_str_eq(
	    pg_server_ask("SELECT length(switch_call) FROM call"), "64");
}
END_TEST

/* ---------------------------------------------------------- the wrong frames */

START_TEST(results_of_no_order)
{
	wire_order_result(&bad, 4711, CODE(OK), 1, KIND(ESTABLISHED));
	wire_order_result(&bad, 0, CODE(OK), 1, KIND(ESTABLISHED));
	ck_assert_int_eq(
	    WIRE_EXPECT(&bad, ERROR)->error->code, CODE(BAD_FIELD));
	wire_ring(&bad, "c1", "13812348000", "400", "");
	wire_order_result(&bad, UINT64_MAX, (Mashang__Code)12345, UINT64_MAX,
	    KIND(CALL_CLEARED));
	wire_until_committed(&bad);
	ck_assert_str_eq(
	    pg_server_ask("SELECT state FROM call WHERE switch_call = 'c1'"),
	    "queued");
}
END_TEST

START_TEST(what_only_others_may_do)
{
	wire_set_state(&bad, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	{
		const Mashang__Error *e = WIRE_EXPECT(&bad, ERROR)->error;

		ck_assert_int_eq(e->code, CODE(FORBIDDEN));
		ck_assert(wire_is(e->params[0], "bridge"));
	}
	wire_ring(&bad, "c1", "13812348000", "400", "");
	wire_until_committed(&bad);
}
END_TEST

START_TEST(bytes_that_are_no_frame)
{
	static const unsigned char huge[] = { 0x7f, 0xff, 0xff, 0xff, 1 },
				   empty[] = { 0, 0, 0, 0 },
				   torn[] = { 0, 0, 0, 3, 0xff, 0xff, 0xff };
	static const struct {
		const unsigned char *bytes;
		size_t len;
	} all[] = { { huge, sizeof(huge) }, { empty, sizeof(empty) },
		{ torn, sizeof(torn) } };

	for (unsigned i = 0; i < 3; i++) {
		struct wire w;

		wire_bridge(&w, &st, "third");
		wire_send_bytes(&w, all[i].bytes, all[i].len);
		ck_assert_int_eq(WIRE_EXPECT(&w, GOODBYE)->goodbye->why->code,
		    CODE(BAD_FRAME));
		ck_assert_ptr_null(wire_next(&w));
		wire_close(&w);
	}
}
END_TEST

/* ------------------------------------------------------------------ in masses */

static long
rss_kib(void)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)st.daemon);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (kib == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	fclose(f);
	return kib;
}

static void
send_bad(unsigned n)
{
	char name[66];
	Mashang__CallEvent ev;

	memset(name, 'x', sizeof(name));
	name[65] = '\0';
	while (n-- > 0) {
		ev = wire_event(&bad, n % 2 != 0 ? name : "c1", n % 3, 99);
		wire_say(&bad, &ev);
	}
	wire_until_committed(&bad);
}

START_TEST(ten_thousand_bad_frames)
{
	long before, after;

	send_bad(1000);
	before = rss_kib();
	send_bad(10000);
	after = rss_kib();
	ck_assert_msg(
	    after - before < 3072, "%ld KiB before, %ld after", before, after);
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM call_event"), "0");
}
END_TEST

START_TEST(a_thousand_bad_connections)
{
	static const unsigned char bad_bytes[] = "GET / HTTP/1.1\r\n\r\n";
	struct wire w;
	long before = 0, after;

	for (unsigned i = 0; i < 1100; i++) {
		if (i == 100)
			before = rss_kib();
		wire_open(&w, &st);
		wire_send_bytes(&w, bad_bytes, sizeof(bad_bytes) - 1);
		while (wire_next(&w) != NULL)
			;
		wire_close(&w);
	}
	after = rss_kib();
	ck_assert_msg(
	    after - before < 3072, "%ld KiB before, %ld after", before, after);
}
END_TEST

Suite *
door_suite(void)
{
	TCase *tc = tcase_create("door");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, late_and_with_a_gap);
	tcase_add_test(tc, a_gap_in_the_stream);
	tcase_add_test(tc, of_a_call_that_nobody_knows);
	tcase_add_test(tc, twice_the_same);
	tcase_add_test(tc, twice_but_not_the_same);
	tcase_add_test(tc, of_another_switch);
	tcase_add_test(tc, kinds_and_numbers_out_of_range);
	tcase_add_test(tc, text_that_is_none);
	tcase_add_test(tc, names_are_taken_literally);
	tcase_add_test(tc, names_that_are_too_long);
	tcase_add_test(tc, results_of_no_order);
	tcase_add_test(tc, what_only_others_may_do);
	tcase_add_test(tc, bytes_that_are_no_frame);
	tcase_add_test(tc, ten_thousand_bad_frames);
	tcase_add_test(tc, a_thousand_bad_connections);
	return suite_of(tc, "door");
}
