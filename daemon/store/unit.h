/*
 * unit.h - what a unit is made of, for those who implement a ledger.
 *
 * A unit lives in its own arena, its rows' text too; the words in rows (const
 * char *) are the program's own and are not copied.  The rows are listed in
 * the order in which they were put.  unit_rows() walks them:
 *
 *	for (const struct unit_row *r = unit_rows(u); r != NULL; r = r->next)
 *		if (r->kind == ROW_CALL)
 *			use((const struct call_row *)r->row);
 */
#ifndef STORE_UNIT_H
#define STORE_UNIT_H

#include <sys/queue.h>

#include "store/ledger.h"
#include "store/row.h"

struct unit_row {
	struct unit_row *next;
	enum row_kind kind;
	void *row; /* as row_tables[kind]; begins with the struct of ledger.h */
};

/* Memory of units that have ended, for the next ones: thousands come and go
 * in a second.  A ledger that sets its `spares' has to empty them at its end,
 * behind its last unit. */
struct unit_spares {
	struct arena *arenas[1024];
	unsigned n;
};

struct ledger_unit {
	STAILQ_ENTRY(ledger_unit) entry; /* the ledger's, once committed */
	struct arena *arena;
	struct unit_spares *spares; /* where the arena goes, or NULL */
	struct unit_row *first, **last;
	unsigned n_rows;
	const char *history; /* the last event of a ticket's kind, or NULL */
	struct stream_row stream; /* its event's; switch_id 0: none */
	ledger_done_fn *done;
	void *arg;
	int64_t given_at;                  /* loop time of ledger_commit() */
	enum err outcome;                  /* what `done' will be told */
	unsigned tries;                    /* of this unit alone */
	struct quarantine_row *quarantine; /* NULL: its rows are written */
};

STAILQ_HEAD(unit_queue, ledger_unit);

static inline const struct unit_row *
unit_rows(const struct ledger_unit *u)
{
	return u->first;
}

void unit_spares_fini(struct unit_spares *);

/* Bytes that the unit holds. */
size_t unit_bytes(const struct ledger_unit *);

/*
 * From now on the unit is one row of event_quarantine: its rows as cleaned
 * JSON, and why.  Without memory for that the row says only why.
 */
void unit_quarantine(
    struct ledger_unit *, const char *sqlstate, const char *reason);

/* Make that row the smallest there is: PostgreSQL would not take it either. */
void unit_quarantine_bare(struct ledger_unit *);

#endif
