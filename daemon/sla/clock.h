/*
 * clock.h - a ticket's clocks, computed from its history.
 *
 * A clock is never counted on: it is a function of what happened.
 * sla_evaluate() takes a ticket's history (facts), the book of policies and an
 * instant, and gives every clock of the ticket as it stands then: what was
 * promised, when it is due, what was reached, who held the ticket.  The same
 * history gives the same clocks, whoever computes them, however often, and in
 * whatever order the facts arrived; so a late fact, an edit of the policies or
 * a reopening needs no code of its own to repair what was counted before.
 *
 * Semantics: ticketing 3.  E(t) = |W ∩ [start, t) \ waits|; due is the first t
 * since the last resumption with E(t) >= goal; met iff stopped at or before
 * due; a paused clock has no due and cannot breach; a breached one stays so
 * until the history says otherwise.  Facts of one instant count in the order
 * stop, cancel, pause and resume as they came, start, change, timer.
 *
 * Facts that a clock starts and stops by (a table in clock_table.c):
 *   acknowledge      received          acknowledged, responded
 *   first_response   received          responded
 *   next_response    contacted, if no answer is owed yet     responded, resolved
 *   periodic_update  responded (again and again)             responded, resolved
 *   ownership        received          has an owner
 *   resolution       received          resolved
 *   onsite_arrival   scheduled         arrived
 *   callback         resolved (not by closing)   followed up
 *   promise          promised          kept, resolved; a new promise cancels
 *   daily_clear      received, reopened          resolved
 *   third_party      pended on it      resumed
 * received is the switch's time of the offer, not that of the ticket's row.  A
 * wait answers nobody: it stops no clock of response.  What nobody needs any
 * more ends as missed if it has breached, else excluded: acknowledge,
 * first_response, ownership and onsite_arrival when the ticket is resolved,
 * callback when it is reopened, all of them when it is closed.
 *
 * An OLA is the present holder's (queue), of whatever is open when it comes:
 * moving the ticket stops one stint and starts the next, and never touches an
 * SLA, which keeps the queue that it started in.  A UC is the supplier's.
 *
 * Under a change a clock keeps what it has reached; only a restart forgets
 * rungs (never a breach), and a recount finds them anew.  What loses its target
 * is cancelled; what gains one counts from its beginning, with the grace.
 */
#ifndef SLA_CLOCK_H
#define SLA_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sla/policy.h"

enum sla_fact_kind {
	FACT_NONE,
	FACT_RECEIVED,
	FACT_ACKNOWLEDGED,
	FACT_RESPONDED, /* an agent spoke or wrote to the customer */
	FACT_CONTACTED, /* the customer again: ends a wait for it */
	FACT_ASSIGNED,  /* owner or queue, nothing else */
	FACT_PENDED,    /* `wait', `until' */
	FACT_SCHEDULED, /* an appointment, at `until' */
	FACT_RESUMED,   /* from `wait', a mask; 0: from all */
	FACT_ARRIVED,
	FACT_RESOLVED,
	FACT_REOPENED,
	FACT_CLOSED, /* and resolved, if it was not */
	FACT_CANCELLED,
	FACT_MERGED,    /* into another: its clocks end, excluded */
	FACT_MERGED_IN, /* another, received at `until', with its attributes,
	                   which change nothing here: the earlier start and
	                   the stricter goal hold from now on */
	FACT_CHANGED,   /* attributes, nothing else */
	FACT_PROMISED,  /* for `until' */
	FACT_KEPT,
	FACT_FOLLOWED_UP,
	FACT_REVISED, /* `revision' applies to it from here (or `retroactive') */
	FACT_NKINDS
};

/* What happened.  Whatever the kind, a fact may also set the owner, the queue
 * and attributes: they hold from it on. */
struct sla_fact {
	int64_t at;   /* when it happened */
	uint32_t seq; /* in the ticket's history: orders equals */
	enum sla_fact_kind kind;
	bool sets_owner;
	uint32_t owner; /* agent's id, 0: nobody */
	unsigned wait;  /* one of enum sla_wait */
	int64_t until;  /* 0: none.  A wait ends by itself then */
	uint32_t revision;
	bool retroactive;
	struct sla_attributes set; /* p == NULL: unchanged.  ATTR_QUEUE is the
	                              queue that holds it */
};

struct sla_history {
	uint64_t ticket; /* serial */
	unsigned n;
	const struct sla_fact *facts; /* in any order */
};

enum sla_stage {
	STAGE_NOT_STARTED,
	STAGE_RUNNING,
	STAGE_PAUSED,
	STAGE_COMPLETED,
	STAGE_CANCELLED,
	SLA_NSTAGES
};
enum sla_outcome {
	OUTCOME_NONE,
	OUTCOME_MET,
	OUTCOME_MISSED,
	OUTCOME_EXCLUDED
};
const char *sla_stage_word(enum sla_stage);
const char *sla_outcome_word(enum sla_outcome); /* NULL for none */

/* The state machine (ticketing 3.4) as a table, drawn in the documentation. */
enum sla_clock_event {
	CLOCK_START,
	CLOCK_PAUSE,
	CLOCK_RESUME,
	CLOCK_STOP,
	CLOCK_CANCEL,
	CLOCK_REOPEN,
	SLA_NCLOCK_EVENTS
};
/* The stage after it; the same stage: it has no effect. */
enum sla_stage sla_clock_step(enum sla_stage, enum sla_clock_event);

struct sla_reached {
	unsigned percent; /* of which rung; 100: breached */
	int64_t at;       /* the true instant */
	const struct sla_rung
	    *rung;      /* NULL: a breach without a rung of its own */
	bool by_change; /* a change of attributes or policy put it there */
};

struct sla_clock {
	enum sla_metric metric;
	enum sla_agreement agreement;
	struct str holder; /* OLA: queue; UC: "supplier"; else empty */
	uint32_t cycle;    /* from 1, per (metric, agreement, holder) */
	uint32_t revision; /* that counts now */
	const struct sla_policy *policy; /* NULL: a promise without one */
	const struct sla_target *target;
	struct str calendar; /* its name; empty: never closes */
	enum sla_stage stage;
	enum sla_outcome outcome;
	unsigned waits; /* that pause it now */
	int64_t started_at, stopped_at;
	int64_t goal_us, elapsed_us; /* as of stop or now, in its own time;
	                                the goal with what grace has added */
	int64_t due_at; /* while running, and as it was when it completed
	                        or breached; 0: paused unbreached */
	bool breached;
	int64_t breached_at; /* = the due that was missed */
	unsigned n_reached;
	const struct sla_reached *reached; /* in order */
	int64_t next_at; /* next rung or breach if nothing happens, strictly
	                        after `now'; INT64_MAX: none.  A breach is sure
	                        1 us after due */
	unsigned next_percent;
};

/* Who held the ticket while the customer waited: from received to resolved,
 * cancelled or merged (or now), each microsecond once.  Closed: the house was
 * (by its queue's calendar, else the resolution's) while nobody else was waited
 * for; or the ticket (resolved, until reopened). */
enum sla_holder {
	HOLDER_AGENT,
	HOLDER_GROUP,
	HOLDER_SUPPLIER,
	HOLDER_CUSTOMER,
	HOLDER_CLOSED,
	SLA_NHOLDERS
};
const char *sla_holder_word(enum sla_holder);
struct sla_share {
	enum sla_holder holder;
	uint32_t agent;   /* HOLDER_AGENT */
	struct str queue; /* HOLDER_GROUP */
	int64_t us;
};

/* One line of the explanation: a stretch in which one thing held. */
enum sla_span_kind {
	SPAN_COUNTED,
	SPAN_CLOSED,  /* outside the calendar */
	SPAN_WAITING, /* `waits' pause it */
	SPAN_CHANGED, /* an instant: other policy, revision or goal; `elapsed' is
	                 what counts from here */
	SPAN_NKINDS
};
const char *sla_span_word(enum sla_span_kind);
struct sla_span {
	unsigned clock; /* index into the result */
	enum sla_span_kind kind;
	int64_t from, to;
	int64_t elapsed_us; /* at `to' */
	unsigned waits;
	const struct sla_policy *policy;
	uint32_t revision;
	int64_t goal_us;
	struct str calendar;
};

struct sla_result {
	unsigned n_clocks, n_shares, n_spans;
	struct sla_clock *clocks; /* by metric, agreement, start, cycle */
	struct sla_share *shares;
	struct sla_span *spans; /* only if asked for */
	int64_t received_at, resolved_at;
	int64_t next_at;   /* the earliest of the clocks', and of waits that
	                           end by themselves (resume_at) */
	int64_t resume_at; /* a wait's end, past or future, to be written
	                      down as FACT_RESUMED; 0: none */
	struct sla_attributes attributes; /* now */
	uint32_t owner;
};

/*
 * The ticket's clocks at `now', from the facts that happened at or before it.
 * Everything in the result is in the arena, the book or the history.
 * ERR_BAD_FIELD: a fact without a time (a promise without its own), or of a
 * revision that the book has not.
 * ERR_NOMEM.  A ticket received before the first revision has no clocks but
 * promises.
 */
enum err sla_evaluate(struct sla_book *, const struct sla_history *,
    int64_t now, bool spans, struct arena *, struct sla_result *) MUST_USE;

#endif
