/*
 * net.h - everybody who is connected, as one object for main.
 *
 * Order of building: net_new (nobody is let in yet: a log-in is told to come
 * back), the desk with net_news(), net_set_desk.  Of ending: net_shutdown, the
 * loop until net_is_flushed or some seconds, net_free, then desk and ledger.
 *
 * Threading: the loop's thread.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/limits.h"

struct desk;
struct desk_news;
struct event_base;
struct ledger;
struct net;

struct net_env {
	struct event_base *base;
	struct ledger *ledger;
	/* Domain time. */
	int64_t (*now)(void *arg);
	/* Somebody may drive domain time: go to `to', answer with
	 * net_clock_reached().  Only where `driven'. */
	void (*clock_advance)(void *arg, int64_t to);
	void *arg;
	bool driven;
	const char *addresses; /* address.h; NULL: only `fds' */
	const int *fds;	       /* listening already */
	unsigned n_fds;
	const char *node;
	const uint8_t *token_key; /* 32 bytes, the same on all nodes; copied */
	struct net_limits limits; /* NET_LIMITS_PRESET */
};

enum err net_new(const struct net_env *, struct net **) MUST_USE;
void net_set_desk(struct net *, struct desk *);
void net_free(struct net **);

/* For desk_new; lives as long as the net. */
const struct desk_news *net_news(struct net *);

/* The ledger answers (again): log-ins and switches are read at once. */
void net_ledger_up(struct net *);

/* Whoever asked for ClockAdvance is answered; nothing if nobody waits. */
void net_clock_reached(struct net *, int64_t at);

/* All output is with the kernel, no password is being hashed, nothing asked
 * of the ledger for a peer is open, no frame that was read waits. */
bool net_is_flushed(const struct net *);

/* Take nobody in any more, say goodbye to everybody. */
void net_shutdown(struct net *);

struct net_stats {
	uint64_t connections, frames_in, frames_out, frames_rejected;
	uint64_t logins, logins_failed, requests_refused;
	uint64_t events, events_nacked;
	unsigned open, strangers, sessions;
};
void net_stats(const struct net *, struct net_stats *);

#endif
