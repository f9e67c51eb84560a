/*
 * due.h - when a goal is reached, by the clocks that tickets have.
 *
 * A vector is told as a ticket's history: received at its start, put on hold
 * and taken up again by its pauses, under one policy with one goal.  So what
 * the vectors test is what the daemon does, not a sum of its own.
 *
 * A pause that begins at the very instant at which the goal is reached still
 * holds; one that begins later comes after the breach and changes nothing.
 */
#ifndef CONFORM_DUE_H
#define CONFORM_DUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sla/calendar.h"

struct pause {
	int64_t from, to; /* [from, to) */
};

/* Counted by the first; the others are what it stands on. */
struct due_calendars {
	unsigned n;
	const struct cal_spec *specs;
};

/*
 * `pauses' in the order of their beginnings; they may overlap and are changed.
 * CAL_NEVER: not within 50 years.
 */
enum err due_find(const struct due_calendars *, int64_t start, int64_t goal_us,
    size_t n, struct pause *pauses, int64_t *due) MUST_USE;

#endif
