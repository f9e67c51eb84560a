/*
 * work_client_test.c - work without a live call, from the caller's choice to
 * the customer reached: `mashang agent', the real daemon, PostgreSQL and Redis,
 * and a scripted switch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

Suite *work_client_suite(void);

#define KIND(x) MASHANG__CALL_EVENT_KIND__##x
#define CODE(x) MASHANG__CODE__CODE_##x
#define CAUSE(x) MASHANG__CAUSE__CAUSE_##x
#define CUSTOMER "13812348000"
#define E164 "+8613812348000"

static const char hotline[] = "queues:\n"
			      "  - {name: repair, wrap_up: 0s}\n"
			      "agents:\n"
			      "  - {name: wang, queues: [repair]}\n"
			      "  - {name: li, queues: [repair]}\n"
			      "devices:\n"
			      "  - {name: '101', switch: main}\n"
			      "  - {name: '102', switch: main}\n"
			      "numbers:\n"
			      "  - {called: '400', queue: repair}\n"
			      "dialling:\n"
			      "  allow: ['+86']\n"
			      "  per_day: 2\n"
			      "  show: '4008001234'\n";

static struct stack st;
static struct wire bridge;
static struct program wang;

#define ck_said(said, words) \
	ck_assert_msg(       \
	    strstr(said, words) != NULL, "no \"%s\" in:\n%s", words, said)

static void
up(void)
{
	unsetenv("LANGUAGE");
	stack_up(&st, false);
	stack_write(&st, "hotline.yaml", hotline);
	ck_said(mashang(&st, 0, "admin", "apply", "--yes",
		    stack_path(&st, "hotline.yaml"), NULL),
	    "dialling");
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
	program_type(p, "ready\n");
}

static void
leave(struct program *p)
{
	program_type(p, "quit\n");
	ck_assert_msg(program_end(p) == 0, "%s", p->said);
	program_free(p);
}

/* A caller waits and, in the menu, chooses to be called back. */
static void
chooses_callback(const char *call, const char *caller)
{
	Mashang__CallEvent ev;

	wire_ring(&bridge, call, caller, "400", "");
	ev = wire_event(&bridge, call, 3, KIND(CALL_CLEARED));
	ev.cause = CAUSE(CALLED_BACK);
	ev.party = MASHANG__PARTY__PARTY_CALLER;
	wire_say(&bridge, &ev);
	wire_until_committed(&bridge);
}

static Mashang__Order
take_order(void)
{
	Mashang__Order o =
	    *wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_MAKE_CALL);

	ck_assert(wire_is(o.device, "101") && wire_is(o.number, E164));
	ck_assert_int_eq(o.relation, MASHANG__RELATION__RELATION_CALLBACK);
	wire_order_result(&bridge, o.order_id, CODE(OK), 0, 0);
	return o;
}

/* One event of the call that came of it. */
static void
say(const Mashang__Order *o, const char *call, unsigned seq,
    Mashang__CallEventKind kind, Mashang__Cause cause)
{
	Mashang__CallEvent ev = wire_event(&bridge, call, seq, kind);

	ev.called = wire_bytes(E164);
	ev.order_id = o->order_id;
	ev.relation = o->relation;
	ev.cause = cause;
	if (kind == KIND(DELIVERED) || kind == KIND(ESTABLISHED))
		ev.device = wire_bytes("101");
	wire_say(&bridge, &ev);
}

static void
until(const char *sql, const char *want)
{
	int64_t end = clock_loop() + 20 * CLOCK_S;
	const char *got;

	while (strcmp(got = pg_server_ask(sql), want) != 0) {
		ck_assert_msg(
		    clock_loop() < end, "%s, not %s: %s", got, want, sql);
		wire_beat(&bridge);
	}
}

#define WORK                                                                 \
	"SELECT string_agg(concat_ws(' ', w.kind, w.state, w.why, a.name), " \
	"'; ' ORDER BY w.enqueued_at) FROM work w"                           \
	" LEFT JOIN agent a ON a.id = w.agent_id"
#define HISTORY                                                            \
	"SELECT string_agg(concat_ws(':', kind, actor, text, status), ' '" \
	" ORDER BY seq) FROM ticket_event"
/* Each call in exactly one place. */
#define BALANCE                                                            \
	"SELECT string_agg(outcome || coalesce(' ' || relation, ''), '; '" \
	" ORDER BY o.began_at) FROM call_outcome o JOIN call c ON c.id = o.id"

START_TEST(a_caller_chooses_to_be_called_back)
{
	const char *said;
	Mashang__Order o;

	chooses_callback("c1", CUSTOMER);
	said = mashang(&st, 0, "ticket", "work", NULL);
	ck_said(said, E164);
	ck_said(said, "callback");
	sit(&wang, "wang", "101");
	program_expect(&wang, "*** Work for you: Call back, repair, ticket ");
	program_expect(&wang, "To call   " E164);
	/* Nothing is dialled before the agent has accepted. */
	wire_expect_none(&bridge, MASHANG__ENVELOPE__BODY_ORDER);
	program_type(&wang, "accept\n");
	program_expect(&wang, "The offer has ended: Accepted");
	program_expect(&wang, "Call back " E164 ", ticket ");
	o = take_order();
	ck_assert_str_eq(pg_server_ask(WORK), "callback taken wang");
	say(&o, "out1", 1, KIND(OFFERED), 0);
	say(&o, "out1", 2, KIND(DELIVERED), 0);
	program_expect(&wang, "Your phone rings");
	say(&o, "out1", 3, KIND(ESTABLISHED), 0);
	program_expect(&wang, "You are connected: " E164 "; ticket ");
	say(&o, "out1", 4, KIND(CALL_CLEARED), CAUSE(NORMAL));
	program_expect(&wang, "Wrap-up");
	program_expect(&wang, ": done");
	program_type(&wang, "wrapup --solved all is dry\n");
	program_expect(&wang, "Ready");
	leave(&wang);
	wire_until_committed(&bridge);
	ck_assert_str_eq(pg_server_ask(WORK), "callback done reached wang");
	ck_assert_str_eq(pg_server_ask(HISTORY),
	    "opened:system:new dialled:wang:" E164
	    " called_back:wang closed:wang:all is dry:closed");
	/* Called back, not abandoned; the leg is in no day's figures. */
	ck_assert_str_eq(
	    pg_server_ask(BALANCE), "called_back; menu_only callback");
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM offer WHERE work_id IS NOT"
			  " NULL AND call_id IS NULL AND reason = 'accepted'"),
	    "1");
	said = mashang(&st, 0, "ticket", "work", NULL);
	ck_assert_ptr_null(strstr(said, E164));
}
END_TEST

/* Nobody lifts: it waits again, and its time is told. */
START_TEST(the_customer_is_not_reached)
{
	Mashang__Order o;

	chooses_callback("c1", CUSTOMER);
	sit(&wang, "wang", "101");
	program_expect(&wang, "To call ");
	program_type(&wang, "accept\n");
	o = take_order();
	say(&o, "out1", 1, KIND(OFFERED), 0);
	say(&o, "out1", 2, KIND(DELIVERED), 0);
	say(&o, "out1", 3, KIND(FAILED), CAUSE(NO_ANSWER));
	say(&o, "out1", 4, KIND(CALL_CLEARED), CAUSE(NORMAL));
	program_expect(&wang, "not reached, it waits again");
	ck_assert_str_eq(pg_server_ask("SELECT concat_ws(' ', state, tries,"
				       " (not_before > now())) FROM work"),
	    "waiting 1 t");
	ck_said(mashang(&st, 0, "ticket", "work", "repair", NULL), "1");
	leave(&wang);
}
END_TEST

/* Killed while two wait: afterwards they come in their order. */
START_TEST(the_daemon_is_killed_while_they_wait)
{
	chooses_callback("c1", CUSTOMER);
	chooses_callback("c2", "13812348001");
	stack_daemon_kill(&st);
	wire_close(&bridge);
	stack_daemon_start(&st, NULL);
	wire_bridge_again(&bridge, &st, "main", NULL);
	sit(&wang, "wang", "101");
	program_expect(&wang, "To call   " E164);
	program_type(&wang, "refuse\n");
	ck_assert_str_eq(
	    pg_server_ask(WORK), "callback waiting; callback waiting");
	leave(&wang);
}
END_TEST

/* Killed when it was ordered and before the switch has answered: nobody knows
 * whether it rang; that was a try. */
START_TEST(the_daemon_is_killed_in_the_middle)
{
	chooses_callback("c1", CUSTOMER);
	sit(&wang, "wang", "101");
	program_expect(&wang, "To call ");
	program_type(&wang, "accept\n");
	(void)wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_MAKE_CALL);
	stack_daemon_kill(&st);
	wire_close(&bridge);
	stack_daemon_start(&st, NULL);
	wire_bridge_again(&bridge, &st, "main", NULL);
	program_expect(&wang, "Logged in as ");
	wire_expect_none(&bridge, MASHANG__ENVELOPE__BODY_ORDER);
	until("SELECT concat_ws(' ', state, why, tries, attempt) FROM work",
	    "waiting unknown 1 1");
	leave(&wang);
}
END_TEST

/* Of the customer's call, who is called first. */
static void
say_back(const Mashang__Order *o, unsigned seq, Mashang__CallEventKind kind,
    Mashang__Cause cause)
{
	Mashang__CallEvent ev = wire_event(&bridge, "back", seq, kind);

	ev.caller = wire_bytes(E164);
	ev.called = wire_bytes("4008001234");
	ev.order_id = seq <= 2 ? o->order_id : 0;
	ev.relation = MASHANG__RELATION__RELATION_CALLBACK;
	ev.cause = cause;
	if (kind == KIND(DELIVERED) || kind == KIND(ESTABLISHED))
		ev.device = wire_bytes("101");
	wire_say(&bridge, &ev);
}

static void
customer_first(void)
{
	char yaml[sizeof(hotline) + 200];

	snprintf(yaml, sizeof(yaml),
	    "queues:\n  - name: repair\n    wrap_up: 0s\n"
	    "    callback: {first: customer, retries: 3, every: 10m,"
	    " expires: 8h}\n%s",
	    strstr(hotline, "agents:"));
	stack_write(&st, "hotline.yaml", yaml);
	mashang(&st, 0, "admin", "apply", "--yes",
	    stack_path(&st, "hotline.yaml"), NULL);
}

/* The customer is called when somebody is ready, and is offered as a caller. */
START_TEST(the_customer_is_called_first)
{
	Mashang__Order o;

	customer_first();
	chooses_callback("c1", CUSTOMER);
	sit(&wang, "wang", "101");
	o = *wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_CALL_BACK);
	ck_assert(wire_is(o.number, E164) && wire_is(o.show, "4008001234"));
	ck_assert_uint_eq(o.device.len + o.call.len, 0);
	ck_assert_int_eq(o.relation, MASHANG__RELATION__RELATION_CALLBACK);
	wire_order_result(&bridge, o.order_id, CODE(OK), 0, 0);
	say_back(&o, 1, KIND(OFFERED), 0);
	ck_assert_str_eq(pg_server_ask(WORK), "callback taken");
	say_back(&o, 2, KIND(QUEUED), 0);
	program_expect(&wang, "*** A call for you: repair");
	program_expect(&wang, E164);
	program_type(&wang, "accept\n");
	o = *wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_CONNECT);
	wire_order_result(
	    &bridge, o.order_id, CODE(OK), o.version + 1, KIND(QUEUED));
	say_back(&o, 3, KIND(DELIVERED), 0);
	say_back(&o, 4, KIND(ESTABLISHED), 0);
	program_expect(&wang, "You are connected");
	say_back(&o, 5, KIND(CALL_CLEARED), CAUSE(NORMAL));
	program_expect(&wang, "Wrap-up");
	program_type(&wang, "wrapup --solved all is dry\n");
	program_expect(&wang, "Ready");
	leave(&wang);
	until(WORK, "callback done reached");
	ck_assert_str_eq(pg_server_ask(HISTORY),
	    "opened:system:new dialled:system:" E164
	    " called_back:wang closed:wang:all is dry:closed");
	ck_assert_str_eq(
	    pg_server_ask(BALANCE), "called_back; menu_only callback");
}
END_TEST

/* Nobody lifts: it waits again, and its agent goes on taking calls. */
START_TEST(the_customer_called_first_is_not_reached)
{
	Mashang__Order o;

	customer_first();
	chooses_callback("c1", CUSTOMER);
	sit(&wang, "wang", "101");
	o = *wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_CALL_BACK);
	wire_order_result(&bridge, o.order_id, CODE(OK), 0, 0);
	say_back(&o, 1, KIND(OFFERED), 0);
	say_back(&o, 2, KIND(FAILED), CAUSE(BUSY));
	say_back(&o, 3, KIND(CALL_CLEARED), CAUSE(BUSY));
	until("SELECT concat_ws(' ', state, why, tries, (not_before > now()))"
	      " FROM work",
	    "waiting busy 1 t");
	wire_ring(&bridge, "c2", "13900000000", "400", "");
	program_expect(&wang, "*** A call for you: repair");
	program_free(&wang);
}
END_TEST

/* A complaint that lies in the queue is offered as a call is. */
START_TEST(a_ticket_is_work)
{
	const char *said;

	sit(&wang, "wang", "101");
	mashang(&st, 0, "ticket", "new", "still no hot water", "--kind",
	    "complaint", "--caller", CUSTOMER, "--queue", "repair", NULL);
	program_expect(&wang, "*** Work for you: Ticket, repair, ticket ");
	program_expect(&wang, "About     still no hot water");
	program_type(&wang, "accept\n");
	program_expect(&wang, ": yours");
	ck_assert_str_eq(pg_server_ask(WORK), "ticket taken wang");
	ck_assert_str_eq(pg_server_ask("SELECT a.name || t.status FROM ticket t"
				       " JOIN agent a ON a.id = t.owner_id"),
	    "wangassigned");
	/* Calls come all the same. */
	wire_ring(&bridge, "c1", "13900000000", "400", "");
	program_expect(&wang, "*** A call for you");
	program_type(&wang, "refuse\n");
	program_expect(&wang, "Not ready");
	said = mashang(&st, 0, "ticket", "work", NULL);
	ck_said(said, "taken");
	program_type(&wang, "done\n");
	program_expect(&wang, ": done");
	program_type(&wang, "done\n");
	program_expect(&wang, "You have no ticket in hand");
	leave(&wang);
	ck_assert_str_eq(pg_server_ask(WORK), "ticket done done wang");
}
END_TEST

Suite *
work_client_suite(void)
{
	TCase *tc = tcase_create("work_client");

	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_caller_chooses_to_be_called_back);
	tcase_add_test(tc, the_customer_is_not_reached);
	tcase_add_test(tc, the_daemon_is_killed_while_they_wait);
	tcase_add_test(tc, the_daemon_is_killed_in_the_middle);
	tcase_add_test(tc, the_customer_is_called_first);
	tcase_add_test(tc, the_customer_called_first_is_not_reached);
	tcase_add_test(tc, a_ticket_is_work);
	return suite_of(tc, "work_client");
}
