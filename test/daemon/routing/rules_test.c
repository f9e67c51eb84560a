/*
 * rules_test.c - each line of the manual, what is wrong with lines and with
 * several of them, and that text and rules are the same thing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "routing/rules.h"
#include "test/support/support.h"

#define S INT64_C(1000000)
#define M (60 * S)
#define H (60 * M)
#define D (24 * H)
#define ROUNDS 20000
#define SEED 20250715

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(4096, 64 << 20);
}

static void
teardown(void)
{
	arena_free(&arena);
}

static bool
is(struct str s, const char *want)
{
	return str_eq(s, str_of(want));
}

/* ---- the manual's lines: what is written, what it means */

#define CALLBACK(first, n, every_, expires_)                                  \
	(r->callback.offered && r->callback.customer_first == (first) &&      \
	    r->callback.retries == (n) && r->callback.every_us == (every_) && \
	    r->callback.expires_us == (expires_))
#define RELAX(after, k, name_, n_)                                    \
	(r->n_relax == 1 && r->relax[0].after_us == (after) &&        \
	    r->relax[0].kind == (k) && is(r->relax[0].name, name_) && \
	    r->relax[0].n == (n_))
#define OVERFLOW_IS(k, over_, name_)                           \
	(r->n_overflows == 1 && r->overflows[0].kind == (k) && \
	    r->overflows[0].over == (over_) &&                 \
	    r->overflows[0].then.action == ACTION_QUEUE &&     \
	    is(r->overflows[0].then.queue, name_))

/* clang-format off */
#define LINES(X) \
	X(strategy_1, "strategy round_robin", \
	  r->strategy == STRATEGY_ROUND_ROBIN && r->ring_at_once == 1) \
	X(strategy_2, "strategy fewest_calls", \
	  r->strategy == STRATEGY_FEWEST_CALLS) \
	X(strategy_3, "strategy least_talk", \
	  r->strategy == STRATEGY_LEAST_TALK) \
	X(strategy_4, "strategy top_down", r->strategy == STRATEGY_TOP_DOWN) \
	X(strategy_5, "strategy random", r->strategy == STRATEGY_RANDOM) \
	X(strategy_6, "strategy weighted_random", \
	  r->strategy == STRATEGY_WEIGHTED_RANDOM) \
	X(strategy_7, "strategy ring_all", \
	  r->strategy == STRATEGY_RING_ALL && r->ring_at_once == 16) \
	X(strategy_8, "strategy most_skilled", \
	  r->strategy == STRATEGY_MOST_SKILLED) \
	X(strategy_9, "strategy least_skilled", \
	  r->strategy == STRATEGY_LEAST_SKILLED) \
	X(ring, "strategy ring_all\nring_at_once 8", r->ring_at_once == 8) \
	X(relax_skill, "relax 30s skill english 3", \
	  RELAX(30 * S, RELAX_SKILL, "english", 3)) \
	X(relax_none, "relax 30s skill english 0", \
	  RELAX(30 * S, RELAX_SKILL, "english", 0)) \
	X(relax_tier, "relax 1m tier 2", RELAX(M, RELAX_TIER, "", 2)) \
	X(relax_queue, "relax 90s queue sales", \
	  RELAX(90 * S, RELAX_QUEUE, "sales", 0)) \
	X(first_owner, "first owner 30s", \
	  r->first_us[FIRST_OWNER] == 30 * S) \
	X(first_last, "first last_agent 20s", \
	  r->first_us[FIRST_LAST_AGENT] == 20 * S && \
	  r->last_agent_within_us == 7 * D) \
	X(first_within, "first last_agent 20s within 1d", \
	  r->first_us[FIRST_LAST_AGENT] == 20 * S && \
	  r->last_agent_within_us == D) \
	X(first_manager, "first account_manager 1m", \
	  r->first_us[FIRST_ACCOUNT_MANAGER] == M) \
	X(grade, "credit grade A 1m", r->grade_us[0] == M && \
	  r->grade_us[1] == 0) \
	X(grade_e, "credit grade E 1us", r->grade_us[4] == 1) \
	X(breached, "credit breached 2m", r->breached_us == 2 * M) \
	X(repeat, "credit repeat 1m", r->repeat_us == M) \
	X(word, "credit word gas 10m", r->n_words == 1 && \
	  is(r->words[0].word, "gas") && r->words[0].us == 10 * M) \
	X(word_odd, "credit word 煤气%20100%25 10m", \
	  is(r->words[0].word, "煤气 100%")) \
	X(hours, "hours office closed queue night", \
	  is(r->hours, "office") && r->closed.action == ACTION_QUEUE && \
	  is(r->closed.queue, "night")) \
	X(full, "full 50 refuse", \
	  r->full == 50 && r->when_full.action == ACTION_REFUSE) \
	X(max_wait, "max_wait 10m callback", r->max_wait_us == 10 * M && \
	  r->after_max_wait.action == ACTION_CALLBACK) \
	X(over_wait, "overflow wait 1m queue sales", \
	  OVERFLOW_IS(OVERFLOW_WAIT, M, "sales")) \
	X(over_length, "overflow length 20 queue sales", \
	  OVERFLOW_IS(OVERFLOW_LENGTH, 20, "sales")) \
	X(over_estimate, "overflow estimate 5m queue sales", \
	  OVERFLOW_IS(OVERFLOW_ESTIMATE, 5 * M, "sales")) \
	X(callback, "callback agent_first retries 3 every 10m expires 8h", \
	  CALLBACK(false, 3, 10 * M, 8 * H)) \
	X(callback_2, "callback customer_first retries 0 every 1m expires 1d", \
	  CALLBACK(true, 0, M, D)) \
	X(follow_up, "follow_up_abandoned 1m", \
	  r->follow_up_abandoned_us == M) \
	X(back, "return 10m", r->return_us == 10 * M) \
	X(announce, "announce 30s", r->announce_us == 30 * S) \
	X(no_answer, "delay no_answer 10s", \
	  r->delay_us[DELAY_NO_ANSWER] == 10 * S) \
	X(refused, "delay refused 10s", r->delay_us[DELAY_REFUSED] == 10 * S) \
	X(busy, "delay device_busy 10s", \
	  r->delay_us[DELAY_DEVICE_BUSY] == 10 * S) \
	X(unanswered, "unanswered 3", r->unanswered == 3) \
	X(again, "again 2m", r->again_us == 2 * M) \
	X(never, "again 0s", r->again_us == 0) \
	X(extend, "extend 2m 3", \
	  r->extend_us == 2 * M && r->extensions == 3) \
	X(direct, "direct 5m", r->direct_us == 5 * M) \
	X(work, "work_credit -5m", r->work_credit_us == -5 * M)
/* clang-format on */

#define HOLDS(name, text, holds)                              \
	static bool name##_holds(const struct route_rules *r) \
	{                                                     \
		return holds;                                 \
	}
LINES(HOLDS)

#define ROW(name, text, holds) { text, name##_holds },
static const struct {
	const char *text;
	bool (*holds)(const struct route_rules *);
} lines[] = { LINES(ROW) };

static struct route_rules
parsed(struct str text)
{
	struct route_rules r;
	char fault[256] = "";
	enum err e = rules_parse(text, arena, &r, fault, sizeof(fault));

	ck_assert_msg(e == ERR_OK, "%s", fault);
	return r;
}

START_TEST(a_line_means_what_the_manual_says)
{
	const char *text = lines[_i].text;
	struct route_rules r = parsed(str_of(text));
	struct str again = rules_text(&r, arena);
	char want[256];

	ck_assert_msg(lines[_i].holds(&r), "%s", text);
	snprintf(want, sizeof(want), "%s\n", text);
	ck_assert_msg(is(again, want), "%s: %.*s", text, STR_ARG(again));
}
END_TEST

START_TEST(the_preset_is_no_text)
{
	struct route_rules preset, r = parsed(STR_LIT(""));
	struct str text;

	rules_preset(&preset);
	ck_assert_int_eq(memcmp(&r, &preset, sizeof(r)), 0);
	text = rules_text(&preset, arena);
	ck_assert_uint_eq(text.len, 0);
	ck_assert_ptr_nonnull(text.p);
	ck_assert(preset.strategy == STRATEGY_LONGEST_IDLE);
	ck_assert(preset.last_agent_within_us == 7 * D);
	ck_assert(preset.callback.every_us == 10 * M);
	ck_assert(preset.callback.expires_us == 8 * H);
	ck_assert_uint_eq(preset.callback.retries, 3);
	ck_assert(!preset.callback.offered);
}
END_TEST

START_TEST(words_go_both_ways)
{
	ck_assert_int_eq(strategy_of(STR_LIT("longest_idle")), 0);
	ck_assert_int_eq(strategy_of(STR_LIT("longest_idl")), -1);
	for (int i = 0; i < NSTRATEGIES; i++)
		ck_assert_int_eq(
		    strategy_of(str_of(strategy_word((enum strategy)i))), i);
	ck_assert_ptr_null(strategy_word(NSTRATEGIES));
	ck_assert_ptr_null(action_word(ACTION_NONE));
	ck_assert_str_eq(action_word(ACTION_CALLBACK), "callback");
	ck_assert_str_eq(rule_word(RULE_WORK_CREDIT), "work_credit");
}
END_TEST

/* ---- wrong lines */

/* clang-format off */
static const struct {
	const char *text, *fault;
} bad[] = {
	{ "strategi random", "line 1: 'strategi' is unknown; did you mean "
	  "'strategy'?" },
	{ "full 50 refuse\nstrategy longest_idel",
	  "line 2: 'longest_idel' is unknown; did you mean 'longest_idle'?" },
	{ "strategy", "line 1: '' is unknown" },
	{ "strategy random ", "line 1: '' is too much" },
	{ "strategy random top_down", "line 1: 'top_down' is too much" },
	{ "strategy random\nstrategy random",
	  "line 2: 'strategy' was said before" },
	{ "\nfull 50 refuse", "line 1: '' is unknown" },
	{ " full 50 refuse", "line 1: '' is unknown" },
	{ "ring_at_once 0", "line 1: '0' is no number from 1 to 16" },
	{ "ring_at_once 17", "line 1: '17' is no number from 1 to 16" },
	{ "ring_at_once 08", "line 1: '08' is no number" },
	{ "ring_at_once 4294967298", "is no number" },
	{ "relax 30s skill english 10", "'10' is no number from 0 to 9" },
	{ "relax 30s skill english -1", "'-1' is no number" },
	{ "relax 30s tier 1", "'1' is no number from 2 to 10" },
	{ "relax 30s tier 11", "'11' is no number from 2 to 10" },
	{ "relax 30s queue", "'' is no queue's name" },
	{ "relax 30s queu sales", "did you mean 'queue'?" },
	{ "relax 0s tier 2", "'0s' is no time from 1us to 1d" },
	{ "relax 2d tier 2", "'2d' is no time from 1us to 1d" },
	{ "relax -5s tier 2", "'-5s' is no time" },
	{ "relax 30 tier 2", "'30' is no time" },
	{ "first agent 30s", "'agent' is unknown" },
	{ "first owner 30s within 7d", "'within 7d' is too much" },
	{ "first last_agent 30s for 7d", "'for' is unknown" },
	{ "first owner 30s\nfirst owner 40s",
	  "line 2: 'first owner' was said before" },
	{ "credit grade F 60s", "'F' is no grade from A to E" },
	{ "credit grade A 60s\ncredit grade A 50s",
	  "line 2: grade A was said before" },
	{ "credit repeat 60s\ncredit repeat 60s", "was said before" },
	{ "credit word ga%s 10m", "'ga%s' is no word's name" },
	{ "credit word ga%41 10m", "is no word's name" },
	{ "credit word ga%00s 10m", "is no word's name" },
	{ "credit word \xff 10m", "is no word's name" },
	{ "credit word %0A 10m", "is no word's name" },
	{ "credit word \u202egas 10m", "is no word's name" },
	{ "credit breached -60s", "'-60s' is no time" },
	{ "hours office", "'' is unknown" },
	{ "hours office closed", "'' is unknown; write 'refuse'" },
	{ "hours office closed queu night", "did you mean 'queue'?" },
	{ "full 0 refuse", "'0' is no number from 1 to 100000" },
	{ "overflow weight 60s queue sales", "'weight' is unknown" },
	{ "overflow length 60s queue sales", "'60s' is no number" },
	{ "callback agent_first", "'' is unknown; write 'retries'" },
	{ "callback agent_first retries 101 every 1m expires 8h",
	  "'101' is no number from 0 to 100" },
	{ "callback agent_first retries 1 every 1ms expires 8h",
	  "'1ms' is no time from 1s to 1d" },
	{ "announce 1ms", "'1ms' is no time from 1s to 1d" },
	{ "delay refused 1s\ndelay refused 1s", "was said before" },
	{ "extend 2m 0", "'0' is no number from 1 to 100" },
	{ "work_credit -2d", "'-2d' is no time from -1d to 1d" },
	{ "strategy ran\x1b[31mdom", "is unknown" },
	{ "hours 12345678901234567890123456789012345678901234567890123456789012"
	  "345 closed refuse", "is no calendar's name" },
};
/* clang-format on */

START_TEST(a_wrong_line_is_told)
{
	struct route_rules r;
	char fault[256] = "";

	ck_err(
	    rules_parse(str_of(bad[_i].text), arena, &r, fault, sizeof(fault)),
	    ERR_CONFIG);
	ck_assert_msg(strstr(fault, bad[_i].fault) != NULL, "%s: %s",
	    bad[_i].text, fault);
	ck_assert_ptr_null(strchr(fault, '\x1b'));
}
END_TEST

START_TEST(too_many_lines_are_told)
{
	static const struct {
		const char *before, *after, *fault;
		int n;
	} rows[] = {
		{ "relax ", "s tier 2", "line 17: more than 16 steps", 17 },
		{ "credit word w", " 1m", "line 17: more than 16 words", 17 },
		{ "overflow length ", " refuse",
		    "line 5: more than 4 overflows", 5 },
		{ "credit word ", " 1m", "rules of more than 12288 bytes",
		    900 },
	};
	char text[20000], fault[256];
	struct route_rules r;

	for (size_t i = 0; i < NELEM(rows); i++) {
		size_t n = 0;

		for (int k = 1; k <= rows[i].n; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%d%s\n", rows[i].before, k, rows[i].after);
		ck_err(rules_parse((struct str){ text, (uint32_t)n }, arena, &r,
			   fault, sizeof(fault)),
		    ERR_CONFIG);
		ck_assert_str_eq(fault, rows[i].fault);
	}
}
END_TEST

/* ---- several lines; the rules are those of queue repair */

/* clang-format off */
static const struct {
	const char *text;
	enum rule_kind rule;
	unsigned index;
	const char *fault; /* NULL: nothing is wrong */
} sets[] = {
	{ "relax 30s tier 2\nrelax 60s tier 3\nrelax 90s queue sales\n"
	  "relax 2m skill english 3\nrelax 3m skill english 0",
	  RULE_RELAX, 0, NULL },
	{ "relax 30s tier 2\nrelax 30s queue sales", RULE_RELAX, 1,
	  "a step after 30s comes behind one after 30s" },
	{ "relax 60s tier 2\nrelax 30s queue sales", RULE_RELAX, 1,
	  "a step after 30s comes behind one after 1m" },
	{ "relax 30s tier 3\nrelax 60s tier 2", RULE_RELAX, 1,
	  "tier 2 comes behind tier 3" },
	{ "relax 30s skill english 3\nrelax 60s skill english 3", RULE_RELAX, 1,
	  "level 3 of 'english' comes behind 3" },
	{ "relax 30s queue sales\nrelax 60s queue sales", RULE_RELAX, 1,
	  "queue 'sales' has joined before" },
	{ "relax 30s queue repair", RULE_RELAX, 0,
	  "queue 'repair' relaxes into itself" },
	{ "relax 1s queue a\nrelax 2s queue b\nrelax 3s queue c\n"
	  "relax 4s queue d\nrelax 5s queue e\nrelax 6s queue f\n"
	  "relax 7s queue g\nrelax 8s queue h", RULE_RELAX, 7,
	  "more than 7 queues join" },
	{ "hours office closed queue repair", RULE_HOURS, 0,
	  "queue 'repair' sends calls to itself" },
	{ "full 5 queue repair", RULE_FULL, 0, "sends calls to itself" },
	{ "max_wait 5m queue repair", RULE_MAX_WAIT, 0,
	  "sends calls to itself" },
	{ "overflow wait 1m queue sales\noverflow length 9 queue repair",
	  RULE_OVERFLOW, 1, "sends calls to itself" },
	{ "overflow wait 1m queue sales\noverflow wait 2m refuse",
	  RULE_OVERFLOW, 1, "overflow by wait comes twice" },
	{ "credit word gas 1m\ncredit word water 1m\ncredit word gas 2m",
	  RULE_CREDIT, 2, "word 'gas' comes twice" },
	{ "max_wait 5m callback", RULE_MAX_WAIT, 0, "no rule 'callback'" },
	{ "max_wait 5m callback\n"
	  "callback agent_first retries 3 every 10m expires 8h",
	  RULE_MAX_WAIT, 0, NULL },
	{ "ring_at_once 4", RULE_RING_AT_ONCE, 0, "only strategy ring_all" },
};
/* clang-format on */

static void
faults(
    enum err e, const struct rules_fault *f, const char *want, const char *text)
{
	if (want == NULL) {
		ck_assert_msg(e == ERR_OK, "%s: %s", text, f->what);
		return;
	}
	ck_assert_msg(e == ERR_CONFIG, "%s", text);
	ck_assert_msg(strstr(f->what, want) != NULL, "%s: %s", text, f->what);
}

START_TEST(lines_agree)
{
	struct route_rules r = parsed(str_of(sets[_i].text));
	struct rules_fault f = { .what = "" };

	faults(rules_check(STR_LIT("repair"), &r, &f), &f, sets[_i].fault,
	    sets[_i].text);
	if (sets[_i].fault != NULL) {
		ck_assert_int_eq(f.rule, sets[_i].rule);
		ck_assert_uint_eq(f.index, sets[_i].index);
	}
}
END_TEST

START_TEST(an_action_is_said)
{
	struct route_rules r;
	struct rules_fault f;

	rules_preset(&r);
	r.full = 5;
	ck_err(rules_check(STR_LIT("repair"), &r, &f), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(f.what, "not said what then"));
}
END_TEST

START_TEST(relaxed_skills_are_asked_for)
{
	static const struct rules_minimum asks[] = { { STR_LIT("english"), 5 },
		{ STR_LIT("gas"), 2 } };
	static const struct {
		const char *text, *fault;
	} rows[] = {
		{ "relax 30s skill english 4\nrelax 60s skill gas 0", NULL },
		{ "relax 30s skill english 5",
		    "level 5 of 'english' is no less than the queue's 5" },
		{ "relax 30s skill french 1",
		    "the queue does not ask for 'french'" },
	};
	struct rules_fault f;

	for (size_t i = 0; i < NELEM(rows); i++) {
		struct route_rules r = parsed(str_of(rows[i].text));

		faults(rules_check_skills(&r, asks, NELEM(asks), &f), &f,
		    rows[i].fault, rows[i].text);
	}
}
END_TEST

/* ---- rings; "a>b c>d": a overflows to b, c to d; by is what sends */

#define QUEUES_MAX 8

static void
ring(const char *text, const char *by, const char *want)
{
	static char rule[QUEUES_MAX][64];
	struct route_rules rules[QUEUES_MAX];
	struct rules_of all[QUEUES_MAX] = { 0 };
	struct rules_fault f = { .what = "" };
	unsigned n = 0, which = 99;
	enum err e;

	for (; *text != '\0'; text += text[3] == ' ' ? 4 : 3, n++) {
		snprintf(rule[n], sizeof(rule[n]), "%s queue %c", by, text[2]);
		rules[n] = parsed(str_of(rule[n]));
		all[n] =
		    (struct rules_of){ (struct str){ text, 1 }, &rules[n] };
	}
	e = rules_check_rings(all, n, &which, &f);
	faults(e, &f, want, rule[0]);
	if (want != NULL)
		ck_assert_uint_lt(which, n);
}

START_TEST(queues_do_not_send_round)
{
	ring("a>b", "overflow wait 1m", NULL);
	ring("a>b b>c c>d", "overflow wait 1m", NULL);
	ring("a>c b>c c>d", "full 5", NULL);
	ring("a>b b>a", "overflow wait 1m", "ring: a -> b -> a");
	ring("a>b b>a", "hours office closed", "ring: a -> b -> a");
	ring("a>b b>a", "full 5", "ring: a -> b -> a");
	ring("a>b b>a", "max_wait 5m", "ring: a -> b -> a");
	ring("c>a a>b b>c", "overflow length 5", "ring: c -> a -> b -> c");
	/* One that leads into a ring is not in it. */
	ring("d>a a>b b>c c>a", "overflow length 5", "ring: a -> b -> c -> a");
	/* Agents that join each other's calls send nothing. */
	ring("a>b b>a", "relax 30s", NULL);
}
END_TEST

/* ---- any rules: text and rules are the same */

static uint64_t random_state;

static uint64_t
draw(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

static int64_t
draw_span(void)
{
	static const int64_t units[] = { 1, 1000, S, M, H };
	int64_t us = units[draw(5)] * (int64_t)(1 + draw(24));

	return us > D ? D : us;
}

static struct str
draw_name(void)
{
	static const char *const pieces[] = { "a", "sales", " ", "%", "-", "_",
		"马", "é", "%20", "/", "'" };
	char text[RULES_NAME_MAX];
	uint32_t n = 0;

	do {
		const char *p = pieces[draw(NELEM(pieces))];

		if (n + strlen(p) > sizeof(text))
			break;
		memcpy(text + n, p, strlen(p));
		n += (uint32_t)strlen(p);
	} while (draw(6) > 0);
	return arena_copy(arena, (struct str){ text, n });
}

static struct rule_then
draw_then(void)
{
	struct rule_then t = { .action = (enum rule_action)(1 + draw(3)) };

	if (t.action == ACTION_QUEUE)
		t.queue = draw_name();
	return t;
}

static bool
maybe(void)
{
	return draw(3) == 0;
}

static void
draw_waits(struct route_rules *r)
{
	if (maybe()) {
		r->hours = draw_name();
		r->closed = draw_then();
	}
	if (maybe()) {
		r->full = 1 + (uint32_t)draw(RULES_COUNT_MAX);
		r->when_full = draw_then();
	}
	if (maybe()) {
		r->max_wait_us = draw_span();
		r->after_max_wait = draw_then();
	}
	r->n_overflows = (unsigned)draw(RULES_OVERFLOWS_MAX + 1);
	for (unsigned i = 0; i < r->n_overflows; i++) {
		r->overflows[i].kind = (enum overflow_kind)draw(NOVERFLOWS);
		r->overflows[i].over = r->overflows[i].kind == OVERFLOW_LENGTH
		                           ? 1 + (int64_t)draw(RULES_COUNT_MAX)
		                           : draw_span();
		r->overflows[i].then = draw_then();
	}
	if (maybe()) {
		r->callback.offered = true;
		r->callback.customer_first = maybe();
		r->callback.retries = (uint32_t)draw(101);
		r->callback.every_us = S * (int64_t)(1 + draw(999));
		r->callback.expires_us = D * (int64_t)(1 + draw(366));
	}
}

static void
draw_order(struct route_rules *r)
{
	r->n_relax = (unsigned)draw(RULES_RELAX_MAX + 1);
	for (unsigned i = 0; i < r->n_relax; i++) {
		struct relax *x = &r->relax[i];

		x->after_us = draw_span();
		x->kind = (enum relax_kind)draw(NRELAXES);
		if (x->kind != RELAX_TIER)
			x->name = draw_name();
		if (x->kind == RELAX_TIER)
			x->n = 2 + (uint32_t)draw(9);
		if (x->kind == RELAX_SKILL)
			x->n = (uint32_t)draw(10);
	}
	for (unsigned i = 0; i < NFIRSTS; i++)
		r->first_us[i] = maybe() ? draw_span() : 0;
	if (r->first_us[FIRST_LAST_AGENT] > 0 && maybe())
		r->last_agent_within_us = draw_span();
	for (unsigned i = 0; i < RULES_GRADES; i++)
		r->grade_us[i] = maybe() ? draw_span() : 0;
	r->breached_us = maybe() ? draw_span() : 0;
	r->repeat_us = maybe() ? draw_span() : 0;
	r->n_words = (unsigned)draw(RULES_WORDS_MAX + 1);
	for (unsigned i = 0; i < r->n_words; i++) {
		r->words[i].word = draw_name();
		r->words[i].us = draw_span();
	}
}

static struct route_rules
draw_rules(void)
{
	struct route_rules r;

	rules_preset(&r);
	r.strategy = (enum strategy)draw(NSTRATEGIES);
	r.ring_at_once = maybe() ? 1 + (uint32_t)draw(RULES_RING_MAX)
	                         : rules_ring_preset(r.strategy);
	draw_order(&r);
	draw_waits(&r);
	r.follow_up_abandoned_us = maybe() ? draw_span() : 0;
	r.return_us = maybe() ? draw_span() : 0;
	r.announce_us = maybe() ? S * (int64_t)(1 + draw(99)) : 0;
	for (unsigned i = 0; i < NDELAYS; i++)
		r.delay_us[i] = maybe() ? draw_span() : 0;
	r.unanswered = (uint32_t)draw(101);
	r.again_us = maybe() ? draw_span() : r.again_us;
	if (maybe()) {
		r.extend_us = draw_span();
		r.extensions = 1 + (uint32_t)draw(100);
	}
	r.direct_us = maybe() ? draw_span() : 0;
	r.work_credit_us = maybe() ? draw_span() * (maybe() ? -1 : 1) : 0;
	return r;
}

static bool
same_then(const struct rule_then *a, const struct rule_then *b)
{
	return a->action == b->action && str_eq(a->queue, b->queue);
}

/* Texts lie elsewhere: compared as what they say, then made alike. */
static bool
same(const struct route_rules *a, struct route_rules b)
{
	bool ok = str_eq(a->hours, b.hours) &&
	          same_then(&a->closed, &b.closed) &&
	          same_then(&a->when_full, &b.when_full) &&
	          same_then(&a->after_max_wait, &b.after_max_wait);

	b.hours = a->hours;
	b.closed = a->closed;
	b.when_full = a->when_full;
	b.after_max_wait = a->after_max_wait;
	for (unsigned i = 0; i < a->n_relax; i++) {
		ok = ok && str_eq(a->relax[i].name, b.relax[i].name);
		b.relax[i].name = a->relax[i].name;
	}
	for (unsigned i = 0; i < a->n_words; i++) {
		ok = ok && str_eq(a->words[i].word, b.words[i].word);
		b.words[i].word = a->words[i].word;
	}
	for (unsigned i = 0; i < a->n_overflows; i++) {
		ok = ok &&
		     same_then(&a->overflows[i].then, &b.overflows[i].then);
		b.overflows[i].then = a->overflows[i].then;
	}
	return ok && memcmp(a, &b, sizeof(b)) == 0;
}

START_TEST(text_and_rules_are_the_same)
{
	random_state = SEED;
	for (int i = 0; i < ROUNDS; i++) {
		struct route_rules r, again;
		struct str text, twice;
		char fault[256] = "";

		arena_reset(arena);
		memset(&r, 0, sizeof(r));
		r = draw_rules();
		text = rules_text(&r, arena);
		ck_assert_ptr_nonnull(text.p);
		ck_assert_uint_le(text.len, RULES_TEXT_MAX);
		ck_assert_msg(rules_parse(text, arena, &again, fault,
				  sizeof(fault)) == ERR_OK,
		    "seed %d round %d: %s in\n%.*s", SEED, i, fault,
		    STR_ARG(text));
		twice = rules_text(&again, arena);
		ck_assert_msg(same(&r, again) && str_eq(text, twice),
		    "seed %d round %d:\n%.*s", SEED, i, STR_ARG(text));
	}
}
END_TEST

/* The longest text that rules can have is read again. */
START_TEST(the_longest_fits)
{
	struct route_rules r, again;
	char name[RULES_NAME_MAX], fault[256];
	struct str text;

	memset(name, ' ', sizeof(name));
	rules_preset(&r);
	r.n_relax = RULES_RELAX_MAX;
	for (unsigned i = 0; i < r.n_relax; i++)
		r.relax[i] = (struct relax){ 86399999999 - i, RELAX_SKILL,
			{ name, sizeof(name) }, 9 };
	r.n_words = RULES_WORDS_MAX;
	for (unsigned i = 0; i < r.n_words; i++) {
		r.words[i].word = (struct str){ name, sizeof(name) };
		r.words[i].us = 86399999999;
	}
	r.n_overflows = RULES_OVERFLOWS_MAX;
	for (unsigned i = 0; i < r.n_overflows; i++)
		r.overflows[i] = (struct overflow){ OVERFLOW_ESTIMATE,
			86399999999, { ACTION_QUEUE, { name, sizeof(name) } } };
	r.hours = r.closed.queue = (struct str){ name, sizeof(name) };
	r.closed.action = ACTION_QUEUE;
	r.full = RULES_COUNT_MAX;
	r.max_wait_us = 86399999999;
	r.when_full = r.after_max_wait = r.closed;
	text = rules_text(&r, arena);
	ck_ok(rules_parse(text, arena, &again, fault, sizeof(fault)));
}
END_TEST

Suite *
rules_suite(void)
{
	TCase *tc = tcase_create("rules");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, a_line_means_what_the_manual_says, 0, NELEM(lines));
	tcase_add_test(tc, the_preset_is_no_text);
	tcase_add_test(tc, words_go_both_ways);
	tcase_add_loop_test(tc, a_wrong_line_is_told, 0, NELEM(bad));
	tcase_add_test(tc, too_many_lines_are_told);
	tcase_add_loop_test(tc, lines_agree, 0, NELEM(sets));
	tcase_add_test(tc, an_action_is_said);
	tcase_add_test(tc, relaxed_skills_are_asked_for);
	tcase_add_test(tc, queues_do_not_send_round);
	tcase_add_test(tc, text_and_rules_are_the_same);
	tcase_add_test(tc, the_longest_fits);
	return suite_of(tc, "rules");
}
