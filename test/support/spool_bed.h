/*
 * spool_bed.h - a spool, who writes into it, and what it must hold.
 *
 * The writer's n-th event says `n' and is as long as n makes it, so that what
 * comes back tells which one it is, whatever number it has.  The live calls
 * are only the n of the last event: a checkpoint says it, and the reader
 * counts on from there; an event that it cannot count is a hole.
 */
#ifndef SPOOL_BED_H
#define SPOOL_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/spool.h"

struct event_base;

#define BED_READ 4096
#define BED_FIRST UINT64_C(1000000000000) /* number of a first event */

struct spool_bed {
	char dir[256];
	struct spool_options o;
	struct event_base *base;
	struct spool *spool;
	struct spool_opened opened;
	/* Number of the writer's last event; what is forgotten by n. */
	uint64_t n;
	unsigned checkpoints;
	/* From the last opening: the n that the live calls had in the end,
	 * events of a hole, checkpoints, and what was read. */
	uint64_t calls_n;
	unsigned holes, calls;
	size_t n_read;
	struct {
		uint64_t seq, n;
	} read[BED_READ];
};

/* Segments of 4 KiB, room enough, boot "boot-1", now 1,000,000 s. */
void spool_bed_init(struct spool_bed *, const char *name);
void spool_bed_fini(struct spool_bed *);

enum err spool_bed_try(struct spool_bed *);
void spool_bed_open(struct spool_bed *);
void spool_bed_close(struct spool_bed *);
/* The process or the machine ends as it is, without `cut' bytes of the newest
 * segment; the next opening is of what was there, in a directory of this name,
 * under this boot. */
void spool_bed_cut(
    struct spool_bed *, const char *name, const char *boot, int64_t cut);
/* Instead of a sync that a test does not need. */
int bed_no_sync(int fd);

/* The next event; its number. */
uint64_t spool_bed_add(struct spool_bed *);
void spool_bed_add_many(struct spool_bed *, unsigned);
/* Run the loop until it holds; fails the test after 20 s. */
void spool_bed_until(struct spool_bed *, bool (*)(const struct spool_bed *));
bool bed_is_synced(const struct spool_bed *);
bool bed_is_well(const struct spool_bed *);
bool bed_has_trouble(const struct spool_bed *);

/* What is not forgotten are the events `from' to `to', in order, once, under
 * consecutive numbers, and spool_get() gives them back. */
void spool_bed_holds(struct spool_bed *, uint64_t from, uint64_t to);
/* Content of the n-th event. */
size_t spool_bed_event(uint64_t n, char out[512]);

/* Files whose name ends so; the first one's path, in a static buffer. */
unsigned spool_bed_files(const struct spool_bed *, const char *what);
const char *spool_bed_file(
    const struct spool_bed *, const char *what, unsigned i);
uint64_t spool_bed_disk(const struct spool_bed *); /* bytes of *.spool */

#endif
