/*
 * agent_state_test.c - every cell of the agent's table, as a picture.
 */
#include "test/support/support.h"

#include "desk/agent_state.h"

Suite *agent_state_suite(void);

/*
 * Columns: login ready not_ready offer offer_ended connect clear resume gone.
 * 0 logged off, N not ready, R ready, V reserved, B busy, W working after
 * call; . = refused, and nothing changes.
 */
static const struct {
	enum agent_state from;
	const char *to;
} rows[] = {
	{ AGENT_STATE_NULL, "N........" },
	{ AGENT_STATE_NOT_READY, ".RN..B.W0" },
	{ AGENT_STATE_READY, ".RNV.B..0" },
	{ AGENT_STATE_RESERVED, "..N.RB..0" },
	{ AGENT_STATE_BUSY, "..N.R.WWB" },
	{ AGENT_STATE_WORKING_AFTER_CALL, ".RN..B..0" },
};

START_TEST(every_cell)
{
	for (unsigned ev = 1; ev < AGENT_NEVENTS; ev++) {
		enum agent_state s = rows[_i].from;
		char want = rows[_i].to[ev - 1];
		enum err e = agent_step(&s, (enum agent_event)ev);

		ck_assert_msg(e == (want == '.' ? ERR_REFUSED : ERR_OK),
		    "state %u event %u", rows[_i].from, ev);
		ck_assert_int_eq("?0NRVBW"[s],
		    want == '.' ? "?0NRVBW"[rows[_i].from] : want);
	}
}
END_TEST

/* "Agents stuck" is the field's first complaint: from every state there is a
 * way to ready that needs nothing but what will come anyway. */
START_TEST(every_state_can_be_left)
{
	static const enum agent_event way[AGENT_NSTATES][4] = {
		[AGENT_STATE_NULL] = { AGENT_EV_LOGIN, AGENT_EV_READY },
		[AGENT_STATE_NOT_READY] = { AGENT_EV_READY },
		[AGENT_STATE_RESERVED] = { AGENT_EV_OFFER_ENDED },
		[AGENT_STATE_BUSY] = { AGENT_EV_CLEAR, AGENT_EV_READY },
		[AGENT_STATE_WORKING_AFTER_CALL] = { AGENT_EV_READY },
	};

	for (unsigned from = AGENT_STATE_NULL; from < AGENT_NSTATES; from++) {
		enum agent_state s = (enum agent_state)from;

		for (const enum agent_event *ev = way[from];
		     *ev != AGENT_EV_NONE; ev++)
			ck_ok(agent_step(&s, *ev));
		ck_assert_int_eq(s, AGENT_STATE_READY);
	}
}
END_TEST

Suite *
agent_state_suite(void)
{
	TCase *tc = tcase_create("table");

	tcase_add_loop_test(tc, every_cell, 0, NELEM(rows));
	tcase_add_test(tc, every_state_can_be_left);
	return suite_of(tc, "agent_state");
}
