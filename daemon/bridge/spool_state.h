/*
 * spool_state.h - the spool as its own files see it.
 *
 * Segments, oldest first, the last being written to; each event is in one of
 * them, or in the tail, or in both.  `saved' parts the two: up to it all is in
 * segments that are trusted.  After a failed sync `saved' goes back to before
 * the segment that failed; what is above is written again, so that an event
 * may be in two segments: the newer one is right.
 *
 *	forgotten <= saved <= last;  synced <= last
 *
 *  spool.c           the contract, and what the thread tells
 *  spool_write.c     putting records into segments; trouble, and its end
 *  spool_tidy.c      checkpoints, what may go, the reserve
 *  spool_read.c      finding an event in the segments
 *  spool_scan.c      what a directory holds, and which numbers it has
 *  spool_open.c      a directory becomes a spool
 *  spool_record.h    bytes    spool_segment.h  a file    spool_tail.h  memory
 *  spool_sync.h      the thread    spool_disk.h  the system's calls
 */
#ifndef BRIDGE_SPOOL_STATE_H
#define BRIDGE_SPOOL_STATE_H

#include "bridge/spool.h"
#include "bridge/spool_record.h"
#include "bridge/spool_segment.h"
#include "bridge/spool_sync.h"
#include "bridge/spool_tail.h"

struct event;

struct spool {
	struct spool_options o; /* its strings only while opening */
	char boot[SPOOL_BOOT_LEN];
	int dir, lock;
	uint64_t incarnation;
	uint64_t forgotten, saved, last, synced;

	struct segment **segments;
	size_t n_segments, room;
	uint64_t next_id, bytes; /* of all segments */
	struct sync_file *file;  /* of the last one; NULL: not written to */
	struct tail tail;

	/* The segment with the newest trusted checkpoint (0: none), and what
	 * tells that it is synced. */
	uint64_t checkpoint_id, checkpoint_ticket, synced_ticket;
	bool checkpoint_wanted;
	bool gap; /* forgotten ones were never written: begin a segment */
	bool reserve;
	bool ending;

	char trouble[160]; /* "": none */
	int64_t failed_at; /* by the loop's clock; 0: never */
	struct spool_sync *sync;
	struct event *retry;

	/* The window is over `reading', whose event `reading_seq' is at
	 * `reading_at'. */
	struct segment_window window;
	uint64_t reading, reading_seq, reading_at;
	uint8_t *record; /* one is put together here */
	size_t record_room;
};

static inline struct segment *
spool_newest(const struct spool *s)
{
	return s->n_segments > 0 ? s->segments[s->n_segments - 1] : NULL;
}

/* spool.c */

/* The thread, and the timer of another try. */
enum err spool_start(struct spool *) MUST_USE;
void spool_discard(struct spool **);

/* spool_write.c */

/* Begin a segment, with this record if any; ERR_IO: errno. */
enum err spool_begin(struct spool *, const struct spool_record *) MUST_USE;
/* A record into the newest segment.  ERR_FULL: the limit; ERR_IO: errno. */
enum err spool_put(struct spool *, enum spool_kind, uint64_t seq, const void *,
    size_t len) MUST_USE;
/* The next event, if the disk takes it. */
bool spool_write_event(struct spool *, uint64_t seq, const void *, size_t len);
/* The disk takes nothing: say so, try again later. */
void spool_fail(struct spool *, enum err);
/* Events are in memory only, or no longer, for who opens the spool next. */
void spool_mark_unsaved(struct spool *, bool);
/* Write all that is not written, and if that goes well trouble is over. */
void spool_recover(struct spool *);
void spool_add_segment(struct spool *, struct segment *); /* has room */
enum err spool_reserve_segment(struct spool *) MUST_USE;

/* spool_tidy.c */

/* As spool_begin(), with the reserve if need be. */
enum err spool_begin_anyhow(
    struct spool *, const struct spool_record *) MUST_USE;
void spool_tidy(struct spool *);
/* ERR_OK too if there is nothing to be written. */
enum err spool_checkpoint(struct spool *) MUST_USE;
void spool_reserve_make(struct spool *);

/* spool_read.c */

/* An event from the segments.  ERR_IO: it is damaged or cannot be read. */
enum err spool_read(
    struct spool *, uint64_t seq, const void **, size_t *len) MUST_USE;
/* From the tail, or else as above. */
enum err spool_fetch(
    struct spool *, uint64_t seq, const void **, size_t *len) MUST_USE;

/* spool_scan.c */

struct spool_found {
	uint64_t incarnation, next;
	bool lost;
	struct spool_record renumber; /* kind NONE: not; `p' malloc'ed */
};

/* Look through s->segments: fills them, and s->forgotten. */
enum err spool_scan(struct spool *, struct spool_found *) MUST_USE;

#endif
