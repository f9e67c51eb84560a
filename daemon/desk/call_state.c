/*
 * call_state.c - the table of call_state.h.
 */
#include "desk/call_state.h"

#include <assert.h>

/* Rows are states, cells are events; a cell left out is refused. */
/* clang-format off */
static const enum call_state table[CALL_NSTATES][CALL_NEVENTS] = {
	[CALL_NONE] = {
		[CALL_EV_OFFERED]            = CALL_OFFERED,
		[CALL_EV_QUEUED]             = CALL_QUEUED,
		[CALL_EV_DELIVERED]          = CALL_DELIVERED,
	},
	[CALL_OFFERED] = {
		[CALL_EV_QUEUED]             = CALL_QUEUED,
		[CALL_EV_DELIVERED]          = CALL_DELIVERED,
		[CALL_EV_ESTABLISHED]        = CALL_ESTABLISHED,
		[CALL_EV_DIVERTED]           = CALL_OFFERED,
		[CALL_EV_FAILED]             = CALL_OFFERED,
		[CALL_EV_CONNECTION_CLEARED] = CALL_OFFERED,
		[CALL_EV_CALL_CLEARED]       = CALL_ENDED,
	},
	[CALL_QUEUED] = {
		[CALL_EV_DELIVERED]          = CALL_DELIVERED,
		[CALL_EV_ESTABLISHED]        = CALL_ESTABLISHED,
		[CALL_EV_DIVERTED]           = CALL_OFFERED,
		[CALL_EV_FAILED]             = CALL_QUEUED,
		[CALL_EV_CONNECTION_CLEARED] = CALL_QUEUED,
		[CALL_EV_CALL_CLEARED]       = CALL_ENDED,
	},
	[CALL_DELIVERED] = {
		[CALL_EV_QUEUED]             = CALL_QUEUED,
		[CALL_EV_DELIVERED]          = CALL_DELIVERED,
		[CALL_EV_ESTABLISHED]        = CALL_ESTABLISHED,
		[CALL_EV_DIVERTED]           = CALL_OFFERED,
		[CALL_EV_FAILED]             = CALL_BACK,
		[CALL_EV_CONNECTION_CLEARED] = CALL_BACK,
		[CALL_EV_CALL_CLEARED]       = CALL_ENDED,
	},
	[CALL_ESTABLISHED] = {
		[CALL_EV_QUEUED]             = CALL_QUEUED,
		[CALL_EV_HELD]               = CALL_HELD,
		[CALL_EV_TRANSFERRED]        = CALL_ESTABLISHED,
		[CALL_EV_CONFERENCED]        = CALL_ESTABLISHED,
		[CALL_EV_DIVERTED]           = CALL_OFFERED,
		[CALL_EV_FAILED]             = CALL_ESTABLISHED,
		[CALL_EV_CONNECTION_CLEARED] = CALL_OFFERED,
		[CALL_EV_CALL_CLEARED]       = CALL_ENDED,
	},
	[CALL_HELD] = {
		[CALL_EV_QUEUED]             = CALL_QUEUED,
		[CALL_EV_RETRIEVED]          = CALL_ESTABLISHED,
		[CALL_EV_TRANSFERRED]        = CALL_ESTABLISHED,
		[CALL_EV_CONFERENCED]        = CALL_ESTABLISHED,
		[CALL_EV_FAILED]             = CALL_HELD,
		[CALL_EV_CONNECTION_CLEARED] = CALL_OFFERED,
		[CALL_EV_CALL_CLEARED]       = CALL_ENDED,
	},
};
/* clang-format on */

static const char *const words[CALL_NSTATES] = { NULL, "offered", "queued",
	"delivered", "established", "held", "ended" };

enum err
call_step(enum call_state *state, enum call_event_kind ev, bool was_queued)
{
	enum call_state to;

	assert(*state < CALL_NSTATES && ev < CALL_NEVENTS);
	to = table[*state][ev];
	if (to == CALL_NONE)
		return ERR_REFUSED;
	if (to == CALL_BACK)
		to = was_queued ? CALL_QUEUED : CALL_OFFERED;
	*state = to;
	return ERR_OK;
}

enum call_state
call_state_after(enum call_event_kind ev)
{
	switch (ev) {
	case CALL_EV_QUEUED:
		return CALL_QUEUED;
	case CALL_EV_DELIVERED:
		return CALL_DELIVERED;
	case CALL_EV_ESTABLISHED:
	case CALL_EV_RETRIEVED:
	case CALL_EV_TRANSFERRED:
	case CALL_EV_CONFERENCED:
		return CALL_ESTABLISHED;
	case CALL_EV_HELD:
		return CALL_HELD;
	case CALL_EV_CALL_CLEARED:
		return CALL_ENDED;
	default:
		return CALL_OFFERED;
	}
}

const char *
call_state_word(enum call_state s)
{
	return s < CALL_NSTATES ? words[s] : NULL;
}
