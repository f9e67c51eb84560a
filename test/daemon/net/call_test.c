/*
 * call_test.c - a bridge's and its agents' sessions, with the real desk.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b
#define KIND(k) MASHANG__CALL_EVENT_KIND__##k

static struct house h;
static struct peer b, a; /* the bridge, an agent */

static void
snapshot(uint64_t first, uint64_t last)
{
	Mashang__Snapshot m = MASHANG__SNAPSHOT__INIT;

	m.first_stream_seq = first;
	m.last_stream_seq = last;
	peer_send(&b, &ENVELOPE(SNAPSHOT, snapshot, &m));
	peer_wait(&b, BODY(SNAPSHOT_RESULT));
}

static void
setup(void)
{
	house_up(&h, false);
	peer_login(&b, &h, ROLE(BRIDGE), "br", "sw");
	snapshot(1, 0);
}

static void
teardown(void)
{
	peer_close(&b);
	house_down(&h);
}

/* A good event; tests spoil one field of it. */
static Mashang__CallEvent
event(uint64_t stream_seq, const char *call, uint32_t seq,
    Mashang__CallEventKind kind)
{
	Mashang__CallEvent m = MASHANG__CALL_EVENT__INIT;

	m.switch_ = data_of("sw");
	m.epoch = 1;
	m.stream_seq = stream_seq;
	m.call = data_of(call);
	m.call_seq = seq;
	m.version = 7;
	m.occurred_at = HOUSE_NOON;
	m.kind = kind;
	m.caller = data_of("13812348000");
	m.called = data_of("4001");
	return m;
}

static void
say(Mashang__CallEvent m)
{
	peer_send(&b, &ENVELOPE(CALL_EVENT, call_event, &m));
}

/* Until Committed names this one. */
static void
await_committed(uint64_t up_to)
{
	while (peer_wait(&b, BODY(COMMITTED))->committed->up_to < up_to)
		;
}

/* -------------------------------------------------------- acknowledgement */

START_TEST(an_event_is_received_then_committed)
{
	fake_ledger_hold(h.ledger, true);
	say(event(1, "c1", 1, KIND(OFFERED)));
	say(event(2, "c1", 2, KIND(QUEUED)));
	while (peer_wait(&b, BODY(RECEIVED))->received->up_to < 2)
		;
	for (int i = 0; i < 5; i++)
		house_turn(&h);
	ck_assert_uint_eq(fake_ledger_n(h.ledger, ROW_CALL_EVENT), 0);
	fake_ledger_hold(h.ledger, false);
	await_committed(2);
	ck_assert_uint_eq(fake_ledger_n(h.ledger, ROW_CALL_EVENT), 2);
}
END_TEST

START_TEST(received_and_committed_come_in_groups)
{
	unsigned frames = 0;

	for (uint64_t i = 1; i <= 500; i++)
		say(event(i, "c1", (uint32_t)i, KIND(OFFERED)));
	for (;;) {
		Mashang__Envelope *e = peer_next(&b);

		frames++;
		if (e->body_case == BODY(COMMITTED) &&
		    e->committed->up_to == 500)
			break;
	}
	ck_assert_uint_lt(frames, 250);
}
END_TEST

START_TEST(a_gap_in_the_stream_is_asked_for)
{
	say(event(1, "c1", 1, KIND(OFFERED)));
	say(event(3, "c1", 3, KIND(OFFERED)));
	say(event(4, "c1", 4, KIND(OFFERED)));
	ck_assert_uint_eq(peer_wait(&b, BODY(RESEND))->resend->from, 2);
	for (uint32_t i = 2; i <= 4; i++)
		say(event(i, "c1", i, KIND(OFFERED)));
	await_committed(4); /* and no second Resend before it */
}
END_TEST

START_TEST(a_repeat_is_committed_again_and_adds_nothing)
{
	say(event(1, "c1", 1, KIND(OFFERED)));
	say(event(1, "c1", 1, KIND(OFFERED)));
	say(event(2, "c1", 2, KIND(QUEUED)));
	await_committed(2);
}
END_TEST

/* Credit is given back for what is sent again, too, or a long resending would
 * stop in the middle. */
START_TEST(a_repeat_gives_its_credit_back)
{
	for (uint32_t i = 1; i <= 3; i++)
		say(event(i, "c1", i, KIND(OFFERED)));
	while (peer_wait(&b, BODY(RECEIVED))->received->up_to < 3)
		;
	say(event(1, "c1", 1, KIND(OFFERED)));
	ck_assert_uint_eq(peer_wait(&b, BODY(RECEIVED))->received->up_to, 1);
}
END_TEST

START_TEST(the_snapshot_says_where_the_stream_begins)
{
	peer_close(&b);
	fake_ledger_card(h.ledger, LQ_STREAM_COMMITTED, "41");
	peer_open(&b, &h);
	peer_hello(&b, ROLE(BRIDGE), "br", NULL, "sw");
	ck_assert_uint_eq(
	    peer_wait(&b, BODY(WELCOME))->welcome->resume_stream_seq, 41);
	ck_assert_str_eq(
	    fake_ledger_args(h.ledger, LQ_STREAM_COMMITTED), "1|1");
	snapshot(40, 50); /* 40 and 41 need not come again */
	say(event(43, "c1", 2, KIND(OFFERED)));
	ck_assert_uint_eq(peer_wait(&b, BODY(RESEND))->resend->from, 42);
	say(event(40, "c0", 1, KIND(OFFERED))); /* but may */
	say(event(41, "c0", 2, KIND(CALL_CLEARED)));
	say(event(42, "c1", 1, KIND(OFFERED)));
	await_committed(42);
}
END_TEST

START_TEST(without_a_snapshot_there_are_no_events)
{
	peer_close(&b);
	peer_login(&b, &h, ROLE(BRIDGE), "br", "sw");
	say(event(1, "c1", 1, KIND(OFFERED)));
	peer_ended(&b, CODE(REFUSED));
}
END_TEST

START_TEST(a_snapshot_frame_has_its_limit)
{
	Mashang__Snapshot m = MASHANG__SNAPSHOT__INIT;
	ProtobufCBinaryData names[801];

	peer_close(&b);
	peer_login(&b, &h, ROLE(BRIDGE), "br", "sw");
	for (int i = 0; i < 801; i++)
		names[i] = data_of("x");
	m.ask = names;
	m.n_ask = 801;
	peer_send(&b, &ENVELOPE(SNAPSHOT, snapshot, &m));
	peer_refused(&b, CODE(TOO_LARGE));
	m.n_ask = 800;
	peer_send(&b, &ENVELOPE(SNAPSHOT, snapshot, &m));
	peer_wait(&b, BODY(SNAPSHOT_RESULT));
}
END_TEST

START_TEST(a_newer_bridge_takes_over)
{
	struct peer newer;

	peer_login(&newer, &h, ROLE(BRIDGE), "br", "sw");
	peer_ended(&b, CODE(TAKEN_OVER));
	peer_close(&b);
	b = newer;
	snapshot(1, 0);
	say(event(1, "c1", 1, KIND(OFFERED)));
	await_committed(1);
}
END_TEST

/* ------------------------------------------------------------- bad events */

static char long_text[2048];

static void
no_call(Mashang__CallEvent *m)
{
	m->call.len = 0;
}
static void
long_call(Mashang__CallEvent *m)
{
	m->call = (ProtobufCBinaryData){ 65, (uint8_t *)long_text };
}
static void
control_call(Mashang__CallEvent *m)
{
	m->call = data_of("c\x1b[2J");
}
static void
line_separator(Mashang__CallEvent *m)
{
	m->call = data_of("c\xe2\x80\xa8"); /* cleaned it is as long */
}
static void
no_seq(Mashang__CallEvent *m)
{
	m->call_seq = 0;
}
static void
huge_seq(Mashang__CallEvent *m)
{
	m->call_seq = UINT32_MAX;
}
static void
no_kind(Mashang__CallEvent *m)
{
	m->kind = (Mashang__CallEventKind)0;
}
static void
kind_99(Mashang__CallEvent *m)
{
	m->kind = (Mashang__CallEventKind)99;
}
static void
negative_kind(Mashang__CallEvent *m)
{
	m->kind = (Mashang__CallEventKind)-1;
}
static void
cause_99(Mashang__CallEvent *m)
{
	m->cause = (Mashang__Cause)99;
}
static void
party_99(Mashang__CallEvent *m)
{
	m->party = (Mashang__Party)99;
}
static void
relation_99(Mashang__CallEvent *m)
{
	m->relation = (Mashang__Relation)99;
}
static void
no_time(Mashang__CallEvent *m)
{
	m->occurred_at = 0;
}
static void
first_of_1970(Mashang__CallEvent *m)
{
	m->occurred_at = 1;
}
static void
far_future(Mashang__CallEvent *m)
{
	m->occurred_at = INT64_MAX;
}
static void
priority_10(Mashang__CallEvent *m)
{
	m->priority = 10;
}
static void
huge_version(Mashang__CallEvent *m)
{
	m->version = UINT64_MAX;
}
static void
long_caller(Mashang__CallEvent *m)
{
	m->caller = (ProtobufCBinaryData){ 257, (uint8_t *)long_text };
}
static void
nul_in_name(Mashang__CallEvent *m)
{
	m->caller_name =
	    (ProtobufCBinaryData){ 3, (uint8_t *)(uintptr_t) "a\0b" };
}
static void
surrogate_name(Mashang__CallEvent *m)
{
	m->caller_name = data_of("\xed\xa0\x80");
}
static void
overlong_name(Mashang__CallEvent *m)
{
	m->caller_name = data_of("\xc0\xaf");
}
static void
half_menu(Mashang__CallEvent *m)
{
	m->menu = data_of("\xe4\xbd");
}
static void
no_device(Mashang__CallEvent *m)
{
	m->kind = KIND(ESTABLISHED);
}
static void
long_device(Mashang__CallEvent *m)
{
	m->device = (ProtobufCBinaryData){ 65, (uint8_t *)long_text };
}

static Mashang__KeyValue pair = { .base = PROTOBUF_C_MESSAGE_INIT(
				      &mashang__key_value__descriptor) };
static Mashang__KeyValue *pairs[33];

static void
put_pairs(Mashang__CallEvent *m, size_t n, size_t key, size_t value)
{
	pair.key = (ProtobufCBinaryData){ key, (uint8_t *)long_text };
	pair.value = (ProtobufCBinaryData){ value, (uint8_t *)long_text };
	for (size_t i = 0; i < n; i++)
		pairs[i] = &pair;
	m->data = pairs;
	m->n_data = n;
}
static void
many_pairs(Mashang__CallEvent *m)
{
	put_pairs(m, 33, 1, 1);
}
static void
long_key(Mashang__CallEvent *m)
{
	put_pairs(m, 1, 65, 1);
}
static void
no_key(Mashang__CallEvent *m)
{
	put_pairs(m, 1, 0, 1);
}
static void
long_value(Mashang__CallEvent *m)
{
	put_pairs(m, 1, 1, 1025);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*spoil)(Mashang__CallEvent *);
	Mashang__Code code;
	const char *field;
} bad[] = {
	{ "no call",            no_call,        CODE(BAD_FIELD), "call" },
	{ "call of 65 bytes",   long_call,      CODE(TOO_LARGE), "call" },
	{ "ESC in a call name", control_call,   CODE(BAD_TEXT),  "call" },
	{ "U+2028 in a name",   line_separator, CODE(BAD_TEXT),  "call" },
	{ "call_seq 0",         no_seq,         CODE(BAD_FIELD), "call_seq" },
	{ "call_seq 2^32-1",    huge_seq,       CODE(BAD_FIELD), "call_seq" },
	{ "no kind",            no_kind,        CODE(BAD_FIELD), "kind" },
	{ "kind 99",            kind_99,        CODE(BAD_FIELD), "kind" },
	{ "kind -1",            negative_kind,  CODE(BAD_FIELD), "kind" },
	{ "cause 99",           cause_99,       CODE(BAD_FIELD), "cause" },
	{ "party 99",           party_99,       CODE(BAD_FIELD), "party" },
	{ "relation 99",        relation_99,    CODE(BAD_FIELD), "relation" },
	{ "no time",            no_time,        CODE(BAD_FIELD), "occurred_at" },
	{ "1970",               first_of_1970,  CODE(BAD_FIELD), "occurred_at" },
	{ "the end of time",    far_future,     CODE(BAD_FIELD), "occurred_at" },
	{ "priority 10",        priority_10,    CODE(BAD_FIELD), "priority" },
	{ "version 2^64-1",     huge_version,   CODE(BAD_FIELD), "version" },
	{ "caller of 257",      long_caller,    CODE(TOO_LARGE), "caller" },
	{ "NUL in a name",      nul_in_name,    CODE(BAD_TEXT),  "caller_name" },
	{ "lone surrogate",     surrogate_name, CODE(BAD_TEXT),  "caller_name" },
	{ "overlong form",      overlong_name,  CODE(BAD_TEXT),  "caller_name" },
	{ "half a character",   half_menu,      CODE(BAD_TEXT),  "menu" },
	{ "no device",          no_device,      CODE(BAD_FIELD), "device" },
	{ "device of 65",       long_device,    CODE(TOO_LARGE), "device" },
	{ "33 pairs",           many_pairs,     CODE(TOO_LARGE), "data" },
	{ "key of 65",          long_key,       CODE(TOO_LARGE), "data.key" },
	{ "no key",             no_key,         CODE(BAD_FIELD), "data.key" },
	{ "value of 1025",      long_value,     CODE(TOO_LARGE), "data.value" },
};
/* clang-format on */

/* Nacked, and nobody need keep it: Committed passes it. */
START_TEST(a_bad_event_is_nacked_and_done_with)
{
	Mashang__CallEvent m = event(1, "c1", 1, KIND(OFFERED));
	Mashang__Nack *n;

	memset(long_text, 'x', sizeof(long_text));
	bad[_i].spoil(&m);
	say(m);
	n = peer_wait(&b, BODY(NACK))->nack;
	ck_assert_msg(n->code == bad[_i].code, "%s: %d", bad[_i].name, n->code);
	ck_assert_uint_eq(n->stream_seq, 1);
	ck_assert_uint_ge(n->n_params, 1);
	ck_assert_uint_eq(n->params[0].len, strlen(bad[_i].field));
	ck_assert_mem_eq(
	    n->params[0].data, bad[_i].field, strlen(bad[_i].field));
	await_committed(1);
	ck_assert_uint_eq(fake_ledger_n(h.ledger, ROW_CALL_EVENT), 0);
	say(event(2, "c1", 1, KIND(OFFERED))); /* the session goes on */
	await_committed(2);
	ck_assert_uint_eq(fake_ledger_n(h.ledger, ROW_CALL_EVENT), 1);
}
END_TEST

/* What is handed to the desk holds up Committed, what is Nacked does not. */
START_TEST(a_nack_does_not_overtake_a_commit)
{
	Mashang__CallEvent m = event(2, "", 1, KIND(OFFERED));

	fake_ledger_hold(h.ledger, true);
	say(event(1, "c1", 1, KIND(OFFERED)));
	say(m);
	peer_wait(&b, BODY(NACK));
	while (peer_wait(&b, BODY(RECEIVED))->received->up_to < 2)
		;
	fake_ledger_hold(h.ledger, false);
	ck_assert_uint_eq(peer_wait(&b, BODY(COMMITTED))->committed->up_to, 2);
}
END_TEST

START_TEST(three_events_of_another_switch_end_it)
{
	for (uint64_t i = 1; i <= 3; i++) {
		Mashang__CallEvent m = event(i, "c1", 1, KIND(OFFERED));

		if (i == 2)
			m.epoch = 2;
		else
			m.switch_ = data_of("other");
		say(m);
		peer_refused(&b, CODE(WRONG_SWITCH));
		if (i < 3)
			await_committed(i);
	}
	peer_ended(&b, CODE(WRONG_SWITCH));
}
END_TEST

START_TEST(stream_seq_0_is_refused)
{
	say(event(0, "c1", 1, KIND(OFFERED)));
	peer_refused(&b, CODE(BAD_FIELD));
}
END_TEST

static bool
same(struct str s, const char *want)
{
	return s.len == strlen(want) && memcmp(s.p, want, s.len) == 0;
}

START_TEST(text_comes_in_clean_and_quotes_stay)
{
	Mashang__CallEvent m = event(1, "c'\";--", 1, KIND(OFFERED));
	Mashang__KeyValue kv = MASHANG__KEY_VALUE__INIT, *list[] = { &kv };
	const struct call_event_row *ev;
	const struct call_row *call;

	kv.key = data_of("ac\"count");
	kv.value = data_of("x\\y\x1b\xe2\x80\xae!");
	m.data = list;
	m.n_data = 1;
	m.caller_name = data_of("\xe6\x9d\x8e\x1b]0;x\x07");
	say(m);
	await_committed(1);
	call = fake_ledger_row(h.ledger, ROW_CALL, 0);
	ev = fake_ledger_row(h.ledger, ROW_CALL_EVENT, 0);
	ck_assert(same(call->switch_call, "c'\";--"));
	ck_assert(same(
	    call->caller_name, "\xe6\x9d\x8e\xef\xbf\xbd]0;x\xef\xbf\xbd"));
	ck_assert(same(ev->data, "{\"ac\\\"count\":\"x\\\\y\xef\xbf\xbd!\"}"));
}
END_TEST

START_TEST(digests_tell_events_apart_but_not_their_resending)
{
	uint64_t digest[4] = { 0 };
	Mashang__CallEvent m;

	for (uint32_t i = 1; i <= 3; i++) {
		char call[8];

		snprintf(call, sizeof(call), "c%u", i);
		m = event(i, "same", 1, KIND(OFFERED));
		m.menu = data_of(i == 3 ? "3" : "1");
		m.resent = i == 2;
		say(m);
	}
	await_committed(3);
	for (unsigned i = 0; i < fake_ledger_n(h.ledger, ROW_CALL_EVENT); i++) {
		const struct call_event_row *r =
		    fake_ledger_row(h.ledger, ROW_CALL_EVENT, i);

		digest[i] = r->digest;
	}
	ck_assert_uint_eq(fake_ledger_n(h.ledger, ROW_CALL_EVENT), 3);
	ck_assert_uint_eq(digest[0], digest[1]);
	ck_assert_uint_ne(digest[0], digest[2]);
}
END_TEST

/* --------------------------------------------------------- a call, played */

static void
agent_ready(void)
{
	Mashang__SetState m = MASHANG__SET_STATE__INIT;

	peer_login(&a, &h, ROLE(AGENT), "a1", "801");
	m.state = MASHANG__AGENT_STATE_KIND__AGENT_READY;
	peer_request(&a, &ENVELOPE(SET_STATE, set_state, &m));
	peer_reply(&a, BODY(DONE));
}

static uint64_t
offer_shown(void)
{
	Mashang__Shown m = MASHANG__SHOWN__INIT;

	m.offer_id = peer_wait(&a, BODY(OFFER))->offer->offer_id;
	peer_send(&a, &ENVELOPE(SHOWN, shown, &m));
	return m.offer_id;
}

START_TEST(a_call_becomes_a_ticket)
{
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;
	Mashang__WrapUp w = MASHANG__WRAP_UP__INIT;
	Mashang__CallEvent m;
	Mashang__Order *o;
	uint8_t call_id[16];
	uint64_t order;

	agent_ready();
	say(event(1, "c1", 1, KIND(OFFERED)));
	say(event(2, "c1", 2, KIND(QUEUED)));
	offer_shown();
	o = peer_wait(&b, BODY(ORDER))->order;
	ck_assert_int_eq(o->kind, MASHANG__ORDER_KIND__ORDER_CONNECT);
	ck_assert_uint_eq(o->version, 7);
	ck_assert_mem_eq(o->device.data, "801", 3);
	order = r.order_id = o->order_id;
	r.version = 8;
	r.kind = KIND(QUEUED);
	peer_send(&b, &ENVELOPE(ORDER_RESULT, order_result, &r));
	m = event(3, "c1", 3, KIND(ESTABLISHED));
	m.device = data_of("801");
	m.version = 8;
	m.order_id = order;
	say(m);
	ck_assert_int_eq(peer_wait(&a, BODY(OFFER_ENDED))->offer_ended->reason,
	    MASHANG__OFFER_END_REASON__OFFER_ACCEPTED);
	memcpy(call_id,
	    peer_wait(&a, BODY(CALL_STATE))->call_state->call_id.data,
	    sizeof(call_id));
	m = event(4, "c1", 4, KIND(CALL_CLEARED));
	m.version = 8;
	say(m);
	peer_wait(&a, BODY(CALL_STATE));
	w.call_id = (ProtobufCBinaryData){ sizeof(call_id), call_id };
	w.note = data_of("valve\nreplaced");
	w.solved = 1;
	peer_request(&a, &ENVELOPE(WRAP_UP, wrap_up, &w));
	peer_reply(&a, BODY(DONE));
	/* That of the state may come first. */
	while (memcmp(peer_wait(&a, BODY(SAVED))->saved->op_ids[0].data, a.op,
		   16) != 0)
		continue;
	await_committed(4);
	ck_assert_uint_gt(fake_ledger_n(h.ledger, ROW_TICKET_OF_CALL), 0);
	peer_close(&a);
}
END_TEST

START_TEST(an_old_offer_is_gone)
{
	Mashang__Accept m = MASHANG__ACCEPT__INIT;

	agent_ready();
	say(event(1, "c1", 1, KIND(OFFERED)));
	say(event(2, "c1", 2, KIND(QUEUED)));
	m.offer_id = offer_shown();
	say(event(3, "c1", 3, KIND(CALL_CLEARED)));
	peer_wait(&a, BODY(OFFER_ENDED));
	peer_request(&a, &ENVELOPE(ACCEPT, accept, &m));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(OFFER_GONE));
	m.offer_id = 123456; /* nobody's */
	peer_request(&a, &ENVELOPE(ACCEPT, accept, &m));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(OFFER_GONE));
	peer_close(&a);
}
END_TEST

START_TEST(logging_off_is_a_goodbye)
{
	Mashang__SetState m = MASHANG__SET_STATE__INIT;

	agent_ready();
	m.state = MASHANG__AGENT_STATE_KIND__AGENT_NULL;
	peer_request(&a, &ENVELOPE(SET_STATE, set_state, &m));
	peer_reply(&a, BODY(DONE));
	peer_ended(&a, CODE(OK));
	peer_close(&a);
}
END_TEST

START_TEST(without_postgresql_a_known_bridge_comes_in)
{
	fake_ledger_away(h.ledger, true);
	peer_close(&b);
	peer_open(&b, &h);
	peer_hello(&b, ROLE(BRIDGE), "br", NULL, "sw");
	peer_wait(&b, BODY(WELCOME));
	peer_close(&b);
	peer_open(&b, &h); /* one that nobody has heard of cannot */
	peer_hello(&b, ROLE(BRIDGE), "br", NULL, "unheard");
	peer_ended(&b, CODE(UNAVAILABLE));
}
END_TEST

Suite *
call_suite(void)
{
	TCase *tc = tcase_create("call");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_event_is_received_then_committed);
	tcase_add_test(tc, received_and_committed_come_in_groups);
	tcase_add_test(tc, a_gap_in_the_stream_is_asked_for);
	tcase_add_test(tc, a_repeat_is_committed_again_and_adds_nothing);
	tcase_add_test(tc, a_repeat_gives_its_credit_back);
	tcase_add_test(tc, the_snapshot_says_where_the_stream_begins);
	tcase_add_test(tc, without_a_snapshot_there_are_no_events);
	tcase_add_test(tc, a_snapshot_frame_has_its_limit);
	tcase_add_test(tc, a_newer_bridge_takes_over);
	tcase_add_loop_test(
	    tc, a_bad_event_is_nacked_and_done_with, 0, NELEM(bad));
	tcase_add_test(tc, a_nack_does_not_overtake_a_commit);
	tcase_add_test(tc, three_events_of_another_switch_end_it);
	tcase_add_test(tc, stream_seq_0_is_refused);
	tcase_add_test(tc, text_comes_in_clean_and_quotes_stay);
	tcase_add_test(tc, digests_tell_events_apart_but_not_their_resending);
	tcase_add_test(tc, a_call_becomes_a_ticket);
	tcase_add_test(tc, an_old_offer_is_gone);
	tcase_add_test(tc, logging_off_is_a_goodbye);
	tcase_add_test(tc, without_postgresql_a_known_bridge_comes_in);
	return suite_of(tc, "call");
}
