/*
 * line.h - where a call stands in the ACD, and why there.
 *
 * What may happen to a call that waits, in this order: nobody is told of it
 * until the caller's facts are known (50 ms at most, and only where they say
 * whom to ask first); then those who are asked first, one after the other, each
 * alone and for so long; then its queue's own line, which grows by the queue's
 * steps.  Steps count from the call's place in the queue, so a rule that is
 * changed acts at once on those who wait already.
 *
 * Only the line and the score are told to the ACD, whenever they differ from
 * what was told last; a call's arrival never changes, so no like call is ever
 * overtaken.
 *
 * Whoever changes what a line or a score is made of (a rule, a priority, the
 * queue) calls line_due().
 */
#ifndef DESK_LINE_H
#define DESK_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "routing/rules.h"
#include "store/acd.h"

struct agent;
struct call;
struct desk;
struct facts;

struct call_stand {
	uint32_t epoch; /* of the ACD that has it; another than the present
	                   one: it has not */
	struct acd_line *line; /* as told last, NULL: never */
	int64_t score;
	unsigned ring;
	int64_t held_until; /* the facts are awaited */
	bool begun;         /* it is known whom to ask first */
	uint8_t first;      /* whose time it is; NFIRSTS: everybody's */
	uint32_t first_agent;
	int64_t first_until;
	uint32_t excluded[ACD_MAX_EXCLUDED]; /* the last ones */
	unsigned n_excluded;
	int64_t again_at; /* who was excluded may be asked again; or 0 */
	bool returned;    /* has got the place of an earlier call */
	bool kept;        /* ... and its credit, since we have called */
	int64_t kept_us;
	struct facts *facts; /* of the caller, or NULL: never asked for */
};

#define LINE_WHY_ROOM 256
/* Why this agent is offered it now, in words: "repair after 60 s: tier 2". */
const char *line_why(const struct desk *, const struct call *,
    const struct agent *, char out[LINE_WHY_ROOM]);

/* How many of its queue's steps are taken by now. */
unsigned line_steps(const struct desk *, const struct call *);
/* True: not to be told to the ACD yet. */
bool line_holds(const struct desk *, struct call *);
/* Whose time it is by now. */
void line_settle(struct desk *, struct call *);
/* It is to be freed. */
void line_forget(struct desk *, struct call *);
/* It waits in another queue from now on. */
void line_restart(struct desk *, struct call *);
/* The agent would not, or could not, take it: others are asked. */
void line_excluded(struct desk *, struct call *, const struct agent *);
/* Logged off: calls that waited for this agent alone go on. */
void line_agent_gone(struct desk *, const struct agent *);
/* Rules have changed: all who wait stand by the new ones. */
void line_rules_changed(struct desk *);

#endif
