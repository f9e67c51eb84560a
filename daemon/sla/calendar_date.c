/*
 * calendar_date.c - dates of the Gregorian calendar as days, and back.
 */
#include "sla/calendar.h"

#define DAYS_400_YEARS 146097
#define DAYS_100_YEARS 36524
#define DAYS_4_YEARS 1461
/* From 0000-03-01 to 1970-01-01: years that start in March end with the leap
 * day, wherever there is one. */
#define EPOCH 719468

const char *
cal_weekday_name(enum cal_weekday w)
{
	static const char names[][4] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };

	return names[w];
}

static int32_t
floor_div(int32_t a, int32_t b)
{
	return a / b - (a % b < 0);
}

/* Of the months before `m', counted from March as 0. */
static int32_t
days_before_month(int32_t m)
{
	return (153 * m + 2) / 5;
}

int32_t
cal_days(struct cal_date d)
{
	int32_t year = d.month > 2 ? d.year : d.year - 1;
	int32_t century = floor_div(year, 100);

	return year * 365 + floor_div(year, 4) - century +
	       floor_div(century, 4) + days_before_month((d.month + 9) % 12) +
	       d.day - 1 - EPOCH;
}

struct cal_date
cal_date_of(int32_t days)
{
	int32_t era, left, years, month;

	days += EPOCH;
	era = floor_div(days, DAYS_400_YEARS);
	left = days - era * DAYS_400_YEARS;
	/* The last of four centuries, of four years: one day more. */
	years = left / DAYS_100_YEARS;
	years -= years / 4;
	left -= years * DAYS_100_YEARS;
	years = years * 100 + left / DAYS_4_YEARS * 4;
	left %= DAYS_4_YEARS;
	years += left / 365 - left / 365 / 4;
	left -= (left / 365 - left / 365 / 4) * 365;
	month = (left * 5 + 2) / 153;
	left -= days_before_month(month);
	years += era * 400 + (month > 9);
	return (struct cal_date){ (int16_t)years,
		(uint8_t)((month + 2) % 12 + 1), (uint8_t)(left + 1) };
}

bool
cal_date_is_valid(struct cal_date d)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	if (d.year < 0 || d.year > 9999 || d.month < 1 || d.month > 12 ||
	    d.day < 1 || d.day > days[d.month - 1])
		return false;
	return d.month != 2 || d.day < 29 ||
	       (d.year % 4 == 0 && (d.year % 100 != 0 || d.year % 400 == 0));
}

enum cal_weekday
cal_weekday_of(int32_t days)
{
	return (enum cal_weekday)(((days + 3) % 7 + 7) % 7); /* a Thursday */
}
