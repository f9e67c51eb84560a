/*
 * pg_batch.h - many units as one transaction: a statement a table.
 *
 * A batch collects the rows of its units by table, folds those that say
 * something of one key, sorts them by key (so that two writers cannot wait for
 * each other), and sends one INSERT of arrays a table.  It owns nothing of the
 * units and is used again for the next batch.
 */
#ifndef STORE_PG_BATCH_H
#define STORE_PG_BATCH_H

#include <stdint.h>

#include "base/err.h"
#include "store/pg_conn.h"
#include "store/unit.h"

struct pg_batch;

struct pg_batch *pg_batch_new(void); /* NULL: no memory */
void pg_batch_free(struct pg_batch **);

/* What is to be prepared for pg_batch_send(); belongs to the batch. */
const struct pg_statement *pg_batch_statements(
    const struct pg_batch *, unsigned *n);

void pg_batch_clear(struct pg_batch *);
/* The unit must live until the batch is sent.  ERR_NOMEM. */
enum err pg_batch_add(struct pg_batch *, const struct ledger_unit *) MUST_USE;

/*
 * Fold, encode, send, sync.  The transaction fails (SQLSTATE MA001) unless the
 * last one that committed on this connection was `after'.  ERR_NOMEM: parts
 * may have gone out, the connection must be dropped.
 */
enum err pg_batch_send(struct pg_batch *, struct pg_conn *, uint64_t after,
    uint64_t mine) MUST_USE;

/* The statement that compares digests answers rows of this many columns: call
 * id as 32 digits, seq, digest.  No other statement does. */
#define PG_BATCH_CLASH_COLS 3

#endif
