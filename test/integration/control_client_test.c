/*
 * control_client_test.c - call control as people type it: `mashang agent' in
 * line mode, `mashang call' for supervisors, against the real daemon and a
 * scripted switch.
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
#define ORDER(x) MASHANG__ORDER_KIND__ORDER_##x

static const char hotline[] =
    "queues:\n"
    "  - {name: repair, ring: 30s, wrap_up: 0s}\n"
    "  - {name: other, ring: 30s, wrap_up: 0s}\n"
    "agents:\n"
    "  - {name: wang, queues: [repair], answer: phone}\n"
    "  - {name: li, queues: [other], answer: phone}\n"
    "devices:\n"
    "  - {name: '101', switch: main}\n"
    "  - {name: '102', switch: main}\n"
    "  - {name: '900', switch: main}\n"
    "dialling: {allow: ['+86']}\n"
    "numbers:\n"
    "  - {called: '400', queue: repair}\n";

static struct stack st;
static struct wire bridge;
static struct program wang, li;
static uint64_t version;

#define ck_said(said, words) \
	ck_assert_msg(       \
	    strstr(said, words) != NULL, "no \"%s\" in:\n%s", words, said)

static void
sit(struct program *p, const char *name, const char *device)
{
	const char *argv[] = { "mashang", "agent", "--login", name, "--device",
		device, NULL };

	program_start(p, &st, argv);
	program_expect(p, "Logged in as ");
	program_type(p, "ready\n");
	program_expect(p, "Ready");
}

static void
up(void)
{
	unsetenv("LANGUAGE");
	version = WIRE_V0;
	/* On a busy machine programs are slow. */
	stack_up_with(&st, false, "shown: 3s\n");
	stack_write(&st, "hotline.yaml", hotline);
	mashang(
	    &st, 0, "admin", "apply", stack_path(&st, "hotline.yaml"), NULL);
	wire_bridge(&bridge, &st, "main");
	sit(&wang, "wang", "101");
}

static void
down(void)
{
	program_free(&wang);
	wire_close(&bridge);
	stack_down(&st);
}

static Mashang__Order
done(Mashang__OrderKind kind, Mashang__Code code)
{
	Mashang__Order o = *wire_order(&bridge, kind);

	version = o.version + (code == CODE(OK));
	wire_order_result(&bridge, o.order_id, code, version, KIND(QUEUED));
	return o;
}

static Mashang__CallEvent
event(const char *call, unsigned seq, Mashang__CallEventKind kind,
    const char *device)
{
	Mashang__CallEvent ev = wire_event(&bridge, call, seq, kind);

	ev.version = version;
	ev.device = wire_bytes(device);
	return ev;
}

static void
say(const char *call, unsigned seq, Mashang__CallEventKind kind,
    const char *device)
{
	Mashang__CallEvent ev = event(call, seq, kind, device);

	wire_say(&bridge, &ev);
}

/* Of the consult call k1 about c1. */
static void
consult(unsigned seq, Mashang__CallEventKind kind)
{
	Mashang__CallEvent ev = event("k1", seq, kind, "102");

	ev.caller = wire_bytes("101");
	ev.called = wire_bytes("102");
	ev.related_call = wire_bytes("c1");
	ev.relation = MASHANG__RELATION__RELATION_CONSULT;
	wire_say(&bridge, &ev);
}

/* A caller with an account's number, withheld; wang lifts. */
static void
talking(void)
{
	Mashang__CallEvent ev = event("c1", 1, KIND(QUEUED), "");
	Mashang__KeyValue kv = MASHANG__KEY_VALUE__INIT, *list[] = { &kv };

	kv.key = wire_bytes("account");
	kv.value = wire_bytes("42\x1b[2J");
	ev.caller = wire_bytes("anonymous");
	ev.called = wire_bytes("400");
	ev.data = list;
	ev.n_data = 1;
	wire_say(&bridge, &ev);
	program_expect(&wang, "*** A call for you: repair");
	program_expect(&wang, "number withheld");
	program_expect(&wang, "account=42\xef\xbf\xbd[2J");
	done(ORDER(CONNECT), CODE(OK));
	say("c1", 2, KIND(DELIVERED), "101");
	say("c1", 3, KIND(ESTABLISHED), "101");
	program_expect(&wang, "You are connected");
}

START_TEST(hold_and_retrieve)
{
	program_type(&wang, "hold\n");
	program_expect(&wang, "With a call nothing can be done just now.");
	talking();
	program_type(&wang, "help\n");
	program_expect(&wang,
	    "Possible with the call now: hold transfer consult hangup requeue");
	program_type(&wang, "retrieve\n");
	program_expect(&wang, "That cannot be done now.");
	program_type(&wang, "hold\n");
	done(ORDER(HOLD), CODE(OK));
	say("c1", 4, KIND(HELD), "");
	program_expect(&wang, "The call is on hold");
	program_type(&wang, "resume\n");
	done(ORDER(RETRIEVE), CODE(REFUSED));
	program_expect(
	    &wang, "`retrieve' cannot be done to this call: on hold.");
	program_expect(&wang, "Possible now: hang up, retrieve, transfer, ");
	program_type(&wang, "hangup\n");
	done(ORDER(CLEAR), CODE(OK));
	wire_clear(&bridge, "c1", 5, MASHANG__PARTY__PARTY_AGENT);
	program_expect(&wang, "The call is over");
}
END_TEST

START_TEST(an_attended_transfer)
{
	Mashang__Order o;

	sit(&li, "li", "102");
	talking();
	program_type(&wang, "consult nobody\n");
	program_expect(&wang, "There is no agent nobody.");
	program_type(&wang, "consult li\n");
	o = done(ORDER(CONSULT), CODE(OK));
	ck_assert(wire_is(o.device, "101") && wire_is(o.number, "102"));
	say("c1", 4, KIND(HELD), "");
	program_expect(&wang, "The call is on hold");
	consult(1, KIND(DELIVERED));
	program_expect(&wang, "Consultation: it rings there: 102");
	consult(2, KIND(ESTABLISHED));
	program_expect(&wang, "Consultation: connected: 102");
	program_expect(&li, "You are connected: 101");
	program_type(&wang, "transfer\n");
	o = done(ORDER(TRANSFER), CODE(OK));
	ck_assert(wire_is(o.related_call, "k1"));
	say("c1", 5, KIND(TRANSFERRED), "102");
	program_expect(&wang, "The call was transferred");
	program_expect(&li, "A call was transferred to you: anonymous");
	consult(3, KIND(CALL_CLEARED));
	program_expect(&wang, "Wrap-up");
	program_type(&li, "note he waits\n");
	program_expect(&li, "Noted.");
	wire_clear(&bridge, "c1", 6, MASHANG__PARTY__PARTY_CALLER);
	program_expect(&li, "The call is over");
	wire_until_committed(&bridge);
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM ticket"), "1");
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(outcome, ' ' ORDER BY outcome) "
			  "FROM call_outcome"),
	    "answered menu_only");
	program_free(&li);
}
END_TEST

START_TEST(hanging_up_ends_the_consultation_first)
{
	Mashang__Order o;

	talking();
	program_type(&wang, "consult 13900000000\n");
	o = done(ORDER(CONSULT), CODE(OK));
	ck_assert(wire_is(o.number, "13900000000"));
	say("c1", 4, KIND(HELD), "");
	consult(1, KIND(DELIVERED));
	program_expect(&wang, "Consultation: it rings there");
	program_type(&wang, "hangup\n");
	o = done(ORDER(CLEAR), CODE(OK));
	ck_assert(wire_is(o.call, "k1"));
	consult(2, KIND(CALL_CLEARED));
	program_expect(&wang, "Consultation: over");
	program_type(&wang, "requeue other\n");
	done(ORDER(REQUEUE), CODE(OK));
	say("c1", 5, KIND(QUEUED), "");
	program_expect(&wang, "Wrap-up");
	ck_said(mashang(&st, 0, "call", "list", "--json", NULL),
	    "\"queue\":\"other\"");
}
END_TEST

/* A supervisor's command waits for the switch: it is typed into a program. */
static void
order(const char *verb, const char *call, Mashang__OrderKind kind,
    Mashang__Code code, const char *says, int status)
{
	const char *argv[] = { "mashang", "call", verb, call, "--device", "900",
		NULL };
	struct program p;

	program_start(&p, &st, argv);
	ck_assert(wire_is(done(kind, code).device, "900"));
	program_expect(&p, says);
	ck_assert_int_eq(program_end(&p), status);
	program_free(&p);
}

START_TEST(a_supervisor_listens_whispers_and_barges_in)
{
	const char *said;

	talking();
	order("monitor", "wang", ORDER(MONITOR), CODE(OK), "Done.", 0);
	order("whisper", "wang", ORDER(WHISPER), CODE(OK), "Done.", 0);
	order("barge", "wang", ORDER(BARGE), CODE(BUSY),
	    "A phone of that call is busy.", 1);
	said = mashang(&st, 64, "call", "monitor", "wang", NULL);
	ck_said(said, "--device DEVICE");
	said =
	    mashang(&st, 1, "call", "monitor", "wang", "--device", "999", NULL);
	ck_said(said, "There is no device 999");
	said = mashang(&st, 1, "call", "monitor",
	    "00000000000000000000000000000001", "--device", "900", NULL);
	ck_said(said, "There is no call");
	said = mashang(&st, 1, "call", "clear", "li", NULL);
	ck_said(said, "There is no call li.");
	said = mashang(&st, 0, "call", "list", NULL);
	ck_said(said, "clear monitor whisper barge requeue");
	wire_until_committed(&bridge);
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(action || ' ' || detail, ', ' "
			  "ORDER BY at) FROM audit WHERE action IN "
			  "('monitor', 'whisper', 'barge')"),
	    "monitor agent=wang device=900 ok, whisper agent=wang device=900 "
	    "ok, barge agent=wang device=900 busy");
}
END_TEST

/* li serves another queue, and is offered it all the same; the call has to be
 * named by its id. */
START_TEST(a_call_waits_for_one_agent)
{
	char id[33];
	const char *argv[] = { "mashang", "call", "requeue", id, "--agent",
		"li", NULL };
	struct program p;

	sit(&li, "li", "102");
	talking();
	wire_until_committed(&bridge);
	snprintf(id, sizeof(id), "%s",
	    pg_server_ask("SELECT replace(id::text, '-', '') FROM call"));
	ck_said(
	    mashang(&st, 64, "call", "requeue", "wang", "--agent", "li", NULL),
	    "name the call by its id");
	ck_said(
	    mashang(&st, 1, "call", "requeue", id, "--agent", "nobody", NULL),
	    "nobody");
	program_start(&p, &st, argv);
	done(ORDER(REQUEUE), CODE(OK));
	program_expect(&p, "Done.");
	ck_assert_int_eq(program_end(&p), 0);
	program_free(&p);
	say("c1", 4, KIND(QUEUED), "");
	program_expect(&li, "*** A call for you: repair");
	program_free(&li);
}
END_TEST

static void
phone(const char *name, Mashang__DeviceReach reach)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__DeviceState d = MASHANG__DEVICE_STATE__INIT, *list[] = { &d };
	Mashang__DeviceStates m = MASHANG__DEVICE_STATES__INIT;

	d.device = wire_bytes(name);
	d.reach = reach;
	m.n_devices = 1;
	m.devices = list;
	e.body_case = MASHANG__ENVELOPE__BODY_DEVICE_STATES;
	e.device_states = &m;
	wire_send(&bridge, &e);
}

START_TEST(a_phone_goes_and_comes_back)
{
	phone("101", MASHANG__DEVICE_REACH__DEVICE_GONE);
	program_expect(&wang, "Not ready (your phone is not registered)");
	ck_said(mashang(&st, 0, "admin", "show", "devices", NULL), "gone");
	phone("101", MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
	program_expect(&wang, "Ready");
}
END_TEST

START_TEST(switches_are_shown)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SwitchStatus m = MASHANG__SWITCH_STATUS__INIT;
	const char *said;

	m.version = wire_bytes("kamailio 5.6.3");
	m.connected = true;
	m.spool_events = 17;
	e.body_case = MASHANG__ENVELOPE__BODY_SWITCH_STATUS;
	e.switch_status = &m;
	wire_send(&bridge, &e);
	wire_expect_none(&bridge, MASHANG__ENVELOPE__BODY_ERROR);
	said = mashang(&st, 0, "admin", "show", "switches", "--json", NULL);
	ck_said(said, "\"version\":\"kamailio 5.6.3\"");
	ck_said(said, "\"spool\":17");
	ck_said(said, "\"attached\":\"yes\"");
	setenv("LANGUAGE", "zh_CN", 1);
	ck_said(mashang(&st, 0, "admin", "show", "switches", NULL), "待存事件");
	ck_said(mashang(&st, 0, "admin", "show", "devices", NULL), "在线");
}
END_TEST

Suite *control_client_suite(void);

Suite *
control_client_suite(void)
{
	TCase *tc = tcase_create("control_client");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, hold_and_retrieve);
	tcase_add_test(tc, an_attended_transfer);
	tcase_add_test(tc, hanging_up_ends_the_consultation_first);
	tcase_add_test(tc, a_supervisor_listens_whispers_and_barges_in);
	tcase_add_test(tc, a_call_waits_for_one_agent);
	tcase_add_test(tc, a_phone_goes_and_comes_back);
	tcase_add_test(tc, switches_are_shown);
	return suite_of(tc, "control_client");
}
