/*
 * ticket_state.c - the tables of ticket_state.h.
 */
#include "desk/ticket_state.h"

#include <assert.h>
#include <stddef.h>

static const char *const statuses[TICKET_NSTATUSES] = { NULL, "new",
	"acknowledged", "assigned", "in_progress", "pending_customer",
	"pending_third_party", "scheduled", "resolved", "callback_pending",
	"closed", "cancelled", "merged" };

#define IN(s) (1u << TICKET_##s)
#define WORKED_ON (IN(ACKNOWLEDGED) | IN(ASSIGNED) | IN(IN_PROGRESS))
#define WAITING (IN(PENDING_CUSTOMER) | IN(PENDING_THIRD_PARTY) | IN(SCHEDULED))
#define OPEN (IN(NEW) | WORKED_ON | WAITING)
#define SOLVED (IN(RESOLVED) | IN(CALLBACK_PENDING))

/* What is not named is false, none, nothing. */
static const struct ticket_rule rules[TICKET_NCHANGES] = {
	[TICKET_ACKNOWLEDGE] = {
		.word = "acknowledge",
		.kind = "acknowledged",
		.to = TICKET_ACKNOWLEDGED,
		.from = IN(NEW),
		.stays = IN(ASSIGNED) | IN(IN_PROGRESS) | WAITING,
	},
	[TICKET_ASSIGN] = {
		.word = "assign",
		.kind = "assigned",
		.to = TICKET_ASSIGNED,
		.from = IN(NEW) | WORKED_ON,
		.stays = WAITING | SOLVED,
		.hands_over = true,
	},
	[TICKET_PEND_CUSTOMER] = {
		.word = "pend-customer",
		.kind = "pended",
		.to = TICKET_PENDING_CUSTOMER,
		.from = WORKED_ON | IN(PENDING_CUSTOMER),
		.needs_text = true,
		.needs_until = true,
	},
	[TICKET_PEND_THIRD_PARTY] = {
		.word = "pend-third-party",
		.kind = "pended",
		.to = TICKET_PENDING_THIRD_PARTY,
		.from = WORKED_ON | IN(PENDING_THIRD_PARTY),
		.needs_text = true,
		.needs_until = true,
	},
	[TICKET_SCHEDULE] = {
		.word = "schedule",
		.kind = "scheduled",
		.to = TICKET_SCHEDULED,
		.from = WORKED_ON | IN(SCHEDULED),
		.needs_until = true,
	},
	[TICKET_RESUME] = {
		.word = "resume",
		.kind = "resumed",
		.to = TICKET_IN_PROGRESS,
		.from = WAITING,
	},
	/* The appointment's wait ends by itself when it begins. */
	[TICKET_ARRIVE] = {
		.word = "arrive",
		.kind = "arrived",
		.to = TICKET_IN_PROGRESS,
		.from = IN(SCHEDULED) | IN(IN_PROGRESS),
	},
	[TICKET_RESOLVE] = {
		.word = "resolve",
		.kind = "resolved",
		.to = TICKET_RESOLVED,
		.from = WORKED_ON | WAITING,
		.needs_text = true,
	},
	[TICKET_CLOSE] = {
		.word = "close",
		.kind = "closed",
		.to = TICKET_CLOSED,
		.from = SOLVED,
		.supervisor = OPEN,
	},
	[TICKET_REOPEN] = {
		.word = "reopen",
		.kind = "reopened",
		.to = TICKET_IN_PROGRESS,
		.from = SOLVED | IN(CLOSED),
		.needs_text = true,
	},
	[TICKET_CANCEL] = {
		.word = "cancel",
		.kind = "cancelled",
		.to = TICKET_CANCELLED,
		.supervisor = OPEN,
		.needs_text = true,
	},
	[TICKET_CHANGE] = {
		.word = "change",
		.kind = "changed",
		.stays = OPEN | SOLVED,
		.describes = true,
	},
	[TICKET_PROMISE] = {
		.word = "promise",
		.kind = "promised",
		.stays = OPEN,
		.needs_text = true,
		.needs_until = true,
	},
	[TICKET_KEEP] = {
		.word = "keep",
		.kind = "kept",
		.stays = OPEN,
	},
	/* What a wrap-up has closed at once is followed up too. */
	[TICKET_FOLLOW_UP] = {
		.word = "follow-up",
		.kind = "followed_up",
		.stays = SOLVED | IN(CLOSED),
		.needs_text = true,
	},
	/* Who was waited for is here. */
	[TICKET_CONTACT] = {
		.word = "contact",
		.kind = "contacted",
		.to = TICKET_IN_PROGRESS,
		.from = IN(PENDING_CUSTOMER),
		.stays = (OPEN | SOLVED) & ~IN(PENDING_CUSTOMER),
		.needs_text = true,
	},
};

/* An answer is agent and customer talking.  Some depend on more than their
 * kind: ticket_fact_of(). */
static const struct {
	const char *kind;
	struct ticket_fact fact;
} facts[] = {
	{ "opened", { .fact = FACT_RECEIVED } },
	{ "answered", { .fact = FACT_RESPONDED } },
	{ "acknowledged", { .fact = FACT_ACKNOWLEDGED } },
	{ "assigned", { .fact = FACT_ASSIGNED } },
	{ "escalated", { .fact = FACT_ASSIGNED } },
	{ "pended", { .fact = FACT_PENDED } },
	{ "scheduled", { .fact = FACT_SCHEDULED, .wait = WAIT_APPOINTMENT } },
	{ "resumed", { .fact = FACT_RESUMED } },
	{ "arrived", { .fact = FACT_ARRIVED } },
	{ "resolved", { .fact = FACT_RESOLVED } },
	{ "closed", { .fact = FACT_CLOSED } },
	{ "reopened", { .fact = FACT_REOPENED } },
	{ "cancelled", { .fact = FACT_CANCELLED } },
	{ "merged", { .fact = FACT_MERGED } },
	{ "merged_in", { .fact = FACT_MERGED_IN } },
	{ "changed", { .fact = FACT_CHANGED } },
	{ "wrapped_up", { .fact = FACT_CHANGED } },
	{ "promised", { .fact = FACT_PROMISED } },
	{ "kept", { .fact = FACT_KEPT } },
	{ "followed_up", { .fact = FACT_FOLLOWED_UP } },
	{ "contacted", { .fact = FACT_CONTACTED } },
	{ "revised_forward", { .fact = FACT_REVISED } },
	{ "revised_retroactive",
	    { .fact = FACT_REVISED, .retroactive = true } },
};

const char *
ticket_status_word(enum ticket_status s)
{
	return s < TICKET_NSTATUSES ? statuses[s] : NULL;
}

enum ticket_status
ticket_status_of(struct str word)
{
	for (unsigned i = 1; i < TICKET_NSTATUSES; i++)
		if (str_eq(word, str_of(statuses[i])))
			return (enum ticket_status)i;
	return TICKET_STATUS_NONE;
}

const struct ticket_rule *
ticket_rule(enum ticket_change_kind k)
{
	assert(k > TICKET_CHANGE_NONE && k < TICKET_NCHANGES);
	return &rules[k];
}

enum ticket_change_kind
ticket_change_of(struct str word)
{
	for (unsigned i = 1; i < TICKET_NCHANGES; i++)
		if (str_eq(word, str_of(rules[i].word)))
			return (enum ticket_change_kind)i;
	return TICKET_CHANGE_NONE;
}

bool
ticket_may(enum ticket_change_kind k, enum ticket_status s, bool supervisor)
{
	const struct ticket_rule *r = ticket_rule(k);
	unsigned from = r->from | r->stays | (supervisor ? r->supervisor : 0);

	return (from & 1u << s) != 0;
}

struct ticket_fact
ticket_fact_of(struct str kind, struct str status, bool for_customer)
{
	struct ticket_fact f = { .fact = FACT_NONE };

	for (unsigned i = 0; i < NELEM(facts) && f.fact == FACT_NONE; i++)
		if (str_eq(kind, str_of(facts[i].kind)))
			f = facts[i].fact;
	/* What is written for the customer answers it; a wait never does,
	 * whatever was written with it. */
	if (for_customer && str_eq(kind, STR_LIT("note")))
		f.fact = FACT_RESPONDED;
	if (f.fact == FACT_PENDED)
		f.wait = str_eq(status, STR_LIT("pending_third_party"))
		             ? WAIT_THIRD_PARTY
		             : WAIT_CUSTOMER;
	return f;
}
