/*
 * work.h - work without a live call: who is to be called back, who gave up and
 * is called, tickets that lie in a queue without an owner.
 *
 * An item waits in the memory of one node, in a line of the ACD, and is offered
 * to agents as calls are.  PostgreSQL alone decides (sql/0005_work.sql): who
 * accepts asks it first, and only then is anything dialled or shown as accepted.
 * So what is here may be out of date and does no harm: once a second the node
 * asks what it holds (work_hold.c), and an item that another has taken is let
 * go of when somebody here wants it.
 *
 * How it goes on: a callback or a follow-up is dialled for its agent by dial.c
 * and is taken until its call is over; not reached, it goes back to its place
 * after a while, and so on until it has been tried often enough.  A ticket
 * becomes its agent's, who goes on taking calls, and is in hand until it is
 * done, solved, closed, or somebody else's.
 *
 * Ownership: the desk owns all items, by their id.  What asks PostgreSQL knows
 * an item by its id, which may be gone when the answer comes.
 */
#ifndef DESK_WORK_H
#define DESK_WORK_H

#include "desk/state.h"

#define WORK_SUBJECT_LEN 160

struct work {
	struct id id, call; /* the call that it came of, or none */
	struct id op;       /* of the attempt to call, while taken */
	struct desk *desk;
	enum work_kind kind;
	enum work_state state;
	uint32_t attempt, rev; /* as the ledger counts */
	uint64_t ticket;       /* serial */
	struct queue *queue;
	uint32_t site;  /* the switch that dials; 0: any */
	uint32_t agent; /* who has it, while taken */
	char e164[17], subject[WORK_SUBJECT_LEN + 1];
	int64_t enqueued_at, credit_us; /* its place */
	uint64_t arrival;
	int64_t not_before, expires_at; /* 0: none */
	int64_t forgive_at; /* who refused it is asked again; 0: nobody did */
	int64_t check_at;   /* what has become of the attempt? 0: not asked */
	int64_t retry_at;   /* nothing before: the ledger was away */
	char rule[32];      /* that kept it from being dialled, or empty */
	int64_t rule_until;
	struct offer *offer;
	uint32_t n_offers;
	bool entered;  /* the ACD knows it */
	bool deciding; /* somebody has accepted, the ledger is asked */
	bool asking;   /* the ledger is asked something else */
	bool back;     /* deciding, taken: the customer is called first */
	struct timer timer;
	UT_hash_handle hh;
};

/* All of this node. */
struct works {
	struct work *items;
	struct work_node *nodes; /* the others, as last seen */
	struct work_ack *acks;   /* heard, to be said */
	unsigned n_acks;
	bool fresh;            /* let us be told everything again */
	bool told_agent_first; /* that a switch cannot call customers */
	bool holding;          /* the ledger is asked */
	bool again;            /* ask once more then */
	char *places;          /* that it was told, or NULL */
};

/* What the ledger says an item has become. */
struct work_now {
	uint32_t rev, attempt, agent;
	enum work_state state;
	int64_t not_before;
};

/* ---- work.c */
void works_init(struct desk *);
void works_fini(struct desk *);
struct work *work_find(const struct desk *, const struct id *);
struct work *work_new(struct desk *, const struct id *);
/* Nothing of it is left: it is in no line and no offer. */
void work_free(struct desk *, struct work *);
/* Into its line, if it may wait there now; its timer is set. */
void work_wait(struct desk *, struct work *);
/* Out of its line, its offer ended. */
void work_leave(
    struct desk *, struct ledger_unit *, struct work *, enum offer_end);
void work_line(const struct work *, struct acd_line *out);
int64_t work_score(const struct work *);
/* All of it told to another ACD. */
void work_route_all(struct desk *);
void work_due(struct desk *, struct work *);
/* What an older answer says is not believed; freed when it is over. */
void work_became(struct desk *, struct work *, const struct work_now *);
/* How many this agent has in hand. */
uint32_t work_in_hand(const struct desk *, uint32_t agent);
void work_tell(struct desk *, const struct work *);
/* The agent's client is back: what is in hand is told. */
void work_tell_all(struct desk *, uint32_t agent);

/* ---- work_hold.c: what this node holds */
/* About each second, and when there may be something new. */
void work_look(struct desk *);
/* What we think may be wrong: ask for all of it again. */
void work_doubt(struct desk *);
void work_hold_fini(struct desk *);

/* ---- work_offer.c: offered, accepted, taken */
/* The ACD has matched something that is not a call. */
void work_offered(
    struct desk *, uint64_t offer, const struct id *item, struct agent *);
enum err work_offer_shown(struct desk *, struct offer *) MUST_USE;
enum err work_offer_accept(
    struct desk *, const struct desk_action *, struct offer *) MUST_USE;
/* For nobody yet: the customer is called first. */
enum err work_take(struct desk *, struct work *) MUST_USE;
/* Its offer is no more. */
void work_offer_ended(struct desk *, struct work *, enum offer_end);

/* ---- work_dial.c: taken, and what becomes of it */
/* Call the customer, for this agent, whose offer of it has just ended. */
void work_dial(struct desk *, struct work *, struct agent *);
/* The same, the customer first: for nobody yet. */
void work_dial_back(struct desk *, struct work *, struct swtch *);
/* An attempt of this operation is over, or will have no call. */
void work_dial_over(struct desk *, const struct id *op);
/* Ask what has become of the attempt. */
void work_ask_outcome(struct desk *, struct work *);
/* Its time is over, we think. */
void work_ask_expired(struct desk *, struct work *);

/* ---- work_back.c: the customer first */
/* An agent is ready for it.  False: it is for the agent to call. */
bool work_back(struct desk *, struct work *);
/* It was taken. */
void work_back_taken(struct desk *, struct work *);
/* This call is how the switch calls the customer; the customer waits now. */
void work_back_opened(struct desk *, struct call *);
void work_back_waits(struct desk *, struct call *);

/* ---- work_call.c: what calls leave behind */
/* A call that ends now, or that is to be ended.  False: it leaves nothing. */
bool work_of_call(struct desk *, struct ledger_unit *, struct call *,
    enum work_kind, int64_t at);
/* A call has ended: did it wait in vain? */
void work_of_ended(
    struct desk *, struct ledger_unit *, struct call *, int64_t at, enum cause);
/* An event of a call that is only recorded. */
void work_recorded(
    struct ledger_unit *, const struct id *call, const struct call_event *);
/* Who has this number is talking to us: nobody need call. */
void work_answered(struct desk *, const char *e164);
/* The queue's rule says that the caller is called back: true if there is a
 * number that may be; the item has the call's place, and the call is ended. */
bool work_callback(struct desk *, struct ledger_unit *, struct call *);

#endif
