/*
 * fake_ledger.h - a ledger in memory: keeps the rows, answers from cards.
 *
 * Everything that is asked or committed waits until fake_ledger_run(), or,
 * where it has an event base, until the loop's next turn.  Nothing is checked
 * or folded: rows are what the caller gave.
 */
#ifndef FAKE_LEDGER_H
#define FAKE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/ledger.h"
#include "store/row.h"

/* `base' NULL: only fake_ledger_run() answers. */
struct ledger *fake_ledger_new(struct event_base *base);
/* Rows included; what is not answered yet is dropped. */
void fake_ledger_free(struct ledger **);

/* Answer what waits, in order, and what that causes; returns how many. */
unsigned fake_ledger_run(struct ledger *);

/* Commits wait while held; questions are answered all the same. */
void fake_ledger_hold(struct ledger *, bool);
/* Away: questions get ERR_IO at once, commits wait. */
void fake_ledger_away(struct ledger *, bool);
/* The `nth' commit from now (1: the next) is told `e'; its rows are kept out. */
void fake_ledger_fail(struct ledger *, unsigned nth, enum err e);
/* After so many more leases ERR_BUSY. */
void fake_ledger_leases(struct ledger *, uint64_t left);
/* What stats() says of the backlog. */
void fake_ledger_backlog(struct ledger *, uint64_t bytes);

/* The rows that this question is answered with from now on: cells between
 * `|', rows between newlines (between FAKE_ROWs in one that begins with it),
 * an empty cell is NULL.  Kept by the caller. */
#define FAKE_ROW '\036'
void fake_ledger_card(struct ledger *, enum ledger_query, const char *rows);
/* The next `n' of this question are told `e'. */
void fake_ledger_trouble(
    struct ledger *, enum ledger_query, unsigned n, enum err e);
/* The same for the next time only, before any standing card; they queue up. */
void fake_ledger_once(struct ledger *, enum ledger_query, const char *rows);
unsigned fake_ledger_asked(const struct ledger *, enum ledger_query);
/* The last question's arguments, between `|'; "" if it was never asked. */
const char *fake_ledger_args(const struct ledger *, enum ledger_query);

/* Committed rows of a kind, in order; NULL behind the last. */
unsigned fake_ledger_n(const struct ledger *, enum row_kind);
const void *fake_ledger_row(const struct ledger *, enum row_kind, unsigned i);
/* Units given and not committed yet. */
unsigned fake_ledger_waiting(const struct ledger *);

/* Configurations applied; the last log-in that was changed. */
unsigned fake_ledger_applied(const struct ledger *);
const struct login_change *fake_ledger_change(const struct ledger *);

#endif
