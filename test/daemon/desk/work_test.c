/*
 * work_test.c - work without a live call at the desk: in the lines of calls,
 * PostgreSQL's word first (here: cards), then the phone.
 */
#include "test/support/desk_bed.h"

#include <stdio.h>
#include <string.h>

#include "store/ledger.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

Suite *work_suite(void);

#define CALLER "+8613812345678"
#define OP "0123456789abcdef0123456789abcdef"
#define TAKEN "done|2|1|1|" CALLER "|" OP
#define DIALLED "done|1|" CALLER "|95519|1||0|0"
#define TICKET_ID "00000000000000000000000000000077"
/* Queue q: agents 1 and 2, one item at a time each, agent 3 none at all; p:
 * agent 3. */
static void
up(void)
{
	static const struct bed_house house = {
		.queues = "1|q||20000000|30000000|0|t|5000000\n"
			  "2|p||20000000|30000000|0|f|5000000",
		.agents = "1|a1|One|f|1||||1|1\n2|a2|Two|f|1||||2|1\n"
			  "3|a3|Three|f|1,2||||3|0",
		.devices = "801|1\n802|1\n803|1\n900|1\n700|2",
		.numbers = "4001||1\n4002||2",
	};

	bed_open(&house);
	fake_ledger_card(bench.ledger, LQ_WORK_TAKE, TAKEN);
	fake_ledger_card(bench.ledger, LQ_DIAL, DIALLED);
}

static void
here(uint32_t agent, const char *device)
{
	bed_log_in(agent, device, AGENT_STATE_READY);
	(void)bed_page();
}

/* A caller, from the menu on, who waits until `at' and goes. */
static void
gone(const char *call, int64_t after, enum cause cause)
{
	struct call_event ev;

	bed_event(call, 1, CALL_EV_QUEUED, "");
	bed_until(bench.now + after);
	ev = bed_an_event(call, 2, CALL_EV_CALL_CLEARED, "");
	ev.cause = cause;
	bed_say(ev);
}

/* What the ledger was given: "callback +86 site 1". */
static const char *
left(unsigned i)
{
	static char line[128];
	const struct work_row *r = fake_ledger_row(bench.ledger, ROW_WORK, i);

	if (r == NULL)
		return "";
	snprintf(line, sizeof(line), "%s %.*s site %u queue %u of %u", r->kind,
	    STR_ARG(r->e164), r->site, r->queue_id, r->max_attempts);
	return line;
}

static void
shown(uint32_t agent)
{
	struct desk_action a = bed_by(agent);

	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	bed_run();
}

static enum err
accept(uint32_t agent)
{
	struct desk_action a = bed_by(agent);
	enum err e = desk_offer_accept(bench.desk, &a, bench.offer);

	bed_run();
	return e;
}

static void
refuse(uint32_t agent)
{
	struct desk_action a = bed_by(agent);

	ck_ok(desk_offer_refuse(
	    bench.desk, &a, bench.offer, STR_LIT("lunch")));
	bed_run();
}

static void
sweep(void)
{
	desk_sweep(bench.desk, bench.now);
	bed_run();
}

/* ---------------------------------------------------- what calls leave behind */

/* clang-format off */
static const struct {
	int64_t wait;
	enum cause cause;
	const char *rules, *want;
} ends[] = {
	{ 30 * S, CAUSE_CALLED_BACK, "",
	  "callback " CALLER " site 1 queue 1 of 4" },
	{ 30 * S, CAUSE_CALLED_BACK, "callback agent_first retries 1 every 10m"
	  " expires 8h", "callback " CALLER " site 1 queue 1 of 2" },
	{ 60 * S, CAUSE_NORMAL, "", "" },
	{ 59 * S, CAUSE_NORMAL, "follow_up_abandoned 1m", "" },
	{ 60 * S, CAUSE_NORMAL, "follow_up_abandoned 1m",
	  "follow_up " CALLER " site 0 queue 1 of 4" },
	/* Sent away is not given up. */
	{ 60 * S, CAUSE_TIMED_OUT, "follow_up_abandoned 1m", "" },
	{ 60 * S, CAUSE_OVERFLOW, "follow_up_abandoned 1m", "" },
	{ 60 * S, CAUSE_WITHDRAWN, "follow_up_abandoned 1m", "" },
};
/* clang-format on */

START_TEST(a_call_leaves_behind)
{
	bed_rules("q", ends[_i].rules);
	gone("c", ends[_i].wait, ends[_i].cause);
	ck_assert_str_eq(left(0), ends[_i].want);
	ck_assert_uint_le(fake_ledger_n(bench.ledger, ROW_WORK), 1);
}
END_TEST

START_TEST(who_was_answered_leaves_nothing)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_event("c", 2, CALL_EV_DELIVERED, "803");
	bed_event("c", 3, CALL_EV_ESTABLISHED, "803");
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	ck_assert_str_eq(left(0), "");
}
END_TEST

START_TEST(one_number_one_item)
{
	bed_rules("q", "follow_up_abandoned 1m");
	gone("c", 60 * S, CAUSE_NORMAL);
	gone("d", 60 * S, CAUSE_NORMAL);
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_WORK), 1);
	/* Who wants to be called back is not also followed up. */
	gone("e", 10 * S, CAUSE_CALLED_BACK);
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_WORK), 2);
	ck_assert_str_eq(left(1), "callback " CALLER " site 1 queue 1 of 4");
	here(1, "801");
	ck_assert_uint_eq(bench.offered_to, 1);
	refuse(1);
	ck_told("1=ready refused:1 ");
}
END_TEST

/* ---------------------------------------------------------------- in its line */

START_TEST(it_is_offered_at_the_calls_old_place)
{
	bed_event("a", 1, CALL_EV_QUEUED, "");
	bed_until(bench.now + 10 * S);
	{
		struct call_event ev =
		    bed_an_event("b", 1, CALL_EV_QUEUED, "");

		ev.caller = STR_LIT("13800000009");
		bed_say(ev);
	}
	bed_until(bench.now + 10 * S);
	{
		struct call_event ev =
		    bed_an_event("a", 2, CALL_EV_CALL_CLEARED, "");

		ev.cause = CAUSE_CALLED_BACK;
		bed_say(ev);
	}
	/* Before b, who came later and still waits. */
	bed_log_in(1, "801", AGENT_STATE_READY);
	ck_told("1=not_ready(log_in) 1=ready offer:1/q/callback 1=reserved ");
	bed_log_in(2, "802", AGENT_STATE_READY);
	ck_told("2=not_ready(log_in) 2=ready offer:2/q 2=reserved ");
}
END_TEST

START_TEST(who_takes_no_work_is_not_offered_it)
{
	gone("c", S, CAUSE_CALLED_BACK);
	here(3, "803");
	ck_assert_uint_eq(bench.offered_to, 0);
	here(1, "801");
	ck_assert_uint_eq(bench.offered_to, 1);
}
END_TEST

/* Nobody else wants it: who has refused is asked again after the queue's time,
 * a minute unless it says another. */
START_TEST(who_refused_is_asked_again)
{
	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	refuse(1);
	ck_told("1=ready refused:1 ");
	bed_until(bench.now + 60 * S - 1);
	ck_told("");
	bed_until(bench.now + 1);
	ck_told("offer:1/q/callback 1=reserved ");
}
END_TEST

START_TEST(not_shown_it_goes_to_the_next)
{
	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	here(2, "802");
	bed_until(bench.now + S / 2);
	ck_told("1=not_ready(not_delivered) not_delivered:1"
		" offer:2/q/callback 2=reserved ");
	shown(2);
	bed_until(bench.now + 20 * S);
	ck_told("2=ready no_answer:2 ");
}
END_TEST

/* -------------------------------------------------------------------- taken */

/* Committed first, dialled then: not a moment before. */
START_TEST(a_callback_is_dialled)
{
	struct desk_action a;
	struct call_event ev;

	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	shown(1);
	a = bed_by(1);
	ck_ok(desk_offer_accept(bench.desk, &a, bench.offer));
	ck_told(""); /* accepted is what is decided */
	bed_run();
	ck_told("accepted:1 callback_taken:1 1=busy(dialling)"
		" make_call:/801>" CALLER " ");
	/* The taking's operation is the dial's: sent again it is the same. */
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(bench.ledger, LQ_DIAL), OP "|1|" CALLER "|callback|"));
	bed_result(ERR_OK);
	ev = bed_an_event("out", 1, CALL_EV_DELIVERED, "801");
	ev.order_id = bench.order;
	ev.relation = RELATION_CALLBACK;
	bed_say(ev);
	ev = bed_an_event("out", 2, CALL_EV_ESTABLISHED, "801");
	bed_say(ev);
	(void)bed_page();
	/* It is in hand until the call is over; then the ledger says what it
	 * was. */
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_WORK_OUTCOME), 0);
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME, "done|3|done|1|");
	bed_event("out", 3, CALL_EV_CALL_CLEARED, "");
	bed_until(bench.now + 1);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_WORK_OUTCOME), 1);
	ck_assert_ptr_nonnull(strstr(bed_page(), "callback_done:1 "));
	/* The leg is offered to nobody. */
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_OFFER), 2);
}
END_TEST

/* Busy: back to its place in ten minutes, and to anybody. */
START_TEST(not_reached_it_is_tried_again)
{
	struct call_event ev;
	int64_t again = bench.now + 600 * S;
	char card[80];

	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	shown(1);
	ck_ok(accept(1));
	bed_result(ERR_OK);
	ev = bed_an_event("out", 1, CALL_EV_DELIVERED, "801");
	ev.order_id = bench.order;
	bed_say(ev);
	snprintf(card, sizeof(card), "done|3|waiting|1|%lld",
	    (long long)again);
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME, card);
	ev = bed_an_event("out", 2, CALL_EV_CALL_CLEARED, "");
	ev.cause = CAUSE_BUSY;
	bed_say(ev);
	bed_until(bench.now + 1);
	ck_assert_ptr_nonnull(strstr(bed_page(), "callback_waiting:1 "));
	here(2, "802");
	bed_until(again - 1);
	ck_assert_ptr_null(strstr(bed_page(), "offer:"));
	fake_ledger_card(bench.ledger, LQ_WORK_TAKE,
	    "done|4|2|1|" CALLER "|" OP);
	bed_until(again);
	ck_assert_ptr_nonnull(strstr(bed_page(), "/q/callback"));
	shown(bench.offered_to);
	ck_ok(accept(bench.offered_to));
	/* By its count: the second taking. */
	ck_assert_ptr_nonnull(strstr(
	    fake_ledger_args(bench.ledger, LQ_WORK_TAKE), "|1|"));
}
END_TEST

START_TEST(another_was_faster)
{
	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	shown(1);
	fake_ledger_card(bench.ledger, LQ_WORK_TAKE, "gone|2|1|1||");
	ck_ok(accept(1));
	ck_told("1=ready rescinded:1 ");
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_DIAL), 0);
	/* It is forgotten here; and then all is asked for again. */
	bed_until(bench.now + 300 * S);
	ck_told("");
	sweep();
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(bench.ledger, LQ_WORK_HOLD), "|t|t|500"));
}
END_TEST

START_TEST(postgresql_is_away)
{
	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	shown(1);
	fake_ledger_away(bench.ledger, true);
	ck_err(accept(1), ERR_IO);
	ck_told("");
	fake_ledger_away(bench.ledger, false);
	/* Lost while it decides: nobody knows whether it is taken. */
	fake_ledger_trouble(bench.ledger, LQ_WORK_TAKE, 1, ERR_IO);
	ck_ok(accept(1));
	ck_told("1=ready rescinded:1 ");
}
END_TEST

/* The rules of dialling, the phone: nobody is called, and the agent is free. */
START_TEST(it_cannot_be_dialled)
{
	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	shown(1);
	fake_ledger_card(
	    bench.ledger, LQ_DIAL, "do_not_call|0|" CALLER "|||no|0|0");
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME, "done|3|failed|1|");
	ck_ok(accept(1));
	bed_until(bench.now + 1);
	ck_told("accepted:1 callback_taken:1 1=busy(dialling) 1=ready"
		" callback_failed:1 ");
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(bench.ledger, LQ_WORK_OUTCOME),
		"|1|do_not_call|0|"));
}
END_TEST

START_TEST(nobody_dials_without_a_switch)
{
	gone("c", S, CAUSE_CALLED_BACK);
	here(1, "801");
	shown(1);
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME,
	    "done|3|waiting|1|1790000100000000");
	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	ck_ok(accept(1));
	bed_until(bench.now + 1);
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(bench.ledger, LQ_WORK_OUTCOME),
		"|1|not_connected|0|"));
	ck_told("accepted:1 callback_taken:1 1=ready callback_waiting:1 ");
}
END_TEST

/* Who calls again and is talked to need not be called. */
START_TEST(answered_meanwhile)
{
	gone("c", S, CAUSE_CALLED_BACK);
	bed_event("d", 1, CALL_EV_QUEUED, "");
	bed_event("d", 2, CALL_EV_DELIVERED, "803");
	bed_event("d", 3, CALL_EV_ESTABLISHED, "803");
	here(1, "801");
	ck_assert_uint_eq(bench.offered_to, 0);
}
END_TEST

START_TEST(its_time_is_over)
{
	bed_rules("q", "callback agent_first retries 1 every 10m expires 1h");
	gone("c", S, CAUSE_CALLED_BACK);
	fake_ledger_card(bench.ledger, LQ_WORK_CLOSE, "done|2|expired");
	bed_until(bench.now + 3600 * S);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_WORK_CLOSE), 1);
	here(1, "801");
	ck_assert_uint_eq(bench.offered_to, 0);
}
END_TEST

/* ------------------------------------------------------------------ tickets */

static void
a_ticket(const char *state, const char *agent, const char *rev)
{
	static char card[256];

	snprintf(card, sizeof(card),
	    TICKET_ID "|ticket|42||1|0||1790000000000000|0|0|||0|%s|%s|%s|"
		      "the heating is cold",
	    state, agent, rev);
	fake_ledger_card(bench.ledger, LQ_WORK_HOLD, "");
	fake_ledger_once(bench.ledger, LQ_WORK_HOLD, card);
	sweep();
}

/* Its owner, one in hand, goes on taking calls. */
START_TEST(a_ticket_is_offered_and_owned)
{
	here(1, "801");
	a_ticket("waiting", "", "2");
	ck_told("offer:1/q/ticket 1=reserved ");
	shown(1);
	fake_ledger_card(
	    bench.ledger, LQ_WORK_TAKE, "done|3|1|42||" OP);
	ck_ok(accept(1));
	ck_told("accepted:1 ticket_taken:1 1=ready ");
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_DIAL), 0);
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved ");
}
END_TEST

static struct id
the_item(void)
{
	struct id id;

	ck_assert(id_parse(STR_LIT(TICKET_ID), &id));
	return id;
}

static void
told_done(void *arg, enum err e)
{
	*(enum err *)arg = e;
}

static enum err
done_with(uint32_t agent, const char *card)
{
	struct desk_action a = bed_by(agent);
	struct id id = the_item();
	enum err e = ERR_TIMEOUT;

	fake_ledger_card(bench.ledger, LQ_WORK_CLOSE, card);
	ck_ok(desk_work_done(bench.desk, &a, &id, told_done, &e));
	bed_run();
	return e;
}

/* One at a time: the next comes when the first is done. */
START_TEST(one_in_hand)
{
	here(1, "801");
	a_ticket("waiting", "", "2");
	shown(1);
	fake_ledger_card(bench.ledger, LQ_WORK_TAKE, "done|3|1|42||" OP);
	ck_ok(accept(1));
	gone("c", 1, CAUSE_CALLED_BACK);
	(void)bed_page();
	ck_err(done_with(1, "not_yours|3|taken"), ERR_FORBIDDEN);
	ck_err(done_with(1, "missing|0|"), ERR_NOT_FOUND);
	ck_err(done_with(1, "refused|3|taken"), ERR_REFUSED);
	ck_told("");
	ck_ok(done_with(1, "done|4|done"));
	ck_told("ticket_done:1 offer:1/q/callback 1=reserved ");
}
END_TEST

/* The ticket was solved, closed, given to somebody else. */
START_TEST(the_ledger_says_that_it_is_over)
{
	here(1, "801");
	a_ticket("waiting", "", "2");
	shown(1);
	fake_ledger_card(bench.ledger, LQ_WORK_TAKE, "done|3|1|42||" OP);
	ck_ok(accept(1));
	(void)bed_page();
	a_ticket("done", "1", "4");
	ck_told("ticket_done:1 ");
	/* What it has heard it says. */
	sweep();
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(bench.ledger, LQ_WORK_HOLD),
		"{\"" TICKET_ID "\"}|{\"4\"}|"));
}
END_TEST

START_TEST(withdrawn_while_it_is_offered)
{
	here(1, "801");
	a_ticket("waiting", "", "2");
	shown(1);
	(void)bed_page();
	a_ticket("cancelled", "", "3");
	ck_told("1=ready rescinded:1 ");
	ck_err(accept(1), ERR_OFFER_GONE);
}
END_TEST

/* Started anew, with one in the agent's hand. */
START_TEST(in_hand_after_a_restart)
{
	here(1, "801");
	a_ticket("taken", "1", "3");
	ck_told("ticket_taken:1 ");
	gone("c", 1, CAUSE_CALLED_BACK);
	/* A call, but no work: one at a time. */
	ck_told("offer:1/q 1=reserved 1=ready caller_gone:1 ");
	here(2, "802");
	ck_assert_uint_eq(bench.offered_to, 2);
}
END_TEST

/* A taken callback of an earlier process: what has become of its call? */
START_TEST(a_callback_taken_by_an_earlier_process)
{
	static const char card[] =
	    "00000000000000000000000000000078|callback|42|"
	    "00000000000000000000000000000009|1|1|" CALLER
	    "|1790000000000000|7|0|||1|taken|1|2|";

	here(1, "801");
	fake_ledger_once(bench.ledger, LQ_WORK_HOLD, card);
	fake_ledger_once(bench.ledger, LQ_WORK_OUTCOME, "open|2|taken|1|");
	sweep();
	bed_until(bench.now + 1);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_WORK_OUTCOME), 1);
	ck_told("callback_taken:1 ");
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME,
	    "done|3|waiting|1|0");
	bed_until(bench.now + 10 * S);
	ck_told("callback_waiting:1 offer:1/q/callback 1=reserved ");
}
END_TEST

/* ----------------------------------------------------------- the ACD is lost */

START_TEST(told_again_to_another_acd)
{
	gone("c", S, CAUSE_CALLED_BACK);
	desk_acd_lost(bench.desk, bench.now);
	bed_run();
	here(1, "801");
	ck_assert_uint_eq(bench.offered_to, 1);
	shown(1);
	desk_acd_lost(bench.desk, bench.now);
	bed_run();
	(void)bed_page();
	/* The offer goes on between desk and agent. */
	ck_ok(accept(1));
	ck_assert_ptr_nonnull(strstr(bed_page(), "accepted:1 callback_taken:1"));
}
END_TEST

Suite *
work_suite(void)
{
	TCase *tc = tcase_create("work");

	tcase_add_checked_fixture(tc, up, bed_down);
	tcase_add_loop_test(tc, a_call_leaves_behind, 0, NELEM(ends));
	tcase_add_test(tc, who_was_answered_leaves_nothing);
	tcase_add_test(tc, one_number_one_item);
	tcase_add_test(tc, it_is_offered_at_the_calls_old_place);
	tcase_add_test(tc, who_takes_no_work_is_not_offered_it);
	tcase_add_test(tc, who_refused_is_asked_again);
	tcase_add_test(tc, not_shown_it_goes_to_the_next);
	tcase_add_test(tc, a_callback_is_dialled);
	tcase_add_test(tc, not_reached_it_is_tried_again);
	tcase_add_test(tc, another_was_faster);
	tcase_add_test(tc, postgresql_is_away);
	tcase_add_test(tc, it_cannot_be_dialled);
	tcase_add_test(tc, nobody_dials_without_a_switch);
	tcase_add_test(tc, answered_meanwhile);
	tcase_add_test(tc, its_time_is_over);
	tcase_add_test(tc, a_ticket_is_offered_and_owned);
	tcase_add_test(tc, one_in_hand);
	tcase_add_test(tc, the_ledger_says_that_it_is_over);
	tcase_add_test(tc, withdrawn_while_it_is_offered);
	tcase_add_test(tc, in_hand_after_a_restart);
	tcase_add_test(tc, a_callback_taken_by_an_earlier_process);
	tcase_add_test(tc, told_again_to_another_acd);
	return suite_of(tc, "work");
}
