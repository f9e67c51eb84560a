/*
 * load.h - a switch and its agents at full speed, for measuring.
 *
 * One process plays one bridge and N agents over real sockets, without any
 * library of a client's comfort: what is measured is the daemon.  A call is
 * five events (Offered, Queued, Delivered, Established, CallCleared), an offer
 * that its agent confirms as shown, and a wrap-up that closes its ticket and
 * makes the agent ready: complete when all of that is said, durable when the
 * last of its events and operations is told as committed.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stat.h"

struct load;

struct load_figures {
	uint64_t started, completed; /* calls */
	uint64_t events, committed;  /* events sent; told as committed */
	uint64_t ops, saved;
	uint64_t refused;          /* events and operations: should be 0 */
	int64_t first_us, last_us; /* loop time: first sent, last committed */
	/* Queued written → Offer read, of calls that found an agent ready */
	struct stat_hist offer;
	/* wrap-up written → next Offer read, when callers were waiting */
	struct stat_hist handover;
	struct stat_hist ack; /* event written → Committed read */
};

/* Connects, applies queues, agents, devices and numbers, logs everybody in.
 * NULL: said on stderr. */
struct load *load_new(const char *socket, unsigned n_agents);
void load_free(struct load **);

/* False: not within 30 s. */
bool load_agents_ready(struct load *);

/* From now on: the time from Established to CallCleared, half as long to half
 * as long again, so that calls do not end together. */
void load_talk(struct load *, int64_t talk_us);

/* Each of these is false when its end did not come within `seconds' (of open
 * loops: within 10 s after them). */

/* Closed loop: `outstanding' calls at any time until `calls' are complete and
 * durable. */
bool load_closed(
    struct load *, unsigned outstanding, uint64_t calls, int seconds);
/* Open loop: `per_second' calls, evenly, for `seconds'. */
bool load_open(struct load *, unsigned per_second, int seconds);
/* The same until it is told: that load_policy is answered, or something to read
 * from load_watch's descriptor. */
bool load_open_told(struct load *, unsigned per_second, int seconds);
/* Events only, of calls that are offered and cleared in the menu. */
bool load_open_events(struct load *, unsigned per_second, int seconds);
bool load_events(
    struct load *, uint64_t events, unsigned in_flight, int seconds);
/* Calls that are queued with nobody ready. */
bool load_queue(struct load *, uint64_t calls, int seconds);

/* Another goal in the policies of crowd.h, for the tickets that are open. */
void load_policy(
    struct load *, int64_t goal_us, bool dry_run, bool retroactive);
void load_watch(struct load *, int fd);
void load_unwatch(struct load *);
int64_t load_told_at(const struct load *); /* loop time */

const struct load_figures *load_figures(const struct load *);
/* All figures from zero, nothing wanted; calls under way stay. */
void load_reset(struct load *);

#endif
