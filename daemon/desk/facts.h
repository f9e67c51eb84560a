/*
 * facts.h - what is known of a caller: whom to ask first, and what gives
 * credit.
 *
 * One question to the ledger, asked when the call is offered by the switch, so
 * that the menu gives it time, or else when it is queued; and only where a
 * queue's rules need it.  No answer means that nothing is known.
 */
#ifndef DESK_FACTS_H
#define DESK_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "routing/rules.h"

struct call;
struct desk;

struct facts {
	bool pending;
	uint64_t owner_ticket;   /* serial */
	uint32_t first[NFIRSTS]; /* agents, 0: none */
	int64_t last_agent_at;
	char grade; /* 'A' to 'E', or 0 */
	bool breached;
	int64_t last_call_at; /* 0: never */
	struct {
		uint32_t queue; /* 0: the last call was not abandoned */
		int64_t queued_at, ended_at;
	} abandoned;
};

/* Rules have changed: which facts are needed. */
void facts_rules_changed(struct desk *);
/* Of this call's caller, unless they were asked for or nobody needs them. */
void facts_ask(struct desk *, struct call *);
bool facts_are_pending(const struct call *);
/* What is known; NULL: nothing. */
const struct facts *facts_of(const struct call *);
/* The agent to ask first by this rule of the call's queue, 0: nobody. */
uint32_t facts_first(const struct call *, enum first_kind);
/* Called within 24 h before. */
bool facts_repeat(const struct call *);

#endif
