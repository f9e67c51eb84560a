/*
 * arena.h - memory that is given back all at once.
 *
 * For what lives exactly as long as one unit of work: a frame's decoded
 * message, the rows of one event, a reply.  Memory comes zeroed.  An arena has
 * a hard cap; over it arena_alloc() returns NULL and the work is refused.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct arena;

/* `first' bytes at once, never more than `cap' in all; NULL: no memory. */
struct arena *arena_new(size_t first, size_t cap);
void arena_free(struct arena **);

/* Zeroed, aligned for anything; NULL over the cap or without memory. */
void *arena_alloc(struct arena *, size_t);

/* A copy that lives as long as the arena; {NULL, 0} for empty or no memory. */
struct str arena_copy(struct arena *, struct str);

/* Forget everything, keep the first block. */
void arena_reset(struct arena *);

/* Bytes handed out since new or reset. */
size_t arena_used(const struct arena *);

#endif
