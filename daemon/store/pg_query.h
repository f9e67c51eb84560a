/*
 * pg_query.h - the SQL behind enum ledger_query, one row each.
 *
 * Times in answers are microseconds since 1970, UTC; booleans `t' and `f'; ids
 * of calls 32 hex digits.
 */
#ifndef STORE_PG_QUERY_H
#define STORE_PG_QUERY_H

#include <stdbool.h>

#include "store/ledger.h"
#include "store/pg_conn.h"

struct pg_query {
	struct pg_statement stmt;
	unsigned n_args;
	bool slow; /* may read much: not on the connection of quick ones */
};

extern const struct pg_query pg_queries[LQ_NQUERIES];

#endif
