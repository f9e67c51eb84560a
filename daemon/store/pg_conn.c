/*
 * pg_conn.c - DOWN -> CONNECTING -> PREPARING -> UP, and back to DOWN.
 *
 * One timer serves all states: the delay before the next try, the deadline of
 * connecting, and the watch over a server that has gone silent.  libpq is
 * asked for results only as long as groups are outstanding, since a NULL from
 * PQgetResult() separates statements and does not say "no more".
 */
#include "store/pg_conn.h"

#include <assert.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/pg_check.h"

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MOST_MS 2000
#define CONNECT_MS 5000
#define WATCH_MS 5000
#define SILENT_US (20 * CLOCK_S)

enum conn_state {
	CONN_NONE,
	CONN_DOWN,
	CONN_CONNECTING,
	CONN_PREPARING,
	CONN_UP
};

struct pg_conn {
	struct event_base *base;
	const char *conninfo;
	const struct pg_use *use;
	enum conn_state state;
	PGconn *pq;
	struct event *read, *write, *timer;
	unsigned n_groups;  /* sent, and their sync not back */
	unsigned n_results; /* while preparing */
	int backoff_ms;
	int64_t heard_at;
	bool tried;
	unsigned long reconnects;
	bool broken;
	char why[256], told[256]; /* of the loss; the last one logged */
};

static void start(struct pg_conn *);
static void read_cb(evutil_socket_t, short, void *);
static void write_cb(evutil_socket_t, short, void *);

static void
set_timer(struct pg_conn *c, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_add(c->timer, &tv);
}

static void
forget_events(struct pg_conn *c)
{
	if (c->read != NULL)
		event_free(c->read);
	if (c->write != NULL)
		event_free(c->write);
	c->read = c->write = NULL;
}

static void
close_conn(struct pg_conn *c)
{
	forget_events(c);
	PQfinish(c->pq);
	c->pq = NULL;
	c->state = CONN_DOWN;
	c->n_groups = c->n_results = 0;
	c->broken = false;
}

/* The reason as one line, without the newlines of libpq. */
static void
keep_why(struct pg_conn *c, const char *why)
{
	size_t n;

	snprintf(c->why, sizeof(c->why), "%s", why);
	for (n = strlen(c->why); n > 0 && c->why[n - 1] == '\n'; n--)
		c->why[n - 1] = '\0';
	for (char *p = c->why; (p = strchr(p, '\n')) != NULL; p++)
		*p = ' ';
}

/* The only way down.  Half to one and a half of the delay, so that many
 * daemons do not come back at once. */
static void
lose(struct pg_conn *c)
{
	bool was_up = c->state == CONN_UP;

	if (strcmp(c->why, c->told) != 0 || was_up)
		log_warn(
		    LOG_STORE, "pg %s lost why=\"%s\"", c->use->name, c->why);
	memcpy(c->told, c->why, sizeof(c->told));
	close_conn(c);
	set_timer(c, c->backoff_ms / 2 +
			 (int)randombytes_uniform((uint32_t)c->backoff_ms));
	c->backoff_ms *= 2;
	if (c->backoff_ms > BACKOFF_MOST_MS)
		c->backoff_ms = BACKOFF_MOST_MS;
	if (was_up)
		c->use->lost(c->use->arg, c->why);
}

/* Let the loop report it: we may be deep inside a send. */
static void
break_conn(struct pg_conn *c, const char *why)
{
	if (c->broken || c->pq == NULL)
		return;
	keep_why(c, why);
	c->broken = true;
	if (c->read != NULL)
		event_active(c->read, EV_READ, 0);
}

static void
flush(struct pg_conn *c)
{
	int left = c->broken ? 0 : PQflush(c->pq);

	if (left == 1)
		event_add(c->write, NULL);
	else if (left == -1)
		break_conn(c, PQerrorMessage(c->pq));
	else if (!c->broken && c->state == CONN_UP && c->use->drained != NULL)
		c->use->drained(c->use->arg);
}

/* --------------------------------------------------------------- preparing */

/* Results of: the settings, the check, then one a statement, then the sync. */
static void
on_prepared(struct pg_conn *c, const PGresult *res)
{
	ExecStatusType st = PQresultStatus(res);
	const char *fault;

	if (st == PGRES_PIPELINE_SYNC) {
		c->state = CONN_UP;
		c->backoff_ms = BACKOFF_FIRST_MS;
		c->told[0] = '\0';
		log_info(LOG_STORE, "pg %s up", c->use->name);
		c->use->up(c->use->arg);
	} else if (c->n_results++ == 1 && st == PGRES_TUPLES_OK) {
		fault = pg_check(res, c->use->test_unsafe);
		if (fault != NULL)
			break_conn(c, fault);
	} else if (st == PGRES_FATAL_ERROR) {
		const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);

		break_conn(c, code != NULL && strcmp(code, "42P01") == 0
				  ? "the schema is missing;"
				    " run mashangd --migrate"
				  : PQresultErrorMessage(res));
	}
}

/* A commit that gave up waiting for its standby is no commit. */
static void
notice_cb(void *arg, const PGresult *res)
{
	const char *where = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);

	if (where != NULL && strcmp(where, "SyncRepWaitForLSN") == 0)
		break_conn(arg, "a commit did not wait for its standby");
}

static void
prepare(struct pg_conn *c)
{
	const struct pg_use *u = c->use;
	bool ok = true;

	if (PQsetnonblocking(c->pq, 1) != 0 || !PQenterPipelineMode(c->pq)) {
		keep_why(c, "no pipeline mode");
		lose(c);
		return;
	}
	PQsetNoticeReceiver(c->pq, notice_cb, c);
	forget_events(c);
	c->read = event_new(
	    c->base, PQsocket(c->pq), EV_READ | EV_PERSIST, read_cb, c);
	c->write = event_new(c->base, PQsocket(c->pq), EV_WRITE, write_cb, c);
	if (c->read == NULL || c->write == NULL) {
		keep_why(c, "no memory");
		lose(c);
		return;
	}
	event_add(c->read, NULL);
	c->state = CONN_PREPARING;
	ok = PQsendQueryParams(
		 c->pq, u->settings, 1, NULL, &u->node, NULL, NULL, 0) &&
	     PQsendQueryParams(
		 c->pq, pg_check_sql, 0, NULL, NULL, NULL, NULL, 0);
	for (unsigned i = 0; ok && i < u->n_statements; i++)
		ok = PQsendPrepare(c->pq, u->statements[i].name,
		    u->statements[i].sql, 0, NULL);
	if (!ok)
		break_conn(c, PQerrorMessage(c->pq));
	pg_conn_sync(c);
}

/* -------------------------------------------------------------- connecting */

static void connect_cb(evutil_socket_t, short, void *);

/* The socket may be another one after each step. */
static void
connect_wait(struct pg_conn *c, short what)
{
	forget_events(c);
	c->read = event_new(c->base, PQsocket(c->pq), what, connect_cb, c);
	if (c->read == NULL) {
		keep_why(c, "no memory");
		lose(c);
		return;
	}
	event_add(c->read, NULL);
}

static void
connect_cb(evutil_socket_t fd, short what, void *arg)
{
	struct pg_conn *c = arg;

	(void)fd, (void)what;
	switch (PQconnectPoll(c->pq)) {
	case PGRES_POLLING_READING:
		connect_wait(c, EV_READ);
		break;
	case PGRES_POLLING_WRITING:
		connect_wait(c, EV_WRITE);
		break;
	case PGRES_POLLING_OK:
		prepare(c);
		break;
	default:
		keep_why(c, PQerrorMessage(c->pq));
		lose(c);
	}
}

static void
start(struct pg_conn *c)
{
	/* The conninfo may overrule what stands before it. */
	const char *const keys[] = { "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "dbname",
		"target_session_attrs", "client_encoding", "application_name",
		NULL };
	const char *const values[] = { "5000", "5", "2", "3", c->conninfo,
		"read-write", "UTF8", c->use->name, NULL };

	c->state = CONN_CONNECTING;
	c->pq = PQconnectStartParams(keys, values, 1);
	if (c->pq == NULL || PQstatus(c->pq) == CONNECTION_BAD) {
		keep_why(c, c->pq ? PQerrorMessage(c->pq) : "no memory");
		lose(c);
		return;
	}
	set_timer(c, CONNECT_MS);
	connect_wait(c, EV_WRITE);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct pg_conn *c = arg;

	(void)fd, (void)what;
	switch (c->state) {
	case CONN_DOWN:
		c->reconnects += c->tried; /* the first is none */
		c->tried = true;
		start(c);
		return;
	case CONN_UP:
		if (c->n_groups > 0 && clock_loop() - c->heard_at > SILENT_US)
			break_conn(c, "the server does not answer");
		set_timer(c, WATCH_MS);
		return;
	default:
		keep_why(c, "connecting took too long");
		lose(c);
	}
}

/* ---------------------------------------------------------------- up */

static void
on_result(struct pg_conn *c, PGresult *res)
{
	if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
		assert(c->n_groups > 0);
		c->n_groups--;
	}
	if (c->state == CONN_UP) {
		c->use->result(c->use->arg, res);
		return;
	}
	on_prepared(c, res);
	PQclear(res);
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct pg_conn *c = arg;
	PGresult *res;

	(void)fd, (void)what;
	if (!c->broken && !PQconsumeInput(c->pq))
		break_conn(c, PQerrorMessage(c->pq));
	c->heard_at = clock_loop();
	/* Reading may break it (notice_cb): then no result counts any more. */
	while (c->n_groups > 0 && !PQisBusy(c->pq) && !c->broken) {
		res = PQgetResult(c->pq);
		if (c->broken)
			PQclear(res);
		else if (res != NULL)
			on_result(c, res);
	}
	if (!c->broken && PQstatus(c->pq) == CONNECTION_BAD)
		break_conn(c, PQerrorMessage(c->pq));
	if (c->broken)
		lose(c);
	else
		flush(c);
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	flush(arg);
}

static bool
can_send(const struct pg_conn *c)
{
	return c->state >= CONN_PREPARING && !c->broken;
}

void
pg_conn_send(struct pg_conn *c, const char *stmt, const struct pg_args *a)
{
	if (can_send(c) && !PQsendQueryPrepared(c->pq, stmt, a->n, a->values,
			       a->lengths, a->formats, 0))
		break_conn(c, PQerrorMessage(c->pq));
}

void
pg_conn_query(struct pg_conn *c, const char *sql, const struct pg_args *a)
{
	if (can_send(c) && !PQsendQueryParams(c->pq, sql, a->n, NULL, a->values,
			       a->lengths, a->formats, 0))
		break_conn(c, PQerrorMessage(c->pq));
}

void
pg_conn_sync(struct pg_conn *c)
{
	if (!can_send(c))
		return;
	if (c->n_groups++ == 0)
		c->heard_at = clock_loop();
	if (!PQpipelineSync(c->pq))
		break_conn(c, PQerrorMessage(c->pq));
	flush(c);
}

void
pg_conn_drop(struct pg_conn *c, const char *why)
{
	break_conn(c, why);
}

bool
pg_conn_is_up(const struct pg_conn *c)
{
	return c->state == CONN_UP && !c->broken;
}

unsigned long
pg_conn_reconnects(const struct pg_conn *c)
{
	return c->reconnects;
}

enum err
pg_conn_new(struct event_base *base, const char *conninfo,
    const struct pg_use *use, struct pg_conn **out)
{
	struct pg_conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return ERR_NOMEM;
	c->base = base;
	c->conninfo = conninfo;
	c->use = use;
	c->state = CONN_DOWN;
	c->backoff_ms = BACKOFF_FIRST_MS;
	if ((c->timer = evtimer_new(base, timer_cb, c)) == NULL) {
		pg_conn_free(&c);
		return ERR_NOMEM;
	}
	set_timer(c, 0);
	*out = c;
	return ERR_OK;
}

void
pg_conn_free(struct pg_conn **cp)
{
	struct pg_conn *c = *cp;

	if (c == NULL)
		return;
	close_conn(c);
	if (c->timer != NULL)
		event_free(c->timer);
	free(c);
	*cp = NULL;
}
