/*
 * whatif.h - the same days under several hotline files, side by side.
 *
 * Each variant is played with each seed; the first variant is what the others
 * are compared with, day by day of the same seed, so that the interval is of
 * the difference and not of the days.
 */
#ifndef WHATIF_WHATIF_H
#define WHATIF_WHATIF_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "replay/plan.h"

#define WHATIF_VARIANTS_MAX 8
#define WHATIF_SEEDS_MAX 1000

struct whatif {
	const struct plan *plan;
	const char *files[WHATIF_VARIANTS_MAX];
	unsigned n_files;
	unsigned seeds;   /* 1 and up; 0: the plan as it stands, once */
	bool half_hours;  /* mean wait by class and half hour, too */
	bool quiet;       /* no progress */
	const char *json; /* a file, or NULL */
};

/* ERR_CONFIG: a file is wrong, told on stderr with line and column;
 * ERR_IO: something cannot be read or written. */
enum err whatif_run(const struct whatif *, FILE *out) MUST_USE;

/* A file to begin with: a queue for each number of the plan, its agents. */
void whatif_hotline(const struct plan *, FILE *out);

#endif
