/*
 * forecast.h - how likely a clock is to breach, from how long such work took.
 *
 * Work of one category is known by quantiles of its counted time from start to
 * stop.  A clock at `elapsed' of `goal', with `wait' still to go until somebody
 * can take it, breaches with P(T > goal - wait | T > elapsed): survival at the
 * one over survival at the other, straight lines between the quantiles.
 * Chances are parts in a million.
 */
#ifndef SLA_FORECAST_H
#define SLA_FORECAST_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define FORECAST_QUANTILES 21 /* 0 %, 5 % … 100 % */
#define FORECAST_MIN_SAMPLES 30
#define FORECAST_MIN_LEFT 5 /* of them, that took at least as long */
#define FORECAST_BINS 10

struct forecast_sample {
	struct str category; /* empty: any */
	unsigned n;          /* how many clocks it stands for */
	int64_t q[FORECAST_QUANTILES];
};

struct forecast;
enum err forecast_new(struct forecast **out) MUST_USE;
void forecast_free(struct forecast **);
/* Replaces what was known of this category. */
enum err forecast_learn(
    struct forecast *, const struct forecast_sample *) MUST_USE;
/* Of the category, or of any when that has fewer than FORECAST_MIN_SAMPLES;
 * -1: too little is known. */
int32_t forecast_risk(const struct forecast *, struct str category,
    int64_t elapsed_us, int64_t goal_us, int64_t wait_us);

/* ---- calibration: of those told p, did p breach? */
struct forecast_bin {
	uint64_t n, breached;
	uint64_t sum_ppm; /* of what was told */
};
struct forecast_calibration {
	struct forecast_bin bins[FORECAST_BINS]; /* by tenths of the chance */
};
void forecast_tell(struct forecast_calibration *, int32_t ppm, int breached);
/* Expected calibration error: the mean gap between told and seen, weighted by
 * how many (Naeini et al. 2015), in parts in a million. */
int32_t forecast_error(const struct forecast_calibration *);

#endif
