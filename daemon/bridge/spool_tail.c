/*
 * spool_tail.c - a ring of copies.
 */
#include "bridge/spool_tail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct held {
	size_t len;
	unsigned char bytes[];
};

/* What the allocator and the ring add. */
#define OVERHEAD (sizeof(struct held) + 24)

void
tail_init(struct tail *t, uint64_t limit)
{
	memset(t, 0, sizeof(*t));
	t->limit = limit;
}

void
tail_fini(struct tail *t)
{
	tail_drop(t, UINT64_MAX);
	free(t->ring);
	t->ring = NULL;
}

static void
drop_first(struct tail *t)
{
	struct held *h = t->ring[t->at];

	t->bytes -= OVERHEAD + h->len;
	free(h);
	t->at = (t->at + 1) & (t->room - 1);
	t->first++;
	t->n--;
}

static bool
grow(struct tail *t)
{
	size_t room = t->room > 0 ? t->room * 2 : 64;
	struct held **ring;

	if (t->n < t->room)
		return true;
	if ((ring = malloc(room * sizeof(struct held *))) == NULL)
		return false;
	for (size_t i = 0; i < t->n; i++)
		ring[i] = t->ring[(t->at + i) & (t->room - 1)];
	free(t->ring);
	t->ring = ring;
	t->room = room;
	t->at = 0;
	return true;
}

bool
tail_add(
    struct tail *t, uint64_t seq, const void *p, size_t len, uint64_t spare)
{
	struct held *h;

	assert(t->n == 0 || seq == t->first + t->n);
	while (t->n > 0 && t->first <= spare &&
	       t->bytes + OVERHEAD + len > t->limit)
		drop_first(t);
	if (t->bytes + OVERHEAD + len > t->limit || !grow(t) ||
	    (h = malloc(sizeof(*h) + len)) == NULL) {
		tail_drop(t, spare); /* no hole in the numbers */
		return false;
	}
	h->len = len;
	if (len > 0)
		memcpy(h->bytes, p, len);
	if (t->n == 0)
		t->first = seq;
	t->ring[(t->at + t->n++) & (t->room - 1)] = h;
	t->bytes += OVERHEAD + len;
	return true;
}

bool
tail_get(const struct tail *t, uint64_t seq, const void **p, size_t *len)
{
	const struct held *h;

	if (seq < t->first || seq - t->first >= t->n)
		return false;
	h = t->ring[(t->at + (size_t)(seq - t->first)) & (t->room - 1)];
	*p = h->bytes;
	*len = h->len;
	return true;
}

void
tail_drop(struct tail *t, uint64_t up_to)
{
	while (t->n > 0 && t->first <= up_to)
		drop_first(t);
}
