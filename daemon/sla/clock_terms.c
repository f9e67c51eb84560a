/*
 * clock_terms.c - what a policy makes of a clock that starts at some instant.
 *
 * Every type of target comes down to a goal in some calendar: that of business
 * days is the business time up to their end, that of months the time by the
 * wall.  What is due at an instant has the way to it as its goal, by the wall,
 * and no pauses.
 */
#include "sla/clock_own.h"

bool
attributes_eq(const struct sla_attributes *a, const struct sla_attributes *b)
{
	for (unsigned i = 0; i < ATTR_NATTRIBUTES; i++)
		if (!str_eq(a->value[i], b->value[i]))
			return false;
	return true;
}

struct sla_attributes
attributes_with(
    const struct sla_attributes *a, const struct sla_attributes *set)
{
	struct sla_attributes out = *a;

	for (unsigned i = 0; i < ATTR_NATTRIBUTES; i++)
		if (set->value[i].p != NULL)
			out.value[i] = set->value[i];
	return out;
}

/* From `start' to an instant that a calendar gave. */
static int64_t
way(int64_t start, int64_t due)
{
	if (due == CAL_NEVER)
		return SLA_GOAL_MAX_US;
	return due > start ? due - start : 0;
}

static void
set_goal(struct terms *t, int64_t start)
{
	const struct sla_target *g = t->match.target;
	const struct calendar *c = t->calendar;
	int64_t due;

	t->goal = g->goal_us;
	t->pauses = g->pauses;
	switch (g->type) {
	case TARGET_BUSINESS_DAYS:
		due = calendar_business_days(c, start, g->n, g->count_start);
		t->goal = due == CAL_NEVER ? SLA_GOAL_MAX_US
		                           : calendar_elapsed(c, start, due);
		break;
	case TARGET_MONTHS:
		t->goal = way(start, calendar_months(c, start, g->n));
		t->calendar = NULL;
		break;
	case TARGET_CUTOFF:
		t->goal = way(start, calendar_cutoff(c, start, g->minute,
					 g->day_offset, g->latest_intake));
		t->calendar = NULL;
		t->pauses = 0;
		t->fixed = true;
		break;
	case TARGET_BUSINESS:
	case TARGET_CALENDAR:
	case TARGET_FIXED:
	case TARGET_NTYPES:
		break;
	}
}

bool
terms_find(struct fold *f, const struct sla_revision *r, enum sla_metric m,
    enum sla_agreement agreement, const struct sla_attributes *a, int64_t start,
    struct terms *out)
{
	struct terms t = { .revision = r };
	struct str queue = a->value[ATTR_QUEUE];

	if (r == NULL || !(sla_book_metrics(r, agreement) & 1U << m))
		return false;
	t.match = sla_match(r, m, agreement, a);
	if (t.match.target == NULL)
		return false;
	t.calendar = sla_book_calendar(
	    f->book, r, t.match.policy, t.match.target, queue);
	if (t.calendar != NULL)
		t.calendar_name =
		    sla_calendar_name(r, t.match.policy, t.match.target, queue);
	set_goal(&t, start);
	*out = t;
	return true;
}

bool
terms_stricter(const struct terms *a, const struct terms *b, int64_t start)
{
	return calendar_add(a->calendar, start, a->goal) <
	       calendar_add(b->calendar, start, b->goal);
}

bool
terms_renew(struct fold *f, const struct work *w, const struct sla_revision *r,
    const struct sla_attributes *a, int64_t start, struct terms *out)
{
	struct terms theirs;
	bool own = terms_find(f, r, w->c.metric, w->c.agreement, a, start, out);

	if (w->merged == NULL || !terms_find(f, r, w->c.metric, w->c.agreement,
				     w->merged, start, &theirs))
		return own;
	if (!own || terms_stricter(&theirs, out, start))
		*out = theirs;
	return true;
}
