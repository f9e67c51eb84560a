/*
 * pg_writer.c - the queue, what is in flight, and what a failure means.
 */
#include "store/pg_writer.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "store/pg_batch.h"
#include "store/pg_conn.h"
#include "store/unit.h"

#define MAX_BATCHES 8
#define BATCH_BYTES (4 * 1024 * 1024)
#define BACKOFF_FIRST_MS 50
#define BACKOFF_MOST_MS 2000
#define RACES_MAX 5 /* a lone unit's lost races before it counts as bad */

/* Nested loops over indexes are right for every batch and every size that a
 * table may have; a plan made while it was small would not be. */
static const char settings[] =
    "SELECT set_config('mashang.turn', '0', false),"
    " set_config('mashang.node', $1, false),"
    " set_config('statement_timeout', '0', false),"
    " set_config('idle_in_transaction_session_timeout', '10s', false),"
    " set_config('client_connection_check_interval', '2s', false),"
    " set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('enable_seqscan', 'off', false),"
    " set_config('enable_hashjoin', 'off', false),"
    " set_config('enable_mergejoin', 'off', false),"
    " set_config('jit', 'off', false)";

/* One transaction in flight: the next `n' units of the queue. */
struct flight {
	unsigned n;
	uint64_t turn;
	bool failed;
	char sqlstate[6];
	char reason[512];
};

/* An idle pipeline waits so long for the first unit's companions: by then the
 * offer that the same event causes is with its agent, and the commit does not
 * take the processor from it. */
#define LEAD_US 300

enum writer_state {
	WRITER_NONE,
	WRITER_OPEN,
	WRITER_REWIND, /* one failed; those behind it are coming back */
	WRITER_PAUSE   /* the server was at fault; the timer opens again */
};

struct pg_writer {
	struct pg_conn *conn;
	struct pg_use use;
	struct pg_options opt;
	struct pg_events events;
	struct pg_batch *batch;
	struct event *kick; /* a pass later: first what people wait for */
	struct event *age;  /* the open batch is old enough */
	struct event *pause;
	enum writer_state state;

	struct unit_queue queue;
	struct ledger_unit *next; /* the first that is not in flight */
	unsigned n_waiting;       /* from there on */
	struct flight flights[MAX_BATCHES];
	unsigned first, n_flights;
	struct flight fault;      /* what the rewind is about */
	unsigned suspects;        /* one of the first so many is bad; 0: none */
	uint64_t turn, turn_sent; /* of the last that committed; was sent */
	uint64_t turns;
	bool unflushed;
	int backoff_ms;
	struct ledger_stats stats;
};

static void send_due(struct pg_writer *);

static struct flight *
flight(struct pg_writer *w, unsigned i)
{
	return &w->flights[(w->first + i) % MAX_BATCHES];
}

/* ----------------------------------------------------------------- sending */

static unsigned
batch_limit(const struct pg_writer *w)
{
	if (w->suspects == 0)
		return w->opt.batch_units;
	return w->suspects > 1 ? w->suspects / 2 : 1;
}

static bool
is_due(const struct pg_writer *w)
{
	if (w->state != WRITER_OPEN || w->next == NULL ||
	    !pg_conn_is_up(w->conn))
		return false;
	if (w->n_flights == 0)
		return w->suspects > 0 || w->n_waiting >= w->opt.batch_units ||
		       clock_loop() - w->next->given_at >= LEAD_US;
	if (w->suspects > 0 || w->n_flights >= w->opt.batches)
		return false;
	return w->n_waiting >= w->opt.batch_units ||
	       clock_loop() - w->next->given_at >= w->opt.batch_us;
}

/* Take units from the queue into the batch. */
static enum err
fill(struct pg_writer *w, struct flight *f)
{
	unsigned limit = batch_limit(w);
	size_t bytes = 0;
	enum err e = ERR_OK;

	pg_batch_clear(w->batch);
	while (w->next != NULL && f->n < limit && bytes < BATCH_BYTES) {
		e = pg_batch_add(w->batch, w->next);
		if (e != ERR_OK)
			break;
		bytes += unit_bytes(w->next);
		w->next = STAILQ_NEXT(w->next, entry);
		w->n_waiting--;
		f->n++;
	}
	return e;
}

static void
send_batch(struct pg_writer *w)
{
	struct flight *f = flight(w, w->n_flights);
	enum err e;

	*f = (struct flight){ .turn = ++w->turns };
	w->n_flights++;
	if ((e = fill(w, f)) == ERR_OK)
		e = pg_batch_send(w->batch, w->conn, w->turn_sent, f->turn);
	if (e != ERR_OK) {
		pg_conn_drop(w->conn, "no memory for a batch");
		return;
	}
	w->turn_sent = f->turn;
	w->unflushed = true;
}

static void
send_due(struct pg_writer *w)
{
	const struct timeval age = { 0,
		w->n_flights == 0 ? LEAD_US : w->opt.batch_us };

	while (is_due(w))
		send_batch(w);
	if (w->next != NULL && w->state == WRITER_OPEN && w->suspects == 0 &&
	    w->n_flights < w->opt.batches && !evtimer_pending(w->age, NULL))
		event_add(w->age, &age);
}

static void
drained(void *arg)
{
	struct pg_writer *w = arg;

	if (!w->unflushed)
		return;
	w->unflushed = false;
	FAILPOINT("ledger.sent");
}

static void
send_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	send_due(arg);
}

void
pg_writer_commit(
    struct pg_writer *w, struct ledger_unit *u, ledger_done_fn *done, void *arg)
{
	u->done = done;
	u->arg = arg;
	u->given_at = clock_loop();
	STAILQ_INSERT_TAIL(&w->queue, u, entry);
	if (w->next == NULL)
		w->next = u;
	w->n_waiting++;
	w->stats.backlog_units++;
	w->stats.backlog_bytes += unit_bytes(u);
	/* The first of a batch arms it; the one that fills it sends it. */
	if (w->n_waiting == 1 || w->n_waiting == w->opt.batch_units)
		event_add(w->kick, &(struct timeval){ 0, 0 });
}

/* --------------------------------------------------------- a unit's end */

static void
finish_unit(struct pg_writer *w)
{
	struct ledger_unit *u = STAILQ_FIRST(&w->queue);
	ledger_done_fn *done = u->done;
	enum err outcome = u->quarantine ? ERR_QUARANTINED : u->outcome;
	void *arg = u->arg;

	STAILQ_REMOVE_HEAD(&w->queue, entry);
	w->stats.units++;
	w->stats.rows += u->n_rows;
	w->stats.quarantined += u->quarantine != NULL;
	w->stats.backlog_units--;
	w->stats.backlog_bytes -= unit_bytes(u);
	ledger_unit_free(&u);
	if (done != NULL)
		done(arg, outcome);
}

static void
on_committed(struct pg_writer *w, const struct flight *f)
{
	w->turn = f->turn;
	w->stats.commits++;
	w->backoff_ms = BACKOFF_FIRST_MS;
	w->suspects -= w->suspects < f->n ? w->suspects : f->n;
	FAILPOINT("ledger.committed");
	for (unsigned i = 0; i < f->n; i++)
		finish_unit(w);
}

/* ------------------------------------------------------------ a failure */

enum fault { FAULT_SERVER, FAULT_RACE, FAULT_DATA };

static enum fault
fault_of(const char *sqlstate)
{
	/* clang-format off */
	static const struct {
		const char *prefix;
		enum fault fault;
	} rules[] = {
		{ "23505", FAULT_RACE }, /* two writers, keys unlike the arbiter */
		{ "22", FAULT_DATA },    /* data exceptions */
		{ "23", FAULT_DATA },    /* constraints */
		{ "21", FAULT_DATA },    /* a row twice in one statement */
		{ "44", FAULT_DATA },
		{ "54", FAULT_DATA },    /* over a limit, such as an index row's */
		{ "P0001", FAULT_DATA }, /* raised by somebody's trigger */
	};
	/* clang-format on */

	for (unsigned i = 0; i < NELEM(rules); i++)
		if (strncmp(sqlstate, rules[i].prefix,
			strlen(rules[i].prefix)) == 0)
			return rules[i].fault;
	return FAULT_SERVER;
}

static void
pause_writer(struct pg_writer *w)
{
	struct timeval tv = { w->backoff_ms / 1000,
		w->backoff_ms % 1000 * 1000 };

	w->state = WRITER_PAUSE;
	w->stats.retries++;
	event_add(w->pause, &tv);
	w->backoff_ms *= 2;
	if (w->backoff_ms > BACKOFF_MOST_MS)
		w->backoff_ms = BACKOFF_MOST_MS;
}

/* The head stands alone and PostgreSQL will not take it: first what it says,
 * then, if that is refused too, that it was there, and at last only the log. */
static void
convict(struct pg_writer *w)
{
	struct ledger_unit *u = STAILQ_FIRST(&w->queue);

	log_error(LOG_STORE, "unit quarantined sqlstate=%s reason=\"%s\"",
	    w->fault.sqlstate, w->fault.reason);
	if (u->quarantine == NULL) {
		unit_quarantine(u, w->fault.sqlstate, w->fault.reason);
	} else if (u->quarantine->rows.len > 2) {
		unit_quarantine_bare(u);
	} else {
		finish_unit(w);
		w->suspects = 0;
		return;
	}
	w->suspects = 1;
}

static void
judge(struct pg_writer *w)
{
	struct ledger_unit *head = STAILQ_FIRST(&w->queue);
	enum fault fault = fault_of(w->fault.sqlstate);

	/* Nobody stood before it: the session is not as we left it. */
	if (strcmp(w->fault.sqlstate, "MA001") == 0) {
		pg_conn_drop(w->conn, "the server forgot whose turn it is");
		return;
	}
	if (fault == FAULT_RACE) {
		fault = FAULT_DATA;
		if (w->fault.n == 1 && head->tries++ < RACES_MAX)
			fault = FAULT_SERVER;
	}
	if (fault == FAULT_SERVER) {
		log_warn(LOG_STORE,
		    "batch failed, again in %d ms sqlstate=%s"
		    " reason=\"%s\"",
		    w->backoff_ms, w->fault.sqlstate, w->fault.reason);
		pause_writer(w);
	} else if (w->fault.n > 1) {
		w->suspects = w->fault.n;
	} else {
		convict(w);
	}
}

/* All that was in flight is back in the queue. */
static void
rewind_queue(struct pg_writer *w)
{
	w->next = STAILQ_FIRST(&w->queue);
	w->n_waiting = (unsigned)w->stats.backlog_units;
	w->n_flights = 0;
	w->turn_sent = w->turn;
	w->unflushed = false;
}

static void
on_failed(struct pg_writer *w, const struct flight *f)
{
	if (w->state != WRITER_REWIND)
		w->fault = *f;
	w->state = WRITER_REWIND;
	if (w->n_flights > 0)
		return;
	rewind_queue(w);
	w->state = WRITER_OPEN;
	judge(w);
	rewind_queue(w); /* the head may be gone */
}

/* ----------------------------------------------------------- results */

static void
note_error(struct flight *f, const PGresult *res)
{
	const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

	if (f->failed)
		return;
	f->failed = true;
	snprintf(f->sqlstate, sizeof(f->sqlstate), "%s", code ? code : "XX000");
	snprintf(f->reason, sizeof(f->reason), "%s", text ? text : "");
}

static bool
is_event(const struct unit_row *r, const PGresult *res, int i)
{
	const struct call_event_row *e = r->row;
	char hex[ID_TEXT_LEN + 1];

	return r->kind == ROW_CALL_EVENT && e->maybe_repeat &&
	       strcmp(id_text(&e->call_id, hex), PQgetvalue(res, i, 0)) == 0 &&
	       e->seq == strtoul(PQgetvalue(res, i, 1), NULL, 10) &&
	       (int64_t)e->digest == strtoll(PQgetvalue(res, i, 2), NULL, 10);
}

/* Rare, so the units are searched; those of the oldest flight come first. */
static void
note_clash(struct pg_writer *w, const PGresult *res)
{
	struct ledger_unit *u = STAILQ_FIRST(&w->queue);
	unsigned n = flight(w, 0)->n;

	for (; n-- > 0; u = STAILQ_NEXT(u, entry))
		for (const struct unit_row *r = unit_rows(u); r; r = r->next)
			for (int i = 0; i < PQntuples(res); i++)
				if (is_event(r, res, i))
					u->outcome = ERR_CONFLICT;
}

static void
end_flight(struct pg_writer *w)
{
	const struct flight f = *flight(w, 0);

	w->first = (w->first + 1) % MAX_BATCHES;
	w->n_flights--;
	/* Behind one that failed nothing commits: ledger_turn(). */
	assert(f.failed || w->state == WRITER_OPEN);
	if (f.failed)
		on_failed(w, &f);
	else
		on_committed(w, &f);
	send_due(w);
}

static void
result(void *arg, PGresult *res)
{
	struct pg_writer *w = arg;

	assert(w->n_flights > 0);
	switch (PQresultStatus(res)) {
	case PGRES_FATAL_ERROR:
		note_error(flight(w, 0), res);
		break;
	case PGRES_TUPLES_OK:
		if (PQnfields(res) == PG_BATCH_CLASH_COLS)
			note_clash(w, res);
		break;
	case PGRES_PIPELINE_SYNC:
		end_flight(w);
		break;
	default:
		break;
	}
	PQclear(res);
}

/* ------------------------------------------------------- up, down, made */

static void
up(void *arg)
{
	struct pg_writer *w = arg;

	w->turn = w->turn_sent = w->turns = 0;
	w->state = WRITER_OPEN;
	w->events.up(w->events.arg);
	send_due(w);
}

/* Whether they were committed is unknown: they go again. */
static void
lost(void *arg, const char *why)
{
	struct pg_writer *w = arg;

	w->turn = 0;
	rewind_queue(w);
	w->state = WRITER_OPEN;
	event_del(w->pause);
	w->events.lost(w->events.arg, why);
}

static void
pause_cb(evutil_socket_t fd, short what, void *arg)
{
	struct pg_writer *w = arg;

	(void)fd, (void)what;
	w->state = WRITER_OPEN;
	send_due(w);
}

static enum err
open_writer(struct pg_writer *w, struct event_base *base)
{
	if ((w->batch = pg_batch_new()) == NULL)
		return ERR_NOMEM;
	w->kick = evtimer_new(base, send_cb, w);
	w->age = evtimer_new(base, send_cb, w);
	w->pause = evtimer_new(base, pause_cb, w);
	if (w->kick == NULL || w->age == NULL || w->pause == NULL)
		return ERR_NOMEM;
	w->use = (struct pg_use){ .name = "mashangd writer",
		.settings = settings,
		.node = w->opt.node,
		.test_unsafe = w->opt.test_unsafe,
		.up = up,
		.lost = lost,
		.result = result,
		.drained = drained,
		.arg = w };
	w->use.statements = pg_batch_statements(w->batch, &w->use.n_statements);
	return pg_conn_new(base, w->opt.conninfo, &w->use, &w->conn);
}

enum err
pg_writer_new(struct event_base *base, const struct pg_options *opt,
    const struct pg_events *events, struct pg_writer **out)
{
	struct pg_writer *w = calloc(1, sizeof(*w));
	enum err e;

	if (w == NULL)
		return ERR_NOMEM;
	assert(opt->batches > 0 && opt->batches <= MAX_BATCHES);
	w->opt = *opt;
	w->events = *events;
	w->state = WRITER_OPEN;
	w->backoff_ms = BACKOFF_FIRST_MS;
	STAILQ_INIT(&w->queue);
	if ((e = open_writer(w, base)) != ERR_OK) {
		pg_writer_free(&w);
		return e;
	}
	*out = w;
	return ERR_OK;
}

void
pg_writer_free(struct pg_writer **wp)
{
	struct pg_writer *w = *wp;
	struct ledger_unit *u;

	if (w == NULL)
		return;
	pg_conn_free(&w->conn);
	while ((u = STAILQ_FIRST(&w->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&w->queue, entry);
		ledger_unit_free(&u);
	}
	if (w->kick != NULL)
		event_free(w->kick);
	if (w->age != NULL)
		event_free(w->age);
	if (w->pause != NULL)
		event_free(w->pause);
	pg_batch_free(&w->batch);
	free(w);
	*wp = NULL;
}

bool
pg_writer_is_up(const struct pg_writer *w)
{
	return pg_conn_is_up(w->conn);
}

bool
pg_writer_is_empty(const struct pg_writer *w)
{
	return STAILQ_EMPTY(&w->queue);
}

void
pg_writer_stats(const struct pg_writer *w, struct ledger_stats *out)
{
	const struct ledger_unit *head = STAILQ_FIRST(&w->queue);

	*out = w->stats;
	out->reconnects = pg_conn_reconnects(w->conn);
	out->connected = pg_conn_is_up(w->conn);
	out->oldest_us = head != NULL ? clock_loop() - head->given_at : 0;
}
