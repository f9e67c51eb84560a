/*
 * drive.h - domain time: the system's, or driven by an attached replay.
 *
 * System: it follows the wall clock and never goes back.  Driven: it stands
 * still until ClockAdvance{to}; then, once all that was caused so far is out
 * and answered, it goes to the first instant at which something is due, at
 * most to `to', what is due is done, and when all of that is out and answered
 * too ClockReached{at} is told.  The ledger's commits are not waited for, but
 * for the tickets' clocks: time stands until they have seen what may bring
 * something about by then (desk_horizon).
 *
 * drive_run() is the daemon's loop.
 */
#ifndef DAEMON_DRIVE_H
#define DAEMON_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

struct desk;
struct event_base;
struct net;

struct drive {
	struct event_base *base;
	struct desk *desk;
	struct net *net;
	bool driven, stop;
	int64_t now;
	/* driven: */
	bool advancing, fired;
	int64_t to;
	uint64_t frames; /* handled, at the last look */
	struct event *timer;
};

int64_t drive_now(void *drive);
void drive_advance(void *drive, int64_t to);
/* Until drive->stop. */
void drive_run(struct drive *);

#endif
