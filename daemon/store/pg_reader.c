/*
 * pg_reader.c - a line of questions on one connection.
 */
#include "store/pg_reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"

#define ASKS_MAX 4096

#define SETTINGS                                                            \
	"SELECT set_config('statement_timeout', '5s', false),"              \
	" set_config('mashang.node', $1, false),"                           \
	" set_config('idle_in_transaction_session_timeout', '10s', false)," \
	" set_config('jit', 'off', false)"

static const char *const settings[] = {
	[PLAN_AS_USUAL] = SETTINGS,
	[PLAN_ANEW] = SETTINGS
	", set_config('plan_cache_mode', 'force_custom_plan', false)",
	[PLAN_BY_INDEX] = SETTINGS
	", set_config('plan_cache_mode', 'force_generic_plan', false),"
	" set_config('enable_seqscan', 'off', false),"
	" set_config('enable_hashjoin', 'off', false),"
	" set_config('enable_mergejoin', 'off', false),"
	" set_config('max_parallel_workers_per_gather', '0', false)",
};

struct pg_ask {
	STAILQ_ENTRY(pg_ask) entry;
	pg_ask_fn *fn;
	void *arg;
	PGresult *last;
	enum err err;
};

STAILQ_HEAD(ask_queue, pg_ask);

struct pg_reader {
	struct pg_conn *conn;
	struct pg_use use;
	struct pg_events events;
	struct ask_queue asks;
	struct pg_ask *open; /* its statements are being sent */
	unsigned n_asks;
};

/* clang-format off */
static const struct {
	const char *prefix;
	enum err err;
} rules[] = {
	{ "57014", ERR_TIMEOUT }, /* statement_timeout */
	{ "22",    ERR_BAD_FIELD },
	{ "23505", ERR_CONFLICT }, /* somebody was faster */
	{ "23",    ERR_BAD_FIELD },
	{ "40",    ERR_BUSY },
	{ "53",    ERR_BUSY },
};
/* clang-format on */

static enum err
err_of(const PGresult *res)
{
	const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

	log_warn(LOG_STORE, "query failed sqlstate=%s reason=\"%s\"",
	    code ? code : "", text ? text : "");
	for (unsigned i = 0; code != NULL && i < NELEM(rules); i++)
		if (strncmp(code, rules[i].prefix, strlen(rules[i].prefix)) ==
		    0)
			return rules[i].err;
	return ERR_IO;
}

/* Off the line first: `fn' may ask again. */
static void
answer(struct pg_reader *r, enum err e)
{
	struct pg_ask *ask = STAILQ_FIRST(&r->asks);

	STAILQ_REMOVE_HEAD(&r->asks, entry);
	r->n_asks--;
	ask->fn(ask->arg, e, e == ERR_OK ? ask->last : NULL);
	PQclear(ask->last);
	free(ask);
}

static void
result(void *arg, PGresult *res)
{
	struct pg_reader *r = arg;
	struct pg_ask *ask = STAILQ_FIRST(&r->asks);

	assert(ask != NULL);
	switch (PQresultStatus(res)) {
	case PGRES_PIPELINE_SYNC:
		answer(r, ask->err);
		break;
	case PGRES_FATAL_ERROR:
		if (ask->err == ERR_OK)
			ask->err = err_of(res);
		break;
	case PGRES_TUPLES_OK:
		PQclear(ask->last);
		ask->last = res;
		return;
	default:
		break;
	}
	PQclear(res);
}

/* Those that are asked again from inside an answer find us not connected. */
static void
lose_all(struct pg_reader *r)
{
	while (!STAILQ_EMPTY(&r->asks))
		answer(r, ERR_IO);
}

static void
up(void *arg)
{
	struct pg_reader *r = arg;

	r->events.up(r->events.arg);
}

static void
lost(void *arg, const char *why)
{
	struct pg_reader *r = arg;

	lose_all(r);
	r->events.lost(r->events.arg, why);
}

enum err
pg_reader_new(struct event_base *base, const struct pg_options *opt,
    const struct pg_reader_spec *spec, const struct pg_events *events,
    struct pg_reader **out)
{
	struct pg_reader *r = calloc(1, sizeof(*r));
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	STAILQ_INIT(&r->asks);
	r->events = *events;
	r->use = (struct pg_use){ .name = spec->name,
		.settings = settings[spec->plans],
		.node = opt->node,
		.statements = spec->statements,
		.n_statements = spec->n_statements,
		.test_unsafe = opt->test_unsafe,
		.up = up,
		.lost = lost,
		.result = result,
		.arg = r };
	e = pg_conn_new(base, opt->conninfo, &r->use, &r->conn);
	if (e != ERR_OK)
		pg_reader_free(&r);
	else
		*out = r;
	return e;
}

void
pg_reader_free(struct pg_reader **rp)
{
	struct pg_reader *r = *rp;

	if (r == NULL)
		return;
	pg_conn_free(&r->conn);
	lose_all(r);
	free(r);
	*rp = NULL;
}

bool
pg_reader_is_up(const struct pg_reader *r)
{
	return r->conn != NULL && pg_conn_is_up(r->conn);
}

enum err
pg_reader_open(struct pg_reader *r, pg_ask_fn *fn, void *arg)
{
	assert(r->open == NULL);
	if (!pg_reader_is_up(r))
		return ERR_IO;
	if (r->n_asks == ASKS_MAX)
		return ERR_BUSY;
	if ((r->open = calloc(1, sizeof(*r->open))) == NULL)
		return ERR_NOMEM;
	r->open->fn = fn;
	r->open->arg = arg;
	return ERR_OK;
}

void
pg_reader_send(
    struct pg_reader *r, const char *stmt, const struct pg_args *args)
{
	assert(r->open != NULL);
	pg_conn_send(r->conn, stmt, args);
}

void
pg_reader_query(
    struct pg_reader *r, const char *sql, const struct pg_args *args)
{
	assert(r->open != NULL);
	pg_conn_query(r->conn, sql, args);
}

void
pg_reader_close(struct pg_reader *r)
{
	assert(r->open != NULL);
	STAILQ_INSERT_TAIL(&r->asks, r->open, entry);
	r->open = NULL;
	r->n_asks++;
	pg_conn_sync(r->conn);
}
