/*
 * plan.h - a day as it is meant to go: calls, queues, agents.
 *
 * A plan is made once, by bank.c from a log or by generate.c from a spec, and
 * is not changed while it is played.  Times are domain time, microseconds UTC;
 * a log's local time counts as UTC.
 *
 * Ownership: everything, text included, lives in the plan until plan_free().
 */
#ifndef REPLAY_PLAN_H
#define REPLAY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define PLAN_MAX_CALLS 5000000
#define PLAN_MAX_TYPES 32
#define PLAN_MAX_AGENTS 20000
#define PLAN_NAME_MAX 64 /* of a call, as the protocol has it */
#define PLAN_FOR_EVER INT64_MAX

struct plan_call {
	const char *name; /* the call's identity, the same in every run */
	const char *caller, *caller_name;
	unsigned type;
	uint32_t priority;
	int64_t offered_at;
	int64_t menu_us;
	bool queues; /* else the caller hangs up in the menu */
	int64_t patience_us, ring_us, service_us, wrap_up_us;
	int64_t waited_us; /* in the log; 0 if it tells of none */
};

/* A type of call has a number of its own, a menu choice, and a queue, all
 * named after it. */
struct plan_type {
	const char *name, *called;
};

struct plan_shift {
	int64_t day; /* midnight of the date that it is counted to */
	int64_t from, to;
};

struct plan_agent {
	const char *name;
	uint32_t types; /* bit n: serves type n */
	struct plan_shift *shifts;
	size_t n_shifts, room;
};

/* What of a log's row was not played as it stands. */
struct plan_correction {
	unsigned line;
	const char *call, *what;
};

struct plan {
	const char *format; /* the switch is called replay-<format> */
	uint64_t epoch, seed;
	int64_t priority_credit_us;
	struct plan_call *calls; /* by offered_at, then as they came */
	size_t n_calls, calls_room;
	struct plan_type types[PLAN_MAX_TYPES];
	unsigned n_types;
	struct plan_agent *agents;
	size_t n_agents, agents_room;
	struct plan_correction *corrections;
	size_t n_corrections, corrections_room;
	unsigned rows, phantoms; /* of a log */
	struct arena *text;
};

enum err plan_new(const char *format, struct plan **out) MUST_USE;
void plan_free(struct plan **);

/* Copied.  ERR_TOO_LARGE: more than a plan holds. */
enum err plan_add_call(struct plan *, const struct plan_call *) MUST_USE;
enum err plan_text(struct plan *, struct str, const char **out) MUST_USE;
enum err plan_correct(
    struct plan *, unsigned line, const char *call, const char *what) MUST_USE;

/* The type of that name, made if need be. */
enum err plan_type_named(struct plan *, struct str, unsigned *out) MUST_USE;

/* Likewise; a new agent serves nothing yet and has no shift. */
enum err plan_agent_named(struct plan *, struct str, size_t *out) MUST_USE;
/* One shift a day: what is added to the same day makes it longer. */
enum err plan_add_shift(
    struct plan_agent *, int64_t day, int64_t from, int64_t to) MUST_USE;

/* Away with the agents; `n' that serve everything, all the time, instead. */
enum err plan_staff(struct plan *, size_t n) MUST_USE;

/* Calls into order, shifts into order and overlapping ones made one. */
void plan_settle(struct plan *);

/* All of it so much later: for a daemon whose clock cannot be driven. */
void plan_shift_by(struct plan *, int64_t us);

/* A spec's or a file's digest, as an epoch: 63 bits of BLAKE2b. */
uint64_t plan_epoch_of(const void *bytes, size_t n);

/* YYYY-MM-DD to midnight UTC; ERR_BAD_FIELD: no such day. */
enum err plan_day(const char *text, int64_t *out) MUST_USE;

#endif
