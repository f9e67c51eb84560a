/*
 * dial_client_test.c - an agent calls back from a ticket: `mashang agent', the
 * real daemon and PostgreSQL, and a scripted switch.
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

Suite *dial_client_suite(void);

#define KIND(x) MASHANG__CALL_EVENT_KIND__##x
#define CODE(x) MASHANG__CODE__CODE_##x
#define RELATION(x) MASHANG__RELATION__RELATION_##x
#define CUSTOMER "13812348000"
#define E164 "+8613812348000"

#define HOTLINE(dialling)                      \
	"queues:\n"                            \
	"  - {name: repair, wrap_up: 0s}\n"    \
	"agents:\n"                            \
	"  - {name: wang, queues: [repair]}\n" \
	"  - {name: li, queues: [repair]}\n"   \
	"devices:\n"                           \
	"  - {name: '101', switch: main}\n"    \
	"  - {name: '102', switch: main}\n"    \
	"numbers:\n"                           \
	"  - {called: '400', queue: repair}\n" dialling

static const char may_not[] = HOTLINE("");
static const char may[] = HOTLINE("dialling:\n"
				  "  allow: ['+86']\n"
				  "  refuse: ['+86168']\n"
				  "  per_day: 2\n"
				  "  show: '4008001234'\n");

static struct stack st;
static struct wire bridge;
static struct program wang;
static char number[24]; /* of the ticket, as it is told */

#define ck_said(said, words) \
	ck_assert_msg(       \
	    strstr(said, words) != NULL, "no \"%s\" in:\n%s", words, said)

static const char *
apply(const char *hotline)
{
	stack_write(&st, "hotline.yaml", hotline);
	return mashang(&st, 0, "admin", "apply", "--yes",
	    stack_path(&st, "hotline.yaml"), NULL);
}

static void
up(void)
{
	const char *said;
	size_t n = 0;

	unsetenv("LANGUAGE");
	stack_up(&st, false);
	ck_said(apply(may), "dialling");
	said = mashang(&st, 0, "ticket", "new", "the boiler leaks", "--caller",
	    CUSTOMER, NULL);
	for (said += 7; *said != ':' && n + 1 < sizeof(number); said++)
		number[n++] = *said;
	number[n] = '\0';
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
type_dial(struct program *p, const char *options)
{
	char line[96];

	snprintf(line, sizeof(line), "dial %s %s\n", options, number);
	program_type(p, line);
}

static void
leave(struct program *p)
{
	program_type(p, "quit\n");
	ck_assert_msg(program_end(p) == 0, "%s", p->said);
	program_free(p);
}

/* The switch takes the order. */
static Mashang__Order
take_order(void)
{
	Mashang__Order o =
	    *wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_MAKE_CALL);

	ck_assert(wire_is(o.device, "101") && wire_is(o.number, E164));
	ck_assert(wire_is(o.show, "4008001234"));
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

#define HISTORY                                                            \
	"SELECT string_agg(concat_ws(':', kind, actor, text, status), ' '" \
	" ORDER BY seq) FROM ticket_event"

START_TEST(a_customer_is_called_back)
{
	const char *said;
	Mashang__Order o;

	sit(&wang, "wang", "101");
	type_dial(&wang, "");
	o = take_order();
	program_expect(&wang, "In a call (dialling)");
	program_expect(&wang, "It is being dialled; your phone rings first.");
	say(&o, "out1", 1, KIND(OFFERED), 0);
	program_expect(&wang, "Calling: " E164 "; ticket ");
	say(&o, "out1", 2, KIND(DELIVERED), 0);
	program_expect(&wang, "Your phone rings");
	say(&o, "out1", 3, KIND(ESTABLISHED), 0);
	program_expect(&wang, "You are connected: " E164 "; ticket ");
	say(&o, "out1", 4, KIND(CALL_CLEARED), MASHANG__CAUSE__CAUSE_NORMAL);
	program_expect(&wang, "Wrap-up");
	program_type(&wang, "wrapup --solved all is dry\n");
	program_expect(&wang, "Ready");
	leave(&wang);
	wire_until_committed(&bridge);
	ck_assert_str_eq(pg_server_ask(HISTORY),
	    "opened:system:new dialled:wang:" E164
	    " called_back:wang closed:wang:all is dry:closed");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) || status FROM ticket"
				       " GROUP BY status"),
	    "1closed");
	/* In no day's figures, and it balances all the same. */
	ck_assert_str_eq(pg_server_ask("SELECT string_agg(outcome || relation,"
				       " ' ') FROM call_outcome o JOIN call c"
				       " ON c.id = o.id"),
	    "menu_onlycallback");
	said = mashang(&st, 0, "ticket", "dials", number, NULL);
	ck_said(said, E164);
	ck_said(said, "reached");
	said = mashang(&st, 0, "ticket", "show", number, NULL);
	ck_said(said, "Dialled, wang");
	ck_said(said, "Called back, wang");
}
END_TEST

/* Closed, then asked whether all is well; nobody lifts. */
START_TEST(a_follow_up_is_not_reached)
{
	Mashang__Order o;
	const char *said;

	mashang(&st, 0, "ticket", "acknowledge", number, NULL);
	mashang(&st, 0, "ticket", "resolve", number, "-m", "valve", NULL);
	sit(&wang, "wang", "101");
	type_dial(&wang, "--followup");
	o = take_order();
	ck_assert_int_eq(o.relation, RELATION(FOLLOW_UP));
	say(&o, "out1", 1, KIND(OFFERED), 0);
	say(&o, "out1", 2, KIND(DELIVERED), 0);
	say(&o, "out1", 3, KIND(FAILED), MASHANG__CAUSE__CAUSE_NO_ANSWER);
	program_expect(&wang, "Not reached: " E164 " (");
	say(&o, "out1", 4, KIND(CALL_CLEARED), MASHANG__CAUSE__CAUSE_NORMAL);
	program_expect(&wang, "Wrap-up");
	leave(&wang);
	wire_until_committed(&bridge);
	ck_assert_str_eq(pg_server_ask("SELECT concat_ws(' ', kind, text)"
				       " FROM ticket_event ORDER BY seq DESC"
				       " LIMIT 1"),
	    "not_reached no_answer");
	ck_assert_str_eq(
	    pg_server_ask("SELECT status FROM ticket"), "callback_pending");
	said = mashang(&st, 0, "ticket", "dials", NULL);
	ck_said(said, "no answer");
	ck_said(said, "follow-up");
	said = mashang(&st, 0, "ticket", "show", number, NULL);
	ck_said(said, "Not reached");
}
END_TEST

/* Each rule, in words; nothing is ordered. */
START_TEST(the_rules_speak)
{
	const char *said;
	Mashang__Order o;

	sit(&wang, "wang", "101");
	apply(may_not);
	type_dial(&wang, "");
	program_expect(&wang, "Nobody may be called yet. An administrator "
			      "adds `dialling:'");
	apply(may);
	type_dial(&wang, "--to +861688888888");
	program_expect(&wang, "+861688888888 may not be called from here.");
	type_dial(&wang, "--to 110");
	program_expect(&wang, "`110' is not a number that can be dialled.");
	said = mashang(&st, 0, "customer", "do-not-call", "add", CUSTOMER,
	    "--reason", "asked so", NULL);
	ck_said(said, "Noted: will not be called.");
	type_dial(&wang, "");
	program_expect(&wang, E164 " does not want to be called (asked so).");
	said = mashang(&st, 0, "customer", "do-not-call", "list", NULL);
	ck_said(said, E164);
	ck_said(said, "asked so");
	mashang(&st, 0, "customer", "do-not-call", "remove", CUSTOMER, NULL);
	said = mashang(
	    &st, 1, "customer", "do-not-call", "remove", CUSTOMER, NULL);
	ck_said(said, "There is no number " E164 ".");
	/* Twice a day, and no third time. */
	for (unsigned i = 0; i < 2; i++) {
		type_dial(&wang, "");
		o = take_order();
		say(&o, i == 0 ? "a" : "b", 1, KIND(OFFERED), 0);
		say(&o, i == 0 ? "a" : "b", 2, KIND(CALL_CLEARED),
		    MASHANG__CAUSE__CAUSE_BUSY);
		program_expect(&wang, "Wrap-up");
	}
	type_dial(&wang, "");
	program_expect(&wang, E164 " has been called 2 times within 24 hours."
				   " The next call may be made from 20");
	wire_expect_none(&bridge, MASHANG__ENVELOPE__BODY_ORDER);
	leave(&wang);
}
END_TEST

/* The switch says no: as before, and another try is possible. */
START_TEST(the_switch_refuses)
{
	Mashang__Order o;

	sit(&wang, "wang", "101");
	program_type(&wang, "ready\n");
	program_expect(&wang, "Ready");
	type_dial(&wang, "");
	o = *wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_MAKE_CALL);
	wire_order_result(&bridge, o.order_id, CODE(BUSY), 0, 0);
	program_expect(&wang, "Ready");
	program_expect(&wang, "Phone 101 is in a call.");
	type_dial(&wang, "");
	take_order();
	program_expect(&wang, "It is being dialled");
	leave(&wang);
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(state, ' ' ORDER BY attempt)"
			  " FROM dial_attempt"),
	    "device_busy dialling");
}
END_TEST

/* Killed while the phone rings: the call that lives is the ticket's. */
START_TEST(the_daemon_is_killed_while_it_rings)
{
	Mashang__LiveCall live = MASHANG__LIVE_CALL__INIT;
	Mashang__Order o;

	sit(&wang, "wang", "101");
	type_dial(&wang, "");
	o = take_order();
	say(&o, "out1", 1, KIND(OFFERED), 0);
	say(&o, "out1", 2, KIND(DELIVERED), 0);
	program_expect(&wang, "Your phone rings");
	wire_until_committed(&bridge);
	stack_daemon_kill(&st);
	wire_close(&bridge);
	program_expect(&wang, "Connection lost");
	stack_daemon_start(&st, NULL);
	live.call = wire_bytes("out1");
	live.version = WIRE_V0;
	live.call_seq = 2;
	live.kind = KIND(DELIVERED);
	live.device = wire_bytes("101");
	live.called = wire_bytes(E164);
	wire_bridge_again(&bridge, &st, "main", &live);
	program_expect(&wang, "Logged in as ");
	say(&o, "out1", 3, KIND(ESTABLISHED), 0);
	program_expect(&wang, "You are connected: " E164 "; ticket ");
	say(&o, "out1", 4, KIND(CALL_CLEARED), MASHANG__CAUSE__CAUSE_NORMAL);
	program_expect(&wang, "Wrap-up");
	program_type(&wang, "wrapup --solved all is dry\n");
	program_expect(&wang, "Ready");
	leave(&wang);
	wire_until_committed(&bridge);
	ck_assert_str_eq(pg_server_ask(HISTORY),
	    "opened:system:new dialled:wang:" E164
	    " called_back:wang closed:wang:all is dry:closed");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM ticket"), "1");
	ck_assert_str_eq(
	    pg_server_ask("SELECT state FROM dial_attempt"), "reached");
}
END_TEST

/* Killed before the switch has answered, and the switch knows of nothing: the
 * client asks again under the same operation, nobody is called twice. */
START_TEST(the_daemon_is_killed_before_it_rings)
{
	uint64_t order;
	int64_t end;

	sit(&wang, "wang", "101");
	type_dial(&wang, "");
	order =
	    wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_MAKE_CALL)->order_id;
	stack_daemon_kill(&st);
	wire_close(&bridge);
	program_expect(&wang, "Connection lost");
	stack_daemon_start(&st, NULL);
	wire_bridge_again(&bridge, &st, "main", NULL);
	program_expect(&wang, "Logged in as ");
	program_expect(&wang, "It is not known whether " E164 " was called.");
	wire_expect_none(&bridge, MASHANG__ENVELOPE__BODY_ORDER);
	end = clock_loop() + 10 * CLOCK_S;
	while (strcmp(pg_server_ask("SELECT string_agg(state, ' ')"
				    " FROM dial_attempt"),
		   "unknown") != 0)
		ck_assert_msg(clock_loop() < end, "it stays open");
	/* Asked for anew it is dialled, by an order that there never was. */
	type_dial(&wang, "");
	ck_assert_uint_ne(take_order().order_id, order);
	program_expect(&wang, "It is being dialled");
	leave(&wang);
}
END_TEST

/* One more agent at the same ticket is told who is at it. */
START_TEST(two_agents_one_ticket)
{
	struct program li;
	Mashang__Order o;

	sit(&wang, "wang", "101");
	sit(&li, "li", "102");
	type_dial(&wang, "");
	o = take_order();
	program_expect(&wang, "It is being dialled");
	type_dial(&li, "");
	program_expect(&li, "wang is calling about this ticket just now.");
	type_dial(&wang, "");
	program_expect(&wang, "You cannot call anybody now (In a call).");
	say(&o, "out1", 1, KIND(OFFERED), 0);
	program_expect(&wang, "Calling: ");
	leave(&li);
	program_type(&wang, "quit\nquit\n");
	ck_assert_int_eq(program_end(&wang), 0);
	program_free(&wang);
}
END_TEST

Suite *
dial_client_suite(void)
{
	TCase *tc = tcase_create("dial_client");

	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_customer_is_called_back);
	tcase_add_test(tc, a_follow_up_is_not_reached);
	tcase_add_test(tc, the_rules_speak);
	tcase_add_test(tc, the_switch_refuses);
	tcase_add_test(tc, the_daemon_is_killed_while_it_rings);
	tcase_add_test(tc, the_daemon_is_killed_before_it_rings);
	tcase_add_test(tc, two_agents_one_ticket);
	return suite_of(tc, "dial_client");
}
