/*
 * clockwork_page.c - a page of tickets: read, evaluated, written, committed.
 *
 * History is read first: so an evaluation never knows less of what is stored
 * than of what happened, and one that comes too late has no effect.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "desk/clockwork_state.h"

#define UNIT_BYTES ((size_t)512 * 1024) /* a unit holds twice that */
#define TIMES_MOST 8                    /* in a row; more is no accident */

/* ---- which tickets */

static int
by_ticket(const void *a, const void *b)
{
	const struct page_mark *x = a, *y = b;

	if (x->ticket != y->ticket)
		return x->ticket < y->ticket ? -1 : 1;
	return (x->todo > y->todo) - (x->todo < y->todo);
}

static enum err
gather(struct clockwork *w)
{
	struct page *p = &w->page;

	qsort(p->marks, p->n_marks, sizeof(*p->marks), by_ticket);
	p->tickets = arena_alloc(w->arena, p->n_marks * sizeof(*p->tickets));
	if (p->tickets == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < p->n_marks; i++) {
		struct page_ticket *t = &p->tickets[p->n_tickets];

		if (i > 0 && p->marks[i].ticket == p->marks[i - 1].ticket) {
			t[-1].n_marks++;
			continue;
		}
		t->ticket = p->marks[i].ticket;
		t->first_mark = i;
		t->n_marks = 1;
		p->n_tickets++;
	}
	return ERR_OK;
}

/* ---- how often they have come */

static const struct tried *
tried_find(const struct clockwork *w, uint64_t ticket)
{
	for (unsigned i = 0; i < w->n_tried; i++)
		if (w->tried[i].ticket == ticket)
			return &w->tried[i];
	return NULL;
}

/* What was written the last time had no effect: the mark is there still, or
 * nobody has evaluated it since. */
static bool
is_again(const struct clockwork *w, const struct page_ticket *t,
    const struct tried *before)
{
	const struct page_mark *m = &w->page.marks[t->first_mark];

	if (before == NULL)
		return false;
	if (m->todo == 0 && t->n_marks > 1)
		m++;
	return m->todo == 0 ? t->read.eval < before->eval
	                    : m->todo <= before->last_todo;
}

static void
count_times(struct clockwork *w)
{
	struct page *p = &w->page;
	struct tried *next = arena_alloc(w->arena, TRIED_MAX * sizeof(*next));
	unsigned n = 0;

	for (unsigned i = 0; next != NULL && i < p->n_tickets; i++) {
		struct page_ticket *t = &p->tickets[i];
		const struct tried *before = tried_find(w, t->ticket);
		struct tried now = { t->ticket,
			p->marks[t->first_mark + t->n_marks - 1].todo,
			t->read.eval + 1, 1 };

		if (is_again(w, t, before)) {
			now.times += before->times;
			/* It may be a revision of another node's. */
			w->want |= WANT_REVISIONS;
			w->stats.lost_races += t->read.eval >= before->eval;
		}
		if (now.times > TIMES_MOST) {
			bad_add(w, t->ticket, "no evaluation of it stands");
			t->left = true;
		} else if (n < TRIED_MAX) {
			next[n++] = now;
		}
	}
	if (n > 0)
		memcpy(w->tried, next, n * sizeof(*next));
	w->n_tried = n;
}

/* ---- the end */

static void
page_end(struct clockwork *w)
{
	const struct page *p = &w->page;

	if (!p->failed) {
		w->want |= WANT_TODO | (p->due ? WANT_DUE : 0);
		w->page_size = w->page_size * 2 < PAGE_TICKETS
		                   ? w->page_size * 2
		                   : PAGE_TICKETS;
	}
	w->phase = PHASE_IDLE;
	clockwork_next(w);
}

static void
tell(struct clockwork *w, const struct page_ticket *t)
{
	const struct ticket_rows *r = &t->rows;

	w->stats.written++;
	if (r->ticket.next_at != 0)
		w->due_at = earlier(w->due_at, r->ticket.next_at);
	if (r->lateness_us >= 0)
		w->stats.lateness_us = r->lateness_us;
	for (unsigned i = 0; i < r->n_events; i++) {
		if (r->notices[i].retracted)
			w->stats.retracted++;
		else
			w->stats.fired++;
		if (w->options.notice != NULL)
			w->options.notice(
			    w->options.notice_arg, &r->notices[i]);
	}
	bad_clear(w, t->ticket);
}

/* Which of many it was is found out by writing each by itself. */
static void
suspect(struct clockwork *w, const struct page_unit *pu)
{
	const struct page_ticket *t = &w->page.tickets[pu->first];
	unsigned n = 0;

	for (unsigned i = 0; i < pu->n; i++)
		n += !t[i].left;
	for (unsigned i = 0; i < pu->n; i++) {
		if (t[i].left)
			continue;
		if (n == 1)
			bad_add(w, t[i].ticket, "the ledger does not take it");
		else
			bad_suspect(w, t[i].ticket);
	}
}

static void
unit_done(void *arg, enum err e)
{
	const struct page_unit *pu = arg;
	struct clockwork *w = pu->clockwork;
	const struct page_ticket *t = &w->page.tickets[pu->first];

	if (e == ERR_QUARANTINED)
		suspect(w, pu);
	for (unsigned i = 0; e != ERR_QUARANTINED && i < pu->n; i++)
		if (!t[i].left)
			tell(w, &t[i]);
	if (--w->page.n_units > 0)
		return;
	FAILPOINT("clocks.committed");
	page_end(w);
}

/* ---- writing */

/* The tickets from `first' on that go into one unit. */
static unsigned
share_of_unit(const struct clockwork *w, unsigned first)
{
	const struct page *p = &w->page;
	size_t bytes = 0;
	unsigned i;

	for (i = first; i < p->n_tickets; i++) {
		const struct page_ticket *t = &p->tickets[i];

		if (t->left)
			continue;
		bytes += t->rows.bytes + t->n_marks * 128;
		if (bytes > UNIT_BYTES && i > first)
			break;
		if (bad_is_alone(w, t->ticket))
			return i > first ? i - first : 1;
	}
	return i - first;
}

static struct ledger_unit *
make_unit(struct clockwork *w, const struct page_unit *pu)
{
	struct page *p = &w->page;
	struct ledger_unit *u = ledger_unit_new(w->options.ledger);
	unsigned n = 0;

	for (unsigned i = pu->first; u != NULL && i < pu->first + pu->n; i++) {
		struct page_ticket *t = &p->tickets[i];

		if (t->left)
			continue;
		n++;
		if (write_put(u, &t->rows, &p->marks[t->first_mark],
			t->n_marks) == ERR_OK)
			continue;
		bad_add(w, t->ticket, "it is too large for a unit");
		t->left = true;
		ledger_unit_free(&u);
	}
	if (n == 0)
		ledger_unit_free(&u);
	return u;
}

void
clockwork_page_write(struct clockwork *w)
{
	struct page *p = &w->page;
	struct page_unit *pu;
	unsigned at = 0;

	p->n_units = 1; /* held until all are given */
	while (at < p->n_tickets) {
		struct ledger_unit *u;

		if ((pu = arena_alloc(w->arena, sizeof(*pu))) == NULL)
			break;
		*pu = (struct page_unit){ w, at, share_of_unit(w, at) };
		at += pu->n;
		if ((u = make_unit(w, pu)) == NULL)
			continue;
		p->n_units++;
		ledger_commit(w->options.ledger, &u, unit_done, pu);
	}
	FAILPOINT("clocks.given");
	if (--p->n_units == 0)
		page_end(w);
}

/* ---- evaluating */

static enum err
evaluate(struct clockwork *w, struct page_ticket *t)
{
	enum err e;

	/* For a ticket time does not go back, whatever clocks do. */
	t->now = w->now > t->read.evaluated_at ? w->now : t->read.evaluated_at;
	if (t->read.history.n == 0)
		return ERR_NOT_FOUND;
	w->stats.evaluated++;
	e = sla_evaluate(
	    w->book, &t->read.history, t->now, false, w->arena, &t->result);
	if (e == ERR_OK)
		e = write_rows(
		    w, &t->read, &t->result, t->now, w->arena, &t->rows);
	return e;
}

/* Where memory ends the page ends, unless nothing was in it. */
static void
evaluate_all(struct clockwork *w)
{
	struct page *p = &w->page;
	bool full = false;
	unsigned n = 0;

	FAILPOINT("clocks.read");
	count_times(w);
	for (unsigned i = 0; i < p->n_tickets; i++) {
		struct page_ticket *t = &p->tickets[i];
		enum err e;

		t->left |= full;
		if (t->left || (e = evaluate(w, t)) == ERR_OK) {
			n += !t->left;
			continue;
		}
		t->left = true;
		full = e == ERR_NOMEM && n > 0;
		if (!full)
			bad_add(w, t->ticket, err_name(e));
	}
	if (!clockwork_resume(w))
		clockwork_page_write(w);
}

/* ---- reading */

typedef enum err read_fn(const struct ledger_rows *, unsigned *, struct arena *,
    struct ticket_read *);

/* Rows and tickets come in the same order. */
static enum err
read_all(struct clockwork *w, const struct ledger_rows *rows, read_fn *read)
{
	struct page *p = &w->page;
	unsigned i = 0, at = 0;
	enum err e = ERR_OK;

	while (e == ERR_OK && i < rows->n) {
		uint64_t ticket = read_ticket(rows, i);

		while (at < p->n_tickets && p->tickets[at].ticket < ticket)
			at++;
		if (at == p->n_tickets || p->tickets[at].ticket != ticket)
			return ERR_BAD_FIELD;
		e = read(rows, &i, w->arena, &p->tickets[at].read);
	}
	return e;
}

/* The next page is smaller, or done without these. */
static void
too_large(struct clockwork *w)
{
	struct page *p = &w->page;

	for (unsigned i = 0; w->page_size == 1 && i < p->n_tickets; i++)
		bad_add(w, p->tickets[i].ticket, "its history is too large");
	if (w->page_size > 1)
		w->page_size /= 2;
	w->want |= WANT_TODO | WANT_DUE;
}

static void
read_end(struct clockwork *w, enum err e)
{
	struct page *p = &w->page;

	if (e != ERR_OK && e != ERR_IO && e != ERR_NOMEM && !p->failed)
		log_error(LOG_DESK, "clocks: cannot read: %s", err_name(e));
	p->failed |= e != ERR_OK;
	p->full |= e == ERR_NOMEM;
	if (--p->n_reads > 0)
		return;
	if (p->full)
		too_large(w);
	if (p->failed)
		page_end(w);
	else
		evaluate_all(w);
}

static void
history_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	read_end(w, e != ERR_OK ? e : read_all(w, rows, read_history));
}

static void
clocks_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	read_end(w, e != ERR_OK ? e : read_all(w, rows, read_clocks));
}

static void
events_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	read_end(w, e != ERR_OK ? e : read_all(w, rows, read_events));
}

/* Answers come later, so all that can be asked is. */
static void
read_page(struct clockwork *w, const struct str *ids)
{
	static const struct {
		enum ledger_query q;
		ledger_rows_fn *done;
	} reads[] = { { LQ_SLA_HISTORY, history_done },
		{ LQ_SLA_CLOCKS, clocks_done },
		{ LQ_SLA_EVENTS, events_done } };
	struct page *p = &w->page;

	for (unsigned i = 0; i < NELEM(reads); i++)
		if (!p->failed && clockwork_query(w, reads[i].q, 1, ids,
				      reads[i].done, w) == ERR_OK)
			p->n_reads++;
		else
			p->failed = true;
	if (p->n_reads == 0)
		page_end(w);
}

void
clockwork_page(struct clockwork *w)
{
	struct page *p = &w->page;
	struct str ids = { NULL, 0 };
	uint64_t *list = NULL;

	if (gather(w) == ERR_OK)
		list = arena_alloc(w->arena, p->n_tickets * sizeof(*list));
	for (unsigned i = 0; list != NULL && i < p->n_tickets; i++)
		list[i] = p->tickets[i].ticket;
	if (list != NULL)
		ids = read_ids(w->arena, list, p->n_tickets);
	if (ids.p != NULL) {
		read_page(w, &ids);
		return;
	}
	p->failed = true;
	page_end(w);
}
