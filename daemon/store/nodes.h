/*
 * nodes.h - this node among the others: who is alive, and where switches live.
 *
 * Nodes of one hotline share PostgreSQL and Redis.  Everything of a switch, its
 * calls and the agents at its phones, lives on the node to which its bridge is
 * attached.  Redis holds two kinds of leases, each changed by one server-side
 * function (nodes.lua):
 *
 * - A node's name belongs to one process, by a random token, for `lease'; it is
 *   renewed five times as often.  A process that finds the name held by another
 *   waits for two leases, in case that one is dead, then is refused.  One that
 *   can be seen to be dead (base/process.h) is not waited for.
 * - A switch belongs to the node whose bridge connection is the newest, by a
 *   counter that each taking raises.  Whoever had it before learns so from its
 *   next renewal.
 *
 * Each renewal brings the whole map, so questions are answered from memory and
 * an answer is at most one renewal old; a lease that the map names ends here
 * when it ends in Redis, also when no more news comes.  What the map says is
 * advice to peers where to go; what counts is where the bridge is, and the
 * bridge itself (DESIGN 2.4).
 *
 * Redis away: everybody stays where they are, switches that come are taken when
 * it is back.  Whether this process itself has been away is base/fence.h's.
 *
 * Threading: the loop's thread.  News never comes from inside a call.
 */
#ifndef STORE_NODES_H
#define STORE_NODES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct event_base;
struct nodes;

struct nodes_options {
	const char *address, *user, *password; /* as acd_redis_options */
	const char *prefix;    /* keys are {prefix}:...; "mashang" */
	const char *name;      /* of this node */
	const char *token;     /* of this process: process_name() */
	const char *advertise; /* where peers reach it, with commas between */
	int64_t lease_us;      /* 1.5 s */
	int64_t grace_us;      /* a node dead for so long is swept: 10 s */
};

enum nodes_state {
	NODES_ASKING, /* whether the name is free */
	NODES_HELD,
	NODES_AWAY, /* Redis is: go on without */
	NODES_REFUSED
};

struct nodes_events {
	/* The name is ours; `asked_at' of fence_clock(): the lease counts from
	 * there. */
	void (*renewed)(void *arg, int64_t asked_at);
	/* Another living process has it, at these addresses: we must end. */
	void (*refused)(void *arg, const char *where);
	/* This switch lives on another living node now. */
	void (*moved)(void *arg, struct str switch_name, const char *where);
	/* The node is dead for good; told to one of the living. */
	void (*dead)(void *arg, const char *node);
	/* There is another node; once. */
	void (*met)(void *arg);
	void *arg;
};

enum err nodes_new(struct event_base *, const struct nodes_options *,
    const struct nodes_events *, struct nodes **out) MUST_USE;
/* Gives the name back. */
void nodes_free(struct nodes **);

enum nodes_state nodes_state(const struct nodes *);
/* A bridge of this switch is attached here: it is ours from now on. */
void nodes_attach(struct nodes *, struct str switch_name);
/* The addresses of the living node where it lives; NULL: here, or nowhere. */
const char *nodes_elsewhere(const struct nodes *, struct str switch_name);
/* Redis has just said that this node's lease is over: it is dead, stopped, or
 * cut off from Redis alone. */
bool nodes_lapsed(const struct nodes *, const char *node);

#endif
