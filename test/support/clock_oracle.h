/*
 * clock_oracle.h - what PostgreSQL must say of tickets' clocks, whoever was
 * killed, stopped or late: each event once, at its true instant, with all that
 * follows from it and nothing half done.
 *
 * The sentences are counted from the rows alone, so that what wrote them does
 * not judge itself; but for clock_oracle_again().
 */
#ifndef CLOCK_ORACLE_H
#define CLOCK_ORACLE_H

#include "test/support/stack.h"

/* `now': domain time as SQL.  Any sentence that does not hold fails the test,
 * with the daemon's log on standard error. */
void clock_oracle_consult(const struct stack *, const char *now);

/* The clocks are thrown away and the daemon, which must be running, computes
 * them again: they are as they were, and nothing is told of it. */
void clock_oracle_again(const struct stack *);

/* After a revision's job, `kind' revised_forward or revised_retroactive. */
void clock_oracle_revised(const struct stack *, int revision, const char *kind);

/* Ask until the answer is this; fails the test after so many seconds. */
void clock_oracle_until(
    const struct stack *, int seconds, const char *sql, const char *want);

/* How late what time has brought was noticed, on standard output. */
void clock_oracle_tell_lateness(const char *of);

#endif
