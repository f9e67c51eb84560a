/*
 * shift_test.c - an agent's shift: `mashang agent' in line mode, a scripted
 * switch, and whatever can go wrong between them.
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
#define CALLER "13812348000"

static const char hotline[] =
    "queues:\n"
    "  - {name: repair, ring: 30s, wrap_up: 0s}\n"
    "  - {name: quick, ring: 3s}\n"
    "agents:\n"
    "  - {name: wang, queues: [repair], answer: screen}\n"
    "  - {name: li, queues: [repair], answer: screen}\n"
    "  - {name: chen, queues: [repair, quick], answer: phone}\n"
    "devices:\n"
    "  - {name: '101', switch: main}\n"
    "  - {name: '102', switch: main}\n"
    "numbers:\n"
    "  - {called: '400', menu: '1', queue: repair}\n"
    "  - {called: '400', menu: '2', queue: quick}\n";

static struct stack st;
static struct wire bridge;
static struct program wang;

static void
up(void)
{
	unsetenv("LANGUAGE");
	/* On a busy machine programs are slow. */
	stack_up_with(&st, false, "shown: 3s\n");
	stack_write(&st, "hotline.yaml", hotline);
	mashang(
	    &st, 0, "admin", "apply", stack_path(&st, "hotline.yaml"), NULL);
	wire_bridge(&bridge, &st, "main");
}

static void
down(void)
{
	wire_close(&bridge);
	stack_down(&st);
}

static void
sit(struct program *p, const char *name, const char *device)
{
	const char *argv[] = { "mashang", "agent", "--login", name, "--device",
		device, NULL };

	program_start(p, &st, argv);
	program_expect(p, "Logged in as ");
}

static void
ready(struct program *p, const char *name, const char *device)
{
	sit(p, name, device);
	program_type(p, "ready\n");
	program_expect(p, "Ready");
}

/* Ends with code 0, everything saved. */
static void
leave(struct program *p)
{
	program_type(p, "quit\n");
	ck_assert_msg(program_end(p) == 0, "%s", p->said);
	program_free(p);
}

/* The switch does as it is told: the order's version is raised. */
static Mashang__Order
connect_as_told(const char *call, const char *device)
{
	Mashang__Order o = *wire_order(&bridge, ORDER(CONNECT));

	ck_assert(wire_is(o.call, call) && wire_is(o.device, device));
	wire_order_result(
	    &bridge, o.order_id, CODE(OK), o.version + 1, KIND(QUEUED));
	return o;
}

static void
ring(const char *call, const char *menu)
{
	wire_ring(&bridge, call, CALLER, "400", menu);
}

/* ------------------------------------------------------------ the good day */

START_TEST(a_whole_call)
{
	Mashang__Order o;

	ready(&wang, "wang", "101");
	ring("c1", "1");
	program_expect(&wang, "*** A call for you: repair, ticket ");
	program_expect(&wang, CALLER);
	program_expect(&wang, "The caller: ");
	program_type(&wang, "accept\n");
	o = connect_as_told("c1", "101");
	ck_assert(o.auto_answer);
	wire_at(&bridge, "c1", 3, KIND(ESTABLISHED), "101", &o);
	program_expect(&wang, "You are connected; ticket ");
	program_type(&wang, "note the valve leaks\n");
	program_expect(&wang, "Noted.");
	program_type(&wang, "promise yesterday a part\n");
	program_expect(&wang, "is not a time");
	program_type(&wang, "promise +4h a part\n");
	program_expect(&wang, "Noted.");
	program_type(&wang, "pend +2h the type plate\n");
	program_expect(&wang, "Noted.");
	wire_clear(&bridge, "c1", 4, MASHANG__PARTY__PARTY_CALLER);
	program_expect(&wang, "Wrap-up");
	program_type(&wang, "wrapup --solved valve replaced\n");
	program_expect(&wang, "Ready");
	leave(&wang);
	wire_until_committed(&bridge);
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(e.kind || ':' || e.actor || ':' ||"
			  " coalesce(e.text, '') || ':' || t.status, ',' ORDER"
			  " BY e.seq) FROM ticket t JOIN ticket_event e"
			  " ON e.ticket_id = t.id AND e.kind NOT IN"
			  " ('promised', 'pended')"),
	    "opened:system::closed,answered:wang::closed,note:wang:the valve "
	    "leaks:closed,"
	    "closed:wang:valve replaced:closed");
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(state, ' ' ORDER BY since, seq)"
			  " FROM agent_state"),
	    "not_ready ready reserved busy working_after_call ready null");
	ck_assert_str_eq(pg_server_ask("SELECT reason FROM offer"), "accepted");
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(kind || coalesce(':' || status,"
			  " '') || ':' || text, ',' ORDER BY kind)"
			  " FROM ticket_event WHERE until_at > at"),
	    "pended:pending_customer:the type plate,promised:a part");
}
END_TEST

/* ----------------------------------------------------- calls not answered */

START_TEST(what_is_refused_goes_to_the_next)
{
	struct program li;

	ready(&wang, "wang", "101");
	ready(&li, "li", "102");
	ring("c1", "1");
	program_expect(&wang, "*** A call for you");
	program_expect(&wang, "Call offered");
	program_type(&wang, "refuse busy with paper\n");
	program_expect(&wang, "Not ready (Refused)");
	program_expect(&li, "*** A call for you");
	program_expect(&li, "Offered before 1 time");
	program_type(&li, "accept\n");
	connect_as_told("c1", "102");
	program_type(&li, "quit\nquit\n");
	leave(&wang);
	ck_assert_int_eq(program_end(&li), 0);
	program_free(&li);
}
END_TEST

START_TEST(what_is_not_shown_goes_to_the_next)
{
	const Mashang__Envelope *e;
	struct wire li;

	wire_agent(&li, &st, "li", "102");
	wire_set_state(&li, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	WIRE_EXPECT(&li, DONE);
	ring("c1", "1");
	WIRE_EXPECT(&li, OFFER);
	ready(&wang, "wang", "101");
	e = WIRE_EXPECT(&li, OFFER_ENDED);
	ck_assert_int_eq(e->offer_ended->reason,
	    MASHANG__OFFER_END_REASON__OFFER_NOT_DELIVERED);
	program_expect(&wang, "*** A call for you");
	program_expect(&wang, "Offered before 1 time");
	wire_clear(&bridge, "c1", 3, MASHANG__PARTY__PARTY_CALLER);
	program_expect(&wang, "The offer has ended: The caller has hung up.");
	leave(&wang);
	wire_close(&li);
}
END_TEST

START_TEST(a_phone_that_nobody_lifts)
{
	Mashang__Order o;
	struct program chen;

	ready(&chen, "chen", "101");
	ring("c1", "2");
	program_expect(&chen, "answer within 0:03");
	program_expect(&chen, "lift the phone");
	o = connect_as_told("c1", "101");
	ck_assert(!o.auto_answer);
	wire_at(&bridge, "c1", 3, KIND(DELIVERED), "101", &o);
	program_expect(&chen, "Not ready (Not answered in time)");
	ck_assert(
	    wire_is(wire_order(&bridge, ORDER(DISCONNECT))->device, "101"));
	leave(&chen);
}
END_TEST

START_TEST(a_caller_who_hangs_up)
{
	ready(&wang, "wang", "101");
	ring("c1", "1");
	program_expect(&wang, "*** A call for you");
	wire_clear(&bridge, "c1", 3, MASHANG__PARTY__PARTY_CALLER);
	program_expect(&wang, "Ready  [before: Call offered");
	program_expect(&wang, "The caller has hung up");
	program_type(&wang, "accept\n");
	program_expect(&wang, "No call is offered to you.");
	leave(&wang);
	wire_until_committed(&bridge);
	ck_assert_str_eq(
	    pg_server_ask("SELECT reason FROM offer"), "caller_gone");
}
END_TEST

START_TEST(a_busy_phone)
{
	struct program li;
	const Mashang__Order *o;

	ready(&wang, "wang", "101");
	ring("c1", "1");
	program_expect(&wang, "Call offered");
	program_type(&wang, "accept\n");
	o = wire_order(&bridge, ORDER(CONNECT));
	wire_order_result(
	    &bridge, o->order_id, CODE(BUSY), WIRE_V0, KIND(QUEUED));
	program_expect(&wang, "Not ready (Your phone was busy)");
	ready(&li, "li", "102");
	program_expect(&li, "*** A call for you");
	program_type(&li, "accept\n");
	connect_as_told("c1", "102");
	program_type(&li, "quit\nquit\n");
	leave(&wang);
	ck_assert_int_eq(program_end(&li), 0);
	program_free(&li);
}
END_TEST

/* ------------------------------------------------------ servers that are gone */

/* An established call of `wang'. */
static Mashang__Order
talk(const char *call)
{
	Mashang__Order o;

	ring(call, "1");
	program_expect(&wang, "*** A call for you");
	program_expect(&wang, "Call offered");
	program_type(&wang, "accept\n");
	o = connect_as_told(call, "101");
	wire_at(&bridge, call, 3, KIND(ESTABLISHED), "101", &o);
	program_expect(&wang, "You are connected");
	return o;
}

/* The switch had the call all the time. */
static void
bridge_comes_back(const char *call, const Mashang__Order *o)
{
	Mashang__LiveCall live = MASHANG__LIVE_CALL__INIT;

	wire_close(&bridge);
	live.call = wire_bytes(call);
	live.version = o->version + 1;
	live.call_seq = 3;
	live.kind = KIND(ESTABLISHED);
	live.device = wire_bytes("101");
	live.caller = wire_bytes(CALLER);
	live.called = wire_bytes("400");
	live.menu = wire_bytes("1");
	wire_bridge_again(&bridge, &st, "main", &live);
}

static void
finish_after_restart(void)
{
	wire_clear(&bridge, "c1", 4, MASHANG__PARTY__PARTY_CALLER);
	program_expect(&wang, "Wrap-up");
	program_type(&wang, "wrapup --solved all well\n");
	program_expect(&wang, "Ready");
	leave(&wang);
	wire_until_committed(&bridge);
	ck_assert_str_eq(
	    pg_server_ask(
		"SELECT count(DISTINCT t.id) || ' ' ||"
		" string_agg(coalesce(e.text, ''), ',' ORDER BY e.seq)"
		" || ' ' || max(t.status) FROM ticket t"
		" JOIN ticket_event e ON e.ticket_id = t.id"),
	    "1 ,,before,meanwhile,all well closed");
}

static void
kill_in_the_call(Mashang__Order *o)
{
	ready(&wang, "wang", "101");
	*o = talk("c1");
	program_type(&wang, "note before\n");
	wire_until_committed(&bridge);
	stack_daemon_kill(&st);
	program_expect(&wang, "Connection lost");
	program_type(&wang, "note meanwhile\nstate\n");
	program_expect(&wang, "Not connected");
	program_expect(&wang, "not yet saved");
	stack_daemon_start(&st, NULL);
}

START_TEST(a_daemon_killed_in_the_call)
{
	Mashang__Order o;

	kill_in_the_call(&o);
	bridge_comes_back("c1", &o);
	program_expect(&wang, "Logged in as wang");
	program_expect(&wang, "In a call");
	finish_after_restart();
}
END_TEST

START_TEST(a_daemon_killed_and_the_bridge_comes_late)
{
	Mashang__Order o;

	kill_in_the_call(&o);
	program_expect(&wang, "Logged in as wang");
	program_expect(&wang, "Not ready");
	bridge_comes_back("c1", &o);
	program_expect(&wang, "In a call");
	finish_after_restart();
}
END_TEST

START_TEST(without_postgres)
{
	const char *argv[] = { "mashang", "agent", "--json", "--login", "wang",
		"--device", "101", NULL };
	Mashang__Order o;

	program_start(&wang, &st, argv);
	program_type(&wang, "ready\n");
	program_expect(&wang, "\"event\":\"saved\",\"unsaved\":0");
	wire_until_committed(&bridge);
	pg_server_halt("immediate");
	for (unsigned i = 0; i < 3; i++) {
		const char *call[] = { "c1", "c2", "c3" };
		char line[80];

		ring(call[i], "1");
		program_expect(&wang, "\"event\":\"offer\"");
		program_expect(&wang, "\"state\":\"reserved\"");
		program_type(&wang, "accept\n");
		o = connect_as_told(call[i], "101");
		wire_at(&bridge, call[i], 3, KIND(ESTABLISHED), "101", &o);
		program_expect(&wang, "\"kind\":\"established\"");
		snprintf(line, sizeof(line), "note of %s\n", call[i]);
		program_type(&wang, line);
		wire_clear(&bridge, call[i], 4, MASHANG__PARTY__PARTY_CALLER);
		program_expect(&wang, "\"state\":\"working_after_call\"");
		program_type(&wang, "wrapup --solved\nstate\n");
		program_expect(&wang, "\"event\":\"now\"");
		program_expect(
		    &wang, i == 0 ? "\"unsaved\":3" : "\"unsaved\":");
	}
	wire_beat(&bridge);
	pg_server_again();
	wire_beat(&bridge);
	program_expect(&wang, "\"event\":\"saved\",\"unsaved\":0");
	wire_until_committed(&bridge);
	leave(&wang);
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(e.kind || coalesce(' ' || e.text,"
			  " ''), ',' ORDER BY e.ticket_id, e.seq)"
			  " FROM ticket_event e"),
	    "opened,answered,note of c1,closed,"
	    "opened,answered,note of c2,closed,"
	    "opened,answered,note of c3,closed");
}
END_TEST

/* --------------------------------------------------------------- in Chinese */

START_TEST(in_chinese)
{
	setenv("LANGUAGE", "zh_CN", 1);
	{
		const char *argv[] = { "mashang", "agent", "--login", "wang",
			"--device", "101", NULL };

		program_start(&wang, &st, argv);
	}
	program_expect(&wang, "已登录");
	program_type(&wang, "就绪\n");
	program_expect(&wang, "就绪");
	ring("c1", "1");
	program_expect(&wang, "*** 来电:repair");
	program_type(&wang, "接听\n");
	wire_order(&bridge, ORDER(CONNECT));
	program_type(&wang, "退出\n退出\n");
	ck_assert_int_eq(program_end(&wang), 0);
	program_free(&wang);
}
END_TEST

Suite *
shift_suite(void)
{
	TCase *tc = tcase_create("shift");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, a_whole_call);
	tcase_add_test(tc, what_is_refused_goes_to_the_next);
	tcase_add_test(tc, what_is_not_shown_goes_to_the_next);
	tcase_add_test(tc, a_phone_that_nobody_lifts);
	tcase_add_test(tc, a_caller_who_hangs_up);
	tcase_add_test(tc, a_busy_phone);
	tcase_add_test(tc, a_daemon_killed_in_the_call);
	tcase_add_test(tc, a_daemon_killed_and_the_bridge_comes_late);
	tcase_add_test(tc, without_postgres);
	tcase_add_test(tc, in_chinese);
	return suite_of(tc, "shift");
}
