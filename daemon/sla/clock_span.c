/*
 * clock_span.c - what the answer shows besides: the explanation's spans, and
 * who held the ticket; and the answer itself.
 */
#include <stdlib.h>

#include "sla/clock_own.h"

static void
add_span(struct fold *f, struct work *w, enum sla_span_kind kind, int64_t from,
    int64_t to, int64_t elapsed)
{
	struct span *last = w->spans != NULL ? w->last_span : NULL, *s;

	if (from >= to && kind != SPAN_CHANGED)
		return;
	/* Midnight divides no stretch. */
	if (last != NULL && last->s.kind == kind && last->s.to == from &&
	    kind != SPAN_CHANGED && last->s.waits == w->c.waits) {
		last->s.to = to;
		last->s.elapsed_us = elapsed;
		return;
	}
	if ((s = fold_alloc(f, sizeof(*s))) == NULL)
		return;
	s->s = (struct sla_span){ .kind = kind,
		.from = from,
		.to = to,
		.elapsed_us = elapsed,
		.waits = kind == SPAN_WAITING ? w->c.waits : 0,
		.policy = w->terms.match.policy,
		.revision =
		    w->terms.revision != NULL ? w->terms.revision->id : 0,
		.goal_us = w->goal,
		.calendar = w->terms.calendar_name };
	*w->spans_end = w->last_span = s;
	w->spans_end = &s->next;
}

void
span_counted(struct fold *f, struct work *w, int64_t to)
{
	int64_t at = w->since, elapsed = w->counted, open, shut;

	if (!f->want_spans)
		return;
	while (at < to) {
		if (w->terms.calendar == NULL) {
			open = at;
			shut = to;
		} else if (!calendar_interval(
			       w->terms.calendar, at, &open, &shut)) {
			open = shut = to;
		}
		if (open > to)
			open = to;
		if (shut > to)
			shut = to;
		if (open < at)
			open = at;
		add_span(f, w, SPAN_CLOSED, at, open, elapsed);
		elapsed += shut - open;
		add_span(f, w, SPAN_COUNTED, open, shut, elapsed);
		at = shut;
	}
}

void
span_waited(struct fold *f, struct work *w, int64_t to)
{
	if (f->want_spans)
		add_span(f, w, SPAN_WAITING, w->since, to, w->counted);
}

void
span_changed(struct fold *f, struct work *w, int64_t at)
{
	if (f->want_spans)
		add_span(f, w, SPAN_CHANGED, at, at, w->counted);
}

/* ---- shares */

static void
add_share(struct fold *f, enum sla_holder holder, int64_t us)
{
	uint32_t agent = holder == HOLDER_AGENT ? f->owner : 0;
	struct str queue = holder == HOLDER_GROUP
	                       ? f->attributes.value[ATTR_QUEUE]
	                       : (struct str){ NULL, 0 };
	struct share *s = f->shares;

	if (us <= 0)
		return;
	while (s != NULL && (s->s.holder != holder || s->s.agent != agent ||
				!str_eq(s->s.queue, queue)))
		s = s->next;
	if (s == NULL) {
		if ((s = fold_alloc(f, sizeof(*s))) == NULL)
			return;
		s->s = (struct sla_share){ holder, agent, queue, 0 };
		*f->shares_end = s;
		f->shares_end = &s->next;
	}
	s->s.us += us;
}

/* Whoever is waited for holds it day and night; the house only while it is
 * open. */
void
share_until(struct fold *f, int64_t at, bool reopened)
{
	int64_t us = at - f->share_since, open;

	if (!f->received || f->ended || (f->resolved && !reopened) || us <= 0)
		return;
	f->share_since = at;
	if (reopened) {
		add_share(f, HOLDER_CLOSED, us);
	} else if (f->waits & WAIT_THIRD_PARTY) {
		add_share(f, HOLDER_SUPPLIER, us);
	} else if (f->waits != 0) {
		add_share(f, HOLDER_CUSTOMER, us);
	} else {
		open = calendar_elapsed(f->house, at - us, at);
		add_share(f, f->owner != 0 ? HOLDER_AGENT : HOLDER_GROUP, open);
		add_share(f, HOLDER_CLOSED, us - open);
	}
}

/* ---- the answer */

static int
sign(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_place(const void *pa, const void *pb)
{
	const struct work *const *wa = pa, *const *wb = pb;
	const struct sla_clock *a = &(*wa)->c, *b = &(*wb)->c;

	if (a->metric != b->metric)
		return sign(a->metric, b->metric);
	if (a->agreement != b->agreement)
		return sign(a->agreement, b->agreement);
	if (a->started_at != b->started_at)
		return sign(a->started_at, b->started_at);
	return sign(a->cycle, b->cycle);
}

static void
put_reached(struct fold *f, struct work *w)
{
	struct sla_reached *out;

	if (w->c.n_reached == 0)
		return;
	if ((out = fold_alloc(f, w->c.n_reached * sizeof(*out))) == NULL)
		return;
	w->c.reached = out;
	for (const struct reached *r = w->reached; r != NULL; r = r->next)
		*out++ = r->r;
}

static void
put_clock(struct fold *f, struct work *w, int64_t now, struct sla_clock *out)
{
	struct sla_clock *c = &w->c;

	put_reached(f, w);
	c->revision = w->terms.revision != NULL ? w->terms.revision->id : 0;
	c->policy = w->terms.match.policy;
	c->target = w->terms.match.target;
	c->calendar = w->terms.calendar_name;
	c->goal_us = w->goal;
	c->elapsed_us = clock_elapsed(w, now);
	c->next_at = w->next_at;
	c->next_percent = w->next_at != INT64_MAX ? w->next_percent : 0;
	if (c->next_percent == 100)
		c->next_at++; /* at its due it is still met */
	*out = *c;
}

static void
put_spans(struct fold *f, struct work *const *order, struct sla_result *out)
{
	unsigned n = 0;

	for (unsigned i = 0; i < out->n_clocks; i++)
		for (const struct span *s = order[i]->spans; s != NULL;
		     s = s->next)
			n++;
	if (n == 0 ||
	    (out->spans = fold_alloc(f, n * sizeof(*out->spans))) == NULL)
		return;
	for (unsigned i = 0; i < out->n_clocks; i++)
		for (const struct span *s = order[i]->spans; s != NULL;
		     s = s->next) {
			out->spans[out->n_spans] = s->s;
			out->spans[out->n_spans++].clock = i;
		}
}

static void
put_clocks(struct fold *f, int64_t now, struct sla_result *out)
{
	struct work **order, *w;
	unsigned i = 0;

	if (f->n_works == 0)
		return;
	order = fold_alloc(f, f->n_works * sizeof(struct work *));
	out->clocks = fold_alloc(f, f->n_works * sizeof(*out->clocks));
	if (order == NULL || out->clocks == NULL)
		return;
	for (w = f->works; w != NULL; w = w->next)
		order[i++] = w;
	qsort(order, f->n_works, sizeof(struct work *), by_place);
	out->n_clocks = f->n_works;
	for (i = 0; i < f->n_works; i++) {
		if (f->want_spans && order[i]->c.stage == STAGE_RUNNING)
			span_counted(f, order[i], now);
		else if (order[i]->c.stage == STAGE_PAUSED)
			span_waited(f, order[i], now);
		put_clock(f, order[i], now, &out->clocks[i]);
		if (out->clocks[i].next_at < out->next_at)
			out->next_at = out->clocks[i].next_at;
	}
	put_spans(f, order, out);
}

static void
put_shares(struct fold *f, struct sla_result *out)
{
	unsigned n = 0;

	for (const struct share *s = f->shares; s != NULL; s = s->next)
		n++;
	if (n == 0 ||
	    (out->shares = fold_alloc(f, n * sizeof(*out->shares))) == NULL)
		return;
	for (const struct share *s = f->shares; s != NULL; s = s->next)
		out->shares[out->n_shares++] = s->s;
}

void
fold_result(struct fold *f, int64_t now, struct sla_result *out)
{
	memset(out, 0, sizeof(*out));
	out->next_at = INT64_MAX;
	put_clocks(f, now, out);
	put_shares(f, out);
	out->received_at = f->received_at;
	out->resolved_at = f->resolved ? f->resolved_at : 0;
	out->resume_at = f->ran_out_at;
	for (unsigned i = 0; i < NELEM(f->until); i++) {
		int64_t until = f->waits & 1U << i ? f->until[i] : 0;

		if (until == 0)
			continue;
		if (until < out->next_at)
			out->next_at = until;
		if (f->ran_out_at == 0 &&
		    (out->resume_at == 0 || until < out->resume_at))
			out->resume_at = until;
	}
	out->attributes = f->attributes;
	out->owner = f->owner;
}
