/*
 * draw.h - chance that comes out the same again.
 *
 * Whatever is left to chance about a call (how long the phone rings, what the
 * agent notes) is drawn from the call's own identity, not from one stream
 * shared by all: leaving a call out, or playing calls in another order, then
 * changes nothing about the others.
 */
#ifndef REPLAY_DRAW_H
#define REPLAY_DRAW_H

#include <stdint.h>

struct draw {
	uint64_t state;
};

/* A stream of its own for each (seed, identity, what is drawn for). */
struct draw draw_for(uint64_t seed, const char *identity, const char *what);

uint64_t draw_bits(struct draw *);

/* In (0, 1): neither end is ever returned. */
double draw_unit(struct draw *);

/* 0 .. n - 1; n must not be 0. */
uint64_t draw_below(struct draw *, uint64_t n);

/* low .. high, both included. */
int64_t draw_between(struct draw *, int64_t low, int64_t high);

/* Means in whatever unit the caller likes; `cv' is deviation over mean. */
double draw_exponential(struct draw *, double mean);
double draw_log_normal(struct draw *, double mean, double cv);

#endif
