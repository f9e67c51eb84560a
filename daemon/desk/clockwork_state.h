/*
 * clockwork_state.h - the clockwork's insides, for clockwork*.c only.
 *
 * clockwork.c decides what is done next, clockwork_look.c which tickets make a
 * page, clockwork_read.c turns rows into histories and stored clocks,
 * clockwork_page.c takes a page from reading to its commit, clockwork_write.c
 * turns an evaluation into rows, clockwork_resume.c writes waits' ends down,
 * clockwork_bad.c remembers whom to leave alone, clockwork_revisions.c keeps
 * the book, clockwork_learn.c the forecast, clockwork_ask.c and
 * clockwork_preview.c answer people.
 */
#ifndef DESK_CLOCKWORK_STATE_H
#define DESK_CLOCKWORK_STATE_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/id.h"
#include "desk/clockwork.h"
#include "store/ledger.h"

#define PAGE_TICKETS 500 /* marked, and as many that are due */
#define TRIED_MAX (2 * PAGE_TICKETS)
#define WRITER_NODE_BYTES 8 /* of a writer: the same for all of a node */

/* One of these at a time. */
enum clockwork_phase {
	PHASE_IDLE,
	PHASE_REVISIONS,
	PHASE_LOOK, /* what is marked, what is due */
	PHASE_PAGE, /* read, evaluated, committed */
	PHASE_JOB   /* a revision goes on to the next tickets */
};

/* What is to be done when it is idle, in this order. */
enum {
	WANT_REVISIONS = 1,
	WANT_TODO = 2,
	WANT_DUE = 4,
	WANT_JOB = 8,
	WANT_ALL = 15
};

/* Whose clock a row is of. */
struct clock_key {
	enum sla_metric metric;
	enum sla_agreement agreement;
	struct str holder;
	uint32_t cycle;
};

struct stored_clock {
	struct clock_key key;
	uint32_t generation, revision;
	enum sla_stage stage;
	enum sla_outcome outcome;
	struct str policy, calendar;
	int64_t started_at, stopped_at, goal_us, due_at, breached_at;
	bool found; /* in the evaluation too */
};
struct stored_event {
	struct clock_key key;
	unsigned percent;
	bool retracted;
};

/* A ticket as the ledger has it. */
struct ticket_read {
	struct sla_history history;
	uint32_t eval, as_of;
	int64_t evaluated_at;
	unsigned n_clocks, n_events;
	struct stored_clock *clocks;
	struct stored_event *events;
};

/* What an evaluation comes to. */
struct ticket_rows {
	struct sla_ticket_row ticket;
	unsigned n_clocks, n_events;
	struct sla_clock_row *clocks;
	struct sla_event_row *events;
	struct clock_notice *notices; /* one an event */
	size_t bytes;                 /* about, in a unit */
	int64_t lateness_us; /* of the last that time has brought, or -1 */
};

struct page_ticket {
	uint64_t ticket;
	unsigned first_mark, n_marks; /* of the page's, in order */
	struct ticket_read read;
	struct sla_result result;
	struct ticket_rows rows;
	int64_t now; /* evaluated at */
	bool left;   /* not written this time */
};
struct page_mark {
	uint64_t ticket, todo; /* todo 0: due, not marked */
};
struct page_unit { /* under way */
	struct clockwork *clockwork;
	unsigned first, n;
};
struct page {
	struct page_mark *marks;
	unsigned n_marks, n_tickets, n_units, at, n_reads;
	struct page_ticket *tickets;
	bool failed, full, todo, due;
};

/* Left alone for a while, or written in a unit of its own. */
struct bad_ticket {
	uint64_t ticket;
	uint64_t until; /* sweeps */
	unsigned tries;
	bool alone;
	UT_hash_handle hh;
};

/* A ticket of the page before this, and how often it has come in a row. */
struct tried {
	uint64_t ticket, last_todo;
	uint32_t eval;
	unsigned times;
};

/* Units given and not evaluated yet: to the end of which, and how far domain
 * time may go before they are. */
struct given {
	uint64_t up_to;
	int64_t limit;
};

/* Marks of this node up to `floor' are done.  `next' will be it when a look has
 * been answered for which all units had been committed that were given before
 * `next' was seen: those may still have brought lower ones. */
struct todo_floor {
	uint64_t floor, next, given;
	uint64_t seen;      /* the highest of any answer */
	uint64_t committed; /* units, when it was asked */
	bool all;           /* the next look is for everything */
};

struct preview;

struct clockwork {
	struct clockwork_options options;
	char *node;
	struct id writer;
	struct sla_book *book;
	struct forecast *forecast;
	uint32_t revision_seen; /* read, whether it stands or not */

	int64_t now;
	bool up, fresh, in_use;
	enum clockwork_phase phase;
	unsigned want;
	struct arena *arena; /* of what is under way */

	/* looking */
	uint64_t last_todo[2]; /* at the last sweeps, older first */
	bool asked_last;
	struct todo_floor marks;
	unsigned passed_todo, passed_due; /* rows left alone, last time */
	unsigned look_waits;
	bool look_failed;
	int64_t due_at; /* when time has something to do next */
	struct page page;
	unsigned page_size;
	struct tried *tried;
	unsigned n_tried;
	struct bad_ticket *bad;
	uint64_t sweeps;

	/* how far domain time may go */
	uint64_t n_given, n_committed;
	struct given given[2]; /* looked for first, gathered */
	int64_t changed[2];    /* looked for, gathered */
	int64_t due_limit, up_limit, learn_limit;

	int64_t learn_at;
	struct preview *previews;
	struct clockwork_stats stats;
};

static inline int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline bool
key_eq(const struct clock_key *a, const struct clock_key *b)
{
	return a->metric == b->metric && a->agreement == b->agreement &&
	       a->cycle == b->cycle && str_eq(a->holder, b->holder);
}

/* ---- clockwork.c */
/* What was under way has ended: on to the next. */
void clockwork_next(struct clockwork *);
enum err clockwork_query(struct clockwork *, enum ledger_query, unsigned n,
    const struct str *args, ledger_rows_fn *, void *arg) MUST_USE;

/* ---- clockwork_look.c */
void clockwork_look(struct clockwork *);
void clockwork_ask_last(struct clockwork *);

/* ---- clockwork_page.c: the marks are gathered, by ticket */
void clockwork_page(struct clockwork *);
/* After what had to be written first is. */
void clockwork_page_write(struct clockwork *);

/* ---- clockwork_resume.c */
/* The page's next wait that has ended; false: none any more. */
bool clockwork_resume(struct clockwork *);

/* ---- clockwork_read.c */
/* "{1,2}" in the arena; p == NULL: no memory. */
struct str read_ids(struct arena *, const uint64_t *ids, unsigned n);
/* The ticket whose history begins at row *i, which moves behind it. */
enum err read_history(const struct ledger_rows *, unsigned *i, struct arena *,
    struct ticket_read *) MUST_USE;
/* Its stored clocks and events: rows of this ticket from *i on. */
enum err read_clocks(const struct ledger_rows *, unsigned *i, struct arena *,
    struct ticket_read *) MUST_USE;
enum err read_events(const struct ledger_rows *, unsigned *i, struct arena *,
    struct ticket_read *) MUST_USE;
uint64_t read_ticket(const struct ledger_rows *, unsigned i);

/* ---- clockwork_write.c */
/* Everything is the arena's, the book's or the history's.  ERR_NOMEM. */
enum err write_rows(struct clockwork *, struct ticket_read *,
    const struct sla_result *, int64_t now, struct arena *,
    struct ticket_rows *) MUST_USE;
/* ERR_NOMEM, ERR_BAD_FIELD: the unit is spoilt. */
enum err write_put(struct ledger_unit *, const struct ticket_rows *,
    const struct page_mark *, unsigned n_marks) MUST_USE;

/* ---- clockwork_bad.c */
bool bad_is(const struct clockwork *, uint64_t ticket);
bool bad_is_alone(const struct clockwork *, uint64_t ticket);
void bad_add(struct clockwork *, uint64_t ticket, const char *why);
void bad_suspect(struct clockwork *, uint64_t ticket);
void bad_clear(struct clockwork *, uint64_t ticket);
void bad_fini(struct clockwork *);

/* ---- clockwork_revisions.c */
void clockwork_revisions(struct clockwork *);
/* Whose policies count for the ticket; NULL: none. */
const struct sla_revision *revision_of(const struct sla_book *,
    const struct sla_history *, const struct sla_result *, int64_t now);

/* ---- clockwork_learn.c */
void clockwork_learn(struct clockwork *);
/* Parts in a million, -1: not known. */
int32_t clock_risk(const struct clockwork *, const struct sla_result *,
    const struct sla_clock *);

/* ---- clockwork_preview.c */
void preview_fini(struct clockwork *);

#endif
