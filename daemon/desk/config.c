/*
 * config.c - queues, agents, devices and numbers, read from the ledger.
 *
 * Read one table after the other; what is there already is changed in place,
 * so that calls and agents never lose theirs.  What changed acts at once: calls
 * that wait come to their new lines, agents to their new profiles.  What is no
 * longer configured is retired: it takes nothing new and ends with what it has.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "desk/work.h"

#define CELLS_MAX 16
#define RULES_ARENA (64 * 1024)

_Static_assert(RULES_NEIGHBOURS == ACD_MAX_NEIGHBOURS, "neighbours");
_Static_assert(RULES_RING_MAX == ACD_MAX_RING, "ring");

struct load {
	struct desk *desk;
	unsigned step;
	int64_t revision; /* that is being read */
	desk_done_fn *done;
	void *arg;
};

/* ---- cells */

static bool
bool_cell(struct str s)
{
	return s.len > 0 && (s.p[0] == 't' || s.p[0] == '1');
}

/* "id=level,id=level" or "id,id"; returns how many. */
static unsigned
pairs_cell(struct str s, struct acd_skill *out, unsigned room)
{
	char buf[2048], *p = buf, *end;
	unsigned n = 0;

	snprintf(buf, sizeof(buf), "%.*s", STR_ARG(s));
	while (*p != '\0' && n < room) {
		out[n].skill = (uint32_t)strtoul(p, &end, 10);
		out[n].level = 0;
		if (*end == '=')
			out[n].level = (uint32_t)strtoul(end + 1, &end, 10);
		n++;
		p = *end == ',' ? end + 1 : end;
		if (*end != ',')
			break;
	}
	return n;
}

static void
set_name(char **name, struct str s)
{
	char *copy;

	if (*name != NULL && str_eq(str_of(*name), s))
		return;
	copy = strndup(s.p != NULL ? s.p : "", s.len);
	desk_must(copy != NULL ? ERR_OK : ERR_NOMEM);
	free(*name);
	*name = copy;
}

static void *
object(size_t size)
{
	void *p = calloc(1, size);

	desk_must(p != NULL ? ERR_OK : ERR_NOMEM);
	return p;
}

/* ---- finding */

struct queue *
queue_find(const struct desk *d, uint32_t id)
{
	struct queue *q;

	HASH_FIND(hh, d->queues, &id, sizeof(id), q);
	return q;
}

struct queue *
queue_by_name(const struct desk *d, struct str name)
{
	struct queue *q;

	HASH_FIND(hh_name, d->queues_by_name, name.p, name.len, q);
	return q != NULL && !q->retired ? q : NULL;
}

struct device *
device_find(const struct desk *d, struct str name)
{
	struct device *dev;

	HASH_FIND(hh, d->devices, name.p, name.len, dev);
	return dev;
}

/* ---- rows */

/* The former rules stay where the new ones cannot be read. */
static void
take_rules(struct queue *q, struct str text)
{
	struct arena *a = NULL;
	struct route_rules r;
	struct rules_fault wrong;
	char fault[320] = "";
	enum err e;

	if (str_eq(str_of(q->rules_text), text))
		return;
	set_name(&q->rules_text, text);
	if (text.len > 0)
		a = arena_new(text.len, RULES_ARENA);
	desk_must(a != NULL || text.len == 0 ? ERR_OK : ERR_NOMEM);
	e = rules_parse(text, a, &r, fault, sizeof(fault));
	if (e == ERR_OK &&
	    (e = rules_check(str_of(q->name), &r, &wrong)) != ERR_OK)
		snprintf(fault, sizeof(fault), "%s: %s", rule_word(wrong.rule),
		    wrong.what);
	if (e != ERR_OK) {
		log_error(LOG_DESK,
		    "queue=%s rules not taken: %s; apply its "
		    "configuration again",
		    q->name, fault);
		arena_free(&a);
		return;
	}
	q->line_changed = true;
	q->order_changed |= r.strategy != q->rules.strategy;
	q->rules = r;
	arena_free(&q->rules_texts);
	q->rules_texts = a;
}

static void
take_minimums(struct queue *q, struct str cell)
{
	struct acd_line old = q->line;

	q->line.queue = q->id;
	q->line.n_skills = pairs_cell(cell, q->line.skills, ACD_MAX_SKILLS);
	if (old.n_skills != q->line.n_skills ||
	    memcmp(old.skills, q->line.skills,
		old.n_skills * sizeof(*old.skills)) != 0)
		q->line_changed = q->order_changed = true;
}

static void
queue_row(struct desk *d, const struct str *cell)
{
	uint32_t id = (uint32_t)ledger_number(cell[0]);
	struct queue *q = queue_find(d, id);
	int64_t credit = ledger_number(cell[5]);

	if (q == NULL) {
		q = object(sizeof(*q));
		q->id = id;
		q->door_seq = 1;
		rules_preset(&q->rules);
		estimator_init(&q->room.rate);
		HASH_ADD(hh, d->queues, id, sizeof(q->id), q);
	} else {
		HASH_DELETE(hh_name, d->queues_by_name, q);
	}
	set_name(&q->name, cell[1]);
	HASH_ADD_KEYPTR(
	    hh_name, d->queues_by_name, q->name, strlen(q->name), q);
	take_minimums(q, cell[2]);
	q->ring_us = ledger_number(cell[3]);
	q->wrap_up_us = ledger_number(cell[4]);
	q->line_changed |= q->priority_credit_us != credit;
	q->priority_credit_us = credit;
	q->stay_ready = bool_cell(cell[6]);
	q->short_us = ledger_number(cell[7]);
	take_rules(q, cell[8]);
	q->retired = false;
}

/* "id=n,id=n" of the profile's queues, for those above 1. */
static void
places_cell(struct str cell, const struct acd_profile *p, uint8_t *out)
{
	struct acd_skill above[ACD_MAX_AGENT_QUEUES];
	unsigned n = pairs_cell(cell, above, ACD_MAX_AGENT_QUEUES);

	for (unsigned i = 0; i < p->n_queues; i++) {
		out[i] = 1;
		for (unsigned k = 0; k < n; k++)
			if (above[k].skill == p->queues[i])
				out[i] = (uint8_t)above[k].level;
	}
}

static void
take_profile(struct agent *a, const struct str *cell)
{
	struct acd_skill ids[ACD_MAX_AGENT_QUEUES];
	struct acd_profile *p = &a->profile, old = *p;
	uint8_t weights[ACD_MAX_AGENT_QUEUES];
	uint32_t rank = a->rank;

	memcpy(weights, a->weights, sizeof(weights));
	memset(p->queues, 0, sizeof(p->queues));
	memset(p->tiers, 0, sizeof(p->tiers));
	memset(p->skills, 0, sizeof(p->skills));
	memset(a->weights, 0, sizeof(a->weights));
	p->n_queues = pairs_cell(cell[4], ids, ACD_MAX_AGENT_QUEUES);
	for (unsigned i = 0; i < p->n_queues; i++)
		p->queues[i] = ids[i].skill;
	p->n_skills = pairs_cell(cell[5], p->skills, ACD_MAX_AGENT_SKILLS);
	places_cell(cell[6], p, p->tiers);
	places_cell(cell[7], p, a->weights);
	a->rank = (uint32_t)ledger_number(cell[8]);
	p->items = (uint32_t)ledger_number(cell[9]);
	a->profile_due |= rank != a->rank ||
	                  memcmp(&old, p, sizeof(old)) != 0 ||
	                  memcmp(weights, a->weights, sizeof(weights)) != 0;
}

static void
agent_row(struct desk *d, const struct str *cell)
{
	uint32_t id = (uint32_t)ledger_number(cell[0]);
	struct agent *a = agent_find(d, id);

	if (a == NULL) {
		a = object(sizeof(*a));
		a->id = id;
		a->state = AGENT_STATE_NULL;
		a->timer = (struct timer){ .kind = TIMER_AGENT, .owner = a };
		HASH_ADD(hh, d->agents, id, sizeof(a->id), a);
	} else {
		HASH_DELETE(hh_name, d->agents_by_name, a);
	}
	set_name(&a->name, cell[1]);
	HASH_ADD_KEYPTR(
	    hh_name, d->agents_by_name, a->name, strlen(a->name), a);
	set_name(&a->display_name, cell[2]);
	a->screen_first = bool_cell(cell[3]);
	a->retired = false;
	take_profile(a, cell);
}

static void
device_row(struct desk *d, const struct str *cell)
{
	struct device *dev = device_find(d, cell[0]);

	if (dev == NULL) {
		dev = object(sizeof(*dev));
		set_name(&dev->name, cell[0]);
		HASH_ADD_KEYPTR(
		    hh, d->devices, dev->name, strlen(dev->name), dev);
	}
	dev->switch_id = (uint32_t)ledger_number(cell[1]);
	dev->retired = false;
}

static void
number_row(struct desk *d, const struct str *cell)
{
	struct queue *q = queue_find(d, (uint32_t)ledger_number(cell[2]));

	if (q != NULL)
		called_add(d, cell[0], cell[1], q);
}

static void
switch_row(struct desk *d, const struct str *cell)
{
	(void)switch_get(d, cell[1], (uint32_t)ledger_number(cell[0]));
}

/* ---- before the rows of a table: what was there is in doubt */

static void
retire_queues(struct desk *d)
{
	for (struct queue *q = d->queues; q != NULL; q = q->hh.next)
		q->retired = true;
}

static void
retire_agents(struct desk *d)
{
	for (struct agent *a = d->agents; a != NULL; a = a->hh.next)
		a->retired = true;
}

static void
retire_devices(struct desk *d)
{
	for (struct device *v = d->devices; v != NULL; v = v->hh.next)
		v->retired = true;
}

static void
reason_row(struct desk *d, const struct str *cell)
{
	reason_add(d, cell[0], bool_cell(cell[1]), ledger_number(cell[2]));
}

static void
dialling_row(struct desk *d, const struct str *cells)
{
	dialling_take(d, cells[0], cells[1]);
}

/* The revision is asked for first (below), so that what changes while the
 * rows are read is read again. */
static const struct {
	enum ledger_query query;
	void (*before)(struct desk *);
	void (*row)(struct desk *, const struct str *cells);
} steps[] = {
	{ LQ_CONFIG_SWITCHES, NULL, switch_row },
	{ LQ_CONFIG_SKILLS, skills_forget, skill_row },
	{ LQ_CONFIG_QUEUES, retire_queues, queue_row },
	{ LQ_CONFIG_AGENTS, retire_agents, agent_row },
	{ LQ_CONFIG_DEVICES, retire_devices, device_row },
	{ LQ_CONFIG_NUMBERS, called_forget, number_row },
	{ LQ_CONFIG_DIALLING, dialling_forget, dialling_row },
	{ LQ_CONFIG_REASONS, reasons_forget, reason_row },
	{ LQ_QUEUE_DOORS, NULL, door_row },
};

static bool
is_ordered_otherwise(const struct desk *d, const struct agent *a)
{
	const struct queue *q;

	for (unsigned i = 0; i < a->profile.n_queues; i++)
		if ((q = queue_find(d, a->profile.queues[i])) != NULL &&
		    q->order_changed)
			return true;
	return false;
}

/* Agents that are logged in join the lines that they qualify for now; one who
 * is offered a call, when that is over (route.c). */
static void
tell_profiles(struct desk *d, bool ordered_otherwise)
{
	for (struct agent *a = d->agents; a != NULL; a = a->hh.next) {
		if (ordered_otherwise && a->state == AGENT_STATE_READY)
			a->profile_due |= is_ordered_otherwise(d, a);
		if (a->profile_due && a->state != AGENT_STATE_RESERVED)
			route_tell_agent(d, a);
	}
}

/* Calls that wait go by the rules that hold now; lines first, so that agents
 * find them there. */
static void
tell_changes(struct desk *d)
{
	bool ordered_otherwise = false, line_changed = false;

	for (struct queue *q = d->queues; q != NULL; q = q->hh.next) {
		ordered_otherwise |= q->order_changed;
		/* It may have been somebody's neighbour. */
		line_changed |= q->line_changed || q->retired;
	}
	if (line_changed)
		line_rules_changed(d);
	tell_profiles(d, ordered_otherwise);
}

static void
forget_changes(struct desk *d)
{
	for (struct queue *q = d->queues; q != NULL; q = q->hh.next)
		q->line_changed = q->order_changed = false;
}

static void
finish(struct load *l, enum err e)
{
	struct desk *d = l->desk;

	d->configuring = false;
	room_recount(d);
	work_doubt(d); /* of queues that were not known before */
	if (e == ERR_OK && !d->configured) {
		d->configured = true;
		line_rules_changed(d);
		log_info(LOG_DESK, "configured: %u queues %u agents %u devices",
		    HASH_COUNT(d->queues), HASH_COUNT(d->agents),
		    HASH_COUNT(d->devices));
	} else if (e == ERR_OK) {
		tell_changes(d);
	}
	if (e == ERR_OK) {
		d->config_revision = l->revision;
		forget_changes(d);
	}
	l->done(l->arg, e);
	free(l);
}

static void step(struct load *l);

static void
step_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct load *l = arg;
	struct str row[CELLS_MAX] = { { NULL, 0 } };
	unsigned n;

	if (e != ERR_OK) {
		finish(l, e);
		return;
	}
	n = rows->n_columns < CELLS_MAX ? rows->n_columns : CELLS_MAX;
	if (steps[l->step].before != NULL)
		steps[l->step].before(l->desk);
	/* A column that the ledger has not is as one without a value. */
	for (unsigned i = 0; i < rows->n; i++) {
		memcpy(row, rows->cells + (size_t)i * rows->n_columns,
		    n * sizeof(*row));
		steps[l->step].row(l->desk, row);
	}
	l->step++;
	step(l);
}

static void
step(struct load *l)
{
	struct ledger *g = l->desk->ledger;
	enum err e = ERR_OK;

	if (l->step < NELEM(steps))
		e = g->ops->query(
		    g, steps[l->step].query, 0, NULL, step_done, l);
	if (e != ERR_OK || l->step == NELEM(steps))
		finish(l, e);
}

static void
revision_known(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct load *l = arg;

	if (e == ERR_OK && rows->n > 0)
		l->revision = ledger_number(rows->cells[0]);
	if (e == ERR_OK)
		step(l);
	else
		finish(l, e);
}

void
desk_configure(struct desk *d, desk_done_fn *done, void *arg)
{
	struct load *l = object(sizeof(*l));
	enum err e;

	*l = (struct load){ .desk = d, .done = done, .arg = arg };
	d->configuring = true;
	if ((e = config_ask_revision(d, revision_known, l)) != ERR_OK)
		finish(l, e);
}

bool
desk_is_configured(const struct desk *d)
{
	return d->configured;
}

void
config_fini(struct desk *d)
{
	struct queue *q, *qn;
	struct agent *a, *an;
	struct device *v, *vn;

	called_forget(d);
	reasons_forget(d);
	skills_forget(d);
	dialling_forget(d);
	HASH_CLEAR(hh_name, d->queues_by_name);
	HASH_CLEAR(hh_name, d->agents_by_name);
	HASH_ITER(hh, d->agents, a, an)
	{
		HASH_DELETE(hh, d->agents, a);
		agent_free(d, a);
	}
	HASH_ITER(hh, d->queues, q, qn)
	{
		HASH_DELETE(hh, d->queues, q);
		arena_free(&q->rules_texts);
		free(q->rules_text);
		free(q->name);
		free(q);
	}
	HASH_ITER(hh, d->devices, v, vn)
	{
		HASH_DELETE(hh, d->devices, v);
		free(v->name);
		free(v);
	}
}
