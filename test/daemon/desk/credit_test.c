/*
 * credit_test.c - head starts: each term as its line in the manual says, and
 * that who came with none keeps the place among those like it.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

static const struct bed_house house = {
	.skills = "",
	.queues = "1|q||20000000|0|90000000|t|5000000|",
	.agents = "1|a1|One|f|1|||||",
	.devices = "801|1",
	.numbers = "4001||1",
};

static void
setup(void)
{
	bed_open(&house);
}

static const struct call *
call_named(const char *name)
{
	struct id id = bed_id_of(name);

	return call_find(bench.desk, &id);
}

/* clang-format off */
static const struct {
	const char *rules;
	uint32_t priority;
	const char *menu, *fault, *grade;
	bool breached;
	int last_call; /* hours ago, 0: never */
	const char *terms; /* name=s, each */
} rows[] = {
	{ "", 0, "1", "", "A", true, 1, "" },
	{ "", 2, "1", "", "", false, 0, "priority 2=180 " },
	{ "credit grade A 60s", 0, "1", "", "A", false, 0, "grade A=60 " },
	{ "credit grade A 60s", 0, "1", "", "B", false, 0, "" },
	{ "credit grade A 60s", 0, "1", "", "F", false, 0, "" }, /* no grade */
	{ "credit grade A 60s\ncredit grade B 30s", 0, "1", "", "B", false, 0,
	  "grade B=30 " },
	{ "credit breached 2m", 0, "1", "", "", true, 0, "breached ticket=120 " },
	{ "credit breached 2m", 0, "1", "", "", false, 0, "" },
	{ "credit repeat 45s", 0, "1", "", "", false, 23, "repeat call=45 " },
	{ "credit repeat 45s", 0, "1", "", "", false, 25, "" },
	{ "credit word gas 10m", 0, "repair.gas", "", "", false, 0,
	  "word gas=600 " },
	{ "credit word gas 10m", 0, "1", "I smell GAS here", "", false, 0,
	  "word gas=600 " },
	{ "credit word gas 10m", 0, "1", "gap", "", false, 0, "" },
	{ "credit word \xe7\x87\x83\xe6\xb0\x94 10m", 0, "1",
	  "\xe5\xae\xb6\xe9\x87\x8c\xe7\x87\x83\xe6\xb0\x94\xe6\xbc\x8f", "", false,
	  0, "word \xe7\x87\x83\xe6\xb0\x94=600 " },
	{ "credit grade A 60s\ncredit breached 2m\ncredit repeat 45s\n"
	  "credit word gas 10m\ncredit word leak 5m", 1, "gas leak", "", "A",
	  true, 1, "priority 1=90 grade A=60 breached ticket=120 "
	  "repeat call=45 word gas=600 word leak=300 " },
};
/* clang-format on */

static char card[256];

static void
know(const char *grade, bool breached, int hours)
{
	long long last = (long long)(bench.now - hours * 3600 * S);

	snprintf(card, sizeof(card), "%s||||||%s|%lld|||", grade,
	    breached ? "t" : "f", hours != 0 ? last : 0);
	fake_ledger_card(bench.ledger, LQ_CALLER_FACTS, card);
}

static const char *
terms_of(const struct call *c)
{
	static char out[2560];
	struct credit_term terms[CREDIT_TERMS_MAX];
	unsigned n = credit_terms(bench.desk, c, terms);
	int64_t sum = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		size_t len = strlen(out);

		snprintf(out + len, sizeof(out) - len, "%s=%lld ",
		    terms[i].name, (long long)(terms[i].us / S));
		sum += terms[i].us;
	}
	ck_assert_int_eq(credit_of(bench.desk, c), sum);
	return out;
}

START_TEST(each_term_is_as_configured)
{
	const struct pair data[] = { { STR_LIT("fault"),
	    str_of(rows[_i].fault) } };
	struct call_event ev;

	bed_rules("q", rows[_i].rules);
	know(rows[_i].grade, rows[_i].breached, rows[_i].last_call);
	ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");
	ev.priority = rows[_i].priority;
	ev.menu = str_of(rows[_i].menu);
	ev.pairs = data;
	ev.n_pairs = 1;
	bed_say(ev);
	ck_assert_str_eq(terms_of(call_named("c")), rows[_i].terms);
	ck_assert_int_eq(call_named("c")->stand.score,
	    bench.now - credit_of(bench.desk, call_named("c")));
}
END_TEST

/* The grade's 60 s against who came before. */
START_TEST(credit_is_worth_its_time_and_no_more)
{
	static const struct {
		int later; /* s */
		bool first;
	} cases[] = { { 59, true }, { 61, false } };

	bed_rules("q", "credit grade A 60s");
	bed_event("c", 1, CALL_EV_QUEUED, "");
	know("A", false, 0);
	bench.now += cases[_i].later * S;
	bed_event("e", 1, CALL_EV_QUEUED, "");
	bed_log_in(1, "801", AGENT_STATE_READY);
	ck_assert_ptr_ne(
	    call_named(cases[_i].first ? "e" : "c")->offers, NULL);
}
END_TEST

/* Not in the answer's order but in theirs: equal credit, equal order. */
START_TEST(like_calls_keep_their_order)
{
	bed_rules("q", "credit grade A 60s");
	know("A", false, 0);
	for (unsigned i = 0; i < 20; i++) {
		char name[4];

		snprintf(name, sizeof(name), "c%u", i);
		bench.now += i % 3 == 0 ? 0 : S;
		bed_event(name, 1, CALL_EV_QUEUED, "");
	}
	bed_log_in(1, "801", AGENT_STATE_READY);
	for (unsigned i = 0; i < 20; i++) {
		char name[4];

		snprintf(name, sizeof(name), "c%u", i);
		ck_assert_ptr_ne(call_named(name)->offers, NULL);
		bed_event(name, 2, CALL_EV_CALL_CLEARED, "");
	}
}
END_TEST

START_TEST(a_late_fact_moves_the_call)
{
	struct call_event ev;
	int64_t at;

	bed_rules("q", "credit grade A 60s");
	bed_event("c", 1, CALL_EV_QUEUED, "");
	know("A", false, 0);
	at = bench.now += 10 * S;
	ev = bed_an_event("e", 1, CALL_EV_QUEUED, "");
	ck_ok(desk_call_event(bench.sw, &ev, bench.now));
	ck_assert_int_eq(call_named("e")->stand.score, at); /* waits */
	bed_run();
	ck_assert_int_eq(call_named("e")->stand.score, at - 60 * S);
	bed_log_in(1, "801", AGENT_STATE_READY);
	ck_assert_ptr_ne(call_named("e")->offers, NULL);
}
END_TEST

START_TEST(a_changed_credit_acts_on_who_waits)
{
	know("A", false, 0);
	bed_rules("q", "credit grade A 60s");
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_rules("q", "credit grade A 30s");
	ck_assert_int_eq(
	    call_named("c")->stand.score, bench.now - 30 * S);
}
END_TEST

/* Whatever a switch says. */
START_TEST(priorities_out_of_all_bounds_are_bounded)
{
	static const struct {
		uint32_t priority;
		int64_t each;
	} cases[] = { { UINT32_MAX, INT64_MAX }, { 1, INT64_MAX },
		{ UINT32_MAX, 90 * S } };
	struct call_event ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");

	ev.priority = cases[_i].priority;
	queue_by_name(bench.desk, STR_LIT("q"))->priority_credit_us =
	    cases[_i].each;
	bed_say(ev);
	ck_assert_int_eq(
	    credit_of(bench.desk, call_named("c")), ACD_SCORE_MAX);
	ck_assert_int_ge(call_named("c")->stand.score, -ACD_SCORE_MAX);
}
END_TEST

Suite *credit_suite(void);

Suite *
credit_suite(void)
{
	TCase *tc = tcase_create("credit");

	tcase_add_checked_fixture(tc, setup, bed_down);
	tcase_add_loop_test(tc, each_term_is_as_configured, 0, NELEM(rows));
	tcase_add_loop_test(tc, credit_is_worth_its_time_and_no_more, 0, 2);
	tcase_add_test(tc, like_calls_keep_their_order);
	tcase_add_test(tc, a_late_fact_moves_the_call);
	tcase_add_test(tc, a_changed_credit_acts_on_who_waits);
	tcase_add_loop_test(
	    tc, priorities_out_of_all_bounds_are_bounded, 0, 3);
	return suite_of(tc, "credit");
}
