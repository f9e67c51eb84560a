/*
 * calendar_plan.h - what a calendar's layers together say of each local date.
 *
 * Inside of calendar*.c; the layers are flattened once, and a date is then two
 * binary searches.
 */
#ifndef SLA_CALENDAR_PLAN_H
#define SLA_CALENDAR_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "sla/calendar.h"
#include "sla/zone.h"

#define CAL_SECOND INT64_C(1000000)
#define CAL_DAY_SECONDS INT64_C(86400)
/* 1900-01-01 to 2400-01-01: so much a calendar knows. */
#define CAL_FIRST_DATE (-25567)
#define CAL_LAST_DATE 157054
#define CAL_HORIZON_DATES 18263 /* 50 years */

/* An override, resolved to its hours; `key' is a date's days, or the month and
 * day of a yearly one.  Sorted; of a key the highest layer's first. */
struct cal_row {
	int32_t key;
	unsigned layer;
	struct cal_day open;
};
struct cal_rows {
	size_t n;
	struct cal_row *rows;
};

struct cal_plan {
	struct zone *zone;
	struct cal_day week[7];
	struct cal_rows dates, yearly;
};

/* As calendar_new(); on any error cal_plan_fini() frees what there is. */
enum err cal_plan_init(struct cal_plan *, const struct cal_spec *const *layers,
    unsigned n, const char *zone_directory) MUST_USE;
void cal_plan_fini(struct cal_plan *);

const struct cal_day *cal_plan_of(const struct cal_plan *, int32_t date);

/* Rounding down; a % b is then never negative. */
static inline int64_t
cal_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

#endif
