/*
 * match_bench.c - what a match costs the ACD, in memory and in Redis: the way
 * of an agent to a waiting call, and that of a call to a ready agent, by how
 * many wait, how many agents there are, and how many queues each has.
 *
 * Matches are made in bursts, as one loop pass of a busy daemon does, and told
 * in processor time.  What else runs on the machine still only adds to it, by
 * emptying caches: a cell's figure is that of a burst which one in ten
 * undercuts.  Only the command that makes the match counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "base/clock.h"
#include "store/acd.h"
#include "test/bench/bench.h"
#include "test/bench/figure.h"
#include "test/support/acd_suite.h"
#include "test/support/redis_server.h"
#include "test/support/support.h"

#define QUEUES 50
#define BURST 25
#define BURSTS 61
#define GOAL 1.5

static const unsigned waitings[] = { 10, 1000, 100000 };
static const unsigned crowds[] = { 50, 2000, 10000 };
static const unsigned breadths[] = { 1, 10, 50 };
enum { NW = NELEM(waitings), NA = NELEM(crowds), NB = NELEM(breadths) };

struct bench {
	struct acd_rig rig;
	uint32_t generation;
	unsigned breadth, agents, waiting;
	unsigned turn; /* whose agents are next */
	uint64_t calls, draw;
	int64_t time;
	unsigned n_offers; /* of the burst */
	uint64_t offers[BURST];
	uint32_t offered_to[BURST];
	uint64_t n_tried, n_matched;
	bool failed;
	bool has_redis;
	clockid_t redis;
};

static double
clock_us(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		return 0;
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Processor time: of this process and of its Redis. */
static double
spent_us(const struct bench *b)
{
	return clock_us(CLOCK_PROCESS_CPUTIME_ID) +
	       (b->has_redis ? clock_us(b->redis) : 0);
}

/* The same numbers each time. */
static unsigned
draw(struct bench *b, unsigned n)
{
	b->draw =
	    b->draw * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(b->draw >> 33) % n;
}

static void
done(void *arg, const struct acd_reply *r)
{
	struct bench *b = arg;

	if (r->err != ERR_OK)
		b->failed = true;
	for (unsigned i = 0; i < r->n_effects && b->n_offers < BURST; i++) {
		b->offered_to[b->n_offers] = r->effects[i].agent;
		b->offers[b->n_offers++] = r->effects[i].offer;
	}
}

static void
command(struct bench *b, const struct acd_cmd *cmd)
{
	if (acd_send(b->rig.acd, cmd, done, b) != ERR_OK)
		b->failed = true;
}

static void
settle(struct bench *b)
{
	acd_rig_settle(&b->rig);
}

/* The n-th queue of an agent: neighbours in the list share most of theirs. */
static uint32_t
queue_of(const struct bench *b, unsigned agent, unsigned n)
{
	return 1 + (agent * (b->breadth == QUEUES ? 1 : 7) + n) % QUEUES;
}

static void
enqueue(struct bench *b, uint32_t queue)
{
	const struct acd_line line = { .queue = queue };
	struct acd_cmd cmd = { .op = ACD_ENQUEUE,
		.score = b->time++,
		.arrival = ++b->calls,
		.line = &line };

	memcpy(cmd.call.b, &b->calls, sizeof(b->calls));
	command(b, &cmd);
}

static void
ready(struct bench *b, unsigned agent)
{
	command(b, &(struct acd_cmd){
		       .op = ACD_READY, .agent = agent, .score = b->time++ });
}

static void
dequeue(struct bench *b, uint64_t call)
{
	struct acd_cmd cmd = { .op = ACD_DEQUEUE };

	memcpy(cmd.call.b, &call, sizeof(call));
	command(b, &cmd);
}

static void
accept_all(struct bench *b)
{
	b->n_tried += BURST;
	b->n_matched += b->n_offers;
	for (unsigned i = 0; i < b->n_offers; i++)
		command(b, &(struct acd_cmd){
			       .op = ACD_ACCEPT, .offer = b->offers[i] });
	settle(b);
}

/* ------------------------------------------------------------------ a state */

static void
be_agents(struct bench *b, unsigned n, bool are_ready)
{
	struct acd_profile p = { .n_queues = b->breadth };

	for (; b->agents > n; b->agents--)
		command(b,
		    &(struct acd_cmd){ .op = ACD_LOGOUT, .agent = b->agents });
	while (b->agents < n) {
		b->agents++;
		for (unsigned i = 0; i < b->breadth; i++)
			p.queues[i] = queue_of(b, b->agents, i);
		command(b,
		    &(struct acd_cmd){
			.op = ACD_LOGIN, .agent = b->agents, .profile = &p });
		if (are_ready)
			ready(b, b->agents);
		if (b->agents % 1000 == 0)
			settle(b);
	}
	settle(b);
	b->turn = 0;
}

static void
be_waiting(struct bench *b, unsigned n)
{
	for (; b->waiting < n; b->waiting++) {
		enqueue(b, 1 + draw(b, QUEUES));
		if (b->waiting % 1000 == 0)
			settle(b);
	}
	settle(b);
}

static void
start_over(struct bench *b, unsigned breadth)
{
	if (b->rig.acd->ops->reset(b->rig.acd, ++b->generation) != ERR_OK)
		b->failed = true;
	b->breadth = breadth;
	b->agents = b->waiting = 0;
	for (uint32_t q = 1; q <= QUEUES; q++) /* each line is there */
		enqueue(b, q);
	settle(b);
	for (uint64_t i = 0; i < QUEUES; i++)
		dequeue(b, b->calls - i);
	settle(b);
}

/* ------------------------------------------------------------------ bursts */

/* Busy agents become ready while calls wait for them. */
static double
agents_burst(struct bench *b)
{
	unsigned first = b->turn;
	double from;

	b->turn = (b->turn + BURST) % b->agents;
	for (unsigned i = 0; i < BURST; i++)
		enqueue(b, queue_of(b, 1 + (first + i) % b->agents,
			       draw(b, b->breadth)));
	settle(b);
	b->n_offers = 0;
	from = spent_us(b);
	for (unsigned i = 0; i < BURST; i++)
		ready(b, 1 + (first + i) % b->agents);
	settle(b);
	from = spent_us(b) - from;
	accept_all(b);
	for (unsigned i = 0; i < BURST; i++)
		command(b, &(struct acd_cmd){ .op = ACD_BUSY,
			       .agent = 1 + (first + i) % b->agents });
	settle(b);
	return from / BURST;
}

/* Calls arrive while agents are ready. */
static double
calls_burst(struct bench *b)
{
	unsigned first = b->turn;
	double from;

	b->turn = (b->turn + BURST) % b->agents;
	b->n_offers = 0;
	from = spent_us(b);
	for (unsigned i = 0; i < BURST; i++)
		enqueue(b, queue_of(b, 1 + (first + i) % b->agents, 0));
	settle(b);
	from = spent_us(b) - from;
	accept_all(b);
	for (uint64_t i = 0; i < BURST; i++)
		dequeue(b, b->calls - i);
	for (unsigned i = 0, n = b->n_offers; i < n; i++)
		ready(b, b->offered_to[i]);
	settle(b);
	return from / BURST;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ----------------------------------------------------------------- figures */

/* The dearest of some cells and the cheapest. */
struct span {
	double low, high;
};

static void
widen(struct span *s, double us)
{
	if (s->low == 0 || us < s->low)
		s->low = us;
	if (us > s->high)
		s->high = us;
}

static double
ratio(const struct span *s)
{
	return s->low > 0 ? s->high / s->low : 0;
}

static double
cell(struct bench *b, const char *what, double (*burst)(struct bench *))
{
	double took[BURSTS];

	for (unsigned i = 0; i < BURSTS; i++)
		took[i] = burst(b);
	qsort(took, BURSTS, sizeof(took[0]), compare);
	fprintf(stderr,
	    "bench: %-6s %-14s %6u waiting %6u agents %3u queues %8.2f us\n",
	    b->rig.acd->ops->name, what, b->waiting, b->agents, b->breadth,
	    took[BURSTS / 10]);
	return took[BURSTS / 10];
}

/* The largest ratio along one measure, the other two alike. */
static double
along(double us[NB][NW][NA], unsigned measure)
{
	static const unsigned sizes[] = { NB, NW, NA };
	double worst = 0;

	for (unsigned i = 0; i < NB * NW * NA; i++) {
		unsigned at[3] = { i / (NW * NA), i / NA % NW, i % NA };
		struct span s = { 0, 0 };

		for (at[measure] = 0; at[measure] < sizes[measure];
		     at[measure]++)
			widen(&s, us[at[0]][at[1]][at[2]]);
		worst = ratio(&s) > worst ? ratio(&s) : worst;
	}
	return worst;
}

static void
report(const char *name, const char *what, double us[NB][NW][NA], unsigned n_w)
{
	struct span all = { 0, 0 };
	char method[400];

	for (unsigned i = 0; i < NB * NW * NA; i++)
		if (i / NA % NW < n_w)
			widen(&all, us[i / (NW * NA)][i / NA % NW][i % NA]);
	snprintf(method, sizeof(method),
	    "%s, the dearest cell; floor: the cheapest; ratio against the goal "
	    "of %.1f. Bursts of %u through the store layer, processor "
	    "time of both sides, the tenth percentile of %u. "
	    "Largest ratio if only the calls waiting differ (10, 1,000, "
	    "100,000): %.2f; only the agents (50, 2,000, 10,000): %.2f; only "
	    "the queues an agent (1, 10, 50): %.2f",
	    what, GOAL, BURST, BURSTS, n_w > 1 ? along(us, 1) : 1.0,
	    along(us, 2), along(us, 0));
	figure_value(name, all.high, "us", all.low, method);
}

/* ---- the cells of one ACD, in an order that logs in and fills up little */

static void
measure(struct bench *b, double idle[NB][NW][NA], double busy[NB][NW][NA])
{
	for (unsigned k = 0; k < NB; k++) {
		start_over(b, breadths[k]);
		for (unsigned a = 0; a < NA; a++) {
			be_agents(b, crowds[a], true);
			for (unsigned w = 0; w < NW; w++)
				idle[k][w][a] = w > 0 ? idle[k][0][a]
				                      : cell(b, "call arrives",
							    calls_burst);
		}
		start_over(b, breadths[k]);
		for (unsigned w = 0; w < NW; w++) {
			be_waiting(b, waitings[w]);
			for (unsigned i = 0; i < NA; i++) { /* to and fro */
				unsigned a = w % 2 == 0 ? i : NA - 1 - i;

				be_agents(b, crowds[a], false);
				busy[k][w][a] =
				    cell(b, "agent is ready", agents_burst);
			}
		}
	}
	if (b->failed || b->n_matched < b->n_tried * 9 / 10)
		bench_failed();
}

static void
figures_of(struct bench *b, const char *ready_name, const char *call_name)
{
	static double idle[NB][NW][NA], busy[NB][NW][NA];

	measure(b, idle, busy);
	report(ready_name, "READY until it is told the offer of a waiting call",
	    busy, NW);
	report(call_name, "ENQUEUE until it is told the offer to a ready agent",
	    idle, 1);
}

static void
in_memory(void)
{
	struct bench b = { 0 };

	ck_ok(mem_acd_new(NULL, &b.rig.acd));
	figures_of(&b, "match_cost_memory_us", "match_arrival_memory_us");
	acd_free(&b.rig.acd);
}

static bool is_up;

static void
up(void *arg)
{
	(void)arg;
	is_up = true;
}

static void
lost(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "bench: Redis was lost: %s\n", why);
	bench_failed();
}

static void
in_redis(void)
{
	static struct redis_server server;
	struct acd_redis_options o = { .prefix = "match",
		.timeout_us = 20 * CLOCK_S };
	const struct acd_events events = { up, lost, NULL };
	struct bench b = { .rig.base = event_base_new(), .has_redis = true };

	redis_server_start(&server, test_dir());
	o.address = server.address;
	ck_assert_int_eq(clock_getcpuclockid(server.pid, &b.redis), 0);
	ck_ok(redis_acd_new(b.rig.base, &o, &events, &b.rig.acd));
	while (!is_up)
		event_base_loop(b.rig.base, EVLOOP_ONCE);
	figures_of(&b, "match_cost_us", "match_arrival_us");
	acd_free(&b.rig.acd);
	event_base_free(b.rig.base);
	redis_server_kill(&server);
}

static const struct {
	const char *name;
	void (*run)(void);
} runs[] = {
	{ "match", in_redis },
	{ "match-memory", in_memory },
};

static void
figures(void)
{
	for (unsigned i = 0; i < NELEM(runs); i++)
		if (bench_wanted(runs[i].name))
			runs[i].run();
}

int
main(void)
{
	return bench_main("match", figures);
}
