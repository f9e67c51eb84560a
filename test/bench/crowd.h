/*
 * crowd.h - open tickets by the hundred thousand, with clocks that run.
 *
 * Two tickets are evaluated by the daemon itself; all others are copies of
 * them with their times shifted, put in by SQL: so what stands in the ledger is
 * what evaluations would have written.  The even ones have a rung at 80 % of
 * eight hours as the next thing that time will do to them, the odd ones their
 * breach.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/stat.h"

#define CROWD_FIRST UINT64_C(1000000000) /* ticket */

/* Policies and two tickets, which the daemon that is up must evaluate. */
void crowd_begin(void);
/* Add tickets of which nothing is due within the hour, until there are `n'. */
void crowd_grow(uint64_t n);
/* Add tickets of which one is due every 1/per_second from soon on, for so long;
 * the first of them and, in `until', when the last is due (wall). */
uint64_t crowd_due(unsigned per_second, unsigned seconds, int64_t *until);
/* Wait until all that is due is told; false: not within `seconds'. */
bool crowd_told(uint64_t first, uint64_t n, int seconds);
/* True instant to detection, and to commit, of what was told since `first'. */
void crowd_lateness(
    uint64_t first, struct stat_hist *detected, struct stat_hist *committed);

/* The default policies, for calls; returns when the daemon goes by them. */
void crowd_pack(void);

/* A statement that asks for nothing, as superuser, without triggers. */
void crowd_do(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
