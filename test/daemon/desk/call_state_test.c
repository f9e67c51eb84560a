/*
 * call_state_test.c - every cell of the call's table, as a picture.
 */
#include "test/support/support.h"

#include "desk/call_state.h"
#include "desk/words.h"

Suite *call_state_suite(void);

/*
 * Columns: offered queued delivered established held retrieved transferred
 * conferenced diverted failed connection_cleared call_cleared.  A letter is
 * the state it leads to: Offered Queued Delivered Established Held X=ended;
 * b = back to where it waited; . = refused, and nothing changes.
 */
static const struct {
	enum call_state from;
	const char *to;
} rows[] = {
	{ CALL_NONE, "OQD........." },
	{ CALL_OFFERED, ".QDE....OOOX" },
	{ CALL_QUEUED, "..DE....OQQX" },
	{ CALL_DELIVERED, ".QDE....ObbX" },
	{ CALL_ESTABLISHED, ".Q..H.EEOEOX" },
	{ CALL_HELD, ".Q...EEE.HOX" },
	{ CALL_ENDED, "............" },
};

static char
letter(enum call_state s)
{
	return "?OQDEHX"[s];
}

START_TEST(every_cell)
{
	for (unsigned ev = 1; ev < CALL_NEVENTS; ev++)
		for (int queued = 0; queued < 2; queued++) {
			enum call_state s = rows[_i].from;
			char want = rows[_i].to[ev - 1];
			enum err e =
			    call_step(&s, (enum call_event_kind)ev, queued);

			if (want == 'b')
				want = queued ? 'Q' : 'O';
			ck_assert_msg(e == (want == '.' ? ERR_REFUSED : ERR_OK),
			    "state %u event %s", rows[_i].from,
			    word_call_event((enum call_event_kind)ev));
			if (want == '.')
				ck_assert_int_eq(s, rows[_i].from);
			else
				ck_assert_int_eq(letter(s), want);
		}
}
END_TEST

START_TEST(every_state_has_a_word_of_its_own)
{
	for (int a = CALL_OFFERED; a < CALL_NSTATES; a++)
		for (int b = CALL_OFFERED; b < a; b++)
			ck_assert_str_ne(call_state_word((enum call_state)a),
			    call_state_word((enum call_state)b));
}
END_TEST

/* A snapshot tells a state by the event that led to it. */
START_TEST(a_snapshot_leads_to_the_same_state)
{
	for (unsigned from = CALL_NONE; from < CALL_NSTATES; from++)
		for (unsigned ev = 1; ev < CALL_NEVENTS; ev++) {
			enum call_state s = (enum call_state)from;

			if (ev == CALL_EV_FAILED ||
			    ev == CALL_EV_CONNECTION_CLEARED ||
			    call_step(&s, (enum call_event_kind)ev, true) !=
				ERR_OK)
				continue;
			ck_assert_int_eq(
			    s, call_state_after((enum call_event_kind)ev));
		}
}
END_TEST

Suite *
call_state_suite(void)
{
	TCase *tc = tcase_create("table");

	tcase_add_loop_test(tc, every_cell, 0, NELEM(rows));
	tcase_add_test(tc, every_state_has_a_word_of_its_own);
	tcase_add_test(tc, a_snapshot_leads_to_the_same_state);
	return suite_of(tc, "call_state");
}
