/*
 * state.h - the desk's objects, for the files of desk/ only.
 *
 * Who owns what: the desk owns every object here, through its tables.  A call
 * lives from its first event until it has ended and its rows are given to the
 * ledger; an offer from the match until its one end; agents, queues, devices
 * and numbers as long as they are configured (and agents until they are idle).
 *
 * One file changes one thing: call.c calls, called.c which queue they are for,
 * order.c what bridges are told to do with them, control.c and demand.c what
 * people ask for, direct.c calls for one agent, party.c who is in a call beside
 * its agent, call_data.c what a switch collected, agent.c agents, device.c
 * phones, offer.c offers, route.c what the ACD is told, line.c and credit.c
 * where a call stands there, facts.c what is known of its caller, returns.c
 * places that were given up, strategy.c whom among the ready, record.c what the
 * ledger is given, switch.c and snapshot.c attached bridges, config.c the
 * configuration, story.c the screen pop, ticket.c tickets, dial*.c attempts to
 * call somebody, work*.c work without a call, list.c the lists.
 */
#ifndef DESK_STATE_H
#define DESK_STATE_H

#include <sys/queue.h>

#include "base/hash.h"
#include "base/heap.h"
#include "desk/agent.h"
#include "desk/agent_state.h"
#include "desk/call_state.h"
#include "desk/clockwork.h"
#include "desk/credit.h"
#include "desk/decision.h"
#include "desk/desk.h"
#include "desk/detector.h"
#include "desk/door.h"
#include "desk/facts.h"
#include "desk/gate.h"
#include "desk/line.h"
#include "desk/reason.h"
#include "desk/returns.h"
#include "desk/strategy.h"
#include "desk/words.h"
#include "routing/rules.h"
#include "store/acd.h"
#include "store/ledger.h"

struct demand;
struct dial;
struct story_ask;
struct work;
struct works;

#define NAME_MAX_LEN 64
#define TEXT_MAX_LEN 256
#define CALL_ENDED_REMEMBERED 65536
#define CALL_MAX_ORDERS 4
#define CALL_MAX_OTHERS 6 /* parties beside the agent whose call it is */
#define DIALLED_MAX_LEN 32
#define CONTROLS_REMEMBERED 512
#define DIALS_REMEMBERED 1024
#define AGENT_OPS_REMEMBERED 32

/* What a timer of the desk is for; its owner's type follows from it. */
enum timer_kind {
	TIMER_NONE,
	TIMER_OFFER,
	TIMER_AGENT, /* wrap-up, a delay, a reason's limit */
	TIMER_DEMAND,
	TIMER_DIAL,
	TIMER_WAIT, /* a call's */
	TIMER_WORK,
	TIMER_NKINDS
};

struct timer {
	struct heap_node node;
	enum timer_kind kind;
	void *owner;
};

struct queue {
	uint32_t id;
	char *name;
	struct acd_line line; /* its own minimums */
	int64_t ring_us, wrap_up_us, priority_credit_us, short_us;
	bool stay_ready, retired;
	struct route_rules rules;
	struct arena *rules_texts; /* theirs; NULL: the preset */
	struct room room;
	char *rules_text; /* as read last, good or not */
	/* Since the configuration was read: who waits stands elsewhere now;
	 * who is ready is ordered otherwise. */
	bool line_changed, order_changed;
	uint32_t door_seq; /* of the last command on it; 1: there was none */
	int64_t clocks[RULES_TIERS + 1]; /* of chance, by tier (strategy.h) */
	UT_hash_handle hh, hh_name;
};

struct device {
	char *name;
	uint32_t switch_id;
	struct agent *agent; /* who sits there, or NULL */
	struct call *call;   /* rings or talks there, or NULL */
	bool retired;
	bool gone;   /* the switch says so */
	bool listed; /* named by the list that is coming in */
	UT_hash_handle hh;
};

struct number {
	char *key; /* called NUL menu */
	uint32_t key_len;
	struct queue *queue;
	UT_hash_handle hh;
};

struct agent {
	uint32_t id;
	char *name, *display_name;
	struct acd_profile profile;
	uint8_t weights[ACD_MAX_AGENT_QUEUES]; /* as its queues; 0 is 1 */
	uint32_t rank;                         /* the place in the file */
	struct agent_figures figures;
	bool profile_due; /* the ACD has another, or scores of before */
	bool screen_first, retired;

	bool present; /* has a client */
	enum agent_state state, pending;
	int64_t since, until; /* until: the state ends by itself */
	int64_t limit_at;     /* so long its reason may take; 0: any time */
	uint32_t n_over;      /* times that a reason took longer */
	unsigned unanswered;  /* offers in a row */
	int64_t
	    ready_since; /* kept over an offer that was no fault of theirs */
	char reason[NAME_MAX_LEN + 1], pending_reason[NAME_MAX_LEN + 1];
	uint32_t state_seq;
	uint32_t serves; /* queue whose call it was, until free again; 0 */
	int64_t serves_since;
	bool wrapped; /* the note of the present call is written already */
	struct id ops[AGENT_OPS_REMEMBERED]; /* done last: a ring */
	unsigned next_op;
	struct device *device;
	struct offer *offer;
	struct call *call;
	struct call *second; /* beside it: a consult call, or another's call */
	int64_t wrap_up_us;  /* owed once both are over */
	int64_t extend_us;   /* the wrap-up may be longer by this ... */
	unsigned extensions; /* ... so many times more */
	struct id last_call; /* what WrapUp may speak of ... */
	struct id last_root; /* ... and the call whose ticket that is */
	uint64_t last_ticket;
	bool last_dialled; /* its ticket was there before it */
	struct dial *dial; /* under way, has no call yet */
	struct timer timer;
	UT_hash_handle hh, hh_name;
};

/* One switch, whether attached or not. */
struct swtch {
	uint32_t id;
	char *name;
	uint64_t epoch;
	struct desk *desk;
	struct desk_switch *attached; /* or NULL */
	uint64_t attach_no;           /* tells old pendings from new ones */
	uint64_t stream_high;         /* highest stream_seq seen */
	uint64_t old_up_to;    /* spooled before this attachment: not routed */
	uint64_t skipped_from; /* next to be kept, after a full ledger; or 0 */
	bool in_snapshot;      /* frames are still coming */
	bool reconcile;        /* absent calls await the resent events */
	bool checked_ledger;   /* calls of an earlier process are closed */
	unsigned can;          /* ORDER_BITs, of the last bridge */
	char driver[NAME_MAX_LEN + 1];
	bool listing; /* a list of devices is coming in */
	struct {
		struct switch_status is; /* texts: those below */
		char version[TEXT_MAX_LEN + 1], trouble[TEXT_MAX_LEN + 1];
	} status;
	uint64_t kept, gone, adopted;
	/* events given to the ledger, in order: a ring */
	struct outstanding {
		uint64_t stream_seq;
		bool done;
	} * ring;
	size_t ring_head, ring_n, ring_room;
	uint64_t ring_first; /* running number of the head */
	UT_hash_handle hh;
};

struct desk_switch {
	struct swtch *sw; /* NULL: a newer one has taken over */
	struct desk *desk;
};

/* What an agent was, for one who was to be in a call and is not. */
struct agent_was {
	enum agent_state state;
	int64_t until;
	char reason[NAME_MAX_LEN + 1];
};

struct call {
	struct id id;
	struct swtch *sw;
	uint64_t epoch;
	char name[NAME_MAX_LEN + 1];
	uint32_t name_len;
	enum call_state state;
	uint32_t seq;     /* highest call_seq seen */
	uint64_t version; /* the bridge's */
	bool in_snapshot, absent;
	char *caller, *caller_name, *called, *menu; /* cleaned, or NULL */
	struct call_data *data; /* what the switch collected, or NULL */
	char e164[17];
	uint32_t priority;
	int64_t granted_us; /* credit, by a supervisor */
	int64_t offered_at, queued_at, delivered_at, established_at, ended_at;
	enum cause end_cause;
	enum party end_party;
	struct id related;
	enum relation relation;
	bool recorded;       /* its texts are with the ledger */
	int64_t enqueued_at; /* the place: queued_at made plausible */
	uint64_t arrival;
	struct queue *queue;
	struct queue *moved_to;  /* by a person, whatever its number says */
	struct queue *requeue;   /* the switch was told: it waits there ... */
	uint32_t requeue_direct; /* ... for this agent */
	struct timer wait;       /* what is next because it waits */
	struct stay stay;
	struct call_stand stand; /* what the ACD was told of it */
	struct offer *offers;    /* several only where it rings at several */
	unsigned n_offered;      /* those */
	uint32_t n_offers, decisions; /* ever; its version: decision.h */
	bool place_owed;       /* the ledger has not its first place yet */
	uint32_t direct;       /* waits for this agent alone; 0: for any */
	int64_t direct_until;  /* so long; 0: until they log off */
	struct device *device; /* rings or talks there */
	struct agent *agent;   /* talks, or has accepted on the screen */
	struct agent *others[CALL_MAX_OTHERS]; /* it is their `second' */
	unsigned n_others;
	uint64_t ticket;  /* serial; 0: none yet */
	bool called_back; /* will be: it waits no more, and is to end */
	bool looking_up;  /* the ledger is asked what it knows */
	/* orders: the first is with the bridge, the rest wait for its result,
	 * since each must name the version that the one before it makes */
	uint64_t order_id; /* of the first; 0: none was sent */
	unsigned n_orders;
	struct pending_order {
		enum order_kind kind;
		struct device *device;
		bool auto_answer;
		enum cause cause;
		struct demand *demand; /* a person's, or NULL */
	} orders[CALL_MAX_ORDERS];
	UT_hash_handle hh, hh_order;
};

struct offer {
	uint64_t id;
	struct call *call; /* or an item of work: one of them */
	struct work *work;
	struct id call_id; /* for the detector: outlives it */
	struct agent *agent;
	uint32_t attempt, epoch; /* of the ACD that made it */
	int64_t offered_at, shown_at, deadline_at;
	bool screen_first; /* accepted there, and only then the phone rings */
	bool connecting;   /* the device was told to ring */
	bool place_lost;   /* its agent stays ready, as if from now on */
	struct timer timer;
	struct offer *next; /* of the same call */
	UT_hash_handle hh;
};

struct ended_call {
	struct id id;
	UT_hash_handle hh;
};

/* A ticket made by hand, and the operation that did it. */
struct made_ticket {
	struct id op;
	uint64_t serial;
};
#define MADE_TICKETS 512

/* What was asked for last, and how it was answered. */
struct made_control {
	struct id op;
	enum err err;
};

struct desk {
	struct desk_options options;
	const struct desk_news *news;
	struct ledger *ledger;
	struct clockwork *clockwork;
	struct acd *remote, *local, *acd; /* acd: the one in use */
	uint32_t acd_epoch;
	unsigned acd_pending, lookups_pending;
	bool acd_missed; /* a command that it could not take */
	bool configured, configuring, remote_up, swept;
	bool fenced;  /* writes nothing any more */
	bool looking; /* whether the configuration has changed */
	int64_t config_revision;
	bool deciding; /* whoever changes a call's line tells it as what */
	uint64_t generation; /* the first of this process */
	int64_t now;         /* of the event being handled */
	struct heap timers;
	uint64_t next_arrival, next_order, next_key;
	bool ledger_full;

	struct queue *queues, *queues_by_name;
	struct agent *agents, *agents_by_name;
	struct device *devices;
	struct number *numbers;
	struct reason *reasons;
	struct skill *skills;
	struct returns *returns;
	uint64_t random;   /* the generator's state */
	unsigned n_firsts; /* calls that wait for whom to ask first */
	bool facts_needed; /* by some queue's rules */
	struct swtch *switches;
	struct call *calls, *calls_by_order;
	struct offer *offers;
	struct ended_call *ended, *ended_ring;
	size_t ended_next;
	struct pending *pendings; /* committed news still owed to sessions */
	/* Prefixes, separated by blanks; NULL: nobody may be called. */
	char *dialling_allow, *dialling_refuse;
	struct made_ticket made[MADE_TICKETS]; /* the last ones, a ring */
	unsigned next_made;
	struct dial *dials, *dials_by_call;
	struct dial *dials_over[DIALS_REMEMBERED]; /* a ring */
	unsigned next_dial_over;
	STAILQ_HEAD(, story_ask) stories; /* not asked yet */
	unsigned n_stories;               /* asked */
	struct works *works;              /* work.h */
	struct late_wrap *late_wraps;     /* to be asked about */
	struct demand *demands;
	struct made_control controls[CONTROLS_REMEMBERED]; /* a ring */
	unsigned next_control;
	struct detector detector;
	struct supervision supervision;
};

/* Out of memory in the middle of a change: what is committed is safe, so the
 * best that can be done is to stop and start again. */
__attribute__((noreturn)) void desk_stop(enum err);

static inline void
desk_must(enum err e)
{
	if (e != ERR_OK)
		desk_stop(e);
}

/* ---- record.c: rows of one event or action, committed together */

/* What is owed when the unit has committed. */
struct pending;
/* A unit for `op' of `peer' (news.saved), or for neither. */
struct ledger_unit *record_begin(struct desk *);
void record_commit(struct desk *, struct ledger_unit **);
void record_commit_op(
    struct desk *, struct ledger_unit **, const struct desk_action *);
void record_commit_event(
    struct desk *, struct ledger_unit **, struct swtch *, uint64_t stream_seq);
void record_call(struct ledger_unit *, const struct call *, uint32_t seq);
void record_offer(struct ledger_unit *, const struct offer *, enum offer_end,
    int64_t ended_at);
void record_agent(struct ledger_unit *, struct agent *, const char *source);
void record_ticket_event(struct ledger_unit *, const struct ticket_event_row *);
void record_ticket(struct ledger_unit *, const struct ticket_row *);
void record_call_event(struct ledger_unit *, const struct call_event_row *);
void record_dial(struct ledger_unit *, uint64_t order_id, const struct id *call,
    const char *outcome);
void record_forget_peer(struct desk *, void *peer);
void record_forget_stream(struct swtch *);
/* Check whether a full ledger has drained, and ask for what was skipped. */
void record_drained(struct desk *);
bool record_is_full(struct desk *);
void record_fini(struct desk *);
/* A key for a row that exactly one thing can cause. */
struct id record_key(const struct id *call, uint32_t seq, const char *what);

/* ---- call.c */
struct call *call_find(struct desk *, const struct id *);
struct call *call_new(struct swtch *, struct str name, const struct id *);
void call_free(struct desk *, struct call *);
void call_texts_free(struct call *);
/* In a line of the ACD, or would be: nobody has it, and it is offered to fewer
 * than it rings at.  A device may still ring for an offer that has just ended. */
bool call_is_waiting(const struct call *);
/* Nobody has it: it may be offered, or is. */
bool call_is_open(const struct call *);
/* At how many agents it rings at a time. */
unsigned call_ring(const struct call *);
void call_set_party(struct call *, struct str caller, struct str caller_name,
    struct str called, struct str menu, uint32_t priority, const char *country);
/* It waits from `queued_at', the switch's time made plausible. */
void call_enqueue(struct desk *, struct call *, int64_t queued_at, bool old);
/* Back to its place: as call_enqueue, with the old time. */
void call_requeue(struct desk *, struct call *);
void call_set_device(struct desk *, struct call *, struct str device);
void call_end(struct desk *, struct ledger_unit *, struct call *, int64_t at,
    enum cause, enum party);
/* The call leaves its line and whoever was offered it. */
void call_unqueue(
    struct desk *, struct ledger_unit *, struct call *, enum offer_end);
/* We have called somebody; the ticket was there before the call. */
static inline bool
call_is_dialled(const struct call *c)
{
	return c->relation == RELATION_CALLBACK ||
	       c->relation == RELATION_FOLLOW_UP;
}
void call_tell(struct desk *, const struct call *, enum call_event_kind,
    int64_t at, enum cause);
/* To one of them only. */
void call_tell_agent(struct desk *, const struct call *, const struct agent *,
    enum call_event_kind, int64_t at, enum cause);
/* How it stands, once more: what may be asked for has changed. */
void call_tell_again(struct desk *, const struct call *);
/* Calls of a switch that only listens are recorded, not routed. */
bool call_is_routed(const struct call *);
bool call_was_ended(struct desk *, const struct id *);

/* ---- order.c */
void call_order(struct desk *, struct call *, enum order_kind, struct device *,
    bool auto_answer, enum cause);
/* A person's; the demand is the order's from now on. */
enum err call_order_for(
    struct desk *, struct call *, struct device *, struct demand *) MUST_USE;
void call_order_done(struct desk *, struct ledger_unit *, struct call *,
    const struct order_result *);
struct call *call_of_order(struct desk *, uint64_t order_id);
/* A new connection: what was ordered is unknown but for the call's version. */
void call_orders_forget(struct desk *, struct call *, uint64_t version);
/* The call has ended: what was sent is still answered. */
void call_orders_end(struct desk *, struct call *);
/* An id that no process of this ledger gives out twice. */
uint64_t order_id_next(struct desk *);

/* ---- control.c */
/* What this agent, or a supervisor (NULL), may ask of it now. */
unsigned control_can(const struct call *, const struct agent *);

/* ---- call_data.c */
void call_data_merge(struct call *, const struct pair *, unsigned n);
/* Into out[CALL_PAIRS_MAX]; returns how many. */
unsigned call_data_pairs(const struct call *, struct pair *out);
void call_data_free(struct call *);

/* ---- offer.c */
void offer_made(struct desk *, uint64_t id, struct call *, struct agent *);
/* Its one end: told, recorded, and the ACD told unless `told' (see route). */
void offer_finish(struct desk *, struct ledger_unit *, struct offer *,
    enum offer_end, bool told);
void offer_due(struct desk *, struct offer *);
struct offer *offer_find(struct desk *, uint64_t id);
/* The call's offer to this agent; for which a phone was told to ring; for
 * whose agent it is this phone; or NULL. */
struct offer *offer_of(const struct call *, const struct agent *);
struct offer *offer_connecting(const struct call *);
struct offer *offer_at(const struct call *, const struct device *);
/* All that the call is in. */
void offer_finish_all(struct desk *, struct ledger_unit *, struct call *,
    enum offer_end, bool told);
/* The device could not be rung for the call's offer. */
void offer_device_failed(
    struct desk *, struct ledger_unit *, struct call *, enum cause);

/* ---- wait.c: what becomes of a call only because it waits */
/* It has entered its queue, or come to another, or the rules have changed. */
void wait_begin(struct desk *, struct call *);
void wait_end(struct desk *, struct call *);
void wait_due(struct desk *, struct call *);

/* ---- line.c: where it stands */
/* The line of the ACD at this time, after all that has been relaxed. */
void line_of(const struct desk *, const struct call *, struct acd_line *out);
/* When that changes next; INT64_MAX: never. */
int64_t line_next_at(const struct desk *, const struct call *);
/* It may have: the ACD is told. */
void line_due(struct desk *, struct call *);

/* ---- skill.c */
void skill_row(struct desk *, const struct str *cells);
void skills_forget(struct desk *);
/* 0: none of that name. */
uint32_t skill_id(const struct desk *, struct str name);

/* ---- route.c */
/* The call waits where it is to stand by now: new to the ACD, moved, or left
 * alone.  `forgive': who was excluded from it is so no more. */
void route_stand(struct desk *, struct call *, bool forgive);
void route_dequeue(struct desk *, struct call *);
/* detector_seen() is told. */
void route_look(struct desk *, const struct look *);
void route_agent(struct desk *, struct agent *, enum acd_op);
void route_login(struct desk *, struct agent *);
/* Is ready, and has new scores. */
void route_ready_again(struct desk *, struct agent *);
/* All of it: profile and state. */
void route_tell_agent(struct desk *, struct agent *);
/* After the desk's side of the offer's end: agent and call stand as they
 * are from now on.  `told': a command that ends it was or will be sent. */
void route_offer_ended(struct desk *, struct offer *, bool exclude, bool told);
void route_offer(struct desk *, struct offer *, enum acd_op);
void route_use(struct desk *, struct acd *);
/* ENQUEUE or DEQUEUE of an item. */
void route_work(struct desk *, const struct work *, enum acd_op);
/* What the ACD knows of this agent, afresh; not while offered something. */
void route_login_again(struct desk *, struct agent *);

/* ---- config.c */
struct queue *queue_find(const struct desk *, uint32_t id);
struct queue *queue_by_name(const struct desk *, struct str name);
struct device *device_find(const struct desk *, struct str name);
/* Each second: take what was applied at another node, and be seen alive. */
void config_look(struct desk *);
enum err config_ask_revision(
    struct desk *, ledger_rows_fn *, void *arg) MUST_USE;
void config_fini(struct desk *);

/* ---- called.c */
void called_add(
    struct desk *, struct str called, struct str menu, struct queue *);
void called_forget(struct desk *);
/* The number and the choice, the number alone, the choice alone, any. */
struct queue *queue_of_number(
    const struct desk *, struct str called, struct str menu);

/* ---- dialling.c */
void dialling_take(struct desk *, struct str allow, struct str refuse);
void dialling_forget(struct desk *);
/* The rule that keeps a call from being sent to this number, as in `struct
 * dial_answer'; NULL: it may. */
const char *dialling_rule(const struct desk *, struct str number);

/* ---- switch.c */
struct swtch *switch_get(struct desk *, struct str name, uint32_t id);
/* What agents may ask of their calls changes with the bridge. */
void switch_tell_calls(struct desk *, const struct swtch *);
void switch_fini(struct desk *);

/* ---- snapshot.c */
/* All that the spool held when the bridge connected, if that has been read. */
void switch_stream_reached(struct swtch *);

/* ---- sweep.c */
/* Once, as soon as it is known what time it is. */
void sweep_once(struct desk *);

/* ---- ticket.c */
/* The call's ticket, opened in this unit if there is none. */
void ticket_of_call(struct desk *, struct ledger_unit *, struct call *,
    uint32_t seq, int64_t at);
void ticket_answered(
    struct ledger_unit *, const struct call *, uint32_t seq, int64_t at);
/* `dialled': the ticket that the call was dialled about, 0: it was not. */
enum err ticket_wrapped_up(struct desk *, struct ledger_unit *,
    const struct desk_action *, const struct wrap_up *,
    uint64_t dialled) MUST_USE;
uint64_t ticket_number(uint64_t serial); /* 0 for 0 */

/* ---- story.c */
/* For the agent of an offer, or, with offer 0, who was given the call. */
void story_ask(
    struct desk *, const struct call *, const struct agent *, uint64_t offer);
void stories_fini(struct desk *);

/* ---- desk.c */
enum err timer_set(struct desk *, struct timer *, int64_t at) MUST_USE;
void timer_clear(struct desk *, struct timer *);

#endif
