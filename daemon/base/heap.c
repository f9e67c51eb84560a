/*
 * heap.c - a binary heap in an array; every node knows its slot.
 */
#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

void
heap_init(struct heap *h)
{
	*h = (struct heap){ 0 };
}

void
heap_fini(struct heap *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->nodes[i]->slot = 0;
	free(h->nodes);
	heap_init(h);
}

static bool
is_before(const struct heap_node *a, const struct heap_node *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void
place(struct heap *h, size_t i, struct heap_node *n)
{
	h->nodes[i] = n;
	n->slot = i + 1;
}

static void
sift_up(struct heap *h, size_t i, struct heap_node *n)
{
	while (i > 0 && is_before(n, h->nodes[(i - 1) / 2])) {
		place(h, i, h->nodes[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(h, i, n);
}

static void
sift_down(struct heap *h, size_t i, struct heap_node *n)
{
	for (;;) {
		size_t c = 2 * i + 1;

		if (c + 1 < h->n && is_before(h->nodes[c + 1], h->nodes[c]))
			c++;
		if (c >= h->n || !is_before(h->nodes[c], n))
			break;
		place(h, i, h->nodes[c]);
		i = c;
	}
	place(h, i, n);
}

/* Put `n' where it belongs, starting from a free slot `i'. */
static void
settle(struct heap *h, size_t i, struct heap_node *n)
{
	if (i > 0 && is_before(n, h->nodes[(i - 1) / 2]))
		sift_up(h, i, n);
	else
		sift_down(h, i, n);
}

static enum err
make_room(struct heap *h)
{
	size_t room = h->room == 0 ? 16 : h->room * 2;
	struct heap_node **nodes;

	if (h->n < h->room)
		return ERR_OK;
	nodes = reallocarray(h->nodes, room, sizeof(*nodes));
	if (nodes == NULL)
		return ERR_NOMEM;
	h->nodes = nodes;
	h->room = room;
	return ERR_OK;
}

enum err
heap_set(struct heap *h, struct heap_node *n, int64_t at)
{
	size_t i = h->n;
	enum err e;

	if (heap_has(n)) {
		i = n->slot - 1;
		assert(i < h->n && h->nodes[i] == n);
	} else {
		if ((e = make_room(h)) != ERR_OK)
			return e;
		h->n++;
	}
	n->at = at;
	n->order = h->next_order++;
	settle(h, i, n);
	return ERR_OK;
}

void
heap_clear(struct heap *h, struct heap_node *n)
{
	size_t i = n->slot - 1;
	struct heap_node *last;

	if (!heap_has(n))
		return;
	assert(i < h->n && h->nodes[i] == n);
	n->slot = 0;
	last = h->nodes[--h->n];
	if (last != n)
		settle(h, i, last);
}

struct heap_node *
heap_first(const struct heap *h)
{
	return h->n > 0 ? h->nodes[0] : NULL;
}
