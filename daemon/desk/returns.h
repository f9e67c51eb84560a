/*
 * returns.h - who gives up and calls again soon has the old place.
 *
 * The desk remembers the last callers who have given up, by number and queue;
 * a restart forgets them, and then the ledger's facts say it (facts.h), but for
 * the arrival that only we have counted.  A place is given once.
 */
#ifndef DESK_RETURNS_H
#define DESK_RETURNS_H

#include <stdbool.h>

struct call;
struct desk;

/* The call has ended: its place, if it was given up, is kept. */
void returns_keep(struct desk *, const struct call *);
/* Into its queue: true if it has an old place again. */
bool returns_give(struct desk *, struct call *);
void returns_fini(struct desk *);

#endif
