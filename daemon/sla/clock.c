/*
 * clock.c - through a ticket's history, instant by instant.
 *
 * An instant is all facts of one time, and the waits that end then.  It is
 * gone through in steps, each over all its facts: what stops, what cancels,
 * what is waited for and no longer, what starts, what changes.  Before the next
 * instant the clocks reach what they reach in between; so a timer is the last
 * thing of its instant.
 *
 * Metrics are open from what starts them to what stops them, whether anything
 * is promised for them or not; a clock is what an agreement makes of it.
 */
#include <stdlib.h>

#include "sla/clock_own.h"

void *
fold_alloc(struct fold *f, size_t n)
{
	void *p = arena_alloc(f->arena, n);

	if (p == NULL)
		f->err = ERR_NOMEM;
	return p;
}

/* ---- signals */

void
signal_stops(struct fold *f, unsigned signal, int64_t at)
{
	for (unsigned m = 0; m < SLA_NMETRICS; m++) {
		const struct clock_rule *r = &clock_rules[m];
		bool stops = (r->stops & signal) != 0;

		if (!stops && !(r->ends & signal))
			continue;
		for (unsigned a = 0; a < SLA_NAGREEMENTS; a++)
			if (f->live[m][a] != NULL)
				(stops ? clock_stop : clock_end)(
				    f, f->live[m][a], at);
		f->open &= ~(1U << m);
		if (stops)
			f->done |= 1U << m;
	}
}

static struct work *
start_one(struct fold *f, enum sla_metric m, enum sla_agreement a,
    const struct sla_attributes *attributes, int64_t at)
{
	struct terms t;
	struct work *w;

	if (f->live[m][a] != NULL ||
	    !terms_find(f, f->revision, m, a, attributes, at, &t))
		return NULL;
	w = clock_new(f, m, a, attributes, &t, at);
	if (w != NULL)
		clock_start(f, w, at);
	return w;
}

/* What it waits for has been already: an answer before the switch's time of
 * the offer, an owner in the same instant. */
static void
settle_received(struct fold *f, enum sla_metric m, int64_t at)
{
	bool stops =
	    (f->done & 1U << m) || (m == SLA_OWNERSHIP && f->owner != 0);
	bool ends = f->resolved && (clock_rules[m].ends & SIGNAL_SOLVED);

	if (!stops && !ends)
		return;
	for (unsigned a = 0; a < SLA_NAGREEMENTS; a++)
		if (f->live[m][a] != NULL)
			(stops ? clock_stop : clock_end)(f, f->live[m][a], at);
	f->open &= ~(1U << m);
}

static void
signal_starts(struct fold *f, struct moment *now, unsigned signal,
    const struct sla_attributes *attributes)
{
	for (unsigned m = 0; m < SLA_NMETRICS; m++) {
		const struct clock_rule *r = &clock_rules[m];

		if (!(r->starts & signal) ||
		    (f->resolved && !r->while_resolved &&
			signal != SIGNAL_RECEIVED) ||
		    (f->open & 1U << m))
			continue;
		f->open |= 1U << m;
		f->open_since[m] = now->at;
		now->opened |= 1U << m;
		start_one(f, (enum sla_metric)m, SLA_SLA, attributes, now->at);
		start_one(f, (enum sla_metric)m, SLA_UC, attributes, now->at);
		if (signal == SIGNAL_RECEIVED)
			settle_received(f, (enum sla_metric)m, now->at);
	}
}

/* ---- stops */

static void
solve(struct fold *f, struct moment *now, unsigned i)
{
	if (f->resolved)
		return;
	f->resolved = true;
	f->resolved_at = now->at;
	f->owed = false;
	now->solved = i + 1;
	signal_stops(f, SIGNAL_SOLVED, now->at);
}

static void
step_stop(struct fold *f, struct moment *now, unsigned i)
{
	const struct sla_fact *x = now->facts[i];

	if (x->sets_owner) {
		f->owner = x->owner;
		if (x->owner != 0)
			signal_stops(f, SIGNAL_OWNED, now->at);
	}
	switch (x->kind) {
	case FACT_ACKNOWLEDGED:
		signal_stops(f, SIGNAL_ACKNOWLEDGED, now->at);
		break;
	case FACT_RESPONDED:
		f->responded = true;
		f->owed = false;
		signal_stops(f, SIGNAL_RESPONDED, now->at);
		break;
	case FACT_ARRIVED:
		signal_stops(f, SIGNAL_ARRIVED, now->at);
		break;
	case FACT_KEPT:
		signal_stops(f, SIGNAL_KEPT, now->at);
		break;
	case FACT_FOLLOWED_UP:
		signal_stops(f, SIGNAL_FOLLOWED_UP, now->at);
		break;
	case FACT_RESOLVED:
		solve(f, now, i);
		break;
	case FACT_CLOSED:
		solve(f, now, i);
		signal_stops(f, SIGNAL_CLOSED, now->at);
		break;
	default:
		break;
	}
}

/* The stint of who held it ends with that. */
static void
leave_queue(struct fold *f, struct moment *now)
{
	if (str_eq(
		now->before.value[ATTR_QUEUE], f->attributes.value[ATTR_QUEUE]))
		return;
	now->moved = true;
	f->queue_since = now->at;
	for (unsigned m = 0; m < SLA_NMETRICS; m++)
		if (f->live[m][SLA_OLA] != NULL)
			clock_stop(f, f->live[m][SLA_OLA], now->at);
}

static void
step_cancel(struct fold *f, struct moment *now, unsigned i)
{
	enum sla_fact_kind kind = now->facts[i]->kind;

	if (kind != FACT_CANCELLED && kind != FACT_MERGED)
		return;
	for (unsigned m = 0; m < SLA_NMETRICS; m++)
		for (unsigned a = 0; a < SLA_NAGREEMENTS; a++)
			if (f->live[m][a] != NULL)
				clock_cancel(f, f->live[m][a], now->at);
	f->ended = true;
	f->open = 0;
}

/* ---- starts */

/* The clock that being resolved has stopped, if it goes on. */
static struct work *
to_go_on(struct fold *f, enum sla_agreement a, int64_t at)
{
	struct work *w = f->newest[SLA_RESOLUTION][a];
	const struct sla_policy *p;

	if (w == NULL || w->c.stage != STAGE_COMPLETED ||
	    w->c.stopped_at != f->resolved_at ||
	    (a == SLA_OLA &&
		!str_eq(w->c.holder, f->attributes.value[ATTR_QUEUE])))
		return NULL;
	p = w->terms.match.policy;
	return !p->new_cycle && at - f->resolved_at <= p->reopen_window_us
	           ? w
	           : NULL;
}

static void
reopen(struct fold *f, struct moment *now, const struct sla_attributes *a)
{
	unsigned before = f->waits;

	if (!f->resolved)
		return;
	share_until(f, now->at, true);
	signal_stops(f, SIGNAL_REOPENED, now->at);
	f->resolved = false;
	f->waits &= ~(unsigned)WAIT_RESOLVED;
	fold_set_waits(f, before, now->at);
	for (unsigned g = 0; g < SLA_NAGREEMENTS; g++) {
		struct work *w = to_go_on(f, (enum sla_agreement)g, now->at);

		if (w != NULL)
			clock_reopen(f, w, now->at);
	}
	signal_starts(f, now, SIGNAL_REOPENED, a);
}

static void
receive(struct fold *f, struct moment *now, const struct sla_attributes *a)
{
	if (f->received)
		return;
	f->received = true;
	f->received_at = f->share_since = now->at;
	f->owed = !f->responded;
	f->revision = sla_book_at(f->book, now->at);
	signal_starts(f, now, SIGNAL_RECEIVED, a);
}

/* A new promise takes the place of an older one. */
static void
promise(struct fold *f, struct moment *now, const struct sla_fact *x,
    const struct sla_attributes *a)
{
	struct work *w = f->live[SLA_PROMISE][SLA_SLA];
	struct terms t = { .revision = f->revision };

	if (w != NULL)
		clock_cancel(f, w, now->at);
	(void)terms_find(f, f->revision, SLA_PROMISE, SLA_SLA, a, now->at, &t);
	t.goal = x->until > now->at ? x->until - now->at : 0;
	t.calendar = NULL;
	t.pauses = 0;
	t.fixed = true;
	w = clock_new(f, SLA_PROMISE, SLA_SLA, a, &t, now->at);
	if (w != NULL)
		clock_start(f, w, now->at);
}

static void
step_start(struct fold *f, struct moment *now, unsigned i,
    const struct sla_attributes *a)
{
	const struct sla_fact *x = now->facts[i];

	if (x->kind == FACT_RECEIVED)
		receive(f, now, a);
	else if (x->kind == FACT_PROMISED)
		promise(f, now, x, a);
	if (!f->received)
		return;
	if (x->kind == FACT_CONTACTED && !f->owed) {
		f->owed = true;
		signal_starts(f, now, SIGNAL_CONTACTED, a);
	} else if (x->kind == FACT_RESPONDED) {
		signal_starts(f, now, SIGNAL_RESPONDED, a);
	} else if (x->kind == FACT_SCHEDULED) {
		signal_starts(f, now, SIGNAL_SCHEDULED, a);
	} else if (x->kind == FACT_RESOLVED && now->solved == i + 1) {
		signal_starts(f, now, SIGNAL_RESOLVED, a);
	} else if (x->kind == FACT_REOPENED) {
		reopen(f, now, a);
	} else if (x->kind == FACT_PENDED && now->away) {
		now->away = false;
		signal_starts(f, now, SIGNAL_AWAY, a);
	}
}

/* What is open becomes the holder's: at once, or when the ticket comes. */
static void
start_stints(struct fold *f, const struct moment *now)
{
	unsigned which = f->open & (now->moved ? ~0U : now->opened);

	if (f->attributes.value[ATTR_QUEUE].len == 0)
		return;
	for (unsigned m = 0; which >> m != 0; m++)
		if (which & 1U << m)
			start_one(f, (enum sla_metric)m, SLA_OLA,
			    &f->attributes, now->at);
}

/* ---- an instant */

/* Where the house's own hours are taken from: its queue, else what it has
 * promised to resolve by. */
static void
find_house(struct fold *f)
{
	const struct sla_attributes *a = &f->attributes;
	struct sla_match m;

	if (f->revision == NULL)
		return;
	m = sla_match(f->revision, SLA_RESOLUTION, SLA_SLA, a);
	f->house =
	    sla_book_named(f->revision, sla_calendar_name(f->revision, m.policy,
					    m.target, a->value[ATTR_QUEUE]));
}

static bool
sets_attributes(const struct sla_fact *x)
{
	if (x->kind == FACT_MERGED_IN)
		return false;
	for (unsigned i = 0; i < ATTR_NATTRIBUTES; i++)
		if (x->set.value[i].p != NULL)
			return true;
	return false;
}

static void
fire_all(struct fold *f, int64_t at, bool inclusive)
{
	for (unsigned m = 0; m < SLA_NMETRICS; m++)
		for (unsigned a = 0; a < SLA_NAGREEMENTS; a++)
			if (f->live[m][a] != NULL)
				clock_fire(f, f->live[m][a], at, inclusive);
}

static void
go_through_starts(struct fold *f, struct moment *now)
{
	struct sla_attributes a = now->before;

	for (unsigned i = 0; i < now->n; i++) {
		if (sets_attributes(now->facts[i]))
			a = attributes_with(&a, &now->facts[i]->set);
		step_start(f, now, i, &a);
	}
	start_stints(f, now);
}

static void
go_through(struct fold *f, struct moment *now)
{
	bool anew = !f->received;

	share_until(f, now->at, false);
	fire_all(f, now->at, false);
	now->before = f->attributes;
	for (unsigned i = 0; i < now->n; i++)
		if (sets_attributes(now->facts[i])) {
			f->attributes = attributes_with(
			    &f->attributes, &now->facts[i]->set);
			now->described = true;
		}
	if (!f->ended) {
		for (unsigned i = 0; i < now->n; i++)
			step_stop(f, now, i);
		leave_queue(f, now);
		for (unsigned i = 0; i < now->n; i++)
			step_cancel(f, now, i);
	}
	if (!f->ended || f->waits != 0)
		fold_waits(f, now);
	if (!f->ended) {
		go_through_starts(f, now);
		fold_changes(f, now);
	}
	if (now->described || (anew && f->received) ||
	    f->house_revision != f->revision) {
		find_house(f);
		f->house_revision = f->revision;
	}
}

/* ---- the history */

static int
by_time(const void *pa, const void *pb)
{
	const struct sla_fact *const *fa = pa, *const *fb = pb;
	const struct sla_fact *a = *fa, *b = *fb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	return (a->kind > b->kind) - (a->kind < b->kind);
}

static bool
is_sound(const struct sla_book *b, const struct sla_fact *x)
{
	if (x->at <= 0 || x->kind >= FACT_NKINDS)
		return false;
	if (x->kind == FACT_PROMISED && x->until <= 0)
		return false;
	return x->kind != FACT_REVISED || sla_book_find(b, x->revision) != NULL;
}

static enum err
sort_facts(struct fold *f, const struct sla_history *h, int64_t now,
    const struct sla_fact ***out, unsigned *n)
{
	const struct sla_fact **facts =
	    fold_alloc(f, h->n * sizeof(const struct sla_fact *));

	if (facts == NULL)
		return ERR_NOMEM;
	*n = 0;
	for (unsigned i = 0; i < h->n; i++) {
		if (h->facts[i].at > now)
			continue;
		if (!is_sound(f->book, &h->facts[i]))
			return ERR_BAD_FIELD;
		facts[(*n)++] = &h->facts[i];
	}
	if (*n > 1)
		qsort(facts, *n, sizeof(const struct sla_fact *), by_time);
	*out = facts;
	return ERR_OK;
}

static int64_t
next_end_of_wait(const struct fold *f)
{
	int64_t at = INT64_MAX;

	for (unsigned i = 0; i < NELEM(f->until); i++)
		if ((f->waits & 1U << i) && f->until[i] != 0 &&
		    f->until[i] < at)
			at = f->until[i];
	return at;
}

static void
go_through_all(
    struct fold *f, const struct sla_fact **facts, unsigned n, int64_t now)
{
	unsigned i = 0;

	while (f->err == ERR_OK) {
		struct moment m = { .at = next_end_of_wait(f) };

		if (i < n && facts[i]->at <= m.at)
			m.at = facts[i]->at;
		if (m.at > now || (i == n && m.at == INT64_MAX))
			break;
		m.facts = facts + i;
		for (; i < n && facts[i]->at == m.at; i++)
			m.n++;
		go_through(f, &m);
	}
}

enum err
sla_evaluate(struct sla_book *b, const struct sla_history *h, int64_t now,
    bool spans, struct arena *a, struct sla_result *out)
{
	struct fold f = { .book = b, .arena = a, .want_spans = spans };
	const struct sla_fact **facts;
	unsigned n;
	enum err e = sort_facts(&f, h, now, &facts, &n);

	if (e != ERR_OK)
		return e;
	f.works_end = &f.works;
	f.shares_end = &f.shares;
	go_through_all(&f, facts, n, now);
	fire_all(&f, now, true);
	share_until(&f, now, false);
	if (f.err == ERR_OK)
		fold_result(&f, now, out);
	return f.err;
}
