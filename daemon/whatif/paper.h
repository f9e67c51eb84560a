/*
 * paper.h - a ledger on paper: answers what a hotline's file says, keeps
 * nothing.
 *
 * For rehearsals: the desk asks it for its queues, agents, phones and numbers,
 * and is told that every row is committed.  Ids are places in the file, from 1;
 * the one switch is 1.  An agent's phone is named as the agent.
 *
 * Ownership: the hotline is the caller's and outlives the paper.  Nothing is
 * answered but by paper_run().
 */
#ifndef WHATIF_PAPER_H
#define WHATIF_PAPER_H

#include <stdbool.h>

#include "base/err.h"
#include "client/hotline.h"
#include "store/ledger.h"

#define PAPER_SWITCH "rehearsal"

enum err paper_new(const struct hotline *, struct ledger **out) MUST_USE;
void paper_free(struct ledger **);

/* Answers what waits, in order; false: nothing did. */
bool paper_run(struct ledger *);

#endif
