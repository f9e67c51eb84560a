/*
 * net.h - everybody who is connected, as one object for main.
 *
 * Order of building: net_new, the desk with net_news(), net_set_desk,
 * net_listen when the desk is configured.  Of ending: net_shutdown (tells the
 * desk that all are gone), then net_free; desk and ledger may go in between.
 *
 * Threading: the loop's thread.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "net/limits.h"

struct clock_notice;
struct desk;
struct desk_news;
struct event_base;
struct ledger;
struct net;

struct net_env {
	struct event_base *base;
	struct ledger *ledger;
	/* Domain time. */
	int64_t (*now)(void *clock_arg);
	/* Somebody may drive domain time: go to `to', answer with
	 * net_clock_reached().  Only where `driven'. */
	void (*clock_advance)(void *clock_arg, int64_t to);
	void *clock_arg;
	bool driven;
	const char *const
	    *listen; /* each as in address.h; kept by the caller */
	unsigned n_listen;
	const int *fds; /* listening already (socket activation) */
	unsigned n_fds;
	const char *node;
	const char *country;  /* of numbers looked for; NULL: "86" */
	struct str token_key; /* secret, the same on all nodes; copied */
	const struct net_limits *limits; /* NULL: NET_LIMITS_PRESET */
	const struct net_nodes *nodes;   /* NULL: this node is alone */
};

/* The other nodes, as far as peers' sessions go; kept by the caller. */
struct net_nodes {
	/* The addresses of the living node where this switch lives, with
	 * commas between; NULL: here, or nowhere. */
	const char *(*elsewhere)(void *arg, struct str switch_name);
	/* Its newest bridge is here. */
	void (*attached)(void *arg, struct str switch_name);
	/* False: this process was away for too long; nothing may be done for
	 * any peer any more (base/fence.h). */
	bool (*awake)(void *arg);
	void *arg;
	unsigned beat_ms;   /* say something so often where there are others */
	unsigned within_ms; /* and promise to be heard within */
};

enum err net_new(const struct net_env *, struct net **) MUST_USE;
void net_set_desk(struct net *, struct desk *);
/* Let peers come.  ERR_CONFIG, ERR_IO, ERR_REFUSED (in use): logged. */
enum err net_listen(struct net *) MUST_USE;
void net_free(struct net **);

/* For desk_new; lives as long as the net. */
const struct desk_news *net_news(struct net *);

/* The ledger answers (again): log-ins and switches are read at once. */
void net_ledger_up(struct net *);

/* A clock_notice_fn whose arg is the net: told to the owner and, from the
 * rung that says so on, to the supervisors. */
void net_clock_notice(void *net, const struct clock_notice *);

/* Whoever asked for ClockAdvance is answered; nothing if nobody waits. */
void net_clock_reached(struct net *, int64_t at);

/* All output is with the kernel, no password is being hashed, nothing asked
 * of the ledger for a peer is open, no frame that was read waits. */
bool net_is_flushed(const struct net *);

/* Frames taken from peers so far. */
uint64_t net_frames(const struct net *);

/* There are other nodes: peers are to notice soon when this one is gone. */
void net_beat(struct net *);
/* This switch's newest bridge is at the node with these addresses: its agents
 * are sent there, its older bridge is ended. */
void net_switch_moved(struct net *, struct str switch_name, const char *where);
/* This process was away: what was to go out is dropped, everybody is told to go
 * elsewhere, nothing more is taken from anybody. */
void net_fenced(struct net *);

/* Take nobody in any more, say goodbye to everybody, tell the desk.  Output
 * that the kernel does not take at once is lost. */
void net_shutdown(struct net *);

struct net_stats {
	uint64_t connections, frames_in, frames_out, frames_rejected;
	uint64_t logins, logins_failed, requests_refused;
	uint64_t events, events_nacked;
	unsigned open, strangers, sessions;
};
void net_stats(const struct net *, struct net_stats *);

#endif
