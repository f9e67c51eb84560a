/*
 * centre_own.h - the centre's account of itself; for centre*.c only.
 */
#ifndef CENTRE_OWN_H
#define CENTRE_OWN_H

#include "desk/desk.h"
#include "store/acd.h"
#include "store/ledger.h"
#include "test/support/centre.h"

#define S INT64_C(1000000)
#define NOBODY (-1)
#define SKILLS 3
#define HISTORY 40
#define AGAIN_US (60 * S) /* then who would not take it is asked again */
#define ORDERS 64

/* A variant of the configuration. */
struct rule_queue {
	unsigned credit_s; /* for each class */
	bool stay_ready;
	unsigned skill, level; /* minimum; 0: none */
	unsigned fall_s, fall_to; /* … falls to, after; 0: never */
	unsigned tier_s;       /* tier 2 joins after; 0: all are there */
	int neighbour;         /* whose agents join …; NOBODY */
	unsigned neighbour_s;
	unsigned ring; /* at once */
};
struct rule_agent {
	unsigned queues; /* bits */
	unsigned tier;   /* in all of them */
	unsigned level[SKILLS + 1];
};
struct rules {
	struct rule_queue queues[CENTRE_QUEUES];
	struct rule_agent agents[CENTRE_AGENTS];
};

enum where { CALL_NOWHERE, CALL_MENU, CALL_WAITING, CALL_TALKING };

struct ccall {
	enum where where;
	char name[16];
	struct id id;
	int sw, queue; /* of its number */
	unsigned class;
	uint32_t seq;
	uint64_t version;
	int64_t offered_at, queued_at;
	int64_t free_at; /* its last offer ended */
	uint64_t place; /* who came first */
	int rings, talks;               /* an agent, or NOBODY */
	bool offered[CENTRE_AGENTS];    /* offers that stand */
	bool alone; /* its offers are an earlier ACD's: no more of them */
	bool excluded[CENTRE_AGENTS];
	int64_t excluded_at; /* the last of them */
};

struct cagent {
	int sw, node; /* node: logged in there, or NOBODY */
	enum agent_state state;
	uint64_t offer; /* stands; 0: none */
	int call;       /* offered or talking, or NOBODY */
	struct id last; /* to write up */
};

struct corder {
	int node;
	uint64_t attach;
	uint64_t id;
	enum order_kind kind;
	int call, agent;
	bool auto_answer;
	enum cause cause;
};

struct cnode {
	struct centre *of;
	int n;
	struct ledger *ledger;
	struct acd *local, *remote;
	struct desk *desk;
	struct desk_switch *sw[CENTRE_SWITCHES];
	struct desk_news news;
	bool redis, dead; /* dead: nobody hears it any more */
};

struct centre {
	uint64_t seed, random, next_place, names, stream[CENTRE_SWITCHES];
	uint64_t attach_no, version;
	int64_t now;
	unsigned variant;
	bool changing; /* half of it stands by the old rules still */
	struct cnode nodes[CENTRE_NODES];
	int home[CENTRE_SWITCHES]; /* node */
	struct ccall calls[CENTRE_CALLS];
	struct cagent agents[CENTRE_AGENTS];
	struct corder orders[ORDERS];
	unsigned n_orders;
	uint64_t steps, counts[64];
	char history[HISTORY][96];
	char story[HISTORY * 96], fault[512];
};

/* ---- centre.c */
unsigned centre_pick(struct centre *, unsigned n);
void centre_fail(struct centre *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void centre_note(struct centre *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Orders are carried out, everything is answered. */
void centre_settle(struct centre *);

/* ---- centre_node.c */
void node_up(struct centre *, int n);
void node_down(struct centre *, int n);
/* All its queues and agents as this variant has them. */
void node_configure(struct cnode *);
void node_cards(struct cnode *);
/* The switch's bridge connects there, with a snapshot. */
void node_attach(struct centre *, int n, int sw);
/* Only what is answered at once: no orders. */
void node_run(struct cnode *);
struct str switch_name(int sw);
int call_of_id(const struct centre *, const struct id *);
struct call_event call_says(struct centre *, struct ccall *, enum call_event_kind);
void call_tells(struct centre *, struct ccall *, const struct call_event *);

/* ---- centre_rules.c: by the manual */
extern const struct rules centre_variants[];
extern const unsigned centre_n_variants;
const struct rules *centre_rules(const struct centre *);
/* May this agent take this call now, were both free? */
bool may_take(const struct centre *, const struct ccall *, int agent);
/* Has it offers to spare: does it wait? */
bool is_free(const struct centre *, const struct ccall *);
/* Below 0: a is before b. */
int compare_places(
    const struct centre *, const struct ccall *a, const struct ccall *b);
/* An offer is made: is it the right one? */
void judge_offer(struct centre *, int call, int agent);
/* After everything is answered: is nobody left? */
void judge_rest(struct centre *);

#endif
