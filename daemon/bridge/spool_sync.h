/*
 * spool_sync.h - the thread that has the disk keep what was written.
 *
 * Files are synced in the order in which they were first written to, `sync_us'
 * after the first write that was not: so all writes of that time share one
 * sync, and the loop never waits for it.  A file that was just made has its
 * directory synced too, before what is in it counts.
 *
 * When a sync fails nothing is synced any more until spool_sync_reset(): what
 * the kernel could not write it has dropped, and another sync would say that
 * all is well.
 *
 * Ownership: a file's descriptor is given to spool_sync_file(), and closed by
 * spool_sync_leave(), _reset() or _free().  The callbacks run from the loop.
 */
#ifndef BRIDGE_SPOOL_SYNC_H
#define BRIDGE_SPOOL_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct event_base;
struct spool_sync;
struct sync_file;

struct spool_sync_news {
	/* All up to this ticket, the event `seq' at last, is on disk. */
	void (*synced)(void *arg, uint64_t ticket, uint64_t seq);
	/* Not so from file `id' on. */
	void (*failed)(void *arg, uint64_t id, int error);
	void *arg;
};

/* ERR_IO: errno. */
enum err spool_sync_new(struct event_base *, int dir, int64_t sync_us,
    const struct spool_sync_news *, struct spool_sync **out) MUST_USE;
/* Syncs what was written, without delay; false if that failed. */
bool spool_sync_free(struct spool_sync **);

/* A file that was made now; NULL: no memory, the descriptor is the caller's. */
struct sync_file *spool_sync_file(struct spool_sync *, int fd, uint64_t id);
int spool_sync_fd(const struct sync_file *);
/* Written to; the last event in it is seq.  The ticket that tells of it. */
uint64_t spool_sync_write(
    struct spool_sync *, struct sync_file *, uint64_t seq);
/* No more is written to it: to be closed once it is synced. */
void spool_sync_leave(struct spool_sync *, struct sync_file *);
/* Remove a segment, behind all that was asked for. */
void spool_sync_remove(struct spool_sync *, uint64_t id);
/* Drop all files, as if there had never been any. */
void spool_sync_reset(struct spool_sync *);

#endif
