/*
 * clock_alone.c - see clock_alone.h.
 */
#include "test/bench/clock_alone.h"

#include <stdio.h>

#include "base/clock.h"
#include "sla/clock.h"
#include "test/bench/figure.h"
#include "test/bench/pack.h"
#include "test/support/support.h"

#define EXPANDED 200
#define LOOKUPS 1000000
#define EVALUATED 20000
#define MINUTE (60 * CLOCK_S)
#define DAY (1440 * MINUTE)
#define MONDAY INT64_C(1773619200000000) /* 2026-03-16 08:00 in China */
#define FACTS_MAX 50

/* The same numbers each time. */
static uint64_t
draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *state >> 33;
}

/* ---- calendars */

static struct calendar *
make_calendar(void)
{
	const struct cal_spec *layer = &pack_revision()->calendars[0];
	struct calendar *c;

	ck_ok(calendar_new(&layer, 1, NULL, &c));
	return c;
}

static void
expand(void)
{
	int64_t from = clock_loop();
	size_t n = 0;

	for (unsigned i = 0; i < EXPANDED; i++) {
		struct calendar *c = make_calendar();

		if (calendar_is_open(c, MONDAY))
			n += calendar_n_intervals(c);
		calendar_free(&c);
	}
	ck_assert_uint_gt(n, 0);
	figure_value("calendar_expand_us",
	    (double)(clock_loop() - from) / EXPANDED, "us", 0,
	    "calendar_new and its first answer: 1,200 days of two shifts, with "
	    "144 exceptions in 12 years; the zone's file is read too");
}

static void
look_up(void)
{
	struct calendar *c = make_calendar();
	uint64_t state = 1;
	int64_t from, sum = 0;

	sum += calendar_elapsed(c, MONDAY, MONDAY + 700 * DAY);
	from = clock_loop();
	for (unsigned i = 0; i < LOOKUPS; i++) {
		int64_t at = MONDAY + (int64_t)(draw(&state) % 600) * DAY +
		             (int64_t)(draw(&state) % 1440) * MINUTE;
		int64_t span = (int64_t)(draw(&state) % 2880) * MINUTE;

		sum += i % 2 == 0 ? calendar_add(c, at, span)
		                  : calendar_elapsed(c, at, at + span);
	}
	ck_assert_int_ne(sum, 0);
	figure_value("calendar_lookup_ns",
	    (double)(clock_loop() - from) * 1000 / LOOKUPS, "ns", 0,
	    "calendar_add and calendar_elapsed in turn, at random within 600 "
	    "days, spans of up to two days");
	calendar_free(&c);
}

/* ---- tickets */

static struct sla_fact
fact(unsigned seq, int64_t at, enum sla_fact_kind kind)
{
	return (struct sla_fact){ .at = at, .seq = seq, .kind = kind };
}

static struct sla_fact
received(void)
{
	struct sla_fact f = fact(1, MONDAY, FACT_RECEIVED);

	f.set.value[ATTR_KIND] = STR_LIT("incident");
	f.set.value[ATTR_QUEUE] = STR_LIT("repair");
	f.set.value[ATTR_PRIORITY] = STR_LIT("3");
	f.set.value[ATTR_COMPLAINT] = STR_LIT("no");
	f.set.value[ATTR_CHANNEL] = STR_LIT("phone");
	return f;
}

/* A call, taken and solved. */
static unsigned
short_history(struct sla_fact *f)
{
	f[0] = received();
	f[1] = fact(2, MONDAY + MINUTE / 4, FACT_RESPONDED);
	f[1].sets_owner = true;
	f[1].owner = 7;
	f[2] = fact(3, MONDAY + 5 * MINUTE, FACT_CLOSED);
	return 3;
}

/* Waits, answers, other hands: one thing each hour or so, and open still. */
static unsigned
long_history(struct sla_fact *f)
{
	static const enum sla_fact_kind turns[] = { FACT_RESPONDED, FACT_PENDED,
		FACT_RESUMED, FACT_ASSIGNED, FACT_CONTACTED };

	f[0] = received();
	for (unsigned i = 1; i < FACTS_MAX; i++) {
		f[i] = fact(
		    i + 1, MONDAY + i * 55 * MINUTE, turns[i % NELEM(turns)]);
		if (f[i].kind == FACT_PENDED || f[i].kind == FACT_RESUMED)
			f[i].wait = WAIT_CUSTOMER;
		f[i].sets_owner = f[i].kind == FACT_ASSIGNED;
		f[i].owner = i;
	}
	return FACTS_MAX;
}

static void
evaluate(
    const char *name, unsigned (*make)(struct sla_fact *), const char *what)
{
	struct arena *a = arena_new((size_t)1 << 16, (size_t)64 << 20);
	struct sla_fact facts[FACTS_MAX];
	struct sla_history h = { 1, make(facts), facts };
	struct sla_result r;
	struct sla_book *book;
	char method[200];
	int64_t from;

	ck_ok(sla_book_new(NULL, &book));
	ck_ok(sla_book_add(book, pack_revision()));
	ck_ok(sla_evaluate(book, &h, MONDAY + 2 * DAY, false, a, &r));
	from = clock_loop();
	for (unsigned i = 0; i < EVALUATED; i++) {
		arena_reset(a);
		ck_ok(sla_evaluate(book, &h, MONDAY + 2 * DAY, false, a, &r));
	}
	from = clock_loop() - from;
	snprintf(method, sizeof(method),
	    "sla_evaluate of %s, by the default policies: %u facts, %u clocks",
	    what, h.n, r.n_clocks);
	figure_value(name, (double)from / EVALUATED, "us", 0, method);
	sla_book_free(&book);
	arena_free(&a);
}

void
clock_alone(void)
{
	expand();
	look_up();
	evaluate("clock_evaluate_us", short_history, "a call that was solved");
	evaluate("clock_evaluate_50_us", long_history,
	    "a ticket that went through many hands");
}
