/*
 * reason_test.c - why agents are not ready: words that are configured, how long
 * each may take.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

static void
up(void)
{
	bed_up();
	reason_add(bench.desk, STR_LIT("lunch"), false, 30 * 60 * S);
	reason_add(bench.desk, STR_LIT("training"), true, 0);
	reason_add(bench.desk, STR_LIT("break"), true, 10 * 60 * S);
}

static enum err
say(enum agent_state state, const char *reason)
{
	struct desk_action a = bed_by(1);
	enum err e = desk_set_state(bench.desk, &a, state, str_of(reason));

	bed_run();
	return e;
}

/* `wanted': what is said to be right; NULL: it is good. */
START_TEST(which_reasons_are_good)
{
	static const struct {
		const char *reason, *wanted;
	} rows[] = {
		{ "lunch", NULL },
		{ "training", NULL },
		{ "", NULL }, /* not said */
		{ "lunhc", "lunch" },
		{ "Lunch", "lunch" },
		{ "golf", "lunch, training, break" },
		{ "device_gone", NULL }, /* our own */
		{ "no_answer", NULL },
		{ "unanswered", NULL },
		{ "supervisor", NULL },
		{ "log_in", NULL },
	};
	char wanted[64];

	for (size_t i = 0; i < NELEM(rows); i++) {
		bool good = desk_reason_is_good(
		    bench.desk, str_of(rows[i].reason), wanted, sizeof(wanted));

		ck_assert_msg(
		    good == (rows[i].wanted == NULL), "%s", rows[i].reason);
		if (!good)
			ck_assert_str_eq(wanted, rows[i].wanted);
		ck_err(say(AGENT_STATE_NOT_READY, rows[i].reason),
		    good ? ERR_OK : ERR_BAD_FIELD);
	}
	/* It is cut, not overrun. */
	ck_assert(!desk_reason_is_good(
	    bench.desk, STR_LIT("golf"), wanted, sizeof("lunch, tr")));
	ck_assert_str_eq(wanted, "lunch, tr");
	/* Where none is configured every word is one. */
	reasons_forget(bench.desk);
	ck_ok(say(AGENT_STATE_NOT_READY, "golf"));
}
END_TEST

START_TEST(a_refused_reason_changes_nothing)
{
	struct wrap_up w = { .call = bed_id_of("c"),
		.kind = TICKET_CONSULTATION,
		.next = AGENT_STATE_NOT_READY,
		.next_reason = STR_LIT("golf") };
	struct desk_action a = bed_by(1);

	ck_err(say(AGENT_STATE_NOT_READY, "golf"), ERR_BAD_FIELD);
	ck_told("");
	bed_talking();
	ck_err(say(AGENT_STATE_NOT_READY, "golf"), ERR_BAD_FIELD);
	ck_err(desk_wrap_up(bench.desk, &a, &w), ERR_BAD_FIELD);
	ck_told("");
}
END_TEST

/* Over its limit it is told once more, counted, and nobody is sent back. */
START_TEST(longer_than_it_may_take)
{
	const struct agent *a = agent_find(bench.desk, 1);

	ck_ok(say(AGENT_STATE_NOT_READY, "break"));
	ck_told("1=not_ready(break) ");
	ck_assert_int_eq(a->limit_at, bench.now + 600 * S);
	desk_tick(bench.desk, bench.now += 600 * S - 1);
	ck_told("");
	ck_assert_uint_eq(a->n_over, 0);
	desk_tick(bench.desk, bench.now += 1);
	ck_told("1=not_ready(break) ");
	ck_assert_uint_eq(a->n_over, 1);
	desk_tick(bench.desk, bench.now += 3600 * S);
	ck_told("");
	/* Another reason, another limit; one without. */
	ck_ok(say(AGENT_STATE_NOT_READY, "lunch"));
	ck_assert_int_eq(a->limit_at, bench.now + 1800 * S);
	ck_ok(say(AGENT_STATE_NOT_READY, "training"));
	ck_assert_int_eq(a->limit_at, 0);
	desk_tick(bench.desk, bench.now += 36000 * S);
	ck_assert_uint_eq(a->n_over, 1);
	/* Ready has none. */
	ck_ok(say(AGENT_STATE_NOT_READY, "break"));
	ck_ok(say(AGENT_STATE_READY, ""));
	ck_assert_int_eq(a->limit_at, 0);
	ck_assert_int_eq(desk_next_at(bench.desk), INT64_MAX);
}
END_TEST

static struct cell row[32];

static bool
keep_first(void *arg, const struct cell *cells)
{
	bool *kept = arg;

	if (!*kept)
		memcpy(row, cells, 12 * sizeof(row[0]));
	*kept = true;
	return true;
}

static const struct cell *
listed(const char *column)
{
	const struct desk_list *l = desk_list_find(STR_LIT("agents"));
	bool kept = false;

	ck_assert_uint_eq(l->n_columns, 13);
	desk_list_rows(bench.desk, l, 0, bench.now, keep_first, &kept);
	for (unsigned i = 0; i < l->n_columns; i++)
		if (strcmp(l->columns[i].name, column) == 0)
			return &row[i];
	ck_abort_msg("no column %s", column);
	return NULL;
}

START_TEST(supervisors_see_it)
{
	ck_ok(say(AGENT_STATE_NOT_READY, "break"));
	ck_assert(listed("over")->null);
	desk_tick(bench.desk, bench.now += 700 * S);
	ck_assert_int_eq(listed("over")->number, 100 * S);
	ck_assert_int_eq(listed("overs")->number, 1);
	ck_ok(say(AGENT_STATE_READY, ""));
	ck_assert(listed("over")->null);
	ck_assert_int_eq(listed("overs")->number, 1);
	bed_talking();
	ck_ok(say(AGENT_STATE_NOT_READY, "lunch"));
	ck_assert(str_eq(listed("pending")->text, STR_LIT("not_ready")));
	ck_assert(str_eq(listed("pending_reason")->text, STR_LIT("lunch")));
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	ck_assert_int_eq(listed("left")->number, 30 * S);
}
END_TEST

/* Paid time is told from the states' rows. */
START_TEST(the_history_has_the_reason)
{
	const struct agent_state_row *r;

	ck_ok(say(AGENT_STATE_NOT_READY, "training"));
	r = fake_ledger_row(bench.ledger, ROW_AGENT_STATE,
	    fake_ledger_n(bench.ledger, ROW_AGENT_STATE) - 1);
	ck_assert(str_eq(r->reason, STR_LIT("training")));
	ck_assert(reason_find(bench.desk, r->reason)->paid);
	ck_assert(!reason_find(bench.desk, STR_LIT("lunch"))->paid);
	ck_assert_ptr_null(reason_find(bench.desk, STR_LIT("golf")));
}
END_TEST

/* What a client was before its connection was lost. */
START_TEST(resumed)
{
	static const struct {
		const char *reason, *then;
	} rows[] = {
		{ "lunch", "1=not_ready(log_in) 1=not_ready(lunch) " },
		{ "golf", "1=not_ready(log_in) " },
		/* the phone is back meanwhile */
		{ "device_gone", "1=not_ready(log_in) 1=ready " },
	};

	for (size_t i = 0; i < NELEM(rows); i++) {
		desk_agent_gone(bench.desk, 1, false, bench.now);
		bed_page();
		ck_ok(desk_agent_login(bench.desk, 1, STR_LIT("801"),
		    AGENT_STATE_NOT_READY, str_of(rows[i].reason), bench.now));
		bed_run();
		ck_told(rows[i].then);
	}
}
END_TEST

Suite *reason_suite(void);

Suite *
reason_suite(void)
{
	TCase *tc = tcase_create("reasons");

	tcase_add_checked_fixture(tc, up, bed_down);
	tcase_add_test(tc, which_reasons_are_good);
	tcase_add_test(tc, a_refused_reason_changes_nothing);
	tcase_add_test(tc, longer_than_it_may_take);
	tcase_add_test(tc, supervisors_see_it);
	tcase_add_test(tc, the_history_has_the_reason);
	tcase_add_test(tc, resumed);
	return suite_of(tc, "reason");
}
