/*
 * why_client_test.c - `mashang why', `why-not' and the supervisor's commands as
 * people type them, against the real daemon and a scripted switch.
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
    "reasons:\n"
    "  - {name: lunch}\n"
    "devices:\n"
    "  - {name: '101', switch: main}\n"
    "  - {name: '102', switch: main}\n"
    "numbers:\n"
    "  - {called: '400', queue: repair}\n";

static struct stack st;
static struct wire bridge;
static struct program wang;
static uint64_t version;

#define ck_said(said, words) \
	ck_assert_msg(       \
	    strstr(said, words) != NULL, "no \"%s\" in:\n%s", words, said)

static void
up(void)
{
	unsetenv("LANGUAGE");
	version = WIRE_V0;
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
say(const char *call, unsigned seq, Mashang__CallEventKind kind,
    const char *device)
{
	Mashang__CallEvent ev = wire_event(&bridge, call, seq, kind);

	ev.version = version;
	ev.device = wire_bytes(device);
	ev.called = wire_bytes("400");
	ev.caller = wire_bytes("138\x1b[2J");
	wire_say(&bridge, &ev);
}

static void
sit(const char *state)
{
	static const char *const argv[] = { "mashang", "agent", "--login",
		"wang", "--device", "101", NULL };

	program_start(&wang, &st, argv);
	program_expect(&wang, "Logged in as ");
	if (state != NULL)
		program_type(&wang, state);
}

static Mashang__Order
done(Mashang__OrderKind kind)
{
	Mashang__Order o = *wire_order(&bridge, kind);

	version = o.version + 1;
	wire_order_result(&bridge, o.order_id, CODE(OK), version, KIND(QUEUED));
	return o;
}

START_TEST(a_call_that_was_answered_and_why)
{
	const char *said;

	sit("ready\n");
	program_expect(&wang, "Ready");
	say("c1", 1, KIND(QUEUED), "");
	program_expect(&wang, "*** A call for you: repair");
	done(ORDER(CONNECT));
	say("c1", 2, KIND(DELIVERED), "101");
	say("c1", 3, KIND(ESTABLISHED), "101");
	program_expect(&wang, "You are connected");
	wire_until_committed(&bridge);
	said = mashang(&st, 0, "why", "c1", NULL);
	ck_said(said, "Call c1 of switch main, from 138\xef\xbf\xbd[2J");
	ck_said(said, "Waits in repair.");
	ck_said(said, "Offered to wang: idle the longest, since ");
	ck_said(said, "; of 1 at work, 1 ready.");
	ck_said(said, "wang took it.");
	ck_said(said, "Connected to wang.");
	ck_said(mashang(&st, 0, "why", "--agent", "wang", NULL), "Call c1 of");
	ck_said(mashang(&st, 0, "why", "--call", "c1", "--json", NULL),
	    "\"kind\":\"offered\"");
	ck_said(
	    mashang(&st, 0, "why-not", "c1", "li", NULL), "was not logged in");
	ck_said(mashang(&st, 1, "why", "nothing", NULL),
	    "No call of that name is known.");
	ck_said(mashang(&st, 1, "why", "--agent", "li", NULL),
	    "That agent has had no call.");
	ck_said(mashang(&st, 1, "why-not", "c1", "nobody", NULL),
	    "There is no agent nobody.");
	/* A ticket's number is still one. */
	ck_said(mashang(&st, 0, "why", "10008", NULL), "Ticket 100 08");
	program_free(&wang);
}
END_TEST

START_TEST(a_waiting_call_and_what_supervisors_do_to_it)
{
	const char *said;

	sit(NULL);
	say("c1", 1, KIND(QUEUED), "");
	say("c2", 1, KIND(QUEUED), "");
	wire_until_committed(&bridge);
	ck_said(
	    mashang(&st, 0, "why-not", "c1", "wang", NULL), "was not ready: ");
	said = mashang(&st, 0, "call", "priority", "c2", "--credit", "60",
	    "--dry-run", NULL);
	ck_said(said, "It would be: class 0, 0 s ahead -> class 0, 60 s ahead");
	ck_said(said, "It was number 2, now 1.");
	ck_said(said, "repair: 1 of 1 wait one place longer");
	said = mashang(&st, 0, "call", "move", "c1", "--queue", "other", NULL);
	ck_said(said, "Done: repair -> other");
	ck_said(said, "repair: 1 of 1 wait one place less");
	said = mashang(&st, 1, "call", "move", "c1", "--queue", "repair",
	    "--expect", "1", NULL);
	ck_said(said, "has changed meanwhile, it is: other.");
	ck_said(said, "--expect ");
	ck_said(mashang(&st, 0, "why", "c1", NULL),
	    "Moved from repair to other by ");
	ck_said(
	    mashang(&st, 0, "why-not", "c1", "wang", NULL), "was not ready");
	ck_said(mashang(&st, 1, "call", "assign", "c2", "li", NULL),
	    "li is not logged in.");
	ck_said(mashang(&st, 0, "call", "assign", "c2", "wang", NULL),
	    "Done: everybody -> wang");
	ck_said(mashang(&st, 0, "call", "withdraw", "c1", NULL),
	    "Done: other -> withdrawn");
	ck_assert(wire_is(done(ORDER(CLEAR)).call, "c1"));
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(action || ' ' || detail, ', ' "
			  "ORDER BY at) FROM audit WHERE action IN "
			  "('move', 'assign', 'withdraw')"),
	    "move repair -> other, assign  -> wang, withdraw other -> "
	    "withdrawn");
	ck_said(mashang(&st, 1, "agent-state", "wang", "not_ready", "--reason",
		    "lunhc", NULL),
	    "`lunhc' is no reason for not being ready here. What there is: "
	    "lunch.");
	ck_said(mashang(&st, 0, "agent-state", "wang", "ready", NULL),
	    "Done: Not ready (just logged in) -> Ready");
	program_expect(&wang, "*** A call for you: repair");
	program_free(&wang);
}
END_TEST

START_TEST(a_door_outlives_the_daemon)
{
	const char *said;

	/* As it was before anybody touched it, too, is a version. */
	said =
	    mashang(&st, 0, "queue", "drain", "repair", "--expect", "1", NULL);
	ck_said(said, "Done: open -> draining (version 2)");
	ck_said(said, "  repair: nobody else waits\n");
	ck_said(
	    mashang(&st, 1, "queue", "open", "repair", "--expect", "9", NULL),
	    "repair has changed meanwhile, it is: draining.");
	ck_said(mashang(&st, 1, "queue", "open", "nothing", NULL),
	    "There is no queue nothing.");
	wire_close(&bridge);
	stack_daemon_kill(&st);
	stack_daemon_start(&st, NULL);
	wire_bridge(&bridge, &st, "main");
	ck_said(mashang(&st, 0, "queue", "list", "--json", NULL),
	    "\"door\":\"draining\"");
	say("c1", 1, KIND(QUEUED), "");
	ck_assert_int_eq(
	    done(ORDER(CLEAR)).cause, MASHANG__CAUSE__CAUSE_REFUSED);
	wire_until_committed(&bridge);
	ck_said(mashang(&st, 0, "why", "c1", NULL),
	    "Not let wait, by `door draining'.");
	ck_said(
	    mashang(&st, 0, "queue", "open", "repair", "--expect", "2", NULL),
	    "Done: draining -> open (version 3)");
}
END_TEST

Suite *why_client_suite(void);

Suite *
why_client_suite(void)
{
	TCase *tc = tcase_create("why_client");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, a_call_that_was_answered_and_why);
	tcase_add_test(tc, a_waiting_call_and_what_supervisors_do_to_it);
	tcase_add_test(tc, a_door_outlives_the_daemon);
	return suite_of(tc, "why_client");
}
