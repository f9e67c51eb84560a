/*
 * spine_bench.c - the figures of the whole way: event to closed ticket.
 *
 * One private PostgreSQL, Redis and daemon; the load and the floor come from
 * this process.  BENCH_CALLS scales it (default 60,000 calls).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "test/bench/figure.h"
#include "test/bench/floor.h"
#include "test/bench/load.h"
#include "test/support/pg_server.h"
#include "test/support/stack.h"
#include "test/support/support.h"

static struct stack stack;
static uint64_t n_calls = 60000;

static void
say(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
}

/* The daemon's own processor time, microseconds. */
static double
daemon_cpu(void)
{
	char path[64], text[1024], *p;
	unsigned long user, sys;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)stack.daemon);
	f = fopen(path, "r");
	if (f == NULL || fgets(text, sizeof(text), f) == NULL)
		return 0;
	fclose(f);
	p = strrchr(text, ')');
	if (p == NULL ||
	    sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		&user, &sys) != 2)
		return 0;
	return (double)(user + sys) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static double
seconds(const struct load_figures *f)
{
	return (double)(f->last_us - f->first_us) / 1e6;
}

static void
whole_calls(struct floor *fl)
{
	const struct load_figures *f;
	struct load *l = load_new(stack.socket + 5, 500);
	double cpu, floor;
	uint64_t n = n_calls;

	if (l == NULL)
		exit(1);
	say("whole calls");
	load_agents_ready(l, true);
	load_closed(l, 400, n / 10, 60); /* warm */
	load_reset(l);
	cpu = daemon_cpu();
	if (!load_closed(l, 400, n, 120))
		say("whole calls: not all within 120 s");
	cpu = daemon_cpu() - cpu;
	f = load_figures(l);
	say("whole calls, floor");
	floor = floor_calls(fl, n, 400);
	figure_value("complete_calls_per_s", (double)f->completed / seconds(f),
	    "calls/s", floor,
	    "closed loop, 400 calls at a time, 500 agents on a unix socket, "
	    "until every event and wrap-up is committed; floor: the same "
	    "functions and rows (5 and 14 a call, 17 row changes) through the "
	    "store layer alone");
	figure_value("daemon_cpu_us", cpu / (double)f->completed, "us", 0,
	    "utime + stime of mashangd over the same run, a call");
	load_free(&l);
}

static void
events_alone(struct floor *fl)
{
	const struct load_figures *f;
	struct load *l = load_new(stack.socket + 5, 0);

	if (l == NULL)
		exit(1);
	say("events alone");
	load_events(l, n_calls / 2, 4000, 60);
	load_reset(l);
	load_events(l, n_calls * 5, 4000, 60);
	f = load_figures(l);
	figure_value("events_per_s", (double)f->committed / seconds(f),
	    "events/s", floor_events(fl, n_calls * 5, 4000),
	    "calls of two events that end in the menu, 4,000 in flight, until "
	    "committed; floor: the same rows through the store layer alone");
	load_free(&l);
}

static void
offers(unsigned agents, unsigned rate, int secs, const char *name,
    struct floor *fl)
{
	struct stat_hist floor;
	char method[200];
	struct load *l = load_new(stack.socket + 5, agents);

	if (l == NULL)
		exit(1);
	say(name);
	load_agents_ready(l, true);
	load_open(l, rate, 2);
	load_reset(l);
	load_open(l, rate, secs);
	floor_match(fl, 500, &floor);
	snprintf(method, sizeof(method),
	    "open loop, %u calls/s, %u agents, %d s: Queued written to Offer "
	    "read; floor (of p50): one ENQUEUE that matches, through the store "
	    "layer alone",
	    rate, agents, secs);
	figure_latency(name, &load_figures(l)->offer,
	    (double)stat_quantile(&floor, 0.5) / 1000, method);
	load_free(&l);
}

static void
acks(struct floor *fl)
{
	struct stat_hist floor;
	struct load *l = load_new(stack.socket + 5, 0);

	if (l == NULL)
		exit(1);
	say("acknowledgements");
	load_open_events(l, 5000, 10);
	floor_commit(fl, 2000, &floor);
	figure_latency("ack_latency_ms", &load_figures(l)->ack,
	    (double)stat_quantile(&floor, 0.5) / 1000,
	    "5,000 events/s, evenly: event written to Committed read; floor "
	    "(of p50): one unit at a time through the store layer alone");
	load_free(&l);
}

static void
handover(struct floor *fl)
{
	struct stat_hist floor;
	struct load *l = load_new(stack.socket + 5, 50);

	if (l == NULL)
		exit(1);
	say("handover");
	load_agents_ready(l, true);
	/* More calls than agents: whoever is ready takes one that waits. */
	load_closed(l, 200, n_calls / 6, 60);
	floor_match(fl, 500, &floor);
	figure_latency("handover_latency_ms", &load_figures(l)->handover,
	    (double)stat_quantile(&floor, 0.5) / 1000,
	    "50 agents, 150 callers always waiting: wrap-up written to the "
	    "next Offer read; floor (of p50): one match through the store "
	    "layer alone");
	load_free(&l);
}

/* What Redis holds waiting: the calls of the generation in force. */
static uint64_t
held_by_redis(void)
{
	char key[128];

	snprintf(key, sizeof(key), "{mashang}:acd:%s:c",
	    redis_server_do(&stack.redis, "GET", "{mashang}:acd", NULL));
	return strtoull(
	    redis_server_do(&stack.redis, "HLEN", key, NULL), NULL, 10);
}

/* FLUSHALL with so many waiting, until Redis has been told all again. */
static void
rebuild(struct floor *fl, uint64_t waiting)
{
	struct load *l = load_new(stack.socket + 5, 10);
	int64_t from;
	double took;

	if (l == NULL)
		exit(1);
	say("rebuild");
	load_queue(l, waiting, 60);
	from = clock_loop();
	redis_server_do(&stack.redis, "FLUSHALL", NULL);
	while (held_by_redis() < waiting && clock_loop() - from < 20 * CLOCK_S)
		usleep(5000);
	took = (double)(clock_loop() - from) / 1e6;
	figure_value("rebuild_s", took, "s", floor_rebuild(fl, waiting),
	    "100,000 calls waiting, FLUSHALL, until Redis holds all again "
	    "(noticing included); floor: the same ENQUEUEs through the store "
	    "layer alone");
	load_free(&l);
}

/* The servers' helpers speak in assertions, so all of it is one test. */
START_TEST(figures)
{
	struct floor *fl;

	pg_server_start();
	stack_up(&stack, false);
	fl = floor_new(pg_server_conninfo("daemon"), stack.redis.address);
	whole_calls(fl);
	events_alone(fl);
	offers(50, 50, 10, "offer_latency_ms", fl);
	offers(10000, 1000, 15, "offer_latency_10000_ms", fl);
	handover(fl);
	acks(fl);
	rebuild(fl, 100000);
	floor_free(&fl);
	stack_down(&stack);
}
END_TEST

int
main(void)
{
	const char *scale = getenv("BENCH_CALLS");
	TCase *tc = tcase_create("spine");
	SRunner *sr;

	if (sodium_init() < 0)
		return 1;
	if (scale != NULL)
		n_calls = strtoull(scale, NULL, 10);
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_count_skips();
	tcase_add_test(tc, figures);
	sr = srunner_create(suite_of(tc, "bench"));
	srunner_set_fork_status(sr, CK_NOFORK);
	srunner_run_all(sr, CK_SILENT);
	return srunner_ntests_failed(sr) == 0 ? 0 : 1;
}
