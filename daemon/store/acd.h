/*
 * acd.h - automatic call distribution: which waiting call goes to which agent.
 *
 * A command goes in as data, its reply comes out as data.  Two implementations
 * obey the same contract suite: redis.c with acd.lua (shared by all nodes) and
 * mem_acd.c (this process; unit tests, the model test, Redis away).  Nothing
 * else moves a call or an agent.
 *
 * A line says who may take what waits in it: agents of a queue, or of its
 * neighbours, of tiers up to one, with minimum skills, at the phones of a
 * switch; or one agent alone.  It has a waiting set and a ready set; a call
 * waits in one line, an agent is ready in all that it qualifies for.  A waiting
 * call's score is `enqueued_at - credit', lowest first, equal scores by
 * arrival, then id: one total order over all lines.  Ready agents are ordered
 * by their score in the queue that lets them into the line (the strategy's:
 * longest idle is ready since), the line's own queue before its neighbours in
 * their order, lowest first, equal ones by agent id.  A line of one agent alone
 * asks for nothing else but the site and, for work, room for it.
 *
 * What waits is a call or a work item (a callback, a follow-up, a ticket).  An
 * agent who accepts a call is busy; one who accepts a work item is ready again
 * at once with one item more in hand, and takes items while that is below the
 * profile's limit.
 *
 * A call that rings at once at several agents (`ring' above 1) is in up to so
 * many offers, one an agent; while it is in fewer it goes on waiting, so that
 * whoever becomes ready joins.  The first ACCEPT ends the others.
 *
 * Every command that can create a match makes it at once, atomically, and
 * reserves the agent in all lines: a call is in at most one offer (`ring' aside),
 * an agent too.  An offer is a lease; the desk ends it (accepted, refused, timed out).
 * An ended offer puts the call back at its old place, except when accepted;
 * an agent excluded from a call is not offered that call again.
 *
 * Commands are idempotent where a repeat can happen: enqueueing a call that
 * waits or is offered, readying a ready agent, dequeueing a call that is gone
 * change nothing.
 *
 * Threading: the loop's thread.  `done' runs exactly once for each command
 * that was taken, in the order of sending, never from inside acd_send().
 */
#ifndef STORE_ACD_H
#define STORE_ACD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

#define ACD_MAX_SKILLS 16 /* minimums of one line */
#define ACD_MAX_AGENT_SKILLS 64
#define ACD_MAX_AGENT_QUEUES 64
#define ACD_MAX_NEIGHBOURS 7
#define ACD_MAX_RING 16
#define ACD_MAX_EXCLUDED 16 /* told with a call */
#define ACD_MAX_EFFECTS 48 /* of one command: so many rings end, and go on */

/* A call's score beyond 2^53 either way counts as that: Redis keeps them in
 * doubles, which are exact up to there (microseconds until the year 2255). */
#define ACD_SCORE_MAX (INT64_C(1) << 53)
/* An agent's score counts from 0 up to below this (microseconds until the year
 * 2041), so that those of a line's own queue and of up to seven neighbours lie
 * behind one another in what doubles hold exactly. */
#define ACD_AGENT_SCORES (INT64_C(1) << 51)

struct event_base;

struct acd_skill {
	uint32_t skill; /* id */
	uint32_t level; /* 1 to 10 */
};

enum acd_media { ACD_CALL, ACD_WORK };

/* Lines are equal if what counts of them is: of a line with `agent' only that,
 * site and media; neighbours and skills once each, the latter in any order. */
struct acd_line {
	uint32_t queue; /* id; 0 only with `agent' */
	uint32_t agent; /* this one alone, of whatever queue; 0: any */
	uint32_t site;  /* the switch whose phones can take it; 0: any */
	uint8_t media;  /* enum acd_media */
	uint8_t tier;   /* agents of tiers up to this; 0: of all */
	uint8_t n_neighbours;
	uint32_t n_skills;
	uint32_t neighbours[ACD_MAX_NEIGHBOURS]; /* queues, in order */
	struct acd_skill skills[ACD_MAX_SKILLS]; /* minimums, by id */
};

enum acd_op {
	ACD_NONE,
	ACD_ENQUEUE, /* call, line, score, arrival: waits, or is matched */
	ACD_DEQUEUE, /* call: gone, with its offer; its agent is ready again */
	ACD_LOGIN,   /* agent, profile: known, not ready; again: afresh */
	ACD_LOGOUT,  /* agent: gone, with its offer; the call keeps its place */
	ACD_READY,   /* agent, score: takes work; ends busy and wrap-up */
	ACD_NOT_READY, /* agent: takes no work; an offer to it ends */
	ACD_WRAP_UP,   /* agent: busy no more, not ready yet */
	ACD_SHOWN,     /* offer: the agent sees it */
	ACD_ACCEPT,    /* offer: the call leaves its line, the agent is busy */
	ACD_END_OFFER, /* offer, stay_ready, exclude: the call goes back */
	ACD_BUSY,      /* agent: in a call that no offer brought (restart) */
	ACD_MOVE,      /* call, line, score, ring, forgive: waits there from now
	                  on, with its old arrival; an offer of it stands, and
	                  ends back there.  Not there: ERR_NOT_FOUND */
	ACD_ITEM_DONE, /* agent: one work item in hand less */
	ACD_LOOK,      /* call or agent: only the reply's `seen' */
	ACD_NOPS
};

struct acd_profile {
	uint32_t n_queues, n_skills;
	uint32_t site;  /* the switch of the phone; 0: none */
	uint32_t items; /* work items in hand at a time; 0: takes none */
	uint32_t in_hand;
	uint32_t queues[ACD_MAX_AGENT_QUEUES];
	uint8_t tiers[ACD_MAX_AGENT_QUEUES]; /* as queues; 0 is 1 */
	struct acd_skill skills[ACD_MAX_AGENT_SKILLS];
};

/* Which fields count is said at each op; the others are not looked at. */
struct acd_cmd {
	enum acd_op op;
	int64_t now;
	struct id call;
	uint32_t agent;
	uint64_t offer; /* for DEQUEUE and LOGOUT not needed */
	int64_t score;
	const int64_t *scores; /* READY: one a queue of the profile; the rest,
	                          or all with NULL, are `score' */
	unsigned n_scores;
	unsigned ring;    /* ENQUEUE, MOVE: at once; 0 is 1 */
	bool forgive;     /* MOVE: who was excluded is so no more */
	const uint32_t *excluded; /* ENQUEUE: agents who have refused it */
	unsigned n_excluded;
	uint64_t arrival; /* ENQUEUE: the node's count, keeps equals in order */
	const struct acd_line *line;       /* ENQUEUE */
	const struct acd_profile *profile; /* LOGIN */
	bool
	    stay_ready; /* END_OFFER: the agent is ready again, else not ready */
	bool exclude;   /* END_OFFER: never this call to this agent again */
};

/* In this order: what ended, the call's new offers, then of each agent who has
 * come free the new one: in the order of their offers, who accepted last. */
enum acd_effect_kind {
	ACD_OFFERED = 1, /* call and agent are reserved for each other */
	ACD_RESCINDED    /* an offer ended by a command that did not name it */
};

struct acd_effect {
	enum acd_effect_kind kind;
	uint64_t offer; /* unique for ever: generation << 32 | count */
	struct id call;
	uint32_t agent;
};

enum acd_seen {
	ACD_SEEN_NONE,    /* not there */
	ACD_SEEN_WAITING, /* a call: waits, in no offer */
	ACD_SEEN_OFFERED, /* a call or an agent: in an offer, at least one */
	ACD_SEEN_IDLE,    /* an agent: logged in, takes nothing */
	ACD_SEEN_READY,
	ACD_SEEN_BUSY,
	ACD_NSEENS
};

/*
 * ERR_OFFER_GONE: SHOWN, ACCEPT, END_OFFER of an offer that has ended.
 * ERR_NOT_FOUND: an agent that is not logged in.  ERR_REFUSED: READY while
 * reserved.  ERR_IO: the store was lost, the outcome is unknown, and `lost'
 * has been or will be called.  Effects are valid during `done' only.
 */
struct acd_reply {
	enum err err;
	enum acd_seen seen; /* LOOK */
	/* ENQUEUE, MOVE: how many agents who are logged in could take it from
	 * the line in which it now is, whatever they do now. */
	uint32_t staffed;
	unsigned n_effects;
	const struct acd_effect *effects;
};

typedef void acd_done_fn(void *arg, const struct acd_reply *);

struct acd_stats {
	uint64_t commands, effects, failures, reconnects, rebuilds;
	/* Who could be offered, to whom; -1: not known now. */
	int64_t waiting, ready;
};

struct acd;

struct acd_ops {
	const char *name; /* "redis" or "memory" */
	/* ERR_IO: down, `done' will not run; ERR_BUSY: too much in flight. */
	enum err (*send)(
	    struct acd *, const struct acd_cmd *, acd_done_fn *, void *arg);
	unsigned (*in_flight)(const struct acd *);
	/* Forget every call, agent and line; offers start in `generation'. */
	enum err (*reset)(struct acd *, uint32_t generation);
	void (*stats)(const struct acd *, struct acd_stats *);
	void (*free)(struct acd *);
};

/* Embedded first in both implementations. */
struct acd {
	const struct acd_ops *ops;
};

static inline enum err MUST_USE
acd_send(struct acd *a, const struct acd_cmd *c, acd_done_fn *done, void *arg)
{
	return a->ops->send(a, c, done, arg);
}

/* What is in flight is told ERR_IO first, so free it before its owner, and not
 * from inside `done'. */
void acd_free(struct acd **);

static inline int64_t
acd_score(int64_t score)
{
	if (score > ACD_SCORE_MAX)
		return ACD_SCORE_MAX;
	return score < -ACD_SCORE_MAX ? -ACD_SCORE_MAX : score;
}

static inline int64_t
acd_agent_score(int64_t score)
{
	if (score >= ACD_AGENT_SCORES)
		return ACD_AGENT_SCORES - 1;
	return score < 0 ? 0 : score;
}

/* What counts of it, in the one form that equal lines have, byte by byte. */
void acd_line_normal(const struct acd_line *, struct acd_line *out);

/* In this process.  `done' runs from the loop of `base', or, where base is
 * NULL (unit tests), from mem_acd_run(). */
enum err mem_acd_new(struct event_base *, struct acd **out) MUST_USE;
void mem_acd_run(struct acd *);

/*
 * News of a connection.  `up': Redis answers, is master, has our functions;
 * whatever it holds is not ours yet: the owner calls reset, sends what it has,
 * and uses it from then on.  `lost': all in flight has failed with ERR_IO; the
 * client reconnects by itself, backing off 50 ms to 2 s with jitter.  Loss is
 * noticed also as a generation that is not ours (FLUSHALL, a new or another
 * Redis), by each command and by a check each 200 ms while idle.
 */
struct acd_events {
	void (*up)(void *arg);
	void (*lost)(void *arg, const char *why);
	void *arg;
};

struct acd_redis_options {
	const char *address;  /* unix:/path or tcp:host:port */
	const char *user;     /* NULL: none */
	const char *password; /* NULL: none */
	const char *prefix;   /* keys are {prefix}:...; "mashang" */
	int64_t timeout_us;   /* of one command, 1 s */
};

enum err redis_acd_new(struct event_base *, const struct acd_redis_options *,
    const struct acd_events *, struct acd **out) MUST_USE;

#endif
