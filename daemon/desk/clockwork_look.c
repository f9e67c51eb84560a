/*
 * clockwork_look.c - what is marked and what is due, as a page of tickets.
 *
 * This node's marks are taken at once; those of others once they are older than
 * a second, since their own node is at them.  The same goes for what is due:
 * who has written it last comes first.  Right after the ledger came up nobody
 * waits for anybody.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "desk/clockwork_state.h"

#define OTHERS_FIRST CLOCK_S

/* ---- what other nodes had marked a while ago */

static void
last_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	w->asked_last = false;
	if (e != ERR_OK || rows->n == 0)
		return;
	w->last_todo[0] = w->last_todo[1];
	w->last_todo[1] = (uint64_t)ledger_number(rows->cells[0]);
}

void
clockwork_ask_last(struct clockwork *w)
{
	if (!w->asked_last)
		w->asked_last = clockwork_query(w, LQ_SLA_TODO_LAST, 0, NULL,
				    last_done, w) == ERR_OK;
}

/* ---- the page */

static void
page_add(struct clockwork *w, uint64_t ticket, uint64_t todo)
{
	struct page *p = &w->page;

	p->marks[p->n_marks++] = (struct page_mark){ ticket, todo };
}

static bool
is_ours(const struct clockwork *w, struct str writer)
{
	struct id id;

	return id_parse(writer, &id) &&
	       memcmp(id.b, w->writer.b, WRITER_NODE_BYTES) == 0;
}

static void
take_todo(struct clockwork *w, const struct str *cell)
{
	uint64_t ticket = (uint64_t)ledger_number(cell[1]);

	if (bad_is(w, ticket)) {
		w->passed_todo++;
		return;
	}
	w->page.todo = true;
	page_add(w, ticket, (uint64_t)ledger_number(cell[0]));
}

/* One that is due: taken, or left for somebody or for later. */
static void
take_due(struct clockwork *w, const struct str *cell)
{
	uint64_t ticket = (uint64_t)ledger_number(cell[0]);
	int64_t at = ledger_number(cell[1]);

	if (bad_is(w, ticket)) {
		w->passed_due++;
	} else if (!w->fresh && w->now < at + OTHERS_FIRST &&
		   !is_ours(w, cell[2])) {
		w->passed_due++;
		w->due_at = earlier(w->due_at, at + OTHERS_FIRST);
	} else {
		w->page.due = true;
		page_add(w, ticket, 0);
	}
}

/* ---- looking */

static void
look_end(struct clockwork *w, enum err e)
{
	w->look_failed |= e != ERR_OK;
	if (--w->look_waits > 0)
		return;
	w->phase = PHASE_IDLE;
	if (!w->look_failed && w->page.n_marks > 0) {
		w->in_use = true;
		w->phase = PHASE_PAGE;
		clockwork_page(w);
	} else {
		clockwork_next(w);
	}
}

static void
on_todo(struct clockwork *w, const struct ledger_rows *rows)
{
	unsigned limit = w->page_size + w->passed_todo;

	w->passed_todo = 0;
	for (unsigned i = 0; i < rows->n; i++)
		take_todo(w, &rows->cells[i * rows->n_columns]);
	if (w->page.todo)
		return;
	if (rows->n >= limit) {
		w->want |= WANT_TODO; /* behind those that are left alone */
		return;
	}
	if (w->look_covers)
		w->given[0].limit = INT64_MAX;
	w->changed[0] = INT64_MAX;
}

static void
on_due(struct clockwork *w, const struct ledger_rows *rows)
{
	unsigned i, limit = w->page_size + w->passed_due;

	w->in_use |= rows->n > 0;
	w->passed_due = 0;
	w->due_at = INT64_MAX;
	for (i = 0; i < rows->n; i++) {
		const struct str *cell = &rows->cells[i * rows->n_columns];

		if (ledger_number(cell[1]) > w->now) {
			w->due_at = earlier(w->due_at, ledger_number(cell[1]));
			break;
		}
		take_due(w, cell);
	}
	if (w->page.due)
		return;
	if (i >= limit) {
		w->want |= WANT_DUE;
		return;
	}
	w->due_limit = INT64_MAX;
	w->fresh = false;
}

static void
todo_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	if (e == ERR_OK)
		on_todo(w, rows);
	look_end(w, e);
}

static void
due_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	if (e == ERR_OK)
		on_due(w, rows);
	look_end(w, e);
}

/* What is gathered so far is what this look may find.  While the look before it
 * is not done with, only what is all committed comes to it: nobody would look
 * for it once more. */
static void
turn_over(struct clockwork *w)
{
	struct given *first = &w->given[0], *more = &w->given[1];

	if (first->limit == INT64_MAX || w->n_committed >= more->up_to) {
		first->up_to = more->up_to;
		first->limit = earlier(first->limit, more->limit);
		more->limit = INT64_MAX;
	}
	w->look_covers = w->n_committed >= w->given[0].up_to;
	w->changed[0] = earlier(w->changed[0], w->changed[1]);
	w->changed[1] = INT64_MAX;
}

static enum err
ask_todo(struct clockwork *w)
{
	char old[24], limit[24];
	const struct str args[] = { str_of(w->node),
		{ old, (uint32_t)snprintf(
			   old, sizeof(old), "%" PRIu64, w->last_todo[0]) },
		{ limit, (uint32_t)snprintf(limit, sizeof(limit), "%u",
			     w->page_size + w->passed_todo) } };

	turn_over(w);
	return clockwork_query(w, LQ_SLA_TODO, 3, args, todo_done, w);
}

static enum err
ask_due(struct clockwork *w)
{
	char limit[24];
	const struct str arg = { limit,
		(uint32_t)snprintf(
		    limit, sizeof(limit), "%u", w->page_size + w->passed_due) };

	return clockwork_query(w, LQ_SLA_DUE, 1, &arg, due_done, w);
}

/* What cannot be asked is left to the next sweep. */
void
clockwork_look(struct clockwork *w)
{
	bool todo = w->want & WANT_TODO, due = w->want & WANT_DUE;
	size_t most = (size_t)2 * w->page_size + w->passed_todo + w->passed_due;

	arena_reset(w->arena);
	w->page = (struct page){ .marks = arena_alloc(w->arena,
				     most * sizeof(struct page_mark)) };
	w->look_failed = w->page.marks == NULL;
	w->look_waits = 0;
	w->want &= ~(unsigned)(WANT_TODO | WANT_DUE);
	if (todo && !w->look_failed && ask_todo(w) == ERR_OK)
		w->look_waits++;
	if (due && !w->look_failed && ask_due(w) == ERR_OK)
		w->look_waits++;
	if (w->look_waits > 0)
		w->phase = PHASE_LOOK;
}
