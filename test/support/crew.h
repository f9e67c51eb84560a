/*
 * crew.h - many agents who take every call and are ready again at once, in a
 * process of their own.
 */
#ifndef CREW_H
#define CREW_H

#include <sys/types.h>

#include "test/support/stack.h"

/* Agents aN at devices N, for N from `first'; all are ready when this returns.
 * It runs until it is ended; it dies with the test. */
pid_t crew_start(const struct stack *, unsigned first, unsigned n);
void crew_end(pid_t);

#endif
