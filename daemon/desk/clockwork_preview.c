/*
 * clockwork_preview.c - a revision tried out on the tickets that are open.
 *
 * Each is evaluated twice from the same history: by the book as it is, and by
 * one that has the revision, with a line in the history that says so.  A page
 * at a time, so that the clocks go on meanwhile.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/clockwork_state.h"

#define PAGE "100"
#define PAGE_N 100
#define FIRST (64 * 1024)
#define CAP ((size_t)256 * 1024 * 1024)

struct preview {
	struct clockwork *w;
	struct preview *prev, *next;
	struct sla_book *book; /* with the revision */
	uint32_t revision;
	enum sla_apply_to apply_to;
	int64_t now;
	struct arena *arena;
	uint64_t last; /* ticket */
	unsigned n;    /* in this page */
	struct clock_preview sum;
	clock_preview_fn *fn; /* NULL: nobody asks any more */
	void *arg;
};

static void
preview_free(struct preview *p)
{
	if (p->prev != NULL)
		p->prev->next = p->next;
	else if (p->w->previews == p)
		p->w->previews = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	sla_book_free(&p->book);
	arena_free(&p->arena);
	free(p);
}

static void
preview_end(struct preview *p, enum err e)
{
	if (p->fn != NULL)
		p->fn(p->arg, e, &p->sum, true);
	preview_free(p);
}

/* ---- a ticket, before and after */

static const struct sla_clock *
same_clock(const struct sla_result *in, const struct sla_clock *c)
{
	for (unsigned i = 0; i < in->n_clocks; i++) {
		const struct sla_clock *o = &in->clocks[i];

		if (o->metric == c->metric && o->agreement == c->agreement &&
		    o->cycle == c->cycle && str_eq(o->holder, c->holder))
			return o;
	}
	return NULL;
}

static bool
is_live(const struct sla_clock *c)
{
	return c != NULL &&
	       (c->stage == STAGE_RUNNING || c->stage == STAGE_PAUSED);
}

static void
compare_clock(struct clock_preview *s, const struct sla_clock *a,
    const struct sla_clock *b)
{
	s->clocks++;
	if (!is_live(b) && !(b != NULL && b->stage == STAGE_COMPLETED)) {
		s->dropped++;
		return;
	}
	s->breached += !a->breached && b->breached;
	s->unbreached += a->breached && !b->breached;
	if (a->due_at != 0 && b->due_at != 0) {
		s->earlier += b->due_at < a->due_at;
		s->later += b->due_at > a->due_at;
	}
}

static void
compare(struct clock_preview *s, const struct sla_result *before,
    const struct sla_result *after)
{
	for (unsigned i = 0; i < before->n_clocks; i++)
		if (is_live(&before->clocks[i]))
			compare_clock(s, &before->clocks[i],
			    same_clock(after, &before->clocks[i]));
	for (unsigned i = 0; i < after->n_clocks; i++)
		if (is_live(&after->clocks[i]) &&
		    !is_live(same_clock(before, &after->clocks[i])))
			s->added++;
}

/* The history as a job would leave it. */
static enum err
revise(const struct preview *p, const struct ticket_read *t,
    struct sla_history *out)
{
	size_t n = t->history.n;
	struct sla_fact *f = arena_alloc(p->arena, (n + 1) * sizeof(*f));

	*out = t->history;
	if (p->apply_to == APPLY_NEW)
		return ERR_OK;
	if (f == NULL)
		return ERR_NOMEM;
	memcpy(f, t->history.facts, n * sizeof(*f));
	f[n] = (struct sla_fact){ .at = p->now,
		.seq = t->as_of + 1,
		.kind = FACT_REVISED,
		.revision = p->revision,
		.retroactive = p->apply_to == APPLY_RETROACTIVE };
	*out = (struct sla_history){ t->history.ticket, (unsigned)n + 1, f };
	return ERR_OK;
}

static enum err
preview_ticket(struct preview *p, const struct ticket_read *t)
{
	struct sla_result before, after;
	struct sla_history revised;
	enum err e = sla_evaluate(
	    p->w->book, &t->history, p->now, false, p->arena, &before);

	if (e == ERR_OK)
		e = revise(p, t, &revised);
	if (e == ERR_OK)
		e = sla_evaluate(
		    p->book, &revised, p->now, false, p->arena, &after);
	p->sum.done++;
	if (e == ERR_OK)
		compare(&p->sum, &before, &after);
	return e == ERR_BAD_FIELD ? ERR_OK
	                          : e; /* it has no clocks now either */
}

/* ---- page by page */

static void preview_page(struct preview *);

static void
history_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct preview *p = arg;
	unsigned i = 0;

	while (e == ERR_OK && p->fn != NULL && i < rows->n) {
		struct ticket_read t;

		e = read_history(rows, &i, p->arena, &t);
		if (e == ERR_OK)
			e = preview_ticket(p, &t);
	}
	if (e != ERR_OK || p->fn == NULL || p->n < PAGE_N) {
		preview_end(p, e);
		return;
	}
	p->fn(p->arg, ERR_OK, &p->sum, false);
	preview_page(p);
}

static void
open_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct preview *p = arg;
	uint64_t *list = NULL;
	struct str ids = { NULL, 0 };

	if (e == ERR_OK && rows->n > 0)
		list = arena_alloc(p->arena, rows->n * sizeof(*list));
	p->n = e == ERR_OK ? rows->n : 0;
	for (unsigned i = 0; list != NULL && i < p->n; i++)
		list[i] = p->last = read_ticket(rows, i);
	if (list != NULL)
		ids = read_ids(p->arena, list, p->n);
	if (e == ERR_OK && p->n > 0)
		e = ids.p == NULL ? ERR_NOMEM
		                  : clockwork_query(p->w, LQ_SLA_HISTORY, 1,
					&ids, history_done, p);
	if (e != ERR_OK || p->n == 0)
		preview_end(p, e);
}

static enum err
ask_open(struct preview *p, struct str limit, ledger_rows_fn *done)
{
	char after[24];
	const struct str args[] = { { after,
					(uint32_t)snprintf(after, sizeof(after),
					    "%" PRIu64, p->last) },
		limit };

	return clockwork_query(p->w, LQ_SLA_OPEN, 2, args, done, p);
}

static void
preview_page(struct preview *p)
{
	enum err e;

	arena_reset(p->arena);
	if (p->fn == NULL) {
		preview_free(p);
		return;
	}
	if ((e = ask_open(p, STR_LIT(PAGE), open_done)) != ERR_OK)
		preview_end(p, e);
}

static void
total_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct preview *p = arg;

	if (e != ERR_OK) {
		preview_end(p, e);
		return;
	}
	if (rows->n > 0)
		p->sum.total = read_ticket(rows, 0);
	preview_page(p);
}

/* ---- asked for */

/* Every revision of the book, and this one. */
static enum err
copy_book(
    struct clockwork *w, const struct sla_revision *r, struct sla_book **out)
{
	enum err e = sla_book_new(w->options.zone_directory, out);

	for (uint32_t id = 1; e == ERR_OK && id <= sla_book_last(w->book);
	     id++) {
		const struct sla_revision *old = sla_book_find(w->book, id);

		if (old != NULL)
			e = sla_book_add(*out, old);
	}
	return e == ERR_OK ? sla_book_add(*out, r) : e;
}

enum err
clockwork_preview(struct clockwork *w, const struct sla_revision *r,
    enum sla_apply_to apply_to, int64_t now, clock_preview_fn *fn, void *arg)
{
	struct preview *p = calloc(1, sizeof(*p));
	enum err e;

	if (p == NULL)
		return ERR_NOMEM;
	*p = (struct preview){ .w = w,
		.next = w->previews,
		.revision = r->id,
		.apply_to = apply_to,
		.now = now,
		.arena = arena_new(FIRST, CAP),
		.fn = fn,
		.arg = arg };
	if (p->next != NULL)
		p->next->prev = p;
	w->previews = p;
	e = p->arena == NULL ? ERR_NOMEM : copy_book(w, r, &p->book);
	if (e == ERR_OK)
		e = ask_open(p, STR_LIT("0"), total_done);
	if (e != ERR_OK)
		preview_free(p);
	return e;
}

void
clockwork_preview_forget(struct clockwork *w, void *arg)
{
	for (struct preview *p = w->previews; p != NULL; p = p->next)
		if (p->arg == arg)
			p->fn = NULL;
}

void
preview_fini(struct clockwork *w)
{
	while (w->previews != NULL)
		preview_free(w->previews);
}
