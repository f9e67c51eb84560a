/*
 * estimate_test.c - the estimated wait against queues that are simulated:
 * callers come at random, agents take them in turn, some give up.
 *
 * Everybody's wait is known there, also that of who gave up: they leave a ghost
 * in the line, which is "answered" when the first live caller behind it is.
 */
#include "desk/estimate.h"

#include <stdlib.h>
#include <string.h>

#include "replay/draw.h"
#include "test/support/support.h"

#define S INT64_C(1000000)
#define MOST 4096
#define WARM_UP 300 /* callers who only teach */

struct waiting {
	int64_t at, gives_up; /* INT64_MAX: has */
	struct promise promise;
	bool ghost, counts;
};

struct sim {
	struct estimator e;
	struct draw draw;
	uint32_t agents, busy;
	int64_t now, ends[64]; /* of the agents at work */
	struct waiting line[MOST];
	unsigned n_line, n_live, n_told, n_within, n_by;
	struct calibration calibration;
	double patience_s, service_s, cv;
};

static int64_t
after(struct sim *s, double mean_s)
{
	return (int64_t)(draw_exponential(&s->draw, mean_s) * 1e6);
}

static int64_t
service(struct sim *s)
{
	return s->cv == 0
	           ? after(s, s->service_s)
	           : (int64_t)(draw_log_normal(&s->draw, s->service_s, s->cv) *
			       1e6);
}

static void
begin_service(struct sim *s)
{
	int64_t us = service(s);

	s->ends[s->busy++] = s->now + us;
	estimator_handled(&s->e, us); /* known a little early */
}

static void
was_answered(struct sim *s, const struct waiting *w)
{
	int64_t waited = s->now - w->at;

	if (!w->counts)
		return;
	s->n_told++;
	s->n_by += waited <= w->promise.by - w->promise.made_at;
	s->n_within += waited <= w->promise.by - w->promise.made_at &&
	               waited >= w->promise.low_us;
	calibration_add(&s->calibration, &w->promise, true, s->now);
}

/* The first who is still there, and all ghosts before. */
static void
next_caller(struct sim *s)
{
	bool found = false;
	unsigned n = 0;

	while (n < s->n_line && !found) {
		was_answered(s, &s->line[n]);
		found = !s->line[n++].ghost;
	}
	s->n_line -= n;
	memmove(s->line, s->line + n, s->n_line * sizeof(s->line[0]));
	if (!found)
		return;
	estimator_taken(&s->e, s->now);
	begin_service(s);
	estimator_waiting(&s->e, --s->n_live, s->now);
}

static void
come(struct sim *s, bool counts)
{
	struct waiting *w = &s->line[s->n_line];
	struct estimate told;

	if (s->busy < s->agents) {
		begin_service(s);
		return;
	}
	ck_assert_uint_lt(s->n_line, MOST);
	*w = (struct waiting){ .at = s->now,
		.gives_up = s->patience_s > 0 ? s->now + after(s, s->patience_s)
		                              : INT64_MAX,
		.counts = counts };
	ck_assert(estimator_wait(&s->e, s->n_live, s->now, &told));
	ck_assert_int_le(told.low_us, told.mean_us);
	ck_assert_int_le(told.mean_us, told.high_us);
	ck_assert(promise_tell(&w->promise, &told, s->agents, s->now));
	s->n_line++;
	estimator_waiting(&s->e, ++s->n_live, s->now);
}

static void
give_up(struct sim *s, struct waiting *w)
{
	w->ghost = true;
	w->gives_up = INT64_MAX;
	estimator_gave_up(&s->e, s->now);
	estimator_waiting(&s->e, --s->n_live, s->now);
}

/* Up to `until', not later. */
static void
step_to(struct sim *s, int64_t until)
{
	for (;;) {
		int64_t at = until;
		struct waiting *leaves = NULL;
		unsigned done = s->busy;

		for (unsigned i = 0; i < s->n_line; i++)
			if (s->line[i].gives_up < at) {
				leaves = &s->line[i];
				at = leaves->gives_up;
			}
		for (unsigned i = 0; i < s->busy; i++)
			if (s->ends[i] < at) {
				done = i;
				at = s->ends[i];
			}
		s->now = at;
		if (done < s->busy) {
			s->ends[done] = s->ends[--s->busy];
			if (s->busy < s->agents)
				next_caller(s);
		} else if (leaves != NULL) {
			give_up(s, leaves);
		} else {
			return;
		}
	}
}

static struct sim *
sim_new(uint64_t seed, uint32_t agents, double service_s, double patience_s)
{
	struct sim *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	estimator_init(&s->e);
	s->draw = draw_for(seed, "estimate", "sim");
	s->agents = agents;
	s->service_s = service_s;
	s->patience_s = patience_s;
	s->now = 1000 * S;
	estimator_staff(&s->e, agents, s->now);
	return s;
}

/* clang-format off */
static const struct {
	const char *name;
	uint32_t agents;
	double load, service_s, patience_s, cv;
	double within, by, off; /* per cent */
} queues[] = {
	{ "a small desk, patient callers", 3, 0.9, 180, 0, 0, 80, 90, 2 },
	{ "thirty agents, patient callers", 30, 0.97, 180, 0, 0, 80, 90, 2 },
	{ "more calls than thirty agents can take, callers give up",
	  30, 1.4, 180, 200, 0, 80, 90, 2 },
	{ "twice as many calls, impatient callers", 10, 2, 120, 60, 0, 80, 90, 2 },
	{ "one agent", 1, 0.85, 60, 300, 0, 80, 90, 2 },
	{ "calls of all lengths (log-normal, cv 1.2)",
	  20, 1.2, 180, 240, 1.2, 80, 90, 4 },
};
/* clang-format on */

START_TEST(eight_of_ten_are_answered_within_the_range_and_nine_by_its_end)
{
	struct sim *s = sim_new(
	    7, queues[_i].agents, queues[_i].service_s, queues[_i].patience_s);
	double gap =
	    queues[_i].service_s / (queues[_i].load * queues[_i].agents);
	double within, by;

	s->cv = queues[_i].cv;
	for (unsigned i = 0; i < WARM_UP + 20000; i++) {
		step_to(s, s->now + after(s, gap));
		come(s, i >= WARM_UP);
	}
	ck_assert_uint_gt(s->n_told, 3000);
	within = 100.0 * s->n_within / s->n_told;
	by = 100.0 * s->n_by / s->n_told;
	ck_assert_msg(within >= queues[_i].within - queues[_i].off &&
			  within <= queues[_i].within + queues[_i].off &&
			  by >= queues[_i].by - queues[_i].off &&
			  by <= queues[_i].by + queues[_i].off,
	    "%s: %.1f %% within, %.1f %% by its end", queues[_i].name, within,
	    by);
	ck_assert_int_eq(calibration_share(&s->calibration),
	    (int64_t)s->n_by * 1000000 / s->n_told);
	free(s);
}
END_TEST

/* All who wait are told again and again. */
static void
tell_all(struct sim *s)
{
	unsigned ahead = 0;

	for (unsigned i = 0; i < s->n_line; i++) {
		struct waiting *w = &s->line[i];
		struct promise before = w->promise;
		struct estimate told;

		if (w->ghost)
			continue;
		ck_assert(estimator_wait(&s->e, ahead++, s->now, &told));
		(void)promise_tell(&w->promise, &told, s->agents, s->now);
		ck_assert_int_le(w->promise.low_us, w->promise.high_us);
		if (before.staff != s->agents)
			continue;
		ck_assert_int_le(w->promise.high_us, before.high_us);
		ck_assert_int_le(w->promise.low_us, before.low_us);
	}
}

START_TEST(what_was_told_never_grows_while_the_staff_stays)
{
	struct sim *s = sim_new(11, 12, 150, 240);

	for (unsigned i = 0; i < 4000; i++) {
		step_to(s, s->now + after(s, 150.0 / 12 / 1.3));
		come(s, false);
		if (i % 500 == 499) { /* some go for lunch */
			s->agents = s->agents == 12 ? 9 : 12;
			estimator_staff(&s->e, s->agents, s->now);
		}
		tell_all(s);
	}
	free(s);
}
END_TEST

START_TEST(who_outwaits_the_mean_is_told_no_longer_time)
{
	struct estimator e;
	struct promise p = { 0 };
	struct estimate told;
	int64_t now = 1000 * S, last = INT64_MAX;

	estimator_init(&e);
	estimator_staff(&e, 2, now);
	estimator_waiting(&e, 1, now);
	/* Nobody is answered: the estimate itself grows and grows. */
	for (unsigned i = 0; i < 100; i++, now += 30 * S) {
		ck_assert(estimator_wait(&e, 0, now, &told));
		ck_assert_int_gt(told.high_us, i == 0 ? 0 : p.high_us - 1);
		(void)promise_tell(&p, &told, 2, now);
		ck_assert_int_le(p.high_us, last);
		last = p.high_us;
	}
	/* An agent leaves: the truth is told. */
	estimator_staff(&e, 1, now);
	ck_assert(estimator_wait(&e, 0, now, &told));
	ck_assert(promise_tell(&p, &told, 1, now));
	ck_assert_int_eq(p.high_us, told.high_us);
	ck_assert_int_gt(p.high_us, last);
}
END_TEST

START_TEST(an_agent_more_is_felt_at_once)
{
	struct estimator e;
	struct estimate two, four;

	estimator_init(&e);
	estimator_staff(&e, 2, 1000 * S);
	ck_assert(estimator_wait(&e, 0, 1000 * S, &two));
	estimator_staff(&e, 4, 1000 * S);
	ck_assert(estimator_wait(&e, 0, 1000 * S, &four));
	ck_assert_int_lt(four.mean_us, two.mean_us * 6 / 10);
	estimator_staff(&e, 0, 1000 * S);
	ck_assert(!estimator_wait(&e, 0, 1000 * S, &two));
}
END_TEST

START_TEST(a_hundred_thousand_ahead_cost_no_more_than_ten)
{
	struct estimator e;
	struct estimate some, more;

	estimator_init(&e);
	estimator_staff(&e, 1, 1000 * S);
	ck_assert(estimator_wait(&e, 99999, 1000 * S, &some));
	ck_assert(estimator_wait(&e, 100000, 1000 * S, &more));
	ck_assert_int_gt(more.mean_us, some.mean_us);
	/* All of them give up in time: logarithmic, not 100,000 calls long. */
	ck_assert_int_lt(more.mean_us, 10000 * S);
	for (unsigned i = 0; i < 100000; i++) { /* nobody ever gives up */
		estimator_waiting(&e, 1, (1000 + i) * S);
		estimator_taken(&e, (1001 + i) * S);
		estimator_handled(&e, S);
	}
	ck_assert(estimator_wait(&e, 100000, 101001 * S, &more));
	ck_assert_int_gt(more.mean_us, 90000 * S);
	ck_assert_int_lt(more.mean_us, 110000 * S);
}
END_TEST

/* clang-format off */
static const struct {
	const char *name;
	bool answered;
	int64_t promised_s, waited_s;
	unsigned bin, made, kept;
} ends[] = {
	{ "answered in time", true, 20, 15, 0, 1, 1 },
	{ "answered on the second", true, 60, 60, 1, 1, 1 },
	{ "answered late", true, 90, 91, 2, 1, 0 },
	{ "gave up before it was due: nothing is known", false, 90, 80, 2, 0, 0 },
	{ "gave up behind it", false, 300, 301, 3, 1, 0 },
	{ "a long promise", true, 3600, 10, 5, 1, 1 },
};
/* clang-format on */

START_TEST(a_promise_is_kept_by_an_answer)
{
	const struct estimate told = { 0, 0, ends[_i].promised_s * S };
	struct calibration c = { 0 };
	struct promise p = { 0 };

	ck_assert_int_eq(calibration_share(&c), -1);
	(void)promise_tell(&p, &told, 1, 5 * S);
	calibration_add(&c, &p, ends[_i].answered, (5 + ends[_i].waited_s) * S);
	ck_assert_msg(c.bins[ends[_i].bin].made == ends[_i].made &&
			  c.bins[ends[_i].bin].kept == ends[_i].kept,
	    "%s", ends[_i].name);
}
END_TEST

Suite *
estimate_suite(void)
{
	TCase *tc = tcase_create("estimate");

	tcase_add_loop_test(tc,
	    eight_of_ten_are_answered_within_the_range_and_nine_by_its_end, 0,
	    NELEM(queues));
	tcase_add_test(tc, what_was_told_never_grows_while_the_staff_stays);
	tcase_add_test(tc, who_outwaits_the_mean_is_told_no_longer_time);
	tcase_add_test(tc, an_agent_more_is_felt_at_once);
	tcase_add_test(tc, a_hundred_thousand_ahead_cost_no_more_than_ten);
	tcase_add_loop_test(tc, a_promise_is_kept_by_an_answer, 0, NELEM(ends));
	tcase_set_timeout(tc, 60);
	return suite_of(tc, "estimate");
}
