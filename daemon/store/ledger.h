/*
 * ledger.h - what must never be lost: rows for PostgreSQL, and questions to it.
 *
 * A unit is the rows that one event or one action causes: committed whole or
 * not at all.  Units are committed in groups, in the order in which they were
 * given; `done' of a unit runs after its transaction has committed (ERR_OK),
 * or after the unit, found alone to be what PostgreSQL will not take, has been
 * put into quarantine (ERR_QUARANTINED).  It never fails otherwise: a lost
 * connection means "unknown", so the group is sent again; every row has a key
 * that makes a repeat harmless.
 *
 * Rows are facts.  A call's row is folded: what is set stays (times, numbers),
 * what changes (state, queue, agent) follows the highest `seq', so that a late
 * unit never undoes a newer one, in this process or in another.
 *
 * Two implementations: pg.c, and a recorder for tests of the desk
 * (test/support/fake_ledger.c).
 *
 * Threading: the loop's thread; libpq never blocks it.  `done' never runs from
 * inside the call that started it.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

struct event_base;

/* ---- rows; text is copied by ledger_put_*, words (const char *) are not: they
 * are the program's own; 0, none and empty are NULL.  ledger_put_* answers
 * ERR_BAD_FIELD to a row without its key: a call's id, switch_id, switch_call
 * and state; an event's call_id and kind; an offer's and a ticket's id; and so
 * on. ---- */

struct call_row {
	struct id id;
	uint32_t switch_id;
	uint64_t epoch;
	struct str switch_call;
	uint32_t seq; /* of the event that says so */
	/* latest seq wins */
	const char *state; /* offered queued delivered established held ended */
	uint64_t version;
	uint32_t queue_id, agent_id;
	/* the first that is set stays */
	struct str caller, caller_e164, caller_name, called, menu;
	uint32_t priority;
	int64_t offered_at, queued_at, delivered_at, established_at, ended_at;
	const char *end_cause, *end_party;
	struct id related_call;
	const char *relation;
	struct str placed; /* its first place: sql/0006 */
};

struct call_event_row {
	struct id call_id;
	uint32_t seq;
	const char *kind;
	int64_t occurred_at, received_at;
	uint64_t stream_seq, version;
	struct str device;
	const char *cause, *party;
	struct str data;   /* JSON object, or empty */
	uint64_t digest;   /* of the event's content as it came */
	const char *flag;  /* NULL, "gap", "late", "unknown_call" */
	bool maybe_repeat; /* compare digests: a difference is ERR_CONFLICT */
};

/* First as made, again as ended: the two fold into one row. */
struct offer_row {
	uint64_t id;
	struct id call_id, work_id; /* of the one or the other */
	uint32_t agent_id, queue_id, attempt;
	int64_t offered_at, shown_at, ended_at;
	const char *reason; /* as OfferEndReason, lower case; NULL: open */
	struct str why;     /* this agent: sql/0006 */
};

/* What was decided about a call after its first place. */
struct decision_row {
	struct id call_id;
	uint64_t seq;
	int64_t at;
	const char *kind;
	struct str detail; /* JSON object: sql/0006 */
};

/*
 * A ticket by its own id, or, where `call_id' is set, the one ticket of that
 * call, whatever its id turned out to be (ids of repeats are burnt).
 * The row opens the ticket if it is not there and folds into it if it is:
 * `status', `owner_id', kind, category, resolved_at and closed_at follow the
 * highest `rev'; dissatisfied, once true, stays; of the rest the first stays.
 */
struct ticket_row {
	uint64_t id; /* serial; the number is this and a check digit */
	struct id call_id;
	uint32_t rev;       /* of this change, counted per ticket from 1 */
	const char *kind;   /* as TicketKind, lower case; NULL: unchanged */
	const char *status; /* new in_progress resolved closed … NULL: same */
	struct str subject, category;
	struct str caller, caller_e164; /* finds or makes the customer */
	uint32_t queue_id, owner_id;
	int64_t opened_at, resolved_at, closed_at;
	bool dissatisfied;
};

/* Append only.  `key' makes a repeat harmless: an operation's id, or a digest
 * of (call, what happened). */
struct ticket_event_row {
	uint64_t ticket_id; /* or, where call_id is set, that call's ticket */
	struct id call_id;
	struct id key;
	int64_t at;
	const char *kind; /* opened answered note resolved closed … */
	struct str actor; /* a log-in's name, or "system" */
	struct str text;
	bool for_customer;
	/* what it set; 0, NULL, empty: left as it was */
	const char *status, *ticket_kind;
	struct str category;
	uint32_t priority, queue_id, owner_id;
	int64_t until_at;
};

/* What became of an attempt to call somebody (sql: dial): its call, or why it
 * never was one.  The first that is set stays. */
struct dial_row {
	uint64_t order_id;
	struct id call_id;
	const char *outcome; /* device_busy no_device refused not_connected
				device_failed agent_gone unknown */
};

/*
 * An item of work that a call leaves behind (sql: work), once a call, whatever
 * comes again.  What is not said (queue, number, place) is the call's.  Without
 * a number that can be called it is a ticket's; of a number that is to be called
 * already there is none: the first stays.
 */
struct work_row {
	struct id id, call_id;
	const char *kind; /* callback follow_up ticket */
	uint32_t queue_id, site;
	struct str e164;
	int64_t enqueued_at, credit_us, expires_at, every_us;
	uint64_t arrival;
	uint32_t max_attempts;
	struct str node; /* whose memory has it; empty: nobody's yet */
};

struct agent_state_row {
	uint32_t agent_id;
	int64_t since;
	uint32_t seq;      /* orders what happens in one microsecond */
	const char *state; /* null not_ready ready reserved busy
			       working_after_call */
	struct str reason;
	struct id call_id;
	struct str device;
	struct str source; /* agent supervisor timer connection system */
};

struct audit_row {
	struct id key;
	int64_t at;
	struct str actor, action, object, detail;
};

/*
 * A ticket's clocks, computed anew (desk/clockwork.h).  All rows of one
 * evaluation are of one unit and name it by (ticket_id, eval, writer): they
 * have an effect only if `eval' follows the one that stands there, the history
 * has not grown past `as_of' and no revision is there that was not known; else
 * all of them have none, and the ticket stays to be done.
 */
struct sla_ticket_row {
	uint64_t ticket_id;
	uint32_t eval; /* the one that was read and 1 */
	struct id writer;
	uint32_t as_of;
	uint32_t seen; /* the last revision that was known */
	int64_t evaluated_at, next_at;
	bool open;
	uint32_t risk;     /* parts in a million, 0: none told */
	struct str shares; /* JSON array */
};
struct sla_clock_row {
	uint64_t ticket_id;
	uint32_t eval;
	struct id writer;
	const char *metric, *agreement;
	struct str holder;
	uint32_t cycle, generation, revision;
	struct str policy, calendar;
	const char *stage, *outcome;
	int64_t started_at, stopped_at;
	uint64_t goal_us, elapsed_us;
	int64_t due_at, breached_at;
};
struct sla_event_row {
	uint64_t ticket_id;
	uint32_t eval;
	struct id writer;
	const char *metric, *agreement;
	struct str holder;
	uint32_t cycle, generation;
	const char *kind; /* threshold breach threshold_retracted
	                     breach_retracted */
	uint32_t percent;
	int64_t at, detected_at;
	bool by_change;
	int64_t due_at;
	struct str policy, notify;
	uint32_t raise;
	struct str to_queue;
	uint32_t risk;
};
/* A mark of sla_todo that this evaluation has dealt with. */
struct sla_done_row {
	uint64_t todo, ticket_id;
	uint32_t eval;
	struct id writer;
};

struct ledger_unit;
struct ledger;

/* ERR_OK, ERR_QUARANTINED, or ERR_CONFLICT: committed, but an event row stood
 * there already with another digest (the first wins; audited). */
typedef void ledger_done_fn(void *arg, enum err);

/* A page of rows as text; valid during `done' only. */
struct ledger_rows {
	unsigned n, n_columns;
	const struct str *cells; /* n * n_columns; p == NULL is NULL */
};
typedef void ledger_rows_fn(void *arg, enum err, const struct ledger_rows *);

/* Each is one prepared statement, named alike; arguments are text. */
enum ledger_query {
	LQ_NONE,
	LQ_CONFIG_SKILLS,  /* -> id name */
	LQ_CONFIG_QUEUES,  /* -> id name skills ring_us wrap_up_us
			       priority_credit_us stay_ready short_us rules
			       (skills: "id=level,id=level") */
	LQ_CONFIG_AGENTS,  /* -> id name display_name screen_first queues skills
			       tiers weights rank work_items (queues: "id,id";
			       tiers, weights: "id=n", those above 1) */
	LQ_CONFIG_DEVICES, /* -> name switch_id */
	LQ_CONFIG_NUMBERS, /* -> called menu queue_id */
	LQ_CONFIG_SWITCHES,  /* -> id name */
	LQ_SWITCH_ADD,       /* name -> id (the one it has, or a new one) */
	LQ_LOGINS,           /* -> name role secret agent_id switch disabled
			       tokens_from(us) */
	LQ_STREAM_COMMITTED, /* switch_id epoch -> highest stream_seq */
	LQ_CALLS_BY_NAME,    /* switch_id epoch {names} -> switch_call last_seq
			       state queue_id agent_id priority offered_at
			       queued_at established_at ended_at ticket_id
			       ticket_rev caller called menu n_offers
			       relation dial_ticket
			       (only those known) */
	LQ_CALLS_LIVE,       /* switch_id -> as LQ_CALLS_BY_NAME up to n_offers,
			       and epoch */
	LQ_OFFERS_OPEN, /* node before_id -> id (of that node's offers without
	       an end, and of those that name none) */
	LQ_AGENTS_LEFT, /* node -> id (of agents whose last state is not null,
	       and that node's, or nobody's) */
	LQ_NODE_ALIVE,  /* node -> config_revision; the node is seen now */
	LQ_STORY,       /* caller_e164 caller -> one row a contact or ticket:
			       what(customer contact ticket) at text ticket_id
			       kind(customer: its grade) status agent n
			       (customer: its contacts, at most 1,000) */
	/* What is known of a caller before a call: caller_e164 caller call(hex)
	 * at(us) -> grade account_manager owner owner_ticket last_agent
	 * last_agent_at breached last_call_at, and of the last call if it was
	 * abandoned: queue_id queued_at ended_at.  No row: nobody we know */
	LQ_CALLER_FACTS,
	LQ_AGENT_FIGURES, /* agent_id from_us -> calls talk_us */
	LQ_TICKET,        /* id -> id kind status subject customer caller queue
			       owner opened_at resolved_at closed_at category
			       dissatisfied call_id priority escalation
			       seq(its history's last) */
	LQ_TICKET_EVENTS, /* id after_seq -> seq at kind actor text */
	LQ_TICKET_OF_KEY, /* an event's key, hex -> ticket_id */
	LQ_TICKETS,       /* {status or ''} {owner or ''} {caller or ''}
			       before_id limit -> id kind status subject caller
			       queue owner opened_at closed_at */
	LQ_DAY,           /* from_us to_us -> queue_id offered answered
			       abandoned short overflowed timed_out refused
			       called_back withdrawn lost waiting sum_wait_us
			       within_15 within_20 within_30 sum_talk_us tickets:
			       one row a queue, from view call_outcome */
	/* one ticket's change by a person, decided there (sql: ticket_change):
	 * key ticket expect {from statuses} kind at(us) actor note for_customer
	 * status ticket_kind category priority queue owner until(us) ->
	 * outcome seq status owner_id */
	LQ_TICKET_CHANGE,
	LQ_CLOCKS, /* limit -> ticket_id metric agreement stage due_at
	       breached_at policy queue owner subject: what is open, first due
	       first */
	/* One more attempt to call somebody about a ticket, decided there (sql:
	 * dial_decide): op ticket number relation agent actor order_id
	 * switch_id device at(us) -> outcome attempt e164 show queue_id detail
	 * n until(us) */
	LQ_DIAL,
	LQ_DIALS_OPEN,   /* switch_id -> order_id (no call, no outcome) */
	LQ_DIAL_OF_OP,   /* op -> ticket_id state e164; no row: not committed */
	LQ_DIAL_OF_CALL, /* call, hex -> ticket_id; no row: not dialled */
	LQ_DIALS, /* ticket_id(0: any) from_us to_us before_id limit -> id at
	       ticket_id attempt e164 agent relation state reached_at ended_at,
	       newest first */
	LQ_DO_NOT_CALL,     /* number(or '') at(us) before_id limit -> id number
	       reason until added_at actor (in force), newest first */
	LQ_DO_NOT_CALL_SET, /* op number reason until(us, 0: for good) remove
	       actor at(us) -> outcome: done repeat missing */
	LQ_WHY_CALL,  /* word(id, switch's name for it, or '') agent(whose last
	       one, or '') -> id switch name state queue agent caller priority
	       offered_at queued_at delivered_at established_at ended_at cause
	       party */
	LQ_DECISIONS, /* call, hex offset limit -> at kind queue from_queue agent
	       skills tier neighbours terms strategy score via ready logged_in
	       rule actor ended_at reason seq, in order */
	LQ_WHY_NOT,   /* call, hex agent at(us) offset limit -> from_at to_at
	       rule what who has needs (sql: why_not) */
	LQ_AGENT_STATES,   /* agent from_us to_us offset limit -> since state
	       reason call device source seq: from the one at `from' on */
	LQ_QUEUE_DOORS,    /* -> queue_id seq door since(us) actor */
	LQ_QUEUE_DOOR_SET, /* op queue door expect actor at(us) -> outcome seq
	       was door (sql: queue_door_set) */
	/* Work without a call (sql: work).  One item taken, decided there
	 * (work_take): item attempt agent actor node at(us) -> outcome rev attempt
	 * ticket_id e164 op(hex): of the attempt to call */
	LQ_WORK_TAKE,
	/* what became of it (work_outcome): item attempt rule until(us, 0) at(us)
	 * -> outcome(done open repeat) rev state attempt not_before */
	LQ_WORK_OUTCOME,
	LQ_WORK_CLOSE, /* item agent(0: its time is over) at(us) -> outcome(done
	       repeat missing not_yours refused) rev state */
	/* What this node holds and has not heard of (work_hold): node {dead nodes}
	 * {items heard} {their revs} {"queue/site"} {agents} let_go fresh limit ->
	 * id kind ticket_id call_id queue_id site e164 enqueued_at arrival
	 * credit_us not_before expires_at attempt state agent_id rev subject,
	 * first enqueued first */
	LQ_WORK_HOLD,
	LQ_WORK_NODES,   /* node -> node seen_at (the others') */
	LQ_WORK_LIST,    /* queue(or '') offset limit -> enqueued_at id
	       kind ticket_id queue e164 attempt tries max_attempts state
	       not_before expires_at agent why (waiting, taken), in order */
	LQ_CUSTOMER_SET, /* op number name grade agent (each '': unchanged, "-":
	       none) actor at(us) -> outcome: done repeat no_agent */
	LQ_CUSTOMERS, /* number(or '') before_id limit -> id number name grade
	       account_manager since, newest first */
	LQ_CONFIG_DIALLING, /* -> allow refuse("+86 +861") per_day show; no
	       row: not configured */
	LQ_CONFIG_REASONS,  /* -> name paid limit_us */
	/* The clocks' own, on a connection of their own.  {ids}: "{1,2}" */
	LQ_SLA_REVISIONS, /* after_id -> id at apply_to actor */
	LQ_SLA_CALENDARS, /* after_id -> revision name spec */
	LQ_SLA_POLICIES,  /* after_id -> revision name spec, in order */
	LQ_SLA_QUEUES,    /* after_id -> revision queue calendar */
	LQ_SLA_TODO,      /* node old_id limit above_id -> id ticket_id (that
	       node's, and everybody's up to old_id), in order */
	LQ_SLA_TODO_LAST, /* -> highest id, 0: none */
	LQ_SLA_DUE,     /* limit -> ticket_id next_at writer, earliest first */
	LQ_SLA_HISTORY, /* {ids} -> ticket_id eval seq at kind for_customer
	       status owner_id queue ticket_kind category priority until_at
	       revision contact_at(the call's offer) channel evaluated_at, by
	       ticket, seq */
	LQ_SLA_CLOCKS,  /* {ids} -> ticket_id metric agreement holder cycle
	       generation revision policy calendar stage outcome started_at
	       stopped_at goal_us due_at breached_at, by ticket */
	LQ_SLA_EVENTS,  /* {ids} -> ticket_id metric agreement holder cycle
	       generation kind percent, by ticket, generation */
	LQ_SLA_OPEN,    /* after_id limit -> ticket_id (0 0: how many) */
	LQ_SLA_JOB,     /* page at(us) -> revision done total ended */
	LQ_SLA_JOBS,    /* -> revision apply_to at actor done total ended_at */
	LQ_SLA_WORK,    /* since(us) -> category n {21 quantiles of elapsed_us
	       of the newest resolutions}; category '' is all */
	LQ_CALIBRATION, /* -> bin n told_ppm seen_ppm */
	LQ_NQUERIES
};

/* A configuration, applied in one transaction; what is left out is removed
 * from service (`retired'), never deleted: history points at it. */
struct config_skill {
	struct str name;
};
struct config_level {
	struct str skill;
	uint32_t level;
};
struct config_queue {
	struct str name;
	unsigned n_skills;
	const struct config_level *skills;
	int64_t ring_us, wrap_up_us, priority_credit_us, short_us;
	bool stay_ready;
	struct str calendar; /* of its tickets' clocks, or empty */
	struct str rules;    /* as text (routing/rules.h); empty: the preset */
};
struct config_agent {
	struct str name, display_name;
	bool screen_first;
	unsigned n_queues, n_skills;
	const struct str *queues;
	const struct config_level *skills;
	const uint32_t *tiers, *weights; /* as queues; NULL: all 1 */
	uint32_t work_items;
};
struct config_device {
	struct str name, switch_name;
};
struct config_number {
	struct str called, menu, queue;
};
/* Why agents are not ready. */
struct config_reason {
	struct str name;
	bool paid;
	int64_t limit_us; /* 0: none */
};
/* A calendar or a policy; `spec' is its line of text (sla/). */
struct config_spec {
	struct str name, spec;
};
/* Whom agents may call; prefixes are E.164 with their plus. */
struct config_dialling {
	unsigned n_allow, n_refuse;
	const struct str *allow, *refuse;
	uint32_t per_day; /* within 24 hours to one number; 0: no limit */
	struct str show;  /* to those who are called, or empty */
};
/* Calendars, policies in their order and queues' calendars are a revision: one
 * that differs from the last is added whole, as number `revision' + 1, or
 * nothing is applied at all (ERR_CONFLICT) where another was faster.  Agents are
 * ranked as they stand here; with keep_others those that are known keep their
 * rank, new ones come last. */
struct config {
	unsigned n_skills, n_queues, n_agents, n_devices, n_numbers;
	const struct config_skill *skills;
	const struct config_queue *queues;
	const struct config_agent *agents;
	const struct config_device *devices;
	const struct config_number *numbers;
	unsigned n_reasons;
	const struct config_reason *reasons;
	unsigned n_calendars, n_policies;
	const struct config_spec *calendars;
	const struct config_spec *policies; /* none, keep_others: as before */
	const struct config_dialling *dialling; /* NULL: nobody is called, or
						   as before */
	const char *apply_to; /* new (NULL) forward retroactive */
	uint32_t revision;    /* the last one, which this was checked against */
	bool keep_others;
	struct id op;     /* for the audit; none: a random one */
	struct str actor; /* empty: system */
	int64_t now;      /* 0: the system's time */
};

/* A log-in made or changed; `secret' is a password's hash, empty: unchanged. */
struct login_change {
	struct str name, role, secret, switch_name;
	bool create, disable, enable;
	int64_t
	    now; /* tokens from before are void when secret or use changes */
	struct id op;
	struct str actor;
};

enum ledger_lease { LEASE_TICKET, LEASE_GENERATION, LEASE_ARRIVAL };

struct ledger_stats {
	uint64_t units, rows, commits, retries, quarantined, reconnects;
	uint64_t backlog_units, backlog_bytes;
	int64_t oldest_us; /* loop time the oldest unit has waited */
	bool connected;
};

struct ledger_ops {
	const char *name;
	void (*commit)(
	    struct ledger *, struct ledger_unit *, ledger_done_fn *, void *arg);
	/* Reads never queue behind writes.  ERR_IO: not connected; `done' will
	 * not run.  A read whose connection is lost is told ERR_IO. */
	enum err (*query)(struct ledger *, enum ledger_query, unsigned n,
	    const struct str *args, ledger_rows_fn *, void *arg);
	enum err (*apply)(struct ledger *, const struct config *,
	    ledger_done_fn *, void *arg);
	enum err (*login_change)(struct ledger *, const struct login_change *,
	    ledger_done_fn *, void *arg);
	/* The next number of a block leased ahead; works without PostgreSQL
	 * until the blocks are used up: then ERR_BUSY. */
	enum err (*lease)(struct ledger *, enum ledger_lease, uint64_t *out);
	void (*stats)(const struct ledger *, struct ledger_stats *);
	/* Flush what is given, at most `ms' of loop time, then forget. */
	void (*free)(struct ledger *, int ms);
};

struct ledger {
	const struct ledger_ops *ops;
	struct unit_spares *spares; /* of its units; NULL: keeps none */
};

/* Many names as the one argument {names} of a query, quoted as PostgreSQL
 * writes arrays; the caller frees it.  NULL: no memory. */
char *ledger_names(const struct str *, unsigned n) MUST_USE;
/* A cell that is a number; NULL is 0. */
int64_t ledger_number(struct str cell);

/* NULL: no memory.  A unit that is not committed is dropped by unit_free. */
struct ledger_unit *ledger_unit_new(struct ledger *);
void ledger_unit_free(struct ledger_unit **);
/* The kind of the last event of a ticket in it; NULL: it tells of none. */
const char *ledger_unit_history(const struct ledger_unit *);
/* Without the rows that the switch can tell again (its events, its calls):
 * those are asked for later.  False: nothing is left. */
bool ledger_unit_drop_events(struct ledger_unit *);

enum err ledger_put_call(
    struct ledger_unit *, const struct call_row *) MUST_USE;
enum err ledger_put_call_event(
    struct ledger_unit *, const struct call_event_row *) MUST_USE;
enum err ledger_put_offer(
    struct ledger_unit *, const struct offer_row *) MUST_USE;
enum err ledger_put_decision(
    struct ledger_unit *, const struct decision_row *) MUST_USE;
enum err ledger_put_ticket(
    struct ledger_unit *, const struct ticket_row *) MUST_USE;
enum err ledger_put_ticket_event(
    struct ledger_unit *, const struct ticket_event_row *) MUST_USE;
enum err ledger_put_dial(
    struct ledger_unit *, const struct dial_row *) MUST_USE;
enum err ledger_put_work(
    struct ledger_unit *, const struct work_row *) MUST_USE;
enum err ledger_put_agent_state(
    struct ledger_unit *, const struct agent_state_row *) MUST_USE;
enum err ledger_put_audit(
    struct ledger_unit *, const struct audit_row *) MUST_USE;
enum err ledger_put_sla_ticket(
    struct ledger_unit *, const struct sla_ticket_row *) MUST_USE;
enum err ledger_put_sla_clock(
    struct ledger_unit *, const struct sla_clock_row *) MUST_USE;
enum err ledger_put_sla_event(
    struct ledger_unit *, const struct sla_event_row *) MUST_USE;
enum err ledger_put_sla_done(
    struct ledger_unit *, const struct sla_done_row *) MUST_USE;

/* Takes the unit and clears the pointer.  `done' may be NULL. */
void ledger_commit(
    struct ledger *, struct ledger_unit **, ledger_done_fn *, void *arg);

/* A zero stands for the figure beside it. */
struct pg_options {
	const char *conninfo;  /* the daemon's role */
	int64_t batch_us;      /* a group closes at this age … 1000 */
	unsigned batch_units;  /* … or at so many units, 512 */
	unsigned batches;      /* groups in flight, 2 */
	uint64_t ticket_block; /* numbers leased at a time, 10,000 */
	bool test_unsafe;      /* fsync=off will do: for tests only */
	const char *node;      /* this process's name among others, "" */
};

struct pg_events {
	void (*up)(void *arg); /* the schema fits; reads and writes flow */
	void (*lost)(void *arg, const char *why);
	void *arg;
};

enum err pg_ledger_new(struct event_base *, const struct pg_options *,
    const struct pg_events *, struct ledger **out) MUST_USE;

/*
 * Bring the schema up to date: sql/NNNN_*.sql from `directory', each in one
 * transaction, under an advisory lock, with the owner's connection.  Blocks.
 * Says each step on `out'; ERR_CONFIG: a file has changed since it was
 * applied, or the database is newer than this program.
 */
enum err pg_migrate(const char *conninfo, const char *directory,
    void *out /* FILE * */) MUST_USE;

#endif
