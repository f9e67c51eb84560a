/*
 * draw.c - SplitMix64, started from a digest of what is drawn for.
 */
#include "replay/draw.h"

#include <assert.h>
#include <math.h>

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The NUL is taken in, so that "ab","c" and "a","bc" differ. */
static uint64_t
digest(uint64_t h, const char *s)
{
	do
		h = (h ^ (unsigned char)*s) * FNV_PRIME;
	while (*s++ != '\0');
	return h;
}

struct draw
draw_for(uint64_t seed, const char *identity, const char *what)
{
	uint64_t h = FNV_START ^ mix(seed + GOLDEN);

	return (struct draw){ mix(digest(digest(h, identity), what)) };
}

uint64_t
draw_bits(struct draw *d)
{
	d->state += GOLDEN;
	return mix(d->state);
}

double
draw_unit(struct draw *d)
{
	return ((double)(draw_bits(d) >> 11) + 0.5) * 0x1p-53;
}

uint64_t
draw_below(struct draw *d, uint64_t n)
{
	assert(n > 0);
	return draw_bits(d) % n; /* n is small: the bias is too */
}

int64_t
draw_between(struct draw *d, int64_t low, int64_t high)
{
	assert(low <= high);
	return low + (int64_t)draw_below(d, (uint64_t)(high - low) + 1);
}

double
draw_exponential(struct draw *d, double mean)
{
	return -mean * log(draw_unit(d));
}

double
draw_log_normal(struct draw *d, double mean, double cv)
{
	double variance = log(1 + cv * cv);
	double radius = sqrt(-2 * log(draw_unit(d)));
	double normal = radius * cos(2 * 3.14159265358979323846 * draw_unit(d));

	return mean * exp(normal * sqrt(variance) - variance / 2);
}
