/*
 * ticket_state.h - a ticket's life without its call: which change may happen in
 * which status, by whom, with what, and what the history calls it.
 *
 * One table, change by change (ticketing 7.2).  The ledger decides whether the
 * ticket is in one of the statuses from which a change may happen, since only
 * it knows (LQ_TICKET_CHANGE); this says which those are.
 */
#ifndef DESK_TICKET_STATE_H
#define DESK_TICKET_STATE_H

#include <stdbool.h>

#include "base/str.h"
#include "sla/clock.h"

enum ticket_status {
	TICKET_STATUS_NONE,
	TICKET_NEW,
	TICKET_ACKNOWLEDGED,
	TICKET_ASSIGNED,
	TICKET_IN_PROGRESS,
	TICKET_PENDING_CUSTOMER,
	TICKET_PENDING_THIRD_PARTY,
	TICKET_SCHEDULED,
	TICKET_RESOLVED,
	TICKET_CALLBACK_PENDING,
	TICKET_CLOSED,
	TICKET_CANCELLED,
	TICKET_MERGED,
	TICKET_NSTATUSES
};
const char *ticket_status_word(enum ticket_status);
enum ticket_status ticket_status_of(struct str word); /* NONE: no such */

/* The protocol's enum has the same order; a test holds them equal. */
enum ticket_change_kind {
	TICKET_CHANGE_NONE,
	TICKET_ACKNOWLEDGE,      /* the customer was told its number */
	TICKET_ASSIGN,           /* owner and/or queue */
	TICKET_PEND_CUSTOMER,    /* text, until */
	TICKET_PEND_THIRD_PARTY, /* text, until */
	TICKET_SCHEDULE,         /* until: the appointment */
	TICKET_RESUME,
	TICKET_ARRIVE,  /* on site */
	TICKET_RESOLVE, /* text: the solution */
	TICKET_CLOSE,
	TICKET_REOPEN,    /* text: why */
	TICKET_CANCEL,    /* text: why; supervisor */
	TICKET_CHANGE,    /* kind, category, priority */
	TICKET_PROMISE,   /* text, until */
	TICKET_KEEP,      /* the promise */
	TICKET_FOLLOW_UP, /* the customer was called back: text */
	TICKET_CONTACT,   /* the customer has asked again: text */
	TICKET_NCHANGES
};

/* Masks are of 1 << status, and no two of a rule have one in common. */
struct ticket_rule {
	const char *word;      /* in commands: "pend-customer" */
	const char *kind;      /* in the history: "pended" */
	enum ticket_status to; /* NONE: it always stays */
	unsigned from;         /* by anybody, to `to' */
	unsigned stays;        /* by anybody; the status stays as it is */
	unsigned supervisor;   /* by a supervisor only, to `to' */
	bool needs_text, needs_until;
	bool hands_over; /* takes an owner, a queue; one of them is needed */
	bool describes;  /* takes kind, category, priority; one is needed */
};
const struct ticket_rule *ticket_rule(enum ticket_change_kind);
enum ticket_change_kind ticket_change_of(struct str word); /* NONE: no such */
bool ticket_may(enum ticket_change_kind, enum ticket_status, bool supervisor);

/* What an event of the history means to its ticket's clocks: by its kind and,
 * for waits, the status that it set.  FACT_NONE: nothing but what it sets. */
struct ticket_fact {
	enum sla_fact_kind fact;
	unsigned wait; /* enum sla_wait */
	bool retroactive;
};
struct ticket_fact ticket_fact_of(
    struct str kind, struct str status, bool for_customer);

#endif
