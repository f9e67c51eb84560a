/*
 * floor_clocks.c - see floor_clocks.h.
 */
#include "test/bench/floor_clocks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "store/ledger.h"

#define PAGE 500
#define GOAL (8 * 3600 * CLOCK_S)
#define GRACE (5 * CLOCK_S)

struct client {
	struct event_base *base;
	struct ledger *ledger;
	struct event *timer;
	bool up, busy;
	unsigned n, waits;
	uint64_t told, ids[PAGE];
	int64_t due[PAGE], next_at;
	struct id writer;
};

static void
must(enum err e)
{
	if (e == ERR_OK)
		return;
	fprintf(stderr, "floor: %s\n", err_name(e));
	exit(1);
}

static void
is_up(void *arg)
{
	((struct client *)arg)->up = true;
}

static void
is_lost(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "floor: PostgreSQL was lost: %s\n", why);
	exit(1);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg; /* it only ends the waiting */
}

static void
committed(void *arg, enum err e)
{
	struct client *c = arg;

	must(e);
	c->told += c->n;
	c->busy = false;
}

/* ---- what an evaluation would have written */

static void
put_event(struct client *c, struct ledger_unit *u, unsigned i, bool breach)
{
	const struct sla_event_row row = {
		.ticket_id = c->ids[i],
		.eval = 2,
		.writer = c->writer,
		.metric = "resolution",
		.agreement = "sla",
		.cycle = 1,
		.generation = 1,
		.kind = breach ? "breach" : "threshold",
		.percent = breach ? 100 : 80,
		.at = c->due[i],
		.detected_at = clock_wall(),
		.due_at = c->due[i],
		.policy = breach ? STR_LIT("breach") : STR_LIT("rung"),
		.notify = STR_LIT("owner"),
	};

	must(ledger_put_sla_event(u, &row));
}

static void
put_breached(struct client *c, struct ledger_unit *u, unsigned i)
{
	const struct sla_clock_row row = {
		.ticket_id = c->ids[i],
		.eval = 2,
		.writer = c->writer,
		.metric = "resolution",
		.agreement = "sla",
		.cycle = 1,
		.generation = 1,
		.revision = 1,
		.policy = STR_LIT("breach"),
		.stage = "running",
		.started_at = c->due[i] - GOAL,
		.goal_us = GOAL,
		.elapsed_us = GOAL,
		.due_at = c->due[i],
		.breached_at = c->due[i],
	};

	must(ledger_put_sla_clock(u, &row));
}

static void
put_ticket(struct client *c, struct ledger_unit *u, unsigned i, bool breach)
{
	const struct sla_ticket_row row = {
		.ticket_id = c->ids[i],
		.eval = 2,
		.writer = c->writer,
		.as_of = 1,
		.evaluated_at = clock_wall(),
		.next_at = breach ? 0 : c->due[i] + GOAL / 5,
		.open = true,
		.shares =
		    STR_LIT("[{\"holder\":\"group\",\"us\":28800000000}]"),
	};

	must(ledger_put_sla_ticket(u, &row));
}

static void
write_page(struct client *c)
{
	struct ledger_unit *u = ledger_unit_new(c->ledger);

	must(u != NULL ? ERR_OK : ERR_NOMEM);
	for (unsigned i = 0; i < c->n; i++) {
		bool breach = c->ids[i] % 2 == 1;

		put_ticket(c, u, i, breach);
		if (breach)
			put_breached(c, u, i);
		put_event(c, u, i, breach);
	}
	ledger_commit(c->ledger, &u, committed, c);
}

/* ---- what is read for it */

static void
read_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct client *c = arg;

	(void)rows;
	must(e);
	if (--c->waits == 0)
		write_page(c);
}

static void
read_page(struct client *c)
{
	static const enum ledger_query reads[] = { LQ_SLA_HISTORY,
		LQ_SLA_CLOCKS, LQ_SLA_EVENTS };
	static char ids[PAGE * 21 + 3];
	size_t at = 0;
	struct str arg;

	for (unsigned i = 0; i < c->n; i++)
		at += (size_t)snprintf(ids + at, sizeof(ids) - at, "%c%" PRIu64,
		    i == 0 ? '{' : ',', c->ids[i]);
	ids[at++] = '}';
	arg = (struct str){ ids, (uint32_t)at };
	for (unsigned i = 0; i < NELEM(reads); i++, c->waits++)
		must(c->ledger->ops->query(
		    c->ledger, reads[i], 1, &arg, read_done, c));
}

static void
due_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct client *c = arg;
	int64_t now = clock_wall();

	must(e);
	c->n = 0;
	c->next_at = INT64_MAX;
	for (unsigned i = 0; i < rows->n; i++) {
		const struct str *cell = &rows->cells[i * rows->n_columns];

		if (ledger_number(cell[1]) > now) {
			c->next_at = ledger_number(cell[1]);
			break;
		}
		c->ids[c->n] = (uint64_t)ledger_number(cell[0]);
		c->due[c->n++] = ledger_number(cell[1]);
	}
	if (c->n > 0)
		read_page(c);
	else
		c->busy = false;
}

static void
look(struct client *c)
{
	const struct str limit = STR_LIT("500");

	c->busy = true;
	must(c->ledger->ops->query(
	    c->ledger, LQ_SLA_DUE, 1, &limit, due_done, c));
}

/* ---- all of it */

static void
turn(struct client *c)
{
	event_base_loop(c->base, EVLOOP_ONCE);
}

static void
serve(struct client *c, uint64_t n, int64_t until)
{
	int64_t now;

	while (c->told < n && (now = clock_wall()) < until + GRACE) {
		int64_t wait = c->next_at - now;
		struct timeval tv = { 0, wait < 5000 ? wait : 5000 };

		if (!c->busy && wait <= 0) {
			look(c);
		} else if (!c->busy) {
			event_add(c->timer, &tv);
		}
		turn(c);
	}
	while (c->busy)
		turn(c);
}

bool
floor_clocks(const char *conninfo, uint64_t n, int64_t until)
{
	struct client c = { .writer = id_random() };
	const struct pg_options po = { .conninfo = conninfo, .node = "test" };
	const struct pg_events pe = { is_up, is_lost, &c };
	struct event_config *precise = event_config_new();

	event_config_set_flag(precise, EVENT_BASE_FLAG_PRECISE_TIMER);
	c.base = event_base_new_with_config(precise); /* as the daemon's */
	event_config_free(precise);
	c.timer = evtimer_new(c.base, timer_cb, &c);
	must(pg_ledger_new(c.base, &po, &pe, &c.ledger));
	while (!c.up)
		turn(&c);
	serve(&c, n, until);
	c.ledger->ops->free(c.ledger, 1000);
	event_free(c.timer);
	event_base_free(c.base);
	return c.told >= n;
}
