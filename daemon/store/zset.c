/*
 * zset.c - the treap: insertion and removal by single rotations, which keep the
 * sizes of the trees.
 */
#include "store/zset.h"

#include <assert.h>
#include <string.h>

enum { LEFT, RIGHT };

int
zset_compare(const struct zset_node *a, const struct zset_node *b)
{
	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	if (a->arrival != b->arrival)
		return a->arrival < b->arrival ? -1 : 1;
	return memcmp(&a->id, &b->id, sizeof(a->id));
}

/* Xorshift: the keys do not depend on it, so nobody can choose a bad tree. */
static uint32_t
next_weight(struct zset *z)
{
	uint32_t x = z->seed != 0 ? z->seed : 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return z->seed = x; /* never 0 */
}

static uint32_t
size_of(const struct zset_node *n)
{
	return n != NULL ? n->size : 0;
}

static void
resize(struct zset_node *n)
{
	n->size = 1 + size_of(n->child[LEFT]) + size_of(n->child[RIGHT]);
}

/* Where the tree points at `n': its parent's link, or the root. */
static struct zset_node **
link_of(struct zset *z, const struct zset_node *n)
{
	if (n->up == NULL)
		return &z->root;
	return &n->up->child[n->up->child[RIGHT] == n];
}

/* `n' takes its parent's place, the order of the keys stays. */
static void
rotate_up(struct zset *z, struct zset_node *n)
{
	struct zset_node *p = n->up;
	int side = p->child[RIGHT] == n;
	struct zset_node *inner = n->child[!side];

	*link_of(z, p) = n;
	n->up = p->up;
	n->child[!side] = p;
	p->up = n;
	p->child[side] = inner;
	if (inner != NULL)
		inner->up = p;
	resize(p);
	resize(n);
}

void
zset_add(struct zset *z, struct zset_node *n)
{
	struct zset_node **at = &z->root, *up = NULL;
	bool is_first = true;

	assert(!zset_has(n));
	while (*at != NULL) {
		int side = zset_compare(n, *at) > 0 ? RIGHT : LEFT;

		is_first = is_first && side == LEFT;
		up = *at;
		up->size++;
		at = &up->child[side];
	}
	n->up = up;
	n->child[LEFT] = n->child[RIGHT] = NULL;
	n->weight = next_weight(z);
	n->size = 1;
	*at = n;
	if (is_first)
		z->first = n;
	z->n++;
	while (n->up != NULL && n->up->weight < n->weight)
		rotate_up(z, n);
}

void
zset_remove(struct zset *z, struct zset_node *n)
{
	if (!zset_has(n))
		return;
	if (z->first == n)
		z->first = zset_next(n);
	while (n->child[LEFT] != NULL || n->child[RIGHT] != NULL) {
		struct zset_node *l = n->child[LEFT], *r = n->child[RIGHT];

		if (r == NULL || (l != NULL && l->weight > r->weight))
			rotate_up(z, l);
		else
			rotate_up(z, r);
	}
	*link_of(z, n) = NULL;
	for (struct zset_node *up = n->up; up != NULL; up = up->up)
		up->size--;
	n->up = NULL;
	n->weight = 0;
	z->n--;
}

size_t
zset_rank(const struct zset_node *n)
{
	size_t rank;

	if (!zset_has(n))
		return 0;
	rank = size_of(n->child[LEFT]);
	for (; n->up != NULL; n = n->up)
		if (n->up->child[RIGHT] == n)
			rank += 1 + size_of(n->up->child[LEFT]);
	return rank;
}

struct zset_node *
zset_next(const struct zset_node *n)
{
	struct zset_node *next = n->child[RIGHT];

	if (next != NULL) {
		while (next->child[LEFT] != NULL)
			next = next->child[LEFT];
		return next;
	}
	while (n->up != NULL && n->up->child[RIGHT] == n)
		n = n->up;
	return n->up;
}
