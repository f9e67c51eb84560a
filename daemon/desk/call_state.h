/*
 * call_state.h - the life of a call as a table: what the switch may say next.
 *
 * A state says where the caller is.  An event that the table does not allow is
 * refused: it is recorded as late and changes nothing, so a switch that says
 * things twice or in the wrong order cannot confuse the desk.
 */
#ifndef DESK_CALL_STATE_H
#define DESK_CALL_STATE_H

#include "base/err.h"
#include "desk/desk.h"

enum call_state {
	CALL_NONE,        /* a zeroed call is not a valid one */
	CALL_OFFERED,     /* in the switch: menu, or after an agent left */
	CALL_QUEUED,      /* waits for an agent */
	CALL_DELIVERED,   /* rings at a device */
	CALL_ESTABLISHED, /* talks with an agent */
	CALL_HELD,
	CALL_ENDED,
	CALL_NSTATES,
	CALL_BACK /* in the table only: queued if it ever was, else offered */
};

/* ERR_REFUSED: not now; *state is unchanged. */
enum err call_step(
    enum call_state *state, enum call_event_kind, bool was_queued) MUST_USE;

/* The state that a snapshot's last event stands for. */
enum call_state call_state_after(enum call_event_kind);

/* "offered" … "ended", as in the ledger. */
const char *call_state_word(enum call_state);

#endif
