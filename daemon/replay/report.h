/*
 * report.h - what came of the calls, as the switch saw it.
 *
 * Every call that was played is in exactly one place of the balance line.
 * Definitions (the same as in the ledger's views):
 *
 *   offered     entered a queue
 *   wait        from entering the queue to being connected with an agent
 *   short       hung up within 5 s of entering the queue, unanswered
 *   abandoned   hung up later than that, unanswered
 *   within T    answered with a wait of at most T / (offered - short)
 *   ASA         mean wait of the answered
 *   AHT         mean of talk, hold and note of those who were answered
 */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include <stdio.h>

#include "base/stat.h"
#include "replay/bridge.h"
#include "replay/switch.h"

struct report_balance {
	uint64_t offered, answered, abandoned, short_, overflowed, timed_out;
	uint64_t refused, called_back, withdrawn, lost, waiting;
};

#define REPORT_LEVELS 3 /* within 15, 20, 30 s */

struct report {
	uint64_t calls, menu, in_menu, talking, tickets, uncommitted;
	uint64_t repeated, lost_before, phantoms, corrections;
	struct report_balance balance;
	double asa_s, aht_s, level[REPORT_LEVELS];
	uint64_t within[REPORT_LEVELS];
	uint64_t latency_n;
	int64_t latency_us[3]; /* p50, p99, p99.9 */
	struct bridge_counts bridge;
	uint64_t offers, notes, errors;
	const char *last_error;
	double loop_s, domain_s;
};

/* All but the last line's times and latencies. */
void report_make(
    const struct telephone_switch *, uint64_t committed_up_to, struct report *);
void report_latency(struct report *, const struct stat_hist *);

/* The balance line's two sides are equal. */
bool report_balances(const struct report *);

void report_print(const struct report *, FILE *);
/* The last line of all: summary: calls=N answered=N ... */
void report_summary(const struct report *, FILE *);
/* ERR_IO: cannot be written. */
enum err report_json(const struct report *, const char *file) MUST_USE;

#endif
