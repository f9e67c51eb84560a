/*
 * mem_floor.h - who waits and who is ready, in memory: the floor of the centre.
 *
 * A line has a waiting and a ready set; an agent has a seat in each line that
 * it qualifies for and sits in all their ready sets while it is ready, in those
 * of work items while it has room for one more.  A call waits in its line while
 * it is in fewer offers than its ring.  Matching looks at the first of each set
 * and passes over excluded pairs only.
 *
 * mem_line.c has the lines and the seats, mem_floor.c calls, agents, matching;
 * both are for mem_acd.c alone, which decides what happens when.  Everything
 * belongs to the floor.
 */
#ifndef STORE_MEM_FLOOR_H
#define STORE_MEM_FLOOR_H

#include <sys/queue.h>

#include "base/hash.h"
#include "store/acd.h"
#include "store/zset.h"

enum floor_state { FLOOR_IDLE, FLOOR_READY, FLOOR_OFFERED, FLOOR_BUSY };

struct line {
	UT_hash_handle hh;
	struct zset waiting, ready;
	uint32_t staffed; /* seats */
	struct acd_line key;
};

struct seat {
	struct zset_node node; /* first: a ready set's node is a seat */
	struct agent *agent;
	struct line *line;
	struct seat *next; /* of the same agent */
	uint8_t order; /* the queue that let it in: 0 the line's own, then its
			  neighbours' */
	uint8_t slot;  /* that queue's in the profile; NO_SLOT: none did */
};

struct call {
	UT_hash_handle hh;
	struct id id;
	struct line *line;
	struct zset_node place;
	TAILQ_HEAD(offered, agent) offers; /* in the order of being made */
	unsigned n_offers, ring;
	unsigned n_excluded;
	uint32_t *excluded;
};

struct agent {
	UT_hash_handle hh, hh_offer;
	TAILQ_ENTRY(agent) entry; /* while OFFERED, with `call' */
	struct call *call;
	uint64_t offer;
	uint32_t id;
	enum floor_state state;
	uint32_t in_hand;
	struct seat *seats;
	int64_t scores[ACD_MAX_AGENT_QUEUES];
	struct acd_profile profile;
};

struct floor {
	struct line *lines;
	struct door *doors;
	struct call *calls;
	struct agent *agents, *offers; /* offers: the agents that have one */
	uint32_t generation, n_offers;
	int64_t n_waiting, n_ready;
};

struct call *floor_call(const struct floor *, const struct id *);
struct agent *floor_agent(const struct floor *, uint32_t id);
struct agent *floor_offered(const struct floor *, uint64_t offer);

/* A new call, from ENQUEUE; it waits. */
enum err floor_add_call(
    struct floor *, const struct acd_cmd *, struct call **out) MUST_USE;
/* As MOVE says; it waits there if it is in fewer offers than its ring. */
enum err floor_move_call(
    struct floor *, struct call *, const struct acd_cmd *) MUST_USE;
void floor_remove_call(struct floor *, struct call *);
enum err floor_exclude(struct call *, uint32_t agent) MUST_USE;

/* A new agent, idle, with all its seats. */
enum err floor_add_agent(
    struct floor *, uint32_t id, const struct acd_profile *) MUST_USE;
void floor_remove_agent(struct floor *, struct agent *);
void floor_set_scores(struct agent *, const struct acd_cmd *);
void floor_set_state(struct floor *, struct agent *, enum floor_state);
void floor_set_in_hand(struct agent *, uint32_t);

/* True: one offer was made, of this call or to this agent, who need not sit yet.
 * Without memory for it both go on waiting, until the next match. */
bool floor_match_call(struct floor *, struct call *) MUST_USE;
bool floor_match_agent(struct floor *, struct agent *) MUST_USE;

/* The agent is in that state from here; his call is returned. */
struct call *floor_end_offer(struct floor *, struct agent *, enum floor_state);
/* A call that may be in one offer more takes its old place, or keeps it. */
void floor_wait(struct floor *, struct call *);

/* Everybody and everything; offers start over. */
void floor_clear(struct floor *);

/* ---- mem_line.c */

/* The line, made on first use, with seats for all who qualify; NULL: no
 * memory. */
struct line *floor_line(struct floor *, const struct acd_line *);
/* All seats that the agent qualifies for; ERR_NOMEM: some of them. */
enum err seats_take(struct floor *, struct agent *) MUST_USE;
void seats_leave(struct agent *);
/* Into the ready sets that the agent is to be in now, out of the others. */
void seats_sit(struct agent *);
void lines_clear(struct floor *);

#endif
