/*
 * spool_segment.h - what is known of one file, and reading records from it.
 *
 * Only the place of every 64th event is kept in memory.  A segment's events
 * have consecutive numbers; `shift' is what was added to those in the file
 * when they got new ones.
 */
#ifndef BRIDGE_SPOOL_SEGMENT_H
#define BRIDGE_SPOOL_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bridge/spool_record.h"

#define SEGMENT_STEP 64
#define SEGMENT_NAME 32

struct segment {
	uint64_t id;
	uint64_t size;  /* of what is whole; 0: not even the head is */
	uint64_t torn;  /* bytes behind that */
	uint64_t first; /* number of its first event, or of the one to come */
	uint64_t count; /* of events */
	uint64_t shift;
	/* Its last checkpoint: where (0: none), and the last event that it
	 * knows of. */
	uint64_t checkpoint, known;
	bool renumbers; /* has a table for older ones */
	uint32_t *index;
	size_t n_index, room;
};

struct segment *segment_new(uint64_t id); /* NULL: no memory */
void segment_free(struct segment **);
/* NNNNNNNNNNNNNNNN.what, in hexadecimal; returns out. */
const char *segment_name(uint64_t id, const char *what, char out[SEGMENT_NAME]);

/* Make sure that segment_add() has room in memory. */
enum err segment_reserve(struct segment *) MUST_USE;
/* Its next event is at this place. */
void segment_add(struct segment *, uint64_t offset);

static inline uint64_t
segment_next(const struct segment *g)
{
	return g->first + g->count;
}

static inline bool
segment_has(const struct segment *g, uint64_t seq)
{
	return seq >= g->first && seq - g->first < g->count;
}

/* A piece of a file in memory, read ahead. */
struct segment_window {
	int fd; /* -1: none */
	uint64_t at;
	uint8_t *bytes;
	size_t len, room;
};

#define SEGMENT_WINDOW_NONE \
	{                   \
		.fd = -1    \
	}

/* Open a file of this directory in place of what was open; ERR_IO: errno. */
enum err segment_window_open(
    struct segment_window *, int dir, uint64_t id) MUST_USE;
void segment_window_close(struct segment_window *);

/*
 * The record at `offset', nothing behind `end' being looked at; valid until
 * the next call.  ERR_NOT_FOUND: offset is end; ERR_BAD_FRAME: no whole
 * record; ERR_IO: errno; ERR_NOMEM.
 */
enum err segment_window_record(struct segment_window *, uint64_t offset,
    uint64_t end, struct spool_record *, size_t *size) MUST_USE;
/* The head likewise. */
enum err segment_window_head(
    struct segment_window *, uint64_t end, struct spool_head *) MUST_USE;

#endif
