/*
 * clock.c - clock_gettime in microseconds.
 */
#include "base/clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts = { 0 };

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_S + ts.tv_nsec / 1000;
}

int64_t
clock_loop(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}
