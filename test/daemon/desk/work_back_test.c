/*
 * work_back_test.c - callbacks at the desk where the customer is called first:
 * PostgreSQL's word, the switch, then the line of all calls.
 */
#include "test/support/desk_bed.h"

#include <stdio.h>
#include <string.h>

#include "store/ledger.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

Suite *work_back_suite(void);

#define CALLER "+8613812345678"
#define OP "0123456789abcdef0123456789abcdef"
#define RULE "callback customer_first retries 3 every 10m expires 8h"

static void
up(void)
{
	static const struct bed_house house = {
		.queues = "1|q||20000000|30000000|0|t|5000000\n"
			  "2|p||20000000|30000000|0|f|5000000",
		.agents = "1|a1|One|f|1||||1|1\n2|a2|Two|f|1||||2|1\n"
			  "3|a3|Three|f|1,2||||3|0",
		.devices = "801|1\n802|1\n803|1\n",
		.numbers = "4001||1\n4002||2",
	};

	bed_open(&house);
	bed_rules("q", RULE);
	fake_ledger_card(
	    bench.ledger, LQ_WORK_TAKE, "done|2|1|1|" CALLER "|" OP);
	fake_ledger_card(
	    bench.ledger, LQ_DIAL, "done|1|" CALLER "|95519|1||0|0");
}

/* A caller waits so long and wants to be called back. */
static void
gone(const char *call, const char *number, int64_t after)
{
	struct call_event ev = bed_an_event(call, 1, CALL_EV_QUEUED, "");

	ev.caller = str_of(number);
	bed_say(ev);
	bed_until(bench.now + after);
	ev = bed_an_event(call, 2, CALL_EV_CALL_CLEARED, "");
	ev.caller = str_of(number);
	ev.cause = CAUSE_CALLED_BACK;
	bed_say(ev);
}

/* Of the call that the order has made; no number of this house is shown. */
static void
back(uint32_t seq, enum call_event_kind kind, const char *device,
    enum cause cause)
{
	struct call_event ev = bed_an_event("back", seq, kind, device);

	ev.called = STR_LIT("95519");
	ev.relation = RELATION_CALLBACK;
	ev.order_id = kind == CALL_EV_OFFERED || kind == CALL_EV_FAILED ||
	                      kind == CALL_EV_QUEUED
	                  ? bench.order
	                  : 0;
	ev.cause = cause;
	bed_say(ev);
}

static void
agent_1_is_ready(void)
{
	bed_log_in(1, "801", AGENT_STATE_READY);
}

static void
is_called_back(void)
{
	gone("c", "13812345678", 30 * S);
	agent_1_is_ready();
	ck_told("1=not_ready(log_in) 1=ready call_back:>" CALLER " ");
	bed_result(ERR_OK);
}

/* Taken for nobody, dialled by nobody, the agent is not reserved. */
START_TEST(the_customer_is_called)
{
	is_called_back();
	ck_assert_ptr_nonnull(strstr(
	    fake_ledger_args(bench.ledger, LQ_WORK_TAKE), "|0|0|system|"));
	ck_assert_ptr_nonnull(strstr(fake_ledger_args(bench.ledger, LQ_DIAL),
	    OP "|1|" CALLER "|callback|0|system|"));
	bed_event("d", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved ");
}
END_TEST

/* By the last offer that the ledger was given. */
static void
ck_offered(const char *call)
{
	const struct offer_row *r = fake_ledger_row(bench.ledger, ROW_OFFER,
	    fake_ledger_n(bench.ledger, ROW_OFFER) - 1);
	struct id id = bed_id_of(call);

	ck_assert(id_eq(&r->call_id, &id));
}

/* Who answers is before those who came after the call that they once made. */
START_TEST(who_answers_has_the_old_place)
{
	struct call_event ev;

	is_called_back();
	back(1, CALL_EV_OFFERED, "", CAUSE_NONE);
	bed_event("d", 1, CALL_EV_QUEUED, "");
	ev = bed_an_event("e", 1, CALL_EV_QUEUED, "");
	ev.caller = STR_LIT("13800000009");
	bed_say(ev);
	(void)bed_page(); /* d is offered to agent 1 */
	bed_until(bench.now + S / 10);
	back(2, CALL_EV_QUEUED, "", CAUSE_NONE);
	ck_told("");
	bed_log_in(2, "802", AGENT_STATE_READY);
	ck_told("2=not_ready(log_in) 2=ready offer:2/q 2=reserved ");
	ck_offered("back");
	back(3, CALL_EV_DELIVERED, "802", CAUSE_NONE);
	back(4, CALL_EV_ESTABLISHED, "802", CAUSE_NONE);
	ck_assert_ptr_nonnull(strstr(bed_page(), "2=busy"));
	/* It is in hand until the call is over. */
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_WORK_OUTCOME), 0);
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME, "done|3|done|1|");
	back(5, CALL_EV_CALL_CLEARED, "", CAUSE_NORMAL);
	bed_until(bench.now + 1);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_WORK_OUTCOME), 1);
}
END_TEST

/* Busy: back to its place in ten minutes, and then the customer first again. */
START_TEST(not_reached_they_are_called_again)
{
	int64_t again = bench.now + 700 * S;
	char card[80];

	is_called_back();
	back(1, CALL_EV_OFFERED, "", CAUSE_NONE);
	back(2, CALL_EV_FAILED, "", CAUSE_BUSY);
	snprintf(card, sizeof(card), "done|3|waiting|1|%lld", (long long)again);
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME, card);
	back(3, CALL_EV_CALL_CLEARED, "", CAUSE_BUSY);
	bed_until(again - 1);
	ck_told("");
	fake_ledger_card(
	    bench.ledger, LQ_WORK_TAKE, "done|4|2|1|" CALLER "|" OP);
	bed_until(again);
	ck_told("call_back:>" CALLER " ");
}
END_TEST

/* Two wait to be called, one agent is ready: one is called. */
START_TEST(no_more_than_agents_are_ready)
{
	gone("c", "13812345678", 30 * S);
	gone("d", "13800000009", 30 * S);
	agent_1_is_ready();
	ck_told("1=not_ready(log_in) 1=ready call_back:>" CALLER " ");
	bed_result(ERR_OK);
	bed_until(bench.now + 6 * S);
	ck_told("");
	fake_ledger_card(bench.ledger, LQ_WORK_TAKE,
	    "done|2|1|2|+8613800000009|0123456789abcdef0123456789abcdee");
	fake_ledger_card(
	    bench.ledger, LQ_DIAL, "done|1|+8613800000009|95519|1||0|0");
	bed_log_in(2, "802", AGENT_STATE_READY);
	bed_until(bench.now + 5 * S);
	ck_told("2=not_ready(log_in) 2=ready call_back:>+8613800000009 ");
}
END_TEST

/* What keeps them from being called; nobody is the worse for it. */
START_TEST(they_may_not_be_called)
{
	fake_ledger_card(
	    bench.ledger, LQ_DIAL, "do_not_call|0|" CALLER "|||no|0|0");
	fake_ledger_card(bench.ledger, LQ_WORK_OUTCOME, "done|3|failed|1|");
	gone("c", "13812345678", 30 * S);
	agent_1_is_ready();
	bed_until(bench.now + 1);
	ck_told("1=not_ready(log_in) 1=ready ");
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(bench.ledger, LQ_WORK_OUTCOME),
		"|1|do_not_call|0|"));
	bed_event("d", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q 1=reserved ");
}
END_TEST

/* The switch cannot: as ever, the agent is asked first. */
START_TEST(a_switch_that_cannot)
{
	desk_switch_describe(bench.sw, ALL & ~ORDER_BIT(ORDER_CALL_BACK),
	    STR_LIT("test"), bench.now);
	gone("c", "13812345678", 30 * S);
	agent_1_is_ready();
	ck_told("1=not_ready(log_in) 1=ready offer:1/q/callback 1=reserved ");
}
END_TEST

START_TEST(postgresql_is_away)
{
	gone("c", "13812345678", 30 * S);
	fake_ledger_away(bench.ledger, true);
	agent_1_is_ready();
	(void)bed_page();
	fake_ledger_away(bench.ledger, false);
	bed_until(bench.now + 5 * S);
	ck_told("call_back:>" CALLER " ");
}
END_TEST

/* They give up while they wait for an agent: they have not been reached. */
START_TEST(they_hang_up_in_the_queue)
{
	is_called_back();
	back(1, CALL_EV_OFFERED, "", CAUSE_NONE);
	bed_event("d", 1, CALL_EV_QUEUED, "");
	back(2, CALL_EV_QUEUED, "", CAUSE_NONE);
	back(3, CALL_EV_CALL_CLEARED, "", CAUSE_NORMAL);
	bed_until(bench.now + 1);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_WORK_OUTCOME), 1);
	/* And no item comes of that call. */
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_WORK), 1);
}
END_TEST

Suite *
work_back_suite(void)
{
	TCase *tc = tcase_create("work_back");
	const TTest *const tests[] = { the_customer_is_called,
		who_answers_has_the_old_place,
		not_reached_they_are_called_again,
		no_more_than_agents_are_ready, they_may_not_be_called,
		a_switch_that_cannot, postgresql_is_away,
		they_hang_up_in_the_queue };

	tcase_add_checked_fixture(tc, up, bed_down);
	for (size_t i = 0; i < NELEM(tests); i++)
		tcase_add_test(tc, tests[i]);
	return suite_of(tc, "work_back");
}
