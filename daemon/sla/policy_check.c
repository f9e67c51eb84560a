/*
 * policy_check.c - does a revision stand by itself?
 *
 * The first fault ends the check; its indexes say where.
 */
#include <stdarg.h>
#include <stdio.h>

#include "sla/policy.h"

#define DAYS_MAX 3660
#define MONTHS_MAX 120
#define RAISE_MAX 9

static enum err fault(struct sla_fault *, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

static enum err
fault(struct sla_fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, ap);
	va_end(ap);
	return ERR_CONFIG;
}

static int
calendar_of(const struct sla_revision *r, struct str name)
{
	for (unsigned i = 0; i < r->n_calendars; i++)
		if (str_eq(r->calendars[i].name, name))
			return (int)i;
	return -1;
}

/* Goes down to the lowest layer; a ring is longer than any stack may be. */
static enum err
check_layers(const struct sla_revision *r, unsigned at, struct sla_fault *f)
{
	unsigned n = 0;
	int i = (int)at;

	do {
		const struct cal_spec *c = &r->calendars[i];

		if (c->base.len == 0)
			return ERR_OK;
		i = calendar_of(r, c->base);
		if (i < 0)
			return fault(
			    f, "base %.*s: no such calendar", STR_ARG(c->base));
		if (i == (int)at)
			return fault(f, "base %.*s: it stands on itself",
			    STR_ARG(c->base));
	} while (++n < CAL_LAYERS_MAX);
	return fault(f, "more than %d layers", CAL_LAYERS_MAX);
}

static enum err
check_calendar(const struct sla_revision *r, unsigned i, const char *zones,
    struct sla_fault *f)
{
	const struct cal_spec *c = &r->calendars[i];
	enum err e;

	f->calendar = (int)i;
	if (c->name.len == 0)
		return fault(f, "a calendar without a name");
	if (calendar_of(r, c->name) != (int)i)
		return fault(f, "calendar %.*s: twice", STR_ARG(c->name));
	e = cal_check(c, zones, &f->cal);
	if (e == ERR_NOMEM)
		return e;
	if (e != ERR_OK)
		return fault(f, "%s", f->cal.what);
	return check_layers(r, i, f);
}

static enum err
check_known(const struct sla_revision *r, struct str name, struct sla_fault *f)
{
	bool zone = false, week = false;
	int i = calendar_of(r, name);

	if (name.len == 0)
		return ERR_OK;
	if (i < 0)
		return fault(f, "%.*s: no such calendar", STR_ARG(name));
	for (; i >= 0; i = calendar_of(r, r->calendars[i].base)) {
		zone = zone || r->calendars[i].zone.len > 0;
		week = week || r->calendars[i].has_week;
	}
	if (!zone || !week)
		return fault(f, "%.*s: has no %s, nor has any base one",
		    STR_ARG(name), zone ? "week" : "zone");
	return ERR_OK;
}

static enum err
check_queues(const struct sla_revision *r, struct sla_fault *f)
{
	for (unsigned i = 0; i < r->n_queues; i++) {
		const struct sla_queue_calendar *q = &r->queues[i];
		enum err e = check_known(r, q->calendar, f);

		if (e != ERR_OK)
			return e;
		for (unsigned j = 0; j < i; j++)
			if (str_eq(r->queues[j].queue, q->queue))
				return fault(
				    f, "queue %.*s: twice", STR_ARG(q->queue));
	}
	return ERR_OK;
}

static enum err
check_condition(const struct sla_policy *p, unsigned i, struct sla_fault *f)
{
	const struct sla_condition *c = &p->conditions[i];

	f->condition = (int)i;
	if (sla_attribute_word(c->attribute) == NULL)
		return fault(f, "a condition on nothing");
	if (c->n == 0 || c->n > SLA_VALUES_MAX)
		return fault(f, "%s: between 1 and %d values",
		    sla_attribute_word(c->attribute), SLA_VALUES_MAX);
	for (unsigned j = 0; j < i; j++)
		if (p->conditions[j].attribute == c->attribute)
			return fault(
			    f, "%s: twice", sla_attribute_word(c->attribute));
	return ERR_OK;
}

static enum err
check_rung(const struct sla_target *t, unsigned i, struct sla_fault *f)
{
	const struct sla_rung *r = &t->rungs[i];

	f->rung = (int)i;
	if (r->percent < 1 || r->percent > 1000)
		return fault(f, "%u %%: between 1 and 1000", r->percent);
	if (i > 0 && t->rungs[i - 1].percent >= r->percent)
		return fault(f, "%u %%: rungs must rise", r->percent);
	if (r->notify >= NOTIFY_MANAGER * 2)
		return fault(f, "%u %%: notify: nobody known", r->percent);
	if (r->raise > RAISE_MAX)
		return fault(
		    f, "%u %%: raise: %d at most", r->percent, RAISE_MAX);
	return ERR_OK;
}

static enum err
check_span(const char *what, int64_t us, struct sla_fault *f)
{
	if (us < 0 || us > SLA_GOAL_MAX_US)
		return fault(f, "%s: between 0 and 3660 days", what);
	return ERR_OK;
}

/* Local dates need a zone, which a queue may lack. */
static enum err
check_dates(const struct sla_policy *p, const struct sla_target *t,
    unsigned max, struct sla_fault *f)
{
	if (t->calendar.len == 0 && p->calendar.len == 0)
		return fault(f,
		    "%s counts dates: it or its policy needs a calendar",
		    sla_target_word(t->type));
	if (t->n < 1 || t->n > max)
		return fault(f, "n: between 1 and %u", max);
	return ERR_OK;
}

static enum err
check_cutoff(
    const struct sla_policy *p, const struct sla_target *t, struct sla_fault *f)
{
	if (t->calendar.len == 0 && p->calendar.len == 0)
		return fault(f, "cutoff is a local time: it needs a calendar");
	if (t->minute > 24 * 60 || t->latest_intake > 24 * 60)
		return fault(f, "a time of the day is 24:00 at most");
	if (t->day_offset > DAYS_MAX)
		return fault(f, "day_offset: %d at most", DAYS_MAX);
	if (t->day_offset == 0 && t->latest_intake > t->minute)
		return fault(f, "latest_intake is after the cut-off itself");
	return ERR_OK;
}

static enum err
check_goal(
    const struct sla_policy *p, const struct sla_target *t, struct sla_fault *f)
{
	switch (t->type) {
	case TARGET_BUSINESS:
	case TARGET_CALENDAR:
		if (t->goal_us <= 0)
			return fault(
			    f, "%s: no goal", sla_metric_word(t->metric));
		return check_span("goal", t->goal_us, f);
	case TARGET_BUSINESS_DAYS:
		return check_dates(p, t, DAYS_MAX, f);
	case TARGET_MONTHS:
		return check_dates(p, t, MONTHS_MAX, f);
	case TARGET_CUTOFF:
		return check_cutoff(p, t, f);
	case TARGET_FIXED:
		if (t->metric != SLA_PROMISE)
			return fault(f, "fixed is for promises");
		return ERR_OK;
	case TARGET_NTYPES:
		break;
	}
	return fault(f, "no such type of target");
}

static enum err
check_target(const struct sla_revision *r, const struct sla_policy *p,
    unsigned i, struct sla_fault *f)
{
	const struct sla_target *t = &p->targets[i];
	enum err e;

	f->target = (int)i;
	if (sla_metric_word(t->metric) == NULL)
		return fault(f, "a target for nothing");
	for (unsigned j = 0; j < i; j++)
		if (p->targets[j].metric == t->metric)
			return fault(
			    f, "%s: twice", sla_metric_word(t->metric));
	if (t->metric == SLA_PROMISE && t->type != TARGET_FIXED)
		return fault(f, "a promise's time is its own: fixed");
	if ((t->metric == SLA_PERIODIC_UPDATE ||
		t->metric == SLA_NEXT_RESPONSE) &&
	    t->type > TARGET_CALENDAR)
		return fault(f, "%s comes again: it needs a goal",
		    sla_metric_word(t->metric));
	if ((t->pauses & ~(unsigned)SLA_WAITS) != 0)
		return fault(f, "pauses: no such wait");
	if (t->n_rungs > SLA_RUNGS_MAX)
		return fault(f, "more than %d rungs", SLA_RUNGS_MAX);
	if ((e = check_goal(p, t, f)) != ERR_OK ||
	    (e = check_known(r, t->calendar, f)) != ERR_OK)
		return e;
	for (unsigned j = 0; j < t->n_rungs; j++)
		if ((e = check_rung(t, j, f)) != ERR_OK)
			return e;
	f->rung = -1;
	return ERR_OK;
}

static enum err
check_policy(const struct sla_revision *r, unsigned i, struct sla_fault *f)
{
	const struct sla_policy *p = &r->policies[i];
	enum err e;

	f->policy = (int)i;
	if (p->name.len == 0)
		return fault(f, "a policy without a name");
	for (unsigned j = 0; j < i; j++)
		if (str_eq(r->policies[j].name, p->name))
			return fault(f, "policy %.*s: twice", STR_ARG(p->name));
	if (sla_agreement_word(p->agreement) == NULL ||
	    sla_rematch_word(p->on_rematch) == NULL)
		return fault(f, "no such agreement or way to rematch");
	if (p->n_conditions > SLA_CONDITIONS_MAX)
		return fault(f, "more than %d conditions", SLA_CONDITIONS_MAX);
	if ((e = check_span("change_grace", p->change_grace_us, f)) != ERR_OK ||
	    (e = check_span("max_pause", p->max_pause_us, f)) != ERR_OK ||
	    (e = check_span("reopen_window", p->reopen_window_us, f)) !=
		ERR_OK ||
	    (e = check_known(r, p->calendar, f)) != ERR_OK)
		return e;
	for (unsigned j = 0; j < p->n_conditions; j++)
		if ((e = check_condition(p, j, f)) != ERR_OK)
			return e;
	f->condition = -1;
	for (unsigned j = 0; j < p->n_targets; j++)
		if ((e = check_target(r, p, j, f)) != ERR_OK)
			return e;
	f->target = -1;
	return ERR_OK;
}

/* The last policy of an agreement takes what is left. */
static enum err
check_catch_all(const struct sla_revision *r, struct sla_fault *f)
{
	for (unsigned a = 0; a < SLA_NAGREEMENTS; a++) {
		f->policy = -1;
		for (unsigned i = 0; i < r->n_policies; i++)
			if (r->policies[i].agreement == a)
				f->policy = (int)i;
		if (f->policy >= 0 && r->policies[f->policy].n_conditions > 0)
			return fault(f,
			    "the last policy of an agreement (%s) must be "
			    "without conditions",
			    sla_agreement_word((enum sla_agreement)a));
	}
	f->policy = -1;
	return ERR_OK;
}

enum err
sla_revision_check(
    const struct sla_revision *r, const char *zones, struct sla_fault *f)
{
	enum err e = ERR_OK;

	*f = (struct sla_fault){ .policy = -1,
		.target = -1,
		.rung = -1,
		.condition = -1,
		.calendar = -1,
		.cal = { .weekday = -1, .override_index = -1 } };
	for (unsigned i = 0; i < r->n_calendars && e == ERR_OK; i++)
		e = check_calendar(r, i, zones, f);
	if (e != ERR_OK)
		return e;
	f->calendar = -1;
	if ((e = check_queues(r, f)) != ERR_OK)
		return e;
	if (r->n_policies > SLA_POLICIES_MAX)
		return fault(f, "more than %d policies", SLA_POLICIES_MAX);
	for (unsigned i = 0; i < r->n_policies; i++)
		if ((e = check_policy(r, i, f)) != ERR_OK)
			return e;
	return check_catch_all(r, f);
}
