/*
 * daemons.h - which daemon to try next, and when.
 *
 * A client's own list, in a circle, and behind it the node to which it was sent
 * last (MOVED).  It waits from 50 ms to 2 s, half of it chance, twice as long
 * after each full round but the first.  Where it is sent it goes at once; sent
 * on from there, and from there, it goes back to waiting, and the third time in
 * a row is once too often: nodes that contradict each other are to be mended by
 * somebody.
 */
#ifndef PROTO_DAEMONS_H
#define PROTO_DAEMONS_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"

#define DAEMONS_SENT_MAX 3 /* in a row */

struct daemons {
	struct address own[ADDRESS_MAX], other[ADDRESS_MAX];
	unsigned n_own, n_other;
	unsigned at;    /* own, then other */
	unsigned tried; /* since the last Welcome */
	unsigned sent;  /* on, in a row */
	unsigned retry_ms;
};

/* NULL, or what is wrong with the text. */
const char *daemons_init(struct daemons *, const char *addresses);
const struct address *daemons_here(const struct daemons *);
unsigned daemons_n(const struct daemons *);

/* This one did not answer, or has gone: another it is, in so many ms. */
unsigned daemons_next(struct daemons *);
/* This one says where to go (comma-separated): in so many ms.  False: too often
 * in a row, or not understood. */
bool daemons_sent(struct daemons *, const char *addresses, unsigned *ms);
/* This one has taken us in. */
void daemons_welcome(struct daemons *);
/* And has kept us for a while. */
void daemons_settled(struct daemons *);

#endif
