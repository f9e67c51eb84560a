/*
 * instant.h - instants and spans as the vectors write them.
 *
 * "2026-03-10T09:30:00" is a reading of a calendar's clocks on the wall, the
 * same with a Z is UTC; seconds may be left out and may have up to six
 * decimals.  A reading in a gap of local time means the instant after the gap;
 * one that comes twice means the first.  A span is "2h", "30m", "0.5s".
 */
#ifndef CONFORM_INSTANT_H
#define CONFORM_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sla/zone.h"

#define INSTANT_ROOM 40
/* What calendars know of; earlier and later nothing is ever open. */
#define INSTANT_FIRST_YEAR 1901
#define INSTANT_LAST_YEAR 2399

/* Microseconds since 1970 by the clock that it was read from; `*utc': that of
 * Z.  ERR_BAD_FIELD: no time; ERR_TOO_LARGE: not of those years. */
enum err instant_parse(const char *, int64_t *reading, bool *utc) MUST_USE;

/* When the clocks of the zone show it. */
int64_t instant_of_reading(const struct zone *, int64_t reading);

/* In UTC with Z, a fraction only where there is one. */
char *instant_print(int64_t at, char out[INSTANT_ROOM]);

enum err span_parse(const char *, int64_t *us) MUST_USE;

#endif
