/*
 * calendar_test.c - business time by hand, by the vectors, and minute by minute
 * against its definition.
 */
#include "sla/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sla/zone.h"
#include "test/support/support.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* clang-format off */
#define EIGHT "09:00-12:00,13:00-18:00"
#define WEEKDAYS(h) " mon=" h " tue=" h " wed=" h " thu=" h " fri=" h
#define QD8_PLAIN "zone=Asia/Shanghai" WEEKDAYS(EIGHT) " sat= sun="
#define QD8 QD8_PLAIN \
	" 2026-01-01=closed 2026-01-02=closed 2026-01-03=closed" \
	" 2026-01-04=like:mon 2026-02-14=like:mon 2026-02-15=closed" \
	" 2026-02-16=closed 2026-02-17=closed 2026-02-18=closed" \
	" 2026-02-19=closed 2026-02-20=closed 2026-02-21=closed" \
	" 2026-02-22=closed 2026-02-23=closed 2026-02-28=like:mon" \
	" 2026-04-04=closed 2026-04-05=closed 2026-04-06=closed" \
	" 2026-05-01=closed 2026-05-02=closed 2026-05-03=closed" \
	" 2026-05-04=closed 2026-05-05=closed 2026-05-09=like:mon" \
	" 2026-06-19=closed 2026-06-20=closed 2026-06-21=closed" \
	" 2026-09-20=like:mon 2026-09-25=closed 2026-09-26=closed" \
	" 2026-09-27=closed 2026-10-01=closed 2026-10-02=closed" \
	" 2026-10-03=closed 2026-10-04=closed 2026-10-05=closed" \
	" 2026-10-06=closed 2026-10-07=closed 2026-10-10=like:mon"
#define DAILY(z, h) "zone=" z WEEKDAYS(h) " sat=" h " sun=" h
#define ALWAYS(z) DAILY(z, "00:00-24:00")
#define NEVER(z) DAILY(z, "")
#define NYN DAILY("America/New_York", "22:00-30:00")
#define LONGAP DAILY("Europe/London", "01:15-01:45")
#define LON0006 DAILY("Europe/London", "00:00-06:00")
/* clang-format on */

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(4096, 16 << 20);
}

static void
teardown(void)
{
	arena_free(&arena);
}

/* "2026-03-10 01:30:00.000001", UTC; from the minutes on it may be left out. */
static int64_t
at(const char *text)
{
	struct tm tm = { 0 };
	double s = 0;

	ck_assert_int_ge(
	    sscanf(text, "%d-%d-%d %d:%d:%lf", &tm.tm_year, &tm.tm_mon,
		&tm.tm_mday, &tm.tm_hour, &tm.tm_min, &s),
	    5);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return timegm(&tm) * SECOND + (int64_t)(s * 1e6 + 0.5);
}

static void
same(int64_t got, const char *want, const char *what)
{
	if (got != at(want))
		ck_abort_msg("%s: %+.3f hours from %s", what,
		    (double)(got - at(want)) / 3600e6, want);
}

static struct cal_spec
spec_of(const char *text)
{
	struct cal_spec s;

	ck_ok(cal_parse(STR_LIT("test"), str_of(text), arena, &s));
	return s;
}

static struct calendar *
calendar_of(const char *text)
{
	struct cal_spec s = spec_of(text);
	const struct cal_spec *layers[] = { &s };
	struct calendar *c = NULL;
	struct cal_fault f;

	if (cal_check(&s, NULL, &f) != ERR_OK)
		ck_abort_msg("%s", f.what);
	ck_ok(calendar_new(layers, 1, NULL, &c));
	return c;
}

/* ---- dates */

START_TEST(dates_come_back)
{
	struct cal_date d = { 1900, 1, 1 };

	ck_assert_int_eq(cal_days((struct cal_date){ 1970, 1, 1 }), 0);
	ck_assert_int_eq(cal_days((struct cal_date){ 2000, 3, 1 }), 11017);
	ck_assert_int_eq(cal_weekday_of(0), CAL_THU);
	ck_assert_int_eq(cal_weekday_of(-1), CAL_WED);
	for (int32_t days = cal_days(d); d.year < 2500; days++) {
		struct cal_date got = cal_date_of(days);

		if (cal_days(d) != days || got.year != d.year ||
		    got.month != d.month || got.day != d.day)
			ck_abort_msg("%d is %d-%d-%d, not %d-%d-%d", days,
			    got.year, got.month, got.day, d.year, d.month,
			    d.day);
		d.day++;
		if (!cal_date_is_valid(d)) {
			d.day = 1;
			d.year = (int16_t)(d.year + (d.month == 12));
			d.month = d.month % 12 + 1;
		}
	}
	for (int64_t t = -3000 * DAY; t < 200000 * DAY; t += 97 * DAY) {
		time_t seconds = t / SECOND;
		struct tm tm;

		gmtime_r(&seconds, &tm);
		d = cal_date_of((int32_t)(t / DAY));
		ck_assert_int_eq(d.year, tm.tm_year + 1900);
		ck_assert_int_eq(d.month, tm.tm_mon + 1);
		ck_assert_int_eq(d.day, tm.tm_mday);
		ck_assert_int_eq(
		    cal_weekday_of((int32_t)(t / DAY)), (tm.tm_wday + 6) % 7);
	}
}
END_TEST

START_TEST(valid_dates)
{
	static const struct {
		struct cal_date d;
		bool valid;
	} rows[] = {
		{ { 2028, 2, 29 }, true },
		{ { 2027, 2, 29 }, false },
		{ { 2000, 2, 29 }, true },
		{ { 2100, 2, 29 }, false },
		{ { 0, 2, 29 }, true },
		{ { 0, 2, 30 }, false },
		{ { 2026, 0, 1 }, false },
		{ { 2026, 13, 1 }, false },
		{ { 2026, 4, 31 }, false },
		{ { 2026, 12, 31 }, true },
		{ { 2026, 1, 0 }, false },
		{ { -1, 1, 1 }, false },
		{ { 10000, 1, 1 }, false },
	};

	for (size_t i = 0; i < NELEM(rows); i++)
		ck_assert_int_eq(cal_date_is_valid(rows[i].d), rows[i].valid);
}
END_TEST

/* ---- vectors: from a start, so much work, until */

/* clang-format off */
static const struct {
	const char *id, *calendar, *start;
	int minutes;
	const char *due;
} vectors[] = {
	{ "V01", QD8, "2026-03-10 01:30", 120, "2026-03-10 03:30" },
	{ "V02 lunch", QD8, "2026-03-10 03:00", 120, "2026-03-10 06:00" },
	{ "V03 due at closing", QD8, "2026-03-13 08:00", 120, "2026-03-13 10:00" },
	{ "V04 weekend", QD8, "2026-03-13 09:00", 120, "2026-03-16 02:00" },
	{ "V05 before opening", QD8, "2026-03-09 23:15", 30, "2026-03-10 01:30" },
	{ "V08 make-up Saturday", QD8, "2026-02-13 09:00", 240, "2026-02-14 04:00" },
	{ "V09 Spring Festival", QD8, "2026-02-14 09:00", 120, "2026-02-24 02:00" },
	{ "V11 National Day", QD8, "2026-09-30 07:00", 480, "2026-10-08 07:00" },
	{ "V13 year change", QD8, "2025-12-31 09:00", 120, "2026-01-04 02:00" },
	{ "V23 spring", ALWAYS("Europe/London"), "2026-03-28 23:00", 240, "2026-03-29 03:00" },
	{ "V26 five hours", LON0006, "2026-03-29 00:00", 360, "2026-03-30 00:00" },
	{ "V27 seven hours", LON0006, "2026-10-24 23:00", 360, "2026-10-25 05:00" },
	{ "V28 inside the gap", LONGAP, "2026-03-29 00:30", 10, "2026-03-30 00:25" },
	{ "V30 midnight", ALWAYS("America/Sao_Paulo"), "2018-11-04 02:00", 120, "2018-11-04 04:00" },
	{ "V33 night of seven", NYN, "2026-03-08 03:00", 480, "2026-03-09 03:00" },
	{ "V36 leap day", QD8_PLAIN, "2028-02-28 09:00", 480, "2028-02-29 09:00" },
	{ "V42 50 %", QD8, "2026-03-13 08:00", 120, "2026-03-13 10:00" },
	{ "V42 75 %", QD8, "2026-03-13 08:00", 180, "2026-03-16 02:00" },
	{ "V42 90 %", QD8, "2026-03-13 08:00", 216, "2026-03-16 02:36" },
	{ "V42 100 %", QD8, "2026-03-13 08:00", 240, "2026-03-16 03:00" },
	{ "at opening itself", QD8, "2026-03-13 10:00", 1, "2026-03-16 01:01" },
	{ "nothing to do, closed", QD8, "2026-03-13 11:00", 0, "2026-03-13 11:00" },
	{ "inside the fold, twice", LONGAP, "2026-10-25 00:00", 60, "2026-10-25 01:45" },
	{ "half an hour of summer", DAILY("Australia/Lord_Howe", "00:00-06:00"),
	  "2026-04-04 13:00", 390, "2026-04-04 19:30" },
	{ "half an hour of winter", DAILY("Australia/Lord_Howe", "00:00-06:00"),
	  "2026-10-03 13:30", 331, "2026-10-04 13:01" },
	{ "a date left out", DAILY("Pacific/Apia", "09:00-10:00"),
	  "2011-12-29 19:00", 120, "2011-12-30 20:00" },
	{ "a midnight left out", DAILY("America/Sao_Paulo", "00:00-01:30"),
	  "2018-11-04 02:00", 31, "2018-11-05 02:01" },
	{ "a midnight twice", DAILY("America/Sao_Paulo", "23:00-24:00"),
	  "2018-02-18 01:00", 121, "2018-02-19 02:01" },
	{ "nights touch", DAILY("Asia/Shanghai", "12:00-36:00"),
	  "2026-03-10 00:00", 10000, "2026-03-16 22:40" },
	{ "an override's night and the next day's hours are one",
	  QD8_PLAIN " 2026-03-09=open:22:00-35:00", "2026-03-09 14:00", 841,
	  "2026-03-10 05:01" },
};
/* clang-format on */

START_TEST(due_by_vectors)
{
	struct calendar *c = calendar_of(vectors[_i].calendar);
	int64_t start = at(vectors[_i].start);
	int64_t work = vectors[_i].minutes * MINUTE;
	int64_t due = calendar_add(c, start, work);

	same(due, vectors[_i].due, vectors[_i].id);
	ck_assert_int_eq(calendar_elapsed(c, start, due), work);
	if (work > 0)
		ck_assert_int_eq(calendar_elapsed(c, start, due - 1), work - 1);
	calendar_free(&c);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(elapsed_is_half_open)
{
	struct calendar *c = calendar_of(QD8);
	int64_t open = at("2026-03-10 01:00"), lunch = at("2026-03-10 04:00");

	ck_assert_int_eq(calendar_elapsed(c, open - 1, open), 0);
	ck_assert_int_eq(calendar_elapsed(c, open, open + 1), 1);
	ck_assert_int_eq(calendar_elapsed(c, lunch - 1, lunch + HOUR), 1);
	ck_assert_int_eq(calendar_elapsed(c, lunch + HOUR, lunch), 0);
	ck_assert(!calendar_is_open(c, open - 1));
	ck_assert(calendar_is_open(c, open));
	ck_assert(calendar_is_open(c, lunch - 1));
	ck_assert(!calendar_is_open(c, lunch));
	ck_assert_int_eq(
	    calendar_elapsed(c, at("2026-01-01 00:00"), at("2026-03-01 00:00")),
	    37 * 8 * HOUR); /* 20 days of January, 17 of February */
	calendar_free(&c);
}
END_TEST

START_TEST(intervals)
{
	struct calendar *c = calendar_of(QD8);
	int64_t from, to;

	ck_assert(calendar_interval(c, at("2026-03-10 02:00"), &from, &to));
	same(from, "2026-03-10 01:00", "open");
	same(to, "2026-03-10 04:00", "open");
	ck_assert(calendar_interval(c, at("2026-03-10 04:00"), &from, &to));
	same(from, "2026-03-10 05:00", "lunch");
	ck_assert(calendar_interval(c, at("2026-02-14 10:00"), &from, &to));
	same(from, "2026-02-24 01:00", "Spring Festival");
	same(to, "2026-02-24 04:00", "Spring Festival");
	calendar_free(&c);
	c = calendar_of(DAILY("Europe/London", "01:00-02:00"));
	ck_assert(calendar_interval(c, at("2026-03-29 00:30"), &from, &to));
	same(from, "2026-03-30 00:00", "the gap is none");
	same(to, "2026-03-30 01:00", "the gap is none");
	calendar_free(&c);
}
END_TEST

/* ---- layers */

static struct calendar *
calendar_of_layers(const char *queue, const char *centre, const char *nation)
{
	struct cal_spec s[] = { spec_of(queue), spec_of(centre),
		spec_of(nation) };
	const struct cal_spec *layers[] = { &s[0], &s[1], &s[2] };
	struct calendar *c = NULL;

	ck_ok(calendar_new(layers, 3, NULL, &c));
	arena_reset(arena); /* it keeps nothing of them */
	return c;
}

/* Hours of a local date of Shanghai's. */
static int
hours_on(const struct calendar *c, int year, int month, int day)
{
	int64_t midnight = cal_days((struct cal_date){
			       (int16_t)year, (uint8_t)month, (uint8_t)day }) *
	                       DAY -
	                   8 * HOUR;

	return (int)(calendar_elapsed(c, midnight, midnight + DAY) / HOUR);
}

START_TEST(the_higher_layer_holds)
{
	struct calendar *c = calendar_of_layers(
	    "base=centre 2026-05-02=open:10:00-12:00",
	    "base=nation" WEEKDAYS(EIGHT) " sat=09:00-12:00 sun="
					  " 2026-05-01=open:09:00-13:00 "
					  "2026-05-02=closed 05-03=like:sat"
					  " 2026-12-24=like:sat 12-24=closed",
	    "zone=Asia/Shanghai" WEEKDAYS(
		"00:00-24:00") " sat= sun="
			       " 2026-05-01=closed 2026-05-03=closed "
			       "2026-05-09=like:mon"
			       " 05-02=like:mon 2026-12-24=open:00:00-24:00 "
			       "01-01=closed");

	ck_assert_int_eq(hours_on(c, 2026, 4, 30), 8); /* the centre's week */
	ck_assert_int_eq(hours_on(c, 2026, 4, 25), 3);
	ck_assert_int_eq(hours_on(c, 2026, 5, 1), 4); /* centre over nation */
	ck_assert_int_eq(hours_on(c, 2026, 5, 2), 2); /* queue over both */
	ck_assert_int_eq(hours_on(c, 2027, 5, 2), 8); /* the nation's yearly */
	/* A higher layer's yearly date over a lower one's very date. */
	ck_assert_int_eq(hours_on(c, 2026, 5, 3), 3);
	ck_assert_int_eq(hours_on(c, 2026, 5, 9), 8); /* like our Monday */
	/* Within a layer the very date first. */
	ck_assert_int_eq(hours_on(c, 2026, 12, 24), 3);
	ck_assert_int_eq(hours_on(c, 2027, 12, 24), 0);
	ck_assert_int_eq(hours_on(c, 2027, 1, 1), 0);
	ck_assert_int_eq(hours_on(c, 2027, 1, 4), 8);
	calendar_free(&c);
}
END_TEST

START_TEST(layers_without_a_zone_or_a_week)
{
	struct cal_spec no_zone =
	    spec_of("base=x mon= tue= wed= thu= fri= sat= sun=");
	struct cal_spec no_week = spec_of("zone=Asia/Shanghai base=x");
	struct cal_spec bad_zone = spec_of(NEVER("Asia/Qingdao"));
	const struct cal_spec *const layers[] = { &no_zone, &no_week,
		&bad_zone };
	struct calendar *c = NULL;

	ck_err(calendar_new(layers, 1, NULL, &c), ERR_BAD_FIELD);
	ck_err(calendar_new(layers + 1, 1, NULL, &c), ERR_BAD_FIELD);
	ck_err(calendar_new(layers + 2, 1, NULL, &c), ERR_NOT_FOUND);
	ck_assert_ptr_null(c);
	ck_ok(calendar_new(layers, 2, NULL, &c));
	calendar_free(&c);
}
END_TEST

/* V38: 02-29 of every year is nothing in a year that has none. */
START_TEST(a_yearly_leap_day)
{
	struct calendar *c =
	    calendar_of(DAILY("Asia/Shanghai", "09:00-17:00") " 02-29=closed");

	ck_assert_int_eq(hours_on(c, 2027, 2, 28), 8);
	ck_assert_int_eq(hours_on(c, 2027, 3, 1), 8);
	ck_assert_int_eq(hours_on(c, 2028, 2, 28), 8);
	ck_assert_int_eq(hours_on(c, 2028, 2, 29), 0);
	ck_assert_int_eq(hours_on(c, 2028, 3, 1), 8);
	calendar_free(&c);
}
END_TEST

/* ---- dates of promises */

/* clang-format off */
static const struct {
	const char *what, *calendar, *from;
	unsigned n;
	bool count_start;
	const char *due;
} days[] = {
	{ "V39", QD8, "2026-02-12 02:00", 7, false, "2026-02-28 10:00" },
	{ "V39 without make-up days", QD8_PLAIN, "2026-02-12 02:00", 7, false, "2026-02-23 10:00" },
	{ "today", QD8, "2026-02-12 02:00", 1, true, "2026-02-12 10:00" },
	{ "tomorrow", QD8, "2026-02-12 02:00", 1, false, "2026-02-13 10:00" },
	{ "a local date, not UTC's", QD8, "2026-02-12 16:30", 1, true, "2026-02-13 10:00" },
	{ "a holiday does not count", QD8, "2026-02-16 02:00", 1, true, "2026-02-24 10:00" },
	{ "the night's end is the day's", NYN, "2026-03-07 17:00", 1, true, "2026-03-08 10:00" },
	{ "a night belongs to its first date", NYN, "2026-03-08 08:00", 1, true, "2026-03-09 10:00" },
	{ "all the time: midnight", ALWAYS("Europe/London"), "2026-03-29 12:00", 1, true, "2026-03-29 23:00" },
	{ "a gap is no working date", LONGAP, "2026-03-28 12:00", 1, false, "2026-03-30 00:45" },
	{ "the second of a fold", LONGAP, "2026-10-24 12:00", 1, false, "2026-10-25 01:45" },
	{ "before the change, far east", DAILY("Australia/Lord_Howe", "00:00-01:00"), "2026-04-04 12:00", 1, false, "2026-04-04 14:00" },
	{ "a date left out", DAILY("Pacific/Apia", "09:00-10:00"), "2011-12-29 20:00", 1, false, "2011-12-30 20:00" },
	{ "nor by a night of it", DAILY("Pacific/Apia", "22:00-30:00"), "2011-12-29 20:00", 1, false, "2011-12-31 16:00" },
};

static const struct {
	const char *what, *calendar, *from;
	unsigned n;
	const char *due;
} months[] = {
	{ "V37 leap year", QD8, "2028-01-31 02:00", 1, "2028-02-29 02:00" },
	{ "V37", QD8, "2027-01-31 02:00", 1, "2027-02-28 02:00" },
	{ "over the year", QD8, "2026-12-15 02:00", 2, "2027-02-15 02:00" },
	{ "a year", QD8, "2028-02-29 02:00", 12, "2029-02-28 02:00" },
	{ "to the microsecond", QD8, "2027-01-31 02:00:01.000003", 1, "2027-02-28 02:00:01.000003" },
	{ "the local day", QD8, "2027-01-30 17:00", 1, "2027-02-27 17:00" },
	{ "the same local time", LONGAP, "2026-02-28 12:00", 2, "2026-04-28 11:00" },
	{ "in a gap: its end", LONGAP, "2026-01-29 01:30:07", 2, "2026-03-29 01:00" },
	{ "twice: the first", LONGAP, "2026-09-25 00:30", 1, "2026-10-25 00:30" },
	{ "just after both", LONGAP, "2026-09-25 01:00", 1, "2026-10-25 02:00" },
	{ "the gap's first microsecond", LONGAP, "2026-01-29 01:00:00.000001", 2, "2026-03-29 01:00" },
	{ "a date left out: its end", DAILY("Pacific/Apia", "09:00-10:00"), "2011-11-30 20:00", 1, "2011-12-30 10:00" },
};

/* 18:00 for what came by 15:00 */
static const struct {
	const char *what, *calendar, *from;
	unsigned minute, day_offset, latest;
	const char *due;
} cutoffs[] = {
	{ "V51 in time", QD8, "2026-03-10 06:59", 1080, 0, 900, "2026-03-10 10:00" },
	{ "V51 late", QD8, "2026-03-10 07:01", 1080, 0, 900, "2026-03-11 10:00" },
	{ "V51 make-up Saturday", QD8, "2026-02-14 06:00", 1080, 0, 900, "2026-02-14 10:00" },
	{ "at the latest", QD8, "2026-03-10 07:00", 1080, 0, 900, "2026-03-10 10:00" },
	{ "a microsecond late", QD8, "2026-03-10 07:00:00.000001", 1080, 0, 900, "2026-03-11 10:00" },
	{ "late before a feast", QD8, "2026-02-14 07:01", 1080, 0, 900, "2026-02-24 10:00" },
	{ "on a feast", QD8, "2026-02-15 02:00", 1080, 0, 900, "2026-02-24 10:00" },
	{ "late on a feast", QD8, "2026-02-16 09:00", 1080, 0, 900, "2026-02-24 10:00" },
	{ "late on its last day", QD8, "2026-02-23 09:00", 1080, 0, 900, "2026-02-24 10:00" },
	{ "the next day", QD8, "2026-03-13 02:00", 1080, 1, 900, "2026-03-16 10:00" },
	{ "late, and the next day", QD8, "2026-03-13 08:00", 1080, 1, 900, "2026-03-17 10:00" },
	{ "midnight", QD8, "2026-03-13 02:00", 1440, 0, 900, "2026-03-13 16:00" },
	{ "in a gap: its end", LON0006, "2026-03-28 00:00", 90, 1, 900, "2026-03-29 01:00" },
};
/* clang-format on */

START_TEST(business_days)
{
	struct calendar *c = calendar_of(days[_i].calendar);

	same(calendar_business_days(
		 c, at(days[_i].from), days[_i].n, days[_i].count_start),
	    days[_i].due, days[_i].what);
	calendar_free(&c);
}
END_TEST

START_TEST(calendar_month)
{
	struct calendar *c = calendar_of(months[_i].calendar);

	same(calendar_months(c, at(months[_i].from), months[_i].n),
	    months[_i].due, months[_i].what);
	calendar_free(&c);
}
END_TEST

START_TEST(cutoff)
{
	struct calendar *c = calendar_of(cutoffs[_i].calendar);

	same(calendar_cutoff(c, at(cutoffs[_i].from), cutoffs[_i].minute,
		 cutoffs[_i].day_offset, cutoffs[_i].latest),
	    cutoffs[_i].due, cutoffs[_i].what);
	calendar_free(&c);
}
END_TEST

START_TEST(local_dates)
{
	struct calendar *c = calendar_of(QD8);
	int32_t date = cal_days((struct cal_date){ 2026, 2, 14 });
	unsigned minute;

	ck_assert_int_eq(
	    calendar_date(c, at("2026-02-13 15:59:59.999999"), &minute),
	    date - 1);
	ck_assert_uint_eq(minute, 1439);
	ck_assert_int_eq(
	    calendar_date(c, at("2026-02-13 16:00"), &minute), date);
	ck_assert_uint_eq(minute, 0);
	ck_assert(calendar_works_on(c, date));
	ck_assert(!calendar_works_on(c, date + 1));
	calendar_free(&c);
	ck_assert_int_eq(calendar_date(NULL, -1, &minute), -1);
	ck_assert_uint_eq(minute, 1439);
}
END_TEST

/* ---- the ends */

START_TEST(always_open)
{
	struct calendar *c = calendar_of(ALWAYS("Europe/London"));
	int64_t now = at("2026-03-28 23:00"), from, to;

	ck_assert_int_eq(calendar_elapsed(c, now, now + 900 * DAY), 900 * DAY);
	ck_assert_uint_eq(calendar_n_intervals(c), 1);
	ck_assert(calendar_interval(c, now, &from, &to));
	ck_assert_int_eq(from, INT64_MIN);
	ck_assert_int_eq(to, INT64_MAX);
	ck_assert_int_eq(calendar_add(c, now, 18263 * DAY), now + 18263 * DAY);
	ck_assert_int_eq(calendar_add(c, now, 18263 * DAY + 1), CAL_NEVER);
	ck_assert_uint_eq(calendar_n_intervals(c), 1);
	calendar_free(&c);
}
END_TEST

START_TEST(never_open)
{
	struct calendar *c = calendar_of(NEVER("Europe/London"));
	int64_t now = at("2026-03-28 23:00"), from, to;

	for (int i = 0; i < 10000; i++, now += HOUR) {
		ck_assert_int_eq(calendar_add(c, now, 1), CAL_NEVER);
		ck_assert_int_eq(calendar_add(c, now, 0), now);
		ck_assert(!calendar_interval(c, now, &from, &to));
		ck_assert(!calendar_is_open(c, now));
		ck_assert_int_eq(calendar_elapsed(c, now, now + 9 * DAY), 0);
	}
	ck_assert_int_eq(calendar_business_days(c, now, 1, true), CAL_NEVER);
	ck_assert_int_eq(calendar_cutoff(c, now, 1080, 0, 900), CAL_NEVER);
	calendar_free(&c);
}
END_TEST

/* One hour only, on 2080-01-01. */
START_TEST(the_horizon_is_fifty_years)
{
	struct calendar *c =
	    calendar_of(NEVER("UTC") " 2080-01-01=open:00:00-01:00");
	int64_t opens = at("2080-01-01 00:00"), far = opens - 18263 * DAY;
	int64_t from, to;

	ck_assert_int_eq(calendar_add(c, far + 1, 1), opens + 1);
	ck_assert_int_eq(calendar_add(c, far, 1), CAL_NEVER);
	ck_assert_int_eq(calendar_add(c, far + HOUR, HOUR), opens + HOUR);
	ck_assert_int_eq(calendar_add(c, far + HOUR, HOUR + 1), CAL_NEVER);
	ck_assert(calendar_interval(c, far, &from, &to));
	ck_assert_int_eq(from, opens);
	ck_assert_int_eq(to, opens + HOUR);
	ck_assert(!calendar_interval(c, far - 1, &from, &to));
	ck_assert_int_eq(calendar_business_days(c, far, 1, true), opens + HOUR);
	ck_assert_int_eq(
	    calendar_business_days(c, far - DAY, 1, true), CAL_NEVER);
	ck_assert_int_eq(calendar_add(c, opens + HOUR, 1), CAL_NEVER);
	calendar_free(&c);
	/* Nor is it laid out much further. */
	c = calendar_of(NEVER("UTC") " 01-01=open:00:00-00:01");
	ck_assert_int_eq(calendar_add(c, far, DAY), CAL_NEVER);
	ck_assert_uint_lt(calendar_n_intervals(c), 150);
	calendar_free(&c);
}
END_TEST

/* 1900 to 2399: no further, and no endless search for more. */
START_TEST(the_years_it_knows)
{
	struct calendar *c = calendar_of(ALWAYS("UTC"));
	int64_t first = at("1900-01-01 00:00"), last = at("2400-01-01 00:00");
	int64_t from, to;

	ck_assert_int_eq(calendar_add(c, last - DAY, DAY), last);
	ck_assert_int_eq(calendar_add(c, last - DAY, DAY + 1), CAL_NEVER);
	ck_assert_int_eq(calendar_add(c, last, 1), CAL_NEVER);
	ck_assert_int_eq(calendar_add(c, first - DAY, 1), first + 1);
	ck_assert_int_eq(
	    calendar_elapsed(c, INT64_MIN, INT64_MAX), last - first);
	ck_assert(calendar_interval(c, last - 1, &from, &to));
	ck_assert_int_eq(from, INT64_MIN);
	ck_assert_int_eq(to, last);
	ck_assert(calendar_interval(c, first - 1, &from, &to));
	ck_assert_int_eq(from, first);
	ck_assert_int_eq(to, INT64_MAX);
	ck_assert(!calendar_interval(c, last, &from, &to));
	ck_assert(calendar_is_open(c, first) && calendar_is_open(c, last - 1));
	ck_assert(!calendar_is_open(c, first - 1));
	ck_assert(!calendar_is_open(c, last));
	calendar_free(&c);
}
END_TEST

START_TEST(the_ends_of_time)
{
	static const int64_t ends[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX - 1,
		INT64_MAX };
	struct calendar *cs[] = { NULL, calendar_of(QD8), calendar_of(NYN),
		calendar_of(NEVER("UTC")) };
	int64_t from, to;
	unsigned minute;

	for (size_t i = 0; i < NELEM(cs); i++) {
		for (size_t j = 0; j < NELEM(ends); j++) {
			struct calendar *c = cs[i];
			int64_t t = ends[j];

			ck_assert_int_eq(calendar_add(c, t, 0), t);
			calendar_add(c, t, 1);
			ck_assert_int_eq(
			    calendar_add(c, t, INT64_MAX), CAL_NEVER);
			calendar_interval(c, t, &from, &to);
			calendar_date(c, t, &minute);
			ck_assert_uint_lt(minute, 1440);
			ck_assert_int_eq(calendar_is_open(c, t), c == NULL);
			calendar_business_days(c, t, 7, true);
			calendar_months(c, t, 600);
			ck_assert_int_eq(calendar_months(c, 0, 601), CAL_NEVER);
			calendar_cutoff(c, t, 1080, 3, 900);
			ck_assert_int_eq(
			    calendar_cutoff(c, 0, 0, UINT32_MAX, 900),
			    CAL_NEVER);
			ck_assert_int_ge(calendar_elapsed(c, INT64_MIN, t), 0);
		}
		calendar_works_on(cs[i], INT32_MIN);
		calendar_works_on(cs[i], INT32_MAX);
		calendar_free(&cs[i]);
	}
}
END_TEST

START_TEST(no_calendar_never_closes)
{
	int64_t from, to, now = at("2026-02-12 02:00");

	ck_assert_int_eq(calendar_elapsed(NULL, now, now + 7), 7);
	ck_assert_int_eq(calendar_elapsed(NULL, now, now - 7), 0);
	ck_assert_int_eq(
	    calendar_elapsed(NULL, INT64_MIN, INT64_MAX), INT64_MAX);
	ck_assert_int_eq(calendar_add(NULL, now, DAY), now + DAY);
	ck_assert(calendar_interval(NULL, now, &from, &to));
	ck_assert(from == INT64_MIN && to == INT64_MAX);
	ck_assert(calendar_is_open(NULL, now));
	ck_assert(calendar_works_on(NULL, 0));
	same(calendar_business_days(NULL, now, 2, false), "2026-02-15 00:00",
	    "two days");
	same(calendar_months(NULL, now, 1), "2026-03-12 02:00", "a month");
	same(calendar_cutoff(NULL, now, 1080, 0, 900), "2026-02-12 18:00",
	    "a day's end");
	ck_assert_uint_eq(calendar_n_intervals(NULL), 0);
}
END_TEST

/* However it was asked before, it answers as a new one does. */
START_TEST(growing_is_not_seen)
{
	const char *const texts[] = { QD8, NYN, ALWAYS("America/Sao_Paulo"),
		DAILY("Australia/Lord_Howe", "12:00-36:00") };
	const int64_t first = at("1930-01-01 00:00");
	unsigned seed = (unsigned)_i + 1;
	struct calendar *old = calendar_of(texts[_i]);

	for (int i = 0; i < 60; i++) {
		struct calendar *new = calendar_of(texts[_i]);
		int64_t t = first + (int64_t)(rand_r(&seed) % 80000) * DAY +
		            rand_r(&seed) % 86400 * SECOND;
		int64_t span = (int64_t)(rand_r(&seed) % 3000) * DAY;
		int64_t a[2], b[2];

		ck_assert_int_eq(calendar_elapsed(old, t, t + span),
		    calendar_elapsed(new, t, t + span));
		ck_assert_int_eq(
		    calendar_add(old, t, span), calendar_add(new, t, span));
		ck_assert_int_eq(
		    calendar_is_open(old, t), calendar_is_open(new, t));
		calendar_free(&new);
		new = calendar_of(texts[_i]);
		ck_assert_int_eq(calendar_interval(old, t, &a[0], &a[1]),
		    calendar_interval(new, t, &b[0], &b[1]));
		ck_assert(a[0] == b[0] && a[1] == b[1]);
		calendar_free(&new);
	}
	calendar_free(&old);
}
END_TEST

Suite *
calendar_suite(void)
{
	TCase *tc = tcase_create("dates"), *sums = tcase_create("sums");
	TCase *ends = tcase_create("ends");
	Suite *s = suite_of(tc, "calendar");

	tcase_add_test(tc, dates_come_back);
	tcase_add_test(tc, valid_dates);
	suite_add_tcase(s, sums);
	tcase_add_checked_fixture(sums, setup, teardown);
	tcase_add_loop_test(sums, due_by_vectors, 0, NELEM(vectors));
	tcase_add_test(sums, elapsed_is_half_open);
	tcase_add_test(sums, intervals);
	tcase_add_test(sums, the_higher_layer_holds);
	tcase_add_test(sums, layers_without_a_zone_or_a_week);
	tcase_add_test(sums, a_yearly_leap_day);
	tcase_add_loop_test(sums, business_days, 0, NELEM(days));
	tcase_add_loop_test(sums, calendar_month, 0, NELEM(months));
	tcase_add_loop_test(sums, cutoff, 0, NELEM(cutoffs));
	tcase_add_test(sums, local_dates);
	suite_add_tcase(s, ends);
	tcase_add_checked_fixture(ends, setup, teardown);
	tcase_add_test(ends, always_open);
	tcase_add_test(ends, never_open);
	tcase_add_test(ends, the_horizon_is_fifty_years);
	tcase_add_test(ends, the_years_it_knows);
	tcase_add_test(ends, the_ends_of_time);
	tcase_add_test(ends, no_calendar_never_closes);
	tcase_add_loop_test(ends, growing_is_not_seen, 0, 4);
	return s;
}
