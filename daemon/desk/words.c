/*
 * words.c - tables of words, by enum value.
 */
#include "desk/words.h"

static const char *const call_events[] = { NULL, "offered", "queued",
	"delivered", "established", "held", "retrieved", "transferred",
	"conferenced", "diverted", "failed", "connection_cleared",
	"call_cleared" };
static const char *const causes[] = { NULL, "normal", "busy", "no_answer",
	"rejected", "unreachable", "overflow", "timed_out", "refused",
	"called_back", "withdrawn", "switch_lost" };
static const char *const parties[] = { NULL, "caller", "agent", "switch" };
static const char *const relations[] = { NULL, "consult", "transfer",
	"callback", "follow_up" };
static const char *const orders[] = { NULL, "connect", "answer", "disconnect",
	"clear", "hold", "retrieve", "transfer", "conference", "monitor",
	"whisper", "barge", "make_call", "announce", "consult", "requeue",
	"call_back" };
static const char *const agent_states[] = { NULL, "null", "not_ready", "ready",
	"reserved", "busy", "working_after_call" };
static const char *const offer_ends[] = { NULL, "accepted", "refused",
	"no_answer", "not_delivered", "caller_gone", "rescinded", "device_busy",
	"device_failed", "agent_gone", "withdrawn" };
static const char *const ticket_kinds[] = { NULL, "consultation",
	"service_request", "complaint", "incident", "appointment", "praise",
	"suggestion" };
static const char *const work_kinds[] = { NULL, "callback", "follow_up",
	"ticket" };
static const char *const work_states[] = { NULL, "waiting", "taken", "done",
	"failed", "expired", "cancelled" };

static const char *const queue_doors[] = { "open", "draining", "closed" };

#define WORD(table, i) ((unsigned)(i) < NELEM(table) ? (table)[i] : NULL)

const char *
word_call_event(enum call_event_kind k)
{
	return WORD(call_events, k);
}

const char *
word_cause(enum cause c)
{
	return WORD(causes, c);
}

const char *
word_party(enum party p)
{
	return WORD(parties, p);
}

const char *
word_relation(enum relation r)
{
	return WORD(relations, r);
}

const char *
word_order(enum order_kind k)
{
	return WORD(orders, k);
}

const char *
desk_order_word(enum order_kind k)
{
	return word_order(k);
}

const char *
word_agent_state(enum agent_state s)
{
	return WORD(agent_states, s);
}

const char *
word_offer_end(enum offer_end e)
{
	return WORD(offer_ends, e);
}

const char *
word_ticket_kind(enum ticket_kind k)
{
	return WORD(ticket_kinds, k);
}

const char *
word_queue_door(enum queue_door door)
{
	return WORD(queue_doors, door);
}

enum ticket_kind
ticket_kind_of(struct str word)
{
	for (unsigned i = 1; i < NELEM(ticket_kinds); i++)
		if (str_eq(word, str_of(ticket_kinds[i])))
			return (enum ticket_kind)i;
	return TICKET_NONE;
}

const char *
word_work_kind(enum work_kind k)
{
	return WORD(work_kinds, k);
}

const char *
word_work_state(enum work_state s)
{
	return WORD(work_states, s);
}

enum work_kind
work_kind_of(struct str word)
{
	for (unsigned i = 1; i < NELEM(work_kinds); i++)
		if (str_eq(word, str_of(work_kinds[i])))
			return (enum work_kind)i;
	return WORK_NONE;
}

enum work_state
work_state_of(struct str word)
{
	for (unsigned i = 1; i < NELEM(work_states); i++)
		if (str_eq(word, str_of(work_states[i])))
			return (enum work_state)i;
	return WORK_STATE_NONE;
}
