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

/* Questions of one lane wait for each other, and for no others. */
enum pg_lane {
	LANE_QUICK,  /* somebody waits for it with a call */
	LANE_SLOW,   /* lists, configuration: may read much */
	LANE_CLOCKS, /* the clocks' own reading, without end */
	N_LANES
};

struct pg_query {
	struct pg_statement stmt;
	unsigned n_args;
	enum pg_lane lane;
};

extern const struct pg_query pg_queries[LQ_NQUERIES];

#endif
