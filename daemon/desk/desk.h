/*
 * desk.h - the whole domain, as the sessions see it.
 *
 * The desk knows calls, agents, queues and tickets; it has no sockets, no SQL
 * and no clock: what happens comes in with `now' (domain time, microseconds
 * UTC), what follows goes out as rows to the ledger, commands to the ACD, and
 * news to the sessions.  It decides everything and waits for nothing.
 *
 * Handles: a `struct desk_switch' stands for one attached bridge, an agent is
 * its id.  Both stay valid until detached or gone.
 *
 * Ownership: text in arguments is the caller's and copied where kept; text in
 * news is the desk's and valid during the call only.
 *
 * Threading: the loop's thread.  News is never given from inside an acd or
 * ledger send, but may come from inside any desk_* call.
 */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "desk/desk_words.h"
#include "desk/desk_work.h"
#include "desk/ticket_state.h"

struct acd;
struct clockwork;
struct desk;
struct desk_switch;
struct ledger;
struct config;

/* -------------------------------------------------- from and to switches */

struct pair {
	struct str key, value;
};
#define CALL_PAIRS_MAX 32

struct call_event {
	struct str call;
	uint64_t stream_seq, version;
	uint32_t call_seq;
	int64_t occurred_at;
	enum call_event_kind kind;
	struct str caller, caller_name, called, menu, device;
	uint32_t priority;
	enum cause cause;
	enum party party;
	uint64_t order_id;
	struct str related_call;
	enum relation relation;
	struct str data;          /* JSON object, or empty */
	const struct pair *pairs; /* the same */
	unsigned n_pairs;
	uint64_t digest; /* of the event as it came, less stream_seq, resent */
	bool resent;
};

struct live_call {
	struct str call;
	uint64_t version;
	uint32_t call_seq;
	enum call_event_kind kind;
	struct str device, caller, caller_name, called, menu;
	uint32_t priority;
	int64_t offered_at, queued_at, established_at;
	struct str related_call;
	enum relation relation;
};

struct known_call {
	struct str call;
	uint32_t committed_call_seq;
	bool ended;
};

struct order {
	uint64_t order_id, version;
	struct str call;
	enum order_kind kind;
	struct str device, number, show;
	bool to_device; /* CONSULT: `number' is one of the call's switch */
	struct str related_call;
	enum relation relation;
	bool auto_answer;
	enum cause cause;
	int64_t ring_us;
	/* ANNOUNCE: the place (1: next); the wait from here on, 0: not known */
	uint32_t position;
	int64_t wait_low_us, wait_high_us;
};

struct order_result {
	uint64_t order_id, version;
	enum err err; /* OK STALE NOT_FOUND BUSY NO_DEVICE REFUSED */
	enum call_event_kind kind;
};

/* ------------------------------------------------------ to agents: news */

struct offer_news {
	uint64_t offer;
	struct id call;
	struct str queue, caller, caller_name, called, menu;
	uint32_t priority, attempt;
	int64_t enqueued_at, offered_at, deadline_at;
	uint64_t ticket; /* the number read out, 0: not yet */
	bool screen_first, can_answer;
	struct str why;
	const struct pair *data; /* what the switch collected */
	unsigned n_data;
	/* Work without a call: `call' is none, and Accept takes it. */
	enum work_kind work_kind;
	struct id work;
	struct str number, subject; /* to be called; the ticket's */
};

/* What has become of a call that an agent is in. */
struct call_news {
	struct id call, related; /* related: none, or the call it is about */
	enum call_event_kind kind;
	int64_t at;
	enum cause cause;
	uint64_t ticket;
	unsigned can; /* ORDER_BITs: what this agent may ask for now */
	enum relation relation;
	struct str number; /* the other end, where no offer told it */
};

struct story_contact {
	int64_t at;
	struct str summary, agent;
	uint64_t ticket;
};

struct story_ticket {
	uint64_t number;
	enum ticket_kind kind;
	struct str status, subject, owner;
	int64_t opened_at;
};

struct story_news {
	uint64_t offer;
	struct id call;
	struct str customer, grade;
	unsigned n_total, n_contacts, n_open;
	const struct story_contact *contacts;
	const struct story_ticket *open;
	uint64_t ticket;
};

struct agent_news {
	enum agent_state state, pending;
	struct str reason, pending_reason;
	/* until: the state ends by itself; limit_at: its reason may take so
	 * long.  0: neither. */
	int64_t since, until, limit_at;
};

/* What the desk tells; main connects it to the sessions.  Every function is
 * set.  `op' is the operation whose rows are now committed. */
struct desk_news {
	void (*offer)(void *, uint32_t agent, const struct offer_news *);
	void (*story)(void *, uint32_t agent, const struct story_news *);
	void (*offer_ended)(
	    void *, uint32_t agent, uint64_t offer, enum offer_end);
	void (*agent)(void *, uint32_t agent, const struct agent_news *);
	void (*call)(void *, uint32_t agent, const struct call_news *);
	void (*work)(void *, uint32_t agent, const struct work_news *);
	void (*taken_over)(void *, uint32_t agent); /* close the old session */
	void (*saved)(void *, void *peer, const struct id *op);

	void (*order)(void *, struct desk_switch *, const struct order *);
	/* Every event up to this one is committed or quarantined. */
	void (*committed)(void *, struct desk_switch *, uint64_t up_to);
	void (*nack)(
	    void *, struct desk_switch *, uint64_t stream_seq, enum err);
	void (*resend)(void *, struct desk_switch *, uint64_t from);
	void *arg;
};

struct clock_notice;
struct desk_options {
	const char *country;     /* default country's code, "86" */
	int64_t shown_us;        /* an offer must be confirmed within, 500 ms */
	uint64_t backlog_bytes;  /* over this the ledger holds no more events */
	uint64_t live_calls_max; /* over this Offered is refused, 200,000 */
	const char *node;        /* as the ledger's, NULL: "" */
	uint64_t seed;           /* of what is left to chance */
	const char *zone_directory; /* NULL: the system's */
	/* Is this other node's lease over?  NULL: nobody knows. */
	bool (*lapsed)(void *, const char *node);
	void *lapsed_arg;
	/* A rung was reached; NULL: nobody hears of it. */
	void (*notice)(void *, const struct clock_notice *);
	void *notice_arg;
};

/* `remote' may be NULL: then all matching is in memory. */
enum err desk_new(const struct desk_options *, const struct desk_news *,
    struct ledger *, struct acd *remote, struct acd *local,
    struct desk **out) MUST_USE;
void desk_free(struct desk **);

/* Main passes the stores' news on. */
void desk_acd_up(struct desk *, int64_t now);
void desk_acd_lost(struct desk *, int64_t now);
void desk_ledger_up(struct desk *, int64_t now);
void desk_ledger_lost(struct desk *);

/* Read the configuration from the ledger; agents and queues that are gone are
 * retired when idle.  `done' gets ERR_IO if the ledger was lost meanwhile. */
typedef void desk_done_fn(void *arg, enum err);
void desk_configure(struct desk *, desk_done_fn *, void *arg);
bool desk_is_configured(const struct desk *);

/* ------------------------------------------------------------------ time */

/* Fire what is due, in order; nothing later than `now'. */
void desk_tick(struct desk *, int64_t now);
/* When desk_tick has something to do; INT64_MAX: never. */
int64_t desk_next_at(const struct desk *);
/* About each second of real time: what other nodes have left undone. */
void desk_sweep(struct desk *, int64_t now);
/* How far driven time may go until the tickets' clocks have caught up. */
int64_t desk_horizon(const struct desk *);
/* Nothing is awaited from the ACD, and no look-up holds up a call. */
bool desk_is_settled(const struct desk *);

/* --------------------------------------------------------------- switches */

/* A newer bridge of the same switch takes over; the older handle goes dead
 * (its calls do nothing).  `switch_id' from LQ_CONFIG_SWITCHES. */
enum err desk_switch_attach(struct desk *, struct str name, uint32_t switch_id,
    uint64_t epoch, int64_t now, struct desk_switch **out) MUST_USE;
/* Said once, behind attach: the orders that it carries out.  Without CONNECT
 * its calls are recorded and not routed. */
void desk_switch_describe(
    struct desk_switch *, unsigned can, struct str driver, int64_t now);
/* Its calls live on: the bridge will be back, here or elsewhere. */
void desk_switch_detach(struct desk *, struct desk_switch **, int64_t now);
struct str desk_switch_name(const struct desk_switch *);
/* Said once, before the snapshot: the spool holds events from `first' to
 * `last' (first > last: none).  They are recorded when they come, not routed. */
void desk_switch_spooled(struct desk_switch *, uint64_t first, uint64_t last);

/* `done' runs once per snapshot frame, in order, with what is committed of the
 * calls named there (live and asked).  On the last frame the counts are set
 * and calls that the switch no longer has are closed as lost by it. */
struct snapshot_result {
	unsigned n;
	const struct known_call *known;
	uint64_t kept, gone, adopted;
};
typedef void desk_snapshot_fn(
    void *arg, enum err, const struct snapshot_result *);
void desk_switch_snapshot(struct desk_switch *, const struct live_call *,
    unsigned n, const struct str *ask, unsigned n_ask, bool last, int64_t now,
    desk_snapshot_fn *done, void *arg);

/*
 * An event.  ERR_BAD_FIELD, ERR_BAD_TEXT…: refused for ever, nothing recorded
 * (the session Nacks it).  ERR_BUSY: acted on, not recorded: Resend follows
 * when the ledger takes more.  Repeats are harmless and committed again.
 */
enum err desk_call_event(
    struct desk_switch *, const struct call_event *, int64_t now) MUST_USE;
/* The session has refused this event for good: it will not come here. */
void desk_event_refused(struct desk_switch *, uint64_t stream_seq, int64_t now);
void desk_order_result(
    struct desk_switch *, const struct order_result *, int64_t now);

/* How the switch and its bridge are: kept for the list. */
struct switch_status {
	struct str version, trouble;
	bool connected, listen_only;
	int64_t since_at, last_event_at;
	uint64_t spool_events, spool_bytes, gaps, torn, unsaved;
};
void desk_switch_status(struct desk_switch *, const struct switch_status *);

/* What became of phones.  `whole' is the first part of a complete list: when
 * its last (not `more') is here, those that were not named are gone. */
struct device_state {
	struct str device;
	bool gone;
};
void desk_switch_devices(struct desk_switch *, const struct device_state *,
    unsigned n, bool whole, bool more, int64_t now);

/* ----------------------------------------------------------------- agents */

/* ERR_NOT_FOUND: no such agent by that name. */
enum err desk_agent_find(
    const struct desk *, struct str name, uint32_t *agent) MUST_USE;
struct str desk_agent_name(const struct desk *, uint32_t agent);

/* `resume' is what the client was: READY, NOT_READY, or NONE for a fresh
 * log-in (not ready).  An agent whose device is in a call is BUSY whatever is
 * asked.  ERR_NO_DEVICE, ERR_DEVICE_TAKEN. */
enum err desk_agent_login(struct desk *, uint32_t agent, struct str device,
    enum agent_state resume, struct str reason, int64_t now) MUST_USE;
/* The session is gone: `wanted' when the agent asked to log off. */
void desk_agent_gone(struct desk *, uint32_t agent, bool wanted, int64_t now);

/* Every action has an operation id; `peer' comes back in news.saved. */
struct desk_action {
	struct id op;
	void *peer;
	uint32_t agent;   /* 0: not an agent's */
	struct str actor; /* the log-in's name */
	int64_t now;
};

/* READY or NOT_READY; ERR_BAD_FIELD: also for a reason that is not good. */
enum err desk_set_state(struct desk *, const struct desk_action *,
    enum agent_state, struct str reason) MUST_USE;
/* Nothing, a word that is configured (any, where none is), or one of our own.
 * Else `wanted' is the nearest that is configured, or all. */
bool desk_reason_is_good(
    const struct desk *, struct str reason, char *wanted, size_t room);
enum err desk_offer_shown(
    struct desk *, const struct desk_action *, uint64_t offer) MUST_USE;
/* Of work it is only asked for: the offer's end says whether it is accepted,
 * or rescinded since another was faster.  ERR_IO: PostgreSQL, which decides it,
 * is away. */
enum err desk_offer_accept(
    struct desk *, const struct desk_action *, uint64_t offer) MUST_USE;
enum err desk_offer_refuse(struct desk *, const struct desk_action *,
    uint64_t offer, struct str reason) MUST_USE;

struct wrap_up {
	struct id call;
	struct str note, category, next_reason;
	enum ticket_kind kind;
	bool solved, dissatisfied;
	enum agent_state next; /* NONE: as asked for while busy, else READY */
};
enum err desk_wrap_up(
    struct desk *, const struct desk_action *, const struct wrap_up *) MUST_USE;
/* More time for it, by the rules of its call's queue.  ERR_REFUSED, `rule': one
 * of state (no wrap-up), open (it does not end by itself), not_allowed,
 * used_up. */
enum err desk_extend_wrap_up(
    struct desk *, const struct desk_action *, const char **rule) MUST_USE;

/* ----------------------------------------------------------- call control */

struct control {
	struct id call; /* none: the one that `agent' has */
	enum order_kind kind;
	struct str number, agent, queue, device;
	struct id related;
};
/* What became of it; texts and words live during the callback. */
struct control_answer {
	enum order_kind kind;
	const char *state; /* the call's; NULL: there is none */
	unsigned can;      /* what whoever asked may ask of it now */
	const char *rule;  /* REFUSED: by this one of dialling, not the state */
	const char *field; /* BAD_FIELD, NOT_FOUND, BUSY: of what ... */
	struct str which; /* ... and which; the device, where it is about one */
};
/*
 * An agent (action.agent) asks something of the own call, a supervisor of any.
 * `done' runs exactly once, perhaps at once: ERR_OK when the switch has taken
 * it; ERR_NOT_FOUND, ERR_FORBIDDEN (not your call), ERR_REFUSED (not in this
 * state, or the switch would not), ERR_BAD_FIELD, ERR_NO_DEVICE,
 * ERR_DEVICE_TAKEN, ERR_BUSY, ERR_TIMEOUT, ERR_IO (the switch is away).  The
 * same operation again is answered as before and has no second effect.
 */
typedef void desk_control_fn(
    void *arg, enum err, const struct control_answer *);
void desk_control(struct desk *, const struct desk_action *,
    const struct control *, desk_control_fn *, void *arg);
/* "hold"; NULL for none. */
const char *desk_order_word(enum order_kind);

/* The session that asked under `peer' is gone: no news.saved to it any more. */
void desk_forget_peer(struct desk *, void *peer);

/* ---------------------------------------------------------------- tickets */

struct ticket_new {
	enum ticket_kind kind;
	struct str subject, caller, queue, note;
};
/* `number' is good at once; committed is told by news.saved.  The caller has
 * asked before, here and in the ledger, whether this is a repeat. */
enum err desk_ticket_new(struct desk *, const struct desk_action *,
    const struct ticket_new *, uint64_t *number) MUST_USE;
/* The number that this operation has got before, 0: none that is remembered.
 * news.saved is owed again. */
uint64_t desk_ticket_again(struct desk *, const struct desk_action *);
/* The ledger knows this operation's ticket. */
void desk_ticket_known(
    struct desk *, const struct desk_action *, uint64_t serial);
/* A serial as the number that is read out (0 for 0), and back: ERR_MISHEARD. */
uint64_t desk_ticket_number(uint64_t serial);
enum err desk_ticket_serial(uint64_t number, uint64_t *serial) MUST_USE;
/* ERR_MISHEARD: the check digit does not fit. */
enum err desk_ticket_note(struct desk *, const struct desk_action *,
    uint64_t number, struct str text, bool for_customer) MUST_USE;

/* What a person does to a ticket, by desk/ticket_state.h. */
struct ticket_change {
	uint64_t number;
	uint32_t expect; /* its history's last seq; 0: any */
	enum ticket_change_kind change;
	struct str text, queue, owner, category; /* owner "-": nobody */
	int64_t until;
	enum ticket_kind kind;
	uint32_t priority;
	bool for_customer;
	bool supervisor; /* who does it is one */
};
/* What became of it.  Refused, stale: how the ticket stands. */
struct ticket_changed {
	const struct ticket_change *change; /* as asked for */
	const char *missing; /* NOT_FOUND: "ticket", "owner", "queue" */
	uint32_t seq;        /* its history's last */
	enum ticket_status status;
};
/* What a change lacks or has too much of, for ERR_BAD_FIELD. */
struct ticket_fault {
	const char *field, *wanted;
};
/*
 * Decided by the ledger, since only it knows how the ticket stands; `done' runs
 * when it is committed or refused: ERR_OK, ERR_STALE, ERR_REFUSED, ERR_NOT_FOUND
 * ERR_BUSY (others were faster, twice), ERR_IO.  The same operation again is
 * answered as before.  At once, and `done' will not run: ERR_MISHEARD,
 * ERR_BAD_FIELD, ERR_FORBIDDEN, ERR_IO.
 */
typedef void desk_change_fn(void *arg, enum err, const struct ticket_changed *);
enum err desk_ticket_change(struct desk *, const struct desk_action *,
    const struct ticket_change *, struct ticket_fault *, desk_change_fn *,
    void *arg) MUST_USE;

/* --------------------------------------------------------------- dialling */

/* Call somebody about a ticket. */
struct dial_request {
	uint64_t ticket;        /* its number */
	struct str number;      /* empty: who called about it */
	enum relation relation; /* CALLBACK or FOLLOW_UP */
};
/* Why not; `rule' is one of: agent_state (`detail': it), not_connected (the
 * phone's switch), cannot (dial), device_gone (the phone), number (it is none that may be dialled), status (the
 * ticket's: `detail'), no_number, not_configured, allow (`detail': the prefix
 * that forbids it, or empty), do_not_call (`detail': why, `until': or 0 for
 * good), cap (`n' a day, again at `until'), taken (by agent `detail'),
 * device_busy, no_device, refused (by the switch), agent_gone, device_failed,
 * unknown (whether it was called). */
struct dial_answer {
	uint64_t ticket;
	struct str rule, detail, number, device;
	unsigned n;
	int64_t until;
};
/*
 * Committed by the ledger, then ordered: `done' runs when the switch has taken
 * it (ERR_OK) or it was refused: ERR_REFUSED, ERR_NO_DEVICE, ERR_NOT_FOUND (the
 * ticket), ERR_BUSY (others were faster, twice), ERR_IO.  Until then, and until
 * its call ends, the agent is BUSY.  The same operation again is answered as
 * before and never dials again.  At once, and `done' will not run: ERR_MISHEARD,
 * ERR_BAD_FIELD (relation), ERR_REFUSED (number), ERR_IO, ERR_NOMEM.
 */
typedef void desk_dial_fn(void *arg, enum err, const struct dial_answer *);
enum err desk_dial(struct desk *, const struct desk_action *,
    const struct dial_request *, struct dial_answer *why, desk_dial_fn *,
    void *arg) MUST_USE;

/* Its tickets' clocks. */
struct clockwork *desk_clockwork(struct desk *);

/* ------------------------------------------------------------------ lists */

enum cell_kind {
	CELL_NONE,
	CELL_TEXT,
	CELL_NUMBER,
	CELL_TIME,
	CELL_DURATION,
	CELL_RATIO
};
struct column {
	const char *name;
	enum cell_kind kind;
	const char *sentence; /* its definition, shown by --help and man */
};
struct cell {
	bool null;
	struct str text;
	int64_t number;
};
/* What can be listed from memory: queues agents calls switches
 * devices store. */
struct desk_list {
	const char *what;
	const struct column *columns;
	unsigned n_columns;
};
const struct desk_list *desk_list_find(struct str what);
/* Rows in a stable order, starting after `cursor' (0: first); `row' returns
 * false when its page is full; the row is then the first of the next page.
 * Returns the next cursor, 0 when that was all. */
typedef bool desk_row_fn(void *arg, const struct cell *cells);
uint64_t desk_list_rows(struct desk *, const struct desk_list *,
    uint64_t cursor, int64_t now, desk_row_fn *row, void *arg);

#endif
