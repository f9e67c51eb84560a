/*
 * strategy.h - whom among the ready: a strategy is a score, lowest first.
 *
 * Each agent who becomes ready is given one score for each queue of the
 * profile.  The tier comes first: whatever the strategy says, agents of tier 1
 * go before those of tier 2.  Below it lies the strategy's own metric, and
 * below that, where many are equal, who has been ready longest:
 *
 *	tier * STRATEGY_TIER + metric
 *
 * A score stands until its agent is ready again; nothing in it depends on the
 * present.  That holds for chance, too: each agent has an exponential clock
 * that began where the last winner's rang, and whose rings first is the next.
 * Such clocks have no memory, so that drawing one as late as an agent becomes
 * ready is exact; the rate is the weight.  An agent who was passed over because
 * a line asks for more than others' keeps the clock that was drawn.
 *
 * Pure functions up to `strategy_draw'; below it, what the desk keeps for them.
 */
#ifndef DESK_STRATEGY_H
#define DESK_STRATEGY_H

#include <stdbool.h>
#include <stdint.h>

#include "routing/rules.h"
#include "store/acd.h"

struct desk;
struct agent;
struct call;
struct queue;

/* So that eleven of them fit into an agent's score. */
#define STRATEGY_TIER (INT64_C(1) << 47)

/* What counts of an agent, for one queue. */
struct strategy_agent {
	int64_t ready_since; /* microseconds UTC */
	int64_t offered_at;  /* by this queue, 0: never */
	uint64_t calls;      /* since 12 h before log-in */
	int64_t talk_us;     /* the same */
	uint32_t rank;       /* in the file */
	uint32_t levels;     /* in the skills that the queue asks for, added */
	uint8_t tier;        /* 0 is 1 */
	int64_t drawn;       /* when the clock rings, from strategy_draw() */
};
int64_t strategy_score(enum strategy, const struct strategy_agent *);

/* A clock that begins at `from': when it rings.  Weight 0 is 1.  `random' is
 * the generator's state. */
int64_t strategy_draw(uint64_t *random, int64_t from, uint32_t weight);

/* Of an agent: kept from log-in to log-in, asked of the ledger at each. */
struct agent_figures {
	uint64_t calls;
	int64_t talk_us;
	uint64_t new_calls; /* of these, since the ledger was asked */
	int64_t new_talk_us;
	int64_t busy_since; /* 0: is not */
	bool asked;         /* since the last log-in */
	unsigned n, room;
	struct queue_figures {
		uint32_t queue;
		int64_t offered_at, drawn;
		int64_t offered_before; /* the last offer */
	} * queues;
};

/* Scores as a READY command has them, from now on the agent's: one a queue of
 * the profile into scores[ACD_MAX_AGENT_QUEUES]; returns how many. */
unsigned strategy_scores(struct desk *, struct agent *, int64_t *scores);
/* The agent's: logged in, out, busy, busy no more.  Also: again. */
void strategy_told(struct desk *, struct agent *, enum acd_op);
/* The agent was matched with it.  True: the clocks of `*wound' have run so far
 * that they begin anew: all who are ready there want new scores. */
bool strategy_won(
    struct desk *, const struct call *, struct agent *, struct queue **wound);
/* The queue whose agent this is for a call in this line; NULL: none. */
struct queue *strategy_queue(
    const struct desk *, const struct acd_line *, const struct agent *);
void strategy_free(struct agent *);

#endif
