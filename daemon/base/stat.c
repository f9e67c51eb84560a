/*
 * stat.c - which bucket, and where a bucket ends.
 */
#include "base/stat.h"

#include <string.h>

void
stat_init(struct stat_hist *h)
{
	memset(h, 0, sizeof(*h));
}

/* Row 0 holds 0..15 one by one; row k-3 holds 2^k up to 2^(k+1). */
static unsigned
bucket_of(int64_t us)
{
	unsigned k;

	if (us < 16)
		return us < 0 ? 0 : (unsigned)us;
	k = 63 - (unsigned)__builtin_clzll((unsigned long long)us);
	return (k - 3) * 16 + ((unsigned)(us >> (k - 4)) & 15);
}

/* The largest value that falls into bucket `b'. */
static int64_t
bucket_end(unsigned b)
{
	unsigned row = b / 16;
	uint64_t end;

	if (row == 0)
		return b;
	end = (uint64_t)(16 + b % 16 + 1) << (row - 1);
	return (int64_t)(end - 1); /* the last one ends at INT64_MAX */
}

static int64_t
add_sums(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

void
stat_add(struct stat_hist *h, int64_t us)
{
	if (us < 0)
		us = 0;
	h->count++;
	h->buckets[bucket_of(us)]++;
	h->sum = add_sums(h->sum, us);
	if (us > h->max)
		h->max = us;
}

void
stat_merge(struct stat_hist *into, const struct stat_hist *from)
{
	into->count += from->count;
	into->sum = add_sums(into->sum, from->sum);
	if (from->max > into->max)
		into->max = from->max;
	for (unsigned i = 0; i < STAT_NBUCKETS; i++)
		into->buckets[i] += from->buckets[i];
}

/* The first rank is 1: q = 0 gives the smallest bucket in use. */
static uint64_t
rank_of(uint64_t count, double q)
{
	double r = q * (double)count;
	uint64_t rank;

	if (!(r > 1)) /* a NaN too */
		return 1;
	if (r >= (double)count)
		return count;
	rank = (uint64_t)r;
	return (double)rank < r ? rank + 1 : rank;
}

int64_t
stat_quantile(const struct stat_hist *h, double q)
{
	uint64_t left;
	unsigned b = 0;
	int64_t end;

	if (h->count == 0)
		return 0;
	left = rank_of(h->count, q);
	while (h->buckets[b] < left)
		left -= h->buckets[b++];
	end = bucket_end(b);
	return end < h->max ? end : h->max;
}

uint64_t
stat_at_most(const struct stat_hist *h, int64_t us)
{
	uint64_t n = 0;

	if (us < 0)
		return 0;
	for (unsigned b = 0; b <= bucket_of(us); b++)
		n += h->buckets[b];
	return n;
}
