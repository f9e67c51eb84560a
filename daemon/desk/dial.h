/*
 * dial.h - the parts of dialling among themselves; for dial*.c and work*.c.
 */
#ifndef DESK_DIAL_H
#define DESK_DIAL_H

#include "desk/state.h"

/* ---- dial.c */
/* Whoever waits is told once what becomes of it. */
enum err dial_wait_for(struct dial *, desk_dial_fn *, void *arg) MUST_USE;
/* The ledger decides, behind all that this unit and those before it hold. */
void dial_ask(struct dial *, struct ledger_unit **);
/* NULL: none that is remembered. */
struct dial *dial_of_op(const struct desk *, const struct id *op);
struct dial *dial_of_call(const struct desk *, const struct id *call);

/* ---- dial_again.c */
/* Of an attempt's state, as the ledger says it. */
enum err dial_err_of_state(struct str state);
void dial_answer_state(struct dial_answer *, struct str state);
enum err dial_ask_again(struct desk *, const struct desk_action *,
    const struct dial_answer *why, desk_dial_fn *, void *arg) MUST_USE;

/* ---- dial_back.c: the customer first, and no agent yet */
/* `done' runs as desk_dial()'s, unless this is not ERR_OK. */
enum err dial_back(struct desk *, const struct id *op, struct swtch *,
    uint64_t serial, struct str e164, desk_dial_fn *, void *arg) MUST_USE;

#endif
