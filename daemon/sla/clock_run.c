/*
 * clock_run.c - one clock's arithmetic.
 *
 * A clock is at a stretch that began at `since', with `counted' before it.  Due
 * is where the rest of the goal ends from `since' on.  Next is the lowest rung
 * not yet reached, in which the breach has its place at 100 %: so what is over
 * 100 % comes after it.
 */
#include "sla/clock_own.h"

__extension__ typedef __int128 wide;

static bool
step(struct work *w, enum sla_clock_event ev)
{
	enum sla_stage from = w->c.stage;

	w->c.stage = sla_clock_step(from, ev);
	return w->c.stage != from;
}

static int64_t
share_of(int64_t goal, unsigned percent)
{
	wide us = (wide)goal * percent / 100;

	return us < INT64_MAX ? (int64_t)us : INT64_MAX;
}

/* When so much will be counted, if nothing happens. */
static int64_t
when(const struct work *w, int64_t us)
{
	return calendar_add(
	    w->terms.calendar, w->since, us > w->counted ? us - w->counted : 0);
}

static bool
is_reached(const struct work *w, unsigned percent)
{
	if (percent == 100)
		return w->c.breached;
	for (const struct reached *r = w->reached; r != NULL; r = r->next)
		if (r->r.percent == percent)
			return true;
	return false;
}

static void
aim_next(struct work *w)
{
	const struct sla_target *t = w->terms.match.target;
	unsigned n = t != NULL ? t->n_rungs : 0, i = 0;

	while (i < n && t->rungs[i].percent < 100 &&
	       is_reached(w, t->rungs[i].percent))
		i++;
	w->next_rung = NULL;
	if ((i == n || t->rungs[i].percent >= 100) && !w->c.breached) {
		if (i < n && t->rungs[i].percent == 100)
			w->next_rung = &t->rungs[i];
		w->next_percent = 100;
		w->next_at = w->c.due_at;
		return;
	}
	while (i < n && is_reached(w, t->rungs[i].percent))
		i++;
	w->next_at = INT64_MAX;
	if (i == n)
		return;
	w->next_rung = &t->rungs[i];
	w->next_percent = t->rungs[i].percent;
	w->next_at = when(w, share_of(w->goal, w->next_percent));
}

/* After anything that moves the due. */
static void
aim(struct work *w)
{
	w->next_at = INT64_MAX;
	if (w->c.stage == STAGE_PAUSED && !w->c.breached)
		w->c.due_at = 0;
	if (w->c.stage != STAGE_RUNNING)
		return;
	if (!w->c.breached)
		w->c.due_at = when(w, w->goal);
	aim_next(w);
}

static void
reach(struct fold *f, struct work *w)
{
	struct reached *r = fold_alloc(f, sizeof(*r));
	int64_t need = share_of(w->goal, w->next_percent);

	if (r == NULL) {
		w->next_at = INT64_MAX;
		return;
	}
	r->r = (struct sla_reached){ w->next_percent, w->next_at, w->next_rung,
		w->next_percent == 100 ? w->due_moved : need <= w->carried };
	*w->reached_end = r;
	w->reached_end = &r->next;
	w->c.n_reached++;
	if (w->next_percent == 100) {
		w->c.breached = true;
		w->c.breached_at = w->next_at;
	}
	aim_next(w);
}

void
clock_fire(struct fold *f, struct work *w, int64_t t, bool inclusive)
{
	while (w->next_at < t || (w->next_at == t && t != INT64_MAX &&
				     inclusive && w->next_percent != 100))
		reach(f, w);
}

/* The stretch ends here, and another begins. */
static void
turn(struct fold *f, struct work *w, int64_t at)
{
	if (w->c.stage == STAGE_RUNNING) {
		span_counted(f, w, at);
		w->counted += calendar_elapsed(w->terms.calendar, w->since, at);
	} else if (w->c.stage == STAGE_PAUSED) {
		span_waited(f, w, at);
	}
	w->since = at;
}

int64_t
clock_elapsed(const struct work *w, int64_t now)
{
	if (w->c.stage != STAGE_RUNNING)
		return w->counted;
	return w->counted + calendar_elapsed(w->terms.calendar, w->since, now);
}

void
clock_set_waits(struct fold *f, struct work *w, unsigned waits, int64_t at)
{
	unsigned mine = waits & w->terms.pauses;

	if (mine == w->c.waits)
		return;
	turn(f, w, at);
	w->c.waits = mine;
	if (step(w, mine != 0 ? CLOCK_PAUSE : CLOCK_RESUME))
		aim(w);
}

static void
take(struct work *w, const struct terms *t)
{
	w->terms = *t;
	w->goal = t->goal;
}

static void
forget_reached(struct work *w)
{
	w->reached = NULL;
	w->reached_end = &w->reached;
	w->c.n_reached = 0;
}

static uint32_t
next_cycle(const struct work *w)
{
	const struct work *o = w->older;

	while (o != NULL && !str_eq(o->c.holder, w->c.holder))
		o = o->older;
	return o != NULL ? o->c.cycle + 1 : 1;
}

struct work *
clock_new(struct fold *f, enum sla_metric m, enum sla_agreement agreement,
    const struct sla_attributes *a, const struct terms *t, int64_t start)
{
	struct work *w = fold_alloc(f, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->c.metric = m;
	w->c.agreement = agreement;
	if (agreement == SLA_OLA)
		w->c.holder = a->value[ATTR_QUEUE];
	else if (agreement == SLA_UC)
		w->c.holder = STR_LIT("supplier");
	w->c.started_at = start;
	w->pinned = *a;
	w->carried = -1;
	w->reached_end = &w->reached;
	w->spans_end = &w->spans;
	take(w, t);
	w->older = f->newest[m][agreement];
	w->c.cycle = next_cycle(w);
	f->newest[m][agreement] = w;
	f->live[m][agreement] = w;
	*f->works_end = w;
	f->works_end = &w->next;
	f->n_works++;
	return w;
}

void
clock_start(struct fold *f, struct work *w, int64_t now)
{
	w->since = now;
	step(w, CLOCK_START);
	aim(w);
	clock_set_waits(f, w, f->waits, now);
}

/* Through the waits since its start; what is reached counts only if `fire'. */
static void
replay(struct fold *f, struct work *w, int64_t to, bool fire)
{
	w->c.stage = STAGE_NOT_STARTED;
	w->c.waits = 0;
	w->counted = 0;
	w->since = w->c.started_at;
	w->spans = NULL;
	w->spans_end = &w->spans;
	step(w, CLOCK_START);
	aim(w);
	for (unsigned i = 0; i < f->n_turns && f->turns[i].at <= to; i++) {
		int64_t at = f->turns[i].at;

		if (at < w->c.started_at)
			at = w->c.started_at;
		if (fire)
			clock_fire(f, w, at, false);
		clock_set_waits(f, w, f->turns[i].waits, at);
	}
	if (fire)
		clock_fire(f, w, to, false);
	turn(f, w, to);
	aim(w);
}

void
clock_start_late(struct fold *f, struct work *w, int64_t now)
{
	struct terms t = w->terms;

	replay(f, w, now, false);
	clock_carry(f, w, &t, now, t.match.policy->change_grace_us, 0);
}

static void
finish(struct fold *f, struct work *w, int64_t at)
{
	turn(f, w, at);
	w->next_at = INT64_MAX;
	w->c.stopped_at = at;
	w->c.waits = 0;
	f->live[w->c.metric][w->c.agreement] = NULL;
}

void
clock_stop(struct fold *f, struct work *w, int64_t at)
{
	finish(f, w, at);
	step(w, CLOCK_STOP);
	w->c.outcome = w->c.breached ? OUTCOME_MISSED : OUTCOME_MET;
}

void
clock_cancel(struct fold *f, struct work *w, int64_t at)
{
	finish(f, w, at);
	step(w, CLOCK_CANCEL);
	w->c.outcome = OUTCOME_EXCLUDED;
}

void
clock_end(struct fold *f, struct work *w, int64_t at)
{
	if (w->c.breached)
		clock_stop(f, w, at);
	else
		clock_cancel(f, w, at);
}

/* The goal was used up when something changed: what is due now was put there
 * by the change. */
static void
mark_change(struct work *w)
{
	w->carried = w->counted;
	w->due_moved = w->terms.goal <= w->counted;
}

/* What passed while it was resolved is a wait, or, where the policy says that
 * it is none, counted all the same. */
void
clock_reopen(struct fold *f, struct work *w, int64_t at)
{
	bool waited = (w->terms.pauses & WAIT_RESOLVED) != 0;

	step(w, CLOCK_REOPEN);
	f->live[w->c.metric][w->c.agreement] = w;
	w->c.outcome = OUTCOME_NONE;
	w->c.stopped_at = 0;
	if (waited) {
		w->c.waits = WAIT_RESOLVED;
		span_waited(f, w, at);
		w->c.waits = 0;
		w->since = at;
	} else {
		turn(f, w, at);
		mark_change(w);
	}
	aim(w);
	clock_set_waits(f, w, f->waits, at);
}

void
clock_carry(struct fold *f, struct work *w, const struct terms *t, int64_t at,
    int64_t grace, int64_t more)
{
	bool other_base = t->fixed || w->terms.fixed;
	int64_t goal = t->goal == w->terms.goal ? w->goal : t->goal;

	turn(f, w, at);
	w->counted += more;
	take(w, t);
	w->goal = goal; /* what grace was given stays */
	/* By the wall and by a calendar cannot be summed. */
	if (other_base)
		replay(f, w, at, false);
	mark_change(w);
	if (grace > 0 && w->goal < w->counted + grace)
		w->goal = w->counted + grace;
	aim(w);
	clock_set_waits(f, w, f->waits, at);
	span_changed(f, w, at);
}

void
clock_restart(struct fold *f, struct work *w, const struct terms *t, int64_t at)
{
	turn(f, w, at);
	take(w, t);
	w->c.started_at = at;
	w->counted = 0;
	w->carried = -1;
	w->due_moved = false;
	if (!w->c.breached)
		forget_reached(w);
	aim(w);
	clock_set_waits(f, w, f->waits, at);
	span_changed(f, w, at);
}

void
clock_recount(struct fold *f, struct work *w, const struct terms *t, int64_t at)
{
	const struct reached *before = w->reached;

	take(w, t);
	w->carried = -1;
	w->due_moved = false;
	w->c.breached = false;
	w->c.breached_at = 0;
	forget_reached(w);
	replay(f, w, at, true);
	for (struct reached *r = w->reached; r != NULL; r = r->next) {
		const struct reached *o = before;

		while (o != NULL && o->r.percent != r->r.percent)
			o = o->next;
		r->r.by_change = o == NULL || o->r.by_change;
	}
	clock_set_waits(f, w, f->waits, at);
	span_changed(f, w, at);
}
