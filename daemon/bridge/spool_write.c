/*
 * spool_write.c - records into segments; trouble with the disk, and its end.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "bridge/spool_disk.h"
#include "bridge/spool_state.h"

#define RETRY_US (CLOCK_S / 5)

enum err
spool_reserve_segment(struct spool *s)
{
	size_t room = s->room > 0 ? s->room * 2 : 16;
	struct segment **g;

	if (s->n_segments < s->room)
		return ERR_OK;
	if ((g = realloc(s->segments, room * sizeof(struct segment *))) == NULL)
		return ERR_NOMEM;
	s->segments = g;
	s->room = room;
	return ERR_OK;
}

void
spool_add_segment(struct spool *s, struct segment *g)
{
	s->segments[s->n_segments++] = g;
	s->bytes += g->size;
}

/* Room for n bytes to put a record together. */
static enum err
reserve_record(struct spool *s, size_t n)
{
	uint8_t *p;

	if (n <= s->record_room)
		return ERR_OK;
	if ((p = realloc(s->record, n)) == NULL)
		return ERR_NOMEM;
	s->record = p;
	s->record_room = n;
	return ERR_OK;
}

/* ------------------------------------------------------------- a segment */

/* Whole under another name first: a segment that is there has its head. */
static int
make_file(struct spool *s, uint64_t id, size_t len)
{
	char new[SEGMENT_NAME], name[SEGMENT_NAME];
	int error, fd;

	segment_name(id, "new", new);
	segment_name(id, "spool", name);
	fd = openat(s->dir, new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	FAILPOINT("spool.made");
	if (spool_disk_write(fd, s->record, len, 0) &&
	    renameat(s->dir, new, s->dir, name) == 0)
		return fd;
	error = errno;
	unlinkat(s->dir, new, 0);
	close(fd);
	errno = error;
	return -1;
}

static enum err
put_head(struct spool *s, const struct spool_record *r, size_t *len)
{
	struct spool_head h = {
		.incarnation = s->incarnation,
		.next = s->saved + 1,
		.forgotten = s->forgotten,
		.unsaved = s->saved < s->last || s->gap || s->checkpoint_wanted,
	};
	enum err e;

	*len = SPOOL_HEAD_SIZE + (r != NULL ? spool_record_size(r->len) : 0);
	if ((e = reserve_record(s, *len)) != ERR_OK)
		return e;
	memcpy(h.boot, s->boot, sizeof(h.boot));
	spool_head_write(s->record, &h);
	if (r != NULL)
		spool_record_write(
		    s->record + SPOOL_HEAD_SIZE, r->kind, r->seq, r->p, r->len);
	return ERR_OK;
}

enum err
spool_begin(struct spool *s, const struct spool_record *r)
{
	struct segment *g;
	struct sync_file *file;
	size_t len;
	enum err e;
	int error, fd;

	if ((e = spool_reserve_segment(s)) != ERR_OK ||
	    (e = put_head(s, r, &len)) != ERR_OK)
		return e;
	if ((g = segment_new(s->next_id)) == NULL)
		return ERR_NOMEM;
	if ((fd = make_file(s, g->id, len)) < 0 ||
	    (file = spool_sync_file(s->sync, fd, g->id)) == NULL) {
		error = errno;
		if (fd >= 0)
			close(fd); /* the next try takes its place */
		segment_free(&g);
		errno = error;
		return ERR_IO;
	}
	g->size = len;
	g->first = s->saved + 1;
	g->renumbers = r != NULL;
	s->next_id++;
	if (s->file != NULL)
		spool_sync_leave(s->sync, s->file);
	s->file = file;
	s->gap = false;
	spool_add_segment(s, g);
	FAILPOINT("spool.rotated");
	return ERR_OK;
}

/* Must a new segment be begun for a record of this size? */
static bool
is_over(const struct spool *s, enum spool_kind kind, size_t size)
{
	const struct segment *g = spool_newest(s);

	return s->file == NULL || (kind == SPOOL_EVENT && s->gap) ||
	       (g->size > SPOOL_HEAD_SIZE &&
		   g->size + size > s->o.segment_bytes);
}

/* Into the newest segment's file; what could be written of it only in part is
 * cut off again. */
static enum err
append(struct spool *s, size_t size)
{
	struct segment *g = spool_newest(s);
	int error, fd = spool_sync_fd(s->file);

	if (!spool_disk_write(fd, s->record, size, (off_t)g->size)) {
		error = errno;
		if (ftruncate(fd, (off_t)g->size) != 0)
			log_warn(LOG_STORE, "spool cannot cut errno=%d", errno);
		errno = error;
		return ERR_IO;
	}
	FAILPOINT("spool.written");
	return ERR_OK;
}

enum err
spool_put(struct spool *s, enum spool_kind kind, uint64_t seq, const void *p,
    size_t len)
{
	size_t size = spool_record_size(len);
	struct segment *g;
	enum err e;

	if (len > SPOOL_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (kind == SPOOL_EVENT && s->bytes + size > s->o.limit_bytes)
		return ERR_FULL;
	if (is_over(s, kind, size) && (e = spool_begin(s, NULL)) != ERR_OK)
		return e;
	g = spool_newest(s);
	if ((e = reserve_record(s, size)) != ERR_OK ||
	    (e = segment_reserve(g)) != ERR_OK)
		return e;
	spool_record_write(s->record, kind, seq, p, len);
	if ((e = append(s, size)) != ERR_OK)
		return e;
	if (kind == SPOOL_EVENT) {
		segment_add(g, g->size);
	} else if (kind == SPOOL_CHECKPOINT) {
		g->checkpoint = g->size;
		g->known = seq;
	}
	g->size += size;
	s->bytes += size;
	return ERR_OK;
}

bool
spool_write_event(struct spool *s, uint64_t seq, const void *p, size_t len)
{
	enum err e = spool_put(s, SPOOL_EVENT, seq, p, len);

	if (e != ERR_OK) {
		spool_fail(s, e);
		return false;
	}
	s->saved = seq;
	spool_sync_write(s->sync, s->file, seq);
	return true;
}

/* --------------------------------------------------------------- trouble */

void
spool_mark_unsaved(struct spool *s, bool unsaved)
{
	uint8_t b[8];

	if (s->file == NULL)
		return;
	spool_put64(b, unsaved);
	if (!spool_disk_write(
		spool_sync_fd(s->file), b, sizeof(b), SPOOL_HEAD_UNSAVED))
		log_warn(LOG_STORE, "spool cannot mark errno=%d", errno);
}

void
spool_fail(struct spool *s, enum err e)
{
	const struct timeval after = { 0, RETRY_US };
	const char *why = e == ERR_IO ? strerror(errno) : err_name(e);
	char text[sizeof(s->trouble)];

	if (e == ERR_FULL)
		snprintf(text, sizeof(text), "it is at its limit of %llu bytes",
		    (unsigned long long)s->o.limit_bytes);
	else
		snprintf(text, sizeof(text), "%s", why);
	if (strcmp(text, s->trouble) != 0) {
		log_error(LOG_STORE, "spool takes nothing why=\"%s\"", text);
		memcpy(s->trouble, text, sizeof(text));
	}
	if (!s->ending && !evtimer_pending(s->retry, NULL))
		evtimer_add(s->retry, &after);
}

/* The event behind `saved' cannot be read any more, and is lost: those behind
 * it go into a segment of their own. */
static void
give_up_event(struct spool *s)
{
	log_error(LOG_STORE, "spool event lost seq=%llu",
	    (unsigned long long)s->saved + 1);
	s->saved++;
	s->gap = true;
}

static bool
save(struct spool *s)
{
	while (s->saved < s->last) {
		const void *p;
		size_t len;

		if (spool_fetch(s, s->saved + 1, &p, &len) != ERR_OK)
			give_up_event(s);
		else if (!spool_write_event(s, s->saved + 1, p, len))
			return false;
	}
	return true;
}

/* All is written: is the disk well, and does what it holds tell of all? */
static enum err
settle(struct spool *s)
{
	enum err e;

	if ((s->file == NULL || s->gap) &&
	    (e = spool_begin_anyhow(s, NULL)) != ERR_OK)
		return e;
	if (s->checkpoint_wanted && (e = spool_checkpoint(s)) != ERR_OK)
		return e;
	s->checkpoint_wanted = false;
	return ERR_OK;
}

void
spool_recover(struct spool *s)
{
	enum err e;

	spool_reserve_make(s); /* before events take the room */
	if (!save(s))
		return;
	if ((e = settle(s)) != ERR_OK) {
		spool_fail(s, e);
		return;
	}
	spool_mark_unsaved(s, false);
	if (s->trouble[0] != '\0')
		log_info(LOG_STORE, "spool takes all again last=%llu",
		    (unsigned long long)s->last);
	s->trouble[0] = '\0';
}
