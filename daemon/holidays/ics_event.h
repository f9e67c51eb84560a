/*
 * ics_event.h - what one event of a feed says, in values.
 */
#ifndef HOLIDAYS_ICS_EVENT_H
#define HOLIDAYS_ICS_EVENT_H

#include "holidays/choice.h"
#include "holidays/ics_lines.h"
#include "holidays/ics_time.h"
#include "sla/calendar.h"

/* An instant and the name of the zone whose clock shows it. */
struct ics_when {
	struct ics_instant at;
	struct str zone; /* empty: none */
};

struct ics_occasion {
	struct place at; /* of its DTSTART */
	struct str name, categories;
	struct ics_when start;
	int64_t length_s; /* of a date: whole days */
	enum cal_override_kind kind;
	enum cal_weekday like;
};

/* Name and categories, without backslashes.  ERR_NOMEM. */
enum err ics_event_name(const struct ics_file *, const struct ics_event *,
    struct ics_occasion *) MUST_USE;
/* All else.  ERR_BAD_FIELD: a fault was told. */
enum err ics_event_read(const struct ics_file *, const struct ics_event *,
    struct choice *, struct ics_zones *, struct ics_occasion *,
    struct faults *) MUST_USE;

/* A value of a line with its TZID: all of `value'. */
bool ics_when_parse(
    const struct ics_line *, struct str value, struct ics_when *out);
/* Seconds since 1970 UTC; by its own clock where no zone is known. */
int64_t ics_when_utc(
    struct ics_zones *, const struct ics_file *, struct ics_when);

#endif
