/*
 * clock_own.h - what the files of the clocks share: one history being folded.
 *
 * clock.c goes through the instants of the history, in their order, with
 * clock_wait.c and clock_change.c for two of the steps; clock_run.c is one
 * clock's arithmetic; clock_terms.c says what a policy makes of a clock;
 * clock_span.c writes down the answer.
 *
 * Without memory `err' is set once and the rest of the fold is worthless.
 */
#ifndef SLA_CLOCK_OWN_H
#define SLA_CLOCK_OWN_H

#include "sla/book.h"
#include "sla/clock.h"

/* What facts say to the clocks; most are a fact's kind, seen once. */
enum signal {
	SIGNAL_RECEIVED = 1 << 0,
	SIGNAL_ACKNOWLEDGED = 1 << 1,
	SIGNAL_RESPONDED = 1 << 2,
	SIGNAL_CONTACTED = 1 << 3, /* and no answer was owed yet */
	SIGNAL_OWNED = 1 << 4,
	SIGNAL_SOLVED = 1 << 5,   /* from open to resolved, also by closing */
	SIGNAL_RESOLVED = 1 << 6, /* the same, not by closing */
	SIGNAL_REOPENED = 1 << 7,
	SIGNAL_CLOSED = 1 << 8,
	SIGNAL_SCHEDULED = 1 << 9,
	SIGNAL_ARRIVED = 1 << 10,
	SIGNAL_FOLLOWED_UP = 1 << 11,
	SIGNAL_PROMISED = 1 << 12,
	SIGNAL_KEPT = 1 << 13,
	SIGNAL_AWAY = 1 << 14, /* to the supplier */
	SIGNAL_BACK = 1 << 15
};

/* Masks of signals. */
struct clock_rule {
	unsigned starts, stops;
	unsigned ends; /* it is no longer needed: missed if breached by then,
	                  else excluded */
	bool while_resolved; /* may start on a resolved ticket */
};
extern const struct clock_rule clock_rules[SLA_NMETRICS];

/* What is agreed for a clock that starts at some instant. */
struct terms {
	const struct sla_revision *revision;
	struct sla_match match;
	const struct calendar *calendar; /* that counts; NULL: the wall's */
	struct str calendar_name;
	int64_t goal;
	unsigned pauses;
	bool fixed; /* due at an instant, which no wait moves */
};

struct reached {
	struct reached *next;
	struct sla_reached r;
};
struct span {
	struct span *next;
	struct sla_span s;
};

struct work {
	struct work *next;  /* in order of creation */
	struct work *older; /* of the same metric and agreement */
	struct sla_clock c; /* stage, outcome, due, breach as they are now */
	struct terms terms;
	struct sla_attributes pinned;        /* that the terms were found by */
	const struct sla_attributes *merged; /* of one merged in: the stricter
	                                        of both holds */
	int64_t since;   /* the present stretch, counted or waited */
	int64_t counted; /* before it */
	int64_t goal;    /* the terms', with what grace has added */
	int64_t carried; /* counted when the terms last changed, or -1 */
	bool due_moved;  /* a change found the goal used up */
	int64_t next_at; /* next rung, or due; INT64_MAX: none */
	unsigned next_percent;
	const struct sla_rung *next_rung;
	struct reached *reached, **reached_end;
	struct span *spans, **spans_end, *last_span;
};

struct share {
	struct share *next;
	struct sla_share s;
};
/* From `at' on the ticket waited for `waits'. */
struct turn {
	int64_t at;
	unsigned waits;
};

struct fold {
	struct sla_book *book;
	struct arena *arena;
	bool want_spans;
	enum err err;

	/* the ticket */
	const struct sla_revision *revision; /* NULL: none counts for it */
	struct sla_attributes attributes;
	uint32_t owner;
	bool received, resolved, responded, ended, owed;
	int64_t received_at, resolved_at, queue_since;
	unsigned waits;
	int64_t until[4];   /* by the bit of the wait; 0: until told */
	int64_t ran_out_at; /* of a wait that nobody wrote the end of */
	struct turn *turns;
	unsigned n_turns, room_turns;

	/* its clocks */
	unsigned open, done; /* masks of metrics */
	int64_t open_since[SLA_NMETRICS];
	struct work *live[SLA_NMETRICS][SLA_NAGREEMENTS];
	struct work *newest[SLA_NMETRICS][SLA_NAGREEMENTS];
	struct work *works, **works_end;
	unsigned n_works;

	/* who held it */
	const struct calendar *house;
	const struct sla_revision *house_revision; /* that it was found by */
	int64_t share_since;
	struct share *shares, **shares_end;
};

/* One instant of the history. */
struct moment {
	int64_t at;
	unsigned n;
	const struct sla_fact *const *facts; /* by seq */
	struct sla_attributes before;
	unsigned solved;       /* 1 + index of the fact that solved it, or 0 */
	bool away;             /* to the supplier, now */
	unsigned opened;       /* mask of metrics */
	bool moved, described; /* to another queue; attributes were set */
};

/* NULL: no memory, and f->err says so. */
void *fold_alloc(struct fold *, size_t);

/* Stops and ends what this signal stops and ends. */
void signal_stops(struct fold *, unsigned signal, int64_t at);

/* ---- clock_wait.c */

void fold_waits(struct fold *, struct moment *);
/* What the ticket waits for has changed: to all clocks. */
void fold_set_waits(struct fold *, unsigned before, int64_t at);

/* ---- clock_change.c */

void fold_changes(struct fold *, struct moment *);

/* ---- clock_terms.c */

/* False: nothing is promised. */
bool terms_find(struct fold *, const struct sla_revision *, enum sla_metric,
    enum sla_agreement, const struct sla_attributes *, int64_t start,
    struct terms *);
/* Of the clock's own attributes and of those merged into it, the stricter. */
bool terms_renew(struct fold *, const struct work *,
    const struct sla_revision *, const struct sla_attributes *, int64_t start,
    struct terms *);
/* Due earlier, if both ran from `start' on. */
bool terms_stricter(const struct terms *, const struct terms *, int64_t start);
/* With `set' over them. */
struct sla_attributes attributes_with(
    const struct sla_attributes *, const struct sla_attributes *set);
bool attributes_eq(
    const struct sla_attributes *, const struct sla_attributes *);

/* ---- clock_run.c: one clock */

struct work *clock_new(struct fold *, enum sla_metric, enum sla_agreement,
    const struct sla_attributes *, const struct terms *, int64_t start);
/* Sets it going now: what the ticket waits for may pause it at once. */
void clock_start(struct fold *, struct work *, int64_t now);
/* As if it had been going since its start, without reaching anything. */
void clock_start_late(struct fold *, struct work *, int64_t now);
void clock_stop(struct fold *, struct work *, int64_t at);
void clock_cancel(struct fold *, struct work *, int64_t at);
/* Stopped if breached, else cancelled. */
void clock_end(struct fold *, struct work *, int64_t at);
void clock_reopen(struct fold *, struct work *, int64_t at);
void clock_set_waits(struct fold *, struct work *, unsigned waits, int64_t at);
/* Rungs and the breach before `t'; `inclusive': rungs at it, too. */
void clock_fire(struct fold *, struct work *, int64_t t, bool inclusive);
/* New terms from `at' on: what is counted stays, and at least `grace' is
 * left; `more' is counted besides. */
void clock_carry(struct fold *, struct work *, const struct terms *, int64_t at,
    int64_t grace, int64_t more);
void clock_restart(
    struct fold *, struct work *, const struct terms *, int64_t at);
/* As if the terms had held from its start on. */
void clock_recount(
    struct fold *, struct work *, const struct terms *, int64_t at);
int64_t clock_elapsed(const struct work *, int64_t now);

/* ---- clock_span.c */

void span_counted(struct fold *, struct work *, int64_t to);
void span_waited(struct fold *, struct work *, int64_t to);
void span_changed(struct fold *, struct work *, int64_t at);
/* Up to `at' it was held as it is now; `closed': resolved and reopened. */
void share_until(struct fold *, int64_t at, bool reopened);

/* The answer, from what the fold has become. */
void fold_result(struct fold *, int64_t now, struct sla_result *);

#endif
