/*
 * progress.h - where the day stands, while it is played: on a terminal a few
 * lines that stay in place, elsewhere a line a simulated hour.
 */
#ifndef REPLAY_PROGRESS_H
#define REPLAY_PROGRESS_H

#include <stdio.h>

#include "replay/play.h"

struct progress {
	FILE *out;
	bool live; /* lines may be overwritten */
	uint64_t n_calls;
	int64_t hour;     /* the last one told */
	int64_t drawn_at; /* loop time */
	unsigned lines;   /* on the screen now */
};

void progress_init(struct progress *, FILE *, bool quiet, uint64_t n_calls);

/* A play_show_fn. */
void progress_show(void *progress, const struct play_view *);

/* Leave the screen to whatever comes next. */
void progress_end(struct progress *);

#endif
