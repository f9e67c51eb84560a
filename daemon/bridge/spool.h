/*
 * spool.h - what the daemon has not committed yet, on the bridge's own disk.
 *
 * The spool is the bridge's memory.  Events are written before they are sent
 * and kept until they are committed, so that neither a bridge that is killed
 * nor a daemon that is away loses one.
 *
 * Files: segments `NNNNNNNNNNNNNNNN.spool' in a directory that one process
 * locks; their bytes are described in spool_record.h.  A segment begins with a
 * head (boot id of the machine, incarnation, numbers); then records, each with
 * a CRC-32C: events (a packed CallEvent without stream_seq), checkpoints (live
 * calls, a packed Snapshot), what is forgotten, and at the end that it was
 * closed.  Each opening begins a new segment.  Old ones go when all of theirs
 * is committed; before the first goes, the live calls are written again as a
 * checkpoint, and synced.  `reserve' holds nothing: it is room for that
 * checkpoint on a full disk.
 *
 * What survives what:
 *  - kill -9, a crash of the bridge: everything that the disk took; it is in
 *    the kernel.
 *  - a power cut: what was synced; that is at most `sync_us' and one sync
 *    behind.  Seen at the next start by the machine's boot id and a missing
 *    CLOSED.  What is left gets new numbers, since those of the lost tail may
 *    have been seen by others: `lost_tail'.
 *  - a torn or corrupt tail: the rest of its segment is cut at the first bad
 *    record, counted, told; kept beside as `*.torn' (the newest 8) for who
 *    wants to look.  Younger segments stay.  New numbers here too.
 *  - a disk that is full or fails: events stay in memory up to `memory_bytes',
 *    are sent all the same, and are written as soon as the disk takes them;
 *    beyond that ERR_FULL, nothing is kept.  A process that is killed while
 *    events are in memory only loses those: `lost_tail'.  After a failed sync
 *    a segment is not trusted any more: a new one is begun with all of it that
 *    is not committed.
 *
 * Numbers: the first event of a new spool has the microsecond of its making as
 * its number, so that no number of an older or lost spool can come again.
 * They go up by one.  Incarnations likewise: the first is the second of the
 * spool's making; should the newest be torn, the present second or one more
 * than the newest that can be read, whichever is higher.
 *
 * Sync runs in a thread of the spool's own; everything else in the loop's.
 */
#ifndef BRIDGE_SPOOL_H
#define BRIDGE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct event_base;
struct spool;

struct spool_options {
	const char *directory; /* made if it is not there, mode 0700 */
	int64_t sync_us;       /* group sync, 10 ms */
	/* Of a segment (4 KiB to 1 GiB), of all segments, of events that are
	 * kept in memory. */
	uint64_t segment_bytes, limit_bytes, memory_bytes;
	int64_t now;         /* wall clock, microseconds */
	uint64_t at_least;   /* numbers of a new spool begin above this */
	const char *boot_id; /* NULL: the machine's */
	struct event_base *base;
	/* Live calls, packed and malloc'ed, for a checkpoint: after all that
	 * was given to spool_add().  Called from spool_forget() and from the
	 * loop, never from spool_add() or spool_close(). */
	enum err (*checkpoint)(void *arg, void **out, size_t *len);
	void *arg;
};

/* What is read at opening, in order: the newest checkpoint, if there is one,
 * and then each event that it does not know of, forgotten or not.  (What is to
 * be sent again is spool_first() to spool_last().)  An error ends the opening,
 * and nothing has changed on disk. */
struct spool_reader {
	enum err (*event)(void *arg, uint64_t seq, const void *p, size_t len);
	enum err (*calls)(void *arg, const void *p, size_t len);
	void *arg;
};

struct spool_opened {
	uint64_t incarnation; /* raised and synced before this returns */
	bool fresh;           /* there was none */
	bool lost_tail;       /* a power cut, or a cut tail: new numbers */
	uint64_t torn_bytes;
	unsigned torn_files;
};

/* ERR_BUSY: another process has it; ERR_REFUSED: a newer program wrote it;
 * ERR_IO: errno says why. */
enum err spool_open(const struct spool_options *, const struct spool_reader *,
    struct spool_opened *, struct spool **out) MUST_USE;
/* Syncs, and marks it as closed. */
void spool_close(struct spool **);

/* Keep an event; its number in *seq.  ERR_FULL: neither disk nor memory;
 * ERR_TOO_LARGE: over 64 MiB. */
enum err spool_add(
    struct spool *, const void *event, size_t len, uint64_t *seq) MUST_USE;
/* One that is not forgotten; valid until the next call here.  ERR_NOT_FOUND;
 * ERR_IO: the disk does not give it back any more: tell, and go on. */
enum err spool_get(
    struct spool *, uint64_t seq, const void **event, size_t *len) MUST_USE;
void spool_forget(struct spool *, uint64_t up_to);

/* Lowest and highest not forgotten; first > last: none, last was given out. */
uint64_t spool_first(const struct spool *);
uint64_t spool_last(const struct spool *);
/* All up to this one is on disk, or forgotten. */
uint64_t spool_synced(const struct spool *);
uint64_t spool_bytes(const struct spool *);
/* Events that are in memory only, or in a segment that is not trusted. */
uint64_t spool_unsaved(const struct spool *);
/* Why the disk takes nothing, for people, until the next call here; NULL: it
 * does. */
const char *spool_trouble(const struct spool *);

#endif
