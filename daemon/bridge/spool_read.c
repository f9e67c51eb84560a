/*
 * spool_read.c - events come back in order: the place behind the last one that
 * was read is remembered.
 */
#include <errno.h>

#include "bridge/spool_state.h"

/* The newest that has it: a younger copy is of one that is not trusted. */
static struct segment *
find(const struct spool *s, uint64_t seq)
{
	for (size_t i = s->n_segments; i > 0; i--)
		if (segment_has(s->segments[i - 1], seq))
			return s->segments[i - 1];
	return NULL;
}

/* Where to begin to look for it. */
static enum err
seek(struct spool *s, const struct segment *g, uint64_t seq, uint64_t *at)
{
	enum err e;

	*at = g->index[(seq - g->first) / SEGMENT_STEP];
	if (s->reading != g->id) {
		s->reading = 0;
		if ((e = segment_window_open(&s->window, s->dir, g->id)) !=
		    ERR_OK)
			return e;
		s->reading = g->id;
	} else if (seq >= s->reading_seq && s->reading_at > *at) {
		*at = s->reading_at;
	}
	return ERR_OK;
}

enum err
spool_read(struct spool *s, uint64_t seq, const void **p, size_t *len)
{
	const struct segment *g = find(s, seq);
	struct spool_record r;
	size_t size;
	uint64_t at;
	enum err e;

	if (g == NULL)
		return ERR_NOT_FOUND;
	if ((e = seek(s, g, seq, &at)) != ERR_OK)
		return e;
	for (;; at += size) {
		e = segment_window_record(&s->window, at, g->size, &r, &size);
		if (e != ERR_OK)
			break;
		if (r.kind != SPOOL_EVENT || r.seq + g->shift < seq)
			continue;
		if (r.seq + g->shift > seq)
			break;
		s->reading_seq = seq + 1;
		s->reading_at = at + size;
		*p = r.p;
		*len = r.len;
		return ERR_OK;
	}
	s->reading = 0;
	if (e != ERR_IO && e != ERR_NOMEM)
		errno = EIO;
	return e == ERR_NOMEM ? e : ERR_IO;
}

enum err
spool_fetch(struct spool *s, uint64_t seq, const void **p, size_t *len)
{
	if (tail_get(&s->tail, seq, p, len))
		return ERR_OK;
	return spool_read(s, seq, p, len);
}
