/*
 * agent_state.h - what one agent is doing, and what may happen to them next.
 *
 * The states are CSTA's (ECMA-269, 6.1.1.6.4) and RESERVED: offered work, has
 * not answered.  agent_step() is the only way to change the state; an event
 * that the table does not allow is refused and changes nothing.
 *
 * An agent in a call whose client is gone stays BUSY: the phone still talks.
 */
#ifndef DESK_AGENT_STATE_H
#define DESK_AGENT_STATE_H

#include "base/err.h"
#include "desk/desk.h"

enum agent_event {
	AGENT_EV_NONE,
	AGENT_EV_LOGIN,
	AGENT_EV_READY,
	AGENT_EV_NOT_READY,
	AGENT_EV_OFFER,
	AGENT_EV_OFFER_ENDED, /* and the agent takes more */
	AGENT_EV_CONNECT,     /* the device talks, or the agent has accepted, or
	                         calls somebody */
	AGENT_EV_CLEAR,       /* the call at the device is over */
	AGENT_EV_RESUME,      /* back at the notes, after a lost connection */
	AGENT_EV_GONE,        /* the client is gone */
	AGENT_NEVENTS
};

/* ERR_REFUSED: not now; *state is unchanged. */
enum err agent_step(enum agent_state *state, enum agent_event) MUST_USE;

#endif
