/*
 * setup.h - the configuration that a plan needs, in messages that fit a frame.
 *
 * Each type of call is a skill, a queue that needs it, and a number; each
 * agent serves the queues of their types.  What the plan does not name stays
 * as it is.
 */
#ifndef REPLAY_SETUP_H
#define REPLAY_SETUP_H

#include "base/err.h"
#include "mashang.pb-c.h"
#include "replay/agents.h"
#include "replay/plan.h"

struct setup {
	const struct plan *plan;
	const struct agents *agents;
	const char *switch_name;
	unsigned humans;
	const char *human_prefix;
	/* Sends one message and waits for its reply. */
	enum err (*send)(void *arg, Mashang__Apply *);
	void *arg;
};

enum err setup_send(const struct setup *) MUST_USE;

#endif
