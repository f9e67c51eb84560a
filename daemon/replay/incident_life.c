/*
 * incident_life.c - from what an incident was to what the next row says it is.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "replay/incident_row.h"

enum place {
	AT_WORK, /* or new: the ticket is open and waits for nobody */
	AT_CUSTOMER,
	AT_OTHERS,
	AT_RESOLVED,
	AT_CLOSED,
	NPLACES
};

/* The first step of the way; none: it stays. */
static const struct way {
	enum incident_step_kind step;
	enum place to;
} ways[NPLACES][NPLACES] = {
	[AT_WORK] = {
		[AT_CUSTOMER] = { STEP_WAIT_CUSTOMER, AT_CUSTOMER },
		[AT_OTHERS] = { STEP_WAIT_OTHERS, AT_OTHERS },
		[AT_RESOLVED] = { STEP_RESOLVE, AT_RESOLVED },
		[AT_CLOSED] = { STEP_RESOLVE, AT_RESOLVED },
	},
	[AT_CUSTOMER] = {
		[AT_WORK] = { STEP_RESUME, AT_WORK },
		[AT_OTHERS] = { STEP_RESUME, AT_WORK },
		[AT_RESOLVED] = { STEP_RESOLVE, AT_RESOLVED },
		[AT_CLOSED] = { STEP_RESOLVE, AT_RESOLVED },
	},
	[AT_OTHERS] = {
		[AT_WORK] = { STEP_RESUME, AT_WORK },
		[AT_CUSTOMER] = { STEP_RESUME, AT_WORK },
		[AT_RESOLVED] = { STEP_RESOLVE, AT_RESOLVED },
		[AT_CLOSED] = { STEP_RESOLVE, AT_RESOLVED },
	},
	[AT_RESOLVED] = {
		[AT_WORK] = { STEP_REOPEN, AT_WORK },
		[AT_CUSTOMER] = { STEP_REOPEN, AT_WORK },
		[AT_OTHERS] = { STEP_REOPEN, AT_WORK },
		[AT_CLOSED] = { STEP_CLOSE, AT_CLOSED },
	},
	/* Resolved again is closed all the same. */
	[AT_CLOSED] = {
		[AT_WORK] = { STEP_REOPEN, AT_WORK },
		[AT_CUSTOMER] = { STEP_REOPEN, AT_WORK },
		[AT_OTHERS] = { STEP_REOPEN, AT_WORK },
	},
};

static const enum place place_of[] = {
	[AIM_NONE] = AT_WORK,
	[AIM_NEW] = AT_WORK,
	[AIM_WORK] = AT_WORK,
	[AIM_CUSTOMER] = AT_CUSTOMER,
	[AIM_OTHERS] = AT_OTHERS,
	[AIM_RESOLVED] = AT_RESOLVED,
	[AIM_CLOSED] = AT_CLOSED,
};

/* An incident as it is after the steps so far. */
struct life {
	struct incident_log *log;
	struct incident *of; /* the log's last */
	int64_t at, since;   /* of the last step; when it came to `place' */
	enum place place;
	bool acknowledged;
	unsigned priority;
	struct str group, resolver;
};

/* ------------------------------------------------------------------ steps */

static enum err
add_step(struct life *l, struct incident_step s)
{
	struct incident_log *log = l->log;
	struct incident_step *list = incident_room(
	    log->steps, log->n_steps, &log->steps_room, sizeof(*list));

	if (list == NULL)
		return ERR_NOMEM;
	log->steps = list;
	s.at = l->at;
	s.incident = (uint32_t)(log->n_incidents - 1);
	list[log->n_steps++] = s;
	return ERR_OK;
}

static enum err
acknowledge(struct life *l)
{
	if (l->acknowledged)
		return ERR_OK;
	l->acknowledged = true;
	return add_step(l, (struct incident_step){ .kind = STEP_ACKNOWLEDGE });
}

/* What it leaves is counted. */
static void
move(struct life *l, const struct way *w)
{
	int64_t us = l->at - l->since;

	if (l->place == AT_CUSTOMER)
		l->of->waited_customer_us += us;
	if (l->place == AT_OTHERS)
		l->of->waited_others_us += us;
	if (w->step == STEP_RESOLVE)
		l->of->resolved_at = l->at;
	if (w->step == STEP_REOPEN) {
		l->of->resolved_at = 0;
		l->of->reopened++;
	}
	l->place = w->to;
	l->since = l->at;
}

static enum err
go(struct life *l, enum place to, struct str state)
{
	enum err e = to != l->place ? acknowledge(l) : ERR_OK;

	while (e == ERR_OK && ways[l->place][to].step != STEP_NONE) {
		const struct way *w = &ways[l->place][to];

		e = add_step(l,
		    (struct incident_step){ .kind = w->step, .state = state });
		move(l, w);
	}
	return e;
}

static enum err
set_priority(struct life *l, unsigned priority)
{
	if (priority == 0 || priority == l->priority)
		return ERR_OK;
	l->priority = l->of->priority = priority;
	l->of->priority_at = l->at;
	if (l->of->first_priority == 0)
		l->of->first_priority = priority;
	return add_step(l, (struct incident_step){
			       .kind = STEP_PRIORITY, .priority = priority });
}

/* To whom the row says, which may be nobody any more. */
static enum err
assign(struct life *l, const struct incident_row *r)
{
	struct incident_step s = { .kind = STEP_ASSIGN };

	if (r->group.len > 0 && !str_eq(r->group, l->group))
		s.group = l->group = r->group;
	if (!str_eq(r->resolver, l->resolver)) {
		s.resolver = r->resolver.len > 0 ? r->resolver : STR_LIT("-");
		l->resolver = r->resolver;
	}
	return s.group.len > 0 || s.resolver.len > 0 ? add_step(l, s) : ERR_OK;
}

/* ------------------------------------------------------------------ times */

static enum err
correct(struct life *l, const struct incident_row *r, const char *what)
{
	return incident_correct(l->log, r->line, r->number, what);
}

static void
forward(struct life *l, int64_t at)
{
	if (at > l->at)
		l->at = at;
}

static enum err
forward_by_row(struct life *l, const struct incident_row *r)
{
	enum err e = ERR_OK;

	if (r->updated_at == 0)
		e = correct(l, r, "no time: at that of the row before");
	else if (r->updated_at < l->at)
		e = correct(l, r, "before the row before it: pushed forward");
	forward(l, r->updated_at);
	return e;
}

/* The last time that it was resolved has a column of its own. */
static enum err
resolve_as_told(struct life *l, const struct incident_row *r)
{
	enum err e;

	if (r->resolved_at == 0 || r->resolved_at == r->updated_at)
		return ERR_OK;
	e = correct(l, r,
	    r->resolved_at < l->at
		? "resolved_at is before the row before: pushed forward"
		: "resolved_at is another time than the row's: it counts");
	if (e != ERR_OK)
		return e;
	forward(l, r->resolved_at);
	return go(l, AT_RESOLVED, STR_LIT("Resolved"));
}

/* The log was cut while the incident went on. */
static enum err
go_to_end(struct life *l, const struct incident_row *last)
{
	bool resolves = last->resolved_at != 0 && l->place != AT_RESOLVED;
	enum err e;

	if (l->place == AT_CLOSED || (!resolves && last->closed_at == 0))
		return ERR_OK;
	l->of->cut = true;
	e = correct(
	    l, last, "the log ends before it: resolved_at, closed_at played");
	if (e == ERR_OK && resolves) {
		forward(l, last->resolved_at);
		e = go(l, AT_RESOLVED, STR_LIT("Resolved"));
	}
	if (e != ERR_OK || last->closed_at == 0)
		return e;
	forward(l, last->closed_at);
	return go(l, AT_CLOSED, STR_LIT("Closed"));
}

/* ------------------------------------------------------------------- rows */

/* The first of the rows at the end that are all resolved or closed. */
static size_t
final_rows(struct incident_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].aim == AIM_NONE)
			rows[i].aim = i > 0 ? rows[i - 1].aim : AIM_NEW;
	while (n > 0 && rows[n - 1].aim >= AIM_RESOLVED)
		n--;
	return n;
}

static enum err
take_row(struct life *l, const struct incident_row *r)
{
	enum err e;

	if ((e = set_priority(l, r->priority)) != ERR_OK ||
	    (e = assign(l, r)) != ERR_OK)
		return e;
	if ((r->aim != AIM_NEW || r->resolver.len > 0) &&
	    (e = acknowledge(l)) != ERR_OK)
		return e;
	l->of->made_sla = r->made_sla;
	return go(l, place_of[r->aim], r->state);
}

static enum err
open_it(struct life *l, const struct incident_row *r)
{
	enum err e = add_step(
	    l, (struct incident_step){ .kind = STEP_OPEN, .group = r->group });

	l->group = r->group;
	return e == ERR_OK ? set_priority(l, r->priority) : e;
}

enum err
incident_live(struct incident_log *log, struct incident_row *rows, size_t n)
{
	struct life l = { .log = log,
		.of = &log->incidents[log->n_incidents - 1],
		.at = rows[0].opened_at,
		.since = rows[0].opened_at };
	size_t final = final_rows(rows, n);
	enum err e = open_it(&l, &rows[0]);

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		if (i == final)
			e = resolve_as_told(&l, &rows[i]);
		/* Said once is enough of one that was resolved later. */
		if (e == ERR_OK && i < final)
			e = forward_by_row(&l, &rows[i]);
		forward(&l, rows[i].updated_at);
		if (e == ERR_OK)
			e = take_row(&l, &rows[i]);
	}
	return e == ERR_OK ? go_to_end(&l, &rows[n - 1]) : e;
}
