/*
 * spool_stand_in.c - a spool in memory, until the real one is there: its
 * symbols are weak and give way.
 */
#include <stdlib.h>
#include <string.h>

#include "bridge/spool.h"

#define WEAK __attribute__((weak))

struct spool {
	uint64_t first, last;
	struct {
		void *p;
		size_t len;
	} events[65536];
};

WEAK enum err
spool_open(const struct spool_options *o, const struct spool_reader *r,
    struct spool_opened *opened, struct spool **out)
{
	struct spool *s = calloc(1, sizeof(*s));

	(void)r;
	*opened = (struct spool_opened){ .incarnation = 1, .fresh = true };
	s->last = (uint64_t)o->now;
	s->first = s->last + 1;
	*out = s;
	return ERR_OK;
}

WEAK void
spool_close(struct spool **s)
{
	if (*s != NULL)
		spool_forget(*s, (*s)->last);
	free(*s);
	*s = NULL;
}

WEAK enum err
spool_add(struct spool *s, const void *event, size_t len, uint64_t *seq)
{
	if (s->last + 1 - s->first >= 65536)
		return ERR_NOMEM;
	*seq = ++s->last;
	s->events[*seq % 65536].p = malloc(len + 1);
	s->events[*seq % 65536].len = len;
	memcpy(s->events[*seq % 65536].p, event, len);
	return ERR_OK;
}

WEAK enum err
spool_get(struct spool *s, uint64_t seq, const void **event, size_t *len)
{
	if (seq < s->first || seq > s->last)
		return ERR_NOT_FOUND;
	*event = s->events[seq % 65536].p;
	*len = s->events[seq % 65536].len;
	return ERR_OK;
}

WEAK void
spool_forget(struct spool *s, uint64_t up_to)
{
	for (; s->first <= up_to && s->first <= s->last; s->first++)
		free(s->events[s->first % 65536].p);
}

WEAK uint64_t
spool_first(const struct spool *s)
{
	return s->first;
}

WEAK uint64_t
spool_last(const struct spool *s)
{
	return s->last;
}

WEAK uint64_t
spool_synced(const struct spool *s)
{
	return s->last;
}

WEAK uint64_t
spool_bytes(const struct spool *s)
{
	(void)s;
	return 0;
}

WEAK uint64_t
spool_unsaved(const struct spool *s)
{
	(void)s;
	return 0;
}

WEAK const char *
spool_trouble(const struct spool *s)
{
	(void)s;
	return NULL;
}
