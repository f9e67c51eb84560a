/*
 * spine_bench.c - the figures of the whole way: event to closed ticket.
 *
 * One private PostgreSQL, Redis and daemon; the load and the floor come from
 * this process.  BENCH_CALLS scales it (default 60,000 calls), BENCH_ONLY
 * takes a part of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/bench/bench.h"
#include "test/bench/figure.h"
#include "test/bench/floor.h"
#include "test/bench/load.h"
#include "test/support/pg_server.h"
#include "test/support/stack.h"
#include "test/support/support.h"

static struct stack stack;
static uint64_t n_calls = 60000;

static double
seconds(const struct load_figures *f)
{
	return (double)(f->last_us - f->first_us) / 1e6;
}

/* Everybody of a load is logged in and ready, or there is no bench. */
static struct load *
begin(const char *what, unsigned agents, bool ready)
{
	struct load *l;

	fprintf(stderr, "bench: %s\n", what);
	pg_server_ask("CHECKPOINT"); /* each starts alike */
	l = load_new(stack.socket + 5, agents);
	if (l == NULL || (ready && !load_agents_ready(l)))
		exit(1);
	return l;
}

/* A figure of a load that did not run as meant is none. */
static void
end(struct load **l, bool in_time)
{
	const struct load_figures *f = load_figures(*l);

	if (!in_time || f->refused > 0) {
		fprintf(stderr,
		    "bench: that figure does not count: %s, %llu refused\n",
		    in_time ? "in time" : "not in time",
		    (unsigned long long)f->refused);
		bench_failed();
	}
	load_free(l);
}

static void
whole_calls(struct floor *fl)
{
	struct load *l = begin("whole calls", 500, true);
	const struct load_figures *f = load_figures(l);
	double cpu, floor_cpu, floor;
	bool ok;

	ok = load_closed(l, 400, n_calls / 6, 60); /* warm */
	load_reset(l);
	cpu = bench_cpu(stack.daemon);
	ok &= load_closed(l, 400, n_calls, 120);
	cpu = bench_cpu(stack.daemon) - cpu;
	floor_cpu = bench_own_cpu();
	floor = floor_calls(fl, n_calls, 400);
	floor_cpu = bench_own_cpu() - floor_cpu;
	figure_value("complete_calls_per_s", (double)f->completed / seconds(f),
	    "calls/s", floor,
	    "closed loop, 400 calls at a time, 500 agents on a unix socket, "
	    "until every event and wrap-up is committed; floor: the same "
	    "functions and rows (5 and 14 a call, 17 row changes) through the "
	    "store layer alone; PostgreSQL has 1 GiB of buffers and its WAL "
	    "files made beforehand");
	figure_value("daemon_cpu_us", cpu / (double)f->completed, "us",
	    floor_cpu / (double)n_calls,
	    "utime + stime of mashangd over the same run, a call; floor: of "
	    "the store layer alone, without sessions and desk");
	end(&l, ok);
}

static void
events_alone(struct floor *fl)
{
	struct load *l = begin("events alone", 0, false);
	const struct load_figures *f = load_figures(l);
	bool ok;

	ok = load_events(l, n_calls, 4000, 60);
	load_reset(l);
	ok &= load_events(l, n_calls * 5, 4000, 60);
	figure_value("events_per_s", (double)f->committed / seconds(f),
	    "events/s", floor_events(fl, n_calls * 5, 4000),
	    "calls of two events that end in the menu, 4,000 in flight, until "
	    "committed; floor: the same rows through the store layer alone");
	end(&l, ok);
}

static void
offers(unsigned agents, unsigned rate, int secs, const char *name,
    struct floor *fl)
{
	struct load *l = begin(name, agents, true);
	const struct load_figures *f = load_figures(l);
	struct stat_hist floor;
	char method[200];
	bool ok;

	ok = load_open(l, rate, 2);
	load_reset(l);
	ok &= load_open(l, rate, secs);
	floor_match(fl, 500, &floor);
	snprintf(method, sizeof(method),
	    "open loop, %u calls/s, %u agents, %d s, %llu offers: Queued "
	    "written to Offer read; floor (of p50): one ENQUEUE that matches, "
	    "through the store layer alone",
	    rate, agents, secs, (unsigned long long)stat_count(&f->offer));
	figure_latency(
	    name, &f->offer, (double)stat_quantile(&floor, 0.5) / 1000, method);
	end(&l, ok);
}

static void
acks(struct floor *fl)
{
	struct load *l = begin("acknowledgements", 0, false);
	struct stat_hist floor;
	bool ok;

	ok = load_open_events(l, 5000, 1);
	load_reset(l);
	ok &= load_open_events(l, 5000, 10);
	floor_commit(fl, 2000, &floor);
	figure_latency("ack_latency_ms", &load_figures(l)->ack,
	    (double)stat_quantile(&floor, 0.5) / 1000,
	    "5,000 events/s, evenly: event written to Committed read; floor "
	    "(of p50): one unit at a time through the store layer alone");
	end(&l, ok);
}

/* 50 agents and 80 callers, so that 30 always wait: who gets ready is offered
 * the one who has waited longest. */
static void
handover(const char *name, int64_t talk_us, uint64_t calls, struct floor *fl)
{
	struct load *l = begin(name, 50, true);
	const struct load_figures *f = load_figures(l);
	struct stat_hist floor;
	char method[240];
	bool ok;

	load_talk(l, talk_us);
	ok = load_closed(l, 80, calls / 6, 60);
	load_reset(l);
	ok &= load_closed(l, 80, calls, 60);
	floor_match(fl, 500, &floor);
	snprintf(method, sizeof(method),
	    "50 agents, 30 callers always waiting, %lld ms of talk: %.0f "
	    "calls/s, %llu handovers: wrap-up written to the next Offer read; "
	    "floor (of p50): one match through the store layer alone",
	    (long long)talk_us / 1000, (double)f->completed / seconds(f),
	    (unsigned long long)stat_count(&f->handover));
	figure_latency(name, &f->handover,
	    (double)stat_quantile(&floor, 0.5) / 1000, method);
	end(&l, ok);
}

/* What Redis holds waiting: the calls of the generation in force. */
static uint64_t
held_by_redis(void)
{
	char stem[96], key[160];

	snprintf(stem, sizeof(stem), "{mashang}:acd:%s", stack.node);
	snprintf(key, sizeof(key), "%s:%s:c", stem,
	    redis_server_do(&stack.redis, "GET", stem, NULL));
	return strtoull(
	    redis_server_do(&stack.redis, "HLEN", key, NULL), NULL, 10);
}

/* FLUSHALL with so many waiting, until Redis has been told all again. */
static void
rebuild(struct floor *fl, uint64_t waiting)
{
	struct load *l = begin("rebuild", 0, false);
	int64_t from;
	double took;
	bool ok = load_queue(l, waiting, 60);

	from = clock_loop();
	redis_server_do(&stack.redis, "FLUSHALL", NULL);
	while (held_by_redis() < waiting && clock_loop() - from < 20 * CLOCK_S)
		usleep(5000);
	took = (double)(clock_loop() - from) / 1e6;
	figure_value("rebuild_s", took, "s", floor_rebuild(fl, waiting),
	    "100,000 calls waiting, FLUSHALL, until Redis holds all again "
	    "(noticing included); floor: the same ENQUEUEs through the store "
	    "layer alone");
	end(&l, ok && took < 20);
}

static void
offers_small(struct floor *fl)
{
	offers(50, 50, 20, "offer_latency_ms", fl);
}

static void
offers_large(struct floor *fl)
{
	offers(10000, 1000, 15, "offer_latency_10000_ms", fl);
}

static void
handover_easy(struct floor *fl)
{
	handover("handover_latency_ms", CLOCK_S / 10, 6000, fl);
}

static void
handover_full(struct floor *fl)
{
	handover("handover_saturated_ms", 0, n_calls / 3, fl);
}

static void
rebuild_all(struct floor *fl)
{
	rebuild(fl, 100000);
}

static const struct {
	const char *name;
	void (*run)(struct floor *);
} runs[] = {
	{ "calls", whole_calls },
	{ "events", events_alone },
	{ "offers", offers_small },
	{ "offers10000", offers_large },
	{ "handover", handover_easy },
	{ "handover-full", handover_full },
	{ "acks", acks },
	{ "rebuild", rebuild_all },
};

static void
figures(void)
{
	struct floor *fl;

	pg_server_for_load();
	pg_server_start();
	bench_settle_wal();
	stack_up(&stack, false);
	fl = floor_new(pg_server_conninfo("daemon"), stack.redis.address);
	for (unsigned i = 0; i < NELEM(runs); i++)
		if (bench_wanted(runs[i].name))
			runs[i].run(fl);
	floor_free(&fl);
	stack_down(&stack);
}

int
main(void)
{
	const char *scale = getenv("BENCH_CALLS");

	if (scale != NULL)
		n_calls = strtoull(scale, NULL, 10);
	return bench_main("spine", figures);
}
