/*
 * acd_suite.h - the contract of acd.h as a table that reads like its manual,
 * and as a model; run against memory and against Redis.
 *
 * A row is a name and steps, divided by ';':
 *	login 1 q1,q2:3/s7=5    agent 1: queues 1 and, in tier 3, 2; skill 7 at
 *	                        level 5; 'site2', 'items3', 'hand1'
 *	ready 1 @10             at score 10; '@10|5,6': 5 and 6 in his first
 *	                        queues, 10 in the others
 *	enqueue A q1/s7=3 @20   call A, that line, score 20; '#9': arrival 9;
 *	                        'q1,q2': with neighbour; 'tier2', 'site1',
 *	                        'work'; 'a7': of agent 7 alone; 'x3': ring
 *	move A q1 @20           likewise; 'forgive'
 *	shown A; accept A       A's latest offer; 'A.1' is its first, 'A:2' that
 *	                        to agent 2
 *	end A stay exclude      the two flags of END_OFFER
 *	dequeue A; logout 1; not_ready 1; wrap_up 1; busy 1; item_done 1
 *	look A; look 1
 * What must come of a step stands behind it: `= not_found' an error (else ok),
 * `= 3' the line's staff, of steps with the word 'staff', `= waiting' what was
 * seen; `> -A:1 B:1' the effects in order: the offer of A to 1 rescinded, B
 * offered to 1.
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

struct acd_row {
	const char *name, *steps;
};
extern const struct acd_row acd_rows[];
extern const unsigned acd_suite_n_rows;
void acd_suite_row(struct acd_rig *, unsigned row);

/* "enqueue" */
const char *acd_suite_verb(enum acd_op);

/* `n' random commands, to all of the rigs and the model; every reply equal,
 * the model's invariants kept.  MASHANG_SEED sets the seed, which is shown,
 * MASHANG_OPS how many. */
void acd_suite_random(struct acd_rig *rigs, unsigned n_rigs, unsigned n);

#endif
