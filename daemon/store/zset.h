/*
 * zset.h - a sorted set of embedded nodes: lowest score first, equal scores by
 * arrival, then by id.  The same order as a Redis sorted set whose members are
 * arrival and id, big-endian.
 *
 * A treap: a binary tree by key, a heap by random weight, so it is balanced
 * whatever the order of insertion.  O(log n) to add, to remove and to say how
 * many are before one, O(1) to see the first, and no memory of its own.
 *
 * Ownership: the nodes are their owners', and in at most one set each.  The key
 * is not changed while the node is in a set.
 */
#ifndef STORE_ZSET_H
#define STORE_ZSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

struct zset_node {
	int64_t score;
	uint64_t arrival;
	struct id id;
	struct zset_node *up, *child[2]; /* the set's own */
	uint32_t weight;                 /* 0: in no set */
	uint32_t size; /* of the tree under it, itself included */
};

/* Zeroed is empty. */
struct zset {
	struct zset_node *root, *first;
	size_t n;
	uint32_t seed;
};

/* Below, at, or above 0: the order of the two keys. */
int zset_compare(const struct zset_node *, const struct zset_node *);

/* The node is in no set, and no node of the set has its key. */
void zset_add(struct zset *, struct zset_node *);

/* Does nothing to a node that is in no set. */
void zset_remove(struct zset *, struct zset_node *);

/* How many of its set are before it; 0 for a node that is in none. */
size_t zset_rank(const struct zset_node *);

/* The one behind, NULL after the last. */
struct zset_node *zset_next(const struct zset_node *);

static inline struct zset_node *
zset_first(const struct zset *z)
{
	return z->first;
}

static inline bool
zset_has(const struct zset_node *n)
{
	return n->weight != 0;
}

#endif
