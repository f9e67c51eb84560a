/*
 * floor_clocks.h - what PostgreSQL alone can do for clocks: the same questions
 * and the same rows, from a bare client, which evaluates nothing: what is due
 * is told and due again later.  Stands in for the daemon while that is down.
 */
#ifndef BENCH_FLOOR_CLOCKS_H
#define BENCH_FLOOR_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

/* Tells what comes due, of tickets as crowd.h makes them, until `n' are told;
 * false: not before `until' (wall) and five seconds. */
bool floor_clocks(const char *conninfo, uint64_t n, int64_t until);

#endif
