/*
 * nodes_cut_test.c - one of two nodes is cut off from Redis, and from nothing
 * else: it goes on matching in memory, callers keep their places and agents
 * their log-ins, who has refused a call is not offered it again by the new ACD,
 * and when Redis is back all is as before.
 *
 * The cut: A reaches Redis by a name of its own in the file system, which is
 * taken away; the connections that it has are closed.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

#define WAIT_S 30
#define KIND(x) MASHANG__CALL_EVENT_KIND__##x
#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x

static const char hotline[] =
    "queues: [{name: repair, ring: 60s, wrap_up: 0s}]\n"
    "agents:\n"
    "  - {name: wang, queues: [repair], answer: screen}\n"
    "  - {name: li, queues: [repair], answer: screen}\n"
    "devices:\n"
    "  - {name: '101', switch: main}\n"
    "  - {name: '102', switch: main}\n"
    "numbers: [{called: '400', queue: repair}]\n";

static struct stack a, b;
static struct wire bridge, wang, li;
static char name[PATH_MAX]; /* of Redis, A's own */

static void
join(void)
{
	ck_assert_int_eq(symlink(b.redis.address + strlen("unix:"), name), 0);
}

static void
setup(void)
{
	struct stack with;

	stack_up_with(&b, false, "shown: 3s\n");
	stack_write(&b, "hotline.yaml", hotline);
	mashang(&b, 0, "admin", "apply", stack_path(&b, "hotline.yaml"), NULL);
	snprintf(
	    name, sizeof(name), "%.*s/own.sock", (int)sizeof(name) / 2, b.dir);
	join();
	with = b;
	snprintf(with.redis.address, sizeof(with.redis.address), "unix:%.*s",
	    (int)sizeof(name) / 2, name);
	stack_beside(&a, &with, "a");
	stack_until_logged(&b, "node=a is there, too", 1);
	wire_bridge(&bridge, &a, "main");
	wire_agent(&wang, &a, "wang", "101");
	wire_agent(&li, &a, "li", "102");
}

static void
teardown(void)
{
	wire_close(&li);
	wire_close(&wang);
	wire_close(&bridge);
	stack_down(&a);
	stack_down(&b);
}

static void
all_are_alive(void)
{
	wire_beat(&bridge);
	wire_beat(&wang);
	wire_beat(&li);
}

/* Whether A matches by Redis. */
static void
until_in_use(long long want)
{
	static const struct timespec beat = { 0, 50000000 };
	int64_t end = clock_loop() + WAIT_S * CLOCK_S;

	while (stack_shown(&a, "store", "figure", "redis_in_use", "value") !=
	       want) {
		ck_assert_msg(clock_loop() < end,
		    "redis_in_use is not %lld\n%s", want,
		    stack_file(&a, "mashangd.log"));
		all_are_alive();
		nanosleep(&beat, NULL);
	}
}

static void
cut(void)
{
	ck_assert_int_eq(unlink(name), 0);
	redis_server_do(&b.redis, "CLIENT", "KILL", "TYPE", "normal", NULL);
	until_in_use(0);
}

static void
calls(const char *call)
{
	wire_ring(&bridge, call, "13812348000", "400", "");
	wire_until_committed(&bridge);
}

static void
set_state(struct wire *agent, Mashang__AgentStateKind state)
{
	wire_set_state(agent, state, "");
}

static void
takes_it(
    struct wire *agent, uint64_t offer, const char *device, const char *call)
{
	Mashang__Order o;

	wire_accept(agent, offer);
	o = *wire_order(&bridge, MASHANG__ORDER_KIND__ORDER_CONNECT);
	ck_assert_msg(wire_is(o.call, call), "%.*s, not %s", (int)o.call.len,
	    (const char *)o.call.data, call);
	wire_order_result(&bridge, o.order_id, MASHANG__CODE__CODE_OK,
	    o.version + 1, KIND(QUEUED));
	wire_at(&bridge, call, 3, KIND(ESTABLISHED), device, &o);
	wire_until_committed(&bridge);
}

/* What the agent is offered next is that call. */
static void
takes(struct wire *agent, const char *device, const char *call)
{
	takes_it(agent, wire_shown(agent), device, call);
}

static void
refuses_next(struct wire *agent)
{
	set_state(agent, STATE(READY));
	wire_refuse(agent, wire_shown(agent));
	WIRE_EXPECT(agent, OFFER_ENDED);
}

/* One agent refuses the first caller; Redis goes; the second; Redis is back:
 * the third is offered, and those two wait for the other agent, in order. */
START_TEST(it_goes_on_without_redis)
{
	static const char outcomes[] =
	    "SELECT string_agg(x.switch_call || ' ' || g.name, ', ' ORDER BY"
	    " x.switch_call) FROM call x JOIN agent g ON g.id = x.agent_id";
	static const char refused[] =
	    "SELECT string_agg(x.switch_call || ' ' || g.name, ', ' ORDER BY"
	    " o.id) FROM offer o JOIN agent g ON g.id = o.agent_id"
	    " JOIN call x ON x.id = o.call_id WHERE o.reason = 'refused'";

	calls("c1");
	calls("c2");
	calls("c3");
	refuses_next(&wang); /* c1 */
	cut();
	refuses_next(&wang); /* c2, which comes first of those left */
	until_in_use(0);
	join();
	until_in_use(1);
	set_state(&wang, STATE(READY));
	takes(&wang, "101", "c3");
	set_state(&li, STATE(READY));
	takes(&li, "102", "c1");
	wire_clear(&bridge, "c1", 4, MASHANG__PARTY__PARTY_CALLER);
	wire_until_committed(&bridge);
	set_state(&li, STATE(READY)); /* nothing is to be written down */
	takes(&li, "102", "c2");
	wire_clear(&bridge, "c2", 4, MASHANG__PARTY__PARTY_CALLER);
	wire_clear(&bridge, "c3", 4, MASHANG__PARTY__PARTY_CALLER);
	wire_until_committed(&bridge);
	ck_assert_str_eq(pg_server_ask(outcomes), "c1 li, c2 li, c3 wang");
	ck_assert_str_eq(pg_server_ask(refused), "c1 wang, c2 wang");
	/* One log-in each: nobody was thrown out. */
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM agent_state WHERE"
				       " state = 'null'"),
	    "0");
	ck_assert_ptr_null(strstr(stack_file(&a, "mashangd.log"), "repaired:"));
}
END_TEST

static void
until_b_thinks_a_dead(void)
{
	static const struct timespec beat = { 0, 100000000 };
	int64_t end = clock_loop() + WAIT_S * CLOCK_S;

	while (
	    strstr(stack_file(&b, "mashangd.log"), "node=a is dead") == NULL) {
		ck_assert_int_lt(clock_loop(), end);
		all_are_alive();
		nanosleep(&beat, NULL);
	}
}

/* For longer than a dead node is given: A is not swept, its offer is open. */
START_TEST(who_is_cut_off_is_not_dead)
{
	uint64_t offer;

	cut();
	calls("c1");
	set_state(&wang, STATE(READY));
	offer = wire_shown(&wang);
	until_b_thinks_a_dead();
	takes_it(&wang, offer, "101", "c1");
	join();
	until_in_use(1);
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(reason, ' ') FROM offer"),
	    "accepted");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM agent_state WHERE"
				       " state = 'null'"),
	    "0");
	wire_clear(&bridge, "c1", 4, MASHANG__PARTY__PARTY_CALLER);
	wire_until_committed(&bridge);
}
END_TEST

Suite *
nodes_cut_suite(void)
{
	TCase *tc = tcase_create("nodes_cut");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_goes_on_without_redis);
	tcase_add_test(tc, who_is_cut_off_is_not_dead);
	return suite_of(tc, "nodes_cut");
}
