/*
 * door.h - who lets callers into a queue: a supervisor's hand, kept in the
 * ledger, so that it holds for all nodes and over a restart.
 *
 * PostgreSQL decides each command (sql: queue_door_set); every node reads the
 * doors at its start and each other second after that.
 */
#ifndef DESK_DOOR_H
#define DESK_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "desk/supervise.h"

struct desk;

#define SUPERVISED_REMEMBERED 512
/* Of the desk. */
struct supervision {
	struct id done[SUPERVISED_REMEMBERED]; /* operations: a ring */
	unsigned next;
	bool reading_doors;
	unsigned sweeps;
};

/* A row of LQ_QUEUE_DOORS. */
void door_row(struct desk *, const struct str *cells);
/* About each second. */
void door_sweep(struct desk *);
/* The command on a door, with its dry run. */
void door_ask(struct desk *, const struct desk_action *,
    const struct supervise *, desk_supervise_fn *, void *arg);

#endif
