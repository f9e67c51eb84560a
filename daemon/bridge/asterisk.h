/*
 * asterisk.h - the driver's own parts; for asterisk*.c only.
 *
 * The switch has config/asterisk/extensions.conf in its dialplan.  We speak to
 * its manager (ami.h), and keep a mirror of its channels and of who is bridged
 * with whom; what we report is read off that mirror, so that it does not
 * matter whose doing a change was.
 *
 *   asterisk.c         connection, log-in, heart-beats, the driver itself
 *   asterisk_ask.c     actions and their responses, with deadlines
 *   asterisk_mirror.c  channels and bridges
 *   asterisk_event.c   events into the mirror and to what follows
 *   asterisk_call.c    calls and legs: what is reported of them
 *   asterisk_park.c    caller and agent aside
 *   asterisk_end.c     what a channel's end means
 *   asterisk_order.c   orders into actions
 *   asterisk_listen.c  beside app_queue: its events into reports
 *   asterisk_list.c    all that lives now
 *   asterisk_data.c    devices, causes, numbers, what a caller brings
 *   asterisk_probe.c   what is there and what is missing
 *
 * A call is a caller's channel and legs.  A leg is a channel that we have
 * originated under an id of our choice (an agent's phone, a number that is
 * consulted or transferred to, a supervisor's phone), or one that has taken
 * such a place by itself.  Once it is answered the dialplan joins it with whom
 * MASHANG_PEER names, without asking us: so nobody is lost if we are away.
 */
#ifndef BRIDGE_ASTERISK_H
#define BRIDGE_ASTERISK_H

#include <sys/queue.h>

#include "base/hash.h"
#include "bridge/ami.h"
#include "bridge/driver.h"
#include "bridge/exchange.h"
#include "bridge/stream.h"

struct event;
struct ast;
struct ast_call;

#define AST_CHAN_MAX 160 /* a channel's name, or its unique id */
#define AST_DEVICE_MAX 64
#define AST_TEXT_MAX 256
#define AST_LEG "mashang-" /* ids of our making begin so */

#define AST_CAUSE(c) MASHANG__CAUSE__CAUSE_##c
#define AST_KIND(k) MASHANG__CALL_EVENT_KIND__##k
#define AST_PARTY(p) MASHANG__PARTY__PARTY_##p
#define AST_CODE(c) MASHANG__CODE__CODE_##c

struct ast_options {
	const char *address;
	const char *tls_ca, *tls_name, *tls_certificate, *tls_key;
	const char *user, *secret_file;
	int login; /* enum ast_login */
	const char *device;
	struct conf_list auto_answer; /* of const char *: `Header: value' */
};
enum ast_login { AST_LOGIN_MD5, AST_LOGIN_PLAIN };

/* ---------------------------------------------------------------- mirror */

TAILQ_HEAD(ast_chans, ast_chan);

struct ast_bridge {
	UT_hash_handle hh;
	char id[AST_CHAN_MAX];
	struct ast_chans in;
};

enum ast_role { AST_NOBODY, AST_CALLER, AST_LEG_OF };

struct ast_chan {
	UT_hash_handle hh;
	TAILQ_ENTRY(ast_chan) of_bridge;
	char uid[AST_CHAN_MAX], name[AST_CHAN_MAX];
	char exten[AST_DEVICE_MAX + 1]; /* dialled first */
	int64_t state;                  /* 4 rings here, 5 rings there, 6 up */
	bool asked_to_end;              /* its far end has hung up */
	struct ast_bridge *bridge;      /* or NULL */
	enum ast_role role;
	struct ast_call *call; /* AST_CALLER */
	struct ast_leg *leg;   /* AST_LEG_OF */
};
#define AST_UP 6
#define AST_RINGING 5

struct ast_chan *ast_chan_find(struct ast *, struct str uid);
struct ast_chan *ast_chan_get(struct ast *, struct str uid, struct str name);
void ast_chan_free(struct ast *, struct ast_chan *);
void ast_chan_enter(struct ast *, struct ast_chan *, struct str bridge);
void ast_chan_leave(struct ast *, struct ast_chan *);
/* It is nobody's any more. */
void ast_chan_part(struct ast_chan *);
void ast_mirror_clear(struct ast *);

/* ----------------------------------------------------------------- calls */

enum ast_use {
	AST_USE_AGENT,    /* joined with the caller: the call's agent */
	AST_USE_TRANSFER, /* will be, in the place of the one there is */
	AST_USE_CONSULT,  /* joined with an agent whose caller is held */
	AST_USE_OUT,      /* an agent who calls somebody */
	AST_USE_BACK,     /* who is called back, until they wait */
	AST_USE_SPY       /* a supervisor's */
};

struct ast_leg {
	UT_hash_handle hh; /* by uid */
	TAILQ_ENTRY(ast_leg) of_call;
	char uid[AST_CHAN_MAX];
	enum ast_use use;
	struct ast_call *call;
	struct ast_chan *chan;           /* NULL: not there yet */
	char device[AST_DEVICE_MAX + 1]; /* or the number */
	char dial[AST_CHAN_MAX];         /* what to originate */
	char exten[AST_DEVICE_MAX + 1];  /* where it goes when it is answered */
	uint64_t order_id;
	int64_t ring_us;
	Mashang__Cause cause;  /* why it could not be rung */
	bool there;            /* it has had a channel */
	bool answered, joined; /* joined: has talked in this call */
	bool barge;            /* AST_USE_SPY: everybody hears it */
	bool stopped;          /* we have ended it, and know why */
	bool again;            /* rings once more, and answers by itself */
	bool auto_answer;
};

enum ast_at { AST_AT_WAIT, AST_AT_TALK, AST_AT_HOLD, AST_AT_ROOM, AST_AT_AWAY };

struct ast_call {
	UT_hash_handle hh;
	char name[AST_DEVICE_MAX + 1];
	enum ast_at at;
	struct ast_chan *caller; /* the customer; NULL: not there yet */
	struct ast_leg *agent; /* the one that talks, or has the caller held */
	TAILQ_HEAD(, ast_leg) legs;
	struct ast_call *about; /* a consult call's: whose caller is held */
	struct ast_call *consult;
	uint64_t order_id; /* of what is under way with the caller */
	char number[AST_TEXT_MAX], show[AST_TEXT_MAX];
	Mashang__Party first;  /* who hung up */
	Mashang__Cause cause;  /* why it was sent on, or could not be made */
	bool queue;            /* app_queue's own */
	unsigned asked_status; /* times that QUEUESTATUS was asked for */
	/* On the way to be held, until the dialplan says that both are there:
	 * they cannot be redirected before that. */
	struct {
		bool caller, agent; /* still to come */
		bool told;          /* as HELD */
		bool requeue;       /* the agent has gone meanwhile */
		uint64_t order_id, retrieve_id;
		char leg[AST_CHAN_MAX]; /* then rung, if not empty */
	} parking;
	bool phone_held, joining, requeued, seen;
	bool called_back; /* AST_USE_BACK first */
};

struct ast_call *ast_call_find(struct ast *, struct str name);
struct ast_call *ast_call_new(struct ast *, struct str name);
void ast_call_free(struct ast *, struct ast_call *);
void ast_calls_clear(struct ast *);
void ast_call_caller(struct ast_call *, struct ast_chan *);
/* A report of that call, to be filled in further. */
struct report ast_report(const struct ast_call *, Mashang__CallEventKind);
void ast_tell(struct ast *, const struct report *);
void ast_tell_at(struct ast *, struct ast_call *, Mashang__CallEventKind,
    const struct ast_leg *);
/* Over: reported, its legs ended, freed. */
void ast_call_over(struct ast *, struct ast_call *, Mashang__Cause);

struct ast_leg *ast_leg_new(struct ast *, struct ast_call *, enum ast_use,
    struct str device, const char *uid);
struct ast_leg *ast_leg_find(struct ast *, struct str uid);
void ast_leg_free(struct ast *, struct ast_leg *);
void ast_leg_chan(struct ast_leg *, struct ast_chan *);
void ast_leg_move(struct ast_leg *, struct ast_call *);
void ast_leg_end(struct ast *, struct ast_leg *);

/* Who is together now: what does that make of this channel's call? */
void ast_together(struct ast *, struct ast_chan *);
void ast_chan_ended(
    struct ast *, struct ast_chan *, const struct ami_message *);
void ast_leg_failed(struct ast *, struct ast_leg *, Mashang__Cause);
/* The caller waits for an agent again. */
void ast_requeue(struct ast *, struct ast_call *, uint64_t order_id);
void ast_transfer_failed(struct ast *, struct ast_call *);

/* ------------------------------------------------------------------ asks */

enum ast_asked {
	AST_CHALLENGE,
	AST_LOGIN,
	AST_SETTINGS,
	AST_STATUS,
	AST_CHANNELS,
	AST_DEVICES,
	AST_BEAT,
	AST_ORDER,  /* nothing but its answer */
	AST_PARKED, /* caller and agent are sent aside */
	AST_RUNG,   /* a leg is on its way */
	AST_REQUEUED,
	AST_QUEUE_WHY,
	AST_PROBED,
	AST_NOTHING,
	AST_NASKED
};

struct ast_ask {
	TAILQ_ENTRY(ast_ask) entry;
	uint64_t id, order_id; /* 0: nobody waits for it */
	enum ast_asked asked;
	int64_t until; /* loop time */
	char call[AST_DEVICE_MAX + 1], leg[AST_CHAN_MAX];
	unsigned number;
};

/* Begin an action, add to it, send it.  False: it was refused, or there is no
 * connection; `ask' is then as if it had never been. */
void ast_begin(struct ast *, const char *action);
bool ast_send(struct ast *, const struct ast_ask *) MUST_USE;
/* The same where nobody waits for the answer. */
void ast_send_only(struct ast *);
void ast_setvar(struct ast *, const struct ast_chan *, const char *variable,
    struct str value);
void ast_redirect(struct ast *, const struct ast_chan *, const char *context,
    const char *exten);
void ast_hangup(struct ast *, const struct ast_chan *, Mashang__Cause);
/* Caller to the music, agent aside to `to' in [mashang-agent]; then HELD is told
 * and the leg rung, as `parking' says. */
bool ast_park(struct ast *, struct ast_call *, const char *to,
    const struct ast_leg *, uint64_t order_id, bool told) MUST_USE;
void ast_arrived(struct ast *, struct ast_call *, bool agent);
/* The agent back to the caller, at once or as soon as it has arrived; the order
 * is answered. */
void ast_retrieve(struct ast *, struct ast_call *, uint64_t order_id);
/* Ring a leg. */
bool ast_originate(struct ast *, struct ast_leg *) MUST_USE;
void ast_response(struct ast *, const struct ami_message *);
void ast_asks_tick(struct ast *, int64_t now);
void ast_asks_lost(struct ast *);

/* ------------------------------------------------------------- the driver */

enum ast_stage { AST_DOWN, AST_BANNER, AST_LOGGING_IN, AST_LISTING, AST_LIVE };

struct ast {
	struct event_base *base;
	struct exchange *exchange;
	const struct ast_options *options;
	bool listen_only;
	struct stream *stream; /* NULL: it would be refused; see again_at */
	struct event *tick;
	struct ami_reader *reader;
	struct ami_action action; /* the one that is being written */
	enum ast_stage stage;
	int64_t stage_until, again_at, beat_at;
	uint64_t next_ask, beat;
	char secret[AST_TEXT_MAX];
	char version[128], started[64];
	bool was_live, booted, listing, listing_devices;
	TAILQ_HEAD(, ast_ask) asks;
	struct ast_chan *chans;
	struct ast_bridge *bridges;
	struct ast_call *calls;
	struct ast_leg *legs;
	struct ast_device *devices;
	struct ast_row *rows; /* of the list that is coming */
	driver_probe_fn *probe_line;
	void (*probe_done)(void *, bool);
	void *probe_arg;
	bool probe_bad;
	unsigned probe_left;
};

void ast_event(struct ast *, const struct ami_message *);
void ast_listen_event(struct ast *, const struct ami_message *);
void ast_listen_why(
    struct ast *, struct ast_call *, const struct ami_message *);
void ast_logged_in(
    struct ast *, const struct ast_ask *, const struct ami_message *);
void ast_refused_login(struct ast *, const struct ami_message *);
void ast_live(struct ast *);

void ast_list(struct ast *);
void ast_list_row(struct ast *, const struct ami_message *);
void ast_list_done(struct ast *);
void ast_list_drop(struct ast *);

void ast_order(void *self, const struct driver_order *);
unsigned ast_can(const void *options, bool listen_only);

void ast_probe(
    void *self, driver_probe_fn *, void (*done)(void *, bool), void *arg);
void ast_probe_settings(struct ast *);
void ast_probe_response(
    struct ast *, const struct ast_ask *, const struct ami_message *);
void ast_probe_failed(struct ast *, const char *why);

/* ------------------------------------------------------------------- data */

struct ast_device {
	UT_hash_handle hh;
	char name[AST_DEVICE_MAX + 1];
};

/* `PJSIP/%s' into out; false: the name holds what a dial string cannot. */
bool ast_dial_of(const struct ast *, struct str device, char out[AST_CHAN_MAX]);
/* The device of `PJSIP/801' (a state, an interface) or of a channel. */
struct str ast_device_of(const struct ast *, struct str interface);
struct str ast_device_of_chan(const struct ast *, struct str channel);
bool ast_is_device(struct ast *, struct str name);
void ast_device_learn(struct ast *, struct str name);
void ast_device_state(struct ast *, const struct ami_message *);
void ast_devices_clear(struct ast *);
/* Digits and the like: what an extension may be of ours. */
bool ast_is_number(struct str);
/* What may stand in a variable or as a channel without being cut up. */
bool ast_is_token(struct str);
Mashang__Cause ast_cause_of(int64_t q850);
Mashang__Cause ast_cause_of_status(struct str dial_status);
int ast_q850_of(Mashang__Cause);
bool ast_copy(char *to, size_t room, struct str from);
int64_t ast_time_of(const struct ami_message *);
/* What a caller brings: `menu=2&data.account=12', percent-encoded, into the
 * report; its texts live until the next call here. */
void ast_brings(struct report *, struct str encoded);
void ast_caller_of(struct report *, const struct ami_message *);

#endif
