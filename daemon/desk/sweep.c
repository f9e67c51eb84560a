/*
 * sweep.c - what an earlier process left open in the ledger.
 *
 * A process that was killed could not end its offers nor log its agents off.
 * Its calls are closed by their switch (switch.c); the rest is ended here, at
 * the first moment at which the time is known, as what it is: rescinded, gone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
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

static void
offers_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct desk *d = arg;

	if (e == ERR_OK && rows->n > 0)
		log_info(
		    LOG_DESK, "ended %u offers of an earlier process", rows->n);
	if (e == ERR_OK)
		sweep(d, rows, end_offer);
	d->swept = d->swept && e == ERR_OK;
}

static void
agents_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct desk *d = arg;

	if (e == ERR_OK)
		sweep(d, rows, log_agent_off);
	d->swept = d->swept && e == ERR_OK;
}

void
sweep_once(struct desk *d)
{
	struct ledger *l = d->ledger;
	char bound[24];
	struct str arg = { bound, 0 };

	if (d->swept || d->now == 0 || d->generation == 0)
		return;
	arg.len = (uint32_t)snprintf(
	    bound, sizeof(bound), "%" PRIu64, d->generation << 32);
	d->swept =
	    l->ops->query(l, LQ_OFFERS_OPEN, 1, &arg, offers_done, d) ==
		ERR_OK &&
	    l->ops->query(l, LQ_AGENTS_LEFT, 0, NULL, agents_done, d) == ERR_OK;
}
