/*
 * pg_conn.h - one connection to PostgreSQL in pipeline mode, kept up.
 *
 * It connects without blocking, refuses a server that may lose what it has
 * committed (pg_check.c), prepares its user's statements, and starts anew
 * with a growing delay when it is lost.  Statements are sent in groups that
 * end with a sync: a group is one transaction.  Results come back in order.
 *
 * What is sent while the connection is not up, or breaks under way, is
 * dropped: the user is told by lost(), which always runs from the loop, never
 * from inside a send.  (A host name is looked up by libpq, and that blocks:
 * name sockets, addresses, or what /etc/hosts knows.)
 */
#ifndef STORE_PG_CONN_H
#define STORE_PG_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/err.h"

struct event_base;
struct pg_conn;

struct pg_statement {
	const char *name, *sql;
};

/* What the connection is for.  All functions but drained() are set. */
struct pg_use {
	const char *name;     /* application_name */
	const char *settings; /* SELECT of set_config() calls; $1: node */
	const char *node;
	const struct pg_statement *statements;
	unsigned n_statements;
	bool test_unsafe; /* fsync=off is accepted */
	void (*up)(void *arg);
	void (*lost)(void *arg, const char *why);
	/* Each result in order; PGRES_PIPELINE_SYNC ends a group.  The
	 * receiver clears it. */
	void (*result)(void *arg, PGresult *);
	void (*drained)(void *arg); /* all that was sent has left us */
	void *arg;
};

/* `conninfo' and `use' stay the caller's and must live as long. */
enum err pg_conn_new(struct event_base *, const char *conninfo,
    const struct pg_use *, struct pg_conn **out) MUST_USE;
void pg_conn_free(struct pg_conn **);

bool pg_conn_is_up(const struct pg_conn *);
unsigned long pg_conn_reconnects(const struct pg_conn *);

struct pg_args {
	int n;
	const char *const *values;
	const int *lengths, *formats; /* NULL: text */
};

void pg_conn_send(struct pg_conn *, const char *stmt, const struct pg_args *);
void pg_conn_query(struct pg_conn *, const char *sql, const struct pg_args *);
void pg_conn_sync(struct pg_conn *); /* ends the group and sends it */

/* The outcome of what is under way is unknown: start anew. */
void pg_conn_drop(struct pg_conn *, const char *why);

#endif
