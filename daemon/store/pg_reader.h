/*
 * pg_reader.h - questions to PostgreSQL, each answered once, in order.
 *
 * A question is one group of statements; its answer is the last statement's
 * rows, or the first error, or ERR_IO when the connection was lost.  Nothing
 * is asked again: who asked decides.
 */
#ifndef STORE_PG_READER_H
#define STORE_PG_READER_H

#include "store/ledger.h"
#include "store/pg_conn.h"

struct pg_reader;
struct pg_ask;

/* The result is valid during the call; NULL unless ERR_OK. */
typedef void pg_ask_fn(void *arg, enum err, const PGresult *);

enum pg_plans {
	PLAN_AS_USUAL,
	PLAN_ANEW,    /* with each question's arguments in view */
	PLAN_BY_INDEX /* known keys of tables of any size, whatever is known of
	                 them: nested loops over indexes */
};

struct pg_reader_spec {
	const char *name; /* application_name */
	enum pg_plans plans;
	const struct pg_statement *statements; /* must live as long */
	unsigned n_statements;
};

enum err pg_reader_new(struct event_base *, const struct pg_options *,
    const struct pg_reader_spec *, const struct pg_events *,
    struct pg_reader **out) MUST_USE;
/* Questions under way are told ERR_IO. */
void pg_reader_free(struct pg_reader **);
bool pg_reader_is_up(const struct pg_reader *);

/*
 * Open a question, send its statements, close it: then `fn' runs exactly once,
 * later.  ERR_IO: not connected; ERR_BUSY: too many under way.
 */
enum err pg_reader_open(struct pg_reader *, pg_ask_fn *, void *arg) MUST_USE;
void pg_reader_send(
    struct pg_reader *, const char *stmt, const struct pg_args *);
void pg_reader_query(
    struct pg_reader *, const char *sql, const struct pg_args *);
void pg_reader_close(struct pg_reader *);

#endif
