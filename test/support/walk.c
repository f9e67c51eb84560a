/*
 * walk.c - see walk.h.
 */
#include "test/support/walk.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test/support/support.h"

#define WALK_MAX (45 * 24 * 60) /* minutes: what is not due by then never is */

/* ----------------------------------------------------------- dates, by glibc */

struct cal_date
date_shifted(struct cal_date d, int by, int *weekday)
{
	struct tm tm = { .tm_year = d.year - 1900,
		.tm_mon = d.month - 1,
		.tm_mday = d.day + by,
		.tm_hour = 12 };
	time_t t = timegm(&tm);

	gmtime_r(&t, &tm);
	if (weekday != NULL)
		*weekday = (tm.tm_wday + 6) % 7; /* from Monday */
	return (struct cal_date){ (int16_t)(tm.tm_year + 1900),
		(uint8_t)(tm.tm_mon + 1), (uint8_t)tm.tm_mday };
}

struct face
face_at(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	localtime_r(&t, &tm);
	if (tm.tm_sec != 0)
		ck_abort_msg("%s: not on whole minutes", getenv("TZ"));
	return (
	    struct face){ { (int16_t)(tm.tm_year + 1900),
			      (uint8_t)(tm.tm_mon + 1), (uint8_t)tm.tm_mday },
		tm.tm_hour * 60 + tm.tm_min, (int)tm.tm_gmtoff };
}

static bool
same_date(struct cal_date a, struct cal_date b)
{
	return a.year == b.year && a.month == b.month && a.day == b.day;
}

/* ----------------------------------------------------- membership, ticketing 3.2 */

static const struct cal_day closed_day;

/* The highest layer that overrides the date, there that very date before every
 * year's; else the week. */
static const struct cal_day *
plan_of(const struct deadline *d, struct cal_date date, bool *overridden)
{
	const struct cal_override *found = NULL;
	const struct cal_day *week = NULL;
	int weekday;

	date_shifted(date, 0, &weekday);
	for (unsigned l = d->n_layers; l-- > 0;) {
		const struct layer *layer = &d->layers[l];
		const struct cal_override *yearly = NULL, *exact = NULL;

		if (layer->spec.has_week)
			week = layer->spec.week;
		for (unsigned i = 0; i < layer->spec.n_overrides; i++) {
			const struct cal_override *o = &layer->overrides[i];
			struct cal_date of = o->date;

			if (of.month != date.month || of.day != date.day)
				continue;
			if (of.year == 0)
				yearly = o;
			else if (of.year == date.year)
				exact = o;
		}
		if (exact != NULL || yearly != NULL)
			found = exact != NULL ? exact : yearly;
	}
	*overridden = found != NULL;
	if (found == NULL)
		return &week[weekday];
	if (found->kind == CAL_LIKE)
		return &week[found->like];
	return found->kind == CAL_OPEN ? &found->open : &closed_day;
}

static bool
in_plan(const struct cal_day *day, int minute)
{
	for (unsigned i = 0; i < day->n; i++)
		if (minute >= day->hours[i].from && minute < day->hours[i].to)
			return true;
	return false;
}

/* A local minute, whether or not the clocks ever show it. */
struct reading {
	struct cal_date date;
	const struct cal_day *today, *yesterday;
	bool overridden;
};

/* Before the first turn. */
static const struct reading nowhere = { .today = &closed_day,
	.yesterday = &closed_day };

static void
turn_to(const struct deadline *d, struct reading *r, struct cal_date date)
{
	bool also;

	if (same_date(r->date, date))
		return;
	r->date = date;
	r->today = plan_of(d, date, &r->overridden);
	r->yesterday = plan_of(d, date_shifted(date, -1, NULL), &also);
	r->overridden |= also;
}

static bool
is_member(const struct reading *r, int minute)
{
	return in_plan(r->today, minute) ||
	       in_plan(r->yesterday, minute + 24 * 60);
}

bool
walk_is_open(const struct deadline *d, int64_t at)
{
	struct reading r = nowhere;
	struct face f = face_at(at);

	turn_to(d, &r, f.date);
	return is_member(&r, f.minute);
}

static bool
is_paused(const struct deadline *d, int64_t at)
{
	for (unsigned i = 0; i < d->n_pauses; i++)
		if (at * WALK_US >= d->pauses[i].from &&
		    at * WALK_US < d->pauses[i].to)
			return true;
	return false;
}

/* The clocks skipped up to here: would anybody have worked? */
static void
meet_gap(const struct deadline *d, struct face to, int jump, struct walked *w)
{
	struct reading r = nowhere;

	for (int back = 1; back <= jump / WALK_MINUTE; back++) {
		int minute = to.minute - back, days = 0;

		for (; minute < 0; minute += 24 * 60)
			days--;
		turn_to(d, &r, date_shifted(to.date, days, NULL));
		if (is_member(&r, minute))
			w->met[MET_GAP] = true;
		if (minute == 0 && days < 0 && r.today->n > 0)
			w->met[MET_MISSING_DATE] = true;
	}
}

static void
meet(const struct reading *r, const struct face *f, struct walked *w)
{
	if (!in_plan(r->today, f->minute))
		w->met[MET_NIGHT] = true;
	if (r->date.month == 2 && r->date.day == 29)
		w->met[MET_LEAP_DAY] = true;
	if (r->overridden)
		w->met[MET_OVERRIDE] = true;
}

/*
 * E(t) = |W n [start, t) \ P|, and the first t outside of P at which it is the
 * goal: a pause that begins at that very instant puts it off.
 */
void
walk(const struct deadline *d, struct walked *w)
{
	struct reading r = nowhere;
	int64_t t = d->start, counted = 0;
	int offset = face_at(t).offset, folded = 0;

	memset(w, 0, sizeof(*w));
	w->first_open = -1;
	for (unsigned n = 0; n < WALK_MAX; n++, t += WALK_MINUTE) {
		bool paused = is_paused(d, t), member;
		struct face f = face_at(t);

		for (unsigned i = 0; i < WALK_PROBES; i++)
			if (d->probes[i] == t)
				w->probed[i] = counted;
		if (counted >= d->goal && !w->reached && !paused) {
			w->reached = true;
			w->due = t;
		}
		if (w->reached && t >= d->probes[WALK_PROBES - 1])
			break;
		if (f.offset > offset && !w->reached)
			meet_gap(d, f, f.offset - offset, w);
		if (f.offset < offset)
			folded = (offset - f.offset) / WALK_MINUTE;
		offset = f.offset;
		turn_to(d, &r, f.date);
		member = is_member(&r, f.minute);
		if (member && w->first_open == -1)
			w->first_open = t;
		if (member && !paused)
			counted += WALK_MINUTE;
		if (member && !w->reached) {
			w->met[MET_FOLD] |= folded > 0;
			w->met[MET_PAUSE] |= paused;
			meet(&r, &f, w);
		}
		folded -= folded > 0;
	}
	w->end = t;
	w->met[MET_CLOSING] = w->reached && !walk_is_open(d, w->due);
	w->met[MET_NEVER] = !w->reached;
}
