/*
 * clock_random_test.c - what must hold for any history, and clocks against
 * counting second by second.  MASHANG_SEED sets the seed, which is shown.
 */
#include <stdio.h>
#include <stdlib.h>

#include "test/support/sla_bed.h"
#include "test/support/support.h"

static uint64_t state;

static void
seed(void)
{
	const char *given = getenv("MASHANG_SEED");

	state = given != NULL ? strtoull(given, NULL, 10) : 20260310;
	printf("seed %llu\n", (unsigned long long)state);
}

static unsigned
draw(unsigned below)
{
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(state >> 33) % below;
}

/* ---- any history */

static const char wild_1[] =
    "high sla grace=20m reopen=24h calendar=qd8 if=priority:1 "
    "target=resolution:business goal=2h pauses=pending_customer,resolved "
    "rung=50 rung=100 rung=150 target=first_response:calendar goal=30m\n"
    "new sla rematch=restart new_cycle=1 calendar=cn24 if=priority:2 "
    "target=resolution:business_days n=1 pauses=scheduled rung=75 "
    "target=next_response:business goal=1h rung=50\n"
    "keep sla rematch=keep calendar=plain if=priority:3 "
    "target=resolution:months n=1 target=acknowledge:business goal=10m\n"
    "rest sla reopen=2h calendar=qd8 target=resolution:business goal=4h "
    "rung=20 rung=40 target=periodic_update:business goal=1h "
    "pauses=pending_customer target=callback:business goal=2h "
    "target=daily_clear:cutoff minute=1080 latest_intake=900 "
    "target=onsite_arrival:calendar goal=3h target=ownership:business goal=1h\n"
    "group ola calendar=qd8 target=ownership:business goal=15m "
    "target=resolution:business goal=1h pauses=pending_customer rung=90\n"
    "parts uc target=third_party:calendar goal=2h rung=50";
static const char wild_2[] =
    "one sla grace=5m reopen=24h calendar=cn24 target=resolution:business "
    "goal=3h pauses=pending_customer,pending_third_party,resolved rung=60 "
    "target=first_response:business goal=1h target=next_response:business "
    "goal=20m";

static int64_t
some_time(void)
{
	/* Whole half hours now and then, so that instants meet. */
	return bed_time("08:00") + (draw(3) > 0
					   ? draw(100) * 30 * MINUTE
					   : (int64_t)draw(180000) * SECOND);
}

static void
some_fact(struct sla_fact *x, uint32_t seq)
{
	static const char *const digits[] = { "1", "2", "3", "4" };
	static const char *const queues[] = { "a", "b", "" };

	*x = (struct sla_fact){ .at = some_time(),
		.seq = seq,
		.kind = (enum sla_fact_kind)(1 + draw(FACT_NKINDS - 1)) };
	/* The ends of everything would leave little else. */
	if ((x->kind == FACT_CANCELLED || x->kind == FACT_MERGED) && draw(4))
		x->kind = FACT_RESUMED;
	x->wait = 1U << draw(3);
	if (x->kind == FACT_RESUMED && draw(2))
		x->wait = 0;
	if (draw(2) || x->kind == FACT_PROMISED || x->kind == FACT_MERGED_IN)
		x->until = x->at + (draw(300) - INT64_C(50)) * MINUTE;
	x->revision = 1 + draw(2);
	x->retroactive = draw(2);
	x->sets_owner = draw(3) == 0;
	x->owner = draw(3);
	if (draw(3) == 0)
		x->set.value[ATTR_PRIORITY] = str_of(digits[draw(4)]);
	if (draw(4) == 0)
		x->set.value[ATTR_QUEUE] = str_of(queues[draw(3)]);
}

static void
some_history(void)
{
	bed.n_facts = 2 + draw(14);
	bed.facts = arena_alloc(bed.arena, 16 * sizeof(*bed.facts));
	for (unsigned i = 0; i < bed.n_facts; i++)
		some_fact(&bed.facts[i], i);
	bed.facts[0].kind = FACT_RECEIVED;
	bed.facts[0].at = bed_time("08:00") + draw(20) * 30 * MINUTE;
}

static void
same_clock(const struct sla_clock *a, const struct sla_clock *b)
{
	struct sla_clock x = *a;

	x.reached = b->reached;
	ck_assert_int_eq(memcmp(&x, b, sizeof(x)), 0);
	for (unsigned i = 0; i < a->n_reached; i++) {
		ck_assert_uint_eq(a->reached[i].percent, b->reached[i].percent);
		ck_assert_int_eq(a->reached[i].at, b->reached[i].at);
		ck_assert_int_eq(
		    a->reached[i].by_change, b->reached[i].by_change);
	}
}

static void
check_order(int64_t now)
{
	struct sla_result before;

	bed_eval_us(now);
	before = bed.r;
	for (unsigned i = bed.n_facts; i > 1; i--) {
		unsigned j = draw(i);
		struct sla_fact x = bed.facts[i - 1];

		bed.facts[i - 1] = bed.facts[j];
		bed.facts[j] = x;
	}
	bed_eval_us(now);
	ck_assert_uint_eq(before.n_clocks, bed.r.n_clocks);
	for (unsigned i = 0; i < before.n_clocks; i++)
		same_clock(&before.clocks[i], &bed.r.clocks[i]);
	ck_assert_uint_eq(before.n_shares, bed.r.n_shares);
	ck_assert_uint_eq(before.n_spans, bed.r.n_spans);
	ck_assert_int_eq(before.next_at, bed.r.next_at);
	ck_assert_int_eq(before.resume_at, bed.r.resume_at);
}

/* Each microsecond once. */
static void
check_shares(int64_t now)
{
	int64_t sum = 0, end = now, ended = INT64_MAX;

	for (unsigned i = 0; i < bed.n_facts; i++)
		if ((bed.facts[i].kind == FACT_CANCELLED ||
			bed.facts[i].kind == FACT_MERGED) &&
		    bed.facts[i].at < ended)
			ended = bed.facts[i].at;
	if (ended < end)
		end = ended;
	if (bed.r.resolved_at != 0 && bed.r.resolved_at < end)
		end = bed.r.resolved_at;
	for (unsigned i = 0; i < bed.r.n_shares; i++) {
		ck_assert_int_gt(bed.r.shares[i].us, 0);
		sum += bed.r.shares[i].us;
	}
	if (bed.r.received_at == 0 || end < bed.r.received_at)
		end = bed.r.received_at;
	ck_assert_int_eq(sum, end - bed.r.received_at);
}

/* What is counted is what is explained: since the last change from what counts
 * there. */
static void
check_spans(int64_t now)
{
	for (unsigned i = 0; i < bed.r.n_clocks; i++) {
		const struct sla_clock *c = &bed.r.clocks[i];
		int64_t at = -1, counted = 0;

		for (unsigned j = 0; j < bed.r.n_spans; j++) {
			const struct sla_span *s = &bed.r.spans[j];

			if (s->clock != i)
				continue;
			ck_assert(at == -1 || s->from == at);
			at = s->to;
			if (s->kind == SPAN_COUNTED)
				counted += s->to - s->from;
			else if (s->kind == SPAN_CHANGED)
				counted = s->elapsed_us;
			ck_assert_int_eq(s->elapsed_us, counted);
		}
		ck_assert_int_eq(c->elapsed_us, counted);
		ck_assert(at == -1 ||
			  at == (c->stopped_at != 0 ? c->stopped_at : now));
	}
}

static void
check_clock(const struct sla_clock *c, int64_t now)
{
	bool live = c->stage == STAGE_RUNNING || c->stage == STAGE_PAUSED;

	ck_assert_int_gt(c->next_at, now);
	ck_assert_int_ge(c->elapsed_us, 0);
	ck_assert_int_eq(live, c->stopped_at == 0);
	ck_assert_int_eq(live, c->outcome == OUTCOME_NONE);
	if (c->breached)
		ck_assert_int_eq(c->due_at, c->breached_at);
	if (c->stage == STAGE_RUNNING && !c->breached)
		ck_assert_int_ge(c->due_at, now);
	if (c->stage == STAGE_PAUSED && !c->breached)
		ck_assert_int_eq(c->due_at, 0);
	if (c->stage == STAGE_COMPLETED)
		ck_assert_int_eq(
		    c->outcome, c->breached ? OUTCOME_MISSED : OUTCOME_MET);
	for (unsigned i = 0; i < c->n_reached; i++) {
		ck_assert_int_le(c->reached[i].at, now);
		ck_assert(i == 0 || c->reached[i - 1].at <= c->reached[i].at);
		for (unsigned j = 0; j < i; j++)
			ck_assert_uint_ne(
			    c->reached[i].percent, c->reached[j].percent);
	}
}

static unsigned
all_reached(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < bed.r.n_clocks; i++)
		n += bed.r.clocks[i].n_reached;
	return n;
}

/* From one instant to a later one without any fact in between. */
static void
check_grows(const struct sla_result *old)
{
	ck_assert_uint_eq(old->n_clocks, bed.r.n_clocks);
	for (unsigned i = 0; i < old->n_clocks; i++) {
		const struct sla_clock *a = &old->clocks[i];
		const struct sla_clock *b = &bed.r.clocks[i];

		ck_assert_int_ge(b->elapsed_us, a->elapsed_us);
		ck_assert_uint_ge(b->n_reached, a->n_reached);
		for (unsigned j = 0; j < a->n_reached; j++)
			ck_assert_uint_eq(
			    a->reached[j].percent, b->reached[j].percent);
	}
}

static bool
fact_between(int64_t from, int64_t to)
{
	for (unsigned i = 0; i < bed.n_facts; i++)
		if (bed.facts[i].at > from && bed.facts[i].at <= to)
			return true;
	return false;
}

static void
check_next(int64_t now)
{
	struct sla_result r = bed.r;
	unsigned n = all_reached();

	if (r.next_at == INT64_MAX || fact_between(now, r.next_at))
		return;
	bed_eval_us(r.next_at - 1);
	ck_assert_uint_eq(all_reached(), n);
	bed_eval_us(r.next_at);
	if (r.resume_at != r.next_at && bed.r.resume_at != r.next_at)
		ck_assert_uint_gt(all_reached(), n);
}

START_TEST(any_history)
{
	struct sla_result old = { 0 };
	int64_t from = bed_time("08:00");

	bed_revision(1, NULL, wild_1);
	bed_revision(2, "03-11 08:00", wild_2);
	seed();
	for (unsigned n = 0; n < 1500; n++) {
		struct arena *keep = bed.arena;

		bed.arena = arena_new((size_t)1 << 16, (size_t)64 << 20);
		some_history();
		for (int64_t t = from, last = 0; t < from + 3 * DAY;
		     t += 2 * HOUR + draw(7200) * SECOND) {
			check_order(t);
			check_shares(t);
			check_spans(t);
			for (unsigned i = 0; i < bed.r.n_clocks; i++)
				check_clock(&bed.r.clocks[i], t);
			if (last != 0 && !fact_between(last, t) &&
			    (old.resume_at <= last || old.resume_at > t))
				check_grows(&old);
			old = bed.r;
			last = t;
			check_next(t);
		}
		arena_free(&bed.arena);
		bed.arena = keep;
	}
}
END_TEST

/* ---- second by second */

static bool
is_open(int64_t second)
{
	int64_t local = second + 8 * 3600;
	int64_t weekday = (local / 86400 + 3) % 7, s = local % 86400;

	return weekday < 5 && ((s >= 9 * 3600 && s < 12 * 3600) ||
				  (s >= 13 * 3600 && s < 18 * 3600));
}

struct plain {
	unsigned waits;
	int64_t until[2];
	int64_t counted, due, breached_at;
	bool stopped;
};

static void
plain_fact(struct plain *p, const struct sla_fact *x)
{
	for (unsigned i = 0; i < 2; i++) {
		if (x->kind == FACT_PENDED && x->wait == 1U << i) {
			p->waits |= x->wait;
			p->until[i] = x->until;
		}
		if (x->kind == FACT_RESUMED &&
		    (x->wait == 0 || x->wait == 1U << i))
			p->waits &= ~(1U << i);
	}
	if (x->kind == FACT_RESOLVED)
		p->stopped = true;
}

/* One second on, in the plainest words. */
static void
plain_step(struct plain *p, int64_t s, int64_t goal)
{
	for (unsigned i = 0; i < 2; i++)
		if (p->until[i] != 0 && p->until[i] <= s * SECOND)
			p->waits &= ~(1U << i);
	for (unsigned i = 0; i < bed.n_facts; i++)
		if (bed.facts[i].at == s * SECOND)
			plain_fact(p, &bed.facts[i]);
	if (p->stopped || p->waits != 0) {
		if (p->breached_at == 0)
			p->due = 0;
		return;
	}
	if (p->due == 0 && p->counted >= goal)
		p->due = s * SECOND;
	if (p->due != 0)
		p->breached_at = p->due;
	p->counted += is_open(s) ? SECOND : 0;
}

/* Some hours that no date of facts shares, over lunch or over a night. */
static void
plain_history(int64_t from)
{
	bed.n_facts = 3 + draw(8);
	bed.facts = arena_alloc(bed.arena, 16 * sizeof(*bed.facts));
	for (unsigned i = 0; i < bed.n_facts; i++) {
		struct sla_fact *x = &bed.facts[i];

		x->seq = i;
		x->at = from + (i * 1400 + draw(1399)) * SECOND;
		x->kind = draw(2) ? FACT_PENDED : FACT_RESUMED;
		x->wait = 1U << draw(2);
		if (x->kind == FACT_RESUMED && draw(3) == 0)
			x->wait = 0;
		if (x->kind == FACT_PENDED && draw(2))
			x->until = x->at + (1 + draw(3000)) * SECOND;
	}
	bed.facts[0].kind = FACT_RECEIVED;
	if (draw(2))
		bed.facts[bed.n_facts - 1].kind = FACT_RESOLVED;
}

START_TEST(second_by_second)
{
	char policy[160];

	seed();
	for (unsigned n = 0; n < 400; n++) {
		int64_t goal = draw(9000) * SECOND + SECOND, from;
		struct plain p = { 0 };
		const struct sla_clock *c;

		bed_teardown();
		bed_setup();
		snprintf(policy, sizeof(policy),
		    "p sla calendar=plain target=resolution:business goal=%lld "
		    "pauses=pending_customer,pending_third_party",
		    (long long)goal);
		bed_revision(1, NULL, policy);
		from = bed_time(draw(2) ? "03-13 10:00" : "03-12 15:00") +
		       draw(7000) * SECOND;
		plain_history(from);
		for (int64_t s = bed.facts[0].at / SECOND;
		     s < from / SECOND + 16000; s++) {
			plain_step(&p, s, goal);
		}
		bed_eval_us(from + 16000 * SECOND);
		c = bed_clock(SLA_RESOLUTION, SLA_SLA, 0);
		ck_assert_int_eq(c->elapsed_us, p.counted);
		ck_assert_int_eq(c->breached_at, p.breached_at);
	}
}
END_TEST

Suite *
clock_random_suite(void)
{
	TCase *tc = tcase_create("any");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, any_history);
	tcase_add_test(tc, second_by_second);
	return suite_of(tc, "clock_random");
}
