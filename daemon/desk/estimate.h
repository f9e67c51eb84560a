/*
 * estimate.h - how long somebody who waits will go on waiting.
 *
 * Arithmetic only: what happens in a queue is told with its time, and the
 * answer is for a number of callers ahead.
 *
 * While somebody waits for a queue, all who could take the call are at work, so
 * its callers leave it at the rate at which those agents become free for it:
 * n staffed agents, each taking r calls a second from it.  r is counted in just
 * that time (answers by agent-seconds), so it holds what the agents' other
 * queues take of them, and n is what it is now: an agent who logs in is felt at
 * once.  Until answers have been counted, r is one over the handling time.  A
 * caller ahead gives up at a rate h, counted in callers' seconds of waiting.
 * With k ahead the wait is then a sum of exponential steps, of rates n r + j h
 * for j = k … 0: the state-dependent estimator of W. Whitt, Predicting
 * Queueing Delays, Management Science 45 (1999), exact in the M/M/n+M queue,
 * and with abandonment R. Ibrahim and W. Whitt, Real-Time Delay Estimation in
 * Overloaded Multiserver Queues with Abandonments, Management Science 55
 * (2009).  The range is that of the gamma distribution with the sum's mean and
 * variance and with what is uncertain about r: of ten callers one is answered
 * before it and one behind it.
 *
 * What a caller has been told is a promise, and never grows by itself: of each
 * bound of what is still to be waited, the lowest that was told counts, until
 * the number of agents has changed or the call has gone to another queue.  (An
 * estimate that is the mean wait less the time waited grows again as soon as
 * the caller has waited longer than the mean.)
 *
 * Old counts fade by the newer ones: a quiet night forgets nothing.
 */
#ifndef DESK_ESTIMATE_H
#define DESK_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

struct estimator {
	double answers, agent_s;  /* while somebody waited */
	double gave_up, caller_s; /* all who waited */
	double handling_s;        /* from being connected to being free */
	double pickup_s;          /* from the offer to the answer */
	uint32_t staff, waiting;
	int64_t at; /* counted up to here; 0: nothing yet */
};

/* Nothing is known yet. */
void estimator_init(struct estimator *);
/* So many agents serve the queue, so many calls wait for it, from `now' on. */
void estimator_staff(struct estimator *, uint32_t n, int64_t now);
void estimator_waiting(struct estimator *, uint32_t n, int64_t now);
/* An agent has taken one that had to wait; that one is back again. */
void estimator_taken(struct estimator *, int64_t now);
void estimator_back(struct estimator *, int64_t now);
/* One who waited has given up. */
void estimator_gave_up(struct estimator *, int64_t now);
void estimator_handled(struct estimator *, int64_t us);
void estimator_picked_up(struct estimator *, int64_t us);

struct estimate {
	int64_t low_us, mean_us, high_us; /* until an agent answers */
};
/* With so many ahead.  False: nobody serves the queue. */
bool estimator_wait(const struct estimator *, uint32_t ahead, int64_t now,
    struct estimate *out);

/* ---- what was told */

struct promise {
	bool made;
	uint32_t staff; /* when it was told last */
	int64_t low_us, high_us;
	int64_t made_at, by; /* the first one: until when */
};
/* An estimate is to be told: what may be.  True: it differs from before. */
bool promise_tell(
    struct promise *, const struct estimate *, uint32_t staff, int64_t now);

/* Of those promised an answer within a time, how many had it by then. */
#define CALIBRATION_BINS 6
struct calibration {
	struct {
		uint64_t made, kept;
	} bins[CALIBRATION_BINS]; /* by the time that was promised */
};
/* How a wait ended whose promise is this: only an answer keeps it, and who
 * gives up before it is due says nothing of it. */
void calibration_add(
    struct calibration *, const struct promise *, bool answered, int64_t at);
/* Parts in a million; -1: none was made. */
int64_t calibration_share(const struct calibration *);

#endif
