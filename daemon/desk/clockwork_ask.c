/*
 * clockwork_ask.c - one ticket's clocks, as they are now.
 */
#include <stdlib.h>

#include "desk/clockwork_state.h"

#define FIRST (16 * 1024)
#define CAP ((size_t)64 * 1024 * 1024)

struct ask {
	struct clockwork *w;
	struct arena *arena;
	int64_t now;
	bool spans;
	clock_answer_fn *fn;
	void *arg;
};

static void
ask_free(struct ask *k)
{
	arena_free(&k->arena);
	free(k);
}

static enum err
answer(struct ask *k, const struct ledger_rows *rows)
{
	struct clockwork *w = k->w;
	struct ticket_read read;
	struct sla_result result;
	struct clock_answer out = { .history = &read.history,
		.result = &result };
	unsigned i = 0;
	int32_t *risk;
	enum err e;

	if (rows->n == 0)
		return ERR_NOT_FOUND;
	if ((e = read_history(rows, &i, k->arena, &read)) != ERR_OK)
		return e;
	out.now = k->now > read.evaluated_at ? k->now : read.evaluated_at;
	e = sla_evaluate(
	    w->book, &read.history, out.now, k->spans, k->arena, &result);
	if (e != ERR_OK)
		return e;
	risk = arena_alloc(k->arena, result.n_clocks * sizeof(*risk) + 1);
	if (risk == NULL)
		return ERR_NOMEM;
	for (i = 0; i < result.n_clocks; i++)
		risk[i] = clock_risk(w, &result, &result.clocks[i]);
	out.risk = risk;
	out.revision = revision_of(w->book, &read.history, &result, out.now);
	k->fn(k->arg, ERR_OK, &out);
	return ERR_OK;
}

static void
ask_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct ask *k = arg;

	if (e == ERR_OK)
		e = answer(k, rows);
	if (e != ERR_OK)
		k->fn(k->arg, e, NULL);
	ask_free(k);
}

enum err
clockwork_ask(struct clockwork *w, uint64_t ticket, int64_t now, bool spans,
    clock_answer_fn *fn, void *arg)
{
	struct ask *k = calloc(1, sizeof(*k));
	struct str ids;
	enum err e;

	if (k == NULL)
		return ERR_NOMEM;
	*k = (struct ask){ w, arena_new(FIRST, CAP), now, spans, fn, arg };
	if (k->arena == NULL) {
		free(k);
		return ERR_NOMEM;
	}
	ids = read_ids(k->arena, &ticket, 1);
	e = ids.p == NULL
	        ? ERR_NOMEM
	        : clockwork_query(w, LQ_SLA_HISTORY, 1, &ids, ask_done, k);
	if (e != ERR_OK)
		ask_free(k);
	return e;
}
