/*
 * spool_tidy.c - what may go, and what must be written before it does.
 *
 * A segment goes when all of its events are forgotten and the live calls
 * stand, synced, in a younger one.
 *
 * On a full disk that checkpoint needs room before any can be made: the
 * reserve, a file that holds nothing, is given up for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "bridge/spool_disk.h"
#include "bridge/spool_state.h"

#define RESERVE "reserve"
#define RESERVE_BYTES (UINT64_C(1) << 20)
#define RESERVE_LEAST (UINT64_C(4) << 10)

void
spool_reserve_make(struct spool *s)
{
	uint64_t n = s->o.segment_bytes < RESERVE_BYTES ? s->o.segment_bytes
	                                                : RESERVE_BYTES;
	int fd;

	if (s->reserve)
		return;
	fd = openat(s->dir, RESERVE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	for (; !s->reserve && n >= RESERVE_LEAST; n /= 4)
		s->reserve = spool_disk.allocate(fd, 0, (off_t)n) == 0;
	close(fd);
	if (!s->reserve)
		unlinkat(s->dir, RESERVE, 0);
}

/* Is there more room now? */
static bool
give_up_reserve(struct spool *s, enum err e)
{
	if (e != ERR_IO || (errno != ENOSPC && errno != EDQUOT) ||
	    !s->reserve || unlinkat(s->dir, RESERVE, 0) != 0)
		return false;
	s->reserve = false;
	return true;
}

enum err
spool_begin_anyhow(struct spool *s, const struct spool_record *r)
{
	enum err e = spool_begin(s, r);

	return give_up_reserve(s, e) ? spool_begin(s, r) : e;
}

enum err
spool_checkpoint(struct spool *s)
{
	void *p;
	size_t len;
	enum err e;

	if (s->o.checkpoint == NULL)
		return ERR_OK;
	if (s->ending)
		return ERR_REFUSED; /* whom to ask may be gone */
	if ((e = s->o.checkpoint(s->o.arg, &p, &len)) != ERR_OK)
		return e;
	e = spool_put(s, SPOOL_CHECKPOINT, s->last, p, len);
	if (give_up_reserve(s, e))
		e = spool_put(s, SPOOL_CHECKPOINT, s->last, p, len);
	free(p);
	if (e != ERR_OK)
		return e;
	FAILPOINT("spool.checkpointed");
	s->checkpoint_id = spool_newest(s)->id;
	s->checkpoint_ticket = spool_sync_write(s->sync, s->file, s->saved);
	/* Events that it knows will stand behind it: another, then. */
	if (s->saved < s->last)
		s->checkpoint_wanted = true;
	return ERR_OK;
}

/* So many of the oldest have nothing that is not forgotten. */
static size_t
count_done(const struct spool *s)
{
	size_t n = 0;

	while (n + 1 < s->n_segments &&
	       segment_next(s->segments[n]) <= s->forgotten + 1)
		n++;
	return n;
}

static void
remove_oldest(struct spool *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct segment *g = s->segments[i];

		if (s->reading == g->id) {
			segment_window_close(&s->window);
			s->reading = 0;
		}
		s->bytes -= g->size;
		spool_sync_remove(s->sync, g->id);
		segment_free(&s->segments[i]);
	}
	s->n_segments -= n;
	memmove(s->segments, s->segments + n,
	    s->n_segments * sizeof(struct segment *));
}

/* A segment that cannot grow, and of which nothing is needed any more. */
static bool
is_stuck(const struct spool *s)
{
	const struct segment *g = spool_newest(s);

	return s->trouble[0] != '\0' && s->file != NULL &&
	       s->saved == s->forgotten && g->count > 0;
}

void
spool_tidy(struct spool *s)
{
	size_t n;

	if (is_stuck(s) && spool_begin_anyhow(s, NULL) != ERR_OK)
		return;
	if ((n = count_done(s)) == 0)
		return;
	if (s->o.checkpoint != NULL) {
		if (s->checkpoint_id <= s->segments[n - 1]->id &&
		    spool_checkpoint(s) != ERR_OK)
			return;
		if (s->synced_ticket < s->checkpoint_ticket)
			return; /* again when it is synced */
	}
	remove_oldest(s, n);
	spool_reserve_make(s);
}
