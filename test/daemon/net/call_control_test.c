/*
 * call_control_test.c - call control, switch status and phones on the wire.
 */
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
#define ORDER(k) MASHANG__ORDER_KIND__ORDER_##k
#define REACH(r) MASHANG__DEVICE_REACH__DEVICE_##r

static struct house h;
static struct peer b, a, boss;
static uint8_t call_id[16];
static uint64_t stream;

static Mashang__CallEvent
event(uint32_t seq, Mashang__CallEventKind kind, const char *device)
{
	Mashang__CallEvent m = MASHANG__CALL_EVENT__INIT;

	m.switch_ = data_of("sw");
	m.epoch = 1;
	m.stream_seq = ++stream;
	m.call = data_of("c1");
	m.call_seq = seq;
	m.version = 7;
	m.occurred_at = HOUSE_NOON;
	m.kind = kind;
	m.caller = data_of("13812348000");
	m.called = data_of("4001");
	m.device = data_of(device);
	return m;
}

static void
say(Mashang__CallEvent m)
{
	peer_send(&b, &ENVELOPE(CALL_EVENT, call_event, &m));
}

/* Agent a1 at 801 talks to a caller, by a pick-up. */
static void
setup(void)
{
	Mashang__Snapshot m = MASHANG__SNAPSHOT__INIT;

	stream = 0;
	house_up(&h, false);
	peer_login(&b, &h, ROLE(BRIDGE), "br", "sw");
	m.first_stream_seq = 1;
	peer_send(&b, &ENVELOPE(SNAPSHOT, snapshot, &m));
	peer_wait(&b, BODY(SNAPSHOT_RESULT));
	peer_login(&a, &h, ROLE(AGENT), "a1", "801");
	peer_login(&boss, &h, ROLE(SUPERVISOR), "boss", NULL);
	say(event(1, KIND(DELIVERED), "801"));
	say(event(2, KIND(ESTABLISHED), "801"));
	memcpy(call_id,
	    peer_wait(&a, BODY(CALL_STATE))->call_state->call_id.data, 16);
}

static void
teardown(void)
{
	peer_close(&boss);
	peer_close(&a);
	peer_close(&b);
	house_down(&h);
}

static Mashang__CallControl
control(Mashang__OrderKind kind)
{
	Mashang__CallControl m = MASHANG__CALL_CONTROL__INIT;

	m.call_id = (ProtobufCBinaryData){ 16, call_id };
	m.kind = kind;
	return m;
}

static void
ask(struct peer *p, Mashang__CallControl m)
{
	peer_request(p, &ENVELOPE(CALL_CONTROL, call_control, &m));
}

static const Mashang__Order *
answer(Mashang__Code code)
{
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;
	const Mashang__Order *o = peer_wait(&b, BODY(ORDER))->order;

	r.order_id = o->order_id;
	r.code = code;
	r.version = o->version + (code == CODE(OK));
	peer_send(&b, &ENVELOPE(ORDER_RESULT, order_result, &r));
	return o;
}

/* The error that `p' gets, and its parameters with blanks in between. */
static void
refused(struct peer *p, Mashang__Code code, const char *params)
{
	const Mashang__Error *e = peer_reply(p, BODY(ERROR))->error;
	char text[256] = "";

	for (size_t i = 0; i < e->n_params; i++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, "%s%.*s", i > 0 ? "|" : "",
		    (int)e->params[i].len, (const char *)e->params[i].data);
	}
	ck_assert_int_eq(e->code, code);
	ck_assert_str_eq(text, params);
}

static bool
is(ProtobufCBinaryData got, const char *want)
{
	return got.len == strlen(want) && memcmp(got.data, want, got.len) == 0;
}

START_TEST(the_call_s_state_says_what_may_be_asked)
{
	const Mashang__CallState *m;

	say(event(3, KIND(HELD), ""));
	m = peer_wait(&a, BODY(CALL_STATE))->call_state;
	ck_assert_int_eq(m->kind, KIND(HELD));
	ck_assert_uint_eq(m->n_can, 5);
	ck_assert_int_eq(m->can[0], ORDER(CLEAR));
	ck_assert_int_eq(m->can[1], ORDER(RETRIEVE));
	ck_assert_int_eq(m->can[2], ORDER(TRANSFER));
}
END_TEST

START_TEST(done_when_the_switch_has_taken_it)
{
	const Mashang__Order *o;

	ask(&a, control(ORDER(HOLD)));
	o = answer(CODE(OK));
	ck_assert_int_eq(o->kind, ORDER(HOLD));
	ck_assert(is(o->call, "c1") && is(o->device, "801"));
	ck_assert_uint_eq(o->version, 7);
	peer_reply(&a, BODY(DONE));
}
END_TEST

START_TEST(a_refusal_says_what_is_possible)
{
	ask(&a, control(ORDER(HOLD)));
	answer(CODE(REFUSED));
	refused(&a, CODE(REFUSED),
	    "call|hold|established|clear hold transfer consult requeue");
	ask(&a, control(ORDER(RETRIEVE)));
	refused(&a, CODE(REFUSED),
	    "call|retrieve|established|clear hold transfer consult requeue");
	ask(&a, control(ORDER(HOLD)));
	answer(CODE(NO_DEVICE));
	refused(&a, CODE(NO_DEVICE), "801");
	ask(&a, control(ORDER(HOLD)));
	answer(CODE(BUSY));
	refused(&a, CODE(BUSY), "call|801");
}
END_TEST

static void
configured(void *arg, enum err e)
{
	*(bool *)arg = e == ERR_OK;
}

static bool
is_set(void *arg)
{
	return *(bool *)arg;
}

START_TEST(numbers_are_dialled_as_digits)
{
	Mashang__CallControl m = control(ORDER(TRANSFER));
	bool ready = false;

	m.number = data_of("13812348000");
	ask(&a, m);
	refused(&a, CODE(REFUSED), "dial|not_configured|13812348000||");
	fake_ledger_card(h.ledger, LQ_CONFIG_DIALLING, "+86||3|");
	desk_configure(h.desk, configured, &ready);
	house_until(&h, is_set, &ready);
	m.number = data_of("+86 (138) 1234-８０００");
	ask(&a, m);
	ck_assert(is(answer(CODE(OK))->number, "+8613812348000"));
	peer_reply(&a, BODY(DONE));
	m.number = data_of("110\r\nAction: Originate");
	ask(&a, m);
	refused(&a, CODE(BAD_FIELD), "number|digits, * and #, at most 32");
	m.number = data_of("");
	m.agent = data_of("a\x1b");
	ask(&a, m);
	refused(&a, CODE(BAD_TEXT), "agent");
	m = control((Mashang__OrderKind)99);
	ask(&a, m);
	refused(&a, CODE(BAD_FIELD), "kind|1 to 16");
	m = control(ORDER(HOLD));
	m.call_id.len = 15;
	ask(&a, m);
	refused(&a, CODE(BAD_FIELD), "call_id|16 bytes");
	m = control(ORDER(MAKE_CALL));
	ask(&a, m);
	refused(&a, CODE(BAD_FIELD), "kind|none to ask for");
}
END_TEST

START_TEST(a_supervisor_listens)
{
	Mashang__CallControl m = control(ORDER(MONITOR));
	const struct audit_row *r;

	m.device = data_of("802");
	ask(&boss, m);
	ck_assert(is(answer(CODE(OK))->device, "802"));
	peer_reply(&boss, BODY(DONE));
	m.device = data_of("801");
	ask(&boss, m);
	refused(&boss, CODE(DEVICE_TAKEN), "801|a call");
	m.device = data_of("999");
	ask(&boss, m);
	refused(&boss, CODE(NO_DEVICE), "999");
	house_turn(&h);
	ck_assert_uint_eq(fake_ledger_n(h.ledger, ROW_AUDIT), 1);
	r = fake_ledger_row(h.ledger, ROW_AUDIT, 0);
	ck_assert(str_eq(r->actor, STR_LIT("boss")));
	ck_assert(str_eq(r->action, STR_LIT("monitor")));
	ck_assert(str_eq(r->detail, STR_LIT("agent=a1 device=802 ok")));
}
END_TEST

START_TEST(who_has_gone_is_not_answered)
{
	ask(&a, control(ORDER(HOLD)));
	peer_wait(&b, BODY(ORDER));
	peer_close(&a);
	house_turn(&h);
	peer_login(&a, &h, ROLE(AGENT), "a1", "801");
	/* In the call still, and told so. */
	ck_assert_int_eq(peer_wait(&a, BODY(CALL_STATE))->call_state->kind,
	    KIND(ESTABLISHED));
	ask(&a, control(ORDER(CLEAR)));
}
END_TEST

START_TEST(without_its_bridge_nothing_is_possible)
{
	peer_close(&b);
	while (peer_wait(&a, BODY(CALL_STATE))->call_state->n_can > 0)
		;
	ask(&a, control(ORDER(HOLD)));
	refused(&a, CODE(UNAVAILABLE), "switch|sw");
	peer_open(&b, &h);
}
END_TEST

/* ---- status and phones */

static void
phones(const char *name, Mashang__DeviceReach reach, bool whole)
{
	Mashang__DeviceState d = MASHANG__DEVICE_STATE__INIT, *list[] = { &d };
	Mashang__DeviceStates m = MASHANG__DEVICE_STATES__INIT;

	d.device = data_of(name);
	d.reach = reach;
	m.n_devices = 1;
	m.devices = list;
	m.whole = whole;
	peer_send(&b, &ENVELOPE(DEVICE_STATES, device_states, &m));
}

static const Mashang__AgentState *
state(struct peer *p)
{
	return peer_wait(p, BODY(AGENT_STATE))->agent_state;
}

START_TEST(an_agent_whose_phone_is_gone)
{
	const Mashang__AgentState *m;

	phones("802", REACH(REACHABLE), true); /* 801 is not named */
	do
		m = state(&a);
	while (m->pending == 0);
	ck_assert(is(m->pending_reason, "device_gone"));
	phones("801", REACH(REACHABLE), false);
	ck_assert_int_eq(state(&a)->pending, 0);
	phones("", REACH(GONE), false);
	ck_assert_int_eq(
	    peer_wait(&b, BODY(ERROR))->error->code, CODE(BAD_FIELD));
	phones("801", (Mashang__DeviceReach)7, false);
	ck_assert_int_eq(
	    peer_wait(&b, BODY(ERROR))->error->code, CODE(BAD_FIELD));
}
END_TEST

static const Mashang__Page *
show(const char *what)
{
	Mashang__Show m = MASHANG__SHOW__INIT;

	m.what = data_of(what);
	peer_request(&boss, &ENVELOPE(SHOW, show, &m));
	return peer_reply(&boss, BODY(PAGE))->page;
}

START_TEST(a_switch_s_status_is_shown)
{
	Mashang__SwitchStatus m = MASHANG__SWITCH_STATUS__INIT;
	const Mashang__Page *p;
	bool found = false;

	m.version = data_of("kamailio 5.6\x1b[2J");
	m.connected = 1;
	m.spool_events = 3;
	peer_send(&b, &ENVELOPE(SWITCH_STATUS, switch_status, &m));
	house_turn(&h);
	house_turn(&h);
	p = show("switches");
	ck_assert_uint_ge(p->n_rows, 1);
	for (size_t i = 0; i < p->n_columns; i++) {
		const Mashang__Cell *c = p->rows[0]->cells[i];

		ck_assert(p->columns[i]->sentence.len > 0);
		if (is(p->columns[i]->name, "spool"))
			found = c->number == 3;
		if (is(p->columns[i]->name, "version"))
			ck_assert(is(c->text, "kamailio 5.6\xef\xbf\xbd[2J"));
	}
	ck_assert(found);
	ck_assert_uint_eq(show("devices")->n_rows, 2);
}
END_TEST

START_TEST(too_many_phones_in_a_frame)
{
	Mashang__DeviceState d = MASHANG__DEVICE_STATE__INIT, *list[501];
	Mashang__DeviceStates m = MASHANG__DEVICE_STATES__INIT;

	d.device = data_of("801");
	d.reach = REACH(GONE);
	for (size_t i = 0; i < NELEM(list); i++)
		list[i] = &d;
	m.n_devices = NELEM(list);
	m.devices = list;
	peer_send(&b, &ENVELOPE(DEVICE_STATES, device_states, &m));
	ck_assert_int_eq(
	    peer_wait(&b, BODY(ERROR))->error->code, CODE(TOO_LARGE));
}
END_TEST

Suite *call_control_suite(void);

Suite *
call_control_suite(void)
{
	TCase *tc = tcase_create("call_control");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_call_s_state_says_what_may_be_asked);
	tcase_add_test(tc, done_when_the_switch_has_taken_it);
	tcase_add_test(tc, a_refusal_says_what_is_possible);
	tcase_add_test(tc, numbers_are_dialled_as_digits);
	tcase_add_test(tc, a_supervisor_listens);
	tcase_add_test(tc, who_has_gone_is_not_answered);
	tcase_add_test(tc, without_its_bridge_nothing_is_possible);
	tcase_add_test(tc, an_agent_whose_phone_is_gone);
	tcase_add_test(tc, a_switch_s_status_is_shown);
	tcase_add_test(tc, too_many_phones_in_a_frame);
	return suite_of(tc, "call_control");
}
