/*
 * ics_time.h - dates and times of a feed, and the zones that they are in.
 */
#ifndef HOLIDAYS_ICS_TIME_H
#define HOLIDAYS_ICS_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "holidays/ics_lines.h"
#include "sla/zone.h"

/* A date, or a time by some clock: UTC's, that of a zone named beside it, or
 * where neither is said that of whoever looks on it. */
struct ics_instant {
	int32_t days;    /* since 1970-01-01 */
	int32_t seconds; /* of the day; -1: a date */
	bool utc;
};

/* "20260214", "20260214T090000", "20260214T090000Z": strictly. */
bool ics_instant_parse(struct str, struct ics_instant *out);

/* As that clock shows it, seconds since 1970. */
int64_t ics_instant_wall(struct ics_instant);

/* Zones loaded so far, by the names a file uses. */
struct ics_zones {
	unsigned n;
	struct {
		struct str id;
		struct zone *zone; /* NULL: unknown */
	} rows[ICS_ZONES_MAX];
};

/* The zone that `id' means: an IANA name, one at the end of a path, Windows'
 * name of one, or what the file's VTIMEZONE says.  NULL: unknown. */
const struct zone *ics_zones_find(
    struct ics_zones *, const struct ics_file *, struct str id);
void ics_zones_fini(struct ics_zones *);

/* Seconds since 1970 UTC of a wall time in a zone, and back. */
int64_t ics_zone_utc(const struct zone *, int64_t wall);
int64_t ics_zone_wall(const struct zone *, int64_t utc);

#endif
