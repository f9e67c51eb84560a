/*
 * dial_test.c - an attempt to call somebody, from the request to the ticket's
 * history, with a ledger that says what a card says.
 */
#include "test/support/support.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "desk/words.h"
#include "store/acd.h"
#include "store/ledger.h"
#include "test/support/fake_ledger.h"

Suite *dial_suite(void);

#define S INT64_C(1000000)
#define NOON (INT64_C(1790000000) * S)
#define DONE "done|1|+8613800000001|95519|1||0|0"

static struct desk *d;
static struct ledger *ledger;
static struct acd *local;
static struct desk_switch *sw;
static int64_t now;
static uint64_t stream, last_order, told_ticket;
static struct id call_id, last_op;
static struct dial_answer why;
static char told[4096];

/* ------------------------------------------------- what is told, in words */

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
	(void)arg, (void)n;
	tell("offer:%u ", agent);
}

static void
on_story(void *arg, uint32_t agent, const struct story_news *n)
{
	(void)arg, (void)agent, (void)n;
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
	tell("%u=%s%s%.*s ", agent, word_agent_state(n->state),
	    n->reason.len > 0 ? "/" : "", STR_ARG(n->reason));
}

static void
on_call(void *arg, uint32_t agent, const struct call_news *n)
{
	(void)arg;
	call_id = n->call;
	told_ticket = n->ticket;
	tell("%s:%u%s%.*s ", word_call_event(n->kind), agent,
	    n->number.len > 0 ? "@" : "", STR_ARG(n->number));
}

static void
on_taken_over(void *arg, uint32_t agent)
{
	(void)arg, (void)agent;
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
	(void)arg, (void)h;
	last_order = o->order_id;
	if (o->kind != ORDER_MAKE_CALL) {
		tell("order:%d ", (int)o->kind);
		return;
	}
	tell("make_call:%.*s>%.*s as %.*s %s ", STR_ARG(o->device),
	    STR_ARG(o->number), STR_ARG(o->show), word_relation(o->relation));
	ck_assert_uint_eq(o->call.len, 0);
}

static void
on_committed(void *arg, struct desk_switch *h, uint64_t up_to)
{
	(void)arg, (void)h, (void)up_to;
}

static void
on_nack(void *arg, struct desk_switch *h, uint64_t seq, enum err e)
{
	(void)arg, (void)h, (void)seq;
	tell("nack:%s ", err_name(e));
}

static void
on_resend(void *arg, struct desk_switch *h, uint64_t from)
{
	(void)arg, (void)h, (void)from;
}

static const struct desk_news news = { on_offer, on_story, on_offer_ended,
	on_agent, on_call, on_taken_over, on_saved, on_order, on_committed,
	on_nack, on_resend, NULL };

/* ------------------------------------------------------------- the set-up */

static void
run(void)
{
	do
		mem_acd_run(local);
	while (fake_ledger_run(ledger) > 0 || !desk_is_settled(d));
}

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
on_snapshot(void *arg, enum err e, const struct snapshot_result *r)
{
	(void)arg, (void)r;
	ck_ok(e);
}

/* The spool holds what is behind `from'. */
static void
attach(const struct live_call *live, unsigned n, uint64_t spooled)
{
	ck_ok(desk_switch_attach(d, STR_LIT("sw"), 1, 9, now, &sw));
	desk_switch_describe(sw, UINT32_MAX, STR_LIT("test"), now);
	desk_switch_spooled(sw, stream + 1, stream + spooled);
	desk_switch_snapshot(
	    sw, live, n, NULL, 0, true, now, on_snapshot, NULL);
	run();
}

static void
open_desk(void)
{
	static const struct desk_options o = { .country = "86",
		.shown_us = S / 2,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 100 };

	ledger = fake_ledger_new(NULL);
	fake_ledger_card(
	    ledger, LQ_CONFIG_QUEUES, "1|q||20000000|60000000|0|f|5000000");
	fake_ledger_card(ledger, LQ_CONFIG_AGENTS, "1|a1|One|f|1|");
	fake_ledger_card(ledger, LQ_CONFIG_DEVICES, "801|1\n802|1");
	fake_ledger_card(ledger, LQ_CONFIG_NUMBERS, "4001||1");
	fake_ledger_card(ledger, LQ_CONFIG_SWITCHES, "1|sw");
	fake_ledger_card(ledger, LQ_DIAL, DONE);
	ck_ok(mem_acd_new(NULL, &local));
	ck_ok(desk_new(&o, &news, ledger, NULL, local, &d));
	desk_ledger_up(d, now);
	run();
}

static void
log_in(enum agent_state as)
{
	ck_ok(desk_agent_login(
	    d, 1, STR_LIT("801"), as, STR_LIT("lunch"), now));
	run();
	page();
}

static void
setup(void)
{
	ck_assert_int_ge(sodium_init(), 0);
	now = NOON;
	stream = last_order = told_ticket = 0;
	open_desk();
	attach(NULL, 0, 0);
	log_in(AGENT_STATE_READY);
}

static void
teardown(void)
{
	desk_switch_detach(d, &sw, now);
	acd_free(&local);
	desk_free(&d);
	fake_ledger_free(&ledger);
}

static void
on_dialled(void *arg, enum err e, const struct dial_answer *a)
{
	tell("[%s%s%.*s%s%.*s] ", err_name(e), a->rule.len > 0 ? " " : "",
	    STR_ARG(a->rule), a->detail.len > 0 ? " " : "",
	    STR_ARG(a->detail));
	*(int *)arg += 1;
}

static int answers;

static enum err
ask_dial(const struct id *op, enum relation relation, const char *number)
{
	const struct desk_action a = { *op, &now, 1, STR_LIT("a1"), now };
	const struct dial_request r = { .ticket = desk_ticket_number(42),
		.number = str_of(number),
		.relation = relation };

	last_op = *op;
	return desk_dial(d, &a, &r, &why, on_dialled, &answers);
}

static void
dial(enum relation relation)
{
	struct id op = id_random();

	ck_ok(ask_dial(&op, relation, ""));
	run();
}

static void
result(enum err e)
{
	struct order_result r = { .order_id = last_order, .err = e };

	desk_order_result(sw, &r, now);
	run();
}

static struct call_event
make_event(uint32_t seq, enum call_event_kind k, const char *device)
{
	return (struct call_event){ .call = STR_LIT("out"),
		.stream_seq = ++stream,
		.version = seq,
		.call_seq = seq,
		.occurred_at = now,
		.kind = k,
		.called = STR_LIT("+8613800000001"),
		.device = str_of(device),
		.relation = RELATION_CALLBACK,
		.order_id = last_order };
}

static void
give_event(const struct call_event *ev)
{
	ck_ok(desk_call_event(sw, ev, now));
	run();
}

static void
event(uint32_t seq, enum call_event_kind k, const char *device)
{
	struct call_event ev = make_event(seq, k, device);

	give_event(&ev);
}

static void
event_because(uint32_t seq, enum call_event_kind k, enum cause cause)
{
	struct call_event ev = make_event(seq, k, "");

	ev.cause = cause;
	give_event(&ev);
}

/* The last event of tickets. */
static const char *
history(void)
{
	static char line[160];
	const struct ticket_event_row *r = fake_ledger_row(ledger,
	    ROW_TICKET_EVENT, fake_ledger_n(ledger, ROW_TICKET_EVENT) - 1);

	if (r == NULL)
		return "";
	snprintf(line, sizeof(line), "%s by %.*s: %.*s (%" PRIu64 "%s)",
	    r->kind, STR_ARG(r->actor), STR_ARG(r->text), r->ticket_id,
	    id_is_none(&r->call_id) ? "" : " of a call");
	return line;
}

/* What became of the attempt, as the ledger is told. */
static const char *
outcome(void)
{
	static char line[64];
	const struct dial_row *r = fake_ledger_row(
	    ledger, ROW_DIAL, fake_ledger_n(ledger, ROW_DIAL) - 1);

	if (r == NULL)
		return "";
	ck_assert_uint_eq(r->order_id, last_order);
	snprintf(line, sizeof(line), "%s%s",
	    id_is_none(&r->call_id) ? "" : "call ",
	    r->outcome != NULL ? r->outcome : "");
	return line;
}

/* ------------------------------------------------------------- the tests */

START_TEST(from_the_request_to_the_note)
{
	struct desk_action a;
	struct wrap_up w = { .note = STR_LIT("all is dry"), .solved = true };
	const struct ticket_row *t;
	const struct call_row *c;

	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"callback ");
	result(ERR_OK);
	ck_told("[ok] ");
	event(1, CALL_EV_OFFERED, "");
	ck_told("offered:1@+8613800000001 ");
	ck_assert_uint_eq(told_ticket, desk_ticket_number(42));
	ck_assert_str_eq(outcome(), "call ");
	event(2, CALL_EV_DELIVERED, "801");
	ck_told("delivered:1@+8613800000001 ");
	event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("established:1@+8613800000001 ");
	ck_assert_str_eq(history(), "called_back by a1:  (42)");
	event(4, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1@+8613800000001 1=working_after_call "
		"1=working_after_call ");
	/* The ticket's queue says how long. */
	ck_assert_int_eq(desk_next_at(d), now + 60 * S);
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_OF_CALL), 0);
	c = fake_ledger_row(ledger, ROW_CALL, 0);
	ck_assert_str_eq(c->relation, "callback");
	a = (struct desk_action){ id_random(), &now, 1, STR_LIT("a1"), now };
	w.call = call_id;
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_told("1=ready saved ");
	ck_assert_str_eq(history(), "closed by a1: all is dry (42)");
	t = fake_ledger_row(ledger, ROW_TICKET, 0);
	ck_assert_uint_eq(t->id, 42);
	ck_assert_str_eq(t->status, "closed");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* The ledger is asked with all that it decides by. */
START_TEST(what_the_ledger_is_asked)
{
	struct id op = id_random();
	char hex[ID_TEXT_LEN + 1], want[200];

	ck_ok(ask_dial(&op, RELATION_FOLLOW_UP, "０１０-8888 0000"));
	run();
	snprintf(want, sizeof(want),
	    "%s|42|+861088880000|follow_up|1|a1|%" PRIu64 "|1|801|%" PRId64,
	    id_text(&op, hex), last_order, now);
	ck_assert_str_eq(fake_ledger_args(ledger, LQ_DIAL), want);
}
END_TEST

/* While it is decided, nothing is ordered and no caller is offered. */
START_TEST(no_offer_comes_between)
{
	struct call_event in = { .call = STR_LIT("in"),
		.call_seq = 1,
		.occurred_at = NOON,
		.kind = CALL_EV_QUEUED,
		.called = STR_LIT("4001") };
	struct id op = id_random();

	fake_ledger_hold(ledger, true);
	ck_ok(ask_dial(&op, RELATION_CALLBACK, ""));
	in.stream_seq = ++stream;
	ck_ok(desk_call_event(sw, &in, now));
	mem_acd_run(local);
	ck_told("1=busy/dialling ");
	ck_assert_uint_eq(fake_ledger_asked(ledger, LQ_DIAL), 0);
	fake_ledger_hold(ledger, false);
	fake_ledger_card(ledger, LQ_DIAL, "cap|0|+861|||x|3|7");
	run();
	ck_told("1=ready [refused cap x] offer:1 1=reserved ");
}
END_TEST

/* clang-format off */
static const struct {
	const char *card, *answer;
} refusals[] = {
	{ "not_configured|0|+861|||||",     "[refused not_configured] " },
	{ "allow|0|+8610|||+8610||",        "[refused allow +8610] " },
	{ "do_not_call|0|+861|||asked so||", "[refused do_not_call asked so] " },
	{ "taken|0|+861|||a2||",            "[refused taken a2] " },
	{ "status|0||||closed||",           "[refused status closed] " },
	{ "no_number|0||||||",              "[refused no_number] " },
	{ "missing|0||||||",                "[not_found missing] " },
	{ "repeat|1|+861|||reached|0|",     "[ok reached reached] " },
	{ "repeat|1|+861|||busy|0|",        "[ok busy busy] " },
	{ "repeat|1|+861|||device_busy|0|", "[refused device_busy device_busy] " },
	{ "repeat|1|+861|||dialling|0|",    "[refused unknown dialling] " },
};
/* clang-format on */

/* Refused, the agent is what they were; nothing is ordered. */
START_TEST(refused_by_the_ledger)
{
	char want[128];

	fake_ledger_card(ledger, LQ_DIAL, refusals[_i].card);
	dial(RELATION_CALLBACK);
	snprintf(want, sizeof(want), "1=busy/dialling 1=ready %s",
	    refusals[_i].answer);
	ck_told(want);
	ck_assert_uint_eq(last_order, 0);
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_DIAL), 0);
}
END_TEST

START_TEST(the_agent_is_what_they_were)
{
	struct desk_action a;

	fake_ledger_card(ledger, LQ_DIAL, "taken|0|||||0|");
	desk_agent_gone(d, 1, false, now);
	log_in(AGENT_STATE_NOT_READY);
	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=not_ready/lunch [refused taken] ");
	/* What was asked for meanwhile counts. */
	fake_ledger_hold(ledger, true);
	dial(RELATION_CALLBACK);
	a = (struct desk_action){ id_random(), &now, 1, STR_LIT("a1"), now };
	ck_ok(desk_set_state(d, &a, AGENT_STATE_READY, STR_LIT("")));
	fake_ledger_hold(ledger, false);
	run();
	ck_told("1=busy/dialling 1=busy/dialling 1=ready [refused taken] "
		"saved ");
	/* Behind a call: the wrap-up goes on, as long as it had. */
	desk_agent_gone(d, 1, false, now);
	log_in(AGENT_STATE_WORKING_AFTER_CALL);
	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=working_after_call [refused taken] ");
	/* Who leaves meanwhile is gone. */
	fake_ledger_hold(ledger, true);
	dial(RELATION_CALLBACK);
	desk_agent_gone(d, 1, false, now);
	fake_ledger_hold(ledger, false);
	run();
	ck_told("1=busy/dialling [refused taken] ");
	log_in(AGENT_STATE_READY);
	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=ready [refused taken] ");
}
END_TEST

/* A wrap-up that ends by itself, dialled in the middle of it. */
START_TEST(a_wrap_up_goes_on)
{
	event(1, CALL_EV_OFFERED, "");
	dial(RELATION_CALLBACK);
	result(ERR_OK);
	stream++;
	struct call_event ev = make_event(1, CALL_EV_OFFERED, "");
	ev.call = STR_LIT("second");
	ev.stream_seq = stream;
	give_event(&ev);
	ev = make_event(2, CALL_EV_CALL_CLEARED, "");
	ev.call = STR_LIT("second");
	give_event(&ev);
	ck_assert_int_eq(desk_next_at(d), now + 60 * S);
	now += 10 * S;
	fake_ledger_card(ledger, LQ_DIAL, "taken|0|||||0|");
	page();
	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=working_after_call 1=working_after_call "
		"[refused taken] ");
	ck_assert_int_eq(desk_next_at(d), now + 50 * S);
}
END_TEST

/* Not even asked of the ledger. */
START_TEST(refused_at_once)
{
	const struct desk_action a = { id_random(), &now, 1, STR_LIT("a1"),
		now };
	struct dial_request r = { .ticket = desk_ticket_number(42) + 1,
		.relation = RELATION_CALLBACK };
	static const char *const numbers[] = { "110", "120", "12345",
		"+86110", "wang", "0" };
	struct id op = id_random();

	ck_err(desk_dial(d, &a, &r, &why, on_dialled, &answers), ERR_MISHEARD);
	ck_err(ask_dial(&op, RELATION_CONSULT, ""), ERR_BAD_FIELD);
	for (unsigned i = 0; i < NELEM(numbers); i++) {
		ck_err(ask_dial(&op, RELATION_CALLBACK, numbers[i]),
		    ERR_REFUSED);
		ck_assert(str_eq(why.rule, STR_LIT("number")));
	}
	desk_switch_detach(d, &sw, now);
	ck_err(ask_dial(&op, RELATION_CALLBACK, ""), ERR_REFUSED);
	ck_assert(str_eq(why.rule, STR_LIT("not_connected")));
	fake_ledger_away(ledger, true);
	ck_err(ask_dial(&op, RELATION_CALLBACK, ""), ERR_IO);
	ck_told("");
	fake_ledger_away(ledger, false);
	ck_assert_uint_eq(fake_ledger_asked(ledger, LQ_DIAL), 0);
}
END_TEST

/* What the switch cannot do, and a phone that is not there. */
START_TEST(able_and_there)
{
	const struct device_state gone = { STR_LIT("801"), true };
	const struct device_state back = { STR_LIT("801"), false };
	struct id op = id_random();

	desk_switch_describe(sw, ORDER_BIT(ORDER_CONNECT), STR_LIT("x"), now);
	ck_err(ask_dial(&op, RELATION_CALLBACK, ""), ERR_REFUSED);
	ck_assert(str_eq(why.rule, STR_LIT("cannot")));
	desk_switch_describe(sw, UINT32_MAX, STR_LIT("x"), now);
	desk_switch_devices(sw, &gone, 1, false, false, now);
	ck_err(ask_dial(&op, RELATION_CALLBACK, ""), ERR_REFUSED);
	ck_assert(str_eq(why.rule, STR_LIT("device_gone")));
	desk_switch_devices(sw, &back, 1, false, false, now);
	run();
	page();
	/* Gone while it is decided: not ready behind it. */
	fake_ledger_card(ledger, LQ_DIAL, "taken|0|||||0|");
	fake_ledger_hold(ledger, true);
	ck_ok(ask_dial(&op, RELATION_CALLBACK, ""));
	desk_switch_devices(sw, &gone, 1, false, false, now);
	fake_ledger_hold(ledger, false);
	run();
	ck_told("1=busy/dialling 1=busy/dialling 1=not_ready/device_gone "
		"[refused taken] ");
}
END_TEST

/* In a call, or offered one: no, unless it is this very dial. */
START_TEST(one_call_at_a_time)
{
	struct id op = id_random(), other = id_random();

	ck_ok(ask_dial(&op, RELATION_CALLBACK, ""));
	ck_ok(ask_dial(&other, RELATION_CALLBACK, ""));
	run();
	ck_told("1=busy/dialling [refused agent_state busy] "
		"make_call:801>+8613800000001 as 95519 callback ");
	ck_ok(ask_dial(&op, RELATION_CALLBACK, "")); /* it is under way */
	result(ERR_OK);
	ck_told("[ok] [ok] ");
	event(1, CALL_EV_OFFERED, "");
	page();
	fake_ledger_card(ledger, LQ_DIAL_OF_OP, "42|ringing");
	ck_ok(ask_dial(&op, RELATION_CALLBACK, ""));
	run();
	ck_told("[ok ringing] ");
	ck_assert_uint_eq(fake_ledger_asked(ledger, LQ_DIAL), 1);
}
END_TEST

/* clang-format off */
static const struct {
	enum err err;
	const char *answer, *outcome;
} results[] = {
	{ ERR_BUSY,      "[refused device_busy] ", "device_busy" },
	{ ERR_NOT_FOUND, "[no_device no_device] ", "no_device" },
	{ ERR_NO_DEVICE, "[no_device no_device] ", "no_device" },
	{ ERR_REFUSED,   "[refused refused] ",     "refused" },
	{ ERR_STALE,     "[refused refused] ",     "refused" },
};
/* clang-format on */

START_TEST(refused_by_the_switch)
{
	char want[64];

	dial(RELATION_CALLBACK);
	page();
	result(results[_i].err);
	snprintf(want, sizeof(want), "1=ready %s", results[_i].answer);
	ck_told(want);
	ck_assert_str_eq(outcome(), results[_i].outcome);
	/* Its result comes once; a second one says nothing. */
	result(ERR_OK);
	ck_told("");
	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"callback ");
}
END_TEST

/* The customer does not answer: the ticket says so, once. */
START_TEST(not_reached)
{
	const struct call_row *c;
	struct call_event ev;

	dial(RELATION_FOLLOW_UP);
	result(ERR_OK);
	event(1, CALL_EV_OFFERED, "");
	event(2, CALL_EV_DELIVERED, "801");
	page();
	event_because(3, CALL_EV_FAILED, CAUSE_BUSY);
	ck_told("failed:1@+8613800000001 ");
	ev = make_event(4, CALL_EV_CALL_CLEARED, "");
	ev.cause = CAUSE_NORMAL;
	give_event(&ev);
	ck_told("call_cleared:1@+8613800000001 1=working_after_call "
		"1=working_after_call ");
	ck_assert_str_eq(history(), "not_reached by a1: busy (42)");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_EVENT), 1);
	c = fake_ledger_row(ledger, ROW_CALL, 2);
	ck_assert_str_eq(c->end_cause, "busy");
}
END_TEST

/* The agent's own phone was not lifted: nobody was called. */
START_TEST(the_own_phone_fails)
{
	struct call_event ev;

	dial(RELATION_CALLBACK);
	result(ERR_OK);
	event(1, CALL_EV_OFFERED, "");
	event(2, CALL_EV_DELIVERED, "801");
	ev = make_event(3, CALL_EV_FAILED, "801");
	ev.cause = CAUSE_NO_ANSWER;
	give_event(&ev);
	ck_assert_str_eq(outcome(), "call device_failed");
}
END_TEST

START_TEST(a_follow_up_is_one)
{
	dial(RELATION_FOLLOW_UP);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"follow_up ");
	result(ERR_OK);
	event(1, CALL_EV_OFFERED, "");
	event(2, CALL_EV_DELIVERED, "801");
	event(3, CALL_EV_ESTABLISHED, "801");
	ck_assert_str_eq(history(), "followed_up by a1:  (42)");
}
END_TEST

/* The switch took it and tells nothing: the agent is not kept for ever; should
 * the call come after all, it is the ticket's. */
START_TEST(a_switch_that_says_nothing)
{
	dial(RELATION_CALLBACK);
	result(ERR_OK);
	page();
	ck_assert_int_eq(desk_next_at(d), now + 30 * S);
	now += 30 * S;
	desk_tick(d, now);
	run();
	ck_told("1=ready ");
	ck_assert_str_eq(outcome(), "unknown");
	event(1, CALL_EV_OFFERED, "");
	ck_told("");
	ck_assert_str_eq(outcome(), "call ");
	event(2, CALL_EV_DELIVERED, "801");
	event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("1=busy established:1@+8613800000001 ");
	ck_assert_uint_eq(told_ticket, desk_ticket_number(42));
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* The connection to the ledger is lost while it decides. */
START_TEST(it_is_unknown_whether_it_was_committed)
{
	fake_ledger_trouble(ledger, LQ_DIAL, 1, ERR_IO);
	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling 1=ready [io] ");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_DIAL), 1);
	ck_assert_str_eq(((const struct dial_row *)fake_ledger_row(
			      ledger, ROW_DIAL, 0))
			     ->outcome,
	    "not_connected");
	/* A race is run again, once. */
	fake_ledger_trouble(ledger, LQ_DIAL, 1, ERR_BAD_FIELD);
	dial(RELATION_CALLBACK);
	ck_told("1=busy/dialling make_call:801>+8613800000001 as 95519 "
		"callback ");
}
END_TEST

START_TEST(who_is_gone_calls_nobody)
{
	struct id op = id_random();

	fake_ledger_hold(ledger, true);
	ck_ok(ask_dial(&op, RELATION_CALLBACK, ""));
	desk_agent_gone(d, 1, false, now);
	fake_ledger_hold(ledger, false);
	run();
	ck_told("1=busy/dialling [refused agent_gone] ");
	ck_assert_uint_eq(last_order, 0);
	/* Nor does a phone whose switch has left meanwhile. */
	log_in(AGENT_STATE_READY);
	fake_ledger_hold(ledger, true);
	op = id_random();
	ck_ok(ask_dial(&op, RELATION_CALLBACK, ""));
	desk_switch_detach(d, &sw, now);
	fake_ledger_hold(ledger, false);
	run();
	ck_told("1=busy/dialling 1=ready [refused not_connected] ");
}
END_TEST

static const struct live_call ringing = { .call = STR_LIT("out"),
	.version = 9,
	.call_seq = 2,
	.kind = CALL_EV_DELIVERED,
	.device = STR_LIT("801"),
	.called = STR_LIT("+8613800000001") };

/* The bridge is gone and back while it is dialled: the call that lives is the
 * one, by what is left in the spool. */
START_TEST(the_bridge_is_gone_and_back)
{
	struct call_event ev;

	dial(RELATION_CALLBACK);
	desk_switch_detach(d, &sw, now);
	page();
	attach(&ringing, 1, 2);
	ck_told("");
	ev = make_event(1, CALL_EV_OFFERED, "");
	ev.resent = true;
	give_event(&ev);
	ck_told("[ok] ");
	ck_assert_str_eq(outcome(), "call ");
	ev = make_event(2, CALL_EV_DELIVERED, "801");
	ev.resent = true;
	give_event(&ev);
	event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("established:1@+8613800000001 ");
	ck_assert_str_eq(history(), "called_back by a1:  (42)");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* Nothing of it in the snapshot nor in the spool. */
START_TEST(the_bridge_is_back_without_it)
{
	dial(RELATION_CALLBACK);
	result(ERR_OK);
	desk_switch_detach(d, &sw, now);
	page();
	fake_ledger_card(ledger, LQ_DIALS_OPEN, "77");
	attach(NULL, 0, 0);
	ck_told("1=ready ");
	/* That one, and the one of a process that is gone. */
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_DIAL), 2);
	ck_assert_uint_eq(((const struct dial_row *)fake_ledger_row(
			       ledger, ROW_DIAL, 1))
			      ->order_id,
	    77);
}
END_TEST

/* It was and is over: only the spool tells. */
START_TEST(all_of_it_in_the_spool)
{
	struct call_event ev;

	dial(RELATION_CALLBACK);
	desk_switch_detach(d, &sw, now);
	page();
	attach(NULL, 0, 2);
	ev = make_event(1, CALL_EV_OFFERED, "");
	ev.resent = true;
	give_event(&ev);
	ck_told("[ok] 1=ready ");
	ck_assert_str_eq(outcome(), "call ");
	ev = make_event(2, CALL_EV_CALL_CLEARED, "");
	ev.resent = true;
	ev.cause = CAUSE_NO_ANSWER;
	give_event(&ev);
	ck_assert_str_eq(history(), "not_reached by system: no_answer (42)");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* The daemon is gone and back: what the ledger says of the live call. */
START_TEST(the_daemon_is_gone_and_back)
{
	struct wrap_up w = { .note = STR_LIT("dry") };
	struct desk_action a;

	teardown();
	open_desk();
	fake_ledger_card(ledger, LQ_CALLS_BY_NAME,
	    "out|2|delivered||1||||||||||||callback|42");
	attach(&ringing, 1, 0);
	log_in(AGENT_STATE_NOT_READY);
	event(3, CALL_EV_ESTABLISHED, "801");
	ck_told("1=busy established:1@+8613800000001 ");
	ck_assert_uint_eq(told_ticket, desk_ticket_number(42));
	ck_assert_str_eq(history(), "called_back by a1:  (42)");
	event(4, CALL_EV_CALL_CLEARED, "");
	a = (struct desk_action){ id_random(), &now, 1, STR_LIT("a1"), now };
	w.call = call_id;
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_assert_str_eq(history(), "wrapped_up by a1: dry (42)");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_OF_CALL), 0);
}
END_TEST

/* A wrap-up of a call that this process has never seen. */
START_TEST(a_late_wrap_up)
{
	struct wrap_up w = { .call = id_random(), .note = STR_LIT("dry") };
	struct desk_action a = { id_random(), &now, 1, STR_LIT("a1"), now };

	fake_ledger_card(ledger, LQ_DIAL_OF_CALL, "42");
	fake_ledger_trouble(ledger, LQ_DIAL_OF_CALL, 1, ERR_IO);
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_told(""); /* not saved: it was not asked in the end */
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_told("");
	desk_ledger_up(d, now);
	run();
	ck_told("saved ");
	ck_assert_str_eq(history(), "wrapped_up by a1: dry (42)");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_EVENT), 1);
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_told("saved ");
	ck_assert_uint_eq(fake_ledger_n(ledger, ROW_TICKET_EVENT), 1);
	/* One that was not dialled has its own ticket. */
	fake_ledger_card(ledger, LQ_DIAL_OF_CALL, NULL);
	a.op = id_random();
	ck_ok(desk_wrap_up(d, &a, &w));
	run();
	ck_assert_ptr_nonnull(strstr(history(), " of a call)"));
}
END_TEST

Suite *
dial_suite(void)
{
	TCase *tc = tcase_create("dial");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, from_the_request_to_the_note);
	tcase_add_test(tc, what_the_ledger_is_asked);
	tcase_add_test(tc, no_offer_comes_between);
	tcase_add_loop_test(tc, refused_by_the_ledger, 0, NELEM(refusals));
	tcase_add_test(tc, the_agent_is_what_they_were);
	tcase_add_test(tc, a_wrap_up_goes_on);
	tcase_add_test(tc, refused_at_once);
	tcase_add_test(tc, able_and_there);
	tcase_add_test(tc, one_call_at_a_time);
	tcase_add_loop_test(tc, refused_by_the_switch, 0, NELEM(results));
	tcase_add_test(tc, not_reached);
	tcase_add_test(tc, the_own_phone_fails);
	tcase_add_test(tc, a_follow_up_is_one);
	tcase_add_test(tc, a_switch_that_says_nothing);
	tcase_add_test(tc, it_is_unknown_whether_it_was_committed);
	tcase_add_test(tc, who_is_gone_calls_nobody);
	tcase_add_test(tc, the_bridge_is_gone_and_back);
	tcase_add_test(tc, the_bridge_is_back_without_it);
	tcase_add_test(tc, all_of_it_in_the_spool);
	tcase_add_test(tc, the_daemon_is_gone_and_back);
	tcase_add_test(tc, a_late_wrap_up);
	return suite_of(tc, "dial");
}
