/*
 * clock_change.c - what changes under a running clock.
 *
 * A clock keeps the attributes that its terms were found by.  When they change,
 * its policy says what becomes of it; when the revision does, the fact.  What
 * has completed is never touched.
 */
#include "sla/clock_own.h"

/* The attributes that an SLA is rematched by: its queue never is. */
static struct sla_attributes
attributes_for(const struct fold *f, const struct work *w)
{
	struct sla_attributes a = f->attributes;

	a.value[ATTR_QUEUE] = w->pinned.value[ATTR_QUEUE];
	return a;
}

static void
rematch(struct fold *f, struct work *w, int64_t at)
{
	enum sla_on_rematch how = w->terms.match.policy->on_rematch;
	struct sla_attributes a = attributes_for(f, w);
	struct terms t;

	if (how == REMATCH_KEEP || attributes_eq(&a, &w->pinned))
		return;
	w->pinned = a;
	if (!terms_renew(f, w, w->terms.revision, &a,
		how == REMATCH_RESTART ? at : w->c.started_at, &t))
		clock_cancel(f, w, at);
	else if (t.match.target == w->terms.match.target)
		return;
	else if (how == REMATCH_RESTART)
		clock_restart(f, w, &t, at);
	else
		clock_carry(f, w, &t, at, t.match.policy->change_grace_us, 0);
}

static void
revise(struct fold *f, struct work *w, const struct sla_fact *x)
{
	struct terms t;

	if (!terms_renew(f, w, f->revision, &w->pinned, w->c.started_at, &t))
		clock_cancel(f, w, x->at);
	else if (x->retroactive)
		clock_recount(f, w, &t, x->at);
	else
		clock_carry(f, w, &t, x->at, 0, 0);
}

/* The other's start if it is earlier, its goal if it is stricter. */
static void
merge(struct fold *f, struct work *w, const struct sla_fact *x)
{
	struct sla_attributes *a = fold_alloc(f, sizeof(*a));
	int64_t start = w->c.started_at, more;
	struct terms t, theirs;

	if (a == NULL)
		return;
	*a = attributes_with(&w->pinned, &x->set);
	if (x->until > 0 && x->until < start)
		start = x->until;
	if (!terms_renew(f, w, w->terms.revision, &w->pinned, start, &t))
		return;
	if (terms_find(f, w->terms.revision, w->c.metric, w->c.agreement, a,
		start, &theirs) &&
	    terms_stricter(&theirs, &t, start)) {
		t = theirs;
		w->merged = a;
	} else if (start == w->c.started_at) {
		return;
	}
	more = calendar_elapsed(t.calendar, start, w->c.started_at);
	w->c.started_at = start;
	clock_carry(f, w, &t, x->at, t.match.policy->change_grace_us, more);
}

/* Something is promised now that was not before: from the beginning of what it
 * is about, or, under a revision from here on, from here. */
static void
gain(struct fold *f, const struct moment *now, bool late)
{
	for (unsigned i = 0; i < SLA_NMETRICS * SLA_NAGREEMENTS; i++) {
		enum sla_metric m = (enum sla_metric)(i / SLA_NAGREEMENTS);
		enum sla_agreement a =
		    (enum sla_agreement)(i % SLA_NAGREEMENTS);
		int64_t start = late ? f->open_since[m] : now->at;
		struct terms t;
		struct work *w;

		if (!(f->open & 1U << m) || m == SLA_PROMISE ||
		    f->live[m][a] != NULL)
			continue;
		if (a == SLA_OLA && f->attributes.value[ATTR_QUEUE].len == 0)
			continue;
		if (a == SLA_OLA && start < f->queue_since)
			start = f->queue_since;
		if (!terms_find(
			f, f->revision, m, a, &f->attributes, start, &t))
			continue;
		w = clock_new(f, m, a, &f->attributes, &t, start);
		if (w == NULL)
			return;
		if (start < now->at)
			clock_start_late(f, w, now->at);
		else
			clock_start(f, w, now->at);
	}
}

static void
step_change(struct fold *f, const struct moment *now, const struct sla_fact *x)
{
	static const bool by_receipt[SLA_NMETRICS] = {
		[SLA_ACKNOWLEDGE] = true,
		[SLA_FIRST_RESPONSE] = true,
		[SLA_OWNERSHIP] = true,
		[SLA_RESOLUTION] = true,
		[SLA_DAILY_CLEAR] = true,
	};

	if (x->kind == FACT_MERGED_IN) {
		for (unsigned m = 0; m < SLA_NMETRICS; m++)
			if (by_receipt[m] && f->live[m][SLA_SLA] != NULL)
				merge(f, f->live[m][SLA_SLA], x);
	} else if (x->kind == FACT_REVISED) {
		f->revision = sla_book_find(f->book, x->revision);
		for (unsigned m = 0; m < SLA_NMETRICS; m++)
			for (unsigned a = 0; a < SLA_NAGREEMENTS; a++)
				if (f->live[m][a] != NULL && m != SLA_PROMISE)
					revise(f, f->live[m][a], x);
		gain(f, now, x->retroactive);
	}
}

void
fold_changes(struct fold *f, struct moment *now)
{
	for (unsigned i = 0; i < now->n; i++)
		step_change(f, now, now->facts[i]);
	if (!now->described)
		return;
	for (unsigned m = 0; m < SLA_NMETRICS; m++)
		for (unsigned a = 0; a < SLA_NAGREEMENTS; a++)
			if (f->live[m][a] != NULL && m != SLA_PROMISE)
				rematch(f, f->live[m][a], now->at);
	gain(f, now, true);
}
