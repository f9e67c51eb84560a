/*
 * clock.h - the only place that reads a clock.
 *
 * Loop time is for heart-beats, deadlines of I/O, back-off and batching: real,
 * monotonic, of no meaning outside this process.  Domain time is an argument
 * everywhere; main takes it from clock_wall() or from an attached replay.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_S INT64_C(1000000) /* microseconds in a second */

/* Monotonic microseconds. */
int64_t clock_loop(void);

/* Microseconds since 1970, UTC. */
int64_t clock_wall(void);

#endif
