/*
 * load_state.h - what load.c and load_setup.c share.
 */
#ifndef BENCH_LOAD_STATE_H
#define BENCH_LOAD_STATE_H

#include <event2/event.h>

#include "base/heap.h"
#include "test/bench/load.h"
#include "test/bench/sock.h"

#define LOAD_SWITCH "bench"
#define LOAD_CALLED "4006999999"
#define LOAD_EVENTS 65536       /* in flight at most, a power of two */
#define LOAD_CALLS (1u << 18)   /* in flight at most */
#define LOAD_CALLERS 100000000u /* numbers that a caller may have */

struct call {
	struct heap_node over; /* when the talk ends */
	uint64_t number, version;
	uint32_t seq;
	int64_t queued_us;
	bool agent_was_ready;
};

struct agent {
	struct load *load;
	struct sock sock;
	bool ready, up;
	int64_t wrapped_us; /* ready again, with callers waiting; 0: not so */
	char name[24], device[24];
	uint8_t call_id[16];
};

struct load {
	struct socks socks;
	struct sock admin, bridge;
	char *socket;
	struct agent *agents;
	unsigned n_agents, n_up, n_ready, next_token, next_ping, beats;
	bool attached, applied;
	int64_t told_us; /* what load_open_told waits for; 0: not yet */
	/* Agents who are free less callers who wait, as the load knows it. */
	int64_t balance;
	struct call *calls; /* by number modulo LOAD_CALLS */
	struct heap talks;
	uint64_t epoch, next_call, stream_seq, committed;
	int64_t sent_us[LOAD_EVENTS];
	/* what is wanted now */
	unsigned outstanding;
	uint64_t want, want_events;
	bool closed, events_only, queue_only, timed_out;
	int64_t talk_us;
	double rate;
	int64_t rate_from;
	struct event *ticker, *deadline, *heart, *watch;
	struct load_figures f;
};

/* ---- load.c: what comes and what is due */
void load_on_agent(void *agent, const Mashang__Envelope *);
void load_on_bridge(void *load, const Mashang__Envelope *);
void load_tick(struct load *);

/* ---- load_policy.c */
void load_told(struct load *);

/* ---- load_setup.c */
/* Run the loop until `done' holds or the time is over; true: it holds. */
bool load_wait(struct load *, bool (*done)(struct load *), int64_t for_us);

#endif
