/*
 * pack.c - see pack.h.
 */
#include "test/bench/pack.h"

#include <stdlib.h>

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define SINCE INT64_C(1577836800000000)
#define TARGETS_MAX 8
#define FIRST_YEAR 2020
#define YEARS 12
#define A_YEAR 12 /* exceptions */

static const struct {
	const char *name, *kinds[2]; /* none: all others */
	struct sla_target targets[TARGETS_MAX];
} pack[] = {
	{ "complaint", { "complaint" },
	    { { .metric = SLA_FIRST_RESPONSE, .goal_us = 30 * MINUTE },
		{ .metric = SLA_NEXT_RESPONSE, .goal_us = 2 * HOUR },
		{ .metric = SLA_PERIODIC_UPDATE, .goal_us = 16 * HOUR },
		{ .metric = SLA_RESOLUTION,
		    .type = TARGET_BUSINESS_DAYS,
		    .n = 3 },
		{ .metric = SLA_CALLBACK,
		    .type = TARGET_CALENDAR,
		    .goal_us = 48 * HOUR } } },
	{ "repair", { "service_request", "incident" },
	    { { .metric = SLA_FIRST_RESPONSE, .goal_us = 30 * MINUTE },
		{ .metric = SLA_NEXT_RESPONSE, .goal_us = 4 * HOUR },
		{ .metric = SLA_PERIODIC_UPDATE, .goal_us = 16 * HOUR },
		{ .metric = SLA_RESOLUTION, .goal_us = 8 * HOUR },
		{ .metric = SLA_DAILY_CLEAR,
		    .type = TARGET_CUTOFF,
		    .minute = 1080,
		    .latest_intake = 900 } } },
	{ "question", { NULL },
	    { { .metric = SLA_ACKNOWLEDGE, .goal_us = MINUTE },
		{ .metric = SLA_NEXT_RESPONSE, .goal_us = 4 * HOUR },
		{ .metric = SLA_RESOLUTION,
		    .type = TARGET_BUSINESS_DAYS,
		    .n = 1 },
		{ .metric = SLA_DAILY_CLEAR,
		    .type = TARGET_CUTOFF,
		    .minute = 1080,
		    .latest_intake = 900 } } },
};
#define POLICIES (sizeof(pack) / sizeof(pack[0]))

static unsigned
set_targets(const struct sla_target *from, struct sla_target *to)
{
	unsigned n = 0;

	while (n < TARGETS_MAX &&
	       (from[n].goal_us != 0 || from[n].type != TARGET_BUSINESS)) {
		to[n] = from[n];
		to[n].pauses = sla_default_pauses(to[n].metric);
		sla_default_rungs(&to[n]);
		n++;
	}
	return n;
}

static void
set_policy(unsigned i, struct sla_policy *p)
{
	static struct sla_target targets[POLICIES][TARGETS_MAX];
	struct sla_condition *c = &p->conditions[0];

	*p = (struct sla_policy){ .name = str_of(pack[i].name),
		.change_grace_us = 30 * MINUTE,
		.max_pause_us = 72 * HOUR,
		.reopen_window_us = 72 * HOUR,
		.calendar = STR_LIT("shifts"),
		.targets = targets[i],
		.n_targets = set_targets(pack[i].targets, targets[i]) };
	c->attribute = ATTR_KIND;
	for (; c->n < 2 && pack[i].kinds[c->n] != NULL; c->n++)
		c->values[c->n] = str_of(pack[i].kinds[c->n]);
	p->n_conditions = c->n > 0;
}

/* A day off and a Sunday like a Friday, in turn. */
static void
set_calendar(struct cal_spec *c)
{
	static const struct cal_day shifts = { 2,
		{ { 6 * 60, 14 * 60 }, { 14 * 60 + 30, 22 * 60 + 30 } } };
	static struct cal_override offs[YEARS * A_YEAR];

	*c = (struct cal_spec){ .name = STR_LIT("shifts"),
		.zone = STR_LIT("Asia/Shanghai"),
		.has_week = true,
		.n_overrides = YEARS * A_YEAR,
		.overrides = offs };
	for (unsigned d = CAL_MON; d <= CAL_SAT; d++)
		c->week[d] = shifts;
	for (unsigned i = 0; i < YEARS * A_YEAR; i++)
		offs[i] = (struct cal_override){
			.date = { (int16_t)(FIRST_YEAR + i / A_YEAR),
			    (uint8_t)(i % A_YEAR + 1),
			    (uint8_t)(i % A_YEAR + 3) },
			.kind = i % 2 == 0 ? CAL_CLOSED : CAL_LIKE,
			.like = CAL_FRI
		};
}

const struct sla_revision *
pack_revision(void)
{
	static struct cal_spec calendar;
	static struct sla_policy policies[POLICIES];
	static const struct sla_revision revision = { .id = 1,
		.at = SINCE,
		.n_calendars = 1,
		.n_policies = POLICIES,
		.calendars = &calendar,
		.policies = policies };

	if (policies[0].n_targets > 0)
		return &revision;
	set_calendar(&calendar);
	for (unsigned i = 0; i < POLICIES; i++)
		set_policy(i, &policies[i]);
	return &revision;
}
