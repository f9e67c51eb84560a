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

/*
 * "Agents stuck" is the field's first complaint: from every state each of
 * ready, not ready and logged off is reached by nothing but what the agent, a
 * supervisor or a timer can cause.  An offer ends by its deadline, a call by
 * hanging up, so nobody else is needed.
 */
START_TEST(every_state_can_be_left)
{
	static const enum agent_event ours[] = { AGENT_EV_LOGIN, AGENT_EV_READY,
		AGENT_EV_NOT_READY, AGENT_EV_OFFER_ENDED, AGENT_EV_CLEAR,
		AGENT_EV_GONE };
	static const enum agent_state goals[] = { AGENT_STATE_READY,
		AGENT_STATE_NOT_READY, AGENT_STATE_NULL };

	for (unsigned from = AGENT_STATE_NULL; from < AGENT_NSTATES; from++) {
		bool seen[AGENT_NSTATES] = { false };

		seen[from] = true;
		/* As many rounds as there are states are enough. */
		for (unsigned round = 0; round < AGENT_NSTATES; round++)
			for (unsigned s = AGENT_STATE_NULL; s < AGENT_NSTATES;
			     s++)
				for (size_t i = 0; seen[s] && i < NELEM(ours);
				     i++) {
					enum agent_state to =
					    (enum agent_state)s;

					if (agent_step(&to, ours[i]) == ERR_OK)
						seen[to] = true;
				}
		for (size_t i = 0; i < NELEM(goals); i++)
			ck_assert_msg(seen[goals[i]], "from %u to %u", from,
			    (unsigned)goals[i]);
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
