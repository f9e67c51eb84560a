/*
 * agent_state.c - the table of agent_state.h.
 */
#include "desk/agent_state.h"

#include <assert.h>

#define NULL_ AGENT_STATE_NULL
#define NOT_READY AGENT_STATE_NOT_READY
#define READY AGENT_STATE_READY
#define RESERVED AGENT_STATE_RESERVED
#define BUSY AGENT_STATE_BUSY
#define AFTER AGENT_STATE_WORKING_AFTER_CALL

/* Rows are states, cells are events; a cell left out is refused. */
/* clang-format off */
static const enum agent_state table[AGENT_NSTATES][AGENT_NEVENTS] = {
	[NULL_] = {
		[AGENT_EV_LOGIN]       = NOT_READY,
	},
	[NOT_READY] = {
		[AGENT_EV_READY]       = READY,
		[AGENT_EV_NOT_READY]   = NOT_READY,
		[AGENT_EV_RESUME]      = AFTER,
		[AGENT_EV_CONNECT]     = BUSY,
		[AGENT_EV_GONE]        = NULL_,
	},
	[READY] = {
		[AGENT_EV_READY]       = READY,
		[AGENT_EV_NOT_READY]   = NOT_READY,
		[AGENT_EV_OFFER]       = RESERVED,
		[AGENT_EV_CONNECT]     = BUSY,
		[AGENT_EV_GONE]        = NULL_,
	},
	[RESERVED] = {
		[AGENT_EV_NOT_READY]   = NOT_READY,
		[AGENT_EV_OFFER_ENDED] = READY,
		[AGENT_EV_CONNECT]     = BUSY,
		[AGENT_EV_GONE]        = NULL_,
	},
	/* The last three: who was to be in a call and is not. */
	[BUSY] = {
		[AGENT_EV_CLEAR]       = AFTER,
		[AGENT_EV_GONE]        = BUSY,
		[AGENT_EV_NOT_READY]   = NOT_READY,
		[AGENT_EV_OFFER_ENDED] = READY,
		[AGENT_EV_RESUME]      = AFTER,
	},
	[AFTER] = {
		[AGENT_EV_READY]       = READY,
		[AGENT_EV_NOT_READY]   = NOT_READY,
		[AGENT_EV_CONNECT]     = BUSY,
		[AGENT_EV_GONE]        = NULL_,
	},
};
/* clang-format on */

enum err
agent_step(enum agent_state *state, enum agent_event ev)
{
	enum agent_state to;

	assert(*state < AGENT_NSTATES && ev < AGENT_NEVENTS);
	to = table[*state][ev];
	if (to == AGENT_STATE_NONE)
		return ERR_REFUSED;
	*state = to;
	return ERR_OK;
}
