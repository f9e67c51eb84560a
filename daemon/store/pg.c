/*
 * pg.c - the ledger in PostgreSQL: one writer, two readers, three leases.
 *
 * Quick reads (a caller's story, a call by name) have a connection of their
 * own, so that a day's figures do not stand in their way.
 */
#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/ledger.h"
#include "store/pg_admin.h"
#include "store/pg_lease.h"
#include "store/pg_query.h"
#include "store/pg_reader.h"
#include "store/pg_writer.h"
#include "store/unit.h"

#define N_LEASES 3
#define ARGS_MAX 16

struct pg {
	struct ledger ledger; /* first: they are one pointer */
	struct event_base *base;
	struct pg_events events;
	struct pg_writer *writer;
	struct pg_reader *lanes[N_LANES];
	struct pg_lease leases[N_LEASES];
	struct pg_statement statements[LQ_NQUERIES + 1];
	unsigned n_statements;
	struct unit_spares spares;
	struct str *cells; /* of one answer */
	size_t cells_room;
	char *conninfo;
	bool is_up;   /* as told */
	bool closing; /* nothing new: its parts go one by one */
};

struct query {
	struct pg *pg;
	ledger_rows_fn *done;
	void *arg;
};

static struct pg *
pg_of(struct ledger *l)
{
	return (struct pg *)l;
}

/* ---------------------------------------------------------------- up, down */

static bool
is_complete(const struct pg *p)
{
	for (unsigned i = 0; i < N_LEASES; i++)
		if (p->leases[i].n_blocks == 0)
			return false;
	for (unsigned i = 0; i < N_LANES; i++)
		if (!pg_reader_is_up(p->lanes[i]))
			return false;
	return pg_writer_is_up(p->writer);
}

static void
part_up(void *arg)
{
	struct pg *p = arg;

	for (unsigned i = 0; i < N_LEASES; i++)
		pg_lease_fill(&p->leases[i]);
	if (p->is_up || !is_complete(p))
		return;
	p->is_up = true;
	if (p->events.up != NULL)
		p->events.up(p->events.arg);
}

static void
part_lost(void *arg, const char *why)
{
	struct pg *p = arg;

	if (!p->is_up)
		return;
	p->is_up = false;
	if (p->events.lost != NULL)
		p->events.lost(p->events.arg, why);
}

/* -------------------------------------------------------------------- reads */

static enum err
make_cells(struct pg *p, const PGresult *res, struct ledger_rows *out)
{
	int rows = PQntuples(res), cols = PQnfields(res);
	size_t n = (size_t)rows * (size_t)cols;
	struct str *cell;

	if (n > p->cells_room) {
		cell = realloc(p->cells, n * sizeof(*cell));
		if (cell == NULL)
			return ERR_NOMEM;
		p->cells = cell;
		p->cells_room = n;
	}
	cell = p->cells;
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < cols; j++, cell++) {
			cell->p = PQgetisnull(res, i, j)
			              ? NULL
			              : PQgetvalue(res, i, j);
			cell->len = (uint32_t)PQgetlength(res, i, j);
		}
	*out = (struct ledger_rows){ (unsigned)rows, (unsigned)cols, p->cells };
	return ERR_OK;
}

static void
on_rows(void *arg, enum err e, const PGresult *res)
{
	struct query q = *(struct query *)arg;
	struct ledger_rows rows = { 0, 0, NULL };

	free(arg);
	if (e == ERR_OK)
		e = make_cells(q.pg, res, &rows);
	q.done(q.arg, e, e == ERR_OK ? &rows : NULL);
}

/* libpq wants NUL-ended text, all of it in one piece of memory here. */
static enum err
end_texts(const struct str *args, unsigned n, const char **values, char **mem)
{
	size_t room = n;
	char *to;

	for (unsigned i = 0; i < n; i++) {
		if (args[i].len > 0 &&
		    memchr(args[i].p, '\0', args[i].len) != NULL)
			return ERR_BAD_TEXT;
		room += args[i].len;
	}
	if ((*mem = to = malloc(room + 1)) == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < n; i++) {
		values[i] = to;
		if (args[i].len > 0)
			memcpy(to, args[i].p, args[i].len);
		to += args[i].len;
		*to++ = '\0';
	}
	return ERR_OK;
}

static enum err
query(struct ledger *l, enum ledger_query id, unsigned n,
    const struct str *args, ledger_rows_fn *done, void *arg)
{
	struct pg *p = pg_of(l);
	const struct pg_query *what = &pg_queries[id];
	struct pg_reader *r = p->lanes[what->lane];
	const char *values[ARGS_MAX];
	const struct pg_args sent = { (int)n, values, NULL, NULL };
	struct query *q;
	char *mem;
	enum err e;

	assert(id > LQ_NONE && id < LQ_NQUERIES && n == what->n_args);
	if (p->closing)
		return ERR_IO;
	if ((e = end_texts(args, n, values, &mem)) != ERR_OK)
		return e;
	if ((q = malloc(sizeof(*q))) == NULL) {
		free(mem);
		return ERR_NOMEM;
	}
	*q = (struct query){ p, done, arg };
	if ((e = pg_reader_open(r, on_rows, q)) == ERR_OK) {
		pg_reader_send(r, what->stmt.name, &sent);
		pg_reader_close(r);
	} else {
		free(q);
	}
	free(mem);
	return e;
}

/* -------------------------------------------------------- the other actions */

static void
commit(struct ledger *l, struct ledger_unit *u, ledger_done_fn *done, void *arg)
{
	pg_writer_commit(pg_of(l)->writer, u, done, arg);
}

static enum err
apply(struct ledger *l, const struct config *c, ledger_done_fn *done, void *arg)
{
	if (pg_of(l)->closing)
		return ERR_IO;
	return pg_admin_apply(pg_of(l)->lanes[LANE_SLOW], c, done, arg);
}

static enum err
login_change(struct ledger *l, const struct login_change *c,
    ledger_done_fn *done, void *arg)
{
	if (pg_of(l)->closing)
		return ERR_IO;
	return pg_admin_login(pg_of(l)->lanes[LANE_SLOW], c, done, arg);
}

static enum err
lease(struct ledger *l, enum ledger_lease which, uint64_t *out)
{
	assert(which < N_LEASES);
	if (pg_of(l)->closing)
		return ERR_BUSY;
	return pg_lease_take(&pg_of(l)->leases[which], out);
}

static void
stats(const struct ledger *l, struct ledger_stats *out)
{
	const struct pg *p = (const struct pg *)l;

	pg_writer_stats(p->writer, out);
	out->connected = p->is_up;
}

static void
alarm_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg; /* it only ends the waiting */
}

/* Turn the loop until all is committed or the time is over. */
static void
flush(struct pg *p, int ms)
{
	int64_t end = clock_loop() + (int64_t)ms * 1000;
	struct event *alarm;
	struct timeval tv;
	int64_t left;

	if ((alarm = evtimer_new(p->base, alarm_cb, NULL)) == NULL)
		return;
	while (
	    !pg_writer_is_empty(p->writer) && (left = end - clock_loop()) > 0) {
		tv = (struct timeval){ left / CLOCK_S, left % CLOCK_S };
		event_add(alarm, &tv);
		if (event_base_loop(p->base, EVLOOP_ONCE) == -1)
			break; /* called from inside the loop */
	}
	event_free(alarm);
}

static void
pg_free(struct ledger *l, int ms)
{
	struct pg *p = pg_of(l);

	if (p->writer != NULL && ms > 0)
		flush(p, ms);
	p->is_up = false;
	p->closing = true; /* who is answered now may ask once more */
	for (unsigned i = 0; i < N_LANES; i++)
		pg_reader_free(&p->lanes[i]);
	pg_writer_free(&p->writer);
	unit_spares_fini(&p->spares);
	free(p->cells);
	free(p->conninfo);
	free(p);
}

static const struct ledger_ops ops = {
	.name = "postgresql",
	.commit = commit,
	.query = query,
	.apply = apply,
	.login_change = login_change,
	.lease = lease,
	.stats = stats,
	.free = pg_free,
};

/* --------------------------------------------------------------------- new */

static void
init_leases(struct pg *p, uint64_t ticket_block)
{
	const struct pg_lease presets[N_LEASES] = {
		[LEASE_TICKET] = { .name = "ticket", .block = ticket_block },
		[LEASE_GENERATION] = { .name = "generation", .block = 64 },
		[LEASE_ARRIVAL] = { .name = "arrival", .block = 1000000 },
	};

	for (unsigned i = 0; i < N_LEASES; i++) {
		p->leases[i] = presets[i];
		p->leases[i].reader = p->lanes[LANE_QUICK];
		p->leases[i].filled = part_up;
		p->leases[i].arg = p;
	}
}

static void
list_statements(struct pg *p)
{
	for (unsigned i = LQ_NONE + 1; i < LQ_NQUERIES; i++)
		p->statements[p->n_statements++] = pg_queries[i].stmt;
	p->statements[p->n_statements++] = pg_lease_statement;
}

static enum err
open_parts(struct pg *p, const struct pg_options *opt)
{
	const struct pg_events parts = { part_up, part_lost, p };
	static const struct {
		const char *name;
		enum pg_plans plans;
	} lanes[N_LANES] = {
		[LANE_QUICK] = { "mashangd reader", PLAN_AS_USUAL },
		[LANE_SLOW] = { "mashangd reports", PLAN_ANEW },
		[LANE_CLOCKS] = { "mashangd clocks", PLAN_BY_INDEX },
	};
	enum err e = ERR_OK;

	for (unsigned i = 0; i < N_LANES && e == ERR_OK; i++) {
		const struct pg_reader_spec spec = { lanes[i].name,
			lanes[i].plans, p->statements, p->n_statements };

		e = pg_reader_new(p->base, opt, &spec, &parts, &p->lanes[i]);
	}
	if (e == ERR_OK)
		e = pg_writer_new(p->base, opt, &parts, &p->writer);
	return e;
}

enum err
pg_ledger_new(struct event_base *base, const struct pg_options *given,
    const struct pg_events *events, struct ledger **out)
{
	struct pg_options opt = *given;
	struct pg *p = calloc(1, sizeof(*p));
	enum err e;

	if (p == NULL)
		return ERR_NOMEM;
	opt.batch_us = opt.batch_us ? opt.batch_us : 1000;
	opt.batch_units = opt.batch_units ? opt.batch_units : 512;
	opt.batches = opt.batches ? opt.batches : 2;
	opt.node = opt.node ? opt.node : "";
	opt.ticket_block = opt.ticket_block ? opt.ticket_block : 10000;
	p->ledger.ops = &ops;
	p->ledger.spares = &p->spares;
	p->base = base;
	if (events != NULL)
		p->events = *events;
	list_statements(p);
	opt.conninfo = p->conninfo = strdup(given->conninfo);
	e = p->conninfo != NULL ? open_parts(p, &opt) : ERR_NOMEM;
	if (e != ERR_OK) {
		pg_free(&p->ledger, 0);
		return e;
	}
	init_leases(p, opt.ticket_block);
	*out = &p->ledger;
	return ERR_OK;
}
