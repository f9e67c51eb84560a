/*
 * calendar.h - business time: when a centre works, and sums over it.
 *
 * W(calendar) is defined by membership: an instant belongs to it iff its local
 * time lies in an interval of its local date's plan, or in one of the date
 * before that goes on past 24:00.  A date's plan is its override if there is
 * one, else its weekday's.  So a window in a gap of local time is empty, one in
 * a fold is twice as long, and a night of the spring change has seven hours.
 * Intervals are half-open; elapsed time is always real time.
 *
 * Layers (national, centre, queue): a calendar may stand on a base, which may
 * stand on another.  Zone and week come from the highest layer that has them; a
 * date's plan from the highest layer that overrides it, there from an override
 * of that very date before a yearly one.  A make-up day (调休) is LIKE a
 * weekday: it takes the week's plan for that weekday.
 *
 * A calendar is expanded into sorted UTC intervals with running sums, 400 days
 * back and 800 ahead of what is asked first, and further when it is asked;
 * due and elapsed are binary searches.  Built once, then only read (growing is
 * not seen from outside): one thread.
 *
 * NULL as a calendar is one that never closes, in UTC.  All others know the
 * years 1900 to 2399 and are closed outside of them.
 */
#ifndef SLA_CALENDAR_H
#define SLA_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define CAL_HOURS_MAX 16 /* intervals a day */
#define CAL_MINUTES_MAX \
	(48 * 60) /* an interval ends on the next date at most */
#define CAL_LAYERS_MAX 8
#define CAL_OVERRIDES_MAX 10000
#define CAL_LABEL_MAX 200 /* bytes of UTF-8 */
#define CAL_NEVER INT64_MAX

enum cal_weekday {
	CAL_MON,
	CAL_TUE,
	CAL_WED,
	CAL_THU,
	CAL_FRI,
	CAL_SAT,
	CAL_SUN
};
const char *cal_weekday_name(enum cal_weekday); /* "mon" … "sun" */

/* [from, to) in minutes of the local day; from < 24:00, to may pass it. */
struct cal_hours {
	uint16_t from, to;
};
struct cal_day {
	unsigned n;
	struct cal_hours hours[CAL_HOURS_MAX]; /* in order, apart */
};

/* A date; year 0: every year that has it. */
struct cal_date {
	int16_t year;
	uint8_t month, day; /* from 1 */
};
int32_t cal_days(struct cal_date); /* since 1970-01-01, Gregorian */
struct cal_date cal_date_of(int32_t days);
bool cal_date_is_valid(struct cal_date); /* 02-29 of year 0 is */
enum cal_weekday cal_weekday_of(int32_t days);

enum cal_override_kind { CAL_NONE, CAL_CLOSED, CAL_OPEN, CAL_LIKE };
struct cal_override {
	struct cal_date date;
	enum cal_override_kind kind;
	enum cal_weekday like;
	struct cal_day open;
	struct str label; /* "Spring Festival", may be empty */
};

/* As configured; text and arrays belong to who made it. */
struct cal_spec {
	struct str name;
	struct str zone; /* empty: the base's */
	struct str base; /* empty: none */
	bool has_week;
	struct cal_day week[7];
	unsigned n_overrides;
	const struct cal_override *overrides;
};

/* What is wrong with a specification, for who can name file, line, column. */
struct cal_fault {
	char what[160];     /* "12:00-11:00 ends before it begins; …" */
	int weekday;        /* or -1 */
	int override_index; /* or -1 */
};

/* "09:00-12:00", two digits each: ERR_BAD_FIELD and what is wrong. */
enum err cal_hours_parse(
    struct str, struct cal_hours *out, struct cal_fault *) MUST_USE;
/* "2026-02-14", or "02-29" for every year. */
enum err cal_date_parse(struct str, struct cal_date *out) MUST_USE;
enum err cal_weekday_parse(struct str, enum cal_weekday *out) MUST_USE;

/* Alone: hours in order and apart (a night of the week that runs into the next
 * day's hours is an overlap too; with an override the two are one), dates once,
 * limits kept.  The zone is looked up; the base is not (see calendar_new), and
 * what only lies under others needs neither zone nor week.
 * ERR_BAD_FIELD, ERR_TOO_LARGE; ERR_IO, ERR_NOMEM: it could not be checked. */
enum err cal_check(const struct cal_spec *, const char *zone_directory,
    struct cal_fault *) MUST_USE;

/* As one line of text, the form in which the ledger keeps it, and back:
 *   zone=Asia/Shanghai base=cn mon=09:00-12:00,13:00-18:00 … sun=
 *   2026-02-14=like:mon 2026-02-15=closed:Spring%20Festival 12-24=open:09:00-12:00
 * A label follows a colon.  Blanks, control characters and % are %XX.
 * The text of equal calendars is equal.  NULL, ERR_NOMEM: no memory. */
char *cal_print(const struct cal_spec *);
enum err cal_parse(struct str name, struct str text, struct arena *,
    struct cal_spec *) MUST_USE;

struct calendar;

/* `layers' from the highest to the lowest, all checked; copied as needed.
 * ERR_BAD_FIELD: no layer has a zone, or none a week. */
enum err calendar_new(const struct cal_spec *const *layers, unsigned n,
    const char *zone_directory, struct calendar **out) MUST_USE;
void calendar_free(struct calendar **);

/* Instants are microseconds since 1970 UTC, spans microseconds. */

/* |W ∩ [from, to)|; 0 if to <= from. */
int64_t calendar_elapsed(const struct calendar *, int64_t from, int64_t to);
/* The first t >= from with elapsed(from, t) >= work: closing time itself for
 * work that ends there; `from' for none.  CAL_NEVER: not within 50 years. */
int64_t calendar_add(const struct calendar *, int64_t from, int64_t work);
/* The open interval that contains `at', or else the next one.  False: none
 * within 50 years.  INT64_MIN, INT64_MAX: it goes on so long on that side. */
bool calendar_interval(
    const struct calendar *, int64_t at, int64_t *from, int64_t *to);
bool calendar_is_open(const struct calendar *, int64_t at);

/* The local date of an instant, and its minute of the day. */
int32_t calendar_date(const struct calendar *, int64_t at, unsigned *minute);
/* Does anything of W begin on this local date? */
bool calendar_works_on(const struct calendar *, int32_t date);

/* End of work of the n-th working date from `from''s date on, which itself
 * counts if `count_start' and it is one; n >= 1. */
int64_t calendar_business_days(
    const struct calendar *, int64_t from, unsigned n, bool count_start);
/* The same local time n months on, the day clamped to the month's last; a time
 * that does not exist is the end of its gap, one that comes twice the first. */
int64_t calendar_months(const struct calendar *, int64_t from, unsigned n);
/* `minute' of the working date that follows the intake's by `day_offset'
 * working dates.  The intake's date is the local date of `from', or the next
 * working date if that is none or it is after `latest_intake' (minute). */
int64_t calendar_cutoff(const struct calendar *, int64_t from, unsigned minute,
    unsigned day_offset, unsigned latest_intake);

/* For tests and figures: intervals expanded so far. */
size_t calendar_n_intervals(const struct calendar *);

#endif
