/*
 * clock_bench.c - the figures of the clocks: how late, at what cost, and what
 * it costs everybody else.
 *
 * A private PostgreSQL, Redis and daemon for each, with the system's clock.
 * BENCH_SCALE shrinks the crowds (default 1), BENCH_ONLY takes a part.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/bench/bench.h"
#include "test/bench/crowd.h"
#include "test/bench/figure.h"
#include "test/bench/floor_clocks.h"
#include "test/support/pg_server.h"
#include "test/support/stack.h"
#include "test/support/support.h"

static struct stack stack;
static double scale = 1;

static uint64_t
scaled(double n)
{
	return (uint64_t)(n * scale) + 1;
}

static void
begin(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	stack_up(&stack, false);
	crowd_begin();
}

/* ---- what comes due */

struct due {
	unsigned rate, seconds;
	uint64_t told; /* in all */
	struct stat_hist detected, committed;
	double daemon_us, pg_us; /* processor time, for each */
};

static void
check(const char *name, bool ok)
{
	if (ok)
		return;
	fprintf(stderr, "bench: %s: not in time, does not count\n", name);
	bench_failed();
}

/* By the daemon. */
static void
run_due(const char *name, struct due *d)
{
	double daemon, pg;
	int64_t until;
	uint64_t n = (uint64_t)d->rate * d->seconds, first;

	pg_server_ask("CHECKPOINT"); /* each starts alike */
	first = crowd_due(d->rate, d->seconds, &until);
	daemon = bench_cpu(stack.daemon);
	pg = bench_pg_cpu();
	while (clock_wall() < until)
		usleep(10000);
	check(name, crowd_told(first, n, 30));
	d->daemon_us = (bench_cpu(stack.daemon) - daemon) / (double)n;
	d->pg_us = (bench_pg_cpu() - pg) / (double)n;
	crowd_lateness(first, &d->detected, &d->committed);
}

/* By the bare client; the daemon is away. */
static void
run_floor(const char *name, struct due *d)
{
	uint64_t n = (uint64_t)d->rate * d->seconds, first;
	double own, pg;
	int64_t until;

	kill(stack.daemon, SIGTERM);
	check(name, stack_daemon_wait(&stack, 15) == 0);
	first = crowd_due(d->rate, d->seconds, &until);
	own = bench_own_cpu();
	pg = bench_pg_cpu();
	check(name, floor_clocks(pg_server_conninfo("daemon"), n, until));
	d->daemon_us = (bench_own_cpu() - own) / (double)n;
	d->pg_us = (bench_pg_cpu() - pg) / (double)n;
	crowd_lateness(first, &d->detected, &d->committed);
	stack_daemon_start(&stack, NULL);
}

static void
lateness(const char *name, unsigned rate, unsigned seconds)
{
	struct due d = { .rate = rate, .seconds = seconds };
	struct due f = { .rate = rate, .seconds = seconds / 3 };
	char method[400];

	run_due(name, &d);
	run_floor(name, &f);
	snprintf(method, sizeof(method),
	    "%.0f open tickets, %u a second come due for %u s, every other one "
	    "to a rung or its breach: due to committed; detected p99 %.3f ms; "
	    "floor (of p50): the same questions and rows by a bare client",
	    1e6 * scale, rate, seconds,
	    (double)stat_quantile(&d.detected, 0.99) / 1000);
	figure_latency(name, &d.committed,
	    (double)stat_quantile(&f.committed, 0.5) / 1000, method);
}

/* ---- a million open */

/* What each due clock costs with so many open. */
static double
cost(uint64_t open, unsigned rate, const char *name)
{
	struct due d = { .rate = rate, .seconds = 4 };
	struct due f = { .rate = rate, .seconds = 2 };
	char method[400];

	crowd_grow(open);
	run_due(name, &d);
	run_floor(name, &f);
	snprintf(method, sizeof(method),
	    "%.0f open tickets, %u a second come due: processor time a due "
	    "clock, of the daemon %.0f and of PostgreSQL %.0f; floor: a bare "
	    "client with the same questions and rows, %.0f and %.0f",
	    (double)open, rate, d.daemon_us, d.pg_us, f.daemon_us, f.pg_us);
	figure_value(
	    name, d.daemon_us + d.pg_us, "us", f.daemon_us + f.pg_us, method);
	return d.daemon_us + d.pg_us;
}

static void
many(void)
{
	double few, most;

	begin("many clocks");
	few = cost(scaled(1e4), 1000, "clock_cost_10000_us");
	cost(scaled(1e5), 1000, "clock_cost_100000_us");
	most = cost(scaled(1e6), 1000, "clock_cost_1000000_us");
	figure_value("clock_cost_growth", most / few, "x", 1,
	    "clock_cost_1000000_us by clock_cost_10000_us: cost follows those "
	    "due, not those open");
	lateness("clock_lateness_ms", 200, 15);
	lateness("clock_lateness_2000_ms", 2000, 15);
	stack_down(&stack);
}

static const struct {
	const char *name;
	void (*run)(void);
} runs[] = {
	{ "clocks", many },
};

static void
figures(void)
{
	pg_server_for_load();
	pg_server_start();
	/* When a row was committed is asked of the server. */
	pg_server_ask("ALTER SYSTEM SET track_commit_timestamp = on");
	pg_server_halt("fast");
	pg_server_again();
	bench_settle_wal();
	for (unsigned i = 0; i < NELEM(runs); i++)
		if (bench_wanted(runs[i].name))
			runs[i].run();
}

int
main(void)
{
	const char *text = getenv("BENCH_SCALE");

	if (text != NULL)
		scale = strtod(text, NULL);
	return bench_main("clocks", figures);
}
