/*
 * gate.h - who may wait in a queue, how long, and what they are told.
 *
 * Four files: gate.c asks the queue's rules, at the door and by the call's
 * timer; gate_then.c does what they say; room.c keeps who waits where, feeds
 * the estimate, and makes promises; announce.c has them told to the caller.
 *
 * The rules of the door (hours, full, length, estimate, a supervisor's hand on
 * it) are asked once a queue: who was let in is let in again, who came in in
 * time is served after closing time, and nobody whom a person has moved is
 * turned away.  Those of the wait (longest wait, overflow by wait) count from
 * when the call came into the queue, so that one sent on is not sent on again
 * at once; its place in every line is that of its first moment.
 *
 * A rule sends a call into a queue at most once: into one that it has been in
 * already it is not sent, so that queues that lead to each other end.  A queue
 * sent to is asked by its own rules first.  An overflow that has nowhere to go
 * leaves the call where it waits; what must go (closed, full, waited too long)
 * and has nowhere to go is refused.
 *
 * To refuse is to order CLEAR, with the cause that the switch tells: REFUSED
 * (closed, full), OVERFLOW, TIMED_OUT.  The bridge says the same cause in
 * CALL_CLEARED, and view call_outcome makes the word of it.  A call is one row:
 * one that was sent on counts once, in the queue that it was in last, by what
 * became of it there; only one that no queue kept is `overflowed',
 * `timed_out' or `refused'.
 *
 * Where the switch cannot end calls, or would not, the call waits all the same.
 */
#ifndef DESK_GATE_H
#define DESK_GATE_H

#include "desk/desk.h"
#include "desk/estimate.h"
#include "routing/rules.h"
#include "store/zset.h"

#define STAY_QUEUES_MAX 8

struct agent;
struct call;
struct ledger_unit;
struct queue;

/* A queue's waiting room. */
struct room {
	struct zset calls; /* who waits and is offered to nobody, in order */
	struct estimator rate;
	struct calibration calibration;
	uint32_t staff, ready; /* agents at work for it, and those free */
	enum queue_door door;
	bool warned; /* of a calendar that there is not */
};

/* A call's stay in waiting rooms. */
struct stay {
	struct zset_node node;
	struct queue *in;               /* let in there; NULL: nowhere */
	struct queue *listed;           /* whose room has `node' */
	uint32_t been[STAY_QUEUES_MAX]; /* queues that it was let into */
	unsigned n_been;
	int64_t entered_at;  /* the queue that it is in */
	int64_t alone_since; /* waits, and is offered to nobody */
	int64_t offered_at;
	bool taken;          /* the offer was counted as the room's service */
	int64_t not_before;  /* an action had no effect: try again */
	int64_t announce_at; /* 0: was never told */
	struct promise promise;
	enum cause away; /* told to go, or being handed over; NONE: it waits */
	bool handing_over; /* as a callback, at the next tick */
	bool stays; /* the switch would not end it: it is asked no more */
};

/* Where an action leads. */
struct gate_way {
	struct queue *to; /* NULL: to none */
	bool callback;
};

/* ---- gate.c */
/* May it wait where it is to wait?  It may have been sent to another queue by
 * that.  False: it is on its way out, and is in no line. */
bool gate_enter(struct desk *, struct call *);
/* When the queue's rules end its wait or send it on; INT64_MAX: never. */
int64_t gate_next_at(const struct desk *, const struct call *);
/* False: it does not wait here any more. */
bool gate_due(struct desk *, struct call *);
/* A supervisor's: DRAINING takes nobody new, CLOSED sends on those who wait. */
void gate_set_door(struct desk *, struct queue *, enum queue_door);
/* Does the queue let nobody new in?  CAUSE_NONE: it does, else what then. */
enum cause gate_bar(struct desk *, struct queue *, struct rule_then *then);
/* A rule of overflow that says at the door that it is too long; or NULL. */
const struct overflow *gate_overflow(const struct desk *, const struct queue *);
/* It waits for its queue, and is offered to nobody. */
bool gate_is_alone(const struct call *);
bool stay_has_been(const struct stay *, const struct queue *);

/* ---- gate_then.c */
/* Where the action takes the call, by the rules of the queues on the way. */
struct gate_way gate_way(struct desk *, const struct call *, struct rule_then);
/* The call is in no line: end it, or hand it over.  False: it stays. */
bool gate_turn_away(struct desk *, struct call *, struct gate_way, enum cause);
/* The callback that was put off until its call was recorded. */
void gate_hand_over(struct desk *, struct call *);
/* The switch has not ended it. */
void gate_kept(struct desk *, struct call *, enum err);
/* A new connection: what was told over the old one is unknown. */
void gate_again(struct desk *, struct call *);

/* ---- room.c */
/* It stands there by this score, from now on. */
void room_place(struct desk *, struct call *, int64_t score);
void room_offered(struct desk *, struct call *);
/* The offer has ended, and it waits again. */
void room_back(struct desk *, struct call *);
void room_answered(struct desk *, struct call *, struct agent *);
/* Out of it, for whatever reason. */
void room_left(struct desk *, struct call *);
/* The call ends, unanswered. */
void room_gave_up(struct desk *, struct call *);
/* The agent's state was `old'. */
void room_agent(struct desk *, struct agent *, enum agent_state old);
/* Agents have other queues now. */
void room_recount(struct desk *);
/* How many calls are before it. */
uint32_t room_ahead(const struct call *);
/* For who would come now; false: nobody serves it. */
bool room_expected(const struct queue *, int64_t now, struct estimate *out);
/* What the caller may be told now; false: nothing is known. */
bool room_promise(struct desk *, struct call *);

/* ---- announce.c */
/* It has come in: the first is due. */
void announce_begin(struct desk *, struct call *);
int64_t announce_next_at(const struct call *);
void announce_due(struct desk *, struct call *);

#endif
