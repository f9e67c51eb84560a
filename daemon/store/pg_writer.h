/*
 * pg_writer.h - units into PostgreSQL, in order, each once, whatever happens.
 *
 * The queue holds every unit that is not committed.  Its head is in flight as
 * up to `batches' transactions; a failure of one makes those behind it fail
 * too (ledger_turn() in SQL), all go back into the queue, and the head is
 * tried again: cut in half until the one bad unit stands alone, or after a
 * pause where the server was at fault.
 */
#ifndef STORE_PG_WRITER_H
#define STORE_PG_WRITER_H

#include <stdbool.h>

#include "store/ledger.h"

struct pg_writer;

enum err pg_writer_new(struct event_base *, const struct pg_options *,
    const struct pg_events *, struct pg_writer **out) MUST_USE;
/* Units that are not committed are forgotten, their `done' does not run. */
void pg_writer_free(struct pg_writer **);

void pg_writer_commit(
    struct pg_writer *, struct ledger_unit *, ledger_done_fn *, void *arg);
bool pg_writer_is_up(const struct pg_writer *);
bool pg_writer_is_empty(const struct pg_writer *);
void pg_writer_stats(const struct pg_writer *, struct ledger_stats *);

#endif
