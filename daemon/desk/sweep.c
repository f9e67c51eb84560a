/*
 * sweep.c - what a process that is dead left open in the ledger.
 *
 * A process that was killed could not end its offers nor log its agents off.
 * Its calls are closed by their switch (switch.c); the rest is ended here, as
 * what it is: rescinded, gone.  Of an earlier process of this node at the first
 * moment at which the time is known; of another node when we are told that it
 * is dead for good.  Rows name their node, so what the living have open is not
 * touched; nor are agents who have logged in since, anywhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/leave.h"
#include "desk/state.h"

#define ROWS_A_UNIT 256

static void
end_offer(struct desk *d, struct ledger_unit *u, uint64_t id)
{
	struct offer_row r = {
		.id = id,
		.ended_at = d->now,
		.reason = word_offer_end(OFFER_END_RESCINDED),
	};

	desk_must(ledger_put_offer(u, &r));
}

/* Only who has not come back meanwhile. */
static void
log_agent_off(struct desk *d, struct ledger_unit *u, uint64_t id)
{
	struct agent *a = agent_find(d, (uint32_t)id);

	if (a == NULL || a->since != 0)
		return;
	a->since = d->now;
	record_agent(u, a, "system");
}

static void
sweep(struct desk *d, const struct ledger_rows *rows,
    void (*end)(struct desk *, struct ledger_unit *, uint64_t))
{
	struct ledger_unit *u = NULL;

	for (unsigned i = 0; i < rows->n; i++) {
		if (u == NULL)
			u = record_begin(d);
		end(d, u,
		    (uint64_t)ledger_number(rows->cells[i * rows->n_columns]));
		if (i % ROWS_A_UNIT == ROWS_A_UNIT - 1)
			record_commit(d, &u);
	}
	if (u != NULL)
		record_commit(d, &u);
}

struct sweeping {
	struct desk *desk;
	bool own; /* of an earlier process of this node */
	char node[NAME_MAX_LEN + 1];
};

static void
offers_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct sweeping *w = arg;
	struct desk *d = w->desk;

	if (e == ERR_OK && rows->n > 0)
		log_info(LOG_DESK, "ended %u offers that node=%s left open",
		    rows->n, w->node);
	if (e == ERR_OK)
		sweep(d, rows, end_offer);
	if (w->own)
		d->swept = d->swept && e == ERR_OK;
	free(w);
}

static void
agents_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct sweeping *w = arg;
	struct desk *d = w->desk;

	if (e == ERR_OK)
		sweep(d, rows, log_agent_off);
	if (w->own)
		d->swept = d->swept && e == ERR_OK;
	free(w);
}

static bool
ask(struct desk *d, enum ledger_query what, unsigned n, const struct str *args,
    ledger_rows_fn *done, bool own)
{
	struct sweeping *w = calloc(1, sizeof(*w));

	desk_must(w != NULL ? ERR_OK : ERR_NOMEM);
	w->desk = d;
	w->own = own;
	snprintf(w->node, sizeof(w->node), "%.*s", STR_ARG(args[0]));
	if (d->ledger->ops->query(d->ledger, what, n, args, done, w) == ERR_OK)
		return true;
	free(w);
	return false;
}

static bool
sweep_node(struct desk *d, const char *node, uint64_t before, bool own)
{
	char bound[24];
	const struct str args[] = { str_of(node),
		{ bound, (uint32_t)snprintf(
			     bound, sizeof(bound), "%" PRIu64, before) } };

	return ask(d, LQ_OFFERS_OPEN, 2, args, offers_done, own) &&
	       ask(d, LQ_AGENTS_LEFT, 1, args, agents_done, own);
}

void
sweep_once(struct desk *d)
{
	const char *node = d->options.node != NULL ? d->options.node : "";

	if (d->swept || d->now == 0 || d->generation == 0)
		return;
	d->swept = sweep_node(d, node, d->generation << 32, true);
}

/* PostgreSQL away: what is open stays so until that node comes back. */
void
desk_node_dead(struct desk *d, const char *node, int64_t now)
{
	d->now = now;
	if (d->now != 0)
		(void)sweep_node(d, node, INT64_MAX, false);
}
