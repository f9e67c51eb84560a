/*
 * row.h - the ledger's rows as tables of columns.
 *
 * Each row struct is described once; copying, folding, encoding, the SQL text
 * and the quarantine's JSON follow from that.  A column says how two rows of
 * one key become one: what is set first stays, or what is latest counts, by
 * the table's order column (a call's seq, a ticket's rev).  The same rule goes
 * into the upsert and into row_fold(), since one statement cannot touch a row
 * twice.
 */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/ledger.h"

enum col_type {
	COL_NONE,
	COL_ID,    /* struct id; none is NULL */
	COL_INT4,  /* uint32_t; 0 is NULL */
	COL_COUNT, /* uint32_t; 0 is 0 */
	COL_INT8,  /* uint64_t; 0 is NULL */
	COL_BITS,  /* uint64_t; 0 is 0 */
	COL_TIME,  /* int64_t microseconds since 1970; 0 is NULL */
	COL_TEXT,  /* struct str; empty is NULL */
	COL_NOTE,  /* struct str; empty is empty */
	COL_WORD,  /* const char *, the program's own */
	COL_BOOL,
	COL_NTYPES
};

enum col_fold {
	FOLD_KEY,
	FOLD_FIRST,
	FOLD_LATEST, /* an unset value undoes none */
	FOLD_MAX,    /* the order column itself */
	FOLD_ANY     /* once true, true */
};

struct col {
	const char *name;
	enum col_type type;
	size_t offset;
	enum col_fold fold;
	const char *sql; /* what is stored, of row `u'; NULL: u.name */
};

enum row_kind {
	ROW_NONE,
	ROW_CALL,
	ROW_CALL_EVENT,
	ROW_OFFER,
	ROW_DECISION,
	ROW_TICKET_OF_CALL, /* known by its call */
	ROW_TICKET,         /* known by its id */
	ROW_TICKET_EVENT,
	ROW_SLA_TICKET,
	ROW_SLA_CLOCK,
	ROW_SLA_EVENT,
	ROW_SLA_DONE,
	ROW_DIAL,
	ROW_WORK, /* that a call leaves behind */
	ROW_AGENT_STATE,
	ROW_AUDIT,
	ROW_STREAM,
	ROW_QUARANTINE,
	ROW_NKINDS
};

#define ROW_MAX_COLS 32

struct row_table {
	const char *name;
	size_t size;
	const struct col *cols;
	unsigned n_cols;
	size_t key_offset, key_size; /* size 0: rows are not folded */
	size_t order_offset;         /* of a uint32_t; SIZE_MAX: none */
	const char *conflict;        /* columns of the key, in SQL */
	const char
	    *statement; /* instead of the plain INSERT; %s is the unnest */
};

extern const struct row_table row_tables[ROW_NKINDS];

/* Rows with what follows from them. */
struct call_full {
	struct call_row row;
	int64_t began_at; /* the first time that is known */
};
struct ticket_full {
	struct ticket_row row;
	struct str number; /* of the customer; empty: none */
};
struct stream_row {
	struct {
		uint64_t switch_id, epoch; /* one key, no padding */
	} key;
	uint64_t up_to;
};
struct quarantine_row {
	struct id key;
	int64_t at;
	struct str sqlstate, reason, rows;
};

/* What a number is in customer_number: E.164, or digits as they came; empty:
 * withheld, unknown, a name. */
struct str row_customer_number(struct str e164, struct str caller);

/* Is the column unset in this row? */
bool row_is_null(const struct col *, const void *row);

/* Copy the row's text into the arena.  ERR_NOMEM. */
enum err row_keep(const struct row_table *, void *row, struct arena *) MUST_USE;

/* Make `into' what both say. */
void row_fold(const struct row_table *, void *into, const void *row);

/* The INSERT of one array a column, into out[room].  ERR_TOO_LARGE. */
enum err row_sql(const struct row_table *, char *out, size_t room) MUST_USE;

#endif
