/*
 * fence.h - has this process been away for so long that others may have taken
 * what was its own?
 *
 * A node's lease in Redis is renewed while the process runs.  It can be over for
 * two reasons, and they mean opposite things:
 *
 * - Redis does not answer while we are awake.  Our peers are still connected and
 *   are served (the hotline goes on without Redis): being awake vouches for us.
 * - We did not run (stopped, swapped out, the machine was paused).  Others have
 *   seen the lease end, our peers have gone there, and what we remember is old.
 *
 * So the time until which we may act is carried on in two ways: by a renewal,
 * from the moment at which it was asked for; and by each look at the clock that
 * follows the one before soon enough, for a little less.  A look that comes
 * later than that time says so, once and for all: nothing may be done for any
 * peer any more, everything known is to be forgotten.
 *
 * Times are of a clock that goes on while the process, or the machine, sleeps.
 */
#ifndef BASE_FENCE_H
#define BASE_FENCE_H

#include <stdbool.h>
#include <stdint.h>

struct fence {
	int64_t lease_us;
	int64_t looked_at; /* last */
	int64_t until;     /* may act */
	bool over;
};

/* The clock to use. */
int64_t fence_clock(void);

/* `lease_us' 0: there is no fence. */
void fence_init(struct fence *, int64_t lease_us, int64_t now);
/* From now on others take over after so short a time. */
void fence_tighten(struct fence *, int64_t lease_us, int64_t now);
/* A renewal that was asked for then has come through. */
void fence_renewed(struct fence *, int64_t asked_at);
/* Often, and before anything is done for a peer.  False: it is over. */
bool fence_look(struct fence *, int64_t now);

#endif
