/*
 * session.c - the states of a session, and the one table that says who may
 * send what.
 */
#include "net/session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "net/cells.h"
#include "net/conn.h"
#include "store/ledger.h"

/* clang-format off */
static const enum session_state steps[SESSION_NSTATES][SESSION_NEVENTS] = {
	[SESSION_NEW] = {
		[SESSION_EV_HELLO]   = SESSION_LOGGING_IN,
		[SESSION_EV_CLOSE]   = SESSION_CLOSING,
	},
	[SESSION_LOGGING_IN] = {
		[SESSION_EV_WELCOME] = SESSION_LIVE,
		[SESSION_EV_CLOSE]   = SESSION_CLOSING,
	},
	[SESSION_LIVE] = {
		[SESSION_EV_CLOSE]   = SESSION_CLOSING,
	},
};

#define BRIDGE (1u << MASHANG__ROLE__ROLE_BRIDGE)
#define AGENT  (1u << MASHANG__ROLE__ROLE_AGENT)
#define SUPER  (1u << MASHANG__ROLE__ROLE_SUPERVISOR)
#define ADMIN  (1u << MASHANG__ROLE__ROLE_ADMINISTRATOR)
#define READER (1u << MASHANG__ROLE__ROLE_READ_ONLY)
#define DESK   (AGENT | SUPER | ADMIN)
#define PEOPLE (DESK | READER)
#define ALL    (BRIDGE | PEOPLE)

enum op { OP_FREE, OP_NEEDED }; /* is there a reply that needs an op_id? */

#define ROW(NAME) [MASHANG__ENVELOPE__BODY_##NAME]
static const struct row {
	unsigned roles;
	enum op op;
	on_fn *on;
} rows[] = {
	ROW(PING)          = { ALL,    OP_FREE,   on_ping },
	ROW(PONG)          = { ALL,    OP_FREE,   on_pong },
	ROW(SNAPSHOT)      = { BRIDGE, OP_FREE,   on_snapshot },
	ROW(CALL_EVENT)    = { BRIDGE, OP_FREE,   on_call_event },
	ROW(ORDER_RESULT)  = { BRIDGE, OP_FREE,   on_order_result },
	ROW(SWITCH_STATUS) = { BRIDGE, OP_FREE,   on_switch_status },
	ROW(DEVICE_STATES) = { BRIDGE, OP_FREE,   on_device_states },
	ROW(SET_STATE)     = { AGENT,  OP_NEEDED, on_set_state },
	ROW(SHOWN)         = { AGENT,  OP_FREE,   on_shown },
	ROW(ACCEPT)        = { AGENT,  OP_NEEDED, on_accept },
	ROW(REFUSE)        = { AGENT,  OP_NEEDED, on_refuse },
	ROW(WRAP_UP)       = { AGENT,  OP_NEEDED, on_wrap_up },
	ROW(EXTEND_WRAP_UP) = { AGENT, OP_NEEDED, on_extend_wrap_up },
	ROW(DIAL)          = { AGENT,  OP_NEEDED, on_dial },
	ROW(SUPERVISE)     = { SUPER | ADMIN, OP_NEEDED, on_supervise },
	ROW(WORK_DONE)     = { AGENT,  OP_NEEDED, on_work_done },
	ROW(CALL_CONTROL)  = { DESK,   OP_NEEDED, on_call_control },
	ROW(TICKET_NEW)    = { DESK,   OP_NEEDED, on_ticket_new },
	ROW(TICKET_NOTE)   = { DESK,   OP_NEEDED, on_ticket_note },
	ROW(TICKET_SHOW)   = { DESK,   OP_NEEDED, on_ticket_show },
	ROW(TICKET_CHANGE) = { DESK,   OP_NEEDED, on_ticket_change },
	ROW(DO_NOT_CALL)   = { DESK,   OP_NEEDED, on_do_not_call },
	ROW(CUSTOMER_SET)  = { SUPER | ADMIN, OP_NEEDED, on_customer_set },
	ROW(SHOW)          = { PEOPLE, OP_NEEDED, on_show },
	ROW(APPLY)         = { ADMIN,  OP_NEEDED, on_apply },
	ROW(USER_SET)      = { ADMIN,  OP_NEEDED, on_user_set },
	ROW(TOKEN_ISSUE)   = { ADMIN,  OP_NEEDED, on_token_issue },
	ROW(CLOCK_ADVANCE) = { ADMIN,  OP_NEEDED, on_clock_advance },
};
/* clang-format on */

enum err
session_step(struct session *s, enum session_event ev)
{
	enum session_state to = steps[s->state][ev];

	assert(ev < SESSION_NEVENTS);
	if (to == SESSION_NONE)
		return ERR_REFUSED;
	s->state = to;
	return ERR_OK;
}

/* ------------------------------------------------------------- answering */

struct id
op_of(const Mashang__Envelope *e)
{
	struct id op = { { 0 } };

	if (e->op_id.len == sizeof(op.b))
		memcpy(op.b, e->op_id.data, sizeof(op.b));
	return op;
}

struct fields
fields_of(struct session *s)
{
	return (struct fields){ &s->net->fault, s->net->scratch };
}

struct desk_action
action_of(struct session *s, const Mashang__Envelope *e)
{
	struct id op = op_of(e);

	return action_by(s, &op);
}

struct desk_action
action_by(struct session *s, const struct id *op)
{
	return (struct desk_action){
		.op = *op,
		.peer = s,
		.agent = s->agent,
		.actor = str_of(s->login),
		.now = net_now(s->net),
	};
}

void
session_push(struct session *s, Mashang__Envelope *e)
{
	conn_push(s->conn, e);
}

void
session_reply(struct session *s, const struct id *op, Mashang__Envelope *e)
{
	if (!id_is_none(op))
		e->op_id = (ProtobufCBinaryData){ sizeof(op->b),
			(uint8_t *)(uintptr_t)op->b };
	conn_push(s->conn, e);
}

void
session_done(struct session *s, const struct id *op, uint64_t number)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Done done = MASHANG__DONE__INIT;

	done.number = number;
	e.body_case = MASHANG__ENVELOPE__BODY_DONE;
	e.done = &done;
	session_reply(s, op, &e);
}

void
session_fail(struct session *s, const struct id *op, enum err why)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	struct fault_parts parts;

	s->net->stats.requests_refused++;
	e.body_case = MASHANG__ENVELOPE__BODY_ERROR;
	e.error = fault_message(&s->net->fault, why, &parts);
	session_reply(s, op, &e);
}

void
session_written(struct session *s, const struct id *op, enum err e,
    const struct ledger_rows *got, const char *missing, const char *what,
    const char *which)
{
	struct str word = { NULL, 0 };

	if (e == ERR_OK && got->n == 1)
		word = got->cells[0];
	if (str_eq(word, STR_LIT("done")) || str_eq(word, STR_LIT("repeat"))) {
		session_done(s, op, 0);
		s->net->news.saved(s->net->news.arg, s, op);
	} else if (str_eq(word, str_of(missing))) {
		session_fail(s, op,
		    fault(&s->net->fault, ERR_NOT_FOUND, what, which, NULL));
	} else {
		session_fail(
		    s, op, fault(&s->net->fault, ERR_IO, "ledger", NULL));
	}
}

void
session_end_fault(struct session *s, enum err why)
{
	Mashang__Goodbye bye = MASHANG__GOODBYE__INIT;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	struct fault_parts parts;

	if (session_step(s, SESSION_EV_CLOSE) != ERR_OK)
		return; /* it is on its way out */
	bye.why = fault_message(&s->net->fault, why, &parts);
	e.body_case = MASHANG__ENVELOPE__BODY_GOODBYE;
	e.goodbye = &bye;
	conn_push(s->conn, &e);
	conn_close(s->conn, why);
}

void
session_end(struct session *s, Mashang__Code code, enum err why)
{
	fault_clear(&s->net->fault);
	s->net->fault.code = code;
	session_end_fault(s, why);
	fault_clear(&s->net->fault);
}

/* ---------------------------------------------------------------- asking */

bool
ask_begin(struct ask *a, struct session *s, const struct id *op)
{
	if (s->n_asks >= s->net->limits.asks)
		return false;
	a->net = s->net;
	a->s = s;
	a->op = *op;
	TAILQ_INSERT_TAIL(&s->asks, a, entry);
	s->n_asks++;
	s->net->n_asks++;
	return true;
}

void *
ask_new(struct session *s, const struct id *op, size_t size)
{
	struct ask *a;

	assert(size >= sizeof(*a));
	if ((a = calloc(1, size)) == NULL || ask_begin(a, s, op))
		return a;
	free(a);
	return NULL;
}

void
ask_of_peer(struct ask *a)
{
	a->of_peer = true;
	a->net->n_asks--;
}

struct session *
ask_end(struct ask *a)
{
	struct session *s = a->s;

	if (s == NULL)
		return NULL;
	TAILQ_REMOVE(&s->asks, a, entry);
	s->n_asks--;
	s->net->n_asks -= !a->of_peer;
	fault_clear(&s->net->fault);
	return s->state == SESSION_CLOSING ? NULL : s;
}

static void
forget_asks(struct session *s)
{
	struct ask *a;

	while ((a = TAILQ_FIRST(&s->asks)) != NULL) {
		TAILQ_REMOVE(&s->asks, a, entry);
		s->net->n_asks -= !a->of_peer;
		a->s = NULL;
	}
}

/* -------------------------------------------------------------- dispatch */

static const char *
message_name(const Mashang__Envelope *e)
{
	const ProtobufCFieldDescriptor *f =
	    protobuf_c_message_descriptor_get_field(
		&mashang__envelope__descriptor, (unsigned)e->body_case);

	return f != NULL ? f->name : "unknown";
}

/* Once a session: a flood of refusals is not a flood of rows. */
static void
audit(struct session *s, const char *what)
{
	struct ledger_unit *u;
	struct audit_row row = {
		.key = id_random(),
		.at = net_now(s->net),
		.actor = str_of(s->login),
		.action = STR_LIT("forbidden"),
		.object = str_of(what),
		.detail = str_of(conn_name(s->conn)),
	};

	log_warn(LOG_NET, "forbidden s=%" PRIu64 " login=%s message=%s",
	    s->serial, s->login, what);
	if (s->audited || (u = ledger_unit_new(s->net->env.ledger)) == NULL)
		return;
	s->audited = true;
	if (ledger_put_audit(u, &row) == ERR_OK)
		ledger_commit(s->net->env.ledger, &u, NULL, NULL);
	ledger_unit_free(&u);
}

enum err
session_forbidden(struct session *s, int role, const char *what)
{
	char word[24];

	cell_word(
	    &mashang__role__descriptor, "ROLE_", role, word, sizeof(word));
	return fault(&s->net->fault, ERR_FORBIDDEN, word, what, NULL);
}

static enum err
forbid(struct session *s, const Mashang__Envelope *e)
{
	audit(s, message_name(e));
	return session_forbidden(s, s->role, message_name(e));
}

static enum err
dispatch(struct session *s, const Mashang__Envelope *e)
{
	const struct row *r =
	    (size_t)e->body_case < NELEM(rows) ? &rows[e->body_case] : &rows[0];

	if (e->body_case == MASHANG__ENVELOPE__BODY__NOT_SET)
		return fault_code(
		    &s->net->fault, MASHANG__CODE__CODE_UNKNOWN_MESSAGE, NULL);
	if ((r->roles & (1u << s->role)) == 0)
		return forbid(s, e);
	if (e->op_id.len != 0 && e->op_id.len != sizeof(struct id))
		return fault(
		    &s->net->fault, ERR_BAD_FIELD, "op_id", "16 bytes", NULL);
	if (r->op == OP_NEEDED && e->op_id.len == 0)
		return fault(
		    &s->net->fault, ERR_BAD_FIELD, "op_id", "missing", NULL);
	return r->on(s, e);
}

void
session_frame(void *peer, const Mashang__Envelope *e)
{
	struct session *s = peer;
	enum err why;
	struct id op;

	arena_reset(s->net->scratch);
	fault_clear(&s->net->fault);
	switch (s->state) {
	case SESSION_NEW:
		if (e->body_case == MASHANG__ENVELOPE__BODY_HELLO) {
			login_hello(s, e);
			break;
		}
		/* fall through */
	case SESSION_LOGGING_IN:
		session_end(s, MASHANG__CODE__CODE_LOGIN_FIRST, ERR_FORBIDDEN);
		break;
	case SESSION_LIVE:
		why = dispatch(s, e);
		if (why == ERR_OK)
			break;
		op = op_of(e);
		session_fail(s, &op, why);
		break;
	default:
		break;
	}
}

enum err
on_ping(struct session *s, const Mashang__Envelope *e)
{
	Mashang__Envelope out = MASHANG__ENVELOPE__INIT;
	Mashang__Pong pong = MASHANG__PONG__INIT;
	struct id op = op_of(e);

	pong.number = e->ping->number;
	out.body_case = MASHANG__ENVELOPE__BODY_PONG;
	out.pong = &pong;
	session_reply(s, &op, &out);
	return ERR_OK;
}

/* That it came is all there is to it. */
enum err
on_pong(struct session *s, const Mashang__Envelope *e)
{
	(void)s;
	(void)e;
	return ERR_OK;
}

/* ------------------------------------------------------------- life cycle */

void *
session_opened(void *arg, struct conn *c)
{
	struct net *n = arg;
	struct session *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	s->net = n;
	s->conn = c;
	s->serial = ++n->next_serial;
	s->state = SESSION_NEW;
	s->since = net_now(n);
	TAILQ_INIT(&s->asks);
	TAILQ_INSERT_TAIL(&n->sessions, s, entry);
	n->stats.sessions++;
	return s;
}

void
session_idle(void *peer, bool ask)
{
	struct session *s = peer;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Ping ping = MASHANG__PING__INIT;

	if (s->net->beating)
		session_beat(s);
	if (!ask)
		return;
	ping.number = s->serial;
	e.body_case = MASHANG__ENVELOPE__BODY_PING;
	e.ping = &ping;
	session_push(s, &e);
}

/* The connection ends by itself: a bad frame, silence, the peer's leaving. */
void
session_closing(void *peer, enum err why)
{
	struct session *s = peer;

	if (s->state != SESSION_CLOSING)
		session_end(s, code_of(why), why);
}

/*
 * Let go of everything that knows this session; the desk hears of it now, at
 * the end of the loop pass and never in the middle of its own work.
 */
void
session_closed(void *peer)
{
	struct session *s = peer;
	struct net *n = s->net;

	forget_asks(s);
	login_forget(s);
	apply_forget(s);
	if (n->driver == s) {
		n->driver = NULL;
		n->driving = false;
	}
	if (s->feed != NULL)
		feed_detach(s);
	if (agent_session(n, s->agent) == s) {
		n->agents[s->agent] = NULL;
		desk_agent_gone(n->desk, s->agent, s->wants_off, net_now(n));
	}
	if (n->desk != NULL)
		desk_forget_peer(n->desk, s);
	TAILQ_REMOVE(&n->sessions, s, entry);
	n->stats.sessions--;
	free(s);
}
