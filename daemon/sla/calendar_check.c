/*
 * calendar_check.c - what is wrong with a calendar, and what to write instead.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "sla/calendar_inside.h"

#define MIDNIGHT (24u * 60)
#define HOURS_LEN 11 /* 09:00-12:00 */

/* For printf: "%02u:%02u-%02u:%02u", HOURS_ARG(h). */
#define HOURS_FMT "%02u:%02u-%02u:%02u"
#define HOURS_ARG(h) (h).from / 60u, (h).from % 60u, (h).to / 60u, (h).to % 60u

/* Where in the specification; -1: not there. */
struct place {
	int weekday, override;
};
static const struct place nowhere = { -1, -1 };

static enum err fault(struct cal_fault *, struct place, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static enum err
fault(struct cal_fault *f, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, ap);
	va_end(ap);
	f->weekday = at.weekday;
	f->override_index = at.override;
	return ERR_BAD_FIELD;
}

/* ---- hours */

static enum err
check_hours(struct cal_hours h, struct place at, struct cal_fault *f)
{
	if (h.from >= MIDNIGHT)
		return fault(f, at,
		    HOURS_FMT " begins on the next day; write it there",
		    HOURS_ARG(h));
	if (h.to > CAL_MINUTES_MAX)
		return fault(f, at,
		    HOURS_FMT " ends after the next day; 48:00 is the latest",
		    HOURS_ARG(h));
	if (h.to == h.from)
		return fault(
		    f, at, HOURS_FMT " is empty; leave it out", HOURS_ARG(h));
	if (h.to < h.from)
		return fault(f, at,
		    HOURS_FMT " ends before it begins; a night is written "
			      "22:00-30:00",
		    HOURS_ARG(h));
	return ERR_OK;
}

/* Two digits; -1: they are not. */
static int
two_digits(const char *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* HH:MM as minutes; -1: it is none. */
static int
minutes_of(const char *p)
{
	int hour = two_digits(p), minute = two_digits(p + 3);

	return hour < 0 || p[2] != ':' || minute < 0 || minute > 59
	           ? -1
	           : hour * 60 + minute;
}

enum err
cal_hours_parse(struct str s, struct cal_hours *out, struct cal_fault *f)
{
	int from = -1, to = -1;
	char shown[32];

	if (s.len == HOURS_LEN && s.p[5] == '-') {
		from = minutes_of(s.p);
		to = minutes_of(s.p + 6);
	}
	if (from < 0 || to < 0) {
		text_clean(s, false, shown, sizeof(shown));
		return fault(f, nowhere,
		    "`%s' are no hours; write them as 09:00-12:00", shown);
	}
	*out = (struct cal_hours){ (uint16_t)from, (uint16_t)to };
	return check_hours(*out, nowhere, f);
}

static enum err
check_day(const struct cal_day *d, struct place at, struct cal_fault *f)
{
	enum err e = ERR_OK;

	if (d->n > CAL_HOURS_MAX) {
		fault(f, at, "more than %d intervals in a day", CAL_HOURS_MAX);
		return ERR_TOO_LARGE;
	}
	for (unsigned i = 0; i < d->n && e == ERR_OK; i++) {
		struct cal_hours h = d->hours[i], before;

		e = check_hours(h, at, f);
		if (e != ERR_OK || i == 0)
			continue;
		before = d->hours[i - 1];
		if (h.from < before.from)
			e = fault(f, at,
			    HOURS_FMT " stands after " HOURS_FMT
				      "; put the earlier first",
			    HOURS_ARG(h), HOURS_ARG(before));
		else if (h.from < before.to)
			e = fault(f, at,
			    HOURS_FMT " and " HOURS_FMT
				      " overlap; write them as one",
			    HOURS_ARG(before), HOURS_ARG(h));
	}
	return e;
}

static enum err
check_week(const struct cal_spec *s, struct cal_fault *f)
{
	enum err e = ERR_OK;

	for (int i = 0; i < 7 && e == ERR_OK; i++)
		e = check_day(&s->week[i], (struct place){ i, -1 }, f);
	for (int i = 0; i < 7 && e == ERR_OK; i++) {
		const struct cal_day *d = &s->week[i];
		const struct cal_day *next = &s->week[(i + 1) % 7];

		if (d->n > 0 && next->n > 0 &&
		    d->hours[d->n - 1].to > MIDNIGHT + next->hours[0].from)
			e = fault(f, (struct place){ i, -1 },
			    HOURS_FMT " runs into the " HOURS_FMT
				      " of %s; end it earlier",
			    HOURS_ARG(d->hours[d->n - 1]),
			    HOURS_ARG(next->hours[0]),
			    cal_weekday_name((enum cal_weekday)((i + 1) % 7)));
	}
	return e;
}

/* ---- overrides */

static int
year_order(const struct cal_override *o)
{
	return o->date.year != 0 ? o->date.year : INT16_MAX;
}

static bool
same_date(struct cal_date a, struct cal_date b)
{
	return a.year == b.year && a.month == b.month && a.day == b.day;
}

static int
compare_overrides(const void *a, const void *b)
{
	const struct cal_override *x = *(const struct cal_override *const *)a;
	const struct cal_override *y = *(const struct cal_override *const *)b;

	if (x->date.year != y->date.year)
		return year_order(x) - year_order(y);
	if (x->date.month != y->date.month)
		return x->date.month - y->date.month;
	if (x->date.day != y->date.day)
		return x->date.day - y->date.day;
	return x < y ? -1 : x > y;
}

const struct cal_override **
cal_sorted(const struct cal_spec *s)
{
	const struct cal_override **sorted =
	    calloc(s->n_overrides + (size_t)1, sizeof(*sorted));

	if (sorted == NULL)
		return NULL;
	for (unsigned i = 0; i < s->n_overrides; i++)
		sorted[i] = &s->overrides[i];
	qsort(sorted, s->n_overrides, sizeof(*sorted), compare_overrides);
	return sorted;
}

static enum err
check_override(
    const struct cal_override *o, struct place at, struct cal_fault *f)
{
	if (!cal_date_is_valid(o->date))
		return fault(f, at, "there is no such date");
	if (text_check(o->label, CAL_LABEL_MAX) != ERR_OK)
		return fault(f, at,
		    "the label is no UTF-8, or longer than %d bytes",
		    CAL_LABEL_MAX);
	switch (o->kind) {
	case CAL_CLOSED:
		return ERR_OK;
	case CAL_OPEN:
		return o->open.n > 0
		           ? check_day(&o->open, at, f)
		           : fault(f, at, "open without hours; say closed");
	case CAL_LIKE:
		if (o->like >= CAL_MON && o->like <= CAL_SUN)
			return ERR_OK;
		break;
	case CAL_NONE:
		break;
	}
	return fault(f, at, "neither closed nor open nor like a weekday");
}

/* A date stands once, or it would be a matter of luck which one holds. */
static enum err
check_once(const struct cal_spec *s, struct cal_fault *f)
{
	const struct cal_override **sorted = cal_sorted(s);
	enum err e = ERR_OK;

	if (sorted == NULL)
		return ERR_NOMEM;
	for (unsigned i = 1; i < s->n_overrides && e == ERR_OK; i++) {
		struct cal_date d = sorted[i]->date;
		struct place at = { -1, (int)(sorted[i] - s->overrides) };

		if (!same_date(d, sorted[i - 1]->date))
			continue;
		e = d.year != 0
		        ? fault(f, at,
			      "%04d-%02u-%02u is there twice; leave one out",
			      d.year, d.month, d.day)
		        : fault(f, at,
			      "%02u-%02u is there twice; leave one out",
			      d.month, d.day);
	}
	free(sorted);
	return e;
}

static enum err
check_overrides(const struct cal_spec *s, struct cal_fault *f)
{
	enum err e = ERR_OK;

	if (s->n_overrides > CAL_OVERRIDES_MAX) {
		fault(f, nowhere, "more than %d dates", CAL_OVERRIDES_MAX);
		return ERR_TOO_LARGE;
	}
	for (unsigned i = 0; i < s->n_overrides && e == ERR_OK; i++)
		e = check_override(
		    &s->overrides[i], (struct place){ -1, (int)i }, f);
	return e == ERR_OK ? check_once(s, f) : e;
}

static enum err
check_zone(struct str name, const char *directory, struct cal_fault *f)
{
	struct zone *z = NULL;
	enum err e = zone_load(directory, name, &z);
	char shown[ZONE_NAME_MAX];

	zone_free(&z);
	if (e == ERR_OK)
		return ERR_OK;
	text_clean(name, false, shown, sizeof(shown));
	if (e == ERR_NOT_FOUND)
		return fault(f, nowhere,
		    "this system has no time zone `%s'; write it as "
		    "Asia/Shanghai",
		    shown);
	fault(f, nowhere, "the file of time zone `%s' cannot be used: %s",
	    shown, err_name(e));
	return e;
}

enum err
cal_check(
    const struct cal_spec *s, const char *zone_directory, struct cal_fault *f)
{
	enum err e = ERR_OK;

	*f = (struct cal_fault){ .weekday = -1, .override_index = -1 };
	if (s->zone.len > 0)
		e = check_zone(s->zone, zone_directory, f);
	if (e == ERR_OK && s->has_week)
		e = check_week(s, f);
	return e == ERR_OK ? check_overrides(s, f) : e;
}
