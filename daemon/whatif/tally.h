/*
 * tally.h - what came of one rehearsed day, in the report's words.
 *
 *   offered     entered a queue
 *   wait        from entering the queue to being connected with an agent
 *   short       hung up within 5 s of entering the queue, unanswered
 *   level       answered with a wait of at most 20 s / (offered - short)
 *   ASA         mean wait of the answered
 *   abandoned   hung up later than 5 s, unanswered, / (offered - short)
 *   occupancy   time with callers and their notes / time staffed
 *   overtaken   like calls (same queue, same class) of which the later one was
 *               offered first: always 0
 *
 * The mean waits by class and half hour count everybody who queued, by the half
 * hour in which they began to wait: (class, half hour of the day).
 */
#ifndef WHATIF_TALLY_H
#define WHATIF_TALLY_H

#include <stdint.h>

#define TALLY_CLASSES 4 /* of priority; higher ones count as the last */
#define TALLY_HALF_HOURS 48

enum tally_figure {
	TALLY_OFFERED,
	TALLY_ANSWERED,
	TALLY_LEVEL,
	TALLY_ASA,
	TALLY_WAIT, /* of everybody who queued, answered or not */
	TALLY_ABANDONED,
	TALLY_ELSEWHERE, /* refused, overflowed out, called back … */
	TALLY_OCCUPANCY,
	TALLY_OVERTAKEN,
	TALLY_NFIGURES
};

struct tally {
	uint64_t calls, offered, answered, within, abandoned, short_, elsewhere;
	uint64_t overtaken;
	double answered_wait_s, wait_s, busy_s, staffed_s;
	struct {
		uint64_t n;
		double wait_s;
	} cells[TALLY_CLASSES][TALLY_HALF_HOURS];
};

/* "level", and its unit: "" a number, "s" seconds, "%" a share of 1. */
const char *tally_word(enum tally_figure);
const char *tally_unit(enum tally_figure);
double tally_figure(const struct tally *, enum tally_figure);

/* Of several days: the mean and half the width of its 95 % interval (Student's
 * t, n - 1 degrees of freedom; 0 for n < 2). */
struct spread {
	double mean, half;
};
struct spread spread_of(const double *x, unsigned n);

#endif
