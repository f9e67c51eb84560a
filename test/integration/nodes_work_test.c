/*
 * nodes_work_test.c - work without a live call, and two nodes: what the one
 * held is done by the other's agents when it is dead or stopped, once.
 *
 * Who waits is known to PostgreSQL (sql/0005_work.sql), so that nothing is lost
 * with a node, and it alone decides who takes an item, so that a node that
 * comes back cannot have it done twice.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

#define WAIT_S 30
#define KIND(x) MASHANG__CALL_EVENT_KIND__##x
#define CODE(x) MASHANG__CODE__CODE_##x
#define CAUSE(x) MASHANG__CAUSE__CAUSE_##x

static const char hotline[] = "queues: [{name: repair, wrap_up: 0s}]\n"
			      "agents:\n"
			      "  - {name: wang, queues: [repair]}\n"
			      "  - {name: li, queues: [repair]}\n"
			      "devices:\n"
			      "  - {name: '101', switch: main}\n"
			      "  - {name: '102', switch: main}\n"
			      "numbers: [{called: '400', queue: repair}]\n"
			      "dialling:\n"
			      "  allow: ['+86']\n"
			      "  show: '4008001234'\n";

static struct stack a, b;
static struct wire bridge, wang, li, late;

static void
setup(void)
{
	stack_up_with(&a, false, "shown: 3s\n");
	stack_write(&a, "hotline.yaml", hotline);
	mashang(&a, 0, "admin", "apply", "--yes",
	    stack_path(&a, "hotline.yaml"), NULL);
	stack_beside(&b, &a, "b");
	/* From now on A's fence is as short as its lease. */
	stack_until_logged(&a, "node=b is there, too", 1);
	wire_bridge(&bridge, &a, "main");
}

static void
teardown(void)
{
	wire_close(&late);
	wire_close(&li);
	wire_close(&wang);
	wire_close(&bridge);
	stack_down(&b);
	stack_down(&a);
}

/* Meanwhile all clients are alive. */
static void
until(const char *sql, const char *want)
{
	static const struct timespec beat = { 0, 50000000 };
	struct wire *const all[] = { &bridge, &wang, &li };
	int64_t end = clock_loop() + WAIT_S * CLOCK_S;
	const char *got;

	while (strcmp(got = pg_server_ask(sql), want) != 0) {
		ck_assert_msg(clock_loop() < end,
		    "\"%s\", not \"%s\": %s\nA: %.2000s\nB: %.2000s", got, want,
		    sql, stack_file(&a, "mashangd.log"),
		    stack_file(&b, "mashangd.log"));
		for (unsigned i = 0; i < NELEM(all); i++)
			if (all[i]->in != NULL)
				wire_beat(all[i]);
		nanosleep(&beat, NULL);
	}
}

static void
ready(struct wire *agent)
{
	wire_set_state(agent, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
}

/* ------------------------------------------------------------- the customers */

/* They call in this order, and choose to be called back. */
static const char *const customers[] = { "13812348000", "13812348001",
	"13812348002" };

static void
all_choose_callback(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		Mashang__CallEvent ev;
		char call[8];

		snprintf(call, sizeof(call), "c%u", i);
		wire_ring(&bridge, call, customers[i], "400", "");
		ev = wire_event(&bridge, call, 3, KIND(CALL_CLEARED));
		ev.cause = CAUSE(CALLED_BACK);
		ev.party = MASHANG__PARTY__PARTY_CALLER;
		wire_say(&bridge, &ev);
		wire_until_committed(&bridge);
	}
}

/* A call to a customer: its name at the switch, and its order. */
struct leg {
	const char *name, *device;
	char number[24];
	uint64_t order;
	unsigned seq; /* of its last event */
};

static void
say(struct leg *l, Mashang__CallEventKind kind)
{
	Mashang__CallEvent ev = wire_event(&bridge, l->name, ++l->seq, kind);

	ev.called = wire_bytes(l->number);
	ev.order_id = l->order;
	ev.relation = MASHANG__RELATION__RELATION_CALLBACK;
	if (kind == KIND(DELIVERED) || kind == KIND(ESTABLISHED))
		ev.device = wire_bytes(l->device);
	if (kind == KIND(CALL_CLEARED))
		ev.cause = CAUSE(NORMAL);
	wire_say(&bridge, &ev);
}

/* The agent accepts what is offered; this customer is called, and talks. */
static struct leg
calls_back(
    struct wire *agent, const char *device, unsigned customer, const char *name)
{
	struct leg l = { .name = name, .device = device };
	const Mashang__Order *o;

	wire_accept(agent, wire_shown(agent));
	o = wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_MAKE_CALL);
	snprintf(l.number, sizeof(l.number), "+86%s", customers[customer]);
	ck_assert(wire_is(o->device, device) && wire_is(o->number, l.number));
	l.order = o->order_id;
	wire_order_result(&bridge, l.order, CODE(OK), 0, 0);
	say(&l, KIND(OFFERED));
	say(&l, KIND(DELIVERED));
	say(&l, KIND(ESTABLISHED));
	wire_until_committed(&bridge);
	return l;
}

/* The switch comes to B, with this call, or NULL. */
static void
bridge_goes_to_b(const struct leg *l)
{
	Mashang__LiveCall live = MASHANG__LIVE_CALL__INIT;

	wire_close(&bridge);
	if (l == NULL) {
		wire_bridge(&bridge, &b, "main");
		return;
	}
	live.call = wire_bytes(l->name);
	live.version = WIRE_V0;
	live.call_seq = l->seq;
	live.kind = KIND(ESTABLISHED);
	live.device = wire_bytes(l->device);
	live.called = wire_bytes(l->number);
	live.relation = MASHANG__RELATION__RELATION_CALLBACK;
	wire_bridge_again(&bridge, &b, "main", &live);
}

#define WORK                                                           \
	"SELECT string_agg(concat_ws(' ', w.state, w.why, w.attempt, " \
	"w.node, a.name), '; ' ORDER BY w.enqueued_at) FROM work w"    \
	" LEFT JOIN agent a ON a.id = w.agent_id"

/* Each was accepted once, dialled once, talked once. */
static void
each_once(const char *n)
{
	static const char *const counts[] = {
		"SELECT count(*) FROM offer WHERE work_id IS NOT NULL AND"
		" reason = 'accepted'",
		"SELECT count(*) FROM dial_attempt",
		"SELECT count(*) FROM ticket_event WHERE kind = 'called_back'",
		"SELECT count(*) FROM call WHERE relation = 'callback' AND"
		" ended_at IS NOT NULL",
	};

	for (unsigned i = 0; i < NELEM(counts); i++)
		until(counts[i], n);
	until("SELECT count(*) FROM offer WHERE ended_at IS NULL", "0");
	ck_assert_str_eq(
	    pg_server_ask("SELECT reason FROM event_quarantine"), "");
	wire_expect_none(&bridge, MASHANG__ENVELOPE__BODY_ORDER);
}

/* -------------------------------------------------------------------- killed */

START_TEST(the_node_that_holds_them_is_killed)
{
	struct leg first, second, third;

	wire_agent(&wang, &a, "wang", "101");
	wire_agent(&li, &a, "li", "102");
	all_choose_callback(3);
	until(WORK, "waiting 0 test; waiting 0 test; waiting 0 test");
	ready(&wang);
	first = calls_back(&wang, "101", 0, "out1");
	until(WORK, "taken 1 test wang; waiting 0 test; waiting 0 test");
	stack_daemon_kill(&a);
	wire_close(&wang);
	wire_close(&li);
	bridge_goes_to_b(&first);
	wire_agent(&wang, &b, "wang", "101");
	wire_agent(&li, &b, "li", "102");
	until(WORK, "taken 1 b wang; waiting 0 b; waiting 0 b");
	ready(&li);
	second = calls_back(&li, "102", 1, "out2");
	stack_daemon_start(&a, NULL);
	say(&first, KIND(CALL_CLEARED));
	say(&second, KIND(CALL_CLEARED));
	until(WORK, "done reached 1 b wang; done reached 1 b li; waiting 0 b");
	wire_set_state(&li, MASHANG__AGENT_STATE_KIND__AGENT_NOT_READY, "");
	ready(&wang);
	third = calls_back(&wang, "101", 2, "out3");
	say(&third, KIND(CALL_CLEARED));
	until(WORK,
	    "done reached 1 b wang; done reached 1 b li; done reached 1 b "
	    "wang");
	each_once("3");
}
END_TEST

/* ------------------------------------------------------------------- stopped */

/* Whoever accepts at a node that is stopped is too late, and is told so. */
START_TEST(a_late_accept_is_refused)
{
	const Mashang__Envelope *e;
	struct leg l;
	uint64_t offer;

	wire_agent(&late, &a, "li", "102");
	ready(&late);
	WIRE_EXPECT(&late, DONE);
	all_choose_callback(1);
	offer = wire_shown(&late);
	until("SELECT count(*) FROM offer WHERE work_id IS NOT NULL", "1");
	kill(a.daemon, SIGSTOP);
	wire_accept(&late, offer);
	bridge_goes_to_b(NULL);
	wire_agent(&wang, &b, "wang", "101");
	until(WORK, "waiting 0 b");
	ready(&wang);
	l = calls_back(&wang, "101", 0, "out1");
	until(WORK, "taken 1 b wang");
	kill(a.daemon, SIGCONT);
	while ((e = wire_next(&late)) != NULL &&
	       e->body_case != MASHANG__ENVELOPE__BODY_GOODBYE)
		ck_assert_int_ne(e->body_case, MASHANG__ENVELOPE__BODY_DONE);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->goodbye->why->code, CODE(UNAVAILABLE));
	stack_until_logged(&a, "ready node=", 2);
	say(&l, KIND(CALL_CLEARED));
	until(WORK, "done reached 1 b wang");
	each_once("1");
}
END_TEST

Suite *
nodes_work_suite(void)
{
	TCase *tc = tcase_create("nodes_work");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_node_that_holds_them_is_killed);
	tcase_add_test(tc, a_late_accept_is_refused);
	return suite_of(tc, "nodes_work");
}
