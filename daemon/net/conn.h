/*
 * conn.h - peers' bytes: frames in, frames out, and everything that a peer may
 * do wrong with them.
 *
 * Deadlines are for a whole log-in and a whole frame, never per byte.  A peer
 * gets a limited number of frames a loop pass; the rest waits for the next.
 * What is pushed goes out at the end of the pass, in one write.  Who does not
 * read is first not read from, then closed.
 *
 * A connection ends only through conn_close(): one reason, one log line.  The
 * owner is told at the end of the pass (`closed'), the connection is freed
 * later still, when the peer has had time to read a last frame.
 *
 * All connections share one decoder: an idle one costs under 1 KiB.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "mashang.pb-c.h"
#include "net/limits.h"

struct conn;
struct conns;
struct event_base;

struct conn_events {
	/* A new connection; what is returned comes back as `peer'.  NULL: no
	 * memory, it is closed. */
	void *(*opened)(void *arg, struct conn *);
	/* One message; a body unknown to us has body_case 0. */
	void (*frame)(void *peer, const Mashang__Envelope *);
	/* We have said nothing for a heart-beat.  `ask': nor has it. */
	void (*idle)(void *peer, bool ask);
	/* Asked before anything is done for any peer, and before anything goes
	 * out; false: nothing is, it is about to be ended.  NULL: always. */
	bool (*awake)(void *arg);
	/* About to be closed: a last frame may be pushed. */
	void (*closing)(void *peer, enum err why);
	/* Forget the connection. */
	void (*closed)(void *peer);
	/* The end of a loop pass in which something was pushed or asked for
	 * by conns_wake(): the last chance to push before it is written. */
	void (*pass)(void *arg);
	/* Room for a stranger again, or no longer. */
	void (*accepting)(void *arg, bool yes);
	void *arg;
};

enum err conns_new(struct event_base *, const struct net_limits *,
    const struct conn_events *, struct conns **) MUST_USE;
/* Ends all at once: what the kernel takes is written, `closed' is called. */
void conns_end(struct conns *);
void conns_free(struct conns **);

/* True while nothing is unread, half handled or not yet with the kernel. */
bool conns_are_flushed(const struct conns *);
bool conns_have_room(const struct conns *);
/* From now on say something to each peer this often. */
void conns_beat(struct conns *, unsigned ms);
/* What has not gone out will not. */
void conns_mute(struct conns *);
/* `pass' will be called at the end of this loop pass. */
void conns_wake(struct conns *);

struct conns_stats {
	uint64_t opened, frames_in, frames_out, frames_rejected;
	unsigned open, strangers;
};
void conns_stats(const struct conns *, struct conns_stats *);

/* Takes the socket (also when it fails: then it is closed). */
void conn_open(struct conns *, int fd);
void conn_close(struct conn *, enum err why);

/* Nothing happens on one that is closed already. */
void conn_push(struct conn *, const Mashang__Envelope *);
/* The same, before everything that was pushed in this pass. */
void conn_push_first(struct conn *, const Mashang__Envelope *);

/* The whole Hello is here: no log-in deadline any more. */
void conn_said_hello(struct conn *);
/* Logged in: frames may be long, heart-beats begin, no stranger any more. */
void conn_is_known(struct conn *);

/* Over a unix socket, of root or of the daemon's own user. */
bool conn_is_trusted(const struct conn *);
/* "unix:uid=1000" or "tcp:127.0.0.1:5060"; for logs and lists. */
const char *conn_name(const struct conn *);

#endif
