/*
 * stat.h - how long things took: a histogram that can be merged.
 *
 * Log-linear: every power of two is cut into 16 buckets, so a quantile is at
 * most 1/16 too high, from a microsecond to three hundred thousand years.
 * Adding is O(1) and allocates nothing.  (The struct is not called stat: the
 * system has one.)
 */
#ifndef BASE_STAT_H
#define BASE_STAT_H

#include <stdint.h>

#define STAT_NBUCKETS 960 /* 60 rows of 16: 0..15, then 2^4 to 2^62 */

struct stat_hist {
	uint64_t count;
	int64_t sum, max; /* sum stays at INT64_MAX once there */
	uint64_t buckets[STAT_NBUCKETS];
};

void stat_init(struct stat_hist *);

/* Less than nothing counts as 0. */
void stat_add(struct stat_hist *, int64_t us);
void stat_merge(struct stat_hist *into, const struct stat_hist *from);

/*
 * The value that a share `q' (0 to 1) of what was added does not exceed: the
 * upper edge of its bucket, never more than the maximum; 0 when empty.
 */
int64_t stat_quantile(const struct stat_hist *, double q);

/* How many were at most `us', to the edge of its bucket. */
uint64_t stat_at_most(const struct stat_hist *, int64_t us);

static inline uint64_t
stat_count(const struct stat_hist *h)
{
	return h->count;
}

static inline int64_t
stat_sum(const struct stat_hist *h)
{
	return h->sum;
}

static inline int64_t
stat_max(const struct stat_hist *h)
{
	return h->max;
}

#endif
