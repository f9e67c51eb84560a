/*
 * arena.c - a list of blocks, the newest first, each twice as large as the
 * one before; reset keeps the oldest.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN alignof(max_align_t)

struct block {
	struct block *older;
	size_t size, used;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *newest;
	size_t cap;  /* of all blocks' data together */
	size_t size; /* what they are now */
	size_t used;
};

static bool
add_block(struct arena *a, size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (b == NULL)
		return false;
	b->older = a->newest;
	b->size = size;
	b->used = 0;
	a->newest = b;
	a->size += size;
	return true;
}

static void
drop_block(struct arena *a)
{
	struct block *b = a->newest;

	a->newest = b->older;
	a->size -= b->size;
	free(b);
}

struct arena *
arena_new(size_t first, size_t cap)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->cap = cap - cap % ALIGN;
	if (first > a->cap)
		first = a->cap;
	if (!add_block(a, first - first % ALIGN))
		arena_free(&a);
	return a;
}

void
arena_free(struct arena **ap)
{
	struct arena *a = *ap;

	if (a == NULL)
		return;
	while (a->newest != NULL)
		drop_block(a);
	free(a);
	*ap = NULL;
}

/* A block with room for `n', as large as doubling and the cap allow. */
static bool
grow(struct arena *a, size_t n)
{
	size_t left = a->cap - a->size;
	size_t want = a->newest->size * 2;

	if (n > left)
		return false;
	if (want < n)
		want = n;
	return add_block(a, want < left ? want : left);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct block *b = a->newest;
	void *p;

	if (n > a->cap)
		return NULL;
	n = n == 0 ? ALIGN : (n + ALIGN - 1) / ALIGN * ALIGN;
	if (n > b->size - b->used) {
		if (!grow(a, n))
			return NULL;
		b = a->newest;
	}
	p = b->data + b->used;
	b->used += n;
	a->used += n;
	return memset(p, 0, n);
}

struct str
arena_copy(struct arena *a, struct str s)
{
	char *p;

	if (s.len == 0 || (p = arena_alloc(a, s.len)) == NULL)
		return (struct str){ NULL, 0 };
	memcpy(p, s.p, s.len);
	return (struct str){ p, s.len };
}

void
arena_reset(struct arena *a)
{
	while (a->newest->older != NULL)
		drop_block(a);
	a->newest->used = 0;
	a->used = 0;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
