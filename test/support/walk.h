/*
 * walk.h - business time by walking, to check daemon/sla against.
 *
 * Nothing of daemon/sla is used to know the answer.  A walk asks glibc, minute
 * by minute, what the clocks on the wall show, asks the plan of that date
 * whether it is working time, and counts: ticketing 3.2 and 3.3 word for word.
 * TZ must be the deadline's zone.  Everything is on whole minutes, as are the
 * offsets of all zones since 1972 or so, so the walk is exact.
 */
#ifndef WALK_H
#define WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "conform/due.h"
#include "sla/calendar.h"

#define WALK_MINUTE 60
#define WALK_HOUR 3600
#define WALK_DAY 86400
#define WALK_US INT64_C(1000000)
#define WALK_LAYERS 3
#define WALK_OVERRIDES 24
#define WALK_PAUSES 4
#define WALK_PROBES 3

/* What a case has met between its start and its deadline, where it counts: a
 * gap in which somebody should have worked. */
enum met {
	MET_GAP,
	MET_FOLD,
	MET_NIGHT,
	MET_MISSING_DATE,
	MET_LEAP_DAY,
	MET_OVERRIDE,
	MET_LAYERS,
	MET_PAUSE,
	MET_PAUSE_OVERLAP,
	MET_PAUSE_AT_DUE,
	MET_CLOSING,
	MET_NEVER,
	NMET
};

struct layer {
	struct cal_spec spec;
	struct cal_override overrides[WALK_OVERRIDES];
	char name[8], base[8];
};

/* In seconds, all on whole minutes, but for the pauses: microseconds. */
struct deadline {
	unsigned n_layers;
	struct layer layers[WALK_LAYERS]; /* from the highest */
	int64_t start, goal;
	unsigned n_pauses;
	struct pause pauses[WALK_PAUSES];
	int64_t probes[WALK_PROBES]; /* where to compare too, in order */
};

/* What a walk found. */
struct walked {
	bool reached;
	int64_t due, end;            /* end: where the walk stopped */
	int64_t probed[WALK_PROBES]; /* elapsed up to each, -1: not come by */
	int64_t first_open;          /* at or after start; -1 */
	bool met[NMET];
};

/* What the clocks on the wall show. */
struct face {
	struct cal_date date;
	int minute, offset;
};
struct face face_at(int64_t at);

struct cal_date date_shifted(struct cal_date, int by, int *weekday);

/* With the deadline's pauses, as many as it has. */
void walk(const struct deadline *, struct walked *);
bool walk_is_open(const struct deadline *, int64_t at);

/* A random deadline without pauses, and then its pauses, if any: `plain' is
 * the walk without.  TZ is `zone'; the same seed, the same deadline. */
void deadline_random(const char *zone, uint64_t seed, struct deadline *);
void deadline_random_pauses(struct deadline *, const struct walked *plain);

#endif
