/*
 * ics.h - days from an iCalendar feed (RFC 5545).
 *
 * Every event is a holiday on the dates it covers, unless it is a make-up day:
 * CATEGORIES:WORKDAY (like a Monday), X-MASHANG-LIKE:fri, or a word that the
 * choice has for them.  A feed's events that last a part of a day close
 * nothing: they are refused, since neither a closed day nor an open one would
 * be right.
 *
 * Dates are those of the event's own clock; where the choice has a zone, timed
 * events are put on its clock first.
 */
#ifndef HOLIDAYS_ICS_H
#define HOLIDAYS_ICS_H

#include "base/err.h"
#include "holidays/choice.h"
#include "holidays/holiday.h"
#include "holidays/limits.h"

#define ICS_YEARS_MAX 10 /* of a recurrence, if no years are chosen */

/* ERR_NOMEM, ERR_TOO_LARGE; what is wrong in the feed only counts in faults.
 * The note is kept at the event that is being expanded. */
enum err ics_read(const struct source *, struct choice *, struct holidays *,
    struct limits_note *, struct faults *) MUST_USE;

#endif
