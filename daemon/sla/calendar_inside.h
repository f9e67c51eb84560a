/*
 * calendar_inside.h - a calendar, for calendar*.c only.
 */
#ifndef SLA_CALENDAR_INSIDE_H
#define SLA_CALENDAR_INSIDE_H

#include "sla/calendar_plan.h"

struct cal_expansion;

struct calendar {
	struct cal_plan plan;
	struct cal_expansion *expansion; /* grows while the plan stays */
};

/* The overrides by date, a yearly one after all others, the same dates in the
 * order they came; NULL: no memory.  For free(). */
const struct cal_override **cal_sorted(const struct cal_spec *);

#endif
