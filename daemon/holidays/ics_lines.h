/*
 * ics_lines.h - an iCalendar file (RFC 5545) taken apart into events and the
 * lines of theirs that matter here.
 *
 * Lines are unfolded, and remember where they stood; what a line means is said
 * by ics_time.h and ics.h.  A component that does not end is a fault: half a
 * feed must not pass for a whole one.
 */
#ifndef HOLIDAYS_ICS_LINES_H
#define HOLIDAYS_ICS_LINES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "holidays/place.h"

#define ICS_ZONES_MAX 64

enum ics_property {
	ICS_NONE,
	ICS_CATEGORIES, /* may come several times, as may: */
	ICS_EXDATE,
	ICS_RDATE,
	ICS_DTSTART, /* once, as all that follow */
	ICS_DTEND,
	ICS_DURATION,
	ICS_RRULE,
	ICS_EXRULE,
	ICS_RECURRENCE_ID,
	ICS_STATUS,
	ICS_SUMMARY,
	ICS_UID,
	ICS_SEQUENCE,
	ICS_LIKE, /* X-MASHANG-LIKE */
	ICS_TZID, /* of a time zone */
	ICS_LOCATION,
	ICS_NPROPERTIES
};

struct ics_line {
	uint32_t offset; /* in the source */
	enum ics_property property;
	struct str text; /* unfolded, all of it */
	struct str params, value;
};

struct ics_event {
	uint32_t offset; /* of BEGIN */
	size_t first, n; /* of lines */
};

/* A VTIMEZONE: the name that events use, and the IANA's where it says so. */
struct ics_zone {
	struct str id, location;
};

struct ics_file {
	const struct source *source;
	struct arena *arena;
	struct ics_line *lines;
	size_t n_lines, lines_room;
	struct ics_event *events;
	size_t n_events, events_room;
	struct ics_zone zones[ICS_ZONES_MAX];
	unsigned n_zones;
};

/* `arena' is the caller's.  ERR_NOMEM; all else only counts in the faults. */
enum err ics_file_read(const struct source *, struct arena *,
    struct ics_file *out, struct faults *) MUST_USE;
void ics_file_fini(struct ics_file *);

/* The event's only or first such line; NULL: none. */
const struct ics_line *ics_find(
    const struct ics_file *, const struct ics_event *, enum ics_property);
/* The one after `line'. */
const struct ics_line *ics_next(const struct ics_file *,
    const struct ics_event *, const struct ics_line *line);

/* Where in the source `p', which is within line->text, stands. */
struct place ics_place(
    const struct ics_file *, const struct ics_line *, const char *p);

/* The parameter of that name, without quotes; {NULL, 0}: none. */
struct str ics_param(const struct ics_line *, const char *name);

#endif
