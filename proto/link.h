/*
 * link.h - the client's side of a session: connect, log in, match replies,
 * keep alive, reconnect.
 *
 * A link has a list of daemons; it connects to the first that answers, sends
 * Hello, and tells `up' with the Welcome.  When the connection is lost it tells
 * `down' and tries the next, backing off from 50 ms to 2 s with jitter; a
 * refused log-in (Error or Goodbye before Welcome) is told by `refused' and
 * ends the trying.  After the first Welcome it logs in again by token.
 *
 * A daemon may send it on to the node where its switch is (MOVED), at the
 * log-in or later: it goes there at once, by the token that came with it, and
 * takes that node into its list (daemons.h).  Sent to and fro it is refused.
 * Where there are several nodes it hears from its own often, and takes a short
 * silence for a loss (Beat).
 *
 * Requests that have no reply yet when a connection is lost are sent again, in
 * order, under the same op_id, after the next Welcome (after `up' returned):
 * the daemon answers a repeat as it answered the first.
 *
 * Callbacks run from the event loop, never from inside a call here, but for
 * `done' of requests dropped by link_free().  An Envelope given to a callback
 * lives until that callback returns.
 *
 * This file and frame.[ch] need libevent and protobuf-c only, nothing of ours.
 */
#ifndef PROTO_LINK_H
#define PROTO_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

struct event_base;
struct link;

struct link_events {
	void (*up)(void *arg, const Mashang__Welcome *);
	/* Lost; it will be tried again by itself. */
	void (*down)(void *arg, const char *why);
	/* Refused for good, or told goodbye in a way that trying cannot mend
	 * (taken over, disabled): the link is idle from now on. */
	void (*refused)(void *arg, const Mashang__Error *);
	/* Everything pushed: all but replies, heart-beats and the log-in; and
	 * Progress, which comes before a reply. */
	void (*message)(void *arg, const Mashang__Envelope *);
	void *arg;
};

/* NULL as reply: the link was freed first. */
typedef void link_done_fn(void *arg, const Mashang__Envelope *reply);

/*
 * `addresses': comma-separated, each unix:/path or tcp:host:port.  `hello' is
 * copied; magic and protocol are filled in.  NULL: an address is not one of
 * these, or no memory; *why then says so.
 */
struct link *link_new(struct event_base *, const char *addresses,
    const Mashang__Hello *hello, const struct link_events *, const char **why);
void link_free(struct link **);

/* Change what the next log-in says (an agent's state to resume). */
void link_set_resume(
    struct link *, Mashang__AgentStateKind, const char *reason);

bool link_is_up(const struct link *);

/* Push without a reply; dropped when down (false). */
bool link_push(struct link *, const Mashang__Envelope *);

/*
 * Send a request and wait for its reply without blocking.  `e' is copied; a
 * missing op_id is made (random); it is stored in `op' if that is not NULL.
 * False: no memory, `done' will not run.
 */
bool link_request(struct link *, Mashang__Envelope *e, uint8_t op[16],
    link_done_fn *done, void *arg);

#endif
