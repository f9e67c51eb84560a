/*
 * cmd_ticket.h - what the files of `mashang ticket' share: cmd_ticket.c opens,
 * shows and lists, cmd_change.c changes.
 */
#ifndef CLIENT_CMD_TICKET_H
#define CLIENT_CMD_TICKET_H

#include <stdint.h>

#include "client/cmd.h"
#include "mashang.pb-c.h"

struct ask;

/* Exit codes; what is wrong has been said. */
int ticket_get_number(const char *word, uint64_t *number);
/* A number may be given in groups, as it was told: each a word. */
int ticket_join_number(int argc, char **argv, uint64_t *number);
int ticket_get_kind(const char *name, Mashang__TicketKind *out);

/* Send it and say what became of it: saved, or only taken. */
int ticket_act(
    struct ask *, const struct options *, Mashang__Envelope *, uint64_t number);

/* The changes: a row of commands each. */
#define TICKET_CHANGES(X)                     \
	X(ACKNOWLEDGE, acknowledge)           \
	X(ASSIGN, assign)                     \
	X(PEND_CUSTOMER, pend_customer)       \
	X(PEND_THIRD_PARTY, pend_third_party) \
	X(SCHEDULE, schedule)                 \
	X(RESUME, resume)                     \
	X(ARRIVE, arrive)                     \
	X(RESOLVE, resolve)                   \
	X(CLOSE, close)                       \
	X(REOPEN, reopen)                     \
	X(CANCEL, cancel)                     \
	X(CHANGE, change)                     \
	X(PROMISE, promise)                   \
	X(KEEP, keep)                         \
	X(FOLLOW_UP, follow_up)               \
	X(CONTACT, contact)

#define TICKET_CHANGE_RUN(NAME, name) \
	int ticket_##name(const struct options *, int argc, char **argv);
TICKET_CHANGES(TICKET_CHANGE_RUN)
#undef TICKET_CHANGE_RUN

extern const struct opt ticket_text_opts[], ticket_until_opts[],
    ticket_assign_opts[], ticket_describe_opts[];

#endif
