/*
 * config_sla.c - the revision that a configuration would make.
 */
#include "net/config_sla.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "net/code.h"
#include "net/fields.h"

/* ------------------------------------------------------------------ texts */

/* A text of the heap into the arena; {NULL, 0}: no memory. */
static struct str
keep(struct arena *a, char *text)
{
	struct str kept = arena_copy(a, str_of(text));

	free(text);
	return kept;
}

static enum err
fault_of(struct fault *f, const char *kind, struct str name, const char *what)
{
	char text[2 * FAULT_PARAM_LEN]; /* cut to one when noted */

	snprintf(
	    text, sizeof(text), "%s '%.*s': %s", kind, STR_ARG(name), what);
	return fault(f, ERR_CONFIG, "0", "0", text, "", NULL);
}

static enum err
calendar_texts(struct arena *a, const struct fields *f,
    const struct config_sla *s, struct config_spec *to)
{
	struct cal_fault why;
	enum err e;

	for (unsigned i = 0; i < s->n_calendars; i++) {
		const struct cal_spec *c = &s->calendars[i];

		e = cal_check(c, NULL, &why);
		if (e == ERR_BAD_FIELD || e == ERR_TOO_LARGE)
			return fault_of(
			    f->fault, "calendar", c->name, why.what);
		if (e != ERR_OK)
			return e;
		to[i] = (struct config_spec){ c->name, keep(a, cal_print(c)) };
		if (to[i].spec.len == 0)
			return ERR_NOMEM;
	}
	return ERR_OK;
}

enum err
config_sla_texts(struct arena *a, const struct fields *f,
    const struct config_sla *s, struct config *c)
{
	struct config_spec *calendars =
	    arena_alloc(a, s->n_calendars * sizeof(*calendars) + 1);
	struct config_spec *policies =
	    arena_alloc(a, s->n_policies * sizeof(*policies) + 1);
	enum err e;

	if (s->goes_on)
		return fault(f->fault, ERR_BAD_FIELD, "calendar",
		    "goes on, and nothing follows", NULL);
	if (calendars == NULL || policies == NULL)
		return ERR_NOMEM;
	if ((e = calendar_texts(a, f, s, calendars)) != ERR_OK)
		return e;
	for (unsigned i = 0; i < s->n_policies; i++) {
		const struct sla_policy *p = &s->policies[i];

		policies[i] = (struct config_spec){ p->name,
			keep(a, sla_policy_print(p)) };
		if (policies[i].spec.len == 0)
			return ERR_NOMEM;
	}
	c->n_calendars = s->n_calendars;
	c->calendars = calendars;
	c->n_policies = s->n_policies;
	c->policies = policies;
	return ERR_OK;
}

/* -------------------------------------------------------------- what stays */

struct making {
	struct arena *arena;
	const struct config *config;
	const struct config_sla *sla;
	const struct config_ids *present;
	struct fault *fault;
	struct sla_revision *out;
};

static bool
comes(const struct config_spec *all, unsigned n, struct str name)
{
	for (unsigned i = 0; i < n; i++)
		if (str_eq(all[i].name, name))
			return true;
	return false;
}

static enum err
unreadable(
    const struct making *m, const char *kind, struct str name, enum err e)
{
	return e == ERR_NOMEM ? e
	                      : fault_of(m->fault, kind, name,
				    "as it is now cannot be read; name it");
}

static enum err
all_calendars(const struct making *m)
{
	const struct config *c = m->config;
	unsigned stay = c->keep_others ? m->present->n_calendars : 0;
	struct cal_spec *all = arena_alloc(
	    m->arena, (m->sla->n_calendars + stay) * sizeof(*all) + 1);
	unsigned n = m->sla->n_calendars;

	if (all == NULL)
		return ERR_NOMEM;
	if (n > 0)
		memcpy(all, m->sla->calendars, n * sizeof(*all));
	for (unsigned i = 0; i < stay; i++) {
		const struct config_spec *s = &m->present->calendars[i];
		enum err e;

		if (comes(c->calendars, c->n_calendars, s->name))
			continue;
		e = cal_parse(s->name, s->spec, m->arena, &all[n++]);
		if (e != ERR_OK)
			return unreadable(m, "calendar", s->name, e);
	}
	m->out->calendars = all;
	m->out->n_calendars = n;
	return ERR_OK;
}

/* Their order is the whole point: all of them, or none. */
static enum err
all_policies(const struct making *m)
{
	const struct config *c = m->config;
	unsigned stay = c->keep_others ? m->present->n_policies : 0;
	struct sla_policy *all;

	for (unsigned i = 0; c->n_policies > 0 && i < stay; i++)
		if (!comes(c->policies, c->n_policies,
			m->present->policies[i].name))
			return fault_of(m->fault, "policy",
			    m->present->policies[i].name,
			    "is to stay, but where? Name all policies in "
			    "their order, or none");
	m->out->policies = m->sla->policies;
	m->out->n_policies = m->sla->n_policies;
	if (c->n_policies > 0 || stay == 0)
		return ERR_OK;
	if ((all = arena_alloc(m->arena, stay * sizeof(*all))) == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < stay; i++) {
		const struct config_spec *s = &m->present->policies[i];
		enum err e =
		    sla_policy_parse(s->name, s->spec, m->arena, &all[i]);

		if (e != ERR_OK)
			return unreadable(m, "policy", s->name, e);
	}
	m->out->policies = all;
	m->out->n_policies = stay;
	return ERR_OK;
}

static bool
has_queue(const struct config *c, struct str name)
{
	for (unsigned i = 0; i < c->n_queues; i++)
		if (str_eq(c->queues[i].name, name))
			return true;
	return false;
}

static enum err
all_queues(const struct making *m)
{
	const struct config *c = m->config;
	unsigned stay = c->keep_others ? m->present->n_queue_calendars : 0;
	struct sla_queue_calendar *all =
	    arena_alloc(m->arena, (c->n_queues + stay) * sizeof(*all) + 1);
	unsigned n = 0;

	if (all == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < c->n_queues; i++)
		if (c->queues[i].calendar.len > 0)
			all[n++] =
			    (struct sla_queue_calendar){ c->queues[i].name,
				    c->queues[i].calendar };
	for (unsigned i = 0; i < stay; i++) {
		const struct config_spec *q = &m->present->queue_calendars[i];

		if (!has_queue(c, q->name))
			all[n++] =
			    (struct sla_queue_calendar){ q->name, q->spec };
	}
	m->out->queues = all;
	m->out->n_queues = n;
	return ERR_OK;
}

bool
config_sla_same_queues(
    const struct sla_revision *r, const struct config_ids *present)
{
	unsigned same = 0;

	if (r->n_queues != present->n_queue_calendars)
		return false;
	for (unsigned i = 0; i < r->n_queues; i++)
		for (unsigned j = 0; j < r->n_queues; j++) {
			const struct config_spec *q =
			    &present->queue_calendars[j];

			same += str_eq(r->queues[i].queue, q->name) &&
			        str_eq(r->queues[i].calendar, q->spec);
		}
	return same == r->n_queues;
}

/* ------------------------------------------------------------------ check */

static enum err
tell(const struct making *m, const struct sla_fault *f)
{
	const struct sla_revision *r = m->out;
	const struct sla_policy *p;
	char what[FAULT_PARAM_LEN + 64], rung[24] = "";
	const char *metric = "";

	if (f->calendar >= 0)
		return fault_of(m->fault, "calendar",
		    r->calendars[f->calendar].name, f->what);
	if (f->policy < 0)
		return fault(m->fault, ERR_CONFIG, "0", "0", f->what, "", NULL);
	p = &r->policies[f->policy];
	if (f->target >= 0)
		metric = sla_metric_word(p->targets[f->target].metric);
	if (f->rung >= 0)
		snprintf(rung, sizeof(rung), " rung %d", f->rung + 1);
	snprintf(what, sizeof(what), "%s%s%s%s", metric, rung,
	    *metric != '\0' ? ": " : "", f->what);
	return fault_of(m->fault, "policy", p->name, what);
}

enum err
config_sla_revision(struct arena *a, const struct config *c,
    const struct config_sla *s, const struct config_ids *present,
    struct fault *f, struct sla_revision *out)
{
	const struct making m = { a, c, s, present, f, out };
	struct sla_fault why;
	enum err e;

	*out = (struct sla_revision){ .id = present->revision + 1 };
	if ((e = all_calendars(&m)) != ERR_OK ||
	    (e = all_policies(&m)) != ERR_OK || (e = all_queues(&m)) != ERR_OK)
		return e;
	e = sla_revision_check(out, NULL, &why);
	return e == ERR_CONFIG ? tell(&m, &why) : e;
}
