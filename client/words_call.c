/*
 * words_call.c - words of calls: what happens to them, what may be asked of
 * them, how they and their offers end, who has the turn in their tickets.
 */
#include "client/i18n.h"
#include "client/words.h"

#define CALL(x) MASHANG__CALL_EVENT_KIND__##x
#define CAUSE(x) MASHANG__CAUSE__CAUSE_##x
#define END(x) MASHANG__OFFER_END_REASON__OFFER_##x
#define ORDER(x) MASHANG__ORDER_KIND__ORDER_##x

/* clang-format off */
const struct word words_call[] = {
	{ CALL(OFFERED), "offered", N_("The call has come in"), NULL },
	{ CALL(QUEUED), "queued", N_("The caller waits"), NULL },
	{ CALL(DELIVERED), "delivered", N_("Your phone rings"), NULL },
	{ CALL(ESTABLISHED), "established", N_("You are connected"), NULL },
	{ CALL(HELD), "held", N_("The call is on hold"), NULL },
	{ CALL(RETRIEVED), "retrieved", N_("The call is off hold"), NULL },
	{ CALL(TRANSFERRED), "transferred", N_("The call was transferred"),
	  NULL },
	{ CALL(CONFERENCED), "conferenced", N_("Another party has joined"),
	  NULL },
	{ CALL(DIVERTED), "diverted", N_("The call was sent elsewhere"),
	  NULL },
	{ CALL(FAILED), "failed", N_("The phone could not be rung"), NULL },
	{ CALL(CONNECTION_CLEARED), "connection_cleared",
	  N_("One party has left the call"), NULL },
	{ CALL(CALL_CLEARED), "call_cleared", N_("The call is over"), NULL },
	{ 0, NULL, NULL, NULL }
};

/* The consult call of who started it. */
const struct word words_consult[] = {
	{ CALL(OFFERED), "offered", N_("Consultation: calling"), NULL },
	{ CALL(DELIVERED), "delivered", N_("Consultation: it rings there"),
	  NULL },
	{ CALL(ESTABLISHED), "established", N_("Consultation: connected"),
	  NULL },
	{ CALL(HELD), "held", N_("Consultation: on hold"), NULL },
	{ CALL(RETRIEVED), "retrieved", N_("Consultation: off hold"), NULL },
	{ CALL(FAILED), "failed", N_("Consultation: not reached"), NULL },
	{ CALL(CONNECTION_CLEARED), "connection_cleared",
	  N_("Consultation: they have left"), NULL },
	{ CALL(CALL_CLEARED), "call_cleared", N_("Consultation: over"), NULL },
	{ 0, NULL, NULL, NULL }
};

/* What may be asked of a call. */
const struct word words_order[] = {
	{ ORDER(CONNECT), "connect", N_("connect"), NULL },
	{ ORDER(ANSWER), "answer", N_("answer"), NULL },
	{ ORDER(DISCONNECT), "disconnect", N_("disconnect"), NULL },
	{ ORDER(CLEAR), "clear", N_("hang up"), NULL },
	{ ORDER(HOLD), "hold", N_("hold"), NULL },
	{ ORDER(RETRIEVE), "retrieve", N_("retrieve"), NULL },
	{ ORDER(TRANSFER), "transfer", N_("transfer"), NULL },
	{ ORDER(CONFERENCE), "conference", N_("conference"), NULL },
	{ ORDER(MONITOR), "monitor", N_("monitor"), NULL },
	{ ORDER(WHISPER), "whisper", N_("whisper"), NULL },
	{ ORDER(BARGE), "barge", N_("barge in"), NULL },
	{ ORDER(MAKE_CALL), "make_call", N_("dial"), NULL },
	{ ORDER(ANNOUNCE), "announce", N_("announce"), NULL },
	{ ORDER(CONSULT), "consult", N_("consult"), NULL },
	{ ORDER(REQUEUE), "requeue", N_("requeue"), NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_cause[] = {
	{ CAUSE(NORMAL), "normal", N_("as usual"), NULL },
	{ CAUSE(BUSY), "busy", N_("line busy"), NULL },
	{ CAUSE(NO_ANSWER), "no_answer", N_("no answer"), NULL },
	{ CAUSE(REJECTED), "rejected", N_("rejected by the phone"), NULL },
	{ CAUSE(UNREACHABLE), "unreachable", N_("phone not reachable"), NULL },
	{ CAUSE(OVERFLOW), "overflow", N_("overflow"), NULL },
	{ CAUSE(TIMED_OUT), "timed_out", N_("waited too long"), NULL },
	{ CAUSE(REFUSED), "refused", N_("queue full or closed"), NULL },
	{ CAUSE(CALLED_BACK), "called_back", N_("to be called back"), NULL },
	{ CAUSE(WITHDRAWN), "withdrawn", N_("withdrawn"), NULL },
	{ CAUSE(SWITCH_LOST), "switch_lost", N_("lost by the switch"), NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_offer_end[] = {
	{ END(ACCEPTED), "accepted", N_("Accepted"), NULL },
	{ END(REFUSED), "refused", N_("Refused"), NULL },
	{ END(NO_ANSWER), "no_answer", N_("Not answered in time"), NULL },
	{ END(NOT_DELIVERED), "not_delivered", N_("Not shown in time"), NULL },
	{ END(CALLER_GONE), "caller_gone", N_("The caller has hung up"), NULL },
	{ END(RESCINDED), "rescinded", N_("Taken back"), NULL },
	{ END(DEVICE_BUSY), "device_busy", N_("Your phone was busy"), NULL },
	{ END(DEVICE_FAILED), "device_failed",
	  N_("Your phone could not be rung"), NULL },
	{ END(AGENT_GONE), "agent_gone", N_("You were gone"), NULL },
	{ END(WITHDRAWN), "withdrawn", N_("Withdrawn"), NULL },
	{ 0, NULL, NULL, NULL }
};

/* A call's state, as short as a column wants it. */
const struct word words_call_state[] = {
	{ 0, "offered", N_("in the menu"), NULL },
	{ 0, "queued", N_("in a queue"), NULL },
	{ 0, "delivered", N_("ringing"), NULL },
	{ 0, "established", N_("on the phone"), NULL },
	{ 0, "held", N_("on hold"), NULL },
	{ 0, "ended", N_("is over"), NULL },
	{ 0, NULL, NULL, NULL }
};

/* Who has the turn, of a ticket. */
const struct word words_holder[] = {
	{ 0, "agent", N_("agent"), NULL },
	{ 0, "group", N_("queue"), NULL },
	{ 0, "supplier", N_("supplier"), NULL },
	{ 0, "customer", N_("customer"), NULL },
	{ 0, "closed", N_("out of hours or done"), NULL },
	{ 0, NULL, NULL, NULL }
};
/* clang-format on */
