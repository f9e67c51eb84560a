/*
 * desk_test.c - the desk alone: time by hand, a ledger and an ACD in memory,
 * and everything it tells written down as one line of words.
 */
#include "test/support/support.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "desk/desk.h"
#include "desk/words.h"
#include "store/acd.h"
#include "store/ledger.h"
#include "test/support/fake_ledger.h"

#define S INT64_C(1000000)
#define NOON (INT64_C(1790000000) * S)

static struct desk *d;
static struct ledger *ledger;
static struct acd *local, *remote;
static struct desk_switch *sw;
static int64_t now;
static uint64_t stream, version, offer_id, last_order, committed;
static struct id call_id;
static char told[4096];

/* ---- what is told, in words */

static void tell(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void
tell(const char *fmt, ...)
{
	size_t len = strlen(told);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(told + len, sizeof(told) - len, fmt, ap);
	va_end(ap);
}

static void
on_offer(void *arg, uint32_t agent, const struct offer_news *n)
{
	(void)arg;
	offer_id = n->offer;
	call_id = n->call;
	tell("offer:%u ", agent);
}

static void
on_story(void *arg, uint32_t agent, const struct story_news *n)
{
	(void)arg, (void)n;
	tell("story:%u ", agent);
}

static void
on_offer_ended(void *arg, uint32_t agent, uint64_t offer, enum offer_end e)
{
	(void)arg, (void)offer;
	tell("%s:%u ", word_offer_end(e), agent);
}

static void
on_agent(void *arg, uint32_t agent, const struct agent_news *n)
{
	(void)arg;
	tell("%u=%s ", agent, word_agent_state(n->state));
}

static void
on_call(void *arg, uint32_t agent, const struct call_news *n)
{
	(void)arg;
	tell("%s:%u ", word_call_event(n->kind), agent);
}

static void
on_work(void *arg, uint32_t agent, const struct work_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
on_taken_over(void *arg, uint32_t agent)
{
	(void)arg;
	tell("taken_over:%u ", agent);
}

static void
on_saved(void *arg, void *peer, const struct id *op)
{
	(void)arg, (void)peer, (void)op;
	tell("saved ");
}

static void
on_order(void *arg, struct desk_switch *h, const struct order *o)
{
	static const char *const kinds[] = { "?", "connect", "answer",
		"disconnect", "clear" };

	(void)arg, (void)h;
	last_order = o->order_id;
	tell(
	    "%s:%.*s@%d ", kinds[o->kind], STR_ARG(o->device), (int)o->version);
}

static void
on_committed(void *arg, struct desk_switch *h, uint64_t up_to)
{
	(void)arg, (void)h;
	committed = up_to;
}

static void
on_resend(void *arg, struct desk_switch *h, uint64_t from)
{
	(void)arg, (void)h;
	tell("resend:%d ", (int)from);
}

static void
on_nack(void *arg, struct desk_switch *h, uint64_t seq, enum err e)
{
	(void)arg, (void)h, (void)seq;
	tell("nack:%s ", err_name(e));
}

static const struct desk_news news = { on_offer, on_story, on_offer_ended,
	on_agent, on_call, on_work, on_taken_over, on_saved, on_order, on_committed,
	on_nack, on_resend, NULL };

/* ---- the set-up: queue q, agents 1 and 2 at 801 and 802, phones ring */

static void
run(void)
{
	do {
		mem_acd_run(local);
		mem_acd_run(remote);
	} while (fake_ledger_run(ledger) > 0 || !desk_is_settled(d));
}

static void
tick(int64_t at)
{
	now = at;
	desk_tick(d, now);
	run();
}

static void
no_snapshot(void *arg, enum err e, const struct snapshot_result *r)
{
	(void)arg, (void)r;
	ck_ok(e);
}

static void
attach(void)
{
	ck_ok(desk_switch_attach(d, STR_LIT("sw"), 1, 9, now, &sw));
	desk_switch_describe(sw, UINT32_MAX, STR_LIT("test"), now);
	desk_switch_spooled(sw, stream + 1, stream);
}

static void
setup(void)
{
	static const struct desk_options o = { .country = "86",
		.shown_us = S / 2,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 100 };

	ck_assert_int_ge(sodium_init(), 0);
	now = NOON;
	stream = version = offer_id = last_order = committed = 0;
	ledger = fake_ledger_new(NULL);
	fake_ledger_card(
	    ledger, LQ_CONFIG_QUEUES, "1|q||20000000|0|0|f|5000000");
	fake_ledger_card(
	    ledger, LQ_CONFIG_AGENTS, "1|a1|One|f|1|\n2|a2|Two|f|1|");
	fake_ledger_card(ledger, LQ_CONFIG_DEVICES, "801|1\n802|1");
	fake_ledger_card(ledger, LQ_CONFIG_NUMBERS, "4001||1");
	fake_ledger_card(ledger, LQ_CONFIG_SWITCHES, "1|sw");
	ck_ok(mem_acd_new(NULL, &local));
	ck_ok(mem_acd_new(NULL, &remote));
	ck_ok(desk_new(&o, &news, ledger, remote, local, &d));
	desk_ledger_up(d, now);
	run();
	ck_assert(desk_is_configured(d));
	attach();
	desk_switch_snapshot(
	    sw, NULL, 0, NULL, 0, true, now, no_snapshot, NULL);
	for (uint32_t a = 1; a <= 2; a++)
		ck_ok(desk_agent_login(d, a,
		    a == 1 ? STR_LIT("801") : STR_LIT("802"), AGENT_STATE_READY,
		    STR_LIT(""), now++));
	run();
	told[0] = '\0';
}

static void
teardown(void)
{
	desk_switch_detach(d, &sw, now);
	acd_free(&remote);
	acd_free(&local);
	desk_free(&d);
	fake_ledger_free(&ledger);
}

/* What was told since the last look; then a clean page. */
static const char *
page(void)
{
	static char copy[sizeof(told)];

	memcpy(copy, told, sizeof(told));
	told[0] = '\0';
	return copy;
}

#define ck_told(want) ck_assert_str_eq(page(), want)

static void
event(
    const char *call, uint32_t seq, enum call_event_kind k, const char *device)
{
	struct call_event ev = {
		.call = str_of(call),
		.stream_seq = ++stream,
		.version = ++version,
		.call_seq = seq,
		.occurred_at = now,
		.kind = k,
		.caller = STR_LIT("13812345678"),
		.called = STR_LIT("4001"),
		.device = str_of(device),
	};

	ck_ok(desk_call_event(sw, &ev, now));
	run();
}

static void
result(enum err e, uint64_t at)
{
	struct order_result r = {
		.order_id = last_order, .version = at, .err = e
	};

	version = at;
	desk_order_result(sw, &r, now);
	run();
}

static struct desk_action
by(uint32_t agent)
{
	return (struct desk_action){ id_random(), &now, agent, STR_LIT("agent"),
		now };
}

static void
shown(uint32_t agent)
{
	struct desk_action a = by(agent);

	ck_ok(desk_offer_shown(d, &a, offer_id));
	run();
}

/* Call c is queued, offered to agent 1 and shown; 801 is told to ring. */
static void
ringing(void)
{
	event("c", 1, CALL_EV_OFFERED, "");
	event("c", 2, CALL_EV_QUEUED, "");
	ck_told("offer:1 1=reserved ");
	shown(1);
	ck_told("connect:801@2 story:1 ");
	result(ERR_OK, 3);
	event("c", 3, CALL_EV_DELIVERED, "801");
}

/* ---- the tests */

START_TEST(a_call_is_answered_and_wrapped_up)
{
	struct desk_action a;
	struct wrap_up w = { .solved = true };

	ringing();
	event("c", 4, CALL_EV_ESTABLISHED, "801");
	ck_told("1=busy accepted:1 established:1 ");
	event("c", 5, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 1=working_after_call ");
	a = by(1);
	w.call = call_id;
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_told("1=ready saved ");
	/* Said again it is saved again, and nobody's state moves. */
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_told("saved ");
}
END_TEST

/* The n-th event of tickets: kind, and all that it set. */
static const char *
history(unsigned n)
{
	static char line[160];
	const struct ticket_event_row *r =
	    fake_ledger_row(ledger, ROW_TICKET_EVENT, n);

	ck_assert_ptr_nonnull(r);
	snprintf(line, sizeof(line), "%s by %.*s: %s %s %.*s q%u o%u", r->kind,
	    STR_ARG(r->actor), r->status != NULL ? r->status : "-",
	    r->ticket_kind != NULL ? r->ticket_kind : "-", STR_ARG(r->category),
	    r->queue_id, r->owner_id);
	return line;
}

/* All that the clocks depend on stands in the history. */
START_TEST(the_history_says_what_was_set)
{
	struct desk_action a;
	struct wrap_up w = { .dissatisfied = true,
		.solved = true,
		.category = STR_LIT("boiler") };
	struct ticket_new n = { .kind = TICKET_INCIDENT,
		.subject = STR_LIT("leak"),
		.queue = STR_LIT("q") };
	uint64_t number;

	ringing();
	event("c", 4, CALL_EV_ESTABLISHED, "801");
	event("c", 5, CALL_EV_CALL_CLEARED, "");
	a = by(1);
	w.call = call_id;
	ck_ok(desk_wrap_up(d, &a, &w));
	a = by(2);
	ck_ok(desk_ticket_new(d, &a, &n, &number));
	run();
	ck_assert_str_eq(
	    history(0), "opened by system: new consultation  q1 o0");
	ck_assert_str_eq(history(1), "answered by a1: in_progress -  q1 o1");
	ck_assert_str_eq(
	    history(2), "closed by agent: closed complaint boiler q0 o1");
	ck_assert_str_eq(
	    history(3), "opened by agent: assigned incident  q1 o2");
	/* Unsolved it goes on. */
	a = by(1);
	w = (struct wrap_up){ .call = call_id, .kind = TICKET_PRAISE };
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_assert_str_eq(history(4), "wrapped_up by agent: - praise  q0 o1");
}
END_TEST

START_TEST(unanswered_the_next_is_tried)
{
	ringing();
	tick(now + 20 * S);
	ck_told("1=not_ready no_answer:1 disconnect:801@4 offer:2 2=reserved ");
	shown(2);
	ck_told("story:2 "); /* one order at a time: the phone still rings */
	result(ERR_OK, 5);
	ck_told("connect:802@5 ");
}
END_TEST

START_TEST(lifted_at_the_last_moment_is_answered)
{
	ringing();
	tick(now + 20 * S);
	page();
	event("c", 4, CALL_EV_ESTABLISHED, "801");
	ck_told("2=ready rescinded:2 1=busy established:1 ");
	result(ERR_REFUSED, 4); /* nothing rings any more */
	ck_told("");
}
END_TEST

START_TEST(an_offer_nobody_shows_moves_on)
{
	event("c", 1, CALL_EV_QUEUED, "");
	page();
	tick(now + S / 2);
	ck_told("1=not_ready not_delivered:1 offer:2 2=reserved ");
}
END_TEST

START_TEST(a_caller_who_leaves_costs_nobody_their_place)
{
	ringing();
	event("c", 4, CALL_EV_CALL_CLEARED, "");
	ck_told("1=ready caller_gone:1 ");
	event("e", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1 1=reserved ");
}
END_TEST

START_TEST(an_order_on_an_old_version_is_given_again)
{
	event("c", 1, CALL_EV_QUEUED, "");
	shown(1);
	page();
	result(ERR_STALE, 77);
	ck_told("connect:801@77 ");
	result(ERR_BUSY, 77);
	ck_told("1=not_ready device_busy:1 offer:2 2=reserved ");
}
END_TEST

START_TEST(not_ready_while_offered_gives_it_back)
{
	struct desk_action a;

	ringing();
	a = by(1);
	ck_ok(desk_set_state(d, &a, AGENT_STATE_NOT_READY, STR_LIT("lunch")));
	run();
	ck_told("1=not_ready rescinded:1 disconnect:801@4 offer:2 2=reserved "
		"saved ");
}
END_TEST

START_TEST(a_client_that_vanishes_gives_it_back)
{
	ringing();
	desk_agent_gone(d, 1, false, now);
	run();
	ck_told("disconnect:801@4 offer:2 2=reserved ");
}
END_TEST

/* Redis comes, goes and comes back empty: what waits is matched, what is
 * offered is answered, nobody is offered anything twice. */
START_TEST(the_acd_is_lost_and_found)
{
	ringing();
	desk_acd_up(d, now);
	run();
	event("e", 1, CALL_EV_QUEUED, "");
	ck_told("offer:2 2=reserved ");
	desk_acd_lost(d, now);
	event("f", 1, CALL_EV_QUEUED, "");
	ck_told("");
	event("c", 4, CALL_EV_ESTABLISHED, "801");
	ck_told("1=busy accepted:1 established:1 ");
	desk_acd_up(d, now);
	event("e", 2, CALL_EV_CALL_CLEARED, "");
	ck_told("2=ready caller_gone:2 offer:2 2=reserved ");
}
END_TEST

/* The switch has forgotten c: nobody is offered it any more, and it is closed
 * as lost once what was left in the spool has been read. */
START_TEST(a_call_the_switch_forgot_is_closed)
{
	const struct call_row *r;
	unsigned n;

	ringing();
	event("e", 1, CALL_EV_OFFERED, "");
	desk_switch_detach(d, &sw, now);
	ck_ok(desk_switch_attach(d, STR_LIT("sw"), 1, 9, now, &sw));
	desk_switch_describe(sw, UINT32_MAX, STR_LIT("test"), now);
	desk_switch_spooled(sw, stream + 1, stream + 1);
	desk_switch_snapshot(
	    sw, NULL, 0, NULL, 0, true, now, no_snapshot, NULL);
	run();
	ck_told("1=ready caller_gone:1 ");
	n = fake_ledger_n(ledger, ROW_CALL);
	event("e", 2, CALL_EV_CALL_CLEARED, ""); /* the last of the spool */
	ck_assert_uint_gt(fake_ledger_n(ledger, ROW_CALL), n + 1);
	r = fake_ledger_row(
	    ledger, ROW_CALL, fake_ledger_n(ledger, ROW_CALL) - 1);
	ck_assert_str_eq(r->state, "ended");
	ck_assert_str_eq(r->end_cause, "switch_lost");
}
END_TEST

static enum err
menu_event(uint64_t stream_seq)
{
	char name[16];
	struct call_event ev = { .stream_seq = stream_seq,
		.call_seq = 1,
		.occurred_at = NOON,
		.kind = CALL_EV_OFFERED };
	enum err e;

	snprintf(name, sizeof(name), "m%d", (int)stream_seq);
	ev.call = str_of(name);
	e = desk_call_event(sw, &ev, now);
	run();
	return e;
}

/* What is not kept is asked for again; until it has come, nothing behind it
 * is kept either, or it would be acknowledged over its head. */
START_TEST(a_full_ledger_asks_again_in_order)
{
	struct call_event ev = { .call = STR_LIT("c"),
		.stream_seq = 1,
		.call_seq = 1,
		.occurred_at = NOON,
		.kind = CALL_EV_QUEUED,
		.called = STR_LIT("4001") };

	fake_ledger_backlog(ledger, 1 << 21);
	ck_err(desk_call_event(sw, &ev, now), ERR_BUSY);
	run();
	ck_told("offer:1 1=reserved "); /* acted on all the same */
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_CALL_EVENT), 0);
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_OFFER), 1);
	ck_err(menu_event(2), ERR_BUSY);
	fake_ledger_backlog(ledger, 0);
	desk_ledger_up(d, now);
	ck_told("resend:1 ");
	ck_err(menu_event(3), ERR_BUSY); /* was under way already */
	ck_assert_uint_eq(committed, 0);
	ck_ok(desk_call_event(sw, &ev, now));
	run();
	ck_assert_uint_eq(committed, 1);
	desk_event_refused(sw, 2, now); /* the session has nacked it */
	ck_ok(menu_event(3));
	ck_ok(menu_event(4));
	ck_assert_uint_eq(committed, 4);
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_CALL_EVENT), 3);
}
END_TEST

Suite *
desk_suite(void)
{
	TCase *tc = tcase_create("desk");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_call_is_answered_and_wrapped_up);
	tcase_add_test(tc, the_history_says_what_was_set);
	tcase_add_test(tc, unanswered_the_next_is_tried);
	tcase_add_test(tc, lifted_at_the_last_moment_is_answered);
	tcase_add_test(tc, an_offer_nobody_shows_moves_on);
	tcase_add_test(tc, a_caller_who_leaves_costs_nobody_their_place);
	tcase_add_test(tc, an_order_on_an_old_version_is_given_again);
	tcase_add_test(tc, not_ready_while_offered_gives_it_back);
	tcase_add_test(tc, a_client_that_vanishes_gives_it_back);
	tcase_add_test(tc, the_acd_is_lost_and_found);
	tcase_add_test(tc, a_call_the_switch_forgot_is_closed);
	tcase_add_test(tc, a_full_ledger_asks_again_in_order);
	return suite_of(tc, "desk");
}
