/*
 * clockwork_learn.c - how long resolutions took lately, for the chance of a
 * breach.
 *
 * Asked every ten minutes, beside everything else: it may read much.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/clockwork_state.h"

#define EVERY (600 * CLOCK_S)
#define LOOK_BACK (90 * INT64_C(86400) * CLOCK_S)

/* "{1,2}" */
static bool
read_quantiles(struct str text, int64_t q[FORECAST_QUANTILES])
{
	uint32_t at = 1;

	for (unsigned i = 0; i < FORECAST_QUANTILES; i++) {
		struct str cell = { text.p + at, 0 };

		while (
		    at < text.len && text.p[at] != ',' && text.p[at] != '}') {
			cell.len++;
			at++;
		}
		if (cell.len == 0 || at == text.len)
			return false;
		q[i] = ledger_number(cell);
		at++;
	}
	return true;
}

static void
learn_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;

	for (unsigned i = 0; e == ERR_OK && i < rows->n; i++) {
		const struct str *cell = &rows->cells[i * rows->n_columns];
		struct forecast_sample s = { .category = cell[0],
			.n = (unsigned)ledger_number(cell[1]) };

		if (read_quantiles(cell[2], s.q))
			e = forecast_learn(w->forecast, &s);
	}
	if (e != ERR_OK && e != ERR_IO)
		log_warn(
		    LOG_DESK, "clocks: nothing is learned: %s", err_name(e));
	w->learn_limit = INT64_MAX;
}

void
clockwork_learn(struct clockwork *w)
{
	char since[24];
	const struct str arg = { since,
		(uint32_t)snprintf(since, sizeof(since), "%" PRId64,
		    w->now > LOOK_BACK ? w->now - LOOK_BACK : 0) };

	w->learn_at = w->now + EVERY;
	if (clockwork_query(w, LQ_SLA_WORK, 1, &arg, learn_done, w) == ERR_OK)
		w->learn_limit = w->now;
}

/* Whoever has it is at work on it; how long it will lie in its queue is not
 * estimated, and counts as nothing. */
int32_t
clock_risk(const struct clockwork *w, const struct sla_result *r,
    const struct sla_clock *c)
{
	if (c->metric != SLA_RESOLUTION || c->agreement != SLA_SLA ||
	    c->stage != STAGE_RUNNING)
		return -1;
	return forecast_risk(w->forecast, r->attributes.value[ATTR_CATEGORY],
	    c->elapsed_us, c->goal_us, 0);
}
