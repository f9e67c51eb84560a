/*
 * spool.c - the contract, and what the thread tells.
 */
#include "bridge/spool.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "bridge/spool_disk.h"
#include "bridge/spool_state.h"

/* A disk that fails again so soon gets a rest. */
#define REST_US CLOCK_S

/* ------------------------------------------------------ from the thread */

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
on_synced(void *arg, uint64_t ticket, uint64_t seq)
{
	struct spool *s = arg;

	s->synced_ticket = ticket;
	if (seq > s->synced)
		s->synced = seq;
	tail_drop(&s->tail, least(s->synced, s->saved));
	spool_tidy(s);
}

/* Of what was written from this segment on nothing is known. */
static void
distrust(struct spool *s, uint64_t id)
{
	uint64_t saved = s->saved;

	for (size_t i = 0; i < s->n_segments; i++) {
		const struct segment *g = s->segments[i];

		if (g->id >= id && g->first <= saved)
			saved = g->first - 1;
	}
	s->saved = saved > s->forgotten ? saved : s->forgotten;
	if (s->checkpoint_id >= id)
		s->checkpoint_id = 0;
}

static void
on_failed(void *arg, uint64_t id, int error)
{
	struct spool *s = arg;
	int64_t now = clock_loop();
	bool again = s->failed_at != 0 && now - s->failed_at < REST_US;

	spool_mark_unsaved(s, true);
	distrust(s, id);
	s->failed_at = now;
	s->file = NULL;
	spool_sync_reset(s->sync);
	errno = error;
	spool_fail(s, ERR_IO);
	if (!again)
		spool_recover(s);
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct spool *s = arg;

	(void)fd;
	(void)what;
	spool_recover(s);
	spool_tidy(s);
}

enum err
spool_start(struct spool *s)
{
	const struct spool_sync_news news = { on_synced, on_failed, s };

	s->retry = evtimer_new(s->o.base, retry_cb, s);
	if (s->retry == NULL)
		return ERR_NOMEM;
	return spool_sync_new(s->o.base, s->dir, s->o.sync_us, &news, &s->sync);
}

/* --------------------------------------------------------------- closing */

void
spool_discard(struct spool **p)
{
	struct spool *s = *p;

	*p = NULL;
	spool_sync_free(&s->sync);
	if (s->retry != NULL)
		event_free(s->retry);
	tail_fini(&s->tail);
	segment_window_close(&s->window);
	for (size_t i = 0; i < s->n_segments; i++)
		segment_free(&s->segments[i]);
	free(s->segments);
	free(s->record);
	if (s->dir >= 0)
		close(s->dir);
	if (s->lock >= 0)
		close(s->lock);
	free(s);
}

/* All is synced, and the thread is gone. */
static void
mark_closed(struct spool *s)
{
	const struct segment *g = spool_newest(s);
	uint8_t record[SPOOL_RECORD_HEAD + 8];
	char name[SEGMENT_NAME];
	int fd = openat(
	    s->dir, segment_name(g->id, "spool", name), O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	spool_record_write(record, SPOOL_CLOSED, s->last, NULL, 0);
	if (spool_disk_write(fd, record, spool_record_size(0), (off_t)g->size))
		spool_disk.sync(fd);
	close(fd);
	FAILPOINT("spool.closed");
}

void
spool_close(struct spool **p)
{
	struct spool *s = *p;
	bool whole;

	if (s == NULL)
		return;
	s->ending = true;
	if (s->trouble[0] != '\0')
		spool_recover(s);
	if (s->saved < s->last)
		log_error(LOG_STORE, "spool events lost n=%llu why=\"%s\"",
		    (unsigned long long)(s->last - s->saved), s->trouble);
	whole = s->trouble[0] == '\0';
	if (spool_sync_free(&s->sync) && whole)
		mark_closed(s);
	spool_discard(p);
}

/* ---------------------------------------------------------------- events */

enum err
spool_add(struct spool *s, const void *event, size_t len, uint64_t *seq)
{
	uint64_t next = s->last + 1;
	bool written;

	if (len > SPOOL_BYTES_MAX)
		return ERR_TOO_LARGE;
	written = s->trouble[0] == '\0' && s->saved == s->last &&
	          spool_write_event(s, next, event, len);
	if (!tail_add(&s->tail, next, event, len, s->saved) && !written)
		return ERR_FULL;
	s->last = next;
	if (s->saved + 1 == next) {
		spool_mark_unsaved(s, true);
		FAILPOINT("spool.marked");
	}
	*seq = next;
	return ERR_OK;
}

enum err
spool_get(struct spool *s, uint64_t seq, const void **event, size_t *len)
{
	if (seq <= s->forgotten || seq > s->last)
		return ERR_NOT_FOUND;
	return spool_fetch(s, seq, event, len);
}

void
spool_forget(struct spool *s, uint64_t up_to)
{
	enum err e;

	if (up_to > s->last)
		up_to = s->last;
	if (up_to <= s->forgotten)
		return;
	s->forgotten = up_to;
	tail_drop(&s->tail, up_to);
	if (s->synced < up_to)
		s->synced = up_to;
	if (s->saved < up_to) {
		s->saved = up_to;
		s->gap = true;
		s->checkpoint_wanted = true;
	}
	/* Not written, it is only asked for again. */
	if (s->trouble[0] == '\0') {
		e = spool_put(s, SPOOL_FORGOTTEN, up_to, NULL, 0);
		if (e != ERR_OK)
			log_debug(
			    LOG_STORE, "spool forgets why=%s", err_name(e));
	}
	spool_tidy(s);
}

uint64_t
spool_first(const struct spool *s)
{
	return s->forgotten + 1;
}

uint64_t
spool_last(const struct spool *s)
{
	return s->last;
}

uint64_t
spool_synced(const struct spool *s)
{
	return s->synced;
}

uint64_t
spool_bytes(const struct spool *s)
{
	return s->bytes;
}

uint64_t
spool_unsaved(const struct spool *s)
{
	return s->last - s->saved;
}

const char *
spool_trouble(const struct spool *s)
{
	return s->trouble[0] != '\0' ? s->trouble : NULL;
}
