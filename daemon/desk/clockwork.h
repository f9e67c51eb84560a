/*
 * clockwork.h - every ticket's clocks, kept true in the ledger.
 *
 * The ledger marks each ticket whose history grows (sla_todo), and keeps for
 * each when time alone will change something (sla_ticket.next_at).  The
 * clockwork takes those marked and those due, reads their history, evaluates it
 * (sla/clock.h), and writes what came out as one unit per page of tickets:
 * clocks, what was reached and not told before (sla_event, and with it by the
 * ledger's own hand the outbox), what is no longer true (…_retracted), and the
 * marks that are done.  One page is under way at a time.
 *
 * Exactly once: an evaluation stands only if it follows the ticket's last one
 * and saw its whole history; events have a key; so two nodes, a repeat after a
 * crash, a clock that went back all end in the same rows.  Late is told as
 * late: `at' is the true instant, `detected_at' when it was noticed.
 *
 * Nothing here is remembered but when to look next: a process that dies loses
 * nothing, and 1,000,000 open clocks cost nothing until they are due.
 *
 * Rules: a rung fires once per cycle, again only after it was retracted.
 * `generation' rises whenever what is due or whether it runs has changed, or
 * something was retracted.  A clock that the history no longer has is written
 * as cancelled, excluded.  A wait that has ended by itself is written into the
 * history as `resumed' by `system' (LQ_TICKET_CHANGE, with what was seen).
 *
 * Threading: the loop's thread; waits for nothing.  Domain time is an argument.
 */
#ifndef DESK_CLOCKWORK_H
#define DESK_CLOCKWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sla/clock.h"
#include "sla/forecast.h"

struct calendar;
struct clockwork;
struct ledger;

/* A rung or breach of this evaluation, after it was committed (another node may
 * have been first: then it is told twice on screens, never in the ledger). */
struct clock_notice {
	uint64_t ticket; /* serial */
	const char *metric;
	unsigned percent;
	bool retracted;
	unsigned notify; /* mask of enum sla_notify */
	uint32_t owner;  /* agent, 0: nobody */
	int64_t at, due_at;
};
typedef void clock_notice_fn(void *arg, const struct clock_notice *);

/* An agent's name; empty: unknown. */
typedef struct str clock_agent_fn(void *arg, uint32_t agent);

struct clockwork_options {
	struct ledger *ledger;
	const char *node;           /* as in the ledger's options, "" */
	const char *zone_directory; /* NULL: the system's */
	clock_notice_fn *notice;    /* NULL: nobody hears of it */
	void *notice_arg;
	clock_agent_fn *agent;
	void *agent_arg;
};

enum err clockwork_new(
    const struct clockwork_options *, struct clockwork **out) MUST_USE;
/* After its ledger, which answers what it still owes. */
void clockwork_free(struct clockwork **);

/* The ledger is up (again), or a configuration was applied: read revisions that
 * are new, then look what is to be done.  `lost': it is away. */
void clockwork_up(struct clockwork *, int64_t now);
void clockwork_lost(struct clockwork *);

/* A unit with rows of history was given to the ledger, which may bring
 * something about `at_once' or only some time later; and: the first of those
 * given is committed.  Between the two the clocks are behind. */
void clockwork_given(struct clockwork *, int64_t now, bool at_once);
void clockwork_committed(struct clockwork *, int64_t now);
/* The same for what LQ_TICKET_CHANGE has done. */
void clockwork_changed(struct clockwork *, int64_t now);

void clockwork_tick(struct clockwork *, int64_t now);
int64_t clockwork_next_at(const struct clockwork *);
/* About each second of real time: what other nodes have left behind, revisions
 * that they have made, the next page of a job. */
void clockwork_sweep(struct clockwork *, int64_t now);

/* The newest revision's calendar of that name; false: there is none. */
bool clockwork_calendar(
    const struct clockwork *, struct str name, const struct calendar **out);

/* How far domain time may be driven before the clocks have caught up:
 * INT64_MAX when they have, or when the ledger is away. */
int64_t clockwork_horizon(const struct clockwork *);

/* ---- asked for by people */

/* `risk' is per clock, -1: not known.  Valid during the call. */
struct clock_answer {
	const struct sla_history *history;
	const struct sla_result *result;
	const struct sla_revision *revision; /* that its policies are matched
	                                        in now; NULL: none */
	const int32_t *risk;
	int64_t now;
};
typedef void clock_answer_fn(void *arg, enum err, const struct clock_answer *);
/* The ticket's clocks as they are now, from its history.  ERR_IO: the ledger is
 * away, `fn' will not run; ERR_NOT_FOUND comes through `fn'. */
enum err clockwork_ask(struct clockwork *, uint64_t ticket, int64_t now,
    bool spans, clock_answer_fn *, void *arg) MUST_USE;

/* What a revision would do to the tickets that are open, without doing it. */
enum sla_apply_to { APPLY_NEW, APPLY_FORWARD, APPLY_RETROACTIVE };
struct clock_preview {
	uint64_t done, total; /* tickets */
	uint64_t clocks;      /* running or paused, before */
	uint64_t breached,
	    unbreached; /* clocks that would be, would no longer */
	uint64_t earlier, later, added, dropped; /* of dues, of clocks */
};
/* Told after each page; the last time with `end', or with an error. */
typedef void clock_preview_fn(
    void *arg, enum err, const struct clock_preview *, bool end);
enum err clockwork_preview(struct clockwork *, const struct sla_revision *,
    enum sla_apply_to, int64_t now, clock_preview_fn *, void *arg) MUST_USE;
/* Who asked is gone. */
void clockwork_preview_forget(struct clockwork *, void *arg);

struct clockwork_stats {
	uint64_t evaluated, written, fired, retracted, lost_races;
	int64_t lateness_us; /* of the last that fired by time */
	uint32_t revision;
	bool behind;
};
void clockwork_stats(const struct clockwork *, struct clockwork_stats *);

#endif
