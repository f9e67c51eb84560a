/*
 * acd_suite.h - the contract of acd.h as a table that reads like its manual,
 * and as a model; run against memory and against Redis.
 *
 * A row is a name and steps, divided by ';':
 *	login 1 q1,q2/s7=5      agent 1: queues 1 and 2, skill 7 at level 5
 *	ready 1 @10             at score 10
 *	enqueue A q1/s7=3 @20   call A, that line, score 20; '#9': arrival 9
 *	shown A; accept A       A's latest offer; 'A.1' is its first
 *	end A stay exclude      the two flags of END_OFFER
 *	dequeue A; logout 1; not_ready 1; wrap_up 1; busy 1
 * What must come of a step stands behind it: `= not_found' an error (else ok),
 * `> -A:1 B:1' the effects in order: the offer of A to 1 rescinded, B offered
 * to 1.
 */
#ifndef ACD_SUITE_H
#define ACD_SUITE_H

#include "store/acd.h"

struct event_base;

/* One implementation under test. */
struct acd_rig {
	struct acd *acd;
	struct event_base *base; /* NULL: mem_acd_run() */
};

/* Wait until every `done' has run. */
void acd_rig_settle(struct acd_rig *);

extern const unsigned acd_suite_n_rows;
void acd_suite_row(struct acd_rig *, unsigned row);

/* `n' random commands, to all of the rigs and the model; every reply equal,
 * the model's invariants kept.  MASHANG_SEED sets the seed, which is shown. */
void acd_suite_random(struct acd_rig *rigs, unsigned n_rigs, unsigned n);

#endif
