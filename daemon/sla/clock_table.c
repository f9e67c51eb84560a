/*
 * clock_table.c - words, the state machine, and what starts and stops what.
 */
#include "sla/clock_own.h"

static const char *const stages[SLA_NSTAGES] = { "not_started", "running",
	"paused", "completed", "cancelled" };
static const char *const outcomes[] = { NULL, "met", "missed", "excluded" };
static const char *const holders[SLA_NHOLDERS] = { "agent", "group", "supplier",
	"customer", "closed" };
static const char *const spans[SPAN_NKINDS] = { "counted", "closed", "waiting",
	"changed" };

#define WORD(table, i) ((unsigned)(i) < NELEM(table) ? (table)[i] : NULL)

const char *
sla_stage_word(enum sla_stage s)
{
	return WORD(stages, s);
}

const char *
sla_outcome_word(enum sla_outcome o)
{
	return WORD(outcomes, o);
}

const char *
sla_holder_word(enum sla_holder h)
{
	return WORD(holders, h);
}

const char *
sla_span_word(enum sla_span_kind k)
{
	return WORD(spans, k);
}

/* Rows are stages, cells events; a cell left out changes nothing, for nothing
 * goes back to not started. */
/* clang-format off */
static const enum sla_stage steps[SLA_NSTAGES][SLA_NCLOCK_EVENTS] = {
	[STAGE_NOT_STARTED] = {
		[CLOCK_START]  = STAGE_RUNNING,
		[CLOCK_STOP]   = STAGE_COMPLETED,
		[CLOCK_CANCEL] = STAGE_CANCELLED,
	},
	[STAGE_RUNNING] = {
		[CLOCK_PAUSE]  = STAGE_PAUSED,
		[CLOCK_STOP]   = STAGE_COMPLETED,
		[CLOCK_CANCEL] = STAGE_CANCELLED,
	},
	[STAGE_PAUSED] = {
		[CLOCK_RESUME] = STAGE_RUNNING,
		[CLOCK_STOP]   = STAGE_COMPLETED,
		[CLOCK_CANCEL] = STAGE_CANCELLED,
	},
	[STAGE_COMPLETED] = {
		[CLOCK_REOPEN] = STAGE_RUNNING,
	},
};

/* A wait answers nobody: it is in no row of response. */
const struct clock_rule clock_rules[SLA_NMETRICS] = {
	[SLA_ACKNOWLEDGE] = {
		.starts = SIGNAL_RECEIVED,
		.stops  = SIGNAL_ACKNOWLEDGED | SIGNAL_RESPONDED,
		.ends   = SIGNAL_SOLVED | SIGNAL_CLOSED,
	},
	[SLA_FIRST_RESPONSE] = {
		.starts = SIGNAL_RECEIVED,
		.stops  = SIGNAL_RESPONDED,
		.ends   = SIGNAL_SOLVED | SIGNAL_CLOSED,
	},
	[SLA_NEXT_RESPONSE] = {
		.starts = SIGNAL_CONTACTED,
		.stops  = SIGNAL_RESPONDED | SIGNAL_SOLVED,
		.ends   = SIGNAL_CLOSED,
		.while_resolved = true,
	},
	[SLA_PERIODIC_UPDATE] = {
		.starts = SIGNAL_RESPONDED,
		.stops  = SIGNAL_RESPONDED | SIGNAL_SOLVED,
	},
	[SLA_OWNERSHIP] = {
		.starts = SIGNAL_RECEIVED,
		.stops  = SIGNAL_OWNED,
		.ends   = SIGNAL_SOLVED | SIGNAL_CLOSED,
	},
	[SLA_RESOLUTION] = {
		.starts = SIGNAL_RECEIVED | SIGNAL_REOPENED,
		.stops  = SIGNAL_SOLVED,
	},
	[SLA_ONSITE_ARRIVAL] = {
		.starts = SIGNAL_SCHEDULED,
		.stops  = SIGNAL_ARRIVED,
		.ends   = SIGNAL_SOLVED | SIGNAL_CLOSED,
	},
	[SLA_CALLBACK] = {
		.starts = SIGNAL_RESOLVED,
		.stops  = SIGNAL_FOLLOWED_UP,
		.ends   = SIGNAL_REOPENED | SIGNAL_CLOSED,
		.while_resolved = true,
	},
	[SLA_PROMISE] = {
		.starts = SIGNAL_PROMISED,
		.stops  = SIGNAL_KEPT | SIGNAL_SOLVED,
		.ends   = SIGNAL_CLOSED,
		.while_resolved = true,
	},
	[SLA_DAILY_CLEAR] = {
		.starts = SIGNAL_RECEIVED | SIGNAL_REOPENED,
		.stops  = SIGNAL_SOLVED,
	},
	[SLA_THIRD_PARTY] = {
		.starts = SIGNAL_AWAY,
		.stops  = SIGNAL_BACK | SIGNAL_SOLVED,
	},
};
/* clang-format on */

enum sla_stage
sla_clock_step(enum sla_stage s, enum sla_clock_event ev)
{
	enum sla_stage to = steps[s][ev];

	return to == STAGE_NOT_STARTED ? s : to;
}
