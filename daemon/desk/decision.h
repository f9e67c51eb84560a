/*
 * decision.h - what was decided about a call, and by which rule, as rows.
 *
 * A call's first place goes with the call's own row, why an agent was offered
 * it with the offer's: an ordinary call costs no row more.  What is decided
 * after that (a line relaxed, a supervisor's command, an overflow) is a row of
 * `decision'.  Details are JSON with ids, see sql/0006: names are found when
 * somebody asks.
 *
 * Each decision raises the call's version: a command that expects another one
 * is refused.
 *
 * Ownership: texts are copied into the unit.
 */
#ifndef DESK_DECISION_H
#define DESK_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "desk/desk.h"

#define DECISION_ROOM 2048 /* a detail, with its NUL */

struct acd_line;
struct agent;
struct call;
struct desk;
struct ledger_unit;
struct offer;
struct queue;

enum decision_kind {
	DECISION_NONE,
	DECISION_ENQUEUED,      /* its first place, told late */
	DECISION_RELAXED,       /* its line is wider: the rule */
	DECISION_FIRST,         /* it waits for one agent alone: the rule */
	DECISION_EVERYBODY,     /* not for that one alone any more */
	DECISION_FORGIVEN,      /* who refused it may be asked again */
	DECISION_REORDERED,     /* more is known of the caller: its credit */
	DECISION_MOVED,         /* to another queue, by a person */
	DECISION_REPRIORITISED, /* by a person */
	DECISION_ASSIGNED,      /* to one agent, by a person */
	DECISION_WITHDRAWN,     /* by a person */
	DECISION_OVERFLOWED,    /* to another queue, by a rule */
	DECISION_REFUSED,       /* full, closed or waited too long: the rule */
	DECISION_CALLBACK,      /* to be called back */
	DECISION_RETURNED,      /* was here just now: the old place */
	DECISION_NO_QUEUE,      /* its number leads nowhere */
	DECISION_REPAIRED,      /* the ACD had lost it */
	DECISION_NKINDS
};

struct decision {
	enum decision_kind kind;
	struct str rule;           /* the line of the rules, or empty */
	struct str by;             /* who asked for it, or empty */
	const struct queue *from;  /* where it was, or NULL */
	const struct agent *agent; /* whom it is about, or NULL */
	bool in_line;              /* with the line as it is now */
};

/* A row, in this unit; NULL: in one of its own.  Call it when the call stands
 * as decided. */
void decision_put(struct desk *, struct ledger_unit *, struct call *,
    const struct decision *);

/* The ACD is told that it stands otherwise than in the line `was'; `forgive':
 * and that who refused it may be asked again.  A row, unless whoever has made
 * it so tells (`deciding'). */
void decision_stands(
    struct desk *, struct call *, const struct acd_line *was, bool forgive);

/* A queue's rules have sent it on (it stands elsewhere now), away, or (`back')
 * to be called back; `cause' is the one that they gave. */
void decision_gate(struct desk *, struct call *, const struct queue *from,
    enum cause, bool back);

/* The call is in its first place: goes with its next row. */
void decision_placed(struct call *);
/* What goes with the call's row, into out[DECISION_ROOM]; empty: nothing. */
struct str decision_place(const struct call *, char *out);
/* It is with the ledger. */
void decision_place_told(struct call *);
/* Its next row may be long in coming: now, in this unit; NULL: in its own. */
void decision_place_put(struct desk *, struct ledger_unit *, struct call *);

/* Why this agent, into out[DECISION_ROOM]. */
struct str decision_offer(const struct offer *, char *out);

/* Raised by each decision and each offer; no process of this ledger gives the
 * same again. */
uint64_t decision_version(const struct desk *, const struct call *);
static inline uint64_t
version_of(uint64_t generation, uint32_t n)
{
	return generation << 20 | (n & 0xfffff);
}

#endif
