/*
 * incident_play.h - an incident log, played through a daemon whose clock is
 * driven, and what its clocks say of each incident in the end.
 *
 * At each step's time the daemon's clock is driven there, whatever is due on
 * the way happens, and one request does what the log says was done.
 */
#ifndef REPLAY_INCIDENT_PLAY_H
#define REPLAY_INCIDENT_PLAY_H

#include "replay/admin.h"
#include "replay/incident.h"

enum incident_verdict {
	VERDICT_NONE, /* not decided, or no clock */
	VERDICT_MET,
	VERDICT_MISSED
};

/* Its clock of resolution. */
struct incident_result {
	uint64_t ticket; /* number; 0: was not made */
	bool counted;    /* it has that clock */
	enum incident_verdict verdict;
	int64_t goal_us, elapsed_us, due_at; /* due 0: paused at its end */
	unsigned refused;                    /* steps */
};

/* `results' has a place for each incident.  What is wrong has been told on
 * stderr; refused steps, too: the play goes on. */
enum err incident_play(const struct incident_log *,
    const struct admin_options *, bool pauses,
    struct incident_result *results) MUST_USE;

#endif
