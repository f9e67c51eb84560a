/*
 * tape.c - a ring of packed events that grows.
 */
#include "replay/tape.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct tape_entry *
entry(const struct tape *t, uint64_t seq)
{
	return &t->ring[seq & (t->room - 1)];
}

void
tape_init(struct tape *t, uint64_t first)
{
	assert(first > 0);
	*t = (struct tape){ .first = first, .next = first };
}

void
tape_fini(struct tape *t)
{
	if (t->next > t->first)
		tape_forget(t, t->next - 1);
	free(t->ring);
	t->ring = NULL;
}

static enum err
grow(struct tape *t)
{
	struct tape larger = *t;

	larger.room = t->room > 0 ? t->room * 2 : 1024;
	larger.ring = calloc(larger.room, sizeof(*larger.ring));
	if (larger.ring == NULL)
		return ERR_NOMEM;
	for (uint64_t s = t->first; s < t->next; s++)
		*entry(&larger, s) = *entry(t, s);
	free(t->ring);
	*t = larger;
	return ERR_OK;
}

enum err
tape_add(struct tape *t, Mashang__CallEvent *e)
{
	struct tape_entry *n;

	if (t->next - t->first == t->room && grow(t) != ERR_OK)
		return ERR_NOMEM;
	n = entry(t, t->next);
	e->stream_seq = t->next;
	n->len = mashang__call_event__get_packed_size(e);
	if ((n->bytes = malloc(n->len)) == NULL)
		return ERR_NOMEM;
	mashang__call_event__pack(e, n->bytes);
	t->next++;
	return ERR_OK;
}

Mashang__CallEvent *
tape_get(const struct tape *t, uint64_t seq)
{
	if (seq < t->first || seq >= t->next)
		return NULL;
	return mashang__call_event__unpack(
	    NULL, entry(t, seq)->len, entry(t, seq)->bytes);
}

void
tape_forget(struct tape *t, uint64_t up_to)
{
	for (; t->first <= up_to && t->first < t->next; t->first++) {
		free(entry(t, t->first)->bytes);
		entry(t, t->first)->bytes = NULL;
	}
}
