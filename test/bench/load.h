/*
 * load.h - a switch and its agents at full speed, for measuring.
 *
 * One process plays one bridge and N agents over real sockets.  A call is five
 * events (Offered, Queued, Delivered, Established, CallCleared), an offer that
 * its agent confirms as shown, and a wrap-up that closes its ticket and makes
 * the agent ready: complete when all of that is said, durable when the last of
 * its events and operations is told as committed.
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
	int64_t first_us, last_us; /* loop time: first sent, last committed */
	struct stat_hist offer; /* Queued written → Offer read, agent ready */
	struct stat_hist
	    handover;         /* agent ready → waiting caller's Offer read */
	struct stat_hist ack; /* event written → Committed read */
};

/* Connects, applies queues, agents, devices and numbers, logs everybody in.
 * NULL: said on stderr. */
struct load *load_new(const char *socket, unsigned n_agents);
void load_free(struct load **);

/* Closed loop: `outstanding' calls at any time until `calls' are complete and
 * durable.  False: not within `seconds'. */
bool load_closed(
    struct load *, unsigned outstanding, uint64_t calls, int seconds);

/* Open loop: `per_second' calls, evenly, for `seconds'. */
bool load_open(struct load *, unsigned per_second, int seconds);

/* The same with events alone, as load_events. */
bool load_open_events(struct load *, unsigned per_second, int seconds);

/* Events only: calls that are offered and cleared in the menu. */
bool load_events(
    struct load *, uint64_t events, unsigned in_flight, int seconds);

/* Calls that are queued with nobody ready; agents stay not ready. */
bool load_queue(struct load *, uint64_t calls, int seconds);
void load_agents_ready(struct load *, bool ready);

const struct load_figures *load_figures(const struct load *);
void load_reset(struct load *);

#endif
