/*
 * config.c - configurations: from the wire, and compared.  The ledger's side
 * is config_read.c.
 */
#include "net/config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "desk/desk.h"
#include "net/code.h"
#include "net/config_sla.h"
#include "net/config_text.h"
#include "net/fields.h"
#include "routing/rules.h"

#define SKILLS_MAX 16 /* of a queue, as the ACD's lines */
#define LEVEL_MAX 10
#define DURATION_MAX (24 * 3600 * CLOCK_S)
#define NEAR_MAX 4096 /* names looked through for a near one */

const char *
config_kind_name(enum config_kind k)
{
	static const char *const names[CONFIG_NKINDS] = { "skill", "queue",
		"rule", "agent", "agent_order", "device", "number", "dialling",
		"reason", "calendar", "policy", "policy_order" };

	return names[k];
}

/* -------------------------------------------------------------- the wire */

/* `have' items of `size' and `more' in front of them: a new array. */
static void *
grow(struct arena *a, const void *old, size_t have, size_t more, size_t size)
{
	char *p = arena_alloc(a, (have + more) * size + 1);

	if (p != NULL && have > 0)
		memcpy(p, old, have * size);
	return p;
}

enum err
config_levels_take(struct arena *a, const struct fields *f,
    Mashang__SkillLevel *const *from, size_t n, size_t max,
    const struct config_level **out)
{
	struct config_level *to = arena_alloc(a, n * sizeof(*to) + 1);
	enum err e;

	if (n > max)
		return fault(f->fault, ERR_TOO_LARGE, "skills", NULL);
	if (to == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		if ((e = field_name_required(
			 f, "skill", from[i]->skill, &to[i].skill)) != ERR_OK ||
		    (e = field_range(
			 f, "level", from[i]->level, 1, LEVEL_MAX)) != ERR_OK)
			return e;
		to[i].level = from[i]->level;
	}
	config_levels_sort(to, (unsigned)n);
	*out = to;
	return ERR_OK;
}

static enum err
take_queue(struct arena *a, const struct fields *f, const Mashang__QueueSpec *m,
    struct config_queue *q)
{
	enum err e;

	if ((e = field_name_required(f, "queue", m->name, &q->name)) !=
		ERR_OK ||
	    (e = field_range(
		 f, "ring_us", m->ring_us, CLOCK_S, DURATION_MAX)) != ERR_OK ||
	    (e = field_range(
		 f, "wrap_up_us", m->wrap_up_us, 0, DURATION_MAX)) != ERR_OK ||
	    (e = field_range(f, "priority_credit_us", m->priority_credit_us, 0,
		 DURATION_MAX)) != ERR_OK ||
	    (e = field_range(f, "short_us", m->short_us, 0, DURATION_MAX)) !=
		ERR_OK ||
	    (e = field_name(f, "calendar", m->calendar, &q->calendar)) !=
		ERR_OK)
		return e;
	q->n_skills = (unsigned)m->n_skills;
	q->ring_us = m->ring_us;
	q->wrap_up_us = m->wrap_up_us;
	q->priority_credit_us = m->priority_credit_us;
	q->short_us = m->short_us;
	q->stay_ready = m->stay_ready;
	e = config_levels_take(
	    a, f, m->skills, m->n_skills, SKILLS_MAX, &q->skills);
	return e == ERR_OK ? config_rules_take(a, f, m->rules, q) : e;
}

static enum err
take_small(struct arena *a, const struct fields *f, const Mashang__Apply *m,
    struct config *c)
{
	struct config_skill *skills =
	    grow(a, c->skills, c->n_skills, m->n_skills, sizeof(*skills));
	struct config_device *devices =
	    grow(a, c->devices, c->n_devices, m->n_devices, sizeof(*devices));
	struct config_number *numbers =
	    grow(a, c->numbers, c->n_numbers, m->n_numbers, sizeof(*numbers));
	struct config_reason *reasons =
	    grow(a, c->reasons, c->n_reasons, m->n_reasons, sizeof(*reasons));
	enum err e = ERR_OK;

	if (skills == NULL || devices == NULL || numbers == NULL ||
	    reasons == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; e == ERR_OK && i < m->n_skills; i++)
		e = field_name_required(
		    f, "skill", m->skills[i], &skills[c->n_skills++].name);
	for (size_t i = 0; e == ERR_OK && i < m->n_devices; i++) {
		struct config_device *d = &devices[c->n_devices++];

		if ((e = field_name_required(
			 f, "device", m->devices[i]->name, &d->name)) == ERR_OK)
			e = field_name_required(f, "switch",
			    m->devices[i]->switch_, &d->switch_name);
	}
	for (size_t i = 0; e == ERR_OK && i < m->n_numbers; i++) {
		struct config_number *n = &numbers[c->n_numbers++];

		if ((e = field_name(f, "called", m->numbers[i]->called,
			 &n->called)) == ERR_OK &&
		    (e = field_name(
			 f, "menu", m->numbers[i]->menu, &n->menu)) == ERR_OK)
			e = field_name_required(
			    f, "queue", m->numbers[i]->queue, &n->queue);
	}
	for (size_t i = 0; e == ERR_OK && i < m->n_reasons; i++)
		e = config_reason_take(
		    f, m->reasons[i], &reasons[c->n_reasons++]);
	c->reasons = reasons;
	c->skills = skills;
	c->devices = devices;
	c->numbers = numbers;
	return e;
}

enum err
config_take(struct arena *a, const struct fields *f, const Mashang__Apply *m,
    struct config *c)
{
	struct config_queue *queues =
	    grow(a, c->queues, c->n_queues, m->n_queues, sizeof(*queues));
	struct config_agent *agents =
	    grow(a, c->agents, c->n_agents, m->n_agents, sizeof(*agents));
	enum err e = ERR_OK;

	if (queues == NULL || agents == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; e == ERR_OK && i < m->n_queues; i++)
		e = take_queue(a, f, m->queues[i], &queues[c->n_queues++]);
	for (size_t i = 0; e == ERR_OK && i < m->n_agents; i++)
		e = config_agent_take(
		    a, f, m->agents[i], &agents[c->n_agents++]);
	c->queues = queues;
	c->agents = agents;
	if (e == ERR_OK && m->dialling != NULL)
		e = config_dialling_take(a, f, m->dialling, c);
	return e == ERR_OK ? take_small(a, f, m, c) : e;
}

/* ----------------------------------------------------------------- items */

static int
compare_items(const struct config_item *x, const struct config_item *y)
{
	return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
	                          : config_name_cmp(&x->name, &y->name);
}

static int
by_kind_and_name(const void *x, const void *y)
{
	return compare_items(x, y);
}

void
config_items_sort(struct config_items *items)
{
	if (items->n > 0)
		qsort(items->items, items->n, sizeof(*items->items),
		    by_kind_and_name);
}

static enum err
put_all(struct arena *a, const struct config *c, struct config_items *to)
{
	bool ok = true;

	for (unsigned i = 0; ok && i < c->n_skills; i++)
		ok = config_put(
		    a, to, CONFIG_SKILL, c->skills[i].name, STR_LIT("yes"));
	for (unsigned i = 0; ok && i < c->n_queues; i++)
		ok = config_put(a, to, CONFIG_QUEUE, c->queues[i].name,
			 config_queue_text(a, &c->queues[i])) &&
		     config_put_rules(
			 a, to, c->queues[i].name, c->queues[i].rules);
	for (unsigned i = 0; ok && i < c->n_agents; i++)
		ok = config_put(a, to, CONFIG_AGENT, c->agents[i].name,
		    config_agent_text(a, &c->agents[i]));
	for (unsigned i = 0; ok && i < c->n_devices; i++)
		ok = config_put(a, to, CONFIG_DEVICE, c->devices[i].name,
		    config_device_text(a, c->devices[i].switch_name));
	for (unsigned i = 0; ok && i < c->n_numbers; i++)
		ok = config_put(a, to, CONFIG_NUMBER,
		    config_number_name(a, &c->numbers[i]),
		    config_number_text(a, c->numbers[i].queue));
	for (unsigned i = 0; ok && i < c->n_reasons; i++)
		ok = config_put(a, to, CONFIG_REASON, c->reasons[i].name,
		    config_reason_text(a, &c->reasons[i]));
	if (ok && c->dialling != NULL)
		ok = config_put(a, to, CONFIG_DIALLING, STR_LIT("dialling"),
		    config_dialling_text(a, c->dialling));
	return ok && config_put_specs(a, to, c->calendars, c->n_calendars,
			 c->policies, c->n_policies)
	           ? ERR_OK
	           : ERR_NOMEM;
}

enum err
config_items(struct arena *a, const struct fields *f, const struct config *c,
    struct config_items *to)
{
	char name[NAME_LEN * 2 + 8], what[NAME_LEN * 2 + 32];
	enum err e = put_all(a, c, to);

	if (e != ERR_OK)
		return e;
	config_items_sort(to);
	for (unsigned i = 1; i < to->n; i++) {
		if (compare_items(&to->items[i - 1], &to->items[i]) != 0)
			continue;
		snprintf(
		    name, sizeof(name), "%.*s", STR_ARG(to->items[i].name));
		snprintf(what, sizeof(what), "%s '%s' comes twice",
		    config_kind_name(to->items[i].kind), name);
		return fault(
		    f->fault, ERR_CONFIG, "0", "0", what, "name it once", NULL);
	}
	return ERR_OK;
}

/* ---------------------------------------------------------- used and known */

/* The names that may be used: those that come, and those that stay. */
struct known {
	struct arena *arena;
	const struct config *config;
	const struct config_items *present, *wanted;
	struct fault *fault;
};

static struct str
skill_at(const struct config *c, unsigned i)
{
	return i < c->n_skills ? c->skills[i].name : (struct str){ NULL, 0 };
}

static struct str
queue_at(const struct config *c, unsigned i)
{
	return i < c->n_queues ? c->queues[i].name : (struct str){ NULL, 0 };
}

static struct str
calendar_at(const struct config *c, unsigned i)
{
	return i < c->n_calendars ? c->calendars[i].name
	                          : (struct str){ NULL, 0 };
}

static struct str
name_at(const struct config *c, enum config_kind kind, unsigned i)
{
	return kind == CONFIG_SKILL   ? skill_at(c, i)
	       : kind == CONFIG_QUEUE ? queue_at(c, i)
	                              : calendar_at(c, i);
}

static bool
stays(const struct known *k, enum config_kind kind, struct str name)
{
	const struct config_item key = { .kind = kind, .name = name };

	return k->config->keep_others && k->present->n > 0 &&
	       bsearch(&key, k->present->items, k->present->n, sizeof(key),
		   by_kind_and_name) != NULL;
}

static enum err
unknown(const struct known *k, enum config_kind kind, struct str name,
    const char *where, struct str of)
{
	const char **words = calloc(NEAR_MAX + 1, sizeof(*words));
	char what[FAULT_PARAM_LEN], remedy[FAULT_PARAM_LEN] = "";
	const char *near = NULL;
	unsigned n = 0;
	struct str s;
	char got[NAME_LEN + 1];

	snprintf(got, sizeof(got), "%.*s", STR_ARG(name));
	for (unsigned i = 0; words != NULL && n < NEAR_MAX &&
			     (s = name_at(k->config, kind, i)).len > 0;
	     i++)
		if ((words[n] = strndup(s.p, s.len)) != NULL)
			n++;
	if (words != NULL)
		near = conf_nearest(got, words);
	snprintf(what, sizeof(what),
	    "%s '%.*s' names %s '%s', which is not configured", where,
	    STR_ARG(of), config_kind_name(kind), got);
	if (near != NULL)
		snprintf(remedy, sizeof(remedy), "did you mean '%s'?", near);
	while (n > 0)
		free((void *)(uintptr_t)words[--n]);
	free(words);
	return fault(k->fault, ERR_CONFIG, "0", "0", what, remedy, NULL);
}

static bool
comes(const struct config_items *names, enum config_kind kind, struct str name)
{
	const struct config_item key = { .kind = kind, .name = name };

	return names->items != NULL &&
	       bsearch(&key, names->items, names->n, sizeof(key),
		   by_kind_and_name) != NULL;
}

static enum err
check_use(const struct known *k, enum config_kind kind, struct str name,
    const char *where, struct str of)
{
	if (comes(k->wanted, kind, name) || stays(k, kind, name))
		return ERR_OK;
	return unknown(k, kind, name, where, of);
}

/* What was taken in can be parsed. */
static enum err
check_rules(const struct known *k, const struct config_queue *q)
{
	struct route_rules r;
	struct str used[RULES_NAMES_MAX];
	enum config_kind kinds[RULES_NAMES_MAX];
	char nothing[1];
	enum err e = rules_parse(q->rules, k->arena, &r, nothing, 1);
	unsigned n = e == ERR_OK ? config_rules_names(&r, used, kinds) : 0;

	for (unsigned i = 0; e == ERR_OK && i < n; i++)
		e = check_use(k, kinds[i], used[i], "queue", q->name);
	return e;
}

static enum err
check_queue(const struct known *k, const struct config_queue *q)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; e == ERR_OK && i < q->n_skills; i++)
		e = check_use(
		    k, CONFIG_SKILL, q->skills[i].skill, "queue", q->name);
	if (e == ERR_OK && q->calendar.len > 0)
		e = check_use(
		    k, CONFIG_CALENDAR, q->calendar, "queue", q->name);
	return e == ERR_OK ? check_rules(k, q) : e;
}

static enum err
check_agent(const struct known *k, const struct config_agent *g)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; e == ERR_OK && i < g->n_skills; i++)
		e = check_use(
		    k, CONFIG_SKILL, g->skills[i].skill, "agent", g->name);
	for (unsigned i = 0; e == ERR_OK && i < g->n_queues; i++)
		e = check_use(k, CONFIG_QUEUE, g->queues[i], "agent", g->name);
	return e;
}

/* Its calendars are the revision's own business; queues are not. */
static enum err
check_policy(const struct known *k, const struct sla_policy *p)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; i < p->n_conditions; i++) {
		const struct sla_condition *c = &p->conditions[i];

		for (unsigned j = 0;
		     e == ERR_OK && j < c->n && c->attribute == ATTR_QUEUE; j++)
			e = check_use(
			    k, CONFIG_QUEUE, c->values[j], "policy", p->name);
	}
	for (unsigned i = 0; i < p->n_targets; i++) {
		const struct sla_target *t = &p->targets[i];

		for (unsigned j = 0; e == ERR_OK && j < t->n_rungs; j++)
			if (t->rungs[j].queue.len > 0)
				e = check_use(k, CONFIG_QUEUE,
				    t->rungs[j].queue, "policy", p->name);
	}
	return e;
}

enum err
config_check(struct arena *a, const struct config *c,
    const struct config_sla *s, const struct config_items *present,
    const struct config_items *wanted, struct fault *f)
{
	const struct known k = { a, c, present, wanted, f };
	enum err e = ERR_OK;

	for (unsigned i = 0; e == ERR_OK && i < c->n_queues; i++)
		e = check_queue(&k, &c->queues[i]);
	for (unsigned i = 0; e == ERR_OK && i < c->n_agents; i++)
		e = check_agent(&k, &c->agents[i]);
	for (unsigned i = 0; e == ERR_OK && i < c->n_numbers; i++)
		e = check_use(&k, CONFIG_QUEUE, c->numbers[i].queue, "number",
		    c->numbers[i].called);
	for (unsigned i = 0; e == ERR_OK && i < s->n_policies; i++)
		e = check_policy(&k, &s->policies[i]);
	return e;
}

/* ----------------------------------------------------------------- merge */

void
config_merge_begin(struct config_merge *m, const struct config_items *present,
    const struct config_items *wanted, bool keep_others)
{
	*m = (struct config_merge){ present, wanted, 0, 0, keep_others };
}

/* With the others it would stay, but what it belongs to is said anew. */
static bool
is_replaced(const struct config_merge *m, const struct config_item *it)
{
	return it->owner.len > 0 && comes(m->wanted, CONFIG_QUEUE, it->owner);
}

bool
config_merge_next(struct config_merge *m, struct config_change *c)
{
	while (m->i < m->present->n || m->j < m->wanted->n) {
		const struct config_item *p =
		    m->i < m->present->n ? &m->present->items[m->i] : NULL;
		const struct config_item *w =
		    m->j < m->wanted->n ? &m->wanted->items[m->j] : NULL;
		int d = p == NULL ? 1 : w == NULL ? -1 : compare_items(p, w);
		const struct config_item *it = d > 0 ? w : p;

		assert(it != NULL);
		m->i += d <= 0;
		m->j += d >= 0;
		if ((d < 0 && m->keep_others && !is_replaced(m, it)) ||
		    (d == 0 && str_eq(p->text, w->text)))
			continue;
		*c = (struct config_change){ .kind = it->kind,
			.name = it->name };
		if (d <= 0)
			c->before = p->text;
		if (d >= 0)
			c->after = w->text;
		return true;
	}
	return false;
}
