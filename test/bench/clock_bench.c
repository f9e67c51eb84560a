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
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/bench/bench.h"
#include "test/bench/clock_alone.h"
#include "test/bench/crowd.h"
#include "test/bench/figure.h"
#include "test/bench/floor_clocks.h"
#include "test/bench/load.h"
#include "test/support/pg_server.h"
#include "test/support/stack.h"
#include "test/support/support.h"

#define RATE 50 /* calls a second meanwhile */
#define HOUR (3600 * CLOCK_S)
#define WATCH_US 100000

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

/* ---- while calls go on */

/* A descriptor that can be read once the statement says true. */
static int
watch(const char *sql, pid_t *child)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	*child = fork();
	ck_assert_int_ne(*child, -1);
	if (*child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (*pg_server_ask(sql) != 't')
			usleep(WATCH_US);
		_exit(write(fds[1], "!", 1) == 1 ? 0 : 1);
	}
	close(fds[1]);
	return fds[0];
}

/* Offers and acknowledgements beside what the administrator does. */
struct beside {
	struct stat_hist offer, ack;
};

static void
take(struct load *l, struct beside *b)
{
	const struct load_figures *f = load_figures(l);

	stat_merge(&b->offer, &f->offer);
	stat_merge(&b->ack, &f->ack);
	if (f->refused > 0)
		bench_failed();
	load_reset(l);
}

static double
preview(struct load *l, int64_t goal_us, bool retroactive, struct beside *b)
{
	int64_t from = clock_loop();

	load_reset(l);
	load_policy(l, goal_us, true, retroactive);
	check("preview", load_open_told(l, RATE, 120));
	from = load_told_at(l) - from;
	take(l, b);
	return (double)from / 1e6;
}

static double
apply(struct load *l, int64_t goal_us, bool retroactive, unsigned nth,
    struct beside *b)
{
	int64_t from = clock_loop();
	char sql[400];
	pid_t child;
	int fd;

	/* Every page of the job, and every mark that it has left. */
	snprintf(sql, sizeof(sql),
	    "SELECT (SELECT count(*) FROM sla_job WHERE ended_at IS NOT NULL)"
	    " = %u AND NOT EXISTS (SELECT FROM sla_todo WHERE ticket_id >= "
	    "%llu)",
	    nth, (unsigned long long)CROWD_FIRST);
	load_reset(l);
	fd = watch(sql, &child);
	load_policy(l, goal_us, false, retroactive);
	load_watch(l, fd);
	check("apply", load_open_told(l, RATE, 120));
	from = load_told_at(l) - from;
	load_unwatch(l);
	close(fd);
	waitpid(child, NULL, 0);
	take(l, b);
	return (double)from / 1e6;
}

static void
tell_beside(const char *name, const struct beside *b, const struct beside *base)
{
	char method[400];

	snprintf(method, sizeof(method),
	    "offers of %u calls/s to 50 agents meanwhile, %llu of them; event "
	    "to Committed: p50 %.3f, p99 %.3f ms; without it offers p99 %.3f, "
	    "Committed p99 %.3f ms; floor (of p50): without it",
	    RATE, (unsigned long long)stat_count(&b->offer),
	    (double)stat_quantile(&b->ack, 0.5) / 1000,
	    (double)stat_quantile(&b->ack, 0.99) / 1000,
	    (double)stat_quantile(&base->offer, 0.99) / 1000,
	    (double)stat_quantile(&base->ack, 0.99) / 1000);
	figure_latency(name, &b->offer,
	    (double)stat_quantile(&base->offer, 0.5) / 1000, method);
}

static void
policy_figure(const char *name, double seconds, const char *what)
{
	char method[300];

	snprintf(method, sizeof(method),
	    "%.0f running clocks, %s, while %u calls/s go on", 1e5 * scale,
	    what, RATE);
	figure_value(name, seconds, "s", 0, method);
}

static void
policies(void)
{
	struct beside base = { 0 }, previews = { 0 }, applies = { 0 };
	struct load *l;

	begin("policies");
	crowd_grow(scaled(1e5));
	l = load_new(stack.socket + 5, 50);
	if (l == NULL || !load_agents_ready(l))
		exit(1);
	load_open(l, RATE, 2);
	load_reset(l);
	check("base", load_open(l, RATE, 8));
	take(l, &base);
	policy_figure("policy_preview_s",
	    preview(l, 10 * HOUR, false, &previews),
	    "a new goal by a calendar, forward: Apply (dry) to its answer");
	policy_figure("policy_apply_s", apply(l, 10 * HOUR, false, 1, &applies),
	    "the same applied: Apply to the last clock rewritten");
	policy_figure("policy_preview_retroactive_s",
	    preview(l, 5 * HOUR, true, &previews),
	    "retroactive, a third of them past a rung then");
	policy_figure("policy_apply_retroactive_s",
	    apply(l, 5 * HOUR, true, 2, &applies),
	    "the same applied: Apply to the last clock rewritten and told");
	tell_beside("offer_latency_preview_ms", &previews, &base);
	tell_beside("offer_latency_apply_ms", &applies, &base);
	load_free(&l);
	stack_down(&stack);
}

/* ---- whole calls */

/* Until every clock is written, too. */
static double
whole_calls(uint64_t n)
{
	struct load *l = load_new(stack.socket + 5, 500);
	const struct load_figures *f;
	int64_t from;
	double rate;

	if (l == NULL || !load_agents_ready(l))
		exit(1);
	f = load_figures(l);
	check("calls", load_closed(l, 400, n / 6 + 1, 60)); /* warm */
	load_reset(l);
	from = clock_loop();
	check("calls", load_closed(l, 400, n, 120));
	while (*pg_server_ask("SELECT EXISTS (SELECT FROM sla_todo)") == 't')
		usleep(WATCH_US / 10);
	rate = (double)f->completed * 1e6 / (double)(clock_loop() - from);
	if (f->refused > 0)
		bench_failed();
	load_free(&l);
	return rate;
}

static void
calls(void)
{
	uint64_t n = scaled(60000);
	double without, with;
	char method[300];

	fprintf(stderr, "bench: whole calls with clocks\n");
	stack_up(&stack, false);
	without = whole_calls(n);
	crowd_pack();
	with = whole_calls(n);
	snprintf(method, sizeof(method),
	    "as complete_calls_per_s, with the default policies in force, "
	    "until no ticket is left to be evaluated: %s clocks a call; "
	    "floor: the same run before there were policies",
	    pg_server_ask("SELECT round(count(*)::numeric / count(DISTINCT"
			  " ticket_id), 1) FROM sla_clock"));
	figure_value(
	    "complete_calls_with_clocks", with, "calls/s", without, method);
	stack_down(&stack);
}

static const struct {
	const char *name;
	void (*run)(void);
} runs[] = {
	{ "alone", clock_alone },
	{ "clocks", many },
	{ "policies", policies },
	{ "calls", calls },
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
