/*
 * stage.h - a rehearsal's callers, agents and clock; for rehearsal*.c only.
 *
 * The desk is never called from inside its own news: what it tells is written
 * down as an act for the same instant, and done in the order of telling.
 */
#ifndef WHATIF_STAGE_H
#define WHATIF_STAGE_H

#include "base/hash.h"
#include "base/heap.h"
#include "base/id.h"
#include "desk/desk.h"
#include "replay/plan.h"
#include "store/acd.h"
#include "store/ledger.h"
#include "whatif/tally.h"

enum act_kind {
	ACT_NONE,
	ACT_OFFERED, /* a call reaches the switch */
	ACT_QUEUED,  /* out of the menu */
	ACT_GIVE_UP,
	ACT_SERVED,
	ACT_LIFT,   /* an agent answers */
	ACT_ORDER,  /* the switch carries out an order */
	ACT_SHOWN,  /* an agent sees an offer */
	ACT_COME,   /* a shift begins */
	ACT_GO,     /* … ends */
	ACT_WRITTEN /* the note is done */
};

struct act {
	struct heap_node node;
	enum act_kind kind;
	struct caller *caller;
	struct seat *seat;
	uint64_t id; /* an order's, an offer's */
	enum order_kind order;
	enum cause cause;
	bool auto_answer;
};

struct caller {
	const struct plan_call *plan;
	struct id id;
	UT_hash_handle hh;
	uint32_t seq;
	int64_t queued_at, patience_us, service_us;
	struct seat *rings, *talks;
	bool live, answered;
	bool taken;      /* an agent has it, who is being connected */
	unsigned offers; /* that stand */
	unsigned class;
	struct str queue;            /* that it waits in */
	struct act patience, next;   /* next: menu, service */
	struct caller *prev, *after; /* of those that wait, as they came */
};

struct seat {
	uint32_t id;
	const char *name;
	const struct plan_agent *shifts; /* NULL: as long as calls come */
	size_t next_shift;
	bool present, leaving;
	struct caller *caller; /* whose call it is, or was last */
	struct caller *offered;
	uint64_t offer; /* the one it has, 0: none */
	struct act lift, shift, note;
	int64_t came_at, busy_from;
};

struct stage {
	const struct plan *plan;
	uint64_t seed;
	struct desk *desk;
	struct desk_switch *sw;
	struct ledger *paper;
	struct acd *acd;
	struct desk_news news;
	struct heap agenda;
	int64_t now, from, to;
	uint64_t stream, version;
	struct caller *callers, *by_id, *first_waiting, *last_waiting;
	struct seat *seats;
	size_t n_seats;
	double hazard; /* give-ups a second of waiting, 0: nobody did */
	struct tally *tally;
};

/* At this instant, or later. */
void stage_at(struct stage *, struct act *, int64_t at);
/* An act of its own, freed when done. */
void stage_soon(struct stage *, const struct act *);
/* Everything that is answered at once. */
void stage_settle(struct stage *);
struct caller *stage_caller(struct stage *, const struct id *);
static inline struct seat *
stage_seat(struct stage *s, uint32_t agent)
{
	return agent > 0 && agent <= s->n_seats ? &s->seats[agent - 1] : NULL;
}

/* ---- rehearsal_call.c: the switch and its callers */
void caller_act(struct stage *, struct act *);
void caller_ordered(struct stage *, const struct order *);
void caller_established(struct stage *, struct caller *, struct seat *);
/* The wait of a call that never was answered, at the end. */
void caller_left(struct stage *, struct caller *);
/* An offer of it: has a like one been waiting for longer? */
void caller_check_order(struct stage *, const struct caller *);

/* ---- rehearsal_staff.c: agents */
void seat_act(struct stage *, struct act *);
void seat_news(struct stage *);
/* It talks with this caller. */
void seat_busy(struct stage *, struct seat *, struct caller *);
/* Its call has ended: notes. */
void seat_cleared(struct stage *, struct seat *);

#endif
