/*
 * centre.h - a call centre in a test: two nodes with a desk each, two switches,
 * agents, callers; and the rules of routing once more, as plainly as they can
 * be said, to judge by.
 *
 * Nothing of the desk or of an ACD is asked to know the answer.  The centre
 * keeps its own account from what it does and from what the desks tell, and
 * after each operation every rule is looked at (full searches, no order kept):
 *
 *   - a call has at most one live offer (where it rings at several: so many),
 *     an agent at most one, and both are known to this account as free
 *   - an offer ends once, for one reason
 *   - who is ready and may take a call that waits is not left with it
 *   - of all calls that the agent may take, the one with the oldest place is
 *     offered (place: when it queued, less its credit; then who came first)
 *   - whoever has refused a call is not offered it again
 *   - nobody is connected to two callers, no caller to two agents
 *   - at the end everybody can be ready, be not ready, and log off
 *
 * A fault ends the run with what it was; the seed plays it again.
 */
#ifndef CENTRE_H
#define CENTRE_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/desk.h"

#define CENTRE_NODES 2
#define CENTRE_SWITCHES 2
#define CENTRE_AGENTS 8
#define CENTRE_CALLS 24
#define CENTRE_QUEUES 3

struct centre;

struct centre *centre_new(uint64_t seed);
void centre_free(struct centre *);

/* One operation at random; false: a fault was found. */
bool centre_step(struct centre *);
/* Everybody hangs up, everybody goes; false: somebody or something is stuck. */
bool centre_close(struct centre *);

/* What the fault was, and the last operations before it. */
const char *centre_fault(const struct centre *);
const char *centre_history(const struct centre *);

/* Operations by kind, so that a test can see that all kinds were met. */
unsigned centre_n_kinds(void);
const char *centre_kind(unsigned kind);
uint64_t centre_count(const struct centre *, unsigned kind);

#endif
