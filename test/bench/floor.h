/*
 * floor.h - what the stores alone can do: the same Redis functions, the same
 * SQL, the same rows, from a bare client of them in this process, without
 * sessions and without a desk.  What the daemon reaches is told as a ratio to
 * this, taken in the same run on the same machine.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdint.h>

#include "base/stat.h"

struct floor;

/* Connects to both; NULL: said on stderr. */
struct floor *floor_new(const char *conninfo, const char *redis);
void floor_free(struct floor **);

/* `calls' whole calls, `outstanding' at a time; per second. */
double floor_calls(struct floor *, uint64_t calls, unsigned outstanding);
/* `events' of calls that end in the menu; per second. */
double floor_events(struct floor *, uint64_t events, unsigned outstanding);
/* One command or one unit at a time, `n' times. */
void floor_match(struct floor *, unsigned n, struct stat_hist *);
void floor_commit(struct floor *, unsigned n, struct stat_hist *);
/* `calls' waiting calls into an empty Redis; seconds. */
double floor_rebuild(struct floor *, uint64_t calls);

#endif
