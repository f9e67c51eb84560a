/*
 * member.h - this process as one node of several: holds its name, knows where
 * switches live, and notices when it was away for too long.
 *
 * It connects store/nodes.h (leases in Redis), base/fence.h (was this process
 * asleep?), the net (sessions that belong elsewhere) and the desk (what lives
 * elsewhere); main gives it its neighbours.  The order of things when the fence
 * is over: from that moment on nothing is written to the ledger and nothing goes
 * out to a peer; the loop ends; main ends every session with Goodbye, forgets
 * everything, and starts afresh (member_is_over).
 */
#ifndef DAEMON_MEMBER_H
#define DAEMON_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fence.h"
#include "net/net.h"

struct desk;
struct event;
struct event_base;
struct member;
struct nodes;
struct options;

struct member_events {
	/* The name is ours: what in Redis is this node's may be used. */
	void (*held)(void *arg);
	/* The loop is to end: another process has the name, or the fence is
	 * over. */
	void (*end)(void *arg);
	int64_t (*now)(void *arg); /* domain time */
	void *arg;
};

struct member {
	struct event_base *base;
	struct nodes *nodes;
	struct fence fence;
	struct event *look;
	struct member_events events;
	struct net_nodes for_net;
	struct net *net; /* NULL at first, as the desk */
	struct desk *desk;
	int64_t lease_us;
	bool held, refused, met;
	char *advertise;
};

/* ERR_CONFIG: the name or an address is none; logged. */
enum err member_open(struct member *, struct event_base *,
    const struct options *, const char *password,
    const struct member_events *) MUST_USE;
void member_connect(struct member *, struct net *, struct desk *);
void member_close(struct member *);

/* The name is ours, or Redis is away: peers may come. */
bool member_may_start(const struct member *);
/* The process was away: nothing may be done for any peer any more. */
bool member_is_over(const struct member *);
/* Another node's lease is over; for desk_options. */
bool member_lapsed(void *member, const char *node);

#endif
