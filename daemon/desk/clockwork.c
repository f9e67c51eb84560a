/*
 * clockwork.c - what is done next, and how far domain time may go meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "desk/clockwork_state.h"

#define PAGE_FIRST (64 * 1024)
#define PAGE_CAP ((size_t)256 * 1024 * 1024)
#define JOB_PAGE "64"

/* The first half says whose, so that a process knows what the one before it
 * has written; the second tells the two apart. */
static struct id
writer_of(const char *node)
{
	struct id id = id_random();
	uint8_t whose[crypto_generichash_BYTES_MIN];

	crypto_generichash(
	    whose, sizeof(whose), (const void *)node, strlen(node), NULL, 0);
	memcpy(id.b, whose, WRITER_NODE_BYTES);
	return id;
}

static enum err
make_parts(struct clockwork *w)
{
	enum err e = sla_book_new(w->options.zone_directory, &w->book);

	if (e == ERR_OK)
		e = forecast_new(&w->forecast);
	if (e != ERR_OK)
		return e;
	w->node = strdup(w->options.node != NULL ? w->options.node : "");
	w->arena = arena_new(PAGE_FIRST, PAGE_CAP);
	w->tried = calloc(TRIED_MAX, sizeof(*w->tried));
	return w->node != NULL && w->arena != NULL && w->tried != NULL
	           ? ERR_OK
	           : ERR_NOMEM;
}

enum err
clockwork_new(const struct clockwork_options *o, struct clockwork **out)
{
	struct clockwork *w = calloc(1, sizeof(*w));
	enum err e;

	if (w == NULL)
		return ERR_NOMEM;
	w->options = *o;
	w->given[0].limit = w->given[1].limit = INT64_MAX;
	w->changed[0] = w->changed[1] = INT64_MAX;
	w->due_at = w->due_limit = w->up_limit = w->learn_limit = INT64_MAX;
	w->page_size = PAGE_TICKETS;
	if ((e = make_parts(w)) != ERR_OK) {
		clockwork_free(&w);
		return e;
	}
	w->writer = writer_of(w->node);
	*out = w;
	return ERR_OK;
}

void
clockwork_free(struct clockwork **wp)
{
	struct clockwork *w = *wp;

	if (w == NULL)
		return;
	preview_fini(w);
	bad_fini(w);
	sla_book_free(&w->book);
	forecast_free(&w->forecast);
	arena_free(&w->arena);
	free(w->tried);
	free(w->node);
	free(w);
	*wp = NULL;
}

enum err
clockwork_query(struct clockwork *w, enum ledger_query q, unsigned n,
    const struct str *args, ledger_rows_fn *done, void *arg)
{
	struct ledger *l = w->options.ledger;

	return l->ops->query(l, q, n, args, done, arg);
}

/* ---- one thing after the other */

static void
job_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	if (e == ERR_OK && rows->n > 0)
		w->want |= WANT_JOB | WANT_TODO;
	else if (e != ERR_OK && e != ERR_IO)
		log_error(LOG_DESK, "clocks: a revision does not go on: %s",
		    err_name(e));
	w->phase = PHASE_IDLE;
	clockwork_next(w);
}

/* A revision's next tickets: their histories say so, and they are marked. */
static void
job_step(struct clockwork *w)
{
	char now[24];
	const struct str args[] = { STR_LIT(JOB_PAGE),
		{ now, (uint32_t)snprintf(
			   now, sizeof(now), "%lld", (long long)w->now) } };

	w->want &= ~(unsigned)WANT_JOB;
	if (sla_book_last(w->book) == 0)
		return;
	if (clockwork_query(w, LQ_SLA_JOB, 2, args, job_done, w) == ERR_OK)
		w->phase = PHASE_JOB;
}

void
clockwork_next(struct clockwork *w)
{
	if (!w->up || w->phase != PHASE_IDLE)
		return;
	if (w->want & WANT_REVISIONS)
		clockwork_revisions(w);
	if (w->now == 0)
		return; /* nobody has said yet what time it is */
	if (w->in_use && w->now >= w->learn_at)
		clockwork_learn(w);
	if (w->phase == PHASE_IDLE && (w->want & (WANT_TODO | WANT_DUE)))
		clockwork_look(w);
	if (w->phase == PHASE_IDLE && (w->want & WANT_JOB))
		job_step(w);
	if (w->phase == PHASE_IDLE && w->want == 0)
		w->up_limit = INT64_MAX;
}

static void
set_now(struct clockwork *w, int64_t now)
{
	if (now > w->now)
		w->now = now;
}

/* ---- the ledger */

void
clockwork_up(struct clockwork *w, int64_t now)
{
	set_now(w, now);
	if (!w->up)
		w->fresh = true;
	w->up = true;
	w->up_limit = earlier(w->up_limit, w->now);
	w->want = WANT_ALL;
	w->marks.all = true;
	clockwork_next(w);
}

void
clockwork_lost(struct clockwork *w)
{
	w->up = false;
}

/* ---- history */

static int64_t
after(int64_t now, int64_t us)
{
	return now < INT64_MAX - us ? now + us : INT64_MAX;
}

void
clockwork_given(struct clockwork *w, int64_t now, bool at_once)
{
	int64_t limit = at_once ? now : after(now, sla_book_lead(w->book));
	struct given *g = &w->given[1];

	set_now(w, now);
	w->n_given++;
	if (!w->in_use)
		return;
	g->up_to = w->n_given;
	g->limit = earlier(g->limit, limit);
}

void
clockwork_committed(struct clockwork *w, int64_t now)
{
	set_now(w, now);
	w->n_committed++;
	if (!w->in_use)
		return;
	w->want |= WANT_TODO;
	clockwork_next(w);
}

void
clockwork_changed(struct clockwork *w, int64_t now)
{
	set_now(w, now);
	w->changed[1] = earlier(w->changed[1], w->now);
	w->marks.all = true; /* its mark is no unit's */
	w->want |= WANT_TODO;
	clockwork_next(w);
}

/* ---- time */

void
clockwork_tick(struct clockwork *w, int64_t now)
{
	set_now(w, now);
	if (w->due_at <= w->now) {
		w->due_limit = earlier(w->due_limit, w->now);
		w->due_at = INT64_MAX; /* until looked at */
		w->want |= WANT_DUE;
	}
	clockwork_next(w);
}

int64_t
clockwork_next_at(const struct clockwork *w)
{
	if (!w->up || w->now == 0)
		return INT64_MAX;
	return w->in_use ? earlier(w->due_at, w->learn_at) : w->due_at;
}

void
clockwork_sweep(struct clockwork *w, int64_t now)
{
	set_now(w, now);
	w->sweeps++;
	if (!w->up)
		return;
	w->want |= WANT_ALL;
	w->marks.all = true;
	clockwork_next(w);
	clockwork_ask_last(w);
}

int64_t
clockwork_horizon(const struct clockwork *w)
{
	int64_t limit = earlier(w->due_limit, w->learn_limit);

	if (!w->up)
		return INT64_MAX;
	limit = earlier(limit, earlier(w->changed[0], w->changed[1]));
	limit = earlier(limit, earlier(w->given[0].limit, w->given[1].limit));
	/* Without a time nothing can be evaluated: its first is not waited
	 * for. */
	if (w->now == 0 && w->phase == PHASE_IDLE)
		return limit;
	return earlier(limit, w->up_limit);
}

void
clockwork_stats(const struct clockwork *w, struct clockwork_stats *out)
{
	*out = w->stats;
	out->revision = sla_book_last(w->book);
	out->behind = !w->up || w->n_given != w->n_committed ||
	              clockwork_horizon(w) != INT64_MAX;
}
