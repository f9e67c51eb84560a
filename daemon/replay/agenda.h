/*
 * agenda.h - what the simulated people do next, and when.
 *
 * An instant is embedded in whatever acts then; it is on the agenda at most
 * once.  Instants of the same time come in the order in which they were set,
 * which makes a run with the same seed the same run.
 */
#ifndef REPLAY_AGENDA_H
#define REPLAY_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

struct instant {
	struct heap_node node; /* first: the heap gives this back */
	void (*fire)(void *arg, int64_t now);
	void *arg;
};

struct agenda {
	struct heap heap;
	int64_t now;
};

#define AGENDA_NEVER INT64_MAX

void agenda_init(struct agenda *);
void agenda_fini(struct agenda *);

/* Set, or move; what lies in the past is done now.  AGENDA_NEVER clears.
 * Without memory for it the program ends. */
void agenda_set(struct agenda *, struct instant *, int64_t at);
void agenda_clear(struct agenda *, struct instant *);

/* AGENDA_NEVER: nothing to come. */
int64_t agenda_next_at(const struct agenda *);

/* Fire the one instant that is first, if it is due; false: none is. */
bool agenda_fire(struct agenda *);

#endif
