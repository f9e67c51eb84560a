/*
 * setup.c - first what agents refer to, in one message, then the agents and
 * their phones, some at a time.
 */
#include "replay/setup.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define AGENTS_PER_FRAME 20 /* 32 queues and skills each: under 64 KiB */
#define RING_US (20 * CLOCK_S)
#define SHORT_US (5 * CLOCK_S)
#define SKILL_NEEDED 1
#define SKILL_HAD 5

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

/* ----------------------------------------------------------------- types */

struct type_store {
	ProtobufCBinaryData skills[PLAN_MAX_TYPES];
	Mashang__SkillLevel levels[PLAN_MAX_TYPES], *level_list[PLAN_MAX_TYPES];
	Mashang__QueueSpec queues[PLAN_MAX_TYPES], *queue_list[PLAN_MAX_TYPES];
	Mashang__NumberSpec numbers[PLAN_MAX_TYPES],
	    *number_list[PLAN_MAX_TYPES];
};

static void
fill_type(struct type_store *t, const struct plan *p, unsigned i)
{
	const struct plan_type *is = &p->types[i];
	Mashang__QueueSpec *q = &t->queues[i];

	t->skills[i] = bytes(is->name);
	mashang__skill_level__init(&t->levels[i]);
	t->levels[i].skill = bytes(is->name);
	t->levels[i].level = SKILL_NEEDED;
	t->level_list[i] = &t->levels[i];
	mashang__queue_spec__init(q);
	q->name = bytes(is->name);
	q->n_skills = 1;
	q->skills = &t->level_list[i];
	q->ring_us = RING_US;
	q->priority_credit_us = p->priority_credit_us;
	q->short_us = SHORT_US;
	t->queue_list[i] = q;
	mashang__number_spec__init(&t->numbers[i]);
	t->numbers[i].called = bytes(is->called);
	t->numbers[i].menu = bytes(is->name);
	t->numbers[i].queue = bytes(is->name);
	t->number_list[i] = &t->numbers[i];
}

static enum err
send_types(const struct setup *s, bool more)
{
	Mashang__Apply a = MASHANG__APPLY__INIT;
	unsigned n = s->plan->n_types;
	struct type_store t;

	for (unsigned i = 0; i < n; i++)
		fill_type(&t, s->plan, i);
	a.n_skills = a.n_queues = a.n_numbers = n;
	a.skills = t.skills;
	a.queues = t.queue_list;
	a.numbers = t.number_list;
	a.keep_others = true;
	a.more = more;
	return s->send(s->arg, &a);
}

/* ---------------------------------------------------------------- people */

struct person_spec {
	Mashang__AgentSpec agent;
	Mashang__DeviceSpec device;
	Mashang__SkillLevel levels[PLAN_MAX_TYPES], *level_list[PLAN_MAX_TYPES];
	ProtobufCBinaryData queues[PLAN_MAX_TYPES];
	char name[PLAN_NAME_MAX];
};

/* Agents of the plan first, then the humans' places. */
static void
fill_person(const struct setup *s, size_t n, struct person_spec *o)
{
	const struct plan *p = s->plan;
	bool human = n >= p->n_agents;
	uint32_t types = human ? UINT32_MAX : p->agents[n].types;
	const char *name = o->name;

	if (human)
		snprintf(o->name, sizeof(o->name), "%s%zu", s->human_prefix,
		    n - p->n_agents + 1);
	else
		name = p->agents[n].name;
	mashang__agent_spec__init(&o->agent);
	o->agent.name = o->agent.display_name = bytes(name);
	o->agent.screen_first = human;
	o->agent.queues = o->queues;
	o->agent.skills = o->level_list;
	for (unsigned t = 0; t < p->n_types; t++) {
		size_t k = o->agent.n_queues;

		if ((types >> t & 1) == 0)
			continue;
		mashang__skill_level__init(&o->levels[k]);
		o->levels[k].skill = bytes(p->types[t].name);
		o->levels[k].level = SKILL_HAD;
		o->level_list[k] = &o->levels[k];
		o->queues[k] = bytes(p->types[t].name);
		o->agent.n_queues = o->agent.n_skills = k + 1;
	}
	mashang__device_spec__init(&o->device);
	o->device.name = bytes(human ? name : agents_device(s->agents, n));
	o->device.switch_ = bytes(s->switch_name);
}

static enum err
send_people(const struct setup *s, size_t from, size_t to, bool more)
{
	struct person_spec store[AGENTS_PER_FRAME];
	Mashang__AgentSpec *agents[AGENTS_PER_FRAME];
	Mashang__DeviceSpec *devices[AGENTS_PER_FRAME];
	Mashang__Apply a = MASHANG__APPLY__INIT;

	for (size_t i = from; i < to; i++) {
		struct person_spec *o = &store[i - from];

		fill_person(s, i, o);
		agents[i - from] = &o->agent;
		devices[i - from] = &o->device;
	}
	a.n_agents = a.n_devices = to - from;
	a.agents = agents;
	a.devices = devices;
	a.keep_others = true;
	a.more = more;
	return s->send(s->arg, &a);
}

enum err
setup_send(const struct setup *s)
{
	size_t n = s->plan->n_agents + s->humans;
	enum err e = send_types(s, n > 0);

	for (size_t at = 0; at < n && e == ERR_OK; at += AGENTS_PER_FRAME) {
		size_t to =
		    at + AGENTS_PER_FRAME < n ? at + AGENTS_PER_FRAME : n;

		e = send_people(s, at, to, to < n);
	}
	return e;
}
