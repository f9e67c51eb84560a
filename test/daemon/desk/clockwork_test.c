/*
 * clockwork_test.c - the clockwork's own work: what it asks, what it gives, how
 * far it lets time go; the ledger answers from cards.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "desk/clockwork.h"
#include "store/ledger.h"
#include "test/support/fake_ledger.h"

#define S INT64_C(1000000)
#define T0 INT64_C(1700000000000000)
#define T0_TEXT "1700000000000000"
#define POLICY                                                           \
	"1|std|sla target=first_response:calendar goal=600000000"        \
	" rung=50 notify=owner rung=100 notify=owner,supervisor raise=1" \
	" target=resolution:calendar goal=3600000000"
/* A ticket opened at T0, evaluated so often. */
#define OPENED(ticket, eval) \
	ticket "|" eval "|1|" T0_TEXT "|opened|f|new||||||||||"
/* An event of another kind, before and after its time. */
#define EVENT(ticket, eval, seq, at, kind) \
	"\n" ticket "|" eval "|" seq "|" at "|" kind "|f|||||||||||"
/* As stored after an evaluation at T0. */
#define FIRST_RESPONSE(generation, stage, due)                              \
	"5|first_response|sla||1|" generation "|1|std||" stage "||" T0_TEXT \
	"||600000000|" due "|"
#define RESOLUTION                                         \
	"\n5|resolution|sla||1|1|1|std||running||" T0_TEXT \
	"||3600000000|1700003600000000|"
#define TOLD(kind, generation, percent) \
	"5|first_response|sla||1|" generation "|" kind "|" percent

static struct ledger *l;
static struct clockwork *w;
static unsigned n_notices;
static struct clock_notice notice;

static void
on_notice(void *arg, const struct clock_notice *n)
{
	(void)arg;
	notice = *n;
	n_notices++;
}

static struct str
agent_name(void *arg, uint32_t agent)
{
	(void)arg;
	return agent == 7 ? STR_LIT("w\"a\\n\ng") : STR_LIT("");
}

static void
setup(void)
{
	struct clockwork_options o = {
		.node = "a", .notice = on_notice, .agent = agent_name
	};

	ck_assert_int_ge(sodium_init(), 0);
	o.ledger = l = fake_ledger_new(NULL);
	ck_ok(clockwork_new(&o, &w));
	n_notices = 0;
}

static void
teardown(void)
{
	fake_ledger_free(&l);
	clockwork_free(&w);
}

static void
up(int64_t now)
{
	fake_ledger_once(l, LQ_SLA_REVISIONS, "1|1600000000000000|new|admin");
	fake_ledger_once(l, LQ_SLA_POLICIES, POLICY);
	clockwork_up(w, now);
	fake_ledger_run(l);
}

/* These marks are there, with that behind them. */
static void
marked(const char *marks, const char *history)
{
	fake_ledger_once(l, LQ_SLA_TODO, marks);
	fake_ledger_once(l, LQ_SLA_HISTORY, history);
}

static void
changed(int64_t now)
{
	clockwork_changed(w, now);
	fake_ledger_run(l);
}

static struct clockwork_stats
stats(void)
{
	struct clockwork_stats s;

	clockwork_stats(w, &s);
	return s;
}

static unsigned
looks(void)
{
	return fake_ledger_asked(l, LQ_SLA_TODO);
}

#define ROW(kind, type, i) ((const struct type *)fake_ledger_row(l, kind, i))
#define TICKET(i) ROW(ROW_SLA_TICKET, sla_ticket_row, i)
#define CLOCK(i) ROW(ROW_SLA_CLOCK, sla_clock_row, i)
#define FIRED(i) ROW(ROW_SLA_EVENT, sla_event_row, i)

/* ------------------------------------------------------------------- looking */

START_TEST(without_policies_it_costs_nothing)
{
	unsigned before;

	clockwork_up(w, T0);
	fake_ledger_run(l);
	before = looks();
	for (int i = 0; i < 1000; i++) {
		clockwork_given(w, T0 + i, i % 2 == 0);
		ck_assert_int_eq(clockwork_horizon(w), INT64_MAX);
		clockwork_committed(w, T0 + i);
		fake_ledger_run(l);
	}
	clockwork_tick(w, T0 + S);
	ck_assert_uint_eq(looks(), before);
	ck_assert_int_eq(clockwork_next_at(w), INT64_MAX);
	/* But a promise needs none. */
	changed(T0 + S);
	ck_assert_uint_eq(looks(), before + 1);
	clockwork_sweep(w, T0 + S);
	fake_ledger_run(l);
	ck_assert_uint_eq(looks(), before + 2);
}
END_TEST

START_TEST(one_page_is_under_way)
{
	unsigned before;

	up(T0);
	fake_ledger_hold(l, true);
	marked("1|5\n2|5\n3|6", OPENED("5", "0") "\n" OPENED("6", "4"));
	changed(T0 + S);
	ck_assert_uint_eq(fake_ledger_waiting(l), 1);
	before = looks();
	for (int i = 0; i < 3; i++)
		changed(T0 + 2 * S);
	ck_assert_uint_eq(looks(), before);
	ck_assert_str_eq(fake_ledger_args(l, LQ_SLA_HISTORY), "{5,6}");
	fake_ledger_hold(l, false);
	fake_ledger_run(l);
	ck_assert_uint_gt(looks(), before);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 2);
	ck_assert_uint_eq(TICKET(0)->eval, 1);
	ck_assert_uint_eq(TICKET(0)->as_of, 1);
	ck_assert_int_eq(TICKET(0)->next_at, T0 + 300 * S);
	ck_assert(TICKET(0)->open);
	ck_assert_uint_eq(TICKET(1)->eval, 5);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_CLOCK), 4);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_EVENT), 0);
	/* Both marks of the one and that of the other. */
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_DONE), 3);
	ck_assert_uint_eq(ROW(ROW_SLA_DONE, sla_done_row, 2)->todo, 3);
	ck_assert_int_eq(clockwork_next_at(w), T0 + 300 * S);
}
END_TEST

START_TEST(time_waits_for_the_clocks)
{
	up(T0);
	ck_assert_int_eq(clockwork_horizon(w), INT64_MAX);
	clockwork_given(w, T0 + S, false);
	/* Half of ten minutes is the first that can be reached. */
	ck_assert_int_eq(clockwork_horizon(w), T0 + 301 * S);
	clockwork_given(w, T0 + 2 * S, true);
	ck_assert_int_eq(clockwork_horizon(w), T0 + 2 * S);
	clockwork_committed(w, T0 + 3 * S);
	fake_ledger_run(l);
	/* The second is not committed: a look may not have seen it. */
	ck_assert_int_eq(clockwork_horizon(w), T0 + 2 * S);
	clockwork_committed(w, T0 + 3 * S);
	ck_assert_int_eq(clockwork_horizon(w), T0 + 2 * S);
	fake_ledger_run(l);
	ck_assert_int_eq(clockwork_horizon(w), INT64_MAX);
	clockwork_changed(w, T0 + 4 * S);
	ck_assert_int_eq(clockwork_horizon(w), T0 + 4 * S);
	clockwork_lost(w);
	ck_assert_int_eq(clockwork_horizon(w), INT64_MAX);
}
END_TEST

/* What is committed while a page is under way is seen by the look after it;
 * there may be no other for a while. */
START_TEST(time_does_not_wait_for_a_look_that_nobody_takes)
{
	up(T0);
	marked("1|5", OPENED("5", "0"));
	fake_ledger_hold(l, true);
	clockwork_given(w, T0 + S, true);
	clockwork_committed(w, T0 + S);
	fake_ledger_run(l);
	clockwork_given(w, T0 + 2 * S, true);
	clockwork_committed(w, T0 + 2 * S);
	ck_assert_int_eq(clockwork_horizon(w), T0 + S);
	fake_ledger_hold(l, false);
	fake_ledger_run(l);
	ck_assert_int_eq(clockwork_horizon(w), INT64_MAX);
}
END_TEST

START_TEST(what_is_due_holds_time_until_it_is_written)
{
	char due[128];
	struct id writer;

	up(T0);
	marked("1|5", OPENED("5", "0"));
	changed(T0 + S);
	writer = TICKET(0)->writer;
	ck_assert_int_eq(clockwork_next_at(w), T0 + 300 * S);
	snprintf(due, sizeof(due), "5|1700000300000000|%s",
	    id_text(&writer, (char[ID_TEXT_LEN + 1]){ 0 }));
	fake_ledger_once(l, LQ_SLA_DUE, due);
	fake_ledger_once(l, LQ_SLA_HISTORY, OPENED("5", "1"));
	fake_ledger_once(l, LQ_SLA_CLOCKS,
	    FIRST_RESPONSE("1", "running", "1700000600000000") RESOLUTION);
	fake_ledger_hold(l, true);
	clockwork_tick(w, T0 + 300 * S);
	ck_assert_int_eq(clockwork_next_at(w), T0 + 600 * S); /* to learn */
	fake_ledger_run(l);
	ck_assert_int_eq(clockwork_horizon(w), T0 + 300 * S);
	fake_ledger_hold(l, false);
	fake_ledger_run(l);
	ck_assert_int_eq(clockwork_horizon(w), INT64_MAX);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_EVENT), 1);
	ck_assert_str_eq(FIRED(0)->kind, "threshold");
	ck_assert_uint_eq(FIRED(0)->percent, 50);
	ck_assert_int_eq(FIRED(0)->at, T0 + 300 * S);
	ck_assert_int_eq(FIRED(0)->detected_at, T0 + 300 * S);
	/* Neither clock differs but in what it has counted. */
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_CLOCK), 2);
	ck_assert_uint_eq(n_notices, 1);
	ck_assert_uint_eq(notice.notify, NOTIFY_OWNER);
	ck_assert_int_eq(stats().lateness_us, 0);
}
END_TEST

START_TEST(others_go_first_with_what_they_have_written)
{
	static const char due[] = "5|1700000300000000|"
				  "00112233445566778899aabbccddeeff";

	up(T0);
	fake_ledger_card(l, LQ_SLA_DUE, due);
	clockwork_sweep(w, T0 + 100 * S);
	fake_ledger_run(l);
	ck_assert_int_eq(clockwork_next_at(w), T0 + 300 * S);
	clockwork_tick(w, T0 + 300 * S);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_HISTORY), 0);
	ck_assert_int_eq(clockwork_next_at(w), T0 + 301 * S);
	fake_ledger_card(l, LQ_SLA_DUE, NULL);
	fake_ledger_once(l, LQ_SLA_DUE, due);
	clockwork_tick(w, T0 + 301 * S);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_HISTORY), 1);
}
END_TEST

START_TEST(others_marks_are_taken_after_two_sweeps)
{
	up(T0);
	fake_ledger_card(l, LQ_SLA_TODO_LAST, "41");
	for (int i = 0; i < 3; i++) {
		ck_assert_str_eq(fake_ledger_args(l, LQ_SLA_TODO), "a|0|500");
		clockwork_sweep(w, T0 + i * S);
		fake_ledger_run(l);
	}
	clockwork_sweep(w, T0 + 3 * S);
	fake_ledger_run(l);
	ck_assert_str_eq(fake_ledger_args(l, LQ_SLA_TODO), "a|41|500");
}
END_TEST

/* ---------------------------------------------------------------- misfortune */

START_TEST(a_bad_ticket_neither_spins_nor_blocks)
{
	unsigned asked;

	up(T0);
	/* 5 was revised by what nobody knows; its mark stays. */
	fake_ledger_card(l, LQ_SLA_TODO, "1|5");
	fake_ledger_once(l, LQ_SLA_TODO, "1|5\n2|6");
	fake_ledger_card(l, LQ_SLA_HISTORY,
	    OPENED("5", "0") EVENT("5", "0", "2", T0_TEXT, "revised_forward"));
	fake_ledger_once(l, LQ_SLA_HISTORY,
	    OPENED("5", "0") EVENT("5", "0", "2", T0_TEXT,
		"revised_forward") "\n" OPENED("6", "0"));
	changed(T0 + S);
	asked = fake_ledger_asked(l, LQ_SLA_HISTORY);
	ck_assert_uint_eq(asked, 1);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 1);
	ck_assert_uint_eq(TICKET(0)->ticket_id, 6);
	ck_assert_int_eq(clockwork_horizon(w), INT64_MAX);
	for (int i = 0; i < 59; i++) {
		clockwork_sweep(w, T0 + 2 * S);
		fake_ledger_run(l);
	}
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_HISTORY), asked);
	/* Those that are left alone are read over. */
	ck_assert_str_eq(fake_ledger_args(l, LQ_SLA_TODO), "a|0|501");
	clockwork_sweep(w, T0 + 2 * S);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_HISTORY), asked + 1);
}
END_TEST

START_TEST(what_the_ledger_will_not_take_is_found_out)
{
	up(T0);
	fake_ledger_fail(l, 1, ERR_QUARANTINED);
	marked("1|5\n2|6", OPENED("5", "0") "\n" OPENED("6", "0"));
	marked("1|5\n2|6", OPENED("5", "0") "\n" OPENED("6", "0"));
	fake_ledger_hold(l, true);
	changed(T0 + S);
	fake_ledger_hold(l, false);
	fake_ledger_run(l);
	/* Then each was in a unit of its own. */
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 2);
	fake_ledger_fail(l, 1, ERR_QUARANTINED);
	fake_ledger_card(l, LQ_SLA_TODO, "3|5");
	fake_ledger_card(l, LQ_SLA_HISTORY, OPENED("5", "1"));
	changed(T0 + S);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 2);
	ck_assert_uint_eq(stats().written, 2);
}
END_TEST

START_TEST(an_evaluation_that_never_stands_is_given_up)
{
	up(T0);
	fake_ledger_card(l, LQ_SLA_TODO, "1|5");
	fake_ledger_card(l, LQ_SLA_HISTORY, OPENED("5", "3"));
	changed(T0 + S);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 8);
	ck_assert_uint_eq(stats().lost_races, 0);
}
END_TEST

START_TEST(a_lost_race_is_noticed)
{
	up(T0);
	marked("1|5", OPENED("5", "3"));
	marked("1|5", OPENED("5", "4"));
	changed(T0 + S);
	ck_assert_uint_eq(stats().lost_races, 1);
	ck_assert_uint_eq(TICKET(1)->eval, 5);
}
END_TEST

START_TEST(away_it_stops_and_goes_on_afterwards)
{
	up(T0);
	fake_ledger_once(l, LQ_SLA_TODO, "1|5");
	fake_ledger_trouble(l, LQ_SLA_HISTORY, 1, ERR_IO);
	clockwork_changed(w, T0 + S);
	clockwork_lost(w);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 0);
	ck_assert_int_eq(clockwork_next_at(w), INT64_MAX);
	marked("1|5", OPENED("5", "0"));
	clockwork_up(w, T0 + 2 * S);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 1);
}
END_TEST

START_TEST(a_revision_that_does_not_parse_is_left_out)
{
	up(T0);
	fake_ledger_once(l, LQ_SLA_REVISIONS, "2|1600000001000000|new|admin");
	fake_ledger_once(l, LQ_SLA_POLICIES, "2|std|nonsense");
	clockwork_sweep(w, T0);
	fake_ledger_run(l);
	ck_assert_uint_eq(stats().revision, 1);
	clockwork_sweep(w, T0);
	fake_ledger_run(l);
	ck_assert_str_eq(fake_ledger_args(l, LQ_SLA_REVISIONS), "2");
}
END_TEST

/* ---------------------------------------------------------------- what differs */

/* Evaluated late, at a time of its own. */
static void
evaluate(
    int64_t now, const char *history, const char *clocks, const char *events)
{
	up(T0);
	marked("1|5", history);
	fake_ledger_once(l, LQ_SLA_CLOCKS, clocks);
	fake_ledger_once(l, LQ_SLA_EVENTS, events);
	changed(now);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 1);
}

START_TEST(a_rung_is_told_once)
{
	evaluate(T0 + 601 * S, OPENED("5", "1"),
	    FIRST_RESPONSE("1", "running", "1700000600000000") RESOLUTION,
	    TOLD("threshold", "1", "50"));
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_EVENT), 1);
	ck_assert_str_eq(FIRED(0)->kind, "breach");
	ck_assert_uint_eq(FIRED(0)->generation, 1);
	ck_assert_uint_eq(FIRED(0)->raise, 1);
	ck_assert(str_eq(FIRED(0)->notify, STR_LIT("owner,supervisor")));
	ck_assert_int_eq(FIRED(0)->at, T0 + 600 * S);
	ck_assert_int_eq(FIRED(0)->detected_at, T0 + 601 * S);
	ck_assert_int_eq(CLOCK(0)->breached_at, T0 + 600 * S);
	ck_assert_int_eq(stats().lateness_us, S);
}
END_TEST

START_TEST(what_is_no_longer_true_is_taken_back)
{
	evaluate(T0 + 601 * S,
	    OPENED("5", "1")
		EVENT("5", "1", "2", "1700000400000000", "answered"),
	    FIRST_RESPONSE("3", "running", "1700000600000000") RESOLUTION,
	    TOLD("threshold", "1", "50") "\n" TOLD("breach", "2", "100"));
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_EVENT), 1);
	ck_assert_str_eq(FIRED(0)->kind, "breach_retracted");
	ck_assert_uint_eq(FIRED(0)->generation, 4);
	ck_assert_uint_eq(FIRED(0)->raise, 0);
	ck_assert_uint_eq(CLOCK(0)->generation, 4);
	ck_assert_str_eq(CLOCK(0)->outcome, "met");
	ck_assert(notice.retracted);
	ck_assert_uint_eq(stats().retracted, 1);
}
END_TEST

START_TEST(taken_back_it_may_be_told_again)
{
	evaluate(T0 + 301 * S, OPENED("5", "1"),
	    FIRST_RESPONSE("2", "running", "1700000600000000") RESOLUTION,
	    TOLD("threshold", "1", "50") "\n" TOLD(
		"threshold_retracted", "2", "50"));
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_EVENT), 1);
	ck_assert_str_eq(FIRED(0)->kind, "threshold");
	ck_assert_uint_eq(FIRED(0)->generation, 2);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_CLOCK), 0);
}
END_TEST

START_TEST(what_is_due_elsewhere_has_a_new_generation)
{
	evaluate(T0 + S, OPENED("5", "1"),
	    FIRST_RESPONSE("1", "running", "1700000500000000") RESOLUTION, "");
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_CLOCK), 1);
	ck_assert_uint_eq(CLOCK(0)->generation, 2);
	ck_assert_int_eq(CLOCK(0)->due_at, T0 + 600 * S);
}
END_TEST

START_TEST(a_clock_that_is_gone_is_cancelled)
{
	static const char gone[] =
	    "5|callback|sla||1|4|1|std||running||" T0_TEXT
	    "||60000000|1700000060000000|\n";
	char clocks[512];

	snprintf(clocks, sizeof(clocks), "%s%s%s", gone,
	    FIRST_RESPONSE("1", "running", "1700000600000000"), RESOLUTION);
	evaluate(T0 + 61 * S, OPENED("5", "1"), clocks,
	    "5|callback|sla||1|4|breach|100");
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_CLOCK), 1);
	ck_assert_str_eq(CLOCK(0)->metric, "callback");
	ck_assert_str_eq(CLOCK(0)->stage, "cancelled");
	ck_assert_str_eq(CLOCK(0)->outcome, "excluded");
	ck_assert_uint_eq(CLOCK(0)->generation, 5);
	ck_assert_str_eq(FIRED(0)->kind, "breach_retracted");
}
END_TEST

START_TEST(for_a_ticket_time_does_not_go_back)
{
	evaluate(T0 + S,
	    "5|1|1|" T0_TEXT "|opened|f|new||||||||||1700000301000000",
	    FIRST_RESPONSE("1", "running", "1700000600000000") RESOLUTION,
	    TOLD("threshold", "1", "50"));
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_EVENT), 0);
	ck_assert_int_eq(TICKET(0)->evaluated_at, T0 + 301 * S);
}
END_TEST

/* Its history says more than has come to pass. */
START_TEST(what_is_yet_to_come_is_looked_at_then)
{
	evaluate(T0 + S,
	    OPENED("5", "1")
		EVENT("5", "1", "2", "1700000009000000", "answered"),
	    "", "");
	ck_assert_int_eq(TICKET(0)->next_at, T0 + 9 * S);
	ck_assert_uint_eq(TICKET(0)->as_of, 2);
	ck_assert_str_eq(CLOCK(0)->stage, "running");
}
END_TEST

START_TEST(who_held_it_is_told_by_name)
{
	evaluate(T0 + 30 * S,
	    OPENED("5",
		"1") "\n5|1|2|1700000010000000|assigned|f||7|||||||||"
		     "\n5|1|3|1700000020000000|assigned|f||8|se\\c||||||||",
	    "", "");
	ck_assert_msg(
	    str_eq(TICKET(0)->shares,
		STR_LIT(
		    "[{\"holder\":\"group\",\"us\":10000000},"
		    "{\"holder\":\"agent\",\"name\":\"w\\\"a\\\\n\\u000ag\","
		    "\"us\":10000000},"
		    "{\"holder\":\"agent\",\"id\":8,\"us\":10000000}]")),
	    "%.*s", STR_ARG(TICKET(0)->shares));
}
END_TEST

/* ------------------------------------------------------------ waits and jobs */

START_TEST(a_waits_end_is_written_first)
{
	static const char paused[] = OPENED(
	    "5", "1") "\n5|1|2|1700000010000000|pended|f|pending_customer||||||"
		      "1700000060000000||||";

	up(T0);
	marked("1|5", paused);
	fake_ledger_once(l, LQ_TICKET_CHANGE, "done|3|in_progress|");
	changed(T0 + 61 * S);
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_TICKET_CHANGE), 1);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 0);
	ck_assert_ptr_nonnull(strstr(fake_ledger_args(l, LQ_TICKET_CHANGE),
	    "|5|2|{pending_customer,pending_third_party,scheduled}|resumed|"
	    "1700000060000000|system||f|in_progress||"));
	/* Where it cannot be, the evaluation goes on. */
	marked("1|5", paused);
	fake_ledger_once(l, LQ_TICKET_CHANGE, "refused|2|closed|");
	changed(T0 + 61 * S);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 1);
}
END_TEST

START_TEST(a_job_goes_on_between_pages)
{
	up(T0);
	fake_ledger_once(l, LQ_SLA_JOB, "1|500|700|f");
	fake_ledger_once(l, LQ_SLA_JOB, "1|700|700|t");
	fake_ledger_once(l, LQ_SLA_TODO, NULL);
	marked("1|5", OPENED("5", "0"));
	marked("2|6", OPENED("6", "0"));
	clockwork_sweep(w, T0);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_n(l, ROW_SLA_TICKET), 2);
	/* At the start, twice here, and once in vain. */
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_JOB), 4);
}
END_TEST

START_TEST(chances_are_learned)
{
	fake_ledger_card(l, LQ_SLA_WORK,
	    "|100|{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
	    "3600000000,7200000000}");
	up(T0);
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_WORK), 1);
	marked("1|5", OPENED("5", "0"));
	changed(T0 + S);
	ck_assert_uint_gt(TICKET(0)->risk, 0);
	clockwork_tick(w, T0 + 599 * S);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_WORK), 1);
	clockwork_tick(w, T0 + 600 * S);
	fake_ledger_run(l);
	ck_assert_uint_eq(fake_ledger_asked(l, LQ_SLA_WORK), 2);
}
END_TEST

/* -------------------------------------------------------------------- people */

static enum err answered;
static unsigned n_clocks;

static void
on_answer(void *arg, enum err e, const struct clock_answer *a)
{
	(void)arg;
	answered = e;
	if (e != ERR_OK)
		return;
	n_clocks = a->result->n_clocks;
	ck_assert_uint_eq(a->revision->id, 1);
	ck_assert_int_eq(a->now, T0 + S);
	ck_assert_int_eq(a->risk[0], -1);
}

START_TEST(somebody_asks)
{
	up(T0);
	fake_ledger_once(l, LQ_SLA_HISTORY, OPENED("5", "0"));
	ck_ok(clockwork_ask(w, 5, T0 + S, true, on_answer, NULL));
	fake_ledger_run(l);
	ck_ok(answered);
	ck_assert_uint_eq(n_clocks, 2);
	ck_ok(clockwork_ask(w, 9, T0 + S, true, on_answer, NULL));
	fake_ledger_run(l);
	ck_err(answered, ERR_NOT_FOUND);
	fake_ledger_away(l, true);
	ck_err(clockwork_ask(w, 5, T0, false, on_answer, NULL), ERR_IO);
}
END_TEST

static struct clock_preview seen;
static unsigned n_told;
static bool ended;

static void
on_preview(void *arg, enum err e, const struct clock_preview *p, bool end)
{
	(void)arg;
	ck_ok(e);
	seen = *p;
	n_told++;
	ended = end;
}

static enum err
preview(enum sla_apply_to apply_to)
{
	const struct sla_target target = { .metric = SLA_FIRST_RESPONSE,
		.type = TARGET_CALENDAR,
		.goal_us = 60 * S };
	const struct sla_policy policy = {
		.name = STR_LIT("strict"), .n_targets = 1, .targets = &target
	};
	const struct sla_revision r = { .id = 2,
		.at = T0 + 100 * S,
		.n_policies = 1,
		.policies = &policy };

	fake_ledger_once(l, LQ_SLA_OPEN, "1");
	fake_ledger_once(l, LQ_SLA_OPEN, "5");
	fake_ledger_once(l, LQ_SLA_HISTORY, OPENED("5", "1"));
	return clockwork_preview(
	    w, &r, apply_to, T0 + 100 * S, on_preview, on_preview);
}

START_TEST(a_revision_is_tried_out)
{
	up(T0);
	ck_ok(preview(APPLY_RETROACTIVE));
	fake_ledger_run(l);
	ck_assert(ended);
	ck_assert_uint_eq(seen.total, 1);
	ck_assert_uint_eq(seen.done, 1);
	ck_assert_uint_eq(seen.clocks, 2);
	ck_assert_uint_eq(seen.breached, 1);
	ck_assert_uint_eq(seen.earlier, 1);
	ck_assert_uint_eq(seen.dropped, 1);
	ck_assert_uint_eq(seen.later + seen.added + seen.unbreached, 0);
	ck_ok(preview(APPLY_NEW));
	fake_ledger_run(l);
	ck_assert_uint_eq(seen.clocks, 2);
	ck_assert_uint_eq(seen.breached + seen.earlier + seen.dropped, 0);
	n_told = 0;
	ck_ok(preview(APPLY_FORWARD));
	clockwork_preview_forget(w, on_preview);
	fake_ledger_run(l);
	ck_assert_uint_eq(n_told, 0);
}
END_TEST

Suite *
clockwork_suite(void)
{
	TCase *tc = tcase_create("clockwork");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, without_policies_it_costs_nothing);
	tcase_add_test(tc, one_page_is_under_way);
	tcase_add_test(tc, time_waits_for_the_clocks);
	tcase_add_test(tc, time_does_not_wait_for_a_look_that_nobody_takes);
	tcase_add_test(tc, what_is_due_holds_time_until_it_is_written);
	tcase_add_test(tc, others_go_first_with_what_they_have_written);
	tcase_add_test(tc, others_marks_are_taken_after_two_sweeps);
	tcase_add_test(tc, a_bad_ticket_neither_spins_nor_blocks);
	tcase_add_test(tc, what_the_ledger_will_not_take_is_found_out);
	tcase_add_test(tc, an_evaluation_that_never_stands_is_given_up);
	tcase_add_test(tc, a_lost_race_is_noticed);
	tcase_add_test(tc, away_it_stops_and_goes_on_afterwards);
	tcase_add_test(tc, a_revision_that_does_not_parse_is_left_out);
	tcase_add_test(tc, a_rung_is_told_once);
	tcase_add_test(tc, what_is_no_longer_true_is_taken_back);
	tcase_add_test(tc, taken_back_it_may_be_told_again);
	tcase_add_test(tc, what_is_due_elsewhere_has_a_new_generation);
	tcase_add_test(tc, a_clock_that_is_gone_is_cancelled);
	tcase_add_test(tc, for_a_ticket_time_does_not_go_back);
	tcase_add_test(tc, what_is_yet_to_come_is_looked_at_then);
	tcase_add_test(tc, who_held_it_is_told_by_name);
	tcase_add_test(tc, a_waits_end_is_written_first);
	tcase_add_test(tc, a_job_goes_on_between_pages);
	tcase_add_test(tc, chances_are_learned);
	tcase_add_test(tc, somebody_asks);
	tcase_add_test(tc, a_revision_is_tried_out);
	return suite_of(tc, "clockwork");
}
