/*
 * desk_work.h - work without a live call, as the sessions see it: a part of
 * desk.h, which includes it.
 */
#ifndef DESK_DESK_WORK_H
#define DESK_DESK_WORK_H

#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

struct desk;
struct desk_action;

enum work_kind {
	WORK_NONE,
	WORK_CALLBACK,  /* of a caller whose place in the queue is kept */
	WORK_FOLLOW_UP, /* of a caller who gave up */
	WORK_TICKET,    /* an open ticket in a queue that is nobody's */
	WORK_NKINDS
};
enum work_state {
	WORK_STATE_NONE,
	WORK_WAITING,
	WORK_TAKEN,
	WORK_DONE,
	WORK_FAILED,
	WORK_EXPIRED,
	WORK_CANCELLED,
	WORK_NSTATES
};

/* What has become of an item that the agent has, or had. */
struct work_news {
	struct id work;
	enum work_kind kind;
	enum work_state state;
	struct str queue, number;
	uint64_t ticket; /* its number */
	int64_t at;
};

/*
 * The agent is done with a ticket that came as work; the ticket stays the
 * agent's.  `done' runs when it is decided: ERR_OK (also again), ERR_NOT_FOUND,
 * ERR_FORBIDDEN (not this agent's), ERR_REFUSED (a call back: it is over with
 * its call), ERR_BUSY, ERR_IO.  At once, and `done' will not run: ERR_IO,
 * ERR_NOMEM.
 */
enum err desk_work_done(struct desk *, const struct desk_action *,
    const struct id *item, void (*done)(void *arg, enum err),
    void *arg) MUST_USE;
#endif
