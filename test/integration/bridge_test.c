/*
 * bridge_test.c - a real bridge between a real daemon and a switch of lines:
 * killed, restarted, left alone; nothing is lost, nothing is told twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/scripted.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

#define OFFER_END(x) MASHANG__OFFER_END_REASON__OFFER_##x
#define WAIT_S 30

static const char hotline[] = "queues: [{name: repair, ring: 30s}]\n"
			      "agents: [{name: wang, queues: [repair]}]\n"
			      "devices: [{name: '801', switch: pbx1}]\n"
			      "numbers: [{called: '4001', queue: repair}]\n";

static struct stack st, second;
static struct scripted b;
static struct wire agent;

static void
up(void)
{
	stack_up_with(&st, false, "shown: 3s\n");
	stack_write(&st, "hotline.yaml", hotline);
	mashang(
	    &st, 0, "admin", "apply", stack_path(&st, "hotline.yaml"), NULL);
	scripted_configure(&b, &st, "pbx1", st.socket, "");
	second.daemon = 0;
}

static void
down(void)
{
	scripted_kill(&b);
	wire_close(&agent);
	stack_down(&st);
}

static void
begin(void)
{
	scripted_start(&b, &st);
	scripted_say(&b, "up; resync; resynced");
}

/* ---------------------------------------------------------------- the books */

/* Ask until it is so. */
static void
until(const char *sql, const char *want)
{
	static const struct timespec beat = { 0, 20000000 };
	time_t end = time(NULL) + WAIT_S;
	const char *got;

	while (strcmp(got = pg_server_ask(sql), want) != 0) {
		ck_assert_msg(time(NULL) < end, "\"%s\", not \"%s\"\n%s", got,
		    want, stack_file(&st, "pbx1.log"));
		nanosleep(&beat, NULL);
	}
}

/* A call's events in its own order, those with a hole before them marked. */
static void
until_events(const char *call, const char *want)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "SELECT coalesce(string_agg(e.kind || coalesce('!' || e.flag, ''),"
	    " ' ' ORDER BY e.seq), '') FROM call_event e JOIN call c"
	    " ON c.id = e.call_id WHERE c.switch_call = '%s'",
	    call);
	until(sql, want);
}

/* Whatever happened: each call's events are counted without a hole, in the
 * order of the stream. */
static void
balance(void)
{
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM (SELECT call_id FROM call_event"
			  " GROUP BY call_id HAVING max(seq) <> count(*)"
			  " OR min(seq) <> 1) holes"),
	    "0");
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM (SELECT seq < lag(seq) OVER"
			  " (PARTITION BY call_id ORDER BY stream_seq) AS back"
			  " FROM call_event) o WHERE back"),
	    "0");
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM call_event WHERE flag IS NOT "
			  "NULL"),
	    "0");
}

/* ---------------------------------------------------------------- the agent */

static void
sit(void)
{
	wire_agent(&agent, &st, "wang", "801");
	wire_set_state(&agent, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
}

static void
shown(void)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown m = MASHANG__SHOWN__INIT;

	m.offer_id = WIRE_EXPECT(&agent, OFFER)->offer->offer_id;
	e.body_case = MASHANG__ENVELOPE__BODY_SHOWN;
	e.shown = &m;
	wire_send(&agent, &e);
}

static void
until_state(Mashang__AgentStateKind state)
{
	while (WIRE_EXPECT(&agent, AGENT_STATE)->agent_state->state != state)
		;
}

/* Queued, offered, rung, lifted. */
static void
connect_call(const char *call)
{
	char text[120];

	snprintf(text, sizeof(text), "offered %s; queued %s", call, call);
	scripted_say(&b, text);
	shown();
	snprintf(text, sizeof(text), "CONNECT %s 801 -", call);
	scripted_expect(&b, text);
	snprintf(text, sizeof(text), "delivered %s 801; established %s 801",
	    call, call);
	scripted_say(&b, text);
	ck_assert_int_eq(WIRE_EXPECT(&agent, OFFER_ENDED)->offer_ended->reason,
	    OFFER_END(ACCEPTED));
}

/* ------------------------------------------------------------------- tests */

START_TEST(a_call_is_answered)
{
	begin();
	sit();
	connect_call("c1");
	scripted_say(&b, "held c1; retrieved c1; cleared c1");
	until_events("c1",
	    "offered queued delivered established held retrieved "
	    "call_cleared");
	until_state(MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL);
	balance();
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM ticket"), "1");
	ck_assert_int_eq(scripted_stop(&b), 0);
}
END_TEST

START_TEST(nobody_lifts)
{
	begin();
	sit();
	scripted_say(&b, "queued c1");
	shown();
	scripted_expect(&b, "CONNECT c1 801 -");
	scripted_say(&b, "delivered c1 801; failed c1 801; failed c1 801");
	ck_assert_int_eq(WIRE_EXPECT(&agent, OFFER_ENDED)->offer_ended->reason,
	    OFFER_END(NO_ANSWER));
	scripted_say(&b, "cleared c1");
	until_events("c1", "queued delivered failed call_cleared");
	balance();
}
END_TEST

START_TEST(the_bridge_is_killed_in_a_call)
{
	begin();
	sit();
	connect_call("c1");
	scripted_say(&b, "queued c2; queued c3");
	until_events("c3", "queued");
	scripted_kill(&b);
	/* Meanwhile: c1 is held, c2 hangs up, c4 comes. */
	scripted_start(&b, &st);
	scripted_say(&b, "up; resync; seen held c1 801; seen queued c3;"
			 "seen queued c4; resynced");
	until_events("c1", "offered queued delivered established held");
	until_events("c2", "queued call_cleared");
	until_events("c4", "queued");
	scripted_say(&b, "retrieved c1; cleared c1; cleared c3; cleared c4");
	until_events("c1",
	    "offered queued delivered established held retrieved "
	    "call_cleared");
	until_events("c4", "queued call_cleared");
	until_state(MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL);
	balance();
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM call WHERE state <> 'ended'"),
	    "0");
}
END_TEST

START_TEST(the_daemon_is_killed_while_it_rings)
{
	begin();
	sit();
	scripted_say(&b, "queued c1");
	shown();
	scripted_expect(&b, "CONNECT c1 801 -");
	scripted_say(&b, "delivered c1 801");
	until_events("c1", "queued delivered");
	stack_daemon_kill(&st);
	wire_close(&agent);
	scripted_say(
	    &b, "established c1 801; queued c2; cleared c2; queued c3");
	scripted_say(&b, "held c1");
	stack_daemon_start(&st, NULL);
	until_events("c1", "queued delivered established held");
	until_events("c2", "queued call_cleared");
	until_events("c3", "queued");
	/* Who waits is offered again. */
	sit();
	scripted_say(&b, "retrieved c1; cleared c1");
	until_events(
	    "c1", "queued delivered established held retrieved call_cleared");
	wire_set_state(&agent, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	shown();
	scripted_expect(&b, "CONNECT c3 801 -");
	balance();
}
END_TEST

START_TEST(both_are_killed)
{
	begin();
	scripted_say(&b, "queued c1; queued c2; established c2 802");
	until_events("c2", "queued established");
	stack_daemon_kill(&st);
	scripted_say(&b, "held c2; queued c3; cleared c1; mute; queued c4");
	scripted_say(&b, "queued c5; sync");
	scripted_expect(&b, "synced");
	scripted_kill(&b);
	scripted_start(&b, &st);
	scripted_say(&b, "up; resync; seen held c2 802; seen queued c3;"
			 "seen queued c4; seen queued c5; resynced; sync");
	scripted_expect(&b, "synced");
	scripted_kill(&b);
	scripted_start(&b, &st);
	scripted_say(&b, "up; resync; seen established c2 802;"
			 "seen queued c5; resynced");
	stack_daemon_start(&st, NULL);
	until_events("c1", "queued call_cleared");
	until_events("c2", "queued established held retrieved");
	until_events("c5", "queued");
	balance();
	ck_assert_str_eq(pg_server_ask("SELECT string_agg(switch_call, ' ' "
				       "ORDER BY switch_call) FROM call "
				       "WHERE state <> 'ended'"),
	    "c2 c5");
}
END_TEST

START_TEST(the_other_node_takes_over)
{
	char both[PATH_MAX * 2 + 2];

	stack_beside(&second, &st, "b");
	snprintf(both, sizeof(both), "%s,%s", st.socket, second.socket);
	scripted_configure(&b, &st, "pbx1", both, "");
	begin();
	scripted_say(&b, "queued c1");
	until_events("c1", "queued");
	stack_daemon_kill(&st);
	scripted_say(&b, "queued c2; cleared c1");
	until_events("c2", "queued");
	until_events("c1", "queued call_cleared");
	balance();
	scripted_kill(&b);
	stack_down(&second);
}
END_TEST

START_TEST(no_daemon_then_the_fallback)
{
	scripted_configure(&b, &st, "pbx1", st.socket,
	    "fallback: {to: '999', after: 100ms}\n");
	begin();
	scripted_say(&b, "queued c1");
	until_events("c1", "queued");
	stack_daemon_kill(&st);
	scripted_expect(&b, "TRANSFER c1 - 999");
	scripted_say(&b, "diverted c1; queued c2");
	scripted_expect(&b, "TRANSFER c2 - 999");
	scripted_say(&b, "diverted c2");
	stack_daemon_start(&st, NULL);
	until_events("c1", "queued diverted");
	until_events("c2", "queued diverted");
	scripted_say(&b, "cleared c1; cleared c2");
	until_events("c2", "queued diverted call_cleared");
	balance();
}
END_TEST

/* Two for one switch: the newer stays, the older ends and must not come back. */
START_TEST(taken_over)
{
	struct scripted twin;

	begin();
	scripted_say(&b, "queued c1");
	until_events("c1", "queued");
	scripted_configure_as(&twin, &st, "twin", "pbx1", st.socket, "");
	scripted_start(&twin, &st);
	scripted_say(&twin, "up; resync; resynced");
	ck_assert_int_eq(scripted_wait(&b), 3);
	scripted_kill(&twin);
}
END_TEST

Suite *
bridge_suite(void)
{
	TCase *tc = tcase_create("bridge");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, a_call_is_answered);
	tcase_add_test(tc, nobody_lifts);
	tcase_add_test(tc, the_bridge_is_killed_in_a_call);
	tcase_add_test(tc, the_daemon_is_killed_while_it_rings);
	tcase_add_test(tc, both_are_killed);
	tcase_add_test(tc, the_other_node_takes_over);
	tcase_add_test(tc, no_daemon_then_the_fallback);
	tcase_add_test(tc, taken_over);
	return suite_of(tc, "bridge");
}
