/*
 * freeswitch.h - the driver's own parts; for freeswitch*.c only.
 *
 * The switch has config/freeswitch/mashang.xml in its dialplan.  We speak to
 * its event socket (esl.h).  A call is a caller's leg and others; each leg has
 * a uuid, and those that we make have one of our choice and say in variables of
 * their own (mashang_role, mashang_call, mashang_device) what they are for, so
 * that after a restart of the bridge the legs themselves tell all.
 *
 *   freeswitch.c         connection, log-in, heart-beats, the driver itself
 *   freeswitch_ask.c     commands and what is answered, with deadlines
 *   freeswitch_leg.c     legs and calls: the objects
 *   freeswitch_ring.c    a leg is made, and what its answer leads to
 *   freeswitch_event.c   events into what they mean for a leg
 *   freeswitch_end.c     what a leg's end means
 *   freeswitch_order.c   orders into commands
 *   freeswitch_consult.c the orders about a second call
 *   freeswitch_list.c    all that lives now
 *   freeswitch_settle.c  what it comes to
 *   freeswitch_data.c    devices, causes, what a caller brings
 *   freeswitch_listen.c  beside mod_callcenter: its events into reports
 *   freeswitch_probe.c   what is there and what is missing
 *
 * Commands that are done at once go out as `api', one behind the other: those
 * of `bgapi' run in threads of their own and overtake each other.  Only
 * originate, which lasts as long as the phone rings, is a `bgapi'.
 */
#ifndef BRIDGE_FREESWITCH_H
#define BRIDGE_FREESWITCH_H

#include <sys/queue.h>

#include "base/hash.h"
#include "bridge/driver.h"
#include "bridge/esl.h"
#include "bridge/exchange.h"
#include "bridge/stream.h"

struct event;
struct fs_call;

#define FS_NAME_MAX 64 /* a uuid, a call's name, a device */
#define FS_TEXT_MAX 256
#define FS_SECRET_MAX 512
#define FS_MARK "mashang" /* presence_data of what is ours */

#define FS_CAUSE(c) MASHANG__CAUSE__CAUSE_##c
#define FS_KIND(k) MASHANG__CALL_EVENT_KIND__##k
#define FS_PARTY(p) MASHANG__PARTY__PARTY_##p
#define FS_CODE(c) MASHANG__CODE__CODE_##c

struct fs_options {
	const char *address;
	const char *tls_ca, *tls_name, *tls_certificate, *tls_key;
	const char *password_file;
	const char *device, *context, *auto_answer;
	bool answer, registrations;
};

/* ------------------------------------------------------------ legs, calls */

enum fs_role {
	FS_NOBODY, /* a leg that is ended as soon as it shows */
	FS_CALLER, /* the customer; of an outgoing call once both talk */
	FS_AGENT,  /* joined, or to be joined, with the caller */
	FS_MOVE,   /* to be joined in the agent's place: a transfer */
	FS_ASKED,  /* joined with an agent whose caller is held */
	FS_ASKER,  /* that agent, when the caller is gone */
	FS_SPY,    /* a supervisor's */
	FS_OUT,    /* a phone that calls somebody */
	FS_FAR,    /* whom it calls, until they talk */
	FS_BACK,   /* who is called back, until they wait */
	FS_NROLES
};

/* Where a caller is whose agent has gone, is asked so much later. */
#define FS_LOOK_US (CLOCK_S / 2)

enum fs_place { FS_ELSEWHERE, FS_WAITS, FS_HOLDS, FS_IN_ROOM };

struct fs_leg {
	UT_hash_handle hh; /* by uuid */
	TAILQ_ENTRY(fs_leg) of_call;
	char uuid[FS_NAME_MAX + 1];
	enum fs_role role;
	struct fs_call *call;         /* NULL: FS_NOBODY */
	char device[FS_NAME_MAX + 1]; /* or the number */
	char peer[FS_NAME_MAX + 1];   /* the leg that it is bridged with */
	bool number;                  /* `device' is one */
	uint64_t order_id;
	int64_t ring_us;
	bool auto_answer;
	enum { FS_LISTENS, FS_WHISPERS, FS_BARGES } spies;
	bool rung, answered, parked, joined, held, in_room;
	bool stopped;        /* we have ended it, and know why */
	bool listed;         /* the listing has found it */
	int64_t join_until;  /* loop time: it is being joined; 0: not */
	int64_t gone_until;  /* loop time: its end should be told by; 0: - */
	int64_t as_of;       /* older events of it are known; a sequence */
	enum fs_place place; /* a caller's: its extension */
};

enum fs_at { FS_AT_WAIT, FS_AT_TALK, FS_AT_HOLD, FS_AT_ROOM, FS_AT_AWAY };

struct fs_call {
	UT_hash_handle hh;
	char name[FS_NAME_MAX + 1];
	enum fs_at at;
	struct fs_leg *caller; /* NULL: none yet, or a consult call */
	struct fs_leg *agent;  /* talks to the caller, or has them held */
	struct fs_leg *asker;  /* a consult call's: who asks; of any call */
	TAILQ_HEAD(, fs_leg) legs;
	struct fs_call *about;   /* a consult call's: whose caller is held */
	struct fs_call *consult; /* the other way round */
	uint64_t order_id;       /* of what is under way with the caller */
	bool back;               /* caller and agent are to be joined again */
	bool phone_held, made; /* made: by an order, FS_OUT or FS_BACK first */
	bool called_back;      /* FS_BACK first */
	char number[FS_TEXT_MAX + 1], show[FS_TEXT_MAX + 1];
	char about_name[FS_NAME_MAX + 1]; /* as a listing has told it */
	Mashang__Party first;             /* who hung up */
	Mashang__Cause cause;
	int64_t look_at; /* loop time: ask where the caller is; 0: no need */
	char left[FS_NAME_MAX + 1]; /* the agent's leg that has gone before */
	bool left_behind;           /* seen still bound to it, once */
	bool queue;                 /* mod_callcenter's */
};

struct fs;

struct fs_leg *fs_leg_find(struct fs *, struct str uuid);
/* uuid empty: a new one.  NULL: no memory, or not a uuid. */
struct fs_leg *fs_leg_new(struct fs *, struct fs_call *, enum fs_role,
    struct str device, struct str uuid);
void fs_leg_move(struct fs_leg *, struct fs_call *, enum fs_role);
void fs_leg_free(struct fs *, struct fs_leg *);
/* It is nobody's any more, and ends. */
void fs_leg_drop(struct fs *, struct fs_leg *);
/* The first of that role that nobody has stopped, or NULL. */
struct fs_leg *fs_leg_of(struct fs_call *, enum fs_role);
bool fs_leg_is_up(const struct fs_leg *);

struct fs_call *fs_call_find(struct fs *, struct str name);
struct fs_call *fs_call_new(struct fs *, struct str name);
void fs_call_free(struct fs *, struct fs_call *);
void fs_calls_clear(struct fs *);
/* A report of that call, to be filled in further. */
struct report fs_report(const struct fs_call *, Mashang__CallEventKind);
/* The same of a call that an order has made: whom it calls, and as whom. */
struct report fs_report_made(const struct fs_call *, Mashang__CallEventKind);
void fs_tell(struct fs *, const struct report *);
void fs_tell_at(struct fs *, struct fs_call *, Mashang__CallEventKind,
    const struct fs_leg *, Mashang__Cause);
/* Over: its legs end, it is reported and freed. */
void fs_call_over(struct fs *, struct fs_call *, Mashang__Cause);

/* -------------------------------------------------------------- commands */

enum fs_asked {
	FS_LOGIN,
	FS_SUBSCRIBE,
	FS_VERSION,
	FS_LIFE,
	FS_CHANNELS,
	FS_DUMP,
	FS_AUDIT,
	FS_WHERE, /* one leg, by itself */
	FS_PHONES,
	FS_QUEUES,
	FS_MEMBERS,
	FS_PROBED,
	FS_ORDER, /* nothing but its answer */
	FS_RINGS, /* an originate has been taken */
	FS_JOINS,
	FS_NOTHING
};

struct fs_ask {
	TAILQ_ENTRY(fs_ask) entry;
	enum fs_asked asked;
	uint64_t order_id;          /* 0: nobody waits for it */
	int64_t until;              /* loop time */
	char what[FS_TEXT_MAX + 1]; /* a uuid; a queue; what is probed */
};

/* Send f->command, begun with esl_begin().  False: it holds what cannot be
 * said, or there is no connection; nothing has been sent then. */
bool fs_send(
    struct fs *, enum fs_asked, uint64_t order_id, struct str what) MUST_USE;
/* The same where nobody waits for the answer. */
void fs_send_only(struct fs *);
/* f->command: `api VERB UUID'. */
void fs_begin(struct fs *, const char *verb, const struct fs_leg *);
void fs_set(
    struct fs *, const struct fs_leg *, const char *variable, struct str value);
/* To an extension of config/freeswitch/mashang.xml. */
void fs_send_to(struct fs *, const struct fs_leg *, const char *extension);
void fs_kill(struct fs *, struct fs_leg *, const char *cause);
/* Is it the answer of a command that succeeded?  Not of those that ask. */
bool fs_is_ok(const struct esl_frame *);
void fs_answered(struct fs *, struct esl_frame *);
bool fs_asks_late(const struct fs *, int64_t now);
void fs_asks_lost(struct fs *);

/* ------------------------------------------------------- legs in their life */

enum fs_role fs_role_of(struct str word);

/* To a phone of this switch or to a number; nothing has been sent yet. */
struct fs_leg *fs_leg_to(struct fs *, struct fs_call *, enum fs_role,
    struct str to, bool number, const struct driver_order *);
/* Ring it.  False: what it would be rung with cannot be said. */
bool fs_ring(struct fs *, struct fs_leg *) MUST_USE;
void fs_leg_rings(struct fs *, struct fs_leg *);
void fs_leg_answers(struct fs *, struct fs_leg *);
/* Join whoever has answered and is free with whom they are for.  The call may
 * be gone then. */
void fs_go_on(struct fs *, struct fs_call *);
void fs_join(struct fs *, struct fs_leg *, struct fs_leg *, uint64_t order_id);
/* Two legs talk to each other. */
void fs_together(struct fs *, struct fs_leg *, struct fs_leg *);
void fs_entered(struct fs *, struct fs_leg *);
/* Who was called back waits: the call's caller from now on. */
void fs_back_waits(struct fs *, struct fs_leg *);

void fs_leg_ended(struct fs *, struct fs_leg *, Mashang__Cause);
/* It is not there any more, and nobody has told why. */
void fs_leg_lost(struct fs *, struct fs_leg *);
void fs_requeue(struct fs *, struct fs_call *, uint64_t order_id);
void fs_queued(struct fs *, struct fs_call *, const struct esl_frame *);

void fs_event(struct fs *, const struct esl_frame *);

/* ------------------------------------------------------------- the driver */

enum fs_stage { FS_DOWN, FS_GREETED, FS_ASKING, FS_LISTING, FS_LIVE };

struct fs {
	struct event_base *base;
	struct exchange *exchange;
	const struct fs_options *options;
	bool listen_only;
	char password[FS_SECRET_MAX];
	struct stream *stream; /* NULL: it would be refused; see again_at */
	struct event *tick;
	struct esl_reader *reader;
	struct esl_command command; /* the one that is being written */
	enum fs_stage stage;
	int64_t stage_until, again_at, beat_at, audit_at; /* loop time */
	int64_t ahead_us; /* the switch's clock, against ours */
	char version[128], life[FS_NAME_MAX + 1];
	bool was_live;
	TAILQ_HEAD(, fs_ask) asks;
	struct fs_call *calls;
	struct fs_leg *legs;
	struct fs_device *devices;

	bool listing, list_again, phones_asked;
	int64_t list_at; /* loop time; 0: not to be listed */
	unsigned dumps, suspect;
	driver_probe_fn *probe_line; /* NULL: no probe */
	void (*probe_done)(void *, bool);
	void *probe_arg;
	unsigned probe_left;
	bool probe_bad;
};

/* Behind the log-in. */
void fs_subscribed(struct fs *);
void fs_live(struct fs *);
/* It will say the same next time: ask seldom. */
void fs_refused(struct fs *, const char *why);

void fs_list(struct fs *);
void fs_list_soon(struct fs *);
/* After a connect. */
void fs_list_first(struct fs *);
void fs_list_drop(struct fs *);
void fs_list_channels(struct fs *, const struct esl_frame *);
void fs_list_dump(struct fs *, const struct fs_ask *, struct esl_frame *);
void fs_list_audit(struct fs *, const struct esl_frame *);
void fs_list_phones(struct fs *, const struct esl_frame *);
void fs_where(struct fs *, const struct fs_ask *, struct esl_frame *);
void fs_audit(struct fs *);
void fs_phones(struct fs *);
/* What the dumps have told: calls, and what follows. */
void fs_settle(struct fs *);

unsigned fs_can(const void *options, bool listen_only);
void fs_order(void *self, const struct driver_order *);
/* The caller of a call that talks hears music, the agent's leg is parked. */
void fs_aside(struct fs *, struct fs_call *);
/* Before anything that follows from it; once. */
void fs_tell_held(struct fs *, struct fs_call *);
Mashang__Code fs_order_consult(
    struct fs *, struct fs_call *, const struct driver_order *);
Mashang__Code fs_order_conference(
    struct fs *, struct fs_call *, const struct driver_order *);
Mashang__Code fs_order_complete(
    struct fs *, struct fs_call *, const struct driver_order *);
/* The response answers it: see fs_asked. */
#define FS_LATER ((Mashang__Code)-1)

void fs_listen_event(struct fs *, const struct esl_frame *);
void fs_listen_list(struct fs *);
void fs_listen_queues(struct fs *, const struct esl_frame *);
void fs_listen_members(
    struct fs *, const struct fs_ask *, const struct esl_frame *);

void fs_probe(
    void *self, driver_probe_fn *, void (*done)(void *, bool), void *arg);
void fs_probe_begin(struct fs *);
void fs_probe_answer(
    struct fs *, const struct fs_ask *, const struct esl_frame *);
void fs_probe_failed(struct fs *, const char *why);

/* ------------------------------------------------------------------- data */

/* A phone that an order or the switch has named. */
struct fs_device {
	UT_hash_handle hh;
	char name[FS_NAME_MAX + 1];
};

void fs_device_learn(struct fs *, struct str name);
void fs_devices_clear(struct fs *);
/* A number, and none of the phones that are known. */
bool fs_is_outside(struct fs *, struct str);

/* A new uuid of ours. */
void fs_uuid(char out[FS_NAME_MAX + 1]);
bool fs_copy(char *to, size_t room, struct str from);
/* Digits and the like; a phone's name; a uuid. */
bool fs_is_number(struct str);
bool fs_is_device(struct str);
bool fs_is_uuid(struct str);
/* The pattern with the name in it. */
bool fs_dial_of(
    const struct fs *, struct str device, char out[FS_TEXT_MAX + 1]);
Mashang__Cause fs_cause_of(struct str word);
const char *fs_word_of(Mashang__Cause);
/* Who calls whom, and what the caller brings, from an event's variables; its
 * texts live as long as the frame, and until the next call here. */
void fs_brings(struct report *, const struct esl_frame *);
/* What can be said of it within a command. */
struct str fs_sayable(struct str, char *out, size_t room);

#endif
