/*
 * incident_row.h - what incident.c (rows) and incident_life.c (steps) share;
 * for these two only.
 */
#ifndef REPLAY_INCIDENT_ROW_H
#define REPLAY_INCIDENT_ROW_H

#include "replay/incident.h"

/* What the log's state means. */
enum incident_aim {
	AIM_NONE, /* as before */
	AIM_NEW,
	AIM_WORK,
	AIM_CUSTOMER,
	AIM_OTHERS,
	AIM_RESOLVED,
	AIM_CLOSED
};

/* Empty, 0: not told. */
struct incident_row {
	unsigned line;
	struct str number, caller, group, resolver, state;
	enum incident_aim aim;
	unsigned priority;
	int64_t opened_at, updated_at, resolved_at, closed_at;
	bool made_sla;
};

/* Room for one more of `size' bytes; NULL: no memory, the list is as it was. */
void *incident_room(void *list, size_t n, size_t *room, size_t size);

enum err incident_correct(struct incident_log *, unsigned line,
    struct str number, const char *what) MUST_USE;

/* The steps of one incident, whose rows these are; n > 0, opened_at told. */
enum err incident_live(
    struct incident_log *, struct incident_row *rows, size_t n) MUST_USE;

#endif
