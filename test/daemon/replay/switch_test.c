/*
 * switch_test.c - the simulated switch: a call's life, and its arbitration of
 * orders; the tape that keeps what is not committed.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "replay/switch.h"
#include "replay/tape.h"
#include "test/support/support.h"

Suite *switch_suite(void);

#define S CLOCK_S
#define KIND(k) MASHANG__CALL_EVENT_KIND__##k
#define ORDER(k) MASHANG__ORDER_KIND__ORDER_##k
#define CODE(c) MASHANG__CODE__CODE_##c

static struct agenda agenda;
static struct telephone_switch *sw;
static struct plan *plan;

/* What the switch told last, and how much of it. */
static struct {
	struct switch_event event;
	struct switch_result result;
	const char *call;
	char device[32];
	unsigned n_events, n_results;
} told;

static void
on_event(void *arg, struct switch_call *c, const struct switch_event *e)
{
	(void)arg;
	told.event = *e;
	told.call = c->plan->name;
	snprintf(told.device, sizeof(told.device), "%s",
	    e->device != NULL ? e->device->name : "");
	told.n_events++;
}

static void
on_result(void *arg, const struct switch_result *r)
{
	(void)arg;
	told.result = *r;
	told.n_results++;
}

static void
add(const char *name, int64_t at, int64_t patience)
{
	struct plan_call c = { .name = name,
		.caller = "1",
		.caller_name = "",
		.offered_at = at,
		.menu_us = 10 * S,
		.queues = true,
		.patience_us = patience,
		.ring_us = 3 * S,
		.service_us = 100 * S };

	ck_ok(plan_add_call(plan, &c));
}

/* Two calls: "a" at 100 s waits for ever, "b" at 101 s for 60 s. */
static void
setup(void)
{
	struct switch_news news = { on_event, on_result, NULL };
	unsigned type;

	memset(&told, 0, sizeof(told));
	agenda_init(&agenda);
	ck_ok(plan_new("test", &plan));
	ck_ok(plan_type_named(plan, STR_LIT("q"), &type));
	add("a", 100 * S, PLAN_FOR_EVER);
	add("b", 101 * S, 60 * S);
	ck_ok(switch_new(plan, "sw", 7, 5, &agenda, &news, &sw));
	ck_ok(switch_add_device(sw, "d1", false));
	ck_ok(switch_add_device(sw, "d2", false));
	ck_ok(switch_add_device(sw, "here", true));
	switch_start(sw);
}

static void
teardown(void)
{
	switch_free(&sw);
	agenda_fini(&agenda);
	plan_free(&plan);
}

static void
run_to(int64_t at)
{
	while (agenda_next_at(&agenda) <= at) {
		agenda.now = agenda_next_at(&agenda);
		while (agenda_fire(&agenda))
			continue;
	}
	agenda.now = at;
}

static Mashang__Code
order_at(const char *call, uint64_t version, Mashang__OrderKind kind,
    const char *device, bool auto_answer)
{
	struct switch_order o = { .order_id = 1,
		.version = version,
		.call = str_of(call),
		.device = str_of(device),
		.kind = kind,
		.auto_answer = auto_answer };

	told.result.order_id = 0;
	switch_order(sw, &o, agenda.now);
	ck_assert_uint_eq(told.result.order_id, 1);
	return told.result.code;
}

static Mashang__Code
order(const char *call, Mashang__OrderKind kind, const char *device)
{
	const struct switch_call *c = &sw->calls[*call - 'a'];

	return order_at(call, c->version, kind, device, false);
}

/* Bring "a" into a state. */
static void
into(enum switch_state s)
{
	run_to(s == SWITCH_NONE   ? 99 * S
	       : s == SWITCH_MENU ? 105 * S
				  : 112 * S);
	if (s >= SWITCH_RINGING && s <= SWITCH_ENDED)
		ck_assert_int_eq(order("a", ORDER(CONNECT), "d1"), CODE(OK));
	if (s >= SWITCH_TALKING && s <= SWITCH_ENDED)
		ck_assert_int_eq(order("a", ORDER(ANSWER), "d1"), CODE(OK));
	if (s == SWITCH_HELD)
		ck_assert_int_eq(order("a", ORDER(HOLD), "d1"), CODE(OK));
	if (s == SWITCH_ENDED)
		ck_assert_int_eq(order("a", ORDER(CLEAR), ""), CODE(OK));
	ck_assert_int_eq(sw->calls[0].state, s);
}

/* ---------------------------------------------------------------- orders */

/* Every state with every order: the state after it, NONE where refused. */
static const struct arbitration {
	enum switch_state from;
	Mashang__OrderKind kind;
	enum switch_state to;
	Mashang__CallEventKind event;
	Mashang__Code code;
} arbitration[] = {
#define NOT_FOUND(s, o)                                              \
	{                                                            \
		SWITCH_##s, ORDER(o), SWITCH_##s, 0, CODE(NOT_FOUND) \
	}
#define REFUSED(s, o)                                              \
	{                                                          \
		SWITCH_##s, ORDER(o), SWITCH_##s, 0, CODE(REFUSED) \
	}
#define DONE(s, o, t, e)                                            \
	{                                                           \
		SWITCH_##s, ORDER(o), SWITCH_##t, KIND(e), CODE(OK) \
	}
	NOT_FOUND(NONE, CONNECT),
	NOT_FOUND(NONE, CLEAR),
	REFUSED(MENU, CONNECT),
	REFUSED(MENU, ANSWER),
	REFUSED(MENU, DISCONNECT),
	REFUSED(MENU, HOLD),
	REFUSED(MENU, RETRIEVE),
	DONE(MENU, CLEAR, ENDED, CALL_CLEARED),
	DONE(WAITING, CONNECT, RINGING, DELIVERED),
	REFUSED(WAITING, ANSWER),
	REFUSED(WAITING, DISCONNECT),
	REFUSED(WAITING, HOLD),
	REFUSED(WAITING, RETRIEVE),
	DONE(WAITING, CLEAR, ENDED, CALL_CLEARED),
	REFUSED(RINGING, CONNECT),
	DONE(RINGING, ANSWER, TALKING, ESTABLISHED),
	DONE(RINGING, DISCONNECT, WAITING, CONNECTION_CLEARED),
	REFUSED(RINGING, HOLD),
	REFUSED(RINGING, RETRIEVE),
	DONE(RINGING, CLEAR, ENDED, CALL_CLEARED),
	REFUSED(TALKING, CONNECT),
	REFUSED(TALKING, ANSWER),
	REFUSED(TALKING, DISCONNECT),
	DONE(TALKING, HOLD, HELD, HELD),
	REFUSED(TALKING, RETRIEVE),
	DONE(TALKING, CLEAR, ENDED, CALL_CLEARED),
	REFUSED(HELD, CONNECT),
	REFUSED(HELD, ANSWER),
	REFUSED(HELD, DISCONNECT),
	REFUSED(HELD, HOLD),
	DONE(HELD, RETRIEVE, TALKING, RETRIEVED),
	DONE(HELD, CLEAR, ENDED, CALL_CLEARED),
	NOT_FOUND(ENDED, CONNECT),
	NOT_FOUND(ENDED, CLEAR),
	REFUSED(WAITING, MONITOR),
	REFUSED(TALKING, TRANSFER),
	REFUSED(TALKING, NONE),
};

START_TEST(each_order_in_each_state)
{
	const struct arbitration *t = &arbitration[_i];
	const struct switch_call *c = &sw->calls[0];
	const char *device = t->kind == ORDER(CONNECT) ? "d2" : "";
	uint64_t version;
	unsigned events;

	into(t->from);
	version = c->version;
	events = told.n_events;
	ck_assert_int_eq(order("a", t->kind, device), t->code);
	ck_assert_int_eq(c->state, t->to);
	if (t->code == CODE(OK)) {
		ck_assert_uint_eq(c->version, version + 1);
		ck_assert_uint_eq(told.n_events, events + 1);
		ck_assert_int_eq(told.event.kind, t->event);
		ck_assert_uint_eq(told.event.order_id, 1);
		ck_assert_uint_eq(told.result.version, c->version);
	} else {
		ck_assert_uint_eq(c->version, version);
		ck_assert_uint_eq(told.n_events, events);
	}
	if (t->code != CODE(NOT_FOUND))
		ck_assert_int_eq(told.result.kind, switch_kind(c));
}
END_TEST

/* Nobody here can be called: that is said, and nothing else happens. */
START_TEST(no_call_is_made)
{
	unsigned events;

	into(SWITCH_WAITING);
	events = told.n_events;
	ck_assert_int_eq(
	    order_at("", 0, ORDER(MAKE_CALL), "d1", false), CODE(REFUSED));
	ck_assert_uint_eq(told.result.version, 0);
	ck_assert_uint_eq(told.n_events, events);
}
END_TEST

START_TEST(an_order_on_another_version_is_stale)
{
	const struct switch_call *c = &sw->calls[0];

	into(SWITCH_WAITING);
	ck_assert_int_eq(
	    order_at("a", c->version - 1, ORDER(CONNECT), "d1", false),
	    CODE(STALE_VERSION));
	ck_assert_int_eq(order_at("a", c->version + 1, ORDER(CLEAR), "", false),
	    CODE(STALE_VERSION));
	ck_assert_uint_eq(told.result.version, c->version);
	ck_assert_int_eq(told.result.kind, KIND(QUEUED));
	ck_assert_int_eq(c->state, SWITCH_WAITING);
}
END_TEST

/* From before a restart: the incarnation is in the version. */
START_TEST(versions_start_with_the_incarnation)
{
	ck_assert_uint_eq(sw->calls[0].version, UINT64_C(5) << 32);
	into(SWITCH_WAITING);
	ck_assert_int_eq(
	    order_at("a", UINT64_C(4) << 32, ORDER(CONNECT), "d1", false),
	    CODE(STALE_VERSION));
}
END_TEST

START_TEST(a_device_takes_one_call)
{
	into(SWITCH_RINGING);
	ck_assert_int_eq(order("b", ORDER(CONNECT), "d1"), CODE(BUSY));
	run_to(agenda.now + 3 * S);
	ck_assert_int_eq(sw->calls[0].state, SWITCH_TALKING);
	ck_assert_int_eq(order("b", ORDER(CONNECT), "d1"), CODE(BUSY));
	ck_assert_int_eq(order("b", ORDER(CONNECT), "d9"), CODE(NO_DEVICE));
	ck_assert_int_eq(order("b", ORDER(CONNECT), "d2"), CODE(OK));
	ck_assert_int_eq(order("a", ORDER(DISCONNECT), "d2"), CODE(REFUSED));
	ck_assert_int_eq(order("a", ORDER(CLEAR), ""), CODE(OK));
	ck_assert_ptr_null(sw->calls[0].device);
}
END_TEST

START_TEST(a_device_is_free_again)
{
	into(SWITCH_RINGING);
	ck_assert_int_eq(order("a", ORDER(DISCONNECT), "d1"), CODE(OK));
	ck_assert_str_eq(told.device, "d1");
	ck_assert_int_eq(order("b", ORDER(CONNECT), "d1"), CODE(OK));
}
END_TEST

/* ------------------------------------------------------------------ lives */

START_TEST(a_call_is_served_as_planned)
{
	const struct switch_call *c = &sw->calls[0];

	into(SWITCH_RINGING);
	ck_assert_int_eq(c->offered_at, 100 * S);
	ck_assert_int_eq(c->queued_at, 110 * S);
	ck_assert_int_eq(c->delivered_at, 112 * S);
	run_to(1000 * S);
	ck_assert_int_eq(c->established_at, 115 * S);
	ck_assert_int_eq(c->ended_at, 215 * S);
	ck_assert_uint_eq(c->seq, 5);
	ck_assert_uint_eq(sw->counts.answered, 1);
	ck_assert_uint_eq(sw->counts.talking, 0);
	ck_assert(switch_is_over(sw));
}
END_TEST

START_TEST(patience_ends)
{
	const struct switch_call *b = &sw->calls[1];

	run_to(1000 * S);
	ck_assert_int_eq(b->queued_at, 111 * S);
	ck_assert_int_eq(b->ended_at, 171 * S);
	ck_assert_int_eq(told.event.kind, KIND(CALL_CLEARED));
	ck_assert_int_eq(told.event.party, MASHANG__PARTY__PARTY_CALLER);
	ck_assert_uint_eq(sw->counts.abandoned, 1);
	ck_assert_uint_eq(sw->counts.waiting, 1);
	ck_assert(!switch_is_over(sw));
	switch_give_up(sw, agenda.now);
	ck_assert(switch_is_over(sw));
}
END_TEST

/* Ringing does not stop the clock, an answer does. */
START_TEST(patience_runs_while_it_rings)
{
	const struct switch_call *b = &sw->calls[1];

	run_to(170 * S);
	ck_assert_int_eq(order("b", ORDER(CONNECT), "d1"), CODE(OK));
	run_to(171 * S);
	ck_assert_int_eq(b->state, SWITCH_ENDED);
	ck_assert_str_eq(told.device, "d1");
	ck_assert_int_eq(order("a", ORDER(CONNECT), "d1"), CODE(OK));
}
END_TEST

START_TEST(screen_first_rings_nobody_long)
{
	const struct switch_call *a = &sw->calls[0];

	into(SWITCH_WAITING);
	ck_assert_int_eq(
	    order_at("a", a->version, ORDER(CONNECT), "d1", true), CODE(OK));
	ck_assert_int_eq(order("b", ORDER(CONNECT), "here"), CODE(OK));
	run_to(agenda.now);
	ck_assert_int_eq(a->state, SWITCH_TALKING);
	ck_assert_int_eq(sw->calls[1].state, SWITCH_TALKING);
}
END_TEST

/* An order to stop ringing may come when the phone has just been lifted. */
START_TEST(who_talks_is_not_cut_off)
{
	const struct switch_call *b = &sw->calls[1];

	run_to(150 * S);
	ck_assert_int_eq(order("b", ORDER(CONNECT), "d1"), CODE(OK));
	run_to(160 * S);
	ck_assert_int_eq(b->state, SWITCH_TALKING);
	ck_assert_int_eq(order("b", ORDER(DISCONNECT), "d1"), CODE(REFUSED));
	ck_assert_int_eq(b->state, SWITCH_TALKING);
	ck_assert_str_eq(b->device->name, "d1");
}
END_TEST

START_TEST(what_was_played_is_not_played_again)
{
	struct plan *was = plan;
	struct switch_news news = { on_event, on_result, NULL };

	switch_free(&sw);
	agenda_fini(&agenda);
	agenda_init(&agenda);
	ck_ok(switch_new(was, "sw", 7, 6, &agenda, &news, &sw));
	switch_known(sw, STR_LIT("a"), true);
	switch_known(sw, STR_LIT("b"), false);
	switch_known(sw, STR_LIT("no such call"), true);
	switch_start(sw);
	ck_assert(agenda_next_at(&agenda) == AGENDA_NEVER);
	ck_assert_uint_eq(sw->counts.repeated, 1);
	ck_assert_uint_eq(sw->counts.lost, 1);
	ck_assert(switch_is_over(sw));
}
END_TEST

/* ------------------------------------------------------------------- tape */

static void
tape_one(struct tape *t, const char *call)
{
	Mashang__CallEvent e = MASHANG__CALL_EVENT__INIT;

	e.call =
	    (ProtobufCBinaryData){ strlen(call), (uint8_t *)(uintptr_t)call };
	ck_ok(tape_add(t, &e));
}

START_TEST(the_tape_keeps_what_is_not_committed)
{
	Mashang__CallEvent *e;
	struct tape t;
	char name[16];

	tape_init(&t, 41);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "call%d", i);
		tape_one(&t, name);
		if (i == 500)
			tape_forget(&t, 41 + 400);
	}
	ck_assert_ptr_null(tape_get(&t, 41 + 400));
	ck_assert_ptr_null(tape_get(&t, 41 + 3000));
	e = tape_get(&t, 41 + 2999);
	ck_assert_uint_eq(e->stream_seq, 41 + 2999);
	ck_assert_int_eq(memcmp(e->call.data, "call2999", 8), 0);
	mashang__call_event__free_unpacked(e, NULL);
	e = tape_get(&t, 41 + 401);
	ck_assert_int_eq(memcmp(e->call.data, "call401", 7), 0);
	mashang__call_event__free_unpacked(e, NULL);
	tape_forget(&t, UINT64_MAX);
	ck_assert_uint_eq(t.first, t.next);
	tape_fini(&t);
}
END_TEST

Suite *
switch_suite(void)
{
	TCase *orders = tcase_create("orders"), *lives = tcase_create("lives");
	Suite *s = suite_of(orders, "switch");

	tcase_add_checked_fixture(orders, setup, teardown);
	tcase_add_loop_test(
	    orders, each_order_in_each_state, 0, (int)NELEM(arbitration));
	tcase_add_test(orders, no_call_is_made);
	tcase_add_test(orders, an_order_on_another_version_is_stale);
	tcase_add_test(orders, versions_start_with_the_incarnation);
	tcase_add_test(orders, a_device_takes_one_call);
	tcase_add_test(orders, a_device_is_free_again);
	tcase_add_checked_fixture(lives, setup, teardown);
	tcase_add_test(lives, a_call_is_served_as_planned);
	tcase_add_test(lives, patience_ends);
	tcase_add_test(lives, patience_runs_while_it_rings);
	tcase_add_test(lives, screen_first_rings_nobody_long);
	tcase_add_test(lives, who_talks_is_not_cut_off);
	tcase_add_test(lives, what_was_played_is_not_played_again);
	tcase_add_test(lives, the_tape_keeps_what_is_not_committed);
	suite_add_tcase(s, lives);
	return s;
}
