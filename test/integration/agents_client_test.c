/*
 * agents_client_test.c - what a queue's rules mean to those who sit at it: a
 * call that rings at all, reasons, a longer wrap-up, a caller who waits for one
 * of them.  The real daemon, Redis and PostgreSQL, a scripted switch.
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
#define BODY(x) MASHANG__ENVELOPE__BODY_##x
#define AGENTS 3

static const char hotline[] =
    "queues:\n"
    "  - {name: repair, ring: 60s, wrap_up: 60s, stay_ready: yes,\n"
    "     strategy: ring_all, extend: {by: 2m, times: 1}}\n"
    "  - {name: other, ring: 60s, wrap_up: 60s}\n"
    "reasons:\n"
    "  - {name: lunch, limit: 30m}\n"
    "  - {name: training, paid: yes}\n"
    "agents:\n"
    "  - {name: wang, queues: [repair], answer: phone}\n"
    "  - {name: li, queues: [repair], answer: phone}\n"
    "  - {name: zhao, queues: [repair, other], answer: screen}\n"
    "devices:\n"
    "  - {name: '101', switch: main}\n"
    "  - {name: '102', switch: main}\n"
    "  - {name: '103', switch: main}\n"
    "numbers:\n"
    "  - {called: '400', queue: repair}\n"
    "  - {called: '500', queue: other}\n";

static const char *const names[AGENTS] = { "wang", "li", "zhao" };
static const char *const devices[AGENTS] = { "101", "102", "103" };

static struct stack st;
static struct wire bridge;
static struct program agents[AGENTS];
static struct wire wires[AGENTS];
static uint64_t version;

static void
sit(unsigned i)
{
	const char *argv[] = { "mashang", "agent", "--login", names[i],
		"--device", devices[i], NULL };

	program_start(&agents[i], &st, argv);
	program_expect(&agents[i], "Logged in as ");
	program_type(&agents[i], "ready\n");
	program_expect(&agents[i], "Ready");
}

static void
up(void)
{
	unsetenv("LANGUAGE");
	version = WIRE_V0;
	memset(agents, 0, sizeof(agents));
	/* On a busy machine programs are slow. */
	stack_up_with(&st, false, "shown: 5s\n");
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
all_sit(void)
{
	for (unsigned i = 0; i < AGENTS; i++)
		sit(i);
}

static void
all_leave(void)
{
	for (unsigned i = 0; i < AGENTS; i++)
		program_free(&agents[i]);
}

static void
say(const char *call, unsigned seq, Mashang__CallEventKind kind,
    const char *device, const char *called)
{
	Mashang__CallEvent ev = wire_event(&bridge, call, seq, kind);

	ev.version = version;
	ev.device = wire_bytes(device);
	ev.called = wire_bytes(called);
	ev.caller = wire_bytes("13812345678");
	wire_say(&bridge, &ev);
}

/* The next order is this, for that device; carried out. */
static void
done(Mashang__OrderKind kind, const char *device)
{
	const Mashang__Order *o = wire_order(&bridge, kind);

	ck_assert(wire_is(o->device, device));
	version = o->version + 1;
	wire_order_result(
	    &bridge, o->order_id, CODE(OK), version, KIND(QUEUED));
}

/* c1 rings at all, li has it and talks. */
static void
li_takes_it(void)
{
	say("c1", 1, KIND(QUEUED), "", "400");
	for (unsigned i = 0; i < AGENTS; i++) {
		program_expect(&agents[i], "*** A call for you: repair");
		program_expect(&agents[i], "To take it type `accept'");
	}
	program_type(&agents[1], "accept\n");
	program_expect(&agents[0], "The offer has ended: Taken back.");
	program_expect(&agents[2], "The offer has ended: Taken back.");
	done(ORDER(CONNECT), "102");
	say("c1", 2, KIND(DELIVERED), "102", "400");
	say("c1", 3, KIND(ESTABLISHED), "102", "400");
	program_expect(&agents[1], "You are connected");
}

START_TEST(it_rings_at_all_and_one_has_it)
{
	all_sit();
	li_takes_it();
	program_type(&agents[0], "accept\n");
	program_expect(&agents[0], "No call is offered to you.");
	wire_clear(&bridge, "c1", 4, MASHANG__PARTY__PARTY_CALLER);
	wire_expect_none(&bridge, BODY(ORDER));
	/* The next rings at those who are free. */
	say("c2", 1, KIND(QUEUED), "", "400");
	program_expect(&agents[0], "*** A call for you: repair");
	program_expect(&agents[2], "*** A call for you: repair");
	wire_clear(&bridge, "c2", 2, MASHANG__PARTY__PARTY_CALLER);
	program_expect(&agents[0], "The offer has ended: The caller");
	program_expect(&agents[2], "The offer has ended: The caller");
	wire_until_committed(&bridge);
	all_leave();
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(n, ' ' ORDER BY n) FROM (SELECT "
			  "o.reason || ':' || count(*) AS n FROM offer o JOIN "
			  "call c ON c.id = o.call_id WHERE c.switch_call = "
			  "'c1' GROUP BY o.reason) x"),
	    "accepted:1 rescinded:2");
}
END_TEST

/* ---- all of them at the same instant */

static uint64_t
offer_shown(struct wire *w)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown m = MASHANG__SHOWN__INIT;

	m.offer_id = WIRE_EXPECT(w, OFFER)->offer->offer_id;
	e.body_case = BODY(SHOWN);
	e.shown = &m;
	wire_send(w, &e);
	return m.offer_id;
}

static void
accept_it(struct wire *w, uint64_t offer, uint8_t op[16])
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Accept m = MASHANG__ACCEPT__INIT;

	m.offer_id = offer;
	e.op_id = (ProtobufCBinaryData){ 16, op };
	e.body_case = BODY(ACCEPT);
	e.accept = &m;
	wire_send(w, &e);
}

/* Its reply: done, or that offer is gone. */
static bool
has_it(struct wire *w, const uint8_t op[16])
{
	const Mashang__Envelope *e;

	do {
		e = wire_next(w);
		ck_assert_ptr_nonnull(e);
	} while ((e->body_case != BODY(DONE) && e->body_case != BODY(ERROR)) ||
		 e->op_id.len != 16 || memcmp(e->op_id.data, op, 16) != 0);
	ck_assert(e->body_case == BODY(DONE) ||
		  e->error->code == CODE(OFFER_GONE));
	return e->body_case == BODY(DONE);
}

START_TEST(all_accept_at_once)
{
	uint64_t offers[AGENTS];
	uint8_t op[16] = { 0 };

	for (unsigned i = 0; i < AGENTS; i++) {
		wire_agent(&wires[i], &st, names[i], devices[i]);
		wire_set_state(&wires[i],
		    MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	}
	for (unsigned round = 0; round < 10; round++) {
		char call[8];
		unsigned n = 0, winner = 0;

		snprintf(call, sizeof(call), "r%u", round);
		version = WIRE_V0;
		say(call, 1, KIND(QUEUED), "", "400");
		for (unsigned i = 0; i < AGENTS; i++)
			offers[i] = offer_shown(&wires[i]);
		op[0] = (uint8_t)(round + 1);
		for (unsigned i = 0; i < AGENTS; i++) {
			op[1] = (uint8_t)i;
			accept_it(&wires[(i + round) % AGENTS],
			    offers[(i + round) % AGENTS], op);
		}
		for (unsigned i = 0; i < AGENTS; i++) {
			op[1] = (uint8_t)i;
			if (!has_it(&wires[(i + round) % AGENTS], op))
				continue;
			winner = (i + round) % AGENTS;
			n++;
		}
		ck_assert_uint_eq(n, 1);
		done(ORDER(CONNECT), devices[winner]);
		wire_clear(&bridge, call, 2, MASHANG__PARTY__PARTY_CALLER);
		wire_expect_none(&bridge, BODY(ORDER));
		wire_set_state(&wires[winner],
		    MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	}
	wire_until_committed(&bridge);
	for (unsigned i = 0; i < AGENTS; i++)
		wire_close(&wires[i]);
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM offer WHERE "
				       "reason = 'accepted'"),
	    "10");
}
END_TEST

/* ---- reasons, wrap-up, one agent alone */

START_TEST(why_one_is_not_ready)
{
	struct program *p = &agents[0];

	sit(0);
	program_type(p, "notready golf\n");
	program_expect(p,
	    "`golf' is no reason for not being ready here. What there is: "
	    "lunch, training.");
	program_type(p, "notready lunhc\n");
	program_expect(p, "What there is: lunch.");
	program_type(p, "notready lunch\n");
	program_expect(p, "Not ready (lunch), at most ");
	program_type(p, "state\n");
	program_expect(p, "Not ready (lunch)");
	program_free(p);
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM agent_state WHERE reason = "
			  "'lunch' AND state = 'not_ready'"),
	    "1");
}
END_TEST

START_TEST(more_time_for_the_note)
{
	struct program *p = &agents[1];

	all_sit();
	program_type(p, "more\n");
	program_expect(p,
	    "The wrap-up cannot be made longer: you are not in one.");
	li_takes_it();
	wire_clear(&bridge, "c1", 4, MASHANG__PARTY__PARTY_CALLER);
	program_expect(p, "Wrap-up, ends by itself in ");
	program_type(p, "more\n");
	program_expect(p, "Wrap-up, ends by itself in ");
	program_type(p, "延长\n");
	program_expect(p,
	    "The wrap-up cannot be made longer: you have had all the time "
	    "there is.");
	all_leave();
}
END_TEST

/* zhao is the only one in queue other: li would not get it from there, and
 * does, since the caller waits for li. */
START_TEST(a_caller_waits_for_one_of_them)
{
	all_sit();
	say("c1", 1, KIND(QUEUED), "", "500");
	program_expect(&agents[2], "*** A call for you: other");
	program_expect(&agents[2], "To take it type `accept'");
	program_type(&agents[2], "accept\n");
	done(ORDER(CONNECT), "103");
	say("c1", 2, KIND(DELIVERED), "103", "500");
	say("c1", 3, KIND(ESTABLISHED), "103", "500");
	program_expect(&agents[2], "You are connected");
	program_type(&agents[2], "requeue @nobody\n");
	program_expect(&agents[2], "There is no agent nobody.");
	program_type(&agents[2], "requeue @li\n");
	done(ORDER(REQUEUE), "103");
	say("c1", 4, KIND(QUEUED), "", "500");
	program_expect(&agents[1], "*** A call for you: other");
	all_leave();
}
END_TEST

Suite *agents_client_suite(void);

Suite *
agents_client_suite(void)
{
	TCase *tc = tcase_create("agents");

	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, it_rings_at_all_and_one_has_it);
	tcase_add_test(tc, all_accept_at_once);
	tcase_add_test(tc, why_one_is_not_ready);
	tcase_add_test(tc, more_time_for_the_note);
	tcase_add_test(tc, a_caller_waits_for_one_of_them);
	return suite_of(tc, "agents_client");
}
