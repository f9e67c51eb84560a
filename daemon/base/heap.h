/*
 * heap.h - what is due next: a binary heap of embedded nodes ordered by time,
 * equal times in the order in which they were set.
 *
 * The owner embeds a heap_node in its object; a node is in at most one heap.
 * O(log n) to set and clear, O(1) to look.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct heap_node {
	int64_t at;     /* microseconds */
	uint64_t order; /* breaks ties; the heap's own */
	size_t slot;    /* 0: in no heap; else index + 1 */
};

struct heap {
	struct heap_node **nodes;
	size_t n, room;
	uint64_t next_order;
};

void heap_init(struct heap *);
void heap_fini(struct heap *); /* the nodes stay their owners' */

/* Put in, or move.  ERR_NOMEM: the node is as it was. */
enum err heap_set(struct heap *, struct heap_node *, int64_t at) MUST_USE;

/* Take out; does nothing if it is in none. */
void heap_clear(struct heap *, struct heap_node *);

/* The earliest node, NULL if empty. */
struct heap_node *heap_first(const struct heap *);

static inline bool
heap_has(const struct heap_node *n)
{
	return n->slot != 0;
}

#endif
