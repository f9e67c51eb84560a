/*
 * session_agent_test.c - an agent's session, with the real desk: reasons, a longer
 * wrap-up, a supervisor who logs the agent off.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b
#define STATE(s) MASHANG__AGENT_STATE_KIND__AGENT_##s
#define MINUTE (60 * INT64_C(1000000))

static struct house h;
static struct peer a;

static void
setup(void)
{
	house_up(&h, false);
	peer_login(&a, &h, ROLE(AGENT), "a1", "801");
	reason_add(h.desk, str_of("lunch"), false, 30 * MINUTE);
	reason_add(h.desk, str_of("training"), true, 0);
}

static void
teardown(void)
{
	peer_close(&a);
	house_down(&h);
}

static void
say(int state, const char *reason)
{
	Mashang__SetState m = MASHANG__SET_STATE__INIT;

	m.state = (Mashang__AgentStateKind)state;
	m.reason = data_of(reason);
	peer_request(&a, &ENVELOPE(SET_STATE, set_state, &m));
}

static struct agent *
agent(void)
{
	uint32_t id;

	ck_ok(desk_agent_find(h.desk, str_of("a1"), &id));
	return agent_find(h.desk, id);
}

/* "4 reason lunch lunhc": the code, the parameters. */
static const char *
refused(void)
{
	static char out[256];
	const Mashang__Error *e = peer_reply(&a, BODY(ERROR))->error;
	size_t n = (size_t)snprintf(out, sizeof(out), "%d", (int)e->code);

	for (size_t i = 0; i < e->n_params; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, " %.*s",
		    (int)e->params[i].len, (char *)e->params[i].data);
	return out;
}

START_TEST(a_reason_is_one_that_is_configured)
{
	Mashang__WrapUp w = MASHANG__WRAP_UP__INIT;
	uint8_t id[16] = { 1 };

	say(STATE(NOT_READY), "lunhc");
	ck_assert_str_eq(refused(), "4 reason lunch lunhc");
	say(STATE(NOT_READY), "golf");
	ck_assert_str_eq(refused(), "4 reason lunch, training golf");
	w.call_id = (ProtobufCBinaryData){ sizeof(id), id };
	w.next = STATE(NOT_READY);
	w.next_reason = data_of("golf");
	peer_request(&a, &ENVELOPE(WRAP_UP, wrap_up, &w));
	ck_assert_str_eq(refused(), "4 next_reason lunch, training golf");
}
END_TEST

START_TEST(its_limit_is_told)
{
	const Mashang__AgentState *m;

	say(STATE(NOT_READY), "lunch");
	do {
		m = peer_wait(&a, BODY(AGENT_STATE))->agent_state;
	} while (m->reason.len != strlen("lunch"));
	ck_assert_int_eq(m->limit_at, m->since_at + 30 * MINUTE);
	ck_assert_int_eq(m->until_at, 0);
}
END_TEST

START_TEST(a_wrap_up_is_made_longer)
{
	Mashang__ExtendWrapUp m = MASHANG__EXTEND_WRAP_UP__INIT;
	const Mashang__AgentState *s;
	struct ledger_unit *u;
	struct agent *one = agent();
	int64_t until;

	peer_request(&a, &ENVELOPE(EXTEND_WRAP_UP, extend_wrap_up, &m));
	ck_assert_str_eq(refused(), "16 wrap_up state");
	u = record_begin(h.desk);
	ck_assert(
	    agent_move(h.desk, u, one, AGENT_EV_RESUME, str_of(""), "agent"));
	record_commit(h.desk, &u);
	agent_until(h.desk, one, h.desk->now + MINUTE);
	until = one->until;
	one->extend_us = 2 * MINUTE;
	one->extensions = 1;
	peer_request(&a, &ENVELOPE(EXTEND_WRAP_UP, extend_wrap_up, &m));
	do {
		s = peer_wait(&a, BODY(AGENT_STATE))->agent_state;
	} while (s->until_at <= until);
	ck_assert_int_eq(s->until_at, until + 2 * MINUTE);
	peer_reply(&a, BODY(DONE));
	peer_request(&a, &ENVELOPE(EXTEND_WRAP_UP, extend_wrap_up, &m));
	ck_assert_str_eq(refused(), "16 wrap_up used_up");
}
END_TEST

START_TEST(logged_off_by_a_supervisor)
{
	struct ledger_unit *u = record_begin(h.desk);

	ck_ok(agent_force(h.desk, u, agent(), AGENT_STATE_NULL, str_of("lunch"),
	    "supervisor"));
	record_commit(h.desk, &u);
	peer_ended(&a, CODE(LOGGED_OFF));
	ck_assert_int_eq(agent()->state, AGENT_STATE_NULL);
	peer_close(&a);
	/* And may come back. */
	peer_login(&a, &h, ROLE(AGENT), "a1", "801");
	ck_assert_int_eq(agent()->state, AGENT_STATE_NOT_READY);
}
END_TEST

Suite *session_agent_suite(void);

Suite *
session_agent_suite(void)
{
	TCase *tc = tcase_create("agent");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_reason_is_one_that_is_configured);
	tcase_add_test(tc, its_limit_is_told);
	tcase_add_test(tc, a_wrap_up_is_made_longer);
	tcase_add_test(tc, logged_off_by_a_supervisor);
	return suite_of(tc, "session_agent");
}
