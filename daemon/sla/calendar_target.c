/*
 * calendar_target.c - promises by local dates: working days, months, the end
 * of a day.
 */
#include <assert.h>

#include "sla/calendar_inside.h"

#define DAY (CAL_DAY_SECONDS * CAL_SECOND)
/* Further than any two offsets are apart. */
#define APART (3 * CAL_DAY_SECONDS)
#define FAR (INT64_MAX / 2)

/* UTC's for a calendar that never closes. */
static int64_t
local_of(const struct calendar *c, int64_t at)
{
	int64_t from, to;

	/* Where the numbers end there is no room to reckon in. */
	at = at < -FAR ? -FAR : at > FAR ? FAR : at;
	return c == NULL ? at
	                 : at + zone_offset(c->plan.zone,
				    cal_floor_div(at, CAL_SECOND), &from, &to) *
	                            CAL_SECOND;
}

/* The first instant of that local time, or the end of the gap it is in. */
static int64_t
instant_of(const struct calendar *c, int64_t local)
{
	int64_t second = cal_floor_div(local, CAL_SECOND);
	int64_t at = second - APART, from, to;
	int32_t offset;

	if (c == NULL)
		return local;
	offset = zone_offset(c->plan.zone, at, &from, &to);
	while (to != INT64_MAX && to + offset <= second) {
		at = to;
		offset = zone_offset(c->plan.zone, at, &from, &to);
	}
	return second - offset < from ? from * CAL_SECOND
	                              : local - offset * CAL_SECOND;
}

int32_t
calendar_date(const struct calendar *c, int64_t at, unsigned *minute)
{
	int64_t local = local_of(c, at);
	int64_t date = cal_floor_div(local, DAY);

	*minute = (unsigned)((local - date * DAY) / (60 * CAL_SECOND));
	return (int32_t)date;
}

/* What there is of [from, to) local: does it begin on `date'?  Its end raises
 * *end.  All in seconds. */
static bool
begins_on(
    const struct zone *z, int32_t date, int64_t from, int64_t to, int64_t *end)
{
	int64_t at = from - APART, first, next;
	bool begins = false;

	do {
		int32_t offset = zone_offset(z, at, &first, &next);
		int64_t a = from - offset > first ? from - offset : first;
		int64_t b = to - offset < next ? to - offset : next;

		if (a < b) {
			begins |=
			    cal_floor_div(a + offset, CAL_DAY_SECONDS) == date;
			*end = b > *end ? b : *end;
		}
		at = next;
	} while (at < to + APART);
	return begins;
}

/* Is it a working date, and when does its work end? */
static bool
works_until(const struct calendar *c, int32_t date, int64_t *end)
{
	int64_t midnight = date * CAL_DAY_SECONDS, last = INT64_MIN;
	const struct cal_day *day;
	bool works = false;

	if (c == NULL) {
		if (__builtin_mul_overflow(
			midnight + CAL_DAY_SECONDS, CAL_SECOND, end))
			*end = CAL_NEVER;
		return true;
	}
	if (date < CAL_FIRST_DATE || date >= CAL_LAST_DATE)
		return false;
	day = cal_plan_of(&c->plan, date);
	for (unsigned i = 0; i < day->n; i++)
		works |= begins_on(c->plan.zone, date,
		    midnight + day->hours[i].from * 60,
		    midnight + day->hours[i].to * 60, &last);
	*end = works ? last * CAL_SECOND : CAL_NEVER;
	return works;
}

bool
calendar_works_on(const struct calendar *c, int32_t date)
{
	int64_t end;

	return works_until(c, date, &end);
}

/* The n-th working date from *date on, counting from 1; false: not within the
 * horizon. */
static bool
find_working(const struct calendar *c, unsigned n, int32_t *date, int64_t *end)
{
	for (int32_t last = *date + CAL_HORIZON_DATES; *date <= last; ++*date)
		if (works_until(c, *date, end) && --n == 0)
			return true;
	return false;
}

int64_t
calendar_business_days(
    const struct calendar *c, int64_t from, unsigned n, bool count_start)
{
	unsigned minute;
	int32_t date = calendar_date(c, from, &minute) + !count_start;
	int64_t end;

	assert(n > 0);
	return find_working(c, n, &date, &end) ? end : CAL_NEVER;
}

int64_t
calendar_months(const struct calendar *c, int64_t from, unsigned n)
{
	int64_t local = local_of(c, from);
	int64_t days = cal_floor_div(local, DAY);
	struct cal_date d;
	unsigned months;

	if (days < CAL_FIRST_DATE || days >= CAL_LAST_DATE || n > 50 * 12)
		return CAL_NEVER;
	d = cal_date_of((int32_t)days);
	months = d.month - 1u + n;
	d.year = (int16_t)(d.year + (int)(months / 12));
	d.month = (uint8_t)(months % 12 + 1);
	while (!cal_date_is_valid(d))
		d.day--;
	return instant_of(c, cal_days(d) * DAY + (local - days * DAY));
}

int64_t
calendar_cutoff(const struct calendar *c, int64_t from, unsigned minute,
    unsigned day_offset, unsigned latest_intake)
{
	int64_t local = local_of(c, from), end;
	int32_t date = (int32_t)cal_floor_div(local, DAY);

	/* To the microsecond: the latest intake itself is in time. */
	if (local - date * DAY > latest_intake * (60 * CAL_SECOND))
		date++;
	if (day_offset >= CAL_HORIZON_DATES ||
	    !find_working(c, 1 + day_offset, &date, &end))
		return CAL_NEVER;
	return instant_of(c, date * DAY + minute * (60 * CAL_SECOND));
}
