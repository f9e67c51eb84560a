/*
 * line_test.c - in which line a call stands, and how that changes as it waits:
 * steps of relaxing, whom first, who is asked again, who comes back.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

/*
 * Queue repair asks for English 5.  Agents of it: 1 (English 8), 2 (English 8,
 * in the second tier), 4 (English 3), 6 (none).  Agent 3 is of sales (English
 * 9), 7 (English 2) too.  Agent n sits at 80n; agent 5, of repair (English 9),
 * at 700, a phone of another switch.
 */
static const struct bed_house house = {
	.skills = "1|english\n2|gas",
	.queues = "1|repair|1=5|20000000|30000000|60000000|t|5000000|\n"
		  "2|sales||20000000|30000000|0|t|5000000|\n"
		  "3|night||20000000|30000000|0|t|5000000|",
	.agents = "1|a1|One|f|1|1=8||||\n2|a2|Two|f|1|1=8||||\n"
		  "3|a3|Three|f|2|1=9||||\n4|a4|Four|f|1|1=3||||\n"
		  "5|a5|Five|f|1|1=9||||\n6|a6|Six|f|1|||||\n"
		  "7|a7|Seven|f|2|1=2||||",
	.devices = "801|1\n802|1\n803|1\n804|1\n805|1\n806|1\n807|1\n700|2",
	.numbers = "4001||1\n4002||2\n4003||3",
};

static int64_t t0; /* when the test's first call waits */

static void
setup(void)
{
	bed_open(&house);
	agent_find(bench.desk, 2)->profile.tiers[0] = 2;
	t0 = bench.now + S;
}

static void
here(uint32_t agent, enum agent_state state)
{
	char phone[8];

	snprintf(phone, sizeof(phone), agent == 5 ? "700" : "80%u", agent);
	bed_log_in(agent, phone, state);
}

/* "1 4!": agent 1 is ready, 4 logged in and not ready. */
static void
all_here(const char *agents)
{
	for (const char *p = agents; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			here((uint32_t)(*p - '0'), p[1] == '!'
						       ? AGENT_STATE_NOT_READY
						       : AGENT_STATE_READY);
}

static void
queued(const char *call)
{
	bench.now = bench.now < t0 ? t0 : bench.now;
	bed_event(call, 1, CALL_EV_QUEUED, "");
}

/* Seconds from t0 until somebody is offered it; -1: nobody, in 10 minutes. */
static int
offered_after(void)
{
	for (int s = 0; s <= 600; s++) {
		bed_until(t0 + s * S);
		if (bench.offered_to != 0)
			return s;
	}
	return -1;
}

/* ---- the queue's own line, and its steps */

/* clang-format off */
static const struct {
	const char *rules, *here;
	int after; /* s, -1: never */
	uint32_t to;
	const char *why;
} steps[] = {
	{ "", "1", 0, 1, "repair" },
	{ "", "2", 0, 2, "repair" }, /* no step: all tiers at once */
	{ "", "4", -1, 0, "" },
	{ "", "3", -1, 0, "" },
	{ "", "5", -1, 0, "" }, /* that phone cannot take it */
	{ "relax 30s skill english 3", "4", 30, 4,
	  "repair after 30 s: english 3" },
	{ "relax 30s skill english 4", "4", -1, 0, "" },
	{ "relax 30s skill english 4\nrelax 50s skill english 2", "4", 50, 4,
	  "repair after 50 s: english 2" },
	{ "relax 40s skill english 0", "6", 40, 6,
	  "repair after 40 s: without english" },
	{ "relax 60s tier 2", "2", 60, 2, "repair after 60 s: tier 2" },
	{ "relax 60s tier 2", "1 2", 0, 1, "repair" },
	{ "relax 90s queue sales", "3", 90, 3, "repair after 90 s: sales agents" },
	{ "relax 90s queue sales", "7", -1, 0, "" }, /* asks for English still */
	{ "relax 30s skill english 2\nrelax 90s queue sales", "7", 90, 7,
	  "repair after 90 s: english 2, sales agents" },
	{ "relax 30s skill english 2\nrelax 60s tier 2\nrelax 90s queue sales",
	  "1", 0, 1, "repair" },
};
/* clang-format on */

START_TEST(a_line_grows_by_its_queue_s_steps)
{
	setup();
	bed_rules("repair", steps[_i].rules);
	all_here(steps[_i].here);
	queued("c");
	ck_assert_int_eq(offered_after(), steps[_i].after);
	ck_assert_uint_eq(bench.offered_to, steps[_i].to);
	if (steps[_i].to != 0)
		ck_assert_str_eq(bench.why, steps[_i].why);
}
END_TEST

/* What was not needed to let the agent in is not told. */
/* clang-format off */
static const struct {
	uint32_t agent;
	const char *why;
} lates[] = {
	{ 1, "repair" },
	{ 2, "repair after 60 s: tier 2" },
	{ 3, "repair after 90 s: sales agents" },
	{ 4, "repair after 30 s: english 3" },
	{ 6, "repair after 95 s: without english" },
	{ 7, "repair after 90 s: english 2, sales agents" },
};
/* clang-format on */

START_TEST(only_what_was_needed_is_told)
{
	setup();
	bed_rules("repair", "relax 30s skill english 3\n"
			    "relax 40s skill english 2\nrelax 60s tier 2\n"
			    "relax 65s tier 3\nrelax 90s queue sales\n"
			    "relax 95s skill english 0");
	queued("c");
	bed_until(t0 + 100 * S);
	here(lates[_i].agent, AGENT_STATE_READY);
	ck_assert_uint_eq(bench.offered_to, lates[_i].agent);
	ck_assert_str_eq(bench.why, lates[_i].why);
}
END_TEST

START_TEST(a_changed_rule_acts_on_who_waits_already)
{
	setup();
	here(4, AGENT_STATE_READY);
	queued("c");
	bed_until(t0 + 40 * S);
	ck_assert_uint_eq(bench.offered_to, 0);
	bed_rules("repair", "relax 30s skill english 3");
	ck_assert_uint_eq(bench.offered_to, 4); /* has waited for 40 s */
	ck_assert_str_eq(bench.why, "repair after 30 s: english 3");
}
END_TEST

START_TEST(a_rule_of_the_future_comes_in_its_time)
{
	setup();
	here(4, AGENT_STATE_READY);
	queued("c");
	bed_until(t0 + 40 * S);
	bed_rules("repair", "relax 70s skill english 3");
	ck_assert_uint_eq(bench.offered_to, 0);
	ck_assert_int_eq(offered_after(), 70);
}
END_TEST

/* Both have waited long enough for agent 4: who came first goes first. */
START_TEST(relaxing_overtakes_nobody)
{
	const struct call *c, *e;

	setup();
	bed_rules("repair", "relax 30s skill english 3");
	queued("c");
	bed_until(t0 + 10 * S);
	bed_event("e", 1, CALL_EV_QUEUED, "");
	c = call_find(bench.desk, &(struct id[]){ bed_id_of("c") }[0]);
	e = call_find(bench.desk, &(struct id[]){ bed_id_of("e") }[0]);
	bed_until(t0 + 60 * S);
	ck_assert_int_eq(c->enqueued_at, t0);
	ck_assert_int_eq(e->enqueued_at, t0 + 10 * S);
	ck_assert_uint_lt(c->arrival, e->arrival);
	here(4, AGENT_STATE_READY);
	ck_assert_ptr_ne(c->offers, NULL);
	here(1, AGENT_STATE_READY);
	ck_assert_ptr_ne(e->offers, NULL);
}
END_TEST

/* ---- whom first */

/* clang-format off */
#define FIRST "first owner 30s\nfirst last_agent 20s within 7d\n" \
	"first account_manager 60s"
static const struct {
	const char *rules, *here;
	unsigned owner, last, manager;
	int last_days; /* ago */
	int after;
	uint32_t to;
	const char *why;
} firsts[] = {
	{ FIRST, "1 6", 6, 0, 0, 0, 0, 6, "repair: owner of ticket 10008" },
	{ FIRST, "1 6", 0, 6, 0, 1, 0, 6, "repair: last agent" },
	{ FIRST, "1 6", 0, 0, 6, 0, 0, 6, "repair: account manager" },
	{ FIRST, "1 6", 0, 6, 0, 8, 0, 1, "repair" }, /* too long ago */
	{ FIRST, "1 6!", 6, 0, 0, 0, 30, 1, "repair" },
	{ FIRST, "1 6!", 0, 6, 0, 1, 20, 1, "repair" },
	{ FIRST, "1 6!", 0, 0, 6, 0, 60, 1, "repair" },
	{ FIRST, "1 6! 4! 3!", 6, 4, 3, 1, 110, 1, "repair" },
	{ FIRST, "1 6! 4 3", 6, 4, 3, 1, 30, 4, "repair: last agent" },
	{ FIRST, "1 6! 4! 3", 6, 4, 3, 1, 50, 3, "repair: account manager" },
	{ FIRST, "1 6!", 6, 6, 6, 1, 30, 1, "repair" }, /* not waited for twice */
	{ FIRST, "1", 6, 0, 0, 0, 0, 1, "repair" }, /* not logged in: skipped */
	{ FIRST, "1 4", 6, 4, 0, 1, 0, 4, "repair: last agent" },
	{ FIRST, "1 5", 5, 0, 0, 0, 0, 1, "repair" }, /* at another switch */
	{ FIRST, "1", 77, 0, 0, 0, 0, 1, "repair" },  /* gone for good */
	{ "first account_manager 60s", "1 6", 6, 6, 0, 1, 0, 1, "repair" },
	{ "", "1 6", 6, 6, 6, 1, 0, 1, "repair" },
};
/* clang-format on */

static char card[256];

static void
know(unsigned owner, unsigned last, unsigned manager, int days)
{
	snprintf(card, sizeof(card), "|%u|%u|1000|%u|%lld|f||||", manager,
	    owner, last, (long long)(t0 - days * 86400 * S));
	fake_ledger_card(bench.ledger, LQ_CALLER_FACTS, card);
}

START_TEST(some_are_asked_first_each_for_so_long)
{
	setup();
	bed_rules("repair", firsts[_i].rules);
	know(firsts[_i].owner, firsts[_i].last, firsts[_i].manager,
	    firsts[_i].last_days);
	all_here(firsts[_i].here);
	queued("c");
	ck_assert_int_eq(offered_after(), firsts[_i].after);
	ck_assert_uint_eq(bench.offered_to, firsts[_i].to);
	ck_assert_str_eq(bench.why, firsts[_i].why);
}
END_TEST

START_TEST(who_refuses_to_be_first_is_not_waited_for)
{
	struct desk_action a;

	setup();
	bed_rules("repair", FIRST);
	know(6, 0, 0, 0);
	all_here("1! 6");
	queued("c");
	ck_assert_uint_eq(bench.offered_to, 6);
	a = bed_by(6);
	ck_ok(desk_offer_refuse(bench.desk, &a, bench.offer, STR_LIT("")));
	here(1, AGENT_STATE_READY);
	ck_assert_uint_eq(bench.offered_to, 1);
}
END_TEST

START_TEST(who_logs_off_is_not_waited_for)
{
	setup();
	bed_rules("repair", FIRST);
	know(6, 0, 0, 0);
	all_here("1 6!");
	queued("c");
	bed_until(t0 + 5 * S);
	ck_assert_uint_eq(bench.offered_to, 0);
	ck_assert_uint_eq(bench.desk->n_firsts, 1);
	desk_agent_gone(bench.desk, 6, true, bench.now);
	bed_run();
	ck_assert_uint_eq(bench.offered_to, 1);
	ck_assert_uint_eq(bench.desk->n_firsts, 0);
}
END_TEST

/* ---- the facts: asked for once, only where needed, and waited for 50 ms */

START_TEST(facts_are_asked_for_where_rules_need_them)
{
	/* clang-format off */
	static const struct {
		const char *rules;
		unsigned asked;
	} rows[] = {
		{ "", 0 },
		{ "strategy random\nrelax 30s tier 2\ncredit word gas 10m", 0 },
		{ "first owner 30s", 1 },
		{ "credit grade B 60s", 1 },
		{ "credit breached 2m", 1 },
		{ "credit repeat 60s", 1 },
		{ "return 10m", 1 },
	};
	/* clang-format on */

	for (unsigned i = 0; i < NELEM(rows); i++) {
		setup();
		bed_rules("sales", rows[i].rules); /* any queue's */
		bed_event("c", 1, CALL_EV_OFFERED, "");
		ck_assert_uint_eq(
		    fake_ledger_asked(bench.ledger, LQ_CALLER_FACTS),
		    rows[i].asked);
		bed_event("c", 2, CALL_EV_QUEUED, "");
		ck_assert_uint_eq(
		    fake_ledger_asked(bench.ledger, LQ_CALLER_FACTS),
		    rows[i].asked);
		if (i + 1 < NELEM(rows))
			bed_down();
	}
}
END_TEST

START_TEST(nobody_is_asked_about_who_hides)
{
	struct call_event ev;

	setup();
	bed_rules("repair", FIRST);
	here(1, AGENT_STATE_READY);
	ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");
	ev.caller = STR_LIT("anonymous");
	bed_say(ev);
	ck_assert_uint_eq(fake_ledger_asked(bench.ledger, LQ_CALLER_FACTS), 0);
	ck_assert_uint_eq(bench.offered_to, 1);
}
END_TEST

/* Without running what is awaited: the ledger has not answered yet. */
static void
queued_unanswered(void)
{
	struct call_event ev;

	bench.now = t0;
	ev = bed_an_event("c", 1, CALL_EV_QUEUED, "");
	ck_ok(desk_call_event(bench.sw, &ev, bench.now));
}

START_TEST(a_late_answer_holds_up_for_50_ms)
{
	setup();
	bed_rules("repair", FIRST);
	know(6, 0, 0, 0);
	all_here("1! 6");
	queued_unanswered();
	ck_assert(!desk_is_settled(bench.desk));
	ck_assert_int_eq(desk_next_at(bench.desk), t0 + 50000);
	desk_tick(bench.desk, bench.now = t0 + 49999);
	ck_assert_uint_eq(bench.desk->acd_pending, 0);
	desk_tick(bench.desk, bench.now = t0 + 50000);
	ck_assert_uint_eq(bench.desk->acd_pending, 1); /* for all */
	bed_run();
	ck_assert_uint_eq(bench.offered_to, 6); /* and then moved */
}
END_TEST

START_TEST(without_first_rules_nobody_is_held_up)
{
	setup();
	bed_rules("repair", "credit grade A 60s");
	queued_unanswered();
	ck_assert_uint_eq(bench.desk->acd_pending, 1);
	bed_run();
}
END_TEST

START_TEST(without_the_ledger_it_goes_on)
{
	setup();
	bed_rules("repair", FIRST);
	here(1, AGENT_STATE_READY);
	fake_ledger_away(bench.ledger, true);
	queued("c");
	ck_assert_uint_eq(bench.offered_to, 1);
	fake_ledger_away(bench.ledger, false);
	bed_run();
}
END_TEST

START_TEST(an_answer_that_fails_lets_it_go_on)
{
	setup();
	bed_rules("repair", FIRST);
	here(1, AGENT_STATE_READY);
	fake_ledger_trouble(bench.ledger, LQ_CALLER_FACTS, 1, ERR_IO);
	queued("c");
	ck_assert_uint_eq(bench.offered_to, 1);
}
END_TEST

START_TEST(who_hangs_up_meanwhile_is_nowhere)
{
	setup();
	bed_rules("repair", FIRST);
	here(1, AGENT_STATE_READY);
	queued_unanswered();
	{
		struct call_event ev =
		    bed_an_event("c", 2, CALL_EV_CALL_CLEARED, "");

		ck_ok(desk_call_event(bench.sw, &ev, bench.now));
	}
	bed_until(t0 + S);
	ck_assert_uint_eq(bench.offered_to, 0);
}
END_TEST

/* ---- again */

static void
refuse(uint32_t agent)
{
	struct desk_action a = bed_by(agent);

	ck_assert_uint_eq(bench.offered_to, agent);
	bench.offered_to = 0;
	ck_ok(desk_offer_refuse(bench.desk, &a, bench.offer, STR_LIT("")));
	bed_run();
}

START_TEST(who_has_refused_is_asked_again_after_so_long)
{
	static const struct {
		const char *rules;
		int after;
	} rows[] = { { "", 60 }, { "again 25s", 25 }, { "again 0s", -1 } };

	for (unsigned i = 0; i < NELEM(rows); i++) {
		setup();
		bed_rules("repair", rows[i].rules);
		here(1, AGENT_STATE_READY);
		queued("c");
		refuse(1);
		ck_assert_uint_eq(bench.offered_to, 0);
		ck_assert_int_eq(offered_after(), rows[i].after);
		if (i + 1 < NELEM(rows))
			bed_down();
	}
}
END_TEST

/* ---- nobody is overtaken, whatever happens */

/* Agents of three tiers and two queues, calls of two grades, steps of all
 * kinds, for hours; nobody but callers gives up. */
#define ODDS(n) (walk_random() % (n) == 0)
#define RUSH_STEPS 6000

static uint64_t walk_state;

static unsigned
walk_random(void)
{
	walk_state = walk_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(walk_state >> 33);
}

static bool
is_ahead(const struct call *y, const struct call *x)
{
	return y->enqueued_at != x->enqueued_at
	           ? y->enqueued_at < x->enqueued_at
	           : y->arrival < x->arrival;
}

/* Whoever is like it, came before it, and was never offered. */
static void
check_overtaken(const struct call *x, unsigned step)
{
	for (const struct call *y = bench.desk->calls; y != NULL;
	     y = y->hh.next)
		if (y != x && call_is_open(y) && y->n_offers == 0 &&
		    y->queue == x->queue && is_ahead(y, x) &&
		    credit_of(bench.desk, y) == credit_of(bench.desk, x))
			ck_abort_msg("step %u: %s overtakes %s", step, x->name,
			    y->name);
}

static void
check_offers(unsigned step)
{
	for (uint32_t a = 1; a <= 7; a++) {
		const struct offer *o = agent_find(bench.desk, a)->offer;

		if (o != NULL && o->offered_at == bench.now &&
		    o->call->n_offers == 1)
			check_overtaken(o->call, step);
	}
}

static void
somebody_calls(unsigned step)
{
	struct call_event ev;
	char name[16];

	snprintf(name, sizeof(name), "c%u", step);
	ev = bed_an_event(name, 1, CALL_EV_QUEUED, "");
	ev.called = ODDS(3) ? STR_LIT("4002") : STR_LIT("4001");
	ev.priority = ODDS(4);
	bed_say(ev);
}

static void
somebody_hangs_up(void)
{
	unsigned n = walk_random() % (HASH_COUNT(bench.desk->calls) + 1);
	struct call *c = bench.desk->calls;

	while (c != NULL && n-- > 0)
		c = c->hh.next;
	if (c != NULL)
		bed_event(c->name, c->seq + 1, CALL_EV_CALL_CLEARED, "");
}

static void
somebody_turns(void)
{
	uint32_t agent = 1 + walk_random() % 7;
	struct desk_action a = bed_by(agent);

	if (agent == 5)
		return;
	ck_ok(desk_set_state(bench.desk, &a,
	    ODDS(3) ? AGENT_STATE_NOT_READY : AGENT_STATE_READY,
	    STR_LIT("")));
	bed_run();
}

START_TEST(like_calls_are_never_overtaken)
{
	static const char *const rules[] = {
		"relax 20s skill english 3\nrelax 40s tier 2\n"
		"relax 60s queue sales\nrelax 70s skill english 0",
		"strategy most_skilled\nrelax 10s tier 2",
		"strategy weighted_random\nrelax 30s queue sales\n"
		"relax 30s skill english 0",
	};

	setup();
	walk_state = (uint64_t)_i;
	all_here("1 2 3 4 6 7");
	bed_rules("repair", rules[0]);
	for (unsigned step = 0; step < RUSH_STEPS; step++) {
		bed_until(bench.now + walk_random() % (4 * S));
		bench.now++;
		if (ODDS(300))
			bed_rules("repair", rules[walk_random() % 3]);
		else if (ODDS(2))
			somebody_calls(step);
		else if (ODDS(2))
			somebody_turns();
		else
			somebody_hangs_up();
		check_offers(step);
		bed_page();
	}
}
END_TEST

/* ---- moved by a person, while it waits */

START_TEST(a_person_moves_a_call_with_its_place)
{
	struct desk_action boss;
	struct control move = { .kind = ORDER_REQUEUE,
		.queue = STR_LIT("sales") };
	const struct call *c;
	uint64_t arrival;

	setup();
	queued("c");
	c = call_find(bench.desk, &(struct id[]){ bed_id_of("c") }[0]);
	arrival = c->arrival;
	bed_until(t0 + 9 * S);
	move.call = bed_id_of("c");
	boss = bed_by(0);
	desk_control(bench.desk, &boss, &move, bed_answer, NULL);
	ck_assert_uint_eq(bench.desk->acd_pending, 1); /* MOVE, no more */
	bed_run();
	ck_assert_int_eq(c->enqueued_at, t0);
	ck_assert_uint_eq(c->arrival, arrival);
	here(1, AGENT_STATE_READY);
	ck_assert_uint_eq(bench.offered_to, 0);
	here(3, AGENT_STATE_READY);
	ck_assert_uint_eq(bench.offered_to, 3);
	ck_assert_str_eq(bench.why, "sales");
}
END_TEST

START_TEST(all_is_told_to_another_acd_relaxed_as_it_is)
{
	struct acd *another;

	setup();
	bed_rules("repair", "relax 30s skill english 3\nrelax 90s queue sales");
	queued("c");
	bed_until(t0 + 100 * S);
	ck_ok(mem_acd_new(NULL, &another));
	route_use(bench.desk, another);
	mem_acd_run(another);
	ck_ok(desk_agent_login(bench.desk, 3, STR_LIT("803"), AGENT_STATE_READY,
	    STR_LIT(""), bench.now));
	mem_acd_run(another);
	ck_assert_uint_eq(bench.offered_to, 3);
	acd_free(&another);
}
END_TEST

/* ---- who comes back */

START_TEST(who_comes_back_soon_has_the_old_place)
{
	const struct call *c;
	uint64_t arrival;

	setup();
	bed_rules("repair", "return 10m");
	queued("c");
	c = call_find(bench.desk, &(struct id[]){ bed_id_of("c") }[0]);
	arrival = c->arrival;
	bed_until(t0 + 60 * S);
	bed_event("c", 2, CALL_EV_CALL_CLEARED, "");
	bed_until(t0 + 300 * S);
	queued("e");
	c = call_find(bench.desk, &(struct id[]){ bed_id_of("e") }[0]);
	ck_assert_int_eq(c->enqueued_at, t0);
	ck_assert_uint_eq(c->arrival, arrival);
	/* once */
	queued("f");
	c = call_find(bench.desk, &(struct id[]){ bed_id_of("f") }[0]);
	ck_assert_int_eq(c->enqueued_at, t0 + 300 * S);
}
END_TEST

/* clang-format off */
static const struct {
	const char *what, *rules, *called, *caller;
	int after; /* s */
	enum cause cause;
} strangers[] = {
	{ "too late", "return 1m", "4001", "13812345678", 61, CAUSE_NORMAL },
	{ "another queue", "return 10m", "4002", "13812345678", 5, CAUSE_NORMAL },
	{ "somebody else", "return 10m", "4001", "13812345679", 5, CAUSE_NORMAL },
	{ "no rule", "", "4001", "13812345678", 5, CAUSE_NORMAL },
	{ "refused by us", "return 10m", "4001", "13812345678", 5, CAUSE_REFUSED },
};
/* clang-format on */

START_TEST(others_have_a_new_place)
{
	struct call_event ev;
	const struct call *c;

	setup();
	bed_rules("repair", strangers[_i].rules);
	queued("c");
	bed_until(t0 + 60 * S);
	ev = bed_an_event("c", 2, CALL_EV_CALL_CLEARED, "");
	ev.cause = strangers[_i].cause;
	bed_say(ev);
	bed_until(t0 + (60 + strangers[_i].after) * S);
	ev = bed_an_event("e", 1, CALL_EV_QUEUED, "");
	ev.called = str_of(strangers[_i].called);
	ev.caller = str_of(strangers[_i].caller);
	bed_say(ev);
	c = call_find(bench.desk, &(struct id[]){ bed_id_of("e") }[0]);
	ck_assert_msg(c->enqueued_at == bench.now, "%s", strangers[_i].what);
}
END_TEST

/* After a restart only the ledger knows. */
START_TEST(the_ledger_knows_who_comes_back)
{
	const struct call *c;

	setup();
	bed_rules("repair", "return 10m");
	snprintf(card, sizeof(card), "|||||||%lld|1|%lld|%lld",
	    (long long)(t0 - 90 * S), (long long)(t0 - 80 * S),
	    (long long)(t0 - 30 * S));
	fake_ledger_card(bench.ledger, LQ_CALLER_FACTS, card);
	queued("c");
	c = call_find(bench.desk, &(struct id[]){ bed_id_of("c") }[0]);
	ck_assert_int_eq(c->enqueued_at, t0 - 80 * S);
}
END_TEST

Suite *line_suite(void);

Suite *
line_suite(void)
{
	TCase *tc = tcase_create("line");

	tcase_add_checked_fixture(tc, NULL, bed_down);
	tcase_add_loop_test(
	    tc, a_line_grows_by_its_queue_s_steps, 0, NELEM(steps));
	tcase_add_loop_test(tc, only_what_was_needed_is_told, 0, NELEM(lates));
	tcase_add_test(tc, a_changed_rule_acts_on_who_waits_already);
	tcase_add_test(tc, a_rule_of_the_future_comes_in_its_time);
	tcase_add_test(tc, relaxing_overtakes_nobody);
	tcase_add_loop_test(
	    tc, some_are_asked_first_each_for_so_long, 0, NELEM(firsts));
	tcase_add_test(tc, who_refuses_to_be_first_is_not_waited_for);
	tcase_add_test(tc, who_logs_off_is_not_waited_for);
	tcase_add_test(tc, facts_are_asked_for_where_rules_need_them);
	tcase_add_test(tc, nobody_is_asked_about_who_hides);
	tcase_add_test(tc, a_late_answer_holds_up_for_50_ms);
	tcase_add_test(tc, without_first_rules_nobody_is_held_up);
	tcase_add_test(tc, without_the_ledger_it_goes_on);
	tcase_add_test(tc, an_answer_that_fails_lets_it_go_on);
	tcase_add_test(tc, who_hangs_up_meanwhile_is_nowhere);
	tcase_add_test(tc, who_has_refused_is_asked_again_after_so_long);
	tcase_add_loop_test(tc, like_calls_are_never_overtaken, 0, 4);
	tcase_add_test(tc, a_person_moves_a_call_with_its_place);
	tcase_add_test(tc, all_is_told_to_another_acd_relaxed_as_it_is);
	tcase_add_test(tc, who_comes_back_soon_has_the_old_place);
	tcase_add_loop_test(tc, others_have_a_new_place, 0, NELEM(strangers));
	tcase_add_test(tc, the_ledger_knows_who_comes_back);
	return suite_of(tc, "line");
}
