/*
 * crowd.c - see crowd.h.
 */
#include "test/bench/crowd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "test/bench/pack.h"
#include "test/support/pg_server.h"

#define SEEDS 2
#define CHUNK 100000
#define SOON CLOCK_S
#define TELL_MS 20
#define LEARNED_US 2500000 /* it looks once a second */

static uint64_t n_open;

static PGresult *
ask(PGconn *pq, const char *sql)
{
	PGresult *res = PQexec(pq, sql);
	ExecStatusType st = PQresultStatus(res);

	if (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK) {
		fprintf(stderr, "crowd: %s: %s", sql, PQerrorMessage(pq));
		exit(1);
	}
	return res;
}

static PGconn *
dial(void)
{
	PGconn *pq = PQconnectdb(pg_server_conninfo("postgres"));

	PQclear(ask(pq, "SET session_replication_role = replica"));
	return pq;
}

void
crowd_do(const char *fmt, ...)
{
	PGconn *pq = dial();
	char sql[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	PQclear(ask(pq, sql));
	PQfinish(pq);
}

/* ---- the first two */

/* By the clock on the wall, so that times can be shifted. */
static const char revision_sql[] =
    "INSERT INTO sla_revision VALUES (1, '2020-01-01', 'bench', 'new');"
    "INSERT INTO sla_policy VALUES (1, 1, 'breach', 'sla if=category:breach"
    " target=resolution:calendar goal=28800000000'), (1, 2, 'rung',"
    " 'sla target=resolution:calendar goal=28800000000"
    " rung=80 notify=owner rung=100 notify=owner,supervisor')";

#define EVENT                                                                \
	"INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,"    \
	" for_customer, status, ticket_kind, category, priority) SELECT id," \
	" 1, gen_random_uuid(), opened_at, 'opened', 'bench', false,"        \
	" status, kind, category, priority FROM ticket"

static const char seed_sql[] =
    "SET mashang.node = 'test';"
    "INSERT INTO ticket (id, rev, kind, status, category, opened_at,"
    " dissatisfied) SELECT i, 1, 'incident', 'in_progress',"
    " CASE WHEN i %% 2 = 0 THEN 'rung' ELSE 'breach' END,"
    " now() - interval '1 hour', false"
    " FROM generate_series(%" PRIu64 ", %" PRIu64 ") AS i;" EVENT
    " WHERE id >= %" PRIu64;

static uint64_t
count(const char *sql)
{
	return strtoull(pg_server_ask(sql), NULL, 10);
}

void
crowd_begin(void)
{
	char sql[2048];

	n_open = 0;
	crowd_do("%s", revision_sql);
	snprintf(sql, sizeof(sql), seed_sql, CROWD_FIRST,
	    CROWD_FIRST + SEEDS - 1, CROWD_FIRST);
	pg_server_ask(sql); /* with triggers: it is marked */
	for (unsigned i = 0; count("SELECT count(*) FROM sla_clock") < SEEDS;
	     i++) {
		if (i == 500) {
			fprintf(stderr, "crowd: nobody evaluates\n");
			exit(1);
		}
		usleep(20000);
	}
	n_open = SEEDS;
}

/* ---- copies of them */

/* Ticket $i is a copy of the seed of its parity, `by' later. */
static const char copy_sql[] =
    "CREATE TEMP TABLE made ON COMMIT DROP AS SELECT i AS id, s.ticket_id"
    " AS seed, %s AS by FROM generate_series(%" PRIu64 "::bigint, %" PRIu64
    ") AS i JOIN sla_ticket s ON s.ticket_id = %" PRIu64 " + i %% 2;"
    "INSERT INTO ticket (id, rev, kind, status, category, opened_at,"
    " dissatisfied) SELECT m.id, rev, kind, status, category,"
    " opened_at + by, dissatisfied FROM made m JOIN ticket t ON t.id = seed;"
    "INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,"
    " for_customer, status, ticket_kind, category, priority)"
    " SELECT m.id, seq, gen_random_uuid(), at + by, kind, actor,"
    " for_customer, status, ticket_kind, category, priority FROM made m"
    " JOIN ticket_event e ON e.ticket_id = seed;"
    "INSERT INTO sla_ticket SELECT m.id, eval, writer, as_of, evaluated_at,"
    " next_at + by, open, risk, shares FROM made m JOIN sla_ticket s"
    " ON s.ticket_id = seed;"
    "INSERT INTO sla_clock SELECT m.id, metric, agreement, holder, cycle,"
    " generation, revision, policy, calendar, stage, outcome,"
    " started_at + by, stopped_at + by, goal_us, elapsed_us, due_at + by,"
    " breached_at + by FROM made m JOIN sla_clock c ON c.ticket_id = seed";

static uint64_t
copy(const char *by, uint64_t n)
{
	uint64_t first = CROWD_FIRST + n_open;
	PGconn *pq = dial();
	char sql[4096];

	while (n > 0) {
		uint64_t some = n < CHUNK ? n : CHUNK;
		uint64_t from = CROWD_FIRST + n_open;

		snprintf(sql, sizeof(sql), copy_sql, by, from, from + some - 1,
		    CROWD_FIRST);
		PQclear(ask(pq, sql));
		n_open += some;
		n -= some;
	}
	PQfinish(pq);
	return first;
}

/* The seeds are an hour old, and a ticket has something due after 6.4 hours:
 * these are up to five hours old. */
void
crowd_grow(uint64_t n)
{
	if (n <= n_open)
		return;
	copy("random() * interval '5 hours' - interval '4 hours'", n - n_open);
	/* Now, and not while something is measured. */
	pg_server_ask("VACUUM ANALYZE");
}

uint64_t
crowd_due(unsigned per_second, unsigned seconds, int64_t *until)
{
	int64_t from = clock_wall() + SOON;
	uint64_t n = (uint64_t)per_second * seconds;
	char by[256];

	/* The time that it takes to put them in. */
	from += (int64_t)n * 50;
	snprintf(by, sizeof(by),
	    "to_timestamp(0) + (%" PRId64 " + (i - %" PRIu64 ") * %" PRId64
	    ") * interval '1 us' - s.next_at",
	    from, CROWD_FIRST + n_open, CLOCK_S / per_second);
	*until = from + (int64_t)seconds * CLOCK_S;
	return copy(by, n);
}

/* ---- what came of it */

bool
crowd_told(uint64_t first, uint64_t n, int seconds)
{
	int64_t end = clock_loop() + seconds * CLOCK_S;
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM sla_event WHERE ticket_id >= %" PRIu64,
	    first);
	while (count(sql) < n) {
		if (clock_loop() > end)
			return false;
		usleep(TELL_MS * 1000);
	}
	return true;
}

void
crowd_lateness(
    uint64_t first, struct stat_hist *detected, struct stat_hist *committed)
{
	PGconn *pq = dial();
	PGresult *res;
	char sql[512];

	stat_init(detected);
	stat_init(committed);
	snprintf(sql, sizeof(sql),
	    "SELECT us(detected_at) - us(at),"
	    " us(pg_xact_commit_timestamp(xmin)) - us(at) FROM sla_event"
	    " WHERE ticket_id >= %" PRIu64,
	    first);
	res = ask(pq, sql);
	for (int i = 0; i < PQntuples(res); i++) {
		stat_add(detected, atoll(PQgetvalue(res, i, 0)));
		stat_add(committed, atoll(PQgetvalue(res, i, 1)));
	}
	PQclear(res);
	PQfinish(pq);
}

/* ---- policies of calls */

void
crowd_pack(void)
{
	const struct sla_revision *r = pack_revision();
	char *calendar = cal_print(&r->calendars[0]);

	crowd_do("INSERT INTO calendar VALUES (1, '%.*s', '%s')",
	    STR_ARG(r->calendars[0].name), calendar);
	free(calendar);
	for (unsigned i = 0; i < r->n_policies; i++) {
		char *policy = sla_policy_print(&r->policies[i]);

		crowd_do("INSERT INTO sla_policy VALUES (1, %u, '%.*s', '%s')",
		    i + 1, STR_ARG(r->policies[i].name), policy);
		free(policy);
	}
	crowd_do("INSERT INTO sla_revision VALUES (1, '2020-01-01', 'bench',"
		 " 'new')");
	usleep(LEARNED_US);
}
