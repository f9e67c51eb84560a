/*
 * play_state.h - what play.c (the loop) and prepare.c (before it) share; for
 * these two only.
 */
#ifndef REPLAY_PLAY_STATE_H
#define REPLAY_PLAY_STATE_H

#include <signal.h>

#include <event2/event.h>

#include "replay/play.h"

struct play {
	struct event_base *base;
	struct event *tick, *wake;
	struct play_options options;
	struct plan *plan;
	struct agenda agenda;
	struct admin *admin;
	struct telephone_switch *sw;
	struct bridge *bridge;
	struct agents *agents;
	play_show_fn *show;
	void *arg;
	char name[64]; /* of the switch */
	double speed;
	int64_t pace_loop_at, pace_domain_at; /* where the speed counts from */
	int64_t ready_loop_at;  /* when the daemon was there last */
	int64_t commit_loop_at; /* since when commits are waited for; 0 */
	bool woken;
	volatile sig_atomic_t stop;
};

/* One turn of the loop; `block': wait for something to happen.  ERR_TIMEOUT and
 * ERR_AUTH (the daemon is away, or will not have us) have been told. */
enum err play_turn(struct play *, bool block) MUST_USE;

/* Log in, set the clock, apply the plan, ask what was played before, bring the
 * agents in.  What is wrong has been told. */
enum err prepare_play(struct play *) MUST_USE;

#endif
