/*
 * holiday.h - days as they were read, on their way to be a calendar's
 * overrides.
 *
 * Readers add a row for each day they find; holidays_settle() then sorts them
 * and makes one of those of the same date: two that say the same become one
 * with both labels, two that contradict each other are a fault that names both
 * places.  Labels are cleaned when they are added.
 */
#ifndef HOLIDAYS_HOLIDAY_H
#define HOLIDAYS_HOLIDAY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "holidays/place.h"
#include "sla/calendar.h"

#define HOLIDAYS_MAX CAL_OVERRIDES_MAX
#define HOLIDAY_LABEL_MAX 120 /* bytes */

struct holiday {
	struct cal_override day; /* its label is the arena's */
	struct place at;
};

struct holidays {
	struct arena *arena;
	struct holiday *rows; /* malloc'd */
	size_t n, room;
	size_t left_out; /* rows and events, by words of the choice */
};

/* ERR_TOO_LARGE: more than HOLIDAYS_MAX rows; ERR_NOMEM. */
enum err holidays_add(
    struct holidays *, struct cal_override, struct place) MUST_USE;
/* ERR_CONFLICT: the faults are told. */
enum err holidays_settle(struct holidays *, struct faults *) MUST_USE;
void holidays_fini(struct holidays *);

/* "closed", "open", "like". */
const char *holiday_kind_word(enum cal_override_kind);

#endif
