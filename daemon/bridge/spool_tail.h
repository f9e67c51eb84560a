/*
 * spool_tail.h - the newest events, in memory.
 *
 * Those that no file holds must be here; those that are written and not yet
 * synced are here if there is room, since a failed sync would lose them.
 * Numbers are consecutive up to the last one that was kept.
 */
#ifndef BRIDGE_SPOOL_TAIL_H
#define BRIDGE_SPOOL_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct held;

struct tail {
	struct held **ring;
	size_t room, at, n; /* room: a power of two */
	uint64_t first;
	uint64_t bytes, limit;
};

void tail_init(struct tail *, uint64_t limit);
void tail_fini(struct tail *);

/* Keep a copy; events up to `spare' may be dropped for it.  False: no room. */
bool tail_add(
    struct tail *, uint64_t seq, const void *, size_t len, uint64_t spare);
bool tail_get(const struct tail *, uint64_t seq, const void **, size_t *len);
void tail_drop(struct tail *, uint64_t up_to);

#endif
