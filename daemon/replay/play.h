/*
 * play.h - the loop that lets a plan happen.
 *
 * With a driven daemon: whatever is due is done, one instant at a time; the
 * daemon then says when all that it caused is over, and that is reacted to.
 * When nothing is due any more, it is told to go on to the next instant, and
 * stops before it where it has something to do itself.  So a run depends on its plan alone, not on
 * which socket was read first.  A speed paces the telling by the wall clock.
 *
 * With a daemon on the system's clock: the plan is moved to now, and things
 * happen when they are due.
 *
 * A daemon that goes away is waited for; time stands still meanwhile where it
 * is driven.
 */
#ifndef REPLAY_PLAY_H
#define REPLAY_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "replay/admin.h"
#include "replay/agents.h"
#include "replay/bridge.h"
#include "replay/switch.h"

#define PLAY_MAX_SPEED 0 /* as fast as it goes */

struct play_options {
	const char *addresses, *login, *password;
	double speed; /* domain seconds a second; PLAY_MAX_SPEED */
	bool speed_given;
	uint64_t epoch; /* 0: the plan's */
	unsigned humans;
};

struct play;

/* What has been going on, for whoever shows it. */
struct play_view {
	int64_t now; /* domain time */
	const struct switch_counts *counts;
	size_t day_begun, day_calls; /* calls of the present day */
	uint64_t uncommitted;
	bool connected, waiting_for_commits;
	enum admin_humans humans;
	double speed;
};

/* Called when domain time has moved, or a fifth of a second has passed. */
typedef void play_show_fn(void *arg, const struct play_view *);

/* Log in, prepare the daemon, learn what was played before.  What is wrong has
 * been told on stderr. */
enum err play_new(struct plan *, const struct play_options *, play_show_fn *,
    void *arg, struct play **out) MUST_USE;
void play_free(struct play **);

/* Until every call has ended and everybody has written their note; then until
 * all is committed, at most 30 s.  ERR_TIMEOUT: the daemon stayed away. */
enum err play_run(struct play *) MUST_USE;

/* From a signal's handler: end soon, as if the day were over. */
void play_stop(struct play *);

int64_t play_now(const struct play *); /* domain time */
const struct telephone_switch *play_switch(const struct play *);
const struct bridge *play_bridge(const struct play *);
const struct agents *play_agents(const struct play *);

#endif
