/*
 * mem_floor.h - who waits and who is ready, in memory: the floor of the centre.
 *
 * A line has a waiting and a ready set; an agent has a seat in each line that
 * it qualifies for and sits in all their ready sets while it is ready.  A call
 * waits in its line unless it is offered.  Matching looks at the first of each
 * set and passes over excluded pairs only.
 *
 * For mem_acd.c alone, which decides what happens when.  Everything belongs to
 * the floor.
 */
#ifndef STORE_MEM_FLOOR_H
#define STORE_MEM_FLOOR_H

#include "base/hash.h"
#include "store/acd.h"
#include "store/zset.h"

enum floor_state { FLOOR_IDLE, FLOOR_READY, FLOOR_OFFERED, FLOOR_BUSY };

struct line {
	UT_hash_handle hh;
	struct line *next; /* of the same queue */
	struct zset waiting, ready;
	struct acd_line key;
};

struct call {
	UT_hash_handle hh;
	struct id id;
	struct line *line;
	struct zset_node place;
	struct agent *agent; /* offered to; NULL: waits */
	unsigned n_excluded;
	uint32_t *excluded;
};

struct agent {
	UT_hash_handle hh, hh_offer;
	uint32_t id;
	enum floor_state state;
	int64_t score;
	struct seat *seats;
	struct call *call; /* while OFFERED */
	uint64_t offer;    /* likewise */
	struct acd_profile profile;
};

struct floor {
	struct line *lines;
	struct queue *queues;
	struct call *calls;
	struct agent *agents, *offers; /* offers: the agents that have one */
	uint32_t generation, n_offers;
	int64_t n_waiting, n_ready;
};

struct call *floor_call(const struct floor *, const struct id *);
struct agent *floor_agent(const struct floor *, uint32_t id);
struct agent *floor_offered(const struct floor *, uint64_t offer);

/* A new call; it waits. */
enum err floor_add_call(struct floor *, const struct id *,
    const struct acd_line *, int64_t score, uint64_t arrival,
    struct call **out) MUST_USE;
void floor_remove_call(struct floor *, struct call *);
enum err floor_exclude(struct call *, const struct agent *) MUST_USE;

/* A new agent, idle, with all its seats. */
enum err floor_add_agent(
    struct floor *, uint32_t id, const struct acd_profile *) MUST_USE;
void floor_remove_agent(struct floor *, struct agent *);
void floor_set_state(struct floor *, struct agent *, enum floor_state);

/* True: an offer was made, of this call or to this agent.  Without memory for
 * it both go on waiting, until the next match. */
bool floor_match_call(struct floor *, struct call *) MUST_USE;
bool floor_match_agent(struct floor *, struct agent *) MUST_USE;

/* The agent is in that state from here; his call, returned, is in no set. */
struct call *floor_end_offer(struct floor *, struct agent *, enum floor_state);
/* A call in no set takes its old place. */
void floor_wait(struct floor *, struct call *);

/* Everybody and everything; offers start over. */
void floor_clear(struct floor *);

#endif
