/*
 * decision_test.c - what the ledger is given of a call's way.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

static struct queue *
queue(const char *name)
{
	struct queue *q = queue_by_name(bench.desk, str_of(name));

	ck_assert_ptr_nonnull(q);
	return q;
}

/* The texts of all rows of a kind, those that are empty left out. */
static const char *
texts(enum row_kind kind, size_t offset)
{
	static char out[4096];

	out[0] = '\0';
	for (unsigned i = 0; i < fake_ledger_n(bench.ledger, kind); i++) {
		const char *row = fake_ledger_row(bench.ledger, kind, i);
		const struct str *s =
		    (const struct str *)(const void *)(row + offset);
		size_t n = strlen(out);

		if (s->len > 0)
			snprintf(
			    out + n, sizeof(out) - n, "%.*s ", STR_ARG(*s));
	}
	return out;
}
#define PLACES texts(ROW_CALL, offsetof(struct call_row, placed))
#define OFFERS texts(ROW_OFFER, offsetof(struct offer_row, why))

/* "kind detail" of all decisions. */
static const char *
decisions(void)
{
	static char out[4096];
	uint64_t last = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < fake_ledger_n(bench.ledger, ROW_DECISION);
	     i++) {
		const struct decision_row *r =
		    fake_ledger_row(bench.ledger, ROW_DECISION, i);
		size_t n = strlen(out);

		ck_assert_uint_gt(r->seq, last);
		last = r->seq;
		snprintf(out + n, sizeof(out) - n, "%s %.*s ", r->kind,
		    STR_ARG(r->detail));
	}
	return out;
}

/* T for times, as they are what they are. */
static const char *
timeless(const char *s)
{
	static char out[4096];
	char *p = out;

	while (*s != '\0' && p < out + sizeof(out) - 1) {
		size_t n = strspn(s, "0123456789");

		if (n > 9) {
			*p++ = 'T';
			s += n;
		} else {
			*p++ = *s++;
		}
	}
	*p = '\0';
	return out;
}
#define ck_rows(got, want) ck_assert_str_eq(timeless(got), want)

START_TEST(an_ordinary_call_costs_no_row)
{
	struct call_event ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");

	queue("q")->priority_credit_us = 20 * S;
	ev.priority = 3;
	bed_say(ev);
	bed_event("c", 2, CALL_EV_CALL_CLEARED, "");
	ck_rows(
	    PLACES, "{\"q\":1,\"since\":T,\"c\":{\"priority 3\":60000000}} ");
	ck_rows(OFFERS, "{\"st\":\"longest_idle\",\"sc\":T,\"r\":1,\"l\":1} ");
	ck_rows(decisions(), "");
}
END_TEST

/* Its own row was written before it had a place: somebody may ask why it
 * waits while nobody is free. */
START_TEST(who_waited_for_the_facts_has_a_place_at_once)
{
	struct desk_action a = bed_by(1);

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("tea")));
	bed_rules("q", "first owner 30s");
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_rows(PLACES, "");
	ck_rows(decisions(), "enqueued {\"q\":1,\"since\":T} ");
}
END_TEST

START_TEST(whom_it_waited_for_and_then_for_everybody)
{
	struct desk_action a = bed_by(1);

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("tea")));
	bed_rules("q", "first owner 30s");
	fake_ledger_card(bench.ledger, LQ_CALLER_FACTS, "|0|1|1000|0|0|f||||");
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_rows(decisions(), "enqueued {\"q\":1,\"a\":1,\"since\":T,"
			     "\"rule\":\"first owner 30s\"} ");
	bed_until(bench.now + 31 * S);
	ck_rows(decisions(), "enqueued {\"q\":1,\"a\":1,\"since\":T,"
			     "\"rule\":\"first owner 30s\"} "
			     "everybody {\"q\":1,\"since\":T} ");
}
END_TEST

START_TEST(a_place_names_the_line)
{
	struct queue *q = queue("q");

	q->line.tier = 2;
	q->line.n_skills = 2;
	q->line.skills[0] = (struct acd_skill){ 4, 3 };
	q->line.skills[1] = (struct acd_skill){ 7, 10 };
	q->line.n_neighbours = 1;
	q->line.neighbours[0] = 2;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_rows(PLACES, "{\"q\":1,\"t\":2,\"n\":[2],\"s\":{\"4\":3,\"7\":10},"
			"\"since\":T} ");
}
END_TEST

START_TEST(a_move_is_a_row_with_who_and_from_where)
{
	struct desk_action a = bed_by(1);

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("tea")));
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ASK(0, "c", REQUEUE, .queue = STR_LIT("p"));
	ck_rows(decisions(),
	    "moved {\"q\":2,\"since\":T,\"f\":1,\"by\":\"boss\"} ");
	ck_rows(OFFERS, "{\"st\":\"longest_idle\",\"sc\":T,\"r\":1,\"l\":1} ");
}
END_TEST

/* More than there is room for: some of it is left out, and what is there is
 * still an object. */
START_TEST(too_much_to_tell_is_cut)
{
	static char words[RULES_WORDS_MAX][NAME_MAX_LEN + 1];
	struct call_event ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");
	struct queue *q = queue("q");
	const char *said;
	int depth = 0;

	q->rules.n_words = RULES_WORDS_MAX;
	for (unsigned i = 0; i < RULES_WORDS_MAX; i++) {
		memset(words[i], '"', 20);
		q->rules.words[i].word = str_of(words[i]);
		q->rules.words[i].us = S + i;
	}
	q->line.n_skills = ACD_MAX_SKILLS;
	for (unsigned i = 0; i < ACD_MAX_SKILLS; i++)
		q->line.skills[i] = (struct acd_skill){ 4000000000 + i, 10 };
	ev.menu = STR_LIT("\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
	bed_say(ev);
	said = PLACES;
	ck_assert_uint_gt(strlen(said), 1000);
	ck_assert_uint_le(strlen(said), DECISION_ROOM);
	for (const char *p = said; *p != '\0'; p++) {
		p += *p == '\\' ? 1 : 0;
		depth += (*p == '{') - (*p == '}');
	}
	ck_assert_int_eq(depth, 0);
}
END_TEST

START_TEST(a_relaxation_names_its_rule)
{
	struct queue *q = queue("q");
	struct desk_action a = bed_by(1);

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("tea")));
	q->rules.n_relax = 2;
	q->rules.relax[0] =
	    (struct relax){ .after_us = 30 * S, .kind = RELAX_TIER, .n = 2 };
	q->rules.relax[1] = (struct relax){
		.after_us = 60 * S, .kind = RELAX_QUEUE, .name = STR_LIT("p")
	};
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_rows(PLACES, "{\"q\":1,\"t\":1,\"since\":T} ");
	desk_tick(bench.desk, bench.now += 30 * S);
	bed_run();
	ck_rows(decisions(), "relaxed {\"q\":1,\"t\":2,\"since\":T,\"rule\":"
			     "\"relax 30s tier 2\"} ");
	desk_tick(bench.desk, bench.now += 30 * S);
	bed_run();
	ck_assert_ptr_nonnull(strstr(decisions(), "\"n\":[2]"));
	ck_assert_ptr_nonnull(strstr(decisions(), "\"relax 1m queue p\""));
	/* And agent 2 is let in by it. */
	ck_rows(OFFERS,
	    "{\"st\":\"longest_idle\",\"sc\":T,\"r\":1,\"l\":1,\"via\":2} ");
}
END_TEST

START_TEST(a_queue_that_sends_on_says_why)
{
	struct desk_action a = bed_by(1);
	struct queue *q = queue("q");

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("tea")));
	q->rules.max_wait_us = 60 * S;
	q->rules.after_max_wait =
	    (struct rule_then){ ACTION_QUEUE, STR_LIT("p") };
	bed_event("c", 1, CALL_EV_QUEUED, "");
	desk_tick(bench.desk, bench.now += 60 * S);
	bed_run();
	ck_rows(decisions(), "overflowed {\"q\":2,\"since\":T,\"f\":1,"
			     "\"rule\":\"max_wait 1m\"} ");
}
END_TEST

START_TEST(who_is_turned_away_at_the_door)
{
	gate_set_door(bench.desk, queue("q"), QUEUE_DRAINING);
	queue("q")->rules.closed =
	    (struct rule_then){ .action = ACTION_REFUSE };
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_rows(decisions(), "refused {\"f\":1,\"rule\":\"door draining\"} ");
}
END_TEST

START_TEST(a_number_that_leads_nowhere_is_told)
{
	struct call_event ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");

	ev.called = STR_LIT("4\"9\\");
	bed_say(ev);
	ck_rows(decisions(), "no_queue {\"rule\":\"4\\\"9\\\\\"} ");
}
END_TEST

START_TEST(a_decision_raises_the_version)
{
	struct desk_action a = bed_by(1);
	struct id id = bed_id_of("c");
	uint64_t first;

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("tea")));
	bed_event("c", 1, CALL_EV_QUEUED, "");
	first = decision_version(bench.desk, call_find(bench.desk, &id));
	ASK(0, "c", REQUEUE, .queue = STR_LIT("p")); /* and is offered */
	ck_assert_uint_eq(
	    decision_version(bench.desk, call_find(bench.desk, &id)),
	    first + 2);
}
END_TEST

Suite *decision_suite(void);

Suite *
decision_suite(void)
{
	TCase *tc = tcase_create("decision");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_test(tc, an_ordinary_call_costs_no_row);
	tcase_add_test(tc, who_waited_for_the_facts_has_a_place_at_once);
	tcase_add_test(tc, whom_it_waited_for_and_then_for_everybody);
	tcase_add_test(tc, a_place_names_the_line);
	tcase_add_test(tc, a_move_is_a_row_with_who_and_from_where);
	tcase_add_test(tc, too_much_to_tell_is_cut);
	tcase_add_test(tc, a_relaxation_names_its_rule);
	tcase_add_test(tc, a_queue_that_sends_on_says_why);
	tcase_add_test(tc, who_is_turned_away_at_the_door);
	tcase_add_test(tc, a_number_that_leads_nowhere_is_told);
	tcase_add_test(tc, a_decision_raises_the_version);
	return suite_of(tc, "decision");
}
