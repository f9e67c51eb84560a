/*
 * hotline_send_sla.c - calendars and policies as messages.
 */
#include "client/hotline_send.h"

#define HOURS_SIZE 16 /* one span, from above */

static ProtobufCBinaryData
data(struct str s)
{
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.p };
}

/* -------------------------------------------------------------- calendars */

static Mashang__Hours **
hours(struct sender *s, const struct cal_day *d)
{
	Mashang__Hours **out = send_take(s, (d->n + 1) * sizeof(*out));

	for (unsigned i = 0; i < d->n && out != NULL; i++) {
		if ((out[i] = send_take(s, sizeof(**out))) == NULL)
			break;
		mashang__hours__init(out[i]);
		out[i]->from = d->hours[i].from;
		out[i]->to = d->hours[i].to;
	}
	return out;
}

static void
put_week(struct sender *s, const struct cal_spec *c, Mashang__CalendarSpec *m)
{
	if ((m->week = send_take(s, 7 * sizeof(*m->week))) == NULL)
		return;
	for (int i = 0; i < 7; i++) {
		Mashang__DayHours *d = send_take(s, sizeof(*d));

		if (d == NULL)
			return;
		mashang__day_hours__init(d);
		d->hours = hours(s, &c->week[i]);
		d->n_hours = c->week[i].n;
		m->week[m->n_week++] = d;
	}
}

static void
put_override(
    struct sender *s, const struct cal_override *o, Mashang__CalendarSpec *m)
{
	Mashang__OverrideSpec *to = send_take(s, sizeof(*to));

	if (to == NULL)
		return;
	mashang__override_spec__init(to);
	to->year = (uint32_t)o->date.year;
	to->month = o->date.month;
	to->day = o->date.day;
	to->kind =
	    o->kind == CAL_CLOSED ? MASHANG__OVERRIDE_KIND__OVERRIDE_CLOSED
	    : o->kind == CAL_OPEN ? MASHANG__OVERRIDE_KIND__OVERRIDE_OPEN
				  : MASHANG__OVERRIDE_KIND__OVERRIDE_LIKE;
	to->hours = hours(s, &o->open);
	to->n_hours = o->open.n;
	to->weekday = (uint32_t)o->like;
	to->label = data(o->label);
	m->overrides[m->n_overrides++] = to;
}

/* With `size' bytes beside its name; NULL: it failed. */
static Mashang__CalendarSpec *
begin_calendar(struct sender *s, const struct cal_spec *c, size_t size,
    unsigned n_overrides)
{
	Mashang__CalendarSpec *m;

	if (!send_room(s, c->name.len + 3 * HEAD + size) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
		return NULL;
	mashang__calendar_spec__init(m);
	m->name = data(c->name);
	m->overrides = send_take(s, (n_overrides + 1) * sizeof(*m->overrides));
	s->apply->calendars[s->apply->n_calendars++] = m;
	return m->overrides != NULL ? m : NULL;
}

static size_t
override_size(const struct cal_override *o)
{
	return 5 * HEAD + o->open.n * HOURS_SIZE + o->label.len;
}

void
send_calendar(struct sender *s, const struct cal_spec *c)
{
	size_t head = c->zone.len + c->base.len + 2 * HEAD;
	Mashang__CalendarSpec *m;

	for (int i = 0; c->has_week && i < 7; i++)
		head += HEAD + c->week[i].n * HOURS_SIZE;
	if ((m = begin_calendar(s, c, head, c->n_overrides)) == NULL)
		return;
	m->zone = data(c->zone);
	m->stands_on = data(c->base);
	if (c->has_week)
		put_week(s, c, m);
	for (unsigned i = 0; i < c->n_overrides && s->code == EXIT_OK; i++) {
		size_t size = override_size(&c->overrides[i]);

		if (send_is_full(s, size)) {
			m->goes_on = true;
			if (!send_next(s) || (m = begin_calendar(s, c, 0,
						  c->n_overrides - i)) == NULL)
				return;
		}
		s->size += size;
		put_override(s, &c->overrides[i], m);
	}
}

/* --------------------------------------------------------------- policies */

static void
put_rungs(struct sender *s, const struct sla_target *t, Mashang__TargetSpec *m)
{
	m->rungs = send_take(s, (t->n_rungs + 1) * sizeof(*m->rungs));
	for (unsigned i = 0; i < t->n_rungs && m->rungs != NULL; i++) {
		const struct sla_rung *r = &t->rungs[i];
		Mashang__RungSpec *to = send_take(s, sizeof(*to));

		if (to == NULL)
			return;
		mashang__rung_spec__init(to);
		to->percent = r->percent;
		to->raise = r->raise;
		to->queue = data(r->queue);
		to->notify = send_take(s, 4 * sizeof(*to->notify));
		for (unsigned bit = NOTIFY_OWNER;
		     to->notify != NULL && bit <= NOTIFY_MANAGER; bit <<= 1)
			if (r->notify & bit)
				to->notify[to->n_notify++] = fmt_data(
				    sla_notify_word((enum sla_notify)bit));
		m->rungs[m->n_rungs++] = to;
	}
}

static void
put_target(struct sender *s, const struct sla_target *t, Mashang__PolicySpec *p)
{
	Mashang__TargetSpec *m = send_take(s, sizeof(*m));

	if (m == NULL)
		return;
	mashang__target_spec__init(m);
	m->metric = fmt_data(sla_metric_word(t->metric));
	m->type = fmt_data(sla_target_word(t->type));
	m->goal_us = t->goal_us;
	m->n = t->n;
	m->count_start = t->count_start;
	m->minute = t->minute;
	m->day_offset = t->day_offset;
	m->latest_intake = t->latest_intake;
	m->calendar = data(t->calendar);
	m->pauses = send_take(s, 4 * sizeof(*m->pauses));
	for (unsigned bit = WAIT_CUSTOMER;
	     m->pauses != NULL && bit <= WAIT_RESOLVED; bit <<= 1)
		if (t->pauses & bit)
			m->pauses[m->n_pauses++] =
			    fmt_data(sla_wait_word((enum sla_wait)bit));
	if (m->pauses != NULL && t->pauses == 0)
		m->pauses[m->n_pauses++] = fmt_data("none");
	put_rungs(s, t, m);
	p->targets[p->n_targets++] = m;
}

static void
put_conditions(
    struct sender *s, const struct sla_policy *p, Mashang__PolicySpec *m)
{
	m->when = send_take(s, (p->n_conditions + 1) * sizeof(*m->when));
	for (unsigned i = 0; i < p->n_conditions && m->when != NULL; i++) {
		const struct sla_condition *c = &p->conditions[i];
		Mashang__ConditionSpec *to = send_take(s, sizeof(*to));

		if (to == NULL)
			return;
		mashang__condition_spec__init(to);
		to->attribute = fmt_data(sla_attribute_word(c->attribute));
		to->values = send_take(s, (c->n + 1) * sizeof(*to->values));
		for (unsigned j = 0; j < c->n && to->values != NULL; j++)
			to->values[to->n_values++] = data(c->values[j]);
		m->when[m->n_when++] = to;
	}
}

static size_t
policy_size(const struct sla_policy *p)
{
	size_t n = p->name.len + p->calendar.len + 10 * HEAD;

	for (unsigned i = 0; i < p->n_conditions; i++) {
		n += 3 * HEAD;
		for (unsigned j = 0; j < p->conditions[i].n; j++)
			n += p->conditions[i].values[j].len + HEAD;
	}
	for (unsigned i = 0; i < p->n_targets; i++) {
		const struct sla_target *t = &p->targets[i];

		n += t->calendar.len + 22 * HEAD;
		for (unsigned j = 0; j < t->n_rungs; j++)
			n += t->rungs[j].queue.len + 10 * HEAD;
	}
	return n;
}

void
send_policy(struct sender *s, const struct sla_policy *p)
{
	Mashang__PolicySpec *m;

	if (!send_room(s, policy_size(p)) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
		return;
	mashang__policy_spec__init(m);
	m->name = data(p->name);
	m->agreement = fmt_data(sla_agreement_word(p->agreement));
	m->on_rematch = fmt_data(sla_rematch_word(p->on_rematch));
	m->change_grace_us = p->change_grace_us;
	m->max_pause_us = p->max_pause_us;
	m->reopen_window_us = p->reopen_window_us;
	m->new_cycle = p->new_cycle;
	m->calendar = data(p->calendar);
	put_conditions(s, p, m);
	m->targets = send_take(s, (p->n_targets + 1) * sizeof(*m->targets));
	for (unsigned i = 0; i < p->n_targets && m->targets != NULL; i++)
		put_target(s, &p->targets[i], m);
	s->apply->policies[s->apply->n_policies++] = m;
}
