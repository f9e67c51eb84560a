/*
 * report_test.c - each call in exactly one place, each figure by its
 * definition.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "replay/report.h"
#include "test/support/support.h"

Suite *report_suite(void);

#define S CLOCK_S
#define CAUSE(c) MASHANG__CAUSE__CAUSE_##c

static struct plan *plan;
static struct agenda agenda;
static struct telephone_switch *sw;
static size_t n;

static void
ignore_event(void *arg, struct switch_call *c, const struct switch_event *e)
{
	(void)arg;
	(void)c;
	(void)e;
}

static void
ignore_result(void *arg, const struct switch_result *r)
{
	(void)arg;
	(void)r;
}

static void
setup(void)
{
	struct switch_news news = { ignore_event, ignore_result, NULL };
	static char names[20][16];
	unsigned type;

	agenda_init(&agenda);
	ck_ok(plan_new("test", &plan));
	ck_ok(plan_type_named(plan, STR_LIT("q"), &type));
	for (int i = 0; i < 20; i++) {
		struct plan_call c = { .name = names[i],
			.caller = "",
			.caller_name = "",
			.wrap_up_us = 10 * S };

		snprintf(names[i], sizeof(names[i]), "c%02d", i);
		ck_ok(plan_add_call(plan, &c));
	}
	ck_ok(switch_new(plan, "sw", 1, 1, &agenda, &news, &sw));
	n = 0;
}

static void
teardown(void)
{
	switch_free(&sw);
	agenda_fini(&agenda);
	plan_free(&plan);
}

/* Seconds; 0: that did not happen. */
static void
happened(
    int64_t queued, int64_t established, int64_t ended, Mashang__Cause cause)
{
	struct switch_call *c = &sw->calls[n++];

	c->offered_at = 90 * S;
	c->queued_at = queued * S;
	c->established_at = established * S;
	c->ended_at = ended * S;
	c->end_cause = cause;
	c->state = ended != 0         ? SWITCH_ENDED
	           : established != 0 ? SWITCH_TALKING
	           : queued != 0      ? SWITCH_WAITING
	                              : SWITCH_MENU;
	c->queued_stream_seq = queued != 0 ? n : 0;
}

START_TEST(each_call_is_in_one_place)
{
	struct report r;
	const struct report_balance *b = &r.balance;

	happened(0, 0, 95, CAUSE(NORMAL));      /* in the menu */
	happened(0, 0, 0, CAUSE(NONE));         /* there still */
	happened(100, 0, 105, CAUSE(NORMAL));   /* short: at most 5 s */
	happened(100, 0, 106, CAUSE(NORMAL));   /* abandoned */
	happened(100, 110, 200, CAUSE(NORMAL)); /* answered */
	happened(100, 130, 0, CAUSE(NONE));     /* answered, talking */
	happened(100, 0, 0, CAUSE(NONE));       /* waiting */
	happened(100, 0, 300, CAUSE(TIMED_OUT));
	happened(100, 0, 300, CAUSE(OVERFLOW));
	happened(100, 0, 101, CAUSE(REFUSED));
	happened(100, 0, 300, CAUSE(CALLED_BACK));
	happened(100, 0, 300, CAUSE(WITHDRAWN));
	happened(100, 0, 300, CAUSE(SWITCH_LOST));
	report_make(sw, 5, &r);
	ck_assert_uint_eq(r.calls, 13);
	ck_assert_uint_eq(r.menu, 1);
	ck_assert_uint_eq(r.in_menu, 1);
	ck_assert_uint_eq(r.talking, 1);
	ck_assert_uint_eq(b->offered, 11);
	ck_assert_uint_eq(b->answered, 2);
	ck_assert_uint_eq(b->short_, 1);
	ck_assert_uint_eq(b->abandoned, 1);
	ck_assert_uint_eq(b->waiting, 1);
	ck_assert_uint_eq(b->timed_out, 1);
	ck_assert_uint_eq(b->overflowed, 1);
	ck_assert_uint_eq(b->refused, 1);
	ck_assert_uint_eq(b->called_back, 1);
	ck_assert_uint_eq(b->withdrawn, 1);
	ck_assert_uint_eq(b->lost, 1);
	ck_assert(report_balances(&r));
	/* The tickets of those committed: events 3, 4 and 5. */
	ck_assert_uint_eq(r.tickets, 3);
}
END_TEST

START_TEST(levels_leave_the_short_ones_out)
{
	struct report r;

	happened(100, 115, 200, CAUSE(NORMAL));
	happened(100, 116, 200, CAUSE(NORMAL));
	happened(100, 130, 200, CAUSE(NORMAL));
	happened(100, 0, 200, CAUSE(NORMAL));
	happened(100, 0, 101, CAUSE(NORMAL));
	report_make(sw, 0, &r);
	ck_assert_double_eq_tol(r.level[0], 1.0 / 4, 1e-9);
	ck_assert_double_eq_tol(r.level[1], 2.0 / 4, 1e-9);
	ck_assert_double_eq_tol(r.level[2], 3.0 / 4, 1e-9);
	ck_assert_double_eq_tol(r.asa_s, (15.0 + 16 + 30) / 3, 1e-9);
	ck_assert_double_eq_tol(r.aht_s, (85.0 + 84 + 70) / 3 + 10, 1e-9);
}
END_TEST

START_TEST(nothing_happened_is_no_division)
{
	struct report r;

	report_make(sw, 0, &r);
	ck_assert_uint_eq(r.calls, 0);
	ck_assert(r.asa_s >= 0 && r.level[0] >= 0);
	ck_assert(report_balances(&r));
}
END_TEST

START_TEST(the_json_says_the_same)
{
	char path[4096];
	struct report r;
	json_t *o;

	happened(100, 110, 200, CAUSE(NORMAL));
	happened(100, 0, 101, CAUSE(NORMAL));
	report_make(sw, 2, &r);
	snprintf(path, sizeof(path), "%s/report.json", test_dir());
	ck_ok(report_json(&r, path));
	ck_assert_ptr_nonnull(o = json_load_file(path, 0, NULL));
	ck_assert_int_eq(json_integer_value(json_object_get(o, "calls")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "tickets")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(
			     json_object_get(o, "balance"), "short")),
	    1);
	ck_assert(json_is_true(json_object_get(o, "balances")));
	json_decref(o);
	ck_err(report_json(&r, "/no/such/place"), ERR_IO);
}
END_TEST

START_TEST(the_last_line_is_the_summary)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct report r;

	happened(100, 110, 200, CAUSE(NORMAL));
	happened(100, 0, 101, CAUSE(NORMAL));
	happened(100, 0, 150, CAUSE(NORMAL));
	report_make(sw, 2, &r);
	report_summary(&r, out);
	fclose(out);
	ck_assert_str_eq(text, "summary: calls=3 answered=1 abandoned=2 "
			       "tickets=2 uncommitted=0\n");
	free(text);
}
END_TEST

Suite *
report_suite(void)
{
	TCase *tc = tcase_create("report");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_call_is_in_one_place);
	tcase_add_test(tc, levels_leave_the_short_ones_out);
	tcase_add_test(tc, nothing_happened_is_no_division);
	tcase_add_test(tc, the_json_says_the_same);
	tcase_add_test(tc, the_last_line_is_the_summary);
	return suite_of(tc, "report");
}
