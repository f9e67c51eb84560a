/*
 * oracle.h - what PostgreSQL must say after every play, whatever was killed in
 * the middle of it: nothing lost, nothing twice, nobody stuck.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "test/support/stack.h"

/* Each thing that must never be is counted; any at all fails the test, with
 * the daemon's log on standard error. */
void oracle_consult(const struct stack *);

/* The replay's exit status and its report (replay.json in the stack's
 * directory, replay.out) against the books: calls, events, tickets, answered,
 * abandoned, and nothing uncommitted. */
void oracle_compare(const struct stack *, int status);

#endif
