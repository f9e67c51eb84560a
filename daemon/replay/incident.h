/*
 * incident.h - a service desk's incident log, as steps in the life of tickets.
 *
 * The audit log of an IT company's ticketing system (C. Amaral, M. Fantinato,
 * S. Peres): comma-separated, a heading first, a row for each time that an
 * incident was touched, the rows of one incident together and in order, '?' for
 * nothing, times D/M/YYYY HH:MM, local to a zone that is not told; they count
 * as UTC.  Columns are found by their names.
 *
 * What a row says of an incident is compared with what the rows before it said;
 * a step is what was done in between:
 *
 *   opened_at, once            open, with the first row's group, and priority
 *   another priority           priority
 *   another group or assignee  assign
 *   any sign of work           acknowledge: assigned to somebody, or not New
 *   Awaiting User Info         wait for the customer
 *   Awaiting anything else     wait for others
 *   New or Active after those  resume
 *   Resolved                   resolve; the last time at resolved_at
 *   Closed                     close
 *   anything else after those  reopen
 *
 * Rows that contradict themselves are played with times pushed forward; what a
 * row does not say, or says in words that are not known, is as it was before.
 * A log that ends before an incident does is played on by its resolved_at and
 * closed_at.  Each such correction is listed.
 */
#ifndef REPLAY_INCIDENT_H
#define REPLAY_INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

#define INCIDENT_PRIORITIES 5 /* 1 is the highest */
#define INCIDENT_NAME_MAX 64

enum incident_step_kind {
	STEP_NONE,
	STEP_OPEN,
	STEP_PRIORITY,
	STEP_ASSIGN,
	STEP_ACKNOWLEDGE,
	STEP_WAIT_CUSTOMER,
	STEP_WAIT_OTHERS,
	STEP_RESUME,
	STEP_RESOLVE,
	STEP_CLOSE,
	STEP_REOPEN,
	STEP_NKINDS
};
const char *incident_step_word(enum incident_step_kind);

struct incident_step {
	int64_t at;
	enum incident_step_kind kind;
	uint32_t incident;   /* which, of the log's */
	uint32_t place;      /* among all as they came */
	unsigned priority;   /* PRIORITY */
	struct str group;    /* OPEN, ASSIGN; empty: unchanged */
	struct str resolver; /* ASSIGN; "-": nobody; empty: unchanged */
	struct str state;    /* the log's word for where it leads */
};

struct incident {
	unsigned line; /* of its first row */
	struct str number, caller;
	bool made_sla; /* as its last row has it */
	bool cut;      /* the log ends before it does */
	unsigned first_priority, priority;
	int64_t priority_at;            /* when it became that */
	int64_t opened_at, resolved_at; /* 0: it never was */
	int64_t waited_customer_us, waited_others_us;
	unsigned reopened;
};

struct incident_correction {
	unsigned line;
	struct str number;
	const char *what;
};

struct incident_log {
	struct incident *incidents;  /* as they come */
	struct incident_step *steps; /* by time, then as they come */
	struct incident_correction *corrections;
	struct str *groups, *resolvers; /* each once */
	size_t n_incidents, n_steps, n_corrections, n_groups, n_resolvers;
	size_t incidents_room, steps_room, corrections_room;
	size_t groups_room, resolvers_room;
	unsigned rows;
	char *text; /* the file: every str lies in it */
};

/* ERR_IO: cannot be read; ERR_BAD_FIELD, ERR_BAD_TEXT: not such a log.  What is
 * wrong has been told `errors', with file and line. */
enum err incident_read(
    const char *file, FILE *errors, struct incident_log **out) MUST_USE;

/* The same from memory, which must outlive it; `name' stands for the file. */
enum err incident_parse(const char *name, const char *text, size_t len,
    FILE *errors, struct incident_log **out) MUST_USE;

void incident_log_free(struct incident_log **);

#endif
