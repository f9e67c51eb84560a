/*
 * config_sla_take.c - messages to specifications.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "net/code.h"
#include "net/config_sla.h"
#include "net/fields.h"

#define CALENDARS_MAX 1000
#define PRESENT_YEARS 9999

/* Room for `more' behind `have' of `size'; NULL: no memory. */
static void *
grow(struct arena *a, const void *old, size_t have, size_t more, size_t size)
{
	char *p = arena_alloc(a, (have + more) * size + 1);

	if (p != NULL && have > 0)
		memcpy(p, old, have * size);
	return p;
}

static struct str
str_of_data(ProtobufCBinaryData b)
{
	return (struct str){ (const char *)b.data, (uint32_t)b.len };
}

/* -------------------------------------------------------------- calendars */

static enum err
take_hours(const struct fields *f, Mashang__Hours *const *from, size_t n,
    struct cal_day *d)
{
	enum err e = ERR_OK;

	if (n > CAL_HOURS_MAX)
		return fault(f->fault, ERR_TOO_LARGE, "hours", "16", NULL);
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		d->hours[i].from = (uint16_t)from[i]->from;
		d->hours[i].to = (uint16_t)from[i]->to;
		e = field_range(f, "from", from[i]->from, 0, CAL_MINUTES_MAX);
		if (e == ERR_OK)
			e = field_range(
			    f, "to", from[i]->to, 0, CAL_MINUTES_MAX);
	}
	d->n = (unsigned)n;
	return e;
}

static enum err
take_override(const struct fields *f, const Mashang__OverrideSpec *m,
    struct cal_override *o)
{
	enum err e;

	if ((e = field_range(f, "year", m->year, 0, PRESENT_YEARS)) != ERR_OK ||
	    (e = field_range(f, "month", m->month, 1, 12)) != ERR_OK ||
	    (e = field_range(f, "day", m->day, 1, 31)) != ERR_OK ||
	    (e = field_range(f, "kind", m->kind, CAL_CLOSED, CAL_LIKE)) !=
		ERR_OK ||
	    (e = field_range(f, "weekday", m->weekday, 0, 6)) != ERR_OK ||
	    (e = field_text(f, "label", m->label, CAL_LABEL_MAX, &o->label)) !=
		ERR_OK)
		return e;
	o->date = (struct cal_date){ (int16_t)m->year, (uint8_t)m->month,
		(uint8_t)m->day };
	o->kind = (enum cal_override_kind)m->kind;
	o->like = (enum cal_weekday)m->weekday;
	return take_hours(f, m->hours, m->n_hours, &o->open);
}

static enum err
take_overrides(struct arena *a, const struct fields *f,
    const Mashang__CalendarSpec *m, struct cal_spec *c)
{
	struct cal_override *to;
	enum err e = ERR_OK;

	if (c->n_overrides + m->n_overrides > CAL_OVERRIDES_MAX)
		return fault(
		    f->fault, ERR_TOO_LARGE, "overrides", "10000", NULL);
	to = grow(a, c->overrides, c->n_overrides, m->n_overrides, sizeof(*to));
	if (to == NULL)
		return ERR_NOMEM;
	c->overrides = to;
	for (size_t i = 0; i < m->n_overrides && e == ERR_OK; i++)
		e = take_override(f, m->overrides[i], &to[c->n_overrides++]);
	return e;
}

static enum err
take_calendar(struct arena *a, const struct fields *f,
    const Mashang__CalendarSpec *m, struct cal_spec *c)
{
	enum err e;

	if ((e = field_name_required(f, "calendar", m->name, &c->name)) !=
		ERR_OK ||
	    (e = field_name(f, "zone", m->zone, &c->zone)) != ERR_OK ||
	    (e = field_name(f, "stands_on", m->stands_on, &c->base)) != ERR_OK)
		return e;
	if (m->n_week != 0 && m->n_week != 7)
		return fault(f->fault, ERR_BAD_FIELD, "week",
		    "none or seven days", NULL);
	c->has_week = m->n_week == 7;
	for (size_t i = 0; i < m->n_week && e == ERR_OK; i++)
		e = take_hours(
		    f, m->week[i]->hours, m->week[i]->n_hours, &c->week[i]);
	return e == ERR_OK ? take_overrides(a, f, m, c) : e;
}

static enum err
go_on(struct arena *a, const struct fields *f, const Mashang__CalendarSpec *m,
    struct cal_spec *c)
{
	if (!str_eq(str_of_data(m->name), c->name) || m->zone.len > 0 ||
	    m->stands_on.len > 0 || m->n_week > 0)
		return fault(f->fault, ERR_BAD_FIELD, "calendar",
		    "does not continue the one before", NULL);
	return take_overrides(a, f, m, c);
}

static enum err
take_calendars(struct arena *a, const struct fields *f, const Mashang__Apply *m,
    struct config_sla *to)
{
	struct cal_spec *all = grow(
	    a, to->calendars, to->n_calendars, m->n_calendars, sizeof(*all));
	enum err e = ERR_OK;

	if (to->n_calendars + m->n_calendars > CALENDARS_MAX)
		return fault(
		    f->fault, ERR_TOO_LARGE, "calendars", "1000", NULL);
	if (all == NULL)
		return ERR_NOMEM;
	to->calendars = all;
	for (size_t i = 0; i < m->n_calendars && e == ERR_OK; i++) {
		if (to->goes_on)
			e = go_on(
			    a, f, m->calendars[i], &all[to->n_calendars - 1]);
		else
			e = take_calendar(
			    a, f, m->calendars[i], &all[to->n_calendars++]);
		to->goes_on = m->calendars[i]->goes_on;
	}
	return e;
}

/* --------------------------------------------------------------- policies */

/* A word as its value; `of' answers -1 to one that it does not know. */
static enum err
take_word(const struct fields *f, const char *name, ProtobufCBinaryData b,
    int (*of)(struct str), int *out)
{
	enum err e = field_name_required(f, name, b, &(struct str){ NULL, 0 });
	char word[NAME_LEN + 16];

	if (e != ERR_OK)
		return e;
	if ((*out = of(str_of_data(b))) >= 0)
		return ERR_OK;
	snprintf(
	    word, sizeof(word), "no such word: %.*s", STR_ARG(str_of_data(b)));
	return fault(f->fault, ERR_BAD_FIELD, name, word, NULL);
}

/* A list of words as a mask. */
static enum err
take_mask(const struct fields *f, const char *name,
    const ProtobufCBinaryData *words, size_t n, int (*of)(struct str),
    unsigned *out)
{
	enum err e = ERR_OK;
	int bit = 0;

	*out = 0;
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		e = take_word(f, name, words[i], of, &bit);
		*out |= (unsigned)bit;
	}
	return e;
}

static enum err
take_rung(
    const struct fields *f, const Mashang__RungSpec *m, struct sla_rung *r)
{
	r->percent = m->percent;
	r->raise = m->raise;
	if (m->n_notify > 4)
		return fault(f->fault, ERR_TOO_LARGE, "notify", "4", NULL);
	if (field_name(f, "queue", m->queue, &r->queue) != ERR_OK)
		return ERR_BAD_TEXT;
	return take_mask(
	    f, "notify", m->notify, m->n_notify, sla_notify_of, &r->notify);
}

/* No word at all: as the metric has it by itself. */
static enum err
take_pauses(
    const struct fields *f, const Mashang__TargetSpec *m, struct sla_target *t)
{
	if (m->n_pauses == 0) {
		t->pauses = sla_default_pauses(t->metric);
		return ERR_OK;
	}
	if (m->n_pauses == 1 &&
	    str_eq(str_of_data(m->pauses[0]), STR_LIT("none")))
		return ERR_OK;
	return take_mask(
	    f, "pauses", m->pauses, m->n_pauses, sla_wait_of, &t->pauses);
}

static enum err
take_target(
    const struct fields *f, const Mashang__TargetSpec *m, struct sla_target *t)
{
	int metric = 0, type = 0;
	enum err e;

	if ((e = take_word(f, "metric", m->metric, sla_metric_of, &metric)) !=
		ERR_OK ||
	    (e = take_word(f, "type", m->type, sla_target_of, &type)) !=
		ERR_OK ||
	    (e = field_name(f, "calendar", m->calendar, &t->calendar)) !=
		ERR_OK)
		return e;
	t->metric = (enum sla_metric)metric;
	t->type = (enum sla_target_type)type;
	t->goal_us = m->goal_us;
	t->n = m->n;
	t->count_start = m->count_start;
	t->minute = m->minute;
	t->day_offset = m->day_offset;
	t->latest_intake = m->latest_intake;
	e = take_pauses(f, m, t);
	if (e == ERR_OK && m->n_rungs > SLA_RUNGS_MAX)
		return fault(f->fault, ERR_TOO_LARGE, "rungs", "8", NULL);
	for (size_t i = 0; i < m->n_rungs && e == ERR_OK; i++)
		e = take_rung(f, m->rungs[i], &t->rungs[t->n_rungs++]);
	return e;
}

static enum err
take_condition(const struct fields *f, const Mashang__ConditionSpec *m,
    struct sla_condition *c)
{
	int attribute = 0;
	enum err e = take_word(
	    f, "attribute", m->attribute, sla_attribute_of, &attribute);

	c->attribute = (enum sla_attribute)attribute;
	if (e == ERR_OK && m->n_values > SLA_VALUES_MAX)
		return fault(f->fault, ERR_TOO_LARGE, "values", "16", NULL);
	for (size_t i = 0; i < m->n_values && e == ERR_OK; i++)
		e = field_name_required(
		    f, "value", m->values[i], &c->values[c->n++]);
	return e;
}

static enum err
take_terms(
    const struct fields *f, const Mashang__PolicySpec *m, struct sla_policy *p)
{
	int agreement = 0, rematch = 0;
	enum err e;

	if ((e = field_name_required(f, "policy", m->name, &p->name)) !=
		ERR_OK ||
	    (e = take_word(f, "agreement", m->agreement, sla_agreement_of,
		 &agreement)) != ERR_OK ||
	    (e = take_word(f, "on_rematch", m->on_rematch, sla_rematch_of,
		 &rematch)) != ERR_OK ||
	    (e = field_name(f, "calendar", m->calendar, &p->calendar)) !=
		ERR_OK)
		return e;
	p->agreement = (enum sla_agreement)agreement;
	p->on_rematch = (enum sla_on_rematch)rematch;
	p->change_grace_us = m->change_grace_us;
	p->max_pause_us = m->max_pause_us;
	p->reopen_window_us = m->reopen_window_us;
	p->new_cycle = m->new_cycle;
	return ERR_OK;
}

static enum err
take_policy(struct arena *a, const struct fields *f,
    const Mashang__PolicySpec *m, struct sla_policy *p)
{
	struct sla_target *targets;
	enum err e = take_terms(f, m, p);

	if (e != ERR_OK)
		return e;
	if (m->n_when > SLA_CONDITIONS_MAX)
		return fault(f->fault, ERR_TOO_LARGE, "when", "8", NULL);
	if (m->n_targets > SLA_NMETRICS)
		return fault(f->fault, ERR_TOO_LARGE, "targets", "11", NULL);
	targets = arena_alloc(a, m->n_targets * sizeof(*targets) + 1);
	if (targets == NULL)
		return ERR_NOMEM;
	p->targets = targets;
	for (size_t i = 0; i < m->n_when && e == ERR_OK; i++)
		e = take_condition(
		    f, m->when[i], &p->conditions[p->n_conditions++]);
	for (size_t i = 0; i < m->n_targets && e == ERR_OK; i++)
		e = take_target(f, m->targets[i], &targets[p->n_targets++]);
	return e;
}

enum err
config_sla_take(struct arena *a, const struct fields *f,
    const Mashang__Apply *m, struct config_sla *to)
{
	struct sla_policy *all =
	    grow(a, to->policies, to->n_policies, m->n_policies, sizeof(*all));
	enum err e = take_calendars(a, f, m, to);

	if (e != ERR_OK)
		return e;
	if (to->n_policies + m->n_policies > SLA_POLICIES_MAX)
		return fault(f->fault, ERR_TOO_LARGE, "policies", "500", NULL);
	if (all == NULL)
		return ERR_NOMEM;
	to->policies = all;
	for (size_t i = 0; i < m->n_policies && e == ERR_OK; i++)
		e = take_policy(a, f, m->policies[i], &all[to->n_policies++]);
	return e;
}
