/*
 * session.h - one peer: who it is, what it may ask, what it is owed.  For the
 * files of net/ only.
 *
 * A session is NEW until its Hello, LOGGING_IN until its Welcome, then LIVE.
 * session_step() alone writes the state.  Which message a role may send, and
 * who handles it, is one table in session.c.
 *
 * What a session waits for (a password's hash, rows from the ledger) is an
 * `ask': the session may go first, the answer then finds nobody.
 */
#ifndef NET_SESSION_H
#define NET_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/str.h"
#include "desk/clockwork.h"
#include "desk/desk.h"
#include "mashang.pb-c.h"
#include "net/code.h"
#include "net/fields.h"
#include "net/net.h"

enum session_state {
	SESSION_NONE,
	SESSION_NEW,
	SESSION_LOGGING_IN,
	SESSION_LIVE,
	SESSION_CLOSING,
	SESSION_NSTATES
};

enum session_event {
	SESSION_EV_HELLO,
	SESSION_EV_WELCOME,
	SESSION_EV_CLOSE,
	SESSION_NEVENTS
};

struct apply;
struct arena;
struct auth;
struct feed;
struct conn;
struct conns;
struct hello;
struct ledger_rows;
struct listeners;
struct switches_reading;

TAILQ_HEAD(asks, ask);
TAILQ_HEAD(sessions, session);

struct session {
	struct net *net;
	struct conn *conn;
	uint64_t serial;
	enum session_state state;
	int role;     /* Mashang__Role */
	bool vouched; /* the system's user; no log-in to lose */
	bool audited;
	bool wants_off; /* the agent has logged off by itself */
	bool touched;
	uint32_t agent;
	int64_t since;        /* domain time */
	int64_t issued_at;    /* wall time of the log-in */
	struct hello *hello;  /* while logging in */
	struct feed *feed;    /* a bridge's */
	struct apply *apply;  /* a configuration, while it comes in */
	struct apply *trying; /* one whose effect is being counted */
	unsigned n_asks;
	struct asks asks;
	TAILQ_ENTRY(session) entry, touched_entry;
	char login[NAME_LEN + 1];
	char place[NAME_LEN + 1]; /* device or switch */
};

/* A switch's id, learnt once. */
struct switch_id {
	uint32_t id;
	uint32_t len;
	char name[NAME_LEN];
	UT_hash_handle hh;
};

struct net {
	struct net_env env;
	struct net_limits limits;
	uint8_t key[32];   /* of tokens: a digest of the one given */
	struct desk *desk; /* NULL at first */
	struct desk_news news;
	struct conns *conns;
	struct listeners *listeners;
	struct auth *auth;
	struct arena *scratch; /* of the frame at hand */
	struct fault fault;    /* likewise */
	struct sessions sessions;
	struct sessions touched; /* bridges that are owed acknowledgements */
	struct session **agents; /* by id */
	uint32_t n_agents;
	struct feed *feeds; /* by desk_switch */
	struct switch_id *switches;
	struct switches_reading *switches_reading;
	struct session *joining; /* is being logged in to the desk */
	struct session *driver;  /* of the clock */
	struct id drive_op;
	bool driving; /* an answer is owed to it */
	bool shutting_down;
	bool beating; /* there are other nodes */
	uint64_t next_serial;
	unsigned n_asks;
	struct net_stats stats;
};

/* ERR_REFUSED: the state does not allow it. */
enum err session_step(struct session *, enum session_event) MUST_USE;

/* conn_events of conn.h; `arg' is the net. */
void *session_opened(void *arg, struct conn *);
void session_frame(void *peer, const Mashang__Envelope *);
void session_idle(void *peer, bool ask);
void session_closing(void *peer, enum err why);
void session_closed(void *peer);

/* Goodbye with this code, and close. */
void session_end(struct session *, Mashang__Code, enum err why);
/* MOVED: it is to go on at these addresses (nodes.c). */
void session_end_moved(struct session *, const char *where);
/* The same with the net's fault as the reason. */
void session_end_fault(struct session *, enum err);

/* ------------------------------------------------------------- answering */

void session_push(struct session *, Mashang__Envelope *);
/* With the request's op_id; `op' none: without. */
void session_reply(struct session *, const struct id *op, Mashang__Envelope *);
void session_done(struct session *, const struct id *op, uint64_t number);
/* Error, with the net's fault as parameters. */
void session_fail(struct session *, const struct id *op, enum err);
/* One row of one word, of a function that writes: `done' and `repeat' are Done
 * and saved, `missing' is NOT_FOUND of that. */
void session_written(struct session *, const struct id *op, enum err,
    const struct ledger_rows *, const char *missing, const char *what,
    const char *which);

/* ERR_FORBIDDEN, and the fault says for whom and what. */
enum err session_forbidden(
    struct session *, int role, const char *what) MUST_USE;

struct id op_of(const Mashang__Envelope *);
struct fields fields_of(struct session *);
int64_t net_now(const struct net *);
/* Who acts, for the desk. */
struct desk_action action_of(struct session *, const Mashang__Envelope *);
struct desk_action action_by(struct session *, const struct id *op);
static inline ProtobufCBinaryData
bytes_of(struct str s)
{
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.p };
}
static inline struct str
str_of_bytes(ProtobufCBinaryData b)
{
	return (struct str){ (const char *)b.data, (uint32_t)b.len };
}

/* ---------------------------------------------------------------- asking */

struct ask {
	TAILQ_ENTRY(ask) entry;
	struct net *net;
	struct session *s; /* NULL: it has gone */
	struct id op;
	bool of_peer; /* of another peer: time does not wait for it */
};

/* `size' bytes, zeroed, a struct ask first; NULL: the session waits for too
 * much already, or no memory. */
void *ask_new(struct session *, const struct id *op, size_t size);
/* The same for one that is there already; false: too much already. */
bool ask_begin(struct ask *, struct session *, const struct id *op);
/* What it waits for is another peer's to answer, not a store's. */
void ask_of_peer(struct ask *);
/* The answer is here: NULL if nobody waits for it.  The ask is the caller's
 * to free() now. */
struct session *ask_end(struct ask *);

/* ----------------------------------------------------------- the handlers */

typedef enum err on_fn(struct session *, const Mashang__Envelope *);

on_fn on_ping, on_pong;                            /* session.c */
on_fn on_snapshot, on_call_event, on_order_result; /* handler_call.c */
on_fn on_set_state, on_shown, on_accept, on_refuse, on_wrap_up,
    on_extend_wrap_up;
on_fn on_ticket_new, on_ticket_note, on_ticket_show; /* handler_ticket.c */
on_fn on_ticket_change;                              /* handler_change.c */
on_fn on_dial, on_do_not_call;                       /* handler_dial.c */
on_fn on_customer_set;                               /* handler_customer.c */
on_fn on_work_done;                                  /* handler_work.c */
on_fn on_call_control, on_switch_status,
    on_device_states;                                /* handler_control.c */
on_fn on_supervise;                                  /* handler_supervise.c */
on_fn on_show;                                       /* handler_list.c */
on_fn on_apply;                                      /* handler_apply.c */
on_fn on_user_set, on_token_issue, on_clock_advance; /* handler_admin.c */

/* login.c */
void login_hello(struct session *, const Mashang__Envelope *);
void login_forget(struct session *);

/* A token for the session, which has its identity; how long it is. */
uint32_t login_token(struct session *, uint8_t *out);

/* nodes.c */
bool net_awake(void *net);
/* Where the session's phone has its switch: NULL: here, or nowhere. */
const char *session_elsewhere(const struct session *);
/* Its switch's newest bridge is this session. */
void session_attached(const struct session *);
void session_beat(struct session *);

/* handler_call.c */
struct feed_about {
	unsigned can; /* ORDER_BITs */
	char driver[NAME_LEN + 1];
};
enum err feed_attach(struct session *, struct str name, uint32_t switch_id,
    uint64_t epoch, uint64_t resume, const struct feed_about *) MUST_USE;
struct desk_switch *feed_switch(const struct session *);
void feed_detach(struct session *);
void feed_pass(struct session *);
void feed_order(void *, struct desk_switch *, const struct order *);
void feed_committed(void *, struct desk_switch *, uint64_t up_to);
void feed_nack(void *, struct desk_switch *, uint64_t stream_seq, enum err);
void feed_resend(void *, struct desk_switch *, uint64_t from);

/* handler_agent.c */
void agent_news_fill(struct desk_news *);
struct session *agent_session(const struct net *, uint32_t agent);
/* Remember who is this agent; the one before comes out. */
enum err agent_seat(struct net *, uint32_t agent, struct session *,
    struct session **before) MUST_USE;

/* handler_work.c */
void work_offer_fill(const struct offer_news *, Mashang__Offer *);
void work_tell_state(void *, uint32_t agent, const struct work_news *);

/* handler_ticket.c: the fault names the number. */
enum err ticket_misheard(struct session *, uint64_t number) MUST_USE;

/* clocks.c: a ticket's clocks as they are now.  ERR_IO: not to be had. */
enum err clocks_ask(struct net *, uint64_t serial, bool spans,
    clock_answer_fn *, void *arg) MUST_USE;
#define CLOCKS_MAX 64
/* In the arena, at most so many: the first that ended are left out. */
void clocks_fill(
    struct arena *, const struct clock_answer *, Mashang__Ticket *);
/* "pending_customer,scheduled" */
struct str clocks_waits(unsigned mask, char out[80]);

/* handler_apply.c */
void apply_forget(struct session *);

/* net.c: a switch's id, 0 if not known yet. */
uint32_t net_switch_id(const struct net *, struct str name);
void net_switch_learn(struct net *, struct str name, uint32_t id);

#endif
