/*
 * incident_setup.c - one frame with what clocks need, then names, some at a
 * time.
 */
#include "replay/incident_setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define NAMES_PER_FRAME 250 /* a queue and a person each: under 64 KiB */
#define HOUR_US (3600 * CLOCK_S)
#define DAY_US (24 * HOUR_US)
#define WAIT_MAX_US (366 * DAY_US)
#define RING_US (20 * CLOCK_S)
#define SHORT_US (5 * CLOCK_S)
#define CALENDAR "incidents"

/* The last is for all others, too. */
static const struct {
	const char *policy, *priority;
	int64_t goal_us;
} targets[] = {
	{ "incidents-1", "1", 4 * HOUR_US },
	{ "incidents-2", "2", 8 * HOUR_US },
	{ "incidents-3", "3", 5 * DAY_US },
	{ "incidents", NULL, 7 * DAY_US },
};
#define NTARGETS NELEM(targets)

static const struct {
	unsigned percent;
	const char *notify;
} ladder[] = { { 75, "owner" }, { 90, "supervisor" }, { 100, "manager" } };
#define NRUNGS NELEM(ladder)

int64_t
incident_goal(unsigned priority)
{
	return targets[priority < NTARGETS ? priority - 1 : NTARGETS - 1]
	    .goal_us;
}

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static ProtobufCBinaryData
bytes_of(struct str s)
{
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.p };
}

/* --------------------------------------------------------------- agreement */

struct calendar_store {
	Mashang__Hours hours, *hours_list[1];
	Mashang__DayHours day, *week[7];
	Mashang__CalendarSpec spec, *list[1];
};

static void
fill_calendar(struct calendar_store *c)
{
	mashang__hours__init(&c->hours);
	c->hours.to = 24 * 60;
	c->hours_list[0] = &c->hours;
	mashang__day_hours__init(&c->day);
	c->day.n_hours = 1;
	c->day.hours = c->hours_list;
	for (size_t i = 0; i < NELEM(c->week); i++)
		c->week[i] = &c->day;
	mashang__calendar_spec__init(&c->spec);
	c->spec.name = bytes(CALENDAR);
	c->spec.zone = bytes("UTC");
	c->spec.n_week = NELEM(c->week);
	c->spec.week = c->week;
	c->list[0] = &c->spec;
}

struct policy_store {
	ProtobufCBinaryData notify[NRUNGS], pauses[2], value;
	Mashang__RungSpec rungs[NRUNGS], *rung_list[NRUNGS];
	Mashang__TargetSpec target, *target_list[1];
	Mashang__ConditionSpec when, *when_list[1];
	Mashang__PolicySpec spec;
};

static void
fill_target(struct policy_store *p, int64_t goal_us, bool pauses)
{
	Mashang__TargetSpec *t = &p->target;

	mashang__target_spec__init(t);
	t->metric = bytes("resolution");
	t->type = bytes("business");
	t->goal_us = goal_us;
	t->calendar = bytes(CALENDAR);
	/* All that pauses by preset, but the wait for the customer. */
	p->pauses[0] = bytes("scheduled");
	p->pauses[1] = bytes("resolved");
	t->pauses = p->pauses;
	t->n_pauses = pauses ? 0 : NELEM(p->pauses);
	for (size_t i = 0; i < NRUNGS; i++) {
		mashang__rung_spec__init(&p->rungs[i]);
		p->rungs[i].percent = ladder[i].percent;
		p->notify[i] = bytes(ladder[i].notify);
		p->rungs[i].notify = &p->notify[i];
		p->rungs[i].n_notify = 1;
		p->rung_list[i] = &p->rungs[i];
	}
	t->n_rungs = NRUNGS;
	t->rungs = p->rung_list;
	p->target_list[0] = t;
}

static void
fill_policy(struct policy_store *p, size_t n, bool pauses)
{
	Mashang__PolicySpec *s = &p->spec;

	fill_target(p, targets[n].goal_us, pauses);
	mashang__policy_spec__init(s);
	s->name = bytes(targets[n].policy);
	s->agreement = bytes("sla");
	s->on_rematch = bytes("carry");
	s->max_pause_us = s->reopen_window_us = WAIT_MAX_US;
	s->calendar = bytes(CALENDAR);
	s->n_targets = 1;
	s->targets = p->target_list;
	if (targets[n].priority == NULL)
		return;
	mashang__condition_spec__init(&p->when);
	p->when.attribute = bytes("priority");
	p->value = bytes(targets[n].priority);
	p->when.n_values = 1;
	p->when.values = &p->value;
	p->when_list[0] = &p->when;
	s->n_when = 1;
	s->when = p->when_list;
}

static enum err
send_agreement(const struct incident_setup *s, bool more)
{
	Mashang__Apply a = MASHANG__APPLY__INIT;
	Mashang__PolicySpec *list[NTARGETS];
	struct policy_store policies[NTARGETS];
	struct calendar_store calendar;

	fill_calendar(&calendar);
	for (size_t i = 0; i < NTARGETS; i++) {
		fill_policy(&policies[i], i, s->pauses);
		list[i] = &policies[i].spec;
	}
	a.n_calendars = 1;
	a.calendars = calendar.list;
	a.n_policies = NTARGETS;
	a.policies = list;
	a.keep_others = true;
	a.more = more;
	return s->send(s->arg, &a);
}

/* ------------------------------------------------------------------- names */

struct name_store {
	Mashang__QueueSpec queues[NAMES_PER_FRAME],
	    *queue_list[NAMES_PER_FRAME];
	Mashang__AgentSpec agents[NAMES_PER_FRAME],
	    *agent_list[NAMES_PER_FRAME];
};

static void
fill_queue(struct name_store *n, size_t i, struct str name)
{
	Mashang__QueueSpec *q = &n->queues[i];

	mashang__queue_spec__init(q);
	q->name = bytes_of(name);
	q->ring_us = RING_US;
	q->short_us = SHORT_US;
	n->queue_list[i] = q;
}

static void
fill_agent(struct name_store *n, size_t i, struct str name)
{
	Mashang__AgentSpec *g = &n->agents[i];

	mashang__agent_spec__init(g);
	g->name = g->display_name = bytes_of(name);
	n->agent_list[i] = g;
}

/* The next of each, as many as a frame holds. */
static enum err
send_names(const struct incident_setup *s, size_t from)
{
	const struct incident_log *log = s->log;
	size_t to = from + NAMES_PER_FRAME;
	struct name_store *n = calloc(1, sizeof(*n));
	Mashang__Apply a = MASHANG__APPLY__INIT;
	enum err e;

	if (n == NULL)
		return ERR_NOMEM;
	for (size_t i = from; i < to && i < log->n_groups; i++)
		fill_queue(n, a.n_queues++, log->groups[i]);
	for (size_t i = from; i < to && i < log->n_resolvers; i++)
		fill_agent(n, a.n_agents++, log->resolvers[i]);
	a.queues = n->queue_list;
	a.agents = n->agent_list;
	a.keep_others = true;
	a.more = to < log->n_groups || to < log->n_resolvers;
	e = s->send(s->arg, &a);
	free(n);
	return e;
}

enum err
incident_setup_send(const struct incident_setup *s)
{
	size_t names = s->log->n_groups > s->log->n_resolvers
	                   ? s->log->n_groups
	                   : s->log->n_resolvers;
	enum err e = send_agreement(s, names > 0);

	for (size_t at = 0; at < names && e == ERR_OK; at += NAMES_PER_FRAME)
		e = send_names(s, at);
	return e;
}
