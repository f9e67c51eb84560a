/*
 * agenda.c - a heap of instants.
 */
#include "replay/agenda.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static_assert(offsetof(struct instant, node) == 0, "the heap gives the node");

void
agenda_init(struct agenda *a)
{
	heap_init(&a->heap);
	a->now = 0;
}

void
agenda_fini(struct agenda *a)
{
	heap_fini(&a->heap);
}

void
agenda_set(struct agenda *a, struct instant *i, int64_t at)
{
	if (at == AGENDA_NEVER) {
		heap_clear(&a->heap, &i->node);
		return;
	}
	if (heap_set(&a->heap, &i->node, at < a->now ? a->now : at) != ERR_OK) {
		fputs("mashang-replay: no memory\n", stderr);
		exit(EXIT_FAILURE);
	}
}

void
agenda_clear(struct agenda *a, struct instant *i)
{
	heap_clear(&a->heap, &i->node);
}

int64_t
agenda_next_at(const struct agenda *a)
{
	const struct heap_node *n = heap_first(&a->heap);

	return n != NULL ? n->at : AGENDA_NEVER;
}

bool
agenda_fire(struct agenda *a)
{
	struct heap_node *n = heap_first(&a->heap);
	struct instant *i = (struct instant *)n;

	if (n == NULL || n->at > a->now)
		return false;
	heap_clear(&a->heap, n);
	i->fire(i->arg, a->now);
	return true;
}
