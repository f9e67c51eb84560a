/*
 * figure.h - a row of build/bench.json: one figure of DESIGN 9, as a line of
 * JSON on stdout.  scripts/bench collects them.
 */
#ifndef BENCH_FIGURE_H
#define BENCH_FIGURE_H

#include "base/stat.h"

/* `floor' 0: none; `better' "more" or "less" says what the ratio means. */
void figure_value(const char *name, double value, const char *unit,
    double floor, const char *method);
/* Milliseconds at p50, p99, p99.9; `floor' is of the p50, in ms. */
void figure_latency(const char *name, const struct stat_hist *, double floor,
    const char *method);

#endif
